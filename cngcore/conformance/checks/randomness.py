"""Check randomness as far as results show it: nothing repeats among many, and no bit of a secret is constant.

A short seed that a hash stretches shows only as repetition: 20 bits within a second, 32 bits not at all.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from functools import partial

from cngcore import constants as c
from cngcore.blobs import dh, dsa
from cngcore.blobs import rsa as rsa_blobs
from cngcore.conformance import _samples as ways
from cngcore.conformance import numbers as arithmetic
from cngcore.conformance._check import Failure, Skip, check, demand, granted, status_of
from cngcore.conformance._signing import sign
from cngcore.conformance._subject import Clock, Implementation, Kind
from cngcore.conformance.checks.numbers import curve_of
from cngcore.conformance.checks.signature_numbers import uneven_bits, uneven_tops
from cngcore.objects import KeyPair
from cngcore.padding import Oaep, Padding, Pkcs1, Pss
from cngcore.status import NTStatus

_MANY = 1200
"""How many results are compared: two of 2^16 are the same with a probability of 0.9999."""

_MOST_KEYS = 20000
"""How many keys are compared at most; two of 2^20 are the same among 4800 of them with a probability of 0.9999."""

_BITS = 64
"""From how many on the bits of secrets are compared."""


@check(
    "keys-random",
    "key",
    rule="SP 800-90A, SP 800-133; contract: rule-finalize-status",
    remedy="Draw the whole of every private number or seed from the system's random numbers, with no short seed and no "
    "generator of your own between.",
)
def keys_random(kind: Kind) -> str:
    """Of many new keys no two are the same, and no bit of their private numbers or seeds is constant."""
    names = kind.blob_types(private=False, exports=True)[:1] or kind.blob_types(exports=True)[:1]
    if not names:
        raise Skip("it exports no blob by which keys could be compared")
    clock, seconds = Clock(), 5.0 if kind.options.slow else 1.0
    count = kind.quick(lambda: kind.new().export(names[0]), seconds, _MOST_KEYS)
    seen: set[bytes] = set()
    columns: dict[str, tuple[list[int], int, int]] = {}
    for number in range(count):
        if number > _BITS and clock.seconds > seconds:
            count = number
            break
        key = kind.new()
        blob = bytes(granted(key.export, names[0]))
        demand(blob not in seen, "another key each time", "one of the keys before", f"making key {number + 1}")
        seen.add(blob)
        if number < _BITS:
            for what, value, first, end in _secrets(kind, key):
                columns.setdefault(what, ([], first, end))[0].append(value)
        key.destroy()
    if count < _BITS:
        return f"{count} keys"
    for what, (values, first, end) in columns.items():
        uneven = uneven_bits(values, first, end)
        order = _order(kind) if what == "private numbers" else 0
        uneven = uneven or (uneven_tops(values, order) if order else "")
        demand(not uneven, f"{what} with no bias", uneven, f"comparing {what} of {len(values)} new keys")
    return f"{count} keys, bits of {', '.join(columns) or 'none'}"


def _order(kind: Kind) -> int:
    """Return the order below which private numbers are drawn; 0 if the kit does not know it."""
    curve = curve_of(kind)
    return 0 if curve is None or curve.curve_type == c.BCRYPT_ECC_PRIME_MONTGOMERY_CURVE else curve.n


def _secrets(kind: Kind, key: KeyPair) -> Iterator[tuple[str, int, int, int]]:
    """Yield private numbers: what it is, the number, and its bits that are random: from the first to before the end."""
    for name in kind.blob_types(private=True, exports=True):
        status, blob = status_of(key.export, name)
        if status != NTStatus.STATUS_SUCCESS:
            continue
        if name.endswith("SEEDBLOB"):
            seed = bytes(blob)[12 + int.from_bytes(blob[4:8], "little") :]
            yield "seeds", int.from_bytes(seed, "big"), 0, 8 * len(seed)
        elif name == "MLKEMPRIVATEBLOB":
            yield "the z of private keys", int.from_bytes(blob[-32:], "big"), 0, 256
        elif name == "ECCPRIVATEBLOB" and (curve := curve_of(kind)) is not None:
            size = int.from_bytes(blob[4:8], "little")
            montgomery = curve.curve_type == c.BCRYPT_ECC_PRIME_MONTGOMERY_CURVE
            d = int.from_bytes(blob[8 + 2 * size :], "little" if montgomery else "big")
            yield "private numbers", d, 3 if montgomery else 0, 254 if montgomery else curve.n.bit_length() - 1
        elif name == "DHPRIVATEBLOB":
            yield "private numbers", dh.parse(name, blob).x or 0, 0, 160  # x may be short
        elif name == "DSAPRIVATEBLOB":
            parsed = dsa.parse(name, blob)
            yield "private numbers", parsed.x or 0, 0, parsed.parameters.q.bit_length() - 1
        elif name == "RSAPRIVATEBLOB":
            parsed_rsa = rsa_blobs.parse(name, blob)
            for which, prime in (("p", parsed_rsa.p), ("q", parsed_rsa.q)):
                yield f"the {which} of moduli", prime, 1, prime.bit_length() - 8


@check(
    "encapsulations-random",
    "key",
    operations=["encapsulate"],
    rule="FIPS 203 section 7.2: 32 random bytes for every encapsulation",
    remedy="Draw 32 bytes from the system's random numbers for every encapsulation.",
)
def encapsulations_random(kind: Kind) -> str:
    """Of many encapsulations no two give the same secret or ciphertext, and no bit of the secrets is constant."""
    count = kind.quick(kind.key.encapsulate, 3.0 if kind.options.slow else 0.7, _MANY)
    seen: set[bytes] = set()
    values = []
    for number in range(count):
        secret, ciphertext = granted(kind.key.encapsulate)
        for one in (bytes(secret), bytes(ciphertext)):
            demand(one not in seen, "another one each time", "one of those before", f"encapsulation {number + 1}")
            seen.add(one)
        values.append(int.from_bytes(secret, "big"))
    if count >= _BITS:
        uneven = uneven_bits(values[:_BITS], 0, 8 * len(secret))
        demand(not uneven, "secrets with no bias", uneven, f"comparing the secrets of {count} encapsulations")
    return f"{count} encapsulations"


# --- RSA ---------------------------------------------------------------------------------------------------------


def _schemes(one: Implementation) -> str:
    return "" if ways.wants_schemes(one.algorithm) else "it has no paddings with random bytes"


@check(
    "paddings-random",
    "key",
    operations=["sign", "encrypt"],
    rule="RFC 8017 sections 7.1.1, 7.2.1, 9.1.1",
    remedy="Draw salts, seeds and paddings from the system's random numbers each time, all of their bytes.",
    needs=_schemes,
)
def paddings_random(kind: Kind) -> str:
    """The salts of PSS, the seeds of OAEP and the filling of PKCS #1 encryption differ each time, in all their bits."""
    key, offered = kind.key, ways.schemes(kind)
    told, bits = [], ways.bits_of(key)
    size = (bits + 7) // 8
    own = _rsa_numbers(kind)
    calls: dict[str, tuple[Callable[[Padding], bytes], Padding, int]] = {}
    if "sign" in kind.algorithm.operations and offered & c.BCRYPT_SUPPORTED_PAD_PSS and ways.room(bits) >= 38:
        calls["salts of PSS"] = (lambda padding: sign(kind, bytes(20), padding)), Pss("SHA1", 16), 128
    if "encrypt" in kind.algorithm.operations:
        if offered & c.BCRYPT_SUPPORTED_PAD_OAEP and size >= 42:
            calls["seeds of OAEP"] = (lambda padding: key.encrypt(b"", padding)), Oaep("SHA1"), 160
        if offered & c.BCRYPT_SUPPORTED_PAD_PKCS1_ENC:
            calls["fillings of PKCS #1"] = (lambda padding: key.encrypt(b"", padding)), Pkcs1(), 8 * (size - 3)
    for what, (call, padding, width) in calls.items():
        seen: set[bytes] = set()
        values: list[int] = []
        for _ in range(kind.quick(partial(call, padding), 1.0, _MANY)):
            came = bytes(granted(call, padding, doing=f"making {what}"))
            demand(came not in seen, "another result each time", "one of those before", f"making {what}")
            seen.add(came)
            if own is not None and len(values) < _BITS:
                values.append(_random_part(own, padding, came))
        if len(values) == _BITS:
            uneven = uneven_bits(values, 0, width)
            demand(not uneven, f"{what} with no bias", uneven, f"comparing {what}")
        told.append(f"{len(seen)} {what}")
    if not told:
        raise Skip("it offers no padding with random bytes, or the key is too short for one")
    return ", ".join(told)


