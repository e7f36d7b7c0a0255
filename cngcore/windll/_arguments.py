"""Python arguments as C arguments: addresses, numbers and structures, for a call into a real bcrypt.dll.

:class:`Arguments` keeps alive what one call points to. Buffers are passed where they are, so the library writes into
the caller's own. Strings have 2 bytes a character.

contract: rule-layout-structures, rule-authenticated.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from cngcore import bcrypt
from cngcore import constants as c
from cngcore._checks import check_dword
from cngcore.status import InvalidHandleError, InvalidParameterError
from cngcore.windll import _memory as memory
from cngcore.windll._structures import c_structure
from cngcore.windll._table import COUNTED, STRUCTURES, Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

WIDTH = 2
"""Bytes of a character in every string that goes out."""

_AUTHENTICATED = "BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO"
_COUNTERS = ("cbAAD", "cbData", "dwFlags")
"""Fields of that structure that a call writes, besides the caller's buffers."""

_QWORD_PARAMETERS = frozenset({c.KDF_ITERATION_COUNT})
"""Types of a BCryptBuffer whose number has 64 bits."""

_SIGNATURE_PADDINGS = ("BCRYPT_PKCS1_PADDING_INFO", "BCRYPT_PSS_PADDING_INFO", "BCRYPT_PQDSA_PADDING_INFO")
_CIPHER_PADDINGS = ("BCRYPT_OAEP_PADDING_INFO", "BCRYPT_PKCS1_PADDING_INFO")

_empty = ctypes.create_string_buffer(1)
EMPTY = ctypes.addressof(_empty)
"""The address of an empty buffer, which is not NULL."""


def handle_of(value: object) -> int:
    """Return a handle as a number; 0 for NULL. Raise InvalidHandleError for any other type."""
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 8 * memory.POINTER_SIZE:
        raise InvalidHandleError(f"a handle must be an int, not {type(value).__name__}")
    return int(value)


