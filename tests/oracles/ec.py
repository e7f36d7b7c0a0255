"""Three short Weierstrass curves; their arithmetic and ECDSA are those of :mod:`oracles.curves`."""

from __future__ import annotations

from typing import NamedTuple

from oracles.curves import add, ecdsa_holds, multiply

__all__ = ["CURVES", "Curve", "add", "clamped", "ecdsa_holds", "multiply"]


class Curve(NamedTuple):
    """A short Weierstrass curve with cofactor 1."""

    name: str  # of ECCCurveName
    bits: int
    p: int
    a: int
    b: int
    gx: int
    gy: int
    n: int

    @property
    def curve_type(self) -> int:
        """1, as :mod:`oracles.curves` has it."""
        return 1

    @property
    def size(self) -> int:
        return (self.bits + 7) // 8

    def has(self, x: int, y: int) -> bool:
        return (y * y - (x * x * x + self.a * x + self.b)) % self.p == 0


def _curve(name: str, bits: int, p: str, a: str, b: str, gx: str, gy: str, n: str) -> Curve:
    return Curve(name, bits, *(int(v.replace(" ", ""), 16) for v in (p, a, b, gx, gy, n)))


#: SEC 2 and RFC 5639. ``contract/test_properties.py`` checks that each generator is on its curve.
CURVES = {
    curve.name: curve
    for curve in (
        _curve(
            "nistP256",
            256,
            "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
            "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
            "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
            "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        ),
        _curve(
            "secP256k1",
            256,
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
            "0",
            "7",
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        ),
        _curve(
            "brainpoolP256r1",
            256,
            "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
            "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
            "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
            "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
            "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
            "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
        ),
    )
}


def clamped(scalar: bytes) -> bytes:
    """An X25519 scalar as CNG wants it: clamped by the caller (contract: rule-import-x25519-clamp, [go])."""
    body = bytearray(scalar)
    body[0] &= 248
    body[31] = body[31] & 127 | 64
    return bytes(body)
