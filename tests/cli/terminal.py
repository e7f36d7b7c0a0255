"""Run the ``cng`` command on a pseudo-terminal, as a person does."""

import os
import re
import subprocess
import sys

_SPAWN = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_terminal(*arguments, columns=80, typed=(), **environment):
    """The exit status of a command, and everything that it wrote to a terminal of so many columns.

    ``typed`` has pairs of a prompt to wait for and a line to type then.
    """
    command = [sys.executable, "-c", _SPAWN, sys.executable, "-m", "cngcore.cli", *map(str, arguments)]
    size = {"COLUMNS": str(columns), "LINES": "24", "TERM": "xterm-256color"}
    settings = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**settings, **size, **environment}, bufsize=0
    ) as process:
        written = b""
        for prompt, answer in typed:
            seen = len(written)
            while prompt.encode() not in written[seen:]:
                more = process.stdout.read(1)
                assert more, written.decode()
                written += more
            process.stdin.write(answer.encode() + b"\n")
        written += process.stdout.read()
    return process.returncode, written.decode()


def lines(written):
    """The lines of a terminal without escape sequences, each as it was last written (a bar is written in place)."""
    plain = _ESCAPES.sub("", written.replace("\r\n", "\n"))
    return [line.rpartition("\r")[2].rstrip() for line in plain.split("\n")]
