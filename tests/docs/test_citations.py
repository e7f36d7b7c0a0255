"""Every citation of a rule leads to an anchor, every rule has evidence, and every cited file of notes exists."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cngcore import bcrypt

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = [*sorted((REFERENCE / "contract").glob("*.md")), REFERENCE / "python-surface.md"]

CITATION = re.compile(r"\bcontract: (rule-[a-z0-9-]+(?:,\s+(?:#:? )?rule-[a-z0-9-]+)*)")
LINK = re.compile(r"\]\([^()\s]*#(rule-[a-z0-9-]+)\)")
ANCHOR = re.compile(r"^\((rule-[a-z0-9-]+)\)=$", re.MULTILINE)
EVIDENCE = re.compile(r"^Evidence: (\[[a-z-]+\](?:, \[[a-z-]+\])*)\. Source:\s\S", re.MULTILINE)
TAGS = {
    *("doc", "header", "wine-test", "wine-impl", "symcrypt", "dotnet", "go", "go-wrapper", "app", "client", "inferred"),
    "surface",
    "win-ci",
    "measured",
}
NOTES = re.compile(r"(?<![\w./-])((?:\.{1,2}/|[\w-]+/)*(?:contract|api|cases|design|backends|redesign|style)\.md)\b")
"""Files whose names belong to notes; a file of this name may be cited where it exists."""


def tracked() -> list[Path]:
    """The files of the repository that can cite a rule; this one shows wrong citations on purpose."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", "*.py", "*.toml", "*.md", "*.tmpl"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("not a git checkout: which files are tracked is not known")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file() and file != Path(__file__).resolve()]


def cited(text: str) -> Iterator[tuple[int, str]]:
    """Each rule that a text cites, in a comment, a string or a link, with the number of its line."""
    for pattern in (CITATION, LINK):
        for found in pattern.finditer(text):
            for rule in re.finditer(r"rule-[a-z0-9-]+", found[1]):
                yield text.count("\n", 0, found.start(1) + rule.start()) + 1, rule[0]


def anchors(text: str) -> list[str]:
    """The anchors of a page, in its order, one as often as it is defined."""
    return ANCHOR.findall(text)


def rules(text: str) -> dict[str, str]:
    """The text of each rule of a page, from its anchor to the next rule or heading of the page."""
    parts = ANCHOR.split(text)
    return {
        name: re.split(r"^## ", body, maxsplit=1, flags=re.MULTILINE)[0]
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def without_evidence(text: str) -> list[str]:
    """The rules of a page that have no evidence line with known tags and a source."""
    wrong = []
    for name, body in rules(text).items():
        found = EVIDENCE.findall(body)
        if len(found) != 1 or not set(re.findall(r"[a-z-]+", found[0])) <= TAGS:
            wrong.append(name)
    return wrong


def unknown_files(text: str, folder: Path) -> list[tuple[int, str]]:
    """The notes that a text names as a file and that do not exist beside it, with the number of the line."""
    return [
        (text.count("\n", 0, found.start()) + 1, found[1])
        for found in NOTES.finditer(text)
        if not (folder / found[1]).is_file() and not (ROOT / found[1]).is_file()
    ]


KNOWN = {name for page in PAGES for name in anchors(page.read_text(encoding="utf-8"))}


def test_each_citation_has_an_anchor():
    wrong, count = [], 0
    for file in tracked():
        for line, rule in cited(file.read_text(encoding="utf-8")):
            count += 1
            if rule not in KNOWN:
                wrong.append(f"{file.relative_to(ROOT)}:{line}: there is no anchor {rule}")
    assert not wrong, "\n".join(wrong)
    assert count > 500


def test_each_anchor_is_defined_once():
    count = Counter(name for page in PAGES for name in anchors(page.read_text(encoding="utf-8")))
    assert not [name for name, times in count.items() if times > 1]
    assert len(count) > 200


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_rule_has_evidence_and_a_source(page):
    assert not without_evidence(page.read_text(encoding="utf-8"))


def test_no_file_cites_notes_that_are_not_here():
    wrong = [
        f"{file.relative_to(ROOT)}:{line}: there is no file {name}"
        for file in tracked()
        for line, name in unknown_files(file.read_text(encoding="utf-8"), file.parent)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_page_of_constants_has_the_constants():
    text = (REFERENCE / "contract" / "constants.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \| (?:`([^`]+)`|(0x[0-9A-F]{8}|\d+)) \|", text, re.MULTILINE)
    assert len(rows) > 300
    wrong = [name for name, word, number in rows if getattr(bcrypt, name, None) != (word or int(number, 0))]
    assert not wrong


def test_the_finder_finds():
    text = (
        '"""Sign (contract: rule-sign, rule-made-up): text.\n\n# contract: rule-a,\n# rule-b: more. A lone rule-c is\n'
        "no citation; [a link](../contract/keys.md#rule-d) is one.\n"
    )
    assert list(cited(text)) == [(1, "rule-sign"), (1, "rule-made-up"), (3, "rule-a"), (4, "rule-b"), (5, "rule-d")]
    assert "rule-sign" in KNOWN
    assert "rule-made-up" not in KNOWN


def test_the_finder_sees_what_a_page_lacks():
    page = (
        "(rule-one)=\n### One\n\nText.\n\nEvidence: [doc], [wine-test]. Source: a page.\n\n"
        "(rule-two)=\n### Two\n\nText. [doc]\n\n## Next\n\nEvidence: [doc]. Source: not of the rule.\n\n"
        "(rule-three)=\n### Three\n\nEvidence: [rumour]. Source: a page.\n\n(rule-one)=\n### One again\n"
    )
    assert anchors(page) == ["rule-one", "rule-two", "rule-three", "rule-one"]
    assert without_evidence(page.rpartition("(rule-one)=")[0]) == ["rule-two", "rule-three"]


def test_the_finder_sees_notes_that_are_not_here(tmp_path):
    text = "see contract.md section 3,\nand [it](contract/contract.md) and docs/decisions/rsa.md, not subcontract.md\n"
    assert unknown_files(text, tmp_path) == [(1, "contract.md"), (2, "contract/contract.md")]
    (tmp_path / "contract.md").touch()
    (tmp_path / "contract").mkdir()
    (tmp_path / "contract" / "contract.md").touch()
    assert unknown_files(text, tmp_path) == []
