"""The installed providers, and the choice among them.

:class:`Registry` is one application's view; the functions of ``import cngcore`` and the flat API use the
:func:`default` one. :class:`Explanation` says why an implementation was chosen, and :class:`Fault` why a plug-in was
skipped. :mod:`cngcore.registry.hookspecs` lists the hooks of plug-ins.
"""

from __future__ import annotations

from cngcore.registry._choice import Explanation, Verdict
from cngcore.registry._default import default, lock_installed, using
from cngcore.registry._discovery import ALGORITHMS, HOOKS, Discovery, discover, normalized
from cngcore.registry._faults import Fault, FaultError
from cngcore.registry._key_defaults import DEFAULT_LENGTH, DEFAULT_PARAMETER_SETS, one_step_names
from cngcore.registry._registry import Registry
from cngcore.registry._settings import Settings, config_path

__all__ = [
    "ALGORITHMS",
    "DEFAULT_LENGTH",
    "DEFAULT_PARAMETER_SETS",
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
    "one_step_names",
    "using",
]


def __dir__() -> list[str]:
    return sorted(__all__)
