"""Check the numbers of signatures: verified and made by arithmetic of the kit's own, at the edges of their range."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cngcore import constants as c
from cngcore.blobs import rsa as rsa_blobs
from cngcore.conformance import _samples as ways
from cngcore.conformance import lattices, numbers
from cngcore.conformance._check import Skip, check, demand, granted, refused, same
from cngcore.conformance._signing import sign
from cngcore.conformance._subject import Clock, Implementation, Kind
from cngcore.conformance._verification import Pairs, block_holds
from cngcore.conformance.checks.numbers import (
    SEARCH,
    CurveKeys,
    chance,
    known_powers,
)
from cngcore.conformance.numbers import Point
from cngcore.objects import KeyPair
from cngcore.padding import Pkcs1, Pss
from cngcore.status import NTStatus

_OK = NTStatus.STATUS_SUCCESS
_BAD = NTStatus.STATUS_INVALID_SIGNATURE
_INVALID = NTStatus.STATUS_INVALID_PARAMETER


def _pairs_or_blocks(one: Implementation) -> str:
    return "its signatures have no numbers that the kit can compute" if one.algorithm.parameter_sets else ""


def _pairs(one: Implementation) -> str:
    if one.algorithm.parameter_sets or ways.wants_schemes(one.algorithm):
        return "its signatures are not pairs of numbers"
    return ""


def _digests(pairs: Pairs) -> dict[str, bytes]:
    """Return digests at the edges, by what they are."""
    n, ones = pairs.order, (1 << pairs.order.bit_length()) - 1
    edges = {"of ones": ones, "equal to the order": n, "of the order + 1": n + 1, "of the order - 1": n - 1, "of 1": 1}
    made = {what: pairs.digest_of(number) for what, number in edges.items() if number <= ones}
    found = {what: digest for what, digest in made.items() if digest is not None}
    found |= {
        "that begins with a zero byte": b"\0" + pairs.digest("begins")[1:],
        "that ends with a zero byte": pairs.digest("ends")[:-1] + b"\0",
        "of zeros": bytes(len(pairs.digest("zeros"))),
    }
    if pairs.digest_size is None:
        found |= {
            "of 64 ones": b"\xff" * 64, "of 20 ones": b"\xff" * 20,
            "of 20 zeros and 44 others": bytes(20) + b"\x5a" * 44,
            "of 64 bytes that end with a one": bytes(range(1, 64)) + b"\1",
        }  # fmt: skip
    return found


@check(
    "signature-numbers",
    "key",
    operations=["sign"],
    rule="FIPS 186-5 section 6.4; FIPS 186-4 section 4; RFC 8017 sections 8.1, 8.2; contract: rule-sign",
    remedy="Compare byte order and width of the numbers with the standard. A digest that is not below the order is no "
    "error: its leftmost bits count, and the order reduces them.",
    needs=_pairs_or_blocks,
)
def signature_numbers(kind: Kind) -> str:
    """Signatures hold by integer arithmetic, also for digests at and above the order, and if numbers begin with zero
    bytes."""
    if ways.schemes(kind):
        return _rsa_signatures(kind)
    pairs = Pairs.of(kind)
    key, half = kind.key, kind.public_only()
    tried = 0
    for what, digest in {**_digests(pairs), **{f"no. {n}": pairs.digest(n) for n in range(8)}}.items():
        doing = f"signing a digest of {len(digest)} bytes {what}"
        signature = sign(kind, digest, doing=doing)
        same(len(signature), 2 * pairs.width, doing)
        demand(pairs.holds(key, digest, signature), "a signature that holds by arithmetic", "another", doing)
        granted(half.verify_signature, digest, signature, doing=f"verifying a digest of {len(digest)} bytes {what}")
        tried += 1
    return f"{tried} signatures"


def _rsa_signatures(kind: Kind) -> str:
    key, schemes = kind.key, ways.schemes(kind)
    if "RSAPUBLICBLOB" not in kind.blob_types(exports=True):
        raise Skip("it exports no RSAPUBLICBLOB, so the kit does not know the modulus")
    public = rsa_blobs.parse("RSAPUBLICBLOB", granted(key.export, "RSAPUBLICBLOB"))
    size, bits = (public.bits + 7) // 8, public.bits
    paddings: list[Pkcs1 | Pss] = []
    if schemes & c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG:
        paddings += [Pkcs1("SHA256") if size >= 62 else Pkcs1(None)]
    if schemes & c.BCRYPT_SUPPORTED_PAD_PSS and ways.room(bits) >= 20 + 8 + 2:
        paddings += [Pss("SHA1", 8)]
    tried = 0
    for padding in paddings:
        length = 20 if isinstance(padding, Pss) or padding.hash is None else 32
        for number in range(kind.quick(partial(sign, kind, bytes(length), padding), 0.5, 700)):
            digest = chance("rsa", number).to_bytes(128, "big")[:length]
            doing = f"signing {length} bytes with {padding!r}"
            signature = sign(kind, digest, padding, doing=doing)
            same(len(signature), size, doing)
            value = int.from_bytes(signature, "big")
            right = block_holds(kind, key, digest, signature, padding)
            demand(right, "a signature that holds by arithmetic", "another", doing)
            if (signature[0] == 0 or signature[-1] == 0 or number < 4) and value + public.n < 1 << 8 * size:
                above = (value + public.n).to_bytes(size, "big")
                refused(key.verify_signature, digest, above, padding, by=_INVALID, doing="verifying s + n")
            tried += 1
    if not tried:
        raise Skip("it offers no padding for signatures")
    return f"{tried} signatures"


_ENOUGH = 64
"""How many nonces or private numbers are compared: a bit of random numbers is constant in them once in 2^63."""


@check(
    "signature-nonces",
    "key",
    operations=["sign"],
    rule="FIPS 186-5 section 6.3: a new secret number for each signature, from 1 to n - 1 with no bias",
    remedy="Draw the nonce of every signature anew and uniformly from 1 to n - 1, or derive it as RFC 6979 does. A "
    "repeated nonce, or a few known bits of many, give the private key away.",
    needs=_pairs,
)
def signature_nonces(kind: Kind) -> str:
    """The nonces of ECDSA and DSA signatures differ between digests and keys; no bit of them is constant."""
    known = Pairs.of(kind)
    count = kind.quick(lambda: sign(kind, known.digest("time")), 6.0, _ENOUGH)
    seen: set[int] = set()
    computed = 0
    for name, key in (("one key", kind.key), ("another key", kind.another)):
        pairs = Pairs.of(kind, key)  # every DSA key can have a group of its own
        d, nonces = pairs.private(key), []
        for number in range(count):
            digest = pairs.digest("nonce", number)
            r, s = pairs.split(sign(kind, digest, key=key))
            demand(r not in seen, "another r for every signature", "the same r: the nonce is repeated", f"with {name}")
            seen.add(r)
            if d is not None and 0 < r < pairs.order and 0 < s < pairs.order:
                nonces.append(numbers.ecdsa_nonce(d, digest, r, s, pairs.order))
        computed += len(nonces)
        if d is not None:
            _no_private_recipe(kind, pairs, key, d)
        if len(nonces) >= _ENOUGH:
            _no_bias(nonces, pairs.order)
        repeated = seen & set(nonces)
        demand(not repeated, "another nonce for every key", "the same nonce", f"with {name}")
        seen |= set(nonces)
    return f"{computed} nonces of {2 * count} signatures"


_HASHES = ("sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512")


def _no_private_recipe(kind: Kind, pairs: Pairs, key: KeyPair, d: int) -> None:
    """Raise Failure if the signature of a digest is always the same, and its nonce is not that of RFC 6979."""
    digest = pairs.digest("twice")
    first, second = (sign(kind, digest, key=key) for _ in range(2))
    r, s = pairs.split(first)
    if first != second or not (0 < r < pairs.order and 0 < s < pairs.order):
        return
    k = numbers.ecdsa_nonce(d, digest, r, s, pairs.order)
    known = {numbers.rfc6979_nonce(name, d, digest, pairs.order) for name in _HASHES}
    demand(
        known & {k, pairs.order - k},
        "another signature each time, or the nonce of RFC 6979 with some hash",
        "the same signature, and another nonce: who knows its recipe computes the private key",
        "signing a digest twice",
    )


def _no_bias(nonces: list[int], order: int) -> None:
    small = [min(k, order - k) for k in nonces]  # a signer may negate s, and so the nonce
    bits = order.bit_length()
    found = (
        uneven_bits(nonces, 0, bits - 1), uneven_bits(small, bits - 32, bits - 2), uneven_tops(nonces, order),
        uneven_tops(small, order // 2 + 1),
    )  # fmt: skip
    uneven = ", ".join(dict.fromkeys(what for what in found if what))
    demand(not uneven, "nonces with no bias", uneven, f"computing the nonces of {len(nonces)} signatures")


def uneven_tops(values: list[int], order: int) -> str:
    """Return which part of the range below ``order`` has no random number, or "": a half, or three quarters."""
    parts = {value * 4 // order for value in values}
    if len({part // 2 for part in parts}) == 1:
        return f"all of them are in the {'upper' if 3 in parts or 2 in parts else 'lower'} half of their range"
    return "" if len(parts) > 2 else "half of the quarters of their range have none of them"


def uneven_bits(values: list[int], first: int, end: int) -> str:
    """Return which bits or bytes of random numbers have too few values, or ""; bits from ``first`` below ``end``."""
    for bit in range(first, end):
        if len({value >> bit & 1 for value in values}) == 1:
            return f"bit {bit} is the same in all of them"
    for byte in range(-(-first // 8), end // 8):
        if len({value >> 8 * byte & 0xFF for value in values}) < min(24, len(values) // 2):
            return f"the byte at bit {8 * byte} has too few values"
    return ""


@check(
    "verify-numbers",
    "key",
    operations=["sign"],
    rule="FIPS 186-5 section 6.4.2; FIPS 186-4 section 4.7; contract: rule-verify-ecdsa-range, "
    "rule-verify-ecdsa-length",
    remedy="Check the length first, then 0 < r < n and 0 < s < n without reducing; refuse R at infinity; compare the "
    "whole of r with X of R modulo n.",
    needs=_pairs,
)
def verify_numbers(kind: Kind) -> str:
    """Signatures that the kit made by arithmetic verify at every edge of their range, and do not outside of it."""
    pairs = Pairs.of(kind)
    tried = 0
    made: Iterator[tuple[str, KeyPair, bytes, bytes, bool]] = _made(kind, pairs)
    for what, key, digest, signature, valid in made:
        doing = f"verifying a signature {what}"
        if valid:
            granted(key.verify_signature, digest, signature, doing=doing)
        else:
            right = len(signature) == 2 * pairs.width
            refused(key.verify_signature, digest, signature, by=_BAD if right else _INVALID, doing=doing)
        tried += 1
    return f"{tried} signatures, {_other_keys(kind, pairs)} other keys"


def _other_keys(kind: Kind, pairs: Pairs) -> int:
    """Verify one signature under many other keys, so that a cache under a part of a key is found; return how many."""
    if pairs.curve is None:
        return 0
    digest = pairs.digest("other keys")
    signature = sign(kind, digest)
    clock, most, tried = Clock(), 3.0 if kind.options.slow else 0.3, 0
    first = chance("other keys") % pairs.order
    for _, point in numbers.group(pairs.curve.curve).multiples(first, 1200):
        other = granted(kind.imported, "ECCPUBLICBLOB", pairs.curve.public(*(point or (0, 0))), doing="importing a key")
        refused(other.verify_signature, digest, signature, by=_BAD, doing="verifying under another key")
        tried += 1
        if clock.seconds > most:
            break
    return tried


def _made(kind: Kind, pairs: Pairs) -> Iterator[tuple[str, KeyPair, bytes, bytes, bool]]:
    """Yield what is special, the key, the digest, the signature, and whether it is valid."""
    n, width, key = pairs.order, pairs.width, kind.key
    digest = pairs.digest("verify")
    own = sign(kind, digest)
    r, s = pairs.split(own)
    yield "of its own", key, digest, own, True
    mirrored = "whose s is n - s" + (", which is as good" if pairs.curve is not None else "")
    yield mirrored, key, digest, pairs.join(r, n - s), pairs.curve is not None
    for what, pair in {
        "with r = 0": (0, s), "with s = 0": (r, 0), "of zeros": (0, 0), "with r = n": (n, s), "with s = n": (r, n),
        "with r + n": (r + n, s), "with s + n": (r, s + n), "with n - r": (n - r, s), "with r = s = 1": (1, 1),
        "with r = 1": (1, s), "with r = n - 1": (n - 1, s), "with s = n - 1": (r, n - 1),
        "with s and r swapped": (s, r),
    }.items():  # fmt: skip
        if all(value < 1 << 8 * width for value in pair):
            yield what, key, digest, pairs.join(*pair), False
    yield "in DER", key, digest, _der(r, s), False
    yield "with 32 bytes behind it", key, digest, own + bytes(32), False
    yield "with a zero byte before each half", key, digest, b"\0" + own[:width] + b"\0" + own[width:], False
    yield "without the last byte of each half", key, digest, own[: width - 1] + own[width:-1], False
    d = pairs.private(key)
    if d is None:
        return
    for what, k in _thin_nonces(pairs).items():
        r = pairs.r_of(k)
        yield f"whose {what}", key, digest, pairs.join(r, _s(pairs, d, digest, r, k)), True
    k = chance("nonce", n) % (n - 1) + 1
    r = pairs.r_of(k)
    for bit in (0, 7, n.bit_length() // 2, 8 * width - 9):
        wrong = r ^ 1 << bit
        if 0 < wrong < n:
            signature = pairs.join(wrong, _s(pairs, d, digest, wrong, k))
            yield f"that would hold but for bit {bit} of r", key, digest, signature, False
    if pairs.curve is not None:
        yield from _fitted(kind, pairs, pairs.curve, digest, k)
        return
    for what, s in _edges(n, width).items():
        made = pairs.digest_of((s * k - pairs.r_of(k) * d) % n)
        if made is not None:
            yield f"with {what}", key, made, pairs.join(pairs.r_of(k), s), True
            if s + n < 1 << 8 * width:
                yield f"with {what}, and n added", key, made, pairs.join(pairs.r_of(k), s + n), False


def _edges(n: int, width: int) -> dict[str, int]:
    middle = chance("edge") % n
    return {
        "s = 1": 1, "s = n - 1": n - 1, "an s that begins with a zero byte": middle >> 8,
        "an s that ends with a zero byte": middle >> 8 << 8, "an s of two bytes": 0x1234,
        "an s that begins with eight zero bytes": middle >> 64,
    }  # fmt: skip


def _s(pairs: Pairs, d: int, digest: bytes, r: int, k: int) -> int:
    return pow(k, -1, pairs.order) * (numbers.hash_number(digest, pairs.order) + r * d) % pairs.order


def _thin_nonces(pairs: Pairs) -> dict[str, int]:
    """Return nonces whose r begins or ends with a zero byte."""
    if pairs.curve is not None:
        thin = {"X begins with a zero byte", "X ends with a zero byte"}
        return {what.replace("X", "r"): k for what, k in pairs.curve.thin().items() if what in thin}
    p, g, q = (pairs.powers or known_powers(pairs.kind, pairs.kind.key))[:3]
    found: dict[str, int] = {}
    value, top = 1, 8 * (pairs.width - 1)
    for k in range(1, SEARCH):
        value = value * g % p
        for what, yes in (("begins", value % q >> top == 0), ("ends", value % q & 0xFF == 0)):
            if yes:
                found.setdefault(f"r {what} with a zero byte", k)
    return found


def _fitted(
    kind: Kind, pairs: Pairs, curve_keys: CurveKeys, digest: bytes, k: int
) -> Iterator[tuple[str, KeyPair, bytes, bytes, bool]]:
    """Yield signatures of a curve under public keys that are made to fit them: Q = (s R - e G) / r."""
    keys, curve, group = curve_keys, curve_keys.curve, numbers.group(curve_keys.curve)
    n, e = curve.n, numbers.hash_number(digest, pairs.order)

    def fitting(point: Point, r: int, s: int) -> KeyPair | None:
        inverse = pow(r, -1, n)
        there = None if point is None else group.multiply(s * inverse % n, point)
        public = group.add(there, group.multiply(-e * inverse % n))
        if public is None:
            return None
        return granted(kind.imported, "ECCPUBLICBLOB", keys.public(*public), doing="importing a public key")  # type: ignore[no-any-return]

    point, r = group.multiply(k), pairs.r_of(k)
    for what, s in _edges(n, pairs.width).items():
        key = fitting(point, r, s)
        if key is not None:
            yield f"with {what}", key, digest, pairs.join(r, s), True
            if s + n < 1 << 8 * pairs.width:
                yield f"with {what}, and n added", key, digest, pairs.join(r, s + n), False
    for s in (1, r):
        key = fitting(None, r, s)
        if key is not None:
            yield "whose R is infinity", key, digest, pairs.join(r, s), False
    for r in range(1, min(64, curve.p - n)):  # an X of R from n to p - 1
        point, s = group.lift(n + r), chance("large") % n
        key = None if point is None else fitting(point, r, s)
        if key is not None:
            yield "whose R has an X above n", key, digest, pairs.join(r, s), True
            if r + n < 1 << 8 * pairs.width:
                yield "with that X itself as r, which is above n", key, digest, pairs.join(r + n, s), False
            return


def _der(r: int, s: int) -> bytes:
    """Return a signature in DER."""
    parts = b""
    for number in (r, s):
        body = number.to_bytes(number.bit_length() // 8 + 1, "big")
        parts += b"\x02" + bytes([len(body)]) + body
    length = bytes([len(parts)]) if len(parts) < 128 else b"\x81" + bytes([len(parts)])
    return b"\x30" + length + parts


@check(
    "signature-hints",
    "key",
    operations=["sign"],
    rule="FIPS 204 algorithms 8, 21: hints in order, counts that do not fall, zeros behind the last one",
    remedy="Decode the hints as FIPS 204 algorithm 21 does and refuse every other form, because it would be a second "
    "signature of the same message.",
    needs=lambda one: "" if "PQDSAPUBLICBLOB" in one.algorithm.blob_types else "its signatures have no hints",
)
def signature_hints(kind: Kind) -> None:
    """A signature of ML-DSA has one form only: hints in another order or number, or with other filling, are refused."""
    known = lattices.SETS.get(str(kind.parameter_set))
    if known is None or kind.key.size_of("sign") != sum(known.sizes):
        raise Skip("its signatures are not those of ML-DSA")
    sizes = known.sizes
    start, omega, count = sizes[0] + sizes[1], known.omega, known.rows
    for number in range(4):
        message = b"hints %d" % number
        signature = sign(kind, message)
        hints, ends = bytearray(signature[start : start + omega]), bytearray(signature[start + omega :])
        wrong: dict[str, tuple[bytearray, bytearray]] = {}
        first = next((i for i in range(count) if ends[i] - (ends[i - 1] if i else 0) >= 2), None)
        if first is not None:
            at = ends[first - 1] if first else 0
            swapped, twice = hints.copy(), hints.copy()
            swapped[at], swapped[at + 1] = hints[at + 1], hints[at]
            twice[at + 1] = hints[at]
            wrong |= {"two hints swapped": (swapped, ends), "one hint twice": (twice, ends)}
        if ends[-1] < omega:
            filled = hints.copy()
            filled[-1] = 1
            wrong["a filling that is not zero"] = filled, ends
        wrong["more hints than there may be"] = hints, ends[:-1] + bytearray([omega + 1])
        wrong["the last count too large"] = hints, ends[:-1] + bytearray([255])
        if ends[-2]:
            wrong["a count that falls"] = hints, ends[:-1] + bytearray([ends[-2] - 1])
        for what, (changed, counts) in wrong.items():
            made = signature[:start] + bytes(changed) + bytes(counts)
            refused(kind.key.verify_signature, message, made, None, by=_BAD, doing=f"verifying {what}")
        low = signature[: sizes[0]] + bytes(sizes[1]) + signature[start:]
        refused(kind.key.verify_signature, message, low, None, by=_BAD, doing="verifying z at its bound")
