"""Curves, parameter sets and modes as things: every spelling of one of them becomes one canonical name."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from cngcore import constants
from cngcore.blobs.curves import CURVES, match
from cngcore.status import InvalidParameterError

_CURVE_ALIASES = {
    "p-192": "nistP192",
    "p-224": "nistP224",
    "p-256": "nistP256",
    "p-384": "nistP384",
    "p-521": "nistP521",
    "prime192v1": "nistP192",
    "prime256v1": "nistP256",
    "x25519": "curve25519",
}
"""Names of other standards (FIPS 186, X9.62, RFC 7748), in lower case."""

_SET_PREFIXES = ("ML-KEM-", "ML-DSA-")


_NAMES = sorted(
    {value for name, value in vars(constants).items() if name.startswith("BCRYPT_ECC_CURVE_")} | set(CURVES)
)
"""Every curve that bcrypt.h names."""

_BY_SPELLING = {**{name.lower(): name for name in _NAMES}, **_CURVE_ALIASES}


@lru_cache(maxsize=256)
def canonical_curve(name: str) -> str:
    """Return one name for a curve, whichever of its names is given; an unknown name is returned unchanged."""
    known = _BY_SPELLING.get(name.lower(), name)
    curve = CURVES.get(known)
    same = match(curve) if curve is not None else None
    return known if same is None else same.name


def check_curve(name: str) -> str:
    """Return the canonical name of a curve in a rule.

    Raise InvalidParameterError for an unknown curve, because the rule could match nothing. A name with a colon, such as
    ``"vendor:curve"``, belongs to a provider of algorithms that bcrypt.h does not have.
    """
    canonical = canonical_curve(name)
    if canonical in _NAMES or ":" in name:
        return canonical
    close = get_close_matches(name, [*_NAMES, *_CURVE_ALIASES], 1, 0.6)
    hint = f"did you mean {close[0]!r}?" if close else "'cng algorithms ECDSA' lists the curves"
    raise InvalidParameterError(f"a rule names the curve {name!r}, which does not exist; {hint}")


def canonical_set(name: str) -> str:
    """Return the name of a parameter set as CNG spells it: ``"768"`` for ``"ML-KEM-768"``."""
    prefix = next((prefix for prefix in _SET_PREFIXES if name.upper().startswith(prefix)), "")
    return name[len(prefix) :]


def canonical_mode(name: str) -> str:
    """Return the name of a chaining mode as a declaration spells it: ``"ECB"`` for ``"ChainingModeECB"``."""
    return name.removeprefix("ChainingMode").upper()
