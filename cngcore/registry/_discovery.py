"""Which plug-ins are installed, from the entry points of distributions. Nothing of a plug-in is imported here.

Two groups count: ``cngcore.algorithms`` (name = algorithm, value = plug-in module) and ``cngcore.hooks`` (plug-ins that
only choose, judge or listen). ``importlib_metadata`` reads them, once in a process.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from cngcore._diagnostics import describe
from cngcore.objects import Origin
from cngcore.registry._faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from importlib_metadata import EntryPoint

ALGORITHMS = "cngcore.algorithms"
HOOKS = "cngcore.hooks"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Discovery:
    """The plug-ins by the algorithm that they promise, the plug-ins with hooks, and unreadable distributions."""

    algorithms: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    hooks: tuple[Origin, ...] = ()
    faults: tuple[Fault, ...] = ()

    def promised_by(self, origin: Origin) -> tuple[str, ...]:
        """Return the algorithms that the entry points of a plug-in promise."""
        return tuple(name for name, origins in self.algorithms.items() if origin in origins)


def normalized(name: str) -> str:
    """Return a distribution's name in the form in which package indexes compare names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).strip("-").lower()


def discover() -> Discovery:
    """Return what is installed. The scan happens once in a process, and again when ``sys.path`` or a folder changes."""
    return _scan(tuple((folder, _changed(folder)) for folder in sys.path), len(sys.meta_path))


def _changed(folder: str) -> int:
    try:
        return os.stat(folder or ".").st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=1)
def _scan(_path: tuple[tuple[str, int], ...], _finders: int) -> Discovery:
    import importlib_metadata  # 25 ms that a registry with named plug-ins saves

    faults: list[Fault] = []
    try:
        points: Iterable[EntryPoint] = importlib_metadata.entry_points()
    except Exception:  # one broken distribution spoils the whole call: read them one by one
        points = []
        for distribution in importlib_metadata.distributions():
            try:
                points += [point for point in distribution.entry_points if point.group in (ALGORITHMS, HOOKS)]
            except Exception as error:
                origin = Origin(str(distribution._path) if hasattr(distribution, "_path") else "unknown", "", "")
                reason, remedy = f"its entry points cannot be read: {describe(error)}", "Reinstall or remove it."
                faults.append(Fault(origin, "discover", reason, remedy))
    algorithms: dict[str, list[Origin]] = {}
    hooks: list[Origin] = []
    known: dict[int, tuple[str, str]] = {}
    for point in points:
        if point.group not in (ALGORITHMS, HOOKS):
            continue
        try:
            name, version = known.get(id(point.dist)) or known.setdefault(id(point.dist), _name_and_version(point))
            origin = Origin(name, version, point.value.partition("[")[0].strip())
        except Exception as error:
            reason = f"its metadata cannot be read: {describe(error)}"
            faults.append(Fault(Origin("unknown", "", point.value), "discover", reason, "Reinstall or remove it."))
            continue
        if point.group == HOOKS:
            hooks.append(origin)
        else:
            algorithms.setdefault(point.name, []).append(origin)
    by_name = {name: tuple(origins) for name, origins in algorithms.items()}
    return Discovery(by_name, tuple(hooks), tuple(faults))


def _name_and_version(point: EntryPoint) -> tuple[str, str]:
    """Return normalized name and version of a distribution, without email's parser, which takes 12 ms to import."""
    distribution = point.dist
    assert distribution is not None  # noqa: S101 - entry_points() sets it on every point
    headers = (distribution.read_text("METADATA") or "").partition("\n\n")[0].splitlines()
    found = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in headers if line[:1].isalpha()}
    if "name" in found and "version" in found:
        return normalized(found["name"]), found["version"]
    return normalized(distribution.name), distribution.version
