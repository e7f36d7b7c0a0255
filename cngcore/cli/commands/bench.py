"""The command ``cng bench``."""

from __future__ import annotations

import platform
from dataclasses import asdict

import click
from importlib_metadata import version

from cngcore.cli.options import AlgorithmName, as_json
from cngcore.cli.output import Screen, duration, print_json
from cngcore.cli.timing import Timing, Unmeasured, empty_cycle, timings
from cngcore.registry import default


@click.command("bench")
@click.argument("algorithms", type=AlgorithmName(), nargs=-1, metavar="[ALGORITHM]...")
@click.option(
    "--seconds", type=click.FloatRange(min=0.001), default=0.1, show_default=True, help="Seconds for each operation."
)
@as_json
def command(algorithms: tuple[str, ...], seconds: float, as_json: bool) -> int:
    """Time every operation of every implementation: the median of five rounds.

    The first line is the empty cycle: the time that the core itself takes with any back end. The exit status is 1 if an
    implementation could not be timed; the others are timed all the same.
    """
    screen = Screen(quiet=as_json)
    all_found = screen.work("timing", lambda: [empty_cycle(seconds), *timings(default(), list(algorithms), seconds)])
    found = [one for one in all_found if isinstance(one, Timing)]
    failed = [one for one in all_found if isinstance(one, Unmeasured)]
    if as_json:
        print_json(
            {
                "cngcore": version("cngcore"),
                "python": platform.python_version(),
                "machine": platform.machine(),
                "seconds": seconds,
                "timings": [asdict(timing) for timing in found],
                "failed": [asdict(one) for one in failed],
            }
        )
        return 1 if failed else 0
    head = ("ALGORITHM", "KEY", "OPERATION", "IMPLEMENTATION", "MEDIAN", "A SECOND")
    screen.table(head, [_cells(timing) for timing in found], right=(4, 5))
    for one in failed:
        screen.write((f"not timed: {one}", "red"))
    return 1 if failed else 0


def _cells(timing: Timing) -> tuple[str, ...]:
    seconds = timing.median / 1e6
    time_taken = duration(seconds) if seconds >= 1e-3 else f"{timing.median:.2f} us"
    each = f"{1 / seconds:,.0f}" if seconds < 0.1 else f"{1 / seconds:.2g}"
    return timing.algorithm, timing.variant, timing.operation, timing.implementation, time_taken, each
