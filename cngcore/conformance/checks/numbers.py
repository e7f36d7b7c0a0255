"""Check numbers by integer arithmetic of the kit's own: public numbers, ranges, signatures, secrets.

Nothing here needs another implementation. :mod:`cngcore.conformance.numbers` computes what has to come out; numbers
that begin or end with zero bytes are searched for, because libraries and providers often lose these bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from cngcore import constants as c
from cngcore.blobs import dh, dsa
from cngcore.blobs import rsa as rsa_blobs
from cngcore.blobs.curves import CURVES, MONTGOMERY, TWISTED_EDWARDS, Curve
from cngcore.conformance import _samples as ways
from cngcore.conformance import numbers
from cngcore.conformance._check import Failure, Skip, check, demand, granted, refused, same, status_of
from cngcore.conformance._subject import Implementation, Kind
from cngcore.conformance.numbers import Point
from cngcore.objects import KeyPair
from cngcore.padding import Pkcs1, Pss
from cngcore.status import NTStatus

_OK = NTStatus.STATUS_SUCCESS
_BAD = NTStatus.STATUS_INVALID_SIGNATURE
_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_REFUSALS = (_INVALID, NTStatus.STATUS_INVALID_BUFFER_SIZE, NTStatus.NTE_BAD_DATA)
"""How a blob with the wrong numbers is refused. NOT_SUPPORTED is for types and lengths that a provider lacks."""

_SEARCH = 1500
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
        heads = {name: bytes(kind.key.export(name))[:8] for name in types if name in ("ECCPUBLICBLOB", _PRIVATE)}
        curve = curve_of(kind)
        return None if curve is None else cls(kind, curve, heads)

    @property
    def size(self) -> int:
        return self.curve.field_bytes

    @property
    def makes_private(self) -> bool:
        return _PRIVATE in self.heads

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
        return self.heads[_PRIVATE] + b"".join(number.to_bytes(self.size, "big") for number in (*point, d))

    def imported(self, d: int) -> tuple[NTStatus, KeyPair]:
        """Import a private number with its point."""
        return status_of(self.kind.imported, _PRIVATE, self.private(d, self.multiple(d)))

    def point(self, key: KeyPair) -> tuple[int, int]:
        blob = bytes(granted(key.export, "ECCPUBLICBLOB"))
        return self._at(blob, 0), self._at(blob, 1)

    def number(self, key: KeyPair) -> int | None:
        """Return the private number of a key; None if it is not exported."""
        if not self.makes_private:
            return None
        return self._at(bytes(granted(key.export, _PRIVATE)), 2)

    def _at(self, blob: bytes, index: int) -> int:
        return int.from_bytes(blob[8 + index * self.size : 8 + (index + 1) * self.size], "big")

    def thin(self) -> dict[str, int]:
        """Return private numbers, by what is special in their points: a zero byte at an end of X or Y."""
        return _thin(self.curve)


_PRIVATE = "ECCPRIVATEBLOB"


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
        walk = numbers.group(curve).multiples(2, _SEARCH) if factor == 1 else _sparse(curve, factor)
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
    for d in range(2, _SEARCH // 4):
        point = group.add(point, step)
        yield d, point


def _chance(*words: object) -> int:
    """Return a number that is the same in each run and looks random: 1024 bits."""
    text = " ".join(map(str, words)).encode()
    return int.from_bytes(b"".join(hashlib.sha512(bytes([i]) + text).digest() for i in (0, 1)), "big")


def _number_blobs(one: Implementation) -> str:
    layouts = ("ECCPUBLICBLOB", "DHPUBLICBLOB", "DSAPUBLICBLOB")
    types = one.algorithm.blob_types
    if any(name in types and types[name].imports and types[name].exports for name in layouts):
        return ""
    return "no blob type with public numbers is both exported and imported"


def _pairs_or_blocks(one: Implementation) -> str:
    return "its signatures have no numbers that the kit can compute" if one.algorithm.parameter_sets else ""


def _pairs(one: Implementation) -> str:
    if one.algorithm.parameter_sets or ways.wants_schemes(one.algorithm):
        return "its signatures are not pairs of numbers"
    return ""


def _public_blobs(one: Implementation) -> str:
    return "" if "MLKEMPUBLICBLOB" in one.algorithm.blob_types else _number_blobs(one)


# --- public numbers -------------------------------------------------------------------------------------------------


@check(
    "public-numbers",
    "key",
    rule="SP 800-56A section 5.6.1; RFC 7748; contract: rule-layout, rule-import-ecc-zero-point",
    remedy="Write coordinates and y in the full width of their fields: number.to_bytes(width, 'big'), which pads on the"
    " left; for X25519 keep the bytes of RFC 7748.",
    needs=_number_blobs,
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
    some = {"1": 1, "2": 2, "n - 1": curve.n - 1, "n - 2": curve.n - 2, "any": _chance(curve.name) % curve.n}
    for what, d in {**some, **keys.thin()}.items():
        if not keys.fits(d):
            continue  # on secP160r1 n is longer than the field
        point = keys.multiple(d)
        doing = f"importing a private number, {what if what in some else 'whose ' + what}"
        for given in (point, (0, 0)):
            status, key = status_of(kind.imported, _PRIVATE, keys.private(d, given))
            if status == NTStatus.STATUS_NOT_SUPPORTED:
                continue
            demand(status == _OK, "STATUS_SUCCESS", f"{status.name}: {key}", doing)
            same(bytes(granted(key.export, "ECCPUBLICBLOB")), keys.public(*point), f"{doing}, and exporting its point")
            same(bytes(granted(key.export, _PRIVATE)), keys.private(d, point), f"{doing}, and exporting it")
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
            d = bytes(key.export(_PRIVATE))[-32:]
        else:
            d = fixed[number - 2]
            key = granted(kind.imported, _PRIVATE, keys.heads[_PRIVATE] + bytes(64) + d, doing="importing a scalar")
        expected = numbers.x25519(d, base)
        same(bytes(granted(key.export, "ECCPUBLICBLOB"))[8:40], expected, "comparing a public key with X25519(d, 9)")
        same(bytes(granted(key.export, _PRIVATE))[-32:], d, "exporting a scalar")
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
        pair = _powers(kind, key)
        if pair is None:
            continue
        p, g, _, y, x = pair
        if x is not None:
            same(pow(g, x, p) == y, True, "comparing a new key's y with g to the power of x")
            tried += 1
    if not tried:
        raise Skip("it exports no private number")
    first = _powers(kind, kind.key)
    assert first is not None
    p, g, order, _, _ = first
    width = (p.bit_length() + 7) // 8
    found: dict[str, tuple[int, int]] = {}
    x = _chance("power") % (order - 1) >> 16
    y = pow(g, x, p)
    for _ in range(2000):
        x, y = x + 1, y * g % p
        for what, yes in (("begins", y >> 8 * (width - 1) == 0), ("ends", y & 0xFF == 0)):
            if yes:
                found.setdefault(what, (x, y))
        if len(found) == 2:
            break
    for what, (x, y) in found.items():
        for name, blob in _power_blobs(kind, y, x):
            status, key = status_of(kind.imported, name, blob)
            if status == NTStatus.STATUS_NOT_SUPPORTED:
                continue
            doing = f"importing a {name} whose y {what} with a zero byte"
            demand(status == _OK, "STATUS_SUCCESS", f"{status.name}: {key}", doing)
            same(bytes(granted(key.export, name)), blob, f"{doing}, and exporting it")
            tried += 1
    return f"{tried} private numbers"


_Powers = tuple[int, int, int, int, int | None]


def _powers(kind: Kind, key: KeyPair) -> _Powers | None:
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


def _power_blobs(kind: Kind, y: int, x: int | None = None) -> Iterator[tuple[str, bytes]]:
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
    rule="contract: rule-import; SP 800-56A section 5.6.2.1.2: a private number is from 1 to n - 1",
    remedy="Compare a private number with 1 and with the order before you use it, and do not reduce it. For RSA, "
    "complete() and check() of cngcore.blobs.rsa do this.",
    needs=_number_blobs,
)
def private_range(kind: Kind) -> None:
    """A private number that is 0, the order or above is INVALID_PARAMETER, with the right public half or none, under
    any flags."""
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
                    refused(kind.imported, _PRIVATE, keys.private(d, point), flags, by=_INVALID, doing=doing)
                    tried += 1
    elif keys is None and (powers := _powers(kind, kind.key)) is not None:
        p, g, order, _, _ = powers
        for what, x in (("0", 0), ("the order", order), ("the order + 1", order + 1)):
            y = pow(g, x, p)
            for name, blob in _power_blobs(kind, y, x):
                if name.endswith("PRIVATEBLOB") and not (name[:2] == "DH" and x > order):
                    refused(kind.imported, name, blob, by=_REFUSALS, doing=f"importing {name} with x of {what}")
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
    """Public numbers that are not reduced, out of range, of another order or off the curve are refused."""
    tried = 0
    for what, name, blob in _no_public(kind):
        refused(kind.imported, name, blob, by=_REFUSALS, doing=f"importing {name} with {what}")
        tried += 1
    if not tried:
        raise Skip("the kit knows no range for the numbers of its public blobs")


def _no_public(kind: Kind) -> Iterator[tuple[str, str, bytes]]:
    """Yield the defect, the blob type and the blob."""
    keys = CurveKeys.of(kind)
    if keys is not None:
        if keys.curve.curve_type != MONTGOMERY:
            for what, (x, y) in _no_points(keys):
                yield what, "ECCPUBLICBLOB", keys.public(x, y)
        return
    powers = _powers(kind, kind.key)
    if powers is not None:
        p, _, order, y, _ = powers
        wrong = {"y = 0": 0, "y = 1": 1, "y = p - 1": p - 1, "y = p": p, "y = p + 1": p + 1, "y + p": y + p}
        if order != p - 1:
            wrong["a y of another order"] = next(z for z in range(2, 99) if pow(z, order, p) != 1)
        for what, number in wrong.items():
            if number.bit_length() <= 8 * ((p.bit_length() + 7) // 8):
                for name, blob in _power_blobs(kind, number):
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


# --- signatures -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pairs:
    """The group in which a key makes signatures of two numbers: ECDSA or DSA."""

    kind: Kind
    order: int
    curve: CurveKeys | None
    powers: _Powers | None

    @classmethod
    def of(cls, kind: Kind) -> Pairs:
        """Return it. Raise Skip if signatures are not pairs of numbers of a known group."""
        if kind.parameter_set is not None or ways.schemes(kind):
            raise Skip("its signatures are not pairs of numbers")
        keys = CurveKeys.of(kind)
        if keys is not None and keys.curve.curve_type == 1 and keys.curve.h == 1:
            return cls(kind, keys.curve.n, keys, None)
        powers = None if keys is not None else _powers(kind, kind.key)
        if powers is None:
            raise Skip("the kit does not know the group, or its cofactor is not 1")
        return cls(kind, powers[2], None, powers)

    @property
    def width(self) -> int:
        return (self.order.bit_length() + 7) // 8

    @property
    def digest_size(self) -> int | None:
        """Return the only size of a digest, or None if any will do."""
        return None if self.powers is None else self.width

    def digest(self, *words: object) -> bytes:
        size = self.digest_size or 32
        return _chance(*words).to_bytes(128, "big")[:size]

    def digest_of(self, number: int) -> bytes | None:
        """Return a digest with this number, as long as one of a hash; None if no hash is so long."""
        bits = self.order.bit_length()
        sizes = (self.width,) if self.digest_size is not None else (20, 28, 32, 48, 64)
        size = next((size for size in sizes if 8 * size >= bits), None)
        return None if size is None else (number << 8 * size - bits).to_bytes(size, "big")

    def split(self, signature: bytes) -> tuple[int, int]:
        return int.from_bytes(signature[: self.width], "big"), int.from_bytes(signature[self.width :], "big")

    def join(self, r: int, s: int) -> bytes:
        return r.to_bytes(self.width, "big") + s.to_bytes(self.width, "big")

    def private(self, key: KeyPair) -> int | None:
        if self.curve is not None:
            return self.curve.number(key)
        powers = _powers(self.kind, key)
        return None if powers is None else powers[4]

    def r_of(self, k: int) -> int:
        """Return r of a nonce."""
        if self.curve is not None:
            point = numbers.group(self.curve.curve).multiply(k)
            return 0 if point is None else point[0] % self.order
        assert self.powers is not None
        return pow(self.powers[1], k, self.powers[0]) % self.order

    def holds(self, key: KeyPair, digest: bytes, signature: bytes) -> bool:
        """Return whether a signature holds, by arithmetic of integers."""
        r, s = self.split(signature)
        if not (0 < r < self.order and 0 < s < self.order):
            return False
        d = self.private(key)
        if d is not None:  # k G = e / s G + r / s Q
            return self.r_of(numbers.ecdsa_nonce(d, digest, r, s, self.order)) == r
        if self.curve is not None:
            return numbers.ecdsa_holds(self.curve.curve, self.curve.point(key), digest, r, s)
        powers = _powers(self.kind, key)
        assert powers is not None
        return numbers.dsa_holds(powers[0], powers[2], powers[1], powers[3], digest, r, s)


def knows_pairs(kind: Kind) -> bool:
    """Return whether the kit can compute signatures of this kind of key as pairs of numbers."""
    try:
        Pairs.of(kind)
    except Skip:
        return False
    return True


def is_thin(signature: bytes) -> bool:
    """Return whether one of the halves of a signature begins or ends with a zero byte."""
    half = len(signature) // 2
    return not all((signature[0], signature[half - 1], signature[half], signature[-1]))


def check_thin(kind: Kind, data: bytes, signature: bytes) -> None:
    """Verify a signature with zero bytes at an end, by arithmetic and by the provider."""
    pairs = Pairs.of(kind)
    doing = "verifying a signature with a zero byte at an end of r or s"
    demand(pairs.holds(kind.key, data, signature), "a signature that holds by arithmetic", "another", doing)
    granted(kind.key.verify_signature, data, signature, doing=doing)


def _digests(pairs: Pairs) -> dict[str, bytes]:
    """Return digests at the edges, by what they are."""
    n, ones = pairs.order, (1 << pairs.order.bit_length()) - 1
    edges = {"of ones": ones, "equal to the order": n, "of the order + 1": n + 1, "of the order - 1": n - 1, "of 1": 1}
    made = {what: pairs.digest_of(number) for what, number in edges.items() if number <= ones}
    found = {what: digest for what, digest in made.items() if digest is not None}
    found |= {
        "that begins with a zero byte": b"\0" + pairs.digest("begins")[1:],
        "that ends with a zero byte": pairs.digest("ends")[:-1] + b"\0",
        "of zeros": bytes(len(pairs.digest("zeros"))),
    }
    if pairs.digest_size is None:
        found |= {
            "of 64 ones": b"\xff" * 64, "of 20 ones": b"\xff" * 20, "of 20 zeros and 44 others": bytes(20) + b"\x5a" * 44,
            "of 64 bytes that end with a one": bytes(range(1, 64)) + b"\1",
        }  # fmt: skip
    return found


@check(
    "signature-numbers",
    "key",
    operations=["sign"],
    rule="FIPS 186-5 section 6.4; FIPS 186-4 section 4; RFC 8017 sections 8.1, 8.2; contract: rule-sign",
    remedy="Compare byte order and width of the numbers with the standard. A digest that is not below the order is no "
    "error: its leftmost bits count, and the order reduces them.",
    needs=_pairs_or_blocks,
)
def signature_numbers(kind: Kind) -> str:
    """Signatures hold by integer arithmetic, also for digests at and above the order, and if numbers begin with zero
    bytes."""
    if ways.schemes(kind):
        return _rsa_signatures(kind)
    pairs = Pairs.of(kind)
    key, half = kind.key, kind.public_only()
    tried = 0
    for what, digest in {**_digests(pairs), **{f"no. {n}": pairs.digest(n) for n in range(8)}}.items():
        doing = f"signing a digest of {len(digest)} bytes {what}"
        signature = granted(key.sign_hash, digest, doing=doing)
        same(len(signature), 2 * pairs.width, doing)
        demand(pairs.holds(key, digest, signature), "a signature that holds by arithmetic", "another", doing)
        granted(half.verify_signature, digest, signature, doing=f"verifying a digest of {len(digest)} bytes {what}")
        tried += 1
    return f"{tried} signatures"


def _rsa_signatures(kind: Kind) -> str:
    key, schemes = kind.key, ways.schemes(kind)
    if "RSAPUBLICBLOB" not in kind.blob_types(exports=True):
        raise Skip("it exports no RSAPUBLICBLOB, so the kit does not know the modulus")
    public = rsa_blobs.parse("RSAPUBLICBLOB", granted(key.export, "RSAPUBLICBLOB"))
    size, bits = (public.bits + 7) // 8, public.bits
    paddings: list[Pkcs1 | Pss] = []
    if schemes & c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG:
        paddings += [Pkcs1("SHA256") if size >= 62 else Pkcs1(None)]
    if schemes & c.BCRYPT_SUPPORTED_PAD_PSS and ways.room(bits) >= 20 + 8 + 2:
        paddings += [Pss("SHA1", 8)]
    tried = 0
    for padding in paddings:
        length = 20 if isinstance(padding, Pss) or padding.hash is None else 32
        for number in range(kind.quick(partial(key.sign_hash, bytes(length), padding), 0.5, 700)):
            digest = _chance("rsa", number).to_bytes(128, "big")[:length]
            doing = f"signing {length} bytes with {padding!r}"
            signature = granted(key.sign_hash, digest, padding, doing=doing)
            same(len(signature), size, doing)
            value = int.from_bytes(signature, "big")
            block = pow(value, public.e, public.n).to_bytes(size, "big")
            right = (
                numbers.pss_holds(digest, block, padding.hash, padding.salt_length, bits)
                if isinstance(padding, Pss)
                else block == numbers.pkcs1_block(digest, padding.hash, size)
            )
            demand(value < public.n and right, "a signature that holds by arithmetic", "another", doing)
            if signature[0] == 0 or signature[-1] == 0 or number < 4:
                granted(key.verify_signature, digest, signature, padding, doing="verifying a signature with zero bytes")
                if value + public.n < 1 << 8 * size:
                    above = (value + public.n).to_bytes(size, "big")
                    refused(key.verify_signature, digest, above, padding, by=_INVALID, doing="verifying s + n")
            tried += 1
    if not tried:
        raise Skip("it offers no padding for signatures")
    return f"{tried} signatures"


_ENOUGH = 64
"""How many nonces or private numbers are compared: a bit of random numbers is constant in them once in 2^63."""


@check(
    "signature-nonces",
    "key",
    operations=["sign"],
    rule="FIPS 186-5 section 6.3: a new secret number for each signature, from 1 to n - 1 with no bias",
    remedy="Draw the nonce of every signature anew and uniformly from 1 to n - 1, or derive it as RFC 6979 does. A "
    "repeated nonce, or a few known bits of many, give the private key away.",
    needs=_pairs,
)
def signature_nonces(kind: Kind) -> str:
    """The nonces of ECDSA and DSA signatures differ between digests and between keys, and no bit of them is constant."""
    pairs = Pairs.of(kind)
    count = kind.quick(lambda: kind.key.sign_hash(pairs.digest("time")), 3.0, _ENOUGH)
    seen: dict[int, str] = {}
    nonces = []
    for name, key in (("the first key", kind.key), ("the second key", kind.another)):
        d = pairs.private(key)
        for number in range(count // 2):
            digest = pairs.digest("nonce", number)
            r, s = pairs.split(granted(key.sign_hash, digest))
            doing = f"signing digest {number} with {name}, and another with {seen.get(r)}"
            demand(r not in seen, "another r for every signature", "the same r: the nonce is repeated", doing)
            seen[r] = name
            if d is not None and 0 < r < pairs.order and 0 < s < pairs.order:
                nonces.append(numbers.ecdsa_nonce(d, digest, r, s, pairs.order))
    if len(nonces) < _ENOUGH:
        return f"{len(seen)} values of r; the nonces are not known"
    small = [min(k, pairs.order - k) for k in nonces]  # a signer may negate s, and so the nonce
    bits = pairs.order.bit_length()
    uneven = [what for what in (uneven_bits(nonces, 0, bits - 1), uneven_bits(small, bits - 32, bits - 2)) if what]
    demand(not uneven, "nonces with no bias", ", ".join(uneven), f"computing the nonces of {len(nonces)} signatures")
    return f"{len(nonces)} nonces"


def uneven_bits(values: list[int], first: int, end: int) -> str:
    """Return which bits or bytes of random numbers have too few values, or ""; bits from ``first`` below ``end``."""
    for bit in range(first, end):
        if len({value >> bit & 1 for value in values}) == 1:
            return f"bit {bit} is the same in all of them"
    for byte in range(-(-first // 8), end // 8):
        if len({value >> 8 * byte & 0xFF for value in values}) < min(24, len(values) // 2):
            return f"the byte at bit {8 * byte} has too few values"
    return ""


@check(
    "verify-numbers",
    "key",
    operations=["sign"],
    rule="FIPS 186-5 section 6.4.2; FIPS 186-4 section 4.7; contract: rule-verify-ecdsa-range, rule-verify-ecdsa-length",
    remedy="Check the length first, then 0 < r < n and 0 < s < n without reducing; refuse R at infinity; compare the "
    "whole of r with X of R modulo n.",
    needs=_pairs,
)
def verify_numbers(kind: Kind) -> str:
    """Signatures that the kit made by arithmetic verify at every edge of their range, and do not outside of it."""
    pairs = Pairs.of(kind)
    tried = 0
    made: Iterator[tuple[str, KeyPair, bytes, bytes, bool]] = _made(kind, pairs)
    for what, key, digest, signature, valid in made:
        doing = f"verifying a signature {what}"
        if valid:
            granted(key.verify_signature, digest, signature, doing=doing)
        else:
            right = len(signature) == 2 * pairs.width
            refused(key.verify_signature, digest, signature, by=_BAD if right else _INVALID, doing=doing)
        tried += 1
    return f"{tried} signatures"


def _made(kind: Kind, pairs: Pairs) -> Iterator[tuple[str, KeyPair, bytes, bytes, bool]]:
    """Yield what is special, the key, the digest, the signature, and whether it is valid."""
    n, width, key = pairs.order, pairs.width, kind.key
    digest = pairs.digest("verify")
    own = bytes(granted(key.sign_hash, digest))
    r, s = pairs.split(own)
    yield "of its own", key, digest, own, True
    mirrored = "whose s is n - s" + (", which is as good" if pairs.curve is not None else "")
    yield mirrored, key, digest, pairs.join(r, n - s), pairs.curve is not None
    for what, pair in {
        "with r = 0": (0, s), "with s = 0": (r, 0), "of zeros": (0, 0), "with r = n": (n, s), "with s = n": (r, n),
        "with r + n": (r + n, s), "with s + n": (r, s + n), "with n - r": (n - r, s), "with r = s = 1": (1, 1),
        "with r = 1": (1, s), "with r = n - 1": (n - 1, s), "with s = n - 1": (r, n - 1), "with s and r swapped": (s, r),
    }.items():  # fmt: skip
        if all(value < 1 << 8 * width for value in pair):
            yield what, key, digest, pairs.join(*pair), False
    yield "in DER", key, digest, _der(r, s), False
    yield "with 32 bytes behind it", key, digest, own + bytes(32), False
    yield "with a zero byte before each half", key, digest, b"\0" + own[:width] + b"\0" + own[width:], False
    yield "without the last byte of each half", key, digest, own[: width - 1] + own[width:-1], False
    d = pairs.private(key)
    if d is None:
        return
    for what, k in _thin_nonces(pairs).items():
        r = pairs.r_of(k)
        yield f"whose {what}", key, digest, pairs.join(r, _s(pairs, d, digest, r, k)), True
    k = _chance("nonce", n) % (n - 1) + 1
    r = pairs.r_of(k)
    for bit in (0, 7, n.bit_length() // 2, 8 * width - 9):
        wrong = r ^ 1 << bit
        if 0 < wrong < n:
            signature = pairs.join(wrong, _s(pairs, d, digest, wrong, k))
            yield f"that would hold but for bit {bit} of r", key, digest, signature, False
    if pairs.curve is not None:
        yield from _fitted(kind, pairs, digest, k)
        return
    for what, s in _edges(n, width).items():
        made = pairs.digest_of((s * k - pairs.r_of(k) * d) % n)
        if made is not None:
            yield f"with {what}", key, made, pairs.join(pairs.r_of(k), s), True


def _edges(n: int, width: int) -> dict[str, int]:
    middle = _chance("edge") % n
    return {
        "s = 1": 1, "s = n - 1": n - 1, "an s that begins with a zero byte": middle >> 8,
        "an s that ends with a zero byte": middle >> 8 << 8, "an s of two bytes": 0x1234,
        "an s that begins with eight zero bytes": middle >> 64,
    }  # fmt: skip


def _s(pairs: Pairs, d: int, digest: bytes, r: int, k: int) -> int:
    return pow(k, -1, pairs.order) * (numbers.hash_number(digest, pairs.order) + r * d) % pairs.order


def _thin_nonces(pairs: Pairs) -> dict[str, int]:
    """Return nonces whose r begins or ends with a zero byte."""
    if pairs.curve is not None:
        thin = {"X begins with a zero byte", "X ends with a zero byte"}
        return {what.replace("X", "r"): k for what, k in pairs.curve.thin().items() if what in thin}
    assert pairs.powers is not None
    p, g, q = pairs.powers[:3]
    found: dict[str, int] = {}
    value, top = 1, 8 * (pairs.width - 1)
    for k in range(1, _SEARCH):
        value = value * g % p
        for what, yes in (("begins", value % q >> top == 0), ("ends", value % q & 0xFF == 0)):
            if yes:
                found.setdefault(f"r {what} with a zero byte", k)
    return found


def _fitted(kind: Kind, pairs: Pairs, digest: bytes, k: int) -> Iterator[tuple[str, KeyPair, bytes, bytes, bool]]:
    """Yield signatures of a curve under public keys that are made to fit them: Q = (s R - e G) / r."""
    assert pairs.curve is not None
    keys, curve, group = pairs.curve, pairs.curve.curve, numbers.group(pairs.curve.curve)
    n, e = curve.n, numbers.hash_number(digest, pairs.order)

    def fitting(point: Point, r: int, s: int) -> KeyPair | None:
        inverse = pow(r, -1, n)
        there = None if point is None else group.multiply(s * inverse % n, point)
        public = group.add(there, group.multiply(-e * inverse % n))
        if public is None:
            return None
        return granted(kind.imported, "ECCPUBLICBLOB", keys.public(*public), doing="importing a public key")  # type: ignore[no-any-return]

    point, r = group.multiply(k), pairs.r_of(k)
    for what, s in _edges(n, pairs.width).items():
        key = fitting(point, r, s)
        if key is not None:
            yield f"with {what}", key, digest, pairs.join(r, s), True
    for s in (1, r):
        key = fitting(None, r, s)
        if key is not None:
            yield "whose R is infinity", key, digest, pairs.join(r, s), False
    for r in range(1, min(64, curve.p - n)):  # an X of R from n to p - 1
        point, s = group.lift(n + r), _chance("large") % n
        key = None if point is None else fitting(point, r, s)
        if key is not None:
            yield "whose R has an X above n", key, digest, pairs.join(r, s), True
            if r + n < 1 << 8 * pairs.width:
                yield "with that X itself as r, which is above n", key, digest, pairs.join(r + n, s), False
            return


def _der(r: int, s: int) -> bytes:
    """Return a signature in DER."""
    parts = b""
    for number in (r, s):
        body = number.to_bytes(number.bit_length() // 8 + 1, "big")
        parts += b"\x02" + bytes([len(body)]) + body
    length = bytes([len(parts)]) if len(parts) < 128 else b"\x81" + bytes([len(parts)])
    return b"\x30" + length + parts


_HINTS = {"44": (32, 2304, 80, 4), "65": (48, 3200, 55, 6), "87": (64, 4480, 75, 8)}
"""Bytes of the commitment and of z, most hints, polynomials of hints, by set of ML-DSA (FIPS 204 table 1)."""


@check(
    "signature-hints",
    "key",
    operations=["sign"],
    rule="FIPS 204 algorithms 8, 21: hints in order, counts that do not fall, zeros behind the last one",
    remedy="Decode the hints as FIPS 204 algorithm 21 does and refuse every other form, because it would be a second "
    "signature of the same message.",
    needs=lambda one: "" if "PQDSAPUBLICBLOB" in one.algorithm.blob_types else "its signatures have no hints",
)
def signature_hints(kind: Kind) -> None:
    """A signature of ML-DSA has one form only: hints in another order or number, or with other filling, are refused."""
    sizes = _HINTS.get(str(kind.parameter_set))
    if sizes is None or kind.key.size_of("sign") != sizes[0] + sizes[1] + sizes[2] + sizes[3]:
        raise Skip("its signatures are not those of ML-DSA")
    start, omega, count = sizes[0] + sizes[1], sizes[2], sizes[3]
    for number in range(4):
        message = b"hints %d" % number
        signature = bytes(granted(kind.key.sign_hash, message, None))
        hints, ends = bytearray(signature[start : start + omega]), bytearray(signature[start + omega :])
        wrong: dict[str, tuple[bytearray, bytearray]] = {}
        first = next((i for i in range(count) if ends[i] - (ends[i - 1] if i else 0) >= 2), None)
        if first is not None:
            at = ends[first - 1] if first else 0
            swapped, twice = hints.copy(), hints.copy()
            swapped[at], swapped[at + 1] = hints[at + 1], hints[at]
            twice[at + 1] = hints[at]
            wrong |= {"two hints swapped": (swapped, ends), "one hint twice": (twice, ends)}
        if ends[-1] < omega:
            filled = hints.copy()
            filled[-1] = 1
            wrong["a filling that is not zero"] = filled, ends
        wrong["more hints than there may be"] = hints, ends[:-1] + bytearray([omega + 1])
        wrong["the last count too large"] = hints, ends[:-1] + bytearray([255])
        if ends[-2]:
            wrong["a count that falls"] = hints, ends[:-1] + bytearray([ends[-2] - 1])
        for what, (changed, counts) in wrong.items():
            made = signature[:start] + bytes(changed) + bytes(counts)
            refused(kind.key.verify_signature, message, made, None, by=_BAD, doing=f"verifying {what}")
        low = signature[: sizes[0]] + bytes(sizes[1]) + signature[start:]
        refused(kind.key.verify_signature, message, low, None, by=_BAD, doing="verifying z at its bound")


# --- agreement ------------------------------------------------------------------------------------------------------


@check(
    "agree-numbers",
    "key",
    operations=["agree"],
    rule="contract: rule-derive-secret-bytes, rule-derive-x25519; SP 800-56A section 5.7.1; RFC 7748 sections 5, 6.1; "
    "docs/decisions/agreement.md",
    remedy="Return the secret in its full width, also if it begins or ends with zero bytes. Refuse a secret that is "
    "infinity, 0, 1 or p - 1. X25519 ignores bit 255 of a public key and accepts one that is not reduced.",
    needs=_number_blobs,
)
def agree_numbers(kind: Kind) -> str:
    """Secrets are those that integer arithmetic computes, also if they begin or end with zero bytes; a degenerate one
    is refused."""
    keys = CurveKeys.of(kind)
    if keys is not None and keys.curve.curve_type == MONTGOMERY:
        return _agree_x25519(kind, keys)
    if keys is None:
        return _agree_powers(kind)
    if not keys.makes_private or keys.curve.h != 1 or keys.curve.curve_type != 1:
        raise Skip("the kit knows no private number, or the cofactor of the curve is not 1")
    n, group = keys.curve.n, numbers.group(keys.curve)
    tried = 0
    for d in (_chance("agree", keys.curve.name) % n, 1, n - 1):
        status, own = keys.imported(d)
        if status != _OK:
            continue
        targets = {"any": _chance("target") % n, **keys.thin()}
        for what, target in targets.items():
            peer_point, secret = keys.multiple(target * pow(d, -1, n) % n), group.multiply(target)
            assert secret is not None
            peer = granted(kind.imported, "ECCPUBLICBLOB", keys.public(*peer_point), doing="importing a peer")
            raw = granted(own.agree, peer, doing="agreeing").derive("TRUNCATE")[::-1]
            same(bytes(raw), secret[0].to_bytes(keys.size, "big"), f"agreeing on a point: {what}")
            tried += 1
    return f"{tried} secrets"


_P25519 = 2**255 - 19
_LOW = {
    "0": 0, "1": 1, "p - 1": _P25519 - 1, "p": _P25519, "p + 1": _P25519 + 1,
    "a point of order 8": 325606250916557431795983626356110631294008115727848805560023387167927233504,
    "the other point of order 8": 39382357235489614581723060781553021112529911719440698176882885853963445705823,
}  # fmt: skip
"""Public keys of X25519 whose secrets are zero."""


def _agree_x25519(kind: Kind, keys: CurveKeys) -> str:
    head = keys.heads["ECCPUBLICBLOB"]
    key, d = kind.key, None
    if keys.makes_private:
        d = bytes(kind.key.export(_PRIVATE))[-32:]
    for what, u in _LOW.items():
        for high in (0, 1 << 255):
            blob = head + (u | high).to_bytes(32, "little") + bytes(32)
            doing = f"agreeing with a public key of X25519 that is {what}{' with bit 255' if high else ''}"
            status, peer = status_of(kind.imported, "ECCPUBLICBLOB", blob)
            if status == _OK:
                refused(key.agree, peer, by=_INVALID, doing=doing)
            else:
                demand(status in _REFUSALS, "a refusal", status.name, doing)
    if d is None:
        raise Skip("it exports no ECCPRIVATEBLOB, so the kit does not know the scalar")
    tried = 0
    peers = {"9": 9, "9 + p": 9 + _P25519, "p + 18": _P25519 + 18, "p - 2": _P25519 - 2, "2^255 - 1": 2**255 - 1}
    peers |= {"any": _chance("u") % _P25519, "one that ends with a zero byte": _chance("u") % 2**247}
    for what, u in peers.items():
        for high in (0, 1 << 255):
            raw = (u | high).to_bytes(32, "little")
            doing = f"agreeing with a public key of X25519 that is {what}{' with bit 255' if high else ''}"
            peer = granted(kind.imported, "ECCPUBLICBLOB", head + raw + bytes(32), doing=doing)
            came = granted(key.agree, peer, doing=doing).derive("TRUNCATE")[::-1]
            same(bytes(came), numbers.x25519(d, raw), doing)
            tried += 1
    return f"{tried} secrets"


def _agree_powers(kind: Kind) -> str:
    powers = _powers(kind, kind.key)
    if powers is None or powers[4] is None:
        raise Skip("it exports no private number")
    p, g, _, y, _ = powers
    width = (p.bit_length() + 7) // 8
    found: dict[str, tuple[int, int]] = {}
    b = _chance("peer") % (p >> 8)
    peer, secret = pow(g, b, p), pow(y, b, p)
    found["any"] = peer, secret
    for _ in range(2000):
        peer, secret = peer * g % p, secret * y % p
        for what, yes in (("begins", secret >> 8 * (width - 1) == 0), ("ends", secret & 0xFF == 0)):
            if yes:
                found.setdefault(f"one that {what} with a zero byte", (peer, secret))
        if len(found) == 3:
            break
    for what, (peer, secret) in found.items():
        for name, blob in _power_blobs(kind, peer):
            other = granted(kind.imported, name, blob, doing=f"importing a peer ({what})")
            raw = granted(kind.key.agree, other, doing="agreeing").derive("TRUNCATE")[::-1]
            same(bytes(raw), secret.to_bytes(width, "big"), f"agreeing on a secret: {what}")
    return f"{len(found)} secrets"


# --- ML-KEM ---------------------------------------------------------------------------------------------------------


@check(
    "rejection-numbers",
    "key",
    operations=["encapsulate"],
    rule="FIPS 203 algorithm 18: the secret of a rejected ciphertext is J(z || c), SHAKE256 with 32 bytes of output",
    remedy="Compare the whole ciphertext with the one encrypted again, in constant time, and return SHAKE256(z || c) if"
    " they differ. z is the second half of the seed, and the last 32 bytes of the private key.",
    needs=lambda one: "" if "MLKEMPUBLICBLOB" in one.algorithm.blob_types else "it has no blobs of ML-KEM",
)
def rejection_numbers(kind: Kind) -> str:
    """A ciphertext with any changed bit gives SHAKE256(z || c), computed by the kit from the private blob."""
    z = None
    for name in ("MLKEMPRIVATESEEDBLOB", "MLKEMPRIVATEBLOB"):
        if name in kind.blob_types(exports=True):
            status, blob = status_of(kind.key.export, name)
            z = bytes(blob)[-32:] if status == _OK else z
    if z is None:
        raise Skip("it exports no private blob, so the kit does not know z")
    secret, ciphertext = granted(kind.key.encapsulate)
    bits = range(8 * len(ciphertext)) if kind.options.slow else [8 * n + n % 8 for n in range(len(ciphertext))]
    tried = 0
    for bit in bits:
        changed = bytearray(ciphertext)
        changed[bit // 8] ^= 1 << bit % 8
        doing = f"decapsulating with bit {bit % 8} of byte {bit // 8} turned"
        came = granted(kind.key.decapsulate, bytes(changed), doing=doing)
        if bytes(came) != numbers.rejection(z, bytes(changed)):
            what = "the secret of the right ciphertext" if bytes(came) == bytes(secret) else "another secret"
            raise Failure("SHAKE256(z || c)", what, doing)
        tried += 1
    for what, noise in (("zeros", bytes(len(ciphertext))), ("ones", b"\xff" * len(ciphertext))):
        came = granted(kind.key.decapsulate, noise, doing=f"decapsulating {what}")
        same(bytes(came), numbers.rejection(z, noise), f"decapsulating {what}")
    return f"{tried} changed ciphertexts"
