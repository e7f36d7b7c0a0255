"""Two builds of a wheel are the same bytes; what is installed beside the core stays few and under known licences."""

import hashlib
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from helpers import representative

ROOT = Path(__file__).parents[2]
PROJECTS = [ROOT, *sorted(path.parent for path in (ROOT / "providers").glob("*/pyproject.toml"))]
PERMISSIVE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|0BSD|Public Domain|CC0", re.IGNORECASE)


def build(project: Path, into: Path) -> bytes:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(into), str(project)],
        check=True, capture_output=True, env=environment,
    )  # fmt: skip
    (wheel,) = into.glob("*.whl")
    return wheel.read_bytes()


@pytest.mark.parametrize("project", representative([ROOT / "providers" / "rsa", ROOT]), ids=lambda path: path.name)
def test_wheels_are_reproducible(project: Path, tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the build back end is not installed here")
    first, second = build(project, tmp_path / "one"), build(project, tmp_path / "two")
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def requirements(project: Path) -> list[str]:
    table = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    return [str(line) for line in table.get("dependencies", [])]


def test_the_core_needs_two_things() -> None:
    assert [re.split(r"[<>=\[ ]", line)[0] for line in requirements(ROOT)] == ["pluggy", "importlib-metadata"]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_every_range_has_an_oldest_release(project: Path) -> None:
    """Else nobody can test it: .ci/oldest."""
    for line in requirements(project):
        assert line.startswith("cngcore") or ">=" in line, line


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_provider_asks_for_the_cngcore_that_it_was_built_for(project: Path) -> None:
    """A newer provider on an older core would fail at its import only."""
    if project != ROOT:
        (line,) = [line for line in requirements(project) if re.match(r"cngcore\b(?!-)", line)]
        assert re.fullmatch(r"cngcore>=\d[\d.]*", line), line


def test_licences_of_what_is_needed() -> None:
    """Each dependency, and what it needs in turn, under a permissive licence as its metadata say."""
    wanted = [re.split(r"[<>=\[ ;]", line)[0] for project in PROJECTS for line in requirements(project)]
    seen: dict[str, str] = {}
    while wanted:
        name = wanted.pop().lower()
        if name in seen or name.startswith("cngcore"):
            continue
        try:
            told = metadata(name)
        except PackageNotFoundError:
            continue
        classifiers = [line for line in told.get_all("Classifier", []) if line.startswith("License ::")]
        seen[name] = " ".join([told.get("License-Expression") or "", *classifiers, (told.get("License") or "")[:80]])
        needed = [line for line in told.get_all("Requires-Dist", []) if "extra ==" not in line]
        wanted += [re.split(r"[<>=!~\[ ;(]", line)[0] for line in needed]
    assert {"pluggy", "importlib-metadata"} <= seen.keys()
    refused = {name: licence for name, licence in seen.items() if not PERMISSIVE.search(licence)}
    assert refused.keys() <= COPYLEFT, refused


COPYLEFT: set[str] = set()
"""Dependencies of providers under a licence that is not permissive, looked at and accepted."""
