"""The keys: one class for the factory, one for the material."""

from __future__ import annotations

import slhdsa
from slhdsa.lowlevel import parameters as sets

from cngcore.blobs import pq
from cngcore.constants import BCRYPT_PQDSA_PRIVATE_BLOB, BCRYPT_PQDSA_PUBLIC_BLOB, BCRYPT_SLHDSA_ALGORITHM
from cngcore.padding import PqDsa
from cngcore.provider import KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError, NotSupportedError

_PARAMETERS = {
    "SHA2-128f": sets.sha2_128f, "SHAKE-128f": sets.shake_128f, "SHA2-192f": sets.sha2_192f,
    "SHAKE-192f": sets.shake_192f, "SHA2-256f": sets.sha2_256f, "SHAKE-256f": sets.shake_256f,
}  # fmt: skip

_PREHASHES = {
    "SHA256": (1, 32, 128), "SHA384": (2, 48, 192), "SHA512": (3, 64, 256), "SHA3-256": (8, 32, 128),
    "SHA3-384": (9, 48, 192), "SHA3-512": (10, 64, 256), "SHAKE128": (11, 32, 128), "SHAKE256": (12, 64, 256),
}  # fmt: skip
"""By CNG's name of a hash: the last arc of its identifier, bytes of the digest, bits of strength (FIPS 205 10.2.2)."""

_IDENTIFIER = bytes.fromhex("06096086480165030402")
_LONGEST_CONTEXT = 255


class Factory(KeyFactory):
    """Makes and imports keys."""

    def generate(self, request: KeyRequest) -> Key:
        name = str(request.parameter_set)
        pair = slhdsa.KeyPair.gen(_PARAMETERS[name])
        return Key(name, pair.pub, pair.sec)

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> Key:
        parsed = pq.parse(blob_type, blob, algorithm=BCRYPT_SLHDSA_ALGORITHM)
        chosen = _PARAMETERS.get(parsed.parameter_set)
        if chosen is None:
            raise NotSupportedError(f"this provider does not have the parameter set {parsed.parameter_set}")
        if blob_type == BCRYPT_PQDSA_PUBLIC_BLOB:
            return Key(parsed.parameter_set, slhdsa.PublicKey.from_digest(parsed.key, chosen))
        try:
            private = slhdsa.SecretKey.from_digest(parsed.key, chosen)
        except slhdsa.SLHDSAKeyException:
            raise InvalidParameterError("PK.root of the private key does not belong to its seeds") from None
        return Key(parsed.parameter_set, private.pubkey, private)


class Key(KeyMaterial):
    """A key pair, or a public key alone."""

    def __init__(self, name: str, public: slhdsa.PublicKey, private: slhdsa.SecretKey | None = None) -> None:
        self._name = name
        self._public = public
        self._private = private
        self.has_private = private is not None

    def public(self) -> Key:
        return Key(self._name, self._public)

    @property
    def signature_length(self) -> int:
        from acme_slhdsa import SIGNATURES

        return SIGNATURES[self._name]

    def get_property(self, name: str) -> object:
        if name == "ParameterSetName":
            return self._name
        return self.signature_length if name == "SignatureLength" else 8 * len(self._public.digest())

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        """Sign the message, or with a pre-hash its digest; with fresh random bytes, as FIPS 205 advises."""
        context, identifier = self._read(padding, digest)
        assert self._private is not None  # noqa: S101 - the core asks has_private before
        if identifier is None:
            return self._private.sign_pure(digest, True, context)
        return self._private.sign_hash(digest, True, context, lambda made: identifier + made)

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        context, identifier = self._read(padding, digest)
        if identifier is None:
            return self._public.verify_pure(digest, signature, context)
        return self._public.verify_hash(digest, signature, context, lambda made: identifier + made)

    def export(self, blob_type: str) -> bytes | bytearray:
        if blob_type == BCRYPT_PQDSA_PUBLIC_BLOB:
            return pq.build(blob_type, self._name, self._public.digest())
        assert self._private is not None  # noqa: S101 - the core asks has_private before
        return pq.build(BCRYPT_PQDSA_PRIVATE_BLOB, self._name, self._private.digest())

    def _read(self, padding: object, digest: bytes) -> tuple[bytes, bytes | None]:
        """Return the context, and the object identifier of the pre-hash or None."""
        if padding is None:
            return b"", None
        if not isinstance(padding, PqDsa):
            raise InvalidParameterError("SLH-DSA takes no other padding than PqDsa(context, prehash)")
        context = bytes(padding.context)
        if len(context) > _LONGEST_CONTEXT:
            raise InvalidParameterError(f"a context has at most {_LONGEST_CONTEXT} bytes, not {len(context)}")
        if padding.prehash is None:
            return context, None
        if padding.prehash not in _PREHASHES:
            raise NotSupportedError(f"SLH-DSA does not have this pre-hash; use one of {', '.join(_PREHASHES)}")
        arc, size, strength = _PREHASHES[padding.prehash]
        if len(digest) != size:
            raise InvalidParameterError(f"a digest of {padding.prehash} has {size} bytes, not {len(digest)}")
        if strength < 4 * len(self._public.digest()):  # the public key is twice as long as the strength
            raise InvalidParameterError(f"{padding.prehash} is too weak for SLH-DSA-{self._name}")
        return context, _IDENTIFIER + bytes([arc])
