"""Compute the public half of a private key, and refuse a file whose two halves belong to different keys.

``decode`` calls this for every format except CNG blobs, which :func:`cngcore.formats.check` tests. ``cryptography``
computes points and lattice keys if it is installed. Without it, and for curves that it lacks, Python does: that is not
constant-time. What would take too long stays untested here; ``check`` tests it.
"""

from __future__ import annotations

import hashlib
from hmac import compare_digest
from typing import Any

from cngcore.blobs.curves import SHORT_WEIERSTRASS, Curve
from cngcore.blobs.dh import DhKey
from cngcore.blobs.dsa import DsaKey
from cngcore.blobs.rsa import RsaKey
from cngcore.formats._foreign import ForeignKey
from cngcore.formats._model import ML_SIZES, EcKey, Key, MlKey
from cngcore.formats._work import can_compute, can_spend
from cngcore.status import BadDataError

__all__ = ["checked", "public_half"]


def checked(key: Key) -> Key:
    """Return the key. Raise BadDataError if its public half belongs to another private key."""
    if key.is_private and not _agree(key):
        raise BadDataError(f"the {key.description} key is damaged: its public half belongs to another private key")
    return key


def public_half(key: Key) -> Key | None:
    """Return the public half of a private key, or None if it cannot be computed here."""
    if key.has_public:
        return key.public()
    half = _computed(key.numbers)
    if half is None:
        return None
    return key.with_public(Key(key.family, half)).public()


def _agree(key: Key) -> bool:
    numbers = key.numbers
    if isinstance(numbers, RsaKey):
        return _rsa_agrees(numbers)
    if isinstance(numbers, MlKey):
        return _ml_agrees(numbers)
    if not key.has_public:
        return True
    if isinstance(numbers, ForeignKey):
        return _computed_by_its_provider(key, numbers) == numbers.public
    made = _computed(numbers)
    if isinstance(made, EcKey) and isinstance(numbers, EcKey):
        return (made.x, made.y) == (numbers.x, numbers.y)
    if isinstance(made, DsaKey | DhKey) and isinstance(numbers, DsaKey | DhKey):
        return made.y == numbers.y
    return True


def _computed_by_its_provider(key: Key, numbers: ForeignKey) -> bytes:
    from dataclasses import replace

    from cngcore.formats._complete import complete

    made = complete(replace(key, numbers=replace(numbers, public=b""))).numbers
    return made.public if isinstance(made, ForeignKey) else b""


def _rsa_agrees(key: RsaKey) -> bool:
    p, q, e = key.p, key.q, key.e
    if p < 3 or q < 3 or p * q != key.n:
        return False
    return (
        (not key.d or e * key.d % (p - 1) == 1 == e * key.d % (q - 1))
        and (not key.dp or e * key.dp % (p - 1) == 1)
        and (not key.dq or e * key.dq % (q - 1) == 1)
        and (not key.qinv or key.qinv * q % p == 1)
    )


def _computed(numbers: Any) -> Any:
    """Return the numbers with the public half, or None."""
    if isinstance(numbers, DsaKey | DhKey):
        group, x = numbers.parameters, numbers.x or 0
        if group.p < 3 or not can_compute(group.p.bit_length(), x.bit_length()):
            return None
        y = pow(group.g, x, group.p)
        return DsaKey(group, y, x) if isinstance(numbers, DsaKey) else DhKey(group, y, x)  # type: ignore[arg-type]
    if isinstance(numbers, EcKey):
        point = _x25519(numbers.d) if numbers.is_montgomery else _point(numbers.curve, numbers.d)
        return None if point is None else EcKey(numbers.curve, *point, numbers.d, numbers.parameters)
    if isinstance(numbers, MlKey):
        public = _ml_public(numbers)
        return MlKey(numbers.family, numbers.parameter_set, public) if public else None
    return None


# --- elliptic curves -------------------------------------------------------------------------------------

_THEIRS = {
    "nistP192": "SECP192R1", "nistP224": "SECP224R1", "nistP256": "SECP256R1", "nistP384": "SECP384R1",
    "nistP521": "SECP521R1", "secP192r1": "SECP192R1", "secP224r1": "SECP224R1", "secP256r1": "SECP256R1",
    "secP384r1": "SECP384R1", "secP521r1": "SECP521R1", "secP256k1": "SECP256K1", "brainpoolP256r1": "BrainpoolP256R1",
    "brainpoolP384r1": "BrainpoolP384R1", "brainpoolP512r1": "BrainpoolP512R1",
}  # fmt: skip
_COST = {"nistP224": 130, "nistP256": 80, "secP224r1": 130, "secP256r1": 80}
"""Microseconds of a point where they are fewer than six for each bit."""


def _x25519(d: bytes) -> tuple[bytes, bytes] | None:
    if not can_spend(500):
        return None
    try:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    except ImportError:
        return _ladder(d), b""
    return X25519PrivateKey.from_private_bytes(d).public_key().public_bytes_raw(), b""


def _ladder(d: bytes) -> bytes:
    """Return the public key of X25519 (RFC 7748 section 5)."""
    p = 2**255 - 19
    scalar = int.from_bytes(bytes([d[0] & 0xF8, *d[1:31], d[31] & 0x7F | 0x40]), "little")
    x1, x2, z2, x3, z3 = 9, 1, 0, 9, 1
    for place in range(254, -1, -1):
        bit = scalar >> place & 1
        if bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        a, b, c, e = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = e * a % p, c * b % p, a * a % p, b * b % p
        x3, z3 = (da + cb) ** 2 % p, x1 * (da - cb) ** 2 % p
        x2, z2 = aa * bb % p, (aa - bb) * (aa + 121665 * (aa - bb)) % p
        if bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
    return (x2 * pow(z2, -1, p) % p).to_bytes(32, "little")


