"""Show ``docs/reference/windows.toml``, the comparison with Windows, as one table for each function.

The directive ``{compatibility}`` inserts all of it. Each row of the data file names the tests that check it.
``tests/docs/test_compatibility.py`` fails if one of them does not exist.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

BADGES = {"same": "bdg-success-line", "differs": "bdg-warning", "decided": "bdg-info-line", "open": "bdg-danger-line"}
"""``same``: as Windows; ``differs``: on purpose; ``decided``: the answer of Windows is not established; ``open``: not
implemented yet."""

TAGS = (
    "doc", "header", "wine-test", "wine-impl", "symcrypt", "dotnet", "go", "go-wrapper", "app", "client",
    "inferred", "win-ci", "measured",
)  # fmt: skip


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
    """Return the rows of the data file, in its order."""
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


def markdown(path: Path) -> str:
    """Return all tables as Markdown, with a heading for each function."""
    lines: list[str] = []
    last = ""
    for row in rows(path):
        if row.function != last:
            lines += ["", f"## {row.function}", "", "{.compatibility}", "| behaviour | Windows | evidence | cngcore |"]
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
    """The directive ``{compatibility}``: every table of the data file beside the page."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.doc2path(self.env.docname)).with_suffix(".toml")
        self.env.note_dependency(str(path))
        return self.parse_text_to_nodes(markdown(path), allow_section_headings=True)


def setup(app):  # type: ignore[no-untyped-def] - sphinx is no requirement of the type check
    app.add_directive("compatibility", Compatibility)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
