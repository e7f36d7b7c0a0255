"""Wire formats of DSA keys: ``parse`` a blob, ``build`` one, ``check`` the numbers; the DSAParameters property.

Layouts: contract: rule-layout-dsa-v1 (first version: p up to 1024 bits, q of 20 bytes), contract: rule-layout-dsa-v2
(second version: p above 1024 bits), contract: rule-layout-parameters (the property) and contract: rule-layout-legacy
(the private blob of CryptoAPI). Header fields except the counter are little-endian DWORDs, numbers are big-endian of
fixed width; CryptoAPI's blob is little-endian throughout. Answers to malformed blobs: contract: rule-import.

A blob contains the domain parameters as in the property, then y and x:

==========================  =====================================================================
blob type                   what it holds
==========================  =====================================================================
DSAPUBLICBLOB               parameters, y                       (PUBLICBLOB is the same)
DSAPRIVATEBLOB              parameters, y, x                    (PRIVATEBLOB is the same)
V2CAPIDSAPRIVATEBLOB        p, q, g, x, counter, seed           (first version only; no y)
==========================  =====================================================================

Sizes are compared with the length of the blob before anything is copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING

from cngcore import constants
from cngcore._checks import check_number, to_bytes
from cngcore.blobs import shown_magic
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from _typeshed import ReadableBuffer

__all__ = ["DsaKey", "DsaParameters", "build", "check", "parse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DsaParameters:
    """The domain of a DSA key and how it was generated: the value of the property ``DSAParameters``.

    ``p``, ``q`` and ``g`` are ints. ``count`` and ``seed`` generated p and q; both are ``None`` if they are unknown,
    which the wire expresses by bytes 0xFF. An empty seed becomes ``None``. ``standard_version`` is 0 for FIPS 186-2 and
    1 for FIPS 186-3; -1 means the one that the size of p implies.

    The other fields of the wire follow from these: ``version`` from the size of p, ``hash_algorithm`` from the size of
    q, and the widths from p and q, because their fields have no leading zeros.

    >>> DsaParameters(p=2**1023 + 1, q=2**159 + 1, g=2).version
    1

    Raise InvalidParameterError for a number that is not an int, a seed that is not bytes, and values that fit neither
    version: q has 20 bytes in the first version and 20, 28, 32 or 64 in the second, g and the counter fit their fields,
    and a seed of the first version has 20 bytes. :func:`check` tests whether the numbers can make a group.
    """

    p: int
    q: int
    g: int
    count: int | None = None
    seed: bytes | None = None
    standard_version: int = -1

    def __post_init__(self) -> None:
        for name in ("p", "q", "g", "standard_version"):
            object.__setattr__(self, name, check_number(name, getattr(self, name)))
        if self.count is not None:
            object.__setattr__(self, "count", check_number("count", self.count))
        if self.seed is not None:
            object.__setattr__(self, "seed", to_bytes("the seed", self.seed) or None)
        if self.standard_version == -1:
            object.__setattr__(self, "standard_version", _FIPS186_2 if self.version == 1 else _FIPS186_3)
        if self.standard_version not in ((_FIPS186_2,) if self.version == 1 else (_FIPS186_2, _FIPS186_3)):
            raise InvalidParameterError(
                f"DSA parameters of version {self.version} do not have the standard version {self.standard_version}"
            )
        if min(self.p, self.q, self.g) < 0 or self.group_bytes not in _GROUPS[self.version]:
            raise InvalidParameterError(
                f"q of {self.group_bytes} bytes does not belong to a p of {self.p.bit_length()} bits; "
                f"q must have {', '.join(map(str, _GROUPS[self.version]))} bytes"
            )
        if _width(self.g) > self.key_bytes:
            raise InvalidParameterError("g is larger than p")
        if (self.count is None) != (self.seed is None):
            raise InvalidParameterError("the counter and the seed of DSA parameters must be both known or both unknown")
        if self.count is not None and not 0 <= self.count < _UNKNOWN:
            raise InvalidParameterError("the counter of DSA parameters must be a number below 0xFFFFFFFF")
        if self.seed is not None and self.version == 1 and len(self.seed) != _SEED_BYTES:
            raise InvalidParameterError(f"the seed of a p up to 1024 bits must have 20 bytes, not {len(self.seed)}")

    @property
    def bits(self) -> int:
        """Return the length of p in bits: the length of the key."""
        return self.p.bit_length()

    @property
    def version(self) -> int:
        """Return the version of the structures: 1 up to 1024 bits, 2 above."""
        return 1 if self.key_bytes <= _V1_KEY_BYTES else 2

    @property
    def key_bytes(self) -> int:
        """Return the bytes of p, which is the width of g and y."""
        return _width(self.p)

    @property
    def group_bytes(self) -> int:
        """Return the bytes of q, which is the width of x, r and s."""
        return _width(self.q)

    @property
    def hash_algorithm(self) -> int:
        """Return ``DSA_HASH_ALGORITHM_*``: the hash that generates p and q, which follows from the size of q."""
        return _GROUPS[self.version][self.group_bytes]

    @classmethod
    def from_bytes(cls, value: ReadableBuffer) -> DsaParameters:
        """Return the parameters in a property value: cbLength, a magic DSPM or DPM2, and so on (contract:
        rule-layout-parameters).

        Raise InvalidParameterError if the value has not exactly the length that its header describes, for another
        magic, for a hash that does not belong to the size of q, and for what the constructor refuses.
        """
        view = memoryview(value).cast("B")
        if len(view) < _LENGTH.size + _V2.size:
            raise InvalidParameterError(f"{len(view)} bytes are fewer than the header of DSA parameters")
        (length,) = _LENGTH.unpack_from(view)
        if length != len(view):
            raise InvalidParameterError(f"cbLength is {length}, but the DSA parameters have {len(view)} bytes")
        (magic,) = _LENGTH.unpack_from(view, _LENGTH.size)
        if magic not in _PARAMETER_MAGICS:
            raise InvalidParameterError(f"{shown_magic(magic)} does not belong to DSA parameters")
        return _read(view[_LENGTH.size :], _PARAMETER_MAGICS.index(magic) + 1, extra=0)[0]

    def to_bytes(self) -> bytes:
        """Return the property value, the inverse of :meth:`from_bytes`."""
        body = self._structure(_PARAMETER_MAGICS[self.version - 1])
        return _LENGTH.pack(_LENGTH.size + len(body)) + body

    def _structure(self, magic: int) -> bytes:
        """Return the bytes from the magic to g, which blobs and the property share."""
        count = _BIG_DWORD.pack(_UNKNOWN if self.count is None else self.count)
        seed = b"\xff" * self.group_bytes if self.seed is None else self.seed
        q = self.q.to_bytes(self.group_bytes, "big")
        if self.version == 1:
            header = _V1.pack(magic, self.key_bytes, count, seed, q)
        else:
            sizes = (self.hash_algorithm, self.standard_version, len(seed), self.group_bytes)
            header = _V2.pack(magic, self.key_bytes, *sizes, count) + seed + q
        return header + self.p.to_bytes(self.key_bytes, "big") + self.g.to_bytes(self.key_bytes, "big")


@dataclass(frozen=True, slots=True, repr=False)
class DsaKey:
    """The content of a DSA blob. ``x`` is None in a public key, ``y`` is None in CryptoAPI's blob, which has none."""

    parameters: DsaParameters
    y: int | None
    x: int | None = None

    @property
    def is_private(self) -> bool:
        """Return whether x is present."""
        return self.x is not None

    def __repr__(self) -> str:
        return f"<DsaKey {self.parameters.bits} bits, {'private' if self.is_private else 'public'}>"


