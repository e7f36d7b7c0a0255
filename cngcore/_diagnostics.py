"""Log records, exceptions of foreign code, and tracebacks without secrets.

A log record on the logger ``cngcore`` names the type of an exception and the place where it was raised. It never holds
the text of an exception that was raised while a key existed, because that text could hold key bytes.
"""

from __future__ import annotations

import os
import sys
from functools import wraps
from typing import TYPE_CHECKING

_CAN_BE_SUSPENDED = 0x20 | 0x80 | 0x200
"""The flags of generators, coroutines and asynchronous generators (CO_GENERATOR and its kin in :mod:`inspect`)."""

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Thread
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")


def describe(error: BaseException) -> str:
    """Return one line about an exception that a plug-in raised while it was loaded (no key exists yet)."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # its __str__ fails
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def log(message: str, *arguments: object) -> None:
    """Write a warning on the logger ``cngcore``."""
    import logging  # 10 ms that a process without warnings saves

    logging.getLogger("cngcore").warning(message, *arguments)


def place_of(error: BaseException) -> str:
    """Return ``file:line`` where an exception was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "unknown place"


def clear_frames(error: BaseException) -> None:
    """Empty the finished frames of ours and of the provider in a traceback, because their variables may hold keys.

    In each traceback those are the first frame of this package and everything that it called. The frames of the caller
    stay as they are, also in exceptions that the caller was handling; so do generators and coroutines, because a
    suspended one would be closed. The place where the exception was raised remains. ``CNGCORE_STRICT=1`` keeps the
    variables for provider authors.
    """
    seen: list[BaseException] = []
    pending = [] if os.environ.get("CNGCORE_STRICT") == "1" else [error]
    while pending:
        current = pending.pop()
        seen.append(current)
        trace = current.__traceback__
        while trace is not None and trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] != "cngcore":
            trace = trace.tb_next
        while trace is not None:
            if not trace.tb_frame.f_code.co_flags & _CAN_BE_SUSPENDED:
                try:  # noqa: SIM105 - contextlib.suppress would add a frame for each frame of the traceback
                    trace.tb_frame.clear()
                except RuntimeError:  # the frame still runs
                    pass
            trace = trace.tb_next
        pending += [one for one in (current.__cause__, current.__context__) if one is not None and one not in seen]


def clear_tracebacks(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function that takes secrets: an exception that leaves it carries no local variables."""

    @wraps(function)
    def without_variables(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return function(*arguments, **named)
        except BaseException as error:
            arguments, named = (), {}  # type: ignore[assignment]
            clear_frames(error)
            raise

    return without_variables


def is_interrupt(error: BaseException) -> bool:
    """Return whether an exception is KeyboardInterrupt, or was raised by a signal handler.

    Python runs a handler between any two instructions, so its exception can leave a provider's code. The handler's own
    frame in the traceback identifies it.
    """
    if isinstance(error, KeyboardInterrupt):
        return True
    signal = sys.modules.get("signal")
    if signal is None or error.__traceback__ is None:
        return False
    handlers = {_code_of(signal.getsignal(number)) for number in signal.valid_signals()}
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code not in handlers:
        trace = trace.tb_next  # type: ignore[assignment]
    return trace is not None


def reraise_interrupt(error: BaseException, what: str) -> None:
    """Raise an exception again that is an interrupt (:func:`is_interrupt`), with the note that it came while ``what``.

    Foreign code can raise KeyboardInterrupt by itself, and then nothing else names it.
    """
    if is_interrupt(error):
        error.add_note(f"interrupted while {what}")
        raise error


def start_thread(thread: Thread) -> None:
    """Start a thread. What a signal handler raises in here leaves as it is."""
    try:
        thread.start()
    except (KeyError, RuntimeError) as error:  # of threading itself, in place of the handler's exception
        raise (error.__context__ or error) from None


def _code_of(handler: object) -> object:
    """Return the code object of a function, method, partial or callable object; None for a C function."""
    handler = getattr(handler, "func", handler)
    for candidate in (handler, vars(type(handler)).get("__call__")):
        code = getattr(getattr(candidate, "__func__", candidate), "__code__", None)
        if code is not None:
            return code
    return None
