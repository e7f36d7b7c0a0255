"""``cng tour``: every installed algorithm, through the whole life of a key, each answer checked.

:mod:`cngcore.conformance.walk` reads the steps from each declaration, so every provider gets the same tour. The blobs
that were made on Windows follow (:mod:`cngcore.conformance.windows_blobs`). This module runs, times and shows them.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

from cngcore.cli.output import Screen, duration
from cngcore.cli.tables import lengths
from cngcore.conformance.walk import WrongAnswerError, empty_key, keyless_steps, life, variants
from cngcore.conformance.windows_blobs import samples
from cngcore.status import CngError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cngcore.conformance.walk import Step
    from cngcore.provider import Algorithm
    from cngcore.registry import Fault, Registry


_STEP = 62
"""Columns of the text of a step."""

_TIME = 11
"""Columns of its duration."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the tour: a step, and how it ended. ``detail`` says what is wrong and is empty if ``ok``."""

    subject: str
    what: str
    implementation: str
    seconds: float
    ok: bool
    detail: str


class Tour:
    """Run the steps and keep their results; ``ok`` if all passed. ``quick`` makes one small key for each algorithm."""

    def __init__(
        self, registry: Registry, screen: Screen, names: list[str], length: int | None = None, *, quick: bool = False
    ) -> None:
        self._registry = registry
        self._screen = screen
        self._names = names
        self._length = length
        self._quick = quick
        self.results: list[Result] = []
        self.faults: list[Fault] = []
        self.subjects = 0
        self.seconds = 0.0
        self._subject = self._implementation = ""

    @property
    def ok(self) -> bool:
        return bool(self.results) and not self.faults and all(result.ok for result in self.results)

    def to_dict(self) -> dict[str, object]:
        """Return the results for JSON."""
        return {
            "ok": self.ok,
            "seconds": self.seconds,
            "keys_and_blobs": self.subjects,
            "steps": [asdict(result) for result in self.results],
            "faults": [fault.to_dict() for fault in self.faults],
        }

    def run(self) -> None:
        """Run the whole tour. Raise NotFoundError if nothing is installed, or a requested algorithm is not."""
        begun = time.perf_counter()
        installed = self._registry.algorithms()
        if not installed:
            raise NotFoundError("no provider is installed; run: pip install cngcore-rsa cngcore-ec")
        for name in self._names or installed:
            candidates = self._registry.candidates(name)
            if not candidates and self._names:
                self._registry.explain(name).required()
            for candidate in candidates:
                if candidate.unavailable() is None:
                    self._algorithm(candidate.algorithm)
        for sample in samples():
            if sample.algorithm not in (self._names or installed):
                continue
            for candidate in self._registry.candidates(sample.algorithm):
                if candidate.unavailable() is None and sample.suits(candidate.algorithm):
                    self._begin(f"From Windows: {sample.name}", sample.what, candidate.implementation)
                    name = sample.algorithm
                    with self._registry.open_algorithm_provider(name, candidate.implementation) as opened:
                        self._run(sample.steps(opened))
        self.faults = [fault for fault in self._registry.faults() if fault.stage != "probe"]
        self.seconds = time.perf_counter() - begun

    # --- keys -----------------------------------------------------------------------------------------

    def _algorithm(self, declared: Algorithm) -> None:
        for variant in variants(declared, self._registry.settings.windows, self._length, quick=self._quick):
            rule = declared.key_lengths
            rule_lengths = rule.key_lengths() if rule is not None else None
            bits = ""
            if rule_lengths is not None:
                bits = f"{variant} bits" + (f", out of {lengths(rule)}" if rule_lengths.step else "")
            subject = declared.name if variant == lengths(rule) else f"{declared.name} {variant}".rstrip()
            self._begin(subject, bits, declared.implementation)
            with self._registry.open_algorithm_provider(declared.name, declared.implementation) as opened:
                if rule is None:
                    self._run(keyless_steps(opened))
                else:
                    self._run(life(opened, partial(empty_key, opened, variant)))

    # --- steps ------------------------------------------------------------------------------------------

    def _begin(self, subject: str, note: str, implementation: str) -> None:
        self.subjects += 1
        self._subject, self._implementation = subject, implementation
        self._screen.heading(subject, f"{implementation}, {note}" if note else implementation)

    def _run(self, steps: Iterable[Step]) -> None:
        """Run each step, time it and show how it ended."""
        for step in steps:
            result = self._screen.work(f"{self._subject}: {step.what}", partial(self._result, step))
            self.results.append(result)
            show_result(self._screen, result)

    def _result(self, step: Step) -> Result:
        detail = ""
        begun = time.perf_counter()
        try:
            step.run()
        except WrongAnswerError as error:
            detail = f"wrong answer: {error}"
        except CngError as error:
            detail = str(error)
        seconds = time.perf_counter() - begun
        return Result(self._subject, step.what, self._implementation, seconds, not detail, detail)


def show_result(screen: Screen, result: Result) -> None:
    """Show one line: mark, step, time and, if it fits, implementation; and the error of a failed step."""
    what, time_taken = f" {result.what:<{_STEP}} ", f"{duration(result.seconds):>{_TIME}}"
    fits = screen.width >= 2 + 1 + 1 + _STEP + 1 + _TIME + 2 + len(result.implementation)
    screen.write("  ", screen.mark(result.ok), what, time_taken, (f"  {result.implementation}" if fits else "", "dim"))
    if not result.ok:
        screen.write((f"      {result.detail}", "red"))


def show_summary(screen: Screen, tour: Tour) -> None:
    """Show the last lines: each failure, and the number of steps."""
    wrong = [result for result in tour.results if not result.ok]
    summary = f"{tour.subjects} keys and blobs, {len(tour.results)} steps, {duration(tour.seconds)}"
    screen.line()
    for result in wrong:
        screen.write((f"failed: {result.subject}: {result.what}: {result.detail}", "red"))
    for fault in tour.faults:
        screen.write((f"fault: {fault}", "red"))
    if tour.ok:
        screen.write((f"Passed: {summary}.", "bold green"))
    else:
        screen.write((f"Failed: {len(wrong)} of {len(tour.results)} steps; {summary}.", "bold red"))
