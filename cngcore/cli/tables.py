"""Build the rows of ``cng algorithms``, and describe length rules in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cngcore.blobs.curves import CURVES, match
from cngcore.conformance.walk import curves
from cngcore.provider import LengthRule
from cngcore.registry import Registry

Row = dict[str, Any]


def lengths(rule: LengthRule | None) -> str:
    """Return a length rule in words: ``512-16384/64``, ``256``, ``0``, ``by curve``; ``-`` without key pairs."""
    if rule is None:
        return "-"
    found = rule.key_lengths()
    if found is None:
        return "0" if rule.legal is not None else "by curve"
    return f"{found.minimum}-{found.maximum}/{found.step}" if found.step else str(found.minimum)


def curve_rows(registry: Registry) -> list[Row]:
    """Return a row for each curve: its names, its bits, what it is for, and who serves it, the default first."""
    users: dict[str, dict[str, list[str]]] = {}
    for name in registry.algorithms():
        for candidate in registry.usable(name):
            declared = candidate.algorithm
            for curve in curves(declared):
                served = users.setdefault(curve, {})
                for operation in declared.operations:
                    served.setdefault(operation, []).append(candidate.implementation)
    return [
        {
            "curve": name,
            "bits": CURVES[name].bits if name in CURVES else None,
            "also_called": also_called(name),
            "operations": sorted(users[name]),
            "implementations": list(dict.fromkeys(one for names in users[name].values() for one in names)),
        }
        for name in sorted(users, key=str.casefold)
    ]


def also_called(name: str) -> list[str]:
    """Return the other names of bcrypt.h for the same curve."""
    known = CURVES.get(name)
    if known is None or (first := match(known)) is None:
        return []
    return [other.name for other in CURVES.values() if other.name != name and match(other) == first]


def algorithms(registry: Registry, names: Iterable[str] = ()) -> list[Row]:
    """Return a row for each implementation of each algorithm, or of the named ones, the default first.

    Every listed declaration is imported.
    """
    rows: list[Row] = []
    for name in names or registry.algorithms():
        for verdict in registry.explain(name).verdicts:
            declared = verdict.candidate.algorithm
            rule = declared.key_lengths and declared.key_lengths.for_windows(registry.settings.windows)
            rows.append(
                {
                    "algorithm": name,
                    "implementation": declared.implementation,
                    "distribution": verdict.candidate.distribution,
                    "version": verdict.candidate.version,
                    "default": verdict.chosen,
                    "available": verdict.candidate.unavailable() is None,
                    "reason": verdict.reason,
                    "operations": sorted(declared.operations),
                    "key_lengths": lengths(rule),
                    "modes": [mode.name for mode in declared.modes],
                    "parameter_sets": [known.name for known in declared.parameter_sets],
                    "curves": list(curves(declared)),
                    "properties": sorted(declared.properties),
                    "blob_types": sorted(declared.blob_types),
                    "introduced": declared.introduced,
                    "dispatch_level": declared.dispatch_level,
                    "rank": declared.rank,
                }
            )
    return rows
