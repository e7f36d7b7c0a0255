"""What the structures of a call mean to the objects: paddings and KDF parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import windows
from cngcore._checks import check_dword, to_bytes
from cngcore._values import from_wide
from cngcore.bcrypt._structures import (
    BCRYPT_OAEP_PADDING_INFO,
    BCRYPT_PKCS1_PADDING_INFO,
    BCRYPT_PQDSA_PADDING_INFO,
    BCRYPT_PSS_PADDING_INFO,
    BCryptBuffer,
)
from cngcore.objects import KdfParameters
from cngcore.padding import ExternalMu, Oaep, Padding, Pkcs1, PqDsa, Pss
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from typing import Any


_OPTIONAL_OID = (
    c.BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID,
    c.BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID | c.BCRYPT_PAD_PKCS1,
)
"""The flag alone, and together with BCRYPT_PAD_PKCS1, as its documentation can be read."""


def signature_padding(info: object, flags: int, version: str, verify: bool) -> Padding | None:
    """Return the padding for ``pPaddingInfo`` and ``dwFlags`` of BCryptSignHash and BCryptVerifySignature.

    A structure without its flag, a flag without its structure, and a mixture are STATUS_INVALID_PARAMETER.

    contract: rule-sign-rsa-padding, rule-sign-mldsa.
    """
    flags = check_dword("dwFlags", flags)
    if flags == 0 and info is None:
        return None
    if not windows.has(version, "padding flag", flags & ~c.BCRYPT_PAD_PKCS1):
        raise InvalidParameterError(f"Windows {version} has no padding flag 0x{flags:X}")
    if flags == c.BCRYPT_PAD_PKCS1 and isinstance(info, BCRYPT_PKCS1_PADDING_INFO):
        return Pkcs1(_hash_id(info.pszAlgId, optional=True))
    if flags in _OPTIONAL_OID and verify and isinstance(info, BCRYPT_PKCS1_PADDING_INFO):
        return Pkcs1(_hash_id(info.pszAlgId, optional=True), optional_oid=True)
    if flags == c.BCRYPT_PAD_PSS and isinstance(info, BCRYPT_PSS_PADDING_INFO):
        check_dword("cbSalt", info.cbSalt)
        return Pss(_hash_id(info.pszAlgId), info.cbSalt)
    if flags == c.BCRYPT_MLDSA_EXTERNAL_MU and info is None:
        return ExternalMu()
    if flags == c.BCRYPT_PAD_PQDSA and isinstance(info, BCRYPT_PQDSA_PADDING_INFO):
        return PqDsa(to_bytes("pbCtx", info.pbCtx), _hash_id(info.pszPrehashAlgId, optional=True) or None)
    raise _mismatch(info, flags)


def encryption_padding(info: object, flags: int) -> Padding | None:
    """Return the padding of BCryptEncrypt and BCryptDecrypt; flags 0 and BCRYPT_PAD_NONE both mean raw RSA.

    contract: rule-encrypt-raw.
    """
    check_dword("dwFlags", flags)
    if flags in (0, c.BCRYPT_PAD_NONE):
        return None
    if flags == c.BCRYPT_PAD_PKCS1:
        return Pkcs1()
    if flags == c.BCRYPT_PAD_OAEP and isinstance(info, BCRYPT_OAEP_PADDING_INFO):
        return Oaep(_hash_id(info.pszAlgId), to_bytes("pbLabel", info.pbLabel))
    raise _mismatch(info, flags)


def _mismatch(info: object, flags: int) -> InvalidParameterError:
    structure = "no padding structure" if info is None else type(info).__name__
    return InvalidParameterError(f"the padding flags 0x{flags:X} and {structure} do not belong together")


def _hash_id(value: object, optional: bool = False) -> str:
    if isinstance(value, str) or (value is None and optional):
        return value  # type: ignore[return-value]
    raise InvalidParameterError(f"a hash id must be a string, not {type(value).__name__}")


# --- KDF parameters -------------------------------------------------------------------------------------

_BYTES = {
    c.KDF_HMAC_KEY: "hmac_key",
    c.KDF_TLS_PRF_LABEL: "label",
    c.KDF_TLS_PRF_SEED: "seed",
    c.KDF_ALGORITHMID: "algorithm_id",
    c.KDF_PARTYUINFO: "party_u",
    c.KDF_PARTYVINFO: "party_v",
    c.KDF_SUPPPUBINFO: "supp_public",
    c.KDF_SUPPPRIVINFO: "supp_private",
    c.KDF_HKDF_SALT: "salt",
    c.KDF_HKDF_INFO: "info",
}
_JOINED = {c.KDF_SECRET_PREPEND: "prepend", c.KDF_SECRET_APPEND: "append"}


def kdf_parameters(buffers: object, version: str) -> KdfParameters:
    """Return ``pParameterList`` as the parameters of a derivation.

    Several prepends (and appends) are joined in list order. Any other parameter that is given twice, and a type that
    BCryptDeriveKey does not know, is STATUS_INVALID_PARAMETER.

    contract: rule-derive-hash.
    """
    given: dict[str, Any] = {}
    seen: set[int] = set()
    if buffers is not None and not isinstance(buffers, Iterable):
        raise InvalidParameterError(f"pParameterList must be an iterable of BCryptBuffer, not {type(buffers).__name__}")
    for buffer in buffers or ():
        if not isinstance(buffer, BCryptBuffer):
            raise InvalidParameterError(f"pParameterList holds a {type(buffer).__name__}, not a BCryptBuffer")
        kind, value = buffer.BufferType, buffer.pvBuffer
        check_dword("BufferType", kind)
        if not windows.has(version, "kdf parameter", kind):
            raise InvalidParameterError(f"Windows {version} has no KDF parameter of type {kind}")
        if kind in _JOINED:
            name = _JOINED[kind]
            given[name] = given.get(name, b"") + to_bytes(name, value)
            continue
        if kind in seen:
            raise InvalidParameterError(f"the KDF parameter of type {kind} is given twice")
        seen.add(kind)
        if kind in _BYTES:
            given[_BYTES[kind]] = to_bytes(_BYTES[kind], value)
        elif kind == c.KDF_HASH_ALGORITHM:
            given["hash"] = value if isinstance(value, str) else from_wide("hash", to_bytes("hash", value))
        elif kind == c.KDF_TLS_PRF_PROTOCOL:
            given["protocol"] = _dword(value)
        else:
            raise InvalidParameterError(f"BCryptDeriveKey has no parameter of type {kind}")
    return KdfParameters(**given)


def _dword(value: object) -> int:
    if isinstance(value, int):
        check_dword("the protocol", value)
        return value
    data = to_bytes("the protocol", value)
    if len(data) != 4:
        raise InvalidParameterError(f"the protocol must be a DWORD of 4 bytes, not {len(data)} bytes")
    return int.from_bytes(data, "little")


def check_hmac_key(parameters: KdfParameters, use_secret: bool) -> None:
    """Reject HMAC with two keys or none: the key is either KDF_HMAC_KEY or, by the flag, the secret.

    contract: rule-derive-hmac.
    """
    if use_secret == (parameters.hmac_key is not None):
        raise InvalidParameterError("HMAC takes KDF_HMAC_KEY or KDF_USE_SECRET_AS_HMAC_KEY_FLAG: one of the two")
