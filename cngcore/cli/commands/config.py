"""The command ``cng config``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from cngcore.cli.diagnosis import unknown_variables
from cngcore.cli.options import Command, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.registry import Registry, Settings, config_path, default
from cngcore.status import CngError

_MEANINGS = {
    "prefer": "implementations or providers, best first",
    "allow": "the only providers whose code is imported",
    "block": "providers whose code is never imported",
    "windows": "the version of Windows to behave as",
    "strict": "raise the fault of a provider at once",
    "policies": "policies that must be in force",
    "rule": "rules of the configuration file",
    "lock": "the file that verifies the code of providers",
}
"""Each setting, in the order of the listing."""

_OF_RULES = "cngcore.toml"
"""The name of the policy that the rules of the file make."""


@click.command(
    "config",
    cls=Command,
    examples=(
        "cng config",
        "cng config --file cngcore.toml",
        "CNGCORE_WINDOWS=10 cng config",
    ),
)
@click.option("--file", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
              help="Read this configuration file instead of the one in force.")  # fmt: skip
@as_json
def command(file: str | None, as_json: bool) -> int:
    """Show the settings in force, and where each comes from: a variable, the file, or the default.

    The exit status is 1 if the configuration is wrong. Then no algorithm can be opened.
    """
    path = file or config_path()
    try:
        with _configured_by(file):
            registry = default() if file is None else Registry(log_faults=False)
    except CngError as error:
        if as_json:
            print_json(_to_dict(path, [], [], error.message))
            return 1
        raise
    rows = [_row(registry.settings, key) for key in _MEANINGS]
    notes = [f"{key}: nothing installed is called {name!r}" for key, name in registry.unknown_names()]
    notes += [f"{name} is not a setting and has no effect. {remedy}" for name, remedy in unknown_variables()]
    if as_json:
        print_json(_to_dict(path, rows, notes, None))
    else:
        show(Screen(), path, rows, notes)
    return 0


@contextmanager
def _configured_by(file: str | None) -> Iterator[None]:
    """Make a file the configuration file in the block."""
    before = os.environ.get("CNGCORE_CONFIG")
    if file is not None:
        os.environ["CNGCORE_CONFIG"] = file
    try:
        yield
    finally:
        if file is not None:
            del os.environ["CNGCORE_CONFIG"]
        if before is not None:
            os.environ["CNGCORE_CONFIG"] = before


def _row(settings: Settings, key: str) -> dict[str, Any]:
    return {"setting": key, "value": _value(settings, key), "source": settings.origins[key], "meaning": _MEANINGS[key]}


def _value(settings: Settings, key: str) -> Any:
    """Return a setting as JSON has it; None means that it is not set."""
    if key == "rule":
        rules = [rule for one in settings.policies or () if not isinstance(one, str) for rule in one.rules]
        return len(rules) if rules else None
    if key == "policies":
        named = [one if isinstance(one, str) else one.name for one in settings.policies or ()]
        return [name for name in named if name != _OF_RULES]
    if key == "lock":
        return None if settings.lock is None else os.path.abspath(settings.lock.path)
    if key == "allow":
        return None if settings.allow is None else sorted(settings.allow)
    return sorted(settings.block) if key == "block" else getattr(settings, key)


def _to_dict(path: str, rows: list[dict[str, Any]], notes: list[str], problem: str | None) -> dict[str, Any]:
    return {"file": path, "exists": os.path.exists(path), "settings": rows, "notes": notes, "problem": problem}


def show(screen: Screen, path: str, rows: list[dict[str, Any]], notes: list[str]) -> None:
    """Show the file, the settings with their sources, and the notes."""
    exists = os.path.exists(path)
    screen.write(("Configuration file  ", "bold"), path, ("" if exists else "  (does not exist)", "dim"))
    if not screen.terminal:  # on a terminal the table has its own empty line
        screen.line()
    cells = []
    for row in rows:
        source = "the file" if row["source"] == path else row["source"]
        set_here = row["source"] != "default"
        cells.append(
            (
                screen.text(row["setting"], "bold" if set_here else ""),
                screen.text(_shown(row), "" if set_here else "dim"),
                screen.text(source, "green" if set_here else "dim"),
                screen.text(row["meaning"], "dim"),
            )
        )
    screen.table(("SETTING", "VALUE", "FROM", "MEANING"), cells)
    screen.columns([(screen.text(*screen.mark(None)), note) for note in notes])


def _shown(row: dict[str, Any]) -> str:
    value = row["value"]
    if row["setting"] == "rule":
        return "none" if value is None else f"{value} rule" + ("s" if value > 1 else "")
    if row["setting"] == "allow" and value is None:
        return "all"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(value) or "none"
    return "none" if value is None else str(value)
