"""The command ``cng algorithms``."""

from __future__ import annotations

import click
from rich.text import Text

from cngcore._nearest import install
from cngcore.cli import tables as listing
from cngcore.cli.options import AlgorithmName, Choice, Command, ProviderName, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.provider import OPERATIONS
from cngcore.registry import default, normalized


@click.command(
    "algorithms",
    cls=Command,
    examples=(
        "cng algorithms",
        "cng algorithms --for sign --default",
        "cng algorithms --provider cngcore-ec",
        "cng algorithms RSA --json",
    ),
)
@click.argument("algorithms", type=AlgorithmName(), nargs=-1, metavar="[ALGORITHM]...")
@click.option("--for", "operation", type=Choice(OPERATIONS, "an operation", "OPERATION"),
              help=f"Only algorithms for this: {', '.join(OPERATIONS)}.")  # fmt: skip
@click.option("--provider", type=ProviderName(), metavar="NAME", help="Only algorithms of this provider.")
@click.option("--containing", metavar="TEXT", default="", help="Only rows with this text in a name.")
@click.option("--default", "only_default", is_flag=True, help="Only the default implementation of each algorithm.")
@as_json
def command(
    algorithms: tuple[str, ...],
    operation: str | None,
    provider: str | None,
    containing: str,
    only_default: bool,
    as_json: bool,
) -> int:
    """List the installed algorithms: lengths, sets, uses and implementations, the default implementation first.

    With names or options, only what matches all of them. 'cng explain' shows why an implementation is chosen, and
    'cng curves' lists the curves.
    """
    registry = default()
    for name in algorithms:
        if not registry.candidates(name):
            registry.explain(name).required()
    rows = [
        row
        for row in listing.algorithms(registry, algorithms)
        if (operation is None or operation in row["operations"])
        and (provider is None or normalized(provider) == normalized(row["distribution"]))
        and (row["default"] or not only_default)
        and any(containing.casefold() in row[key].casefold() for key in _NAMES)
    ]
    if as_json:
        print_json(rows)
        return 0
    screen = Screen()
    if rows:
        show(screen, rows)
    elif registry.algorithms():
        raise click.ClickException("no installed algorithm matches; 'cng algorithms' lists all of them")
    else:
        screen.line(f"No algorithm is installed; {install('cngcore-rsa', 'cngcore-ec')}")
    screen.columns([(screen.text(*screen.mark(False)), str(fault)) for fault in registry.faults()])
    return 0


_NAMES = ("algorithm", "implementation", "distribution")


def show(screen: Screen, rows: list[listing.Row]) -> None:
    """Show the table. A narrow terminal has no room for versions, which 'cng providers' lists, and gets short marks."""
    wide = not screen.terminal or screen.width >= _WIDE
    head = ("ALGORITHM", "KEYS", "FOR", "IMPLEMENTATION", "PROVIDER")
    screen.table(head, [_cells(row, wide) for row in rows])
    notes = []
    if any("/" in row["key_lengths"] for row in rows):
        notes.append("512-4096/64  from 512 to 4096 bits in steps of 64")
    if not wide and any(not row["default"] for row in rows):
        notes.append("*  not the default    !  does not work here: see cng explain")
    for note in notes if screen.terminal else ():
        screen.write((f" {note}", "dim"))


_WIDE = 100
"""Columns that the whole table needs."""


def _cells(row: listing.Row, wide: bool) -> tuple[Text | str, ...]:
    default = row["default"]
    style = "" if default else "dim"
    sets = ", ".join(row["parameter_sets"]) or (f"{len(row['curves'])} curves" if row["curves"] else "")
    note = (" (not the default)", " (unavailable)") if wide else (" *", " !")
    return (
        Text(row["algorithm"], "bold" if default else "dim"),
        Text(sets or row["key_lengths"].strip("-"), style),
        Text(", ".join(row["operations"]), style),
        Text.assemble(
            (row["implementation"], style),
            ("" if default else note[not row["available"]], "dim" if row["available"] else "yellow"),
        ),
        Text(f"{row['distribution']} {row['version']}" if wide else row["distribution"], "dim"),
    )
