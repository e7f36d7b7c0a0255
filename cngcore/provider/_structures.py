"""Property values that have several fields, as frozen dataclasses.

They stand apart from the rest because ``dataclasses`` costs 7 ms to import, and a first key needs none of them.
"""

import struct
from collections.abc import Container, Mapping
from dataclasses import dataclass

from cngcore.provider import LengthRule
from cngcore.status import InvalidParameterError

__all__ = ["KeyLengths"]


@dataclass(frozen=True)
class KeyLengths(LengthRule):
    """Legal key lengths in bits: from ``minimum`` to ``maximum`` in steps of ``step``.

    As a rule it answers for ``dwLength``; as the value of the KeyLengths property it is three DWORDs
    (``BCRYPT_KEY_LENGTHS_STRUCT``, contract.md section 28.10). A ``step`` of 0 means one length only, ``minimum``.
    """

    minimum: int
    maximum: int
    step: int

    @property
    def legal(self) -> Container[int]:
        """All legal lengths: a ``range``, so that a test costs the same however many there are."""
        return range(self.minimum, self.maximum + 1, self.step) if self.step else (self.minimum,)

    def accepts(self, length: int, properties: Mapping[str, object]) -> bool:
        return length in self.legal

    def key_lengths(self) -> "KeyLengths":
        return self

    def to_bytes(self) -> bytes:
        """The structure as C code sees it: minimum, maximum, increment."""
        return struct.pack("<III", self.minimum, self.maximum, self.step)

    @classmethod
    def from_bytes(cls, data: bytes) -> "KeyLengths":
        """Read the twelve bytes of the structure."""
        if len(data) != 12:
            raise InvalidParameterError(f"KeyLengths is a structure of 12 bytes, not {len(data)}")
        return cls(*struct.unpack("<III", data))
