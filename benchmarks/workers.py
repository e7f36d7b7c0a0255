"""Compare several threads and several processes with one."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import cngcore
from benchmarks.bounds import Bound
from benchmarks.cycles import cycles, null_registry
from benchmarks.harness import Figure
from cngcore.bulk import generate_many

ROUNDS = 7

_NUMBERS = tuple(range(100))
"""Work of a thread that shares nothing with others: the upper limit of what threads can reach in Python."""


def figures() -> Iterator[Figure]:
    yield threads("a loop of Python alone", partial(sum, _NUMBERS), 40_000, 2)
    with null_registry():
        for api, cycle in cycles("NULL").items():
            for count in (2, 4):
                bound = Bound(1.0, "3", least=True) if count == 2 else None
                yield threads(f"empty cycle, {api}", cycle, 40_000, count, bound)
    p256 = cycles("ECDSA_P256")["object"]
    for count in (2, 4):
        yield threads("P-256 cycle, object", p256, 5_000, count)
    rsa = cngcore.open_algorithm_provider("RSA")
    for count in (2, 4):
        bound = Bound(1.6, "3", least=True) if count == 2 else None
        yield threads("RSA-2048 cycle, object", partial(_made, rsa), 60, count, bound)
    yield processes("P-256", 30_000, "ECDSA_P256", length=256)
    yield processes("ML-DSA-65", 3_000, "ML-DSA", parameter_set="65")


def _made(provider: cngcore.AlgorithmProvider) -> None:
    key = provider.generate_key_pair(2048)
    key.finalize()
    key.destroy()


def threads(name: str, call: Callable[[], object], calls: int, count: int, bound: Bound | None = None) -> Figure:
    """Run a number of calls in one thread, then the same number shared among ``count`` threads, in turns."""

    def work(share: int) -> None:
        for _ in range(share):
            call()

    def by(workers: int) -> float:
        team = [threading.Thread(target=work, args=(calls // workers,)) for _ in range(workers)]
        begun = time.perf_counter()
        for thread in team:
            thread.start()
        for thread in team:
            thread.join()
        return time.perf_counter() - begun

    return _speed_up(f"{name}: {count} threads over one", by, count, calls, bound)


def processes(name: str, calls: int, algorithm: str, **kind: object) -> Figure:
    """Run ``generate_many`` with a pool of one process, then of two, started and warm before the clock runs."""
    pools = {count: ProcessPoolExecutor(count) for count in (1, 2)}

    def by(workers: int) -> float:
        begun = time.perf_counter()
        many: Any = generate_many  # its overloads cannot tell the kinds apart here
        made = sum(1 for _ in many(algorithm, calls, executor=pools[workers], **kind))
        assert made == calls
        return time.perf_counter() - begun

    try:
        return _speed_up(f"generate_many, {name}: 2 processes over one", by, 2, calls, Bound(1.7, "3", least=True))
    finally:
        for pool in pools.values():
            pool.shutdown()


def _speed_up(name: str, by: Callable[[int], float], count: int, calls: int, bound: Bound | None) -> Figure:
    one: list[float] = []
    many: list[float] = []
    for turn in range(ROUNDS + 1):
        for workers, taken in ((1, one), (count, many)) if turn % 2 else ((count, many), (1, one)):
            spent = by(workers)
            if turn:
                taken.append(spent / calls * 1e6)
    gained = [alone / shared for alone, shared in zip(one, many, strict=True)]
    return Figure("workers", name, "speed-up", gained, {"one": one, str(count): many}, bound)
