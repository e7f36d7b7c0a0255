"""One test of primality, by Miller and Rabin, for all tests."""

from __future__ import annotations

from math import gcd, prod
from random import SystemRandom

SMALL = [n for n in range(2, 2000) if all(n % d for d in range(2, int(n**0.5) + 1))]
_PRODUCT = prod(SMALL)
_RANDOM = SystemRandom()


def is_prime(number: int, rounds: int = 40) -> bool:
    """Return whether a number is prime, wrongly with a probability below 4^-(rounds - 1) for any composite.

    The first base is 2, the others are random, so nobody can choose a composite that passes.
    """
    if number <= SMALL[-1] or gcd(number, _PRODUCT) != 1:
        return number in SMALL
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for turn in range(rounds):
        power = pow(_RANDOM.randrange(3, number - 1) if turn else 2, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True
