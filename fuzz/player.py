"""The process that plays lives: ``python -m fuzz.player SECONDS FOLDER LIMIT``.

Hypothesis draws the lives of :class:`fuzz.lives.Lives`, in rounds, each with a seed of its own. A broken promise does
not end the run: the shortest life that breaks it is kept in FOLDER, as hypothesis prints it, once for each place that
found it. A life that takes longer than LIMIT seconds ends the process. On standard output, as JSON: what came of it.
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
"""Lives of a round: the time is looked at in between."""


def play(
    machine: Callable[[], RuleBasedStateMachine], seconds: float, folder: Path, limit: float = 0
) -> dict[str, float]:
    """Play for so long, at least one round; lives played, rounds, seconds of the slowest life.

    Cutting a finding short is not interrupted, so a round that has one may take some minutes more.
    ``machine`` makes a new life. With a ``limit`` a life that takes longer ends the process, its stack on standard
    error.
    """
    told: dict[str, float] = {"lives": 0, "rounds": 0, "slowest life, s": 0}
    begun = time.monotonic()
    last = begun

    def born() -> RuleBasedStateMachine:
        nonlocal last
        now = time.monotonic()
        if told["lives"]:
            told["slowest life, s"] = max(told["slowest life, s"], round(now - last, 2))
        last = now
        told["lives"] += 1
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
            told["rounds"] += 1
            try:
                run_state_machine_as_test(born, settings=rules)
            except Exception as error:
                keep(error, folder)
            if time.monotonic() - begun >= seconds:
                return told
    finally:
        faulthandler.cancel_dump_traceback_later()


def keep(error: Exception, folder: Path) -> None:
    """Write the life that broke a promise into the folder, unless one from the same place is there."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    name = hashlib.sha256(f"{place.filename}:{place.lineno}:{type(error).__name__}".encode()).hexdigest()[:12]
    path = folder / name
    if not path.exists():
        path.write_text("".join(traceback.format_exception(error)))


def main(machine: Callable[[], RuleBasedStateMachine] = Lives) -> None:
    """The process; ``machine`` is another one in tests."""
    seconds, folder, limit = float(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    logging.disable(logging.CRITICAL)
    told = play(machine, seconds, folder, limit)
    try:
        import resource

        told["peak memory, MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    except ImportError:  # Windows
        pass
    print(json.dumps(told))


if __name__ == "__main__":
    main()
