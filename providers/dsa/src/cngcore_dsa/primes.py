"""The prime tests of FIPS 186-4 appendix C.3: trial division, Miller-Rabin, Lucas.

The back end computes powers (:func:`cngcore_dsa.native.power`). If gmpy2 is installed, GMP does trial division and the
Lucas test for numbers of 768 bits and more. For shorter numbers the import of gmpy2 costs more than it saves. The
answers are the same, except that the bases are random.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from math import gcd, isqrt, prod
from secrets import randbelow
from typing import TYPE_CHECKING, Any

from cngcore.families.primes import odd_primes, passes_miller_rabin
from cngcore_dsa import native

if TYPE_CHECKING:
    from collections.abc import Callable

_WORTH_GMP = 768
"""Bits from which gmpy2 is imported."""

_WORTH_NATIVE = 128
"""Bits from which the back end computes a power faster than Python."""

_FIRST = 1_000
"""The first division is by all primes below this number."""

_SECOND = ((1152, 10_000), (2400, 30_000))
"""The second division: for numbers of up to so many bits, by all primes below the second number."""

_MOST = 100_000
"""The same limit for longer numbers."""


def is_prime(number: int, rounds: int) -> bool:
    """Return whether ``number`` passes ``rounds`` of Miller-Rabin with random bases and a strong Lucas test.

    Base 2 comes first, because most composites then cost one power. Base 2 and the Lucas test together are the test of
    Baillie, Pomerance, Selfridge and Wagstaff. No composite is known to pass it.
    """
    if number < _FIRST * _FIRST:
        return number > 1 and all(number % small for small in range(2, isqrt(number) + 1))
    if has_small_factor(number) or not passes_miller_rabin(number, 2, power):
        return False
    return passes_lucas(number) and all(
        passes_miller_rabin(number, randbelow(number - 3) + 2, power) for _ in range(rounds)
    )


def has_small_factor(number: int) -> bool:
    """Return whether a small prime divides a number above a million. The limit is 10,000 to 100,000, by the length."""
    bits = number.bit_length()
    gmpy2 = gmp(bits)
    find: Callable[[int, int], int] = gmpy2.gcd if gmpy2 else gcd
    limit = next((limit for most, limit in _SECOND if bits <= most), _MOST)
    first, second = _primorials(limit, gmpy2 is not None)
    return not number & 1 or find(first, number) != 1 or find(second, number) != 1


def passes_lucas(number: int) -> bool:
    """Return whether a number passes the strong Lucas test. It then passes FIPS 186-4 appendix C.3.3 too.

    The parameters are Selfridge's: P = 1 and Q = (1 - D) / 4. D is the first of 5, -7, 9, -11, ... whose Jacobi symbol
    over the number is -1. The number is odd and above 3. A perfect square has no such D and fails.
    """
    if isqrt(number) ** 2 == number:
        return False
    if gmpy2 := gmp(number.bit_length()):
        return bool(gmpy2.is_strong_selfridge_prp(number))
    d = 5
    while (symbol := _jacobi(d, number)) != -1:
        if symbol == 0 and abs(d) % number:
            return False
        d = -d - 2 if d > 0 else -d + 2
    twos = (number + 1 & -number - 1).bit_length() - 1
    u, v, q_power = _lucas(number + 1 >> twos, d, number)
    if u == 0 or v == 0:
        return True
    for _ in range(twos - 1):
        v = (v * v - 2 * q_power) % number
        if v == 0:
            return True
        q_power = q_power * q_power % number
    return False


def _lucas(index: int, d: int, number: int) -> tuple[int, int, int]:
    """Return U, V and Q to the index, mod number, of the Lucas sequence for P = 1 and Q = (1 - D) / 4. index > 0."""
    q = (1 - d) // 4
    u, v, q_power = 1, 1, q % number
    for bit in bin(index)[3:]:
        u, v, q_power = u * v % number, (v * v - 2 * q_power) % number, q_power * q_power % number
        if bit == "1":
            u, v = _halved(u + v, number), _halved(d * u + v, number)
            q_power = q_power * q % number
    return u, v, q_power


def _halved(value: int, number: int) -> int:
    return (value + number if value & 1 else value) // 2 % number


def _jacobi(a: int, n: int) -> int:
    """Return the Jacobi symbol (a/n) for odd n above 0 (FIPS 186-4 appendix C.5)."""
    a, sign = a % n, 1
    while a:
        while not a & 1:
            a >>= 1
            if n & 7 in (3, 5):
                sign = -sign
        a, n = n, a
        if a & 3 == n & 3 == 3:
            sign = -sign
        a %= n
    return sign if n == 1 else 0


def power(base: int, exponent: int, modulus: int) -> int:
    """Return ``base ** exponent % modulus``.

    The back end computes it if it accepts the numbers, otherwise gmpy2 or Python. The time depends on the exponent.
    """
    if modulus.bit_length() >= _WORTH_NATIVE and (value := native.power(base, exponent, modulus)) is not None:
        return value
    gmpy2 = gmp(modulus.bit_length())
    return int(gmpy2.powmod(base, exponent, modulus)) if gmpy2 else pow(base, exponent, modulus)


def gmp(bits: int) -> Any:
    """Return the module gmpy2, or None if it is not installed or the numbers are too short for it."""
    return _gmpy2() if bits >= _WORTH_GMP else None


@cache
def _gmpy2() -> Any:
    try:
        return import_module("gmpy2")
    except ImportError:
        return None


@cache
def _primorials(limit: int, for_gmp: bool) -> tuple[Any, Any]:
    """Return the product of the odd primes below 1,000, and that of the primes from there to ``limit``."""
    primes = odd_primes(limit)
    first = prod(number for number in primes if number < _FIRST)
    second = prod(number for number in primes if number > _FIRST)
    return (_gmpy2().mpz(first), _gmpy2().mpz(second)) if for_gmp else (first, second)
