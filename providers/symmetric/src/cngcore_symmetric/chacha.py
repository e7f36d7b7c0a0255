"""ChaCha20-Poly1305 by cryptography."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from cngcore.provider import CipherFactory, CipherMaterial, ProviderUnavailableError
from cngcore.status import AuthTagMismatchError

if TYPE_CHECKING:
    from cngcore.provider import CipherRequest


def probe() -> None:
    """Raise ProviderUnavailableError if OpenSSL was built, or is configured, without the cipher."""
    try:
        ChaCha20Poly1305(bytes(32))
    except UnsupportedAlgorithm as error:
        raise ProviderUnavailableError(
            "this OpenSSL has no ChaCha20-Poly1305", "Leave OpenSSL's FIPS mode, or use AES in mode GCM."
        ) from error


class ChaChaMaterial(CipherMaterial):
    """A key of ChaCha20-Poly1305."""

    __slots__ = ("_cipher",)
    block_length = 1

    def __init__(self, secret: bytes) -> None:
        self._cipher = ChaCha20Poly1305(secret)

    def seal(self, mode: str, nonce: bytes, aad: bytes, data: bytes, tag_length: int) -> tuple[bytes, bytes]:
        sealed, end = self._cipher.encrypt(nonce, data, aad), len(data)
        return sealed[:end], sealed[end:]

    def unseal(self, mode: str, nonce: bytes, aad: bytes, data: bytes, tag: bytes) -> bytes:
        try:
            return self._cipher.decrypt(nonce, data + tag, aad)
        except InvalidTag:
            raise AuthTagMismatchError from None


class ChaCha(CipherFactory):
    """Makes keys of ChaCha20-Poly1305."""

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        return ChaChaMaterial(secret)

    def load(self) -> None:
        """Use the cipher once."""
        material = ChaChaMaterial(bytes(32))
        material.unseal("N/A", bytes(12), b"", *material.seal("N/A", bytes(12), b"", b"", 16))
