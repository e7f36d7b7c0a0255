"""What a provider author declares and implements.

A provider is an installed distribution with an entry point in the group ``cngcore.algorithms`` for each algorithm it
serves. The entry point names a module, and the module registers declarations::

    from cngcore.provider import Algorithm, ExactLength, hookimpl

    @hookimpl
    def cngcore_register_algorithms():
        return [Algorithm("ECDSA_P256", "acme", operations={"sign"}, key_lengths=ExactLength(256),
                          blob_types=("ECCPUBLICBLOB",), factory="acme_cng.keys:EcdsaFactory")]

The declaration is the one place that states a rule: the core checks calls against it, ``cng algorithms`` and the
reference pages print it, and the conformance kit tests it. It must not import the back end: ``factory`` may be a dotted
path, which the core imports when the first key is made.

:class:`KeyFactory` makes keys, and :class:`KeyMaterial` is one key. :class:`CipherFactory` makes symmetric keys
(:class:`CipherMaterial`), :class:`KdfFactory` derives keys. :class:`HashFactory` and :class:`RandomFactory` serve
algorithms without keys. Methods that you leave out answer STATUS_NOT_SUPPORTED.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pluggy

from cngcore import constants as c
from cngcore._imports import lazy_names as _lazy_names
from cngcore.provider._declaration import (
    CONCURRENCY,
    CONTRACT,
    MESSAGE_OPTIONS,
    OPERATIONS,
    Algorithm,
    BlobType,
    ByWindows,
    ExactLength,
    KeyLengths,
    LengthRule,
    NoLength,
    OidList,
    ParameterSet,
    Property,
    When,
)
from cngcore.status import InvalidParameterError, NotSupportedError
from cngcore.windows import NEWEST, release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar

    from cngcore.provider._key_format import KeyFormat as KeyFormat
    from cngcore.provider._kit_data import KitData as KitData
    from cngcore.provider._symmetric import AuthenticatedState as AuthenticatedState
    from cngcore.provider._symmetric import AuthTagLengths as AuthTagLengths
    from cngcore.provider._symmetric import CipherMaterial as CipherMaterial
    from cngcore.provider._symmetric import CipherRequest as CipherRequest
    from cngcore.provider._symmetric import Mode as Mode
    from cngcore.provider._symmetric import Parameter as Parameter
else:  # making a frozen dataclass takes a third of a millisecond or more, and a key pair needs none of these
    __getattr__, __dir__ = _lazy_names(
        __name__,
        {
            "AuthTagLengths": "cngcore.provider._symmetric",
            "AuthenticatedState": "cngcore.provider._symmetric",
            "CipherMaterial": "cngcore.provider._symmetric",
            "CipherRequest": "cngcore.provider._symmetric",
            "KeyFormat": "cngcore.provider._key_format",
            "KitData": "cngcore.provider._kit_data",
            "Mode": "cngcore.provider._symmetric",
            "Parameter": "cngcore.provider._symmetric",
        },
    )

__all__ = [
    "CONCURRENCY",
    "CONTRACT",
    "MESSAGE_OPTIONS",
    "OPERATIONS",
    "Algorithm",
    "AuthTagLengths",
    "AuthenticatedState",
    "BlobType",
    "ByWindows",
    "CipherFactory",
    "CipherMaterial",
    "CipherRequest",
    "ExactLength",
    "Factory",
    "HashFactory",
    "HashState",
    "KdfFactory",
    "KeyFactory",
    "KeyFormat",
    "KeyLengths",
    "KeyMaterial",
    "KeyRequest",
    "KitData",
    "LengthRule",
    "Mode",
    "NoLength",
    "OidList",
    "Parameter",
    "ParameterSet",
    "Property",
    "ProviderUnavailableError",
    "RandomFactory",
    "When",
    "hookimpl",
]


hookimpl = pluggy.HookimplMarker("cngcore")
"""Decorator for the hooks of a plug-in (pluggy's own marker; its options are pluggy's)."""


class ProviderUnavailableError(Exception):
    """Raised by a declaration's ``probe``: this implementation cannot work on this machine.

    ``reason`` says what is missing, and ``remedy`` what the operator can do. The registry keeps both and tries the next
    implementation.
    """

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy


class KeyRequest:
    """What the core asks a factory for: the properties of the key and the flags of the call.

    ``properties`` maps names to Python values, in the order in which they were last set. It holds the length in bits
    (``KeyLength``, absent if the caller gave 0) and the parameter set (``ParameterSetName``) as well; :attr:`length`
    and :attr:`parameter_set` read them. Do not write to it. ``on_checkpoint`` is the progress callback, or None.
    :attr:`windows` is the Windows version that the key behaves as.

    >>> KeyRequest(2048, 0, {}).length
    2048
    >>> KeyRequest.for_windows("10")(0, 0, {}).windows
    '10'
    """

    # A plain class: a frozen dataclass takes 0.4 us more to make, and one is made for every key.
    __slots__ = ("flags", "on_checkpoint", "properties")

    windows: ClassVar[str] = NEWEST
    """The Windows version that the key behaves as, a name of :data:`cngcore.windows.VERSIONS`; by default the newest.
    Ask for it if Windows versions answer differently: ``windows.release(request.windows) >= windows.release("10")``."""

    def __init__(
        self, length: int, flags: int, properties: Mapping[str, object], parameter_set: str | None = None
    ) -> None:
        if length:
            properties = {**properties, c.BCRYPT_KEY_LENGTH: length}
        if parameter_set is not None:
            properties = {**properties, c.BCRYPT_PARAMETER_SET_NAME: parameter_set}
        self.flags = flags
        self.properties = properties
        self.on_checkpoint: Callable[[str], None] | None = None

    @property
    def length(self) -> int:
        """The requested length in bits; 0 if the caller left it to the algorithm."""
        return self.properties.get(c.BCRYPT_KEY_LENGTH, 0)  # type: ignore[return-value]

    @property
    def parameter_set(self) -> str | None:
        """The name of the parameter set, or None if none was set."""
        return self.properties.get(c.BCRYPT_PARAMETER_SET_NAME)  # type: ignore[return-value]

    @staticmethod
    @cache
    def for_windows(version: str) -> type[KeyRequest]:
        """Return the class of the requests of a Windows version. Raise InvalidParameterError for an unknown version.

        An algorithm looks it up once, so that no key pays for it.
        """
        release(version)
        if version == NEWEST:
            return KeyRequest
        return type("KeyRequest", (KeyRequest,), {"__slots__": (), "__doc__": KeyRequest.__doc__, "windows": version})

    def checkpoint(self, doing: str = "") -> None:
        """Report progress from a long generation, in a few words.

        Raises :class:`~cngcore.CancelledError` if the caller has cancelled; let that exception pass. Does nothing if
        the caller asked for no progress.
        """
        if self.on_checkpoint is not None:
            self.on_checkpoint(doing)


class Factory:
    """What a declaration's ``factory`` returns. One instance serves all threads and holds no state of any one key."""

    def __init__(self, algorithm: Algorithm) -> None:
        self.algorithm = algorithm

    def load(self) -> None:
        """Import and prepare everything that any later call may need (``BCRYPT_PROV_DISPATCH``).

        After it returns, no operation on what this factory makes may import a module or open a file.
        """

    def back_end_version(self) -> str:
        """Return the version of the library that does the work, for provenance.

        The default is the version of the distribution that ``back_end`` names, or an empty string if none is installed
        under that name.
        """
        from importlib_metadata import PackageNotFoundError, version  # 20 ms that a first key saves

        try:
            return version(self.algorithm.back_end) if self.algorithm.back_end else ""
        except PackageNotFoundError:
            return ""


