"""SLH-DSA (FIPS 205) for cngcore, by the library ``slh-dsa``: with the name, the sets and the blobs of bcrypt.h.

Importing this module imports no cryptography: the factory is named by its path, and imported at the first key.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from cngcore.blobs import pq
from cngcore.constants import BCRYPT_PQDSA_PRIVATE_BLOB, BCRYPT_PQDSA_PUBLIC_BLOB, BCRYPT_SLHDSA_ALGORITHM
from cngcore.provider import Algorithm, KeyFormat, KitData, NoLength, ParameterSet, Property, When, hookimpl
from cngcore.status import BadDataError

SIGNATURES = {
    "SHA2-128f": 17088, "SHAKE-128f": 17088, "SHA2-192f": 35664, "SHAKE-192f": 35664, "SHA2-256f": 49856,
    "SHAKE-256f": 49856,
}  # fmt: skip
"""Bytes of a signature, by parameter set (FIPS 205 table 2)."""

OBJECT_IDENTIFIERS = {
    "SHA2-128f": "2.16.840.1.101.3.4.3.21", "SHA2-192f": "2.16.840.1.101.3.4.3.23",
    "SHA2-256f": "2.16.840.1.101.3.4.3.25", "SHAKE-128f": "2.16.840.1.101.3.4.3.27",
    "SHAKE-192f": "2.16.840.1.101.3.4.3.29", "SHAKE-256f": "2.16.840.1.101.3.4.3.31",
}  # fmt: skip
"""The object identifiers of RFC 9909, by parameter set."""

PUBLIC, PRIVATE = (pq.SLHDSA_SIZES[name] for name in (BCRYPT_PQDSA_PUBLIC_BLOB, BCRYPT_PQDSA_PRIVATE_BLOB))


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the algorithm of this provider. cngcore asks this of every plug-in."""
    return [
        Algorithm(
            BCRYPT_SLHDSA_ALGORITHM,
            "slh-dsa",
            operations={"sign"},
            signs="message",
            message_options=("context", "prehash"),
            key_lengths=NoLength(),
            parameter_sets=[
                ParameterSet(name, public_key=PUBLIC[name], private_key=PRIVATE[name], signature=size)
                for name, size in SIGNATURES.items()
            ],
            properties=[
                Property("SignatureLength", int, When(finalized="r")),
                Property("PublicKeyLength", int, When(finalized="r")),
            ],
            blob_types=[BCRYPT_PQDSA_PUBLIC_BLOB, BCRYPT_PQDSA_PRIVATE_BLOB],
            factory="acme_slhdsa.keys:Factory",
            back_end="slh-dsa",
            kit_data=kit_data,
            sources={"operations": "FIPS 205 section 10", "parameter_sets": "FIPS 205 table 2; bcrypt.h"},
        )
    ]


@hookimpl
def cngcore_key_formats() -> Iterable[KeyFormat]:
    """Return how other programs write these keys: RFC 9909."""
    return [
        KeyFormat(
            BCRYPT_SLHDSA_ALGORITHM,
            oid=oid,
            parameter_set=name,
            public_blob=BCRYPT_PQDSA_PUBLIC_BLOB,
            private_blob=BCRYPT_PQDSA_PRIVATE_BLOB,
            public_length=PUBLIC[name],
            private_length=PRIVATE[name],
            nested=False,
            unpack=partial(_unpacked, name),
            pack=partial(_packed, name),
        )
        for name, oid in OBJECT_IDENTIFIERS.items()
    ]


def _unpacked(parameter_set: str, blob: bytes) -> bytes:
    """Return the key in a blob, without its header. Raise BadDataError if the blob has another parameter set."""
    public = blob[:4] == b"SHPK"
    parsed = pq.parse(BCRYPT_PQDSA_PUBLIC_BLOB if public else BCRYPT_PQDSA_PRIVATE_BLOB, blob, algorithm="SLH-DSA")
    if parsed.parameter_set != parameter_set:
        raise BadDataError(f"the key has the parameter set {parsed.parameter_set}, not {parameter_set}")
    return parsed.key


def _packed(parameter_set: str, key: bytes) -> bytes:
    """Return a key as a blob."""
    blob_type = BCRYPT_PQDSA_PUBLIC_BLOB if len(key) == PUBLIC[parameter_set] else BCRYPT_PQDSA_PRIVATE_BLOB
    return bytes(pq.build(blob_type, parameter_set, key))


def kit_data() -> KitData:
    """Return vectors of NIST and of another library, and a private key that must be refused."""
    right = pq.build(BCRYPT_PQDSA_PRIVATE_BLOB, "SHA2-128f", bytes(64))
    return KitData(
        vectors=str(Path(__file__).with_name("vectors.json")),
        invalid_blobs={BCRYPT_PQDSA_PRIVATE_BLOB: {"PK.root does not belong to the seeds": bytes(right)}},
    )
