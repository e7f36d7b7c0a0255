"""dilithium-py: the keys of a seed, and signatures with a private key that has no seed.

dilithium-py is plain Python and not constant-time. Its version 1.5.1 hashes through objects that all parameter sets
share, and two calls at a time give wrong results. It is therefore called under a lock.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cngcore.provider import ParameterSet

_dilithium = Lock()
"""Held while dilithium-py works, for any parameter set."""

if hasattr(os, "register_at_fork"):  # a forked child must not wait for a thread that it does not have
    os.register_at_fork(after_in_child=lambda: _dilithium._at_fork_reinit())  # type: ignore[attr-defined]


def _python(parameter_set: ParameterSet) -> Any:
    """Return dilithium-py's object of a parameter set."""
    from dilithium_py import ml_dsa  # type: ignore[import-untyped]

    return getattr(ml_dsa, f"ML_DSA_{parameter_set.name}")


def expand(parameter_set: ParameterSet, seed: bytes | bytearray) -> tuple[bytes, bytes]:
    """Return (public key, expanded private key) of a seed: ML-DSA.KeyGen_internal of FIPS 204."""
    with _dilithium:
        public, private = _python(parameter_set).key_derive(bytes(seed))
    return public, private


def sign_mu(parameter_set: ParameterSet, private: bytes | bytearray, mu: bytes) -> bytes:
    """Return a hedged signature of a message representative by an expanded private key."""
    with _dilithium:
        signature: bytes = _python(parameter_set).sign_external_mu(bytes(private), mu)
    return signature
