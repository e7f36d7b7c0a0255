"""What becomes of locks where a process forks.

A forked child has one thread. A lock that another thread of the parent held stays locked in it for ever, and whoever
wants it hangs. So each lock of the core is one of two kinds:

* :func:`awaited`: held while something is found out once (the registry's discovery, a factory's making). A fork waits
  until it is free, :data:`PATIENCE` seconds at the most, so that the child never sees half of it, nor half an import.
* :func:`renewed`: held while a back end works on one object. A fork does not wait; the lock is free in the child. An
  object that another thread was using at that moment is in an unknown state there: destroy it.
"""

import os
from _weakref import ref
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType, RLock
    from typing import TypeVar

    Lock = TypeVar("Lock", LockType, RLock)

__all__ = ["PATIENCE", "awaited", "renewed"]

PATIENCE = 5.0
"""Seconds a fork waits for all awaited locks together; those that are not free by then are renewed in the child."""

_awaited: "list[ref[RLock]]" = []
_renewed: "set[ref[LockType | RLock]]" = set()
_held: "list[RLock]" = []
_missed: "list[RLock]" = []


def awaited(lock: "RLock") -> "RLock":
    """``lock``, for which a fork waits."""
    _awaited.append(ref(lock, _awaited.remove))
    return lock


def renewed(lock: "Lock") -> "Lock":
    """``lock``, which is free in a forked child whoever held it."""
    _renewed.add(ref(lock, _renewed.discard))
    return lock


def _before() -> None:
    end = monotonic() + PATIENCE
    locks = [lock for known in _awaited if (lock := known()) is not None]
    for lock in locks:
        (_held if lock.acquire(timeout=max(0.0, end - monotonic())) else _missed).append(lock)


def _in_parent() -> None:
    while _held:
        _held.pop().release()
    _missed.clear()


def _in_child() -> None:
    stuck = [lock for known in list(_renewed) if (lock := known()) is not None]
    for lock in [*stuck, *_missed]:
        lock._at_fork_reinit()  # type: ignore[union-attr]
    _in_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
