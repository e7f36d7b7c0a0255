"""The rules of symmetric keys, call by call: statuses, sizes, registers, structures."""

import threading

import pytest
from helpers import ok, opened, refused

from cngcore import bcrypt
from cngcore.bcrypt import *

KEY = bytes(range(16))
DATA = bytes(range(16))
PAD = BCRYPT_BLOCK_PADDING
CBC, ECB, CFB = BCRYPT_AES_CBC_ALG_HANDLE, BCRYPT_AES_ECB_ALG_HANDLE, BCRYPT_AES_CFB_ALG_HANDLE
GCM, CCM = BCRYPT_AES_GCM_ALG_HANDLE, BCRYPT_AES_CCM_ALG_HANDLE
CHACHA, XTS, RC4 = BCRYPT_CHACHA20_POLY1305_ALG_HANDLE, BCRYPT_XTS_AES_ALG_HANDLE, BCRYPT_RC4_ALG_HANDLE
CIPHERS = {
    "AES": 16, "XTS-AES": 32, "CHACHA20_POLY1305": 32, "3DES": 24, "3DES_112": 16, "DES": 8, "DESX": 24, "RC2": 16,
    "RC4": 16,
}  # fmt: skip
"""Each cipher with the bytes of a secret."""


@pytest.fixture
def make():
    """Make keys, and destroy them at the end."""
    made = []

    def key_of(algorithm, secret=KEY, flags=0):
        made.append(ok(BCryptGenerateSymmetricKey(algorithm, secret, flags)))
        return made[-1]

    yield key_of
    for handle in made:
        BCryptDestroyKey(handle)


def text_of(data):
    return data.decode("utf-16-le").partition("\0")[0]


def prop(handle, name):
    data = bytearray(ok(BCryptGetProperty(handle, name)))
    ok(BCryptGetProperty(handle, name, data))
    return bytes(data)


def dwords(handle, name):
    data = prop(handle, name)
    return tuple(int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4))


def info_of(**fields):
    return BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(**{"pbNonce": bytes(12), "pbTag": bytearray(16), **fields})


# --- opening ------------------------------------------------------------------------------------------


def test_flags_of_open():
    """contract: rule-symmetric-open [app, wine-test, symcrypt]."""
    refused(BCryptOpenAlgorithmProvider("AES-GMAC", None, BCRYPT_ALG_HANDLE_HMAC_FLAG), STATUS_NOT_SUPPORTED)
    for name in ("AES-CMAC", "MD2", "MD4"):
        with opened(name, None, BCRYPT_ALG_HANDLE_HMAC_FLAG) as handle:
            assert dwords(handle, BCRYPT_IS_KEYED_HASH) == (1,)
        with opened(name):
            pass
    refused(BCryptOpenAlgorithmProvider("AES", None, BCRYPT_ALG_HANDLE_HMAC_FLAG), STATUS_INVALID_PARAMETER)
    refused(BCryptOpenAlgorithmProvider("PBKDF2", None, BCRYPT_MULTI_FLAG), STATUS_INVALID_PARAMETER)


def test_enumeration_has_ciphers_and_derivations():
    """contract: rule-enum-interfaces [header]: cipher 1, key derivation 7."""
    ciphers = ok(BCryptEnumAlgorithms(BCRYPT_CIPHER_OPERATION))
    assert {entry.pszName for entry in ciphers} == set(CIPHERS)
    assert {entry.dwClass for entry in ciphers} == {BCRYPT_CIPHER_INTERFACE}
    derivations = ok(BCryptEnumAlgorithms(BCRYPT_KEY_DERIVATION_OPERATION))
    assert {entry.pszName for entry in derivations} == {
        "PBKDF2", "SP800_108_CTR_HMAC", "SP800_56A_CONCAT", "CAPI_KDF", "TLS1_1_KDF", "TLS1_2_KDF", "HKDF",
    }  # fmt: skip
    assert {entry.dwClass for entry in derivations} == {BCRYPT_KEY_DERIVATION_INTERFACE}


@pytest.mark.parametrize("name", [*CIPHERS, "PBKDF2", "AES-CMAC"])
def test_no_key_pairs(name):
    """contract: rule-generate-length [doc]."""
    with opened(name) as handle:
        refused(BCryptGenerateKeyPair(handle, 128), STATUS_NOT_SUPPORTED)


# --- properties ---------------------------------------------------------------------------------------


def test_chaining_mode_is_read_as_64_bytes_a4(make):
    """contract: rule-symmetric-properties [wine-test]."""
    with opened("AES") as aes:
        for handle in (aes, make(aes)):
            assert BCryptGetProperty(handle, BCRYPT_CHAINING_MODE) == (STATUS_SUCCESS, 64)
            for size in (0, 63):
                assert BCryptGetProperty(handle, BCRYPT_CHAINING_MODE, bytearray(size)) == (STATUS_BUFFER_TOO_SMALL, 64)
            data = bytearray(70)
            assert BCryptGetProperty(handle, BCRYPT_CHAINING_MODE, data) == (STATUS_SUCCESS, 64)
            assert text_of(data) == "ChainingModeCBC"


def test_chaining_mode_is_set_with_any_count_a5(make):
    """contract: rule-symmetric-properties [wine-test, win-ci, app]: a str, or its UTF-16 with or without the NUL."""
    wide = "ChainingModeGCM".encode("utf-16-le")
    with opened("AES") as aes:
        key = make(aes)
        for handle in (aes, key):
            for value in ("ChainingModeGCM", wide, wide + b"\0\0", wide + b"\0\0more"):
                ok(BCryptSetProperty(handle, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_ECB))
                ok(BCryptSetProperty(handle, BCRYPT_CHAINING_MODE, value))
                assert text_of(prop(handle, BCRYPT_CHAINING_MODE)) == "ChainingModeGCM"
            for value in ("ChainingModeXYZ", "ChainingModeN/A", "CBC"):
                refused(BCryptSetProperty(handle, BCRYPT_CHAINING_MODE, value), STATUS_NOT_SUPPORTED)
        assert text_of(prop(make(aes), BCRYPT_CHAINING_MODE)) == "ChainingModeGCM", "a key copies the setting"
        ok(BCryptSetProperty(aes, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_ECB))
        assert text_of(prop(key, BCRYPT_CHAINING_MODE)) == "ChainingModeGCM", "and keeps it"


def test_modes_of_other_ciphers_a7():
    """contract: rule-symmetric-properties [wine-test, win-ci]."""
    for name in ("3DES", "3DES_112", "DES", "DESX", "RC2"):
        with opened(name) as handle:
            assert text_of(prop(handle, BCRYPT_CHAINING_MODE)) == "ChainingModeCBC"
            refused(BCryptSetProperty(handle, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_GCM), STATUS_NOT_SUPPORTED)
    for name in ("RC4", "CHACHA20_POLY1305", "XTS-AES"):
        with opened(name) as handle:
            ok(BCryptSetProperty(handle, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_NA))
            assert text_of(prop(handle, BCRYPT_CHAINING_MODE)) == "ChainingModeN/A"
            refused(BCryptSetProperty(handle, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_CBC), STATUS_NOT_SUPPORTED)


def test_block_lengths_a8(make):
    """contract: rule-symmetric-properties [wine-test, win-ci]."""
    for name, block in (("AES", 16), ("3DES", 8), ("RC4", 1), ("XTS-AES", 16), ("CHACHA20_POLY1305", 1)):
        with opened(name) as handle:
            key = make(handle, bytes(range(1, 1 + CIPHERS[name])))
            assert dwords(handle, BCRYPT_BLOCK_LENGTH) == dwords(key, BCRYPT_BLOCK_LENGTH) == (block,)
            assert dwords(handle, BCRYPT_BLOCK_SIZE_LIST) == (block,)
            assert dwords(handle, BCRYPT_OBJECT_LENGTH) > (0,)
    with opened("PBKDF2") as handle:
        refused(BCryptGetProperty(handle, BCRYPT_BLOCK_LENGTH), STATUS_NOT_SUPPORTED)
        assert dwords(handle, BCRYPT_OBJECT_LENGTH) > (0,)
        refused(BCryptGetProperty(handle, "KeyObjectLength"), STATUS_NOT_SUPPORTED)


@pytest.mark.parametrize(
    ("name", "lengths"),
    [
        ("AES", (128, 256, 64)), ("3DES", (192, 192, 0)), ("PBKDF2", (0, 16384, 8)), ("3DES_112", (128, 128, 0)),
        ("DES", (64, 64, 0)), ("DESX", (192, 192, 0)), ("RC2", (16, 128, 8)), ("RC4", (8, 512, 8)),
        ("XTS-AES", (256, 512, 256)), ("CHACHA20_POLY1305", (256, 256, 0)), ("HKDF", (0, 16384, 8)),
    ],
)  # fmt: skip
def test_key_lengths(name, lengths):
    """contract: rule-symmetric-properties: AES, 3DES and PBKDF2 [wine-test], the rest as decided."""
    with opened(name) as handle:
        assert dwords(handle, BCRYPT_KEY_LENGTHS) == lengths


