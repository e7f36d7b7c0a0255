"""RC4, and RC2 with the chaining modes of the core."""

from cngcore.families.rc2 import Rc2
from cngcore.provider import CipherFactory, CipherMaterial


class Rc4(CipherMaterial):
    __slots__ = ("_i", "_j", "_state")
    block_length = 1

    def __init__(self, state, i=0, j=0):
        self._state, self._i, self._j = state, i, j

    def stream(self, data):
        output, state = bytearray(), self._state
        for byte in data:
            self._i = (self._i + 1) % 256
            self._j = (self._j + state[self._i]) % 256
            state[self._i], state[self._j] = state[self._j], state[self._i]
            output.append(byte ^ state[(state[self._i] + state[self._j]) % 256])
        return bytes(output)

    def copy(self):
        return Rc4(bytearray(self._state), self._i, self._j)

    def wipe(self):
        self._state[:] = bytes(256)


class Rc4Factory(CipherFactory):
    def cipher(self, secret, request):
        state, j = bytearray(range(256)), 0
        for i in range(256):
            j = (j + state[i] + secret[i % len(secret)]) % 256
            state[i], state[j] = state[j], state[i]
        return Rc4(state)


class Rc2Material(CipherMaterial):
    __slots__ = ("_cipher",)
    block_length = 8

    def __init__(self, secret, bits):
        self._cipher = Rc2(secret, bits)

    def encrypt_blocks(self, data):
        return self._cipher.encrypt_blocks(data)

    def decrypt_blocks(self, data):
        return self._cipher.decrypt_blocks(data)


class Rc2Factory(CipherFactory):
    def cipher(self, secret, request):
        bits = request.effective_bits or 8 * len(secret)
        return Rc2Material(secret, bits)
