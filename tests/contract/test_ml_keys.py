"""The keys of ML-KEM and ML-DSA by the flat API: generation, life cycle, properties, export and import.

Every installed implementation that has all parameter sets and blobs is tested. Blobs are built here by hand. The
operations of each algorithm are in test_mlkem.py and test_mldsa.py.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

import pytest
from helpers import dword_of, exported, imported, ok, opened, property_of, refused, text_of
from mlkeys import FAMILIES, MLDSA, MLKEM, SET_NAME, Family, empty, made
from oracles.values import wide

import cngcore
from cngcore import bcrypt

BUFFER_TOO_SMALL = bcrypt.STATUS_BUFFER_TOO_SMALL
INVALID_BUFFER_SIZE = bcrypt.STATUS_INVALID_BUFFER_SIZE
INVALID_HANDLE = bcrypt.STATUS_INVALID_HANDLE
INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_FOUND = bcrypt.STATUS_NOT_FOUND
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED

CASES = [(family, name) for family in FAMILIES for name in family.implementations()]

each_family = pytest.mark.parametrize("family", FAMILIES, ids=str)


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def case(request: pytest.FixtureRequest) -> tuple[Family, str]:
    """One family and one implementation of it."""
    found: tuple[Family, str] = request.param
    return found


@pytest.fixture
def family(case: tuple[Family, str]) -> Family:
    return case[0]


@pytest.fixture
def algorithm(case: tuple[Family, str]) -> Iterator[int]:
    """The flat handle of the implementation."""
    with opened(case[0].algorithm, case[1]) as handle:
        yield handle


@pytest.fixture(params=[0, 1, 2], ids=["smallest", "middle", "largest"])
def parameter_set(request: pytest.FixtureRequest, family: Family) -> str:
    return list(family.sets)[request.param]


@pytest.fixture
def first(family: Family) -> str:
    """The smallest parameter set."""
    return next(iter(family.sets))


@each_family
def test_both_implementations_of_ours_are_tested(family: Family) -> None:
    assert {"cryptography", "pqcrypto"} <= set(family.implementations())
    names = ok(bcrypt.BCryptEnumProviders(family.algorithm))
    assert names.index("cryptography") < names.index("pqcrypto")


# ------------------------------------------------------------------------------------------------ generation


def test_length_zero_is_accepted_and_no_other(family: Family, algorithm: int) -> None:
    """contract: rule-generate-length: any other length is INVALID_PARAMETER, tried with over 2,000 of them."""
    rng = random.Random(family.algorithm)
    others = {1, -1, 8, 32, 44, 65, 87, 256, 512, 768, 1024}
    others |= {2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**64, -(2**32), 10**30}
    while len(others) < 2100:
        others.update((rng.randrange(1, 20000), rng.randrange(-(2**33), 2**33), rng.getrandbits(100)))
    others.discard(0)
    with empty(algorithm):
        pass
    wrong = [n for n in others if bcrypt.BCryptGenerateKeyPair(algorithm, n) != (INVALID_PARAMETER, None)]
    assert wrong == []
    for length in (None, "0", b"\0", 0.0, "44", "512"):
        refused(bcrypt.BCryptGenerateKeyPair(algorithm, length), INVALID_PARAMETER)


def test_flags_of_finalize(algorithm: int, first: str) -> None:
    """contract: rule-finalize-flags [header]: after a refusal the key can be finalized."""
    for flags in (0, bcrypt.BCRYPT_NO_KEY_VALIDATION, bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER):
        with empty(algorithm) as key:
            ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(first)))
            for wrong in (1, 0x10, 0x20, 0x80000000):
                refused(bcrypt.BCryptFinalizeKeyPair(key, wrong), INVALID_PARAMETER)
            ok(bcrypt.BCryptFinalizeKeyPair(key, flags))


def test_no_parameter_set(algorithm: int, first: str) -> None:
    """contract: rule-finalize-no-set [inferred], case J5: after the refusal the key can be finalized."""
    with empty(algorithm) as key:
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)
        ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(first)))
        ok(bcrypt.BCryptFinalizeKeyPair(key))


@each_family
def test_the_pseudo_handle(family: Family) -> None:
    """ "or may be a CNG Algorithm Pseudo-handle"; properties are set on the key, never on the pseudo-handle.

    contract: rule-pseudo-set-property.
    """
    for name in family.sets:
        with made(family.handle, name) as key:
            family.check(key, key)
            blob = exported(key, next(iter(family.magics)))
        with imported(family.handle, next(iter(family.magics)), blob) as key:
            assert exported(key, next(iter(family.magics))) == blob
        refused(bcrypt.BCryptSetProperty(family.handle, SET_NAME, wide(name)), bcrypt.STATUS_ACCESS_DENIED)


# ------------------------------------------------------------------------------------------------ life cycle


def test_an_empty_key_cannot_be_used(family: Family, algorithm: int, first: str) -> None:
    """contract: rule-life-unfinalized: INVALID_HANDLE, with and without a set; destroying the key works."""
    size = family.sets[first].output
    for name in (None, first):
        with empty(algorithm) as key:
            if name is not None:
                ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(name)))
            if family is MLKEM:
                refused(bcrypt.BCryptEncapsulate(key), INVALID_HANDLE)
                refused(bcrypt.BCryptEncapsulate(key, bytearray(32), bytearray(size)), INVALID_HANDLE)
                refused(bcrypt.BCryptDecapsulate(key, bytes(size)), INVALID_HANDLE)
                refused(bcrypt.BCryptDecapsulate(key, bytes(size), bytearray(32)), INVALID_HANDLE)
            else:
                refused(bcrypt.BCryptSignHash(key, None, b"message"), INVALID_HANDLE)
                refused(bcrypt.BCryptSignHash(key, None, b"message", bytearray(size)), INVALID_HANDLE)
                refused(bcrypt.BCryptVerifySignature(key, None, b"message", bytes(size)), INVALID_HANDLE)
            for blob_type in family.magics:
                refused(bcrypt.BCryptExportKey(key, None, blob_type), INVALID_HANDLE)
            refused(bcrypt.BCryptGetProperty(key, family.output_length), INVALID_HANDLE)


def test_a_key_is_finalized_once(family: Family, algorithm: int, parameter_set: str, first: str) -> None:
    """contract: rule-life-finalized [wine-test]: a second time, and on an imported key, INVALID_HANDLE."""
    public, _, seed = family.magics
    with made(algorithm, parameter_set) as key:
        before = exported(key, seed)
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_HANDLE)
        refused(bcrypt.BCryptSetProperty(key, SET_NAME, wide(first)), INVALID_HANDLE)
        assert exported(key, seed) == before
        with imported(algorithm, public, exported(key, public)) as other:
            refused(bcrypt.BCryptFinalizeKeyPair(other), INVALID_HANDLE)
        refused(bcrypt.BCryptDuplicateKey(key), INVALID_HANDLE)


@pytest.mark.parametrize(("family", "parameter_set"), [(f, name) for f in FAMILIES for name in f.sets], ids=str)
def test_keys_outlive_their_algorithm(family: Family, parameter_set: str) -> None:
    """contract: rule-lifetimes."""
    handle = ok(bcrypt.BCryptOpenAlgorithmProvider(family.algorithm))
    key = ok(bcrypt.BCryptGenerateKeyPair(handle, 0))
    ok(bcrypt.BCryptCloseAlgorithmProvider(handle))
    ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(parameter_set)))
    ok(bcrypt.BCryptFinalizeKeyPair(key))
    family.check(key, key)
    ok(bcrypt.BCryptDestroyKey(key))
    used = bcrypt.BCryptEncapsulate(key) if family is MLKEM else bcrypt.BCryptSignHash(key, None, b"m")
    refused(used, INVALID_HANDLE)
    refused(bcrypt.BCryptDestroyKey(key), INVALID_HANDLE)


# ------------------------------------------------------------------------------------------------ properties


def test_the_parameter_set_is_a_property_of_the_key(family: Family, algorithm: int, parameter_set: str) -> None:
    """A string with its NUL; the last one set wins.

    contract: rule-set-parameter-set-open, rule-get-parameter-set [doc, dotnet].
    """
    with empty(algorithm) as key:
        for name in (*family.sets, parameter_set):
            ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(name)))
            assert text_of(key, SET_NAME) == name
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert property_of(key, SET_NAME) == wide(parameter_set)
        short = bytearray(len(wide(parameter_set)) - 1)
        answer = bcrypt.BCryptGetProperty(key, SET_NAME, short)
        assert answer == (BUFFER_TOO_SMALL, len(wide(parameter_set)))
        assert not any(short)
        for blob_type in family.magics:
            with imported(algorithm, blob_type, exported(key, blob_type)) as other:
                assert text_of(other, SET_NAME) == parameter_set
                assert dword_of(other, family.output_length) == family.sets[parameter_set].output


@pytest.mark.parametrize("wrong", ["", "0", "2048", " {}", "{} ", "{}0", "other family", "full width", "SHA2-128s"])
def test_another_parameter_set(case: tuple[Family, str], algorithm: int, wrong: str) -> None:
    """contract: rule-set-parameter-set-open [inferred]: INVALID_PARAMETER; the set that was chosen before stays."""
    family = case[0]
    other = MLDSA if family is MLKEM else MLKEM
    last = list(family.sets)[-1]
    names = {
        "other family": [*other.sets, f"{family}-{last}", f"{other}-{last}"],
        "full width": ["".join(chr(ord(digit) + 0xFEE0) for digit in name) for name in family.sets],
    }.get(wrong, [wrong.format(name) for name in family.sets])
    with empty(algorithm) as key:
        ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(last)))
        for name in names:
            refused(bcrypt.BCryptSetProperty(key, SET_NAME, wide(name)), INVALID_PARAMETER)
        refused(bcrypt.BCryptSetProperty(key, SET_NAME, None), INVALID_PARAMETER)
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert text_of(key, SET_NAME) == last


def test_properties_that_are_not_supported(family: Family, algorithm: int, parameter_set: str) -> None:
    """No parameter set on the algorithm, no length in bits: a set says how large a key is.

    contract: rule-set-parameter-set-open [inferred], rule-python-key-lengths.
    """
    other = MLDSA if family is MLKEM else MLKEM
    schemes = bcrypt.BCRYPT_PADDING_SCHEMES
    refused(bcrypt.BCryptSetProperty(algorithm, SET_NAME, wide(parameter_set)), NOT_SUPPORTED)
    for name in (SET_NAME, bcrypt.BCRYPT_KEY_LENGTHS, family.output_length, other.output_length, schemes):
        refused(bcrypt.BCryptGetProperty(algorithm, name), NOT_SUPPORTED)
    with empty(algorithm) as key:
        refused(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, 768), NOT_SUPPORTED)
    with made(algorithm, parameter_set) as key:
        lengths = (bcrypt.BCRYPT_KEY_LENGTH, other.output_length)
        for name in (*lengths, bcrypt.BCRYPT_ECC_CURVE_NAME, schemes, "Nothing", "None"):
            refused(bcrypt.BCryptGetProperty(key, name), NOT_SUPPORTED)
        refused(bcrypt.BCryptSetProperty(key, family.output_length, 1), NOT_SUPPORTED)


PUBLIC_KEY_BITS = {
    ("ML-KEM", "512"): 6400, ("ML-KEM", "768"): 9472, ("ML-KEM", "1024"): 12544,
    ("ML-DSA", "44"): 10496, ("ML-DSA", "65"): 15616, ("ML-DSA", "87"): 20736,
}  # fmt: skip
"""contract: rule-get-public-key-length: the bits of the public key as it is written [doc, inferred]."""


def test_properties_of_both_halves(family: Family, algorithm: int, parameter_set: str) -> None:
    public = next(iter(family.magics))
    with made(algorithm, parameter_set) as key, imported(algorithm, public, exported(key, public)) as half:
        for one in (key, half):
            assert dword_of(one, family.output_length) == family.sets[parameter_set].output
            bits = 8 * family.sets[parameter_set].public
            assert (
                dword_of(one, bcrypt.BCRYPT_PUBLIC_KEY_LENGTH)
                == PUBLIC_KEY_BITS[family.algorithm, parameter_set]
                == bits
            )
            assert text_of(one, bcrypt.BCRYPT_ALGORITHM_NAME) == family.algorithm
            assert int.from_bytes(property_of(one, bcrypt.BCRYPT_PROVIDER_HANDLE), "little") == algorithm


# ---------------------------------------------------------------------------------------- export and import


def test_blobs_and_what_they_can_do(family: Family, algorithm: int, parameter_set: str) -> None:
    """Sizes and layout of the blobs; every form is exported again to the byte, and the forms belong together.

    contract: rule-layout-pq, rule-layout-pq-sizes.
    """
    public, private, _ = family.magics
    sizes, name = family.sets[parameter_set], wide(parameter_set)
    with made(algorithm, parameter_set) as key:
        blobs = {blob_type: exported(key, blob_type) for blob_type in family.magics}
        assert tuple(map(len, blobs.values())) == sizes.blobs
        keys = (sizes.public, sizes.private, family.seed_bytes)
        for (blob_type, blob), size in zip(blobs.items(), keys, strict=True):
            assert blob.startswith(family.magics[blob_type] + struct.pack("<2I", len(name), size) + name)
            assert bcrypt.BCryptExportKey(key, None, blob_type, bytearray(10)) == (BUFFER_TOO_SMALL, len(blob))
        for blob_type, blob in blobs.items():
            with imported(algorithm, blob_type, blob) as other:
                assert exported(other, blob_type) == blob
                assert exported(other, public) == blobs[public]
                family.check(other, key)
                if blob_type != public:
                    assert exported(other, private) == blobs[private]
                    family.check(key, other)
                    family.check(other, other)


def test_an_expanded_key_has_no_seed_to_export(family: Family, algorithm: int, parameter_set: str) -> None:
    """contract: rule-import-ml-expanded, rule-export-seed [dotnet]: the export is INVALID_PARAMETER [inferred]."""
    _, private, seed = family.magics
    with made(algorithm, parameter_set) as key, imported(algorithm, private, exported(key, private)) as expanded:
        refused(bcrypt.BCryptExportKey(expanded, None, seed), INVALID_PARAMETER)
        refused(bcrypt.BCryptExportKey(expanded, None, seed, bytearray(100)), INVALID_PARAMETER)


def test_a_public_key_has_nothing_private(family: Family, algorithm: int, parameter_set: str) -> None:
    """Exports and operations of the private half are INVALID_PARAMETER; the public half works [doc].

    contract: rule-export-private-of-public, rule-decapsulate-public-key, rule-sign-public-key [inferred].
    """
    public, private, seed = family.magics
    size = family.sets[parameter_set].output
    with made(algorithm, parameter_set) as key, imported(algorithm, public, exported(key, public)) as half:
        for blob_type in (private, seed):
            refused(bcrypt.BCryptExportKey(half, None, blob_type), INVALID_PARAMETER)
        if family is MLKEM:
            refused(bcrypt.BCryptDecapsulate(half, bytes(size), bytearray(32)), INVALID_PARAMETER)
        else:
            refused(bcrypt.BCryptSignHash(half, None, b"m", bytearray(5000)), INVALID_PARAMETER)
        family.check(half, key)


def test_keys_of_another_size_are_refused(family: Family, algorithm: int, parameter_set: str) -> None:
    """cbKey is exact for the set, and the blob holds what its header says; case K5.

    contract: rule-import-ml-size [symcrypt, doc].
    """
    with made(algorithm, parameter_set) as key:
        start = 12 + len(wide(parameter_set))
        for blob_type in family.magics:
            blob = exported(key, blob_type)
            content = blob[start:]
            others = (b"", content[:-1], content + b"\0", content * 2)
            wrong = [family.blob(blob_type, parameter_set, other) for other in others]
            wrong += [blob[:-1], blob[: start + 1], blob[:start], blob[: start - 1]]
            for bad in wrong:
                refused(bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, bad), INVALID_BUFFER_SIZE)
            for bad in (b"", blob[:4], blob[:11]):
                refused(bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, bad), INVALID_PARAMETER)


def test_blobs_of_another_kind_are_refused(family: Family, algorithm: int, parameter_set: str) -> None:
    """Another magic is NOT_SUPPORTED, an unknown set INVALID_PARAMETER, another set's size INVALID_BUFFER_SIZE."""
    foreign = [magic for one in FAMILIES for magic in one.magics.values()]
    foreign += [b"SHPK", b"SHSK", b"RSA1", b"\0\0\0\0"]
    other = MLDSA if family is MLKEM else MLKEM
    seed = list(family.magics)[2]
    with made(algorithm, parameter_set) as key:
        start = 12 + len(wide(parameter_set))
        for blob_type in family.magics:
            blob = exported(key, blob_type)
            for magic in foreign:
                if magic != family.magics[blob_type]:
                    answer = bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, magic + blob[4:])
                    refused(answer, NOT_SUPPORTED)
            for name in (*other.sets, "00", "000", "SHA2-128s"):
                bad = family.blob(blob_type, name, blob[start:])
                refused(bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, bad), INVALID_PARAMETER)
            for name in set(family.sets) - {parameter_set}:
                bad = family.blob(blob_type, name, blob[start:])
                answer = bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, bad)
                if blob_type == seed:  # a seed has one size in every set
                    ok(bcrypt.BCryptDestroyKey(ok(answer)))
                else:
                    refused(answer, INVALID_BUFFER_SIZE)


