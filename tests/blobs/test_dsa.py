"""DSA blobs and DSAParameters: the vector of the cases, blobs built here by hand, and every way to be malformed."""

import struct
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa as library
from hypothesis import given
from hypothesis import strategies as st

from cngcore.blobs.dsa import DsaKey, DsaParameters, build, check, parse
from cngcore.status import CngError, InvalidParameterError, NotSupportedError

# the data of the cases
DSA512_PUB = bytes.fromhex(
    "44535042400000000000008fd292bb92b900c5ed52cc484a441dd374fb75d17eb6249b5d570a8ac45dab9c2686c6251620f9a971bc1d30c4ef8cc4df"
    "1aaf96df90d8859df92c868c91396c6d114e53632a2b26a7f9767451bf08876fe07191248ac2842d849c5f94aa38537784babcff493a080f38b5915c"
    "0615a427f4a559aa1c41a3a0bbf73286fb9441ffcded69ebc65eb6a815823b601e9155d52ca5745a658fc656c43f4ee33a71b26366a40d0df9dd1e48"
    "81e9bf8fbb8547816811b5916bc405efa3c7bf26534fc410fdfaed6164d62ead043e82edb22276d044adc14cde33a36155ec24e57945cf9439929fd8"
    "24ce85b9"
)

PUBLIC = ("DSAPUBLICBLOB", "PUBLICBLOB")
PRIVATE = ("DSAPRIVATEBLOB", "PRIVATEBLOB")
LEGACY = "V2CAPIDSAPRIVATEBLOB"
TYPES = (*PUBLIC, *PRIVATE, LEGACY)
HASH_OF = {20: 0, 28: 1, 32: 1, 64: 2}
UNKNOWN = 0xFFFFFFFF


def octets(value: int, width: int) -> bytes:
    return value.to_bytes(width, "big")


def small(count: int | None = 7, seed: bytes | None = bytes(range(20))) -> DsaParameters:
    """Numbers of the first version's widths; they make no group."""
    return DsaParameters(p=(1 << 1023) + 11, q=(1 << 159) + 5, g=3 << 900, count=count, seed=seed)


def large(group: int = 32, **fields: Any) -> DsaParameters:
    """Numbers of the second version's widths."""
    fields = {"count": 1234, "seed": bytes(range(group)), **fields}
    return DsaParameters(p=(1 << 2047) + 17, q=(1 << 8 * group - 1) + 9, g=5 << 1500, **fields)


def structure(magic: bytes, of: DsaParameters, *more: tuple[int, int], seed: bytes | None = None) -> bytes:
    """A blob (contract: rule-layout-dsa-v1, rule-layout-dsa-v2) by hand: header, then ``more`` as (number, bytes)."""
    cb = (of.p.bit_length() + 7) // 8
    cb_q = (of.q.bit_length() + 7) // 8
    count = UNKNOWN if of.count is None else of.count
    seed = seed or of.seed or b"\xff" * cb_q
    if cb <= 128:
        header = magic + struct.pack("<I", cb) + struct.pack(">I", count) + seed + octets(of.q, 20)
    else:
        sizes = struct.pack("<5I", cb, HASH_OF[cb_q], of.standard_version, len(seed), cb_q)
        header = magic + sizes + struct.pack(">I", count) + seed + octets(of.q, cb_q)
    return header + octets(of.p, cb) + octets(of.g, cb) + b"".join(octets(*pair) for pair in more)


def blob(kind: str, key: DsaKey) -> bytes:
    """The whole blob by hand."""
    of = key.parameters
    cb, cb_q = of.key_bytes, of.group_bytes
    assert key.y is not None
    if kind in PUBLIC:
        return structure(b"DSPB" if cb <= 128 else b"DPB2", of, (key.y, cb))
    assert key.x is not None
    return structure(b"DSPV" if cb <= 128 else b"DPV2", of, (key.y, cb), (key.x, cb_q))


