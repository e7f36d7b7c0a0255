"""The command ``cng encrypt``."""

from __future__ import annotations

from typing import Any

import click

from cngcore.cli import _operations as operations
from cngcore.cli import _symmetric as symmetric
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import STANDARD
from cngcore.cli.options import Command


@click.command(
    "encrypt",
    cls=Command,
    examples=(
        "cng encrypt note.txt --key rsa.pub --out note.enc",
        "echo hello | cng encrypt - --key rsa.pub --encoding base64",
        "cng generate AES --out aes.key",
        "cng encrypt report.pdf --key aes.key --algorithm AES --out report.enc",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True))
@operations.key_option("A public RSA key, or the file of a symmetric key.")
@operations.encryption_options
@symmetric.mode_option
@click.option("--associated-data", type=click.Path(), metavar="FILE",
              help="With GCM, CCM, CHACHA20_POLY1305: a file that is authenticated and not encrypted.")  # fmt: skip
@operations.encoding_option("the ciphertext")
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
    """Encrypt FILE, or - for standard input, with an RSA key or a symmetric key.

    RSA encrypts to the owner of a key, and no more than the key has bytes, less the padding: 190 bytes with 2048 bits
    and OAEP. That is room for the key of a symmetric cipher, not for a document.

    A symmetric key (--algorithm AES) encrypts files, in GCM if no --mode is named. The output is the nonce or IV, the
    ciphertext and the tag.
    """
    keyfiles.check_inputs(file, key_file)
    operations.check_output([out], encoding, force)
    if symmetric.is_symmetric(key_file, given["algorithm"]):
        aad = b"" if associated_data is None else operations.read_input(associated_data)
        with symmetric.cipher_key(key_file, given["algorithm"], mode, given["implementation"]) as secret:
            ciphertext = symmetric.encrypt(secret, operations.read_input(file, symmetric.LONGEST), aad)
        operations.write_output(out, ciphertext, encoding, force)
        return 0
    if mode or associated_data is not None:
        raise click.UsageError("--mode and --associated-data are for symmetric keys; name theirs with --algorithm AES")
    with operations.load_key(key_file, "encrypt", private=False, **given) as key:
        ciphertext = operations.encrypt(key, keyfiles.read(file), padding, hash)
    operations.write_output(out, ciphertext, encoding, force)
    return 0
