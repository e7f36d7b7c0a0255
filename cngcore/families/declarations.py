"""What every provider of ML-KEM or ML-DSA declares: parameter sets, operations, properties, blobs.

The module imports no back end and none of the families' code, so that a provider can be listed cheaply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.provider import Algorithm, NoLength, ParameterSet, Property, When

if TYPE_CHECKING:
    from collections.abc import Callable

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
