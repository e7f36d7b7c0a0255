"""Whatever the numbers are: a key goes into every form and comes out the same, leading zeros and all.

The numbers are drawn at random. The two halves of a private key belong together, because reading looks at that; nothing
else makes them real keys.
"""

import hashlib
from dataclasses import replace
from math import gcd, lcm

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cngcore import formats
from cngcore.blobs.curves import CURVES
from cngcore.blobs.dh import DhKey, DhParameters
from cngcore.blobs.dsa import DsaKey, DsaParameters
from cngcore.blobs.rsa import RsaKey, complete
from cngcore.formats import _halves as halves
from cngcore.formats._model import ML_SIZES, X25519, EcKey, Key, MlKey

WEIERSTRASS = [curve for curve in CURVES.values() if curve.oid]


def odd(bits):
    return st.integers(1 << (bits - 1), (1 << bits) - 1).map(lambda number: number | 1)


@st.composite
def rsa_keys(draw):
    n, e = draw(st.integers(9, 1100).flatmap(odd)), draw(st.integers(1, 2**64 - 1))
    if draw(st.booleans()):
        return Key("RSA", RsaKey(n, e))
    p, q = (draw(st.integers(5, 550).flatmap(odd)) for _ in "pq")
    e = draw(st.integers(1, 2**16)) * 2 + 1
    assume(p > 2 and q > 2 and p != q and gcd(p, q) == 1 and gcd(e, (p - 1) * (q - 1)) == 1)
    return Key("RSA", complete(RsaKey(p * q, e, p, q, d=pow(e, -1, lcm(p - 1, q - 1)))))


@st.composite
def group_keys(draw):
    if draw(st.booleans()):
        p = draw(odd(draw(st.sampled_from([64, 511, 512, 1023, 2048]))))
        x = draw(st.integers(1, p - 1) | st.just(0))
        return Key("DH", DhKey(DhParameters(p, draw(st.integers(0, p - 1))), draw(st.integers(1, p - 1)), x))
    p_bits, q_bits = draw(st.sampled_from([(512, 160), (1024, 160), (2048, 224), (3072, 256)]))
    p, q = draw(odd(p_bits)), draw(odd(q_bits))
    g, y = draw(st.integers(2, p - 1)), draw(st.integers(2, p - 1))
    return Key("DSA", DsaKey(DsaParameters(p=p, q=q, g=g), y, draw(st.integers(1, q - 1) | st.none())))


@st.composite
def curve_keys(draw):
    if draw(st.integers(0, 9)) == 0:
        string = st.binary(min_size=32, max_size=32)
        d = draw(string | st.just(b""))
        return Key("X25519", EcKey(X25519, halves._ladder(d) if d else draw(string), b"", d))
    curve = draw(st.sampled_from(WEIERSTRASS))
    number = st.integers(0, 2**16) | st.integers(0, curve.p - 1)
    x, y = (draw(number).to_bytes(curve.field_bytes, "big") for _ in "xy")
    # The d of a short blob has as many bytes as a coordinate, and the order of secP160k1 has one bit more than that.
    most = min(curve.n, 1 << 8 * curve.key_bytes) - 1
    d = draw((st.integers(1, 2**16) | st.integers(1, most)).map(lambda n: n.to_bytes(curve.order_bytes, "big")))
    if draw(st.booleans()):
        return Key("EC", EcKey(curve, x, y))
    point = halves._multiple(curve, int.from_bytes(d, "big"))
    x, y = (number.to_bytes(curve.field_bytes, "big") for number in point)
    return Key("EC", EcKey(curve, x, y, d))


@st.composite
def lattice_keys(draw):
    family = draw(st.sampled_from(["ML-KEM", "ML-DSA"]))
    name = draw(st.sampled_from(list(ML_SIZES[family])))
    held = draw(st.sampled_from([(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1)]))
    sizes = ML_SIZES[family][name]
    public, seed, expanded = (draw(st.randoms()).randbytes(a * b) for a, b in zip(held, sizes, strict=True))
    if seed and expanded:
        lone = Key(family, MlKey(family, name, b"", seed))
        expanded = formats.complete(lone, expand=True).numbers.expanded
    elif expanded and family == "ML-KEM":
        inside = expanded[-64 - sizes[0] : -64]
        expanded = expanded[:-64] + hashlib.sha3_256(inside).digest() + expanded[-32:]
    return Key(family, MlKey(family, name, public, seed, expanded))


def same(one, other):
    """Alike in everything but the name of the curve, of which one may have several, and what the key is for."""
    if isinstance(one.numbers, EcKey):
        curve = replace(one.numbers.curve, name=other.numbers.curve.name)
        one = replace(one, use=other.use, numbers=replace(one.numbers, curve=curve))
    return one == other


@settings(deadline=None, max_examples=300)
@given(rsa_keys() | group_keys() | curve_keys() | lattice_keys())
def test_out_and_back(key):
    name = "pkcs8" if key.is_private else "spki"
    for encoding in ("pem", "der"):
        back = formats.decode(formats.encode(key, name, encoding=encoding))
        wanted = key
        if name == "pkcs8" and key.family in ("DSA", "DH"):
            wanted, back = (
                replace(key, numbers=replace(key.numbers, y=0)),
                replace(back, numbers=replace(back.numbers, y=0)),
            )
        elif name == "pkcs8" and key.family == "X25519":
            wanted = replace(key, numbers=replace(key.numbers, x=b""))
        assert same(back, wanted)
    if key.family in ("RSA", "X25519") or key.curve in ("nistP256", "secP256k1"):
        assert same(formats.decode(formats.encode(key, "jwk")), key)
    if key.family in ("DSA", "DH", "RSA"):
        blob = formats.encode(key, "cng")
        assert formats.decode(blob) == key
        assert formats.encode(formats.decode(blob), "cng") == blob
    if key.family == "EC" and any(key.numbers.x + key.numbers.y):
        for generic in (None, True):
            blob = formats.encode(key, "cng", generic=generic)
            assert same(formats.decode(blob, curve=key.curve), replace(key, use="ECDSA"))
