"""The token: search, login, one thread at a time, and the statuses of its errors.

===========================  ================================================================================
environment                  meaning
===========================  ================================================================================
``CNGCORE_PKCS11_MODULE``    the vendor's library, such as ``libsofthsm2.so``; without it, no token is used
``CNGCORE_PKCS11_TOKEN``     the token's label; optional if there is one token
``CNGCORE_PKCS11_PIN``       the user PIN; optional with a PIN file or :func:`ask_pin_by`
``CNGCORE_PKCS11_PIN_FILE``  a file with the user PIN in its first line
===========================  ================================================================================

A rejected PIN is not tried again, because a token locks itself after a few wrong PINs. Set another PIN or function.
python-pkcs11 initializes the library for one thread, so a lock protects every call.

Every object belongs to the session in which it was made or found. A session ends if the process forks or the token is
removed. Its keys then answer STATUS_INVALID_HANDLE, and the next call that needs no old key logs in again. A forked
child initializes the library for itself.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from threading import RLock
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ask_pin_by", "generation", "is_open", "one_thread", "probe", "session", "translated"]

_lock = RLock()
_session: Any = None
_generation = 0
_rejected: tuple[str, int] | None = None
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
    exceptions.PinIncorrect: "the token rejected the PIN, and it is not tried again; set another PIN",
    exceptions.PinLenRange: "the token rejected the length of the PIN; set another PIN",
    exceptions.PinInvalid: "the token rejected a character of the PIN; set another PIN",
    exceptions.PinLocked: "the PIN is locked; the security officer can unlock it",
    exceptions.PinExpired: "the PIN has expired; set a new one with the vendor's tool",
    exceptions.UserPinNotInitialized: "the token has no user PIN yet; set one with the vendor's tool",
    exceptions.UserNotLoggedIn: "the token ended the login; the next call logs in again",
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
    """Set a function that returns the PIN of a token, given its label. None means: use the environment.

    >>> import getpass
    >>> ask_pin_by(lambda label: getpass.getpass(f"PIN of {label}: "))
    >>> ask_pin_by(None)
    """
    global _ask, _rejected
    with _lock:
        _ask, _rejected = function, None


def probe() -> None:
    """Raise ProviderUnavailableError if there is no library or no token. Use no PIN, which could lock the token."""
    path = os.environ.get(_MODULE)
    if not path:
        raise ProviderUnavailableError(
            "no PKCS #11 library is configured", f"Set {_MODULE} to the vendor's library (SoftHSM's is libsofthsm2.so)."
        )
    try:
        with _lock:
            _find_token()
    except CngError as error:
        raise ProviderUnavailableError(error.message, f"Check {_MODULE} and {_TOKEN}.") from None


def generation() -> int:
    """Return the number of sessions that this process has lost, by a fork or with the token."""
    return _generation


def is_open(since: int) -> bool:
    """Return whether the session of a generation is open. Do not log in."""
    return _session is not None and since == _generation


@contextmanager
def session(since: int | None = None) -> Iterator[Any]:
    """Return the session with the token, logged in, for one thread at a time. Translate its errors into statuses.

    ``since`` is the generation of the object to use. Raise InvalidHandleError if its session is over.
    """
    global _session, _generation
    with _lock, translated():
        if since is not None and since != _generation:  # inside of the lock: another thread may lose the token
            raise InvalidHandleError(
                "the session of this key is over, because the token was removed or the process forked; "
                "load the key again"
            )
        if _session is None:
            _session = _log_in()
        try:
            yield _session
        except _GONE:
            _session = None  # the keys in it are gone; the next call makes another
            _generation += 1
            raise


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep other threads out, so that an object of the token and its :func:`generation` belong together."""
    with _lock:
        yield


@contextmanager
def translated() -> Iterator[None]:
    """Translate the exceptions of the library into statuses, without their texts."""
    try:
        yield
    except _GONE as error:
        raise InvalidHandleError("the token that holds this key is gone; insert it and load the key again") from error
    except tuple(_PIN_TROUBLE) as error:
        raise AccessDeniedError(_PIN_TROUBLE[type(error)]) from error
    except _NO_ROOM as error:
        raise CngError(
            NTStatus.STATUS_INSUFFICIENT_RESOURCES, "the token is full; remove keys or close sessions"
        ) from error
    except tuple(_STATUSES) as error:
        status = _STATUSES[type(error)]
        raise status(f"the token answered {type(error).__name__}") from error
    except exceptions.PKCS11Error as error:
        raise InternalError(f"the token answered {type(error).__name__}") from error


def _find_token() -> Any:
    """Return the token that the environment names. Raise NotFoundError if there is none."""
    path, label = os.environ.get(_MODULE, ""), os.environ.get(_TOKEN)
    if not path:
        raise NotFoundError(f"no PKCS #11 library is configured; set {_MODULE} to the vendor's library")
    try:
        library = pkcs11.lib(path)
        if path in _stale:
            _stale.discard(path)
            with suppress(exceptions.PKCS11Error):
                library.finalize()  # it may know already that it was forked
            library.initialize()
        tokens = [slot.get_token() for slot in library.get_slots(token_present=True)]
    except (exceptions.PKCS11Error, RuntimeError, OSError) as error:
        raise NotFoundError(f"the PKCS #11 library {path} cannot be used: {type(error).__name__}") from error
    ready = [token for token in tokens if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags]
    matches = [token for token in ready if label is None or token.label == label]
    if len(matches) == 1:
        return matches[0]
    labels = ", ".join(sorted(repr(token.label) for token in ready)) or "none"
    if matches:
        raise NotFoundError(f"{path} has several matching tokens: {labels}; set {_TOKEN} to one label")
    if label:
        raise NotFoundError(f"there is no token {label!r}; {path} has {labels}; set {_TOKEN} to one of them")
    raise NotFoundError(f"{path} has no initialized token; insert or initialize one")


_stale: set[str] = set()
"""Libraries that were initialized before this process was forked (PKCS #11 v3.1 section 5.4)."""


def _reset_in_child() -> None:
    global _lock, _session, _generation
    _lock, _session = RLock(), None
    _generation += 1
    _stale.update(getattr(pkcs11, "_loaded", ()))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_in_child)


def _log_in() -> Any:
    """Open a session as the user. Raise AccessDeniedError for a PIN that the token has rejected before."""
    global _rejected
    token = _find_token()
    pin = _pin(token.label)
    mark = (token.label, hash(pin))
    if mark == _rejected:
        raise AccessDeniedError(_PIN_TROUBLE[exceptions.PinIncorrect])
    try:
        return token.open(rw=True, user_pin=pin)
    except exceptions.PinIncorrect:
        _rejected = mark
        raise
    except exceptions.UserAlreadyLoggedIn:  # the login of a lost session is still active
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
