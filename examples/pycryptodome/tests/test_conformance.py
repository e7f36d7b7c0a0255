"""The conformance kit of cngcore, on this provider: every rule its declaration states, put to the test."""

from cngcore.conformance import ProviderSuite


class TestConformance(ProviderSuite):
    provider = "acme_pycryptodome"
