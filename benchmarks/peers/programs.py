"""Measure programs as peers: they list operations, then read ``operation count`` and answer in nanoseconds."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from benchmarks.harness import Timer
from benchmarks.peers import AbsentError, Operations, Peer

HERE = Path(__file__).parent


def _needed(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise AbsentError(f"skipped: {' and '.join(missing)} is not on this machine")


@contextmanager
def _running(command: Sequence[str], environment: dict[str, str] | None = None) -> Iterator[Operations]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | (environment or {}),
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        offered = process.stdout.readline()
        if not offered:
            raise AbsentError(f"skipped: {command[0]} could not run it")
        yield {name: _timer(process, name) for name in json.loads(offered)}
        process.stdin.close()


def _timer(process: "subprocess.Popen[str]", operation: str) -> Timer:
    def timed(count: int) -> float:
        assert process.stdin is not None
        assert process.stdout is not None
        print(f"{operation} {count}", file=process.stdin, flush=True)
        return float(process.stdout.readline()) / 1e9

    return timed


@contextmanager
def java() -> Iterator[Operations]:
    _needed("java")
    with _running(["java", str(HERE / "Keys.java")]) as operations:
        yield operations


@contextmanager
def node() -> Iterator[Operations]:
    _needed("node")
    with _running(["node", str(HERE / "keys.js")]) as operations:
        yield operations


@contextmanager
def wine() -> Iterator[Operations]:
    """bcrypt.dll of Wine, in a temporary Wine prefix."""
    compiler = "x86_64-w64-mingw32-gcc"
    _needed("wine", compiler)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        program = str(Path(folder, "keys.exe"))
        subprocess.run([compiler, "-O2", "-o", program, str(HERE / "keys.c"), "-lbcrypt"], check=True)
        settings = {"WINEPREFIX": str(Path(folder, "wine")), "WINEDEBUG": "-all", "DISPLAY": ""}
        try:
            with _running(["wine", program], settings) as operations:
                yield operations
        finally:
            subprocess.run(
                ["wineserver", "-k", "-w"], env=os.environ | settings, stderr=subprocess.DEVNULL, check=False
            )


PEERS = [Peer(name, opened, perf_counter) for name, opened in (("Java", java), ("Node", node), ("Wine", wine))]
