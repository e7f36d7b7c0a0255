"""The structures of bcrypt.h that callers pass by pointer, and what they mean to the object API.

Frozen dataclasses with the C field names less the byte counts (contract.md section 28.10). They are importable from
:mod:`cngcore.bcrypt`; this module of their own keeps ``dataclasses`` out of the flat API's import.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cngcore import constants as c
from cngcore import windows
from cngcore._checks import check_dword, to_bytes
from cngcore.objects._properties import from_wide
from cngcore.objects._secret import KdfParameters
from cngcore.padding import ExternalMu, Oaep, Padding, Pkcs1, PqDsa, Pss
from cngcore.status import InvalidParameterError


@dataclass(frozen=True)
class BCRYPT_PKCS1_PADDING_INFO:  # noqa: N801 - the header's name
    """PKCS #1 v1.5 signatures: the hash id for the DigestInfo, or None for a block without one."""

    pszAlgId: str | None


@dataclass(frozen=True)
class BCRYPT_PSS_PADDING_INFO:  # noqa: N801
    """PSS signatures: hash id and salt length in bytes."""

    pszAlgId: str
    cbSalt: int


@dataclass(frozen=True)
class BCRYPT_OAEP_PADDING_INFO:  # noqa: N801
    """OAEP encryption: hash id and label."""

    pszAlgId: str
    pbLabel: bytes = b""


@dataclass(frozen=True)
class BCRYPT_PQDSA_PADDING_INFO:  # noqa: N801
    """ML-DSA: context, and the hash id of a pre-hashed message."""

    pbCtx: bytes = b""
    pszPrehashAlgId: str | None = None


@dataclass(frozen=True)
class BCryptBuffer:
    """One parameter of a KDF: its type (``KDF_*``) and value (bytes; a str for a hash id, an int for a DWORD)."""

    BufferType: int
    pvBuffer: object

    def __repr__(self) -> str:
        value = self.pvBuffer
        shown = repr(value) if isinstance(value, str | int) else f"<{type(value).__name__}>"  # bytes may be a key
        return f"BCryptBuffer(BufferType={self.BufferType!r}, pvBuffer={shown})"


@dataclass(frozen=True)
class BCRYPT_ALGORITHM_IDENTIFIER:  # noqa: N801
    """One answer of BCryptEnumAlgorithms: name, interface id, flags (0)."""

    pszName: str
    dwClass: int
    dwFlags: int


STRUCTURES = (
    "BCRYPT_ALGORITHM_IDENTIFIER",
    "BCRYPT_OAEP_PADDING_INFO",
    "BCRYPT_PKCS1_PADDING_INFO",
    "BCRYPT_PQDSA_PADDING_INFO",
    "BCRYPT_PSS_PADDING_INFO",
    "BCryptBuffer",
)


# --- paddings -----------------------------------------------------------------------------------------


def signature_padding(info: object, flags: int, version: str, verify: bool) -> Padding | None:
    """``pPaddingInfo`` and ``dwFlags`` of BCryptSignHash and BCryptVerifySignature (contract.md sections 11 and 12).

    A structure without its flag, a flag without its structure and a mixture are STATUS_INVALID_PARAMETER.
    """
    check_dword("dwFlags", flags)
    if not windows.has(version, "padding flag", flags):
        raise InvalidParameterError(f"Windows {version} has no padding flag 0x{flags:X}")
    if flags == 0 and info is None:
        return None
    if flags == c.BCRYPT_PAD_PKCS1 and isinstance(info, BCRYPT_PKCS1_PADDING_INFO):
        return Pkcs1(_hash_id(info.pszAlgId, optional=True))
    if flags == c.BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID and verify and isinstance(info, BCRYPT_PKCS1_PADDING_INFO):
        return Pkcs1(_hash_id(info.pszAlgId, optional=True), optional_oid=True)
    if flags == c.BCRYPT_PAD_PSS and isinstance(info, BCRYPT_PSS_PADDING_INFO):
        check_dword("cbSalt", info.cbSalt)
        return Pss(_hash_id(info.pszAlgId), info.cbSalt)
    if flags == c.BCRYPT_MLDSA_EXTERNAL_MU and info is None:
        return ExternalMu()
    if flags == c.BCRYPT_PAD_PQDSA and isinstance(info, BCRYPT_PQDSA_PADDING_INFO):
        return PqDsa(to_bytes("pbCtx", info.pbCtx), _hash_id(info.pszPrehashAlgId, optional=True) or None)
    raise InvalidParameterError(
        f"padding flags 0x{flags:X} do not go with {'no padding structure' if info is None else type(info).__name__}"
    )


