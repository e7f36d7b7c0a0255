"""What the generated pages say of an algorithm is what the flat API answers: lengths, flags, phases, statuses."""

import sys
from pathlib import Path

import pytest

from cngcore import bcrypt as b
from cngcore.status import NTStatus

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

import declarations  # noqa: E402 - a module of the documentation, found by the line above

OURS = declarations.ours()
WITH_KEYS = [name for name, candidates in OURS.items() if candidates[0].algorithm.has_key_pairs]
USES = {
    "BCryptSignHash": lambda key: b.BCryptSignHash(key, None, bytes(32))[0],
    "BCryptVerifySignature": lambda key: b.BCryptVerifySignature(key, None, bytes(32), bytes(64)),
    "BCryptEncrypt": lambda key: b.BCryptEncrypt(key, bytes(64))[0],
    "BCryptDecrypt": lambda key: b.BCryptDecrypt(key, bytes(64))[0],
    "BCryptSecretAgreement": lambda key: b.BCryptSecretAgreement(key, key)[0],
    "BCryptEncapsulate": lambda key: b.BCryptEncapsulate(key)[0],
    "BCryptDecapsulate": lambda key: b.BCryptDecapsulate(key, bytes(64), bytearray(32))[0],
}


def opened(name: str) -> tuple[int, object]:
    """A handle of an algorithm, and the declaration behind it."""
    for candidate in OURS[name]:
        if candidate.unavailable() is None:
            status, handle = b.BCryptOpenAlgorithmProvider(name, candidate.implementation)
            assert status.is_success
            return handle, candidate.algorithm
    raise AssertionError(f"nobody serves {name} here")


def empty_key(name: str) -> tuple[int, object]:
    """An empty key, ready to be finalized, of the smallest kind there is."""
    handle, declaration = opened(name)
    if "ECCCurveName" in declaration.properties and not declaration.properties["ECCCurveName"].value:
        assert b.BCryptSetProperty(handle, "ECCCurveName", "nistP256").is_success
    length = next(length for length, taken in declarations.boundaries(declaration.key_lengths) if taken)
    status, key = b.BCryptGenerateKeyPair(handle, length)
    assert status.is_success
    if declaration.parameter_sets:
        assert b.BCryptSetProperty(key, "ParameterSetName", declaration.parameter_sets[0].name).is_success
    return key, declaration


@pytest.mark.parametrize("name", WITH_KEYS)
def test_lengths_and_flags(name):
    handle, declaration = opened(name)
    for length, taken in declarations.boundaries(declaration.key_lengths):
        expected = NTStatus.STATUS_SUCCESS if taken else NTStatus.STATUS_INVALID_PARAMETER
        assert b.BCryptGenerateKeyPair(handle, length)[0] == expected
    good = next(length for length, taken in declarations.boundaries(declaration.key_lengths) if taken)
    for bit in range(32):
        taken = bool(declaration.generate_flags >> bit & 1)
        assert b.BCryptGenerateKeyPair(handle, good, 1 << bit)[0].is_success == taken


@pytest.mark.parametrize("name", WITH_KEYS)
def test_statuses_of_every_use(name):
    key, declaration = empty_key(name)
    said = list(declarations.statuses(declaration))
    never = {call for call, status, when in said if when.startswith("always") and status == "NOT_SUPPORTED"}
    assert {call for call, _, _ in said} >= USES.keys()
    for call, use in USES.items():
        assert use(key) == NTStatus.STATUS_INVALID_HANDLE, f"{call} on an empty key"
    assert b.BCryptFinalizeKeyPair(key).is_success
    for call, use in USES.items():
        assert (use(key) == NTStatus.STATUS_NOT_SUPPORTED) == (call in never), call
    assert b.BCryptFinalizeKeyPair(key) == NTStatus.STATUS_INVALID_HANDLE


@pytest.mark.parametrize("name", WITH_KEYS)
def test_properties_by_phase_and_blobs(name):
    handle, declaration = opened(name)
    for prop in declaration.properties.values():
        if not prop.when.algorithm:
            assert b.BCryptGetProperty(handle, prop.name)[0] == NTStatus.STATUS_NOT_SUPPORTED
    key, declaration = empty_key(name)
    assert b.BCryptFinalizeKeyPair(key).is_success
    for prop in declaration.properties.values():
        assert b.BCryptGetProperty(key, prop.name)[0].is_success == ("r" in prop.when.finalized), prop.name
    for blob in declaration.blob_types.values():
        status, size = b.BCryptExportKey(key, None, blob.name)
        assert status.is_success == blob.exports, blob.name
        if blob.exports and blob.imports:
            content = bytearray(size)
            assert b.BCryptExportKey(key, None, blob.name, content)[0].is_success
            assert b.BCryptImportKeyPair(handle_for(name, handle), None, blob.name, content)[0].is_success, blob.name


