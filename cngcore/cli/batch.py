"""Write the many keys of ``cng generate --count`` to a file of JSON lines, which ``--resume`` can continue.

The first line describes the keys. Every other line is one key: its ``index``, its ``private`` and ``public`` blobs in
base64, or its ``error``. If a run was killed, its last line may be incomplete. ``--resume`` removes this line and makes
the missing keys.
"""

from __future__ import annotations

import json
import os
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import click

from cngcore.bulk import BulkKey
from cngcore.cli.keyfiles import check_regular
from cngcore.cli.output import Screen

FLUSH = 0.2
"""Seconds after which new keys are written to the file: a killed run loses at most these."""


@dataclass(slots=True)
class Tally:
    """The counts of a run: keys made now, keys that existed before, failed keys, and how often each error occurred."""

    made: int = 0
    before: int = 0
    failed: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def take(self, key: BulkKey) -> None:
        if key.error is None:
            self.made += 1
        else:
            self.failed += 1
            self.errors[str(key.error)] = self.errors.get(str(key.error), 0) + 1


class KeyFile:
    """A file of keys, open for appending. Only its owner can read it, from before the first key on."""

    def __init__(self, path: str, header: dict[str, Any], *, resume: bool, force: bool) -> None:
        self.path = path
        self.header = {"cngcore_keys": 1, **header}
        self.have: set[int] = set()
        check_regular(path)
        mode = os.O_RDWR | os.O_CREAT | (0 if resume else os.O_TRUNC if force else os.O_EXCL)
        try:
            descriptor = os.open(path, mode | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:
            raise click.ClickException(f"{path} exists; --resume continues it, --force replaces it") from None
        self._file: BinaryIO = os.fdopen(descriptor, "r+b")
        try:
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, 0o600)  # an existing file may be readable by others
            self._read()
        except BaseException:
            self._file.close()
            raise
        self._flushed = time.monotonic()

    def _read(self) -> None:
        """Read the indices of the existing keys. Writing continues after the last complete line."""
        end = 0
        for number, line in enumerate(self._file):
            if not line.endswith(b"\n"):
                break
            try:
                content = json.loads(line)
                known = content == self.header if number == 0 else isinstance(content["index"], int)
            except (ValueError, KeyError, TypeError, RecursionError):
                known = False
            if not known:
                problem = "of other keys" if number == 0 else f"not a file of keys: line {number + 1} is not a key"
                raise click.ClickException(f"{self.path} is {problem}; choose another --out")
            if number and "private" in content:
                self.have.add(content["index"])
            end += len(line)
        self._file.seek(end)
        self._file.truncate()
        if not end:
            self._write(self.header)

    def add(self, key: BulkKey) -> None:
        """Append one key."""
        if key.error is not None:
            self._write({"index": key.index, "error": str(key.error)})
            return
        private, public = b64encode(key.private).decode(), b64encode(key.public).decode()
        self._write({"index": key.index, "private": private, "public": public})
        now = time.monotonic()
        if now - self._flushed > FLUSH:
            self._file.flush()
            self._flushed = now

    def _write(self, content: dict[str, Any]) -> None:
        self._file.write(json.dumps(content).encode() + b"\n")

    def close(self) -> None:
        """Write everything to the disk and close the file. Closing twice is allowed."""
        if self._file.closed:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def make_many(
    screen: Screen, what: str, count: int, file: KeyFile, generate: Callable[[set[int]], Iterable[BulkKey]]
) -> Tally:
    """Make and write the missing keys, with a progress bar on a terminal. An interrupt leaves complete lines only."""
    tally = Tally(before=len(file.have))
    begun = time.perf_counter()
    try:
        for key in screen.counted(what, generate(file.have), count, len(file.have)):
            file.add(key)
            tally.take(key)
    except KeyboardInterrupt:
        there = tally.before + tally.made
        raise click.ClickException(
            f"interrupted; {there} of {count} keys are in {file.path}, --resume continues"
        ) from None
    finally:
        file.close()
    tally.seconds = time.perf_counter() - begun
    return tally
