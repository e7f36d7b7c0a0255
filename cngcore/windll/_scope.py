"""The scope in which a program finds Windows: ``with cngcore.windll.windows(): import program``.

Inside it the import statement gives the program copies: ``ctypes`` with ``windll``, ``WinDLL`` and a ``c_long`` of 32
bits, ``ctypes.wintypes``, ``cffi``, and ``sys``, ``os`` and ``platform`` with the names of Windows. No module in
``sys.modules`` is replaced, and the standard library, cngcore and its back ends go on importing the real ones.

Two things change for all: ``builtins.__import__``, which chooses the copies, and the names that ``ctypes`` has on
Windows only, for programs that imported it before. The end of the scope puts both back.
"""

from __future__ import annotations

import builtins
import ctypes
import ctypes.util
import ctypes.wintypes
import importlib
import importlib.util
import os
import platform
import sys
import threading
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

from cngcore import registry
from cngcore.windll import _cffi
from cngcore.windll import _memory as memory
from cngcore.windll._dll import SYSTEM, WinDLL, address_of, dll_name
from cngcore.windll._wide import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

_BUILDS = {
    "vista": (6, 0, 6002), "7": (6, 1, 7601), "8": (6, 2, 9200), "8.1": (6, 3, 9600), "10": (10, 0, 19045),
    "11": (10, 0, 22631), "11-24h2": (10, 0, 26100),
}  # fmt: skip
"""The version that ``sys.getwindowsversion()`` gives, by the configured release of Windows."""

_NOT_CLIENTS = frozenset({
    *sys.stdlib_module_names, "Cryptodome", "_cffi_backend", "_pytest", "cffi", "click", "cngcore", "cryptography",
    "ecdsa", "gmpy2", "importlib_metadata", "oqs", "pkcs11", "pluggy", "pycparser", "pytest", "rich", "xdist",
})  # fmt: skip
"""Packages that find the real modules: they run on this machine, not on Windows. So do the packages of providers."""

_lock = threading.RLock()
_open = 0
_restore: list[Callable[[], None]] = []


@contextmanager
def windows(stubs: Mapping[str, object] | None = None) -> Iterator[None]:
    """Let what is imported inside find bcrypt.dll and the names of Windows.

    ``stubs`` has objects for other DLLs by name: ``{"kernel32": my_kernel32}`` answers
    ``ctypes.windll.kernel32.GetTickCount()`` with ``my_kernel32.GetTickCount()``. Other DLLs of Windows can be bound,
    and calling them raises OSError.

    The program keeps what it imported, so its functions can be called after the scope. Scopes can be nested, and can be
    opened by several threads; the outermost one decides about the stubs.

    >>> import cngcore.windll
    >>> with cngcore.windll.windows():
    ...     from ctypes import byref, c_void_p, windll
    >>> algorithm = c_void_p()
    >>> windll.bcrypt.BCryptOpenAlgorithmProvider(byref(algorithm), "ECDSA_P256", None, 0)
    0
    >>> windll.bcrypt.BCryptCloseAlgorithmProvider(algorithm, 0)
    0
    """
    global _open
    with _lock:
        if not _open:
            _enter({dll_name(name): stub for name, stub in (stubs or {}).items()})
        _open += 1
    try:
        yield
    finally:
        with _lock:
            _open -= 1
            if not _open:
                _leave()


def _enter(stubs: Mapping[str, object]) -> None:
    """Begin the scope. Everything is prepared first, so that a failure changes nothing."""
    installed = registry.default()
    version = _BUILDS[installed.settings.windows]
    dll = type("WinDLL", (WinDLL,), {"stubs": stubs, "__doc__": WinDLL.__doc__})
    additions = _additions(dll)
    copies = {**_ctypes_modules(dll, additions), **_platform_modules(version)}
    if find_spec("cffi") is not None:
        copies["cffi"] = _cffi.copy_of_cffi(stubs)
    own = {module.partition(".")[0] for record in installed.providers() for module in record["modules"]}
    _restore.append(_set(builtins, "__import__", _importer(copies, _NOT_CLIENTS | own)))
    for name, value in additions.items():
        if not hasattr(ctypes, name):
            _restore.append(_set(ctypes, name, value))


