"""The bounds of figures: :class:`Bound`, and how a bound in microseconds fits another machine."""

import time
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from re import fullmatch

LIMITS = Path(__file__).with_name("limits.toml")
"""Rows that may exceed their usual bound, each with a limit of its own and the reason."""


@dataclass(frozen=True)
class Bound:
    """A limit that a figure must not exceed or, with ``least``, must reach; ``point`` is its acceptance point."""

    limit: float
    point: str
    least: bool = False

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.least else value <= self.limit

    def __str__(self) -> str:
        return f"at {'least' if self.least else 'most'} {self.limit:g}"


REFERENCE_NS = 27
"""Nanoseconds of a call of :class:`_Yardstick` on the machine that the bounds in microseconds are for."""


class _Yardstick:
    """Calls as the core makes them, and nothing of cngcore: methods, a property, a look-up, a check of a type."""

    __slots__ = ("table",)

    def __init__(self) -> None:
        self.table = {"answer": 1}

    @property
    def ready(self) -> bool:
        return self.table is not None

    def look_up(self, name: str) -> object:
        return self.table.get(name)

    def check(self, answer: object) -> object:
        return answer if type(answer) is int else None

    def ask(self, name: str, *_rest: object) -> object:
        return self.check(self.look_up(name)) if self.ready else None


def slowness() -> float:
    """Return how many times as long as on the machine of the bounds this one takes for a call of Python."""
    ask, clock = _Yardstick().ask, time.perf_counter_ns
    best = 1 << 60
    for _ in range(100):
        begun = clock()
        for _ in range(25):
            ask("answer", None)
        best = min(best, clock() - begun)
    return best / (25 * 4) / REFERENCE_NS


def slowness_note() -> str:
    """Return the note beside a time whose bound is that of another machine."""
    return f"a call of Python takes {slowness():.1f} times as long as on the machine of the bound"


@cache
def _known_limits() -> list[dict[str, str | float]]:
    limits: list[dict[str, str | float]] = tomllib.loads(LIMITS.read_text("utf-8"))["row"]
    return limits


def bound_of(name: str, usual: Bound) -> Bound:
    """Return the bound of a row: that of the first entry of ``limits.toml`` that fits its name, or the usual one."""
    found = next((one for one in _known_limits() if fullmatch(str(one["rows"]), name)), None)
    return usual if found is None else replace(usual, limit=float(found["limit"]))
