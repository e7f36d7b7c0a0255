"""Keys in the forms of FIPS 204, operated on by pqcrypto; and the implementation "pqcrypto", which has no others.

pqcrypto signs and verifies whole messages with contexts to 253 bytes. It takes no message representatives, refuses the
two more bytes that the standard allows, and knows no seeds. It has a mode for pre-hashed messages, which in 1.0 signs
the message in place of its digest, and is not used (docs/decisions/ml.md). So:

* a seed is expanded by dilithium-py;
* what pqcrypto does not verify, cryptography verifies;
* what it does not sign, cryptography signs where the seed is known, else dilithium-py.

All three take and give ``bytes``, so copies of a private key that nobody can wipe exist while they work; what this
module keeps is wiped. Signing is hedged in all three. dilithium-py (1.5.1) hashes through objects that all of it
shares, and two calls at a time spoil each other's output: it is called under a lock.
"""

from __future__ import annotations

import os
from secrets import token_bytes
from threading import Lock
from typing import Any

from cngcore.families.mldsa import MldsaFactory, MldsaMaterial
from cngcore.families.mldsa_message import context_of, is_pure
from cngcore.memory import SecretBytes
from cngcore.provider import KeyMaterial, ParameterSet
from cngcore.status import InvalidParameterError

_LONGEST_CONTEXT = 253
"""Bytes of a context that pqcrypto 1.0 takes."""


_dilithium = Lock()
"""Held while dilithium-py works, whatever the parameter set."""

if hasattr(os, "register_at_fork"):  # a forked child must not wait for a thread that it does not have
    os.register_at_fork(after_in_child=lambda: _dilithium._at_fork_reinit())  # type: ignore[attr-defined]


def _library(parameter_set: ParameterSet) -> Any:
    """pqcrypto's module of a parameter set."""
    import pqcrypto  # type: ignore[import-untyped]

    return getattr(pqcrypto, f"ml_dsa_{parameter_set.name}")


def _python(parameter_set: ParameterSet) -> Any:
    """dilithium-py's object of a parameter set."""
    from dilithium_py import ml_dsa  # type: ignore[import-untyped]

    return getattr(ml_dsa, f"ML_DSA_{parameter_set.name}")


def expand(parameter_set: ParameterSet, seed: bytes | bytearray) -> tuple[bytes, bytes]:
    """(public key, expanded private key) of a seed: ML-DSA.KeyGen_internal, by dilithium-py."""
    with _dilithium:
        public, private = _python(parameter_set).key_derive(bytes(seed))
    return public, private


class ExpandedMaterial(MldsaMaterial):
    """A key held as the byte strings of the standard: public, expanded private, and the seed where it is known."""

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
        """The key of an expanded private key, once that has been checked."""
        from cngcore.families.mldsa_lattice import public_key

        return cls(parameter_set, public_key(parameter_set.name, key), key)

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def public_bytes(self) -> bytes:
        return self._public

    def private_bytes(self) -> bytearray:
        if self._private is None:
            raise InvalidParameterError("the key holds no private half")
        return self._private

    def seed(self) -> bytearray | None:
        return self._seed

    def public(self) -> KeyMaterial:
        return type(self)(self.parameter_set, self._public)

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        private = self.private_bytes()
        signature: bytes
        if self._taken(padding):
            signature = self._library.sign(bytes(private), digest, context_of(padding))
        elif self._seed is not None:
            from cngcore_mldsa.native import NativeMaterial

            signature = NativeMaterial.from_seed(self.parameter_set, self._seed).sign_hash(digest, padding)
        else:
            mu = self.mu(digest, padding)
            with _dilithium:
                signature = _python(self.parameter_set).sign_external_mu(bytes(private), mu)
        return signature

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        if not self._taken(padding):
            from cngcore_mldsa.native import NativeMaterial

            public = NativeMaterial.from_public(self.parameter_set, self._public)
            return public.verify_signature(digest, signature, padding)
        if len(signature) != self.signature_length:
            return False
        from pqcrypto import InvalidSignatureError

        try:
            self._library.verify(self._public, digest, signature, context_of(padding))
        except InvalidSignatureError:
            return False
        return True

    @staticmethod
    def _taken(padding: object) -> bool:
        """Whether pqcrypto does this."""
        return is_pure(padding) and len(context_of(padding)) <= _LONGEST_CONTEXT


class ExpandedFactory(MldsaFactory):
    """The implementation "pqcrypto"."""

    def from_seed(self, parameter_set: ParameterSet, seed: bytes | None) -> MldsaMaterial:
        return ExpandedMaterial.from_seed(parameter_set, seed)

    def from_expanded(self, parameter_set: ParameterSet, key: bytes) -> MldsaMaterial:
        return ExpandedMaterial.from_expanded(parameter_set, key)

    def from_public(self, parameter_set: ParameterSet, key: bytes) -> MldsaMaterial:
        return ExpandedMaterial(parameter_set, key)
