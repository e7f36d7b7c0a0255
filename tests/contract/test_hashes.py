"""Hash objects and random numbers, with the cases L1, L4 and L5, through the flat API."""

import gc
import hashlib
import hmac

import pytest
from helpers import ok, refused

import cngcore
from cngcore import bcrypt
from cngcore.bcrypt import *

DIGESTS = {
    "MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512",
    "SHA3-256": "sha3_256", "SHA3-384": "sha3_384", "SHA3-512": "sha3_512",
}  # fmt: skip
XOFS = {"SHAKE128": "shake_128", "SHAKE256": "shake_256"}
HASH_HANDLES = {
    "MD5": BCRYPT_MD5_ALG_HANDLE, "SHA1": BCRYPT_SHA1_ALG_HANDLE, "SHA256": BCRYPT_SHA256_ALG_HANDLE,
    "SHA384": BCRYPT_SHA384_ALG_HANDLE, "SHA512": BCRYPT_SHA512_ALG_HANDLE, "SHA3-256": BCRYPT_SHA3_256_ALG_HANDLE,
    "SHA3-384": BCRYPT_SHA3_384_ALG_HANDLE, "SHA3-512": BCRYPT_SHA3_512_ALG_HANDLE,
}  # fmt: skip
HMAC_HANDLES = {
    "MD5": BCRYPT_HMAC_MD5_ALG_HANDLE, "SHA1": BCRYPT_HMAC_SHA1_ALG_HANDLE, "SHA256": BCRYPT_HMAC_SHA256_ALG_HANDLE,
    "SHA384": BCRYPT_HMAC_SHA384_ALG_HANDLE, "SHA512": BCRYPT_HMAC_SHA512_ALG_HANDLE,
    "SHA3-256": BCRYPT_HMAC_SHA3_256_ALG_HANDLE, "SHA3-384": BCRYPT_HMAC_SHA3_384_ALG_HANDLE,
    "SHA3-512": BCRYPT_HMAC_SHA3_512_ALG_HANDLE,
}  # fmt: skip


def opened(name, flags=0):
    return ok(BCryptOpenAlgorithmProvider(name, None, flags))


