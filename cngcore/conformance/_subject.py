"""What is tested: a provider, each of its implementations, and the kinds of key each can make.

Everything is read from the provider's own declarations; a kind of key is chosen by what the length rule, the parameter
sets and the listed values of settable properties allow, never by the algorithm's name.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from cngcore import registry as registries
from cngcore import windows
from cngcore._values import encode
from cngcore.conformance._check import Failure, Skip, bcrypt, granted, status_of
from cngcore.objects import AlgorithmProvider, KeyPair, Origin
from cngcore.objects import Implementation as Candidate
from cngcore.provider import Algorithm, Property
from cngcore.registry import Fault, FaultError, Registry, discover, normalized
from cngcore.status import InvalidParameterError, NotSupportedError, NTStatus

__all__ = ["Implementation", "Kind", "Options", "Provider", "UnknownProviderError"]

_COMMON = (2048, 3072, 1024, 256, 384, 521, 512)
_CURVE_NAMES = "ECCCurveName"


class UnknownProviderError(LookupError):
    """No installed distribution and no importable module answers to what was asked for."""


@dataclass(frozen=True)
class Options:
    """How thoroughly: ``slow`` takes every length and set; ``vectors`` is a path with more of them, or "".

    ``longest``: make no key above these bits; 0 for no such bound. Raises FileNotFoundError where there is nothing at
    ``vectors``.
    """

    slow: bool = False
    vectors: str = ""
    longest: int = 0

    def __post_init__(self) -> None:
        if self.vectors and not os.path.exists(self.vectors):
            raise FileNotFoundError(f"there are no vectors at {self.vectors}: no such file or folder")


@dataclass
class Provider:
    """The provider under test, alone in a registry of its own."""

    spec: str
    distribution: str
    version: str
    modules: tuple[str, ...]
    points: tuple[tuple[str, Origin], ...]
    options: Options
    faults: list[Fault] = field(default_factory=list)
    _registries: dict[str, Registry] = field(default_factory=dict)

    @classmethod
    def find(cls, spec: str, options: "Options | None" = None) -> "Provider":
        """The provider that ``spec`` names: a distribution, a plug-in module, or both as ``distribution:module``.

        A module that no installed distribution claims is registered as it is, and checks of metadata are skipped.
        Raises UnknownProviderError where there is neither.
        """
        chosen = options or Options()
        points = [(name, origin) for name, origins in discover().algorithms.items() for origin in origins]
        name, _, module = spec.partition(":")
        own = [
            (algorithm, origin)
            for algorithm, origin in points
            if normalized(origin.distribution) == normalized(name) and (not module or origin.module == module)
        ]
        own = own or [point for point in points if spec in (point[1].module, point[1].module.partition(":")[0])]
        if own:
            first = own[0][1]
            own = [point for point in own if point[1].distribution == first.distribution]
            modules = tuple(dict.fromkeys(origin.module for _, origin in own))
            return cls(spec, first.distribution, first.version, modules, tuple(own), chosen)
        provider = cls(spec, "", "", (spec,), (), chosen)
        try:
            (record,) = provider.registry().providers()
            provider.version = record["version"]
        except FaultError as error:
            if error.fault.stage == "import" and f"No module named '{name}'" in error.fault.reason:
                raise UnknownProviderError(
                    f"no installed distribution provides {spec!r} and there is no module of that name; give the "
                    "distribution's name or the plug-in module of its entry points, and install it first"
                ) from None
            provider.faults.append(error.fault)
            provider._registries[windows.NEWEST] = Registry(discover=False, policies=[])
        return provider

    def registry(self, version: str = windows.NEWEST) -> Registry:
        """A registry with this provider only, behaving as that Windows, without the operator's policies."""
        if version not in self._registries:
            if self.distribution:
                made = Registry(allow=[self.distribution], block=[], windows=version, strict=False, policies=[])
            else:
                made = Registry(plugins=[self.spec], windows=version, strict=False, policies=[])
            self._registries[version] = made
        return self._registries[version]

    @cached_property
    def implementations(self) -> "tuple[Implementation, ...]":
        """Every implementation it registers, of every algorithm."""
        registry = self.registry()
        if self.distribution:
            registry.load_all()
            self.faults += registry.faults()
        own = set(registry.algorithms()) | {name for name, _ in self.points}
        return tuple(Implementation(self, candidate) for name in sorted(own) for candidate in registry.candidates(name))

    @property
    def name(self) -> str:
        return self.distribution or self.spec

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({', '.join(self.modules)})"


