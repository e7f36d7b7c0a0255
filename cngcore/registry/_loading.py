"""Loading one plug-in: import it, find its hooks, take its declarations, hold it to what it promised.

The outcome is a :class:`PlugIn`, or a :class:`~cngcore._diagnostics.Fault` that sets it aside whole. Whatever a plug-in
raises ends here, ``SystemExit`` and a Rust panic included; only what is the user's (``KeyboardInterrupt``, a
signal handler's exception) goes through.
"""

import sys

from cngcore._diagnostics import Fault, describe, is_the_users
from cngcore.objects._properties import resolve
from cngcore.provider import CONTRACT, Algorithm
from cngcore.registry._discovery import EntryPoint

ModuleType = type(sys)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pluggy import PluginManager

REGISTER = "cngcore_register_algorithms"
_KNOWN_HOOKS = (REGISTER, "cngcore_choose", "cngcore_policies", "cngcore_key_event")


class PlugIn:
    """A loaded plug-in: the object, whose it is, its declarations, and its hooks beyond registration."""

    __slots__ = ("algorithms", "distribution", "hooks", "module", "plugin", "version")

    def __init__(
        self, plugin: object, point: EntryPoint, algorithms: "tuple[Algorithm, ...]", hooks: "tuple[str, ...]"
    ) -> None:
        self.plugin = plugin
        self.distribution = point.distribution
        self.version = point.version
        self.module = point.value
        self.algorithms = algorithms
        self.hooks = hooks


class _BrokenError(Exception):
    """What is wrong with a plug-in, and what its author or user can do about it."""

    def __init__(self, stage: str, reason: str, remedy: str) -> None:
        super().__init__(stage, reason, remedy)
        self.stage, self.reason, self.remedy = stage, reason, remedy


def load(plugin: object | None, point: EntryPoint, promised: "tuple[str, ...] | None") -> PlugIn | Fault:
    """Load the plug-in ``point`` names, or the one given; ``promised`` lists its entry points' algorithms, None any."""
    try:
        if plugin is None:
            plugin = _import(point)
        hooks = _hooks_of(plugin)
        if promised or (promised is None and REGISTER in hooks):
            algorithms = _declarations(plugin, hooks, point, promised)
        else:
            _verify_with_pluggy(plugin)
            algorithms = ()
        return PlugIn(plugin, point, algorithms, tuple(hook for hook in hooks if hook != REGISTER))
    except _BrokenError as broken:
        return Fault(
            distribution=point.distribution, version=point.version, module=point.value,
            stage=broken.stage, reason=broken.reason, remedy=broken.remedy,
        )  # fmt: skip


def _import(point: EntryPoint) -> object:
    try:
        return resolve(point.value if ":" in point.value else point.value + ":")
    except ModuleNotFoundError as error:
        missing = error.name or "a module"
        own = missing.partition(".")[0] == point.value.partition(".")[0].partition(":")[0]
        remedy = (
            f"Reinstall {point.distribution}."
            if own
            else f"Install what it needs (the module {missing}): pip install --upgrade {point.distribution}."
        )
        raise _BrokenError("import", describe(error), remedy) from error
    except BaseException as error:
        if is_the_users(error):
            raise
        ends = " while it was imported" if isinstance(error, SystemExit) else ""
        raise _BrokenError(
            "import", describe(error) + ends, f"Update or remove {point.distribution}, or report it to its author."
        ) from error


def _hooks_of(plugin: object) -> "list[str]":
    """Names of the attributes marked as hook implementations, by the attribute that pluggy's markers set."""
    names = list(vars(plugin)) if isinstance(plugin, ModuleType) else dir(plugin)
    hooks = [name for name in names if not name.startswith("__") and _mark(plugin, name) is not None]
    if not hooks:
        plain = [name for name in names if name in _KNOWN_HOOKS]
        said = f"{plain[0]} is not decorated with @hookimpl" if plain else f"it has no hook {REGISTER}"
        raise _BrokenError("register", said, "Decorate the hook with cngcore.provider.hookimpl.")
    return hooks


