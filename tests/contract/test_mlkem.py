"""ML-KEM by the flat and the object API: every row of the contract that names it, cases J1 to J5, the page's sentences.

Everything is asked of each implementation that is installed and has all sets and blobs; those are built here by hand.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from helpers import dword_of, exported, generated, imported, ok, opened, property_of, refused, text_of
from oracles.values import wide

import cngcore
from cngcore import bcrypt

SUCCESS = bcrypt.STATUS_SUCCESS
BUFFER_TOO_SMALL = bcrypt.STATUS_BUFFER_TOO_SMALL
INVALID_BUFFER_SIZE = bcrypt.STATUS_INVALID_BUFFER_SIZE
INVALID_HANDLE = bcrypt.STATUS_INVALID_HANDLE
INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED

PUBLIC, PRIVATE, SEED = "MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB"
MAGIC = {PUBLIC: b"MLKP", PRIVATE: b"MLKR", SEED: b"MLKS"}
SETS = {
    # name: bytes of the public key, the private key, the ciphertext; of the three blobs
    # (contract: rule-layout-pq-sizes)
    "512": (800, 1632, 768, (820, 1652, 84)),
    "768": (1184, 2400, 1088, (1204, 2420, 84)),
    "1024": (1568, 3168, 1568, (1590, 3190, 86)),
}
SET_NAME = bcrypt.BCRYPT_PARAMETER_SET_NAME

IMPLEMENTATIONS = [
    found.implementation
    for found in cngcore.registry.default().candidates("ML-KEM")
    if found.unavailable() is None
    and {known.name for known in found.algorithm.parameter_sets} == set(SETS)
    and {kind.name for kind in found.algorithm.blob_types.values() if kind.imports} >= set(MAGIC)
]


@pytest.fixture(params=IMPLEMENTATIONS)
def algorithm(request: pytest.FixtureRequest) -> Iterator[int]:
    """ML-KEM of one implementation."""
    with opened("ML-KEM", request.param) as handle:
        yield handle


@pytest.fixture(params=SETS)
def parameter_set(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def empty(algorithm: int | str, flags: int = 0) -> Iterator[int]:
    with ExitStack() as stack:
        handle = stack.enter_context(opened(algorithm)) if isinstance(algorithm, str) else algorithm
        key = ok(bcrypt.BCryptGenerateKeyPair(handle, 0, flags))
        stack.callback(bcrypt.BCryptDestroyKey, key)
        yield key


@contextmanager
def made(algorithm: int | str, parameter_set: str) -> Iterator[int]:
    with empty(algorithm) as key:
        ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(parameter_set)))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        yield key


def blob_of(blob_type: str, parameter_set: str, key: bytes) -> bytes:
    name = wide(parameter_set)
    return MAGIC[blob_type] + struct.pack("<2I", len(name), len(key)) + name + key


def encapsulated(key: int) -> tuple[bytes, bytes]:
    """Size query, then the call, as C code does it: (secret, ciphertext)."""
    sizes = ok(bcrypt.BCryptEncapsulate(key))
    secret, ciphertext = bytearray(sizes[0]), bytearray(sizes[1])
    assert ok(bcrypt.BCryptEncapsulate(key, secret, ciphertext)) == sizes
    return bytes(secret), bytes(ciphertext)


def decapsulated(key: int, ciphertext: bytes) -> bytes:
    size = ok(bcrypt.BCryptDecapsulate(key, ciphertext))
    secret = bytearray(size)
    assert ok(bcrypt.BCryptDecapsulate(key, ciphertext, secret)) == size
    return bytes(secret)


def test_both_implementations_of_ours_are_asked() -> None:
    assert {"cryptography", "pqcrypto"} <= set(IMPLEMENTATIONS)
    names = ok(bcrypt.BCryptEnumProviders("ML-KEM"))
    assert names.index("cryptography") < names.index("pqcrypto")


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


def test_j5_no_parameter_set(algorithm: int) -> None:
    """J5 [inferred]: INVALID_PARAMETER, and the key stays open for another try."""
    with empty(algorithm) as key:
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)
        ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide("512")))
        ok(bcrypt.BCryptFinalizeKeyPair(key))


# ------------------------------------------------------------------------- the page of BCryptGenerateKeyPair


def test_length_zero_is_accepted_and_no_other(algorithm: int) -> None:
    """The page's row of ML-KEM; nonzero [inferred]: INVALID_PARAMETER, over 2,000 of them."""
    rng = random.Random("ML-KEM")
    others = {1, -1, 8, 32, 512, 768, 1024, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**64, -(2**32), 10**30}
    while len(others) < 2100:
        others.update((rng.randrange(1, 20000), rng.randrange(-(2**33), 2**33), rng.getrandbits(100)))
    others.discard(0)
    with empty(algorithm):
        pass
    wrong = [n for n in others if bcrypt.BCryptGenerateKeyPair(algorithm, n) != (INVALID_PARAMETER, None)]
    assert wrong == []
    for length in (None, "0", b"\0", 0.0, "512"):
        refused(bcrypt.BCryptGenerateKeyPair(algorithm, length), INVALID_PARAMETER)