def test_auth_tag_length_is_of_an_algorithm_in_such_a_mode_a10(make):
    """contract: rule-symmetric-properties [wine-test]."""
    with opened("AES") as aes:
        refused(BCryptGetProperty(aes, BCRYPT_AUTH_TAG_LENGTH), STATUS_NOT_SUPPORTED)
        for mode, lengths in ((BCRYPT_CHAIN_MODE_GCM, (12, 16, 1)), (BCRYPT_CHAIN_MODE_CCM, (4, 16, 2))):
            ok(BCryptSetProperty(aes, BCRYPT_CHAINING_MODE, mode))
            assert dwords(aes, BCRYPT_AUTH_TAG_LENGTH) == lengths
            refused(BCryptGetProperty(make(aes), BCRYPT_AUTH_TAG_LENGTH), STATUS_NOT_SUPPORTED)
    assert dwords(CHACHA, BCRYPT_AUTH_TAG_LENGTH) == (16, 16, 1)


def test_key_length_and_strength_a11_a12(make):
    """contract: rule-symmetric-properties [wine-test, win-ci]."""
    for size in (16, 24, 32):
        key = make(CBC, bytes(size))
        assert dwords(key, BCRYPT_KEY_LENGTH) == dwords(key, BCRYPT_KEY_STRENGTH) == (8 * size,)
        refused(BCryptSetProperty(key, BCRYPT_KEY_LENGTH, 128), STATUS_NOT_SUPPORTED)
    assert dwords(make(BCRYPT_PBKDF2_ALG_HANDLE, b"test"), BCRYPT_KEY_STRENGTH) == (32,)
    with opened("AES") as aes:
        refused(BCryptGetProperty(aes, BCRYPT_KEY_LENGTH), STATUS_NOT_SUPPORTED)
        refused(BCryptSetProperty(aes, BCRYPT_KEY_LENGTH, 128), STATUS_NOT_SUPPORTED)
        refused(BCryptGetProperty(aes, "ChainingModeList"), STATUS_NOT_SUPPORTED)


def test_primitive_types_and_keyed_hashes():
    """contract: rule-symmetric-properties [doc, inferred]."""
    for name, flags, primitive, keyed in (
        ("AES", 0, 1, None), ("PBKDF2", 0, 0x40, None), ("SHA256", 0, 2, 0), ("SHA256", 8, 2, 1),
        ("AES-CMAC", 0, 2, 1), ("AES-GMAC", 0, 2, 1), ("KMAC128", 0, 2, 1), ("CSHAKE128", 0, 2, 0),
    ):  # fmt: skip
        with opened(name, None, flags) as handle:
            assert dwords(handle, BCRYPT_PRIMITIVE_TYPE) == (primitive,)
            if keyed is None:
                refused(BCryptGetProperty(handle, BCRYPT_IS_KEYED_HASH), STATUS_NOT_SUPPORTED)
            else:
                assert dwords(handle, BCRYPT_IS_KEYED_HASH) == (keyed,)
    for flags in (0, BCRYPT_HASH_REUSABLE_FLAG):
        with opened("SHA256", None, flags) as handle:
            assert dwords(handle, BCRYPT_IS_REUSABLE_HASH) == (int(bool(flags)),)


def test_pseudo_handles_keep_their_mode(make):
    """contract: rule-pseudo-handles-symmetric [wine-test]."""
    for handle, mode in ((CBC, "CBC"), (ECB, "ECB"), (CFB, "CFB"), (GCM, "GCM"), (CCM, "CCM"), (RC4, "N/A")):
        assert text_of(prop(handle, BCRYPT_CHAINING_MODE)) == f"ChainingMode{mode}"
        refused(BCryptSetProperty(handle, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_CBC), STATUS_ACCESS_DENIED)
        refused(BCryptCloseAlgorithmProvider(handle), STATUS_INVALID_HANDLE)
        assert text_of(prop(make(handle), BCRYPT_CHAINING_MODE)) == f"ChainingMode{mode}"
    key = make(GCM)
    ok(BCryptSetProperty(key, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_ECB))
    assert text_of(prop(GCM, BCRYPT_CHAINING_MODE)) == "ChainingModeGCM"


def test_every_symmetric_pseudo_handle_opens(make):
    """contract: rule-pseudo-handles-symmetric [header]."""
    for name in vars(bcrypt):
        stem = name.removeprefix("BCRYPT_").removesuffix("_ALG_HANDLE")
        if name.endswith("_ALG_HANDLE") and stem.partition("_")[0] in (
            "AES",
            "3DES",
            "DES",
            "DESX",
            "RC2",
            "RC4",
            "XTS",
        ):
            expected = stem.rpartition("_")[2]
            if "MAC" in expected:
                assert dwords(getattr(bcrypt, name), BCRYPT_IS_KEYED_HASH) == (1,)
            else:
                mode = text_of(prop(getattr(bcrypt, name), BCRYPT_CHAINING_MODE)).removeprefix("ChainingMode")
                assert mode == ("N/A" if stem in ("RC4", "XTS_AES") else expected)


# --- making keys --------------------------------------------------------------------------------------


def test_lengths_of_secrets_a1_a2(make):
    """contract: rule-symmetric-generate [wine-test, doc]."""
    refused(BCryptGenerateSymmetricKey(None, KEY), STATUS_INVALID_HANDLE)
    for size in (0, 1, 17, 25):
        refused(BCryptGenerateSymmetricKey(CBC, bytes(size)), STATUS_INVALID_PARAMETER)
    refused(BCryptGenerateSymmetricKey(CBC, None), STATUS_INVALID_PARAMETER)
    longer = make(CBC, bytes(range(33)))
    assert dwords(longer, BCRYPT_KEY_LENGTH) == (256,), "a longer secret is cut"
    blob = bytearray(44)
    ok(BCryptExportKey(longer, None, BCRYPT_KEY_DATA_BLOB, blob))
    assert blob[12:] == bytes(range(32))
    two_keys = make(BCRYPT_3DES_112_CBC_ALG_HANDLE, bytes(range(24)))
    assert dwords(two_keys, BCRYPT_KEY_LENGTH) == (128,)
    for handle in (BCRYPT_PBKDF2_ALG_HANDLE, BCRYPT_HKDF_ALG_HANDLE, BCRYPT_SP800108_CTR_HMAC_ALG_HANDLE):
        assert dwords(make(handle, b""), BCRYPT_KEY_STRENGTH) == (0,), "an empty one is legal"
        assert dwords(make(handle, bytes(5000)), BCRYPT_KEY_STRENGTH) == (16384,)
    refused(BCryptGenerateSymmetricKey(BCRYPT_SHA256_ALG_HANDLE, KEY), STATUS_NOT_SUPPORTED)
    refused(BCryptGenerateSymmetricKey(BCRYPT_RSA_ALG_HANDLE, KEY), STATUS_NOT_SUPPORTED)


def test_weak_des_keys_are_taken(make):
    """contract: rule-symmetric-generate [go, symcrypt]."""
    for secret in (bytes(24), b"\1" * 24, bytes(range(8)) * 3):
        make(BCRYPT_3DES_CBC_ALG_HANDLE, secret)
    parity = [make(BCRYPT_DES_ECB_ALG_HANDLE, secret) for secret in (bytes(8), b"\1" * 8)]
    one, other = bytearray(8), bytearray(8)
    for key, output in zip(parity, (one, other), strict=True):
        ok(BCryptEncrypt(key, bytes(8), None, None, output))
    assert one == other, "the parity bits count for nothing"


def test_flags_of_generation(make):
    """contract: rule-cipher-rc2, rule-cipher-rc4, rule-cipher-xts [symcrypt]."""
    for handle, size, cut in ((BCRYPT_RC2_CBC_ALG_HANDLE, 128, 16), (RC4, 256, 64)):
        assert dwords(make(handle, bytes(size)), BCRYPT_KEY_LENGTH) == (8 * cut,)
        assert dwords(make(handle, bytes(size), BCRYPT_EXTENDED_KEYSIZE), BCRYPT_KEY_LENGTH) == (8 * size,)
    refused(BCryptGenerateSymmetricKey(CBC, KEY, BCRYPT_EXTENDED_KEYSIZE), STATUS_INVALID_PARAMETER)
    flag = BCRYPT_ENABLE_INCOMPATIBLE_FIPS_CHECKS
    make(XTS, bytes(32))
    refused(BCryptGenerateSymmetricKey(XTS, bytes(32), flag), STATUS_INVALID_PARAMETER)
    make(XTS, bytes(range(32)), flag)
    refused(BCryptGenerateSymmetricKey(CBC, KEY, 0x4000), STATUS_INVALID_PARAMETER)


