"""Read and write AlgorithmIdentifier, which names the algorithm of a key in PKCS#8 and SubjectPublicKeyInfo.

==========  ===============================  =========================================  ======================
family      object identifier                parameters                                 source
==========  ===============================  =========================================  ======================
RSA         rsaEncryption                    NULL                                       RFC 8017, RFC 3279
DSA         id-dsa                           p, q, g                                    RFC 3279
DH          dhKeyAgreement (PKCS#3)          p, g                                       PKCS #3; read: X9.42 too
EC          id-ecPublicKey                   the curve                                  RFC 5480; read: id-ecDH
X25519      id-X25519                        none                                       RFC 8410
ML-KEM      id-alg-ml-kem-512 and so on      none                                       RFC 9935
ML-DSA      id-ml-dsa-44 and so on           none                                       RFC 9881
==========  ===============================  =========================================  ======================
"""

from __future__ import annotations

from dataclasses import dataclass

from cngcore._nearest import instead_of
from cngcore.blobs.curves import Curve
from cngcore.blobs.dh import DhKey, DhParameters
from cngcore.blobs.dsa import DsaKey, DsaParameters
from cngcore.blobs.ecc import EccParameters
from cngcore.formats import _der as der
from cngcore.formats._foreign import ForeignKey, by_oid
from cngcore.formats._model import X25519, EcKey, Key
from cngcore.formats._points import read_curve, write_curve
from cngcore.provider import KeyFormat
from cngcore.status import NotSupportedError

__all__ = ["Identifier", "read", "write"]

_RSA = "1.2.840.113549.1.1.1"
_DSA = "1.2.840.10040.4.1"
_DH = "1.2.840.113549.1.3.1"
_X942 = "1.2.840.10046.2.1"
_EC = "1.2.840.10045.2.1"
_ECDH = "1.3.132.1.12"
_X25519 = "1.3.101.110"
_ML = {
    "2.16.840.1.101.3.4.4.1": ("ML-KEM", "512"),
    "2.16.840.1.101.3.4.4.2": ("ML-KEM", "768"),
    "2.16.840.1.101.3.4.4.3": ("ML-KEM", "1024"),
    "2.16.840.1.101.3.4.3.17": ("ML-DSA", "44"),
    "2.16.840.1.101.3.4.3.18": ("ML-DSA", "65"),
    "2.16.840.1.101.3.4.3.19": ("ML-DSA", "87"),
}
_OID_OF = {names: oid for oid, names in _ML.items()}


def _absent(name: str, family: str = "") -> str:
    return f"{name}, which CNG does not have{instead_of(family or name)}"


_KNOWN_ELSEWHERE = {
    "1.2.840.113549.1.1.10": "RSASSA-PSS: a key bound to one padding, which CNG does not have; make it a plain RSA key",
    "1.2.840.113549.1.1.7": "RSAES-OAEP: a key bound to one padding, which CNG does not have; make it a plain RSA key",
    "1.3.101.112": _absent("Ed25519"),
    "1.3.101.111": _absent("X448"),
    "1.3.101.113": _absent("Ed448"),
    "1.2.643.2.2.19": "GOST R 34.10-2001, which CNG does not have",
    "1.2.643.7.1.1.1.1": "GOST R 34.10-2012, which CNG does not have",
    "1.2.643.7.1.1.1.2": "GOST R 34.10-2012, which CNG does not have",
    "1.2.840.113549.1.9.16.3.17": _absent("HSS/LMS", "LMS"),
    **{f"2.16.840.1.101.3.4.3.{number}": _absent("SLH-DSA") for number in (*range(20, 32), *range(35, 47))},
    **{
        f"1.3.6.1.4.1.2.267.7.{number}": "Dilithium, a draft of ML-DSA; make a new key"
        for number in ("4.4", "6.5", "8.7")
    },
    **{f"1.3.6.1.4.1.2.267.12.{number}": "a draft of ML-DSA; make a new key" for number in ("4.4", "6.5", "8.7")},
    **{f"1.3.6.1.4.1.22554.5.6.{number}": "Kyber, a draft of ML-KEM; make a new key" for number in (1, 2, 3)},
    **{f"1.3.6.1.4.1.2.267.8.{number}": "Kyber, a draft of ML-KEM; make a new key" for number in ("2.2", "3.3", "4.4")},
}


