"""The worker processes of one call of :func:`cngcore.bulk.generate_many`.

Each worker has a pipe of its own. Workers share no queue and no lock, and this process starts no thread for them. So
the end of a worker costs only what that worker had received, and no other worker can wait for it.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

__all__ = ["Processes", "WorkerLostError"]

MOST_BREAKS = 8
"""How often in a row workers may end without an answer; after that ``submit`` raises."""

P = ParamSpec("P")
T = TypeVar("T")


class WorkerLostError(Exception):
    """A worker process ended. ``begun`` is False if it had not begun with the call."""

    def __init__(self, message: str, begun: bool) -> None:
        super().__init__(message)
        self.begun = begun


class Worker:
    """One process, its pipe, and the calls that it has not answered yet, in their order."""

    def __init__(self, process: BaseProcess, connection: Connection, generation: int) -> None:
        self.process = process
        self.connection = connection
        self.generation = generation
        self.calls: deque[Future[Any]] = deque()
        self.has_answered = False


class Processes(Executor):
    """An executor of processes whose futures are completed in :meth:`wait`, which the caller must call.

    Processes start when they are needed. ``shutdown`` kills them, because nobody reads their answers.
    """

    def __init__(self, count: int) -> None:
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        self._context: Any = multiprocessing.get_context(method)
        self._count = count
        self._workers: list[Worker] = []
        self._breaks = 0
        self._reason: WorkerLostError | None = None
        atexit.register(self.shutdown)

    @property
    def pids(self) -> list[int]:
        """The identifiers of the processes that run."""
        return [worker.process.pid for worker in self._workers if worker.process.pid is not None]

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Send a call to the worker that has the fewest. Raise WorkerLostError if no worker can live here."""
        if self._breaks >= MOST_BREAKS and self._reason is not None:
            raise self._reason
        worker = min(self._workers, key=lambda each: len(each.calls), default=None)
        if worker is None or (worker.calls and len(self._workers) < self._count):
            worker = self._start()
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        worker.calls.append(future)
        with contextlib.suppress(OSError):  # of a worker that has ended, which wait() reports
            worker.connection.send((fn, args, kwargs))
        return future

    def wait(self) -> list[Future[Any]]:
        """Wait until a worker answers or ends, and return the futures that this completes."""
        by_object: dict[Any, Worker] = {}
        for worker in self._workers:
            by_object[worker.connection] = by_object[worker.process.sentinel] = worker
        done: list[Future[Any]] = []
        for worker in dict.fromkeys(by_object[each] for each in wait(list(by_object))):
            done += self._receive(worker)
        return done

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Kill all workers, and wait until they have ended."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.connection.close()
            worker.process.join()
        atexit.unregister(self.shutdown)

    def _start(self) -> Worker:
        ours, theirs = multiprocessing.Pipe()
        try:
            process = self._context.Process(target=serve, args=(theirs,), name="cngcore.bulk")
            process.start()
            worker = Worker(process, ours, self._breaks)
            self._workers.append(worker)
        except BaseException:
            ours.close()  # a process that started nevertheless reads the end of its pipe, and ends
            raise
        finally:
            theirs.close()
        return worker

    def _receive(self, worker: Worker) -> list[Future[Any]]:
        """Complete a future with the answer of a worker that has one; those of a worker that ended fail."""
        try:
            if worker.connection.poll():
                answer, error = worker.connection.recv()
                future = worker.calls.popleft()
                worker.has_answered = True
                self._breaks = 0
                if error is None:
                    future.set_result(answer)
                else:
                    future.set_exception(error)
                return [future]
        except (EOFError, OSError):
            pass
        return self._bury(worker)

    def _bury(self, worker: Worker) -> list[Future[Any]]:
        self._workers.remove(worker)
        worker.process.kill()
        worker.connection.close()
        worker.process.join()
        message = f"the worker process ended with exit code {worker.process.exitcode}"
        if not worker.has_answered:
            message += ", before its first key (keep the call of generate_many under \"if __name__ == '__main__'\")"
        if worker.generation == self._breaks:  # of workers that ended together, one counts
            self._breaks += 1
            self._reason = WorkerLostError(message, begun=False)
        for position, future in enumerate(worker.calls):
            future.set_exception(WorkerLostError(message, begun=position == 0))
        return list(worker.calls)


def serve(connection: Connection) -> None:
    """Answer the calls that arrive, until the other end of the pipe is closed or its process has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of all processes is handled by the first
    calls: SimpleQueue[Any] = SimpleQueue()

    def read() -> None:
        while True:
            try:
                content = connection.recv_bytes()
            except (EOFError, OSError):
                os._exit(0)
            try:
                calls.put(pickle.loads(content))  # noqa: S301 - from our own parent process
            except BaseException as error:  # a call that this process cannot read
                calls.put((_raise, (error,), {}))

    Thread(target=read, daemon=True, name="cngcore.bulk: reads the calls").start()
    while True:
        function, arguments, keywords = calls.get()
        answer, failure = None, None
        try:
            answer = function(*arguments, **keywords)
        except Exception as error:
            failure = error
        connection.send((answer, failure))


def _raise(error: BaseException) -> None:
    raise error
