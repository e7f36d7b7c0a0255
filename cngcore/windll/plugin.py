"""The pytest option ``--cng-windll``: test a Windows program, or a library for Windows, on this machine.

The entry point ``cngcore_windll`` in the group ``pytest11`` names this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("cngcore", "conformance of cngcore providers")
    group.addoption(
        "--cng-windll",
        action="store_true",
        help="let the tests, and what they import, find bcrypt.dll and the names of Windows; cngcore answers the calls",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Open the scope before the tests are imported, and close it after the last one."""
    if config.getoption("cng_windll"):
        from contextlib import ExitStack

        from cngcore.windll import windows

        scope = ExitStack()
        scope.enter_context(windows())
        config.add_cleanup(scope.close)
