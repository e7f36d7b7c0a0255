"""What every provider of RSA, DSA, DH, ML-KEM or ML-DSA declares: lengths, parameter sets, properties, blobs, sources.

The module imports no back end and none of the families' code, so that a provider can be listed cheaply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.constants import (
    BCRYPT_NO_KEY_VALIDATION,
    BCRYPT_SUPPORTED_PAD_OAEP,
    BCRYPT_SUPPORTED_PAD_PKCS1_ENC,
    BCRYPT_SUPPORTED_PAD_PKCS1_SIG,
    BCRYPT_SUPPORTED_PAD_PSS,
)
from cngcore.provider import Algorithm, BlobType, ByWindows, KeyLengths, NoLength, ParameterSet, Property, When
from cngcore.status import InvalidHandleError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

SHARED_SECRET = 32
"""Bytes of an ML-KEM shared secret, for every parameter set."""

MLKEM_SETS = tuple(
    ParameterSet(name, encapsulation_key=ek, decapsulation_key=dk, ciphertext=ct, shared_secret=32, private_seed=64)
    for name, ek, dk, ct in (("512", 800, 1632, 768), ("768", 1184, 2400, 1088), ("1024", 1568, 3168, 1568))
)
"""FIPS 203 table 3; the private seed is d || z."""

_MLDSA_SIZES = (("44", 1312, 2560, 2420), ("65", 1952, 4032, 3309), ("87", 2592, 4896, 4627))

MLDSA_SETS = tuple(
    ParameterSet(name, public_key=pk, private_key=sk, signature=signature, private_seed=32, external_mu=64)
    for name, pk, sk, signature in _MLDSA_SIZES
)
"""FIPS 204 table 2; the private seed is xi, external mu the message representative."""

MLDSA_SETS_WITHOUT_SEED = tuple(
    ParameterSet(name, public_key=pk, private_key=sk, signature=signature) for name, pk, sk, signature in _MLDSA_SIZES
)
"""The same for a back end that makes ML-DSA keys in expanded form only."""

_LENGTH = "contract: rule-generate-length: 0 [doc, go, dotnet]; anything else: decisions/ml [inferred]"
_PUBLIC = "contract: rule-get-public-key-length: bits of the public key as it is written [doc, inferred]"
_BLOBS = "contract: rule-layout-pq, rule-import [header, go]"

MLKEM_SOURCES = {
    "operations": "contract: rule-encapsulate, rule-algorithm-summary [doc]; FIPS 203 section 7",
    "key_lengths": _LENGTH,
    "parameter_sets": "FIPS 203 table 3; contract: rule-set-parameter-set [doc]",
    "generate_flags": "the page and contract: rule-generate-flags: BCRYPT_NO_KEY_VALIDATION [doc]",
    "KEMSharedSecretLength": "contract: rule-get-kem-lengths [doc]; FIPS 203 table 3",
    "KEMCiphertextLength": "contract: rule-get-kem-lengths [doc]; FIPS 203 table 3",
    "PublicKeyLength": _PUBLIC,
    **dict.fromkeys(("MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB"), f"{_BLOBS}; FIPS 203 section 7"),
    "MLKEMPRIVATESEEDBLOB": "contract: rule-layout-pq: d || z of FIPS 203 section 7.1 [go, dotnet]",
}
MLDSA_SOURCES = {
    "operations": "contract: rule-sign, rule-algorithm-summary [doc, go]; FIPS 204 section 5",
    "key_lengths": _LENGTH,
    "parameter_sets": "FIPS 204 table 2; contract: rule-set-parameter-set [doc]",
    "generate_flags": "contract: rule-generate-flags: none but for ML-KEM [doc]; decisions/lengths [inferred]",
    "SignatureLength": "contract: rule-get-signature-length [doc, go]; FIPS 204 table 2",
    "PublicKeyLength": _PUBLIC,
    **dict.fromkeys(("PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB"), f"{_BLOBS}; FIPS 204 section 4"),
    "PQDSAPRIVATESEEDBLOB": "contract: rule-layout-pq: xi of FIPS 204 section 5.1 [go, dotnet]",
}
"""Where each rule comes from."""


def mlkem(
    implementation: str, *, rank: int, factory: str, probe: str | Callable[[], object] | None = None
) -> Algorithm:
    """Return a declaration of ML-KEM with all parameter sets and blobs. The back end has the implementation's name."""
    return Algorithm(
        "ML-KEM",
        implementation,
        operations={"encapsulate"},
        key_lengths=NoLength(),
        parameter_sets=MLKEM_SETS,
        properties=[
            Property("KEMSharedSecretLength", int, When(algorithm="r", empty="r", finalized="r"), value=SHARED_SECRET),
            Property("KEMCiphertextLength", int, When(finalized="r")),
            Property("PublicKeyLength", int, When(finalized="r")),
        ],
        generate_flags=BCRYPT_NO_KEY_VALIDATION,
        blob_types=["MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB"],
        introduced="11-24h2",
        dispatch_level=True,
        rank=rank,
        factory=factory,
        probe=probe,
        back_end=implementation,
        sources=MLKEM_SOURCES,
    )


