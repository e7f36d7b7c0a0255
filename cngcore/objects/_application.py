"""What applications ask of a key beyond the functions of bcrypt.h: messages, what the key is, key files."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cngcore import constants as c
from cngcore import windows
from cngcore._checks import to_bytes
from cngcore._diagnostics import clear_tracebacks
from cngcore._imports import resolve
from cngcore.status import BadDataError, CngError, InvalidParameterError, InvalidSignatureError, NotSupportedError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Any, Literal, Self

    from typing_extensions import Buffer

    from cngcore.objects._implementation import Implementation
    from cngcore.padding import HashName, Padding
    from cngcore.provider import KeyMaterial

_PUBLIC = {"sign": ("verify",), "encrypt": ("encrypt",), "encapsulate": ("encapsulate",)}
_PRIVATE = {"sign": ("sign",), "encrypt": ("decrypt",), "agree": ("agree",), "encapsulate": ("decapsulate",)}
"""What the public and the private half can do, by the operation that an algorithm declares."""


class ApplicationKey:
    """The part of :class:`~cngcore.KeyPair` that bcrypt.h does not have."""

    __slots__ = ()

    if TYPE_CHECKING:
        _implementation: Implementation
        _material: KeyMaterial | None

        @property
        def state(self) -> str: ...
        @property
        def _name(self) -> str: ...
        def get_property(self, name: str) -> object: ...
        def size_of(self, operation: str) -> int: ...
        def sign_bytes(self, data: bytes, padding: Padding | None) -> bytes: ...
        def verify_bytes(self, data: bytes, signature: bytes, padding: Padding | None) -> None: ...
        def export(self, blob_type: str) -> bytes | bytearray: ...

    # --- messages -------------------------------------------------------------------------------------

    @clear_tracebacks
    def sign(
        self,
        message: Buffer,
        *,
        hash: HashName | None = None,
        padding: Padding | None = None,
        encoding: Literal["raw", "der"] = "raw",
    ) -> bytes:
        """Hash a message and sign the digest. Return the signature.

        ``hash`` is a name such as ``"SHA256"``. By default it is that of ``padding``, if one is given; else SHA384 for
        P-384, SHA512 for P-521, SHA1 for DSA of up to 1024 bits, and SHA256 for other keys. RSA signs with PSS and a
        salt as long as the hash, unless ``padding`` is given; a ``Pkcs1()`` without a hash takes that of the message.
        ML-DSA signs the message itself; with ``hash`` it signs by HashML-DSA (FIPS 204 section 5.4).

        ``encoding="der"`` gives ECDSA and DSA signatures as OpenSSL, Java and X.509 have them; ``"raw"`` is ``r || s``,
        as Windows has them.

        Raise InvalidParameterError for a public half, NotSupportedError for an unknown hash and for a key that cannot
        sign.

        >>> key = cngcore.generate_key_pair("ECDSA_P256")
        >>> signature = key.sign(b"ten euros to Alice")
        >>> key.public().verify(b"ten euros to Alice", signature)
        """
        from cngcore.objects import _messages as messages  # a key that signs no message does not need it

        as_der = messages.is_der(self._implementation.name, encoding)
        data, padding = self._to_sign(message, hash, padding)
        signature = self.sign_bytes(data, padding)
        return _formats("signature_to_der")(signature) if as_der else signature

    @clear_tracebacks
    def verify(
        self,
        message: Buffer,
        signature: Buffer,
        *,
        hash: HashName | None = None,
        padding: Padding | None = None,
        encoding: Literal["raw", "der"] = "raw",
    ) -> None:
        """Verify the signature that :meth:`~KeyPair.sign` made of a message with the same arguments.

        Raise InvalidSignatureError for every signature that is not valid, also for one of a wrong length. Other errors
        are those of :meth:`~KeyPair.sign`.
        """
        from cngcore.objects import _messages as messages

        as_der = messages.is_der(self._implementation.name, encoding)
        data, padding = self._to_sign(message, hash, padding)
        given, size = to_bytes("the signature", signature), self.size_of("sign")
        if as_der:
            try:
                given = _formats("signature_from_der")(given, size)
            except BadDataError as error:
                raise InvalidSignatureError(error.message) from None
        self.verify_number(
            data, given, padding, "" if as_der else messages.advice_on_der(self._implementation.name, given)
        )

    @clear_tracebacks
    def verify_number(self, data: bytes, signature: bytes, padding: Padding | None, advice: str = "") -> None:
        """Verify a raw signature of a digest or message. One of a wrong length or value is an InvalidSignatureError.

        ``advice`` ends the message about a wrong length.
        """
        size = self.size_of("sign")
        if len(signature) != size:
            raise InvalidSignatureError(
                f"the signature has {len(signature)} bytes; one of {self._name} has {size}{advice}"
            )
        try:
            self.verify_bytes(data, signature, padding)
        except InvalidParameterError:
            if self._is_above_modulus(signature):
                raise InvalidSignatureError("the signature is not below the modulus of the key") from None
            raise

    def _to_sign(self, message: Buffer, hash: HashName | None, padding: Padding | None) -> tuple[bytes, Padding | None]:
        from cngcore.objects import _messages as messages

        data = to_bytes("the message", message)
        data, padding, name = messages.prepare(self._implementation.algorithm, self.length, data, hash, padding)
        if name is not None and self._implementation.windows != windows.NEWEST:
            self._check_hash(name)
        return data, padding

    def _check_hash(self, name: object) -> None:
        """Reject a hash that the configured Windows version lacks."""
        if not self._implementation.has("algorithm", name):
            raise NotSupportedError(f"Windows {self._implementation.windows} has no hash {name!r}")

    def _is_above_modulus(self, signature: bytes) -> bool:
        if "RSAPUBLICBLOB" not in self._implementation.algorithm.blob_types:
            return False
        blob = bytes(self.export("RSAPUBLICBLOB"))
        return int.from_bytes(signature, "big") >= int.from_bytes(blob[-len(signature) :], "big")

    # --- what the key is ------------------------------------------------------------------------------

    @property
    def algorithm(self) -> str:
        """The name of the algorithm, such as ``"RSA"`` or ``"ECDSA_P256"``."""
        return self._implementation.name

    @property
    def length(self) -> int:
        """The length in bits, as the property ``KeyLength`` has it; 0 if the algorithm has none, as ML-KEM."""
        found = self._known(c.BCRYPT_KEY_LENGTH)
        return found if isinstance(found, int) else 0

    @property
    def curve(self) -> str | None:
        """The name of the elliptic curve, such as ``"nistP256"``; None for other keys and for a nameless curve."""
        found = self._known(c.BCRYPT_ECC_CURVE_NAME)
        return found if isinstance(found, str) and found else None

    @property
    def parameter_set(self) -> str | None:
        """The parameter set, such as ``"768"`` of ML-KEM; None for other keys."""
        found = self._known(c.BCRYPT_PARAMETER_SET_NAME)
        return found if isinstance(found, str) and found else None

    @property
    def has_private(self) -> bool:
        """Whether the private half is there. A key that is not finalized has none."""
        material = self._material
        return material is not None and self._implementation.holds_private(material)

    @property
    def operations(self) -> frozenset[str]:
        """What this key can do.

        Of ``"sign"``, ``"verify"``, ``"encrypt"``, ``"decrypt"``, ``"agree"``, ``"encapsulate"`` and ``"decapsulate"``;
        a public half lacks some. A key that is not finalized can do nothing.

        >>> sorted(cngcore.generate_key_pair("ECDSA_P256").public().operations)
        ['verify']
        """
        if self._material is None:
            return frozenset()
        halves = (_PUBLIC, _PRIVATE) if self.has_private else (_PUBLIC,)
        declared = self._implementation.algorithm.operations
        return frozenset(word for half in halves for one in declared for word in half.get(one, ()))

    def fingerprint(self) -> str:
        """Return the SHA-256 of the public key's SubjectPublicKeyInfo, in hex.

        Both halves have the same one, in every format. ``openssl pkey -pubout -outform der | sha256sum`` prints it.
        """
        found: bytes = _formats("fingerprint")(self)
        return found.hex()

    def _known(self, name: str) -> object:
        """Return a property, or None if there is none."""
        try:
            return self.get_property(name)
        except NotSupportedError:
            return None

    def __repr__(self) -> str:
        state = self.state
        name, by = self._implementation.name, self._implementation.implementation
        if state == "destroyed":
            return f"<KeyPair {name}, destroyed>"
        try:
            half = "empty" if state == "empty" else "private" if self.has_private else "public"
            what = self.parameter_set or (self.curve if not name.endswith(str(self.length)) else "") or ""
            what = what or (str(self.length) if self.length and not name.endswith(str(self.length)) else "")
        except CngError:  # a device that is gone, or a key that another thread destroyed
            return f"<KeyPair {name}, {state}>"
        return f"<KeyPair {name}{f' {what}' if what else ''}, {half} ({by})>"

    # --- key files ------------------------------------------------------------------------------------

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        format: str = "pkcs8",
        passphrase: bytes | str | None = None,
        replace: bool = False,
    ) -> None:
        """Write the key to a file: whole or not at all, and with mode 0600 if it is private.

        ``format`` is one of :data:`cngcore.formats.FORMATS`; a public half is written as ``"spki"`` where
        ``"pkcs8"`` is asked for. ``passphrase`` encrypts a private key in PKCS #8 or OpenSSH.

        Raise FileExistsError if the file exists, unless ``replace`` is True; OSError as :func:`open`; NotSupportedError
        if the format cannot hold the key.

        >>> key = cngcore.generate_key_pair("ECDSA_P256")
        >>> key.save("captain.pem", passphrase="a long secret", replace=True)
        >>> cngcore.load_key("captain.pem", passphrase="a long secret").fingerprint() == key.fingerprint()
        True
        """
        _formats("save_key")(self, path, format=format, passphrase=passphrase, replace=replace)

    def to_pem(self, *, passphrase: bytes | str | None = None) -> bytes:
        """Return the key as PEM: PKCS #8, encrypted if a passphrase is given, or SubjectPublicKeyInfo of a public half.

        The bytes cannot be wiped. For a private key :meth:`~KeyPair.save` and :func:`cngcore.formats.encode` leave less
        behind.
        """
        return bytes(_formats("encode")(self, "pkcs8" if self.has_private else "spki", passphrase=passphrase))

    def to_jwk(self) -> dict[str, Any]:
        """Return the key as a JSON Web Key (RFC 7517), a dict; of a private key with its private members."""
        from json import loads

        return cast("dict[str, Any]", loads(bytes(_formats("encode")(self, "jwk"))))

    def to_cryptography(self) -> Any:
        """Return the key as an object of the package ``cryptography``, private if this key is.

        Raise NotSupportedError for a key that the library does not take, such as one of ML-KEM-512.
        """
        return _formats("to_cryptography")(self)

    @classmethod
    def from_pem(cls, pem: bytes | str, *, passphrase: bytes | str | None = None, algorithm: str | None = None) -> Self:
        """Return the key in PEM; see :func:`cngcore.load_key`, which reads every other form too."""
        content = pem.encode() if isinstance(pem, str) else to_bytes("the PEM", pem)
        if b"-----BEGIN " not in content:
            raise InvalidParameterError("this is no PEM: no line begins with -----BEGIN; load_key() reads other forms")
        return cast("Self", _formats("load_key")(content, passphrase=passphrase, algorithm=algorithm))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object] | bytes | str, *, algorithm: str | None = None) -> Self:
        """Return the key in a JSON Web Key, a dict or its text."""
        from json import dumps

        text = jwk if isinstance(jwk, bytes | str) else dumps(dict(jwk))
        key = _formats("decode")(text, format="jwk")
        return cast("Self", _formats("import_into")(key, algorithm=algorithm or ""))

    @classmethod
    def from_cryptography(cls, source: object, *, algorithm: str | None = None) -> Self:
        """Return the key in an object of the package ``cryptography``, private or public."""
        key = _formats("from_cryptography")(source)
        return cast("Self", _formats("import_into")(key, algorithm=algorithm or ""))


def _formats(name: str) -> Any:
    """Return a function of :mod:`cngcore.formats`.

    It is a tool that stands on this module, so it is found by name, on first use (docs/decisions/key-files.md).
    """
    return resolve(f"cngcore.formats:{name}")
