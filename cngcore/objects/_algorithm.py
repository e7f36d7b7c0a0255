"""An opened algorithm: its properties, and how key pairs and hashes begin.

Everything that does not change is computed when the algorithm is opened. Making a key is then a few comparisons and one
object.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, overload

from cngcore import constants as c
from cngcore import irql, windows
from cngcore._checks import check_dword, check_number, to_bytes
from cngcore._diagnostics import clear_tracebacks
from cngcore._imports import public_names
from cngcore.objects._keypair import KeyPair
from cngcore.objects._properties import with_value
from cngcore.provider import KeyRequest
from cngcore.status import InvalidHandleError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal
    from weakref import WeakSet

    from typing_extensions import Buffer

    from cngcore.objects._hash import Hash
    from cngcore.objects._implementation import Implementation
    from cngcore.objects._multi_hash import MultiHash
    from cngcore.objects._provenance import Provenance
    from cngcore.objects._symmetric_key import SymmetricKey
    from cngcore.policy import Watch
    from cngcore.provider import Algorithm, Factory, KeyLengths, Property

_OPEN_FLAGS = c.BCRYPT_PROV_DISPATCH
_HASH_FLAGS = c.BCRYPT_ALG_HANDLE_HMAC_FLAG | c.BCRYPT_HASH_REUSABLE_FLAG | c.BCRYPT_MULTI_FLAG
_IMPORT_FLAGS = (
    0,
    c.BCRYPT_NO_KEY_VALIDATION,
    c.BCRYPT_KEY_VALIDATION_RANGE,
    c.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER,
    c.BCRYPT_KEY_VALIDATION_REGENERATE,
)

_HIDDEN = frozenset(
    {"add", "allow_multi_hash", "apply", "dispatch", "factory", "handle", "remove", "setting", "watch", "windows"}
)
"""What the flat API and the tools call, and an application does not: left out of ``dir()``."""


class AlgorithmProvider:
    """An opened algorithm, as ``BCryptOpenAlgorithmProvider`` returns it.

    Each has its own properties. It can be closed while its keys live on, unless it was opened with
    ``BCRYPT_PROV_DISPATCH``. Use it as a context manager, or call :meth:`close`.
    """

    __slots__ = (
        "__weakref__", "_accepted", "_closed", "_implementation", "_key_type", "_live",
        "_properties", "_remembers", "_request", "dispatch", "flags", "handle", "watch",
    )  # fmt: skip

    def __init__(
        self,
        implementation: Implementation,
        flags: int = 0,
        watch: Watch | None = None,
        key_type: type[KeyPair] = KeyPair,
    ) -> None:
        self.flags = flags
        self.dispatch = bool(flags & c.BCRYPT_PROV_DISPATCH)
        self.watch = watch
        self.handle: int | None = None  # the flat API's integer for this object
        self._implementation = implementation
        self._request = KeyRequest.for_windows(implementation.windows)
        self._key_type = key_type
        self._closed = False
        self._properties: Mapping[str, object] = {}
        self._live: WeakSet[object] | None = None  # keys, secrets and hashes, if closing depends on them
        # The lengths and flags that were found legal, with the properties of such a key: 0.1 us instead of 0.6.
        self._accepted: dict[tuple[int, int], Mapping[str, object]] = {}
        # Not for an older Windows, whose requests are of another class.
        self._remembers = implementation.legal_lengths() is not None and self._request is KeyRequest
        if flags:
            self._check_open_flags(flags)

    def _check_open_flags(self, flags: int) -> None:
        name = self.declaration.name
        if flags & c.BCRYPT_TLS_CBC_HMAC_VERIFY_FLAG and "hash" in self.operations:
            raise NotSupportedError(f"{name}: BCRYPT_TLS_CBC_HMAC_VERIFY_FLAG is not supported")
        if flags & ~(_OPEN_FLAGS | _HASH_FLAGS):
            raise InvalidParameterError(f"{name}: BCryptOpenAlgorithmProvider knows no flag 0x{flags:X}")
        if flags & _HASH_FLAGS and "hash" not in self.operations:
            raise InvalidParameterError(f"{name} is not a hash, and flag 0x{flags & _HASH_FLAGS:X} is for hashes")
        if flags & c.BCRYPT_ALG_HANDLE_HMAC_FLAG and not self.declaration.keyed:
            raise NotSupportedError(f"{name} has no keyed mode")
        if flags & c.BCRYPT_MULTI_FLAG:
            from cngcore.objects._multi_hash import check_multi

            check_multi(self._implementation, bool(flags & c.BCRYPT_ALG_HANDLE_HMAC_FLAG))
        if self.dispatch:
            if not self.declaration.dispatch_level:
                raise NotSupportedError(
                    f"{name} ({self.declaration.implementation}) does not run at DISPATCH_LEVEL; open it without "
                    "BCRYPT_PROV_DISPATCH or choose another implementation"
                )
            from weakref import WeakSet

            self._live = WeakSet()
            _import_late_modules()
            self._implementation.load()

    @property
    def declaration(self) -> Algorithm:
        """The provider's declaration."""
        return self._implementation.algorithm

    @property
    def operations(self) -> frozenset[str]:
        """The operations that the algorithm supports."""
        return self._implementation.algorithm.operations

    @property
    def factory(self) -> Factory:
        """The provider's factory; the first use makes it."""
        return self._implementation.factory()

    @property
    def windows(self) -> str:
        """The Windows version that this algorithm behaves as."""
        return self._implementation.windows

    # --- making keys --------------------------------------------------------------------------------

    def generate_key_pair(self, length: int = 0, flags: int = 0) -> KeyPair:
        """Make an empty key pair of ``length`` bits; set its properties, then :meth:`~KeyPair.finalize` it.

        Raises NotSupportedError if the algorithm has no key pairs, and InvalidParameterError for a length or a flag
        that it does not have.

        contract: rule-generate-length.
        """
        properties = None
        if type(length) is int and type(flags) is int and not irql.raised:
            properties = self._accepted.get((length, flags))
        request = self._checked_request(length, flags) if properties is None else KeyRequest(0, flags, properties)
        key = self._key_type(self._implementation, self, request)
        if self._live is not None:
            self._live.add(key)
        return key

    def _checked_request(self, length: object, flags: object) -> KeyRequest:
        """Check the arguments of :meth:`generate_key_pair`; return the request for the new key."""
        accepted = self._accepted  # first: another thread that closes or sets a property puts a new dict in its place
        self._check_open()
        if self._implementation.rule is None or not self.declaration.has_key_pairs:
            other = "; call generate_symmetric_key()" if self.declaration.has_symmetric_keys else ""
            raise NotSupportedError(f"{self.declaration.name} has no key pairs{other}")
        bits = self._implementation.check_length(length, self._properties)
        number = check_dword("dwFlags", flags)
        unknown = number & ~self.declaration.generate_flags
        if unknown:
            raise InvalidParameterError(f"{self.declaration.name} takes no flag 0x{unknown:X} when a key is generated")
        properties = self._properties
        if bits:
            properties = {**properties, c.BCRYPT_KEY_LENGTH: bits}
        if self._remembers:
            accepted[bits, number] = properties
        return self._request(0, number, properties)

    @clear_tracebacks
    def import_key_pair(self, blob_type: str, blob: Buffer, flags: int = 0) -> KeyPair:
        """Make a finalized key pair from a blob (``BCryptImportKeyPair``).

        Raises NotSupportedError for a blob type that this algorithm does not read, and the contract's error for a
        malformed blob.

        contract: rule-import.
        """
        self._check_open()
        declared = self._implementation.blob_type(blob_type, "imports")
        flags = check_dword("dwFlags", flags)
        if flags not in _IMPORT_FLAGS or not self._implementation.has("flag", flags):
            raise InvalidParameterError(f"BCryptImportKeyPair takes no flags 0x{flags:X}")
        request = self._request(0, flags, self._properties)
        material = self._implementation.import_key(declared.name, to_bytes("the key blob", blob), request)
        key = self._key_type(self._implementation, self, request, material)
        self.add(key)
        return key

    # --- symmetric keys -----------------------------------------------------------------------------

    @clear_tracebacks
    def generate_symmetric_key(self, secret: Buffer, flags: int = 0) -> SymmetricKey:
        """Make a symmetric key of a secret (``BCryptGenerateSymmetricKey``); it copies the settings of the algorithm.

        A secret that is longer than the longest legal one is cut, as Windows does. Raise NotSupportedError for an
        algorithm without symmetric keys, InvalidParameterError for any other illegal length and for unknown flags.
        :func:`cngcore.generate_symmetric_key` makes a random key.

        contract: rule-symmetric-generate.
        """
        from cngcore.objects._symmetric_making import make_key

        self._check_open()
        if secret is None:
            raise InvalidParameterError(f"a key of {self.declaration.name} is made of a secret, not of None")
        return make_key(self._implementation, self, to_bytes("the secret", secret), self._properties, flags)

    @clear_tracebacks
    def import_key(
        self, blob_type: str, blob: Buffer, *, kek: SymmetricKey | None = None, flags: int = 0
    ) -> SymmetricKey:
        """Make a symmetric key from a blob (``BCryptImportKey``): KeyDataBlob, OpaqueKeyBlob or Rfc3565KeyWrapBlob.

        ``kek`` is the AES key that an Rfc3565KeyWrapBlob was wrapped with, and belongs to no other type.

        contract: rule-symmetric-blobs.
        """
        from cngcore.objects._symmetric_making import import_key

        self._check_open()
        return import_key(
            self._implementation, self, blob_type, to_bytes("the key blob", blob), kek, self._properties, flags
        )

    # --- hashes and random numbers ------------------------------------------------------------------

    @clear_tracebacks
    def create_hash(
        self,
        secret: Buffer | None = None,
        flags: int = 0,
        *,
        function_name: Buffer = b"",
        customization: Buffer = b"",
        iv: Buffer | None = None,
    ) -> Hash:
        """Start a hash, or a MAC if ``secret`` is given.

        A hash takes a secret if it was opened with ``BCRYPT_ALG_HANDLE_HMAC_FLAG``; AES-CMAC, AES-GMAC and KMAC need
        one. ``function_name`` and ``customization`` are strings of cSHAKE and KMAC, ``iv`` is the nonce of AES-GMAC.
        """
        created = self._create_hash(secret, flags)
        for name, value in (
            (c.BCRYPT_FUNCTION_NAME_STRING, function_name),
            (c.BCRYPT_CUSTOMIZATION_STRING, customization),
            (c.BCRYPT_INITIALIZATION_VECTOR, iv),
        ):
            if value is not None and (name == c.BCRYPT_INITIALIZATION_VECTOR or to_bytes(name, value)):
                created.set_property(name, value)
        return created

    def _create_hash(self, secret: Buffer | None, flags: int) -> Hash:
        from cngcore.objects._hash import Hash

        self._check_open()
        name = self.declaration.name
        flags = check_dword("dwFlags", flags)
        if "hash" not in self.operations:
            raise NotSupportedError(f"{name} is not a hash")
        if flags & ~(c.BCRYPT_HASH_REUSABLE_FLAG | c.BCRYPT_CAPI_AES_FLAG):
            raise InvalidParameterError(f"BCryptCreateHash takes no flags 0x{flags:X}")
        reusable = bool((self.flags | flags) & c.BCRYPT_HASH_REUSABLE_FLAG)
        key = self._hash_key(secret)
        for_capi_aes = bool(flags & c.BCRYPT_CAPI_AES_FLAG)
        return Hash(self._implementation, self, self._implementation.start_hash(key), reusable, key, for_capi_aes)

    def _hash_key(self, secret: Buffer | None) -> bytes | None:
        """Return the key of a MAC or HMAC; None for a plain hash. A MAC has the lengths that its declaration gives."""
        name = self.declaration.name
        if self.declaration.mac:
            if secret is None:
                raise InvalidParameterError(f"{name} needs a secret")
            key = to_bytes("the key", secret)
            rule = self._implementation.rule
            if rule is not None:
                self._implementation.check_length(8 * len(key), {})
            return key
        keyed = bool(self.flags & c.BCRYPT_ALG_HANDLE_HMAC_FLAG)
        if secret is not None and not keyed:
            raise InvalidParameterError(f"open {name} with BCRYPT_ALG_HANDLE_HMAC_FLAG to use a key")
        return None if not keyed else b"" if secret is None else to_bytes("the key", secret)

    @clear_tracebacks
    def pbkdf2(self, password: Buffer, salt: Buffer, iterations: int, length: int) -> bytes:
        """Derive ``length`` bytes from a password, with this algorithm as PRF (``BCryptDeriveKeyPBKDF2``).

        The algorithm is a hash that was opened with ``BCRYPT_ALG_HANDLE_HMAC_FLAG``, or AES-CMAC.
        """
        from cngcore.objects._derivation import pbkdf2

        self._check_open()
        if "hash" not in self.operations or not self.get_property(c.BCRYPT_IS_KEYED_HASH):
            raise InvalidParameterError(
                f"PBKDF2 needs a keyed hash: open {self.declaration.name} with BCRYPT_ALG_HANDLE_HMAC_FLAG"
            )
        content = to_bytes("the password", password)
        if self.declaration.mac:
            self._hash_key(content)  # it has the lengths of a key
        count, size = check_number("the number of iterations", iterations), check_number("the length", length)
        return pbkdf2(self._implementation, content, to_bytes("the salt", salt), count, size)

    def allow_multi_hash(self) -> None:
        """Let a pseudo-handle of a hash make multi-hashes, as if opened for it (contract: rule-multi-hash)."""
        if "hash" in self.operations:
            from cngcore.objects._multi_hash import check_multi

            with suppress(NotSupportedError):
                check_multi(self._implementation, bool(self.flags & c.BCRYPT_ALG_HANDLE_HMAC_FLAG))
                self.flags |= c.BCRYPT_MULTI_FLAG

    @clear_tracebacks
    def create_multi_hash(self, count: int, secret: Buffer | None = None) -> MultiHash:
        """Start ``count`` hashes that one call can feed (``BCryptCreateMultiHash``).

        Open the algorithm with ``BCRYPT_MULTI_FLAG``. contract: rule-multi-hash.
        """
        from cngcore.objects._multi_hash import MultiHash, check_count

        self._check_open()
        if not self.flags & c.BCRYPT_MULTI_FLAG:
            raise InvalidParameterError(f"open {self.declaration.name} with BCRYPT_MULTI_FLAG for a multi-hash")
        return MultiHash(
            self._implementation,
            self,
            [self._create_hash(secret, c.BCRYPT_HASH_REUSABLE_FLAG) for _ in check_count(count)],
        )

    def fill_random(self, buffer: Buffer) -> None:
        """Fill a writable, contiguous buffer with random numbers."""
        self._check_open()
        try:
            view = memoryview(buffer).cast("B")
        except (TypeError, ValueError):
            raise InvalidParameterError(
                f"random numbers need a buffer without gaps, not {type(buffer).__name__}"
            ) from None
        if view.readonly:
            raise InvalidParameterError("the buffer for random numbers cannot be written")
        self._implementation.fill_random(view)

    # --- properties ---------------------------------------------------------------------------------

    @overload
    def get_property(self, name: Literal["AlgorithmName", "ECCCurveName"]) -> str: ...

    @overload
    def get_property(self, name: Literal["ECCCurveNameList"]) -> tuple[str, ...]: ...

    @overload
    def get_property(self, name: Literal["KeyLengths"]) -> KeyLengths: ...

    @overload
    def get_property(self, name: str) -> object: ...

    def get_property(self, name: str) -> object:
        """Return a property as a Python value (``BCryptGetProperty``) (contract: rule-get-property)."""
        self._check_open()
        if name == c.BCRYPT_ALGORITHM_NAME:
            return self.declaration.name
        if name == c.BCRYPT_KEY_LENGTHS:
            return self._implementation.key_lengths()
        if "hash" in self.operations:
            value = hash_property(self, name)
            if value is not None:
                return value
        declared = self._implementation.declared_property(name)
        if "r" not in declared.when.algorithm:
            raise NotSupportedError(f"{name} is not a property of an algorithm; ask a key")
        return self._implementation.current_value(declared, self._properties)

    def set_property(self, name: str, value: object) -> None:
        """Set a property for the keys that are made from now on (``BCryptSetProperty``).

        contract: rule-set-property.
        """
        self.apply(self.setting(name), value)

    def setting(self, name: str) -> Property:
        """Return the declaration of a property that can be set on algorithms. Raise NotSupportedError for any other."""
        self._check_open()
        declared = self._implementation.declared_property(name)
        if "w" not in declared.when.algorithm:
            raise NotSupportedError(f"{name} cannot be set on an algorithm")
        return declared

    def apply(self, setting: Property, value: object) -> None:
        """Set the property that :meth:`setting` returned."""
        value = self._implementation.check_new_value(setting, value)
        self._properties = with_value(self._properties, setting, value)
        self._accepted = {}

    # --- life ---------------------------------------------------------------------------------------

    @property
    def provenance(self) -> Provenance:
        """The distribution and implementation that serve this algorithm."""
        from cngcore.objects._provenance import Provenance

        origin, algorithm = self._implementation.origin, self.declaration
        policies = tuple(policy.name for policy in self.watch.policies) if self.watch is not None else ()
        return Provenance(
            origin.distribution,
            origin.version,
            origin.module,
            algorithm.implementation,
            algorithm.back_end,
            policies,
            self._implementation.back_end_version,
        )

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def close(self) -> None:
        """Close the algorithm. Twice is STATUS_INVALID_HANDLE.

        An algorithm opened with ``BCRYPT_PROV_DISPATCH`` cannot be closed while keys made from it live: that is
        STATUS_INVALID_HANDLE too, and it stays open (docs/decisions/dispatch-level.md).
        """
        if irql.raised:
            irql.require_passive("BCryptCloseAlgorithmProvider")
        if self._closed:
            raise InvalidHandleError(f"{self.declaration.name} is closed already")
        if self._live:
            raise InvalidHandleError(
                f"{self.declaration.name} was opened with BCRYPT_PROV_DISPATCH and {len(self._live)} of its keys, "
                "secrets and hashes live; destroy them first"
            )
        self._closed = True
        self._accepted = {}

    def add(self, thing: object) -> None:
        """Count a live key, secret or hash, if closing depends on it."""
        if self._live is not None:
            self._live.add(thing)

    def remove(self, thing: object) -> None:
        """Count a key, secret or hash no more."""
        if self._live is not None:
            self._live.discard(thing)

    def _check_open(self) -> None:
        if self._closed:
            raise InvalidHandleError(f"{self.declaration.name} is closed; open it again")
        if irql.raised:
            irql.require_dispatch(self.dispatch)

    def __enter__(self) -> AlgorithmProvider:
        return self

    def __exit__(self, *_exception: object) -> None:
        if not self._closed:
            self.close()

    def __dir__(self) -> list[str]:
        return public_names(self, _HIDDEN)

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        return f"<AlgorithmProvider {self.declaration.name} ({self.declaration.implementation}) {state}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("an opened algorithm cannot be pickled or copied; open it where you need it")


