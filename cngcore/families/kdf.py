"""The six key-derivation functions of BCryptDeriveKey, as functions of the shared secret.

``z`` is the secret of the agreement: big-endian bytes, padded to the length of the field or of p; for X25519 the string
of RFC 7748 (contract: rule-derive-secret-bytes). Every function returns bytes of its natural length; the caller
truncates them to its buffer. Every argument may be any bytes-like object.

==================  =====================================  =======================================
KDF of the header   function                               natural length in bytes
==================  =====================================  =======================================
HASH                kdf_hash                               one digest
HMAC                kdf_hmac                               one digest
TLS_PRF             tls_prf                                48
SP800_56A_CONCAT    sp800_56a_concat                       one digest by default
TRUNCATE            truncate                               as long as z
HKDF                hkdf_extract, then hkdf_expand         none: the caller chooses
==================  =====================================  =======================================

Sources: contract: rule-derive, rule-python-kdf; RFC 2246 and RFC 5246 section 5 (TLS), NIST SP
800-56A section 5.8.1 of 2007, which is the one-step function of SP 800-56C (concatenation), RFC 5869
(HKDF), RFC 2104 (HMAC). A hash is named by its CNG identifier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants
from cngcore._nearest import has_no
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    import hashlib
    from collections.abc import Callable

    from _typeshed import ReadableBuffer

__all__ = [
    "capi_expand",
    "hkdf_expand",
    "hkdf_extract",
    "kdf_hash",
    "kdf_hmac",
    "knows",
    "new_hash",
    "pbkdf2",
    "pbkdf2_with",
    "prf_tls1_0",
    "prf_tls1_2",
    "sp800_56a_concat",
    "tls_prf",
    "truncate",
]


def kdf_hash(
    z: ReadableBuffer, hash_id: str = "SHA1", prepend: ReadableBuffer = b"", append: ReadableBuffer = b""
) -> bytes:
    """Return Hash(prepend || z || append). All functions here raise NotSupportedError for an unknown hash."""
    digest = new_hash(hash_id)
    for part in (prepend, z, append):
        digest.update(part)
    return digest.digest()


def kdf_hmac(
    z: ReadableBuffer,
    hash_id: str = "SHA1",
    key: ReadableBuffer | None = None,
    prepend: ReadableBuffer = b"",
    append: ReadableBuffer = b"",
) -> bytes:
    """Return HMAC(key, prepend || z || append); without a key, z is the key too (KDF_USE_SECRET_AS_HMAC_KEY_FLAG).

    contract: rule-derive-hmac.
    """
    return _hmac(z if key is None else key, hash_id, prepend, z, append)


def tls_prf(
    z: ReadableBuffer,
    label: ReadableBuffer | None,
    seed: ReadableBuffer | None,
    length: int = 48,
    protocol: int | None = None,
    hash_id: str | None = None,
) -> bytes:
    """Return ``length`` bytes of the PRF of TLS over z, label and seed.

    ``protocol`` is a ``TLS1_*_PROTOCOL_VERSION``. None, 1.0, 1.1 and DTLS 1.0 mean the PRF of RFC 2246, whose hashes
    are fixed, so ``hash_id`` is ignored. 1.2 means the PRF of RFC 5246 with ``hash_id``, by default SHA256.

    Raises InvalidParameterError without a label or without a seed of 64 bytes (both random numbers of the handshake),
    and NotSupportedError for another protocol.
    """
    if label is None or not memoryview(label).nbytes:
        raise InvalidParameterError("TLS_PRF needs a label (KDF_TLS_PRF_LABEL)")
    if seed is None or memoryview(seed).nbytes != 64:
        raise InvalidParameterError("TLS_PRF needs a seed of exactly 64 bytes (KDF_TLS_PRF_SEED)")
    if protocol is None or protocol in _TLS1_0_AND_1_1:
        return prf_tls1_0(z, label, seed, length)
    if protocol == constants.TLS1_2_PROTOCOL_VERSION:
        return prf_tls1_2(z, label, seed, length, "SHA256" if hash_id is None else hash_id)
    raise NotSupportedError(f"TLS_PRF has no protocol 0x{protocol:04X}; use TLS 1.0, 1.1, 1.2 or DTLS 1.0")


def prf_tls1_0(z: ReadableBuffer, label: ReadableBuffer, seed: ReadableBuffer, length: int) -> bytes:
    """Return P_MD5 over the first half of z, xor P_SHA1 over the second; the halves of an odd z share the middle byte.

    RFC 2246 section 5. Label and seed may have any length.
    """
    _check_length(length)
    secret = bytes(z)
    half = (len(secret) + 1) // 2
    one = _p_hash(secret[:half], "MD5", (label, seed), length)
    two = _p_hash(secret[len(secret) - half :], "SHA1", (label, seed), length)
    return bytes(left ^ right for left, right in zip(one, two, strict=True))


def prf_tls1_2(
    z: ReadableBuffer, label: ReadableBuffer, seed: ReadableBuffer, length: int, hash_id: str = "SHA256"
) -> bytes:
    """Return P_hash over z. RFC 5246 section 5. Label and seed may have any length."""
    _check_length(length)
    return _p_hash(z, hash_id, (label, seed), length)


def sp800_56a_concat(
    z: ReadableBuffer,
    hash_id: str,
    algorithm_id: ReadableBuffer | None,
    party_u: ReadableBuffer | None,
    party_v: ReadableBuffer | None,
    supp_public: ReadableBuffer = b"",
    supp_private: ReadableBuffer = b"",
    length: int | None = None,
) -> bytes:
    """Return the first ``length`` bytes of Hash(1 || z || info) || Hash(2 || z || info) ...; None means one digest.

    The counter is a big-endian DWORD; info is algorithm_id || party_u || party_v || supp_public || supp_private,
    without lengths. Raises InvalidParameterError if one of the first three is None; an empty one is legal.
    """
    if algorithm_id is None or party_u is None or party_v is None:
        raise InvalidParameterError("SP800_56A_CONCAT needs AlgorithmID, PartyUInfo and PartyVInfo")
    size = new_hash(hash_id).digest_size
    if length is None:
        length = size
    _check_length(length)
    blocks = -(-length // size)
    if blocks > 0xFFFFFFFF:
        raise InvalidParameterError(f"SP800_56A_CONCAT gives at most {0xFFFFFFFF * size} bytes with {hash_id}")
    derived = bytearray()
    for counter in range(1, blocks + 1):
        digest = new_hash(hash_id, counter.to_bytes(4, "big"))
        for part in (z, algorithm_id, party_u, party_v, supp_public, supp_private):
            digest.update(part)
        derived += digest.digest()
    return bytes(derived[:length])


def truncate(z: ReadableBuffer) -> bytes:
    """Return the whole secret with its bytes reversed, as CNG does (BCRYPT_KDF_RAW_SECRET)."""
    return bytes(z)[::-1]


def hkdf_extract(z: ReadableBuffer, hash_id: str, salt: ReadableBuffer | None = None) -> bytes:
    """Return the pseudo-random key HMAC(salt, z); no salt means as many zero bytes as a digest has."""
    return _hmac(b"" if salt is None else salt, hash_id, z)


def hkdf_expand(prk: ReadableBuffer, hash_id: str, info: ReadableBuffer = b"", length: int = 0) -> bytes:
    """Return ``length`` bytes derived from the pseudo-random key ``prk``.

    Raises InvalidParameterError for more than 255 digests, the limit of RFC 5869 section 2.3.
    """
    _check_length(length)
    size = new_hash(hash_id).digest_size
    if length > 255 * size:
        raise InvalidParameterError(f"HKDF gives at most {255 * size} bytes with {hash_id}, not {length}")
    derived = bytearray()
    block = b""
    for counter in range(1, -(-length // size) + 1):
        block = _hmac(prk, hash_id, block, info, bytes((counter,)))
        derived += block
    return bytes(derived[:length])


def pbkdf2(hash_id: str, password: ReadableBuffer, salt: ReadableBuffer, iterations: int, length: int) -> bytes:
    """Return ``length`` bytes of PBKDF2 with HMAC (RFC 8018 section 5.2).

    Raise InvalidParameterError for more than 2**31 - 1 iterations, which the library does not take.
    """
    import hashlib

    name = new_hash(hash_id).name
    if iterations >= 1 << 31:
        raise InvalidParameterError(f"PBKDF2 takes at most {(1 << 31) - 1} iterations here")
    return hashlib.pbkdf2_hmac(name, password, salt, iterations, length)


def pbkdf2_with(prf: Callable[[bytes], bytes], size: int, salt: bytes, iterations: int, length: int) -> bytes:
    """Return ``length`` bytes of PBKDF2 (RFC 8018 section 5.2) with a function of ``size`` bytes for HMAC."""
    derived = bytearray()
    for index in range(1, -(-length // size) + 1):
        block = prf(salt + index.to_bytes(4, "big"))
        total = int.from_bytes(block, "big")
        for _ in range(iterations - 1):
            block = prf(block)
            total ^= int.from_bytes(block, "big")
        derived += total.to_bytes(size, "big")
    return bytes(derived[:length])


def capi_expand(hash_id: str, digest: bytes) -> bytes:
    """Return H(ipad xor digest) || H(opad xor digest), the expansion of CryptoAPI's CryptDeriveKey.

    contract: rule-derive-capi.
    """
    expanded = b""
    for filler in (0x36, 0x5C):
        block = bytearray((filler,)) * 64
        for index, octet in enumerate(digest):
            block[index] ^= octet
        expanded += new_hash(hash_id, block).digest()
    return expanded


def new_hash(hash_id: str, data: ReadableBuffer = b"") -> hashlib._Hash:
    """Return a hashlib object for a CNG identifier: MD5, SHA1, SHA256, SHA384, SHA512, SHA3-256, SHA3-384, SHA3-512.

    Raises NotSupportedError for every other string (contract: rule-derive: "INVALID", "RNG"), and
    InvalidParameterError for what is no string. Marked as not for security, so that a system under FIPS rules
    still offers MD5 to the PRF of TLS 1.0.
    """
    import hashlib

    if not isinstance(hash_id, str):
        raise InvalidParameterError("the hash must be a string, such as 'SHA256'")
    name = HASHES.get(hash_id)
    if name is None:
        raise NotSupportedError(has_no("key derivation", "hash", hash_id, HASHES))
    return hashlib.new(name, data, usedforsecurity=False)


def knows(hash_id: str) -> bool:
    """Return whether :func:`new_hash` knows this identifier."""
    return hash_id in HASHES


HASHES = {
    constants.BCRYPT_MD5_ALGORITHM: "md5",
    constants.BCRYPT_SHA1_ALGORITHM: "sha1",
    constants.BCRYPT_SHA256_ALGORITHM: "sha256",
    constants.BCRYPT_SHA384_ALGORITHM: "sha384",
    constants.BCRYPT_SHA512_ALGORITHM: "sha512",
    constants.BCRYPT_SHA3_256_ALGORITHM: "sha3_256",
    constants.BCRYPT_SHA3_384_ALGORITHM: "sha3_384",
    constants.BCRYPT_SHA3_512_ALGORITHM: "sha3_512",
}
_TLS1_0_AND_1_1 = (
    constants.TLS1_0_PROTOCOL_VERSION,
    constants.TLS1_1_PROTOCOL_VERSION,
    constants.DTLS1_0_PROTOCOL_VERSION,
)


def _hmac(key: ReadableBuffer, hash_id: str, *parts: ReadableBuffer) -> bytes:
    """Return HMAC over the joined parts. :func:`new_hash` makes the hash, so MD5 works under FIPS rules too."""
    import hmac

    def digest(data: ReadableBuffer = b"") -> hashlib._Hash:
        return new_hash(hash_id, data)

    mac = hmac.new(bytes(key), digestmod=digest)
    for part in parts:
        mac.update(part)
    return mac.digest()


def _p_hash(secret: ReadableBuffer, hash_id: str, seed: tuple[ReadableBuffer, ...], length: int) -> bytes:
    """Return the expansion of RFC 5246 section 5: HMAC(secret, A(1) || seed) || HMAC(secret, A(2) || seed) ..."""
    derived = bytearray()
    chain = _hmac(secret, hash_id, *seed)
    while len(derived) < length:
        derived += _hmac(secret, hash_id, chain, *seed)
        chain = _hmac(secret, hash_id, chain)
    return bytes(derived[:length])


def _check_length(length: int) -> None:
    if length < 0:
        raise InvalidParameterError(f"the length of a derived key must not be negative: {length}")
