"""Detect the format and the encoding of a file, and undo its hex or base64."""

from __future__ import annotations

from binascii import Error, a2b_base64
from collections.abc import Iterator

from cngcore._nearest import instead_of
from cngcore.formats import _ber as ber
from cngcore.formats import _cng as cng
from cngcore.formats import _der as der
from cngcore.formats import _openssh as openssh
from cngcore.formats import _xml as xml
from cngcore.formats._work import can_compute
from cngcore.status import BadDataError, InvalidParameterError

__all__ = [
    "FOREIGN_LABELS",
    "LABELS",
    "LARGEST",
    "NO_KEYS",
    "bounded",
    "detect",
    "foreign",
    "kind_of_der",
    "outermost",
    "two_numbers",
    "unwrapped",
]

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
    "TRUSTED CERTIFICATE": "x509",
    "ANY PRIVATE KEY": "pkcs8",
    "X25519 PRIVATE KEY": "pkcs8",
    "ML-KEM PRIVATE KEY": "pkcs8",
    "ML-DSA PRIVATE KEY": "pkcs8",
    "DSA PUBLIC KEY": "spki",
    "EC PUBLIC KEY": "spki",
}
"""The format of a PEM block, by its label."""

NO_KEYS = ("EC PARAMETERS", "DH PARAMETERS", "X9.42 DH PARAMETERS", "DSA PARAMETERS", "PARAMETERS")
"""Labels of blocks that stand beside a key."""

FOREIGN_LABELS = {
    "CERTIFICATE REQUEST": "a certificate request",
    "NEW CERTIFICATE REQUEST": "a certificate request",
    "X509 CRL": "a revocation list",
    "PKCS7": "a PKCS#7 message; take the certificates out with: openssl pkcs7 -print_certs",
    "CMS": "a CMS message",
    "PKCS #7 SIGNED DATA": "a PKCS#7 message; take the certificates out with: openssl pkcs7 -print_certs",
    "ATTRIBUTE CERTIFICATE": "an attribute certificate",
    "PKCS12": "a PKCS#12 file as text",
    "PGP PRIVATE KEY BLOCK": "a key of OpenPGP, which holds keys in a format of its own",
    "PGP PUBLIC KEY BLOCK": "a key of OpenPGP, which holds keys in a format of its own",
    "PGP MESSAGE": "a message of OpenPGP",
    "PGP SIGNATURE": "a signature of OpenPGP",
    "OPENVPN STATIC KEY V1": "a symmetric key of OpenVPN",
    "SSL SESSION PARAMETERS": "a TLS session",
    "TSS2 PRIVATE KEY": "a key that only its TPM can read",
    "ED25519 PRIVATE KEY": f"a key for Ed25519, which CNG does not have{instead_of('Ed25519')}",
}
"""Labels of blocks that hold no key which can be read here: what they hold."""

_JKS = "a Java keystore; convert it to PKCS#12 with: keytool -importkeystore -deststoretype pkcs12"
_FOREIGN = {
    b"\xfe\xed\xfe\xed": _JKS,
    b"\xce\xce\xce\xce": _JKS,
    b"PuTT": "a key of PuTTY; convert it to OpenSSH with: puttygen -O private-openssh",
    b'{"cngcore_keys"': "the key list of cng generate --count; decode the base64 of one, which is a blob of CNG",
    b"---- BEGIN SSH2 PUBLIC KEY": "a public key of RFC 4716; convert it to OpenSSH with: ssh-keygen -i",
    b"---- BEGIN SSH2 ENCRYPTED": "a private key of ssh.com; convert it to OpenSSH with: ssh-keygen -i, or puttygen",
    b"---- BEGIN SSH2 PRIVATE": "a private key of ssh.com; convert it to OpenSSH with: ssh-keygen -i, or puttygen",
    b"\x3f\x6f\xf9\xeb": "a private key of ssh.com; convert it to OpenSSH with: ssh-keygen -i, or puttygen",
    b"SSH PRIVATE KEY FILE FORMAT 1.1": "a key of SSH version 1, for which no program has a use any more",
    b"<DSAKeyValue": "a DSA key as XML; .NET writes it as PKCS#8 with DSA.ExportPkcs8PrivateKey",
    b"<ECDSAKeyValue": "an EC key as XML; .NET writes it as PKCS#8 with ECDsa.ExportPkcs8PrivateKey",
    b"<ECDHKeyValue": "an EC key as XML; .NET writes it as PKCS#8 with ECDiffieHellman.ExportPkcs8PrivateKey",
    b"untrusted comment:": "a key of minisign or signify, which are for Ed25519, which CNG does not have"
    + instead_of("Ed25519"),
    b"AGE-SECRET-KEY-": "a key of age, which is X25519 in Bech32",
}
"""Files that cannot be read here, by their first bytes: what they are, and what to do."""

_PVK = b"\x1e\xf1\xb5\xb0"
_SNK = {b"\x00\x24\x00\x00", b"\x00\xa4\x00\x00"}  # CALG_RSA_SIGN, CALG_RSA_KEYX

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BINARY = ("cng", "pkcs8", "spki", "pkcs1", "sec1", "openssl-dsa", "x509", "pkcs12")


def detect(data: bytes | bytearray) -> str:
    """Return the name of the detected format, or "" if none is recognised. Raw keys are never recognised.

    Nothing is decoded, so the file may still be malformed. Raise InvalidParameterError for empty data and for more than
    :data:`LARGEST` bytes, as :func:`cngcore.formats.decode` does.
    """
    found = outermost(bounded(data))
    return found[0] if found else ""


