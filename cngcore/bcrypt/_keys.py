"""The life of a key: generate, finalize, destroy, import, export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import irql
from cngcore.bcrypt._answers import Answer, flat, no_flags, not_null
from cngcore.bcrypt._handles import (
    algorithm_of,
    any_key_of,
    as_handle,
    key_of,
    keys,
    new_key_handle,
    new_symmetric_handle,
    optional_symmetric_key_of,
    symmetric_key_of,
    symmetric_keys,
)
from cngcore.bcrypt._handles import new as new_handle
from cngcore.status import STATUS_SUCCESS, InvalidHandleError, InvalidParameterError, NTStatus

if TYPE_CHECKING:
    from typing_extensions import Buffer


@flat(1)
def BCryptGenerateKeyPair(hAlgorithm: int | None, dwLength: int, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Create an empty key pair: set its properties, then finalize it (contract: rule-generate)."""
    key = algorithm_of(hAlgorithm).generate_key_pair(dwLength, dwFlags)
    handle = new_handle()
    keys[handle] = key
    return STATUS_SUCCESS, handle


@flat()
def BCryptFinalizeKeyPair(hKey: int | None, dwFlags: int = 0) -> NTStatus:
    """Make the key, once. After this call it can be used (contract: rule-finalize-status)."""
    key_of(hKey).finalize(dwFlags)
    return STATUS_SUCCESS


@flat()
def BCryptDestroyKey(hKey: int | None) -> NTStatus:
    """Destroy a key, finalized or not, and wipe its secret bytes (contract: rule-destroy-key)."""
    number = hKey if type(hKey) is int else as_handle(hKey)
    if irql.raised:
        irql.require_dispatch(any_key_of(number).dispatch)
    key = keys.pop(number, None) or symmetric_keys.pop(number, None)
    if key is None:
        raise InvalidHandleError(f"{number:#x} is not the handle of a live key")
    key.destroy()
    return STATUS_SUCCESS


@flat(1)
def BCryptDuplicateKey(hKey: int | None, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Copy a symmetric key. A key pair is STATUS_INVALID_HANDLE: export and import it instead.

    contract: rule-duplicate-key.
    """
    key = symmetric_keys.get(hKey if type(hKey) is int else as_handle(hKey))
    if key is None:
        key_of(hKey)
        raise InvalidHandleError("BCryptDuplicateKey copies symmetric keys; export a key pair and import it")
    no_flags(dwFlags)
    return STATUS_SUCCESS, new_symmetric_handle(key.copy())


@flat(1, locked=("pbInput",))
def BCryptImportKeyPair(
    hAlgorithm: int | None, hImportKey: int | None, pszBlobType: str, pbInput: Buffer | None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Make a finalized key from a blob (contract: rule-import)."""
    provider = algorithm_of(hAlgorithm)
    if hImportKey is not None and hImportKey != 0:
        raise InvalidParameterError("hImportKey must be NULL for a key pair")
    key = provider.import_key_pair(pszBlobType, not_null("pbInput", pbInput), dwFlags)
    return STATUS_SUCCESS, new_key_handle(key)


@flat(1, locked=("pbOutput",))
def BCryptExportKey(
    hKey: int | None, hExportKey: int | None, pszBlobType: str, pbOutput: Buffer | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Export the key as a blob (contract: rule-export)."""
    key = keys.get(hKey if type(hKey) is int else as_handle(hKey))
    if key is None:
        return _export_symmetric(hKey, hExportKey, pszBlobType, pbOutput, dwFlags)
    key.require(None)
    if hExportKey is not None and hExportKey != 0:
        raise InvalidParameterError("hExportKey must be NULL for a key pair")
    no_flags(dwFlags)
    blob = key.export(pszBlobType)
    return Answer("pbOutput", pbOutput).write(blob)


def _export_symmetric(
    hKey: int | None, hExportKey: int | None, pszBlobType: str, pbOutput: Buffer | None, dwFlags: int
) -> tuple[NTStatus, int | None]:
    """Export a symmetric key, wrapped by another if the blob type is for that (contract: rule-symmetric-blobs)."""
    key, kek = symmetric_key_of(hKey), optional_symmetric_key_of(hExportKey)
    no_flags(dwFlags)
    return Answer("pbOutput", pbOutput).write(key.export(pszBlobType, kek=kek))
