"""Load one plug-in: import it, register it with pluggy, ask it for its declarations, compare them with its promise.

Every plug-in takes this road, ours and a stranger's. The result is a :class:`PlugIn`, or a :class:`Fault` for which the
registry skips the plug-in as a whole. Whatever a plug-in raises ends here, ``SystemExit`` and a Rust panic included;
only KeyboardInterrupt and exceptions of signal handlers pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pluggy

from cngcore._diagnostics import describe, reraise_interrupt
from cngcore._imports import resolve
from cngcore.provider import CONTRACT, Algorithm
from cngcore.registry import hookspecs
from cngcore.registry._faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cngcore.objects import Origin

REGISTER = "cngcore_register_algorithms"
HOOK_NAMES = (REGISTER, "cngcore_key_formats", "cngcore_choose", "cngcore_policies", "cngcore_key_event")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlugIn:
    """A loaded plug-in: the module or object, its origin, and its declarations."""

    plugin: object
    origin: Origin
    algorithms: tuple[Algorithm, ...]


class _FaultError(Exception):
    """What is wrong with a plug-in, and what its author or user can do."""

    def __init__(self, stage: str, reason: str, remedy: str) -> None:
        super().__init__(stage, reason, remedy)
        self.stage, self.reason, self.remedy = stage, reason, remedy


def new_manager() -> pluggy.PluginManager:
    """Return a pluggy manager with this project's hooks."""
    manager = pluggy.PluginManager("cngcore")
    manager.add_hookspecs(hookspecs)
    return manager


def load(
    manager: pluggy.PluginManager, plugin: object | None, origin: Origin, promised: Sequence[str] | None
) -> PlugIn | Fault:
    """Load ``plugin``, or the module that ``origin`` names, into a manager.

    ``promised`` lists the algorithms of its entry points; None means that it may register any.
    """
    try:
        if plugin is None:
            plugin = _import(origin)
        try:
            hooks = _register(manager, plugin, origin)
            wants_algorithms = REGISTER in hooks if promised is None else bool(promised)
            algorithms = _declarations(manager, plugin, origin) if wants_algorithms else ()
            _check(algorithms, promised or (), origin)
        except BaseException:
            if manager.is_registered(plugin):
                manager.unregister(plugin)
            raise
        if not origin.version:
            origin = replace(origin, version=str(getattr(plugin, "__version__", "")))
        return PlugIn(plugin, origin, algorithms)
    except _FaultError as error:
        return Fault(origin, error.stage, error.reason, error.remedy)


def _import(origin: Origin) -> object:
    try:
        return resolve(origin.module)
    except ModuleNotFoundError as error:
        missing = error.name or "a module"
        if missing.partition(".")[0] == origin.module.partition(".")[0].partition(":")[0]:
            remedy = f"Reinstall {origin.distribution}."
        else:
            remedy = f"Install what it needs, the module {missing}: reinstall {origin.distribution} with dependencies."
        raise _FaultError("import", describe(error), remedy) from error
    except BaseException as error:
        reraise_interrupt(error, f"{origin} ({origin.module}) was imported")
        end = " while it was imported" if isinstance(error, SystemExit) else ""
        remedy = f"Update or remove {origin.distribution}, or report it to its author."
        raise _FaultError("import", describe(error) + end, remedy) from error


def _register(manager: pluggy.PluginManager, plugin: object, origin: Origin) -> list[str]:
    """Register a plug-in, where pluggy finds a misspelt hook or a wrong argument; return the names of its hooks."""
    if manager.is_registered(plugin):  # an earlier attempt was interrupted
        manager.unregister(plugin)
    try:
        name = f"{origin.distribution}:{origin.module}"
        manager.register(plugin, f"{name}:{id(plugin)}" if manager.has_plugin(name) else name)
        manager.check_pending()
    except BaseException as error:
        reraise_interrupt(error, f"{origin} ({origin.module}) was registered")
        remedy = f"The hooks are {', '.join(HOOK_NAMES)}; see cngcore.registry.hookspecs."
        raise _FaultError("register", describe(error), remedy) from error
    hooks = [caller.name for caller in manager.get_hookcallers(plugin) or ()]
    if not hooks:
        plain = [name for name in HOOK_NAMES if hasattr(plugin, name)]
        reason = f"{plain[0]} is not decorated with @hookimpl" if plain else f"it has no hook {REGISTER}"
        raise _FaultError("register", reason, "Decorate the hook with cngcore.provider.hookimpl.")
    return hooks


def _declarations(manager: pluggy.PluginManager, plugin: object, origin: Origin) -> tuple[Algorithm, ...]:
    """Ask one plug-in for its declarations, through the hook."""
    others = [other for other in manager.get_plugins() if other is not plugin]
    try:
        answers = manager.subset_hook_caller(REGISTER, others)()
        answer = answers[0] if answers else None
        if answer is None or isinstance(answer, str | bytes | Algorithm):
            raise _FaultError(
                "declare", f"{REGISTER} returned {type(answer).__name__}, not a list of Algorithm",
                "Return [Algorithm(...), ...].",
            )  # fmt: skip
        return tuple(answer)
    except _FaultError:
        raise
    except BaseException as error:
        reraise_interrupt(error, f"{REGISTER} of {origin} ({origin.module}) ran")
        remedy = f"Correct the hook, or report it to the author of {origin.distribution}."
        raise _FaultError("declare", f"{REGISTER} raised {describe(error)}", remedy) from error


def _check(algorithms: Iterable[object], promised: Sequence[str], origin: Origin) -> None:
    """Compare the declarations with the version of the contract and with the entry points."""
    seen = set()
    for one in algorithms:
        if not isinstance(one, Algorithm):
            raise _FaultError(
                "declare", f"{REGISTER} returned a list with an item of type {type(one).__name__}",
                "Every item must be a cngcore.provider.Algorithm.",
            )  # fmt: skip
        if one.contract > CONTRACT:
            raise _FaultError(
                "declare", f"{one.name} is declared for contract {one.contract}; this cngcore knows {CONTRACT}",
                "Update cngcore; see Install in the documentation.",
            )  # fmt: skip
        if (one.name, one.implementation) in seen:
            raise _FaultError(
                "declare", f"{one.name} ({one.implementation}) is registered twice",
                "Give each implementation a name of its own.",
            )  # fmt: skip
        seen.add((one.name, one.implementation))
    missing = sorted(set(promised) - {name for name, _ in seen})
    if missing:
        raise _FaultError(
            "promise", f"its entry points promise {', '.join(missing)}, but it does not register that",
            f"Register what the entry points of {origin.distribution} name, or remove those lines.",
        )  # fmt: skip
