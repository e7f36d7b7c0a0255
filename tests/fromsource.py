"""A provider's project tested from its source: with metadata as its wheel would have, and without an environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from conformance.workshop import BRIEF
from helpers import python

PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
import cngcore, pytest
from cngcore import conformance

print(conformance.run({name!r}, checks={checks!r}).text())
sys.exit(pytest.main(["-q", "-c", {nothing!r}, "-p", "no:cacheprovider", {tests!r}]))
"""


def kit_of(project: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the kit and the project's own tests; leave out the checks that make keys by the hundred.

    The project is put into ``folder`` as an installer would.
    """
    told = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    points = told["entry-points"]["cngcore.algorithms"]
    for package in (project / "src").iterdir():
        shutil.copytree(package, folder / package.name)
    info = folder / f"{re.sub('[-.]+', '_', told['name'])}-0.1.0.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {told['name']}\nVersion: 0.1.0\n")
    lines = "".join(f"{name} = {module}\n" for name, module in points.items())
    info.joinpath("entry_points.txt").write_text(f"[cngcore.algorithms]\n{lines}")
    (tests,) = [str(path) for path in (project / "tests").glob("test_*.py") if path.name != "test_conformance.py"]
    return python(
        PROGRAM.format(folder=str(folder), name=told["name"], checks=BRIEF, nothing=os.devnull, tests=tests),
        check=False,
    )
