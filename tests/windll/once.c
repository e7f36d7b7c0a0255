/* Make three calls, and print each status. */
#include <bcrypt.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>

int main(void)
{
    BCRYPT_ALG_HANDLE algorithm = NULL;
    ULONG count = 0;
    BCRYPT_ALGORITHM_IDENTIFIER *list = NULL;

    errno = 77;
    printf("%08X\n", (unsigned)BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_RSA_ALGORITHM, NULL, 0));
    printf("%08X\n", (unsigned)BCryptEnumAlgorithms(BCRYPT_HASH_OPERATION, &count, &list, 0));
    BCryptFreeBuffer(list);
    printf("%08X\n", (unsigned)BCryptCloseAlgorithmProvider(algorithm, 0));
    printf("errno %d, locale %s\n", errno, setlocale(LC_ALL, NULL));
    return 0;
}