def legacy(
    of: DsaParameters, x: int, *, header: bytes = b"\x07\x02\0\0\0\x22\0\0DSS2", bits: int | None = None
) -> bytes:
    """A blob (contract: rule-layout-legacy) by hand: all of it little-endian, the seed too."""
    cb = of.key_bytes
    numbers = b"".join(octets(n, width)[::-1] for n, width in ((of.p, cb), (of.q, 20), (of.g, cb), (x, 20)))
    count = UNKNOWN if of.count is None else of.count
    seed = (of.seed or b"\xff" * 20)[::-1]
    return header + struct.pack("<I", bits if bits is not None else 8 * cb) + numbers + struct.pack("<I", count) + seed


KEYS = {
    "v1": DsaKey(small(), 1 << 1000, 99),
    "v1, no seed": DsaKey(small(None, None), 2, (1 << 160) - 1),
    "v2": DsaKey(large(), 1 << 2000, 77),
    "v2, no seed": DsaKey(large(count=None, seed=None), (1 << 2048) - 1, 1),
    "v2, q of 160 bits": DsaKey(large(20, standard_version=0), 8, 9),
    "v2, q of 224 bits": DsaKey(large(28), 8, 9),
    "v2, q of 512 bits": DsaKey(large(64), 8, 9),
    "v2, a long seed": DsaKey(large(seed=bytes(range(100))), 8, 9),
    "v2, a short seed": DsaKey(large(seed=b"\0"), 8, 9),
}


# ------------------------------------------------------------------------------------------- fixed vectors


@pytest.mark.parametrize("name", PUBLIC)
def test_public_vector(name: str) -> None:
    """contract: rule-cases-dsa, I1 [wine]: either type reads it; 244 = 52 + 3*64 bytes, counter 143."""
    key = parse(name, DSA512_PUB)
    check(key)
    found = key.parameters
    assert (found.bits, found.version, found.hash_algorithm, found.standard_version) == (512, 1, 0, 0)
    assert (found.count, found.seed, found.group_bytes) == (143, DSA512_PUB[12:32], 20)
    assert (found.q, found.p, found.g, key.y) == tuple(
        int.from_bytes(DSA512_PUB[slice(*part)], "big") for part in ((32, 52), (52, 116), (116, 180), (180, 244))
    )
    assert pow(found.g, found.q, found.p) == 1
    assert not key.is_private
    assert build(name, key) == DSA512_PUB
    assert len(DSA512_PUB) == 244


@pytest.mark.parametrize("name", [*PRIVATE, LEGACY])
def test_private_blob_of_a_public_key(name: str) -> None:
    """contract: rule-cases-dsa, I2 [wine]."""
    with pytest.raises(InvalidParameterError):
        build(name, parse("DSAPUBLICBLOB", DSA512_PUB))


def test_sizes() -> None:
    """contract: rule-layout-dsa-v1, rule-layout-dsa-v2, rule-layout-parameters, rule-layout-legacy."""
    assert len(build("DSAPRIVATEBLOB", KEYS["v1"])) == 52 + 3 * 128 + 20
    assert len(build(LEGACY, KEYS["v1"])) == 336
    assert len(build("DSAPRIVATEBLOB", KEYS["v2"])) == 28 + 32 + 32 + 3 * 256 + 32
    assert len(small().to_bytes()) == 56 + 2 * 128
    assert len(large().to_bytes()) == 32 + 32 + 32 + 2 * 256


# ---------------------------------------------------------------------------------------------- round trips


@pytest.mark.parametrize("which", KEYS)
def test_blobs_by_hand(which: str) -> None:
    key = KEYS[which]
    for name in PUBLIC:
        made = build(name, key)
        assert type(made) is bytes
        assert made == blob(name, key)
        assert parse(name, made) == DsaKey(key.parameters, key.y)
    for name in PRIVATE:
        private = build(name, key)
        assert type(private) is bytearray
        assert private == blob(name, key)
        assert parse(name, private) == key


