"""Hashes by CNG's names, and the key derivation functions, from their standards."""

from __future__ import annotations

import hashlib
import hmac


def hmac_bytes(key: bytes, message: bytes, name: str) -> bytes:
    return hmac.new(key, message, name).digest()


def p_hash(secret: bytes, seed: bytes, name: str, length: int) -> bytes:
    """P_hash of RFC 5246, section 5."""
    out, a = b"", seed
    while len(out) < length:
        a = hmac_bytes(secret, a, name)
        out += hmac_bytes(secret, a + seed, name)
    return out[:length]


def tls1_prf(secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
    """The PRF of TLS 1.0 and 1.1 (RFC 4346, section 5)."""
    half = (len(secret) + 1) // 2
    left = p_hash(secret[:half], label + seed, "md5", length)
    right = p_hash(secret[len(secret) - half :], label + seed, "sha1", length)
    return bytes(x ^ y for x, y in zip(left, right, strict=True))


def hkdf(secret: bytes, salt: bytes, info: bytes, name: str, length: int) -> bytes:
    """HKDF of RFC 5869."""
    return hkdf_expand(hmac_bytes(salt or bytes(hashlib.new(name).digest_size), secret, name), info, name, length)


def hkdf_expand(key: bytes, info: bytes, name: str, length: int) -> bytes:
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac_bytes(key, block + info + bytes([counter]), name)
        out, counter = out + block, counter + 1
    return out[:length]


#: CNG's name of a hash -> hashlib's.
HASHLIB = {
    "MD5": "md5",
    "SHA1": "sha1",
    "SHA256": "sha256",
    "SHA384": "sha384",
    "SHA512": "sha512",
    "SHA3-256": "sha3_256",
    "SHA3-384": "sha3_384",
    "SHA3-512": "sha3_512",
}


def digest(name: str, message: bytes) -> bytes:
    """The digest of ``message``, by CNG's name of the hash."""
    return hashlib.new(HASHLIB[name], message).digest()
