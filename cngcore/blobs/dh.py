"""Wire formats of Diffie-Hellman keys: ``parse`` a blob, ``build`` one; the DHParameters property.

Layouts: contract: rule-layout-dh (``BCRYPT_DH_KEY_BLOB``, header 8 bytes) and contract: rule-layout-parameters (the
property, header
12 bytes). Header fields are little-endian DWORDs; numbers are big-endian, each as wide as the header's cbKey
says. Answers to malformed blobs: contract: rule-import.

==========================  =====================================================
what                        numbers after the header, cbKey bytes each
==========================  =====================================================
DHPUBLICBLOB                p, g, y                      (PUBLICBLOB is the same)
DHPRIVATEBLOB               p, g, y, x                  (PRIVATEBLOB is the same)
DHParameters                p, g
==========================  =====================================================

Sizes are compared with the length of the blob before anything is copied. The provider tests whether the numbers make
a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING

from cngcore import constants
from cngcore._checks import check_dword, check_number
from cngcore.blobs import shown_magic
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import ReadableBuffer

__all__ = ["DhKey", "DhParameters", "build", "parse"]


@dataclass(frozen=True, slots=True, repr=False)
class DhParameters:
    """A group: the value of the property ``DHParameters``.

    ``p`` is the modulus, ``g`` the generator. ``key_bytes`` is their width on the wire (cbKeyLength); 0 means as many
    bytes as ``p`` needs.

    >>> DhParameters(23, 5).to_bytes()
    b'\\x0e\\x00\\x00\\x00DHPM\\x01\\x00\\x00\\x00\\x17\\x05'

    Raise InvalidParameterError for a number that is not an int, is below 0 or does not fit its width. The numbers are
    not tested to make a group. Source: contract: rule-layout-parameters.
    """

    p: int
    g: int
    key_bytes: int = 0

    def __post_init__(self) -> None:
        for name in ("p", "g"):
            object.__setattr__(self, name, check_number(name, getattr(self, name)))
        width = check_dword("the width of p and g", self.key_bytes) or max(1, (self.p.bit_length() + 7) // 8)
        object.__setattr__(self, "key_bytes", width)
        for value in (self.p, self.g):
            _check_fits(value, self.key_bytes)

    @property
    def bits(self) -> int:
        """Return the length of p in bits, without leading zeros."""
        return self.p.bit_length()

    @classmethod
    def from_bytes(cls, value: ReadableBuffer) -> DhParameters:
        """Return the group in a property value: cbLength, magic, cbKeyLength, then p and g.

        Raise InvalidParameterError for a value shorter than its header, a magic other than DHPM, and sizes that do not
        match the value.
        """
        view = memoryview(value).cast("B")
        if len(view) < _PARAMETERS.size:
            raise InvalidParameterError(f"DHParameters has a header of {_PARAMETERS.size} bytes, not {len(view)}")
        length, magic, key_bytes = _PARAMETERS.unpack_from(view)
        if magic != constants.BCRYPT_DH_PARAMETERS_MAGIC:
            raise InvalidParameterError(f"{shown_magic(magic)} is not the magic of DHParameters")
        if length != len(view):
            raise InvalidParameterError(f"cbLength is {length}, but the value has {len(view)} bytes")
        p, g = _split(view, _PARAMETERS.size, key_bytes, 2)
        return cls(p, g, key_bytes)

    def to_bytes(self) -> bytes:
        """Return the property value, the inverse of :meth:`from_bytes`: 12 + 2 * ``key_bytes`` bytes."""
        size = _PARAMETERS.size + 2 * self.key_bytes
        header = _PARAMETERS.pack(size, constants.BCRYPT_DH_PARAMETERS_MAGIC, self.key_bytes)
        return bytes(_join(header, (self.p, self.g), self.key_bytes))

    def __repr__(self) -> str:
        return f"<DhParameters {self.bits} bits>"


@dataclass(frozen=True, slots=True, repr=False)
class DhKey:
    """The content of a DH blob: the group, the public number ``y``, and the private number ``x``, 0 if absent."""

    parameters: DhParameters
    y: int
    x: int = 0

    @property
    def is_private(self) -> bool:
        """Return whether the private number is present."""
        return self.x != 0

    def __repr__(self) -> str:
        return f"<DhKey {self.parameters.bits} bits, {'private' if self.is_private else 'public'}>"


def parse(blob_type: str, blob: ReadableBuffer) -> DhKey:
    """Return the key in ``blob``, read as ``blob_type``. The numbers are not tested against each other.

    Raise NotSupportedError for a blob type that is not DH's and for a magic that does not belong to the type,
    InvalidParameterError for a blob shorter than its header, a length that differs from the header's sizes, a width of
    0, and a private number of 0.
    """
    expected = _magic(blob_type)
    view = memoryview(blob).cast("B")
    if len(view) < _HEADER.size:
        raise InvalidParameterError(f"a blob of {len(view)} bytes is shorter than its header of {_HEADER.size}")
    magic, key_bytes = _HEADER.unpack_from(view)
    if magic != expected:
        raise NotSupportedError(f"{shown_magic(magic)} does not belong to a blob of type {blob_type}")
    p, g, y, *secret = _split(view, _HEADER.size, key_bytes, 3 if magic == _PUBLIC else 4)
    if secret == [0]:
        raise InvalidParameterError("the private number of the DH key is 0")
    return DhKey(DhParameters(p, g, key_bytes), y, *secret)


def build(blob_type: str, key: DhKey) -> bytes | bytearray:
    """Return ``key`` as a blob: bytes for a public type, which ignores x, a bytearray for a private one.

    Raise NotSupportedError for a blob type that is not DH's, InvalidParameterError for a private type and a public key
    (contract: rule-export-private-of-public), and for a number that does not fit ``parameters.key_bytes``.
    """
    magic = _magic(blob_type)
    group = key.parameters
    header = _HEADER.pack(magic, group.key_bytes)
    if magic == _PUBLIC:
        return bytes(_join(header, (group.p, group.g, key.y), group.key_bytes))
    if not key.is_private:
        raise InvalidParameterError("this DH key is public; it has no private blob")
    return _join(header, (group.p, group.g, key.y, key.x), group.key_bytes)


# contract: rule-layout-dh: dwMagic, cbKey. contract: rule-layout-parameters: cbLength, dwMagic, cbKeyLength.
_HEADER = Struct("<2L")
_PARAMETERS = Struct("<3L")
_PUBLIC = constants.BCRYPT_DH_PUBLIC_MAGIC
_PRIVATE = constants.BCRYPT_DH_PRIVATE_MAGIC
_MAGICS = {
    constants.BCRYPT_PUBLIC_KEY_BLOB: _PUBLIC,
    constants.BCRYPT_PRIVATE_KEY_BLOB: _PRIVATE,
    constants.BCRYPT_DH_PUBLIC_BLOB: _PUBLIC,
    constants.BCRYPT_DH_PRIVATE_BLOB: _PRIVATE,
}


def _magic(blob_type: str) -> int:
    if blob_type not in _MAGICS:
        raise NotSupportedError(f"{blob_type!r} is not a blob type of DH")
    return _MAGICS[blob_type]


def _check_fits(number: int, width: int) -> None:
    if number < 0 or (number.bit_length() + 7) // 8 > width:
        raise InvalidParameterError(f"a number of the DH key or group does not fit the {width} bytes of its field")


def _split(view: memoryview, start: int, width: int, count: int) -> list[int]:
    """Return ``count`` numbers of ``width`` bytes, which must fill ``view`` from ``start`` to its end."""
    expected = start + count * width
    if expected != len(view) or not width:
        raise InvalidParameterError(f"the header describes {expected} bytes, but there are {len(view)}")
    return [int.from_bytes(view[at : at + width], "big") for at in range(start, expected, width)]


def _join(header: bytes, numbers: Sequence[int], width: int) -> bytearray:
    for number in numbers:
        _check_fits(number, width)
    joined = bytearray(len(header) + len(numbers) * width)
    joined[: len(header)] = header
    for at, number in enumerate(numbers):
        start = len(header) + at * width
        joined[start : start + width] = number.to_bytes(width, "big")
    return joined
