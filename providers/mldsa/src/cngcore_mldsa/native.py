"""Keys as cryptography holds them: private keys as seeds.

A digest and an external mu are brought to the message representative first, and cryptography signs and verifies that.
Signing is hedged: the same message gives another signature each time. dilithium-py computes the expanded form for each
export. It is not kept.
"""

from __future__ import annotations

from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa

from cngcore.families.mldsa import MldsaMaterial
from cngcore.families.mldsa_message import context_of, is_pure
from cngcore.families.seeded import ObjectKey
from cngcore_mldsa import expansion

PrivateKey = mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey
PublicKey = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey


class NativeMaterial(ObjectKey[PrivateKey, PublicKey], MldsaMaterial):
    """A key of cryptography."""

    __slots__ = ()

    private_kinds: ClassVar = {
        "44": mldsa.MLDSA44PrivateKey,
        "65": mldsa.MLDSA65PrivateKey,
        "87": mldsa.MLDSA87PrivateKey,
    }
    public_kinds: ClassVar = {
        "44": mldsa.MLDSA44PublicKey,
        "65": mldsa.MLDSA65PublicKey,
        "87": mldsa.MLDSA87PublicKey,
    }
    expand = staticmethod(expansion.expand)

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        if is_pure(padding):
            return self.private_key.sign(digest, context_of(padding))
        return self.private_key.sign_mu(self.mu(digest, padding))

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        try:
            if is_pure(padding):
                self.public_key.verify(signature, digest, context_of(padding))
            else:
                self.public_key.verify_mu(signature, self.mu(digest, padding))
        except InvalidSignature:
            return False
        return True
