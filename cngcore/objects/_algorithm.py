"""An opened algorithm: its properties, the birth and the import of key pairs.

Everything that does not change is worked out when the algorithm is opened; making a key is then a few
comparisons and one object.
"""

from cngcore import constants as c
from cngcore import irql, windows
from cngcore._checks import check_dword, check_number, check_text, is_a, shown, to_bytes
from cngcore._diagnostics import broken_word, discreet, pass_on
from cngcore.objects._keypair import KeyPair
from cngcore.objects._properties import checked_value, current_value, is_of_type, with_value
from cngcore.provider import Algorithm, KeyFactory, KeyMaterial, KeyRequest, Property, When
from cngcore.status import (
    InvalidHandleError,
    InvalidParameterError,
    NotSupportedError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import RLock
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from cngcore.objects._hash import Hash
    from cngcore.objects._implementation import Candidate
    from cngcore.objects._watched import Watch
    from cngcore.provider import BlobType, Factory

    T = TypeVar("T")

_OPEN_FLAGS = c.BCRYPT_PROV_DISPATCH
_HASH_FLAGS = c.BCRYPT_ALG_HANDLE_HMAC_FLAG | c.BCRYPT_HASH_REUSABLE_FLAG
_IMPORT_FLAGS = (
    0,
    c.BCRYPT_NO_KEY_VALIDATION,
    c.BCRYPT_KEY_VALIDATION_RANGE,
    c.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER,
    c.BCRYPT_KEY_VALIDATION_REGENERATE,
)
_PARAMETER_SET = Property(c.BCRYPT_PARAMETER_SET_NAME, str, When(empty="rw", finalized="r"))


class Provenance:
    """Where a key comes from: distribution, its version, module, implementation, the library underneath, the policies.

    ``back_end`` is the library's distribution and ``back_end_version`` its version, empty where there is none of that
    name; asking for it loads the back end. ``policies`` names those in force.
    """

    __slots__ = ("_version_of", "back_end", "distribution", "implementation", "module", "policies", "version")

    def __init__(
        self,
        distribution: str,
        version: str,
        module: str,
        implementation: str,
        back_end: str,
        version_of: "Callable[[], str]",
        policies: "tuple[str, ...]",
    ) -> None:
        self.distribution = distribution
        self.version = version
        self.module = module
        self.implementation = implementation
        self.back_end = back_end
        self.policies = policies
        self._version_of = version_of

    @property
    def back_end_version(self) -> str:
        return self._version_of()

    def to_dict(self) -> "dict[str, object]":
        """The fields by name, for JSON."""
        names = ("distribution", "version", "module", "implementation", "back_end", "back_end_version", "policies")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        names = [name for name in self.__slots__ if not name.startswith("_")]
        return f"Provenance({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"


class AlgorithmProvider:
    """An opened algorithm, as ``BCryptOpenAlgorithmProvider`` gives it.

    Each has properties of its own. It may be closed while its keys live on (contract.md section 0.1), unless it was
    opened with ``BCRYPT_PROV_DISPATCH``. Use it as a context manager, or call :meth:`close`.
    """

    __slots__ = (
        "__weakref__",
        "_blob_types",
        "_candidate",
        "_closed",
        "_dependents",
        "_factory",
        "_generate",
        "_generate_flags",
        "_known",
        "_legal",
        "_new_key",
        "_properties",
        "_rule",
        "declaration",
        "dispatch",
        "flags",
        "handle",
        "needs_parameter_set",
        "operations",
        "watch",
        "windows",
    )  # fmt: skip

    def __init__(
        self, candidate: "Candidate", windows_version: str, flags: int = 0, watch: "Watch | None" = None
    ) -> None:
        declaration = candidate.algorithm
        self.declaration: Algorithm = declaration
        self.windows = windows_version
        self.flags = flags
        self.dispatch = bool(flags & c.BCRYPT_PROV_DISPATCH)
        self.operations = declaration.operations
        self.needs_parameter_set = bool(declaration.parameter_sets)
        self.handle: int | None = None  # the flat API's integer for this object
        self._candidate = candidate
        self._closed = False
        self._properties: Mapping[str, object] = {}
        self._known: dict[str, Property] = {}
        self._generate_flags = declaration.generate_flags
        self._blob_types: Mapping[str, BlobType] = declaration.blob_types
        try:
            self._rule = declaration.key_lengths and declaration.key_lengths.for_windows(windows_version)
            self._legal = self._rule.legal if self._rule is not None else None
        except BaseException as error:
            pass_on(declaration, "key_lengths", error)
        self._factory: Factory | None = None
        self._generate: Callable[[KeyRequest], KeyMaterial] = self._first_generate
        self._dependents: set[object] | None = None
        self.watch = watch
        self._new_key: Callable[[AlgorithmProvider, KeyRequest], KeyPair] = KeyPair
        if watch is not None or declaration.concurrency != "free":
            from cngcore.objects._watched import GuardedKeyPair

            self._new_key = GuardedKeyPair.created
        if flags:
            self._check_open_flags(flags)

    def _check_open_flags(self, flags: int) -> None:
        name = self.declaration.name
        if flags & ~(_OPEN_FLAGS | _HASH_FLAGS):
            raise InvalidParameterError(f"{name}: BCryptOpenAlgorithmProvider knows no flag 0x{flags:X}")
        if flags & _HASH_FLAGS and "hash" not in self.operations:
            raise InvalidParameterError(f"{name} is no hash: flag 0x{flags & _HASH_FLAGS:X} is for hashes")
        if flags & c.BCRYPT_ALG_HANDLE_HMAC_FLAG and not self.declaration.keyed:
            raise NotSupportedError(f"{name} has no keyed mode")
        if self.dispatch:
            if not self.declaration.dispatch_level:
                raise NotSupportedError(
                    f"{name} ({self.declaration.implementation}) does not run at DISPATCH_LEVEL; open it without "
                    "BCRYPT_PROV_DISPATCH or choose another implementation"
                )
            from weakref import WeakSet

            self._dependents = WeakSet()  # type: ignore[assignment]
            load_whole()
            self.call(self.factory.load)

    # --- making keys --------------------------------------------------------------------------------

    def generate_key_pair(self, length: int = 0, flags: int = 0) -> KeyPair:
        """Make an empty key pair of ``length`` bits; set its properties, then :meth:`~KeyPair.finalize` it.

        Raises NotSupportedError where the algorithm has no key pairs, InvalidParameterError for a length or a flag
        that it does not take (contract.md section 3).
        """
        if (
            self._closed
            or irql.raised
            or type(flags) is not int
            or flags
            or type(length) is not int
            or self._legal is None
            or length not in self._legal
        ):
            length, flags = self._check_request(length, flags)
        key = self._new_key(self, KeyRequest(length, flags, self._properties))
        if self._dependents is not None:
            self._dependents.add(key)
        return key

    def _check_request(self, length: object, flags: object) -> tuple[int, int]:
        """What :meth:`generate_key_pair` looks at when the short way did not do; both as plain numbers."""
        self._check_open()
        if self._rule is None:
            raise NotSupportedError(f"{self.declaration.name} does not use key pairs")
        bits, given = self.check_length(length), check_dword("dwFlags", flags)
        if given & ~self._generate_flags:
            raise InvalidParameterError(
                f"{self.declaration.name} takes no flag 0x{given & ~self._generate_flags:X} when a key is generated"
            )
        return bits, given

    def check_length(self, length: object) -> int:
        """Refuse a key length the algorithm does not have, in bits."""
        bits = check_number("a key length", length)
        if self._rule is None or not self.call(self._rule.accepts, bits, self._properties):
            raise InvalidParameterError(
                f"{self.declaration.name} has no keys of {shown(bits)} bits; its rule is {self._rule!r}"
            )
        return bits

    @discreet
    def import_key_pair(self, blob_type: str, blob: object, flags: int = 0) -> KeyPair:
        """Make a finalized key pair from a blob (``BCryptImportKeyPair``).

        Raises NotSupportedError for a blob type this algorithm does not read, and what contract.md section 9 says
        for a blob that is not well-formed.
        """
        self._check_open()
        blob_type = check_text("the blob type", blob_type)
        declared = self._blob_types.get(blob_type)
        if declared is None or not declared.imports or not windows.has(self.windows, "blob type", blob_type):
            readable = ", ".join(kind.name for kind in self._blob_types.values() if kind.imports)
            raise NotSupportedError(
                f"{self.declaration.name} imports no {blob_type!r}; it imports {readable or 'none'}"
            )
        flags = check_dword("dwFlags", flags)
        if flags not in _IMPORT_FLAGS or not windows.has(self.windows, "flag", flags):
            raise InvalidParameterError(f"BCryptImportKeyPair takes no flags 0x{flags:X}")
        request = KeyRequest(0, flags, self._properties)
        content = to_bytes("the key blob", blob)
        material = self.material(self.call(self._key_factory().import_key, blob_type, content, request), "import_key")
        if self._new_key is KeyPair:
            key = KeyPair(self, request, material)
        else:
            from cngcore.objects._watched import GuardedKeyPair

            key = GuardedKeyPair.imported(self, request, material)
        self.depends(key)
        return key

    @property
    def factory(self) -> "Factory":
        """The provider's factory, made at the first use."""
        if self._factory is None:
            self._factory = self._candidate.factory()
        return self._factory

    @property
    def serial(self) -> "RLock":
        """The lock around every call to a factory that bears one at a time (``concurrency="serial"``)."""
        return self._candidate.serial()

    def _key_factory(self) -> KeyFactory:
        factory = self.factory
        if isinstance(factory, KeyFactory):
            return factory
        raise NotSupportedError(f"{self.declaration.name} ({self.declaration.implementation}) has no keys")

    def _first_generate(self, request: KeyRequest) -> KeyMaterial:
        """Stands for the factory's own method until the first key, when the factory is made."""
        self._generate = self._key_factory().generate
        return self._generate(request)

    def call(self, operation: "Callable[..., T]", *arguments: object) -> "T":
        """Call the provider, and translate what it raises."""
        try:
            if self.declaration.concurrency == "serial":
                with self.serial:
                    return operation(*arguments)
            return operation(*arguments)
        except BaseException as error:
            arguments = ()  # they may be keys, and a traceback shows them
            pass_on(self.declaration, getattr(operation, "__name__", "an operation"), error)

    # --- hashes and random numbers ------------------------------------------------------------------------

    @discreet
    def create_hash(self, secret: object = None, flags: int = 0) -> "Hash":
        """Begin a hash, or an HMAC where the algorithm was opened with ``BCRYPT_ALG_HANDLE_HMAC_FLAG``."""
        self._check_open()
        from cngcore.objects._hash import create_hash

        created = create_hash(self, secret, check_dword("dwFlags", flags))
        self.depends(created)
        return created

    def fill_random(self, buffer: memoryview) -> None:
        """Fill a writable buffer of bytes with random numbers."""
        self._check_open()
        from cngcore.objects._hash import fill_random

        fill_random(self, buffer)

    def material(self, material: object, operation: str) -> KeyMaterial:
        """``material`` if the provider kept its word, else STATUS_INTERNAL_ERROR."""
        if is_a(material, KeyMaterial):
            return material  # type: ignore[return-value]
        raise broken_word(self.declaration, operation, f"{type(material).__name__}, not KeyMaterial,")

    # --- properties ---------------------------------------------------------------------------------

    def declared_property(self, name: object) -> Property:
        """The declaration of a property; NotSupportedError where there is none of that name."""
        if type(name) is str and name in self._known:
            return self._known[name]
        name = check_text("a property name", name)
        declared = self.declaration.properties.get(name)
        if declared is None and name == c.BCRYPT_PARAMETER_SET_NAME and self.declaration.parameter_sets:
            declared = _PARAMETER_SET
        if declared is None or not windows.has(self.windows, "property", name):
            raise NotSupportedError(f"{self.declaration.name} has no property {name!r}")
        self._known[name] = declared
        return declared

    def get_property(self, name: str) -> object:
        """The value of a property, as a Python value (contract.md section 5)."""
        self._check_open()
        if name == c.BCRYPT_ALGORITHM_NAME:
            return self.declaration.name
        if name == c.BCRYPT_KEY_LENGTHS:
            lengths = self._rule and self.call(self._rule.key_lengths)
            if lengths is None:
                raise NotSupportedError(f"{self.declaration.name} has no list of key lengths")
            return lengths
        declared = self.declared_property(name)
        if "r" not in declared.when.algorithm:
            raise NotSupportedError(f"{name} is not a property of an algorithm; ask a key")
        return self.value_of(declared, self._properties)

    def set_property(self, name: str, value: object) -> None:
        """Set a property for the keys made from here on (contract.md section 4)."""
        self.type_to_set(name)
        declared = self.declared_property(name)
        self._properties = with_value(self._properties, declared, checked_value(declared, value, self.call))

    def value_of(self, declared: Property, properties: "Mapping[str, object]") -> object:
        """What a property is where there is no key material yet."""
        return self.of_type(declared, current_value(declared, properties, self.call))

    def of_type(self, declared: Property, value: object) -> object:
        """``value`` if it is of the type the provider declared, else STATUS_INTERNAL_ERROR."""
        if not is_of_type(declared, value):
            raise broken_word(self.declaration, declared.name, f"{type(value).__name__} out of its type")
        return value

    def type_to_set(self, name: str) -> object:
        """The type of the values a property takes; NotSupportedError where it cannot be set on an algorithm."""
        self._check_open()
        declared = self.declared_property(name)
        if "w" not in declared.when.algorithm:
            raise NotSupportedError(f"{name} cannot be set on an algorithm")
        return declared.type

    # --- life ---------------------------------------------------------------------------------------

    @property
    def provenance(self) -> Provenance:
        """Which distribution and implementation serve this algorithm."""
        candidate, declaration = self._candidate, self.declaration
        return Provenance(
            candidate.distribution,
            candidate.version,
            candidate.module,
            declaration.implementation,
            declaration.back_end,
            self._back_end_version,
            tuple(policy.name for policy in self.watch.policies) if self.watch is not None else (),
        )

    def _back_end_version(self) -> str:
        version = self.call(self.factory.back_end_version)
        if not is_a(version, str):
            raise broken_word(self.declaration, "back_end_version", type(version).__name__)
        return version

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Close; closing twice is STATUS_INVALID_HANDLE.

        An algorithm opened with ``BCRYPT_PROV_DISPATCH`` cannot be closed while keys made from it live: that is
        STATUS_INVALID_HANDLE too, and it stays open (docs/decisions/dispatch-level.md).
        """
        if irql.raised:
            irql.require_passive("BCryptCloseAlgorithmProvider")
        if self._closed:
            raise InvalidHandleError(f"{self.declaration.name} is closed already")
        if self._dependents:
            raise InvalidHandleError(
                f"{self.declaration.name} was opened with BCRYPT_PROV_DISPATCH and {len(self._dependents)} of its keys "
                "and secrets live; destroy them first"
            )
        self._closed = True

    def depends(self, thing: object) -> None:
        """A key or secret lives on this algorithm; counted only where closing depends on it."""
        if self._dependents is not None:
            self._dependents.add(thing)

    def released(self, thing: object) -> None:
        """A key or secret of this algorithm is gone."""
        if self._dependents is not None:
            self._dependents.discard(thing)

    def _check_open(self) -> None:
        if self._closed:
            raise InvalidHandleError(f"{self.declaration.name} is closed; open it again")
        if irql.raised:
            irql.require_dispatch(self.dispatch)

    def __enter__(self) -> "AlgorithmProvider":
        return self

    def __exit__(self, *_exception: object) -> None:
        if not self._closed:
            self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        return f"<AlgorithmProvider {self.declaration.name} ({self.declaration.implementation}) {state}>"

    def __reduce__(self) -> "tuple[object, ...]":
        raise InvalidParameterError("an opened algorithm cannot be pickled or copied; open it where it is needed")


def load_whole() -> None:
    """Import every module of the core that any call may need; a provider's ``load`` sees to the blobs it reads."""
    from importlib import import_module

    for name in ("ctypes", "encodings.utf_16_le", "hashlib", "hmac", "logging"):
        import_module(name)
    names = (
        "bcrypt._hashes",
        "bcrypt._operations",
        "bcrypt._structures",
        "memory",
        "objects._hash",
        "objects._kdf",
        "objects._secret",
        "padding",
        "provider._structures",
    )
    for name in names:
        import_module(f"cngcore.{name}")
