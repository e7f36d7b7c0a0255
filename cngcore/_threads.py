"""Start a thread so that a signal handler may raise at any moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Thread


def start_thread(thread: Thread) -> None:
    """Start a thread. What a signal handler raises in here leaves as it is."""
    try:
        thread.start()
    except (KeyError, RuntimeError) as error:  # of threading itself, in place of the handler's exception
        raise (error.__context__ or error) from None
