"""Measure what ``generate_many`` costs a worker and the parent, from which the keys a second of other machines follow.

Workers share nothing, so n of them make n times as many keys until the parent, which receives every key, is busy all
the time. Two sizes are measured in each round, and their difference has no start of a process in it.
"""

import time
from collections.abc import Iterator
from math import inf
from statistics import median
from typing import Any

from benchmarks.harness import Figure, timer
from benchmarks.operations import Kind
from cngcore.bulk import generate_many

ROUNDS = 5


def _kind(name: str, algorithm: str, implementation: str = "cryptography", **of_key: Any) -> Kind:
    return Kind(name, algorithm, implementation, dict, **of_key)


KINDS = (
    (_kind("P-256", "ECDSA_P256", length=256), 10_000),
    (_kind("P-384", "ECDSA_P384", length=384), 2_000),
    (_kind("X25519", "ECDH", curve="curve25519"), 5_000),
    (_kind("ML-KEM-768", "ML-KEM", parameter_set="768"), 2_000),
    (_kind("ML-DSA-65", "ML-DSA", parameter_set="65"), 500),
    (_kind("DH 2048", "DH", "cngcore", length=2048), 500),
    (_kind("RSA 2048", "RSA", length=2048), 20),
    (_kind("RSA 3072", "RSA", length=3072), 8),
)
"""The kinds of keys, and how many are made in the smaller of the two runs."""


def figures() -> Iterator[Figure]:
    for kind, count in KINDS:
        provider, few = kind.open(), max(3, count // 10)
        make = timer(lambda kind=kind, provider=provider: kind.make(provider).destroy())  # type: ignore[misc]
        alone = [make(few) / few * 1e6 for _ in range(ROUNDS)]
        worker, parent = _slopes(kind, count)
        sides = {"one key": alone, "a worker": worker, "the parent": parent}
        yield Figure("rates", f"generate_many, {kind.name}", "us", worker, sides)


def _slopes(kind: Kind, count: int) -> tuple[list[float], list[float]]:
    """Return the microseconds of a key, round by round: wall time of the only worker, processor time of the parent."""
    worker, parent = [], []
    for _ in range(ROUNDS):
        (wall, busy), (more_wall, more_busy) = _run(kind, count), _run(kind, 2 * count)
        worker.append((more_wall - wall) / count * 1e6)
        parent.append(max(0.0, (more_busy - busy) / count * 1e6))
    return worker, parent


def _run(kind: Kind, count: int) -> tuple[float, float]:
    """Return the seconds until ``count`` keys are there, and the processor time of the thread that receives them."""
    wall, busy = time.perf_counter(), time.thread_time()
    made = sum(
        1
        for _ in generate_many(
            kind.algorithm,
            count,
            length=kind.length,
            parameter_set=kind.parameter_set,
            curve=kind.curve,
            implementation=kind.implementation,
            workers=1,
        )
    )
    assert made == count
    return time.perf_counter() - wall, time.thread_time() - busy


def keys_a_second(figure: dict[str, Any], workers: int) -> float:
    """Return how many keys a second so many workers make, computed from a stored figure.

    >>> keys_a_second({"sides": {"a worker": [20.0], "the parent": [2.0]}}, 4)
    200000.0
    >>> keys_a_second({"sides": {"a worker": [20.0], "the parent": [2.0]}}, 64)
    500000.0
    """
    worker, parent = (median(figure["sides"][side]) for side in ("a worker", "the parent"))
    return float(min(1e6 * workers / worker, 1e6 / parent if parent else inf))
