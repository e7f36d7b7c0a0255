"""A small provider that is right, for the deviations in ``deviations.py``: the declaration."""

from cngcore.constants import (
    BCRYPT_NO_KEY_VALIDATION,
    BCRYPT_SUPPORTED_PAD_OAEP,
    BCRYPT_SUPPORTED_PAD_PKCS1_ENC,
    BCRYPT_SUPPORTED_PAD_PKCS1_SIG,
    BCRYPT_SUPPORTED_PAD_PSS,
)
from cngcore.families import curves
from cngcore.provider import (
    Algorithm,
    ExactLength,
    KeyLengths,
    NoLength,
    ParameterSet,
    Property,
    When,
    hookimpl,
)

__version__ = "0.1"

SCHEMES = (
    BCRYPT_SUPPORTED_PAD_PKCS1_SIG
    | BCRYPT_SUPPORTED_PAD_PSS
    | BCRYPT_SUPPORTED_PAD_PKCS1_ENC
    | BCRYPT_SUPPORTED_PAD_OAEP
)
ALWAYS = When(algorithm="r", empty="r", finalized="r")
LENGTH = [Property("KeyLength", int, ALWAYS, value=256)]
ON_KEY = When(empty="r", finalized="r")
FINALIZED = When(finalized="r")
RSA_LENGTHS = KeyLengths(1024, 1088, 64)


def declare_ecdsa():
    return Algorithm(
        "ECDSA_P256",
        "toy",
        {"sign"},
        key_lengths=ExactLength(256),
        properties=[
            Property("KeyLength", int, ON_KEY, value=256),
            Property("ECCCurveName", str, ALWAYS, value="nistP256"),
            Property("SignatureLength", int, FINALIZED),
        ],
        blob_types=["ECCPUBLICBLOB", "ECCPRIVATEBLOB"],
        dispatch_level=True,
        factory="toy_cng.ec:EcdsaFactory",
        back_end="cryptography",
    )


def declare_ecdh():
    return Algorithm(
        "ECDH_P256",
        "toy",
        {"agree"},
        key_lengths=ExactLength(256),
        properties=LENGTH + [Property("ECCCurveName", str, ALWAYS, value="nistP256")],  # noqa: RUF005 - deviations
        blob_types=["ECCPUBLICBLOB", "ECCPRIVATEBLOB"],
        factory="toy_cng.ec:EcdhFactory",
        back_end="cryptography",
    )


def declare_x25519():
    return curves.generic(
        "ECDH", ("curve25519",), "toy", factory="toy_cng.x25519:X25519Factory", back_end="cryptography"
    )


def declare_rsa():
    return Algorithm(
        "RSA",
        "toy",
        {"sign", "encrypt"},
        key_lengths=RSA_LENGTHS,
        properties=[
            Property("KeyLength", int, When(empty="rw", finalized="r")),
            Property("PaddingSchemes", int, ALWAYS, value=SCHEMES),
        ],
        blob_types=["RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB"],
        factory="toy_cng.rsa:RsaFactory",
        back_end="cryptography",
    )


def declare_mlkem():
    return Algorithm(
        "ML-KEM",
        "toy",
        {"encapsulate"},
        key_lengths=NoLength(),
        parameter_sets=[
            ParameterSet("768", encapsulation_key=1184, ciphertext=1088, shared_secret=32, private_seed=64),
            ParameterSet("1024", encapsulation_key=1568, ciphertext=1568, shared_secret=32, private_seed=64),
        ],
        properties=[Property("KEMCiphertextLength", int, FINALIZED)],
        generate_flags=BCRYPT_NO_KEY_VALIDATION,
        blob_types=["MLKEMPUBLICBLOB", "MLKEMPRIVATESEEDBLOB"],
        introduced="11-24h2",
        factory="toy_cng.mlkem:MlkemFactory",
        back_end="cryptography",
        probe="toy_cng.mlkem:probe",
    )


def sha256():
    return Algorithm(
        "SHA256",
        "toy",
        {"hash"},
        properties=[
            Property("HashDigestLength", int, When(algorithm="r"), value=32),
            Property("HashBlockLength", int, When(algorithm="r"), value=64),
        ],
        factory="toy_cng.hashes:HashFactory",
        keyed=True,
    )


def rng():
    return Algorithm("RNG", "toy", {"random"}, factory="toy_cng.hashes:RandomFactory")


@hookimpl
def cngcore_register_algorithms():
    return [declare_ecdsa(), declare_ecdh(), declare_x25519(), declare_rsa(), declare_mlkem(), sha256(), rng()]
