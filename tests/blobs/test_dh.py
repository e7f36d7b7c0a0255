"""DH blobs and DHParameters: the vector of the cases, blobs built here by hand, every way to be malformed."""

import struct
import time
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cngcore.blobs.dh import DhKey, DhParameters, build, parse
from cngcore.status import CngError, InvalidParameterError, NotSupportedError

# the data of the cases
DH512_PRIV = bytes.fromhex(
    "4448505640000000cf18e9a9b39759ae0dacf09939dcd2fe1ef3fc2c49df7689ff1357c7e6bdeda742c0c3d78e84a8dfcd525081738a3360de6d56eb"
    "d5ec1f9f9fd62ce48fab580b5fc5509adef6844839a9a7b1730c56d428bb1293514433dfa6e77f0b3fe941ef3280cd8e2b3885494d0ccc74020792d3"
    "e43e3784271fa3ad948cc1c2229936f022af98ebd9c4b5bde1ab191be33620caffe86c30963c90770ee096aeb147d1522cc3655e9b419aa6feab54a0"
    "f071ab6cd00e01085b66e562d2e55dae9c60b2c600000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000097713e828bea1177c4b462c74dff0f63d9e2daab"
)

PUBLIC, PRIVATE = ("DHPUBLICBLOB", "PUBLICBLOB"), ("DHPRIVATEBLOB", "PRIVATEBLOB")
MAGICS = dict.fromkeys(PUBLIC, b"DHPB") | dict.fromkeys(PRIVATE, b"DHPV")
NUMBERS = (0xC1D2E3F405162739, 2, 0x3456789A, 0x1234)


def blob_by_hand(magic: bytes, *numbers: int, width: int = 8) -> bytes:
    return magic + struct.pack("<I", width) + b"".join(number.to_bytes(width, "big") for number in numbers)


def parameters_by_hand(p: int, g: int, width: int = 8) -> bytes:
    """contract: rule-layout-parameters: cbLength is the whole size."""
    return struct.pack("<I4sI", 12 + 2 * width, b"DHPM", width) + p.to_bytes(width, "big") + g.to_bytes(width, "big")


def good(kind: str) -> bytes:
    return blob_by_hand(MAGICS[kind], *NUMBERS[: 3 if kind in PUBLIC else 4])


# ------------------------------------------------------------------------------------------- fixed vectors


def test_private_vector() -> None:
    """contract: rule-cases-agreement, H8 [wine]: x has 160 bits and is padded on the left; the round trip is byte-exact
    (contract: rule-export-round-trip).
    """
    key = parse("DHPRIVATEBLOB", DH512_PRIV)
    assert key.is_private
    assert (key.parameters.key_bytes, key.parameters.bits, key.x.bit_length()) == (64, 512, 160)
    assert key.parameters.p == int.from_bytes(DH512_PRIV[8:72], "big")
    assert key.parameters.g == int.from_bytes(DH512_PRIV[72:136], "big")
    assert pow(key.parameters.g, key.x, key.parameters.p) == key.y == int.from_bytes(DH512_PRIV[136:200], "big")
    blob = build("DHPRIVATEBLOB", key)
    assert type(blob) is bytearray
    assert blob == DH512_PRIV


def test_public_half_of_the_vector() -> None:
    key = parse("DHPRIVATEBLOB", DH512_PRIV)
    blob = build("DHPUBLICBLOB", key)
    assert type(blob) is bytes
    assert blob == b"DHPB" + DH512_PRIV[4:200]
    public = parse("DHPUBLICBLOB", blob)
    assert public == DhKey(key.parameters, key.y)
    assert not public.is_private


def test_layouts_by_hand() -> None:
    """contract: rule-layout-dh: sizes 8+3k and 8+4k [wine-test]; p, g, y, x in this order."""
    p, g, y, x = NUMBERS
    key = DhKey(DhParameters(p, g), y, x)
    for kind in MAGICS:
        blob = good(kind)
        assert len(blob) == 8 + (3 if kind in PUBLIC else 4) * 8
        assert build(kind, key) == blob
        assert parse(kind, blob) == DhKey(DhParameters(p, g, 8), y, 0 if kind in PUBLIC else x)


