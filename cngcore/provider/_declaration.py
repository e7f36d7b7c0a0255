"""What a provider author declares: an algorithm, its length rule, parameter sets, properties and blob types.

These are the public names of :mod:`cngcore.provider`; authors import them from there.
"""

from cngcore import constants

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from typing import Any

    from cngcore.provider import Factory
    from cngcore.provider._structures import KeyLengths

CONTRACT = 1
"""The version of this module's contract. A declaration made for a later one is set aside."""

OPERATIONS = {
    "encrypt": constants.BCRYPT_ASYMMETRIC_ENCRYPTION_INTERFACE,
    "agree": constants.BCRYPT_SECRET_AGREEMENT_INTERFACE,
    "sign": constants.BCRYPT_SIGNATURE_INTERFACE,
    "encapsulate": constants.BCRYPT_KEY_ENCAPSULATION_INTERFACE,
    "hash": constants.BCRYPT_HASH_INTERFACE,
    "random": constants.BCRYPT_RNG_INTERFACE,
}
"""What an algorithm may be for, and the header's interface id (``dwClass``) of each."""

CONCURRENCY = ("free", "key", "serial")
"""What an implementation bears: ``free``, calls from several threads at once; ``key``, one call at a time on each key;
``serial``, one call at a time on everything its factory made. The core keeps calls apart accordingly.
"""


class Declared:
    """An immutable value with named fields: equal by content, and its repr is its source."""

    __slots__ = ()

    def _set(self, **fields: object) -> None:
        put = object.__setattr__
        for field, value in fields.items():
            put(self, field, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is a declaration and cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is a declaration and cannot be changed")

    def _fields(self) -> "dict[str, object]":
        names: tuple[str, ...] = self.__slots__
        return {name: getattr(self, name) for name in names}

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *map(repr, self._fields().values())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._fields().items())})"

    def __reduce__(self) -> "tuple[object, ...]":
        return _rebuild, (type(self), self._fields())


def _rebuild(kind: "type[Declared]", fields: "dict[str, object]") -> Declared:
    value = object.__new__(kind)
    value._set(**fields)
    return value


# --- which dwLength is legal ---------------------------------------------------------------------


class LengthRule:
    """Which values of ``dwLength`` an algorithm accepts at ``BCryptGenerateKeyPair``, in bits.

    ``legal`` is a container of all legal lengths where they do not depend on anything else; a rule that
    looks at properties set on the algorithm leaves it ``None`` and overrides :meth:`accepts`.
    """

    __slots__ = ()

    @property
    def legal(self) -> "Container[int] | None":
        return None

    def accepts(self, length: int, properties: "Mapping[str, object]") -> bool:
        """Whether a key of ``length`` bits may be made, the algorithm's properties being these."""
        return self.legal is not None and length in self.legal

    def for_windows(self, version: str) -> "LengthRule":
        """The rule as the Windows of that name has it (see :mod:`cngcore.windows`)."""
        return self

    def key_lengths(self) -> "KeyLengths | None":
        """The value of the KeyLengths property, or ``None`` where the algorithm has none."""
        return None


class ExactLength(LengthRule, Declared):
    """One legal length, as the fixed curves have: 256 for ECDSA_P256."""

    __slots__ = ("bits",)
    bits: int

    def __init__(self, bits: int) -> None:
        self._set(bits=bits)

    @property
    def legal(self) -> "Container[int]":
        return (self.bits,)

    def key_lengths(self) -> "KeyLengths":
        from cngcore.provider._structures import KeyLengths

        return KeyLengths(self.bits, self.bits, 0)


class NoLength(LengthRule, Declared):
    """The length must be 0: a parameter set, not a length, says how large the key is."""

    __slots__ = ()

    @property
    def legal(self) -> "Container[int]":
        return (0,)