@pytest.mark.parametrize("which", KEYS)
def test_parameters_by_hand(which: str) -> None:
    """contract: rule-layout-parameters: cbLength is the size of the whole."""
    of = KEYS[which].parameters
    body = structure(b"DSPM" if of.version == 1 else b"DPM2", of)
    value = struct.pack("<I", len(body) + 4) + body
    assert of.to_bytes() == value
    assert DsaParameters.from_bytes(value) == of
    assert DsaParameters.from_bytes(memoryview(b"-" + value + b"-")[1:-1]) == of


@pytest.mark.parametrize("which", ["v1", "v1, no seed"])
def test_legacy_by_hand(which: str) -> None:
    key = KEYS[which]
    assert key.x is not None
    made = build(LEGACY, key)
    assert type(made) is bytearray
    assert made == legacy(key.parameters, key.x)
    assert parse(LEGACY, made) == DsaKey(key.parameters, None, key.x)
    assert build(LEGACY, parse(LEGACY, made)) == made


def test_keys_of_another_library() -> None:
    numbers = library.generate_private_key(1024).private_numbers()
    public = numbers.public_numbers
    domain = public.parameter_numbers
    key = DsaKey(DsaParameters(p=domain.p, q=domain.q, g=domain.g), public.y, numbers.x)
    check(key)
    assert parse("DSAPRIVATEBLOB", build("DSAPRIVATEBLOB", key)) == key
    assert repr(key) == "<DsaKey 1024 bits, private>"


@st.composite
def keys(draw: st.DrawFn) -> DsaKey:
    """Numbers of any widths; a blob does not ask whether they make a key."""
    cb = draw(st.integers(1, 200))
    group = 20 if cb <= 128 else draw(st.sampled_from((20, 28, 32, 64)))
    p, q = (draw(st.integers(1 << 8 * width - 8, (1 << 8 * width) - 1)) for width in (cb, group))
    g, y = (draw(st.integers(0, (1 << 8 * cb) - 1)) for _ in range(2))
    seeds = st.binary(min_size=1, max_size=70) if cb > 128 else st.binary(min_size=20, max_size=20)
    seed = draw(st.none() | seeds.filter(lambda seed: seed.count(0xFF) != len(seed)))
    count = None if seed is None else draw(st.integers(0, UNKNOWN - 1))
    standard = 0 if cb <= 128 else draw(st.integers(0, 1))
    domain = DsaParameters(p=p, q=q, g=g, count=count, seed=seed, standard_version=standard)
    return DsaKey(domain, y, draw(st.integers(0, (1 << 8 * group) - 1)))


@given(keys())
def test_any_numbers_round_trip(key: DsaKey) -> None:
    assert parse("DSAPUBLICBLOB", build("DSAPUBLICBLOB", key)) == DsaKey(key.parameters, key.y)
    assert parse("DSAPRIVATEBLOB", build("DSAPRIVATEBLOB", key)) == key
    assert build("PRIVATEBLOB", key) == blob("PRIVATEBLOB", key)
    assert DsaParameters.from_bytes(key.parameters.to_bytes()) == key.parameters
    if key.parameters.version == 1:
        assert parse(LEGACY, build(LEGACY, key)) == DsaKey(key.parameters, None, key.x)
    else:
        with pytest.raises(NotSupportedError):
            build(LEGACY, key)


# --------------------------------------------------------------------------------------- malformed blobs


def rebuilt(which: str, kind: str = "DSAPUBLICBLOB") -> bytearray:
    return bytearray(blob(kind, KEYS[which]))


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("length", [0, 1, 3, 4, 8, 15])
def test_shorter_than_any_header(name: str, length: int) -> None:
    whole = blob("DSAPRIVATEBLOB", KEYS["v1"]) if name != LEGACY else legacy(small(), 5)
    with pytest.raises(InvalidParameterError):
        parse(name, whole[:length])


