"""Symmetric keys of the library. Each mode has a key of its own, a duplicate of the first with the mode set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cngcore import constants as c
from cngcore.bcrypt import BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO
from cngcore.provider import AuthenticatedState, CipherFactory, CipherMaterial
from cngcore_windows import library
from cngcore_windows.library import Handle, call

if TYPE_CHECKING:
    from cngcore.provider import CipherRequest

_FULL_TAG = 16
_BLOCK = 16
_FIRST_COUNTER = 2
"""The counter of the first block of data in GCM with a nonce of 12 bytes (SP 800-38D section 7.1)."""


class Cipher(CipherMaterial):
    """A symmetric key."""

    __slots__ = ("_key", "_modes", "block_length")

    def __init__(self, key: Handle, block_length: int) -> None:
        self._key = key
        self._modes: dict[tuple[str, int], Handle] = {}
        self.block_length = block_length

    def encrypt_blocks(self, data: bytes) -> bytes:
        return self._crypt("BCryptEncrypt", self._in_mode("ECB"), data)

    def decrypt_blocks(self, data: bytes) -> bytes:
        return self._crypt("BCryptDecrypt", self._in_mode("ECB"), data)

    def chain(self, mode: str, iv: bytes, data: bytes, encrypting: bool, feedback: int) -> tuple[bytes, bytes]:
        key = self._in_mode(mode, feedback if mode == "CFB" else 0)
        register = bytearray(iv)
        output = self._crypt("BCryptEncrypt" if encrypting else "BCryptDecrypt", key, data, None, register)
        return output, bytes(register)

    def stream(self, data: bytes) -> bytes:
        return self._crypt("BCryptEncrypt", self._key, data)

    def sectors(self, number: int, unit: int, data: bytes, encrypting: bool) -> bytes:
        function = "BCryptEncrypt" if encrypting else "BCryptDecrypt"
        key, first = self._in_mode("N/A", unit), bytearray(number.to_bytes(8, "little"))
        return self._crypt(function, key, data, None, first)

    def seal(self, mode: str, nonce: bytes, aad: bytes, data: bytes, tag_length: int) -> tuple[bytes, bytes]:
        tag = bytearray(tag_length)
        info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(nonce, aad, tag)
        return self._crypt("BCryptEncrypt", self._in_mode(mode), data, info), bytes(tag)

    def unseal(self, mode: str, nonce: bytes, aad: bytes, data: bytes, tag: bytes) -> bytearray:
        info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(nonce, aad, tag)
        plaintext = bytearray(len(data))
        call("BCryptDecrypt", self._in_mode(mode).number, data, info, None, plaintext, 0)
        return plaintext

    def authenticated(
        self, mode: str, nonce: bytes, aad: bytes, encrypting: bool, tag_length: int
    ) -> AuthenticatedState:
        return Message(self, self._in_mode(mode), nonce, aad, encrypting)

    def copy(self) -> CipherMaterial:
        return Cipher(self._duplicate(), self.block_length)

    def _duplicate(self) -> Handle:
        return Handle(call("BCryptDuplicateKey", self._key.number), "BCryptDestroyKey")

    def _in_mode(self, mode: str, message_block: int = 0) -> Handle:
        """Return the key in a mode, with a length of feedback or of a data unit; 0 for the usual one."""
        if mode == "N/A" and not message_block:
            return self._key
        found = self._modes.get((mode, message_block))
        if found is None:
            found = self._duplicate()
            if mode != "N/A":
                call("BCryptSetProperty", found.number, c.BCRYPT_CHAINING_MODE, f"ChainingMode{mode}")
            if message_block:
                call("BCryptSetProperty", found.number, c.BCRYPT_MESSAGE_BLOCK_LENGTH, message_block)
            found = self._modes.setdefault((mode, message_block), found)
        return found

    @staticmethod
    def _crypt(function: str, key: Handle, data: bytes, info: object = None, iv: bytearray | None = None) -> bytes:
        output = bytearray(len(data))
        call(function, key.number, data, info, iv, output, 0)
        return bytes(output)


class Message(AuthenticatedState):
    """A message of GCM in several pieces.

    The library takes the last piece together with the tag. When it is decrypted the tag is not known yet, so the key
    stream of a last piece that is no whole block is computed by ECB, and the library checks the piece at the end.
    """

    __slots__ = ("_cipher", "_done", "_encrypting", "_info", "_iv", "_key", "_nonce", "_rest", "_tag")

    def __init__(self, cipher: Cipher, key: Handle, nonce: bytes, aad: bytes, encrypting: bool) -> None:
        self._cipher, self._key, self._nonce, self._encrypting = cipher, key, nonce, encrypting
        self._tag: bytearray = bytearray(_FULL_TAG)
        self._info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(
            nonce, aad, self._tag, bytearray(_FULL_TAG), dwFlags=c.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
        )
        self._iv = bytearray(_BLOCK)
        self._rest: bytes | None = None
        self._done = 0

    def update(self, data: bytes) -> bytes:
        whole = len(data) - len(data) % _BLOCK
        output = self._piece(data[:whole]) if whole else b""
        if whole < len(data):
            self._rest = data[whole:]
            output += self._with_key_stream(self._rest)
        return output

    def finish(self, tag: bytes | None) -> bytes:
        info = self._info
        info.dwFlags &= ~c.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
        rest = self._rest or b""
        if tag is None:
            self._piece(rest)
            return bytes(self._tag)
        info.pbTag = tag
        self._piece(rest)
        return b""

    def _piece(self, data: bytes) -> bytes:
        output = bytearray(len(data))
        function = "BCryptEncrypt" if self._encrypting else "BCryptDecrypt"
        call(function, self._key.number, data, self._info, self._iv, output, 0)
        self._done += len(data) // _BLOCK
        return bytes(output)

    def _with_key_stream(self, data: bytes) -> bytes:
        """Return less than a block of data combined with the key stream."""
        counter = self._nonce + (_FIRST_COUNTER + self._done & 0xFFFFFFFF).to_bytes(4, "big")
        stream = self._cipher.encrypt_blocks(counter)
        return bytes(one ^ other for one, other in zip(data, stream, strict=False))


class Ciphers(CipherFactory):
    """Makes the symmetric keys of one algorithm."""

    def back_end_version(self) -> str:
        return library.version() or super().back_end_version()

    def load(self) -> None:
        """Open the algorithm."""
        library.algorithm(self.algorithm.name)

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        number: Any = call("BCryptGenerateSymmetricKey", library.algorithm(self.algorithm.name), secret, request.flags)
        key = Handle(number, "BCryptDestroyKey")
        if request.effective_bits:
            call("BCryptSetProperty", number, c.BCRYPT_EFFECTIVE_KEY_LENGTH, request.effective_bits)
        return Cipher(key, self.algorithm.block_length)
