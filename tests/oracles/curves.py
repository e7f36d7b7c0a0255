"""Arithmetic on any curve of bcrypt.h with points of two coordinates, by the affine formulas: slow and plain."""

from __future__ import annotations

from typing import Any

Point = tuple[int, int] | None
"""None is the neutral point."""


def add(curve: Any, one: Point, two: Point) -> Point:
    """The sum of two points. ``curve`` has curve_type (1 Weierstrass, 2 twisted Edwards), p, a and b."""
    if one is None or two is None:
        return two if one is None else one
    (x1, y1), (x2, y2), p = one, two, curve.p
    if curve.curve_type == 2:
        product = curve.b * x1 * x2 * y1 * y2
        x = (x1 * y2 + y1 * x2) * pow(1 + product, -1, p) % p
        y = (y1 * y2 - curve.a * x1 * x2) * pow(1 - product, -1, p) % p
        return None if (x, y) == (0, 1) else (x, y)
    if x1 == x2 and (y1 + y2) % p == 0:
        return None
    slope = (3 * x1 * x1 + curve.a) * pow(2 * y1, -1, p) if one == two else (y2 - y1) * pow(x2 - x1, -1, p)
    x = (slope * slope - x1 - x2) % p
    return x, (slope * (x1 - x) - y1) % p


def multiply(curve: Any, scalar: int, point: Point) -> Point:
    result: Point = None
    while scalar:
        if scalar & 1:
            result = add(curve, result, point)
        point, scalar = add(curve, point, point), scalar >> 1
    return result


def ecdsa_holds(curve: Any, public: tuple[int, int], hashed: bytes, signature: bytes) -> bool:
    """Whether r||s is a signature over ``hashed``, by FIPS 186-5 section 6.4.2; the hash's leftmost bits count."""
    size = (curve.n.bit_length() + 7) // 8
    r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    e = int.from_bytes(hashed, "big") >> max(0, 8 * len(hashed) - curve.n.bit_length())
    w = pow(s, -1, curve.n)
    generator = (curve.gx, curve.gy)
    point = add(curve, multiply(curve, e * w % curve.n, generator), multiply(curve, r * w % curve.n, public))
    return point is not None and point[0] % curve.n == r
