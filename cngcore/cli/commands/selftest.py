"""The command ``cng selftest``."""

from __future__ import annotations

import click

from cngcore.cli.options import AlgorithmName, Command, as_json
from cngcore.cli.output import Screen, duration, print_json
from cngcore.cli.tour import Tour
from cngcore.registry import Registry, default


@click.command("selftest", cls=Command, examples=("cng selftest", "cng selftest ML-KEM"))
@click.argument("algorithms", type=AlgorithmName(), nargs=-1, metavar="[ALGORITHM]...")
@as_json
def command(algorithms: tuple[str, ...], as_json: bool) -> int:
    """Test every implementation: known answers from Windows, and the life of one small key.

    The result says whether this installation works on this machine. It does not validate a cryptographic module.
    """
    screen = Screen()
    tour = quick_tour(algorithms)
    if as_json:
        print_json(tour.to_dict())
    else:
        show(screen, tour)
    return 0 if tour.ok else 1


def quick_tour(algorithms: tuple[str, ...] = (), registry: Registry | None = None) -> Tour:
    """Run the steps without showing them, and without the operator's policies: they say nothing about correctness."""
    tour = Tour(registry or without_policies(default()), Screen(quiet=True), list(algorithms), quick=True)
    tour.run()
    return tour


def without_policies(registry: Registry) -> Registry:
    """Return a registry with the same settings but no policy; the same one if it has plug-ins of its own."""
    if registry.watch_is_broken() or (registry.watch() is not None and not registry.has_registered()):
        return Registry(**{**dict(registry.settings.arguments()), "policies": []}, log_faults=False)  # type: ignore[arg-type]
    return registry


def show(screen: Screen, tour: Tour) -> None:
    """Show a line for each key or blob and implementation, and every failure in full."""
    rows = []
    for subject, implementation in dict.fromkeys((one.subject, one.implementation) for one in tour.results):
        own = [one for one in tour.results if (one.subject, one.implementation) == (subject, implementation)]
        wrong = [one for one in own if not one.ok]
        mark, colour = screen.mark(not wrong)
        outcome = f"{len(wrong)} of {len(own)} failed" if wrong else f"{len(own)} passed"
        seconds = duration(sum(one.seconds for one in own))
        rows.append((screen.text(mark, colour), subject, implementation, outcome, seconds))
    screen.table(("", "SUBJECT", "IMPLEMENTATION", "STEPS", "TIME"), rows, right=(4,))
    for one in tour.results:
        if not one.ok:
            screen.write((f"failed: {one.subject} ({one.implementation}): {one.what}: {one.detail}", "red"))
    for fault in tour.faults:
        screen.write((f"fault: {fault}", "red"))
    screen.line()
    summary = f"{len(tour.results)} steps, {duration(tour.seconds)}"
    screen.write((f"Passed: {summary}.", "bold green") if tour.ok else (f"Failed: {summary}.", "bold red"))
