"""RSA key pairs of fewer than 1024 bits, which the back end refuses to generate.

The rules are those of FIPS 186-5 appendix A.1.3, scaled down: random primes of ceil(n/2) and floor(n/2) bits with their
two top bits set, so that the modulus has exactly n bits; p - 1 and q - 1 prime to e; p and q apart by more than
2^(n/2 - 100); d above 2^(n/2). Such keys exist for old data and tests; they protect nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd, lcm
from secrets import randbits

from cngcore.blobs.rsa import RsaKey

PUBLIC_EXPONENT = 65537
"""What Windows generates; CNG has no property to choose another (contract: rule-generate-rsa-exponent)."""

_ROUNDS = 32
"""Miller-Rabin rounds with random bases: an error below 2^-64 for any number, however it was chosen."""


def _primes_below(limit: int) -> list[int]:
    sieve = bytearray([1]) * limit
    for number in range(2, int(limit**0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, limit, number)))
    return [number for number in range(3, limit) if sieve[number]]


_SMALL = _primes_below(2000)


def is_prime(number: int, rounds: int = _ROUNDS) -> bool:
    """Whether an odd number above 3 is prime: trial division, then Miller-Rabin (FIPS 186-5 appendix B.3.1)."""
    if any(number % small == 0 for small in _SMALL):
        return number in _SMALL
    twos = (number - 1 & 1 - number).bit_length() - 1
    odd = number - 1 >> twos
    for _ in range(rounds):
        base = randbits(number.bit_length() + 64) % (number - 3) + 2
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def _prime(bits: int, checkpoint: Callable[[str], object] = str) -> int:
    while True:
        checkpoint(f"looking for a prime of {bits} bits")
        candidate = randbits(bits) | 3 << (bits - 2) | 1
        if gcd(candidate - 1, PUBLIC_EXPONENT) == 1 and is_prime(candidate):
            return candidate


def generate(bits: int, checkpoint: Callable[[str], object] = str) -> RsaKey:
    """The numbers of a new key pair of exactly ``bits`` bits.

    ``checkpoint`` is called for every candidate with what is being done; what it raises ends the search.
    """
    half = bits // 2
    while True:
        p, q = _prime(bits - half, checkpoint), _prime(half, checkpoint)
        if abs(p - q) >> max(half - 100, 0) == 0:
            continue
        d = pow(PUBLIC_EXPONENT, -1, lcm(p - 1, q - 1))
        if (p * q).bit_length() == bits and d >> half:
            return RsaKey(p * q, PUBLIC_EXPONENT, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p), d)
