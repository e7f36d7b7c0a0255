"""Print tables, marks, durations and progress; colour only on a terminal.

Programs that read the output get plain columns of full width; a terminal gets rich's tables.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from textwrap import fill
from threading import Event, Thread
from typing import TextIO, TypeVar

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table
from rich.text import Text

T = TypeVar("T")

PATIENCE = 0.5
"""Seconds after which progress is shown."""

REPORT_EVERY = 10.0
"""Seconds between two lines of progress without a terminal."""

_PIPED_WIDTH = 1 << 14
"""Columns of output without a terminal: nothing is cut or wrapped."""


def duration(seconds: float) -> str:
    """Return a time for people: ``0.04 ms``, ``63.1 ms``, ``1.32 s``, ``2 min 05 s``."""
    if seconds >= 60:
        return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.{2 if seconds < 1e-2 else 1}f} ms"


def show_error(command: str, message: str) -> None:
    """Write an error to standard error: one line, or on a terminal wrapped to its width and with the command in red."""
    sys.stdout.flush()  # earlier output comes first
    line = f"{command}: {' '.join(message.split())}"
    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    if not console.is_terminal:
        print(line, file=sys.stderr)
        return
    wrapped = fill(line, console.width - 1, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    text = Text(wrapped)
    text.stylize("bold red", 0, len(command) + 1)
    console.print(text, soft_wrap=True)


def print_json(data: object) -> None:
    """Print data for a program on standard output."""
    print(json.dumps(data, indent=2))


class Bar:
    """A progress bar at the bottom of the screen: how many of a known number are done, and what is being done."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=total) if progress is not None else None

    def say(self, what: str) -> None:
        """Show what is being done."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=what)

    def advance(self) -> None:
        """Count one more as done."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task)


