"""The lock of the providers: which code was installed when the lock was written, file by file.

``cng providers lock`` writes it. If ``CNGCORE_LOCK`` names the file, code of a plug-in that differs is not imported.
A byte-code cache must be made from its source. A lock covers the modules that entry points name, with everything in
their packages. It does not cover what they depend on, nor this package: use the installer for that (``pip install
--require-hashes``). It does not protect against a person who can write to the installation (docs/decisions/trust.md).
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import struct
import sys
from dataclasses import dataclass, field, replace
from importlib.util import MAGIC_NUMBER, cache_from_source, find_spec
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from cngcore._diagnostics import describe
from cngcore.registry._discovery import discover
from cngcore.registry._faults import Fault
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.machinery import ModuleSpec
    from typing import Any

    from cngcore.objects import Origin
    from cngcore.provider import Algorithm

_VERSION = 1
_IMPORTABLE = (".py", ".so", ".pyd", ".dylib")


@dataclass(frozen=True, slots=True)
class ProviderLock:
    """The content of a lock file: distributions by name, each with its version and the SHA-256 of its files."""

    distributions: Mapping[str, Mapping[str, Any]]
    path: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Distributions that could not be locked, each with the reason; what a lock lacks is refused."""

    @classmethod
    def of_installed(cls) -> ProviderLock:
        """Return the lock of what is installed now, without distributions whose files are missing."""
        distributions: dict[str, dict[str, Any]] = {}
        left_out: dict[str, str] = {}
        found = discover()
        for origin in (*(one for origins in found.algorithms.values() for one in origins), *found.hooks):
            record = distributions.setdefault(origin.distribution, {"version": origin.version, "modules": {}})
            if origin.module not in record["modules"]:
                try:
                    record["modules"][origin.module] = {name: _digest(file) for name, file in _files_of(origin)}
                except InvalidParameterError as error:
                    left_out[origin.distribution] = error.message
        locked = {name: record for name, record in distributions.items() if name not in left_out}
        return cls(locked, left_out=left_out)

    @classmethod
    def read(cls, path: str) -> ProviderLock:
        """Return the lock in a file. Raise InvalidParameterError if it is missing or malformed."""
        try:
            content = json.loads(Path(path).read_bytes())
        except OSError as error:
            raise InvalidParameterError(
                f"the lock {path} cannot be read: {error.strerror}; write one: cng providers lock"
            ) from None
        except (ValueError, RecursionError) as error:
            raise InvalidParameterError(f"the lock {path} is not JSON: {error}") from None
        known = isinstance(content, dict) and content.get("cngcore_lock") == _VERSION
        distributions = content.get("distributions") if known else None
        if not isinstance(distributions, dict) or not all(map(_well_formed, distributions.values())):
            raise InvalidParameterError(f"{path} is not a lock of this version; write one: cng providers lock")
        return cls(distributions, path)

    def to_json(self) -> str:
        """Return the content of a lock file."""
        content = {"cngcore_lock": _VERSION, "distributions": self.distributions}
        return json.dumps(content, indent=1, sort_keys=True) + "\n"

    def refusal(self, origin: Origin) -> Fault | None:
        """Return why a plug-in must not be imported; None if it matches the lock."""
        try:
            reason = self._difference(origin)
        except (InvalidParameterError, OSError) as error:
            reason = describe(error)
        if not reason:
            return None
        remedy = f"If the change is intended, write the lock {self.path} again: cng providers lock. If not, reinstall "
        return Fault(origin, "lock", reason, f"{remedy}{origin.distribution}.")

    def refusal_of_declarations(self, origin: Origin, algorithms: Iterable[Algorithm]) -> Fault | None:
        """Return why declarations must not be used: they name code that is not locked. None if they do not."""
        record = self.distributions.get(origin.distribution, {})
        outside = undeclared(record.get("modules", {}), algorithms, origin)
        if not outside:
            return None
        remedy = "Put it into the plug-in's package, or into a module that an entry point names, and lock again."
        return Fault(origin, "lock", f"its declaration names {outside}, which the lock does not cover", remedy)

    def _difference(self, origin: Origin) -> str:
        record = self.distributions.get(origin.distribution)
        if record is None:
            return "it is not in the lock"
        if record["version"] != origin.version:
            return f"it is version {origin.version}, the lock has {record['version']}"
        locked = record["modules"].get(origin.module)
        if locked is None:
            return f"the lock has no module {origin.module} of it"
        found = dict(_files_of(origin))
        missing, added = sorted(locked.keys() - found.keys()), sorted(found.keys() - locked.keys())
        if missing or added:
            return f"its files are not those of the lock: {', '.join([*missing, *added][:3])}"
        for name, file in found.items():
            if _digest(file) != locked[name]:
                return f"{name} is not the file of the lock"
            if name.endswith(".py") and not _cache_matches(file):
                return f"the byte-code cache of {name} is not made from it; remove it"
        return ""


