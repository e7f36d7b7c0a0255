"""The README's code runs, and its commands are the ones .ci/run runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL), start=1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_code_of_the_pages_runs(block):
    exec(compile(block, "README", "exec"), {"__name__": "page"})


def test_both_commands_are_marked_for_ci():
    text = (ROOT / "README.md").read_text()
    commands = re.findall(r"<!-- command: (\w+) -->\n    (.+)\n", text)
    assert [name for name, _ in commands] == ["tour", "tests"]
    assert all(command.startswith("python3 -m venv .venv && .venv/bin/pip install") for _, command in commands)
