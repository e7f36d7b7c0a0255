"""The structures of bcrypt.h that callers pass by pointer.

They are frozen dataclasses with the C field names, without the byte counts.

contract: rule-layout-structures.
"""

from __future__ import annotations

from dataclasses import dataclass


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
