"""What every function of the flat API needs: objects for handles, statuses for exceptions, the caller's buffers."""

from cngcore import constants as c
from cngcore import irql, registry, windows
from cngcore._checks import check_dword
from cngcore.bcrypt import _handles as handles
from cngcore.objects._algorithm import AlgorithmProvider
from cngcore.objects._keypair import KeyPair
from cngcore.status import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INTERNAL_ERROR,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MEMORY,
    STATUS_SUCCESS,
    CngError,
    InvalidHandleError,
    InvalidParameterError,
    NotFoundError,
    NotSupportedError,
    NTStatus,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.objects._hash import Hash
    from cngcore.objects._secret import Secret

# --- handles -----------------------------------------------------------------------------------------------


def _pseudo_handles() -> "dict[int, tuple[str | None, int]]":
    """Every pseudo-handle number, with the algorithm and flags it opens; None where the header has no such algorithm.

    ``BCRYPT_HMAC_SHA256_ALG_HANDLE`` is SHA256 with ``BCRYPT_ALG_HANDLE_HMAC_FLAG``.
    """
    found: dict[int, tuple[str | None, int]] = {}
    for name, value in vars(c).items():
        if name.endswith("_ALG_HANDLE"):
            stem = name.removesuffix("_ALG_HANDLE").removeprefix("BCRYPT_")
            flags = c.BCRYPT_ALG_HANDLE_HMAC_FLAG if stem.startswith("HMAC_") else 0
            found[value] = (getattr(c, f"BCRYPT_{stem.removeprefix('HMAC_')}_ALGORITHM", None), flags)
    return found


_found: "dict[int, tuple[str | None, int]]" = {}


def pseudo_handles() -> "dict[int, tuple[str | None, int]]":
    """Every pseudo-handle number, worked out when the first one is asked about."""
    if not _found:
        _found.update(_pseudo_handles())
    return _found


def plain(handle: object) -> int:
    """A handle as a plain int; InvalidHandleError for anything that is not a number."""
    if issubclass(type(handle), int) and type(handle) is not bool:
        return int.__index__(handle)  # type: ignore[arg-type]
    raise InvalidHandleError(f"a handle is an int, not {type(handle).__name__}")


def algorithm_of(handle: object) -> AlgorithmProvider:
    if type(handle) is int:
        provider = handles.algorithms.get(handle)
        if provider is not None:
            return provider
    return _rarer_algorithm(plain(handle))


def _rarer_algorithm(number: int) -> AlgorithmProvider:
    """A pseudo-handle that nobody has used yet; the provider it stands for is opened and kept under its number."""
    if number not in pseudo_handles() or not pseudo_handles_exist():
        if (provider := handles.algorithms.get(number)) is not None and not number & 15:
            return provider
        raise InvalidHandleError(f"{number:#x} is not the handle of an open algorithm")
    if irql.raised:
        irql.require_dispatch(False)
    name, flags = pseudo_handles()[number]
    if name is None:
        raise NotSupportedError(f"no provider serves the pseudo-handle {number:#x}")
    try:
        provider = registry.default().open_algorithm_provider(name, None, flags)
    except NotFoundError as error:
        raise NotSupportedError(error.message) from None
    provider.handle = number
    return handles.algorithms.setdefault(number, provider)


def pseudo_handles_exist() -> bool:
    version = registry.default().settings.windows
    return windows.release(version) >= windows.release(windows.PSEUDO_HANDLES_SINCE)


def key_of(handle: object) -> KeyPair:
    key = handles.keys.get(handle if type(handle) is int else plain(handle))
    if key is None:
        raise InvalidHandleError(f"{handle!r:.20} is not the handle of a live key")
    return key


def secret_of(handle: object) -> "Secret":
    secret = handles.secrets.get(handle if type(handle) is int else plain(handle))
    if secret is None:
        raise InvalidHandleError(f"{handle!r:.20} is not the handle of a live secret")
    return secret


def object_of(handle: object) -> "AlgorithmProvider | KeyPair | Secret | Hash":
    number = plain(handle)
    return handles.keys.get(number) or handles.secrets.get(number) or handles.hashes.get(number) or algorithm_of(number)


def give(key: KeyPair) -> int:
    handle = handles.new()
    handles.keys[handle] = key
    return handle


# --- statuses and buffers ------------------------------------------------------------------------------------


def status_of(error: BaseException) -> NTStatus:
    """The one place where an exception becomes a status.

    A provider's own fault has become InternalError before it gets here, so whatever else arrives was raised by an
    object that the caller passed (a buffer, a string) when it was looked at.
    """
    if isinstance(error, CngError):
        return STATUS_INTERNAL_ERROR if error.status.is_success else error.status  # what failed is no success
    from cngcore._diagnostics import is_the_users, log, place_of

    if is_the_users(error):
        raise error
    if isinstance(error, MemoryError):
        return STATUS_NO_MEMORY

    log("an argument raised %s when it was looked at, at %s", type(error).__name__, place_of(error))
    return STATUS_INVALID_PARAMETER


def writable(name: str, output: object) -> memoryview:
    try:
        view = memoryview(output).cast("B")  # type: ignore[arg-type]
    except (TypeError, ValueError, BufferError):
        raise InvalidParameterError(f"{name} is a writable buffer or None, not {type(output).__name__}") from None
    if view.readonly:
        raise InvalidParameterError(f"{name} cannot be written to: {type(output).__name__}")
    return view


def answer(data: "bytes | bytearray", output: object, name: str = "pbOutput") -> tuple[NTStatus, int]:
    """Size query, too short, or written: contract.md section 0.3. Secret bytes (a bytearray) are wiped afterwards."""
    size = len(data)
    if output is None:
        status = STATUS_SUCCESS
    else:
        view = writable(name, output)
        if len(view) < size:
            status = STATUS_BUFFER_TOO_SMALL
        else:
            view[:size] = data
            status = STATUS_SUCCESS
    if type(data) is bytearray:
        data[:] = bytes(size)
    return status, size


def no_flags(flags: object) -> None:
    check_dword("dwFlags", flags)
    if flags:
        raise InvalidParameterError(f"this function takes no flags, not 0x{flags:X}")


def given_bytes(name: str, data: object) -> object:
    if data is None:
        raise InvalidParameterError(f"{name} is NULL")
    return data
