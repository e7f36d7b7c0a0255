"""ECDSA and ECDH for cngcore: the declaration. It imports no back end.

Six algorithms have one curve each, and the length of that curve. The generic ``ECDSA`` and ``ECDH`` take their curve
from the property ECCCurveName or ECCParameters, set on the algorithm or on the empty key
(contract: rule-generate-length, rule-set-curve-name).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.provider import Algorithm, ExactLength, LengthRule, Property, When, hookimpl
from cngcore_ec.curves import CURVE25519, FIXED, WEIERSTRASS, chosen_curve, curve_of_parameters, parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__version__ = "0.1.0"

_NAMES = {"ECDSA": tuple(sorted(WEIERSTRASS)), "ECDH": tuple(sorted([*WEIERSTRASS, CURVE25519]))}
_EVERYWHERE = When(algorithm="r", empty="r", finalized="r")
_CHOSEN = When(algorithm="rw", empty="rw", finalized="r")
_ON_KEY = When(empty="r", finalized="r")
_SHORT_BLOBS = ("ECCPUBLICBLOB", "ECCPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB")
_FULL_BLOBS = ("ECCFULLPUBLICBLOB", "ECCFULLPRIVATEBLOB")

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
FIXED_SOURCES = _BOTH_KINDS | {
    "key_lengths": (
        "BCryptGenerateKeyPair page; contract: rule-generate-length [doc, wine-test]; "
        "0 bits: decisions/lengths [inferred]"
    ),
    "ECCCurveName": "contract: rule-get-curve [doc]; not settable: decisions/curves [inferred]",
}
GENERIC_SOURCES = _BOTH_KINDS | {
    "key_lengths": "contract: rule-generate-length [wine-test, go]",
    "ECCCurveName": "contract: rule-set-curve-name [wine-test, go, app]; unknown names: decisions/curves [inferred]",
    "ECCCurveNameList": "contract: rule-get-curve [header, app]",
}
"""The source of each rule."""


class CurveLength(LengthRule):
    """Length 0, or the bits of the curve that is set on the algorithm (contract: rule-generate-length)."""

    __slots__ = ()

    def accepts(self, length: int, properties: Mapping[str, object]) -> bool:
        return length == 0 or length == _of_curve("bits")(properties)

    def __repr__(self) -> str:
        return "CurveLength()"


class _of_curve:  # noqa: N801 - reads as the value that it computes
    """A property's value that follows from the curve that is set, or None if no curve is set."""

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


def _check_parameters(family: str, value: object) -> None:
    curve_of_parameters(family, value)


def _fixed(family: str, suffix: str) -> Algorithm:
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
        "cryptography",
        operations={"sign" if family == "ECDSA" else "agree"},
        key_lengths=ExactLength(bits),
        properties=properties,
        blob_types=(*_SHORT_BLOBS, *_FULL_BLOBS),
        dispatch_level=True,
        factory=f"cngcore_ec.{family.lower()}:factory",
        back_end="cryptography",
        sources=FIXED_SOURCES | (_SIGNING if family == "ECDSA" else {}),
    )


def _generic(family: str) -> Algorithm:
    properties = [
        Property("ECCCurveName", str, _CHOSEN, values=_NAMES[family], replaces=("ECCParameters",)),
        Property(
            "ECCParameters", "cngcore.blobs.ecc:EccParameters", _CHOSEN, value=_parameters,
            check=lambda value: _check_parameters(family, value), replaces=("ECCCurveName",),
        ),
        Property("ECCCurveNameList", tuple, When(algorithm="r"), value=_NAMES[family]),
        Property("KeyLength", int, _ON_KEY, value=_of_curve("bits")),
        Property("KeyStrength", int, _ON_KEY, value=_of_curve("key_strength")),
        Property("PublicKeyLength", int, _ON_KEY, value=_of_curve("bits")),
    ]  # fmt: skip
    if family == "ECDSA":
        properties.append(Property("SignatureLength", int, When(finalized="r")))
    return Algorithm(
        family,
        "cryptography",
        operations={"sign" if family == "ECDSA" else "agree"},
        key_lengths=CurveLength(),
        properties=properties,
        blob_types=(*_SHORT_BLOBS, *_FULL_BLOBS),
        introduced="10",
        dispatch_level=True,
        factory=f"cngcore_ec.{family.lower()}:factory",
        back_end="cryptography",
        sources=GENERIC_SOURCES | (_SIGNING if family == "ECDSA" else {}),
    )


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the eight algorithms of this provider."""
    families = ("ECDSA", "ECDH")
    return [*(_fixed(family, suffix) for family in families for suffix in FIXED), *map(_generic, families)]
