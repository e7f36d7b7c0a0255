"""Policies and key events: what an operator forbids, and what listeners hear."""

from cngcore.policy._approved import APPROVED
from cngcore.policy._events import EVENTS, KeyEvent
from cngcore.policy._policy import ACTIONS, USES, Judgement, Policy, Rule, Subject, judge

__all__ = ["ACTIONS", "APPROVED", "EVENTS", "USES", "Judgement", "KeyEvent", "Policy", "Rule", "Subject", "judge"]
