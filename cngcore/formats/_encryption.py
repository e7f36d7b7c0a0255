"""Encrypt and decrypt PKCS#8 with a passphrase: EncryptedPrivateKeyInfo (RFC 8018 section 6.2, PBES2).

The envelope is read and written here, so that every family can be encrypted and the key inside keeps its bytes.
``hashlib`` derives the key (PBKDF2, scrypt), ``cryptography`` has the cipher. Written are PBKDF2 with HMAC-SHA256 and
:data:`ITERATIONS` iterations, and AES-256 in CBC mode. Read are scrypt and PBKDF2 with the hashes below, and AES in CBC
mode. Other encryptions go to the loader that the caller passes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from secrets import token_bytes

from cngcore.formats import _der as der
from cngcore.formats._library import needs, wrong_passphrase
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

__all__ = ["ITERATIONS", "decrypt", "encrypt"]

Loader = Callable[[bytes, bytes], bytearray]
"""Return the PrivateKeyInfo in an EncryptedPrivateKeyInfo, given its passphrase."""

ITERATIONS = 600_000
"""Iterations of PBKDF2 in new files."""

MOST_ITERATIONS = 20_000_000
MOST_MEMORY = 1 << 28
MOST_WORK = 1 << 24

_PBES2 = "1.2.840.113549.1.5.13"
_PBKDF2 = "1.2.840.113549.1.5.12"
_SCRYPT = "1.3.6.1.4.1.11591.4.11"
_HMAC = {
    "1.2.840.113549.2.7": "sha1",
    "1.2.840.113549.2.8": "sha224",
    "1.2.840.113549.2.9": "sha256",
    "1.2.840.113549.2.10": "sha384",
    "1.2.840.113549.2.11": "sha512",
}
_HMAC_SHA256 = "1.2.840.113549.2.9"
_AES_CBC = {
    "2.16.840.1.101.3.4.1.2": 16,
    "2.16.840.1.101.3.4.1.22": 24,
    "2.16.840.1.101.3.4.1.42": 32,
}
_AES256_CBC = "2.16.840.1.101.3.4.1.42"
_BLOCK = 16


def encrypt(plain: bytes | bytearray, passphrase: bytes) -> bytearray:
    """Return ``plain``, a PrivateKeyInfo, encrypted with ``passphrase``."""
    if not passphrase:
        raise InvalidParameterError(
            "an empty passphrase protects nothing; leave it out to write the key without encryption"
        )
    salt, iv = token_bytes(16), token_bytes(_BLOCK)
    key = hashlib.pbkdf2_hmac("sha256", passphrase, salt, ITERATIONS, 32)
    fill = _BLOCK - len(plain) % _BLOCK
    hidden = _cipher(key, iv, bytes(plain) + bytes([fill]) * fill, encrypting=True)
    kdf = der.sequence(der.octets(salt), der.integer(ITERATIONS), der.sequence(der.oid(_HMAC_SHA256), der.null()))
    scheme = der.sequence(der.sequence(der.oid(_PBKDF2), kdf), der.sequence(der.oid(_AES256_CBC), der.octets(iv)))
    return der.sequence(der.sequence(der.oid(_PBES2), scheme), der.octets(hidden))


def decrypt(content: bytes | bytearray, passphrase: bytes, load_other: Loader) -> bytearray:
    """Return the PrivateKeyInfo in an EncryptedPrivateKeyInfo. ``load_other`` reads encryptions other than PBES2 with
    AES.

    Raise InvalidParameterError for a wrong passphrase, BadDataError for a malformed envelope and for parameters that
    would take too long or too much memory, NotSupportedError for another cipher.
    """
    outer = der.Reader(content, "encrypted PKCS#8")
    info = outer.sequence()
    outer.end()
    algorithm = info.sequence()
    scheme = algorithm.oid("the encryption")
    if scheme != _PBES2:
        return load_other(bytes(content), passphrase)
    parameters = algorithm.sequence()
    hidden = info.octets("the encrypted key")
    info.end()
    kdf, cipher = parameters.sequence(), parameters.sequence()
    parameters.end()
    oid = cipher.oid("the cipher")
    if oid not in _AES_CBC:
        return load_other(bytes(content), passphrase)
    iv = cipher.octets("the initial vector")
    if len(iv) != _BLOCK or not hidden or len(hidden) % _BLOCK:
        raise BadDataError("encrypted PKCS#8: the initial vector or the encrypted key does not consist of whole blocks")
    plain = bytearray(_cipher(_derive(kdf, passphrase, _AES_CBC[oid]), iv, hidden, encrypting=False))
    fill = plain[-1]
    if not 0 < fill <= _BLOCK or any(octet != fill for octet in plain[-fill:]) or plain[0] != der.SEQUENCE:
        raise wrong_passphrase()
    del plain[-fill:]
    return plain


def _derive(kdf: der.Reader, passphrase: bytes, length: int) -> bytes:
    oid = kdf.oid("the key derivation")
    given = kdf.sequence()
    salt = given.octets("the salt") if oid in (_PBKDF2, _SCRYPT) else b""
    if oid == _PBKDF2:
        rounds = given.integer("the iterations")
        if given.peek() == der.INTEGER:
            given.integer("the key length")
        name = "sha1"
        if given.peek() == der.SEQUENCE:
            prf = given.sequence().oid("the pseudo-random function")
            if prf not in _HMAC:
                raise NotSupportedError(
                    f"encrypted PKCS#8: PBKDF2 with {prf} is not supported; HMAC with SHA-1 and SHA-2 is"
                )
            name = _HMAC[prf]
        if not 0 < rounds <= MOST_ITERATIONS:
            raise BadDataError(
                f"encrypted PKCS#8: {rounds} iterations are out of range; 1 to {MOST_ITERATIONS} are allowed"
            )
        return hashlib.pbkdf2_hmac(name, passphrase, salt, rounds, length)
    if oid == _SCRYPT:
        n, r, p = (given.integer(what) for what in ("the cost", "the block size", "the parallelization"))
        if n < 2 or n & (n - 1) or not r or not p or 128 * n * r > MOST_MEMORY or n * r * p > MOST_WORK:
            raise BadDataError(f"encrypted PKCS#8: scrypt with N={n}, r={r}, p={p} is out of range")
        return hashlib.scrypt(passphrase, salt=salt, n=n, r=r, p=p, maxmem=MOST_MEMORY + (1 << 22), dklen=length)
    raise NotSupportedError(f"encrypted PKCS#8: the key derivation {oid} is not supported; PBKDF2 and scrypt are")


def _cipher(key: bytes, iv: bytes, data: bytes, *, encrypting: bool) -> bytes:
    with needs("a passphrase"):
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    context = cipher.encryptor() if encrypting else cipher.decryptor()
    return context.update(data) + context.finalize()
