"""The same calls through cngcore.bcrypt and through a library have the same answers."""

import ctypes
import struct

import pytest

from cngcore import bcrypt
from cngcore.bcrypt import *
from cngcore.windll import FUNCTIONS, Library
from cngcore.windll._arguments import WIDTH, Arguments
from cngcore.windll._memory import open_blocks

LIBRARY = Library.in_process()
TARGETS = {"flat": bcrypt, "library": LIBRARY}
KEY = bytes(range(16))


class Played:
    """The functions of a target. Every answer is kept, with handles replaced by their order of appearance."""

    def __init__(self, target):
        self._target, self._seen, self.answers = target, {}, []

    def __getattr__(self, name):
        function = getattr(self._target, name)

        def call(*arguments, **named):
            answer = function(*arguments, **named)
            self.answers.append((name, self._shown(answer)))
            return answer

        return call

    def note(self, *values):
        self.answers.append(("note", tuple(map(bytes, values))))

    def _shown(self, answer):
        if isinstance(answer, tuple):
            return tuple(map(self._shown, answer))
        if type(answer) is int and answer >= 0x10000:
            return f"handle {self._seen.setdefault(answer, len(self._seen))}"
        return repr(answer)


# --- what is played: each function is one program ---------------------------------------------------------------------


def hashes(api):
    _, algorithm = api.BCryptOpenAlgorithmProvider("SHA256")
    _, state = api.BCryptCreateHash(algorithm)
    api.BCryptHashData(state, b"one")
    api.BCryptHashData(state, None)
    api.BCryptHashData(state, memoryview(b"two")[1:], 0)
    _, twin = api.BCryptDuplicateHash(state)
    api.BCryptFinishHash(twin, None)
    for handle, size in ((state, 31), (state, 32), (state, 32), (twin, 32)):
        digest = bytearray(size)
        api.BCryptFinishHash(handle, digest)
        api.note(digest)
    api.BCryptDestroyHash(state)
    api.BCryptDestroyHash(state)
    api.BCryptDestroyHash(twin)
    digest = bytearray(32)
    api.BCryptHash(algorithm, None, b"", digest)
    api.BCryptHash(algorithm, b"secret", b"data", digest)
    api.BCryptHash(algorithm, None, b"", bytes(32))
    api.note(digest)
    api.BCryptCloseAlgorithmProvider(algorithm)
    api.BCryptCloseAlgorithmProvider(algorithm)


def hmacs(api):
    _, algorithm = api.BCryptOpenAlgorithmProvider("SHA384", MS_PRIMITIVE_PROVIDER, BCRYPT_ALG_HANDLE_HMAC_FLAG)
    digest = bytearray(48)
    api.BCryptHash(algorithm, bytearray(b"key"), memoryview(bytearray(b"data")), digest)
    api.note(digest)
    key = bytearray(20)
    api.BCryptDeriveKeyPBKDF2(algorithm, b"password", b"salt", 7, key)
    api.BCryptDeriveKeyPBKDF2(algorithm, b"password", None, 7, key, 1)
    api.BCryptDeriveKeyPBKDF2(algorithm, None, None, 7, key)
    api.note(key)
    api.BCryptCloseAlgorithmProvider(algorithm)


def multi_hashes(api):
    _, algorithm = api.BCryptOpenAlgorithmProvider("SHA256", None, BCRYPT_MULTI_FLAG)
    _, state = api.BCryptCreateMultiHash(algorithm, 2, None, BCRYPT_HASH_REUSABLE_FLAG)
    one, two = bytearray(32), bytearray(32)
    steps = [
        BCRYPT_MULTI_HASH_OPERATION(0, BCRYPT_HASH_OPERATION_HASH_DATA, b"a"),
        BCRYPT_MULTI_HASH_OPERATION(1, BCRYPT_HASH_OPERATION_HASH_DATA, b"b"),
        BCRYPT_MULTI_HASH_OPERATION(1, BCRYPT_HASH_OPERATION_FINISH_HASH, two),
        BCRYPT_MULTI_HASH_OPERATION(0, BCRYPT_HASH_OPERATION_FINISH_HASH, one),
    ]
    for operations in (steps, [], None, [None], 7):
        api.BCryptProcessMultiOperations(state, BCRYPT_OPERATION_TYPE_HASH, operations)
    api.note(one, two)
    api.BCryptDestroyHash(state)


