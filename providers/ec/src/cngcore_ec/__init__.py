"""ECDSA and ECDH for cngcore: the declaration. Nothing of the back end is imported here.

Six algorithms have one curve each and a length to match; the generic ``ECDSA`` and ``ECDH`` take theirs from the
property ECCCurveName or ECCParameters, set on the algorithm or on the empty key
(contract: rule-generate-length, rule-set-curve-name).
"""

from collections.abc import Iterable, Mapping

from cngcore.provider import Algorithm, ExactLength, LengthRule, Property, When, hookimpl

__version__ = "0.1.0"

FIXED = {"P256": ("nistP256", 256), "P384": ("nistP384", 384), "P521": ("nistP521", 521)}
"""Suffix of the algorithm's name: its curve and key length in bits."""

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
"""The curves of bcrypt.h that cryptography has, with the name of its class. Several names may mean one curve."""

CURVE25519 = "curve25519"

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
"""Where each rule comes from."""


class CurveLength(LengthRule):
    """Length 0, or the very bits of the curve that is set on the algorithm (contract: rule-generate-length)."""

    __slots__ = ()

    def accepts(self, length: int, properties: Mapping[str, object]) -> bool:
        return length == 0 or length == _of_curve("bits")(properties)

    def __repr__(self) -> str:
        return "CurveLength()"


class _of_curve:  # noqa: N801 - reads as the value it stands for
    """A property's value worked out from the curve that is set; None while there is none."""

    __slots__ = ("attribute",)

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute

    def __call__(self, properties: Mapping[str, object]) -> object:
        from cngcore_ec.keys import chosen_curve

        curve = chosen_curve(properties)
        return None if curve is None else getattr(curve, self.attribute)

    def __repr__(self) -> str:
        return f"the curve's {self.attribute}"


def _parameters(properties: Mapping[str, object]) -> object:
    from cngcore_ec.keys import chosen_curve, parameters

    curve = chosen_curve(properties)
    return None if curve is None else parameters(curve)


def _check_parameters(family: str, value: object) -> None:
    from cngcore_ec.keys import curve_of_parameters

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
    """The eight algorithms of this provider."""
    families = ("ECDSA", "ECDH")
    return [*(_fixed(family, suffix) for family in families for suffix in FIXED), *map(_generic, families)]
