"""The library: where it is, which algorithms it has, and what its statuses mean.

Algorithms are opened once and kept, because opening is slow on Windows, and because keys need them. A library can be
cngcore itself, in the same process. Its implementation that comes from this provider is never asked for, so no call
goes in a circle.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import cache
from typing import TYPE_CHECKING

from cngcore.constants import BCRYPT_ECC_CURVE_NAME
from cngcore.provider import ProviderUnavailableError
from cngcore.status import CngError, InternalError, NTStatus, error_for
from cngcore.windll import Library
from cngcore_windows.names import IMPLEMENTATION

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = "CNGCORE_BCRYPT_DLL"
IN_PROCESS = "in-process"
"""The value of the variable that means cngcore itself, for tests."""

_PASSED = frozenset({NTStatus.STATUS_NO_MEMORY, NTStatus.STATUS_INSUFFICIENT_RESOURCES})
"""Statuses without a class of their own that a caller can act on."""

_here = threading.local()
_opened: dict[tuple[str, int, str], int] = {}


# --- the library ----------------------------------------------------------------------------------------------------


@cache
def api() -> Library:
    """Return the library. Raise ProviderUnavailableError if there is none."""
    path = os.environ.get(VARIABLE, "")
    if path == IN_PROCESS:
        return Library.in_process()
    if not path and sys.platform != "win32":
        raise ProviderUnavailableError(
            "this system has no bcrypt.dll",
            f"Run on Windows, or set {VARIABLE} to the path of a library with the functions of bcrypt.dll.",
        )
    try:
        found = Library(path or "bcrypt")
    except OSError:
        raise ProviderUnavailableError(
            f"the library {path or 'bcrypt.dll'!r} cannot be loaded",
            f"Set {VARIABLE} to the path of a library for this system and its number of bits.",
        ) from None
    if not found.has("BCryptOpenAlgorithmProvider"):
        raise ProviderUnavailableError(
            f"the library {path!r} has no function BCryptOpenAlgorithmProvider",
            f"Set {VARIABLE} to the path of a library with the functions of bcrypt.dll.",
        )
    return found


def version() -> str:
    """Return the version of Windows; an empty string for a library that the variable names."""
    if sys.platform == "win32" and not os.environ.get(VARIABLE):
        own = sys.getwindowsversion()
        return f"{own.major}.{own.minor}.{own.build}"
    return ""


def probe(name: str) -> None:
    """Raise ProviderUnavailableError if the library does not have an algorithm.

    If the library is cngcore itself, it asks for this probe again, while it lists its implementations. That call
    returns at once.
    """
    if getattr(_here, "opening", False):
        return
    library = api()
    try:
        algorithm(name)
    except CngError as error:
        raise ProviderUnavailableError(
            f"{library.name} does not open {name}: {error.message}",
            "Choose another implementation, or install the providers that the library uses."
            if library.name != "bcrypt" else "Choose another implementation, or a newer Windows.",
        ) from None  # fmt: skip


# --- algorithms ------------------------------------------------------------------------------------------------------


def algorithm(name: str, flags: int = 0, curve: str = "") -> int:
    """Return the handle of an opened algorithm, with a curve set if one is named. It is opened once and kept."""
    found = _opened.get((name, flags, curve))
    if found is None:
        found = _opened.setdefault((name, flags, curve), _open(name, flags, curve))
    return found


def _open(name: str, flags: int, curve: str) -> int:
    """Open an algorithm by the first implementation of the library that has it, and the curve."""
    error: CngError = InternalError(
        f"the library is cngcore itself, and no provider serves {name} but this one; install another one"
    )
    opening = getattr(_here, "opening", False)
    _here.opening = True
    try:
        for implementation in _implementations(name):
            status, handle = api().BCryptOpenAlgorithmProvider(name, implementation, flags)
            if status.is_success and curve:
                status = api().BCryptSetProperty(handle, BCRYPT_ECC_CURVE_NAME, curve)
                if not status.is_success:
                    api().BCryptCloseAlgorithmProvider(handle, 0)
            if status.is_success:
                opened: int = handle
                return opened
            error = failure(status, "BCryptSetProperty" if curve else "BCryptOpenAlgorithmProvider")
    finally:
        _here.opening = opening
    raise error


def _implementations(name: str) -> list[str | None]:
    """Return the implementations of an algorithm to try in turn, without this provider's own; None is the default."""
    names = None
    if api().has("BCryptEnumProviders"):
        _, names = api().BCryptEnumProviders(name)
    others: list[str | None] = [one for one in names or () if one != IMPLEMENTATION]
    return others if names and IMPLEMENTATION in names else [None, *others]


# --- statuses --------------------------------------------------------------------------------------------------------


def failure(status: NTStatus, function: str) -> CngError:
    """Return the exception of a status: of its own class, or InternalError for one that the contract does not have."""
    message = f"{function} of {api().name} answered {status}: {status.meaning}"
    error = error_for(status, message)
    return InternalError(message) if type(error) is CngError and status not in _PASSED else error


def check(status: NTStatus, function: str) -> None:
    """Raise the exception of a status that is no success."""
    if not status.is_success:
        raise failure(status, function)


def call(function: str, *arguments: object) -> object:
    """Call a function of the library and return its first answer, or None. Raise the exception of its status."""
    try:
        operation: Callable[..., object] = getattr(api(), function)
    except AttributeError:
        raise failure(NTStatus.STATUS_NOT_SUPPORTED, function) from None
    answer = operation(*arguments)
    if isinstance(answer, tuple):
        check(answer[0], function)
        return answer[1]
    check(answer, function)  # type: ignore[arg-type]
    return None


class Handle:
    """A handle of the library, destroyed with the last reference to it."""

    __slots__ = ("_destroy", "number")

    def __init__(self, number: object, destroy: str) -> None:
        self.number = number
        self._destroy: Callable[..., object] = getattr(api(), destroy)

    def __del__(self) -> None:
        destroy = getattr(self, "_destroy", None)  # an interrupt can come before it is set
        if destroy is not None and not sys.is_finalizing():
            destroy(self.number)

    def __repr__(self) -> str:
        return "<Handle>"
