"""Show the latest benchmark figures, ``benchmarks/results/latest.json``, as one table for each group.

The directive ``{speed} group...`` inserts the tables of those groups, with the machine and the date of each.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from benchmarks.picture import amount

LATEST = Path(__file__).parents[2] / "benchmarks" / "results" / "latest.json"


def markdown(results: dict[str, Any], groups: list[str]) -> str:
    """Return the tables of some groups as Markdown."""
    lines: list[str] = []
    for name in groups:
        group = results["groups"][name]
        machine = group["machine"]
        lines += [
            f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, {machine['python']}; "
            f"{group['date'][:10]}, load {group['load'][0]:g} to {group['load'][1]:g}.",
            "",
            "| Figure | Median | Rounds | Each side, µs | Bound |",
            "|---|--:|---|---|---|",
            *map(_row, group["figures"]),
            "",
        ]
        lines += [f"- {skipped}" for skipped in group["skipped"]] + [""]
    return "\n".join(lines)


def _row(figure: dict[str, Any]) -> str:
    rounds, bound = figure["rounds"], figure["bound"]
    spread = f"{len(rounds)}: {min(rounds):.3g} to {max(rounds):.3g}" if len(rounds) > 1 else "1"
    sides = ", ".join(f"{name} {_median(values):,.4g}" for name, values in figure["sides"].items())
    told = "" if bound is None else f"{bound['text']}: {'met' if bound['met'] else '**not met**'}"
    return f"| {figure['name']} | {amount(figure)} | {spread} | {sides} | {told} |"


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


class Speed(SphinxDirective):
    """The directive ``{speed}``."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(LATEST))
        return self.parse_text_to_nodes(markdown(json.loads(LATEST.read_text("utf-8")), self.arguments[0].split()))


def setup(app: Any) -> dict[str, object]:
    app.add_directive("speed", Speed)
    return {"parallel_read_safe": True}
