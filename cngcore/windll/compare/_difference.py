"""Compare two recordings: each call is the same, different, not there, or a consequence of an earlier difference.

A call is a consequence if its handle or input was not made, or if an earlier call that changes the state of its handle
succeeded on one side only.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cngcore.status import NTStatus
from cngcore.windll.compare._corpus import folder_text
from cngcore.windll.compare._recording import MISSING, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from cngcore.windll.compare._corpus import Call, Case, Corpus
    from cngcore.windll.compare._recording import Answer, Played, Recording

_SUCCESS = "00000000"
_NOT_IMPLEMENTED = "c0000002"
_NOT_FOUND = "c0000225"
_NAME = re.compile(r"(?<![A-Za-z0-9\"])[ho]\d+")
_CHANGING = re.compile(r"BCrypt(Set|Finalize|Hash|Finish|Destroy|Close|Process|DeriveKeyCapi|Encrypt|Decrypt)")


class Outcome(StrEnum):
    """What the comparison of a case, or of a call, found."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_THERE = "not there"
    CRASHED = "crashed"
    NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class Difference:
    """One call with two answers, and the judgement about it, if there is one."""

    case: Case
    number: int
    call: Call
    ours: str
    theirs: str
    outcome: Outcome
    judgement: Judgement | None

    @property
    def text(self) -> str:
        """Both answers in one line."""
        return f"{self.ours} -> {self.theirs}"


@dataclass(frozen=True, slots=True)
class Compared:
    """One case: its outcome and its differences."""

    case: Case
    outcome: Outcome
    differences: tuple[Difference, ...]

    @property
    def open(self) -> bool:
        """Whether a difference or a crash has no judgement."""
        return any(one.judgement is None for one in self.differences)


@dataclass(frozen=True, slots=True)
class Judgement:
    """An entry of judged.toml: which differences it is about, and what is known about them."""

    name: str
    target: str
    verdict: str
    why: str
    evidence: tuple[str, ...]
    match: dict[str, tuple[str, ...]]

    def fits(self, target: str, difference: Difference) -> bool:
        """Return whether the judgement is about a difference with that target."""
        found = {
            "function": (difference.call.function.removeprefix("BCrypt"),),
            "rule": difference.case.anchors,
            "case": (difference.case.title,),
            "call": (str(difference.call),),
            "ours": (difference.ours,),
            "theirs": (difference.theirs,),
        }
        return fnmatchcase(target, self.target) and all(
            any(fnmatchcase(value, pattern) for value in found[key] for pattern in patterns)
            for key, patterns in self.match.items()
        )


def judgements() -> list[Judgement]:
    """Return the judgements of the package, in order: the first that fits counts."""
    return read_judgements(folder_text("judged.toml"))


def read_judgements(text: str) -> list[Judgement]:
    """Return the judgements of a text in TOML."""
    return [_judgement(name, row) for name, row in tomllib.loads(text).items()]


def _judgement(name: str, row: dict[str, Any]) -> Judgement:
    keys = ("function", "rule", "case", "call", "ours", "theirs")
    match = {key: (row[key],) if isinstance(row[key], str) else tuple(row[key]) for key in keys if key in row}
    return Judgement(name, row["target"], row["verdict"], row["why"], tuple(row["evidence"]), match)


# --- comparing ------------------------------------------------------------------------------------------------------


def compare(corpus: Corpus, ours: Recording, theirs: Recording, known: Iterable[Judgement] = ()) -> list[Compared]:
    """Return the comparison of each case of the corpus. A case that a recording has in another version is missing."""
    rows = list(known)
    return [
        _compared(case, _recorded(ours, case), _recorded(theirs, case), theirs.target, rows) for case in corpus.cases
    ]


def _recorded(recording: Recording, case: Case) -> Played | None:
    found = recording.cases.get(case.title)
    return found if found is not None and found.checksum == case.checksum else None


def _compared(case: Case, ours: Played | None, theirs: Played | None, target: str, known: list[Judgement]) -> Compared:
    if ours is None or theirs is None:
        return Compared(case, Outcome.NOT_RECORDED, ())
    differences = []
    tainted: set[str] = set()
    for number, (call, one, other) in enumerate(zip(case.calls, ours.answers, theirs.answers, strict=False), 1):
        names = set(_NAME.findall(" ".join(call.words)))
        if SKIPPED not in (one.status, other.status) and one != other and not names & tainted:
            differences.append(_difference(case, number, call, one, other))
        one_sided = (one.status == _SUCCESS) != (other.status == _SUCCESS)
        if names & tainted or (one_sided and _CHANGING.match(call.function)):
            tainted |= names
    if (ours.crashed, len(ours.answers)) != (theirs.crashed, len(theirs.answers)):
        differences += _crash(case, ours, theirs)
    judged = tuple(_with_judgement(one, target, known) for one in differences)
    return Compared(case, _outcome(judged), judged)


def _difference(case: Case, number: int, call: Call, one: Answer, other: Answer) -> Difference:
    outcome = Outcome.NOT_THERE if _is_absent(call, one, other) or _is_absent(call, other, one) else Outcome.DIFFERENT
    if one.status == other.status:
        ours, theirs = " ".join(one.facts) or "nothing", " ".join(other.facts) or "nothing"
    else:
        ours, theirs = status_name(one.status), status_name(other.status)
    return Difference(case, number, call, ours, theirs, outcome, None)


def _crash(case: Case, ours: Played, theirs: Played) -> list[Difference]:
    """Return the call at which one side ended; nothing if its answers go on to the end of the case."""
    number = min(len(ours.answers), len(theirs.answers))
    if number == len(case.calls):
        return []
    texts = [
        status_name(one.answers[number].status) if number < len(one.answers) else "crashed" for one in (ours, theirs)
    ]
    return [Difference(case, number + 1, case.calls[number], texts[0], texts[1], Outcome.CRASHED, None)]


def _is_absent(call: Call, one: Answer, other: Answer) -> bool:
    """Return whether the other side does not have the function or the algorithm that the first has."""
    if other.status in (MISSING, _NOT_IMPLEMENTED):
        return True
    return call.function == "BCryptOpenAlgorithmProvider" and one.status == _SUCCESS and other.status == _NOT_FOUND


def _with_judgement(one: Difference, target: str, known: list[Judgement]) -> Difference:
    judgement = next((row for row in known if row.fits(target, one)), None)
    return Difference(one.case, one.number, one.call, one.ours, one.theirs, one.outcome, judgement)


def _outcome(differences: Iterable[Difference]) -> Outcome:
    found = {one.outcome for one in differences}
    return next((one for one in (Outcome.CRASHED, Outcome.DIFFERENT, Outcome.NOT_THERE) if one in found), Outcome.SAME)


def status_name(word: str) -> str:
    """Return the name of a status without ``STATUS_``; the hexadecimal number if it has no name."""
    if word == MISSING:
        return "no such function"
    try:
        return NTStatus(int(word, 16)).name.removeprefix("STATUS_")
    except ValueError:
        return f"0x{word}"
