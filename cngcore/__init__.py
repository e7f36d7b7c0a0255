"""cngcore: the contract of BCryptGenerateKeyPair on any operating system, with the algorithms as plug-ins.

Open an algorithm by name, get an empty key of a checked length, set its properties, finalize it, use it, destroy it::

    with cngcore.open_algorithm_provider("RSA") as rsa, rsa.generate_key_pair(3072) as key:
        key.finalize()
        signature = key.sign_hash(digest, padding=cngcore.Pss("SHA256", salt_length=32))

The same as a C programmer knows it is in :mod:`cngcore.bcrypt`. Names are imported when they are first used, so that
``import cngcore`` costs next to nothing.
"""

from sys import modules as _modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore import bcrypt as bcrypt
    from cngcore import irql as irql
    from cngcore import memory as memory
    from cngcore import provider as provider
    from cngcore import registry as registry
    from cngcore.blobs.dh import DhParameters as DhParameters
    from cngcore.blobs.dsa import DsaParameters as DsaParameters
    from cngcore.blobs.ecc import EccParameters as EccParameters
    from cngcore.objects._algorithm import AlgorithmProvider as AlgorithmProvider
    from cngcore.objects._algorithm import Provenance as Provenance
    from cngcore.objects._keypair import KeyPair as KeyPair
    from cngcore.objects._secret import Secret as Secret
    from cngcore.padding import ExternalMu as ExternalMu
    from cngcore.padding import Oaep as Oaep
    from cngcore.padding import Pkcs1 as Pkcs1
    from cngcore.padding import PqDsa as PqDsa
    from cngcore.padding import Pss as Pss
    from cngcore.provider._structures import KeyLengths as KeyLengths
    from cngcore.registry import Registry as Registry
    from cngcore.status import AccessDeniedError as AccessDeniedError
    from cngcore.status import BadDataError as BadDataError
    from cngcore.status import BufferTooSmallError as BufferTooSmallError
    from cngcore.status import CancelledError as CancelledError
    from cngcore.status import CngError as CngError
    from cngcore.status import InternalError as InternalError
    from cngcore.status import InvalidBufferSizeError as InvalidBufferSizeError
    from cngcore.status import InvalidHandleError as InvalidHandleError
    from cngcore.status import InvalidParameterError as InvalidParameterError
    from cngcore.status import InvalidSignatureError as InvalidSignatureError
    from cngcore.status import NotFoundError as NotFoundError
    from cngcore.status import NotSupportedError as NotSupportedError
    from cngcore.status import NTStatus as NTStatus

__version__ = "0.1.0"

_HOMES = {
    "AlgorithmProvider": "objects._algorithm",
    "Provenance": "objects._algorithm",
    "DhParameters": "blobs.dh",
    "DsaParameters": "blobs.dsa",
    "EccParameters": "blobs.ecc",
    "KeyPair": "objects._keypair",
    "ExternalMu": "padding",
    "Oaep": "padding",
    "Pkcs1": "padding",
    "PqDsa": "padding",
    "Pss": "padding",
    "Registry": "registry",
    "Secret": "objects._secret",
    "AccessDeniedError": "status",
    "BadDataError": "status",
    "BufferTooSmallError": "status",
    "CancelledError": "status",
    "CngError": "status",
    "InternalError": "status",
    "InvalidBufferSizeError": "status",
    "InvalidHandleError": "status",
    "InvalidParameterError": "status",
    "InvalidSignatureError": "status",
    "NotFoundError": "status",
    "NotSupportedError": "status",
    "NTStatus": "status",
    "KeyLengths": "provider._structures",
}
_MODULES = ("bcrypt", "constants", "irql", "memory", "provider", "registry", "status")

__all__ = ["__version__", "generate_key_pair", "open_algorithm_provider", *_HOMES, *_MODULES]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None and name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    path = f"{__name__}.{home or name}"
    __import__(path)  # not importlib, which itself would have to be imported
    module = _modules[path]
    value = module if home is None else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def open_algorithm_provider(
    name: str,
    implementation: str | None = None,
    flags: int = 0,
    *,
    key_length: int | None = None,
    parameter_set: str | None = None,
    operation: str | None = None,
) -> "AlgorithmProvider":
    """Open an algorithm with the default registry; see :meth:`Registry.open_algorithm_provider`."""
    from cngcore.registry import default

    return default().open_algorithm_provider(
        name, implementation, flags, key_length=key_length, parameter_set=parameter_set, operation=operation
    )


def generate_key_pair(
    name: str,
    length: int = 0,
    *,
    parameter_set: str | None = None,
    curve: str | None = None,
    implementation: str | None = None,
    flags: int = 0,
) -> "KeyPair":
    """A finalized key pair in one step, with the default registry; see :meth:`Registry.generate_key_pair`."""
    from cngcore.registry import default

    return default().generate_key_pair(
        name, length, parameter_set=parameter_set, curve=curve, implementation=implementation, flags=flags
    )
