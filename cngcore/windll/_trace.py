"""A log of the calls from C: ``CNGCORE_TRACE=FILE`` writes a line for each, with sizes and the status, and no secret.

The first line of a run names the process; a file that exists is continued. A line has the time in seconds since then,
the thread, the call, its status, the sizes and handles that it returned or the reason of the failure, and how long it
took::

    0.001874 main  BCryptFinalizeKeyPair(hKey=0x10010, dwFlags=0x0) -> STATUS_SUCCESS (21 us)
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING

from cngcore import bcrypt
from cngcore.status import CngError, NTStatus
from cngcore.windll import _memory as memory
from cngcore.windll._table import COUNTED, TEXT_PROPERTIES, WRITTEN, Function, Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    Entry = Callable[..., int | None]

VARIABLE = "CNGCORE_TRACE"

_LONGEST = 80


def tracer() -> Callable[[Function, Entry], Entry]:
    """Return what wraps a function so that its calls are logged; without CNGCORE_TRACE the function itself."""
    path = os.environ.get(VARIABLE)
    if not path:
        return lambda function, entry: entry
    try:
        file = open(path, "a", encoding="utf-8", buffering=1)  # noqa: SIM115 - open as long as the process
    except OSError as error:
        raise OSError(f"{VARIABLE} names {path}, which cannot be written: {error.strerror}") from None
    trace = Trace(file)
    bcrypt.report_failures_to(lambda name, error: note_reason(error))
    return trace.traced


_last = threading.local()
"""The reason of the last failure of each thread."""


def note_reason(error: CngError) -> None:
    """Keep the reason of a failure for the line of the call. The messages of errors hold no secret."""
    _last.reason = error.message


class Trace:
    """Writes one line for each call to a text file."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._start = perf_counter()
        file.write(f"# process {os.getpid()}, {datetime.now().isoformat(' ', 'seconds')}, {' '.join(sys.argv[:1])}\n")

    def traced(self, function: Function, entry: Entry) -> Entry:
        """Return a function that calls ``entry`` and logs it."""

        def call(*arguments: int) -> int | None:
            shown = ", ".join(shown_arguments(function, arguments))
            _last.reason = ""
            before = perf_counter()
            status = entry(*arguments)
            after = perf_counter()
            answers = "".join(f" {one}" for one in _answers(function, arguments, status))
            thread = threading.current_thread()
            name = "main" if thread is threading.main_thread() else f"thread-{thread.native_id}"
            reason = f": {_last.reason}" if status and _last.reason else ""
            result = "" if status is None else f" -> {NTStatus(status).name}{answers}{reason}"
            took = (after - before) * 1e6
            self._file.write(f"{before - self._start:.6f} {name}  {function.name}({shown}){result} ({took:.0f} us)\n")
            return status

        return call


def shown_arguments(function: Function, arguments: tuple[int, ...]) -> list[str]:
    """Return the arguments as text: strings and numbers as they are, of bytes only how many there are."""
    shown = []
    for index, (one, value) in enumerate(zip(function.parameters, arguments, strict=True)):
        if one.kind is Kind.COUNT:
            continue
        if one.kind is Kind.TEXT:
            found = memory.text(value)
            shown.append(f"{one.name}={'NULL' if found is None else ascii(found[:_LONGEST])}")
        elif one.kind in COUNTED:
            size = arguments[index + 1]
            shown.append(f"{one.name}=NULL" if not value else f"{one.name}=<{size} bytes>")
            if value and function.name == "BCryptSetProperty" and memory.text(arguments[1]) in TEXT_PROPERTIES:
                shown[-1] = f"{one.name}={(memory.text(value) or '')[:_LONGEST]!a} in {size} bytes"
            if not value and size:
                shown[-1] += f" with {size} bytes"
        elif one.kind in WRITTEN:
            if not value:
                shown.append(f"{one.name}=NULL")
        elif one.kind in (Kind.SIGNATURE_PADDING, Kind.CIPHER_PADDING, Kind.BUFFERS):
            shown.append(f"{one.name}={'given' if value else 'NULL'}")
        elif one.name.startswith("dw") or one.kind in (Kind.HANDLE, Kind.OPTIONAL_HANDLE):
            shown.append(f"{one.name}={_number(one.name, value)}")
        elif one.kind is not Kind.POINTER:
            shown.append(f"{one.name}={value}")
    return shown


def _number(name: str, value: int) -> str:
    return str(value) if name == "dwLength" else f"{value:#x}"


def _answers(function: Function, arguments: tuple[int, ...], status: int | None) -> list[str]:
    """Return what the call wrote: a handle after success, and sizes."""
    found = []
    for one, address in zip(function.parameters, arguments, strict=True):
        if not address or status is None:
            continue
        if one.kind is Kind.NEW_HANDLE and not status:
            found.append(f"{one.name}={memory.read_pointer(address):#x}")
        elif one.kind in (Kind.SIZE, Kind.LIST_SIZE) and (not status or status == NTStatus.STATUS_BUFFER_TOO_SMALL):
            found.append(f"{one.name}={memory.read_dword(address)}")
    return found
