/* loads LIBRARY: load the library at run time, with its symbols kept from others, use it and unload it. */
#include "check.h"
#include <dlfcn.h>

typedef NTSTATUS (*open_function)(BCRYPT_ALG_HANDLE *, LPCWSTR, LPCWSTR, ULONG);
typedef NTSTATUS (*close_function)(BCRYPT_ALG_HANDLE, ULONG);

int main(int count, char **arguments)
{
    int round;

    CHECK(count == 2);
    for (round = 0; round < 2; round++) {
        void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
        BCRYPT_ALG_HANDLE algorithm;
        open_function open;
        close_function close;

        CHECK(library != NULL);
        *(void **)&open = dlsym(library, "BCryptOpenAlgorithmProvider");
        *(void **)&close = dlsym(library, "BCryptCloseAlgorithmProvider");
        CHECK(open != NULL && close != NULL);
        OK(open(&algorithm, BCRYPT_RSA_ALGORITHM, NULL, 0));
        OK(close(algorithm, 0));
        CHECK(dlclose(library) == 0);
    }
    puts("right");
    return 0;
}