def test_blob_types_of_other_algorithms(family: Family, algorithm: int, first: str) -> None:
    """contract: rule-import, rule-export-type [doc]: NOT_SUPPORTED; the case of a blob type counts."""
    other = MLDSA if family is MLKEM else MLKEM
    public = next(iter(family.magics))
    with made(algorithm, first) as key:
        for blob_type in (*other.magics, "ECCPUBLICBLOB", "DSAPUBLICBLOB", "OpaqueKeyBlob", public.lower()):
            refused(bcrypt.BCryptExportKey(key, None, blob_type), NOT_SUPPORTED)
            refused(bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, exported(key, public)), NOT_SUPPORTED)


def test_null_arguments_of_import_and_export(family: Family, algorithm: int, first: str) -> None:
    """contract: rule-import-null, rule-export: a NULL type or input, or a wrapping key, is INVALID_PARAMETER."""
    public = next(iter(family.magics))
    with made(algorithm, first) as key:
        blob = exported(key, public)
        refused(bcrypt.BCryptImportKeyPair(algorithm, None, None, blob), INVALID_PARAMETER)
        refused(bcrypt.BCryptImportKeyPair(algorithm, None, public, None), INVALID_PARAMETER)
        refused(bcrypt.BCryptImportKeyPair(algorithm, key, public, blob), INVALID_PARAMETER)
        refused(bcrypt.BCryptImportKeyPair(None, None, public, blob), INVALID_HANDLE)
        refused(bcrypt.BCryptExportKey(key, None, None), INVALID_PARAMETER)
        refused(bcrypt.BCryptExportKey(key, key, public), INVALID_PARAMETER)
        refused(bcrypt.BCryptExportKey(key, None, public, None, 1), INVALID_PARAMETER)


