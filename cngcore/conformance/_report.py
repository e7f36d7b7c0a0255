"""Collect the outcomes of a provider and render them: counts, a table, failures, skips and the verdict.

:meth:`Report.to_dict` is the JSON form, which ``docs/reference/conformance.md`` describes; increase :data:`VERSION` if
its shape changes. :meth:`Report.text` is for a terminal, :func:`cngcore.conformance._html.render` for a browser.
"""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version as version_of
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from cngcore.conformance._check import CHECKS, EXCLUDED, Outcome
from cngcore.registry import Fault

if TYPE_CHECKING:
    from cngcore.conformance._subject import Provider

__all__ = ["VERSION", "Report"]

VERSION = 2
"""The version of the JSON form."""

WHERE = "the documentation, reference/conformance, 'Sources of rules'"
"""The place where the cited rules are written."""

_NUMBERS = frozenset(
    {"agree-numbers", "differential", "public-numbers", "rejection-numbers", "signature-numbers", "vectors"}
)
"""Checks that compare what an implementation computes with other numbers than its own."""

_MARKS = {"passed": "ok", "failed": "FAILED", "skipped": "skip"}


@dataclass
class Report:
    """The outcomes of one provider."""

    provider: str
    distribution: str
    version: str
    modules: tuple[str, ...]
    slow: bool = False
    made: str = ""
    seconds: float = 0.0
    outcomes: list[Outcome] = field(default_factory=list)
    faults: list[dict[str, str]] = field(default_factory=list)
    not_applicable: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, provider: Provider) -> Report:
        made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return cls(
            provider.name, provider.distribution, provider.version, provider.modules, provider.options.slow, made
        )

    def add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.seconds += outcome.seconds

    def finish(self, faults: Iterable[Fault], not_applicable: dict[str, dict[str, str]]) -> None:
        """Add the faults, and the checks that do not apply."""
        self.faults = [fault.to_dict() for fault in faults]
        self.not_applicable = not_applicable

    # --- what it comes to -----------------------------------------------------------------------------

    @property
    def counts(self) -> Counter[str]:
        """Return the number of cases by result."""
        return Counter(outcome.result for outcome in self.outcomes)

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.result == "failed"]

    @property
    def failed_checks(self) -> set[str]:
        """Return the names of the checks that failed on at least one subject."""
        return {outcome.check for outcome in self.failed}

    @property
    def unavailable(self) -> set[str]:
        """Return the implementations whose probes say that they cannot work on this machine."""
        return {
            f"{o.algorithm} ({o.implementation})" for o in self.outcomes if o.check == "probe" and o.result == "skipped"
        }

    @property
    def not_compared(self) -> list[str]:
        """Return the implementations with keys of which no number was compared with vectors or other arithmetic."""
        results: dict[str, dict[str, set[str]]] = {}
        for one in self.outcomes:
            if one.algorithm:
                of_one = results.setdefault(f"{one.algorithm} ({one.implementation})", {})
                of_one.setdefault(one.check, set()).add(one.result)
        return sorted(
            name
            for name, found in results.items()
            if found.get("vectors") == {"skipped"}
            and "keys-differ" in found
            and not any("passed" in found.get(check, ()) for check in _NUMBERS)
        )

    @property
    def conforms(self) -> bool:
        """Return whether nothing failed and something passed."""
        return not self.failed and bool(self.counts["passed"])

    @property
    def verdict(self) -> str:
        """Return the verdict in one line."""
        counts = self.counts
        excluded = sum(one.reason.startswith(EXCLUDED) for one in self.outcomes)
        summary = f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
        summary += f", {excluded} of them excluded by the provider" if excluded else ""
        name = f"{self.provider} {self.version}".strip()
        if self.failed:
            return f"{name} does not conform: {', '.join(sorted(self.failed_checks))} ({summary})"
        if not counts["passed"]:
            return f"{name}: nothing could be tested ({summary})"
        if self.unavailable:
            missing = ", ".join(sorted(self.unavailable))
            return f"{name} conforms, as far as was tested; unavailable here and not tested: {missing} ({summary})"
        if self.not_compared:
            listed = ", ".join(self.not_compared)
            return (
                f"{name} conforms, as far as was tested; no number of {listed} was compared: bring vectors ({summary})"
            )
        return f"{name} conforms, as far as was tested ({summary})"

    def table(self) -> dict[str, dict[str, Counter[str]]]:
        """Return the counts of results by implementation and check; "" is the whole provider."""
        table: dict[str, dict[str, Counter[str]]] = {}
        for one in self.outcomes:
            name = f"{one.algorithm} ({one.implementation})" if one.algorithm else ""
            table.setdefault(name, {}).setdefault(one.check, Counter())[one.result] += 1
        return table

    def to_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "format": "cngcore-conformance",
            "version": VERSION,
            "made": self.made,
            "seconds": round(self.seconds, 3),
            "provider": {
                "name": self.provider, "distribution": self.distribution, "version": self.version,
                "modules": list(self.modules),
            },
            "environment": {
                "cngcore": version_of("cngcore"), "python": platform.python_version(), "system": platform.platform(),
            },
            "slow": self.slow,
            "verdict": {"conforms": self.conforms, "text": self.verdict, **{k: self.counts[k] for k in _MARKS}},
            "checks": {
                name: {"description": one.description, "rule": one.rule, "remedy": one.remedy, "level": one.level}
                for name, one in CHECKS.items()
            },
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
            "not_applicable": self.not_applicable,
            "faults": self.faults,
        }  # fmt: skip

    # --- for a terminal ---------------------------------------------------------------------------------

    def text(self, width: int = 100) -> str:
        """Return the whole report: table, failures, skips, verdict."""
        lines = [f"cngcore conformance of {self.provider} {self.version}".rstrip(), ""]
        lines += self.table_lines(width)
        for one in self.failed:
            lines += ["", *failure_lines(one, self.provider, self.version)]
        lines += self.skip_lines()
        lines += self.where_lines()
        lines += ["", self.verdict]
        return "\n".join(lines)

    def table_lines(self, width: int) -> list[str]:
        """Return a line for each implementation, then its failed checks."""
        lines = []
        for name, checks in self.table().items():
            total = sum(checks.values(), Counter[str]())
            line = f"{name or 'the provider as a whole':<44} {total['passed']:>5} passed"
            line += f" {total['failed']:>5} failed" if total["failed"] else ""
            line += f" {total['skipped']:>5} skipped" if total["skipped"] else ""
            lines.append(line)
            for check, results in checks.items():
                if results["failed"]:
                    lines.append(
                        "    " + shorten(f"FAILED {check}: {CHECKS[check].description}", width - 4, placeholder=" ...")
                    )
        return lines

    def where_lines(self) -> list[str]:
        """Return where the cited rules are written, if a check failed."""
        return ["", f"where a rule stands: {WHERE}"] if self.failed else []

    def skip_lines(self) -> list[str]:
        """Return the skipped checks and their subjects, by reason."""
        skipped: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        for one in self.outcomes:
            if one.result == "skipped":
                checks, subjects = skipped.setdefault(one.reason, ({}, {}))
                checks[one.check] = None
                subjects[f"{one.algorithm} ({one.implementation})" if one.algorithm else "the provider"] = None
        if not skipped:
            return []
        lines = ["", "skipped:"]
        for reason, (checks, subjects) in skipped.items():
            lines += [f"    {', '.join(checks)}: {reason}", f"        {', '.join(subjects)}"]
        return lines


def failure_lines(one: Outcome, provider: str, version: str) -> list[str]:
    """Return a failure for its author: subject, expectation, answer and remedy."""
    known = CHECKS.get(one.check)
    fields: Mapping[str, str] = {
        "provider": f"{provider} {version}".strip(),
        "algorithm": ", ".join(part for part in (f"{one.algorithm} ({one.implementation})", one.kind) if part)
        if one.algorithm
        else "",
        "checks that": known.description if known else "",
        "doing": one.doing,
        "expected": f"{one.expected}  [{known.rule}]" if known else one.expected,
        "came": one.came,
        "declared": one.note,
        "remedy": one.remedy or (known.remedy if known else ""),
        "at": one.place,
    }
    return [f"FAILED {one.check}", *(f"  {name + ':':<12} {value}" for name, value in fields.items() if value)]
