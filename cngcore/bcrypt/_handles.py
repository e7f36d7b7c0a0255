"""Integers for objects, and objects for integers.

A handle is a positive multiple of 16 that a process issues once, so a stale handle never means another object, and no
handle equals a pseudo-handle (1 mod 16). Each kind has its own table, so a handle of the wrong kind is not found. There
is no lock, because single operations on a dict are atomic.
"""

from __future__ import annotations

from functools import cache
from itertools import count as _count
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import irql, registry, windows
from cngcore.status import InvalidHandleError, InvalidParameterError, NotFoundError, NotSupportedError

if TYPE_CHECKING:
    from typing import Any

    from cngcore.objects import AlgorithmProvider, Hash, KeyPair, MultiHash, Secret, SymmetricKey
    from cngcore.registry import Registry

algorithms: dict[int, AlgorithmProvider] = {}
keys: dict[int, KeyPair] = {}
symmetric_keys: dict[int, SymmetricKey] = {}
secrets: dict[int, Secret] = {}
hashes: dict[int, Hash] = {}
multi_hashes: dict[int, MultiHash] = {}

_KINDS: dict[str, dict[int, Any]] = {
    "key pair": keys,
    "symmetric key": symmetric_keys,
    "hash": hashes,
    "secret": secrets,
    "algorithm": algorithms,
    "multi-hash": multi_hashes,
}

_pseudo: dict[int, tuple[Registry, AlgorithmProvider]] = {}
"""What pseudo-handles mean, and for which registry; an entry of another registry is replaced."""

new = _count(0x10000, 16).__next__
"""Return the next handle."""


def open_handles() -> int:
    """Return how many handles of all kinds are open; pseudo-handles do not count."""
    return len(algorithms) + len(keys) + len(symmetric_keys) + len(secrets) + len(hashes) + len(multi_hashes)


def kind_of_handle(handle: int) -> str | None:
    """Return what a handle stands for: "algorithm", "key pair", "symmetric key", "secret", "hash",
    "multi-hash"; None if it is invalid.
    """
    for kind, table in _KINDS.items():
        if handle in table:
            return kind
    return "algorithm" if is_pseudo_handle(handle) else None


def as_handle(handle: object) -> int:
    """Return a handle as a plain int. Raise InvalidHandleError for any other type."""
    if issubclass(type(handle), int) and type(handle) is not bool:
        return int.__index__(handle)  # type: ignore[arg-type]
    raise InvalidHandleError(f"a handle must be an int, not {type(handle).__name__}")


def algorithm_of(handle: object) -> AlgorithmProvider:
    """Return the algorithm of a handle or pseudo-handle."""
    number = handle if type(handle) is int else as_handle(handle)
    provider = algorithms.get(number)
    return provider if provider is not None else _pseudo_handle_algorithm(number)


def key_of(handle: object) -> KeyPair:
    """Return the key of a handle."""
    key = keys.get(handle if type(handle) is int else as_handle(handle))
    if key is None:
        raise InvalidHandleError(f"{handle!r:.20} is not the handle of a live key")
    return key


def symmetric_key_of(handle: object) -> SymmetricKey:
    """Return the symmetric key of a handle."""
    key = symmetric_keys.get(handle if type(handle) is int else as_handle(handle))
    if key is None:
        raise InvalidHandleError(f"{handle!r:.20} is not the handle of a live symmetric key")
    return key


def any_key_of(handle: object) -> KeyPair | SymmetricKey:
    """Return the key of a handle, a pair or a symmetric one."""
    number = handle if type(handle) is int else as_handle(handle)
    key = keys.get(number) or symmetric_keys.get(number)
    if key is None:
        raise InvalidHandleError(f"{handle!r:.20} is not the handle of a live key")
    return key


def optional_symmetric_key_of(handle: object) -> SymmetricKey | None:
    """Return the symmetric key of a handle; None for NULL."""
    return None if handle is None or (type(handle) is int and handle == 0) else symmetric_key_of(handle)


def secret_of(handle: object) -> Secret:
    """Return the secret of a handle."""
    secret = secrets.get(handle if type(handle) is int else as_handle(handle))
    if secret is None:
        raise InvalidHandleError(f"{handle!r:.20} is not the handle of a live secret")
    return secret


def hash_of(handle: object) -> Hash:
    """Return the hash of a handle."""
    found = hashes.get(handle if type(handle) is int else as_handle(handle))
    if found is None:
        raise InvalidHandleError(f"{handle!r:.20} is not the handle of a live hash")
    return found


