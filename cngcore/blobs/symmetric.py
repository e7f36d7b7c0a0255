"""Blobs of symmetric keys: KeyDataBlob, OpaqueKeyBlob, and the key wrap of RFC 3394.

contract: rule-symmetric-blobs.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore.status import BufferTooSmallError, InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

_HEADER = struct.Struct("<III")
_OPAQUE_TAG = b"CNGo"
_OPAQUE_VERSION = 1
_OPAQUE_HEADER = struct.Struct("<4sIIII")
_WRAP_CHECK = bytes.fromhex("a6a6a6a6a6a6a6a6")
"""The initial value of RFC 3394 section 2.2.3.1."""
_LONGEST_WRAPPED = 4096
"""Bytes of a wrapped key that is looked at: twice the longest secret, which is cut, and 9 ms of work."""


def pack_key_data(secret: bytes | bytearray) -> bytearray:
    """Return a KeyDataBlob: magic, version, length, key; 12 bytes more than the key.

    >>> pack_key_data(bytes(2)).hex()
    '4b44424d01000000020000000000'
    """
    blob = bytearray(_HEADER.pack(c.BCRYPT_KEY_DATA_BLOB_MAGIC, c.BCRYPT_KEY_DATA_BLOB_VERSION1, len(secret)))
    blob += secret
    return blob


def unpack_key_data(blob: bytes) -> bytes:
    """Return the key of a KeyDataBlob; bytes after it are ignored.

    Raise BufferTooSmallError for a blob without a whole header, InvalidParameterError for a wrong one.
    """
    if len(blob) < _HEADER.size:
        raise BufferTooSmallError(f"a KeyDataBlob begins with a header of {_HEADER.size} bytes, this has {len(blob)}")
    magic, version, length = _HEADER.unpack_from(blob)
    if magic != c.BCRYPT_KEY_DATA_BLOB_MAGIC or version != c.BCRYPT_KEY_DATA_BLOB_VERSION1:
        raise InvalidParameterError("this is no KeyDataBlob: its magic or version is wrong")
    if length > len(blob) - _HEADER.size:
        raise InvalidParameterError(f"the KeyDataBlob says {length} bytes of key and has {len(blob) - _HEADER.size}")
    return blob[_HEADER.size : _HEADER.size + length]


@dataclass(frozen=True, slots=True)
class OpaqueKey:
    """What an OpaqueKeyBlob holds; ``message_block`` and ``effective_bits`` are 0 if they were not set."""

    algorithm: str
    secret: bytes | bytearray
    message_block: int = 0
    effective_bits: int = 0

    def __repr__(self) -> str:
        return f"<OpaqueKey of {self.algorithm}>"

    def pack(self) -> bytearray:
        """Return the blob: ``CNGo``, version, MessageBlockLength, EffectiveKeyLength, the algorithm, a KeyDataBlob.

        The layout is our own, because Windows' is private (docs/decisions/symmetric.md).
        """
        name = self.algorithm.encode("utf-16-le")
        blob = bytearray(
            _OPAQUE_HEADER.pack(_OPAQUE_TAG, _OPAQUE_VERSION, self.message_block, self.effective_bits, len(name))
        )
        blob += name
        blob += pack_key_data(self.secret)
        return blob

    @classmethod
    def unpack(cls, blob: bytes) -> OpaqueKey:
        """Read a blob. Raise InvalidParameterError if it is not one of ours."""
        if len(blob) < _OPAQUE_HEADER.size or blob[:4] != _OPAQUE_TAG:
            raise InvalidParameterError("this OpaqueKeyBlob was not made by cngcore; export the key as a KeyDataBlob")
        _, version, message_block, effective, size = _OPAQUE_HEADER.unpack_from(blob)
        end = _OPAQUE_HEADER.size + size
        if version != _OPAQUE_VERSION or end > len(blob):
            raise InvalidParameterError("the OpaqueKeyBlob is damaged or of a later version")
        name = blob[_OPAQUE_HEADER.size : end].decode("utf-16-le", "replace")
        try:
            secret = unpack_key_data(blob[end:])
        except BufferTooSmallError:
            raise InvalidParameterError("the OpaqueKeyBlob is damaged") from None
        return cls(name, secret, message_block, effective)


def wrap(encrypt_block: Callable[[bytes], bytes], secret: bytes) -> bytes:
    """Return a secret wrapped by the AES key behind ``encrypt_block``; 8 bytes longer. RFC 3394 section 2.2.1.

    Raise InvalidParameterError for a secret that is shorter than 16 bytes or not a multiple of 8.
    """
    if len(secret) < 16 or len(secret) % 8:
        raise InvalidParameterError(
            f"a key of {len(secret)} bytes cannot be wrapped: RFC 3394 takes 16 bytes or more, a multiple of 8"
        )
    parts = [secret[position : position + 8] for position in range(0, len(secret), 8)]
    check, step = _WRAP_CHECK, 0
    for _ in range(6):
        for index, part in enumerate(parts):
            step += 1
            block = encrypt_block(check + part)
            check = (int.from_bytes(block[:8], "big") ^ step).to_bytes(8, "big")
            parts[index] = block[8:]
    return check + b"".join(parts)


def unwrap(decrypt_block: Callable[[bytes], bytes], wrapped: bytes) -> bytes:
    """Return the secret of a wrapped key. RFC 3394 section 2.2.2.

    Raise InvalidParameterError for a wrong length, and if the integrity check fails: the key is another one, or the
    data is damaged.
    """
    if not 24 <= len(wrapped) <= _LONGEST_WRAPPED or len(wrapped) % 8:
        raise InvalidParameterError(
            f"a wrapped key has 24 to {_LONGEST_WRAPPED} bytes, a multiple of 8 (RFC 3394), not {len(wrapped)}"
        )
    parts = [wrapped[position : position + 8] for position in range(8, len(wrapped), 8)]
    check, step = wrapped[:8], 6 * len(parts)
    for _ in range(6):
        for index in reversed(range(len(parts))):
            mixed = (int.from_bytes(check, "big") ^ step).to_bytes(8, "big")
            block = decrypt_block(mixed + parts[index])
            check, parts[index] = block[:8], block[8:]
            step -= 1
    if not compare_digest(check, _WRAP_CHECK):
        raise InvalidParameterError("the wrapped key does not belong to this key-encryption key, or it is damaged")
    return b"".join(parts)
