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


class CipherKey(Protocol):
    """A symmetric key of a cipher, with its settings and its chain register."""

    block_length: int
    current_mode: Mode
    implementation: Implementation
    lock: RLock
    message_block_length: int
    register: bytes

    @property
    def name(self) -> str:
        """The name of the algorithm."""

    def material(self) -> CipherMaterial:
        """Return the provider's material. Raise InvalidHandleError if the key is destroyed."""

    def call(self, operation: Callable[..., T], *arguments: object) -> T:
        """Call the provider."""

    def checked(self, operation: str, answer: object, length: int) -> bytes:
        """Return a provider's bytes if they have that length."""
