"""The conformance kit: tests a provider from its own declaration, through the public API.

On a command line, with pytest installed (``pip install cngcore[conformance]``)::

    python -m pytest --cng-provider=acme_cng

In a test folder of the author's own::

    class TestConformance(cngcore.conformance.ProviderSuite):
        provider = "acme_cng"

From Python, without pytest: ``cngcore.conformance.run("acme_cng")`` gives a :class:`Report`.

Nothing is imported here: pytest loads this package in every run of whoever has cngcore installed.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.conformance._report import Report as Report
    from cngcore.conformance._runner import run as run
    from cngcore.conformance._suite import ProviderSuite as ProviderSuite

__all__ = ["ProviderSuite", "Report", "run"]

_HOMES = {"ProviderSuite": "_suite", "Report": "_report", "run": "_runner"}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        module = import_module(f"{__name__}.{home}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pytest", "_pytest"):
            raise
        raise ModuleNotFoundError(
            "ProviderSuite needs pytest, which is not installed: pip install cngcore[conformance]; "
            "cngcore.conformance.run() does without it",
            name=error.name,
        ) from None
    value = getattr(module, name)
    globals()[name] = value
    return value
