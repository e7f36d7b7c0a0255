"""Hash objects, one-shot hashes and random numbers."""

from __future__ import annotations

from collections.abc import Iterable
from os import urandom
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import irql, registry, windows
from cngcore._checks import check_dword, is_exactly, to_bytes
from cngcore.bcrypt import _handles as handles
from cngcore.bcrypt._answers import flat, no_flags, writable
from cngcore.bcrypt._structures import BCRYPT_MULTI_HASH_OPERATION
from cngcore.objects import MultiHashOperation
from cngcore.status import STATUS_SUCCESS, InvalidHandleError, InvalidParameterError, NotSupportedError, NTStatus

_RANDOM_FLAGS = c.BCRYPT_RNG_USE_ENTROPY_IN_BUFFER | c.BCRYPT_USE_SYSTEM_PREFERRED_RNG

if TYPE_CHECKING:
    from typing_extensions import Buffer


@flat(1, locked=("pbSecret",))
def BCryptCreateHash(
    hAlgorithm: int | None, pbSecret: Buffer | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Start a hash, or an HMAC with the key ``pbSecret`` if the algorithm was opened with the flag for it.

    contract: rule-hash.
    """
    created = handles.algorithm_of(hAlgorithm).create_hash(pbSecret, dwFlags)
    handle = handles.new()
    handles.hashes[handle] = created
    return STATUS_SUCCESS, handle


@flat(locked=("pbInput",))
def BCryptHashData(hHash: int | None, pbInput: Buffer | None, dwFlags: int = 0) -> NTStatus:
    """Add data; None is no data. STATUS_INVALID_HANDLE for a hash that is spent."""
    found = handles.hash_of(hHash)
    no_flags(dwFlags)
    found.update(b"" if pbInput is None else pbInput)
    return STATUS_SUCCESS


@flat(locked=("pbOutput",))
def BCryptFinishHash(hHash: int | None, pbOutput: Buffer | None, dwFlags: int = 0) -> NTStatus:
    """Write the digest into a buffer of exactly its length (any length for SHAKE), else STATUS_INVALID_PARAMETER."""
    found = handles.hash_of(hHash)
    flags = check_dword("dwFlags", dwFlags)
    if flags & ~c.BCRYPT_HASH_DONT_RESET_FLAG:
        raise InvalidParameterError(f"BCryptFinishHash takes no flags 0x{flags:X}")
    view = writable("pbOutput", pbOutput)
    view[:] = found.finish(len(view), reset=not flags)
    return STATUS_SUCCESS


@flat(1)
def BCryptDuplicateHash(hHash: int | None, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Make an independent hash object, or multi-hash, with the same data."""
    number = handles.as_handle(hHash)
    if number in handles.multi_hashes:
        no_flags(dwFlags)
        copied = handles.multi_hash_of(number).copy()
        handle = handles.new()
        handles.multi_hashes[handle] = copied
        return STATUS_SUCCESS, handle
    found = handles.hash_of(number)
    no_flags(dwFlags)
    twin = found.copy()
    handle = handles.new()
    handles.hashes[handle] = twin
    return STATUS_SUCCESS, handle


@flat()
def BCryptDestroyHash(hHash: int | None) -> NTStatus:
    """Destroy a hash. Unlike other functions, this one answers STATUS_INVALID_PARAMETER for an invalid handle.

    contract: rule-destroy-hash-status.
    """
    number = int.__index__(hHash) if is_exactly(hHash, int) and type(hHash) is not bool else -1  # type: ignore[arg-type]
    for table in (handles.hashes, handles.multi_hashes):
        if irql.raised and number in table:
            irql.require_dispatch(table[number].dispatch)
    found = handles.hashes.pop(number, None) or handles.multi_hashes.pop(number, None)
    if found is None:
        raise InvalidParameterError("this is not the handle of a live hash")
    found.destroy()
    return STATUS_SUCCESS


@flat(locked=("pbSecret", "pbInput", "pbOutput"))
def BCryptHash(
    hAlgorithm: int | None, pbSecret: Buffer | None, pbInput: Buffer | None, pbOutput: Buffer | None
) -> NTStatus:
    """Hash, or HMAC with ``pbSecret``, in one call (Windows 10 and later)."""
    provider = handles.algorithm_of(hAlgorithm)
    if windows.release(provider.windows) < windows.release("10"):
        raise NotSupportedError(f"Windows {provider.windows} has no BCryptHash")
    view = writable("pbOutput", pbOutput)
    with provider.create_hash(pbSecret) as once:
        once.update(b"" if pbInput is None else pbInput)
        view[:] = once.finish(len(view))
    return STATUS_SUCCESS


@flat(locked=("pbBuffer",))
def BCryptGenRandom(hAlgorithm: int | None, pbBuffer: Buffer | None, dwFlags: int = 0) -> NTStatus:
    """Fill a buffer with random bytes: from an opened generator, or, by the flag and without a handle, the system's.

    contract: rule-random.
    """
    null = hAlgorithm is None or (type(hAlgorithm) is int and hAlgorithm == 0)
    system = type(dwFlags) is int and bool(dwFlags & c.BCRYPT_USE_SYSTEM_PREFERRED_RNG)
    if null and not system:
        raise InvalidHandleError("hAlgorithm is NULL without BCRYPT_USE_SYSTEM_PREFERRED_RNG")
    provider = None if null else handles.algorithm_of(hAlgorithm)
    flags = check_dword("dwFlags", dwFlags)
    if flags & ~_RANDOM_FLAGS or (provider is not None and system):
        raise InvalidParameterError(f"flags 0x{flags:X} are not valid with this handle")
    if system and windows.release(registry.default().settings.windows) < windows.release("7"):
        raise InvalidParameterError("Windows Vista has no BCRYPT_USE_SYSTEM_PREFERRED_RNG")
    view = writable("pbBuffer", pbBuffer)
    if provider is not None:
        provider.fill_random(view)
    else:
        view[:] = urandom(len(view))
    return STATUS_SUCCESS


# --- multi-hash: several hashes that one call feeds -----------------------------------------------------


@flat(1, locked=("pbSecret",))
def BCryptCreateMultiHash(
    hAlgorithm: int | None, nHashes: int, pbSecret: Buffer | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Start several hashes of an algorithm that was opened with BCRYPT_MULTI_FLAG; they are reusable.

    contract: rule-multi-hash.
    """
    provider = handles.algorithm_of(hAlgorithm)
    flags = check_dword("dwFlags", dwFlags)
    if flags & ~c.BCRYPT_HASH_REUSABLE_FLAG:
        raise InvalidParameterError(f"BCryptCreateMultiHash takes no flags 0x{flags:X}")
    created = provider.create_multi_hash(nHashes, pbSecret)
    handle = handles.new()
    handles.multi_hashes[handle] = created
    return STATUS_SUCCESS, handle


@flat()
def BCryptProcessMultiOperations(
    hObject: int | None, operationType: int, pOperations: object, dwFlags: int = 0
) -> NTStatus:
    """Feed and finish the hashes of a multi-hash; every step is checked before the first is taken.

    contract: rule-multi-hash.
    """
    found = handles.multi_hash_of(hObject)
    no_flags(dwFlags)
    if check_dword("operationType", operationType) != c.BCRYPT_OPERATION_TYPE_HASH:
        raise InvalidParameterError(f"operationType is BCRYPT_OPERATION_TYPE_HASH (1), not {operationType}")
    if not isinstance(pOperations, Iterable):
        raise InvalidParameterError("pOperations must be an iterable of BCRYPT_MULTI_HASH_OPERATION")
    steps, views = [], []
    for one in pOperations:
        if not isinstance(one, BCRYPT_MULTI_HASH_OPERATION):
            raise InvalidParameterError(f"pOperations holds a {type(one).__name__}")
        index, kind = check_dword("iHash", one.iHash), check_dword("hashOperation", one.hashOperation)
        if kind == MultiHashOperation.FINISH:
            views.append(writable("pbBuffer", one.pbBuffer))
            steps.append(MultiHashOperation(index, kind, length=len(views[-1])))
        else:
            steps.append(MultiHashOperation(index, kind, to_bytes("pbBuffer", one.pbBuffer)))
    for view, digest in zip(views, found.process(steps), strict=True):
        view[:] = digest
    return STATUS_SUCCESS
