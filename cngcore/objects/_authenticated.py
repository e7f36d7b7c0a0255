"""The rules of authenticated modes: nonces, tags, messages in one piece and in several.

contract: rule-authenticated, rule-authenticated-chained.
"""

from __future__ import annotations

from _thread import allocate_lock
from os import urandom
from typing import TYPE_CHECKING, NamedTuple

from cngcore._checks import to_bytes
from cngcore._diagnostics import clear_tracebacks
from cngcore._forks import reset_in_child
from cngcore.objects._cipher_key import lengths_of
from cngcore.provider import AuthenticatedState
from cngcore.status import (
    AuthTagMismatchError,
    InvalidBufferSizeError,
    InvalidHandleError,
    InvalidParameterError,
    NotSupportedError,
    with_size,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from cngcore.objects._cipher_key import CipherKey
    from cngcore.provider import Mode


_COUNTED = 12
"""Bytes of the nonces among which runs are found: those of AES-GCM and ChaCha20-Poly1305."""


class Authenticated(NamedTuple):
    """An encrypted message and its authentication tag."""

    ciphertext: bytes
    tag: bytes

    def __repr__(self) -> str:
        return f"<Authenticated, {len(self.ciphertext)} bytes and a tag of {len(self.tag)}>"


def authenticated_mode(key: CipherKey) -> Mode:
    """Return the mode of a key. Raise NotSupportedError if it has no authentication."""
    mode = key.current_mode
    if mode.kind != "authenticated":
        known = [one.name for one in key.implementation.algorithm.modes if one.kind == "authenticated"]
        advice = f"; open it with mode={known[0]!r}" if known else ""
        raise NotSupportedError(f"{key.name} in mode {mode.name} has no authentication{advice}")
    return mode


def check_lengths(key: CipherKey, nonce: int, tag: int, data: int) -> None:
    """Check the lengths in bytes of a message. contract: rule-authenticated-lengths.

    Raise NotSupportedError if the mode of the key has no authentication.
    """
    limits = key.limits
    if limits is not None and nonce in limits.nonces and tag in limits.tags:
        if limits.most is None or data <= limits.most:
            return
    elif limits is None:
        authenticated_mode(key)
    mode = key.current_mode
    for name, length, legal in (("nonce", nonce, mode.nonce), ("tag", tag, mode.tag)):
        if length not in lengths_of(legal):
            low, high, step = legal or (0, 0, 1)
            words = f"{low}" if low == high else f"{low} to {high}" + (f" in steps of {step}" if step > 1 else "")
            raise InvalidParameterError(f"{key.name} in mode {mode.name} takes a {name} of {words} bytes, not {length}")
    most = mode.most_data(nonce)
    if most is not None and data > most:
        raise InvalidParameterError(f"{key.name} in mode {mode.name} encrypts at most {most} bytes with this nonce")


def seal(key: CipherKey, nonce: bytes, aad: bytes, data: bytes, tag_length: int) -> tuple[bytes, bytes]:
    """Encrypt one message whose lengths are checked; return ciphertext and tag."""
    material, name = key.cipher or key.material(), key.current_mode.name
    answer: object
    if key.serialized:
        answer = key.call(material.seal, name, nonce, aad, data, tag_length)
    else:
        try:
            answer = material.seal(name, nonce, aad, data, tag_length)
        except BaseException as error:
            data = aad = b""
            key.implementation.raise_provider_error("seal", error)
    if type(answer) is tuple and len(answer) == 2:
        ciphertext, tag = answer
        if type(ciphertext) is type(tag) is bytes and len(ciphertext) == len(data) and len(tag) == tag_length:
            return answer
        key.checked("seal", ciphertext, len(data))
        key.checked("seal", tag, tag_length)
    raise key.implementation.invalid_answer("seal", type(answer).__name__)


def unseal(key: CipherKey, nonce: bytes, aad: bytes, data: bytes, tag: bytes) -> bytes | bytearray:
    """Decrypt one message whose lengths are checked.

    Raise AuthTagMismatchError, with the length of the data as its size.
    """
    material, name = key.cipher or key.material(), key.current_mode.name
    try:
        if key.serialized:
            answer: object = key.call(material.unseal, name, nonce, aad, data, tag)
        else:
            answer = material.unseal(name, nonce, aad, data, tag)
    except AuthTagMismatchError:
        raise mismatch(key, len(data)) from None
    except BaseException as error:
        key.implementation.raise_provider_error("unseal", error)
    return key.checked_secret("unseal", answer, len(data))


def mismatch(key: CipherKey, size: int) -> AuthTagMismatchError:
    """Return the error for a wrong tag, the same for every cause."""
    error = AuthTagMismatchError(
        f"{key.name}: the tag does not match; the key, nonce, associated data, ciphertext or tag is not the one of "
        "the encryption"
    )
    error.size = size
    return error


class Chain:
    """A message in several pieces: what the flat API keeps in the caller's structure, and a stream in itself."""

    __slots__ = ("_encrypting", "_key", "_mode", "_nonce_length", "_state", "block_length", "total")

    def __init__(self, key: CipherKey, nonce: bytes, aad: bytes, encrypting: bool, tag_length: int) -> None:
        check_lengths(key, len(nonce), tag_length, 0)
        mode = key.current_mode
        if not mode.chained:
            raise InvalidParameterError(f"{key.name} in mode {mode.name} takes a message in one piece")
        state: object = key.call(key.material().authenticated, mode.name, nonce, aad, encrypting, tag_length)
        if not isinstance(state, AuthenticatedState):
            raise key.implementation.invalid_answer("authenticated", type(state).__name__)
        self._key, self._mode, self._encrypting = key, mode, encrypting
        self._nonce_length = len(nonce)
        self.block_length = key.block_length
        self._state: AuthenticatedState | None = state
        self.total = 0

    def belongs_to(self, key: CipherKey, encrypting: bool) -> bool:
        """Return whether this message was begun with that key in that direction."""
        return key is self._key and encrypting is self._encrypting

    def update(self, data: bytes) -> bytes:
        """Encrypt or decrypt one more piece. If the provider fails, or a signal comes meanwhile, the message ends."""
        state, key = self._alive(), self._key
        most = self._mode.most_data(self._nonce_length)
        if most is not None and self.total + len(data) > most:
            raise InvalidParameterError(f"{key.name} in mode {self._mode.name} encrypts at most {most} bytes a nonce")
        self._state = None  # until the call has returned: nobody knows what a call that failed has taken
        output = key.checked("update", key.call(state.update, data), len(data))
        self.total += len(data)
        self._state = state
        return output

    def abandon(self) -> None:
        """End the message without a tag."""
        self._state = None

    def check_piece(self, length: int) -> None:
        """Raise InvalidBufferSizeError for a piece, other than the last, that is no whole number of blocks."""
        block = self._key.block_length
        if length % block:
            raise with_size(
                InvalidBufferSizeError(f"every piece but the last has a multiple of {block} bytes, not {length}"),
                length,
            )

    def tag(self, length: int) -> bytes:
        """End an encryption and return its tag, cut to ``length`` bytes."""
        check_lengths(self._key, self._nonce_length, length, self.total)
        state, self._state = self._alive(), None
        tag: object = self._key.call(state.finish, None)
        longest = (self._mode.tag or (0, 0, 0))[1]
        if not isinstance(tag, bytes) or not length <= len(tag) <= longest:
            raise self._key.implementation.invalid_answer("finish", "no tag of the length asked for")
        return tag[:length]

    def verify(self, tag: bytes) -> None:
        """End a decryption. Raise AuthTagMismatchError if the tag does not match."""
        check_lengths(self._key, self._nonce_length, len(tag), self.total)
        state, self._state = self._alive(), None
        try:
            self._key.call(state.finish, tag)
        except AuthTagMismatchError:
            raise mismatch(self._key, self.total) from None

    def _alive(self) -> AuthenticatedState:
        self._key.material()  # raises if the key is destroyed
        if self._state is None:
            raise InvalidHandleError("this message has ended, or a call of it failed; begin another one")
        return self._state

    def __repr__(self) -> str:
        return f"<message in pieces of {self._key.name}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("a message in pieces cannot be pickled or copied")


class AuthenticatedStream:
    """Encrypt one message of an authenticated mode piece by piece (:meth:`SymmetricKey.authenticated_stream`).

    A piece can have any length; the stream keeps what does not fill a block for the next one. To decrypt, call
    :meth:`SymmetricKey.decrypt_authenticated` with the whole message: a plaintext is released after its tag was
    compared, never before.
    """

    __slots__ = ("_chain", "_rest", "_tag_length")

    def __init__(self, chain: Chain, tag_length: int) -> None:
        self._chain = chain
        self._tag_length = tag_length
        self._rest = b""

    @clear_tracebacks
    def update(self, data: Buffer) -> bytes:
        """Return the ciphertext of all whole blocks so far."""
        pending = to_bytes("the data", data)
        if self._rest:
            pending = self._rest + pending
        over = len(pending) % self._chain.block_length
        whole = pending[:-over] if over else pending  # no copy of a large piece
        try:
            output = self._chain.update(whole) if whole else b""
            self._rest = pending[-over:] if over else b""
        except BaseException:  # a piece that was taken must not be taken again
            self._chain.abandon()
            raise
        return output

    @clear_tracebacks
    def finish(self, data: Buffer = b"") -> Authenticated:
        """Return the rest of the ciphertext and the tag; the stream then ends."""
        last = self._rest + to_bytes("the data", data)
        try:
            output = self._chain.update(last) if last else b""
            return Authenticated(output, self._chain.tag(self._tag_length))
        finally:
            self._rest = b""
            self._chain.abandon()

    def __enter__(self) -> AuthenticatedStream:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._rest = b""

    def __repr__(self) -> str:
        return f"<AuthenticatedStream, {self._chain.total} bytes so far>"

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("a stream cannot be pickled or copied")


class UsedNonces:
    """The nonces that one key has encrypted with.

    Counters that go up by one take no memory, because they are one run. Each other nonce takes about 80 bytes.
    """

    __slots__ = ("_first", "_last", "_others", "lock")

    def __init__(self) -> None:
        self.lock = reset_in_child(allocate_lock())
        self._first, self._last = 1, -2  # an empty run, which no nonce continues
        self._others: set[bytes] = set()

    def add(self, nonce: bytes) -> bool:
        """Remember a nonce; return False if it was used before. Call it under ``lock``."""
        if self._others and nonce in self._others:  # the empty set is the usual one: no hash is computed
            return False
        if len(nonce) == _COUNTED:
            number = int.from_bytes(nonce, "big")
            if number == self._last + 1:
                self._last = number
                return True
            if self._first <= number <= self._last:
                return False
            if self._last < 0:
                self._first = self._last = number
                return True
        self._others.add(nonce)
        return True

    def new(self, length: int) -> bytes:
        """Return a random nonce that was not used. Call it under ``lock``."""
        while True:
            nonce = urandom(length)
            number = int.from_bytes(nonce, "big")
            if nonce not in self._others and not (length == _COUNTED and self._first <= number <= self._last):
                return nonce
