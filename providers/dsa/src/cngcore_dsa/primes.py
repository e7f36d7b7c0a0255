"""Whether a number is prime, as FIPS 186-4 appendix C.3 tests it: trial division, Miller-Rabin, Lucas.

Powers are the back end's work (:func:`cngcore_dsa.native.power`). With gmpy2 installed trial division and the Lucas
test are GMP's, for numbers from 768 bits on: below, one import of gmpy2 costs more than it saves. The answers are the
same with and without, but for the random bases.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from math import gcd, isqrt, prod
from secrets import randbelow
from typing import Any

from cngcore_dsa import native

_WORTH_GMP = 768
"""Bits from which gmpy2 is looked for."""

_WORTH_NATIVE = 128
"""Bits from which a power is worth its way through the back end."""

_FIRST = 1_000
"""Primes below this are divided by first."""

_SECOND = ((1152, 10_000), (2400, 30_000))
"""Primes below the second number are divided by next, up to so many bits."""

_MOST = 100_000
"""For still longer numbers."""


def is_prime(number: int, rounds: int) -> bool:
    """Whether ``number`` passes ``rounds`` of Miller-Rabin with random bases and a strong Lucas test.

    Base 2 comes first, so that a composite costs one exponentiation; together with the Lucas test it makes the test of
    Baillie, Pomerance, Selfridge and Wagstaff, which no composite is known to pass, whoever chose it.
    """
    if number < _FIRST * _FIRST:
        return number > 1 and all(number % small for small in range(2, isqrt(number) + 1))
    if has_small_factor(number) or not passes_miller_rabin(number, 2):
        return False
    return passes_lucas(number) and all(passes_miller_rabin(number, randbelow(number - 3) + 2) for _ in range(rounds))


def has_small_factor(number: int) -> bool:
    """Whether a small prime divides a number above a million: one below 10,000, for longer numbers below 100,000."""
    bits = number.bit_length()
    gmpy2 = gmp(bits)
    find: Callable[[int, int], int] = gmpy2.gcd if gmpy2 else gcd
    limit = next((limit for most, limit in _SECOND if bits <= most), _MOST)
    first, second = _primorials(limit, gmpy2 is not None)
    return not number & 1 or find(first, number) != 1 or find(second, number) != 1


def passes_miller_rabin(number: int, base: int) -> bool:
    """One round of FIPS 186-4 appendix C.3.1, for an odd number above 3 and a base from 2 to two below it."""
    twos = (number - 1 & 1 - number).bit_length() - 1
    found = power(base, number - 1 >> twos, number)
    if found in (1, number - 1):
        return True
    for _ in range(twos - 1):
        found = found * found % number
        if found == number - 1:
            return True
    return False


def passes_lucas(number: int) -> bool:
    """The Lucas test of FIPS 186-4 appendix C.3.3 in its strong form: what passes this one passes that one too.

    The parameters are Selfridge's: P = 1 and Q = (1 - D) / 4 for the first D of 5, -7, 9, -11, ... whose Jacobi symbol
    over the number is -1. The number is odd and above 3; a perfect square, which has no such D, fails.
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
    """U and V of the Lucas sequence for P = 1, Q = (1 - D) / 4 at an index above 0, and Q to its power, mod number."""
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
    """The Jacobi symbol (a/n) for odd n above 0 (FIPS 186-4 appendix C.5)."""
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
    """``base ** exponent % modulus``: by the back end, in constant time, if it takes them, else by gmpy2 or int."""
    if modulus.bit_length() >= _WORTH_NATIVE and (found := native.power(base, exponent, modulus)) is not None:
        return found
    gmpy2 = gmp(modulus.bit_length())
    return int(gmpy2.powmod(base, exponent, modulus)) if gmpy2 else pow(base, exponent, modulus)


def gmp(bits: int) -> Any:
    """The module gmpy2, for numbers of a size where it is worth its import; else None."""
    return _gmpy2() if bits >= _WORTH_GMP else None


@cache
def _gmpy2() -> Any:
    try:
        return import_module("gmpy2")
    except ImportError:
        return None


@cache
def _primorials(limit: int, for_gmp: bool) -> tuple[Any, Any]:
    """The product of the odd primes below 1,000, and that of the primes from there to ``limit``."""
    sieve = bytearray([1]) * limit
    for number in range(3, isqrt(limit) + 1, 2):
        if sieve[number]:
            sieve[number * number :: 2 * number] = bytes(len(range(number * number, limit, 2 * number)))
    first = prod(number for number in range(3, _FIRST, 2) if sieve[number])
    second = prod(number for number in range(_FIRST + 1, limit, 2) if sieve[number])
    return (_gmpy2().mpz(first), _gmpy2().mpz(second)) if for_gmp else (first, second)
