"""Keys with three forms, as ML-KEM and ML-DSA have them: a seed, an expanded private key and a public key.

A provider derives from three classes:

* the family, :class:`~cngcore.families.mlkem.MlkemMaterial` or :class:`~cngcore.families.mldsa.MldsaMaterial`: blob
  types, properties, the checks of the standard;
* the way a key is held: :class:`BytesKey` for byte strings, :class:`ObjectKey` for the objects of a library;
* :class:`SeededFactory`, which generates, imports and tests the keys.

The provider adds the operations of its library::

    class AcmeKey(BytesKey, MlkemMaterial): ...
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from cngcore.blobs import pq
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION, BCRYPT_PUBLIC_KEY_LENGTH
from cngcore.memory import SecretBytes
from cngcore.provider import KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import InternalError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import ClassVar, Self

    from cngcore.provider import Algorithm, ParameterSet


class SeededMaterial(KeyMaterial, ABC):
    """A key pair, or its public half, of one family."""

    __slots__ = ("_public_hash", "parameter_set")

    algorithm: ClassVar[str]
    """The name of the algorithm, for messages."""

    public_blob: ClassVar[str]
    private_blob: ClassVar[str]
    seed_blob: ClassVar[str]
    """The blob types of the three forms."""

    test_is_optional: ClassVar[bool] = False
    """Whether ``BCRYPT_NO_KEY_VALIDATION`` skips the test of a new key pair."""

    def __init__(self, parameter_set: ParameterSet) -> None:
        self.parameter_set = parameter_set
        self._public_hash: bytes | None = None

    @classmethod
    def new(cls, parameter_set: ParameterSet) -> Self:
        """Generate a key pair. By default a random seed is drawn."""
        return cls.from_seed(parameter_set, token_bytes(pq.SIZES[cls.seed_blob][parameter_set.name]))

    @classmethod
    @abstractmethod
    def from_seed(cls, parameter_set: ParameterSet, seed: bytes | bytearray) -> Self:
        """Create the key pair of a seed."""

    @classmethod
    @abstractmethod
    def from_expanded(cls, parameter_set: ParameterSet, key: bytes) -> Self:
        """Create the key pair of an expanded private key. Raise InvalidParameterError if the key is not consistent."""

    @classmethod
    @abstractmethod
    def from_public(cls, parameter_set: ParameterSet, key: bytes) -> Self:
        """Create the public half from a public key, which ``check_public`` has accepted."""

    @classmethod
    @abstractmethod
    def public_of(cls, parameter_set: ParameterSet, private: bytes) -> bytes:
        """Return the public key of an expanded private key. Raise InvalidParameterError if it is not consistent."""

    @classmethod
    def check_public(cls, parameter_set: ParameterSet, key: bytes) -> None:
        """Raise InvalidParameterError if a public key of the right length breaks a rule of the standard."""

    @property
    @abstractmethod
    def public_bytes(self) -> bytes:
        """The public key, encoded as the standard says."""

    @abstractmethod
    def private_bytes(self) -> bytes | bytearray:
        """Return the private key in expanded form. Raise InvalidParameterError if there is none."""

    @abstractmethod
    def seed(self) -> bytes | bytearray | None:
        """Return the seed of the private key, or None if the key was imported in expanded form."""

    @abstractmethod
    def fits(self) -> bool:
        """Return whether the private half undoes what the public half does: the pairwise consistency test."""

    @abstractmethod
    def exercise(self, made: Any) -> None:
        """Run every operation once. ``made`` is the whole key pair, for a key that is the public half only."""

    def export(self, blob_type: str) -> bytes | bytearray:
        if blob_type == self.public_blob:
            key: bytes | bytearray | None = self.public_bytes
        elif blob_type == self.private_blob:
            key = self.private_bytes()
        elif self.has_private:
            key = self.seed()
        else:
            raise self.no_private_half()
        if key is None:
            raise InvalidParameterError(
                f"the {self.algorithm} key was imported in expanded form and has no seed: export {self.private_blob}"
            )
        return pq.build(blob_type, self.parameter_set.name, key)

    def get_property(self, name: str) -> object:
        if name == "ParameterSetName":
            return self.parameter_set.name
        if name == BCRYPT_PUBLIC_KEY_LENGTH:
            return 8 * pq.SIZES[self.public_blob][self.parameter_set.name]
        return super().get_property(name)

    def no_private_half(self) -> InvalidParameterError:
        """Return the error of an operation that needs the private half of a public key."""
        return InvalidParameterError(f"this {self.algorithm} key holds the public half only; use the key pair")


class BytesKey(SeededMaterial):
    """A key held as the byte strings of the standard. The private ones are wiped with the last reference.

    Create one from the public key, and from the expanded private key and the seed where they are known. Raise
    InvalidParameterError if one of them has the wrong length.
    """

    __slots__ = ("_private", "_public", "_seed")

    def __init__(
        self,
        parameter_set: ParameterSet,
        public: bytes,
        private: bytes | bytearray | None = None,
        seed: bytes | bytearray | None = None,
    ) -> None:
        super().__init__(parameter_set)
        self.check_length(parameter_set, self.public_blob, public)
        self.check_length(parameter_set, self.private_blob, private)
        self._public = public
        self._private = None if private is None else _secret(private)
        self._seed = None if seed is None else _secret(seed)
        self.prepare()

    def prepare(self) -> None:
        """Look up what the operations need. A subclass defines it; the key is complete when it is called."""

    @classmethod
    def check_length(cls, parameter_set: ParameterSet, blob_type: str, key: bytes | bytearray | None) -> None:
        """Raise InvalidParameterError if the key is there and has not the length of its form."""
        if key is not None and len(key) != pq.SIZES[blob_type][parameter_set.name]:
            raise InvalidParameterError(
                f"{cls.algorithm}-{parameter_set.name}: the key of {blob_type} has "
                f"{pq.SIZES[blob_type][parameter_set.name]} bytes, not {len(key)}"
            )

    @staticmethod
    @abstractmethod
    def expand(parameter_set: ParameterSet, seed: bytearray) -> tuple[bytes, bytes | bytearray]:
        """Return (public key, expanded private key) of a seed, which has the right length."""

    @classmethod
    def from_seed(cls, parameter_set: ParameterSet, seed: bytes | bytearray) -> Self:
        cls.check_length(parameter_set, cls.seed_blob, seed)
        held = _secret(seed)
        public, private = cls.expand(parameter_set, held)
        return cls(parameter_set, public, private, held)

    @classmethod
    def from_expanded(cls, parameter_set: ParameterSet, key: bytes) -> Self:
        return cls(parameter_set, cls.public_of(parameter_set, key), key)

    @classmethod
    def from_public(cls, parameter_set: ParameterSet, key: bytes) -> Self:
        return cls(parameter_set, key)

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def public_bytes(self) -> bytes:
        return self._public

    def private_bytes(self) -> bytearray:
        if self._private is None:
            raise self.no_private_half()
        return self._private

    def seed(self) -> bytearray | None:
        return self._seed

    def public(self) -> KeyMaterial:
        return type(self)(self.parameter_set, self._public)


class _PrivateObject(Protocol):
    def private_bytes_raw(self) -> bytes: ...
    def public_key(self) -> Any: ...


class _PublicObject(Protocol):
    def public_bytes_raw(self) -> bytes: ...


_Private = TypeVar("_Private", bound=_PrivateObject)
_Public = TypeVar("_Public", bound=_PublicObject)


class ObjectKey(SeededMaterial, Generic[_Private, _Public]):
    """A key held as the objects of a library that knows private keys by their seeds, as cryptography does.

    The seed is kept in the library's object only. The expanded form is computed for each export and not kept.
    """

    __slots__ = ("_private", "_public")

    private_kinds: ClassVar[Mapping[str, Any]]
    public_kinds: ClassVar[Mapping[str, Any]]
    """The library's classes of keys, by parameter set."""

    def __init__(self, parameter_set: ParameterSet, private: _Private | None, public: _Public | None = None) -> None:
        super().__init__(parameter_set)
        self._private = private
        self._public = public

    @staticmethod
    @abstractmethod
    def expand(parameter_set: ParameterSet, seed: bytes | bytearray) -> tuple[bytes, bytes]:
        """Return (public key, expanded private key) of a seed, computed by another library."""

    @classmethod
    def new(cls, parameter_set: ParameterSet) -> Self:
        return cls(parameter_set, cls.private_kinds[parameter_set.name].generate())

    @classmethod
    def from_seed(cls, parameter_set: ParameterSet, seed: bytes | bytearray) -> Self:
        return cls(parameter_set, cls.private_kinds[parameter_set.name].from_seed_bytes(seed))

    @classmethod
    def from_expanded(cls, parameter_set: ParameterSet, key: bytes) -> Self:
        raise NotSupportedError(f"the library imports {cls.algorithm} private keys as seeds only")

    @classmethod
    def from_public(cls, parameter_set: ParameterSet, key: bytes) -> Self:
        return cls(parameter_set, None, cls.public_kinds[parameter_set.name].from_public_bytes(key))

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def private_key(self) -> _Private:
        """The library's private key. Raise InvalidParameterError if there is none."""
        if self._private is None:
            raise self.no_private_half()
        return self._private

    @property
    def public_key(self) -> _Public:
        """The library's public key, derived from the private one when it is first needed."""
        if self._public is None:
            self._public = self.private_key.public_key()
        return self._public

    @property
    def public_bytes(self) -> bytes:
        return self.public_key.public_bytes_raw()

    def private_bytes(self) -> bytes:
        public, private = self.expand(self.parameter_set, self.seed())
        if public != self.public_bytes:
            raise InternalError(
                f"two libraries make different keys of one {self.algorithm} seed; the expanded key is not exported"
            )
        return private

    def seed(self) -> bytes:
        return self.private_key.private_bytes_raw()

    def public(self) -> KeyMaterial:
        return type(self)(self.parameter_set, None, self.public_key)


