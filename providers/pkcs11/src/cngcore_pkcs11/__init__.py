"""RSA and elliptic-curve keys in a PKCS #11 token for cngcore: the declaration. No token is looked for here.

Private keys are made in the token, or moved into it, and never leave it: no private blob type is exported. Which
library, which token, and where the PIN comes from, is told by the environment (:mod:`cngcore_pkcs11.token`). The rank
is below every other implementation's: whoever wants keys in hardware says so.
"""

from collections.abc import Container, Iterable

from cngcore.constants import (
    BCRYPT_SUPPORTED_PAD_OAEP,
    BCRYPT_SUPPORTED_PAD_PKCS1_ENC,
    BCRYPT_SUPPORTED_PAD_PKCS1_SIG,
    BCRYPT_SUPPORTED_PAD_PSS,
)
from cngcore.provider import Algorithm, BlobType, ExactLength, LengthRule, Property, When, hookimpl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.provider import KeyLengths

__version__ = "0.1.0"

IMPLEMENTATION = "pkcs11"
RANK = -20

LABEL = "Pkcs11Label"
"""Our own property: set before a key is finalized, it makes a key that stays in the token under that label."""

URI_BLOB = "PKCS11URIBLOB"
"""Our own blob type: an RFC 7512 URI that names a key which is in the token already. It is only imported."""

CURVES = {"P256": ("nistP256", 256), "P384": ("nistP384", 384), "P521": ("nistP521", 521)}

_PROBE = "cngcore_pkcs11.token:probe"
_FINALIZED = When(finalized="r")
_ON_KEY = When(empty="r", finalized="r")
_SIGNING = BCRYPT_SUPPORTED_PAD_PKCS1_SIG | BCRYPT_SUPPORTED_PAD_PSS
_ENCRYPTING = BCRYPT_SUPPORTED_PAD_PKCS1_ENC | BCRYPT_SUPPORTED_PAD_OAEP
_SHARED = {
    "operations": "contract 27 [doc]; the mechanisms of PKCS #11 v3.1 sections 6.1 and 6.3",
    "generate_flags": "BCryptGenerateKeyPair page; decisions/lengths [inferred]",
    LABEL: "CKA_LABEL (PKCS #11 v3.1 section 4.4); decisions/pkcs11",
    URI_BLOB: "RFC 7512; decisions/pkcs11",
    "PUBLICBLOB": "contract 9: the magic decides [wine-test]",
    "PRIVATEBLOB": "contract 9 [wine-test]; only imported: decisions/pkcs11",
}
_RSA_SOURCES = _SHARED | {
    "key_lengths": "what tokens have in common, out of contract 3; decisions/pkcs11",
    "KeyLength": "contract 4.1 and 0.6 [wine-test]",
    "PaddingSchemes": "contract 5 [wine-test]; bcrypt.h [header]",
    **dict.fromkeys(("KeyStrength", "SignatureLength", "BlockLength"), "contract 5 [wine-test, dotnet]"),
    "PublicKeyLength": "contract 5 [doc]",
    "RSAPUBLICBLOB": "contract 28.1, 9 [header, wine-test]",
    "CAPIPUBLICBLOB": "contract 9: written and not read [doc]; decisions/rsa",
    "CAPIPRIVATEBLOB": "contract 28.9 [wine-impl]; only imported: decisions/pkcs11",
    **dict.fromkeys(("RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB"), "contract 28.1, 9; only imported: decisions/pkcs11"),
}
_EC_SOURCES = _SHARED | {
    "key_lengths": "BCryptGenerateKeyPair page; contract 3 [wine-test]",
    **dict.fromkeys(("KeyLength", "KeyStrength"), "contract 5 [wine-test]"),
    "PublicKeyLength": "contract 5: field bits [doc, app]",
    "ECCCurveName": "contract 5 [doc]",
    "ECCParameters": "contract 4.5 and 28.7 [doc, dotnet]",
    "ECCPUBLICBLOB": "contract 28.6 [wine-test]",
    "ECCPRIVATEBLOB": "contract 28.6; only imported: decisions/pkcs11",
    "ECCFULLPUBLICBLOB": "contract 28.7 [header, dotnet]; decisions/curves",
    "ECCFULLPRIVATEBLOB": "contract 28.7; only imported: decisions/pkcs11",
}
"""Where each rule comes from."""