class KeyFactory(Factory):
    """Makes the material of keys."""

    def generate(self, request: KeyRequest) -> KeyMaterial:
        """Make a new key pair. ``BCryptFinalizeKeyPair`` calls it once for each key."""
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) makes no key pairs")

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        """Read a key blob of a declared type.

        ``request.flags`` holds the import flags, and ``request.properties`` what was set on the algorithm. Raise
        :class:`~cngcore.CngError` with the contract's status for a bad blob.
        """
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) imports no {blob_type}")


def _not_offered(material: KeyMaterial, operation: str) -> NotSupportedError:
    return NotSupportedError(f"{type(material).__name__} does not support {operation}")


class _default:  # noqa: N801 - a decorator, like property
    """What an attribute is until a class or an object of a provider has one of its own.

    Unlike a property it can be replaced by ``self.name = ...``.
    """

    def __init__(self, function: Callable[[Any], object]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __get__(self, thing: object, kind: type) -> object:
        return self if thing is None else self.function(thing)


class KeyMaterial:
    """One key pair, or its public half, as the back end holds it.

    Before a call the core checks the state of the key, the half (``has_private``) and the types of the arguments;
    input is always ``bytes``. A method that finds something wrong raises a :class:`~cngcore.CngError`. Any other
    exception counts as a fault of the provider and becomes STATUS_INTERNAL_ERROR. The core may call methods from
    several threads at once, unless the declaration's ``concurrency`` forbids it. Wipe secret bytes that the material
    holds itself when it is garbage-collected.
    """

    __slots__ = ()

    if TYPE_CHECKING:  # Any, so that a subclass may have a plain attribute or a property
        has_private: Any
        back_end: Any
        signature_length: Any
        encryption_length: Any
        kem_lengths: Any
    else:

        @_default
        def has_private(self) -> bool:
            """Whether the material holds the private half."""
            raise _not_offered(self, "has_private")

        @_default
        def back_end(self) -> str:
            """The distribution of the library that holds this key, if it is not the declaration's ``back_end``.

            Empty means the declared one. Several libraries are separated by ``", "``.
            """
            return ""

        @_default
        def signature_length(self) -> int:
            """Bytes of a signature; answers the size query of ``BCryptSignHash``."""
            raise _not_offered(self, "signatures")

        @_default
        def encryption_length(self) -> int:
            """Bytes of a ciphertext; answers the size query of ``BCryptEncrypt``."""
            raise _not_offered(self, "encryption")

        @_default
        def kem_lengths(self) -> tuple[int, int]:
            """Bytes of (shared secret, ciphertext); answers the size queries of ``BCryptEncapsulate``."""
            raise _not_offered(self, "encapsulation")

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        """Return a signature of ``signature_length`` bytes; ``r || s`` for DSA and ECDSA.

        ``padding`` is None or an object of :mod:`cngcore.padding`. Raise InvalidParameterError for an unsuitable digest
        or padding, and NotSupportedError for an unsupported hash.
        """
        raise _not_offered(self, "signatures")

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        """Return whether the signature is valid. Reject digest and padding as ``sign_hash`` does.

        Raise InvalidParameterError for an RSA, ECDSA or DSA signature of another length, and for an RSA signature
        whose value is not below the modulus. Return False for any other invalid signature, and for an ML-DSA signature
        of any length (contract: rule-verify).
        """
        raise _not_offered(self, "signatures")

    def encrypt(self, plaintext: bytes, padding: object) -> bytes:
        """Return a ciphertext of ``encryption_length`` bytes, made with the public half; the plaintext may be empty.

        Raise InvalidParameterError if the plaintext is too long for the key and the padding, or, without padding, is
        not one block. Raise NotSupportedError for an unsupported hash or padding.
        """
        raise _not_offered(self, "encryption")

    def decrypt(self, ciphertext: bytes, padding: object) -> bytes | bytearray:
        """Return the plaintext, best as a fresh bytearray; without padding the whole block, with its leading zeros.

        Raise InvalidParameterError for a ciphertext of another length, and for every failure to decrypt, with one
        message, because the caller must not learn which check failed. Raise NotSupportedError as ``encrypt`` does.
        """
        raise _not_offered(self, "encryption")

    def agree(self, peer: KeyMaterial) -> bytes | bytearray:
        """Return the shared secret as its standard writes it, of full length. ``peer`` is material of the same factory.

        It is big-endian for ECDH and DH, and the bytes of RFC 7748 for X25519 and X448. A bytearray is wiped.
        """
        raise _not_offered(self, "secret agreement")

    def encapsulate(self) -> tuple[bytes | bytearray, bytes]:
        """Return a new (shared secret, ciphertext)."""
        raise _not_offered(self, "encapsulation")

    def decapsulate(self, ciphertext: bytes) -> bytes | bytearray:
        """Return the shared secret.

        A wrong ciphertext of the right length gives another secret, always the same one (FIPS 203). Raise
        InvalidBufferSizeError for a ciphertext of another length.
        """
        raise _not_offered(self, "encapsulation")

    def export(self, blob_type: str) -> bytes | bytearray:
        """Return the key as a blob of a declared type: bytes for a public type, a fresh bytearray for a private one."""
        raise _not_offered(self, f"export as {blob_type}")

    def public(self) -> KeyMaterial:
        """Return material that holds the public half only."""
        raise _not_offered(self, "a public half")

    def get_property(self, name: str) -> object:
        """Return a declared property of the finalized key, as a Python value."""
        raise NotSupportedError(f"the key has no property {name!r}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("key material cannot be pickled or copied; export the key as a blob")


# --- algorithms without key pairs ------------------------------------------------------------------


class HashState:
    """The state of a hash or MAC that a :class:`HashFactory` started.

    ``digest_length`` is in bytes. ``extendable`` says that the output can have any length (SHAKE).
    """

    __slots__ = ()
    extendable = False

    if TYPE_CHECKING:  # Any, as in KeyMaterial
        digest_length: Any
    else:

        @_default
        def digest_length(self) -> int:
            """Bytes of the digest; for an extendable-output function, its usual length."""
            raise NotSupportedError(f"{type(self).__name__} has no digest length")

    def update(self, data: bytes) -> None:
        """Add data."""
        raise NotSupportedError(f"{type(self).__name__} takes no data")

    def digest(self, length: int) -> bytes:
        """Return the first ``length`` bytes of the output for the data so far; the state does not change."""
        raise NotSupportedError(f"{type(self).__name__} has no digest")

    def squeeze(self, length: int) -> bytes:
        """Like :meth:`digest`, for an output that is to be continued (``BCRYPT_HASH_DONT_RESET_FLAG``).

        Override it if the output depends on its length, as that of KMAC does (SP 800-185 section 4.3.1).
        """
        return self.digest(length)

    def copy(self) -> HashState:
        """Return an independent state with the same data."""
        raise NotSupportedError(f"{type(self).__name__} cannot be copied")


class HashFactory(Factory):
    """Starts hashes and, with a key, MACs."""

    def start(self, key: bytes | None) -> HashState:
        """Return a fresh state; ``key`` is None for a plain hash. Raise NotSupportedError if there is no keyed form.

        An algorithm with properties of the hash object (``When(object="w")``) gets them as a second argument, which is
        optional: ``start(self, key, options=None)``, names with bytes. They were set before the first data.
        """
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) makes no hashes")


class RandomFactory(Factory):
    """Makes random numbers."""

    def fill(self, buffer: memoryview) -> None:
        """Fill a writable buffer of bytes."""
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) makes no random numbers")


