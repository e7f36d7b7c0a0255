"""Compute in plain integers what a provider should compute: points of curves, X25519, signatures, RSA blocks.

The kit compares providers with these functions, and the program that makes its vectors uses them. They import no
library, are slow, and their time depends on the numbers: use them for tests only, never for secrets.

>>> from cngcore.blobs.curves import CURVES
>>> curve = CURVES["nistP256"]
>>> group(curve).multiply(curve.n - 1) == (curve.gx, curve.p - curve.gy)
True
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from functools import lru_cache

from cngcore.blobs.curves import TWISTED_EDWARDS, Curve

__all__ = [
    "Group", "Point", "dsa_holds", "ecdsa_holds", "ecdsa_nonce", "group", "hash_number", "mgf1", "pkcs1_block",
    "pss_holds", "rejection", "rfc6979_nonce", "square_root", "x25519",
]  # fmt: skip

Point = tuple[int, int] | None
"""A point of a curve; None is the neutral point."""

_Projective = tuple[int, int, int]


class Group:
    """The points of a short Weierstrass or twisted Edwards curve.

    >>> from cngcore.blobs.curves import CURVES
    >>> Group(CURVES["nistP256"]).multiply(1) == (CURVES["nistP256"].gx, CURVES["nistP256"].gy)
    True
    """

    def __init__(self, curve: Curve) -> None:
        self.curve = curve
        self.generator = curve.gx, curve.gy
        self._edwards = curve.curve_type == TWISTED_EDWARDS
        self._neutral: _Projective = (0, 1, 1) if self._edwards else (1, 1, 0)
        self._table: list[list[_Projective]] = []

    def multiply(self, scalar: int, point: Point = None) -> Point:
        """Return ``scalar`` times the point, by default times the generator."""
        scalar %= self.curve.n * self.curve.h
        if point is None or point == self.generator:
            return self._affine(self._of_generator(scalar))
        return self._affine(self._times(scalar, (*point, 1)))

    def combine(self, one: int, two: int, point: tuple[int, int]) -> Point:
        """Return ``one`` times the generator plus ``two`` times the point."""
        return self._affine(self._add(self._of_generator(one), self._times(two, (*point, 1))))

    def add(self, one: Point, two: Point) -> Point:
        """Return the sum of two points."""
        if one is None or two is None:
            return one or two
        return self._affine(self._add((*one, 1), (*two, 1)))

    def multiples(self, first: int, count: int) -> Iterator[tuple[int, Point]]:
        """Yield (k, k times the generator) for ``count`` numbers from ``first`` on."""
        point = self.multiply(first)
        for k in range(first, first + count):
            yield k, point
            point = self.add(point, self.generator)

    def lift(self, x: int) -> Point:
        """Return the point with this x and the even y of a short Weierstrass curve; None if there is none."""
        curve = self.curve
        y = square_root((x * x * x + curve.a * x + curve.b) % curve.p, curve.p)
        return None if y is None else (x, y if y % 2 == 0 else curve.p - y)

    def _of_generator(self, scalar: int) -> _Projective:
        """Return a multiple of the generator, from a table of 15 points for every four bits."""
        if not self._table:
            base: _Projective = (*self.generator, 1)
            for _ in range((self.curve.n.bit_length() + self.curve.h.bit_length() + 3) // 4):
                row = [self._neutral, base]
                while len(row) < 16:
                    row.append(self._add(row[-1], base))
                self._table.append(row)
                base = self._add(row[-1], base)
        total, scalar = self._neutral, scalar % (self.curve.n * self.curve.h)
        for row in self._table:
            if scalar & 15:
                total = self._add(total, row[scalar & 15])
            scalar >>= 4
        return total

    def _times(self, scalar: int, point: _Projective) -> _Projective:
        total = self._neutral
        for bit in bin(scalar)[2:]:
            total = self._add(total, total)
            if bit == "1":
                total = self._add(total, point)
        return total

    def _add(self, one: _Projective, two: _Projective) -> _Projective:
        return self._add_edwards(one, two) if self._edwards else self._add_weierstrass(one, two)

    def _add_edwards(self, one: _Projective, two: _Projective) -> _Projective:
        (x1, y1, z1), (x2, y2, z2), p = one, two, self.curve.p
        z, x, y = z1 * z2 % p, x1 * x2 % p, y1 * y2 % p
        mixed, square = self.curve.b * x * y % p, z * z % p
        less, more = square - mixed, square + mixed
        cross = (x1 + y1) * (x2 + y2) - x - y
        return z * less * cross % p, z * more * (y - self.curve.a * x) % p, less * more % p

    def _add_weierstrass(self, one: _Projective, two: _Projective) -> _Projective:
        """Add in Jacobian coordinates: (X / Z^2, Y / Z^3)."""
        (x1, y1, z1), (x2, y2, z2), p = one, two, self.curve.p
        if not z1 or not z2:
            return two if not z1 else one
        s1, s2 = z1 * z1 % p, z2 * z2 % p
        u1, u2 = x1 * s2 % p, x2 * s1 % p
        v1, v2 = y1 * s2 * z2 % p, y2 * s1 * z1 % p
        if u1 == u2:
            if v1 != v2 or not y1:
                return self._neutral
            square = y1 * y1 % p
            middle = 4 * x1 * square % p
            slope = (3 * x1 * x1 + self.curve.a * s1 * s1) % p
            x = (slope * slope - 2 * middle) % p
            return x, (slope * (middle - x) - 8 * square * square) % p, 2 * y1 * z1 % p
        h, r = u2 - u1, v2 - v1
        hh = h * h % p
        hhh, v = h * hh % p, u1 * hh % p
        x = (r * r - hhh - 2 * v) % p
        return x, (r * (v - x) - v1 * hhh) % p, z1 * z2 * h % p

    def _affine(self, point: _Projective) -> Point:
        x, y, z = point
        p = self.curve.p
        if self._edwards:
            inverse = pow(z, -1, p)
            found = x * inverse % p, y * inverse % p
            return None if found == (0, 1) else found
        if not z:
            return None
        inverse = pow(z, -1, p)
        square = inverse * inverse % p
        return x * square % p, y * square * inverse % p


@lru_cache(maxsize=32)
def group(curve: Curve) -> Group:
    """Return the group of a curve; its table of multiples is computed once."""
    return Group(curve)


def square_root(number: int, p: int) -> int | None:
    """Return a square root modulo the odd prime p, or None (Tonelli and Shanks).

    >>> square_root(2, 7), square_root(3, 7)
    (4, None)
    """
    number %= p
    if number == 0:
        return 0
    if pow(number, (p - 1) // 2, p) != 1:
        return None
    if p % 4 == 3:
        return pow(number, (p + 1) // 4, p)
    odd, twos = p - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    other = next(z for z in range(2, p) if pow(z, (p - 1) // 2, p) == p - 1)
    c, t, r = pow(other, odd, p), pow(number, odd, p), pow(number, (odd + 1) // 2, p)
    while t != 1:
        i, square = 0, t
        while square != 1:
            square, i = square * square % p, i + 1
        b = pow(c, 1 << (twos - i - 1), p)
        twos, c = i, b * b % p
        t, r = t * c % p, r * b % p
    return r


def hash_number(digest: bytes, order: int) -> int:
    """Return the number of a digest: its leftmost bits, as many as the order has (FIPS 186-5 section 6.4).

    >>> hash_number(b"\\xff\\xff", 251)
    255
    """
    return int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - order.bit_length())


def rfc6979_nonce(name: str, d: int, digest: bytes, order: int) -> int:
    """Return the nonce of RFC 6979 section 3.2 for a digest, by hashlib's name of the hash of its generator."""
    bits = order.bit_length()
    width = (bits + 7) // 8

    def number(data: bytes) -> int:
        return int.from_bytes(data, "big") >> max(0, 8 * len(data) - bits)

    def authenticated(key: bytes, data: bytes) -> bytes:
        return hmac.new(key, data, name).digest()

    seed = d.to_bytes(width, "big") + (number(digest) % order).to_bytes(width, "big")
    size = hashlib.new(name, usedforsecurity=False).digest_size
    key, value = bytes(size), b"\1" * size
    for mark in (b"\0", b"\1"):
        key = authenticated(key, value + mark + seed)
        value = authenticated(key, value)
    while True:
        made = b""
        while len(made) < width:
            value = authenticated(key, value)
            made += value
        found = number(made[:width])
        if 0 < found < order:
            return found
        key = authenticated(key, value + b"\0")
        value = authenticated(key, value)


