"""What a provider implements for an algorithm that has no key pairs: hashes, and random numbers.

These are public names of :mod:`cngcore.provider`; authors import them from there. A first key does not need them.
"""

from cngcore.provider import Factory
from cngcore.status import NotSupportedError


class HashState:
    """The state of a hash or MAC that a :class:`HashFactory` began.

    ``digest_length`` is in bytes; ``extendable`` says that any length can be had (SHAKE).
    """

    __slots__ = ()
    extendable = False

    @property
    def digest_length(self) -> int:
        """Bytes of the digest; of an extendable-output function, what it usually gives."""
        raise NotSupportedError(f"{type(self).__name__} tells no digest length")

    def update(self, data: bytes) -> None:
        """Take data in."""
        raise NotSupportedError(f"{type(self).__name__} takes no data")

    def digest(self, length: int) -> bytes:
        """The first ``length`` bytes of the output for the data so far; the state does not change."""
        raise NotSupportedError(f"{type(self).__name__} gives no digest")

    def copy(self) -> "HashState":
        """A state of its own with the same data."""
        raise NotSupportedError(f"{type(self).__name__} cannot be copied")


class HashFactory(Factory):
    """Begins hashes; with a key, MACs."""

    def start(self, key: "bytes | None") -> HashState:
        """A fresh state; ``key`` is None for a plain hash. NotSupportedError where there is no keyed form."""
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) makes no hashes")


class RandomFactory(Factory):
    """Gives random numbers."""

    def fill(self, buffer: memoryview) -> None:
        """Fill a writable buffer of bytes."""
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) gives no random numbers")
