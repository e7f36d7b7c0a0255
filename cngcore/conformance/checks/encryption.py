"""Check encryption: decrypting returns the plaintext, and all failures are alike (contract: rule-encrypt,
rule-decrypt).
"""

from __future__ import annotations

from cngcore import constants as c
from cngcore.conformance import _samples as ways
from cngcore.conformance._check import Skip, bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._subject import Kind
from cngcore.padding import Oaep, Padding, Pkcs1, PqDsa, Pss
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_RULE = "contract: rule-encrypt, rule-decrypt"
_ENCRYPT = ["encrypt"]


@check(
    "encrypt-decrypt",
    "key",
    operations=_ENCRYPT,
    rule=_RULE,
    remedy="Decrypt exactly what encrypt returned; without padding the block keeps its full length.",
)
def encrypt_decrypt(kind: Kind) -> None:
    """What the public half encrypts, the private half decrypts, with every padding, in both APIs."""
    half, size = kind.public_only(), kind.key.size_of("encrypt")
    for way in ways.encrypting(kind):
        for key in (kind.key, half):
            ciphertext = granted(key.encrypt, way.data, way.padding, doing=f"encrypting {way}")
            same(len(ciphertext), size, f"encrypting {way}")
            plain = granted(kind.key.decrypt, ciphertext, way.padding, doing=f"decrypting {way}")
            same(bytes(plain), way.data, f"decrypting {way}")
        again = kind.key.encrypt(way.data, way.padding)
        demand(
            (again == ciphertext) is (way.padding is None), "a fresh padding each time", "the same", f"encrypting {way}"
        )
    with kind.flat_key() as (_, key_handle):
        for way in ways.encrypting(kind):
            info, flags = ways.flat_encryption(way.padding)
            ciphertext, plain = bytearray(size), bytearray(size)
            granted(
                bcrypt.BCryptEncrypt,
                key_handle,
                way.data,
                info,
                None,
                ciphertext,
                flags,
                doing=f"BCryptEncrypt of {way}",
            )
            exact = granted(
                bcrypt.BCryptDecrypt, key_handle, ciphertext, info, None, None, flags, doing="its size query"
            )
            same(exact, len(way.data), "the size query of BCryptDecrypt, which is the plaintext's own")
            granted(bcrypt.BCryptDecrypt, key_handle, ciphertext, info, None, plain, flags, doing="BCryptDecrypt")
            same(bytes(plain[:exact]), way.data, f"BCryptDecrypt of {way}")


@check(
    "decrypt-refuses",
    "key",
    operations=_ENCRYPT,
    rule=_RULE,
    remedy="Answer INVALID_PARAMETER for a ciphertext of another length and for every wrong padding, whatever the "
    "cause.",
)
def decrypt_refuses(kind: Kind) -> None:
    """A ciphertext that is changed, of another length, of another key or of another padding is INVALID_PARAMETER."""
    key, size = kind.key, kind.key.size_of("encrypt")
    for way in ways.encrypting(kind):
        ciphertext = key.encrypt(way.data, way.padding)
        for wrong in (ciphertext[:-1], ciphertext + b"\0", b"", b"\0", b"\xff" * size):
            refused(
                key.decrypt,
                wrong,
                way.padding,
                by=_INVALID,
                doing=f"decrypting {len(wrong)} bytes that are no ciphertext",
            )
        if isinstance(way.padding, Oaep):
            other = kind.another.encrypt(way.data, way.padding)
            status, _ = status_of(key.decrypt, other, way.padding)
            same(status.name, _INVALID.name, "decrypting what was encrypted for another key")
            changed = bytearray(ciphertext)
            changed[-1] ^= 1
            refused(key.decrypt, changed, way.padding, by=_INVALID, doing="decrypting a changed ciphertext")
    for foreign in (Pss("SHA256", 0), PqDsa(b"")):
        refused(key.encrypt, b"text", foreign, by=_INVALID, doing=f"encrypting with {type(foreign).__name__}")
        refused(key.decrypt, bytes(size), foreign, by=_INVALID, doing=f"decrypting with {type(foreign).__name__}")


@check(
    "encryption-bounds",
    "key",
    operations=_ENCRYPT,
    rule="contract: rule-encrypt; RFC 8017 section 7",
    remedy="Refuse with INVALID_PARAMETER a text too long for its padding, and without padding a text that is not a "
    "full block below the modulus.",
)
def encryption_bounds(kind: Kind) -> None:
    """The longest text for each padding is encrypted and a longer one refused; without padding it is a full block."""
    key, size, offered = kind.key, kind.key.size_of("encrypt"), ways.schemes(kind)
    longest: dict[Padding, int] = {}
    if offered & c.BCRYPT_SUPPORTED_PAD_PKCS1_ENC:
        longest[Pkcs1()] = size - 11
    if offered & c.BCRYPT_SUPPORTED_PAD_OAEP:
        known = (("SHA1", 20), ("SHA256", 32))
        longest |= {Oaep(name): size - 2 * n - 2 for name, n in known if size >= 2 * n + 2}
    for padding, most in longest.items():
        text = bytes(most)
        same(
            bytes(granted(key.decrypt, granted(key.encrypt, text, padding), padding)), text, f"encrypting {most} bytes"
        )
        refused(
            key.encrypt, bytes(most + 1), padding, by=_INVALID, doing=f"encrypting {most + 1} bytes with {padding!r}"
        )
    status, _ = status_of(key.encrypt, bytes(size - 1) + b"\2")
    if status == NTStatus.STATUS_NOT_SUPPORTED:
        return
    for text in (b"", b"text", bytes(size - 1), bytes(size + 1), b"\xff" * size):
        refused(key.encrypt, text, by=_INVALID, doing=f"encrypting {len(text)} bytes without padding")


@check(
    "oaep",
    "key",
    operations=_ENCRYPT,
    rule="contract: rule-encrypt; RFC 8017 section 7.1",
    remedy="Pass the label and the hash of the Oaep object to the back end, for encryption and decryption.",
)
def oaep(kind: Kind) -> None:
    """A ciphertext does not decrypt with another label or another hash."""
    size = kind.key.size_of("encrypt")
    if not ways.schemes(kind) & c.BCRYPT_SUPPORTED_PAD_OAEP or size < 46:
        raise Skip("it offers no OAEP, or has no room for it")
    key = kind.key
    ciphertext = granted(key.encrypt, b"text", Oaep("SHA1", b"label"))
    same(bytes(granted(key.decrypt, ciphertext, Oaep("SHA1", b"label"))), b"text", "decrypting with the label")
    for label in (b"", b"Label", b"label\0", bytes(300)):
        refused(key.decrypt, ciphertext, Oaep("SHA1", label), by=_INVALID, doing="decrypting with another label")
    refused(key.decrypt, ciphertext, Oaep("SHA256", b"label"), by=_INVALID, doing="decrypting with another hash")
    refused(key.encrypt, b"text", Oaep("AES"), by=NTStatus.STATUS_NOT_SUPPORTED, doing="encrypting with the hash AES")
