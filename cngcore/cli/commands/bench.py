"""The command ``cng bench``."""

from __future__ import annotations

import platform
from dataclasses import asdict
from pathlib import Path

import click
from importlib_metadata import version

from cngcore.cli.options import AlgorithmName, Command, Seconds, as_json
from cngcore.cli.output import Screen, duration, print_json
from cngcore.cli.regression import Change, StoredRunError, changes, load, reference
from cngcore.cli.timing import Timing, Unmeasured, compared, empty_cycle, jobs
from cngcore.registry import default


@click.command("bench", cls=Command, examples=(
    "cng bench RSA ECDSA_P256", "cng bench ML-KEM --seconds 1", "cng bench --json > before.json",
    "cng bench --compare before.json",
))  # fmt: skip
@click.argument("algorithms", type=AlgorithmName(), nargs=-1, metavar="[ALGORITHM]...")
@click.option("--seconds", type=Seconds(), default=0.1, show_default=True, help="Seconds for each operation.")
@click.option(
    "--compare",
    "stored",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Compare with the run in FILE, an answer of 'cng bench --json'; exit with 1 if an operation is slower.",
)
@as_json
def command(algorithms: tuple[str, ...], seconds: float, stored: Path | None, as_json: bool) -> int:
    """Time every operation of every implementation: the median of five rounds.

    Where several implementations do the same, each is compared with the fastest. The first lines are the reference,
    work without cngcore that shows the speed of the machine, and the empty cycle, the time of the core with any back
    end. The exit status is 1 if an implementation could not be timed; the others are timed all the same.

    --compare shows what became slower or faster than in a stored run. A change counts if it is larger than the spread
    of the rounds and than a tenth.
    """
    screen = Screen(quiet=as_json)
    registry = default()
    before = None if stored is None else _loaded(stored)
    work = jobs(registry, list(algorithms))
    found: list[Timing] = [reference(seconds)]
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
    speed, rows = (1.0, []) if before is None else _changes(found, before)
    slower = any(row.verdict == "slower" for row in rows)
    if as_json:
        answer: dict[str, object] = {
            "cngcore": version("cngcore"),
            "python": platform.python_version(),
            "machine": platform.machine(),
            "seconds": seconds,
            "timings": [asdict(timing) for timing in found],
            "failed": [asdict(one) for one in failed],
        }
        if before is not None:
            answer["speed"] = speed
            answer["changes"] = [_change_json(row) for row in rows]
        print_json(answer)
        return 1 if failed or slower else 0
    if before is None:
        show(screen, found)
    else:
        show_changes(screen, speed, rows)
    for one in failed:
        screen.write((f"not timed: {one}", "red"))
    return 1 if failed or slower else 0


def _loaded(path: Path) -> list[Timing]:
    try:
        return load(path)
    except StoredRunError as error:
        raise click.ClickException(str(error)) from None


def _changes(found: list[Timing], before: list[Timing]) -> tuple[float, list[Change]]:
    try:
        return changes(found, before)
    except StoredRunError as error:
        raise click.ClickException(str(error)) from None


def _change_json(row: Change) -> dict[str, object]:
    one = row.timing
    return {
        "algorithm": one.algorithm, "variant": one.variant, "implementation": one.implementation,
        "operation": one.operation, "then": row.then, "ratio": row.ratio, "verdict": row.verdict,
    }  # fmt: skip


def show_changes(screen: Screen, speed: float, rows: list[Change]) -> None:
    """Show what became slower or faster, and how many operations did not change."""
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in ("slower", "faster", "same")}
    changed = sorted((row for row in rows if row.verdict != "same"), key=lambda row: -row.ratio)
    if changed:
        head = ("OPERATION", "THEN", "NOW", "RATIO", "")
        table = [
            (
                " ".join(filter(None, (row.timing.algorithm, row.timing.variant, row.timing.operation))),
                _microseconds(row.then), _microseconds(row.timing.median), f"{row.ratio:.2f}", row.verdict,
            )
            for row in changed
        ]  # fmt: skip
        screen.table(head, table, right=(1, 2, 3))
    screen.write(f"This machine has {speed:.2f} times the speed of the stored run; the ratios allow for it.")
    screen.write(f"{counts['slower']} slower, {counts['faster']} faster, {counts['same']} as before.")


def _microseconds(number: float) -> str:
    return duration(number / 1e6) if number >= 1e3 else f"{number:.2f} us"


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
    time_taken = _microseconds(timing.median)
    each = f"{1 / seconds:,.0f}" if seconds < 0.1 else f"{1 / seconds:.2g}"
    return timing.implementation, time_taken, each
