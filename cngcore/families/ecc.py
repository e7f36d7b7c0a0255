"""Keys on elliptic curves for providers: blobs, properties, and the checks of an imported key.

A provider derives from :class:`CurveMaterial` and :class:`CurveFactory` and adds the operations of its library.
:mod:`cngcore.families.curves` declares the algorithms.

An imported public point must lie on its curve. The halves of an imported private key must belong together; with
``BCRYPT_NO_KEY_VALIDATION`` the public half of the blob is ignored and computed again (contract:
rule-import-ecc-point-unchecked). A point of zeros is computed with any flags (contract: rule-import-ecc-zero-point).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal

from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.families.curves import chosen_curve, curve_of_parameters, find_curve, parameters
from cngcore.provider import KeyFactory, KeyMaterial
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from typing import ClassVar

    from cngcore.blobs.curves import Curve
    from cngcore.blobs.ecc import EccKey
    from cngcore.provider import Algorithm, KeyRequest

__all__ = ["CurveFactory", "CurveMaterial", "Family", "check_private", "curve_property"]

Family = Literal["ECDSA", "ECDH"]


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


def check_private(curve: Curve, d: int) -> None:
    """Raise InvalidParameterError unless a private number is between 1 and one less than the order of the curve."""
    if not 0 < d < curve.n:
        raise InvalidParameterError(f"the private key is not between 1 and the order of {curve.name}")


class CurveMaterial(KeyMaterial, ABC):
    """A key on a curve whose points have two coordinates.

    ``curve_name`` is the name of the curve. ``is_generic`` says that a generic algorithm made the key, whose blobs
    have the generic magic.
    """

    __slots__ = ("curve_name", "is_generic")

    family: ClassVar[Family]

    def __init__(self, curve_name: str, *, is_generic: bool) -> None:
        self.curve_name = curve_name
        self.is_generic = is_generic

    @abstractmethod
    def numbers(self, *, private: bool) -> tuple[int, int, int]:
        """Return the public point, x and y, and the private number, which is 0 unless ``private``."""

    def export(self, blob_type: str) -> bytes | bytearray:
        from cngcore.blobs import ecc

        curve = find_curve(self.curve_name)
        x, y, d = self.numbers(private=self.has_private and "PRIVATE" in blob_type)
        return ecc.build(
            blob_type,
            family=self.family,
            curve=curve,
            x=x.to_bytes(curve.key_bytes, "big"),
            y=y.to_bytes(curve.key_bytes, "big"),
            d=d.to_bytes(curve.order_bytes, "big") if d else b"",
            generic=self.is_generic,
        )

    def get_property(self, name: str) -> object:
        return curve_property(find_curve(self.curve_name), name)


class CurveFactory(KeyFactory, ABC):
    """Makes keys of one family, on the one curve that its declaration names or on the curve that was set."""

    family: ClassVar[Family]

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithm)
        declared = algorithm.properties["ECCCurveName"]
        self.fixed = declared.value if isinstance(declared.value, str) else None
        self.names = frozenset(map(str, declared.values or (self.fixed,)))

    @abstractmethod
    def on_curve(self, curve: Curve) -> KeyMaterial:
        """Make a new key on a curve."""

    @abstractmethod
    def of_private(self, curve: Curve, d: int) -> CurveMaterial:
        """Return the key pair of a private number, which is in range. Raise ValueError if the back end refuses it."""

    def of_pair(self, curve: Curve, d: int, x: int, y: int) -> CurveMaterial:
        """Return the key pair of a private number, which is in range, and its point.

        Raise InvalidParameterError if they do not belong together. A back end that compares the two itself can do so
        here, and saves a computation of the point.
        """
        material = self.of_private(curve, d)
        if material.numbers(private=False)[:2] != (x, y):
            raise InvalidParameterError("the public point does not belong to the private key")
        return material

    @abstractmethod
    def of_point(self, curve: Curve, x: int, y: int) -> CurveMaterial:
        """Return the public key of a point on its curve. Raise ValueError if the back end refuses it."""

    @abstractmethod
    def try_out(self, key: KeyMaterial) -> None:
        """Use a key once in every way that its family supports."""

    def load(self) -> None:
        """Make, use, export and import a key, so that every module is imported."""
        curve = find_curve(self.fixed or "nistP256")
        key = self.on_curve(curve)
        for private, public in (("ECCPRIVATEBLOB", "ECCPUBLICBLOB"), ("ECCFULLPRIVATEBLOB", "ECCFULLPUBLICBLOB")):
            self._import(public, bytes(key.export(public)), curve, 0)
            self.try_out(self._import(private, bytes(key.export(private)), curve, 0))
        key.get_property("ECCParameters")

    def generate(self, request: KeyRequest) -> KeyMaterial:
        curve = find_curve(self.fixed) if self.fixed is not None else chosen_curve(request.properties)
        if curve is None:
            raise InvalidParameterError(
                f"{self.algorithm.name} has no curve yet; pass curve='nistP256' to generate_key_pair(), or set "
                "ECCCurveName or ECCParameters"
            )
        return self.on_curve(curve)

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        chosen = find_curve(self.fixed) if self.fixed is not None else chosen_curve(request.properties)
        return self._import(blob_type, blob, chosen, request.flags)

    def _import(self, blob_type: str, blob: bytes, chosen: Curve | None, flags: int) -> KeyMaterial:
        from cngcore.blobs import ecc

        parsed = ecc.parse(blob_type, blob, family=self.family)
        curve = self._curve_of(parsed, chosen)
        if parsed.key_bytes != curve.key_bytes:
            raise InvalidParameterError(f"a key on {curve.name} has {curve.key_bytes} bytes, not {len(parsed.x)}")
        return self.from_blob(curve, parsed, flags)

    def _curve_of(self, parsed: EccKey, chosen: Curve | None) -> Curve:
        """Return the curve of a blob: by its parameters, its magic, or the setting of the algorithm."""
        named = parsed.curve
        if parsed.parameters is not None:
            named = curve_of_parameters(self.family, parsed.parameters, self.names)
        if self.fixed is not None and named is None:
            raise InvalidParameterError(f"{self.algorithm.name} does not take a blob with the generic magic")
        if named is None and chosen is None:
            raise InvalidParameterError(f"the blob does not name its curve; set ECCCurveName on {self.algorithm.name}")
        if named is not None and chosen is not None and (named.p, named.b, named.n) != (chosen.p, chosen.b, chosen.n):
            raise InvalidParameterError(
                f"the blob holds a key on {named.name}, but the algorithm is set to {chosen.name}"
            )
        return chosen or named  # type: ignore[return-value]

    def from_blob(self, curve: Curve, parsed: EccKey, flags: int) -> KeyMaterial:
        """Return the material of a parsed blob."""
        x, y = int.from_bytes(parsed.x, "big"), int.from_bytes(parsed.y, "big")
        try:
            if not parsed.d:
                if not curve.on_curve(x, y):  # a back end may take coordinates that are not below p
                    raise InvalidParameterError(f"the point does not lie on {curve.name}")
                return self.of_point(curve, x, y)
            d = int.from_bytes(parsed.d, "big")
            check_private(curve, d)
            if flags == BCRYPT_NO_KEY_VALIDATION or (x, y) == (0, 0):
                return self.of_private(curve, d)
            if max(x, y) >= curve.p:  # a back end may reduce them
                raise InvalidParameterError("a coordinate of the public point is not below p")
            return self.of_pair(curve, d, x, y)
        except ValueError as error:
            raise InvalidParameterError(f"the back end rejects this key on {curve.name}") from error
