"""Read and write DER as strictly as keys need it: element after element, in order.

Strict means X.690 section 10: definite lengths in the fewest bytes, integers in the fewest bytes, nothing after the
end. A length is compared with the remaining bytes before anything is copied. An integer above :data:`LARGEST_INTEGER`
bits is refused without reading it. Every error names the offset of the wrong element, and none tells a byte of the
data, because it may be a private key.

The decision page "interchange" explains why no library is used.
"""

from __future__ import annotations

from cngcore.status import BadDataError, InvalidParameterError

__all__ = [
    "BIT_STRING",
    "INTEGER",
    "LARGEST_INTEGER",
    "NULL",
    "OBJECT_IDENTIFIER",
    "OCTET_STRING",
    "SEQUENCE",
    "Reader",
    "bits",
    "context",
    "element",
    "first",
    "integer",
    "null",
    "octets",
    "oid",
    "sequence",
]

INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30
LARGEST_INTEGER = 16384
"""Bits of the largest integer that is read: the longest RSA modulus of the contract."""

_NAMES = {
    INTEGER: "an INTEGER",
    BIT_STRING: "a BIT STRING",
    OCTET_STRING: "an OCTET STRING",
    NULL: "NULL",
    OBJECT_IDENTIFIER: "an OBJECT IDENTIFIER",
    SEQUENCE: "a SEQUENCE",
}


class Reader:
    """Read the elements of ``data`` from ``start`` to ``end``, one after the other.

    ``what`` names the structure in errors. Every method takes the next element, checks its type and moves on.
    """

    __slots__ = ("_at", "_data", "_end", "what")

    def __init__(self, data: bytes | bytearray | memoryview, what: str, start: int = 0, end: int | None = None) -> None:
        self._data = memoryview(data).cast("B")
        self._at = start
        self._end = len(self._data) if end is None else end
        self.what = what

    @property
    def offset(self) -> int:
        """Return the offset of the next element."""
        return self._at

    @property
    def left(self) -> int:
        """Return the bytes that are left."""
        return self._end - self._at

    def peek(self) -> int | None:
        """Return the tag of the next element, or None at the end."""
        return self._data[self._at] if self._at < self._end else None

    def sequence(self, what: str = "") -> Reader:
        """Return a reader of the elements of a SEQUENCE."""
        start, end = self._take(SEQUENCE)
        return Reader(self._data, what or self.what, start, end)

    def context(self, number: int, *, constructed: bool = True) -> Reader | None:
        """Take the next element if it has the context tag ``[number]`` and return its reader; else take nothing, return
        None.
        """
        tag = 0x80 | constructed << 5 | number
        if self.peek() != tag:
            return None
        start, end = self._take(tag)
        return Reader(self._data, self.what, start, end)

    def integer(self, name: str) -> int:
        """Return an INTEGER of 0 or more."""
        at = self._at
        start, end = self._take(INTEGER, name)
        if start == end or (end - start > 1 and self._data[start] == 0 and self._data[start + 1] < 0x80):
            raise self._wrong(at, f"{name} is not in the fewest bytes")
        if self._data[start] & 0x80:
            raise self._wrong(at, f"{name} is negative")
        if end - start > LARGEST_INTEGER // 8 + 1:
            raise self._wrong(at, f"{name} has {8 * (end - start)} bits; the limit is {LARGEST_INTEGER}")
        return int.from_bytes(self._data[start:end], "big")

    def octets(self, name: str) -> bytes:
        """Return the content of an OCTET STRING."""
        start, end = self._take(OCTET_STRING, name)
        return bytes(self._data[start:end])

    def inside(self, name: str) -> Reader:
        """Return a reader of the DER in an OCTET STRING."""
        start, end = self._take(OCTET_STRING, name)
        return Reader(self._data, name, start, end)

    def bits(self, name: str) -> bytes:
        """Return the content of a BIT STRING of whole bytes."""
        start, end = self._bits(name)
        return bytes(self._data[start:end])

    def context_bits(self, number: int, name: str) -> bytes | None:
        """Return the content of an implicit BIT STRING ``[number]`` if that is the next element, else None."""
        if self.peek() != 0x80 | number:
            return None
        start, end = self._bits(name, 0x80 | number)
        return bytes(self._data[start:end])

    def inside_bits(self, name: str) -> Reader:
        """Return a reader of the DER in a BIT STRING."""
        start, end = self._bits(name)
        return Reader(self._data, name, start, end)

    def oid(self, name: str = "the algorithm") -> str:
        """Return an OBJECT IDENTIFIER in dotted form."""
        at = self._at
        start, end = self._take(OBJECT_IDENTIFIER, name)
        arcs, value = [], 0
        for index in range(start, end):
            octet = self._data[index]
            if octet == 0x80 and value == 0:
                raise self._wrong(at, "an arc of the object identifier is not in the fewest bytes")
            value = value << 7 | octet & 0x7F
            if octet < 0x80:
                arcs.append(value)
                value = 0
            elif value >> 64:
                raise self._wrong(at, "an arc of the object identifier is too large")
        if start == end or self._data[end - 1] & 0x80:
            raise self._wrong(at, "the object identifier is cut off")
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))

    def null(self) -> None:
        """Take a NULL."""
        start, end = self._take(NULL)
        if start != end:
            raise self._wrong(start, "NULL has content")

    def raw(self) -> bytes:
        """Return the remaining content of this reader."""
        content = bytes(self._data[self._at : self._end])
        self._at = self._end
        return content

    def element(self) -> bytes:
        """Return the content of the next element, of any type."""
        tag = self.peek()
        if tag is None:
            raise self._wrong(self._at, "an element is missing")
        start, end = self._take(tag)
        return bytes(self._data[start:end])

    def skip_rest(self) -> None:
        """Skip every element that is left."""
        while self.peek() is not None:
            self.element()

    def end(self) -> None:
        """Raise BadDataError if elements are left."""
        if self._at != self._end:
            raise self._wrong(self._at, f"{self._end - self._at} bytes trail")

    def wrong(self, why: str) -> BadDataError:
        """Return the error for the current offset."""
        return self._wrong(self._at, why)

    def _bits(self, name: str, tag: int = BIT_STRING) -> tuple[int, int]:
        at = self._at
        start, end = self._take(tag, name)
        if start == end or self._data[start] != 0:
            raise self._wrong(at, f"{name} is not a string of whole bytes")
        return start + 1, end

    def _take(self, tag: int, name: str = "") -> tuple[int, int]:
        """Return the offsets of the content of the next element: its start and its end."""
        at, expected = self._at, _NAMES.get(tag, f"an element [{tag & 0x1F}]")
        if at >= self._end:
            raise self._wrong(at, f"{expected} is missing" + (f" ({name})" if name else ""))
        if self._data[at] != tag:
            raise self._wrong(at, f"the element is not {expected}" + (f" ({name})" if name else ""))
        if at + 1 >= self._end:
            raise self._wrong(at, "the element has no length")
        length, start = self._data[at + 1], at + 2
        if length >= 0x80:
            width = length & 0x7F
            if not 0 < width <= 4 or start + width > self._end:
                raise self._wrong(at, "the length is indefinite, too long, or cut off")
            length = int.from_bytes(self._data[start : start + width], "big")
            if length < 0x80 or length >> 8 * (width - 1) == 0:
                raise self._wrong(at, "the length is not in the fewest bytes")
            start += width
        if start + length > self._end:
            raise self._wrong(at, f"the element is longer than the {self._end - start} bytes that are left")
        self._at = start + length
        return start, start + length

    def _wrong(self, at: int, why: str) -> BadDataError:
        return BadDataError(f"{self.what}: {why}, at offset {at}")


