"""Compute the numbers that a form leaves out, and check whether the numbers of a key belong together.

The numbers of RSA, and y of DSA and DH, are computed here with Python's ``pow``, which is not constant-time. A provider
computes points of curves and the keys of ML-KEM and ML-DSA: it imports the private key as a blob.
"""

from __future__ import annotations

from dataclasses import replace
from hmac import compare_digest
from math import gcd, isqrt
from typing import TYPE_CHECKING

from cngcore.blobs import dsa, rsa
from cngcore.blobs.curves import SHORT_WEIERSTRASS
from cngcore.blobs.dh import DhKey
from cngcore.blobs.dsa import DsaKey
from cngcore.blobs.rsa import RsaKey
from cngcore.formats._export import as_key
from cngcore.formats._foreign import ForeignKey
from cngcore.formats._model import EcKey, Key, MlKey
from cngcore.formats._work import can_compute
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from cngcore.objects import KeyPair
    from cngcore.registry import Registry

__all__ = ["MOST_BITS", "check", "complete", "primes"]

MOST_BITS = 16384
"""Bits of the largest modulus that is computed with: the longest key of the contract."""


def complete(key: Key | KeyPair, *, registry: Registry | None = None, expand: bool = False) -> Key:
    """Return ``key`` with its public half, and with every number of a private RSA key.

    ``expand=True`` adds the expanded form to a private key of ML-KEM or ML-DSA that has only the seed. Numbers that
    exist are kept. ``registry`` provides the providers, by default the default registry.

    Raise NotFoundError if no installed provider can compute a number, InvalidParameterError for numbers that are not a
    key.
    """
    key = as_key(key)
    numbers = key.numbers
    if key.bits > MOST_BITS:
        raise InvalidParameterError(f"the modulus has {key.bits} bits; this library computes with at most {MOST_BITS}")
    if isinstance(numbers, RsaKey):
        return replace(key, numbers=rsa.complete(numbers)) if numbers.is_private else key
    if isinstance(numbers, DsaKey):
        if numbers.y is not None or numbers.x is None:
            return key
        group = numbers.parameters
        return replace(key, numbers=replace(numbers, y=pow(group.g, numbers.x, group.p)))
    if isinstance(numbers, DhKey):
        group_dh = numbers.parameters
        return key if numbers.y else replace(key, numbers=replace(numbers, y=pow(group_dh.g, numbers.x, group_dh.p)))
    if isinstance(numbers, EcKey):
        return key if numbers.x else _with_point(key, registry)
    if isinstance(numbers, ForeignKey):
        return key if numbers.public else replace(key, numbers=_with_foreign(key, numbers, registry))
    return replace(key, numbers=_with_forms(key, numbers, registry, expand))


def check(key: Key | KeyPair, *, registry: Registry | None = None) -> None:
    """Raise InvalidParameterError unless the numbers of ``key`` belong together.

    RSA: RFC 8017 section 3. DSA: q divides p - 1, g and y have order q, and y is g^x; p and q are not tested for
    primality. DH: y is g^x. Elliptic curves: the point is on its curve and belongs to the private number. ML-KEM and
    ML-DSA: all forms belong to one key, as RFC 9935 and RFC 9881 demand of the form ``both``.
    """
    key = as_key(key)
    numbers = key.numbers
    if key.bits > MOST_BITS:
        raise InvalidParameterError(f"the modulus has {key.bits} bits; this library computes with at most {MOST_BITS}")
    if isinstance(numbers, RsaKey):
        rsa.check(numbers)
    elif isinstance(numbers, DsaKey):
        _check_dsa(numbers if numbers.y is not None else _dsa(complete(key)))
    elif isinstance(numbers, DhKey):
        p, g, x, y = numbers.parameters.p, numbers.parameters.g, numbers.x, numbers.y
        if not p & 1 or not 1 < g < p or (y and not 1 < y < p - 1) or (x and y and pow(g, x, p) != y):
            raise InvalidParameterError("the numbers of the DH key do not belong together")
    elif isinstance(numbers, EcKey):
        _check_point(key, numbers, registry)
    elif isinstance(numbers, ForeignKey):
        whole = _with_foreign(key, numbers, registry) if numbers.private else numbers
        if numbers.public and whole.public != numbers.public:
            raise InvalidParameterError(f"the public key of this {key.description} key belongs to another private key")
    elif numbers.is_private:
        for blob_source in ("seed", "expanded"):
            if secret := getattr(numbers, blob_source):
                lone = MlKey(numbers.family, numbers.parameter_set, **{blob_source: secret})
                made = _with_forms(replace(key, numbers=lone), lone, registry, expand=bool(numbers.expanded))
                for form in ("public", "expanded"):
                    given = getattr(numbers, form)
                    if given and not compare_digest(given, getattr(made, form)):
                        raise InvalidParameterError(
                            f"the {form} key of this {key.description} key does not belong to its {blob_source}"
                        )


