"""Time each operation of each implementation for ``cng bench``, beside the empty cycle of the core."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from cngcore.conformance.walk import empty_key, keyless_steps, uses, variants
from cngcore.objects import AlgorithmProvider, Implementation, KeyPair
from cngcore.provider import Algorithm, ExactLength, KeyFactory, KeyMaterial, KeyRequest, hookimpl
from cngcore.registry import Registry
from cngcore.status import CngError

ROUNDS = 5
"""A figure is the median of this number of rounds."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The microseconds of one call of an operation: the median, the least and the most of the rounds."""

    algorithm: str
    variant: str
    implementation: str
    operation: str
    median: float
    least: float
    most: float

    @classmethod
    def of(cls, algorithm: str, variant: str, implementation: str, operation: str, rounds: list[float]) -> Timing:
        """Return the timing of an operation, given the seconds of a call in each round."""
        figures = (statistics.median(rounds), min(rounds), max(rounds))
        return cls(algorithm, variant, implementation, operation, *(seconds * 1e6 for seconds in figures))


def measure(call: Callable[[], object], seconds: float) -> list[float]:
    """Return the seconds of a call in each round. A round calls as often as fits its part of ``seconds``, at least
    once.
    """
    begun = time.perf_counter()
    call()
    once = time.perf_counter() - begun
    number = max(1, int(seconds / ROUNDS / max(once, 1e-7)))
    rounds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(number):
            call()
        rounds.append((time.perf_counter() - begun) / number)
        if once > seconds:
            break
    return rounds


def empty_cycle(seconds: float) -> Timing:
    """Time generate, finalize and destroy with a back end that does nothing: the time of the core itself."""

    class Nothing(KeyMaterial):
        __slots__ = ()

        @property
        def has_private(self) -> bool:
            return True

    nothing = Nothing()

    class NothingFactory(KeyFactory):
        def generate(self, request: KeyRequest) -> KeyMaterial:
            return nothing

    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self) -> list[Algorithm]:
            return [Algorithm("EMPTY", "none", {"sign"}, ExactLength(256), factory=NothingFactory)]

    registry = Registry(discover=False, policies=())
    registry.register(Plugin())
    with registry.open_algorithm_provider("EMPTY") as provider:
        rounds = measure(partial(_cycle, partial(provider.generate_key_pair, 256)), seconds)
    return Timing.of("(empty cycle)", "", "none", "generate", rounds)


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """An implementation that could not be timed, and the reason."""

    algorithm: str
    implementation: str
    reason: str

    def __str__(self) -> str:
        return f"{self.algorithm} ({self.implementation}): {self.reason}"


@dataclass(frozen=True, slots=True)
class Job:
    """The timings of one implementation with one kind of key."""

    algorithm: str
    variant: str
    candidate: Implementation

    def __str__(self) -> str:
        return f"{self.algorithm} {self.variant}".rstrip() + f" ({self.candidate.implementation})"

    @property
    def names(self) -> tuple[str, str]:
        """Return the algorithm and the implementation."""
        return self.algorithm, self.candidate.implementation

    def run(self, registry: Registry, seconds: float) -> Iterator[Timing | Unmeasured]:
        """Yield the timing of each operation; if the implementation fails, the reason comes last."""
        try:
            yield from self._timings(registry, seconds)
        except CngError as error:
            yield Unmeasured(self.algorithm, self.candidate.implementation, str(error))

    def _timings(self, registry: Registry, seconds: float) -> Iterator[Timing]:
        name, implementation = self.algorithm, self.candidate.implementation
        with registry.open_algorithm_provider(name, implementation) as provider:
            if not self.candidate.algorithm.has_key_pairs:
                for use in keyless_steps(provider):
                    for operation, call in use.calls().items():
                        yield Timing.of(name, "", implementation, operation, measure(call, seconds))
                return
            for operation, call in _operations(provider, self.variant):
                try:
                    rounds = measure(call, seconds)
                except CngError:
                    continue  # this kind of key does not have the operation
                yield Timing.of(name, self.variant, implementation, operation, rounds)


def jobs(registry: Registry, names: list[str]) -> list[Job]:
    """Return what there is to time: each implementation that works here, with each kind of key."""
    found = []
    for name in names or registry.algorithms():
        candidates = registry.candidates(name)
        if not candidates:
            registry.explain(name).required()
        for candidate in candidates:
            if candidate.unavailable() is None:
                declared = candidate.algorithm
                kinds = variants(declared, registry.settings.windows) if declared.has_key_pairs else [""]
                found += [Job(name, variant, candidate) for variant in kinds]
    return found


def compared(timings: Sequence[Timing]) -> dict[Timing, float]:
    """Return how many times the fastest implementation each timing takes, where several do the same."""
    groups: dict[tuple[str, str, str], list[Timing]] = {}
    for one in timings:
        groups.setdefault((one.algorithm, one.variant, one.operation), []).append(one)
    return {
        one: one.median / min(other.median for other in group)
        for group in groups.values()
        if len(group) > 1
        for one in group
    }


def _cycle(make: Callable[[], KeyPair]) -> None:
    key = make()
    key.finalize()
    key.destroy()


def _operations(provider: AlgorithmProvider, variant: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the operations of such a key, each with its name."""
    declared = provider.declaration
    yield "generate", partial(_cycle, partial(empty_key, provider, variant))
    key = empty_key(provider, variant)
    key.finalize()
    for use in uses(provider, key):
        yield from use.calls().items()
    for private in (False, True):
        kinds = [kind for kind in declared.blob_types.values() if kind.private is private]
        name = next((kind.name for kind in kinds if kind.imports and kind.exports), None)
        if name is not None:
            yield f"export {name}", partial(key.export, name)
            yield f"import {name}", partial(_import, provider, name, key.export(name))


def _import(provider: AlgorithmProvider, blob_type: str, blob: bytes | bytearray) -> None:
    provider.import_key_pair(blob_type, blob).destroy()
