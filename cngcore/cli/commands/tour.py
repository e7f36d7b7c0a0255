"""The command ``cng tour``."""

from __future__ import annotations

import click

from cngcore.cli.options import AlgorithmName, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.cli.tour import Tour, show_summary
from cngcore.registry import default


@click.command("tour")
@click.argument("algorithms", type=AlgorithmName(), nargs=-1, metavar="[ALGORITHM]...")
@click.option(
    "--length",
    type=click.IntRange(min=1),
    metavar="BITS",
    help="Length of the keys, limited to the lengths that each algorithm has.",
)
@as_json
def command(algorithms: tuple[str, ...], length: int | None, as_json: bool) -> int:
    """Make, use, export, import and destroy a key of every algorithm.

    Every answer is checked. Then come blobs that were made on Windows.
    """
    screen = Screen(quiet=as_json)
    tour = Tour(default(), screen, list(algorithms), length)
    tour.run()
    if as_json:
        print_json(tour.to_dict())
    else:
        show_summary(screen, tour)
    return 0 if tour.ok else 1
