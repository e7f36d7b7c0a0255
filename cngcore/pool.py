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
from collections import deque
from typing import TYPE_CHECKING
from weakref import WeakSet

from cngcore.status import CngError, InvalidHandleError, InvalidParameterError

if TYPE_CHECKING:
    from cngcore.objects import KeyPair
    from cngcore.registry import Registry

__all__ = ["KeyPool"]


def __dir__() -> list[str]:
    return sorted(__all__)


MOST = 100_000
"""The largest size of a pool."""


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
        self._change = threading.Condition()
        self._filling = False

    def _start(self) -> None:
        self._filling = True
        threading.Thread(target=self._fill, daemon=True, name=f"cngcore.pool: {self._name}").start()

    # --- for the caller -------------------------------------------------------------------------------

    def take(self, timeout: float | None = None) -> KeyPair:
        """Return a finalized key pair, which the caller owns and must destroy.

        Wait until one is ready, for at most ``timeout`` seconds; then raise TimeoutError. If making a key failed, raise
        its error; the next call tries again. Raise InvalidHandleError if the pool is closed.
        """
        end = None if timeout is None else time.monotonic() + timeout
        with self._change:
            if not self._filling and not self._closed:
                self._start()
            while not self._ready:
                if self._closed:
                    raise InvalidHandleError(f"the pool of {self._name} keys is closed; create another KeyPool")
                if self._error is not None:
                    error, self._error = self._error, None
                    self._change.notify_all()
                    raise error
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError(
                        f"no {self._name} key was ready within {timeout} seconds; wait longer, or fill a larger pool"
                    )
                self._change.wait(left)
            key = self._ready.popleft()
            self._change.notify_all()
            return key

    def __len__(self) -> int:
        """Return the number of keys that are ready now."""
        return len(self._ready)

    def close(self) -> None:
        """Destroy the keys that are ready and make no more. Keys that were taken are kept. Closing twice is allowed."""
        with self._change:
            self._closed = True
            while self._ready:
                self._ready.popleft().destroy()
            self._change.notify_all()

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
        change = self._change
        try:
            self._fill_until_closed(change)
        except BaseException as error:
            with change:
                self._error = error
        finally:
            with change:
                self._filling = False
                change.notify_all()

    def _fill_until_closed(self, change: threading.Condition) -> None:
        """Make keys while there is room. After a failure, wait until take() has raised the error."""
        while True:
            with change:
                while not self._closed and (len(self._ready) >= self.size or self._error is not None):
                    change.wait()
                if self._closed:
                    return
            try:
                key = self._empty()
                key.finalize()
            except CngError as error:
                with change:
                    self._error = error
                    change.notify_all()
                continue
            with change:
                if self._closed:
                    key.destroy()
                    return
                self._ready.append(key)
                change.notify_all()

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