def _mark(plugin: object, name: str) -> "dict[str, object] | None":
    attribute = getattr(plugin, "__dict__", {}).get(name, getattr(type(plugin), name, None))
    marks = getattr(attribute, "cngcore_impl", None) if callable(attribute) else None
    return marks if isinstance(marks, dict) else None


def _is_plain(plugin: object, hooks: "Sequence[str]") -> bool:
    """Whether registration is the only hook, without arguments or options: calling it is then all pluggy would do."""
    if list(hooks) != [REGISTER]:
        return False
    function = getattr(plugin, REGISTER)
    code = getattr(function, "__code__", None)
    marks = _mark(plugin, REGISTER)
    bound = 1 if hasattr(function, "__self__") else 0
    return code is not None and code.co_argcount == bound and not any((marks or {}).values())


def _declarations(
    plugin: object, hooks: "Sequence[str]", point: EntryPoint, promised: "tuple[str, ...] | None"
) -> "tuple[Algorithm, ...]":
    try:
        if _is_plain(plugin, hooks):
            answer = getattr(plugin, REGISTER)()
        else:
            manager = _verify_with_pluggy(plugin)
            answers = manager.hook.cngcore_register_algorithms()
            answer = answers[0] if answers else None
        if answer is None or isinstance(answer, str | bytes | Algorithm):
            raise _BrokenError(
                "declare", f"{REGISTER} returned {type(answer).__name__}, not a list of Algorithm",
                "Return [Algorithm(...), ...].",
            )  # fmt: skip
        algorithms = tuple(answer)
    except _BrokenError:
        raise
    except BaseException as error:
        if is_the_users(error):
            raise
        raise _BrokenError(
            "declare", f"{REGISTER} raised {describe(error)}", f"Report it to {point.distribution}."
        ) from error
    _check(algorithms, promised, point)
    return algorithms


def _check(algorithms: "Iterable[object]", promised: "tuple[str, ...] | None", point: EntryPoint) -> None:
    """Hold the declarations to the contract's version and to the entry points."""
    seen = set()
    for one in algorithms:
        if not isinstance(one, Algorithm):
            raise _BrokenError(
                "declare", f"{REGISTER} returned a {type(one).__name__} among its algorithms",
                "Every item must be a cngcore.provider.Algorithm.",
            )  # fmt: skip
        if one.contract > CONTRACT:
            raise _BrokenError(
                "declare", f"{one.name} is declared for contract {one.contract}; this cngcore knows {CONTRACT}",
                "Update it: pip install --upgrade cngcore.",
            )  # fmt: skip
        if (one.name, one.implementation) in seen:
            raise _BrokenError(
                "declare", f"{one.name} ({one.implementation}) is registered twice",
                "Give each implementation a name of its own.",
            )  # fmt: skip
        seen.add((one.name, one.implementation))
    broken = sorted(set(promised or ()) - {name for name, _ in seen})
    if broken:
        raise _BrokenError(
            "promise", f"its entry points promise {', '.join(broken)}, which it does not register",
            f"Register what the entry points of {point.distribution} name, or remove those lines.",
        )  # fmt: skip


def new_manager() -> "PluginManager":
    """A pluggy manager that knows this project's hooks."""
    import pluggy

    from cngcore.registry import hookspecs

    manager = pluggy.PluginManager("cngcore")
    manager.add_hookspecs(hookspecs)
    return manager


def _verify_with_pluggy(plugin: object) -> "PluginManager":
    """Register in a manager of its own, where a misspelt hook or a wrong argument is pluggy's to find."""
    manager = new_manager()
    try:
        manager.register(plugin)
        manager.check_pending()
    except BaseException as error:
        if is_the_users(error):
            raise
        raise _BrokenError(
            "register", describe(error), f"The hooks are {', '.join(_KNOWN_HOOKS)}; see cngcore.registry.hookspecs."
        ) from error
    return manager
