"""Read the keys in a PKCS#12 file (RFC 7292): every private key, and the keys of the certificates.

The file may be BER. The passphrase is tested by the file's MAC if it has one. A bag that holds no key of CNG is
skipped with the reason, so that it does not hide the others.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from cngcore.formats import _ber as ber
from cngcore.formats import _der as der
from cngcore.formats import _encryption as encryption
from cngcore.formats import _halves as halves
from cngcore.formats import _pkcs8 as pkcs8
from cngcore.formats import _spki as spki
from cngcore.formats._library import PassphraseNeededError, wrong_passphrase
from cngcore.formats._model import Key
from cngcore.status import BadDataError, CngError, NotSupportedError

__all__ = ["Bag", "read"]

WHAT = "PKCS#12"
DEEPEST = 4
"""Levels of bags in bags that are read."""

_DATA, _SIGNED, _ENVELOPED, _ENCRYPTED = (f"1.2.840.113549.1.7.{number}" for number in (1, 2, 3, 6))
_BAG = "1.2.840.113549.1.12.10.1."
_X509 = "1.2.840.113549.1.9.22.1"
_PBMAC1 = "1.2.840.113549.1.5.14"


@dataclass(frozen=True, slots=True, repr=False)
class Bag:
    """A key of the file, or why it cannot be read; exactly one of ``key`` and ``refusal`` is set.

    ``private`` says whether the bag holds a private key, ``encrypted`` whether the bag was encrypted.
    """

    what: str
    private: bool
    encrypted: bool
    key: Key | None = None
    refusal: CngError | None = None


def read(content: bytes, passphrase: bytes | None) -> list[Bag]:
    """Return the private keys, then the keys of the certificates that belong to no private key.

    Raise InvalidParameterError for a wrong or missing passphrase, BadDataError for a malformed file.
    """
    outer = der.Reader(ber.to_der(content, WHAT), WHAT)
    file = outer.sequence()
    if file.integer("the version") != 3:
        raise file.wrong("the version is not 3")
    authenticated = _octets_of(file.sequence(), passphrase)
    secret = passphrase
    known = False
    if file.peek() == der.SEQUENCE:
        secret, known = _verified(file.sequence(), authenticated, passphrase)
    file.end()
    reader = _Reader(secret, known)
    for part in _each(der.Reader(ber.to_der(authenticated, WHAT), WHAT).sequence()):
        reader.content(part)
    return _without_own_certificates(reader.found)


def _octets_of(info: der.Reader, passphrase: bytes | None) -> bytes:
    kind = info.oid("the content")
    if kind == _SIGNED:
        raise NotSupportedError(f"{WHAT}: the file is signed instead of having a MAC, which cannot be read")
    if kind != _DATA:
        raise info.wrong("the content is not data")
    inside = info.context(0)
    if inside is None:
        raise info.wrong("the content is missing")
    content = inside.octets("the content")
    inside.end()
    return content


def _each(sequence: der.Reader) -> Iterator[der.Reader]:
    while sequence.peek() is not None:
        yield sequence.sequence()


def _verified(mac: der.Reader, content: bytes, passphrase: bytes | None) -> tuple[bytes | None, bool]:
    """Return the passphrase, and True if the MAC shows that it is right. A MAC of an unknown kind shows nothing."""
    info = mac.sequence()
    algorithm = info.sequence()
    expected = info.octets("the MAC")
    salt = mac.octets("the salt of the MAC")
    rounds = mac.integer("the iterations of the MAC") if mac.peek() == der.INTEGER else 1
    mac.end()
    oid = algorithm.oid("the hash of the MAC")
    candidates = [encryption.bmp(passphrase)] if passphrase else [b"\0\0", b""]
    if oid == _PBMAC1:
        parameters = algorithm.sequence()
        kdf, scheme = parameters.sequence(), parameters.sequence()
        if kdf.oid("the key derivation of the MAC") != "1.2.840.113549.1.5.12":
            return passphrase, False
        name = encryption.HMAC.get(scheme.oid("the MAC"), "")
        if not name:
            return passphrase, False
        try:
            keys = [encryption.pbkdf2(kdf.sequence(), passphrase or b"", 0, WHAT)]
        except NotSupportedError:
            return passphrase, False
    else:
        name = encryption.HASHES.get(oid, "")
        if not name:
            return passphrase, False
        size = encryption.digest_size(name, WHAT)
        keys = [encryption.pkcs12_kdf(name, 3, secret, salt, rounds, size, WHAT) for secret in candidates]
    if any(hmac.compare_digest(hmac.new(key, content, name).digest(), expected) for key in keys):
        return passphrase or b"", True
    if passphrase is None:
        raise PassphraseNeededError
    raise wrong_passphrase()


class _Reader:
    def __init__(self, passphrase: bytes | None, known: bool) -> None:
        self._passphrase, self._known = passphrase, known
        self.found: list[Bag] = []

    def content(self, info: der.Reader) -> None:
        """Read the bags of a ContentInfo."""
        kind = info.oid("the content")
        inside = info.context(0)
        if kind == _ENVELOPED:
            why = NotSupportedError(f"{WHAT}: a part is encrypted for a certificate, not by a passphrase")
            self.found.append(Bag("encrypted part", True, True, refusal=why))
            return
        if kind not in (_DATA, _ENCRYPTED):
            why = NotSupportedError(f"{WHAT}: a part is neither data nor encrypted data")
            self.found.append(Bag("part", True, False, refusal=why))
            return
        if inside is None:
            raise info.wrong("the content is missing")
        if kind == _DATA:
            self.bags(inside.octets("the bags"), False)
            return
        data = inside.sequence()
        data.integer("the version")
        part = data.sequence()
        part.oid("the encrypted content")
        algorithm = part.sequence()
        hidden = _implicit_octets(part)
        try:
            plain = self._open(algorithm, hidden)
        except NotSupportedError as error:
            self.found.append(Bag("encrypted part", True, True, refusal=error))
            return
        self.bags(plain, True)

    def bags(self, content: bytes | bytearray, encrypted: bool, depth: int = 0) -> None:
        if depth > DEEPEST:
            raise BadDataError(f"{WHAT}: bags are nested too deep")
        for bag in _each(der.Reader(ber.to_der(content, WHAT), WHAT).sequence()):
            kind = bag.oid("the bag").removeprefix(_BAG)
            value = bag.context(0)
            if value is None:
                raise bag.wrong("a bag is empty")
            if kind == "6":
                inner = value.sequence()
                self.bags(der.sequence(inner.raw()), encrypted, depth + 1)
            elif kind in ("1", "2"):
                self._keep("private key", True, encrypted or kind == "2", lambda v=value, k=kind: self._private(v, k))
            elif kind == "3":
                self._keep("certificate", False, encrypted, lambda v=value: _certificate(v))
            elif kind == "5":
                why = NotSupportedError(f"{WHAT}: a secret bag holds no key pair")
                self.found.append(Bag("secret", True, encrypted, refusal=why))

    def _keep(self, what: str, private: bool, encrypted: bool, read_one: object) -> None:
        try:
            key = read_one()  # type: ignore[operator]
        except NotSupportedError as error:
            self.found.append(Bag(what, private, encrypted, refusal=error))
        except BadDataError as error:
            if private:
                raise
            self.found.append(Bag(what, private, encrypted, refusal=error))
        else:
            self.found.append(Bag(what, private, encrypted, key))

    def _private(self, value: der.Reader, kind: str) -> Key:
        if kind == "1":
            return halves.checked(pkcs8.read(der.sequence(value.sequence().raw())))
        info = value.sequence()
        algorithm = info.sequence()
        return halves.checked(pkcs8.read(self._open(algorithm, info.octets("the encrypted key"))))

    def _open(self, algorithm: der.Reader, hidden: bytes) -> bytearray:
        if self._passphrase is None:
            raise PassphraseNeededError
        return encryption.open_scheme(algorithm, hidden, self._passphrase, what=WHAT, known=self._known)


def _implicit_octets(part: der.Reader) -> bytes:
    """Return ``[0] IMPLICIT OCTET STRING``, in one piece or in pieces."""
    whole = part.context(0, constructed=False)
    if whole is not None:
        return whole.raw()
    pieces = part.context(0)
    if pieces is None:
        raise part.wrong("the encrypted content is missing")
    found = []
    while pieces.peek() is not None:
        found.append(pieces.octets("the encrypted content"))
    return b"".join(found)


def _certificate(value: der.Reader) -> Key:
    bag = value.sequence()
    if bag.oid("the kind of certificate") != _X509:
        raise NotSupportedError(f"{WHAT}: a certificate is not one of X.509")
    inside = bag.context(0)
    if inside is None:
        raise bag.wrong("the certificate is missing")
    return spki.read_certificate(inside.octets("the certificate"))


def _without_own_certificates(bags: list[Bag]) -> list[Bag]:
    """Return the private bags first, and leave out certificates of their keys and repeated keys."""
    private = [bag for bag in bags if bag.private]
    known = {spki.write(half) for bag in private if bag.key and (half := halves.public_half(bag.key)) is not None}
    found = list(private)
    for bag in bags:
        if bag.private:
            continue
        if bag.key is not None:
            public = spki.write(bag.key)
            if public in known:
                continue
            known.add(public)
        found.append(bag)
    return found
