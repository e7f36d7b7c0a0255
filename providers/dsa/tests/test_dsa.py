"""The code of cngcore-dsa itself: primes, domain parameters, keys in DER and as numbers, the checks of imports."""

import copy
import os
import pickle
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import astuple, replace
from math import prod

import pytest
from cngcore_dsa import domain, keys, native, primes, raw
from cryptography.hazmat.primitives.asymmetric import dsa as back_end
from helpers import python

import cngcore
from cngcore.blobs.dsa import DsaKey, DsaParameters, build

# q = 3 * 2^(bits - 2) + the number here; p = q * (e + 2k) + 1 with the least even e that gives it its length, and the k
# of the second table. Found by search; the groups are prime and the same each time.
Q = {153: 73, 159: 77, 160: 25, 224: 37, 250: 43, 256: 49, 512: 761}
K = {
    (511, 160): 42, (512, 153): 44, (512, 159): 287, (512, 160): 510, (576, 160): 161, (704, 160): 1, (960, 160): 432,
    (1020, 160): 341, (1024, 159): 235, (1024, 160): 50, (1032, 256): 394, (1088, 160): 400, (1088, 224): 823,
    (1088, 250): 510, (1088, 256): 262, (1088, 512): 16, (1472, 256): 997, (2048, 256): 676, (2112, 256): 875,
    (2560, 256): 919, (3008, 256): 503, (3072, 256): 1571, (4096, 256): 573, (4104, 256): 3084,
}  # fmt: skip


