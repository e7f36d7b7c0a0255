"""Draw the figures as bars: an SVG in the colours of the page, light or dark.

Each group is a block. A bar is a ratio of ours over theirs on a logarithmic scale, from the line at which both are
equal: to the left we are faster, to the right slower. Other figures are numbers beside their bound.
"""

import math
from collections.abc import Iterable
from html import escape
from typing import Any

WIDTH, LEFT, ROW = 1000, 480, 19
EQUAL = LEFT + 250
"""The place of a ratio of 1."""

SCALE = 45
"""Points for a factor of two."""

TITLES = {
    "cycle": "What the core costs",
    "start": "Start-up",
    "workers": "Threads and processes",
    "handles": "A million live keys",
    "peers": "Other software: left of the line cngcore is quicker",
    "operations": "Algorithms over their bare back ends",
    "keys": "Long keys of RSA",
    "primes": "Our own arithmetic",
}


def draw(results: dict[str, Any], groups: Iterable[str] = ("cycle", "start", "workers", "handles", "peers")) -> str:
    """Return an SVG element with a block for each group."""
    rows: list[str] = []
    top = 4
    for group in groups:
        if group in results["groups"]:
            top += 26
            rows.append(f'<text x="0" y="{top}" class="name start">{escape(TITLES[group])}</text>')
            figures = results["groups"][group]["figures"]
            begun = top + 8
            for figure in figures:
                top += ROW
                rows.extend(_row(figure, top))
            if any(figure["unit"] == "ratio" for figure in figures):
                rows.append(f'<path d="M{EQUAL} {begun}V{top + 6}" class="one"/>')
            top += 12
    style = (
        "svg.picture.speed text{font:12px sans-serif;text-anchor:start;fill:currentColor}"
        "svg.picture.speed text.name{font-weight:600;font-size:14px}svg.picture.speed text.number{text-anchor:end}"
        "svg.picture.speed rect{stroke:none}"
        "svg.picture.speed rect.good{fill:#2f8f9d}svg.picture.speed rect.bad{fill:#c0603a}"
        "svg.speed .one{stroke:currentColor;stroke-width:1;opacity:.5;fill:none}"
    )
    return (
        f'<div class="picture-frame"><svg class="picture speed" viewBox="0 0 {WIDTH} {top + 8}" role="img" '
        'aria-labelledby="speed-title" xmlns="http://www.w3.org/2000/svg">\n'
        f'<title id="speed-title">Measured ratios, group by group; the tables below say the same</title>\n'
        f"<style>{style}</style>\n" + "\n".join(rows) + "\n</svg></div>\n"
    )


def amount(figure: dict[str, Any]) -> str:
    """Return the median in three digits with its unit; in four if three would fall on the other side of the bound."""
    value, bound = float(figure["median"]), figure["bound"]
    short = f"{value:.3g}"
    if bound is not None and not bound["met"] and float(short) == float(bound["text"].split()[-1]):
        short = f"{value:.4g}"
    return f"{short} {UNITS[figure['unit']]}".rstrip()


def _row(figure: dict[str, Any], top: int) -> Iterable[str]:
    name, value = figure["name"], float(figure["median"])
    label = amount(figure)
    yield f'<text x="0" y="{top}">{escape(name)}</text>'
    met = figure["bound"] is None or figure["bound"]["met"]
    yield f'<text x="{LEFT + 60}" y="{top}" class="number">{label}</text>'
    if figure["unit"] != "ratio":
        bound = "" if figure["bound"] is None else f"{figure['bound']['text']}: {'met' if met else 'not met'}"
        yield f'<text x="{LEFT + 76}" y="{top}">{bound}</text>'
        return
    length = max(-170.0, min(260.0, SCALE * math.log2(max(value, 1e-6))))
    start = EQUAL + min(length, 0)
    kind = "good" if met else "bad"
    yield f'<rect x="{start:.1f}" y="{top - 10}" width="{max(abs(length), 1.5):.1f}" height="11" class="{kind}"/>'


UNITS = {
    "ratio": "",
    "us": "µs",
    "us more": "µs more",
    "ms more": "ms more",
    "bytes": "bytes",
    "s": "s",
    "speed-up": "times",
}
