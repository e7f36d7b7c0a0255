"""Keys in the forms of FIPS 203, operated on by pqcrypto; and the implementation "pqcrypto", which has no others.

pqcrypto knows no seeds: a seed is expanded by kyber-py. Both take and give ``bytes``, so copies of a private key that
nobody can wipe exist while they work; what this module keeps is wiped.
"""

from __future__ import annotations

from secrets import token_bytes
from typing import Any

from cngcore.families.mlkem import MlkemFactory, MlkemMaterial, split
from cngcore.memory import SecretBytes
from cngcore.provider import KeyMaterial, ParameterSet
from cngcore.status import InvalidParameterError


def _library(parameter_set: ParameterSet) -> Any:
    """pqcrypto's module of a parameter set."""
    import pqcrypto  # type: ignore[import-untyped]

    return getattr(pqcrypto, f"ml_kem_{parameter_set.name}")


def expand(parameter_set: ParameterSet, seed: bytes | bytearray) -> tuple[bytes, bytes]:
    """(encapsulation key, decapsulation key) of d || z: ML-KEM.KeyGen_internal, by kyber-py."""
    from kyber_py import ml_kem  # type: ignore[import-untyped]

    public, private = getattr(ml_kem, f"ML_KEM_{parameter_set.name}").key_derive(bytes(seed))
    return public, private


class ExpandedMaterial(MlkemMaterial):
    """A key held as the byte strings of the standard: ek, dk, and the seed where it is known."""

    __slots__ = ("_library", "_private", "_public", "_seed")

    def __init__(
        self,
        parameter_set: ParameterSet,
        public: bytes,
        private: bytes | None = None,
        seed: bytes | None = None,
    ) -> None:
        super().__init__(parameter_set)
        self._library = _library(parameter_set)
        self._public = public
        self._private = None if private is None else SecretBytes(private)
        self._seed = None if seed is None else SecretBytes(seed)

    @classmethod
    def from_seed(cls, parameter_set: ParameterSet, seed: bytes | None) -> ExpandedMaterial:
        """The key of a seed; of a new one where there is none."""
        if seed is None:
            seed = token_bytes(parameter_set.sizes["private_seed"])
        return cls(parameter_set, *expand(parameter_set, seed), seed)

    @classmethod
    def from_expanded(cls, parameter_set: ParameterSet, key: bytes) -> ExpandedMaterial:
        """The key of a decapsulation key, which holds the public one."""
        return cls(parameter_set, split(parameter_set, key)[0], key)

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def encapsulation_key(self) -> bytes:
        return self._public

    def decapsulation_key(self) -> bytearray:
        if self._private is None:
            raise InvalidParameterError("the key holds no private half")
        return self._private

    def seed(self) -> bytearray | None:
        return self._seed

    def public(self) -> KeyMaterial:
        return type(self)(self.parameter_set, self._public)

    def encapsulate(self) -> tuple[bytes, bytes]:
        ciphertext, secret = self._library.encaps(self._public)
        return secret, ciphertext

    def decapsulate(self, ciphertext: bytes) -> bytes:
        self.check_ciphertext(ciphertext)
        secret: bytes = self._library.decaps(bytes(self.decapsulation_key()), ciphertext)
        return secret


class ExpandedFactory(MlkemFactory):
    """The implementation "pqcrypto"."""

    def from_seed(self, parameter_set: ParameterSet, seed: bytes | None) -> MlkemMaterial:
        return ExpandedMaterial.from_seed(parameter_set, seed)

    def from_expanded(self, parameter_set: ParameterSet, key: bytes) -> MlkemMaterial:
        return ExpandedMaterial.from_expanded(parameter_set, key)

    def from_public(self, parameter_set: ParameterSet, key: bytes) -> MlkemMaterial:
        return ExpandedMaterial(parameter_set, key)
