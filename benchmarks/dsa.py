"""Finding DSA domain parameters: ours with gmpy2 and without, beside the cryptography library. Prints medians.

Run it with the interpreter of an environment in which cngcore-dsa is installed, gmpy2 too:

    python benchmarks/dsa.py [runs at 1024 bits [at 2048 bits [at 3072 bits]]]

The three take turns, so that all see the same machine. The time to find a prime is a matter of luck: from run to run it
varies by more than the medians differ, so trust the medians of many.
"""

import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

SIZES = (1024, 2048, 3072)
WORKER = """
import sys, time
if sys.argv[1] == "int":
    sys.modules["gmpy2"] = None
from cngcore_dsa import domain, primes
assert (primes.gmp(1024) is None) == (sys.argv[1] == "int"), "gmpy2 is not installed"
domain.generate(1024)
for line in sys.stdin:
    start = time.perf_counter()
    domain.generate(int(line))
    print(time.perf_counter() - start, flush=True)
"""


class Worker:
    """A process of its own that makes parameters on demand and tells how long it took."""

    def __init__(self, kind: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, bits: int) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(bits, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


def cryptography(bits: int) -> float:
    from cryptography.hazmat.primitives.asymmetric import dsa

    start = time.perf_counter()
    dsa.generate_parameters(bits)
    return time.perf_counter() - start


def measured(makers: dict[str, Callable[[int], float]], runs: dict[int, int]) -> Iterator[tuple[int, dict[str, float]]]:
    """Median seconds of each, size by size."""
    for bits in SIZES:
        times: dict[str, list[float]] = {name: [] for name in makers}
        for _ in range(runs[bits]):
            for name, make in makers.items():
                times[name].append(make(bits))
        yield bits, {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    asked = [int(value) for value in sys.argv[1:]]
    runs = dict(zip(SIZES, asked + [101, 41, 21][len(asked) :], strict=True))
    assert min(runs.values()) >= 9, "fewer than nine runs tell nothing"
    fast, plain = Worker("gmpy2"), Worker("int")
    cryptography(1024)
    makers = {"cryptography": cryptography, "cngcore-dsa with gmpy2": fast, "without": plain}
    print(
        f"Python {platform.python_version()}, {platform.machine()}; median ms of parameters, and ratio to cryptography"
    )
    print(f"{'bits':>6} {'runs':>5}" + "".join(f" {name:>23}" for name in makers))
    for bits, medians in measured(makers, runs):
        theirs = medians["cryptography"]
        cells = "".join(f" {1000 * value:>15.1f} {value / theirs:>6.2f}x" for value in medians.values())
        print(f"{bits:>6} {runs[bits]:>5}{cells}", flush=True)
    fast.close()
    plain.close()


if __name__ == "__main__":
    main()
