"""ML-DSA (FIPS 204): what is signed, blobs, properties, the test of a new key pair."""

from __future__ import annotations

from abc import ABC, abstractmethod
from hashlib import shake_256
from secrets import token_bytes

from cngcore.constants import BCRYPT_PQDSA_PRIVATE_BLOB, BCRYPT_PQDSA_PRIVATE_SEED_BLOB, BCRYPT_PQDSA_PUBLIC_BLOB
from cngcore.families.mldsa_message import LONGEST_CONTEXT, MU_BYTES, representative
from cngcore.padding import ExternalMu, PqDsa
from cngcore.provider import Algorithm, KeyFactory, KeyMaterial, KeyRequest, ParameterSet
from cngcore.status import InternalError, InvalidParameterError


class MldsaMaterial(KeyMaterial, ABC):
    """A key pair, or its public half; how it is held is for the subclass."""

    __slots__ = ("_tr", "parameter_set")

    def __init__(self, parameter_set: ParameterSet) -> None:
        self.parameter_set = parameter_set
        self._tr: bytes | None = None

    @property
    @abstractmethod
    def public_bytes(self) -> bytes:
        """The public key as FIPS 204 encodes it."""

    @abstractmethod
    def private_bytes(self) -> bytes | bytearray:
        """The private key in expanded form."""

    @abstractmethod
    def seed(self) -> bytes | bytearray | None:
        """The private key as its seed; None where it was imported in expanded form."""

    def mu(self, message: bytes, padding: object) -> bytes:
        """The message representative that a signature under this key is of."""
        if self._tr is None:
            self._tr = shake_256(self.public_bytes).digest(64)
        return representative(self.parameter_set.name, self._tr, message, padding)

    @property
    def signature_length(self) -> int:
        return self.parameter_set.sizes["signature"]

    def export(self, blob_type: str) -> bytes | bytearray:
        from cngcore.blobs import pq

        if blob_type == BCRYPT_PQDSA_PUBLIC_BLOB:
            key: bytes | bytearray | None = self.public_bytes
        elif blob_type == BCRYPT_PQDSA_PRIVATE_BLOB:
            key = self.private_bytes()
        else:
            key = self.seed()
        if key is None:
            raise InvalidParameterError("the key was imported in expanded form; there is no way back to its seed")
        return pq.build(blob_type, self.parameter_set.name, key)

    def get_property(self, name: str) -> object:
        if name == "ParameterSetName":
            return self.parameter_set.name
        if name == "SignatureLength":
            return self.signature_length
        return super().get_property(name)


def check_pair(material: MldsaMaterial) -> None:
    """The pairwise consistency test of a new key pair: a signature of some message verifies."""
    message = token_bytes(32)
    if not material.verify_signature(message, material.sign_hash(message, None), None):
        raise InternalError("the halves of a new ML-DSA key pair do not belong together; it was thrown away")


class MldsaFactory(KeyFactory, ABC):
    """Makes ML-DSA keys; the subclass says of what kind of material."""

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithm)
        self.sets = {known.name: known for known in algorithm.parameter_sets}

    def new(self, parameter_set: ParameterSet) -> MldsaMaterial:
        """A new key; overridden where the library draws it itself."""
        return self.from_seed(parameter_set, None)

    @abstractmethod
    def from_seed(self, parameter_set: ParameterSet, seed: bytes | None) -> MldsaMaterial:
        """The key of a seed; of a new one where there is none."""

    @abstractmethod
    def from_expanded(self, parameter_set: ParameterSet, key: bytes) -> MldsaMaterial:
        """The key of an expanded private key; :func:`cngcore.families.mldsa_lattice.public_key` checks it."""

    @abstractmethod
    def from_public(self, parameter_set: ParameterSet, key: bytes) -> MldsaMaterial:
        """The public half."""

    def generate(self, request: KeyRequest) -> KeyMaterial:
        material = self.new(self.sets[str(request.parameter_set)])
        check_pair(material)
        return material

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        from cngcore.blobs import pq

        parsed = pq.parse(blob_type, blob)
        parameter_set = self.sets[parsed.parameter_set]
        if blob_type == BCRYPT_PQDSA_PUBLIC_BLOB:
            return self.from_public(parameter_set, parsed.key)
        if blob_type == BCRYPT_PQDSA_PRIVATE_SEED_BLOB:
            return self.from_seed(parameter_set, parsed.key)
        return self.from_expanded(parameter_set, parsed.key)

    def load(self) -> None:
        """Make, use, export and import keys of every set, so that every module any of it needs is there."""
        for name in self.sets:
            request = KeyRequest(0, 0, {}, name)
            made = self.generate(request)
            for blob_type in self.algorithm.blob_types:
                again = self.import_key(blob_type, bytes(made.export(blob_type)), request)
                for padding in (None, PqDsa(bytes(LONGEST_CONTEXT)), PqDsa(prehash="SHA512"), ExternalMu()):
                    signer = again if again.has_private else made
                    signature = signer.sign_hash(bytes(MU_BYTES), padding)
                    again.verify_signature(bytes(MU_BYTES), signature, padding)