def ecdsa_nonce(d: int, digest: bytes, r: int, s: int, order: int) -> int:
    """Return the nonce k of a signature whose private number is known, for ECDSA and DSA."""
    return pow(s, -1, order) * (hash_number(digest, order) + r * d) % order


def ecdsa_holds(curve: Curve, public: tuple[int, int], digest: bytes, r: int, s: int) -> bool:
    """Return whether (r, s) is a signature of the digest (FIPS 186-5 section 6.4.2)."""
    n = curve.n
    if not (0 < r < n and 0 < s < n):
        return False
    inverse = pow(s, -1, n)
    point = group(curve).combine(hash_number(digest, n) * inverse % n, r * inverse % n, public)
    return point is not None and point[0] % n == r


def dsa_holds(p: int, q: int, g: int, y: int, digest: bytes, r: int, s: int) -> bool:
    """Return whether (r, s) is a signature of the digest (FIPS 186-4 section 4.7)."""
    if not (0 < r < q and 0 < s < q):
        return False
    inverse = pow(s, -1, q)
    return pow(g, hash_number(digest, q) * inverse % q, p) * pow(y, r * inverse % q, p) % p % q == r


def x25519(scalar: bytes, u: bytes) -> bytes:
    """Return the function of RFC 7748 section 5.

    >>> x25519(bytes([9]) + bytes(31), bytes(32)) == bytes(32)
    True
    """
    p = 2**255 - 19
    clamped = bytearray(scalar)
    clamped[0] &= 248
    clamped[31] = clamped[31] & 127 | 64
    k = int.from_bytes(clamped, "little")
    x1 = (int.from_bytes(u, "little") & (1 << 255) - 1) % p
    x2, z2, x3, z3 = 1, 0, x1, 1
    for t in reversed(range(255)):
        bit = k >> t & 1
        if bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a % p, c * b % p, a * a % p, b * b % p
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % p, x1 * (da - cb) ** 2 % p
        x2, z2 = aa * bb % p, e * (aa + 121665 * e) % p
        if bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
    return (x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")


# --- RSA ---------------------------------------------------------------------------------------------------------

_DIGEST_INFO = {
    "MD5": "3020300c06082a864886f70d020505000410",
    "SHA1": "3021300906052b0e03021a05000414",
    "SHA256": "3031300d060960864801650304020105000420",
    "SHA384": "3041300d060960864801650304020205000430",
    "SHA512": "3051300d060960864801650304020305000440",
    "SHA3-256": "3031300d060960864801650304020805000420",
    "SHA3-384": "3041300d060960864801650304020905000430",
    "SHA3-512": "3051300d060960864801650304020a05000440",
}
"""What stands before the digest, by hash (RFC 8017 section 9.2, note 1; the identifiers of SHA-3 by NIST)."""


def pkcs1_block(digest: bytes, hash_id: str | None, size: int) -> bytes:
    """Return the block of a PKCS #1 v1.5 signature (RFC 8017 section 9.2); without a hash, of the bare digest.

    >>> pkcs1_block(b"ab", None, 16).hex()
    '0001ffffffffffffffffffffff006162'
    """
    info = (bytes.fromhex(_DIGEST_INFO[hash_id]) if hash_id else b"") + digest
    return b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info


def mgf1(hash_id: str, seed: bytes, length: int) -> bytes:
    """Return the mask of RFC 8017 appendix B.2.1."""
    out, count = b"", 0
    while len(out) < length:
        out += _hash(hash_id, seed + count.to_bytes(4, "big"))
        count += 1
    return out[:length]


def pss_holds(digest: bytes, block: bytes, hash_id: str, salt_length: int, bits: int) -> bool:
    """Return whether a block belongs to the digest (RFC 8017 section 9.1.2); ``bits`` are those of the modulus."""
    size, excess = (bits - 1 + 7) // 8, -(bits - 1) % 8
    block = block[len(block) - size :]
    seed = block[-len(digest) - 1 : -1]
    masked = block[: -len(digest) - 1]
    if block[-1] != 0xBC or masked[0] >> (8 - excess):
        return False
    mask = mgf1(hash_id, seed, len(masked))
    db = bytearray(a ^ b for a, b in zip(masked, mask, strict=True))
    db[0] &= 0xFF >> excess
    salt = bytes(db[len(db) - salt_length :])
    padding = bytes(len(db) - salt_length - 1) + b"\1"
    return bytes(db[: len(padding)]) == padding and _hash(hash_id, bytes(8) + digest + salt) == seed


def _hash(hash_id: str, data: bytes) -> bytes:
    return hashlib.new(hash_id.lower().replace("-", "_"), data, usedforsecurity=False).digest()


# --- ML-KEM ------------------------------------------------------------------------------------------------------


def rejection(z: bytes, ciphertext: bytes) -> bytes:
    """Return the secret of a ciphertext that ML-KEM rejects: J(z || c) (FIPS 203 section 4.1 and algorithm 18)."""
    return hashlib.shake_256(z + ciphertext).digest(32)