def _rsa_numbers(kind: Kind) -> rsa_blobs.RsaKey | None:
    if "RSAPRIVATEBLOB" not in kind.blob_types(exports=True):
        return None
    return rsa_blobs.complete(rsa_blobs.parse("RSAPRIVATEBLOB", granted(kind.key.export, "RSAPRIVATEBLOB")))


def _random_part(key: rsa_blobs.RsaKey, padding: Padding, came: bytes) -> int:
    """Return the random bytes inside a signature or ciphertext, as a number."""
    size = (key.bits + 7) // 8
    value = int.from_bytes(came, "big")
    if isinstance(padding, Pss):
        room = ways.room(key.bits)
        block = pow(value, key.e, key.n).to_bytes(size, "big")[size - room :]
        seed, masked = block[-21:-1], block[:-21]
        mask = arithmetic.mgf1(padding.hash, seed, len(masked))
        return int.from_bytes(masked[-16:], "big") ^ int.from_bytes(mask[-16:], "big")
    one, two = pow(value % key.p, key.dp, key.p), pow(value % key.q, key.dq, key.q)
    block = (two + key.q * (key.qinv * (one - two) % key.p)).to_bytes(size, "big")
    if isinstance(padding, Oaep):
        masked = block[21:]
        mask = arithmetic.mgf1(padding.hash, masked, 20)
        return int.from_bytes(block[1:21], "big") ^ int.from_bytes(mask, "big")
    return int.from_bytes(block[2:-1], "big")


