"""Keys as cryptography holds them, and the implementation "cryptography", which uses them wherever they exist.

cryptography has sets 768 and 1024, and private keys as seeds. Set 512 and private keys imported in expanded form go
the way of :mod:`cngcore_mlkem.expanded`; of a native key, the expanded form is worked out for an export, and not kept.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import mlkem

from cngcore.families.mlkem import MlkemFactory, MlkemMaterial
from cngcore.provider import KeyMaterial, ParameterSet
from cngcore.status import InternalError, InvalidParameterError

PrivateKey = mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey
PublicKey = mlkem.MLKEM768PublicKey | mlkem.MLKEM1024PublicKey

_PRIVATE: dict[str, type[mlkem.MLKEM768PrivateKey] | type[mlkem.MLKEM1024PrivateKey]] = {
    "768": mlkem.MLKEM768PrivateKey,
    "1024": mlkem.MLKEM1024PrivateKey,
}
_PUBLIC: dict[str, type[mlkem.MLKEM768PublicKey] | type[mlkem.MLKEM1024PublicKey]] = {
    "768": mlkem.MLKEM768PublicKey,
    "1024": mlkem.MLKEM1024PublicKey,
}


class NativeMaterial(MlkemMaterial):
    """A key of cryptography's. The seed is in there, and nowhere else."""

    __slots__ = ("_private", "_public")

    def __init__(
        self, parameter_set: ParameterSet, private: PrivateKey | None, public: PublicKey | None = None
    ) -> None:
        super().__init__(parameter_set)
        self._private = private
        self._public = public

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
    def encapsulation_key(self) -> bytes:
        return self.public_key.public_bytes_raw()

    def decapsulation_key(self) -> bytes:
        from cngcore_mlkem.expanded import expand

        public, private = expand(self.parameter_set, self.seed())
        if public != self.encapsulation_key:
            raise InternalError("cryptography and kyber-py make different keys of one seed")
        return private

    def seed(self) -> bytes:
        return self.private_key.private_bytes_raw()

    def public(self) -> KeyMaterial:
        return NativeMaterial(self.parameter_set, None, self.public_key)

    def encapsulate(self) -> tuple[bytes, bytes]:
        return self.public_key.encapsulate()

    def decapsulate(self, ciphertext: bytes) -> bytes:
        self.check_ciphertext(ciphertext)
        return self.private_key.decapsulate(ciphertext)


class NativeFactory(MlkemFactory):
    """The implementation "cryptography"."""

    def from_seed(self, parameter_set: ParameterSet, seed: bytes | None) -> MlkemMaterial:
        kind = _PRIVATE.get(parameter_set.name)
        if kind is None:
            from cngcore_mlkem.expanded import ExpandedMaterial

            return ExpandedMaterial.from_seed(parameter_set, seed)
        return NativeMaterial(parameter_set, kind.generate() if seed is None else kind.from_seed_bytes(seed))

    def from_expanded(self, parameter_set: ParameterSet, key: bytes) -> MlkemMaterial:
        from cngcore_mlkem.expanded import ExpandedMaterial

        return ExpandedMaterial.from_expanded(parameter_set, key)

    def from_public(self, parameter_set: ParameterSet, key: bytes) -> MlkemMaterial:
        kind = _PUBLIC.get(parameter_set.name)
        if kind is None:
            from cngcore_mlkem.expanded import ExpandedMaterial

            return ExpandedMaterial(parameter_set, key)
        return NativeMaterial(parameter_set, None, kind.from_public_bytes(key))
