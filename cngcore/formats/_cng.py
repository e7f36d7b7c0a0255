"""Read and write the key blobs of CNG and CryptoAPI as one format, whose magic gives the blob type.

:mod:`cngcore.blobs` reads the content of a blob; this module brings the blob types of all families together. A short
blob with a generic magic does not contain its curve, so the caller must name it. Only curve25519 is recognised: Y is
zero and X is not, which is not a point of any other curve of CNG.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from cngcore._nearest import instead_of
from cngcore.blobs import dh, dsa, ecc, pq, rsa
from cngcore.blobs.dh import DhKey
from cngcore.blobs.dsa import DsaKey
from cngcore.blobs.ecc import EccKey, EccParameters
from cngcore.blobs.pq import PqKey
from cngcore.blobs.rsa import RsaKey
from cngcore.constants import BCRYPT_SLHDSA_ALGORITHM as SLHDSA
from cngcore.formats._foreign import ForeignKey, read_blob
from cngcore.formats._model import EcKey, Key, MlKey, curve_of, explicit_curve
from cngcore.status import InvalidParameterError, NotSupportedError

__all__ = [
    "BLOB_TYPES",
    "ML_BLOBS",
    "algorithm_of",
    "blob_type_of",
    "blob_types",
    "clamped",
    "holds_private",
    "is_private_type",
    "read",
    "write",
]

ML_BLOBS = {
    "ML-KEM": ("MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB"),
    "ML-DSA": ("PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB", "PQDSAPRIVATESEEDBLOB"),
}
_ECC_TYPES = ("ECCPUBLICBLOB", "ECCPRIVATEBLOB", "ECCFULLPUBLICBLOB", "ECCFULLPRIVATEBLOB")

BLOB_TYPES = {
    "RSA": ("RSAPUBLICBLOB", "RSAFULLPRIVATEBLOB", "RSAPRIVATEBLOB", "CAPIPUBLICBLOB", "CAPIPRIVATEBLOB"),
    "DSA": ("DSAPUBLICBLOB", "DSAPRIVATEBLOB", "V2CAPIDSAPRIVATEBLOB"),
    "DH": ("DHPUBLICBLOB", "DHPRIVATEBLOB"),
    "EC": _ECC_TYPES,
    "X25519": _ECC_TYPES,
    "ML-KEM": ("MLKEMPUBLICBLOB", "MLKEMPRIVATESEEDBLOB", "MLKEMPRIVATEBLOB"),
    "ML-DSA": ("PQDSAPUBLICBLOB", "PQDSAPRIVATESEEDBLOB", "PQDSAPRIVATEBLOB"),
}
"""The blob types of each family. The first public and the first private type are the defaults for writing."""

_BY_MAGIC = {
    b"RSA1": "RSAPUBLICBLOB",
    b"RSA2": "RSAPRIVATEBLOB",
    b"RSA3": "RSAFULLPRIVATEBLOB",
    b"DSPB": "DSAPUBLICBLOB",
    b"DPB2": "DSAPUBLICBLOB",
    b"DSPV": "DSAPRIVATEBLOB",
    b"DPV2": "DSAPRIVATEBLOB",
    b"DHPB": "DHPUBLICBLOB",
    b"DHPV": "DHPRIVATEBLOB",
    b"MLKP": "MLKEMPUBLICBLOB",
    b"MLKR": "MLKEMPRIVATEBLOB",
    b"MLKS": "MLKEMPRIVATESEEDBLOB",
    b"DSPK": "PQDSAPUBLICBLOB",
    b"DSSK": "PQDSAPRIVATEBLOB",
    b"DSSS": "PQDSAPRIVATESEEDBLOB",
    b"SHPK": "PQDSAPUBLICBLOB",
    b"SHSK": "PQDSAPRIVATEBLOB",
}
for _use, _fixed, _generic in (("ECDH", b"ECK", b"ECK"), ("ECDSA", b"ECS", b"ECD")):
    for _number in b"135P":
        _stem = _generic if _number == ord("P") else _fixed
        _BY_MAGIC[_stem + bytes([_number])] = "ECCPUBLICBLOB"
        _BY_MAGIC[_stem + (b"V" if _number == ord("P") else bytes([_number + 1]))] = "ECCPRIVATEBLOB"
_LEGACY = {
    (6, b"RSA1"): "CAPIPUBLICBLOB",
    (7, b"RSA2"): "CAPIPRIVATEBLOB",
    (7, b"DSS2"): "V2CAPIDSAPRIVATEBLOB",
}
_SUFFIX = {"nistP256": "_P256", "nistP384": "_P384", "nistP521": "_P521"}
_GENERIC = (b"ECKP", b"ECKV", b"ECDP", b"ECDV")


def blob_type_of(blob: bytes | bytearray) -> str:
    """Return the blob type that the first bytes show, or "" if they are not the magic of a key blob."""
    head = bytes(blob[:12])
    found = _BY_MAGIC.get(head[:4], "")
    if head[:4] in _GENERIC and head[4:8] == b"\1\0\0\0":  # dwVersion is 1; no curve has a cbKey of 1
        return found.replace("ECC", "ECCFULL")
    if not found and len(head) == 12 and head[1:4] == b"\2\0\0":
        return _LEGACY.get((head[0], head[8:12]), "")
    return found


def is_private_type(blob_type: str) -> bool:
    """Return whether blobs of this type hold a private key."""
    return "PRIVATE" in blob_type


def blob_types(key: Key) -> tuple[str, ...]:
    """Return the blob types of the key's family that the key can be written as."""
    types = _types_of(key)
    return types if key.is_private else tuple(name for name in types if not holds_private(key, name))


