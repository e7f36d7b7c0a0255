"""The one door to the providers.

:class:`Implementation` is one implementation of one algorithm, as one registry has it. Key pairs, secrets and hashes
reach their provider only through it: it makes the factory, calls the provider, checks the type of every answer, and
translates what the provider raises.
"""

from __future__ import annotations

from _thread import RLock
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cngcore import constants as c
from cngcore import (
    provider,  # by its name: what only ciphers need is imported when a cipher is made
    windows,
)
from cngcore._checks import check_number, check_text, is_exactly, safe_repr
from cngcore._diagnostics import clear_frames, describe, is_interrupt, log, place_of, reraise_interrupt
from cngcore._forks import held_over_fork, reset_in_child
from cngcore._imports import resolve
from cngcore.objects._properties import check_value, has_type
from cngcore.provider import (
    Algorithm,
    CipherFactory,
    Factory,
    HashFactory,
    HashState,
    KdfFactory,
    KeyFactory,
    KeyMaterial,
    Property,
    ProviderUnavailableError,
    RandomFactory,
    When,
)
from cngcore.status import CngError, InternalError, InvalidParameterError, NotSupportedError, NTStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from typing import NoReturn, TypeVar

    from cngcore.objects._provenance import Provenance
    from cngcore.policy import Watch
    from cngcore.provider import BlobType, CipherMaterial, KeyRequest, LengthRule

    T = TypeVar("T")

_PARAMETER_SET = Property(c.BCRYPT_PARAMETER_SET_NAME, str, When(empty="rw", finalized="r"))
_BYTES = (bytes, bytearray)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a plug-in comes from: its distribution, the distribution's version, and its module."""

    distribution: str
    version: str
    module: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip()


def _did_you_mean(value: object, values: Iterable[object] | None) -> str:
    """Return a suggestion for a value that is none of the declared ones, or nothing."""
    from cngcore._nearest import nearest

    near = nearest(value, [known for known in values or () if isinstance(known, str)]) if type(value) is str else None
    return f". Did you mean {near!r}?" if near else ""


class Owner(Protocol):
    """What a key, a secret or a hash asks the opened algorithm that it came from."""

    @property
    def dispatch(self) -> bool:
        """Whether the algorithm was opened with ``BCRYPT_PROV_DISPATCH``."""

    @property
    def watch(self) -> Watch | None:
        """The policies and listeners in force."""

    @property
    def provenance(self) -> Provenance:
        """Where the keys of this algorithm come from."""

    def get_property(self, name: str) -> object:
        """Return a property of the algorithm."""

    def add(self, thing: object) -> None:
        """Count a live key, secret or hash."""

    def remove(self, thing: object) -> None:
        """Count it no more."""


