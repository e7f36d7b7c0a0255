"""The policies and listeners of one registry: whom to ask and whom to inform about each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore._diagnostics import log
from cngcore.policy._policy import judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from cngcore.policy._events import KeyEvent
    from cngcore.policy._policy import Judgement, Policy, Subject


class Watch:
    """The policies in force, and ``tell``, the function that reports an event to every listener (None: no listener)."""

    def __init__(self, policies: tuple[Policy, ...], tell: Callable[[KeyEvent], None] | None) -> None:
        self.policies = policies
        self.tell = tell
        self._warned: set[tuple[str, str, str]] = set()

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
