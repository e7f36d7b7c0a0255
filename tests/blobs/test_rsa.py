"""RSA blobs: the vectors of the cases, blobs built here by hand, and every way to be malformed."""

import shutil
import struct
import subprocess
import time
from contextlib import suppress
from dataclasses import replace
from math import gcd, lcm
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa as library
from hypothesis import given
from hypothesis import strategies as st

from cngcore.blobs.rsa import RsaKey, build, check, complete, parse
from cngcore.status import BadDataError, CngError, InvalidParameterError, NotSupportedError

# the data of the cases
RSA512_PRIV = bytes.fromhex(
    "525341320002000003000000400000002000000020000000010001a68b4626b5a969839466a7f3339574e9ebc8cdd7819e4566b2488b1ffeb362c40d"
    "a2f9f3e2a686d11e8abb1da5c5e8a75037fd691f6f9999ca3913ea5b6be391c0d22c0b21b1aca9e8a06da41f1b34cb887f2eeb7d913848ce057305dd"
    "2294c3dd1cfdc5412e94f9ede5925f3f06f84960b892526a566ed7041ab5b51c31d11b"
)
RSA512_FULL = bytes.fromhex(
    "525341330002000003000000400000002000000020000000010001a68b4626b5a969839466a7f3339574e9ebc8cdd7819e4566b2488b1ffeb362c40d"
    "a2f9f3e2a686d11e8abb1da5c5e8a75037fd691f6f9999ca3913ea5b6be391c0d22c0b21b1aca9e8a06da41f1b34cb887f2eeb7d913848ce057305dd"
    "2294c3dd1cfdc5412e94f9ede5925f3f06f84960b892526a566ed7041ab5b51c31d11ba3f3d16961abfec1b6407b19bb2d59f5da49326f2024d3b3ec"
    "21ec0cc75bf91bba6ee961da55c672fd2d663f3ccb49a9c50d9b02367aee360955e403f2e3e62514897f2bfb270e8d3784fdad1079434e384ad45efa"
    "da9f88217cb498b66e1c2409e5e7226fd384c0dc3609af4b968b5f47b32480b56469ad83d509e7b9e4816f1ae26df15e2bb37ad077ef82cd552ed5b1"
    "a772ec029de2cc5af16830e5bc8dad"
)
RSA_BAD_EXP = bytes.fromhex(
    "525341310004000009000000800000000000000000000000010001c78fac2acebfc96c7b857471bbffbb9b2003791734e726915c1f1b033d46dfb6f2"
    "1055f039550ae39c0c63c2140394510db42209f25cb2d1c3ac6fa8c4acb8bc59e7ed776eb180587db29446e500e2b733487ad378e92601c7007b416d"
    "943ae1502b9f6b1c08a3fc0a4481094180237bf63faf91a187753315b8de3230b45efd"
)

