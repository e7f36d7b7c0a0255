"""Who serves what, read from the metadata of installed distributions. Nothing is imported here.

The entry points of two groups are read: ``cngcore.algorithms`` (name = algorithm identifier, value = plug-in module)
and ``cngcore.hooks`` (an operator's plug-in that only chooses or listens). Directories on ``sys.path`` are scanned
plainly, 0.2 ms for thirty distributions, because importing importlib.metadata alone costs 45 ms; what such a scan
cannot see is looked for only where there is such a thing: zip files on the path, and finders other than the import
system's own, which are left to ``importlib_metadata``.
"""

import os
import sys
from io import FileIO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ALGORITHMS = "cngcore.algorithms"
HOOKS = "cngcore.hooks"


class EntryPoint:
    """One line of a distribution's entry points: ``name = value`` in ``group``."""

    __slots__ = ("distribution", "group", "name", "value", "version")

    def __init__(self, group: str, name: str, value: str, distribution: str, version: str) -> None:
        self.group = group
        self.name = name
        self.value = value
        self.distribution = distribution
        self.version = version

    def __repr__(self) -> str:
        return f"<EntryPoint {self.name} = {self.value} ({self.distribution} {self.version})>"


def normalized(name: str) -> str:
    """A distribution's name as package indexes compare it: lower case, runs of ``-_.`` as one ``-``."""
    plain = name.lower().replace("_", "-").replace(".", "-")
    return "-".join(filter(None, plain.split("-")))


def scan(path: "Iterable[str] | None" = None) -> "list[EntryPoint]":
    """All entry points of both groups, in the order of ``path`` (``sys.path``) and then of distribution names.

    A distribution found twice counts where it is found first, as an import would find it.
    """
    seen: set[str] = set()
    found: list[EntryPoint] = []
    elsewhere: list[str] = []
    for folder in sys.path if path is None else path:
        try:
            names = [name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))]
        except NotADirectoryError:
            elsewhere.append(folder)
            continue
        except OSError:
            continue
        for name in sorted(names):
            distribution, version = _identity(name)
            if distribution in seen:
                continue
            seen.add(distribution)
            found += _entry_points(f"{folder or '.'}/{name}/entry_points.txt", distribution, version)
    for file in elsewhere:
        found += _in_zip(file, seen)
    if path is None and _has_foreign_finder():
        found += _through_metadata(seen)
    return found


def parse(text: str, distribution: str, version: str) -> "Iterator[EntryPoint]":
    """The entry points of both groups in the text of an ``entry_points.txt``."""
    group = ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif group in (ALGORITHMS, HOOKS) and "=" in line and line[0] not in "#;":
            name, _, value = line.partition("=")
            yield EntryPoint(group, name.strip(), value.partition("[")[0].strip(), distribution, version)


def _entry_points(path: str, distribution: str, version: str) -> "Iterable[EntryPoint]":
    """Those of one file. Most have none of ours, so it is read as plain bytes and decoded only where it may."""
    try:
        with FileIO(path) as file:
            data = file.readall()
        return parse(data.decode(), distribution, version) if b"cngcore." in data else ()
    except (OSError, UnicodeDecodeError):
        return ()


def _identity(folder: str) -> tuple[str, str]:
    """``("cngcore-rsa", "0.1.0")`` for ``cngcore_rsa-0.1.0.dist-info``."""
    stem = folder.rpartition(".")[0]
    name, _, version = stem.partition("-")
    return normalized(name), version.partition("-py")[0]


def _has_foreign_finder() -> bool:
    """Whether something other than the import system itself tells about distributions."""
    own = ("_frozen_importlib_external", "importlib_metadata")
    return any(
        hasattr(finder, "find_distributions")
        and getattr(finder, "__module__", type(finder).__module__).partition(".")[0] not in own
        for finder in sys.meta_path
    )


def _in_zip(file: str, seen: "set[str]") -> "Iterator[EntryPoint]":
    """What the distributions in a zip file on the path tell; nothing where the file is no zip file."""
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(file) as archive:
            texts = {
                name.partition("/")[0]: archive.read(name)
                for name in sorted(archive.namelist())
                if name.endswith((".dist-info/entry_points.txt", ".egg-info/entry_points.txt")) and name.count("/") == 1
            }
    except (OSError, BadZipFile):
        return
    for folder, text in texts.items():
        distribution, version = _identity(folder)
        if distribution not in seen:
            seen.add(distribution)
            yield from parse(text.decode("utf-8", "replace"), distribution, version)


def _through_metadata(seen: "set[str]") -> "Iterator[EntryPoint]":
    import importlib_metadata

    for distribution in importlib_metadata.distributions():
        name = normalized(distribution.metadata["Name"] or "")
        if name in seen:
            continue
        seen.add(name)
        yield from parse(distribution.read_text("entry_points.txt") or "", name, distribution.version)
