"""Play lives in this process: ``python -m fuzz.player SECONDS FOLDER LIMIT``.

Hypothesis draws the lives of :class:`fuzz.lives.Lives` in rounds, each with its own seed. After a broken promise the
run goes on. The shortest life that breaks it is kept in FOLDER, once for each place of the failure. A life that takes
longer than LIMIT seconds ends the process. The result is JSON on standard output.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import logging
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from fuzz.lives import Lives

__all__ = ["STEPS", "main", "play"]

STEPS = 40
"""Calls of the longest life."""

ROUND = 25
"""Lives of a round; the time is checked after each round."""


def play(
    machine: Callable[[], RuleBasedStateMachine], seconds: float, folder: Path, limit: float = 0
) -> dict[str, float]:
    """Play for at least one round. Return the number of lives and rounds, and the seconds of the slowest life.

    hypothesis shortens a finding without interruption, so its round may take some minutes more. ``machine`` makes a new
    life. A life that takes longer than ``limit`` ends the process, with its stack on standard error.
    """
    totals: dict[str, float] = {"lives": 0, "rounds": 0, "slowest life, s": 0}
    begun = time.monotonic()
    last = begun

    def born() -> RuleBasedStateMachine:
        nonlocal last
        now = time.monotonic()
        if totals["lives"]:
            totals["slowest life, s"] = max(totals["slowest life, s"], round(now - last, 2))
        last = now
        totals["lives"] += 1
        if limit:
            faulthandler.dump_traceback_later(limit, exit=True)
        return machine()

    rules = settings(
        max_examples=ROUND,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=False,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.target, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    try:
        while True:
            totals["rounds"] += 1
            try:
                run_state_machine_as_test(born, settings=rules)
            except Exception as error:
                keep(error, folder)
            if time.monotonic() - begun >= seconds:
                return totals
    finally:
        faulthandler.cancel_dump_traceback_later()


def keep(error: Exception, folder: Path) -> None:
    """Write the life that broke a promise into the folder, unless the folder has one from the same place."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    name = hashlib.sha256(f"{place.filename}:{place.lineno}:{type(error).__name__}".encode()).hexdigest()[:12]
    path = folder / name
    if not path.exists():
        path.write_text("".join(traceback.format_exception(error)))


def main(machine: Callable[[], RuleBasedStateMachine] = Lives) -> None:
    """Run the process; tests pass another ``machine``."""
    seconds, folder, limit = float(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    logging.disable(logging.CRITICAL)
    totals = play(machine, seconds, folder, limit)
    try:
        import resource

        totals["peak memory, MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    except ImportError:  # Windows
        pass
    print(json.dumps(totals))


if __name__ == "__main__":
    main()
