"""Read the keys in a file: ``decode`` and ``decode_all``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore._diagnostics import clear_tracebacks
from cngcore.formats import _cng as cng
from cngcore.formats import _der as der
from cngcore.formats import _encryption as encryption
from cngcore.formats import _halves as halves
from cngcore.formats import _jwk as jwk
from cngcore.formats import _openssh as openssh
from cngcore.formats import _pem as pem
from cngcore.formats import _pkcs8 as pkcs8
from cngcore.formats import _pkcs12 as pkcs12
from cngcore.formats import _raw as raw
from cngcore.formats import _spki as spki
from cngcore.formats import _traditional as structures
from cngcore.formats import _xml as xml
from cngcore.formats._catalogue import FORMATS
from cngcore.formats._detection import (
    FOREIGN_LABELS,
    LABELS,
    NO_KEYS,
    bounded,
    foreign,
    kind_of_der,
    outermost,
    two_numbers,
    unwrapped,
)
from cngcore.formats._foreign import has_blob_type, readable_types
from cngcore.formats._library import PassphraseNeededError
from cngcore.formats._model import Key
from cngcore.formats._work import limited
from cngcore.status import BadDataError, CngError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    pass

BUILT_IN_TYPES = frozenset(name for types in cng.BLOB_TYPES.values() for name in types)

__all__ = ["Decoded", "DecodedKeys", "SkippedPart", "decode", "decode_all"]


@dataclass(frozen=True, slots=True, repr=False)
class Decoded:
    """A key and how it was written: format, encoding, blob type, and the structure as bytes.

    ``wrapping`` is "hex" or "base64" if the file held the bytes as text, "snk" or "pvk" for a blob in a file of these
    kinds. ``line`` is the first line of a PEM block. ``encrypted`` says whether this key was encrypted.
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


@dataclass(frozen=True, slots=True)
class SkippedPart:
    """A part of a file that holds no key of CNG: where it stands, why it cannot be read, and its place in the file.

    ``private`` is True if the part holds a private key, or may.
    """

    where: str
    reason: str
    private: bool


class DecodedKeys(list[Decoded]):
    """The keys of a file, as a list. ``skipped`` tells which parts of the file could not be read."""

    skipped: tuple[SkippedPart, ...] = ()


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
    if not found[0].key.is_private and (lost := next((one for one in found.skipped if one.private), None)):
        raise NotSupportedError(f"only a public key can be read, and {lost.where} cannot: {lost.reason}")
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
) -> DecodedKeys:
    """Return every key in ``data`` with its format, at least one. Arguments and errors are those of :func:`decode`.

    A part that holds no key of CNG, such as an Ed25519 key in a JWK Set or a certificate request in a PEM file, does
    not hide the others: ``skipped`` of the result names it with the reason. If no part can be read, the reason of the
    first is raised.

    >>> decode_all(b'{"keys": [{"kty": "OKP", "crv": "Ed25519"}, {"kty": "RSA", "n": "jw", "e": "Aw"}]}').skipped
    (SkippedPart(where='key 1 of the JWK Set', reason="JWK: CNG does not have crv 'Ed25519'; ...", private=False),)
    """
    with limited():
        return _decode_all(
            data, format, encryption.passphrase_bytes(passphrase), algorithm, curve, parameter_set, private
        )


