"""What a person sees: lines with a mark, a duration and a name; progress for what takes long; colour on a terminal."""

import os
import sys
import time
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from cngcore.cli.tour import Step, Tour

PATIENCE = 0.5
"""Seconds after which something that is still under way is said to be."""


def duration(seconds: float) -> str:
    """A time a person can read: ``0.04 ms``, ``63.1 ms``, ``1.32 s``, ``2 min 05 s``."""
    if seconds >= 60:
        return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.{2 if seconds < 1e-2 else 1}f} ms"


class Screen:
    """Prints the steps of a tour as they happen. ``quiet`` prints nothing but progress on a terminal."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        self.stream = stream if stream is not None else sys.stdout
        self.quiet = quiet
        self.terminal = self.stream.isatty()
        self._colour = self.terminal and not os.environ.get("NO_COLOR")
        self._fancy = (self.stream.encoding or "").lower().replace("-", "") == "utf8"

    def paint(self, text: str, colour: int) -> str:
        """``text`` in one of the terminal's colours (1 bold, 2 dim, 31 red, 32 green), where there are any."""
        return f"\033[{colour}m{text}\033[0m" if self._colour else text

    def line(self, text: str = "") -> None:
        if not self.quiet:
            print(text, file=self.stream, flush=True)

    def heading(self, title: str, note: str) -> None:
        """The key or blob that the next steps are about."""
        self.line()
        self.line(self.paint(title, 1) + (f"  {self.paint(note, 2)}" if note else ""))

    def step(self, step: "Step") -> None:
        """One line: mark, what was done, how long it took, by which implementation."""
        mark = ("✓" if step.ok else "✗") if self._fancy else ("ok  " if step.ok else "FAIL")
        text = f"  {self.paint(mark, 32 if step.ok else 31)} {step.what:<64} {duration(step.seconds):>11}"
        self.line(f"{text}  {self.paint(step.implementation, 2)}")
        if not step.ok:
            self.line(f"      {self.paint(step.detail, 31)}")

    def summary(self, tour: "Tour") -> None:
        """The last line: how much was done, and whether all of it was right."""
        wrong = [step for step in tour.steps if not step.ok]
        said = f"{tour.subjects} keys and blobs, {len(tour.steps)} steps, {duration(tour.seconds)}"
        self.line()
        for step in wrong:
            self.line(self.paint(f"wrong: {step.subject}: {step.what}: {step.detail}", 31))
        for fault in tour.faults:
            self.line(self.paint(f"fault: {fault}", 31))
        if tour.ok:
            self.line(self.paint(f"All right: {said}.", 32))
        else:
            self.line(self.paint(f"{len(wrong)} of {len(tour.steps)} steps are wrong: {said}.", 31))

    def waiting(self, what: str) -> "Waiting":
        """A context in which something may take long."""
        return Waiting(self, what)


class Waiting:
    """Says that something is still under way once it has taken half a second; a counter on a terminal, else a line."""

    def __init__(self, screen: Screen, what: str) -> None:
        self._screen = screen
        self._what = what
        self._done = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self._stream = sys.stderr
        self._counting = self._stream.isatty()

    def __enter__(self) -> None:
        self._begun = time.perf_counter()
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        if self._done.wait(PATIENCE):
            return
        pause = 0.2 if self._counting else 10.0
        while True:
            passed = duration(time.perf_counter() - self._begun)
            if self._counting:
                print(f"\r\033[K  … {self._what}, {passed}", end="", file=self._stream, flush=True)
            else:
                print(f"  ... {self._what}, {passed} so far", file=self._stream, flush=True)
            if self._done.wait(pause):
                break
        if self._counting:
            print("\r\033[K", end="", file=self._stream, flush=True)
