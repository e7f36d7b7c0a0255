"""Register the kit's options with pytest, and import the rest only if one of them is used.

The entry point ``cngcore_conformance`` in the group ``pytest11`` names this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the kit."""
    group = parser.getgroup("cngcore", "conformance of cngcore providers")
    group.addoption(
        "--cng-provider",
        action="append",
        default=[],
        metavar="NAME",
        help="test an installed provider: a distribution, its plug-in module, or distribution:module; may be repeated",
    )
    group.addoption(
        "--cng-report",
        action="append",
        default=[],
        metavar="FILE",
        help="write the conformance report to FILE.html or FILE.json; may be repeated",
    )
    group.addoption("--cng-slow", action="store_true", help="test every parameter set and length, not only cheap ones")
    group.addoption(
        "--cng-longest", type=int, default=0, metavar="BITS", help="with --cng-slow: make no key longer than this"
    )
    group.addoption(
        "--cng-vectors", default="", metavar="PATH",
        help="also use the vectors in a file or below a folder (Wycheproof's JSON, or the kit's own)",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Import the rest if a provider is named or a report is requested."""
    if config.getoption("cng_provider") or config.getoption("cng_report"):
        from cngcore.conformance._items import activate

        activate(config)
