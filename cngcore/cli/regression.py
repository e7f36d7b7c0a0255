"""Compare the timings of ``cng bench`` with those of an earlier run, and tell a change from noise."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cngcore.cli.timing import Timing, measure

if TYPE_CHECKING:
    from collections.abc import Sequence

REFERENCE = "(reference)"
"""The algorithm of the row that measures the machine and not cngcore."""

MARGIN = 1.10
"""A change is a change if it is larger than the spread of the rounds and than this."""

_MODULUS = (1 << 2048) - 1942289
_BASE = int.from_bytes(hashlib.shake_128(b"cng bench").digest(256), "big")


class StoredRunError(Exception):
    """A file is no answer of ``cng bench --json``, or it has nothing that was measured now."""


def reference(seconds: float) -> Timing:
    """Time work that has nothing of cngcore: Python's integers, and SHA-256 of OpenSSL."""
    data = bytes(1 << 14)

    def work() -> None:
        pow(_BASE, 65537, _MODULUS)
        hashlib.sha256(data).digest()

    return Timing.of(REFERENCE, "", "python", "pow and hash", measure(work, seconds))


@dataclass(frozen=True, slots=True)
class Change:
    """One row of both runs. ``ratio`` is the time now over the time then, on a machine of the same speed."""

    timing: Timing
    then: float
    ratio: float
    verdict: str


def load(path: Path) -> list[Timing]:
    """Return the timings of a stored run. Raise StoredRunError if the file is not one."""
    names = {field.name for field in fields(Timing)}
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["timings"]
        found = [Timing(**{name: row[name] for name in names}) for row in rows]
        valid = all(0 < one.least <= one.median <= one.most for one in found)
    except (ValueError, KeyError, TypeError, RecursionError):
        valid = False
    if not valid:
        raise StoredRunError(f"{path} is not an answer of 'cng bench --json'; make one and pass it")
    return found


def changes(now: Sequence[Timing], then: Sequence[Timing]) -> tuple[float, list[Change]]:
    """Return how fast the machine is now, as a multiple of then, and each row that both runs have.

    A row is slower if its best round now takes longer than its median then, by more than MARGIN and on a machine of the
    same speed; it is faster if its median now is below its best round then. Anything between is noise, and so is a
    single slow round. Raise StoredRunError if no row is in both.
    """
    before = {_key(one): one for one in then}
    speed = before[_key(own)].least / own.least if (own := _own(now)) and _key(own) in before else 1.0
    found = []
    for one in now:
        old = before.get(_key(one))
        if old is None or one.algorithm == REFERENCE:
            continue
        slower, faster = one.least * speed > old.median * MARGIN, one.median * speed * MARGIN < old.least
        verdict = "slower" if slower else "faster" if faster else "same"
        found.append(Change(one, old.median, one.median * speed / old.median, verdict))
    if not found:
        raise StoredRunError("the stored run has none of these operations; compare the same algorithms")
    return speed, found


def _own(timings: Sequence[Timing]) -> Timing | None:
    return next((one for one in timings if one.algorithm == REFERENCE), None)


def _key(timing: Timing) -> tuple[str, str, str, str]:
    return timing.algorithm, timing.variant, timing.implementation, timing.operation
