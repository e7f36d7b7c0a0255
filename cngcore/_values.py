"""Property values as the bytes that C code sees.

A DWORD has 4 bytes, little-endian. A string is UTF-16LE with its NUL. A structure has the layout of the header. The
declaration of a property gives its type.

contract: rule-layout.
"""

from __future__ import annotations

from cngcore._imports import resolve
from cngcore.status import InvalidParameterError


def encode(value: object, address: int = 0) -> bytes:
    """Return the bytes of a property value.

    ``address`` is where they will be placed, because a list of names holds pointers into itself.
    """
    if isinstance(value, int):
        return value.to_bytes(4, "little")
    if isinstance(value, str):
        return wide(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, tuple):
        if value and isinstance(value[0], int):
            return b"".join(number.to_bytes(4, "little") for number in value)
        return _name_list(value, address)
    encoded: bytes = value.to_bytes()  # type: ignore[attr-defined]
    return encoded


def decode(name: str, kind: object, data: bytes | str | int | None) -> object:
    """Return the Python value of bytes; a ``str`` means its UTF-16 bytes, and an ``int`` means a DWORD."""
    kind = resolve(kind)
    if data is None:
        if kind is bytes:
            return None
        raise InvalidParameterError(f"{name}: the value is NULL")
    if isinstance(data, str):
        data = wide(data)
    elif isinstance(data, int):
        if not 0 <= data < 1 << 32:
            raise InvalidParameterError(f"{name}: the number does not fit a DWORD")
        data = encode(data)
    if kind is int:
        if len(data) != 4:
            raise InvalidParameterError(f"{name} must be a DWORD of 4 bytes, not {len(data)} bytes")
        return int.from_bytes(data, "little")
    if kind is str:
        return from_wide(name, data)
    if kind is bytes:
        return data
    return kind.from_bytes(data)  # type: ignore[attr-defined]


def wide(text: str) -> bytes:
    """Return UTF-16LE with the terminating NUL."""
    return text.encode("utf-16-le", "surrogatepass") + b"\0\0"


def from_wide(name: str, data: bytes) -> str:
    """Return the string before the first NUL. Without a NUL raise an error, because C code would read past the end."""
    for index in range(0, len(data) - 1, 2):
        if data[index] == 0 == data[index + 1]:
            return data[:index].decode("utf-16-le", "surrogatepass")
    raise InvalidParameterError(f"{name} must be a UTF-16LE string that ends with a NUL of two bytes")


def _name_list(names: tuple[str, ...], address: int) -> bytes:
    """Return ``{ULONG count; LPWSTR *names}``, the array of pointers, then the strings, for a 64-bit caller."""
    header, pointer = 16, 8
    strings = [wide(name) for name in names]
    position = address + header + pointer * len(names)
    pointers = b""
    for string in strings:
        pointers += position.to_bytes(pointer, "little")
        position += len(string)
    count, array = len(names).to_bytes(8, "little"), (address + header).to_bytes(pointer, "little")
    return count + array + pointers + b"".join(strings)
