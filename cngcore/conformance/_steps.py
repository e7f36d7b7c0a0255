"""What the steps of a walk through a key's life are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cngcore.status import CngError


class WrongAnswerError(Exception):
    """The call of a step succeeded, but its answer is wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it does, for a reader, and the call. The call raises WrongAnswerError or a CngError."""

    what: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Use(Step):
    """A step that uses a finalized key. ``calls`` returns its single calls by name, ready to be timed."""

    calls: Callable[[], dict[str, Callable[[], object]]]


def expect(condition: object, message: str) -> None:
    """Raise WrongAnswerError unless the condition holds."""
    if not condition:
        raise WrongAnswerError(message)


def refuse(error: type[CngError], call: Callable[[], object], message: str) -> None:
    """Raise WrongAnswerError unless the call raises that error."""
    try:
        call()
    except error:
        return
    raise WrongAnswerError(message)
