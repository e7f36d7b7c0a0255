"""Hashes, MACs and random numbers of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore.provider import HashFactory, HashState, RandomFactory
from cngcore_windows import library
from cngcore_windows.library import Handle, call

if TYPE_CHECKING:
    from collections.abc import Mapping


class Hash(HashState):
    """A hash object of the library."""

    __slots__ = ("_handle", "digest_length")

    def __init__(self, handle: Handle, digest_length: int) -> None:
        self._handle = handle
        self.digest_length = digest_length

    def update(self, data: bytes) -> None:
        call("BCryptHashData", self._handle.number, data)

    def digest(self, length: int) -> bytes:
        return self._finished(self.digest_length)[:length]

    def copy(self) -> HashState:
        return type(self)(self._duplicate(), self.digest_length)

    def _duplicate(self) -> Handle:
        return Handle(call("BCryptDuplicateHash", self._handle.number), "BCryptDestroyHash")

    def _finished(self, length: int, flags: int = 0) -> bytes:
        """Return the output of a duplicate, so that this object can go on."""
        output = bytearray(length)
        twin = self._duplicate()
        call("BCryptFinishHash", twin.number, output, flags)
        return bytes(output)


class Extendable(Hash):
    """A hash object whose output has any length."""

    __slots__ = ()
    extendable = True

    def digest(self, length: int) -> bytes:
        return self._finished(length)

    def squeeze(self, length: int) -> bytes:
        return self._finished(length, c.BCRYPT_HASH_DONT_RESET_FLAG)


class Hashes(HashFactory):
    """Starts the hashes of one algorithm."""

    def back_end_version(self) -> str:
        return library.version() or super().back_end_version()

    def load(self) -> None:
        """Open the algorithm, with and without a key if it has both."""
        self._opened(keyed=False)
        if self.algorithm.keyed and not self.algorithm.mac:
            self._opened(keyed=True)

    def start(self, key: bytes | None, options: Mapping[str, bytes] | None = None) -> HashState:
        opened = self._opened(keyed=key is not None and not self.algorithm.mac)
        handle = Handle(call("BCryptCreateHash", opened, key), "BCryptDestroyHash")
        for name, value in (options or {}).items():
            call("BCryptSetProperty", handle.number, name, value)
        extendable = "SHAKE" in self.algorithm.name or self.algorithm.name.startswith("KMAC")
        length: object = self.algorithm.properties["HashDigestLength"].value
        return (Extendable if extendable else Hash)(handle, int(length))  # type: ignore[call-overload]

    def _opened(self, *, keyed: bool) -> int:
        return library.algorithm(self.algorithm.name, c.BCRYPT_ALG_HANDLE_HMAC_FLAG if keyed else 0)


class Random(RandomFactory):
    """The library's random number generator."""

    def back_end_version(self) -> str:
        return library.version() or super().back_end_version()

    def load(self) -> None:
        """Open the generator."""
        library.algorithm(self.algorithm.name)

    def fill(self, buffer: memoryview) -> None:
        call("BCryptGenRandom", library.algorithm(self.algorithm.name), buffer, 0)
