"""What a key is made of if its maker says nothing, in the one-step functions and the command."""

from __future__ import annotations

from cngcore import constants as c

DEFAULT_LENGTH = 3072
"""Bits of an RSA, DSA or DH key: the strength of P-256 (NIST SP 800-57 part 1, table 2)."""

DEFAULT_PARAMETER_SETS = {c.BCRYPT_MLKEM_ALGORITHM: "768", c.BCRYPT_MLDSA_ALGORITHM: "65"}
"""The parameter sets of ML-KEM and ML-DSA: security category 3 (FIPS 203 and FIPS 204)."""
