"""What every provider of elliptic curves declares, and which curve a set of properties chooses.

The module imports no back end. The table of domain parameters is imported late, because a P-256 key is made and used
without it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cngcore.provider import Algorithm, ExactLength, LengthRule, Property, When
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cngcore.blobs.curves import Curve
    from cngcore.blobs.ecc import EccParameters

__all__ = ["FIXED", "chosen_curve", "curve_of_parameters", "find_curve", "fixed", "generic", "parameters"]

FIXED = {"P256": ("nistP256", 256), "P384": ("nistP384", 384), "P521": ("nistP521", 521)}
"""The suffix of an algorithm's name, with its curve and key length in bits."""


# --- the curve of a key ------------------------------------------------------------------------------------


@cache
def find_curve(name: str) -> Curve:
    """Return the domain parameters of a curve of bcrypt.h.

    >>> find_curve("secP256k1").bits
    256
    """
    from cngcore.blobs.curves import CURVES

    return CURVES[name]


def parameters(curve: Curve) -> EccParameters:
    """Return a curve as the value of the ECCParameters property."""
    from cngcore.blobs.ecc import EccParameters

    return EccParameters.of(curve)


def curve_of_parameters(family: str, value: object, names: Collection[str]) -> Curve:
    """Return the named curve that explicit parameters describe, one of ``names``.

    Raise NotSupportedError for any other curve, InvalidParameterError for a value of another type.
    """
    from cngcore.blobs.curves import match
    from cngcore.blobs.ecc import EccParameters

    if not isinstance(value, EccParameters):
        raise InvalidParameterError(f"ECCParameters must be an EccParameters, not {type(value).__name__}")
    curve = match(value)
    if curve is None:
        raise NotSupportedError(f"{family} supports named curves only, and these parameters describe none of them")
    if curve.name not in names:
        raise NotSupportedError(f"this implementation of {family} does not support the curve {curve.name}")
    return curve


def chosen_curve(properties: Mapping[str, object]) -> Curve | None:
    """Return the curve that is set by name or by parameters, or None.

    >>> chosen_curve({"ECCCurveName": "nistP384"}).bits
    384
    """
    from cngcore.blobs.curves import match

    name, explicit = properties.get("ECCCurveName"), properties.get("ECCParameters")
    if isinstance(name, str):
        return find_curve(name)
    return None if explicit is None else match(explicit)  # type: ignore[arg-type]


# --- declarations ------------------------------------------------------------------------------------------

_EVERYWHERE = When(algorithm="r", empty="r", finalized="r")
_CHOSEN = When(algorithm="rw", empty="rw", finalized="r")
_ON_KEY = When(empty="r", finalized="r")
_BLOBS = ("ECCPUBLICBLOB", "ECCPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB", "ECCFULLPUBLICBLOB", "ECCFULLPRIVATEBLOB")

_BOTH_KINDS = {
    "operations": "contract: rule-algorithm-summary [doc]",
    "generate_flags": "BCryptGenerateKeyPair page; decisions/lengths [inferred]",
    "KeyStrength": "contract: rule-get-key-strength [wine-test]; curve25519 has 253 [wine-test]",
    "PublicKeyLength": "contract: rule-get-public-key-length: field bits [doc, app]",
    "KeyLength": "contract: rule-get-key-length [go]",
    "ECCParameters": "contract: rule-set-ecc-parameters, rule-layout-ecc-full [doc, dotnet]",
    **dict.fromkeys(
        ("ECCPUBLICBLOB", "ECCPRIVATEBLOB"), "contract: rule-layout-ecc, rule-import [header, wine-test, go]"
    ),
    **dict.fromkeys(
        ("ECCFULLPUBLICBLOB", "ECCFULLPRIVATEBLOB"), "contract: rule-layout-ecc-full [header, dotnet]; decisions/curves"
    ),
    **dict.fromkeys(("PUBLICBLOB", "PRIVATEBLOB"), "contract: rule-import-public-blob: the magic decides [wine-test]"),
}
_SIGNING = {"SignatureLength": "contract: rule-get-signature-length, rule-algorithm-summary: 2*ceil(bits/8) [doc, go]"}
_FIXED_SOURCES = _BOTH_KINDS | {
    "key_lengths": (
        "BCryptGenerateKeyPair page; contract: rule-generate-length [doc, wine-test]; "
        "0 bits: decisions/lengths [inferred]"
    ),
    "ECCCurveName": "contract: rule-get-curve [doc]; not settable: decisions/curves [inferred]",
}
_GENERIC_SOURCES = _BOTH_KINDS | {
    "key_lengths": "contract: rule-generate-length [wine-test, go]",
    "ECCCurveName": "contract: rule-set-curve-name [wine-test, go, app]; unknown names: decisions/curves [inferred]",
    "ECCCurveNameList": "contract: rule-get-curve [header, app]",
}


