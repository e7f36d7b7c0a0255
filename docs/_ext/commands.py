"""Generate the reference of the ``cng`` command from its help, its options and its schemas.

The directive ``{commands}`` inserts all of it. ``python -m sphinx -b man docs build/man`` makes the manual page cng(1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

import click
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from cngcore.cli.app import COMMANDS, cng


def context_of(command: click.Command, name: str) -> click.Context:
    """Return the context of a command below ``cng``. Click keeps the help option of the first context it sees."""
    return click.Context(command, info_name=name, parent=click.Context(cng, info_name="cng", **cng.context_settings))


def every() -> Iterator[tuple[str, click.Command]]:
    """Yield each command with its full name; the commands of a group follow their group."""
    context = click.Context(cng, info_name="cng")
    for name in COMMANDS:
        command = cng.get_command(context, name)
        assert command is not None  # noqa: S101 - the table names it
        yield name, command
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                if found is not None:
                    yield f"{name} {inner}", found


def schemas(name: str) -> list[str]:
    """Return the schemas of a command's ``--json``: its own, and those of options that change the data."""
    folder = files("cngcore.cli").joinpath("schemas")
    stem = name.replace(" ", "-")
    paths = [path for path in folder.iterdir() if path.name == f"{stem}.json" or path.name.startswith(f"{stem}-")]
    return [path.read_text(encoding="utf-8").rstrip() for path in sorted(paths, key=lambda path: path.name[:-5])]


def usage(name: str, command: click.Command) -> str:
    context = context_of(command, name)
    return " ".join(command.get_usage(context).removeprefix("Usage:").split())


def prose(text: str) -> str:
    """Return the help of a command as Markdown, with names of commands and options as code."""
    paragraphs = [" ".join(part.split()) for part in text.replace("\b", "").split("\n\n")]
    return "\n\n".join(re.sub(r"(?<![\w`-])(--[a-z][\w-]*|cng [a-z-]+)", r"`\1`", part) for part in paragraphs)


def cell(text: str) -> str:
    """Return a help text for a table, where a bar ends a cell."""
    return prose(text).replace("|", "\\|")


def options(command: click.Command) -> list[tuple[str, str]]:
    """Return each option as it is written, with its help."""
    context = context_of(command, "")
    records = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
    return [(written, text) for written, text in filter(None, records)]


def examples(command: click.Command) -> list[str]:
    """Return the examples of a command as lines of Markdown."""
    lines = getattr(command, "examples", ())
    return ["```text", *lines, "```", ""] if lines else []


def markdown(*, man: bool = False) -> str:
    """Return every command, each under a heading of its own, as a page or (``man``) for a manual page."""
    lines: list[str] = []
    for name, command in every():
        lines += [f"## cng {name}", "", "```text", usage(name, command), "```", "", prose(command.help or ""), ""]
        lines += examples(command)
        listed = options(command)
        if man:
            lines += [line for written, text in listed for line in (f"`{written}`", f": {prose(text)}", "")]
        elif listed:
            lines += ["{.options}", "| option | meaning |", "|---|---|"]
            lines += [f"| `{written.replace('|', ', ')}` | {cell(text)} |" for written, text in listed]
            lines += [""]
        for schema in () if man else schemas(name):
            lines += [":::{dropdown} JSON Schema of `--json`", "```json", schema, "```", ":::", ""]
    return "\n".join(lines)


class Commands(SphinxDirective):
    """The directive ``{commands}``."""

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes(markdown(man=self.env.app.builder.name == "man"), allow_section_headings=True)


def setup(app):  # type: ignore[no-untyped-def] - sphinx is no requirement of the type check
    app.add_directive("commands", Commands)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
