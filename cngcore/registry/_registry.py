"""Which implementation serves an algorithm: entry points -> candidates -> the chosen one.

Metadata alone says who promises what; a plug-in is imported when one of its algorithms is first asked for, and never
when it is blocked. A plug-in that fails is set aside whole, with its reason and remedy, and the others go on. The order
among several candidates is fixed: the caller's ``implementation``; the caller's requirement; the configuration's
``prefer``; the ``cngcore_choose`` hook; the declared rank; the name.
"""

from _thread import RLock

from cngcore import _diagnostics as faults
from cngcore import constants as c
from cngcore import irql, windows
from cngcore._checks import check_dword
from cngcore._diagnostics import Fault, describe, is_the_users, log
from cngcore._forks import awaited
from cngcore.objects._algorithm import AlgorithmProvider
from cngcore.objects._implementation import Candidate
from cngcore.registry._discovery import ALGORITHMS, HOOKS, EntryPoint, normalized, scan
from cngcore.registry._loading import PlugIn, load
from cngcore.registry._settings import Settings
from cngcore.status import CngError, InternalError, InvalidParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from typing import Any

    from pluggy import PluginManager

    from cngcore.objects._keypair import KeyPair
    from cngcore.objects._watched import Watch
    from cngcore.policy import Policy
    from cngcore.provider import Algorithm
    from cngcore.registry._choice import Explanation


