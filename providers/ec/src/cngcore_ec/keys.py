"""The code that ECDSA and ECDH share: how cryptography holds a key on a Weierstrass curve."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from cngcore.families.ecc import CurveFactory, CurveMaterial
from cngcore.provider import Algorithm, KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError
from cngcore_ec.curves import WEIERSTRASS

if TYPE_CHECKING:
    from typing import ClassVar

    from cngcore.blobs.curves import Curve


class EcMaterial(CurveMaterial):
    """A key on a Weierstrass curve, as cryptography holds it. ECDSA and ECDH add their operation."""

    __slots__ = ("_private", "_public")

    def __init__(
        self,
        curve_name: str,
        private: ec.EllipticCurvePrivateKey | None,
        public: ec.EllipticCurvePublicKey | None = None,
        *,
        is_generic: bool,
    ) -> None:
        self.curve_name = curve_name  # not by super(): it takes 0.1 us
        self.is_generic = is_generic
        self._private = private
        self._public = public

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half. The first use derives it from the private half."""
        if self._public is None:
            assert self._private is not None  # noqa: S101 - one of the two is never None
            self._public = self._private.public_key()
        return self._public

    @property
    def private_key(self) -> ec.EllipticCurvePrivateKey:
        """The private half. Raise InvalidParameterError if there is none."""
        if self._private is None:
            raise InvalidParameterError("this EC key has no private half; use a key pair")
        return self._private

    def public(self) -> KeyMaterial:
        return type(self)(self.curve_name, None, self.public_key, is_generic=self.is_generic)

    def numbers(self, *, private: bool) -> tuple[int, int, int]:
        if private:
            numbers = self.private_key.private_numbers()
            return numbers.public_numbers.x, numbers.public_numbers.y, numbers.private_value
        point = self.public_key.public_numbers()
        return point.x, point.y, 0


class EcFactory(CurveFactory):
    """Make keys of one family with cryptography."""

    material: ClassVar[type[EcMaterial]]

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithm)
        self._curve = _back_end(self.fixed) if self.fixed is not None else None

    def generate(self, request: KeyRequest) -> KeyMaterial:
        if self._curve is not None and self.fixed is not None:  # without the table of domain parameters
            return self.material(self.fixed, ec.generate_private_key(self._curve), is_generic=False)
        return super().generate(request)

    def on_curve(self, curve: Curve) -> KeyMaterial:
        private = ec.generate_private_key(_back_end(curve.name))
        return self.material(curve.name, private, is_generic=self.fixed is None)

    def of_private(self, curve: Curve, d: int) -> EcMaterial:
        private = ec.derive_private_key(d, _back_end(curve.name))
        return self.material(curve.name, private, is_generic=self.fixed is None)

    def of_pair(self, curve: Curve, d: int, x: int, y: int) -> EcMaterial:
        """Let the back end compare the halves: it computes the point once, which takes nearly all of the time."""
        public = ec.EllipticCurvePublicNumbers(x, y, _back_end(curve.name))
        try:
            private = ec.EllipticCurvePrivateNumbers(d, public).private_key()
        except ValueError as error:
            raise InvalidParameterError("the public point does not belong to the private key") from error
        return self.material(curve.name, private, is_generic=self.fixed is None)

    def of_point(self, curve: Curve, x: int, y: int) -> EcMaterial:
        public = ec.EllipticCurvePublicNumbers(x, y, _back_end(curve.name)).public_key()
        return self.material(curve.name, None, public, is_generic=self.fixed is None)


@cache
def order_bytes(name: str) -> int:
    """Return the bytes of a number modulo the order of a curve, without the table of domain parameters."""
    return (_back_end(name).group_order.bit_length() + 7) // 8


@cache
def _back_end(name: str) -> ec.EllipticCurve:
    """Return cryptography's object of a curve."""
    curve: ec.EllipticCurve = getattr(ec, WEIERSTRASS[name])()
    return curve
