"""bcrypt.h compiles as C11 and C++ without a warning, and has the layouts and values of the tables."""

import subprocess

import pytest
from windll.conftest import WARNINGS, compiler

from cngcore import constants
from cngcore.status import NTStatus
from cngcore.windll import STRUCTURES
from cngcore.windll._header import BLOBS, header
from cngcore.windll._structures import c_structure, size_of

BLOB_SIZES = {
    "BCRYPT_KEY_BLOB": 4, "BCRYPT_RSAKEY_BLOB": 24, "BCRYPT_ECCKEY_BLOB": 8, "BCRYPT_ECCFULLKEY_BLOB": 32,
    "BCRYPT_DH_KEY_BLOB": 8, "BCRYPT_DH_PARAMETER_HEADER": 12, "BCRYPT_DSA_KEY_BLOB": 52, "BCRYPT_DSA_KEY_BLOB_V2": 28,
    "BCRYPT_DSA_PARAMETER_HEADER": 56, "BCRYPT_DSA_PARAMETER_HEADER_V2": 32, "BCRYPT_KEY_DATA_BLOB_HEADER": 12,
    "BCRYPT_PQDSA_KEY_BLOB": 12, "BCRYPT_MLKEM_KEY_BLOB": 12,
}  # fmt: skip
"""Bytes of each header (section 28 of the contract)."""

DIALECTS = [("c", "-std=c11"), ("c", "-std=c11 -fshort-wchar"), ("c", "-std=gnu17"), ("c++", "-std=c++11"),
            ("c++", "-std=c++17"), ("c++", "-std=c++20 -fshort-wchar")]  # fmt: skip


def compiles(tmp_path, language, options, program):
    (tmp_path / "bcrypt.h").write_text(header("0"))
    source = tmp_path / ("program.c" if language == "c" else "program.cpp")
    source.write_text(program)
    command = [*compiler(language), *options.split(), *WARNINGS, "-fsyntax-only", f"-I{tmp_path}", str(source)]
    subprocess.run(command, check=True)


def claims():
    """What must be true at compile time."""
    for name, size in BLOB_SIZES.items():
        yield f"sizeof({name}) == {size}"
    for name, structure in STRUCTURES.items():
        yield f"sizeof({name}) == {size_of(name)}"
        for field in structure.fields:
            yield f"offsetof({name}, {field.name}) == {getattr(c_structure(name), field.name).offset}"
    for name, value in vars(constants).items():
        if not name[0].isupper() or name == "TYPE_CHECKING" or name.endswith("_ALG_HANDLE"):
            continue
        if isinstance(value, str):
            yield f"sizeof({name}) == {2 * len(value) + 2}"
        else:
            yield f"{name} == {value}u"
    for name, value in NTStatus.__members__.items():
        yield f"(ULONG){name} == {int(value)}u"
    yield "BCRYPT_SUCCESS(STATUS_SUCCESS) && !BCRYPT_SUCCESS(STATUS_INVALID_SIGNATURE)"


@pytest.mark.parametrize(("language", "options"), DIALECTS)
def test_the_header_has_the_layouts_and_values_of_the_tables(tmp_path, language, options):
    word = "_Static_assert" if language == "c" else "static_assert"
    lines = [f'{word}({claim}, "{number}");' for number, claim in enumerate(claims())]
    compiles(tmp_path, language, options, "\n".join(["#include <bcrypt.h>", "#include <bcrypt.h>", *lines, ""]))


@pytest.mark.parametrize("language", ["c", "c++"])
def test_a_program_may_have_its_own_types_of_windows(tmp_path, language):
    program = """\
#define CNGCORE_NO_WINDOWS_TYPES
#define VOID void
typedef void *PVOID;
typedef unsigned char UCHAR, BOOLEAN, *PUCHAR;
typedef int LONG;
typedef unsigned int ULONG;
typedef unsigned long long ULONGLONG;
typedef unsigned short WCHAR, *PWSTR, *LPWSTR;
typedef const WCHAR *LPCWSTR;
#include <bcrypt.h>
NTSTATUS status = STATUS_SUCCESS;
"""
    compiles(tmp_path, language, "", program)


def test_every_layout_of_a_blob_is_tested():
    assert set(BLOBS) == set(BLOB_SIZES)
