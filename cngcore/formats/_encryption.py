"""Encrypt and decrypt private keys with a passphrase: PKCS#8, PKCS#12 and the PEM of old OpenSSL.

======================  ==================================================================  ===============
scheme                  what is read                                                        source
======================  ==================================================================  ===============
PBES2                   PBKDF2 (HMAC of SHA-1, SHA-2, SHA-3, MD5, SM3) and scrypt; AES,     RFC 8018
                        Camellia, SM4, Triple DES, DES, RC2, Blowfish, CAST5, SEED and
                        IDEA in CBC mode
PBES1                   MD5 and SHA-1 with DES and RC2                                      RFC 8018
PKCS#12                 SHA-1 with Triple DES, RC2 and RC4                                  RFC 7292
DEK-Info                MD5, one round, with the ciphers above                              OpenSSL
======================  ==================================================================  ===============

The parameters of a key derivation are read, and its work is charged, before it begins. ``hashlib`` derives the keys,
``cryptography`` has the ciphers. Only PBES2 is written: PBKDF2 with HMAC-SHA256 and :data:`ITERATIONS` iterations, and
AES-256 in CBC mode.

A cipher or a hash that cannot be read raises NotSupportedError with its name. The passphrase is called wrong only if
the decrypted bytes are not a padded DER structure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

from cngcore.families.rc2 import Rc2
from cngcore.formats import _der as der
from cngcore.formats._library import needs, wrong_passphrase
from cngcore.formats._work import can_spend, charge_derivation
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

_LONGEST_RC2 = 1 << 17
"""Bytes of the longest text in RC2: it is Python, and slow."""

__all__ = [
    "HASHES",
    "HMAC",
    "ITERATIONS",
    "bmp",
    "decrypt",
    "decrypt_legacy",
    "digest_size",
    "encrypt",
    "open_scheme",
    "passphrase_bytes",
    "pbkdf2",
    "pkcs12_kdf",
    "triple_des",
]

ITERATIONS = 600_000
"""Iterations of PBKDF2 in new files."""

MOST_MEMORY = 1 << 28
MOST_WORK = 1 << 23

_PBES2 = "1.2.840.113549.1.5.13"
_PBKDF2 = "1.2.840.113549.1.5.12"
_SCRYPT = "1.3.6.1.4.1.11591.4.11"
_HMAC_SHA256 = "1.2.840.113549.2.9"
HMAC = {
    "1.2.840.113549.2.6": "md5",
    "1.2.840.113549.2.7": "sha1",
    "1.2.840.113549.2.8": "sha224",
    _HMAC_SHA256: "sha256",
    "1.2.840.113549.2.10": "sha384",
    "1.2.840.113549.2.11": "sha512",
    "1.2.840.113549.2.12": "sha512_224",
    "1.2.840.113549.2.13": "sha512_256",
    "2.16.840.1.101.3.4.2.13": "sha3_224",
    "2.16.840.1.101.3.4.2.14": "sha3_256",
    "2.16.840.1.101.3.4.2.15": "sha3_384",
    "2.16.840.1.101.3.4.2.16": "sha3_512",
    "1.2.156.10197.1.401.3.1": "sm3",
    "1.2.156.10197.1.401.2": "sm3",
}
"""The name in hashlib of the hash of each HMAC, by object identifier."""

HASHES = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.5": "sha512_224",
    "2.16.840.1.101.3.4.2.6": "sha512_256",
    "2.16.840.1.101.3.4.2.7": "sha3_224",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
    "1.2.156.10197.1.401": "sm3",
}
"""The name in hashlib of each hash, by object identifier."""

_BLOCK_BYTES = {"sha384": 128, "sha512": 128, "sha512_224": 128, "sha512_256": 128,
                "sha3_224": 144, "sha3_256": 136, "sha3_384": 104, "sha3_512": 72}  # fmt: skip
_WEIGHT = {"md5": 1, "sha1": 1, "sha224": 1, "sha256": 1, "sha384": 2, "sha512": 2, "sha512_224": 2, "sha512_256": 2}
"""Work of one iteration, where SHA-256 is 1; 3 for the others."""


@dataclass(frozen=True, slots=True)
class _Cipher:
    """A cipher: its name for people, its class in ``cryptography``, the bytes of its key and of its block."""

    name: str
    kind: str
    key: int
    block: int = 16


_AES = {bits: _Cipher(f"AES-{bits} in CBC mode", "AES", bits // 8) for bits in (128, 192, 256)}
_CAMELLIA = {bits: _Cipher(f"Camellia-{bits} in CBC mode", "Camellia", bits // 8) for bits in (128, 192, 256)}
_DES = _Cipher("DES in CBC mode", "TripleDES", 8, 8)
_TWO_KEYS = _Cipher("Triple DES of two keys in CBC mode", "TripleDES", 16, 8)
_TRIPLE_DES = _Cipher("Triple DES in CBC mode", "TripleDES", 24, 8)
_RC2 = {bits: _Cipher(f"RC2 of {bits} bits in CBC mode", "RC2", bits // 8, 8) for bits in (40, 64, 128)}
_RC4 = {bits: _Cipher(f"RC4 of {bits} bits", "ARC4", bits // 8, 1) for bits in (40, 128)}
_BLOWFISH = _Cipher("Blowfish in CBC mode", "Blowfish", 16, 8)
_CAST5 = _Cipher("CAST5 in CBC mode", "CAST5", 16, 8)
_SEED, _IDEA = _Cipher("SEED in CBC mode", "SEED", 16), _Cipher("IDEA in CBC mode", "IDEA", 16, 8)
_SM4 = _Cipher("SM4 in CBC mode", "SM4", 16)

_AES256_CBC = "2.16.840.1.101.3.4.1.42"
_CIPHERS = {
    "2.16.840.1.101.3.4.1.2": _AES[128],
    "2.16.840.1.101.3.4.1.22": _AES[192],
    _AES256_CBC: _AES[256],
    "1.2.392.200011.61.1.1.1.2": _CAMELLIA[128],
    "1.2.392.200011.61.1.1.1.3": _CAMELLIA[192],
    "1.2.392.200011.61.1.1.1.4": _CAMELLIA[256],
    "1.2.840.113549.3.7": _TRIPLE_DES,
    "1.3.14.3.2.7": _DES,
    "1.3.6.1.4.1.3029.1.2": _BLOWFISH,
    "1.2.410.200004.1.4": _SEED,
    "1.3.6.1.4.1.188.7.1.1.2": _IDEA,
    "1.2.156.10197.1.104.2": _SM4,
}
"""The ciphers of PBES2 whose only parameter is the initial vector."""

_RC2_CBC, _CAST5_CBC = "1.2.840.113549.3.2", "1.2.840.113533.7.66.10"
_RC2_BITS = {160: 40, 120: 64, 58: 128}
_PBES1 = {
    "1.2.840.113549.1.5.1": ("MD2", _DES),
    "1.2.840.113549.1.5.3": ("md5", _DES),
    "1.2.840.113549.1.5.4": ("MD2", _RC2[64]),
    "1.2.840.113549.1.5.6": ("md5", _RC2[64]),
    "1.2.840.113549.1.5.10": ("sha1", _DES),
    "1.2.840.113549.1.5.11": ("sha1", _RC2[64]),
}
_PKCS12 = {
    "1.2.840.113549.1.12.1.1": _RC4[128],
    "1.2.840.113549.1.12.1.2": _RC4[40],
    "1.2.840.113549.1.12.1.3": _TRIPLE_DES,
    "1.2.840.113549.1.12.1.4": _TWO_KEYS,
    "1.2.840.113549.1.12.1.5": _RC2[128],
    "1.2.840.113549.1.12.1.6": _RC2[40],
}
_NAMES = {
    "1.2.410.200046.1.1.2": "ARIA-128 in CBC mode",
    "1.2.410.200046.1.1.7": "ARIA-192 in CBC mode",
    "1.2.410.200046.1.1.12": "ARIA-256 in CBC mode",
    **{
        f"2.16.840.1.101.3.4.1.{20 * place + number}": f"AES-{bits} in {mode} mode"
        for place, bits in enumerate((128, 192, 256))
        for number, mode in ((1, "ECB"), (3, "OFB"), (4, "CFB"), (6, "GCM"), (7, "CCM"))
    },
    "1.2.643.2.2.21": "GOST 28147-89",
    "1.2.643.2.2.10": "HMAC with GOST R 34.11-94",
    "1.2.643.7.1.1.4.1": "HMAC with Streebog-256",
    "1.2.643.7.1.1.4.2": "HMAC with Streebog-512",
    "1.3.6.1.4.1.11591.15.1": "Argon2d",
    "1.2.840.113549.1.9.16.3.18": "ChaCha20-Poly1305",
}
"""Names of what is known and cannot be read."""

_LEGACY = {
    **{f"AES-{bits}-CBC": cipher for bits, cipher in _AES.items()},
    **{f"CAMELLIA-{bits}-CBC": cipher for bits, cipher in _CAMELLIA.items()},
    "DES-CBC": _DES,
    "DES-EDE-CBC": _TWO_KEYS,
    "DES-EDE3-CBC": _TRIPLE_DES,
    "RC2-CBC": _RC2[128],
    "RC2-64-CBC": _RC2[64],
    "RC2-40-CBC": _RC2[40],
    "BF-CBC": _BLOWFISH,
    "CAST5-CBC": _CAST5,
    "SEED-CBC": _SEED,
    "IDEA-CBC": _IDEA,
    "SM4-CBC": _SM4,
}
_UNREAD = ("ARIA-128-CBC", "ARIA-192-CBC", "ARIA-256-CBC", "DES-OFB", "DES-CFB", "RC5-CBC", "DESX-CBC")


def encrypt(plain: bytes | bytearray, passphrase: bytes) -> bytearray:
    """Return ``plain``, a PrivateKeyInfo, encrypted with ``passphrase``."""
    if not passphrase:
        raise InvalidParameterError(
            "an empty passphrase protects nothing; leave it out to write the key without encryption"
        )
    cipher = _AES[256]
    salt, iv = token_bytes(16), token_bytes(cipher.block)
    key = hashlib.pbkdf2_hmac("sha256", passphrase, salt, ITERATIONS, cipher.key)
    fill = cipher.block - len(plain) % cipher.block
    hidden = _run(cipher, key, iv, bytes(plain) + bytes([fill]) * fill, encrypting=True)
    kdf = der.sequence(der.octets(salt), der.integer(ITERATIONS), der.sequence(der.oid(_HMAC_SHA256), der.null()))
    scheme = der.sequence(der.sequence(der.oid(_PBKDF2), kdf), der.sequence(der.oid(_AES256_CBC), der.octets(iv)))
    return der.sequence(der.sequence(der.oid(_PBES2), scheme), der.octets(hidden))


def decrypt(content: bytes | bytearray, passphrase: bytes, *, what: str = "encrypted PKCS#8") -> bytearray:
    """Return the PrivateKeyInfo in an EncryptedPrivateKeyInfo.

    Raise InvalidParameterError for a wrong passphrase, BadDataError for a malformed envelope and for parameters that
    would take too long or too much memory, NotSupportedError for another cipher or key derivation.
    """
    outer = der.Reader(content, what)
    info = outer.sequence()
    outer.end()
    algorithm = info.sequence()
    hidden = info.octets("the encrypted key")
    info.end()
    return open_scheme(algorithm, hidden, passphrase, what=what)


def open_scheme(
    algorithm: der.Reader, hidden: bytes, passphrase: bytes, *, what: str, known: bool = False
) -> bytearray:
    """Return the DER structure that was encrypted as an AlgorithmIdentifier says.

    ``known=True`` says that the passphrase is known to be right, so wrong padding is damage.
    """
    scheme = algorithm.oid("the encryption")
    if scheme == _PBES2:
        open_one = _pbes2(algorithm.sequence(), passphrase, what)
    elif scheme in _PBES1:
        open_one = _pbes1(scheme, algorithm.sequence(), passphrase, what)
    elif scheme in _PKCS12:
        open_one = _pkcs12(scheme, algorithm.sequence(), passphrase, what)
    else:
        raise _unknown(what, "the encryption", scheme)
    algorithm.end()
    return open_one(hidden, known)


def decrypt_legacy(content: bytes, cipher_name: str, iv: bytes, passphrase: bytes) -> bytearray:
    """Return the structure in a PEM block with the header DEK-Info, as old OpenSSL writes it."""
    cipher = _LEGACY.get(cipher_name.upper())
    if cipher is None:
        shown = cipher_name.upper() if cipher_name.upper() in _UNREAD else "of its DEK-Info"
        raise NotSupportedError(
            f"PEM: the cipher {shown} cannot be read; write the key again with: openssl pkcs8 -topk8"
        )
    if len(iv) != cipher.block:
        raise BadDataError(f"PEM: the initial vector of {cipher.name} has {cipher.block} bytes, not {len(iv)}")
    key = part = b""
    while len(key) < cipher.key:  # EVP_BytesToKey
        part = hashlib.md5(part + passphrase + iv[:8], usedforsecurity=False).digest()
        key += part
    return _opened(cipher, key[: cipher.key], iv, content, "PEM", False)


def bmp(passphrase: bytes) -> bytes:
    """Return a passphrase as PKCS#12 wants it: UTF-16, big-endian, with two zero bytes at the end."""
    try:
        text = passphrase.decode()
    except UnicodeDecodeError:
        text = passphrase.decode("latin-1")
    return text.encode("utf-16-be") + b"\0\0"


