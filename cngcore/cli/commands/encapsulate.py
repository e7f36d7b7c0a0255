"""The command ``cng encapsulate``."""

from __future__ import annotations

from typing import Any

import click

from cngcore.cli import _operations as operations
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import Output
from cngcore.cli.options import Command


@click.command(
    "encapsulate",
    cls=Command,
    examples=(
        "cng generate ML-KEM-768 --out kem.pem --public-out kem.pub",
        "cng encapsulate --key kem.pub --out secret.kem --secret-out mine.bin",
        "cng decapsulate secret.kem --key kem.pem --out theirs.bin",
    ),
)
@operations.key_option("The public ML-KEM key of the other side.")
@operations.encoding_option("each output")
@click.option("--secret-out", type=click.Path(allow_dash=True), metavar="FILE", required=True,
              help="The file for the secret; keep it.")  # fmt: skip
@keyfiles.out_option(text="The file for the ciphertext; send it.")
@operations.implementation_option
@operations.file_options
def command(key_file: str, encoding: str, secret_out: str, out: str, force: bool, **given: Any) -> int:
    """Make a secret, and a ciphertext from which only the owner of an ML-KEM key can recover it.

    Only you can read the file of the secret.
    """
    operations.check_output([out, secret_out], encoding, force)
    with operations.load_key(key_file, "encapsulate", private=False, **given) as key:
        secret, ciphertext = key.encapsulate()
    text = encoding != "binary"
    outputs = [
        Output(out, operations.encoded(ciphertext, encoding), private=False, text=text),
        Output(secret_out, operations.encoded(secret, encoding), private=True, text=text),
    ]
    keyfiles.write(outputs, force)
    return 0
