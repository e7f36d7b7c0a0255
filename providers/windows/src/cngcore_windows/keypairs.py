"""The declarations of the algorithms with key pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.families import declarations as families
from cngcore.families.curves import FIXED, fixed, generic
from cngcore_windows.common import adopted
from cngcore_windows.names import DISTRIBUTION, IMPLEMENTATION, RANK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from cngcore.provider import Algorithm

FACTORY = "keys:KeyPairs"

CURVES = (
    "brainpoolP160r1", "brainpoolP160t1", "brainpoolP192r1", "brainpoolP192t1", "brainpoolP224r1", "brainpoolP224t1",
    "brainpoolP256r1", "brainpoolP256t1", "brainpoolP320r1", "brainpoolP320t1", "brainpoolP384r1", "brainpoolP384t1",
    "brainpoolP512r1", "brainpoolP512t1", "ec192wapi", "nistP192", "nistP224", "nistP256", "nistP384", "nistP521",
    "numsP256t1", "numsP384t1", "numsP512t1", "secP160k1", "secP160r1", "secP160r2", "secP192k1", "secP192r1",
    "secP224k1", "secP224r1", "secP256k1", "secP256r1", "secP384r1", "secP521r1", "wtls12", "wtls7", "wtls9",
    "x962P192v1", "x962P192v2", "x962P192v3", "x962P239v1", "x962P239v2", "x962P239v3", "x962P256v1",
)  # fmt: skip
"""The curves of bcrypt.h whose points have two coordinates."""


def _group_check(algorithm: str, name: str) -> Callable[[object], None]:
    """Return the check of a group: the library judges it on a key that is destroyed again."""

    def check(group: object) -> None:
        from cngcore_windows.keys import check_group

        check_group(algorithm, name, group)

    return check


def _declared() -> Iterator[Algorithm]:
    """Return the declarations of the families; the factory is set afterwards."""
    usual: dict[str, Any] = {"factory": "", "back_end": DISTRIBUTION, "rank": RANK}
    for signs_only in (False, True):
        yield families.rsa(IMPLEMENTATION, signs_only=signs_only, **usual)
    yield families.dsa(IMPLEMENTATION, check=_group_check("DSA", "DSAParameters"), **usual)
    yield families.dh(IMPLEMENTATION, check=_group_check("DH", "DHParameters"), **usual)
    for family in ("ECDSA", "ECDH"):
        for suffix in FIXED:
            yield fixed(family, suffix, IMPLEMENTATION, **usual)
        curves = CURVES if family == "ECDSA" else tuple(sorted((*CURVES, "curve25519")))
        yield generic(family, curves, IMPLEMENTATION, **usual)
    for make in (families.mldsa, families.mlkem):
        yield make(IMPLEMENTATION, rank=RANK, factory="")


def declarations() -> Iterator[Algorithm]:
    """Return RSA, DSA, DH, the elliptic curves, ML-DSA and ML-KEM."""
    return (adopted(declared, FACTORY) for declared in _declared())
