"""Make the kit's own vectors: ``python -m cngcore.conformance._own_vectors`` writes ``vectors/own.json``.

Every number comes from integer arithmetic (:mod:`cngcore.conformance.numbers`) and from hashes of short texts, so that
the file can be made again. A test compares the two. What begins or ends with a zero byte is found by search.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from math import gcd
from pathlib import Path
from typing import Any

from cngcore.blobs import dh, dsa, pq
from cngcore.blobs import rsa as rsa_blobs
from cngcore.blobs.curves import CURVES, Curve
from cngcore.conformance import lattices
from cngcore.conformance.numbers import Point, group, hash_number, mgf1, pkcs1_block, x25519
from cngcore.families.primes import is_prime

__all__ = ["FILE", "cases", "text"]

FILE = Path(__file__).parent / "vectors" / "own.json"

Case = dict[str, Any]

_CURVES = ("nistP256", "nistP521", "brainpoolP256r1", "secP256k1")


def text() -> str:
    """Return the content of the file."""
    head = {
        "format": "cngcore-vectors", "version": 1, "source": "python -m cngcore.conformance._own_vectors",
        "licence": "Apache-2.0, as cngcore",
    }  # fmt: skip
    lines = [json.dumps(case) for case in cases()]
    return json.dumps(head)[:-1] + ', "cases": [\n' + ",\n".join(lines) + "\n]}\n"


def cases() -> Iterator[Case]:
    """Yield every case."""
    for name in _CURVES:
        yield from _ecdsa(CURVES[name])
        yield from _ecdh(CURVES[name])
    yield from _x25519()
    yield from _dh()
    yield from _dsa()
    yield from _rsa()
    for name in lattices.SETS:
        yield from _mldsa(name)


def _number(*words: object, bits: int = 1024) -> int:
    """Return a number that is always the same for these words."""
    data = hashlib.shake_256(" ".join(map(str, words)).encode()).digest((bits + 7) // 8)
    return int.from_bytes(data, "big") >> -bits % 8


def _first(numbers: Iterator[tuple[Any, int]], width: int) -> dict[str, Any]:
    """Return what first has a number that begins with a zero byte in this width, and what ends with one."""
    found: dict[str, Any] = {}
    for one, number in numbers:
        for what, yes in (("begins", number >> 8 * (width - 1) == 0), ("ends", number & 0xFF == 0)):
            if yes:
                found.setdefault(what, one)
        if len(found) == 2:
            return found
    raise AssertionError("there is no end of numbers")


def _case(what: str, does: str, valid: bool, **parts: Any) -> Case:
    return {"id": f"own {what}", "does": does, "valid": valid, **parts}


# --- curves ------------------------------------------------------------------------------------------------------


def _public(curve: Curve, point: tuple[int, int]) -> dict[str, str]:
    x, y = (number.to_bytes(curve.field_bytes, "big").hex() for number in point)
    return {"curve": curve.name, "x": x, "y": y}


def _private(curve: Curve, d: int, point: tuple[int, int] | None = None) -> dict[str, str]:
    return {**_public(curve, point or _point(curve, d)), "d": d.to_bytes(curve.field_bytes, "big").hex()}


def _point(curve: Curve, d: int) -> tuple[int, int]:
    return group(curve).multiply(d) or (0, 0)


def _ecdsa(curve: Curve) -> Iterator[Case]:
    n, width = curve.n, curve.order_bytes
    digest = hashlib.sha256(b"cngcore").digest()
    d = _number("ECDSA", curve.name) % n
    known = _public(curve, _point(curve, d))

    def made(what: str, key: dict[str, str], data: bytes, pair: tuple[int, int], valid: bool) -> Case:
        signature = b"".join(number.to_bytes(width, "big") for number in pair).hex()
        parts = {"key": key, "data": data.hex(), "signature": signature, "padding": None}
        return _case(f"ECDSA {curve.name}: {what}", "verify", valid, **parts)

    def pair(k: int, data: bytes = digest) -> tuple[int, int]:
        r = _point(curve, k)[0] % n
        return r, pow(k, -1, n) * (hash_number(data, n) + r * d) % n

    start = _number("nonce", curve.name) % (n >> 8)
    numbers = group(curve).multiples(start, 1 << 14)
    for what, k in _first(((k, (point or (0, 0))[0] % n) for k, point in numbers), width).items():
        yield made(f"r {what} with a zero byte", known, digest, pair(k), True)
    r = _point(curve, start)[0] % n
    halves = ((i, pair(start, hashlib.sha256(b"%d" % i).digest())[1]) for i in range(1 << 14))
    for what, i in _first(halves, width).items():
        data = hashlib.sha256(b"%d" % i).digest()
        yield made(f"s {what} with a zero byte", known, data, pair(start, data), True)
    r, s = pair(start)
    yield made("n - s is as good as s", known, digest, (r, n - s), True)
    for data, what in ((b"\xff" * 64, "a digest of ones"), (bytes(32), "a digest of zeros")):
        yield made(what, known, data, pair(start, data), True)
    wrong = {
        "r = 0": (0, s), "s = 0": (r, 0), "r = n": (n, s), "s = n": (r, n), "r + n": (r + n, s), "s + n": (r, s + n),
        "r = s = 1": (1, 1), "s || r": (s, r),
    }  # fmt: skip
    for what, numbers_ in wrong.items():
        if max(numbers_) < 1 << 8 * width:
            yield made(what, known, digest, numbers_, False)
    yield from _made_to_fit(curve, digest, made)


def _made_to_fit(curve: Curve, digest: bytes, made: Callable[..., Case]) -> Iterator[Case]:
    """Yield signatures whose public key is Q = (s R - e G) / r."""
    n, e = curve.n, hash_number(digest, curve.n)

    def fitting(point: Point, r: int, s: int) -> dict[str, str]:
        there = None if point is None else group(curve).multiply(s * pow(r, -1, n) % n, point)
        public = group(curve).add(there, group(curve).multiply(-e * pow(r, -1, n) % n))
        return _public(curve, public or (0, 0))

    r, s = _number("r", curve.name) % n, _number("s", curve.name) % n
    yield made("R is infinity", fitting(None, r, s), digest, (r, s), False)
    k = _number("k", curve.name) % n
    point = _point(curve, k)
    r = point[0] % n
    for what, number in {"s = 1": 1, "s = n - 1": n - 1, "s of two bytes": 0x1234}.items():
        yield made(what, fitting(point, r, number), digest, (r, number), True)
    large = next(((i, lifted) for i in range(1, 64) if (lifted := group(curve).lift(n + i))), None)
    if curve.p > n and large is not None and n + large[0] < curve.p:
        r, lifted = large
        yield made("X of R is above n", fitting(lifted, r, s), digest, (r, s), True)
        if r + n < 1 << 8 * curve.order_bytes:
            yield made("X of R is above n, and is r", fitting(lifted, r, s), digest, (r + n, s), False)


def _ecdh(curve: Curve) -> Iterator[Case]:
    n, size = curve.n, curve.field_bytes
    d = _number("ECDH", curve.name) % n
    key = _private(curve, d)
    walk = group(curve).multiples(_number("peer", curve.name) % (n >> 8), 1 << 14)
    for what, target in _first(((k, (point or (0, 0))[0]) for k, point in walk), size).items():
        secret = _point(curve, target)[0].to_bytes(size, "big").hex()
        peer = _public(curve, _point(curve, target * pow(d, -1, n) % n))
        yield _case(f"ECDH {curve.name}: Z {what} with a zero byte", "agree", True, key=key, peer=peer, secret=secret)
    x, y = _point(curve, d)
    wrong = {"off the curve": (x, y ^ 1), "Y + 1": (x, (y + 1) % curve.p), "zeros": (0, 0), "X + p": (x + curve.p, y)}
    small = next((point for i in range(64) if (point := group(curve).lift(i))), None)
    if small is not None:
        wrong["X + p, of a small X"] = small[0] + curve.p, small[1]
    for what, point in wrong.items():
        if max(point) < 1 << 8 * size:
            yield _case(f"ECC {curve.name}: {what}", "import", False, key=_public(curve, point))
    for what, number in {"0": 0, "n": n, "n + 1": n + 1, "n + d": n + d}.items():
        if number < 1 << 8 * size:
            named = f"ECC {curve.name}: a private number of {what}"
            yield _case(named, "import", False, key=_private(curve, number))
            yield _case(f"{named}, no point", "import", False, key=_private(curve, number, (0, 0)))


_P25519 = 2**255 - 19


def _x25519() -> Iterator[Case]:
    def key(raw: bytes, d: bytes = b"") -> dict[str, str]:
        found = {"curve": "curve25519", "x": raw.hex(), "y": bytes(32).hex()}
        return {**found, "d": d.hex()} if d else found

    scalar = bytearray(hashlib.sha256(b"X25519").digest())
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    d, base = bytes(scalar), bytes([9]) + bytes(31)
    own = key(x25519(d, base), d)
    peers = {"9": 9, "9 + p": 9 + _P25519, "p + 2": _P25519 + 2, "p - 2": _P25519 - 2, "2^255 - 1": 2**255 - 1}
    searched = ((u, int.from_bytes(x25519(d, u.to_bytes(32, "little")), "big")) for u in range(2, 1 << 14))
    peers |= {f"Z {what} with a zero byte": u for what, u in _first(searched, 32).items()}
    for what, u in peers.items():
        for high, also in ((0, ""), (1 << 255, ", with bit 255")):
            raw = (u | high).to_bytes(32, "little")
            secret = x25519(d, raw).hex()
            yield _case(f"X25519: {what}{also}", "agree", True, key=own, peer=key(raw), secret=secret)
    for u in (0, 1, _P25519 - 1, _P25519, _P25519 + 1, *_order_eight()):
        raw = u.to_bytes(32, "little")
        yield _case(
            f"X25519: a peer of small order, {raw.hex()[:4]}", "agree", False, key=own, peer=key(raw), secret=""
        )


def _order_eight() -> list[int]:
    """Return the two u of points of order 8: the roots of the polynomial whose double is u = 1 or -1."""
    p, found = _P25519, []
    for u in (
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    ):
        double = pow(u * u - 1, 2, p) * pow(4 * u * (u * u + 486662 * u + 1), -1, p) % p
        if double in (1, p - 1):
            found.append(u)
    return found


# --- DH and DSA --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def ffdhe2048() -> int:
    """Return the prime of RFC 7919 appendix A.1: 2^2048 - 2^1984 + (floor(2^1918 e) + 560316) 2^64 - 1."""
    digits, term, count = 0, 1 << 2100, 0
    while term:
        digits, count = digits + term, count + 1
        term //= count
    return (1 << 2048) - (1 << 1984) + ((digits >> 2100 - 1918) + 560316 << 64) - 1


def _dh() -> Iterator[Case]:
    p, g = ffdhe2048(), 2
    parameters = dh.DhParameters(p, g)

    def key(y: int, x: int = 0) -> dict[str, str]:
        name = "DHPRIVATEBLOB" if x else "DHPUBLICBLOB"
        return {"blob_type": name, "blob": bytes(dh.build(name, dh.DhKey(parameters, y, x))).hex()}

    x = _number("DH x", bits=1024)
    own, base = key(pow(g, x, p), x), pow(g, x, p)
    b = _number("DH peer", bits=1024)

    def secrets() -> Iterator[tuple[int, int]]:
        peer, secret = pow(g, b, p), pow(base, b, p)
        while True:
            yield peer, secret
            peer, secret = peer * g % p, secret * base % p

    for what, peer in _first(secrets(), 256).items():
        secret = pow(peer, x, p).to_bytes(256, "big").hex()
        yield _case(f"DH 2048: Z {what} with a zero byte", "agree", True, key=own, peer=key(peer), secret=secret)
    for what, y in {"0": 0, "1": 1, "p - 1": p - 1, "p": p, "p + 1": p + 1}.items():
        yield _case(f"DH 2048: y = {what}", "import", False, key=key(y))


@lru_cache(maxsize=1)
def _dsa_group() -> tuple[int, int, int]:
    """Return p of 1024 bits, q of 160 and g, found from hashes."""
    i = 0
    while not is_prime(q := _number("DSA q", i, bits=160) | 1 << 159 | 1):
        i += 1
    i = 0
    while True:
        p = _number("DSA p", i, bits=1024) | 1 << 1023
        p -= p % (2 * q) - 1
        if p.bit_length() == 1024 and is_prime(p):
            return p, q, pow(2, (p - 1) // q, p)
        i += 1


def _dsa() -> Iterator[Case]:
    p, q, g = _dsa_group()
    parameters = dsa.DsaParameters(p=p, q=q, g=g)
    x = _number("DSA x") % q
    y = pow(g, x, p)

    def key(y: int) -> dict[str, str]:
        blob = bytes(dsa.build("DSAPUBLICBLOB", dsa.DsaKey(parameters, y)))
        return {"blob_type": "DSAPUBLICBLOB", "blob": blob.hex()}

    def made(what: str, data: bytes, pair: tuple[int, int], valid: bool) -> Case:
        signature = b"".join(number.to_bytes(20, "big") for number in pair).hex()
        parts = {"key": key(y), "data": data.hex(), "signature": signature, "padding": None}
        return _case(f"DSA 1024: {what}", "verify", valid, **parts)

    def pair(k: int, data: bytes) -> tuple[int, int]:
        r = pow(g, k, p) % q
        return r, pow(k, -1, q) * (hash_number(data, q) + r * x) % q

    digest = hashlib.sha1(b"cngcore", usedforsecurity=False).digest()
    for what, k in _first(((k, pow(g, k, p) % q) for k in range(2, 1 << 14)), 20).items():
        yield made(f"r {what} with a zero byte", digest, pair(k, digest), True)
    digests = (hashlib.sha1(b"%d" % i, usedforsecurity=False).digest() for i in range(1 << 14))
    for what, data in _first(((data, pair(12345, data)[1]) for data in digests), 20).items():
        yield made(f"s {what} with a zero byte", data, pair(12345, data), True)
    for data, what in ((b"\xff" * 20, "a digest of ones"), (bytes(20), "a digest of zeros")):
        yield made(what, data, pair(12345, data), True)
    r, s = pair(12345, digest)
    wrong = {
        "r = 0": (0, s), "s = 0": (r, 0), "r = q": (q, s), "s = q": (r, q), "r + q": (r + q, s), "s + q": (r, s + q),
        "q - s": (r, q - s), "s || r": (s, r), "r = s = 1": (1, 1),
    }  # fmt: skip
    for what, numbers_ in wrong.items():
        if max(numbers_) < 1 << 160:
            yield made(what, digest, numbers_, False)
    for what, number in {"0": 0, "1": 1, "p - 1": p - 1, "p": p, "of another order": 2}.items():
        yield _case(f"DSA 1024: y = {what}", "import", False, key=key(number))


# --- RSA ---------------------------------------------------------------------------------------------------------


def _rsa_key(bits: int, e: int) -> rsa_blobs.RsaKey:
    primes = []
    for name in "pq":
        i = 0
        while True:
            number = _number("RSA", bits, e, name, i, bits=bits // 2) | 3 << bits // 2 - 2 | 1
            if gcd(number - 1, e) == 1 and is_prime(number):
                break
            i += 1
        primes.append(number)
    p, q = max(primes), min(primes)
    return rsa_blobs.complete(rsa_blobs.RsaKey(p * q, e, p, q))


def _rsa() -> Iterator[Case]:
    for bits, e in ((1024, 65537), (2048, 3)):
        yield from _rsa_signatures(bits, e, _rsa_key(bits, e))


def _rsa_signatures(bits: int, e: int, key: rsa_blobs.RsaKey) -> Iterator[Case]:
    size = bits // 8
    public = {"blob_type": "RSAPUBLICBLOB", "blob": bytes(rsa_blobs.build("RSAPUBLICBLOB", key)).hex()}
    private = {"blob_type": "RSAPRIVATEBLOB", "blob": bytes(rsa_blobs.build("RSAPRIVATEBLOB", key)).hex()}
    pkcs1, pss = {"type": "Pkcs1", "hash": "SHA256"}, {"type": "Pss", "hash": "SHA1", "salt_length": 8}
    name = f"RSA {bits}, e = {e}"

    def raw(block: bytes) -> int:
        value = int.from_bytes(block, "big")
        one, two = pow(value, key.dp, key.p), pow(value, key.dq, key.q)
        return two + key.q * (key.qinv * (one - two) % key.p)

    digests = [hashlib.sha256(b"%d" % i).digest() for i in range(1 << 12)]
    signed = ((digest, raw(pkcs1_block(digest, "SHA256", size))) for digest in digests)
    for what, digest in _first(signed, size).items():
        value = raw(pkcs1_block(digest, "SHA256", size))
        signature = value.to_bytes(size, "big").hex()
        parts = {"data": digest.hex(), "padding": pkcs1}
        yield _case(
            f"{name}: PKCS #1 {what} with a zero byte", "verify", True, key=public, signature=signature, **parts
        )
        yield _case(f"{name}: PKCS #1 signed, {what} with a zero byte", "sign", True, key=private, signature=signature,
                    **parts)  # fmt: skip
        if value + key.n < 1 << bits:
            above = (value + key.n).to_bytes(size, "big").hex()
            yield _case(f"{name}: PKCS #1, s + n", "verify", False, key=public, signature=above, **parts)
    sha1 = [hashlib.sha1(b"%d" % i, usedforsecurity=False).digest() for i in range(1 << 12)]
    for what, digest in _first(((digest, raw(_pss(digest, size))) for digest in sha1), size).items():
        signature = raw(_pss(digest, size)).to_bytes(size, "big").hex()
        parts = {"data": digest.hex(), "padding": pss, "signature": signature}
        yield _case(f"{name}: PSS {what} with a zero byte", "verify", True, key=public, **parts)
    for scheme in ("Pkcs1", "Oaep"):
        blocks = (
            (block := _sealed(scheme, i, size), pow(int.from_bytes(block, "big"), e, key.n)) for i in range(1 << 13)
        )
        for what, block in _first(blocks, size).items():
            ciphertext = pow(int.from_bytes(block, "big"), e, key.n).to_bytes(size, "big").hex()
            padding = {"type": "Pkcs1", "hash": None} if scheme == "Pkcs1" else {"type": "Oaep", "hash": "SHA1"}
            parts = {"key": private, "ciphertext": ciphertext, "padding": padding, "plaintext": b"text".hex()}
            yield _case(f"{name}: {scheme}, the ciphertext {what} with a zero byte", "decrypt", True, **parts)


def _pss(digest: bytes, size: int) -> bytes:
    """Return a block of PSS with SHA-1 and the salt 1 to 8 (RFC 8017 section 9.1.1)."""
    salt = bytes(range(1, 9))
    seed = hashlib.sha1(bytes(8) + digest + salt, usedforsecurity=False).digest()
    data = bytes(size - 20 - 8 - 2) + b"\1" + salt
    masked = bytearray(a ^ b for a, b in zip(data, mgf1("SHA1", seed, len(data)), strict=True))
    masked[0] &= 0x7F
    return bytes(masked) + seed + b"\xbc"


def _sealed(scheme: str, number: int, size: int) -> bytes:
    """Return the block of an encryption of b"text", with a seed that the number gives."""
    if scheme == "Pkcs1":
        filling = hashlib.shake_256(b"%d" % number).digest(size - 3 - 4).replace(b"\0", b"\1")
        return b"\0\2" + filling + b"\0text"
    label = hashlib.sha1(b"", usedforsecurity=False).digest()
    data = label + bytes(size - 42 - 4) + b"\1text"
    seed = hashlib.sha1(b"%d" % number, usedforsecurity=False).digest()
    masked = bytes(a ^ b for a, b in zip(data, mgf1("SHA1", seed, len(data)), strict=True))
    hidden = bytes(a ^ b for a, b in zip(seed, mgf1("SHA1", masked, 20), strict=True))
    return b"\0" + hidden + masked


# --- ML-DSA ------------------------------------------------------------------------------------------------------


def _mldsa(name: str) -> Iterator[Case]:
    """Yield signatures at the edges of FIPS 204, under a public key whose t1 is zero.

    Each would hold but for the one rule that it breaks. Set 44 has all of them, the others those whose numbers differ.
    """
    known = lattices.SETS[name]
    public = lattices.weak_public_key(known, b"cngcore")
    key = {"blob_type": "PQDSAPUBLICBLOB", "blob": bytes(pq.build("PQDSAPUBLICBLOB", name, public)).hex()}
    bound, last = known.bound, (known.columns - 1, 255)
    most = [(row, place) for place in range(0, 256, 2) for row in range(known.rows)][: known.omega]
    few = [(0, 3), (0, 200), (known.rows - 1, 0), (known.rows - 1, 255)]

    def made(
        what: str,
        valid: bool,
        z: dict[tuple[int, int], int] | None = None,
        hints: list[tuple[int, int]] = few,
        tail: bytes | None = None,
        cut: int = 0,
        context: bytes = b"",
    ) -> Case:
        mu = lattices.representative(public, b"cngcore", context)
        signature = lattices.weak_signature(known, public, mu, z or {(0, 1): 1}, hints, tail)
        signature = (signature + bytes(max(cut, 0)))[: len(signature) + cut]
        padding = {"type": "PqDsa", "context": context.hex()} if context else None
        parts = {"key": key, "data": b"cngcore".hex(), "signature": signature.hex(), "padding": padding}
        return _case(f"ML-DSA-{name}: {what}", "verify", valid, **parts)

    yield made("z of gamma1 - beta - 1", True, {(0, 0): bound - 1})
    yield made("z of gamma1 - beta", False, {(0, 0): bound})
    yield made("the last z of -(gamma1 - beta - 1)", True, {last: 1 - bound})
    yield made("the last z of -(gamma1 - beta)", False, {last: -bound})
    yield made("as many hints as there may be", True, hints=most)
    right = bytearray(lattices.encoded(known, [[3, 200], *[[]] * (known.rows - 2), [0, 255]]))
    filled = right.copy()
    filled[known.omega - 1] = 1
    yield made("a filling that is not zero", False, tail=bytes(filled))
    if name != "44":
        return
    yield made("no hints", True, hints=[])
    yield made("a context of 255 bytes", True, context=bytes(range(1, 256)))
    yield made("z of gamma1", False, {last: known.gamma1})
    yield made("z of 1 - gamma1", False, {(0, 0): 1 - known.gamma1})
    yield made("hints out of order", False, tail=bytes([200, 3]) + right[2:])
    yield made("a hint twice", False, hints=[(0, 3), *few[2:]], tail=bytes([3, 3]) + right[2:])
    falls, above = right.copy(), bytearray(lattices.encoded(known, [[], [], [], range(1, known.omega + 1)]))
    falls[known.omega : known.omega + 2] = 3, 2
    yield made("a count of hints that falls", False, tail=bytes(falls))
    above[-1] += 1
    yield made("one hint more than there may be", False, hints=[(3, place) for place in range(81)], tail=bytes(above))
    yield made("a byte less", False, cut=-1)
    yield made("a byte more", False, cut=1)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
