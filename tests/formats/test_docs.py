"""The page of the formats: its tables are those of the code. That its examples run is the business of tests/docs."""

from pathlib import Path

from cngcore import formats
from cngcore.formats._cng import BLOB_TYPES

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