class ByWindows(LengthRule, Declared):
    """Another rule from some Windows version on: ``ByWindows({"vista": ..., "8": ...})``."""

    __slots__ = ("rules",)
    rules: "dict[str, LengthRule]"

    def __init__(self, rules: "Mapping[str, LengthRule]") -> None:
        from cngcore.windows import release

        self._set(rules=dict(sorted(rules.items(), key=lambda item: release(item[0]))))

    @property
    def legal(self) -> "Container[int] | None":
        return self.for_windows("11-24h2").legal

    def for_windows(self, version: str) -> LengthRule:
        from cngcore.windows import release

        fitting = [rule for since, rule in self.rules.items() if release(since) <= release(version)]
        return fitting[-1] if fitting else NoLength()

    def key_lengths(self) -> "KeyLengths | None":
        return self.for_windows("11-24h2").key_lengths()


# --- what else a declaration is made of ------------------------------------------------------------


class ParameterSet(Declared):
    """A named parameter set and the sizes its standard fixes, in bytes.

    ``ParameterSet("768", public_key=1184, private_key=2400, ciphertext=1088, shared_secret=32, seed=64)``
    """

    __slots__ = ("name", "sizes")
    name: str
    sizes: "dict[str, int]"

    def __init__(self, name: str, **sizes: int) -> None:
        self._set(name=name, sizes=sizes)


class When(Declared):
    """In which phase a property can be read (``r``) or also set (``rw``); empty means neither.

    ``algorithm``: on an opened algorithm; ``empty``: on a key before it is finalized; ``finalized``: after.
    """

    __slots__ = ("algorithm", "empty", "finalized")
    algorithm: str
    empty: str
    finalized: str

    def __init__(self, algorithm: str = "", empty: str = "", finalized: str = "") -> None:
        for access in (algorithm, empty, finalized):
            if access not in ("", "r", "w", "rw"):
                raise ValueError(f"When: {access!r} is not one of '', 'r', 'w', 'rw'")
        self._set(algorithm=algorithm, empty=empty, finalized=finalized)


class Property(Declared):
    """A property of an algorithm or its keys.

    ``type`` is ``int`` (a DWORD), ``str`` (UTF-16 with NUL), ``bytes``, ``tuple`` (a list of names) or a class
    with ``to_bytes()`` and ``from_bytes(data)``; it may be a dotted path ``"package.module:Class"``.

    ``value`` answers where nothing has been set: a constant, or a function of the properties set so far.
    On a finalized key a constant answers at once; anything else is asked of :meth:`KeyMaterial.get_property`.
    ``values`` lists the legal ones where they can be listed; any other is refused with STATUS_NOT_SUPPORTED.
    ``check`` is called with a value to be set and raises a :class:`~cngcore.CngError` to refuse it.
    ``replaces`` names properties that are forgotten when this one is set, being another way to say the same.
    """

    __slots__ = ("check", "name", "replaces", "type", "value", "values", "when")
    name: str
    type: object
    when: When
    value: object
    values: "tuple[object, ...] | None"
    check: "Callable[[Any], object] | None"
    replaces: "tuple[str, ...]"

    def __init__(
        self,
        name: str,
        type: object,
        when: When,
        *,
        value: object = None,
        values: "Iterable[object] | None" = None,
        check: "Callable[[Any], object] | None" = None,
        replaces: "Iterable[str]" = (),
    ) -> None:
        self._set(name=name, type=type, when=when, value=value, check=check, replaces=tuple(replaces))
        self._set(values=None if values is None else tuple(values))


class BlobType(Declared):
    """A key-blob type: its name, whether it holds the private key, and which ways it goes."""

    __slots__ = ("exports", "imports", "name", "private")
    name: str
    private: bool
    imports: bool
    exports: bool

    def __init__(self, name: str, private: bool | None = None, imports: bool = True, exports: bool = True) -> None:
        self._set(name=name, imports=imports, exports=exports)
        self._set(private="PRIVATE" in name.upper() if private is None else private)


