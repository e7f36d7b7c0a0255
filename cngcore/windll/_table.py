"""The functions and structures of bcrypt.h as data: what :mod:`cngcore.windll` reads in both directions.

Each parameter has a kind. The kind says how the C argument becomes an argument of :mod:`cngcore.bcrypt`, how the other
way round, and what the header writes. A count follows its pointer and has no row of its own kind in Python.

contract: rule-layout-structures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a C parameter or a field of a structure is."""

    HANDLE = "a handle that the call uses"
    OPTIONAL_HANDLE = "a handle that may be NULL"
    NEW_HANDLE = "where the call writes a new handle"
    TEXT = "a string of wide characters that ends with NUL, or NULL"
    DWORD = "an unsigned number of 32 bits"
    QWORD = "an unsigned number of 64 bits"
    INPUT = "bytes that the call reads; their count follows"
    OPTIONAL_INPUT = "bytes that a size query does not need; their count follows"
    OUTPUT = "a buffer that the call fills; its count follows"
    IN_OUT = "bytes that the call reads and may write; their count follows"
    OBJECT = "memory that Windows may use for the object; it is not used here, and its count follows"
    SIZE = "where the call writes how many bytes it made, or needs"
    SIGNATURE_PADDING = "the padding structure of a signature, by dwFlags, or NULL"
    CIPHER_PADDING = "the padding structure of an encryption, by the key and dwFlags, or NULL"
    BUFFERS = "a BCryptBufferDesc, or NULL"
    OPERATIONS = "an array of BCRYPT_MULTI_HASH_OPERATION; its count in bytes follows"
    COUNT = "the number of bytes of the pointer before it"
    LIST_SIZE = "where the call writes how many items a list has"
    LIST = "where the call writes the address of a list; the caller frees it with BCryptFreeBuffer"
    BOOLEAN = "where the call writes one byte, 0 or 1"
    POINTER = "an address"


COUNTED = frozenset({Kind.INPUT, Kind.OPTIONAL_INPUT, Kind.OUTPUT, Kind.IN_OUT, Kind.OBJECT, Kind.OPERATIONS})
"""Kinds that a count follows."""

WRITTEN = frozenset({Kind.NEW_HANDLE, Kind.SIZE, Kind.LIST_SIZE, Kind.LIST, Kind.BOOLEAN})
"""Kinds that must not be NULL, because the answer is written there."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a C function: its name in the header, its kind, and its C type."""

    name: str
    kind: Kind
    type: str

    @property
    def is_number(self) -> bool:
        """Whether C passes it as a number of 32 bits."""
        return self.kind in (Kind.DWORD, Kind.COUNT)


