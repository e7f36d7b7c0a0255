"""AES-CMAC and AES-GMAC."""

from toy_cng.ciphers import Aes, xor

from cngcore.provider import HashFactory, HashState
from cngcore.status import InvalidParameterError


class Cmac(HashState):
    __slots__ = ("_aes", "_data")
    digest_length = 16

    def __init__(self, aes, data=b""):
        self._aes, self._data = aes, data

    def update(self, data):
        self._data += data

    def digest(self, length):
        key = int.from_bytes(self._aes.encrypt_blocks(bytes(16)), "big")
        whole = len(self._data) > 0 and len(self._data) % 16 == 0
        data = self._data if whole else self._data + b"\x80" + bytes(-(len(self._data) + 1) % 16)
        for _ in range(1 if whole else 2):
            key = (key << 1 ^ (0x87 if key >> 127 else 0)) & ((1 << 128) - 1)
        total = bytes(16)
        for at in range(0, len(data) - 16, 16):
            total = self._aes.encrypt_blocks(xor(total, data[at : at + 16]))
        return self._aes.encrypt_blocks(xor(xor(total, data[-16:]), key.to_bytes(16, "big")))[:length]

    def copy(self):
        return Cmac(self._aes, self._data)


class CmacFactory(HashFactory):
    def start(self, key):
        return Cmac(Aes(key))


class Gmac(HashState):
    __slots__ = ("_aes", "_data", "_nonce")
    digest_length = 16

    def __init__(self, aes, nonce, data=b""):
        self._aes, self._nonce, self._data = aes, nonce, data

    def update(self, data):
        self._data += data

    def digest(self, length):
        if self._nonce is None:
            raise InvalidParameterError("AES-GMAC needs an IV")
        return self._aes.tag(self._nonce, self._data, b"")[:length]

    def copy(self):
        return Gmac(self._aes, self._nonce, self._data)


class GmacFactory(HashFactory):
    def start(self, key, options=None):
        nonce = (options or {}).get("IV")
        if nonce is not None and len(nonce) != 12:
            raise InvalidParameterError("the IV of AES-GMAC has 12 bytes")
        return Gmac(Aes(key), nonce)
