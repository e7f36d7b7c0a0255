"""Symmetric keys in the flat API: making, importing, encrypting, deriving.

contract: rule-symmetric.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import windows
from cngcore._checks import check_dword, to_bytes
from cngcore._values import from_wide
from cngcore.bcrypt import _handles as handles
from cngcore.bcrypt._answers import Answer, flat, not_null, writable
from cngcore.bcrypt._structures import BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO, BCryptBuffer
from cngcore.status import (
    STATUS_SUCCESS,
    AuthTagMismatchError,
    CngError,
    InvalidParameterError,
    NotSupportedError,
    NTStatus,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from cngcore.objects import SymmetricKey

_CRYPT_FLAGS = c.BCRYPT_BLOCK_PADDING | c.BCRYPT_GENERATE_IV
_INFO_FLAGS = c.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG | c.BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG
_MAC_CONTEXT = 16
"""Bytes of pbMacContext and pbIV in a message of several calls: the longest tag."""

_KDF_NAMES = {
    getattr(c, name): name
    for name in (
        "KDF_HASH_ALGORITHM", "KDF_TLS_PRF_LABEL", "KDF_TLS_PRF_SEED", "KDF_TLS_PRF_PROTOCOL", "KDF_ALGORITHMID",
        "KDF_PARTYUINFO", "KDF_PARTYVINFO", "KDF_SUPPPUBINFO", "KDF_SUPPPRIVINFO", "KDF_LABEL", "KDF_CONTEXT",
        "KDF_SALT", "KDF_ITERATION_COUNT", "KDF_GENERIC_PARAMETER", "KDF_KEYBITLENGTH", "KDF_HKDF_SALT",
        "KDF_HKDF_INFO",
    )
}  # fmt: skip


@flat(1, locked=("pbSecret",))
def BCryptGenerateSymmetricKey(
    hAlgorithm: int | None, pbSecret: Buffer | None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Make a symmetric key of a secret; a longer one than the longest is cut (contract: rule-symmetric-generate)."""
    provider = handles.algorithm_of(hAlgorithm)
    key = provider.generate_symmetric_key(not_null("pbSecret", pbSecret), dwFlags)
    return STATUS_SUCCESS, handles.new_symmetric_handle(key)


