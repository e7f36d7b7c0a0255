"""What ECDSA and ECDH share: the curve of a key, its halves, its blobs.

The back end checks that a point lies on its curve and that the halves belong together; nothing switches that off, so
``BCRYPT_NO_KEY_VALIDATION`` is taken and has no effect. Curves are looked up late: a P-256 key is made and used
without the table of domain parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives.asymmetric import ec

from cngcore.provider import Algorithm, KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError, NotSupportedError
from cngcore_ec import CURVE25519, WEIERSTRASS

if TYPE_CHECKING:
    from cngcore.blobs.curves import Curve
    from cngcore.blobs.ecc import EccKey, EccParameters

Family = Literal["ECDSA", "ECDH"]


def find_curve(name: str) -> Curve:
    """The domain parameters of a curve this provider serves."""
    from cngcore.blobs.curves import CURVES

    return CURVES[name]


def parameters(curve: Curve) -> EccParameters:
    """A curve as the value of the ECCParameters property."""
    from cngcore.blobs.ecc import EccParameters

    return EccParameters.of(curve)


def curve_of_parameters(family: str, given: object) -> Curve:
    """The named curve that explicit parameters describe; any other curve is beyond the back end."""
    from cngcore.blobs.curves import match
    from cngcore.blobs.ecc import EccParameters

    if not isinstance(given, EccParameters):
        raise InvalidParameterError(f"ECCParameters takes an EccParameters, not {type(given).__name__}")
    curve = match(given)
    if curve is None or (curve.name not in WEIERSTRASS and (family, curve.name) != ("ECDH", CURVE25519)):
        raise NotSupportedError(f"these parameters are no curve {family} has here; it has named curves only")
    return curve


def chosen_curve(properties: Mapping[str, object]) -> Curve | None:
    """The curve set by name or by parameters, if any."""
    from cngcore.blobs.curves import match

    name, explicit = properties.get("ECCCurveName"), properties.get("ECCParameters")
    if isinstance(name, str):
        return find_curve(name)
    return None if explicit is None else match(explicit)  # type: ignore[arg-type]


class EcMaterial(KeyMaterial):
    """A key on a Weierstrass curve, as cryptography holds it; ECDSA and ECDH add their operation."""

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
        """The public half; derived from the private one when first needed."""
        if self._public is None:
            assert self._private is not None  # noqa: S101 - one of the two was given
            self._public = self._private.public_key()
        return self._public

    @property
    def private_key(self) -> ec.EllipticCurvePrivateKey:
        if self._private is None:
            raise InvalidParameterError("the key holds no private half")
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
    """A property of a finalized key that its curve tells."""
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
    """Makes keys of one family: of the one curve its declaration names, or of the curve that was set."""

    family: Family
    material: type[EcMaterial]

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithm)
        fixed = algorithm.properties["ECCCurveName"].value
        self.fixed = fixed if isinstance(fixed, str) else None
        self._curve = getattr(ec, WEIERSTRASS[self.fixed])() if self.fixed is not None else None

    def load(self) -> None:
        """Make, use, export and import a key, so that every module any of it needs is there."""
        properties = {} if self.fixed is not None else {"ECCCurveName": "nistP256"}
        request = KeyRequest(0, 0, properties)
        key = self.generate(request)
        for private, public in (("ECCPRIVATEBLOB", "ECCPUBLICBLOB"), ("ECCFULLPRIVATEBLOB", "ECCFULLPUBLICBLOB")):
            self.import_key(public, bytes(key.export(public)), request)
            self.try_out(self.import_key(private, bytes(key.export(private)), request))
        key.get_property("ECCParameters")

    def try_out(self, key: KeyMaterial) -> None:
        """Use a key once in every way its family has."""
        raise NotSupportedError(f"{type(self).__name__} has nothing to try")

    def generate(self, request: KeyRequest) -> KeyMaterial:
        if self._curve is not None and self.fixed is not None:
            return self.material(self.fixed, ec.generate_private_key(self._curve), generic=False)
        curve = chosen_curve(request.properties)
        if curve is None:
            raise InvalidParameterError(f"{self.algorithm.name} has no curve yet; set ECCCurveName or ECCParameters")
        return self.on_curve(curve.name)

    def on_curve(self, name: str) -> KeyMaterial:
        """A new key on a named curve of the generic algorithm."""
        return self.material(name, ec.generate_private_key(getattr(ec, WEIERSTRASS[name])()), generic=True)

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        from cngcore.blobs import ecc

        parsed = ecc.parse(blob_type, blob, family=self.family)
        curve = self._curve_of(parsed, request)
        if parsed.key_bytes != curve.key_bytes:
            raise InvalidParameterError(f"a key on {curve.name} has {curve.key_bytes} bytes, not {len(parsed.x)}")
        return self.from_blob(curve, parsed)

    def _curve_of(self, parsed: EccKey, request: KeyRequest) -> Curve:
        """The curve of a blob: by its parameters, by its magic, or by what is set on the algorithm."""
        told = parsed.curve
        if parsed.parameters is not None:
            told = curve_of_parameters(self.family, parsed.parameters)
        wanted = find_curve(self.fixed) if self.fixed is not None else chosen_curve(request.properties)
        if self.fixed is not None and told is None:
            raise InvalidParameterError(f"{self.algorithm.name} takes no generic magic; its own curve has one")
        if told is None and wanted is None:
            raise InvalidParameterError(f"the blob does not name its curve; set ECCCurveName on {self.algorithm.name}")
        if told is not None and wanted is not None and (told.p, told.b, told.n) != (wanted.p, wanted.b, wanted.n):
            raise InvalidParameterError(f"the blob is of a key on {told.name}; the algorithm is set to {wanted.name}")
        return wanted or told  # type: ignore[return-value]

    def from_blob(self, curve: Curve, parsed: EccKey) -> KeyMaterial:
        """The material of a parsed blob on a Weierstrass curve."""
        back_end = getattr(ec, WEIERSTRASS[curve.name])()
        generic = self.fixed is None
        x, y = int.from_bytes(parsed.x, "big"), int.from_bytes(parsed.y, "big")
        try:
            if parsed.d:
                d = int.from_bytes(parsed.d, "big")
                if not 0 < d < curve.n:
                    raise InvalidParameterError(f"the private key is not between 1 and the order of {curve.name}")
                private = ec.derive_private_key(d, back_end)
                point = private.public_key().public_numbers()
                if (x, y) not in ((0, 0), (point.x, point.y)):
                    raise InvalidParameterError("the public point does not belong to the private key")
                return self.material(curve.name, private, generic=generic)
            if not curve.on_curve(x, y):  # the back end would take coordinates that are not below p
                raise InvalidParameterError(f"the point does not lie on {curve.name}")
            public = ec.EllipticCurvePublicNumbers(x, y, back_end).public_key()
        except ValueError as error:
            raise InvalidParameterError(f"the back end takes no such key on {curve.name}") from error
        return self.material(curve.name, None, public, generic=generic)
