"""The command ``cng public``."""

from __future__ import annotations

from typing import Any

import click

from cngcore import formats
from cngcore.cli import _operations as operations
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import STANDARD
from cngcore.cli.options import Choice, Command
from cngcore.formats import FORMATS
from cngcore.status import CngError, error_for

_PUBLIC = [known.name for known in FORMATS.values() if known.writes and known.public]


@click.command(
    "public",
    cls=Command,
    examples=(
        "cng public key.pem",
        "cng public key.pem --out key.pub",
        "cng public key.pem --format openssh",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--format", "form", type=Choice(_PUBLIC, "a format of public keys", "FORMAT"), default="spki",
              show_default=True, help=f"The format: {', '.join(_PUBLIC)}.")  # fmt: skip
@click.option("--encoding", metavar="NAME", default="", help="pem or der; with cng and raw: binary, hex or base64.")
@keyfiles.out_option(default=STANDARD)
@operations.file_options
def command(file: str, form: str, encoding: str, out: str, force: bool, number: int | None, **given: Any) -> int:
    """Write the public half of the key in FILE, or - for standard input.

    By default it is a PEM file that every program reads, printed on standard output.
    """
    known = FORMATS[form]
    encoding = encoding or known.encodings[0]
    if encoding not in known.encodings:
        raise click.UsageError(f"{form} has the encodings {', '.join(known.encodings)}, not {encoding}")
    text = encoding not in ("der", "binary")
    keyfiles.check_terminal(out, text)
    keyfiles.check_free([out], force)
    found = operations.decode_keys(file, **given)
    key = operations.choose_key(found, file, number, private=False)
    try:
        key = keyfiles.for_algorithm(key, given["algorithm"])
        content = formats.encode(key, form, encoding=encoding, private=False)
    except CngError as error:
        raise error_for(error.status, f"{keyfiles.title(file)}: {error.message}") from error
    keyfiles.write([keyfiles.of_key(out, content, key, form, private=False, text=text, passphrase=None)], force)
    return 0
