"""The README's commands are the ones .ci/run runs. That its code runs is tested with the pages, in tests/docs."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_both_commands_are_marked_for_ci():
    text = (ROOT / "README.md").read_text()
    commands = re.findall(r"<!-- command: (\w+) -->\n    (.+)\n", text)
    assert [name for name, _ in commands] == ["tour", "tests"]
    assert all(command.startswith("python3 -m venv .venv && .venv/bin/pip install") for _, command in commands)


def test_what_the_extra_all_leaves_out_is_said():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    names = set(re.split(r"[\[\],]", extras["all"][0]))
    left_out = {path.name for path in (ROOT / "providers").iterdir()} - names
    [row] = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `cngcore[all]`")]
    assert {f"cngcore-{name}" for name in left_out} == set(re.findall(r"`(cngcore-\w+)`", row))
