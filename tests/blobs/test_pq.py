"""ML-KEM and ML-DSA blobs: the vector of the cases, blobs built here by hand, every way to be malformed."""

import struct
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cngcore import bcrypt
from cngcore.blobs.pq import SIZES, SLHDSA_SIZES, PqKey, algorithm_of, build, parse
from cngcore.status import CngError, InvalidBufferSizeError, InvalidParameterError, NotSupportedError

# the data of the cases
MLDSA44_SEEDBLOB = bytes.fromhex(
    "4453535306000000200000003400340000005c624fcc1862452452d0c665840d8237f43108e5499edcdc108fbc49d596e4b7"
)
SEED44 = MLDSA44_SEEDBLOB[18:]

TYPES = {
    # blob type: magic, {parameter set: (bytes of the key, bytes of the blob)} (contract: rule-layout-pq-sizes)
    "PQDSAPUBLICBLOB": (b"DSPK", {"44": (1312, 1330), "65": (1952, 1970), "87": (2592, 2610)}),
    "PQDSAPRIVATEBLOB": (b"DSSK", {"44": (2560, 2578), "65": (4032, 4050), "87": (4896, 4914)}),
    "PQDSAPRIVATESEEDBLOB": (b"DSSS", {"44": (32, 50), "65": (32, 50), "87": (32, 50)}),
    "MLKEMPUBLICBLOB": (b"MLKP", {"512": (800, 820), "768": (1184, 1204), "1024": (1568, 1590)}),
    "MLKEMPRIVATEBLOB": (b"MLKR", {"512": (1632, 1652), "768": (2400, 2420), "1024": (3168, 3190)}),
    "MLKEMPRIVATESEEDBLOB": (b"MLKS", {"512": (64, 84), "768": (64, 84), "1024": (64, 86)}),
}
KEYS = [(blob_type, name) for blob_type, (_, sizes) in TYPES.items() for name in sizes]
PUBLIC = ("PQDSAPUBLICBLOB", "MLKEMPUBLICBLOB")
SLH_DSA = (b"SHPK", b"SHSK")
OTHERS = ("RSAPUBLICBLOB", "PUBLICBLOB", "PRIVATEBLOB", "mlkempublicblob", "MLKEMPUBLICBLOB\0", "")


def by_hand(magic: bytes, name: str, key: bytes, *, cb_name: int | None = None, cb_key: int | None = None) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    lengths = (len(wide) if cb_name is None else cb_name, len(key) if cb_key is None else cb_key)
    return magic + struct.pack("<2I", *lengths) + wide + key


def key_of(blob_type: str, name: str) -> bytes:
    """Bytes for the format's sake, no two runs alike."""
    size = TYPES[blob_type][1][name][0]
    return bytes(at * 7 % 251 for at in range(size))


def number(magic: bytes) -> int:
    return int.from_bytes(magic, "little")


# --------------------------------------------------------------------------------------------- layout


def test_the_vector_of_the_case_list() -> None:
    """contract: rule-cases-mldsa, K1 and K4 [go]: DSSS, 6, 32, "44" with its NUL, the seed."""
    key = parse("PQDSAPRIVATESEEDBLOB", MLDSA44_SEEDBLOB)
    assert key == PqKey(number(b"DSSS"), "44", SEED44)
    assert key.is_private
    assert build("PQDSAPRIVATESEEDBLOB", "44", SEED44) == MLDSA44_SEEDBLOB


@pytest.mark.parametrize(("blob_type", "name"), KEYS)
def test_every_blob_by_hand(blob_type: str, name: str) -> None:
    """contract: rule-layout-pq-sizes: magic, sizes and totals; the key starts right after the name."""
    magic, sizes = TYPES[blob_type]
    key = key_of(blob_type, name)
    blob = by_hand(magic, name, key)
    assert (len(key), len(blob)) == sizes[name]
    assert blob[{"512": 20, "768": 20, "1024": 22}.get(name, 18) :] == key
    built = build(blob_type, name, key)
    assert built == blob
    assert type(built) is (bytes if blob_type in PUBLIC else bytearray)
    for source in (blob, bytearray(blob), memoryview(blob)):
        parsed = parse(blob_type, source)
        assert (parsed.magic, parsed.parameter_set, parsed.key) == (number(magic), name, key)
        assert parsed.is_private is (blob_type not in PUBLIC)
        assert type(parsed.key) is bytes


