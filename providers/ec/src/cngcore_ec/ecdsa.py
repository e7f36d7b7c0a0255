"""ECDSA (FIPS 186-5 section 6): ``r || s`` over a digest of any length."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from cngcore.families import signatures
from cngcore.provider import Algorithm, KeyMaterial
from cngcore.status import InvalidParameterError
from cngcore_ec.keys import EcFactory, EcMaterial, order_bytes

if TYPE_CHECKING:
    from typing import ClassVar

    from cngcore.families.ecc import Family


class _Digest(hashes.HashAlgorithm):
    """A digest of any length, made by any hash. CNG signs any digest and truncates it as the standard says."""

    name = "any digest"
    block_size = None

    def __init__(self, size: int) -> None:
        self._size = size

    @property
    def digest_size(self) -> int:
        return self._size


def _scheme(digest: bytes, padding: object) -> ec.ECDSA:
    if padding is not None:
        raise InvalidParameterError(f"ECDSA does not support a padding; pass None, not {type(padding).__name__}")
    if not digest:
        raise InvalidParameterError("the hash to sign is empty; pass a digest")
    return _scheme_of(len(digest))


@lru_cache(maxsize=16)  # 3 us of 25 for a signature with P-256; the lengths of hashes are few
def _scheme_of(size: int) -> ec.ECDSA:
    return ec.ECDSA(utils.Prehashed(_Digest(size)))


class EcdsaMaterial(EcMaterial):
    """An ECDSA key."""

    __slots__ = ()
    family: ClassVar[Family] = "ECDSA"

    @property
    def signature_length(self) -> int:
        return 2 * order_bytes(self.curve_name)

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        r, s = utils.decode_dss_signature(self.private_key.sign(digest, _scheme(digest, padding)))
        return signatures.join(r, s, self.signature_length // 2)

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        scheme = _scheme(digest, padding)
        r, s = signatures.split(signature, self.signature_length // 2)
        try:
            self.public_key.verify(utils.encode_dss_signature(r, s), digest, scheme)
        except InvalidSignature:
            return False
        return True


class EcdsaFactory(EcFactory):
    """Make ECDSA keys."""

    family: ClassVar[Family] = "ECDSA"
    material = EcdsaMaterial

    def try_out(self, key: KeyMaterial) -> None:
        key.verify_signature(bytes(32), key.sign_hash(bytes(32), None), None)


def factory(algorithm: Algorithm) -> EcdsaFactory:
    """Return the factory of an algorithm. The declarations name this function."""
    return EcdsaFactory(algorithm)
