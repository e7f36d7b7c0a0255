"""What a provider author declares: an algorithm, its length rule, parameter sets, properties and blob types.

Authors import these names from :mod:`cngcore.provider`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore import constants, windows
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from typing import Any

    from cngcore.provider._kit_data import KitData
    from cngcore.provider._symmetric import Mode, Parameter

CONTRACT = 1
"""The version of the provider contract. A declaration for a later version is skipped."""

OPERATIONS = {
    "encrypt": constants.BCRYPT_ASYMMETRIC_ENCRYPTION_INTERFACE,
    "agree": constants.BCRYPT_SECRET_AGREEMENT_INTERFACE,
    "sign": constants.BCRYPT_SIGNATURE_INTERFACE,
    "encapsulate": constants.BCRYPT_KEY_ENCAPSULATION_INTERFACE,
    "hash": constants.BCRYPT_HASH_INTERFACE,
    "random": constants.BCRYPT_RNG_INTERFACE,
    "cipher": constants.BCRYPT_CIPHER_INTERFACE,
    "derive": constants.BCRYPT_KEY_DERIVATION_INTERFACE,
}
"""The operations an algorithm can offer, each with the header's interface id (``dwClass``)."""

KEY_PAIR_OPERATIONS = frozenset({"encrypt", "agree", "sign", "encapsulate"})
"""The operations of algorithms with key pairs."""

SYMMETRIC_OPERATIONS = frozenset({"cipher", "derive"})
"""The operations of algorithms with symmetric keys."""

_SECRET_BLOBS = (constants.BCRYPT_KEY_DATA_BLOB, constants.BCRYPT_OPAQUE_KEY_BLOB, constants.BCRYPT_AES_WRAP_KEY_BLOB)

MESSAGE_OPTIONS = ("context", "prehash", "external-mu")
"""What a signature of a message can take besides it (FIPS 204 sections 5.2, 5.4 and 6.2)."""

CONCURRENCY = ("free", "key", "serial")
"""Which calls an implementation can take from several threads at once.

``free``: any calls; ``key``: one call at a time on each key; ``serial``: one call at a time on everything that its
factory made. The core serialises calls accordingly.
"""


# --- length rules ----------------------------------------------------------------------------------


class LengthRule:
    """The values of ``dwLength`` that ``BCryptGenerateKeyPair`` accepts for an algorithm, in bits.

    ``legal`` holds all legal lengths. A rule that depends on properties of the algorithm returns None there and
    overrides :meth:`accepts`.
    """

    __slots__ = ()

    @property
    def legal(self) -> Container[int] | None:
        return None

    def accepts(self, length: int, properties: Mapping[str, object]) -> bool:
        """Return whether a key of ``length`` bits is legal, given the properties set on the algorithm."""
        return self.legal is not None and length in self.legal

    def for_windows(self, version: str) -> LengthRule:
        """Return the rule of that Windows version (see :mod:`cngcore.windows`)."""
        return self

    def key_lengths(self) -> KeyLengths | None:
        """Return the value of the KeyLengths property, or None if the algorithm has no such property."""
        return None

    def in_words(self) -> str:
        """Return the legal lengths as the end of "it takes ...", for messages and the reference pages.

        A subclass whose ``legal`` and ``key_lengths()`` say nothing overrides this.

        >>> KeyLengths(512, 16384, 64).in_words(), ExactLength(256).in_words()
        ('512 to 16384 bits in steps of 64', '256 bits only')
        """
        lengths = self.key_lengths()
        if lengths is None:
            few = self.legal if isinstance(self.legal, tuple | list) else ()
            return f"{', '.join(map(str, few))} bits" if few else "lengths that depend on its properties"
        if not lengths.step or lengths.minimum == lengths.maximum:
            return f"{lengths.minimum} bits only"
        return f"{lengths.minimum} to {lengths.maximum} bits in steps of {lengths.step}"


