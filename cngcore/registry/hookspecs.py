"""The hooks of the pluggy project ``cngcore``. Hooks register, choose, judge and listen; they never do cryptography."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cngcore.objects import Implementation
    from cngcore.policy import KeyEvent, Policy
    from cngcore.provider import Algorithm, KeyFormat

hookspec = pluggy.HookspecMarker("cngcore")


@hookspec
def cngcore_register_algorithms() -> Iterable[Algorithm]:  # type: ignore[empty-body]
    """Return the declaration of every algorithm that this plug-in implements.

    The registry calls it once, when one of the algorithms is first asked for. It must not import the back end.
    """


@hookspec
def cngcore_key_formats() -> Iterable[KeyFormat]:  # type: ignore[empty-body]
    """Return how keys of this plug-in's algorithms look in PKCS #8, SubjectPublicKeyInfo and JSON Web Keys.

    Only for algorithms that :mod:`cngcore.formats` does not read itself, and that this plug-in registers. It asks when
    it meets a key that it does not know. It must not import the back end. A format that claims the object identifier or
    the JSON Web Keys of another algorithm is left out, with a fault.
    """


@hookspec(firstresult=True)
def cngcore_choose(
    algorithm: str, candidates: Sequence[Implementation], requirement: Mapping[str, object]
) -> str | None:
    """Name the implementation that serves ``algorithm``, or return None to leave the choice to the next rule.

    ``candidates`` meet the caller's ``requirement`` (the keys ``key_length``, ``parameter_set`` and ``operation``, if
    given), in the order in which they would be tried. The registry asks after the configuration's order and before rank
    and name, and only if there are two candidates or more.
    """


@hookspec
def cngcore_policies() -> Iterable[Policy]:  # type: ignore[empty-body]
    """Return the policies to put in force (:mod:`cngcore.policy`).

    The registry calls it once. Put the plug-in into the entry-point group ``cngcore.hooks``, which is loaded before the
    first key. If an installation relies on a policy, name it in the configuration (``policies``): then nothing can be
    opened while the policy is missing.
    """


@hookspec
def cngcore_key_event(event: KeyEvent) -> None:
    """Take note of what happened to a key, in the thread in which it happened, after it happened.

    A key that was never destroyed is reported as "destroyed" after the garbage collector has taken it: with the next
    event, or when the process ends, because a finalizer must not call a listener. Events hold no secrets. An exception
    of a listener is logged and goes no further.
    """
