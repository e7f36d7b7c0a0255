"""The compatibility table with Windows: ``docs/reference/windows.toml`` as tables, one for each function.

The directive ``{compatibility}`` stands for all of it. Each row of the data file names the tests that hold it;
``tests/docs/test_compatibility.py`` fails where one of them does not exist.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

BADGES = {"same": "bdg-success-line", "differs": "bdg-warning", "decided": "bdg-info-line", "open": "bdg-danger-line"}
"""``same`` as Windows; ``differs`` from it, knowingly; ``decided`` where Windows' answer is not established; ``open``:
not done here yet."""

TAGS = ("doc", "header", "wine-test", "wine-impl", "symcrypt", "dotnet", "go", "go-wrapper", "app", "inferred")


@dataclass(frozen=True)
class Row:
    """One behaviour of one function."""

    function: str
    behaviour: str
    windows: str
    evidence: tuple[str, ...]
    here: str
    answer: str
    decision: str
    tests: tuple[str, ...]


def rows(path: Path) -> list[Row]:
    """The rows of the data file, in its order."""
    answer = []
    for function, items in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for item in items:
            unknown = item.keys() - {"behaviour", "windows", "evidence", "here", "answer", "decision", "tests"}
            if unknown:
                raise ValueError(f"{path.name}: {function}: unknown keys {sorted(unknown)}")
            answer.append(
                Row(
                    function,
                    item["behaviour"],
                    item["windows"],
                    tuple(item["evidence"]),
                    item.get("here", "same"),
                    item.get("answer", ""),
                    item.get("decision", ""),
                    tuple(item["tests"]),
                )
            )
    return answer


SECTIONS = {
    "Handles": ("0.1", "2", "17"), "Pseudo-handles": ("0.2",), "Size queries": ("0.3",), "Life of a key": ("0.6",),
    "BCryptOpenAlgorithmProvider": ("1",), "BCryptGenerateKeyPair": ("3",), "BCryptSetProperty": ("4",),
    "BCryptGetProperty": ("5",), "BCryptFinalizeKeyPair": ("6",), "BCryptDestroyKey": ("7",),
    "BCryptDuplicateKey": ("8",), "BCryptImportKeyPair": ("9",), "BCryptExportKey": ("10",), "BCryptSignHash": ("11",),
    "BCryptVerifySignature": ("12",), "BCryptEncrypt": ("13",), "BCryptDecrypt": ("14",),
    "BCryptSecretAgreement": ("15",), "BCryptDeriveKey": ("16",), "BCryptEncapsulate": ("18",),
    "BCryptDecapsulate": ("19",), "Enumeration": ("20", "21", "22", "24"),
    "Hashes and random numbers": ("25", "26"),
}  # fmt: skip
"""The sections of contract.md that the rows under a heading are from; an anchor ``contract-9`` leads there."""

ELSEWHERE = {"0.4": ("Statuses", "statuses.md"), "28": ("Blobs", "blobs.md")}
"""Sections whose rules stand on another page."""


def anchor(section: str) -> str:
    return f"contract-{section.replace('.', '-')}"


def sections() -> str:
    """A table of the sections and where their rules stand."""
    places = {number: (name, f"#{anchor(number)}") for name, numbers in SECTIONS.items() for number in numbers}
    lines = ["| section | rules |", "|---|---|"]
    for number in sorted({**places, **ELSEWHERE}, key=lambda text: [int(part) for part in text.split(".")]):
        name, target = {**places, **ELSEWHERE}[number]
        lines.append(f"| {number} | [{name}]({target}) |")
    return "\n".join(lines) + "\n"


def markdown(path: Path) -> str:
    """All tables, as Markdown with a heading for each function."""
    lines: list[str] = []
    last = ""
    for row in rows(path):
        if row.function != last:
            lines += ["", *(f"({anchor(number)})=" for number in SECTIONS.get(row.function, ()))]
            lines += [f"## {row.function}", "", "{.compatibility}", "| behaviour | Windows | evidence | here |"]
            lines += ["|---|---|---|---|"]
            last = row.function
        here = f"{{{BADGES[row.here]}}}`{row.here}`"
        if row.answer:
            here += f" {row.answer}"
        if row.decision:
            here += f" ([why](../decisions/{row.decision}.md))"
        evidence = ", ".join(row.evidence).replace("-", "\u2011")  # a hyphen that does not end a line
        lines.append(f"| {row.behaviour} | {row.windows} | {evidence} | {here} |")
    return "\n".join(lines) + "\n"


class Compatibility(SphinxDirective):
    """``{compatibility}``: every table of the data file beside the page."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.doc2path(self.env.docname)).with_suffix(".toml")
        self.env.note_dependency(str(path))
        return self.parse_text_to_nodes(markdown(path), allow_section_headings=True)


class ContractSections(SphinxDirective):
    """``{contract-sections}``: which part of the page has the rules of which section."""

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes(sections())


def setup(app):  # type: ignore[no-untyped-def] - sphinx is no requirement of the type check
    app.add_directive("compatibility", Compatibility)
    app.add_directive("contract-sections", ContractSections)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
