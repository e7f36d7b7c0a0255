"""``cng new-provider``: the project it writes, built as a wheel and tested in an environment of its own."""

from pathlib import Path

import pytest

from cngcore.cli import main
from cngcore.cli.scaffold import Names

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "distribution", "module", "implementation"),
    [
        ("acme-cng", "acme-cng", "acme_cng", "acme"),
        ("Acme.CNG", "acme-cng", "acme_cng", "acme"),
        ("cngcore-acme", "cngcore-acme", "cngcore_acme", "acme"),
        ("acme", "acme", "acme", "acme"),
    ],
)
def test_names(name, distribution, module, implementation):
    assert Names.of(name) == Names(distribution, module, implementation)


@pytest.mark.parametrize("name", ["", "-", "7acme", "acme cng", "acme/../cng", "acme--", "cngcore", "$name"])
def test_what_is_no_name(capsys, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert main(["new-provider", "--", name]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "acme-cng").mkdir()
    assert main(["new-provider", "acme-cng"]) == 1
    assert "is there already" in capsys.readouterr().err
    assert list((tmp_path / "acme-cng").iterdir()) == []


def test_nothing_is_left_to_fill_in(capsys, tmp_path):
    assert main(["new-provider", "acme-cng", "--out", str(tmp_path / "project")]) == 0
    for file in (tmp_path / "project").rglob("*"):
        if file.is_file() and file.suffix != ".yml":
            assert "$" not in file.read_text(), file
