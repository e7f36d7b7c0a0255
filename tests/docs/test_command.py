"""The reference page of the command names every command and every option."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

import commands  # noqa: E402 - a module of the documentation, found by the line above

PAGE = commands.markdown()


@pytest.mark.parametrize(("name", "command"), [pytest.param(*pair, id=pair[0]) for pair in commands.every()])
def test_a_command_is_there_with_all_its_options(name, command):
    part = PAGE.partition(f"## cng {name}\n")[2].partition("\n## ")[0]
    assert part
    for option in command.params:
        for written in option.opts:
            if written.startswith("-"):
                assert written in part


def test_each_schema_is_shown():
    folder = ROOT / "cngcore" / "cli" / "schemas"
    names = {path.stem for path in folder.glob("*.json")}
    assert names
    assert all(f'"title": "cng {name}' in PAGE for name in names)
