"""The command ``cng curves``."""

from __future__ import annotations

import click
from rich.text import Text

from cngcore._nearest import nearest
from cngcore.cli.options import Choice, Command, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.cli.tables import Row, curve_rows
from cngcore.registry import default


@click.command("curves", cls=Command, examples=("cng curves", "cng curves P-256", "cng curves brainpool --for agree"))
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("--for", "operation", type=Choice(["agree", "sign"], "an operation"), help="Only curves for this.")
@as_json
def command(texts: tuple[str, ...], operation: str | None, as_json: bool) -> int:
    """List the elliptic curves for --curve, with their other names and who serves them.

    With TEXT, only curves whose name contains it, or that another standard calls so (P-256, prime256v1, X25519).
    """
    rows = curve_rows(default())
    names = [row["curve"] for row in rows]
    if texts:
        rows = [row for row in rows if any(_matches(row, text, names) for text in texts)]
    if operation is not None:
        rows = [row for row in rows if operation in row["operations"]]
    if as_json:
        print_json({"curves": rows})
        return 0
    if not rows:
        raise click.ClickException("no curve matches; 'cng curves' lists all of them")
    head = ("CURVE", "BITS", "FOR", "ALSO CALLED", "IMPLEMENTATIONS")
    Screen().table(head, [_cells(row) for row in rows], right=(1,))
    return 0


def _matches(row: Row, text: str, names: list[str]) -> bool:
    called = [row["curve"], *row["also_called"]]
    return any(text.casefold() in name.casefold() for name in called) or nearest(text, names) in called


def _cells(row: Row) -> tuple[str | Text, ...]:
    return (
        Text(row["curve"], "bold"),
        str(row["bits"] or ""),
        ", ".join(row["operations"]),
        ", ".join(row["also_called"]),
        Text(", ".join(row["implementations"]), "dim"),
    )
