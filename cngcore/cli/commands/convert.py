"""The command ``cng convert``."""

from __future__ import annotations

import click

from cngcore import formats
from cngcore.blobs.dsa import DsaKey
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import STANDARD, for_algorithm
from cngcore.cli.options import BlobTypeName, Choice, Command, Positive, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.formats import ML_FORMS, Decoded, DecodedKeys, EcKey, Key, clamped, holds_private
from cngcore.status import CngError, InvalidParameterError, NotFoundError, NotSupportedError, error_for


@click.command(
    "convert",
    cls=Command,
    examples=(
        "cng convert key.pem --to jwk --out key.jwk",
        "cng convert key.pem --to spki --out key.pub",
        "cng convert key.pem --to pkcs8 --out-passphrase --out locked.pem",
        "cng convert key.pem --to cng --blob-type ECCPRIVATEBLOB --encoding hex --out -",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True))
@keyfiles.format_name(names=("--to", "target"), title="The format to write", required=True)
@keyfiles.input_type
@click.option("--number", type=Positive(), metavar="N", help="Choose one of several keys in the file, counted from 1.")
@click.option("--public", is_flag=True, help="Write the public half of a private key.")
@click.option("--blob-type", type=BlobTypeName(), metavar="TYPE", default="", help="The blob type, with --to cng.")
@click.option("--generic", is_flag=True, help="Write a short ECC blob with the magic ECKP, ECKV, ECDP or ECDV.")
@click.option(
    "--form",
    type=Choice(ML_FORMS, "a form"),
    help="The form of a private ML-KEM or ML-DSA key, with --to pkcs8 or raw.",
)
@click.option("--encoding", metavar="NAME", default="", help="pem or der; with cng and raw: binary, hex or base64.")
@keyfiles.out_option()
@keyfiles.passphrase_options("passphrase", "The passphrase of an encrypted input")
@keyfiles.passphrase_options("out-passphrase", "Encrypt the output", ask=True)
@as_json
def command(
    file: str,
    target: str,
    input_format: str | None,
    curve: str,
    half: str | None,
    algorithm: str,
    number: int | None,
    public: bool,
    blob_type: str,
    generic: bool,
    form: str | None,
    encoding: str,
    out: str,
    force: bool,
    passphrase_file: str | None,
    passphrase_env: str | None,
    out_passphrase_file: str | None,
    out_passphrase_env: str | None,
    out_passphrase_ask: bool,
    as_json: bool,
) -> int:
    """Convert a key to another format.

    FILE is any file that cng inspect reads; - is standard input. A private key is written with both halves, unless the
    format holds only public keys or --public is set. The numbers of the key are tested first, and an inconsistent key
    is not written. Information that the new format cannot hold is listed.
    """
    known = formats.FORMATS[target]
    encoding = encoding or known.encodings[0]
    if encoding not in known.encodings:
        raise click.UsageError(f"{target} has the encodings {', '.join(known.encodings)}, not {encoding}")
    if as_json and out == STANDARD:
        raise click.UsageError("--json and --out - both need standard output; choose a file for --out")
    text = encoding not in ("der", "binary")
    keyfiles.check_terminal(out, text)
    keyfiles.check_free([out], force)
    data = keyfiles.read(file)
    try:
        read = keyfiles.decode(
            data,
            file,
            passphrase_file=passphrase_file,
            passphrase_env=passphrase_env,
            format=input_format or "",
            algorithm=algorithm,
            curve=curve,
            private=None if half is None else half == "private",
        )
        found = _one(read, number)
        key = for_algorithm(found.key, algorithm)
        _check(key)
        private = _private(key, target, public, blob_type)
        secret = keyfiles.new_passphrase(out_passphrase_file, out_passphrase_env, out_passphrase_ask)
        content = formats.encode(
            key,
            target,
            encoding=encoding,
            private=private,
            passphrase=secret,
            blob_type=blob_type,
            generic=True if generic else None,
            form=form or "",
        )
    except CngError as error:
        raise error_for(error.status, f"{keyfiles.title(file)}: {error.message}") from error
    for one in read.skipped:
        click.echo(f"cng convert: not read: {one.where}: {one.reason}", err=True)
    size, lost = len(content), _lost(found, target, private)
    output = keyfiles.of_key(
        out, content, key, target, private=private, text=text, passphrase=secret, blob_type=blob_type
    )
    keyfiles.write([output], force)
    if as_json:
        print_json(
            {
                "file": file,
                "from": found.format,
                "to": target,
                "encoding": encoding,
                "description": key.description,
                "private": private,
                "path": out,
                "bytes": size,
                "lost": lost,
            }
        )
    elif out != STANDARD:
        part = "private" if private else "public"
        screen = Screen()
        screen.write(
            screen.mark(True),
            " ",
            (key.description, "bold"),
            f", {part}: {found.format} to {target}  ",
            (out, "bold"),
        )
        if own := keyfiles.own_type(key, target, blob_type, private=private):
            screen.write((f"  its type is {own}; read it with --as {own}", "dim"))
        for message in lost:
            screen.write("  lost: ", (message, "yellow"))
    else:
        for message in lost:
            click.echo(f"cng convert: lost: {message}", err=True)
    return 0


def _one(found: DecodedKeys, number: int | None) -> Decoded:
    if number is None:
        if len(found) > 1:
            kinds = ", ".join(f"{place} {one.key.description}" for place, one in enumerate(found[:20], 1))
            more = ", ..." if len(found) > 20 else ""
            raise InvalidParameterError(f"it holds {len(found)} keys ({kinds}{more}); choose one with --number")
        lost = next((one for one in found.skipped if one.private), None)
        if lost and not found[0].key.is_private:
            raise NotSupportedError(
                f"only a public key can be read, and {lost.where} cannot: {lost.reason}; "
                "--number 1 takes the public key"
            )
        return found[0]
    if number > len(found):
        raise InvalidParameterError(f"it holds {len(found)} keys, so there is no number {number}")
    return found[number - 1]


def _lost(found: Decoded, target: str, private: bool) -> list[str]:
    """Return what the source contains and the target cannot hold (docs/decisions/interchange.md)."""
    numbers, lost = found.key.numbers, []
    if isinstance(numbers, DsaKey) and numbers.parameters.seed is not None and target != "cng":
        lost.append("the seed and the counter of p and q")
    if isinstance(numbers, EcKey) and target != "cng" and found.key.family == "EC" and found.key.use == "ECDH":
        lost.append("that the key is for ECDH")
    if isinstance(numbers, EcKey) and target == "cng" and private and numbers.is_montgomery:
        lost += ["five bits of the number, which RFC 7748 ignores"] if clamped(numbers.d) != numbers.d else []
    if found.format == "jwk" and (others := formats.other_members(found.content)):
        names = ", ".join(name if name.isprintable() and len(name) < 40 else f"{name!a:.40}" for name in others)
        lost.append(f"the members {names} of the JSON Web Key")
    return lost


def _check(key: Key) -> None:
    """Test the numbers, if a provider on this machine can."""
    try:
        formats.check(key)
    except NotFoundError:  # no provider of its algorithm is installed
        return


def _private(key: Key, target: str, public: bool, blob_type: str) -> bool:
    """Return whether the private half is written."""
    known = formats.FORMATS[target]
    if blob_type:
        private = holds_private(key, blob_type)
        if public and private:
            raise click.UsageError(f"--public and a blob of type {blob_type} exclude each other")
        return private
    if public and not known.public:
        raise click.UsageError(f"{target} holds private keys only; use --to spki for the public half")
    return known.private and not public and (key.is_private or not known.public)
