"""The Python of the README and of every page passes mypy --strict and pyright.

basedpyright stands for pyright: the same checker, in a wheel, where pyright's own fetches itself from another registry.
"""

import doctest
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pages
import pytest

ROOT = Path(__file__).parents[2]


def program(page):
    """The Python of a page as one module, each line at the line of the page."""
    lines = {}
    for block in pages.blocks(page):
        if block.file or block.language not in ("python", "pycon"):
            continue
        text = block.text
        if block.language == "pycon":
            examples = doctest.DocTestParser().get_examples(text)
            for example in examples:
                for number, line in enumerate(example.source.splitlines()):
                    lines[block.line + 1 + example.lineno + number] = line
            continue
        for number, line in enumerate(text.splitlines()):
            lines[block.line + 1 + number] = line
    return "\n".join(lines.get(number, "") for number in range(1, max(lines, default=0) + 1)) + "\n"


STUBS = {
    "acme.py": "from typing import Any\n\ndef new_p256_key() -> Any:\n    return None\n",
    "acme_cng.py": "from cngcore.provider import Algorithm\n\n"
    "def cngcore_register_algorithms() -> list[Algorithm]:\n    return []\n",
}
"""What the pages import and readers write themselves."""


UNTYPED = ("run-windows-programs", "reproduce-windows-bug")
"""Pages of programs for Windows as people write them: without types, and with ctypes.windll, which only Windows has."""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One folder with the Python of each page as a module of its own, and with the modules that the pages write."""
    folder = tmp_path_factory.mktemp("pages")
    for name, text in STUBS.items():
        (folder / name).write_text(text)
    for number, page in enumerate(page for page in pages.with_code() if page.stem not in UNTYPED):
        (folder / f"page_{number:02}_{page.stem.replace('-', '_')}.py").write_text(program(page))
        for block in pages.blocks(page):
            if block.file.endswith(".py"):
                (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
                with open(folder / block.file, "x") as file:
                    file.write(block.text)
    return folder


@pytest.mark.exhaustive
def test_mypy_strict(written):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", written.parent / "cache",
         *sorted(path.name for path in written.glob("*.py"))],
        cwd=written, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout + done.stderr == ""


@pytest.mark.exhaustive
@pytest.mark.skipif(find_spec("basedpyright") is None, reason="pip install -r requirements-exhaustive.txt")
def test_pyright(written):
    (written / "pyrightconfig.json").write_text(json.dumps({
        "typeCheckingMode": "standard",
        "reportWildcardImportFromLibrary": False,
    }))  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson", "-p", written],
        cwd=written, capture_output=True, text=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    wrong = [
        f"{Path(one['file']).relative_to(written)}:{one['range']['start']['line'] + 1}: {one['message']}"
        for one in found["generalDiagnostics"]
        if one["severity"] == "error"
    ]
    assert found["summary"]["filesAnalyzed"] >= len(pages.with_code())
    assert not wrong, "\n".join(wrong)
