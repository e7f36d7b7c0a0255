"""What becomes of locks where a process forks.

A forked child has one thread. A lock that another thread of the parent held stays locked in it for ever, and whoever
wants it hangs. So each lock of the core is one of two kinds:

* :func:`awaited`: held while something is found out once (the registry's discovery, a factory's making). A fork waits
  until it is free, :data:`PATIENCE` seconds at the most, so that the child never sees half of it, nor half an import.
* :func:`renewed`: held while a back end works on one object. A fork does not wait; the lock is free in the child. An
  object that another thread was using at that moment is in an unknown state there: destroy it.

Python itself has such locks: a module that another thread is importing can never be imported in the child. Much of
the core and of its providers is imported late, in the middle of a call. So a fork also waits, :data:`IMPORTS` seconds
at the most, for a moment when no other thread is in the middle of an import, and lets none begin until it is over.
"""

import os
import sys
from _thread import get_ident
from _weakref import ref
from time import monotonic, sleep

try:
    from _imp import acquire_lock, release_lock
except ImportError:  # another Python than CPython: it has its own ways
    acquire_lock = release_lock = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType, RLock
    from typing import TypeVar

    Lock = TypeVar("Lock", LockType, RLock)

__all__ = ["PATIENCE", "awaited", "renewed"]

PATIENCE = 5.0
"""Seconds a fork waits for all awaited locks together; those that are not free by then are renewed in the child."""

IMPORTS = 2.0
"""Seconds a fork waits for the imports of other threads.

Longer than any of ours takes, and no burden on a program whose main module is imported and never comes to its end.
"""

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
    if acquire_lock is not None:
        _wait_for_imports()


def _wait_for_imports() -> None:
    """Take Python's lock on imports when no module is being imported elsewhere, or when time is up.

    Where that module was :mod:`logging`, Python prints "cannot release un-acquired lock" once and goes on: logging came
    with fork hooks of its own, in the middle of this one.
    """
    end = monotonic() + IMPORTS
    acquire_lock()
    while _imported_elsewhere() and monotonic() < end:
        release_lock()  # whoever is importing needs it to get on
        sleep(0.0005)
        acquire_lock()


def _imported_elsewhere() -> bool:
    """Whether another thread holds the lock of a module (importlib keeps them by name, weakly)."""
    locks = list(getattr(sys.modules.get("_frozen_importlib"), "_module_locks", {}).values())
    owners = [getattr(lock, "owner", None) for known in locks if (lock := known()) is not None]
    return any(owner is not None and owner != get_ident() for owner in owners)


def _in_parent() -> None:
    if release_lock is not None:
        release_lock()
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
