"""ML-KEM (FIPS 203) for cngcore: the declaration. Nothing of the back ends is imported here.

Two implementations of the same contract. "cryptography" is the default: native code for the keys of sets 768 and 1024,
and what it cannot do is done as the other one does it. "pqcrypto" does everything with the library of that name.
"""

from collections.abc import Callable, Iterable

from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.provider import Algorithm, NoLength, ParameterSet, Property, ProviderUnavailableError, When, hookimpl

__version__ = "0.1.0"

SHARED_SECRET = 32
"""Bytes of a shared secret, whatever the parameter set."""

SETS = tuple(
    ParameterSet(
        name,
        encapsulation_key=encapsulation_key,
        decapsulation_key=decapsulation_key,
        ciphertext=ciphertext,
        shared_secret=SHARED_SECRET,
        private_seed=64,
    )
    for name, encapsulation_key, decapsulation_key, ciphertext in (
        ("512", 800, 1632, 768),
        ("768", 1184, 2400, 1088),
        ("1024", 1568, 3168, 1568),
    )
)
"""FIPS 203 table 3; the private seed is d || z."""

SOURCES = {
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
"""Where each rule comes from."""


def probe() -> None:
    """Whether the library under cryptography has ML-KEM: its own has, that of a Linux distribution may not."""
    from cryptography.hazmat.backends.openssl.backend import backend

    if not backend.mlkem_supported():
        raise ProviderUnavailableError(
            f"cryptography is built with {backend.openssl_version_text()}, which has no ML-KEM",
            "Install cryptography's own wheel: pip install --force-reinstall --only-binary=:all: cryptography",
        )


def _declare(implementation: str, rank: int, factory: str, probe: Callable[[], object] | None = None) -> Algorithm:
    return Algorithm(
        "ML-KEM",
        implementation,
        operations={"encapsulate"},
        key_lengths=NoLength(),
        parameter_sets=SETS,
        properties=[
            Property("KEMSharedSecretLength", int, When(algorithm="r", empty="r", finalized="r"), value=SHARED_SECRET),
            Property("KEMCiphertextLength", int, When(finalized="r")),
        ],
        generate_flags=BCRYPT_NO_KEY_VALIDATION,
        blob_types=["MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB"],
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
    """ML-KEM twice: over cryptography, and over pqcrypto."""
    return [
        _declare("cryptography", 20, "cngcore_mlkem.native:NativeFactory", probe),
        _declare("pqcrypto", 0, "cngcore_mlkem.expanded:ExpandedFactory"),
    ]