def group(bits, group_bits=None):
    """A prime group without a seed."""
    group_bits = group_bits or (160 if bits <= 1024 else 256)
    q = (3 << group_bits - 2) + Q[group_bits]
    e = (1 << bits - 1) // q + 1
    p = q * (e + (e & 1) + 2 * K[bits, group_bits]) + 1
    return DsaParameters(p=p, q=q, g=pow(2, (p - 1) // q, p))


@pytest.fixture(scope="module")
def provider():
    with cngcore.open_algorithm_provider("DSA") as opened:
        yield opened


@pytest.fixture(params=["back end", "gmpy2", "int"])
def engine(request, monkeypatch):
    """Each way to compute, for numbers of any size: powers by the back end, by GMP, by Python."""
    if request.param == "gmpy2":
        pytest.importorskip("gmpy2")
    monkeypatch.setattr(primes, "_WORTH_GMP", 0 if request.param == "gmpy2" else 1 << 30)
    monkeypatch.setattr(primes, "_WORTH_NATIVE", 0 if request.param == "back end" else 1 << 30)
    return request.param


@pytest.fixture
def plain(monkeypatch):
    """Run without gmpy2, as without the extra."""
    monkeypatch.setattr(primes, "_WORTH_GMP", 1 << 30)


@pytest.fixture
def bare(plain, monkeypatch):
    """Run with Python only, as if the back end rejected every power."""
    monkeypatch.setattr(native, "power", lambda base, exponent, modulus: None)


# ------------------------------------------------------------------------------------------------ primes

MERSENNE = [(1 << n) - 1 for n in (61, 89, 107, 127, 521, 607)]


def test_primes_pass(engine):
    for prime in (2, 3, 5, 999_983, 1_000_003, (1 << 255) - 19, (1 << 224) - (1 << 96) + 1, *MERSENNE):
        assert primes.is_prime(prime, 5), prime
    for (bits, size), _ in zip(K.items(), range(6), strict=False):
        made = group(*bits)
        assert primes.is_prime(made.p, 2), size
        assert primes.is_prime(made.q, 2), size


def test_composites_do_not(engine):
    carmichael = [561, 41041, 825265, 321197185, 1590231231043178376951698401]
    strong_pseudoprimes = [2047, 3215031751, 3825123056546413051, 318665857834031151167461]
    products = [x * y for x in MERSENNE for y in MERSENNE] + [MERSENNE[3] ** 3, 4, 1, 0, 1 << 600]
    assert not [n for n in carmichael + strong_pseudoprimes + products if primes.is_prime(n, 2)]


def test_the_lucas_test_has_the_liars_it_is_known_to_have(engine):
    """Strong Lucas pseudoprimes for Selfridge's parameters (OEIS A217255), and plain ones, which fail."""
    strong = [5459, 5777, 10877, 16109, 18971, 22499, 24569, 25199, 40309, 58519]
    plain = [323, 377, 1159, 1829, 3827, 6479, 6601, 7743, 8149, 9179, 10919]
    squares = [n * n for n in (5, 1009, (1 << 61) - 1)]
    assert all(map(primes.passes_lucas, strong))
    assert not any(map(primes.passes_lucas, plain + squares))
    assert not any(primes.passes_miller_rabin(n, 2, primes.power) for n in strong)
    assert all(primes.passes_lucas(n) for n in range(7, 2000, 2) if all(n % d for d in range(3, 45, 2) if d < n))
    assert {n for n in range(7, 60_000, 2) if primes.passes_lucas(n) and not primes.is_prime(n, 0)} == set(strong)


def test_all_engines_say_the_same(monkeypatch):
    pytest.importorskip("gmpy2")
    rng = random.Random(186)
    numbers = [rng.getrandbits(bits) | 1 for bits in (20, 60, 130, 300) for _ in range(150)]
    answers = []
    for for_gmp, for_native in ((0, 1 << 30), (1 << 30, 1 << 30), (1 << 30, 0)):
        monkeypatch.setattr(primes, "_WORTH_GMP", for_gmp)
        monkeypatch.setattr(primes, "_WORTH_NATIVE", for_native)
        answers.append(
            [
                (
                    primes.is_prime(n, 3),
                    primes.passes_lucas(n) if n > 3 else None,
                    *(primes.passes_miller_rabin(n, base, primes.power) for base in (2, 3, 1 << 15)),
                    primes.power(n - 2, n >> 3, n),
                )
                for n in numbers
            ]
        )
    assert answers[0] == answers[1] == answers[2]
    assert 20 < sum(answer[0] for answer in answers[0]) < 200


@pytest.mark.parametrize("bits", [3, 17, 128, 160, 512, 1024, 3072, pytest.param(4096, marks=pytest.mark.slow)])
def test_the_back_end_takes_powers(bits):
    """The back end computes powers when it loads a private key in DER. Otherwise generation takes ten times as long."""
    rng = random.Random(bits)
    for _ in range(3):
        modulus = rng.getrandbits(bits) | 1 | 1 << bits - 1
        for exponent in (1, 2, modulus - 1, modulus + 1, rng.getrandbits(bits) + 1, modulus >> 1):
            base = rng.randrange(1, modulus)
            assert native.power(base, exponent, modulus) == pow(base, exponent, modulus)
        assert native.power(modulus + 2, 3, modulus) == 8 % modulus


def test_powers_the_back_end_does_not_take_are_taken_elsewhere():
    assert native.power(2, 5, 1 << 200) is None
    assert native.power(3**200, 5, 3**200) is None
    for base, exponent, modulus in (
        (2, 5, 1 << 200),
        (3**200, 5, 3**200),
        (3, 300, 3**200),
        (5, 0, 3**200),
        (7, 9, 11),
    ):
        assert primes.power(base, exponent, modulus) == pow(base, exponent, modulus)


def test_small_factors_are_seen(engine):
    for size in (200, 1024, 1200):
        large = (1 << size) + 1
        for small in (3, 997, 1009, 9_973):
            assert primes.has_small_factor((large * 2 + 1) * small)
        assert primes.has_small_factor(large * large - 1)
    assert not primes.has_small_factor(MERSENNE[-1])
    for exponent, last, next_one in ((607, 9_973, 10_007), (1279, 29_989, 30_011), (3217, 99_991, 100_003)):
        assert primes.has_small_factor(last * ((1 << exponent) - 1))
        assert not primes.has_small_factor(next_one * ((1 << exponent) - 1))


def test_a_prime_is_tested_with_the_requested_rounds(engine, monkeypatch):
    calls = Counter()
    miller_rabin, lucas = primes.passes_miller_rabin, primes.passes_lucas

    def counted(number, base, power):
        calls["base 2" if base == 2 else "other"] += 1
        assert 2 <= base <= number - 2
        assert power is primes.power
        return miller_rabin(number, base, power)

    def counted_lucas(number):
        calls["lucas"] += 1
        return lucas(number)

    monkeypatch.setattr(primes, "passes_miller_rabin", counted)
    monkeypatch.setattr(primes, "passes_lucas", counted_lucas)
    assert primes.is_prime(MERSENNE[-1], 27)
    assert calls == {"base 2": 1, "other": 27, "lucas": 1}


@pytest.mark.parametrize(("bits", "expected"), [(512, (50, 50)), (960, (50, 50)), (1024, (3, 27)), (1088, (3, 27))])
def test_the_generator_uses_the_rounds_of_the_standards(bits, expected, monkeypatch):
    """FIPS 186-2 appendix 2.1 below 1024 bits; FIPS 186-4 table C.1, whose other column is without a Lucas test."""
    seen = {}
    is_prime = primes.is_prime
    monkeypatch.setattr(domain, "is_prime", lambda n, rounds: seen.setdefault(n, rounds) and is_prime(n, rounds))
    made = domain.generate(bits)
    assert (seen[made.p], seen[made.q]) == expected == domain.rounds(bits)


# --------------------------------------------------------------------------------------- domain parameters

SMALL = [512, 576, 640, 704, 768, 832, 896, 960, 1024, 1088]


def check_generated(provider, bits):
    """Check that a key of this length works, and that its parameters verify from its blob."""
    with provider.generate_key_pair(bits) as key:
        key.finalize()
        size = 20 if bits <= 1024 else 32
        digest = os.urandom(size)
        signature = key.sign_hash(digest)
        assert len(signature) == key.get_property("SignatureLength") == 2 * size
        with provider.import_key_pair("DSAPRIVATEBLOB", key.export("DSAPRIVATEBLOB")) as copy:
            copy.verify_signature(digest, signature)
            assert copy.export("DSAPUBLICBLOB") == key.export("DSAPUBLICBLOB")
            made = copy.get_property("DSAParameters")
    assert (made.p.bit_length(), made.q.bit_length()) == (bits, 8 * size)
    assert (made.version, made.hash_algorithm, made.standard_version) == ((1, 0, 0) if bits <= 1024 else (2, 1, 1))
    assert made.seed is not None
    assert len(made.seed) == size
    assert made.seed != b"\xff" * size
    assert made.count < 4 * bits
    assert domain.verify(made)
    return made


@pytest.mark.parametrize("bits", SMALL)
def test_generated_parameters_verify_from_the_blob(provider, bits):
    check_generated(provider, bits)


@pytest.mark.parametrize("bits", [512, 1024, 1088])
def test_without_gmpy2_it_works_as_well(provider, plain, bits):
    check_generated(provider, bits)


@pytest.mark.parametrize("bits", [512, 1088])
def test_with_nothing_but_python_it_works_as_well(provider, bare, bits):
    check_generated(provider, bits)


@pytest.mark.slow
def test_every_legal_length_generates_a_key_that_works(provider):
    for bits in range(512, 3072 + 1, 64):
        check_generated(provider, bits)


@pytest.mark.slow
def test_fifty_sets_of_parameters_verify(provider):
    """Ten at each of five lengths; no two the same."""
    seen = {check_generated(provider, bits).p for bits in (512, 1024, 1536, 2048, 3072) for _ in range(10)}
    assert len(seen) == 50


@pytest.fixture(scope="module", params=[domain.FIPS_186_2, domain.fips_186_4("sha1"), domain.fips_186_4("sha512")])
def made(request):
    """Primes of 512 bits that are not the first candidates of their seed."""
    while (found := domain.generate_primes(512, 160, request.param)).counter < 3:
        pass
    return found, request.param


def test_whatever_is_changed_does_not_verify(made):
    found, standard = made
    assert domain.verify_primes(found, standard)
    p, q, seed, counter = astuple(found)
    flipped = bytes([seed[0] ^ 1]) + seed[1:]
    for changed in (
        replace(found, counter=counter + 1),
        replace(found, counter=counter - 1),
        replace(found, counter=-1),
        replace(found, counter=1 << 32),
        replace(found, seed=flipped),
        replace(found, seed=seed + b"\0"),
        replace(found, seed=seed[1:]),
        replace(found, seed=b""),
        replace(found, p=p + 2 * q),
        replace(found, q=q + 2),
        replace(found, p=q),
    ):
        assert not domain.verify_primes(changed, standard), changed
    for other in (domain.FIPS_186_2, domain.fips_186_4("sha1"), domain.fips_186_4("sha256"), domain.fips_186_4("md5")):
        assert domain.verify_primes(found, other) == (other == standard)


def test_the_counter_must_be_the_first(made):
    """A later prime of the same seed is derived from it, but the search stops at an earlier counter."""
    found, standard = made
    for counter in range(found.counter + 1, 4096):
        p = standard.candidate(found.seed, counter, 512, found.q)
        if p.bit_length() == 512 and primes.is_prime(p, 5):
            break
    later = replace(found, p=p, counter=counter)
    assert domain.derives(later, standard)
    assert not domain.verify_primes(later, standard)


def first_prime(standard, seed, q, counters):
    """Return the first of these counters that yields a prime of 512 bits, and the prime."""
    for counter in counters:
        p = standard.candidate(seed, counter, 512, q)
        if p.bit_length() == 512 and primes.is_prime(p, 5):
            return domain.Primes(p, q, seed, counter)
    raise AssertionError("no prime: take another seed")


def test_a_counter_past_the_last_is_none(made):
    found, standard = made
    last = standard.counters(512).stop
    assert last == (4096 if standard == domain.FIPS_186_2 else 2048)
    late = first_prime(standard, found.seed, found.q, range(last, last + 9000))
    assert not domain.derives(late, standard)


def test_a_q_that_is_not_of_the_seed(made):
    """q is a prime that does not come from the seed, but p comes from the seed and q."""
    found, standard = made
    q = group(512).q
    other = first_prime(standard, found.seed, q, range(9000))
    assert not domain.derives(other, standard)
    assert not domain.verify_primes(other, standard)


def test_a_q_that_is_not_prime(made):
    _, standard = made
    seed = next(seed for i in range(99) if not primes.is_prime(standard.q(seed := bytes(19) + bytes([i]), 160), 2))
    other = first_prime(standard, seed, standard.q(seed, 160), range(2048))
    assert domain.derives(other, standard)
    assert not domain.verify_primes(other, standard)


def test_a_generated_seed_is_never_the_one_that_means_unknown(monkeypatch):
    seeds = [b"\xff" * 20, b"\xff" * 20, bytes(range(20))]
    monkeypatch.setattr(domain, "token_bytes", lambda size: seeds.pop(0))
    monkeypatch.setattr(domain, "is_prime", lambda number, rounds: True)
    assert domain.generate_primes(512, 160, domain.FIPS_186_2).seed == bytes(range(20))


def test_candidates_of_which_none_is_prime_do_not_verify(made):
    found, standard = made
    p = standard.candidate(found.seed, 0, 512, found.q)
    assert domain.derives(replace(found, p=p, counter=0), standard) == (p.bit_length() == 512)
    assert not domain.verify_primes(replace(found, p=p, counter=0), standard)


def test_the_seed_is_counted_modulo_its_length():
    """(seed + offset + j) mod 2^seedlen, by hand: SHA-1 of the wrapped numbers."""
    from hashlib import sha1

    seed = b"\xff" * 19 + b"\xfe"
    q = (1 << 159) + 1
    w = sum(int.from_bytes(sha1(i.to_bytes(20, "big")).digest(), "big") << 160 * i for i in range(4))
    x = w % (1 << 511) + (1 << 511)
    assert domain.FIPS_186_2.candidate(seed, 0, 512, q) == x - (x % (2 * q) - 1)
    xor = int.from_bytes(sha1(seed).digest(), "big") ^ int.from_bytes(sha1(b"\xff" * 20).digest(), "big")
    assert domain.FIPS_186_2.q(seed, 160) == xor | 1 << 159 | 1


@pytest.mark.parametrize(
    ("bits", "group_bits", "standard", "seed_bytes"),
    [
        (1024, 256, domain.FIPS_186_2, 0),
        (1024, 224, domain.fips_186_4("sha1"), 0),
        (1024, 161, domain.fips_186_4("sha256"), 0),
        (1024, 152, domain.fips_186_4("sha256"), 0),
        (160, 160, domain.fips_186_4("sha256"), 0),
        (1024, 160, domain.FIPS_186_2, 19),
    ],
)
def test_sizes_no_standard_has_are_refused(bits, group_bits, standard, seed_bytes):
    with pytest.raises(cngcore.InvalidParameterError):
        domain.generate_primes(bits, group_bits, standard, seed_bytes)


def test_a_longer_seed_is_one_too():
    found = domain.generate_primes(512, 160, domain.fips_186_4("sha224"), 33)
    assert len(found.seed) == 33
    assert domain.verify_primes(found, domain.fips_186_4("sha224"))


def test_generators(made):
    p, q, seed, _ = astuple(made[0])
    least = domain.least_generator(p, q)
    assert domain.verify_generator(p, q, least)
    found = {domain.canonical_generator(p, q, seed, index, "sha256") for index in range(256)}
    assert len(found) == 256
    assert all(domain.verify_generator(p, q, g) for g in found)
    g = domain.canonical_generator(p, q, seed, 1, "sha256")
    assert domain.verify_canonical_generator(p, q, g, seed, 1, "sha256")
    assert not domain.verify_canonical_generator(p, q, g, seed, 2, "sha256")
    assert not domain.verify_canonical_generator(p, q, g, seed, 1, "sha512")
    assert not domain.verify_canonical_generator(p, q, g, seed + b"\0", 1, "sha256")
    assert not domain.verify_canonical_generator(p, q, least, seed, 1, "sha256")
    for wrong in (0, 1, p - 1, p, p + least, least + 1):
        assert not domain.verify_generator(p, q, wrong)
    for index in (-1, 256):
        with pytest.raises(cngcore.InvalidParameterError):
            domain.canonical_generator(p, q, seed, index, "sha256")


def test_verify_checks_seed_counter_and_generator():
    good = domain.generate(512)
    assert domain.verify(good)
    assert not domain.verify(DsaParameters(p=good.p, q=good.q, g=good.g))
    other = pow(good.g, 2, good.p)
    assert not domain.verify(DsaParameters(p=good.p, q=good.q, g=other, count=good.count, seed=good.seed))
    good = domain.generate(1088)
    old = DsaParameters(p=good.p, q=good.q, g=good.g, count=good.count, seed=good.seed, standard_version=0)
    with pytest.raises(cngcore.InvalidParameterError):
        domain.verify(old)


def test_a_proof_is_remembered_and_a_refusal_is_not(monkeypatch):
    calls = []
    is_prime = primes.is_prime
    monkeypatch.setattr(domain, "is_prime", lambda n, rounds: calls.append(n) or is_prime(n, rounds))
    good = domain.generate(512)
    del calls[:]
    domain.prove(good)
    domain.prove(good)
    assert calls == [good.q, good.p]
    bad = DsaParameters(p=good.p + 2 * good.q, q=good.q, g=good.g)
    for _ in range(2):
        with pytest.raises(cngcore.InvalidParameterError):
            domain.prove(bad)


# ------------------------------------------------------------------------------------------ the key as DER


@pytest.mark.parametrize("bits", [512, 576, 704, 960, 1024, 1088, 1472, 2048, 2112, 2560, 3008, 3072, 4096])
def test_the_back_end_takes_every_length_in_der(bits):
    """The back end rejects these numbers as numbers. This test fails if a later release rejects them in DER too."""
    made = group(bits)
    if bits not in (1024, 2048, 3072, 4096):
        with pytest.raises(ValueError, match="exactly 1024"):
            back_end.DSAParameterNumbers(made.p, made.q, made.g).parameters()
    x = made.q // 3
    key = native.load(made, None, x)
    assert key is not None
    assert (key.x, key.y) == (x, pow(made.g, x, made.p))
    public = native.load(made, key.y, None)
    assert public is not None
    assert (public.x, public.y, public.is_private) == (None, key.y, False)
    digest = os.urandom(made.group_bytes)
    r, s = key.sign(digest)
    own = raw.RawKey(made, key.y, x)
    for one in (key, public, key.public(), own, own.public()):
        assert one.verify(digest, r, s)
        assert one.verify(digest, *own.sign(digest))
        assert not one.verify(digest, s, r)
        assert not one.verify(bytes(made.group_bytes), r, s)
    with pytest.raises(cngcore.InvalidParameterError):
        public.sign(digest)


@pytest.mark.parametrize(("bits", "group_bits"), [(1088, 160), (1088, 224)])
def test_other_lengths_of_q_that_the_back_end_takes(bits, group_bits):
    made = group(bits, group_bits)
    key = native.load(made, None, 12345)
    assert key is not None
    digest = os.urandom(made.group_bytes)
    assert raw.RawKey(made, key.y).verify(digest, *key.sign(digest))


# --------------------------------------------------------------------------------------- the key as numbers

ODD = [(512, 153), (512, 159), (1024, 159), (1088, 250), (1088, 512)]


@pytest.mark.parametrize(("bits", "group_bits"), ODD)
def test_keys_the_back_end_refuses_work_all_the_same(provider, bits, group_bits):
    """OpenSSL verifies with q of 160, 224 and 256 bits only."""
    made = group(bits, group_bits)
    assert native.load(made, None, 5) is None
    key = DsaKey(made, pow(made.g, made.q // 7, made.p), made.q // 7)
    blob = build("DSAPRIVATEBLOB", key)
    with provider.import_key_pair("DSAPRIVATEBLOB", blob) as private:
        assert private.export("DSAPRIVATEBLOB") == blob
        public = provider.import_key_pair("DSAPUBLICBLOB", private.export("DSAPUBLICBLOB"))
        for _ in range(5):
            digest = os.urandom(made.group_bytes)
            signature = private.sign_hash(digest)
            assert len(signature) == 2 * made.group_bytes
            for one in (private, public, private.public()):
                one.verify_signature(digest, signature)
                with pytest.raises(cngcore.InvalidSignatureError):
                    one.verify_signature(bytes([digest[0] ^ 0x80]) + digest[1:], signature)
        assert len({private.sign_hash(digest) for _ in range(5)}) == 5
        with pytest.raises(cngcore.InvalidParameterError):
            public.sign_hash(digest)
    with provider.generate_key_pair(bits) as fresh:
        fresh.set_property("DSAParameters", made)
        fresh.finalize()
        fresh.verify_signature(digest, fresh.sign_hash(digest))
        assert fresh.get_property("DSAParameters") == made


def test_the_leftmost_bits_of_the_digest_count():
    """FIPS 186-4 section 4.6: as many bits as q has; of a digest of 20 bytes a q of 153 bits uses 153."""
    made = group(512, 153)
    key = raw.RawKey(made, None, 1000)
    r, s = key.sign(bytes(range(20)))
    assert key.verify(bytes(range(19)) + bytes([19 ^ 0x7F]), r, s)
    assert not key.verify(bytes(range(19)) + bytes([19 ^ 0x80]), r, s)
    z = int.from_bytes(bytes(range(20)), "big") >> 7
    k = pow(s, -1, made.q) * (z + 1000 * r) % made.q
    assert pow(made.g, k, made.p) % made.q == r


@pytest.mark.parametrize("holder", [native.load, raw.RawKey])
def test_r_and_s_at_their_edges(holder):
    made = group(512)
    key = holder(made, None, made.q - 5)
    digest = bytes(range(20))
    r, s = key.sign(digest)
    q = made.q
    for one, two in ((0, s), (r, 0), (0, 0), (q, s), (r, q), (r + q, s), (r, s + q), (q, q), (1 << 160, s), (r, q - s)):
        assert not key.verify(digest, one, two)
    assert key.verify(digest, r, s)


@pytest.mark.parametrize("holder", [native.load, raw.RawKey])
def test_a_group_that_is_none_ends_in_a_status(holder):
    """Only BCRYPT_NO_KEY_VALIDATION lets such a key in. Signing ends with a signature or a status."""
    root = (1 << 256) - 189
    nilpotent = DsaParameters(p=root * root, q=group(512).q, g=root)  # every power above the first is 0, and so is r
    key = holder(nilpotent, None, 15)
    with pytest.raises(cngcore.InvalidParameterError, match="domain parameters of the DSA key are invalid"):
        key.sign(bytes(20))
    assert not key.verify(bytes(20), 5, 15)


def test_a_q_that_is_not_prime_ends_in_a_signature_or_a_status():
    q = prod([3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103])
    key = raw.RawKey(DsaParameters(p=(1 << 511) + 187, q=q << 160 - q.bit_length() | 1, g=2), None, 15)
    answers = Counter()
    for _ in range(50):
        try:
            r, s = key.sign(bytes(20))
        except cngcore.InvalidParameterError:
            answers["refused"] += 1
        else:
            answers["signed"] += 0 < r < key._parameters.q > s > 0
    assert answers.total() == 50
    assert not key.verify(bytes(20), 5, key._parameters.q // 3)


# ------------------------------------------------------------------------------------------ what comes in


@pytest.mark.parametrize("bits", [(511, 160), (4104, 256)])
def test_sizes_that_are_not_taken_are_refused_at_once(provider, bits):
    made = group(*bits)
    start = time.perf_counter()
    with pytest.raises(cngcore.InvalidParameterError):
        provider.import_key_pair("DSAPUBLICBLOB", build("DSAPUBLICBLOB", DsaKey(made, made.g)))
    with provider.generate_key_pair(512) as key, pytest.raises(cngcore.InvalidParameterError):
        key.set_property("DSAParameters", made)
    assert time.perf_counter() - start < 0.5


def test_a_p_of_a_megabyte_is_refused_at_once(provider):
    huge = DsaParameters(p=(1 << 8_000_000) + 1, q=(1 << 255) + 1, g=2)
    blob = build("DSAPUBLICBLOB", DsaKey(huge, 2))
    start = time.perf_counter()
    for flags in (0, 8):
        with pytest.raises(cngcore.InvalidParameterError):
            provider.import_key_pair("DSAPUBLICBLOB", blob, flags)
    with provider.generate_key_pair(512) as key, pytest.raises(cngcore.InvalidParameterError):
        key.set_property("DSAParameters", huge)
    assert time.perf_counter() - start < 1


def test_the_largest_import_takes_seconds_at_most(provider, bare):
    made = group(4096)
    x = made.q // 5
    start = time.perf_counter()
    with provider.import_key_pair("DSAPRIVATEBLOB", build("DSAPRIVATEBLOB", DsaKey(made, pow(made.g, x, made.p), x))):
        pass
    assert time.perf_counter() - start < 10


def composite(which):
    """Domain parameters of 512 bits whose arithmetic is right, and whose p, or q, is the product of two primes."""
    if which == "q":
        found = [n for n in range(3 << 78, (3 << 78) + 300) if primes.is_prime(n, 5)][:2]
        q = prod(found)
        p = next(p for e in range((1 << 511) // q + 2 & ~1, 1 << 352, 2) if primes.is_prime(p := q * e + 1, 2))
        h = next(h for h in range(2, 99) if 1 not in {pow(h, (p - 1) // prime, p) for prime in found})
        return DsaParameters(p=p, q=q, g=pow(h, (p - 1) // q, p))
    q = group(512).q  # two primes that are 1 modulo q, and a number that is of order q modulo both
    one, two = [n for k in range(1 << 95, (1 << 95) + 600) if primes.is_prime(n := 2 * k * q + 1, 5)][:2]
    local = [pow(2, (n - 1) // q, n) for n in (one, two)]
    g = local[0] + one * ((local[1] - local[0]) * pow(one, -1, two) % two)
    return DsaParameters(p=one * two, q=q, g=g)


@pytest.mark.parametrize("which", ["p", "q"])
def test_composites_are_found_at_import_and_at_finalize(provider, which, engine):
    bad = composite(which)
    assert pow(bad.g, bad.q, bad.p) == 1
    assert bad.bits == 512
    x = 12345
    y = pow(bad.g, x, bad.p)
    for kind in ("DSAPUBLICBLOB", "DSAPRIVATEBLOB"):
        blob = build(kind, DsaKey(bad, y, x))
        with pytest.raises(cngcore.InvalidParameterError, match="not prime"):
            provider.import_key_pair(kind, blob)
        with provider.import_key_pair(kind, blob, 8) as unchecked:
            assert unchecked.export(kind) == blob
    with provider.generate_key_pair(bad.bits) as key:
        key.set_property("DSAParameters", bad)
        with pytest.raises(cngcore.InvalidParameterError, match="not prime"):
            key.finalize()
        key.finalize(8)
        assert key.get_property("DSAParameters") == bad


def test_the_declaration_imports_no_back_end():
    code = "import sys, cngcore_dsa as d; list(d.cngcore_register_algorithms()); print(*sys.modules)"
    run = python(code)
    assert not {"cryptography", "gmpy2", "cngcore_dsa.keys", "cngcore_dsa.domain"} & set(run.stdout.split())


QUIET = """
import sys
if sys.argv[1] == "plain":
    sys.modules["gmpy2"] = None
import cngcore
provider = cngcore.open_algorithm_provider("DSA", flags=1)
events = []
sys.addaudithook(lambda event, args: events.append((event, args[0])) if event in ("import", "open") else None)
for bits in (512, 1024, 1088):
    key = provider.generate_key_pair(bits)
    key.finalize()
    size = key.get_property("SignatureLength") // 2
    key.verify_signature(bytes(size), key.sign_hash(bytes(size)))
    parameters = key.get_property("DSAParameters")
    for kind in ("DSAPUBLICBLOB", "DSAPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB", "V2CAPIDSAPRIVATEBLOB"):
        if bits <= 1024 or "CAPI" not in kind:
            provider.import_key_pair(kind, key.export(kind)).destroy()
    second = provider.generate_key_pair(bits)
    second.set_property("DSAParameters", type(parameters).from_bytes(parameters.to_bytes()))
    second.finalize()
    for one in (key, second):
        one.destroy()
assert not events, events
"""


@pytest.mark.parametrize("which", ["plain", "fast"])
def test_with_the_flag_nothing_is_imported_or_read_after_the_open(which):
    """tests/bcrypt/test_dispatch.py, with both standards, and without gmpy2."""
    run = subprocess.run([sys.executable, "-c", QUIET, which], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_a_private_key_is_not_shown(provider):
    with provider.generate_key_pair(512) as key:
        key.finalize()
        x = key._material._key.x
        blob = DsaKey(key.get_property("DSAParameters"), 2, x)
        for shown in (repr(key), repr(key._material), repr(blob), str(key._material._key)):
            assert str(x) not in shown
            assert f"{x:x}" not in shown.lower()


def test_the_range_of_imports_is_the_one_the_page_tells():
    assert (keys._IMPORTED.start, keys._IMPORTED.stop - 1) == (512, 4096)


@pytest.mark.parametrize("attempt", [pickle.dumps, copy.copy, copy.deepcopy], ids=lambda one: one.__name__)
@pytest.mark.parametrize("holder", [native.load, raw.RawKey])
def test_a_holder_of_a_private_number_is_neither_pickled_nor_copied(holder, attempt):
    made = group(512)
    with pytest.raises((TypeError, cngcore.InvalidParameterError)):
        attempt(holder(made, None, 5))
