"""List arguments, right and wrong, for the fuzz targets and for the tests of both APIs.

:mod:`fuzz.calls` picks from the tuples, which hold right and wrong values. A byte of an input is an index into them, so
their order and length belong to the corpus: make it anew with ``python -m fuzz.seeds`` after a change.
"""

from __future__ import annotations

import array
import ctypes
from collections.abc import Callable
from typing import Any

from cngcore import bcrypt

# --- what the fuzz target picks from -----------------------------------------------------------------------

ALGORITHMS = (
    "RSA", "ECDSA_P256", "ECDH_P256", "ECDSA", "ECDH", "DH", "DSA", "ML-KEM", "ML-DSA", "SHA256", "RNG", "SHA1",
    "RSA_SIGN", "ECDH_P521", "NOPE", "", "rsa", None, 5,
)  # fmt: skip
LENGTHS = (0, 256, 512, 255, 521, 1, 64, 576, 2**31, 2**32, 2**70, -1, True, 512.0, "512", None)
FLAGS = (0, 0, 0, 0, 8, 0x20, 1, 2, 4, 0x18, 0x40, 2**31, 2**32, -1, None, "0")
PROPERTIES = (
    "KeyLength", "ParameterSetName", "ECCCurveName", "DHParameters", "DSAParameters", "ECCParameters",
    "AlgorithmName", "KeyLengths", "KeyStrength", "SignatureLength", "HkdfHashAlgorithm", "HkdfSaltAndFinalize",
    "HkdfPrkAndFinalize", "PaddingSchemes", "ProviderHandle", "ECCCurveNameList", "PublicKeyLength", "HashDigestLength",
    "KEMCiphertextLength", "nope", "", None, 7,
)  # fmt: skip
BLOB_TYPES = (
    "RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "CAPIPRIVATEBLOB", "DSAPUBLICBLOB", "DSAPRIVATEBLOB",
    "DHPUBLICBLOB", "DHPRIVATEBLOB", "ECCPUBLICBLOB", "ECCPRIVATEBLOB", "ECCFULLPUBLICBLOB", "ECCFULLPRIVATEBLOB",
    "MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB", "PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB",
    "PQDSAPRIVATESEEDBLOB", "PUBLICBLOB", "PRIVATEBLOB", "OpaqueKeyBlob", "nope", None, 3,
)  # fmt: skip
STRINGS = (
    "nistP256",
    "curve25519",
    "brainpoolP256r1",
    "secP256k1",
    "512",
    "768",
    "44",
    "87",
    "SHA256",
    "x" * 300,
    "\0",
)
KDFS = ("HASH", "HMAC", "TLS_PRF", "SP800_56A_CONCAT", "TRUNCATE", "HKDF", "nope", None)
NOT_HANDLES = (None, 0, -1, 1, 17, 0x331, 2**63, 2**70, True, 1.5, "0x10000", b"\0", [], object)
"""Values that are not handles of ours; 17 and 0x331 have the form of a pseudo-handle."""

OUTPUTS = (None, 0, 1, 16, 20, 32, 64, 512, 8192, "text", bytes(64), 7)
"""Sizes of output buffers, and values that are not writable buffers; 7 is passed as it is."""

INPUTS = (None, "text", 5, bytearray(b"x"), memoryview(b"abcd")[::2], b"")
"""Unusual inputs, most of them not buffers."""

HASHES = ["SHA1", "SHA256", "SHA512", "MD5", "SHA3-256", "AES", ""]
"""Names of hashes, known and unknown."""

# --- values of a wrong kind --------------------------------------------------------------------------------

_RELEASED = memoryview(b"label")
_RELEASED.release()

NOT_BYTES: list[Any] = [None, 5, -1, 1.5, "label", [], object(), _RELEASED]
"""Values that are not buffers of bytes; bytes(5) would be five zeros."""

NOT_TEXT: list[Any] = [5, 1.5, b"RSA", [], {}, object()]
"""Values that are not strings, some of them not hashable."""

NOT_NUMBERS: list[Any] = ["256", b"1", 1.5, [], object()]
"""Values that are not ints."""

