"""The flat API: bcrypt.h's names, integer handles, NTSTATUS, the caller's buffers (api.md section 1).

Each function looks its handles up, calls the object behind them, and answers with a status; nothing is decided there
that an object could decide. No function raises for anything a caller passes. The functions stand, by subject, in
:mod:`cngcore.flat`; this module is their one public home, with the constants, statuses and structures of the header.
"""

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
from cngcore.flat.hashes import (
    BCryptCreateHash,
    BCryptDestroyHash,
    BCryptDuplicateHash,
    BCryptFinishHash,
    BCryptGenRandom,
    BCryptHash,
    BCryptHashData,
)
from cngcore.flat.keys import (
    BCryptDestroyKey,
    BCryptDuplicateKey,
    BCryptExportKey,
    BCryptFinalizeKeyPair,
    BCryptGenerateKeyPair,
    BCryptImportKeyPair,
)
from cngcore.flat.operations import (
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
from cngcore.status import *

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.header import BCRYPT_ALGORITHM_IDENTIFIER as BCRYPT_ALGORITHM_IDENTIFIER
    from cngcore.header import BCRYPT_OAEP_PADDING_INFO as BCRYPT_OAEP_PADDING_INFO
    from cngcore.header import BCRYPT_PKCS1_PADDING_INFO as BCRYPT_PKCS1_PADDING_INFO
    from cngcore.header import BCRYPT_PQDSA_PADDING_INFO as BCRYPT_PQDSA_PADDING_INFO
    from cngcore.header import BCRYPT_PSS_PADDING_INFO as BCRYPT_PSS_PADDING_INFO
    from cngcore.header import BCryptBuffer as BCryptBuffer

_STRUCTURES = (
    "BCRYPT_ALGORITHM_IDENTIFIER", "BCRYPT_OAEP_PADDING_INFO", "BCRYPT_PKCS1_PADDING_INFO",
    "BCRYPT_PQDSA_PADDING_INFO", "BCRYPT_PSS_PADDING_INFO", "BCryptBuffer",
)  # fmt: skip


def __getattr__(name: str) -> object:
    """The header's structures, imported when they are first used: they are dataclasses."""
    if name in _STRUCTURES:
        from cngcore import header

        return getattr(header, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    *(name for name in list(globals()) if name.startswith("BCrypt") and name not in _STRUCTURES),
    *_constants.__all__,
    "NTStatus",
    *(name for name in vars(_status) if name.startswith(("STATUS_", "NTE_"))),
    *_STRUCTURES,
]
