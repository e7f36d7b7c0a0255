"""Describe what is tested: a provider, its implementations, and the kinds of key that each can make.

Everything is read from the declarations of the provider. The length rule, the parameter sets and the listed values of
settable properties determine the kinds of key; the algorithm's name does not matter.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property

from cngcore import registry as registries
from cngcore import windows
from cngcore._imports import resolve
from cngcore._values import encode
from cngcore.bcrypt import open_handles
from cngcore.conformance._check import Failure, Skip, bcrypt, granted, same, status_of
from cngcore.objects import AlgorithmProvider, KeyPair, Origin
from cngcore.objects import Implementation as Candidate
from cngcore.provider import Algorithm, KitData, Property
from cngcore.registry import Fault, FaultError, Registry, discover, normalized
from cngcore.status import InvalidParameterError, NotSupportedError, NTStatus

__all__ = ["Clock", "Implementation", "Kind", "Options", "Provider", "UnknownProviderError"]

_COMMON = (2048, 3072, 1024, 256, 384, 521, 512)
_CURVE_NAMES = "ECCCurveName"
_FEW, _SHORT = 8, 1024
"""An algorithm with that many lengths at most, and none longer, is tested with all of them."""


class UnknownProviderError(LookupError):
    """Neither an installed distribution nor an importable module has the requested name."""


@dataclass(frozen=True)
class Options:
    """How thorough the tests are: ``slow`` tests every length and set; ``vectors`` is a path with more vectors, or "".

    ``longest`` limits the bits of a key; 0 means no limit. Raise FileNotFoundError if ``vectors`` does not exist.
    """

    slow: bool = False
    vectors: str = ""
    longest: int = 0

    def __post_init__(self) -> None:
        if self.vectors and not os.path.exists(self.vectors):
            raise FileNotFoundError(f"there are no vectors at {self.vectors}: no such file or folder")


class Clock:
    """The time that work takes since this was made: that of its own thread, so that a busy machine does not count.

    Work that waits, for a token or another process, has a quarter of its time on the wall counted.
    """

    __slots__ = ("_thread", "_wall")

    def __init__(self) -> None:
        self._thread, self._wall = time.thread_time(), time.perf_counter()

    @property
    def seconds(self) -> float:
        return max(time.thread_time() - self._thread, (time.perf_counter() - self._wall) / 4)


@dataclass
class Provider:
    """The provider under test, alone in its own registry."""

    spec: str
    distribution: str
    version: str
    modules: tuple[str, ...]
    points: tuple[tuple[str, Origin], ...]
    options: Options
    faults: list[Fault] = field(default_factory=list)
    _registries: dict[str, Registry] = field(default_factory=dict)

    @classmethod
    def find(cls, spec: str, options: Options | None = None) -> Provider:
        """Return the provider that ``spec`` names: a distribution, a plug-in module, or both as
        ``distribution:module``.

        A module that belongs to no installed distribution is registered directly, and checks of metadata are skipped.
        Raise UnknownProviderError if there is neither.
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
        """Return a registry with only this provider, which behaves as that Windows and has no policies."""
        if version not in self._registries:
            if self.distribution:
                made = Registry(allow=[self.distribution], block=[], windows=version, strict=False, policies=[])
            else:
                made = Registry(plugins=[self.spec], windows=version, strict=False, policies=[])
            self._registries[version] = made
        return self._registries[version]

    @cached_property
    def implementations(self) -> tuple[Implementation, ...]:
        """Return every implementation that the provider registers, of every algorithm."""
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


listeners: list[Callable[[str], None]] = []
"""Functions that are called before work that may take minutes; the pytest plug-in prints the message."""

_LONG = 4096
"""Bits above which a key may take long to make."""


