"""Generate and verify DSA domain parameters by FIPS 186-2 and FIPS 186-4, for every size and hash of the standards.

p and q come from a seed and a counter. The search can be repeated from both, to verify that the primes were not chosen:

* FIPS 186-2 appendix 2.2 (:data:`FIPS_186_2`): q of 160 bits, SHA-1;
* FIPS 186-4 appendix A.1.1.2, verified by A.1.1.3 (:func:`fips_186_4`): any approved hash not shorter than q.

g is a number of order q:

* FIPS 186-2 and FIPS 186-4 appendix A.2.1 compute it from any number h. :func:`least_generator` takes the least h from
  2 on, as CryptoAPI did, so that the result can be repeated;
* FIPS 186-4 appendix A.2.3 computes it from the seed and an index (:func:`canonical_generator`);
* appendices A.2.2 and A.2.4 verify it.

Sizes are in bits. Hashes have hashlib's names. CNG has no Shawe-Taylor primes (A.1.2), so this module has none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from secrets import token_bytes
from typing import TYPE_CHECKING

from cngcore.blobs.dsa import DsaParameters
from cngcore.constants import (
    DSA_FIPS186_2,
    DSA_HASH_ALGORITHM_SHA1,
    DSA_HASH_ALGORITHM_SHA256,
    DSA_HASH_ALGORITHM_SHA512,
)
from cngcore.status import InvalidParameterError
from cngcore_dsa.primes import is_prime, power

if TYPE_CHECKING:
    from collections.abc import Callable

INDEX = 1
"""The index of generators that :func:`generate` makes. A.2.3 has 256 for one seed."""

_HASHES = {DSA_HASH_ALGORITHM_SHA1: "sha1", DSA_HASH_ALGORITHM_SHA256: "sha256", DSA_HASH_ALGORITHM_SHA512: "sha512"}
"""hashlib's name of each DSA_HASH_ALGORITHM_*."""


@dataclass(frozen=True, slots=True)
class Primes:
    """p and q, and the seed and the counter that they were made from."""

    p: int
    q: int
    seed: bytes
    counter: int


