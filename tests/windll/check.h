/* What the test programs share: a check of a status or a condition, which ends the program with status 1. */
#ifndef CHECK_H
#define CHECK_H

#include <bcrypt.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

#define EXPECT(status, call) \
    do { \
        NTSTATUS expect_found = (call); \
        if (expect_found != (status)) { \
            fprintf(stderr, "%s:%d: 0x%08X: %s\n", __FILE__, __LINE__, (unsigned)expect_found, #call); \
            exit(1); \
        } \
    } while (0)

#define OK(call) EXPECT(STATUS_SUCCESS, call)

/* The life of an ECDSA key; returns 1 if each step answers as it must. */
static inline int key_life(BCRYPT_ALG_HANDLE algorithm)
{
    BCRYPT_KEY_HANDLE key = NULL;
    UCHAR digest[32] = {1, 2, 3}, signature[64];
    ULONG size = 0;
    int right;

    if (BCryptGenerateKeyPair(algorithm, &key, 256, 0) || BCryptFinalizeKeyPair(key, 0))
        return 0;
    right = BCryptSignHash(key, NULL, digest, sizeof digest, signature, sizeof signature, &size, 0) == STATUS_SUCCESS
        && size == sizeof signature
        && BCryptVerifySignature(key, NULL, digest, sizeof digest, signature, size, 0) == STATUS_SUCCESS;
    digest[0] ^= 1;
    right = right
        && BCryptVerifySignature(key, NULL, digest, sizeof digest, signature, size, 0) == STATUS_INVALID_SIGNATURE;
    return BCryptDestroyKey(key) == STATUS_SUCCESS && right;
}

static inline BCRYPT_ALG_HANDLE open_ecdsa(void)
{
    BCRYPT_ALG_HANDLE algorithm = NULL;

    OK(BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_ECDSA_P256_ALGORITHM, NULL, 0));
    return algorithm;
}

#endif
