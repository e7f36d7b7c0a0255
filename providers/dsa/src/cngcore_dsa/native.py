"""DSA as the back end does it.

Its interface for numbers takes p of 1024, 2048, 3072 and 4096 bits only. A key in DER is not looked at so closely:
every length works, as far as OpenSSL underneath has it, which is where q has 160, 224 or 256 bits. That is no promise,
so a test of ours holds on to it, and :mod:`cngcore_dsa.raw` stands by.

The public half of a private key in DER is worked out when the key is loaded: y = g^x mod p, in constant time and ten
times faster than by Python's ``pow``. :func:`power` makes use of it.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, utils

from cngcore.blobs.dsa import DsaParameters
from cngcore.status import InvalidParameterError

_GROUP_BITS = (160, 224, 256)
"""Lengths of q with which OpenSSL signs and verifies."""

_OID = bytes.fromhex("06072a8648ce380401")
"""id-dsa (RFC 3279 section 2.3.2)."""


class NativeKey:
    """A key that the back end holds."""

    __slots__ = ("_private", "_public")

    def __init__(self, private: dsa.DSAPrivateKey | None, public: dsa.DSAPublicKey) -> None:
        self._private = private
        self._public = public

    @property
    def is_private(self) -> bool:
        return self._private is not None

    @property
    def x(self) -> int | None:
        return None if self._private is None else self._private.private_numbers().x

    @property
    def y(self) -> int:
        return self._public.public_numbers().y

    def public(self) -> NativeKey:
        """The public half."""
        return NativeKey(None, self._public)

    def sign(self, digest: bytes) -> tuple[int, int]:
        """r and s over a digest."""
        if self._private is None:
            raise InvalidParameterError("the key holds no private half")
        try:
            return utils.decode_dss_signature(self._private.sign(digest, utils.Prehashed(_Digest(len(digest)))))
        except ValueError as error:  # a key that was imported without validation
            raise InvalidParameterError("the domain parameters of the DSA key give no signature") from error

    def verify(self, digest: bytes, r: int, s: int) -> bool:
        """Whether r and s are a signature over a digest."""
        try:
            self._public.verify(utils.encode_dss_signature(r, s), digest, utils.Prehashed(_Digest(len(digest))))
        except InvalidSignature:
            return False
        return True


def load(parameters: DsaParameters, y: int | None, x: int | None) -> NativeKey | None:
    """The back end's key of these numbers, private where ``x`` is told; None where it does not take them."""
    if parameters.q.bit_length() not in _GROUP_BITS:
        return None
    domain = _domain(parameters.p, parameters.q, parameters.g)
    try:
        if x is not None:
            private = _load_private(domain, x)
            return None if private is None else NativeKey(private, private.public_key())
        # SubjectPublicKeyInfo (RFC 5280 section 4.1): algorithm, subjectPublicKey
        public = serialization.load_der_public_key(_sequence(domain + _tagged(0x03, b"\0" + _integer(y or 0))))
        return NativeKey(None, public) if isinstance(public, dsa.DSAPublicKey) else None
    except ValueError:
        return None


def power(base: int, exponent: int, modulus: int) -> int | None:
    """``base ** exponent % modulus``, all above 0 and the modulus odd; None where the back end does not take them."""
    if not modulus & 1 or base % modulus == 0:
        return None
    try:
        private = _load_private(_domain(modulus, 3, base % modulus), exponent)
        return None if private is None else private.public_key().public_numbers().y
    except ValueError:
        return None


def _domain(p: int, q: int, g: int) -> bytes:
    """AlgorithmIdentifier (RFC 3279 section 2.3.2)."""
    return _sequence(_OID + _sequence(b"".join(map(_integer, (p, q, g)))))


def _load_private(domain: bytes, x: int) -> dsa.DSAPrivateKey | None:
    """PrivateKeyInfo (RFC 5208 section 5): version, algorithm, privateKey."""
    private = serialization.load_der_private_key(_sequence(_integer(0) + domain + _tagged(0x04, _integer(x))), None)
    return private if isinstance(private, dsa.DSAPrivateKey) else None


class _Digest(hashes.HashAlgorithm):
    """A digest of some length, whatever made it."""

    name = "any digest"
    block_size = None

    def __init__(self, size: int) -> None:
        self._size = size

    @property
    def digest_size(self) -> int:
        return self._size


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _sequence(content: bytes) -> bytes:
    return _tagged(0x30, content)


def _integer(number: int) -> bytes:
    return _tagged(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))
