"""Run the conformance kit on cngcore-hash, as for any provider."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_hash"
    counts = (144, 12)  # passed, skipped
