"""The public key of an ML-DSA private key in expanded form, and the check of that form (FIPS 204 sections 6.1 and 7).

An expanded key holds ``rho, K, tr, s1, s2, t0``. All but K follow from rho, s1 and s2, so they are computed again and
compared: s1 and s2 must be in range, t0 must be the low half of ``t = A * s1 + s2``, and tr the hash of the public key.
This is plain Python and not constant-time. It runs once for each import and takes 10 to 20 ms.
"""

from __future__ import annotations

from hashlib import shake_128, shake_256

from cngcore.status import InvalidParameterError

Q = 8380417
N = 256
D = 13
"""Bits of a coefficient of t that t0 holds."""

SHAPES = {"44": (4, 4, 2), "65": (6, 5, 4), "87": (8, 7, 2)}
"""By parameter set: k, l, eta."""

_ZETAS = [pow(1753, int(f"{index:08b}"[::-1], 2), Q) for index in range(N)]
_INVERSE_OF_N = pow(N, -1, Q)

Polynomial = list[int]


def public_key(parameter_set: str, private: bytes) -> bytes:
    """Return the public key of an expanded private key of the right size. Raise InvalidParameterError if none fits."""
    k, l, eta = SHAPES[parameter_set]  # noqa: E741 - the standard's name
    rho, tr = private[:32], private[64:128]
    width = (2 * eta).bit_length()
    small = _fields(private[128 : 128 + 32 * width * (k + l)], width)
    if max(small) > 2 * eta:
        raise InvalidParameterError("a coefficient of s1 or s2 is out of its range")
    s1 = [_forward([eta - value for value in small[at : at + N]]) for at in range(0, N * l, N)]
    s2 = [eta - value for value in small[N * l :]]
    t0 = [(1 << D - 1) - value for value in _fields(private[128 + 32 * width * (k + l) :], D)]
    t = [value for row in range(k) for value in _product(rho, row, s1)]
    t1 = []
    for product, noise, low in zip(t, s2, t0, strict=True):
        high, rest = divmod((product + noise) % Q - low, 1 << D)
        if rest:
            raise InvalidParameterError("t0 does not belong to s1 and s2")
        t1.append(high)
    public = rho + sum(value << 10 * at for at, value in enumerate(t1)).to_bytes(320 * k, "little")
    if shake_256(public).digest(64) != tr:
        raise InvalidParameterError("the private key does not hold the hash of its public key")
    return public


def _fields(packed: bytes, width: int) -> list[int]:
    """Return numbers of ``width`` bits that are packed, lowest bit first; eight of them fill ``width`` bytes."""
    mask = (1 << width) - 1
    numbers: list[int] = []
    for at in range(0, len(packed), width):
        eight = int.from_bytes(packed[at : at + width], "little")
        numbers.extend(eight >> shift & mask for shift in range(0, 8 * width, width))
    return numbers


def _product(rho: bytes, row: int, vector: list[Polynomial]) -> Polynomial:
    """Multiply one row of A by a transformed vector, and transform the result back."""
    total = [0] * N
    for column, polynomial in enumerate(vector):
        entry = _sample(rho + bytes((column, row)))
        total = [x + y * z for x, y, z in zip(total, entry, polynomial, strict=True)]
    return _backward([value % Q for value in total])


def _sample(seed: bytes) -> Polynomial:
    """Return a polynomial of A, already transformed: the 23-bit numbers of SHAKE128 below q (algorithm 30)."""
    blocks = 5
    while True:
        stream = shake_128(seed).digest(168 * blocks)
        drawn = [low | middle << 8 | (high & 0x7F) << 16 for low, middle, high in zip(*[iter(stream)] * 3, strict=True)]
        taken = [value for value in drawn if value < Q][:N]
        if len(taken) == N:
            return taken
        blocks += 5


def _forward(w: Polynomial) -> Polynomial:
    """Apply the number-theoretic transform in place (algorithm 41)."""
    zetas = iter(_ZETAS[1:])
    half = N // 2
    while half:
        for start in range(0, N, 2 * half):
            zeta = next(zetas)
            for at in range(start, start + half):
                turned = zeta * w[at + half] % Q
                w[at], w[at + half] = (w[at] + turned) % Q, (w[at] - turned) % Q
        half //= 2
    return w


def _backward(w: Polynomial) -> Polynomial:
    """Apply the inverse transform in place (algorithm 42)."""
    zetas = reversed(_ZETAS[1:])
    half = 1
    while half < N:
        for start in range(0, N, 2 * half):
            zeta = -next(zetas)
            for at in range(start, start + half):
                low, high = w[at], w[at + half]
                w[at], w[at + half] = (low + high) % Q, zeta * (low - high) % Q
        half *= 2
    return [value * _INVERSE_OF_N % Q for value in w]
