"""XTS-AES by cryptography; by its block cipher if the two halves of the key are equal, which OpenSSL refuses."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB, XTS

from cngcore.provider import CipherFactory, CipherMaterial
from cngcore.status import InvalidParameterError
from cngcore_symmetric import ENABLE_INCOMPATIBLE_FIPS_CHECKS

if TYPE_CHECKING:
    from cngcore.provider import CipherRequest

_POLYNOMIAL = (1 << 128) | 0x87
"""The field of IEEE 1619 section 5.2, of little-endian numbers."""


class XtsMaterial(CipherMaterial):
    """Two AES keys, one for the data and one for the tweak."""

    __slots__ = ("_aes",)

    def __init__(self, secret: bytes) -> None:
        self._aes = AES(secret)

    def sectors(self, number: int, unit: int, data: bytes, encrypting: bool) -> bytes:
        output = bytearray()
        for position in range(0, len(data), unit):
            cipher = Cipher(self._aes, XTS((number & ((1 << 128) - 1)).to_bytes(16, "little")))
            context = cipher.encryptor() if encrypting else cipher.decryptor()
            output += context.update(data[position : position + unit])
            number += 1
        return bytes(output)


class EqualHalves(CipherMaterial):
    """XTS with one AES key in both places. CNG takes it unless it is asked for FIPS checks."""

    __slots__ = ("_blocks",)

    def __init__(self, half: bytes) -> None:
        self._blocks = Cipher(AES(half), ECB())  # noqa: S305 - XTS is made of single blocks

    def sectors(self, number: int, unit: int, data: bytes, encrypting: bool) -> bytes:
        work = self._blocks.encryptor() if encrypting else self._blocks.decryptor()
        tweaks = self._blocks.encryptor()
        output = bytearray()
        for position in range(0, len(data), unit):
            tweak = int.from_bytes(tweaks.update(number.to_bytes(16, "little")), "little")
            for start in range(position, min(position + unit, len(data)), 16):
                block = int.from_bytes(data[start : start + 16], "little") ^ tweak
                done = int.from_bytes(work.update(block.to_bytes(16, "little")), "little") ^ tweak
                output += done.to_bytes(16, "little")
                tweak <<= 1
                if tweak >> 128:
                    tweak ^= _POLYNOMIAL
            number += 1
        return bytes(output)


class XtsAes(CipherFactory):
    """Makes keys of XTS-AES."""

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        half = len(secret) // 2
        if not compare_digest(secret[:half], secret[half:]):
            return XtsMaterial(secret)
        if request.flags & ENABLE_INCOMPATIBLE_FIPS_CHECKS:
            raise InvalidParameterError("XTS-AES: the two halves of the key are equal, which FIPS 140 forbids")
        return EqualHalves(secret[:half])

    def load(self) -> None:
        """Use both kinds of keys once."""
        for material in (XtsMaterial(bytes(range(32))), EqualHalves(bytes(16))):
            for encrypting in (True, False):
                material.sectors(0, 16, bytes(16), encrypting)
