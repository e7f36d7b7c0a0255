"""Hash objects, for algorithms without key pairs.

A hash object takes data, returns its digest once, and is then spent; a reusable one starts again instead. The hash
functions themselves come from providers.

contract: rule-hash.
"""

from __future__ import annotations

from _thread import allocate_lock
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import irql
from cngcore._checks import check_dword, check_text, to_bytes
from cngcore._diagnostics import clear_tracebacks
from cngcore._forks import reset_in_child
from cngcore._imports import public_names
from cngcore.memory import SecretBytes
from cngcore.status import InvalidHandleError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

    from cngcore.objects._implementation import Implementation, Owner
    from cngcore.provider import HashState, Property

_MOST_AHEAD = 1 << 20
"""Bytes of an output that are made ahead of what was asked for."""

_HIDDEN = frozenset({"apply", "dispatch", "setting"})
"""What the flat API and the tools call, and an application does not: left out of ``dir()``."""


def _settable(implementation: Implementation) -> dict[str, Property]:
    """Return the declared properties that can be set on a hash object."""
    return {name: one for name, one in implementation.algorithm.properties.items() if "w" in one.when.object}


class Hash:
    """A hash or HMAC in progress. :meth:`AlgorithmProvider.create_hash` makes it; ``digest_length`` is in bytes."""

    __slots__ = (
        "__weakref__", "_ahead", "_ahead_from", "_alive", "_for_capi_aes", "_fresh", "_implementation", "_key", "_lock",
        "_options", "_owner", "_reusable", "_squeezed", "_start", "_state",
    )  # fmt: skip

    def __init__(
        self,
        implementation: Implementation,
        owner: Owner,
        start: HashState,
        reusable: bool,
        key: bytes | SecretBytes | None = None,
        for_capi_aes: bool = False,
    ) -> None:
        self._implementation = implementation
        self._owner = owner
        self._start: HashState | None = start  # takes no data; a copy of it is a fresh start
        self._state: HashState | None = self._copied(start)
        self._reusable = reusable
        self._fresh = True  # no data yet
        self._for_capi_aes = for_capi_aes
        self._options: dict[str, bytes] = {}
        # An algorithm with options starts again when one is set, which needs the key.
        self._key = SecretBytes(key) if key is not None and _settable(implementation) else None
        self._squeezed = 0  # bytes that an extendable-output function has returned so far
        self._ahead, self._ahead_from = b"", 0  # output that is made already, and where it begins
        self._alive = True
        self._lock = reset_in_child(allocate_lock())
        owner.add(self)

    @property
    def dispatch(self) -> bool:
        """Whether the algorithm was opened with ``BCRYPT_PROV_DISPATCH``."""
        return self._owner.dispatch

    @property
    def name(self) -> str:
        """The name of the algorithm."""
        return self._implementation.name

    @property
    def digest_length(self) -> int:
        """Bytes of a digest; for an extendable-output function, its usual length."""
        return self._length_of(self._beginning())

    @clear_tracebacks
    def update(self, data: Buffer) -> None:
        """Add data. STATUS_INVALID_HANDLE once the digest has been returned, unless the hash is reusable."""
        content = to_bytes("the data", data)
        with self._lock:
            state = self._usable()
            if self._squeezed:
                raise InvalidHandleError("the hash has started its output and takes no more data")
            self._implementation.call(state.update, content)
            self._fresh = False

    def finish(self, length: int | None = None, *, reset: bool = True) -> bytes:
        """Return the digest of all data so far. The object is then spent, or starts again if it is reusable.

        ``length`` in bytes must be the digest's own, except for an extendable-output function. ``reset=False`` lets
        such a function continue its output in the next call (``BCRYPT_HASH_DONT_RESET_FLAG``).
        """
        with self._lock:
            state = self._usable()
            natural = self._length_of(state)
            size = natural if length is None else check_dword("the length of a digest", length)
            if not state.extendable and (size != natural or not reset):
                raise InvalidParameterError(
                    f"a {self._implementation.name} digest has {natural} bytes and is returned once, not {size} bytes"
                )
            digest = self._asked(state.digest, size) if reset and not self._squeezed else self._next(state, size)
            self._squeezed = 0 if reset else self._squeezed + size
            if reset:
                self._start_again()
        return digest

    def _next(self, state: HashState, size: int) -> bytes:
        """Return the next bytes of an output that goes on. It is made ahead: a provider begins at the first byte.

        Without that, 1 MiB in pieces of 1 KiB takes the work of 512 MiB.
        """
        begin, end = self._squeezed, self._squeezed + size
        if end > self._ahead_from + len(self._ahead):
            self._ahead = self._asked(state.squeeze, max(end, min(2 * begin, begin + _MOST_AHEAD)))[begin:]
            self._ahead_from = begin
        return self._ahead[begin - self._ahead_from : end - self._ahead_from]

    def _asked(self, operation: Callable[[int], bytes], size: int) -> bytes:
        """Return output of the provider, which must have the length asked for."""
        output: object = self._implementation.call(operation, size)
        digest = bytes(self._implementation.check_bytes("digest", output))
        if len(digest) != size:
            raise self._implementation.invalid_answer("digest", f"{len(digest)} bytes instead of {size}")
        return digest

    def _start_again(self) -> None:
        """Take no more data, or begin anew if the hash is reusable."""
        self._ahead, self._ahead_from = b"", 0
        if not self._reusable:
            self._state = None
            return
        if self._options.pop(c.BCRYPT_INITIALIZATION_VECTOR, None) is not None:  # one nonce, one message
            self._begin_anew()
        self._state = self._copied(self._beginning())
        self._fresh = True

    @clear_tracebacks
    def _begin_anew(self) -> None:
        """Start with the options that are left."""
        self._start = self._implementation.start_hash(self._plain_key(), self._options)

    @clear_tracebacks
    def derive_capi(self, length: int, target: str | None = None, flags: int = 0) -> bytes:
        """Derive a key of the digest as CryptoAPI's CryptDeriveKey does (``BCryptDeriveKeyCapi``).

        ``length`` is in bytes, at most two digests. ``target`` is the algorithm that the key is for, which matters for
        AES only. The object is spent afterwards, also a reusable one.

        >>> with cngcore.open_algorithm_provider("SHA1") as sha1, sha1.create_hash() as hash:
        ...     hash.update(b"test")
        ...     hash.derive_capi(40).hex()
        '9b031741f47511acff22ee40bbe8f9741726b6f2f8c788029adc0dd78358ea652e8b85c6dbb7ed1c'
        """
        from cngcore.objects._derivation import capi, check_capi

        target = c.BCRYPT_AES_ALGORITHM if self._for_capi_aes else target
        check_capi(self.name, self.digest_length, length, target, flags)
        digest = self.finish()
        self._state = None
        return capi(self.name, digest, length, target)

    def copy(self) -> Hash:
        """Return an independent hash object with the same data (``BCryptDuplicateHash``)."""
        with self._lock:
            state = self._usable()
            twin = Hash(
                self._implementation, self._owner, self._beginning(), self._reusable, self._key, self._for_capi_aes
            )
            twin._state = self._copied(state)
            twin._squeezed, twin._fresh, twin._options = self._squeezed, self._fresh, dict(self._options)
            twin._ahead, twin._ahead_from = self._ahead, self._ahead_from
        return twin

    def get_property(self, name: str) -> object:
        """Return AlgorithmName, ProviderHandle, HashDigestLength, IsReusableHash, or a property of the algorithm."""
        if not self._alive:
            raise InvalidHandleError("the hash is destroyed")
        values: dict[str, object] = {
            c.BCRYPT_ALGORITHM_NAME: self._implementation.name,
            c.BCRYPT_PROVIDER_HANDLE: self._owner,
            c.BCRYPT_HASH_LENGTH: self.digest_length,
            c.BCRYPT_IS_REUSABLE_HASH: int(self._reusable),
        }
        name = check_text("a property name", name)
        return values[name] if name in values else self._owner.get_property(name)

    def setting(self, name: object) -> Property:
        """Return the declaration of a property that can be set on hashes. Raise NotSupportedError for any other."""
        if not self._alive:
            raise InvalidHandleError("the hash is destroyed")
        settable = _settable(self._implementation)
        declared = settable.get(check_text("a property name", name))
        if declared is None:
            known = f"; it has {', '.join(settable)}" if settable else ""
            raise NotSupportedError(f"a hash object of {self.name} has no property {name!r} to set{known}")
        return declared

    @clear_tracebacks
    def set_property(self, name: str, value: object) -> None:
        """Set a property of the hash object before its first data, such as CustomizationString of KMAC.

        Raise InvalidParameterError once there is data.
        """
        self.apply(self.setting(name), value)

    def apply(self, setting: Property, value: object) -> None:
        """Set the property that :meth:`setting` returned."""
        content = to_bytes(setting.name, self._implementation.check_new_value(setting, value))
        with self._lock:
            self._usable()
            if not self._fresh or self._squeezed:
                raise InvalidParameterError(f"{setting.name} must be set before the first data")
            options = {**self._options, setting.name: content}
            start = self._implementation.start_hash(self._plain_key(), options)
            self._state, self._start, self._options = self._copied(start), start, options

    def _plain_key(self) -> bytes | None:
        return None if self._key is None else bytes(self._key)

    def destroy(self) -> None:
        """Destroy the hash, and the key that it may hold."""
        if not self._alive:
            raise InvalidHandleError("the hash is destroyed already")
        self._owner.remove(self)  # first: a signal in here leaves a hash that can be destroyed again
        self._alive = False
        self._state = self._start = self._key = None
        self._ahead = b""

    def _beginning(self) -> HashState:
        """Return the state before any data, with the key."""
        start = self._start
        if start is None:
            raise InvalidHandleError("the hash is destroyed")
        return start

    def _copied(self, state: HashState) -> HashState:
        return self._implementation.check_state("copy", self._implementation.call(state.copy))

    def _length_of(self, state: HashState) -> int:
        return self._implementation.check_size("digest_length", self._implementation.ask(state, "digest_length"))

    def _usable(self) -> HashState:
        if irql.raised:
            irql.require_dispatch(self._owner.dispatch)
        if self._state is None:
            reason = "has returned its digest" if self._alive else "is destroyed"
            raise InvalidHandleError(f"the hash {reason}; create another, or a reusable one")
        return self._state

    def __enter__(self) -> Hash:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._alive:
            self.destroy()

    def __dir__(self) -> list[str]:
        return public_names(self, _HIDDEN)

    def __repr__(self) -> str:
        state = "destroyed" if not self._alive else "spent" if self._state is None else "live"
        return f"<Hash {self._implementation.name}, {state}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("a hash object cannot be pickled or copied; use its copy()")
