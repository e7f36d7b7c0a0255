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
from cngcore.status import InvalidHandleError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from typing import NoReturn

    from typing_extensions import Buffer

    from cngcore.objects._implementation import Implementation, Owner
    from cngcore.provider import HashState

_HIDDEN = frozenset({"dispatch", "setting"})
"""What the flat API and the tools call, and an application does not: left out of ``dir()``."""


class Hash:
    """A hash or HMAC in progress. :meth:`AlgorithmProvider.create_hash` makes it; ``digest_length`` is in bytes."""

    __slots__ = (
        "__weakref__", "_alive", "_implementation", "_lock", "_owner", "_reusable", "_squeezed", "_start", "_state",
    )  # fmt: skip

    def __init__(self, implementation: Implementation, owner: Owner, start: HashState, reusable: bool) -> None:
        self._implementation = implementation
        self._owner = owner
        self._start: HashState | None = start  # takes no data; a copy of it is a fresh start
        self._state: HashState | None = self._copied(start)
        self._reusable = reusable
        self._squeezed = 0  # bytes that an extendable-output function has returned so far
        self._alive = True
        self._lock = reset_in_child(allocate_lock())
        owner.add(self)

    @property
    def dispatch(self) -> bool:
        """Whether the algorithm was opened with ``BCRYPT_PROV_DISPATCH``."""
        return self._owner.dispatch

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
            end = self._squeezed + size
            output: object = self._implementation.call(state.digest, end)
            digest = bytes(self._implementation.check_bytes("digest", output))
            if len(digest) != end:
                raise self._implementation.invalid_answer("digest", f"{len(digest)} bytes instead of {end}")
            digest = digest[self._squeezed :]
            self._squeezed = 0 if reset else end
            if reset:
                self._state = self._copied(self._beginning()) if self._reusable else None
        return digest

    def copy(self) -> Hash:
        """Return an independent hash object with the same data (``BCryptDuplicateHash``)."""
        with self._lock:
            state = self._usable()
            twin = Hash(self._implementation, self._owner, self._beginning(), self._reusable)
            twin._state = self._copied(state)
            twin._squeezed = self._squeezed
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

    def setting(self, name: object) -> NoReturn:
        """Raise NotSupportedError: no property of a hash object can be set."""
        raise NotSupportedError(f"a hash object has no property {name!r} to set")

    def set_property(self, name: object, value: object) -> None:
        """Raise NotSupportedError: no property of a hash object can be set."""
        self.setting(name)

    apply = set_property

    def destroy(self) -> None:
        """Destroy the hash, and the key that it may hold."""
        if not self._alive:
            raise InvalidHandleError("the hash is destroyed already")
        self._owner.remove(self)  # first: a signal in here leaves a hash that can be destroyed again
        self._alive = False
        self._state = self._start = None

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
