"""ML-KEM by the flat and the object API: encapsulation, the checks of FIPS 203, the cases J1 to J4.

Every installed implementation that has all parameter sets and blobs is tested. What ML-KEM shares with ML-DSA is in
test_ml_keys.py.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest
from helpers import dword_of, exported, generated, imported, ok, opened, refused
from mlkeys import MLKEM, SET_NAME, decapsulated, empty, encapsulated, made
from oracles.values import wide

import cngcore
from cngcore import bcrypt

SUCCESS = bcrypt.STATUS_SUCCESS
BUFFER_TOO_SMALL = bcrypt.STATUS_BUFFER_TOO_SMALL
INVALID_BUFFER_SIZE = bcrypt.STATUS_INVALID_BUFFER_SIZE
INVALID_HANDLE = bcrypt.STATUS_INVALID_HANDLE
INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED

PUBLIC, PRIVATE, SEED = MLKEM.magics
SETS = MLKEM.sets
IMPLEMENTATIONS = MLKEM.implementations()


@pytest.fixture(params=IMPLEMENTATIONS)
def algorithm(request: pytest.FixtureRequest) -> Iterator[int]:
    """ML-KEM of one implementation."""
    with opened("ML-KEM", request.param) as handle:
        yield handle


@pytest.fixture(params=SETS)
def parameter_set(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# ------------------------------------------------------------------------------------------ the case list


def test_j1_seed_blob_of_1024(algorithm: int) -> None:
    """J1 [go]: 86 bytes, cbParameterSet 10."""
    with made(algorithm, "1024") as key:
        blob = exported(key, SEED)
        assert len(blob) == 86
        assert blob[:22] == b"MLKS" + struct.pack("<2I", 10, 64) + wide("1024")


def test_j2_public_blobs(algorithm: int) -> None:
    """J2 [go]."""
    for name, size in (("768", 1204), ("1024", 1590)):
        with made(algorithm, name) as key:
            assert len(exported(key, PUBLIC)) == size


def test_j3_ciphertexts_of_another_length(algorithm: int, parameter_set: str) -> None:
    """J3 [doc]: any other length, shorter or longer."""
    with made(algorithm, parameter_set) as key:
        _, ciphertext = encapsulated(key)
        for other in (b"", ciphertext[:1], ciphertext[:-1], ciphertext + b"\0", ciphertext * 2):
            refused(bcrypt.BCryptDecapsulate(key, other, bytearray(32)), INVALID_BUFFER_SIZE)


def test_j4_implicit_rejection(algorithm: int, parameter_set: str) -> None:
    """J4 [doc]: one bit turned gives another secret, the same one each time."""
    with made(algorithm, parameter_set) as key:
        secret, ciphertext = encapsulated(key)
        assert decapsulated(key, ciphertext) == secret
        seen = {secret}
        for at in (0, len(ciphertext) // 2, len(ciphertext) - 1):
            wrong = bytearray(ciphertext)
            wrong[at] ^= 1
            other = decapsulated(key, bytes(wrong))
            assert other == decapsulated(key, bytes(wrong))
            assert len(other) == 32
            seen.add(other)
        assert len(seen) == 4


# ------------------------------------------------------------------------- the page of BCryptGenerateKeyPair


def test_the_only_flag_is_no_key_validation(algorithm: int, parameter_set: str) -> None:
    """ "This can be zero or ... BCRYPT_NO_KEY_VALIDATION ... Only currently supported for ML-KEM" [doc]."""
    with empty(algorithm, bcrypt.BCRYPT_NO_KEY_VALIDATION) as key:
        ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(parameter_set)))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        secret, ciphertext = encapsulated(key)
        assert decapsulated(key, ciphertext) == secret
    for flags in (*(1 << bit for bit in range(32) if bit != 3), 0x18, 0xFFFFFFFF, 2**32, -1, None, "8", 8.0):
        refused(bcrypt.BCryptGenerateKeyPair(algorithm, 0, flags), INVALID_PARAMETER)


# ---------------------------------------------------------------------------------------------- properties


def test_the_lengths_of_the_kem(algorithm: int, parameter_set: str) -> None:
    """contract: rule-get-kem-lengths [doc]: the secret's on algorithm and key, the ciphertext's on the key."""
    secret, ciphertext = bcrypt.BCRYPT_KEM_SHARED_SECRET_LENGTH, bcrypt.BCRYPT_KEM_CIPHERTEXT_LENGTH
    assert dword_of(algorithm, secret) == dword_of(bcrypt.BCRYPT_MLKEM_ALG_HANDLE, secret) == 32
    refused(bcrypt.BCryptGetProperty(algorithm, ciphertext), NOT_SUPPORTED)
    with made(algorithm, parameter_set) as key, imported(algorithm, PUBLIC, exported(key, PUBLIC)) as public:
        for half in (key, public):
            assert dword_of(half, secret) == 32
            assert dword_of(half, ciphertext) == SETS[parameter_set].output
            refused(bcrypt.BCryptSetProperty(half, ciphertext, 1), NOT_SUPPORTED)
            refused(bcrypt.BCryptSetProperty(half, secret, 32), NOT_SUPPORTED)


# ----------------------------------------------------------------------------------------- export and import


def test_the_private_key_holds_the_public_one(algorithm: int, parameter_set: str) -> None:
    """FIPS 203 section 7.1: dk holds ek."""
    with made(algorithm, parameter_set) as key:
        assert exported(key, PUBLIC)[12 + len(wide(parameter_set)) :] in exported(key, PRIVATE)


def test_trailing_bytes_are_accepted(algorithm: int) -> None:
    """contract: rule-import-mlkem-trailing [go]: an 84-byte seed blob passed as 86; public likewise."""
    with made(algorithm, "768") as key:
        for blob_type in (SEED, PUBLIC):
            blob = exported(key, blob_type)
            with imported(algorithm, blob_type, blob + b"\0\0") as other:
                assert exported(other, blob_type) == blob


def test_no_import_flag_lets_a_bad_key_pass(algorithm: int) -> None:
    with made(algorithm, "768") as key:
        bad = bytearray(exported(key, PUBLIC))
        bad[20:23] = b"\xff\xff\xff"
        for flags in (0, 8, 0x10, 0x18, 0x20):
            refused(bcrypt.BCryptImportKeyPair(algorithm, None, PUBLIC, bad, flags), INVALID_PARAMETER)


@pytest.mark.parametrize("coefficient", [3329, 3330, 4095])
def test_the_modulus_check(algorithm: int, parameter_set: str, coefficient: int) -> None:
    """FIPS 203 section 7.2: a coefficient of 3329 or more, anywhere, in either half of its three bytes."""
    count = (SETS[parameter_set].public - 32) * 8 // 12
    for place in (0, 1, 2, count // 2 + 1, count - 2, count - 1):
        for value, wanted in ((3328, SUCCESS), (coefficient, INVALID_PARAMETER)):
            vector = (value << 12 * place).to_bytes(SETS[parameter_set].public - 32, "little")
            blob = MLKEM.blob(PUBLIC, parameter_set, vector + bytes(32))
            status, key = bcrypt.BCryptImportKeyPair(algorithm, None, PUBLIC, blob)
            assert status == wanted
            if key is not None:
                assert exported(key, PUBLIC) == blob
                encapsulated(key)
                ok(bcrypt.BCryptDestroyKey(key))


def test_the_hash_check(algorithm: int, parameter_set: str) -> None:
    """FIPS 203 section 7.3: a private key holds the hash of its public key; one bit of either is too much."""
    with made(algorithm, parameter_set) as key:
        blob = exported(key, PRIVATE)
        public_bytes, private_bytes = SETS[parameter_set].public, SETS[parameter_set].private
        start = len(blob) - private_bytes
        ek = start + private_bytes - 64 - public_bytes
        for at in (ek, ek + public_bytes // 2, ek + public_bytes - 1, len(blob) - 64, len(blob) - 33):
            bad = bytearray(blob)
            bad[at] ^= 1
            refused(bcrypt.BCryptImportKeyPair(algorithm, None, PRIVATE, bad), INVALID_PARAMETER)
        another_z = bytearray(blob)
        another_z[-1] ^= 1
        with imported(algorithm, PRIVATE, another_z) as other:
            secret, ciphertext = encapsulated(key)
            assert decapsulated(other, ciphertext) == secret
            wrong = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
            assert decapsulated(other, wrong) != decapsulated(key, wrong), "z is what a rejection is made of"


# -------------------------------------------------------------------------- BCryptEncapsulate, BCryptDecapsulate


def test_encapsulation_sizes_and_short_buffers(algorithm: int, parameter_set: str) -> None:
    """Both NULL is the size query; a short buffer is BUFFER_TOO_SMALL, and both sizes are set.

    contract: rule-encapsulate-size [doc].
    """
    size = SETS[parameter_set].output
    with made(algorithm, parameter_set) as key:
        assert bcrypt.BCryptEncapsulate(key) == (SUCCESS, 32, size)
        for secret_size, ciphertext_size in ((31, size), (32, size - 1), (0, 0), (0, size), (32, 0)):
            secret, ciphertext = bytearray(secret_size), bytearray(ciphertext_size)
            assert bcrypt.BCryptEncapsulate(key, secret, ciphertext) == (BUFFER_TOO_SMALL, 32, size)
            assert not any(secret + ciphertext)
        secret, ciphertext = bytearray(40), bytearray(size + 5)
        assert bcrypt.BCryptEncapsulate(key, secret, ciphertext) == (SUCCESS, 32, size)
        assert not any(secret[32:] + ciphertext[size:])
        assert decapsulated(key, bytes(ciphertext[:size])) == secret[:32]
        assert encapsulated(key) != encapsulated(key), "each is a fresh one"


def test_decapsulation_sizes_and_short_buffers(algorithm: int, parameter_set: str) -> None:
    """contract: rule-size-query, rule-decapsulate [doc]."""
    with made(algorithm, parameter_set) as key:
        secret, ciphertext = encapsulated(key)
        assert bcrypt.BCryptDecapsulate(key, ciphertext) == (SUCCESS, 32)
        for size in (0, 31):
            short = bytearray(size)
            assert bcrypt.BCryptDecapsulate(key, ciphertext, short) == (BUFFER_TOO_SMALL, 32)
            assert not any(short)
        longer = bytearray(40)
        assert bcrypt.BCryptDecapsulate(key, ciphertext, longer) == (SUCCESS, 32)
        assert longer == secret + bytes(8)


def test_wrong_arguments_of_the_two_functions(algorithm: int) -> None:
    """A NULL handle and one NULL output are INVALID_PARAMETER, a stale or wrong handle INVALID_HANDLE.

    contract: rule-python-kem-handles.
    """
    with made(algorithm, "768") as key:
        for null in (None, 0):
            refused(bcrypt.BCryptEncapsulate(null), INVALID_PARAMETER)
            refused(bcrypt.BCryptDecapsulate(null, bytes(1088)), INVALID_PARAMETER)
        for wrong in (algorithm, key + 16, 2**70, "key"):
            refused(bcrypt.BCryptEncapsulate(wrong), INVALID_HANDLE)
            refused(bcrypt.BCryptDecapsulate(wrong, bytes(1088)), INVALID_HANDLE)
        refused(bcrypt.BCryptEncapsulate(key, bytearray(32), None), INVALID_PARAMETER)
        refused(bcrypt.BCryptEncapsulate(key, None, bytearray(1088)), INVALID_PARAMETER)
        refused(bcrypt.BCryptEncapsulate(key, bytes(32), bytearray(1088)), INVALID_PARAMETER)
        refused(bcrypt.BCryptDecapsulate(key, None), INVALID_PARAMETER)
        refused(bcrypt.BCryptDecapsulate(key, None, bytearray(32)), INVALID_PARAMETER)
        for flags in (1, 0x80000000, -1, None):
            refused(bcrypt.BCryptEncapsulate(key, None, None, flags), INVALID_PARAMETER)
            refused(bcrypt.BCryptDecapsulate(key, bytes(1088), None, flags), INVALID_PARAMETER)


def test_other_algorithms_do_not_encapsulate_and_this_one_does_nothing_else(algorithm: int) -> None:
    """contract: rule-encapsulate-other-key, rule-sign, rule-encrypt, rule-agreement [inferred]: NOT_SUPPORTED."""
    with generated("ECDSA_P256", 256) as other:
        refused(bcrypt.BCryptEncapsulate(other), NOT_SUPPORTED)
        refused(bcrypt.BCryptDecapsulate(other, bytes(1088), bytearray(32)), NOT_SUPPORTED)
    with made(algorithm, "768") as key:
        refused(bcrypt.BCryptSignHash(key, None, bytes(32)), NOT_SUPPORTED)
        refused(bcrypt.BCryptVerifySignature(key, None, bytes(32), bytes(64)), NOT_SUPPORTED)
        refused(bcrypt.BCryptEncrypt(key, bytes(32)), NOT_SUPPORTED)
        refused(bcrypt.BCryptDecrypt(key, bytes(32)), NOT_SUPPORTED)
        refused(bcrypt.BCryptSecretAgreement(key, key), NOT_SUPPORTED)


# ----------------------------------------------------------------------------------- versions, lists, object API


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_the_object_api(implementation: str, parameter_set: str) -> None:
    """contract: rule-python-objects: the example, the same statuses as exceptions, Python types."""
    key = cngcore.generate_key_pair("ML-KEM", parameter_set=parameter_set, implementation=implementation)
    assert key.provenance.implementation == implementation
    secret, ciphertext = key.encapsulate()
    assert (type(secret), type(ciphertext)) == (bytes, bytes)
    assert key.decapsulate(ciphertext) == key.decapsulate(bytearray(ciphertext)) == secret
    assert key.get_property("ParameterSetName") == parameter_set
    assert key.get_property("KEMCiphertextLength") == len(ciphertext) == SETS[parameter_set].output
    assert key.get_property("KEMSharedSecretLength") == 32
    assert type(key.export(PUBLIC)) is bytes
    assert type(key.export(PRIVATE)) is type(key.export(SEED)) is bytearray
    public = key.public()
    again, for_key = public.encapsulate()
    assert key.decapsulate(for_key) == again
    assert public.export(PUBLIC) == key.export(PUBLIC)
    wrong: list[tuple[type[Exception], Any]] = [
        (cngcore.InvalidBufferSizeError, lambda: key.decapsulate(ciphertext[:-1])),
        (cngcore.InvalidBufferSizeError, lambda: key.decapsulate(b"")),
        (cngcore.InvalidParameterError, lambda: key.decapsulate("text")),
        (cngcore.InvalidParameterError, lambda: public.decapsulate(ciphertext)),
        (cngcore.InvalidParameterError, lambda: public.export(SEED)),
        (cngcore.NotSupportedError, lambda: key.export("RSAPUBLICBLOB")),
        (cngcore.NotSupportedError, lambda: key.sign_hash(bytes(32))),
        (cngcore.InvalidHandleError, lambda: key.finalize()),
    ]
    for kind, call in wrong:
        with pytest.raises(kind):
            call()
    key.destroy()
    with pytest.raises(cngcore.InvalidHandleError):
        key.encapsulate()
