"""The bare RSA operations (RFC 8017 section 5), which the back end does not offer.

It has no raw RSA, and no OAEP over MD5 and SHA-3. Its PKCS #1 v1.5 decryption answers bad padding with a made-up
message, while the contract wants one status for it (api.md section 7). The encodings for all of these are in
:mod:`cngcore.families.rsa`. Python's ``pow`` is not constant-time; the input is blinded with a fresh random factor each
time, so that what is timed is not what the caller chose.
"""

from math import gcd
from secrets import randbelow

from cngcore.blobs.rsa import RsaKey
from cngcore.status import InvalidParameterError


def _block(key: RsaKey, block: bytes) -> int:
    size = (key.bits + 7) // 8
    number = int.from_bytes(block, "big")
    if len(block) != size or number >= key.n:
        raise InvalidParameterError(f"raw RSA takes a block of exactly {size} bytes whose value is below the modulus")
    return number


def public_operation(key: RsaKey, block: bytes) -> bytes:
    """RSAEP: ``m^e mod n``, as many bytes as the modulus has."""
    return pow(_block(key, block), key.e, key.n).to_bytes((key.bits + 7) // 8, "big")


def private_operation(key: RsaKey, block: bytes) -> bytes:
    """RSADP with the Chinese remainder theorem: ``c^d mod n``, as many bytes as the modulus has."""
    number = _block(key, block)
    while gcd(factor := randbelow(key.n - 2) + 2, key.n) != 1:
        pass
    blinded = number * pow(factor, key.e, key.n) % key.n
    m1, m2 = pow(blinded, key.dp, key.p), pow(blinded, key.dq, key.q)
    result = m2 + (m1 - m2) * key.qinv % key.p * key.q
    return (result * pow(factor, -1, key.n) % key.n).to_bytes((key.bits + 7) // 8, "big")