# --- what many keys leave behind -----------------------------------------------------------------------------------


_FEWEST = 8
"""With fewer keys, what a library keeps once looks like growth."""
_FILLING = 800
"""Keys after which the caches of a library are full. What leaks grows in every round, also after them."""


@check(
    "keys-growth",
    "key",
    rule="the documentation of cngcore.provider.KeyMaterial",
    remedy="Keep no secret, blob or result in a list, a dict or a cache of the module: what was destroyed must be "
    "garbage.",
)
def keys_growth(kind: Kind) -> str:
    """Making, using and destroying many keys leaves as many objects as before."""
    blocks: Callable[[], int] | None = getattr(sys, "getallocatedblocks", None)
    if blocks is None:
        raise Skip("this interpreter does not count its blocks of memory")
    names = kind.blob_types(exports=True)
    operations = kind.algorithm.operations
    peer = kind.another if "agree" in operations else None
    way = ways.signing(kind)[0] if "sign" in operations else None

    def life() -> None:
        key = kind.new()
        for name in names:
            status_of(key.export, name)
        if way is not None:
            signature = key.sign_hash(way.data, way.padding)
            key.verify_signature(way.data, signature, way.padding)
        if peer is not None:
            status, secret = status_of(key.agree, peer)
            if status == NTStatus.STATUS_SUCCESS:
                secret.destroy()
        if "encapsulate" in operations:
            key.decapsulate(key.encapsulate()[1])
        key.destroy()

    count = kind.quick(life, 5.0 if kind.options.slow else 0.15, 200, 0)
    if count < _FEWEST:
        return "not tried, because a key takes too long; --cng-slow gives it more time"

    def lives() -> int:
        for _ in range(count):
            life()
        gc.collect()
        return blocks()

    before, least, rounds, calm = lives(), sys.maxsize, max(4, _FILLING // count), 0
    for made in range(1, rounds + 1):
        after = lives()
        grown, before = after - before, after
        least, calm = min(least, grown), calm + 1 if grown < count else 0
        if calm == 2:  # in one round, another thread may have freed more than the provider kept
            return f"{(1 + made) * count} keys"
    raise Failure("no more objects than before", f"{least} more each time", f"making {count} keys {rounds + 1} times")
