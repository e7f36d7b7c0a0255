"""What older Windows answer: the header's [introduced] table, and the "before Windows x" of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from contract import data
from helpers import agreed, derived, empty, exported, generated, imported, ok, opened, refused, signed, text_of
from oracles.blobs import ecc_full_blob, rsa_private_blob, rsa_public_blob
from oracles.ec import CURVES, multiply
from oracles.kdf import digest
from oracles.rsa import rsa_numbers
from oracles.values import wide

import cngcore
from cngcore import bcrypt

VERSIONS = ["vista", "7", "8", "8.1", "10", "11", "11-24h2"]
INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
PKCS1 = bcrypt.BCRYPT_PKCS1_PADDING_INFO


@pytest.fixture(params=VERSIONS)
def windows(request: pytest.FixtureRequest) -> Iterator[str]:
    """The default registry behaves as this Windows."""
    with cngcore.registry.using(cngcore.Registry(windows=request.param)):
        yield request.param


def since(windows: str, version: str) -> bool:
    return VERSIONS.index(windows) >= VERSIONS.index(version)


def judge(answer: Any, there: bool, *otherwise: int) -> None:
    """Success where the thing is there, else one of the statuses."""
    if there:
        ok(answer)
    else:
        refused(answer, *otherwise)


@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_generic_curves(name: str, windows: str) -> None:
    """[introduced] Windows 10: ECDSA and ECDH; before, NOT_FOUND and in no list (contract: rule-open)."""
    answer = bcrypt.BCryptOpenAlgorithmProvider(name)
    judge(answer, since(windows, "10"), bcrypt.STATUS_NOT_FOUND)
    bcrypt.BCryptCloseAlgorithmProvider(answer[1])
    listed = {entry.pszName for entry in ok(bcrypt.BCryptEnumAlgorithms())}
    assert (name in listed) is since(windows, "10")
    assert {"RSA", "ECDSA_P256", "ECDH_P521"} <= listed
    answer = bcrypt.BCryptEnumProviders(name)
    judge(answer, since(windows, "10"), bcrypt.STATUS_NOT_FOUND)


def test_pseudo_handles(windows: str) -> None:
    """contract: rule-pseudo-values: Windows 10 and later; before, the numbers are no handles."""
    number = bcrypt.BCRYPT_ECDSA_P256_ALG_HANDLE
    there = since(windows, "10")
    expected = bcrypt.STATUS_ACCESS_DENIED if there else bcrypt.STATUS_INVALID_HANDLE
    refused(bcrypt.BCryptSetProperty(number, bcrypt.BCRYPT_ECC_CURVE_NAME, wide("nistP256")), expected)
    judge(bcrypt.BCryptGetProperty(number, bcrypt.BCRYPT_ALGORITHM_NAME), there, bcrypt.STATUS_INVALID_HANDLE)
    answer = bcrypt.BCryptGenerateKeyPair(number, 256)
    judge(answer, there, bcrypt.STATUS_INVALID_HANDLE)
    bcrypt.BCryptDestroyKey(answer[1])


@pytest.mark.parametrize(
    ("kdf", "version"),
    [
        (bcrypt.BCRYPT_KDF_HASH, "vista"),
        (bcrypt.BCRYPT_KDF_SP80056A_CONCAT, "7"),
        (bcrypt.BCRYPT_KDF_RAW_SECRET, "8.1"),
        (bcrypt.BCRYPT_KDF_HKDF, "10"),
    ],
)
def test_kdfs(kdf: str, version: str, windows: str) -> None:
    """[introduced]: SP800_56A_CONCAT with 7, TRUNCATE with 8.1, HKDF with 10; before, an unknown KDF.

    contract: rule-derive-hkdf.
    """
    there = since(windows, version)
    ids = (bcrypt.KDF_ALGORITHMID, bcrypt.KDF_PARTYUINFO, bcrypt.KDF_PARTYVINFO)
    parameters = [bcrypt.BCryptBuffer(kind, b"x") for kind in ids] if kdf == "SP800_56A_CONCAT" and there else None
    with generated("ECDH_P256", 256) as key, agreed(key, key) as secret:
        if kdf == bcrypt.BCRYPT_KDF_HKDF:
            judge(
                bcrypt.BCryptSetProperty(secret, bcrypt.BCRYPT_HKDF_HASH_ALGORITHM, wide("SHA256")),
                there,
                NOT_SUPPORTED,
            )
            judge(bcrypt.BCryptSetProperty(secret, bcrypt.BCRYPT_HKDF_SALT_AND_FINALIZE, None), there, NOT_SUPPORTED)
        judge(bcrypt.BCryptDeriveKey(secret, kdf, parameters, bytearray(20)), there, NOT_SUPPORTED)


def test_an_unknown_hash_of_a_kdf(windows: str) -> None:
    """contract: rule-derive: NOT_SUPPORTED, but NOT_FOUND before Windows 8 [wine-test]."""
    expected = NOT_SUPPORTED if since(windows, "8") else bcrypt.STATUS_NOT_FOUND
    with generated("ECDH_P256", 256) as key, agreed(key, key) as secret:
        for name in ("INVALID", "RNG"):
            parameters = [bcrypt.BCryptBuffer(bcrypt.KDF_HASH_ALGORITHM, wide(name))]
            refused(bcrypt.BCryptDeriveKey(secret, bcrypt.BCRYPT_KDF_HASH, parameters, bytearray(20)), expected)
        assert len(derived(secret, bcrypt.BCRYPT_KDF_HASH)) == 20


@pytest.mark.parametrize(
    ("prop", "version"),
    [
        (bcrypt.BCRYPT_KEY_LENGTH, "vista"),
        (bcrypt.BCRYPT_PUBLIC_KEY_LENGTH, "8"),
        (bcrypt.BCRYPT_ECC_CURVE_NAME, "10"),
        (bcrypt.BCRYPT_ECC_PARAMETERS, "10"),
    ],
)
def test_properties(prop: str, version: str, windows: str) -> None:
    """[introduced]: PublicKeyLength with 8, the curve properties with 10; before, NOT_SUPPORTED.

    contract: rule-get-public-key-length.
    """
    with generated("ECDSA_P256", 256) as key:
        judge(bcrypt.BCryptGetProperty(key, prop), since(windows, version), NOT_SUPPORTED)


def test_full_blobs(windows: str) -> None:
    """[introduced] Windows 10: the ECCFULL blobs; before, NOT_SUPPORTED (contract: rule-import, rule-export-type)."""
    there = since(windows, "10")
    curve = CURVES["nistP256"]
    x, y = multiply(curve, 7, (curve.gx, curve.gy)) or (0, 0)
    with opened("ECDSA_P256") as algorithm, generated(algorithm, 256) as key:
        for blob_type in (bcrypt.BCRYPT_ECCFULLPUBLIC_BLOB, bcrypt.BCRYPT_ECCFULLPRIVATE_BLOB):
            judge(bcrypt.BCryptExportKey(key, None, blob_type), there, NOT_SUPPORTED)
        if not there:
            blob = ecc_full_blob(b"ECDP", curve, x, y)
            answer = bcrypt.BCryptImportKeyPair(algorithm, None, bcrypt.BCRYPT_ECCFULLPUBLIC_BLOB, blob)
            refused(answer, NOT_SUPPORTED)
        assert len(exported(key, bcrypt.BCRYPT_ECCPRIVATE_BLOB)) == 104


def test_optional_oid(windows: str) -> None:
    """[introduced] Windows 8.1: PAD_PKCS1_OPTIONAL_HASH_OID; before, an unknown flag (contract: rule-flags-unknown)."""
    flag = bcrypt.BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, data.RSA512_PRIV) as key:
        signature = signed(key, bytes(20), PKCS1("SHA1"), bcrypt.BCRYPT_PAD_PKCS1)
        answer = bcrypt.BCryptVerifySignature(key, PKCS1("SHA1"), bytes(20), signature, flag)
        judge(answer, since(windows, "8.1"), INVALID_PARAMETER)


@pytest.mark.parametrize("flags", [0x10, 0x18, 0x20])
def test_key_validation_flags(flags: int, windows: str) -> None:
    """[introduced] "Windows 10 CO", which shipped as Windows 11: BCRYPT_KEY_VALIDATION_*; before, unknown flags."""
    there = since(windows, "11")
    with opened("ECDSA_P256") as algorithm:
        for always in (0, bcrypt.BCRYPT_NO_KEY_VALIDATION):
            with imported(algorithm, bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB, flags=always):
                pass
        answer = bcrypt.BCryptImportKeyPair(algorithm, None, bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB, flags)
        judge(answer, there, INVALID_PARAMETER)
        bcrypt.BCryptDestroyKey(answer[1])
        if flags == bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER:
            with empty(algorithm, 256) as key:
                judge(bcrypt.BCryptFinalizeKeyPair(key, flags), there, INVALID_PARAMETER)


def test_signing_with_a_public_key(windows: str) -> None:
    """INVALID_PARAMETER, INTERNAL_ERROR before Windows 7 [wine-test]; the size query succeeds on all.

    contract: rule-sign-public-key.
    """
    expected = INVALID_PARAMETER if since(windows, "7") else bcrypt.STATUS_INTERNAL_ERROR
    numbers = rsa_numbers(512)
    with imported("RSA", bcrypt.BCRYPT_RSAPUBLIC_BLOB, rsa_public_blob(numbers.n, numbers.e)) as key:
        arguments = (PKCS1("SHA1"), bytes(20))
        refused(bcrypt.BCryptSignHash(key, *arguments, bytearray(64), bcrypt.BCRYPT_PAD_PKCS1), expected)
        assert ok(bcrypt.BCryptSignHash(key, *arguments, None, bcrypt.BCRYPT_PAD_PKCS1)) == 64


def test_sha3(windows: str) -> None:
    """[introduced] "Windows 11 ZN": SHA3-*; before, an id that is no hash.

    contract: rule-sign-rsa-hash, rule-encrypt, rule-derive.
    """
    there = since(windows, "11")
    hashed = digest("SHA3-256", b"")
    numbers = rsa_numbers(1024)
    blob = rsa_private_blob(numbers.n, numbers.e, numbers.p, numbers.q)
    unknown = NOT_SUPPORTED if since(windows, "8") else bcrypt.STATUS_NOT_FOUND
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, blob) as key:
        answer = bcrypt.BCryptSignHash(key, PKCS1("SHA3-256"), hashed, bytearray(128), bcrypt.BCRYPT_PAD_PKCS1)
        judge(answer, there, NOT_SUPPORTED)
    with generated("ECDH_P256", 256) as key, agreed(key, key) as secret:
        parameters = [bcrypt.BCryptBuffer(bcrypt.KDF_HASH_ALGORITHM, wide("SHA3-256"))]
        judge(bcrypt.BCryptDeriveKey(secret, bcrypt.BCRYPT_KDF_HASH, parameters, bytearray(20)), there, unknown)


def test_what_every_windows_has(windows: str) -> None:
    """[introduced]: the fixed curves and RSA are as old as CNG; lengths do not change with the version."""
    for name, bits in (("RSA", 512), ("RSA", 16384), ("ECDSA_P256", 256), ("ECDH_P521", 521)):
        with empty(name, bits):
            pass
    with opened("RSA") as algorithm:
        refused(bcrypt.BCryptGenerateKeyPair(algorithm, 513), INVALID_PARAMETER)


@pytest.mark.parametrize("version", ["xp", "", "Windows 10", "12", 10, b"10"])
def test_unknown_versions(version: Any) -> None:
    """contract: rule-python-configuration: the seven names, and no other."""
    with pytest.raises(cngcore.InvalidParameterError):
        cngcore.Registry(windows=version)


def test_a_key_stays_what_it_was() -> None:
    """contract: rule-open: what was opened under one registry goes on as it was under another."""
    with generated("ECDH", 0, "nistP256") as key:
        with cngcore.registry.using(cngcore.Registry(windows="vista")):
            assert text_of(key, bcrypt.BCRYPT_ECC_CURVE_NAME) == "nistP256"
            refused(bcrypt.BCryptGenerateKeyPair(bcrypt.BCRYPT_RSA_ALG_HANDLE, 512), bcrypt.STATUS_INVALID_HANDLE)
        assert text_of(bcrypt.BCRYPT_RSA_ALG_HANDLE, bcrypt.BCRYPT_ALGORITHM_NAME) == "RSA"