def parse(blob_type: str, blob: ReadableBuffer) -> DsaKey:
    """Return the key in ``blob``, read as ``blob_type``. The numbers are not tested against each other.

    p has no upper limit here, because reading takes linear time. :func:`check` takes longer, so test the size of p
    first.

    Raise NotSupportedError for a blob type that is not DSA's, for a magic that does not belong to the type and for a
    CryptoAPI header of another kind. Raise InvalidParameterError for everything else: a blob shorter than its header,
    sizes that disagree with the length or the version, a p or q with leading zeros, a hash that does not belong to the
    size of q, a counter without a seed or the reverse.
    """
    view = memoryview(blob).cast("B")
    if blob_type == constants.LEGACY_DSA_V2_PRIVATE_BLOB:
        return _parse_legacy(view)
    if blob_type not in _KEY_MAGICS:
        raise _not_dsa(blob_type)
    if len(view) < _V2.size:
        raise InvalidParameterError(f"a blob of {len(view)} bytes is shorter than its header")
    (magic,) = _LENGTH.unpack_from(view)
    if magic not in _KEY_MAGICS[blob_type]:
        raise NotSupportedError(f"{shown_magic(magic)} does not belong to a blob of type {blob_type}")
    private = blob_type in _PRIVATE
    parameters, rest = _read(view, _KEY_MAGICS[blob_type].index(magic) + 1, extra=2 if private else 1)
    y = int.from_bytes(rest[: parameters.key_bytes], "big")
    return DsaKey(parameters, y, int.from_bytes(rest[parameters.key_bytes :], "big") if private else None)