def test_the_table_of_sizes_is_the_contracts() -> None:
    for blob_type, (_, sizes) in TYPES.items():
        assert SIZES[blob_type] == {name: size for name, (size, _) in sizes.items()}
    assert set(SIZES) == set(TYPES)


def test_the_types_are_those_of_the_header() -> None:
    """The names of bcrypt.h; ENCAPSULATION and DECAPSULATION are other words for PUBLIC and PRIVATE."""
    assert set(TYPES) == {
        bcrypt.BCRYPT_PQDSA_PUBLIC_BLOB, bcrypt.BCRYPT_PQDSA_PRIVATE_BLOB, bcrypt.BCRYPT_PQDSA_PRIVATE_SEED_BLOB,
        bcrypt.BCRYPT_MLKEM_ENCAPSULATION_BLOB, bcrypt.BCRYPT_MLKEM_DECAPSULATION_BLOB,
        bcrypt.BCRYPT_MLKEM_PRIVATE_SEED_BLOB,
    }  # fmt: skip
    assert bcrypt.BCRYPT_MLKEM_PUBLIC_BLOB == bcrypt.BCRYPT_MLKEM_ENCAPSULATION_BLOB
    assert bcrypt.BCRYPT_MLKEM_PRIVATE_BLOB == bcrypt.BCRYPT_MLKEM_DECAPSULATION_BLOB


def test_a_key_does_not_show_its_bytes_and_cannot_be_changed() -> None:
    key = parse("PQDSAPRIVATESEEDBLOB", MLDSA44_SEEDBLOB)
    assert repr(key) == "<PqKey DSSS 44>"
    assert SEED44.hex() not in repr(key)
    with pytest.raises(AttributeError):
        key.key = b""  # type: ignore[misc]


