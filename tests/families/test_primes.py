"""The prime test that providers share, compared with trial division and with the tests' own Miller-Rabin."""

import random

import pytest
from oracles.primes import is_prime

from cngcore.families import primes

MERSENNE = [(1 << n) - 1 for n in (61, 89, 107, 127, 521, 607)]


def plain(number):
    return number > 1 and all(number % small for small in range(2, int(number**0.5) + 1))


def test_odd_primes_are_those_of_trial_division():
    for limit in (4, 5, 25, 26, 2000):
        assert primes.odd_primes(limit) == [n for n in range(3, limit) if plain(n)]


def test_small_numbers_are_decided_exactly():
    numbers = [*range(-5, 5000), *range(3_999_900, 4_000_100)]
    assert [n for n in numbers if primes.is_prime(n, 1)] == [n for n in numbers if plain(n)]


def test_known_primes_pass():
    for prime in ((1 << 255) - 19, (1 << 224) - (1 << 96) + 1, *MERSENNE):
        assert primes.is_prime(prime)


def test_composites_fail():
    carmichael = [561, 41041, 825265, 321197185, 1590231231043178376951698401]
    pseudoprimes = [2047, 3215031751, 3825123056546413051, 318665857834031151167461]
    products = [x * y for x in MERSENNE for y in MERSENNE] + [1 << 600, MERSENNE[0] << 1 | 1, 1999 * MERSENNE[-1]]
    assert not [n for n in carmichael + pseudoprimes + products if primes.is_prime(n)]


@pytest.mark.parametrize("bits", [24, 64, 128, 256])
def test_the_answers_are_those_of_the_independent_test(bits):
    rng = random.Random(bits)
    numbers = [rng.getrandbits(bits) | 1 << bits - 1 | 1 for _ in range(300)]
    answers = [primes.is_prime(n) for n in numbers]
    assert answers == [is_prime(n) for n in numbers]
    assert 0 < sum(answers) < 100


def test_a_round_finds_the_strong_pseudoprimes_of_its_base_only():
    """The strong pseudoprimes to base 2 below 50,000 (OEIS A001262)."""
    liars = [n for n in range(5, 50_000, 2) if primes.passes_miller_rabin(n, 2) and not plain(n)]
    assert liars == [2047, 3277, 4033, 4681, 8321, 15841, 29341, 42799, 49141]
    assert all(primes.passes_miller_rabin(n, base) for n in (7, 13, 65537) for base in range(2, min(n - 1, 50)))


def test_the_requested_rounds_are_made_with_random_bases(monkeypatch):
    calls = []

    def counted(number, base):
        calls.append(base)
        return True

    monkeypatch.setattr(primes, "passes_miller_rabin", counted)
    assert primes.is_prime(MERSENNE[-1], 27)
    assert len(set(calls)) == 27
    assert all(2 <= base <= MERSENNE[-1] - 2 for base in calls)


def test_the_caller_may_pass_the_power_of_its_back_end():
    calls = []

    def power(base, exponent, modulus):
        calls.append((base, exponent, modulus))
        return pow(base, exponent, modulus)

    assert primes.passes_miller_rabin(97, 5, power)
    assert calls == [(5, 3, 97)]
