"""Show the latest benchmark figures, ``benchmarks/results/latest.json``: a chart to read, and tables to look up.

The directive ``{speed-chart}`` inserts the chart of :data:`CHART`. The directive ``{speed} group...`` inserts the
tables of those groups, with the machine and the date of each. ``{speed-layers}``, ``{speed-limits}`` and
``{speed-rates}`` insert tables of their own.
"""

from __future__ import annotations

import json
import math
import statistics
import tomllib
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from benchmarks.bounds import LIMITS
from benchmarks.layers import LAYERS
from benchmarks.picture import amount
from benchmarks.rates import keys_a_second

LATEST = Path(__file__).parents[2] / "benchmarks" / "results" / "latest.json"

CHART = (
    ("what cngcore adds to a key", "cycle", "empty cycle, object"),
    ("sign with P-256", "operations", "ECDSA P256 (cryptography): sign"),
    ("make a P-256 key", "operations", "ECDSA P256 (cryptography): generate"),
    ("make an ML-KEM-768 key", "operations", "ML-KEM 768 (cryptography): generate and test"),
    ("make an ML-DSA-65 key", "operations", "ML-DSA 65 (cryptography): generate and test"),
    ("make a DSA 2048 key", "operations", "DSA 2048 (cryptography): generate"),
    ("make an RSA 3072 key", "keys", "RSA 3072 (cryptography): generate"),
    ("make an RSA 16384 key", "keys", "RSA 16384 (cryptography): generate"),
)
"""The rows of the chart: what a reader calls it, and the group and name of its figure."""

_LEAST, _MOST = -1, 9  # powers of ten, in microseconds
_LEFT, _WIDTH, _ROW = 210, 480, 34


def rows(results: dict[str, Any]) -> list[tuple[str, float, float | None]]:
    """Return the rows of the chart: a name, the microseconds of cngcore, and those of the bare library if measured."""
    found = []
    for title, group, name in CHART:
        [figure] = [one for one in results["groups"][group]["figures"] if one["name"] == name]
        ours, bare = figure["sides"]["cngcore"], figure["sides"].get("bare")
        if group == "cycle":
            found.append((title, float(figure["median"]), None))
        else:
            found.append((title, _median(ours), None if bare is None else _median(bare)))
    return found


def time_in_words(microseconds: float) -> str:
    """Return a time in the unit that people read.

    >>> time_in_words(0.589), time_in_words(127.1), time_in_words(107900.0), time_in_words(240e6)
    ('0.59 µs', '130 µs', '110 ms', '4 min')
    """
    for limit, factor, unit in ((1e3, 1, "µs"), (1e6, 1e3, "ms"), (120e6, 1e6, "s"), (math.inf, 60e6, "min")):
        if microseconds < limit:
            value = float(f"{microseconds / factor:.2g}")
            return f"{value:g} {unit}"
    raise ValueError("a time is a number")


def chart(results: dict[str, Any]) -> str:
    """Return the chart as SVG in HTML, in the colours of the page."""
    lines, drawn = [], rows(results)
    for number, (title, ours, bare) in enumerate(drawn):
        top = 8 + number * _ROW
        lines.append(f'<text x="0" y="{top + 17}" class="start">{escape(title)}</text>')
        length = _place(ours) - _LEFT
        lines.append(f'<rect x="{_LEFT}" y="{top + 5}" width="{length:.1f}" height="15" class="good"/>')
        if bare is not None:
            lines.append(f'<path d="M{_place(bare):.1f} {top + 1}V{top + 24}" class="bare"/>')
        told = time_in_words(ours) + (f"; cryptography alone {time_in_words(bare)}" if bare is not None else "")
        lines.append(f'<text x="{_place(max(ours, bare or 0)) + 10:.1f}" y="{top + 17}" class="start">{told}</text>')
    style = (
        "svg.picture.chart text{font:13px sans-serif;text-anchor:start;fill:currentColor}"
        "svg.picture.chart rect.good{fill:#2f8f9d;stroke:none}"
        "svg.chart .bare{stroke:currentColor;stroke-width:3;fill:none}"
    )
    height = 12 + len(drawn) * _ROW
    return (
        f'<div class="picture-frame"><svg class="picture chart" viewBox="0 0 960 {height}" role="img" '
        'aria-labelledby="chart-title" xmlns="http://www.w3.org/2000/svg">\n'
        '<title id="chart-title">Times of keys with cngcore and with cryptography alone</title>\n'
        f"<style>{style}</style>\n" + "\n".join(lines) + "\n</svg></div>\n"
    )