def build(blob_type: str, key: DsaKey) -> bytes | bytearray:
    """Return ``key`` as a blob of ``blob_type``: bytes for a public type, a bytearray for a private one.

    Raise NotSupportedError for a blob type that is not DSA's, and for CryptoAPI's type and a p above 1024 bits. Raise
    InvalidParameterError for a private type and a public key (contract: rule-export-private-of-public), for a type that
    needs a missing y, and for a number that does not fit its field.
    """
    parameters = key.parameters
    private = blob_type in _PRIVATE
    if private and key.x is None:
        raise InvalidParameterError("this DSA key is public; it has no private blob")
    if blob_type == constants.LEGACY_DSA_V2_PRIVATE_BLOB:
        return _build_legacy(parameters, key.x or 0)
    if blob_type not in _KEY_MAGICS:
        raise _not_dsa(blob_type)
    if key.y is None:
        raise InvalidParameterError(f"this DSA key has no y, which {blob_type} needs")
    head = parameters._structure(_KEY_MAGICS[blob_type][parameters.version - 1])
    fields = [(key.y, parameters.key_bytes)]
    if private:
        fields.append((key.x or 0, parameters.group_bytes))
    blob = _join(head, fields, "big")
    return blob if private else bytes(blob)


def check(key: DsaKey) -> None:
    """Raise InvalidParameterError unless the numbers of ``key`` can belong together, by tests that cost little.

    p and q are odd and q divides p - 1; 1 < g < p; 1 < y < p; 0 < x < q. Not tested: that p and q are prime, that g and
    y have order q, that y belongs to x.
    """
    p, q, g = key.parameters.p, key.parameters.q, key.parameters.g
    if not p & 1 or not q & 1 or (p - 1) % q:
        raise InvalidParameterError("p and q of a DSA key must be odd, and q must divide p - 1")
    if not 1 < g < p:
        raise InvalidParameterError("g of a DSA key must be above 1 and below p")
    if key.y is not None and not 1 < key.y < p:
        raise InvalidParameterError("y of a DSA key must be above 1 and below p")
    if key.x is not None and not 0 < key.x < q:
        raise InvalidParameterError("x of a DSA key must be above 0 and below q")


_FIPS186_2 = constants.DSA_FIPS186_2
_FIPS186_3 = constants.DSA_FIPS186_3
_SHA1 = constants.DSA_HASH_ALGORITHM_SHA1
_SHA256 = constants.DSA_HASH_ALGORITHM_SHA256
_SHA512 = constants.DSA_HASH_ALGORITHM_SHA512

# Bytes of q in each version, and the hash that belongs to them. The header has no name for a hash of 28 bytes, which a
# q of FIPS 186-3 may need: the next longer hash stands in for it.
_GROUPS = {1: {20: _SHA1}, 2: {20: _SHA1, 28: _SHA256, 32: _SHA256, 64: _SHA512}}
_V1_KEY_BYTES = 128
_SEED_BYTES = 20
_UNKNOWN = 0xFFFFFFFF