def rsa(api):
    _, algorithm = api.BCryptOpenAlgorithmProvider("RSA")
    _, key = api.BCryptGenerateKeyPair(algorithm, 1024)
    api.BCryptSetProperty(key, "KeyLength", 2048)
    api.BCryptSetProperty(key, "KeyLength", (1024).to_bytes(4, "little"))
    api.BCryptGetProperty(key, "KeyLength")
    api.BCryptExportKey(key, None, "RSAPUBLICBLOB")
    api.BCryptFinalizeKeyPair(key)
    api.BCryptFinalizeKeyPair(key)
    length = bytearray(4)
    api.BCryptGetProperty(key, "SignatureLength", length)
    api.BCryptGetProperty(key, "SignatureLength", bytearray(3))
    api.BCryptGetProperty(key, "NoSuchProperty")
    api.note(length)
    signature = bytearray(128)
    api.BCryptSignHash(key, None, None)
    for padding, flags in (
        (BCRYPT_PSS_PADDING_INFO("SHA256", 20), BCRYPT_PAD_PSS),
        (BCRYPT_PKCS1_PADDING_INFO("SHA256"), BCRYPT_PAD_PKCS1),
        (BCRYPT_PKCS1_PADDING_INFO(None), BCRYPT_PAD_PKCS1),
    ):
        api.BCryptSignHash(key, padding, bytes(32), signature, flags)
        api.BCryptVerifySignature(key, padding, bytes(32), signature, flags)
        api.BCryptVerifySignature(key, padding, b"\1" * 32, bytes(signature), dwFlags=flags)
        api.BCryptSignHash(key, padding, bytes(32), bytearray(5), flags)
    api.BCryptSignHash(key, BCRYPT_PSS_PADDING_INFO("SHA257", 20), bytes(32), signature, BCRYPT_PAD_PSS)
    api.BCryptSignHash(key, "padding", bytes(32), signature, BCRYPT_PAD_PSS)
    ciphertext, plaintext = bytearray(128), bytearray(128)
    oaep = BCRYPT_OAEP_PADDING_INFO("SHA1", b"label")
    api.BCryptEncrypt(key, b"data", oaep, None, ciphertext, BCRYPT_PAD_OAEP)
    api.BCryptDecrypt(key, ciphertext, oaep, None, plaintext, BCRYPT_PAD_OAEP)
    api.BCryptDecrypt(key, ciphertext, BCRYPT_OAEP_PADDING_INFO("SHA1"), None, plaintext, BCRYPT_PAD_OAEP)
    api.BCryptDecrypt(key, ciphertext, oaep, None, bytearray(2), BCRYPT_PAD_OAEP)
    api.note(plaintext)
    _, size = api.BCryptExportKey(key, None, "RSAFULLPRIVATEBLOB")
    blob = bytearray(size)
    api.BCryptExportKey(key, None, "RSAFULLPRIVATEBLOB", blob)
    _, again = api.BCryptImportKeyPair(algorithm, None, "RSAFULLPRIVATEBLOB", blob)
    api.BCryptImportKeyPair(algorithm, None, "RSAFULLPRIVATEBLOB", blob[:50])
    api.BCryptImportKeyPair(algorithm, None, "RSAFULLPRIVATEBLOB", None)
    api.BCryptVerifySignature(again, padding, bytes(32), signature, flags)
    for handle in (key, again, key, algorithm, None, "key", -1):
        api.BCryptDestroyKey(handle)
    api.BCryptCloseAlgorithmProvider(algorithm)


