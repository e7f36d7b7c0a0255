"""Prime numbers for providers: trial division and the Miller-Rabin test (FIPS 186-5 appendix B.3.1).

Use it if the back end does not make the primes that you need. Python's ``pow`` is not constant-time. Pass the modular
power of the back end if it has one.
"""

from __future__ import annotations

from functools import cache
from math import gcd, isqrt, prod
from secrets import randbelow
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ROUNDS", "is_prime", "odd_primes", "passes_miller_rabin"]

ROUNDS = 32
"""Rounds with random bases: a composite passes with a probability below 2^-64."""

_TRIAL = 2000
"""Primes below this number are tried as divisors first."""


def odd_primes(limit: int) -> list[int]:
    """Return the odd primes below a limit, in ascending order.

    >>> odd_primes(20)
    [3, 5, 7, 11, 13, 17, 19]
    """
    sieve = bytearray([1]) * limit
    for number in range(3, isqrt(limit) + 1, 2):
        if sieve[number]:
            sieve[number * number :: 2 * number] = bytes(len(range(number * number, limit, 2 * number)))
    return [number for number in range(3, limit, 2) if sieve[number]]


def passes_miller_rabin(number: int, base: int, power: Callable[[int, int, int], int] = pow) -> bool:
    """Return whether a number passes one round of Miller-Rabin (FIPS 186-5 appendix B.3.1).

    The number is odd and above 3. The base is from 2 to ``number - 2``. ``power`` is called as
    ``power(base, exponent, number)``.

    >>> passes_miller_rabin(2047, 2), passes_miller_rabin(2047, 3)  # 23 * 89
    (True, False)
    """
    twos = (number - 1 & 1 - number).bit_length() - 1
    value = power(base, number - 1 >> twos, number)
    if value in (1, number - 1):
        return True
    for _ in range(twos - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False


def is_prime(number: int, rounds: int = ROUNDS) -> bool:
    """Return whether a number is prime, by trial division and Miller-Rabin rounds with random bases.

    The answer is exact for numbers below four million.

    >>> is_prime(2**127 - 1), is_prime(2**128 + 1)
    (True, False)
    """
    if number < _TRIAL * _TRIAL:
        return number == 2 or (
            number > 2 and number & 1 == 1 and all(number % n for n in range(3, isqrt(number) + 1, 2))
        )
    if not number & 1 or gcd(number, _divisors()) != 1:
        return False
    return all(passes_miller_rabin(number, randbelow(number - 3) + 2) for _ in range(rounds))


@cache
def _divisors() -> int:
    """Return the product of the odd primes that are tried as divisors."""
    return prod(odd_primes(_TRIAL))
