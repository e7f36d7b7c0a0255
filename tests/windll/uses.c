/* One use of each kind of function. */
#include "check.h"

static void ecdsa(void)
{
    BCRYPT_ALG_HANDLE algorithm = open_ecdsa();
    BCRYPT_KEY_HANDLE key, copy;
    UCHAR blob[200];
    BCRYPT_ECCKEY_BLOB *head = (BCRYPT_ECCKEY_BLOB *)blob;
    ULONG size, length;

    CHECK(key_life(algorithm));
    OK(BCryptGenerateKeyPair(algorithm, &key, 256, 0));
    OK(BCryptFinalizeKeyPair(key, 0));
    OK(BCryptGetProperty(key, BCRYPT_KEY_LENGTH, (PUCHAR)&length, sizeof length, &size, 0));
    CHECK(length == 256 && size == 4);
    OK(BCryptExportKey(key, NULL, BCRYPT_ECCPRIVATE_BLOB, NULL, 0, &size, 0));
    CHECK(size == sizeof *head + 96);
    EXPECT(STATUS_BUFFER_TOO_SMALL, BCryptExportKey(key, NULL, BCRYPT_ECCPRIVATE_BLOB, blob, 10, &size, 0));
    OK(BCryptExportKey(key, NULL, BCRYPT_ECCPRIVATE_BLOB, blob, sizeof blob, &size, 0));
    CHECK(head->dwMagic == BCRYPT_ECDSA_PRIVATE_P256_MAGIC && head->cbKey == 32);
    OK(BCryptImportKeyPair(algorithm, NULL, BCRYPT_ECCPRIVATE_BLOB, &copy, blob, size, 0));
    OK(BCryptDestroyKey(copy));
    OK(BCryptDestroyKey(key));
    EXPECT(STATUS_INVALID_HANDLE, BCryptDestroyKey(key));
    OK(BCryptCloseAlgorithmProvider(algorithm, 0));
}

static void rsa(void)
{
    BCRYPT_KEY_HANDLE key;
    BCRYPT_PSS_PADDING_INFO pss = {BCRYPT_SHA256_ALGORITHM, 32};
    BCRYPT_OAEP_PADDING_INFO oaep = {BCRYPT_SHA1_ALGORITHM, (PUCHAR) "label", 5};
    UCHAR digest[32] = {7}, signature[256], text[256], blob[600];
    BCRYPT_RSAKEY_BLOB *head = (BCRYPT_RSAKEY_BLOB *)blob;
    ULONG size;

    OK(BCryptGenerateKeyPair(BCRYPT_RSA_ALG_HANDLE, &key, 2048, 0));
    OK(BCryptFinalizeKeyPair(key, 0));
    OK(BCryptSignHash(key, &pss, digest, 32, signature, 256, &size, BCRYPT_PAD_PSS));
    OK(BCryptVerifySignature(key, &pss, digest, 32, signature, 256, BCRYPT_PAD_PSS));
    signature[100] ^= 1;
    EXPECT(STATUS_INVALID_SIGNATURE, BCryptVerifySignature(key, &pss, digest, 32, signature, 256, BCRYPT_PAD_PSS));
    OK(BCryptEncrypt(key, digest, 32, &oaep, NULL, 0, text, 256, &size, BCRYPT_PAD_OAEP));
    OK(BCryptDecrypt(key, text, 256, &oaep, NULL, 0, text, 256, &size, BCRYPT_PAD_OAEP));
    CHECK(size == 32 && memcmp(text, digest, 32) == 0);
    OK(BCryptExportKey(key, NULL, BCRYPT_RSAPUBLIC_BLOB, blob, sizeof blob, &size, 0));
    CHECK(head->Magic == BCRYPT_RSAPUBLIC_MAGIC && head->BitLength == 2048 && head->cbModulus == 256);
    OK(BCryptDestroyKey(key));
}

static BCRYPT_KEY_HANDLE gcm_key(void)
{
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_KEY_HANDLE key;
    UCHAR secret[16] = {0};

    OK(BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_AES_ALGORITHM, NULL, 0));
    OK(BCryptSetProperty(algorithm, BCRYPT_CHAINING_MODE, (PUCHAR)BCRYPT_CHAIN_MODE_GCM, sizeof BCRYPT_CHAIN_MODE_GCM,
                         0));
    OK(BCryptGenerateSymmetricKey(algorithm, &key, NULL, 0, secret, 16, 0));
    OK(BCryptCloseAlgorithmProvider(algorithm, 0));
    return key;
}

