"""The command ``cng generate``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from cngcore import formats
from cngcore.cli import _symmetric as symmetric
from cngcore.cli import keyfiles
from cngcore.cli._operations import ENCODINGS, check_output, write_output
from cngcore.cli.keyfiles import STANDARD, Output
from cngcore.cli.options import (
    BlobTypeName,
    Command,
    CurveName,
    ImplementationName,
    ParameterSetName,
    Positive,
    algorithm_argument,
    as_json,
)
from cngcore.cli.output import Screen, print_json
from cngcore.formats import BLOB_TYPES, family_of, is_private_type, writable
from cngcore.registry import DEFAULT_LENGTH, DEFAULT_PARAMETER_SETS, default
from cngcore.status import NotSupportedError

if TYPE_CHECKING:
    from cngcore.objects import KeyPair

_BOTH_HALVES = ("cng", "jwk", "raw", "openssh", "pkcs1")


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """The key to make, in the terms of bcrypt.h."""

    algorithm: str
    length: int = 0
    curve: str | None = None
    parameter_set: str | None = None


@click.command(
    "generate",
    cls=Command,
    examples=(
        "cng generate ECDSA_P256 --out key.pem --public-out key.pub",
        "cng generate RSA --length 4096 --out rsa.pem --passphrase",
        "cng generate ML-KEM-768 --format cng --out kem.blob",
        "cng generate ECDSA_P384 --count 1000 --out keys.jsonl",
        "cng generate AES --length 256 --out aes.key",
    ),
)
@algorithm_argument(full=True)
@click.option(
    "--length",
    type=Positive(),
    metavar="BITS",
    help=f"Bits of the key: by default {DEFAULT_LENGTH} for RSA, DSA and DH, and 256 for a cipher.",
)
@click.option(
    "--curve",
    type=CurveName(),
    metavar="NAME",
    help="The curve of ECDSA and ECDH, spelled as in bcrypt.h: nistP256, curve25519.",
)
@click.option(
    "--parameter-set",
    type=ParameterSetName(),
    metavar="NAME",
    help="The set of ML-KEM (default 768) or ML-DSA (default 65).",
)
@click.option(
    "--implementation",
    type=ImplementationName(),
    metavar="NAME",
    help="One of several implementations; see cng explain.",
)
@keyfiles.format_name(
    names=("--format", "form"), title="The format of the private file", default="pkcs8", show_default=True
)
@click.option(
    "--blob-type",
    type=BlobTypeName(),
    metavar="TYPE",
    default="",
    help="The blob type, with --format cng; by default RSAFULLPRIVATEBLOB and the like.",
)
@click.option("--encoding", metavar="NAME", default="", help="pem or der; with cng and raw: binary, hex or base64.")
@keyfiles.out_option()
@click.option(
    "--public-out",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="A file for the public half: SPKI, or the same format if it has both.",
)
@keyfiles.passphrase_options("passphrase", "Encrypt the private file", ask=True)
@click.option(
    "--count",
    type=Positive(),
    metavar="N",
    help="Make many keys and write CNG blobs as JSON lines to --out.",
)
@click.option("--resume", is_flag=True, help="With --count: continue an existing file.")
@click.option("--workers", type=Positive(), metavar="N", help="With --count: the number of processes or threads.")
@click.option(
    "--wrap-to",
    type=click.Path(),
    metavar="FILE",
    help="With --count: seal private blobs to the public key in FILE (ML-KEM, EC or RSA).",
)
@as_json
def command(
    algorithm: str,
    length: int | None,
    curve: str | None,
    parameter_set: str | None,
    implementation: str | None,
    form: str,
    blob_type: str,
    encoding: str,
    out: str,
    force: bool,
    public_out: str | None,
    passphrase_file: str | None,
    passphrase_env: str | None,
    passphrase_ask: bool,
    count: int | None,
    resume: bool,
    workers: int | None,
    wrap_to: str | None,
    as_json: bool,
) -> int:
    """Make a key and write it to a file.

    ALGORITHM is a name of bcrypt.h (RSA, ECDSA_P256, ECDH, ML-KEM, AES) or a full name (X25519, ML-KEM-768). Only the
    owner can read a private file. A symmetric key is written as it is, or with --format cng as a KeyDataBlob. An
    existing file is replaced only with --force, and no file is left incomplete.
    """
    if symmetric.is_cipher(algorithm):
        given = click.get_current_context().get_parameter_source
        others = [name for name in _ONLY_FOR_PAIRS if given(name) is not click.core.ParameterSource.DEFAULT]
        if others:
            raise click.UsageError(f"a symmetric key takes no --{others[0].replace('_', '-')}")
        chosen = form if given("form") is not click.core.ParameterSource.DEFAULT else "raw"
        return _secret(algorithm, length, implementation, chosen, encoding or "binary", out, force, as_json)
    choice = _key_choice(algorithm, length, curve, parameter_set)
    if count is not None:
        given = click.get_current_context().get_parameter_source
        alone = ("form", "encoding", "public_out", "passphrase_file", "passphrase_env", "passphrase_ask")
        single = [name for name in alone if given(name) is not click.core.ParameterSource.DEFAULT]
        if single or out == STANDARD:
            raise click.UsageError(
                "--count writes CNG blobs as JSON lines to a file; combine it with --blob-type and --out only"
            )
        return _many(choice, count, implementation, blob_type, out, force, resume, workers, wrap_to, as_json)
    if resume or workers is not None or wrap_to is not None:
        raise click.UsageError("--resume, --workers and --wrap-to need --count")
    if not formats.FORMATS[form].private or (blob_type and not _is_private(choice.algorithm, blob_type)):
        raise click.UsageError(
            f"{blob_type or form} holds no private key, which would be lost; use --public-out for the public half"
        )
    if as_json and STANDARD in (out, public_out):
        raise click.UsageError("--json and --out - both need standard output; choose a file for --out")
    if blob_type and form != "cng":
        raise click.UsageError("--blob-type needs --format cng")
    if form not in ("pkcs8", "openssh") and (
        passphrase_ask or passphrase_file is not None or passphrase_env is not None
    ):
        raise click.UsageError(f"{form} has no encryption; use --format pkcs8 or openssh with a passphrase")
    known = formats.FORMATS[form]
    encoding = encoding or known.encodings[0]
    if encoding not in known.encodings:
        raise click.UsageError(f"{form} has the encodings {', '.join(known.encodings)}, not {encoding}")
    _check_room(choice, form, blob_type)
    keyfiles.check_terminal(out, encoding not in ("der", "binary"))
    keyfiles.check_free([path for path in (out, public_out) if path is not None], force)
    secret = keyfiles.new_passphrase(passphrase_file, passphrase_env, passphrase_ask)

    screen = Screen(quiet=as_json or out == STANDARD)
    words = " ".join(
        str(word) for word in (choice.algorithm, choice.curve or choice.parameter_set or choice.length) if word
    )
    pair = screen.work(f"making a key of {words}", lambda: _make(choice, implementation))
    if not _is_known(choice.algorithm):
        return _own_blob(pair, form, blob_type, out, public_out, force, screen)
    key = formats.from_key(pair)
    content = formats.encode(key, form, encoding=encoding, passphrase=secret, blob_type=blob_type)
    text = encoding not in ("der", "binary")
    outputs = [
        keyfiles.of_key(out, content, key, form, private=True, text=text, passphrase=secret, blob_type=blob_type)
    ]
    public_form = form if form in _BOTH_HALVES else "spki"
    if public_out is not None:
        content = formats.encode(key, public_form, private=False, encoding=encoding)
        outputs.append(
            keyfiles.of_key(public_out, content, key, public_form, private=False, text=text, passphrase=None)
        )
    keyfiles.write(outputs, force)
    _tell(screen, choice.algorithm, pair, key, outputs, (form, public_form), secret is not None, as_json, blob_type)
    return 0


_ONLY_FOR_PAIRS = (
    "curve", "parameter_set", "blob_type", "public_out", "passphrase_file", "passphrase_env", "passphrase_ask", "count",
    "resume", "workers", "wrap_to",
)  # fmt: skip
"""The options that a symmetric key does not take."""


def _secret(
    algorithm: str,
    length: int | None,
    implementation: str | None,
    form: str,
    encoding: str,
    out: str,
    force: bool,
    as_json: bool,
) -> int:
    """Make a symmetric key and write it: the bytes of the key, or with --format cng a KeyDataBlob."""
    if form not in ("raw", "cng"):
        raise click.UsageError(f"a symmetric key is written as raw or cng, not as {form}")
    if as_json and out == STANDARD:
        raise click.UsageError("--json and --out - both need standard output; choose a file for --out")
    if encoding not in ENCODINGS:
        raise click.UsageError(f"a symmetric key has the encodings {', '.join(ENCODINGS)}, not {encoding}")
    check_output([out], encoding, force)
    with default().generate_symmetric_key(algorithm, length=length or 256, implementation=implementation) as key:
        blob = key.export("KeyDataBlob")
        bits = key.length
    content = blob if form == "cng" else blob[12:]
    write_output(out, content, encoding, force, private=True)
    if as_json:
        print_json({"algorithm": algorithm, "length": bits, "format": form, "file": out})
    elif out != STANDARD:
        screen = Screen()
        screen.write(screen.mark(True), f" {algorithm}, {bits} bits")
        screen.line(f"  secret key: {out} ({form}, {len(content)} bytes, only you can read it)")
    return 0


def _is_known(algorithm: str) -> bool:
    """Return whether cngcore.formats knows the family of an algorithm; others are written as their own blobs."""
    try:
        family_of(algorithm)
    except NotSupportedError:
        return False
    return True


def _is_private(algorithm: str, blob_type: str) -> bool:
    """Return whether a blob type holds the private key: as the algorithm declares it, or by its name."""
    candidates = () if _is_known(algorithm) else default().candidates(algorithm)
    declared = next(
        (one.algorithm.blob_types[blob_type] for one in candidates if blob_type in one.algorithm.blob_types), None
    )
    return is_private_type(blob_type) if declared is None else declared.private


def _own_blob(
    pair: KeyPair, form: str, blob_type: str, out: str, public_out: str | None, force: bool, screen: Screen
) -> int:
    """Write a key of an algorithm that bcrypt.h does not have, as blobs of its provider."""
    declared = default().candidates(pair.algorithm)[0].algorithm.blob_types.values()
    private = [one.name for one in declared if one.private and one.exports]
    public = [one.name for one in declared if not one.private and one.exports]
    if form != "cng" or not private:
        raise NotSupportedError(
            f"{pair.algorithm} is not in bcrypt.h, so no format of other programs is known for it; use --format cng"
            + (f" --blob-type {private[0]}" if private else ", which it does not export either")
        )

    def to_write(path: str, name: str, *, private: bool) -> Output:
        content = pair.export(name)
        return Output(path, content, private, text=False, check=lambda: formats.decode(bytes(content), format=name))

    outputs = [to_write(out, blob_type or private[0], private=True)]
    if public_out is not None and public:
        outputs.append(to_write(public_out, public[0], private=False))
    keyfiles.write(outputs, force)
    screen.write(screen.mark(True), " ", (pair.algorithm, "bold"), f" by {pair.provenance.implementation}")
    for output, name in zip(outputs, (blob_type or private[0], *public), strict=False):
        half = "private" if output.private else "public"
        screen.write(f"  {half:<8} ", (output.path, "bold"), (f"  {name}; read it with --as {name}", "dim"))
    return 0


def _key_choice(algorithm: str, length: int | None, curve: str | None, parameter_set: str | None) -> KeyChoice:
    """Return the key that the name and the options describe. Raise UsageError if they do not fit together."""
    try:
        family, named, set_name, use = family_of(algorithm)
    except NotSupportedError:  # an algorithm of another project, or an unknown one: the registry decides
        return KeyChoice(algorithm, length or 0, curve, parameter_set)
    if family not in formats.FAMILIES:  # not of bcrypt.h: its provider decides
        return KeyChoice(family, length or 0, curve, parameter_set or set_name or None)
    if family in DEFAULT_PARAMETER_SETS:
        if length is not None or curve is not None:
            raise click.UsageError(f"{family} takes --parameter-set, not --length or --curve")
        if set_name and parameter_set not in (None, set_name):
            raise click.UsageError(f"{algorithm} has the parameter set {set_name}")
        return KeyChoice(family, parameter_set=parameter_set or set_name or DEFAULT_PARAMETER_SETS[family])
    if parameter_set is not None:
        raise click.UsageError(f"{algorithm} has no parameter sets; only ML-KEM and ML-DSA have them")
    if family in ("RSA", "DSA", "DH"):
        if curve is not None:
            raise click.UsageError(f"{algorithm} has no curve; use --length")
        return KeyChoice(algorithm, length or DEFAULT_LENGTH)
    if "_P" in algorithm:
        bits = int(algorithm.rpartition("_P")[2])
        if curve not in (None, named) or length not in (None, bits):
            raise click.UsageError(f"{algorithm} has one curve, {named}, and one length, {bits}")
        return KeyChoice(algorithm, bits)
    if family == "X25519":
        if curve not in (None, named) or length not in (None, 255):
            raise click.UsageError("X25519 has one curve and one length; leave --curve and --length out")
        return KeyChoice("ECDH", curve=named)
    if curve is None:
        raise click.UsageError(
            f"{algorithm} needs a curve, for example --curve nistP256; or use ECDSA_P256, ECDH_P256 or X25519"
        )
    return KeyChoice(use or "ECDSA", length or 0, curve=curve)


def _check_room(choice: KeyChoice, form: str, blob_type: str) -> None:
    """Refuse a key that cannot be written before it is made. Unknown algorithms fail later."""
    try:
        family, *_ = family_of("X25519" if choice.curve == "curve25519" else choice.algorithm)
    except NotSupportedError:
        return
    writable(form, family)
    if blob_type and family in BLOB_TYPES and blob_type not in BLOB_TYPES[family]:
        known = ", ".join(BLOB_TYPES[family])
        raise NotSupportedError(f"{blob_type!r:.40} is not a blob type of {family}; use one of {known}")


def _make(choice: KeyChoice, implementation: str | None) -> KeyPair:
    return default().generate_key_pair(
        choice.algorithm,
        choice.length,
        parameter_set=choice.parameter_set,
        curve=choice.curve,
        implementation=implementation,
    )


def _many(
    choice: KeyChoice,
    count: int,
    implementation: str | None,
    blob_type: str,
    out: str,
    force: bool,
    resume: bool,
    workers: int | None,
    wrap_to: str | None,
    as_json: bool,
) -> int:
    """Write many keys to one file."""
    from cngcore.bulk import generate_many
    from cngcore.cli.batch import KeyFile, make_many

    recipient = None if wrap_to is None else formats.decode(keyfiles.read(wrap_to)).public()

    def generate(have: set[int]) -> Any:
        return generate_many(
            choice.algorithm, count, length=choice.length, parameter_set=choice.parameter_set, curve=choice.curve,
            implementation=implementation, blob_type=blob_type or None, wrap_to=recipient, skip=have, workers=workers,
        )  # fmt: skip

    generate(set()).close()  # wrong arguments must fail before the file exists
    header = {
        "algorithm": choice.algorithm,
        "length": choice.length,
        "parameter_set": choice.parameter_set,
        "curve": choice.curve,
        "blob_type": blob_type or None,
        "sealed_to": None if recipient is None else f"SHA256:{formats.fingerprint(recipient).hex()}",
    }
    screen = Screen(quiet=as_json)
    file = KeyFile(out, header, resume=resume, force=force)
    tally = make_many(screen, f"making keys of {choice.algorithm}", count, file, generate)
    if as_json:
        print_json({**header, "path": out, "count": count, **asdict(tally)})
    else:
        done = tally.before + tally.made
        rate = f", {tally.made / tally.seconds:,.0f} a second" if tally.made and tally.seconds else ""
        screen.write(screen.mark(not tally.failed), f" {done} of {count} keys in ", (out, "bold"), (rate, "dim"))
        for message, times in tally.errors.items():
            screen.write("  ", (f"{times} failed: {message}", "red"))
    return 1 if tally.failed else 0


def _tell(
    screen: Screen,
    algorithm: str,
    pair: KeyPair,
    key: formats.Key,
    outputs: list[Output],
    names: tuple[str, str],
    encrypted: bool,
    as_json: bool,
    blob_type: str,
) -> None:
    """Show what was made and where it is."""
    provenance = pair.provenance
    fingerprint = formats.fingerprint(key).hex()
    if as_json:
        files: list[dict[str, Any]] = [
            {"path": output.path, "format": name, "private": output.private, "bytes": len(output.content)}
            for output, name in zip(outputs, names, strict=False)
        ]
        print_json(
            {
                "algorithm": algorithm,
                "description": key.description,
                "bits": key.bits or None,
                "curve": key.curve or None,
                "parameter_set": key.parameter_set or None,
                "implementation": provenance.implementation,
                "distribution": provenance.distribution,
                "version": provenance.version,
                "fingerprint": f"SHA256:{fingerprint}",
                "encrypted": encrypted,
                "files": files,
            }
        )
        return
    screen.write(
        screen.mark(True), " ", (key.description, "bold"), f" by {provenance.implementation}",
        (f"  ({provenance.distribution} {provenance.version})", "dim"),
    )  # fmt: skip
    for output, name in zip(outputs, names, strict=False):
        half = "private" if output.private else "public"
        note = ", encrypted" if output.private and encrypted else ""
        if own := keyfiles.own_type(key, name, blob_type if output.private else "", private=output.private):
            note = f", {own}; read it with --as {own}"
        screen.write(f"  {half:<11}  ", (output.path, "bold"), (f"  {formats.FORMATS[name].title}{note}", "dim"))
    screen.write("  fingerprint  ", screen.fingerprint(fingerprint))
