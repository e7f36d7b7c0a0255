"""The batches of one call of :func:`cngcore.bulk.generate_many`: submit them, collect their keys, retry lost ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from cngcore.bulk._worker import Answer, Order, end_with_parent, make
from cngcore.status import CngError, InternalError, NTStatus, error_for

if TYPE_CHECKING:
    from cngcore.registry import Registry

__all__ = ["LARGEST_BATCH", "TRIES", "BulkKey", "Work"]

BATCH_SECONDS = 0.1
"""Seconds that a batch should take, so that sending it to a worker and back costs little in comparison."""

LARGEST_BATCH = 1024
"""Keys in the largest batch."""

TRIES = 3
"""How often a batch is submitted before its keys count as failed. Only a lost worker costs a try."""

MOST_BREAKS = 8
"""How often in a row our own pool may break without making a key; after that the remaining keys fail."""


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

    If a worker dies, each batch that was in progress is submitted again alone. If the worker dies again, that batch is
    the cause: it is halved until one key is left, and this key has failed.
    """

    def __init__(self, order: Order, registry: Registry | None, executor: Executor | None, workers: int) -> None:
        self._order = order
        self._registry = registry
        self._executor_of_caller = executor
        self._workers = workers
        self._own: Executor | None = None
        self._size = 1.0
        self._suspects: deque[Batch] = deque()
        self._breaks = 0
        self._hopeless: BaseException | None = None

    def run(self, todo: Iterator[int]) -> Iterator[BulkKey]:
        """Yield a key for each index in ``todo``."""
        out: dict[Future[Answer], Batch] = {}
        window = 2 * self._workers
        try:
            while True:
                while len(out) < (1 if self._suspects else window):
                    batch = self._next(todo)
                    if batch is None:
                        break
                    future = self._submit(batch)
                    if future is not None:
                        out[future] = batch
                    elif self._hopeless is not None:
                        yield from self._failed(batch, self._hopeless)
                if not out:
                    if self._suspects:
                        continue
                    return
                done, _ = wait(out, return_when=FIRST_COMPLETED)
                for future in done:
                    batch = out.pop(future)
                    error = _error_of(future)
                    if error is None:
                        yield from self._keys(batch, future.result())
                    else:
                        yield from self._lost(batch, error, alone=not out and len(done) == 1)
        finally:
            for future in out:
                future.cancel()
            self._end()

    # --- submit ---------------------------------------------------------------------------------------

    def _next(self, todo: Iterator[int]) -> Batch | None:
        if self._suspects:
            return self._suspects.popleft()
        indices = list(islice(todo, int(self._size)))
        if not indices:
            return None
        first, last = indices[0], indices[-1]
        return Batch(range(first, last + 1) if last - first + 1 == len(indices) else indices)

    def _submit(self, batch: Batch) -> Future[Answer] | None:
        """Submit a batch. Return None if that is impossible now, or, if ``_hopeless`` is set, for good."""
        if self._hopeless is not None:
            return None
        try:
            batch.tries += 1
            if self._registry is not None:
                return self._executor().submit(make, self._order, batch.indices, self._registry)
            return self._executor().submit(make, self._order, batch.indices)
        except (BrokenExecutor, RuntimeError) as error:
            if self._executor_of_caller is not None:
                self._hopeless = error
            else:
                self._broke(error)
                batch.tries -= 1
                self._suspects.appendleft(batch)
            return None

    def _executor(self) -> Executor:
        if self._executor_of_caller is not None:
            return self._executor_of_caller
        if self._own is None:
            if self._registry is not None:
                self._own = ThreadPoolExecutor(self._workers, thread_name_prefix="cngcore.bulk")
            else:
                import multiprocessing

                method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
                context = multiprocessing.get_context(method)
                self._own = ProcessPoolExecutor(self._workers, context, initializer=end_with_parent)
        return self._own

    # --- collect --------------------------------------------------------------------------------------

    def _keys(self, batch: Batch, answer: Answer) -> Iterator[BulkKey]:
        self._breaks = 0
        each = answer.seconds / max(1, len(answer.rows))
        self._size = min(LARGEST_BATCH, 4 * self._size, max(1.0, BATCH_SECONDS / max(each, 1e-7)))
        sealed = bool(self._order.recipient)
        for index, private, public, status, message in answer.rows:
            error = error_for(NTStatus(status), message) if status else None
            yield BulkKey(index, private, public, sealed and not status, error)

    def _lost(self, batch: Batch, error: BaseException, alone: bool) -> Iterator[BulkKey]:
        """Handle a batch whose worker died or whose result could not be fetched."""
        if isinstance(error, BrokenExecutor):
            if self._executor_of_caller is not None:
                self._hopeless = error
                yield from self._failed(batch, error)
                return
            self._broke(error)
            if alone and batch.tries > 1:
                if len(batch.indices) == 1:
                    yield from self._failed(batch, error)
                else:
                    self._suspects.extendleft(reversed(batch.halves()))
                return
        elif batch.tries >= TRIES:
            yield from self._failed(batch, error)
            return
        self._suspects.append(batch)

    def _failed(self, batch: Batch, error: BaseException) -> Iterator[BulkKey]:
        message = f"the worker was lost while the key was made: {type(error).__name__}"
        for index in batch.indices:
            yield BulkKey(index, b"", b"", False, InternalError(message))

    def _broke(self, error: BaseException) -> None:
        """Replace our own broken pool, unless it broke :data:`MOST_BREAKS` times in a row."""
        if self._own is not None:
            self._own.shutdown(wait=False, cancel_futures=True)
            self._own = None
            self._breaks += 1
        if self._breaks >= MOST_BREAKS:
            self._hopeless = error

    def _end(self) -> None:
        """Shut down our own pool at once: nobody reads the keys that are still in progress.

        A worker can be terminated in the middle of writing an answer. The pool's thread would then wait for the rest
        for ever, because this process holds the writing end of the pipe too; so that end is closed.
        """
        if self._own is None:
            return
        pool = self._own
        processes = list((getattr(pool, "_processes", None) or {}).values())
        writer = getattr(getattr(pool, "_result_queue", None), "_writer", None)
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(1)
        if writer is not None:
            writer.close()


def _error_of(future: Future[Answer]) -> BaseException | None:
    """Return the error of a whole batch, or None. A cancelled batch counts as lost."""
    if future.cancelled():
        return CancelledBatchError("the executor cancelled the batch")
    return future.exception()


class CancelledBatchError(Exception):
    """The caller's executor cancelled a batch."""
