"""The command ``cng encrypt``."""

from __future__ import annotations

from typing import Any

import click

from cngcore.cli import _operations as operations
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import STANDARD
from cngcore.cli.options import Command


@click.command(
    "encrypt",
    cls=Command,
    examples=(
        "cng encrypt note.txt --key rsa.pub --out note.enc",
        "echo hello | cng encrypt - --key rsa.pub --encoding base64",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True))
@operations.key_option("The public RSA key, or the private one.")
@operations.encryption_options
@operations.encoding_option("the ciphertext")
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
    """Encrypt FILE, or - for standard input, to the owner of an RSA key.

    RSA encrypts no more than a key has bytes, less the padding: 190 bytes with 2048 bits and OAEP. That is room for the
    key of a symmetric cipher, not for a document.
    """
    keyfiles.check_inputs(file, key_file)
    operations.check_output([out], encoding, force)
    with operations.load_key(key_file, "encrypt", private=False, **given) as key:
        ciphertext = operations.encrypt(key, keyfiles.read(file), padding, hash)
    operations.write_output(out, ciphertext, encoding, force)
    return 0
