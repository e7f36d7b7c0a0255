"""cngcore-dsa against the conformance kit, as the provider of any author would be."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "cngcore_dsa"
