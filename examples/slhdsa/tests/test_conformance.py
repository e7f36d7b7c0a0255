"""Run the conformance kit of cngcore on this provider. It tests every rule of the declaration."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "acme_slhdsa"
