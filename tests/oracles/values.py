"""Numbers and strings as bytes, as C code passes them."""

from __future__ import annotations

import struct


def wide(text: str) -> bytes:
    """A string as C code hands it over: UTF-16LE with its NUL (contract: rule-strings)."""
    return text.encode("utf-16-le") + b"\0\0"


def dword(value: int) -> bytes:
    return struct.pack("<I", value)


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def octets(value: int, length: int | None = None) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8 if length is None else length, "big")


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
