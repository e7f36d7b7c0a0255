"""Decrypt RC2 in CBC mode (RFC 2268). Windows wrote PKCS#12 certificates with its 40-bit form, which no library has."""

from __future__ import annotations

from struct import Struct

from cngcore.formats._work import can_spend
from cngcore.status import NotSupportedError

__all__ = ["LARGEST", "decrypt_cbc"]

LARGEST = 1 << 17
"""Bytes of the longest text that is decrypted: this is Python, and slow."""

_PI = bytes.fromhex(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32"
    "bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a"
    "961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e"
    "c5f3db47e5a59c770aa62068fe7fc1ad"
)
_BLOCK = Struct("<4H")


def decrypt_cbc(key: bytes, effective_bits: int, iv: bytes, data: bytes) -> bytes:
    """Return the plain text, with its padding. ``data`` is whole blocks of 8 bytes, ``iv`` is one."""
    if len(data) > LARGEST or not can_spend(2 * len(data)):
        raise NotSupportedError(f"RC2 can be read up to {LARGEST} bytes; write the file again with AES-256")
    words = _expand(key, effective_bits)
    plain = bytearray()
    before = _BLOCK.unpack(iv)
    for block in _BLOCK.iter_unpack(data):
        plain += _BLOCK.pack(*(one ^ other for one, other in zip(_block(words, block), before, strict=True)))
        before = block
    return bytes(plain)


def _expand(key: bytes, effective_bits: int) -> tuple[int, ...]:
    table = bytearray(key)
    while len(table) < 128:
        table.append(_PI[(table[-1] + table[-len(key)]) & 0xFF])
    width = (effective_bits + 7) // 8
    table[128 - width] = _PI[table[128 - width] & 0xFF >> (-effective_bits & 7)]
    for place in range(127 - width, -1, -1):
        table[place] = _PI[table[place + 1] ^ table[place + width]]
    return Struct("<64H").unpack(table)


def _block(k: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, int, int, int]:
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
