"""The dispatch-level rules of the contract, for testing driver code.

Kernel code may call CNG at DISPATCH_LEVEL only on handles opened with ``BCRYPT_PROV_DISPATCH``, and only with
pointers to nonpaged or locked memory (the remarks of the ``BCryptGenerateKeyPair`` page). A test says where the
code under it would run::

    with cngcore.irql.at(cngcore.irql.DISPATCH_LEVEL):
        status = driver_routine()

Within the block a call on a handle opened without the flag is STATUS_INVALID_HANDLE, a buffer that is not a
:class:`cngcore.memory.LockedBuffer` is STATUS_INVALID_PARAMETER, and the functions that exist at PASSIVE_LEVEL only
(opening, closing, enumerating) are STATUS_NOT_SUPPORTED. Above DISPATCH_LEVEL nothing may be called at all.
The level belongs to the thread and to the asyncio task. Decision record: ``docs/decisions/dispatch-level.md``.
"""

from _thread import allocate_lock

from cngcore._forks import renewed
from cngcore.status import InvalidHandleError, InvalidParameterError, NotSupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextvars import ContextVar, Token

PASSIVE_LEVEL = 0
APC_LEVEL = 1
DISPATCH_LEVEL = 2

raised = 0
"""How many :class:`at` blocks above APC_LEVEL are open in the whole process: 0 makes every check free."""

_counting = renewed(allocate_lock())
_level: "ContextVar[int] | None" = None


def _variable() -> "ContextVar[int]":
    """What holds the level. Made when a level is first raised: most programs never do."""
    global _level
    with _counting:
        if _level is None:
            from contextvars import ContextVar

            _level = ContextVar("cngcore.irql", default=PASSIVE_LEVEL)
        return _level


def current() -> int:
    """The level this thread or task runs at."""
    return PASSIVE_LEVEL if _level is None else _level.get()


class at:  # noqa: N801 - reads as a preposition: `with irql.at(level)`
    """Context manager: the code in the block runs at ``level``. A level can be raised, not lowered."""

    __slots__ = ("_level", "_token")

    def __init__(self, level: int) -> None:
        if not isinstance(level, int) or isinstance(level, bool) or not PASSIVE_LEVEL <= level <= 31:
            raise InvalidParameterError(f"an IRQL is a number from 0 to 31, not {level!r}")
        self._level = level
        self._token: Token[int] | None = None

    def __enter__(self) -> int:
        global raised
        if self._level < current():
            raise InvalidParameterError(f"the level is {current()} already; at() raises a level and never lowers it")
        self._token = _variable().set(self._level)
        if self._level >= DISPATCH_LEVEL:
            with _counting:
                raised += 1
        return self._level

    def __exit__(self, *_exception: object) -> None:
        global raised
        if self._token is not None:
            _variable().reset(self._token)
            self._token = None
            if self._level >= DISPATCH_LEVEL:
                with _counting:
                    raised -= 1


def require_passive(function: str) -> None:
    """Refuse what exists at PASSIVE_LEVEL only."""
    if current() >= DISPATCH_LEVEL:
        raise NotSupportedError(f"{function} must be called at PASSIVE_LEVEL; this code runs at IRQL {current()}")


def require_dispatch(opened_for_dispatch: bool) -> None:
    """Refuse a handle that was not opened with ``BCRYPT_PROV_DISPATCH``."""
    if current() > DISPATCH_LEVEL:
        raise NotSupportedError(f"nothing may be called above DISPATCH_LEVEL; this code runs at IRQL {current()}")
    if current() == DISPATCH_LEVEL and not opened_for_dispatch:
        raise InvalidHandleError(
            "at DISPATCH_LEVEL the algorithm must have been opened with BCRYPT_PROV_DISPATCH; this one was not"
        )


def require_locked(*buffers: object) -> None:
    """Refuse memory that may be paged out; ``None`` and strings (constants of the driver's image) pass."""
    if current() < DISPATCH_LEVEL:
        return
    from cngcore.memory import is_locked

    for buffer in buffers:
        if buffer is not None and not isinstance(buffer, str | int) and not is_locked(buffer):
            raise InvalidParameterError(
                f"at DISPATCH_LEVEL a pointer must refer to locked memory; this {type(buffer).__name__} is not "
                "in a cngcore.memory.LockedBuffer"
            )
