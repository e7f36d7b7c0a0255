"""RSA for providers (RFC 8017): the encodings between a message and a block, and the operations on a block.

Use the encodings if the back end, for example a token or a card, lacks a padding. Use the operations only if the back
end has none, because Python's ``pow`` is slower and not constant-time.

``size`` is the length of the modulus in bytes and ``bits`` is its length in bits. A hash is named by its CNG algorithm
id. A decoder reads every byte and raises the same error for every fault.
"""

from __future__ import annotations

import hashlib
from functools import cache
from hmac import compare_digest
from math import gcd
from secrets import randbelow, token_bytes
from typing import TYPE_CHECKING, Literal

from cngcore import windows
from cngcore._checks import to_bytes
from cngcore.blobs.rsa import RsaKey
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.padding import Oaep
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from cngcore.provider import KeyRequest

__all__ = [
    "HASHES",
    "SMALLEST_TRIAL",
    "check_digest",
    "check_salt_length",
    "check_signature",
    "check_trial",
    "digest_info",
    "digest_size",
    "label_of",
    "no_decryption",
    "not_a_block",
    "oaep_decode",
    "oaep_encode",
    "pkcs1_decode",
    "pkcs1_encode",
    "pkcs1_signature_block",
    "private_operation",
    "pss_encode",
    "pss_verify",
    "public_operation",
    "too_long",
    "wrong_padding",
]

HASHES = {
    "MD5": ("md5", "06082a864886f70d0205"),
    "SHA1": ("sha1", "06052b0e03021a"),
    "SHA256": ("sha256", "0609608648016503040201"),
    "SHA384": ("sha384", "0609608648016503040202"),
    "SHA512": ("sha512", "0609608648016503040203"),
    "SHA3-256": ("sha3_256", "0609608648016503040208"),
    "SHA3-384": ("sha3_384", "0609608648016503040209"),
    "SHA3-512": ("sha3_512", "060960864801650304020a"),
}
"""The hashes by CNG id, each with hashlib's name and the object identifier in DER (RFC 8017 appendix B.1)."""


def _name(hash_id: object) -> str:
    if not isinstance(hash_id, str) or hash_id not in HASHES:
        raise NotSupportedError(f"RSA does not support the hash {hash_id!r:.40}; use one of {', '.join(HASHES)}")
    return HASHES[hash_id][0]


def wrong_padding(operation: Literal["signing", "encryption"], padding: object) -> InvalidParameterError:
    """Return the error of a padding that RSA does not use for this operation. It does not show the padding's values."""
    choices = "Pkcs1(...) or Pss(...)" if operation == "signing" else "Pkcs1(), Oaep(...) or None for raw encryption"
    if padding is None:
        return InvalidParameterError(f"RSA {operation} needs a padding: pass {choices}")
    return InvalidParameterError(
        f"RSA {operation} does not support the padding {type(padding).__name__}; pass {choices}"
    )


def not_a_block(size: int) -> InvalidParameterError:
    """Return the error of a text that raw RSA, which no padding means, cannot take."""
    return InvalidParameterError(
        f"raw RSA needs a block of exactly {size} bytes whose value is below the modulus; for a message "
        "pass a padding, Oaep('SHA256')"
    )


def _digest(hash_id: str, data: bytes) -> bytes:
    return hashlib.new(_name(hash_id), data, usedforsecurity=False).digest()


def digest_size(hash_id: object) -> int:
    """Return the length of a digest in bytes. Raise NotSupportedError for an unknown hash.

    >>> digest_size("SHA384")
    48
    """
    return _size_of(_name(hash_id))


@cache  # 1 us for each new hash object, in an operation of 20
def _size_of(name: str) -> int:
    return hashlib.new(name, usedforsecurity=False).digest_size


# --- PKCS #1 v1.5 ---------------------------------------------------------------------------------------