def primes(n: int, e: int, d: int) -> RsaKey:
    """Return an RSA key, given only its modulus and both exponents.

    e*d - 1 is a multiple k of lcm(p-1, q-1), and k is small if e is: then p + q follows from n at once. For other
    exponents factors are searched with random bases (NIST SP 800-56B appendix C), a few times only: each base misses
    them with a probability of 1/2 if n is the product of two primes, and always if n is a prime.

    Raise InvalidParameterError if the numbers do not belong together or the search would take too long.
    """
    if not n & 1 or not 2 < e < n or not 2 < d < n or n.bit_length() > MOST_BITS:
        raise InvalidParameterError("the modulus and the exponents do not make an RSA key")
    found = _from_small_exponent(n, e, d) or _from_bases(n, e * d - 1)
    if not found:
        raise InvalidParameterError(
            "the modulus and the exponents do not make an RSA key: no prime factor was found; "
            "write the key with p and q"
        )
    return RsaKey(n, e, max(found, n // found), min(found, n // found), d=d)


def _from_small_exponent(n: int, e: int, d: int) -> int:
    """Return a factor of n if e*d - 1 = k * (p-1) * (q-1) / g for a small k and a small g, else 0."""
    product = e * d - 1
    if 2 * e.bit_length() > n.bit_length():
        return 0
    for g in range(1, 33):
        k = product * g // n + 1
        totient, rest = divmod(product * g, k)
        if rest:
            continue
        total = n - totient + 1  # p + q
        square = total * total - 4 * n
        if square < 0:
            continue
        root = isqrt(square)
        p = (total + root) // 2
        if root * root == square and 1 < p < n and n % p == 0:
            return p
    return 0


def _from_bases(n: int, product: int) -> int:
    twos = (product & -product).bit_length() - 1
    odd = product >> twos
    for base in range(2, 34):
        if not can_compute(n.bit_length(), odd.bit_length() + twos):
            return 0
        value = pow(base, odd, n)
        if value in (0, 1, n - 1):
            continue
        for _ in range(twos):
            square = value * value % n
            if square == 1:
                p = gcd(value - 1, n)
                if 1 < p < n:
                    return p
                break
            if square == n - 1:
                break
            value = square
        else:  # a power that must be 1 is not
            return 0
    return 0


def _dsa(key: Key) -> DsaKey:
    assert isinstance(key.numbers, DsaKey)  # noqa: S101 - complete() keeps the family
    return key.numbers


def _check_dsa(numbers: DsaKey) -> None:
    dsa.check(numbers)
    p, q, g, x, y = numbers.parameters.p, numbers.parameters.q, numbers.parameters.g, numbers.x, numbers.y
    if pow(g, q, p) != 1 or (y is not None and pow(y, q, p) != 1) or (x and pow(g, x, p) != y):
        raise InvalidParameterError("the numbers of the DSA key do not belong together")


def _check_point(key: Key, numbers: EcKey, registry: Registry | None) -> None:
    curve = numbers.curve
    if numbers.x and curve.curve_type == SHORT_WEIERSTRASS:
        x, y = int.from_bytes(numbers.x, "big"), int.from_bytes(numbers.y, "big")
        if not curve.on_curve(x, y):
            raise InvalidParameterError(f"the public point is not on {curve.name or 'its curve'}")
    if numbers.x and numbers.d and curve.name:
        made = _with_point(replace(key, numbers=replace(numbers, x=b"", y=b"")), registry).numbers
        if isinstance(made, EcKey) and (made.x, made.y) != (numbers.x, numbers.y):
            raise InvalidParameterError("the public point does not belong to the private number")


def _with_point(key: Key, registry: Registry | None) -> Key:
    """Return an EC or X25519 key with its public point, which a provider computes."""
    from cngcore.formats import _cng as cng

    assert isinstance(key.numbers, EcKey)  # noqa: S101 - the caller looked
    if not key.numbers.curve.name:
        raise NotSupportedError("the key has no public point, and no provider can compute it on a curve without a name")
    full = (
        "" if cng.algorithm_of(replace(key, use="ECDH")) != "ECDH" else "FULL"
    )  # generic algorithms have no curve yet
    public = _through(key, f"ECC{full}PRIVATEBLOB", f"ECC{full}PUBLICBLOB", registry)
    found = cng.read(bytes(public)).numbers
    assert isinstance(found, EcKey)  # noqa: S101 - the blob holds no other
    return replace(key, numbers=replace(key.numbers, x=found.x, y=found.y))


def _with_forms(key: Key, numbers: MlKey, registry: Registry | None, expand: bool) -> MlKey:
    """Return the public key of a private key of ML-KEM or ML-DSA and, with ``expand``, its expanded form."""
    from cngcore.blobs import pq
    from cngcore.formats import _cng as cng

    if not numbers.is_private:
        return numbers
    if numbers.family == "ML-KEM" and numbers.expanded and not numbers.public:
        end = len(numbers.expanded) - 64  # dk_PKE || ek || H(ek) || z (FIPS 203 algorithm 16)
        size = pq.SIZES["MLKEMPUBLICBLOB"][numbers.parameter_set]
        numbers = replace(numbers, public=numbers.expanded[end - size : end])
    public, private, seed = cng.ML_BLOBS[numbers.family]
    source = seed if numbers.seed else private
    if expand and not numbers.expanded:
        blob = _through(replace(key, numbers=numbers), source, private, registry)
        numbers = replace(numbers, expanded=pq.parse(private, blob).key)
    if not numbers.public:
        blob = _through(replace(key, numbers=numbers), source, public, registry)
        numbers = replace(numbers, public=pq.parse(public, blob).key)
    return numbers


def _with_foreign(key: Key, numbers: ForeignKey, registry: Registry | None) -> ForeignKey:
    """Return the key with the public half that its provider computes."""
    known = numbers.format
    blob = _through(key, known.private_blob, known.public_blob, registry)
    return replace(numbers, public=known.encoded(bytes(blob), private=False))


def _through(key: Key, blob_type: str, wanted: str, registry: Registry | None) -> bytes | bytearray:
    """Import ``key`` into a provider as a blob of one type and return it as a blob of another."""
    from cngcore.formats import _cng as cng
    from cngcore.registry import default

    key = replace(key, use="ECDH") if isinstance(key.numbers, EcKey) else key
    with (registry or default()).open_algorithm_provider(cng.algorithm_of(key)) as provider:
        blob = cng.write(key, blob_type)
        with provider.import_key_pair(blob_type, blob) as pair:
            return pair.export(wanted)
