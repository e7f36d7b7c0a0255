"""RSA: keys, and the encodings of signatures and ciphertexts (RFC 8017)."""

from __future__ import annotations

import random
import struct
from math import gcd
from typing import NamedTuple

from oracles.kdf import digest
from oracles.primes import is_prime
from oracles.values import xor


class RsaNumbers(NamedTuple):
    n: int
    e: int
    p: int
    q: int
    d: int

    @property
    def size(self) -> int:
        return (self.n.bit_length() + 7) // 8


def factors(n: int, e: int, d: int) -> tuple[int, int]:
    """p and q from n, e, d (NIST SP 800-56B appendix C, with fixed bases)."""
    odd, twos = e * d - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in range(2, 200):
        x = pow(base, odd, n)
        for _ in range(twos):
            square = x * x % n
            if square == 1 and x not in (1, n - 1):
                p = gcd(x - 1, n)
                return max(p, n // p), min(p, n // p)
            x = square
    raise ValueError("n, e, d do not belong together")


def rsa_numbers(bits: int, e: int = 65537, seed: int = 1) -> RsaNumbers:
    """A key of exactly ``bits`` bits, the same one each time. For tests only: the generator is not secret."""
    rng = random.Random(f"{bits}/{e}/{seed}")

    def prime(length: int) -> int:
        while True:
            candidate = rng.getrandbits(length) | 1 | 3 << length - 2
            if gcd(candidate - 1, e) == 1 and is_prime(candidate, rounds=8):
                return candidate

    p, q = prime((bits + 1) // 2), prime(bits // 2)
    if p < q:
        p, q = q, p
    n = p * q
    assert n.bit_length() == bits
    assert p != q
    return RsaNumbers(n, e, p, q, pow(e, -1, (p - 1) * (q - 1) // gcd(p - 1, q - 1)))


def pkcs1_block(content: bytes, size: int) -> bytes:
    """EMSA-PKCS1-v1_5 around ``content`` (RFC 8017, 9.2)."""
    return b"\0\1" + b"\xff" * (size - 3 - len(content)) + b"\0" + content


#: DER of DigestInfo up to the digest itself (RFC 8017, 9.2 note 1; NIST's arc for SHA-2 and SHA-3).
DIGEST_INFO = {"MD5": bytes.fromhex("3020300c06082a864886f70d020505000410")}


DIGEST_INFO["SHA1"] = bytes.fromhex("3021300906052b0e03021a05000414")


for _name, _arc, _length in [
    ("SHA256", 1, 32),
    ("SHA384", 2, 48),
    ("SHA512", 3, 64),
    ("SHA224", 4, 28),
    ("SHA512/224", 5, 28),
    ("SHA512/256", 6, 32),
    ("SHA3-224", 7, 28),
    ("SHA3-256", 8, 32),
    ("SHA3-384", 9, 48),
    ("SHA3-512", 10, 64),
]:
    DIGEST_INFO[_name] = (
        bytes([0x30, 17 + _length, 0x30, 13])
        + bytes.fromhex("06096086480165030402")
        + bytes([_arc])
        + b"\x05\x00\x04"
        + bytes([_length])
    )


def mgf1(seed: bytes, length: int, name: str) -> bytes:
    """MGF1 of RFC 8017, B.2.1; ``name`` is CNG's name of the hash, here and below."""
    out = b""
    while len(out) < length:
        out += digest(name, seed + struct.pack(">I", len(out) // len(digest(name, b""))))
    return out[:length]


def pss_salt(encoded: bytes, bits: int, hashed: bytes, name: str) -> bytes | None:
    """The salt of an EMSA-PSS block over ``hashed`` (RFC 8017, 9.1.2), or None if it is no such block.

    ``bits`` is the modulus' length; ``encoded`` the block of as many bytes as the modulus has.
    """
    size, h_len = (bits - 1 + 7) // 8, len(hashed)
    if encoded[:-size].strip(b"\0") or encoded[-1] != 0xBC:
        return None
    encoded = encoded[-size:]
    masked, h = encoded[: size - h_len - 1], encoded[size - h_len - 1 : -1]
    unused = 8 * size - (bits - 1)
    if masked[0] >> (8 - unused):
        return None
    block = xor(masked, mgf1(h, len(masked), name))
    block = bytes([block[0] & (0xFF >> unused)]) + block[1:]
    padding, one, salt = block.partition(b"\1")
    if not one or padding.strip(b"\0"):
        return None
    return salt if digest(name, bytes(8) + hashed + salt) == h else None


def oaep_block(message: bytes, size: int, label: bytes, name: str, seed: bytes) -> bytes:
    """EME-OAEP (RFC 8017, 7.1.1)."""
    h_len = len(digest(name, b""))
    block = digest(name, label) + bytes(size - len(message) - 2 * h_len - 2) + b"\1" + message
    masked = xor(block, mgf1(seed, len(block), name))
    return b"\0" + xor(seed, mgf1(masked, h_len, name)) + masked
