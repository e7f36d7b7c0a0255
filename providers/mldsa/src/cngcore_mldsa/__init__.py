"""ML-DSA (FIPS 204) for cngcore: the declaration. Nothing of the back ends is imported here.

Two implementations of the same contract. "cryptography" is the default: native code for public keys and for private
keys that have a seed; those imported in expanded form are used as the other one uses them. "pqcrypto" does what it can
with the library of that name.
"""

from collections.abc import Callable, Iterable

from cngcore.provider import Algorithm, NoLength, ParameterSet, Property, ProviderUnavailableError, When, hookimpl

__version__ = "0.1.0"

SETS = tuple(
    ParameterSet(
        name, public_key=public_key, private_key=private_key, signature=signature, private_seed=32, external_mu=64
    )
    for name, public_key, private_key, signature in (
        ("44", 1312, 2560, 2420),
        ("65", 1952, 4032, 3309),
        ("87", 2592, 4896, 4627),
    )
)
"""FIPS 204 table 2; the private seed is xi, external mu the message representative."""

SOURCES = {
    "operations": "contract: rule-sign, rule-algorithm-summary [doc, go]",
    "key_lengths": "contract: rule-generate-length: 0 [doc, go, dotnet]; anything else: decisions/ml [inferred]",
    "parameter_sets": "FIPS 204 table 2; contract: rule-set-parameter-set [doc]",
    "generate_flags": "contract: rule-generate-flags: none but for ML-KEM [doc]; decisions/lengths [inferred]",
    "SignatureLength": "contract: rule-get-signature-length [doc, go]; FIPS 204 table 2",
    **dict.fromkeys(
        ("PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB"),
        "contract: rule-layout-pq, rule-import [header, go]; FIPS 204 section 4",
    ),
    "PQDSAPRIVATESEEDBLOB": "contract: rule-layout-pq: xi [go, dotnet]",
}
"""Where each rule comes from."""


def probe() -> None:
    """Whether the library under cryptography has ML-DSA: its own has, that of a Linux distribution may not."""
    from cryptography.hazmat.backends.openssl.backend import backend

    if not backend.mldsa_supported():
        raise ProviderUnavailableError(
            f"cryptography is built with {backend.openssl_version_text()}, which has no ML-DSA",
            "Install cryptography's own wheel: pip install --force-reinstall --only-binary=:all: cryptography",
        )


def _declare(implementation: str, rank: int, factory: str, probe: Callable[[], object] | None = None) -> Algorithm:
    return Algorithm(
        "ML-DSA",
        implementation,
        operations={"sign"},
        key_lengths=NoLength(),
        parameter_sets=SETS,
        properties=[Property("SignatureLength", int, When(finalized="r"))],
        blob_types=["PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB", "PQDSAPRIVATESEEDBLOB"],
        introduced="11-24h2",
        dispatch_level=True,
        rank=rank,
        factory=factory,
        probe=probe,
        back_end=implementation,
        sources=SOURCES,
    )


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """ML-DSA twice: over cryptography, and over pqcrypto."""
    return [
        _declare("cryptography", 20, "cngcore_mldsa.native:NativeFactory", probe),
        _declare("pqcrypto", 0, "cngcore_mldsa.expanded:ExpandedFactory"),
    ]
