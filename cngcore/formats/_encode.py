"""Write a key as a file: ``encode``."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from cngcore._diagnostics import clear_tracebacks
from cngcore.blobs.dsa import DsaKey
from cngcore.blobs.rsa import RsaKey
from cngcore.formats import _cng as cng
from cngcore.formats import _encryption as encryption
from cngcore.formats import _jwk as jwk
from cngcore.formats import _pem as pem
from cngcore.formats import _pkcs8 as pkcs8
from cngcore.formats import _raw as raw
from cngcore.formats import _spki as spki
from cngcore.formats import _traditional as structures
from cngcore.formats._catalogue import FORMATS, Format
from cngcore.formats._complete import complete
from cngcore.formats._export import as_key
from cngcore.formats._foreign import FOREIGN, by_name, is_declared
from cngcore.formats._model import EcKey, Key, MlKey
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from cngcore.objects import KeyPair
    from cngcore.registry import Registry

__all__ = ["encode", "writable"]


@clear_tracebacks
def encode(
    key: Key | KeyPair,
    format: str,
    *,
    encoding: str = "",
    private: bool | None = None,
    passphrase: bytes | str | None = None,
    blob_type: str = "",
    form: str = "",
    generic: bool | None = None,
    registry: Registry | None = None,
) -> bytes | bytearray:
    """Return ``key`` in a format of :data:`FORMATS`: bytes for a public key, a bytearray to wipe for a private one.

    ``encoding`` is one of the format's encodings, by default the first: ``pem`` or ``der``; ``binary``, ``hex`` or
    ``base64``. ``private`` chooses the half if the format takes both; None writes everything that the key has.
    ``passphrase`` encrypts private keys in PKCS#8 and OpenSSH.

    ``blob_type`` and ``generic`` are for CNG blobs. The default type is the first of :data:`BLOB_TYPES` that holds all
    of the key. ``generic=True`` writes one of the magics ECKP, ECKV, ECDP and ECDV in a short blob, ``generic=False``
    the magic of the curve, None the magic of the curve if it has one. An elliptic-curve key of unknown use is written
    for ECDSA, and the scalar of an X25519 key clamped, as Windows demands.

    ``form`` is for private keys of ML-KEM and ML-DSA: ``seed``, ``expandedKey`` or, in PKCS#8, ``both``.
    :func:`complete` computes a missing number with the providers of ``registry``.

    Raise NotSupportedError if the format cannot hold the key, InvalidParameterError for options that do not fit
    together.
    """
    key = as_key(key)
    known = writable(format, key.family)
    encoding = encoding or known.encodings[0]
    if encoding not in known.encodings:
        raise InvalidParameterError(f"{format} has the encodings {', '.join(known.encodings)}, not {encoding!r:.20}")
    if blob_type:
        private = cng.holds_private(key, blob_type)
    elif private is None:
        private = known.private and (key.is_private or not known.public)
    if private and not key.is_private:
        raise InvalidParameterError(
            f"this {key.description} key is public; it cannot be written as a private key in {format}"
        )
    if (private and not known.private) or (not private and not known.public):
        other = "spki" if private is False else "pkcs8"
        raise InvalidParameterError(f"{format} holds {'public' if private else 'private'} keys only; use {other}")
    if passphrase is not None and (format not in ("pkcs8", "openssh") or not private):
        raise InvalidParameterError(
            "a passphrase encrypts only private keys in the formats pkcs8 and openssh; leave it out"
        )
    if (blob_type or generic is not None) and format != "cng":
        raise InvalidParameterError("blob_type and generic are options of the format cng only; leave them out")
    if form and not (isinstance(key.numbers, MlKey) and private and format in ("pkcs8", "raw")):
        raise InvalidParameterError(
            "form is an option of private ML-KEM and ML-DSA keys in the formats pkcs8 and raw only; leave it out"
        )
    secret = encryption.passphrase_bytes(passphrase)
    if secret is not None and not secret:
        raise InvalidParameterError("an empty passphrase protects nothing; pass another one, or leave it out")
    key = _completed(key, format, private, form, blob_type, registry)
    label, content = _write(key, format, private, secret, blob_type, form, generic)
    if encoding == "pem":
        content = pem.build(label, content)
    elif encoding == "hex":
        content = bytearray(content.hex().encode() + b"\n")
    elif encoding == "base64":
        content = bytearray(b64encode(content) + b"\n")
    return bytearray(content) if private else bytes(content)


def writable(format: str, family: str) -> Format:
    """Return the format. Raise NotSupportedError if keys of the family cannot be written in it."""
    known = FORMATS.get(format)
    if known is None:
        raise InvalidParameterError(f"{format!r:.40} is not a format; use one of {', '.join(FORMATS)}")
    if not known.writes:
        raise NotSupportedError(f"the format {known.name} can only be read; write spki or pkcs8")
    own_blob = format == "cng" and is_declared(family)
    if family not in known.families and not own_blob and not (format in FOREIGN and by_name(family)):
        others = [other.name for other in FORMATS.values() if family in other.families and other.writes]
        raise NotSupportedError(
            f"no standard defines {family} keys in the format {known.name}; use one of {', '.join(others)}"
        )
    return known


def _completed(key: Key, format: str, private: bool, form: str, blob_type: str, registry: Registry | None) -> Key:
    """Return ``key`` with the numbers that the format needs. Compute no others: some need a provider."""
    expand = form in ("expandedKey", "both") or blob_type in ("MLKEMPRIVATEBLOB", "PQDSAPRIVATEBLOB")
    needs_public = not private or format in ("sec1", "openssl-dsa", "jwk", "openssh") or isinstance(key.numbers, EcKey)
    if key.family == "X25519" and format in ("pkcs8", "raw") and private:
        needs_public = False
    if format == "cng" and key.family in ("DSA", "DH"):
        needs_public = True
    if (needs_public and not key.has_public) or expand:
        return complete(key, registry=registry, expand=expand and private)
    return key


def _write(
    key: Key, format: str, private: bool, passphrase: bytes | None, blob_type: str, form: str, generic: bool | None
) -> tuple[str, bytes | bytearray]:
    """Return the PEM label, or "", and the structure."""
    if format == "cng":
        return "", cng.write(key if private else key.public(), blob_type, generic=generic)
    if format == "pkcs8":
        plain = pkcs8.write(key, form)
        return ("PRIVATE KEY", plain) if passphrase is None else (
            "ENCRYPTED PRIVATE KEY",
            encryption.encrypt(plain, passphrase),
        )  # fmt: skip
    if format == "spki":
        return "PUBLIC KEY", spki.write(key)
    if format == "jwk":
        return "", jwk.write(key if private else key.public())
    if format == "raw":
        return "", raw.write(key, private=private, form=form)
    if format == "openssh":
        from cngcore.formats import _cryptography_objects as objects

        return "", objects.write_openssh(key, private=private, passphrase=passphrase)
    numbers = key.numbers
    if isinstance(numbers, EcKey):
        return "EC PRIVATE KEY", structures.write_ec_private(numbers, with_curve=True)
    if isinstance(numbers, DsaKey):
        return "DSA PRIVATE KEY", structures.write_dsa_private(numbers)
    assert isinstance(numbers, RsaKey)  # noqa: S101 - the catalogue lets no other through
    if private:
        return "RSA PRIVATE KEY", structures.write_rsa_private(numbers)
    return "RSA PUBLIC KEY", structures.write_rsa_public(numbers)
