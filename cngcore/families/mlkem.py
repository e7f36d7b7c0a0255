"""ML-KEM (FIPS 203): the checks of section 7, blobs, properties, the test of a new key pair."""

from __future__ import annotations

from abc import ABC, abstractmethod
from hashlib import sha3_256
from hmac import compare_digest

from cngcore.constants import (
    BCRYPT_MLKEM_PRIVATE_BLOB,
    BCRYPT_MLKEM_PRIVATE_SEED_BLOB,
    BCRYPT_MLKEM_PUBLIC_BLOB,
    BCRYPT_NO_KEY_VALIDATION,
)
from cngcore.provider import Algorithm, KeyFactory, KeyMaterial, KeyRequest, ParameterSet
from cngcore.status import InternalError, InvalidBufferSizeError, InvalidParameterError

Q = 3329
"""The modulus of ML-KEM."""


def is_reduced(key: bytes) -> bool:
    """The modulus check of section 7.2: every coefficient of an encapsulation key is below q.

    Two coefficients of 12 bits lie in three bytes. They are taken apart so that each has 24 bits to itself; then one
    addition carries out of every coefficient that is too large, of all of them at once.
    """
    packed = key[:-32]
    ones = int.from_bytes(b"\1\0\0" * (len(packed) // 3), "little")
    vector, mask = int.from_bytes(packed, "little"), 0xFFF * ones
    room = (0x1000 - Q) * ones
    return not (((vector & mask) + room | (vector >> 12 & mask) + room) & 0x1000 * ones)


def split(parameter_set: ParameterSet, key: bytes) -> tuple[bytes, bytes]:
    """(encapsulation key, its hash) as they stand in a decapsulation key: dk_PKE || ek || H(ek) || z."""
    end = len(key) - 64
    return key[end - parameter_set.sizes["encapsulation_key"] : end], key[end : end + 32]


class MlkemMaterial(KeyMaterial, ABC):
    """A key pair, or its public half; how it is held is for the subclass."""

    __slots__ = ("parameter_set",)

    def __init__(self, parameter_set: ParameterSet) -> None:
        self.parameter_set = parameter_set

    @property
    @abstractmethod
    def encapsulation_key(self) -> bytes:
        """The public key."""

    @abstractmethod
    def decapsulation_key(self) -> bytes | bytearray:
        """The private key in expanded form."""

    @abstractmethod
    def seed(self) -> bytes | bytearray | None:
        """The private key as d || z; None where it was imported in expanded form."""

    @property
    def kem_lengths(self) -> tuple[int, int]:
        sizes = self.parameter_set.sizes
        return sizes["shared_secret"], sizes["ciphertext"]

    def export(self, blob_type: str) -> bytes | bytearray:
        from cngcore.blobs import pq

        if blob_type == BCRYPT_MLKEM_PUBLIC_BLOB:
            key: bytes | bytearray | None = self.encapsulation_key
        elif blob_type == BCRYPT_MLKEM_PRIVATE_BLOB:
            key = self.decapsulation_key()
        else:
            key = self.seed()
        if key is None:
            raise InvalidParameterError("the key was imported in expanded form; there is no way back to its seed")
        return pq.build(blob_type, self.parameter_set.name, key)

    def get_property(self, name: str) -> object:
        if name == "ParameterSetName":
            return self.parameter_set.name
        if name == "KEMCiphertextLength":
            return self.parameter_set.sizes["ciphertext"]
        return super().get_property(name)

    def check_ciphertext(self, ciphertext: bytes) -> None:
        """The type check of section 7.3: the length is all that can be wrong with a ciphertext."""
        wanted = self.parameter_set.sizes["ciphertext"]
        if len(ciphertext) != wanted:
            raise InvalidBufferSizeError(f"a ciphertext of this key has {wanted} bytes, not {len(ciphertext)}")


def check_pair(material: MlkemMaterial) -> None:
    """The pairwise consistency test of section 7.1: what is encapsulated comes out again."""
    secret, ciphertext = material.encapsulate()
    if not compare_digest(secret, material.decapsulate(ciphertext)):
        raise InternalError("the halves of a new ML-KEM key pair do not belong together; it was thrown away")


class MlkemFactory(KeyFactory, ABC):
    """Makes ML-KEM keys; the subclass says of what kind of material."""

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithm)
        self.sets = {known.name: known for known in algorithm.parameter_sets}

    def new(self, parameter_set: ParameterSet) -> MlkemMaterial:
        """A new key; overridden where the library draws it itself."""
        return self.from_seed(parameter_set, None)

    @abstractmethod
    def from_seed(self, parameter_set: ParameterSet, seed: bytes | None) -> MlkemMaterial:
        """The key of a seed; of a new one where there is none."""

    @abstractmethod
    def from_expanded(self, parameter_set: ParameterSet, key: bytes) -> MlkemMaterial:
        """The key of a decapsulation key whose hash was checked."""

    @abstractmethod
    def from_public(self, parameter_set: ParameterSet, key: bytes) -> MlkemMaterial:
        """The public half of an encapsulation key that was checked."""

    def generate(self, request: KeyRequest) -> KeyMaterial:
        material = self.new(self.sets[str(request.parameter_set)])
        if request.flags != BCRYPT_NO_KEY_VALIDATION:
            check_pair(material)
        return material

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        from cngcore.blobs import pq

        parsed = pq.parse(blob_type, blob)
        parameter_set, key = self.sets[parsed.parameter_set], parsed.key
        if blob_type == BCRYPT_MLKEM_PRIVATE_SEED_BLOB:
            return self.from_seed(parameter_set, key)
        public = key
        if blob_type == BCRYPT_MLKEM_PRIVATE_BLOB:
            public, told = split(parameter_set, key)
            if not compare_digest(sha3_256(public).digest(), told):
                raise InvalidParameterError("the decapsulation key does not hold the hash of its encapsulation key")
        if not is_reduced(public):
            raise InvalidParameterError("a coefficient of the encapsulation key is not below q")
        if blob_type == BCRYPT_MLKEM_PUBLIC_BLOB:
            return self.from_public(parameter_set, key)
        return self.from_expanded(parameter_set, key)

    def load(self) -> None:
        """Make, use, export and import keys of every set, so that every module any of it needs is there."""
        for name in self.sets:
            request = KeyRequest(0, 0, {}, name)
            made = self.generate(request)
            for blob_type in self.algorithm.blob_types:
                again = self.import_key(blob_type, bytes(made.export(blob_type)), request)
                _, ciphertext = again.public().encapsulate()
                if again.has_private:
                    again.decapsulate(ciphertext)
