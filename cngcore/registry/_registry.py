"""The installed providers, as one application wants to see them."""

from __future__ import annotations

from _thread import RLock
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import irql, windows
from cngcore._checks import check_dword
from cngcore._diagnostics import clear_tracebacks, describe, log, reraise_interrupt
from cngcore._forks import held_over_fork
from cngcore._imports import public_names
from cngcore.objects import AlgorithmProvider, Implementation, Origin, key_type_for
from cngcore.registry._choice import Rules, Wanted, choose
from cngcore.registry._discovery import Discovery, discover, normalized
from cngcore.registry._faults import Fault, FaultError
from cngcore.registry._loading import REGISTER, PlugIn, load, new_manager
from cngcore.registry._settings import read_settings
from cngcore.status import CngError, InvalidParameterError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from pluggy import PluginManager
    from typing_extensions import Buffer

    from cngcore.objects import KeyPair, SymmetricKey
    from cngcore.policy import Policy, Watch
    from cngcore.provider import Algorithm, KeyFormat
    from cngcore.registry._choice import Explanation
    from cngcore.registry._hints import Meant
    from cngcore.registry._kinds import KeyKind

REGISTERED = "(registered)"
"""The distribution in the origin of a plug-in that the application registered as an object."""

NAMED = "(named)"
"""The distribution in the origin of a plug-in that the application named by its module."""

_HIDDEN = frozenset(
    {
        "has_registered",
        "key_formats",
        "key_kind",
        "log_faults",
        "meant_by",
        "missing",
        "open_for",
        "plugin_names",
        "unknown_names",
        "usable",
        "watch",
        "watch_is_broken",
    }
)
"""What the flat API and the tools call, and an application does not: left out of ``dir()``."""


