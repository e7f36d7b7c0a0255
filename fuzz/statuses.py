"""List the statuses with which each function of the flat API may answer, from the contract.

STATUS_NO_MEMORY is left out, because there is enough memory: a function that returns it was made to ask for too much.
STATUS_INTERNAL_ERROR is left out, because it means a fault of a provider: an input that causes it is a finding.
"""

from cngcore.status import NTStatus as S

_HANDLE = {S.STATUS_SUCCESS, S.STATUS_INVALID_HANDLE}
_CALL = _HANDLE | {S.STATUS_INVALID_PARAMETER}
_ABLE = _CALL | {S.STATUS_NOT_SUPPORTED}
_SIZED = _ABLE | {S.STATUS_BUFFER_TOO_SMALL}

PARSE = {S.STATUS_INVALID_PARAMETER, S.STATUS_NOT_SUPPORTED, S.NTE_BAD_DATA, S.STATUS_INVALID_BUFFER_SIZE}
"""The statuses that a parser may raise (contract: rule-import)."""

CHECK = PARSE | {S.STATUS_NOT_FOUND}
"""The statuses that a test of a key's numbers may raise: it may need a provider."""

DOCUMENTED = {
    "BCryptOpenAlgorithmProvider": {
        S.STATUS_SUCCESS,
        S.STATUS_NOT_FOUND,
        S.STATUS_INVALID_PARAMETER,
        S.STATUS_NOT_SUPPORTED,
    },
    "BCryptCloseAlgorithmProvider": _CALL,
    "BCryptGenerateKeyPair": _ABLE,
    "BCryptSetProperty": _ABLE | {S.STATUS_ACCESS_DENIED},
    "BCryptGetProperty": _SIZED,
    "BCryptFinalizeKeyPair": _ABLE,
    "BCryptDestroyKey": _HANDLE,
    "BCryptDuplicateKey": {S.STATUS_INVALID_HANDLE},
    "BCryptImportKeyPair": _ABLE | {S.NTE_BAD_DATA, S.STATUS_INVALID_BUFFER_SIZE},
    "BCryptExportKey": _SIZED,
    "BCryptSignHash": _SIZED,
    "BCryptVerifySignature": _ABLE | {S.STATUS_INVALID_SIGNATURE},
    "BCryptEncrypt": _SIZED,
    "BCryptDecrypt": _SIZED,
    "BCryptSecretAgreement": _ABLE,
    "BCryptDeriveKey": _ABLE,
    "BCryptDestroySecret": _HANDLE,
    "BCryptEncapsulate": _SIZED,
    "BCryptDecapsulate": _SIZED | {S.STATUS_INVALID_BUFFER_SIZE},
    "BCryptCreateHash": _ABLE,
    "BCryptHashData": _CALL,
    "BCryptFinishHash": _CALL,
    "BCryptDuplicateHash": _CALL,
    "BCryptDestroyHash": {S.STATUS_SUCCESS, S.STATUS_INVALID_PARAMETER},
    "BCryptHash": _ABLE,
    "BCryptGenRandom": _ABLE,
}
