"""Measure the empty cycle: generate, finalize and destroy with a back end that does nothing, and with P-256."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from cryptography.hazmat.primitives.asymmetric import ec

import cngcore
from benchmarks.bounds import Bound, slowness_note
from benchmarks.harness import Figure, compare, ratio
from cngcore import bcrypt
from cngcore.provider import Algorithm, ExactLength, KeyFactory, KeyMaterial, KeyRequest, hookimpl

CROWD = 50


class NullKey(KeyMaterial):
    """Material that costs nothing."""

    __slots__ = ()

    @property
    def has_private(self) -> bool:
        return True


NULL = NullKey()


class NullFactory(KeyFactory):
    """Return the same material for every key."""

    def generate(self, request: KeyRequest) -> KeyMaterial:
        return NULL


class NullProvider:
    """Serve the algorithms whose names it gets."""

    def __init__(self, *names: str) -> None:
        self._names = names

    @hookimpl
    def cngcore_register_algorithms(self) -> list[Algorithm]:
        return [Algorithm(name, "null", {"sign"}, ExactLength(256), factory=NullFactory) for name in self._names]


@contextmanager
def null_registry(crowd: int = 0) -> Iterator[cngcore.Registry]:
    """Return a registry that serves NULL, and other algorithms from ``crowd`` other providers."""
    registry = cngcore.Registry(discover=False)
    registry.register(NullProvider("NULL"))
    for number in range(crowd):
        registry.register(NullProvider(f"CROWD{number}"))
    with cngcore.registry.using(registry):
        yield registry


def object_cycle(provider: cngcore.AlgorithmProvider) -> None:
    """Run one cycle with the object API."""
    key = provider.generate_key_pair(256)
    key.finalize()
    key.destroy()


def flat_cycle(handle: int) -> None:
    """Run one cycle with the flat API."""
    _, key = bcrypt.BCryptGenerateKeyPair(handle, 256)
    bcrypt.BCryptFinalizeKeyPair(key)
    bcrypt.BCryptDestroyKey(key)


def cycles(algorithm: str) -> dict[str, Callable[[], None]]:
    """Return the two cycles of an algorithm of 256 bits, opened in the default registry."""
    status, handle = bcrypt.BCryptOpenAlgorithmProvider(algorithm)
    assert status == 0
    assert handle is not None
    return {
        "object": partial(object_cycle, cngcore.open_algorithm_provider(algorithm)),
        "flat": partial(flat_cycle, handle),
    }


def figures() -> Iterator[Figure]:
    request = KeyRequest(256, 0, {})
    factory = NullFactory(NullProvider("NULL").cngcore_register_algorithms()[0])
    with null_registry():
        alone = cycles("NULL")
        for api, limit in (("object", 0.9), ("flat", 1.4)):
            ours, theirs = compare(alone[api], partial(factory.generate, request))
            more = [a - b for a, b in zip(ours, theirs, strict=True)]
            sides = {"cngcore": ours, "bare": theirs}
            yield Figure("cycle", f"empty cycle, {api}", "us more", more, sides, Bound(limit, "1"), slowness_note())
    with null_registry(CROWD):
        among = cycles("NULL")
    for api, cycle in alone.items():
        labels = (f"with {CROWD} others", "alone")
        name = f"empty cycle with {CROWD} other providers, {api}"
        yield ratio("cycle", name, among[api], cycle, labels=labels, bound=Bound(1.10, "1"), rounds=15)
    curve = ec.SECP256R1()
    for (api, cycle), limit in zip(cycles("ECDSA_P256").items(), (1.20, 1.35), strict=True):
        bare = partial(ec.generate_private_key, curve)
        yield ratio("cycle", f"P-256 cycle, {api}", cycle, bare, bound=Bound(limit, "1"), rounds=25)
