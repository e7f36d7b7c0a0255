"""RC2 and RC4 in plain Python: no library has all their key lengths, or a key of RC4 that can be copied.

contract: rule-cipher-rc2, rule-cipher-rc4.
"""

from __future__ import annotations

from cngcore.families.rc2 import Rc2
from cngcore.provider import CipherFactory, CipherMaterial, CipherRequest
from cngcore.status import InvalidParameterError
from cngcore_legacy import EXTENDED_KEYSIZE

_EFFECTIVE = (40, 128)
_EXTENDED_EFFECTIVE = (16, 1024)


class Rc2Material(CipherMaterial):
    """An RC2 key. The core's own chaining modes are used."""

    __slots__ = ("_cipher",)
    block_length = 8

    def __init__(self, secret: bytes, effective_bits: int) -> None:
        self._cipher = Rc2(secret, effective_bits)

    def encrypt_blocks(self, data: bytes) -> bytes:
        return self._cipher.encrypt_blocks(data)

    def decrypt_blocks(self, data: bytes) -> bytes:
        return self._cipher.decrypt_blocks(data)


class Rc2Keys(CipherFactory):
    """Makes RC2 keys. The effective length is that of the key, if the property is not set."""

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        bits = request.effective_bits
        low, high = _EXTENDED_EFFECTIVE if request.flags & EXTENDED_KEYSIZE else _EFFECTIVE
        if bits and not low <= bits <= high:
            raise InvalidParameterError(f"RC2 takes an effective length of {low} to {high} bits here, not {bits}")
        return Rc2Material(secret, bits or 8 * len(secret))

    def load(self) -> None:
        """Use a key once."""
        material = Rc2Material(bytes(16), 128)
        material.decrypt_blocks(material.encrypt_blocks(bytes(8)))


class Rc4Material(CipherMaterial):
    """An RC4 key and its position in the key stream."""

    __slots__ = ("_i", "_j", "_state")
    block_length = 1

    def __init__(self, state: bytearray, i: int = 0, j: int = 0) -> None:
        self._state, self._i, self._j = state, i, j

    @classmethod
    def of(cls, secret: bytes) -> Rc4Material:
        """Return the material of a secret: the key schedule."""
        state, j, size = bytearray(range(256)), 0, len(secret)
        for i in range(256):
            j = (j + state[i] + secret[i % size]) & 0xFF
            state[i], state[j] = state[j], state[i]
        return cls(state)

    def stream(self, data: bytes) -> bytes:
        state, i, j = self._state, self._i, self._j
        output = bytearray(data)
        for index, octet in enumerate(data):
            i = (i + 1) & 0xFF
            one = state[i]
            j = (j + one) & 0xFF
            other = state[i] = state[j]
            state[j] = one
            output[index] = octet ^ state[(one + other) & 0xFF]
        self._i, self._j = i, j
        return bytes(output)

    def copy(self) -> CipherMaterial:
        return Rc4Material(bytearray(self._state), self._i, self._j)

    def wipe(self) -> None:
        self._state[:] = bytes(len(self._state))


class Rc4Keys(CipherFactory):
    """Makes RC4 keys."""

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        return Rc4Material.of(secret)

    def load(self) -> None:
        """Use a key once."""
        Rc4Material.of(b"key").copy().stream(b"data")
