"""The Python surface, and what lists algorithms and providers: names, arguments, lists, statuses."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from contract import data
from helpers import agreed, as_id, empty, generated, imported, ok, python, refused
from oracles.blobs import rsa_public_blob
from oracles.rsa import rsa_numbers

import cngcore
from cngcore import bcrypt

INVALID_HANDLE = bcrypt.STATUS_INVALID_HANDLE
INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED

#: Names, parameter names, order and defaults of contract: rule-python-returns, for key pairs and secrets.
SIGNATURES = [
    "BCryptOpenAlgorithmProvider(pszAlgId, pszImplementation=None, dwFlags=0)",
    "BCryptCloseAlgorithmProvider(hAlgorithm, dwFlags=0)",
    "BCryptEnumAlgorithms(dwAlgOperations=0, dwFlags=0)",
    "BCryptEnumProviders(pszAlgId, dwFlags=0)",
    "BCryptEnumRegisteredProviders()",
    "BCryptGetFipsAlgorithmMode()",
    "BCryptGenerateKeyPair(hAlgorithm, dwLength, dwFlags=0)",
    "BCryptSetProperty(hObject, pszProperty, pbInput, dwFlags=0)",
    "BCryptGetProperty(hObject, pszProperty, pbOutput=None, dwFlags=0)",
    "BCryptFinalizeKeyPair(hKey, dwFlags=0)",
    "BCryptDestroyKey(hKey)",
    "BCryptDuplicateKey(hKey, dwFlags=0)",
    "BCryptImportKeyPair(hAlgorithm, hImportKey, pszBlobType, pbInput, dwFlags=0)",
    "BCryptExportKey(hKey, hExportKey, pszBlobType, pbOutput=None, dwFlags=0)",
    "BCryptSignHash(hKey, pPaddingInfo, pbInput, pbOutput=None, dwFlags=0)",
    "BCryptVerifySignature(hKey, pPaddingInfo, pbHash, pbSignature, dwFlags=0)",
    "BCryptEncrypt(hKey, pbInput, pPaddingInfo=None, pbIV=None, pbOutput=None, dwFlags=0)",
    "BCryptDecrypt(hKey, pbInput, pPaddingInfo=None, pbIV=None, pbOutput=None, dwFlags=0)",
    "BCryptSecretAgreement(hPrivKey, hPubKey, dwFlags=0)",
    "BCryptDeriveKey(hSharedSecret, pwszKDF, pParameterList=None, pbDerivedKey=None, dwFlags=0)",
    "BCryptDestroySecret(hSecret)",
    "BCryptEncapsulate(hKey, pbSecretKey=None, pbCipherText=None, dwFlags=0)",
    "BCryptDecapsulate(hKey, pbCipherText, pbSecretKey=None, dwFlags=0)",
    "BCryptCreateHash(hAlgorithm, pbSecret=None, dwFlags=0)",
    "BCryptHashData(hHash, pbInput, dwFlags=0)",
    "BCryptFinishHash(hHash, pbOutput, dwFlags=0)",
    "BCryptDuplicateHash(hHash, dwFlags=0)",
    "BCryptDestroyHash(hHash)",
    "BCryptHash(hAlgorithm, pbSecret, pbInput, pbOutput)",
    "BCryptGenRandom(hAlgorithm, pbBuffer, dwFlags=0)",
]


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda line: line.partition("(")[0])
def test_signatures(signature: str) -> None:
    """contract: rule-python-returns: names, parameter names and their order are those of bcrypt.h."""
    name, _, rest = signature.partition("(")
    parameters = inspect.signature(getattr(bcrypt, name)).parameters.values()
    assert all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
    shown = [p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in parameters]
    assert ", ".join(shown) == rest[:-1]


def test_the_star() -> None:
    """contract: rule-python-exports: everything of the header that has a name there, and nothing else."""
    spaces: dict[str, Any] = {}
    exec("from cngcore.bcrypt import *", spaces)
    names = {name for name in spaces if name != "__builtins__"}
    values = {
        "BCRYPT_RSA_ALGORITHM": "RSA",
        "BCRYPT_MLKEM_ALG_HANDLE": 0x481,
        "BCRYPT_PAD_PSS": 8,
        "BCRYPT_SUPPORTED_PAD_PSS": 0x10,
        "BCRYPT_ECC_CURVE_NAME": "ECCCurveName",
        "BCRYPT_RSAFULLPRIVATE_BLOB": "RSAFULLPRIVATEBLOB",
        "LEGACY_RSAPRIVATE_BLOB": "CAPIPRIVATEBLOB",
        "BCRYPT_KDF_RAW_SECRET": "TRUNCATE",
        "KDF_HKDF_INFO": 0x14,
        "KDF_USE_SECRET_AS_HMAC_KEY_FLAG": 1,
        "BCRYPT_MLKEM_PUBLIC_MAGIC": 0x504B4C4D,
        "BCRYPT_ECC_PARAMETERS_MAGIC": 0x50434345,
        "BCRYPT_SIGNATURE_INTERFACE": 5,
        "BCRYPT_SIGNATURE_OPERATION": 0x10,
        "BCRYPT_ECC_CURVE_25519": "curve25519",
        "BCRYPT_ECC_CURVE_X962P256V1": "x962P256v1",
        "BCRYPT_MLDSA_PARAMETER_SET_65": "65",
        "NTE_BAD_DATA": 0x80090005,
        "STATUS_SUCCESS": 0,
        "STATUS_INVALID_SIGNATURE": 0xC000A000,
        "MS_PRIMITIVE_PROVIDER": "Microsoft Primitive Provider",
        "TLS1_2_PROTOCOL_VERSION": 0x303,
        "BCRYPT_NO_KEY_VALIDATION": 8,
        "BCRYPT_USE_SYSTEM_PREFERRED_RNG": 2,
    }
    for name, value in values.items():
        assert spaces[name] == value, name
    structures = {"BCryptBuffer", "BCRYPT_PKCS1_PADDING_INFO", "BCRYPT_PSS_PADDING_INFO", "BCRYPT_OAEP_PADDING_INFO"}
    structures |= {"BCRYPT_PQDSA_PADDING_INFO", "BCRYPT_ALGORITHM_IDENTIFIER", "NTStatus"}
    assert structures | {line.partition("(")[0] for line in SIGNATURES} <= names
    header_name = re.compile(r"(BCrypt[A-Z]\w*|NTStatus|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+[a-z]?)$")
    assert {name for name in names if not header_name.match(name)} == set()


def test_importing_costs_nothing_heavy() -> None:
    """docs/explanation/architecture.md: nothing slow at import; the back ends come with the first key."""
    heavy = ("cryptography", "importlib_metadata", "cngcore_rsa", "logging", "ctypes")
    code = f"import sys, cngcore.bcrypt; print([m for m in {heavy} if m in sys.modules])"
    result = python(code)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("BCRYPT_PKCS1_PADDING_INFO", ["pszAlgId"]),
        ("BCRYPT_PSS_PADDING_INFO", ["pszAlgId", "cbSalt"]),
        ("BCRYPT_OAEP_PADDING_INFO", ["pszAlgId", "pbLabel"]),
        ("BCRYPT_PQDSA_PADDING_INFO", ["pbCtx", "pszPrehashAlgId"]),
        ("BCryptBuffer", ["BufferType", "pvBuffer"]),
        ("BCRYPT_ALGORITHM_IDENTIFIER", ["pszName", "dwClass", "dwFlags"]),
    ],
)
def test_structures(name: str, fields: list[str]) -> None:
    """padding structures are frozen dataclasses with the C field names less the byte counts.

    contract: rule-python-structures.
    """
    kind = getattr(bcrypt, name)
    assert [field.name for field in dataclasses.fields(kind)] == fields
    value = kind(*range(len(fields)))
    assert value == kind(*range(len(fields)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, fields[0], 1)


def test_structure_defaults() -> None:
    """contract: rule-python-buffers: pbLabel=b"", pbCtx=b"", pszPrehashAlgId=None."""
    assert bcrypt.BCRYPT_OAEP_PADDING_INFO("SHA1").pbLabel == b""
    assert bcrypt.BCRYPT_PQDSA_PADDING_INFO() == bcrypt.BCRYPT_PQDSA_PADDING_INFO(b"", None)


# ------------------------------------------------------------------------------------------- 20 to 22 and 24

MASKS = {
    "RSA": {bcrypt.BCRYPT_ASYMMETRIC_ENCRYPTION_INTERFACE, bcrypt.BCRYPT_SIGNATURE_INTERFACE},
    "ECDSA_P256": {bcrypt.BCRYPT_SIGNATURE_INTERFACE},
    "ECDSA": {bcrypt.BCRYPT_SIGNATURE_INTERFACE},
    "ECDH_P384": {bcrypt.BCRYPT_SECRET_AGREEMENT_INTERFACE},
    "ECDH": {bcrypt.BCRYPT_SECRET_AGREEMENT_INTERFACE},
}


def test_enum_algorithms() -> None:
    """mask 0 is everything; dwClass is the interface id; an algorithm appears once per interface.

    contract: rule-enum-algorithms, rule-enum-interfaces.
    """
    entries = ok(bcrypt.BCryptEnumAlgorithms())
    assert all(isinstance(entry, bcrypt.BCRYPT_ALGORITHM_IDENTIFIER) for entry in entries)
    pairs = [(entry.pszName, entry.dwClass) for entry in entries]
    assert len(pairs) == len(set(pairs))
    for name, interfaces in MASKS.items():
        assert {interface for other, interface in pairs if other == name} == interfaces
    for name, _ in pairs:
        status, handle = bcrypt.BCryptOpenAlgorithmProvider(name)
        assert status == bcrypt.STATUS_SUCCESS
        ok(bcrypt.BCryptCloseAlgorithmProvider(handle))


@pytest.mark.parametrize("interface", range(1, 9))
def test_enum_algorithms_by_operation(interface: int) -> None:
    """the operation's bit is 1 << (interface - 1), and only its entries come.

    contract: rule-enum-interfaces [header].
    """
    entries = ok(bcrypt.BCryptEnumAlgorithms(1 << (interface - 1)))
    assert all(entry.dwClass == interface for entry in entries)
    everything = ok(bcrypt.BCryptEnumAlgorithms(0))
    assert sorted(e.pszName for e in entries) == sorted(e.pszName for e in everything if e.dwClass == interface)


@pytest.mark.parametrize("mask", [0xFFFFFFFF, 0x100, 0x80000000, 0x110, 2**32, -1, None, "0", b"", 0.0, []], ids=as_id)
def test_enum_algorithms_refuses_other_bits(mask: object) -> None:
    """contract: rule-enum-algorithms: mask ~0 is INVALID_PARAMETER [wine-test], as is any bit that is no operation
    (contract: rule-python-enum).
    """
    assert bcrypt.BCryptEnumAlgorithms(mask) == (INVALID_PARAMETER, None)
    if mask != 0.0 and mask != []:
        assert bcrypt.BCryptEnumAlgorithms(0, mask)[0] == INVALID_PARAMETER


def test_enum_providers() -> None:
    """names of implementations; unknown algorithm NOT_FOUND [inferred]; NULL INVALID_PARAMETER [doc].

    contract: rule-enum-providers.
    """
    for name in ("RSA", "ECDSA_P256", "ECDH"):
        names = ok(bcrypt.BCryptEnumProviders(name))
        assert names
        assert all(type(one) is str for one in names)
    assert bcrypt.BCryptEnumProviders("NOSUCH") == (bcrypt.STATUS_NOT_FOUND, None)
    for wrong in (None, 0, b"RSA", 1.5, [], object()):
        assert bcrypt.BCryptEnumProviders(wrong) == (INVALID_PARAMETER, None)
    for flags in (1, 0x80000000, 2**32, -1, None, "0"):
        assert bcrypt.BCryptEnumProviders("RSA", flags) == (INVALID_PARAMETER, None)


def test_enum_registered_providers() -> None:
    """contract: rule-enum-registered, rule-python-returns: names of the distributions that are installed."""
    names = ok(bcrypt.BCryptEnumRegisteredProviders())
    assert {"cngcore-rsa", "cngcore-ec"} <= set(names)


def test_fips_mode() -> None:
    """contract: rule-fips-mode: it reports policy, and Python returns it (case L6)."""
    status, enabled = bcrypt.BCryptGetFipsAlgorithmMode()
    assert status == bcrypt.STATUS_SUCCESS
    assert type(enabled) is bool


# ---------------------------------------------------------------------------------------------------- KEM calls


def test_kem_calls_on_what_is_no_kem_key() -> None:
    """NULL INVALID_PARAMETER, stale or wrong kind INVALID_HANDLE, another algorithm NOT_SUPPORTED.

    contract: rule-python-kem-handles.
    """
    calls: list[Callable[[Any], Any]] = [
        bcrypt.BCryptEncapsulate,
        lambda h: bcrypt.BCryptEncapsulate(h, bytearray(32), bytearray(1088)),
        lambda h: bcrypt.BCryptDecapsulate(h, bytes(1088)),
        lambda h: bcrypt.BCryptDecapsulate(h, bytes(1088), bytearray(32)),
    ]
    numbers = rsa_numbers(512)
    with (
        imported("RSA", bcrypt.BCRYPT_RSAPUBLIC_BLOB, rsa_public_blob(numbers.n, numbers.e)) as rsa,
        generated("ECDH_P256", 256) as key,
        agreed(key, key) as secret,
        empty("ECDH_P256", 256) as gone,
    ):
        ok(bcrypt.BCryptDestroyKey(gone))
        for call in calls:
            for null in (None, 0):
                refused(call(null), INVALID_PARAMETER)
            for wrong in (gone, secret, 2**40, "x", 1.5, -16):
                refused(call(wrong), INVALID_HANDLE)
            for other in (rsa, key):
                refused(call(other), NOT_SUPPORTED)


# ---------------------------------------------------------------------------------------------- 2 the statuses


def test_ntstatus() -> None:
    """contract: rule-python-statuses: an IntEnum of unsigned 32-bit values with .is_success and a one-line .meaning
    (contract: rule-status-success).
    """
    assert issubclass(bcrypt.NTStatus, enum.IntEnum)
    for status in bcrypt.NTStatus:
        assert 0 <= status <= 0xFFFFFFFF
        assert status.is_success is (status < 0x80000000)
        assert status.meaning
        assert "\n" not in status.meaning
        assert getattr(bcrypt, status.name) is status
    assert [s.name for s in bcrypt.NTStatus if s.is_success] == ["STATUS_SUCCESS"]


@pytest.mark.parametrize("value", [0xC0001234, 1, 0x80090011])
def test_an_unknown_status_prints_in_hex(value: int) -> None:
    """contract: rule-python-statuses."""
    status = bcrypt.NTStatus(value)
    assert status == value
    assert status.is_success is (value < 0x80000000)
    assert f"{value:X}" in str(status).upper()
    assert f"{value:X}" in repr(status).upper()
    assert status.meaning


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("InvalidHandleError", bcrypt.STATUS_INVALID_HANDLE),
        ("InvalidParameterError", bcrypt.STATUS_INVALID_PARAMETER),
        ("NotSupportedError", bcrypt.STATUS_NOT_SUPPORTED),
        ("NotFoundError", bcrypt.STATUS_NOT_FOUND),
        ("InvalidSignatureError", bcrypt.STATUS_INVALID_SIGNATURE),
        ("BufferTooSmallError", bcrypt.STATUS_BUFFER_TOO_SMALL),
        ("InvalidBufferSizeError", bcrypt.STATUS_INVALID_BUFFER_SIZE),
        ("AccessDeniedError", bcrypt.STATUS_ACCESS_DENIED),
        ("BadDataError", bcrypt.NTE_BAD_DATA),
        ("InternalError", bcrypt.STATUS_INTERNAL_ERROR),
    ],
)
def test_exceptions(name: str, status: bcrypt.NTStatus) -> None:
    """contract: rule-python-statuses: CngError is the root and carries .status; a subclass for each status to catch."""
    module = importlib.import_module("cngcore.status")
    kind = getattr(module, name)
    assert issubclass(kind, cngcore.CngError)
    assert issubclass(cngcore.CngError, Exception)
    error = kind("what happened")
    assert error.status == status
    assert "what happened" in str(error)
    assert cngcore.CngError(status, "why").status == status


def test_failing_calls_do_not_print_secrets(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """contract: rule-python-internal-error: never key bytes in a log record; nothing is printed."""
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, data.RSA512_PRIV) as key:
        damaged = data.RSA512_PRIV[:-1] + b"\0"
        for call in (
            lambda: bcrypt.BCryptImportKeyPair(
                bcrypt.BCRYPT_RSA_ALG_HANDLE, None, bcrypt.BCRYPT_RSAPRIVATE_BLOB, damaged
            ),
            lambda: bcrypt.BCryptExportKey(key, None, "NOSUCH", bytearray(2000)),
            lambda: bcrypt.BCryptDecrypt(key, bytes(64), None, None, bytearray(64), bcrypt.BCRYPT_PAD_PKCS1),
        ):
            assert not call()[0].is_success
    out, err = capsys.readouterr()
    assert (out, err) == ("", "")
    prime = data.RSA512_PRIV[91:123]
    assert prime.hex() not in caplog.text
    assert str(int.from_bytes(prime, "big")) not in caplog.text
    assert repr(prime) not in caplog.text
