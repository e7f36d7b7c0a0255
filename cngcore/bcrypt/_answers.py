"""What every function of the flat API shares: statuses for exceptions, dispatch-level checks, the caller's buffers."""

from __future__ import annotations

from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from cngcore import irql
from cngcore._checks import check_dword, to_bytes
from cngcore._diagnostics import is_interrupt, log, place_of
from cngcore.bcrypt import _handles as handles
from cngcore.memory import require_locked
from cngcore.status import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INTERNAL_ERROR,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MEMORY,
    STATUS_SUCCESS,
    CngError,
    InvalidParameterError,
    NTStatus,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

P = ParamSpec("P")
T = TypeVar("T")


_listener: Callable[[str, CngError], None] | None = None


def report_failures_to(listener: Callable[[str, CngError], None] | None) -> None:
    """Call ``listener`` with the name of the function and the error of every call that fails; None stops it.

    A status is all that a caller gets; the message of the error says what was wrong and what to do. It holds no secret.

    >>> import cngcore.bcrypt
    >>> cngcore.bcrypt.report_failures_to(lambda name, error: print(name, error.message))
    >>> status, handle = cngcore.bcrypt.BCryptOpenAlgorithmProvider("RSA", dwFlags=0x100)
    BCryptOpenAlgorithmProvider ...
    >>> cngcore.bcrypt.report_failures_to(None)
    """
    global _listener
    _listener = listener


def flat(
    outputs: int = 0, *, passive: bool = False, locked: tuple[str, ...] = ()
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a function of the flat API, so that it answers with a status and never raises.

    After an error a function with ``outputs`` answers with the status and that many times None, another with the status
    alone. An error that knows the size of the output (:attr:`CngError.size`) answers with it. While some thread has
    raised its IRQL, the function must run at PASSIVE_LEVEL if ``passive``, and the buffers of the parameters in
    ``locked`` must be in locked memory.
    """
    nothing = (None,) * outputs

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        def check_level(*arguments: object) -> None:
            _check_level(function, passive, locked, arguments)

        def failed(error: BaseException) -> object:
            status = status_of(error)
            if _listener is not None and isinstance(error, CngError):
                _listener(function.__name__, error)
            if outputs == 1 and isinstance(error, CngError) and error.size is not None:
                return status, error.size
            return (status, *nothing) if nothing else status

        return _wrapper(function, check_level, failed)

    return decorate


def _wrapper(
    function: Callable[P, T], check_level: Callable[..., None], failed: Callable[[BaseException], object]
) -> Callable[P, T]:
    """Return a wrapper with the parameters of ``function``.

    It is compiled for them, as dataclasses compile their methods: a call costs 0.05 us more than the bare function, and
    0.15 us more through ``*arguments, **named``.
    """
    parameters = signature(function)
    names = ", ".join(parameters.parameters)
    defaults = {f"default_{name}": one.default for name, one in parameters.parameters.items()}
    declared = ", ".join(
        name if one.default is one.empty else f"{name}=default_{name}" for name, one in parameters.parameters.items()
    )
    scope: dict[str, Any] = {
        "function": function,
        "check_level": check_level,
        "failed": failed,
        "irql": irql,
        **defaults,
    }
    source = f"""
def wrapper({declared}):
    try:
        if irql.raised:
            check_level({names})
        return function({names})
    except BaseException as error:
        return failed(error)
"""
    exec(source, scope)  # noqa: S102 - made of our own parameter names
    wrapper: Callable[P, T] = wraps(function)(scope["wrapper"])
    return wrapper


def _check_level(
    function: Callable[..., object],
    passive: bool,
    locked: tuple[str, ...],
    arguments: tuple[object, ...],
) -> None:
    """Raise the error of a call that is illegal at the current IRQL because of the function or a buffer."""
    if passive:
        irql.require_passive(function.__name__)
    values = dict(zip(signature(function).parameters, arguments, strict=True))
    if all(
        _runs_at_this_level(value) for name, value in values.items() if name.startswith("h")
    ):  # else the function itself answers for the handle
        require_locked(*(values.get(name) for name in locked))


def _runs_at_this_level(handle: object) -> bool:
    """Return whether the object of a handle exists and may be used at the current level."""
    if handle is None or handle == 0:
        return True
    try:
        irql.require_dispatch(handles.object_of(handle).dispatch)
    except CngError:
        return False
    return True


def status_of(error: BaseException) -> NTStatus:
    """Return the status for an exception. This is the only place where an exception becomes a status.

    A provider's own fault is InternalError already, so any other exception came from an object that the caller passed
    (a buffer, a string) when it was read.
    """
    if isinstance(error, CngError):
        return STATUS_INTERNAL_ERROR if error.status.is_success else error.status  # a failure is never a success
    if is_interrupt(error):
        raise error
    if isinstance(error, MemoryError):
        return STATUS_NO_MEMORY
    log("an argument raised %s when it was read, at %s", type(error).__name__, place_of(error))
    return STATUS_INVALID_PARAMETER


class Answer:
    """The caller's output buffer and the size that it needs: the answer of every function with ``cbResult``.

    ``query`` is true if the caller passed no buffer and only asks for the size.
    """

    __slots__ = ("_view", "query", "size")

    def __init__(self, name: str, output: object, size: int = 0) -> None:
        self.query = output is None
        self.size = size
        self._view = None if output is None else writable(name, output)

    @property
    def capacity(self) -> int | None:
        """Bytes of the caller's buffer; None for a size query."""
        return None if self._view is None else len(self._view)

    @property
    def short(self) -> bool:
        """Whether there is a buffer that is too small."""
        return self._view is not None and len(self._view) < self.size

    def address(self) -> int:
        """Return the address of the caller's buffer; 0 for a size query or an empty buffer."""
        from ctypes import addressof, c_char

        return addressof(c_char.from_buffer(self._view)) if self._view else 0

    def result(self) -> tuple[NTStatus, int]:
        """Return the answer to a size query, or to a buffer that is too small."""
        return (STATUS_BUFFER_TOO_SMALL if self.short else STATUS_SUCCESS), self.size

    def write(self, data: bytes | bytearray) -> tuple[NTStatus, int]:
        """Write the output and return the answer. A bytearray holds a secret and is wiped.

        contract: rule-size-query.
        """
        size = self.size = len(data)
        status = STATUS_SUCCESS
        if self._view is not None:
            if len(self._view) < size:
                status = STATUS_BUFFER_TOO_SMALL
            else:
                self._view[:size] = data
        if type(data) is bytearray:
            data[:] = bytes(size)
        return status, size


def writable(name: str, output: object) -> memoryview:
    """Return the bytes of a writable buffer. Raise InvalidParameterError for any other object."""
    try:
        view = memoryview(output).cast("B")  # type: ignore[arg-type]
    except (TypeError, ValueError, BufferError):
        raise InvalidParameterError(f"{name} must be a writable buffer or None, not {type(output).__name__}") from None
    if view.readonly:
        raise InvalidParameterError(f"{name} cannot be written to: {type(output).__name__}")
    return view


def no_flags(flags: object) -> None:
    """Reject any flag."""
    check_dword("dwFlags", flags)
    if flags:
        raise InvalidParameterError(f"this function takes no flags, not 0x{flags:X}")


def not_null(name: str, data: T | None) -> T:
    """Return an argument that must not be NULL."""
    if data is None:
        raise InvalidParameterError(f"{name} is NULL")
    return data


def input_bytes(name: str, data: object) -> bytes:
    """Return the bytes of an input buffer that must not be NULL."""
    return data if type(data) is bytes else to_bytes(name, not_null(name, data))