@dataclass(frozen=True, slots=True)
class KeyLengths(LengthRule):
    """Legal key lengths in bits: from ``minimum`` to ``maximum`` in steps of ``step``.

    As a rule it checks ``dwLength``. As the value of the KeyLengths property it is three DWORDs
    (``BCRYPT_KEY_LENGTHS_STRUCT``, contract: rule-layout-structures). A ``step`` of 0 means one length only,
    ``minimum``.

    >>> 1024 in KeyLengths(512, 16384, 64).legal
    True
    """

    minimum: int
    maximum: int
    step: int

    @property
    def legal(self) -> Container[int]:
        """All legal lengths, as a ``range``: a test takes the same time for any number of lengths."""
        return range(self.minimum, self.maximum + 1, self.step) if self.step else (self.minimum,)

    def key_lengths(self) -> KeyLengths:
        return self

    def to_bytes(self) -> bytes:
        """Return the structure of the header: minimum, maximum, increment, 12 bytes."""
        return struct.pack("<III", self.minimum, self.maximum, self.step)

    @classmethod
    def from_bytes(cls, data: bytes) -> KeyLengths:
        """Read the 12 bytes of the structure. Raise InvalidParameterError for any other size."""
        if len(data) != 12:
            raise InvalidParameterError(f"KeyLengths must have 12 bytes, not {len(data)}")
        return cls(*struct.unpack("<III", data))


@dataclass(frozen=True, slots=True)
class OidList:
    """The HashOIDList property: the contents of DER object identifiers (``BCRYPT_OID_LIST``).

    Its bytes are a count, then (length, bytes) for each, because a pointer of C means nothing here.
    """

    pOIDs: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """Return the bytes of the property."""
        parts = [struct.pack("<I", len(self.pOIDs))]
        for oid in self.pOIDs:
            parts += [struct.pack("<I", len(oid)), oid]
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> OidList:
        """Read the bytes of the property. Raise InvalidParameterError if they are cut short."""
        try:
            (count,) = struct.unpack_from("<I", data)
            found, position = [], 4
            for _ in range(count):
                (size,) = struct.unpack_from("<I", data, position)
                found.append(data[position + 4 : position + 4 + size])
                position += 4 + size
        except struct.error:
            raise InvalidParameterError("the list of OIDs is cut short") from None
        return cls(tuple(found))


@dataclass(frozen=True, slots=True)
class ExactLength(LengthRule):
    """One legal length, as the fixed curves have: 256 for ECDSA_P256."""

    bits: int

    @property
    def legal(self) -> Container[int]:
        return (self.bits,)

    def key_lengths(self) -> KeyLengths:
        return KeyLengths(self.bits, self.bits, 0)


@dataclass(frozen=True, slots=True)
class NoLength(LengthRule):
    """The length must be 0, because the parameter set determines the size of the key."""

    @property
    def legal(self) -> Container[int]:
        return (0,)

    def in_words(self) -> str:
        return "no length, because the parameter set determines the size of the key"


@dataclass(frozen=True, slots=True)
class ByWindows(LengthRule):
    """A rule for each Windows version from which it holds: ``ByWindows({"vista": ..., "8": ...})``."""

    rules: Mapping[str, LengthRule]

    def __post_init__(self) -> None:
        ordered = sorted(self.rules.items(), key=lambda item: windows.release(item[0]))
        object.__setattr__(self, "rules", dict(ordered))

    def __hash__(self) -> int:
        return hash(tuple(self.rules.items()))

    @property
    def legal(self) -> Container[int] | None:
        return self.for_windows(windows.NEWEST).legal

    def for_windows(self, version: str) -> LengthRule:
        current = [rule for since, rule in self.rules.items() if windows.release(since) <= windows.release(version)]
        return current[-1] if current else NoLength()

    def key_lengths(self) -> KeyLengths | None:
        return self.for_windows(windows.NEWEST).key_lengths()

    def in_words(self) -> str:
        return self.for_windows(windows.NEWEST).in_words()


# --- the other parts of a declaration --------------------------------------------------------------


