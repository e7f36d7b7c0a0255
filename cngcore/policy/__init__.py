"""Policies and key events.

A :class:`Policy` is a name and an ordered list of :class:`Rule`. The first rule that matches decides for its policy. If
several policies apply, the strictest result wins. Policies come from plug-ins (the hook ``cngcore_policies``), from the
tables ``[[rule]]`` of ``cngcore.toml``, and from this package (:data:`APPROVED`). What they refuse is
STATUS_ACCESS_DENIED, with the policy and its reason in the message (docs/decisions/policy.md). A :class:`KeyEvent`
reports to audit listeners what happened to a key.

If no policy and no listener is installed, nothing of this is imported, and keys are plain ones.
"""

from __future__ import annotations

from cngcore.policy._approved import APPROVED
from cngcore.policy._events import EVENTS, KeyEvent, teller
from cngcore.policy._policy import ACTIONS, USES, Judgement, Policy, Rule, Subject, judge
from cngcore.policy._watch import Watch

__all__ = [
    "ACTIONS",
    "APPROVED",
    "EVENTS",
    "USES",
    "Judgement",
    "KeyEvent",
    "Policy",
    "Rule",
    "Subject",
    "Watch",
    "judge",
    "teller",
]


def __dir__() -> list[str]:
    return sorted(__all__)