def qword_of(name: str, value: object) -> int:
    """Return a number of 64 bits. Raise InvalidParameterError for any other value."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 64:
        raise InvalidParameterError(f"{name} must be a number of 64 bits")
    return int(value)


class Arguments:
    """What one call points to, kept until the call has returned."""

    __slots__ = ("_after", "_kept")

    def __init__(self) -> None:
        self._kept: list[object] = []
        self._after: list[Callable[[], None]] = []

    def finish(self) -> None:
        """Write what the call changed in structures back to the caller's objects."""
        for step in self._after:
            step()

    def text(self, name: str, value: object) -> int:
        """Return the address of a string; NULL for None."""
        if value is None:
            return 0
        if not isinstance(value, str):
            raise InvalidParameterError(f"{name} must be a string, not {type(value).__name__}")
        return self.input(name, memory.encode(value, WIDTH))[0]

    def input(self, name: str, data: object) -> tuple[int, int]:
        """Return address and size of bytes to read; NULL and 0 for None. A string or a DWORD is encoded first."""
        if data is None:
            return 0, 0
        if isinstance(data, str):
            data = memory.encode(data, WIDTH)
        elif isinstance(data, int):
            data = check_dword(name, data).to_bytes(4, "little")
        if not isinstance(data, bytes):
            view = self._view(name, data)
            if not view.readonly:
                return self._writable(view)
            data = view.tobytes()
        if not data:
            return EMPTY, 0
        pointer = ctypes.c_char_p(data)
        self._kept.append(pointer)
        return ctypes.cast(pointer, ctypes.c_void_p).value or 0, len(data)

    def output(self, name: str, buffer: object) -> tuple[int, int]:
        """Return address and size of a buffer to fill; NULL and 0 for None. Raise InvalidParameterError for others."""
        if buffer is None:
            return 0, 0
        view = self._view(name, buffer)
        if view.readonly:
            raise InvalidParameterError(f"{name} cannot be written to: {type(buffer).__name__}")
        return self._writable(view)

    def changed(self, name: str, buffer: object) -> tuple[int, int]:
        """Return address and size of bytes that a call reads and may write. Of read-only ones it gets a copy."""
        if buffer is None:
            return 0, 0
        view = self._view(name, buffer)
        return self._writable(memoryview(bytearray(view)) if view.readonly else view)

    def _view(self, name: str, data: object) -> memoryview:
        try:
            return memoryview(data).cast("B")  # type: ignore[arg-type]
        except (TypeError, ValueError, BufferError):
            raise InvalidParameterError(f"{name} must be a buffer or None, not {type(data).__name__}") from None

    def _writable(self, view: memoryview) -> tuple[int, int]:
        if not view.nbytes:
            return EMPTY, 0
        first = ctypes.c_char.from_buffer(view)
        self._kept.append(first)
        return ctypes.addressof(first), view.nbytes

    # --- structures -----------------------------------------------------------------------------------------------

    def structure(self, name: str, value: object, *, writes_tag: bool = True) -> Any:
        """Return a structure of the table, filled from an object that has the fields but not the counts."""
        filled = c_structure(name)()
        rows = STRUCTURES[name].fields
        for index, field in enumerate(rows):
            if field.kind is Kind.TEXT:
                setattr(filled, field.name, self.text(field.name, getattr(value, field.name)))
            elif field.kind in COUNTED:
                only_read = field.name == "pbTag" and not writes_tag
                take = self.input if field.kind is Kind.INPUT else self.changed if only_read else self.output
                address, size = take(field.name, getattr(value, field.name))
                setattr(filled, field.name, address)
                setattr(filled, rows[index + 1].name, size)
            elif field.kind in (Kind.DWORD, Kind.QWORD) and hasattr(value, field.name):
                number = getattr(value, field.name)
                check = check_dword if field.kind is Kind.DWORD else qword_of
                setattr(filled, field.name, check(field.name, number))
        self._kept.append(filled)
        return filled

    def signature_padding(self, value: object) -> int:
        """Return the address of the padding structure of a signature; NULL for None."""
        return self._padding(value, _SIGNATURE_PADDINGS)

    def cipher_padding(self, value: object, *, writes_tag: bool) -> int:
        """Return the address of the padding structure of an encryption; NULL for None.

        What the call counts in an authenticated mode is written back by :meth:`finish`.
        """
        if not isinstance(value, bcrypt.BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO):
            return self._padding(value, _CIPHER_PADDINGS)
        filled = self.structure(_AUTHENTICATED, value, writes_tag=writes_tag)
        filled.cbSize, filled.dwInfoVersion = ctypes.sizeof(filled), 1

        def write_back() -> None:
            for name in _COUNTERS:
                setattr(value, name, getattr(filled, name))

        self._after.append(write_back)
        return ctypes.addressof(filled)

    def _padding(self, value: object, names: tuple[str, ...]) -> int:
        if value is None:
            return 0
        name = type(value).__name__
        if name not in names or type(value) is not getattr(bcrypt, name):
            raise InvalidParameterError(f"{name} is not a padding structure of this call; pass one of {names}")
        return ctypes.addressof(self.structure(name, value))

    def buffers(self, value: Any) -> int:
        """Return the address of a BCryptBufferDesc with a list of BCryptBuffer; NULL for None."""
        if value is None:
            return 0
        items = self._items("pParameterList", value, bcrypt.BCryptBuffer)
        array = (c_structure("BCryptBuffer") * max(len(items), 1))()
        for row, one in zip(array, items, strict=False):
            row.BufferType = check_dword("BufferType", one.BufferType)
            data = one.pvBuffer
            if isinstance(data, int) and one.BufferType in _QWORD_PARAMETERS:
                data = qword_of("a count", data).to_bytes(8, "little")
            row.pvBuffer, row.cbBuffer = self.input("pvBuffer", data)
        desc = c_structure("BCryptBufferDesc")(c.BCRYPTBUFFER_VERSION, len(items), ctypes.addressof(array))
        self._kept += [array, desc]
        return ctypes.addressof(desc)

    def operations(self, value: Any) -> tuple[int, int]:
        """Return address and size of an array of BCRYPT_MULTI_HASH_OPERATION; NULL and 0 for None."""
        if value is None:
            return 0, 0
        name = "BCRYPT_MULTI_HASH_OPERATION"
        items = self._items("pOperations", value, bcrypt.BCRYPT_MULTI_HASH_OPERATION)
        array = (c_structure(name) * max(len(items), 1))()
        for row, one in zip(array, items, strict=False):
            row.iHash = check_dword("iHash", one.iHash)
            row.hashOperation = check_dword("hashOperation", one.hashOperation)
            finishes = one.hashOperation == c.BCRYPT_HASH_OPERATION_FINISH_HASH
            row.pbBuffer, row.cbBuffer = (self.output if finishes else self.input)("pbBuffer", one.pbBuffer)
        self._kept.append(array)
        return ctypes.addressof(array), len(items) * ctypes.sizeof(c_structure(name))

    @staticmethod
    def _items(name: str, value: Any, kind: type) -> list[Any]:
        try:
            items = list(value)
        except TypeError:
            raise InvalidParameterError(f"{name} must be an iterable of {kind.__name__}") from None
        for one in items:
            if not isinstance(one, kind):
                raise InvalidParameterError(f"{name} holds a {type(one).__name__}, not a {kind.__name__}")
        return items
