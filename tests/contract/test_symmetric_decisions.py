"""Decisions about symmetric keys that no rule of the contract holds; the pages are in docs/decisions."""

import pytest
from helpers import ok, opened, refused

import cngcore
from cngcore.bcrypt import *

KEY = bytes(range(16))
CBC, GCM, CHACHA = BCRYPT_AES_CBC_ALG_HANDLE, BCRYPT_AES_GCM_ALG_HANDLE, BCRYPT_CHACHA20_POLY1305_ALG_HANDLE


@pytest.fixture
def make():
    """Make keys, and destroy them at the end."""
    made = []

    def key_of(algorithm, secret=KEY):
        made.append(ok(BCryptGenerateSymmetricKey(algorithm, secret)))
        return made[-1]

    yield key_of
    for handle in made:
        BCryptDestroyKey(handle)


def exported(key, blob_type):
    blob = bytearray(ok(BCryptExportKey(key, None, blob_type)))
    ok(BCryptExportKey(key, None, blob_type, blob))
    return bytes(blob)


def hashed(name, data=b"", key=None, flags=0):
    with opened(name, None, flags) as algorithm:
        handle = ok(BCryptCreateHash(algorithm, key))
    ok(BCryptHashData(handle, data))
    return handle


def capi(handle, length, target=None):
    """The status of BCryptDeriveKeyCapi, and its bytes."""
    derived = bytearray(length)
    status = BCryptDeriveKeyCapi(handle, target, derived)
    ok(BCryptDestroyHash(handle))
    return status, bytes(derived)


def test_properties_that_no_source_shows():
    with opened("SHA256") as sha, opened("AES") as aes:
        data = bytearray(ok(BCryptGetProperty(sha, BCRYPT_HASH_OID_LIST)))
        ok(BCryptGetProperty(sha, BCRYPT_HASH_OID_LIST, data))
        assert BCRYPT_OID_LIST.from_bytes(bytes(data)).pOIDs == (bytes.fromhex("608648016503040201"),)
        refused(BCryptGetProperty(aes, BCRYPT_KEY_OBJECT_LENGTH), STATUS_NOT_SUPPORTED)
        refused(BCryptSetProperty(aes, BCRYPT_EFFECTIVE_KEY_LENGTH, 128), STATUS_NOT_SUPPORTED)


def test_a_read_only_iv_where_windows_would_write(make):
    for handle in (CBC, BCRYPT_AES_CFB_ALG_HANDLE):
        refused(BCryptEncrypt(make(handle), KEY, None, bytes(16), bytearray(16)), STATUS_INVALID_PARAMETER)
    info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(
        pbNonce=bytes(12), pbTag=bytearray(16), pbMacContext=bytearray(16), dwFlags=BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    )
    refused(BCryptEncrypt(make(GCM), KEY, info, bytes(16), bytearray(16)), STATUS_INVALID_PARAMETER)
    info.dwFlags = 0
    ok(BCryptEncrypt(make(GCM), KEY, info, bytes(16), bytearray(16)))


def test_decryption_of_nothing_with_padding(make):
    iv = bytearray(range(16))
    for output in (None, bytearray(16)):
        answer = BCryptDecrypt(make(CBC), b"", None, iv, output, BCRYPT_BLOCK_PADDING)
        assert answer == (STATUS_INVALID_BUFFER_SIZE, 0)
    assert iv == bytearray(range(16))
    assert ok(BCryptEncrypt(make(CBC), b"", None, iv, bytearray(16), BCRYPT_BLOCK_PADDING)) == 16


def test_an_opaque_blob_is_for_its_algorithm_and_takes_the_mode_of_the_import(make):
    blob = exported(make(GCM), BCRYPT_OPAQUE_KEY_BLOB)
    assert blob[:4] == b"CNGo"
    with opened("RC2") as rc2:
        refused(BCryptImportKey(rc2, None, BCRYPT_OPAQUE_KEY_BLOB, blob), STATUS_INVALID_PARAMETER)
    key, text = ok(BCryptImportKey(CBC, None, BCRYPT_OPAQUE_KEY_BLOB, blob)), bytearray(64)
    ok(BCryptGetProperty(key, BCRYPT_CHAINING_MODE, text))
    assert text.decode("utf-16-le").rstrip("\0") == BCRYPT_CHAIN_MODE_CBC
    ok(BCryptDestroyKey(key))


def test_later_calls_of_a_chain_keep_the_first_nonce_and_the_last_length_of_the_tag(make):
    key, whole, tag = make(GCM), bytearray(19), bytearray(16)
    info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=bytes(12), pbTag=tag)
    ok(BCryptEncrypt(key, bytes(19), info, None, whole))
    one, other, iv = bytearray(16), bytearray(3), bytearray(16)
    info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(
        pbNonce=bytes(12), pbTag=bytearray(16), pbMacContext=bytearray(16), dwFlags=BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    )
    ok(BCryptEncrypt(key, bytes(16), info, iv, one))
    info.pbNonce, info.pbTag = b"\1" * 12, bytearray(12)
    info.dwFlags &= ~BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    ok(BCryptEncrypt(key, bytes(3), info, iv, other))
    assert one + other == whole
    assert info.pbTag == tag[:12]