def test_the_only_flag_is_no_key_validation(algorithm: int, parameter_set: str) -> None:
    """ "This can be zero or ... BCRYPT_NO_KEY_VALIDATION ... Only currently supported for ML-KEM" [doc]."""
    with empty(algorithm, bcrypt.BCRYPT_NO_KEY_VALIDATION) as key:
        ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(parameter_set)))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        secret, ciphertext = encapsulated(key)
        assert decapsulated(key, ciphertext) == secret
    for flags in (*(1 << bit for bit in range(32) if bit != 3), 0x18, 0xFFFFFFFF, 2**32, -1, None, "8", 8.0):
        refused(bcrypt.BCryptGenerateKeyPair(algorithm, 0, flags), INVALID_PARAMETER)


def test_flags_of_finalize(algorithm: int) -> None:
    """contract: rule-finalize-flags [header]: 0, NO_KEY_VALIDATION, RANGE_AND_ORDER; a refusal leaves the key open."""
    for flags in (0, bcrypt.BCRYPT_NO_KEY_VALIDATION, bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER):
        with empty(algorithm) as key:
            ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide("768")))
            for wrong in (1, 0x10, 0x20, 0x80000000):
                refused(bcrypt.BCryptFinalizeKeyPair(key, wrong), INVALID_PARAMETER)
            ok(bcrypt.BCryptFinalizeKeyPair(key, flags))


def test_the_pseudo_handle() -> None:
    """ "or may be a CNG Algorithm Pseudo-handle"; properties are set on the key, never on it.

    contract: rule-pseudo-set-property.
    """
    handle = bcrypt.BCRYPT_MLKEM_ALG_HANDLE
    with made(handle, "768") as key:
        blob = exported(key, PUBLIC)
    with imported(handle, PUBLIC, blob) as key:
        assert exported(key, PUBLIC) == blob
    refused(bcrypt.BCryptSetProperty(handle, SET_NAME, wide("768")), bcrypt.STATUS_ACCESS_DENIED)
    assert dword_of(handle, bcrypt.BCRYPT_KEM_SHARED_SECRET_LENGTH) == 32


# ------------------------------------------------------------------------------- life cycle (contract: rule-life-cycle)


def test_an_empty_key_cannot_be_used(algorithm: int) -> None:
    """contract: rule-life-unfinalized: INVALID_HANDLE, with and without a parameter set; destroying it is fine."""
    for name in (None, "768"):
        with empty(algorithm) as key:
            if name is not None:
                ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(name)))
            refused(bcrypt.BCryptEncapsulate(key), INVALID_HANDLE)
            refused(bcrypt.BCryptEncapsulate(key, bytearray(32), bytearray(1088)), INVALID_HANDLE)
            refused(bcrypt.BCryptDecapsulate(key, bytes(1088)), INVALID_HANDLE)
            refused(bcrypt.BCryptDecapsulate(key, bytes(1088), bytearray(32)), INVALID_HANDLE)
            for blob_type in (PUBLIC, PRIVATE, SEED):
                refused(bcrypt.BCryptExportKey(key, None, blob_type), INVALID_HANDLE)
            refused(bcrypt.BCryptGetProperty(key, bcrypt.BCRYPT_KEM_CIPHERTEXT_LENGTH), INVALID_HANDLE)


