"""Every code block of the documentation and the READMEs runs; what a page shows is what comes out."""

import os
import subprocess
from pathlib import Path

import pages
import pytest

ROOT = Path(__file__).parents[2]
RUNNER = ROOT / "tests" / "pages.py"


NOTHING_TO_RUN = {"c", "toml", "json", "text", "indented"}
"""Languages whose blocks are parsed or compiled, or only shown: they need no process of their own."""


@pytest.fixture(scope="module")
def common(tmp_path_factory):
    """The environment of all pages that install nothing."""
    return pages.environment(tmp_path_factory.mktemp("pages") / "environment")


LONG = {
    ROOT / "docs" / f"{page}.md"
    for page in (
        "index", "tutorials/provider", "tutorials/cipher", "howto/back-end", "howto/check-your-windows",
        "howto/command-line", "howto/derive-keys", "howto/drivers", "howto/formats", "howto/from-cryptography",
        "howto/from-others", "howto/many-keys", "howto/operate", "howto/port-c", "howto/recipes",
        "howto/run-windows-programs", "reference/conformance", "reference/formats",
    )
}  # fmt: skip
"""Pages that take a second or more, because they install or run many commands.

The tutorials also run the whole kit on the projects that they write: tests/cli/test_new_provider.py tests these
projects in brief, and test_cipher_tutorial.py the provider that the second one writes by hand. tests/cli/test_help.py
runs the examples of each command.
"""


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[pytest.mark.exhaustive] * (page in LONG)) for page in pages.with_code()],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_a_page_does_what_it_shows(page, tmp_path, request):
    blocks = [block for block in pages.blocks(page) if not block.file]
    if {block.language for block in blocks} <= NOTHING_TO_RUN:
        pages.run(page, tmp_path)
        return
    own = {name: value for name, value in os.environ.items() if not name.startswith("CNGCORE_")}
    own |= {"NO_COLOR": "1", "COLUMNS": "120", "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    (tmp_path / "page").mkdir()
    if any(block.language == "console" and "pip install" in block.text for block in blocks):
        python = pages.environment(tmp_path / "environment")
    else:
        python = request.getfixturevalue("common")
    done = subprocess.run(
        [str(python), "-W", "error", str(RUNNER), str(page)],
        cwd=tmp_path / "page", env=own, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-6000:] + done.stdout[-2000:]


def test_the_c_of_the_pages_is_compiled():
    if pages.COMPILER is None:
        pytest.skip("no C compiler here: what the pages show in C was not checked")
    assert sum(block.language == "c" for page in pages.documented() for block in pages.blocks(page)) > 5


def page_of(tmp_path: Path, text: str) -> Path:
    page = tmp_path / "page.md"
    page.write_text(text)
    return page


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("```python\n1 / 0\n```\n", "ZeroDivisionError"),
        ("```pycon\n>>> 1 + 1\n3\n```\n", "Expected"),
        ("```pycon\nno prompt\n```\n", "without a >>>"),
        ("```console\n$ echo one\ntwo\n```\n", "printed"),
        ("```console\necho one\n```\n", "begins with"),
        ("```toml\nkey = \n```\n", "TOMLDecodeError"),
        ("```json\n{,}\n```\n", "JSONDecodeError"),
        pytest.param(
            "```c\nstatus = BCryptFinalizeKeyPair(1, 2, 3);\n```\n",
            "BCryptFinalizeKeyPair",
            marks=pytest.mark.skipif(pages.COMPILER is None, reason="no C compiler here"),
        ),
        ("```brainfuck\n+\n```\n", "unknown language"),
        ("text\n\n    an indented block\n", "indented"),
        ("```\nno language\n```\n", "unknown language"),
    ],
)
def test_a_page_that_is_wrong_fails(text, why, tmp_path):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each kind of block fails in its own way
        pages.run(page_of(tmp_path, text), tmp_path)
    assert why in f"{caught.type.__name__} {caught.value}"
    assert str(tmp_path / "page.md") in caught.value.__notes__[0]


def test_blocks_of_a_page_build_on_each_other(tmp_path):
    text = (
        "```{code-block} python\n:caption: folder/made.py\n\nvalue = 6\n```\n"
        "```console\n$ cat folder/made.py | tr 6 7\nvalue = 7\n$ echo one && \\\n  echo two\none\n...\n```\n"
        ":::{note}\n```python\nanswer = 6 * 7\n```\n:::\n"
        "```pycon\n>>> answer\n42\n```\n```text\nanything\n```\n"
    )
    assert pages.run(page_of(tmp_path, text), tmp_path) == 5
