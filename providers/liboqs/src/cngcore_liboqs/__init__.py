"""ML-KEM and ML-DSA from liboqs for cngcore: the declaration. It imports no back end.

The shared library is looked for when one of the two algorithms is opened. If it is missing, this implementation is
unavailable, with the reason and the remedy, and the others serve.
"""

from __future__ import annotations

from collections.abc import Iterable

from cngcore.families import declarations
from cngcore.provider import Algorithm, hookimpl

__version__ = "0.1.0"

MLKEM = declarations.MLKEM_SETS
MLDSA = declarations.MLDSA_SETS_WITHOUT_SEED


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return ML-KEM, preferred to the other providers', and ML-DSA, which lacks seeds and comes after them."""
    kem, dsa = "cngcore_liboqs.mlkem:LiboqsMlkemFactory", "cngcore_liboqs.mldsa:LiboqsMldsaFactory"
    return [
        declarations.mlkem("liboqs", rank=30, factory=kem, probe="cngcore_liboqs.library:probe_mlkem"),
        declarations.mldsa("liboqs", rank=10, factory=dsa, probe="cngcore_liboqs.library:probe_mldsa", seeds=False),
    ]
