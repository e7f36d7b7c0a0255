"""The token: found, logged in to, called by one thread at a time, its errors turned into statuses.

===========================  ================================================================================
environment                  meaning
===========================  ================================================================================
``CNGCORE_PKCS11_MODULE``    the vendor's library, such as ``libsofthsm2.so``; without it nothing is tried
``CNGCORE_PKCS11_TOKEN``     the token's label; may be left out where there is one token
``CNGCORE_PKCS11_PIN``       the user PIN; or
``CNGCORE_PKCS11_PIN_FILE``  a file whose first line it is; or the function given to :func:`ask_pin_by`
===========================  ================================================================================

A PIN that the token refused is not tried again, because tokens lock themselves after a few wrong ones: set another one,
or a new function. The library is initialized for one thread (python-pkcs11 tells it so), hence one lock around it.

Every object is of the session it was made or found in. A session ends where the process forks, and where the token is
taken away: its keys are STATUS_INVALID_HANDLE from then on, and the next call that needs no old key logs in anew. A
forked child initializes the library for itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import RLock
from typing import Any

import pkcs11
from pkcs11 import exceptions

from cngcore.provider import ProviderUnavailableError
from cngcore.status import (
    AccessDeniedError,
    CngError,
    InternalError,
    InvalidHandleError,
    InvalidParameterError,
    NotFoundError,
    NotSupportedError,
    NTStatus,
)

__all__ = ["ask_pin_by", "generation", "is_open", "probe", "session", "translated"]

_lock = RLock()
_session: Any = None
_generation = 0
_refused: tuple[str, int] | None = None
_ask: Callable[[str], str] | None = None

_MODULE, _TOKEN = "CNGCORE_PKCS11_MODULE", "CNGCORE_PKCS11_TOKEN"
_PIN, _PIN_FILE = "CNGCORE_PKCS11_PIN", "CNGCORE_PKCS11_PIN_FILE"

_GONE = (
    exceptions.TokenNotPresent,
    exceptions.DeviceRemoved,
    exceptions.SessionClosed,
    exceptions.SessionHandleInvalid,
    exceptions.TokenNotRecognised,
)
_PIN_TROUBLE = {
    exceptions.PinIncorrect: "the token does not take the PIN; it is not tried again, because tokens lock themselves",
    exceptions.PinLenRange: "the token does not take a PIN of that length",
    exceptions.PinInvalid: "the token does not take such a PIN",
    exceptions.PinLocked: "the PIN is locked; the security officer can unlock it",
    exceptions.PinExpired: "the PIN has expired; set a new one with the vendor's tool",
    exceptions.UserPinNotInitialized: "the token has no user PIN yet; set one with the vendor's tool",
    exceptions.UserNotLoggedIn: "the token has ended the login",
}
_STATUSES: dict[type[Exception], Callable[[str], CngError]] = {
    exceptions.MechanismInvalid: NotSupportedError,
    exceptions.MechanismParamInvalid: NotSupportedError,
    exceptions.FunctionNotSupported: NotSupportedError,
    exceptions.KeySizeRange: InvalidParameterError,
    exceptions.DataInvalid: InvalidParameterError,
    exceptions.DataLenRange: InvalidParameterError,
    exceptions.EncryptedDataInvalid: InvalidParameterError,
    exceptions.EncryptedDataLenRange: InvalidParameterError,
    exceptions.TokenWriteProtected: AccessDeniedError,
    exceptions.ObjectHandleInvalid: InvalidHandleError,
    exceptions.KeyHandleInvalid: InvalidHandleError,
}
_NO_ROOM = (exceptions.DeviceMemory, exceptions.HostMemory, exceptions.SessionCount)


def ask_pin_by(function: Callable[[str], str] | None) -> None:
    """Have the PIN asked for by a function of the token's label; None for the environment alone."""
    global _ask, _refused
    with _lock:
        _ask, _refused = function, None


def probe() -> None:
    """Whether there is a library with a token in it. No PIN is used: a probe must not lock anybody out."""
    path = os.environ.get(_MODULE)
    if not path:
        raise ProviderUnavailableError(
            "no PKCS #11 library is named", f"Set {_MODULE} to the vendor's library (SoftHSM's is libsofthsm2.so)."
        )
    try:
        with _lock:
            _find_token()
    except CngError as error:
        raise ProviderUnavailableError(error.message, f"Check {_MODULE} and {_TOKEN}.") from None


