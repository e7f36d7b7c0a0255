"""AES with its modes written out, on one library call for blocks; XTS-AES."""

from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from cngcore.provider import AuthenticatedState, CipherFactory, CipherMaterial
from cngcore.status import AuthTagMismatchError


def xor(one, other):
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")


def times(one, other):
    """Multiply in the field of GCM. SP 800-38D section 6.3."""
    product = 0
    for bit in range(127, -1, -1):
        if one >> bit & 1:
            product ^= other
        other = other >> 1 ^ (0xE1 << 120 if other & 1 else 0)
    return product


class Aes(CipherMaterial):
    __slots__ = ("_ecb", "_secret")
    block_length = 16

    def __init__(self, secret):
        self._secret = bytearray(secret)
        self._ecb = Cipher(AES(secret), ECB())

    def encrypt_blocks(self, data):
        return self._ecb.encryptor().update(data)

    def decrypt_blocks(self, data):
        return self._ecb.decryptor().update(data)

    def chain(self, mode, iv, data, encrypting, feedback):
        output, register = b"", iv
        step = 16 if mode == "CBC" else feedback
        for at in range(0, len(data), step):
            piece = data[at : at + step]
            if mode == "CFB":
                result = xor(piece, self.encrypt_blocks(register)[:step])
                register = (register + (result if encrypting else piece))[-16:]
            elif encrypting:
                result = register = self.encrypt_blocks(xor(piece, register))
            else:
                result = xor(self.decrypt_blocks(piece), register)
                register = piece
            output += result
        return output, register

    def counted(self, nonce, data, block=2):
        """Encrypt by counter, from that block on."""
        blocks = range(block, block + (len(data) + 15) // 16)
        stream = self.encrypt_blocks(b"".join(nonce + number.to_bytes(4, "big") for number in blocks))
        return xor(data, stream[: len(data)])

    def tag(self, nonce, aad, ciphertext):
        """Return the tag of GCM, 16 bytes."""
        key = int.from_bytes(self.encrypt_blocks(bytes(16)), "big")
        lengths = (8 * len(aad)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
        text = aad + bytes(-len(aad) % 16) + ciphertext + bytes(-len(ciphertext) % 16) + lengths
        total = 0
        for at in range(0, len(text), 16):
            total = times(total ^ int.from_bytes(text[at : at + 16], "big"), key)
        return xor(total.to_bytes(16, "big"), self.encrypt_blocks(nonce + b"\0\0\0\1"))

    def seal(self, mode, nonce, aad, data, tag_length):
        if mode == "CCM":
            sealed = AESCCM(bytes(self._secret), tag_length).encrypt(nonce, data, aad)
            return sealed[: len(data)], sealed[len(data) :]
        ciphertext = self.counted(nonce, data)
        return ciphertext, self.tag(nonce, aad, ciphertext)[:tag_length]

    def unseal(self, mode, nonce, aad, data, tag):
        if mode == "CCM":
            try:
                return AESCCM(bytes(self._secret), len(tag)).decrypt(nonce, data + tag, aad)
            except InvalidTag:
                raise AuthTagMismatchError from None
        if not compare_digest(self.tag(nonce, aad, data)[: len(tag)], tag):
            raise AuthTagMismatchError
        return self.counted(nonce, data)

    def authenticated(self, mode, nonce, aad, encrypting, tag_length):
        return Message(self, nonce, aad, encrypting)

    def wipe(self):
        self._secret[:] = bytes(len(self._secret))

    def copy(self):
        return Aes(bytes(self._secret))


class Message(AuthenticatedState):
    __slots__ = ("_aad", "_ciphertext", "_encrypting", "_key", "_nonce")

    def __init__(self, key, nonce, aad, encrypting):
        self._key, self._nonce, self._aad, self._encrypting = key, nonce, aad, encrypting
        self._ciphertext = b""

    def update(self, data):
        output = self._key.counted(self._nonce, data, 2 + len(self._ciphertext) // 16)
        self._ciphertext += output if self._encrypting else data
        return output

    def finish(self, tag):
        made = self._key.tag(self._nonce, self._aad, self._ciphertext)
        if tag is None:
            return made
        if not compare_digest(made[: len(tag)], tag):
            raise AuthTagMismatchError
        return b""


class AesFactory(CipherFactory):
    def cipher(self, secret, request):
        return Aes(secret)


class Xts(CipherMaterial):
    __slots__ = ("_blocks", "_tweaks")
    block_length = 16

    def __init__(self, secret):
        half = len(secret) // 2
        self._blocks, self._tweaks = Aes(secret[:half]), Aes(secret[half:])

    def sectors(self, number, unit, data, encrypting):
        output = b""
        crypt = self._blocks.encrypt_blocks if encrypting else self._blocks.decrypt_blocks
        for start in range(0, len(data), unit):
            tweak = int.from_bytes(self._tweaks.encrypt_blocks(number.to_bytes(16, "little")), "little")
            for at in range(start, start + unit, 16):
                mask = tweak.to_bytes(16, "little")
                output += xor(crypt(xor(data[at : at + 16], mask)), mask)
                tweak = (tweak << 1 ^ (0x87 if tweak >> 127 else 0)) & ((1 << 128) - 1)
            number += 1
        return output


class XtsFactory(CipherFactory):
    def cipher(self, secret, request):
        return Xts(secret)
