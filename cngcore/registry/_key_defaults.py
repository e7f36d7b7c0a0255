"""What a key is made of if its maker says nothing, in the one-step functions and the command."""

from __future__ import annotations

from cngcore import constants as c

CURVE_NAMES = {"X25519": (c.BCRYPT_ECDH_ALGORITHM, c.BCRYPT_ECC_CURVE_25519)}
"""The names that mean an algorithm and a curve."""

DEFAULT_LENGTH = 3072
"""Bits of an RSA, DSA or DH key: the strength of P-256 (NIST SP 800-57 part 1, table 2)."""

DEFAULT_PARAMETER_SETS = {c.BCRYPT_MLKEM_ALGORITHM: "768", c.BCRYPT_MLDSA_ALGORITHM: "65"}
"""The parameter sets of ML-KEM and ML-DSA: security category 3 (FIPS 203 and FIPS 204)."""


def one_step_names() -> dict[str, tuple[str, str]]:
    """Return the names that say more than an algorithm, each with the algorithm and its curve or parameter set.

    >>> one_step_names()["X25519"], one_step_names()["ML-KEM-768"]
    (('ECDH', 'curve25519'), ('ML-KEM', '768'))
    """
    from cngcore.blobs.pq import SIZES  # for an error message or a completion

    families = {c.BCRYPT_MLKEM_ALGORITHM: "MLKEMPUBLICBLOB", c.BCRYPT_MLDSA_ALGORITHM: "PQDSAPUBLICBLOB"}
    sets = {f"{name}-{one}": (name, one) for name, blob_type in families.items() for one in SIZES[blob_type]}
    return {**CURVE_NAMES, **sets}
