"""``cng providers``, and ``cng providers lock``."""

import click
from rich.text import Text

from cngcore.cli.listing import Row
from cngcore.cli.options import as_json
from cngcore.cli.screen import Screen, print_json
from cngcore.registry import default

_STATES = {"loaded": "green", "not loaded": "dim", "set aside": "red", "blocked": "yellow", "not allowed": "yellow"}


@click.group("providers", invoke_without_command=True)
@as_json
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """Which distributions provide algorithms, and what is wrong with them.

    Every admitted one is loaded. The exit status is 1 where one is set aside.
    """
    if context.invoked_subcommand is not None:
        return 0
    registry = default()
    registry.load_all()
    records = registry.providers()
    if as_json:
        print_json(records)
    else:
        show(Screen(), records)
    return 1 if any(record["faults"] for record in records) else 0


def show(screen: Screen, records: list[Row]) -> None:
    """The table, then each fault with its remedy."""
    if not records:
        screen.line("No provider is installed. Try: pip install cngcore-rsa cngcore-ec")
        return
    rows = [
        (
            Text(str(record["distribution"]), "bold"),
            str(record["version"]),
            Text(str(record["state"]), _STATES[str(record["state"])]),
            ", ".join(record["algorithms"]),
        )
        for record in records
    ]
    screen.table(("DISTRIBUTION", "VERSION", "STATE", "ALGORITHMS"), rows)
    for record in records:
        for fault in record["faults"]:
            screen.said(screen.mark(False), (f" {record['distribution']}: ", "bold"), f"{fault['reason']}.")
            screen.said(f"    {fault['remedy']}")