NOT_DWORDS: list[Any] = [*NOT_NUMBERS, True, -1, 1 << 32, 1 << 40, 1 << 80]
"""Values that are not numbers of 32 bits."""

NOT_WRITABLE: list[Any] = [None, 16, "text", b"read-only", memoryview(bytearray(8))[::2], object()]
"""Values that are not buffers to fill."""

# --- objects that misbehave, and values of every type -------------------------------------------------------


class Tantrum(BaseException):
    """An exception that is not an ``Exception``, thrown by a method of an argument."""


def throws(*_arguments: object, **_keywords: object) -> Any:
    raise Tantrum("thrown by an argument")


def fails(*_arguments: object, **_keywords: object) -> Any:
    raise RuntimeError("raised by an argument")


def liar(kind: type) -> Any:
    """Return an object that claims to be of another class."""
    return type("Liar", (), {"__class__": property(lambda _self: kind)})()


NAMES = ["__hash__", "__eq__", "__index__", "__int__", "__bool__", "__len__", "__iter__", "__repr__", "__str__",
         "__getattr__", "__contains__", "__and__", "__invert__", "__lt__", "__le__", "__format__"]  # fmt: skip


def tempered(kind: type, how: Callable[..., Any], names: list[str]) -> Any:
    """Return an object of a subclass of ``kind`` whose special methods throw."""
    body = dict.fromkeys(names, how)
    return type(f"Tempered{kind.__name__}", (kind,), body)()


def ill_natured() -> list[Any]:
    """Return objects whose methods raise or return nonsense."""
    objects: list[Any] = [
        tempered(kind, how, NAMES[:9]) for kind in (object, int, str, bytes, list) for how in (fails, throws)
    ]
    objects += [tempered(object, fails, [name]) for name in NAMES]
    objects += [
        tempered(object, throws, ["__getattribute__"]),
        tempered(object, fails, ["__class_getitem__", "__buffer__"]),
    ]
    objects += [liar(kind) for kind in (int, str, bytes, bool, bytearray, memoryview, bcrypt.BCRYPT_PKCS1_PADDING_INFO)]
    objects += [
        liar(kind) for kind in (bcrypt.BCRYPT_PSS_PADDING_INFO, bcrypt.BCRYPT_OAEP_PADDING_INFO, bcrypt.BCryptBuffer)
    ]
    objects.append(type("Claims", (), {"__class__": property(fails)})())
    objects.append(type("Number", (), {"__index__": lambda _self: 0xFFFF})())
    objects.append(type("Negative", (), {"__len__": lambda _self: -1})())
    objects.append(type("Same", (), {"__eq__": lambda _self, _other: True, "__hash__": lambda _self: 0})())
    objects.append(type("Steps", (), {"__iter__": lambda _self: iter([None, 1, fails])})())
    objects.append(type("Stumbles", (), {"__iter__": lambda self: self, "__next__": throws})())
    return objects


def released() -> memoryview:
    view = memoryview(bytearray(8))
    view.release()
    return view


def plain() -> list[Any]:
    """Return values of every type; none of them can be the handle of another test."""
    views: list[Any] = [
        memoryview(bytearray(64))[::2],
        memoryview(bytes(64)),
        memoryview(bytearray(64))[::-1],
        memoryview(bytearray(64)).cast("I", (4, 4)),
        memoryview(array.array("d", [1.0, 2.0])),
        released(),
        array.array("H", range(40)),
        (ctypes.c_char * 64)(),
        (ctypes.c_uint32 * 3)(),
    ]
    numbers = [0, 1, -1, 2, 8, 255, 513, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63, 2**64, -(2**70), 10**400]
    others = [None, True, False, "", "x", "\0", "\ud800", "RSA", b"", b"\0", b"x" * 70, bytearray(), bytearray(9), 1.5]
    others += [float("nan"), float("inf"), 2j, [], [None], (), {}, set(), object(), type, len, Ellipsis, range(3)]
    return [*views, *numbers, *others, slice(1), "é" * 9, ["RSA"], {"a": 1}, iter([1, 2]), (b"x",)]
