"""``cng new-provider``."""

from pathlib import Path

import click

from cngcore.cli.output import Screen
from cngcore.cli.scaffold import Names, write


@click.command("new-provider")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="The folder to make; NAME in this one if not given.")
def command(name: str, out: Path | None) -> int:
    """Write a provider project: complete, installable, and passing the conformance kit.

    NAME is the distribution's, such as acme-cng. The project serves ECDSA_P256 through the library cryptography, ranked
    below cngcore's own; put your algorithm and your library in their place.
    """
    try:
        names = Names.of(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="NAME") from None
    folder = out or Path(names.distribution)
    try:
        written = write(folder, names)
    except FileExistsError:
        raise click.ClickException(f"{folder} is there already; choose another --out") from None
    screen = Screen()
    for path in written:
        screen.line(f"  {path}")
    screen.line()
    if names.distribution.startswith("cngcore-"):
        screen.columns(
            [
                (
                    screen.text(*screen.mark(None)),
                    "Names that begin with cngcore- are this project's own; before you publish, name yours after the "
                    "library underneath, as acme-cng.",
                )
            ]
        )
    screen.line(f"Next: cd {folder}, then what its README.md says.")
    return 0
