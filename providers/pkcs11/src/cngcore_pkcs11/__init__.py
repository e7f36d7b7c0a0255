"""RSA and elliptic-curve keys in a PKCS #11 token for cngcore: the declaration. It does not look for a token.

Private keys are made in the token or moved into it. They never leave it: no private blob type is exported. The
environment names the library, the token and the source of the PIN (:mod:`cngcore_pkcs11.token`). The rank is below that
of every other implementation, so the token is used only if the application or the operator chooses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.constants import (
    BCRYPT_SUPPORTED_PAD_OAEP,
    BCRYPT_SUPPORTED_PAD_PKCS1_ENC,
    BCRYPT_SUPPORTED_PAD_PKCS1_SIG,
    BCRYPT_SUPPORTED_PAD_PSS,
)
from cngcore.provider import Algorithm, BlobType, ExactLength, KeyLengths, Property, When, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

IMPLEMENTATION = "pkcs11"
RANK = -20

LABEL = "Pkcs11Label"
"""Our own property. If it is set before a key is finalized, the key stays in the token under that label."""

URI_BLOB = "PKCS11URIBLOB"
"""Our own blob type: an RFC 7512 URI of a key in the token. It can be imported but not exported."""

RSA_LENGTHS = KeyLengths(1024, 4096, 64)
"""The bits of RSA keys that most tokens support."""

CURVES = {"P256": ("nistP256", 256), "P384": ("nistP384", 384), "P521": ("nistP521", 521)}

_PROBE = "cngcore_pkcs11.token:probe"
_FINALIZED = When(finalized="r")
_ON_KEY = When(empty="r", finalized="r")
_SIGNING = BCRYPT_SUPPORTED_PAD_PKCS1_SIG | BCRYPT_SUPPORTED_PAD_PSS
_ENCRYPTING = BCRYPT_SUPPORTED_PAD_PKCS1_ENC | BCRYPT_SUPPORTED_PAD_OAEP
_SHARED = {
    "operations": "contract: rule-algorithm-summary [doc]; the mechanisms of PKCS #11 v3.1 sections 6.1 and 6.3",
    "generate_flags": "BCryptGenerateKeyPair page; decisions/lengths [inferred]",
    LABEL: "CKA_LABEL (PKCS #11 v3.1 section 4.4); decisions/pkcs11",
    URI_BLOB: "RFC 7512; decisions/pkcs11",
    "PUBLICBLOB": "contract: rule-import-public-blob: the magic decides [wine-test]",
    "PRIVATEBLOB": "contract: rule-import-public-blob [wine-test]; only imported: decisions/pkcs11",
}
_RSA_SOURCES = _SHARED | {
    "key_lengths": "a range that most tokens support, within contract: rule-generate-length; decisions/pkcs11",
    "KeyLength": "contract: rule-set-key-length, rule-life-finalized [wine-test]",
    "PaddingSchemes": "contract: rule-get-padding-schemes [wine-test]; bcrypt.h [header]",
    **dict.fromkeys(
        ("KeyStrength", "SignatureLength", "BlockLength"),
        "contract: rule-get-key-strength, rule-get-signature-length, rule-get-block-length [wine-test, dotnet]",
    ),
    "PublicKeyLength": "contract: rule-get-public-key-length [doc]",
    "RSAPUBLICBLOB": "contract: rule-layout-rsa, rule-import [header, wine-test]",
    "CAPIPUBLICBLOB": "contract: rule-import-legacy: written and not read [doc]; decisions/rsa",
    "CAPIPRIVATEBLOB": "contract: rule-layout-legacy [wine-impl]; only imported: decisions/pkcs11",
    **dict.fromkeys(
        ("RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB"),
        "contract: rule-layout-rsa, rule-import; only imported: decisions/pkcs11",
    ),
}
_EC_SOURCES = _SHARED | {
    "key_lengths": "BCryptGenerateKeyPair page; contract: rule-generate-length [wine-test]",
    **dict.fromkeys(("KeyLength", "KeyStrength"), "contract: rule-get-key-strength, rule-get-key-length [wine-test]"),
    "PublicKeyLength": "contract: rule-get-public-key-length: field bits [doc, app]",
    "ECCCurveName": "contract: rule-get-curve [doc]",
    "ECCParameters": "contract: rule-set-ecc-parameters, rule-layout-ecc-full [doc, dotnet]",
    "ECCPUBLICBLOB": "contract: rule-layout-ecc [wine-test]",
    "ECCPRIVATEBLOB": "contract: rule-layout-ecc; only imported: decisions/pkcs11",
    "ECCFULLPUBLICBLOB": "contract: rule-layout-ecc-full [header, dotnet]; decisions/curves",
    "ECCFULLPRIVATEBLOB": "contract: rule-layout-ecc-full; only imported: decisions/pkcs11",
}
"""The source of each rule."""


def _no_label(_properties: object) -> str:
    """Return the label of a key without one. A finalized key returns its own."""
    return ""


def _label() -> Property:
    return Property(LABEL, str, When(empty="rw", finalized="r"), value=_no_label)


def _blob_types(*names: str) -> list[BlobType | str]:
    """Return public types for import and export, and private types for import only. CAPIPUBLICBLOB is export only."""
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
        key_lengths=RSA_LENGTHS,
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
        sources=_EC_SOURCES
        | ({"SignatureLength": "contract: rule-get-signature-length [wine-test]"} if family == "ECDSA" else {}),
    )


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return RSA, RSA_SIGN, and ECDSA and ECDH on three curves."""
    return [
        _rsa("RSA", {"encrypt", "sign"}, _SIGNING | _ENCRYPTING),
        _rsa("RSA_SIGN", {"sign"}, _SIGNING),
        *(_ec(family, suffix) for family in ("ECDSA", "ECDH") for suffix in CURVES),
    ]
