"""Hash objects and random numbers, for algorithms that have no key pairs (contract.md sections 25 and 26).

A hash object takes data, gives its digest once and is spent; one made reusable begins anew instead. The hash functions
themselves come from providers, as everything cryptographic does; the one exception is the system's preferred random
number generator, which is the operating system's and needs no provider.
"""

from _thread import allocate_lock

from cngcore import constants as c
from cngcore import irql
from cngcore._checks import check_dword, check_text, is_a, to_bytes
from cngcore._diagnostics import broken_word, pass_on
from cngcore._forks import renewed
from cngcore.provider import HashFactory, HashState, RandomFactory
from cngcore.status import InvalidHandleError, InvalidParameterError, NotSupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.objects._algorithm import AlgorithmProvider


class Hash:
    """A hash or HMAC under way. Made by :meth:`AlgorithmProvider.create_hash`; ``digest_length`` in bytes."""

    __slots__ = ("__weakref__", "_alive", "_lock", "_provider", "_reusable", "_squeezed", "_start", "_state")

    def __init__(self, provider: "AlgorithmProvider", start: HashState, reusable: bool) -> None:
        self._provider = provider
        self._start: HashState | None = _checked(provider, "start", start)  # never fed; its copy is a fresh beginning
        self._state: HashState | None = self._copied(start)
        self._reusable = reusable
        self._squeezed = 0  # bytes an extendable-output function has given so far
        self._alive = True
        self._lock = renewed(allocate_lock())
        provider.depends(self)

    @property
    def dispatch(self) -> bool:
        """Whether the algorithm was opened with ``BCRYPT_PROV_DISPATCH``."""
        return self._provider.dispatch

    @property
    def digest_length(self) -> int:
        """Bytes of a digest; of an extendable-output function, the bytes it usually gives."""
        return self._length_of(self._beginning())

    def update(self, data: object) -> None:
        """Take more data in. STATUS_INVALID_HANDLE once the digest has been given (unless reusable)."""
        content = to_bytes("the data", data)
        with self._lock:
            state = self._usable()
            if self._squeezed:
                raise InvalidHandleError("the hash has begun to give its output and takes no more data")
            self._provider.call(state.update, content)

    def finish(self, length: int | None = None, *, reset: bool = True) -> bytes:
        """The digest of all data so far; the object is then spent, or begins anew if it is reusable.

        ``length`` must be the digest's own, except for an extendable-output function. ``reset=False`` lets such a
        function go on giving output (``BCRYPT_HASH_DONT_RESET_FLAG``).
        """
        with self._lock:
            state = self._usable()
            natural = self._length_of(state)
            wanted = natural if length is None else check_dword("the length of a digest", length)
            if not state.extendable and (wanted != natural or not reset):
                raise InvalidParameterError(
                    f"a {self._provider.declaration.name} digest has {natural} bytes and is given once, not {wanted}"
                )
            output: object = self._provider.call(state.digest, self._squeezed + wanted)
            digest = _bytes_of(self._provider, output, self._squeezed + wanted)[self._squeezed :]
            self._squeezed = 0 if reset else self._squeezed + wanted
            if reset:
                self._state = self._copied(self._beginning()) if self._reusable else None
        return digest

    def copy(self) -> "Hash":
        """A hash object of its own that has taken in the same data (``BCryptDuplicateHash``)."""
        with self._lock:
            state = self._usable()
            twin = Hash(self._provider, self._beginning(), self._reusable)
            twin._state = self._copied(state)
            twin._squeezed = self._squeezed
        return twin

    def get_property(self, name: str) -> object:
        """AlgorithmName, ProviderHandle, HashDigestLength, IsReusableHash, and what the algorithm itself tells."""
        if not self._alive:
            raise InvalidHandleError("the hash is destroyed")
        check_text("a property name", name)
        values: dict[str, object] = {
            c.BCRYPT_ALGORITHM_NAME: self._provider.declaration.name,
            c.BCRYPT_PROVIDER_HANDLE: self._provider,
            c.BCRYPT_HASH_LENGTH: self.digest_length,
            c.BCRYPT_IS_REUSABLE_HASH: int(self._reusable),
        }
        return values[name] if name in values else self._provider.get_property(name)

    def type_to_set(self, name: str) -> object:
        """A hash object has no property that can be set."""
        raise NotSupportedError(f"a hash object has no property {name!r} to set")

    def set_property(self, name: str, value: object) -> None:
        """A hash object has no property that can be set."""
        self.type_to_set(name)

    def destroy(self) -> None:
        """Let go of the hash; a key it holds goes with it."""
        if not self._alive:
            raise InvalidHandleError("the hash is destroyed already")
        self._alive = False
        self._state = self._start = None
        self._provider.released(self)

    def _beginning(self) -> HashState:
        """The state before any data, the key in it."""
        start = self._start
        if start is None:
            raise InvalidHandleError("the hash is destroyed")
        return start

    def _copied(self, state: HashState) -> HashState:
        return _checked(self._provider, "copy", self._provider.call(state.copy))

    def _length_of(self, state: HashState) -> int:
        """Bytes of a digest, by the provider's word."""
        declaration = self._provider.declaration
        try:
            length: object = state.digest_length
        except BaseException as error:
            pass_on(declaration, "digest_length", error)
        if is_a(length, int) and type(length) is not bool and length >= 0:  # type: ignore[operator]
            return length  # type: ignore[return-value]
        raise broken_word(declaration, "digest_length", type(length).__name__)

    def _usable(self) -> HashState:
        if irql.raised:
            irql.require_dispatch(self._provider.dispatch)
        if self._state is None:
            said = "has given its digest" if self._alive else "is destroyed"
            raise InvalidHandleError(f"the hash {said}; create another, or one that is reusable")
        return self._state

    def __enter__(self) -> "Hash":
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._alive:
            self.destroy()

    def __repr__(self) -> str:
        state = "destroyed" if not self._alive else "spent" if self._state is None else "live"
        return f"<Hash {self._provider.declaration.name}, {state}>"

    def __reduce__(self) -> "tuple[object, ...]":
        raise InvalidParameterError("a hash object cannot be pickled or copied; use its copy()")