def _decode_all(
    data: bytes | bytearray | str,
    format: str,
    secret: bytes | None,
    algorithm: str,
    curve: str,
    parameter_set: str,
    private: bool | None,
) -> DecodedKeys:
    content = bounded(data)
    blob_type = ""
    if format and format not in FORMATS:
        if format not in BUILT_IN_TYPES and not has_blob_type(format):
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
        return DecodedKeys([_raw(data, algorithm, curve, parameter_set, private)])
    if what_it_is := foreign(content):
        raise NotSupportedError(f"the data is {what_it_is}")
    looked = outermost(content)
    if looked is None:
        if not format:
            names = ", ".join(name for name in FORMATS if name != "raw")
            raise BadDataError(
                f"the data is in none of the formats {names}, also not as hex or base64; {_unnamed(content)}"
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
        if blob_type not in BUILT_IN_TYPES and not wrapping:
            return DecodedKeys([_own_blob(inner, blob_type)])
        key = cng.read(inner, blob_type, curve=curve)
        return DecodedKeys([Decoded(key, "cng", "binary", inner, blob_type, wrapping=wrapping)])
    if found == "jwk":
        return _from_jwk(inner)
    if found == "xml":
        return DecodedKeys([Decoded(halves.checked(xml.read(inner)), "xml", "text", inner)])
    if found == "openssh":
        return _from_openssh(inner, secret)
    if found == "pkcs12":
        return _from_pkcs12(inner, secret, wrapping)
    key, plain = _structure(found, inner, secret, labelled=bool(format))
    return DecodedKeys([Decoded(key, found, "der", plain, encrypted=plain != inner, wrapping=wrapping)])


def _unnamed(content: bytes) -> str:
    """Return what to do with data that does not say what it is: a raw key, or a blob of a provider's own type."""
    types = readable_types(content)
    named = f", or a blob of the type {' or '.join(types)}" if types else ""
    example = types[0] if types else "raw"
    return f"if it is a raw key{named}, name its type: format={example!r} in Python, --as {example} of the command"


def _result(found: list[Decoded], skipped: list[SkippedPart], first: CngError | None, otherwise: str) -> DecodedKeys:
    """Return the keys; if there is none, raise the first error."""
    if not found:
        raise first or BadDataError(otherwise)
    result = DecodedKeys(found)
    result.skipped = tuple(skipped)
    return result


def _from_jwk(text: bytes) -> DecodedKeys:
    found: list[Decoded] = []
    skipped: list[SkippedPart] = []
    first: CngError | None = None
    for member in jwk.read_set(text):
        try:
            if member.key is None:
                raise member.refusal or BadDataError("JWK: the key cannot be read")
            found.append(Decoded(halves.checked(member.key), "jwk", "json", member.text if member.in_set else text))
        except CngError as error:
            if not member.in_set:
                raise
            first = first or error
            skipped.append(SkippedPart(f"key {member.number} of the JWK Set", error.message, member.private))
    return _result(found, skipped, first, "JWK: the JWK Set holds no key")


def _from_openssh(content: bytes, secret: bytes | None) -> DecodedKeys:
    if content.startswith(openssh.MAGIC):
        keys, encrypted = openssh.read_private(content, secret)
        return DecodedKeys([Decoded(key, "openssh", "text", content, encrypted=encrypted) for key in keys])
    found: list[Decoded] = []
    skipped: list[SkippedPart] = []
    first: CngError | None = None
    lines = openssh.read_public(content)
    for line in lines:
        if line.key is not None:
            found.append(Decoded(line.key, "openssh", "text", content, line=line.number if len(lines) > 1 else 0))
        elif line.refusal is not None:
            first = first or line.refusal
            skipped.append(SkippedPart(f"line {line.number}", line.refusal.message, False))
    return _result(found, skipped, first, "OpenSSH: no line holds a public key")


def _from_pkcs12(content: bytes, secret: bytes | None, wrapping: str) -> DecodedKeys:
    found: list[Decoded] = []
    skipped: list[SkippedPart] = []
    first: CngError | None = None
    for number, bag in enumerate(pkcs12.read(content, secret), 1):
        if bag.key is not None:
            found.append(Decoded(bag.key, "pkcs12", "der", content, encrypted=bag.encrypted, wrapping=wrapping))
        elif bag.refusal is not None:
            first = first or bag.refusal
            skipped.append(SkippedPart(f"bag {number}, a {bag.what}", bag.refusal.message, bag.private))
    return _result(found, skipped, first, "the PKCS#12 file holds no key and no certificate")


def _own_blob(content: bytes, blob_type: str) -> Decoded:
    """Read a blob of a provider's type, or one as hex or base64, which only its provider can tell."""
    try:
        return Decoded(cng.read(content, blob_type), "cng", "binary", content, blob_type)
    except CngError:
        for wrapping, inner in unwrapped(content.strip()):
            with suppress(CngError):
                return Decoded(cng.read(inner, blob_type), "cng", "binary", inner, blob_type, wrapping=wrapping)
        raise


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


def _from_pem(text: bytes, format: str, passphrase: bytes | None) -> DecodedKeys:
    found: list[Decoded] = []
    skipped: list[SkippedPart] = []
    first: CngError | None = None
    for block in pem.parse(text):
        if block.label in NO_KEYS:
            continue
        kind = _kind_of_block(block)
        label = block.label if block.label in LABELS or block.label in FOREIGN_LABELS else "of another label"
        where = f"PEM block {label}, line {block.line}"
        try:
            if not kind:
                what = FOREIGN_LABELS.get(block.label, "")
                raise NotSupportedError(
                    f"PEM: the block on line {block.line} is not a key that can be read here"
                    + (f", but {what}" if what else "")
                )
            if format and kind != format:
                continue
            found += _from_block(block, kind, passphrase)
        except (BadDataError, NotSupportedError) as error:
            told = type(error)(f"{error.message} ({where})") if kind else error
            if isinstance(error, BadDataError) and kind != "x509":
                raise told from error
            first = first or told
            private = block.label.endswith("PRIVATE KEY") or (not kind and "PRIVATE" in block.label)
            skipped.append(SkippedPart(where, error.message, private))
    return _result(found, skipped, first, f"PEM: no block holds a key{f' in the format {format}' if format else ''}")


_PRIVATE = ("pkcs8", "pkcs1", "sec1", "openssl-dsa")
_PUBLIC = ("spki", "pkcs1", "x509")


def _kind_of_block(block: pem.Block) -> str:
    """Return the format of a block: that of its label, or of its content under the label of a sister structure."""
    kind = LABELS.get(block.label, "")
    if block.cipher:
        return kind
    if block.content.startswith(openssh.MAGIC) and block.label.endswith("PRIVATE KEY"):
        return "openssh"
    sisters = _PRIVATE if block.label.endswith("PRIVATE KEY") else _PUBLIC
    if (
        (kind or block.label.endswith((" PRIVATE KEY", " PUBLIC KEY")))
        and block.content[:1] == b"\x30"
        and (inside := kind_of_der(block.content)) in sisters
        and inside != kind
    ):
        return inside
    return kind


def _from_block(block: pem.Block, kind: str, passphrase: bytes | None) -> list[Decoded]:
    if kind == "openssh":
        keys, encrypted = openssh.read_private(block.content, passphrase)
        return [Decoded(key, kind, "text", block.content, encrypted=encrypted, line=block.line) for key in keys]
    content = block.content
    if block.cipher:
        if passphrase is None:
            raise PassphraseNeededError
        content = bytes(encryption.decrypt_legacy(content, block.cipher, block.iv, passphrase))
        inside = kind_of_der(content)
        kind = inside if inside in _PRIVATE else kind
    if block.label == "TRUSTED CERTIFICATE" and kind == "x509":
        content = der.first(content, "X.509 certificate")
    private = block.label.endswith("PRIVATE KEY")
    key, plain = _structure(kind, content, passphrase, labelled=True)
    if private and not key.is_private:
        raise BadDataError("PEM: the label is that of a private key, but the block holds a public key")
    encrypted = bool(block.cipher) or plain != content
    return [Decoded(key, kind, "pem", plain, encrypted=encrypted, line=block.line)]


def _structure(kind: str, content: bytes, passphrase: bytes | None, *, labelled: bool) -> tuple[Key, bytes]:
    """Return the key in a DER structure, and the structure after decryption.

    ``labelled`` says that a label or the caller named the structure, so two numbers are an RSA public key.
    """
    if kind == "pkcs8" and der.Reader(content, "PKCS#8").sequence().peek() == der.SEQUENCE:
        if passphrase is None:
            raise PassphraseNeededError
        content = bytes(encryption.decrypt(content, passphrase))
    read: dict[str, Callable[[bytes], Key]] = {
        "pkcs8": pkcs8.read,
        "spki": spki.read,
        "x509": spki.read_certificate,
        "pkcs1": lambda data: _pkcs1(data, labelled),
        "sec1": lambda data: Key("EC", structures.read_ec_private(der.Reader(data, "ECPrivateKey"))),
        "openssl-dsa": lambda data: Key("DSA", structures.read_dsa_private(der.Reader(data, "DSA private key"))),
    }
    return halves.checked(read[kind](content)), content


def _pkcs1(content: bytes, labelled: bool) -> Key:
    """Read either half: the private structure begins with a version of 0 or 1, the public one with a modulus."""
    inner = der.Reader(content, "RSA key").sequence()
    first = inner.integer("the version or n")
    reader = der.Reader(content, "RSA key")
    if first < 2:
        return Key("RSA", structures.read_rsa_private(reader))
    key = structures.read_rsa_public(reader)
    if not labelled and (why := two_numbers(key.n, key.e)):
        raise BadDataError(f"the data is {why}; if it is one, pass format='pkcs1'")
    return Key("RSA", key)
