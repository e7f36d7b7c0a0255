"""The compatibility table with Windows is held by tests that exist, and leaves no function out."""

import re
import sys
from pathlib import Path

import pytest

from cngcore import bcrypt

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

import compatibility  # noqa: E402 - a module of the documentation, found by the line above

ROWS = compatibility.rows(ROOT / "docs" / "reference" / "windows.toml")
GROUPS = {
    "Enumeration": ["BCryptEnumAlgorithms", "BCryptEnumProviders", "BCryptEnumRegisteredProviders",
                    "BCryptGetFipsAlgorithmMode"],
    "Hashes and random numbers": ["BCryptCreateHash", "BCryptHashData", "BCryptFinishHash", "BCryptDuplicateHash",
                                  "BCryptDestroyHash", "BCryptHash", "BCryptGenRandom"],
    "Handles": ["BCryptCloseAlgorithmProvider", "BCryptDestroySecret"],
}  # fmt: skip
"""Functions whose rows stand under a common heading."""


def names_of(file: Path) -> set[str]:
    return set(re.findall(r"^ *def (\w+)\(", file.read_text(), re.MULTILINE))


TESTS = {file.relative_to(ROOT / "tests").as_posix(): names_of(file) for file in (ROOT / "tests").rglob("test_*.py")}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.function}: {row.behaviour[:50]}")
def test_a_row_is_held(row):
    assert row.tests, "a row names the tests that hold it"
    for test in row.tests:
        file, _, name = test.partition("::")
        assert name in TESTS.get(file, ()), f"there is no test {test}"
    assert row.evidence
    assert set(row.evidence) <= set(compatibility.TAGS)
    assert row.here in compatibility.BADGES
    if row.here != "same":
        assert row.answer, "a row that is not the same says what cngcore does"
    if row.here == "decided":
        assert row.decision, "a decision has a page"
    if row.decision:
        assert (ROOT / "docs" / "decisions" / f"{row.decision}.md").exists()


def test_what_is_not_established_is_decided():
    odd = [row.behaviour for row in ROWS if row.windows == "not established" and row.here != "decided"]
    assert not odd


def test_no_function_is_left_out():
    functions = {name for name in bcrypt.__all__ if name.startswith("BCrypt") and callable(getattr(bcrypt, name))}
    functions -= {"BCryptBuffer"}
    covered = {row.function for row in ROWS} | {name for group in GROUPS.values() for name in group}
    assert functions <= covered