@dataclass(frozen=True, slots=True)
class Identifier:
    """The family of a key, and its parameters: a group, a curve, or the name of a parameter set."""

    family: str
    group: DsaParameters | DhParameters | None = None
    curve: Curve | None = None
    explicit: EccParameters | None = None
    parameter_set: str = ""
    use: str = ""
    foreign: KeyFormat | None = None


def read(reader: der.Reader) -> Identifier:
    """Return the next AlgorithmIdentifier.

    Raise NotSupportedError for an algorithm that CNG does not have, BadDataError for parameters that do not fit the
    algorithm.
    """
    inner = reader.sequence("AlgorithmIdentifier")
    oid = inner.oid()
    if oid in _ML:
        found = Identifier(_ML[oid][0], parameter_set=_ML[oid][1])
    elif oid == _X25519:
        found = Identifier("X25519", curve=X25519)
    elif oid == _RSA:
        if inner.peek() is not None:
            inner.null()
        found = Identifier("RSA")
    elif oid in (_EC, _ECDH):
        curve, explicit = read_curve(inner)
        found = Identifier("EC", curve=curve, explicit=explicit, use="ECDH" if oid == _ECDH else "")
    elif oid == _DSA:
        if inner.peek() != der.SEQUENCE:
            raise NotSupportedError("the DSA key inherits p, q and g from elsewhere; a key must contain its own")
        numbers = inner.sequence("Dss-Parms")
        p, q, g = (numbers.integer(name) for name in "pqg")
        numbers.end()
        found = Identifier("DSA", DsaParameters(p=p, q=q, g=g))
    elif oid in (_DH, _X942):
        numbers = inner.sequence("DHParameter" if oid == _DH else "DomainParameters")
        p, g = (numbers.integer(name) for name in "pg")
        numbers.skip_rest()
        found = Identifier("DH", DhParameters(p, g))
    elif (known := by_oid(oid)) is not None:
        found = Identifier(known.algorithm, parameter_set=known.parameter_set, foreign=known)
    else:
        shown = oid if len(oid) <= 40 else "an algorithm with a long object identifier"
        raise NotSupportedError(f"the key is for {_KNOWN_ELSEWHERE.get(oid, f'{shown}, which CNG does not have')}")
    inner.end()
    return found


def write(key: Key) -> bytearray:
    """Return the AlgorithmIdentifier of ``key``."""
    numbers = key.numbers
    if isinstance(numbers, DsaKey):
        group = numbers.parameters
        parameters = der.sequence(*map(der.integer, (group.p, group.q, group.g)))
        return der.sequence(der.oid(_DSA), parameters)
    if isinstance(numbers, DhKey):
        parameters = der.sequence(der.integer(numbers.parameters.p), der.integer(numbers.parameters.g))
        return der.sequence(der.oid(_DH), parameters)
    if isinstance(numbers, EcKey):
        if numbers.is_montgomery:
            return der.sequence(der.oid(_X25519))
        return der.sequence(der.oid(_EC), write_curve(numbers))
    if key.family == "RSA":
        return der.sequence(der.oid(_RSA), der.null())
    if isinstance(numbers, ForeignKey):
        if not numbers.format.oid:
            raise NotSupportedError(
                f"the provider of {numbers.format.name} does not say how other programs write its keys"
            )
        return der.sequence(der.oid(numbers.format.oid))
    return der.sequence(der.oid(_OID_OF[key.family, key.parameter_set]))
