"""Key pairs made ahead: for kinds that take long and are wanted at once.

::

    with KeyPool("RSA", length=3072, size=4) as pool:
        key = pool.take()

A pool keeps up to ``size`` finalized pairs, made in the background by one thread. What it holds is destroyed, and so
wiped, when it is closed and when the interpreter ends. A forked child finds its pools empty and fills them anew when it
takes from them: no two processes ever hand out the same key.
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

MOST = 100_000
"""The largest size of a pool."""


class KeyPool:
    """Up to ``size`` key pairs of one kind, ready to be taken.

    The kind is told as to :meth:`cngcore.Registry.generate_key_pair`. Making begins at once. Raises what opening the
    algorithm or a wrong argument raises, before anything is made.
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
            raise InvalidParameterError(f"a pool holds 1 to {MOST} keys, not {size!r}")
        from cngcore.registry import default

        self.size = size
        self._name = algorithm
        self._parameter_set = parameter_set
        self._length = length
        self._provider = (registry or default()).open_for(algorithm, length, parameter_set, implementation)
        if curve is not None:
            self._provider.set_property("ECCCurveName", curve)
        self._empty().destroy()
        self._closed = False
        self._clear()
        self._start()
        _pools.add(self)

    def _clear(self) -> None:
        """An empty pool that nobody fills yet."""
        self._ready: deque[KeyPair] = deque()
        self._error: CngError | None = None
        self._change = threading.Condition()
        self._filling = False

    def _start(self) -> None:
        self._filling = True
        threading.Thread(target=self._fill, daemon=True, name=f"cngcore.pool: {self._name}").start()

    # --- for the caller -------------------------------------------------------------------------------

    def take(self, timeout: float | None = None) -> KeyPair:
        """A finalized key pair that nobody else gets; it is the caller's to destroy.

        Waits until one is ready, ``timeout`` seconds at the most, then raises TimeoutError. Raises what making a key
        raised, and makes another try when it is asked again; InvalidHandleError once the pool is closed.
        """
        end = None if timeout is None else time.monotonic() + timeout
        with self._change:
            if not self._filling and not self._closed:
                self._start()
            while not self._ready:
                if self._closed:
                    raise InvalidHandleError(f"the pool of {self._name} keys is closed")
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
        """Keys that are ready now."""
        return len(self._ready)

    def close(self) -> None:
        """Destroy what is ready, and make no more. What was taken lives on. Closing twice does no harm."""
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
        """Keep the pool full until it is closed. After a failure, wait until it has been told."""
        change = self._change
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
        """In a forked child: the parent's keys are the parent's, and its thread is not here."""
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