class Implementation:
    """One implementation of one algorithm."""

    def __init__(self, provider: Provider, candidate: Candidate) -> None:
        self.provider = provider
        self.candidate = candidate
        self.algorithm: Algorithm = candidate.algorithm
        self.registry = provider.registry()
        self.stuck = ""  # the check that did not end, if there was one

    @property
    def options(self) -> Options:
        return self.provider.options

    @property
    def name(self) -> str:
        return f"{self.algorithm.name} ({self.algorithm.implementation})"

    @cached_property
    def opened(self) -> AlgorithmProvider:
        """The algorithm, opened once, for uses that set nothing on it."""
        return self.open()

    def open(self, flags: int = 0, version: str = windows.NEWEST) -> AlgorithmProvider:
        """Open the algorithm, as the Windows of that version."""
        registry = self.provider.registry(version)
        return registry.open_algorithm_provider(self.algorithm.name, self.algorithm.implementation, flags)

    @contextmanager
    def as_default(self) -> Iterator[Registry]:
        """Make the flat API use the registry of this provider in the block."""
        with registries.using(self.registry):
            yield self.registry

    def unavailable(self) -> str:
        """Return why the probe says that it cannot work on this machine, or ""."""
        error = self.candidate.unavailable()
        return "" if error is None else f"{error.reason}. {error.remedy}".strip()

    @cached_property
    def factory_works(self) -> bool:
        """Return whether the factory can be made."""
        return status_of(self.candidate.factory)[0].is_success

    @cached_property
    def kit_data(self) -> KitData:
        """Return what the provider brings for this algorithm. The check ``declaration`` reports an error in it."""
        if self.algorithm.kit_data is None:
            return KitData()
        found = resolve(self.algorithm.kit_data)
        made = found() if callable(found) else found
        if not isinstance(made, KitData):
            raise Failure("a KitData", type(made).__name__, "calling kit_data")
        return made

    @property
    def has_keys(self) -> bool:
        return self.algorithm.has_key_pairs

    def properties(self, phase: str, access: str) -> list[Property]:
        """Return the declared properties that can be read ("r") or set ("w") in a phase."""
        return [one for one in self.algorithm.properties.values() if access in getattr(one.when, phase)]

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """Return the kinds of key to test: the cheapest and a common one, or with ``slow`` all."""
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
        """Return a settable property with listed values and no default, such as a curve that must be set before
        Finalize.
        """
        rule = self.algorithm.key_lengths
        if rule is None or not rule.accepts(0, {}):
            return None
        for one in self.properties("empty", "w"):
            if one.values and one.value is None:
                return one
        return None

    def lengths(self, everything: bool = False) -> list[int]:
        """Return legal lengths to test: the shortest and a common one; with ``everything`` all that take seconds."""
        rule = self.algorithm.key_lengths
        if rule is None:
            return []
        rule = rule.for_windows(self.registry.settings.windows)
        limits = rule.key_lengths()
        common = [bits for bits in _COMMON if rule.accepts(bits, {})]
        if limits is None:
            return [bits for bits in (0, *common) if rule.accepts(bits, {})][:2]
        found = [limits.minimum, *common[:1]]
        if limits.step and limits.maximum <= _SHORT and (limits.maximum - limits.minimum) // limits.step < _FEW:
            found = list(range(limits.minimum, limits.maximum + 1, limits.step))
        if everything:
            found += [limits.minimum + limits.step, *common[1:]]
        most = self.options.longest or max(found)
        legal = [bits for bits in dict.fromkeys(found) if rule.accepts(bits, {})]
        return [bits for bits in legal if bits <= most] or legal[:1]