@dataclass(frozen=True, slots=True, init=False)
class ParameterSet:
    """A named parameter set and the sizes that its standard fixes, in bytes.

    ``ParameterSet("768", public_key=1184, private_key=2400, ciphertext=1088, shared_secret=32, seed=64)``
    """

    name: str
    sizes: Mapping[str, int]

    def __init__(self, name: str, **sizes: int) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "sizes", sizes)

    def __hash__(self) -> int:
        return hash((self.name, tuple(self.sizes.items())))


@dataclass(frozen=True, slots=True)
class When:
    """In which phase a property can be read (``r``), set (``w``) or both (``rw``); an empty string means neither.

    ``algorithm``: on an opened algorithm; ``empty``: on a key before it is finalized; ``finalized``: on a key after,
    and on a symmetric key; ``object``: on a hash object before its first data.
    """

    algorithm: str = ""
    empty: str = ""
    finalized: str = ""
    object: str = ""

    def __post_init__(self) -> None:
        for access in (self.algorithm, self.empty, self.finalized, self.object):
            if access not in ("", "r", "w", "rw"):
                raise ValueError(f"When: the access must be '', 'r', 'w' or 'rw', not {access!r}")


@dataclass(frozen=True, slots=True, init=False)
class Property:
    """A property of an algorithm or its keys.

    * ``type`` is ``int`` (a DWORD), ``str`` (UTF-16 with NUL), ``bytes``, ``tuple`` (a list of names) or a class with
      ``to_bytes()`` and ``from_bytes(data)``. It may be a dotted path ``"package.module:Class"``.
    * ``when`` says in which phase it can be read and set.
    * ``value`` is the answer while nothing has been set: a constant, or a function of the properties set so far. On a
      finalized key a constant is the answer; otherwise the core asks :meth:`KeyMaterial.get_property`.
    * ``values`` lists the legal values, if they can be listed. Any other value is STATUS_NOT_SUPPORTED.
    * ``check`` is called with a value to be set, and raises a :class:`~cngcore.CngError` to reject it.
    * ``replaces`` names properties that the core forgets when this one is set, because both say the same thing.
    """

    name: str
    type: object
    when: When
    value: object
    values: tuple[object, ...] | None
    check: Callable[[Any], object] | None
    replaces: tuple[str, ...]

    def __init__(
        self,
        name: str,
        type: object,
        when: When,
        *,
        value: object = None,
        values: Iterable[object] | None = None,
        check: Callable[[Any], object] | None = None,
        replaces: Iterable[str] = (),
    ) -> None:
        _fill(
            self, name=name, type=type, when=when, value=value, values=None if values is None else tuple(values),
            check=check, replaces=tuple(replaces),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, init=False)
class BlobType:
    """A key-blob type: its name, whether it holds the private key, and whether it can be imported and exported.

    If ``private`` is not given, the type is private if its name contains ``PRIVATE``, and if it holds a symmetric key.
    """

    name: str
    private: bool
    imports: bool
    exports: bool

    def __init__(self, name: str, private: bool | None = None, imports: bool = True, exports: bool = True) -> None:
        private = "PRIVATE" in name.upper() or name in _SECRET_BLOBS if private is None else private
        _fill(self, name=name, private=private, imports=imports, exports=exports)


