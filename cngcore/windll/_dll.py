"""The DLL as ctypes sees it: function pointers to the entries, in an object like the one of ``ctypes.WinDLL``.

The functions are real C function pointers, so ctypes itself converts what the program passes: argtypes, byref, buffers,
structures.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING

from cngcore.windll import _memory as memory
from cngcore.windll._entries import entries
from cngcore.windll._table import FUNCTIONS, Function, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SYSTEM = frozenset({
    "advapi32", "bcryptprimitives", "combase", "comctl32", "comdlg32", "crypt32", "cryptbase", "cryptsp", "cryptui",
    "dbghelp", "dpapi", "dnsapi", "gdi32", "imagehlp", "iphlpapi", "kernel32", "kernelbase", "mpr", "msvcrt", "ncrypt",
    "netapi32", "ntdll", "ole32", "oleaut32", "powrprof", "psapi", "rpcrt4", "secur32", "setupapi", "shell32",
    "shlwapi", "tbs", "ucrtbase", "user32", "userenv", "uxtheme", "version", "wevtapi", "winhttp", "winmm", "wintrust",
    "winscard", "ws2_32", "wtsapi32",
})  # fmt: skip
"""DLLs of Windows that a program may bind when it is imported. They are stubs: calling a function raises OSError."""


def c_types(function: Function) -> list[Any]:
    """Return the C types of the parameters: numbers of 32 or 64 bits, and addresses."""
    return [
        ctypes.c_uint32 if one.is_number else ctypes.c_uint64 if one.kind is Kind.QWORD else ctypes.c_size_t
        for one in function.parameters
    ]


@cache
def _pointers(width: int) -> dict[str, tuple[Any, int]]:
    """Return a C function for every entry, kept for ever, and its address."""
    found = {}
    for name, entry in entries(width).items():
        result = None if FUNCTIONS[name].returns == "VOID" else ctypes.c_uint32
        pointer = ctypes.CFUNCTYPE(result, *c_types(FUNCTIONS[name]))(entry)
        found[name] = pointer, ctypes.cast(pointer, ctypes.c_void_p).value or 0
    return found


def address_of(name: str, width: int = memory.WCHAR_SIZE) -> int:
    """Return the address of a function of bcrypt.dll, whose lists have ``width`` bytes a character.

    Raise AttributeError for any other name.
    """
    if name not in FUNCTIONS:
        raise AttributeError(f"function {name!r} not found in bcrypt.dll")
    return _pointers(width)[name][1]


def dll_name(name: object) -> str:
    """Return the name of a DLL without folder and ending, in small letters."""
    text = str(name).replace("\\", "/").rpartition("/")[2].lower()
    return text.removesuffix(".dll")


class MissingFunction:
    """A function of a DLL that is not there. It can be bound and given argtypes; calling it raises OSError."""

    def __init__(self, library: str, name: str) -> None:
        self._library, self.__name__ = library, name
        self.argtypes: Any = None
        self.restype: Any = ctypes.c_int
        self.errcheck: Any = None

    def __call__(self, *arguments: object) -> object:
        raise OSError(
            f"{self._library}.dll!{self.__name__} is not available: cngcore.windll has bcrypt.dll only; to answer the "
            f"call, write a module with {self.__name__} and pass it: 'python -m cngcore.windll --stub "
            f"{self._library}=MODULE', or windows(stubs={{{self._library!r}: module}})"
        )


def stubbed(library: str, name: str, stubs: Mapping[str, object]) -> Any:
    """Return what answers for a function of another DLL: the caller's stub, one of ours, or MissingFunction."""
    for owner in (stubs.get(library), _ANSWERS.get(library)):
        found = getattr(owner, name, None)
        if found is not None:
            return found
    return MissingFunction(library, name)


class _Ntdll:
    """What programs call to report a status."""

    @staticmethod
    def RtlNtStatusToDosError(status: Any) -> int:
        """Return ERROR_MR_MID_NOT_FOUND: no table of Windows' error numbers is here."""
        return 0 if not getattr(status, "value", status) else 317


class _Kernel32:
    """What programs call around a failure."""

    @staticmethod
    def GetLastError() -> int:
        """Return 0: functions of bcrypt.dll set no last error."""
        return 0

    @staticmethod
    def SetLastError(code: Any) -> None:
        """Do nothing."""


_ANSWERS = {"ntdll": _Ntdll, "kernel32": _Kernel32}
"""Functions of other DLLs that programs call when bcrypt.dll refuses something."""


class WinDLL(ctypes.CDLL):
    """What ``ctypes.WinDLL`` returns inside the scope: bcrypt.dll, or a stub for another DLL of Windows.

    Raise FileNotFoundError for a DLL that is neither, as Windows does.
    """

    stubs: Mapping[str, object] = {}

    def __init__(self, name: Any, *arguments: Any, **named: Any) -> None:
        library = dll_name(name)
        if library != "bcrypt" and library not in SYSTEM and library not in self.stubs:
            raise FileNotFoundError(f"Could not find module {str(name)!r} (or one of its dependencies)")
        super().__init__(str(name), handle=1)
        self._library = library

    def __getitem__(self, name: Any) -> Any:
        if self._library == "bcrypt":
            function: Any = self._FuncPtr(address_of(name))
            function.__name__ = name
            return function
        return stubbed(self._library, name, self.stubs)
