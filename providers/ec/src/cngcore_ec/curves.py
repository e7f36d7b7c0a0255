"""The curves that this provider supports, and the curve that a set of properties chooses.

This module imports no back end. It imports the table of domain parameters late, because P-256 keys do not need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cngcore.blobs.curves import Curve
    from cngcore.blobs.ecc import EccParameters

FIXED = {"P256": ("nistP256", 256), "P384": ("nistP384", 384), "P521": ("nistP521", 521)}
"""The suffix of an algorithm's name, with its curve and key length in bits."""

WEIERSTRASS = {
    "brainpoolP256r1": "BrainpoolP256R1",
    "brainpoolP384r1": "BrainpoolP384R1",
    "brainpoolP512r1": "BrainpoolP512R1",
    "nistP192": "SECP192R1",
    "nistP224": "SECP224R1",
    "nistP256": "SECP256R1",
    "nistP384": "SECP384R1",
    "nistP521": "SECP521R1",
    "secP192r1": "SECP192R1",
    "secP224r1": "SECP224R1",
    "secP256k1": "SECP256K1",
    "secP256r1": "SECP256R1",
    "secP384r1": "SECP384R1",
    "secP521r1": "SECP521R1",
    "wtls12": "SECP224R1",
    "x962P192v1": "SECP192R1",
    "x962P256v1": "SECP256R1",
}
"""The curves of bcrypt.h that cryptography has, each with the name of its class. Several names may mean one curve."""

CURVE25519 = "curve25519"


def find_curve(name: str) -> Curve:
    """Return the domain parameters of a curve that this provider supports."""
    from cngcore.blobs.curves import CURVES

    return CURVES[name]


def parameters(curve: Curve) -> EccParameters:
    """Return a curve as the value of the ECCParameters property."""
    from cngcore.blobs.ecc import EccParameters

    return EccParameters.of(curve)


def curve_of_parameters(family: str, value: object) -> Curve:
    """Return the named curve that explicit parameters describe. Raise NotSupportedError for any other curve."""
    from cngcore.blobs.curves import match
    from cngcore.blobs.ecc import EccParameters

    if not isinstance(value, EccParameters):
        raise InvalidParameterError(f"ECCParameters must be an EccParameters, not {type(value).__name__}")
    curve = match(value)
    if curve is None or (curve.name not in WEIERSTRASS and (family, curve.name) != ("ECDH", CURVE25519)):
        raise NotSupportedError(f"{family} supports named curves only; these parameters describe another curve")
    return curve


def chosen_curve(properties: Mapping[str, object]) -> Curve | None:
    """Return the curve that is set by name or by parameters, or None."""
    from cngcore.blobs.curves import match

    name, explicit = properties.get("ECCCurveName"), properties.get("ECCParameters")
    if isinstance(name, str):
        return find_curve(name)
    return None if explicit is None else match(explicit)  # type: ignore[arg-type]
