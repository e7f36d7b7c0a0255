"""DES, DESX and triple DES by cryptography's triple DES with three keys: one key three times is DES.

contract: rule-cipher-3des, rule-cipher-des.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from cngcore.provider import CipherFactory, CipherMaterial, CipherRequest, ProviderUnavailableError

try:  # cryptography moved CFB to its decrepit module in release 47
    from cryptography.hazmat.decrepit.ciphers.modes import CFB, CFB8
except ImportError:
    from cryptography.hazmat.primitives.ciphers.modes import CFB, CFB8

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.modes import ModeWithInitializationVector

_BYTES = {"3DES": 24, "3DES_112": 16, "DES": 8, "DESX": 24}
"""Bytes of the secret by algorithm."""


def probe() -> None:
    """Raise ProviderUnavailableError if OpenSSL was built, or is configured, without triple DES."""
    try:
        DesMaterial(bytes(24)).encrypt_blocks(bytes(8))
    except UnsupportedAlgorithm as error:
        raise ProviderUnavailableError(
            "this OpenSSL has no triple DES", "Leave OpenSSL's FIPS mode, or use AES."
        ) from error


class DesMaterial(CipherMaterial):
    """A key of triple DES; 24 bytes."""

    __slots__ = ("_algorithm", "_ecb")
    block_length = 8

    def __init__(self, secret: bytes) -> None:
        self._algorithm = TripleDES(secret)
        self._ecb = Cipher(self._algorithm, ECB())  # noqa: S305 - the mode that was asked for

    def encrypt_blocks(self, data: bytes) -> bytes:
        return self._ecb.encryptor().update(data)

    def decrypt_blocks(self, data: bytes) -> bytes:
        return self._ecb.decryptor().update(data)

    def chain(self, mode: str, iv: bytes, data: bytes, encrypting: bool, feedback: int) -> tuple[bytes, bytes]:
        chained: ModeWithInitializationVector = CBC(iv) if mode == "CBC" else CFB8(iv) if feedback == 1 else CFB(iv)
        cipher = Cipher(self._algorithm, chained)
        output = (cipher.encryptor() if encrypting else cipher.decryptor()).update(data)
        return output, (iv + (output if encrypting else data))[-8:]


class DesxMaterial(CipherMaterial):
    """DESX: C = K3 xor DES(K1, P xor K2). The chaining modes go around the whole, so the core's own are used."""

    __slots__ = ("_after", "_before", "_des")
    block_length = 8

    def __init__(self, secret: bytes) -> None:
        self._des = DesMaterial(secret[:8] * 3)
        self._before, self._after = secret[8:16], secret[16:24]

    def encrypt_blocks(self, data: bytes) -> bytes:
        return _whitened(self._des.encrypt_blocks(_whitened(data, self._before)), self._after)

    def decrypt_blocks(self, data: bytes) -> bytes:
        return _whitened(self._des.decrypt_blocks(_whitened(data, self._after)), self._before)


def _whitened(data: bytes, key: bytes) -> bytes:
    """Return whole blocks, each xor the key."""
    size = len(data)
    mask = int.from_bytes(key * (size // 8), "big")
    return (int.from_bytes(data, "big") ^ mask).to_bytes(size, "big")


class TripleDes(CipherFactory):
    """Makes keys of three DES keys."""

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        return DesMaterial(secret)

    def load(self) -> None:
        """Use every mode once."""
        material = self.cipher(bytes(_BYTES[self.algorithm.name]), CipherRequest())
        for mode, feedback in (("CBC", 1), ("CFB", 1), ("CFB", 8)):
            for encrypting in (True, False):
                material.chain(mode, bytes(8), bytes(8), encrypting, feedback)
        material.decrypt_blocks(material.encrypt_blocks(bytes(8)))


class TwoKeyTripleDes(TripleDes):
    """Makes keys of two DES keys: the first is used twice."""

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        return DesMaterial(secret + secret[:8])


class Des(TripleDes):
    """Makes keys of one DES key."""

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        return DesMaterial(secret * 3)


class Desx(TripleDes):
    """Makes keys of a DES key and two whitening keys."""

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        return DesxMaterial(secret)
