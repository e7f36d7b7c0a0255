"""The dispatch-level rules of the contract, for testing driver code.

At DISPATCH_LEVEL, kernel code may call CNG only on handles that were opened with ``BCRYPT_PROV_DISPATCH``, and only
with pointers to nonpaged or locked memory (the remarks of the ``BCryptGenerateKeyPair`` page). A test sets the level at
which the tested code would run::

    with cngcore.irql.at(cngcore.irql.DISPATCH_LEVEL):
        status = driver_routine()

Calls in the block answer:

* STATUS_INVALID_HANDLE on a handle that was opened without the flag;
* STATUS_INVALID_PARAMETER for a buffer that is not a :class:`cngcore.memory.LockedBuffer`;
* STATUS_NOT_SUPPORTED if the function may be called at PASSIVE_LEVEL only (opening, closing, enumerating).

Above DISPATCH_LEVEL every call answers STATUS_NOT_SUPPORTED. Each thread and each asyncio task has its own level. The
decision record is ``docs/decisions/dispatch-level.md``.
"""

from __future__ import annotations

from _thread import allocate_lock
from contextvars import ContextVar
from typing import TYPE_CHECKING

from cngcore._forks import reset_in_child
from cngcore.status import InvalidHandleError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from contextvars import Token

PASSIVE_LEVEL = 0
APC_LEVEL = 1
DISPATCH_LEVEL = 2

raised = 0
"""The number of open :class:`at` blocks above APC_LEVEL in the process. If it is 0, callers skip every check."""

_counting = reset_in_child(allocate_lock())
_level: ContextVar[int] = ContextVar("cngcore.irql", default=PASSIVE_LEVEL)


def current() -> int:
    """Return the level of this thread or task.

    >>> current()
    0
    """
    return _level.get()


class at:  # noqa: N801 - reads as a preposition: `with irql.at(level)`
    """Run the code in a ``with`` block at a level. It can raise the level but not lower it.

    Raise InvalidParameterError if the level is not a number from 0 to 31, or is below the current one.

    >>> with at(DISPATCH_LEVEL):
    ...     current()
    2
    """

    __slots__ = ("_level", "_token")

    def __init__(self, level: int) -> None:
        if not isinstance(level, int) or isinstance(level, bool) or not PASSIVE_LEVEL <= level <= 31:
            raise InvalidParameterError(f"an IRQL must be a number from 0 to 31, not {level!r:.40}")
        self._level = level
        self._token: Token[int] | None = None

    def __enter__(self) -> int:
        global raised
        if self._level < current():
            raise InvalidParameterError(
                f"at() cannot lower the level from {current()} to {self._level}; leave the outer block first"
            )
        self._token = _level.set(self._level)
        if self._level >= DISPATCH_LEVEL:
            with _counting:
                raised += 1
        return self._level

    def __exit__(self, *_exception: object) -> None:
        global raised
        if self._token is not None:
            _level.reset(self._token)
            self._token = None
            if self._level >= DISPATCH_LEVEL:
                with _counting:
                    raised -= 1


def require_passive(function: str) -> None:
    """Raise NotSupportedError above APC_LEVEL, for a function that exists at PASSIVE_LEVEL only."""
    if current() >= DISPATCH_LEVEL:
        raise NotSupportedError(f"{function} must be called at PASSIVE_LEVEL; this code runs at IRQL {current()}")


def require_dispatch(opened_for_dispatch: bool) -> None:
    """Raise InvalidHandleError at DISPATCH_LEVEL if the algorithm was not opened with ``BCRYPT_PROV_DISPATCH``."""
    if current() > DISPATCH_LEVEL:
        raise NotSupportedError(f"no function may be called above DISPATCH_LEVEL; this code runs at IRQL {current()}")
    if current() == DISPATCH_LEVEL and not opened_for_dispatch:
        raise InvalidHandleError(
            "at DISPATCH_LEVEL a call needs an algorithm that was opened with BCRYPT_PROV_DISPATCH"
        )
