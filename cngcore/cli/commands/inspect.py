"""The command ``cng inspect``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import click
from rich.text import Text

from cngcore import formats
from cngcore.cli import keyfiles
from cngcore.cli.keyfiles import for_algorithm, title
from cngcore.cli.options import Command, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.formats import Decoded, Field, algorithm_of, blob_fields, blob_type_of, fields, outermost
from cngcore.status import BadDataError, CngError, NotFoundError, NotSupportedError, error_for


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """A key of the file, its fields, and the result of its tests.

    ``problem`` is what is wrong with the numbers, or empty. ``unchecked`` is why the numbers could not be tested, or
    None.
    """

    found: Decoded
    parts: list[Field]
    fingerprint: str | None
    problem: str
    unchecked: str | None


_SPELT = {"pem": "PEM", "der": "DER", "json": "JSON"}
HIDDEN = "hidden"


@click.command(
    "inspect",
    cls=Command,
    examples=(
        "cng inspect key.pem",
        "cng inspect key.pem --show-private",
        "cng inspect raw.bin --as raw --algorithm ML-KEM-768",
        "cng generate ML-DSA --out - | cng inspect -",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True))
@keyfiles.input_type
@click.option("--show-private", is_flag=True, help="Show the numbers of private keys.")
@keyfiles.passphrase_options("passphrase", "The passphrase of an encrypted file")
@as_json
def command(
    file: str,
    input_format: str | None,
    curve: str,
    algorithm: str,
    half: str | None,
    show_private: bool,
    passphrase_file: str | None,
    passphrase_env: str | None,
    as_json: bool,
) -> int:
    """Show the content of a key file, field by field.

    FILE, or - for standard input, is a blob of CNG or CryptoAPI, PEM, DER, a JSON Web Key, an OpenSSH file, a
    certificate, XML of .NET or PKCS #12; the bytes may also be hex or base64. Parts of the file that hold no key of CNG
    are named at the end. For a raw key, name its algorithm: --as raw --algorithm ML-KEM-768.

    The exit status is 1 if the file is malformed or the numbers of a key do not belong together.
    """
    data = keyfiles.read(file)
    try:
        found = keyfiles.decode(
            data,
            file,
            passphrase_file=passphrase_file,
            passphrase_env=passphrase_env,
            format=input_format or "",
            algorithm=algorithm,
            curve=curve,
            private=None if half is None else half == "private",
        )
        skipped = found.skipped
        keys_found = [replace(one, key=for_algorithm(one.key, algorithm)) for one in found]
        seen = [Seen(one, fields(one), *_verdict(one)) for one in keys_found]
    except CngError as error:
        raise error_for(error.status, f"{title(file)}: {_better(data, input_format, error)}") from error
    wrong = any(one.problem for one in seen)
    if as_json:
        keys = [_to_dict(one, show_private) for one in seen]
        not_read = [{"where": one.where, "reason": one.reason, "private": one.private} for one in skipped]
        print_json({"file": file, "keys": keys, "not_read": not_read})
        return 1 if wrong else 0
    screen = Screen()
    for place, one in enumerate(seen):
        if place:
            screen.line()
        _show(screen, title(file), one, show_private)
    for part in skipped:
        click.echo(f"cng inspect: not read: {part.where}: {part.reason}", err=True)
    return 1 if wrong else 0


def _better(data: bytes, input_format: str | None, error: CngError) -> str:
    """Return the message for an error, with field and offset if the file is a blob that is cut off."""
    looked = outermost(data) if data else None
    content = looked[2] if looked and looked[0] == "cng" else data
    blob_type = blob_type_of(content) if input_format in (None, "cng") else str(input_format)
    if blob_type.endswith("BLOB"):
        try:
            blob_fields(content, blob_type)
        except BadDataError as precise:
            return precise.message
    return error.message


def _verdict(found: Decoded) -> tuple[str | None, str, str | None]:
    """Return fingerprint, problem and reason for :class:`Seen`."""
    fingerprint: str | None = None
    try:
        fingerprint = formats.fingerprint(formats.complete(found.key)).hex()
        formats.check(found.key)
    except (NotFoundError, NotSupportedError) as error:
        return fingerprint, "", error.message
    except CngError as error:
        return fingerprint, error.message, None
    return fingerprint, "", None


def _to_dict(seen: Seen, show_private: bool) -> dict[str, Any]:
    found, key = seen.found, seen.found.key
    return {
        "format": found.format,
        "title": formats.FORMATS[found.format].title,
        "encoding": found.encoding,
        "wrapping": found.wrapping or None,
        "line": found.line or None,
        "encrypted": found.encrypted,
        "blob_type": found.blob_type or None,
        "family": key.family,
        "algorithm": algorithm_of(key),
        "description": key.description,
        "bits": key.bits or None,
        "curve": key.curve or None,
        "parameter_set": key.parameter_set or None,
        "private": key.is_private,
        "fingerprint": f"SHA256:{seen.fingerprint}" if seen.fingerprint else None,
        "problem": seen.problem or None,
        "unchecked": seen.unchecked,
        "fields": [
            {
                "name": part.name,
                "offset": part.offset,
                "size": part.size if part.size is not None else _size(part.value),
                "kind": "bytes"
                if isinstance(part.value, bytes)
                else "text"
                if isinstance(part.value, str)
                else "number",
                "private": part.secret,
                "value": None if part.secret and not show_private else _plain(part.value),
            }
            for part in seen.parts
        ],
    }


def _size(value: int | str | bytes) -> int | None:
    return len(value) if isinstance(value, bytes) else None


def _plain(value: int | str | bytes) -> int | str:
    return value.hex() if isinstance(value, bytes) else value


def _show(screen: Screen, name: str, seen: Seen, show_private: bool) -> None:
    key, parts = seen.found.key, seen.parts
    half = "private" if key.is_private else "public"
    screen.write(
        (key.description, "bold"), ", ", (half, "bold yellow" if key.is_private else "bold green"), f"  {name}"
    )
    for label, value in _about(seen.found, seen.fingerprint and screen.fingerprint(seen.fingerprint)):
        screen.write((f"  {label:<13}", "dim"), value)
    if seen.problem:
        screen.write((f"  {'Numbers':<13}", "dim"), screen.mark(False), " ", (seen.problem, "red"))
    elif seen.unchecked:
        screen.write((f"  {'Numbers':<13}", "dim"), screen.mark(None), f" not tested: {seen.unchecked}")
    else:
        screen.write((f"  {'Numbers':<13}", "dim"), screen.mark(True), " consistent")
    if not screen.terminal:  # on a terminal the table has its own empty line
        screen.line()
    placed = any(part.offset is not None for part in parts)
    head = ("FIELD", "OFFSET", "BYTES", "VALUE") if placed else ("FIELD", "BYTES", "VALUE")
    rows = []
    for part in parts:
        size = part.size if part.size is not None else _size(part.value)
        where = [str(part.offset)] if placed else []
        rows.append([part.name, *where, "" if size is None else str(size), _cell(part, screen.terminal, show_private)])
    screen.table(head, rows, right=(1, 2) if placed else (1,))
    if key.is_private and not show_private:
        screen.write(("Private values are hidden; --show-private shows them.", "dim"))


def _about(found: Decoded, fingerprint: str | None) -> list[tuple[str, str]]:
    """Return the labelled lines about the key as a whole."""
    key, format = found.key, formats.FORMATS[found.format]
    how = [format.title, found.blob_type or _SPELT.get(found.encoding, found.encoding)]
    how += [f"as {found.wrapping}"] if found.wrapping else []
    how += [f"line {found.line}"] if found.line else []
    how += ["encrypted"] if found.encrypted else []
    lines = [("Format", ", ".join(how))]
    if key.bits:
        lines.append(("Length", f"{key.bits} bits"))
    if key.curve:
        lines.append(("Curve", key.curve))
    if fingerprint:
        lines.append(("Fingerprint", fingerprint))
    return lines


def _cell(part: Field, terminal: bool, show_private: bool) -> str | Text:
    if part.secret and not show_private:
        return Text(HIDDEN, "dim italic" if terminal else "")
    value = part.value
    if isinstance(value, str):
        return f'"{value}"' if part.offset is not None else value
    if isinstance(value, int):
        return str(value) if value < 1 << 16 else f"0x{value:08X}"
    text = value.hex()
    if len(value) <= 4:
        return f"{int.from_bytes(value, 'big')} (0x{text})"
    if not terminal:
        return text
    return Text(" ".join(text[at : at + 8] for at in range(0, len(text), 8)), "cyan" if not part.secret else "yellow")
