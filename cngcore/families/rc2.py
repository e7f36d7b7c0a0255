"""RC2 (RFC 2268) in plain Python: no library has keys and effective lengths of every size.

It is old and slow. Windows wrote the certificates of PKCS #12 files with its 40-bit form.
"""

from __future__ import annotations

from struct import Struct

__all__ = ["Rc2"]

_PI = bytes.fromhex(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32"
    "bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a"
    "961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e"
    "c5f3db47e5a59c770aa62068fe7fc1ad"
)
_BLOCK = Struct("<4H")


class Rc2:
    """An RC2 key of 1 to 128 bytes with an effective length in bits.

    >>> Rc2(bytes.fromhex("88"), 64).encrypt_blocks(bytes(8)).hex()
    '61a8a244adacccf0'
    """

    __slots__ = ("_words",)

    def __init__(self, key: bytes, effective_bits: int) -> None:
        self._words = _expand(key, effective_bits)

    def encrypt_blocks(self, data: bytes) -> bytes:
        """Encrypt whole blocks of 8 bytes, each by itself."""
        return b"".join(_BLOCK.pack(*_mix(self._words, block)) for block in _BLOCK.iter_unpack(data))

    def decrypt_blocks(self, data: bytes) -> bytes:
        """Decrypt whole blocks of 8 bytes, each by itself."""
        return b"".join(_BLOCK.pack(*_unmix(self._words, block)) for block in _BLOCK.iter_unpack(data))


def _expand(key: bytes, effective_bits: int) -> tuple[int, ...]:
    """Return the 64 words of a key. RFC 2268 section 2."""
    table = bytearray(key)
    while len(table) < 128:
        table.append(_PI[(table[-1] + table[-len(key)]) & 0xFF])
    width = (effective_bits + 7) // 8
    table[128 - width] = _PI[table[128 - width] & 0xFF >> (-effective_bits & 7)]
    for place in range(127 - width, -1, -1):
        table[place] = _PI[table[place + 1] ^ table[place + width]]
    return Struct("<64H").unpack(table)


def _mix(k: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Encrypt one block of four words. RFC 2268 section 3."""
    a, b, c, d = block
    place = 0
    for turn in range(16):
        a = a + k[place] + (d & c) + (~d & b) & 0xFFFF
        a = (a << 1 | a >> 15) & 0xFFFF
        b = b + k[place + 1] + (a & d) + (~a & c) & 0xFFFF
        b = (b << 2 | b >> 14) & 0xFFFF
        c = c + k[place + 2] + (b & a) + (~b & d) & 0xFFFF
        c = (c << 3 | c >> 13) & 0xFFFF
        d = d + k[place + 3] + (c & b) + (~c & a) & 0xFFFF
        d = (d << 5 | d >> 11) & 0xFFFF
        place += 4
        if turn in (4, 10):
            a = a + k[d & 63] & 0xFFFF
            b = b + k[a & 63] & 0xFFFF
            c = c + k[b & 63] & 0xFFFF
            d = d + k[c & 63] & 0xFFFF
    return a, b, c, d


def _unmix(k: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Decrypt one block of four words. RFC 2268 section 4."""
    a, b, c, d = block
    place = 63
    for turn in range(15, -1, -1):
        d = (d >> 5 | d << 11) & 0xFFFF
        d = d - k[place] - (c & b) - (~c & a) & 0xFFFF
        c = (c >> 3 | c << 13) & 0xFFFF
        c = c - k[place - 1] - (b & a) - (~b & d) & 0xFFFF
        b = (b >> 2 | b << 14) & 0xFFFF
        b = b - k[place - 2] - (a & d) - (~a & c) & 0xFFFF
        a = (a >> 1 | a << 15) & 0xFFFF
        a = a - k[place - 3] - (d & c) - (~d & b) & 0xFFFF
        place -= 4
        if turn in (11, 5):
            d = d - k[c & 63] & 0xFFFF
            c = c - k[b & 63] & 0xFFFF
            b = b - k[a & 63] & 0xFFFF
            a = a - k[d & 63] & 0xFFFF
    return a, b, c, d
