"""What a DH key costs: median milliseconds from the empty key to the finalized one, by size, with and without gmpy2.

Run it with the interpreter of an environment in which cngcore and cngcore-dh are installed:

    python benchmarks/dh.py
"""

import platform
import statistics
import sys
import time
from collections.abc import Callable

from cngcore_dh import arithmetic, groups

import cngcore
from cngcore.blobs.dh import DhParameters

SIZES = (512, 768, 1024, 1536, 2048, 2560, 3072, 3584, 4096)
REPEATS = 31


def milliseconds(work: Callable[[], object]) -> float:
    samples = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        samples.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(samples)


def row(provider: cngcore.AlgorithmProvider, bits: int) -> tuple[float, float, float]:
    """A key in the fixed group, a key in a group of unknown order, and an agreement of two of the former."""
    p = groups.default_group(bits).p
    unknown = DhParameters(p, p - 2)

    def generate(parameters: object = None) -> cngcore.KeyPair:
        key = provider.generate_key_pair(bits)
        if parameters is not None:
            key.set_property("DHParameters", parameters)
        key.finalize()
        return key

    one, other = generate(), generate()
    return milliseconds(generate), milliseconds(lambda: generate(unknown)), milliseconds(lambda: one.agree(other))


def table(title: str, *, block: bool = False) -> None:
    if block:
        sys.modules["gmpy2"] = None  # type: ignore[assignment]
    arithmetic.gmpy2.cache_clear()
    print(f"\n{title}, median of {REPEATS} (ms)")
    print("  bits   fixed group   unknown order   agreement")
    with cngcore.open_algorithm_provider("DH") as provider:
        for bits in SIZES:
            fixed, unknown, agreed = row(provider, bits)
            print(f"  {bits:4}   {fixed:11.3f}   {unknown:13.3f}   {agreed:9.3f}")


def main() -> None:
    print(f"Python {platform.python_version()} on {platform.machine()}")
    fast = arithmetic.gmpy2()
    if fast is not None:
        table(f"gmpy2 {fast.version()}")
    table("Python's pow", block=True)
    print("\nOne prime rebuilt, first use only (ms)")
    for bits in (1024, 2048, 4096, 8192):
        spent = milliseconds(lambda bits=bits: groups.scaled_pi(bits))  # type: ignore[misc]
        print(f"  {bits:4}   {spent:.2f}")


if __name__ == "__main__":
    main()
