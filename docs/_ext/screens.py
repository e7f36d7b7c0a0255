"""Make the pictures of commands that the README and the front page show: ``python docs/_ext/screens.py``.

Each command runs as in a pipe, and rich draws what it printed. The fonts are those of the reader's
system, so a picture loads nothing.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

TARGET = Path(__file__).parents[1] / "_static"
SCREENS = {
    "explain": ["cng explain ECDSA", "cng sign letter.txt --key key.pem --out letter.sig",
                "cng verify letter.txt --key key.pub --signature letter.sig"],
    "inspect": ["cng inspect key.blob"],
}  # fmt: skip
PREPARE = (
    "cng generate ECDSA_P256 --out key.pem --public-out key.pub",
    "cng convert key.pem --to cng --out key.blob",
)
_COLOURS = [
    (0, 0, 0),
    (192, 57, 43),
    (30, 132, 73),
    (154, 109, 0),
    (31, 97, 141),
    (125, 60, 152),
    (17, 122, 139),
    (90, 90, 90),
]
THEME = TerminalTheme((255, 255, 255), (31, 35, 40), _COLOURS)


def run(command: str, folder: str) -> str:
    """Return what a command prints, with its colours."""
    path = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    own = {**os.environ, "PATH": path, "COLUMNS": "80", "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    return subprocess.run(  # noqa: S603 - the commands above
        ["bash", "-c", command],  # noqa: S607
        cwd=folder,
        env=own,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def draw(commands: list[str], folder: str, title: str) -> str:
    """Return a picture of the commands and of what they print, as SVG."""
    console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for command in commands:
        console.print(Text(f"$ {command}", "bold"))
        console.print(Text.from_ansi(run(command, folder)))
    svg = console.export_svg(title=title, theme=THEME, unique_id=title.replace(" ", "-"))
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE).replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


def main() -> None:
    """Write every picture."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "letter.txt").write_text("Dear Alice\n")
        for command in PREPARE:
            run(command, folder)
        for name, commands in SCREENS.items():
            (TARGET / f"{name}.svg").write_text(draw(commands, folder, f"cng {name}") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
