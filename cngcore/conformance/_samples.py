"""Find in which ways a key signs and encrypts, from its properties and blob types.

The kit tests what a key can do and ignores its name. PaddingSchemes lists the RSA paddings, ``signs`` says whether
messages or digests are signed, a DSA blob that a digest must be as long as q (half a signature).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from cngcore import constants as c
from cngcore.bcrypt import (
    BCRYPT_OAEP_PADDING_INFO,
    BCRYPT_PKCS1_PADDING_INFO,
    BCRYPT_PQDSA_PADDING_INFO,
    BCRYPT_PSS_PADDING_INFO,
)
from cngcore.blobs import rsa
from cngcore.conformance._check import Failure, Skip, status_of
from cngcore.conformance._subject import Kind
from cngcore.objects import KeyPair
from cngcore.padding import ExternalMu, Oaep, Padding, Pkcs1, PqDsa, Pss
from cngcore.provider import Algorithm
from cngcore.status import NTStatus

__all__ = [
    "Way", "bits_of", "encrypting", "flat_encryption", "flat_signature", "refusal", "room", "schemes", "signing",
    "wants_schemes",
]  # fmt: skip


@dataclass(frozen=True)
class Way:
    """Something to sign or encrypt, and the padding for it."""

    data: bytes
    padding: Padding | None

    def __str__(self) -> str:
        return f"{len(self.data)} bytes with {'no padding' if self.padding is None else repr(self.padding)}"


_TEXT = bytes(range(1, 256)) * 9
"""Text as long as the modulus of any RSA key that is made."""


def digest(name: str, message: bytes = b"cngcore") -> bytes:
    """Return a digest, by hashlib's name of the hash."""
    return hashlib.new(name, message, usedforsecurity=False).digest()


def schemes(kind: Kind) -> int:
    """Return the PaddingSchemes of a key, or 0. Raise Skip if they are required and missing: ``declaration`` fails
    then.
    """
    if wants_schemes(kind.algorithm) and c.BCRYPT_PADDING_SCHEMES not in kind.algorithm.properties:
        raise Skip("it has blobs of RSA and declares no PaddingSchemes: see the check declaration")
    value = kind.value(c.BCRYPT_PADDING_SCHEMES)
    return value if isinstance(value, int) else 0


def wants_schemes(algorithm: Algorithm) -> bool:
    """Return whether PaddingSchemes describes how the algorithm signs and encrypts."""
    return bool(algorithm.operations & {"sign", "encrypt"}) and any(
        name.startswith("RSA") for name in algorithm.blob_types
    )


def room(bits: int) -> int:
    """Return the bytes of a PSS encoding for a modulus of that length; it has one bit less (RFC 8017 section 8.1.1)."""
    return (bits - 1 + 7) // 8


def bits_of(key: KeyPair) -> int:
    """Return the bits of the modulus of an RSA key."""
    status, bits = status_of(key.get_property, c.BCRYPT_KEY_LENGTH)
    return bits if status == NTStatus.STATUS_SUCCESS and isinstance(bits, int) else 8 * key.size_of("sign")


def refusal(kind: Kind, key: KeyPair, signature: bytes) -> NTStatus | None:
    """Return the status for a signature that ``key`` did not make; None if the kit cannot tell which it is.

    A signature of another length is INVALID_PARAMETER, and INVALID_SIGNATURE if the algorithm signs messages or has
    parameter sets, as ML-DSA has. An RSA signature whose value is not below the modulus is INVALID_PARAMETER (contract:
    rule-verify). The kit cannot tell if the key does not export its modulus.
    """
    if not signature:
        return NTStatus.STATUS_INVALID_PARAMETER
    if len(signature) != key.size_of("sign"):
        whole = kind.algorithm.parameter_sets or kind.algorithm.signs == "message"
        return NTStatus.STATUS_INVALID_SIGNATURE if whole else NTStatus.STATUS_INVALID_PARAMETER
    if not wants_schemes(kind.algorithm) or not any(signature):
        return NTStatus.STATUS_INVALID_SIGNATURE
    if signature.count(0xFF) == len(signature):
        return NTStatus.STATUS_INVALID_PARAMETER
    status, blob = status_of(key.export, c.BCRYPT_RSAPUBLIC_BLOB)
    if status != NTStatus.STATUS_SUCCESS:
        return None
    below = int.from_bytes(signature, "big") < rsa.parse(c.BCRYPT_RSAPUBLIC_BLOB, blob).n
    return NTStatus.STATUS_INVALID_SIGNATURE if below else NTStatus.STATUS_INVALID_PARAMETER


def signing(kind: Kind) -> list[Way]:
    """Return the ways in which a key signs, the simplest first. Raise Failure if there is none."""
    if kind not in _signs:
        key = kind.key
        found = [way for way in _signing(kind, key) if _works(key, way)]
        if not found:
            raise Failure(
                "a signature in some way", "none of the ways that its declaration describes", "signing with a new key"
            )
        _signs[kind] = found
    return _signs[kind]