def digest_info(digest: bytes, hash_id: str | None, *, null: bool = True) -> bytes:
    """Return the DigestInfo of a digest (section 9.2), or the digest itself if no hash is named.

    If ``null`` is false, the AlgorithmIdentifier has no NULL. SymCrypt accepts signatures of both forms. Raise
    InvalidParameterError if the digest does not have the length of its hash.
    """
    if hash_id is None:
        return digest
    size = digest_size(hash_id)
    if len(digest) != size:
        raise InvalidParameterError(f"a {hash_id} hash must have {size} bytes, not {len(digest)}")
    return _before_digest(hash_id, null) + digest


@cache
def _before_digest(hash_id: str, null: bool) -> bytes:
    """Return what precedes the digest in a DigestInfo."""
    size = digest_size(hash_id)
    identifier = bytes.fromhex(HASHES[hash_id][1]) + (b"\x05\x00" if null else b"")
    body = b"\x30" + bytes([len(identifier)]) + identifier + b"\x04" + bytes([size])
    return b"\x30" + bytes([len(body) + size]) + body


def pkcs1_signature_block(info: bytes, size: int) -> bytes:
    """Return the block ``00 01 FF .. FF 00 info`` (section 9.2). Raise InvalidParameterError if it does not fit."""
    if not info:
        raise InvalidParameterError("the hash to sign is empty; pass a digest")
    if len(info) > size - 11:
        raise InvalidParameterError(f"{len(info)} bytes do not fit a block of {size} bytes; use a longer key")
    return b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info


def pkcs1_encode(message: bytes, size: int) -> bytes:
    """Return the block ``00 02 PS 00 message``, where PS is random and has no zeros (section 7.2.1)."""
    if len(message) > size - 11:
        raise too_long(message, size)
    filling = b""
    while len(filling) < size - len(message) - 3:
        filling += token_bytes(size).replace(b"\0", b"")
    return b"\0\2" + filling[: size - len(message) - 3] + b"\0" + message


def too_long(message: bytes, size: int, hash_id: str = "") -> InvalidParameterError:
    """Return the error of a message that does not fit: for OAEP with this hash, or for PKCS #1 v1.5 without one."""
    most = size - 2 * digest_size(hash_id) - 2 if hash_id else size - 11
    scheme = f"OAEP with {hash_id}" if hash_id else "PKCS #1 v1.5"
    return InvalidParameterError(
        f"{scheme} encrypts up to {max(most, 0)} bytes with this key, not {len(message)}; encrypt a key of a cipher "
        "instead of a long message"
    )


def pkcs1_decode(block: bytes) -> bytes:
    """Return the message of ``00 02 PS 00 message``, where PS has 8 bytes or more and no zeros (section 7.2.2)."""
    found = end = bad = 0
    for index, byte in enumerate(block[2:], start=2):
        is_end = (byte == 0) & (found == 0)
        end |= -is_end & index
        found |= is_end
    bad |= block[0] | (block[1] ^ 2) | (found ^ 1) | (end < 10)
    if bad:
        raise no_decryption()
    return block[end + 1 :]


def no_decryption() -> InvalidParameterError:
    """Return the error of every ciphertext that does not decrypt."""
    return InvalidParameterError("the ciphertext does not decrypt under this key and padding")


# --- OAEP and PSS, with MGF1 over the same hash ------------------------------------------------------------


def label_of(padding: Oaep) -> bytes:
    """Return the label of an encryption. Raise InvalidParameterError if it is not bytes."""
    return to_bytes("a label", padding.label)


def _masked(data: bytes, seed: bytes, hash_id: str) -> bytes:
    """Return data combined by exclusive or with the mask that MGF1 makes of a seed (appendix B.2.1)."""
    mask, counter = b"", 0
    while len(mask) < len(data):
        mask += _digest(hash_id, seed + counter.to_bytes(4, "big"))
        counter += 1
    return bytes(one ^ other for one, other in zip(data, mask[: len(data)], strict=True))