def agreement(api):
    _, algorithm = api.BCryptOpenAlgorithmProvider("ECDH")
    api.BCryptSetProperty(algorithm, "ECCCurveName", "nistP256")
    keys = []
    for number in (1, 2):
        blob = struct.pack("<II", BCRYPT_ECDH_PRIVATE_GENERIC_MAGIC, 32) + bytes(64) + number.to_bytes(32, "big")
        keys.append(api.BCryptImportKeyPair(algorithm, None, "ECCPRIVATEBLOB", blob)[1])
    _, secret = api.BCryptSecretAgreement(*keys)
    for kdf, parameters, flags in (
        ("TRUNCATE", None, 0),
        ("HASH", [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA384"), BCryptBuffer(KDF_SECRET_APPEND, b"end")], 0),
        ("HMAC", (BCryptBuffer(KDF_HASH_ALGORITHM, "SHA256".encode("utf-16-le") + bytes(2)),), 1),
        ("TLS_PRF", [
            BCryptBuffer(KDF_TLS_PRF_LABEL, b"l"), BCryptBuffer(KDF_TLS_PRF_SEED, bytearray(64)),
            BCryptBuffer(KDF_TLS_PRF_PROTOCOL, TLS1_2_PROTOCOL_VERSION),
        ], 0),
        ("HASH", [BCryptBuffer(999, b"")], 0),
        ("HASH", ["buffer"], 0),
        ("HASH", [], 0),
        ("NONE", None, 0),
    ):  # fmt: skip
        derived = bytearray(70)
        api.BCryptDeriveKey(secret, kdf, parameters, None, flags)
        api.BCryptDeriveKey(secret, kdf, parameters, derived, flags)
        api.note(derived)
    api.BCryptDestroySecret(secret)
    api.BCryptDestroySecret(secret)


def lattices(api):
    _, algorithm = api.BCryptOpenAlgorithmProvider("ML-KEM")
    _, key = api.BCryptGenerateKeyPair(algorithm, 0)
    api.BCryptSetProperty(key, "ParameterSetName", "512")
    api.BCryptFinalizeKeyPair(key)
    secret, ciphertext, again = bytearray(32), bytearray(768), bytearray(32)
    api.BCryptEncapsulate(key)
    api.BCryptEncapsulate(key, secret, ciphertext)
    api.BCryptEncapsulate(key, secret, ciphertext[:-1])
    api.BCryptEncapsulate(None, secret, ciphertext)
    api.BCryptDecapsulate(key, ciphertext)
    api.BCryptDecapsulate(key, ciphertext, again)
    api.BCryptDecapsulate(key, ciphertext[:-1], again)
    api.answers.append(("note", secret == again))
    _, signer = api.BCryptOpenAlgorithmProvider("ML-DSA")
    _, key = api.BCryptGenerateKeyPair(signer, 0)
    api.BCryptSetProperty(key, "ParameterSetName", "44")
    api.BCryptFinalizeKeyPair(key)
    signature = bytearray(2420)
    padding = BCRYPT_PQDSA_PADDING_INFO(b"context")
    api.BCryptSignHash(key, padding, b"message", signature, BCRYPT_PAD_PQDSA)
    api.BCryptVerifySignature(key, padding, b"message", signature, BCRYPT_PAD_PQDSA)
    api.BCryptVerifySignature(key, None, b"message", signature)
    api.BCryptVerifySignature(key, BCRYPT_PQDSA_PADDING_INFO(bytes(256)), b"message", signature, BCRYPT_PAD_PQDSA)


def ciphers(api):
    _, algorithm = api.BCryptOpenAlgorithmProvider("AES")
    api.BCryptSetProperty(algorithm, "ChainingMode", "ChainingModeCBC")
    _, key = api.BCryptGenerateSymmetricKey(algorithm, KEY)
    iv, buffer = bytearray(16), bytearray(b"in place, two blocks of 16 bytes")
    api.BCryptEncrypt(key, buffer, None, iv, buffer)
    api.note(iv, buffer)
    api.BCryptDecrypt(key, buffer, None, bytearray(16), buffer)
    api.note(buffer)
    api.BCryptEncrypt(key, memoryview(buffer)[:16], None, iv, memoryview(buffer)[8:])
    output = bytearray(32)
    api.BCryptEncrypt(key, b"odd", None, iv, None, BCRYPT_BLOCK_PADDING)
    api.BCryptEncrypt(key, b"odd", None, iv, output, BCRYPT_BLOCK_PADDING)
    api.BCryptEncrypt(key, b"odd", None, iv, output)
    api.note(iv, output)
    _, twin = api.BCryptDuplicateKey(key)
    blob = bytearray(12 + 16)
    api.BCryptExportKey(twin, None, "KeyDataBlob", blob)
    api.note(blob)
    api.BCryptImportKey(algorithm, None, "KeyDataBlob", blob)
    wrapped = bytearray(24)
    api.BCryptExportKey(twin, key, "Rfc3565KeyWrapBlob", wrapped)
    api.BCryptImportKey(algorithm, key, "Rfc3565KeyWrapBlob", wrapped)
    api.note(wrapped)


def authenticated(api):
    _, algorithm = api.BCryptOpenAlgorithmProvider("AES")
    api.BCryptSetProperty(algorithm, "ChainingMode", "ChainingModeGCM")
    _, key = api.BCryptGenerateSymmetricKey(algorithm, KEY)
    tag, output = bytearray(16), bytearray(8)
    info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(bytes(12), b"associated", tag)
    api.BCryptEncrypt(key, b"12345678", info, None, output)
    api.note(tag, output)
    for wrong in (bytes(16), bytes(tag)):
        info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(bytes(12), b"associated", wrong)
        plain = bytearray(8)
        api.BCryptDecrypt(key, output, info, None, plain)
        api.note(plain)
    api.BCryptEncrypt(key, b"12345678", info, None, output)  # a tag that cannot be written
    api.BCryptEncrypt(key, b"12345678", None, None, output)
    chained = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(
        bytes(12), b"associated", tag, bytearray(16), dwFlags=BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    )
    iv, piece = bytearray(16), bytearray(16)
    for data in (b"a" * 16, b"b" * 16, b"last"):
        if data == b"last":
            chained.dwFlags &= ~BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
        api.BCryptEncrypt(key, data, chained, iv, piece)
        api.answers.append(("note", (chained.cbAAD, chained.cbData, chained.dwFlags)))
        api.note(piece)
    api.note(tag)


def derivation(api):
    _, algorithm = api.BCryptOpenAlgorithmProvider("PBKDF2")
    _, key = api.BCryptGenerateSymmetricKey(algorithm, b"password")
    derived = bytearray(24)
    parameters = [
        BCryptBuffer(KDF_HASH_ALGORITHM, "SHA256"), BCryptBuffer(KDF_SALT, b"salt"),
        BCryptBuffer(KDF_ITERATION_COUNT, 11),
    ]  # fmt: skip
    api.BCryptKeyDerivation(key, parameters, derived)
    api.note(derived)
    api.BCryptKeyDerivation(key, parameters)
    api.BCryptKeyDerivation(key, [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA257")], derived)
    _, hashing = api.BCryptOpenAlgorithmProvider("SHA1")
    _, state = api.BCryptCreateHash(hashing)
    api.BCryptDeriveKeyCapi(state, None, derived)
    api.BCryptDeriveKeyCapi(None, None, derived)
    api.note(derived)


def mistakes(api):
    api.BCryptOpenAlgorithmProvider("NONE")
    api.BCryptOpenAlgorithmProvider(None)
    api.BCryptOpenAlgorithmProvider("RSA", "nobody")
    api.BCryptOpenAlgorithmProvider("RSA", None, 0x80000000)
    api.BCryptOpenAlgorithmProvider("RSA", None, -1)
    api.BCryptGenerateKeyPair(None, 1024)
    api.BCryptGenerateKeyPair(8, 1024)
    api.BCryptGetProperty(None, "KeyLength")
    api.BCryptSetProperty(BCRYPT_RSA_ALG_HANDLE, "KeyLength", 1024)
    api.BCryptGenRandom(None, bytearray(4))
    api.BCryptGenRandom(None, bytearray(4), BCRYPT_USE_SYSTEM_PREFERRED_RNG)
    api.BCryptGenRandom(None, bytes(4), BCRYPT_USE_SYSTEM_PREFERRED_RNG)
    api.BCryptGetFipsAlgorithmMode()


def lists(api):
    api.BCryptEnumAlgorithms()
    api.BCryptEnumAlgorithms(BCRYPT_SIGNATURE_OPERATION)
    api.BCryptEnumAlgorithms(0x8000)
    api.BCryptEnumProviders("AES")
    api.BCryptEnumProviders("NONE")
    api.BCryptEnumProviders(None)
    api.BCryptEnumRegisteredProviders()


PROGRAMS = (
    hashes, hmacs, multi_hashes, rsa, agreement, lattices, ciphers, authenticated, derivation, mistakes, lists,
)  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_library_answers_as_the_flat_api(program):
    found = {}
    for name, target in TARGETS.items():
        api = Played(target)
        program(api)
        found[name] = api.answers
    for flat, library in zip(found["flat"], found["library"], strict=True):
        assert library == flat


def test_the_programs_play_almost_every_function():
    played = {name for program in PROGRAMS for name in program.__code__.co_names if name.startswith("BCrypt")}
    assert set(FUNCTIONS) - played == {"BCryptFreeBuffer"}


def test_lists_are_freed():
    before = open_blocks()
    lists(LIBRARY)
    assert open_blocks() == before


def test_strings_go_out_with_two_bytes_a_character():
    kept = Arguments()
    address = kept.text("pszAlgId", "ML-KEM")
    assert ctypes.string_at(address, 14) == "ML-KEM\0".encode("utf-16-le")
    assert WIDTH == 2


def test_a_library_that_is_not_there():
    with pytest.raises(OSError, match="no-such-library"):
        Library("no-such-library.so")


def test_a_function_that_is_not_there():
    library = Library(ctypes.pythonapi)
    with pytest.raises(AttributeError, match="has no function BCryptEncapsulate"):
        _ = library.BCryptEncapsulate
    assert not library.has("BCryptEncapsulate")
    assert LIBRARY.has("BCryptEncapsulate")
    with pytest.raises(AttributeError, match=r"bcrypt\.h has no function"):
        _ = LIBRARY.NCryptOpenKey
    assert "BCryptEncapsulate" in dir(LIBRARY)


def test_a_call_with_wrong_arguments_is_a_type_error_as_in_python():
    with pytest.raises(TypeError, match="missing a required argument: 'dwLength'"):
        LIBRARY.BCryptGenerateKeyPair(1)
    with pytest.raises(TypeError, match="too many"):
        LIBRARY.BCryptDestroyKey(1, 2)
