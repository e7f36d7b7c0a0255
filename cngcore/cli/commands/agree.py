"""The command ``cng agree``."""

from __future__ import annotations

from typing import Any

import click

from cngcore.cli import _operations as operations
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import STANDARD
from cngcore.cli.options import Command


@click.command(
    "agree",
    cls=Command,
    examples=(
        "cng generate X25519 --out alice.pem --public-out alice.pub",
        "cng generate X25519 --out bob.pem --public-out bob.pub",
        "cng agree --key alice.pem --peer bob.pub --out secret.bin",
    ),
)
@operations.key_option("Your private key: ECDH, X25519, DH, or of another algorithm that agrees.")
@click.option("--peer", type=click.Path(allow_dash=True), metavar="FILE", required=True,
              help="The public key of the other side.")  # fmt: skip
@operations.encoding_option("the secret")
@keyfiles.out_option(default=STANDARD)
@operations.implementation_option
@operations.file_options
def command(key_file: str, peer: str, encoding: str, out: str, force: bool, **given: Any) -> int:
    """Compute the secret that two keys share.

    The bytes are in the order of the standards (SEC 1, RFC 7748, RFC 2631), as OpenSSL writes them; TRUNCATE of CNG
    reverses them. Do not use the secret as a key: derive keys from it, for example with HKDF.
    """
    keyfiles.check_inputs(key_file, peer)
    operations.check_output([out], encoding, force)
    theirs = {**given, "number": None, "passphrase_file": None, "passphrase_env": None}
    with (
        operations.load_key(key_file, "agree", private=True, **given) as own,
        operations.load_key(peer, "agree", private=False, **theirs) as other,
    ):
        secret = operations.raw_secret(own, other)
    operations.write_output(out, secret, encoding, force, private=True)
    return 0
