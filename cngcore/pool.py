"""Make key pairs in advance, for keys that take long to make and are needed at once.

::

    with KeyPool("RSA", length=3072, size=4) as pool:
        key = pool.take()

One thread in the background keeps up to ``size`` finalized key pairs ready. Closing the pool, or the end of the
interpreter, destroys and so wipes the pairs that are left. In a forked child every pool is empty and is filled again by
the first :meth:`KeyPool.take`, so two processes never get the same key.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from _thread import allocate_lock
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

from cngcore._diagnostics import start_thread
from cngcore.status import CngError, InvalidHandleError, InvalidParameterError

if TYPE_CHECKING:
    from cngcore.objects import KeyPair
    from cngcore.registry import Registry

__all__ = ["KeyPool"]


def __dir__() -> list[str]:
    return sorted(__all__)


MOST = 100_000
"""The largest size of a pool."""

TICK = 0.5
"""Seconds after which a waiting take() looks again, whatever woke it or did not."""


class _Bell:
    """What one thread waits for and others ring. A ring that nobody waits for is kept, and several count as one.

    It is a plain lock. A signal inside ``threading.Condition.wait`` can become a RuntimeError, and lose a wake-up.
    """

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._lock.acquire()

    def ring(self) -> None:
        with suppress(RuntimeError):  # it rings already
            self._lock.release()

    def wait(self, seconds: float = -1) -> None:
        self._lock.acquire(timeout=seconds)


class KeyPool:
    """Up to ``size`` key pairs of one kind, ready to be taken.

    ``length`` (bits), ``parameter_set``, ``curve`` and ``implementation`` are those of
    :meth:`cngcore.Registry.generate_key_pair`. The first key is started at once. Raise InvalidParameterError for a
    wrong argument, and whatever opening the algorithm raises, before a key is made.
    """

    def __init__(
        self,
        algorithm: str,
        *,
        size: int = 4,
        length: int = 0,
        parameter_set: str | None = None,
        curve: str | None = None,
        implementation: str | None = None,
        registry: Registry | None = None,
    ) -> None:
        if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= MOST:
            raise InvalidParameterError(
                f"size must be an int from 1 to {MOST}, not {size if type(size) is int else type(size).__name__}"
            )
        from cngcore.registry import default

        registry = registry or default()
        kind = registry.key_kind(algorithm, length, parameter_set, curve)
        if kind is not None:
            algorithm, length, parameter_set, curve = kind.algorithm, kind.length, kind.parameter_set, kind.curve
        self.size = size
        self._name = algorithm
        self._parameter_set = parameter_set
        self._length = length
        self._provider = registry.open_for(algorithm, length, parameter_set, implementation, curve)
        if curve is not None:
            self._provider.set_property("ECCCurveName", curve)
        self._empty().destroy()
        self._closed = False
        self._clear()
        self._start()
        _pools.add(self)

    def _clear(self) -> None:
        """Reset to an empty pool without a thread."""
        self._ready: deque[KeyPair] = deque()
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._room, self._news = _Bell(), _Bell()

    def _start(self) -> None:
        """Start the thread, unless it runs. After a signal in here two can run; then the pool may hold a key more."""
        if self._thread is None or not self._thread.is_alive():
            thread = threading.Thread(target=self._fill, daemon=True, name=f"cngcore.pool: {self._name}")
            start_thread(thread)
            self._thread = thread

    # --- for the caller -------------------------------------------------------------------------------

    def take(self, timeout: float | None = None) -> KeyPair:
        """Return a finalized key pair, which the caller owns and must destroy.

        Wait until one is ready, for at most ``timeout`` seconds; then raise TimeoutError. If making a key failed, raise
        its error; the next call tries again. Raise InvalidHandleError if the pool is closed.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            if not self._closed:
                self._start()
            self._room.ring()
            try:
                key = self._ready.popleft()
            except IndexError:
                pass
            else:
                self._room.ring()
                if self._ready:
                    self._news.ring()  # for another thread that waits
                return key
            if self._closed:
                self._news.ring()
                raise InvalidHandleError(f"the pool of {self._name} keys is closed; create another KeyPool")
            error = self._error
            if error is not None:
                self._error = None
                self._room.ring()
                raise error
            left = TICK if end is None else min(TICK, end - time.monotonic())
            if left <= 0:
                raise TimeoutError(
                    f"no {self._name} key was ready within {timeout} seconds; wait longer, or fill a larger pool"
                )
            self._news.wait(left)

    def __len__(self) -> int:
        """Return the number of keys that are ready now."""
        return len(self._ready)

    def close(self) -> None:
        """Destroy the keys that are ready and make no more. Keys that were taken are kept. Closing twice is allowed."""
        self._closed = True
        self._destroy_ready()
        self._room.ring()
        self._news.ring()

    def _destroy_ready(self) -> None:
        while True:
            try:
                key = self._ready.popleft()
            except IndexError:
                return
            key.destroy()

    def __enter__(self) -> KeyPool:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{len(self)} of {self.size} ready"
        return f"<KeyPool of {self._name}, {state}>"

    # --- the thread -----------------------------------------------------------------------------------

    def _empty(self) -> KeyPair:
        key = self._provider.generate_key_pair(self._length)
        if self._parameter_set is not None:
            key.set_property("ParameterSetName", self._parameter_set)
        return key

    def _fill(self) -> None:
        """Keep the pool full until it is closed; if the thread ends for another reason, let take() report why."""
        try:
            self._fill_until_closed()
        except BaseException as error:
            self._error = error
        self._news.ring()

    def _fill_until_closed(self) -> None:
        """Make keys while there is room. After a failure, wait until take() has raised the error."""
        while not self._closed:
            if len(self._ready) >= self.size or self._error is not None:
                self._room.wait()
                continue
            try:
                key = self._empty()
                key.finalize()
            except CngError as error:
                self._error = error
            else:
                self._ready.append(key)
                if self._closed:  # perhaps after close() has looked
                    self._destroy_ready()
            self._news.ring()

    def _forked(self) -> None:
        """In a forked child, drop the keys: they belong to the parent, and the thread does not exist here."""
        for key in self._ready:
            key.destroy()
        self._clear()


_pools: WeakSet[KeyPool] = WeakSet()


def _close_all() -> None:
    for pool in list(_pools):
        pool.close()


def _forked() -> None:
    for pool in list(_pools):
        pool._forked()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
