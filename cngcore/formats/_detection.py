"""Detect the format and the encoding of a file, and undo its hex or base64."""

from __future__ import annotations

from binascii import Error, a2b_base64
from collections.abc import Iterator

from cngcore.formats import _cng as cng
from cngcore.formats import _der as der
from cngcore.status import BadDataError, InvalidParameterError

__all__ = ["FOREIGN", "LABELS", "LARGEST", "bounded", "detect", "outermost", "unwrapped"]

LARGEST = 1 << 20
"""Bytes of the largest input that is read. A private RSA key of 16384 bits has about nine thousand."""

LABELS = {
    "PRIVATE KEY": "pkcs8",
    "ENCRYPTED PRIVATE KEY": "pkcs8",
    "PUBLIC KEY": "spki",
    "RSA PRIVATE KEY": "pkcs1",
    "RSA PUBLIC KEY": "pkcs1",
    "EC PRIVATE KEY": "sec1",
    "DSA PRIVATE KEY": "openssl-dsa",
    "OPENSSH PRIVATE KEY": "openssh",
    "CERTIFICATE": "x509",
    "X509 CERTIFICATE": "x509",
}
"""The format of a PEM block, by its label."""

FOREIGN = {
    b"\xfe\xed\xfe\xed": "a Java keystore; convert it to PKCS#12 with: keytool -importkeystore -deststoretype pkcs12",
    b"\xce\xce\xce\xce": "a Java keystore; convert it to PKCS#12 with: keytool -importkeystore -deststoretype pkcs12",
    b"PuTT": "a key of PuTTY; convert it to OpenSSH with: puttygen -O private-openssh",
    b'{"cngcore_keys"': "the key list of cng generate --count; decode the base64 of one, which is a blob of CNG",
    b"---- ": "a public key of RFC 4716; convert it to OpenSSH with: ssh-keygen -i",
}
"""Files that cannot be read here, by their first bytes: what they are, and what to do."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BINARY = ("cng", "pkcs8", "spki", "pkcs1", "sec1", "openssl-dsa", "x509", "pkcs12")


def detect(data: bytes | bytearray) -> str:
    """Return the name of the detected format, or "" if none is recognised. Raw keys are never recognised.

    Nothing is decoded, so the file may still be malformed. Raise InvalidParameterError for empty data and for more than
    :data:`LARGEST` bytes, as :func:`cngcore.formats.decode` does.
    """
    found = outermost(bounded(data))
    return found[0] if found else ""


def outermost(data: bytes, depth: int = 0) -> tuple[str, str, bytes, str] | None:
    """Return (format, encoding, content, wrapping) of ``data``, or None if no format is recognised.

    ``content`` is ``data`` after decoding hex and base64; PEM and JSON stay as they are.
    """
    if cng.blob_type_of(data):
        return "cng", "binary", data, ""
    text = data.strip()
    if not _is_text(
        text
    ):  # the DER of a key always has control characters; hex may begin with "0", which is the byte 0x30
        if data[0] == der.SEQUENCE and (found := _kind_of_der(data)):
            return found, "der", data, ""
        if b"-----BEGIN " not in text:
            return None
    if b"-----BEGIN " in text:
        return next((LABELS[b] for b in _labels(text) if b in LABELS), ""), "pem", data, ""
    if text.startswith(b"{"):
        return "jwk", "json", text, ""
    if text.startswith((b"ssh-", b"ecdsa-sha2-", b"sk-")) and b" " in text:
        return "openssh", "text", text, ""
    if depth:
        return None
    for name, inner in unwrapped(text):
        if (found_inside := outermost(inner, 1)) and found_inside[0] in _BINARY:
            return (*found_inside[:3], name)
    return None


def unwrapped(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes that a text may encode, each with the name of the encoding: "hex", "base64"."""
    for name, unwrap in (("hex", _unhex), ("base64", _unbase64)):
        if inner := unwrap(text):
            yield name, inner


def _is_text(data: bytes) -> bool:
    """Return whether this is UTF-8 without control characters other than line ends."""
    try:
        return not any(octet < 32 and octet not in b"\t\n\r" for octet in data) and data.decode() is not None
    except UnicodeDecodeError:
        return False


def _labels(text: bytes) -> list[str]:
    parts = text.split(b"-----BEGIN ")[1:]
    return [part.split(b"-----", 1)[0].decode("latin-1") for part in parts]


def _unhex(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text.decode("ascii").replace(":", "").removeprefix("0x"))
    except (ValueError, UnicodeDecodeError):
        return b""


def _unbase64(text: bytes) -> bytes:
    try:
        return a2b_base64(b"".join(text.split()), strict_mode=True)
    except (Error, ValueError):
        return b""


def _kind_of_der(data: bytes) -> str:
    """Return which structure a SEQUENCE is, by the types of its first elements. It may still be malformed."""
    tags: list[int] = []
    first = b""
    try:
        inner = der.Reader(data, "").sequence()
        while len(tags) < 10 and (tag := inner.peek()) is not None:
            tags.append(tag)
            content = inner.element()
            first = content if len(tags) == 1 else first
    except BadDataError:
        pass
    number, text, bits, nest = der.INTEGER, der.OCTET_STRING, der.BIT_STRING, der.SEQUENCE
    if tags[:2] == [number, nest]:
        return "pkcs12" if first == b"\3" else "pkcs8"
    if tags[:2] == [number, text]:
        return "sec1"
    if tags[:2] == [nest, nest]:
        return "x509"
    if tags[:2] == [nest, bits]:
        return "spki"
    if tags[:2] == [nest, text]:
        return "pkcs8"
    if tags[:2] == [number, number]:
        return "openssl-dsa" if len(tags) == 6 else "pkcs1"
    return ""


def bounded(data: bytes | bytearray | str, *, text: bool = True) -> bytes:
    """Return the data as bytes. Raise InvalidParameterError if it is empty or longer than :data:`LARGEST`.

    Text in UTF-16 with a byte order mark becomes UTF-8, because ``>`` of PowerShell writes it. A byte order mark of
    UTF-8 is removed. ``text=False`` keeps the bytes, because a raw key may begin like a byte order mark.
    """
    if isinstance(data, str):
        data = data.encode()
    if not isinstance(data, bytes | bytearray | memoryview):
        raise InvalidParameterError(f"the data must be bytes or str, not {type(data).__name__}")
    if len(data) > LARGEST:
        raise InvalidParameterError(f"{len(data)} bytes are too many for a key; at most {LARGEST} are read")
    if not data:
        raise BadDataError("the data is empty: 0 bytes")
    if not text:
        return bytes(data)
    if bytes(data[:2]) in _UTF16_MARKS:
        try:
            return bytes(data).decode("utf-16").encode()
        except UnicodeError:
            pass
    return bytes(data).removeprefix(b"\xef\xbb\xbf")
