"""The text of ``bcrypt.h``: types, constants, structures and prototypes, from the tables of this project.

contract: rule-layout-structures; the layouts of key blobs are in section 28 of the contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants
from cngcore.status import NTStatus
from cngcore.windll._table import FUNCTIONS, STRUCTURES, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    Fields = tuple[tuple[str, str], ...]

_TYPES = """\
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Types of Windows. A program that has them already defines CNGCORE_NO_WINDOWS_TYPES. */
#if !defined(CNGCORE_NO_WINDOWS_TYPES) && !defined(_WINDEF_)
#ifndef VOID
#define VOID void
#endif
#ifndef TRUE
#define TRUE 1
#define FALSE 0
#endif
typedef void *PVOID, *LPVOID, *HANDLE;
typedef char CHAR, *PCHAR, *PSTR, *LPSTR;
typedef const char *PCSTR, *LPCSTR;
typedef unsigned char UCHAR, BYTE, BOOLEAN, *PUCHAR, *PBYTE, *LPBYTE, *PBOOLEAN;
typedef int16_t SHORT;
typedef uint16_t USHORT, WORD;
typedef int32_t LONG, INT, BOOL, HRESULT, *PLONG;
typedef uint32_t ULONG, DWORD, UINT, *PULONG, *PDWORD, *LPDWORD;
typedef long long LONGLONG;
typedef unsigned long long ULONGLONG, DWORDLONG, *PULONGLONG;
typedef intptr_t LONG_PTR;
typedef uintptr_t ULONG_PTR, DWORD_PTR;
typedef size_t SIZE_T;
#if WCHAR_MAX <= 0xFFFF
typedef wchar_t WCHAR;
#elif defined(__cplusplus)
typedef char16_t WCHAR;
#else
typedef uint_least16_t WCHAR; /* the type that C gives to a character of u"text" */
#endif
typedef WCHAR *PWSTR, *LPWSTR, *PWCHAR;
typedef const WCHAR *PCWSTR, *LPCWSTR;
#endif

/* A wide string: CNGCORE_TEXT("SHA256") has 2 bytes a character with every compiler. */
#if WCHAR_MAX <= 0xFFFF
#define CNGCORE_TEXT(text) L##text
#else
#define CNGCORE_TEXT(text) u##text
#endif

#ifndef WINAPI
#define WINAPI
#endif

typedef LONG NTSTATUS;
typedef PVOID BCRYPT_HANDLE;
typedef PVOID BCRYPT_ALG_HANDLE;
typedef PVOID BCRYPT_KEY_HANDLE;
typedef PVOID BCRYPT_HASH_HANDLE;
typedef PVOID BCRYPT_SECRET_HANDLE;
typedef ULONG BCRYPT_MULTI_OPERATION_TYPE;
typedef ULONG BCRYPT_HASH_OPERATION_TYPE;
typedef ULONG HASHALGORITHM_ENUM;
typedef ULONG DSAFIPSVERSION_ENUM;

#define BCRYPT_SUCCESS(status) ((NTSTATUS)(status) >= 0)
#ifndef NT_SUCCESS
#define NT_SUCCESS(status) ((NTSTATUS)(status) >= 0)
#endif
"""

_AFTER_STRUCTURES = """\
typedef BCRYPT_KEY_LENGTHS_STRUCT BCRYPT_AUTH_TAG_LENGTHS_STRUCT;

/* Clear the structure of an authenticated mode, and set its size and version. */
#define BCRYPT_INIT_AUTH_MODE_INFO(info) \\
    do { \\
        memset(&(info), 0, sizeof(info)); \\
        (info).cbSize = (ULONG)sizeof(info); \\
        (info).dwInfoVersion = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO_VERSION; \\
    } while (0)
