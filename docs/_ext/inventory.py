"""Links to Python's documentation, without the network: an inventory of the names that our signatures use.

``sphinx.ext.intersphinx`` reads inventories from the web. A build of these pages must pass without one, so the part of
Python's that they need is written here, and intersphinx reads the file.
"""

from __future__ import annotations

import zlib
from pathlib import Path

PYTHON = "https://docs.python.org/3/"
NAMES = {
    "class": {
        "library/functions.html": (
            "bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "memoryview", "object", "set",
            "str", "tuple", "type",
        ),
        "library/os.html": ("os.PathLike",),
        "library/pathlib.html": ("pathlib.Path",),
        "library/threading.html": ("threading.Event", "threading.RLock"),
        "library/concurrent.futures.html": ("concurrent.futures.Executor",),
        "library/collections.abc.html": tuple(
            f"collections.abc.{name}"
            for name in ("Buffer", "Callable", "Container", "Iterable", "Iterator", "Mapping", "Sequence")
        ),
    },
    "exception": {
        "library/exceptions.html": ("BaseException", "Exception", "FileExistsError", "FileNotFoundError", "ImportError",
                                    "KeyboardInterrupt", "OSError", "RuntimeError", "TypeError", "ValueError"),
    },
    "function": {"library/functions.html": ("open", "dir", "repr")},
    "module": {"library/hashlib.html": ("hashlib",), "library/logging.html": ("logging",)},
}  # fmt: skip


def write(target: Path) -> Path:
    """Write the inventory in the format that intersphinx reads (version 2), and return its path."""
    lines = [
        f"{name} py:{kind} 1 {page}#{'module-' if kind == 'module' else ''}$ -"
        for kind, pages in NAMES.items()
        for page, names in pages.items()
        for name in names
    ]
    lines.append("Buffer py:class 1 library/collections.abc.html#collections.abc.Buffer -")
    head = "# Sphinx inventory version 2\n# Project: Python\n# Version: 3\n# The rest is compressed with zlib.\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(head.encode() + zlib.compress("\n".join(lines).encode()))
    return target


def _configure(app, config):  # type: ignore[no-untyped-def] - sphinx is no requirement of the type check
    config.intersphinx_mapping = {"python": (PYTHON, str(write(Path(app.doctreedir) / "python.inv")))}


def setup(app):  # type: ignore[no-untyped-def] - sphinx is no requirement of the type check
    app.connect("config-inited", _configure, priority=1)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
