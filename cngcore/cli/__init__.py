"""Run the ``cng`` command. Exit status: 0 success, 1 failure, 2 wrong usage. An error is one line on standard error.

The command needs click and rich, which the extra ``cngcore[cli]`` installs. The core does not need them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from cngcore._nearest import install

_LIBRARIES = ("click", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    for name in _LIBRARIES:
        try:
            import_module(name)
        except ModuleNotFoundError:
            print(
                f"cng: the command needs {name}, which is not installed; {install('cngcore[cli]')}",
                file=sys.stderr,
            )
            return 1
    from cngcore.cli.app import run

    return run(sys.argv[1:] if arguments is None else list(arguments))
