"""The README's commands are the ones .ci/run runs. That its code runs is tested with the pages, in tests/docs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_both_commands_are_marked_for_ci():
    text = (ROOT / "README.md").read_text()
    commands = re.findall(r"<!-- command: (\w+) -->\n    (.+)\n", text)
    assert [name for name, _ in commands] == ["tour", "tests"]
    assert all(command.startswith("python3 -m venv .venv && .venv/bin/pip install") for _, command in commands)
