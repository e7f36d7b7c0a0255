"""The page "Coming from cryptography": no program is longer with cngcore."""

from pathlib import Path

import pages
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "from-cryptography.md"
PYTHON = [block.text for block in pages.blocks(PAGE) if block.language == "python"]


def lines(text):
    """The lines of a program that say something."""
    return [line for line in text.splitlines() if line.strip()]


def without_preparation(text):
    """The first program also writes the file that is signed."""
    head, found, tail = text.partition('with open("report.txt", "wb") as file:\n    file.write(b"all is well")\n')
    return head + tail if found else text


@pytest.mark.parametrize("number", range(9))
def test_a_program_is_not_longer(number):
    ours, theirs = PYTHON[2 * number : 2 * number + 2]
    assert "cngcore" in ours
    assert "cngcore" not in theirs
    assert len(lines(without_preparation(ours))) <= len(lines(theirs))


def test_what_only_one_has_stands_alone():
    assert len(PYTHON) == 19
