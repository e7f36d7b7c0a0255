"""Verify signatures by integer arithmetic: those of two numbers, of RSA and of ML-DSA."""

from __future__ import annotations

from dataclasses import dataclass

from cngcore import constants as c
from cngcore.blobs import pq
from cngcore.blobs import rsa as rsa_blobs
from cngcore.conformance import _samples as ways
from cngcore.conformance import lattices, numbers
from cngcore.conformance._check import Skip, granted
from cngcore.conformance._subject import Kind
from cngcore.conformance.checks.numbers import CurveKeys, Powers, chance, known_powers, powers_of
from cngcore.objects import KeyPair
from cngcore.padding import ExternalMu, Padding, Pkcs1, PqDsa, Pss

__all__ = ["Pairs", "block_holds", "holds", "is_thin"]


@dataclass(frozen=True)
class Pairs:
    """The group in which a key makes signatures of two numbers: ECDSA or DSA."""

    kind: Kind
    order: int
    curve: CurveKeys | None
    powers: Powers | None

    @classmethod
    def of(cls, kind: Kind, key: KeyPair | None = None) -> Pairs:
        """Return it for a key, by default the one of the kind. Raise Skip if signatures are not pairs of numbers of a
        known group.
        """
        if kind.parameter_set is not None or ways.schemes(kind):
            raise Skip("its signatures are not pairs of numbers")
        keys = CurveKeys.of(kind)
        if keys is not None and keys.curve.curve_type == 1 and keys.curve.h == 1:
            return cls(kind, keys.curve.n, keys, None)
        powers = None if keys is not None else powers_of(kind, key or kind.key)
        if powers is None:
            raise Skip("the kit does not know the group, or its cofactor is not 1")
        return cls(kind, powers[2], None, powers)

    @property
    def width(self) -> int:
        return (self.order.bit_length() + 7) // 8

    @property
    def digest_size(self) -> int | None:
        """Return the only size of a digest, or None if any will do."""
        return None if self.powers is None else self.width

    def digest(self, *words: object) -> bytes:
        size = self.digest_size or 32
        return chance(*words).to_bytes(128, "big")[:size]

    def digest_of(self, number: int) -> bytes | None:
        """Return a digest with this number, as long as one of a hash; None if no hash is so long."""
        bits = self.order.bit_length()
        sizes = (self.width,) if self.digest_size is not None else (20, 28, 32, 48, 64)
        size = next((size for size in sizes if 8 * size >= bits), None)
        return None if size is None else (number << 8 * size - bits).to_bytes(size, "big")

    def split(self, signature: bytes) -> tuple[int, int]:
        return int.from_bytes(signature[: self.width], "big"), int.from_bytes(signature[self.width :], "big")

    def join(self, r: int, s: int) -> bytes:
        return r.to_bytes(self.width, "big") + s.to_bytes(self.width, "big")

    def private(self, key: KeyPair) -> int | None:
        if self.curve is not None:
            return self.curve.number(key)
        powers = powers_of(self.kind, key)
        return None if powers is None else powers[4]

    def r_of(self, k: int) -> int:
        """Return r of a nonce."""
        if self.curve is not None:
            point = numbers.group(self.curve.curve).multiply(k)
            return 0 if point is None else point[0] % self.order
        p, g = (self.powers or known_powers(self.kind, self.kind.key))[:2]
        return pow(g, k, p) % self.order

    def holds(self, key: KeyPair, digest: bytes, signature: bytes) -> bool:
        """Return whether a signature holds, by arithmetic of integers."""
        r, s = self.split(signature)
        if not (0 < r < self.order and 0 < s < self.order):
            return False
        d = self.private(key)
        if d is not None:  # k G = e / s G + r / s Q
            return self.r_of(numbers.ecdsa_nonce(d, digest, r, s, self.order)) == r
        if self.curve is not None:
            return numbers.ecdsa_holds(self.curve.curve, self.curve.point(key), digest, r, s)
        p, g, q, y, _ = known_powers(self.kind, key)
        return numbers.dsa_holds(p, q, g, y, digest, r, s)


def is_thin(signature: bytes) -> bool:
    """Return whether one of the halves of a signature begins or ends with a zero byte."""
    half = len(signature) // 2
    return not all((signature[0], signature[half - 1], signature[half], signature[-1]))


def holds(kind: Kind, key: KeyPair, data: bytes, signature: bytes, padding: Padding | None = None) -> bool | None:
    """Return whether a signature holds by arithmetic; None if the kit cannot compute it, or if its length is wrong."""
    if kind.parameter_set is not None or kind.algorithm.signs == "message":
        return _lattice_holds(kind, key, data, signature, padding)
    if isinstance(padding, Pkcs1 | Pss):
        return block_holds(kind, key, data, signature, padding)
    try:
        pairs = Pairs.of(kind, key)
    except Skip:
        return None
    return pairs.holds(key, data, signature) if len(signature) == 2 * pairs.width else None


def _lattice_holds(kind: Kind, key: KeyPair, data: bytes, signature: bytes, padding: Padding | None) -> bool | None:
    """Return whether a signature of ML-DSA holds; None for another algorithm and for a pre-hash."""
    name = c.BCRYPT_PQDSA_PUBLIC_BLOB
    if name not in kind.blob_types(exports=True) or (isinstance(padding, PqDsa) and padding.prehash is not None):
        return None
    blob = bytes(granted(key.export, name))
    if pq.algorithm_of(blob) != c.BCRYPT_MLDSA_ALGORITHM:
        return None
    parsed = pq.parse(name, blob)
    known = lattices.SETS[parsed.parameter_set]
    if len(signature) != sum(known.sizes):
        return None
    context = padding.context if isinstance(padding, PqDsa) else b""
    mu = data if isinstance(padding, ExternalMu) else lattices.representative(parsed.key, data, context)
    return lattices.holds(known, parsed.key, mu, signature)


def block_holds(kind: Kind, key: KeyPair, data: bytes, signature: bytes, padding: Pkcs1 | Pss) -> bool | None:
    """Return whether a signature of RSA opens to the block of a digest; None if the modulus is not exported."""
    if "RSAPUBLICBLOB" not in kind.blob_types(exports=True):
        return None
    public = rsa_blobs.parse("RSAPUBLICBLOB", granted(key.export, "RSAPUBLICBLOB"))
    size, value = (public.bits + 7) // 8, int.from_bytes(signature, "big")
    if len(signature) != size:
        return None
    block = pow(value, public.e, public.n).to_bytes(size, "big")
    if isinstance(padding, Pss):
        right = numbers.pss_holds(data, block, padding.hash, padding.salt_length, public.bits)
    else:
        right = block == numbers.pkcs1_block(data, padding.hash, size)
    return value < public.n and right
