"""Run a Windows program in Python: ``python -m cngcore.windll [--stub DLL] program.py [ARGUMENT ...]``."""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

from cngcore.windll import windows


def main(arguments: list[str] | None = None) -> None:
    """Run a file, or with ``-m`` a module, inside the scope, with its own arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m cngcore.windll",
        description="Run a Python program that calls bcrypt.dll of Windows. cngcore answers its calls.",
    )
    parser.add_argument("-m", dest="module", action="store_true", help="run a module instead of a file")
    parser.add_argument(
        "--stub",
        action="append",
        default=[],
        metavar="DLL=MODULE",
        help="let a Python module answer for another DLL: --stub kernel32=my_kernel32; may be repeated",
    )
    parser.add_argument("program", help="the file to run, or with -m the module")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="arguments of the program")
    options = parser.parse_args(arguments)
    if not options.module and not Path(options.program).is_file():
        parser.error(f"{options.program} is not a file; to run a module, pass -m {options.program}")
    sys.argv = [options.program, *options.arguments]
    sys.path.insert(0, "" if options.module else str(Path(options.program).resolve().parent))
    with windows(stubs=dict(_stub(parser, text) for text in options.stub)):
        if options.module:
            runpy.run_module(options.program, run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(options.program, run_name="__main__")


def _stub(parser: argparse.ArgumentParser, text: str) -> tuple[str, object]:
    """Return the DLL and the module of one ``--stub``."""
    from importlib import import_module

    library, equals, module = text.partition("=")
    if not equals:
        parser.error(f"--stub takes DLL=MODULE, not {text!r}")
    try:
        return library, import_module(module)
    except ImportError as error:
        parser.error(f"--stub {text}: {error}")


if __name__ == "__main__":
    main()