def _one_of_each(name: str, values: Sequence[object]) -> list[object]:
    """Return the shortest curve of every type and one of another length; for other properties the first two values."""
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
    """One kind of key: a length, a parameter set, and the properties to set before it is finalized."""

    def __init__(
        self,
        implementation: Implementation,
        length: int,
        parameter_set: str | None = None,
        settings: dict[str, object] | None = None,
    ) -> None:
        self.implementation = implementation
        self.length = length
        self.parameter_set = parameter_set
        self.settings = settings or {}
        self._seconds = 0.0
        self.arithmetic_seconds = 0.0  # spent on verifying signatures by arithmetic
        self.none_made = ""  # the reason to skip, once making a key has failed

    @property
    def algorithm(self) -> Algorithm:
        return self.implementation.algorithm

    @property
    def options(self) -> Options:
        return self.implementation.options

    def __str__(self) -> str:
        parts = (
            [f"set {self.parameter_set}"] if self.parameter_set else [str(value) for value in self.settings.values()]
        )
        return ", ".join(parts) or f"{self.length} bits"

    def open(self, flags: int = 0) -> AlgorithmProvider:
        """Open the algorithm and set the properties that belong to it."""
        opened = self.implementation.open(flags)
        for name, value in self.settings.items():
            if "w" in self.algorithm.properties[name].when.algorithm:
                opened.set_property(name, value)
        return opened

    @cached_property
    def opened(self) -> AlgorithmProvider:
        return self.open()

    def empty(self, opened: AlgorithmProvider | None = None) -> KeyPair:
        """Return a key of this kind that is not finalized."""
        key = (opened or self.opened).generate_key_pair(self.length)
        for name, value in self.settings.items():
            if "w" not in self.algorithm.properties[name].when.algorithm:
                key.set_property(name, value)
        if self.parameter_set is not None:
            key.set_property("ParameterSetName", self.parameter_set)
        return key

    def new(self, opened: AlgorithmProvider | None = None) -> KeyPair:
        """Return a new finalized key. Raise Skip if the provider makes none, and Failure, once, if that fails."""
        if self.none_made:
            raise Skip(self.none_made)
        key = self.empty(opened)
        if self.length >= _LONG:
            for listener in listeners:
                listener(f"making a key of {self.length} bits: {self.implementation.name}")
        clock = Clock()
        status, reason = status_of(key.finalize)
        self._seconds = self._seconds or clock.seconds
        if status == NTStatus.STATUS_NOT_SUPPORTED:
            raise Skip(f"it makes no key pairs: {reason}")
        if status != NTStatus.STATUS_SUCCESS:
            self.none_made = f"no key of {self} can be made, as an earlier check reports"
            narrower = "declare a narrower length rule (one may be narrower than Windows')"
            raise Failure(
                "STATUS_SUCCESS",
                f"{status.name}: {reason}",
                f"finalizing a new key of {self}",
                f"Make every key that the declaration allows; where the library cannot, {narrower}."
                if self.length
                else "",
            )
        return key

    @cached_property
    def key(self) -> KeyPair:
        """One finalized key, for uses that do not change it."""
        return self.new()

    @cached_property
    def another(self) -> KeyPair:
        """A second finalized key."""
        return self.new()

    def affordable(self, seconds: float, most: int, least: int = 2) -> int:
        """Return how many new keys fit the time, judged by the first one."""
        _ = self.key
        return max(least, min(most, int(seconds / max(self._seconds, 1e-6))))

    @staticmethod
    def quick(call: Callable[[], object], seconds: float, most: int, least: int = 2) -> int:
        """Return how many calls fit the time, judged by the second of two."""
        call()
        clock = Clock()
        call()
        return max(least, min(most, int(seconds / max(clock.seconds, 1e-6))))

    def blob_types(self, *, private: bool | None = None, imports: bool = False, exports: bool = False) -> list[str]:
        """Return the names of the declared blob types with these qualities."""
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
        """The CryptoAPI blob types that cannot hold a key of this kind (DSA above 1024 bits).

        contract: rule-layout-legacy.
        """
        legacy = [one.name for one in self.algorithm.blob_types.values() if "CAPI" in one.name and one.exports]
        return frozenset(
            name for name in legacy if status_of(self.key.export, name)[0] == NTStatus.STATUS_NOT_SUPPORTED
        )

    def public_blob_type(self) -> str:
        """Return the first public blob type that is both exported and imported. Raise Skip if there is none."""
        for name in self.blob_types(private=False, imports=True, exports=True):
            return name
        raise Skip("no public blob type is both exported and imported")

    def private_blob_type(self) -> str:
        """Return the first private blob type that is both exported and imported. Raise Skip if there is none."""
        for name in self.blob_types(private=True, imports=True, exports=True):
            return name
        raise Skip("no private blob type is both exported and imported")

    def public_only(self, key: KeyPair | None = None) -> KeyPair:
        """Return a key with only the public half, imported from a blob if possible."""
        source = key or self.key
        try:
            name = self.public_blob_type()
        except Skip:
            return source.public()
        return self.opened.import_key_pair(name, source.export(name))

    def reimported(self, key: KeyPair) -> KeyPair:
        """Return the same key pair, imported from a private blob; the key itself if there is no such type."""
        for name in self.blob_types(private=True, imports=True, exports=True):
            return self.imported(name, key.export(name))
        return key

    def imported(self, blob_type: str, blob: bytes | bytearray, flags: int = 0) -> KeyPair:
        return self.opened.import_key_pair(blob_type, blob, flags)

    def properties_to_refuse(self) -> list[Property]:
        """Return the properties that can be set only before Finalize, without KeyLength."""
        return [one for one in self.implementation.properties("empty", "w") if one.name != "KeyLength"]

    def flat(self, *, finalize: bool = True) -> tuple[int, int]:
        """Return handles of the algorithm and of a new key of this kind, made by the flat API."""
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
            _ = self.key  # skips if no keys are made
            granted(bcrypt.BCryptFinalizeKeyPair, key)
        return algorithm, key

    @contextmanager
    def no_handle_left(self, doing: str) -> Iterator[None]:
        """Raise Failure if a handle that was made in the block is open after it.

        The keys that this object keeps are made before: a provider over cngcore itself holds a handle for each.
        """
        with suppress(Skip):
            _ = self.key, self.without_room
        before = open_handles()
        yield
        same(open_handles(), before, doing)

    @contextmanager
    def flat_key(self) -> Iterator[tuple[int, int]]:
        """Provide the handles of :meth:`flat` in the block and release them after it, even if a check fails."""
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
        """Return a property of the finalized key, or None."""
        try:
            return self.key.get_property(name)
        except (NotSupportedError, InvalidParameterError):
            return None


def others(one: Implementation) -> list[Implementation]:
    """Return every other installed implementation of the same algorithm that works on this machine."""
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
