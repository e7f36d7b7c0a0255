"""Keys of parameter sets 768 and 1024 as cryptography holds them: private keys as seeds.

kyber-py computes the expanded form for each export. It is not kept.
"""

from __future__ import annotations

from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric import mlkem

from cngcore.families.mlkem import MlkemMaterial
from cngcore.families.seeded import ObjectKey
from cngcore_mlkem import expansion

PrivateKey = mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey
PublicKey = mlkem.MLKEM768PublicKey | mlkem.MLKEM1024PublicKey


class NativeMaterial(ObjectKey[PrivateKey, PublicKey], MlkemMaterial):
    """A key of cryptography."""

    __slots__ = ()

    private_kinds: ClassVar = {"768": mlkem.MLKEM768PrivateKey, "1024": mlkem.MLKEM1024PrivateKey}
    public_kinds: ClassVar = {"768": mlkem.MLKEM768PublicKey, "1024": mlkem.MLKEM1024PublicKey}
    expand = staticmethod(expansion.expand)

    def encapsulate(self) -> tuple[bytes, bytes]:
        return self.public_key.encapsulate()

    def decapsulate(self, ciphertext: bytes) -> bytes:
        self.check_ciphertext(ciphertext)
        return self.private_key.decapsulate(ciphertext)
