"""Compare a declaration with what bcrypt.h gives an algorithm of that name: a program that relies on it would fail."""

from __future__ import annotations

from dataclasses import dataclass

from cngcore import constants as c
from cngcore.conformance._check import Failure, check
from cngcore.conformance._subject import Implementation

_COMMON = ("KeyLength", "KeyStrength")
_CURVE = (*_COMMON, "PublicKeyLength", "ECCCurveName", "ECCParameters")


@dataclass(frozen=True)
class Profile:
    """What programs find on Windows: ``needs`` and ``blob`` are demanded, ``has`` is only told."""

    needs: tuple[str, ...]
    blob: str
    has: tuple[str, ...]
    private: tuple[str, ...] = ()


_RSA = Profile(("KeyLength",), "RSAPUBLICBLOB", (*_COMMON, "PublicKeyLength", "SignatureLength", "BlockLength",
               "PaddingSchemes"), ("RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB"))  # fmt: skip
_ECDSA = Profile(("KeyLength",), "ECCPUBLICBLOB", (*_CURVE, "SignatureLength"), ("ECCPRIVATEBLOB",))
_ECDH = Profile(("KeyLength",), "ECCPUBLICBLOB", _CURVE, ("ECCPRIVATEBLOB",))

PROFILES = {
    c.BCRYPT_RSA_ALGORITHM: _RSA,
    c.BCRYPT_RSA_SIGN_ALGORITHM: _RSA,
    c.BCRYPT_DSA_ALGORITHM: Profile(
        ("KeyLength",), "DSAPUBLICBLOB", (*_COMMON, "SignatureLength", "DSAParameters"), ("DSAPRIVATEBLOB",)
    ),
    c.BCRYPT_DH_ALGORITHM: Profile(
        ("KeyLength",), "DHPUBLICBLOB", (*_COMMON, "PublicKeyLength", "DHParameters"), ("DHPRIVATEBLOB",)
    ),
    **dict.fromkeys(("ECDSA", "ECDSA_P256", "ECDSA_P384", "ECDSA_P521"), _ECDSA),
    **dict.fromkeys(("ECDH", "ECDH_P256", "ECDH_P384", "ECDH_P521"), _ECDH),
    c.BCRYPT_MLKEM_ALGORITHM: Profile(
        (),
        "MLKEMPUBLICBLOB",
        ("PublicKeyLength", "KEMCiphertextLength", "KEMSharedSecretLength"),
        ("MLKEMPRIVATEBLOB",),
    ),
    **dict.fromkeys(
        (c.BCRYPT_MLDSA_ALGORITHM, c.BCRYPT_SLHDSA_ALGORITHM),
        Profile((), "PQDSAPUBLICBLOB", ("PublicKeyLength", "SignatureLength"), ("PQDSAPRIVATEBLOB",)),
    ),
}


@check(
    "profile",
    "implementation",
    rule="contract: rule-get-property, rule-export; bcrypt.h",
    remedy="Declare the property, readable on a finalized key, and the blob type; or give the algorithm a name of your "
    "own, with a prefix such as 'acme:', if it is not what Windows means by this name.",
    needs=lambda one: "" if one.algorithm.name in PROFILES else "bcrypt.h has no key algorithm of that name",
)
def profile(one: Implementation) -> str:
    """An algorithm with a name of bcrypt.h has what programs rely on: its length, and a public blob to export."""
    declared, expected = one.algorithm, PROFILES[one.algorithm.name]
    readable = {name for name, known in declared.properties.items() if "r" in known.when.finalized}
    for name in expected.needs:
        if name not in readable:
            raise Failure(f"the property {name} on a finalized key", "none", "reading the properties")
    blob = declared.blob_types.get(expected.blob)
    if blob is None or not blob.exports:
        raise Failure(f"the blob type {expected.blob}, for export", "none", "reading the blob types")
    lacking = [name for name in expected.has if name not in readable]
    lacking += [name for name in expected.private if name not in declared.blob_types]
    return f"Windows also has {', '.join(lacking)}" if lacking else ""
