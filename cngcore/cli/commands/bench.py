"""The command ``cng bench``."""

from __future__ import annotations

import platform
from dataclasses import asdict

import click
from importlib_metadata import version

from cngcore.cli.options import AlgorithmName, Command, Seconds, as_json
from cngcore.cli.output import Screen, duration, print_json
from cngcore.cli.timing import Timing, Unmeasured, compared, empty_cycle, jobs
from cngcore.registry import default


@click.command("bench", cls=Command, examples=("cng bench RSA ECDSA_P256", "cng bench ML-KEM --seconds 1"))
@click.argument("algorithms", type=AlgorithmName(), nargs=-1, metavar="[ALGORITHM]...")
@click.option("--seconds", type=Seconds(), default=0.1, show_default=True, help="Seconds for each operation.")
@as_json
def command(algorithms: tuple[str, ...], seconds: float, as_json: bool) -> int:
    """Time every operation of every implementation: the median of five rounds.

    Where several implementations do the same, each is compared with the fastest. The first line is the empty cycle: the
    time that the core itself takes with any back end. The exit status is 1 if an implementation could not be timed; the
    others are timed all the same.
    """
    screen = Screen(quiet=as_json)
    registry = default()
    work = jobs(registry, list(algorithms))
    found: list[Timing] = []
    failed: list[Unmeasured] = []
    with screen.progress(len(work) + 1) as bar:
        bar.say("the empty cycle")
        found.append(screen.work("timing the empty cycle", lambda: empty_cycle(seconds)))
        bar.advance()
        for job in work:
            bar.say(str(job))
            if not any((one.algorithm, one.implementation) == job.names for one in failed):
                answers = screen.work(f"timing {job}", lambda job=job: list(job.run(registry, seconds)))  # type: ignore[misc]
                found += [one for one in answers if isinstance(one, Timing)]
                failed += [one for one in answers if isinstance(one, Unmeasured)]
            bar.advance()
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
    show(screen, found)
    for one in failed:
        screen.write((f"not timed: {one}", "red"))
    return 1 if failed else 0


def show(screen: Screen, found: list[Timing]) -> None:
    """Show the timings: for a person by kind of key and operation, the fastest first; for a program in one table."""
    ratios = compared(found)
    if not screen.terminal:
        head = ("ALGORITHM", "KEY", "OPERATION", "IMPLEMENTATION", "MEDIAN", "A SECOND", "COMPARED")
        rows = [(one.algorithm, one.variant, one.operation, *_figures(one), _times(ratios.get(one))) for one in found]
        screen.table(head, rows, right=(4, 5, 6))
        return
    widths = [max(len(text) for text in column) for column in zip(*((one.operation, *_figures(one)) for one in found),
                                                                 strict=True)]  # fmt: skip
    groups: dict[tuple[str, str], list[Timing]] = {}
    for one in found:
        groups.setdefault((one.algorithm, one.variant), []).append(one)
    for (algorithm, variant), group in groups.items():
        screen.heading(f"{algorithm} {variant}".rstrip())
        for operation in dict.fromkeys(one.operation for one in group):
            same = sorted((one for one in group if one.operation == operation), key=lambda one: one.median)
            for place, one in enumerate(same):
                name, median, each = _figures(one)
                ratio = ratios.get(one)
                screen.write(
                    f"  {operation if not place else '':<{widths[0]}}  ",
                    (f"{name:<{widths[1]}}  ", "dim"),
                    f"{median:>{widths[2]}}  ",
                    (f"{each:>{widths[3]}} /s", "dim"),
                    ("" if ratio is None else f"  {_times(ratio):>7}", "green" if ratio == 1 else "yellow"),
                )


def _times(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return "fastest" if ratio == 1 else f"{ratio:.{1 if ratio < 10 else 0}f}x"


def _figures(timing: Timing) -> tuple[str, str, str]:
    """Return the implementation, the median and the calls a second."""
    seconds = timing.median / 1e6
    time_taken = duration(seconds) if seconds >= 1e-3 else f"{timing.median:.2f} us"
    each = f"{1 / seconds:,.0f}" if seconds < 0.1 else f"{1 / seconds:.2g}"
    return timing.implementation, time_taken, each