def test_a_key_is_finalized_once(algorithm: int, parameter_set: str) -> None:
    """contract: rule-life-finalized [wine-test]: a second time, and on an imported key, INVALID_HANDLE."""
    with made(algorithm, parameter_set) as key:
        before = exported(key, SEED)
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_HANDLE)
        refused(bcrypt.BCryptSetProperty(key, SET_NAME, wide("512")), INVALID_HANDLE)
        assert exported(key, SEED) == before
        with imported(algorithm, PUBLIC, exported(key, PUBLIC)) as public:
            refused(bcrypt.BCryptFinalizeKeyPair(public), INVALID_HANDLE)
        refused(bcrypt.BCryptDuplicateKey(key), INVALID_HANDLE)


def test_keys_outlive_their_algorithm(parameter_set: str) -> None:
    """contract: rule-lifetimes."""
    handle = ok(bcrypt.BCryptOpenAlgorithmProvider("ML-KEM"))
    key = ok(bcrypt.BCryptGenerateKeyPair(handle, 0))
    ok(bcrypt.BCryptCloseAlgorithmProvider(handle))
    ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(parameter_set)))
    ok(bcrypt.BCryptFinalizeKeyPair(key))
    secret, ciphertext = encapsulated(key)
    assert decapsulated(key, ciphertext) == secret
    ok(bcrypt.BCryptDestroyKey(key))
    refused(bcrypt.BCryptEncapsulate(key), INVALID_HANDLE)
    refused(bcrypt.BCryptDestroyKey(key), INVALID_HANDLE)


# ------------------------------------------------ properties (contract: rule-set-parameter-set-open, rule-get-property)


def test_the_parameter_set_is_a_property_of_the_key(algorithm: int, parameter_set: str) -> None:
    """a string with its NUL; the last one set wins.

    contract: rule-set-parameter-set-open, rule-get-parameter-set [doc, dotnet].
    """
    with empty(algorithm) as key:
        for name in (*SETS, parameter_set):
            ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(name)))
            assert text_of(key, SET_NAME) == name
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert property_of(key, SET_NAME) == wide(parameter_set)
        short = bytearray(len(wide(parameter_set)) - 1)
        answer = bcrypt.BCryptGetProperty(key, SET_NAME, short)
        assert answer == (BUFFER_TOO_SMALL, len(wide(parameter_set)))
        assert not any(short)
        for blob_type in (PUBLIC, PRIVATE, SEED):
            with imported(algorithm, blob_type, exported(key, blob_type)) as other:
                assert text_of(other, SET_NAME) == parameter_set


@pytest.mark.parametrize("wrong", ["", "44", "65", "87", "2048", "ML-KEM-768", " 768", "768 ", "７６８"])
def test_another_parameter_set(algorithm: int, wrong: str) -> None:
    """contract: rule-set-parameter-set-open [inferred]: INVALID_PARAMETER; what was set stays."""
    with empty(algorithm) as key:
        ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide("1024")))
        refused(bcrypt.BCryptSetProperty(key, SET_NAME, wide(wrong)), INVALID_PARAMETER)
        refused(bcrypt.BCryptSetProperty(key, SET_NAME, None), INVALID_PARAMETER)
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert text_of(key, SET_NAME) == "1024"


def test_the_parameter_set_is_no_property_of_the_algorithm(algorithm: int) -> None:
    """contract: rule-set-parameter-set-open [inferred]."""
    refused(bcrypt.BCryptSetProperty(algorithm, SET_NAME, wide("768")), NOT_SUPPORTED)
    refused(bcrypt.BCryptGetProperty(algorithm, SET_NAME), NOT_SUPPORTED)


def test_the_lengths_of_the_kem(algorithm: int, parameter_set: str) -> None:
    """contract: rule-get-kem-lengths [doc]: the secret's on algorithm and key, the ciphertext's on the key."""
    secret, ciphertext = bcrypt.BCRYPT_KEM_SHARED_SECRET_LENGTH, bcrypt.BCRYPT_KEM_CIPHERTEXT_LENGTH
    assert dword_of(algorithm, secret) == 32
    refused(bcrypt.BCryptGetProperty(algorithm, ciphertext), NOT_SUPPORTED)
    with made(algorithm, parameter_set) as key, imported(algorithm, PUBLIC, exported(key, PUBLIC)) as public:
        for half in (key, public):
            assert dword_of(half, secret) == 32
            assert dword_of(half, ciphertext) == SETS[parameter_set][2]
            refused(bcrypt.BCryptSetProperty(half, ciphertext, 1), NOT_SUPPORTED)
            refused(bcrypt.BCryptSetProperty(half, secret, 32), NOT_SUPPORTED)
            assert text_of(half, bcrypt.BCRYPT_ALGORITHM_NAME) == "ML-KEM"
            assert int.from_bytes(property_of(half, bcrypt.BCRYPT_PROVIDER_HANDLE), "little") == algorithm


