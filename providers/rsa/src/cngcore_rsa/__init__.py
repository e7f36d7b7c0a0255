"""RSA for cngcore: the declaration. It imports no back end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.constants import (
    BCRYPT_SUPPORTED_PAD_OAEP,
    BCRYPT_SUPPORTED_PAD_PKCS1_ENC,
    BCRYPT_SUPPORTED_PAD_PKCS1_SIG,
    BCRYPT_SUPPORTED_PAD_PSS,
)
from cngcore.provider import Algorithm, BlobType, KeyLengths, Property, When, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

SIGNING = BCRYPT_SUPPORTED_PAD_PKCS1_SIG | BCRYPT_SUPPORTED_PAD_PSS
ENCRYPTING = BCRYPT_SUPPORTED_PAD_PKCS1_ENC | BCRYPT_SUPPORTED_PAD_OAEP

SOURCES = {
    "operations": "contract: rule-algorithm-summary [doc]; RSA_SIGN: contract: rule-generate-rsa-sign [wine-test]",
    "key_lengths": (
        "BCryptGenerateKeyPair page; contract: rule-generate-length [doc, dotnet]; 0 bits: decisions/lengths [inferred]"
    ),
    "generate_flags": "BCryptGenerateKeyPair page; decisions/lengths [inferred]",
    "KeyLength": "contract: rule-set-key-length, rule-life-finalized [wine-test]",
    "PaddingSchemes": "contract: rule-get-padding-schemes [wine-test]; bcrypt.h [header]",
    **dict.fromkeys(
        ("KeyStrength", "SignatureLength"),
        "contract: rule-get-key-strength, rule-get-signature-length [wine-test, dotnet]",
    ),
    **dict.fromkeys(
        ("PublicKeyLength", "BlockLength"), "contract: rule-get-public-key-length, rule-get-block-length [doc]"
    ),
    **dict.fromkeys(
        ("RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB"),
        "contract: rule-layout-rsa, rule-import [header, wine-test]",
    ),
    "CAPIPRIVATEBLOB": "contract: rule-layout-legacy [wine-impl]",
    "CAPIPUBLICBLOB": "contract: rule-import-legacy: written and not read [doc]; decisions/rsa",
    **dict.fromkeys(("PUBLICBLOB", "PRIVATEBLOB"), "contract: rule-import-public-blob: the magic decides [wine-test]"),
}
"""The source of each rule."""


def _declare(name: str, operations: set[str], schemes: int) -> Algorithm:
    finalized = When(finalized="r")
    return Algorithm(
        name,
        "cryptography",
        operations,
        key_lengths=KeyLengths(512, 16384, 64),
        properties=[
            Property("KeyLength", int, When(empty="rw", finalized="r")),
            Property("KeyStrength", int, finalized),
            Property("PublicKeyLength", int, finalized),
            Property("BlockLength", int, finalized),
            Property("SignatureLength", int, finalized),
            Property("PaddingSchemes", int, When(algorithm="r", empty="r", finalized="r"), value=schemes),
        ],
        blob_types=[
            "RSAPUBLICBLOB",
            "RSAPRIVATEBLOB",
            "RSAFULLPRIVATEBLOB",
            "CAPIPRIVATEBLOB",
            BlobType("CAPIPUBLICBLOB", imports=False),  # for CryptoAPI; Microsoft's provider does not import it
            "PUBLICBLOB",
            "PRIVATEBLOB",
        ],
        dispatch_level=True,
        factory="cngcore_rsa.keys:RsaFactory",
        back_end="cryptography",
        releases_gil=True,
        sources=SOURCES,
    )


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return RSA, and RSA_SIGN: the same keys, for signatures only."""
    return [_declare("RSA", {"encrypt", "sign"}, SIGNING | ENCRYPTING), _declare("RSA_SIGN", {"sign"}, SIGNING)]
