"""The command ``cng sign``."""

from __future__ import annotations

from typing import Any

import click

from cngcore.cli import _operations as operations
from cngcore.cli import keyfiles
from cngcore.cli._operations import HASHES, SIGNATURES
from cngcore.cli.keyfiles import STANDARD
from cngcore.cli.options import Choice, Command


@click.command(
    "sign",
    cls=Command,
    examples=(
        "cng sign letter.txt --key key.pem --out letter.sig",
        "cng sign letter.txt --key key.pem --format der --out letter.der",
        "openssl dgst -sha256 -verify key.pub -signature letter.der letter.txt",
        "cng sign letter.txt --key key.pem --encoding base64",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True))
@operations.key_option("The private key.")
@click.option(
    "--hash",
    type=Choice(HASHES, "a hash", "HASH"),
    help=f"The hash of the file: {', '.join(HASHES)}; by default SHA256, SHA384 with P-384, SHA512 with P-521, "
    "SHA1 with DSA of 1024 bits. ML-DSA signs the file itself unless a hash is named.",
)
@click.option("--padding", type=Choice(SIGNATURES, "a padding"), help="The padding of RSA; pss by default.")
@click.option(
    "--format",
    "form",
    type=Choice(["raw", "der"], "a format of signatures"),
    default="raw",
    show_default=True,
    help="For ECDSA and DSA: r || s as Windows has it, or DER as OpenSSL has it.",
)
@operations.encoding_option("the signature")
@keyfiles.out_option(default=STANDARD)
@operations.implementation_option
@operations.file_options
def command(
    file: str,
    key_file: str,
    hash: str | None,
    padding: str | None,
    form: str,
    encoding: str,
    out: str,
    force: bool,
    **given: Any,
) -> int:
    """Sign FILE, or - for standard input, with a private key.

    The file is hashed first. RSA signs with PSS and a salt as long as the hash. 'cng verify' takes the same --hash and
    --padding.
    """
    keyfiles.check_inputs(file, key_file)
    operations.check_output([out], encoding, force)
    with operations.load_key(key_file, "sign", private=True, **given) as key:
        signature = operations.sign(key, file, hash=hash, padding=padding, der=form == "der")
    operations.write_output(out, signature, encoding, force)
    return 0
