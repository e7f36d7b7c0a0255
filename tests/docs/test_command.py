"""The reference page of the command names every command and every option."""

import json
import re
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


def test_a_bar_in_a_help_text_does_not_end_a_cell():
    """ECDSA's ``r || s``: a row of the options has two cells."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| `--")]
    assert any("r \\|\\| s" in row for row in rows)
    assert {len(re.split(r"(?<!\\)\|", row)) for row in rows} == {4}


def test_each_schema_is_shown():
    folder = ROOT / "cngcore" / "cli" / "schemas"
    titles = [json.loads(path.read_text())["title"] for path in folder.glob("*.json")]
    assert titles
    assert all(title.startswith("cng ") and f'"title": "{title}"' in PAGE for title in titles)
