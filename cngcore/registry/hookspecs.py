"""The hooks of the pluggy project ``cngcore``. Hooks register and choose; they never do cryptography.

This module is imported only when a plug-in has a hook beyond registration: a plug-in that only registers is called
directly, which spares every first key the 10 ms that pluggy's import costs. The result is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from cngcore.objects._implementation import Candidate
    from cngcore.policy import Policy
    from cngcore.policy._events import KeyEvent
    from cngcore.provider import Algorithm

hookspec = pluggy.HookspecMarker("cngcore")


@hookspec
def cngcore_register_algorithms() -> Iterable[Algorithm]:  # type: ignore[empty-body]
    """Return the declarations of every algorithm this plug-in implements.

    Called once in a process, when one of them is first asked for. It must not import the back end.
    """


@hookspec(firstresult=True)
def cngcore_choose(algorithm: str, candidates: Sequence[Candidate], requirement: Mapping[str, object]) -> str | None:
    """Name the implementation that shall serve ``algorithm``, or return ``None`` to leave it to the next rule.

    ``candidates`` are those that meet the caller's ``requirement`` (keys ``key_length``, ``parameter_set``,
    ``operation``, those that were given), in the order they would be tried. The hook is asked after the
    configuration's order and before rank and name, and only where there are two or more.
    """


@hookspec
def cngcore_policies() -> Iterable[Policy]:  # type: ignore[empty-body]
    """Return the policies that shall be in force (:mod:`cngcore.policy`).

    Called once in a process. The plug-in belongs in the entry-point group ``cngcore.hooks``, which is loaded before the
    first key. A policy that an installation relies on is named in its configuration (``policies``): then nothing can be
    opened while it is missing.
    """


@hookspec
def cngcore_key_event(event: KeyEvent) -> None:
    """Hear what happened to a key, in the thread in which it happened, after it happened.

    Events hold no secrets. What a listener raises is logged and goes no further.
    """
