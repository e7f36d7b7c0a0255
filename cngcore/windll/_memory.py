"""The caller's memory: bytes, numbers and strings at an address, and blocks that BCryptFreeBuffer frees.

A string of the caller has 2 bytes a character (Windows, ``char16_t``) or 4 (``wchar_t`` of Linux and macOS, as ctypes
and cffi use it there). Both are read.
"""

from __future__ import annotations

import ctypes
from ctypes import addressof, c_uint8, c_uint32, c_void_p, create_string_buffer, string_at, wstring_at
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctypes import Array, c_char

POINTER_SIZE = ctypes.sizeof(c_void_p)
WCHAR_SIZE = ctypes.sizeof(ctypes.c_wchar)
"""Bytes of a wide character of this platform's C compiler: 2 on Windows, else 4."""

_PAGE = 4096
_CHUNK = 128
_LONGEST_TEXT = 1 << 14
_WRITABLE = 0x200  # PyBUF_WRITE

_view_of = ctypes.pythonapi.PyMemoryView_FromMemory
_view_of.restype = ctypes.py_object
_view_of.argtypes = [c_void_p, ctypes.c_ssize_t, ctypes.c_int]


def view(address: int, size: int) -> memoryview:
    """Return a writable view of ``size`` bytes at an address."""
    found: memoryview = _view_of(address, size, _WRITABLE)
    return found


def read(address: int, size: int) -> bytes:
    """Return a copy of ``size`` bytes at an address."""
    return string_at(address, size)


def write_dword(address: int, number: int) -> None:
    """Write a number of 32 bits."""
    c_uint32.from_address(address).value = number


def read_dword(address: int) -> int:
    """Return the number of 32 bits at an address."""
    return c_uint32.from_address(address).value


def write_byte(address: int, number: int) -> None:
    """Write one byte."""
    c_uint8.from_address(address).value = number


def write_pointer(address: int, number: int) -> None:
    """Write an address or a handle."""
    c_void_p.from_address(address).value = number


def read_pointer(address: int) -> int:
    """Return the address or handle at an address; 0 for NULL."""
    return c_void_p.from_address(address).value or 0


# --- strings ------------------------------------------------------------------------------------------------------


def text(address: int) -> str | None:
    """Return the string at an address, of 2 or 4 bytes a character; None for NULL.

    A string of two characters or more shows its width: in the 4-byte form the third and fourth byte are zero. No name
    in the header has one character.
    """
    if not address:
        return None
    size = min(_CHUNK, _PAGE - address % _PAGE)  # no page that the string may not reach
    while True:
        data = string_at(address, size - size % 2)
        if data[2:4] == b"\0\0" != data[:2]:
            wide = _wide_text(address)
            if wide is not None:
                return wide
        found = data.decode("utf-16-le", "surrogatepass")
        end = found.find("\0")
        if end >= 0:
            return found[:end]
        if size > _LONGEST_TEXT:
            return ""
        size += _PAGE - (address + size) % _PAGE


def _wide_text(address: int) -> str | None:
    """Return the string at an address if it has 4 bytes a character; None for a 2-byte string of one character.

    Behind such a string stands anything, which is no text as a rule.
    """
    try:
        if WCHAR_SIZE == 4 and not address % 4:
            found = wstring_at(address)  # 0.4 us; decoding what follows the string takes 5
        else:
            found = ""
            while (unit := c_uint32.from_address(address + 4 * len(found)).value) and len(found) < _LONGEST_TEXT:
                found += chr(unit)
    except (ValueError, OverflowError):
        return None
    return found if found.isprintable() and (found.isascii() or not found[0].isascii()) else None


def narrow(address: int, size: int) -> bytes:
    """Return the ``size`` bytes of a string value with 2 bytes a character; 4-byte characters are converted.

    A 4-byte form has a zero in the upper half of every group of 4 bytes, and in a 2-byte form of two characters the
    first group holds both. A program for Windows counts 2 bytes a character also where its characters have 4; the value
    then goes on behind its count.
    """
    data = string_at(address, size)
    if size < 4 or any(data[2::4]) or any(data[3::4]):
        return data
    if size % 4 == 0 and data[-4:] == bytes(4):
        return data.decode("utf-32-le", "replace").encode("utf-16-le", "surrogatepass")
    value = encode(text(address) or "", 2)
    return value[:size] if len(value) in (size, size + 2) else data


def encode(value: str, width: int) -> bytes:
    """Return a string with its NUL, at ``width`` bytes a character."""
    return (value + "\0").encode("utf-32-le" if width == 4 else "utf-16-le", "surrogatepass")


# --- blocks that the caller frees ------------------------------------------------------------------------------------

_blocks: dict[int, Array[c_char]] = {}


def allocate(size: int) -> int:
    """Return the address of a new block of ``size`` bytes, which the caller frees with BCryptFreeBuffer."""
    block = create_string_buffer(max(size, 1))
    address = addressof(block)
    _blocks[address] = block
    return address


def free(address: int) -> None:
    """Free a block. NULL, and an address that no call of ours has returned, are ignored."""
    _blocks.pop(address, None)


def open_blocks() -> int:
    """Return how many blocks are not freed yet."""
    return len(_blocks)


def pack_names(rows: list[tuple[str, bytes]], address: int, width: int) -> bytes:
    """Return, for a block at ``address``, an array of structures that begin with the pointer to a name, and the names.

    ``rows`` has each name and the bytes of its structure after the pointer.
    """
    array, names = b"", b""
    start = address + sum(POINTER_SIZE + len(rest) for _, rest in rows)
    for name, rest in rows:
        array += (start + len(names)).to_bytes(POINTER_SIZE, "little") + rest
        names += encode(name, width)
    return array + names
