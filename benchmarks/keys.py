"""Measure the time to make keys of RSA that people wait for: 3072 bits, the default, and 16384, the maximum.

Times of both lengths depend on luck, so a round of 3072 bits makes many keys. A key of 16384 bits takes minutes; its
figure is the processor time of a few keys, and no comparison: the library finds the primes on both sides.
"""

from collections.abc import Iterator
from functools import partial

import cngcore
from benchmarks import bare
from benchmarks.harness import Figure, ratio, timer
from benchmarks.operations import Kind

LONGEST = 2
"""Keys of 16384 bits that are made."""


def figures() -> Iterator[Figure | str]:
    kind = Kind("RSA 3072", "RSA", "cryptography", partial(bare.rsa_key, 3072), length=3072)
    provider = kind.open()
    theirs = kind.back_end()["generate"]
    yield ratio("keys", "RSA 3072 (cryptography): generate", lambda: kind.make(provider).destroy(), theirs, seconds=1.5)
    make = timer(lambda: cngcore.generate_key_pair("RSA", 16384, implementation="cryptography").destroy())
    taken = [make(1) for _ in range(LONGEST)]
    microseconds = [seconds * 1e6 for seconds in taken]
    yield Figure("keys", "RSA 16384 (cryptography): generate", "s", taken, {"cngcore": microseconds})
