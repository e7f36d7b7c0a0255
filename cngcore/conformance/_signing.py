"""Sign in one place, so that every signature that the kit causes is verified.

The kit's own arithmetic verifies what it can: signatures of two numbers, and those of RSA. It takes milliseconds, so
that each kind of key has 0.3 s for it. After that it verifies signatures with a zero byte at an end of a number,
because providers lose these bytes. The key itself verifies every signature.
"""

from __future__ import annotations

from cngcore.conformance._check import Failure, bcrypt, granted
from cngcore.conformance._samples import Way, flat_signature
from cngcore.conformance._subject import Clock, Kind
from cngcore.conformance._verification import holds, is_thin
from cngcore.objects import KeyPair
from cngcore.padding import Padding

__all__ = ["BUDGET", "flat_sign", "sign", "verify"]

BUDGET = 0.3
"""Seconds of arithmetic for a kind of key."""


def sign(
    kind: Kind, data: bytes, padding: Padding | None = None, *, key: KeyPair | None = None, doing: str = ""
) -> bytes:
    """Return a signature by ``key``, or by the key of the kind, after it was verified. Raise Failure if it is wrong."""
    signer = key or kind.key
    signature: bytes = granted(signer.sign_hash, data, padding, doing=doing or f"signing {len(data)} bytes")
    verify(kind, signer, data, signature, padding, doing)
    return signature


def flat_sign(kind: Kind, handle: int, way: Way) -> bytes:
    """Return a signature by a key of the flat API, after it was verified there."""
    info, flags = flat_signature(way.padding)
    signature = bytearray(granted(bcrypt.BCryptSignHash, handle, info, way.data, None, flags))
    granted(bcrypt.BCryptSignHash, handle, info, way.data, signature, flags, doing=f"BCryptSignHash of {way}")
    granted(bcrypt.BCryptVerifySignature, handle, info, way.data, signature, flags, doing="BCryptVerifySignature")
    return bytes(signature)


def verify(
    kind: Kind, key: KeyPair, data: bytes, signature: bytes, padding: Padding | None = None, doing: str = ""
) -> None:
    """Raise Failure unless a signature by ``key`` is right: by arithmetic where the kit knows it, and by the key."""
    doing = doing or f"signing {len(data)} bytes"
    if kind.arithmetic_seconds < BUDGET or is_thin(signature):
        clock = Clock()
        right = holds(kind, key, data, signature, padding)
        kind.arithmetic_seconds += clock.seconds
        if right is False:
            raise Failure(
                "a signature that holds by arithmetic", _holds_for(kind, key, data, signature, padding), doing
            )
    granted(key.verify_signature, data, signature, padding, doing=f"verifying the signature after {doing}")


def _holds_for(kind: Kind, key: KeyPair, data: bytes, signature: bytes, padding: Padding | None) -> str:
    """Return for which other data a wrong signature holds: a part of it, or its bytes in another order."""
    others = {f"the first {size} bytes": data[:size] for size in (20, 28, 32, 48, 64) if size < len(data)}
    others |= {"the bytes reversed": data[::-1], "the digest without its last byte": data[:-1]}
    for what, other in others.items():
        if other and holds(kind, key, other, signature, padding):
            return f"one that holds for {what}"
    return "another"
