"""List every format and what it can hold, for ``decode``, ``encode``, the command and the docs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cngcore.formats._model import FAMILIES

__all__ = ["FORMATS", "Format"]

_NOT_SSH = ("RSA", "EC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format: its name, its title and its source.

    ``families`` are the key types that it can hold; it may still refuse a curve or a form of one. ``encodings`` are the
    encodings of :func:`cngcore.formats.encode`, the default first. ``writes`` is False for a format that is only read.
    ``extra`` is True if reading and writing it needs ``cngcore[formats]``.
    """

    name: str
    title: str
    source: str
    public: bool
    private: bool
    families: tuple[str, ...] = FAMILIES
    encodings: tuple[str, ...] = ("pem", "der")
    writes: bool = True
    extra: bool = False


_ALL = (
    Format(
        name="cng",
        title="key blob of CNG or CryptoAPI",
        source="bcrypt.h",
        public=True,
        private=True,
        encodings=("binary", "hex", "base64"),
    ),
    Format(
        name="pkcs8",
        title="PKCS #8 private key",
        source="RFC 5208, RFC 5958; RFC 5915, RFC 8410, RFC 9881, RFC 9935",
        public=False,
        private=True,
    ),
    Format(
        name="spki",
        title="SubjectPublicKeyInfo",
        source="RFC 5280; RFC 3279, RFC 5480, RFC 8410, RFC 9881, RFC 9935",
        public=True,
        private=False,
    ),
    Format(
        name="pkcs1",
        title="RSAPrivateKey or RSAPublicKey",
        source="RFC 8017",
        public=True,
        private=True,
        families=("RSA",),
    ),
    Format(
        name="sec1",
        title="ECPrivateKey",
        source="RFC 5915",
        public=False,
        private=True,
        families=("EC",),
    ),
    Format(
        name="openssl-dsa",
        title="DSA private key of OpenSSL",
        source="OpenSSL",
        public=False,
        private=True,
        families=("DSA",),
    ),
    Format(
        name="jwk",
        title="JSON Web Key",
        source="RFC 7517, RFC 7518, RFC 8037, RFC 8812, RFC 9964",
        public=True,
        private=True,
        families=("RSA", "EC", "X25519", "ML-DSA"),
        encodings=("json",),
    ),
    Format(
        name="raw",
        title="the bytes of the key alone",
        source="SEC 1, RFC 7748, FIPS 203, FIPS 204",
        public=True,
        private=True,
        families=("EC", "X25519", "ML-KEM", "ML-DSA"),
        encodings=("binary", "hex", "base64"),
    ),
    Format(
        name="openssh",
        title="key of OpenSSH",
        source="RFC 4253, OpenSSH",
        public=True,
        private=True,
        families=_NOT_SSH,
        encodings=("text",),
        extra=True,
    ),
    Format(
        name="xml",
        title="RSAKeyValue, XML of .NET",
        source="RFC 3275",
        public=True,
        private=True,
        families=("RSA",),
        encodings=("text",),
        writes=False,
    ),
    Format(
        name="x509",
        title="key of an X.509 certificate",
        source="RFC 5280",
        public=True,
        private=False,
        writes=False,
    ),
    Format(
        name="pkcs12",
        title="keys of a PKCS #12 file",
        source="RFC 7292",
        public=True,
        private=True,
        encodings=("der",),
        writes=False,
        extra=True,
    ),
)

FORMATS: Mapping[str, Format] = MappingProxyType({known.name: known for known in _ALL})
"""Each format by its name; read-only."""
