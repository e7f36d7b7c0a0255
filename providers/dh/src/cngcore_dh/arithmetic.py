"""Modular powers with secret exponents, and the Jacobi symbol: by gmpy2 if it is installed, otherwise by Python.

The first power imports gmpy2, because the import takes longer than most keys. The time of its ``powmod_sec`` depends on
the length of the exponent but not on its bits, and other threads can run meanwhile. Python's ``pow`` is not
constant-time and blocks other threads.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def gmpy2() -> Any:
    """Return the module gmpy2, or None if it cannot be imported."""
    try:
        return import_module("gmpy2")
    except ImportError:
        return None


def power(base: int, exponent: int, modulus: int) -> int:
    """Return ``base ** exponent % modulus`` for an exponent above 0 and an odd modulus above 1."""
    fast = gmpy2()
    if fast is None:
        return pow(base, exponent, modulus)
    with fast.context(fast.get_context(), allow_release_gil=True):
        return int(fast.powmod_sec(base, exponent, modulus))


def jacobi(number: int, modulus: int) -> int:
    """Return the Jacobi symbol of two public numbers for an odd modulus: 1, -1, or 0 if they share a factor.

    Modulo a prime, the symbol is 1 if ``number`` is a square. Modulo a safe prime p, the squares are 1 and the elements
    of order (p - 1) / 2. The symbol therefore replaces a power, which takes a hundred times as long.
    """
    fast = gmpy2()
    if fast is not None:
        return int(fast.jacobi(number, modulus))
    number %= modulus
    symbol = 1
    while number:
        twos = (number & -number).bit_length() - 1
        number >>= twos
        if twos & 1 and modulus & 7 in (3, 5):
            symbol = -symbol
        if number & modulus & 3 == 3:
            symbol = -symbol
        number, modulus = modulus % number, number
    return symbol if modulus == 1 else 0