listeners: "list[Callable[[str], None]]" = []
"""Told of work that may take minutes, before it begins; the pytest plug-in writes it to the terminal."""

_LONG = 4096
"""Bits from which a key may take long to make."""


class Implementation:
    """One implementation of one algorithm."""

    def __init__(self, provider: Provider, candidate: Candidate) -> None:
        self.provider = provider
        self.candidate = candidate
        self.algorithm: Algorithm = candidate.algorithm
        self.registry = provider.registry()

    @property
    def options(self) -> Options:
        return self.provider.options

    @property
    def name(self) -> str:
        return f"{self.algorithm.name} ({self.algorithm.implementation})"

    @cached_property
    def opened(self) -> AlgorithmProvider:
        """The algorithm, opened once; for whatever does not set anything on it."""
        return self.open()

    def open(self, flags: int = 0, version: str = windows.NEWEST) -> AlgorithmProvider:
        """Open the algorithm, as the Windows of that version."""
        registry = self.provider.registry(version)
        return registry.open_algorithm_provider(self.algorithm.name, self.algorithm.implementation, flags)

    @contextmanager
    def as_default(self) -> Iterator[Registry]:
        """The flat API works on this provider's registry in the block."""
        with registries.using(self.registry):
            yield self.registry

    def unavailable(self) -> str:
        """Why it cannot work on this machine, by its own probe; empty if it can."""
        error = self.candidate.unavailable()
        return "" if error is None else f"{error.reason}. {error.remedy}".strip()

    @cached_property
    def factory_works(self) -> bool:
        """Whether the factory can be made."""
        return status_of(self.candidate.factory)[0].is_success

    @property
    def has_keys(self) -> bool:
        return self.algorithm.key_lengths is not None

    def properties(self, phase: str, access: str) -> list[Property]:
        """The declared properties that can be read ("r") or set ("w") in a phase."""
        return [one for one in self.algorithm.properties.values() if access in getattr(one.when, phase)]

    @cached_property
    def kinds(self) -> "tuple[Kind, ...]":
        """The kinds of key that are tried: the cheapest and a common one, or with ``slow`` all there are."""
        if not self.has_keys:
            return ()
        everything = self.options.slow
        if self.algorithm.parameter_sets:
            names = [known.name for known in self.algorithm.parameter_sets]
            return tuple(Kind(self, 0, name) for name in (names if everything else names[:2]))
        chosen = self._to_be_chosen()
        if chosen is not None:
            values = chosen.values or ()
            picked = values if everything else _one_of_each(chosen.name, values)
            return tuple(Kind(self, 0, None, {chosen.name: value}) for value in picked)
        return tuple(Kind(self, bits) for bits in self.lengths(everything))

    def _to_be_chosen(self) -> Property | None:
        """A settable property with listed values and no default: a curve to be named before Finalize."""
        rule = self.algorithm.key_lengths
        if rule is None or not rule.accepts(0, {}):
            return None
        for one in self.properties("empty", "w"):
            if one.values and one.value is None:
                return one
        return None

    def lengths(self, everything: bool = False) -> list[int]:
        """Legal lengths to try: the shortest and a common one; with ``everything`` more, of what is made in seconds."""
        rule = self.algorithm.key_lengths
        if rule is None:
            return []
        rule = rule.for_windows(self.registry.settings.windows)
        told = rule.key_lengths()
        common = [bits for bits in _COMMON if rule.accepts(bits, {})]
        if told is None:
            return [bits for bits in (0, *common) if rule.accepts(bits, {})][:2]
        found = [told.minimum, *common[:1]]
        if everything:
            found += [told.minimum + told.step, *common[1:]]
        most = self.options.longest or max(found)
        legal = [bits for bits in dict.fromkeys(found) if rule.accepts(bits, {})]
        return [bits for bits in legal if bits <= most] or legal[:1]


