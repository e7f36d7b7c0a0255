"""Key generation in a thread of its own, with progress, cancellation and ``await``.

Our own generators (DSA parameters, RSA below 1024 bits) call :meth:`cngcore.provider.KeyRequest.checkpoint` at every
candidate: they report what they do, and stop at once when the caller cancels. The generators of a library (RSA from
1024 bits in cryptography) cannot be interrupted. Then the caller continues at once all the same: the thread goes on in
the background, its key is dropped and wiped, and until then the key can be destroyed but not finalized again. A process
that ends does not wait for the thread. To stop the computation itself, use :func:`cngcore.bulk.generate_many` with a
process pool; its workers can be terminated.
"""

from __future__ import annotations

import time
from _thread import allocate_lock
from contextvars import copy_context
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from cngcore._diagnostics import start_thread
from cngcore.status import CancelledError

if TYPE_CHECKING:
    from collections.abc import Callable

    Checkpoint = Callable[[str], None]
    Progress = Callable[[str, float], object]
    Work = Callable[[Checkpoint], object]

__all__ = ["Cancel", "finalize_async", "finalize_in_background"]

TICK = 0.1
"""Seconds between two looks at ``cancel``, and between two reports of progress."""


class Cancel(Protocol):
    """What says that the caller has cancelled, such as a ``threading.Event``."""

    def is_set(self) -> bool: ...


class _Generation:
    """One key generation in a thread of its own."""

    def __init__(self, work: Work, done: Callable[[], object]) -> None:
        self._work = work
        self._done = done
        self._cancelled = False
        self.doing = ""
        self.error: BaseException | None = None
        self.started = time.monotonic()
        context = copy_context()
        thread = Thread(target=context.run, args=(self._run,), daemon=True, name="cngcore: a key in the making")
        start_thread(thread)

    def _run(self) -> None:
        try:
            self._work(self._checkpoint)
        except BaseException as error:
            self.error = error
        finally:
            self._done()

    def _checkpoint(self, doing: str) -> None:
        if self._cancelled:
            raise CancelledError("the caller has cancelled this key")
        self.doing = doing or self.doing

    def cancel(self) -> CancelledError:
        """Stop the thread at its next checkpoint; return the error for the caller."""
        self._cancelled = True
        return CancelledError(
            "the key was not made because the caller cancelled; it is empty again as soon as the generator has stopped"
        )

    def report(self, progress: Progress | None) -> None:
        if progress is not None:
            progress(self.doing, time.monotonic() - self.started)


def finalize_in_background(work: Work, progress: Progress | None, cancel: Cancel | None) -> None:
    """Run ``work(checkpoint)`` in a thread until it ends or ``cancel`` is set; raise what it raised."""
    done = allocate_lock()  # not an Event: a signal inside Event.wait can become RuntimeError
    done.acquire()
    generation = _Generation(work, done.release)
    try:
        while not done.acquire(timeout=TICK):
            if cancel is not None and cancel.is_set():
                raise generation.cancel()
            generation.report(progress)
    except BaseException:
        generation.cancel()
        raise
    if generation.error is not None:
        raise generation.error


async def finalize_async(work: Work, progress: Progress | None) -> None:
    """Run ``work(checkpoint)`` in a thread and await its end; raise what it raised."""
    import asyncio  # loaded already when this coroutine runs, and not needed otherwise

    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def report_end() -> None:
        try:
            loop.call_soon_threadsafe(done.set)
        except RuntimeError:  # the loop is closed
            return

    generation = _Generation(work, report_end)
    try:
        while not done.is_set():
            try:
                await asyncio.wait_for(done.wait(), TICK)
            except TimeoutError:
                generation.report(progress)
    except BaseException:
        generation.cancel()
        raise
    if generation.error is not None:
        raise generation.error
