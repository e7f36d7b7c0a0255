"""Write the report as one HTML page without external files. All text of a provider is escaped."""

from __future__ import annotations

from collections import Counter
from html import escape

from cngcore.conformance._check import CHECKS, Outcome
from cngcore.conformance._report import Report

__all__ = ["render"]

_STYLE = """
:root { color-scheme: light dark; --ok: #1a7f37; --bad: #c2272d; --skip: #8a6d00; --line: #8883; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; } .meta { opacity: .7; margin: 0 0 1.5rem; }
.verdict { border-left: .4rem solid; padding: .75rem 1rem; background: var(--soft); font-weight: 600; }
.ok { color: var(--ok); } .bad { color: var(--bad); } .skip { color: var(--skip); } .none { opacity: .35; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { white-space: nowrap; vertical-align: bottom; } thead small { display: block; font-weight: 400; }
td.n { text-align: center; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody th { font: .85rem ui-monospace, monospace; min-width: 24rem; position: sticky; left: 0; background: Canvas; }
tbody th small { display: block; font: .8rem/1.35 system-ui, sans-serif; }
details th { min-width: 0; white-space: nowrap; }
small { opacity: .7; } dd.came { font-weight: 600; color: var(--bad); }
section.failure { border: 1px solid var(--line); border-left: .3rem solid var(--bad); padding: .9rem 1.1rem;
  margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: 8rem 1fr; gap: .2rem 1rem; margin: 0; } dt { opacity: .7; } dd { margin: 0; }
details { margin: 1rem 0; } summary { cursor: pointer; font-weight: 600; }
"""


def render(reports: list[Report]) -> str:
    """Return the page of one or several reports."""
    title = ", ".join(report.provider for report in reports) or "nothing"
    body = "\n".join(map(_report, reports)) or "<p>No provider was tested.</p>"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Conformance of {escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>"
    )


def _report(report: Report) -> str:
    data = report.to_dict()
    environment = ", ".join(f"{name} {value}" for name, value in data["environment"].items())
    colour = "ok" if report.conforms else "bad"
    return "\n".join(
        [
            f"<h1>Conformance of {escape(report.provider)} {escape(report.version)}</h1>",
            f'<p class="meta">{escape(report.made)}; {report.seconds:.1f} s; {escape(environment)}; modules '
            f"{escape(', '.join(report.modules))}</p>",
            f'<p class="verdict {colour}">{escape(report.verdict)}</p>',
            *_failures(report),
            "<h2>Checks</h2>",
            _table(report),
            _skipped(report),
            _passed_over(report),
        ]
    )


def _failures(report: Report) -> list[str]:
    if not report.failed:
        return []
    return ["<h2>Failures</h2>", *map(_failure, report.failed)]


def _failure(one: Outcome) -> str:
    known = CHECKS[one.check]
    where = " ".join(
        part for part in (one.algorithm, f"({one.implementation})" if one.algorithm else "", one.kind) if part
    )
    fields = {
        "checks that": known.description, "doing": one.doing, "expected": one.expected, "came": one.came,
        "rule": known.rule, "declared": one.note, "remedy": one.remedy or known.remedy, "at": one.place,
    }  # fmt: skip
    rows = "".join(
        f'<dt>{name}</dt><dd class="{name.partition(" ")[0]}">{escape(value)}</dd>'
        for name, value in fields.items()
        if value
    )
    head = f"{one.check}: {where or 'the provider'}"
    return f'<section class="failure"><h3>{escape(head)}</h3><dl>{rows}</dl></section>'


def _table(report: Report) -> str:
    """Return a table with a row for each check and a column for each implementation, the whole provider first."""
    table = report.table()
    names = list(table)
    head = "".join(f"<th>{_heading(name)}</th>" for name in names)
    checks = [name for name in CHECKS if any(name in row for row in table.values())]
    rows = []
    for check in checks:
        cells = "".join(f'<td class="n">{_cell(table[name].get(check))}</td>' for name in names)
        parts = f"{escape(check)}<small>{escape(CHECKS[check].description)}</small>"
        rows.append(f"<tr><th>{parts}</th>{cells}</tr>")
    return (
        f'<div class="scroll"><table><thead><tr><th>check</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _heading(name: str) -> str:
    """Return the head of a column: the algorithm, and below it the name of the implementation."""
    algorithm, _, implementation = name.partition(" (")
    return f"{escape(algorithm)}<small>{escape(implementation.rstrip(')'))}</small>" if name else "provider"


def _cell(results: Counter[str] | None) -> str:
    if not results:
        return '<span class="none">&middot;</span>'
    marks = (("failed", "bad", "&#10007;"), ("passed", "ok", "&#10003;"), ("skipped", "skip", "skip"))
    parts = []
    for result, colour, mark in marks:
        if results[result]:
            count = f" {results[result]}" if results[result] > 1 else ""
            parts.append(f'<span class="{colour}" title="{results[result]} {result}">{mark}{count}</span>')
    return " ".join(parts)


def _skipped(report: Report) -> str:
    skipped = [one for one in report.outcomes if one.result == "skipped"]
    if not skipped:
        return ""
    rows = "".join(
        f"<tr><th>{escape(one.check)}</th><td>{escape(' '.join((one.algorithm, one.implementation, one.kind)))}</td>"
        f"<td>{escape(one.reason)}</td></tr>"
        for one in skipped
    )
    return _folded(f"{len(skipped)} skipped, with reasons", rows)


def _passed_over(report: Report) -> str:
    """Return the list of checks that do not apply."""
    rows = "".join(
        f"<tr><th>{escape(check)}</th><td>{escape(name)}</td><td>{escape(reason)}</td></tr>"
        for name, reasons in report.not_applicable.items()
        for check, reason in reasons.items()
    )
    if not rows:
        return ""
    return _folded("Checks that do not apply", rows)


def _folded(title: str, rows: str) -> str:
    """Return a table that opens on a click."""
    return f'<details><summary>{title}</summary><div class="scroll"><table>{rows}</table></div></details>'
