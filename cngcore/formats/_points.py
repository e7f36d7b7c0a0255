"""Read and write points of elliptic curves (SEC 1 section 2.3) and explicit curve parameters (section C.2)."""

from __future__ import annotations

from cngcore.blobs.curves import CURVES, SHORT_WEIERSTRASS, Curve
from cngcore.blobs.ecc import EccParameters
from cngcore.formats import _der as der
from cngcore.formats._model import EcKey, explicit_curve
from cngcore.formats._work import can_compute
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

__all__ = ["BY_OID", "point", "private_number", "read_curve", "read_point", "write_curve"]

BY_OID = {curve.oid: curve for curve in reversed([*CURVES.values()]) if curve.oid}
"""The preferred curve of each object identifier."""

_PRIME_FIELD = "1.2.840.10045.1.1"


def point(key: EcKey) -> bytes:
    """Return the public key, uncompressed: 04, X, Y; on curve25519 its 32 bytes."""
    if not key.x:
        raise InvalidParameterError("this key lacks its public point; call complete() first")
    return key.x if key.is_montgomery else b"\x04" + key.x + key.y


def read_point(curve: Curve, encoded: bytes) -> tuple[bytes, bytes]:
    """Return (x, y) of an encoded point: uncompressed, compressed or hybrid.

    Raise BadDataError for another length or first byte, a coordinate that is not below p, and a compressed point that
    is not on the curve. An uncompressed point is not tested here.
    """
    size = curve.field_bytes
    kind = encoded[0] if encoded else 0
    expected = {2: 1 + size, 3: 1 + size, 4: 1 + 2 * size, 6: 1 + 2 * size, 7: 1 + 2 * size}.get(kind)
    if expected != len(encoded):
        raise BadDataError(
            f"a point of {curve.name or 'this curve'} begins with 02, 03 or 04 and has {1 + size} or {1 + 2 * size} "
            f"bytes, not {len(encoded)}"
        )
    x = int.from_bytes(encoded[1 : 1 + size], "big")
    if kind in (2, 3):
        if not curve.name:
            raise NotSupportedError(
                "a compressed point on a curve without a name cannot be read; write it uncompressed"
            )
        y = _other_coordinate(curve, x, kind & 1)
    else:
        y = int.from_bytes(encoded[1 + size :], "big")
        if kind != 4 and y & 1 != kind & 1:
            raise BadDataError("the first byte of a hybrid point does not agree with its y")
    if x >= curve.p or y >= curve.p:
        raise BadDataError("a coordinate of the public point is not below p")
    return x.to_bytes(size, "big"), y.to_bytes(size, "big")


def private_number(curve: Curve, encoded: bytes) -> bytes:
    """Return a private key of RFC 5915 in the width of the order, with leading zeros added or removed.

    Raise BadDataError for a number that is 0 or not below the order.
    """
    number = int.from_bytes(encoded, "big")
    if not 0 < number < curve.n:
        raise BadDataError("the private number of the elliptic-curve key is not between 1 and the order of the curve")
    return number.to_bytes(curve.order_bytes, "big")


def write_curve(key: EcKey) -> bytearray:
    """Return ECParameters: the object identifier of the curve, or else all its numbers (short Weierstrass only)."""
    curve, numbers = key.curve, key.parameters
    if curve.oid:
        return der.oid(curve.oid)
    if curve.curve_type != SHORT_WEIERSTRASS or numbers is None:
        raise NotSupportedError(
            f"{curve.name or 'this curve'} has no object identifier, and only a short Weierstrass curve can be "
            "written by its numbers; use an ECCFULLPUBLICBLOB or ECCFULLPRIVATEBLOB"
        )
    size = curve.field_bytes
    field = der.sequence(der.oid(_PRIME_FIELD), der.integer(numbers.p))
    coefficients = [der.octets(number.to_bytes(size, "big")) for number in (numbers.a, numbers.b)]
    seed = [der.bits(numbers.seed)] if numbers.seed else []
    base = b"\x04" + numbers.gx.to_bytes(size, "big") + numbers.gy.to_bytes(size, "big")
    return der.sequence(
        der.integer(1),
        field,
        der.sequence(*coefficients, *seed),
        der.octets(base),
        der.integer(numbers.n),
        der.integer(numbers.h),
    )


