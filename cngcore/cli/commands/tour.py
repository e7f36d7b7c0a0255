"""The command ``cng tour``."""

from __future__ import annotations

import click

from cngcore.cli.options import AlgorithmName, Command, Positive, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.cli.tour import Tour, show_next, show_summary
from cngcore.registry import default


@click.command("tour", cls=Command, examples=("cng tour", "cng tour ML-KEM --verbose", "cng tour RSA --length 4096"))
@click.argument("algorithms", type=AlgorithmName(), nargs=-1, metavar="[ALGORITHM]...")
@click.option("-v", "--verbose", is_flag=True, help="Show every step.")
@click.option(
    "--length",
    type=Positive(),
    metavar="BITS",
    help="Length of the keys, limited to the lengths that each algorithm has.",
)
@as_json
def command(algorithms: tuple[str, ...], verbose: bool, length: int | None, as_json: bool) -> int:
    """Make, use, export, import and destroy a key of every algorithm.

    Every answer is checked. Then come blobs that were made on Windows. 'cng selftest' does the same with one small key
    for each implementation, and 'cng doctor' examines the whole installation.
    """
    screen = Screen(quiet=as_json)
    tour = Tour(default(), screen, list(algorithms), length, verbose=verbose)
    tour.run()
    if as_json:
        print_json(tour.to_dict())
    else:
        show_summary(screen, tour)
        if tour.ok:
            show_next(screen, algorithms or default().algorithms())
    return 0 if tour.ok else 1
