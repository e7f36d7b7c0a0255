"""Symmetric keys and PBKDF2 in one step, for :class:`Registry` and the functions of ``cngcore``."""

from __future__ import annotations

from os import urandom
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore._checks import check_number, check_text, to_bytes
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from cngcore.objects import AlgorithmProvider, SymmetricKey
    from cngcore.registry._registry import Registry

_PREFIX = "ChainingMode"


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


def generate_symmetric_key(
    registry: Registry, name: str, secret: Buffer | None, length: int, mode: str | None, implementation: str | None
) -> SymmetricKey:
    """Open, make a key of a secret or of random bytes, and return it."""
    with registry.open_algorithm_provider(name, implementation, mode=mode) as provider:
        if secret is not None:
            return provider.generate_symmetric_key(secret)
        bits = check_number("the length", length)
        if bits <= 0 or bits % 8 or bits > 1 << 16:
            raise InvalidParameterError(f"a random key has a whole number of bytes, in bits, not {bits}")
        return provider.generate_symmetric_key(urandom(bits // 8))


def pbkdf2(registry: Registry, hash_id: str, password: Buffer, salt: Buffer, iterations: int, length: int) -> bytes:
    """Derive by PBKDF2 with HMAC of a hash."""
    from cngcore.objects._derivation import pbkdf2 as derive

    content, grains = to_bytes("the password", password), to_bytes("the salt", salt)
    count, size = check_number("the number of iterations", iterations), check_number("the length", length)
    with registry.open_algorithm_provider(hash_id, None, c.BCRYPT_ALG_HANDLE_HMAC_FLAG) as prf:
        return derive(prf, content, grains, count, size)
