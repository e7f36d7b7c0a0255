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
    from cngcore.objects import AlgorithmProvider, Hash, KeyPair, Secret
    from cngcore.registry import Registry

algorithms: dict[int, AlgorithmProvider] = {}
keys: dict[int, KeyPair] = {}
secrets: dict[int, Secret] = {}
hashes: dict[int, Hash] = {}

_pseudo: dict[int, tuple[Registry, AlgorithmProvider]] = {}
"""What pseudo-handles mean, and for which registry; an entry of another registry is replaced."""

new = _count(0x10000, 16).__next__
"""Return the next handle."""


def count() -> int:
    """Return how many handles of all kinds are open; pseudo-handles do not count."""
    return len(algorithms) + len(keys) + len(secrets) + len(hashes)


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


def object_of(handle: object) -> AlgorithmProvider | KeyPair | Secret | Hash:
    """Return the object of a handle of any kind."""
    number = as_handle(handle)
    return keys.get(number) or secrets.get(number) or hashes.get(number) or algorithm_of(number)


def kem_key_of(handle: object) -> KeyPair:
    """Return the key of a handle. NULL is STATUS_INVALID_PARAMETER for the two KEM functions.

    contract: rule-python-kem-handles.
    """
    if handle is None or (type(handle) is int and handle == 0):
        raise InvalidParameterError("hKey is NULL")
    return key_of(handle)


def new_key_handle(key: KeyPair) -> int:
    """Issue a handle for a key."""
    handle = new()
    keys[handle] = key
    return handle


# --- pseudo-handles --------------------------------------------------------------------------------


@cache
def pseudo_handles() -> dict[int, tuple[str | None, int]]:
    """Return every pseudo-handle number with the algorithm and flags that it opens.

    The algorithm is None if the header has no name for it. ``BCRYPT_HMAC_SHA256_ALG_HANDLE`` opens SHA256 with
    ``BCRYPT_ALG_HANDLE_HMAC_FLAG``.
    """
    found: dict[int, tuple[str | None, int]] = {}
    for name, value in vars(c).items():
        if name.endswith("_ALG_HANDLE"):
            stem = name.removesuffix("_ALG_HANDLE").removeprefix("BCRYPT_")
            flags = c.BCRYPT_ALG_HANDLE_HMAC_FLAG if stem.startswith("HMAC_") else 0
            found[value] = (getattr(c, f"BCRYPT_{stem.removeprefix('HMAC_')}_ALGORITHM", None), flags)
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
    name, flags = pseudo_handles()[number]
    if name is None:
        raise NotSupportedError(f"no provider serves the pseudo-handle {number:#x}")
    try:
        provider = current.open_algorithm_provider(name, None, flags)
    except NotFoundError as error:
        raise NotSupportedError(error.message) from None
    provider.handle = number
    _pseudo[number] = (current, provider)
    return provider
