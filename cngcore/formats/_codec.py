"""Read the keys in a file, and write a key as a file: ``decode`` and ``encode``."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore._diagnostics import clear_tracebacks
from cngcore.blobs.dsa import DsaKey
from cngcore.blobs.rsa import RsaKey
from cngcore.formats import _cng as cng
from cngcore.formats import _der as der
from cngcore.formats import _encryption as encryption
from cngcore.formats import _jwk as jwk
from cngcore.formats import _pem as pem
from cngcore.formats import _pkcs8 as pkcs8
from cngcore.formats import _raw as raw
from cngcore.formats import _spki as spki
from cngcore.formats import _traditional as structures
from cngcore.formats._catalogue import FORMATS, Format
from cngcore.formats._complete import complete
from cngcore.formats._detection import FOREIGN, LABELS, bounded, outermost, unwrapped
from cngcore.formats._library import wrong_passphrase
from cngcore.formats._model import EcKey, Key, MlKey
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from cngcore.registry import Registry

__all__ = ["Decoded", "decode", "decode_all", "encode", "writable"]

_NO_KEYS = ("EC PARAMETERS", "DH PARAMETERS", "X9.42 DH PARAMETERS", "DSA PARAMETERS")


@dataclass(frozen=True, slots=True, repr=False)
class Decoded:
    """A key and how it was written: format, encoding, blob type, and the structure as bytes.

    ``wrapping`` is "hex" or "base64" if the file held the bytes as text. ``line`` is the first line of a PEM block.
    """

    key: Key
    format: str
    encoding: str
    content: bytes
    blob_type: str = ""
    encrypted: bool = False
    wrapping: str = ""
    line: int = 0

    def __repr__(self) -> str:
        return f"<Decoded {self.key!r} from {self.format}>"


@clear_tracebacks
def decode(
    data: bytes | bytearray | str,
    *,
    format: str = "",
    passphrase: bytes | str | None = None,
    algorithm: str = "",
    curve: str = "",
    parameter_set: str = "",
    private: bool | None = None,
) -> Key:
    """Return the one key in ``data``.

    ``format`` is a name of :data:`FORMATS` or a blob type; if empty, the data decides. The other arguments are needed
    only if the data does not contain them: ``algorithm``, ``curve``, ``parameter_set`` and ``private`` for raw keys,
    ``curve`` for a short CNG blob with a generic magic, ``passphrase`` for encrypted keys.

    >>> decode(bytes.fromhex("52534131 08000000 01000000 01000000 00000000 00000000 03 8f".replace(" ", "")))
    <Key RSA 8, public>

    Raise BadDataError for malformed data, InvalidParameterError for a missing argument, a wrong passphrase or more than
    :data:`LARGEST` bytes, NotSupportedError for a key type that CNG does not have.
    """
    found = decode_all(
        data,
        format=format,
        passphrase=passphrase,
        algorithm=algorithm,
        curve=curve,
        parameter_set=parameter_set,
        private=private,
    )
    if len(found) != 1:
        raise InvalidParameterError(f"the data holds {len(found)} keys; decode_all() returns all of them")
    return found[0].key


@clear_tracebacks
def decode_all(
    data: bytes | bytearray | str,
    *,
    format: str = "",
    passphrase: bytes | str | None = None,
    algorithm: str = "",
    curve: str = "",
    parameter_set: str = "",
    private: bool | None = None,
) -> list[Decoded]:
    """Return every key in ``data`` with its format, at least one. Arguments and errors are those of :func:`decode`."""
    content = bounded(data)
    secret = passphrase.encode() if isinstance(passphrase, str) else passphrase
    blob_type = ""
    if format and format not in FORMATS:
        if not any(format in types for types in cng.BLOB_TYPES.values()):
            known = [*FORMATS, *dict.fromkeys(name for types in cng.BLOB_TYPES.values() for name in types)]
            raise InvalidParameterError(
                f"{format!r:.40} is neither a format nor a blob type; use one of {', '.join(known)}"
            )
        format, blob_type = "cng", format
    if format == "raw":
        if not algorithm:
            raise InvalidParameterError(
                "raw bytes do not contain their algorithm; pass algorithm, for example 'ML-KEM-768'"
            )
        return [_raw(data, algorithm, curve, parameter_set, private)]
    if foreign := next((what_it_is for head, what_it_is in FOREIGN.items() if content.startswith(head)), None):
        raise NotSupportedError(f"the data is {foreign}")
    looked = outermost(content)
    if looked is None:
        if not format:
            raise BadDataError(
                f"the data is in none of the formats {', '.join(name for name in FORMATS if name != 'raw')}, "
                "also not as hex or base64; for a raw key pass format='raw'"
            )
        looked = (format, "binary" if format == "cng" else "der", content, "")
    found, encoding, inner, wrapping = looked
    if encoding == "pem":
        return _from_pem(inner, format, secret)
    if format and found != format:
        raise BadDataError(
            f"the data is not in the format {format}; it looks like {found or 'none of the other formats'}"
        )
    if found == "cng":
        blob_type = blob_type or cng.blob_type_of(inner)
        key = cng.read(inner, blob_type, curve=curve)
        return [Decoded(key, "cng", "binary", inner, blob_type, wrapping=wrapping)]
    if found == "jwk":
        return [Decoded(key, "jwk", "json", inner) for key in jwk.read_all(inner)]
    if found == "openssh":
        from cngcore.formats import _cryptography_objects as objects

        return [Decoded(objects.read_openssh_public(inner), "openssh", "text", inner)]
    if found == "pkcs12":
        from cngcore.formats import _cryptography_objects as objects

        keys = objects.read_pkcs12(inner, secret)
        if not keys:
            raise BadDataError("the PKCS#12 file holds no key and no certificate")
        return [Decoded(key, "pkcs12", "der", inner, encrypted=True, wrapping=wrapping) for key in keys]
    key, plain = _structure(found, inner, secret)
    return [Decoded(key, found, "der", plain, encrypted=plain != inner, wrapping=wrapping)]


@clear_tracebacks
def encode(
    key: Key,
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
    ``passphrase`` encrypts private keys in PKCS#8 and OpenSSH. ``blob_type`` and ``generic`` are for CNG blobs: see
    :func:`cngcore.formats._cng.write`. ``form`` is for private keys of ML-KEM and ML-DSA: ``seed``, ``expandedKey`` or,
    in PKCS#8, ``both``. :func:`complete` computes a missing number with the providers of ``registry``.

    Raise NotSupportedError if the format cannot hold the key, InvalidParameterError for options that do not fit
    together.
    """
    known = writable(format, key.family)
    encoding = encoding or known.encodings[0]
    if encoding not in known.encodings:
        raise InvalidParameterError(f"{format} has the encodings {', '.join(known.encodings)}, not {encoding!r:.20}")
    if blob_type:
        private = cng.is_private_type(blob_type)
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
    secret = passphrase.encode() if isinstance(passphrase, str) else passphrase
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
    if family not in known.families:
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


