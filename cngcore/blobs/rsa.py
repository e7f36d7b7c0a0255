"""Wire formats of RSA keys: ``parse`` a blob, ``build`` one, ``complete`` and ``check`` the numbers.

Layouts: contract: rule-layout-rsa (``BCRYPT_RSAKEY_BLOB``, big-endian numbers behind a little-endian
header of 24 bytes) and contract: rule-layout-legacy (the blobs of CryptoAPI, little-endian throughout, header 20
bytes).
Answers to malformed blobs: contract: rule-import. Relations between the numbers: RFC 8017 section 3.

==========================  =====================================================================
blob type                   numbers after the header
==========================  =====================================================================
RSAPUBLICBLOB               e, n                                (PUBLICBLOB is the same)
RSAPRIVATEBLOB              e, n, p, q                          (PRIVATEBLOB: this or the next one)
RSAFULLPRIVATEBLOB          e, n, p, q, dp, dq, qinv, d
CAPIPUBLICBLOB              n                                   (e is in the header)
CAPIPRIVATEBLOB             n, p, q, dp, dq, qinv, d            (e is in the header)
==========================  =====================================================================

Sizes are compared with the length of the blob before anything is copied, so a header that claims 4 GB is refused
after reading only the header.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import lcm
from struct import Struct
from typing import TYPE_CHECKING

from cngcore import constants
from cngcore.blobs import shown_magic
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from typing import Literal

    from _typeshed import ReadableBuffer

__all__ = ["MOST_EXPONENT_BITS", "RsaKey", "build", "check", "complete", "parse"]

MOST_EXPONENT_BITS = 64
"""Bits of the longest public exponent that is imported, as on Windows since version 1903 (BCRYPT_RSAKEY_BLOB)."""


@dataclass(frozen=True, slots=True, repr=False)
class RsaKey:
    """The numbers of one RSA key, as ints; 0 means that a number is absent.

    ``dp`` is d mod p-1, ``dq`` is d mod q-1, ``qinv`` is the inverse of q modulo p. Nothing is checked here: see
    :func:`check`.
    """

    n: int
    e: int
    p: int = 0
    q: int = 0
    dp: int = 0
    dq: int = 0
    qinv: int = 0
    d: int = 0

    @property
    def bits(self) -> int:
        """Return the length of the modulus in bits, without leading zeros."""
        return self.n.bit_length()

    @property
    def is_private(self) -> bool:
        """Return whether both primes are present."""
        return bool(self.p and self.q)

    @property
    def is_full(self) -> bool:
        """Return whether the primes and all numbers computed from them are present."""
        return bool(self.is_private and self.dp and self.dq and self.qinv and self.d)

    def __repr__(self) -> str:
        return f"<RsaKey {self.bits} bits, {'private' if self.is_private else 'public'}>"


def parse(blob_type: str, blob: ReadableBuffer) -> RsaKey:
    """Return the key in ``blob``, read as ``blob_type``. The numbers are not tested against each other.

    In a full blob dP, dQ, qInv and d may be zero; ``complete`` computes them (contract: rule-import-rsa-numbers). An
    exponent may have leading zeros, a modulus may not. The modulus has no upper limit here, because reading takes
    linear time. ``check`` and ``complete`` take longer, so test ``bits`` first.

    Raise NotSupportedError for a type that is not RSA's and for a magic that does not belong to the type,
    InvalidParameterError for a blob shorter than its header, a prime of zero, a legacy exponent of 1 or an exponent
    above 64 bits (contract: rule-import-rsa-exponent), BadDataError for every disagreement of sizes.
    """
    view = memoryview(blob).cast("B")
    if blob_type in _LEGACY:
        return _parse_legacy(blob_type, view)
    if blob_type not in _TAKES:
        raise _not_rsa(blob_type)
    if len(view) < _HEADER.size:
        raise _too_short(view, _HEADER)
    magic, bits, cb_exponent, cb_modulus, cb_prime1, cb_prime2 = _HEADER.unpack_from(view)
    if magic not in _TAKES[blob_type]:
        raise NotSupportedError(f"{shown_magic(magic)} does not belong to a blob of type {blob_type}")
    if magic == _RSA1 and (cb_prime1 or cb_prime2):
        raise BadDataError("a public RSA blob must give the length 0 for both primes")
    e, n, *secret = _split(view, _HEADER.size, _widths(magic, cb_exponent, cb_modulus, cb_prime1, cb_prime2), "big")
    return _key(bits, cb_modulus, n, e, secret)


def build(blob_type: str, key: RsaKey) -> bytes | bytearray:
    """Return ``key`` as a blob of ``blob_type``: bytes for a public type, a bytearray for a private one.

    PUBLICBLOB writes RSAPUBLICBLOB and PRIVATEBLOB writes RSAPRIVATEBLOB. The modulus takes ceil(bits / 8) bytes, each
    prime its own size, the exponent as few bytes as it needs. :func:`complete` computes numbers that the key lacks.

    Raise NotSupportedError for a type that is not RSA's and for a key that does not fit a legacy form: bits that are
    not whole bytes, a prime longer than half the modulus, or e above 32 bits. Raise InvalidParameterError for a private
    type and a public key (contract: rule-export-private-of-public), and for a number that does not fit its field.
    """
    if blob_type in _LEGACY:
        return _build_legacy(blob_type, key)
    if blob_type not in _WRITES:
        raise _not_rsa(blob_type)
    magic = _WRITES[blob_type]
    numbers = _numbers(key, private=magic != _RSA1, full=magic == _RSA3)
    primes = (0, 0) if magic == _RSA1 else (_width(key.p), _width(key.q))
    sizes = (_width(key.e), _width(key.n), *primes)
    fields = (key.e, *numbers)
    return _join(_HEADER.pack(magic, key.bits, *sizes), fields, _widths(magic, *sizes), "big", magic != _RSA1)


def complete(key: RsaKey) -> RsaKey:
    """Return the private ``key`` with every missing one of d, dp, dq and qinv, computed from e, p and q.

    A new d is the inverse of e modulo lcm(p-1, q-1), which is the smallest; an existing d is kept. Raise
    InvalidParameterError for a public key, for primes below 3, and if e or q has no inverse.
    """
    if key.is_full:
        return key
    if not key.is_private:
        raise InvalidParameterError("an RSA key without its two primes cannot be completed; import a private blob")
    if key.p < 3 or key.q < 3:
        raise InvalidParameterError("a prime of the RSA key is below 3")
    d = key.d or _inverse(key.e, lcm(key.p - 1, key.q - 1), "the public exponent has no inverse: it shares a factor")
    return replace(
        key,
        d=d,
        dp=key.dp or d % (key.p - 1),
        dq=key.dq or d % (key.q - 1),
        qinv=key.qinv or _inverse(key.q, key.p, "q has no inverse modulo p: the primes share a factor"),
    )


def check(key: RsaKey) -> None:
    """Raise InvalidParameterError unless the numbers of ``key`` belong together (RFC 8017 section 3).

    n and e are odd and 3 <= e < n. If the primes are present, p * q == n and p != q. If the computed numbers are
    present, e*d is 1 modulo p-1 and modulo q-1, dp and dq are the inverses of e there, and qinv * q is 1 modulo p. p
    and q are not tested for primality.
    """
    if key.e < 3 or not key.e & 1:
        raise InvalidParameterError("the RSA public exponent must be odd and at least 3")
    if key.n <= key.e or not key.n & 1:
        raise InvalidParameterError("the RSA modulus must be odd and greater than the public exponent")
    if not key.is_private:
        return
    p, q = key.p, key.q
    if p < 3 or q < 3 or p * q != key.n:
        raise InvalidParameterError("the RSA modulus is not the product of the two primes")
    if p == q:
        raise InvalidParameterError("the two RSA primes are the same")
    agree = (
        not key.d or (product := key.e * key.d) % (p - 1) == 1 == product % (q - 1),
        not key.dp or (key.dp < p - 1 and key.e * key.dp % (p - 1) == 1),
        not key.dq or (key.dq < q - 1 and key.e * key.dq % (q - 1) == 1),
        not key.qinv or (key.qinv < p and key.qinv * q % p == 1),
    )
    if not all(agree):
        raise InvalidParameterError("d, dP, dQ or qInv of the RSA key does not belong to e and the primes")


# The header (contract: rule-layout-rsa): magic, BitLength, cbPublicExp, cbModulus, cbPrime1, cbPrime2.
_HEADER = Struct("<6L")
_RSA1 = constants.BCRYPT_RSAPUBLIC_MAGIC
_RSA2 = constants.BCRYPT_RSAPRIVATE_MAGIC
_RSA3 = constants.BCRYPT_RSAFULLPRIVATE_MAGIC
_WRITES = {
    constants.BCRYPT_PUBLIC_KEY_BLOB: _RSA1,
    constants.BCRYPT_PRIVATE_KEY_BLOB: _RSA2,
    constants.BCRYPT_RSAPUBLIC_BLOB: _RSA1,
    constants.BCRYPT_RSAPRIVATE_BLOB: _RSA2,
    constants.BCRYPT_RSAFULLPRIVATE_BLOB: _RSA3,
}
_TAKES = {name: (magic,) for name, magic in _WRITES.items()} | {constants.BCRYPT_PRIVATE_KEY_BLOB: (_RSA2, _RSA3)}

# The header (contract: rule-layout-legacy): bType, bVersion, reserved, aiKeyAlg, magic, bitlen, pubexp.
_LEGACY_HEADER = Struct("<BBHLLLL")
_LEGACY = {constants.LEGACY_RSAPUBLIC_BLOB: (6, _RSA1), constants.LEGACY_RSAPRIVATE_BLOB: (7, _RSA2)}
_CUR_BLOB_VERSION = 2
_CALG_RSA_SIGN = 0x2400
_CALG_RSA_KEYX = 0xA400


def _parse_legacy(blob_type: str, view: memoryview) -> RsaKey:
    """Read a CryptoAPI blob, for either use of the key (signing, key exchange)."""
    if len(view) < _LEGACY_HEADER.size:
        raise _too_short(view, _LEGACY_HEADER)
    kind, version, reserved, algorithm, magic, bits, e = _LEGACY_HEADER.unpack_from(view)
    wanted_kind, wanted_magic = _LEGACY[blob_type]
    if (kind, version, reserved) != (wanted_kind, _CUR_BLOB_VERSION, 0):
        raise BadDataError(f"the header does not have blob type {wanted_kind} and version 2, as {blob_type} needs")
    if algorithm not in (_CALG_RSA_KEYX, _CALG_RSA_SIGN):
        raise BadDataError(f"the header names the algorithm 0x{algorithm:08X}, which is not RSA")
    if magic != wanted_magic:
        raise NotSupportedError(f"{shown_magic(magic)} does not belong to a blob of type {blob_type}")
    if bits % 8:
        raise BadDataError(f"{bits} bits are not whole bytes, so the length of the numbers is unknown")
    n, *secret = _split(view, _LEGACY_HEADER.size, _legacy_widths(magic, bits), "little")
    if e == 1:
        raise InvalidParameterError("the RSA public exponent must be odd and at least 3, not 1")
    return _key(bits, bits // 8, n, e, secret)


def _build_legacy(blob_type: str, key: RsaKey) -> bytes | bytearray:
    kind, magic = _LEGACY[blob_type]
    numbers = _numbers(key, private=magic != _RSA1, full=magic != _RSA1)
    if key.bits % 8 or key.e >> 32 or max(key.p, key.q).bit_length() > 8 * -(-key.bits // 16):
        raise NotSupportedError(
            f"{blob_type} cannot hold this key: it needs whole bytes, primes of half that length "
            "and a public exponent of 32 bits; use RSAPUBLICBLOB or RSAFULLPRIVATEBLOB"
        )
    header = _LEGACY_HEADER.pack(kind, _CUR_BLOB_VERSION, 0, _CALG_RSA_KEYX, magic, key.bits, key.e)
    return _join(header, numbers, _legacy_widths(magic, key.bits), "little", magic != _RSA1)


def _widths(magic: int, cb_e: int, cb_n: int, cb_p: int, cb_q: int) -> tuple[int, ...]:
    """Return the bytes of each number after the header, in order."""
    if magic == _RSA1:
        return cb_e, cb_n
    if magic == _RSA2:
        return cb_e, cb_n, cb_p, cb_q
    return cb_e, cb_n, cb_p, cb_q, cb_p, cb_q, cb_p, cb_n


def _legacy_widths(magic: int, bits: int) -> tuple[int, ...]:
    """Return the bytes of each number; half of an odd number of bytes is rounded up (contract: rule-import-legacy)."""
    whole, half = bits // 8, (bits + 15) // 16
    return (whole,) if magic == _RSA1 else (whole, half, half, half, half, half, whole)


def _width(number: int) -> int:
    return (number.bit_length() + 7) // 8


def _split(view: memoryview, start: int, widths: Sequence[int], order: Literal["big", "little"]) -> list[int]:
    """Return the numbers of ``widths`` bytes, which must fill ``view`` from ``start`` to its end."""
    expected = start + sum(widths)
    if expected != len(view):
        raise BadDataError(f"the header describes {expected} bytes, but the blob has {len(view)}")
    if not all(widths):
        raise BadDataError("the header gives the length 0 for a required number")
    numbers = []
    for width in widths:
        numbers.append(int.from_bytes(view[start : start + width], order))
        start += width
    return numbers


def _key(bits: int, cb_modulus: int, n: int, e: int, secret: Sequence[int]) -> RsaKey:
    """Return the key. Check that BitLength, cbModulus and the modulus agree.

    BitLength may be rounded up to the whole byte, because callers on Windows write eight times the bytes even if the
    top bits of the modulus are zero.
    """
    if (bits + 7) // 8 != cb_modulus or _width(n) != cb_modulus or n.bit_length() > bits:
        raise BadDataError(f"BitLength {bits}, a modulus field of {cb_modulus} bytes and its value do not agree")
    if e >> MOST_EXPONENT_BITS:
        raise InvalidParameterError(
            f"the RSA public exponent has {e.bit_length()} bits; at most {MOST_EXPONENT_BITS} are imported"
        )
    if secret and not (secret[0] and secret[1]):
        raise InvalidParameterError("a prime of the RSA key is 0")
    return RsaKey(n, e, *secret)


def _numbers(key: RsaKey, *, private: bool, full: bool) -> tuple[int, ...]:
    """Return the numbers of a blob besides e: n, or n and the primes, or all."""
    if key.n <= 0 or key.e <= 0:
        raise InvalidParameterError("an RSA key needs a modulus and a public exponent above 0")
    if not private:
        return (key.n,)
    if not key.is_private:
        raise InvalidParameterError("this RSA key is public; it has no private blob")
    if not full:
        return key.n, key.p, key.q
    key = complete(key)
    return key.n, key.p, key.q, key.dp, key.dq, key.qinv, key.d


def _join(
    header: bytes, numbers: Sequence[int], widths: Sequence[int], order: Literal["big", "little"], private: bool
) -> bytes | bytearray:
    try:
        fields = [number.to_bytes(width, order) for number, width in zip(numbers, widths, strict=True)]
    except OverflowError:
        raise InvalidParameterError("a number of the RSA key does not fit its field") from None
    return bytearray().join((header, *fields)) if private else b"".join((header, *fields))


def _inverse(number: int, modulus: int, otherwise: str) -> int:
    try:
        return pow(number, -1, modulus)
    except ValueError:
        raise InvalidParameterError(otherwise) from None


def _not_rsa(blob_type: str) -> NotSupportedError:
    return NotSupportedError(f"{blob_type!r} is not a blob type of RSA")


def _too_short(view: memoryview, header: Struct) -> InvalidParameterError:
    return InvalidParameterError(f"a blob of {len(view)} bytes is shorter than its header of {header.size}")