def oaep_encode(message: bytes, label: bytes, size: int, hash_id: str) -> bytes:
    """Return a message encoded by EME-OAEP (section 7.1.1). Raise InvalidParameterError if it is too long."""
    labelled = _digest(hash_id, label)
    most = size - 2 * len(labelled) - 2
    room = most - len(message)
    if room < 0:
        raise too_long(message, size, hash_id)
    seed = token_bytes(len(labelled))
    masked = _masked(labelled + bytes(room) + b"\1" + message, seed, hash_id)
    return b"\0" + _masked(seed, masked, hash_id) + masked


def oaep_decode(block: bytes, label: bytes, hash_id: str) -> bytes:
    """Return the message of a block encoded by EME-OAEP (section 7.1.2)."""
    labelled = _digest(hash_id, label)
    size = len(labelled)
    if len(block) < 2 * size + 2:
        raise no_decryption()
    masked_seed, masked = block[1 : 1 + size], block[1 + size :]
    data = _masked(masked, _masked(masked_seed, masked, hash_id), hash_id)
    found = end = bad = 0
    for index, byte in enumerate(data[size:], start=size):
        is_end = (byte == 1) & (found == 0)
        bad |= (found ^ 1) & (is_end ^ 1) & (byte != 0)
        end |= -is_end & index
        found |= is_end
    bad |= block[0] | (found ^ 1) | (not compare_digest(data[:size], labelled))
    if bad:
        raise no_decryption()
    return data[end + 1 :]


def check_salt_length(salt_length: object, hash_id: str, bits: int) -> int:
    """Return the length of a PSS salt if the key has room for it: 0 to emLen - hash - 2 bytes (section 9.1.1).

    emLen is the bytes of bits - 1. If the modulus has 8m + 1 bits, emLen is one byte shorter than the modulus. Raise
    InvalidParameterError if the salt does not fit.
    """
    most = _pss_length(bits) - digest_size(hash_id) - 2
    if most < 0:
        raise InvalidParameterError(f"an RSA key of {bits} bits is too short for PSS with {hash_id}; use a longer key")
    if not isinstance(salt_length, int) or isinstance(salt_length, bool) or not 0 <= salt_length <= most:
        raise InvalidParameterError(f"the PSS salt must have 0 to {most} bytes for this key, not {salt_length!r:.20}")
    return salt_length


def _pss_length(bits: int) -> int:
    """Return emLen: the bytes of an encoding of bits - 1."""
    return (bits + 6) // 8


def pss_encode(digest: bytes, hash_id: str, salt_length: int, bits: int) -> bytes:
    """Return a digest encoded by EMSA-PSS (section 9.1.1), with as many bytes as the modulus."""
    size, length = (bits + 7) // 8, _pss_length(bits)
    check_salt_length(salt_length, hash_id, bits)
    check_digest(digest, hash_id)
    salt = token_bytes(salt_length)
    hashed = _digest(hash_id, bytes(8) + digest + salt)
    room = length - salt_length - len(hashed) - 2
    masked = bytearray(_masked(bytes(room) + b"\1" + salt, hashed, hash_id))
    masked[0] &= 0xFF >> (8 * length - bits + 1)
    return (bytes(masked) + hashed + b"\xbc").rjust(size, b"\0")


def pss_verify(digest: bytes, block: bytes, hash_id: str, salt_length: int, bits: int) -> bool:
    """Return whether a block is an EMSA-PSS encoding of a digest with a salt of this length (section 9.1.2)."""
    check_salt_length(salt_length, hash_id, bits)
    check_digest(digest, hash_id)
    size, length = len(digest), _pss_length(bits)
    encoded = block[len(block) - length :]
    room = length - salt_length - size - 2
    spare = 0xFF >> (8 * length - bits + 1)
    if any(block[: len(block) - length]) or encoded[-1] != 0xBC or encoded[0] & ~spare & 0xFF:
        return False
    masked, hashed = encoded[: length - size - 1], encoded[length - size - 1 : -1]
    data = bytearray(_masked(masked, hashed, hash_id))
    data[0] &= spare
    if any(data[:room]) or data[room] != 1:
        return False
    return compare_digest(_digest(hash_id, bytes(8) + digest + bytes(data[room + 1 :])), hashed)


