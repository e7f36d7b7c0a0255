"""Paddings of the object API. ``None`` means no padding: raw RSA, or plain ECDSA, DSA and ML-DSA.

A hash is named by its CNG algorithm id: ``"SHA1"``, ``"SHA256"``, ``"SHA3-256"``...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from cngcore.status import InvalidParameterError

__all__ = ["ExternalMu", "Oaep", "Padding", "Pkcs1", "PqDsa", "Pss"]


if TYPE_CHECKING:
    from typing import Literal

    HashName = Literal[
        "MD5", "SHA1", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE128", "SHAKE256",
    ]  # fmt: skip

_DIGEST_LENGTHS = {
    "MD5": 16, "SHA1": 20, "SHA256": 32, "SHA384": 48, "SHA512": 64, "SHA3-256": 32, "SHA3-384": 48, "SHA3-512": 64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pkcs1:
    """PKCS #1 v1.5 (RFC 8017 sections 7.2 and 8.2).

    For signatures ``hash`` names the digest's algorithm, which goes into the block's DigestInfo. ``None`` signs the
    bytes without a DigestInfo (contract: rule-sign-rsa-no-oid). With ``optional_oid`` a verification accepts the block
    with or without it (``BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID``). Encryption ignores both.
    """

    hash: str | None = None
    optional_oid: bool = False


@dataclass(frozen=True, slots=True)
class Pss:
    """RSASSA-PSS (RFC 8017 section 8.1) with MGF1 over the same hash; ``salt_length`` is in bytes.

    By default the salt is as long as the hash, as OpenSSL, .NET and FIPS 186-5 have it.

    >>> Pss("SHA384").salt_length
    48
    """

    hash: str
    salt_length: int = cast(int, None)

    def __post_init__(self) -> None:
        if self.salt_length is None:
            if self.hash not in _DIGEST_LENGTHS:
                from cngcore._nearest import nearest

                near = nearest(str(self.hash)[:40], _DIGEST_LENGTHS)
                advice = f"did you mean {near!r}?" if near else "pass salt_length"
                raise InvalidParameterError(f"the digest length of the hash {self.hash!r:.40} is not known; {advice}")
            object.__setattr__(self, "salt_length", _DIGEST_LENGTHS[self.hash])


@dataclass(frozen=True, slots=True)
class Oaep:
    """RSAES-OAEP (RFC 8017 section 7.1) with MGF1 over the same hash."""

    hash: str
    label: bytes = b""


@dataclass(frozen=True, slots=True)
class PqDsa:
    """ML-DSA with a context of at most 255 bytes, or pre-hashed (FIPS 204 sections 5.2 and 5.4)."""

    context: bytes = b""
    prehash: str | None = None


@dataclass(frozen=True, slots=True)
class ExternalMu:
    """ML-DSA over a message representative mu made elsewhere, 64 bytes (FIPS 204 section 6.2)."""


Padding = Pkcs1 | Pss | Oaep | PqDsa | ExternalMu