def test_the_last_piece_of_a_chain_with_a_wrong_tag_is_not_written(make):
    key, iv, last = make(GCM), bytearray(16), bytearray(16)
    info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(
        pbNonce=bytes(12), pbTag=bytearray(16), pbMacContext=bytearray(16), dwFlags=BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    )
    ok(BCryptDecrypt(key, KEY, info, iv, bytearray(16)))
    info.dwFlags &= ~BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    assert BCryptDecrypt(key, KEY, info, iv, last) == (STATUS_AUTH_TAG_MISMATCH, 16)
    assert last == bytearray(16)


def test_macs_take_no_secret_but_theirs():
    for name, secret in (("AES-CMAC", None), ("AES-CMAC", bytes(5)), ("AES-GMAC", None), ("CSHAKE128", b"x")):
        with opened(name) as algorithm:
            refused(BCryptCreateHash(algorithm, secret), STATUS_INVALID_PARAMETER)
    for name in ("CSHAKE128", "KMAC128"):
        refused(BCryptOpenAlgorithmProvider(name, None, BCRYPT_ALG_HANDLE_HMAC_FLAG), STATUS_NOT_SUPPORTED)


def test_a_hash_with_the_flag_of_capi_expands_a_key_of_aes():
    with opened("SHA1") as algorithm, opened("AES") as aes:
        flagged = ok(BCryptCreateHash(algorithm, None, BCRYPT_CAPI_AES_FLAG))
        ok(BCryptHashData(flagged, b"test"))
        assert capi(flagged, 16) == capi(hashed("SHA1", b"test"), 16, aes)
        assert capi(hashed("SHA1", b"test"), 16) != capi(hashed("SHA1", b"test"), 16, aes)


def test_the_tls_verification_is_not_served():
    flags = BCRYPT_ALG_HANDLE_HMAC_FLAG | BCRYPT_TLS_CBC_HMAC_VERIFY_FLAG
    refused(BCryptOpenAlgorithmProvider("SHA256", None, flags), STATUS_NOT_SUPPORTED)
    mac = hashed("SHA256", b"header", b"key", BCRYPT_ALG_HANDLE_HMAC_FLAG)
    refused(BCryptHashData(mac, bytes(64), BCRYPT_TLS_CBC_HMAC_VERIFY_FLAG), STATUS_INVALID_PARAMETER)
    ok(BCryptDestroyHash(mac))


def test_capi_expands_a_key_of_aes():
    with opened("AES") as aes:
        status, key = capi(hashed("SHA1", b"test"), 16, aes)
    assert status.is_success
    assert key == capi(hashed("SHA1", b"test"), 40)[1][:16], "the expansion, and not the digest"
    assert key != capi(hashed("SHA1", b"test"), 16)[1]
    with opened("3DES") as tdes:
        assert capi(hashed("SHA1", b"test"), 16, tdes) == capi(hashed("SHA1", b"test"), 16)


def test_capi_of_an_hmac_and_of_old_hashes():
    mac = hashed("SHA1", b"test", b"key", BCRYPT_ALG_HANDLE_HMAC_FLAG)
    digest = bytearray(20)
    ok(BCryptHash(BCRYPT_HMAC_SHA1_ALG_HANDLE, b"key", b"test", digest))
    assert capi(mac, 20) == (STATUS_SUCCESS, bytes(digest))
    assert capi(hashed("MD2", b"test"), 16)[0] == STATUS_SUCCESS
    assert capi(hashed("MD4", b"test"), 32) == (STATUS_NOT_SUPPORTED, bytes(32))


def test_hkdf_takes_hash_and_salt_as_parameters_until_it_is_finalized(make):
    one, other = bytearray(32), bytearray(32)
    given = [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA256"), BCryptBuffer(KDF_SALT, b"salt")]
    ok(BCryptKeyDerivation(make(BCRYPT_HKDF_ALG_HANDLE), given, one))
    key = make(BCRYPT_HKDF_ALG_HANDLE)
    ok(BCryptSetProperty(key, BCRYPT_HKDF_HASH_ALGORITHM, "SHA256"))
    ok(BCryptSetProperty(key, BCRYPT_HKDF_SALT_AND_FINALIZE, b"salt"))
    ok(BCryptKeyDerivation(key, None, other))
    assert one == other
    refused(BCryptKeyDerivation(key, given, other), STATUS_INVALID_PARAMETER)


def test_a_key_refuses_a_nonce_that_it_or_its_copy_has_used():
    """docs/howto/encrypt.md: counters, random nonces, streams, and lengths other than 12."""
    for mode, size in (("GCM", 12), ("CCM", 7), ("CCM", 12)):
        key = cngcore.generate_symmetric_key("AES", bytes(16), mode=mode)
        used = [number.to_bytes(size, "big") for number in (5, 6, 7, 9, 2, 8, 10, 0)]
        for nonce in used:
            key.encrypt_authenticated(b"x", nonce)
        twin = key.copy()
        for one in (key, twin):
            for nonce in used:
                with pytest.raises(cngcore.InvalidParameterError, match="before"):
                    one.encrypt_authenticated(b"x", nonce)
        twin.encrypt_authenticated(b"x", bytes((1,)) * size)
        with pytest.raises(cngcore.InvalidParameterError, match="before"):
            key.encrypt_authenticated(b"x", bytes((1,)) * size)
        assert len({key.new_nonce() for _ in range(50)}) == 50
        if mode == "GCM":
            key.authenticated_stream(bytes((3,)) * 12)
            with pytest.raises(cngcore.InvalidParameterError, match="before"):
                key.authenticated_stream(bytes((3,)) * 12)
