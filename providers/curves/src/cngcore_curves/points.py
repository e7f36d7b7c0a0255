"""Points of a curve, as the library ecdsa has them: multiples of the generator and of other points.

The library takes the numbers of any short Weierstrass curve and of any twisted Edwards curve. Each curve is set up
once, with a table of multiples of its generator. Nothing here is constant-time.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ecdsa.ellipticcurve import INFINITY, CurveEdTw, CurveFp, PointEdwards, PointJacobi  # type: ignore[import-untyped]

from cngcore.blobs.curves import TWISTED_EDWARDS, Curve

__all__ = ["Point", "coordinates", "generator", "has_order", "point_of", "times"]

Point = Any
"""A point of the library; ``INFINITY`` is the neutral one."""


@cache
def _field_curve(curve: Curve) -> Any:
    if curve.curve_type == TWISTED_EDWARDS:
        return CurveEdTw(curve.p, curve.a, curve.b, curve.h)
    return CurveFp(curve.p, curve.a, curve.b, curve.h)


@cache
def generator(curve: Curve) -> Point:
    """Return the generator of a curve, with a table that makes its multiples faster."""
    return _point(curve, curve.gx, curve.gy, generator=True)


def point_of(curve: Curve, x: int, y: int) -> Point:
    """Return the point of two coordinates, which must lie on the curve."""
    return _point(curve, x, y, generator=False)


def _point(curve: Curve, x: int, y: int, *, generator: bool) -> Point:
    if curve.curve_type == TWISTED_EDWARDS:
        return PointEdwards(_field_curve(curve), x, y, 1, x * y % curve.p, curve.n, generator)
    return PointJacobi(_field_curve(curve), x, y, 1, curve.n, generator)


def times(point: Point, scalar: int) -> Point:
    """Return a multiple of a point."""
    return point * scalar


def coordinates(point: Point) -> tuple[int, int] | None:
    """Return x and y of a point, as plain ints; None for the neutral point."""
    return None if point == INFINITY else (int(point.x()), int(point.y()))


def has_order(curve: Curve, x: int, y: int) -> bool:
    """Return whether a point of the curve has the order of the generator. With the cofactor 1 every point has it."""
    if curve.h == 1:
        return True
    if x == 0:
        return False  # the neutral point, and the one of order 2, which the library takes for the neutral one
    # Without an order the library does not reduce the scalar.
    point = PointEdwards(_field_curve(curve), x, y, 1, x * y % curve.p)
    try:
        return coordinates(point * (curve.n + 1)) == (x, y)
    except (ArithmeticError, ValueError):
        return False  # a sum that its formulas do not have: the point has a part of small order
