"""ML-KEM (FIPS 203) for providers: blob types, properties, the checks of section 7."""

from __future__ import annotations

from abc import ABC
from hashlib import sha3_256
from hmac import compare_digest
from typing import TYPE_CHECKING

from cngcore.constants import BCRYPT_MLKEM_PRIVATE_BLOB, BCRYPT_MLKEM_PRIVATE_SEED_BLOB, BCRYPT_MLKEM_PUBLIC_BLOB
from cngcore.families.seeded import SeededMaterial
from cngcore.status import InvalidBufferSizeError, InvalidParameterError

if TYPE_CHECKING:
    from typing import Self

    from cngcore.provider import ParameterSet

Q = 3329
"""The modulus of ML-KEM."""


def is_reduced(key: bytes) -> bool:
    """Return whether every coefficient of an encapsulation key is below q: the modulus check of section 7.2.

    Three bytes hold two coefficients of 12 bits. They are taken apart so that each has 24 bits to itself. One addition
    then carries out of every coefficient that is too large, for all of them at once.
    """
    packed = key[:-32]
    ones = int.from_bytes(b"\1\0\0" * (len(packed) // 3), "little")
    vector, mask = int.from_bytes(packed, "little"), 0xFFF * ones
    room = (0x1000 - Q) * ones
    return not (((vector & mask) + room | (vector >> 12 & mask) + room) & 0x1000 * ones)


class MlkemMaterial(SeededMaterial, ABC):
    """An ML-KEM key pair, or its public half."""

    __slots__ = ()

    algorithm = "ML-KEM"
    public_blob = BCRYPT_MLKEM_PUBLIC_BLOB
    private_blob = BCRYPT_MLKEM_PRIVATE_BLOB
    seed_blob = BCRYPT_MLKEM_PRIVATE_SEED_BLOB
    test_is_optional = True

    @classmethod
    def public_of(cls, parameter_set: ParameterSet, private: bytes) -> bytes:
        """Return the encapsulation key of ``dk_PKE || ek || H(ek) || z``, after the checks of sections 7.2 and 7.3."""
        end = len(private) - 64
        public = private[end - parameter_set.sizes["encapsulation_key"] : end]
        if not compare_digest(sha3_256(public).digest(), private[end : end + 32]):
            raise InvalidParameterError("the decapsulation key does not hold the hash of its encapsulation key")
        cls.check_public(parameter_set, public)
        return public

    @classmethod
    def check_public(cls, parameter_set: ParameterSet, key: bytes) -> None:
        if not is_reduced(key):
            raise InvalidParameterError("a coefficient of the encapsulation key is not below q")

    @property
    def kem_lengths(self) -> tuple[int, int]:
        sizes = self.parameter_set.sizes
        return sizes["shared_secret"], sizes["ciphertext"]

    def get_property(self, name: str) -> object:
        if name == "KEMCiphertextLength":
            return self.parameter_set.sizes["ciphertext"]
        return super().get_property(name)

    def check_ciphertext(self, ciphertext: bytes) -> None:
        """Raise InvalidBufferSizeError for a wrong length: the type check of section 7.3, which checks no more."""
        wanted = self.parameter_set.sizes["ciphertext"]
        if len(ciphertext) != wanted:
            raise InvalidBufferSizeError(f"a ciphertext of this key has {wanted} bytes, not {len(ciphertext)}")

    def fits(self) -> bool:
        """Return whether a secret that is encapsulated is decapsulated again (section 7.1)."""
        secret, ciphertext = self.encapsulate()
        return compare_digest(secret, self.decapsulate(ciphertext))

    def exercise(self, made: Self) -> None:
        _, ciphertext = self.public().encapsulate()
        if self.has_private:
            self.decapsulate(ciphertext)
