"""Read and write key files: reading is limited in size, writing is atomic, only the owner can read private files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import click

from cngcore.cli.options import Choice, CurveName, declared_blob_types
from cngcore.formats import (
    BLOB_TYPES,
    FORMATS,
    LARGEST,
    DecodedKeys,
    Key,
    NewFile,
    PassphraseNeededError,
    blob_types,
    check_regular,
    check_written,
    decode_all,
    family_of,
    holds_private,
    read_file,
)
from cngcore.status import InvalidParameterError

__all__ = [
    "STANDARD",
    "Output",
    "check_free",
    "check_inputs",
    "check_regular",
    "check_terminal",
    "decode",
    "for_algorithm",
    "format_name",
    "input_type",
    "new_passphrase",
    "of_key",
    "out_option",
    "own_type",
    "passphrase",
    "passphrase_options",
    "read",
    "title",
    "type_option",
    "write",
]

F = TypeVar("F", bound=Callable[..., Any])

STANDARD = "-"
"""The name of standard input and output."""

_ALL_BLOB_TYPES = sorted({name for types in BLOB_TYPES.values() for name in types})


@dataclass(frozen=True, slots=True, repr=False)
class Output:
    """A file to write: its path and content. Only the owner can read a private file, from its creation on.

    ``check`` raises an error if the content cannot be read again; :func:`of_key` makes it.
    """

    path: str
    content: bytes | bytearray
    private: bool
    text: bool
    check: Callable[[], object] | None = None


class _FileType(Choice):
    """The type of a file: a format, a blob type of bcrypt.h, or one that an installed provider declares."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            declared = declared_blob_types()
            if value in declared:
                return str(value)
            self.choices = (*self.choices, *declared)  # for the message
        return super().convert(value, param, ctx)


def format_name(**options: Any) -> Callable[[F], F]:
    """Return the option that names a format to write."""
    known = [one.name for one in FORMATS.values() if one.writes]
    names = options.pop("names")
    return click.option(
        *names,
        type=Choice(known, "a format that can be written", "FORMAT"),
        help=f"{options.pop('title')}: {', '.join(known)}.",
        **options,
    )


def input_type(function: F) -> F:
    """Add the options that describe a file which does not describe itself."""
    for option in (
        click.option("--half", type=Choice(["private", "public"], "a half"), help="Which half a raw key is."),
        click.option("--curve", type=CurveName(), metavar="NAME", default="",
                     help="The curve of a raw key, and of a blob ECKP, ECKV, ECDP or ECDV."),
        click.option("--algorithm", metavar="NAME", default="", help="The algorithm of a raw key: ML-KEM-768, "
                     "ECDSA_P256, X25519. For an elliptic-curve key of unknown use: ECDSA (the default) or ECDH."),
        type_option(),
    ):  # fmt: skip
        function = option(function)
    return function


def type_option() -> Callable[[F], F]:
    """Return the option for the type of a file."""
    return click.option(
        "--as",
        "input_format",
        type=_FileType([*FORMATS, *_ALL_BLOB_TYPES], "a format or blob type", "TYPE"),
        help=f"The type of the file: {', '.join(FORMATS)}, or a blob type (also of a provider); by default detected.",
    )


def passphrase_options(prefix: str, title: str, *, ask: bool = False) -> Callable[[F], F]:
    """Add options for a passphrase from a file or an environment variable. Command lines are visible to other users.

    ``ask`` adds a flag that asks for a new passphrase on the terminal. Without it, a command asks for the passphrase of
    an encrypted input by itself.
    """

    def add(function: F) -> F:
        name = prefix.replace("-", "_")
        for way, metavar, whence in (
            ("file", "FILE", f"{title}: the first line of a file."),
            ("env", "NAME", f"{title}: the value of an environment variable."),
        ):
            function = click.option(f"--{prefix}-{way}", f"{name}_{way}", metavar=metavar, help=whence)(function)
        if ask:
            title_of_flag = f"{title}: ask for the passphrase on the terminal."
            function = click.option(f"--{prefix}", f"{name}_ask", is_flag=True, help=title_of_flag)(function)
        return function

    return add


def out_option(*, default: str | None = None, text: str = "") -> Callable[[F], F]:
    """Add the options for the output. It must be named unless there is a ``default``."""
    whence = "The file to write; - is standard output" + (", the default." if default == STANDARD else ".")
    needed: dict[str, Any] = {"required": True} if default is None else {"default": default}

    def add(function: F) -> F:
        function = click.option("--force", is_flag=True, help="Replace an existing file.")(function)
        return click.option("--out", metavar="FILE", type=click.Path(allow_dash=True), help=text or whence, **needed)(
            function
        )

    return add