def test_there_is_no_length_in_bits(algorithm: int) -> None:
    """contract: rule-python-key-lengths: KeyLengths is NOT_SUPPORTED; a set, not a length, says how large a key is."""
    refused(bcrypt.BCryptGetProperty(algorithm, bcrypt.BCRYPT_KEY_LENGTHS), NOT_SUPPORTED)
    with empty(algorithm) as key:
        refused(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, 768), NOT_SUPPORTED)
    with made(algorithm, "768") as key:
        for name in (bcrypt.BCRYPT_KEY_LENGTH, bcrypt.BCRYPT_SIGNATURE_LENGTH, bcrypt.BCRYPT_ECC_CURVE_NAME, "Nothing"):
            refused(bcrypt.BCryptGetProperty(key, name), NOT_SUPPORTED)


# --------------------------------------------------------------- export and import (contract: rule-import, rule-export)


def test_blobs_and_what_they_can_do(algorithm: int, parameter_set: str) -> None:
    """Sizes and layout of 28.8; every form comes back to the byte, and private forms decapsulate."""
    public_bytes, private_bytes, _, totals = SETS[parameter_set]
    with made(algorithm, parameter_set) as key:
        blobs = {blob_type: exported(key, blob_type) for blob_type in (PUBLIC, PRIVATE, SEED)}
        assert tuple(map(len, blobs.values())) == totals
        name = wide(parameter_set)
        for blob_type, size in ((PUBLIC, public_bytes), (PRIVATE, private_bytes), (SEED, 64)):
            head = MAGIC[blob_type] + struct.pack("<2I", len(name), size) + name
            assert blobs[blob_type].startswith(head)
            assert bcrypt.BCryptExportKey(key, None, blob_type, bytearray(10)) == (
                BUFFER_TOO_SMALL, len(blobs[blob_type])
            )  # fmt: skip
        start = 12 + len(name)
        assert blobs[PUBLIC][start:] in blobs[PRIVATE], "dk holds ek (FIPS 203 section 7.1)"
        secret, ciphertext = encapsulated(key)
        for blob_type, blob in blobs.items():
            with imported(algorithm, blob_type, blob) as other:
                assert exported(other, blob_type) == blob
                assert exported(other, PUBLIC) == blobs[PUBLIC]
                if blob_type != PUBLIC:
                    assert exported(other, PRIVATE) == blobs[PRIVATE]
                    assert decapsulated(other, ciphertext) == secret
                again, for_key = encapsulated(other)
                assert decapsulated(key, for_key) == again


def test_an_expanded_key_has_no_seed_to_export(algorithm: int, parameter_set: str) -> None:
    """contract: rule-import-ml-expanded, rule-export-seed [dotnet]: the export fails; INVALID_PARAMETER [inferred]."""
    with (
        made(algorithm, parameter_set) as key,
        imported(algorithm, PRIVATE, exported(key, PRIVATE)) as expanded,
    ):
        refused(bcrypt.BCryptExportKey(expanded, None, SEED), INVALID_PARAMETER)
        refused(bcrypt.BCryptExportKey(expanded, None, SEED, bytearray(100)), INVALID_PARAMETER)


def test_a_public_key_has_nothing_private(algorithm: int, parameter_set: str) -> None:
    """INVALID_PARAMETER; encapsulation works [doc].

    contract: rule-export-private-of-public, rule-decapsulate-public-key [inferred].
    """
    with made(algorithm, parameter_set) as key, imported(algorithm, PUBLIC, exported(key, PUBLIC)) as public:
        for blob_type in (PRIVATE, SEED):
            refused(bcrypt.BCryptExportKey(public, None, blob_type), INVALID_PARAMETER)
        secret, ciphertext = encapsulated(public)
        refused(bcrypt.BCryptDecapsulate(public, ciphertext, bytearray(32)), INVALID_PARAMETER)
        assert decapsulated(key, ciphertext) == secret


def test_trailing_bytes_are_accepted(algorithm: int) -> None:
    """contract: rule-import-mlkem-trailing [go]: an 84-byte seed blob passed as 86; public likewise."""
    with made(algorithm, "768") as key:
        for blob_type in (SEED, PUBLIC):
            blob = exported(key, blob_type)
            with imported(algorithm, blob_type, blob + b"\0\0") as other:
                assert exported(other, blob_type) == blob