def _raw(
    data: bytes | bytearray | str, algorithm: str, curve: str, parameter_set: str, private: bool | None
) -> Decoded:
    """Read a raw key, or a raw key as hex or base64. Keys have fixed sizes, so the bytes themselves are tried first."""

    def read(content: bytes, wrapping: str = "") -> Decoded:
        key = raw.read(content, algorithm, curve=curve, parameter_set=parameter_set, private=private)
        return Decoded(key, "raw", "binary", content, wrapping=wrapping)

    try:
        return read(bounded(data, text=False))
    except BadDataError:
        for wrapping, inner in unwrapped(bounded(data).strip()):
            with suppress(BadDataError):
                return read(inner, wrapping)
        raise


def _from_pem(text: bytes, format: str, passphrase: bytes | None) -> list[Decoded]:
    found = []
    for block in pem.parse(text):
        kind = LABELS.get(block.label)
        if kind is None:
            if block.label in _NO_KEYS:
                continue
            raise NotSupportedError(
                f"PEM: the block {block.label!r:.40} on line {block.line} is not a key that can be read here"
            )
        if format and kind != format:
            continue
        try:
            found.append(_from_block(block, kind, passphrase))
        except (BadDataError, NotSupportedError) as error:
            raise type(error)(f"{error.message} (PEM block {block.label}, line {block.line})") from error
    if not found:
        raise BadDataError(f"PEM: no block holds a key{f' in the format {format}' if format else ''}")
    return found


def _from_block(block: pem.Block, kind: str, passphrase: bytes | None) -> Decoded:
    if kind == "openssh":
        from cngcore.formats import _cryptography_objects as objects

        key = objects.read_openssh_private(block.text + b"\n", passphrase)
        return Decoded(key, kind, "text", block.content, encrypted=passphrase is not None, line=block.line)
    if block.headers.get("Proc-Type", "").endswith("ENCRYPTED"):
        from cngcore.formats import _cryptography_objects as objects

        key = objects.load_private(block.text + b"\n", passphrase, encoding="pem")
        plain = bytes(encode(key, kind, encoding="der"))
        return Decoded(key, kind, "pem", plain, encrypted=True, line=block.line)
    if kind == "pkcs1" and block.label.endswith("PUBLIC KEY"):
        outer = der.Reader(block.content, "RSAPublicKey")
        return Decoded(Key("RSA", structures.read_rsa_public(outer)), kind, "pem", block.content, line=block.line)
    key, plain = _structure(kind, block.content, passphrase, block.label.startswith("ENCRYPTED"))
    return Decoded(key, kind, "pem", plain, encrypted=plain != block.content, line=block.line)


def _structure(kind: str, content: bytes, passphrase: bytes | None, encrypted: bool | None = None) -> tuple[Key, bytes]:
    """Return the key in a DER structure, and the structure after decryption."""
    if kind == "pkcs8":
        if encrypted is None:
            encrypted = der.Reader(content, "PKCS#8").sequence().peek() != der.INTEGER
        if encrypted:
            if passphrase is None:
                raise InvalidParameterError("the key is encrypted; give its passphrase")
            plain = encryption.decrypt(content, passphrase, _load_other)
            try:
                return pkcs8.read(plain), bytes(plain)
            except BadDataError as error:
                raise wrong_passphrase() from error
        return pkcs8.read(content), content
    read: dict[str, Callable[[bytes], Key]] = {
        "spki": spki.read,
        "x509": spki.read_certificate,
        "pkcs1": _pkcs1,
        "sec1": lambda data: Key("EC", structures.read_ec_private(der.Reader(data, "ECPrivateKey"))),
        "openssl-dsa": lambda data: Key("DSA", structures.read_dsa_private(der.Reader(data, "DSA private key"))),
    }
    return read[kind](content), content


def _load_other(content: bytes, passphrase: bytes) -> bytearray:
    """Return the PrivateKeyInfo in an encryption that only ``cryptography`` reads; import it when it is needed."""
    from cngcore.formats import _cryptography_objects as objects

    return objects.reencode_private(content, passphrase)


def _pkcs1(content: bytes) -> Key:
    """Read either half: the private structure begins with a version of 0 or 1, the public one with a modulus."""
    inner = der.Reader(content, "RSA key").sequence()
    private = inner.integer("the version or n") < 2
    reader = der.Reader(content, "RSA key")
    return Key("RSA", structures.read_rsa_private(reader) if private else structures.read_rsa_public(reader))
