"""Run the conformance kit on cngcore-dsa, as for any provider."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_dsa"
    counts = (128, 2)  # passed, skipped
