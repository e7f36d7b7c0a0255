"""Turn BER into DER, for PKCS#12 files: other programs write indefinite lengths and strings in pieces.

Only the outer encoding changes. The content of an OCTET STRING stays as it is, even if it is BER itself.
"""

from __future__ import annotations

from cngcore.formats._der import element
from cngcore.status import BadDataError

__all__ = ["to_der"]

DEEPEST = 24
"""Levels of the deepest nesting that is read."""

MOST_ELEMENTS = 60_000
"""Elements of the largest structure that is read."""


def to_der(data: bytes | bytearray, what: str) -> bytes:
    """Return the first element of ``data`` with definite lengths of the fewest bytes, and strings in one piece.

    Bytes after the element are refused. Raise BadDataError, which names ``what``, for malformed data.
    """
    walk = _Walk(bytes(data), what)
    found = walk.element(0, len(data), 0)
    if walk.at != len(data):
        raise BadDataError(f"{what}: {len(data) - walk.at} bytes trail, at offset {walk.at}")
    return bytes(found)


class _Walk:
    def __init__(self, data: bytes, what: str) -> None:
        self._data, self._what, self._count = data, what, 0
        self.at = 0

    def element(self, at: int, end: int, depth: int) -> bytes | bytearray:
        """Return the element at an offset as DER and set ``self.at`` behind it."""
        data = self._data
        self._count += 1
        if self._count > MOST_ELEMENTS or depth > DEEPEST:
            raise self._wrong(at, "the structure has too many elements or levels")
        if at + 2 > end:
            raise self._wrong(at, "an element is cut off")
        tag, length, start = data[at], data[at + 1], at + 2
        if tag & 0x1F == 0x1F or tag == 0:
            raise self._wrong(at, "the element is of a type that no key has")
        constructed = bool(tag & 0x20)
        if length == 0x80:
            if not constructed:
                raise self._wrong(at, "only a constructed element can have an indefinite length")
            parts: list[tuple[int, bytes | bytearray]] = []
            while data[start : start + 2] != b"\0\0":
                first = data[start] if start < end else 0
                parts.append((first, self.element(start, end, depth + 1)))
                start = self.at
            if start + 2 > end:
                raise self._wrong(at, "the end of an indefinite length is missing")
            self.at = start + 2
            return self._built(tag, parts, at)
        if length > 0x80:
            width = length & 0x7F
            if width > 8 or start + width > end:
                raise self._wrong(at, "the length is too long or cut off")
            length = int.from_bytes(data[start : start + width], "big")
            start += width
        if length > end - start:
            raise self._wrong(at, f"the element is longer than the {end - start} bytes that are left")
        stop = start + length
        if not constructed:
            self.at = stop
            return element(tag, data[start:stop])
        parts = []
        while start < stop:
            first = data[start]
            parts.append((first, self.element(start, stop, depth + 1)))
            start = self.at
        self.at = stop
        return self._built(tag, parts, at)

    def _built(self, tag: int, parts: list[tuple[int, bytes | bytearray]], at: int) -> bytes | bytearray:
        """Return a constructed element; an OCTET STRING in pieces becomes one."""
        if tag != 0x24:
            return element(tag, b"".join(part for _, part in parts))
        if any(first not in (0x04, 0x24) for first, _ in parts):
            raise self._wrong(at, "a string in pieces has a piece of another type")
        return element(0x04, b"".join(_content(part) for _, part in parts))

    def _wrong(self, at: int, why: str) -> BadDataError:
        return BadDataError(f"{self._what}: {why}, at offset {at}")


def _content(der: bytes | bytearray) -> bytes | bytearray:
    width = der[1] & 0x7F if der[1] & 0x80 else 0
    return der[2 + width :]