def finished(hash_handle, size, flags=0):
    output = bytearray(size)
    ok(BCryptFinishHash(hash_handle, output, flags))
    return bytes(output)


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("MD5", "e2a3e68d23ce348b8f68b3079de3d4c9"),
        ("SHA1", "961fa64958818f767707072755d7018dcd278e94"),
        ("SHA256", "ceb73749c899693706ede1e30c9929b3fd5dd926163831c2fb8bd41e6efb1126"),
    ],
)
def test_l1(name, digest):
    """L1 [wine]: the five bytes "test" and NUL, in one call and through an object."""
    algorithm = opened(name)
    output = bytearray(len(digest) // 2)
    ok(BCryptHash(algorithm, None, b"test\0", output))
    assert output.hex() == digest
    state = ok(BCryptCreateHash(algorithm))
    for piece in (b"te", b"", b"st\0"):
        ok(BCryptHashData(state, piece))
    assert finished(state, len(output)).hex() == digest
    ok(BCryptDestroyHash(state))
    ok(BCryptCloseAlgorithmProvider(algorithm))


@pytest.mark.parametrize("name", DIGESTS)
def test_every_hash_plain_and_keyed(name):
    """contract: rule-hash-hmac: the provider opened with the flag makes HMACs; pseudo-handles do without opening."""
    size = hashlib.new(DIGESTS[name]).digest_size
    keyed = opened(name, BCRYPT_ALG_HANDLE_HMAC_FLAG)
    output = bytearray(size)
    for handle in (keyed, HMAC_HANDLES[name]):
        for key in (b"", b"key", b"k" * 200):
            ok(BCryptHash(handle, key, b"message", output))
            assert output == hmac.digest(key, b"message", DIGESTS[name])
    ok(BCryptHash(keyed, None, b"message", output))
    assert output == hmac.digest(b"", b"message", DIGESTS[name])
    ok(BCryptHash(HASH_HANDLES[name], None, b"message", output))
    assert output == hashlib.new(DIGESTS[name], b"message").digest()
    assert ok(BCryptGetProperty(keyed, "HashDigestLength", length := bytearray(4))) == 4
    assert int.from_bytes(length, "little") == size
    assert BCryptGetProperty(keyed, "ObjectLength")[0] == STATUS_SUCCESS
    ok(BCryptCloseAlgorithmProvider(keyed))


def test_a_secret_without_the_flag():
    """contract: rule-hash-hmac: INVALID_PARAMETER [inferred]."""
    refused(BCryptCreateHash(BCRYPT_SHA256_ALG_HANDLE, b"key"), STATUS_INVALID_PARAMETER)
    refused(BCryptHash(BCRYPT_SHA256_ALG_HANDLE, b"key", b"x", bytearray(32)), STATUS_INVALID_PARAMETER)


@pytest.mark.parametrize("name", XOFS)
def test_shake(name):
    """with HASH_DONT_RESET_FLAG an extendable-output function goes on giving output [header].

    contract: rule-hash-finish.
    """
    algorithm = opened(name, BCRYPT_HASH_REUSABLE_FLAG)
    expected = hashlib.new(XOFS[name], b"message").digest(300)
    state = ok(BCryptCreateHash(algorithm))
    for _ in range(2):
        ok(BCryptHashData(state, b"mess"))
        ok(BCryptHashData(state, b"age"))
        pieces = [finished(state, size, BCRYPT_HASH_DONT_RESET_FLAG) for size in (1, 0, 99)]
        refused(BCryptHashData(state, b"more"), STATUS_INVALID_HANDLE)
        pieces.append(finished(state, 200))
        assert b"".join(pieces) == expected
    ok(BCryptDestroyHash(state))
    output = bytearray(77)
    ok(BCryptHash(algorithm, None, b"message", output))
    assert output == expected[:77]
    refused(BCryptOpenAlgorithmProvider(name, None, BCRYPT_ALG_HANDLE_HMAC_FLAG), STATUS_NOT_SUPPORTED)
    ok(BCryptCloseAlgorithmProvider(algorithm))


@pytest.mark.parametrize("size", [0, 1, 31, 33, 64])
def test_the_buffer_must_have_the_digests_length(size):
    """exact size demanded, else INVALID_PARAMETER; the hash is not spent by that.

    contract: rule-size-query, rule-hash-finish [doc].
    """
    state = ok(BCryptCreateHash(BCRYPT_SHA256_ALG_HANDLE))
    refused(BCryptFinishHash(state, bytearray(size)), STATUS_INVALID_PARAMETER)
    refused(BCryptFinishHash(state, None), STATUS_INVALID_PARAMETER)
    refused(BCryptFinishHash(state, bytes(32)), STATUS_INVALID_PARAMETER)
    refused(BCryptFinishHash(state, bytearray(32), 2), STATUS_INVALID_PARAMETER)
    assert finished(state, 32) == hashlib.sha256().digest()
    ok(BCryptDestroyHash(state))
    refused(BCryptHash(BCRYPT_SHA256_ALG_HANDLE, None, b"", bytearray(size)), STATUS_INVALID_PARAMETER)


def test_a_finished_hash_is_spent():
    """contract: rule-hash-finish [doc, wine-test]: more data or another finish is INVALID_HANDLE."""
    state = ok(BCryptCreateHash(BCRYPT_SHA256_ALG_HANDLE))
    finished(state, 32)
    refused(BCryptHashData(state, b"x"), STATUS_INVALID_HANDLE)
    refused(BCryptFinishHash(state, bytearray(32)), STATUS_INVALID_HANDLE)
    refused(BCryptDuplicateHash(state), STATUS_INVALID_HANDLE)
    ok(BCryptDestroyHash(state))


@pytest.mark.parametrize("where", ["open", "create"])
def test_a_reusable_hash_begins_anew(where):
    """contract: rule-hash-finish: unless opened (or created) with HASH_REUSABLE; the key of an HMAC stays."""
    flags = BCRYPT_ALG_HANDLE_HMAC_FLAG | (BCRYPT_HASH_REUSABLE_FLAG if where == "open" else 0)
    algorithm = opened("SHA256", flags)
    state = ok(BCryptCreateHash(algorithm, b"key", BCRYPT_HASH_REUSABLE_FLAG if where == "create" else 0))
    for message in (b"one", b"two", b""):
        ok(BCryptHashData(state, message))
        assert finished(state, 32) == hmac.digest(b"key", message, "sha256")
    ok(BCryptDestroyHash(state))
    ok(BCryptCloseAlgorithmProvider(algorithm))


def test_a_duplicate_goes_its_own_way():
    state = ok(BCryptCreateHash(BCRYPT_SHA256_ALG_HANDLE))
    ok(BCryptHashData(state, b"common "))
    twin = ok(BCryptDuplicateHash(state))
    ok(BCryptHashData(state, b"one"))
    ok(BCryptHashData(twin, b"two"))
    assert finished(state, 32) == hashlib.sha256(b"common one").digest()
    ok(BCryptDestroyHash(state))
    assert finished(twin, 32) == hashlib.sha256(b"common two").digest()
    ok(BCryptDestroyHash(twin))


def test_a_hash_outlives_its_algorithm():
    """contract: rule-lifetimes: lifetimes are independent."""
    algorithm = opened("SHA256")
    state = ok(BCryptCreateHash(algorithm))
    ok(BCryptCloseAlgorithmProvider(algorithm))
    assert finished(state, 32) == hashlib.sha256().digest()
    ok(BCryptDestroyHash(state))


def test_destroying_what_is_no_hash():
    """the exception: INVALID_PARAMETER on NULL, on a destroyed hash, on a secret.

    contract: rule-destroy-hash-status [wine-test].
    """
    _, key = BCryptGenerateKeyPair(BCRYPT_ECDH_P256_ALG_HANDLE, 256)
    ok(BCryptFinalizeKeyPair(key))
    secret = ok(BCryptSecretAgreement(key, key))
    state = ok(BCryptCreateHash(BCRYPT_SHA1_ALG_HANDLE))
    ok(BCryptDestroyHash(state))
    for wrong in (None, 0, state, secret, key, BCRYPT_SHA1_ALG_HANDLE, True, "x"):
        refused(BCryptDestroyHash(wrong), STATUS_INVALID_PARAMETER)
    for wrong in (None, 0, state, secret, key, BCRYPT_SHA1_ALG_HANDLE):
        refused(BCryptHashData(wrong, b"x"), STATUS_INVALID_HANDLE)
        refused(BCryptFinishHash(wrong, bytearray(20)), STATUS_INVALID_HANDLE)
        refused(BCryptDuplicateHash(wrong), STATUS_INVALID_HANDLE)
    ok(BCryptDestroySecret(secret))
    ok(BCryptDestroyKey(key))


def test_hashing_with_what_is_no_hash():
    for handle in (BCRYPT_RSA_ALG_HANDLE, BCRYPT_RNG_ALG_HANDLE):
        refused(BCryptCreateHash(handle), STATUS_NOT_SUPPORTED)
        refused(BCryptHash(handle, None, b"", bytearray(20)), STATUS_NOT_SUPPORTED)
    refused(BCryptCreateHash(None), STATUS_INVALID_HANDLE)
    refused(BCryptCreateHash(BCRYPT_SHA1_ALG_HANDLE, None, 1), STATUS_INVALID_PARAMETER)


@pytest.mark.parametrize("name", [*DIGESTS, *XOFS, "RNG"])
@pytest.mark.parametrize("length", [0, 160, 256, 2048])
def test_what_has_no_key_pairs_says_so(name, length):
    """The page: STATUS_NOT_SUPPORTED, "the specified algorithm does not use asymmetric key pairs"."""
    algorithm = opened(name)
    refused(BCryptGenerateKeyPair(algorithm, length), STATUS_NOT_SUPPORTED)
    refused(BCryptImportKeyPair(algorithm, None, "RSAPUBLICBLOB", b"RSA1"), STATUS_NOT_SUPPORTED)
    ok(BCryptCloseAlgorithmProvider(algorithm))


def test_properties_of_a_hash_object():
    state = ok(BCryptCreateHash(BCRYPT_SHA384_ALG_HANDLE))
    for name, value in (("HashDigestLength", 48), ("IsReusableHash", 0), ("HashBlockLength", 128)):
        output = bytearray(4)
        ok(BCryptGetProperty(state, name, output))
        assert int.from_bytes(output, "little") == value
    output = bytearray(64)
    assert ok(BCryptGetProperty(state, "AlgorithmName", output)) == 14
    assert output[:14].decode("utf-16-le") == "SHA384\0"
    refused(BCryptSetProperty(state, "HashDigestLength", 3), STATUS_NOT_SUPPORTED)
    ok(BCryptDestroyHash(state))
    # contract: rule-get-object-length [wine-test]
    refused(BCryptGetProperty(BCRYPT_RNG_ALG_HANDLE, "ObjectLength"), STATUS_NOT_SUPPORTED)


# --- random numbers (contract: rule-random) ------------------------------------------------------------------

PREFERRED, ENTROPY = BCRYPT_USE_SYSTEM_PREFERRED_RNG, BCRYPT_RNG_USE_ENTROPY_IN_BUFFER


@pytest.mark.parametrize("buffer", [None, bytearray(0), bytearray(16)])
def test_no_handle_and_no_flag(buffer):
    """Row 1 and L4 [wine]: INVALID_HANDLE, whatever the buffer."""
    for null in (None, 0):
        refused(BCryptGenRandom(null, buffer, 0), STATUS_INVALID_HANDLE)


@pytest.mark.parametrize("flags", [PREFERRED, PREFERRED | ENTROPY])
def test_the_systems_generator(flags):
    """Rows 2 and 5 and L5 [wine]: SUCCESS; flag 1 is ignored."""
    buffer = bytearray(32)
    ok(BCryptGenRandom(None, buffer, flags))
    assert any(buffer)
    before = bytes(buffer)
    ok(BCryptGenRandom(None, buffer, flags))
    assert buffer != before


def test_no_buffer():
    """Rows 3 and 4 and L5 [wine]: wanted but not given is INVALID_PARAMETER; nothing wanted is SUCCESS."""
    refused(BCryptGenRandom(None, None, PREFERRED), STATUS_INVALID_PARAMETER)
    ok(BCryptGenRandom(None, bytearray(0), PREFERRED))


def test_an_opened_generator():
    """Row 6 [wine-test]; row 7: a handle with flag 2 is INVALID_PARAMETER."""
    algorithm = opened("RNG")
    for handle in (algorithm, BCRYPT_RNG_ALG_HANDLE):
        buffer = bytearray(32)
        ok(BCryptGenRandom(handle, memoryview(buffer)[8:], 0))
        assert not any(buffer[:8])
        assert any(buffer[8:])
        refused(BCryptGenRandom(handle, buffer, PREFERRED), STATUS_INVALID_PARAMETER)
        refused(BCryptGenRandom(handle, buffer, 4), STATUS_INVALID_PARAMETER)
        refused(BCryptGenRandom(handle, bytes(4), 0), STATUS_INVALID_PARAMETER)
    ok(BCryptCloseAlgorithmProvider(algorithm))
    refused(BCryptGenRandom(algorithm, bytearray(4), 0), STATUS_INVALID_HANDLE)
    refused(BCryptGenRandom(BCRYPT_SHA1_ALG_HANDLE, bytearray(4), 0), STATUS_NOT_SUPPORTED)


def test_older_windows():
    """[introduced]: BCryptHash is Windows 10's; SHA-3 came with 11, SHAKE with 24H2."""
    for version, missing in (("8.1", ["SHA3-256", "SHAKE128"]), ("11", ["SHAKE256"])):
        with cngcore.registry.using(cngcore.Registry(windows=version)):
            for name in missing:
                refused(BCryptOpenAlgorithmProvider(name), STATUS_NOT_FOUND)
            algorithm = opened("SHA256")
            answer = BCryptHash(algorithm, None, b"", bytearray(32))
            assert answer == (STATUS_NOT_SUPPORTED if version == "8.1" else STATUS_SUCCESS)
            ok(BCryptCloseAlgorithmProvider(algorithm))


def test_enumeration_by_operation():
    """contract: rule-enum-interfaces [header]: dwClass is the interface id."""
    hashes = ok(BCryptEnumAlgorithms(BCRYPT_HASH_OPERATION))
    others = {"MD2", "MD4", "AES-CMAC", "AES-GMAC", "KMAC128", "KMAC256", "CSHAKE128", "CSHAKE256"}
    assert {entry.pszName for entry in hashes} == {*DIGESTS, *XOFS, *others}
    assert {entry.dwClass for entry in hashes} == {BCRYPT_HASH_INTERFACE}
    assert [entry.pszName for entry in ok(BCryptEnumAlgorithms(BCRYPT_RNG_OPERATION))] == ["RNG"]


def test_the_object_api():
    with cngcore.open_algorithm_provider("SHA256", flags=bcrypt.BCRYPT_ALG_HANDLE_HMAC_FLAG) as provider:
        with provider.create_hash(b"key") as state:
            state.update(b"one")
            twin = state.copy()
            assert state.finish() == hmac.digest(b"key", b"one", "sha256")
            assert "spent" in repr(state)
            with pytest.raises(cngcore.InvalidHandleError):
                state.update(b"x")
        assert "destroyed" in repr(state)
        assert "key" not in repr(twin).split("Hash")[1]
        assert twin.finish(32) == hmac.digest(b"key", b"one", "sha256")
        with pytest.raises(cngcore.NotSupportedError):
            provider.generate_key_pair(256)
        with pytest.raises(cngcore.NotSupportedError):
            provider.fill_random(memoryview(bytearray(2)))


def test_a_destroyed_hash_lets_go_of_its_key():
    """destroy() says that the key goes: no state of the provider's is left, the untouched beginning neither."""
    from cngcore_hash.hashes import Fixed

    def states():
        gc.collect()
        return sum(type(one) is Fixed for one in gc.get_objects())

    before = states()
    with cngcore.open_algorithm_provider("SHA256", flags=BCRYPT_ALG_HANDLE_HMAC_FLAG) as algorithm:
        kept = [algorithm.create_hash(b"key") for _ in range(3)]
        kept[0].finish()
        assert states() > before
        for each in kept:
            each.destroy()
            with pytest.raises(cngcore.InvalidHandleError):
                _ = each.digest_length
    assert states() == before
