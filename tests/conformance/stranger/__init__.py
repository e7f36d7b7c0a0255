"""A small provider that is right, of an algorithm that bcrypt.h does not have: X448, with its own blobs and formats."""

from cngcore.provider import Algorithm, BlobType, ExactLength, KeyFormat, KitData, Property, When, hookimpl

__version__ = "0.1"

PUBLIC, PRIVATE = "TOYX448PUBLICBLOB", "TOYX448PRIVATEBLOB"
ALWAYS = When(algorithm="r", empty="r", finalized="r")


def kit_data():
    return KitData()


@hookimpl
def cngcore_register_algorithms():
    return [
        Algorithm(
            "toy:X448",
            "toy",
            {"agree"},
            key_lengths=ExactLength(448),
            properties=[Property("KeyLength", int, ALWAYS, value=448)],
            blob_types=[BlobType(PUBLIC), BlobType(PRIVATE)],
            factory="toy_cng.keys:Factory",
            back_end="cryptography",
            kit_data=kit_data,
        )
    ]


def magic(private):
    return b"X48V" if private else b"X48P"


def pack(encoded, private):
    return magic(private) + encoded


def unpack(blob):
    return blob[4:]


@hookimpl
def cngcore_key_formats():
    return [
        KeyFormat(
            "toy:X448",
            oid="1.3.101.111",
            public_blob=PUBLIC,
            private_blob=PRIVATE,
            public_length=56,
            private_length=56,
            jwk={"kty": "OKP", "crv": "X448"},
            unpack=unpack,
            pack=pack,
        )
    ]
