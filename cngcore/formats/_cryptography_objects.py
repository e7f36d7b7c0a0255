"""Convert keys to objects of the package ``cryptography``, and let it read and write OpenSSH and PKCS#12 files.

``cryptography`` 50 refuses ML-KEM-512, private keys of ML-KEM and ML-DSA in expanded form, curves without a name, and
unusual sizes of RSA and DSA. Each of them raises NotSupportedError. The library deprecates its Diffie-Hellman; the
warning is suppressed, because the caller cannot act on it.
"""

from __future__ import annotations

import warnings
from typing import Any

from cngcore.formats import _pkcs8 as pkcs8
from cngcore.formats import _spki as spki
from cngcore.formats._complete import complete
from cngcore.formats._library import needs, wrong_passphrase
from cngcore.formats._model import Key, MlKey
from cngcore.status import BadDataError, CngError, InvalidParameterError, NotSupportedError

__all__ = [
    "from_cryptography",
    "load_private",
    "read_openssh_private",
    "read_openssh_public",
    "read_pkcs12",
    "reencode_private",
    "to_cryptography",
    "write_openssh",
]


def to_cryptography(key: Key, *, private: bool | None = None) -> Any:
    """Return ``key`` as an object of ``cryptography``. ``private`` chooses the half; None takes all of the key."""
    half = key.is_private if private is None else private
    serialization = _serialization("a key object")
    if half:
        return _call(serialization.load_der_private_key, bytes(pkcs8.write(key, _form(key))), None, of=key)
    return _call(serialization.load_der_public_key, spki.write(complete(key)), of=key)


def from_cryptography(source: object) -> Key:
    """Return the key in an object of ``cryptography``, private or public."""
    s = _serialization("a key object")
    if hasattr(source, "private_bytes") and hasattr(source, "public_key"):
        content = _call(source.private_bytes, s.Encoding.DER, s.PrivateFormat.PKCS8, s.NoEncryption())
        key = pkcs8.read(content)
        return key if key.has_public else key.with_public(from_cryptography(_call(source.public_key)))
    if hasattr(source, "public_bytes"):
        return spki.read(_call(source.public_bytes, s.Encoding.DER, s.PublicFormat.SubjectPublicKeyInfo))
    raise InvalidParameterError(f"a key object of cryptography is needed, not {type(source).__name__}")


def load_private(content: bytes, passphrase: bytes | None, *, encoding: str) -> Key:
    """Return a private key in an old encryption of PKCS#8 or PEM, which only ``cryptography`` reads."""
    s = _serialization("this encryption")
    load = s.load_pem_private_key if encoding == "pem" else s.load_der_private_key
    return from_cryptography(_load(load, content, passphrase))


def reencode_private(content: bytes, passphrase: bytes) -> bytearray:
    """Return the PrivateKeyInfo in an EncryptedPrivateKeyInfo of an old encryption, such as PKCS#12's."""
    return pkcs8.write(load_private(content, passphrase, encoding="der"))


def read_openssh_private(text: bytes, passphrase: bytes | None) -> Key:
    """Return the key in a private key file of ``ssh-keygen``."""
    return from_cryptography(_load(_serialization("OpenSSH").load_ssh_private_key, text, passphrase))


def read_openssh_public(line: bytes) -> Key:
    """Return the key in a line of ``authorized_keys`` or of a ``.pub`` file."""
    return from_cryptography(_load(_serialization("OpenSSH").load_ssh_public_key, line.strip()))


def write_openssh(key: Key, *, private: bool, passphrase: bytes | None = None) -> bytes | bytearray:
    """Return a private key file of ``ssh-keygen``, or the line of its ``.pub`` file without a comment."""
    s = _serialization("OpenSSH")
    if not private:
        half = to_cryptography(key, private=False)
        return bytes(_call(half.public_bytes, s.Encoding.OpenSSH, s.PublicFormat.OpenSSH, of=key)) + b"\n"
    hidden = s.BestAvailableEncryption(passphrase) if passphrase else s.NoEncryption()
    whole = to_cryptography(key)
    return bytearray(_call(whole.private_bytes, s.Encoding.PEM, s.PrivateFormat.OpenSSH, hidden, of=key))


def read_pkcs12(content: bytes, passphrase: bytes | None) -> list[Key]:
    """Return the keys in a PKCS#12 file: the private key, and the keys of certificates that belong to other keys."""
    with needs("PKCS#12"):
        from cryptography.hazmat.primitives.serialization import pkcs12
    try:
        bundle: Any = _load(pkcs12.load_pkcs12, content, passphrase)
    except NotSupportedError as error:
        raise NotSupportedError(
            f"PKCS#12: {error.message}; take the key out with: openssl pkcs12 -nodes -nocerts"
        ) from error
    keys = [] if bundle.key is None else [from_cryptography(bundle.key)]
    certificates = [bundle.cert, *bundle.additional_certs]
    for held in certificates:
        if held is not None:
            key = spki.read_certificate(held.certificate.public_bytes(_serialization("PKCS#12").Encoding.DER))
            if key not in [known.public() for known in keys if known.has_public]:
                keys.append(key)
    return keys


def _form(key: Key) -> str:
    return "seed" if isinstance(key.numbers, MlKey) and key.numbers.seed else ""


def _serialization(what: str) -> Any:
    with needs(what), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from cryptography.hazmat.primitives import serialization
    return serialization


def _call(function: Any, *arguments: object, of: Key | None = None) -> Any:
    """Call ``cryptography``. Raise NotSupportedError for whatever it raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*arguments)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        what = "this key" if of is None else f"this {of.description} key"
        raise NotSupportedError(f"cryptography does not take {what}: {_first_line(error)}") from error


def _load(function: Any, content: bytes, *passphrase: bytes | None) -> Any:
    """Let ``cryptography`` read a file. Raise one error for a wrong passphrase, BadDataError for a broken file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(content, *passphrase)
    except (KeyboardInterrupt, CngError):
        raise
    except TypeError as error:
        if passphrase and passphrase[0] is None:
            raise InvalidParameterError("the key is encrypted; give its passphrase") from error
        raise InvalidParameterError("the key is not encrypted, but a passphrase was given; leave it out") from error
    except ValueError as error:
        if "ertificate" in str(error):
            raise NotSupportedError(
                f"cryptography cannot read a certificate in the file: {_first_line(error)}"
            ) from error
        if passphrase and passphrase[0] is not None:
            raise wrong_passphrase() from error
        if "password" in str(error).lower() or "encrypted" in str(error).lower():
            raise InvalidParameterError("the key is encrypted; give its passphrase") from error
        raise BadDataError(f"cryptography cannot read the file: {_first_line(error)}") from error
    except BaseException as error:
        raise NotSupportedError(f"cryptography cannot read the file: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