def _importer(copies: Mapping[str, ModuleType], not_clients: frozenset[str]) -> Callable[..., ModuleType]:
    """Return what stands for ``builtins.__import__``: it gives the copies to the program, and the rest as before."""
    real = builtins.__import__

    def import_(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        copy = copies.get(name) if not level else None
        importer = str((globals or {}).get("__name__", ""))
        if copy is None or not _open or importer.partition(".")[0] in not_clients:
            return real(name, globals, locals, fromlist, level)
        return copy if fromlist else copies[name.partition(".")[0]]

    return import_


def _leave() -> None:
    while _restore:
        _restore.pop()()


_ABSENT = object()


def _set(owner: Any, name: str, value: object) -> Callable[[], None]:
    """Set an attribute and return what puts the old state back."""
    before = vars(owner).get(name, _ABSENT)
    setattr(owner, name, value)
    return (lambda: delattr(owner, name)) if before is _ABSENT else (lambda: setattr(owner, name, before))


# --- sys, os, platform ----------------------------------------------------------------------------

_WINVER = f"{sys.version_info.major}.{sys.version_info.minor}"


def _platform_modules(version: tuple[int, int, int]) -> dict[str, ModuleType]:
    """Return sys, os and platform with the names of Windows."""
    text = ".".join(map(str, version))
    release = "11" if version >= (10, 0, 22000) else str(version[0])
    return {
        "sys": _View(sys, {
            "platform": "win32", "getwindowsversion": lambda: _WindowsVersion(version), "winver": _WINVER,
        }),
        "os": _View(os, {"name": "nt", "add_dll_directory": _add_dll_directory}),
        "platform": _View(platform, {
            "system": lambda: "Windows",
            "release": lambda: release,
            "version": lambda: text,
            "win32_ver": lambda *_, **__: (release, text, "SP0", "Multiprocessor Free"),
        }),
    }  # fmt: skip


class _View(ModuleType):
    """A module with other values for some names. Any other name is the real module's, for reading and for writing."""

    def __init__(self, real: ModuleType, values: Mapping[str, object]) -> None:
        super().__init__(real.__name__, real.__doc__)
        object.__setattr__(self, "_real", real)
        object.__setattr__(self, "_values", values)

    def __getattribute__(self, name: str) -> Any:
        values: Mapping[str, object] = object.__getattribute__(self, "_values")
        if name in values:
            return values[name]
        return getattr(object.__getattribute__(self, "_real"), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(object.__getattribute__(self, "_real"), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(object.__getattribute__(self, "_real"), name)

    def __dir__(self) -> list[str]:
        return sorted({*dir(object.__getattribute__(self, "_real")), *object.__getattribute__(self, "_values")})


class _WindowsVersion(tuple[int, int, int, int, str]):
    """The answer of ``sys.getwindowsversion()``."""

    __slots__ = ()

    def __new__(cls, version: tuple[int, int, int]) -> _WindowsVersion:
        return super().__new__(cls, (*version, 2, ""))

    major = property(lambda self: self[0])
    minor = property(lambda self: self[1])
    build = property(lambda self: self[2])
    platform = property(lambda self: self[3])
    service_pack = property(lambda self: self[4])
    service_pack_major = service_pack_minor = property(lambda self: 0)
    suite_mask = property(lambda self: 256)
    product_type = property(lambda self: 1)
    platform_version = property(lambda self: self[:3])


@contextmanager
def _add_dll_directory(path: str) -> Iterator[None]:
    yield


# --- ctypes ---------------------------------------------------------------------------------------


def _additions(dll: type[WinDLL]) -> dict[str, Any]:
    """Return the names that ctypes has only on Windows."""
    last_error = threading.local()

    def get_last_error() -> int:
        return int(getattr(last_error, "value", 0))

    def set_last_error(value: int) -> int:
        before, last_error.value = get_last_error(), value
        return before

    def format_error(code: int | None = None) -> str:
        return f"error {get_last_error() if code is None else code:#x}"

    def win_error(code: int | None = None, descr: str | None = None) -> OSError:
        number = get_last_error() if code is None else code
        error = OSError(number, descr or format_error(number))
        error.winerror = number  # type: ignore[attr-defined,unused-ignore]
        return error

    return {
        "windll": ctypes.LibraryLoader(dll),
        "oledll": ctypes.LibraryLoader(dll),
        "WinDLL": dll,
        "OleDLL": dll,
        "WINFUNCTYPE": ctypes.CFUNCTYPE,
        "HRESULT": type("HRESULT", (ctypes.c_int,), {}),
        "GetLastError": get_last_error,
        "get_last_error": get_last_error,
        "set_last_error": set_last_error,
        "FormatError": format_error,
        "WinError": win_error,
    }


def _ctypes_modules(dll: type[WinDLL], additions: Mapping[str, Any]) -> dict[str, ModuleType]:
    """Return copies of ctypes, its wintypes and util, and _ctypes, as they are on Windows: c_long has 32 bits."""

    class CDLL(ctypes.CDLL):
        """ctypes.CDLL, which finds bcrypt.dll too."""

        def __new__(cls, name: Any = None, *arguments: Any, **named: Any) -> Any:
            return dll(name) if name is not None and dll_name(name) == "bcrypt" else super().__new__(cls)

    def find_library(name: str) -> str | None:
        base = dll_name(name)
        if base == "bcrypt" or base in SYSTEM or base in dll.stubs:
            return f"{base}.dll"
        return ctypes.util.find_library(name)

    copy = _copy(ctypes, {
        **additions, **(NAMES if memory.WCHAR_SIZE != 2 else {}), "CDLL": CDLL, "cdll": ctypes.LibraryLoader(CDLL),
        "c_long": ctypes.c_int, "c_ulong": ctypes.c_uint,
    })  # fmt: skip
    copied_util = _copy(ctypes.util, {"find_library": find_library})
    wintypes = _wintypes(copy)
    vars(copy).update(wintypes=wintypes, util=copied_util)
    return {
        "ctypes": copy,
        "ctypes.util": copied_util,
        "ctypes.wintypes": wintypes,
        "_ctypes": _copy(importlib.import_module("_ctypes"), _low_level(dll, additions)),
    }


def _copy(module: ModuleType, values: Mapping[str, object]) -> ModuleType:
    copy = ModuleType(module.__name__, module.__doc__)
    vars(copy).update(vars(module))
    vars(copy).update(values)
    return copy


def _wintypes(ctypes_copy: ModuleType) -> ModuleType:
    """Return ctypes.wintypes, executed again on the copy of ctypes, so that its types have the sizes of Windows."""
    spec = importlib.util.find_spec("ctypes.wintypes")
    if spec is None or spec.loader is None:
        raise ImportError("ctypes.wintypes is not installed")
    module = importlib.util.module_from_spec(spec)
    real = sys.modules["ctypes"]
    sys.modules["ctypes"] = ctypes_copy
    try:
        spec.loader.exec_module(module)
    finally:
        sys.modules["ctypes"] = real
    return module


def _low_level(dll: type[WinDLL], additions: Mapping[str, Any]) -> dict[str, object]:
    """Return what programs use of _ctypes that load a DLL without ctypes.WinDLL."""
    low: Any = importlib.import_module("_ctypes")
    loaded: dict[int, WinDLL] = {}

    def load_library(name: str, mode: int = 0) -> int:
        number = 0x1000 + len(loaded)
        loaded[number] = dll(name)
        return number

    class CFuncPtr(low.CFuncPtr):  # type: ignore[misc]
        """A function pointer that can be made of a name and a DLL that load_library has found."""

        _flags_ = low.FUNCFLAG_CDECL

        def __new__(cls, *arguments: Any) -> Any:
            if arguments and isinstance(arguments[0], tuple):
                name, library = arguments[0]
                found = loaded.get(getattr(library, "_handle", -1))
                if found is not None and dll_name(found._name) != "bcrypt":
                    return found[name]
                if found is not None:
                    return super().__new__(cls, address_of(name), *arguments[1:])
            return super().__new__(cls, *arguments)

    return {
        "LoadLibrary": load_library,
        "FreeLibrary": lambda handle: None,
        "CFuncPtr": CFuncPtr,
        "FUNCFLAG_STDCALL": 0,
        "FormatError": additions["FormatError"],
        "get_last_error": additions["get_last_error"],
        "set_last_error": additions["set_last_error"],
    }