def _checked(provider: "AlgorithmProvider", method: str, state: object) -> HashState:
    """``state`` if the provider kept its word, else STATUS_INTERNAL_ERROR."""
    if is_a(state, HashState):
        return state  # type: ignore[return-value]
    raise broken_word(provider.declaration, method, f"{type(state).__name__}, not HashState,")


def _bytes_of(provider: "AlgorithmProvider", output: object, length: int) -> bytes:
    """What a provider gave for ``length`` bytes of digest, if it is that."""
    if not is_a(output, bytes, bytearray):
        raise broken_word(provider.declaration, "digest", type(output).__name__)
    digest: bytes = bytes(output)  # type: ignore[call-overload]
    if len(digest) != length:
        raise broken_word(provider.declaration, "digest", f"{len(digest)} bytes where {length} were asked for")
    return digest


def create_hash(provider: "AlgorithmProvider", secret: object, flags: int) -> Hash:
    """What :meth:`AlgorithmProvider.create_hash` does."""
    name = provider.declaration.name
    if "hash" not in provider.operations:
        raise NotSupportedError(f"{name} is no hash")
    if flags & ~c.BCRYPT_HASH_REUSABLE_FLAG:
        raise InvalidParameterError(f"BCryptCreateHash takes no flags 0x{flags:X}")
    keyed = bool(provider.flags & c.BCRYPT_ALG_HANDLE_HMAC_FLAG)
    if secret is not None and not keyed:
        raise InvalidParameterError(f"a key needs {name} opened with BCRYPT_ALG_HANDLE_HMAC_FLAG")
    key = None if not keyed else b"" if secret is None else to_bytes("the key", secret)
    factory = provider.factory
    if not isinstance(factory, HashFactory):
        raise NotSupportedError(f"the provider of {name} makes no hashes")
    reusable = bool((provider.flags | flags) & c.BCRYPT_HASH_REUSABLE_FLAG)
    return Hash(provider, provider.call(factory.start, key), reusable)


def fill_random(provider: "AlgorithmProvider", buffer: memoryview) -> None:
    """Fill a buffer from a provider's random number generator: any that can be written and has no gaps."""
    if "random" not in provider.operations or not isinstance(provider.factory, RandomFactory):
        raise NotSupportedError(f"{provider.declaration.name} gives no random numbers")
    try:
        view = memoryview(buffer).cast("B")
    except (TypeError, ValueError):
        raise InvalidParameterError(f"random numbers need a buffer without gaps, not {type(buffer).__name__}") from None
    if view.readonly:
        raise InvalidParameterError("the buffer for random numbers cannot be written")
    provider.call(provider.factory.fill, view)
