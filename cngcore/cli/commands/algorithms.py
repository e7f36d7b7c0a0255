"""The command ``cng algorithms``."""

from __future__ import annotations

import click
from rich.text import Text

from cngcore.cli import tables as listing
from cngcore.cli.options import AlgorithmName, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.registry import default


@click.command("algorithms")
@click.argument("algorithms", type=AlgorithmName(), nargs=-1, metavar="[ALGORITHM]...")
@as_json
def command(algorithms: tuple[str, ...], as_json: bool) -> int:
    """List the installed algorithms: lengths, sets, uses and implementations, the default implementation first.

    With names, only these are listed. 'cng explain' shows why an implementation is chosen.
    """
    registry = default()
    for name in algorithms:
        if not registry.candidates(name):
            registry.explain(name).required()
    rows = listing.algorithms(registry, algorithms)
    if as_json:
        print_json(rows)
        return 0
    screen = Screen()
    if not rows:
        screen.line("No algorithm is installed. Run: pip install cngcore-rsa cngcore-ec")
    else:
        head = ("ALGORITHM", "BITS", "SETS", "FOR", "IMPLEMENTATION", "DISTRIBUTION")
        screen.table(head, [_cells(row) for row in rows])
    screen.columns([(screen.text(*screen.mark(False)), str(fault)) for fault in registry.faults()])
    return 0


def _cells(row: listing.Row) -> tuple[Text | str, ...]:
    default = row["default"]
    style = "" if default else "dim"
    sets = ", ".join(row["parameter_sets"]) or (f"{len(row['curves'])} curves" if row["curves"] else "")
    note = "" if default else " (not the default)" if row["available"] else " (unavailable)"
    return (
        Text(row["algorithm"], "bold" if default else "dim"),
        Text(row["key_lengths"], style),
        Text(sets, style),
        Text(", ".join(row["operations"]), style),
        Text.assemble((row["implementation"], style), (note, "dim" if row["available"] else "yellow")),
        Text(f"{row['distribution']} {row['version']}", "dim"),
    )
