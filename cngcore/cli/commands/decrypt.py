"""The command ``cng decrypt``."""

from __future__ import annotations

from typing import Any

import click

from cngcore.cli import _operations as operations
from cngcore.cli import _symmetric as symmetric
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import STANDARD
from cngcore.cli.options import Command


@click.command(
    "decrypt",
    cls=Command,
    examples=(
        "cng decrypt note.enc --key rsa.pem --out note.out",
        "cng decrypt report.enc --key aes.key --algorithm AES --out report.out",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True))
@operations.key_option("A private RSA key, or the file of a symmetric key.")
@operations.encryption_options
@symmetric.mode_option
@click.option("--associated-data", type=click.Path(), metavar="FILE",
              help="With GCM, CCM, CHACHA20_POLY1305: a file that is authenticated and not encrypted.")  # fmt: skip
@operations.encoding_option("the plaintext")
@keyfiles.out_option(default=STANDARD)
@operations.implementation_option
@operations.file_options
def command(
    file: str,
    key_file: str,
    padding: str,
    hash: str,
    mode: str,
    associated_data: str | None,
    encoding: str,
    out: str,
    force: bool,
    **given: Any,
) -> int:
    """Decrypt FILE, or - for standard input, with a private RSA key or a symmetric key.

    FILE may be binary, hex or base64; for a symmetric key it is binary. Only the owner can read the file that is
    written. In an authenticated mode nothing is written if the file was changed.
    """
    keyfiles.check_inputs(file, key_file)
    keyfiles.check_free([out], force)
    if symmetric.is_symmetric(key_file, given["algorithm"]):
        aad = b"" if associated_data is None else operations.read_input(associated_data)
        with symmetric.cipher_key(key_file, given["algorithm"], mode, given["implementation"]) as secret:
            opened = symmetric.decrypt(secret, operations.read_input(file, symmetric.LONGEST), aad)
        operations.write_output(out, opened, encoding, force, private=True)
        return 0
    if mode or associated_data is not None:
        raise click.UsageError("--mode and --associated-data are for symmetric keys; name theirs with --algorithm AES")
    with operations.load_key(key_file, "encrypt", private=True, **given) as key:
        plaintext = operations.decrypt(key, keyfiles.read(file), padding, hash)
    operations.write_output(out, plaintext, encoding, force, private=True)
    return 0
