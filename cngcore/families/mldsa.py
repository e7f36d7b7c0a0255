"""ML-DSA (FIPS 204) for providers: blob types, properties, the message representative, the check of expanded keys."""

from __future__ import annotations

from abc import ABC
from hashlib import shake_256
from secrets import token_bytes
from typing import TYPE_CHECKING

from cngcore.constants import BCRYPT_PQDSA_PRIVATE_BLOB, BCRYPT_PQDSA_PRIVATE_SEED_BLOB, BCRYPT_PQDSA_PUBLIC_BLOB
from cngcore.families.mldsa_message import LONGEST_CONTEXT, MU_BYTES, representative
from cngcore.families.seeded import SeededMaterial
from cngcore.padding import ExternalMu, PqDsa

if TYPE_CHECKING:
    from typing import Self

    from cngcore.provider import ParameterSet


class MldsaMaterial(SeededMaterial, ABC):
    """An ML-DSA key pair, or its public half."""

    __slots__ = ()

    algorithm = "ML-DSA"
    public_blob = BCRYPT_PQDSA_PUBLIC_BLOB
    private_blob = BCRYPT_PQDSA_PRIVATE_BLOB
    seed_blob = BCRYPT_PQDSA_PRIVATE_SEED_BLOB

    @classmethod
    def public_of(cls, parameter_set: ParameterSet, private: bytes) -> bytes:
        """Return the public key of an expanded private key, after all of it but K is computed again and compared."""
        from cngcore.families.mldsa_lattice import public_key

        return public_key(parameter_set.name, private)

    def mu(self, message: bytes, padding: object) -> bytes:
        """Return the message representative (64 bytes) that a signature under this key covers."""
        if self._public_hash is None:
            self._public_hash = shake_256(self.public_bytes).digest(64)
        return representative(self.parameter_set.name, self._public_hash, message, padding)

    @property
    def signature_length(self) -> int:
        return self.parameter_set.sizes["signature"]

    def get_property(self, name: str) -> object:
        if name == "SignatureLength":
            return self.signature_length
        return super().get_property(name)

    def fits(self) -> bool:
        """Return whether the signature of a random message verifies."""
        message = token_bytes(32)
        return self.verify_signature(message, self.sign_hash(message, None), None)

    def exercise(self, made: Self) -> None:
        signer = self if self.has_private else made
        for padding in (None, PqDsa(bytes(LONGEST_CONTEXT)), PqDsa(prehash="SHA512"), ExternalMu()):
            signature = signer.sign_hash(bytes(MU_BYTES), padding)
            self.verify_signature(bytes(MU_BYTES), signature, padding)
