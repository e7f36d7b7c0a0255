"""Run the conformance kit on cngcore-dh, as for any provider."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_dh"
    counts = (124, 1)  # passed, skipped