class Implementation:
    """One implementation of one algorithm: its declaration, its origin, and every call to its provider."""

    __slots__ = (
        "_blob_types",
        "_factory",
        "_key_factory",
        "_known",
        "_legal",
        "_lock",
        "_own",
        "_probed",
        "_rule",
        "algorithm",
        "origin",
        "parameter_sets",
        "peers",
        "windows",
    )  # fmt: skip

    def __init__(self, algorithm: Algorithm, origin: Origin, windows_version: str = windows.NEWEST) -> None:
        self.algorithm = algorithm
        self.origin = origin
        self.windows = windows_version
        self.parameter_sets = tuple(known.name for known in algorithm.parameter_sets)
        self.peers: Sequence[Implementation] = ()  # all implementations of the algorithm, for an error's hint
        self._factory: Factory | None = None
        self._key_factory: KeyFactory | None = None
        self._known: dict[str, Property] = {}
        self._blob_types: dict[tuple[object, str], BlobType] = {}
        self._own: Mapping[str, Property] | None = None
        self._rule: LengthRule | bool | None = False  # False: not known yet
        self._legal: Container[int] | bool | None = False  # False: not known yet
        self._probed: ProviderUnavailableError | bool = algorithm.probe is None
        self._lock = held_over_fork(RLock())

    @property
    def name(self) -> str:
        """The algorithm's name."""
        return self.algorithm.name

    @property
    def implementation(self) -> str:
        """Its name among the implementations of the algorithm."""
        return self.algorithm.implementation

    @property
    def distribution(self) -> str:
        """The distribution that provides it."""
        return self.origin.distribution

    @property
    def version(self) -> str:
        """The version of that distribution."""
        return self.origin.version

    @property
    def module(self) -> str:
        """The plug-in module."""
        return self.origin.module

    def has(self, kind: str, name: object) -> bool:
        """Return whether the configured Windows version has this (see :func:`cngcore.windows.has`)."""
        return windows.has(self.windows, kind, name)

    def __repr__(self) -> str:
        return f"<Implementation {self.name} ({self.implementation}) of {self.origin}>"

    # --- can it work here? --------------------------------------------------------------------------

    def unavailable(self) -> ProviderUnavailableError | None:
        """Return why this implementation cannot work on this machine, or None. The declaration's probe runs once."""
        if self._probed is False:
            with self._lock:
                if self._probed is False:
                    self._probed = self._probe()
        return self._probed if isinstance(self._probed, ProviderUnavailableError) else None

    def _probe(self) -> ProviderUnavailableError | bool:
        try:
            resolve(self.algorithm.probe)()  # type: ignore[operator]
        except ProviderUnavailableError as error:
            return error
        except BaseException as error:
            reraise_interrupt(error, f"the probe of {self.name} ({self.implementation}) of {self.origin} ran")
            return ProviderUnavailableError(describe(error), f"Report it to the author of {self.distribution}.")
        return True

    # --- the factory --------------------------------------------------------------------------------

    def factory(self) -> Factory:
        """Return the provider's factory. The first call imports and makes it, for all opened algorithms."""
        if self._factory is None:
            with self._lock:
                if self._factory is None:
                    self._factory = self._make_factory()
        return self._factory

    def _make_factory(self) -> Factory:
        try:
            made = resolve(self.algorithm.factory)
            if not isinstance(made, Factory):
                made = made(self.algorithm)  # type: ignore[operator]
        except BaseException as error:
            reraise_interrupt(error, f"{self.name} ({self.implementation}) of {self.origin} was loaded")
            hint = ""
            if isinstance(error, ImportError):
                hint = f"; reinstall {self.distribution} with its dependencies"
            raise InternalError(
                f"{self.name} ({self.implementation}) of {self.distribution} could not be loaded: "
                f"{describe(error)}{hint}"
            ) from error
        if not isinstance(made, Factory):
            raise InternalError(
                f"{self.name} ({self.implementation}): the factory {self.algorithm.factory!r} returned "
                f"{type(made).__name__}, not a Factory; report it to the author of {self.distribution}"
            )
        return made

    def _makes_keys(self) -> KeyFactory:
        if self._key_factory is None:
            factory = self.factory()
            if not isinstance(factory, KeyFactory):
                raise NotSupportedError(f"{self.name} ({self.implementation}) has no keys")
            self._key_factory = factory
        return self._key_factory

    @property
    def serial(self) -> RLock:
        """The lock around every call to a factory with ``concurrency="serial"``, whichever declarations share it."""
        lock: RLock = vars(self.factory()).setdefault("_cngcore_serial", reset_in_child(RLock()))
        return lock

    # --- calls --------------------------------------------------------------------------------------

    def call(self, operation: Callable[..., T], *arguments: object) -> T:
        """Call a function of the provider, one at a time if the declaration says so."""
        try:
            if self.algorithm.concurrency == "serial":
                with self.serial:
                    return operation(*arguments)
            return operation(*arguments)
        except BaseException as error:
            arguments = ()  # they may be keys, and a traceback would show them
            self.raise_provider_error(getattr(operation, "__name__", "an operation"), error)

    def ask(self, material: object, name: str, *arguments: object) -> object:
        """Return an attribute of what a provider made, or, if it is a method, its answer."""
        try:
            answer = getattr(material, name)
            return answer(*arguments) if callable(answer) else answer
        except BaseException as error:
            arguments = ()
            self.raise_provider_error(name, error)

    def generate(self, request: KeyRequest) -> KeyMaterial:
        """Make a new key."""
        try:
            material: object = (self._key_factory or self._makes_keys()).generate(request)
        except BaseException as error:
            self.raise_provider_error("generate", error)
        if issubclass(type(material), KeyMaterial):
            return material  # type: ignore[return-value]
        raise self.invalid_answer("generate", f"{type(material).__name__}, not KeyMaterial,")

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        """Read a key blob."""
        return self.check_material("import_key", self.call(self._makes_keys().import_key, blob_type, blob, request))

    def load(self) -> None:
        """Let the provider import everything that a later call may need."""
        self.call(self.factory().load)

    def back_end_of(self, material: KeyMaterial) -> str:
        """Return the distribution of the library that holds a key."""
        name: object = self.ask(material, "back_end")
        if not is_exactly(name, str):
            raise self.invalid_answer("back_end", type(name).__name__)
        return name or self.algorithm.back_end  # type: ignore[return-value]

    def back_end_version(self) -> str:
        """Return the version of the library that does the work."""
        version: object = self.call(self.factory().back_end_version)
        if not is_exactly(version, str):
            raise self.invalid_answer("back_end_version", type(version).__name__)
        return version  # type: ignore[return-value]

    def start_hash(self, key: bytes | None, options: Mapping[str, bytes] | None = None) -> HashState:
        """Start a hash or, with a key, a MAC; ``options`` are the properties that were set on the hash object."""
        factory = self.factory()
        if not isinstance(factory, HashFactory):
            raise NotSupportedError(f"{self.name} ({self.implementation}) makes no hashes")
        if options:
            start: Callable[..., object] = factory.start
            return self.check_state("start", self.call(start, key, options))
        return self.check_state("start", self.call(factory.start, key))

    def make_cipher(self, secret: bytes, flags: int, effective_bits: int) -> CipherMaterial:
        """Make the material of a symmetric key."""
        factory = self.factory()
        if not isinstance(factory, CipherFactory):
            raise NotSupportedError(f"{self.name} ({self.implementation}) makes no symmetric keys")
        request = provider.CipherRequest(flags, effective_bits, self.windows)
        return self.check_cipher("cipher", self.call(factory.cipher, secret, request))

    def _derives(self) -> KdfFactory:
        factory = self.factory()
        if not isinstance(factory, KdfFactory):
            raise NotSupportedError(f"{self.name} ({self.implementation}) derives no keys")
        return factory

    def derive(self, secret: bytes, parameters: Mapping[str, bytes | str | int], length: int, flags: int) -> bytes:
        """Derive a key; the provider's answer has the length asked for."""
        derived = self.check_bytes("derive", self.call(self._derives().derive, secret, parameters, length, flags))
        if len(derived) != length:
            raise self.invalid_answer("derive", f"{len(derived)} bytes instead of {length}")
        return bytes(derived)

    def extract(self, secret: bytes, hash_id: str, salt: bytes | None) -> bytes:
        """Make the pseudorandom key of HKDF."""
        return bytes(self.check_bytes("extract", self.call(self._derives().extract, secret, hash_id, salt)))

    def fill_random(self, buffer: memoryview) -> None:
        """Fill a buffer from the provider's random number generator."""
        factory = self.factory() if "random" in self.algorithm.operations else None
        if not isinstance(factory, RandomFactory):
            raise NotSupportedError(f"{self.name} makes no random numbers")
        self.call(factory.fill, buffer)

    # --- answers ------------------------------------------------------------------------------------

    def check_material(self, operation: str, answer: object) -> KeyMaterial:
        """Return the answer if it is key material, else raise InternalError."""
        if is_exactly(answer, KeyMaterial):
            return answer  # type: ignore[return-value]
        raise self.invalid_answer(operation, f"{type(answer).__name__}, not KeyMaterial,")

    def check_state(self, operation: str, answer: object) -> HashState:
        """Return the answer if it is the state of a hash, else raise InternalError."""
        if is_exactly(answer, HashState):
            return answer  # type: ignore[return-value]
        raise self.invalid_answer(operation, f"{type(answer).__name__}, not HashState,")

    def check_cipher(self, operation: str, answer: object) -> CipherMaterial:
        """Return the answer if it is the material of a symmetric key, else raise InternalError."""
        if is_exactly(answer, provider.CipherMaterial):
            return answer  # type: ignore[return-value]
        raise self.invalid_answer(operation, f"{type(answer).__name__}, not CipherMaterial,")

    def check_bytes(self, operation: str, answer: object) -> bytes | bytearray:
        """Return the answer if it is bytes, else raise InternalError."""
        if issubclass(type(answer), _BYTES):
            return answer  # type: ignore[return-value]
        raise self.invalid_answer(operation, type(answer).__name__)

    def check_size(self, operation: str, answer: object) -> int:
        """Return the answer if it is a size in bytes, else raise InternalError."""
        if issubclass(type(answer), int) and type(answer) is not bool and answer >= 0:  # type: ignore[operator]
            return answer  # type: ignore[return-value]
        raise self.invalid_answer(operation, type(answer).__name__)

    def holds_private(self, material: KeyMaterial) -> bool:
        """Return whether material holds the private half."""
        try:
            held: object = material.has_private
        except BaseException as error:
            self.raise_provider_error("has_private", error)
        if type(held) is not bool:
            raise self.invalid_answer("has_private", type(held).__name__)
        return held

    def invalid_answer(self, operation: str, returned: str) -> InternalError:
        """Return the exception for an invalid answer; ``returned`` describes its type, never its value."""
        log("%s (%s) returned %s from %s", self.name, self.implementation, returned, operation)
        return InternalError(
            f"the provider of {self.name} ({self.implementation}) returned {returned} from {operation}; "
            "report it to the provider's author"
        )

    def raise_provider_error(self, operation: str, error: BaseException) -> NoReturn:
        """Re-raise a provider's CngError; wrap any other exception in InternalError.

        A CngError with a success status counts as any other exception. KeyboardInterrupt and exceptions of signal
        handlers are re-raised. MemoryError becomes STATUS_NO_MEMORY.
        """
        clear_frames(error)
        if (isinstance(error, CngError) and not error.status.is_success) or is_interrupt(error):
            raise error
        if isinstance(error, MemoryError):
            raise CngError(NTStatus.STATUS_NO_MEMORY, f"{operation}: out of memory") from error
        kind = type(error).__name__
        log("%s (%s) failed in %s: %s raised at %s", self.name, self.implementation, operation, kind, place_of(error))
        raise InternalError(
            f"the provider of {self.name} ({self.implementation}) raised {kind} in {operation}; this is a fault of "
            "the provider: report it to its author"
        ) from error

    # --- lengths and properties ---------------------------------------------------------------------

    @property
    def rule(self) -> LengthRule | None:
        """The length rule of the configured Windows version; None if the algorithm has no key pairs."""
        if isinstance(self._rule, bool):
            declared = self.algorithm.key_lengths
            try:
                self._rule = declared and declared.for_windows(self.windows)
            except BaseException as error:
                self.raise_provider_error("key_lengths", error)
        return self._rule

    def legal_lengths(self) -> Container[int] | None:
        """Return all legal key lengths, or None if they depend on properties or there are no keys."""
        if isinstance(self._legal, bool):
            self._legal = None if self.rule is None else self.ask(self.rule, "legal")  # type: ignore[assignment]
        return self._legal  # type: ignore[return-value]

    def check_length(self, length: object, properties: Mapping[str, object]) -> int:
        """Return a key length in bits as a plain int. Raise InvalidParameterError if the algorithm does not have it."""
        bits = check_number("the key length", length)
        rule = self.rule
        if rule is None or not self.call(rule.accepts, bits, properties):
            words = "none, because it has no key pairs" if rule is None else self.call(rule.in_words)
            raise InvalidParameterError(f"{self.name} has no keys of {safe_repr(bits)} bits; it takes {words}")
        return bits

    def key_lengths(self) -> object:
        """Return the value of the KeyLengths property."""
        lengths = self.rule and self.call(self.rule.key_lengths)
        if lengths is None:
            raise NotSupportedError(f"{self.name} has no list of key lengths")
        return lengths

    def blob_type(self, name: object, direction: str) -> BlobType:
        """Return a declared blob type; ``direction`` is "imports" or "exports". Raise NotSupportedError if unknown."""
        if type(name) is str and (name, direction) in self._blob_types:
            return self._blob_types[name, direction]
        name = check_text("the blob type", name)
        declared = self.algorithm.blob_types.get(name)
        if declared is None or not getattr(declared, direction) or not self.has("blob type", name):
            known = [kind.name for kind in self.algorithm.blob_types.values() if getattr(kind, direction)]
            raise NotSupportedError(f"{self.name} {direction} no {name!r}; it {direction} {', '.join(known) or 'none'}")
        self._blob_types[name, direction] = declared
        return declared

    def declared_property(self, name: object) -> Property:
        """Return the declaration of a property. Raise NotSupportedError if there is none of that name."""
        if type(name) is str and name in self._known:
            return self._known[name]
        name = check_text("a property name", name)
        declared = self.algorithm.properties.get(name) or self.own_properties.get(name)
        if declared is None and name == c.BCRYPT_PARAMETER_SET_NAME and self.algorithm.parameter_sets:
            declared = _PARAMETER_SET
        if declared is None or not self.has("property", name):
            raise NotSupportedError(f"{self.name} has no property {name!r}")
        self._known[name] = declared
        return declared

    @property
    def own_properties(self) -> Mapping[str, Property]:
        """The properties that the core has for algorithms with symmetric keys."""
        own = self._own
        if own is None:
            own = {}
            if self.algorithm.has_symmetric_keys:
                from cngcore.objects._symmetric_properties import symmetric_properties

                own = symmetric_properties(self.algorithm, self.windows)
            self._own = own  # when it is complete: other threads read it without a lock
        return own

    def current_value(self, declared: Property, properties: Mapping[str, object]) -> object:
        """Return a property while there is no key material: what was set, else the declaration's own value."""
        if declared.name in properties:
            return properties[declared.name]
        value = self.call(declared.value, properties) if callable(declared.value) else declared.value
        if value is None:
            raise NotSupportedError(f"{declared.name} has no value yet; set it first")
        return self.check_property(declared, value)

    def property_of(self, material: KeyMaterial, declared: Property) -> object:
        """Return a property of a finalized key."""
        if declared.value is not None and not callable(declared.value):
            return declared.value
        return self.check_property(declared, self.ask(material, "get_property", declared.name))

    def check_property(self, declared: Property, value: object) -> object:
        """Return a provider's value for a property if it has the declared type, else raise InternalError."""
        if not has_type(declared, value):
            raise self.invalid_answer(declared.name, f"{type(value).__name__}, not the declared type,")
        return value

    def check_new_value(self, declared: Property, value: object) -> object:
        """Return a value to be set as a plain Python value; raise the contract's error if it may not be set."""
        try:
            value = check_value(declared, value)
        except NotSupportedError as error:
            advice = self._who_has(declared.name, value) or _did_you_mean(value, declared.values)
            raise NotSupportedError(f"{error.message}{advice}") from None
        if declared.check is not None:
            self.call(declared.check, value)
        return value

    def _who_has(self, name: str, value: object) -> str:
        """Return what to do about a property value that this implementation lacks and another one has, or nothing."""
        for peer in self.peers:
            declared = peer.algorithm.properties.get(name)
            if declared is not None and value in (declared.values or ()):
                return (
                    f". The implementation {peer.implementation!r} has it: pass implementation={peer.implementation!r}"
                )
        return ""
