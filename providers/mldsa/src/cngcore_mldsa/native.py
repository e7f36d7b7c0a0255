"""Keys as cryptography holds them, and the implementation "cryptography", which uses them wherever they exist.

cryptography has private keys as seeds only; those imported in expanded form go the way of
:mod:`cngcore_mldsa.expanded`. Whatever is signed is brought to its message representative first, so that a message, a
digest and an external mu are one thing here. Signing is hedged: the same message gives another signature each time.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa

from cngcore.families.mldsa import MldsaFactory, MldsaMaterial
from cngcore.provider import KeyMaterial, ParameterSet
from cngcore.status import InternalError, InvalidParameterError

PrivateKey = mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey
PublicKey = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey

_PRIVATE: dict[str, type[mldsa.MLDSA44PrivateKey] | type[mldsa.MLDSA65PrivateKey] | type[mldsa.MLDSA87PrivateKey]] = {
    "44": mldsa.MLDSA44PrivateKey,
    "65": mldsa.MLDSA65PrivateKey,
    "87": mldsa.MLDSA87PrivateKey,
}
_PUBLIC: dict[str, type[mldsa.MLDSA44PublicKey] | type[mldsa.MLDSA65PublicKey] | type[mldsa.MLDSA87PublicKey]] = {
    "44": mldsa.MLDSA44PublicKey,
    "65": mldsa.MLDSA65PublicKey,
    "87": mldsa.MLDSA87PublicKey,
}


class NativeMaterial(MldsaMaterial):
    """A key of cryptography's. The seed is in there, and nowhere else."""

    __slots__ = ("_private", "_public")

    def __init__(
        self, parameter_set: ParameterSet, private: PrivateKey | None, public: PublicKey | None = None
    ) -> None:
        super().__init__(parameter_set)
        self._private = private
        self._public = public

    @classmethod
    def from_seed(cls, parameter_set: ParameterSet, seed: bytes | bytearray | None) -> NativeMaterial:
        """The key of a seed; of a new one where there is none."""
        kind = _PRIVATE[parameter_set.name]
        return cls(parameter_set, kind.generate() if seed is None else kind.from_seed_bytes(seed))

    @classmethod
    def from_public(cls, parameter_set: ParameterSet, key: bytes) -> NativeMaterial:
        """The public half."""
        return cls(parameter_set, None, _PUBLIC[parameter_set.name].from_public_bytes(key))

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def private_key(self) -> PrivateKey:
        if self._private is None:
            raise InvalidParameterError("the key holds no private half")
        return self._private

    @property
    def public_key(self) -> PublicKey:
        """The public half; derived from the private one when first needed."""
        if self._public is None:
            self._public = self.private_key.public_key()
        return self._public

    @property
    def public_bytes(self) -> bytes:
        return self.public_key.public_bytes_raw()

    def private_bytes(self) -> bytes:
        from cngcore_mldsa.expanded import expand

        public, private = expand(self.parameter_set, self.seed())
        if public != self.public_bytes:
            raise InternalError("cryptography and dilithium-py make different keys of one seed")
        return private

    def seed(self) -> bytes:
        return self.private_key.private_bytes_raw()

    def public(self) -> KeyMaterial:
        return NativeMaterial(self.parameter_set, None, self.public_key)

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        return self.private_key.sign_mu(self.mu(digest, padding))

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        mu = self.mu(digest, padding)
        try:
            self.public_key.verify_mu(signature, mu)
        except InvalidSignature:
            return False
        return True


class NativeFactory(MldsaFactory):
    """The implementation "cryptography"."""

    def from_seed(self, parameter_set: ParameterSet, seed: bytes | None) -> MldsaMaterial:
        return NativeMaterial.from_seed(parameter_set, seed)

    def from_expanded(self, parameter_set: ParameterSet, key: bytes) -> MldsaMaterial:
        from cngcore_mldsa.expanded import ExpandedMaterial

        return ExpandedMaterial.from_expanded(parameter_set, key)

    def from_public(self, parameter_set: ParameterSet, key: bytes) -> MldsaMaterial:
        return NativeMaterial.from_public(parameter_set, key)
