"""DSA keys as cryptography holds them.

The interface of cryptography for numbers accepts p of 1024, 2048, 3072 and 4096 bits only. A key in DER may have any
length, if q has 160, 224 or 256 bits, as OpenSSL requires. cryptography does not promise this, so one of our tests
checks it. :mod:`cngcore_dsa.raw` holds all other keys.

cryptography computes the public half when it loads a private key in DER: y = g^x mod p. This is ten times faster than
Python's ``pow``, and :func:`power` uses it. It is not constant-time: with cryptography 50 the exponent 2^2047 takes 81
percent of the time of 2^2048 - 1. :mod:`cngcore_dsa.raw` therefore adds a random multiple of the order to a nonce.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, utils

from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from cngcore.blobs.dsa import DsaParameters

_GROUP_BITS = (160, 224, 256)
"""The lengths of q in bits that OpenSSL supports."""

_OID = bytes.fromhex("06072a8648ce380401")
"""id-dsa (RFC 3279 section 2.3.2)."""


class NativeKey:
    """A key that the back end holds."""

    __slots__ = ("_private", "_public")

    def __init__(self, private: dsa.DSAPrivateKey | None, public: dsa.DSAPublicKey) -> None:
        self._private = private
        self._public = public

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("a DSA key cannot be pickled or copied; export it as a blob")

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
        """Return the public half."""
        return NativeKey(None, self._public)

    def sign(self, digest: bytes) -> tuple[int, int]:
        """Return r and s over a digest."""
        if self._private is None:
            raise InvalidParameterError("this DSA key has no private half; use a key pair")
        try:
            return utils.decode_dss_signature(self._private.sign(digest, _prehashed(len(digest))))
        except ValueError as error:  # a key that was imported without validation
            raise InvalidParameterError("the domain parameters of the DSA key are invalid: signing fails") from error

    def verify(self, digest: bytes, r: int, s: int) -> bool:
        """Return whether r and s are a signature over a digest."""
        try:
            self._public.verify(utils.encode_dss_signature(r, s), digest, _prehashed(len(digest)))
        except InvalidSignature:
            return False
        return True


def load(parameters: DsaParameters, y: int | None, x: int | None) -> NativeKey | None:
    """Return the back end's key, a private one if ``x`` is not None. Return None if it rejects the numbers."""
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
    """Return ``base ** exponent % modulus`` for numbers above 0, or None if the back end rejects them."""
    if not modulus & 1 or base % modulus == 0:
        return None
    try:
        private = _load_private(_domain(modulus, 3, base % modulus), exponent)
        return None if private is None else private.public_key().public_numbers().y
    except ValueError:
        return None


def _domain(p: int, q: int, g: int) -> bytes:
    """Return an AlgorithmIdentifier (RFC 3279 section 2.3.2)."""
    return _sequence(_OID + _sequence(b"".join(map(_integer, (p, q, g)))))


def _load_private(domain: bytes, x: int) -> dsa.DSAPrivateKey | None:
    """Load a PrivateKeyInfo: version, algorithm, privateKey (RFC 5208 section 5)."""
    private = serialization.load_der_private_key(_sequence(_integer(0) + domain + _tagged(0x04, _integer(x))), None)
    return private if isinstance(private, dsa.DSAPrivateKey) else None


class _Digest(hashes.HashAlgorithm):
    """A digest of any length, made by any hash."""

    name = "any digest"
    block_size = None

    def __init__(self, size: int) -> None:
        self._size = size

    @property
    def digest_size(self) -> int:
        return self._size


@lru_cache(maxsize=16)
def _prehashed(size: int) -> utils.Prehashed:
    return utils.Prehashed(_Digest(size))


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
