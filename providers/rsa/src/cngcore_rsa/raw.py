"""The bare RSA operations (RFC 8017 section 5), and PKCS #1 v1.5 decryption on top of the private one.

The back end offers neither: it has no raw RSA, and its PKCS #1 v1.5 decryption answers bad padding with a made-up
message, while the contract wants one status for it (api.md section 7). Python's ``pow`` is not constant-time; the
input is blinded with a fresh random factor each time, so that what is timed is not what the caller chose.
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


def unpad_pkcs1(block: bytes) -> bytes:
    """The message in ``00 02 PS 00 M``, PS being at least eight bytes, none of them zero (RFC 8017 section 7.2.2).

    Every byte is looked at, whatever the ones before it were, and there is one error for all that can be wrong.
    """
    found = end = bad = 0
    for index, byte in enumerate(block[2:], start=2):
        is_end = (byte == 0) & (found == 0)
        end |= -is_end & index
        found |= is_end
    bad |= block[0] | (block[1] ^ 2) | (found ^ 1) | (end < 10)
    if bad:
        raise InvalidParameterError("the ciphertext does not decrypt under this key and padding")
    return block[end + 1 :]