def test_effective_length_of_rc2(make):
    """contract: rule-cipher-rc2 [symcrypt, dotnet; RFC 2268 section 5]."""
    with opened("RC2") as rc2:
        ok(BCryptSetProperty(rc2, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_ECB))
        for secret, bits, flags, answer in (
            (bytes(8), 63, 0, "ebb773f993278eff"),
            (b"\xff" * 8, 64, 0, None),
            (bytes.fromhex("88bca90e90875a7f0f79c384627bafb2"), 64, 0, "1a807d272bbe5db1"),
            (bytes.fromhex("88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e"), 129,
             BCRYPT_EXTENDED_KEYSIZE, "5b78d3a43dfff1f1"),
        ):  # fmt: skip
            ok(BCryptSetProperty(rc2, BCRYPT_EFFECTIVE_KEY_LENGTH, bits))
            key, output = make(rc2, secret, flags), bytearray(8)
            assert dwords(key, BCRYPT_EFFECTIVE_KEY_LENGTH) == (bits,)
            ok(BCryptEncrypt(key, bytes(8), None, None, output))
            assert answer is None or output.hex() == answer
        refused(BCryptGenerateSymmetricKey(rc2, bytes(33)), STATUS_INVALID_PARAMETER)
    with opened("AES") as aes:
        refused(BCryptSetProperty(aes, BCRYPT_EFFECTIVE_KEY_LENGTH, 64), STATUS_NOT_SUPPORTED)


def test_destroy_and_duplicate_a25_a28(make):
    """contract: rule-symmetric-duplicate [wine-test]."""
    refused(BCryptDuplicateKey(None), STATUS_INVALID_HANDLE)
    refused(BCryptDuplicateKey(0), STATUS_INVALID_HANDLE)
    key = make(CBC)
    twin = ok(BCryptDuplicateKey(key))
    outputs = []
    for handle in (key, twin):
        output = bytearray(16)
        ok(BCryptEncrypt(handle, DATA, None, bytearray(16), output))
        outputs.append(output)
    assert outputs[0] == outputs[1]
    ok(BCryptDestroyKey(key))
    refused(BCryptDestroyKey(key), STATUS_INVALID_HANDLE)
    refused(BCryptEncrypt(key, DATA, None, None, bytearray(16)), STATUS_INVALID_HANDLE)
    ok(BCryptEncrypt(twin, DATA, None, bytearray(16), outputs[0]))
    ok(BCryptDestroyKey(twin))


def test_a_duplicate_copies_the_register_and_is_independent(make):
    """docs/decisions/symmetric.md: a duplicate goes on from where the key is."""
    key = make(CBC)
    ok(BCryptEncrypt(key, DATA, None, bytearray(b"\5" * 16), bytearray(16)))
    twin, one, other = ok(BCryptDuplicateKey(key)), bytearray(16), bytearray(16)
    ok(BCryptEncrypt(twin, DATA, None, None, one))
    ok(BCryptEncrypt(key, DATA, None, None, other))
    assert one == other
    ok(BCryptEncrypt(twin, DATA, None, None, one))
    assert one != other
    ok(BCryptSetProperty(twin, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_ECB))
    assert text_of(prop(key, BCRYPT_CHAINING_MODE)) == "ChainingModeCBC"
    ok(BCryptDestroyKey(twin))


def test_the_key_outlives_its_algorithm_and_the_secret_is_copied(make):
    """contract: rule-symmetric-generate [symcrypt, doc]."""
    secret = bytearray(KEY)
    with opened("AES") as aes:
        key = make(aes, secret)
    secret[:] = bytes(16)
    output = bytearray(16)
    ok(BCryptEncrypt(key, DATA, None, bytearray(range(16)), output))
    assert output.hex() == "c6a13b37878f5b826f4f8162a1c8d879"


@pytest.mark.parametrize("function", ["BCryptSignHash", "BCryptVerifySignature", "BCryptSecretAgreement",
                                      "BCryptFinalizeKeyPair", "BCryptEncapsulate"])  # fmt: skip
def test_a_symmetric_key_is_no_key_pair(make, function):
    """The Python surface: INVALID_HANDLE."""
    key = make(CBC)
    arguments = {
        "BCryptSignHash": (key, None, DATA, bytearray(16)), "BCryptVerifySignature": (key, None, DATA, DATA),
        "BCryptSecretAgreement": (key, key), "BCryptFinalizeKeyPair": (key,), "BCryptEncapsulate": (key,),
    }[function]  # fmt: skip
    refused(getattr(bcrypt, function)(*arguments), STATUS_INVALID_HANDLE)


# --- blobs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CIPHERS)
@pytest.mark.parametrize("blob_type", [BCRYPT_KEY_DATA_BLOB, BCRYPT_OPAQUE_KEY_BLOB])
def test_export_and_import_a26(make, name, blob_type):
    """contract: rule-symmetric-blobs [wine-test, symcrypt]."""
    with opened(name) as handle:
        key = make(handle, bytes(range(1, 1 + CIPHERS[name])))
        size = ok(BCryptExportKey(key, None, blob_type))
        assert BCryptExportKey(key, None, blob_type, bytearray(0)) == (STATUS_BUFFER_TOO_SMALL, size)
        if blob_type == BCRYPT_KEY_DATA_BLOB:
            assert size == 12 + CIPHERS[name]
        assert size <= 1024
        blob, other = bytearray(size), bytearray(size)
        ok(BCryptExportKey(key, None, blob_type, blob))
        again = ok(BCryptImportKey(handle, None, blob_type, blob))
        ok(BCryptExportKey(again, None, blob_type, other))
        assert blob == other
        ok(BCryptDestroyKey(again))


def test_opaque_blob_keeps_the_message_block_length(make):
    """contract: rule-symmetric-blobs [symcrypt], through a pseudo-handle too [wine-test]."""
    key = make(CFB)
    ok(BCryptSetProperty(key, BCRYPT_MESSAGE_BLOCK_LENGTH, 16))
    blob = bytearray(ok(BCryptExportKey(key, None, BCRYPT_OPAQUE_KEY_BLOB)))
    ok(BCryptExportKey(key, None, BCRYPT_OPAQUE_KEY_BLOB, blob))
    again = ok(BCryptImportKey(CFB, None, BCRYPT_OPAQUE_KEY_BLOB, blob))
    assert dwords(again, BCRYPT_MESSAGE_BLOCK_LENGTH) == (16,)
    assert text_of(prop(again, BCRYPT_CHAINING_MODE)) == "ChainingModeCFB"
    in_cbc = ok(BCryptImportKey(CBC, None, BCRYPT_OPAQUE_KEY_BLOB, blob))
    assert text_of(prop(in_cbc, BCRYPT_CHAINING_MODE)) == "ChainingModeCBC", "the mode is the importing handle's"
    refused(BCryptImportKey(BCRYPT_3DES_CBC_ALG_HANDLE, None, BCRYPT_OPAQUE_KEY_BLOB, blob), STATUS_INVALID_PARAMETER)
    for handle in (again, in_cbc):
        ok(BCryptDestroyKey(handle))


def test_bad_key_data_blobs(make):
    """contract: rule-symmetric-blobs [wine-impl]."""
    good = bytes.fromhex("4b44424d0100000010000000") + KEY
    for size in range(12):
        refused(BCryptImportKey(CBC, None, BCRYPT_KEY_DATA_BLOB, good[:size]), STATUS_BUFFER_TOO_SMALL)
    for bad in (
        b"X" + good[1:], good[:4] + b"\2" + good[5:], good[:8] + b"\x11" + good[9:], good[:-1],
        good[:8] + b"\x0f\0\0\0" + KEY, good[:8] + b"\xff\xff\xff\xff" + KEY,
    ):  # fmt: skip
        refused(BCryptImportKey(CBC, None, BCRYPT_KEY_DATA_BLOB, bad), STATUS_INVALID_PARAMETER)
    for fine, bits in ((good + b"more", 128), (good[:8] + (40).to_bytes(4, "little") + bytes(40), 256)):
        key = ok(BCryptImportKey(CBC, None, BCRYPT_KEY_DATA_BLOB, fine))
        assert dwords(key, BCRYPT_KEY_LENGTH) == (bits,)
        ok(BCryptDestroyKey(key))
    refused(BCryptImportKey(CBC, None, "NoSuchBlob", good), STATUS_NOT_SUPPORTED)
    refused(BCryptImportKey(CBC, None, None, good), STATUS_INVALID_PARAMETER)
    refused(BCryptImportKey(CBC, None, BCRYPT_KEY_DATA_BLOB, None), STATUS_INVALID_PARAMETER)
    refused(BCryptImportKey(None, None, BCRYPT_KEY_DATA_BLOB, good), STATUS_INVALID_HANDLE)
    refused(BCryptImportKey(CBC, None, BCRYPT_KEY_DATA_BLOB, good, 1), STATUS_INVALID_PARAMETER)


