/* A program as for Windows: it includes windows.h, counts characters with wcslen, and takes memory from the heap. */
#include <windows.h>
#include <bcrypt.h>

#include "check.h"

int main(void)
{
    BCRYPT_ALG_HANDLE algorithm;
    WCHAR mode[64];
    ULONG size;
    PUCHAR memory = (PUCHAR)HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, 16);

    CHECK(memory != NULL && memory[0] == 0 && memory[15] == 0);
    CHECK(wcslen(BCRYPT_CHAIN_MODE_GCM) == 15);
    CHECK(BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_AES_ALGORITHM, NULL, 0) == 0);
    CHECK(BCryptSetProperty(algorithm, BCRYPT_CHAINING_MODE, (PUCHAR)BCRYPT_CHAIN_MODE_GCM,
                            (ULONG)((wcslen(BCRYPT_CHAIN_MODE_GCM) + 1) * sizeof(WCHAR)), 0) == 0);
    CHECK(BCryptGetProperty(algorithm, BCRYPT_CHAINING_MODE, (PUCHAR)mode, sizeof mode, &size, 0) == 0);
    CHECK(wcscmp(mode, BCRYPT_CHAIN_MODE_GCM) == 0 && wcscmp(mode, BCRYPT_CHAIN_MODE_CBC) != 0);
    CHECK(BCryptCloseAlgorithmProvider(algorithm, 0) == 0);
    FillMemory(memory, 16, 7);
    SecureZeroMemory(memory, 16);
    CHECK(memory[15] == 0);
    CHECK(HeapFree(GetProcessHeap(), 0, memory));
    CHECK(GetLastError() == ERROR_SUCCESS);
    puts("right");
    return 0;
}
