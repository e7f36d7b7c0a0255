"""The batches of one call of :func:`cngcore.bulk.generate_many`: submit them, collect their keys, retry lost ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from cngcore.bulk._processes import Processes, WorkerLostError
from cngcore.bulk._worker import Answer, Order, make
from cngcore.status import CngError, InternalError, NTStatus, error_for

if TYPE_CHECKING:
    from cngcore.registry import Registry

__all__ = ["LARGEST_BATCH", "TRIES", "BulkKey", "Work"]

BATCH_SECONDS = 0.1
"""Seconds that a batch should take, so that sending it to a worker and back costs little in comparison."""

LARGEST_BATCH = 1024
"""Keys in the largest batch."""

TRIES = 3
"""How often a batch is submitted to the caller's executor before its keys count as failed."""


@dataclass(frozen=True, slots=True, repr=False)
class BulkKey:
    """One of many keys.

    ``index`` is its number. ``public`` is its public blob. ``private`` is its private blob, or, if ``sealed``, the
    output of :func:`cngcore.bulk.sealing.seal` for it. If the key could not be made, ``error`` is the reason and both
    blobs are empty.
    """

    index: int
    private: bytes
    public: bytes
    sealed: bool = False
    error: CngError | None = None

    def __repr__(self) -> str:
        outcome = f"failed: {self.error}" if self.error else f"{len(self.private)} private bytes"
        return f"<BulkKey {self.index}, {outcome}>"


@dataclass(slots=True, eq=False)
class Batch:
    """Some indices, and how often they were submitted."""

    indices: Sequence[int]
    tries: int = 0

    def halves(self) -> list[Batch]:
        middle = len(self.indices) // 2
        return [Batch(self.indices[:middle]), Batch(self.indices[middle:])]


class Work:
    """The batches of one call: submitted, collected, and submitted again if a worker is lost.

    A batch whose worker died is submitted again. If that worker dies too, the batch is the cause: it is halved until
    one key is left, and this key has failed.
    """

    def __init__(self, order: Order, registry: Registry | None, executor: Executor | None, workers: int) -> None:
        self._order = order
        self._registry = registry
        self._executor_of_caller = executor
        self._workers = workers
        self._own: ThreadPoolExecutor | Processes | None = None
        self._size = 1.0
        self._again: deque[Batch] = deque()
        self._hopeless: BaseException | None = None

    def run(self, todo: Iterator[int]) -> Iterator[BulkKey]:
        """Yield a key for each index in ``todo``."""
        out: dict[Future[Answer], Batch] = {}
        window = 2 * self._workers
        try:
            while True:
                while len(out) < window:
                    batch = self._next(todo)
                    if batch is None:
                        break
                    future = self._submit(batch)
                    if future is not None:
                        out[future] = batch
                    elif self._hopeless is not None:
                        yield from self._failed(batch, self._hopeless)
                if not out:
                    return
                for future in self._done(out):
                    batch = out.pop(future)
                    error = _error_of(future)
                    if error is None:
                        yield from self._keys(batch, future.result())
                    else:
                        yield from self._lost(batch, error)
        finally:
            for future in out:
                future.cancel()
            self._end()

    # --- submit ---------------------------------------------------------------------------------------

    def _next(self, todo: Iterator[int]) -> Batch | None:
        if self._again:
            return self._again.popleft()
        indices = list(islice(todo, int(self._size)))
        if not indices:
            return None
        first, last = indices[0], indices[-1]
        return Batch(range(first, last + 1) if last - first + 1 == len(indices) else indices)

    def _submit(self, batch: Batch) -> Future[Answer] | None:
        """Submit a batch. Return None, and set ``_hopeless``, if no batch can be submitted any more."""
        if self._hopeless is not None:
            return None
        batch.tries += 1
        registry = () if self._registry is None else (self._registry,)
        try:
            return self._executor().submit(make, self._order, batch.indices, *registry)
        except (BrokenExecutor, WorkerLostError) as error:
            self._hopeless = error
        except RuntimeError as error:  # the caller's executor is shut down
            if self._executor_of_caller is None:
                raise
            self._hopeless = error
        return None

    def _executor(self) -> Executor:
        if self._executor_of_caller is not None:
            return self._executor_of_caller
        if self._own is None:
            if self._registry is not None:
                self._own = ThreadPoolExecutor(self._workers, thread_name_prefix="cngcore.bulk")
            else:
                self._own = Processes(self._workers)
        return self._own

    # --- collect --------------------------------------------------------------------------------------

    def _done(self, out: dict[Future[Answer], Batch]) -> Collection[Future[Answer]]:
        """Wait until futures are done, and return them."""
        if isinstance(self._own, Processes):
            return self._own.wait()
        return wait(out, return_when=FIRST_COMPLETED).done

    def _keys(self, batch: Batch, answer: Answer) -> Iterator[BulkKey]:
        each = answer.seconds / max(1, len(answer.rows))
        self._size = min(LARGEST_BATCH, 4 * self._size, max(1.0, BATCH_SECONDS / max(each, 1e-7)))
        sealed = bool(self._order.recipient)
        for index, private, public, status, message in answer.rows:
            error = error_for(NTStatus(status), message) if status else None
            yield BulkKey(index, private, public, sealed and not status, error)

    def _lost(self, batch: Batch, error: BaseException) -> Iterator[BulkKey]:
        """Handle a batch whose worker died or whose result could not be fetched."""
        if isinstance(error, BrokenExecutor):  # the caller's
            self._hopeless = error
            yield from self._failed(batch, error)
        elif isinstance(error, WorkerLostError) and not error.begun:
            batch.tries -= 1
            self._again.append(batch)
        elif isinstance(error, WorkerLostError) and batch.tries > 1 and len(batch.indices) > 1:
            self._again.extend(batch.halves())
        elif batch.tries >= (2 if isinstance(error, WorkerLostError) else TRIES):
            yield from self._failed(batch, error)
        else:
            self._again.append(batch)

    def _failed(self, batch: Batch, error: BaseException) -> Iterator[BulkKey]:
        reason = str(error) if isinstance(error, WorkerLostError) else type(error).__name__
        message = f"the worker was lost while the key was made: {reason}"
        for index in batch.indices:
            yield BulkKey(index, b"", b"", False, InternalError(message))

    def _end(self) -> None:
        """Shut down our own executor at once: nobody reads the keys that are still in progress."""
        if self._own is not None:
            self._own.shutdown(wait=False, cancel_futures=True)


def _error_of(future: Future[Answer]) -> BaseException | None:
    """Return the error of a whole batch, or None. A cancelled batch counts as lost."""
    if future.cancelled():
        return CancelledBatchError("the executor cancelled the batch")
    return future.exception()


class CancelledBatchError(Exception):
    """The caller's executor cancelled a batch."""
