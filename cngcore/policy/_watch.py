"""The policies and listeners of one registry: whom to ask and whom to inform about each key."""

from __future__ import annotations

import atexit
from collections import deque
from typing import TYPE_CHECKING
from weakref import WeakMethod

from cngcore._diagnostics import log
from cngcore.policy._policy import judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from cngcore.policy._events import KeyEvent
    from cngcore.policy._policy import Judgement, Policy, Subject


class Watch:
    """The policies in force, and the listeners to inform (``listening`` is false if there are none)."""

    def __init__(self, policies: tuple[Policy, ...], tell: Callable[[KeyEvent], None] | None) -> None:
        self.policies = policies
        self.listening = tell is not None
        self._tell = tell
        self._pending: deque[KeyEvent] = deque()
        self._warned: set[tuple[str, str, str]] = set()
        if tell is not None:
            flush = WeakMethod(self.flush)
            atexit.register(lambda: (method := flush()) and method())

    def tell(self, event: KeyEvent) -> None:
        """Inform the listeners of an event, in this thread, after the events that still wait."""
        self.flush()
        if self._tell is not None:
            self._tell(event)

    def tell_later(self, event: KeyEvent) -> None:
        """Keep an event until the next one, or until the process ends.

        The garbage collector can finalize a key inside a listener, which may hold a lock; so it must not call one.
        """
        self._pending.append(event)

    def flush(self) -> None:
        """Inform the listeners of the events that wait."""
        while self._pending:
            try:
                event = self._pending.popleft()
            except IndexError:  # another thread took the last one
                return
            if self._tell is not None:
                self._tell(event)

    def judge(self, subject: Subject) -> Judgement:
        """Return the strictest judgement of the policies."""
        return judge(self.policies, subject)

    def warn(self, subject: Subject, judgement: Judgement) -> bool:
        """Log a policy's warning, once for each policy, reason and algorithm; return whether this was the first."""
        key = (judgement.policy, judgement.reason, subject.algorithm)
        if key in self._warned:
            return False
        self._warned.add(key)
        log("%s %s", subject, judgement)
        return True
