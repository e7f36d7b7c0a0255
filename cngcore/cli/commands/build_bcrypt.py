"""The command ``cng build-bcrypt``."""

from __future__ import annotations

from pathlib import Path

import click

from cngcore.cli.options import Command
from cngcore.cli.output import Screen
from cngcore.windll import BuildError, build_library


@click.command("build-bcrypt", cls=Command, examples=("cng build-bcrypt build",))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> int:
    """Build the shared library libbcrypt and the header bcrypt.h, so that C programs for Windows run here.

    DIR gets the library, bcrypt.h, a small windows.h, and bcrypt.pc for pkg-config. The extra cngcore[capi], a C
    compiler and the development files of Python are needed. The library starts this Python inside the program and uses
    its packages.
    """
    screen = Screen()
    try:
        made = screen.work("building libbcrypt", lambda: build_library(folder))
    except BuildError as error:
        raise click.ClickException(str(error)) from None
    for path in made:
        screen.line(f"  {path}")
    screen.line()
    screen.line(f"Next: cc program.c $(PKG_CONFIG_PATH={folder} pkg-config --cflags --libs bcrypt)")
    return 0