PUBLIC = ("RSAPUBLICBLOB", "PUBLICBLOB", "CAPIPUBLICBLOB")
PRIVATE = ("RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "PRIVATEBLOB", "CAPIPRIVATEBLOB")
MODERN = ("RSAPUBLICBLOB", "PUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "PRIVATEBLOB")


def library_key(bits: int, e: int = 65537) -> RsaKey:
    """A key made by ``cryptography``, with d brought down to the least one: it may come modulo (p-1)*(q-1)."""
    key = numbers_of(library.generate_private_key(e, bits))
    return replace(key, d=key.d % lcm(key.p - 1, key.q - 1))


def numbers_of(key: library.RSAPrivateKey) -> RsaKey:
    numbers = key.private_numbers()
    public = numbers.public_numbers
    return RsaKey(public.n, public.e, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp, numbers.d)


KEY = library_key(1024)
SMALL = RsaKey(n=61 * 53, e=17, p=61, q=53)


def modern(magic: bytes, key: RsaKey, *fields: tuple[int, int], bits: int | None = None, e_width: int = 3) -> bytes:
    """A blob (contract: rule-layout-rsa) by hand: header, e, n, then ``fields`` of (number, bytes)."""
    cb_n, cb_p, cb_q = (key.n.bit_length() + 7) // 8, (key.p.bit_length() + 7) // 8, (key.q.bit_length() + 7) // 8
    if magic == b"RSA1":
        cb_p = cb_q = 0
    header = magic + struct.pack("<5I", bits or key.n.bit_length(), e_width, cb_n, cb_p, cb_q)
    body = key.e.to_bytes(e_width, "big") + key.n.to_bytes(cb_n, "big")
    return header + body + b"".join(number.to_bytes(width, "big") for number, width in fields)


def legacy(key: RsaKey, *, private: bool = True, algorithm: int = 0xA400, e: int | None = None) -> bytes:
    """A blob (contract: rule-layout-legacy) by hand."""
    whole, half = key.n.bit_length() // 8, key.n.bit_length() // 16
    header = bytes((7 if private else 6, 2, 0, 0)) + struct.pack("<I", algorithm)
    header += (b"RSA2" if private else b"RSA1") + struct.pack("<II", key.n.bit_length(), key.e if e is None else e)
    body = key.n.to_bytes(whole, "little")
    if private:
        for number in (key.p, key.q, key.dp, key.dq, key.qinv):
            body += number.to_bytes(half, "little")
        body += key.d.to_bytes(whole, "little")
    return header + body


# ------------------------------------------------------------------------------------------- fixed vectors


def test_private_vector_gives_all_three_blobs() -> None:
    """contract: rule-cases-rsa-keys, C4 [wine]."""
    key = parse("RSAPRIVATEBLOB", RSA512_PRIV)
    check(key)
    assert (key.bits, key.is_private, key.is_full) == (512, True, False)
    assert build("RSAPRIVATEBLOB", key) == RSA512_PRIV
    assert build("RSAFULLPRIVATEBLOB", key) == RSA512_FULL
    public = build("RSAPUBLICBLOB", key)
    assert public == b"RSA1" + RSA512_PRIV[4:16] + bytes(8) + RSA512_PRIV[24 : 24 + 3 + 64]


def test_full_vector_round_trip() -> None:
    """contract: rule-cases-rsa-keys, C5 [wine]; its p is below its q."""
    key = parse("RSAFULLPRIVATEBLOB", RSA512_FULL)
    check(key)
    assert key.is_full
    assert key.p < key.q
    assert build("RSAFULLPRIVATEBLOB", key) == RSA512_FULL
    assert key == complete(parse("RSAPRIVATEBLOB", RSA512_PRIV))


def test_exponent_that_runs_past_the_end() -> None:
    """contract: rule-cases-rsa-keys, C6 [wine]."""
    with pytest.raises(BadDataError) as caught:
        parse("RSAPUBLICBLOB", RSA_BAD_EXP)
    assert caught.value.status == 0x80090005


def test_exponent_padded_with_zeros() -> None:
    """contract: rule-cases-rsa-keys, C8 [symcrypt]: 00 00 00 00 00 01 00 01; it is written short again."""
    key = parse("RSAPUBLICBLOB", modern(b"RSA1", KEY, e_width=8))
    assert key == RsaKey(KEY.n, 65537)
    assert build("RSAPUBLICBLOB", key) == modern(b"RSA1", KEY)


@pytest.mark.parametrize(("p", "q"), [(2**192 - 237, 2**192 - 333), (2**516 - 45, 2**516 - 77), (2**517, 2**515 + 9)])
def test_lengths_off_the_grid(p: int, q: int) -> None:
    """contract: rule-cases-rsa-keys, C9 [dotnet]: 384 and 1032 bits are read; so are "primes" of different lengths."""
    key = RsaKey(p * q, 65537, p, q)
    blob = modern(b"RSA2", key, (p, (p.bit_length() + 7) // 8), (q, (q.bit_length() + 7) // 8))
    assert parse("RSAPRIVATEBLOB", blob) == key
    assert build("RSAPRIVATEBLOB", key) == blob


def test_opaque_blob_is_not_ours() -> None:
    """contract: rule-cases-rsa-keys, C7 [wine]."""
    for name in ("OpaqueKeyBlob", "ECCPUBLICBLOB", "rsapublicblob", ""):
        with pytest.raises(NotSupportedError):
            parse(name, RSA512_FULL)
        with pytest.raises(NotSupportedError):
            build(name, KEY)


def test_size_of_a_full_blob() -> None:
    """contract: rule-layout-rsa: 1179 bytes for 2048 bits."""
    assert len(build("RSAFULLPRIVATEBLOB", library_key(2048))) == 1179


# ---------------------------------------------------------------------------------------------- round trips


@pytest.mark.parametrize("bits", [1024, 1536, 2048])
@pytest.mark.parametrize("e", [3, 65537])
def test_keys_of_another_library(bits: int, e: int) -> None:
    key = library_key(bits, e)
    check(key)
    assert complete(RsaKey(key.n, key.e, key.p, key.q)) == key
    public = RsaKey(key.n, key.e)
    for name in PUBLIC:
        blob = build(name, key)
        assert type(blob) is bytes
        assert parse(name, blob) == public
        assert build(name, public) == blob
    for name in PRIVATE:
        private = build(name, key)
        assert type(private) is bytearray
        read = parse(name, private)
        assert complete(read) == key
        assert read.is_full == (name not in ("RSAPRIVATEBLOB", "PRIVATEBLOB"))


def test_blobs_by_hand() -> None:
    half = (KEY.p, 64), (KEY.q, 64)
    rest = (KEY.dp, 64), (KEY.dq, 64), (KEY.qinv, 64), (KEY.d, 128)
    assert build("RSAPUBLICBLOB", KEY) == build("PUBLICBLOB", KEY) == modern(b"RSA1", KEY)
    assert build("RSAPRIVATEBLOB", KEY) == build("PRIVATEBLOB", KEY) == modern(b"RSA2", KEY, *half)
    assert build("RSAFULLPRIVATEBLOB", KEY) == modern(b"RSA3", KEY, *half, *rest)
    assert parse("PRIVATEBLOB", modern(b"RSA3", KEY, *half, *rest)) == KEY


@st.composite
def keys(draw: st.DrawFn) -> RsaKey:
    """Numbers of any widths; a blob does not ask whether they make a key."""
    number = st.integers(1, 2**300)
    n, p, q = (draw(number) for _ in range(3))
    e = draw(st.integers(1, 2**64 - 1))
    dp, qinv = (draw(st.integers(0, 2 ** (8 * ((p.bit_length() + 7) // 8)) - 1)) for _ in range(2))
    dq = draw(st.integers(0, 2 ** (8 * ((q.bit_length() + 7) // 8)) - 1))
    return RsaKey(n, e, p, q, dp, dq, qinv, draw(st.integers(0, n)))


@given(keys())
def test_any_numbers_round_trip(key: RsaKey) -> None:
    assert parse("RSAPUBLICBLOB", build("RSAPUBLICBLOB", key)) == RsaKey(key.n, key.e)
    assert parse("RSAPRIVATEBLOB", build("RSAPRIVATEBLOB", key)) == RsaKey(key.n, key.e, key.p, key.q)
    if key.is_full:
        assert parse("RSAFULLPRIVATEBLOB", build("RSAFULLPRIVATEBLOB", key)) == key


def test_any_buffer_is_read() -> None:
    blob = build("RSAPRIVATEBLOB", KEY)
    wanted = parse("RSAPRIVATEBLOB", bytes(blob))
    assert parse("RSAPRIVATEBLOB", blob) == wanted
    assert parse("RSAPRIVATEBLOB", memoryview(b"--" + blob + b"--")[2:-2]) == wanted


# --------------------------------------------------------------------------------------- malformed blobs


@pytest.mark.parametrize("name", MODERN)
@pytest.mark.parametrize("length", range(24))
def test_shorter_than_the_header(name: str, length: int) -> None:
    with pytest.raises(InvalidParameterError):
        parse(name, RSA512_FULL[:length])


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("RSAPUBLICBLOB", b"RSA1"),
        ("PUBLICBLOB", b"RSA1"),
        ("RSAPRIVATEBLOB", b"RSA2"),
        ("RSAFULLPRIVATEBLOB", b"RSA3"),
        ("PRIVATEBLOB", b"RSA2 RSA3"),
    ],
)
def test_magic_must_belong_to_the_type(name: str, good: bytes) -> None:
    for magic in (b"RSA1", b"RSA2", b"RSA3", b"RSA4", b"ECS1", b"DSPB", b"1ASR", bytes(4)):
        if magic in good.split():
            continue
        with pytest.raises(NotSupportedError):
            parse(name, magic + RSA512_FULL[4:])


@pytest.mark.parametrize("name", [*MODERN, "CAPIPUBLICBLOB", "CAPIPRIVATEBLOB"])
@pytest.mark.parametrize("change", [-1, 1, 7])
def test_one_byte_too_few_or_too_many(name: str, change: int) -> None:
    blob = bytes(build(name, KEY))
    with pytest.raises(BadDataError):
        parse(name, blob[:change] if change < 0 else blob + bytes(change))


@pytest.mark.parametrize("offset", [8, 12, 16, 20])
@pytest.mark.parametrize("size", [0, 1, 2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
@pytest.mark.parametrize("name", MODERN)
def test_sizes_that_lie(name: str, size: int, offset: int) -> None:
    blob = bytearray(build(name, KEY))
    if blob[offset : offset + 4] == struct.pack("<I", size):
        return  # no lie: a public blob has no primes
    blob[offset : offset + 4] = struct.pack("<I", size)
    with pytest.raises(BadDataError):
        parse(name, blob)


@pytest.mark.parametrize("name", MODERN)
def test_absurd_sizes_cost_nothing(name: str) -> None:
    """A header that claims 4 GB six times over is refused at once, a thousand times."""
    magic = {"RSAPUBLICBLOB": b"RSA1", "PUBLICBLOB": b"RSA1", "RSAFULLPRIVATEBLOB": b"RSA3"}.get(name, b"RSA2")
    blob = magic + b"\xff" * 20
    start = time.perf_counter()
    for _ in range(1000):
        with pytest.raises(BadDataError):
            parse(name, blob)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("bits", [0, 1, 1016, 1023, 1025, 1032, 2048, 0xFFFFFFFF])
def test_bit_length_that_disagrees(bits: int) -> None:
    blob = bytearray(build("RSAPUBLICBLOB", KEY))
    blob[4:8] = struct.pack("<I", bits)
    with pytest.raises(BadDataError):
        parse("RSAPUBLICBLOB", blob)


def test_bit_length_may_be_rounded_up_to_bytes() -> None:
    """Windows programs write eight times cbModulus; the key has its true length, and is written with it."""
    key = RsaKey((1 << 1020) + 1, 65537)
    assert parse("RSAPUBLICBLOB", modern(b"RSA1", key, bits=1024)) == key
    assert build("RSAPUBLICBLOB", key)[4:8] == struct.pack("<I", 1021)
    for bits in (1020, 1025):
        with pytest.raises(BadDataError):
            parse("RSAPUBLICBLOB", modern(b"RSA1", key, bits=bits))


def test_modulus_padded_with_zeros() -> None:
    blob = b"RSA1" + struct.pack("<5I", 1024, 3, 129, 0, 0) + b"\1\0\1\0" + KEY.n.to_bytes(128, "big")
    with pytest.raises(BadDataError):
        parse("RSAPUBLICBLOB", blob)


def test_primes_of_zero() -> None:
    """A private blob must not come out as a public key."""
    for p, q in ((0, KEY.q), (KEY.p, 0), (0, 0)):
        blob = modern(b"RSA2", KEY, (p, 64), (q, 64))
        with pytest.raises(InvalidParameterError):
            parse("RSAPRIVATEBLOB", blob)


@given(st.sampled_from([*MODERN, "CAPIPUBLICBLOB", "CAPIPRIVATEBLOB"]), st.binary(max_size=200))
def test_any_bytes(name: str, blob: bytes) -> None:
    """Nothing but a CngError comes out."""
    with suppress(CngError):
        parse(name, blob)


@given(st.sampled_from([*MODERN, "CAPIPUBLICBLOB", "CAPIPRIVATEBLOB"]), st.data())
def test_any_damage(name: str, data: st.DataObject) -> None:
    """A good blob with some bytes changed: a key that is written back in full, or a CngError."""
    blob = bytearray(build(name, KEY))
    for _ in range(data.draw(st.integers(1, 3))):
        blob[data.draw(st.integers(0, min(len(blob) - 1, 30)))] = data.draw(st.integers(0, 255))
    try:
        key = parse(name, blob)
        check(key)
    except CngError:
        return
    assert parse(name, build(name, key)) == key


# -------------------------------------------------------------------------------------------- legacy blobs


def test_legacy_by_hand() -> None:
    """contract: rule-layout-legacy."""
    assert build("CAPIPRIVATEBLOB", KEY) == legacy(KEY)
    assert build("CAPIPUBLICBLOB", KEY) == legacy(KEY, private=False)
    assert parse("CAPIPRIVATEBLOB", legacy(KEY, algorithm=0x2400)) == KEY
    assert build("CAPIPRIVATEBLOB", RsaKey(KEY.n, KEY.e, KEY.p, KEY.q)) == legacy(KEY)


def test_legacy_exponent_1() -> None:
    """contract: rule-import-legacy [wine-test]."""
    with pytest.raises(InvalidParameterError):
        parse("CAPIPRIVATEBLOB", legacy(KEY, e=1))


@pytest.mark.parametrize(
    ("offset", "value"),
    [(0, b"\6"), (0, b"\0"), (1, b"\3"), (1, b"\1"), (2, b"\1"), (4, b"\0\x22"), (4, b"\0\0"), (6, b"\1")],
)
def test_legacy_header(offset: int, value: bytes) -> None:
    """contract: rule-import-legacy [wine-impl]: wrong type, version or algorithm."""
    blob = bytearray(legacy(KEY))
    blob[offset : offset + len(value)] = value
    with pytest.raises(BadDataError):
        parse("CAPIPRIVATEBLOB", blob)


@pytest.mark.parametrize("bits", [0, 8, 1016, 1023, 1025, 1032, 1040, 2048, 0xFFFFFFF0, 0xFFFFFFFF])
def test_legacy_lengths_that_lie(bits: int) -> None:
    for name in ("CAPIPRIVATEBLOB", "CAPIPUBLICBLOB"):
        blob = bytearray(build(name, KEY))
        blob[12:16] = struct.pack("<I", bits)
        with pytest.raises(BadDataError):
            parse(name, blob)


def test_legacy_magic_and_short_header() -> None:
    blob = legacy(KEY)
    with pytest.raises(NotSupportedError):
        parse("CAPIPRIVATEBLOB", blob[:8] + b"RSA1" + blob[12:])
    for length in range(20):
        with pytest.raises(InvalidParameterError):
            parse("CAPIPRIVATEBLOB", blob[:length])
    with pytest.raises(BadDataError):
        parse("CAPIPRIVATEBLOB", blob[:20])


@pytest.mark.parametrize(
    "key",
    [
        RsaKey((1 << 1030) + 1, 65537, 1 << 514, 1 << 514),
        RsaKey((1 << 1031) + 1, 65537, 1 << 520, 1 << 511),
        RsaKey((1 << 1023) + 1, 65537, 1 << 512, 1 << 511),
        RsaKey((1 << 1023) + 1, 65537, 1 << 511, 1 << 512),
        RsaKey((1 << 1023) + 1, (1 << 32) + 1, 1 << 511, 1 << 511),
    ],
    ids=["1031 bits", "long p of 1032", "long p", "long q", "long e"],
)
def test_legacy_has_no_room(key: RsaKey) -> None:
    full = RsaKey(key.n, key.e, key.p, key.q, 1, 1, 1, 1)
    with pytest.raises(NotSupportedError):
        build("CAPIPRIVATEBLOB", full)


@pytest.mark.parametrize("bits", [1032, 2056, 520])
def test_legacy_halves_are_rounded_up(bits: int) -> None:
    """contract: rule-import-legacy [dotnet]: any whole number of bytes."""
    half = (bits + 15) // 16
    full = RsaKey((1 << bits - 1) + 1, 65537, 1 << 8 * half - 1, 1 << bits - 8 * half, 1, 1, 1, 1)
    blob = build("CAPIPRIVATEBLOB", full)
    assert len(blob) == 20 + 2 * (bits // 8) + 5 * half
    assert parse("CAPIPRIVATEBLOB", blob) == full
    assert parse("CAPIPUBLICBLOB", build("CAPIPUBLICBLOB", full)) == RsaKey(full.n, full.e)
    with pytest.raises(BadDataError):
        parse("CAPIPRIVATEBLOB", blob[:12] + (bits + 4).to_bytes(4, "little") + blob[16:])


@pytest.mark.parametrize("kind", ["RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB"])
def test_an_exponent_has_64_bits_at_most(kind: str) -> None:
    """contract: rule-import-rsa-exponent [client, symcrypt]: leading zeros do not count."""
    for e in (3, 2**33 - 1, 2**64 - 1):
        assert parse(kind, build(kind, replace(KEY, e=e))).e == e
    for e in (2**64, 2**64 + 1, 2**400 + 1):
        with pytest.raises(InvalidParameterError, match="at most 64 are imported"):
            parse(kind, build(kind, replace(KEY, e=e)))


@pytest.fixture(scope="module")
def openssl() -> str:
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("no openssl command on this machine")
    return tool


@pytest.mark.parametrize("bits", [1024, 2048])
def test_legacy_as_openssl_writes_and_reads_it(openssl: str, bits: int, tmp_path: Path) -> None:
    """OpenSSL's MSBLOB is the CryptoAPI form, written by other hands."""
    source = library.generate_private_key(65537, bits)
    pem = tmp_path / "key.pem"
    pem.write_bytes(
        source.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    key = numbers_of(source)
    for name, options in (("CAPIPRIVATEBLOB", []), ("CAPIPUBLICBLOB", ["-pubout"])):
        out = tmp_path / name
        written = subprocess.run(
            [openssl, "rsa", "-in", pem, *options, "-outform", "MSBLOB", "-out", out],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if written.returncode:
            pytest.skip(f"this openssl writes no MSBLOB: {written.stderr.splitlines()[-1]}")
        assert parse(name, out.read_bytes()) == (RsaKey(key.n, key.e) if options else key)
        assert build(name, key) == out.read_bytes()
    ours = tmp_path / "ours"
    ours.write_bytes(build("CAPIPRIVATEBLOB", key))
    back = subprocess.run(
        [openssl, "rsa", "-in", ours, "-inform", "MSBLOB", "-check", "-noout"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "RSA key ok" in back.stdout + back.stderr


# ------------------------------------------------------------------------------- the numbers themselves


def test_complete_takes_the_least_inverse() -> None:
    key = complete(SMALL)
    assert key == RsaKey(3233, 17, 61, 53, 413 % 60, 413 % 52, pow(53, -1, 61), 413)
    assert key.d == pow(17, -1, lcm(60, 52))
    assert complete(key) is key
    check(key)


def test_complete_keeps_what_is_there() -> None:
    """d modulo phi is a d as well; dP and dQ are the same for both."""
    phi = 60 * 52
    key = complete(RsaKey(3233, 17, 61, 53, d=pow(17, -1, phi)))
    assert key.d == pow(17, -1, phi) != pow(17, -1, lcm(60, 52))
    check(key)
    assert complete(SMALL).dp == key.dp


def test_full_blob_without_the_crt_numbers() -> None:
    """contract: rule-import-rsa-numbers [go]: all zero, worked out from e, p and q."""
    blob = modern(b"RSA3", KEY, (KEY.p, 64), (KEY.q, 64), (0, 64), (0, 64), (0, 64), (0, 128))
    key = parse("RSAFULLPRIVATEBLOB", blob)
    assert not key.is_full
    check(key)
    assert complete(key) == KEY


@pytest.mark.parametrize(
    "key",
    [
        RsaKey(3233, 17),
        RsaKey(3233, 3, 61, 53),
        RsaKey(3233, 0, 61, 53),
        RsaKey(61 * 61, 17, 61, 61),
        RsaKey(61, 17, 61, 1),
        RsaKey(122, 17, 2, 61),
    ],
    ids=["public", "e divides p-1", "e is 0", "same primes", "prime 1", "prime 2"],
)
def test_complete_refuses(key: RsaKey) -> None:
    with pytest.raises(InvalidParameterError):
        complete(key)


def test_check_accepts_public_keys() -> None:
    check(RsaKey(3233, 17))
    check(RsaKey(KEY.n, 3))
    check(RsaKey(5, 3))


@pytest.mark.parametrize(("n", "e"), [(3233, 0), (3233, 1), (3233, 2), (3233, 16), (3234, 17), (17, 17), (15, 17)])
def test_check_refuses_public_keys(n: int, e: int) -> None:
    with pytest.raises(InvalidParameterError):
        check(RsaKey(n, e))


def test_the_least_primes() -> None:
    """3 is a prime like any other, on either side."""
    for p, q in ((3, 11), (11, 3)):
        key = complete(RsaKey(33, 3, p, q))
        check(key)
        assert key.d == 7


def test_one_prime_makes_no_private_key() -> None:
    assert not RsaKey(3233, 17, p=61).is_private
    assert not RsaKey(3233, 17, q=53).is_private


@pytest.mark.parametrize(
    "change",
    [
        {"e": 1}, {"e": 2}, {"e": 16}, {"e": 0}, {"e": 3235}, {"n": 3234}, {"n": 3235}, {"n": 0}, {"p": 59},
        {"p": 3233, "q": 1}, {"p": 1, "q": 3233}, {"p": 61, "q": 61, "n": 3721}, {"d": 414}, {"dp": 1}, {"dq": 1},
        {"dp": 53 + 60}, {"dq": 49 + 52}, {"qinv": 1}, {"qinv": 38 + 61},
    ],
    ids=str,
)  # fmt: skip
def test_check_refuses(change: dict[str, int]) -> None:
    """contract: rule-import-rsa-numbers: p*q must be n [dotnet]; the other relations are those of RFC 8017."""
    good = complete(SMALL)
    fields = {name: getattr(good, name) for name in ("n", "e", "p", "q", "dp", "dq", "qinv", "d")}
    with pytest.raises(InvalidParameterError):
        check(RsaKey(**fields | change))


@given(st.sampled_from([3, 5, 17, 257]), st.sampled_from([11, 23, 47, 59, 83]), st.sampled_from([13, 29, 53, 61, 71]))
def test_complete_and_check_agree(e: int, p: int, q: int) -> None:
    key = RsaKey(p * q, e, p, q)
    if gcd(e, (p - 1) * (q - 1)) == 1 and e < p * q:
        whole = complete(key)
        check(whole)
        assert all(pow(pow(m, e, p * q), whole.d, p * q) == m for m in range(p * q))
    elif e < p * q:
        with pytest.raises(InvalidParameterError):
            complete(key)


@pytest.mark.parametrize("name", PRIVATE)
def test_no_private_blob_of_a_public_key(name: str) -> None:
    """contract: rule-export-private-of-public [wine-test]."""
    with pytest.raises(InvalidParameterError):
        build(name, RsaKey(KEY.n, KEY.e))


@pytest.mark.parametrize(
    "key",
    [RsaKey(0, 3), RsaKey(3233, 0), RsaKey(-5, 3), RsaKey(3233, 17, 61, 53, 1 << 8, 1, 1, 1), RsaKey(15, 3, -3, -5)],
    ids=["n is 0", "e is 0", "n below 0", "dp too long", "primes below 0"],
)
def test_build_refuses_numbers_that_do_not_fit(key: RsaKey) -> None:
    with pytest.raises(InvalidParameterError):
        build("RSAFULLPRIVATEBLOB", key)
    if not key.is_private:
        for name in PUBLIC:
            with pytest.raises(InvalidParameterError):
                build(name, key)
    elif key.p < 0:
        with pytest.raises(InvalidParameterError):
            build("RSAPRIVATEBLOB", key)


def test_repr_tells_no_number() -> None:
    assert repr(KEY) == str(KEY) == "<RsaKey 1024 bits, private>"
    assert repr(RsaKey(3233, 17)) == "<RsaKey 12 bits, public>"
