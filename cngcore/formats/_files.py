"""Read a key file, limited in size, and write one: whole or not at all, and readable by its owner only if private."""

from __future__ import annotations

import os
from contextlib import suppress
from secrets import token_hex
from typing import TYPE_CHECKING

from cngcore.formats._detection import LARGEST
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["NewFile", "check_regular", "read_file"]

_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a key file. Raise InvalidParameterError after :data:`LARGEST` bytes, OSError as open()."""
    with open(path, "rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InvalidParameterError(f"{os.fspath(path)} has more than {LARGEST} bytes, more than any key")
    return data


def check_regular(path: str) -> None:
    """Refuse the name of a device, a pipe or a socket: replacing must not turn /dev/null into a file."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise FileExistsError(17, "this is not a regular file, so no key is written to it", path)


class NewFile:
    """A file that waits beside its place until :meth:`place` puts it there, in one step.

    A private file has the mode 0600 from its creation on. Leaving the context removes what was not placed.
    """

    def __init__(self, path: str | os.PathLike[str], content: bytes | bytearray, *, private: bool) -> None:
        self.path = os.fspath(path)
        check_regular(self.path)
        self._temporary = os.path.join(os.path.dirname(os.path.abspath(self.path)), f".cng.{token_hex(8)}")
        try:
            handle = os.open(self._temporary, _NEW, 0o600 if private else 0o666)
        except OSError as error:
            raise type(error)(error.errno, error.strerror, self.path) from None
        try:
            with open(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
        except BaseException:
            self.discard()
            raise

    def place(self, *, replace: bool, remedy: str = "pass replace=True") -> None:
        """Put the file into its place. Raise FileExistsError if one is there and ``replace`` is False.

        ``remedy`` is what the message says to do besides choosing another name.
        """
        if replace:
            os.replace(self._temporary, self.path)
            return
        exists = FileExistsError(17, f"the file exists and is unchanged; choose another name, or {remedy}", self.path)
        try:
            os.link(self._temporary, self.path)
        except FileExistsError:
            raise exists from None
        except (OSError, NotImplementedError, AttributeError):  # no hard links here, or none in this Python
            try:
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                raise exists from None
            try:
                os.replace(self._temporary, self.path)
            except BaseException:
                os.unlink(self.path)
                raise

    def discard(self) -> None:
        """Remove what was not placed."""
        with suppress(OSError):
            os.unlink(self._temporary)

    def __enter__(self) -> NewFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.discard()
