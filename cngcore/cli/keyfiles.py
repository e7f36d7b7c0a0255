"""Read and write key files: reading is limited in size, writing is atomic, only the owner can read private files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import click

from cngcore.formats import BLOB_TYPES, FORMATS, LARGEST, Key, NewFile, check_regular, family_of, read_file
from cngcore.status import InvalidParameterError

__all__ = [
    "STANDARD",
    "Output",
    "check_free",
    "check_regular",
    "check_terminal",
    "for_algorithm",
    "format_name",
    "input_type",
    "out_option",
    "passphrase",
    "passphrase_options",
    "read",
    "write",
]

F = TypeVar("F", bound=Callable[..., Any])

STANDARD = "-"
"""The name of standard input and output."""

_ALL_BLOB_TYPES = sorted({name for types in BLOB_TYPES.values() for name in types})


@dataclass(frozen=True, slots=True, repr=False)
class Output:
    """A file to write: its path and content. Only the owner can read a private file, from its creation on."""

    path: str
    content: bytes | bytearray
    private: bool
    text: bool


class _Choice(click.Choice[str]):
    """A choice that shows a short name in the help instead of all its values."""

    def __init__(self, choices: Sequence[str], name: str) -> None:
        super().__init__(choices)
        self._metavar = name

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return self._metavar


def format_name(**options: Any) -> Callable[[F], F]:
    """Return the option that names a format to write."""
    known = [one.name for one in FORMATS.values() if one.writes]
    names = options.pop("names")
    return click.option(
        *names, type=_Choice(known, "FORMAT"), help=f"{options.pop('title')}: {', '.join(known)}.", **options
    )


def input_type(function: F) -> F:
    """Add the options that describe a file which does not describe itself."""
    for option in (
        click.option("--half", type=click.Choice(["private", "public"]), help="Which half a raw key is."),
        click.option("--curve", metavar="NAME", default="",
                     help="The curve of a raw key, and of a blob ECKP, ECKV, ECDP or ECDV."),
        click.option("--algorithm", metavar="NAME", default="", help="The algorithm of a raw key: ML-KEM-768, "
                     "ECDSA_P256, X25519. For an elliptic-curve key of unknown use: ECDSA (the default) or ECDH."),
        click.option("--as", "input_format", type=_Choice([*FORMATS, *_ALL_BLOB_TYPES], "TYPE"),
                     help=f"The type of the file: {', '.join(FORMATS)}, or a blob type; detected by default."),
    ):  # fmt: skip
        function = option(function)
    return function


def passphrase_options(prefix: str, title: str) -> Callable[[F], F]:
    """Add options for a passphrase from a file or an environment variable. Command lines are visible to other users."""

    def add(function: F) -> F:
        name = prefix.replace("-", "_")
        for way, metavar, whence in (
            ("file", "FILE", f"{title}: the first line of a file."),
            ("env", "NAME", f"{title}: the value of an environment variable."),
        ):
            function = click.option(f"--{prefix}-{way}", f"{name}_{way}", metavar=metavar, help=whence)(function)
        return function

    return add


def out_option(function: F) -> F:
    """Add the options for the output."""
    function = click.option("--force", is_flag=True, help="Replace an existing file.")(function)
    return click.option(
        "--out",
        metavar="FILE",
        type=click.Path(allow_dash=True),
        required=True,
        help="The file to write; - is standard output.",
    )(function)


def passphrase(file: str | None, env: str | None, *, writing: bool = False) -> bytes | None:
    """Return the passphrase of the two options, or None.

    Raise UsageError for both options, InvalidParameterError for a missing variable and for an empty passphrase to
    encrypt with.
    """
    if file is not None and env is not None:
        raise click.UsageError("pass the passphrase by a file or by the environment, not by both")
    if env is not None:
        if env not in os.environ:
            raise InvalidParameterError(f"the environment variable {env} is not set; set it to the passphrase")
        found = os.fsencode(os.environ[env])
    elif file is not None:
        found = _first_line(read(file))
    else:
        return None
    if writing and not found:
        raise InvalidParameterError(
            "the passphrase is empty and protects nothing; use another one, or leave the option out"
        )
    return found


def _first_line(content: bytes) -> bytes:
    """Return the first line of a passphrase file, as UTF-8. ``>`` of PowerShell writes UTF-16 or UTF-8 with a mark."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        with suppress(UnicodeError):
            content = content.decode("utf-16").encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    return (content.splitlines() or [b""])[0]


def read(path: str) -> bytes:
    """Return the content of a file or of standard input. Stop reading and refuse it after more bytes than a key can
    have.
    """
    if path != STANDARD:
        return read_file(path)
    data = sys.stdin.buffer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InvalidParameterError(f"{path} has more than {LARGEST} bytes, more than any key")
    return data


def for_algorithm(key: Key, algorithm: str) -> Key:
    """Return the key for ``algorithm``, which says what an elliptic-curve key is for."""
    if not algorithm:
        return key
    family, curve, parameter_set, use = family_of(algorithm)
    montgomery = key.family == "X25519" and family == "EC" and use == "ECDH"
    fits = montgomery or (
        family == key.family and curve in ("", key.curve) and parameter_set in ("", key.parameter_set)
    )
    if not fits:
        raise InvalidParameterError(f"the key is {key.description}, not for {algorithm}")
    return replace(key, use=use) if use else key


def check_free(paths: Sequence[str], force: bool) -> None:
    """Check before any work that the files can be written: folders exist, files do not, and no two names are equal."""
    for path in paths:
        folder = os.path.dirname(os.path.abspath(path))
        if path != STANDARD and not os.path.isdir(folder):
            raise FileNotFoundError(2, "No such directory", folder)
        if path != STANDARD and os.path.isdir(path):
            raise IsADirectoryError(21, "this is a directory; name a file in it", path)
        if path != STANDARD and not force and os.path.lexists(path):
            raise FileExistsError(17, "the file exists; choose another name, or pass --force to replace it", path)
        if path != STANDARD:
            check_regular(path)
    if len({os.path.abspath(path) if path != STANDARD else path for path in paths}) != len(paths):
        raise click.UsageError("two outputs have one name; choose another for one of them")


def write(outputs: Sequence[Output], force: bool) -> None:
    """Write all outputs or none: each to a temporary file beside its place, then into its place.

    A private file has the mode 0600 from its creation on. Without ``force``, a file that was created in the meantime is
    not replaced. With ``force``, a replaced file is not restored if a later one fails. Private content is wiped from
    memory afterwards.
    """
    waiting: list[NewFile] = []
    placed: list[str] = []
    try:
        waiting.extend(
            NewFile(output.path, output.content, private=output.private)
            for output in outputs
            if output.path != STANDARD
        )
        for file in waiting:
            file.place(replace=force)
            placed.append(file.path)
        for output in outputs:
            if output.path == STANDARD:
                _print(output)
    except BaseException:
        if not force:
            for path in placed:
                with suppress(OSError):
                    os.unlink(path)
        raise
    finally:
        for file in waiting:
            file.discard()
        for output in outputs:
            if isinstance(output.content, bytearray):
                output.content[:] = bytes(len(output.content))


def check_terminal(path: str, text: bool) -> None:
    """Refuse to write binary output to a terminal."""
    if path == STANDARD and not text and sys.stdout.isatty():
        raise click.UsageError("binary output cannot go to a terminal; use --out FILE, or --encoding hex or base64")


def _print(output: Output) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(output.content)
    sys.stdout.buffer.flush()
