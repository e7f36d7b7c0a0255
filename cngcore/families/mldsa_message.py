"""What ML-DSA signs: the message representative mu of a message or a digest, and a padding (FIPS 204).

``mu = SHAKE256(tr || M', 64)`` with ``tr = SHAKE256(pk, 64)``. M' is ``0 || len(ctx) || ctx || M`` for a message and
``1 || len(ctx) || ctx || OID || digest`` for a digest (sections 5.2 and 5.4).
"""

from __future__ import annotations

from hashlib import shake_256

from cngcore._checks import to_bytes
from cngcore.padding import ExternalMu, PqDsa
from cngcore.status import InvalidParameterError, NotSupportedError

MU_BYTES = 64
"""Bytes of a message representative."""

LONGEST_CONTEXT = 255
"""Bytes of the longest context."""

STRENGTHS = {"44": 128, "65": 192, "87": 256}
"""By parameter set, the bits of collision resistance that a pre-hash must have (FIPS 204 section 5.4)."""

PREHASHES = {
    "SHA256": (1, 32, 128),
    "SHA384": (2, 48, 192),
    "SHA512": (3, 64, 256),
    "SHA3-256": (8, 32, 128),
    "SHA3-384": (9, 48, 192),
    "SHA3-512": (10, 64, 256),
    "SHAKE128": (11, 32, 128),
    "SHAKE256": (12, 64, 256),
}
"""By CNG's id of a hash: the last arc of its object identifier, bytes of the digest, bits of collision resistance.

The identifiers are 2.16.840.1.101.3.4.2.*. FIPS 204 also allows SHA-512/256 with set 44, but CNG has no id for it.
"""

_OID = bytes.fromhex("06096086480165030402")


def context_of(padding: object) -> bytes:
    """Return the context of a message. Raise InvalidParameterError for a padding that does not sign a message."""
    if padding is None:
        return b""
    if not isinstance(padding, PqDsa):
        raise InvalidParameterError(
            f"ML-DSA does not support {type(padding).__name__} padding; pass None, PqDsa(...) or ExternalMu()"
        )
    context = to_bytes("a context", padding.context)
    if len(context) > LONGEST_CONTEXT:
        raise InvalidParameterError(f"a context has at most {LONGEST_CONTEXT} bytes, not {len(context)}")
    return context


def is_pure(padding: object) -> bool:
    """Return whether this padding signs a message, and not its digest or its representative."""
    return padding is None or (isinstance(padding, PqDsa) and padding.prehash is None)


def representative(parameter_set: str, tr: bytes, message: bytes, padding: object) -> bytes:
    """Return mu of a message or of a digest (``PqDsa`` with a pre-hash), or the given mu (``ExternalMu``)."""
    if isinstance(padding, ExternalMu):
        if len(message) != MU_BYTES:
            raise InvalidParameterError(f"an external mu has {MU_BYTES} bytes, not {len(message)}")
        return message
    context = context_of(padding)
    prehash = padding.prehash if isinstance(padding, PqDsa) else None
    prefix = b"" if prehash is None else _identifier(parameter_set, prehash, message)
    state = shake_256(tr)
    state.update(bytes((prehash is not None, len(context))) + context + prefix)
    state.update(message)
    return state.digest(MU_BYTES)


def _identifier(parameter_set: str, prehash: object, digest: bytes) -> bytes:
    """Return the identifier of a pre-hash in DER. Raise CngError if the set or the digest does not fit it."""
    known = PREHASHES.get(prehash) if isinstance(prehash, str) else None
    if known is None:
        raise NotSupportedError(
            f"ML-DSA does not support the pre-hash {prehash!r:.40}; use one of {', '.join(PREHASHES)}"
        )
    arc, size, strength = known
    if strength < STRENGTHS[parameter_set]:
        raise InvalidParameterError(
            f"{prehash} is too weak for ML-DSA-{parameter_set}, "
            f"which needs {STRENGTHS[parameter_set]} bits of collision resistance"
        )
    if len(digest) != size:
        raise InvalidParameterError(f"a digest of {prehash} has {size} bytes, not {len(digest)}")
    return _OID + bytes((arc,))
