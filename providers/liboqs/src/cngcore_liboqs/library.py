"""The liboqs shared library: found, never fetched; its flat functions, with the types they take.

The wrapper liboqs-python is not used. Importing it where the library is missing prints, waits five seconds, tries to
clone and build software, and exits; its calls pad short input with zeros and cost twice the C function. The flat
functions have the lengths of FIPS 203 and 204, which the callers here check. They are looked for where that wrapper
looks: in ``OQS_INSTALL_PATH`` (else ``~/_oqs``), and among the system's libraries.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache

from cngcore.provider import Factory, ProviderUnavailableError

_NEEDED = "OQS_KEM_ml_kem_512_keypair_derand"
"""A function without which a library of that name is not the one wanted, or too old."""

_REMEDY = (
    "Install liboqs 0.12 or later as a shared library (Homebrew, Fedora, conda-forge and newer Debians have it), or "
    "set OQS_INSTALL_PATH to the folder it was installed into."
)

_Function = Callable[..., int]


def candidates() -> Iterator[str]:
    """Where the library may be: full paths, then what the system's loader finds by name."""
    folder = os.environ.get("OQS_INSTALL_PATH") or os.path.join(os.path.expanduser("~"), "_oqs")
    names = {
        "win32": ("bin/oqs.dll", "bin/liboqs.dll"),
        "darwin": ("lib/liboqs.dylib", "lib64/liboqs.dylib"),
    }.get(sys.platform, ("lib/liboqs.so", "lib64/liboqs.so"))
    for name in names:
        path = os.path.join(folder, *name.split("/"))
        if os.path.exists(path):
            yield path
    from ctypes.util import find_library

    for name in ("oqs", "liboqs"):
        found = find_library(name)
        if found:
            yield found


@cache
def load() -> ctypes.CDLL:
    """The library, found once in a process; ProviderUnavailableError tells why there is none."""
    reasons = []
    for path in candidates():
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            reasons.append(f"{path}: {error}")
            continue
        if hasattr(library, _NEEDED):
            return library
        reasons.append(f"{path} has no {_NEEDED}: it is too old, or was built without ML-KEM")
    raise ProviderUnavailableError("; ".join(reasons) or "the liboqs shared library was not found", _REMEDY)


def version() -> str:
    """What the library says of itself: ``"0.16.0"``."""
    function = load().OQS_version
    function.restype = ctypes.c_char_p
    return str((function() or b"").decode())


class LiboqsVersion(Factory):
    """What both factories share: the library's own version."""

    def back_end_version(self) -> str:
        return version()


def probe() -> None:
    """Raise ProviderUnavailableError where the library cannot be used here."""
    load()


def function(name: str, *types: type) -> _Function:
    """A function of the library that answers 0 for success, with its argument types; ``bytes`` stands for a pointer."""
    found = getattr(load(), name)
    found.argtypes = [ctypes.c_char_p if kind is bytes else kind for kind in types]
    found.restype = ctypes.c_int
    return found  # type: ignore[no-any-return]


def has(name: str) -> bool:
    """Whether the library has a function of that name."""
    return hasattr(load(), name)


class Secret(ctypes.Array):  # type: ignore[type-arg]
    """C memory for secret bytes, zeroed when the last reference goes; :func:`secret_type` gives the type of a size."""

    _type_ = ctypes.c_char
    _length_ = 0

    def __del__(self) -> None:
        ctypes.memset(self, 0, self._length_)

    def __repr__(self) -> str:
        return f"<{self._length_} secret bytes>"


@cache
def secret_type(size: int) -> type[Secret]:
    """The type of secret memory of ``size`` bytes; ``from_buffer_copy`` fills one."""
    return type(f"Secret{size}", (Secret,), {"_length_": size})


def expect_success(status: int, name: str) -> None:
    """Raise unless a function answered 0; the provider's contract makes STATUS_INTERNAL_ERROR of it."""
    if status != 0:
        raise RuntimeError(f"{name} of liboqs failed")
