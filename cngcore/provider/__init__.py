"""What a provider author declares and implements.

A provider is an installed distribution with an entry point in the group ``cngcore.algorithms`` for
each algorithm it serves. The entry point names a module; the module registers declarations::

    from cngcore.provider import Algorithm, ExactLength, hookimpl

    @hookimpl
    def cngcore_register_algorithms():
        return [Algorithm("ECDSA_P256", "acme", operations={"sign"}, key_lengths=ExactLength(256),
                          blob_types=("ECCPUBLICBLOB",), factory="acme_cng.keys:EcdsaFactory")]

The declaration is the one place where a rule is stated: the core checks calls against it, ``cng
algorithms`` and the reference pages print it, the conformance kit tests it. It must not import the
back end: ``factory`` may be a dotted path, imported when the first key is made.

:class:`KeyFactory` makes keys; :class:`KeyMaterial` is one key. :class:`HashFactory` and :class:`RandomFactory` serve
algorithms without key pairs. A method that is not implemented is an
operation that is not supported, and the core answers STATUS_NOT_SUPPORTED.
"""

from sys import modules as _modules

from cngcore.provider._declaration import (
    CONCURRENCY,
    CONTRACT,
    OPERATIONS,
    Algorithm,
    BlobType,
    ByWindows,
    ExactLength,
    LengthRule,
    NoLength,
    ParameterSet,
    Property,
    When,
)
from cngcore.status import InvalidParameterError, NotSupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from cngcore.provider._keyless import HashFactory as HashFactory
    from cngcore.provider._keyless import HashState as HashState
    from cngcore.provider._keyless import RandomFactory as RandomFactory
    from cngcore.provider._structures import KeyLengths as KeyLengths

    _F = TypeVar("_F", bound=Callable[..., object])

__all__ = [
    "CONCURRENCY",
    "CONTRACT",
    "OPERATIONS",
    "Algorithm",
    "BlobType",
    "ByWindows",
    "ExactLength",
    "Factory",
    "HashFactory",
    "HashState",
    "KeyFactory",
    "KeyLengths",
    "KeyMaterial",
    "KeyRequest",
    "LengthRule",
    "NoLength",
    "ParameterSet",
    "Property",
    "ProviderUnavailableError",
    "RandomFactory",
    "When",
    "hookimpl",
]

_LATER = {
    "HashFactory": "cngcore.provider._keyless",
    "HashState": "cngcore.provider._keyless",
    "KeyLengths": "cngcore.provider._structures",
    "RandomFactory": "cngcore.provider._keyless",
}
"""What a first key does not need, and where it comes from: imported when it is first used."""


def __getattr__(name: str) -> object:
    home = _LATER.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    __import__(home)
    value = globals()[name] = getattr(_modules[home], name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def hookimpl(function: "_F | None" = None, **options: bool) -> "Any":
    """Mark a function of a plug-in as the implementation of the hook of its name.

    The mark is the one pluggy reads, so ``pluggy.HookimplMarker("cngcore")`` does as well; this one
    needs no import of pluggy. ``options`` are pluggy's: ``tryfirst``, ``trylast``, ``wrapper``,
    ``optionalhook``, ``specname``.
    """
    known = {"wrapper": False, "hookwrapper": False, "optionalhook": False, "tryfirst": False, "trylast": False}
    marks: dict[str, object] = {**known, "specname": None, **options}
    if len(marks) != len(known) + 1:
        raise TypeError(f"hookimpl: unknown option among {sorted(options)}; pluggy's: {sorted([*known, 'specname'])}")

    def mark(function: "_F") -> "_F":
        function.cngcore_impl = marks  # type: ignore[attr-defined]
        return function

    return mark if function is None else mark(function)


class ProviderUnavailableError(Exception):
    """Raised by a declaration's ``probe``: this implementation cannot work on this machine.

    ``reason`` says what is missing, ``remedy`` what the operator can do about it. The registry keeps
    both and goes on to the next implementation.
    """

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy


class KeyRequest:
    """What is asked of a factory: length in bits, flags, parameter set, and the properties set so far.

    ``properties`` maps names to Python values in the order in which they were last set. Read it; do not write.
    ``waiting`` is whoever waits for a long generation and wants to hear of it; see :meth:`checkpoint`.
    """

    __slots__ = ("flags", "length", "parameter_set", "properties", "waiting")

    def __init__(
        self, length: int, flags: int, properties: "Mapping[str, object]", parameter_set: "str | None" = None
    ) -> None:
        self.length = length
        self.flags = flags
        self.properties = properties
        self.parameter_set = parameter_set
        self.waiting: Callable[[str], None] | None = None

    def checkpoint(self, doing: str = "") -> None:
        """Call this now and then in a long generation: it tells whoever waits what is being done, in a few words.

        It raises :class:`~cngcore.CancelledError` where the caller has given up; let that through. Where nobody waits
        it does nothing.
        """
        if self.waiting is not None:
            self.waiting(doing)


class Factory:
    """What a declaration's ``factory`` gives. One instance serves all threads; it holds no state of any one object."""

    def __init__(self, algorithm: Algorithm) -> None:
        self.algorithm = algorithm

    def load(self) -> None:
        """Import and warm up everything any later call may need (``BCRYPT_PROV_DISPATCH``).

        After it returns, no operation on what this factory makes may import a module or open a file.
        """

    def back_end_version(self) -> str:
        """The version of the library underneath, for provenance: by default, of the distribution ``back_end`` names.

        Empty where there is none of that name.
        """
        from importlib_metadata import PackageNotFoundError, version

        try:
            return version(self.algorithm.back_end) if self.algorithm.back_end else ""
        except PackageNotFoundError:
            return ""


class KeyFactory(Factory):
    """Makes the material of keys."""

    def generate(self, request: KeyRequest) -> "KeyMaterial":
        """Make a new key pair. Called once for each key, by ``BCryptFinalizeKeyPair``."""
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) makes no key pairs")

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> "KeyMaterial":
        """Read a key blob of a declared type. ``request.flags`` holds the import flags, ``request.properties`` what was
        set on the algorithm. Raise :class:`~cngcore.CngError` with the contract's status for a bad blob.
        """
        raise NotSupportedError(f"{self.algorithm.name} ({self.algorithm.implementation}) imports no {blob_type}")


