"""The flat API: bcrypt.h's names, integer handles, NTSTATUS, the caller's buffers.

Each function looks its handles up, calls the object behind them, and answers with a status; nothing is decided here
that an object could decide. No function raises for anything a caller passes: every exception ends in
:func:`_status_of`. Names, arguments and returns are those of api.md section 1.
"""

from cngcore import constants as _c
from cngcore import handles as _handles
from cngcore import irql as _irql
from cngcore import registry as _registry
from cngcore import status as _s
from cngcore import windows as _windows
from cngcore.algorithm import AlgorithmProvider as _AlgorithmProvider
from cngcore.arguments import check_dword as _check_dword
from cngcore.arguments import check_text as _check_text
from cngcore.arguments import to_bytes as _to_bytes
from cngcore.constants import *  # noqa: F403 - the header's constants are part of this module's surface
from cngcore.keypair import KeyPair as _KeyPair
from cngcore.properties import decode as _decode
from cngcore.properties import encode as _encode
from cngcore.status import *  # noqa: F403
from cngcore.status import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_NO_MEMORY,
    STATUS_SUCCESS,
    CngError,
    InvalidHandleError,
    InvalidParameterError,
    NotFoundError,
    NotSupportedError,
    NTStatus,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.header import (
        BCRYPT_ALGORITHM_IDENTIFIER,
    )
    from cngcore.secret import Secret as _Secret

_STRUCTURES = (
    "BCRYPT_ALGORITHM_IDENTIFIER", "BCRYPT_OAEP_PADDING_INFO", "BCRYPT_PKCS1_PADDING_INFO",
    "BCRYPT_PQDSA_PADDING_INFO", "BCRYPT_PSS_PADDING_INFO", "BCryptBuffer",
)  # fmt: skip

_algorithms, _keys, _secrets, _new_handle = _handles.algorithms, _handles.keys, _handles.secrets, _handles.new


