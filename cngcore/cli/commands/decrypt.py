"""The command ``cng decrypt``."""

from __future__ import annotations

from typing import Any

import click

from cngcore.cli import _operations as operations
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import STANDARD
from cngcore.cli.options import Command


@click.command(
    "decrypt",
    cls=Command,
    examples=("cng decrypt note.enc --key rsa.pem --out note.out",),
)
@click.argument("file", type=click.Path(allow_dash=True))
@operations.key_option("The private RSA key.")
@operations.encryption_options
@operations.encoding_option("the plaintext")
@keyfiles.out_option(default=STANDARD)
@operations.implementation_option
@operations.file_options
def command(
    file: str,
    key_file: str,
    padding: str,
    hash: str,
    encoding: str,
    out: str,
    force: bool,
    **given: Any,
) -> int:
    """Decrypt FILE, or - for standard input, with a private RSA key.

    FILE may be binary, hex or base64. Only the owner can read the file that is written.
    """
    keyfiles.check_inputs(file, key_file)
    keyfiles.check_free([out], force)
    with operations.load_key(key_file, "encrypt", private=True, **given) as key:
        plaintext = operations.decrypt(key, keyfiles.read(file), padding, hash)
    operations.write_output(out, plaintext, encoding, force, private=True)
    return 0
