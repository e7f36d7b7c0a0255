"""Generic ECDSA and ECDH for cngcore over the library ecdsa: the declaration. The back end is not imported here.

The arithmetic is pure Python and not constant-time. The rank is below that of cngcore-ec, so this implementation serves
the curves that cngcore-ec lacks, and callers who name it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.families.curves import generic
from cngcore.provider import Algorithm, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

RANK = -10

NAMES = (
    "brainpoolP160r1", "brainpoolP160t1", "brainpoolP192r1", "brainpoolP192t1", "brainpoolP224r1", "brainpoolP224t1",
    "brainpoolP256r1", "brainpoolP256t1", "brainpoolP320r1", "brainpoolP320t1", "brainpoolP384r1", "brainpoolP384t1",
    "brainpoolP512r1", "brainpoolP512t1", "ec192wapi", "nistP192", "nistP224", "nistP256", "nistP384", "nistP521",
    "numsP256t1", "numsP384t1", "numsP512t1", "secP160k1", "secP160r1", "secP160r2", "secP192k1", "secP192r1",
    "secP224k1", "secP224r1", "secP256k1", "secP256r1", "secP384r1", "secP521r1", "wtls12", "wtls7", "wtls9",
    "x962P192v1", "x962P192v2", "x962P192v3", "x962P239v1", "x962P239v2", "x962P239v3", "x962P256v1",
)  # fmt: skip
"""Every curve name of bcrypt.h but curve25519."""


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the generic ECDSA and ECDH."""
    return [
        generic(
            family, NAMES, "ecdsa", rank=RANK, factory=f"cngcore_curves.keys:{family.title()}Factory", back_end="ecdsa"
        )
        for family in ("ECDSA", "ECDH")
    ]
