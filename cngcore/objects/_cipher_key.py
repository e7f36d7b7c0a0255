"""What the rules of the modes ask of a symmetric key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _thread import RLock
    from collections.abc import Callable
    from typing import TypeVar

    from cngcore.objects._implementation import Implementation
    from cngcore.provider import CipherMaterial, Mode

    T = TypeVar("T")


class Limits:
    """The legal lengths of an authenticated mode, ready for the quick test of each call (0.2 us instead of 1.5)."""

    __slots__ = ("most", "nonces", "tags")

    def __init__(self, mode: Mode) -> None:
        self.nonces, self.tags = lengths_of(mode.nonce), lengths_of(mode.tag)
        self.most = -1 if callable(mode.max_data) else mode.max_data  # -1: ask the mode


def lengths_of(legal: tuple[int, int, int] | None) -> range:
    """Return the legal lengths of (minimum, maximum, step); none for None."""
    low, high, step = legal or (0, -1, 1)
    return range(low, high + 1, step or 1)


class CipherKey(Protocol):
    """A symmetric key of a cipher, with its settings and its chain register."""

    block_length: int
    cipher: CipherMaterial | None
    current_mode: Mode
    implementation: Implementation
    kind: str
    limits: Limits | None
    lock: RLock
    message_block_length: int
    register: bytes
    serialized: bool

    @property
    def name(self) -> str:
        """The name of the algorithm."""

    def material(self) -> CipherMaterial:
        """Return the provider's material. Raise InvalidHandleError if the key is destroyed."""

    def call(self, operation: Callable[..., T], *arguments: object) -> T:
        """Call the provider."""

    def checked(self, operation: str, answer: object, length: int) -> bytes:
        """Return a provider's bytes if they have that length."""

    def checked_secret(self, operation: str, answer: object, length: int) -> bytes | bytearray:
        """Like :meth:`checked`, for a plaintext, which may be a bytearray."""