@pytest.mark.parametrize("name", WITH_KEYS)
def test_a_wrong_magic(name):
    handle, _ = opened(name)
    key, declaration = empty_key(name)
    assert b.BCryptFinalizeKeyPair(key).is_success
    blob_type = next(blob.name for blob in declaration.blob_types.values() if blob.exports and blob.imports)
    blob = bytearray(b.BCryptExportKey(key, None, blob_type)[1])
    assert b.BCryptExportKey(key, None, blob_type, blob)[0].is_success
    blob[:4] = b"ACME"
    status, _ = b.BCryptImportKeyPair(handle_for(name, handle), None, blob_type, blob)
    said = [row for row in declarations.statuses(declaration) if row[0] == "BCryptImportKeyPair" and "magic" in row[2]]
    assert [status] == [NTStatus[f"STATUS_{row[1]}"] for row in said]


def handle_for(name: str, handle: int) -> int:
    """The handle with the curve set that the keys here are on, where a curve has to be set."""
    if name in ("ECDSA", "ECDH"):
        assert b.BCryptSetProperty(handle, "ECCCurveName", "nistP256").is_success
    return handle


@pytest.mark.parametrize("name", [name for name in OURS if name not in WITH_KEYS])
def test_algorithms_without_keys(name):
    handle, _ = opened(name)
    assert b.BCryptGenerateKeyPair(handle, 0)[0] == NTStatus.STATUS_NOT_SUPPORTED


# --- symmetric keys -----------------------------------------------------------------------------------------

SYMMETRIC = [name for name, candidates in OURS.items() if candidates[0].algorithm.has_symmetric_keys]


def secret_of(declaration) -> bytes:
    """A secret of the longest length, whose halves differ."""
    return bytes(range(256))[: min(declaration.key_lengths.key_lengths().maximum // 8, 255)]


@pytest.mark.parametrize("name", SYMMETRIC)
def test_secrets_and_flags(name):
    handle, declaration = opened(name)
    longest = declaration.key_lengths.key_lengths().maximum
    for bits, taken in declarations.boundaries(declaration.key_lengths):
        if bits % 8 == 0:
            status, key = b.BCryptGenerateSymmetricKey(
                handle, bytes(range(256)) * 10 if bits > longest else bytes(bits // 8)
            )
            assert status.is_success == (taken or bits > longest), bits
            if bits > longest:
                assert b.BCryptGetProperty(key, "KeyLength", length := bytearray(4))[0].is_success
                assert int.from_bytes(length, "little") == longest, "it is cut"
    for bit in range(32):
        if "derive" in declaration.operations:
            status = derived(handle, declaration, 1 << bit)
        else:
            status, _ = b.BCryptGenerateSymmetricKey(handle, secret_of(declaration), 1 << bit)
        assert status.is_success == bool(declaration.generate_flags >> bit & 1), bit
    if "derive" in declaration.operations:
        assert derived(handle, declaration, 0).is_success


def derived(handle: int, declaration, flags: int) -> NTStatus:
    """The status of a derivation with the hash, and with all that is required."""
    names = {one.name for one in declaration.parameters if one.required or one.type == "hash"}
    parameters = [b.BCryptBuffer(getattr(b, name), "SHA256" if "HASH" in name else b"x") for name in names]
    status, key = b.BCryptGenerateSymmetricKey(handle, b"secret")
    assert status.is_success
    return b.BCryptKeyDerivation(key, parameters, bytearray(8), flags)[0]


@pytest.mark.parametrize("name", SYMMETRIC)
def test_modes_properties_and_blobs_of_symmetric_keys(name):
    handle, declaration = opened(name)
    text = declarations.page_of(name, OURS[name])
    said = list(declarations.statuses(declaration))
    never = {call for call, status, when in said if when.startswith("always") and status == "NOT_SUPPORTED"}
    status, key = b.BCryptGenerateSymmetricKey(handle, secret_of(declaration))
    assert status.is_success
    assert ("BCryptEncrypt" in never) == (b.BCryptEncrypt(key, bytes(16))[0] == NTStatus.STATUS_NOT_SUPPORTED)
    derivation = b.BCryptKeyDerivation(key, None, bytearray(8))[0]
    assert ("BCryptKeyDerivation" in never) == (derivation == NTStatus.STATUS_NOT_SUPPORTED)
    for mode in ("CBC", "ECB", "CFB", "CCM", "GCM", "N/A"):
        taken = b.BCryptSetProperty(key, "ChainingMode", f"ChainingMode{mode}").is_success
        assert taken == (f"| `ChainingMode{mode}`" in text), mode
    for row in (line.split(" | ") for line in text.splitlines() if line.startswith("| `")):
        if (
            len(row) == 5
            and row[2] in ("-", "read", "set", "read, set")
            and row[3] in ("-", "read", "set", "read, set")
        ):
            readable = b.BCryptGetProperty(key, row[0].strip("|` "))[0].is_success
            assert readable == ("read" in row[3]), row
    for blob in ("KeyDataBlob", "OpaqueKeyBlob"):
        exported = b.BCryptExportKey(key, None, blob)[0]
        assert (exported != NTStatus.STATUS_NOT_SUPPORTED) == (blob in declaration.blob_types), blob