def test_key_encryption_keys(make):
    """contract: rule-symmetric-blobs [doc, wine-impl]."""
    key, kek, tdes = make(CBC), make(CBC), make(BCRYPT_3DES_CBC_ALG_HANDLE, bytes(24))
    wrap = BCRYPT_AES_WRAP_KEY_BLOB
    refused(BCryptExportKey(key, None, wrap), STATUS_INVALID_PARAMETER)
    refused(BCryptExportKey(key, tdes, wrap), STATUS_INVALID_PARAMETER)
    refused(BCryptExportKey(key, kek, BCRYPT_KEY_DATA_BLOB), STATUS_INVALID_PARAMETER)
    refused(BCryptExportKey(key, 5, wrap), STATUS_INVALID_HANDLE)
    assert ok(BCryptExportKey(tdes, kek, wrap)) == 32
    assert BCryptExportKey(key, kek, wrap, bytearray(23)) == (STATUS_BUFFER_TOO_SMALL, 24)
    blob = bytearray(24)
    ok(BCryptExportKey(key, kek, wrap, blob))
    refused(BCryptImportKey(CBC, None, wrap, blob), STATUS_INVALID_PARAMETER)
    refused(BCryptImportKey(CBC, tdes, wrap, blob), STATUS_INVALID_PARAMETER)
    for bad in (blob[:-1], blob[:16], b"", bytes(24), bytes(1 << 20)):
        refused(BCryptImportKey(CBC, kek, wrap, bad), STATUS_INVALID_PARAMETER)
    refused(BCryptExportKey(make(BCRYPT_DES_CBC_ALG_HANDLE, bytes(8)), kek, wrap), STATUS_INVALID_PARAMETER)


# --- encrypt and decrypt --------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [BCryptEncrypt, BCryptDecrypt])
def test_nothing_at_all_a13(make, function):
    """contract: rule-symmetric-encrypt [wine-test]."""
    for handle in (CBC, ECB, CFB):
        assert function(make(handle), None) == (STATUS_SUCCESS, 0)
        assert function(make(handle), b"", None, None, bytearray(4)) == (STATUS_SUCCESS, 0)


def test_block_multiples_a14(make):
    """contract: rule-symmetric-encrypt, rule-symmetric-decrypt [wine-test, doc]."""
    for handle in (CBC, ECB):
        key = make(handle)
        for output in (None, bytearray(32), bytearray(3)):
            assert BCryptEncrypt(key, bytes(17), None, None, output) == (STATUS_INVALID_BUFFER_SIZE, 17)
            for flags in (0, PAD):
                assert BCryptDecrypt(key, bytes(17), None, None, output, flags) == (STATUS_INVALID_BUFFER_SIZE, 17)
    key = make(CFB)
    assert BCryptEncrypt(key, bytes(17)) == (STATUS_SUCCESS, 17)
    assert BCryptEncrypt(key, bytes(17), None, bytearray(16), bytearray(17)) == (STATUS_SUCCESS, 17)
    ok(BCryptSetProperty(key, BCRYPT_MESSAGE_BLOCK_LENGTH, 16))
    assert BCryptEncrypt(key, bytes(17)) == (STATUS_SUCCESS, 17)
    assert BCryptEncrypt(key, bytes(17), None, None, bytearray(17)) == (STATUS_INVALID_BUFFER_SIZE, 17)


def test_padded_sizes(make):
    """contract: rule-symmetric-encrypt [wine-test]."""
    for handle in (CBC, ECB, CFB):
        key = make(handle)
        for size, padded in ((0, 16), (1, 16), (16, 32), (17, 32), (32, 48)):
            assert BCryptEncrypt(key, bytes(size), None, None, None, PAD) == (STATUS_SUCCESS, padded)
            assert BCryptEncrypt(key, bytes(size), None, None, bytearray(padded - 1), PAD) == (
                STATUS_BUFFER_TOO_SMALL, padded,
            )  # fmt: skip


def test_short_outputs_leave_iv_and_register_alone(make):
    """contract: rule-symmetric-encrypt [wine-test], rule-symmetric-register [wine-impl]."""
    key, iv = make(CBC), bytearray(b"\7" * 16)
    ok(BCryptEncrypt(key, DATA, None, iv, bytearray(16)))
    before, register = bytes(iv), prop(key, BCRYPT_INITIALIZATION_VECTOR)
    assert BCryptEncrypt(key, bytes(32), None, iv, bytearray(31)) == (STATUS_BUFFER_TOO_SMALL, 32)
    assert BCryptDecrypt(key, bytes(32), None, iv, bytearray(31)) == (STATUS_BUFFER_TOO_SMALL, 32)
    assert BCryptEncrypt(key, bytes(32), None, iv) == (STATUS_SUCCESS, 32)
    assert bytes(iv) == before
    assert prop(key, BCRYPT_INITIALIZATION_VECTOR) == register
    long = bytearray(b"\xee" * 40)
    assert BCryptEncrypt(key, DATA, None, iv, long) == (STATUS_SUCCESS, 16)
    assert long[16:] == b"\xee" * 24, "only the size is written"


def test_ivs(make):
    """contract: rule-symmetric-encrypt: ECB takes none [wine-test]; a block elsewhere [doc]."""
    key = make(ECB)
    assert BCryptEncrypt(key, DATA, None, bytearray(16), bytearray(16)) == (STATUS_INVALID_PARAMETER, 16)
    assert BCryptEncrypt(key, DATA, None, bytearray(16), bytearray(32), PAD) == (STATUS_INVALID_PARAMETER, 32)
    assert BCryptEncrypt(key, DATA, None, bytearray(16), bytearray(15)) == (STATUS_BUFFER_TOO_SMALL, 16)
    for handle in (CBC, CFB):
        for size in (0, 15, 17, 32):
            status, _ = BCryptEncrypt(make(handle), DATA, None, bytearray(size), bytearray(16))
            assert status == STATUS_INVALID_PARAMETER
        refused(BCryptEncrypt(make(handle), DATA, None, bytes(16), bytearray(16)), STATUS_INVALID_PARAMETER)


def test_flags_of_encryption(make):
    key = make(CBC)
    refused(BCryptEncrypt(key, DATA, None, None, bytearray(16), BCRYPT_GENERATE_IV), STATUS_NOT_SUPPORTED)
    for flags in (2, 4, 8, 0x80, 3):
        refused(BCryptEncrypt(key, DATA, None, None, bytearray(16), flags), STATUS_INVALID_PARAMETER)


def test_decryption_with_padding_a16_a17(make):
    """contract: rule-symmetric-decrypt [wine-test]."""
    key, ciphertext = make(CBC), bytearray(32)
    ok(BCryptEncrypt(key, bytes(17), None, bytearray(16), ciphertext, PAD))

    def decrypted(data, room):
        return BCryptDecrypt(key, data, None, bytearray(16), None if room is None else bytearray(room), PAD)

    assert decrypted(ciphertext, None) == (STATUS_SUCCESS, 32)
    assert decrypted(ciphertext, 15) == (STATUS_BUFFER_TOO_SMALL, 32)
    assert decrypted(ciphertext, 16) == (STATUS_BUFFER_TOO_SMALL, 17)
    assert decrypted(ciphertext, 17) == (STATUS_SUCCESS, 17)
    longer = bytearray(48)
    ok(BCryptEncrypt(key, bytes(32), None, bytearray(16), longer, PAD))
    assert decrypted(longer, 31) == (STATUS_BUFFER_TOO_SMALL, 48)
    assert decrypted(longer, 32) == (STATUS_SUCCESS, 32)
    assert decrypted(b"", 16) == (STATUS_INVALID_BUFFER_SIZE, 0)