def test_fields_wider_than_their_numbers_stay_so() -> None:
    blob = blob_by_hand(b"DHPV", 23, 5, 8, 6, width=9)
    key = parse("PRIVATEBLOB", blob)
    assert key == DhKey(DhParameters(23, 5, 9), 8, 6)
    assert build("DHPRIVATEBLOB", key) == blob
    value = parameters_by_hand(23, 5, 9)
    assert DhParameters.from_bytes(value) == DhParameters(23, 5, 9) != DhParameters(23, 5)
    assert DhParameters.from_bytes(value).to_bytes() == value


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_is_read(kind: Any) -> None:
    assert parse("DHPRIVATEBLOB", kind(DH512_PRIV)) == parse("DHPRIVATEBLOB", DH512_PRIV)
    value = parameters_by_hand(23, 5)
    assert DhParameters.from_bytes(kind(value)) == DhParameters(23, 5, 8)


# --------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("kind", MAGICS)
def test_truncated_and_longer_blobs(kind: str) -> None:
    """shorter than the header, trailing bytes: INVALID_PARAMETER.

    contract: rule-import-short, rule-import-dh-trailing.
    """
    blob = good(kind)
    for size in range(len(blob)):
        with pytest.raises(InvalidParameterError):
            parse(kind, blob[:size])
    for more in (1, 2, 8, 1000):
        with pytest.raises(InvalidParameterError):
            parse(kind, blob + bytes(more))


@pytest.mark.parametrize("kind", MAGICS)
@pytest.mark.parametrize("magic", [b"DHPB", b"DHPV", b"DHPM", b"DSPB", b"RSA1", b"ECK1", b"BPHD", bytes(4)])
def test_magics(kind: str, magic: bytes) -> None:
    """a wrong magic for the blob type or the algorithm is NOT_SUPPORTED, whatever follows the header.

    contract: rule-import-magic.
    """
    for blob in (magic + good(kind)[4:], magic + bytes(4), magic + b"\xff" * 4):
        if magic != MAGICS[kind]:
            with pytest.raises(NotSupportedError):
                parse(kind, blob)
        elif blob != good(kind):
            with pytest.raises(InvalidParameterError):
                parse(kind, blob)
        else:
            assert parse(kind, blob).y == NUMBERS[2]


@pytest.mark.parametrize("kind", ["", "dhpublicblob", "RSAPUBLICBLOB", "DSAPUBLICBLOB", "CAPIDHPUBLICBLOB", "DHPARAMS"])
def test_unknown_types(kind: str) -> None:
    with pytest.raises(NotSupportedError):
        parse(kind, DH512_PRIV)
    with pytest.raises(NotSupportedError):
        build(kind, DhKey(DhParameters(23, 5), 8, 6))


