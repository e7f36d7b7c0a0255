"""Build the rows of ``cng algorithms``, and describe length rules in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
