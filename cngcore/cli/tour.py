"""``cng tour``: every installed algorithm, through the whole life of a key, each answer checked.

:mod:`cngcore.conformance.walk` reads the steps from each declaration, so every provider gets the same tour. The blobs
that were made on Windows follow (:mod:`cngcore.conformance.windows_blobs`). This module runs, times and shows them.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

from cngcore._nearest import install
from cngcore.cli.output import Screen, duration
from cngcore.cli.tables import lengths
from cngcore.conformance.walk import WrongAnswerError, empty_key, keyless_steps, life, variants
from cngcore.conformance.windows_blobs import samples
from cngcore.status import CngError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cngcore.conformance.walk import Step
    from cngcore.objects import AlgorithmProvider
    from cngcore.provider import Algorithm
    from cngcore.registry import Fault, Registry


FROM_WINDOWS = "From Windows: "
"""How the subjects begin that were made on Windows."""

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


@dataclass(frozen=True, slots=True)
class Subject:
    """A key, blob or digest of the tour: its title and a note, who serves it, and its steps."""

    title: str
    note: str
    algorithm: str
    implementation: str
    steps: Callable[[AlgorithmProvider], Iterable[Step]]


class Tour:
    """Run the steps and keep their results; ``ok`` if all passed. ``quick`` makes one small key for each algorithm."""

    def __init__(
        self, registry: Registry, screen: Screen, names: list[str], length: int | None = None, *,
        quick: bool = False, verbose: bool = False,
    ) -> None:  # fmt: skip
        self._registry = registry
        self._screen = screen
        self._names = names
        self._length = length
        self._quick = quick
        self._verbose = verbose
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
        if not self._registry.algorithms():
            raise NotFoundError(f"no provider is installed; {install('cngcore-rsa', 'cngcore-ec')}")
        subjects = [*self._keys(), *self._samples()]
        show = Listing(self._screen, subjects, verbose=self._verbose)
        with self._screen.progress(len(subjects)) as bar:
            for subject in subjects:
                bar.say(subject.title)
                self._run(subject, show)
                bar.advance()
        self.subjects = len(subjects)
        self.faults = [fault for fault in self._registry.faults() if fault.stage != "probe"]
        self.seconds = time.perf_counter() - begun

    # --- what there is to do --------------------------------------------------------------------------

    def _keys(self) -> Iterator[Subject]:
        """Yield each kind of key of each implementation that works here, and each algorithm without keys."""
        for name in self._names or self._registry.algorithms():
            candidates = self._registry.candidates(name)
            if not candidates and self._names:
                self._registry.explain(name).required()
            for candidate in candidates:
                if candidate.unavailable() is None:
                    yield from self._variants(candidate.algorithm)

    def _variants(self, declared: Algorithm) -> Iterator[Subject]:
        if not declared.has_key_pairs:
            steps = partial(self._life, "")
            yield Subject(declared.name, "", declared.name, declared.implementation, steps)
            return
        for variant in variants(declared, self._registry.settings.windows, self._length, quick=self._quick):
            rule = declared.key_lengths
            rule_lengths = rule.key_lengths() if rule is not None else None
            bits = ""
            if rule_lengths is not None:
                bits = f"{variant} bits" + (f", out of {lengths(rule)}" if rule_lengths.step else "")
            title = declared.name if variant == lengths(rule) else f"{declared.name} {variant}".rstrip()
            yield Subject(title, bits, declared.name, declared.implementation, partial(self._life, variant))

    @staticmethod
    def _life(variant: str, opened: AlgorithmProvider) -> Iterable[Step]:
        if not opened.declaration.has_key_pairs:
            return keyless_steps(opened)
        return life(opened, partial(empty_key, opened, variant))

    def _samples(self) -> Iterator[Subject]:
        """Yield each blob and digest of Windows, for each implementation that it suits."""
        for sample in samples():
            if sample.algorithm not in (self._names or self._registry.algorithms()):
                continue
            for candidate in self._registry.candidates(sample.algorithm):
                if candidate.unavailable() is None and sample.suits(candidate.algorithm):
                    title = f"{FROM_WINDOWS}{sample.name}"
                    yield Subject(title, sample.what, sample.algorithm, candidate.implementation, sample.steps)

    # --- steps ------------------------------------------------------------------------------------------

    def _run(self, subject: Subject, show: Listing) -> None:
        """Run each step of a subject, time it and show how it ended."""
        show.begin(subject)
        own: list[Result] = []
        with self._registry.open_algorithm_provider(subject.algorithm, subject.implementation) as opened:
            for step in subject.steps(opened):
                self._subject, self._implementation = subject.title, subject.implementation
                result = self._screen.work(f"{subject.title}: {step.what}", partial(self._result, step))
                own.append(result)
                show.step(result)
        self.results += own
        show.end(subject, own)

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


class Listing:
    """What the tour prints while it runs: one line for each subject, or with ``verbose`` one for each step."""

    def __init__(self, screen: Screen, subjects: Sequence[Subject], *, verbose: bool) -> None:
        self._screen = screen
        self._verbose = verbose
        self._titles = max((len(_shown(subject)) for subject in subjects), default=0)
        self._names = max((len(subject.implementation) for subject in subjects), default=0)
        self._part: bool | None = None

    def begin(self, subject: Subject) -> None:
        """Print the heading of a part, or with ``verbose`` that of the subject."""
        if self._verbose:
            note = f"{subject.implementation}, {subject.note}" if subject.note else subject.implementation
            self._screen.heading(subject.title, note)
            return
        of_windows = subject.title.startswith(FROM_WINDOWS)
        if of_windows is not self._part:
            if self._part is not None:
                self._screen.line()
            self._part = of_windows
            self._screen.write(("Made on Windows" if of_windows else "Made here", "bold"))

    def step(self, result: Result) -> None:
        """Print a step: mark, text, time and, if it fits, implementation; and the error of a failed step."""
        if not self._verbose:
            return
        screen = self._screen
        what, time_taken = f" {result.what:<{_STEP}} ", f"{duration(result.seconds):>{_TIME}}"
        fits = screen.width >= 2 + 1 + 1 + _STEP + 1 + _TIME + 2 + len(result.implementation)
        name = f"  {result.implementation}" if fits else ""
        screen.write("  ", screen.mark(result.ok), what, time_taken, (name, "dim"))
        if not result.ok:
            screen.write((f"      {result.detail}", "red"))

    def end(self, subject: Subject, results: Sequence[Result]) -> None:
        """Print the line of a subject: mark, title, implementation, how many steps passed, and the time."""
        if self._verbose:
            return
        wrong = sum(not result.ok for result in results)
        outcome = f"{wrong} of {len(results)} failed" if wrong else f"{len(results)} passed"
        self._screen.write(
            "  ", self._screen.mark(not wrong), f" {_shown(subject):<{self._titles}}  ",
            (f"{subject.implementation:<{self._names}}", "dim"), f"  {outcome:>9}  ",
            (f"{duration(sum(result.seconds for result in results)):>{_TIME - 2}}", "dim"),
        )  # fmt: skip


def _shown(subject: Subject) -> str:
    return subject.title.removeprefix(FROM_WINDOWS)


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


_NEXT = (
    ("cng explain {name}", "which implementation serves it, and why"),
    ("cng generate {name} --out key.pem", "make a key"),
    ("cng inspect key.pem", "look into it"),
    ("cng tour {name} --verbose", "every step of the tour"),
    ("cng --help", "all commands"),
)
_WITH_KEYS = ("ML-KEM", "ECDSA_P256", "ECDH_P256", "RSA", "ML-DSA")


def show_next(screen: Screen, names: Iterable[str]) -> None:
    """Show what to try next, for a person at a terminal. Only keys that can be written to a file are generated."""
    if not screen.terminal:
        return
    known = list(names)
    name = next((name for name in _WITH_KEYS if name in known), None)
    lines = [line for line in _NEXT if name is not None or "key.pem" not in line[0]]
    screen.line()
    screen.write(("Next", "bold"))
    screen.columns([(screen.text(line.format(name=name or known[0]), "cyan"), text) for line, text in lines], indent=2)
