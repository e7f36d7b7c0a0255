"""Hashes and HMAC of Python's standard library."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from cngcore.provider import HashFactory, HashState
from cngcore_hash import HASHES


class Fixed(HashState):
    """A hash or HMAC with one digest length."""

    __slots__ = ("_state",)

    def __init__(self, state: Any) -> None:
        self._state = state

    @property
    def digest_length(self) -> int:
        return int(self._state.digest_size)

    def update(self, data: bytes) -> None:
        self._state.update(data)

    def digest(self, length: int) -> bytes:
        return bytes(self._state.digest()[:length])

    def copy(self) -> HashState:
        return type(self)(self._state.copy())


class Extendable(Fixed):
    """SHAKE, whose digest has any length."""

    __slots__ = ("_usual",)
    extendable = True

    def __init__(self, state: Any, usual: int) -> None:
        super().__init__(state)
        self._usual = usual

    @property
    def digest_length(self) -> int:
        return self._usual

    def digest(self, length: int) -> bytes:
        return bytes(self._state.digest(length))

    def copy(self) -> HashState:
        return type(self)(self._state.copy(), self._usual)


class StandardHashes(HashFactory):
    """Start hashes of one algorithm."""

    def start(self, key: bytes | None) -> HashState:
        name, usual, _, _ = HASHES[self.algorithm.name]
        if key is not None:
            return Fixed(hmac.new(key, digestmod=name))
        state = hashlib.new(name, usedforsecurity=False)
        return Extendable(state, usual) if name.startswith("shake") else Fixed(state)

    def load(self) -> None:
        """Run the hash once, and its HMAC if it has one."""
        for key in (None, b"") if self.algorithm.keyed else (None,):
            state = self.start(key).copy()
            state.update(b"")
            state.digest(state.digest_length)
