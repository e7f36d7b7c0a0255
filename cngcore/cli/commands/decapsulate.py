"""The command ``cng decapsulate``."""

from __future__ import annotations

from typing import Any

import click

from cngcore.cli import _operations as operations
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import STANDARD
from cngcore.cli.options import Command


@click.command(
    "decapsulate",
    cls=Command,
    examples=("cng decapsulate secret.kem --key kem.pem --out theirs.bin",),
)
@click.argument("file", type=click.Path(allow_dash=True))
@operations.key_option("The private ML-KEM key.")
@operations.encoding_option("the secret")
@keyfiles.out_option(default=STANDARD)
@operations.implementation_option
@operations.file_options
def command(file: str, key_file: str, encoding: str, out: str, force: bool, **given: Any) -> int:
    """Recover the secret in the ciphertext FILE, or - for standard input.

    A ciphertext that was made for another key gives another secret and no error (FIPS 203). Only you can read the file
    that is written.
    """
    keyfiles.check_inputs(file, key_file)
    operations.check_output([out], encoding, force)
    with operations.load_key(key_file, "encapsulate", private=True, **given) as key:
        secret = operations.decapsulate(key, keyfiles.read(file))
    operations.write_output(out, secret, encoding, force, private=True)
    return 0