def test_flags_of_import(family: Family, algorithm: int, first: str) -> None:
    """contract: rule-import-flags [header]: 0, 8, 0x10, 0x18 and 0x20 are accepted."""
    public = next(iter(family.magics))
    with made(algorithm, first) as key:
        for blob_type in family.magics:
            blob = exported(key, blob_type)
            for flags in (0, 8, 0x10, 0x18, 0x20):
                with imported(algorithm, blob_type, blob, flags=flags) as other:
                    assert exported(other, public) == exported(key, public)
            for flags in (1, 2, 4, 9, 0x28, 0x40, 0xFFFFFFFF, -1, None):
                refused(bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, blob, flags), INVALID_PARAMETER)


# ------------------------------------------------------------------------------ versions, lists, object API


@each_family
@pytest.mark.parametrize("version", ["vista", "7", "8", "8.1", "10", "11", "11-24h2"])
def test_windows_versions(family: Family, version: str) -> None:
    """Introduced by Windows 11 24H2; before, Open is NOT_FOUND and no list has the algorithm."""
    with cngcore.registry.using(cngcore.Registry(windows=version)):
        status, handle = bcrypt.BCryptOpenAlgorithmProvider(family.algorithm)
        listed = {entry.pszName for entry in ok(bcrypt.BCryptEnumAlgorithms())}
        if version == "11-24h2":
            ok(bcrypt.BCryptCloseAlgorithmProvider(handle))
            assert family.algorithm in listed
        else:
            assert (status, handle) == (NOT_FOUND, None)
            assert family.algorithm not in listed
            refused(bcrypt.BCryptEnumProviders(family.algorithm), NOT_FOUND)


@each_family
def test_the_list_of_algorithms(family: Family) -> None:
    """Interface 8 for ML-KEM, 5 for ML-DSA, each under the mask of its operation and under no other.

    contract: rule-enum-interfaces, rule-algorithm-summary [header].
    """
    entries = ok(bcrypt.BCryptEnumAlgorithms(family.mask))
    found = [(entry.dwClass, entry.dwFlags) for entry in entries if entry.pszName == family.algorithm]
    assert found == [(family.interface, 0)]
    other = MLDSA if family is MLKEM else MLKEM
    assert family.algorithm not in {entry.pszName for entry in ok(bcrypt.BCryptEnumAlgorithms(other.mask))}


@each_family
def test_an_unknown_set_is_an_invalid_parameter_of_the_object_api(family: Family) -> None:
    other = MLDSA if family is MLKEM else MLKEM
    for wrong in (*other.sets, "2048", ""):
        with pytest.raises(cngcore.InvalidParameterError):
            cngcore.generate_key_pair(family.algorithm, parameter_set=wrong)
    for name in family.sets:
        with pytest.raises(cngcore.InvalidParameterError):
            cngcore.generate_key_pair(family.algorithm, int(name), parameter_set=name)
