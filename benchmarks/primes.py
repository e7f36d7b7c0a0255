"""Measure our own arithmetic: DSA parameters and DH keys with gmpy2, and with Python's integers alone.

The two sides are processes that wait on a pipe, because the choice is made once in a process. The time to find primes
depends on luck: it varies more between runs than the medians differ.
"""

import subprocess
import sys
from collections.abc import Iterator
from types import TracebackType

from benchmarks.harness import Figure, ratio

WORKER = """
import sys, time
if sys.argv[1] == "int":
    sys.modules["gmpy2"] = None
from cngcore_dh import arithmetic, groups
from cngcore_dsa import domain, primes
import secrets
assert (primes.gmp(1024) is None) == (arithmetic.gmpy2() is None) == (sys.argv[1] == "int"), "gmpy2 is not installed"

def power(bits):
    group = groups.default_group(bits)
    return arithmetic.power(group.g, secrets.randbelow(group.private_numbers) + 2, group.p)

calls = {"DSA": domain.generate, "DH": power}
for line in sys.stdin:
    name, bits, count = line.split()
    call, bits, turns = calls[name], int(bits), range(int(count))
    begun = time.perf_counter()
    for _ in turns:
        call(bits)
    print(time.perf_counter() - begun, flush=True)
"""


class Worker:
    """A process with gmpy2, or without it (``"int"``)."""

    def __init__(self, kind: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def seconds(self, what: str, count: int) -> float:
        """Return the seconds for a number of keys or sets of parameters."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(what, count, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())


def figures() -> Iterator[Figure]:
    with Worker("gmpy2") as fast, Worker("int") as plain:
        for what, seconds in (
            ("DSA 1024", 1.0),
            ("DSA 2048", 2.0),
            ("DH 1024", 0.05),
            ("DH 2048", 0.05),
            ("DH 4096", 0.1),
        ):
            yield ratio(
                "primes",
                f"{what}: gmpy2 over Python's integers",
                lambda count, what=what: fast.seconds(what, count),
                lambda count, what=what: plain.seconds(what, count),
                labels=("gmpy2", "int"),
                seconds=seconds,
                rounds=7,
                timers=True,
            )