# --- symmetric keys and key derivation -------------------------------------------------------------


class CipherFactory(Factory):
    """Makes the material of symmetric keys."""

    def cipher(self, secret: bytes, request: CipherRequest) -> CipherMaterial:
        """Return the material of a key.

        The core has cut the secret to the longest legal length and checked it against ``key_lengths``. Raise
        InvalidParameterError for what the declaration cannot say, such as an effective length that goes with no flag.
        """
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) makes no symmetric keys")


class KdfFactory(Factory):
    """Derives keys from a secret (``BCryptKeyDerivation``)."""

    def derive(self, secret: bytes, parameters: Mapping[str, bytes | str | int], length: int, flags: int) -> bytes:
        """Return ``length`` bytes. ``parameters`` has the declared names as keys; the core has checked their types.

        Raise InvalidParameterError for a length that the function cannot give, and NotSupportedError for a hash that
        it does not have. ``length`` is 1 or more.
        """
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) derives no keys")

    def extract(self, secret: bytes, hash_id: str, salt: bytes | None) -> bytes:
        """Return the pseudorandom key that ``HkdfSaltAndFinalize`` makes of the secret (HKDF only).

        From then on :meth:`derive` gets it as the secret, and the hash as the parameter ``KDF_HASH_ALGORITHM``.
        """
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) has no extraction")