def check_digest(digest: bytes, hash_id: str) -> None:
    """Raise InvalidParameterError if a digest does not have the length of its hash.

    Raise NotSupportedError for an unknown hash.
    """
    size = digest_size(hash_id)
    if len(digest) != size:
        raise InvalidParameterError(f"a {hash_id} hash must have {size} bytes, not {len(digest)}")


# --- keys ------------------------------------------------------------------------------------------------------

SMALLEST_TRIAL = 496
"""Bits of the shortest private key that can make a PKCS #1 v1.5 signature over SHA-256: 62 bytes."""


def check_trial(key: RsaKey, request: KeyRequest) -> None:
    """Raise InvalidParameterError if a private key is too short for the trial signature of its import.

    Windows 11 24H2 imports a private key only if it makes a PKCS #1 v1.5 signature over SHA-256. Older versions, and
    ``BCRYPT_NO_KEY_VALIDATION``, import shorter keys too (contract: rule-import-rsa-trial).
    """
    if key.bits >= SMALLEST_TRIAL or not key.is_private or request.flags == BCRYPT_NO_KEY_VALIDATION:
        return
    if windows.release(request.windows) >= windows.release("11-24h2"):
        raise InvalidParameterError(
            f"Windows {request.windows} imports RSA private keys of {SMALLEST_TRIAL} bits or more, not {key.bits}; "
            "pass BCRYPT_NO_KEY_VALIDATION or choose an older version with CNGCORE_WINDOWS"
        )


# --- signatures as numbers -------------------------------------------------------------------------------------


def check_signature(signature: bytes, n: int) -> None:
    """Raise InvalidParameterError unless a signature is a number of the modulus ``n``.

    It has as many bytes as the modulus, and its value is below the modulus (contract: rule-verify-rsa-length,
    rule-verify-rsa-range). Call it after the digest and the padding were checked, and before the block is opened.

    >>> check_signature(b"\x00\x05", 0xFFF1)
    """
    size = (n.bit_length() + 7) // 8
    if len(signature) != size:
        raise InvalidParameterError(f"a signature under this key has {size} bytes, not {len(signature)}")
    if int.from_bytes(signature, "big") >= n:
        raise InvalidParameterError("the value of the signature must be below the modulus of the key")


# --- the operations on a block (section 5), for a back end that lacks them -----------------------------


def public_operation(key: RsaKey, block: bytes) -> bytes:
    """Return ``m^e mod n`` (RSAEP), with as many bytes as the modulus.

    Raise InvalidParameterError if the block has another length, or if its value is not below the modulus.
    """
    return pow(_number(key, block), key.e, key.n).to_bytes((key.bits + 7) // 8, "big")


def private_operation(key: RsaKey, block: bytes) -> bytes:
    """Return ``c^d mod n`` (RSADP), by the Chinese remainder theorem, with as many bytes as the modulus.

    The block is blinded with a new random factor, because the time of the operation depends on the block. The result is
    checked with the public exponent, because a result that is wrong modulo one prime reveals the other. Raise
    InvalidParameterError as :func:`public_operation` does, and if the private half does not belong to the public half.
    """
    number = _number(key, block)
    while gcd(factor := randbelow(key.n - 2) + 2, key.n) != 1:
        pass
    blinded = number * pow(factor, key.e, key.n) % key.n
    m1, m2 = pow(blinded, key.dp, key.p), pow(blinded, key.dq, key.q)
    result = m2 + (m1 - m2) * key.qinv % key.p * key.q
    if pow(result, key.e, key.n) != blinded:
        raise InvalidParameterError("the private half of the RSA key does not belong to the public half")
    return (result * pow(factor, -1, key.n) % key.n).to_bytes((key.bits + 7) // 8, "big")


def _number(key: RsaKey, block: bytes) -> int:
    size = (key.bits + 7) // 8
    number = int.from_bytes(block, "big")
    if len(block) != size or number >= key.n:
        raise not_a_block(size)
    return number
