"""The ``cng`` command. Exit status: 0 done, 1 the work failed, 2 the command was wrong; an error is one line.

It is built with click and rich, which the core does not need: they are the extra ``cngcore[cli]``.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

_LIBRARIES = ("click", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    for name in _LIBRARIES:
        try:
            import_module(name)
        except ModuleNotFoundError:
            print(f"cng: the command needs {name}, which is not installed: pip install 'cngcore[cli]'", file=sys.stderr)
            return 1
    from cngcore.cli.app import run

    return run(sys.argv[1:] if arguments is None else list(arguments))
