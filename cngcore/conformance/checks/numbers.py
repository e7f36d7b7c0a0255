"""Check numbers by integer arithmetic of the kit's own: public numbers, ranges, signatures, secrets.

Nothing here needs another implementation. :mod:`cngcore.conformance.numbers` computes what has to come out; numbers
that begin or end with zero bytes are searched for, because libraries and providers often lose these bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from cngcore import constants as c
from cngcore.blobs import dh, dsa
from cngcore.blobs.curves import CURVES, MONTGOMERY, TWISTED_EDWARDS, Curve
from cngcore.conformance import numbers
from cngcore.conformance._check import Skip, check, demand, granted, refused, same, status_of
from cngcore.conformance._subject import Implementation, Kind
from cngcore.conformance.numbers import Point
from cngcore.objects import KeyPair
from cngcore.status import NTStatus

_OK = NTStatus.STATUS_SUCCESS
_BAD = NTStatus.STATUS_INVALID_SIGNATURE
_INVALID = NTStatus.STATUS_INVALID_PARAMETER
REFUSALS = (_INVALID, NTStatus.STATUS_INVALID_BUFFER_SIZE, NTStatus.NTE_BAD_DATA)
"""How a blob with the wrong numbers is refused. NOT_SUPPORTED is for types and lengths that a provider lacks."""

SEARCH = 1500
"""How many multiples of the generator are looked through for zero bytes; one in 64 has one at an end."""


# --- keys by their numbers ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CurveKeys:
    """The curve of a kind of key, and its blobs by their numbers."""

    kind: Kind
    curve: Curve
    heads: dict[str, bytes]

    @classmethod
    def of(cls, kind: Kind) -> CurveKeys | None:
        """Return it for keys with ECC blobs on a known curve, else None."""
        types = kind.blob_types(exports=True, imports=True)
        if "ECCPUBLICBLOB" not in types:
            return None
        heads = {name: bytes(kind.key.export(name))[:8] for name in types if name in ("ECCPUBLICBLOB", PRIVATE)}
        curve = curve_of(kind)
        return None if curve is None else cls(kind, curve, heads)

    @property
    def size(self) -> int:
        return self.curve.field_bytes

    @property
    def makes_private(self) -> bool:
        return PRIVATE in self.heads

    def multiple(self, d: int) -> tuple[int, int]:
        """Return the public point of a private number: on a twisted Edwards curve h times as much
        (docs/decisions/curves.md).
        """
        factor = self.curve.h if self.curve.curve_type == TWISTED_EDWARDS else 1
        point = numbers.group(self.curve).multiply(d * factor)
        return point or (0, 0)

    def fits(self, *values: int) -> bool:
        return all(0 <= value < 1 << 8 * self.size for value in values)

    def public(self, x: int, y: int) -> bytes:
        return self.heads["ECCPUBLICBLOB"] + x.to_bytes(self.size, "big") + y.to_bytes(self.size, "big")

    def private(self, d: int, point: tuple[int, int] = (0, 0)) -> bytes:
        return self.heads[PRIVATE] + b"".join(number.to_bytes(self.size, "big") for number in (*point, d))

    def imported(self, d: int) -> tuple[NTStatus, KeyPair]:
        """Import a private number with its point."""
        return status_of(self.kind.imported, PRIVATE, self.private(d, self.multiple(d)))

    def point(self, key: KeyPair) -> tuple[int, int]:
        blob = bytes(granted(key.export, "ECCPUBLICBLOB"))
        return self._at(blob, 0), self._at(blob, 1)

    def number(self, key: KeyPair) -> int | None:
        """Return the private number of a key; None if it is not exported."""
        if not self.makes_private:
            return None
        return self._at(bytes(granted(key.export, PRIVATE)), 2)

    def _at(self, blob: bytes, index: int) -> int:
        return int.from_bytes(blob[8 + index * self.size : 8 + (index + 1) * self.size], "big")

    def thin(self) -> dict[str, int]:
        """Return private numbers, by what is special in their points: a zero byte at an end of X or Y."""
        return _thin(self.curve)


PRIVATE = "ECCPRIVATEBLOB"


def curve_of(kind: Kind) -> Curve | None:
    """Return the curve of a kind of key, by its name or by a point of its key; None if it is not known."""
    curve = CURVES.get(str(kind.value(c.BCRYPT_ECC_CURVE_NAME)))
    if curve is None and "ECCPUBLICBLOB" in kind.blob_types(exports=True):
        blob = bytes(kind.key.export("ECCPUBLICBLOB"))
        size = int.from_bytes(blob[4:8], "little")
        x, y = (int.from_bytes(blob[8 + i * size : 8 + (i + 1) * size], "big") for i in (0, 1))
        known = (one for one in CURVES.values() if one.field_bytes == size and one.curve_type == 1)
        curve = next((one for one in known if one.on_curve(x, y)), None)
    return curve


_known_thin: dict[tuple[int, int, int], dict[str, int]] = {}


def _thin(curve: Curve) -> dict[str, int]:
    key = curve.p, curve.n, curve.gx
    if key not in _known_thin:
        found: dict[str, int] = {}
        factor = curve.h if curve.curve_type == TWISTED_EDWARDS else 1
        top = 8 * (curve.field_bytes - 1)
        walk = numbers.group(curve).multiples(2, SEARCH) if factor == 1 else _sparse(curve, factor)
        for d, point in walk:
            for name, value in zip("XY", point or (), strict=False):
                for what, yes in (("begins", value >> top == 0), ("ends", value & 0xFF == 0)):
                    if yes:
                        found.setdefault(f"{name} {what} with a zero byte", d)
            if len(found) == 4:
                break
        _known_thin[key] = found
    return _known_thin[key]


def _sparse(curve: Curve, factor: int) -> Iterator[tuple[int, Point]]:
    group = numbers.group(curve)
    step = group.multiply(factor)
    point = step
    for d in range(2, SEARCH // 4):
        point = group.add(point, step)
        yield d, point


def chance(*words: object) -> int:
    """Return a number that is the same in each run and looks random: 1024 bits."""
    text = " ".join(map(str, words)).encode()
    return int.from_bytes(b"".join(hashlib.sha512(bytes([i]) + text).digest() for i in (0, 1)), "big")


def number_blobs(one: Implementation) -> str:
    layouts = ("ECCPUBLICBLOB", "DHPUBLICBLOB", "DSAPUBLICBLOB")
    types = one.algorithm.blob_types
    if any(name in types and types[name].imports and types[name].exports for name in layouts):
        return ""
    return "no blob type with public numbers is both exported and imported"


def _public_blobs(one: Implementation) -> str:
    return "" if "MLKEMPUBLICBLOB" in one.algorithm.blob_types else number_blobs(one)


# --- public numbers -------------------------------------------------------------------------------------------------


@check(
    "public-numbers",
    "key",
    rule="SP 800-56A section 5.6.1; RFC 7748; contract: rule-layout, rule-import-ecc-zero-point",
    remedy="Write coordinates and y in the full width of their fields: number.to_bytes(width, 'big'), which pads on the"
    " left; for X25519 keep the bytes of RFC 7748.",
    needs=number_blobs,
)
def public_numbers(kind: Kind) -> str:
    """Public numbers are those that integer arithmetic computes from the private ones, also if they begin or end with
    zero bytes."""
    keys = CurveKeys.of(kind)
    if keys is not None and keys.curve.curve_type == MONTGOMERY:
        return _public_x25519(kind, keys)
    if keys is not None:
        return _public_points(kind, keys)
    return _public_powers(kind)


def _public_points(kind: Kind, keys: CurveKeys) -> str:
    curve = keys.curve
    for key in (kind.key, kind.another):
        d = keys.number(key)
        if d is not None:
            demand(0 < d < curve.n, "0 < d < n", "a number outside", "exporting a new private key")
            same(keys.point(key) == keys.multiple(d), True, "comparing a new key's point with d * G")
    if not keys.makes_private:
        raise Skip("it does not exchange ECCPRIVATEBLOB, so the kit knows no private number")
    some = {"1": 1, "2": 2, "n - 1": curve.n - 1, "n - 2": curve.n - 2, "any": chance(curve.name) % curve.n}
    for what, d in {**some, **keys.thin()}.items():
        if not keys.fits(d):
            continue  # on secP160r1 n is longer than the field
        point = keys.multiple(d)
        doing = f"importing a private number, {what if what in some else 'whose ' + what}"
        for given in (point, (0, 0)):
            status, key = status_of(kind.imported, PRIVATE, keys.private(d, given))
            if status == NTStatus.STATUS_NOT_SUPPORTED:
                continue
            demand(status == _OK, "STATUS_SUCCESS", f"{status.name}: {key}", doing)
            same(bytes(granted(key.export, "ECCPUBLICBLOB")), keys.public(*point), f"{doing}, and exporting its point")
            same(bytes(granted(key.export, PRIVATE)), keys.private(d, point), f"{doing}, and exporting it")
        public = granted(kind.imported, "ECCPUBLICBLOB", keys.public(*point), doing=f"{doing}: its public half")
        same(bytes(granted(public.export, "ECCPUBLICBLOB")), keys.public(*point), f"{doing}, and exporting the half")
    return f"{len(some) + len(keys.thin())} private numbers"


def _public_x25519(kind: Kind, keys: CurveKeys) -> str:
    base = bytes([9]) + bytes(31)
    if not keys.makes_private:
        raise Skip("it does not exchange ECCPRIVATEBLOB, so the kit knows no private number")
    fixed = [bytes.fromhex(number) for number in X25519_THIN.values()]
    for number, key in enumerate([kind.key, kind.another, *[None] * len(fixed)]):
        if key is not None:
            d = bytes(key.export(PRIVATE))[-32:]
        else:
            d = fixed[number - 2]
            key = granted(kind.imported, PRIVATE, keys.heads[PRIVATE] + bytes(64) + d, doing="importing a scalar")
        expected = numbers.x25519(d, base)
        same(bytes(granted(key.export, "ECCPUBLICBLOB"))[8:40], expected, "comparing a public key with X25519(d, 9)")
        same(bytes(granted(key.export, PRIVATE))[-32:], d, "exporting a scalar")
    return f"{len(fixed)} scalars"


X25519_THIN = {
    "its public key begins with a zero byte": "186fe66a6b92071c9d5029d5297c9dce5033f682fae1542e69e6292ea5e21f63",
    "its public key ends with a zero byte": "d83b6913c5f3c6f48df3418eb6426f0744b0e15e9e9eeea9f662debbcefe7063",
}
"""Scalars of X25519, by what is special in their public keys; ``python -m cngcore.conformance._own_vectors`` finds
them."""


def _public_powers(kind: Kind) -> str:
    """Compare y with g to the power of x: DH and DSA."""
    tried = 0
    for key in (kind.key, kind.another):
        pair = powers_of(kind, key)
        if pair is None:
            continue
        p, g, _, y, x = pair
        if x is not None:
            same(pow(g, x, p) == y, True, "comparing a new key's y with g to the power of x")
            tried += 1
    if not tried:
        raise Skip("it exports no private number")
    p, g, order, _, _ = known_powers(kind, kind.key)
    width = (p.bit_length() + 7) // 8
    found: dict[str, tuple[int, int]] = {}
    x = chance("power") % (order - 1) >> 16
    y = pow(g, x, p)
    for _ in range(2000):
        x, y = x + 1, y * g % p
        for what, yes in (("begins", y >> 8 * (width - 1) == 0), ("ends", y & 0xFF == 0)):
            if yes:
                found.setdefault(what, (x, y))
        if len(found) == 2:
            break
    for what, (x, y) in found.items():
        for name, blob in power_blobs(kind, y, x):
            status, key = status_of(kind.imported, name, blob)
            if status == NTStatus.STATUS_NOT_SUPPORTED:
                continue
            doing = f"importing a {name} whose y {what} with a zero byte"
            demand(status == _OK, "STATUS_SUCCESS", f"{status.name}: {key}", doing)
            same(bytes(granted(key.export, name)), blob, f"{doing}, and exporting it")
            tried += 1
    return f"{tried} private numbers"


Powers = tuple[int, int, int, int, int | None]


def powers_of(kind: Kind, key: KeyPair) -> Powers | None:
    """Return p, g, the order of g (p - 1 if it is not known), y and x of a DH or DSA key; x None if not exported."""
    types = kind.blob_types(exports=True)
    if "DHPUBLICBLOB" in types:
        public = dh.parse("DHPUBLICBLOB", key.export("DHPUBLICBLOB"))
        x = dh.parse("DHPRIVATEBLOB", key.export("DHPRIVATEBLOB")).x if "DHPRIVATEBLOB" in types else None
        group = public.parameters
        return group.p, group.g, group.p - 1, public.y or 0, x
    if "DSAPUBLICBLOB" in types:
        known = dsa.parse("DSAPUBLICBLOB", key.export("DSAPUBLICBLOB"))
        x = dsa.parse("DSAPRIVATEBLOB", key.export("DSAPRIVATEBLOB")).x if "DSAPRIVATEBLOB" in types else None
        return known.parameters.p, known.parameters.g, known.parameters.q, known.y or 0, x
    return None


def known_powers(kind: Kind, key: KeyPair) -> Powers:
    """Return the numbers of :func:`powers_of`. Raise Skip if the key is of another kind."""
    found = powers_of(kind, key)
    if found is None:
        raise Skip("it has no blobs of DH or DSA")
    return found


def power_blobs(kind: Kind, y: int, x: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield blobs of the group of the kind's key, with these numbers, in the types that it imports and exports."""
    types = kind.blob_types(exports=True, imports=True)
    for family in ("DH", "DSA"):
        name = f"{family}PUBLICBLOB"
        if name not in types:
            continue
        blob = bytes(kind.key.export(name))
        width = int.from_bytes(blob[4:8], "little")
        yield name, blob[: len(blob) - width] + y.to_bytes(width, "big")
        name = f"{family}PRIVATEBLOB"
        if x is None or name not in types:
            continue
        blob = bytes(kind.key.export(name))
        own = width if family == "DH" else 20 if blob[:4] == b"DSPV" else int.from_bytes(blob[20:24], "little")
        if x.bit_length() <= 8 * own:
            yield name, blob[: len(blob) - own - width] + y.to_bytes(width, "big") + x.to_bytes(own, "big")


