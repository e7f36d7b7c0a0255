"""The suggestions of error messages."""

import doctest

import pytest

from cngcore import _nearest
from cngcore._nearest import absent, nearest

KEYS = ["DH", "DSA", "ECDH", "ECDH_P256", "ECDSA", "ECDSA_P256", "ECDSA_P384", "ML-DSA", "ML-KEM", "RSA"]
CURVES = ["brainpoolP256r1", "curve25519", "nistP256", "nistP384", "secP256k1"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("rsa", "RSA"),
        ("RSA-2048", "RSA"),
        ("RSAA", "RSA"),
        ("ML_KEM", "ML-KEM"),
        ("MLKEM768", "ML-KEM"),
        ("Kyber", "ML-KEM"),
        ("DILITHIUM", "ML-DSA"),
        ("SHA-256", "SHA256"),
        ("P-256", "ECDSA_P256"),
        ("secp256k1", "ECDSA"),
        ("ECDSA_P255", "ECDSA_P256"),
        ("Ed25519", None),
        ("", None),
        ("something else", None),
    ],
)
def test_algorithms(word, expected):
    assert nearest(word, [*KEYS, "SHA256"]) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("P-256", "nistP256"),
        ("prime256v1", "nistP256"),
        ("NISTP384", "nistP384"),
        ("secp256k1", "secP256k1"),
        ("X25519", "curve25519"),
        ("brainpool256r1", "brainpoolP256r1"),
        ("P-521", None),
    ],
)
def test_curves(word, expected):
    assert nearest(word, iter(CURVES)) == expected


def test_an_exact_name_wins_over_another_spelling_of_it():
    assert nearest("secP256r1", ["secP256r1", "nistP256"]) == "secP256r1"
    assert nearest("ab", ["A-B", "AB"]) == "A-B"


def test_what_cng_does_not_have_is_said_not_to_exist():
    assert absent("SLH-DSA") == "CNG has no SLH-DSA; for signatures use ECDSA_P256 or ML-DSA"
    assert absent("Argon2") == "CNG has no Argon2"
    assert absent("RSA") is None


def test_the_examples_run():
    result = doctest.testmod(_nearest)
    assert result.attempted
    assert not result.failed
