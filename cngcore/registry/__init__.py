"""The installed providers, and the choice among them.

:class:`Registry` is one application's view; the functions of ``import cngcore`` and the flat API use the
:func:`default` one. :class:`Explanation` says why an implementation was chosen, and :class:`Fault` why a plug-in was
skipped. :mod:`cngcore.registry.hookspecs` lists the hooks of plug-ins.
"""

from __future__ import annotations

from _thread import RLock
from typing import TYPE_CHECKING

from cngcore._forks import held_over_fork
from cngcore.registry._choice import Explanation, Verdict
from cngcore.registry._discovery import ALGORITHMS, HOOKS, Discovery, discover, normalized
from cngcore.registry._faults import Fault, FaultError
from cngcore.registry._registry import Registry
from cngcore.registry._settings import Settings, config_path

if TYPE_CHECKING:
    from cngcore.registry._lock import ProviderLock

__all__ = [
    "ALGORITHMS",
    "HOOKS",
    "Discovery",
    "Explanation",
    "Fault",
    "FaultError",
    "Registry",
    "Settings",
    "Verdict",
    "config_path",
    "default",
    "discover",
    "lock_installed",
    "normalized",
    "using",
]

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
