"""Run the conformance kit on cngcore-legacy, as for any provider."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_legacy"
    counts = (280, 5)  # passed, skipped
