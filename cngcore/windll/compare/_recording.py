"""A recording: what one target answered to each call of each case, as lines of text.

``recorder.c`` writes the same format::

    # cngcore recording 1
    # target: <name>
    = <checksum> <title>
    <number> <function> <status> <fact> ...
    ! crashed
    .

docs/reference/compare-files.md describes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FIRST_LINE = "# cngcore recording 1"
_TARGET = "# target: "
END = "."
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
        lines = [heading(self.checksum, self.title)]
        lines += [f"{number} {answer}" for number, answer in enumerate(self.answers, 1)]
        lines += ["! crashed"] if self.crashed else []
        return "\n".join([*lines, END, ""])


def heading(checksum: str, title: str) -> str:
    """Return the line with which a case begins."""
    return f"= {checksum} {title}"


@dataclass(frozen=True, slots=True)
class Recording:
    """The answers of a target to the corpus. ``target`` is its name."""

    target: str
    cases: dict[str, Played]

    def __str__(self) -> str:
        return f"{FIRST_LINE}\n{_TARGET}{self.target}\n" + "".join(map(str, self.cases.values()))


def recording_of(target: str, played: Iterable[Played]) -> Recording:
    """Return a recording of what was played."""
    return Recording(target, {one.title: one for one in played})


def read_recording(text: str) -> Recording:
    """Return the recording of a text. Raise InvalidParameterError for any other file."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != FIRST_LINE:
        raise InvalidParameterError(f"it is no recording, whose first line is {FIRST_LINE!r}")
    names = [line.removeprefix(_TARGET).strip() for line in lines if line.startswith(_TARGET)]
    return recording_of(names[0] if names else "unknown", read_cases(lines))


def read_cases(lines: Iterable[str], wanted: set[str] | None = None) -> Iterator[Played]:
    """Return the cases of some lines; one without its end has crashed. ``wanted`` leaves out other titles."""
    title, checksum, crashed = "", "", False
    answers: list[Answer] = []

    def finished(whole: bool) -> Iterator[Played]:
        if title and (wanted is None or title in wanted):
            yield Played(title, checksum, tuple(answers), crashed or not whole)

    for line in lines:
        words = line.split()
        if words[:1] == ["="] and len(words) == 3:
            yield from finished(whole=False)
            _, checksum, title = words
            answers, crashed = [], False
        elif words[:1] == ["!"]:
            crashed = True
        elif words == [END]:
            yield from finished(whole=True)
            title = ""
        elif len(words) >= 3 and words[0].isdigit():
            answers.append(Answer(words[1], words[2], tuple(words[3:])))
    yield from finished(whole=False)