@dataclass(frozen=True, slots=True)
class Standard:
    """The rule of a standard for q and the candidates for p.

    * ``two_hashes``: q is made from the hashes of the seed and of the seed plus 1, not from the seed alone;
    * ``first_offset``: the offset of the first hash for p;
    * ``most``: the number of counters to try, where 0 means four for each bit of p.
    """

    name: str
    hash_name: str
    two_hashes: bool
    first_offset: int
    most: int

    def counters(self, bits: int) -> range:
        """Return the counters to try with one seed, for p of ``bits``."""
        return range(self.most or 4 * bits)

    def q(self, seed: bytes, group_bits: int) -> int:
        """Return the candidate for q: q if it is prime (FIPS 186-2, steps 2 and 3; FIPS 186-4, steps 6 and 7)."""
        hashed, _ = _hash(self.hash_name)
        number = int.from_bytes(hashed(seed), "big")
        if self.two_hashes:
            number ^= int.from_bytes(hashed(_plus(seed, 1)), "big")
        top = 1 << group_bits - 1
        return number & top - 1 | top | 1

    def candidate(self, seed: bytes, counter: int, bits: int, q: int) -> int:
        """Return the candidate for p: p if it is prime and has ``bits`` (steps 7 to 9; steps 11.1 to 11.5)."""
        hashed, width = _hash(self.hash_name)
        blocks = -(-bits // (8 * width))
        offset = self.first_offset + counter * blocks
        parts = [hashed(_plus(seed, offset + i)) for i in range(blocks - 1, -1, -1)]
        top = 1 << bits - 1
        x = int.from_bytes(b"".join(parts), "big") & top - 1 | top
        return x - x % (2 * q) + 1


@cache
def _hash(name: str) -> tuple[Callable[[bytes], bytes], int]:
    """Return a hash as a function from bytes to bytes, and the length of its digest in bytes."""
    start = getattr(hashlib, name, None) or partial(hashlib.new, name)
    return lambda data: bytes(start(data, usedforsecurity=False).digest()), start(b"").digest_size


def _plus(seed: bytes, offset: int) -> bytes:
    """Return the seed plus a number, modulo 2 to the bits of the seed."""
    size = len(seed)
    return (int.from_bytes(seed, "big") + offset & (1 << 8 * size) - 1).to_bytes(size, "big")


FIPS_186_2 = Standard("FIPS 186-2", "sha1", two_hashes=True, first_offset=2, most=4096)


def fips_186_4(hash_name: str) -> Standard:
    """Return FIPS 186-4 with a hash of hashlib. For p and q it is the same as FIPS 186-3."""
    return Standard("FIPS 186-4", hash_name, two_hashes=False, first_offset=1, most=0)


def rounds(bits: int) -> tuple[int, int]:
    """Return the Miller-Rabin rounds for p of ``bits`` and for its q. A Lucas test follows them.

    They are the largest numbers of FIPS 186-4 table C.1. It has 3 for p of 1024 and 2048 bits, 2 for p of 3072 bits,
    and 19, 24 and 27 for q of 160, 224 and 256 bits. Below 1024 bits they are the 50 of FIPS 186-2 appendix 2.1.
    """
    return (50, 50) if bits < 1024 else (3, 27)


# --- p and q ------------------------------------------------------------------------------------------


def _ignore(step: str) -> None:
    """Ignore the progress of a search."""


def generate_primes(
    bits: int,
    group_bits: int,
    standard: Standard,
    seed_bytes: int = 0,
    checkpoint: Callable[[str], object] = _ignore,
) -> Primes:
    """Return new p of ``bits`` and q of ``group_bits``, from a random seed of ``seed_bytes`` (0: as long as q).

    ``checkpoint`` is called for every candidate, with a text that describes the step. An exception that it raises ends
    the search. Raise InvalidParameterError if the standard has no such sizes or the seed is too short.
    """
    _check_sizes(bits, group_bits, standard)
    size = seed_bytes or group_bits // 8
    if size * 8 < group_bits:
        raise InvalidParameterError(f"the seed must have {group_bits // 8} bytes or more, as q, not {size}")
    p_rounds, q_rounds = rounds(bits)
    tried = 0
    while True:
        checkpoint(f"looking for q of {group_bits} bits")
        seed = token_bytes(size)
        q = standard.q(seed, group_bits)
        if not is_prime(q, q_rounds) or seed.count(0xFF) == size:
            continue
        # FIPS 186-2 tries 4096 counters for every size, but SymCrypt verifies four for each bit. Try the fewer.
        for counter in range(min(len(standard.counters(bits)), 4 * bits)):
            tried += 1
            checkpoint(f"looking for p of {bits} bits, candidate {tried}")
            p = standard.candidate(seed, counter, bits, q)
            if p.bit_length() == bits and is_prime(p, p_rounds):
                return Primes(p, q, seed, counter)


def verify_primes(primes: Primes, standard: Standard) -> bool:
    """Return whether p and q come from the seed, and the counter is the first that yields a prime.

    This is FIPS 186-4 appendix A.1.1.3, or the search of FIPS 186-2 repeated. It takes as long as the search took.
    """
    p, q, seed, counter = primes.p, primes.q, primes.seed, primes.counter
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
    """Return whether p and q are the candidates of the seed and the counter. Do not check whether they are prime."""
    p, q, seed, counter = primes.p, primes.q, primes.seed, primes.counter
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
        raise InvalidParameterError(f"q must have 160 bits by FIPS 186-2, not {group_bits}")
    if group_bits % 8 or not 160 <= group_bits < bits or _hash(standard.hash_name)[1] * 8 < group_bits:
        raise InvalidParameterError(
            f"p of {bits} bits and q of {group_bits} bits cannot be made with {standard.hash_name}; q must have "
            "160 bits or more, in whole bytes, and must be shorter than p and not longer than the hash"
        )


# --- g ------------------------------------------------------------------------------------------------


def least_generator(p: int, q: int) -> int:
    """Return g from the least possible h of 2, 3, ... (FIPS 186-2 appendix 2.2; FIPS 186-4 appendix A.2.1)."""
    h = 2
    while (g := power(h, (p - 1) // q, p)) == 1:
        h += 1
    return g


def canonical_generator(p: int, q: int, seed: bytes, index: int, hash_name: str) -> int:
    """Return g from the seed of the primes and an index of 0 to 255 (FIPS 186-4 appendix A.2.3).

    Raise InvalidParameterError for another index, or if no generator comes from the seed and the index.
    """
    if not 0 <= index < 256:
        raise InvalidParameterError(f"the index of a generator must be from 0 to 255, not {index}")
    hashed, _ = _hash(hash_name)
    for count in range(1, 1 << 16):
        number = hashed(seed + b"ggen" + index.to_bytes(1, "big") + count.to_bytes(2, "big"))
        g = power(int.from_bytes(number, "big"), (p - 1) // q, p)
        if g >= 2:
            return g
    raise InvalidParameterError("no generator comes from this seed and index; use another index")


@lru_cache(maxsize=64)  # half of the time of a key in given parameters; many keys share them
def verify_generator(p: int, q: int, g: int) -> bool:
    """Return whether g has order q modulo p, if both are prime (FIPS 186-4 appendix A.2.2)."""
    return 2 <= g <= p - 1 and power(g, q, p) == 1


def verify_canonical_generator(p: int, q: int, g: int, seed: bytes, index: int, hash_name: str) -> bool:
    """Return whether g comes from the seed and the index by A.2.3 (FIPS 186-4 appendix A.2.4)."""
    return verify_generator(p, q, g) and canonical_generator(p, q, seed, index, hash_name) == g


# --- parameters of CNG ------------------------------------------------------------------------------------


def generate(bits: int, checkpoint: Callable[[str], object] = _ignore) -> DsaParameters:
    """Return new parameters for a key of ``bits``, as Windows makes them by default (contract: rule-dsa-generation).

    * Up to 1024 bits: q has 160 bits, by FIPS 186-2, and g comes from the least h.
    * Above: q has 256 bits, by FIPS 186-4 with SHA-256, and g is canonical with :data:`INDEX`.
    """
    if bits <= 1024:
        primes = generate_primes(bits, 160, FIPS_186_2, checkpoint=checkpoint)
        g = least_generator(primes.p, primes.q)
    else:
        primes = generate_primes(bits, 256, fips_186_4("sha256"), checkpoint=checkpoint)
        g = canonical_generator(primes.p, primes.q, primes.seed, INDEX, "sha256")
    return DsaParameters(p=primes.p, q=primes.q, g=g, count=primes.counter, seed=primes.seed)


def standard_of(parameters: DsaParameters) -> Standard:
    """Return the standard and the hash that are recorded in parameters."""
    if parameters.standard_version != DSA_FIPS186_2:
        return fips_186_4(_HASHES[parameters.hash_algorithm])
    if parameters.hash_algorithm != DSA_HASH_ALGORITHM_SHA1:
        raise InvalidParameterError("FIPS 186-2 supports SHA-1 only; use FIPS 186-3 for another hash")
    return FIPS_186_2


def verify(parameters: DsaParameters) -> bool:
    """Return whether p and q come from the seed and the counter, and g is the one that :func:`generate` makes."""
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
    """Raise InvalidParameterError if the parameters are invalid. The last valid ones are cached.

    p and q must be prime and g must have order q. If there is a seed, p and q must come from the seed and the counter.
    An earlier counter that yields a prime is not searched for, because that takes as long as the generation.
    """
    p, q = parameters.p, parameters.q
    if parameters.seed is not None and parameters.count is not None:
        primes = Primes(p, q, parameters.seed, parameters.count)
        if not derives(primes, standard_of(parameters)):
            raise InvalidParameterError("p and q of the DSA key do not come from its seed and counter")
    if not verify_generator(p, q, parameters.g):
        raise InvalidParameterError("g of the DSA key does not have order q")
    if not is_prime(q, 27) or not is_prime(p, 3):
        raise InvalidParameterError("p or q of the DSA key is not prime")
