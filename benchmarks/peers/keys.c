/*
 * bcrypt.dll as a peer: Windows' own, or Wine's. First line: the operations that work, as a JSON list. Then, for each line
 * "operation count" on stdin ("RSA 2048 generate 10"), one line with the nanoseconds that so many calls took.
 *
 *     x86_64-w64-mingw32-gcc -O2 -o keys.exe keys.c -lbcrypt
 */
#include <windows.h>
#include <bcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { GENERATE, SIGN, VERIFY, AGREE } Use;

typedef struct {
    const char *name;
    LPCWSTR algorithm;
    ULONG bits, digest;
    Use use;
    BOOL padded, works;
    BCRYPT_ALG_HANDLE provider;
    BCRYPT_KEY_HANDLE key, peer;
    UCHAR signature[1024];
    ULONG size;
} Operation;

static UCHAR message[32];
static BCRYPT_PKCS1_PADDING_INFO pkcs1 = {BCRYPT_SHA256_ALGORITHM};

static NTSTATUS make(Operation *o, BCRYPT_KEY_HANDLE *key) {
    NTSTATUS status = BCryptGenerateKeyPair(o->provider, key, o->bits, 0);
    return status ? status : BCryptFinalizeKeyPair(*key, 0);
}

static NTSTATUS public_half(Operation *o, BCRYPT_KEY_HANDLE key, BCRYPT_KEY_HANDLE *half) {
    LPCWSTR kind = wcscmp(o->algorithm, L"DH") ? L"ECCPUBLICBLOB" : L"DHPUBLICBLOB";
    UCHAR blob[2048];
    ULONG size;
    NTSTATUS status = BCryptExportKey(key, NULL, kind, blob, sizeof blob, &size, 0);
    return status ? status : BCryptImportKeyPair(o->provider, NULL, kind, half, blob, size, 0);
}

static NTSTATUS agree(Operation *o) {
    BCRYPT_SECRET_HANDLE secret;
    UCHAR derived[1024];
    ULONG size;
    NTSTATUS status = BCryptSecretAgreement(o->key, o->peer, &secret, 0);
    if (status) return status;
    status = BCryptDeriveKey(secret, L"HASH", NULL, derived, sizeof derived, &size, 0);
    BCryptDestroySecret(secret);
    return status;
}

static NTSTATUS run(Operation *o) {
    BCRYPT_KEY_HANDLE key;
    void *padding = o->padded ? &pkcs1 : NULL;
    ULONG flags = o->padded ? BCRYPT_PAD_PKCS1 : 0;
    NTSTATUS status;
    switch (o->use) {
    case GENERATE:
        status = make(o, &key);
        if (!status) BCryptDestroyKey(key);
        return status;
    case SIGN:
        return BCryptSignHash(o->key, padding, message, o->digest, o->signature, sizeof o->signature, &o->size, flags);
    case VERIFY:
        return BCryptVerifySignature(o->key, padding, message, o->digest, o->signature, o->size, flags);
    default:
        return agree(o);
    }
}

static BOOL prepare(Operation *o) {
    BCRYPT_KEY_HANDLE other;
    if (BCryptOpenAlgorithmProvider(&o->provider, o->algorithm, NULL, 0)) return FALSE;
    if (o->use != GENERATE && make(o, &o->key)) return FALSE;
    if (o->use == AGREE && (make(o, &other) || public_half(o, other, &o->peer))) return FALSE;
    if (o->use == VERIFY) {
        o->use = SIGN;
        if (run(o)) return FALSE;
        o->use = VERIFY;
    }
    return run(o) == 0;
}

static Operation operations[] = {
    {"RSA 2048 generate", L"RSA", 2048, 32, GENERATE, TRUE},
    {"RSA 2048 sign hash", L"RSA", 2048, 32, SIGN, TRUE},
    {"RSA 2048 verify hash", L"RSA", 2048, 32, VERIFY, TRUE},
    {"DSA 1024 generate", L"DSA", 1024, 20, GENERATE},
    {"DSA 1024 sign hash", L"DSA", 1024, 20, SIGN},
    {"DSA 1024 verify hash", L"DSA", 1024, 20, VERIFY},
    {"DH 2048 generate", L"DH", 2048, 0, GENERATE},
    {"DH 2048 agree and derive", L"DH", 2048, 0, AGREE},
    {"EC P-256 generate", L"ECDSA_P256", 256, 32, GENERATE},
    {"EC P-256 sign hash", L"ECDSA_P256", 256, 32, SIGN},
    {"EC P-256 verify hash", L"ECDSA_P256", 256, 32, VERIFY},
    {"EC P-256 agree and derive", L"ECDH_P256", 256, 0, AGREE},
    {"EC P-384 generate", L"ECDSA_P384", 384, 32, GENERATE},
    {"EC P-384 sign hash", L"ECDSA_P384", 384, 32, SIGN},
    {"EC P-384 verify hash", L"ECDSA_P384", 384, 32, VERIFY},
    {"EC P-384 agree and derive", L"ECDH_P384", 384, 0, AGREE},
    {"EC P-521 generate", L"ECDSA_P521", 521, 32, GENERATE},
    {"EC P-521 sign hash", L"ECDSA_P521", 521, 32, SIGN},
    {"EC P-521 verify hash", L"ECDSA_P521", 521, 32, VERIFY},
    {"EC P-521 agree and derive", L"ECDH_P521", 521, 0, AGREE},
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

int main(void) {
    char line[256];
    LARGE_INTEGER frequency, begun, ended;
    const char *comma = "";
    QueryPerformanceFrequency(&frequency);
    printf("[");
    for (int i = 0; i < OPERATIONS; i++)
        if ((operations[i].works = prepare(&operations[i]))) {
            printf("%s\"%s\"", comma, operations[i].name);
            comma = ", ";
        }
    printf("]\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        char *end = strrchr(line, ' ');
        int count = end ? atoi(end + 1) : 0;
        Operation *found = NULL;
        if (end) *end = 0;
        for (int i = 0; i < OPERATIONS; i++)
            if (operations[i].works && !strcmp(operations[i].name, line)) found = &operations[i];
        if (!found) return 2;
        QueryPerformanceCounter(&begun);
        for (int turn = 0; turn < count; turn++)
            if (run(found)) return 1;
        QueryPerformanceCounter(&ended);
        printf("%.0f\n", (double)(ended.QuadPart - begun.QuadPart) * 1e9 / (double)frequency.QuadPart);
        fflush(stdout);
    }
    return 0;
}
