"""Run the kit inside pytest: a test item for each case, and the report at the end.

Outcomes are stored in the user properties of the items, because pytest-xdist sends these from its workers to the
process that writes the report.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

import pytest

from cngcore.conformance._check import Outcome
from cngcore.conformance._report import Report, failure_lines
from cngcore.conformance._runner import Case, cases, faults_of, not_applicable
from cngcore.conformance._subject import Options, Provider, UnknownProviderError, listeners

__all__ = ["UNCOUNTED", "ConformanceFailure", "Reporter", "activate", "options_of", "perform"]

UNCOUNTED = ("differential", "differential-symmetric")
"""The checks that the counts of a suite leave out: whether they pass depends on what else is installed."""

_NAME = "cngcore-conformance-report"
_PROPERTY = "cngcore-conformance"
_FORMS = (".html", ".json")


class ConformanceFailure(AssertionError):  # noqa: N818 - a test's failure
    """A failed check; the message says everything."""


def activate(config: pytest.Config) -> Reporter:
    """Return the reporter of this run; the first call creates it."""
    known = config.pluginmanager.get_plugin(_NAME)
    if isinstance(known, Reporter):
        return known
    made = Reporter(config)
    config.pluginmanager.register(made, _NAME)
    return made


def options_of(config: pytest.Config, slow: bool = False, vectors: str = "") -> Options:
    """Return the options of the command line combined with those of a test class."""
    more = vectors or config.getoption("cng_vectors") or os.environ.get("CNGCORE_VECTORS", "")
    try:
        return Options(slow or config.getoption("cng_slow"), more, config.getoption("cng_longest"))
    except FileNotFoundError as error:
        raise pytest.UsageError(f"--cng-vectors: {error}") from None


def perform(case: Case, properties: list[tuple[str, object]], counts: tuple[int, int] | None = None) -> None:
    """Run a case, store its outcome, and end as a test does: return, skip or fail.

    ``counts`` are the (passed, skipped) checks that a whole run must have.
    """
    __tracebackhide__ = True
    outcome = case.run()
    provider = case.provider
    properties.append((_PROPERTY, {"provider": provider.name, "outcome": asdict(outcome), "counts": counts}))
    if outcome.result == "skipped":
        pytest.skip(outcome.reason)
    if outcome.result == "failed":
        raise ConformanceFailure("\n".join(failure_lines(outcome, provider.name, provider.version)))


class CaseItem(pytest.Item):
    """One case as a test item."""

    case: Case

    def runtest(self) -> None:
        __tracebackhide__ = True
        perform(self.case, self.user_properties)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return only the message: the frames of the kit do not help an author."""
        if isinstance(excinfo.value, ConformanceFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


class ProviderNode(pytest.Collector):
    """A provider named on the command line; its items are its cases."""

    provider: Provider

    def collect(self) -> Iterator[pytest.Item]:
        for case in cases(self.provider):
            item = CaseItem.from_parent(self, name=case.id)
            item.case = case
            yield item


class Reporter:
    """Add the cases of the command line, collect outcomes, and write the reports."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        for target in config.getoption("cng_report"):
            if Path(target).suffix not in _FORMS:
                raise pytest.UsageError(f"--cng-report: {target} ends in neither {' nor '.join(_FORMS)}")
            if not Path(target).absolute().parent.is_dir():
                raise pytest.UsageError(f"--cng-report: there is no folder {Path(target).parent}; create it first")
        self._reports: dict[str, Report] = {}
        self._counts: dict[str, tuple[int, int]] = {}
        listeners.append(self._announce)

    def _announce(self, text: str) -> None:
        """Print a line on the terminal while a test runs, even if pytest captures output."""
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        if terminal is None:
            return
        with capture.global_and_fixture_disabled() if capture is not None else nullcontext():
            terminal.ensure_newline()
            terminal.write_line(f"    {text}")

    def pytest_unconfigure(self) -> None:
        listeners.remove(self._announce)
        gc.unfreeze()  # what pytest_collection_finish set aside; a program may go on after pytest.main()

    def expect(self, provider: Provider) -> Report:
        """Add the report of a provider whose cases will run."""
        if provider.name not in self._reports:
            self._reports[provider.name] = Report.of(provider)
            self._reports[provider.name].finish(faults_of(provider), not_applicable(provider))
        return self._reports[provider.name]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Add the cases of --cng-provider that no ProviderSuite of the run has."""
        of_suites = [getattr(item, "callspec", None) for item in items]
        there = [spec.params["conformance_case"] for spec in of_suites if spec and "conformance_case" in spec.params]
        known = {(case.provider.name, case.id) for case in there}
        for spec in self._config.getoption("cng_provider"):
            try:
                provider = Provider.find(spec, options_of(self._config))
            except UnknownProviderError as error:
                raise pytest.UsageError(f"--cng-provider: {error}") from None
            self.expect(provider)
            node = ProviderNode.from_parent(session, name=provider.name, nodeid=f"cngcore::{provider.name}")
            node.provider = provider
            items.extend(item for item in node.collect() if (provider.name, item.name) not in known)

    def pytest_collection_finish(self) -> None:
        """Leave the collected items out of garbage collection, because the checks for leaks collect garbage often."""
        gc.collect()
        gc.freeze()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        for name, content in report.user_properties:
            if name == _PROPERTY and isinstance(content, dict):
                name = content["provider"]
                if name not in self._reports:  # collected elsewhere, by a worker of pytest-xdist
                    self.expect(Provider.find(name, options_of(self._config)))
                self._reports[name].add(Outcome(**content["outcome"]))
                if content.get("counts") is not None:
                    self._counts[name] = tuple(content["counts"])

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a whole run whose checks pass and are skipped in other numbers than its suite says."""
        if self._miscounted() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _miscounted(self) -> list[str]:
        """Return a line for each provider with other numbers; a run of some checks, or with failures, has none."""
        lines = []
        for name, (passed, skipped) in self._counts.items():
            results = [one.result for one in self._reports[name].outcomes if one.check not in UNCOUNTED]
            found = results.count("passed"), results.count("skipped")
            if sum(found) == passed + skipped and found != (passed, skipped):
                lines.append(
                    f"{name}: {found[0]} checks passed and {found[1]} were skipped, not {passed} and {skipped}"
                )
        return lines

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for report in self._reports.values():
            if report.outcomes:
                terminalreporter.section(f"conformance of {report.provider}")
                for line in report.table_lines(get_terminal_size().columns):
                    terminalreporter.write_line(line)
                for line in (*report.skip_lines(), *report.where_lines()):
                    terminalreporter.write_line(line)
                terminalreporter.write_line("")
                terminalreporter.write_line(report.verdict, green=report.conforms, red=not report.conforms, bold=True)
        for line in self._miscounted():
            terminalreporter.write_line(line, red=True, bold=True)
        for target in self._config.getoption("cng_report"):
            write(target, [report for report in self._reports.values() if report.outcomes])
            terminalreporter.write_line(f"conformance report written to {target}")


def write(target: str, reports: list[Report]) -> None:
    """Write reports to a file, in the format of its suffix."""
    path = Path(target)
    if path.suffix == ".json":
        content = [report.to_dict() for report in reports]
        text = json.dumps(content[0] if len(content) == 1 else content, indent=2)
    else:
        from cngcore.conformance._html import render

        text = render(reports)
    path.write_text(text + "\n", encoding="utf-8")
