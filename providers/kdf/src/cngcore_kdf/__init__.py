"""Key-derivation algorithms for cngcore: the declaration. It imports nothing that derives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.families.derivations import kdf
from cngcore.provider import Algorithm, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

_CLASSES = {
    "PBKDF2": "Pbkdf2",
    "SP800_108_CTR_HMAC": "Sp800108",
    "SP800_56A_CONCAT": "Sp80056A",
    "CAPI_KDF": "Capi",
    "TLS1_1_KDF": "Tls11",
    "TLS1_2_KDF": "Tls12",
    "HKDF": "Hkdf",
}


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the seven algorithms."""
    return [kdf(name, "cngcore", factory=f"cngcore_kdf.derivations:{made}") for name, made in _CLASSES.items()]
