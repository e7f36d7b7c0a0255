"""Signatures that are a pair of numbers, as ECDSA and DSA make them: ``r || s``, each as wide as the order.

A signature of another length is STATUS_INVALID_PARAMETER (contract: rule-verify). The range of r and s is the back
end's to check: a number that is 0 or not below the order makes the signature invalid.
"""

from __future__ import annotations

from cngcore.status import InvalidParameterError

__all__ = ["join", "split"]


def split(signature: bytes, width: int) -> tuple[int, int]:
    """Return r and s of a signature, each of ``width`` bytes. Raise InvalidParameterError for any other length.

    >>> split(b"\\x00\\x01\\x00\\x02", 2)
    (1, 2)
    """
    if len(signature) != 2 * width:
        der = (
            "; it looks like DER: verify(message, signature, encoding='der') reads it" if signature[:1] == b"0" else ""
        )
        raise InvalidParameterError(f"a signature under this key has {2 * width} bytes, not {len(signature)}{der}")
    return int.from_bytes(signature[:width], "big"), int.from_bytes(signature[width:], "big")


def join(r: int, s: int, width: int) -> bytes:
    """Return the signature of r and s, each in ``width`` bytes.

    >>> join(1, 2, 2)
    b'\\x00\\x01\\x00\\x02'
    """
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")