def test_keys_of_another_size_are_refused(algorithm: int, parameter_set: str) -> None:
    """cbKey must be exact for the set; the blob must hold what its header says.

    contract: rule-import-ml-size [symcrypt, doc].
    """
    with made(algorithm, parameter_set) as key:
        start = 12 + len(wide(parameter_set))
        for blob_type in (PUBLIC, PRIVATE, SEED):
            blob = exported(key, blob_type)
            content = blob[start:]
            wrong = [blob_of(blob_type, parameter_set, other) for other in (b"", content[:-1], content + b"\0")]
            wrong += [blob[:-1], blob[: start + 1], blob[:start], blob[: start - 1]]
            for bad in wrong:
                refused(bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, bad), INVALID_BUFFER_SIZE)
            for bad in (b"", blob[:4], blob[:11]):
                refused(bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, bad), INVALID_PARAMETER)


def test_blobs_of_another_kind_are_refused(algorithm: int) -> None:
    """Another magic for the type is NOT_SUPPORTED, another set INVALID_PARAMETER (docs/decisions/ml.md)."""
    with made(algorithm, "768") as key:
        for blob_type in (PUBLIC, PRIVATE, SEED):
            blob = exported(key, blob_type)
            for magic in (*MAGIC.values(), b"DSPK", b"DSSK", b"DSSS", b"SHPK", b"RSA1", b"\0\0\0\0"):
                if magic != MAGIC[blob_type]:
                    answer = bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, magic + blob[4:])
                    refused(answer, NOT_SUPPORTED)
            for name in ("512", "1024", "44", "000"):
                answer = bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, blob_of(blob_type, name, blob[20:]))
                same_size = blob_type == SEED and name in SETS
                if same_size:
                    ok(bcrypt.BCryptDestroyKey(ok(answer)))
                else:
                    refused(answer, INVALID_BUFFER_SIZE if name in SETS else INVALID_PARAMETER)


@pytest.mark.parametrize(
    "blob_type", ["PQDSAPUBLICBLOB", "PQDSAPRIVATESEEDBLOB", "ECCPUBLICBLOB", "OpaqueKeyBlob", "mlkempublicblob"]
)
def test_blob_types_of_other_algorithms(algorithm: int, blob_type: str) -> None:
    """contract: rule-import, rule-export-type [doc]: NOT_SUPPORTED."""
    with made(algorithm, "512") as key:
        refused(bcrypt.BCryptExportKey(key, None, blob_type), NOT_SUPPORTED)
        refused(bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, exported(key, PUBLIC)), NOT_SUPPORTED)


def test_null_arguments_of_import_and_export(algorithm: int) -> None:
    """contract: rule-import-null, rule-export: type or input NULL, a wrapping key: INVALID_PARAMETER."""
    with made(algorithm, "512") as key:
        blob = exported(key, PUBLIC)
        refused(bcrypt.BCryptImportKeyPair(algorithm, None, None, blob), INVALID_PARAMETER)
        refused(bcrypt.BCryptImportKeyPair(algorithm, None, PUBLIC, None), INVALID_PARAMETER)
        refused(bcrypt.BCryptImportKeyPair(algorithm, key, PUBLIC, blob), INVALID_PARAMETER)
        refused(bcrypt.BCryptImportKeyPair(None, None, PUBLIC, blob), INVALID_HANDLE)
        refused(bcrypt.BCryptExportKey(key, None, None), INVALID_PARAMETER)
        refused(bcrypt.BCryptExportKey(key, key, PUBLIC), INVALID_PARAMETER)
        refused(bcrypt.BCryptExportKey(key, None, PUBLIC, None, 1), INVALID_PARAMETER)


def test_flags_of_import(algorithm: int) -> None:
    """contract: rule-import-flags [header]: 0, 8, 0x10, 0x18, 0x20; none of them lets a bad key pass."""
    with made(algorithm, "768") as key:
        for blob_type in (PUBLIC, PRIVATE, SEED):
            blob = exported(key, blob_type)
            for flags in (0, 8, 0x10, 0x18, 0x20):
                with imported(algorithm, blob_type, blob, flags=flags) as other:
                    assert exported(other, PUBLIC) == exported(key, PUBLIC)
            for flags in (1, 2, 4, 9, 0x28, 0x40, 0xFFFFFFFF, -1, None):
                refused(bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, blob, flags), INVALID_PARAMETER)
        bad = bytearray(exported(key, PUBLIC))
        bad[20:23] = b"\xff\xff\xff"
        for flags in (0, 8, 0x10, 0x18, 0x20):
            refused(bcrypt.BCryptImportKeyPair(algorithm, None, PUBLIC, bad, flags), INVALID_PARAMETER)


