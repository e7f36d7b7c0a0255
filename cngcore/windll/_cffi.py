"""cffi inside the scope: ``ffi.dlopen("bcrypt.dll")``, and the type names that cffi knows only on Windows."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

from cngcore.windll._dll import SYSTEM, address_of, dll_name, stubbed
from cngcore.windll._table import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_BASE = {
    "void": ("VOID",),
    "char": ("CHAR", "CCHAR"),
    "unsigned char": ("BYTE", "UCHAR", "BOOLEAN"),
    "char16_t": ("WCHAR",),
    "short": ("SHORT",),
    "unsigned short": ("WORD", "USHORT", "ATOM"),
    "int": ("INT", "LONG", "BOOL", "HRESULT", "LONG32", "INT32"),
    "unsigned int": ("UINT", "ULONG", "DWORD", "ULONG32", "DWORD32", "UINT32"),
    "long long": ("LONGLONG", "LONG64", "INT64"),
    "unsigned long long": ("ULONGLONG", "DWORDLONG", "ULONG64", "DWORD64", "UINT64"),
    "intptr_t": ("INT_PTR", "LONG_PTR", "SSIZE_T", "LPARAM", "LRESULT"),
    "uintptr_t": ("UINT_PTR", "ULONG_PTR", "DWORD_PTR", "SIZE_T", "WPARAM"),
}
_POINTERS = (
    "VOID", "BYTE", "UCHAR", "BOOLEAN", "SHORT", "WORD", "USHORT", "INT", "LONG", "BOOL", "UINT", "ULONG", "DWORD",
    "LONGLONG", "ULONGLONG", "SIZE_T",
)  # fmt: skip
_TYPES = "\n".join(
    [f"typedef {base} {name};" for base, names in _BASE.items() for name in names]
    + [f"typedef {name} *P{name}, *LP{name};" for name in _POINTERS]
    + [
        "typedef CHAR *LPSTR, *PSTR, *PCHAR; typedef const CHAR *LPCSTR, *PCSTR;",
        "typedef WCHAR *LPWSTR, *PWSTR, *PWCHAR; typedef const WCHAR *LPCWSTR, *PCWSTR;",
        "typedef const void *LPCVOID; typedef void *HANDLE; typedef HANDLE *PHANDLE, *LPHANDLE;",
        "typedef HANDLE HINSTANCE, HMODULE, HLOCAL, HGLOBAL, HWND;",
    ]
)
"""The type names of Windows, with the sizes of Windows."""

_SIZES = (
    (re.compile(r"\blong\s+int\b"), "long"),
    (re.compile(r"(?<!long )\blong\b(?!\s+(?:long|double)\b)"), "int"),
    (re.compile(r"\bwchar_t\b"), "char16_t"),
)
"""``long`` has 32 bits on Windows, and ``wchar_t`` 16."""


def _as_windows(source: str) -> str:
    """Return declarations with types of the sizes that they have on Windows."""
    for pattern, replacement in _SIZES:
        source = pattern.sub(replacement, source)
    return source


_PROTOTYPE = re.compile(r"([A-Za-z_][\w\s*]*?)\b(BCrypt\w+)\s*\(([^()]*)\)\s*;")
_CONVENTION = re.compile(r"\b(?:WINAPI|NTAPI|__stdcall|extern)\b")


def copy_of_cffi(stubs: Mapping[str, object]) -> Any:
    """Return a copy of the module cffi, whose FFI knows Windows."""
    cffi: Any = import_module("cffi")

    class FFI(cffi.FFI):  # type: ignore[misc]
        """cffi.FFI with the types of Windows, which finds bcrypt.dll."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._prototypes: dict[str, str] = {}
            super().cdef(_TYPES)

        def cdef(self, csource: str, override: bool = False, **named: Any) -> None:
            """Declare; a program may declare the types of Windows itself, and its declaration counts."""
            csource = _as_windows(csource)
            super().cdef(csource, override=True, **named)
            for returns, name, parameters in _PROTOTYPE.findall(csource):
                returns = _CONVENTION.sub(" ", returns).strip()
                self._prototypes[name] = f"{returns} (*)({' '.join(parameters.split())})"

        def _typeof(self, cdecl: str, *arguments: Any, **named: Any) -> Any:
            return super()._typeof(_as_windows(cdecl), *arguments, **named)

        def dlopen(self, name: Any, flags: int = 0) -> Any:
            """Return bcrypt.dll, a stub for another DLL of Windows, or what cffi finds."""
            library = dll_name(name) if isinstance(name, str) else ""
            if library == "bcrypt":
                return _Library(self, self._prototypes)
            if library in SYSTEM or library in stubs:
                return _StubLibrary(library, stubs)
            return super().dlopen(name, flags)

    copy = type(cffi)(cffi.__name__, cffi.__doc__)
    vars(copy).update(vars(cffi))
    copy.FFI = FFI
    return copy


class _Library:
    """bcrypt.dll as ``ffi.dlopen`` returns it: the functions that the program declared."""

    def __init__(self, ffi: Any, prototypes: Mapping[str, str]) -> None:
        self._ffi, self._prototypes = ffi, prototypes

    def __getattr__(self, name: str) -> Any:
        if name not in self._prototypes or name not in FUNCTIONS:
            raise AttributeError(f"function {name!r} is not in bcrypt.dll, or the program did not declare it")
        function = self._ffi.cast(self._prototypes[name], address_of(name, 2))
        setattr(self, name, function)
        return function


class _StubLibrary:
    """A DLL of Windows that is not there: the caller's stub answers, or calling a function raises OSError."""

    def __init__(self, library: str, stubs: Mapping[str, object]) -> None:
        self._library, self._stubs = library, stubs

    def __getattr__(self, name: str) -> Any:
        return stubbed(self._library, name, self._stubs)
