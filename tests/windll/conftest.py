"""libbcrypt, built once for all tests, and C programs that are linked with it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic"]


def compiler(language="c"):
    """The command of the C or C++ compiler; a test without one is skipped."""
    variable, names = ("CXX", ("c++", "g++", "clang++")) if language == "c++" else ("CC", ("cc", "gcc", "clang"))
    for words in (shlex.split(os.environ.get(variable, "")), *([name] for name in names)):
        if words and shutil.which(words[0]):
            return words
    pytest.skip(f"no {language.upper()} compiler is installed")


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """The folder with libbcrypt, bcrypt.h and bcrypt.pc."""
    pytest.importorskip("cffi", reason="cffi builds the library")
    compiler()
    from cngcore.windll import BuildError, build_library
    from cngcore.windll._library import _shared_python

    try:
        _shared_python()
    except BuildError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("libbcrypt")
    build_library(folder)
    return folder


@pytest.fixture(scope="session")
def program(library, tmp_path_factory):
    """Compile a program of this folder, once for each set of options; return its path."""
    made = {}

    def compile_(source, *options):
        if (source, options) not in made:
            into = tmp_path_factory.mktemp("program")
            path = HERE / source
            cpp = path.suffix == ".cpp"
            language = [*compiler("c++" if cpp else "c"), "-std=c++17" if cpp else "-std=gnu11"]
            command = [
                *language, *WARNINGS, "-pthread", *options, str(path), "-o", str(into / "program"),
                f"-I{HERE}", f"-I{library}", f"-L{library}", "-lbcrypt", f"-Wl,-rpath,{library}", "-ldl",
            ]  # fmt: skip
            subprocess.run(command, check=True)
            made[source, options] = into / "program"
        return made[source, options]

    return compile_


@pytest.fixture
def run(program):
    """Run a C program, which must print "right" and nothing else; return its standard output."""

    def run_(source, *arguments, options=(), environment=None, status=0):
        done = subprocess.run(
            [program(source, *options), *arguments], capture_output=True, text=True, timeout=300,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (status, ""), done.stderr
        return done.stdout

    return run_
