"""Run the conformance kit on cngcore-symmetric, as for any provider."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_symmetric"
    counts = (135, 5)  # passed, skipped