def encryption_padding(info: object, flags: int) -> Padding | None:
    """The same for BCryptEncrypt and BCryptDecrypt; flags 0 and BCRYPT_PAD_NONE both mean raw RSA (section 13)."""
    check_dword("dwFlags", flags)
    if flags in (0, c.BCRYPT_PAD_NONE):
        return None
    if flags == c.BCRYPT_PAD_PKCS1:
        return Pkcs1()
    if flags == c.BCRYPT_PAD_OAEP and isinstance(info, BCRYPT_OAEP_PADDING_INFO):
        return Oaep(_hash_id(info.pszAlgId), to_bytes("pbLabel", info.pbLabel))
    raise InvalidParameterError(
        f"padding flags 0x{flags:X} do not go with {'no padding structure' if info is None else type(info).__name__}"
    )


def _hash_id(value: object, optional: bool = False) -> str:
    if isinstance(value, str) or (value is None and optional):
        return value  # type: ignore[return-value]
    raise InvalidParameterError(f"a hash id is a string, not {type(value).__name__}")


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
    """``pParameterList`` as the parameters of a derivation.

    Several prepends (and appends) are joined in list order (section 16); anything else given twice, and a type that
    BCryptDeriveKey does not know, is STATUS_INVALID_PARAMETER.
    """
    given = KdfParameters()
    seen: set[int] = set()
    if buffers is not None and not isinstance(buffers, Iterable):
        raise InvalidParameterError(f"pParameterList is an iterable of BCryptBuffer, not {type(buffers).__name__}")
    for buffer in buffers or ():
        if not isinstance(buffer, BCryptBuffer):
            raise InvalidParameterError(f"pParameterList holds a {type(buffer).__name__}, not a BCryptBuffer")
        kind, value = buffer.BufferType, buffer.pvBuffer
        check_dword("BufferType", kind)
        if not windows.has(version, "kdf parameter", kind):
            raise InvalidParameterError(f"Windows {version} has no KDF parameter of type {kind}")
        if kind in _JOINED:
            name = _JOINED[kind]
            setattr(given, name, getattr(given, name) + to_bytes(name, value))
            continue
        if kind in seen:
            raise InvalidParameterError(f"the KDF parameter of type {kind} is given twice")
        seen.add(kind)
        if kind in _BYTES:
            setattr(given, _BYTES[kind], to_bytes(_BYTES[kind], value))
        elif kind == c.KDF_HASH_ALGORITHM:
            given.hash = value if isinstance(value, str) else from_wide("hash", to_bytes("hash", value))
        elif kind == c.KDF_TLS_PRF_PROTOCOL:
            given.protocol = _dword(value)
        else:
            raise InvalidParameterError(f"{kind} is no type of a parameter of BCryptDeriveKey")
    return given


def _dword(value: object) -> int:
    if isinstance(value, int):
        check_dword("the protocol", value)
        return value
    data = to_bytes("the protocol", value)
    if len(data) != 4:
        raise InvalidParameterError(f"the protocol is a DWORD: 4 bytes, not {len(data)}")
    return int.from_bytes(data, "little")


def check_hmac_key(given: KdfParameters, use_secret: bool) -> None:
    """HMAC has a key of its own or the secret for a key: one of the two, never both (section 16)."""
    if use_secret == (given.hmac_key is not None):
        raise InvalidParameterError("HMAC takes KDF_HMAC_KEY or KDF_USE_SECRET_AS_HMAC_KEY_FLAG: one of the two")


def interfaces(operations: Iterable[str]) -> list[int]:
    """The header's interface ids of an algorithm's operations, in order."""
    from cngcore.provider import OPERATIONS

    return sorted(OPERATIONS[operation] for operation in operations)


def operation_mask(mask: object) -> int:
    """Check ``dwAlgOperations``: any bit that is not an operation is refused (api.md section 7)."""
    check_dword("dwAlgOperations", mask)
    known = 0
    for name in dir(c):
        if name.endswith("_OPERATION"):
            known |= getattr(c, name)
    if mask & ~known:  # type: ignore[operator]
        raise InvalidParameterError(f"0x{mask:X} holds bits that are no operation")
    return mask or known  # type: ignore[return-value]


__all__ = [*STRUCTURES]
