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

from cngcore import constants as _constants
from cngcore import status as _status
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
from cngcore.bcrypt._hashes import (
    BCryptCreateHash,
    BCryptDestroyHash,
    BCryptDuplicateHash,
    BCryptFinishHash,
    BCryptGenRandom,
    BCryptHash,
    BCryptHashData,
)
from cngcore.bcrypt._keys import (
    BCryptDestroyKey,
    BCryptDuplicateKey,
    BCryptExportKey,
    BCryptFinalizeKeyPair,
    BCryptGenerateKeyPair,
    BCryptImportKeyPair,
)
from cngcore.bcrypt._operations import (
    BCryptDecapsulate,
    BCryptDecrypt,
    BCryptDeriveKey,
    BCryptDestroySecret,
    BCryptEncapsulate,
    BCryptEncrypt,
    BCryptSecretAgreement,
    BCryptSignHash,
    BCryptVerifySignature,
)
from cngcore.bcrypt._structures import (
    BCRYPT_ALGORITHM_IDENTIFIER,
    BCRYPT_OAEP_PADDING_INFO,
    BCRYPT_PKCS1_PADDING_INFO,
    BCRYPT_PQDSA_PADDING_INFO,
    BCRYPT_PSS_PADDING_INFO,
    BCryptBuffer,
)
from cngcore.constants import *
from cngcore.status import *

__all__ = [
    *(name for name in list(globals()) if name.startswith("BCrypt")),
    "BCRYPT_ALGORITHM_IDENTIFIER",
    "BCRYPT_OAEP_PADDING_INFO",
    "BCRYPT_PKCS1_PADDING_INFO",
    "BCRYPT_PQDSA_PADDING_INFO",
    "BCRYPT_PSS_PADDING_INFO",
    *_constants.__all__,
    "NTStatus",
    *(name for name in vars(_status) if name.startswith(("STATUS_", "NTE_"))),
]
