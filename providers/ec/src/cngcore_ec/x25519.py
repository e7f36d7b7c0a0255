"""Keys on curve25519: the byte strings of RFC 7748, which CNG stores unchanged (contract: rule-layout-x25519).

X is the public string and Y is zero. d is the scalar and must be clamped, because SymCrypt rejects any other
(contract: rule-import-x25519-clamp). An all-zero shared secret, from a peer of small order, is an error.
"""

from __future__ import annotations

from os import urandom
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.families.curves import find_curve
from cngcore.families.ecc import curve_property
from cngcore.provider import KeyMaterial
from cngcore.status import InvalidParameterError
from cngcore_ec.curves import CURVE25519

if TYPE_CHECKING:
    from cngcore.blobs.ecc import EccKey


_SCALAR_BITS = (1 << 255) - 8
"""The bits of a scalar that may be set."""


def clamped(scalar: bytes) -> bytes:
    """Return a scalar of 32 bytes with the bits set and cleared as RFC 7748 section 5 says."""
    return (int.from_bytes(scalar, "little") & _SCALAR_BITS | 1 << 254).to_bytes(32, "little")


class X25519Material(KeyMaterial):
    """An X25519 key, as cryptography holds it."""

    __slots__ = ("_private", "_public")

    def __init__(self, private: X25519PrivateKey | None, public: X25519PublicKey | None = None) -> None:
        self._private = private
        self._public = public

    @classmethod
    def generate(cls) -> X25519Material:
        """Return a new key: 32 random bytes (RFC 7748 section 6.1), clamped because private blobs are."""
        private = X25519PrivateKey.from_private_bytes(clamped(urandom(32)))
        return cls(private)

    @classmethod
    def from_blob(cls, parsed: EccKey, flags: int) -> X25519Material:
        """Return the key of a parsed blob.

        The public string of a private key is computed if X is zero, and whatever X is with
        ``BCRYPT_NO_KEY_VALIDATION`` (contract: rule-import-ecc-point-unchecked).
        """
        if any(parsed.y):
            raise InvalidParameterError("Y of a key on curve25519 must be zero")
        if not parsed.d:
            return cls(None, X25519PublicKey.from_public_bytes(parsed.x))
        if clamped(parsed.d) != parsed.d:
            raise InvalidParameterError("the scalar is not clamped (RFC 7748 section 5); clamp it before the import")
        made = cls(X25519PrivateKey.from_private_bytes(parsed.d))
        placeholder = flags == BCRYPT_NO_KEY_VALIDATION or not any(parsed.x)
        if not placeholder and made.public_key.public_bytes_raw() != parsed.x:
            raise InvalidParameterError("the public string does not belong to the private key")
        return made

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def public_key(self) -> X25519PublicKey:
        """The public half. The first use derives it from the private half."""
        if self._public is None:
            assert self._private is not None  # noqa: S101 - one of the two is never None
            self._public = self._private.public_key()
        return self._public

    def agree(self, peer: KeyMaterial) -> bytes:
        if not isinstance(peer, X25519Material):
            raise InvalidParameterError("the two ECDH keys are on different curves; use keys on the same curve")
        if self._private is None:
            raise InvalidParameterError("this EC key has no private half; use a key pair")
        try:
            return self._private.exchange(peer.public_key)
        except ValueError as error:
            raise InvalidParameterError(
                "the public key of the peer has a small order: the secret would be zero"
            ) from error

    def export(self, blob_type: str) -> bytes | bytearray:
        from cngcore.blobs import ecc

        d = self._private.private_bytes_raw() if self._private is not None and "PRIVATE" in blob_type else b""
        return ecc.build(
            blob_type,
            family="ECDH",
            curve=find_curve(CURVE25519),
            x=self.public_key.public_bytes_raw(),
            y=b"",
            d=d,
            generic=True,
        )

    def public(self) -> KeyMaterial:
        return X25519Material(None, self.public_key)

    def get_property(self, name: str) -> object:
        return curve_property(find_curve(CURVE25519), name)
