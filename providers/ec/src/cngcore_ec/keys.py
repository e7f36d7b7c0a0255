"""The code that ECDSA and ECDH share: the curve of a key, its halves, its blobs.

The back end always checks that a point lies on its curve and that the halves belong together.
``BCRYPT_NO_KEY_VALIDATION`` is accepted but has no effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives.asymmetric import ec

from cngcore.provider import Algorithm, KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError, NotSupportedError
from cngcore_ec.curves import WEIERSTRASS, chosen_curve, curve_of_parameters, find_curve, parameters

if TYPE_CHECKING:
    from cngcore.blobs.curves import Curve
    from cngcore.blobs.ecc import EccKey

Family = Literal["ECDSA", "ECDH"]


class EcMaterial(KeyMaterial):
    """A key on a Weierstrass curve, as cryptography holds it. ECDSA and ECDH add their operation."""

    __slots__ = ("_generic", "_private", "_public", "curve_name")
    family: Family

    def __init__(
        self,
        curve_name: str,
        private: ec.EllipticCurvePrivateKey | None,
        public: ec.EllipticCurvePublicKey | None = None,
        *,
        generic: bool,
    ) -> None:
        self.curve_name = curve_name
        self._private = private
        self._public = public
        self._generic = generic

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
        if self._private is None:
            raise InvalidParameterError("this EC key has no private half; use a key pair")
        return self._private

    def public(self) -> KeyMaterial:
        return type(self)(self.curve_name, None, self.public_key, generic=self._generic)

    def export(self, blob_type: str) -> bytes | bytearray:
        from cngcore.blobs import ecc

        curve, d = find_curve(self.curve_name), b""
        size = curve.key_bytes
        if self._private is not None and "PRIVATE" in blob_type:
            numbers = self._private.private_numbers()
            point = numbers.public_numbers
            d = numbers.private_value.to_bytes(curve.order_bytes, "big")
        else:
            point = self.public_key.public_numbers()
        return ecc.build(
            blob_type,
            family=self.family,
            curve=curve,
            x=point.x.to_bytes(size, "big"),
            y=point.y.to_bytes(size, "big"),
            d=d,
            generic=self._generic,
        )

    def get_property(self, name: str) -> object:
        return curve_property(find_curve(self.curve_name), name)


def curve_property(curve: Curve, name: str) -> object:
    """Return a property of a finalized key that follows from its curve."""
    if name == "ECCParameters":
        return parameters(curve)
    values = {
        "ECCCurveName": curve.name,
        "KeyLength": curve.bits,
        "KeyStrength": curve.key_strength,
        "PublicKeyLength": curve.bits,
        "SignatureLength": 2 * curve.order_bytes,
    }
    if name not in values:
        raise NotSupportedError(f"a key on {curve.name} has no property {name!r}")
    return values[name]


class EcFactory(KeyFactory):
    """Make keys of one family, on the curve of the declaration or on the curve that is set."""

    family: Family
    material: type[EcMaterial]

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithm)
        fixed = algorithm.properties["ECCCurveName"].value
        self.fixed = fixed if isinstance(fixed, str) else None
        self._curve = getattr(ec, WEIERSTRASS[self.fixed])() if self.fixed is not None else None

    def load(self) -> None:
        """Make, use, export and import a key, so that every module is imported."""
        properties = {} if self.fixed is not None else {"ECCCurveName": "nistP256"}
        request = KeyRequest(0, 0, properties)
        key = self.generate(request)
        for private, public in (("ECCPRIVATEBLOB", "ECCPUBLICBLOB"), ("ECCFULLPRIVATEBLOB", "ECCFULLPUBLICBLOB")):
            self.import_key(public, bytes(key.export(public)), request)
            self.try_out(self.import_key(private, bytes(key.export(private)), request))
        key.get_property("ECCParameters")

    def try_out(self, key: KeyMaterial) -> None:
        """Use a key once in every way that its family supports."""
        raise NotSupportedError(f"{type(self).__name__} must implement try_out")

    def generate(self, request: KeyRequest) -> KeyMaterial:
        if self._curve is not None and self.fixed is not None:
            return self.material(self.fixed, ec.generate_private_key(self._curve), generic=False)
        curve = chosen_curve(request.properties)
        if curve is None:
            raise InvalidParameterError(f"{self.algorithm.name} has no curve yet; set ECCCurveName or ECCParameters")
        return self.on_curve(curve.name)

    def on_curve(self, name: str) -> KeyMaterial:
        """Make a key on a named curve, for the generic algorithm."""
        return self.material(name, ec.generate_private_key(getattr(ec, WEIERSTRASS[name])()), generic=True)

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        from cngcore.blobs import ecc

        parsed = ecc.parse(blob_type, blob, family=self.family)
        curve = self._curve_of(parsed, request)
        if parsed.key_bytes != curve.key_bytes:
            raise InvalidParameterError(f"a key on {curve.name} must have {curve.key_bytes} bytes, not {len(parsed.x)}")
        return self.from_blob(curve, parsed)

    def _curve_of(self, parsed: EccKey, request: KeyRequest) -> Curve:
        """Return the curve of a blob: by its parameters, its magic, or the setting of the algorithm."""
        named = parsed.curve
        if parsed.parameters is not None:
            named = curve_of_parameters(self.family, parsed.parameters)
        chosen = find_curve(self.fixed) if self.fixed is not None else chosen_curve(request.properties)
        if self.fixed is not None and named is None:
            raise InvalidParameterError(
                f"{self.algorithm.name} does not import blobs with the generic magic; use {self.family}"
            )
        if named is None and chosen is None:
            raise InvalidParameterError(f"the blob does not name its curve; set ECCCurveName on {self.algorithm.name}")
        if named is not None and chosen is not None and (named.p, named.b, named.n) != (chosen.p, chosen.b, chosen.n):
            raise InvalidParameterError(
                f"the blob holds a key on {named.name}, but the algorithm is set to {chosen.name}"
            )
        return chosen or named  # type: ignore[return-value]

    def from_blob(self, curve: Curve, parsed: EccKey) -> KeyMaterial:
        """Return the material of a parsed blob on a Weierstrass curve."""
        back_end = getattr(ec, WEIERSTRASS[curve.name])()
        generic = self.fixed is None
        x, y = int.from_bytes(parsed.x, "big"), int.from_bytes(parsed.y, "big")
        try:
            if parsed.d:
                d = int.from_bytes(parsed.d, "big")
                if not 0 < d < curve.n:
                    raise InvalidParameterError(f"the private key must be from 1 to the order of {curve.name} minus 1")
                private = ec.derive_private_key(d, back_end)
                point = private.public_key().public_numbers()
                if (x, y) not in ((0, 0), (point.x, point.y)):
                    raise InvalidParameterError("the public point does not belong to the private key")
                return self.material(curve.name, private, generic=generic)
            if not curve.on_curve(x, y):  # the back end accepts coordinates that are not below p
                raise InvalidParameterError(f"the point does not lie on {curve.name}")
            public = ec.EllipticCurvePublicNumbers(x, y, back_end).public_key()
        except ValueError as error:
            raise InvalidParameterError(f"the back end rejects this key on {curve.name}") from error
        return self.material(curve.name, None, public, generic=generic)
