"""AES in ECB, CBC, CFB, CCM and GCM by cryptography."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB, GCM

from cngcore.provider import AuthenticatedState, CipherFactory, CipherMaterial
from cngcore.status import AuthTagMismatchError

try:  # cryptography moved CFB to its decrepit module in release 47
    from cryptography.hazmat.decrepit.ciphers.modes import CFB, CFB8
except ImportError:
    from cryptography.hazmat.primitives.ciphers.modes import CFB, CFB8

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.modes import ModeWithInitializationVector

    from cngcore.provider import CipherRequest

_FULL_TAG = 16

_LARGE = 1 << 16
"""Bytes from which a context costs less than the copies that cut a tag off, or join it."""


class AesMaterial(CipherMaterial):
    """An AES key. The library's objects hold the expanded key and wipe it; no call changes them."""

    __slots__ = ("_aes", "_ccm", "_decrypt_ecb", "_ecb", "_gcm", "_key")

    def __init__(self, secret: bytes) -> None:
        self._key = secret
        self._aes = AES(secret)
        self._ecb = Cipher(self._aes, ECB())  # noqa: S305 - the mode that was asked for
        self._gcm: AESGCM | None = None
        self._ccm: dict[int, AESCCM] = {}

    def encrypt_blocks(self, data: bytes) -> bytes:
        return self._ecb.encryptor().update(data)

    def decrypt_blocks(self, data: bytes) -> bytes:
        return self._ecb.decryptor().update(data)

    def chain(self, mode: str, iv: bytes, data: bytes, encrypting: bool, feedback: int) -> tuple[bytes, bytes]:
        chained: ModeWithInitializationVector = CBC(iv) if mode == "CBC" else CFB8(iv) if feedback == 1 else CFB(iv)
        cipher = Cipher(self._aes, chained)
        output = (cipher.encryptor() if encrypting else cipher.decryptor()).update(data)
        ciphertext = output if encrypting else data
        return output, ciphertext[-16:] if len(ciphertext) >= 16 else (iv + ciphertext)[-16:]

    def seal(self, mode: str, nonce: bytes, aad: bytes, data: bytes, tag_length: int) -> tuple[bytes, bytes]:
        end = len(data)
        if mode == "GCM":
            if end > _LARGE:
                encryptor = Cipher(self._aes, GCM(nonce)).encryptor()
                encryptor.authenticate_additional_data(aad)
                ciphertext = encryptor.update(data)
                encryptor.finalize()
                return ciphertext, encryptor.tag[:tag_length]
            sealed = (self._gcm or self._aead()).encrypt(nonce, data, aad)
        else:
            sealed = self._counter(tag_length).encrypt(nonce, data, aad)
        return sealed[:end], sealed[end : end + tag_length]

    def unseal(self, mode: str, nonce: bytes, aad: bytes, data: bytes, tag: bytes) -> bytes | bytearray:
        try:
            if mode == "CCM":
                return self._counter(len(tag)).decrypt(nonce, data + tag, aad)
            if len(tag) == _FULL_TAG and len(data) <= _LARGE:
                return (self._gcm or self._aead()).decrypt(nonce, data + tag, aad)
            decryptor = Cipher(self._aes, GCM(nonce, tag, min_tag_length=len(tag))).decryptor()
            decryptor.authenticate_additional_data(aad)
            plaintext = bytearray(len(data) + 15)  # what update_into asks for
            decryptor.update_into(data, plaintext)
            decryptor.finalize()
            del plaintext[len(data) :]
            return plaintext
        except InvalidTag:
            raise AuthTagMismatchError from None

    def authenticated(
        self, mode: str, nonce: bytes, aad: bytes, encrypting: bool, tag_length: int
    ) -> AuthenticatedState:
        cipher = Cipher(self._aes, GCM(nonce, min_tag_length=12))
        return GcmState(cipher.encryptor() if encrypting else cipher.decryptor(), aad)

    def _aead(self) -> AESGCM:
        if self._gcm is None:
            self._gcm = AESGCM(self._key)
        return self._gcm

    def _counter(self, tag_length: int) -> AESCCM:
        cipher = self._ccm.get(tag_length)
        if cipher is None:
            cipher = self._ccm[tag_length] = AESCCM(self._key, tag_length)
        return cipher


class GcmState(AuthenticatedState):
    """A GCM message in several pieces."""

    __slots__ = ("_context",)

    def __init__(self, context: object, aad: bytes) -> None:
        self._context: object = context
        context.authenticate_additional_data(aad)  # type: ignore[attr-defined]

    def update(self, data: bytes) -> bytes:
        return bytes(self._context.update(data))  # type: ignore[attr-defined]

    def finish(self, tag: bytes | None) -> bytes:
        context = self._context
        if tag is None:
            context.finalize()  # type: ignore[attr-defined]
            return bytes(context.tag)  # type: ignore[attr-defined]
        try:
            context.finalize_with_tag(tag)  # type: ignore[attr-defined]
        except InvalidTag:
            raise AuthTagMismatchError from None
        return b""


class Aes(CipherFactory):
    """Makes AES keys."""

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        return AesMaterial(secret)

    def load(self) -> None:
        """Use every mode once."""
        material, block = AesMaterial(bytes(16)), bytes(16)
        for mode, feedback in (("CBC", 1), ("CFB", 1), ("CFB", 16)):
            for encrypting in (True, False):
                material.chain(mode, block, block, encrypting, feedback)
        material.decrypt_blocks(material.encrypt_blocks(block))
        for mode in ("GCM", "CCM"):
            ciphertext, tag = material.seal(mode, bytes(12), b"", block, 16)
            material.unseal(mode, bytes(12), b"", ciphertext, tag)
        material.authenticated("GCM", bytes(12), b"", True, 16).finish(None)
