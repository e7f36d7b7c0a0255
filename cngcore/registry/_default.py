"""The default registry, and what takes its place in a test."""

from __future__ import annotations

from _thread import RLock
from typing import TYPE_CHECKING

from cngcore._forks import held_over_fork
from cngcore.registry._registry import Registry

if TYPE_CHECKING:
    from cngcore.registry._lock import ProviderLock

_default: Registry | None = None
_lock = held_over_fork(RLock())


def default() -> Registry:
    """Return the registry that the module functions and the flat API use. The first call makes it."""
    global _default
    if _default is None:
        with _lock:
            if _default is None:
                _default = Registry()
    return _default


def lock_installed() -> ProviderLock:
    """Return the lock of all installed plug-ins, for ``cng providers lock``."""
    from cngcore.registry._lock import ProviderLock  # json and hashlib: only for a lock

    return ProviderLock.of_installed()


class using:  # noqa: N801 - reads as a preposition: `with using(registry)`
    """Context manager: ``registry`` is the default one in the block, for the whole process. Intended for tests."""

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
    def _swap(registry: Registry | None) -> Registry | None:
        global _default
        with _lock:
            before, _default = _default, registry
        return before