_signs: WeakKeyDictionary[Kind, list[Way]] = WeakKeyDictionary()
"""The ways in which kinds of key sign, once they were tried."""


def _works(key: KeyPair, way: Way) -> bool:
    """Return whether the key supports this way. The check that uses the way reports other errors, and sign-verify
    verifies what it signs.
    """
    status, _ = status_of(key.sign_hash, way.data, way.padding)
    return status != NTStatus.STATUS_NOT_SUPPORTED


def _signing(kind: Kind, key: KeyPair) -> list[Way]:
    offered = schemes(kind)
    if offered & (c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG | c.BCRYPT_SUPPORTED_PAD_PSS):
        return _rsa_ways(key.size_of("sign"), room(bits_of(key)), offered)
    types = kind.algorithm.blob_types
    if kind.algorithm.signs == "message":
        options = kind.algorithm.message_options
        ways = [Way(b"message", None), Way(b"", None)]
        if "context" in options:
            ways += [Way(b"message", PqDsa(b"context")), Way(b"message", PqDsa(bytes(255)))]
        if "prehash" in options:
            ways.append(Way(digest("sha512"), PqDsa(b"", "SHA512")))
        if "external-mu" in options:
            ways.append(Way(digest("sha3_512"), ExternalMu()))
        return ways
    if any("DSA" in name and not name.startswith("ECDSA") for name in types):
        return [Way(digest("sha512")[: key.size_of("sign") // 2], None)]
    return [Way(digest(name), None) for name in ("sha256", "sha1", "sha384", "sha512")]


def _rsa_ways(size: int, encoded: int, offered: int) -> list[Way]:
    ways = []
    sha1, sha256 = digest("sha1"), digest("sha256")
    if offered & c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG:
        ways += [Way(sha256, Pkcs1("SHA256"))] if size >= 62 else []
        ways += [Way(sha1, Pkcs1("SHA1")), Way(bytes(range(36)), Pkcs1(None))]
    if offered & c.BCRYPT_SUPPORTED_PAD_PSS:
        ways += [
            Way(sha256, Pss("SHA256", salt)) for salt in sorted({0, min(32, encoded - 34), encoded - 34}) if salt >= 0
        ]
        ways += [Way(sha1, Pss("SHA1", min(20, encoded - 22)))]
    return ways


def encrypting(kind: Kind) -> list[Way]:
    """Return the ways in which a key encrypts: paddings by PaddingSchemes, and a full block without padding."""
    key, offered = kind.key, schemes(kind)
    size = key.size_of("encrypt")
    ways = []
    if offered & c.BCRYPT_SUPPORTED_PAD_PKCS1_ENC:
        ways += [Way(text, Pkcs1()) for text in (b"text", b"", _TEXT[: size - 11])]
    if offered & c.BCRYPT_SUPPORTED_PAD_OAEP:
        for name, length in (("SHA1", 20), ("SHA256", 32)):
            if size >= 2 * length + 6:
                longest = _TEXT[: size - 2 * length - 2]
                ways += [Way(b"text", Oaep(name)), Way(b"text", Oaep(name, b"label")), Way(longest, Oaep(name))]
    ways.append(Way(b"\0" + _TEXT[: size - 1], None))
    found = [way for way in ways if status_of(key.encrypt, way.data, way.padding)[0] != NTStatus.STATUS_NOT_SUPPORTED]
    if not found:
        raise Failure(
            "a ciphertext in some way", "none of the ways that its declaration describes", "encrypting with a new key"
        )
    return found


def flat_signature(padding: Padding | None) -> tuple[object, int]:
    """``pPaddingInfo`` and ``dwFlags`` of BCryptSignHash for a padding of the object API."""
    if isinstance(padding, Pkcs1):
        return BCRYPT_PKCS1_PADDING_INFO(padding.hash), c.BCRYPT_PAD_PKCS1
    if isinstance(padding, Pss):
        return BCRYPT_PSS_PADDING_INFO(padding.hash, padding.salt_length), c.BCRYPT_PAD_PSS
    if isinstance(padding, PqDsa):
        return BCRYPT_PQDSA_PADDING_INFO(padding.context, padding.prehash), c.BCRYPT_PAD_PQDSA
    return None, c.BCRYPT_MLDSA_EXTERNAL_MU if isinstance(padding, ExternalMu) else 0


def flat_encryption(padding: Padding | None) -> tuple[object, int]:
    """Return ``pPaddingInfo`` and ``dwFlags`` of BCryptEncrypt."""
    if isinstance(padding, Oaep):
        return BCRYPT_OAEP_PADDING_INFO(padding.hash, padding.label), c.BCRYPT_PAD_OAEP
    return None, c.BCRYPT_PAD_PKCS1 if isinstance(padding, Pkcs1) else c.BCRYPT_PAD_NONE
