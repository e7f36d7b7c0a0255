"""The child process that plays cases against a library: ``python -m cngcore.windll.compare LIBRARY < titles``.

It prints the answers of the cases whose titles it reads, each line as soon as it is known.
"""

from __future__ import annotations

import ctypes
import faulthandler
import sys
from typing import Any

from cngcore.windll.compare._corpus import corpus
from cngcore.windll.compare._player import play_call_by_call
from cngcore.windll.compare._recording import END, heading
from cngcore.windll.compare._targets import CANNOT_LOAD

_NO_DIALOGUE = 0x8003
"""SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX and SEM_NOOPENFILEERRORBOX: a crash asks nobody."""

SECONDS = 60
"""After which a case counts as crashed."""


def main(library: str) -> int:
    """Play and print."""
    if sys.platform == "win32":
        ctypes.windll.kernel32.SetErrorMode(_NO_DIALOGUE)
    try:
        loaded = ctypes.CDLL(library)
    except OSError as error:
        print(error, file=sys.stderr)
        return CANNOT_LOAD
    found = corpus()
    cases = {case.title: case for case in found.cases}
    for case in [cases[title] for title in sys.stdin.read().split()]:
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        print(heading(case.checksum, case.title), flush=True)
        answers = play_call_by_call(case, found.data, lambda name: _address(loaded, name))
        for number, answer in enumerate(answers, 1):
            print(number, answer, flush=True)
        print(END, flush=True)
    return 0


def _address(library: ctypes.CDLL, name: str) -> int | None:
    function: Any = getattr(library, name, None)
    return None if function is None else ctypes.cast(function, ctypes.c_void_p).value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
