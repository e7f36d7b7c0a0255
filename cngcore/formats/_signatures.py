"""Signatures of ECDSA and DSA as other programs write them: DER of r and s (RFC 3279 section 2.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore._checks import check_number, to_bytes
from cngcore.formats import _der as der
from cngcore.status import BadDataError, InvalidParameterError

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["signature_from_der", "signature_to_der"]


def signature_to_der(signature: Buffer) -> bytes:
    """Return ``r || s``, as CNG has it, as the DER that OpenSSL, X.509 and Java use.

    Raise InvalidParameterError for a signature that has not two halves of one length.

    >>> signature_to_der(bytes([1, 0x80])).hex()
    '300702010102020080'
    """
    raw = to_bytes("the signature", signature)
    if not raw or len(raw) % 2:
        raise InvalidParameterError(f"r and s have one length, so a signature of {len(raw)} bytes is none")
    half = len(raw) // 2
    numbers = (int.from_bytes(part, "big") for part in (raw[:half], raw[half:]))
    return bytes(der.sequence(*map(der.integer, numbers)))


def signature_from_der(signature: Buffer, size: int) -> bytes:
    """Return a DER signature as ``r || s`` of ``size`` bytes: 64 for P-256, 132 for P-521.

    Raise BadDataError for malformed DER, and for numbers that are too long.

    >>> signature_from_der(bytes.fromhex("300702010102020080"), 2).hex()
    '0180'
    """
    half, odd = divmod(check_number("size", size), 2)
    if odd or half < 1:
        raise InvalidParameterError(f"r and s have one length, so no signature has {size} bytes")
    outer = der.Reader(to_bytes("the signature", signature), "signature")
    numbers = outer.sequence()
    outer.end()
    pair = [numbers.integer("r"), numbers.integer("s")]
    numbers.end()
    if max(pair) >> 8 * half:
        raise BadDataError(f"signature: r or s has more than {half} bytes")
    return b"".join(number.to_bytes(half, "big") for number in pair)
