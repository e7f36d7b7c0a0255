"""Private blobs sealed to a public key, so that they leave the process that made them encrypted only.

For ML-KEM-768 and 1024, P-256, P-384, P-521 and X25519 the construction is HPKE (RFC 9180) in base mode with
HKDF-SHA256 and AES-256-GCM, as the library cryptography has it. For RSA it is a JWE (RFC 7516) with RSA-OAEP-256 and
A256GCM, as joserfc has it. Both libraries are the extra ``cngcore[bulk]``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cngcore._checks import to_bytes
from cngcore._diagnostics import clear_tracebacks
from cngcore.status import BadDataError, CngError, InvalidParameterError, NotSupportedError, NTStatus

if TYPE_CHECKING:
    from cngcore.formats import Key
    from cngcore.objects import KeyPair

__all__ = ["recipient_form", "seal", "unseal"]

INFO = b"cngcore sealed private blob, version 1"
"""HPKE's application information, which binds a sealed blob to this use."""

_JWE = {"alg": "RSA-OAEP-256", "enc": "A256GCM"}
_LEAST_RSA = 2048
"""Bits of an RSA key below which joserfc seals nothing (RFC 7518 section 4.3)."""

_KEMS = {
    "ML-KEM 768": "MLKEM768",
    "ML-KEM 1024": "MLKEM1024",
    "EC nistP256": "P256",
    "EC nistP384": "P384",
    "EC nistP521": "P521",
    "X25519 curve25519": "X25519",
}


@clear_tracebacks
def seal(blob: bytes | bytearray, recipient: Key) -> bytes:
    """``blob`` for the owner of ``recipient``'s private half.

    Raises NotSupportedError for a key that neither construction takes, InvalidParameterError for one that the library
    refuses (a point of small order), CngError where a library is missing.
    """
    content = to_bytes("the blob", blob)
    try:
        if recipient.family == "RSA":
            jwe, key = _jose(recipient.public())
            return jwe.encrypt_compact(_JWE, content, key, algorithms=list(_JWE.values())).encode()  # type: ignore[no-any-return]
        suite, public = _hpke(recipient.public())
        return suite.encrypt(content, public, INFO)  # type: ignore[no-any-return]
    except CngError:
        raise
    except Exception as error:
        raise InvalidParameterError(f"the recipient's key, {recipient.description}, is none to seal to") from error


@clear_tracebacks
def unseal(sealed: bytes, key: KeyPair | Key) -> bytearray:
    """The private blob in what :func:`seal` made, by the recipient's private key. Wipe it after use.

    Raises BadDataError where it was sealed to another key or was changed.
    """
    from cngcore.formats import Key, from_key

    content = to_bytes("the sealed blob", sealed)
    held = key if isinstance(key, Key) else from_key(key)
    if not held.is_private:
        raise InvalidParameterError("the public half unseals nothing; give the private key")
    try:
        if held.family == "RSA":
            jwe, private = _jose(held)
            return bytearray(jwe.decrypt_compact(content, private, algorithms=list(_JWE.values())).plaintext)
        suite, private = _hpke(held)
        return bytearray(suite.decrypt(content, private, INFO))
    except CngError:
        raise
    except Exception as error:
        raise BadDataError("this was sealed to another key, or it was changed") from error


@clear_tracebacks
def recipient_form(recipient: KeyPair | Key | bytes) -> bytes:
    """A recipient as bytes that travel: its SubjectPublicKeyInfo. Refuses, as :func:`seal` does, what it cannot use."""
    from cngcore.formats import Key, decode, encode, from_key

    if isinstance(recipient, bytes | bytearray):
        key = decode(bytes(recipient))
    else:
        key = recipient if isinstance(recipient, Key) else from_key(recipient, private=False)
    seal(b"", key)
    return bytes(encode(key.public(), "spki", encoding="der"))


def _hpke(key: Key) -> tuple[Any, Any]:
    """The suite for a key, and the key as cryptography has it."""
    from cngcore.formats import to_cryptography

    kind = f"{key.family} {key.parameter_set or key.curve}"
    name = _KEMS.get(kind)
    if name is None:
        raise NotSupportedError(f"nothing can be sealed to {key.description}; use one of {', '.join(_KEMS)}, or RSA")
    hpke = _library("cryptography.hazmat.primitives.hpke")
    kem = getattr(hpke.KEM, name, None)
    if kem is None:
        raise NotSupportedError(f"this cryptography has no HPKE with {name}; pip install --upgrade cryptography")
    return hpke.Suite(kem, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM), to_cryptography(key)


def _jose(key: Key) -> tuple[Any, Any]:
    """joserfc's JWE module, and the key as it has it."""
    from cngcore.formats import encode

    if key.bits < _LEAST_RSA:
        raise NotSupportedError(f"nothing can be sealed to {key.description}; use a key of {_LEAST_RSA} bits or more")
    jwe, jwk = _library("joserfc.jwe"), _library("joserfc.jwk")
    form = encode(key, "pkcs8" if key.is_private else "spki", encoding="pem")
    return jwe, jwk.RSAKey.import_key(bytes(form))


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise CngError(
            NTStatus.STATUS_NOT_SUPPORTED,
            f"sealing needs {name.partition('.')[0]}, which is missing or too old: pip install 'cngcore[bulk]'",
        ) from error
