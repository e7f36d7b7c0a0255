"""cngcore: the contract of BCryptGenerateKeyPair on any operating system, with the algorithms as plug-ins.

Make a key, sign, save it, load it::

    key = cngcore.generate_key_pair("RSA")
    signature = key.sign(b"message")
    key.save("captain.pem", passphrase="...")
    cngcore.load_key("captain.pem", passphrase="...").verify(b"message", signature)

Or step by step, as bcrypt.h has it: open an algorithm by name, get an empty key of a checked length, set its
properties, finalize it, use it, destroy it::

    with cngcore.open_algorithm_provider("RSA") as rsa, rsa.generate_key_pair(3072) as key:
        key.finalize()
        signature = key.sign_hash(digest, padding=cngcore.Pss("SHA256", salt_length=32))

:mod:`cngcore.bcrypt` offers the same as a C programmer knows it. Names are imported on first use, so ``import cngcore``
takes almost no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore._imports import lazy_names as _lazy_names

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from cngcore import bcrypt as bcrypt
    from cngcore import bulk as bulk
    from cngcore import constants as constants
    from cngcore import formats as formats
    from cngcore import irql as irql
    from cngcore import memory as memory
    from cngcore import policy as policy
    from cngcore import pool as pool
    from cngcore import provider as provider
    from cngcore import registry as registry
    from cngcore import status as status
    from cngcore.blobs.dh import DhParameters as DhParameters
    from cngcore.blobs.dsa import DsaParameters as DsaParameters
    from cngcore.blobs.ecc import EccParameters as EccParameters
    from cngcore.formats import load_key as load_key
    from cngcore.objects import AlgorithmProvider as AlgorithmProvider
    from cngcore.objects import Authenticated as Authenticated
    from cngcore.objects import AuthenticatedStream as AuthenticatedStream
    from cngcore.objects import Hash as Hash
    from cngcore.objects import KeyPair as KeyPair
    from cngcore.objects import MultiHash as MultiHash
    from cngcore.objects import Provenance as Provenance
    from cngcore.objects import Secret as Secret
    from cngcore.objects import SymmetricKey as SymmetricKey
    from cngcore.padding import ExternalMu as ExternalMu
    from cngcore.padding import Oaep as Oaep
    from cngcore.padding import Pkcs1 as Pkcs1
    from cngcore.padding import PqDsa as PqDsa
    from cngcore.padding import Pss as Pss
    from cngcore.provider import KeyLengths as KeyLengths
    from cngcore.registry import Registry as Registry
    from cngcore.status import AccessDeniedError as AccessDeniedError
    from cngcore.status import AuthTagMismatchError as AuthTagMismatchError
    from cngcore.status import BadDataError as BadDataError
    from cngcore.status import BufferTooSmallError as BufferTooSmallError
    from cngcore.status import CancelledError as CancelledError
    from cngcore.status import CngError as CngError
    from cngcore.status import DataError as DataError
    from cngcore.status import InternalError as InternalError
    from cngcore.status import InvalidBufferSizeError as InvalidBufferSizeError
    from cngcore.status import InvalidHandleError as InvalidHandleError
    from cngcore.status import InvalidParameterError as InvalidParameterError
    from cngcore.status import InvalidSignatureError as InvalidSignatureError
    from cngcore.status import NotFoundError as NotFoundError
    from cngcore.status import NotSupportedError as NotSupportedError
    from cngcore.status import NTStatus as NTStatus

__version__ = "0.1.0"

_NAMES = {
    "cngcore": (
        "bcrypt",
        "bulk",
        "constants",
        "formats",
        "irql",
        "memory",
        "policy",
        "pool",
        "provider",
        "registry",
        "status",
    ),
    "cngcore.blobs.ecc": ("EccParameters",),
    "cngcore.blobs.dh": ("DhParameters",),
    "cngcore.blobs.dsa": ("DsaParameters",),
    "cngcore.formats": ("load_key",),
    "cngcore.objects": (
        "AlgorithmProvider",
        "Authenticated",
        "AuthenticatedStream",
        "Hash",
        "KeyPair",
        "MultiHash",
        "Provenance",
        "Secret",
        "SymmetricKey",
    ),
    "cngcore.padding": ("ExternalMu", "Oaep", "Pkcs1", "PqDsa", "Pss"),
    "cngcore.provider": ("KeyLengths",),
    "cngcore.registry": ("Registry",),
    "cngcore.status": (
        "AccessDeniedError",
        "AuthTagMismatchError",
        "BadDataError",
        "BufferTooSmallError",
        "CancelledError",
        "CngError",
        "DataError",
        "InternalError",
        "InvalidBufferSizeError",
        "InvalidHandleError",
        "InvalidParameterError",
        "InvalidSignatureError",
        "NotFoundError",
        "NotSupportedError",
        "NTStatus",
    ),
}

__all__ = [
    "__version__",
    "generate_key_pair",
    "generate_symmetric_key",
    "open_algorithm_provider",
    "pbkdf2",
    *(name for names in _NAMES.values() for name in names),
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = _lazy_names(
        __name__,
        {name: f"cngcore.{name}" if home == "cngcore" else home for home, names in _NAMES.items() for name in names},
    )


def open_algorithm_provider(
    name: str,
    implementation: str | None = None,
    flags: int = 0,
    *,
    key_length: int | None = None,
    parameter_set: str | None = None,
    curve: str | None = None,
    operation: str | None = None,
    mode: str | None = None,
    effective_key_length: int | None = None,
    message_block_length: int | None = None,
) -> AlgorithmProvider:
    """Open an algorithm, with the default registry (``BCryptOpenAlgorithmProvider``).

    ``implementation`` names one of several. ``key_length`` to ``operation`` are requirements that the implementation
    must meet; ``mode`` (``"GCM"``) and the lengths after it are settings of a cipher. See
    :meth:`Registry.open_algorithm_provider`.

    >>> with open_algorithm_provider("RSA") as rsa, rsa.generate_key_pair(2048) as key:
    ...     key.finalize()
    ...     key.length
    2048
    """
    from cngcore.registry import default

    return default().open_algorithm_provider(
        name,
        implementation,
        flags,
        key_length=key_length,
        parameter_set=parameter_set,
        curve=curve,
        operation=operation,
        mode=mode,
        effective_key_length=effective_key_length,
        message_block_length=message_block_length,
    )


def generate_symmetric_key(
    name: str,
    secret: Buffer | None = None,
    *,
    length: int = 256,
    mode: str | None = None,
    implementation: str | None = None,
) -> SymmetricKey:
    """Make a symmetric key in one step, with the default registry.

    ``secret`` None means ``length`` random bits, which CNG itself has not. ``mode`` is ``"CBC"``, ``"GCM"``, ...; None
    means the default of the algorithm. A secret longer than the longest legal one is cut, as Windows does.

    Raise NotFoundError for a name that nothing installed serves, InvalidParameterError for any other illegal length,
    and NotSupportedError for a mode that the algorithm does not have.

    >>> with generate_symmetric_key("AES", mode="GCM") as key:
    ...     nonce = key.new_nonce()
    ...     ciphertext, tag = key.encrypt_authenticated(b"ten euros", nonce)
    ...     key.decrypt_authenticated(ciphertext, nonce, tag)
    bytearray(b'ten euros')
    """
    from cngcore.registry import default

    try:
        return default().generate_symmetric_key(name, secret, length=length, mode=mode, implementation=implementation)
    except BaseException:
        del secret  # no traceback shows it
        raise


def pbkdf2(hash: str, password: Buffer, salt: Buffer, iterations: int, length: int) -> bytes:
    """Derive ``length`` bytes from a password with the default registry (``BCryptDeriveKeyPBKDF2``).

    ``hash`` is the hash of the HMAC: ``"SHA256"``. Raise InvalidParameterError for less than one iteration or byte.

    >>> pbkdf2("SHA1", b"password", b"salt", 2, 20).hex()
    'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957'
    """
    from cngcore.registry import default

    try:
        return default().pbkdf2(hash, password, salt, iterations, length)
    except BaseException:
        del password  # no traceback shows it
        raise


def generate_key_pair(
    name: str,
    length: int = 0,
    *,
    parameter_set: str | None = None,
    curve: str | None = None,
    implementation: str | None = None,
    flags: int = 0,
) -> KeyPair:
    """Make a finalized key pair in one step, with the default registry.

    ``name`` is an algorithm of bcrypt.h, exactly as there, or says more at once: ``"X25519"``, ``"ML-KEM-768"``.
    ``length`` is in bits; 0 means 3072 for RSA, DSA and DH, and the only length of a curve. ``curve`` is for ECDSA and
    ECDH, and ``parameter_set`` for ML-KEM (default 768) and ML-DSA (default 65). ``implementation`` names one of
    several. ``flags`` are those of ``BCryptGenerateKeyPair``.

    Raise NotFoundError for a name that nothing installed serves, InvalidParameterError for a length, curve or parameter
    set that the algorithm does not have. :meth:`Registry.generate_key_pair` does the same with a registry of your own.

    >>> generate_key_pair("RSA"), generate_key_pair("ECDSA_P256"), generate_key_pair("ML-KEM-768")
    (<KeyPair RSA 3072, private ...>, <KeyPair ECDSA_P256, private ...>, <KeyPair ML-KEM 768, private ...>)
    """
    from cngcore.registry import default

    return default().generate_key_pair(
        name, length, parameter_set=parameter_set, curve=curve, implementation=implementation, flags=flags
    )