def _types_of(key: Key) -> tuple[str, ...]:
    if isinstance(key.numbers, ForeignKey):
        return key.numbers.format.public_blob, key.numbers.format.private_blob
    return BLOB_TYPES[key.family]


def holds_private(key: Key, blob_type: str) -> bool:
    """Return whether blobs of this type hold the private half of such a key, as its provider declares it."""
    if isinstance(key.numbers, ForeignKey):
        return blob_type == key.numbers.format.private_blob
    return is_private_type(blob_type)


def read(blob: bytes | bytearray, blob_type: str = "", *, curve: str = "") -> Key:
    """Return the key in a blob. If ``blob_type`` is empty, the magic decides.

    ``curve`` names the curve of a short blob with a generic magic. Raise what the family's ``parse`` raises.
    """
    blob_type = blob_type or blob_type_of(blob)
    if not blob_type:
        raise NotSupportedError("the data does not begin with the magic of a key blob of CNG or CryptoAPI")
    if blob_type in BLOB_TYPES["RSA"]:
        return Key("RSA", rsa.parse(blob_type, blob))
    if blob_type in BLOB_TYPES["DSA"]:
        return Key("DSA", dsa.parse(blob_type, blob))
    if blob_type in BLOB_TYPES["DH"]:
        return Key("DH", dh.parse(blob_type, blob))
    if blob_type in _ECC_TYPES:
        use = "ECDSA" if bytes(blob[:3]) in (b"ECS", b"ECD") else "ECDH"
        return _from_ecc(ecc.parse(blob_type, blob, family=use), curve)
    if pq.algorithm_of(blob) != SLHDSA:  # it shares blob types with ML-DSA, and only a provider has its keys
        for family, types in ML_BLOBS.items():
            if blob_type in types:
                return Key(family, _from_pq(family, types.index(blob_type), pq.parse(blob_type, blob)))
    if (foreign := read_blob(blob_type, bytes(blob))) is not None:
        return Key(foreign.format.algorithm, foreign)
    if blob_type in BLOB_TYPES["ML-DSA"]:
        raise NotSupportedError(
            f"the blob holds a key of SLH-DSA, and no provider says how to read it{instead_of(SLHDSA)}"
        )
    raise NotSupportedError(f"{blob_type!r:.40} is not a blob type that can be read here")


def write(key: Key, blob_type: str = "", *, generic: bool | None = None) -> bytes | bytearray:
    """Return ``key`` as a blob: bytes for a public type, a bytearray for a private one.

    The default ``blob_type`` is the first of :data:`BLOB_TYPES` that holds all of the key. ``generic=True`` writes one
    of the magics ECKP, ECKV, ECDP and ECDV in a short blob, ``generic=False`` the magic of the curve, None the magic of
    the curve if it has one. An elliptic-curve key of unknown use is written for ECDSA. The scalar of an X25519 key is
    written clamped, as Windows demands.

    Raise NotSupportedError for a blob type of another family, InvalidParameterError if the key lacks a number that the
    blob type needs; :func:`cngcore.formats.complete` computes it.
    """
    types = _types_of(key)
    if not blob_type:
        blob_type = next(name for name in types if holds_private(key, name) == key.is_private)
        if isinstance(key.numbers, MlKey) and key.is_private and not key.numbers.seed:
            blob_type = types[2]
    if blob_type not in types:
        raise NotSupportedError(f"{blob_type!r:.40} is not a blob type of {key.family}; use one of {', '.join(types)}")
    if holds_private(key, blob_type) and not key.is_private:
        raise InvalidParameterError(f"this {key.description} key is public; it has no {blob_type}")
    numbers = key.numbers
    if isinstance(numbers, ForeignKey):
        private_blob = blob_type == numbers.format.private_blob
        packed = numbers.format.blob(numbers.private if private_blob else numbers.public, private=private_blob)
        return bytearray(packed) if private_blob else bytes(packed)
    if isinstance(numbers, RsaKey):
        return rsa.build(blob_type, numbers)
    if isinstance(numbers, DsaKey):
        return dsa.build(blob_type, numbers)
    if isinstance(numbers, DhKey):
        return dh.build(blob_type, numbers)
    if isinstance(numbers, EcKey):
        return _to_ecc(key, numbers, blob_type, generic)
    public, private, _ = ML_BLOBS[key.family]
    content = numbers.public if blob_type == public else numbers.expanded if blob_type == private else numbers.seed
    if not content:
        raise InvalidParameterError(
            f"this {key.description} key lacks numbers that {blob_type} needs; call complete() first"
        )
    return pq.build(blob_type, numbers.parameter_set, content)