def check_inputs(*files: str) -> None:
    """Check that at most one input is standard input."""
    if files.count(STANDARD) > 1:
        raise click.UsageError("only one input can be standard input")


def passphrase(file: str | None, env: str | None) -> bytes | None:
    """Return the passphrase of the two options, or None.

    Raise UsageError for both options, InvalidParameterError for a missing variable.
    """
    if file is not None and env is not None:
        raise click.UsageError("pass the passphrase by a file or by the environment, not by both")
    if env is not None:
        if env not in os.environ:
            raise InvalidParameterError(f"the environment variable {env} is not set; set it to the passphrase")
        return os.fsencode(os.environ[env])
    return None if file is None else _first_line(read(file))


def new_passphrase(file: str | None, env: str | None, ask: bool) -> bytes | None:
    """Return the passphrase to encrypt with, or None. With ``ask``, it is typed twice on the terminal.

    Raise UsageError for more than one source, InvalidParameterError for an empty passphrase.
    """
    found = passphrase(file, env)
    if ask:
        if found is not None:
            raise click.UsageError("the passphrase is typed, or comes from a file or the environment; choose one")
        found = _ask("New passphrase: ")
        if found is None:
            raise click.UsageError("there is no terminal to ask for a passphrase; pass it by a file or the environment")
        if found and _ask("The same again: ") != found:
            raise InvalidParameterError("the two passphrases differ; nothing was written")
    if found is not None and not found:
        raise InvalidParameterError(
            "the passphrase is empty and protects nothing; use another one, or leave the option out"
        )
    return found


def _ask(prompt: str) -> bytes | None:
    """Return what the user types on the terminal without showing it; None if there is no terminal."""
    if not sys.stderr.isatty():
        return None
    from getpass import getpass

    try:
        return getpass(prompt, sys.stderr).encode()
    except EOFError:
        raise click.Abort from None


def decode(
    data: bytes,
    file: str,
    *,
    passphrase_file: str | None,
    passphrase_env: str | None,
    options: str = "--passphrase-file or --passphrase-env",
    **described: Any,
) -> DecodedKeys:
    """Return the keys in the content of a file. On a terminal, ask for the passphrase of encrypted keys.

    ``described`` are the arguments of :func:`cngcore.formats.decode_all` for a file that does not describe itself.
    """
    try:
        return decode_all(data, passphrase=passphrase(passphrase_file, passphrase_env), **described)
    except PassphraseNeededError:
        asked = _ask(f"Passphrase of {title(file)}: ")
        if asked is None:
            raise PassphraseNeededError(f"the key is encrypted; give its passphrase with {options}") from None
    return decode_all(data, passphrase=asked, **described)


def title(file: str) -> str:
    """Return what messages call a file."""
    return "standard input" if file == STANDARD else file


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


def own_type(key: Key, form: str, blob_type: str, *, private: bool) -> str:
    """Return the blob type of a blob that does not say what it is: of an algorithm that bcrypt.h does not have."""
    if form != "cng" or key.family in BLOB_TYPES:
        return ""
    return blob_type or next((name for name in blob_types(key) if holds_private(key, name) is private), "")


def of_key(
    path: str, content: bytes | bytearray, key: Key, form: str, *, private: bool, text: bool, passphrase: bytes | None,
    blob_type: str = "",
) -> Output:  # fmt: skip
    """Return the output of a key in a format. It is written only if it can be read again."""

    def check() -> None:
        check_written(content, key, form, private=private, passphrase=passphrase, blob_type=blob_type)

    return Output(path, content, private=private, text=text, check=check)


def write(outputs: Sequence[Output], force: bool) -> None:
    """Write all outputs or none, keys after they were read again: each to a temporary file, then into its place.

    A private file has the mode 0600 from its creation on. Without ``force``, a file that was created in the meantime is
    not replaced. With ``force``, a replaced file is not restored if a later one fails. Private content is wiped from
    memory afterwards.
    """
    waiting: list[NewFile] = []
    placed: list[str] = []
    try:
        for output in outputs:
            if output.check is not None:
                output.check()
        waiting.extend(
            NewFile(output.path, output.content, private=output.private)
            for output in outputs
            if output.path != STANDARD
        )
        for file in waiting:
            file.place(replace=force, remedy="pass --force to replace it")
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