/* Test case 2 of the GCM specification: a key, a nonce and a block of zeros. */
static const UCHAR gcm_text[16] = {3, 136, 218, 206, 96, 182, 163, 146, 243, 40, 194, 185, 113, 178, 254, 120};
static const UCHAR gcm_tag[16] = {171, 110, 71, 212, 44, 236, 19, 189, 245, 58, 103, 178, 18, 87, 189, 223};

static void aes_gcm(void)
{
    BCRYPT_KEY_HANDLE key = gcm_key();
    BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO info;
    UCHAR nonce[12] = {0}, tag[16], data[16] = {0};
    ULONG size;

    BCRYPT_INIT_AUTH_MODE_INFO(info);
    info.pbNonce = nonce;
    info.cbNonce = 12;
    info.pbTag = tag;
    info.cbTag = 16;
    OK(BCryptEncrypt(key, data, 16, &info, NULL, 0, data, 16, &size, 0));
    CHECK(size == 16 && memcmp(data, gcm_text, 16) == 0 && memcmp(tag, gcm_tag, 16) == 0);
    OK(BCryptDecrypt(key, data, 16, &info, NULL, 0, data, 16, &size, 0));
    CHECK(data[0] == 0 && data[15] == 0);
    tag[3] ^= 1;
    EXPECT(STATUS_AUTH_TAG_MISMATCH, BCryptDecrypt(key, data, 16, &info, NULL, 0, data, 16, &size, 0));
    OK(BCryptDestroyKey(key));
}

static void aes_gcm_chained(void)
{
    BCRYPT_KEY_HANDLE key = gcm_key();
    BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO info;
    UCHAR nonce[12] = {9}, associated[5] = {1, 2, 3, 4, 5}, tag[16], first[16], context[16], iv[16] = {0};
    UCHAR data[40], together[40], parts[40];
    ULONG size;

    memset(data, 0x5A, sizeof data);
    BCRYPT_INIT_AUTH_MODE_INFO(info);
    info.pbNonce = nonce;
    info.cbNonce = 12;
    info.pbAuthData = associated;
    info.cbAuthData = 5;
    info.pbTag = tag;
    info.cbTag = 16;
    OK(BCryptEncrypt(key, data, 40, &info, NULL, 0, together, 40, &size, 0));
    memcpy(first, tag, 16);
    info.pbMacContext = context;
    info.cbMacContext = 16;
    info.dwFlags = BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG;
    OK(BCryptEncrypt(key, data, 32, &info, iv, 16, parts, 32, &size, 0));
    info.dwFlags &= ~(ULONG)BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG;
    OK(BCryptEncrypt(key, data + 32, 8, &info, iv, 16, parts + 32, 8, &size, 0));
    CHECK(memcmp(parts, together, 40) == 0 && memcmp(first, tag, 16) == 0);
    OK(BCryptDestroyKey(key));
}

static void mlkem(void)
{
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_KEY_HANDLE key;
    UCHAR mine[32], theirs[32], text[1088], blob[1300];
    BCRYPT_MLKEM_KEY_BLOB *head = (BCRYPT_MLKEM_KEY_BLOB *)blob;
    ULONG secret, size;

    OK(BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_MLKEM_ALGORITHM, NULL, 0));
    OK(BCryptGenerateKeyPair(algorithm, &key, 0, 0));
    OK(BCryptSetProperty(key, BCRYPT_PARAMETER_SET_NAME, (PUCHAR)BCRYPT_MLKEM_PARAMETER_SET_768,
                         sizeof BCRYPT_MLKEM_PARAMETER_SET_768, 0));
    OK(BCryptFinalizeKeyPair(key, 0));
    OK(BCryptEncapsulate(key, mine, 32, &secret, text, sizeof text, &size, 0));
    CHECK(secret == 32 && size == 1088);
    OK(BCryptDecapsulate(key, text, size, theirs, 32, &secret, 0));
    CHECK(memcmp(mine, theirs, 32) == 0);
    OK(BCryptExportKey(key, NULL, BCRYPT_MLKEM_PUBLIC_BLOB, blob, sizeof blob, &size, 0));
    CHECK(head->dwMagic == BCRYPT_MLKEM_PUBLIC_MAGIC && head->cbParameterSet == 8 && head->cbKey == 1184);
    CHECK(memcmp(head + 1, BCRYPT_MLKEM_PARAMETER_SET_768, 8) == 0);
    OK(BCryptDestroyKey(key));
    OK(BCryptCloseAlgorithmProvider(algorithm, 0));
}

