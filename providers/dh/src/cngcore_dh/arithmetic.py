"""Modular powers of secret exponents, and the Jacobi symbol: by gmpy2 where it is installed, else by Python.

gmpy2 is looked for when the first power is taken, not before: its import takes longer than many a key. Its
``powmod_sec`` runs in a time that depends on the exponent's length and not on its bits, and lets other threads run.
Python's ``pow`` is not constant-time and holds the interpreter for the whole power.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def gmpy2() -> Any:
    """The module, or None where it cannot be imported."""
    try:
        return import_module("gmpy2")
    except ImportError:
        return None


def power(base: int, exponent: int, modulus: int) -> int:
    """``base ** exponent % modulus`` for an exponent above 0 and an odd modulus above 1."""
    fast = gmpy2()
    if fast is None:
        return pow(base, exponent, modulus)
    with fast.context(fast.get_context(), allow_release_gil=True):
        return int(fast.powmod_sec(base, exponent, modulus))


def jacobi(number: int, modulus: int) -> int:
    """The Jacobi symbol of two public numbers, the modulus odd: 1, -1, or 0 where they share a factor.

    Modulo a prime it tells whether ``number`` is a square; in the group of a safe prime p the squares are the
    elements of order (p - 1) / 2 (and 1), so it stands for a power that costs a hundred times as much.
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
