"""Run the conformance kit of cngcore on this provider."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "acme_pycryptodome"