def _not_offered(material: "KeyMaterial", operation: str) -> NotSupportedError:
    return NotSupportedError(f"{type(material).__name__} does not offer {operation}")


class KeyMaterial:
    """One key pair, or its public half, as the back end holds it.

    The core checks the state of the key, the half (``has_private``) and the types of arguments (input is always
    ``bytes``) before it calls; a method that finds something wrong raises a :class:`~cngcore.CngError`. Any other
    exception is the provider's fault and becomes STATUS_INTERNAL_ERROR. Methods may be called from several
    threads at once, unless the declaration's ``concurrency`` says otherwise. Secret bytes that the material holds
    itself must be wiped when it is garbage.
    """

    __slots__ = ()

    @property
    def has_private(self) -> bool:
        """Whether the private half is there."""
        raise _not_offered(self, "has_private")

    @property
    def signature_length(self) -> int:
        """Bytes of a signature; answers the size query of ``BCryptSignHash``."""
        raise _not_offered(self, "signatures")

    @property
    def encryption_length(self) -> int:
        """Bytes of a ciphertext; answers the size query of ``BCryptEncrypt``."""
        raise _not_offered(self, "encryption")

    @property
    def kem_lengths(self) -> "tuple[int, int]":
        """Bytes of (shared secret, ciphertext); answers the size queries of ``BCryptEncapsulate``."""
        raise _not_offered(self, "encapsulation")

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        """Sign; ``r || s`` for DSA and ECDSA. ``padding`` is None or an object of :mod:`cngcore.padding`.

        ``signature_length`` bytes. InvalidParameterError for a digest or padding that no signature goes with;
        NotSupportedError for a hash that is not offered.
        """
        raise _not_offered(self, "signatures")

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        """Whether the signature is right. Refuses digest and padding as ``sign_hash`` does, and no signature."""
        raise _not_offered(self, "signatures")

    def encrypt(self, plaintext: bytes, padding: object) -> bytes:
        """A ciphertext of ``encryption_length`` bytes, by the public half; the text may be empty.

        InvalidParameterError for a text too long for the key and the padding, without padding for one that is no block;
        NotSupportedError for a hash or padding that is not offered.
        """
        raise _not_offered(self, "encryption")

    def decrypt(self, ciphertext: bytes, padding: object) -> "bytes | bytearray":
        """The text, better as a fresh bytearray; without padding the whole block, zeros in front included.

        InvalidParameterError for a ciphertext of another length, and for whatever does not decrypt, with one text:
        which check failed must not be told. NotSupportedError as for ``encrypt``.
        """
        raise _not_offered(self, "encryption")

    def agree(self, peer: "KeyMaterial") -> "bytes | bytearray":
        """The shared secret, big-endian, of full length. ``peer`` is material of the same factory."""
        raise _not_offered(self, "secret agreement")

    def encapsulate(self) -> "tuple[bytes | bytearray, bytes]":
        """A new (shared secret, ciphertext)."""
        raise _not_offered(self, "encapsulation")

    def decapsulate(self, ciphertext: bytes) -> "bytes | bytearray":
        """The shared secret; of a wrong ciphertext of the right length another one, always the same (FIPS 203).

        InvalidBufferSizeError for a ciphertext of another length.
        """
        raise _not_offered(self, "encapsulation")

    def export(self, blob_type: str) -> "bytes | bytearray":
        """The key as a blob of a declared type: bytes for a public type, a fresh bytearray for a private one."""
        raise _not_offered(self, f"export as {blob_type}")

    def public(self) -> "KeyMaterial":
        """Material that holds the public half only."""
        raise _not_offered(self, "a public half")

    def get_property(self, name: str) -> object:
        """The value of a declared property of the finalized key, as a Python value."""
        raise NotSupportedError(f"the key has no property {name!r}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> "tuple[object, ...]":
        raise InvalidParameterError("key material cannot be pickled or copied; export the key as a blob")
