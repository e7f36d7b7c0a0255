"""Keys in the forms of FIPS 204, used by pqcrypto; and the implementation "pqcrypto", which has no other keys.

pqcrypto signs and verifies whole messages with contexts of at most 253 bytes. It takes no message representative,
refuses the two more bytes that the standard allows, and has no seeds. Its mode for pre-hashed messages signs the
message in place of its digest in version 1.0 and is not used (docs/decisions/ml.md). Therefore:

* dilithium-py expands a seed;
* cryptography verifies what pqcrypto does not verify;
* cryptography signs what pqcrypto does not sign if the seed is known; otherwise dilithium-py signs it.

All three take and return ``bytes``, so copies of a private key that cannot be wiped exist while they work. What this
module keeps is wiped. Signing is hedged in all three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cngcore.families.mldsa import MldsaMaterial
from cngcore.families.mldsa_message import context_of, is_pure
from cngcore.families.seeded import BytesKey, SeededFactory, SeededMaterial
from cngcore_mldsa import expansion

if TYPE_CHECKING:
    from cngcore.provider import ParameterSet

_LONGEST_CONTEXT = 253
"""Bytes of the longest context that pqcrypto 1.0 accepts."""


def _library(parameter_set: ParameterSet) -> Any:
    """Return pqcrypto's module of a parameter set."""
    import pqcrypto  # type: ignore[import-untyped]

    return getattr(pqcrypto, f"ml_dsa_{parameter_set.name}")


class ExpandedMaterial(BytesKey, MldsaMaterial):
    """A key held as the byte strings of the standard."""

    __slots__ = ("_library",)

    expand = staticmethod(expansion.expand)

    def prepare(self) -> None:
        self._library = _library(self.parameter_set)

    @property
    def back_end(self) -> str:
        return "pqcrypto"

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        private = self.private_bytes()
        if _supports(padding):
            signature: bytes = self._library.sign(bytes(private), digest, context_of(padding))
            return signature
        if self._seed is None:
            return expansion.sign_mu(self.parameter_set, private, self.mu(digest, padding))
        from cngcore_mldsa.native import NativeMaterial

        return NativeMaterial.from_seed(self.parameter_set, self._seed).sign_hash(digest, padding)

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        if not _supports(padding):
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


def _supports(padding: object) -> bool:
    """Return whether pqcrypto signs and verifies with this padding."""
    return is_pure(padding) and len(context_of(padding)) <= _LONGEST_CONTEXT


class ExpandedFactory(SeededFactory):
    """The implementation "pqcrypto"."""

    def material(self, parameter_set: ParameterSet, *, expanded: bool) -> type[SeededMaterial]:
        return ExpandedMaterial
