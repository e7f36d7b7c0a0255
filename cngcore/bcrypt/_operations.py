"""What a key is for: signatures, encryption, agreement, derivation, encapsulation (contract.md sections 11-19)."""

from cngcore import constants as c
from cngcore import irql
from cngcore._checks import check_dword, check_text, to_bytes
from cngcore.bcrypt import _handles as handles
from cngcore.bcrypt._answers import answer, given_bytes, key_of, no_flags, plain, secret_of, status_of, writable
from cngcore.objects._keypair import KeyPair
from cngcore.status import STATUS_BUFFER_TOO_SMALL, STATUS_SUCCESS, InvalidHandleError, InvalidParameterError, NTStatus


def BCryptSignHash(
    hKey: int, pPaddingInfo: object, pbInput: object, pbOutput: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Sign a digest. A size query needs no digest and no private key. Contract section 11."""
    try:
        key = key_of(hKey)
        size = key.size_of("sign")
        check_dword("dwFlags", dwFlags)
        if pbOutput is None:
            return STATUS_SUCCESS, size
        if irql.raised:
            irql.require_locked(pbInput, pbOutput)
        from cngcore.bcrypt._structures import signature_padding

        padding = signature_padding(pPaddingInfo, dwFlags, key.windows, verify=False)
        digest = to_bytes("pbInput", given_bytes("pbInput", pbInput))
        if len(writable("pbOutput", pbOutput)) < size:
            return STATUS_BUFFER_TOO_SMALL, size
        signature = key.sign_hash(digest, padding)
        key.check_size("sign_hash", signature, size)
        return answer(signature, pbOutput)
    except BaseException as error:
        return status_of(error), None


def BCryptVerifySignature(
    hKey: int, pPaddingInfo: object, pbHash: object, pbSignature: object, dwFlags: int = 0
) -> NTStatus:
    """Verify a signature: STATUS_SUCCESS or STATUS_INVALID_SIGNATURE. Contract section 12."""
    try:
        key = key_of(hKey)
        key.require("sign")
        if irql.raised:
            irql.require_locked(pbHash, pbSignature)
        from cngcore.bcrypt._structures import signature_padding

        padding = signature_padding(pPaddingInfo, dwFlags, key.windows, verify=True)
        key.verify_signature(given_bytes("pbHash", pbHash), given_bytes("pbSignature", pbSignature), padding)
    except BaseException as error:
        return status_of(error)
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
        key = key_of(hKey)
        size = key.size_of("encrypt")
        check_dword("dwFlags", dwFlags)
        plaintext = to_bytes("pbInput", given_bytes("pbInput", pbInput))
        if pbOutput is None:
            return STATUS_SUCCESS, size
        if irql.raised:
            irql.require_locked(pbInput, pbOutput)
        from cngcore.bcrypt._structures import encryption_padding

        padding = encryption_padding(pPaddingInfo, dwFlags)
        if len(writable("pbOutput", pbOutput)) < size:
            return STATUS_BUFFER_TOO_SMALL, size
        ciphertext = key.encrypt(plaintext, padding)
        key.check_size("encrypt", ciphertext, size)
        return answer(ciphertext, pbOutput)
    except BaseException as error:
        return status_of(error), None


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
        key = key_of(hKey)
        key.require("encrypt")
        if irql.raised:
            irql.require_locked(pbInput, pbOutput)
        from cngcore.bcrypt._structures import encryption_padding

        padding = encryption_padding(pPaddingInfo, dwFlags)
        if pbOutput is not None:
            writable("pbOutput", pbOutput)
        return answer(bytearray(key.decrypt(given_bytes("pbInput", pbInput), padding)), pbOutput)
    except BaseException as error:
        return status_of(error), None


def BCryptSecretAgreement(hPrivKey: int, hPubKey: int, dwFlags: int = 0) -> tuple[NTStatus, int | None]:
    """Agree on a secret. Handles are checked first, then whether the keys can agree. Contract section 15."""
    try:
        private, public = key_of(hPrivKey), key_of(hPubKey)
        for key in (private, public):
            key.require(None)
        private.require("agree")
        no_flags(dwFlags)
        secret = private.agree(public)
        handle = handles.new()
        handles.secrets[handle] = secret
    except BaseException as error:
        return status_of(error), None
    return STATUS_SUCCESS, handle


def BCryptDeriveKey(
    hSharedSecret: int, pwszKDF: str, pParameterList: object = None, pbDerivedKey: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Derive a key from a secret. A short buffer truncates, and succeeds. Contract section 16."""
    try:
        secret = secret_of(hSharedSecret)
        check_text("pwszKDF", pwszKDF)
        check_dword("dwFlags", dwFlags)
        if dwFlags & ~c.KDF_USE_SECRET_AS_HMAC_KEY_FLAG:
            raise InvalidParameterError(f"BCryptDeriveKey takes no flags 0x{dwFlags:X}")
        from cngcore.bcrypt import _structures as header

        given = header.kdf_parameters(pParameterList, secret.windows)
        if pwszKDF == c.BCRYPT_KDF_HMAC:
            header.check_hmac_key(given, bool(dwFlags))
        elif pwszKDF == c.BCRYPT_KDF_HKDF:
            given.hash = given.salt = None  # they come as properties of the secret, and only so (section 4.7)
        view = None if pbDerivedKey is None else writable("pbDerivedKey", pbDerivedKey)
        if irql.raised:
            irql.require_locked(pbDerivedKey)
        derived = bytearray(secret.derive_with(pwszKDF, None if view is None else len(view), given))
        return answer(derived, pbDerivedKey, "pbDerivedKey")
    except BaseException as error:
        return status_of(error), None


def BCryptDestroySecret(hSecret: int) -> NTStatus:
    """Wipe a secret. Contract section 17."""
    try:
        number = plain(hSecret)
        if irql.raised:
            irql.require_dispatch(secret_of(number).dispatch)
        secret = handles.secrets.pop(number, None)
        if secret is None:
            raise InvalidHandleError(f"{number:#x} is not the handle of a live secret")
        secret.destroy()
    except BaseException as error:
        return status_of(error)
    return STATUS_SUCCESS


def _kem_key(handle: object) -> KeyPair:
    """NULL is STATUS_INVALID_PARAMETER for the two KEM functions, as their pages say (api.md section 7)."""
    if handle is None or (type(handle) is int and handle == 0):
        raise InvalidParameterError("hKey is NULL")
    return key_of(handle)


def BCryptEncapsulate(
    hKey: int, pbSecretKey: object = None, pbCipherText: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None, int | None]:
    """A fresh shared secret and its ciphertext; both outputs None is the size query. Contract section 18."""
    try:
        key = _kem_key(hKey)
        secret_size, ciphertext_size = key.kem_sizes()
        no_flags(dwFlags)
        if pbSecretKey is None and pbCipherText is None:
            return STATUS_SUCCESS, secret_size, ciphertext_size
        if irql.raised:
            irql.require_locked(pbSecretKey, pbCipherText)
        secret_view = writable("pbSecretKey", given_bytes("pbSecretKey", pbSecretKey))
        ciphertext_view = writable("pbCipherText", given_bytes("pbCipherText", pbCipherText))
        if len(secret_view) < secret_size or len(ciphertext_view) < ciphertext_size:
            return STATUS_BUFFER_TOO_SMALL, secret_size, ciphertext_size
        secret, ciphertext = key.encapsulate()
        key.check_size("encapsulate", secret, secret_size)
        key.check_size("encapsulate", ciphertext, ciphertext_size)
        secret_view[: len(secret)] = secret
        ciphertext_view[: len(ciphertext)] = ciphertext
        return STATUS_SUCCESS, len(secret), len(ciphertext)
    except BaseException as error:
        return status_of(error), None, None


def BCryptDecapsulate(
    hKey: int, pbCipherText: object, pbSecretKey: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """The shared secret of a ciphertext; wrong content gives another secret, not an error. Contract section 19."""
    try:
        key = _kem_key(hKey)
        secret_size, _ = key.kem_sizes()
        no_flags(dwFlags)
        ciphertext = to_bytes("pbCipherText", given_bytes("pbCipherText", pbCipherText))
        if pbSecretKey is None:
            return STATUS_SUCCESS, secret_size
        if irql.raised:
            irql.require_locked(pbCipherText, pbSecretKey)
        if len(writable("pbSecretKey", pbSecretKey)) < secret_size:
            return STATUS_BUFFER_TOO_SMALL, secret_size
        secret = bytearray(key.decapsulate(ciphertext))
        key.check_size("decapsulate", secret, secret_size)
        return answer(secret, pbSecretKey, "pbSecretKey")
    except BaseException as error:
        return status_of(error), None