class Algorithm(Declared):
    """The declaration of one implementation of one algorithm.

    * ``name``: the algorithm identifier, ``"RSA"``; ``implementation``: its name among several, ``"cryptography"``
    * ``operations``: names out of :data:`~cngcore.provider._declaration.OPERATIONS`
    * ``key_lengths``: a :class:`LengthRule`, or ``None`` for an algorithm that has no key pairs
    * ``parameter_sets``, ``properties``, ``blob_types`` (names or :class:`BlobType`): what there is
    * ``generate_flags``: the bits of ``dwFlags`` that ``BCryptGenerateKeyPair`` takes
    * ``introduced``: the first Windows version with this algorithm
    * ``dispatch_level``: whether it can be opened with ``BCRYPT_PROV_DISPATCH``
    * ``rank``: among several implementations the highest is the default
    * ``factory``: a callable (or its dotted path) that takes this declaration and returns a :class:`Factory`
    * ``contract``: the :data:`~cngcore.provider._declaration.CONTRACT` it was written for
    * ``probe``: a callable (or its dotted path) that raises :class:`ProviderUnavailableError` where this
      implementation cannot work
    * ``back_end``: the distribution of the library underneath, for provenance
    * ``keyed``: whether a hash has an HMAC form (``BCRYPT_ALG_HANDLE_HMAC_FLAG``)
    * ``concurrency``: one of :data:`~cngcore.provider.CONCURRENCY`, what the core must keep apart when several threads
      call
    * ``releases_gil``: whether making a key lets other threads of Python run, so that threads make keys as fast as
      processes would (:mod:`cngcore.bulk`)
    * ``sources``: where each rule comes from, by the rule's name (``"key_lengths"``, ``"parameter_sets"``,
      ``"generate_flags"``, ``"operations"``, or that of a property or blob type), for the reference pages
    """

    __slots__ = (
        "back_end",
        "blob_types",
        "concurrency",
        "contract",
        "dispatch_level",
        "factory",
        "generate_flags",
        "implementation",
        "introduced",
        "key_lengths",
        "keyed",
        "name",
        "operations",
        "parameter_sets",
        "probe",
        "properties",
        "rank",
        "releases_gil",
        "sources",
    )  # fmt: skip
    name: str
    implementation: str
    operations: "frozenset[str]"
    key_lengths: "LengthRule | None"
    parameter_sets: "tuple[ParameterSet, ...]"
    properties: "dict[str, Property]"
    generate_flags: int
    blob_types: "dict[str, BlobType]"
    introduced: str
    dispatch_level: bool
    rank: int
    factory: "Callable[[Algorithm], Factory] | str"
    contract: int
    probe: "Callable[[], object] | str | None"
    back_end: str
    keyed: bool
    concurrency: str
    releases_gil: bool
    sources: "dict[str, str]"

    def __init__(
        self,
        name: str,
        implementation: str,
        operations: "Iterable[str]",
        key_lengths: "LengthRule | None" = None,
        parameter_sets: "Iterable[ParameterSet]" = (),
        properties: "Iterable[Property]" = (),
        generate_flags: int = 0,
        blob_types: "Iterable[BlobType | str]" = (),
        introduced: str = "vista",
        dispatch_level: bool = False,
        rank: int = 0,
        factory: "Callable[[Algorithm], Factory] | str" = "",
        contract: int = CONTRACT,
        *,
        probe: "Callable[[], object] | str | None" = None,
        back_end: str = "",
        keyed: bool = False,
        concurrency: str = "free",
        releases_gil: bool = False,
        sources: "Mapping[str, str] | None" = None,
    ) -> None:
        from cngcore.windows import release

        operations = frozenset((operations,) if isinstance(operations, str) else operations)
        unknown = operations - OPERATIONS.keys()
        if unknown:
            raise ValueError(f"Algorithm {name!r}: unknown operations {sorted(unknown)}; known: {sorted(OPERATIONS)}")
        if key_lengths is not None and not isinstance(key_lengths, LengthRule):
            raise TypeError(f"Algorithm {name!r}: key_lengths must be a LengthRule or None, not {key_lengths!r}")
        if concurrency not in CONCURRENCY:
            raise ValueError(f"Algorithm {name!r}: concurrency is one of {CONCURRENCY}, not {concurrency!r}")
        release(introduced)
        blobs = [blob if isinstance(blob, BlobType) else BlobType(blob) for blob in blob_types]
        self._set(
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
        )
