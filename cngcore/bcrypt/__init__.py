"""The flat API: bcrypt.h's names, integer handles, NTSTATUS, the caller's buffers (api.md section 1).

Each function looks its handles up, calls the object behind them, and answers with a status; nothing is decided there
that an object could decide. No function raises for anything a caller passes. The functions stand, by subject, in
the private modules of this package; it is their one public home, with the header's constants, statuses and structures.
"""

from sys import modules as _modules

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

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    "cngcore.bcrypt._hashes": (
        "BCryptCreateHash",
        "BCryptDestroyHash",
        "BCryptDuplicateHash",
        "BCryptFinishHash",
        "BCryptGenRandom",
        "BCryptHash",
        "BCryptHashData",
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
"""What a first key does not need, by the module it comes from: imported when it is first used."""


def __getattr__(name: str) -> object:
    for home, names in _LATER.items():
        if name in names:
            __import__(home)
            globals().update({each: getattr(_modules[home], each) for each in names})
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    *(name for name in list(globals()) if name.startswith("BCrypt")),
    *(name for names in _LATER.values() for name in names),
    *_constants.__all__,
    "NTStatus",
    *(name for name in vars(_status) if name.startswith(("STATUS_", "NTE_"))),
]
