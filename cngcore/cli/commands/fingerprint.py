"""The command ``cng fingerprint``."""

from __future__ import annotations

from typing import Any

import click

from cngcore import formats
from cngcore.cli import _operations as operations
from cngcore.cli import keyfiles
from cngcore.cli.options import Command, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.status import CngError, error_for


@click.command(
    "fingerprint",
    cls=Command,
    examples=(
        "cng fingerprint key.pem key.pub",
        "openssl pkey -pubin -in key.pub -outform der | sha256sum",
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True), metavar="FILE...")
@as_json
@operations.file_options
def command(files: tuple[str, ...], number: int | None, as_json: bool, **given: Any) -> int:
    """Print the fingerprint of each key in each FILE; - is standard input.

    It is the SHA-256 of the SubjectPublicKeyInfo, so both halves of a key and every format of it have the same one.
    """
    keyfiles.check_inputs(*files)
    rows = []
    for file in files:
        found = operations.decode_keys(file, **given)
        if number is not None:
            found[:] = [one for place, one in enumerate(found, 1) if place == number]
        for one in found:
            try:
                print_of = formats.fingerprint(formats.complete(keyfiles.for_algorithm(one.key, given["algorithm"])))
            except CngError as error:
                raise error_for(error.status, f"{keyfiles.title(file)}: {error.message}") from error
            rows.append(
                {
                    "file": file,
                    "description": one.key.description,
                    "private": one.key.is_private,
                    "fingerprint": f"SHA256:{print_of.hex()}",
                }
            )
    if as_json:
        print_json({"keys": rows})
        return 0
    screen = Screen()
    for row in rows:
        half = "private" if row["private"] else "public"
        about = f"{row['description']}, {half}  {keyfiles.title(str(row['file']))}"
        screen.write(str(row["fingerprint"]), "\n  " if screen.terminal else "  ", (about, "dim"))
    return 0