# The property has cbLength and then the fields of a blob (contract: rule-layout-parameters). Version 1: magic, cbKey,
# Count, Seed, q (contract: rule-layout-dsa-v1). Version 2: magic, cbKey, hashAlgorithm, standardVersion, cbSeedLength,
# cbGroupSize, Count (contract: rule-layout-dsa-v2).
_LENGTH = Struct("<L")
_BIG_DWORD = Struct(">L")
_V1 = Struct("<2L4s20s20s")
_V2 = Struct("<6L4s")
_PARAMETER_MAGICS = (constants.BCRYPT_DSA_PARAMETERS_MAGIC, constants.BCRYPT_DSA_PARAMETERS_MAGIC_V2)
_PUBLIC_MAGICS = (constants.BCRYPT_DSA_PUBLIC_MAGIC, constants.BCRYPT_DSA_PUBLIC_MAGIC_V2)
_PRIVATE_MAGICS = (constants.BCRYPT_DSA_PRIVATE_MAGIC, constants.BCRYPT_DSA_PRIVATE_MAGIC_V2)
_KEY_MAGICS = {
    # blob type: magic of the first version, magic of the second
    constants.BCRYPT_PUBLIC_KEY_BLOB: _PUBLIC_MAGICS,
    constants.BCRYPT_PRIVATE_KEY_BLOB: _PRIVATE_MAGICS,
    constants.BCRYPT_DSA_PUBLIC_BLOB: _PUBLIC_MAGICS,
    constants.BCRYPT_DSA_PRIVATE_BLOB: _PRIVATE_MAGICS,
}
_PRIVATE = (
    constants.BCRYPT_PRIVATE_KEY_BLOB,
    constants.BCRYPT_DSA_PRIVATE_BLOB,
    constants.LEGACY_DSA_V2_PRIVATE_BLOB,
)

# The header (contract: rule-layout-legacy): bType, bVersion, reserved, aiKeyAlg, magic, bitlen.
_LEGACY_HEADER = Struct("<BBHLLL")
_LEGACY_TRAILER = Struct("<L20s")
_PRIVATEKEYBLOB = 7
_CUR_BLOB_VERSION = 2
_CALG_DSS_SIGN = 0x2200
_DSS2 = int.from_bytes(b"DSS2", "little")


def _read(view: memoryview, version: int, *, extra: int) -> tuple[DsaParameters, memoryview]:
    """Return the parameters in ``view``, which begins with a magic of ``version``, and the bytes after them.

    ``extra`` is 0, 1 or 2: nothing, y, or y and x must follow.
    """
    if version == 1:
        if len(view) < _V1.size:
            raise InvalidParameterError(f"{len(view)} bytes are fewer than a DSA header of {_V1.size}")
        _, cb_key, count, seed, q = _V1.unpack_from(view)
        cb_group, hash_algorithm, standard, at = len(q), _SHA1, _FIPS186_2, _V1.size
    else:
        _, cb_key, hash_algorithm, standard, cb_seed, cb_group, count = _V2.unpack_from(view)
        at = _V2.size + cb_seed + cb_group
    expected = at + 2 * cb_key + (0, cb_key, cb_key + cb_group)[extra]
    if expected != len(view):
        raise InvalidParameterError(f"the header describes {expected} bytes, but there are {len(view)}")
    if (cb_key <= _V1_KEY_BYTES) != (version == 1):
        raise InvalidParameterError(f"a DSA key of {cb_key} bytes does not belong to version {version}")
    if version == 2:
        seed, q = bytes(view[_V2.size : _V2.size + cb_seed]), bytes(view[_V2.size + cb_seed : at])
        if not seed:
            raise InvalidParameterError("an unknown seed must be as long as q, and all its bytes 0xFF")
    p, g = (bytes(view[at + i * cb_key : at + (i + 1) * cb_key]) for i in range(2))
    parameters = _parameters(p, q, g, int.from_bytes(count, "big"), seed, standard)
    if parameters.hash_algorithm != hash_algorithm:
        raise InvalidParameterError(f"hash algorithm {hash_algorithm} does not belong to a q of {cb_group} bytes")
    return parameters, view[at + 2 * cb_key :]