def foreign(data: bytes) -> str:
    """Return what a file is that is known and cannot be read here, and what to do; else ""."""
    head = data.lstrip()[:64] if data[:1] in b" \t\r\n<-" else data[:64]
    if data[:4] == _PVK and not _unpacked_pvk(data):
        return "an encrypted or damaged .pvk file; convert it with: openssl rsa -inform PVK"
    return next((what_it_is for start, what_it_is in _FOREIGN.items() if head.startswith(start)), "")


def outermost(data: bytes, depth: int = 0) -> tuple[str, str, bytes, str] | None:
    """Return (format, encoding, content, wrapping) of ``data``, or None if no format is recognised.

    ``content`` is ``data`` after decoding hex and base64, and without the header of a .snk or .pvk file; PEM and JSON
    stay as they are.
    """
    if cng.blob_type_of(data):
        return "cng", "binary", data, ""
    if data[:4] in _SNK and cng.blob_type_of(data[12:]) == "CAPIPUBLICBLOB" and _size_fits(data):
        return "cng", "binary", data[12:], "snk"
    if data[:4] == _PVK and (blob := _unpacked_pvk(data)):
        return "cng", "binary", blob, "pvk"
    text = data.strip()
    if not _is_text(
        text
    ):  # the DER of a key always has control characters; hex may begin with "0", which is the byte 0x30
        if data[0] == der.SEQUENCE and (found := kind_of_der(data)):
            return found, "der", data, ""
        if data.startswith(openssh.MAGIC):
            return "openssh", "binary", data, ""
        if b"-----BEGIN " not in text:
            return None
    if b"-----BEGIN " in text:
        return next((LABELS[b] for b in _labels(text) if b in LABELS), ""), "pem", data, ""
    if text.startswith(b"{"):
        return "jwk", "json", text, ""
    if xml.is_xml(text):
        return "xml", "text", text, ""
    if openssh.is_public(text):
        return "openssh", "text", text, ""
    if depth:
        return None
    for name, inner in unwrapped(text):
        if (found_inside := outermost(inner, 1)) and (found_inside[0] in _BINARY or found_inside[1] == "pem"):
            return (*found_inside[:3], name)
    return None


def _size_fits(data: bytes) -> bool:
    return int.from_bytes(data[8:12], "little") == len(data) - 12


def _unpacked_pvk(data: bytes) -> bytes:
    """Return the blob in a .pvk file that is not encrypted, else b""."""
    if len(data) < 24 or any(data[12:20]) or int.from_bytes(data[20:24], "little") != len(data) - 24:
        return b""
    blob = data[24:]
    return blob if cng.blob_type_of(blob) else b""


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
    parts = text.split(b"-----BEGIN ", 1000)[1:]
    return [part[:80].split(b"-----", 1)[0].decode("latin-1") for part in parts]


def _unhex(text: bytes) -> bytes:
    try:
        plain = text.decode("ascii").replace(":", "").replace("-", "").replace(",", " ")
        return bytes.fromhex(plain.replace("0x", "").replace("0X", ""))
    except (ValueError, UnicodeDecodeError):
        return b""


def _unbase64(text: bytes) -> bytes:
    try:
        return a2b_base64(b"".join(text.split()), strict_mode=True)
    except (Error, ValueError):
        return b""


def kind_of_der(data: bytes) -> str:
    """Return which structure a SEQUENCE is, by the types of its first elements. It may still be malformed."""
    if data[1:2] == b"\x80":  # an indefinite length: no key but PKCS#12 is written so
        try:
            data = ber.to_der(data, "")
        except BadDataError:
            return "pkcs12" if data[2:5] == b"\2\1\3" else ""
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
    if tags[:2] == [number, nest] or (tags == [number] and first == b"\3"):
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


def two_numbers(n: int, e: int) -> str:
    """Return why two INTEGERs without a label are not an RSA public key, or "" if they may be one.

    Diffie-Hellman parameters and the signatures of DSA and ECDSA are two INTEGERs too.
    """
    if e < 3 or not e & 1 or not n & 1 or e >= n or e.bit_length() > 64:
        return "two numbers that are not an RSA public key: perhaps parameters of Diffie-Hellman, or a signature"
    size = n.bit_length()
    ones = (1 << 64) - 1
    safe = size >= 192 and n & ones == ones == n >> (size - 64)  # the groups of RFC 2409, 3526 and 7919
    if safe or (size <= 4096 and can_compute(size, size) and pow(2, n - 1, n) == 1):
        return "two numbers that are parameters of Diffie-Hellman, not an RSA public key: the first is a prime"
    return ""


def bounded(data: bytes | bytearray | str, *, text: bool = True) -> bytes:
    """Return the data as bytes. Raise InvalidParameterError if it is empty or longer than :data:`LARGEST`.

    Text in UTF-16 with a byte order mark becomes UTF-8, because ``>`` of PowerShell writes it. A byte order mark of
    UTF-8 is removed. ``text=False`` keeps the bytes, because a raw key may begin like a byte order mark.
    """
    if isinstance(data, str):
        try:
            data = data.encode()
        except UnicodeEncodeError:
            raise BadDataError("the text has characters that UTF-8 cannot hold") from None
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