@pytest.mark.parametrize("which", KEYS)
@pytest.mark.parametrize("kind", ["DSAPUBLICBLOB", "DSAPRIVATEBLOB"])
def test_every_other_length(which: str, kind: str) -> None:
    """contract: rule-import-short: shorter than the header, or not the size the header says: INVALID_PARAMETER."""
    whole = blob(kind, KEYS[which])
    for wrong in (*(whole[:length] for length in range(4, len(whole), 23)), whole[:-1], whole + b"\0", whole * 2):
        with pytest.raises(InvalidParameterError):
            parse(kind, wrong)


@pytest.mark.parametrize("name", [*PUBLIC, *PRIVATE])
def test_magic_must_belong_to_the_type(name: str) -> None:
    """contract: rule-import-magic [wine-impl]: NOT_SUPPORTED."""
    mine = (b"DSPB", b"DPB2") if name in PUBLIC else (b"DSPV", b"DPV2")
    for magic in (b"DSPB", b"DPB2", b"DSPV", b"DPV2", b"DSPM", b"DPM2", b"RSA1", b"DHPB", b"ECS1", b"DSS2", bytes(4)):
        if magic in mine:
            continue
        for which in ("v1", "v2"):
            with pytest.raises(NotSupportedError):
                parse(name, magic + blob(name, KEYS[which])[4:])


def test_types_of_others() -> None:
    for name in ("RSAPUBLICBLOB", "dsapublicblob", "OpaqueKeyBlob", "", "CAPIDSAPRIVATEBLOB", "V2CAPIDSAPUBLICBLOB"):
        with pytest.raises(NotSupportedError):
            parse(name, DSA512_PUB)
        with pytest.raises(NotSupportedError):
            build(name, KEYS["v1"])


SIZES = (0, 1, 2, 19, 21, 27, 28, 31, 33, 64, 127, 128, 129, 0x7FFFFFFF, 0x80000000, 0xFFFFFFE3, 0xFFFFFFFF)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("which", "offset"), [("v1", 4), ("v2", 4), ("v2", 16), ("v2", 20)])
def test_sizes_that_lie(which: str, offset: int, size: int) -> None:
    for kind in ("DSAPUBLICBLOB", "DSAPRIVATEBLOB"):
        wrong = rebuilt(which, kind)
        if wrong[offset : offset + 4] == struct.pack("<I", size):
            continue
        wrong[offset : offset + 4] = struct.pack("<I", size)
        with pytest.raises(InvalidParameterError):
            parse(kind, wrong)


def test_absurd_sizes_cost_nothing() -> None:
    """A header that claims 4 GB five times over is refused at once, a thousand times."""
    start = time.perf_counter()
    for _ in range(1000):
        for magic in (b"DSPV", b"DPV2"):
            with pytest.raises(InvalidParameterError):
                parse("DSAPRIVATEBLOB", magic + b"\xff" * 100)
        with pytest.raises(InvalidParameterError):
            DsaParameters.from_bytes(struct.pack("<I", 104) + b"DPM2" + b"\xff" * 96)
        with pytest.raises(InvalidParameterError):
            parse(LEGACY, b"\x07\x02\0\0\0\x22\0\0DSS2\xff\xff\xff\xff" + bytes(320))
    assert time.perf_counter() - start < 4


def test_the_version_goes_with_the_size_of_p() -> None:
    """contract: rule-layout-dsa-v1, rule-layout-dsa-v2: up to 1024 bits the first, above the second."""
    short, long = small().key_bytes, large().key_bytes
    second = b"DPB2" + struct.pack("<5I", short, 0, 1, 20, 20) + bytes(4) + b"\1" * 20 + octets(small().q, 20)
    with pytest.raises(InvalidParameterError, match="version 2"):
        parse("DSAPUBLICBLOB", second + octets(small().p, short) + bytes(2 * short))
    first = b"DSPB" + struct.pack("<I", long) + bytes(4) + b"\1" * 20 + octets(small().q, 20)
    with pytest.raises(InvalidParameterError, match="version 1"):
        parse("DSAPUBLICBLOB", first + octets(large().p, long) + bytes(2 * long))
    edge = DsaKey(DsaParameters(p=(1 << 1024) + 1, q=(1 << 255) + 1, g=2), 2)
    assert (edge.parameters.key_bytes, edge.parameters.version) == (129, 2)
    assert parse("PUBLICBLOB", blob("PUBLICBLOB", edge)) == edge