def test_wrong_padding_is_data_error_and_writes_nothing(make):
    """contract: rule-symmetric-decrypt [app]."""
    key, ciphertext = make(CBC), bytearray(32)
    for last in (0, 17, 32, 0xFF):
        plain = bytes(31) + bytes((last,))
        ok(BCryptEncrypt(key, plain, None, bytearray(16), ciphertext))
        output, iv = bytearray(32), bytearray(16)
        assert BCryptDecrypt(key, ciphertext, None, iv, output, PAD) == (STATUS_DATA_ERROR, None)
        assert not any(output)
        assert not any(iv)
    ok(BCryptEncrypt(key, bytes(30) + b"\3\2", None, bytearray(16), ciphertext))
    assert BCryptDecrypt(key, ciphertext, None, bytearray(16), bytearray(32), PAD) == (STATUS_DATA_ERROR, None)
    ok(BCryptEncrypt(key, bytes(29) + b"\2\3\3", None, bytearray(16), ciphertext))
    assert BCryptDecrypt(key, ciphertext, None, bytearray(16), bytearray(32), PAD) == (STATUS_DATA_ERROR, None)


def test_in_place_and_overlapping_buffers(make):
    """contract: rule-symmetric-encrypt: in place [doc, dotnet]; overlap in part as decided."""
    whole = bytearray(DATA + DATA)
    expected = bytearray(32)
    ok(BCryptEncrypt(make(CBC), bytes(whole), None, bytearray(16), expected))
    ok(BCryptEncrypt(make(CBC), whole, None, bytearray(16), whole))
    assert whole == expected
    view = memoryview(whole)
    ok(BCryptDecrypt(make(CBC), view[:], None, bytearray(16), view[:]))
    assert whole == DATA + DATA
    refused(BCryptEncrypt(make(CBC), view[:16], None, bytearray(16), view[8:24]), STATUS_INVALID_PARAMETER)
    ok(BCryptEncrypt(make(CBC), view[:16], None, bytearray(16), view[16:]))


def test_the_iv_property_is_the_register(make):
    """contract: rule-symmetric-properties [win-ci]: set it once, then pass no IV."""
    key, stream, once = make(CBC), bytearray(), bytearray(48)
    ok(BCryptSetProperty(key, BCRYPT_INITIALIZATION_VECTOR, bytes(range(16))))
    for piece in (DATA, DATA + DATA):
        output = bytearray(len(piece))
        ok(BCryptEncrypt(key, piece, None, None, output))
        stream += output
    assert prop(key, BCRYPT_INITIALIZATION_VECTOR) == stream[-16:]
    ok(BCryptEncrypt(make(CBC), DATA * 3, None, bytearray(range(16)), once))
    assert stream == once
    refused(BCryptSetProperty(key, BCRYPT_INITIALIZATION_VECTOR, bytes(15)), STATUS_INVALID_PARAMETER)
    ok(BCryptSetProperty(key, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_CFB))
    assert prop(key, BCRYPT_INITIALIZATION_VECTOR) == bytes(16), "a new mode begins at zero"
    with opened("AES") as aes:
        refused(BCryptSetProperty(aes, BCRYPT_INITIALIZATION_VECTOR, bytes(16)), STATUS_NOT_SUPPORTED)


def test_cfb8_shifts_its_register(make):
    """contract: rule-cfb [symcrypt]."""
    key, iv, output = make(CFB), bytearray(range(16)), bytearray(5)
    ok(BCryptEncrypt(key, b"12345", None, iv, output))
    assert iv == bytes(range(5, 16)) + output
    for length in (0, 2, 8, 17):
        refused(BCryptSetProperty(key, BCRYPT_MESSAGE_BLOCK_LENGTH, length), STATUS_INVALID_PARAMETER)
    assert dwords(key, BCRYPT_MESSAGE_BLOCK_LENGTH) == (1,)


def test_rc4_and_xts_refuse_padding(make):
    """contract: rule-cipher-rc4, rule-cipher-xts."""
    refused(BCryptEncrypt(make(RC4), b"x", None, None, bytearray(16), PAD), STATUS_INVALID_PARAMETER)
    key = make(XTS, bytes(range(32)))
    refused(BCryptEncrypt(key, bytes(512), None, bytes(8), bytearray(600), PAD), STATUS_INVALID_PARAMETER)


def test_rc4_size_query_keeps_its_place(make):
    """contract: rule-cipher-rc4."""
    one, other, outputs = make(RC4), make(RC4), (bytearray(5), bytearray(5))
    assert BCryptEncrypt(one, bytes(5)) == (STATUS_SUCCESS, 5)
    assert BCryptEncrypt(one, bytes(5), None, None, bytearray(4)) == (STATUS_BUFFER_TOO_SMALL, 5)
    for key, output in zip((one, other), outputs, strict=True):
        ok(BCryptEncrypt(key, bytes(5), None, None, output))
    assert outputs[0] == outputs[1]


def test_xts_units(make):
    """contract: rule-cipher-xts [symcrypt, app]."""
    with opened("XTS-AES") as xts:
        ok(BCryptSetProperty(xts, BCRYPT_MESSAGE_BLOCK_LENGTH, 32))
        key = make(xts, bytes(range(64)))
        for length in (0, 15, 24):
            refused(BCryptSetProperty(key, BCRYPT_MESSAGE_BLOCK_LENGTH, length), STATUS_INVALID_PARAMETER)
        whole, parts = bytearray(64), bytearray()
        number = bytearray((7).to_bytes(8, "little"))
        ok(BCryptEncrypt(key, DATA * 4, None, number, whole))
        assert number == (7).to_bytes(8, "little"), "the number is read and left"
        for unit in (7, 8):
            output = bytearray(32)
            ok(BCryptEncrypt(key, DATA * 2, None, unit.to_bytes(8, "little"), output))
            parts += output
        assert whole == parts
        assert BCryptEncrypt(key, bytes(40), None, number, bytearray(64))[0] == STATUS_INVALID_BUFFER_SIZE
        for iv in (None, bytes(16), bytes(7)):
            assert BCryptEncrypt(key, bytes(32), None, iv, bytearray(32))[0] == STATUS_INVALID_PARAMETER
    assert dwords(make(XTS, bytes(range(32))), BCRYPT_MESSAGE_BLOCK_LENGTH) == (512,)
    for size in (48, 16):
        status, _ = BCryptGenerateSymmetricKey(XTS, bytes(size))
        assert status == STATUS_INVALID_PARAMETER


def test_a_derivation_key_does_not_encrypt_and_a_cipher_does_not_derive(make):
    """contract: rule-kdf-algorithms [inferred]."""
    for function in (BCryptEncrypt, BCryptDecrypt):
        refused(function(make(BCRYPT_PBKDF2_ALG_HANDLE), DATA, None, None, bytearray(16)), STATUS_NOT_SUPPORTED)
    refused(BCryptKeyDerivation(make(CBC), [], bytearray(16)), STATUS_NOT_SUPPORTED)


# --- authenticated modes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handle", "nonces", "tags"),
    [(GCM, {12}, set(range(12, 17))), (CCM, set(range(7, 14)), set(range(4, 17, 2))), (CHACHA, {12}, {16})],
    ids=["GCM", "CCM", "ChaCha20"],
)
def test_lengths_of_nonces_and_tags_a22(make, handle, nonces, tags):
    """contract: rule-authenticated-lengths [app, go, symcrypt, dotnet]."""
    key = make(handle, bytes(32))
    for size in range(18):
        answer = BCryptEncrypt(key, DATA, info_of(pbNonce=bytes(size)), None, bytearray(16))
        assert answer == (STATUS_SUCCESS, 16) if size in nonces else answer[0] == STATUS_INVALID_PARAMETER
        answer = BCryptEncrypt(key, DATA, info_of(pbTag=bytearray(size)), None, bytearray(16))
        assert answer == (STATUS_SUCCESS, 16) if size in tags else answer[0] == STATUS_INVALID_PARAMETER
    for tag in sorted(tags):
        mark, output = bytearray(tag), bytearray(16)
        ok(BCryptEncrypt(key, DATA, info_of(pbTag=mark), None, output))
        plain = bytearray(16)
        ok(BCryptDecrypt(key, output, info_of(pbTag=bytes(mark)), None, plain))
        assert plain == DATA
        mark[-1] ^= 1
        assert BCryptDecrypt(key, output, info_of(pbTag=mark), None, plain) == (STATUS_AUTH_TAG_MISMATCH, 16)


def test_ccm_data_is_limited_by_its_nonce(make):
    """contract: rule-authenticated-lengths [symcrypt]."""
    key = make(CCM)
    most = (1 << 16) - 1
    for size, right in ((most, True), (most + 1, False)):
        status, _ = BCryptEncrypt(key, bytes(size), info_of(pbNonce=bytes(13)), None, bytearray(size))
        assert (status == STATUS_SUCCESS) is right
        assert right or status == STATUS_INVALID_PARAMETER