class Screen:
    """Standard output for people. ``quiet`` prints only progress, which goes to standard error."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        stream = stream if stream is not None else sys.stdout
        self.quiet = quiet
        self.terminal = stream.isatty()
        self._out = Console(
            file=stream, highlight=False, emoji=False, markup=False, width=None if self.terminal else _PIPED_WIDTH
        )
        self._err = Console(file=sys.stderr, highlight=False, emoji=False, markup=False)
        self._bar: Bar | None = None
        self._fancy = (stream.encoding or "").lower().replace("-", "") == "utf8"

    @property
    def width(self) -> int:
        """Return the columns of the terminal, or a large number without one."""
        return self._out.width

    # --- lines ------------------------------------------------------------------------------------------

    def line(self, text: RenderableType = "") -> None:
        """Print one line, or anything that rich can draw."""
        if not self.quiet:
            self._out.print(text, soft_wrap=isinstance(text, str) or not self.terminal)

    def write(self, *parts: str | tuple[str, str]) -> None:
        """Print a line of parts, each a text or a (text, style)."""
        self.line(Text.assemble(*parts))

    @staticmethod
    def text(content: str, style: str = "") -> Text:
        """Return a cell of a table, in a style."""
        return Text(content, style)

    def heading(self, title: str, note: str = "") -> None:
        """Print a heading for the next lines."""
        self.line()
        self.write((title, "bold"), ("  " + note if note else "", "dim"))

    def mark(self, ok: bool | None) -> tuple[str, str]:
        """Return the sign for right, wrong, or (None) a note, with its colour."""
        if ok is None:
            return ("!" if self._fancy else "note", "yellow")
        if ok:
            return ("✓" if self._fancy else "ok  ", "green")
        return ("✗" if self._fancy else "FAIL", "red")

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str | Text]], *, right: Sequence[int] = ()) -> None:
        """Print rows under a head; ``right`` has the indices of the columns with numbers.

        On a terminal, cells wrap between words, or within a word if there is no room; nothing is cut.
        """
        columns = [[str(row[number]) for row in (head, *rows)] for number in range(len(head))]
        widths, gap = None, 2
        if self.terminal:
            room, gap = self._out.width - len(head) - 1, 1
            widths = _widths(columns, room - len(head))
            if widths is None:  # without the second column between two cells there may be room
                widths, gap = _widths(columns, room), 0
        table = Table(
            box=box.SIMPLE_HEAD if self.terminal else None,
            header_style="bold" if self.terminal else "",
            pad_edge=False,
            padding=(0, gap, 0, 0),
        )
        for number, name in enumerate(head):
            width = widths[number] if widths else None
            table.add_column(name, justify="right" if number in right else "left", overflow="fold", width=width)
        self._draw(table, rows)

    def fingerprint(self, digest: bytes | str) -> str:
        """Return a fingerprint as every command prints it; on a terminal that it does not fit, on its own line."""
        text = f"SHA256:{digest if isinstance(digest, str) else digest.hex()}"
        return f"\n    {text}" if self.terminal and self.width < 16 + len(text) else text

    def columns(self, rows: Sequence[Sequence[str | Text]], *, indent: int = 0) -> None:
        """Print rows without a head. On a terminal, a long cell wraps within its own column."""
        table = Table.grid(padding=(0, 2, 0, 0))
        for number in range(len(rows[0]) if rows else 0):
            table.add_column(no_wrap=number < len(rows[0]) - 1, overflow="fold")
        self._draw(table, rows, indent)

    def _draw(self, table: Table, rows: Sequence[Sequence[str | Text]], indent: int = 0) -> None:
        for row in rows:
            table.add_row(*row)
        if self.quiet:
            return
        drawn = Padding(table, (0, 0, 0, indent), expand=False)
        if self.terminal:
            self._out.print(drawn)
            return
        with self._out.capture() as captured:
            self._out.print(drawn)
        for text in captured.get().splitlines():
            print(text.rstrip(), file=self._out.file)

    # --- work that may take long -------------------------------------------------------------------------

    def work(self, what: str, task: Callable[[], T]) -> T:
        """Run ``task`` and show that it runs after half a second: a spinner on a terminal, else a line.

        The task runs in its own thread, so that Ctrl-C works at once even if a back end cannot be interrupted; the
        process may then end before the task.
        """
        done = Event()
        outcome: list[T] = []
        failure: list[BaseException] = []

        def run() -> None:
            try:
                outcome.append(context.run(task))
            except BaseException as error:
                failure.append(error)
            finally:
                done.set()

        context = copy_context()
        Thread(target=run, daemon=True, name=f"cng: {what}").start()
        if not done.wait(PATIENCE):
            self._wait(what, done)
        if failure:
            raise failure[0]
        return outcome[0]

    @contextmanager
    def progress(self, total: int) -> Iterator[Bar]:
        """Show a bar while the block runs, if there is a terminal. Lines that are printed meanwhile stand above it."""
        console = self._out if self.terminal and not self.quiet else self._err
        if not console.is_terminal:
            yield Bar(None, total)
            return
        columns = (
            SpinnerColumn(), BarColumn(bar_width=20), MofNCompleteColumn(),
            TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis")),
        )  # fmt: skip
        with Progress(*columns, console=console, transient=True) as progress:
            self._bar = Bar(progress, total)
            try:
                yield self._bar
            finally:
                self._bar = None

    def counted(self, what: str, things: Iterable[T], total: int, done: int = 0) -> Iterator[T]:
        """Yield ``things`` one by one, with a progress bar on a terminal, else a line from time to time."""
        if self._err.is_terminal:
            columns = (
                SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                TimeElapsedColumn(), TimeRemainingColumn(),
            )  # fmt: skip
            with Progress(*columns, console=self._err, transient=True) as progress:
                task = progress.add_task(what, total=total, completed=done)
                for thing in things:
                    yield thing
                    progress.advance(task)
            return
        reported = time.monotonic()
        for number, thing in enumerate(things, start=done + 1):
            yield thing
            if time.monotonic() - reported > REPORT_EVERY:
                reported = time.monotonic()
                print(f"  ... {what}, {number} of {total}", file=sys.stderr, flush=True)

    def _wait(self, what: str, done: Event) -> None:
        begun = time.perf_counter() - PATIENCE
        if self._bar is not None:
            self._bar.say(what)
            done.wait()
            return
        if self._err.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
            with Progress(*columns, console=self._err, transient=True) as progress:
                progress.add_task(what, total=None)
                done.wait()
            return
        while True:
            print(f"  ... {what}, {duration(time.perf_counter() - begun)} so far", file=sys.stderr, flush=True)
            if done.wait(REPORT_EVERY):
                return


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Return column widths that keep words whole and, if possible, cells on one line; None if there is no room."""
    widths = [max((len(word) for cell in column for word in cell.split()), default=0) for column in columns]
    spare = room - sum(widths)
    if spare < 0:
        return None
    wanting = [max(map(len, column)) - width for column, width in zip(columns, widths, strict=True)]
    for number in sorted(range(len(columns)), key=wanting.__getitem__):
        more = min(spare, wanting[number])
        widths[number] += more
        spare -= more
    return widths
