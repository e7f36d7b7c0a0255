"""Read keys of OpenSSH: private key files (PROTOCOL.key), and lines of ``.pub``, ``authorized_keys``, ``known_hosts``.

Files without a passphrase need only the core. The ciphers are those of ``cryptography``, the key derivation is that of
the package ``bcrypt``; both come with the extra ``cngcore[formats]``. The work of the key derivation is charged before
it begins. ``cryptography`` writes the files: see ``_cryptography_objects``.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64
from dataclasses import dataclass
from itertools import pairwise

from cngcore._nearest import instead_of
from cngcore.blobs import rsa
from cngcore.blobs.dsa import DsaParameters
from cngcore.blobs.rsa import RsaKey
from cngcore.formats import _halves as halves
from cngcore.formats import _traditional as structures
from cngcore.formats._library import PassphraseNeededError, needs, wrong_passphrase
from cngcore.formats._model import EcKey, Key, curve_of
from cngcore.formats._points import private_number, read_point
from cngcore.formats._work import charge_derivation
from cngcore.status import BadDataError, CngError, InvalidParameterError, NotSupportedError

__all__ = ["MAGIC", "Line", "is_public", "read_private", "read_public"]

MAGIC = b"openssh-key-v1\0"
"""The first bytes of the content of a private key file."""

WHAT = "OpenSSH"
MOST_KEYS = 16
MOST_LINES = 10_000
LARGEST_NUMBER = 16384
_ROUND = 10_000  # work of one round of bcrypt, where one iteration of SHA-256 is 1

_CURVES = {b"nistp256": "nistP256", b"nistp384": "nistP384", b"nistp521": "nistP521"}
_FOREIGN = {
    b"ssh-ed25519": "Ed25519",
    b"ssh-ed448": "Ed448",
    b"sk-ssh-ed25519@openssh.com": "an Ed25519 key in a security key",
    b"sk-ecdsa-sha2-nistp256@openssh.com": "an ECDSA key in a security key",
    b"ssh-xmss@openssh.com": "XMSS",
}
_CIPHERS = {
    b"aes128-cbc": ("CBC", 16, 16), b"aes192-cbc": ("CBC", 24, 16), b"aes256-cbc": ("CBC", 32, 16),
    b"rijndael-cbc@lysator.liu.se": ("CBC", 32, 16),
    b"aes128-ctr": ("CTR", 16, 16), b"aes192-ctr": ("CTR", 24, 16), b"aes256-ctr": ("CTR", 32, 16),
    b"aes128-gcm@openssh.com": ("GCM", 16, 12), b"aes256-gcm@openssh.com": ("GCM", 32, 12),
    b"3des-cbc": ("3DES", 24, 8), b"chacha20-poly1305@openssh.com": ("ChaCha20", 64, 0),
}  # fmt: skip
"""By name: the mode, the bytes of the key and of the initial vector."""

_TYPE = re.compile(rb"(?:ssh|sk-ssh|ecdsa-sha2|sk-ecdsa-sha2|webauthn-sk-ecdsa-sha2)-[a-z0-9@.-]{1,60}")
_PUBLIC = re.compile(rb"(?:^|[ \t,\"])" + _TYPE.pattern + rb"[ \t]+AAAA[A-Za-z0-9+/]{12}", re.MULTILINE)


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """A key of a text, or why it cannot be read; exactly one of ``key`` and ``refusal`` is set."""

    number: int
    key: Key | None = None
    refusal: CngError | None = None


def is_public(text: bytes) -> bool:
    """Return whether a text has a line with a public key."""
    return _PUBLIC.search(text) is not None


def read_public(text: bytes) -> list[Line]:
    """Return the keys of the lines. Options, host names and comments are ignored."""
    found: list[Line] = []
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise BadDataError(f"{WHAT}: the text has more than {MOST_LINES} lines")
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line.startswith(b"#"):
            continue
        try:
            found.append(Line(number, _read_line(line)))
        except (BadDataError, NotSupportedError) as error:
            found.append(Line(number, refusal=error))
    return found


def _read_line(line: bytes) -> Key:
    words = line.split()
    blob = b""
    for word, following in pairwise(words):
        kind = word.rpartition(b'"')[2]
        if not _TYPE.fullmatch(kind):
            continue
        try:
            blob = a2b_base64(following, strict_mode=True)
        except (Error, ValueError):
            continue
        if blob.startswith(len(kind).to_bytes(4, "big") + kind):
            break
        blob = b""
    if not blob:
        raise BadDataError(f"{WHAT}: the line holds no public key: a type, then base64 of the same type")
    return _public(blob)


def _public(blob: bytes) -> Key:
    reader = _Reader(blob)
    key = _public_fields(reader.string(), reader)
    reader.end()
    return key


def _public_fields(kind: bytes, reader: _Reader) -> Key:
    if kind == b"ssh-rsa":
        e = reader.number()
        return Key("RSA", RsaKey(reader.number(), e))
    if kind == b"ssh-dss":
        p, q, g, y = (reader.number() for _ in range(4))
        return Key("DSA", structures.dsa_key(DsaParameters(p=p, q=q, g=g), y, None))
    if kind.startswith(b"ecdsa-sha2-") and kind.removeprefix(b"ecdsa-sha2-") in _CURVES:
        return Key("EC", _point(kind, reader), "")
    raise _foreign(kind)


def _point(kind: bytes, reader: _Reader) -> EcKey:
    name = reader.string()
    if name != kind.removeprefix(b"ecdsa-sha2-"):
        raise BadDataError(f"{WHAT}: the curve is not the one of the key type")
    curve = curve_of(_CURVES[name])
    return EcKey(curve, *read_point(curve, reader.string()))


def _foreign(kind: bytes) -> NotSupportedError:
    if kind.endswith(b"-cert-v01@openssh.com"):
        return NotSupportedError(f"{WHAT}: a certificate of OpenSSH cannot be read; pass the key that it certifies")
    name = _FOREIGN.get(kind, "an algorithm")
    instead = instead_of("Ed25519" if "Ed25519" in name else name)
    return NotSupportedError(f"the key is for {name}, which CNG does not have{instead}")


def read_private(content: bytes, passphrase: bytes | None) -> tuple[list[Key], bool]:
    """Return the keys of a private key file, given its decoded content, and whether the file is encrypted.

    Raise InvalidParameterError for a wrong or missing passphrase, NotSupportedError for a type that CNG does not have.
    """
    if not content.startswith(MAGIC):
        raise BadDataError(f"{WHAT}: the content does not begin with the magic of a private key file")
    outer = _Reader(content[len(MAGIC) :])
    cipher, kdf, options, count = outer.string(), outer.string(), outer.string(), outer.dword()
    if not 0 < count <= MOST_KEYS:
        raise BadDataError(f"{WHAT}: the file holds no key, or more than {MOST_KEYS}")
    public = [outer.string() for _ in range(count)]
    hidden, tag = outer.string(), outer.rest()
    encrypted = cipher != b"none"
    plain = hidden
    if encrypted:
        if cipher not in _CIPHERS:
            raise NotSupportedError(f"{WHAT}: the cipher of the file is not supported; use ssh-keygen -p -Z aes256-ctr")
        if kdf != b"bcrypt":
            raise NotSupportedError(f"{WHAT}: the key derivation of the file is not supported; only bcrypt is")
        if passphrase is None:
            for blob in public:
                _known_type(blob)  # say that the key is foreign before asking for a passphrase
            raise PassphraseNeededError
        plain = _decrypt(cipher, options, passphrase, hidden, tag)
    elif tag:
        raise BadDataError(f"{WHAT}: {len(tag)} bytes trail")
    return _private_section(plain, public, encrypted), encrypted


def _known_type(blob: bytes) -> None:
    kind = _Reader(blob).string()
    if kind not in (b"ssh-rsa", b"ssh-dss") and kind.removeprefix(b"ecdsa-sha2-") not in _CURVES:
        raise _foreign(kind)


def _private_section(plain: bytes, public: list[bytes], encrypted: bool) -> list[Key]:
    reader = _Reader(plain)
    if reader.dword() != reader.dword():
        raise wrong_passphrase() if encrypted else BadDataError(f"{WHAT}: the two check numbers differ")
    keys = []
    for blob in public:
        _known_type(blob)
        kind = reader.string()
        key = _private(kind, reader)
        reader.string()  # the comment
        if _public(blob).numbers != key.public().numbers:
            raise BadDataError(f"{WHAT}: the public key in the file belongs to another private key")
        keys.append(halves.checked(key))
    padding = reader.rest()
    if len(padding) > 255 or padding != bytes(range(1, len(padding) + 1)):
        raise BadDataError(f"{WHAT}: the padding is wrong")
    return keys


def _private(kind: bytes, reader: _Reader) -> Key:
    if kind == b"ssh-rsa":
        n, e, d, qinv, p, q = (reader.number() for _ in range(6))
        if not (n and e and d and p and q):
            raise BadDataError(f"{WHAT}: a required number of the RSA key is 0")
        try:
            return Key("RSA", rsa.complete(RsaKey(n, e, p, q, qinv=qinv, d=d)))
        except InvalidParameterError as error:
            raise BadDataError(f"{WHAT}: {error.message}") from None
    if kind == b"ssh-dss":
        p, q, g, y, x = (reader.number() for _ in range(5))
        return Key("DSA", structures.dsa_key(DsaParameters(p=p, q=q, g=g), y, x))
    if kind.startswith(b"ecdsa-sha2-") and kind.removeprefix(b"ecdsa-sha2-") in _CURVES:
        half = _point(kind, reader)
        d = reader.number()
        encoded = d.to_bytes((d.bit_length() + 7) // 8, "big")
        return Key("EC", EcKey(half.curve, half.x, half.y, private_number(half.curve, encoded)), "")
    raise _foreign(kind)


def _decrypt(cipher: bytes, options: bytes, passphrase: bytes, hidden: bytes, tag: bytes) -> bytes:
    mode, key_bytes, iv_bytes = _CIPHERS[cipher]
    given = _Reader(options)
    salt, rounds = given.string(), given.dword()
    given.end()
    if not salt or len(salt) > 4096 or not rounds:
        raise BadDataError(f"{WHAT}: the salt or the rounds of the key derivation are 0 or too many")
    if not passphrase:
        raise wrong_passphrase()
    block = 8 if mode in ("3DES", "ChaCha20") else 16
    if not hidden or len(hidden) % block or len(tag) != (16 if mode in ("GCM", "ChaCha20") else 0):
        raise BadDataError(f"{WHAT}: the encrypted content does not consist of whole blocks")
    charge_derivation(rounds * _ROUND * -(-(key_bytes + iv_bytes) // 64), WHAT)
    with needs("a passphrase of OpenSSH"):
        import bcrypt
        from cryptography.exceptions import InvalidSignature, InvalidTag
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
        from cryptography.hazmat.primitives.poly1305 import Poly1305
    made = bcrypt.kdf(passphrase, salt, key_bytes + iv_bytes, rounds, ignore_few_rounds=True)
    key, iv = made[:key_bytes], made[key_bytes:]
    if mode == "3DES":
        from cngcore.formats import _encryption as encryption

        return encryption.triple_des(key, iv, hidden)
    if mode == "ChaCha20":
        one_time = Cipher(algorithms.ChaCha20(key[:32], bytes(16)), None).encryptor().update(bytes(32))
        try:
            Poly1305.verify_tag(one_time, hidden, tag)
        except InvalidSignature:
            raise wrong_passphrase() from None
        return Cipher(algorithms.ChaCha20(key[:32], b"\1" + bytes(15)), None).decryptor().update(hidden)
    chosen = modes.GCM(iv, tag) if mode == "GCM" else modes.CTR(iv) if mode == "CTR" else modes.CBC(iv)
    context = Cipher(algorithms.AES(key), chosen).decryptor()
    try:
        return context.update(hidden) + context.finalize()
    except InvalidTag:
        raise wrong_passphrase() from None


class _Reader:
    """Read the strings and numbers of SSH (RFC 4251 section 5)."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def dword(self) -> int:
        return int.from_bytes(self._take(4), "big")

    def string(self) -> bytes:
        return self._take(self.dword())

    def number(self) -> int:
        content = self.string()
        if content and content[0] & 0x80:
            raise BadDataError(f"{WHAT}: a number is negative")
        if len(content) > LARGEST_NUMBER // 8 + 1:
            raise BadDataError(f"{WHAT}: a number is above {LARGEST_NUMBER} bits")
        return int.from_bytes(content, "big")

    def rest(self) -> bytes:
        return self._take(len(self._data) - self._at)

    def end(self) -> None:
        if self._at != len(self._data):
            raise BadDataError(f"{WHAT}: {len(self._data) - self._at} bytes trail")

    def _take(self, size: int) -> bytes:
        if size > len(self._data) - self._at:
            raise BadDataError(f"{WHAT}: the data is cut off: {len(self._data) - self._at} bytes are left")
        self._at += size
        return self._data[self._at - size : self._at]
