"""The code blocks of a documentation page, and how each kind of them is run.

A page is run from top to bottom in one process and one empty folder, so that a block builds on those before it:

=======================  ==========================================================================================
block                    what is done with it
=======================  ==========================================================================================
``python``               executed; all of a page share their names
``pycon``                a session with ``>>>``, compared as doctest compares, with ``...`` for what varies
``console``              each ``$ command`` is run by bash in the page's folder, its output compared likewise
``c``                    compiled, syntax only, against a stand-in for ``bcrypt.h``, where there is a compiler
``toml``, ``json``       parsed
``{code-block}``         with a caption: written to the file of that name in the page's folder
``text``                 shown and not run
=======================  ==========================================================================================

Any other language is an error. As a program, ``python pages.py PAGE`` runs one page in the current folder.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from markdown_it import MarkdownIt

COMPILER = shutil.which("cc") or shutil.which("gcc")
"""The C compiler; without one the C of the pages is not checked, and ``tests/docs`` skips the test that says so."""

ROOT = Path(__file__).parents[1]
HEADER = Path(__file__).parent / "docs"
"""The folder of the stand-in for bcrypt.h."""

NOT_INSTALLED = ("cngcore_pkcs11", "cngcore_windows")
"""What no page installs: the tests may have it, and what a page shows must not depend on that."""

_PROGRESS = re.compile(r"  \.\.\. .* so far")
"""What a command says while it works on something long: on a fast machine it does not."""
_VERSION = re.compile(r"\b\d+\.\d+\.\d+\b")
"""In the output of a command a version stands for any version."""

_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class PageError(Exception):
    """A block that does not do what its page says."""


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the file it is to be written to (if any), its text and its line in the page."""

    language: str
    text: str
    line: int
    file: str = ""
    options: dict[str, str] = field(default_factory=dict)


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page that hold code, in order. Directives that hold none are passed over."""
    for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
        if token.type == "code_block":
            yield Block("indented", token.content, token.map[0] + 1)
        elif token.type == "fence":
            info = token.info.strip()
            directive = re.fullmatch(r"\{code-block\}\s*(\S+)", info)
            if directive is not None:
                options = dict(re.findall(r"^:([\w-]+): *(.*)$", token.content, re.MULTILINE))
                text = re.sub(r"\A(?::[\w-]+:.*\n)*\n?", "", token.content)
                yield Block(directive[1], text, token.map[0] + 1, options.get("caption", "").strip("`"), options)
            elif not info.startswith("{"):
                yield Block(info, token.content, token.map[0] + 1)


def documented() -> list[Path]:
    """Every Markdown page that people read: the site without what is generated, and each README."""
    site = [page for page in (ROOT / "docs").rglob("*.md") if not {"_build", "generated"} & {*page.parts}]
    return sorted([*site, ROOT / "README.md", *ROOT.glob("providers/*/README.md"), *ROOT.glob("examples/*/README.md")])


@cache
def with_code() -> list[Path]:
    """Those of the pages that have code blocks."""
    return [page for page in documented() if next(blocks(page), None) is not None]


class Run:
    """One page being run."""

    def __init__(self, page: Path, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.names: dict[str, object] = {"__name__": "page"}

    def block(self, block: Block) -> None:
        """Run or check one block; :class:`PageError` or the block's own exception where it fails."""
        if block.file:
            target = self.folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
            return
        kinds: dict[str, Callable[[Block], None]] = {
            "python": self.python,
            "pycon": self.pycon,
            "console": self.console,
            "c": self.c,
            "toml": lambda block: void(tomllib.loads(block.text)),
            "json": lambda block: void(json.loads(block.text)),
            "text": void,
            "indented": self.indented,
        }
        if block.language not in kinds:
            raise PageError(f"unknown language {block.language!r}; known: {', '.join(kinds)}")
        kinds[block.language](block)

    def python(self, block: Block) -> None:
        padded = "\n" * block.line + block.text  # so that a traceback names the page's own line
        exec(compile(padded, str(self.page), "exec"), self.names)

    def pycon(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(block.text, self.names, self.page.name, str(self.page), block.line)
        if not test.examples:
            raise PageError("a pycon block without a >>> line")
        report: list[str] = []
        runner = doctest.DocTestRunner(optionflags=_FLAGS, verbose=False)
        result = runner.run(test, out=report.append, clear_globs=False)
        self.names.update(test.globs)
        if result.failed:
            raise PageError("".join(report))

    def console(self, block: Block) -> None:
        steps = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
        if steps[0].strip() or len(steps) < 2:
            raise PageError("a console block begins with '$ ' and a command")
        for step in steps[1:]:
            command, _, shown = step.partition("\n")
            while command.endswith("\\"):
                more, _, shown = shown.partition("\n")
                command = command[:-1] + more.strip()
            done = subprocess.run(
                ["bash", "-c", command], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                check=False, timeout=300,
            )  # fmt: skip
            lines = (line.rstrip() for line in done.stdout.splitlines())
            printed = "".join(line + "\n" for line in lines if not _PROGRESS.fullmatch(line))
            wanted, got = (_VERSION.sub("0.0.0", text).rstrip() + "\n" for text in (shown, printed))
            if not doctest.OutputChecker().check_output(wanted, got, _FLAGS):
                raise PageError(f"$ {command}\nexit status {done.returncode}; shown:\n{shown}\nprinted:\n{printed}")

    def c(self, block: Block) -> None:
        if COMPILER is None:
            return
        body = block.text
        if not re.search(r"^\w[\w \*]*\([^;]*\)\s*\{", body, re.MULTILINE):
            body = f"static NTSTATUS block(void)\n{{\nNTSTATUS status = 0;\n{body}\nreturn status;\n}}\n"
        options = ["-std=c11", "-fsyntax-only", "-Wall", "-Wno-unused", "-Werror", "-I", str(HEADER), "-x", "c", "-"]
        done = subprocess.run(
            [COMPILER, *options],
            input=f"#include <bcrypt.h>\n{body}", capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise PageError(done.stderr)

    def indented(self, block: Block) -> None:
        """READMEs keep their commands indented; .ci/run runs those that are marked. Pages use fences."""
        if self.page.name != "README.md" or not re.match(r"pip install|python3 -m venv", block.text):
            raise PageError("an indented code block; use a fence that names its language")


def void(_anything: object) -> None:
    """Do nothing more with it."""


def run(page: Path, folder: Path) -> int:
    """Run a whole page in a folder; the number of blocks. Stops at the first that fails, naming its line."""
    work = Run(page, folder)
    count = 0
    for count, block in enumerate(blocks(page), start=1):  # noqa: B007 - the count is the answer
        try:
            work.block(block)
        except BaseException as error:
            error.add_note(f"in the {block.language} block at {page}:{block.line}")
            raise
    return count


def environment(folder: Path) -> Path:
    """A virtual environment for one page, so that it may install what it likes; the path of its ``python``.

    It sees what is installed in the environment of the tests but for :data:`NOT_INSTALLED`, and its commands run under
    its own interpreter.
    """
    has_pip = find_spec("pip") is not None  # else the new environment has one of its own, which takes seconds
    subprocess.run([sys.executable, "-m", "venv", *(["--without-pip"] if has_pip else []), str(folder)], check=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    parent, own = sysconfig.get_path("purelib"), Path(sysconfig.get_path("purelib", vars=paths))
    seen = folder / "seen"
    seen.mkdir()
    for entry in os.scandir(parent):
        if not any(name in entry.name for name in NOT_INSTALLED):
            (seen / entry.name).symlink_to(entry.path)
    (own / "tests.pth").write_text(f"import site; site.addsitedir({str(seen)!r})\n")
    for command, module in (("pip", "pip"), ("pytest", "pytest"), ("cng", "cngcore.cli")):
        script = folder / "bin" / command
        script.write_text(f'#!/bin/sh\nexec "{folder}/bin/python" -m {module} "$@"\n')
        script.chmod(0o755)
    return folder / "bin" / "python"


if __name__ == "__main__":
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
    sys.path.insert(0, "")  # as in an interactive session
    run(Path(sys.argv[1]).resolve(), Path.cwd())