def _one_of_each(name: str, values: Sequence[object]) -> list[object]:
    """Of the legal curves the shortest of every type and one of another length; of anything else the first two."""
    if name != _CURVE_NAMES:
        return list(values[:2])
    from cngcore.blobs.curves import CURVES, Curve

    known = sorted((CURVES[str(value)] for value in values if value in CURVES), key=lambda curve: curve.bits)
    picked: list[Curve] = []
    for curve in known:
        if curve.curve_type not in {other.curve_type for other in picked}:
            picked.append(curve)
    picked += [curve for curve in reversed(known) if curve.bits not in {other.bits for other in picked}][:1]
    return [curve.name for curve in picked] or list(values[:2])


class Kind:
    """One kind of key: a length, a parameter set, and what must be set before it is finalized."""

    def __init__(
        self,
        implementation: Implementation,
        length: int,
        parameter_set: str | None = None,
        settings: "dict[str, object] | None" = None,
    ) -> None:
        self.implementation = implementation
        self.length = length
        self.parameter_set = parameter_set
        self.settings = settings or {}
        self._seconds = 0.0
        self.none_made = ""  # once making one has failed: the reason to skip what needs one

    @property
    def algorithm(self) -> Algorithm:
        return self.implementation.algorithm

    @property
    def options(self) -> Options:
        return self.implementation.options

    def __str__(self) -> str:
        told = [f"set {self.parameter_set}"] if self.parameter_set else [str(value) for value in self.settings.values()]
        return ", ".join(told) or f"{self.length} bits"

    def open(self, flags: int = 0) -> AlgorithmProvider:
        """The algorithm, with the settings that an algorithm takes."""
        opened = self.implementation.open(flags)
        for name, value in self.settings.items():
            if "w" in self.algorithm.properties[name].when.algorithm:
                opened.set_property(name, value)
        return opened

    @cached_property
    def opened(self) -> AlgorithmProvider:
        return self.open()

    def empty(self, opened: AlgorithmProvider | None = None) -> KeyPair:
        """A key of this kind, not finalized."""
        key = (opened or self.opened).generate_key_pair(self.length)
        for name, value in self.settings.items():
            if "w" not in self.algorithm.properties[name].when.algorithm:
                key.set_property(name, value)
        if self.parameter_set is not None:
            key.set_property("ParameterSetName", self.parameter_set)
        return key

    def new(self, opened: AlgorithmProvider | None = None) -> KeyPair:
        """A new finalized key of this kind. Skips where the provider makes none, fails where making one fails, once."""
        if self.none_made:
            raise Skip(self.none_made)
        key = self.empty(opened)
        if self.length >= _LONG:
            for listener in listeners:
                listener(f"making a key of {self.length} bits: {self.implementation.name}")
        begun = time.perf_counter()
        status, said = status_of(key.finalize)
        self._seconds = self._seconds or time.perf_counter() - begun
        if status == NTStatus.STATUS_NOT_SUPPORTED:
            raise Skip(f"it makes no key pairs: {said}")
        if status != NTStatus.STATUS_SUCCESS:
            self.none_made = f"no key of {self} can be made, as an earlier check tells"
            narrower = "declare a narrower length rule (one may be narrower than Windows')"
            raise Failure(
                "STATUS_SUCCESS",
                f"{status.name}: {said}",
                f"finalizing a new key of {self}",
                f"Make every key that the declaration allows; where the library cannot, {narrower}."
                if self.length
                else "",
            )
        return key

    @cached_property
    def key(self) -> KeyPair:
        """One finalized key for everything that leaves it as it is."""
        return self.new()

    @cached_property
    def another(self) -> KeyPair:
        """A second one."""
        return self.new()

    def affordable(self, seconds: float, most: int, least: int = 2) -> int:
        """How many new keys fit the time, by what the first one took."""
        _ = self.key
        return max(least, min(most, int(seconds / max(self._seconds, 1e-6))))

    def blob_types(self, *, private: bool | None = None, imports: bool = False, exports: bool = False) -> list[str]:
        """Names of the declared blob types that are so."""
        return [
            one.name
            for one in self.algorithm.blob_types.values()
            if (private is None or one.private is private)
            and (one.imports or not imports)
            and (one.exports or not exports)
            and one.name not in self.without_room
        ]

    @cached_property
    def without_room(self) -> frozenset[str]:
        """Forms of CryptoAPI that have no room for a key of this kind (DSA above 1024 bits).

        contract: rule-layout-legacy.
        """
        legacy = [one.name for one in self.algorithm.blob_types.values() if "CAPI" in one.name and one.exports]
        return frozenset(
            name for name in legacy if status_of(self.key.export, name)[0] == NTStatus.STATUS_NOT_SUPPORTED
        )

    def public_blob_type(self) -> str:
        """The first public blob type that goes both ways; Skip where there is none."""
        for name in self.blob_types(private=False, imports=True, exports=True):
            return name
        raise Skip("no public blob type goes both ways")

    def private_blob_type(self) -> str:
        """The first private blob type that goes both ways; Skip where there is none."""
        for name in self.blob_types(private=True, imports=True, exports=True):
            return name
        raise Skip("no private blob type goes both ways")

    def public_only(self, key: KeyPair | None = None) -> KeyPair:
        """A key with the public half only, by way of a blob where there is one."""
        source = key or self.key
        try:
            name = self.public_blob_type()
        except Skip:
            return source.public()
        return self.opened.import_key_pair(name, source.export(name))

    def reimported(self, key: KeyPair) -> KeyPair:
        """The same key pair by way of a private blob; the key itself where there is none."""
        for name in self.blob_types(private=True, imports=True, exports=True):
            return self.imported(name, key.export(name))
        return key

    def imported(self, blob_type: str, blob: object, flags: int = 0) -> KeyPair:
        return self.opened.import_key_pair(blob_type, blob, flags)

    def properties_to_refuse(self) -> list[Property]:
        """Properties that can be set before Finalize and no longer after; the key's own KeyLength may be."""
        return [one for one in self.implementation.properties("empty", "w") if one.name != "KeyLength"]

    def flat(self, *, finalize: bool = True) -> tuple[int, int]:
        """Handles of the algorithm and of a new key of this kind, made by the flat API."""
        algorithm = granted(bcrypt.BCryptOpenAlgorithmProvider, self.algorithm.name, self.algorithm.implementation)
        on_algorithm = {n: v for n, v in self.settings.items() if "w" in self.algorithm.properties[n].when.algorithm}
        for name, value in on_algorithm.items():
            granted(bcrypt.BCryptSetProperty, algorithm, name, encode(value))
        key = granted(bcrypt.BCryptGenerateKeyPair, algorithm, self.length)
        on_key = {n: v for n, v in self.settings.items() if n not in on_algorithm}
        if self.parameter_set is not None:
            on_key["ParameterSetName"] = self.parameter_set
        for name, value in on_key.items():
            granted(bcrypt.BCryptSetProperty, key, name, encode(value))
        if finalize:
            _ = self.key  # skips where no keys are made
            granted(bcrypt.BCryptFinalizeKeyPair, key)
        return algorithm, key

    @contextmanager
    def flat_key(self) -> Iterator[tuple[int, int]]:
        """The handles of :meth:`flat` in the block; both are given back after it, also where a check fails."""
        algorithm, key = self.flat()
        try:
            yield algorithm, key
        except BaseException:
            bcrypt.BCryptDestroyKey(key)
            bcrypt.BCryptCloseAlgorithmProvider(algorithm)
            raise
        granted(bcrypt.BCryptDestroyKey, key)
        granted(bcrypt.BCryptCloseAlgorithmProvider, algorithm)

    def value(self, name: str) -> object:
        """A property of the finalized key; None where it has none."""
        try:
            return self.key.get_property(name)
        except (NotSupportedError, InvalidParameterError):
            return None


def others(one: Implementation) -> list[Implementation]:
    """Every other installed implementation of the same algorithm, available on this machine."""
    everything = Registry(strict=False, windows=windows.NEWEST, policies=())
    found = []
    for candidate in everything.candidates(one.algorithm.name):
        if (candidate.distribution, candidate.implementation) == (
            one.candidate.distribution,
            one.candidate.implementation,
        ):
            continue
        if candidate.unavailable() is not None:
            continue
        stranger = Provider(candidate.distribution, candidate.distribution, candidate.version, (), (), one.options)
        stranger._registries[windows.NEWEST] = everything
        found.append(Implementation(stranger, candidate))
    return found
