"""Write docs/reference/wine.md from judged.toml, the recording of Wine, and what this installation answers.

``python tests/windll/wine_page.py`` writes the page. ``test_compare.py`` checks that it is up to date.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from cngcore.windll import compare as comparing  # noqa: E402 - found by the line above

PAGE = ROOT / "docs" / "reference" / "wine.md"
RECORDING = "wine-8.0"
VERDICTS = {
    "cngcore": "cngcore differs from what is known of Windows",
    "target": "Wine differs from what is known of Windows",
    "open": "Windows is not established",
    "absent": "Wine does not have it",
}
MOST_RULES = 3
HEAD = """# Differences from Wine

After reading this page you know where cngcore and Wine answer differently, and which answer has which evidence.

[`cng compare`](../howto/check-your-windows.md) played its corpus against the `bcrypt.dll` of Wine 8.0 of Debian 12.
Wine is a re-implementation. What Wine's *tests* assert was seen on Windows. What its DLL answers was not, so the DLL
counts as [wine-impl](windows.md#evidence), which is weaker than every other source.

"""


def page(found: list[comparing.Compared]) -> str:
    """Return the text of the page for a comparison of this installation with Wine."""
    cases = Counter(str(one.outcome) for one in found)
    lines = [HEAD, f"Of {len(found)} cases:\n", "| outcome | cases |", "|---|---|"]
    lines += [f"| {outcome} | {cases[outcome]} |" for outcome in comparing.Outcome if cases[outcome]]
    differences = [difference for one in found for difference in one.differences]
    for verdict, heading in VERDICTS.items():
        rows = []
        for judgement in comparing.judgements():
            own = [one for one in differences if one.judgement is not None and one.judgement.name == judgement.name]
            if judgement.verdict == verdict and own:
                rows.append(row(judgement, own))
        head = ["| what | function | cngcore | Wine | times | evidence | rules |", "|" + "---|" * 7]
        lines += ["", f"## {heading}", "", *(head + rows if rows else ["No answer."])]
    lines += [
        "",
        "`cng compare wine-8.0 --all` shows every call. `cngcore/windll/compare/judged.toml` has these judgements.",
    ]
    return "\n".join(lines) + "\n"


def row(judgement: comparing.Judgement, own: list[comparing.Difference]) -> str:
    functions = Counter(one.call.function.removeprefix("BCrypt") for one in own)
    rules = Counter(rule for one in own for rule in one.case.anchors)
    shown = [f"[{rule.removeprefix('rule-')}](#{rule})" for rule, _ in rules.most_common(MOST_RULES)]
    cells = [
        judgement.why,
        few([f"`{name}`" for name in functions]),
        few(sorted({short(one.ours) for one in own})),
        few(sorted({short(one.theirs) for one in own})),
        str(len(own)),
        ", ".join(judgement.evidence),
        ", ".join(shown) + (", ..." if len(rules) > MOST_RULES else ""),
    ]
    return f"| {' | '.join(cells)} |"


def short(answer: str) -> str:
    """Return a status; another answer, of bytes and sizes, is only called so."""
    return "another output" if "=" in answer or answer == "nothing" else answer


def few(values: list[str]) -> str:
    return ", ".join(values[:MOST_RULES]) + (", ..." if len(values) > MOST_RULES else "")


def compared(ours: comparing.Recording | None = None) -> list[comparing.Compared]:
    corpus = comparing.corpus()
    ours = ours or comparing.record_here(corpus)
    return comparing.compare(corpus, ours, comparing.recording(RECORDING), comparing.judgements())


if __name__ == "__main__":
    PAGE.write_text(page(compared()), encoding="utf-8")