def read_curve(reader: der.Reader) -> tuple[Curve, EccParameters | None]:
    """Return the curve of ECParameters, given by identifier or by numbers. Numbers of a named curve give that curve.

    Raise NotSupportedError for an identifier without a curve in bcrypt.h, implicit parameters, and a curve that is not
    over a prime field.
    """
    if reader.peek() == der.OBJECT_IDENTIFIER:
        oid = reader.oid("the curve")
        if oid not in BY_OID:
            shown = oid if len(oid) <= 40 else "of a long object identifier"
            raise NotSupportedError(f"the curve {shown} has no name here; the curves are {', '.join(CURVES)}")
        return BY_OID[oid], None
    if reader.peek() == der.NULL:
        raise NotSupportedError("the key inherits its curve from elsewhere; a key must contain its own")
    explicit = reader.sequence("ECParameters")
    if explicit.integer("the version") not in (1, 2, 3):
        raise explicit.wrong("the version is not 1, 2 or 3")
    field = explicit.sequence()
    if field.oid("the field") != _PRIME_FIELD:
        raise NotSupportedError("the curve is not over a prime field, and CNG has no other curves")
    p = field.integer("p")
    field.end()
    size = max(1, (p.bit_length() + 7) // 8)
    coefficients = explicit.sequence()
    a, b = (int.from_bytes(coefficients.octets(name), "big") for name in "ab")
    seed = coefficients.bits("the seed") if coefficients.peek() == der.BIT_STRING else b""
    coefficients.end()
    base = explicit.octets("the base point")
    n = explicit.integer("the order")
    h = explicit.integer("the cofactor") if explicit.peek() == der.INTEGER else 0
    explicit.skip_rest()
    if len(base) != 1 + 2 * size or base[0] != 4:
        raise NotSupportedError(
            "the base point of the explicit curve is compressed or of another length; only 04 can be read"
        )
    gx, gy = int.from_bytes(base[1 : 1 + size], "big"), int.from_bytes(base[1 + size :], "big")
    if p < 5 or not p & 1 or max(a, b, gx, gy) >= p or n < 2:
        raise BadDataError("the numbers of the explicit curve do not make a curve")
    return explicit_curve(EccParameters(p=p, a=a, b=b, gx=gx, gy=gy, n=n, h=h or 1, seed=seed))


def _other_coordinate(curve: Curve, x: int, odd: int) -> int:
    """Return the y of that parity that belongs to x."""
    p = curve.p
    if not can_compute(curve.bits, curve.bits, times=1 if p & 3 == 3 else 12):
        raise BadDataError("the file has too many compressed points; write them uncompressed")
    square = (x * (x * x + curve.a) + curve.b) % p
    y = _root(square, p)
    if x >= p or y * y % p != square or (not y and odd):
        raise BadDataError("the compressed point is not on its curve")
    return y if y & 1 == odd else p - y


def _root(square: int, p: int) -> int:
    """Return a square root modulo the prime p (Tonelli and Shanks), or some number if there is none.

    p must be the prime of a named curve, because another number could make the loop very long.
    """
    if p & 3 == 3:
        return pow(square, (p + 1) >> 2, p)
    twos = ((p - 1) & -(p - 1)).bit_length() - 1
    odd = (p - 1) >> twos
    non_residue = next((z for z in range(2, 1000) if pow(z, (p - 1) >> 1, p) == p - 1), 0)
    root, rest, step = pow(square, (odd + 1) >> 1, p), pow(square, odd, p), pow(non_residue, odd, p)
    for level in range(twos - 1, 0, -1):
        if pow(rest, 1 << (level - 1), p) != 1:
            root, rest = root * step % p, rest * step * step % p
        step = step * step % p
    return root
