"""RSA key pairs of fewer than 1024 bits, which cryptography does not generate. They are for old data and tests only.

The rules are those of FIPS 186-5 appendix A.1.3, scaled down:

* the primes are random, of ceil(n/2) and floor(n/2) bits, with their two top bits set, so that the modulus has n bits;
* p - 1 and q - 1 have no factor in common with e;
* p and q differ by more than 2^(n/2 - 100);
* d is above 2^(n/2).
"""

from __future__ import annotations

from math import gcd, lcm
from secrets import randbits
from typing import TYPE_CHECKING

from cngcore.blobs.rsa import RsaKey
from cngcore.families.primes import is_prime

if TYPE_CHECKING:
    from collections.abc import Callable

PUBLIC_EXPONENT = 65537
"""The exponent that Windows generates. CNG has no property for another one (contract: rule-generate-rsa-exponent)."""


def random_prime(bits: int, checkpoint: Callable[[str], object] = str) -> int:
    """Return a random prime of ``bits`` bits with its two top bits set, suitable for :data:`PUBLIC_EXPONENT`."""
    while True:
        checkpoint(f"looking for a prime of {bits} bits")
        candidate = randbits(bits) | 3 << (bits - 2) | 1
        if gcd(candidate - 1, PUBLIC_EXPONENT) == 1 and is_prime(candidate):
            return candidate


def generate(bits: int, checkpoint: Callable[[str], object] = str) -> RsaKey:
    """Return the numbers of a new key pair of exactly ``bits`` bits.

    ``checkpoint`` is called for every candidate, with a text that describes the step. An exception that it raises ends
    the search.
    """
    half = bits // 2
    while True:
        p, q = random_prime(bits - half, checkpoint), random_prime(half, checkpoint)
        if abs(p - q) >> max(half - 100, 0) == 0:
            continue
        d = pow(PUBLIC_EXPONENT, -1, lcm(p - 1, q - 1))
        if (p * q).bit_length() == bits and d >> half:
            return RsaKey(p * q, PUBLIC_EXPONENT, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p), d)
