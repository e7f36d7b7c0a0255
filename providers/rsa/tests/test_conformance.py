"""Run the conformance kit on cngcore-rsa, as for any provider."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_rsa"
    counts = (246, 6)  # passed, skipped
