"""Hash objects, one-shot hashes and random numbers (contract.md sections 25 and 26)."""

from cngcore import constants as c
from cngcore import irql, registry, windows
from cngcore._checks import check_dword
from cngcore.bcrypt import _handles as handles
from cngcore.bcrypt._answers import algorithm_of, no_flags, plain, status_of, writable
from cngcore.status import STATUS_SUCCESS, InvalidHandleError, InvalidParameterError, NotSupportedError, NTStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.objects._hash import Hash


def _hash_of(handle: object) -> "Hash":
    found = handles.hashes.get(handle if type(handle) is int else plain(handle))
    if found is None:
        raise InvalidHandleError("this is not the handle of a live hash")
    return found


def BCryptCreateHash(hAlgorithm: int, pbSecret: object = None, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Begin a hash, or an HMAC with ``pbSecret`` as its key where the algorithm was opened with the flag for it."""
    try:
        provider = algorithm_of(hAlgorithm)
        if irql.raised:
            irql.require_locked(pbSecret)
        created = provider.create_hash(pbSecret, dwFlags)
        handle = handles.new()
        handles.hashes[handle] = created
    except BaseException as error:
        return status_of(error), None
    return STATUS_SUCCESS, handle


def BCryptHashData(hHash: int, pbInput: object, dwFlags: int = 0) -> NTStatus:
    """Take data in; None is no data. STATUS_INVALID_HANDLE for a hash that is spent."""
    try:
        found = _hash_of(hHash)
        no_flags(dwFlags)
        if irql.raised:
            irql.require_locked(pbInput)
        found.update(b"" if pbInput is None else pbInput)
    except BaseException as error:
        return status_of(error)
    return STATUS_SUCCESS


def BCryptFinishHash(hHash: int, pbOutput: object, dwFlags: int = 0) -> NTStatus:
    """Give the digest into a buffer of exactly its length (any length for SHAKE), else STATUS_INVALID_PARAMETER."""
    try:
        found = _hash_of(hHash)
        flags = check_dword("dwFlags", dwFlags)
        if flags & ~c.BCRYPT_HASH_DONT_RESET_FLAG:
            raise InvalidParameterError(f"BCryptFinishHash takes no flags 0x{flags:X}")
        view = writable("pbOutput", pbOutput)
        if irql.raised:
            irql.require_locked(pbOutput)
        view[:] = found.finish(len(view), reset=not flags)
    except BaseException as error:
        return status_of(error)
    return STATUS_SUCCESS


def BCryptDuplicateHash(hHash: int, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """A second hash object that has taken in the same data."""
    try:
        found = _hash_of(hHash)
        no_flags(dwFlags)
        twin = found.copy()
        handle = handles.new()
        handles.hashes[handle] = twin
    except BaseException as error:
        return status_of(error), None
    return STATUS_SUCCESS, handle


def BCryptDestroyHash(hHash: int) -> NTStatus:
    """Destroy a hash. The odd one out: NULL, a stale and a wrong handle are STATUS_INVALID_PARAMETER (section 0.1)."""
    try:
        number = int.__index__(hHash) if issubclass(type(hHash), int) and type(hHash) is not bool else -1
        if irql.raised and number in handles.hashes:
            irql.require_dispatch(handles.hashes[number].dispatch)
        found = handles.hashes.pop(number, None)
        if found is None:
            raise InvalidParameterError("this is not the handle of a live hash")
        found.destroy()
    except BaseException as error:
        return status_of(error)
    return STATUS_SUCCESS


def BCryptHash(hAlgorithm: int, pbSecret: object, pbInput: object, pbOutput: object) -> NTStatus:
    """Hash, or HMAC with ``pbSecret``, in one call (Windows 10 and later)."""
    try:
        provider = algorithm_of(hAlgorithm)
        if windows.release(provider.windows) < windows.release("10"):
            raise NotSupportedError(f"Windows {provider.windows} has no BCryptHash")
        view = writable("pbOutput", pbOutput)
        if irql.raised:
            irql.require_locked(pbSecret, pbInput, pbOutput)
        with provider.create_hash(pbSecret) as once:
            once.update(b"" if pbInput is None else pbInput)
            view[:] = once.finish(len(view))
    except BaseException as error:
        return status_of(error)
    return STATUS_SUCCESS


_RANDOM_FLAGS = c.BCRYPT_RNG_USE_ENTROPY_IN_BUFFER | c.BCRYPT_USE_SYSTEM_PREFERRED_RNG


def BCryptGenRandom(hAlgorithm: int | None, pbBuffer: object, dwFlags: int = 0) -> NTStatus:
    """Fill a buffer with random bytes: from an opened RNG, or by the flag, without a handle, from the system."""
    try:
        null = hAlgorithm is None or (type(hAlgorithm) is int and hAlgorithm == 0)
        system = type(dwFlags) is int and bool(dwFlags & c.BCRYPT_USE_SYSTEM_PREFERRED_RNG)
        if null and not system:
            raise InvalidHandleError("hAlgorithm is NULL without BCRYPT_USE_SYSTEM_PREFERRED_RNG")
        provider = None if null else algorithm_of(hAlgorithm)
        flags = check_dword("dwFlags", dwFlags)
        if flags & ~_RANDOM_FLAGS or (provider is not None and system):
            raise InvalidParameterError(f"flags 0x{flags:X} do not go with this handle")
        if system and windows.release(registry.default().settings.windows) < windows.release("7"):
            raise InvalidParameterError("Windows Vista has no BCRYPT_USE_SYSTEM_PREFERRED_RNG")
        view = writable("pbBuffer", pbBuffer)
        if irql.raised:
            irql.require_locked(pbBuffer)
        if provider is not None:
            provider.fill_random(view)
        else:
            from os import urandom

            view[:] = urandom(len(view))
    except BaseException as error:
        return status_of(error)
    return STATUS_SUCCESS