@dataclass(frozen=True, slots=True, init=False)
class Algorithm:
    """The declaration of one implementation of one algorithm.

    * ``name``: the algorithm identifier, ``"RSA"``; ``implementation``: its name among several, ``"cryptography"``
    * ``operations``: names from :data:`~cngcore.provider.OPERATIONS`
    * ``key_lengths``: a :class:`LengthRule`, or None for an algorithm without keys. For a symmetric key, a KDF and a
      MAC it holds the lengths of the secret; a longer secret of a symmetric key is cut
    * ``parameter_sets``, ``properties``, ``blob_types`` (names or :class:`BlobType`): what the algorithm has
    * ``generate_flags``: the bits of ``dwFlags`` that ``BCryptGenerateKeyPair`` accepts
    * ``introduced``: the first Windows version with this algorithm
    * ``dispatch_level``: whether ``BCRYPT_PROV_DISPATCH`` can open it
    * ``rank``: among several implementations the highest is the default
    * ``factory``: a callable (or its dotted path) that takes this declaration and returns a :class:`Factory`
    * ``contract``: the :data:`~cngcore.provider.CONTRACT` version it was written for
    * ``probe``: a callable (or its dotted path) that raises :class:`ProviderUnavailableError` if this implementation
      cannot work on this machine
    * ``back_end``: the distribution of the library that does the work, for provenance
    * ``keyed``: whether a hash has an HMAC form (``BCRYPT_ALG_HANDLE_HMAC_FLAG``)
    * ``concurrency``: one of :data:`~cngcore.provider.CONCURRENCY`
    * ``releases_gil``: whether other threads of Python run while a key is made; then :mod:`cngcore.bulk` uses threads
    * ``signs``: what :meth:`KeyMaterial.sign_hash` is given: ``"digest"``, or ``"message"`` if the algorithm hashes by
      itself, as ML-DSA and Ed25519 do. The default is ``"message"`` for an algorithm with a PQDSA blob of bcrypt.h
    * ``message_options``: for ``"message"``, which of :data:`~cngcore.provider.MESSAGE_OPTIONS` it takes: a context and
      a pre-hash (:class:`~cngcore.PqDsa`), an external mu (:class:`~cngcore.ExternalMu`). The default is all of them
      for an algorithm with a PQDSA blob, and none for any other
    * ``kit_data``: a callable (or its dotted path) that returns a :class:`KitData`, or None; only the kit calls it
    * ``block_length``, ``modes``: of a cipher: bytes of a block, and its :class:`Mode` objects
    * ``extended_key_lengths``: of a cipher: the lengths of the secret with ``BCRYPT_EXTENDED_KEYSIZE``
    * ``parameters``: of a key-derivation algorithm: the :class:`Parameter` objects that it takes
    * ``mac``: whether a hash needs a secret without ``BCRYPT_ALG_HANDLE_HMAC_FLAG``, as AES-CMAC does; ``keyed`` then
      says whether it takes the flag as well
    * ``sources``: the source of each rule, for the reference pages. Keys are ``"key_lengths"``, ``"parameter_sets"``,
      ``"generate_flags"``, ``"operations"``, or the name of a property or blob type
    """

    name: str
    implementation: str
    operations: frozenset[str]
    key_lengths: LengthRule | None
    parameter_sets: tuple[ParameterSet, ...]
    properties: Mapping[str, Property]
    generate_flags: int
    blob_types: Mapping[str, BlobType]
    introduced: str
    dispatch_level: bool
    rank: int
    factory: Callable[[Algorithm], object] | str
    contract: int
    probe: Callable[[], object] | str | None
    back_end: str
    keyed: bool
    concurrency: str
    releases_gil: bool
    sources: Mapping[str, str]
    signs: str
    message_options: frozenset[str]
    kit_data: Callable[[], KitData] | str | None
    block_length: int
    modes: tuple[Mode, ...]
    extended_key_lengths: LengthRule | None
    parameters: tuple[Parameter, ...]
    mac: bool

    def __init__(
        self,
        name: str,
        implementation: str,
        operations: Iterable[str],
        key_lengths: LengthRule | None = None,
        parameter_sets: Iterable[ParameterSet] = (),
        properties: Iterable[Property] = (),
        generate_flags: int = 0,
        blob_types: Iterable[BlobType | str] = (),
        introduced: str = "vista",
        dispatch_level: bool = False,
        rank: int = 0,
        factory: Callable[[Algorithm], object] | str = "",
        contract: int = CONTRACT,
        *,
        probe: Callable[[], object] | str | None = None,
        back_end: str = "",
        keyed: bool = False,
        concurrency: str = "free",
        releases_gil: bool = False,
        sources: Mapping[str, str] | None = None,
        signs: str | None = None,
        message_options: Iterable[str] | None = None,
        kit_data: Callable[[], KitData] | str | None = None,
        block_length: int = 0,
        modes: Iterable[Mode] = (),
        extended_key_lengths: LengthRule | None = None,
        parameters: Iterable[Parameter] = (),
        mac: bool = False,
    ) -> None:
        operations = frozenset((operations,) if isinstance(operations, str) else operations)
        unknown = operations - OPERATIONS.keys()
        if unknown:
            raise ValueError(f"Algorithm {name!r}: unknown operations {sorted(unknown)}; known: {sorted(OPERATIONS)}")
        if key_lengths is not None and not isinstance(key_lengths, LengthRule):
            raise TypeError(f"Algorithm {name!r}: key_lengths must be a LengthRule or None, not {key_lengths!r}")
        if concurrency not in CONCURRENCY:
            raise ValueError(f"Algorithm {name!r}: concurrency is one of {CONCURRENCY}, not {concurrency!r}")
        windows.release(introduced)
        blobs = [blob if isinstance(blob, BlobType) else BlobType(blob) for blob in blob_types]
        post_quantum = any(blob.name.startswith("PQDSA") for blob in blobs)
        signs = signs or ("message" if post_quantum else "digest")
        if signs not in ("digest", "message"):
            raise ValueError(f"Algorithm {name!r}: signs is 'digest' or 'message', not {signs!r}")
        options = frozenset(MESSAGE_OPTIONS if post_quantum else ()) if message_options is None else message_options
        options = frozenset((options,) if isinstance(options, str) else options)
        if options - set(MESSAGE_OPTIONS):
            raise ValueError(f"Algorithm {name!r}: message_options are among {MESSAGE_OPTIONS}, not {sorted(options)}")
        _fill(
            self,
            name=name,
            implementation=implementation,
            operations=operations,
            key_lengths=key_lengths,
            parameter_sets=tuple(parameter_sets),
            properties={item.name: item for item in properties},
            generate_flags=generate_flags,
            blob_types={blob.name: blob for blob in blobs},
            introduced=introduced,
            dispatch_level=dispatch_level,
            rank=rank,
            factory=factory,
            contract=contract,
            probe=probe,
            back_end=back_end,
            keyed=keyed,
            concurrency=concurrency,
            releases_gil=releases_gil,
            sources=dict(sources or {}),
            signs=signs,
            message_options=options,
            kit_data=kit_data,
            block_length=block_length,
            modes=tuple(modes),
            extended_key_lengths=extended_key_lengths,
            parameters=tuple(parameters),
            mac=mac,
        )
        self._check_symmetric()

    def _check_symmetric(self) -> None:
        cipher = "cipher" in self.operations
        if cipher != bool(self.modes) or cipher != bool(self.block_length):
            raise ValueError(
                f"Algorithm {self.name!r}: a cipher declares block_length and modes, and nothing else does"
            )
        if cipher and sum(mode.default for mode in self.modes) != 1:
            raise ValueError(f"Algorithm {self.name!r}: exactly one of the modes of a cipher is the default")
        if self.operations & SYMMETRIC_OPERATIONS and self.key_lengths is None:
            raise ValueError(f"Algorithm {self.name!r}: key_lengths holds the legal lengths of the secret")

    @property
    def has_key_pairs(self) -> bool:
        """Whether the algorithm has key pairs."""
        return self.key_lengths is not None and bool(self.operations & KEY_PAIR_OPERATIONS)

    @property
    def has_symmetric_keys(self) -> bool:
        """Whether the algorithm has symmetric keys (``BCryptGenerateSymmetricKey``)."""
        return bool(self.operations & SYMMETRIC_OPERATIONS)

    def __hash__(self) -> int:
        return hash((self.name, self.implementation, self.back_end, self.rank))


def _fill(record: object, **fields: object) -> None:
    """Set the fields of a frozen dataclass whose arguments differ from its fields (an iterable becomes a dict)."""
    for name, value in fields.items():
        object.__setattr__(record, name, value)
