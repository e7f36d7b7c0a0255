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
    """What programs find on Windows: ``needs`` is demanded, ``has`` and ``blobs`` are only told."""

    needs: tuple[str, ...]
    has: tuple[str, ...]
    blobs: tuple[str, ...]


_LENGTH = ("KeyLength",)
_RSA = Profile(
    _LENGTH,
    (*_COMMON, "PublicKeyLength", "SignatureLength", "BlockLength", "PaddingSchemes"),
    ("RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB"),
)
_ECDSA = Profile(_LENGTH, (*_CURVE, "SignatureLength"), ("ECCPUBLICBLOB", "ECCPRIVATEBLOB"))
_ECDH = Profile(_LENGTH, _CURVE, ("ECCPUBLICBLOB", "ECCPRIVATEBLOB"))
_PQDSA = Profile((), ("PublicKeyLength", "SignatureLength"), ("PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB"))

PROFILES = {
    c.BCRYPT_RSA_ALGORITHM: _RSA,
    c.BCRYPT_RSA_SIGN_ALGORITHM: _RSA,
    c.BCRYPT_DSA_ALGORITHM: Profile(
        _LENGTH, (*_COMMON, "SignatureLength", "DSAParameters"), ("DSAPUBLICBLOB", "DSAPRIVATEBLOB")
    ),
    c.BCRYPT_DH_ALGORITHM: Profile(
        _LENGTH, (*_COMMON, "PublicKeyLength", "DHParameters"), ("DHPUBLICBLOB", "DHPRIVATEBLOB")
    ),
    **dict.fromkeys(("ECDSA", "ECDSA_P256", "ECDSA_P384", "ECDSA_P521"), _ECDSA),
    **dict.fromkeys(("ECDH", "ECDH_P256", "ECDH_P384", "ECDH_P521"), _ECDH),
    c.BCRYPT_MLKEM_ALGORITHM: Profile(
        (),
        ("PublicKeyLength", "KEMCiphertextLength", "KEMSharedSecretLength"),
        ("MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB"),
    ),
    c.BCRYPT_MLDSA_ALGORITHM: _PQDSA,
    c.BCRYPT_SLHDSA_ALGORITHM: _PQDSA,
}


@check(
    "profile",
    "implementation",
    rule="contract: rule-get-property; bcrypt.h",
    remedy="Declare the property, readable on a finalized key; or give the algorithm a name of your "
    "own, with a prefix such as 'acme:', if it is not what Windows means by this name.",
    needs=lambda one: "" if one.algorithm.name in PROFILES else "bcrypt.h has no key algorithm of that name",
)
def profile(one: Implementation) -> str:
    """An algorithm with a name of bcrypt.h has the length that programs read; the note tells what else Windows has."""
    declared, expected = one.algorithm, PROFILES[one.algorithm.name]
    readable = {name for name, known in declared.properties.items() if "r" in known.when.finalized}
    for name in expected.needs:
        if name not in readable:
            raise Failure(f"the property {name} on a finalized key", "none", "reading the properties")
    lacking = [name for name in expected.has if name not in readable]
    lacking += [name for name in expected.blobs if name not in declared.blob_types]
    return f"Windows also has {', '.join(lacking)}" if lacking else ""