@pytest.mark.parametrize("coefficient", [3329, 3330, 4095])
def test_the_modulus_check(algorithm: int, parameter_set: str, coefficient: int) -> None:
    """FIPS 203 section 7.2: a coefficient of 3329 or more, anywhere, in either half of its three bytes."""
    count = (SETS[parameter_set][0] - 32) * 8 // 12
    for place in (0, 1, 2, count // 2 + 1, count - 2, count - 1):
        for value, wanted in ((3328, SUCCESS), (coefficient, INVALID_PARAMETER)):
            vector = (value << 12 * place).to_bytes(SETS[parameter_set][0] - 32, "little")
            blob = blob_of(PUBLIC, parameter_set, vector + bytes(32))
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
        public_bytes, private_bytes, _, _ = SETS[parameter_set]
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
    """both NULL is the size query; a short buffer is BUFFER_TOO_SMALL, both sizes set.

    contract: rule-encapsulate-size [doc].
    """
    size = SETS[parameter_set][2]
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
    """NULL handle INVALID_PARAMETER, a stale or wrong one INVALID_HANDLE; one NULL output too.

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


@pytest.mark.parametrize("version", ["vista", "7", "8", "8.1", "10", "11", "11-24h2"])
def test_windows_versions(version: str) -> None:
    """[introduced]: Windows 11 24H2; before, Open is NOT_FOUND and nothing lists it."""
    with cngcore.registry.using(cngcore.Registry(windows=version)):
        status, handle = bcrypt.BCryptOpenAlgorithmProvider("ML-KEM")
        listed = {entry.pszName for entry in ok(bcrypt.BCryptEnumAlgorithms())}
        if version == "11-24h2":
            ok(bcrypt.BCryptCloseAlgorithmProvider(handle))
            assert "ML-KEM" in listed
        else:
            assert (status, handle) == (bcrypt.STATUS_NOT_FOUND, None)
            assert "ML-KEM" not in listed
            refused(bcrypt.BCryptEnumProviders("ML-KEM"), bcrypt.STATUS_NOT_FOUND)


def test_the_list_of_algorithms() -> None:
    """contract: rule-enum-interfaces [header]: interface 8, under the mask of key encapsulation and under no other."""
    mask = bcrypt.BCRYPT_KEY_ENCAPSULATION_OPERATION
    found = [entry for entry in ok(bcrypt.BCryptEnumAlgorithms(mask)) if entry.pszName == "ML-KEM"]
    assert [(entry.dwClass, entry.dwFlags) for entry in found] == [(8, 0)]
    others = ok(bcrypt.BCryptEnumAlgorithms(bcrypt.BCRYPT_SIGNATURE_OPERATION))
    assert "ML-KEM" not in {entry.pszName for entry in others}


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_the_object_api(implementation: str, parameter_set: str) -> None:
    """contract: rule-python-objects: the example, the same statuses as exceptions, Python types."""
    key = cngcore.generate_key_pair("ML-KEM", parameter_set=parameter_set, implementation=implementation)
    assert key.provenance.implementation == implementation
    secret, ciphertext = key.encapsulate()
    assert (type(secret), type(ciphertext)) == (bytes, bytes)
    assert key.decapsulate(ciphertext) == key.decapsulate(bytearray(ciphertext)) == secret
    assert key.get_property("ParameterSetName") == parameter_set
    assert key.get_property("KEMCiphertextLength") == len(ciphertext) == SETS[parameter_set][2]
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


def test_a_set_that_nobody_has_is_an_invalid_parameter() -> None:
    for wrong in ("44", "2048", ""):
        with pytest.raises(cngcore.InvalidParameterError):
            cngcore.generate_key_pair("ML-KEM", parameter_set=wrong)
    with pytest.raises(cngcore.InvalidParameterError):
        cngcore.generate_key_pair("ML-KEM")
    with pytest.raises(cngcore.InvalidParameterError):
        cngcore.generate_key_pair("ML-KEM", 768, parameter_set="768")
