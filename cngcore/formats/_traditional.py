"""Read and write the DER structures inside PKCS#8 and SPKI, which OpenSSL also writes alone.

==================  =========================================  ====================================
structure           what it holds                              source
==================  =========================================  ====================================
RSAPrivateKey       n, e, d, p, q, dp, dq, qinv                RFC 8017 appendix A.1.2
RSAPublicKey        n, e                                       RFC 8017 appendix A.1.1
ECPrivateKey        d, the curve, the point                    RFC 5915
DSA, of OpenSSL     p, q, g, y, x                              no standard; OpenSSL's own
==================  =========================================  ====================================
"""

from __future__ import annotations

from cngcore.blobs import rsa
from cngcore.blobs.curves import Curve
from cngcore.blobs.dsa import DsaKey, DsaParameters
from cngcore.blobs.ecc import EccParameters
from cngcore.blobs.rsa import RsaKey
from cngcore.formats import _der as der
from cngcore.formats._complete import primes
from cngcore.formats._model import EcKey
from cngcore.formats._points import point, private_number, read_curve, read_point, write_curve
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

__all__ = [
    "read_dsa_private",
    "read_ec_private",
    "read_rsa_private",
    "read_rsa_public",
    "write_dsa_private",
    "write_ec_private",
    "write_rsa_private",
    "write_rsa_public",
]

_RSA_FIELDS = ("n", "e", "d", "p", "q", "dp", "dq", "qinv")


def read_rsa_private(reader: der.Reader) -> RsaKey:
    """Return the key of an RSAPrivateKey. Refuse more than two primes, because CNG has no such key."""
    inner = reader.sequence("RSAPrivateKey")
    version = inner.integer("the version")
    if version == 1:
        raise NotSupportedError("the RSA key has more than two primes, and CNG has no form for it")
    if version:
        raise inner.wrong("the version is not 0")
    key = RsaKey(**{name: inner.integer(name) for name in _RSA_FIELDS})
    inner.end()
    reader.end()
    if not key.n or not key.e or (not key.d and not key.is_private) or bool(key.p) != bool(key.q):
        raise BadDataError("RSAPrivateKey: a required number is 0")
    try:
        if key.is_private:
            return rsa.complete(key)
        if key.dp or key.dq or key.qinv:
            raise BadDataError("RSAPrivateKey: a required number is 0")
        return rsa.complete(primes(key.n, key.e, key.d))  # other programs write 0 for what they do not know
    except InvalidParameterError as error:
        raise BadDataError(f"RSAPrivateKey: {error.message}") from None


def write_rsa_private(key: RsaKey) -> bytearray:
    """Return an RSAPrivateKey. Compute the numbers that the key lacks."""
    key = rsa.complete(key)
    return der.sequence(der.integer(0), *(der.integer(getattr(key, name)) for name in _RSA_FIELDS))


def read_rsa_public(reader: der.Reader) -> RsaKey:
    """Return the key of an RSAPublicKey."""
    inner = reader.sequence("RSAPublicKey")
    key = RsaKey(inner.integer("n"), inner.integer("e"))
    inner.end()
    reader.end()
    return key


def write_rsa_public(key: RsaKey) -> bytearray:
    """Return an RSAPublicKey."""
    return der.sequence(der.integer(key.n), der.integer(key.e))


def read_dsa_private(reader: der.Reader) -> DsaKey:
    """Return the key of a structure that OpenSSL calls a DSA private key."""
    inner = reader.sequence("DSA private key")
    if inner.integer("the version"):
        raise inner.wrong("the version is not 0")
    p, q, g, y, x = (inner.integer(name) for name in "pqgyx")
    inner.end()
    reader.end()
    return dsa_key(DsaParameters(p=p, q=q, g=g), y, x)


def write_dsa_private(key: DsaKey) -> bytearray:
    """Return the structure that OpenSSL calls a DSA private key."""
    if key.y is None or key.x is None:
        raise InvalidParameterError("this DSA key lacks one of its halves; call complete() first")
    group = key.parameters
    return der.sequence(*map(der.integer, (0, group.p, group.q, group.g, key.y, key.x)))


def dsa_key(group: DsaParameters, y: int | None, x: int | None) -> DsaKey:
    """Return a DSA key. Raise BadDataError if a number is out of range for the group."""
    if (x is not None and not 0 < x < group.q) or (y is not None and not 1 < y < group.p):
        raise BadDataError("a number of the DSA key is out of range: x is from 1 to q-1, y from 2 to p-1")
    return DsaKey(group, y, x)


def read_ec_private(reader: der.Reader, curve: Curve | None = None, explicit: EccParameters | None = None) -> EcKey:
    """Return the key of an ECPrivateKey. Inside PKCS#8, ``curve`` is the curve of the AlgorithmIdentifier."""
    inner = reader.sequence("ECPrivateKey")
    if inner.integer("the version") != 1:
        raise inner.wrong("the version is not 1")
    encoded = inner.octets("the private key")
    explicit_curve = inner.context(0)
    if explicit_curve is not None:
        inside = read_curve(explicit_curve)
        explicit_curve.end()
        if curve is not None and (curve, explicit) != inside:
            raise inner.wrong("the curve differs from the curve of the AlgorithmIdentifier")
        curve, explicit = inside
    if curve is None:
        raise NotSupportedError("the ECPrivateKey names no curve; pass it as PKCS#8, which does")
    x = y = b""
    public = inner.context(1)
    if public is not None:
        x, y = read_point(curve, public.bits("the public key"))
        public.end()
    inner.end()
    reader.end()
    return EcKey(curve, x, y, private_number(curve, encoded), explicit)


def write_ec_private(key: EcKey, *, with_curve: bool) -> bytearray:
    """Return an ECPrivateKey with its public key. Inside PKCS#8 it does not repeat the curve."""
    if key.is_montgomery:
        raise NotSupportedError("an X25519 key has no ECPrivateKey; use PKCS#8")
    curve = [der.context(0, write_curve(key))] if with_curve else []
    return der.sequence(der.integer(1), der.octets(key.d), *curve, der.context(1, der.bits(point(key))))
