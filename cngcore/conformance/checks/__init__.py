"""The checks, by subject. :func:`load` imports them all and gives them by name, in the order of the report."""

from importlib import import_module

from cngcore.conformance.check import CHECKS, Check

__all__ = ["load"]

_MODULES = (
    "metadata",
    "declaration",
    "lengths",
    "flags",
    "properties",
    "sets",
    "life",
    "sizes",
    "halves",
    "signatures",
    "encryption",
    "agreement",
    "encapsulation",
    "blobs",
    "malformed",
    "independence",
    "secrecy",
    "dispatch",
    "hashes",
    "vectors",
    "differential",
)


def load() -> dict[str, Check]:
    """Every check by its name."""
    for name in _MODULES:
        import_module(f"{__name__}.{name}")
    return CHECKS