@check(
    "private-range",
    "key",
    rule="contract: rule-import, rule-import-x25519-clamp; SP 800-56A section 5.6.2.1.2: a private number is from 1 to "
    "n - 1",
    remedy="Compare a private number with 1 and with the order before you use it, and do not reduce it. For RSA, "
    "complete() and check() of cngcore.blobs.rsa do this.",
    needs=number_blobs,
)
def private_range(kind: Kind) -> None:
    """A private number that is 0, the order or above, or a scalar of X25519 that is not clamped, is INVALID_PARAMETER,
    with the right public half or none, under any flags."""
    keys = CurveKeys.of(kind)
    tried = 0
    if keys is not None and keys.curve.curve_type != MONTGOMERY and keys.makes_private:
        n = keys.curve.n
        own = keys.number(kind.key) or 1
        wrong = {"0": 0, "n": n, "n + 1": n + 1, "n + d": n + own, "all ones": (1 << 8 * keys.size) - 1, "2 n": 2 * n}
        for what, d in wrong.items():
            if not keys.fits(d) or (what == "all ones" and d < n):
                continue
            for how, point in (("no point", (0, 0)), ("the point of d mod n", keys.multiple(d))):
                for flags in (0, c.BCRYPT_NO_KEY_VALIDATION):
                    doing = f"importing a private number of {what} with {how} and flags {flags:#x}"
                    refused(kind.imported, PRIVATE, keys.private(d, point), flags, by=_INVALID, doing=doing)
                    tried += 1
    elif keys is not None and keys.curve.curve_type == MONTGOMERY and keys.makes_private:
        right = bytes(kind.key.export(PRIVATE))
        known, head = right[-32:], right[:-32]
        wrong_scalars = {
            "bit 0 set": bytes([known[0] | 1]) + known[1:], "bit 255 set": known[:31] + bytes([known[31] | 128]),
            "bit 254 clear": known[:31] + bytes([known[31] & 63]), "zeros": bytes(32),
        }  # fmt: skip
        for what, scalar in wrong_scalars.items():
            for flags in (0, c.BCRYPT_NO_KEY_VALIDATION):
                doing = f"importing a scalar of X25519 with {what} and flags {flags:#x}"
                refused(kind.imported, PRIVATE, head + scalar, flags, by=_INVALID, doing=doing)
                tried += 1
    elif keys is None and (powers := powers_of(kind, kind.key)) is not None:
        p, g, order, _, _ = powers
        for what, x in (("0", 0), ("the order", order), ("the order + 1", order + 1)):
            y = pow(g, x, p)
            for name, blob in power_blobs(kind, y, x):
                if name.endswith("PRIVATEBLOB") and not (name[:2] == "DH" and x > order):
                    refused(kind.imported, name, blob, by=REFUSALS, doing=f"importing {name} with x of {what}")
                    tried += 1
    if not tried:
        raise Skip("it imports no private number with a known range")


