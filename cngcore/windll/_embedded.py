"""What ``libbcrypt.so`` runs in its Python: it gives each exported C function its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from cngcore.status import STATUS_INTERNAL_ERROR
from cngcore.windll._entries import entries
from cngcore.windll._table import FUNCTIONS

if TYPE_CHECKING:
    from typing import Any

WIDTH = 2
"""Bytes of a wide character of a C program: ``char16_t``, or ``wchar_t`` with ``-fshort-wchar``."""


def fingerprint() -> str:
    """Return a number of the table, as text. It is another one if a function or a parameter changes."""
    table = "\n".join(function.prototype for function in FUNCTIONS.values())
    return f"{crc32(table.encode()):08x}"


def check(built: str) -> None:
    """Prepare the functions. Raise ImportError if the library was built from another table."""
    entries(WIDTH)
    if built != fingerprint():
        raise ImportError("the installed cngcore has other functions than the one that built the library")


def define(ffi: Any) -> None:
    """Let each C function call its entry. An error inside of Python is STATUS_INTERNAL_ERROR in C."""
    for name, entry in entries(WIDTH).items():
        error = None if FUNCTIONS[name].returns == "VOID" else STATUS_INTERNAL_ERROR
        ffi.def_extern(name=f"python_{name}", error=error)(entry)
