"""KMAC and cSHAKE (SP 800-185) by pycryptodomex.

The library's functions have no function name, no KMAC with a short key, and no copy of a state. Its class for both is
used with all three strings, and the message is kept until it is finished.

contract: rule-mac-kmac, rule-mac-cshake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from Cryptodome.Hash.cSHAKE128 import cSHAKE_XOF

from cngcore.provider import HashFactory, HashState
from cngcore_legacy import SPONGES

if TYPE_CHECKING:
    from collections.abc import Mapping

_RATE_BITS = 1600


def _encoded(number: int) -> bytes:
    """Return a number in as few bytes as possible, at least one."""
    return number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")


def left_encode(number: int) -> bytes:
    """SP 800-185 section 2.3.1."""
    octets = _encoded(number)
    return bytes((len(octets),)) + octets


def right_encode(number: int) -> bytes:
    """SP 800-185 section 2.3.1."""
    octets = _encoded(number)
    return octets + bytes((len(octets),))


def encode_string(text: bytes) -> bytes:
    """SP 800-185 section 2.3.2."""
    return left_encode(8 * len(text)) + text


def bytepad(text: bytes, width: int) -> bytes:
    """SP 800-185 section 2.3.3."""
    padded = left_encode(width) + text
    return padded + bytes(-len(padded) % width)


class Sponge(HashState):
    """A cSHAKE: function name, customization, and the message so far."""

    __slots__ = ("_custom", "_data", "_function", "_rate", "_usual")
    extendable = True

    def __init__(self, rate: int, usual: int, function: bytes, custom: bytes, data: bytes = b"") -> None:
        self._rate, self._usual, self._function, self._custom = rate, usual, function, custom
        self._data = bytearray(data)

    @property
    def digest_length(self) -> int:
        return self._usual

    def update(self, data: bytes) -> None:
        self._data += data

    def _output(self, ending: bytes, length: int) -> bytes:
        capacity = _RATE_BITS - 8 * self._rate
        make: Any = cSHAKE_XOF  # its stub lacks two of its arguments
        xof = make(bytes(self._data) + ending, self._custom, capacity, self._function)
        return bytes(xof.read(length))

    def digest(self, length: int) -> bytes:
        return self._output(b"", length)

    def copy(self) -> HashState:
        return type(self)(self._rate, self._usual, self._function, self._custom, bytes(self._data))


class Kmac(Sponge):
    """KMAC, whose output depends on its length; squeezed on, it is KMACXOF (SP 800-185 section 4.3.1)."""

    __slots__ = ()

    def digest(self, length: int) -> bytes:
        return self._output(right_encode(8 * length), length)

    def squeeze(self, length: int) -> bytes:
        return self._output(right_encode(0), length)

    def __del__(self) -> None:
        self._data[:] = bytes(len(self._data))  # it begins with the key


class Sponges(HashFactory):
    """Starts KMAC and cSHAKE."""

    def start(self, key: bytes | None, options: Mapping[str, bytes] | None = None) -> HashState:
        given = options or {}
        usual, rate = SPONGES[self.algorithm.name]
        custom = given.get("CustomizationString", b"")
        if key is not None:
            return Kmac(rate, usual, b"KMAC", custom, bytepad(encode_string(key), rate))
        return Sponge(rate, usual, given.get("FunctionNameString", b""), custom)

    def load(self) -> None:
        """Make one output."""
        self.start(b"" if self.algorithm.mac else None).copy().digest(1)
