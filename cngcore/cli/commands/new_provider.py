"""The command ``cng new-provider``."""

from __future__ import annotations

from pathlib import Path

import click

from cngcore.cli.options import Command
from cngcore.cli.output import Screen
from cngcore.cli.scaffold import KINDS, Names, write


@click.command(
    "new-provider",
    cls=Command,
    examples=("cng new-provider acme-cng", "cng new-provider acme-cng --kind cipher --implementation acme-aes"),
)
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(tuple(KINDS)),
    default="keys",
    show_default=True,
    help="What it begins with: key pairs (ECDSA_P256) or a cipher (AES).",
)
@click.option(
    "--implementation",
    default="",
    metavar="TEXT",
    help="What the provider is called among those of its algorithm; by default NAME without -cng.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The new folder; by default NAME in the current one.")
def command(name: str, kind: str, implementation: str, out: Path | None) -> int:
    """Write a provider project: complete, installable, and passing the conformance kit.

    NAME is the name of the distribution, such as acme-cng. The project serves ECDSA_P256, or AES, with the library
    cryptography and ranks below the providers of cngcore. Replace the algorithm and the library by yours.
    """
    try:
        names = Names.of(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="NAME") from None
    try:
        names = Names.of(name, implementation)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--implementation") from None
    folder = out or Path(names.distribution)
    try:
        written = write(folder, names, kind)
    except FileExistsError:
        raise click.ClickException(f"{folder} exists; choose another --out") from None
    screen = Screen()
    for path in written:
        screen.line(f"  {path}")
    screen.line()
    if names.distribution.startswith("cngcore-"):
        screen.columns(
            [
                (
                    screen.text(*screen.mark(None)),
                    "Names that begin with cngcore- are reserved for this project; before you publish, name yours "
                    "after the library underneath, such as acme-cng.",
                )
            ]
        )
    screen.line(f"Next: cd {folder}, then follow README.md.")
    return 0
