"""The command ``cng doctor``."""

from __future__ import annotations

from dataclasses import asdict

import click

from cngcore.cli.commands.selftest import quick_tour, without_policies
from cngcore.cli.diagnosis import Finding, examine
from cngcore.cli.options import Command, as_json
from cngcore.cli.output import Screen, duration, print_json
from cngcore.cli.tour import Result
from cngcore.registry import Registry, default
from cngcore.status import CngError


@click.command("doctor", cls=Command, examples=("cng doctor", "cng doctor --no-selftest --json"))
@click.option("--selftest/--no-selftest", default=True, help="Run the self-tests too (the default).")
@as_json
def command(selftest: bool, as_json: bool) -> int:
    """Check the installation: environment, configuration, providers, self-tests. Show each problem with its remedy.

    The exit status is 1 if there is a problem; notes alone leave it 0.
    """
    try:
        registry, broken = default(), []
    except CngError as error:  # go on without the configuration, and report it
        registry = Registry(read_configuration=False, log_faults=False)
        remedy = "Correct it; until then no algorithm can be opened. The other findings ignore it."
        broken = [Finding("Configuration", "configuration", False, error.message, remedy)]
    findings = [*broken, *examine(registry)]
    if selftest and registry.algorithms():
        findings += _self_tests(registry)
    ok = all(finding.ok is not False for finding in findings)
    if as_json:
        print_json({"ok": ok, "findings": [asdict(finding) for finding in findings]})
    else:
        show(Screen(), findings)
    return 0 if ok else 1


def _self_tests(registry: Registry) -> list[Finding]:
    """Return one finding, or one for each way in which steps failed."""
    tour = quick_tour(registry=without_policies(registry))
    wrong = [result for result in tour.results if not result.ok]
    if not wrong:
        message = f"{len(tour.results)} steps on {tour.subjects} keys and blobs, {duration(tour.seconds)}"
        return [Finding("Self-tests", "passed", True, message)]
    alike: dict[tuple[str, str], list[Result]] = {}
    for result in wrong:
        alike.setdefault((result.implementation, result.detail), []).append(result)
    return [
        Finding(
            "Self-tests", f"{steps[0].subject} ({implementation})", False,
            f"{steps[0].what}: {detail}" + (f" (and {len(steps) - 1} more steps that fail alike)" if steps[1:] else ""),
            "Do not use this implementation: block its distribution (CNGCORE_BLOCK) and report it to its author.",
        )
        for (implementation, detail), steps in alike.items()
    ]  # fmt: skip


def show(screen: Screen, findings: list[Finding]) -> None:
    """Show the findings by section, with the remedy under each problem."""
    width = max(len(finding.name) for finding in findings)
    for section in dict.fromkeys(finding.section for finding in findings):
        screen.heading(section)
        rows = []
        for finding in findings:
            if finding.section == section:
                cell = screen.text(finding.message)
                if finding.remedy:
                    cell.append(f"\n{finding.remedy}", "yellow")
                rows.append((screen.text(*screen.mark(finding.ok)), f"{finding.name:<{width}}", cell))
        screen.columns(rows, indent=2)
    wrong = sum(finding.ok is False for finding in findings)
    notes = sum(finding.ok is None for finding in findings)
    suffix = f", {notes} {'note' if notes == 1 else 'notes'}" if notes else ""
    screen.line()
    if wrong:
        screen.write((f"{wrong} of {len(findings)} checks failed{suffix}.", "bold red"))
    else:
        screen.write((f"No problem found: {len(findings)} checks{suffix}.", "bold green"))
