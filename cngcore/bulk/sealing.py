"""Seal private blobs to a public key, so that they leave the process that made them only encrypted.

Recipients with ML-KEM-768 or 1024, P-256, P-384, P-521 or X25519 get HPKE (RFC 9180) in base mode with HKDF-SHA256 and
AES-256-GCM, from the library cryptography. Recipients with RSA get a JWE (RFC 7516) with RSA-OAEP-256 and A256GCM, from
joserfc. The extra ``cngcore[bulk]`` installs both libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cngcore._checks import to_bytes
from cngcore._diagnostics import clear_tracebacks
from cngcore._nearest import install
from cngcore.status import BadDataError, CngError, InvalidParameterError, NotSupportedError, NTStatus

if TYPE_CHECKING:
    from cngcore.formats import Key
    from cngcore.objects import KeyPair

__all__ = ["recipient_form", "seal", "unseal"]

INFO = b"cngcore sealed private blob, version 1"
"""The application information of HPKE, which binds a sealed blob to this use."""

_JWE = {"alg": "RSA-OAEP-256", "enc": "A256GCM"}
_LEAST_RSA = 2048
"""Bits of the shortest RSA key that joserfc accepts (RFC 7518 section 4.3)."""

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
    """Return ``blob`` encrypted so that only the private key of ``recipient`` can read it.

    Raise NotSupportedError if neither construction supports the key type, InvalidParameterError if the library refuses
    the key (for example a point of small order), CngError if a library is missing.
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
        raise InvalidParameterError(
            f"the library refused the recipient's key, {recipient.description}; use another key"
        ) from error


@clear_tracebacks
def unseal(sealed: bytes, key: KeyPair | Key) -> bytearray:
    """Return the private blob that :func:`seal` encrypted, given the recipient's private key. Wipe it after use.

    A :class:`~cngcore.formats.Key` is not a key of a registry, so no policy applies to it.

    Raise InvalidParameterError for a public key, BadDataError if the data was sealed to another key or was changed.
    """
    from cngcore.formats import Key, from_key

    content = to_bytes("the sealed blob", sealed)
    own = key if isinstance(key, Key) else from_key(key)
    if not own.is_private:
        raise InvalidParameterError("unseal() needs the private key, and this is the public half")
    try:
        if own.family == "RSA":
            jwe, private = _jose(own)
            return bytearray(jwe.decrypt_compact(content, private, algorithms=list(_JWE.values())).plaintext)
        suite, private = _hpke(own)
        return bytearray(suite.decrypt(content, private, INFO))
    except CngError:
        raise
    except Exception as error:
        raise BadDataError("the data was sealed to another key, or it was changed") from error


@clear_tracebacks
def recipient_form(recipient: KeyPair | Key | bytes) -> bytes:
    """Return the recipient's SubjectPublicKeyInfo, which can be sent to a worker. Raise what :func:`seal` raises."""
    from cngcore.formats import Key, decode, encode, from_key

    if isinstance(recipient, bytes | bytearray):
        key = decode(bytes(recipient))
    else:
        key = recipient if isinstance(recipient, Key) else from_key(recipient, private=False)
    seal(b"", key)
    return bytes(encode(key.public(), "spki", encoding="der"))


def _hpke(key: Key) -> tuple[Any, Any]:
    """Return the suite for a key, and the key as an object of cryptography."""
    from cngcore.formats import to_cryptography

    kind = f"{key.family} {key.parameter_set or key.curve}"
    name = _KEMS.get(kind)
    if name is None:
        raise NotSupportedError(f"nothing can be sealed to {key.description}; use a key of {', '.join(_KEMS)} or RSA")
    hpke = _library("cryptography.hazmat.primitives.hpke")
    kem = getattr(hpke.KEM, name, None)
    if kem is None:
        raise NotSupportedError(
            f"the installed cryptography has no HPKE with {name}; run: pip install --upgrade cryptography"
        )
    return hpke.Suite(kem, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM), to_cryptography(key)


def _jose(key: Key) -> tuple[Any, Any]:
    """Return the JWE module of joserfc, and the key as an object of joserfc."""
    from cngcore.formats import encode

    if key.bits < _LEAST_RSA:
        raise NotSupportedError(
            f"nothing can be sealed to {key.description}; use an RSA key of {_LEAST_RSA} bits or more"
        )
    jwe, jwk = _library("joserfc.jwe"), _library("joserfc.jwk")
    form = encode(key, "pkcs8" if key.is_private else "spki", encoding="pem")
    return jwe, jwk.RSAKey.import_key(bytes(form))


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise CngError(
            NTStatus.STATUS_NOT_SUPPORTED,
            f"sealing needs {name.partition('.')[0]}, which is missing or too old; {install('cngcore[bulk]')}",
        ) from error
