"""The tables of ``cng algorithms`` and ``cng providers``."""

from collections.abc import Sequence
from typing import Any

from cngcore.provider import LengthRule
from cngcore.registry import Registry

Row = dict[str, Any]


def lengths(rule: LengthRule | None) -> str:
    """A length rule in words: ``512-16384/64``, ``256``, ``0``, ``by curve``; ``-`` where there are no key pairs."""
    if rule is None:
        return "-"
    found = rule.key_lengths()
    if found is None:
        return "0" if rule.legal is not None else "by curve"
    return f"{found.minimum}-{found.maximum}/{found.step}" if found.step else str(found.minimum)


def algorithms(registry: Registry) -> list[Row]:
    """A row for each implementation of each algorithm, the default first; imports every admitted declaration."""
    rows: list[Row] = []
    for name in registry.algorithms():
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
                    "reason": verdict.reason,
                    "operations": sorted(declared.operations),
                    "key_lengths": lengths(rule),
                    "parameter_sets": [known.name for known in declared.parameter_sets],
                    "curves": list(curves(declared.properties.get("ECCCurveName"))),
                    "properties": sorted(declared.properties),
                    "blob_types": sorted(declared.blob_types),
                    "introduced": declared.introduced,
                    "dispatch_level": declared.dispatch_level,
                    "rank": declared.rank,
                }
            )
    return rows


def curves(declared: Any) -> tuple[str, ...]:
    """The named curves a declaration lets the caller choose among."""
    return tuple(declared.values or ()) if declared is not None else ()


def algorithm_table(rows: list[Row]) -> str:
    """The rows as text."""
    cells = [
        (
            row["algorithm"],
            row["key_lengths"],
            ", ".join(row["parameter_sets"]) or (f"{len(row['curves'])} curves" if row["curves"] else ""),
            ", ".join(row["operations"]),
            row["implementation"] + ("" if row["default"] else " (not the default)"),
            f"{row['distribution']} {row['version']}",
        )
        for row in rows
    ]
    if not cells:
        return "No algorithm is installed. Try: pip install cngcore-rsa cngcore-ec\n"
    return table(("ALGORITHM", "BITS", "SETS", "FOR", "IMPLEMENTATION", "DISTRIBUTION"), cells)


def provider_table(records: list[Row]) -> str:
    """The providers as text, each fault with its remedy."""
    if not records:
        return "No provider is installed. Try: pip install cngcore-rsa cngcore-ec\n"
    cells = [
        (record["distribution"], record["version"], record["state"], ", ".join(record["algorithms"]))
        for record in records
    ]
    text = table(("DISTRIBUTION", "VERSION", "STATE", "ALGORITHMS"), cells)
    for record in records:
        for fault in record["faults"]:
            text += f"\n{record['distribution']}: {fault['reason']}.\n  {fault['remedy']}\n"
    return text


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Columns as wide as they need, two spaces apart."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]]
    return "".join(line.rstrip() + "\n" for line in lines)
