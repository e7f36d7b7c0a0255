"""Several hashes of one algorithm that one call can feed (Windows 8.1 and later).

contract: rule-multi-hash.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cngcore import constants as c
from cngcore import irql, windows
from cngcore._checks import check_number, to_bytes
from cngcore._diagnostics import clear_tracebacks
from cngcore._imports import public_names
from cngcore.status import InvalidHandleError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from typing_extensions import Buffer

    from cngcore.objects._hash import Hash
    from cngcore.objects._implementation import Implementation, Owner
    from cngcore.provider import Property

MOST = 1 << 16
"""The most hashes of one object, so that a wrong count is refused before anything is made."""

_NEVER = {c.BCRYPT_AES_GMAC_ALGORITHM}
_NEVER_KEYED = {c.BCRYPT_MD2_ALGORITHM, c.BCRYPT_MD4_ALGORITHM}

_HIDDEN = frozenset({"apply", "check", "dispatch", "setting"})


@dataclass(frozen=True, slots=True)
class MultiObjectLength:
    """The MultiObjectLength property: bytes of a caller's buffer in C. The values are our own."""

    per_object: int = 64
    per_element: int = 256

    def to_bytes(self) -> bytes:
        """Return ``BCRYPT_MULTI_OBJECT_LENGTH_STRUCT``: two DWORDs."""
        return struct.pack("<II", self.per_object, self.per_element)


def check_multi(implementation: Implementation, keyed: bool) -> None:
    """Raise NotSupportedError for an algorithm that BCRYPT_MULTI_FLAG does not open."""
    name = implementation.name
    if windows.release(implementation.windows) < windows.release("8.1"):
        raise NotSupportedError(f"Windows {implementation.windows} has no BCRYPT_MULTI_FLAG")
    if name in _NEVER or (keyed and name in _NEVER_KEYED):
        raise NotSupportedError(f"{name} has no multi-hash{' with a key' if keyed else ''}")


def check_count(count: object) -> range:
    """Return the indices of ``count`` hashes. Raise InvalidParameterError for none, and for more than 65,536."""
    number = check_number("the number of hashes", count)
    if not 0 < number <= MOST:
        raise InvalidParameterError(f"a multi-hash has 1 to {MOST} hashes")
    return range(number)


@dataclass(frozen=True, slots=True)
class MultiHashOperation:
    """One step: data for a hash (``kind`` DATA), or its digest of ``length`` bytes (FINISH)."""

    DATA: ClassVar[int] = c.BCRYPT_HASH_OPERATION_HASH_DATA
    FINISH: ClassVar[int] = c.BCRYPT_HASH_OPERATION_FINISH_HASH

    index: int
    kind: int
    data: bytes = b""
    length: int = 0

    def __repr__(self) -> str:
        return f"<MultiHashOperation {self.kind} on hash {self.index}>"


class MultiHash:
    """Several hashes of one algorithm; :meth:`AlgorithmProvider.create_multi_hash` makes it.

    A finished hash starts again. All steps of a call are checked before the first is taken.

    >>> with cngcore.open_algorithm_provider("SHA256", flags=0x40) as sha, sha.create_multi_hash(2) as hashes:
    ...     hashes.update(0, b"one")
    ...     hashes.update(1, b"two")
    ...     len(hashes.finish(0)), hashes.finish(0) == hashes.finish(1)
    (32, False)
    """

    __slots__ = ("__weakref__", "_hashes", "_implementation", "_owner")

    def __init__(self, implementation: Implementation, owner: Owner, hashes: Sequence[Hash]) -> None:
        self._implementation = implementation
        self._owner = owner
        self._hashes: tuple[Hash, ...] | None = tuple(hashes)
        owner.add(self)

    @property
    def dispatch(self) -> bool:
        """Whether the algorithm was opened with ``BCRYPT_PROV_DISPATCH``."""
        return self._owner.dispatch

    @property
    def digest_length(self) -> int:
        """Bytes of a digest."""
        return self._usable()[0].digest_length

    def __len__(self) -> int:
        return len(self._usable())

    @clear_tracebacks
    def update(self, index: int, data: Buffer) -> None:
        """Add data to one hash."""
        self.process(
            [MultiHashOperation(check_number("the index", index), MultiHashOperation.DATA, to_bytes("the data", data))]
        )

    def finish(self, index: int) -> bytes:
        """Return the digest of one hash, which then starts again."""
        return self.process(
            [MultiHashOperation(check_number("the index", index), MultiHashOperation.FINISH, length=self.digest_length)]
        )[0]

    @clear_tracebacks
    def process(self, operations: Iterable[MultiHashOperation]) -> list[bytes]:
        """Take all steps in order; return the digests of the finished hashes, in the order of the steps."""
        steps, hashes = list(operations), self._usable()
        for step in steps:
            self.check(step)
        digests = []
        for step in steps:
            if step.kind == MultiHashOperation.DATA:
                hashes[step.index].update(step.data)
            else:
                digests.append(hashes[step.index].finish(step.length))
        return digests

    def check(self, step: MultiHashOperation) -> None:
        """Raise InvalidParameterError for an index, an operation or a length of a digest that does not exist."""
        if not 0 <= step.index < len(self._usable()):
            raise InvalidParameterError(f"there are {len(self)} hashes, and no hash {step.index}")
        if step.kind not in (MultiHashOperation.DATA, MultiHashOperation.FINISH):
            raise InvalidParameterError(f"an operation is 1 (data) or 2 (finish), not {step.kind}")
        if step.kind == MultiHashOperation.FINISH and step.length != self.digest_length:
            raise InvalidParameterError(f"a digest has {self.digest_length} bytes, not {step.length}")

    def copy(self) -> MultiHash:
        """Return an independent object with the same data in each hash (``BCryptDuplicateHash``)."""
        return MultiHash(self._implementation, self._owner, [one.copy() for one in self._usable()])

    def get_property(self, name: str) -> object:
        """Return a property of its hashes."""
        return self._usable()[0].get_property(name)

    def setting(self, name: object) -> Property:
        """Raise NotSupportedError: no property of a multi-hash can be set."""
        raise NotSupportedError(f"a multi-hash has no property {name!r} to set")

    def apply(self, setting: Property, value: object) -> None:
        """Raise NotSupportedError."""
        self.setting(setting.name)

    def destroy(self) -> None:
        """Destroy all hashes. Twice is STATUS_INVALID_HANDLE."""
        hashes = self._usable()
        self._owner.remove(self)
        self._hashes = None
        for one in hashes:
            one.destroy()

    def _usable(self) -> tuple[Hash, ...]:
        if irql.raised:
            irql.require_dispatch(self._owner.dispatch)
        if self._hashes is None:
            raise InvalidHandleError("the multi-hash is destroyed")
        return self._hashes

    def __enter__(self) -> MultiHash:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._hashes is not None:
            self.destroy()

    def __dir__(self) -> list[str]:
        return public_names(self, _HIDDEN)

    def __repr__(self) -> str:
        state = "destroyed" if self._hashes is None else f"{len(self._hashes)} hashes"
        return f"<MultiHash {self._implementation.name}, {state}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("a multi-hash cannot be pickled or copied; use its copy()")