def multi_hash_of(handle: object) -> MultiHash:
    """Return the multi-hash of a handle."""
    found = multi_hashes.get(handle if type(handle) is int else as_handle(handle))
    if found is None:
        raise InvalidHandleError(f"{handle!r:.20} is not the handle of a live multi-hash")
    return found


def object_of(handle: object) -> AlgorithmProvider | KeyPair | SymmetricKey | Secret | Hash | MultiHash:
    """Return the object of a handle of any kind."""
    number = as_handle(handle)
    key = keys.get(number) or symmetric_keys.get(number)
    return key or secrets.get(number) or hashes.get(number) or multi_hash_or_algorithm_of(number)


def multi_hash_or_algorithm_of(number: int) -> MultiHash | AlgorithmProvider:
    """Return the multi-hash, or else the algorithm, of a handle."""
    found = multi_hashes.get(number)
    return found if found is not None else algorithm_of(number)


def kem_key_of(handle: object) -> KeyPair:
    """Return the key of a handle. NULL is STATUS_INVALID_PARAMETER for the two KEM functions.

    contract: rule-python-kem-handles.
    """
    if handle is None or (type(handle) is int and handle == 0):
        raise InvalidParameterError("hKey is NULL")
    return key_of(handle)


def new_symmetric_handle(key: SymmetricKey) -> int:
    """Issue a handle for a symmetric key."""
    handle = new()
    symmetric_keys[handle] = key
    return handle


def new_key_handle(key: KeyPair) -> int:
    """Issue a handle for a key."""
    handle = new()
    keys[handle] = key
    return handle


# --- pseudo-handles --------------------------------------------------------------------------------


@cache
def pseudo_handles() -> dict[int, tuple[str | None, int, str | None]]:
    """Return every pseudo-handle number with the algorithm, the flags and the chaining mode that it opens.

    The algorithm is None if the header has no name for it. ``BCRYPT_HMAC_SHA256_ALG_HANDLE`` opens SHA256 with
    ``BCRYPT_ALG_HANDLE_HMAC_FLAG``, ``BCRYPT_AES_GCM_ALG_HANDLE`` opens AES in mode GCM.

    contract: rule-pseudo-handles-symmetric.
    """
    found: dict[int, tuple[str | None, int, str | None]] = {}
    for name, value in vars(c).items():
        if name.endswith("_ALG_HANDLE"):
            stem = name.removesuffix("_ALG_HANDLE").removeprefix("BCRYPT_")
            keyed = stem.startswith("HMAC_") or value == c.BCRYPT_AES_CMAC_ALG_HANDLE
            flags = c.BCRYPT_ALG_HANDLE_HMAC_FLAG if keyed else 0
            algorithm = getattr(c, f"BCRYPT_{stem.removeprefix('HMAC_')}_ALGORITHM", None)
            base, _, suffix = stem.rpartition("_")
            mode = getattr(c, f"BCRYPT_CHAIN_MODE_{suffix}", None)
            if algorithm is None and mode is not None:
                found[value] = getattr(c, f"BCRYPT_{base}_ALGORITHM", None), flags, mode
            else:
                found[value] = algorithm, flags, None
    return found


def is_pseudo_handle(number: int) -> bool:
    """Return whether a number is a pseudo-handle of the configured Windows version."""
    if number not in pseudo_handles():
        return False
    version = registry.default().settings.windows
    return windows.release(version) >= windows.release(windows.PSEUDO_HANDLES_SINCE)


def _pseudo_handle_algorithm(number: int) -> AlgorithmProvider:
    """Return the algorithm of a pseudo-handle; the first use opens it with the default registry and keeps it."""
    if not is_pseudo_handle(number):
        raise InvalidHandleError(f"{number:#x} is not the handle of an open algorithm")
    current = registry.default()
    opened = _pseudo.get(number)
    if opened is not None and opened[0] is current:
        return opened[1]
    if irql.raised:
        irql.require_dispatch(False)
    name, flags, mode = pseudo_handles()[number]
    if name is None:
        raise NotSupportedError(f"no provider serves the pseudo-handle {number:#x}")
    try:
        provider = current.open_algorithm_provider(name, None, flags)
    except NotFoundError as error:
        raise NotSupportedError(error.message) from None
    if mode is not None:
        provider.set_property(c.BCRYPT_CHAINING_MODE, mode)
    provider.allow_multi_hash()
    provider.handle = number
    _pseudo[number] = (current, provider)
    return provider
