"""``cng new-provider``: the project it writes, built as a wheel and tested in an environment of its own."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from fromsource import kit_of

from cngcore.cli import main
from cngcore.cli.scaffold import KINDS, Names

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


def test_an_implementation_of_another_name(capsys, tmp_path):
    folder = tmp_path / "project"
    assert main(["new-provider", "acme-cng", "--implementation", "acme-fast", "--out", str(folder)]) == 0
    declared = (folder / "src" / "acme_cng" / "__init__.py").read_text()
    assert '"acme-fast"' in declared
    assert "CNGCORE_PREFER=acme-fast" in declared


@pytest.mark.parametrize("name", ["-", "acme fast", 'a"b', "a\nb", "$name"])
def test_what_is_no_name_of_an_implementation(capsys, tmp_path, name):
    folder = tmp_path / "project"
    assert main(["new-provider", "acme-cng", f"--implementation={name}", "--out", str(folder)]) == 2
    assert "not a name of an implementation" in capsys.readouterr().err
    assert not folder.exists()


@pytest.mark.parametrize("name", ["json", "class", "cryptography", "Pytest", "cngcore_rsa"])
def test_a_module_that_would_hide_another_is_refused(capsys, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert main(["new-provider", name]) == 2
    assert "name yours after" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


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
    assert " exists; choose another --out" in capsys.readouterr().err
    assert list((tmp_path / "acme-cng").iterdir()) == []


@pytest.mark.parametrize(("name", "told"), [("cngcore-acme", True), ("acme-cng", False)])
def test_the_projects_own_names_are_told(capsys, tmp_path, name, told):
    assert main(["new-provider", name, "--out", str(tmp_path / "project")]) == 0
    assert ("reserved for this project" in capsys.readouterr().out) is told


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_to_fill_in(capsys, tmp_path, kind):
    assert main(["new-provider", "acme-cng", "--kind", kind, "--out", str(tmp_path / "project")]) == 0
    for file in (tmp_path / "project").rglob("*"):
        if file.is_file() and file.suffix != ".yml":
            assert "$" not in file.read_text(), file


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", KINDS)
def test_the_project_passes_its_own_linter_formatter_and_type_checkers(tmp_path, kind):
    project = tmp_path / "acme-cng"
    assert main(["new-provider", "acme-cng", "--kind", kind, "--out", str(project)]) == 0
    checkers = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]]
    if find_spec("basedpyright") is not None:  # pyright, in a wheel
        (project / "pyrightconfig.json").write_text('{"typeCheckingMode": "standard", "include": ["src"]}')
        checkers.append(["basedpyright", "--level", "error", "--pythonpath", sys.executable])
    for command in checkers:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=project, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_the_project_passes_its_tests_from_its_source(tmp_path, kind):
    project, installed = tmp_path / "acme-cng", tmp_path / "installed"
    installed.mkdir()
    assert main(["new-provider", "acme-cng", "--kind", kind, "--out", str(project)]) == 0
    told = kit_of(project, installed)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "acme-cng 0.1.0 conforms, as far as was tested" in told.stdout


@pytest.mark.exhaustive
def test_the_project_is_installed_from_its_wheel_and_passes(tmp_path):
    """As its author would go on: build it, install it beside cngcore's own, run its tests, see it chosen."""
    project, wheels, venv = tmp_path / "acme-cng", tmp_path / "wheels", tmp_path / "venv"
    assert main(["new-provider", "acme-cng", "--out", str(project)]) == 0
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CNGCORE_", "PYTHON"))}

    def run(*command, **more):
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=project, env={**environment, **more}, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    for source in (ROOT, ROOT / "providers" / "ec", project):
        alone = ["--no-isolation"] if source != project else []  # its author has no build back end installed
        run(sys.executable, "-m", "build", "--wheel", *alone, "--outdir", str(wheels), str(source))
    core, *others = sorted(wheels.glob("cngcore-*.whl")) + sorted(wheels.glob("cngcore_*.whl"))
    run(sys.executable, "-m", "venv", "--without-pip", str(venv))
    folder = venv / ("Scripts" if os.name == "nt" else "bin")
    acme = next(wheels.glob("acme_cng-*.whl"))
    run(
        sys.executable, "-m", "pip", "--python", str(folder / "python"), "install", "--quiet", "--no-compile",
        f"{core}[cli,conformance]", *map(str, others), str(acme),
    )  # fmt: skip
    told = run(str(folder / "python"), "-m", "pytest")
    assert "passed" in told
    assert re.search(r"[1-9][0-9]* failed", told) is None
    assert "its rank 0 is the highest" in run(str(folder / "cng"), "explain", "ECDSA_P256")
    assert "->  acme" in run(str(folder / "cng"), "explain", "ECDSA_P256", CNGCORE_PREFER="acme")
