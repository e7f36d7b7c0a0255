"""ECDSA and ECDH keys as numbers, over the points of the library ecdsa.

ECDSA is FIPS 186-5 section 6.4 with nonces by RFC 6979; ECDH is SP 800-56A section 5.7.1.2. Secret numbers are blinded
with random factors where that costs nothing, but the multiples of points are not constant-time.
"""

from __future__ import annotations

import hashlib
from secrets import randbelow
from typing import TYPE_CHECKING

from ecdsa import rfc6979  # type: ignore[import-untyped]

from cngcore.families import signatures
from cngcore.families.curves import find_curve
from cngcore.families.ecc import CurveFactory, CurveMaterial
from cngcore.provider import KeyMaterial
from cngcore.status import InvalidParameterError
from cngcore_curves.points import coordinates, generator, has_order, point_of, times

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar

    from cngcore.blobs.curves import Curve
    from cngcore.families.ecc import Family

_NONCE_HASHES: dict[int, Callable[[], Any]] = {
    20: hashlib.sha1, 28: hashlib.sha224, 32: hashlib.sha256, 48: hashlib.sha384, 64: hashlib.sha512,
}  # fmt: skip
"""The hash of RFC 6979, by the bytes of the digest; SHA-512 for any other."""


class PointMaterial(CurveMaterial):
    """A key pair, or its public half, as numbers. The private one is kept as bytes, which are wiped in the end."""

    __slots__ = ("_private", "_x", "_y")

    def __init__(self, curve_name: str, x: int, y: int, d: int = 0) -> None:
        super().__init__(curve_name, is_generic=True)
        self._private = bytearray(d.to_bytes((d.bit_length() + 7) // 8, "big"))
        self._x, self._y = x, y

    def __del__(self) -> None:
        private: bytearray | None = getattr(self, "_private", None)
        if private:
            private[:] = bytes(len(private))

    @property
    def curve(self) -> Curve:
        """The domain parameters."""
        return find_curve(self.curve_name)

    @property
    def has_private(self) -> bool:
        return bool(self._private)

    @property
    def d(self) -> int:
        """The private number. Raise InvalidParameterError if there is none."""
        if not self._private:
            raise InvalidParameterError("the key holds no private half")
        return int.from_bytes(self._private, "big")

    def numbers(self, *, private: bool) -> tuple[int, int, int]:
        return self._x, self._y, self.d if private else 0

    def public(self) -> KeyMaterial:
        return type(self)(self.curve_name, self._x, self._y)


class EcdsaMaterial(PointMaterial):
    """A key that signs and verifies."""

    __slots__ = ()
    family: ClassVar[Family] = "ECDSA"

    @property
    def signature_length(self) -> int:
        return 2 * self.curve.order_bytes

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        curve, number = self.curve, self._number(digest, padding)
        n, secret, kind = curve.n, self.d * curve.h % curve.n, _NONCE_HASHES.get(len(digest), hashlib.sha512)
        retry = 0
        while True:
            k = rfc6979.generate_k(n, secret, kind, digest, retry_gen=retry)
            point = coordinates(times(generator(curve), k))
            mask = randbelow(n - 1) + 1  # the inverse and the product see no secret number as it is
            r = 0 if point is None else point[0] % n
            s = pow(k * mask, -1, n) * (number * mask + secret * mask % n * r) % n
            if r and s:
                return signatures.join(r, s, curve.order_bytes)
            retry += 1

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        curve, number = self.curve, self._number(digest, padding)
        r, s = signatures.split(signature, curve.order_bytes)
        if not (0 < r < curve.n and 0 < s < curve.n):
            return False
        inverse = pow(s, -1, curve.n)
        first = times(generator(curve), number * inverse % curve.n)
        second = times(point_of(curve, self._x, self._y), r * inverse % curve.n)
        point = coordinates(first + second)
        return point is not None and point[0] % curve.n == r

    def _number(self, digest: bytes, padding: object) -> int:
        """Return the leftmost bits of a digest of any length, as many as the order has (FIPS 186-5 section 6.4.1)."""
        if padding is not None:
            raise InvalidParameterError(f"ECDSA takes no padding, not {type(padding).__name__}")
        if not digest:
            raise InvalidParameterError("the hash is empty")
        return int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - self.curve.n.bit_length())


class EcdhMaterial(PointMaterial):
    """A key that agrees on secrets."""

    __slots__ = ()
    family: ClassVar[Family] = "ECDH"

    def agree(self, peer: KeyMaterial) -> bytearray:
        curve = self.curve
        if not isinstance(peer, EcdhMaterial) or peer.curve.p != curve.p or peer.curve.b != curve.b:
            raise InvalidParameterError("the two keys are not on the same curve")
        shared = coordinates(times(point_of(curve, peer._x, peer._y), self.d * curve.h % curve.n))
        if shared is None:
            raise InvalidParameterError("the shared point is the neutral one: the secret would be trivial")
        secret = bytearray(curve.field_bytes)
        secret[:] = shared[0].to_bytes(curve.field_bytes, "big")
        return secret


class PointFactory(CurveFactory):
    """Makes keys of one family."""

    material: ClassVar[type[PointMaterial]]

    def on_curve(self, curve: Curve) -> KeyMaterial:
        while True:
            d = randbelow(curve.n - 1) + 1
            if d.bit_length() <= 8 * curve.key_bytes:  # a short blob has no room for more (docs/decisions/curves.md)
                return self.of_private(curve, d)

    def of_private(self, curve: Curve, d: int) -> PointMaterial:
        point = coordinates(times(generator(curve), d * curve.h % curve.n))
        if point is None:
            raise ValueError("the private number gives the neutral point")
        return self.material(curve.name, *point, d)

    def of_point(self, curve: Curve, x: int, y: int) -> PointMaterial:
        if not has_order(curve, x, y):
            raise InvalidParameterError(f"the point does not have the order of {curve.name}")
        return self.material(curve.name, x, y)


class EcdsaFactory(PointFactory):
    """Makes ECDSA keys."""

    family: ClassVar[Family] = "ECDSA"
    material = EcdsaMaterial

    def try_out(self, key: KeyMaterial) -> None:
        key.verify_signature(bytes(32), key.sign_hash(bytes(32), None), None)


class EcdhFactory(PointFactory):
    """Makes ECDH keys."""

    family: ClassVar[Family] = "ECDH"
    material = EcdhMaterial

    def try_out(self, key: KeyMaterial) -> None:
        key.agree(key)
