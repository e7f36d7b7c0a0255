"""Test a provider from its own declaration, through the public API.

On a command line, with pytest installed (the extra ``cngcore[conformance]``)::

    python -m pytest --cng-provider=acme_cng

In your own test folder::

    class TestConformance(cngcore.conformance.ProviderSuite):
        provider = "acme_cng"

From Python, without pytest: ``cngcore.conformance.run("acme_cng")`` returns a :class:`Report`.

The names are imported on first use, because pytest loads this package in every run while cngcore is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore._imports import lazy_names as _lazy_names

if TYPE_CHECKING:
    from cngcore.conformance._report import Report as Report
    from cngcore.conformance._runner import run as run
    from cngcore.conformance._suite import ProviderSuite as ProviderSuite
else:
    __getattr__, __dir__ = _lazy_names(
        __name__,
        {
            "ProviderSuite": "cngcore.conformance._suite",
            "Report": "cngcore.conformance._report",
            "run": "cngcore.conformance._runner",
        },
    )

__all__ = ["ProviderSuite", "Report", "run"]