def _import_late_modules() -> None:
    """Import the modules that some calls import late.

    At DISPATCH_LEVEL no call may import anything. A provider's ``load`` does the same for the provider.
    """
    from importlib import import_module

    own = (
        "_background",
        "_derivation",
        "_hash",
        "_messages",
        "_multi_hash",
        "_provenance",
        "_secret",
        "_symmetric_making",
    )
    for name in (
        "ctypes",
        "encodings.utf_16_le",
        "hashlib",
        "hmac",
        "logging",
        *(f"cngcore.objects.{one}" for one in own),
    ):
        import_module(name)


def hash_property(provider: AlgorithmProvider, name: object) -> object:
    """Return a property that every hash has as an algorithm: its kind, its flags; None if it is no such property.

    contract: rule-symmetric-properties, rule-multi-hash.
    """
    flags = provider.flags
    answers = {
        c.BCRYPT_PRIMITIVE_TYPE: c.BCRYPT_HASH_OPERATION,
        c.BCRYPT_IS_KEYED_HASH: int(provider.declaration.mac or bool(flags & c.BCRYPT_ALG_HANDLE_HMAC_FLAG)),
        c.BCRYPT_IS_REUSABLE_HASH: int(bool(flags & c.BCRYPT_HASH_REUSABLE_FLAG)),
    }
    if type(name) is not str or not windows.has(provider.windows, "property", name):
        return None
    if name == c.BCRYPT_MULTI_OBJECT_LENGTH and flags & c.BCRYPT_MULTI_FLAG:
        from cngcore.objects._multi_hash import MultiObjectLength

        return MultiObjectLength()
    return answers.get(name)


def key_type_for(implementation: Implementation, watch: Watch | None) -> type[KeyPair]:
    """Return the class of the keys that an opened algorithm makes: watched if policies, listeners or locks need it."""
    if watch is None and implementation.algorithm.concurrency == "free":
        return KeyPair
    from cngcore.objects._watched import WatchedKeyPair  # 5 ms that a key without policies saves

    return WatchedKeyPair