@pytest.mark.parametrize("group", [20, 28, 32, 64])
def test_the_hash_goes_with_the_size_of_q(group: int) -> None:
    """hashAlgorithm not matching the length of q (20, 32, 64 bytes) is refused.

    contract: rule-import-dsa-q [dotnet].
    """
    key = DsaKey(large(group), 2)
    for number in (0, 1, 2, 3, 0xFFFFFFFF):
        changed = bytearray(blob("DSAPUBLICBLOB", key))
        changed[8:12] = struct.pack("<I", number)
        if number == HASH_OF[group]:
            assert parse("DSAPUBLICBLOB", changed) == key
        else:
            with pytest.raises(InvalidParameterError):
                parse("DSAPUBLICBLOB", changed)


@pytest.mark.parametrize("group", [1, 16, 19, 21, 24, 29, 31, 33, 48, 63, 65])
def test_other_sizes_of_q(group: int) -> None:
    with pytest.raises(InvalidParameterError):
        large(group)
    with pytest.raises(InvalidParameterError):
        DsaParameters(p=(1 << 1023) + 1, q=(1 << 8 * group - 1) + 1, g=2)


@pytest.mark.parametrize("standard", [2, 3, 0xFFFFFFFF])
def test_other_standards(standard: int) -> None:
    changed = rebuilt("v2")
    changed[12:16] = struct.pack("<I", standard)
    with pytest.raises(InvalidParameterError):
        parse("DSAPUBLICBLOB", changed)
    for made in (small, large):
        with pytest.raises(InvalidParameterError):
            DsaParameters(p=made().p, q=made().q, g=2, standard_version=standard)
    with pytest.raises(InvalidParameterError):
        DsaParameters(p=small().p, q=small().q, g=2, standard_version=1)


def test_counter_and_seed_go_together() -> None:
    """contract: rule-import-dsa-seed [go, dotnet]: both unknown or neither."""
    for which, at, seed_at, length in (("v1", 8, 12, 20), ("v2", 24, 28, 32)):
        only_count, only_seed = rebuilt(which), rebuilt(which)
        only_count[at : at + 4] = b"\xff" * 4
        only_seed[seed_at : seed_at + length] = b"\xff" * length
        for changed in (only_count, only_seed):
            with pytest.raises(InvalidParameterError):
                parse("DSAPUBLICBLOB", changed)
        both = only_seed
        both[at : at + 4] = b"\xff" * 4
        key = parse("DSAPUBLICBLOB", both)
        assert (key.parameters.count, key.parameters.seed) == (None, None)
        assert build("DSAPUBLICBLOB", key) == both
    for fields in ({"count": 1}, {"seed": bytes(20)}, {"count": 1, "seed": b""}):
        with pytest.raises(InvalidParameterError):
            DsaParameters(p=small().p, q=small().q, g=2, **fields)
    assert DsaParameters(p=small().p, q=small().q, g=2, seed=b"").seed is None


@pytest.mark.parametrize("length", [1, 20, 31, 33, 64])
def test_a_seed_that_is_not_known_is_as_long_as_q(length: int) -> None:
    """contract: rule-set-dsa-parameters [go]."""
    of = large(count=None, seed=None)
    with pytest.raises(InvalidParameterError):
        parse("DSAPUBLICBLOB", structure(b"DPB2", of, (2, 256), seed=b"\xff" * length))
    empty = bytearray(structure(b"DPB2", of, (2, 256)))
    empty[16:20] = bytes(4)
    del empty[28:60]
    with pytest.raises(InvalidParameterError):
        parse("DSAPUBLICBLOB", empty)


