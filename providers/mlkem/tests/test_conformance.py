"""Run the conformance kit on cngcore-mlkem, as the author of any provider does."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_mlkem"
    counts = (231, 0)  # passed, skipped
