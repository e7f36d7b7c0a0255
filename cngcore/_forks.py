"""Locks that survive a fork.

A forked child has one thread. A lock that another thread of the parent held stays locked in the child for ever. So
each lock of the core is one of two kinds:

* :func:`held_over_fork`: held while something is done once (discovery, making a factory). A fork waits until the lock
  is free, :data:`PATIENCE` seconds at most, so the child never sees half of the work; also for a lock that is made
  while it waits. What the fork did not get, because the time was up, is free in the child.
* :func:`reset_in_child`: held while a back end works on one object. A fork does not wait, and the lock is free in the
  child. If another thread was using that object at the fork, destroy it in the child: its state is unknown.

Python has such locks too: a module that another thread is importing can never be imported in the child. Parts of the
core and of its providers are imported in the middle of a call. So a fork also waits, :data:`IMPORTS` seconds at most,
until no other thread imports a module, and lets no import begin until the fork is over.
"""

from __future__ import annotations

import os
import sys
from _thread import get_ident
from time import monotonic, sleep
from typing import TYPE_CHECKING
from weakref import ref

try:
    from _imp import acquire_lock, release_lock
except ImportError:  # not CPython
    acquire_lock = release_lock = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from _thread import LockType, RLock
    from collections.abc import Callable
    from typing import Any, TypeVar

    Lock = TypeVar("Lock", LockType, RLock)

__all__ = ["PATIENCE", "held_over_fork", "reset_in_child"]

PATIENCE = 5.0
"""Seconds that a fork waits for all locks of :func:`held_over_fork`."""

IMPORTS = 2.0
"""Seconds that a fork waits for imports of other threads.

No module of ours takes longer. A program whose main module never ends its import loses at most this time.
"""

_held_over_fork: list[ref[RLock]] = []
_reset_in_child: set[ref[LockType | RLock]] = set()
_taken: list[RLock] = []


def held_over_fork(lock: RLock) -> RLock:
    """Register a lock that a fork waits for; return it."""
    _held_over_fork.append(ref(lock, _held_over_fork.remove))
    return lock


def reset_in_child(lock: Lock) -> Lock:
    """Register a lock that is free in a forked child, whichever thread held it; return it."""
    _reset_in_child.add(ref(lock, _reset_in_child.discard))
    return lock


def _before() -> None:
    end = monotonic() + PATIENCE
    while True:
        _taken.extend(lock for lock in _untaken() if lock.acquire(timeout=max(0.0, end - monotonic())))
        if acquire_lock is not None:
            _wait_for_imports()
        if monotonic() >= end or not _untaken():
            return
        if release_lock is not None:  # a lock was made meanwhile: discovery ended, and a first probe runs
            release_lock()


def _untaken() -> list[RLock]:
    """Return the locks that a fork waits for and has not taken."""
    taken = {id(lock) for lock in _taken}
    return [lock for known in list(_held_over_fork) if (lock := known()) is not None and id(lock) not in taken]


def _wait_for_imports() -> None:
    """Take Python's import lock when no other thread is importing, or when the time is up.

    If that thread imports :mod:`logging`, Python prints "cannot release un-acquired lock" once and goes on, because
    logging installs its own fork hooks at that moment.
    """
    end = monotonic() + IMPORTS
    acquire_lock()
    while _imported_elsewhere() and monotonic() < end:
        release_lock()  # the importing thread needs it
        sleep(0.0005)
        acquire_lock()


def _imported_elsewhere() -> bool:
    """Return whether another thread holds the import lock of a module."""
    # CPython detail: importlib keeps these locks by module name, weakly. tests/stress/test_forks.py fails without it.
    locks = list(getattr(sys.modules.get("_frozen_importlib"), "_module_locks", {}).values())
    owners = [getattr(lock, "owner", None) for known in locks if (lock := known()) is not None]
    return any(owner is not None and owner != get_ident() for owner in owners)


def _in_parent() -> None:
    if release_lock is not None:
        release_lock()
    while _taken:
        _taken.pop().release()


def _in_child() -> None:
    taken = {id(lock) for lock in _taken}
    known: list[Callable[[], Any]] = [*_held_over_fork, *_reset_in_child]
    for lock in filter(None, (reference() for reference in known)):
        if id(lock) not in taken:
            lock._at_fork_reinit()
    _in_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
