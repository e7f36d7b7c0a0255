"""Wire formats of elliptic-curve keys: ``parse`` a blob, ``build`` one.

Layouts: contract: rule-layout-ecc (``BCRYPT_ECCKEY_BLOB``, header 8 bytes) and contract: rule-layout-ecc-full
(``BCRYPT_ECCFULLKEY_BLOB``, header 32 bytes). Header fields are little-endian DWORDs, numbers are big-endian and of
fixed width.

Coordinates and private keys stay byte strings, because an X25519 key is a string of RFC 7748 and not a number. The
provider tests whether a point lies on its curve. Sizes are compared with the length of the blob before anything is
copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING

from cngcore import constants
from cngcore.blobs import shown_magic
from cngcore.blobs.curves import CURVES, PARAMETERS_HEADER, Curve, EccParameters, match, read_parameters
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["CurveKey", "EccKey", "EccParameters", "build", "parse"]


class CurveKey:
    """The private number ``d`` of a key on a curve, in any form: a string, empty in a public half."""

    __slots__ = ()
    d: bytes

    @property
    def is_private(self) -> bool:
        """Return whether the private number is present."""
        return bool(self.d)


@dataclass(frozen=True, slots=True, repr=False)
class EccKey(CurveKey):
    """The content of an ECC blob. ``x`` and ``y`` have ``key_bytes`` bytes each, ``d`` is empty in a public key.

    ``family`` is "ECDH" or "ECDSA". ``curve`` is the curve that the magic names. It is None for a generic magic; then
    the curve is that of ``parameters`` in a full blob, else that of the algorithm. ``d`` has ``key_bytes`` bytes, in a
    full blob ``parameters.order_bytes``. ``magic`` is the public one if the private half was dropped.
    """

    family: str
    magic: int
    curve: Curve | None
    key_bytes: int
    x: bytes
    y: bytes
    d: bytes = b""
    parameters: EccParameters | None = None

    def __repr__(self) -> str:
        where = self.curve.name if self.curve else "generic" if self.parameters is None else "explicit curve"
        return f"<EccKey {self.family} {where}, {'private' if self.is_private else 'public'}>"


def parse(blob_type: str, blob: ReadableBuffer, *, family: str) -> EccKey:
    """Return the key in ``blob``, read as ``blob_type`` by an algorithm of ``family``, "ECDH" or "ECDSA".

    The types are ECCPUBLICBLOB, ECCPRIVATEBLOB, ECCFULLPUBLICBLOB and ECCFULLPRIVATEBLOB; PUBLICBLOB and PRIVATEBLOB
    mean the first two. A private blob under a public type is read without its private half (contract:
    rule-python-ecc-blobs). A private blob may have zeros for x and y; the provider then computes the point (contract:
    rule-import-ecc-zero-point).

    Bytes after the key are ignored (contract: rule-import-ecc-trailing).

    Raise NotSupportedError for a type that is not of elliptic curves. Raise InvalidParameterError for everything that
    is wrong in the blob: a blob shorter than its header describes, a size that disagrees with the curve of its magic,
    a magic of another family or of none, a public magic under a private type.
    """
    full, wants_private = _type(blob_type)
    known = _magics(family)
    view = memoryview(blob).cast("B")
    header = _FULL_HEADER_SIZE if full else _HEADER.size
    if len(view) < header:
        raise InvalidParameterError(f"a blob of {len(view)} bytes is shorter than its header of {header}")
    magic, key_bytes = _HEADER.unpack_from(view)
    if magic not in known:
        raise InvalidParameterError(f"{shown_magic(magic)} is not a magic of {family}")
    curve, has_private = known[magic]
    if wants_private and not has_private:
        raise InvalidParameterError(f"{blob_type} needs a private key, but the blob holds a public one")
    parameters, start, d_bytes = None, header, key_bytes
    if full:
        if curve is not None:
            raise InvalidParameterError(f"{blob_type} needs a generic magic, not 0x{magic:08X}")
        parameters, start = read_parameters(view, _MAGIC_SIZE)
        key_bytes, d_bytes = parameters.field_bytes, parameters.order_bytes
    if curve is not None and key_bytes != curve.key_bytes:
        raise InvalidParameterError(f"cbKey is {key_bytes}, but a key on {curve.name} has {curve.key_bytes} bytes")
    middle, end = start + key_bytes, start + 2 * key_bytes
    expected = end + (d_bytes if has_private else 0)
    if expected > len(view) or not key_bytes:
        raise InvalidParameterError(f"the header describes {expected} bytes, but the blob has {len(view)}")
    return EccKey(
        family=family,
        magic=magic if wants_private == has_private else _magic(family, curve, private=False),
        curve=curve,
        key_bytes=key_bytes,
        x=bytes(view[start:middle]),
        y=bytes(view[middle:end]),
        d=bytes(view[end:expected]) if wants_private else b"",
        parameters=parameters,
    )


def build(
    blob_type: str,
    *,
    family: str,
    curve: Curve,
    x: ReadableBuffer,
    y: ReadableBuffer,
    d: ReadableBuffer = b"",
    generic: bool,
) -> bytes | bytearray:
    """Return a blob of ``blob_type``: bytes for a public type, which ignores ``d``, a bytearray for a private one.

    With ``generic`` the magic is ECKP, ECKV, ECDP or ECDV, without it that of the curve. A full blob always has the
    generic magic, version 1 and no seed, because the curve tables of SymCrypt have none.

    The strings are big-endian. Leading zeros are added or removed so that they get their width: ``curve.key_bytes``,
    but ``curve.order_bytes`` for d in a full blob. The strings of a Montgomery curve are little-endian (RFC 7748) and
    must have exactly their width; only y may be empty.

    Raise NotSupportedError for a type that is not of elliptic curves and, without ``generic``, for a curve that has no
    magic; InvalidParameterError for a private type without ``d`` and for a string that does not fit.
    """
    full, private = _type(blob_type)
    magic = _magic(family, None if full or generic else curve, private=private)
    if full:
        head = magic.to_bytes(_MAGIC_SIZE, "little") + EccParameters.of(curve).to_bytes()
        d_bytes = curve.order_bytes
    else:
        head = _HEADER.pack(magic, curve.key_bytes)
        d_bytes = curve.key_bytes
    exact = curve.curve_type == constants.BCRYPT_ECC_PRIME_MONTGOMERY_CURVE
    if exact and not memoryview(y).nbytes:
        y = bytes(curve.key_bytes)
    parts = [head, _fitted(x, curve.key_bytes, exact), _fitted(y, curve.key_bytes, exact)]
    if not private:
        return b"".join(parts)
    if not memoryview(d).nbytes:
        raise InvalidParameterError("this key is public; it has no private blob")
    return bytearray().join((*parts, _fitted(d, d_bytes, exact)))


# A short blob begins with magic and cbKey. A full blob begins with the magic and the value of ECCParameters.
_HEADER = Struct("<2L")
_MAGIC_SIZE = 4
_FULL_HEADER_SIZE = _MAGIC_SIZE + PARAMETERS_HEADER.size
_TYPES = {
    # blob type: (full, private)
    constants.BCRYPT_PUBLIC_KEY_BLOB: (False, False),
    constants.BCRYPT_PRIVATE_KEY_BLOB: (False, True),
    constants.BCRYPT_ECCPUBLIC_BLOB: (False, False),
    constants.BCRYPT_ECCPRIVATE_BLOB: (False, True),
    constants.BCRYPT_ECCFULLPUBLIC_BLOB: (True, False),
    constants.BCRYPT_ECCFULLPRIVATE_BLOB: (True, True),
}
_MAGICS = {
    # family: {magic: (its curve, private)}
    "ECDH": {
        constants.BCRYPT_ECDH_PUBLIC_P256_MAGIC: (CURVES["nistP256"], False),
        constants.BCRYPT_ECDH_PRIVATE_P256_MAGIC: (CURVES["nistP256"], True),
        constants.BCRYPT_ECDH_PUBLIC_P384_MAGIC: (CURVES["nistP384"], False),
        constants.BCRYPT_ECDH_PRIVATE_P384_MAGIC: (CURVES["nistP384"], True),
        constants.BCRYPT_ECDH_PUBLIC_P521_MAGIC: (CURVES["nistP521"], False),
        constants.BCRYPT_ECDH_PRIVATE_P521_MAGIC: (CURVES["nistP521"], True),
        constants.BCRYPT_ECDH_PUBLIC_GENERIC_MAGIC: (None, False),
        constants.BCRYPT_ECDH_PRIVATE_GENERIC_MAGIC: (None, True),
    },
    "ECDSA": {
        constants.BCRYPT_ECDSA_PUBLIC_P256_MAGIC: (CURVES["nistP256"], False),
        constants.BCRYPT_ECDSA_PRIVATE_P256_MAGIC: (CURVES["nistP256"], True),
        constants.BCRYPT_ECDSA_PUBLIC_P384_MAGIC: (CURVES["nistP384"], False),
        constants.BCRYPT_ECDSA_PRIVATE_P384_MAGIC: (CURVES["nistP384"], True),
        constants.BCRYPT_ECDSA_PUBLIC_P521_MAGIC: (CURVES["nistP521"], False),
        constants.BCRYPT_ECDSA_PRIVATE_P521_MAGIC: (CURVES["nistP521"], True),
        constants.BCRYPT_ECDSA_PUBLIC_GENERIC_MAGIC: (None, False),
        constants.BCRYPT_ECDSA_PRIVATE_GENERIC_MAGIC: (None, True),
    },
}


def _type(blob_type: str) -> tuple[bool, bool]:
    """Return whether a blob of this type is full, and whether it is private."""
    if blob_type not in _TYPES:
        raise NotSupportedError(f"{blob_type!r} is not a blob type of elliptic curves")
    return _TYPES[blob_type]


def _magics(family: str) -> dict[int, tuple[Curve | None, bool]]:
    if family not in _MAGICS:
        raise InvalidParameterError(f"{family!r:.40} is not a family of elliptic-curve algorithms; use ECDH or ECDSA")
    return _MAGICS[family]


@lru_cache(maxsize=256)  # 3 us of 9 for an export; a stranger's curve can be any
def _magic(family: str, curve: Curve | None, *, private: bool) -> int:
    """Return the magic of this curve, under whichever of its names; the generic one for None."""
    expected = curve and (match(curve) or curve)
    for magic, (named, is_private) in _magics(family).items():
        if is_private == private and named == expected:
            return magic
    raise NotSupportedError(f"{family} has no magic for {expected and expected.name}; the curve has generic blobs only")


def _fitted(string: ReadableBuffer, width: int, exact: bool) -> ReadableBuffer:
    """Return ``string`` at its width, zeros in front. Only zeros may be missing or left over."""
    if type(string) is bytes and len(string) == width:
        return string
    view = memoryview(string).cast("B")
    spare = len(view) - width
    if (exact and spare) or (spare > 0 and any(view[:spare])):
        raise InvalidParameterError(f"a string of {len(view)} bytes does not fit its field of {width}")
    return view[spare:] if spare >= 0 else bytearray(-spare) + view
