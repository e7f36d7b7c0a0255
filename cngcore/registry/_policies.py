"""Which policies and listeners are in force, out of the configuration and the plug-ins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cngcore._diagnostics import Fault, describe, is_the_users
from cngcore.objects._watched import Watch
from cngcore.policy import Policy
from cngcore.policy._approved import APPROVED
from cngcore.policy._events import teller
from cngcore.registry._loading import PlugIn
from cngcore.status import NotFoundError

if TYPE_CHECKING:
    from pluggy import HookImpl, PluginManager


def find_watch(
    wanted: Iterable[Policy | str], manager: PluginManager | None, plugins: Sequence[PlugIn]
) -> tuple[Watch | None, list[Fault]]:
    """The watch, None if there is nothing to ask or tell; and the faults of plug-ins whose policies cannot be had."""
    faults: list[Fault] = []
    offered: list[Policy] = []
    if manager is not None:
        for hook in manager.hook.cngcore_policies.get_hookimpls():
            found = _ask(hook, plugins)
            if isinstance(found, Fault):
                faults.append(found)
            else:
                offered += found
    known = {policy.name: policy for policy in (APPROVED, *offered)}
    policies = [_named(one, known, faults) if isinstance(one, str) else one for one in wanted]
    policies += [policy for policy in offered if policy not in policies]
    listening = manager is not None and bool(manager.hook.cngcore_key_event.get_hookimpls())
    if not policies and not listening:
        return None, faults
    tell = teller(manager) if manager is not None and listening else None
    return Watch(tuple(policies), tell), faults


def _named(name: str, known: dict[str, Policy], faults: list[Fault]) -> Policy:
    """The policy the configuration names; without it nothing may go on."""
    if name in known:
        return known[name]
    told = "".join(f"; {fault}" for fault in faults)
    raise NotFoundError(
        f"the configuration wants the policy {name!r}, which no installed plug-in has; there are "
        f"{', '.join(sorted(known))}. Install its plug-in or take the name out of 'policies'{told}"
    )


def _ask(hook: HookImpl, plugins: Sequence[PlugIn]) -> list[Policy] | Fault:
    """The policies of one plug-in, or what is wrong with it."""
    try:
        answer: list[Policy] = list(hook.function())  # type: ignore[call-overload]
        strange: object = next((one for one in answer if not isinstance(one, Policy)), None)
        if strange is None:
            return answer
        reason = f"cngcore_policies gave a {type(strange).__name__} among its policies"
    except BaseException as error:
        if is_the_users(error):
            raise
        reason = f"cngcore_policies raised {describe(error)}"
    whose = next((one for one in plugins if one.plugin is hook.plugin), None)
    return Fault(
        distribution=whose.distribution if whose else "(registered)",
        version=whose.version if whose else "",
        module=whose.module if whose else hook.plugin_name,
        stage="policies",
        reason=reason,
        remedy="Return [Policy(...), ...]; until then none of its policies is in force.",
    )
