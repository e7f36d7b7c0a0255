"""The keys of a seed, computed by kyber-py, which is plain Python and not constant-time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cngcore.provider import ParameterSet


def expand(parameter_set: ParameterSet, seed: bytes | bytearray) -> tuple[bytes, bytes]:
    """Return (encapsulation key, decapsulation key) of d || z: ML-KEM.KeyGen_internal of FIPS 203."""
    from kyber_py import ml_kem  # type: ignore[import-untyped]

    public, private = getattr(ml_kem, f"ML_KEM_{parameter_set.name}").key_derive(bytes(seed))
    return public, private
