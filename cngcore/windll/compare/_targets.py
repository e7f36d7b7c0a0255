"""What the corpus is played against: this installation, or a shared library in a child process that may crash."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from cngcore.status import InvalidParameterError
from cngcore.windll._dll import address_of
from cngcore.windll._table import FUNCTIONS
from cngcore.windll.compare._player import play
from cngcore.windll.compare._recording import Played, Recording, read_cases, recording_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cngcore.windll.compare._corpus import Corpus


_PIPE = subprocess.PIPE
CANNOT_LOAD = 2
"""The exit status of the child if it cannot load the library."""


def record_here(corpus: Corpus) -> Recording:
    """Return what this installation answers, called through C function pointers in this process."""

    played = (play(case, corpus.data, _address_here) for case in corpus.cases)
    return recording_of(f"cngcore {version('cngcore')}", played)


def _address_here(name: str) -> int | None:
    return address_of(name) if name in FUNCTIONS else None


def record_library(path: str, corpus: Corpus) -> Recording:
    """Return what a shared library with the functions of bcrypt.h answers.

    A child process plays. If a case crashes it, or takes more than a minute, a new one goes on with the next case.
    Raise InvalidParameterError if the library cannot be loaded.
    """
    titles = [case.title for case in corpus.cases]
    done: list[Played] = []
    while len(done) < len(titles):
        found = list(_child(path, titles[len(done) :]))
        if not found:
            raise InvalidParameterError(
                f"{path}: no case could be played; is it a library with the functions of bcrypt.h?"
            )
        done += found
    return recording_of(f"{Path(path).name}, {_system()}", done)


def _system() -> str:
    """Return the system, with its build on Windows, because answers depend on it."""
    name = f"{platform.system()} {platform.version() if sys.platform == 'win32' else ''}"
    return f"{name.strip()}, {platform.machine()}"


def _child(path: str, titles: list[str]) -> Iterator[Played]:
    """Play the cases of ``titles`` up to their end, or to the case that ends the process."""
    command = [sys.executable, "-m", "cngcore.windll.compare", path]
    with tempfile.TemporaryFile("w+") as said:
        with subprocess.Popen(command, stdin=_PIPE, stdout=_PIPE, stderr=said, text=True) as child:  # noqa: S603
            assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - both are pipes
            with child.stdin as stdin:
                stdin.write("\n".join(titles))
            yield from read_cases(child.stdout, set(titles))
        if child.returncode == CANNOT_LOAD:
            said.seek(0)
            raise InvalidParameterError(f"{path} cannot be loaded: {said.read().strip().splitlines()[-1]}")
