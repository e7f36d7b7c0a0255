"""What cngcore costs over the bare library: start-up, the empty cycle, threads. Prints a table of medians and ratios.

Run it with the interpreter of an environment in which cngcore and its providers are installed:

    python benchmarks/overhead.py
"""

import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import cngcore
from cngcore import bcrypt
from cngcore.provider import Algorithm, ExactLength, KeyFactory, KeyMaterial, KeyRequest, hookimpl

BARE = "from cryptography.hazmat.primitives.asymmetric import ec; ec.generate_private_key(ec.SECP256R1())"
OBJECT = "import cngcore; cngcore.generate_key_pair('ECDSA_P256', 256)"
FLAT = (
    "import cngcore.bcrypt as b; _, h = b.BCryptOpenAlgorithmProvider('ECDSA_P256'); "
    "_, k = b.BCryptGenerateKeyPair(h, 256); assert b.BCryptFinalizeKeyPair(k) == 0"
)
STARTS = 31
CYCLES = 40_000
REPEATS = 7


class NullKey(KeyMaterial):
    """Material that costs nothing."""

    __slots__ = ()

    @property
    def has_private(self) -> bool:
        return True


NULL = NullKey()


class NullFactory(KeyFactory):
    def generate(self, request: KeyRequest) -> KeyMaterial:
        return NULL


class NullProvider:
    @hookimpl
    def cngcore_register_algorithms(self) -> list[Algorithm]:
        return [Algorithm("NULL", "null", {"sign"}, ExactLength(256), factory=NullFactory)]


def startup() -> dict[str, float]:
    """Milliseconds of a whole process, taken in turns so that all see the same machine. Bytecode is cached."""
    codes = {
        "bare interpreter": "pass",
        "import cngcore": "import cngcore",
        "bare": BARE,
        "object": OBJECT,
        "flat": FLAT,
    }
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for turn in range(STARTS + 1):
        for name, code in codes.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, env=environment)
            if turn:
                times[name].append((time.perf_counter() - begun) * 1e3)
    return {name: statistics.median(values) for name, values in times.items()}


def object_cycle(provider: cngcore.AlgorithmProvider, count: int) -> None:
    for _ in range(count):
        key = provider.generate_key_pair(256)
        key.finalize()
        key.destroy()


def flat_cycle(handle: int, count: int) -> None:
    generate, finalize, destroy = (
        bcrypt.BCryptGenerateKeyPair, bcrypt.BCryptFinalizeKeyPair, bcrypt.BCryptDestroyKey,
    )  # fmt: skip
    for _ in range(count):
        _, key = generate(handle, 256)
        finalize(key)
        destroy(key)


def per_cycle(work: Callable[[int], None], count: int) -> float:
    """Median microseconds of one cycle."""
    samples = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work(count)
        samples.append((time.perf_counter() - begun) / count * 1e6)
    return statistics.median(samples)


def two_threads(work: Callable[[int], None], count: int) -> float:
    """Throughput of two threads over that of one: median of ratios taken in turns."""
    ratios = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work(2 * count)
        one = time.perf_counter() - begun
        threads = [threading.Thread(target=work, args=(count,)) for _ in range(2)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ratios.append(one / (time.perf_counter() - begun))
    return statistics.median(ratios)


def main() -> None:
    print(f"Python {platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores\n")
    times = startup()
    print("Start-up, whole process, median of", STARTS, "(ms)")
    for name, value in times.items():
        print(f"  {name:<20} {value:7.1f}  {value / times['bare']:5.2f} of the bare first P-256 key")

    registry = cngcore.Registry(discover=False)
    registry.register(NullProvider())
    with cngcore.registry.using(registry):
        provider = cngcore.open_algorithm_provider("NULL")
        _, handle = bcrypt.BCryptOpenAlgorithmProvider("NULL")
        assert handle is not None
        print(f"\ngenerate + finalize + destroy over a null back end, median of {REPEATS} (us)")
        print(f"  object API  {per_cycle(lambda n: object_cycle(provider, n), CYCLES):6.2f}")
        print(f"  flat API    {per_cycle(lambda n: flat_cycle(handle, n), CYCLES):6.2f}")
        print("\nTwo threads over one, throughput of the same cycle")
        print(f"  object API  {two_threads(lambda n: object_cycle(provider, n), CYCLES):6.2f}")
        print(f"  flat API    {two_threads(lambda n: flat_cycle(handle, n), CYCLES):6.2f}")

    from cryptography.hazmat.primitives.asymmetric import ec

    curve = ec.SECP256R1()

    def bare(count: int) -> None:
        for _ in range(count):
            ec.generate_private_key(curve)

    p256 = cngcore.open_algorithm_provider("ECDSA_P256")
    _, real = bcrypt.BCryptOpenAlgorithmProvider("ECDSA_P256")
    assert real is not None
    floor = per_cycle(bare, CYCLES // 10)
    print(f"\nP-256, median of {REPEATS} (us; ratio to the bare call)")
    print(f"  bare        {floor:6.2f}")
    for name, value in (
        ("object API", per_cycle(lambda n: object_cycle(p256, n), CYCLES // 10)),
        ("flat API", per_cycle(lambda n: flat_cycle(real, n), CYCLES // 10)),
    ):
        print(f"  {name:<11} {value:6.2f}  {value / floor:.2f}")


if __name__ == "__main__":
    main()