def generation() -> int:
    """How many sessions this process has lost, by forking or with the token; an object is of one generation."""
    return _generation


def is_open(since: int) -> bool:
    """Whether the session of that generation is there: what must not log in, as a key's end must not, asks first."""
    return _session is not None and since == _generation


@contextmanager
def session(since: int | None = None) -> Iterator[Any]:
    """The one session with the token, logged in, for the thread that holds it; errors come out as statuses.

    ``since`` is the generation of the object that is to be used in it.
    """
    global _session, _generation
    if since is not None and since != _generation:
        raise InvalidHandleError("the session of this key is over: the token was taken away, or the process was forked")
    with _lock, translated():
        if _session is None:
            _session = _log_in()
        try:
            yield _session
        except _GONE:
            _session = None  # the keys in it are gone; the next call makes another
            _generation += 1
            raise


@contextmanager
def translated() -> Iterator[None]:
    """The one place where the library's exceptions become ours. No text of the library's is passed on."""
    try:
        yield
    except _GONE as error:
        raise InvalidHandleError("the token that holds this key is gone, and the key with it") from error
    except tuple(_PIN_TROUBLE) as error:
        raise AccessDeniedError(_PIN_TROUBLE[type(error)]) from error
    except _NO_ROOM as error:
        raise CngError(NTStatus.STATUS_INSUFFICIENT_RESOURCES, "the token has no room for it") from error
    except tuple(_STATUSES) as error:
        kind = _STATUSES[type(error)]
        raise kind(f"the token answered {type(error).__name__}") from error
    except exceptions.PKCS11Error as error:
        raise InternalError(f"the token answered {type(error).__name__}") from error


def _find_token() -> Any:
    """The token that the environment names; NotFoundError where it is not there."""
    path, label = os.environ.get(_MODULE, ""), os.environ.get(_TOKEN)
    if not path:
        raise NotFoundError(f"no PKCS #11 library is named; set {_MODULE}")
    try:
        library = pkcs11.lib(path)
        if path in _stale:
            _stale.discard(path)
            with suppress(exceptions.PKCS11Error):
                library.finalize()  # it may know itself that it was forked
            library.initialize()
        tokens = [slot.get_token() for slot in library.get_slots(token_present=True)]
    except (exceptions.PKCS11Error, RuntimeError, OSError) as error:
        raise NotFoundError(f"the PKCS #11 library {path} cannot be used: {type(error).__name__}") from error
    ready = [token for token in tokens if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags]
    fitting = [token for token in ready if label is None or token.label == label]
    if len(fitting) == 1:
        return fitting[0]
    there = ", ".join(sorted(repr(token.label) for token in ready)) or "none"
    if not fitting:
        raise NotFoundError(f"there is no token {label!r}; {path} has {there}" if label else f"{path} has no token")
    raise NotFoundError(f"{path} has several tokens that fit: {there}; set {_TOKEN} to one label")


_stale: set[str] = set()
"""Libraries that were initialized before this process was forked (PKCS #11 v3.1 section 5.4)."""


def _forked() -> None:
    global _lock, _session, _generation
    _lock, _session = RLock(), None
    _generation += 1
    _stale.update(getattr(pkcs11, "_loaded", ()))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _log_in() -> Any:
    """A session of the user's. A PIN that was refused is not tried again."""
    global _refused
    token = _find_token()
    pin = _pin(token.label)
    mark = (token.label, hash(pin))
    if mark == _refused:
        raise AccessDeniedError(_PIN_TROUBLE[exceptions.PinIncorrect])
    try:
        return token.open(rw=True, user_pin=pin)
    except exceptions.PinIncorrect:
        _refused = mark
        raise
    except exceptions.UserAlreadyLoggedIn:  # a session that was lost left the login behind
        return token.open(rw=True)


def _pin(label: str) -> str:
    if _ask is not None:
        return _ask(label)
    pin = os.environ.get(_PIN)
    if pin is None and (path := os.environ.get(_PIN_FILE)):
        try:
            with open(path, encoding="utf-8") as file:
                pin = file.readline().rstrip("\r\n")
        except OSError as error:
            raise AccessDeniedError(f"{_PIN_FILE} cannot be read: {error.strerror}") from None
    if not pin:
        raise AccessDeniedError(f"no PIN for the token {label!r}; set {_PIN} or {_PIN_FILE}")
    return pin