def mldsa(
    implementation: str,
    *,
    rank: int,
    factory: str,
    probe: str | Callable[[], object] | None = None,
    seeds: bool = True,
) -> Algorithm:
    """Return a declaration of ML-DSA with all parameter sets; without the seed blob unless the back end has seeds."""
    blob_types = ["PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB", *(["PQDSAPRIVATESEEDBLOB"] if seeds else [])]
    known = {
        "operations",
        "key_lengths",
        "parameter_sets",
        "generate_flags",
        "SignatureLength",
        "PublicKeyLength",
        *blob_types,
    }
    return Algorithm(
        "ML-DSA",
        implementation,
        operations={"sign"},
        key_lengths=NoLength(),
        parameter_sets=MLDSA_SETS if seeds else MLDSA_SETS_WITHOUT_SEED,
        properties=[
            Property("SignatureLength", int, When(finalized="r")),
            Property("PublicKeyLength", int, When(finalized="r")),
        ],
        blob_types=blob_types,
        introduced="11-24h2",
        dispatch_level=True,
        rank=rank,
        factory=factory,
        probe=probe,
        back_end=implementation,
        sources={name: source for name, source in MLDSA_SOURCES.items() if name in known},
    )


# --- RSA, DSA, DH ------------------------------------------------------------------------------------------

_READ = When(finalized="r")
_EVERYWHERE = When(algorithm="r", empty="r", finalized="r")
_SETTABLE = When(empty="rw", finalized="r")

_SIGNING = BCRYPT_SUPPORTED_PAD_PKCS1_SIG | BCRYPT_SUPPORTED_PAD_PSS
_ENCRYPTING = BCRYPT_SUPPORTED_PAD_PKCS1_ENC | BCRYPT_SUPPORTED_PAD_OAEP

_NUMBERS_SOURCES = {
    "generate_flags": "BCryptGenerateKeyPair page; decisions/lengths [inferred]",
    **dict.fromkeys(("PUBLICBLOB", "PRIVATEBLOB"), "contract: rule-import-public-blob: the magic decides [wine-test]"),
}
RSA_SOURCES = _NUMBERS_SOURCES | {
    "operations": "contract: rule-algorithm-summary [doc]; RSA_SIGN: contract: rule-generate-rsa-sign [wine-test]",
    "key_lengths": (
        "BCryptGenerateKeyPair page; contract: rule-generate-length [doc, dotnet]; 0 bits: decisions/lengths [inferred]"
    ),
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
}
DSA_SOURCES = _NUMBERS_SOURCES | {
    "operations": "contract: rule-algorithm-summary [doc]",
    "key_lengths": (
        "BCryptGenerateKeyPair page; contract: rule-generate-length [doc, symcrypt]; "
        "0 bits: decisions/lengths [inferred]"
    ),
    "KeyLength": "contract: rule-set-key-length, rule-get-key-length [wine-test, go]",
    "KeyStrength": "contract: rule-get-key-strength [wine-test]",
    "SignatureLength": "contract: rule-get-signature-length, rule-algorithm-summary: 2*q [doc, go]",
    "DSAParameters": (
        "contract: rule-set-dsa-parameters, rule-layout-parameters [doc, go]; "
        "readable: contract: rule-get-dsa-parameters [inferred]"
    ),
    **dict.fromkeys(
        ("DSAPUBLICBLOB", "DSAPRIVATEBLOB"),
        "contract: rule-layout-dsa-v1, rule-layout-dsa-v2 [header, dotnet, wine-test]",
    ),
    "V2CAPIDSAPRIVATEBLOB": "contract: rule-layout-legacy [wine-test]",
}
DH_SOURCES = _NUMBERS_SOURCES | {
    "operations": "contract: rule-algorithm-summary [doc]",
    "key_lengths": (
        "BCryptGenerateKeyPair page; contract: rule-generate-length [doc, wine-test]; "
        "0 bits: decisions/lengths [inferred]"
    ),
    "KeyLength": "contract: rule-set-key-length [wine-test]",
    **dict.fromkeys(
        ("KeyStrength", "PublicKeyLength"),
        "contract: rule-get-key-strength, rule-get-public-key-length [doc]; decisions/dh",
    ),
    "DHParameters": "contract: rule-set-dh-parameters, rule-get-dh-parameters, rule-layout-parameters [wine-test]",
    **dict.fromkeys(("DHPUBLICBLOB", "DHPRIVATEBLOB"), "contract: rule-layout-dh, rule-import [header, wine-test]"),
}
"""Where each rule comes from."""


