"""Ed25519 (RFC 8032) for cngcore: an algorithm that bcrypt.h does not have, with a name and blobs of its own.

Importing this module imports no cryptography: the factory is named by its path, and imported at the first key.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cngcore.provider import Algorithm, BlobType, ExactLength, KeyFormat, KitData, Property, When, hookimpl

_ALWAYS = When(algorithm="r", empty="r", finalized="r")

PUBLIC = "ACMEED25519PUBLICBLOB"
"""The 32 bytes of the public key (RFC 8032 section 5.1.5)."""

PRIVATE = "ACMEED25519PRIVATEBLOB"
"""The 32 bytes of the private key."""


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the algorithm of this provider. cngcore asks this of every plug-in."""
    return [
        Algorithm(
            "acme:Ed25519",
            "cryptography",
            operations={"sign"},
            signs="message",
            key_lengths=ExactLength(255),
            properties=[
                Property("KeyLength", int, _ALWAYS, value=255),
                Property("SignatureLength", int, _ALWAYS, value=64),
            ],
            blob_types=[BlobType(PUBLIC), BlobType(PRIVATE)],
            factory="acme_ed25519.keys:Factory",
            back_end="cryptography",
            kit_data=kit_data,
            sources={"operations": "RFC 8032", PUBLIC: "RFC 8032 section 5.1.5", PRIVATE: "RFC 8032 section 5.1.5"},
        )
    ]


@hookimpl
def cngcore_key_formats() -> Iterable[KeyFormat]:
    """Return how other programs write these keys: RFC 8410, and RFC 8037 for JSON Web Keys."""
    return [
        KeyFormat(
            "acme:Ed25519",
            oid="1.3.101.112",
            public_blob=PUBLIC,
            private_blob=PRIVATE,
            public_length=32,
            private_length=32,
            jwk={"kty": "OKP", "crv": "Ed25519"},
        )
    ]


def kit_data() -> KitData:
    """Return the vectors of RFC 8032 section 7.1, and keys that must be refused."""
    return KitData(
        vectors=str(Path(__file__).with_name("rfc8032.json")),
        exclusions={"blob-magic": "its blobs are the bytes of RFC 8032, which have no magic"},
        invalid_blobs={PUBLIC: {"y above p": b"\xff" * 32, "31 bytes": bytes(31)}, PRIVATE: {"33 bytes": bytes(33)}},
    )