def __getattr__(name: str) -> object:
    if name in _STRUCTURES:
        from cngcore import header

        return getattr(header, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# --- handles -----------------------------------------------------------------------------------------------


def _pseudo_handles() -> "dict[int, str | None]":
    """Every pseudo-handle number, with the algorithm it opens; None where no id of bcrypt.h is the same algorithm."""
    return {
        value: getattr(_c, name.removesuffix("_ALG_HANDLE") + "_ALGORITHM", None)
        for name, value in vars(_c).items()
        if name.endswith("_ALG_HANDLE")
    }


_PSEUDO = _pseudo_handles()


def _plain(handle: object) -> int:
    """A handle as a plain int; InvalidHandleError for anything that is not a number."""
    if issubclass(type(handle), int) and type(handle) is not bool:
        return int.__index__(handle) + 0  # type: ignore[arg-type]
    raise InvalidHandleError(f"a handle is an int, not {type(handle).__name__}")


def _algorithm(handle: object) -> _AlgorithmProvider:
    if type(handle) is int:
        provider = _algorithms.get(handle)
        if provider is not None:
            return provider
    return _rarer_algorithm(_plain(handle))


def _rarer_algorithm(number: int) -> _AlgorithmProvider:
    """A pseudo-handle that nobody has used yet; the provider it stands for is opened and kept under its number."""
    if number not in _PSEUDO or not _pseudo_handles_exist():
        if (provider := _algorithms.get(number)) is not None and not number & 15:
            return provider
        raise InvalidHandleError(f"{number:#x} is not the handle of an open algorithm")
    if _irql.raised:
        _irql.require_dispatch(False)
    name = _PSEUDO[number]
    if name is None:
        raise NotSupportedError(f"no provider serves the pseudo-handle {number:#x}")
    try:
        provider = _registry.default().open_algorithm_provider(name)
    except NotFoundError as error:
        raise NotSupportedError(error.message) from None
    provider.handle = number
    return _algorithms.setdefault(number, provider)


def _pseudo_handles_exist() -> bool:
    version = _registry.default().settings.windows
    return _windows.release(version) >= _windows.release(_windows.PSEUDO_HANDLES_SINCE)


def _key(handle: object) -> _KeyPair:
    key = _keys.get(handle if type(handle) is int else _plain(handle))
    if key is None:
        raise InvalidHandleError(f"{handle!r:.20} is not the handle of a live key")
    return key


def _secret(handle: object) -> "_Secret":
    secret = _secrets.get(handle if type(handle) is int else _plain(handle))
    if secret is None:
        raise InvalidHandleError(f"{handle!r:.20} is not the handle of a live secret")
    return secret


def _object(handle: object) -> "_AlgorithmProvider | _KeyPair | _Secret":
    number = _plain(handle)
    return _keys.get(number) or _secrets.get(number) or _algorithm(number)


def _give(key: _KeyPair) -> int:
    handle = _new_handle()
    _keys[handle] = key
    return handle


# --- statuses and buffers ------------------------------------------------------------------------------------


def _status_of(error: BaseException) -> NTStatus:
    """The one place where an exception becomes a status.

    A provider's own fault has become InternalError before it gets here, so whatever else arrives was raised by an
    object that the caller passed (a buffer, a string) when it was looked at.
    """
    if isinstance(error, CngError):
        return error.status
    if isinstance(error, KeyboardInterrupt):
        raise error
    if isinstance(error, MemoryError):
        return STATUS_NO_MEMORY
    from cngcore.faults import log

    log("an argument raised %s when it was looked at", type(error).__name__)
    return STATUS_INVALID_PARAMETER


def _writable(name: str, output: object) -> memoryview:
    try:
        view = memoryview(output).cast("B")  # type: ignore[arg-type]
    except (TypeError, ValueError, BufferError):
        raise InvalidParameterError(f"{name} is a writable buffer or None, not {type(output).__name__}") from None
    if view.readonly:
        raise InvalidParameterError(f"{name} cannot be written to: {type(output).__name__}")
    return view


def _answer(data: "bytes | bytearray", output: object, name: str = "pbOutput") -> tuple[NTStatus, int]:
    """Size query, too short, or written: contract.md section 0.3. Secret bytes (a bytearray) are wiped afterwards."""
    size = len(data)
    if output is None:
        status = STATUS_SUCCESS
    else:
        view = _writable(name, output)
        if len(view) < size:
            status = STATUS_BUFFER_TOO_SMALL
        else:
            view[:size] = data
            status = STATUS_SUCCESS
    if type(data) is bytearray:
        data[:] = bytes(size)
    return status, size


def _no_flags(flags: object) -> None:
    _check_dword("dwFlags", flags)
    if flags:
        raise InvalidParameterError(f"this function takes no flags, not 0x{flags:X}")


def _given(name: str, data: object) -> object:
    if data is None:
        raise InvalidParameterError(f"{name} is NULL")
    return data


# --- algorithms ------------------------------------------------------------------------------------------------


def BCryptOpenAlgorithmProvider(
    pszAlgId: str, pszImplementation: str | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Open an algorithm; STATUS_NOT_FOUND where no provider serves it. Contract section 1."""
    try:
        provider = _registry.default().open_algorithm_provider(pszAlgId, pszImplementation, dwFlags)
        handle = provider.handle = _new_handle()
        _algorithms[handle] = provider
    except BaseException as error:
        return _status_of(error), None
    return STATUS_SUCCESS, handle


def BCryptCloseAlgorithmProvider(hAlgorithm: int, dwFlags: int = 0) -> NTStatus:
    """Close an algorithm; its keys live on. A pseudo-handle cannot be closed. Contract section 2."""
    try:
        number = _plain(hAlgorithm)
        provider = None if number & 15 else _algorithms.pop(number, None)
        if provider is None:
            raise InvalidHandleError(f"{number:#x} is not the handle of an open algorithm")
        try:
            _no_flags(dwFlags)
            provider.close()
        except BaseException:
            _algorithms[number] = provider
            raise
    except BaseException as error:
        return _status_of(error)
    return STATUS_SUCCESS


def BCryptEnumAlgorithms(
    dwAlgOperations: int = 0, dwFlags: int = 0
) -> "tuple[NTStatus, list[BCRYPT_ALGORITHM_IDENTIFIER] | None]":
    """Algorithms that offer one of the operations (0: all), once per interface. Contract section 20."""
    try:
        _irql.require_passive("BCryptEnumAlgorithms")
        from cngcore.header import BCRYPT_ALGORITHM_IDENTIFIER, interfaces, operation_mask

        mask = operation_mask(dwAlgOperations)
        _no_flags(dwFlags)
        registry = _registry.default()
        found = [
            BCRYPT_ALGORITHM_IDENTIFIER(name, interface, 0)
            for name in registry.algorithms()
            for interface in sorted(
                {i for one in registry.candidates(name) for i in interfaces(one.algorithm.operations)}
            )
            if mask & 1 << (interface - 1)
        ]
    except BaseException as error:
        return _status_of(error), None
    return STATUS_SUCCESS, found


def BCryptEnumProviders(pszAlgId: str, dwFlags: int = 0) -> tuple[NTStatus, list[str] | None]:
    """Implementation names of one algorithm, best first; STATUS_NOT_FOUND where there is none. Contract section 21."""
    try:
        _irql.require_passive("BCryptEnumProviders")
        _check_text("pszAlgId", pszAlgId)
        _no_flags(dwFlags)
        explanation = _registry.default().explain(pszAlgId)
        explanation.required()
        names = [verdict.candidate.implementation for verdict in explanation.verdicts]
    except BaseException as error:
        return _status_of(error), None
    return STATUS_SUCCESS, names


def BCryptEnumRegisteredProviders() -> tuple[NTStatus, list[str] | None]:
    """Names of the installed distributions that provide algorithms. Contract section 22."""
    try:
        _irql.require_passive("BCryptEnumRegisteredProviders")
        names = [str(record["distribution"]) for record in _registry.default().providers() if record["algorithms"]]
    except BaseException as error:
        return _status_of(error), None
    return STATUS_SUCCESS, names


def BCryptGetFipsAlgorithmMode() -> tuple[NTStatus, bool | None]:
    """Whether a policy asks for approved algorithms only: it does not; cngcore claims no validation. Section 24."""
    return STATUS_SUCCESS, False


# --- properties ------------------------------------------------------------------------------------------------


def BCryptSetProperty(hObject: int, pszProperty: str, pbInput: object, dwFlags: int = 0) -> NTStatus:
    """Set a property of an algorithm, of a key before it is finalized, or of a secret. Contract section 4."""
    try:
        number = _plain(hObject)
        if number in _PSEUDO and _pseudo_handles_exist():
            raise _s.AccessDeniedError(f"{number:#x} is a pseudo-handle: its properties cannot be set")
        target = _object(number)
        _check_text("pszProperty", pszProperty)
        _no_flags(dwFlags)
        kind = target.type_to_set(pszProperty)
        data = pbInput if isinstance(pbInput, str | int) or pbInput is None else _to_bytes("pbInput", pbInput)
        if _irql.raised:
            _irql.require_locked(pbInput)
        target.set_property(pszProperty, _decode(pszProperty, kind, data))
    except BaseException as error:
        return _status_of(error)
    return STATUS_SUCCESS


def BCryptGetProperty(
    hObject: int, pszProperty: str, pbOutput: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Read a property. Contract section 5."""
    try:
        target = _object(hObject)
        _check_text("pszProperty", pszProperty)
        _no_flags(dwFlags)
        if _irql.raised:
            _irql.require_locked(pbOutput)
        value = target.get_property(pszProperty)
        if isinstance(value, _AlgorithmProvider):
            return _answer((value.handle or 0).to_bytes(8, "little"), pbOutput)
        address = 0
        if isinstance(value, tuple) and pbOutput is not None:
            from ctypes import addressof, c_char

            view = _writable("pbOutput", pbOutput)
            address = addressof(c_char.from_buffer(view)) if len(view) else 0
        return _answer(_encode(value, address), pbOutput)
    except BaseException as error:
        return _status_of(error), None


# --- keys ------------------------------------------------------------------------------------------------------


def BCryptGenerateKeyPair(hAlgorithm: int, dwLength: int, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Create an empty key pair: set its properties, then finalize it. Contract section 3."""
    try:
        key = _algorithm(hAlgorithm).generate_key_pair(dwLength, dwFlags)
        handle = _new_handle()
        _keys[handle] = key
        return STATUS_SUCCESS, handle
    except BaseException as error:
        return _status_of(error), None


def BCryptFinalizeKeyPair(hKey: int, dwFlags: int = 0) -> NTStatus:
    """Make the key; from here on it can be used. Once only. Contract section 6."""
    try:
        (_keys.get(hKey if type(hKey) is int else _plain(hKey)) or _key(hKey)).finalize(dwFlags)
    except BaseException as error:
        return _status_of(error)
    return STATUS_SUCCESS


def BCryptDestroyKey(hKey: int) -> NTStatus:
    """Destroy a key, finalized or not; its secret bytes are wiped. Contract section 7."""
    try:
        number = hKey if type(hKey) is int else _plain(hKey)
        if _irql.raised and number in _keys:
            _irql.require_dispatch(_keys[number].dispatch)
        key = _keys.pop(number, None)
        if key is None:
            raise InvalidHandleError(f"{number:#x} is not the handle of a live key")
        key.destroy()
    except BaseException as error:
        return _status_of(error)
    return STATUS_SUCCESS


def BCryptDuplicateKey(hKey: int, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Copies symmetric keys only: a key pair is STATUS_INVALID_HANDLE. Export and import it. Contract section 8."""
    try:
        _key(hKey)
        raise InvalidHandleError("BCryptDuplicateKey copies symmetric keys; export a key pair and import it")
    except BaseException as error:
        return _status_of(error), None


def BCryptImportKeyPair(
    hAlgorithm: int, hImportKey: int | None, pszBlobType: str, pbInput: object, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Make a finalized key from a blob. Contract section 9."""
    try:
        provider = _algorithm(hAlgorithm)
        if hImportKey is not None and hImportKey != 0:
            raise InvalidParameterError("hImportKey must be NULL for a key pair")
        if _irql.raised:
            _irql.require_locked(pbInput)
        return STATUS_SUCCESS, _give(provider.import_key_pair(pszBlobType, _given("pbInput", pbInput), dwFlags))
    except BaseException as error:
        return _status_of(error), None


def BCryptExportKey(
    hKey: int, hExportKey: int | None, pszBlobType: str, pbOutput: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """The key as a blob. Contract section 10."""
    try:
        key = _key(hKey)
        key.require(None)
        if hExportKey is not None and hExportKey != 0:
            raise InvalidParameterError("hExportKey must be NULL for a key pair")
        _no_flags(dwFlags)
        if _irql.raised:
            _irql.require_locked(pbOutput)
        return _answer(key.export(pszBlobType), pbOutput)
    except BaseException as error:
        return _status_of(error), None


# --- operations ------------------------------------------------------------------------------------------------


def BCryptSignHash(
    hKey: int, pPaddingInfo: object, pbInput: object, pbOutput: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Sign a digest. A size query needs no digest and no private key. Contract section 11."""
    try:
        key = _key(hKey)
        size = key.size_of("sign")
        _check_dword("dwFlags", dwFlags)
        if pbOutput is None:
            return STATUS_SUCCESS, size
        if _irql.raised:
            _irql.require_locked(pbInput, pbOutput)
        from cngcore.header import signature_padding

        padding = signature_padding(pPaddingInfo, dwFlags, key.windows, verify=False)
        digest = _to_bytes("pbInput", _given("pbInput", pbInput))
        if len(_writable("pbOutput", pbOutput)) < size:
            return STATUS_BUFFER_TOO_SMALL, size
        return _answer(key.sign_hash(digest, padding), pbOutput)
    except BaseException as error:
        return _status_of(error), None


def BCryptVerifySignature(
    hKey: int, pPaddingInfo: object, pbHash: object, pbSignature: object, dwFlags: int = 0
) -> NTStatus:
    """Verify a signature: STATUS_SUCCESS or STATUS_INVALID_SIGNATURE. Contract section 12."""
    try:
        key = _key(hKey)
        key.require("sign")
        if _irql.raised:
            _irql.require_locked(pbHash, pbSignature)
        from cngcore.header import signature_padding

        padding = signature_padding(pPaddingInfo, dwFlags, key.windows, verify=True)
        key.verify_signature(_given("pbHash", pbHash), _given("pbSignature", pbSignature), padding)
    except BaseException as error:
        return _status_of(error)
    return STATUS_SUCCESS


def BCryptEncrypt(
    hKey: int,
    pbInput: object,
    pPaddingInfo: object = None,
    pbIV: object = None,
    pbOutput: object = None,
    dwFlags: int = 0,
) -> tuple[NTStatus, int | None]:
    """Encrypt with a public key; pbIV is ignored for key pairs. Contract section 13."""
    try:
        key = _key(hKey)
        size = key.size_of("encrypt")
        _check_dword("dwFlags", dwFlags)
        plaintext = _to_bytes("pbInput", _given("pbInput", pbInput))
        if pbOutput is None:
            return STATUS_SUCCESS, size
        if _irql.raised:
            _irql.require_locked(pbInput, pbOutput)
        from cngcore.header import encryption_padding

        padding = encryption_padding(pPaddingInfo, dwFlags)
        if len(_writable("pbOutput", pbOutput)) < size:
            return STATUS_BUFFER_TOO_SMALL, size
        return _answer(key.encrypt(plaintext, padding), pbOutput)
    except BaseException as error:
        return _status_of(error), None


def BCryptDecrypt(
    hKey: int,
    pbInput: object,
    pPaddingInfo: object = None,
    pbIV: object = None,
    pbOutput: object = None,
    dwFlags: int = 0,
) -> tuple[NTStatus, int | None]:
    """Decrypt with a private key. A size query really decrypts: it gives the exact length. Contract section 14."""
    try:
        key = _key(hKey)
        key.require("encrypt")
        if _irql.raised:
            _irql.require_locked(pbInput, pbOutput)
        from cngcore.header import encryption_padding

        padding = encryption_padding(pPaddingInfo, dwFlags)
        if pbOutput is not None:
            _writable("pbOutput", pbOutput)
        return _answer(bytearray(key.decrypt(_given("pbInput", pbInput), padding)), pbOutput)
    except BaseException as error:
        return _status_of(error), None


def BCryptSecretAgreement(hPrivKey: int, hPubKey: int, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Agree on a secret. Handles are checked first, then whether the keys can agree. Contract section 15."""
    try:
        private, public = _key(hPrivKey), _key(hPubKey)
        private.require("agree")
        _no_flags(dwFlags)
        secret = private.agree(public)
        handle = _new_handle()
        _secrets[handle] = secret
    except BaseException as error:
        return _status_of(error), None
    return STATUS_SUCCESS, handle


def BCryptDeriveKey(
    hSharedSecret: int, pwszKDF: str, pParameterList: object = None, pbDerivedKey: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Derive a key from a secret. A short buffer truncates, and succeeds. Contract section 16."""
    try:
        secret = _secret(hSharedSecret)
        _check_text("pwszKDF", pwszKDF)
        _check_dword("dwFlags", dwFlags)
        if dwFlags & ~_c.KDF_USE_SECRET_AS_HMAC_KEY_FLAG:
            raise InvalidParameterError(f"BCryptDeriveKey takes no flags 0x{dwFlags:X}")
        from cngcore import header

        given = header.kdf_parameters(pParameterList, secret.windows)
        if pwszKDF == _c.BCRYPT_KDF_HMAC:
            header.check_hmac_key(given, bool(dwFlags))
        elif pwszKDF == _c.BCRYPT_KDF_HKDF:
            given.hash = given.salt = None  # they come as properties of the secret, and only so (section 4.7)
        view = None if pbDerivedKey is None else _writable("pbDerivedKey", pbDerivedKey)
        if _irql.raised:
            _irql.require_locked(pbDerivedKey)
        derived = bytearray(secret.derive_with(pwszKDF, None if view is None else len(view), given))
        return _answer(derived, pbDerivedKey, "pbDerivedKey")
    except BaseException as error:
        return _status_of(error), None


def BCryptDestroySecret(hSecret: int) -> NTStatus:
    """Wipe a secret. Contract section 17."""
    try:
        _secret(hSecret).destroy()
        _secrets.pop(_plain(hSecret), None)
    except BaseException as error:
        return _status_of(error)
    return STATUS_SUCCESS


def _kem_key(handle: object) -> _KeyPair:
    """NULL is STATUS_INVALID_PARAMETER for the two KEM functions, as their pages say (api.md section 7)."""
    if handle is None or (type(handle) is int and handle == 0):
        raise InvalidParameterError("hKey is NULL")
    return _key(handle)


def BCryptEncapsulate(
    hKey: int, pbSecretKey: object = None, pbCipherText: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None, int | None]:
    """A fresh shared secret and its ciphertext; both outputs None is the size query. Contract section 18."""
    try:
        key = _kem_key(hKey)
        secret_size, ciphertext_size = key.kem_sizes()
        _no_flags(dwFlags)
        if pbSecretKey is None and pbCipherText is None:
            return STATUS_SUCCESS, secret_size, ciphertext_size
        if _irql.raised:
            _irql.require_locked(pbSecretKey, pbCipherText)
        secret_view = _writable("pbSecretKey", _given("pbSecretKey", pbSecretKey))
        ciphertext_view = _writable("pbCipherText", _given("pbCipherText", pbCipherText))
        if len(secret_view) < secret_size or len(ciphertext_view) < ciphertext_size:
            return STATUS_BUFFER_TOO_SMALL, secret_size, ciphertext_size
        secret, ciphertext = key.encapsulate()
        secret_view[: len(secret)] = secret
        ciphertext_view[: len(ciphertext)] = ciphertext
        return STATUS_SUCCESS, len(secret), len(ciphertext)
    except BaseException as error:
        return _status_of(error), None, None


def BCryptDecapsulate(
    hKey: int, pbCipherText: object, pbSecretKey: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """The shared secret of a ciphertext; wrong content gives another secret, not an error. Contract section 19."""
    try:
        key = _kem_key(hKey)
        secret_size, _ = key.kem_sizes()
        _no_flags(dwFlags)
        ciphertext = _to_bytes("pbCipherText", _given("pbCipherText", pbCipherText))
        if pbSecretKey is None:
            return STATUS_SUCCESS, secret_size
        if _irql.raised:
            _irql.require_locked(pbCipherText, pbSecretKey)
        if len(_writable("pbSecretKey", pbSecretKey)) < secret_size:
            return STATUS_BUFFER_TOO_SMALL, secret_size
        return _answer(bytearray(key.decapsulate(ciphertext)), pbSecretKey, "pbSecretKey")
    except BaseException as error:
        return _status_of(error), None


__all__ = [
    *(name for name in list(globals()) if name.startswith("BCrypt") and name not in _STRUCTURES),
    *_c.__all__,
    "NTStatus",
    *(name for name in vars(_s) if name.startswith(("STATUS_", "NTE_"))),
    *_STRUCTURES,
]
