"""The bare RSA operations (RFC 8017 section 5), and on top of them what the back end does not offer.

It has no raw RSA, and no OAEP over MD5 and SHA-3. Its PKCS #1 v1.5 decryption answers bad padding with a made-up
message, while the contract wants one status for it (api.md section 7). Python's ``pow`` is not constant-time; the
input is blinded with a fresh random factor each time, so that what is timed is not what the caller chose.
"""

from hashlib import new
from hmac import compare_digest
from math import gcd
from secrets import randbelow, token_bytes

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
        raise _no_decryption()
    return block[end + 1 :]


def _no_decryption() -> InvalidParameterError:
    return InvalidParameterError("the ciphertext does not decrypt under this key and padding")


# --- OAEP (RFC 8017 section 7.1) over hashes the back end has none for, with MGF1 over the same (appendix B.2.1) ---


def _masked(data: bytes, seed: bytes, hash_name: str) -> bytes:
    mask, counter = b"", 0
    while len(mask) < len(data):
        mask += new(hash_name, seed + counter.to_bytes(4, "big"), usedforsecurity=False).digest()
        counter += 1
    return bytes(one ^ other for one, other in zip(data, mask[: len(data)], strict=True))


def pad_oaep(message: bytes, label: bytes, size: int, hash_name: str) -> bytes:
    """The encoded message of ``size`` bytes; ``hash_name`` is one of hashlib's."""
    labelled = new(hash_name, label, usedforsecurity=False).digest()
    room = size - 2 * len(labelled) - 2 - len(message)
    if room < 0:
        raise InvalidParameterError(f"{len(message)} bytes are too long for OAEP over {hash_name} in {size} bytes")
    seed = token_bytes(len(labelled))
    masked = _masked(labelled + bytes(room) + b"\1" + message, seed, hash_name)
    return b"\0" + _masked(seed, masked, hash_name) + masked


def unpad_oaep(block: bytes, label: bytes, hash_name: str) -> bytes:
    """The message in an encoded one; one error for all that can be wrong, after all of it was looked at."""
    labelled = new(hash_name, label, usedforsecurity=False).digest()
    size = len(labelled)
    if len(block) < 2 * size + 2:
        raise _no_decryption()
    masked_seed, masked = block[1 : 1 + size], block[1 + size :]
    data = _masked(masked, _masked(masked_seed, masked, hash_name), hash_name)
    found = end = bad = 0
    for index, byte in enumerate(data[size:], start=size):
        is_end = (byte == 1) & (found == 0)
        bad |= (found ^ 1) & (is_end ^ 1) & (byte != 0)
        end |= -is_end & index
        found |= is_end
    bad |= block[0] | (found ^ 1) | (not compare_digest(data[:size], labelled))
    if bad:
        raise _no_decryption()
    return data[end + 1 :]
