"""The flat API: bcrypt.h's names, integer handles, NTSTATUS, the caller's buffers (api.md section 1).

Each function looks its handles up, calls the object behind them, and answers with a status; nothing is decided there
that an object could decide. No function raises for anything a caller passes. The functions stand, by subject, in
:mod:`cngcore.flat`; this module is their one public home, with the constants, statuses and structures of the header.
"""

from sys import modules as _modules

from cngcore import constants as _constants
from cngcore import status as _status
from cngcore.constants import *
from cngcore.flat.algorithms import (
    BCryptCloseAlgorithmProvider,
    BCryptEnumAlgorithms,
    BCryptEnumProviders,
    BCryptEnumRegisteredProviders,
    BCryptGetFipsAlgorithmMode,
    BCryptGetProperty,
    BCryptOpenAlgorithmProvider,
    BCryptSetProperty,
)
from cngcore.flat.keys import (
    BCryptDestroyKey,
    BCryptDuplicateKey,
    BCryptExportKey,
    BCryptFinalizeKeyPair,
    BCryptGenerateKeyPair,
    BCryptImportKeyPair,
)
from cngcore.status import *

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.flat.hashes import BCryptCreateHash as BCryptCreateHash
    from cngcore.flat.hashes import BCryptDestroyHash as BCryptDestroyHash
    from cngcore.flat.hashes import BCryptDuplicateHash as BCryptDuplicateHash
    from cngcore.flat.hashes import BCryptFinishHash as BCryptFinishHash
    from cngcore.flat.hashes import BCryptGenRandom as BCryptGenRandom
    from cngcore.flat.hashes import BCryptHash as BCryptHash
    from cngcore.flat.hashes import BCryptHashData as BCryptHashData
    from cngcore.flat.operations import BCryptDecapsulate as BCryptDecapsulate
    from cngcore.flat.operations import BCryptDecrypt as BCryptDecrypt
    from cngcore.flat.operations import BCryptDeriveKey as BCryptDeriveKey
    from cngcore.flat.operations import BCryptDestroySecret as BCryptDestroySecret
    from cngcore.flat.operations import BCryptEncapsulate as BCryptEncapsulate
    from cngcore.flat.operations import BCryptEncrypt as BCryptEncrypt
    from cngcore.flat.operations import BCryptSecretAgreement as BCryptSecretAgreement
    from cngcore.flat.operations import BCryptSignHash as BCryptSignHash
    from cngcore.flat.operations import BCryptVerifySignature as BCryptVerifySignature
    from cngcore.header import BCRYPT_ALGORITHM_IDENTIFIER as BCRYPT_ALGORITHM_IDENTIFIER
    from cngcore.header import BCRYPT_OAEP_PADDING_INFO as BCRYPT_OAEP_PADDING_INFO
    from cngcore.header import BCRYPT_PKCS1_PADDING_INFO as BCRYPT_PKCS1_PADDING_INFO
    from cngcore.header import BCRYPT_PQDSA_PADDING_INFO as BCRYPT_PQDSA_PADDING_INFO
    from cngcore.header import BCRYPT_PSS_PADDING_INFO as BCRYPT_PSS_PADDING_INFO
    from cngcore.header import BCryptBuffer as BCryptBuffer

_LATER = {
    "cngcore.flat.operations": (
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
    "cngcore.flat.hashes": (
        "BCryptCreateHash",
        "BCryptDestroyHash",
        "BCryptDuplicateHash",
        "BCryptFinishHash",
        "BCryptGenRandom",
        "BCryptHash",
        "BCryptHashData",
    ),
    "cngcore.header": (
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