def _point(curve: Curve, d: bytes) -> tuple[bytes, bytes] | None:
    scalar, size = int.from_bytes(d, "big"), curve.field_bytes
    if not 0 < scalar < curve.n:
        return None
    theirs = curve.name in _THEIRS
    if not (can_spend(_COST.get(curve.name, 6 * curve.bits)) if theirs else can_compute(curve.bits, 32 * curve.bits)):
        return None
    found = _their_point(curve.name, scalar) if theirs else None
    if found is None and curve.curve_type == SHORT_WEIERSTRASS:
        found = _multiple(curve, scalar)
    return None if found is None else (found[0].to_bytes(size, "big"), found[1].to_bytes(size, "big"))


def _their_point(name: str, scalar: int) -> tuple[int, int] | None:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError:
        return None
    try:
        numbers = ec.derive_private_key(scalar, getattr(ec, _THEIRS[name])()).public_key().public_numbers()
    except (AttributeError, ValueError, UnsupportedAlgorithm):
        return None
    return numbers.x, numbers.y


def _multiple(curve: Curve, scalar: int) -> tuple[int, int] | None:
    """Return a multiple of the base point, in Jacobian coordinates; None if it is the point at infinity."""
    p, a = curve.p, curve.a
    x, y, z = 0, 1, 0
    gx, gy = curve.gx, curve.gy
    for bit in bin(scalar)[2:]:
        if z:  # double
            yy = y * y % p
            s, m = 4 * x * yy % p, (3 * x * x + a * pow(z, 4, p)) % p
            x2 = (m * m - 2 * s) % p
            x, y, z = x2, (m * (s - x2) - 8 * yy * yy) % p, 2 * y * z % p
        if bit == "0":
            continue
        if not z:
            x, y, z = gx, gy, 1
            continue
        zz = z * z % p
        u, s = gx * zz % p, gy * zz * z % p
        h, r = (u - x) % p, (s - y) % p
        if not h:
            if r:
                x, y, z = 0, 1, 0
                continue
            yy = gy * gy % p
            s, m = 4 * gx * yy % p, (3 * gx * gx + a) % p
            x = (m * m - 2 * s) % p
            x, y, z = x, (m * (s - x) - 8 * yy * yy) % p, 2 * gy % p
            continue
        hh = h * h % p
        hhh, v = h * hh % p, x * hh % p
        x2 = (r * r - hhh - 2 * v) % p
        x, y, z = x2, (r * (v - x2) - y * hhh) % p, z * h % p
    try:
        inverse = pow(z, -1, p)
    except ValueError:
        return None
    return x * inverse * inverse % p, y * pow(inverse, 3, p) % p


# --- ML-KEM and ML-DSA -----------------------------------------------------------------------------------

_RANKS = {"512": 2, "768": 3, "1024": 4}
_SHAPES = {"44": (4, 4), "65": (6, 5), "87": (8, 7)}


def _ml_agrees(key: MlKey) -> bool:
    """Return whether the seed, the expanded key and the public key agree (FIPS 203 section 7, FIPS 204 section 6)."""
    public = _ml_public(key) if key.seed else b""
    kem = key.family == "ML-KEM"
    rho = public_rho = b""
    if key.seed and kem:
        rho = hashlib.sha3_512(key.seed[:32] + bytes([_RANKS[key.parameter_set]])).digest()[:32]
    elif key.seed:
        rho = hashlib.shake_256(key.seed + bytes(_SHAPES[key.parameter_set])).digest(128)
    if key.expanded and kem:
        size = ML_SIZES["ML-KEM"][key.parameter_set][0]
        inside, hashed = key.expanded[-64 - size : -64], key.expanded[-64:-32]
        if not compare_digest(hashlib.sha3_256(inside).digest(), hashed):
            return False
        if key.seed and not compare_digest(key.expanded[-32:], key.seed[32:]):
            return False
        if any(other and not compare_digest(inside, other) for other in (key.public, public)):
            return False
        public_rho = inside[-32:]
    elif key.expanded:
        if key.seed and not compare_digest(key.expanded[:64], rho[:32] + rho[96:]):
            return False
        for other in filter(None, (key.public, public)):
            if not compare_digest(key.expanded[:32], other[:32]):
                return False
            if not compare_digest(key.expanded[64:128], hashlib.shake_256(other).digest(64)):
                return False
    if public and key.public and not compare_digest(public, key.public):
        return False
    if key.public:
        public_rho = public_rho or (key.public[-32:] if kem else key.public[:32])
    return not (rho and public_rho) or compare_digest(rho[:32], public_rho)


def _ml_public(key: MlKey) -> bytes:
    """Return the public key, or empty bytes if it cannot be computed here."""
    if key.family == "ML-KEM" and key.expanded and not key.seed:
        return key.expanded[-64 - ML_SIZES["ML-KEM"][key.parameter_set][0] : -64]
    if not key.seed or not can_spend(500):
        return b""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm

        if key.family == "ML-KEM":
            from cryptography.hazmat.primitives.asymmetric import mlkem as module
        else:
            from cryptography.hazmat.primitives.asymmetric import mldsa as module  # type: ignore[no-redef]
    except ImportError:
        return b""
    name = f"{key.family.replace('-', '')}{key.parameter_set}PrivateKey"
    kind = getattr(module, name, None)
    if kind is None:
        return b""
    try:
        return bytes(kind.from_seed_bytes(key.seed).public_key().public_bytes_raw())
    except (UnsupportedAlgorithm, ValueError):
        return b""