def pkcs12_kdf(name: str, purpose: int, passphrase: bytes, salt: bytes, rounds: int, size: int, what: str) -> bytes:
    """Return ``size`` bytes for a purpose: 1 is a key, 2 an initial vector, 3 the key of a MAC (RFC 7292 appendix B).

    ``passphrase`` is what :func:`bmp` returns.
    """
    block = _BLOCK_BYTES.get(name, 64)
    width = _hash(name, what).digest_size
    if not salt or len(salt) > 4096 or len(passphrase) > 8192:
        raise BadDataError(f"{what}: the salt or the passphrase of the key derivation is empty or too long")
    _check_rounds(rounds, 3 * _WEIGHT.get(name, 3) * -(-size // width), what)

    def filled(text: bytes) -> bytes:
        length = -(-len(text) // block) * block
        return (text * (length // len(text) + 1))[:length] if text else b""

    mixed = bytearray(filled(salt) + filled(passphrase))
    found = b""
    while True:
        part = hashlib.new(name, bytes([purpose]) * block + bytes(mixed), usedforsecurity=False).digest()
        for _ in range(rounds - 1):
            part = hashlib.new(name, part, usedforsecurity=False).digest() if name not in _FAST else _FAST[name](part)
        found += part
        if len(found) >= size:
            return found[:size]
        add = int.from_bytes((part * (block // len(part) + 1))[:block], "big") + 1
        for at in range(0, len(mixed), block):
            total = int.from_bytes(mixed[at : at + block], "big") + add
            mixed[at : at + block] = (total % (1 << 8 * block)).to_bytes(block, "big")


def _fast(function: Any) -> Callable[[bytes], bytes]:
    return lambda part: bytes(function(part, usedforsecurity=False).digest())


_FAST = {name: _fast(getattr(hashlib, name)) for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")}


def digest_size(name: str, what: str) -> int:
    """Return the bytes of a digest. Raise NotSupportedError if this Python lacks the hash."""
    return int(_hash(name, what).digest_size)


def pbkdf2(parameters: der.Reader, passphrase: bytes, length: int, what: str) -> bytes:
    """Return the key that PBKDF2-params describe; a ``length`` of 0 is for a MAC, whose key length the file gives."""
    salt = parameters.octets("the salt")
    rounds = parameters.integer("the iterations")
    if parameters.peek() == der.INTEGER:
        given = parameters.integer("the key length")
        if given != length and (length or not 0 < given <= 1024):
            raise BadDataError(f"{what}: the key length of PBKDF2 does not fit the cipher or the MAC")
        length = given
    if not length:
        raise BadDataError(f"{what}: the key length of PBKDF2 is missing")
    name = "sha1"
    if parameters.peek() == der.SEQUENCE:
        prf = parameters.sequence().oid("the pseudo-random function")
        if prf not in HMAC:
            raise _unknown(what, "PBKDF2 with", prf)
        name = HMAC[prf]
    parameters.end()
    width = _hash(name, what).digest_size
    _check_rounds(rounds, _WEIGHT.get(name, 3) * -(-length // width), what)
    try:
        return hashlib.pbkdf2_hmac(name, passphrase, salt, rounds, length)
    except (ValueError, OverflowError):
        raise NotSupportedError(f"{what}: this Python has no PBKDF2 with HMAC-{name.upper()}") from None


def _check_rounds(rounds: int, weight: int, what: str) -> None:
    if not rounds:
        raise BadDataError(f"{what}: the key derivation has 0 iterations")
    charge_derivation(rounds * weight, what)


def _hash(name: str, what: str) -> Any:
    try:
        return hashlib.new(name, usedforsecurity=False)
    except ValueError:
        raise NotSupportedError(f"{what}: this Python has no hash {name.upper()}") from None


_Open = Callable[[bytes, bool], bytearray]


def _pbes2(parameters: der.Reader, passphrase: bytes, what: str) -> _Open:
    kdf, given = parameters.sequence(), parameters.sequence()
    parameters.end()
    oid = given.oid("the cipher")
    if oid == _RC2_CBC:
        inside = given.sequence()
        version = inside.integer("the RC2 version")
        cipher = _RC2.get(_RC2_BITS.get(version, 0))
        if cipher is None:
            raise NotSupportedError(f"{what}: RC2 with this number of effective bits is not supported")
        iv = inside.octets("the initial vector")
    elif oid == _CAST5_CBC:
        inside = given.sequence()
        iv, cipher = inside.octets("the initial vector"), _CAST5
    elif oid in _CIPHERS:
        iv, cipher = given.octets("the initial vector"), _CIPHERS[oid]
    else:
        raise _unknown(what, "the cipher", oid)
    if len(iv) != cipher.block:
        raise BadDataError(f"{what}: the initial vector of {cipher.name} has {cipher.block} bytes, not {len(iv)}")
    key = _derive(kdf, passphrase, cipher.key, what)
    return lambda hidden, known: _opened(cipher, key, iv, hidden, what, known)


def _derive(kdf: der.Reader, passphrase: bytes, length: int, what: str) -> bytes:
    oid = kdf.oid("the key derivation")
    if oid == _PBKDF2:
        return pbkdf2(kdf.sequence(), passphrase, length, what)
    if oid == _SCRYPT:
        given = kdf.sequence()
        salt = given.octets("the salt")
        n, r, p = (given.integer(name) for name in ("the cost", "the block size", "the parallelization"))
        if n < 2 or n & (n - 1) or not r or not p or 128 * n * r > MOST_MEMORY or n * r * p > MOST_WORK:
            raise BadDataError(f"{what}: the cost of scrypt is out of range: at most 256 MiB and N*r*p = {MOST_WORK}")
        charge_derivation(n * r * p, what)
        return hashlib.scrypt(passphrase, salt=salt, n=n, r=r, p=p, maxmem=MOST_MEMORY + (1 << 22), dklen=length)
    raise _unknown(what, "the key derivation", oid)


def _salt_and_rounds(parameters: der.Reader) -> tuple[bytes, int]:
    salt, rounds = parameters.octets("the salt"), parameters.integer("the iterations")
    parameters.end()
    return salt, rounds


def _pbes1(scheme: str, parameters: der.Reader, passphrase: bytes, what: str) -> _Open:
    name, cipher = _PBES1[scheme]
    if name not in _FAST:
        raise NotSupportedError(f"{what}: PBES1 with {name} is not supported; write the key again with AES-256")
    salt, rounds = _salt_and_rounds(parameters)
    _check_rounds(rounds, 3, what)
    part = passphrase + salt
    for _ in range(rounds):
        part = _FAST[name](part)
    return lambda hidden, known: _opened(cipher, part[:8], part[8:16], hidden, what, known)


def _pkcs12(scheme: str, parameters: der.Reader, passphrase: bytes, what: str) -> _Open:
    cipher = _PKCS12[scheme]
    salt, rounds = _salt_and_rounds(parameters)
    wide = bmp(passphrase)

    def derive(secret: bytes) -> tuple[bytes, bytes]:
        key = pkcs12_kdf("sha1", 1, secret, salt, rounds, cipher.key, what)
        iv = pkcs12_kdf("sha1", 2, secret, salt, rounds, cipher.block, what) if cipher.block > 1 else b""
        return key, iv

    def open_one(hidden: bytes, known: bool) -> bytearray:
        try:
            return _opened(cipher, *derive(wide), hidden, what, known and bool(passphrase))
        except InvalidParameterError:
            if passphrase:
                raise
            return _opened(cipher, *derive(b""), hidden, what, known)  # some write no passphrase as no bytes at all

    return open_one


def _opened(cipher: _Cipher, key: bytes, iv: bytes, hidden: bytes, what: str, known: bool) -> bytearray:
    """Return what was encrypted, without its padding. It must be a DER structure."""
    if not hidden or len(hidden) % cipher.block:
        raise BadDataError(f"{what}: the encrypted content is not whole blocks of {cipher.block} bytes")
    plain = bytearray(_run(cipher, key, iv, hidden, encrypting=False))
    fill = plain[-1] if cipher.block > 1 else 0
    padded = cipher.block == 1 or (0 < fill <= min(cipher.block, len(plain)) and set(plain[-fill:]) == {fill})
    if not padded or not _is_structure(plain, len(plain) - fill):
        if known:
            raise BadDataError(f"{what}: the encrypted content is damaged")
        raise wrong_passphrase()
    del plain[len(plain) - fill :]
    return plain


def _is_structure(plain: bytearray, size: int) -> bool:
    """Return whether the first bytes are a SEQUENCE of a possible length. One of 2^16 wrong passphrases gives that."""
    if size < 2 or plain[0] != der.SEQUENCE:
        return False
    width = plain[1] & 0x7F if plain[1] & 0x80 else 0
    if width > 4 or 2 + width > size:
        return False
    if plain[1] == 0x80:
        return True  # BER in PKCS#12
    length = int.from_bytes(plain[2 : 2 + width], "big") if width else plain[1]
    end = 2 + width + length
    return end == size or (plain[2 + width : 4 + width] == b"\2\1" and end < size + 16)


def _run(cipher: _Cipher, key: bytes, iv: bytes, data: bytes, *, encrypting: bool) -> bytes:
    if cipher.kind == "RC2":
        return _rc2_cbc(key, iv, data)
    with needs("a passphrase"):
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    if cipher.kind == "TripleDES":
        key = {8: key * 3, 16: key + key[:8]}.get(len(key), key)
    mode = modes.CBC(iv) if cipher.block > 1 else None
    try:
        kind = algorithms.AES if cipher.kind == "AES" else _outdated(cipher.kind)
        run = Cipher(kind(key), mode)
        context = run.encryptor() if encrypting else run.decryptor()
        return bytes(context.update(data) + context.finalize())
    except (AttributeError, UnsupportedAlgorithm):
        raise NotSupportedError(f"the cipher {cipher.name} is not in this version of cryptography") from None


def _outdated(kind: str) -> Any:
    """Return a cipher's class from where ``cryptography`` keeps it without a warning."""
    from cryptography.hazmat.decrepit.ciphers import algorithms as old
    from cryptography.hazmat.primitives.ciphers import algorithms

    return getattr(old, kind) if hasattr(old, kind) else getattr(algorithms, kind)


def _unknown(what: str, part: str, oid: str) -> NotSupportedError:
    name = _NAMES.get(oid) or (f"{oid}" if len(oid) <= 40 else "of an unknown object identifier")
    return NotSupportedError(f"{what}: {part} {name} is not supported; write the key again with PBKDF2 and AES-256")


def triple_des(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Return a text of Triple DES in CBC mode, with its padding."""
    return _run(_TRIPLE_DES, key, iv, data, encrypting=False)


def passphrase_bytes(passphrase: object) -> bytes | None:
    """Return a passphrase as bytes. Raise InvalidParameterError if it is of another type, or text without UTF-8."""
    if isinstance(passphrase, str):
        try:
            return passphrase.encode()
        except UnicodeEncodeError:
            raise InvalidParameterError("the passphrase has characters that UTF-8 cannot hold") from None
    if passphrase is None or isinstance(passphrase, bytes | bytearray | memoryview):
        return None if passphrase is None else bytes(passphrase)
    raise InvalidParameterError(f"the passphrase must be bytes or str, not {type(passphrase).__name__}")


def _rc2_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Return the plain text of RC2 in CBC mode, with its padding, if that takes less than a second."""
    if len(data) > _LONGEST_RC2 or not can_spend(2 * len(data)):
        raise NotSupportedError(f"RC2 can be read up to {_LONGEST_RC2} bytes; write the file again with AES-256")
    plain = Rc2(key, 8 * len(key)).decrypt_blocks(data)
    before = (iv + data)[: len(data)]
    return bytes(one ^ other for one, other in zip(plain, before, strict=True))