class CurveLength(LengthRule):
    """Length 0, or the bits of the curve that is set on the algorithm (contract: rule-generate-length)."""

    __slots__ = ()

    def accepts(self, length: int, properties: Mapping[str, object]) -> bool:
        return length == 0 or length == _of_curve("bits")(properties)

    def in_words(self) -> str:
        return "0, or the bits of the curve that is set on the algorithm"

    def __repr__(self) -> str:
        return "CurveLength()"


class _of_curve:  # noqa: N801 - reads as the value that it computes
    """A property's value that follows from the curve that is set; None while no curve is set."""

    __slots__ = ("attribute",)

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute

    def __call__(self, properties: Mapping[str, object]) -> object:
        curve = chosen_curve(properties)
        return None if curve is None else getattr(curve, self.attribute)

    def __repr__(self) -> str:
        return f"the curve's {self.attribute}"


def _parameters(properties: Mapping[str, object]) -> object:
    curve = chosen_curve(properties)
    return None if curve is None else parameters(curve)


def _operation(family: str) -> str:
    return "sign" if family == "ECDSA" else "agree"


def fixed(family: str, suffix: str, implementation: str, *, factory: str, back_end: str, rank: int = 0) -> Algorithm:
    """Return a declaration of ECDSA or ECDH on one curve: ``fixed("ECDSA", "P256", "acme", ...)`` is ECDSA_P256."""
    curve, bits = FIXED[suffix]
    properties = [
        Property("KeyLength", int, _ON_KEY, value=bits),
        Property("KeyStrength", int, _ON_KEY, value=bits),
        Property("PublicKeyLength", int, _ON_KEY, value=bits),
        Property("ECCCurveName", str, _EVERYWHERE, value=curve),
        Property("ECCParameters", "cngcore.blobs.ecc:EccParameters", When(finalized="r")),
    ]
    if family == "ECDSA":
        properties.append(Property("SignatureLength", int, When(finalized="r"), value=2 * ((bits + 7) // 8)))
    return Algorithm(
        f"{family}_{suffix}",
        implementation,
        operations={_operation(family)},
        key_lengths=ExactLength(bits),
        properties=properties,
        blob_types=_BLOBS,
        dispatch_level=True,
        rank=rank,
        factory=factory,
        back_end=back_end,
        sources=_FIXED_SOURCES | (_SIGNING if family == "ECDSA" else {}),
    )


def generic(
    family: str, names: tuple[str, ...], implementation: str, *, factory: str, back_end: str, rank: int = 0
) -> Algorithm:
    """Return a declaration of ECDSA or ECDH on every curve of ``names``.

    The curve comes from the property ECCCurveName or ECCParameters, set on the algorithm or on the empty key
    (contract: rule-generate-length, rule-set-curve-name).
    """
    properties = [
        Property("ECCCurveName", str, _CHOSEN, values=names, replaces=("ECCParameters",)),
        Property(
            "ECCParameters", "cngcore.blobs.ecc:EccParameters", _CHOSEN, value=_parameters,
            check=lambda value: curve_of_parameters(family, value, names), replaces=("ECCCurveName",),
        ),
        Property("ECCCurveNameList", tuple, When(algorithm="r"), value=names),
        Property("KeyLength", int, _ON_KEY, value=_of_curve("bits")),
        Property("KeyStrength", int, _ON_KEY, value=_of_curve("key_strength")),
        Property("PublicKeyLength", int, _ON_KEY, value=_of_curve("bits")),
    ]  # fmt: skip
    if family == "ECDSA":
        properties.append(Property("SignatureLength", int, When(finalized="r")))
    return Algorithm(
        family,
        implementation,
        operations={_operation(family)},
        key_lengths=CurveLength(),
        properties=properties,
        blob_types=_BLOBS,
        introduced="10",
        dispatch_level=True,
        rank=rank,
        factory=factory,
        back_end=back_end,
        sources=_GENERIC_SOURCES | (_SIGNING if family == "ECDSA" else {}),
    )