@dataclass(frozen=True, slots=True)
class Function:
    """One function of bcrypt.h. ``returns`` is its C type."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: str = "NTSTATUS"

    @property
    def prototype(self) -> str:
        """The declaration as C writes it."""
        arguments = ", ".join(f"{one.type}{'' if one.type.endswith('*') else ' '}{one.name}" for one in self.parameters)
        return f"{self.returns} WINAPI {self.name}({arguments or 'void'});"


@dataclass(frozen=True, slots=True)
class Structure:
    """One structure that callers pass by pointer, with its fields in order."""

    name: str
    fields: tuple[Parameter, ...]


# --- short names for the rows below ---------------------------------------------------------------------


def _handle(kind: str, name: str, optional: bool = False) -> Parameter:
    return Parameter(name, Kind.OPTIONAL_HANDLE if optional else Kind.HANDLE, _HANDLES[kind])


def _new(kind: str, name: str) -> Parameter:
    return Parameter(name, Kind.NEW_HANDLE, f"{_HANDLES[kind]} *")


def _text(name: str) -> Parameter:
    return Parameter(name, Kind.TEXT, "LPCWSTR")


def _dword(name: str, type_: str = "ULONG") -> Parameter:
    return Parameter(name, Kind.DWORD, type_)


def _counted(kind: Kind, name: str, type_: str = "PUCHAR") -> tuple[Parameter, Parameter]:
    stem = name.removeprefix("pb").removeprefix("p").removeprefix("v")
    return Parameter(name, kind, type_), Parameter(f"cb{stem}", Kind.COUNT, "ULONG")


def _input(name: str) -> tuple[Parameter, Parameter]:
    return _counted(Kind.INPUT, name)


def _output(name: str) -> tuple[Parameter, Parameter]:
    return _counted(Kind.OUTPUT, name)


def _object(name: str) -> tuple[Parameter, Parameter]:
    return _counted(Kind.OBJECT, name)


def _size(name: str = "pcbResult") -> Parameter:
    return Parameter(name, Kind.SIZE, "ULONG *")


_HANDLES = {
    "any": "BCRYPT_HANDLE",
    "algorithm": "BCRYPT_ALG_HANDLE",
    "key": "BCRYPT_KEY_HANDLE",
    "hash": "BCRYPT_HASH_HANDLE",
    "secret": "BCRYPT_SECRET_HANDLE",
}
_ALGORITHM = _handle("algorithm", "hAlgorithm")
_KEY = _handle("key", "hKey")
_HASH = _handle("hash", "hHash")
_OBJECT = _handle("any", "hObject")
_FLAGS = _dword("dwFlags")
_IV = _counted(Kind.IN_OUT, "pbIV")
_SIGNATURE_PADDING = Parameter("pPaddingInfo", Kind.SIGNATURE_PADDING, "VOID *")
_CIPHER_PADDING = Parameter("pPaddingInfo", Kind.CIPHER_PADDING, "VOID *")
_BUFFERS = Parameter("pParameterList", Kind.BUFFERS, "BCryptBufferDesc *")
_TO_SIGN = _counted(Kind.OPTIONAL_INPUT, "pbInput")


FUNCTIONS = {
    name: Function(name, parameters, "VOID" if name == "BCryptFreeBuffer" else "NTSTATUS")
    for name, parameters in {
        # algorithms and properties
        "BCryptOpenAlgorithmProvider": (
            _new("algorithm", "phAlgorithm"), _text("pszAlgId"), _text("pszImplementation"), _FLAGS,
        ),
        "BCryptCloseAlgorithmProvider": (_ALGORITHM, _FLAGS),
        "BCryptEnumAlgorithms": (
            _dword("dwAlgOperations"), Parameter("pAlgCount", Kind.LIST_SIZE, "ULONG *"),
            Parameter("ppAlgList", Kind.LIST, "BCRYPT_ALGORITHM_IDENTIFIER **"), _FLAGS,
        ),
        "BCryptEnumProviders": (
            _text("pszAlgId"), Parameter("pImplCount", Kind.LIST_SIZE, "ULONG *"),
            Parameter("ppImplList", Kind.LIST, "BCRYPT_PROVIDER_NAME **"), _FLAGS,
        ),
        "BCryptEnumRegisteredProviders": (
            Parameter("pcbBuffer", Kind.LIST_SIZE, "ULONG *"), Parameter("ppBuffer", Kind.LIST, "PCRYPT_PROVIDERS *"),
        ),
        "BCryptFreeBuffer": (Parameter("pvBuffer", Kind.POINTER, "PVOID"),),
        "BCryptGetFipsAlgorithmMode": (Parameter("pfEnabled", Kind.BOOLEAN, "BOOLEAN *"),),
        "BCryptSetProperty": (_OBJECT, _text("pszProperty"), *_input("pbInput"), _FLAGS),
        "BCryptGetProperty": (_OBJECT, _text("pszProperty"), *_output("pbOutput"), _size(), _FLAGS),
        # the life of a key
        "BCryptGenerateKeyPair": (_ALGORITHM, _new("key", "phKey"), _dword("dwLength"), _FLAGS),
        "BCryptFinalizeKeyPair": (_KEY, _FLAGS),
        "BCryptDestroyKey": (_KEY,),
        "BCryptDuplicateKey": (_KEY, _new("key", "phNewKey"), *_object("pbKeyObject"), _FLAGS),
        "BCryptImportKeyPair": (
            _ALGORITHM, _handle("key", "hImportKey", optional=True), _text("pszBlobType"), _new("key", "phKey"),
            *_input("pbInput"), _FLAGS,
        ),
        "BCryptExportKey": (
            _KEY, _handle("key", "hExportKey", optional=True), _text("pszBlobType"), *_output("pbOutput"), _size(),
            _FLAGS,
        ),
        "BCryptGenerateSymmetricKey": (
            _ALGORITHM, _new("key", "phKey"), *_object("pbKeyObject"), *_input("pbSecret"), _FLAGS,
        ),
        "BCryptImportKey": (
            _ALGORITHM, _handle("key", "hImportKey", optional=True), _text("pszBlobType"), _new("key", "phKey"),
            *_object("pbKeyObject"), *_input("pbInput"), _FLAGS,
        ),
        # uses of a key
        "BCryptSignHash": (_KEY, _SIGNATURE_PADDING, *_TO_SIGN, *_output("pbOutput"), _size(), _FLAGS),
        "BCryptVerifySignature": (_KEY, _SIGNATURE_PADDING, *_input("pbHash"), *_input("pbSignature"), _FLAGS),
        "BCryptEncrypt": (
            _KEY, *_input("pbInput"), _CIPHER_PADDING, *_IV, *_output("pbOutput"), _size(), _FLAGS,
        ),
        "BCryptDecrypt": (
            _KEY, *_input("pbInput"), _CIPHER_PADDING, *_IV, *_output("pbOutput"), _size(), _FLAGS,
        ),
        "BCryptSecretAgreement": (
            _handle("key", "hPrivKey"), _handle("key", "hPubKey"), _new("secret", "phAgreedSecret"), _FLAGS,
        ),
        "BCryptDeriveKey": (
            _handle("secret", "hSharedSecret"), _text("pwszKDF"), _BUFFERS, *_output("pbDerivedKey"), _size(), _FLAGS,
        ),
        "BCryptDestroySecret": (_handle("secret", "hSecret"),),
        "BCryptEncapsulate": (
            _KEY, *_output("pbSecretKey"), _size("pcbSecretKey"), *_output("pbCipherText"), _size("pcbCipherText"),
            _FLAGS,
        ),
        "BCryptDecapsulate": (_KEY, *_input("pbCipherText"), *_output("pbSecretKey"), _size("pcbSecretKey"), _FLAGS),
        "BCryptKeyDerivation": (_KEY, _BUFFERS, *_output("pbDerivedKey"), _size(), _FLAGS),
        "BCryptDeriveKeyPBKDF2": (
            _handle("algorithm", "hPrf"), *_input("pbPassword"), *_input("pbSalt"),
            Parameter("cIterations", Kind.QWORD, "ULONGLONG"), *_output("pbDerivedKey"), _FLAGS,
        ),
        "BCryptDeriveKeyCapi": (
            _HASH, _handle("algorithm", "hTargetAlg", optional=True), *_output("pbDerivedKey"), _FLAGS,
        ),
        # hashes and random numbers
        "BCryptCreateHash": (
            _ALGORITHM, _new("hash", "phHash"), *_object("pbHashObject"), *_input("pbSecret"), _FLAGS,
        ),
        "BCryptHashData": (_HASH, *_input("pbInput"), _FLAGS),
        "BCryptFinishHash": (_HASH, *_output("pbOutput"), _FLAGS),
        "BCryptDuplicateHash": (_HASH, _new("hash", "phNewHash"), *_object("pbHashObject"), _FLAGS),
        "BCryptDestroyHash": (_HASH,),
        "BCryptHash": (_ALGORITHM, *_input("pbSecret"), *_input("pbInput"), *_output("pbOutput")),
        "BCryptGenRandom": (_handle("algorithm", "hAlgorithm", optional=True), *_output("pbBuffer"), _FLAGS),
        "BCryptCreateMultiHash": (
            _ALGORITHM, _new("hash", "phHash"), _dword("nHashes"), *_object("pbHashObject"), *_input("pbSecret"),
            _FLAGS,
        ),
        "BCryptProcessMultiOperations": (
            _OBJECT, _dword("operationType", "BCRYPT_MULTI_OPERATION_TYPE"),
            *_counted(Kind.OPERATIONS, "pOperations", "PVOID"), _FLAGS,
        ),
    }.items()
}  # fmt: skip
"""Every function, by name, in the order in which the header is written."""


STRUCTURES = {
    name: Structure(name, fields)
    for name, fields in {
        "BCRYPT_KEY_LENGTHS_STRUCT": (_dword("dwMinLength"), _dword("dwMaxLength"), _dword("dwIncrement")),
        "BCRYPT_PKCS1_PADDING_INFO": (_text("pszAlgId"),),
        "BCRYPT_PSS_PADDING_INFO": (_text("pszAlgId"), _dword("cbSalt")),
        "BCRYPT_OAEP_PADDING_INFO": (_text("pszAlgId"), *_input("pbLabel")),
        "BCRYPT_PQDSA_PADDING_INFO": (*_input("pbCtx"), _text("pszPrehashAlgId")),
        "BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO": (
            _dword("cbSize"), _dword("dwInfoVersion"), *_input("pbNonce"), *_input("pbAuthData"),
            *_counted(Kind.IN_OUT, "pbTag"), *_counted(Kind.IN_OUT, "pbMacContext"), _dword("cbAAD"),
            Parameter("cbData", Kind.QWORD, "ULONGLONG"), _dword("dwFlags"),
        ),
        "BCryptBuffer": (
            Parameter("cbBuffer", Kind.COUNT, "ULONG"), _dword("BufferType"),
            Parameter("pvBuffer", Kind.POINTER, "PVOID"),
        ),
        "BCryptBufferDesc": (
            _dword("ulVersion"), _dword("cBuffers"), Parameter("pBuffers", Kind.POINTER, "BCryptBuffer *"),
        ),
        "BCRYPT_ALGORITHM_IDENTIFIER": (
            Parameter("pszName", Kind.POINTER, "LPWSTR"), _dword("dwClass"), _dword("dwFlags"),
        ),
        "BCRYPT_PROVIDER_NAME": (Parameter("pszProviderName", Kind.POINTER, "LPWSTR"),),
        "CRYPT_PROVIDERS": (_dword("cProviders"), Parameter("rgpszProviders", Kind.POINTER, "PWSTR *")),
        "BCRYPT_MULTI_HASH_OPERATION": (
            _dword("iHash"), _dword("hashOperation", "BCRYPT_HASH_OPERATION_TYPE"), *_input("pbBuffer"),
        ),
    }.items()
}  # fmt: skip
"""Every structure that a function takes or answers with, by name."""


TEXT_PROPERTIES = frozenset({"ChainingMode", "ECCCurveName", "HkdfHashAlgorithm", "ParameterSetName"})
"""Properties whose value is a string, so that its characters can have 2 or 4 bytes."""
