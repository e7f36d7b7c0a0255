"""The keys: one class for the factory, one for the material."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from acme_ed25519 import PRIVATE
from cngcore.provider import KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import BadDataError, InvalidParameterError

_P = (1 << 255) - 19


class Factory(KeyFactory):
    """Makes and imports keys."""

    def generate(self, request: KeyRequest) -> Key:
        return Key(Ed25519PrivateKey.generate())

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> Key:
        if len(blob) != 32:
            raise BadDataError(f"a key of Ed25519 has 32 bytes, not {len(blob)}")
        if blob_type == PRIVATE:
            return Key(Ed25519PrivateKey.from_private_bytes(blob))
        if int.from_bytes(blob, "little") & ((1 << 255) - 1) >= _P:
            raise InvalidParameterError("the y coordinate of the public key is not below p")
        return Key(None, Ed25519PublicKey.from_public_bytes(blob))


class Key(KeyMaterial):
    """A key pair, or a public key alone."""

    signature_length = 64

    def __init__(self, private: Ed25519PrivateKey | None, public: Ed25519PublicKey | None = None) -> None:
        assert private is not None or public is not None  # noqa: S101 - both callers see to it
        self._private = private
        self._public = private.public_key() if private is not None else public
        self.has_private = private is not None

    def public(self) -> Key:
        return Key(None, self._public)

    def get_property(self, name: str) -> object:
        return {"KeyLength": 255, "SignatureLength": 64}[name]

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        """Sign the message: the declaration says ``signs="message"``, so it arrives whole."""
        self._check(padding)
        assert self._private is not None  # noqa: S101 - the core asks has_private before
        return self._private.sign(digest)

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        self._check(padding)
        assert self._public is not None  # noqa: S101 - set in __init__
        try:
            self._public.verify(signature, digest)
        except InvalidSignature:
            return False
        return True

    def export(self, blob_type: str) -> bytes | bytearray:
        if blob_type == PRIVATE:
            assert self._private is not None  # noqa: S101 - the core asks has_private before
            return bytearray(self._private.private_bytes_raw())
        assert self._public is not None  # noqa: S101 - set in __init__
        return self._public.public_bytes_raw()

    @staticmethod
    def _check(padding: object) -> None:
        if padding is not None:
            raise InvalidParameterError("Ed25519 has no padding and no context; pass None")