def rsa(implementation: str, *, signs_only: bool = False, **more: Any) -> Algorithm:
    """Return a declaration of RSA, or of RSA_SIGN, whose keys only sign.

    ``more`` are further arguments of :class:`~cngcore.provider.Algorithm`: the factory, the back end, the rank.

    >>> rsa("acme", factory="acme_cng.keys:RsaFactory", back_end="acme").key_lengths
    KeyLengths(minimum=512, maximum=16384, step=64)
    """
    return Algorithm(
        "RSA_SIGN" if signs_only else "RSA",
        implementation,
        {"sign"} if signs_only else {"encrypt", "sign"},
        key_lengths=KeyLengths(512, 16384, 64),
        properties=[
            Property("KeyLength", int, _SETTABLE),
            Property("KeyStrength", int, _READ),
            Property("PublicKeyLength", int, _READ),
            Property("BlockLength", int, _READ),
            Property("SignatureLength", int, _READ),
            Property("PaddingSchemes", int, _EVERYWHERE, value=_SIGNING | (0 if signs_only else _ENCRYPTING)),
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
        sources=RSA_SOURCES,
        **more,
    )


def dsa(implementation: str, *, check: Callable[[Any], object], **more: Any) -> Algorithm:
    """Return a declaration of DSA. ``check`` raises InvalidParameterError for a DSAParameters that is no group."""
    return Algorithm(
        "DSA",
        implementation,
        {"sign"},
        key_lengths=ByWindows({"vista": KeyLengths(512, 1024, 64), "8": KeyLengths(512, 3072, 64)}),
        properties=[
            Property("KeyLength", int, _SETTABLE),
            Property("KeyStrength", int, _READ),
            Property("SignatureLength", int, _READ),
            Property(
                "DSAParameters",
                "cngcore.blobs.dsa:DsaParameters",
                _SETTABLE,
                value=_dsa_parameters_not_set,
                check=check,
            ),
        ],
        blob_types=["DSAPUBLICBLOB", "DSAPRIVATEBLOB", "V2CAPIDSAPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB"],
        dispatch_level=True,
        sources=DSA_SOURCES,
        **more,
    )


def _dsa_parameters_not_set(_properties: Mapping[str, object]) -> object:
    """Raise InvalidHandleError: an empty key has no parameters yet, as with DHParameters [wine-test]."""
    raise InvalidHandleError("the DSA key has no DSAParameters yet; set them or finalize the key")


def dh(implementation: str, *, check: Callable[[Any], object], **more: Any) -> Algorithm:
    """Return a declaration of DH. ``check`` raises InvalidParameterError for a DHParameters that is no group."""
    return Algorithm(
        "DH",
        implementation,
        {"agree"},
        key_lengths=KeyLengths(512, 4096, 64),
        properties=[
            Property("KeyLength", int, _SETTABLE),
            Property("KeyStrength", int, _READ),
            Property("PublicKeyLength", int, _READ),
            Property(
                "DHParameters",
                "cngcore.blobs.dh:DhParameters",
                When(empty="w", finalized="r"),  # an empty key answers INVALID_HANDLE to reading [wine-test]
                check=check,
            ),
        ],
        blob_types=["DHPUBLICBLOB", "DHPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB"],
        dispatch_level=True,
        sources=DH_SOURCES,
        **more,
    )