def _parameters(p: bytes, q: bytes, g: bytes, count: int, seed: bytes, standard: int) -> DsaParameters:
    """Return the parameters, if p and q fill their fields and counter and seed are both known or both unknown."""
    if not p or not q or not p[0] or not q[0]:
        raise InvalidParameterError("p and q of a DSA key must not have leading zeros")
    unknown = seed.count(0xFF) == len(seed)
    if unknown != (count == _UNKNOWN) or (unknown and len(seed) != len(q)):
        raise InvalidParameterError(
            "counter and seed must be both known or both 0xFF throughout, and an unknown seed as long as q"
        )
    return DsaParameters(
        p=int.from_bytes(p, "big"),
        q=int.from_bytes(q, "big"),
        g=int.from_bytes(g, "big"),
        count=None if unknown else count,
        seed=None if unknown else seed,
        standard_version=standard,
    )


def _parse_legacy(view: memoryview) -> DsaKey:
    """Read CryptoAPI's blob. Its seed is little-endian like its numbers: only so do two published blobs verify."""
    if len(view) < _LEGACY_HEADER.size:
        raise InvalidParameterError(f"a blob of {len(view)} bytes is shorter than its header of {_LEGACY_HEADER.size}")
    kind, version, reserved, algorithm, magic, bits = _LEGACY_HEADER.unpack_from(view)
    found = (kind, version, reserved, algorithm, magic)
    if found != (_PRIVATEKEYBLOB, _CUR_BLOB_VERSION, 0, _CALG_DSS_SIGN, _DSS2):
        raise NotSupportedError("the header is not that of a private DSA key of CryptoAPI, version 2")
    cb_key = bits // 8
    widths = (cb_key, _SEED_BYTES, cb_key, _SEED_BYTES)
    expected = _LEGACY_HEADER.size + sum(widths) + _LEGACY_TRAILER.size
    if bits % 8 or cb_key > _V1_KEY_BYTES or expected != len(view):
        raise InvalidParameterError(
            f"a DSA blob for {bits} bits has {expected} bytes, not {len(view)}; the limit is 1024 bits"
        )
    numbers, at = [], _LEGACY_HEADER.size
    for width in widths:
        numbers.append(bytes(view[at : at + width])[::-1])
        at += width
    p, q, g, x = numbers
    count, seed = _LEGACY_TRAILER.unpack_from(view, at)
    return DsaKey(_parameters(p, q, g, count, seed[::-1], _FIPS186_2), None, int.from_bytes(x, "big"))


def _build_legacy(parameters: DsaParameters, x: int) -> bytearray:
    if parameters.version != 1:
        raise NotSupportedError("CryptoAPI's blob has no room for a DSA key above 1024 bits; use DSAPRIVATEBLOB")
    cb_key = parameters.key_bytes
    header = _LEGACY_HEADER.pack(_PRIVATEKEYBLOB, _CUR_BLOB_VERSION, 0, _CALG_DSS_SIGN, _DSS2, 8 * cb_key)
    fields = [(parameters.p, cb_key), (parameters.q, _SEED_BYTES), (parameters.g, cb_key), (x, _SEED_BYTES)]
    count = _UNKNOWN if parameters.count is None else parameters.count
    seed = b"\xff" * _SEED_BYTES if parameters.seed is None else parameters.seed[::-1]
    blob = _join(header, fields, "little")
    blob += _LEGACY_TRAILER.pack(count, seed)
    return blob


def _join(head: bytes, fields: Sequence[tuple[int, int]], order: Literal["big", "little"]) -> bytearray:
    blob = bytearray(len(head) + sum(width for _, width in fields))
    blob[: len(head)] = head
    at = len(head)
    for number, width in fields:
        if number < 0 or _width(number) > width:
            raise InvalidParameterError(f"a number of the DSA key does not fit the {width} bytes of its field")
        blob[at : at + width] = number.to_bytes(width, order)
        at += width
    return blob


def _width(number: int) -> int:
    return (number.bit_length() + 7) // 8


def _not_dsa(blob_type: str) -> NotSupportedError:
    return NotSupportedError(f"{blob_type!r} is not a blob type of DSA")
