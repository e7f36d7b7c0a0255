"""Verify signatures of ML-DSA by integer arithmetic, and make them for public keys whose t1 is zero (FIPS 204).

If t1 is zero, the challenge drops out of ``A z - c t1 2^d``: any z and any hints give a signature that holds but for
the bounds of FIPS 204. The kit's vectors for the edges of these bounds are made so. Such a key is of no other use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["SETS", "Parameters", "encoded", "holds", "representative", "weak_public_key", "weak_signature"]

Q = 8380417
_D = 13
_N = 256

Poly = list[int]


@dataclass(frozen=True)
class Parameters:
    """The numbers of a parameter set (FIPS 204 table 1)."""

    rows: int
    columns: int
    tau: int
    eta: int
    strength: int
    gamma1_bits: int
    gamma2: int
    omega: int

    @property
    def gamma1(self) -> int:
        return 1 << self.gamma1_bits

    @property
    def bound(self) -> int:
        """gamma1 - beta: every coefficient of z is smaller."""
        return self.gamma1 - self.tau * self.eta

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Bytes of the commitment hash, of z, and of the hints."""
        return self.strength // 4, self.columns * 32 * (self.gamma1_bits + 1), self.omega + self.rows


SETS = {
    "44": Parameters(4, 4, 39, 2, 128, 17, (Q - 1) // 88, 80),
    "65": Parameters(6, 5, 49, 4, 192, 19, (Q - 1) // 32, 55),
    "87": Parameters(8, 7, 60, 2, 256, 19, (Q - 1) // 32, 75),
}


def holds(known: Parameters, public: bytes, mu: bytes, signature: bytes) -> bool:
    """Return whether a signature over a message representative holds (FIPS 204 algorithm 8)."""
    head, middle, tail = known.sizes
    if len(signature) != head + middle + tail:
        return False
    hints = _hints(known, signature[head + middle :])
    z = _z(known, signature[head : head + middle])
    if hints is None or any(abs(one) >= known.bound for poly in z for one in poly):
        return False
    t1 = [_unpacked(public[32 + 320 * row : 352 + 320 * row], 10) for row in range(known.rows)]
    transformed = [_ntt(poly) for poly in z]
    challenge = _ntt(_ball(known, signature[:head]))
    w = []
    for row, line in enumerate(_matrix(known, public[:32])):
        shifted = _ntt([one << _D for one in t1[row]])
        total = [-a * b for a, b in zip(challenge, shifted, strict=True)]
        for one, other in zip(line, transformed, strict=True):
            total = [t + a * b for t, a, b in zip(total, one, other, strict=True)]
        w.append(_back([value % Q for value in total]))
    return _commitment(known, mu, w, hints) == signature[:head]


def representative(public: bytes, message: bytes, context: bytes = b"") -> bytes:
    """Return mu of a message (FIPS 204 algorithms 2 and 7)."""
    tr = hashlib.shake_256(public).digest(64)
    return hashlib.shake_256(tr + bytes([0, len(context)]) + context + message).digest(64)


def weak_public_key(known: Parameters, seed: bytes) -> bytes:
    """Return a public key whose t1 is zero, so that anyone can sign under it."""
    return hashlib.sha256(seed).digest() + bytes(320 * known.rows)


def weak_signature(
    known: Parameters,
    public: bytes,
    mu: bytes,
    z: Mapping[tuple[int, int], int],
    hints: Iterable[tuple[int, int]],
    tail: bytes | None = None,
) -> bytes:
    """Return a signature under a weak public key that holds but for the bounds.

    ``z`` has coefficients that are not zero, by polynomial and place, ``hints`` the same of ones. ``tail`` is the
    encoding of the hints if it is not the right one.
    """
    polys = [[0] * _N for _ in range(known.columns)]
    for (index, place), value in z.items():
        polys[index][place] = value
    transformed = [_ntt(poly) for poly in polys]
    w = []
    for line in _matrix(known, public[:32]):
        total = [0] * _N
        for one, other in zip(line, transformed, strict=True):
            total = [t + a * b for t, a, b in zip(total, one, other, strict=True)]
        w.append(_back([value % Q for value in total]))
    chosen = [sorted(place for row, place in hints if row == wanted) for wanted in range(known.rows)]
    middle = b"".join(_packed([known.gamma1 - value for value in poly], known.gamma1_bits + 1) for poly in polys)
    return _commitment(known, mu, w, chosen) + middle + (encoded(known, chosen) if tail is None else tail)


def encoded(known: Parameters, hints: Sequence[Sequence[int]]) -> bytes:
    """Return the encoding of hints (FIPS 204 algorithm 20)."""
    places, ends = b"", b""
    for line in hints:
        places += bytes(line)
        ends += bytes([len(places)])
    return places.ljust(known.omega, b"\0") + ends


# --- encodings -----------------------------------------------------------------------------------------------------


def _hints(known: Parameters, data: bytes) -> list[list[int]] | None:
    """Return the places of the hints (FIPS 204 algorithm 21), or None for an encoding that is not the right one."""
    found, begin = [], 0
    for end in data[known.omega :]:
        if not begin <= end <= known.omega:
            return None
        line = list(data[begin:end])
        if line != sorted(set(line)):
            return None
        found.append(line)
        begin = end
    return None if any(data[begin : known.omega]) else found


def _z(known: Parameters, data: bytes) -> list[Poly]:
    size = len(data) // known.columns
    pieces = (data[index * size : (index + 1) * size] for index in range(known.columns))
    return [[known.gamma1 - value for value in _unpacked(piece, known.gamma1_bits + 1)] for piece in pieces]


def _packed(values: Iterable[int], bits: int) -> bytes:
    total = 0
    for place, value in enumerate(values):
        total |= value << place * bits
    return total.to_bytes(_N * bits // 8, "little")


def _unpacked(data: bytes, bits: int) -> Poly:
    total, mask = int.from_bytes(data, "little"), (1 << bits) - 1
    return [total >> place * bits & mask for place in range(_N)]


def _commitment(known: Parameters, mu: bytes, w: Sequence[Poly], hints: Sequence[Sequence[int]]) -> bytes:
    """Return the hash of the commitment that w and the hints give."""
    count = (Q - 1) // (2 * known.gamma2)
    lines = b""
    for poly, places in zip(w, hints, strict=True):
        high = [_high(known, value, place in places, count) for place, value in enumerate(poly)]
        lines += _packed(high, (count - 1).bit_length())
    return hashlib.shake_256(mu + lines).digest(known.strength // 4)


def _high(known: Parameters, value: int, hint: bool, count: int) -> int:
    """Return the high bits of a coefficient, corrected by a hint (FIPS 204 algorithms 36 and 40)."""
    low = value % (2 * known.gamma2)
    if low > known.gamma2:
        low -= 2 * known.gamma2
    high, low = (0, low - 1) if value - low == Q - 1 else ((value - low) // (2 * known.gamma2), low)
    if not hint:
        return high
    return (high + (1 if low > 0 else -1)) % count


# --- polynomials ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _matrix(known: Parameters, rho: bytes) -> tuple[tuple[Poly, ...], ...]:
    """Return the matrix A of a seed, transformed (FIPS 204 algorithm 32)."""
    return tuple(
        tuple(_uniform(rho + bytes([column, row])) for column in range(known.columns)) for row in range(known.rows)
    )


def _uniform(seed: bytes) -> Poly:
    """Return a polynomial with coefficients below q (FIPS 204 algorithm 30)."""
    stream = hashlib.shake_128(seed).digest(3 * 400)  # of 400 numbers, 256 are below q: one in 1024 is not
    found = (int.from_bytes(stream[at : at + 3], "little") & 0x7FFFFF for at in range(0, len(stream), 3))
    return [value for value in found if value < Q][:_N]


def _ball(known: Parameters, seed: bytes) -> Poly:
    """Return the challenge: tau coefficients of 1 or -1 (FIPS 204 algorithm 29)."""
    stream = hashlib.shake_256(seed).digest(8 + 1024)
    signs, at = int.from_bytes(stream[:8], "little"), 8
    poly = [0] * _N
    for place in range(_N - known.tau, _N):
        while stream[at] > place:
            at += 1
        poly[place] = poly[stream[at]]
        poly[stream[at]] = 1 - 2 * (signs & 1)
        signs, at = signs >> 1, at + 1
    return poly


_ZETAS = [pow(1753, int(f"{place:08b}"[::-1], 2), Q) for place in range(_N)]


def _ntt(poly: Poly) -> Poly:
    """Return a polynomial transformed, so that products are those of the single coefficients (algorithm 41)."""
    values, number, length = list(poly), 0, 128
    while length:
        for start in range(0, _N, 2 * length):
            number += 1
            zeta = _ZETAS[number]
            for at in range(start, start + length):
                turned = zeta * values[at + length] % Q
                values[at], values[at + length] = (values[at] + turned) % Q, (values[at] - turned) % Q
        length //= 2
    return values


def _back(poly: Poly) -> Poly:
    """Return the polynomial of a transformed one (FIPS 204 algorithm 42)."""
    values, number, length = list(poly), _N, 1
    while length < _N:
        for start in range(0, _N, 2 * length):
            number -= 1
            zeta = Q - _ZETAS[number]
            for at in range(start, start + length):
                one, other = values[at], values[at + length]
                values[at], values[at + length] = (one + other) % Q, zeta * (one - other) % Q
        length *= 2
    return [value * 8347681 % Q for value in values]
