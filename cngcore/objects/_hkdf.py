"""The state of HKDF in an agreed secret or a key: no hash yet, a hash, then a pseudorandom key.

contract: rule-set-hkdf, rule-kdf-hkdf.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore._checks import to_bytes
from cngcore.memory import SecretBytes
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME_LENGTH = struct.Struct(">I")


class HkdfState:
    """The hash that was set, and the pseudorandom key once it exists."""

    __slots__ = ("hash_id", "prk")

    def __init__(self, hash_id: str | None = None, prk: bytes | SecretBytes | None = None) -> None:
        self.hash_id = hash_id
        self.prk = None if prk is None else SecretBytes(prk)

    def copy(self) -> HkdfState:
        """Return an independent state."""
        return HkdfState(self.hash_id, self.prk)

    def apply(
        self, name: str, value: object, secret: SecretBytes, extract: Callable[[bytes, str, bytes | None], bytes]
    ) -> None:
        """Set one of the three properties of HKDF: the hash first, then exactly one of the other two.

        ``extract`` makes the pseudorandom key of (secret, hash, salt); for an empty secret it checks the hash.
        """
        if name == c.BCRYPT_HKDF_HASH_ALGORITHM:
            if not isinstance(value, str) or self.prk is not None:
                raise InvalidParameterError(f"{name} must be a hash id, set before HkdfSaltAndFinalize")
            extract(b"", value, b"")
            self.hash_id = value
            return
        if self.hash_id is None or self.prk is not None:
            raise InvalidParameterError(f"{name} must be set once, after HkdfHashAlgorithm")
        if name == c.BCRYPT_HKDF_SALT_AND_FINALIZE:
            salt = None if value is None else to_bytes(name, value)
            self.prk = SecretBytes(extract(bytes(secret), self.hash_id, salt))
        elif value is not None:
            raise InvalidParameterError(f"{name} takes no value: the secret itself is the key")
        else:
            self.prk = SecretBytes(secret)

    def exported(self) -> bytearray:
        """Return what a KeyDataBlob holds of a finalized key. Raise InvalidParameterError before.

        The length of the hash's name in bytes (big-endian), the name in UTF-16 with its NUL, the pseudorandom key
        (contract: rule-kdf-hkdf; docs/decisions/derivation.md).
        """
        if self.prk is None or self.hash_id is None:
            raise InvalidParameterError("this key is not finalized: set HkdfHashAlgorithm, then HkdfSaltAndFinalize")
        name = self.hash_id.encode("utf-16-le") + b"\0\0"
        return bytearray(_NAME_LENGTH.pack(len(name)) + name) + self.prk

    @classmethod
    def imported(cls, payload: bytes) -> HkdfState:
        """Read what :meth:`exported` returns. Raise InvalidParameterError if it is damaged."""
        size = _NAME_LENGTH.unpack_from(payload)[0] if len(payload) >= _NAME_LENGTH.size else 0
        name = payload[_NAME_LENGTH.size : _NAME_LENGTH.size + size]
        if not 2 <= size <= 64 or size % 2 or len(name) != size:
            raise InvalidParameterError("the KeyDataBlob of HKDF is damaged: it holds no name of a hash")
        return cls(name.decode("utf-16-le", "replace").rstrip("\0"), payload[_NAME_LENGTH.size + size :])
