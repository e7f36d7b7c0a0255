"""The command ``cng derive``."""

from __future__ import annotations

import click

from cngcore.cli import _operations as operations
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import STANDARD
from cngcore.cli.options import Command, Positive, algorithm_argument
from cngcore.registry import default
from cngcore.status import InvalidParameterError, NotSupportedError


@click.command(
    "derive",
    cls=Command,
    examples=(
        "cng derive HKDF --secret secret.bin --hash SHA256 --info 'file key' --length 32 --out aes.key",
        "cng derive PBKDF2 --passphrase-file pw.txt --hash SHA256 --salt 5f1c3a --iterations 600000 --out aes.key",
    ),
)
@algorithm_argument()
@click.option("--secret", type=click.Path(allow_dash=True), metavar="FILE", help="The file of the secret.")
@keyfiles.passphrase_options("passphrase", "A passphrase instead of --secret")
@click.option("--length", type=Positive(), metavar="BYTES", default=32, show_default=True, help="Bytes of the key.")
@click.option("--hash", metavar="NAME", default="", help="The hash: SHA256, SHA384, SHA512, ...")
@click.option("--salt", metavar="HEX", default="", help="The salt of PBKDF2 and HKDF, in hexadecimal.")
@click.option("--info", metavar="TEXT", default="", help="The info of HKDF.")
@click.option("--label", metavar="TEXT", default="", help="The label of SP800_108_CTR_HMAC and the TLS functions.")
@click.option("--context", metavar="TEXT", default="", help="The context of SP800_108_CTR_HMAC.")
@click.option("--seed", metavar="HEX", default="", help="The seed of the TLS functions, in hexadecimal.")
@click.option("--iterations", type=Positive(), metavar="N", help="The iterations of PBKDF2.")
@operations.encoding_option("the key")
@keyfiles.out_option(default=STANDARD)
@operations.implementation_option
def command(
    algorithm: str,
    secret: str | None,
    passphrase_file: str | None,
    passphrase_env: str | None,
    length: int,
    hash: str,
    salt: str,
    info: str,
    label: str,
    context: str,
    seed: str,
    iterations: int | None,
    encoding: str,
    out: str,
    force: bool,
    implementation: str | None,
) -> int:
    """Derive a key with a key-derivation algorithm.

    ALGORITHM is PBKDF2, HKDF, SP800_108_CTR_HMAC, TLS1_1_KDF, TLS1_2_KDF or CAPI_KDF. Use PBKDF2 for passphrases, with
    a random salt and as many iterations as you can afford, and HKDF for the secret of an agreement.
    """
    phrase = keyfiles.passphrase(passphrase_file, passphrase_env)
    if (secret is None) == (phrase is None):
        raise click.UsageError("pass the secret by --secret or as a passphrase: one of the two")
    if not any("derive" in one.algorithm.operations for one in default().candidates(algorithm)):
        raise NotSupportedError(f"{algorithm} is no key-derivation algorithm; use HKDF or PBKDF2")
    if algorithm == "PBKDF2" and iterations is None:
        raise click.UsageError("PBKDF2 needs --iterations: 600000 with SHA256 is usual; CNG's default is 10000")
    operations.check_output([out], encoding, force)
    content = keyfiles.read(secret) if secret is not None else phrase or b""
    with (
        default().open_algorithm_provider(algorithm, implementation) as provider,
        provider.generate_symmetric_key(content) as key,
    ):
        derived = bytearray(
            key.derive(
                length,
                hash=hash or None,
                salt=_hex("--salt", salt),
                info=info.encode() or None,
                label=label.encode() or None,
                context=context.encode() or None,
                seed=_hex("--seed", seed),
                iterations=iterations,
            )
        )
    operations.write_output(out, derived, encoding, force, private=True)
    return 0


def _hex(option: str, text: str) -> bytes | None:
    try:
        return bytes.fromhex(text) or None
    except ValueError:
        raise InvalidParameterError(f"{option} takes hexadecimal digits") from None
