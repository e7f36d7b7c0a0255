"""Compare a declaration with what bcrypt.h gives an algorithm of that name: a program that relies on it would fail."""

from __future__ import annotations

from dataclasses import dataclass

from cngcore import constants as c
from cngcore import windows
from cngcore.conformance._check import Failure, check
from cngcore.conformance._subject import Implementation

_COMMON = ("KeyLength", "KeyStrength")
_CURVE = (*_COMMON, "PublicKeyLength", "ECCCurveName", "ECCParameters")


@dataclass(frozen=True)
class Profile:
    """What programs find on Windows: ``needs`` and ``flags`` are demanded, ``has`` and ``blobs`` are only told.

    ``needs`` are properties of a key before Finalize and after it, ``flags`` those of BCryptGenerateKeyPair.
    """

    needs: tuple[str, ...]
    has: tuple[str, ...]
    blobs: tuple[str, ...]
    flags: int = 0


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
        c.BCRYPT_NO_KEY_VALIDATION,
    ),
    c.BCRYPT_MLDSA_ALGORITHM: _PQDSA,
    c.BCRYPT_SLHDSA_ALGORITHM: _PQDSA,
}


@check(
    "profile",
    "implementation",
    rule="contract: rule-get-property, rule-generate-flags; bcrypt.h",
    remedy="Declare what Windows has: the property, readable before and after Finalize, the flags of Generate, "
    "the version that introduced the algorithm; or give the algorithm a name of your "
    "own, with a prefix such as 'acme:', if it is not what Windows means by this name.",
    needs=lambda one: "" if one.algorithm.name in PROFILES else "bcrypt.h has no key algorithm of that name",
)
def profile(one: Implementation) -> str:
    """An algorithm with a name of bcrypt.h has the length that programs read, the flags of Generate, and the version of
    Windows that introduced it; the note tells what else Windows has."""
    declared, expected = one.algorithm, PROFILES[one.algorithm.name]
    readable = {name for name, known in declared.properties.items() if "r" in known.when.finalized}
    for name in expected.needs:
        if name not in readable:
            raise Failure(f"the property {name} on a finalized key", "none", "reading the properties")
        if "r" not in declared.properties[name].when.empty:
            raise Failure(f"the property {name} on a key before Finalize", "none", "reading the properties")
    if declared.generate_flags & ~expected.flags:
        came, flags = f"0x{declared.generate_flags:X}", f"0x{expected.flags:X}"
        raise Failure(f"generate_flags={flags} or a part of it", came, "comparing the declaration with bcrypt.h")
    if declared.name != c.BCRYPT_SLHDSA_ALGORITHM:  # which Windows introduced it is not known
        since = next(version for version in windows.VERSIONS if windows.has(version, "algorithm", declared.name))
        if declared.introduced != since:
            came = f"introduced={declared.introduced!r}"
            raise Failure(f"introduced={since!r}", came, "comparing the declaration with bcrypt.h")
    lacking = [name for name in expected.has if name not in readable]
    lacking += [name for name in expected.blobs if name not in declared.blob_types]
    return f"Windows also has {', '.join(lacking)}" if lacking else ""
