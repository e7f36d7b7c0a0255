"""What the scenarios of :mod:`fuzz.signals` share: an attack, its outcome, and what they demand."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import cngcore
from cngcore.status import CngError, InvalidHandleError
from fuzz.findings import Finding


class Interrupt(KeyboardInterrupt):
    """What the handler raises."""


@dataclass(frozen=True)
class Attack:
    """One call of one scenario, interrupted at one point; ``point`` 0 means not at all."""

    scenario: str
    kind: str
    way: str
    point: int
    shared: bool = False


@dataclass
class Outcome:
    """What became of the interrupted call."""

    interrupted: bool = False
    answer: Any = None
    error: CngError | None = None


Scenario = Generator[Callable[[], Any], Outcome, None]


def demand(condition: object, message: str) -> None:
    if not condition:
        raise Finding(message)


def closes(provider: cngcore.AlgorithmProvider) -> None:
    """Close an algorithm: with no live key that must be possible."""
    gc.collect()
    try:
        provider.close()
    except InvalidHandleError as error:
        raise Finding(f"no key lives, and the algorithm cannot be closed: {error.message}") from error
