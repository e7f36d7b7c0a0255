"""The life of a key: generate, finalize, destroy, import, export (contract.md sections 3, 6-10)."""

from cngcore import irql
from cngcore.bcrypt import _handles as handles
from cngcore.bcrypt._answers import algorithm_of, answer, give, given_bytes, key_of, no_flags, plain, status_of
from cngcore.status import STATUS_SUCCESS, InvalidHandleError, InvalidParameterError, NTStatus


def BCryptGenerateKeyPair(hAlgorithm: int, dwLength: int, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Create an empty key pair: set its properties, then finalize it. Contract section 3."""
    try:
        key = algorithm_of(hAlgorithm).generate_key_pair(dwLength, dwFlags)
        handle = handles.new()
        handles.keys[handle] = key
        return STATUS_SUCCESS, handle
    except BaseException as error:
        return status_of(error), None


def BCryptFinalizeKeyPair(hKey: int, dwFlags: int = 0) -> NTStatus:
    """Make the key; from here on it can be used. Once only. Contract section 6."""
    try:
        (handles.keys.get(hKey if type(hKey) is int else plain(hKey)) or key_of(hKey)).finalize(dwFlags)
    except BaseException as error:
        return status_of(error)
    return STATUS_SUCCESS


def BCryptDestroyKey(hKey: int) -> NTStatus:
    """Destroy a key, finalized or not; its secret bytes are wiped. Contract section 7."""
    try:
        number = hKey if type(hKey) is int else plain(hKey)
        if irql.raised and number in handles.keys:
            irql.require_dispatch(handles.keys[number].dispatch)
        key = handles.keys.pop(number, None)
        if key is None:
            raise InvalidHandleError(f"{number:#x} is not the handle of a live key")
        key.destroy()
    except BaseException as error:
        return status_of(error)
    return STATUS_SUCCESS


def BCryptDuplicateKey(hKey: int, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Copies symmetric keys only: a key pair is STATUS_INVALID_HANDLE. Export and import it. Contract section 8."""
    try:
        key_of(hKey)
        raise InvalidHandleError("BCryptDuplicateKey copies symmetric keys; export a key pair and import it")
    except BaseException as error:
        return status_of(error), None


def BCryptImportKeyPair(
    hAlgorithm: int, hImportKey: int | None, pszBlobType: str, pbInput: object, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Make a finalized key from a blob. Contract section 9."""
    try:
        provider = algorithm_of(hAlgorithm)
        if hImportKey is not None and hImportKey != 0:
            raise InvalidParameterError("hImportKey must be NULL for a key pair")
        if irql.raised:
            irql.require_locked(pbInput)
        return STATUS_SUCCESS, give(provider.import_key_pair(pszBlobType, given_bytes("pbInput", pbInput), dwFlags))
    except BaseException as error:
        return status_of(error), None


def BCryptExportKey(
    hKey: int, hExportKey: int | None, pszBlobType: str, pbOutput: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """The key as a blob. Contract section 10."""
    try:
        key = key_of(hKey)
        key.require(None)
        if hExportKey is not None and hExportKey != 0:
            raise InvalidParameterError("hExportKey must be NULL for a key pair")
        no_flags(dwFlags)
        if irql.raised:
            irql.require_locked(pbOutput)
        return answer(key.export(pszBlobType), pbOutput)
    except BaseException as error:
        return status_of(error), None