@pytest.mark.parametrize("count", [-1, UNKNOWN, 1 << 32, 1 << 40])
def test_counters_that_are_none(count: int) -> None:
    for made in (small, large):
        with pytest.raises(InvalidParameterError):
            DsaParameters(p=made().p, q=made().q, g=2, count=count, seed=bytes(20))


@pytest.mark.parametrize("length", [1, 19, 21, 32])
def test_seeds_that_do_not_fit_the_first_version(length: int) -> None:
    with pytest.raises(InvalidParameterError):
        small(seed=bytes(length))


@pytest.mark.parametrize("which", KEYS)
@pytest.mark.parametrize("value", [0, 1])
def test_p_or_q_with_leading_zeros(which: str, value: int) -> None:
    """contract: rule-import-dsa-p: p of 0 or 1 is INVALID_PARAMETER; so is any whose field is wider than it."""
    of = KEYS[which].parameters
    whole = bytearray(blob("DSAPUBLICBLOB", KEYS[which]))
    p_at = len(whole) - 3 * of.key_bytes
    for at, size in ((p_at, of.key_bytes), (p_at - of.group_bytes if of.version == 2 else 32, of.group_bytes)):
        assert whole[at]
        changed = bytearray(whole)
        changed[at : at + size] = octets(value, size)
        with pytest.raises(InvalidParameterError):
            parse("DSAPUBLICBLOB", changed)
        changed = bytearray(whole)
        changed[at] = 0
        with pytest.raises(InvalidParameterError):
            parse("DSAPUBLICBLOB", changed)


def test_numbers_that_do_not_fit() -> None:
    of = small()
    for fields in ({"g": 1 << 1024}, {"g": -1}, {"p": -5}, {"p": 0}, {"q": 0}, {"q": -of.q}):
        with pytest.raises(InvalidParameterError):
            replace(of, **fields)  # type: ignore[arg-type]
    for y, x in ((1 << 1024, 1), (-1, 1), (2, 1 << 160), (2, -1)):
        with pytest.raises(InvalidParameterError):
            build("DSAPRIVATEBLOB", DsaKey(of, y, x))
    with pytest.raises(InvalidParameterError):
        build("DSAPUBLICBLOB", DsaKey(of, None, 5))


GROUP = parse("DSAPUBLICBLOB", DSA512_PUB).parameters


@pytest.mark.parametrize(
    ("p", "q", "g", "y", "x"),
    [
        (GROUP.p + 1, GROUP.q, 2, 2, None),
        (GROUP.p, 0xFA << 152, 2, 2, None),
        (GROUP.p, GROUP.q + 2, 2, 2, None),
        (GROUP.p, GROUP.q, 0, 2, None),
        (GROUP.p, GROUP.q, 1, 2, None),
        (GROUP.p, GROUP.q, GROUP.p, 2, None),
        (GROUP.p, GROUP.q, 2, 0, None),
        (GROUP.p, GROUP.q, 2, 1, None),
        (GROUP.p, GROUP.q, 2, GROUP.p, None),
        (GROUP.p, GROUP.q, 2, GROUP.p + 1, None),
        (GROUP.p, GROUP.q, 2, 2, 0),
        (GROUP.p, GROUP.q, 2, 2, GROUP.q),
        (GROUP.p, GROUP.q, 2, None, GROUP.q + 1),
    ],
)
def test_numbers_that_do_not_belong_together(p: int, q: int, g: int, y: int | None, x: int | None) -> None:
    """q even or not dividing p - 1 (FA 00 .. 00) [go]; ranges by FIPS 186-4 section 4.1.

    contract: rule-import-dsa-q.
    """
    with pytest.raises(InvalidParameterError):
        check(DsaKey(DsaParameters(p=p, q=q, g=g), y, x))


def test_numbers_that_do() -> None:
    for y, x in ((2, None), (GROUP.p - 1, 1), (None, GROUP.q - 1)):
        check(DsaKey(DsaParameters(p=GROUP.p, q=GROUP.q, g=GROUP.g), y, x))


