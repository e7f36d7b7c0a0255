"""ML-KEM (FIPS 203) for cngcore: the declaration. It imports no back end.

There are two implementations. "cryptography" is the default: it works with cryptography for parameter sets 768 and
1024, and with pqcrypto for set 512 and for private keys that are imported in expanded form. "pqcrypto" works with
pqcrypto for every key.
"""

from __future__ import annotations

from collections.abc import Iterable

from cngcore.families import declarations
from cngcore.provider import Algorithm, ProviderUnavailableError, hookimpl

__version__ = "0.1.0"

SETS = declarations.MLKEM_SETS


def probe() -> None:
    """Raise ProviderUnavailableError if the OpenSSL that cryptography uses has no ML-KEM."""
    from cryptography.hazmat.backends.openssl.backend import backend

    if not backend.mlkem_supported():
        raise ProviderUnavailableError(
            f"cryptography is built with {backend.openssl_version_text()}, which has no ML-KEM",
            "Install cryptography's own wheel: pip install --force-reinstall --only-binary=:all: cryptography",
        )


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return ML-KEM twice: by cryptography, and by pqcrypto."""
    return [
        declarations.mlkem("cryptography", rank=20, factory="cngcore_mlkem.factories:NativeFactory", probe=probe),
        declarations.mlkem("pqcrypto", rank=0, factory="cngcore_mlkem.expanded:ExpandedFactory"),
    ]
