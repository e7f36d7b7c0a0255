"""The groups: fixed safe primes, each computed from one small number, and the groups of the caller.

RFC 3526 and RFC 2409 make the prime of n bits from the digits of pi::

    p = 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + k)

with the least k for which p and (p - 1) / 2 are both prime. p is always 7 modulo 8, so 2 generates the subgroup of
order (p - 1) / 2. RFC 7919 does the same with e. This module therefore stores k only. It computes a prime on first use,
in a few milliseconds at most. For sizes without an RFC, k was searched for by the same rule. The tests prove every
group.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from cngcore.status import InvalidParameterError
from cngcore_dh.arithmetic import jacobi

GENERATED = range(512, 4096 + 1, 64)
"""Bits of keys that can be generated."""

IMPORTED = range(512, 8192 + 1)
"""Bits of keys that can be imported. The largest group of the RFCs has 8192; one power takes a second or two."""

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
"""The k of each prime, by bits. RFC 2409: 768, 1024. RFC 3526: 1536, 2048, 3072, 4096, 6144, 8192."""

OF_E = {2048: 560316, 3072: 2625351, 4096: 5736041, 6144: 15705020, 8192: 10965728}
"""The k of each prime from e instead of pi, by bits: RFC 7919 appendix A."""

GENERATOR = 2

_GUARD = 64
"""Extra bits in a series, because its terms are rounded."""


def _arctan_of_inverse(number: int, one: int) -> int:
    """Return ``one * arctan(1 / number)``, by its series."""
    term = total = one // number
    square, divisor, sign = number * number, 1, 1
    while term:
        term //= square
        divisor, sign = divisor + 2, -sign
        total += sign * (term // divisor)
    return total


def scaled_pi(bits: int) -> int:
    """Return ``floor(2^bits * pi)``, by Machin's formula."""
    one = 1 << bits + _GUARD
    return 4 * (4 * _arctan_of_inverse(5, one) - _arctan_of_inverse(239, one)) >> _GUARD


def scaled_e(bits: int) -> int:
    """Return ``floor(2^bits * e)``, by the sum of the inverse factorials."""
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
    """Return the prime by the rule of RFC 3526, for a length of :data:`OF_PI`."""
    return _prime(bits, scaled_pi(bits - 130), OF_PI[bits])


@cache
def prime_of_e(bits: int) -> int:
    """Return the prime by the rule of RFC 7919, for a length of :data:`OF_E`."""
    return _prime(bits, scaled_e(bits - 130), OF_E[bits])


@dataclass(frozen=True, slots=True)
class Group:
    """A modulus and a generator.

    ``is_known`` means that p is one of the safe primes above and g generates the subgroup of order q = (p - 1) / 2. The
    order of any other group is unknown, because blobs and properties do not hold it.
    """

    p: int
    g: int
    is_known: bool = field(kw_only=True, compare=False)

    @property
    def key_bytes(self) -> int:
        """The length of p in bytes."""
        return (self.p.bit_length() + 7) // 8

    @property
    def private_numbers(self) -> int:
        """The upper limit of private numbers, which are drawn from 1 to one less.

        In a known group, private numbers have 256 bits up to p of 3072 bits and 384 bits above, as in SymCrypt. This is
        at least twice the strength of the group, and M of SP 800-56A section 5.6.1.1. In any other group they are as
        long as p, because no shorter length is known to be safe.
        """
        if not self.is_known:
            return self.p - 1
        return 1 << (256 if self.p.bit_length() <= 3072 else 384)

    def has(self, y: int, *, order: bool) -> bool:
        """Return whether y can be a public number: 2 <= y <= p - 2.

        With ``order``, check y^q = 1 too if the group is known.
        """
        return 2 <= y <= self.p - 2 and (not (order and self.is_known) or jacobi(y, self.p) == 1)

    def __repr__(self) -> str:
        return f"<Group of {self.p.bit_length()} bits, {'known' if self.is_known else 'of unknown order'}>"


@cache
def default_group(bits: int) -> Group:
    """Return the group of keys of this length without parameters. RFC 7919 comes before RFC 3526."""
    return Group(prime_of_e(bits) if bits in OF_E else prime_of_pi(bits), GENERATOR, is_known=True)


def group_of(p: int, g: int) -> Group:
    """Return the group of a modulus p and a generator g from the caller.

    Raise InvalidParameterError if the length is not in :data:`IMPORTED`, p is even, or g is not between 1 and p - 1.
    p is not tested for primality, because CNG does not do that and it takes longer than the key.
    """
    bits = p.bit_length()
    if bits not in IMPORTED:
        raise InvalidParameterError(f"a DH modulus must have {IMPORTED.start} to {IMPORTED.stop - 1} bits, not {bits}")
    if not p & 1 or not 1 < g < p - 1:
        raise InvalidParameterError("a DH group must have an odd modulus p and a generator g with 1 < g < p - 1")
    if g == GENERATOR and bits in GENERATED and p == default_group(bits).p:
        return default_group(bits)
    return Group(p, g, is_known=_is_named(p, bits) and jacobi(g, p) == 1)


def _is_named(p: int, bits: int) -> bool:
    """Return whether p is a prime of the tables. Check the first and last 64 bits first, which both rules set."""
    ones = (1 << 64) - 1
    if p & ones != ones or p >> bits - 64 != ones:
        return False
    return bits in OF_PI and (p == prime_of_pi(bits) or (bits in OF_E and p == prime_of_e(bits)))