class ModulusLength(LengthRule):
    """1024 to 4096 bits in steps of 64: what tokens have in common.

    It says what a :class:`~cngcore.provider.KeyLengths` of these numbers does, and imports that only when asked for it:
    an application that never opens the token does not pay for dataclasses.
    """

    __slots__ = ()

    @property
    def legal(self) -> Container[int]:
        return range(1024, 4096 + 1, 64)

    def key_lengths(self) -> "KeyLengths":
        from cngcore.provider import KeyLengths

        return KeyLengths(1024, 4096, 64)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModulusLength)

    def __hash__(self) -> int:
        return hash(ModulusLength)

    def __repr__(self) -> str:
        return "ModulusLength()"


def _no_label(_properties: object) -> str:
    """What the label is while none is set; a finalized key tells its own."""
    return ""


def _label() -> Property:
    return Property(LABEL, str, When(empty="rw", finalized="r"), value=_no_label)


def _blob_types(*names: str) -> list[BlobType | str]:
    """Public types go both ways, as CryptoAPI's only out; private ones only in, for a key that moves into the token."""
    types: list[BlobType | str] = []
    for name in (*names, "PUBLICBLOB", "PRIVATEBLOB", URI_BLOB):
        if name == "CAPIPUBLICBLOB":
            types.append(BlobType(name, imports=False))
        else:
            types.append(BlobType(name, private=True, exports=False) if "PUBLIC" not in name else name)
    return types


def _rsa(name: str, operations: set[str], schemes: int) -> Algorithm:
    return Algorithm(
        name,
        IMPLEMENTATION,
        operations,
        key_lengths=ModulusLength(),
        properties=[
            Property("KeyLength", int, When(empty="rw", finalized="r")),
            Property("KeyStrength", int, _FINALIZED),
            Property("PublicKeyLength", int, _FINALIZED),
            Property("BlockLength", int, _FINALIZED),
            Property("SignatureLength", int, _FINALIZED),
            Property("PaddingSchemes", int, When(algorithm="r", empty="r", finalized="r"), value=schemes),
            _label(),
        ],
        blob_types=_blob_types(
            "RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "CAPIPUBLICBLOB", "CAPIPRIVATEBLOB"
        ),
        rank=RANK,
        factory="cngcore_pkcs11.rsa:RsaFactory",
        probe=_PROBE,
        back_end="python-pkcs11",
        concurrency="serial",
        sources=_RSA_SOURCES,
    )


def _ec(family: str, suffix: str) -> Algorithm:
    curve, bits = CURVES[suffix]
    properties = [
        Property("KeyLength", int, _ON_KEY, value=bits),
        Property("KeyStrength", int, _ON_KEY, value=bits),
        Property("PublicKeyLength", int, _ON_KEY, value=bits),
        Property("ECCParameters", "cngcore.blobs.ecc:EccParameters", _FINALIZED),
        Property("ECCCurveName", str, When(algorithm="r", empty="r", finalized="r"), value=curve),
        _label(),
    ]
    if family == "ECDSA":
        properties.append(Property("SignatureLength", int, _FINALIZED, value=2 * ((bits + 7) // 8)))
    return Algorithm(
        f"{family}_{suffix}",
        IMPLEMENTATION,
        {"sign" if family == "ECDSA" else "agree"},
        key_lengths=ExactLength(bits),
        properties=properties,
        blob_types=_blob_types("ECCPUBLICBLOB", "ECCPRIVATEBLOB", "ECCFULLPUBLICBLOB", "ECCFULLPRIVATEBLOB"),
        rank=RANK,
        factory=f"cngcore_pkcs11.ec:{family.title()}Factory",
        probe=_PROBE,
        back_end="python-pkcs11",
        concurrency="serial",
        sources=_EC_SOURCES | ({"SignatureLength": "contract 5 [wine-test]"} if family == "ECDSA" else {}),
    )


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """RSA, RSA_SIGN, and ECDSA and ECDH on three curves."""
    return [
        _rsa("RSA", {"encrypt", "sign"}, _SIGNING | _ENCRYPTING),
        _rsa("RSA_SIGN", {"sign"}, _SIGNING),
        *(_ec(family, suffix) for family in ("ECDSA", "ECDH") for suffix in CURVES),
    ]
