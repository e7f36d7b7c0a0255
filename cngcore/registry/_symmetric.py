"""The settings of a cipher, and symmetric keys in one step, for :class:`Registry`."""

from __future__ import annotations

from os import urandom
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore._checks import check_number, check_text
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from cngcore.objects import AlgorithmProvider, SymmetricKey

_PREFIX = "ChainingMode"
_MOST_BITS = 1 << 16
"""Bits of the longest random key; the longest secret of any algorithm has a quarter of it."""


def set_up(
    provider: AlgorithmProvider, mode: str | None, effective_key_length: int | None, message_block_length: int | None
) -> AlgorithmProvider:
    """Set the settings of a cipher on an opened algorithm; ``mode`` is ``"GCM"`` or ``"ChainingModeGCM"``."""
    if mode is not None:
        name = check_text("the mode", mode)
        provider.set_property(c.BCRYPT_CHAINING_MODE, name if name.startswith(_PREFIX) else _PREFIX + name)
    if effective_key_length is not None:
        provider.set_property(c.BCRYPT_EFFECTIVE_KEY_LENGTH, effective_key_length)
    if message_block_length is not None:
        provider.set_property(c.BCRYPT_MESSAGE_BLOCK_LENGTH, message_block_length)
    return provider


def make_key(provider: AlgorithmProvider, secret: Buffer | None, length: int) -> SymmetricKey:
    """Make a key of a secret, or of ``length`` random bits."""
    if secret is not None:
        return provider.generate_symmetric_key(secret)
    bits = check_number("the length", length)
    if not 0 < bits <= _MOST_BITS or bits % 8:
        raise InvalidParameterError(f"a random key has a whole number of bytes, given in bits, not {bits} bits")
    return provider.generate_symmetric_key(urandom(bits // 8))