@check(
    "public-range",
    "key",
    rule="contract: rule-import; SP 800-56A section 5.6.2.3.3; SP 800-89 section 5.3.1; FIPS 203 section 7.2",
    remedy="Compare every number with its bound before you reduce it or call the library, which may reduce it itself: "
    "coordinates with p, y with p, coefficients with q; then test the equation of the curve.",
    needs=_public_blobs,
)
def public_range(kind: Kind) -> None:
    """Public numbers that are not reduced, out of range, of another order or off the curve are refused; only the order
    depends on flags."""
    tried = 0
    for what, name, blob in _no_public(kind):
        for flags in (0,) if _is_of_order(name, what) else (0, c.BCRYPT_NO_KEY_VALIDATION):
            doing = f"importing {name} with {what}{' and BCRYPT_NO_KEY_VALIDATION' if flags else ''}"
            refused(kind.imported, name, blob, flags, by=REFUSALS, doing=doing)
            tried += 1
    if not tried:
        raise Skip("the kit knows no range for the numbers of its public blobs")


def _is_of_order(name: str, what: str) -> bool:
    """Return whether BCRYPT_NO_KEY_VALIDATION leaves a test out: that of the order of y (docs/decisions/dh.md)."""
    return what.startswith("a y") or (name.startswith("DSA") and what == "y = p - 1")