# --------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(("blob_type", "name"), KEYS)
def test_a_blob_cut_short_is_refused(blob_type: str, name: str) -> None:
    """Shorter than its header: INVALID_PARAMETER (contract: rule-import-short); than what that says:
    INVALID_BUFFER_SIZE.
    """
    magic, _ = TYPES[blob_type]
    blob = by_hand(magic, name, key_of(blob_type, name))
    for length in (*range(40), len(blob) // 2, len(blob) - 1):
        if length == len(blob):
            continue
        with pytest.raises(InvalidParameterError if length < 12 else InvalidBufferSizeError):
            parse(blob_type, blob[:length])


@pytest.mark.parametrize(("blob_type", "name"), KEYS)
@pytest.mark.parametrize("extra", [1, 2, 100])
def test_trailing_bytes(blob_type: str, name: str, extra: int) -> None:
    """Accepted for ML-KEM [go], refused for ML-DSA (docs/decisions/ml.md)."""
    magic, _ = TYPES[blob_type]
    key = key_of(blob_type, name)
    blob = by_hand(magic, name, key) + bytes(extra)
    if blob_type.startswith("MLKEM"):
        assert parse(blob_type, blob).key == key
    else:
        with pytest.raises(InvalidBufferSizeError):
            parse(blob_type, blob)


@pytest.mark.parametrize(("blob_type", "name"), KEYS)
def test_a_key_of_another_size_is_refused(blob_type: str, name: str) -> None:
    """contract: rule-import-ml-size [doc]; contract: rule-cases-mldsa, K5: one byte short or long, with cbKey and the
    blob saying the same.
    """
    magic, sizes = TYPES[blob_type]
    key = key_of(blob_type, name)
    for other in (b"", key[:-1], key + b"\0", *(bytes(size) for size, _ in sizes.values() if size != len(key))):
        with pytest.raises(InvalidBufferSizeError):
            parse(blob_type, by_hand(magic, name, other))
        with pytest.raises(InvalidParameterError):
            build(blob_type, name, other)
    for cb_key in (0, len(key) - 1, len(key) + 1, 0xFFFFFFFF):
        with pytest.raises(InvalidBufferSizeError):
            parse(blob_type, by_hand(magic, name, key, cb_key=cb_key) + bytes(10))


NAMES = ["", "2048", "44\0", "0", "7", "76", "7680", "４４", "SHA2-128s", "SHAKE-256f", "768-P256", "x" * 1000]


@pytest.mark.parametrize("blob_type", TYPES)
@pytest.mark.parametrize("wrong", NAMES)
def test_another_parameter_set_is_refused(blob_type: str, wrong: str) -> None:
    magic, sizes = TYPES[blob_type]
    for size, _ in sizes.values():
        with pytest.raises(InvalidParameterError):
            parse(blob_type, by_hand(magic, wrong, bytes(size)))
        with pytest.raises(InvalidParameterError):
            build(blob_type, wrong, bytes(size))


@pytest.mark.parametrize("blob_type", TYPES)
def test_the_sets_of_the_other_family_are_refused(blob_type: str) -> None:
    magic, sizes = TYPES[blob_type]
    for _, others in TYPES.values():
        for name, (size, _) in others.items():
            if name not in sizes:
                with pytest.raises(InvalidParameterError):
                    parse(blob_type, by_hand(magic, name, bytes(size)))


@pytest.mark.parametrize(("blob_type", "name"), KEYS)
def test_a_name_that_is_not_exactly_the_name_and_its_nul_is_refused(blob_type: str, name: str) -> None:
    """cbParameterSet counts the NUL and nothing more (contract: rule-layout-pq)."""
    magic, _ = TYPES[blob_type]
    key = key_of(blob_type, name)
    plain = name.encode("utf-16-le")
    for field in (b"", plain, plain + b"\0", plain + b"\0\0\0", plain + b"\0\0\0\0", name.encode() + b"\0", plain[:-2]):
        blob = magic + struct.pack("<2I", len(field), len(key)) + field + key
        with pytest.raises(InvalidParameterError):
            parse(blob_type, blob)
    for cb_name in (len(plain) + 2 + len(key) + 1, 0x10000, 0xFFFFFFFF):
        with pytest.raises(InvalidBufferSizeError):
            parse(blob_type, by_hand(magic, name, key, cb_name=cb_name))


@pytest.mark.parametrize(("blob_type", "name"), KEYS)
def test_another_magic_is_refused(blob_type: str, name: str) -> None:
    """The magic of another type, of SLH-DSA, of RSA, of nothing: STATUS_NOT_SUPPORTED (docs/decisions/ml.md)."""
    own, _ = TYPES[blob_type]
    key = key_of(blob_type, name)
    for magic in (*(magic for magic, _ in TYPES.values()), *SLH_DSA, b"RSA1", b"\0\0\0\0", own[::-1], own.lower()):
        if magic != own:
            with pytest.raises(NotSupportedError):
                parse(blob_type, by_hand(magic, name, key))


@pytest.mark.parametrize("other", OTHERS)
def test_another_type_is_refused(other: str) -> None:
    with pytest.raises(NotSupportedError):
        parse(other, MLDSA44_SEEDBLOB)
    with pytest.raises(NotSupportedError):
        build(other, "44", SEED44)


def test_sizes_are_looked_at_before_memory_is_taken() -> None:
    claims = [
        by_hand(b"MLKP", "768", b"", cb_key=0xFFFFFFFF),
        by_hand(b"MLKP", "768", bytes(1184), cb_name=0xFFFFFFF0),
        by_hand(b"MLKP", "x" * 2_000_000, bytes(1184)),
        by_hand(b"DSPK", "44", bytes(4_000_000)),
    ]
    tracemalloc.start()
    try:
        for blob in claims:
            with pytest.raises((InvalidBufferSizeError, InvalidParameterError)):
                parse("MLKEMPUBLICBLOB" if blob[:3] == b"MLK" else "PQDSAPUBLICBLOB", blob)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


# ---------------------------------------------------------------------------------------- any bytes at all


@given(st.sampled_from(KEYS), st.data())
def test_what_is_built_is_parsed_again(which: tuple[str, str], data: st.DataObject) -> None:
    blob_type, name = which
    size = SIZES[blob_type][name]
    key = data.draw(st.binary(min_size=size, max_size=size))
    blob = build(blob_type, name, key)
    assert blob == by_hand(TYPES[blob_type][0], name, key)
    assert parse(blob_type, blob) == PqKey(number(TYPES[blob_type][0]), name, key)


@given(st.sampled_from(list(TYPES)), st.binary(max_size=200))
def test_garbage_is_refused_with_a_status(blob_type: str, garbage: bytes) -> None:
    with suppress(CngError):
        parse(blob_type, garbage)
    with suppress(CngError):
        parse(blob_type, TYPES[blob_type][0] + garbage)


@given(st.sampled_from(KEYS), st.integers(0, 21), st.integers(1, 255))
def test_no_byte_of_the_header_can_change_unseen(which: tuple[str, str], at: int, change: int) -> None:
    blob_type, name = which
    magic, _ = TYPES[blob_type]
    key = key_of(blob_type, name)
    blob = bytearray(by_hand(magic, name, key))
    start = len(blob) - len(key)
    blob[at % start] ^= change
    with pytest.raises(CngError):
        parse(blob_type, blob)


# ---------------------------------------------------------------------------------------- SLH-DSA


@pytest.mark.parametrize("name", SLHDSA_SIZES["PQDSAPUBLICBLOB"])
@pytest.mark.parametrize(("blob_type", "magic", "factor"), [
    ("PQDSAPUBLICBLOB", b"SHPK", 2), ("PQDSAPRIVATEBLOB", b"SHSK", 4),
])  # fmt: skip
def test_keys_of_slh_dsa_are_read_where_they_are_expected(name: str, blob_type: str, magic: bytes, factor: int) -> None:
    """The two types that SLH-DSA shares with ML-DSA, with its own magics; FIPS 205 table 2 has n = strength / 8."""
    key = bytes(range(factor * int(name[-4:-1]) // 8))
    blob = build(blob_type, name, key)
    assert blob == by_hand(magic, name, key)
    assert type(blob) is (bytes if magic == b"SHPK" else bytearray)
    assert algorithm_of(blob) == "SLH-DSA"
    found = parse(blob_type, blob, algorithm="SLH-DSA")
    assert (found.parameter_set, found.key, found.is_private) == (name, key, magic == b"SHSK")
    with pytest.raises(NotSupportedError):
        parse(blob_type, blob)
    with pytest.raises(InvalidBufferSizeError):
        parse(blob_type, blob + b"\0", algorithm="SLH-DSA")
    with pytest.raises(InvalidParameterError):
        build(blob_type, name, key + b"\0")


@pytest.mark.parametrize(("blob_type", "name"), KEYS)
def test_other_keys_are_not_read_as_those_of_slh_dsa(blob_type: str, name: str) -> None:
    blob = build(blob_type, name, key_of(blob_type, name))
    assert algorithm_of(blob) == ("ML-KEM" if blob_type.startswith("MLKEM") else "ML-DSA")
    with pytest.raises(NotSupportedError):
        parse(blob_type, blob, algorithm="SLH-DSA")


def test_other_magics_are_of_no_algorithm() -> None:
    assert [algorithm_of(data) for data in (b"", b"SHP", b"RSA1", b"SHPB")] == [""] * 4
