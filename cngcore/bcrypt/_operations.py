"""The uses of a key: signatures, encryption, agreement, derivation, encapsulation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import irql
from cngcore._checks import check_dword, check_text
from cngcore.bcrypt import _handles as handles
from cngcore.bcrypt._answers import Answer, flat, input_bytes, no_flags, not_null
from cngcore.bcrypt._parameters import check_hmac_key, encryption_padding, kdf_parameters, signature_padding
from cngcore.status import STATUS_SUCCESS, InvalidHandleError, InvalidParameterError, NTStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer


_crypt: Callable[..., tuple[NTStatus, int]] | None = None
"""The function for symmetric keys, which a program without them does not import."""


def _load_crypt() -> Callable[..., tuple[NTStatus, int]]:
    from cngcore.bcrypt._symmetric import crypt

    global _crypt
    _crypt = crypt
    return crypt


@flat(1, locked=("pbInput", "pbOutput"))
def BCryptSignHash(
    hKey: int | None, pPaddingInfo: object, pbInput: Buffer | None, pbOutput: Buffer | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Sign a digest. A size query needs no digest and no private key (contract: rule-sign)."""
    key = handles.key_of(hKey)
    size = key.size_of("sign")
    check_dword("dwFlags", dwFlags)
    if pbOutput is None:
        return STATUS_SUCCESS, size
    padding = signature_padding(pPaddingInfo, dwFlags, key.windows, verify=False)
    digest = input_bytes("pbInput", pbInput)
    answer = Answer("pbOutput", pbOutput, size)
    if answer.short:
        return answer.result()
    signature = key.sign_bytes(digest, padding)
    key.check_announced("sign_hash", signature, size)
    return answer.write(signature)


@flat(locked=("pbHash", "pbSignature"))
def BCryptVerifySignature(
    hKey: int | None, pPaddingInfo: object, pbHash: Buffer | None, pbSignature: Buffer | None, dwFlags: int = 0
) -> NTStatus:
    """Verify a signature: STATUS_SUCCESS or STATUS_INVALID_SIGNATURE (contract: rule-verify)."""
    key = handles.key_of(hKey)
    key.require("sign")
    padding = signature_padding(pPaddingInfo, dwFlags, key.windows, verify=True)
    key.verify_bytes(input_bytes("pbHash", pbHash), input_bytes("pbSignature", pbSignature), padding)
    return STATUS_SUCCESS


@flat(1, locked=("pbInput", "pbOutput"))
def BCryptEncrypt(
    hKey: int | None,
    pbInput: Buffer | None,
    pPaddingInfo: object = None,
    pbIV: Buffer | None = None,
    pbOutput: Buffer | None = None,
    dwFlags: int = 0,
) -> tuple[NTStatus, int | None]:
    """Encrypt with a public key, which ignores pbIV, or with a symmetric key.

    contract: rule-encrypt, rule-symmetric-encrypt, rule-authenticated.
    """
    key = handles.keys.get(hKey if type(hKey) is int else handles.as_handle(hKey))
    if key is None:
        crypt = _crypt or _load_crypt()
        return crypt(handles.symmetric_key_of(hKey), pbInput, pPaddingInfo, pbIV, pbOutput, dwFlags, encrypting=True)
    size = key.size_of("encrypt")
    check_dword("dwFlags", dwFlags)
    plaintext = input_bytes("pbInput", pbInput)
    answer = Answer("pbOutput", pbOutput, size)
    if answer.query or (answer.short and dwFlags == c.BCRYPT_PAD_OAEP):  # OAEP answers with the size before it
        return answer.result()  # looks at the padding structure
    padding = encryption_padding(pPaddingInfo, dwFlags)
    if answer.short:
        return answer.result()
    ciphertext = key.encrypt(plaintext, padding)
    key.check_announced("encrypt", ciphertext, size)
    return answer.write(ciphertext)


@flat(1, locked=("pbInput", "pbOutput"))
def BCryptDecrypt(
    hKey: int | None,
    pbInput: Buffer | None,
    pPaddingInfo: object = None,
    pbIV: Buffer | None = None,
    pbOutput: Buffer | None = None,
    dwFlags: int = 0,
) -> tuple[NTStatus, int | None]:
    """Decrypt with a private key, or with a symmetric key.

    With a private key a size query decrypts too, because it returns the exact length.

    contract: rule-decrypt, rule-symmetric-decrypt, rule-authenticated.
    """
    key = handles.keys.get(hKey if type(hKey) is int else handles.as_handle(hKey))
    if key is None:
        crypt = _crypt or _load_crypt()
        return crypt(handles.symmetric_key_of(hKey), pbInput, pPaddingInfo, pbIV, pbOutput, dwFlags, encrypting=False)
    key.require("encrypt")
    padding = encryption_padding(pPaddingInfo, dwFlags)
    answer = Answer("pbOutput", pbOutput)
    return answer.write(bytearray(key.decrypt(not_null("pbInput", pbInput), padding)))


