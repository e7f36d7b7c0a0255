"""Run the conformance kit on cngcore-mldsa, as the author of any provider does."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_mldsa"
    counts = (223, 8)  # passed, skipped
