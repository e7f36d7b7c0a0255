"""MD2 and MD4 by pycryptodomex, and their HMAC."""

from __future__ import annotations

from typing import Any

from Cryptodome.Hash import MD2, MD4

from cngcore.provider import HashFactory, HashState
from cngcore_legacy import HASHES

_MODULES: dict[str, Any] = {"MD2": MD2, "MD4": MD4}


class Digest(HashState):
    """MD2 or MD4."""

    __slots__ = ("_state",)
    digest_length = 16

    def __init__(self, state: Any) -> None:
        self._state = state

    def update(self, data: bytes) -> None:
        self._state.update(data)

    def digest(self, length: int) -> bytes:
        return bytes(self._state.copy().digest()[:length])

    def copy(self) -> HashState:
        return Digest(self._state.copy())


class Hmac(HashState):
    """HMAC (RFC 2104), with the block of the hash: 16 bytes for MD2, which the library's own HMAC does not know."""

    __slots__ = ("_inner", "_outer")
    digest_length = 16

    def __init__(self, inner: Any, outer: Any) -> None:
        self._inner, self._outer = inner, outer

    @classmethod
    def of(cls, module: Any, block: int, key: bytes) -> Hmac:
        """Start the HMAC of a key."""
        if len(key) > block:
            key = module.new(key).digest()
        padded = key.ljust(block, b"\0")
        return cls(*(module.new(bytes(octet ^ filler for octet in padded)) for filler in (0x36, 0x5C)))

    def update(self, data: bytes) -> None:
        self._inner.update(data)

    def digest(self, length: int) -> bytes:
        outer = self._outer.copy()
        outer.update(self._inner.copy().digest())
        return bytes(outer.digest()[:length])

    def copy(self) -> HashState:
        return Hmac(self._inner.copy(), self._outer.copy())


class Digests(HashFactory):
    """Starts MD2 and MD4."""

    def start(self, key: bytes | None) -> HashState:
        module = _MODULES[self.algorithm.name]
        return Digest(module.new()) if key is None else Hmac.of(module, HASHES[self.algorithm.name][1], key)

    def load(self) -> None:
        """Make one digest and one HMAC."""
        for key in (None, b""):
            self.start(key).copy().digest(16)
