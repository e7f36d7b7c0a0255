"""Imports by name: dotted paths in declarations, and public names that a package imports on first use."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def resolve(path: object) -> object:
    """Return the object that a dotted path ``"package.module:name"`` names; return any other object unchanged."""
    if not isinstance(path, str):
        return path
    module, _, name = path.partition(":")
    target: object = import_module(module.strip())
    for part in name.strip().split(".") if name else ():
        target = getattr(target, part)
    return target


def lazy_names(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a package that imports its public names on first use.

    ``homes`` maps each name to the module it comes from; a module that is public itself maps to its own path.
    """

    def get(name: str) -> object:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(home)
        value = module if home == f"{package}.{name}" else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*homes, *getattr(sys.modules[package], "__all__", ())})

    return get, names


def public_names(thing: object, hidden: frozenset[str]) -> list[str]:
    """Return what ``dir()`` shows of an object: what its users call. ``hidden`` is what only this library calls."""
    return [name for name in object.__dir__(thing) if not name.startswith("_") and name not in hidden]
