"""The commands ``cng providers`` and ``cng providers lock``."""

from __future__ import annotations

from collections.abc import Mapping

import click
from rich.text import Text

from cngcore._nearest import install
from cngcore.cli.options import Command, Group, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.cli.tables import Row
from cngcore.registry import default, lock_installed

_STATES = {
    "loaded": "green",
    "not loaded": "dim",
    "skipped": "red",
    "blocked": "yellow",
    "not allowed": "yellow",
    "not installed": "yellow",
}


@click.group(
    "providers",
    cls=Group,
    invoke_without_command=True,
    examples=("cng providers", "cng providers lock --out cngcore.lock"),
)
@as_json
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """List the distributions that provide algorithms, and their faults.

    Every allowed plug-in is loaded. The exit status is 1 if one is skipped.
    """
    if context.invoked_subcommand is not None:
        if as_json:
            raise click.UsageError(f"--json cannot be combined with {context.invoked_subcommand}")
        return 0
    registry = default()
    registry.load_all()
    records = registry.providers()
    nothing: dict[str, list[str]] = {"algorithms": [], "modules": [], "faults": []}
    records += [
        {"distribution": name, "version": version, "state": "not installed", **nothing}
        for name, version in registry.missing().items()
    ]
    if as_json:
        print_json(records)
    else:
        show(Screen(), records)
    return 1 if any(record["faults"] for record in records) else 0


@command.command("lock", cls=Command, examples=("cng providers lock --out cngcore.lock",))
@click.option("--out", default="cngcore.lock", show_default=True, help="The file to write; - for standard output.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def lock(out: str, force: bool) -> int:
    """Write the hash of every file of the installed providers, for CNGCORE_LOCK.

    If CNGCORE_LOCK names the file, a provider whose code differs is refused before it is imported. A provider whose
    files are missing is left out; the exit status is then 1.
    """
    written = lock_installed()
    if out == "-":
        click.echo(written.to_json(), nl=False)
        return _report(written.left_out)
    try:
        with open(out, "w" if force else "x", encoding="utf-8") as file:
            file.write(written.to_json())
    except FileExistsError:
        raise click.ClickException(f"{out} exists; --force replaces it") from None
    Screen().line(f"{len(written.distributions)} distributions locked in {out}; to use it: CNGCORE_LOCK={out}")
    return _report(written.left_out)


def _report(left_out: Mapping[str, str]) -> int:
    """Write why distributions are not in the lock to standard error; return the exit status."""
    for name, reason in left_out.items():
        click.echo(f"{name} is not in the lock, so it will be refused: {reason}", err=True)
    return 1 if left_out else 0


def show(screen: Screen, records: list[Row]) -> None:
    """Show the table, then each fault with its remedy."""
    if not records:
        screen.line(f"No provider is installed; {install('cngcore-rsa', 'cngcore-ec')}")
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
    faults: list[tuple[Text, Text, Text]] = []
    for record in records:
        for fault in record["faults"]:
            text = screen.text(f"{fault['reason']}.")
            text.append(f"\n{fault['remedy']}", "yellow")
            faults.append((screen.text(*screen.mark(False)), screen.text(record["distribution"], "bold"), text))
    screen.columns(faults)
    missing = [str(record["distribution"]) for record in records if record["state"] == "not installed"]
    if missing:
        screen.line(f"In the lock but not installed: {', '.join(missing)}")
