"""Collect the policies and listeners in force, from the configuration and the plug-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore._diagnostics import describe, reraise_interrupt
from cngcore.objects import Origin
from cngcore.policy import APPROVED, Policy, Watch, teller
from cngcore.registry._faults import Fault
from cngcore.status import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluggy import HookImpl, PluginManager


def collect_policies(
    requested: Iterable[Policy | str] | None, manager: PluginManager, origins: Mapping[int, Origin]
) -> tuple[Watch | None, list[Fault]]:
    """Return the watch (None without policies and listeners), and the faults of plug-ins whose policies are missing.

    ``requested`` is None for no policy at all. ``origins`` maps the id of each plug-in to its origin.
    """
    faults: list[Fault] = []
    offered: list[Policy] = []
    for hook in manager.hook.cngcore_policies.get_hookimpls() if requested is not None else ():
        found = _ask(hook, origins)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            offered += found
    known = {policy.name: policy for policy in (APPROVED, *offered)}
    policies = [_named(one, known, faults) if isinstance(one, str) else one for one in requested or ()]
    policies += [policy for policy in offered if policy not in policies]
    listening = bool(manager.hook.cngcore_key_event.get_hookimpls())
    if not policies and not listening:
        return None, faults
    return Watch(tuple(policies), teller(manager) if listening else None), faults


def _named(name: str, known: Mapping[str, Policy], faults: Iterable[Fault]) -> Policy:
    """Return the policy that the configuration names. Raise NotFoundError if it is missing."""
    if name in known:
        return known[name]
    details = "".join(f"; {fault}" for fault in faults)
    raise NotFoundError(
        f"the configuration requires the policy {name!r}, which no installed plug-in offers; there are "
        f"{', '.join(sorted(known))}. Install its plug-in, or remove the name from 'policies'{details}"
    )


def _ask(hook: HookImpl, origins: Mapping[int, Origin]) -> list[Policy] | Fault:
    """Return the policies of one plug-in, or what is wrong with it."""
    origin = origins.get(id(hook.plugin), Origin("(registered)", "", hook.plugin_name))
    try:
        answer: list[Policy] = list(hook.function())  # type: ignore[call-overload]
        wrong: object = next((one for one in answer if not isinstance(one, Policy)), None)
        if wrong is None:
            return answer
        reason = f"cngcore_policies returned a list with an item of type {type(wrong).__name__}"
    except BaseException as error:
        reraise_interrupt(error, f"cngcore_policies of {origin} ({origin.module}) ran")
        reason = f"cngcore_policies raised {describe(error)}"
    return Fault(origin, "policies", reason, "Return [Policy(...), ...]; until then none of its policies is in force.")