@flat(1, locked=("pbInput",))
def BCryptImportKey(
    hAlgorithm: int | None, hImportKey: int | None, pszBlobType: str, pbInput: Buffer | None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Make a symmetric key from a blob; hImportKey unwraps an Rfc3565KeyWrapBlob (contract: rule-symmetric-blobs)."""
    provider = handles.algorithm_of(hAlgorithm)
    kek = handles.optional_symmetric_key_of(hImportKey)
    key = provider.import_key(pszBlobType, not_null("pbInput", pbInput), kek=kek, flags=dwFlags)
    return STATUS_SUCCESS, handles.new_symmetric_handle(key)


@flat(1, locked=("pbDerivedKey",))
def BCryptKeyDerivation(
    hKey: int | None, pParameterList: object = None, pbDerivedKey: Buffer | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Fill a buffer with bytes derived from the key of a key-derivation algorithm; there is no size query.

    contract: rule-kdf-algorithms.
    """
    key = handles.symmetric_key_of(hKey)
    key.require("derive")
    view = writable("pbDerivedKey", not_null("pbDerivedKey", pbDerivedKey))
    view[:] = key.derive_from(_kdf_buffers(pParameterList, key), len(view), check_dword("dwFlags", dwFlags))
    return STATUS_SUCCESS, len(view)


@flat(locked=("pbPassword", "pbSalt", "pbDerivedKey"))
def BCryptDeriveKeyPBKDF2(
    hPrf: int | None,
    pbPassword: Buffer | None,
    pbSalt: Buffer | None,
    cIterations: int,
    pbDerivedKey: Buffer | None,
    dwFlags: int = 0,
) -> NTStatus:
    """Fill a buffer by PBKDF2 with the PRF of a handle: an HMAC, or AES-CMAC (contract: rule-kdf-pbkdf2-function)."""
    prf = handles.algorithm_of(hPrf)
    if windows.release(prf.windows) < windows.release("7"):
        raise NotSupportedError("Windows Vista has no BCryptDeriveKeyPBKDF2")
    if check_dword("dwFlags", dwFlags):
        raise InvalidParameterError(f"BCryptDeriveKeyPBKDF2 takes no flags, not 0x{dwFlags:X}")
    password, salt = not_null("pbPassword", pbPassword), b"" if pbSalt is None else pbSalt
    view = writable("pbDerivedKey", not_null("pbDerivedKey", pbDerivedKey))
    view[:] = prf.pbkdf2(password, salt, cIterations, len(view))
    return STATUS_SUCCESS


@flat(locked=("pbDerivedKey",))
def BCryptDeriveKeyCapi(
    hHash: int | None, hTargetAlg: int | None, pbDerivedKey: Buffer | None, dwFlags: int = 0
) -> NTStatus:
    """Fill a buffer as CryptoAPI's CryptDeriveKey does; the hash object is finished (contract: rule-derive-capi).

    A NULL hash is STATUS_INVALID_PARAMETER, and on Windows 7 STATUS_INVALID_HANDLE.
    """
    if hHash is None or (type(hHash) is int and hHash == 0):
        from cngcore import registry

        if registry.default().settings.windows != "7":
            raise InvalidParameterError("hHash is NULL")
    found = handles.hash_of(hHash)
    null = hTargetAlg is None or (type(hTargetAlg) is int and hTargetAlg == 0)
    target = None if null else handles.algorithm_of(hTargetAlg).declaration.name
    view = writable("pbDerivedKey", not_null("pbDerivedKey", pbDerivedKey))
    view[:] = found.derive_capi(len(view), target, dwFlags)
    return STATUS_SUCCESS


# --- BCryptEncrypt and BCryptDecrypt ----------------------------------------------------------------


def crypt(
    key: SymmetricKey,
    pbInput: Buffer | None,
    info: object,
    pbIV: Buffer | None,
    pbOutput: Buffer | None,
    dwFlags: int,
    *,
    encrypting: bool,
) -> tuple[NTStatus, int]:
    """Encrypt or decrypt with a symmetric key, and write the next IV into the caller's buffer.

    contract: rule-symmetric-encrypt, rule-symmetric-register, rule-symmetric-decrypt.
    """
    key.require("cipher")
    if check_dword("dwFlags", dwFlags) & ~_CRYPT_FLAGS:
        raise InvalidParameterError(f"encryption with a symmetric key takes no flags 0x{dwFlags:X}")
    if dwFlags & c.BCRYPT_GENERATE_IV:
        raise NotSupportedError("BCRYPT_GENERATE_IV is declared in the header, and its meaning is not known")
    padding = bool(dwFlags)
    if key.kind == "authenticated":
        return _crypt_authenticated(key, pbInput, info, pbIV, pbOutput, padding, encrypting)
    if pbInput is None and pbOutput is None:
        return STATUS_SUCCESS, 0
    data = b"" if pbInput is None else to_bytes("pbInput", pbInput)
    if pbOutput is None:
        return STATUS_SUCCESS, key.output_size(len(data), padding, encrypting)
    answer = Answer("pbOutput", pbOutput)
    _no_partial_overlap(pbInput, pbOutput)
    iv, back = None, None
    if pbIV is not None:
        iv = to_bytes("pbIV", pbIV)
        if key.kind == "register":
            back = writable("pbIV", pbIV)
    output, register = key.crypt(data, iv, padding, encrypting, answer.capacity)
    if back is not None and register is not None:
        back[:] = register
    return answer.write(output)


def _crypt_authenticated(
    key: SymmetricKey,
    pbInput: Buffer | None,
    info: object,
    pbIV: Buffer | None,
    pbOutput: Buffer | None,
    padding: bool,
    encrypting: bool,
) -> tuple[NTStatus, int]:
    """Encrypt or decrypt in an authenticated mode. contract: rule-authenticated-calls.

    The checks come in the order of Windows: the structure, the size, the padding flag, which no such mode takes.
    """
    if not isinstance(info, BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO):
        raise InvalidParameterError(
            f"{key.name} in mode {key.mode} needs a BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO, not {type(info).__name__}"
        )
    nonce = info.pbNonce if type(info.pbNonce) is bytes else to_bytes("pbNonce", not_null("pbNonce", info.pbNonce))
    aad = b"" if info.pbAuthData is None else to_bytes("pbAuthData", info.pbAuthData)
    tag = memoryview(not_null("pbTag", info.pbTag)).cast("B")
    data = pbInput if type(pbInput) is bytes else b"" if pbInput is None else to_bytes("pbInput", pbInput)
    if check_dword("info.dwFlags", info.dwFlags) & ~_INFO_FLAGS:
        raise InvalidParameterError(f"the structure of an authenticated mode takes no flags 0x{info.dwFlags:X}")
    chained = info.dwFlags & c.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    key.check_message(len(nonce), len(tag), len(data))
    size = len(data) - len(data) % key.block_length + key.block_length if padding else len(data)
    if pbInput is not None and pbOutput is None:
        return STATUS_SUCCESS, size
    answer = Answer("pbOutput", bytearray() if pbOutput is None else pbOutput, size)
    if answer.short:
        return answer.result()
    if padding:
        raise InvalidParameterError(f"{key.name} in mode {key.mode} takes no block padding (BCRYPT_BLOCK_PADDING)")
    _no_partial_overlap(pbInput, pbOutput)
    if chained or info.chain is not None:
        message = info.chain
        try:
            return answer.write(_continue(key, info, pbIV, nonce, aad, data, tag, encrypting))
        except CngError:
            raise
        except BaseException:  # the same call again is refused, and does not take the piece a second time
            message = info.chain or message
            if message is not None:
                message.abandon()
                info.chain = message
            raise
    if info.dwFlags & c.BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG:
        if encrypting:
            raise InvalidParameterError("the message is in progress by its flag, and was not begun with CHAIN_CALLS")
        raise key.tag_mismatch(len(data))
    if not encrypting:
        return answer.write(key.unseal(nonce, aad, data, bytes(tag)))
    if tag.readonly:
        raise InvalidParameterError(f"pbTag cannot be written to: {type(info.pbTag).__name__}")
    ciphertext, made = key.seal(nonce, aad, data, len(tag))
    tag[:] = made
    return answer.write(ciphertext)


def _continue(
    key: SymmetricKey,
    info: BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO,
    pbIV: Buffer | None,
    nonce: bytes,
    aad: bytes,
    data: bytes,
    tag: memoryview,
    encrypting: bool,
) -> bytes:
    """Take one call of a message of several calls; the state is in the caller's structure.

    The flag CHAIN_CALLS is set in all calls but the last. contract: rule-authenticated-chained.
    """
    if not key.current_mode.chained:
        raise InvalidParameterError(f"{key.name} in mode {key.mode} takes a message in one call")
    for name, buffer in (("pbIV", pbIV), ("pbMacContext", info.pbMacContext)):
        if len(writable(name, not_null(name, buffer))) < _MAC_CONTEXT:
            raise InvalidParameterError(f"{name} of a chained call has {_MAC_CONTEXT} bytes or more")
    last = not info.dwFlags & c.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    if last and encrypting:
        writable("pbTag", info.pbTag)
    chain = info.chain
    if chain is not None and not chain.belongs_to(key, encrypting):
        raise InvalidParameterError(
            "the message of this structure was begun with another key, or in the other direction"
        )
    if chain is None:
        chain = key.chain(nonce, aad, encrypting, len(tag))
        info.cbAAD, info.cbData = 0, 0
        aad_taken = len(aad)
    else:
        aad_taken = 0
    if not last:
        chain.check_piece(len(data))
    output = chain.update(data) if data else b""
    info.chain = None if last else chain
    try:
        if last and encrypting:
            tag[:] = chain.tag(len(tag))
        elif last:
            chain.verify(bytes(tag))
    except AuthTagMismatchError as error:
        error.size = len(data)
        raise
    finally:
        info.cbAAD += aad_taken
        info.cbData += len(data)
        if last:
            info.dwFlags &= ~c.BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG
        else:
            info.dwFlags |= c.BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG
    return output


def _no_partial_overlap(pbInput: Buffer | None, pbOutput: Buffer | None) -> None:
    """Raise InvalidParameterError if the buffers overlap and do not begin at one place.

    contract: rule-symmetric-encrypt; docs/decisions/symmetric.md.
    """
    if type(pbInput) is bytes or pbInput is None or pbOutput is None or pbInput is pbOutput:
        return
    source, target = memoryview(pbInput), memoryview(pbOutput)
    if source.obj is not target.obj or source.readonly:
        return
    from ctypes import addressof, c_char

    if not source.nbytes or not target.nbytes:
        return
    start, other = (addressof(c_char.from_buffer(view)) for view in (source, target))
    if start != other and start < other + target.nbytes and other < start + source.nbytes:
        raise InvalidParameterError("pbInput and pbOutput overlap in part; use one buffer, or two")


# --- KDF parameters -----------------------------------------------------------------------------------


def _kdf_buffers(buffers: object, key: SymmetricKey) -> dict[str, object]:
    """Return ``pParameterList`` by the header's names. A type that is given twice is STATUS_INVALID_PARAMETER.

    contract: rule-kdf-parameters.
    """
    given: dict[str, object] = {}
    if buffers is not None and not isinstance(buffers, Iterable):
        raise InvalidParameterError(f"pParameterList must be an iterable of BCryptBuffer, not {type(buffers).__name__}")
    for buffer in buffers or ():
        if not isinstance(buffer, BCryptBuffer):
            raise InvalidParameterError(f"pParameterList holds a {type(buffer).__name__}, not a BCryptBuffer")
        kind = check_dword("BufferType", buffer.BufferType)
        name = _KDF_NAMES.get(kind)
        if name is None or not windows.has(key.windows, "kdf parameter", kind):
            raise InvalidParameterError(f"there is no KDF parameter of type {kind}")
        if name in given:
            raise InvalidParameterError(f"the KDF parameter {name} is given twice")
        given[name] = _kdf_value(name, buffer.pvBuffer, key.name)
    return given


def _kdf_value(name: str, value: object, algorithm: str) -> object:
    """Return the value of a buffer: a hash as a string, a count as a number, anything else as bytes.

    The NUL of a hash's name need not be counted, but for TLS1_2_KDF (contract: rule-kdf-algorithms).
    """
    if name == "KDF_HASH_ALGORITHM":
        if isinstance(value, str):
            return value
        data = to_bytes(name, value)
        return from_wide(name, data if algorithm == c.BCRYPT_TLS1_2_KDF_ALGORITHM else data + b"\0\0")
    if name == "KDF_ITERATION_COUNT":
        if isinstance(value, int):
            return value
        data = to_bytes(name, value)
        if len(data) != 8:
            raise InvalidParameterError(f"{name} has 8 bytes, not {len(data)}")
        return int.from_bytes(data, "little")
    if type(value) is int:
        return check_dword(name, value).to_bytes(4, "little")
    return to_bytes(name, value)
