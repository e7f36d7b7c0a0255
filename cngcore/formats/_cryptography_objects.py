"""Convert keys to objects of the package ``cryptography``, and let it write OpenSSH files.

``cryptography`` 50 refuses ML-KEM-512, private keys of ML-KEM and ML-DSA in expanded form, curves without a name, and
unusual sizes of RSA and DSA. Each of them raises NotSupportedError. The library deprecates its Diffie-Hellman: making
such an object warns. The warning reaches the caller, because only a switch of the whole process could suppress it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cngcore.formats import _pkcs8 as pkcs8
from cngcore.formats import _spki as spki
from cngcore.formats._complete import complete
from cngcore.formats._export import as_key
from cngcore.formats._library import needs
from cngcore.formats._model import Key, MlKey
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from cngcore.objects import KeyPair

__all__ = [
    "from_cryptography",
    "to_cryptography",
    "write_openssh",
]


def to_cryptography(key: Key | KeyPair, *, private: bool | None = None) -> Any:
    """Return ``key`` as an object of ``cryptography``. ``private`` chooses the half; None takes all of the key."""
    key = as_key(key)
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


def write_openssh(key: Key, *, private: bool, passphrase: bytes | None = None) -> bytes | bytearray:
    """Return a private key file of ``ssh-keygen``, or the line of its ``.pub`` file without a comment."""
    s = _serialization("OpenSSH")
    if not private:
        half = to_cryptography(key, private=False)
        return bytes(_call(half.public_bytes, s.Encoding.OpenSSH, s.PublicFormat.OpenSSH, of=key)) + b"\n"
    hidden = s.BestAvailableEncryption(passphrase) if passphrase else s.NoEncryption()
    whole = to_cryptography(key)
    return bytearray(_call(whole.private_bytes, s.Encoding.PEM, s.PrivateFormat.OpenSSH, hidden, of=key))


def _form(key: Key) -> str:
    return "seed" if isinstance(key.numbers, MlKey) and key.numbers.seed else ""


def _serialization(what: str) -> Any:
    with needs(what):
        from cryptography.hazmat.primitives import serialization
    return serialization


def _call(function: Any, *arguments: object, of: Key | None = None) -> Any:
    """Call ``cryptography``. Raise NotSupportedError for whatever it raises, except a warning made an error."""
    try:
        return function(*arguments)
    except (KeyboardInterrupt, Warning):
        raise
    except BaseException as error:
        what = "this key" if of is None else f"this {of.description} key"
        raise NotSupportedError(f"cryptography does not take {what}: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
