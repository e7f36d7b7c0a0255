"""The flat API: bcrypt.h's names, integer handles, NTSTATUS, and the caller's buffers.

Each function looks up its handles, calls the object behind them, and answers with a status. No function raises for
anything that a caller passes. ``from cngcore.bcrypt import *`` gives the functions, and the constants, statuses and
structures of the header.

>>> from cngcore.bcrypt import *
>>> status, algorithm = BCryptOpenAlgorithmProvider(BCRYPT_ECDSA_P256_ALGORITHM)
>>> status, key = BCryptGenerateKeyPair(algorithm, 256)
>>> BCryptFinalizeKeyPair(key)
<NTStatus STATUS_SUCCESS: 0x00000000>

contract: rule-python-returns.
"""

from __future__ import annotations as _annotations

from typing import TYPE_CHECKING as _TYPE_CHECKING

from cngcore import constants as _constants
from cngcore import status as _status
from cngcore._imports import lazy_names as _lazy_names
from cngcore.bcrypt._algorithms import (
    BCryptCloseAlgorithmProvider,
    BCryptEnumAlgorithms,
    BCryptEnumProviders,
    BCryptEnumRegisteredProviders,
    BCryptGetFipsAlgorithmMode,
    BCryptGetProperty,
    BCryptOpenAlgorithmProvider,
    BCryptSetProperty,
)
from cngcore.bcrypt._handles import count as open_handles
from cngcore.bcrypt._keys import (
    BCryptDestroyKey,
    BCryptDuplicateKey,
    BCryptExportKey,
    BCryptFinalizeKeyPair,
    BCryptGenerateKeyPair,
    BCryptImportKeyPair,
)
from cngcore.constants import *
from cngcore.status import *

if _TYPE_CHECKING:
    from cngcore.bcrypt._hashes import BCryptCreateHash as BCryptCreateHash
    from cngcore.bcrypt._hashes import BCryptDestroyHash as BCryptDestroyHash
    from cngcore.bcrypt._hashes import BCryptDuplicateHash as BCryptDuplicateHash
    from cngcore.bcrypt._hashes import BCryptFinishHash as BCryptFinishHash
    from cngcore.bcrypt._hashes import BCryptGenRandom as BCryptGenRandom
    from cngcore.bcrypt._hashes import BCryptHash as BCryptHash
    from cngcore.bcrypt._hashes import BCryptHashData as BCryptHashData
    from cngcore.bcrypt._operations import BCryptDecapsulate as BCryptDecapsulate
    from cngcore.bcrypt._operations import BCryptDecrypt as BCryptDecrypt
    from cngcore.bcrypt._operations import BCryptDeriveKey as BCryptDeriveKey
    from cngcore.bcrypt._operations import BCryptDestroySecret as BCryptDestroySecret
    from cngcore.bcrypt._operations import BCryptEncapsulate as BCryptEncapsulate
    from cngcore.bcrypt._operations import BCryptEncrypt as BCryptEncrypt
    from cngcore.bcrypt._operations import BCryptSecretAgreement as BCryptSecretAgreement
    from cngcore.bcrypt._operations import BCryptSignHash as BCryptSignHash
    from cngcore.bcrypt._operations import BCryptVerifySignature as BCryptVerifySignature
    from cngcore.bcrypt._structures import BCRYPT_ALGORITHM_IDENTIFIER as BCRYPT_ALGORITHM_IDENTIFIER
    from cngcore.bcrypt._structures import BCRYPT_OAEP_PADDING_INFO as BCRYPT_OAEP_PADDING_INFO
    from cngcore.bcrypt._structures import BCRYPT_PKCS1_PADDING_INFO as BCRYPT_PKCS1_PADDING_INFO
    from cngcore.bcrypt._structures import BCRYPT_PQDSA_PADDING_INFO as BCRYPT_PQDSA_PADDING_INFO
    from cngcore.bcrypt._structures import BCRYPT_PSS_PADDING_INFO as BCRYPT_PSS_PADDING_INFO
    from cngcore.bcrypt._structures import BCryptBuffer as BCryptBuffer

_LATER = {
    "cngcore.bcrypt._hashes": (
        "BCryptCreateHash",
        "BCryptDestroyHash",
        "BCryptDuplicateHash",
        "BCryptFinishHash",
        "BCryptGenRandom",
        "BCryptHash",
        "BCryptHashData",
    ),
    "cngcore.bcrypt._operations": (
        "BCryptDecapsulate",
        "BCryptDecrypt",
        "BCryptDeriveKey",
        "BCryptDestroySecret",
        "BCryptEncapsulate",
        "BCryptEncrypt",
        "BCryptSecretAgreement",
        "BCryptSignHash",
        "BCryptVerifySignature",
    ),
    "cngcore.bcrypt._structures": (
        "BCRYPT_ALGORITHM_IDENTIFIER",
        "BCRYPT_OAEP_PADDING_INFO",
        "BCRYPT_PKCS1_PADDING_INFO",
        "BCRYPT_PQDSA_PADDING_INFO",
        "BCRYPT_PSS_PADDING_INFO",
        "BCryptBuffer",
    ),
}
"""What a first key does not need, by module; imported on first use, which saves a first key 10 ms."""

if not _TYPE_CHECKING:
    __getattr__, __dir__ = _lazy_names(__name__, {name: home for home, names in _LATER.items() for name in names})

__all__ = [
    *(name for name in list(globals()) if name.startswith("BCrypt")),
    *(name for names in _LATER.values() for name in names),
    *_constants.__all__,
    "NTStatus",
    *(name for name in vars(_status) if name.startswith(("STATUS_", "NTE_"))),
]
