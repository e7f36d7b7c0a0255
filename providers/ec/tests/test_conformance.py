"""Run the conformance kit on cngcore-ec, as for any provider."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_ec"
    counts = (688, 3)  # passed, skipped