static void ecdh(void)
{
    BCRYPT_KEY_HANDLE mine, theirs;
    BCRYPT_SECRET_HANDLE one, two;
    BCryptBuffer items[] = {{sizeof BCRYPT_SHA256_ALGORITHM, KDF_HASH_ALGORITHM, (PVOID)BCRYPT_SHA256_ALGORITHM},
                            {3, KDF_SECRET_PREPEND, (PVOID) "abc"}};
    BCryptBufferDesc list = {BCRYPTBUFFER_VERSION, 2, items};
    UCHAR first[32], second[32];
    ULONG size;

    OK(BCryptGenerateKeyPair(BCRYPT_ECDH_P256_ALG_HANDLE, &mine, 256, 0));
    OK(BCryptFinalizeKeyPair(mine, 0));
    OK(BCryptGenerateKeyPair(BCRYPT_ECDH_P256_ALG_HANDLE, &theirs, 256, 0));
    OK(BCryptFinalizeKeyPair(theirs, 0));
    OK(BCryptSecretAgreement(mine, theirs, &one, 0));
    OK(BCryptSecretAgreement(theirs, mine, &two, 0));
    OK(BCryptDeriveKey(one, BCRYPT_KDF_HASH, &list, first, 32, &size, 0));
    OK(BCryptDeriveKey(two, BCRYPT_KDF_HASH, &list, second, 32, &size, 0));
    CHECK(size == 32 && memcmp(first, second, 32) == 0);
    EXPECT(STATUS_INVALID_PARAMETER, BCryptDeriveKey(one, BCRYPT_KDF_HASH, &list, first, 32, NULL, 0));
    OK(BCryptDestroySecret(one));
    OK(BCryptDestroySecret(two));
    OK(BCryptDestroyKey(mine));
    OK(BCryptDestroyKey(theirs));
}

static int same(LPCWSTR one, LPCWSTR two)
{
    while (*one && *one == *two) {
        one++;
        two++;
    }
    return *one == *two;
}

static void lists(void)
{
    BCRYPT_ALGORITHM_IDENTIFIER *found;
    BCRYPT_PROVIDER_NAME *names;
    PCRYPT_PROVIDERS registered = NULL;
    ULONG count, index, size = 0, hit = 0;

    OK(BCryptEnumAlgorithms(BCRYPT_SIGNATURE_OPERATION, &count, &found, 0));
    for (index = 0; index < count; index++) {
        hit |= same(found[index].pszName, BCRYPT_ECDSA_P256_ALGORITHM);
        CHECK(found[index].dwClass == BCRYPT_SIGNATURE_INTERFACE);
    }
    CHECK(hit);
    BCryptFreeBuffer(found);
    OK(BCryptEnumProviders(BCRYPT_RSA_ALGORITHM, &count, &names, 0));
    CHECK(count >= 1 && names[0].pszProviderName[0]);
    BCryptFreeBuffer(names);
    OK(BCryptEnumRegisteredProviders(&size, &registered));
    for (index = hit = 0; index < registered->cProviders; index++)
        hit |= same(registered->rgpszProviders[index], CNGCORE_TEXT("cngcore-ec"));
    CHECK(hit && size > sizeof *registered);
    BCryptFreeBuffer(registered);
    BCryptFreeBuffer(NULL);
}

static void curve_names(void)
{
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_ECC_CURVE_NAMES *names;
    ULONG size, index, hit = 0;

    OK(BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_ECDSA_ALGORITHM, NULL, 0));
    OK(BCryptGetProperty(algorithm, BCRYPT_ECC_CURVE_NAME_LIST, NULL, 0, &size, 0));
    names = malloc(size);
    CHECK(names != NULL);
    OK(BCryptGetProperty(algorithm, BCRYPT_ECC_CURVE_NAME_LIST, (PUCHAR)names, size, &size, 0));
    for (index = 0; index < names->dwEccCurveNames; index++)
        hit |= same(names->pEccCurveNames[index], BCRYPT_ECC_CURVE_NISTP256);
    CHECK(hit);
    free(names);
    OK(BCryptCloseAlgorithmProvider(algorithm, 0));
}

