"""The test class to inherit."""

from __future__ import annotations

from typing import ClassVar

from cngcore._nearest import install

try:
    import pytest
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"ProviderSuite needs pytest, which is not installed; {install('cngcore[conformance]')}; "
        "cngcore.conformance.run() works without it",
        name=error.name,
    ) from None

from cngcore.conformance._items import UNCOUNTED, activate, options_of, perform
from cngcore.conformance._runner import Case, cases
from cngcore.conformance._subject import Provider

__all__ = ["ProviderSuite"]


class ProviderSuite:
    """All conformance checks of one provider, as tests of the inheriting class.

    provider: a distribution, its plug-in module, or ``distribution:module``; slow: every length and set, as with
    ``--cng-slow``; vectors: more vectors, as with ``--cng-vectors``; algorithms: only these, or None for all; counts:
    how many checks pass and how many are skipped in a whole run, or None for any. The check ``differential`` does not
    count, because it depends on what else is installed.
    """

    provider: ClassVar[str] = ""
    slow: ClassVar[bool] = False
    vectors: ClassVar[str] = ""
    algorithms: ClassVar[tuple[str, ...] | None] = None
    counts: ClassVar[tuple[int, int] | None] = None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test for each case."""
        if "conformance_case" not in metafunc.fixturenames:
            return
        if not self.provider:
            raise pytest.UsageError(f"{type(self).__name__}: set provider to the distribution or module to be tested")
        found = Provider.find(self.provider, options_of(metafunc.config, self.slow, self.vectors))
        activate(metafunc.config).expect(found)
        chosen = list(cases(found, self.algorithms))
        counted = sum(case.check.name not in UNCOUNTED for case in chosen)
        if self.counts is not None and counted != sum(self.counts):
            raise pytest.UsageError(
                f"{type(self).__name__}: {counted} checks apply, but counts has {' + '.join(map(str, self.counts))}"
            )
        metafunc.parametrize("conformance_case", chosen, ids=[case.id for case in chosen])

    def test_conformance(self, conformance_case: Case, request: pytest.FixtureRequest) -> None:
        """Run one check on one subject."""
        __tracebackhide__ = True
        perform(conformance_case, request.node.user_properties, self.counts)
