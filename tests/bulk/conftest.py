"""The slow provider, for the tests of this folder."""

from slow_provider import flaky, registry, slow

__all__ = ["flaky", "registry", "slow"]
