"""Sign and verify whole messages: which hash and which padding, and how the signature is written.

==========  ===============================================  ====================================================
family      hash, unless one is given                        padding, unless one is given
==========  ===============================================  ====================================================
RSA         SHA256                                           PSS, with a salt as long as the hash (RFC 8017)
ECDSA       SHA256; SHA384 and SHA512 for longer curves      none
DSA         SHA256; SHA1 for 1024 bits and less              none
ML-DSA      none: the message itself is signed               none; with a hash, HashML-DSA (FIPS 204 section 5.4)
==========  ===============================================  ====================================================

An algorithm that bcrypt.h does not have gets what its declaration says (``signs``): the message itself, or its SHA256.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore._nearest import nearest
from cngcore.families.kdf import HASHES
from cngcore.padding import ExternalMu, Pkcs1, PqDsa, Pss
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from cngcore.padding import Padding
    from cngcore.provider import Algorithm

__all__ = ["DIGEST_LENGTHS", "TRUNCATE", "advice_on_der", "check_digest", "is_der", "prepare"]

DIGEST_LENGTHS = frozenset({16, 20, 28, 32, 36, 48, 64})
"""Bytes of MD5, SHA-1, SHA-224, SHA-256, MD5 and SHA-1 together (TLS 1.0), SHA-384 and SHA-512."""

_RSA = {c.BCRYPT_RSA_ALGORITHM, c.BCRYPT_RSA_SIGN_ALGORITHM}
_ECDSA = {
    c.BCRYPT_ECDSA_ALGORITHM,
    c.BCRYPT_ECDSA_P256_ALGORITHM,
    c.BCRYPT_ECDSA_P384_ALGORITHM,
    c.BCRYPT_ECDSA_P521_ALGORITHM,
}
TRUNCATE = frozenset({*_ECDSA, c.BCRYPT_DSA_ALGORITHM})
"""The algorithms that sign the first bytes of a long digest. RSA signs all or refuses; ML-DSA signs a message."""

_SHAKES = {"SHAKE128": ("shake_128", 32), "SHAKE256": ("shake_256", 64)}
"""The other hashes of HashML-DSA, with the bytes of their digest (FIPS 204 section 5.4.1)."""


def check_digest(length: int) -> None:
    """Raise InvalidParameterError for a digest that no hash makes."""
    if length not in DIGEST_LENGTHS:
        raise InvalidParameterError(
            f"{length} bytes are no digest: no hash is that long. To sign a message call sign(message), which hashes "
            "it; to verify, verify(message, signature)"
        )


def prepare(
    declared: Algorithm, bits: int, message: bytes, hash_id: object, padding: Padding | None
) -> tuple[bytes, Padding | None, str | None]:
    """Return what the provider signs: the digest or the message, the padding, and the hash or None."""
    if hash_id is not None and not isinstance(hash_id, str):
        raise InvalidParameterError(f"hash must be a name such as 'SHA256', not {type(hash_id).__name__}")
    if isinstance(padding, ExternalMu):
        raise InvalidParameterError("an external mu takes the place of the message; call sign_hash(mu, ExternalMu())")
    named = padding.prehash if isinstance(padding, PqDsa) else getattr(padding, "hash", None)
    if hash_id and named and hash_id != named:
        raise InvalidParameterError(f"hash= says {hash_id} and the padding says {named}; leave one of them out")
    chosen = hash_id or named or _default_hash(declared, bits)
    if chosen is None:
        return message, padding, None
    digest = _digest(chosen, message)
    if declared.name in _RSA:
        if padding is None:
            padding = Pss(chosen, len(digest))
        elif isinstance(padding, Pkcs1) and padding.hash is None:
            padding = replace(padding, hash=chosen)
    elif "prehash" in declared.message_options:
        padding = PqDsa(padding.context if isinstance(padding, PqDsa) else b"", chosen)
    return digest, padding, chosen


def _default_hash(declared: Algorithm, bits: int) -> str | None:
    if declared.signs == "message":
        return None
    if declared.name in _ECDSA:
        return "SHA256" if bits <= 256 else "SHA384" if bits <= 384 else "SHA512"
    if declared.name == c.BCRYPT_DSA_ALGORITHM:
        return "SHA1" if bits <= 1024 else "SHA256"
    return "SHA256"


def _digest(hash_id: str, message: bytes) -> bytes:
    import hashlib

    if hash_id in _SHAKES:
        name, length = _SHAKES[hash_id]
        return hashlib.new(name, message).digest(length)  # type: ignore[call-arg] # hashlib.new() hides the SHAKEs
    if hash_id not in HASHES:
        known = (*HASHES, *_SHAKES)
        near = nearest(hash_id, known)
        raise NotSupportedError(
            f"CNG has no hash {hash_id!r:.40}; "
            + (f"did you mean {near!r}?" if near else f"use one of {', '.join(known)}")
        )
    return hashlib.new(HASHES[hash_id], message, usedforsecurity=False).digest()


def is_der(algorithm: str, encoding: object) -> bool:
    """Return whether signatures are to be written as DER. Raise InvalidParameterError for an unknown encoding."""
    if encoding == "raw":
        return False
    if encoding != "der":
        raise InvalidParameterError(f"encoding must be 'raw' or 'der', not {str(encoding)[:20]!r}")
    if algorithm in TRUNCATE:
        return True
    raise InvalidParameterError(f"a signature of {algorithm} has one form only; use encoding='raw'")


def advice_on_der(algorithm: str, signature: bytes) -> str:
    """Return the end of a message about a signature of a wrong length, if it begins as DER does."""
    if algorithm in TRUNCATE and signature[:1] == b"\x30":
        return ". It looks like DER, the form of OpenSSL, Java and X.509: pass encoding='der'"
    return ""
