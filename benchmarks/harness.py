"""Measure two sides in turns: :func:`ratio`, :func:`overhead`, :class:`Figure`."""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.bounds import Bound, slowness

Call = Callable[[], object]
Timer = Callable[[int], float]
"""The seconds that a number of calls takes."""

ROUNDS = 9
"""Rounds of a figure: how often both sides take their turn."""

SHARE = 0.03
"""What cngcore may add to a call that takes long, as a share of it."""

LEAST_TURNS = 40
"""Turns of a round in which the best one counts."""


@dataclass(frozen=True)
class Figure:
    """One figure: its value in each round, and the times of both sides.

    ``unit`` is ``ratio`` (ours over theirs), ``speed-up`` (many workers over one), ``us``, ``us more``, ``ms more``,
    ``s`` or ``bytes``; ``sides`` has the microseconds of a call by round.
    """

    group: str
    name: str
    unit: str
    rounds: Sequence[float]
    sides: Mapping[str, Sequence[float]] = field(default_factory=dict)
    bound: Bound | None = None
    note: str = ""

    @property
    def value(self) -> float:
        return statistics.median(self.rounds)

    def to_dict(self) -> dict[str, object]:
        """Return the figure for JSON, with numbers of four digits."""
        bound = None
        if self.bound is not None:
            bound = {"point": self.bound.point, "text": str(self.bound), "met": self.bound.holds(self.value)}
        return {
            "group": self.group,
            "name": self.name,
            "unit": self.unit,
            "median": _short(self.value),
            "bound": bound,
            "rounds": [_short(value) for value in self.rounds],
            "sides": {name: [_short(value) for value in values] for name, values in self.sides.items()},
            "note": self.note,
        }

    def __str__(self) -> str:
        spread = f"{min(self.rounds):.3g} to {max(self.rounds):.3g}"
        sides = ", ".join(f"{name} {statistics.median(values):.4g} us" for name, values in self.sides.items())
        line = f"{self.group:<10} {self.name:<44} {self.value:8.3g} {self.unit:<9} ({spread}; {sides})"
        if self.bound is not None:
            line += f"  {self.bound}: {'met' if self.bound.holds(self.value) else 'NOT MET'}"
        return line


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def timer(call: Call, clock: Callable[[], float] = time.process_time) -> Timer:
    """Return the :data:`Timer` of a call in this process.

    The default clock is the processor time of this process, because nothing measured here waits, and other programs of
    a shared machine must not count.
    """

    def timed(count: int) -> float:
        turns = range(count)
        begun = clock()
        for _ in turns:
            call()
        return clock() - begun

    return timed


def compare(
    ours: Call | Timer,
    theirs: Call | Timer,
    *,
    seconds: float = 0.02,
    rounds: int = ROUNDS,
    least: int = 1,
    timers: bool = False,
) -> tuple[list[float], list[float]]:
    """Return the microseconds of a call of either side, round by round.

    In a round each side is called as often as fits ``seconds``, at least ``least`` times; the sides take turns to
    begin. One round before the first is discarded. With ``timers`` the two are already :data:`Timer`.
    """
    sides: list[Timer] = [ours, theirs] if timers else [timer(ours), timer(theirs)]  # type: ignore[list-item, arg-type]
    counts = [_count(side, seconds, least) for side in sides]
    taken: list[list[float]] = [[], []]
    for turn in range(rounds + 1):
        for index in (0, 1) if turn % 2 else (1, 0):
            spent = sides[index](counts[index]) / counts[index]
            if turn:
                taken[index].append(spent * 1e6)
    return taken[0], taken[1]


def _count(side: Timer, seconds: float, least: int) -> int:
    """Return how many calls fit into ``seconds``, after making them twice to warm up.

    Of the two times the shorter counts: on a busy machine one call can wait for milliseconds, and a round of that few
    calls would show the first one after a pause, not the usual one.
    """
    count = least
    while True:
        spent = min(side(count), side(count))
        if spent >= seconds / 4 or count > 1 << 22:
            return max(least, round(count * seconds / max(spent, 1e-9)))
        count *= 4


def ratio(
    group: str,
    name: str,
    ours: Call | Timer,
    theirs: Call | Timer,
    *,
    labels: tuple[str, str] = ("cngcore", "bare"),
    bound: Bound | None = None,
    note: str = "",
    seconds: float = 0.02,
    rounds: int = ROUNDS,
    least: int = 1,
    timers: bool = False,
) -> Figure:
    """Return a figure of our side over the other."""
    left, right = compare(ours, theirs, seconds=seconds, rounds=rounds, least=least, timers=timers)
    quotients = [a / b for a, b in zip(left, right, strict=True)]
    return Figure(group, name, "ratio", quotients, dict(zip(labels, (left, right), strict=True)), bound, note)


def best_turns(calls: Sequence[Call], *, seconds: float = 0.2, rounds: int = ROUNDS) -> Iterator[list[float]]:
    """Yield for each round the microseconds of a call of each kind: the best of the turns that they take.

    A turn is a few calls, and a round takes about ``seconds``. The best turn counts, because everything else that the
    machine does only adds to a time. If a library repeats its work a random number of times, as ML-DSA does, the best
    turn needed one try.
    """
    sides = [timer(call, time.perf_counter) for call in calls]
    counts = [_count(side, 5e-5, 1) for side in sides]
    order = list(range(len(sides)))
    for turn in range(rounds + 1):
        best = [math.inf] * len(sides)
        end, turns = time.perf_counter() + seconds, 0
        while turns < LEAST_TURNS or time.perf_counter() < end:
            turns += 1
            for index in order if turns % 2 else reversed(order):
                best[index] = min(best[index], sides[index](counts[index]) / counts[index] * 1e6)
        if turn:
            yield best


def overhead(
    group: str,
    name: str,
    ours: Call,
    theirs: Call,
    *,
    bound: Bound | None = None,
    seconds: float = 0.2,
    rounds: int = ROUNDS,
) -> Figure:
    """Return a figure of the microseconds by which a call of ours takes longer (:func:`best_turns`).

    The bound is multiplied by :func:`benchmarks.bounds.slowness`, measured in each round, because it was set on another
    machine. It is at least :data:`SHARE` of the bare call: a library that works for a tenth of a millisecond leaves the
    caches to itself, and its own time varies by more than two microseconds.
    """
    slow: list[float] = []
    taken: tuple[list[float], list[float]] = ([], [])
    for best in best_turns([ours, theirs], seconds=seconds, rounds=rounds):
        for side, value in zip(taken, best, strict=True):
            side.append(value)
        slow.append(slowness())
    differences = [more - less for more, less in zip(*taken, strict=True)]
    note = ""
    if bound is not None:
        factor, share = round(statistics.median(slow), 1), SHARE * statistics.median(taken[1])
        note = f"{bound.limit:g} µs, times {factor:g} for this machine"
        if share > bound.limit * factor:
            note = f"{SHARE:.0%} of the bare call"
        bound = replace(bound, limit=round(max(bound.limit * factor, share), 1))
    return Figure(group, name, "us more", differences, {"cngcore": taken[0], "bare": taken[1]}, bound, note)
