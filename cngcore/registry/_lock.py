"""The lock of the providers: what was installed when it was written, file by file, and whether that is still so.

``cng providers lock`` writes it. With ``CNGCORE_LOCK`` naming the file, code of a provider that does not match is
refused before it is imported. A lock covers the modules that entry points of ``cngcore.algorithms`` and
``cngcore.hooks`` name, with everything in their packages. It does not cover what they depend on, nor this package:
that is the installer's part (``pip install --require-hashes``).

A byte-code cache that Python would run in place of a source is held against that source, compiled anew.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import struct
import sys
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER, cache_from_source, find_spec
from pathlib import Path

from cngcore._diagnostics import Fault, describe
from cngcore.registry._discovery import EntryPoint, scan
from cngcore.status import InvalidParameterError

__all__ = ["Lock"]

_VERSION = 1


class Lock:
    """What a lock file says: distributions by name, each with its version and the SHA-256 of its files by module."""

    def __init__(self, distributions: dict[str, dict[str, object]], path: str = "") -> None:
        self.distributions = distributions
        self.path = path

    @classmethod
    def of_installed(cls) -> Lock:
        """The lock of what is installed now. InvalidParameterError where a provider's files cannot be found."""
        distributions: dict[str, dict[str, object]] = {}
        for point in scan():
            record = distributions.setdefault(point.distribution, {"version": point.version, "modules": {}})
            modules: dict[str, dict[str, str]] = record["modules"]  # type: ignore[assignment]
            if point.value not in modules:
                modules[point.value] = {name: _digest(file) for name, file in _files_of(point)}
        return cls(distributions)

    @classmethod
    def read(cls, path: str) -> Lock:
        """The lock in a file; InvalidParameterError where it is missing or not one."""
        try:
            content = json.loads(Path(path).read_bytes())
        except OSError as error:
            raise InvalidParameterError(
                f"the lock {path} cannot be read: {error.strerror}; write one: cng providers lock"
            ) from None
        except ValueError as error:
            raise InvalidParameterError(f"the lock {path} is not JSON: {error}") from None
        known = isinstance(content, dict) and content.get("cngcore_lock") == _VERSION
        distributions = content.get("distributions") if known else None
        if not isinstance(distributions, dict) or not all(map(_well_formed, distributions.values())):
            raise InvalidParameterError(f"{path} is no lock of this version; write one: cng providers lock")
        return cls(distributions, path)

    def to_json(self) -> str:
        """The content of a lock file."""
        return (
            json.dumps({"cngcore_lock": _VERSION, "distributions": self.distributions}, indent=1, sort_keys=True) + "\n"
        )

    def refusal(self, point: EntryPoint) -> Fault | None:
        """Why the code an entry point names must not be imported; None where it is what was locked."""
        try:
            reason = self._difference(point)
        except (InvalidParameterError, OSError) as error:
            reason = describe(error)
        if not reason:
            return None
        return Fault(
            distribution=point.distribution, version=point.version, module=point.value, stage="lock",
            reason=reason,
            remedy=f"If the change is meant, write the lock {self.path} anew: cng providers lock. If not, reinstall "
            f"{point.distribution}.",
        )  # fmt: skip

    def _difference(self, point: EntryPoint) -> str:
        record = self.distributions.get(point.distribution)
        if record is None:
            return "it is not in the lock"
        if record["version"] != point.version:
            return f"it is version {point.version}, the lock has {record['version']}"
        locked = record["modules"].get(point.value)  # type: ignore[attr-defined]
        if locked is None:
            return f"the lock has no module {point.value} of it"
        found = dict(_files_of(point))
        missing, added = sorted(locked.keys() - found.keys()), sorted(found.keys() - locked.keys())
        if missing or added:
            return f"its files are not those of the lock: {', '.join([*missing, *added][:3])}"
        for name, file in found.items():
            if _digest(file) != locked[name]:
                return f"{name} is not the file of the lock"
            if name.endswith(".py") and not _cache_is_honest(file):
                return f"the byte-code cache of {name} is not made from it; remove it"
        return ""


def _well_formed(record: object) -> bool:
    if not isinstance(record, dict) or not isinstance(record.get("version"), str):
        return False
    modules = record.get("modules")
    return isinstance(modules, dict) and all(isinstance(files, dict) for files in modules.values())


def _files_of(point: EntryPoint) -> Iterator[tuple[str, Path]]:
    """The files of the package or module an entry point names, with names that do not depend on where it stands."""
    module = point.value.partition(":")[0]
    name, _, rest = module.partition(".")
    spec = _spec(name, point)
    while rest and spec.origin is None:  # a namespace package belongs to nobody; what is in it does
        part, _, rest = rest.partition(".")
        name = f"{name}.{part}"
        spec = _spec(name, point)
    if spec.submodule_search_locations:
        for folder in map(Path, spec.submodule_search_locations):
            for file in sorted(folder.rglob("*")):
                if file.is_file() and "__pycache__" not in file.relative_to(folder).parts:
                    yield f"{name}/{file.relative_to(folder).as_posix()}", file
    elif spec.origin and Path(spec.origin).is_file():
        yield Path(spec.origin).name, Path(spec.origin)
    else:
        raise InvalidParameterError(f"the files of {module} ({point.distribution}) cannot be found, so not locked")


def _spec(name: str, point: EntryPoint):  # type: ignore[no-untyped-def]
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise InvalidParameterError(f"there is no module {name}, which {point.distribution} names; reinstall it")
    return spec


def _digest(file: Path) -> str:
    return "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()


def _cache_is_honest(source: Path) -> bool:
    """Whether the byte code that Python may run in place of a source is that source's; true where there is none."""
    cache = Path(cache_from_source(str(source)))
    try:
        data = cache.read_bytes()
    except OSError:
        return True
    if data[:4] != MAGIC_NUMBER or _is_stale(data, source):
        return True  # Python looks at it no further
    try:
        cached = marshal.loads(data[16:])  # noqa: S302 - Python itself would, and then run it
    except (EOFError, ValueError, TypeError):
        return False
    fresh = compile(source.read_bytes(), str(source), "exec", dont_inherit=True, optimize=sys.flags.optimize)
    return bool(cached == fresh)


def _is_stale(cache: bytes, source: Path) -> bool:
    """Whether Python passes a cache over because of the source's time and size, which the cache bears (PEP 552)."""
    told = source.stat()
    wanted = (0, int(told.st_mtime) & 0xFFFFFFFF, told.st_size & 0xFFFFFFFF)
    flags, *_ = header = struct.unpack_from("<III", cache, 4) if len(cache) >= 16 else (0, 0, 0)
    return flags == 0 and header != wanted
