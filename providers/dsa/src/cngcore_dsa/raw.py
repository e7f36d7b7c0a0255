"""DSA as arithmetic (FIPS 186-4 section 4), for the keys that the back end refuses: q of another length.

Powers are the back end's all the same, in constant time. Python's integers, which do the rest, are not: what is secret
is blinded with fresh random numbers, so that what is timed is not what is kept.
"""

from __future__ import annotations

from secrets import randbelow, randbits

from cngcore.blobs.dsa import DsaParameters
from cngcore.status import InvalidParameterError
from cngcore_dsa.primes import power

_TRIES = 64
"""Attempts at a signature: with a q that is prime and a g of its order, a second one is needed once in 2^159."""


class RawKey:
    """A key as numbers: ``y``, and ``x`` where the private half is there."""

    __slots__ = ("_parameters", "x", "y")

    def __init__(self, parameters: DsaParameters, y: int | None, x: int | None = None) -> None:
        self._parameters = parameters
        self.x = x
        if y is None:
            y = 0 if x is None else power(parameters.g, x, parameters.p)
        self.y = y

    @property
    def is_private(self) -> bool:
        return self.x is not None

    def public(self) -> RawKey:
        """The public half."""
        return RawKey(self._parameters, self.y)

    def sign(self, digest: bytes) -> tuple[int, int]:
        """r and s over a digest (FIPS 186-4 section 4.6), k being random."""
        if self.x is None:
            raise InvalidParameterError("the key holds no private half")
        q = self._parameters.q
        for _ in range(_TRIES):
            k, mask = randbelow(q - 1) + 1, randbelow(q - 1) + 1
            try:
                inverse = pow(k * mask % q, -1, q) * mask
            except ValueError:
                continue  # q is not prime: a key that was imported without validation
            r = _power(self._parameters, k) % q
            s = (inverse * self._number(digest) + inverse * self.x % q * r) % q
            if r and s:
                return r, s
        raise InvalidParameterError("the domain parameters of the DSA key give no signature")

    def verify(self, digest: bytes, r: int, s: int) -> bool:
        """Whether r and s are a signature over a digest (FIPS 186-4 section 4.7)."""
        p, q, g = self._parameters.p, self._parameters.q, self._parameters.g
        if not (0 < r < q and 0 < s < q):
            return False
        try:
            w = pow(s, -1, q)
        except ValueError:
            return False
        return pow(g, self._number(digest) * w % q, p) * pow(self.y, r * w % q, p) % p % q == r

    def _number(self, digest: bytes) -> int:
        """The leftmost bits of the digest, as many as q has."""
        return int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - self._parameters.q.bit_length())


def _power(parameters: DsaParameters, exponent: int) -> int:
    """g to a secret exponent, to which a random multiple of the order is added: even its length is not told."""
    return power(parameters.g, exponent + parameters.q * (randbits(64) | 1 << 64), parameters.p)
