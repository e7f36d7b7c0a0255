"""Status codes, and one exception class for each status that a caller may want to catch.

An ``NTSTATUS`` is a 32-bit number. It means success if it is not negative as a signed number. Here it is always
unsigned, as the header's hexadecimal constants are. A few calls answer with an ``HRESULT`` (``NTE_BAD_DATA`` for a
broken RSA blob). Those are members too, because a C caller sees the same 32 bits. Names and values come from ntstatus.h
and winerror.h.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import ClassVar


class NTStatus(IntEnum):
    """The answer of every function of the contract: an unsigned 32-bit number with a name.

    A number without a name is an ``NTStatus`` too: ``NTStatus(0xC0001234)`` prints in hex. A number that does not fit
    32 bits raises ``ValueError``. A negative number means the signed form of the same 32 bits.
    """

    STATUS_SUCCESS = 0x00000000
    STATUS_UNSUCCESSFUL = 0xC0000001
    STATUS_NOT_IMPLEMENTED = 0xC0000002
    STATUS_INVALID_HANDLE = 0xC0000008
    STATUS_INVALID_PARAMETER = 0xC000000D
    STATUS_NO_MEMORY = 0xC0000017
    STATUS_ACCESS_DENIED = 0xC0000022
    STATUS_BUFFER_TOO_SMALL = 0xC0000023
    STATUS_OBJECT_NAME_NOT_FOUND = 0xC0000034
    STATUS_DATA_ERROR = 0xC000003E
    STATUS_INSUFFICIENT_RESOURCES = 0xC000009A
    STATUS_NOT_SUPPORTED = 0xC00000BB
    STATUS_INTERNAL_ERROR = 0xC00000E5
    STATUS_INVALID_BUFFER_SIZE = 0xC0000206
    STATUS_NOT_FOUND = 0xC0000225
    STATUS_ENCRYPTION_FAILED = 0xC000028A
    STATUS_DECRYPTION_FAILED = 0xC000028B
    STATUS_INVALID_SIGNATURE = 0xC000A000
    STATUS_HMAC_NOT_SUPPORTED = 0xC000A001
    STATUS_AUTH_TAG_MISMATCH = 0xC000A002

    NTE_BAD_DATA = 0x80090005
    NTE_BAD_SIGNATURE = 0x80090006
    NTE_BAD_ALGID = 0x80090008
    NTE_NO_MEMORY = 0x8009000E
    NTE_INVALID_HANDLE = 0x80090026
    NTE_INVALID_PARAMETER = 0x80090027
    NTE_BUFFER_TOO_SMALL = 0x80090028
    NTE_NOT_SUPPORTED = 0x80090029

    @classmethod
    def _missing_(cls, value: object) -> NTStatus | None:
        if not isinstance(value, int) or not -(1 << 31) <= value < 1 << 32:
            return None
        unsigned = value & 0xFFFFFFFF
        known = cls._value2member_map_.get(unsigned)
        if known is not None:
            return known  # type: ignore[return-value]
        unnamed = int.__new__(cls, unsigned)
        unnamed._name_ = f"0x{unsigned:08X}"
        unnamed._value_ = unsigned
        return unnamed

    @property
    def is_success(self) -> bool:
        """Whether the call succeeded (``NT_SUCCESS`` of the header)."""
        return self._value_ < 0x80000000

    @property
    def meaning(self) -> str:
        """One line that says what this status means."""
        return _MEANINGS.get(self.name, "this library never returns this status; look it up by number")

    def __repr__(self) -> str:
        return f"<NTStatus {self._name_}: 0x{self._value_:08X}>"

    def __str__(self) -> str:
        return str(self._name_)

    def __format__(self, format_spec: str) -> str:
        return format(str(self), format_spec) if not format_spec[-1:].isalpha() else format(int(self), format_spec)


_MEANINGS = {
    "STATUS_SUCCESS": "done",
    "STATUS_UNSUCCESSFUL": "failed for an unknown reason",
    "STATUS_NOT_IMPLEMENTED": "the function exists but does nothing yet",
    "STATUS_INVALID_HANDLE": "the handle is NULL, closed, of another kind, or in the wrong state",
    "STATUS_INVALID_PARAMETER": "a pointer, size, flag, blob field or value is wrong",
    "STATUS_NO_MEMORY": "there is not enough memory",
    "STATUS_ACCESS_DENIED": "the object exists but may not be used or changed this way",
    "STATUS_BUFFER_TOO_SMALL": "the output buffer is too short; the size needed is reported",
    "STATUS_OBJECT_NAME_NOT_FOUND": "no object of that name in the configuration",
    "STATUS_DATA_ERROR": "the data is malformed",
    "STATUS_INSUFFICIENT_RESOURCES": "the system has too few resources left",
    "STATUS_NOT_SUPPORTED": "this object does not support the algorithm, blob type, property or operation",
    "STATUS_INTERNAL_ERROR": "the provider itself failed",
    "STATUS_INVALID_BUFFER_SIZE": "a buffer does not have the exact length that is required",
    "STATUS_NOT_FOUND": "no provider serves that algorithm",
    "STATUS_ENCRYPTION_FAILED": "the data could not be encrypted",
    "STATUS_DECRYPTION_FAILED": "the data could not be decrypted",
    "STATUS_INVALID_SIGNATURE": "the signature does not verify",
    "STATUS_HMAC_NOT_SUPPORTED": "the hash has no keyed mode",
    "STATUS_AUTH_TAG_MISMATCH": "the authentication tag does not match",
    "NTE_BAD_DATA": "the key blob is malformed",
    "NTE_BAD_SIGNATURE": "the signature does not verify (key-storage layer)",
    "NTE_BAD_ALGID": "no such algorithm (key-storage layer)",
    "NTE_NO_MEMORY": "there is not enough memory (key-storage layer)",
    "NTE_INVALID_HANDLE": "the handle is not valid (key-storage layer)",
    "NTE_INVALID_PARAMETER": "a parameter is wrong (key-storage layer)",
    "NTE_BUFFER_TOO_SMALL": "the output buffer is too short (key-storage layer)",
    "NTE_NOT_SUPPORTED": "not supported (key-storage layer)",
}

STATUS_SUCCESS = NTStatus.STATUS_SUCCESS
STATUS_UNSUCCESSFUL = NTStatus.STATUS_UNSUCCESSFUL
STATUS_NOT_IMPLEMENTED = NTStatus.STATUS_NOT_IMPLEMENTED
STATUS_INVALID_HANDLE = NTStatus.STATUS_INVALID_HANDLE
STATUS_INVALID_PARAMETER = NTStatus.STATUS_INVALID_PARAMETER
STATUS_NO_MEMORY = NTStatus.STATUS_NO_MEMORY
STATUS_ACCESS_DENIED = NTStatus.STATUS_ACCESS_DENIED
STATUS_BUFFER_TOO_SMALL = NTStatus.STATUS_BUFFER_TOO_SMALL
STATUS_OBJECT_NAME_NOT_FOUND = NTStatus.STATUS_OBJECT_NAME_NOT_FOUND
STATUS_DATA_ERROR = NTStatus.STATUS_DATA_ERROR
STATUS_INSUFFICIENT_RESOURCES = NTStatus.STATUS_INSUFFICIENT_RESOURCES
STATUS_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED
STATUS_INTERNAL_ERROR = NTStatus.STATUS_INTERNAL_ERROR
STATUS_INVALID_BUFFER_SIZE = NTStatus.STATUS_INVALID_BUFFER_SIZE
STATUS_NOT_FOUND = NTStatus.STATUS_NOT_FOUND
STATUS_ENCRYPTION_FAILED = NTStatus.STATUS_ENCRYPTION_FAILED
STATUS_DECRYPTION_FAILED = NTStatus.STATUS_DECRYPTION_FAILED
STATUS_INVALID_SIGNATURE = NTStatus.STATUS_INVALID_SIGNATURE
STATUS_HMAC_NOT_SUPPORTED = NTStatus.STATUS_HMAC_NOT_SUPPORTED
STATUS_AUTH_TAG_MISMATCH = NTStatus.STATUS_AUTH_TAG_MISMATCH
NTE_BAD_DATA = NTStatus.NTE_BAD_DATA
NTE_BAD_SIGNATURE = NTStatus.NTE_BAD_SIGNATURE
NTE_BAD_ALGID = NTStatus.NTE_BAD_ALGID
NTE_NO_MEMORY = NTStatus.NTE_NO_MEMORY
NTE_INVALID_HANDLE = NTStatus.NTE_INVALID_HANDLE
NTE_INVALID_PARAMETER = NTStatus.NTE_INVALID_PARAMETER
NTE_BUFFER_TOO_SMALL = NTStatus.NTE_BUFFER_TOO_SMALL
NTE_NOT_SUPPORTED = NTStatus.NTE_NOT_SUPPORTED


class CngError(Exception):
    """Root of every exception that this library raises on purpose.

    ``status`` is the :class:`NTStatus` that the flat API answers for the same mistake. The message says what happened,
    why, and what to do. It never holds key material.
    """

    default_status: ClassVar[NTStatus] = NTStatus.STATUS_UNSUCCESSFUL

    size: int | None = None
    """Bytes that the flat API reports (``*pcbResult``) although the call failed; None if it reports none."""

    def __init__(self, status: NTStatus, message: str = "") -> None:
        super().__init__(status, message)
        self.status = NTStatus(status)
        self.message = message or self.status.meaning

    def __str__(self) -> str:
        return f"{self.status}: {self.message}"


class _StatusError(CngError):
    """A :class:`CngError` whose class determines the status, so that a message is enough."""

    def __init__(self, message: str = "", *, status: NTStatus | None = None) -> None:
        super().__init__(self.default_status if status is None else status, message)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.status, self.message)


def _rebuild(kind: type[_StatusError], status: NTStatus, message: str) -> _StatusError:
    """Unpickle an error, whose constructor has other arguments than ``BaseException.args``."""
    return kind(message, status=status)


class InvalidHandleError(_StatusError):
    """The object is closed, destroyed, of another kind, or in the wrong state for this call."""

    default_status = NTStatus.STATUS_INVALID_HANDLE


class InvalidParameterError(_StatusError):
    """A value, size, flag or field is wrong."""

    default_status = NTStatus.STATUS_INVALID_PARAMETER


class NotSupportedError(_StatusError):
    """This object does not support the algorithm, blob type, property or operation."""

    default_status = NTStatus.STATUS_NOT_SUPPORTED


class NotFoundError(_StatusError):
    """No usable provider serves the algorithm; the message lists those that were skipped."""

    default_status = NTStatus.STATUS_NOT_FOUND


class InvalidSignatureError(_StatusError):
    """The signature does not verify."""

    default_status = NTStatus.STATUS_INVALID_SIGNATURE


class BufferTooSmallError(_StatusError):
    """The output buffer is too short."""

    default_status = NTStatus.STATUS_BUFFER_TOO_SMALL


class InvalidBufferSizeError(_StatusError):
    """A buffer does not have the exact length that is required."""

    default_status = NTStatus.STATUS_INVALID_BUFFER_SIZE


class AuthTagMismatchError(_StatusError):
    """The authentication tag does not match: the key, nonce, tag, data or associated data is not what was encrypted."""

    default_status = NTStatus.STATUS_AUTH_TAG_MISMATCH


class DataError(_StatusError):
    """The decrypted data has no valid padding."""

    default_status = NTStatus.STATUS_DATA_ERROR


class AccessDeniedError(_StatusError):
    """The object exists but may not be used or changed this way."""

    default_status = NTStatus.STATUS_ACCESS_DENIED


class CancelledError(_StatusError):
    """The caller cancelled a key generation: STATUS_CANCELLED, which no function of the contract answers."""

    default_status = NTStatus(0xC0000120)


class BadDataError(_StatusError):
    """A key blob is malformed (``NTE_BAD_DATA``, an HRESULT that Windows returns as a status)."""

    default_status = NTStatus.NTE_BAD_DATA


class InternalError(_StatusError):
    """The provider itself failed; its exception is the ``__cause__``."""

    default_status = NTStatus.STATUS_INTERNAL_ERROR


_CLASSES = {
    kind.default_status: kind
    for kind in (
        InvalidHandleError,
        InvalidParameterError,
        NotSupportedError,
        NotFoundError,
        InvalidSignatureError,
        BufferTooSmallError,
        InvalidBufferSizeError,
        AuthTagMismatchError,
        DataError,
        AccessDeniedError,
        CancelledError,
        BadDataError,
        InternalError,
    )
}


def with_size(error: CngError, size: int) -> CngError:
    """Return the error with the size that the flat API reports."""
    error.size = size
    return error


def error_for(status: NTStatus, message: str = "") -> CngError:
    """Return the exception for ``status``: of its own class if there is one, else a CngError."""
    kind = _CLASSES.get(status)
    return kind(message) if kind is not None else CngError(status, message)
