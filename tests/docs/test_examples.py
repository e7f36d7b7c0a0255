"""The example on the page of each algorithm runs, and each of its calls succeeds."""

import ast
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_ext"))
import declarations
from helpers import representative

import examples
from cngcore.bcrypt import STATUS_SUCCESS, open_handles

OURS = declarations.ours()


@pytest.mark.parametrize("name", representative(OURS, kind=lambda name: name.rpartition("_")[0] or name))
@pytest.mark.parametrize("api", [0, 1], ids=["objects", "flat"])
def test_an_example_runs(name, api, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text, before = examples.of(OURS[name][0].algorithm)[api], open_handles()
    names = {"__name__": "example"}
    for statement in ast.parse(text).body:
        exec(compile(ast.Module([statement], []), name, "exec"), names)
        assert names.get("status", STATUS_SUCCESS) == STATUS_SUCCESS, ast.unparse(statement)
    assert open_handles() <= before


@pytest.mark.parametrize("name", OURS)
def test_the_page_shows_both(name):
    page = declarations.page_of(name, OURS[name])
    for text in examples.of(OURS[name][0].algorithm):
        assert f"```python\n{text}\n```" in page