/* RFC 7914, section 11: PBKDF2 with HMAC-SHA-256, 1 iteration; the first 8 of 64 bytes. */
static void pbkdf2(void)
{
    static const UCHAR expected[8] = {0x55, 0xac, 0x04, 0x6e, 0x56, 0xe3, 0x08, 0x9f};
    UCHAR key[64];

    OK(BCryptDeriveKeyPBKDF2(BCRYPT_HMAC_SHA256_ALG_HANDLE, (PUCHAR) "passwd", 6, (PUCHAR) "salt", 4, 1, key, 64, 0));
    CHECK(memcmp(key, expected, sizeof expected) == 0);
    EXPECT(STATUS_INVALID_PARAMETER, BCryptDeriveKeyPBKDF2(BCRYPT_HMAC_SHA256_ALG_HANDLE, NULL, 0, NULL, 0,
                                                           0, key, 64, 0));
}

static void hash(void)
{
    static const UCHAR expected[4] = {0xba, 0x78, 0x16, 0xbf};
    BCRYPT_HASH_HANDLE handle, copy;
    UCHAR digest[32];

    OK(BCryptCreateHash(BCRYPT_SHA256_ALG_HANDLE, &handle, NULL, 0, NULL, 0, 0));
    OK(BCryptHashData(handle, (PUCHAR) "ab", 2, 0));
    OK(BCryptDuplicateHash(handle, &copy, NULL, 0, 0));
    OK(BCryptHashData(copy, (PUCHAR) "c", 1, 0));
    OK(BCryptFinishHash(copy, digest, 32, 0));
    CHECK(memcmp(digest, expected, 4) == 0);
    OK(BCryptDestroyHash(copy));
    OK(BCryptDestroyHash(handle));
    OK(BCryptHash(BCRYPT_SHA256_ALG_HANDLE, NULL, 0, (PUCHAR) "abc", 3, digest, 32));
    CHECK(memcmp(digest, expected, 4) == 0);
}

static void random_numbers(void)
{
    UCHAR one[32] = {0}, two[32] = {0};

    OK(BCryptGenRandom(NULL, one, 32, BCRYPT_USE_SYSTEM_PREFERRED_RNG));
    OK(BCryptGenRandom(BCRYPT_RNG_ALG_HANDLE, two, 32, 0));
    CHECK(memcmp(one, two, 32) != 0);
    EXPECT(STATUS_INVALID_HANDLE, BCryptGenRandom(NULL, one, 32, 0));
}

static void null_pointers(void)
{
    BCRYPT_ALG_HANDLE algorithm = open_ecdsa();
    BCRYPT_KEY_HANDLE key;
    UCHAR buffer[100] = {0}, enabled = 7;

    EXPECT(STATUS_INVALID_PARAMETER, BCryptOpenAlgorithmProvider(NULL, BCRYPT_RSA_ALGORITHM, NULL, 0));
    EXPECT(STATUS_INVALID_PARAMETER, BCryptOpenAlgorithmProvider(&algorithm, NULL, NULL, 0));
    EXPECT(STATUS_INVALID_PARAMETER, BCryptGetFipsAlgorithmMode(NULL));
    OK(BCryptGetFipsAlgorithmMode(&enabled));
    CHECK(enabled == 0);
    EXPECT(STATUS_INVALID_PARAMETER, BCryptGenerateKeyPair(algorithm, NULL, 256, 0));
    EXPECT(STATUS_INVALID_HANDLE, BCryptGenerateKeyPair(NULL, NULL, 256, 0));
    OK(BCryptGenerateKeyPair(algorithm, &key, 256, 0));
    OK(BCryptFinalizeKeyPair(key, 0));
    EXPECT(STATUS_INVALID_PARAMETER, BCryptGetProperty(key, BCRYPT_KEY_LENGTH, buffer, 4, NULL, 0));
    EXPECT(STATUS_INVALID_PARAMETER, BCryptExportKey(key, NULL, BCRYPT_ECCPUBLIC_BLOB, buffer, 100, NULL, 0));
    EXPECT(STATUS_INVALID_PARAMETER, BCryptSignHash(key, NULL, buffer, 32, buffer, 64, NULL, 0));
    EXPECT(STATUS_INVALID_PARAMETER, BCryptEnumAlgorithms(BCRYPT_HASH_OPERATION, NULL, NULL, 0));
    EXPECT(STATUS_INVALID_HANDLE, BCryptDestroyKey(NULL));
    OK(BCryptDestroyKey(key));
    OK(BCryptCloseAlgorithmProvider(algorithm, 0));
}

int main(void)
{
    ecdsa();
    rsa();
    aes_gcm();
    aes_gcm_chained();
    mlkem();
    ecdh();
    lists();
    curve_names();
    pbkdf2();
    hash();
    random_numbers();
    null_pointers();
    puts("right");
    return 0;
}