def clamped(d: bytes) -> bytes:
    """Return a scalar of X25519 with the five bits that RFC 7748 ignores set as Windows demands."""
    return bytes([d[0] & 0xF8, *d[1:31], d[31] & 0x7F | 0x40])


def _from_ecc(parsed: EccKey, curve_name: str) -> Key:
    explicit: EccParameters | None = None
    curve = parsed.curve
    if parsed.parameters is not None:
        curve, explicit = explicit_curve(parsed.parameters)
    if curve is None:
        montgomery = parsed.family == "ECDH" and parsed.key_bytes == 32 and any(parsed.x) and not any(parsed.y)
        if not curve_name and not montgomery:
            raise InvalidParameterError(
                f"the blob has a generic magic and does not name its curve of {parsed.key_bytes} bytes; "
                "pass the curve: curve= of load_key(), --curve of the command"
            )
        curve = curve_of(curve_name or "curve25519")
    elif curve_name and (named := curve_of(curve_name)) != replace(curve, name=named.name):
        raise InvalidParameterError(f"the blob holds a key on {curve.name or 'another curve'}, not on {curve_name}")
    if parsed.key_bytes != curve.key_bytes:
        raise InvalidParameterError(f"a key on {curve.name} has {curve.key_bytes} bytes, not {parsed.key_bytes}")
    if curve.name == "curve25519":
        x = parsed.x if any(parsed.x) or not parsed.d else b""
        return Key("X25519", EcKey(curve, x, b"", parsed.d), "ECDH")
    x, y, d = parsed.x, parsed.y, parsed.d
    if d and not (any(x) or any(y)):
        x = y = b""
    if d:
        spare = len(d) - curve.order_bytes
        if spare > 0 and any(d[:spare]):
            raise InvalidParameterError("the private number is not below the order of its curve")
        d = d[spare:] if spare > 0 else bytes(-spare) + d
    return Key("EC", EcKey(curve, x, y, d, explicit), parsed.family)


def _to_ecc(key: Key, numbers: EcKey, blob_type: str, generic: bool | None) -> bytes | bytearray:
    use = "ECDH" if numbers.is_montgomery else key.use or "ECDSA"
    curve = numbers.curve
    if not numbers.x and not is_private_type(blob_type):
        raise InvalidParameterError(f"this {key.description} key lacks its public point; call complete() first")
    if numbers.parameters is not None and "FULL" in blob_type:
        return _explicit(use, numbers, blob_type)
    has_magic = curve.name in _SUFFIX
    d = numbers.d
    if numbers.is_montgomery and d:
        d = clamped(d)
    zeros = bytes(curve.key_bytes)
    return ecc.build(
        blob_type,
        family=use,
        curve=curve,
        x=numbers.x or zeros,
        y=numbers.y or zeros,
        d=d,
        generic=not has_magic if generic is None else generic,
    )


def _explicit(use: str, numbers: EcKey, blob_type: str) -> bytes | bytearray:
    """Return a full blob of a curve without a name, with the curve's parameters unchanged."""
    parameters = cast("EccParameters", numbers.parameters)
    private = is_private_type(blob_type)
    magic = (b"ECK" if use == "ECDH" else b"ECD") + (b"V" if private else b"P")
    size = parameters.field_bytes
    fields = [numbers.x.rjust(size, b"\0"), numbers.y.rjust(size, b"\0")]
    if private:
        fields.append(numbers.d.rjust(parameters.order_bytes, b"\0"))
    blob = bytearray(magic + parameters.to_bytes() + b"".join(fields))
    return blob if private else bytes(blob)


def _from_pq(family: str, place: int, parsed: PqKey) -> MlKey:
    form = ("public", "expanded", "seed")[place]
    return MlKey(family, parsed.parameter_set, **{form: parsed.key})


def algorithm_of(key: Key) -> str:
    """Return the algorithm identifier that a key is for: ``RSA``, ``ECDSA_P256``, ``ECDH``, ``ML-KEM``."""
    if not isinstance(key.numbers, EcKey):
        return key.family
    if key.family == "X25519":
        return "ECDH"
    return f"{key.use or 'ECDSA'}{_SUFFIX.get(key.curve, '')}"