def test_structures_of_authenticated_modes(make):
    """contract: rule-authenticated-calls [wine-impl, doc]."""
    key = make(GCM)
    for info in (None, b"x", info_of(pbNonce=None), info_of(pbTag=None), info_of(pbTag=bytes(16))):
        status, _ = BCryptEncrypt(key, DATA, info, None, bytearray(16))
        assert status == STATUS_INVALID_PARAMETER
    assert "pbTag=<16 bytes>" in repr(info_of(pbTag=bytearray(b"\xaa" * 16)))
    iv = bytearray(b"\3" * 16)
    ok(BCryptEncrypt(key, DATA, info_of(), iv, bytearray(16)))
    assert iv == b"\3" * 16, "pbIV is ignored"


def test_empty_messages_a20(make):
    """contract: rule-authenticated-calls [wine-test, dotnet, go]."""
    key = make(GCM)
    queried, called, written = bytearray(16), bytearray(16), bytearray(16)
    assert BCryptEncrypt(key, b"", info_of(pbTag=queried)) == (STATUS_SUCCESS, 0)
    assert BCryptEncrypt(key, None, info_of(pbTag=called)) == (STATUS_SUCCESS, 0)
    assert BCryptEncrypt(key, b"", info_of(pbTag=written), None, bytearray(0)) == (STATUS_SUCCESS, 0)
    assert not any(queried)
    assert any(called)
    assert called == written
    ok(BCryptDecrypt(key, None, info_of(pbTag=called)))
    called[0] ^= 1
    assert BCryptDecrypt(key, None, info_of(pbTag=called)) == (STATUS_AUTH_TAG_MISMATCH, 0)


def test_padding_in_an_authenticated_mode(make):
    """contract: rule-authenticated-calls [wine-test]: the size check comes first, with the padded size."""
    key = make(GCM)
    assert BCryptEncrypt(key, bytes(32), info_of(), None, bytearray(32), PAD) == (STATUS_BUFFER_TOO_SMALL, 48)
    assert BCryptEncrypt(key, bytes(32), info_of(), None, bytearray(48), PAD)[0] == STATUS_INVALID_PARAMETER


def chained(key, function, pieces, info, iv):
    output = bytearray()
    for index, piece in enumerate(pieces):
        last = index == len(pieces) - 1
        info.dwFlags = info.dwFlags & ~BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
        if not last:
            info.dwFlags |= BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
        part = bytearray(len(piece))
        ok(function(key, piece, info, iv, part))
        output += part
        if not last:
            assert info.dwFlags & BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG
    return bytes(output)


def test_chained_gcm(make):
    """contract: rule-authenticated-chained [doc, app, win-ci]."""
    key, message = make(GCM), bytes(range(256))
    whole, tag = bytearray(256), bytearray(16)
    ok(BCryptEncrypt(key, message, info_of(pbAuthData=b"header", pbTag=tag), None, whole))
    for sizes in ((16, 32, 208), (0, 240, 16), (256, 0), (128, 128)):
        pieces, position = [], 0
        for size in sizes:
            pieces.append(message[position : position + size])
            position += size
        mark = bytearray(16)
        info = info_of(pbAuthData=b"header", pbTag=mark, pbMacContext=bytearray(16))
        iv = bytearray(16)
        assert chained(key, BCryptEncrypt, pieces, info, iv) == whole
        assert mark == tag
        assert (info.cbAAD, info.cbData) == (6, 256)
        assert not info.dwFlags & BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG
        cut, at = [], 0
        for size in sizes:
            cut.append(whole[at : at + size])
            at += size
        info = info_of(pbAuthData=b"header", pbTag=bytes(tag), pbMacContext=bytearray(16))
        assert chained(key, BCryptDecrypt, cut, info, iv) == message


def test_two_chains_on_one_key_interleave(make):
    """contract: rule-authenticated-chained [inferred]: the state is in the structure."""
    key = make(GCM)
    infos = [info_of(pbNonce=bytes((n,)) * 12, pbTag=bytearray(16), pbMacContext=bytearray(16)) for n in (1, 2)]
    outputs = [bytearray(), bytearray()]
    for last in (False, True):
        for info, output in zip(infos, outputs, strict=True):
            info.dwFlags = 0 if last else BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
            part = bytearray(32)
            ok(BCryptEncrypt(key, bytes(32), info, bytearray(16), part))
            output += part
    for info, output in zip(infos, outputs, strict=True):
        expected, tag = bytearray(64), bytearray(16)
        ok(BCryptEncrypt(key, bytes(64), info_of(pbNonce=info.pbNonce, pbTag=tag), None, expected))
        assert (output, info.pbTag) == (expected, tag)


def test_chained_calls_that_are_wrong_a23(make):
    """contract: rule-authenticated-chained [app, win-ci, inferred]."""
    key, flag = make(GCM), BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG

    def first(data=bytes(16), iv=None, function=BCryptEncrypt, which=key, **fields):
        info = info_of(**{"pbMacContext": bytearray(16), "dwFlags": flag, **fields})
        start = bytearray(16) if iv is None else iv
        return function(which, data, info, start, bytearray(len(data)))[0], info

    assert first(bytes(60))[0] == STATUS_INVALID_BUFFER_SIZE
    for bad in ({"iv": bytes(16)}, {"iv": bytearray(15)}, {"pbMacContext": None}, {"pbMacContext": bytearray(15)}):
        assert first(**bad)[0] == STATUS_INVALID_PARAMETER
    assert BCryptEncrypt(key, DATA, info_of(dwFlags=flag, pbMacContext=bytearray(16)), None, bytearray(16))[0] == (
        STATUS_INVALID_PARAMETER
    ), "a chained call needs pbIV"
    for other in (CCM, CHACHA):
        assert first(which=make(other, bytes(32)))[0] == STATUS_INVALID_PARAMETER
    status, info = first()
    assert status == STATUS_SUCCESS
    assert BCryptEncrypt(make(GCM), DATA, info, bytearray(16), bytearray(16))[0] == STATUS_INVALID_PARAMETER
    assert BCryptDecrypt(key, DATA, info, bytearray(16), bytearray(16))[0] == STATUS_INVALID_PARAMETER
    info.dwFlags &= ~flag
    ok(BCryptEncrypt(key, b"end", info, bytearray(16), bytearray(3)))
    ok(BCryptEncrypt(key, b"one", info, None, bytearray(3)))
    in_progress = info_of(dwFlags=BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG, pbMacContext=bytearray(16))
    assert BCryptDecrypt(key, DATA, in_progress, bytearray(16), bytearray(16)) == (STATUS_AUTH_TAG_MISMATCH, 16)
    wrong = info_of(dwFlags=flag, pbMacContext=bytearray(16), pbTag=bytes(16))
    ok(BCryptDecrypt(key, DATA, wrong, bytearray(16), bytearray(16)))
    wrong.dwFlags &= ~flag
    output = bytearray(16)
    assert BCryptDecrypt(key, DATA, wrong, bytearray(16), output) == (STATUS_AUTH_TAG_MISMATCH, 16)
    assert not any(output)


def test_one_key_in_eight_threads_c21(make):
    """contract: rule-authenticated-calls [wine-test]: right answers, and no state of the key is touched."""
    gcm, cbc, expected = make(GCM), make(CBC), bytearray(64)
    ok(BCryptEncrypt(gcm, bytes(64), info_of(), None, expected))
    chain = bytearray(64)
    ok(BCryptEncrypt(cbc, bytes(64), None, bytearray(16), chain))
    wrong = []

    def work():
        for _ in range(200):
            output = bytearray(64)
            ok(BCryptEncrypt(gcm, bytes(64), info_of(), None, output))
            if output != expected:
                wrong.append("GCM")
            ok(BCryptEncrypt(cbc, bytes(64), None, bytearray(16), output))
            if output != chain:
                wrong.append("CBC")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- derivation -----------------------------------------------------------------------------------------


