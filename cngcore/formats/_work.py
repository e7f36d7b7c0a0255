"""Limit the work that one file can cause: the key derivations of passphrases, and the arithmetic of reading.

:func:`limited` opens an account for one call of ``decode_all``. A reader charges its work before it begins. The account
belongs to the current context, so calls in other threads and tasks have their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from cngcore.status import BadDataError

__all__ = ["MOST_ITERATIONS", "MOST_TOTAL", "can_compute", "can_spend", "charge_derivation", "limited"]

MOST_ITERATIONS = 10_000_000
"""Iterations of SHA-256, or as much work of another function, that one key derivation can ask for."""

MOST_TOTAL = 4 * MOST_ITERATIONS
"""The same for all key derivations of a file."""

MOST_ARITHMETIC = 600_000
"""Microseconds, by estimate, of arithmetic with large integers for a file."""


@dataclass(slots=True)
class _Account:
    derivation: int = 0
    arithmetic: int = 0


_current: ContextVar[_Account | None] = ContextVar("cngcore_formats_work", default=None)


@contextmanager
def limited() -> Iterator[None]:
    """Open an account for the work of one file, unless one is open."""
    if _current.get() is not None:
        yield
        return
    token = _current.set(_Account())
    try:
        yield
    finally:
        _current.reset(token)


def charge_derivation(work: int, what: str) -> None:
    """Charge a key derivation before it begins. Raise BadDataError if it, or all of the file, takes too much work."""
    account = _current.get() or _Account()
    if work > MOST_ITERATIONS:
        raise BadDataError(f"{what}: the key derivation asks for too much work, more than {MOST_ITERATIONS} iterations")
    if account.derivation + work > MOST_TOTAL:
        raise BadDataError(f"{what}: the key derivations of the file ask for too much work together; split the file")
    account.derivation += work


def can_compute(bits: int, exponent_bits: int, times: int = 1) -> bool:
    """Charge a power modulo a number of ``bits`` and return True; return False if it would take too long."""
    return can_spend(times * (bits * bits * max(exponent_bits, 1) // 180_000 + 2))


def can_spend(microseconds: int) -> bool:
    """Charge arithmetic and return True; return False if the file has had its share."""
    account = _current.get() or _Account()
    if account.arithmetic + microseconds > MOST_ARITHMETIC:
        return False
    account.arithmetic += microseconds
    return True
