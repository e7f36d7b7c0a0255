"""Which key a name means in the one-step functions: the names and the defaults of the command.

The flat API, ``open_algorithm_provider`` and ``AlgorithmProvider.generate_key_pair`` do not use this: there a name is
exact and a length is given, as on Windows.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore._checks import check_number, check_text
from cngcore.provider import KeyLengths
from cngcore.registry._key_defaults import CURVE_NAMES, DEFAULT_LENGTH, DEFAULT_PARAMETER_SETS
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cngcore.objects import Implementation

_WITH_LENGTH = (c.BCRYPT_RSA_ALGORITHM, c.BCRYPT_RSA_SIGN_ALGORITHM, c.BCRYPT_DSA_ALGORITHM, c.BCRYPT_DH_ALGORITHM)


@dataclass(frozen=True, slots=True)
class KeyKind:
    """A kind of key, in the terms of bcrypt.h."""

    algorithm: str
    length: int = 0
    parameter_set: str | None = None
    curve: str | None = None


def key_kind(
    candidates: Callable[[str], Sequence[Implementation]],
    name: str,
    length: int = 0,
    parameter_set: str | None = None,
    curve: str | None = None,
) -> KeyKind:
    """Return the kind of key that a name, and what is given beside it, mean.

    ``candidates`` returns the implementations of an algorithm. ``X25519`` means ECDH on curve25519, and ``ML-KEM-768``
    the set 768 of ML-KEM; so does the name of any algorithm with its set. Raise InvalidParameterError if the name says
    one set or curve and the argument another.
    """
    check_text("an algorithm id", name)
    check_number("the length", length)
    if name in CURVE_NAMES and not candidates(name):
        name, named = CURVE_NAMES[name]
        curve = _agreed("X25519", "curve", named, curve)
    elif not candidates(name):
        base, named = _with_set(candidates, name)
        if base:
            parameter_set = _agreed(name, "parameter set", named, parameter_set)
            name = base
    if length == 0 and parameter_set is None and curve is None:
        length, parameter_set = _defaults(candidates(name), name)
    return KeyKind(name, length, parameter_set, curve)


def _agreed(name: str, what: str, named: str, given: str | None) -> str:
    if given not in (None, named):
        raise InvalidParameterError(f"{name} has the {what} {named}, not {given!r:.40}")
    return named


def _with_set(candidates: Callable[[str], Sequence[Implementation]], name: str) -> tuple[str, str]:
    """Return (algorithm, parameter set) of a name such as ``"ML-KEM-768"``; empty strings if it is none."""
    for at in range(len(name) - 1, 0, -1):
        if name[at] == "-":
            base, named = name[:at], name[at + 1 :]
            if any(named == known.name for one in candidates(base) for known in one.algorithm.parameter_sets):
                return base, named
    return "", ""


def _defaults(found: Sequence[Implementation], name: str) -> tuple[int, str | None]:
    """Return the length and the parameter set of a key of which neither is given."""
    for one in found:
        sets = [known.name for known in one.algorithm.parameter_sets]
        if DEFAULT_PARAMETER_SETS.get(name) in sets:
            return 0, DEFAULT_PARAMETER_SETS[name]
        if len(sets) == 1:
            return 0, sets[0]
        legal = one.legal_lengths()
        if legal is None or 0 in legal:
            continue
        if name in _WITH_LENGTH:
            return next((length for length in (DEFAULT_LENGTH, 2048, 1024) if length in legal), 0), None
        with suppress(NotSupportedError):
            lengths = one.key_lengths()
            if isinstance(lengths, KeyLengths) and lengths.minimum == lengths.maximum:
                return lengths.minimum, None
    return 0, None