def first(data: bytes, what: str) -> bytes:
    """Return the first element of ``data``, without what stands behind it."""
    reader = Reader(data, what)
    reader.sequence()
    return bytes(data[: reader.offset])


def sequence(*parts: bytes | bytearray) -> bytearray:
    """Return a SEQUENCE of elements."""
    return element(SEQUENCE, b"".join(parts))


def integer(number: int) -> bytearray:
    """Return an INTEGER of 0 or more."""
    if number < 0:
        raise InvalidParameterError("a number of a key must not be below 0")
    return element(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(content: bytes | bytearray) -> bytearray:
    """Return an OCTET STRING."""
    return element(OCTET_STRING, content)


def bits(content: bytes | bytearray) -> bytearray:
    """Return a BIT STRING of whole bytes."""
    return element(BIT_STRING, b"\0" + content)


def null() -> bytearray:
    """Return a NULL."""
    return element(NULL, b"")


def oid(dotted: str) -> bytearray:
    """Return an OBJECT IDENTIFIER, given its dotted form."""
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for arc in (40 * first + second, *rest):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(0x80 | arc & 0x7F)
        content += bytes(reversed(septets))
    return element(OBJECT_IDENTIFIER, content)


def context(number: int, content: bytes | bytearray, *, constructed: bool = True) -> bytearray:
    """Return an element of context tag ``[number]``: explicit if ``constructed``, else an implicit string."""
    return element(0x80 | constructed << 5 | number, content)


def element(tag: int, content: bytes | bytearray) -> bytearray:
    """Return an element of any tag."""
    length = len(content)
    if length < 0x80:
        head = bytes((tag, length))
    else:
        width = (length.bit_length() + 7) // 8
        head = bytes((tag, 0x80 | width)) + length.to_bytes(width, "big")
    return bytearray(head) + content
