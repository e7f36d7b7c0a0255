"""DSA domain parameters: made and verified by FIPS 186-2 and FIPS 186-4, for every size and hash of the standards.

p and q come from a seed and a counter. Who knows both can repeat the search and see that nobody chose the primes:

* FIPS 186-2 appendix 2.2 (:data:`FIPS_186_2`): q of 160 bits, SHA-1;
* FIPS 186-4 appendix A.1.1.2, verified by A.1.1.3 (:func:`fips_186_4`): any approved hash not shorter than q.

g is a number of order q. FIPS 186-2 says how it is got from a number h, and not which h: here it is the least one from
2 on, as CryptoAPI took it, so that it can be repeated (:func:`least_generator`; A.2.1 of FIPS 186-4 is the same). A.2.3
derives g from the seed and an index (:func:`canonical_generator`), A.2.2 and A.2.4 verify.

Sizes are bits and hashes are hashlib's names. Shawe-Taylor primes (A.1.2), which CNG has not, are not here either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, lru_cache, partial
from secrets import token_bytes
from typing import NamedTuple

from cngcore.blobs.dsa import DsaParameters
from cngcore.constants import (
    DSA_FIPS186_2,
    DSA_HASH_ALGORITHM_SHA1,
    DSA_HASH_ALGORITHM_SHA256,
    DSA_HASH_ALGORITHM_SHA512,
)
from cngcore.status import InvalidParameterError
from cngcore_dsa.primes import is_prime, power

INDEX = 1
"""The index of the generators made here, of the 256 that A.2.3 has for one seed."""

_HASHES = {DSA_HASH_ALGORITHM_SHA1: "sha1", DSA_HASH_ALGORITHM_SHA256: "sha256", DSA_HASH_ALGORITHM_SHA512: "sha512"}
"""DSA_HASH_ALGORITHM_* in hashlib's names."""


class Primes(NamedTuple):
    """p and q, and what they were made from."""

    p: int
    q: int
    seed: bytes
    counter: int


