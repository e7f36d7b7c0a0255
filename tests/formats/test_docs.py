"""The page of the formats: its tables are those of the code, its examples run, its command lines are taken."""

import re
from pathlib import Path

from cngcore import formats
from cngcore.cli import main
from cngcore.formats.cng import BLOB_TYPES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "formats.md").read_text()


def rows(head):
    lines = PAGE[PAGE.index(head) :].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[: lines.index("")]]


def test_the_table_of_formats():
    def half(one, there):
        return "no" if not there else "yes" if one.writes else "read"

    assert rows("| format |") == [
        [
            f"`{one.name}`",
            half(one, one.private),
            half(one, one.public),
            ", ".join(one.encodings),
            ", ".join(one.families),
            one.source,
        ]
        for one in formats.FORMATS.values()
    ]


def test_the_table_of_blob_types():
    assert rows("| family |") == [[family, ", ".join(types)] for family, types in BLOB_TYPES.items()]


def test_the_examples_run():
    names = {"__name__": "page"}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(block, "formats.md", "exec"), names)


def test_the_command_lines_are_taken(tmp_path, monkeypatch, capsys):
    from contract import data

    monkeypatch.chdir(tmp_path)
    (tmp_path / "windows.blob").write_bytes(data.RSA512_FULL)
    lines = [line for line in PAGE.splitlines() if line.startswith("cng ")]
    assert len(lines) == 4
    for line in lines:
        assert main(line.split()[1:]) == 0, capsys.readouterr().err