@flat(1)
def BCryptSecretAgreement(hPrivKey: int | None, hPubKey: int | None, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Agree on a secret. The handles are checked first, then whether the keys can agree (contract: rule-agreement)."""
    private, public = handles.key_of(hPrivKey), handles.key_of(hPubKey)
    for key in (private, public):
        key.require(None)
    private.require("agree")
    no_flags(dwFlags)
    secret = private.agree(public)
    handle = handles.new()
    handles.secrets[handle] = secret
    return STATUS_SUCCESS, handle


@flat(1, locked=("pbDerivedKey",))
def BCryptDeriveKey(
    hSharedSecret: int | None,
    pwszKDF: str,
    pParameterList: object = None,
    pbDerivedKey: Buffer | None = None,
    dwFlags: int = 0,
) -> tuple[NTStatus, int | None]:
    """Derive a key from a secret. A short buffer truncates the key, and the call succeeds.

    contract: rule-derive-length, rule-set-hkdf.
    """
    secret = handles.secret_of(hSharedSecret)
    check_text("pwszKDF", pwszKDF)
    check_dword("dwFlags", dwFlags)
    if dwFlags & ~c.KDF_USE_SECRET_AS_HMAC_KEY_FLAG:
        raise InvalidParameterError(f"BCryptDeriveKey takes no flags 0x{dwFlags:X}")
    parameters = kdf_parameters(pParameterList, secret.windows)
    if pwszKDF == c.BCRYPT_KDF_HMAC:
        check_hmac_key(parameters, bool(dwFlags))
    elif pwszKDF == c.BCRYPT_KDF_HKDF:
        parameters = replace(parameters, hash=None, salt=None)  # HKDF takes them as properties of the secret only
    answer = Answer("pbDerivedKey", pbDerivedKey)
    return answer.write(bytearray(secret.derive_from(pwszKDF, answer.capacity, parameters)))


@flat()
def BCryptDestroySecret(hSecret: int | None) -> NTStatus:
    """Wipe a secret (contract: rule-destroy-secret)."""
    number = handles.as_handle(hSecret)
    if irql.raised:
        irql.require_dispatch(handles.secret_of(number).dispatch)
    secret = handles.secrets.pop(number, None)
    if secret is None:
        raise InvalidHandleError(f"{number:#x} is not the handle of a live secret")
    secret.destroy()
    return STATUS_SUCCESS


@flat(2, locked=("pbSecretKey", "pbCipherText"))
def BCryptEncapsulate(
    hKey: int | None, pbSecretKey: Buffer | None = None, pbCipherText: Buffer | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None, int | None]:
    """Make a fresh shared secret and its ciphertext; both outputs None is the size query.

    contract: rule-encapsulate-size.
    """
    key = handles.kem_key_of(hKey)
    secret_size, ciphertext_size = key.kem_sizes()
    no_flags(dwFlags)
    if pbSecretKey is None and pbCipherText is None:
        return STATUS_SUCCESS, secret_size, ciphertext_size
    secret_out = Answer("pbSecretKey", not_null("pbSecretKey", pbSecretKey), secret_size)
    ciphertext_out = Answer("pbCipherText", not_null("pbCipherText", pbCipherText), ciphertext_size)
    for answer in (secret_out, ciphertext_out):
        if answer.short:
            return answer.result()[0], secret_size, ciphertext_size
    secret, ciphertext = key.encapsulate()
    key.check_announced("encapsulate", secret, secret_size)
    key.check_announced("encapsulate", ciphertext, ciphertext_size)
    _, secret_size = secret_out.write(secret)
    status, ciphertext_size = ciphertext_out.write(ciphertext)
    return status, secret_size, ciphertext_size


@flat(1, locked=("pbCipherText", "pbSecretKey"))
def BCryptDecapsulate(
    hKey: int | None, pbCipherText: Buffer | None, pbSecretKey: Buffer | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Return the shared secret of a ciphertext. Wrong content gives another secret, not an error.

    contract: rule-decapsulate-rejection.
    """
    key = handles.kem_key_of(hKey)
    secret_size, _ = key.kem_sizes()
    no_flags(dwFlags)
    ciphertext = input_bytes("pbCipherText", pbCipherText)
    answer = Answer("pbSecretKey", pbSecretKey, secret_size)
    if answer.query or answer.short:
        return answer.result()
    secret = bytearray(key.decapsulate(ciphertext))
    key.check_announced("decapsulate", secret, secret_size)
    return answer.write(secret)
