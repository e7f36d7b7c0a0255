"""Run the conformance kit on cngcore-curves, as the author of any provider does."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_curves"
    counts = (347, 6)  # passed, skipped
