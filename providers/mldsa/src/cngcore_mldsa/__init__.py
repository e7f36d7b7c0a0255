"""ML-DSA (FIPS 204) for cngcore: the declaration. It imports no back end.

There are two implementations. "cryptography" is the default: it works with cryptography for public keys and for private
keys that have a seed, and as the other one for private keys that are imported in expanded form. "pqcrypto" works with
pqcrypto for messages with contexts of at most 253 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable

from cngcore.families import declarations
from cngcore.provider import Algorithm, ProviderUnavailableError, hookimpl

__version__ = "0.1.0"

SETS = declarations.MLDSA_SETS


def probe() -> None:
    """Raise ProviderUnavailableError if the OpenSSL that cryptography uses has no ML-DSA."""
    from cryptography.hazmat.backends.openssl.backend import backend

    if not backend.mldsa_supported():
        raise ProviderUnavailableError(
            f"cryptography is built with {backend.openssl_version_text()}, which has no ML-DSA",
            "Install cryptography's own wheel: pip install --force-reinstall --only-binary=:all: cryptography",
        )


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return ML-DSA twice: by cryptography, and by pqcrypto."""
    return [
        declarations.mldsa("cryptography", rank=20, factory="cngcore_mldsa.factories:NativeFactory", probe=probe),
        declarations.mldsa("pqcrypto", rank=0, factory="cngcore_mldsa.expanded:ExpandedFactory"),
    ]
