"""The command ``cng verify``."""

from __future__ import annotations

from typing import Any

import click

from cngcore import formats
from cngcore.cli import _operations as operations
from cngcore.cli import keyfiles
from cngcore.cli._operations import HASHES, SIGNATURES
from cngcore.cli.options import Choice, Command
from cngcore.cli.output import Screen


@click.command(
    "verify",
    cls=Command,
    examples=(
        "cng verify letter.txt --key key.pub --signature letter.sig",
        "cng verify letter.txt --key rsa.pub --signature rsa.sig --padding pkcs1",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True))
@operations.key_option("The public key, or the private one.")
@click.option("--signature", type=click.Path(allow_dash=True), metavar="FILE", required=True,
              help="The signature: binary, hex or base64; of ECDSA and DSA also DER.")  # fmt: skip
@click.option("--hash", type=Choice(HASHES, "a hash", "HASH"), help="The hash, if it is not the default of the key.")
@click.option("--padding", type=Choice(SIGNATURES, "a padding"), help="The padding of RSA; pss by default.")
@operations.implementation_option
@operations.file_options
def command(file: str, key_file: str, signature: str, hash: str | None, padding: str | None, **given: Any) -> int:
    """Verify the signature of FILE, or - for standard input.

    The exit status is 0 if the signature is valid, and 1 if it is not.
    """
    keyfiles.check_inputs(file, key_file, signature)
    content = keyfiles.read(signature)
    with operations.load_key(key_file, "sign", private=False, **given) as key:
        operations.verify(key, file, content, hash=hash, padding=padding)
        description = formats.from_key(key, private=False).description
    screen = Screen()
    screen.write(screen.mark(True), f" the signature of {keyfiles.title(file)} is valid", (f"  {description}", "dim"))
    return 0
