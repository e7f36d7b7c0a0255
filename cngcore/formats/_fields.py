"""List the fields of a CNG blob with their offsets, and the numbers of a key in any other format.

This is the second reader of blobs, beside :mod:`cngcore.blobs`. It is for people: fields have the names of the header's
structures, and an error names the field and the offset at which the blob is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cngcore.blobs.dh import DhKey
from cngcore.blobs.dsa import DsaKey
from cngcore.blobs.rsa import RsaKey
from cngcore.formats._decode import Decoded
from cngcore.formats._foreign import ForeignKey
from cngcore.formats._model import EcKey, MlKey
from cngcore.status import BadDataError

__all__ = ["Field", "blob_fields", "fields"]


@dataclass(frozen=True, slots=True, repr=False)
class Field:
    """One field: its name, its value, its offset and its size in bytes (None outside of blobs).

    ``value`` is an int for a size or a flag, a str for a name, and big-endian bytes for a number of the key. ``secret``
    is True for the private half.
    """

    name: str
    value: int | str | bytes
    offset: int | None = None
    size: int | None = None
    secret: bool = False

    def __repr__(self) -> str:
        return f"<Field {self.name} at {self.offset}>"


# The DWORDs after the magic, by blob.
_RSA_HEAD = ("BitLength", "cbPublicExp", "cbModulus", "cbPrime1", "cbPrime2")
_RSA_MEMBERS = ("n", "e", "d", "p", "q", "dp", "dq", "qi")
_RSA_FIELDS = (
    "modulus", "publicExponent", "privateExponent", "prime1", "prime2", "exponent1", "exponent2", "coefficient",
)  # fmt: skip
_DSA2_HEAD = ("cbKey", "hashAlgorithm", "standardVersion", "cbSeedLength", "cbGroupSize")
_FULL_HEAD = (
    "dwVersion", "dwCurveType", "dwCurveGenerationAlgId", "cbFieldLength", "cbSubgroupOrder", "cbCofactor", "cbSeed",
)  # fmt: skip


def fields(found: Decoded) -> list[Field]:
    """Return the fields of a decoded key: those of its blob, or its numbers by the names of the standards."""
    if found.format == "cng" and not isinstance(found.key.numbers, ForeignKey):
        return blob_fields(found.content, found.blob_type)
    return list(_numbers(found))


def blob_fields(blob: bytes, blob_type: str) -> list[Field]:
    """Return the fields of a CNG or CryptoAPI blob, in order.

    Raise BadDataError, which names the first field that does not fit, and for trailing bytes that the type does not
    allow.
    """
    walk = _Walk(blob, blob_type)
    if "CAPI" in blob_type:
        return walk.legacy()
    family = blob_type.removesuffix("BLOB")
    if family.startswith("RSA"):
        return walk.rsa()
    if family.startswith("DSA"):
        return walk.dsa()
    if family.startswith("DH"):
        return walk.dh()
    if family.startswith("ECCFULL"):
        return walk.ecc_full()
    return walk.ecc() if family.startswith("ECC") else walk.pq()


class _Walk:
    """Read a blob field by field and remember which field gave each size."""

    def __init__(self, blob: bytes, blob_type: str) -> None:
        self._blob, self._type, self._at = blob, blob_type, 0
        self._found: list[Field] = []
        self._sizes: dict[str, tuple[int, int]] = {}

    def rsa(self) -> list[Field]:
        magic = self._magic("Magic")
        e, n, p, q = self._dwords(*_RSA_HEAD)[1:]
        self._numbers(("PublicExponent", e, "cbPublicExp"), ("Modulus", n, "cbModulus"))
        if magic in ("RSA2", "RSA3"):
            self._secret(("Prime1", p, "cbPrime1"), ("Prime2", q, "cbPrime2"))
        if magic == "RSA3":
            self._secret(("Exponent1", p, "cbPrime1"), ("Exponent2", q, "cbPrime2"), ("Coefficient", p, "cbPrime1"))
            self._secret(("PrivateExponent", n, "cbModulus"))
        return self._end()

    def dsa(self) -> list[Field]:
        magic = self._magic("dwMagic")
        if magic.endswith("2"):
            key, _, _, seed, group = self._dwords(*_DSA2_HEAD)
            self._number_field("Count", 4)
            self._numbers(("Seed", seed, "cbSeedLength"), ("q", group, "cbGroupSize"))
        else:
            (key,), group = self._dwords("cbKey"), 20
            self._number_field("Count", 4)
            self._numbers(("Seed", 20, ""), ("q", 20, ""))
        self._numbers(*((name, key, "cbKey") for name in "pgy"))
        if "PRIVATE" in self._type:
            self._secret(("x", group, "cbGroupSize" if magic.endswith("2") else ""))
        return self._end()

    def dh(self) -> list[Field]:
        self._magic("dwMagic")
        (key,) = self._dwords("cbKey")
        self._numbers(*((name, key, "cbKey") for name in "pgy"))
        if "PRIVATE" in self._type:
            self._secret(("x", key, "cbKey"))
        return self._end()

    def ecc(self) -> list[Field]:
        private = self._magic("dwMagic")[3] in "246V"
        (key,) = self._dwords("cbKey")
        self._numbers(("X", key, "cbKey"), ("Y", key, "cbKey"))
        if private:
            self._secret(("d", key, "cbKey"))
        return self._end()

    def ecc_full(self) -> list[Field]:
        private = self._magic("dwMagic").endswith("V")
        _, _, _, field, order, cofactor, seed = self._dwords(*_FULL_HEAD)
        self._numbers(*((name, field, "cbFieldLength") for name in ("P", "A", "B", "Gx", "Gy")))
        self._numbers(("n", order, "cbSubgroupOrder"), ("h", cofactor, "cbCofactor"), ("S", seed, "cbSeed"))
        self._numbers(("Qx", field, "cbFieldLength"), ("Qy", field, "cbFieldLength"))
        if private:
            self._secret(("d", order, "cbSubgroupOrder"))
        return self._end()

    def pq(self) -> list[Field]:
        self._magic("dwMagic")
        name, key = self._dwords("cbParameterSet", "cbKey")
        at, wide = self._take("the parameter set", name, "cbParameterSet")
        text = wide.decode("utf-16-le", "replace").rstrip("\0")
        self._found.append(Field("ParameterSet", text, at, name))
        what = "PublicKey" if "PUBLIC" in self._type else "Seed" if "SEED" in self._type else "PrivateKey"
        (self._numbers if what == "PublicKey" else self._secret)((what, key, "cbKey"))
        return self._end(more=self._type.startswith("MLKEM"))

    def legacy(self) -> list[Field]:
        for name, size in (("bType", 1), ("bVersion", 1), ("reserved", 2), ("aiKeyAlg", 4)):
            self._number_field(name, size)
        self._magic("magic")
        (bits,) = self._dwords("bitlen")
        whole, half = (bits + 7) // 8, (bits + 15) // 16
        if "DSA" in self._type:
            self._numbers(("p", whole, "bitlen"), ("q", 20, ""), ("g", whole, "bitlen"), little=True)
            self._secret(("x", 20, ""), little=True)
            self._dwords("counter")
            self._numbers(("seed", 20, ""), little=True)
            return self._end()
        self._dwords("pubexp")
        self._numbers(("modulus", whole, "bitlen"), little=True)
        if "PRIVATE" in self._type:
            names = ("prime1", "prime2", "exponent1", "exponent2", "coefficient")
            self._secret(*((name, half, "bitlen") for name in names), little=True)
            self._secret(("privateExponent", whole, "bitlen"), little=True)
        return self._end()

    def _magic(self, name: str) -> str:
        at, content = self._take(name, 4, "")
        text = content.decode("latin-1")
        self._found.append(Field(name, text, at, 4))
        return text

    def _dwords(self, *names: str) -> list[int]:
        values = []
        for name in names:
            at, content = self._take(name, 4, "")
            values.append(int.from_bytes(content, "little"))
            self._sizes[name] = (values[-1], at)
            self._found.append(Field(name, values[-1], at, 4))
        return values

    def _number_field(self, name: str, size: int) -> None:
        at, content = self._take(name, size, "")
        self._found.append(Field(name, int.from_bytes(content, "big" if name == "Count" else "little"), at, size))

    def _numbers(self, *specifications: tuple[str, int, str], little: bool = False, secret: bool = False) -> None:
        for name, size, source in specifications:
            at, content = self._take(name, size, source)
            self._found.append(Field(name, content[::-1] if little else content, at, size, secret))

    def _secret(self, *specifications: tuple[str, int, str], little: bool = False) -> None:
        self._numbers(*specifications, little=little, secret=True)

    def _take(self, name: str, size: int, source: str) -> tuple[int, bytes]:
        at, left = self._at, len(self._blob) - self._at
        if size > left:
            why = ""
            if source:
                value, where = self._sizes[source]
                why = f"; {source} at offset {where} says {value}"
            raise BadDataError(f"{self._type}: {name} at offset {at} needs {size} bytes, but {left} are left{why}")
        self._at += size
        return at, self._blob[at : self._at]

    def _end(self, *, more: bool = False) -> list[Field]:
        left = len(self._blob) - self._at
        if left and not more:
            raise BadDataError(f"{self._type}: {left} bytes trail, at offset {self._at}")
        if left:
            self._numbers(("trailing bytes", left, ""))
        return self._found


def _numbers(found: Decoded) -> Iterator[Field]:
    numbers = found.key.numbers
    jwk = found.format == "jwk"
    if isinstance(numbers, RsaKey):
        words = _RSA_MEMBERS if jwk else _RSA_FIELDS
        for place, (name, attribute) in enumerate(
            zip(words, ("n", "e", "d", "p", "q", "dp", "dq", "qinv"), strict=True)
        ):
            if value := getattr(numbers, attribute):
                yield Field(name, _big(value), secret=place > 1)
    elif isinstance(numbers, DsaKey | DhKey):
        group = numbers.parameters
        for name in "pqg":
            if value := getattr(group, name, 0):
                yield Field(name, _big(value))
        if numbers.y:
            yield Field("y", _big(numbers.y))
        if numbers.x:
            yield Field("x", _big(numbers.x), secret=True)
    elif isinstance(numbers, EcKey):
        if not numbers.is_montgomery and numbers.curve.oid:
            yield Field("namedCurve", numbers.curve.oid)
        for name, string in (("x", numbers.x), ("y", numbers.y), ("d", numbers.d)):
            if string:
                yield Field(name, string, secret=name == "d")
    elif isinstance(numbers, ForeignKey):
        halves = numbers.format.jwk_members if jwk else ("publicKey", "privateKey")
        for name, string in zip(halves, (numbers.public, numbers.private), strict=True):
            if string:
                yield Field(name, string, secret=string is numbers.private)
    elif isinstance(numbers, MlKey):
        forms = ("pub", "priv", "priv") if jwk else ("publicKey", "seed", "expandedKey")
        for name, string in zip(forms, (numbers.public, numbers.seed, numbers.expanded), strict=True):
            if string:
                yield Field(name, string, secret=string is not numbers.public)


def _big(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
