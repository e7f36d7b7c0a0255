"""What is signed: from a message, or its digest, and a padding to the message representative mu (FIPS 204).

``mu = SHAKE256(tr || M', 64)`` with ``tr = SHAKE256(pk, 64)``. M' is ``0 || len(ctx) || ctx || M`` for a message and
``1 || len(ctx) || ctx || OID || digest`` for one that was hashed before (sections 5.2 and 5.4).
"""

from __future__ import annotations

from hashlib import shake_256

from cngcore._checks import to_bytes
from cngcore.padding import ExternalMu, PqDsa
from cngcore.status import InvalidParameterError, NotSupportedError

MU_BYTES = 64
LONGEST_CONTEXT = 255

STRENGTHS = {"44": 128, "65": 192, "87": 256}
"""Parameter set: the bits of collision resistance that a pre-hash must have (FIPS 204 section 5.4)."""

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
"""CNG's id of a hash: the last arc of its object identifier, bytes of the digest, bits of collision resistance.

The identifiers are 2.16.840.1.101.3.4.2.*. FIPS 204 also allows SHA-512/256 with set 44, for which CNG has no id.
"""

_OID = bytes.fromhex("06096086480165030402")


def context_of(padding: object) -> bytes:
    """The context of a message; ExternalMu has none to give, and other paddings are none of ML-DSA."""
    if padding is None:
        return b""
    if not isinstance(padding, PqDsa):
        raise InvalidParameterError(f"ML-DSA takes no {type(padding).__name__} padding")
    context = to_bytes("a context", padding.context)
    if len(context) > LONGEST_CONTEXT:
        raise InvalidParameterError(f"a context has at most {LONGEST_CONTEXT} bytes, not {len(context)}")
    return context


def is_pure(padding: object) -> bool:
    """Whether it is a message that is signed, neither its digest nor its representative."""
    return padding is None or (isinstance(padding, PqDsa) and padding.prehash is None)


def representative(parameter_set: str, tr: bytes, message: bytes, padding: object) -> bytes:
    """mu of a message, of its digest (``PqDsa`` with a pre-hash), or the one that is given (``ExternalMu``)."""
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
    """The DER of a pre-hash's identifier, if it is one for this set and made this digest."""
    known = PREHASHES.get(prehash) if isinstance(prehash, str) else None
    if known is None:
        raise NotSupportedError(f"{prehash!r:.40} is no pre-hash of ML-DSA; use one of {', '.join(PREHASHES)}")
    arc, size, strength = known
    if strength < STRENGTHS[parameter_set]:
        raise InvalidParameterError(
            f"{prehash} is too weak for ML-DSA-{parameter_set}, which asks for {STRENGTHS[parameter_set]} bits"
        )
    if len(digest) != size:
        raise InvalidParameterError(f"a digest of {prehash} has {size} bytes here, not {len(digest)}")
    return _OID + bytes((arc,))