@pytest.mark.parametrize(
    ("at", "value"), [(0, 6), (0, 0), (1, 1), (1, 3), (2, 1), (5, 0xA4), (6, 1), (8, 0), (11, 0x31)]
)
def test_legacy_headers(at: int, value: int) -> None:
    """[wine-impl] NOT_SUPPORTED for a header of another kind."""
    changed = bytearray(legacy(small(), 5))
    changed[at] = value
    with pytest.raises(NotSupportedError):
        parse(LEGACY, changed)


@pytest.mark.parametrize("bits", [0, 8, 1016, 1020, 1023, 1025, 1032, 2048, 0xFFFFFFFF])
def test_legacy_lengths_that_lie(bits: int) -> None:
    with pytest.raises(InvalidParameterError):
        parse(LEGACY, legacy(small(), 5, bits=bits))


def test_legacy_that_is_too_long_or_too_short() -> None:
    whole = legacy(small(), 5)
    for wrong in (whole[:-1], whole + b"\0", whole[:16], whole[:17]):
        with pytest.raises(InvalidParameterError):
            parse(LEGACY, wrong)
    above = DsaParameters(p=(1 << 1031) + 1, q=(1 << 159) + 1, g=2)
    with pytest.raises(InvalidParameterError):
        parse(LEGACY, legacy(above, 5))


@pytest.mark.parametrize("change", [-1, 1, 100, -312])
def test_cb_length_is_the_whole_size(change: int) -> None:
    """contract: rule-set-dsa-parameters, rule-layout-parameters."""
    value = bytearray(small().to_bytes())
    value[0:4] = struct.pack("<I", len(value) + change)
    with pytest.raises(InvalidParameterError):
        DsaParameters.from_bytes(value)


@pytest.mark.parametrize("magic", [b"DSPB", b"DPB2", b"DSPV", b"DHPM", b"ECCP", bytes(4)])
def test_magics_that_are_not_of_parameters(magic: bytes) -> None:
    for made in (small(), large()):
        value = made.to_bytes()
        with pytest.raises(InvalidParameterError):
            DsaParameters.from_bytes(value[:4] + magic + value[8:])


def test_parameters_of_every_other_length() -> None:
    for made in (small(), large()):
        value = made.to_bytes()
        for length in range(0, len(value), 7):
            with pytest.raises(InvalidParameterError):
                DsaParameters.from_bytes(value[:length])
            cut = struct.pack("<I", length) + value[4:length]
            with pytest.raises(InvalidParameterError):
                DsaParameters.from_bytes(cut)


# ---------------------------------------------------------------------------------------------- anything


@given(st.sampled_from(TYPES), st.binary(max_size=400))
def test_any_bytes(name: str, data: bytes) -> None:
    """Nothing but a CngError comes out."""
    with suppress(CngError):
        parse(name, data)
    with suppress(CngError):
        DsaParameters.from_bytes(data)


@given(st.sampled_from(sorted(KEYS)), st.sampled_from(TYPES), st.data())
def test_any_damage(which: str, name: str, data: st.DataObject) -> None:
    """A good blob with some bytes changed: a key that is written back byte for byte, or a CngError."""
    key = KEYS[which]
    if name == LEGACY and key.parameters.version == 2:
        name = "DSAPRIVATEBLOB"
    damaged = bytearray(build(name, key))
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, min(len(damaged) - 1, 70)))] = data.draw(st.integers(0, 255))
    try:
        found = parse(name, damaged)
        check(found)
    except CngError:
        return
    assert build(name, found) == damaged


@given(st.sampled_from(sorted(KEYS)), st.data())
def test_any_damage_to_parameters(which: str, data: st.DataObject) -> None:
    damaged = bytearray(KEYS[which].parameters.to_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, 70))] = data.draw(st.integers(0, 255))
    try:
        found = DsaParameters.from_bytes(damaged)
    except CngError:
        return
    assert found.to_bytes() == damaged