class Registry:
    """The installed providers, as one application wants to see them.

    prefer: implementation or distribution names, best first; allow, block: distribution names (code that is blocked
    or not allowed is never imported); windows: the version to behave as; strict: a provider's fault is an error at
    once; discover: whether installed distributions are looked up at all; policies: :class:`~cngcore.policy.Policy`
    objects, or names of policies that must be there ("approved", or one an installed plug-in has); lock: the file
    of ``cng providers lock``, by which installed code is verified before it is imported. What is not given is taken
    from the environment, then from ``cngcore.toml``, when the registry is made.
    """

    def __init__(
        self,
        *,
        prefer: "Iterable[str]" = (),
        allow: "Iterable[str] | None" = None,
        block: "Iterable[str]" = (),
        windows: str | None = None,
        strict: bool | None = None,
        discover: bool = True,
        policies: "Iterable[Policy | str] | None" = None,
        lock: "str | os.PathLike[str] | None" = None,
    ) -> None:
        self.settings = Settings(prefer, allow, block, windows, strict, policies, lock)
        self._discover = discover
        self._lock = awaited(RLock())
        self._entry_points: dict[str, tuple[EntryPoint, ...]] | None = None
        self._hooks: tuple[EntryPoint, ...] = ()
        self._plugins: dict[object, PlugIn] = {}
        self._manager: PluginManager | None = None
        self._watch: Watch | bool | None = False  # False: not known yet
        self._candidates: dict[str, tuple[Candidate, ...]] = {}
        self._chosen: dict[str, Candidate] = {}
        self._faults: list[Fault] = []

    # --- what there is --------------------------------------------------------------------------------

    def algorithms(self) -> "dict[str, tuple[str, ...]]":
        """Algorithm names, sorted, each with the distributions that promise it. Imports no provider."""
        promised: dict[str, list[str]] = {}
        for name, entry_points in self._scanned().items():
            if windows.has(self.settings.windows, "algorithm", name):
                promised[name] = [point.distribution for point in entry_points if self._admits(point.distribution)]
        for plugin in self._registered():
            for algorithm in plugin.algorithms:
                promised.setdefault(algorithm.name, []).append(plugin.distribution)
        return {name: tuple(dict.fromkeys(promised[name])) for name in sorted(promised) if promised[name]}

    def providers(self) -> "list[dict[str, Any]]":
        """Every distribution that promises algorithms or hooks, with its state. Imports no provider.

        Keys: distribution, version, algorithms, modules, state ("not loaded", "loaded", "set aside", "blocked",
        "not allowed") and faults.
        """
        records: dict[str, dict[str, Any]] = {}
        points = [point for points in self._scanned().values() for point in points]
        for point in (*points, *self._hooks):
            record = records.setdefault(point.distribution, self._record(point.distribution, point.version))
            if point.group == ALGORITHMS:
                record["algorithms"] = sorted({*record["algorithms"], point.name})
            record["modules"] = sorted({*record["modules"], point.value})
        for plugin in self._registered():
            record = records.setdefault(plugin.distribution, self._record(plugin.distribution, plugin.version))
            record["algorithms"] = sorted({algorithm.name for algorithm in plugin.algorithms})
            record["modules"] = [plugin.module]
        return [records[name] for name in sorted(records)]

    def _record(self, distribution: str, version: str) -> "dict[str, Any]":
        faults = [fault for fault in self._faults if fault.distribution == distribution]
        loaded = any(plugin.distribution == distribution for plugin in self._plugins.values())
        if distribution in self.settings.block:
            state = "blocked"
        elif not self._admits(distribution):
            state = "not allowed"
        elif any(fault.stage != "probe" for fault in faults):
            state = "set aside"
        else:
            state = "loaded" if loaded else "not loaded"
        return {
            "distribution": distribution, "version": version, "algorithms": [], "modules": [], "state": state,
            "faults": [fault.to_dict() for fault in faults],
        }  # fmt: skip

    def faults(self) -> "list[Fault]":
        """What has failed so far, oldest first. A provider that nobody has asked for has not been tried."""
        return list(self._faults)

    def faults_of(self, name: str) -> "list[Fault]":
        """The faults of the plug-ins that promise an algorithm."""
        promised = {(point.distribution, point.value) for point in self._scanned().get(name, ())}
        return [fault for fault in self._faults if (fault.distribution, fault.module) in promised]

    def load_all(self) -> "list[Fault]":
        """Import every admitted plug-in, as a listing in full or a check of the installation needs; the faults."""
        for name in self._scanned():
            self.candidates(name)
        return self.faults()

    def candidates(self, name: str) -> "tuple[Candidate, ...]":
        """Every implementation of an algorithm, loaded, in the order of rank and name; none is chosen yet."""
        found = self._candidates.get(name)
        if found is None:
            with self._lock:
                found = self._candidates.get(name)
                if found is None:
                    found = self._candidates[name] = self._collect(name)
        return found

    def register(self, plugin: object) -> None:
        """Add a provider that is not packaged: a module or object with the hook ``cngcore_register_algorithms``.

        A fault in it is raised at once as InternalError: its author is the caller. Algorithms opened earlier are
        not affected.
        """
        name = getattr(plugin, "__name__", type(plugin).__name__)
        point = EntryPoint("", "", str(name), "(registered)", str(getattr(plugin, "__version__", "")))
        with self._lock:
            loaded = load(plugin, point, promised=None)
            if isinstance(loaded, Fault):
                raise InternalError(str(loaded))
            self._keep(id(plugin), loaded)
            self._candidates.clear()
            self._chosen.clear()

    # --- opening ----------------------------------------------------------------------------------------

    def open_algorithm_provider(
        self,
        name: str,
        implementation: str | None = None,
        flags: int = 0,
        *,
        key_length: int | None = None,
        parameter_set: str | None = None,
        operation: str | None = None,
    ) -> AlgorithmProvider:
        """Open an algorithm (``BCryptOpenAlgorithmProvider``).

        ``implementation`` names one of several; ``"Microsoft Primitive Provider"`` is the default one. The keywords are
        requirements an implementation must meet. Raises NotFoundError where none is left, naming what was set
        aside; NotSupportedError where the flags ask for what it does not do.
        """
        if not isinstance(name, str) or not isinstance(implementation, str | None):
            raise InvalidParameterError("an algorithm id and an implementation name are strings")
        check_dword("dwFlags", flags)
        if irql.raised:
            irql.require_passive("BCryptOpenAlgorithmProvider")
        if implementation is None and key_length is None and parameter_set is None and operation is None:
            candidate = self._chosen.get(name) or self._choose_default(name)
        else:
            candidate = self.explain(
                name, implementation, key_length=key_length, parameter_set=parameter_set, operation=operation
            ).required()
        return AlgorithmProvider(candidate, self.settings.windows, flags, self.watch())

    def generate_key_pair(
        self,
        name: str,
        length: int = 0,
        *,
        parameter_set: str | None = None,
        curve: str | None = None,
        implementation: str | None = None,
        flags: int = 0,
    ) -> "KeyPair":
        """Open, generate, set the parameter set or curve, and finalize in one step; a finalized key pair."""
        provider = self.open_for(name, length, parameter_set, implementation)
        if curve is not None:
            provider.set_property(c.BCRYPT_ECC_CURVE_NAME, curve)
        key = provider.generate_key_pair(length, flags)
        if parameter_set is not None:
            key.set_property(c.BCRYPT_PARAMETER_SET_NAME, parameter_set)
        key.finalize()
        return key

    def open_for(
        self, name: str, length: int = 0, parameter_set: str | None = None, implementation: str | None = None
    ) -> AlgorithmProvider:
        """Open an algorithm for keys of one kind: among several implementations, one that has them.

        Where none has, the default one is opened, which then says why, as the contract has it.
        """
        bits, wanted_set = None, None
        if implementation is None and isinstance(name, str) and len(self.candidates(name)) > 1:
            explanation = self.explain(name, key_length=length or None, parameter_set=parameter_set)
            if explanation.chosen is not None:
                bits, wanted_set = length or None, parameter_set
        return self.open_algorithm_provider(name, implementation, key_length=bits, parameter_set=wanted_set)

    def has_registered(self) -> bool:
        """Whether a provider was added that is not packaged (:meth:`register`)."""
        return bool(self._registered())

    def explain(
        self,
        name: str,
        implementation: str | None = None,
        *,
        key_length: int | None = None,
        parameter_set: str | None = None,
        operation: str | None = None,
    ) -> "Explanation":
        """Which implementation would serve, why, and why not each of the others."""
        from cngcore.registry._choice import explain

        asked = {"key_length": key_length, "parameter_set": parameter_set, "operation": operation}
        requirement = {key: value for key, value in asked.items() if value is not None}
        return explain(self, name, implementation, requirement)

    def _choose_default(self, name: str) -> Candidate:
        """The default implementation. Where there is just one there is nothing to choose, and nothing to explain."""
        candidates = self.candidates(name)
        if (
            len(candidates) == 1
            and self.watch() is None
            and candidates[0].unavailable() is None
            and self._introduced(candidates[0].algorithm)
        ):
            chosen = candidates[0]
        else:
            chosen = self.explain(name).required()
        if self._manager is None:
            self._chosen[name] = chosen
        return chosen

    def _introduced(self, algorithm: "Algorithm") -> bool:
        version = self.settings.windows
        return windows.release(algorithm.introduced) <= windows.release(version) and windows.has(
            version, "algorithm", algorithm.name
        )

    # --- loading ----------------------------------------------------------------------------------------

    def _scanned(self) -> "dict[str, tuple[EntryPoint, ...]]":
        """Entry points by algorithm name. The scan happens once, on first use."""
        if self._entry_points is None:
            with self._lock:
                if self._entry_points is None:
                    points = scan() if self._discover else []
                    self._hooks = tuple(point for point in points if point.group == HOOKS)
                    by_name: dict[str, list[EntryPoint]] = {}
                    for point in points:
                        if point.group == ALGORITHMS:
                            by_name.setdefault(point.name, []).append(point)
                    self._entry_points = {name: tuple(points) for name, points in by_name.items()}
                    self._load_hooks()
        return self._entry_points

    def _admits(self, distribution: str) -> bool:
        """Whether code of that distribution may be imported."""
        name, settings = normalized(distribution), self.settings
        return name not in settings.block and (settings.allow is None or name in settings.allow)

    def _load_hooks(self) -> None:
        """Load the operator's plug-ins: they have a say in every choice, so they come before the first."""
        for point in self._hooks:
            if self._admits(point.distribution):
                self._load(point, promised=())

    def _collect(self, name: str) -> "tuple[Candidate, ...]":
        for point in self._scanned().get(name, ()):
            if self._admits(point.distribution):
                promised = [
                    other.name
                    for points in self._scanned().values()
                    for other in points
                    if other.distribution == point.distribution and other.value == point.value
                ]
                self._load(point, promised)
        found = [
            Candidate(algorithm, plugin)
            for plugin in self._plugins.values()
            for algorithm in plugin.algorithms
            if algorithm.name == name
        ]
        return tuple(sorted(found, key=lambda one: (-one.algorithm.rank, one.implementation, one.distribution)))

    def _load(self, point: EntryPoint, promised: "Iterable[str]") -> None:
        """Load the plug-in of an entry point, once; keep it or its fault."""
        key = (point.distribution, point.value)
        if key in self._plugins or any((f.distribution, f.module) == key for f in self._faults):
            return
        refusal = self.settings.lock.refusal(point) if self.settings.lock is not None else None
        loaded = refusal or load(None, point, tuple(promised))
        if isinstance(loaded, PlugIn):
            self._keep(key, loaded)
        else:
            self._fault(loaded)

    def _keep(self, key: object, plugin: PlugIn) -> None:
        self._plugins[key] = plugin
        if plugin.hooks:
            self._watch = False
        if plugin.hooks and self._manager is None:
            _ = self.plugin_manager
        elif plugin.hooks and self._manager is not None:
            self._manager.register(plugin.plugin)

    def _fault(self, fault: Fault) -> None:
        self._faults.append(fault)
        if not faults.shown_elsewhere:
            log("%s", fault)
        if self.settings.strict:
            raise InternalError(f"strict: {fault}")

    def _registered(self) -> "list[PlugIn]":
        return [plugin for plugin in self._plugins.values() if plugin.distribution == "(registered)"]

    @property
    def plugin_manager(self) -> "PluginManager":
        """The pluggy manager with every loaded plug-in. Made when a plug-in has hooks beyond registration."""
        if self._manager is None:
            with self._lock:
                if self._manager is None:
                    from cngcore.registry._loading import new_manager

                    manager = new_manager()
                    for plugin in self._plugins.values():
                        manager.register(plugin.plugin)
                    self._manager = manager
        return self._manager

    def watch(self) -> "Watch | None":
        """The policies and listeners in force; None where there are none, and nothing of them is then imported.

        NotFoundError where the configuration names a policy that nobody has: without it nothing may be used.
        """
        if isinstance(self._watch, bool):
            with self._lock:
                if isinstance(self._watch, bool):
                    self._scanned()
                    self._watch = self._find_watch()
        return self._watch

    def _find_watch(self) -> "Watch | None":
        if not self.settings.policies and self._manager is None:
            return None
        from cngcore.registry._policies import find_watch

        watch, faults = find_watch(self.settings.policies, self._manager, list(self._plugins.values()))
        for fault in faults:
            self._fault(fault)
        return watch

    def ask_hook(self, name: str, candidates: "list[Candidate]", requirement: "Mapping[str, object]") -> str | None:
        """The implementation that a ``cngcore_choose`` hook names, if there is such a hook and it names one."""
        if self._manager is None:
            return None
        try:
            answer = self._manager.hook.cngcore_choose(
                algorithm=name, candidates=tuple(candidates), requirement=requirement
            )
        except CngError:
            raise
        except BaseException as error:
            if is_the_users(error):
                raise
            log("a cngcore_choose hook raised %s and was passed over for %s", describe(error), name)
            return None
        if answer is None or any(candidate.implementation == answer for candidate in candidates):
            return answer  # type: ignore[no-any-return]
        log("a cngcore_choose hook named %r for %s, which is none of its candidates", answer, name)
        return None

    def __repr__(self) -> str:
        return f"<Registry behaving as Windows {self.settings.windows}, {len(self._plugins)} plug-ins loaded>"


# --- the default registry -----------------------------------------------------------------------------

_default: "Registry | None" = None
_making = awaited(RLock())


def default() -> Registry:
    """The registry that the module functions and the flat API use; made at first use."""
    global _default
    if _default is None:
        with _making:
            if _default is None:
                _default = Registry()
    return _default


class using:  # noqa: N801 - reads as a preposition: `with using(registry)`
    """Context manager: ``registry`` is the default one in the block, for the whole process. Meant for tests."""

    __slots__ = ("_before", "_registry")

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._before: Registry | None = None

    def __enter__(self) -> Registry:
        self._before = self._swap(self._registry)
        return self._registry

    def __exit__(self, *_exception: object) -> None:
        self._swap(self._before)

    @staticmethod
    def _swap(registry: "Registry | None") -> "Registry | None":
        global _default
        from cngcore.bcrypt import _handles as handles

        with _making:
            before, _default = _default, registry
            handles.forget_pseudo_handles()
        return before
