"""The declarations of the algorithms with key pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.constants import (
    BCRYPT_SUPPORTED_PAD_OAEP,
    BCRYPT_SUPPORTED_PAD_PKCS1_ENC,
    BCRYPT_SUPPORTED_PAD_PKCS1_SIG,
    BCRYPT_SUPPORTED_PAD_PSS,
)
from cngcore.families import declarations as lattices
from cngcore.families.curves import FIXED, fixed, generic
from cngcore.provider import BlobType, ByWindows, KeyLengths, Property, When
from cngcore.status import InvalidHandleError
from cngcore_windows.common import adopted, declare
from cngcore_windows.names import DISTRIBUTION, IMPLEMENTATION, RANK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cngcore.provider import Algorithm

FACTORY = "keys:KeyPairs"

CURVES = (
    "brainpoolP160r1", "brainpoolP160t1", "brainpoolP192r1", "brainpoolP192t1", "brainpoolP224r1", "brainpoolP224t1",
    "brainpoolP256r1", "brainpoolP256t1", "brainpoolP320r1", "brainpoolP320t1", "brainpoolP384r1", "brainpoolP384t1",
    "brainpoolP512r1", "brainpoolP512t1", "ec192wapi", "nistP192", "nistP224", "nistP256", "nistP384", "nistP521",
    "numsP256t1", "numsP384t1", "numsP512t1", "secP160k1", "secP160r1", "secP160r2", "secP192k1", "secP192r1",
    "secP224k1", "secP224r1", "secP256k1", "secP256r1", "secP384r1", "secP521r1", "wtls12", "wtls7", "wtls9",
    "x962P192v1", "x962P192v2", "x962P192v3", "x962P239v1", "x962P239v2", "x962P239v3", "x962P256v1",
)  # fmt: skip
"""The curves of bcrypt.h whose points have two coordinates."""

_FINALIZED = When(finalized="r")
_SETTABLE = When(empty="rw", finalized="r")
_SIGNING = BCRYPT_SUPPORTED_PAD_PKCS1_SIG | BCRYPT_SUPPORTED_PAD_PSS
_ENCRYPTING = BCRYPT_SUPPORTED_PAD_PKCS1_ENC | BCRYPT_SUPPORTED_PAD_OAEP

_SHARED = {
    "operations": "contract: rule-algorithm-summary [doc]",
    "key_lengths": "BCryptGenerateKeyPair page; contract: rule-generate-length [doc]",
    "generate_flags": "BCryptGenerateKeyPair page; decisions/lengths [inferred]",
    "KeyLength": "contract: rule-set-key-length, rule-get-key-length [wine-test]",
    "KeyStrength": "contract: rule-get-key-strength [wine-test]",
    **dict.fromkeys(("PUBLICBLOB", "PRIVATEBLOB"), "contract: rule-import-public-blob: the magic decides [wine-test]"),
}
_RSA = _SHARED | {
    "PaddingSchemes": "contract: rule-get-padding-schemes [wine-test]; bcrypt.h [header]",
    "SignatureLength": "contract: rule-get-signature-length [wine-test, dotnet]",
    **dict.fromkeys(
        ("PublicKeyLength", "BlockLength"), "contract: rule-get-public-key-length, rule-get-block-length [doc]"
    ),
    **dict.fromkeys(
        ("RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB"),
        "contract: rule-layout-rsa, rule-import [header, wine-test]",
    ),
    "CAPIPRIVATEBLOB": "contract: rule-layout-legacy [wine-impl]",
    "CAPIPUBLICBLOB": "contract: rule-import-legacy: written and not read [doc]",
}
_DSA = _SHARED | {
    "SignatureLength": "contract: rule-get-signature-length, rule-algorithm-summary: 2*q [doc, go]",
    "DSAParameters": "contract: rule-set-dsa-parameters, rule-get-dsa-parameters, rule-layout-parameters [doc, go]",
    **dict.fromkeys(
        ("DSAPUBLICBLOB", "DSAPRIVATEBLOB"),
        "contract: rule-layout-dsa-v1, rule-layout-dsa-v2 [header, dotnet, wine-test]",
    ),
    "V2CAPIDSAPRIVATEBLOB": "contract: rule-layout-legacy [wine-test]",
}
_DH = _SHARED | {
    "PublicKeyLength": "contract: rule-get-public-key-length [doc]",
    "DHParameters": "contract: rule-set-dh-parameters, rule-get-dh-parameters, rule-layout-parameters [wine-test]",
    **dict.fromkeys(("DHPUBLICBLOB", "DHPRIVATEBLOB"), "contract: rule-layout-dh, rule-import [header, wine-test]"),
}
"""The source of each rule."""


def _rsa(name: str, operations: set[str], schemes: int) -> Algorithm:
    return declare(
        name,
        operations,
        FACTORY,
        key_lengths=KeyLengths(512, 16384, 64),
        properties=[
            Property("KeyLength", int, _SETTABLE),
            Property("KeyStrength", int, _FINALIZED),
            Property("PublicKeyLength", int, _FINALIZED),
            Property("BlockLength", int, _FINALIZED),
            Property("SignatureLength", int, _FINALIZED),
            Property("PaddingSchemes", int, When(algorithm="r", empty="r", finalized="r"), value=schemes),
        ],
        blob_types=[
            "RSAPUBLICBLOB",
            "RSAPRIVATEBLOB",
            "RSAFULLPRIVATEBLOB",
            "CAPIPRIVATEBLOB",
            BlobType("CAPIPUBLICBLOB", imports=False),
            "PUBLICBLOB",
            "PRIVATEBLOB",
        ],
        sources=_RSA,
    )


def _dsa() -> Algorithm:
    return declare(
        "DSA",
        {"sign"},
        FACTORY,
        key_lengths=ByWindows({"vista": KeyLengths(512, 1024, 64), "8": KeyLengths(512, 3072, 64)}),
        properties=[
            Property("KeyLength", int, _SETTABLE),
            Property("KeyStrength", int, _FINALIZED),
            Property("SignatureLength", int, _FINALIZED),
            Property(
                "DSAParameters", "cngcore.blobs.dsa:DsaParameters", _SETTABLE,
                value=_no_parameters, check=_group_check("DSA", "DSAParameters"),
            ),
        ],
        blob_types=["DSAPUBLICBLOB", "DSAPRIVATEBLOB", "V2CAPIDSAPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB"],
        sources=_DSA,
    )  # fmt: skip


def _dh() -> Algorithm:
    return declare(
        "DH",
        {"agree"},
        FACTORY,
        key_lengths=KeyLengths(512, 4096, 64),
        properties=[
            Property("KeyLength", int, _SETTABLE),
            Property("KeyStrength", int, _FINALIZED),
            Property("PublicKeyLength", int, _FINALIZED),
            Property(
                "DHParameters", "cngcore.blobs.dh:DhParameters", When(empty="w", finalized="r"),
                check=_group_check("DH", "DHParameters"),
            ),
        ],
        blob_types=["DHPUBLICBLOB", "DHPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB"],
        sources=_DH,
    )  # fmt: skip


def _no_parameters(_properties: Mapping[str, object]) -> object:
    """Raise InvalidHandleError: an empty key has no parameters yet."""
    raise InvalidHandleError("the DSA key has no DSAParameters yet; set them or finalize the key")


def _group_check(algorithm: str, name: str) -> Callable[[object], None]:
    """Return the check of a group: the library judges it on a key that is destroyed again."""

    def check(group: object) -> None:
        from cngcore_windows.keys import check_group

        check_group(algorithm, name, group)

    return check


def declarations() -> Iterator[Algorithm]:
    """Return RSA, DSA, DH, the elliptic curves, ML-DSA and ML-KEM."""
    yield _rsa("RSA", {"encrypt", "sign"}, _SIGNING | _ENCRYPTING)
    yield _rsa("RSA_SIGN", {"sign"}, _SIGNING)
    yield _dsa()
    yield _dh()
    for family in ("ECDSA", "ECDH"):
        for suffix in FIXED:
            declared = fixed(family, suffix, IMPLEMENTATION, factory="", back_end=DISTRIBUTION, rank=RANK)
            yield adopted(declared, FACTORY)
        curves = CURVES if family == "ECDSA" else tuple(sorted((*CURVES, "curve25519")))
        yield adopted(generic(family, curves, IMPLEMENTATION, factory="", back_end=DISTRIBUTION, rank=RANK), FACTORY)
    yield adopted(lattices.mldsa(IMPLEMENTATION, rank=RANK, factory=""), FACTORY)
    yield adopted(lattices.mlkem(IMPLEMENTATION, rank=RANK, factory=""), FACTORY)
