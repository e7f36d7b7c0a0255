"""Many keys at once: on one machine's cores, or on any executor's machines.

::

    if __name__ == "__main__":
        for made in generate_many("ECDSA_P256", 100_000, length=256):
            store(made.index, made.private, made.public)

The keys come as exported blobs, as they are ready and in no order; each has an index below ``count``. Never more than a
few batches are under way, however slow the consumer is, so memory stays bounded. A key that cannot be made comes too,
with its error: nothing is lost, and none comes twice. Whoever is killed goes on with the indices it already has
(``skip``).
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from itertools import islice
from typing import TYPE_CHECKING

from cngcore.bulk._worker import Answer, Order, end_with_parent, make
from cngcore.status import CngError, InternalError, InvalidParameterError, NTStatus, error_for

if TYPE_CHECKING:
    from cngcore.formats import Key
    from cngcore.objects import KeyPair
    from cngcore.provider import Algorithm
    from cngcore.registry import Registry

__all__ = ["BulkKey", "generate_many"]

BATCH_SECONDS = 0.1
"""How long a batch should take: long enough that its way to a worker and back does not count."""

LARGEST_BATCH = 1024
"""Keys in a batch at the most."""

TRIES = 3
"""How often a batch is given out before its keys count as failed. Only a worker that dies or is lost costs a try."""

MOST_BREAKS = 8
"""How often in a row a pool of our own may break, nothing being made in between, before no key is tried any more."""


class BulkKey:
    """One of many keys.

    ``index`` names it among them. ``private`` is its private blob, or, with ``sealed``, what
    :func:`cngcore.bulk.sealing.seal` made of it; ``public`` its public blob. Where it could not be made both are empty
    and ``error`` says why.
    """

    __slots__ = ("error", "index", "private", "public", "sealed")

    def __init__(
        self, index: int, private: bytes, public: bytes, sealed: bool = False, error: CngError | None = None
    ) -> None:
        self.index = index
        self.private = private
        self.public = public
        self.sealed = sealed
        self.error = error

    def __repr__(self) -> str:
        said = f"failed: {self.error}" if self.error else f"{len(self.private)} private bytes"
        return f"<BulkKey {self.index}, {said}>"


def generate_many(
    algorithm: str,
    count: int,
    *,
    length: int = 0,
    parameter_set: str | None = None,
    curve: str | None = None,
    implementation: str | None = None,
    blob_type: str | None = None,
    public_type: str | None = None,
    wrap_to: KeyPair | Key | bytes | None = None,
    skip: Container[int] = (),
    executor: Executor | None = None,
    workers: int | None = None,
    registry: Registry | None = None,
) -> Iterator[BulkKey]:
    """Make ``count`` key pairs and give each as soon as it is there.

    ``length``, ``parameter_set``, ``curve`` and ``implementation`` are those of
    :meth:`~cngcore.Registry.generate_key_pair`. ``blob_type`` and ``public_type`` name what is exported; by default the
    private seed where there is such a type, else the first types of either kind that the algorithm declares both ways.
    ``wrap_to`` is a recipient's public key (ML-KEM-768 or 1024, P-256, P-384, P-521, X25519 or RSA; as a key pair, a
    :class:`cngcore.formats.Key`, or its bytes in any form): private blobs then leave the worker sealed to it and in no
    other way. Indices in ``skip`` are left out.

    ``executor`` is any ``concurrent.futures.Executor``: a pool, a Dask client's, loky's; it is not shut down. Without
    one, threads work where the declaration says that the back end lets other threads run (``releases_gil``), else
    processes: ``workers`` of them, one for each processor if not given. Processes import the main module anew, so keep
    the call under ``if __name__ == "__main__"``. ``registry`` is the one whose settings hold, in every worker.

    Raises, before the first key, what a wrong argument or opening the algorithm raises.
    """
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise InvalidParameterError(f"count is a number of keys, not {count!r}")
    if workers is not None and (not isinstance(workers, int) or workers < 1):
        raise InvalidParameterError(f"workers is a number above 0, not {workers!r}")
    from cngcore.registry import default

    registry = registry or default()
    provider = registry.open_for(algorithm, length, parameter_set, implementation)
    declared = provider.declaration
    with provider:
        if curve is not None:
            provider.set_property("ECCCurveName", curve)
        with provider.generate_key_pair(length) as trial:
            if parameter_set is not None:
                trial.set_property("ParameterSetName", parameter_set)
    recipient = b""
    if wrap_to is not None:
        from cngcore.bulk.sealing import recipient_form

        recipient = recipient_form(wrap_to)
    order = Order(
        algorithm,
        declared.implementation,
        length,
        parameter_set,
        curve,
        _checked_type(declared, blob_type, private=True),
        _checked_type(declared, public_type, private=False),
        recipient,
        registry.settings.arguments(),
    )
    todo = (index for index in range(count) if index not in skip)
    local = isinstance(executor, ThreadPoolExecutor) or (executor is None and _threads_suffice(declared))
    if not local and registry.has_registered():
        raise InvalidParameterError(
            "a provider that was registered as an object does not travel to other processes; package it, or pass a "
            "ThreadPoolExecutor"
        )
    work = _Work(order, registry if local else None, executor, workers or _processors())
    return work.run(todo)


def _checked_type(declared: Algorithm, name: str | None, *, private: bool) -> str:
    """The blob type to export: the one asked for, or the default of its kind."""
    kinds = [kind for kind in declared.blob_types.values() if kind.private is private and kind.exports]
    if name is None:
        both = [kind.name for kind in kinds if kind.imports]
        seeds = [kind for kind in both if "SEED" in kind]
        if both:
            return (seeds or both)[0]
    elif name in [kind.name for kind in kinds]:
        return name
    half = "private" if private else "public"
    listed = ", ".join(kind.name for kind in kinds) or "none"
    raise InvalidParameterError(f"{declared.name} exports no {half} blob {name!r}; it exports {listed}")


def _processors() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _threads_suffice(declared: Algorithm) -> bool:
    locked = getattr(sys, "_is_gil_enabled", lambda: True)()
    return declared.concurrency == "free" and (declared.releases_gil or not locked)


class _Batch:
    """Some indices, and how often they were given out."""

    __slots__ = ("indices", "tries")

    def __init__(self, indices: Sequence[int], tries: int = 0) -> None:
        self.indices = indices
        self.tries = tries

    def halves(self) -> list[_Batch]:
        middle = len(self.indices) // 2
        return [_Batch(self.indices[:middle]), _Batch(self.indices[middle:])]


class _Work:
    """The batches of one call: given out, taken back, and given out again where a worker was lost.

    A batch that was out when a worker died is given out again alone, so that the next death tells whose it is: the
    batch is halved until one key is left, and that one has failed.
    """

    def __init__(self, order: Order, registry: Registry | None, executor: Executor | None, workers: int) -> None:
        self._order = order
        self._registry = registry
        self._given = executor
        self._workers = workers
        self._own: Executor | None = None
        self._size = 1.0
        self._suspects: deque[_Batch] = deque()
        self._breaks = 0
        self._hopeless: BaseException | None = None

    def run(self, todo: Iterator[int]) -> Iterator[BulkKey]:
        out: dict[Future[Answer], _Batch] = {}
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

    # --- giving out -----------------------------------------------------------------------------------

    def _next(self, todo: Iterator[int]) -> _Batch | None:
        if self._suspects:
            return self._suspects.popleft()
        indices = list(islice(todo, int(self._size)))
        if not indices:
            return None
        first, last = indices[0], indices[-1]
        return _Batch(range(first, last + 1) if last - first + 1 == len(indices) else indices)

    def _submit(self, batch: _Batch) -> Future[Answer] | None:
        """Give a batch out; None where that cannot be done now, or at all (``_hopeless``)."""
        if self._hopeless is not None:
            return None
        try:
            batch.tries += 1
            if self._registry is not None:
                return self._executor().submit(make, self._order, batch.indices, self._registry)
            return self._executor().submit(make, self._order, batch.indices)
        except (BrokenExecutor, RuntimeError) as error:
            if self._given is not None:
                self._hopeless = error
            else:
                self._broke(error)
                batch.tries -= 1
                self._suspects.appendleft(batch)
            return None

    def _executor(self) -> Executor:
        if self._given is not None:
            return self._given
        if self._own is None:
            if self._registry is not None:
                self._own = ThreadPoolExecutor(self._workers, thread_name_prefix="cngcore.bulk")
            else:
                import multiprocessing

                method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
                context = multiprocessing.get_context(method)
                self._own = ProcessPoolExecutor(self._workers, context, initializer=end_with_parent)
        return self._own

    # --- taking back ----------------------------------------------------------------------------------

    def _keys(self, batch: _Batch, answer: Answer) -> Iterator[BulkKey]:
        self._breaks = 0
        each = answer.seconds / max(1, len(answer.rows))
        self._size = min(LARGEST_BATCH, 4 * self._size, max(1.0, BATCH_SECONDS / max(each, 1e-7)))
        sealed = bool(self._order.recipient)
        for index, private, public, status, message in answer.rows:
            error = error_for(NTStatus(status), message) if status else None
            yield BulkKey(index, private, public, sealed and not status, error)

    def _lost(self, batch: _Batch, error: BaseException, alone: bool) -> Iterator[BulkKey]:
        """A batch whose worker died, or that could not be brought back."""
        if isinstance(error, BrokenExecutor):
            if self._given is not None:
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

    def _failed(self, batch: _Batch, error: BaseException) -> Iterator[BulkKey]:
        said = f"the worker was lost while the key was made: {type(error).__name__}"
        for index in batch.indices:
            yield BulkKey(index, b"", b"", False, InternalError(said))

    def _broke(self, error: BaseException) -> None:
        """A pool of our own is broken: the next batch gets a new one, unless that has been so too often."""
        if self._own is not None:
            self._own.shutdown(wait=False, cancel_futures=True)
            self._own = None
            self._breaks += 1
        if self._breaks >= MOST_BREAKS:
            self._hopeless = error

    def _end(self) -> None:
        """Let go of a pool of our own, at once: what is still being made is wanted by nobody."""
        if self._own is None:
            return
        processes = list((getattr(self._own, "_processes", None) or {}).values())
        self._own.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()


def _error_of(future: Future[Answer]) -> BaseException | None:
    """What went wrong with a batch as a whole. A cancelled one counts as lost."""
    if future.cancelled():
        return CancelledBatchError("the executor cancelled it")
    return future.exception()


class CancelledBatchError(Exception):
    """An executor gave a batch up."""