class Standard(NamedTuple):
    """How a standard gets q and the candidates for p from a seed.

    ``two_hashes``: q is made from the hashes of the seed and of its successor, not of the seed alone;
    ``first_offset``: where the hashing for p begins; ``most``: how many counters are tried (0: four for each bit of p).
    """

    name: str
    hash_name: str
    two_hashes: bool
    first_offset: int
    most: int

    def counters(self, bits: int) -> range:
        """The counters tried with one seed, for p of ``bits``."""
        return range(self.most or 4 * bits)

    def q(self, seed: bytes, group_bits: int) -> int:
        """The number that is q if it is prime (FIPS 186-2, steps 2 and 3; FIPS 186-4, steps 6 and 7)."""
        hashed, _ = _hash(self.hash_name)
        number = int.from_bytes(hashed(seed), "big")
        if self.two_hashes:
            number ^= int.from_bytes(hashed(_plus(seed, 1)), "big")
        top = 1 << group_bits - 1
        return number & top - 1 | top | 1

    def candidate(self, seed: bytes, counter: int, bits: int, q: int) -> int:
        """The number that is p if it is prime and has ``bits`` (steps 7 to 9; steps 11.1 to 11.5)."""
        hashed, width = _hash(self.hash_name)
        blocks = -(-bits // (8 * width))
        offset = self.first_offset + counter * blocks
        parts = [hashed(_plus(seed, offset + i)) for i in range(blocks - 1, -1, -1)]
        top = 1 << bits - 1
        x = int.from_bytes(b"".join(parts), "big") & top - 1 | top
        return x - x % (2 * q) + 1


@cache
def _hash(name: str) -> tuple[Callable[[bytes], bytes], int]:
    """A hash as a function from bytes to bytes, and the length of what it gives."""
    made = getattr(hashlib, name, None) or partial(hashlib.new, name)
    return lambda data: bytes(made(data, usedforsecurity=False).digest()), made(b"").digest_size


def _plus(seed: bytes, offset: int) -> bytes:
    """The seed and a number, modulo 2 to the length of the seed."""
    size = len(seed)
    return (int.from_bytes(seed, "big") + offset & (1 << 8 * size) - 1).to_bytes(size, "big")


FIPS_186_2 = Standard("FIPS 186-2", "sha1", two_hashes=True, first_offset=2, most=4096)


def fips_186_4(hash_name: str) -> Standard:
    """FIPS 186-4 (for p and q the same as FIPS 186-3) with a hash of hashlib's."""
    return Standard("FIPS 186-4", hash_name, two_hashes=False, first_offset=1, most=0)


def rounds(bits: int) -> tuple[int, int]:
    """Rounds of Miller-Rabin for p of ``bits`` and for its q, a Lucas test following them.

    Table C.1 of FIPS 186-4 has 3 for p at 1024 and 2048 bits and 2 at 3072, and for q of 160, 224 and 256 bits 19, 24
    and 27: the largest of each. It begins at 1024 bits; below, it is the 50 of FIPS 186-2 appendix 2.1.
    """
    return (50, 50) if bits < 1024 else (3, 27)


# --- p and q ------------------------------------------------------------------------------------------


def _nobody(doing: str) -> None:
    """Stands for whoever might want to hear how far a search is."""


def generate_primes(
    bits: int,
    group_bits: int,
    standard: Standard,
    seed_bytes: int = 0,
    checkpoint: Callable[[str], object] = _nobody,
) -> Primes:
    """New p of ``bits`` and q of ``group_bits``, from a random seed of ``seed_bytes`` (0: as long as q).

    ``checkpoint`` is called for every candidate with what is being done; what it raises ends the search.
    """
    _check_sizes(bits, group_bits, standard)
    size = seed_bytes or group_bits // 8
    if size * 8 < group_bits:
        raise InvalidParameterError(f"a seed of {size} bytes is shorter than q of {group_bits} bits")
    p_rounds, q_rounds = rounds(bits)
    tried = 0
    while True:
        checkpoint(f"looking for q of {group_bits} bits")
        seed = token_bytes(size)
        q = standard.q(seed, group_bits)
        if not is_prime(q, q_rounds) or seed.count(0xFF) == size:
            continue
        # FIPS 186-2 tries 4096 counters for every size, SymCrypt verifies four for each bit: keep to the fewer.
        for counter in range(min(len(standard.counters(bits)), 4 * bits)):
            tried += 1
            checkpoint(f"looking for p of {bits} bits, candidate {tried}")
            p = standard.candidate(seed, counter, bits, q)
            if p.bit_length() == bits and is_prime(p, p_rounds):
                return Primes(p, q, seed, counter)


def verify_primes(primes: Primes, standard: Standard) -> bool:
    """Whether p and q are what the standard makes of the seed, the counter being the first that gives a prime.

    This is FIPS 186-4 appendix A.1.1.3, and the search of FIPS 186-2 repeated. It takes as long as finding them did.
    """
    p, q, seed, counter = primes
    bits = p.bit_length()
    p_rounds, q_rounds = rounds(bits)
    return (
        derives(primes, standard)
        and is_prime(q, q_rounds)
        and is_prime(p, p_rounds)
        and not any(
            earlier.bit_length() == bits and is_prime(earlier, p_rounds)
            for earlier in (standard.candidate(seed, i, bits, q) for i in range(counter))
        )
    )


def derives(primes: Primes, standard: Standard) -> bool:
    """Whether p and q are the candidates that seed and counter give; not whether they are prime, or the first."""
    p, q, seed, counter = primes
    bits, group_bits = p.bit_length(), q.bit_length()
    try:
        _check_sizes(bits, group_bits, standard)
    except InvalidParameterError:
        return False
    return (
        len(seed) * 8 >= group_bits
        and counter in standard.counters(bits)
        and standard.q(seed, group_bits) == q
        and standard.candidate(seed, counter, bits, q) == p
    )


def _check_sizes(bits: int, group_bits: int, standard: Standard) -> None:
    if standard == FIPS_186_2 and group_bits != 160:
        raise InvalidParameterError(f"q of FIPS 186-2 has 160 bits, not {group_bits}")
    if group_bits % 8 or not 160 <= group_bits < bits or _hash(standard.hash_name)[1] * 8 < group_bits:
        raise InvalidParameterError(
            f"no p of {bits} bits and q of {group_bits} bits are made with {standard.hash_name}: q has whole bytes, at "
            "least 20 of them, and is shorter than p and not longer than the hash"
        )


# --- g ------------------------------------------------------------------------------------------------


def least_generator(p: int, q: int) -> int:
    """g from the least h of 2, 3, ... that gives one (FIPS 186-2 appendix 2.2; FIPS 186-4 appendix A.2.1)."""
    h = 2
    while (g := power(h, (p - 1) // q, p)) == 1:
        h += 1
    return g


def canonical_generator(p: int, q: int, seed: bytes, index: int, hash_name: str) -> int:
    """g from the seed of the primes and an index of 0 to 255 (FIPS 186-4 appendix A.2.3)."""
    if not 0 <= index < 256:
        raise InvalidParameterError("the index of a generator is a number from 0 to 255")
    hashed, _ = _hash(hash_name)
    for count in range(1, 1 << 16):
        number = hashed(seed + b"ggen" + index.to_bytes(1, "big") + count.to_bytes(2, "big"))
        g = power(int.from_bytes(number, "big"), (p - 1) // q, p)
        if g >= 2:
            return g
    raise InvalidParameterError("no generator comes from this seed and index")


def verify_generator(p: int, q: int, g: int) -> bool:
    """Whether g is of order q modulo p, both prime (FIPS 186-4 appendix A.2.2)."""
    return 2 <= g <= p - 1 and power(g, q, p) == 1


def verify_canonical_generator(p: int, q: int, g: int, seed: bytes, index: int, hash_name: str) -> bool:
    """Whether g is the one that A.2.3 makes of the seed and the index (FIPS 186-4 appendix A.2.4)."""
    return verify_generator(p, q, g) and canonical_generator(p, q, seed, index, hash_name) == g


# --- as CNG has them ------------------------------------------------------------------------------------


def generate(bits: int, checkpoint: Callable[[str], object] = _nobody) -> DsaParameters:
    """New parameters for a key of ``bits``: what Windows makes where none were set (contract: rule-dsa-generation).

    Up to 1024 bits q of 160 bits by FIPS 186-2, g with the least h; above q of 256 bits by FIPS 186-4 with SHA-256,
    g canonical with :data:`INDEX`.
    """
    if bits <= 1024:
        primes = generate_primes(bits, 160, FIPS_186_2, checkpoint=checkpoint)
        g = least_generator(primes.p, primes.q)
    else:
        primes = generate_primes(bits, 256, fips_186_4("sha256"), checkpoint=checkpoint)
        g = canonical_generator(primes.p, primes.q, primes.seed, INDEX, "sha256")
    return DsaParameters(p=primes.p, q=primes.q, g=g, count=primes.counter, seed=primes.seed)


def standard_of(parameters: DsaParameters) -> Standard:
    """The standard and the hash that parameters say they were made by."""
    if parameters.standard_version != DSA_FIPS186_2:
        return fips_186_4(_HASHES[parameters.hash_algorithm])
    if parameters.hash_algorithm != DSA_HASH_ALGORITHM_SHA1:
        raise InvalidParameterError("FIPS 186-2 has no seed for a q of more than 160 bits")
    return FIPS_186_2


def verify(parameters: DsaParameters) -> bool:
    """Whether seed and counter give p and q, and g is the one :func:`generate` makes: all of it can be repeated."""
    if parameters.seed is None or parameters.count is None:
        return False
    p, q, g, seed = parameters.p, parameters.q, parameters.g, parameters.seed
    standard = standard_of(parameters)
    if not verify_primes(Primes(p, q, seed, parameters.count), standard):
        return False
    if standard == FIPS_186_2:
        return least_generator(p, q) == g
    return verify_canonical_generator(p, q, g, seed, INDEX, standard.hash_name)


@lru_cache(maxsize=64)
def prove(parameters: DsaParameters) -> None:
    """Raise InvalidParameterError unless the parameters are good: the last ones that were are remembered.

    p and q are prime, g is of order q, and where the seed is told, p and q are what it gives with the counter. That the
    counter is the first to give a prime is left out: it would take as long as the search did.
    """
    p, q = parameters.p, parameters.q
    if parameters.seed is not None and parameters.count is not None:
        primes = Primes(p, q, parameters.seed, parameters.count)
        if not derives(primes, standard_of(parameters)):
            raise InvalidParameterError("the seed and the counter do not give p and q of the DSA key")
    if not verify_generator(p, q, parameters.g):
        raise InvalidParameterError("g of the DSA key is not of order q")
    if not is_prime(q, 27) or not is_prime(p, 3):
        raise InvalidParameterError("p or q of the DSA key is not prime")
