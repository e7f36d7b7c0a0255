"""How every declaration of this provider is made, and the probe of an algorithm."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from cngcore.provider import Algorithm
from cngcore_windows.names import DISTRIBUTION, IMPLEMENTATION, RANK

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def declare(name: str, operations: set[str], factory: str, **more: Any) -> Algorithm:
    """Return a declaration of this provider."""
    return Algorithm(
        name,
        IMPLEMENTATION,
        operations,
        rank=RANK,
        factory=f"cngcore_windows.{factory}",
        probe=probe_of(name),
        back_end=DISTRIBUTION,
        releases_gil=True,
        **more,
    )


def adopted(declared: Algorithm, factory: str) -> Algorithm:
    """Return a declaration of :mod:`cngcore.families` as this provider's own.

    It cannot be opened at dispatch level: the library is not ours, so nobody knows what it loads.
    """
    same = {field.name: getattr(declared, field.name) for field in fields(declared)}
    for name in ("name", "operations", "rank", "factory", "probe", "back_end", "releases_gil", "implementation"):
        del same[name]
    same["properties"], same["blob_types"] = declared.properties.values(), declared.blob_types.values()
    same["dispatch_level"] = False
    return declare(declared.name, set(declared.operations), factory, **same)


def probe_of(name: str) -> Callable[[], None]:
    """Return the probe of an algorithm. It raises ProviderUnavailableError if the library does not have it."""

    def probe() -> None:
        from cngcore_windows import library

        library.probe(name)

    return probe