def test_key_derivation_fills_its_buffer(make):
    """contract: rule-kdf-algorithms [wine-test, go, doc]."""
    key, hash_id = make(BCRYPT_PBKDF2_ALG_HANDLE, b"test"), [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA1")]
    refused(BCryptKeyDerivation(key, hash_id, None), STATUS_INVALID_PARAMETER)
    refused(BCryptKeyDerivation(key, hash_id, bytearray(0)), STATUS_INVALID_PARAMETER)
    long, one = bytearray(40), bytearray(1)
    assert BCryptKeyDerivation(key, hash_id, long) == (STATUS_SUCCESS, 40)
    assert BCryptKeyDerivation(key, hash_id, one) == (STATUS_SUCCESS, 1)
    assert one == long[:1]
    refused(BCryptKeyDerivation(None, hash_id, one), STATUS_INVALID_HANDLE)
    refused(BCryptKeyDerivation(key, hash_id, one, 1), STATUS_INVALID_PARAMETER)
    refused(BCryptKeyDerivation(key, None, one), STATUS_INVALID_PARAMETER)


@pytest.mark.parametrize(
    "buffers",
    [
        [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA1"), BCryptBuffer(KDF_LABEL, b"x")],
        [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA1"), BCryptBuffer(KDF_HASH_ALGORITHM, "SHA1")],
        [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA1"), BCryptBuffer(KDF_ITERATION_COUNT, bytes(8))],
        [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA1"), BCryptBuffer(KDF_ITERATION_COUNT, b"\1\0\0\0")],
        [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA1"), BCryptBuffer(0x99, b"x")],
        [BCryptBuffer(kind, "SHA1" if kind == KDF_HASH_ALGORITHM else b"x")
         for kind in (KDF_HASH_ALGORITHM, KDF_SALT, KDF_GENERIC_PARAMETER)],
        [BCryptBuffer(KDF_SALT, b"x")],
        [b"x"],
        5,
    ],
)  # fmt: skip
def test_parameters_that_are_wrong(make, buffers):
    """contract: rule-kdf-parameters, as decided."""
    refused(BCryptKeyDerivation(make(BCRYPT_PBKDF2_ALG_HANDLE), buffers, bytearray(8)), STATUS_INVALID_PARAMETER)


def test_unknown_hashes_of_derivations(make):
    for handle in (BCRYPT_PBKDF2_ALG_HANDLE, BCRYPT_SP800108_CTR_HMAC_ALG_HANDLE, BCRYPT_CAPI_KDF_ALG_HANDLE,
                   BCRYPT_TLS1_2_KDF_ALG_HANDLE):  # fmt: skip
        buffers = [BCryptBuffer(KDF_HASH_ALGORITHM, "NoSuchHash")]
        refused(BCryptKeyDerivation(make(handle), buffers, bytearray(8)), STATUS_NOT_SUPPORTED)
    key = make(BCRYPT_HKDF_ALG_HANDLE)
    refused(BCryptSetProperty(key, BCRYPT_HKDF_HASH_ALGORITHM, "NoSuchHash"), STATUS_NOT_SUPPORTED)


def test_the_nul_of_a_hash_name(make):
    """contract: rule-kdf-algorithms [symcrypt]: counted or not, but for TLS1_2_KDF."""
    bare, whole = "SHA256".encode("utf-16-le"), "SHA256\0".encode("utf-16-le")
    for handle in (BCRYPT_PBKDF2_ALG_HANDLE, BCRYPT_SP800108_CTR_HMAC_ALG_HANDLE):
        outputs = []
        for name in (bare, whole, "SHA256"):
            output = bytearray(8)
            ok(BCryptKeyDerivation(make(handle), [BCryptBuffer(KDF_HASH_ALGORITHM, name)], output))
            outputs.append(output)
        assert outputs[0] == outputs[1] == outputs[2]
    key = make(BCRYPT_TLS1_2_KDF_ALG_HANDLE)
    ok(BCryptKeyDerivation(key, [BCryptBuffer(KDF_HASH_ALGORITHM, whole)], bytearray(8)))
    bad = [BCryptBuffer(KDF_HASH_ALGORITHM, bare)]
    refused(BCryptKeyDerivation(key, bad, bytearray(8)), STATUS_INVALID_PARAMETER)


def test_sp800_108_takes_generic_and_specific_parameters(make):
    """contract: rule-kdf-sp800-108 [doc, dotnet]."""
    key = make(BCRYPT_SP800108_CTR_HMAC_ALG_HANDLE, b"")
    hash_id = BCryptBuffer(KDF_HASH_ALGORITHM, "SHA256")
    outputs = []
    for more in ([BCryptBuffer(KDF_LABEL, b"l"), BCryptBuffer(KDF_CONTEXT, b"c")],
                 [BCryptBuffer(KDF_GENERIC_PARAMETER, b"l\0c")]):  # fmt: skip
        output = bytearray(50)
        ok(BCryptKeyDerivation(key, [hash_id, *more], output))
        outputs.append(output)
    assert outputs[0] == outputs[1]
    ok(BCryptKeyDerivation(key, [hash_id], bytearray(3)))
    cmac = make(BCRYPT_SP800108_CTR_HMAC_ALG_HANDLE, KEY)
    ok(BCryptKeyDerivation(cmac, [BCryptBuffer(KDF_HASH_ALGORITHM, "AES-CMAC")], bytearray(33)))


def test_limits_of_hkdf_and_capi(make):
    """RFC 5869 section 2.3; contract: rule-derive-capi."""
    key = make(BCRYPT_HKDF_ALG_HANDLE)
    ok(BCryptSetProperty(key, BCRYPT_HKDF_HASH_ALGORITHM, "SHA256"))
    ok(BCryptSetProperty(key, BCRYPT_HKDF_SALT_AND_FINALIZE, None))
    ok(BCryptKeyDerivation(key, None, bytearray(255 * 32)))
    refused(BCryptKeyDerivation(key, None, bytearray(255 * 32 + 1)), STATUS_INVALID_PARAMETER)
    capi, buffers = make(BCRYPT_CAPI_KDF_ALG_HANDLE), [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA1")]
    plain, flagged = bytearray(20), bytearray(20)
    ok(BCryptKeyDerivation(capi, buffers, plain))
    ok(BCryptKeyDerivation(capi, buffers, flagged, BCRYPT_CAPI_AES_FLAG))
    assert plain != flagged
    refused(BCryptKeyDerivation(capi, buffers, bytearray(41)), STATUS_INVALID_PARAMETER)


def test_derive_key_pbkdf2_a29():
    """contract: rule-kdf-pbkdf2-function [wine-test, go, dotnet, doc]."""
    prf, out = BCRYPT_HMAC_SHA1_ALG_HANDLE, bytearray(20)
    refused(BCryptDeriveKeyPBKDF2(prf, b"p", b"s", 0, out), STATUS_INVALID_PARAMETER)
    refused(BCryptDeriveKeyPBKDF2(prf, None, b"s", 1, out), STATUS_INVALID_PARAMETER)
    refused(BCryptDeriveKeyPBKDF2(prf, b"p", b"s", 1, None), STATUS_INVALID_PARAMETER)
    refused(BCryptDeriveKeyPBKDF2(prf, b"p", b"s", 1, bytearray(0)), STATUS_INVALID_PARAMETER)
    refused(BCryptDeriveKeyPBKDF2(prf, b"p", b"s", 1, out, 1), STATUS_INVALID_PARAMETER)
    refused(BCryptDeriveKeyPBKDF2(None, b"p", b"s", 1, out), STATUS_INVALID_HANDLE)
    refused(BCryptDeriveKeyPBKDF2(BCRYPT_SHA1_ALG_HANDLE, b"p", b"s", 1, out), STATUS_INVALID_PARAMETER)
    refused(BCryptDeriveKeyPBKDF2(CBC, b"p", b"s", 1, out), STATUS_INVALID_PARAMETER)
    refused(BCryptDeriveKeyPBKDF2(prf, b"p", b"s", 1 << 31, out), STATUS_INVALID_PARAMETER)
    ok(BCryptDeriveKeyPBKDF2(prf, b"", None, 1, out))
    for handle in (BCRYPT_AES_CMAC_ALG_HANDLE, BCRYPT_HMAC_MD4_ALG_HANDLE):
        ok(BCryptDeriveKeyPBKDF2(handle, KEY, b"salt", 3, bytearray(40)))


# --- MACs -------------------------------------------------------------------------------------------------


def test_cmac(make):
    """contract: rule-mac-cmac [symcrypt; RFC 4493 section 4]."""
    secret = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    for flags in (0, BCRYPT_ALG_HANDLE_HMAC_FLAG, BCRYPT_HASH_REUSABLE_FLAG):
        with opened("AES-CMAC", None, flags) as handle:
            mac = ok(BCryptCreateHash(handle, secret))
            ok(BCryptHashData(mac, bytes.fromhex("6bc1bee22e409f96")))
            twin, output = ok(BCryptDuplicateHash(mac)), bytearray(16)
            for one in (mac, twin):
                ok(BCryptHashData(one, bytes.fromhex("e93d7e117393172a")))
                ok(BCryptFinishHash(one, output))
                assert output.hex() == "070a16b46b4d4144f79bdd9dd04a287c"
            status = BCryptHashData(mac, b"")
            assert status == (STATUS_SUCCESS if flags == BCRYPT_HASH_REUSABLE_FLAG else STATUS_INVALID_HANDLE)
            for one in (mac, twin):
                ok(BCryptDestroyHash(one))
            for bad in (None, b"", bytes(15), bytes(33)):
                refused(BCryptCreateHash(handle, bad), STATUS_INVALID_PARAMETER)


def test_gmac_takes_its_nonce_as_a_property():
    """contract: rule-mac-gmac [win-ci]; without one as decided."""
    with opened("AES-GMAC") as gmac:
        mac, output = ok(BCryptCreateHash(gmac, KEY)), bytearray(16)
        for bad in (bytes(11), bytes(16)):
            refused(BCryptSetProperty(mac, BCRYPT_INITIALIZATION_VECTOR, bad), STATUS_INVALID_PARAMETER)
        ok(BCryptSetProperty(mac, BCRYPT_INITIALIZATION_VECTOR, bytes(range(12))))
        ok(BCryptHashData(mac, b"some "))
        ok(BCryptHashData(mac, b"data"))
        refused(BCryptSetProperty(mac, BCRYPT_INITIALIZATION_VECTOR, bytes(12)), STATUS_INVALID_PARAMETER)
        ok(BCryptFinishHash(mac, output))
        ok(BCryptDestroyHash(mac))
        key, tag = ok(BCryptGenerateSymmetricKey(GCM, KEY)), bytearray(16)
        ok(BCryptEncrypt(key, None, info_of(pbNonce=bytes(range(12)), pbAuthData=b"some data", pbTag=tag)))
        assert tag == output
        ok(BCryptDestroyKey(key))
        mac = ok(BCryptCreateHash(gmac, KEY))
        ok(BCryptHashData(mac, b"x"))
        refused(BCryptFinishHash(mac, output), STATUS_INVALID_PARAMETER)
        ok(BCryptDestroyHash(mac))


def test_a_reused_gmac_wants_another_nonce():
    """docs/decisions/macs.md: one nonce, one message."""
    with opened("AES-GMAC", None, BCRYPT_HASH_REUSABLE_FLAG) as gmac:
        mac, one, other = ok(BCryptCreateHash(gmac, KEY)), bytearray(16), bytearray(16)
        ok(BCryptSetProperty(mac, BCRYPT_INITIALIZATION_VECTOR, bytes(12)))
        ok(BCryptFinishHash(mac, one))
        refused(BCryptFinishHash(mac, other), STATUS_INVALID_PARAMETER)
        ok(BCryptSetProperty(mac, BCRYPT_INITIALIZATION_VECTOR, bytes(12)))
        ok(BCryptFinishHash(mac, other))
        assert one == other
        ok(BCryptDestroyHash(mac))


def test_strings_of_cshake_and_kmac():
    """contract: rule-mac-cshake, rule-mac-kmac [go, dotnet]; after data as decided."""
    with opened("CSHAKE256") as cshake:
        state, one, other = ok(BCryptCreateHash(cshake)), bytearray(32), bytearray(32)
        ok(BCryptSetProperty(state, BCRYPT_CUSTOMIZATION_STRING, b"Email Signature"))
        ok(BCryptHashData(state, b"\0\1\2\3"))
        refused(BCryptSetProperty(state, BCRYPT_FUNCTION_NAME_STRING, b"x"), STATUS_INVALID_PARAMETER)
        ok(BCryptFinishHash(state, one, BCRYPT_HASH_DONT_RESET_FLAG))
        ok(BCryptFinishHash(state, other, BCRYPT_HASH_DONT_RESET_FLAG))
        assert (one + other).hex() == (
            "d008828e2b80ac9d2218ffee1d070c48b8e4c87bff32c9699d5b6896eee0edd1"
            "64020e2be0560858d9c00c037e34a96937c561a74c412bb4c746469527281c8c"
        )  # NIST's sample 3 of cSHAKE
        ok(BCryptDestroyHash(state))
    with opened("KMAC256") as kmac:
        refused(BCryptCreateHash(kmac), STATUS_INVALID_PARAMETER)
        mac = ok(BCryptCreateHash(kmac, b""))
        refused(BCryptSetProperty(mac, BCRYPT_FUNCTION_NAME_STRING, b"x"), STATUS_NOT_SUPPORTED)
        outputs = [bytearray(20), bytearray(32)]
        twin = ok(BCryptDuplicateHash(mac))
        ok(BCryptFinishHash(mac, outputs[0]))
        ok(BCryptFinishHash(twin, outputs[1]))
        assert outputs[0] != outputs[1][:20], "the length is a part of what is authenticated"
        for handle in (mac, twin):
            ok(BCryptDestroyHash(handle))
    with opened("SHA256") as sha:
        state = ok(BCryptCreateHash(sha))
        refused(BCryptSetProperty(state, BCRYPT_CUSTOMIZATION_STRING, b"x"), STATUS_NOT_SUPPORTED)
        ok(BCryptDestroyHash(state))


def test_hmac_with_a_wrong_length_stays_usable_a32():
    """contract: rule-hash [wine-test]."""
    mac = ok(BCryptCreateHash(BCRYPT_HMAC_SHA1_ALG_HANDLE, b"key"))
    refused(BCryptFinishHash(mac, bytearray(21)), STATUS_INVALID_PARAMETER)
    ok(BCryptFinishHash(mac, bytearray(20)))
    ok(BCryptDestroyHash(mac))


# --- multi-hash ---------------------------------------------------------------------------------------------

DATA_STEP, FINISH_STEP = 1, 2


def step(index, kind, buffer):
    return BCRYPT_MULTI_HASH_OPERATION(index, kind, buffer)


def test_multi_hash():
    """contract: rule-multi-hash [doc, header, symcrypt]."""
    with opened("SHA256", None, BCRYPT_MULTI_FLAG) as sha:
        assert len(dwords(sha, BCRYPT_MULTI_OBJECT_LENGTH)) == 2
        hashes = ok(BCryptCreateMultiHash(sha, 3))
        one, other, empty = (bytearray(32) for _ in range(3))
        ok(BCryptProcessMultiOperations(hashes, 1, [
            step(0, DATA_STEP, b"a"), step(2, DATA_STEP, b"c"), step(0, DATA_STEP, b"b"), step(0, FINISH_STEP, one),
            step(2, FINISH_STEP, other), step(0, FINISH_STEP, empty),
        ]))  # fmt: skip
        expected = []
        for data in (b"ab", b"c", b""):
            output = bytearray(32)
            ok(BCryptHash(BCRYPT_SHA256_ALG_HANDLE, None, data, output))
            expected.append(output)
        assert [one, other, empty] == expected
        ok(BCryptProcessMultiOperations(hashes, 1, [step(1, DATA_STEP, b"x")]))
        for bad in (
            [step(1, DATA_STEP, b"y"), step(3, DATA_STEP, b"y")], [step(1, DATA_STEP, b"y"), step(1, 3, b"y")],
            [step(1, DATA_STEP, b"y"), step(1, FINISH_STEP, bytearray(31))], [b"y"], 7,
        ):  # fmt: skip
            refused(BCryptProcessMultiOperations(hashes, 1, bad), STATUS_INVALID_PARAMETER)
        twin = ok(BCryptDuplicateHash(hashes))
        for handle in (hashes, twin):
            output = bytearray(32)
            ok(BCryptProcessMultiOperations(handle, 1, [step(1, FINISH_STEP, output)]))
            ok(BCryptHash(BCRYPT_SHA256_ALG_HANDLE, None, b"x", one))
            assert output == one, "a list with a fault does nothing"
        refused(BCryptProcessMultiOperations(hashes, 2, []), STATUS_INVALID_PARAMETER)
        refused(BCryptHashData(hashes, b"x"), STATUS_INVALID_HANDLE)
        refused(BCryptFinishHash(hashes, bytearray(32)), STATUS_INVALID_HANDLE)
        for count in (0, -1, 1 << 20, 1.5):
            refused(BCryptCreateMultiHash(sha, count), STATUS_INVALID_PARAMETER)
        for handle in (hashes, twin):
            ok(BCryptDestroyHash(handle))
    with opened("SHA256") as sha:
        refused(BCryptCreateMultiHash(sha, 2), STATUS_INVALID_PARAMETER)
    for handle, key in ((BCRYPT_SHA256_ALG_HANDLE, None), (BCRYPT_HMAC_SHA256_ALG_HANDLE, b"key")):
        ok(BCryptDestroyHash(ok(BCryptCreateMultiHash(handle, 2, key))))
    for name, flags in (("AES-GMAC", 0), ("MD2", BCRYPT_ALG_HANDLE_HMAC_FLAG)):
        refused(BCryptOpenAlgorithmProvider(name, None, flags | BCRYPT_MULTI_FLAG), STATUS_NOT_SUPPORTED)
    with opened("SHA1", None, BCRYPT_MULTI_FLAG | BCRYPT_ALG_HANDLE_HMAC_FLAG) as hmac:
        ok(BCryptDestroyHash(ok(BCryptCreateMultiHash(hmac, 2, b"key"))))
