"""Wire formats of ML-KEM, ML-DSA and SLH-DSA keys: ``parse`` a blob, ``build`` one.

Layout: contract: rule-layout-pq. A blob is a header of three little-endian DWORDs (magic, cbParameterSet, cbKey), the
name of the parameter set in UTF-16LE with its NUL, and the key as FIPS 203, 204 or 205 encodes it. The name has no
padding, so the key of ML-KEM and ML-DSA starts at offset 18, 20 or 22.

``SIZES`` has the bytes of a key for every blob type and parameter set. The header is compared with it and with the
length of the blob before anything is copied. The provider tests the content of the key.

SLH-DSA shares the types PQDSAPUBLICBLOB and PQDSAPRIVATEBLOB with ML-DSA and has other magics. A caller who expects it
says so by ``algorithm``; without that its magics are refused. ``SLHDSA_SIZES`` has its sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore.blobs import shown_magic
from cngcore.status import InvalidBufferSizeError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["SIZES", "SLHDSA_SIZES", "PqKey", "algorithm_of", "build", "parse"]

SIZES = {
    c.BCRYPT_PQDSA_PUBLIC_BLOB: {"44": 1312, "65": 1952, "87": 2592},
    c.BCRYPT_PQDSA_PRIVATE_BLOB: {"44": 2560, "65": 4032, "87": 4896},
    c.BCRYPT_PQDSA_PRIVATE_SEED_BLOB: {"44": 32, "65": 32, "87": 32},
    c.BCRYPT_MLKEM_PUBLIC_BLOB: {"512": 800, "768": 1184, "1024": 1568},
    c.BCRYPT_MLKEM_PRIVATE_BLOB: {"512": 1632, "768": 2400, "1024": 3168},
    c.BCRYPT_MLKEM_PRIVATE_SEED_BLOB: {"512": 64, "768": 64, "1024": 64},
}
"""Bytes of the key, by blob type and parameter set (FIPS 203 table 3, FIPS 204 table 2; an ML-KEM seed is d || z)."""

_SLHDSA_BYTES = {
    f"{functions}-{bits}{speed}": bits // 8
    for bits in (128, 192, 256)
    for speed in "sf"
    for functions in ("SHA2", "SHAKE")
}
SLHDSA_SIZES = {
    c.BCRYPT_PQDSA_PUBLIC_BLOB: {name: 2 * n for name, n in _SLHDSA_BYTES.items()},
    c.BCRYPT_PQDSA_PRIVATE_BLOB: {name: 4 * n for name, n in _SLHDSA_BYTES.items()},
}
"""Bytes of an SLH-DSA key: PK.seed || PK.root, and SK.seed || SK.prf || PK.seed || PK.root (FIPS 205 section 9.1)."""


@dataclass(frozen=True, slots=True, repr=False)
class PqKey:
    """The content of a blob: the kind of key (``magic``), the parameter set (``"768"``), and the bytes of the key."""

    magic: int
    parameter_set: str
    key: bytes

    @property
    def is_private(self) -> bool:
        """Return whether ``key`` is a private key or its seed."""
        return self.magic not in _PUBLIC_MAGICS

    def __repr__(self) -> str:
        return f"<PqKey {self.magic.to_bytes(4, 'little').decode('latin-1')} {self.parameter_set}>"


def algorithm_of(blob: ReadableBuffer) -> str:
    """Return the algorithm whose magic a blob begins with: "ML-KEM", "ML-DSA" or "SLH-DSA"; "" for another magic.

    >>> algorithm_of(b"SHPK")
    'SLH-DSA'
    """
    found = int.from_bytes(memoryview(blob).cast("B")[:4], "little")
    for algorithm, magics in ((c.BCRYPT_SLHDSA_ALGORITHM, _SLHDSA_MAGICS), ("", _MAGICS)):
        for blob_type, magic in magics.items():
            if found == magic:
                by_type = c.BCRYPT_MLKEM_ALGORITHM if blob_type.startswith("MLKEM") else c.BCRYPT_MLDSA_ALGORITHM
                return algorithm or by_type
    return ""


def parse(blob_type: str, blob: ReadableBuffer, *, algorithm: str = "") -> PqKey:
    """Return the key in ``blob``, read as ``blob_type``: one of the types of :data:`SIZES`.

    ``algorithm`` is ``"SLH-DSA"`` for a key of SLH-DSA; by default the type is that of ML-KEM or ML-DSA. Trailing bytes
    are ignored in an ML-KEM blob, as on Windows [go], and refused in one of ML-DSA or SLH-DSA (docs/decisions/ml.md).

    Raise NotSupportedError for another type and for a magic that does not belong to the type, InvalidParameterError for
    a blob shorter than its header and for a parameter set that the type does not have, InvalidBufferSizeError if cbKey
    is not the size for the set or the header describes more bytes than there are.
    """
    magic, sizes = _type(blob_type, algorithm)
    view = memoryview(blob).cast("B")
    if len(view) < _HEADER.size:
        raise InvalidParameterError(f"a blob of {len(view)} bytes is shorter than its header of {_HEADER.size}")
    found, name_bytes, key_bytes = _HEADER.unpack_from(view)
    if found != magic:
        raise NotSupportedError(f"{shown_magic(found)} is not the magic of {blob_type}, 0x{magic:08X}")
    start = _HEADER.size + name_bytes
    end = start + key_bytes
    if start > len(view):
        raise InvalidBufferSizeError(f"the name of the parameter set ends at {start}, but the blob ends at {len(view)}")
    longest = min(start, _HEADER.size + _LONGEST_NAME + 1)  # a longer name is unknown; it is not copied
    parameter_set = _NAMES.get(bytes(view[_HEADER.size : longest]), "")
    if parameter_set not in sizes:
        raise InvalidParameterError(
            f"the blob does not name a parameter set of {blob_type}; its sets are {', '.join(sizes)}"
        )
    if key_bytes != sizes[parameter_set]:
        raise InvalidBufferSizeError(
            f"cbKey is {key_bytes}, but in {blob_type} a key of set {parameter_set} has {sizes[parameter_set]} bytes"
        )
    if end > len(view) or (end < len(view) and blob_type not in _TAKES_MORE):
        raise InvalidBufferSizeError(f"the header describes {end} bytes, but the blob has {len(view)}")
    return PqKey(magic, parameter_set, bytes(view[start:end]))


def build(blob_type: str, parameter_set: str, key: ReadableBuffer) -> bytes | bytearray:
    """Return a blob of ``blob_type``: bytes for a public type, a bytearray for a private one.

    The parameter set gives the algorithm: the sets of SLH-DSA have other names than those of ML-DSA. Raise
    NotSupportedError for a type that is not in :data:`SIZES`, InvalidParameterError for a parameter set that the type
    does not have and for a key of another size.
    """
    slhdsa = parameter_set in SLHDSA_SIZES.get(blob_type, ())
    magic, sizes = _type(blob_type, c.BCRYPT_SLHDSA_ALGORITHM if slhdsa else "")
    content = memoryview(key).cast("B")
    if sizes.get(parameter_set) != len(content):
        raise InvalidParameterError(f"{blob_type} has no key of set {parameter_set!r:.20} with {len(content)} bytes")
    name = _WIDE[parameter_set]
    parts = (_HEADER.pack(magic, len(name), len(content)), name, content)
    return b"".join(parts) if magic in _PUBLIC_MAGICS else bytearray().join(parts)


_HEADER = Struct("<3L")
_WIDE = {
    name: name.encode("utf-16-le") + b"\0\0"
    for sizes in (*SIZES.values(), *SLHDSA_SIZES.values())
    for name in sizes
}  # fmt: skip
_NAMES = {field: name for name, field in _WIDE.items()}
_LONGEST_NAME = max(map(len, _NAMES))
"""The parameter sets as a blob has them, the sets of those fields, and the bytes of the longest."""

_MAGICS = {
    c.BCRYPT_PQDSA_PUBLIC_BLOB: c.BCRYPT_MLDSA_PUBLIC_MAGIC,
    c.BCRYPT_PQDSA_PRIVATE_BLOB: c.BCRYPT_MLDSA_PRIVATE_MAGIC,
    c.BCRYPT_PQDSA_PRIVATE_SEED_BLOB: c.BCRYPT_MLDSA_PRIVATE_SEED_MAGIC,
    c.BCRYPT_MLKEM_PUBLIC_BLOB: c.BCRYPT_MLKEM_PUBLIC_MAGIC,
    c.BCRYPT_MLKEM_PRIVATE_BLOB: c.BCRYPT_MLKEM_PRIVATE_MAGIC,
    c.BCRYPT_MLKEM_PRIVATE_SEED_BLOB: c.BCRYPT_MLKEM_PRIVATE_SEED_MAGIC,
}
_SLHDSA_MAGICS = {
    c.BCRYPT_PQDSA_PUBLIC_BLOB: c.BCRYPT_SLHDSA_PUBLIC_MAGIC,
    c.BCRYPT_PQDSA_PRIVATE_BLOB: c.BCRYPT_SLHDSA_PRIVATE_MAGIC,
}
_PUBLIC_MAGICS = (c.BCRYPT_MLDSA_PUBLIC_MAGIC, c.BCRYPT_MLKEM_PUBLIC_MAGIC, c.BCRYPT_SLHDSA_PUBLIC_MAGIC)
_TAKES_MORE = (c.BCRYPT_MLKEM_PUBLIC_BLOB, c.BCRYPT_MLKEM_PRIVATE_BLOB, c.BCRYPT_MLKEM_PRIVATE_SEED_BLOB)


def _type(blob_type: str, algorithm: str = "") -> tuple[int, dict[str, int]]:
    """Return the magic of a blob type, and the sizes of its keys."""
    slhdsa = algorithm == c.BCRYPT_SLHDSA_ALGORITHM
    magics, sizes = (_SLHDSA_MAGICS, SLHDSA_SIZES) if slhdsa else (_MAGICS, SIZES)
    if blob_type not in sizes:
        families = "SLH-DSA" if slhdsa else "ML-KEM or ML-DSA"
        raise NotSupportedError(f"{blob_type!r:.40} is not a blob type of {families}")
    return magics[blob_type], sizes[blob_type]