def _place(microseconds: float) -> float:
    """Return where a time ends on the logarithmic scale."""
    return _LEFT + _WIDTH * (math.log10(microseconds) - _LEAST) / (_MOST - _LEAST)


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
    return float(statistics.median(values))


def rates(results: dict[str, Any]) -> str:
    """Return the table of keys a second: measured with one worker, computed for more."""
    several = (2, 4, 8, 64)
    lines = [
        "| Key | A key alone, µs | A worker, µs | The parent, µs | 1 worker | "
        + " | ".join(f"{count} workers" for count in several)
        + " |",
        "|---|--:|--:|--:|--:|" + "--:|" * len(several),
    ]
    for figure in results["groups"]["rates"]["figures"]:
        times = [f"{_median(figure['sides'][side]):,.3g}" for side in ("one key", "a worker", "the parent")]
        counts = [f"{float(f'{keys_a_second(figure, count):.2g}'):,.0f}" for count in (1, *several)]
        lines.append(f"| {figure['name'].partition(', ')[2]} | {' | '.join(times + counts)} |")
    return "\n".join(lines)


def layers(results: dict[str, Any]) -> str:
    """Return the table of what each layer adds to the one below."""
    group = results["groups"]["layers"]
    lines = ["| Operation | Library, µs | + provider | + core | + flat API |", "|---|--:|--:|--:|--:|"]
    for figure in group["figures"]:
        times = [min(figure["sides"][layer]) for layer in LAYERS if layer in figure["sides"]]
        added = [f"{upper - lower:.1f}" for lower, upper in pairwise(times)]
        lines.append(f"| {figure['name']} | {times[0]:,.4g} | {' | '.join((*added, '')[: len(LAYERS) - 1])} |")
    return "\n".join(lines)


def limits() -> str:
    """Return the table of the rows that may take longer, and why."""
    rows = tomllib.loads(LIMITS.read_text("utf-8"))["row"]
    return "\n".join(
        ["| Rows | At most | Why |", "|---|--:|---|"]
        + [f"| {one['title']} | {one['limit']:g} | {one['why']} |" for one in rows]
    )


class SpeedLayers(SphinxDirective):
    """The directive ``{speed-layers}``."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(LATEST))
        return self.parse_text_to_nodes(layers(json.loads(LATEST.read_text("utf-8"))))


class SpeedLimits(SphinxDirective):
    """The directive ``{speed-limits}``."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(LIMITS))
        return self.parse_text_to_nodes(limits())


class SpeedRates(SphinxDirective):
    """The directive ``{speed-rates}``."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(LATEST))
        return self.parse_text_to_nodes(rates(json.loads(LATEST.read_text("utf-8"))))


class Speed(SphinxDirective):
    """The directive ``{speed}``."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(LATEST))
        return self.parse_text_to_nodes(markdown(json.loads(LATEST.read_text("utf-8")), self.arguments[0].split()))


class SpeedChart(SphinxDirective):
    """The directive ``{speed-chart}``."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(LATEST))
        return [nodes.raw("", chart(json.loads(LATEST.read_text("utf-8"))), format="html")]


def setup(app: Any) -> dict[str, object]:
    app.add_directive("speed", Speed)
    app.add_directive("speed-chart", SpeedChart)
    app.add_directive("speed-layers", SpeedLayers)
    app.add_directive("speed-limits", SpeedLimits)
    app.add_directive("speed-rates", SpeedRates)
    return {"parallel_read_safe": True}
