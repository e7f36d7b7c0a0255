"""The groups: fixed safe primes, rebuilt from a small number each, and what the caller brings.

RFC 3526 (and RFC 2409 before it) makes the prime of n bits from the digits of pi::

    p = 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + k)

with the least k for which p and (p - 1) / 2 are both prime; p is always 7 modulo 8, so that 2 generates the subgroup
of order (p - 1) / 2. RFC 7919 does the same with e. So one small number a size is all there is to keep; the primes are
worked out when they are first needed, in a few milliseconds at most. For the sizes that no RFC has, k was searched for
by the same rule; the tests prove each group again.
"""

from __future__ import annotations

from functools import cache

from cngcore.status import InvalidParameterError
from cngcore_dh.arithmetic import jacobi

GENERATED = range(512, 4096 + 1, 64)
"""Bits of the keys that are generated."""

IMPORTED = range(512, 8192 + 1)
"""Bits of keys that can be imported: the groups of the RFCs end there, and no power takes more than a second or two."""

OF_PI = {
    512: 131, 576: 145480, 640: 335775, 704: 65808, 768: 149686, 832: 13056, 896: 26718, 960: 139761,
    1024: 129093, 1088: 227387, 1152: 28341, 1216: 1006253, 1280: 380308, 1344: 805572, 1408: 318422, 1472: 1031485,
    1536: 741804, 1600: 495144, 1664: 68382, 1728: 302832, 1792: 21352, 1856: 391919, 1920: 1288368, 1984: 885517,
    2048: 124476, 2112: 409949, 2176: 1429780, 2240: 96243, 2304: 336077, 2368: 829445, 2432: 281375, 2496: 1015159,
    2560: 249488, 2624: 607359, 2688: 82811, 2752: 592780, 2816: 3014959, 2880: 582769, 2944: 1070005, 3008: 1376616,
    3072: 1690314, 3136: 2083519, 3200: 57581, 3264: 9485249, 3328: 5129177, 3392: 5413, 3456: 2894192, 3520: 3226089,
    3584: 2005159, 3648: 5819758, 3712: 2330845, 3776: 5070362, 3840: 2242340, 3904: 7006701, 3968: 1502693,
    4032: 2634998, 4096: 240904, 6144: 929484, 8192: 4743158,
}  # fmt: skip
"""k of the rule, by bits. RFC 2409: 768, 1024. RFC 3526: 1536, 2048, 3072, 4096, 6144, 8192."""

OF_E = {2048: 560316, 3072: 2625351, 4096: 5736041, 6144: 15705020, 8192: 10965728}
"""The same with e in the place of pi, by bits: RFC 7919 appendix A."""

GENERATOR = 2

_GUARD = 64
"""Bits beyond those wanted, against the rounding of the terms of a series."""


def _arctan_of_inverse(number: int, one: int) -> int:
    """``one * arctan(1 / number)``, by its series."""
    term = total = one // number
    square, divisor, sign = number * number, 1, 1
    while term:
        term //= square
        divisor, sign = divisor + 2, -sign
        total += sign * (term // divisor)
    return total


def scaled_pi(bits: int) -> int:
    """``floor(2^bits * pi)``, by Machin's formula."""
    one = 1 << bits + _GUARD
    return 4 * (4 * _arctan_of_inverse(5, one) - _arctan_of_inverse(239, one)) >> _GUARD


def scaled_e(bits: int) -> int:
    """``floor(2^bits * e)``, by the sum of the inverse factorials."""
    term = total = 1 << bits + _GUARD
    divisor = 0
    while term:
        divisor += 1
        term //= divisor
        total += term
    return total >> _GUARD


def _prime(bits: int, digits: int, offset: int) -> int:
    return (1 << bits) - (1 << bits - 64) - 1 + (digits + offset << 64)


@cache
def prime_of_pi(bits: int) -> int:
    """The prime of RFC 3526's rule; there is one for each key of :data:`OF_PI`."""
    return _prime(bits, scaled_pi(bits - 130), OF_PI[bits])


@cache
def prime_of_e(bits: int) -> int:
    """The prime of RFC 7919; there is one for each key of :data:`OF_E`."""
    return _prime(bits, scaled_e(bits - 130), OF_E[bits])


class Group:
    """A modulus and a generator.

    ``is_known``: p is one of the safe primes above and g generates the subgroup of order q = (p - 1) / 2. Of any other
    group the order is not known: no blob and no property carries it.
    """

    __slots__ = ("g", "is_known", "key_bytes", "p")

    def __init__(self, p: int, g: int, *, is_known: bool) -> None:
        self.p = p
        self.g = g
        self.is_known = is_known
        self.key_bytes = (p.bit_length() + 7) // 8

    @property
    def private_numbers(self) -> int:
        """A private number is drawn from 1 to one less than this.

        In a known group it has 256 bits up to 3072 and 384 above, as SymCrypt has it: at least twice the strength of
        the group, and M of SP 800-56A section 5.6.1.1. In any other it is as long as p, since no less is known to do.
        """
        if not self.is_known:
            return self.p - 1
        return 1 << (256 if self.p.bit_length() <= 3072 else 384)

    def has(self, y: int, *, order: bool) -> bool:
        """Whether y can be a public number: 2 <= y <= p - 2 and, in a known group, y^q = 1 (where ``order`` asks)."""
        return 2 <= y <= self.p - 2 and (not (order and self.is_known) or jacobi(y, self.p) == 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Group) and (self.p, self.g) == (other.p, other.g)

    def __hash__(self) -> int:
        return hash((self.p, self.g))

    def __repr__(self) -> str:
        return f"<Group of {self.p.bit_length()} bits, {'known' if self.is_known else 'of unknown order'}>"


@cache
def default_group(bits: int) -> Group:
    """The group of keys of this length for which no parameters were set: RFC 7919 has precedence."""
    return Group(prime_of_e(bits) if bits in OF_E else prime_of_pi(bits), GENERATOR, is_known=True)


def group_of(p: int, g: int) -> Group:
    """The group of numbers that the caller gives.

    Raises InvalidParameterError for a length out of :data:`IMPORTED`, an even p, and a g not between 1 and p - 1.
    Whether p is prime is not tested: that would cost more than the key, and CNG does not either.
    """
    bits = p.bit_length()
    if bits not in IMPORTED:
        raise InvalidParameterError(
            f"a DH modulus of {bits} bits is not used here; it has {IMPORTED.start} to {IMPORTED.stop - 1}"
        )
    if not p & 1 or not 1 < g < p - 1:
        raise InvalidParameterError("a DH group has an odd modulus p and a generator g with 1 < g < p - 1")
    if g == GENERATOR and bits in GENERATED and p == default_group(bits).p:
        return default_group(bits)
    return Group(p, g, is_known=_is_named(p, bits) and jacobi(g, p) == 1)


def _is_named(p: int, bits: int) -> bool:
    """Whether p is a prime of the tables; both rules set the first and the last 64 bits, which is looked at first."""
    ones = (1 << 64) - 1
    if p & ones != ones or p >> bits - 64 != ones:
        return False
    return bits in OF_PI and (p == prime_of_pi(bits) or (bits in OF_E and p == prime_of_e(bits)))