"""


def _dwords(*names: str) -> Fields:
    return tuple(("ULONG", name) for name in names)


_DSA_V2: Fields = (
    ("HASHALGORITHM_ENUM", "hashAlgorithm"), ("DSAFIPSVERSION_ENUM", "standardVersion"),
    ("ULONG", "cbSeedLength"), ("ULONG", "cbGroupSize"), ("UCHAR", "Count[4]"),
)  # fmt: skip
_DSA_V1: Fields = (("UCHAR", "Count[4]"), ("UCHAR", "Seed[20]"), ("UCHAR", "q[20]"))

BLOBS: dict[str, Fields] = {
    "BCRYPT_KEY_BLOB": _dwords("Magic"),
    "BCRYPT_RSAKEY_BLOB": _dwords("Magic", "BitLength", "cbPublicExp", "cbModulus", "cbPrime1", "cbPrime2"),
    "BCRYPT_ECCKEY_BLOB": _dwords("dwMagic", "cbKey"),
    "BCRYPT_ECCFULLKEY_BLOB": _dwords(
        "dwMagic", "dwVersion", "dwCurveType", "dwCurveGenerationAlgId", "cbFieldLength", "cbSubgroupOrder",
        "cbCofactor", "cbSeed",
    ),
    "BCRYPT_DH_KEY_BLOB": _dwords("dwMagic", "cbKey"),
    "BCRYPT_DH_PARAMETER_HEADER": _dwords("cbLength", "dwMagic", "cbKeyLength"),
    "BCRYPT_DSA_KEY_BLOB": (*_dwords("dwMagic", "cbKey"), *_DSA_V1),
    "BCRYPT_DSA_KEY_BLOB_V2": (*_dwords("dwMagic", "cbKey"), *_DSA_V2),
    "BCRYPT_DSA_PARAMETER_HEADER": (*_dwords("cbLength", "dwMagic", "cbKeyLength"), *_DSA_V1),
    "BCRYPT_DSA_PARAMETER_HEADER_V2": (*_dwords("cbLength", "dwMagic", "cbKeyLength"), *_DSA_V2),
    "BCRYPT_KEY_DATA_BLOB_HEADER": _dwords("dwMagic", "dwVersion", "cbKeyData"),
    "BCRYPT_PQDSA_KEY_BLOB": _dwords("dwMagic", "cbParameterSet", "cbKey"),
    "BCRYPT_MLKEM_KEY_BLOB": _dwords("dwMagic", "cbParameterSet", "cbKey"),
}  # fmt: skip
"""The header of each kind of key blob: the C type and the name of its fields."""

PROPERTIES: dict[str, Fields] = {
    "BCRYPT_OID": (("ULONG", "cbOID"), ("PUCHAR", "pbOID")),
    "BCRYPT_OID_LIST": (("ULONG", "dwOIDCount"), ("BCRYPT_OID *", "pOIDs")),
    "BCRYPT_ECC_CURVE_NAMES": (("ULONG", "dwEccCurveNames"), ("LPWSTR *", "pEccCurveNames")),
    "BCRYPT_MULTI_OBJECT_LENGTH_STRUCT": _dwords("cbPerObject", "cbPerElement"),
}
"""The structures in which a property answers, beside those of the table."""


def header(version: str) -> str:
    """Return ``bcrypt.h`` of a version of cngcore, for C11 and C++11 on every platform."""
    return "\n".join([
        f"/* bcrypt.h: the key functions of Windows CNG. Generated by cngcore {version}; do not edit. */",
        "#ifndef CNGCORE_BCRYPT_H",
        "#define CNGCORE_BCRYPT_H",
        "",
        _TYPES,
        "/* Statuses */",
        *_statuses(),
        "/* Constants */",
        *_constants(),
        "",
        "/* Structures that a function takes or returns */",
        *(_structure(name, tuple((one.type, one.name) for one in row.fields)) for name, row in STRUCTURES.items()),
        "/* Structures that a property returns */",
        *(_structure(name, fields) for name, fields in PROPERTIES.items()),
        _AFTER_STRUCTURES,
        "/* The beginning of each kind of key blob */",
        *(_structure(name, fields) for name, fields in BLOBS.items()),
        "#ifdef __cplusplus",
        'extern "C" {',
        "#endif",
        "",
        *(_prototype(name) for name in FUNCTIONS),
        "#ifdef __cplusplus",
        "}",
        "#endif",
        "",
        "#endif",
        "",
    ])  # fmt: skip


def _statuses() -> Iterator[str]:
    for name, value in NTStatus.__members__.items():
        yield f"#ifndef {name}\n#define {name} ((NTSTATUS)0x{value:08X})\n#endif"


def _constants() -> Iterator[str]:
    for name, value in vars(constants).items():
        if not name[0].isupper() or name == "TYPE_CHECKING":
            continue
        if isinstance(value, str):
            yield f'#define {name} CNGCORE_TEXT("{value}")'
        elif name.endswith("_ALG_HANDLE"):
            yield f"#define {name} ((BCRYPT_ALG_HANDLE)(uintptr_t)0x{value:08X})"
        else:
            yield f"#define {name} 0x{value:08X}"


def _structure(name: str, fields: Fields) -> str:
    lines = "\n".join(f"    {type_}{'' if type_.endswith('*') else ' '}{field};" for type_, field in fields)
    return f"typedef struct {name} {{\n{lines}\n}} {name}, *P{name};\n"


def _prototype(name: str) -> str:
    """Return a declaration with one parameter a line."""
    function = FUNCTIONS[name]
    lines = ",\n".join(
        f"    {one.type}{'' if one.type.endswith('*') else ' '}{one.name}{_comment(one.kind)}"
        for one in function.parameters
    )
    return f"{function.returns} WINAPI {name}(\n{lines});\n"


def _comment(kind: Kind) -> str:
    """Return what to know of a parameter, for the kinds whose C type does not say it."""
    return " /* not used; may be NULL */" if kind is Kind.OBJECT else ""