def _no_public(kind: Kind) -> Iterator[tuple[str, str, bytes]]:
    """Yield the defect, the blob type and the blob."""
    keys = CurveKeys.of(kind)
    if keys is not None:
        if keys.curve.curve_type != MONTGOMERY:
            for what, (x, y) in _no_points(keys):
                yield what, "ECCPUBLICBLOB", keys.public(x, y)
        return
    powers = powers_of(kind, kind.key)
    if powers is not None:
        p, _, order, y, _ = powers
        wrong = {"y = 0": 0, "y = 1": 1, "y = p - 1": p - 1, "y = p": p, "y = p + 1": p + 1, "y + p": y + p}
        ones = (1 << 64) - 1
        if order == p - 1 and p >> p.bit_length() - 64 == p & ones == ones:  # a group of RFC 3526 or RFC 7919
            wrong["a y that is no square"] = next(z for z in range(2, 999) if pow(z, p >> 1, p) == p - 1)
        if order != p - 1:
            wrong["a y of another order"] = next(z for z in range(2, 99) if pow(z, order, p) != 1)
        for what, number in wrong.items():
            if number.bit_length() <= 8 * ((p.bit_length() + 7) // 8):
                for name, blob in power_blobs(kind, number):
                    yield what, name, blob
    if "MLKEMPUBLICBLOB" in kind.blob_types(exports=True, imports=True):
        blob = bytes(kind.key.export("MLKEMPUBLICBLOB"))
        start = 12 + int.from_bytes(blob[4:8], "little")
        pairs = (len(blob) - start - 32) // 3
        for pair in (0, 1, pairs // 2, pairs - 1):
            at = start + 3 * pair
            low, high = blob[at] | (blob[at + 1] & 15) << 8, blob[at + 1] >> 4 | blob[at + 2] << 4
            for where, (one, two) in {"2n": (3329, high), "2n + 1": (low, 3329), "both": (4095, 4095)}.items():
                changed = bytes([one & 255, one >> 8 | (two & 15) << 4, two >> 4])
                yield (
                    f"coefficients not reduced ({where}, n = {pair})",
                    "MLKEMPUBLICBLOB",
                    (blob[:at] + changed + blob[at + 3 :]),
                )


def _no_points(keys: CurveKeys) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield pairs of coordinates that are no point of the curve."""
    curve = keys.curve
    x, y = keys.point(keys.kind.key)
    yield "the point at infinity as zeros", (0, 0)
    yield "a point off the curve", (x, y ^ 1)
    yield "Y turned to p - Y + 1", (x, (curve.p - y + 1) % curve.p)
    for what, point in (("X + p", (x + curve.p, y)), ("Y + p", (x, y + curve.p)), ("Y = p", (x, curve.p))):
        if keys.fits(*point):
            yield what, point
    if curve.curve_type == 1:
        group = numbers.group(curve)
        for small in range(64):
            lifted = group.lift(small)
            if lifted is not None and keys.fits(small + curve.p):
                yield f"X + p, where X = {small}", (small + curve.p, lifted[1])
                break
        twist = next(z for z in range(2, 999) if group.lift(z) is None)
        yield "an X that no point has", (twist, y)
        yield "a point of the curve with another b", _neighbour(curve)


def _neighbour(curve: Curve) -> tuple[int, int]:
    """Return a point of small order of a curve that differs in b: y = 0, so that the double is infinity."""
    return next(((x, 0) for x in range(2, 99) if not curve.on_curve(x, 0)), (2, 0))
