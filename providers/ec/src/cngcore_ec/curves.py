"""The curves that this provider supports. This module imports no back end."""

from __future__ import annotations

WEIERSTRASS = {
    "brainpoolP256r1": "BrainpoolP256R1",
    "brainpoolP384r1": "BrainpoolP384R1",
    "brainpoolP512r1": "BrainpoolP512R1",
    "nistP192": "SECP192R1",
    "nistP224": "SECP224R1",
    "nistP256": "SECP256R1",
    "nistP384": "SECP384R1",
    "nistP521": "SECP521R1",
    "secP192r1": "SECP192R1",
    "secP224r1": "SECP224R1",
    "secP256k1": "SECP256K1",
    "secP256r1": "SECP256R1",
    "secP384r1": "SECP384R1",
    "secP521r1": "SECP521R1",
    "wtls12": "SECP224R1",
    "x962P192v1": "SECP192R1",
    "x962P256v1": "SECP256R1",
}
"""The curves of bcrypt.h that cryptography has, each with the name of its class. Several names may mean one curve."""

CURVE25519 = "curve25519"
