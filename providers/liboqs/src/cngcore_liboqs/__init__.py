"""ML-KEM and ML-DSA from liboqs for cngcore: the declaration. The shared library is not looked for here.

It is looked for when one of the two algorithms is to be opened: where it is missing, this implementation is
unavailable, with the reason and the remedy, and the others serve.
"""

from collections.abc import Iterable

from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.provider import Algorithm, NoLength, ParameterSet, Property, When, hookimpl

__version__ = "0.1.0"

_PROBE = "cngcore_liboqs.library:probe"

MLKEM = tuple(
    ParameterSet(name, encapsulation_key=ek, decapsulation_key=dk, ciphertext=ct, shared_secret=32, private_seed=64)
    for name, ek, dk, ct in (("512", 800, 1632, 768), ("768", 1184, 2400, 1088), ("1024", 1568, 3168, 1568))
)
"""FIPS 203 table 3."""

MLDSA = tuple(
    ParameterSet(name, public_key=pk, private_key=sk, signature=signature)
    for name, pk, sk, signature in (("44", 1312, 2560, 2420), ("65", 1952, 4032, 3309), ("87", 2592, 4896, 4627))
)
"""FIPS 204 table 2. There is no seed: liboqs makes ML-DSA keys in expanded form only."""

MLKEM_SOURCES = {
    "operations": "contract: rule-encapsulate, rule-algorithm-summary [doc]",
    "key_lengths": "contract: rule-generate-length: 0 [doc, go, dotnet]; anything else: decisions/ml [inferred]",
    "parameter_sets": "FIPS 203 table 3; contract: rule-set-parameter-set [doc]",
    "generate_flags": "contract: rule-generate-flags: BCRYPT_NO_KEY_VALIDATION [doc]",
    **dict.fromkeys(("KEMSharedSecretLength", "KEMCiphertextLength"), "contract: rule-get-kem-lengths [doc]"),
    **dict.fromkeys(
        ("MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB"),
        "contract: rule-layout-pq, rule-import [header, go]; FIPS 203 section 7",
    ),
    "MLKEMPRIVATESEEDBLOB": "contract: rule-layout-pq: d || z [go, dotnet]",
}
MLDSA_SOURCES = {
    "operations": "contract: rule-sign, rule-algorithm-summary [doc, go]",
    "key_lengths": "contract: rule-generate-length: 0 [doc, go, dotnet]; anything else: decisions/ml [inferred]",
    "parameter_sets": "FIPS 204 table 2; contract: rule-set-parameter-set [doc]",
    "generate_flags": "contract: rule-generate-flags: none but for ML-KEM [doc]; decisions/lengths [inferred]",
    "SignatureLength": "contract: rule-get-signature-length [doc, go]; FIPS 204 table 2",
    **dict.fromkeys(
        ("PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB"),
        "contract: rule-layout-pq, rule-import [header, go]; FIPS 204 section 4",
    ),
}
"""Where each rule comes from."""


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """ML-KEM, for which liboqs is the best there is; ML-DSA, for which it lacks the seeds."""
    return [
        Algorithm(
            "ML-KEM",
            "liboqs",
            operations={"encapsulate"},
            key_lengths=NoLength(),
            parameter_sets=MLKEM,
            properties=[
                Property("KEMSharedSecretLength", int, When(algorithm="r", empty="r", finalized="r"), value=32),
                Property("KEMCiphertextLength", int, When(finalized="r")),
            ],
            generate_flags=BCRYPT_NO_KEY_VALIDATION,
            blob_types=["MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB"],
            introduced="11-24h2",
            dispatch_level=True,
            rank=30,
            factory="cngcore_liboqs.mlkem:LiboqsMlkemFactory",
            probe=_PROBE,
            back_end="liboqs",
            sources=MLKEM_SOURCES,
        ),
        Algorithm(
            "ML-DSA",
            "liboqs",
            operations={"sign"},
            key_lengths=NoLength(),
            parameter_sets=MLDSA,
            properties=[Property("SignatureLength", int, When(finalized="r"))],
            blob_types=["PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB"],
            introduced="11-24h2",
            dispatch_level=True,
            rank=10,
            factory="cngcore_liboqs.mldsa:LiboqsMldsaFactory",
            probe=_PROBE,
            back_end="liboqs",
            sources=MLDSA_SOURCES,
        ),
    ]
