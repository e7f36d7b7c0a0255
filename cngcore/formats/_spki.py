"""Read and write SubjectPublicKeyInfo (RFC 5280 section 4.1) for each family, and read it from a certificate.

The key inside is an RSAPublicKey (RFC 8017), y of DSA (RFC 3279) or of DH as an INTEGER, the uncompressed point (RFC
5480), the 32 bytes of X25519 (RFC 8410), or the public key of ML-KEM (RFC 9935) or ML-DSA (RFC 9881).
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from cngcore.blobs.dh import DhKey, DhParameters
from cngcore.blobs.dsa import DsaKey, DsaParameters
from cngcore.blobs.rsa import RsaKey
from cngcore.formats import _der as der
from cngcore.formats import _oids as identifiers
from cngcore.formats import _traditional as structures
from cngcore.formats._export import as_key
from cngcore.formats._foreign import raw as raw_key
from cngcore.formats._model import X25519, EcKey, Key, MlKey
from cngcore.formats._points import point, read_point
from cngcore.status import BadDataError, InvalidParameterError

if TYPE_CHECKING:
    from cngcore.objects import KeyPair

__all__ = ["fingerprint", "read", "read_certificate", "write"]


def read(content: bytes | bytearray) -> Key:
    """Return the key in a SubjectPublicKeyInfo.

    Raise BadDataError if it is malformed, NotSupportedError for an algorithm that CNG does not have.
    """
    outer = der.Reader(content, "SubjectPublicKeyInfo")
    key = _read(outer)
    outer.end()
    return key


def read_certificate(content: bytes | bytearray) -> Key:
    """Return the key of an X.509 certificate. The certificate is not verified, and nothing else of it is read."""
    outer = der.Reader(content, "X.509 certificate")
    certificate = outer.sequence()
    outer.end()
    signed = certificate.sequence()
    signed.context(0)
    for _ in range(5):  # serial number, signature, issuer, validity, subject
        signed.element()
    return _read(signed)


def write(key: Key) -> bytes:
    """Return a SubjectPublicKeyInfo of the public half."""
    return bytes(der.sequence(identifiers.write(key), der.bits(_write(key))))


def fingerprint(key: Key | KeyPair) -> bytes:
    """Return the SHA-256 of the SubjectPublicKeyInfo: 32 bytes that identify a key pair in every format."""
    return sha256(write(as_key(key))).digest()


def _read(reader: der.Reader) -> Key:
    info = reader.sequence("SubjectPublicKeyInfo")
    what = identifiers.read(info)
    if what.family == "RSA":
        key = Key("RSA", structures.read_rsa_public(info.inside_bits("the public key")))
    elif what.group is not None:
        inner = info.inside_bits("the public key")
        y = inner.integer("y")
        inner.end()
        key = _of_group(what.group, y)
    elif what.curve == X25519:
        encoded = info.bits("the public key")
        if len(encoded) != 32:
            raise BadDataError(f"a public key of X25519 has 32 bytes, not {len(encoded)}")
        key = Key("X25519", EcKey(X25519, encoded, b""))
    elif what.curve is not None:
        x, y_string = read_point(what.curve, info.bits("the public key"))
        key = Key("EC", EcKey(what.curve, x, y_string, b"", what.explicit), what.use)
    elif what.foreign is not None:
        key = Key(what.family, raw_key(what.foreign, info.bits("the public key"), private=False))
    else:
        encoded = info.bits("the public key")
        if not encoded:
            raise info.wrong("the public key is empty")
        try:
            key = Key(what.family, MlKey(what.family, what.parameter_set, encoded))
        except InvalidParameterError as error:
            raise BadDataError(f"SubjectPublicKeyInfo: {error.message}") from None
    info.end()
    return key


def _of_group(group: DsaParameters | DhParameters, y: int) -> Key:
    if isinstance(group, DsaParameters):
        return Key("DSA", structures.dsa_key(group, y, None))
    if not 0 < y < group.p:
        raise BadDataError("the public number of the DH key is not between 1 and p-1")
    return Key("DH", DhKey(group, y))


def _write(key: Key) -> bytes | bytearray:
    numbers = key.numbers
    if not key.has_public:
        raise InvalidParameterError(f"this {key.description} key lacks its public half; call complete() first")
    if isinstance(numbers, RsaKey):
        return structures.write_rsa_public(numbers)
    if isinstance(numbers, DsaKey | DhKey):
        return der.integer(numbers.y or 0)
    return point(numbers) if isinstance(numbers, EcKey) else numbers.public