def _well_formed(record: object) -> bool:
    if not isinstance(record, dict) or not isinstance(record.get("version"), str):
        return False
    modules = record.get("modules")
    return isinstance(modules, dict) and all(isinstance(files, dict) for files in modules.values())


def _files_of(origin: Origin) -> Iterator[tuple[str, Path]]:
    """Yield the files of a plug-in's package or module, with names that do not depend on its place."""
    module = origin.module.partition(":")[0]
    name, _, rest = module.partition(".")
    spec = _spec(name, origin)
    while rest and spec.origin is None:  # namespace packages have no owner: lock the first regular package inside
        part, _, rest = rest.partition(".")
        name = f"{name}.{part}"
        spec = _spec(name, origin)
    found: dict[str, Path] = {}
    if spec.submodule_search_locations:
        for folder in map(Path, spec.submodule_search_locations):
            found |= {f"{name}/{file.relative_to(folder).as_posix()}": file for file in _below(folder)}
    elif spec.origin and Path(spec.origin).is_file():
        found[Path(spec.origin).name] = Path(spec.origin)
    else:
        raise InvalidParameterError(f"the files of {module} ({origin.distribution}) cannot be found; reinstall it")
    yield from found.items()
    places = {file.resolve() for file in found.values()}
    yield from ((name, file) for name, file in _recorded(origin.distribution) if file.resolve() not in places)


def _below(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder, in order. Links to folders are followed, as an import would follow them."""
    seen: set[Path] = set()
    for top, folders, names in os.walk(folder, followlinks=True):
        place = Path(top).resolve()
        folders[:] = sorted(each for each in folders if each != "__pycache__") if place not in seen else []
        seen.add(place)
        yield from (Path(top, each) for each in sorted(names) if Path(top, each).is_file())


def _recorded(distribution: str) -> Iterator[tuple[str, Path]]:
    """Yield the other modules of a distribution, from its RECORD; an editable installation lists none."""
    from importlib_metadata import PackageNotFoundError, files

    try:
        recorded = files(distribution) or ()
    except PackageNotFoundError:
        recorded = ()
    for entry in sorted(recorded, key=str):
        path = PurePosixPath(str(entry))
        if path.suffix in _IMPORTABLE and not {"__pycache__", ".."} & set(path.parts):
            yield str(path), Path(str(entry.locate()))


def undeclared(plugin_modules: Iterable[str], algorithms: Iterable[Algorithm], origin: Origin) -> str:
    """Return the first module that a declaration names outside of the locked code; an empty string if there is none."""
    locked = {file.resolve() for module in plugin_modules for _, file in _files_of(replace(origin, module=module))}
    for algorithm in algorithms:
        paths = [algorithm.factory, algorithm.probe, *(one.type for one in algorithm.properties.values())]
        for path in (path for path in paths if isinstance(path, str) and path):
            module = path.partition(":")[0]
            if module.partition(".")[0] != "cngcore" and not _is_locked(module, locked, origin):
                return module
    return ""


def _is_locked(module: str, locked: set[Path], origin: Origin) -> bool:
    """Return whether the module, or a regular package around it, is among the locked files. Nothing is imported."""
    name, _, rest = module.partition(".")
    spec = _spec(name, origin)
    while rest and spec.origin is None:
        part, _, rest = rest.partition(".")
        name = f"{name}.{part}"
        spec = _spec(name, origin)
    return spec.origin is not None and Path(spec.origin).resolve() in locked


def _spec(name: str, origin: Origin) -> ModuleSpec:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise InvalidParameterError(f"{origin.distribution} names the module {name}, which is missing; reinstall it")
    return spec


def _digest(file: Path) -> str:
    return "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()


def _cache_matches(source: Path) -> bool:
    """Return whether the byte code that Python would run instead of a source was made from it, or there is none."""
    cache = Path(cache_from_source(str(source)))
    try:
        data = cache.read_bytes()
    except OSError:
        return True
    if data[:4] != MAGIC_NUMBER or _is_stale(data, source):
        return True  # Python ignores it
    try:
        cached = marshal.loads(data[16:])  # noqa: S302 - Python itself would load it, and then run it
    except (EOFError, ValueError, TypeError):
        return False
    fresh = compile(source.read_bytes(), str(source), "exec", dont_inherit=True, optimize=sys.flags.optimize)
    return bool(cached == fresh)


def _is_stale(cache: bytes, source: Path) -> bool:
    """Return whether Python ignores a cache because of the source's time and size, which it holds (PEP 552)."""
    status = source.stat()
    expected = (0, int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
    flags, *_ = header = struct.unpack_from("<III", cache, 4) if len(cache) >= 16 else (0, 0, 0)
    return flags == 0 and header != expected
