"""The structures of bcrypt.h that callers pass by pointer.

They are frozen dataclasses with the C field names, without the byte counts. Only
``BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO``, into which the functions write, is mutable.

contract: rule-layout-structures.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cngcore.provider import KeyLengths, OidList
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Buffer

__all__ = [
    "BCRYPT_ALGORITHM_IDENTIFIER",
    "BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO",
    "BCRYPT_KEY_DATA_BLOB_HEADER",
    "BCRYPT_KEY_LENGTHS_STRUCT",
    "BCRYPT_MULTI_HASH_OPERATION",
    "BCRYPT_MULTI_OBJECT_LENGTH_STRUCT",
    "BCRYPT_OAEP_PADDING_INFO",
    "BCRYPT_OID_LIST",
    "BCRYPT_PKCS1_PADDING_INFO",
    "BCRYPT_PQDSA_PADDING_INFO",
    "BCRYPT_PSS_PADDING_INFO",
    "BCryptBuffer",
]


@dataclass(frozen=True, slots=True)
class BCRYPT_PKCS1_PADDING_INFO:  # noqa: N801 - the header's name
    """PKCS #1 v1.5 signatures: the hash id for the DigestInfo, or None for a block without one."""

    pszAlgId: str | None


@dataclass(frozen=True, slots=True)
class BCRYPT_PSS_PADDING_INFO:  # noqa: N801
    """PSS signatures: hash id and salt length in bytes."""

    pszAlgId: str
    cbSalt: int


@dataclass(frozen=True, slots=True)
class BCRYPT_OAEP_PADDING_INFO:  # noqa: N801
    """OAEP encryption: hash id and label."""

    pszAlgId: str
    pbLabel: bytes = b""


@dataclass(frozen=True, slots=True)
class BCRYPT_PQDSA_PADDING_INFO:  # noqa: N801
    """ML-DSA: context, and the hash id of a pre-hashed message."""

    pbCtx: bytes = b""
    pszPrehashAlgId: str | None = None


@dataclass(frozen=True, slots=True)
class BCryptBuffer:
    """One parameter of a KDF: its type (``KDF_*``) and value (bytes; a str for a hash id, an int for a DWORD)."""

    BufferType: int
    pvBuffer: object

    def __repr__(self) -> str:
        value = self.pvBuffer
        text = repr(value) if isinstance(value, str | int) else f"<{type(value).__name__}>"  # bytes may be a key
        return f"BCryptBuffer(BufferType={self.BufferType!r}, pvBuffer={text})"


@dataclass(frozen=True, slots=True)
class BCRYPT_ALGORITHM_IDENTIFIER:  # noqa: N801
    """One item of the answer of BCryptEnumAlgorithms: name, interface id, flags (0)."""

    pszName: str
    dwClass: int
    dwFlags: int


BCRYPT_KEY_LENGTHS_STRUCT = KeyLengths
"""The KeyLengths property: minimum, maximum and increment in bits."""


@dataclass(slots=True, eq=False)
class BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO:  # noqa: N801
    """Nonce, associated data and tag of an authenticated mode; the constructor is BCRYPT_INIT_AUTH_MODE_INFO.

    * ``pbNonce``, ``pbAuthData``: any buffers
    * ``pbTag``: Encrypt writes a tag of its length, so it is writable; Decrypt compares it
    * ``pbMacContext``: a writable buffer of 16 bytes or more, for a message of several calls
    * ``cbAAD``, ``cbData``: the calls count here
    * ``dwFlags``: the caller sets ``BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG`` in all calls of a message but the last; the
      calls set ``BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG``

    A structure in the middle of a message cannot be copied: the state of the cipher is in ``chain``.

    contract: rule-authenticated.
    """

    pbNonce: Buffer | None = None
    pbAuthData: Buffer | None = None
    pbTag: Buffer | None = None
    pbMacContext: Buffer | None = None
    cbAAD: int = 0
    cbData: int = 0
    dwFlags: int = 0
    chain: Any = field(default=None, init=False, repr=False)

    def __repr__(self) -> str:
        lengths = ", ".join(
            f"{name}={'None' if value is None else f'<{memoryview(value).nbytes} bytes>'}"
            for name, value in (
                ("pbNonce", self.pbNonce), ("pbAuthData", self.pbAuthData), ("pbTag", self.pbTag),
                ("pbMacContext", self.pbMacContext),
            )
        )  # fmt: skip
        return f"BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO({lengths}, dwFlags={self.dwFlags!r})"


@dataclass(frozen=True, slots=True)
class BCRYPT_MULTI_HASH_OPERATION:  # noqa: N801
    """One step of BCryptProcessMultiOperations: data for hash ``iHash``, or a buffer for its digest.

    ``hashOperation`` is ``BCRYPT_HASH_OPERATION_HASH_DATA`` (1) or ``BCRYPT_HASH_OPERATION_FINISH_HASH`` (2).
    """

    iHash: int
    hashOperation: int
    pbBuffer: Buffer

    def __repr__(self) -> str:
        return f"BCRYPT_MULTI_HASH_OPERATION(iHash={self.iHash!r}, hashOperation={self.hashOperation!r})"


@dataclass(frozen=True, slots=True)
class BCRYPT_MULTI_OBJECT_LENGTH_STRUCT:  # noqa: N801
    """The MultiObjectLength property: a buffer in C needs ``cbPerObject + n * cbPerElement`` bytes."""

    cbPerObject: int
    cbPerElement: int

    @classmethod
    def from_bytes(cls, data: bytes) -> BCRYPT_MULTI_OBJECT_LENGTH_STRUCT:
        """Read the 8 bytes of the property. Raise InvalidParameterError for any other size."""
        if len(data) != 8:
            raise InvalidParameterError(f"MultiObjectLength has 8 bytes, not {len(data)}")
        return cls(*struct.unpack("<II", data))


BCRYPT_OID_LIST = OidList
"""The HashOIDList property: the contents of DER object identifiers."""


@dataclass(frozen=True, slots=True)
class BCRYPT_KEY_DATA_BLOB_HEADER:  # noqa: N801
    """The header of a KeyDataBlob; the key follows it."""

    dwMagic: int
    dwVersion: int
    cbKeyData: int

    def to_bytes(self) -> bytes:
        """Return the 12 bytes of the header."""
        return struct.pack("<III", self.dwMagic, self.dwVersion, self.cbKeyData)

    @classmethod
    def from_bytes(cls, data: bytes) -> BCRYPT_KEY_DATA_BLOB_HEADER:
        """Read the first 12 bytes of a blob. Raise InvalidParameterError for fewer."""
        if len(data) < 12:
            raise InvalidParameterError(f"the header of a KeyDataBlob has 12 bytes, not {len(data)}")
        return cls(*struct.unpack_from("<III", data))
