/* lives NUMBER STEP: live that many ECDSA keys, and print the resident memory in KiB after each STEP of them. */
#include "check.h"
#include <unistd.h>

static long resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long size = 0, pages = 0;

    CHECK(file != NULL && fscanf(file, "%ld %ld", &size, &pages) == 2);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int count, char **arguments)
{
    BCRYPT_ALG_HANDLE algorithm = open_ecdsa();
    BCRYPT_KEY_HANDLE key;
    int index, number, step;

    CHECK(count == 3);
    number = atoi(arguments[1]);
    step = atoi(arguments[2]);
    for (index = 1; index <= number; index++) {
        OK(BCryptGenerateKeyPair(algorithm, &key, 256, 0));
        OK(BCryptFinalizeKeyPair(key, 0));
        OK(BCryptDestroyKey(key));
        if (index % step == 0)
            printf("%d %ld\n", index, resident());
    }
    OK(BCryptCloseAlgorithmProvider(algorithm, 0));
    return 0;
}
