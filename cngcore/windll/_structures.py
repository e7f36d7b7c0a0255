"""Structures of bcrypt.h in memory: read for :mod:`cngcore.bcrypt`, and written for a real bcrypt.dll.

contract: rule-layout-structures, rule-authenticated.
"""

from __future__ import annotations

import ctypes
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore.bcrypt import (
    BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO,
    BCRYPT_MULTI_HASH_OPERATION,
    BCRYPT_OAEP_PADDING_INFO,
    BCRYPT_PKCS1_PADDING_INFO,
    BCRYPT_PQDSA_PADDING_INFO,
    BCRYPT_PSS_PADDING_INFO,
    BCryptBuffer,
)
from cngcore.status import InvalidParameterError
from cngcore.windll import _memory as memory
from cngcore.windll._table import COUNTED, STRUCTURES, Kind

if TYPE_CHECKING:
    from typing import Any

_TYPES: dict[Kind, Any] = {
    Kind.DWORD: ctypes.c_uint32,
    Kind.COUNT: ctypes.c_uint32,
    Kind.QWORD: ctypes.c_uint64,
}
_PKCS1_FLAGS = c.BCRYPT_PAD_PKCS1 | c.BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID
_AUTHENTICATED = "BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO"
_MOST_BUFFERS = 4096


@cache
def c_structure(name: str) -> Any:
    """Return the ctypes class of a structure of the table."""
    fields = [(field.name, _TYPES.get(field.kind, ctypes.c_void_p)) for field in STRUCTURES[name].fields]
    return type(name, (ctypes.Structure,), {"_fields_": fields})


def size_of(name: str) -> int:
    """Return the bytes of a structure on this platform."""
    return ctypes.sizeof(c_structure(name))


def _fields(name: str, address: int) -> dict[str, Any]:
    """Return the fields of a structure at an address: strings and bytes read, numbers as they are, NULL as None."""
    raw = c_structure(name).from_address(address)
    rows = STRUCTURES[name].fields
    found: dict[str, Any] = {}
    for index, field in enumerate(rows):
        value = getattr(raw, field.name)
        if field.kind is Kind.TEXT:
            value = memory.text(value or 0)
        elif field.kind in COUNTED:
            size = getattr(raw, rows[index + 1].name)
            value = memory.read(value, size) if value else _null(field.name, size)
        found[field.name] = value
    return found


def _null(name: str, size: int) -> Any:
    """Return None for a pointer that is NULL. Raise InvalidParameterError if it has a count."""
    if size:
        raise InvalidParameterError(f"{name} is NULL and has {size} bytes")
    return None


# --- paddings -------------------------------------------------------------------------------------------------------


class _Unknown:
    """A padding structure without the flag that says which one it is."""


def signature_padding(address: int, flags: int) -> object:
    """Return the padding structure of BCryptSignHash or BCryptVerifySignature."""
    if not address:
        return None
    if flags and not flags & ~_PKCS1_FLAGS:
        return BCRYPT_PKCS1_PADDING_INFO(_fields("BCRYPT_PKCS1_PADDING_INFO", address)["pszAlgId"])
    if flags == c.BCRYPT_PAD_PSS:
        found = _fields("BCRYPT_PSS_PADDING_INFO", address)
        return BCRYPT_PSS_PADDING_INFO(found["pszAlgId"], found["cbSalt"])
    if flags == c.BCRYPT_PAD_PQDSA:
        found = _fields("BCRYPT_PQDSA_PADDING_INFO", address)
        return BCRYPT_PQDSA_PADDING_INFO(found["pbCtx"] or b"", found["pszPrehashAlgId"])
    return _Unknown()


def cipher_padding(address: int, flags: int, handle: int, symmetric: bool) -> object:
    """Return the padding structure of BCryptEncrypt or BCryptDecrypt, by the kind of the key."""
    if not address:
        return None
    if symmetric:
        return AuthenticatedInfo(address, handle)
    if flags == c.BCRYPT_PAD_OAEP:
        found = _fields("BCRYPT_OAEP_PADDING_INFO", address)
        return BCRYPT_OAEP_PADDING_INFO(found["pszAlgId"], found["pbLabel"] or b"")
    return _Unknown()


