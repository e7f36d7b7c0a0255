"""Compare symmetric keys with the bare calls of ``cryptography`` and ``hashlib``.

The bare side has its own cipher object ready, as an application would. Each encryption of AES-GCM takes a new nonce: a
counter, of which each side has its own.
"""

import hashlib
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, GCM

import cngcore
from benchmarks.bounds import Bound, bound_of
from benchmarks.harness import Call, Figure, overhead, ratio
from cngcore import bcrypt

SECRET, AAD, NONCE, IV = bytes(range(32)), b"header", bytes(12), bytes(16)
SMALL, MIDDLE, LARGE = 64, 16 << 10, 1 << 20
IN_US = Bound(2, "issue 15: 64-byte messages")
THREE_PER_CENT = Bound(1.03, "issue 15: 16 KiB, chained GCM")
ONE_PER_CENT = Bound(1.01, "issue 15: PBKDF2")


class Counter:
    """Nonces that go up by one."""

    def __init__(self) -> None:
        self.number = 0

    def next(self) -> bytes:
        self.number += 1
        return self.number.to_bytes(12, "big")


def pairs(size: int) -> Iterator[tuple[str, Call, Call]]:
    """Yield a name, our call and the bare call for messages of a size."""
    data, bare, nonces, others = bytes(size), AESGCM(SECRET), Counter(), Counter()
    sealed = bare.encrypt(NONCE, data, AAD)
    ciphertext, tag = sealed[:-16], sealed[-16:]
    gcm = cngcore.generate_symmetric_key("AES", SECRET, mode="GCM")
    yield (
        "AES-GCM: encrypt",
        lambda: gcm.encrypt_authenticated(data, nonces.next(), associated_data=AAD),
        lambda: bare.encrypt(others.next(), data, AAD),
    )
    yield (
        "AES-GCM: decrypt",
        lambda: gcm.decrypt_authenticated(ciphertext, NONCE, tag, associated_data=AAD),
        lambda: bare.decrypt(NONCE, sealed, AAD),
    )
    cbc, algorithm = cngcore.generate_symmetric_key("AES", SECRET), AES(SECRET)

    def bare_encrypt() -> bytes:
        context = Cipher(algorithm, CBC(IV)).encryptor()
        return context.update(data) + context.finalize()

    def bare_decrypt() -> bytes:
        context = Cipher(algorithm, CBC(IV)).decryptor()
        return context.update(data) + context.finalize()

    yield "AES-CBC: encrypt", lambda: cbc.encrypt(data, IV), bare_encrypt
    yield "AES-CBC: decrypt", lambda: cbc.decrypt(data, IV), bare_decrypt


def flat_pairs(size: int) -> Iterator[tuple[str, Call, Call]]:
    """Yield the same through the flat API, into a buffer of the caller."""
    data, output, tag, iv = bytes(size), bytearray(size), bytearray(16), bytearray(16)
    bare, algorithm = AESGCM(SECRET), AES(SECRET)
    _, gcm = bcrypt.BCryptGenerateSymmetricKey(bcrypt.BCRYPT_AES_GCM_ALG_HANDLE, SECRET)
    info = bcrypt.BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=NONCE, pbAuthData=AAD, pbTag=tag)
    yield (
        "AES-GCM, flat: encrypt",
        lambda: bcrypt.BCryptEncrypt(gcm, data, info, None, output),
        lambda: bare.encrypt(NONCE, data, AAD),
    )
    _, cbc = bcrypt.BCryptGenerateSymmetricKey(bcrypt.BCRYPT_AES_CBC_ALG_HANDLE, SECRET)

    def bare_encrypt() -> bytes:
        context = Cipher(algorithm, CBC(IV)).encryptor()
        return context.update(data) + context.finalize()

    yield "AES-CBC, flat: encrypt", lambda: bcrypt.BCryptEncrypt(cbc, data, None, iv, output), bare_encrypt


def figures() -> Iterator[Figure]:
    for name, ours, theirs in (*pairs(SMALL), *flat_pairs(SMALL)):
        bound = None if "flat" in name else IN_US
        yield overhead("symmetric", f"{name} {SMALL} bytes", ours, theirs, bound=bound)
    for name, ours, theirs in (*pairs(MIDDLE), *flat_pairs(MIDDLE)):
        row = f"{name} 16 KiB"
        bound = None if "flat" in name else bound_of(row, THREE_PER_CENT)
        yield ratio("symmetric", row, ours, theirs, bound=bound, seconds=0.05)
    yield chained()
    yield ratio(
        "symmetric",
        "PBKDF2 SHA256, 100,000 iterations",
        lambda: cngcore.pbkdf2("SHA256", b"password", b"salt", 100_000, 32),
        lambda: hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 100_000, 32),
        bound=ONE_PER_CENT,
        seconds=0.2,
    )


def chained() -> Figure:
    """Return the figure of a stream of AES-GCM in pieces of 1 MiB."""
    piece, nonces, others = bytes(LARGE), Counter(), Counter()
    key, algorithm = cngcore.generate_symmetric_key("AES", SECRET, mode="GCM"), AES(SECRET)

    def ours() -> object:
        with key.authenticated_stream(nonces.next(), associated_data=AAD) as stream:
            for _ in range(4):
                stream.update(piece)
            return stream.finish()

    def theirs() -> object:
        context = Cipher(algorithm, GCM(others.next())).encryptor()
        context.authenticate_additional_data(AAD)
        for _ in range(4):
            context.update(piece)
        return context.finalize(), context.tag

    return ratio("symmetric", "AES-GCM: stream of 4 pieces of 1 MiB", ours, theirs, bound=THREE_PER_CENT, seconds=0.1)
