"""Waiting for a key that takes long: progress, cancelling, and ``await``.

A key that somebody waits for in this way is made in a thread of its own. Our own generators (DSA parameters, RSA below
1024 bits) look up at every candidate (:meth:`cngcore.provider.KeyRequest.checkpoint`): they say what they are at, and
stop at once when the caller gives up. The generators of a library cannot be interrupted (RSA from 1024 bits in
cryptography). Then the caller is let go at once all the same: the thread works on in the background, what it makes is
thrown away and wiped, and until then the key can be destroyed but not finalized again. A process that ends does not
wait for such a thread. Who must have the processor back at once makes keys in a process that can be ended:
:func:`cngcore.bulk.generate_many` over a process pool.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import copy_context
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol

from cngcore.status import CancelledError

if TYPE_CHECKING:
    from cngcore.objects._keypair import KeyPair

__all__ = ["Cancel", "finalize_async", "finalize_waiting"]

TICK = 0.1
"""Seconds between two looks at whether the caller has given up, and between two reports of progress."""

Progress = Callable[[str, float], object]


class Cancel(Protocol):
    """What tells that the caller has given up: a ``threading.Event``, for one."""

    def is_set(self) -> bool: ...


class _Making:
    """One key in the making, in a thread of its own."""

    def __init__(self, key: KeyPair, flags: int, done: Callable[[], object]) -> None:
        self._key = key
        self._done = done
        self._given_up = False
        self.doing = ""
        self.error: BaseException | None = None
        self.begun = time.monotonic()
        context = copy_context()
        work = Thread(target=context.run, args=(self._run, flags), daemon=True, name="cngcore: a key in the making")
        try:
            work.start()
        except KeyError as error:  # threading's own books, where a signal's handler raised in the middle of start()
            raise (error.__context__ or error) from None

    def _run(self, flags: int) -> None:
        request = self._key._request
        try:
            if request is not None and self._key.state == "empty":
                request.waiting = self._checkpoint
            self._key.finalize(flags)
        except BaseException as error:
            self.error = error
        finally:
            if request is not None:
                request.waiting = None
            self._done()

    def _checkpoint(self, doing: str) -> None:
        if self._given_up:
            raise CancelledError("nobody waits for this key any more")
        self.doing = doing or self.doing

    def give_up(self) -> CancelledError:
        """Let the thread know; the error for the caller."""
        self._given_up = True
        return CancelledError(
            "the key was not made: the caller gave up; it is empty again as soon as the generator has noticed"
        )

    def report(self, progress: Progress | None) -> None:
        if progress is not None:
            progress(self.doing, time.monotonic() - self.begun)


def finalize_waiting(key: KeyPair, flags: int, progress: Progress | None, cancel: Cancel | None) -> None:
    """:meth:`KeyPair.finalize` with its keywords."""
    done = Event()
    making = _Making(key, flags, done.set)
    try:
        while not done.wait(TICK):
            if cancel is not None and cancel.is_set():
                raise making.give_up()
            making.report(progress)
    except BaseException:
        making.give_up()
        raise
    if making.error is not None:
        raise making.error


async def finalize_async(key: KeyPair, flags: int, progress: Progress | None) -> None:
    """:meth:`KeyPair.finalize_async`."""
    import asyncio  # whoever awaits has it already; who only waits needs none of it

    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def tell() -> None:
        try:
            loop.call_soon_threadsafe(done.set)
        except RuntimeError:  # the loop has ended: nobody waits
            return

    making = _Making(key, flags, tell)
    try:
        while not done.is_set():
            try:
                await asyncio.wait_for(done.wait(), TICK)
            except TimeoutError:
                making.report(progress)
    except BaseException:
        making.give_up()
        raise
    if making.error is not None:
        raise making.error
