"""Run the conformance kit on cngcore-kdf, as for any provider."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_kdf"
    counts = (156, 1)  # passed, skipped
