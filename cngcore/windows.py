"""Windows versions, and what each of them introduced.

A :class:`~cngcore.Registry` behaves as one version (``CNGCORE_WINDOWS``); the newest is the default. If that version
lacks something, the registry answers with the status for an unknown algorithm, property, flag or blob type. The source
is the NTDDI guards of ``bcrypt.h``. The seven names are coarser than the header's generations, so a feature of an
update counts for the version that it updated: HKDF (Windows 10, 1803) for ``10``, key-validation flags (Windows 10,
"CO") for ``11``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

VERSIONS = ("vista", "7", "8", "8.1", "10", "11", "11-24h2")
"""Oldest first."""

NEWEST = VERSIONS[-1]

_ORDER = {name: index for index, name in enumerate(VERSIONS)}


def release(version: object) -> int:
    """Return the index of a version in :data:`VERSIONS`. Raise InvalidParameterError for any other value."""
    try:
        return _ORDER[version]  # type: ignore[index]
    except (KeyError, TypeError):
        raise InvalidParameterError(
            f"cngcore knows no Windows version {version!r}; use one of {', '.join(VERSIONS)}"
        ) from None


_ALGORITHMS = {
    c.BCRYPT_ECDSA_ALGORITHM: "10",
    c.BCRYPT_ECDH_ALGORITHM: "10",
    c.BCRYPT_HKDF_ALGORITHM: "10",
    c.BCRYPT_XTS_AES_ALGORITHM: "10",
    c.BCRYPT_CHACHA20_POLY1305_ALGORITHM: "10",
    c.BCRYPT_SP800108_CTR_HMAC_ALGORITHM: "8",
    c.BCRYPT_SP80056A_CONCAT_ALGORITHM: "8",
    c.BCRYPT_PBKDF2_ALGORITHM: "8",
    c.BCRYPT_CAPI_KDF_ALGORITHM: "8",
    c.BCRYPT_TLS1_1_KDF_ALGORITHM: "8",
    c.BCRYPT_TLS1_2_KDF_ALGORITHM: "8",
    c.BCRYPT_SHA3_256_ALGORITHM: "11",
    c.BCRYPT_SHA3_384_ALGORITHM: "11",
    c.BCRYPT_SHA3_512_ALGORITHM: "11",
    c.BCRYPT_CSHAKE128_ALGORITHM: "11",
    c.BCRYPT_CSHAKE256_ALGORITHM: "11",
    c.BCRYPT_KMAC128_ALGORITHM: "11",
    c.BCRYPT_KMAC256_ALGORITHM: "11",
    c.BCRYPT_SHAKE128_ALGORITHM: "11-24h2",
    c.BCRYPT_SHAKE256_ALGORITHM: "11-24h2",
    c.BCRYPT_MLDSA_ALGORITHM: "11-24h2",
    c.BCRYPT_MLKEM_ALGORITHM: "11-24h2",
}

_PROPERTIES = {
    c.BCRYPT_PRIMITIVE_TYPE: "7",
    c.BCRYPT_IS_KEYED_HASH: "7",
    c.BCRYPT_IS_REUSABLE_HASH: "8",
    c.BCRYPT_MESSAGE_BLOCK_LENGTH: "8",
    c.BCRYPT_PUBLIC_KEY_LENGTH: "8",
    c.BCRYPT_GLOBAL_PARAMETERS: "8",
    c.BCRYPT_PRIVATE_KEY: "8",
    c.BCRYPT_ECC_PARAMETERS: "10",
    c.BCRYPT_ECC_CURVE_NAME: "10",
    c.BCRYPT_ECC_CURVE_NAME_LIST: "10",
    c.BCRYPT_HKDF_HASH_ALGORITHM: "10",
    c.BCRYPT_HKDF_SALT_AND_FINALIZE: "10",
    c.BCRYPT_HKDF_PRK_AND_FINALIZE: "10",
    c.BCRYPT_FUNCTION_NAME_STRING: "11",
    c.BCRYPT_CUSTOMIZATION_STRING: "11",
    c.BCRYPT_PARAMETER_SET_NAME: "11-24h2",
    c.BCRYPT_KEM_SHARED_SECRET_LENGTH: "11-24h2",
    c.BCRYPT_KEM_CIPHERTEXT_LENGTH: "11-24h2",
}

_BLOB_TYPES = {
    c.BCRYPT_ECCFULLPUBLIC_BLOB: "10",
    c.BCRYPT_ECCFULLPRIVATE_BLOB: "10",
    c.BCRYPT_PQDSA_PUBLIC_BLOB: "11-24h2",
    c.BCRYPT_PQDSA_PRIVATE_BLOB: "11-24h2",
    c.BCRYPT_PQDSA_PRIVATE_SEED_BLOB: "11-24h2",
    c.BCRYPT_MLKEM_PUBLIC_BLOB: "11-24h2",
    c.BCRYPT_MLKEM_PRIVATE_BLOB: "11-24h2",
    c.BCRYPT_MLKEM_PRIVATE_SEED_BLOB: "11-24h2",
}

_KDFS = {c.BCRYPT_KDF_SP80056A_CONCAT: "7", c.BCRYPT_KDF_RAW_SECRET: "8.1", c.BCRYPT_KDF_HKDF: "10"}

_KDF_PARAMETERS = {
    **dict.fromkeys(range(c.KDF_TLS_PRF_PROTOCOL, c.KDF_SUPPPRIVINFO + 1), "7"),
    **dict.fromkeys(range(c.KDF_LABEL, c.KDF_KEYBITLENGTH + 1), "8"),
    c.KDF_HKDF_SALT: "10",
    c.KDF_HKDF_INFO: "10",
}

_FLAGS = {
    c.BCRYPT_KEY_VALIDATION_RANGE: "11",
    c.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER: "11",
    c.BCRYPT_KEY_VALIDATION_REGENERATE: "11",
}

_PADDING_FLAGS = {
    c.BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID: "8.1",
    c.BCRYPT_PAD_PQDSA: "11-24h2",
    c.BCRYPT_MLDSA_EXTERNAL_MU: "11-24h2",
}

PSEUDO_HANDLES_SINCE = "10"

_TABLES: Mapping[str, Mapping[Any, str]] = {
    "algorithm": _ALGORITHMS,
    "property": _PROPERTIES,
    "blob type": _BLOB_TYPES,
    "kdf": _KDFS,
    "kdf parameter": _KDF_PARAMETERS,
    "flag": _FLAGS,
    "padding flag": _PADDING_FLAGS,
}


def has(version: str, kind: str, name: object) -> bool:
    """Return whether a Windows version has something of that name; every version has what no table lists.

    ``kind`` is "algorithm", "property", "blob type", "kdf", "kdf parameter", "flag" or "padding flag".
    """
    if version == NEWEST:
        return True
    since = _TABLES[kind].get(name)
    return since is None or _ORDER[since] <= release(version)
