"""DSA as arithmetic (FIPS 186-4 section 4), for keys that the back end rejects: those with another length of q.

The back end still computes powers, and the rest runs on Python's integers. Neither is constant-time. Secret numbers are
therefore blinded with new random numbers.
"""

from __future__ import annotations

from secrets import randbelow, randbits
from typing import TYPE_CHECKING

from cngcore.status import InvalidParameterError
from cngcore_dsa.primes import power

if TYPE_CHECKING:
    from cngcore.blobs.dsa import DsaParameters

_TRIES = 64
"""Attempts at a signature. If q is prime and g has order q, a second attempt is needed once in 2^159."""


class RawKey:
    """A key as numbers: ``y``, and ``x`` if it has a private half."""

    __slots__ = ("_parameters", "x", "y")

    def __init__(self, parameters: DsaParameters, y: int | None, x: int | None = None) -> None:
        self._parameters = parameters
        self.x = x
        if y is None:
            y = 0 if x is None else power(parameters.g, x, parameters.p)  # exact: g may not have order q
        self.y = y

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("a DSA key cannot be pickled or copied; export it as a blob")

    @property
    def is_private(self) -> bool:
        return self.x is not None

    def public(self) -> RawKey:
        """Return the public half."""
        return RawKey(self._parameters, self.y)

    def sign(self, digest: bytes) -> tuple[int, int]:
        """Return r and s over a digest (FIPS 186-4 section 4.6) for a random k."""
        if self.x is None:
            raise InvalidParameterError("this DSA key has no private half; use a key pair")
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
        raise InvalidParameterError("the domain parameters of the DSA key are invalid: signing fails")

    def verify(self, digest: bytes, r: int, s: int) -> bool:
        """Return whether r and s are a signature over a digest (FIPS 186-4 section 4.7)."""
        p, q, g = self._parameters.p, self._parameters.q, self._parameters.g
        if not (0 < r < q and 0 < s < q):
            return False
        try:
            w = pow(s, -1, q)
        except ValueError:
            return False
        return pow(g, self._number(digest) * w % q, p) * pow(self.y, r * w % q, p) % p % q == r

    def _number(self, digest: bytes) -> int:
        """Return the leftmost bits of the digest, as many as q has."""
        return int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - self._parameters.q.bit_length())


def _power(parameters: DsaParameters, exponent: int) -> int:
    """Return g to a secret exponent. A random multiple of the order is added first, which hides its length too."""
    return power(parameters.g, exponent + parameters.q * (randbits(64) | 1 << 64), parameters.p)
