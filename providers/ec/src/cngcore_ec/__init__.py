"""ECDSA and ECDH for cngcore: the declaration. It imports no back end.

Six algorithms have one curve each, and the length of that curve. The generic ``ECDSA`` and ``ECDH`` take their curve
from the property ECCCurveName or ECCParameters, set on the algorithm or on the empty key
(contract: rule-generate-length, rule-set-curve-name).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.families.curves import FIXED, fixed, generic
from cngcore.provider import Algorithm, hookimpl
from cngcore_ec.curves import CURVE25519, WEIERSTRASS

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

_NAMES = {"ECDSA": tuple(sorted(WEIERSTRASS)), "ECDH": tuple(sorted([*WEIERSTRASS, CURVE25519]))}


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the eight algorithms of this provider."""
    for family, names in _NAMES.items():
        factory = f"cngcore_ec.{family.lower()}:factory"
        for suffix in FIXED:
            yield fixed(family, suffix, "cryptography", factory=factory, back_end="cryptography")
        yield generic(family, names, "cryptography", factory=factory, back_end="cryptography")