class AuthenticatedInfo(BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO):
    """The structure of an authenticated mode in the caller's memory; fields are read and written there.

    Nothing is read before a field is asked for, because other modes ignore the pointer. The state of a message of
    several calls is kept here, under a number that stands in the caller's pbMacContext. So the caller may build the
    structure anew for each call, as with Windows.
    """

    __slots__ = ("_handle", "_raw")

    def __init__(self, address: int, handle: int) -> None:
        self._raw = c_structure(_AUTHENTICATED).from_address(address)
        self._handle = handle

    def _bytes(self, name: str, count: str) -> Any:
        address, size = getattr(self._raw, name), getattr(self._raw, count)
        return memory.read(address, size) if address else _null(name, size)

    def _buffer(self, name: str, count: str) -> Any:
        address, size = getattr(self._raw, name), getattr(self._raw, count)
        return memory.view(address, size) if address else _null(name, size)

    @property
    def pbNonce(self) -> Any:  # type: ignore[override]
        """The nonce, which is asked for first. Raise InvalidParameterError for a structure of another version."""
        if self._raw.cbSize != size_of(_AUTHENTICATED) or self._raw.dwInfoVersion != 1:
            raise InvalidParameterError(f"{_AUTHENTICATED} has cbSize {size_of(_AUTHENTICATED)} and dwInfoVersion 1")
        return self._bytes("pbNonce", "cbNonce")

    @property
    def pbAuthData(self) -> Any:  # type: ignore[override]
        """The associated data."""
        return self._bytes("pbAuthData", "cbAuthData")

    @property
    def pbTag(self) -> Any:  # type: ignore[override]
        """The tag, writable."""
        return self._buffer("pbTag", "cbTag")

    @property
    def pbMacContext(self) -> Any:  # type: ignore[override]
        """The caller's memory for the state, writable."""
        return self._buffer("pbMacContext", "cbMacContext")

    @property
    def cbAAD(self) -> int:
        """Bytes of associated data so far."""
        return int(self._raw.cbAAD)

    @cbAAD.setter
    def cbAAD(self, value: int) -> None:
        self._raw.cbAAD = value

    @property
    def cbData(self) -> int:
        """Bytes of data so far."""
        return int(self._raw.cbData)

    @cbData.setter
    def cbData(self, value: int) -> None:
        self._raw.cbData = value

    @property
    def dwFlags(self) -> int:
        """The flags of the message."""
        return int(self._raw.dwFlags)

    @dwFlags.setter
    def dwFlags(self, value: int) -> None:
        self._raw.dwFlags = value

    @property
    def chain(self) -> Any:
        """The state of the message; None before its first call and after its last."""
        number = self._number()
        return None if number is None else _chains[number][1]

    @chain.setter
    def chain(self, state: object) -> None:
        number = self._number()
        if state is None:
            if number is not None:
                _chains.pop(number, None)
                memory.view(self._raw.pbMacContext, _TOKEN)[:] = bytes(_TOKEN)
            return
        if number not in _chains:
            number = _new_number()
            memory.view(self._raw.pbMacContext, _TOKEN)[:] = _MAGIC + number.to_bytes(8, "little")
        _chains[number] = self._handle, state

    def _number(self) -> int | None:
        """Return the number of the message from the caller's pbMacContext."""
        raw = self._raw
        if not raw.pbMacContext or raw.cbMacContext < _TOKEN:
            return None
        token = memory.read(raw.pbMacContext, _TOKEN)
        number = int.from_bytes(token[len(_MAGIC) :], "little")
        return number if token.startswith(_MAGIC) and number in _chains else None


_MAGIC = b"CNGchain"
_TOKEN = 16
_chains: dict[int, tuple[int, Any]] = {}
"""The handle of the key and the state of each message that is not finished, by its number."""

_new_number = count(1).__next__


def forget_messages_of(handle: int) -> None:
    """Forget the unfinished messages of a key that is destroyed."""
    for number, (owner, _) in list(_chains.items()):
        if owner == handle:
            _chains.pop(number, None)


# --- lists that the caller passes ------------------------------------------------------------------------------------


def buffers(address: int) -> list[BCryptBuffer] | None:
    """Return the parameters of a BCryptBufferDesc; None for NULL. ``ulVersion`` is not looked at."""
    if not address:
        return None
    head = c_structure("BCryptBufferDesc").from_address(address)
    item = c_structure("BCryptBuffer")
    if head.cBuffers > _MOST_BUFFERS or (head.cBuffers and not head.pBuffers):
        raise InvalidParameterError("pParameterList has no buffers at pBuffers, or more than 4096")
    found = []
    for index in range(head.cBuffers):
        one = item.from_address(head.pBuffers + index * ctypes.sizeof(item))
        if not one.pvBuffer and one.cbBuffer:
            raise InvalidParameterError(f"a buffer of type {one.BufferType} is NULL and has {one.cbBuffer} bytes")
        if one.BufferType == c.KDF_HASH_ALGORITHM and one.pvBuffer:
            data = memory.narrow(one.pvBuffer, one.cbBuffer)
        else:
            data = memory.read(one.pvBuffer, one.cbBuffer) if one.pvBuffer else b""
        found.append(BCryptBuffer(one.BufferType, data))
    return found


def operations(address: int, size: int) -> list[BCRYPT_MULTI_HASH_OPERATION] | None:
    """Return the steps of BCryptProcessMultiOperations; None for NULL."""
    if not address:
        return None
    item = c_structure("BCRYPT_MULTI_HASH_OPERATION")
    if size % ctypes.sizeof(item):
        raise InvalidParameterError(f"cbOperations is a multiple of {ctypes.sizeof(item)}, not {size}")
    found: list[BCRYPT_MULTI_HASH_OPERATION] = []
    for offset in range(0, size, ctypes.sizeof(item)):
        one = item.from_address(address + offset)
        if not one.pbBuffer and one.cbBuffer:
            raise InvalidParameterError(f"pbBuffer of operation {len(found)} is NULL")
        buffer = memory.view(one.pbBuffer, one.cbBuffer) if one.pbBuffer else bytearray()
        found.append(BCRYPT_MULTI_HASH_OPERATION(one.iHash, one.hashOperation, buffer))
    return found
