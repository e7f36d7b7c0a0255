"""A second PQGVer, for tests: DSA domain parameters verified from the bytes of a public blob, by the standards' words.

It shares no code with cngcore-dsa: FIPS 186-2 appendix 2.2 for a first-version blob, FIPS 186-4 appendices A.1.1.3 and
A.2.4 for a second-version one. An assertion fails where anything is not as the standard has it.
"""

from hashlib import sha1, sha256

from oracles.primes import is_prime

ROUNDS = 12
"""Bases of the test of primality: enough for numbers that nobody chose to pass it."""


def verify_blob(blob: bytes) -> int:
    """Verify the parameters in a DSAPUBLICBLOB; the bits of p."""
    size = int.from_bytes(blob[4:8], "little")
    if blob[:4] == b"DSPB":
        count, seed, q = int.from_bytes(blob[8:12], "big"), blob[12:32], int.from_bytes(blob[32:52], "big")
        rest, digest, outlen, start = blob[52:], sha1, 160, 2
        u = int.from_bytes(_hash(sha1, seed, 0), "big") ^ int.from_bytes(_hash(sha1, seed, 1), "big")
        wanted_q = u | 1 << 159 | 1
    else:
        assert blob[:4] == b"DPB2"
        fields = [int.from_bytes(blob[at : at + 4], "little") for at in (8, 12, 16, 20)]
        assert fields == [1, 1, 32, 32], "SHA-256, FIPS 186-3, seed and q of 32 bytes"
        count, seed, q = int.from_bytes(blob[24:28], "big"), blob[28:60], int.from_bytes(blob[60:92], "big")
        rest, digest, outlen, start = blob[92:], sha256, 256, 1
        u = int.from_bytes(_hash(sha256, seed, 0), "big") % (1 << 255)
        wanted_q = (1 << 255) + u + 1 - u % 2
    p, g = int.from_bytes(rest[:size], "big"), int.from_bytes(rest[size : 2 * size], "big")
    bits = p.bit_length()
    assert q == wanted_q
    assert is_prime(q, ROUNDS)
    n = (bits - 1) // outlen
    for counter in range(count + 1):
        offset = start + counter * (n + 1)
        pieces = [int.from_bytes(_hash(digest, seed, offset + k), "big") for k in range(n + 1)]
        pieces[n] %= 1 << (bits - 1 - n * outlen)
        x = sum(piece << (outlen * k) for k, piece in enumerate(pieces)) + (1 << (bits - 1))
        candidate = x - (x % (2 * q) - 1)
        found = candidate >> (bits - 1) == 1 and is_prime(candidate, ROUNDS)
        assert found == (counter == count), f"counter {counter} of {count}"
    assert candidate == p
    assert 1 < g < p
    assert pow(g, q, p) == 1
    if digest is sha256:
        w = sha256(seed + b"ggen" + bytes([1]) + (1).to_bytes(2, "big")).digest()
        assert g == pow(int.from_bytes(w, "big"), (p - 1) // q, p), "g is the verifiable one of index 1"
    return bits


def _hash(digest, seed: bytes, add: int) -> bytes:  # type: ignore[no-untyped-def]
    number = (int.from_bytes(seed, "big") + add) % (1 << 8 * len(seed))
    return digest(number.to_bytes(len(seed), "big")).digest()
