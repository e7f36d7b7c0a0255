"""Files with keys in them: read within bounds, written whole or not at all, private ones for their owner alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkstemp
from typing import Any, TypeVar

import click

from cngcore.formats import FORMATS, LARGEST, Key
from cngcore.formats._cng import BLOB_TYPES
from cngcore.formats._model import family_of
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
    """What is to be written where. A private file is made for its owner alone, from its first moment."""

    path: str
    content: bytes | bytearray
    private: bool
    text: bool


class _Choice(click.Choice[str]):
    """A choice that does not fill a line of the help with all it has."""

    def __init__(self, choices: Sequence[str], name: str) -> None:
        super().__init__(choices)
        self._metavar = name

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return self._metavar


def format_name(**options: Any) -> Callable[[F], F]:
    """The option that names a format to write."""
    known = [one.name for one in FORMATS.values() if one.writes]
    names = options.pop("names")
    return click.option(
        *names, type=_Choice(known, "FORMAT"), help=f"{options.pop('said')}: {', '.join(known)}.", **options
    )


def input_type(function: F) -> F:
    """The options that say what a file holds, where it does not tell itself."""
    for option in (
        click.option("--half", type=click.Choice(["private", "public"]), help="Of a raw key: which half it is."),
        click.option("--curve", metavar="NAME", default="",
                     help="Of a raw key, and of a blob ECKP, ECKV, ECDP or ECDV, which do not name their curve."),
        click.option("--algorithm", metavar="NAME", default="", help="Of a raw key: ML-KEM-768, ECDSA_P256, X25519. Of "
                     "a key on an elliptic curve: ECDSA or ECDH, where the file does not tell (ECDSA if left out)."),
        click.option("--as", "input_format", type=_Choice([*FORMATS, *_ALL_BLOB_TYPES], "TYPE"),
                     help=f"What the file is: {', '.join(FORMATS)}, or a blob type. Left out, it is told by the file."),
    ):  # fmt: skip
        function = option(function)
    return function


def passphrase_options(prefix: str, said: str) -> Callable[[F], F]:
    """A passphrase from a file or an environment variable; never from the command line, which others can see."""

    def add(function: F) -> F:
        name = prefix.replace("-", "_")
        for way, metavar, whence in (
            ("file", "FILE", f"{said}: the first line of a file."),
            ("env", "NAME", f"{said}: the value of an environment variable."),
        ):
            function = click.option(f"--{prefix}-{way}", f"{name}_{way}", metavar=metavar, help=whence)(function)
        return function

    return add


def out_option(function: F) -> F:
    """Where the output goes."""
    function = click.option("--force", is_flag=True, help="Replace a file that is there already.")(function)
    return click.option(
        "--out",
        metavar="FILE",
        type=click.Path(allow_dash=True),
        required=True,
        help="The file to write; - is standard output.",
    )(function)


def passphrase(file: str | None, env: str | None, *, writing: bool = False) -> bytes | None:
    """The passphrase that two options tell, or None.

    UsageError for both, InvalidParameterError for none there, and for an empty one to write under.
    """
    if file is not None and env is not None:
        raise click.UsageError("a passphrase comes from a file or from the environment, not from both")
    if env is not None:
        if env not in os.environ:
            raise InvalidParameterError(f"the environment variable {env} is not set; put the passphrase in it")
        found = os.fsencode(os.environ[env])
    elif file is not None:
        found = (read(file).splitlines() or [b""])[0]
    else:
        return None
    if writing and not found:
        raise InvalidParameterError("the passphrase is empty, and protects nothing; give one, or leave the option out")
    return found


def read(path: str) -> bytes:
    """The content of a file, or of standard input. More than a key can have is refused after so many bytes."""
    if path == STANDARD:
        data = sys.stdin.buffer.read(LARGEST + 1)
    else:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InvalidParameterError(f"{path} has more than {LARGEST} bytes, which no key has")
    return data


def for_algorithm(key: Key, algorithm: str) -> Key:
    """The key, once ``algorithm`` fits it; on an elliptic curve it says what the key is for."""
    if not algorithm:
        return key
    family, curve, parameter_set, use = family_of(algorithm)
    montgomery = key.family == "X25519" and family == "EC" and use == "ECDH"
    fits = montgomery or (
        family == key.family and curve in ("", key.curve) and parameter_set in ("", key.parameter_set)
    )
    if not fits:
        raise InvalidParameterError(f"the key is {key.description}, and not for {algorithm}")
    return replace(key, use=use) if use else key


def check_free(paths: Sequence[str], force: bool) -> None:
    """Look before work is done whether files can be written: their folder is there, they are not, no two are one."""
    for path in paths:
        folder = os.path.dirname(os.path.abspath(path))
        if path != STANDARD and not os.path.isdir(folder):
            raise FileNotFoundError(2, "No such directory", folder)
        if path != STANDARD and os.path.isdir(path):
            raise IsADirectoryError(21, "this is a directory; name a file in it", path)
        if path != STANDARD and not force and os.path.lexists(path):
            raise FileExistsError(17, "the file is there already; give another name, or --force to replace it", path)
        if path != STANDARD:
            check_regular(path)
    if len({os.path.abspath(path) if path != STANDARD else path for path in paths}) != len(paths):
        raise click.UsageError("two outputs have one name")


def check_regular(path: str) -> None:
    """Refuse the name of a device, a pipe or a socket: ``--force`` must not put a file in the place of /dev/null."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise FileExistsError(17, "this is no regular file, and no key is written over it; - is standard output", path)


def write(outputs: Sequence[Output], force: bool) -> None:
    """Write all of the outputs, or none: each into a file of its own beside its place, then into its place.

    A private file has the mode 0600 from the moment it exists. Without ``force`` a file that has come in the meantime
    is not replaced; with it, a file that was replaced does not come back where a later one fails. What is private is
    wiped from memory afterwards.
    """
    waiting: list[tuple[str, Output]] = []
    placed: list[str] = []
    try:
        waiting.extend((_beside(output), output) for output in outputs if output.path != STANDARD)
        for temporary, output in waiting:
            _place(temporary, output.path, force)
            placed.append(output.path)
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
        for temporary, _ in waiting:
            with suppress(OSError):
                os.unlink(temporary)
        for output in outputs:
            if isinstance(output.content, bytearray):
                output.content[:] = bytes(len(output.content))


def check_terminal(path: str, text: bool) -> None:
    """Refuse binary output to a terminal."""
    if path == STANDARD and not text and sys.stdout.isatty():
        raise click.UsageError("binary output is not for a terminal; give --out FILE, or --encoding hex or base64")


def _beside(output: Output) -> str:
    """A new file in the directory of the output's place, with its content in it."""
    try:
        handle, temporary = mkstemp(prefix=".cng.", dir=Path(output.path).absolute().parent)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, output.path) from None
    try:
        with open(handle, "wb") as file:
            if not output.private and hasattr(os, "fchmod"):
                mask = os.umask(0)
                os.umask(mask)
                os.fchmod(handle, 0o666 & ~mask)
            file.write(output.content)
            file.flush()
            os.fsync(handle)
    except BaseException:
        os.unlink(temporary)
        raise
    return temporary


def _place(temporary: str, path: str, force: bool) -> None:
    if force:
        os.replace(temporary, path)
        return
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise FileExistsError(17, "the file has come in the meantime; it was left as it is", path) from None
    except (OSError, NotImplementedError, AttributeError):  # a file system without hard links
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            os.replace(temporary, path)
        except BaseException:
            os.unlink(path)
            raise


def _print(output: Output) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(output.content)
    sys.stdout.buffer.flush()
