"""A recording: what one target answered to each call of each case, as lines of text.

``recorder.c`` writes the same format::

    = <checksum> <title>
    <number> <function> <status> <fact> ...
    ! crashed
    .

contract: rule-status-values. docs/reference/compare-files.md describes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable

FIRST_LINE = "# cngcore recording 1"
MISSING, SKIPPED = "missing", "skipped"
"""A function that the target does not have, and a call whose handle or input an earlier call did not make."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call answered: the status in hexadecimal, and facts such as ``size=64`` and ``out1=a0b1``."""

    function: str
    status: str
    facts: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((self.function, self.status, *self.facts))


@dataclass(frozen=True, slots=True)
class Played:
    """What one case answered, up to a crash."""

    title: str
    checksum: str
    answers: tuple[Answer, ...]
    crashed: bool = False

    def __str__(self) -> str:
        lines = [f"= {self.checksum} {self.title}"]
        lines += [f"{number} {answer}" for number, answer in enumerate(self.answers, 1)]
        lines += ["! crashed"] if self.crashed else []
        return "\n".join([*lines, ".\n"])


@dataclass(frozen=True, slots=True)
class Recording:
    """The answers of a target to the corpus. ``target`` says which one."""

    target: str
    cases: dict[str, Played]

    def __str__(self) -> str:
        return f"{FIRST_LINE}\n# target: {self.target}\n" + "".join(map(str, self.cases.values()))


def recording_of(target: str, played: Iterable[Played]) -> Recording:
    """Return a recording of what was played."""
    return Recording(target, {one.title: one for one in played})


def read_recording(text: str) -> Recording:
    """Return the recording of a text. Raise InvalidParameterError for any other file."""
    if not text.startswith(FIRST_LINE):
        raise InvalidParameterError(
            f"a recording begins with {FIRST_LINE!r}; make one with 'cng compare --record FILE'"
        )
    target = "unknown"
    cases: dict[str, Played] = {}
    for line in text.splitlines():
        words = line.split()
        if line.startswith("# target: "):
            target = line.removeprefix("# target: ").strip()
        elif words[:1] == ["="] and len(words) == 3:
            cases[words[2]] = Played(words[2], words[1], ())
        elif cases and words and (words[0] == "!" or words[0].isdigit()):
            title, last = cases.popitem()
            cases[title] = _extended(last, words)
    return Recording(target, cases)


def _extended(case: Played, words: list[str]) -> Played:
    if words[0] == "!":
        return Played(case.title, case.checksum, case.answers, crashed=True)
    if len(words) < 3:
        raise InvalidParameterError(f"case {case.title} of the recording has a line without a status")
    return Played(case.title, case.checksum, (*case.answers, Answer(words[1], words[2], tuple(words[3:]))))