class Registry:
    """The installed providers, as one application wants to see them.

    * ``plugins``: names of plug-in modules, or plug-in objects; then nothing else is looked up. None discovers what is
      installed.
    * ``prefer``: implementation or distribution names, best first
    * ``allow``, ``block``: distribution names; code that is blocked or not allowed is never imported
    * ``windows``: the Windows version to behave as
    * ``strict``: raise a provider's fault at once
    * ``discover``: False looks up no installed distribution
    * ``policies``: :class:`~cngcore.policy.Policy` objects, or names of policies that must be there ("approved", or a
      policy of an installed plug-in)
    * ``lock``: the file of ``cng providers lock``, by which installed code is verified before it is imported
    * ``log_faults``: False keeps faults in :meth:`faults` and does not log them
    * ``read_configuration``: False ignores the environment and ``cngcore.toml``

    For every list, None means "not given" and an empty list means "none"; without policies, not even those count that a
    plug-in offers. Settings that are not given come from the
    environment, then from ``cngcore.toml``, when the registry is made.

    >>> registry = Registry(plugins=["cngcore_rsa"])
    >>> registry.open_algorithm_provider("RSA")
    <AlgorithmProvider RSA (cryptography) open>
    """

    def __init__(
        self,
        *,
        plugins: Iterable[object] | None = None,
        prefer: Iterable[str] | None = None,
        allow: Iterable[str] | None = None,
        block: Iterable[str] | None = None,
        windows: str | None = None,
        strict: bool | None = None,
        discover: bool = True,
        policies: Iterable[Policy | str] | None = None,
        lock: str | os.PathLike[str] | None = None,
        log_faults: bool = True,
        read_configuration: bool = True,
    ) -> None:
        self.settings = read_settings(prefer, allow, block, windows, strict, policies, lock, read_configuration)
        self.log_faults = log_faults
        self._discovery: Discovery | None = None if discover and plugins is None else Discovery()
        self._ready = self._discovery is not None
        self._lock = held_over_fork(RLock())
        self._manager = new_manager()
        self._plugins: dict[object, PlugIn] = {}
        self._watch: tuple[Watch | None] | None = None  # None: not collected yet
        self._candidates: dict[str, tuple[Implementation, ...]] = {}
        self._chosen: dict[str, Implementation] = {}
        self._faults: list[Fault] = []
        self._formats: tuple[dict[object, PlugIn], list[KeyFormat]] | None = None  # of these plug-ins
        self.plugin_names = tuple(plugin for plugin in plugins or () if isinstance(plugin, str))
        if isinstance(plugins, str):
            raise InvalidParameterError(f"plugins must be a list of modules, not a string: write [{plugins!r}]")
        for plugin in plugins or ():
            self.register(plugin)

    # --- what there is --------------------------------------------------------------------------------

    def algorithms(self) -> dict[str, tuple[str, ...]]:
        """Return the names of algorithms, sorted, each with the distributions that promise it. Imports no provider."""
        promised: dict[str, list[str]] = {}
        for name, origins in self._discovered().algorithms.items():
            if windows.has(self.settings.windows, "algorithm", name):
                admitted = [origin.distribution for origin in origins if self.settings.admits(origin.distribution)]
                promised[name] = admitted
        for plugin in self._own():
            for algorithm in plugin.algorithms:
                promised.setdefault(algorithm.name, []).append(plugin.origin.distribution)
        return {name: tuple(dict.fromkeys(promised[name])) for name in sorted(promised) if promised[name]}

    def providers(self) -> list[dict[str, Any]]:
        """Return every distribution that promises algorithms or hooks, with its state. Imports no provider.

        Keys: distribution, version, algorithms, modules, state ("not loaded", "loaded", "skipped", "blocked", "not
        allowed") and faults.
        """
        records: dict[str, dict[str, Any]] = {}

        def add(origin: Origin, *algorithms: str) -> None:
            record = records.setdefault(origin.distribution, self._record(origin))
            record["algorithms"] = sorted({*record["algorithms"], *algorithms})
            record["modules"] = sorted({*record["modules"], origin.module})

        for name, origins in self._discovered().algorithms.items():
            for origin in origins:
                add(origin, name)
        for origin in self._discovered().hooks:
            add(origin)
        for plugin in self._own():
            add(plugin.origin, *(algorithm.name for algorithm in plugin.algorithms))
        return [records[name] for name in sorted(records)]

    def _record(self, origin: Origin) -> dict[str, Any]:
        distribution = origin.distribution
        faults = [fault for fault in self._faults if fault.distribution == distribution]
        loaded = any(plugin.origin.distribution == distribution for plugin in self._plugins.values())
        if distribution in self.settings.block:
            state = "blocked"
        elif not self.settings.admits(distribution) and distribution not in (REGISTERED, NAMED):
            state = "not allowed"
        elif any(fault.skips for fault in faults):
            state = "skipped"
        else:
            state = "loaded" if loaded else "not loaded"
        return {
            "distribution": distribution, "version": origin.version, "algorithms": [], "modules": [], "state": state,
            "faults": [fault.to_dict() for fault in faults],
        }  # fmt: skip

    def faults(self) -> list[Fault]:
        """Return what has failed so far, oldest first. A plug-in that nobody has asked for has not been tried."""
        return list(self._faults)

    def load_all(self) -> list[Fault]:
        """Import every admitted plug-in, for a full listing or a check of the installation; return the faults."""
        for name in self._discovered().algorithms:
            self.candidates(name)
        return self.faults()

    def candidates(self, name: str) -> tuple[Implementation, ...]:
        """Return every implementation of an algorithm, loaded, in the order of rank and name; none is chosen yet."""
        found = self._candidates.get(name)
        if found is None:
            with self._lock:
                found = self._candidates.get(name)
                if found is None:
                    found = self._candidates[name] = self._collect(name)
        return found

    def declarations(self) -> list[Algorithm]:
        """Return the declarations of every plug-in that is loaded."""
        return [algorithm for plugin in self._plugins.values() for algorithm in plugin.algorithms]

    def key_formats(self) -> list[KeyFormat]:
        """Return what every admitted plug-in says of key formats (``cngcore_key_formats``), loading all of them.

        A hook that fails, and a claim on what belongs to another algorithm, is left out and becomes a fault.
        """
        self.load_all()
        if self._formats is None or self._formats[0] is not self._plugins:
            with self._lock:
                from cngcore.registry._key_formats import collect

                current = self._plugins
                known = {id(one.plugin): (one.origin, one.algorithms) for one in current.values()}
                found, faults = collect(self._manager, known, self.settings.prefer)
                self._formats = current, found
                for fault in faults:
                    if fault not in self._faults:
                        self._fault(fault)
        return list(self._formats[1])

    def has_registered(self) -> bool:
        """Return whether the application registered a plug-in object (:meth:`register`)."""
        return any(plugin.origin.distribution == REGISTERED for plugin in self._plugins.values())

    def unknown_names(self) -> list[tuple[str, str]]:
        """Return (setting, name) for each name in prefer, allow and block that nothing installed has.

        A preferred name may be an implementation, so this imports every plug-in if such a name is not a distribution.
        """
        settings = self.settings
        installed = {str(record["distribution"]) for record in self.providers()}
        listed = [("allow", name) for name in sorted(settings.allow or ())]
        listed += [("block", name) for name in sorted(settings.block)]
        unknown = [(setting, name) for setting, name in listed if name and name not in installed]
        preferred = [name for name in settings.prefer if name and normalized(name) not in installed]
        if preferred:
            self.load_all()
            known = {one.implementation for name in self.algorithms() for one in self.candidates(name)}
            unknown = [*(("prefer", name) for name in preferred if name not in known), *unknown]
        return unknown

    # --- opening ----------------------------------------------------------------------------------------

    def open_algorithm_provider(
        self,
        name: str,
        implementation: str | None = None,
        flags: int = 0,
        *,
        key_length: int | None = None,
        parameter_set: str | None = None,
        curve: str | None = None,
        operation: str | None = None,
        mode: str | None = None,
        effective_key_length: int | None = None,
        message_block_length: int | None = None,
    ) -> AlgorithmProvider:
        """Open an algorithm (``BCryptOpenAlgorithmProvider``).

        ``implementation`` names one of several, as a name or ``"distribution:name"``; ``"Microsoft Primitive
        Provider"`` means the default one. ``key_length``, ``parameter_set``, ``curve`` and ``operation`` are
        requirements that the implementation must meet. ``mode`` (``"GCM"``), ``effective_key_length`` in bits and
        ``message_block_length`` in bytes are settings of a cipher. Raises NotFoundError if no implementation is left,
        with what was skipped, and NotSupportedError if it does not support the flags or the mode.
        """
        if not isinstance(name, str) or not isinstance(implementation, str | None):
            raise InvalidParameterError("an algorithm id and an implementation name must be strings")
        check_dword("dwFlags", flags)
        if irql.raised:
            irql.require_passive("BCryptOpenAlgorithmProvider")
        requirement = _given(key_length=key_length, parameter_set=parameter_set, curve=curve, operation=operation)
        plain = implementation is None and not requirement
        chosen = self._chosen.get(name) if plain else None
        if chosen is None:
            chosen = self._choose(Wanted(name, implementation, requirement))
            if plain and not self._manager.hook.cngcore_choose.get_hookimpls():
                self._chosen[name] = chosen
        watch = self.watch()
        provider = AlgorithmProvider(chosen, flags, watch, key_type_for(chosen, watch))
        if mode is not None or effective_key_length is not None or message_block_length is not None:
            from cngcore.registry._symmetric import set_up  # only for ciphers

            return set_up(provider, mode, effective_key_length, message_block_length)
        return provider

    def generate_key_pair(
        self,
        name: str,
        length: int = 0,
        *,
        parameter_set: str | None = None,
        curve: str | None = None,
        implementation: str | None = None,
        flags: int = 0,
    ) -> KeyPair:
        """Make a finalized key pair in one step: open, generate, set the parameter set or curve, finalize.

        ``name`` is an algorithm of bcrypt.h, exactly as there, or says more at once: ``"X25519"``, ``"ML-KEM-768"``.
        ``length`` is in bits; 0 means 3072 for RSA, DSA and DH, and the only length of a curve. ``curve`` is for ECDSA
        and ECDH, and ``parameter_set`` for ML-KEM (default 768) and ML-DSA (default 65). ``implementation`` names one
        of several, as for :meth:`open_algorithm_provider`; without it one is chosen that has such keys.

        Raise NotFoundError for a name that nothing installed serves, InvalidParameterError for a length, curve or
        parameter set that the algorithm does not have.

        >>> cngcore.generate_key_pair("ECDSA_P256")
        <KeyPair ECDSA_P256, private (cryptography)>
        >>> cngcore.generate_key_pair("ECDSA", curve="brainpoolP256r1")
        <KeyPair ECDSA brainpoolP256r1, private (cryptography)>
        """
        kind = self.key_kind(name, length, parameter_set, curve)
        if kind is not None:
            name, length, parameter_set, curve = kind.algorithm, kind.length, kind.parameter_set, kind.curve
        provider = self.open_for(name, length, parameter_set, implementation, curve)
        if curve is not None:
            provider.set_property(c.BCRYPT_ECC_CURVE_NAME, curve)
        key = provider.generate_key_pair(length, flags)
        if parameter_set is not None:
            key.set_property(c.BCRYPT_PARAMETER_SET_NAME, parameter_set)
        key.finalize()
        return key

    @clear_tracebacks
    def generate_symmetric_key(
        self,
        name: str,
        secret: Buffer | None = None,
        *,
        length: int = 256,
        mode: str | None = None,
        implementation: str | None = None,
    ) -> SymmetricKey:
        """Make a symmetric key in one step; without a secret one of ``length`` random bits.

        >>> cngcore.generate_symmetric_key("AES", mode="GCM")
        <SymmetricKey AES GCM, 256 bits (cryptography)>
        """
        from cngcore.registry._symmetric import make_key

        with self.open_algorithm_provider(name, implementation, mode=mode) as provider:
            return make_key(provider, secret, length)

    @clear_tracebacks
    def pbkdf2(self, hash: str, password: Buffer, salt: Buffer, iterations: int, length: int) -> bytes:
        """Derive ``length`` bytes from a password (``BCryptDeriveKeyPBKDF2`` with HMAC of a hash).

        >>> cngcore.pbkdf2("SHA1", b"password", b"salt", 2, 20).hex()
        'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957'
        """
        with self.open_algorithm_provider(hash, None, c.BCRYPT_ALG_HANDLE_HMAC_FLAG) as prf:
            return prf.pbkdf2(password, salt, iterations, length)

    def key_kind(
        self, name: str, length: int = 0, parameter_set: str | None = None, curve: str | None = None
    ) -> KeyKind | None:
        """Return which kind of key the arguments of :meth:`generate_key_pair` mean; None if they say it themselves."""
        given = length != 0 or parameter_set is not None or curve is not None
        if not isinstance(name, str) or (given and self.candidates(name)):
            return None
        from cngcore.registry._kinds import key_kind  # a key of a given length does not need it

        return key_kind(self.candidates, name, length, parameter_set, curve)

    def open_for(
        self,
        name: str,
        length: int = 0,
        parameter_set: str | None = None,
        implementation: str | None = None,
        curve: str | None = None,
    ) -> AlgorithmProvider:
        """Open an algorithm for keys of one kind: among several implementations, one that has them.

        If none has them, open the default one; it then raises the contract's error.
        """
        if implementation is None and isinstance(name, str) and len(self.candidates(name)) > 1:
            requirement = _given(key_length=length or None, parameter_set=parameter_set, curve=curve)
            wanted = Wanted(name, None, requirement)
            wanted.check()
            if choose(self.candidates(name), wanted, self._rules()).chosen is not None:
                return self.open_algorithm_provider(
                    name, key_length=length or None, parameter_set=parameter_set, curve=curve
                )
        return self.open_algorithm_provider(name, implementation)

    def explain(
        self,
        name: str,
        implementation: str | None = None,
        *,
        key_length: int | None = None,
        parameter_set: str | None = None,
        curve: str | None = None,
        operation: str | None = None,
    ) -> Explanation:
        """Return which implementation would serve, why, and why not each of the others."""
        requirement = _given(key_length=key_length, parameter_set=parameter_set, curve=curve, operation=operation)
        wanted = Wanted(name, implementation, requirement)
        wanted.check()
        explanation = choose(self.candidates(name), wanted, self._rules(), probe_all=True)
        notes = [
            f"the configuration has {unknown!r} in {setting}, but nothing installed has that name"
            for setting, unknown in self.unknown_names()
        ]
        notes += [
            f"{distribution} {version} is in the lock but not installed"
            for distribution, version in self.missing().items()
        ]
        stranger = explanation.stranger
        if stranger is not None:
            notes.append(
                f"{stranger.origin} is the default instead of cngcore's own provider; a lock ('cng providers lock') or "
                "CNGCORE_ALLOW keeps out what you did not choose"
            )
        return self._detailed(explanation, tuple(notes))

    def missing(self) -> dict[str, str]:
        """Return the distributions that the lock has and that are not installed, with their versions."""
        lock, found = self.settings.lock, self._discovered()
        installed = {origin.distribution for origins in (*found.algorithms.values(), found.hooks) for origin in origins}
        locked = {} if lock is None else lock.distributions
        return {name: str(locked[name]["version"]) for name in sorted(locked.keys() - installed)}

    def usable(self, name: str) -> list[Implementation]:
        """Return the implementations of an algorithm that can be opened, best first."""
        explanation = choose(self.candidates(name), Wanted(name, None, {}), self._rules(), probe_all=True)
        return [verdict.candidate for verdict in explanation.verdicts if verdict.usable]

    def _choose(self, wanted: Wanted) -> Implementation:
        """Return the chosen implementation, or raise an error that says what was skipped and what to install."""
        wanted.check()
        explanation = choose(self.candidates(wanted.algorithm), wanted, self._rules())
        return explanation.chosen or self._detailed(explanation).required()

    def _detailed(self, explanation: Explanation, notes: tuple[str, ...] = ()) -> Explanation:
        """Return an explanation with what the choice itself does not know: skipped plug-ins, and what to install."""
        from dataclasses import replace

        promised = self._discovered().algorithms.get(explanation.algorithm, ())
        states = ((origin, self._record(origin)["state"]) for origin in promised)
        return replace(
            explanation,
            not_admitted=tuple(
                f"{origin}: {state} by the configuration, never imported"
                for origin, state in states
                if state in ("blocked", "not allowed")
            ),
            faults=tuple(fault for fault in self._faults if fault.origin in promised),
            notes=notes,
            hint="" if explanation.verdicts or promised else self._hint(explanation.algorithm),
        )

    def _hint(self, name: str) -> str:
        """Return what to do if nothing installed promises an algorithm."""
        from cngcore.registry._hints import remedy_for  # only for an error

        names = self.algorithms()
        return remedy_for(name, names, {distribution for owners in names.values() for distribution in owners})

    def meant_by(self, name: str) -> Meant | None:
        """Return what a name probably means that no installed provider serves, or None."""
        from cngcore.registry._hints import meant_by  # only for an error

        return meant_by(name, self.algorithms())

    def _rules(self) -> Rules:
        watch = self.watch()

        def forbidden(candidate: Implementation, requirement: Mapping[str, object]) -> str:
            return "" if watch is None else _judged(watch, candidate, requirement)

        return Rules(self.settings.prefer, forbidden, self._ask_choose)

    def _ask_choose(
        self, name: str, candidates: Sequence[Implementation], requirement: Mapping[str, object]
    ) -> str | None:
        """Return the implementation that a ``cngcore_choose`` hook names, or None."""
        try:
            answer = self._manager.hook.cngcore_choose(
                algorithm=name, candidates=tuple(candidates), requirement=requirement
            )
        except CngError:
            raise
        except BaseException as error:
            reraise_interrupt(error, "a cngcore_choose hook ran")
            log("a cngcore_choose hook raised %s and is ignored for %s", describe(error), name)
            return None
        if answer is None or any(candidate.implementation == answer for candidate in candidates):
            return answer  # type: ignore[no-any-return]
        log("a cngcore_choose hook named %r for %s, which is not among the candidates", answer, name)
        return None

    # --- loading ----------------------------------------------------------------------------------------

    def register(self, plugin: object) -> None:
        """Add a plug-in that is not discovered: a module name, or a module or object with the hooks.

        A fault in it raises FaultError (an InternalError), because its author is the caller. Algorithms that are open
        keep their implementation.
        """
        origin = _origin_of(plugin)
        with self._lock:
            if id(plugin) in self._plugins:
                return
            if isinstance(plugin, str) and self.settings.lock is not None:
                refusal = self.settings.lock.refusal(self._locked_origin(origin))
                if refusal is not None:
                    raise FaultError(refusal)
            loaded = load(self._manager, None if isinstance(plugin, str) else plugin, origin, promised=None)
            if isinstance(loaded, Fault):
                raise FaultError(loaded)
            self._publish({**self._plugins, id(loaded.plugin): loaded})

    def _locked_origin(self, origin: Origin) -> Origin:
        """Return the origin under which the lock has a module that the application named."""
        lock = self.settings.lock
        for name, record in lock.distributions.items() if lock is not None else ():
            if origin.module in record["modules"]:
                return Origin(name, str(record["version"]), origin.module)
        return origin

    def _publish(self, plugins: dict[object, PlugIn]) -> None:
        """Put plug-ins in force, in one step for other threads and for an interrupt."""
        self._plugins, self._watch, self._candidates, self._chosen = plugins, None, {}, {}

    def _discovered(self) -> Discovery:
        """Return what is installed. The plug-ins with hooks are loaded first, because every choice asks them."""
        if not self._ready:
            with self._lock:
                if not self._ready:
                    if self._discovery is None:
                        self._discovery = discover()
                        for fault in self._discovery.faults:
                            self._fault(fault)
                    for origin in self._discovery.hooks:
                        if self.settings.admits(origin.distribution):
                            self._load(origin, promised=())
                    self._ready = True
        assert self._discovery is not None  # noqa: S101 - for the type checker
        return self._discovery

    def _collect(self, name: str) -> tuple[Implementation, ...]:
        discovery = self._discovered()
        for origin in discovery.algorithms.get(name, ()):
            if self.settings.admits(origin.distribution):
                self._load(origin, discovery.promised_by(origin))
        found = [
            Implementation(algorithm, plugin.origin, self.settings.windows)
            for plugin in self._plugins.values()
            for algorithm in plugin.algorithms
            if algorithm.name == name
        ]
        ordered = tuple(sorted(found, key=lambda one: (-one.algorithm.rank, one.implementation, one.distribution)))
        for one in ordered:
            one.peers = ordered
        return ordered

    def _load(self, origin: Origin, promised: Sequence[str]) -> None:
        """Load an installed plug-in, once; keep it or its fault."""
        known = self._plugins.get(origin)
        if (known is not None and (known.algorithms or not promised)) or any(f.origin == origin for f in self._faults):
            return
        refusal = self.settings.lock.refusal(origin) if self.settings.lock is not None else None
        loaded = refusal or load(self._manager, None, origin, promised)
        if isinstance(loaded, PlugIn) and self.settings.lock is not None:
            outside = self.settings.lock.refusal_of_declarations(origin, loaded.algorithms)
            if outside is not None:
                self._manager.unregister(loaded.plugin)
                loaded = outside
        if isinstance(loaded, PlugIn):
            hooks = [caller.name for caller in self._manager.get_hookcallers(loaded.plugin) or ()]
            self._plugins = {**self._plugins, origin: loaded}
            if hooks != [REGISTER]:
                self._watch, self._chosen = None, {}
        else:
            self._fault(loaded)

    def _fault(self, fault: Fault) -> None:
        self._faults.append(fault)
        if self.log_faults:
            log("%s", fault)
        if self.settings.strict:
            raise FaultError(fault, "strict: ")

    def _own(self) -> list[PlugIn]:
        """Return the plug-ins that the application registered or named."""
        return [plugin for plugin in self._plugins.values() if plugin.origin.distribution in (REGISTERED, NAMED)]

    @property
    def plugin_manager(self) -> PluginManager:
        """The pluggy manager with every loaded plug-in."""
        return self._manager

    def watch(self) -> Watch | None:
        """Return the policies and listeners in force; None if there are none.

        Raises NotFoundError if the configuration names a policy that nobody offers: then nothing may be used.
        """
        current = self._watch
        if current is None:
            with self._lock:
                self._discovered()
                current = self._watch
                if current is None:
                    current = self._watch = (self._collect_watch(),)
        return current[0]

    def watch_is_broken(self) -> bool:
        """Return whether the configuration names a policy that nobody offers."""
        try:
            self.watch()
        except CngError:
            return True
        return False

    def _collect_watch(self) -> Watch | None:
        hook, policies = self._manager.hook, self.settings.policies
        offered = policies is not None and hook.cngcore_policies.get_hookimpls()
        if not policies and not offered and not hook.cngcore_key_event.get_hookimpls():
            return None
        from cngcore.registry._policies import collect_policies  # 5 ms that a registry without policies saves

        origins = {id(plugin.plugin): plugin.origin for plugin in self._plugins.values()}
        watch, faults = collect_policies(policies, self._manager, origins)
        for fault in faults:
            self._fault(fault)
        return watch

    def __dir__(self) -> list[str]:
        return public_names(self, _HIDDEN)

    def __repr__(self) -> str:
        return f"<Registry behaving as Windows {self.settings.windows}, {len(self._plugins)} plug-ins loaded>"


def _given(**requirement: object) -> dict[str, object]:
    """Return the requirements that are not None."""
    return {key: value for key, value in requirement.items() if value is not None}


def _origin_of(plugin: object) -> Origin:
    if isinstance(plugin, str):
        return Origin(NAMED, "", plugin)
    name = getattr(plugin, "__name__", type(plugin).__name__)
    return Origin(REGISTERED, str(getattr(plugin, "__version__", "")), str(name))


def _judged(watch: Watch, candidate: Implementation, requirement: Mapping[str, object]) -> str:
    """Return why the policies forbid an implementation; an empty string if none does."""
    from cngcore.policy import Subject

    length, parameter_set = requirement.get("key_length"), requirement.get("parameter_set")
    judgement = watch.judge(
        Subject(
            candidate.name,
            candidate.implementation,
            candidate.distribution,
            length if isinstance(length, int) else None,
            parameter_set if isinstance(parameter_set, str) else None,
        )
    )
    return str(judgement) if judgement.refuses_use else ""