class SeededFactory(KeyFactory, ABC):
    """Makes the keys of one family; the subclass says which class holds them."""

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithm)
        self.sets = {known.name: known for known in algorithm.parameter_sets}

    @abstractmethod
    def material(self, parameter_set: ParameterSet, *, expanded: bool) -> type[SeededMaterial]:
        """Return the class for keys of a parameter set; ``expanded`` if the key is imported in expanded form."""

    def generate(self, request: KeyRequest) -> SeededMaterial:
        parameter_set = self.sets[str(request.parameter_set)]
        made = self.material(parameter_set, expanded=False).new(parameter_set)
        skip = made.test_is_optional and request.flags == BCRYPT_NO_KEY_VALIDATION
        if not skip and not made.fits():
            raise InternalError(
                f"the two halves of the new {made.algorithm} key pair do not belong together; the pair is discarded"
            )
        return made

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> SeededMaterial:
        parsed = pq.parse(blob_type, blob)
        parameter_set = self.sets[parsed.parameter_set]
        kind = self.material(parameter_set, expanded=False)
        if blob_type == kind.seed_blob:
            return kind.from_seed(parameter_set, parsed.key)
        if blob_type == kind.public_blob:
            kind.check_public(parameter_set, parsed.key)
            return kind.from_public(parameter_set, parsed.key)
        return self.material(parameter_set, expanded=True).from_expanded(parameter_set, parsed.key)

    def load(self) -> None:
        """Make, export, import and use keys of every set, so that every module they need is imported."""
        for name in self.sets:
            request = KeyRequest(0, 0, {}, name)
            made = self.generate(request)
            for blob_type in self.algorithm.blob_types:
                again = self.import_key(blob_type, bytes(made.export(blob_type)), request)
                again.exercise(made)


def _secret(key: bytes | bytearray) -> SecretBytes:
    """Return private bytes in memory that is wiped; SecretBytes are kept as they are."""
    return key if isinstance(key, SecretBytes) else SecretBytes(key)