@pytest.mark.parametrize("width", [0, 1, 7, 9, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
@pytest.mark.parametrize("kind", MAGICS)
def test_widths_that_are_not_the_blobs(kind: str, width: int) -> None:
    """A header that claims 16 GB costs the reading of the header."""
    blob = good(kind)
    begun = time.perf_counter()
    for lying in (blob[:4] + struct.pack("<I", width) + blob[8:], blob[:4] + struct.pack("<I", width)):
        with pytest.raises(InvalidParameterError):
            parse(kind, lying)
    assert time.perf_counter() - begun < 1


def test_a_private_number_of_zero_is_none() -> None:
    with pytest.raises(InvalidParameterError):
        parse("DHPRIVATEBLOB", blob_by_hand(b"DHPV", 23, 5, 8, 0))
    for kind in PRIVATE:
        with pytest.raises(InvalidParameterError):
            build(kind, DhKey(DhParameters(23, 5), 8))


def test_numbers_that_do_not_fit() -> None:
    group = DhParameters(0xFFF1, 2)
    for y, x in ((1 << 16, 5), (5, 1 << 16), (-1, 5), (5, -1)):
        with pytest.raises(InvalidParameterError):
            build("DHPRIVATEBLOB", DhKey(group, y, x))
    for wrong in ((256, 2, 1), (2, 256, 1), (-5, 2, 0), (5, -2, 0), (5, 2, -1), (5, 2, 1 << 32), (5, 300, 0)):
        with pytest.raises(InvalidParameterError):
            DhParameters(*wrong)
    for kind in ((5.0, 2), ("5", 2), (5, None), (5, 2, "1"), (True, 2), (5, 2, True)):
        with pytest.raises(InvalidParameterError):
            DhParameters(*kind)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------ DHParameters


def test_parameters_by_hand() -> None:
    """contract: rule-layout-parameters: cbLength, DHPM, cbKeyLength, then p, g: 12 + 2k."""
    p, g, *_ = NUMBERS
    value = parameters_by_hand(p, g)
    assert len(value) == 28
    assert DhParameters(p, g).to_bytes() == value
    assert DhParameters.from_bytes(value) == DhParameters(p, g)
    assert DhParameters(p, g).key_bytes == 8
    assert DhParameters(p, g).bits == 64
    assert hash(DhParameters(p, g)) == hash(DhParameters(p, g, 8))


def test_malformed_parameters() -> None:
    value = parameters_by_hand(23, 5)
    for size in range(len(value)):
        with pytest.raises(InvalidParameterError):
            DhParameters.from_bytes(value[:size])
    lies = [
        value + b"\0",
        struct.pack("<I", 29) + value[4:] + b"\0",  # the length is right, the width is not
        struct.pack("<I", 27) + value[4:],
        value[:4] + b"DSPM" + value[8:],
        value[:4] + b"DHPB" + value[8:],
        struct.pack("<I4sI", 12, b"DHPM", 0),
        struct.pack("<I4sI", 12, b"DHPM", 0xFFFFFFFF),
        struct.pack("<I4sI", 12, b"DHPM", 0x80000000),
        value[:8] + struct.pack("<I", 7) + value[12:],
    ]
    for lie in lies:
        with pytest.raises(InvalidParameterError):
            DhParameters.from_bytes(lie)


# ---------------------------------------------------------------------------------------------------- manners


def test_nothing_can_be_changed_and_nothing_shows() -> None:
    key = parse("DHPRIVATEBLOB", DH512_PRIV)
    with pytest.raises(FrozenInstanceError):
        key.y = 5  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        key.parameters.p = 5  # type: ignore[misc]
    assert repr(key) == "<DhKey 512 bits, private>"
    assert repr(DhKey(key.parameters, key.y)) == "<DhKey 512 bits, public>"
    assert repr(key.parameters) == "<DhParameters 512 bits>"
    huge = DhParameters((1 << 40000) + 1, 2)
    assert repr(huge) == "<DhParameters 40001 bits>", "more digits than Python prints"
    with pytest.raises(InvalidParameterError) as caught:
        build("DHPRIVATEBLOB", DhKey(DhParameters(23, 5), 8, 0xDEADBEEF))
    assert "3735928559" not in str(caught.value)


# ---------------------------------------------------------------------------------------------------- any bytes


@given(st.sampled_from(sorted(MAGICS)), st.binary(max_size=200))
def test_any_bytes(kind: str, data: bytes) -> None:
    for blob in (data, MAGICS[kind] + data, MAGICS[kind] + struct.pack("<I", len(data) // 4) + data):
        try:
            key = parse(kind, blob)
        except CngError:
            continue
        assert build(kind, key) == blob


@given(st.binary(max_size=200))
def test_any_property_value(data: bytes) -> None:
    for body in (data, struct.pack("<I4sI", 12 + len(data), b"DHPM", len(data) // 2) + data):
        try:
            parameters = DhParameters.from_bytes(body)
        except CngError:
            continue
        assert parameters.to_bytes() == body


@given(st.data(), st.integers(1, 600))
def test_any_numbers(data: Any, width: int) -> None:
    p, g, y, x = (data.draw(st.integers(0, 256**width - 1)) for _ in range(4))
    group = DhParameters(p, g, width)
    assert DhParameters.from_bytes(group.to_bytes()) == group
    assert parse("PUBLICBLOB", build("DHPUBLICBLOB", DhKey(group, y, x))) == DhKey(group, y)
    if x:
        assert parse("PRIVATEBLOB", build("DHPRIVATEBLOB", DhKey(group, y, x))) == DhKey(group, y, x)


@given(st.binary(min_size=1, max_size=20), st.integers(0, 263))
def test_changed_vector(change: bytes, at: int) -> None:
    blob = bytearray(DH512_PRIV)
    blob[at : at + len(change)] = change
    try:
        key = parse("DHPRIVATEBLOB", blob)
    except CngError:
        return
    assert build("DHPRIVATEBLOB", key) == blob


def test_the_docstring_tells_the_truth() -> None:
    assert DhParameters(23, 5).to_bytes() == b"\x0e\x00\x00\x00DHPM\x01\x00\x00\x00\x17\x05"
