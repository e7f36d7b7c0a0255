"""ECC blobs and ECCParameters: the vectors of the cases, blobs built here by hand, every way to be malformed."""

import struct
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from hypothesis import given
from hypothesis import strategies as st

from cngcore.blobs.curves import CURVES, Curve, match
from cngcore.blobs.ecc import EccKey, EccParameters, build, parse
from cngcore.status import CngError, InvalidParameterError, NotSupportedError

# the data of the cases
ECDSA_P256_PUB = bytes.fromhex(
    "45435331200000003b3c34c83f15ea02684669df0ca6ee7ad982089b375342f31363da6579e8049e8c77c43377d95a7f607b98cef39656d6b58d877a"
    "002bf370b39073a056063b22"
)
P256_ECDH_PRIV = bytes.fromhex(
    "45434b3220000000fbbd3d201b6d66b37c9f89f3e44116a5685277acab55b26cb02355cb9614fd0b1cefdf076d31af39ce8c8f9d75d07bea81dc4021"
    "1f58225f7255fc588aeb885d020990d2e336acfe83136c881aab9bddaa8aee699a6a62866a136988b7d5a3cd"
)
P256_ECDH_PEER = bytes.fromhex(
    "45434b312000000007619d49636b9694d18fd148cccf724dff43f4970fa38a72e9e0ba876dc36215ae65dd3151fc3bc959a10a92172b6455033e621d"
    "ac3e37406a4cb6213f735cf5"
)
# the ECDH vectors of the cases
X25519_PRIVATE = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
X25519_PUBLIC = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")

FAMILIES = ("ECDH", "ECDSA")
FIXED = {
    # curve: magics of ECDH public, private, ECDSA public, private (contract: rule-layout-ecc)
    "nistP256": (b"ECK1", b"ECK2", b"ECS1", b"ECS2"),
    "nistP384": (b"ECK3", b"ECK4", b"ECS3", b"ECS4"),
    "nistP521": (b"ECK5", b"ECK6", b"ECS5", b"ECS6"),
}
GENERIC = (b"ECKP", b"ECKV", b"ECDP", b"ECDV")
SHORT = ("ECCPUBLICBLOB", "ECCPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB")
FULL = ("ECCFULLPUBLICBLOB", "ECCFULLPRIVATEBLOB")
PRIVATE = ("ECCPRIVATEBLOB", "PRIVATEBLOB", "ECCFULLPRIVATEBLOB")
NAMES = ["nistP192", "nistP224", *FIXED, "secP256k1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"]


def magic_of(family: str, private: bool, magics: tuple[bytes, ...] = GENERIC) -> bytes:
    return magics[2 * (family == "ECDSA") + private]


def number(magic: bytes) -> int:
    return int.from_bytes(magic, "little")


def fields(curve: Curve) -> tuple[bytes, bytes, bytes]:
    """x, y and d of a key: numbers for the format's sake, with a zero byte in front of each."""
    return tuple(bytes((0, i)) * (curve.key_bytes // 2) for i in (1, 2, 3))  # type: ignore[return-value]


def full_by_hand(magic: bytes, curve: Curve, *more: bytes, seed: bytes = b"", version: int = 1) -> bytes:
    """A full blob (contract: rule-layout-ecc-full), or a property value where the magic is empty."""
    cb, cb_n = (curve.p.bit_length() + 7) // 8, (curve.n.bit_length() + 7) // 8
    header = magic + struct.pack("<7I", version, curve.curve_type, 0, cb, cb_n, 1, len(seed))
    numbers = [value.to_bytes(cb, "big") for value in (curve.p, curve.a, curve.b, curve.gx, curve.gy)]
    return b"".join((header, *numbers, curve.n.to_bytes(cb_n, "big"), bytes((curve.h,)), seed, *more))


# ------------------------------------------------------------------------------------------- fixed vectors


@pytest.mark.parametrize("name", ["ECCPUBLICBLOB", "PUBLICBLOB"])
def test_public_vector(name: str) -> None:
    """contract: rule-cases-handles, rule-cases-ec-keys, A6, F1 [wine]: either type reads it, ECCPUBLICBLOB writes the
    same bytes.
    """
    key = parse(name, ECDSA_P256_PUB, family="ECDSA")
    assert key == EccKey("ECDSA", number(b"ECS1"), CURVES["nistP256"], 32, ECDSA_P256_PUB[8:40], ECDSA_P256_PUB[40:])
    assert not key.is_private
    assert CURVES["nistP256"].on_curve(int.from_bytes(key.x, "big"), int.from_bytes(key.y, "big"))
    again = build("ECCPUBLICBLOB", family="ECDSA", curve=CURVES["nistP256"], x=key.x, y=key.y, generic=False)
    assert again == ECDSA_P256_PUB


def test_private_blob_of_a_public_key() -> None:
    """contract: rule-cases-ec-keys, F2 [wine]; a public blob is no private one either."""
    for name in ("ECCPRIVATEBLOB", "PRIVATEBLOB"):
        with pytest.raises(InvalidParameterError):
            parse(name, ECDSA_P256_PUB, family="ECDSA")
    for name in PRIVATE:
        with pytest.raises(InvalidParameterError):
            build(name, family="ECDSA", curve=CURVES["nistP256"], x=bytes(32), y=bytes(32), generic=True)


def test_agreement_vectors() -> None:
    """contract: rule-cases-agreement, H2 [wine]: the keys of both sides, and the point belongs to the private key."""
    key = parse("ECCPRIVATEBLOB", P256_ECDH_PRIV, family="ECDH")
    assert key.is_private
    assert (key.x + key.y + key.d, key.key_bytes) == (P256_ECDH_PRIV[8:], 32)
    public = ec.derive_private_key(int.from_bytes(key.d, "big"), ec.SECP256R1()).public_key().public_numbers()
    assert (public.x, public.y) == (int.from_bytes(key.x, "big"), int.from_bytes(key.y, "big"))
    blob = build("PRIVATEBLOB", family="ECDH", curve=CURVES["nistP256"], x=key.x, y=key.y, d=key.d, generic=False)
    assert type(blob) is bytearray
    assert blob == P256_ECDH_PRIV
    peer = parse("ECCPUBLICBLOB", P256_ECDH_PEER, family="ECDH")
    assert peer.x + peer.y == P256_ECDH_PEER[8:]


def test_x25519_strings_stay_as_they_are() -> None:
    """contract: rule-cases-ec-keys, F5 [wine]: magic ECKV, cbKey 32. contract: rule-layout-x25519 [go]: x is the RFC
    7748 string, y is zero.
    """
    curve = CURVES["curve25519"]
    public = x25519.X25519PrivateKey.from_private_bytes(X25519_PRIVATE).public_key().public_bytes_raw()
    assert public == X25519_PUBLIC
    blob = build("ECCPRIVATEBLOB", family="ECDH", curve=curve, x=public, y=b"", d=X25519_PRIVATE, generic=True)
    assert blob == b"ECKV\x20\0\0\0" + public + bytes(32) + X25519_PRIVATE
    key = parse("ECCPRIVATEBLOB", blob, family="ECDH")
    assert (key.curve, key.x, key.y, key.d) == (None, public, bytes(32), X25519_PRIVATE)
    for wrong in (public[:31], public + b"\0", b"\0" + public, b""):
        with pytest.raises(InvalidParameterError):
            build("ECCPUBLICBLOB", family="ECDH", curve=curve, x=wrong, y=b"", generic=True)


@pytest.mark.parametrize("name", ["ECCPUBLICBLOB", "PUBLICBLOB"])
def test_private_blob_under_a_public_type(name: str) -> None:
    """contract: rule-cases-ec-keys, rule-python-ecc-blobs, F6 [wine]: accepted, and public only."""
    blob = b"ECKV\x20\0\0\0" + X25519_PUBLIC + bytes(32) + X25519_PRIVATE
    key = parse(name, blob, family="ECDH")
    assert key == EccKey("ECDH", number(b"ECKP"), None, 32, X25519_PUBLIC, bytes(32))
    assert not key.is_private
    key = parse(name, P256_ECDH_PRIV, family="ECDH")
    assert (key.magic, key.d) == (number(b"ECK1"), b"")


def test_private_full_blob_under_the_public_type() -> None:
    curve = CURVES["brainpoolP256r1"]
    x, y, d = fields(curve)
    key = parse("ECCFULLPUBLICBLOB", full_by_hand(b"ECDV", curve, x, y, d), family="ECDSA")
    assert (key.magic, key.x, key.y, key.d, key.is_private) == (number(b"ECDP"), x, y, b"", False)


def test_point_of_zeros() -> None:
    """contract: rule-cases-ec-keys, F7 [go]: the format takes it; the provider fills the point in."""
    blob = b"ECK2\x20\0\0\0" + bytes(64) + b"\1" * 32
    key = parse("ECCPRIVATEBLOB", blob, family="ECDH")
    assert (key.x, key.y, key.d) == (bytes(32), bytes(32), b"\1" * 32)


# ---------------------------------------------------------------------------------------------- round trips


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", NAMES)
def test_short_blobs_by_hand(name: str, family: str) -> None:
    curve = CURVES[name]
    x, y, d = fields(curve)
    for private, types in ((False, ("ECCPUBLICBLOB", "PUBLICBLOB")), (True, ("ECCPRIVATEBLOB", "PRIVATEBLOB"))):
        body = struct.pack("<I", curve.key_bytes) + x + y + (d if private else b"")
        variants = [(True, magic_of(family, private))]
        if name in FIXED:
            variants.append((False, magic_of(family, private, FIXED[name])))
        for generic, magic in variants:
            for kind in types:
                built = build(kind, family=family, curve=curve, x=x, y=y, d=d, generic=generic)
                assert built == magic + body
                assert type(built) is (bytearray if private else bytes)
                key = parse(kind, built, family=family)
                wanted = None if generic else curve
                assert key == EccKey(family, number(magic), wanted, curve.key_bytes, x, y, d if private else b"")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", [*NAMES, "curve25519"])
def test_full_blobs_by_hand(name: str, family: str) -> None:
    """contract: rule-layout-ecc-full; the magic is generic whatever the caller says."""
    curve = CURVES[name]
    x, y, d = fields(curve)
    for generic in (True, False):
        public = build("ECCFULLPUBLICBLOB", family=family, curve=curve, x=x, y=y, generic=generic)
        private = build("ECCFULLPRIVATEBLOB", family=family, curve=curve, x=x, y=y, d=d, generic=generic)
        assert public == full_by_hand(magic_of(family, False), curve, x, y)
        assert private == full_by_hand(magic_of(family, True), curve, x, y, d)
    key = parse("ECCFULLPRIVATEBLOB", private, family=family)
    assert (key.curve, key.key_bytes, key.x, key.y, key.d) == (None, curve.key_bytes, x, y, d)
    assert key.parameters == EccParameters.of(curve)
    assert key.parameters is not None
    assert match(key.parameters) is curve
    assert parse("ECCFULLPUBLICBLOB", public, family=family).parameters == EccParameters.of(curve)


def test_aliases_have_the_fixed_magic() -> None:
    for name in ("secP256r1", "x962P256v1"):
        blob = build("PUBLICBLOB", family="ECDH", curve=CURVES[name], x=b"", y=b"", generic=False)
        assert blob[:4] == b"ECK1"


@pytest.mark.parametrize("name", ["nistP192", "nistP224", "secP256k1", "brainpoolP256r1", "curve25519"])
def test_curves_without_a_magic(name: str) -> None:
    curve = CURVES[name]
    with pytest.raises(NotSupportedError):
        build("ECCPUBLICBLOB", family="ECDH", curve=curve, x=bytes(curve.key_bytes), y=b"", generic=False)


def test_short_strings_are_padded_and_long_ones_shorn() -> None:
    curve = CURVES["nistP521"]
    blob = build("ECCPRIVATEBLOB", family="ECDH", curve=curve, x=b"\1", y=bytes(70) + b"\2", d=b"\3", generic=False)
    assert blob == b"ECK6\x42\0\0\0" + b"".join(bytes(65) + last for last in (b"\1", b"\2", b"\3"))
    with pytest.raises(InvalidParameterError):
        build("ECCPUBLICBLOB", family="ECDH", curve=curve, x=b"\1" + bytes(66), y=b"", generic=False)


def test_d_has_the_width_of_the_order_in_a_full_blob() -> None:
    """A curve of the caller whose order is a byte longer than its field, like secP160r1."""
    curve = replace(CURVES["nistP192"], name="mine", n=1 << 192)
    d = b"\1" + bytes(24)
    blob = build("ECCFULLPRIVATEBLOB", family="ECDSA", curve=curve, x=b"\5", y=b"\6", d=d, generic=True)
    assert blob == full_by_hand(b"ECDV", curve, bytes(23) + b"\5", bytes(23) + b"\6", d)
    key = parse("ECCFULLPRIVATEBLOB", blob, family="ECDSA")
    assert (key.key_bytes, len(key.x), key.d) == (24, 24, d)
    with pytest.raises(InvalidParameterError):
        build("ECCPRIVATEBLOB", family="ECDSA", curve=curve, x=b"\5", y=b"\6", d=d, generic=True)


def test_any_buffer_is_read_and_written() -> None:
    blob = memoryview(b"--" + P256_ECDH_PRIV)[2:]
    key = parse("ECCPRIVATEBLOB", blob, family="ECDH")
    assert key == parse("ECCPRIVATEBLOB", bytearray(blob), family="ECDH")
    x, y, d = bytearray(key.x), memoryview(key.y), bytearray(key.d)
    again = build("ECCPRIVATEBLOB", family="ECDH", curve=CURVES["nistP256"], x=x, y=y, d=d, generic=False)
    assert again == P256_ECDH_PRIV


# ---------------------------------------------------------------------------------------- malformed blobs


@pytest.mark.parametrize("kind", ["RSAPUBLICBLOB", "OpaqueKeyBlob", "eccpublicblob", ""])
def test_other_types(kind: str) -> None:
    with pytest.raises(NotSupportedError):
        parse(kind, ECDSA_P256_PUB, family="ECDSA")
    with pytest.raises(NotSupportedError):
        build(kind, family="ECDSA", curve=CURVES["nistP256"], x=b"", y=b"", generic=False)


@pytest.mark.parametrize("kind", [*SHORT, *FULL])
def test_shorter_than_the_header(kind: str) -> None:
    blob = full_by_hand(b"ECKV", CURVES["nistP256"])
    for length in range(32 if kind in FULL else 8):
        with pytest.raises(InvalidParameterError):
            parse(kind, blob[:length], family="ECDH")


def test_magic_of_the_other_family() -> None:
    """contract: rule-import-magic [wine-test]."""
    with pytest.raises(InvalidParameterError):
        parse("ECCPUBLICBLOB", P256_ECDH_PEER, family="ECDSA")
    with pytest.raises(InvalidParameterError):
        parse("ECCPUBLICBLOB", ECDSA_P256_PUB, family="ECDH")
    for family in FAMILIES:
        for other in ("ECDSA", "ECDH"):
            if other != family:
                for private in (False, True):
                    blob = magic_of(other, private) + struct.pack("<I", 4) + bytes(12 if private else 8)
                    with pytest.raises(InvalidParameterError):
                        parse("PRIVATEBLOB" if private else "PUBLICBLOB", blob, family=family)


@pytest.mark.parametrize("magic", [b"ECK7", b"ECS0", b"ECCP", b"RSA1", b"DSPB", b"\0\0\0\0", b"1KCE"])
def test_unknown_magic(magic: bytes) -> None:
    for family in FAMILIES:
        for kind in (*SHORT, *FULL):
            with pytest.raises(InvalidParameterError):
                parse(kind, magic + full_by_hand(b"", CURVES["nistP256"], bytes(64)), family=family)


@pytest.mark.parametrize("size", [0, 1, 31, 33, 48, 64, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_key_size_that_lies(size: int) -> None:
    """contract: rule-import-ecc-width [wine-test]: cbKey wrong for the curve, or more than the blob has."""
    for magic in (b"ECS1", b"ECDP") if not 0 < size < 32 else (b"ECS1",):
        blob = magic + struct.pack("<I", size) + ECDSA_P256_PUB[8:]
        with pytest.raises(InvalidParameterError):
            parse("ECCPUBLICBLOB", blob, family="ECDSA")


def test_key_size_wrong_for_the_curve_and_right_for_the_blob() -> None:
    for size in (24, 48):
        blob = b"ECS1" + struct.pack("<I", size) + bytes(2 * size)
        with pytest.raises(InvalidParameterError):
            parse("ECCPUBLICBLOB", blob, family="ECDSA")
        assert parse("ECCPUBLICBLOB", b"ECDP" + blob[4:], family="ECDSA").key_bytes == size


def test_no_key_of_zero_bytes() -> None:
    for magic in (b"ECDP", b"ECDV"):
        with pytest.raises(InvalidParameterError):
            parse("ECCPUBLICBLOB", magic + bytes(4), family="ECDSA")


@pytest.mark.parametrize("kind", [*SHORT, *FULL])
def test_bytes_missing(kind: str) -> None:
    curve = CURVES["nistP256"]
    x, y, d = fields(curve)
    blob = bytes(build(kind, family="ECDH", curve=curve, x=x, y=y, d=d, generic=True))
    for left in (len(blob) - 1, len(blob) - 32, 8):
        with pytest.raises(InvalidParameterError):
            parse(kind, blob[:left], family="ECDH")


@pytest.mark.parametrize("kind", [*SHORT, *FULL])
@pytest.mark.parametrize("more", [b"\0", b"\xff" * 22, bytes(4096)])
def test_bytes_that_trail_are_ignored(kind: str, more: bytes) -> None:
    """contract: rule-import-ecc-trailing [client]: libssh2 passes 22 bytes too many."""
    curve = CURVES["nistP256"]
    x, y, d = fields(curve)
    for generic in (True, False):
        blob = bytes(build(kind, family="ECDH", curve=curve, x=x, y=y, d=d, generic=generic))
        assert parse(kind, blob + more, family="ECDH") == parse(kind, blob, family="ECDH")


@pytest.mark.parametrize("offset", [12 + 4, 16 + 4, 20 + 4, 24 + 4])
@pytest.mark.parametrize("size", [0, 33, 0x7FFFFFFF, 0xFFFFFFFF])
def test_sizes_of_a_full_blob_that_lie(offset: int, size: int) -> None:
    curve = CURVES["nistP256"]
    blob = bytearray(full_by_hand(b"ECKV", curve, *fields(curve)))
    if blob[offset : offset + 4] == struct.pack("<I", size):
        return  # no lie: no seed
    blob[offset : offset + 4] = struct.pack("<I", size)
    with pytest.raises(InvalidParameterError):
        parse("ECCFULLPRIVATEBLOB", blob, family="ECDH")


@pytest.mark.parametrize(("offset", "value"), [(4, 0), (4, 2), (4, 0xFFFFFFFF), (8, 0), (8, 4), (8, 0xFFFFFFFF)])
def test_version_and_curve_type(offset: int, value: int) -> None:
    curve = CURVES["nistP256"]
    blob = bytearray(full_by_hand(b"ECKP", curve, *fields(curve)[:2]))
    blob[offset : offset + 4] = struct.pack("<I", value)
    with pytest.raises(InvalidParameterError):
        parse("ECCFULLPUBLICBLOB", blob, family="ECDH")


def test_full_blob_with_a_fixed_magic() -> None:
    curve = CURVES["nistP256"]
    with pytest.raises(InvalidParameterError):
        parse("ECCFULLPUBLICBLOB", full_by_hand(b"ECK1", curve, *fields(curve)[:2]), family="ECDH")


def test_absurd_sizes_cost_nothing() -> None:
    start = time.perf_counter()
    for _ in range(500):
        for kind, blob in (
            ("ECCPUBLICBLOB", b"ECKP" + b"\xff" * 4),
            ("ECCFULLPRIVATEBLOB", b"ECKV" + struct.pack("<3I", 1, 1, 0) + b"\xff" * 16),
        ):
            with pytest.raises(InvalidParameterError):
                parse(kind, blob, family="ECDH")
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("family", ["ecdh", "RSA", ""])
def test_families(family: str) -> None:
    with pytest.raises(InvalidParameterError):
        parse("ECCPUBLICBLOB", P256_ECDH_PEER, family=family)
    with pytest.raises(InvalidParameterError):
        build("PUBLICBLOB", family=family, curve=CURVES["nistP256"], x=b"", y=b"", generic=True)


@given(st.sampled_from([*SHORT, *FULL]), st.sampled_from(FAMILIES), st.sampled_from(GENERIC), st.binary(max_size=120))
def test_any_bytes(kind: str, family: str, magic: bytes, rest: bytes) -> None:
    """Nothing but a CngError comes out."""
    for blob in (rest, magic + rest):
        with suppress(CngError):
            parse(kind, blob, family=family)


@given(st.sampled_from([*SHORT, *FULL]), st.data())
def test_any_damage(kind: str, data: st.DataObject) -> None:
    """A good blob with some bytes changed: a key of the strings that it begins with, or a CngError."""
    curve = CURVES["nistP192"]
    x, y, d = fields(curve)
    blob = bytearray(build(kind, family="ECDSA", curve=curve, x=x, y=y, d=d, generic=True))
    for _ in range(data.draw(st.integers(1, 3))):
        blob[data.draw(st.integers(0, min(len(blob) - 1, 40)))] = data.draw(st.integers(0, 255))
    try:
        key = parse(kind, blob, family="ECDSA")
    except CngError:
        return
    head = 4 + len(key.parameters.to_bytes()) if key.parameters else 8
    assert bytes(blob[head:]).startswith(key.x + key.y + key.d) or not key.is_private


# ------------------------------------------------------------------------------------------- ECCParameters


@pytest.mark.parametrize("curve", CURVES.values(), ids=str)
def test_parameters_of_a_curve(curve: Curve) -> None:
    """contract: rule-layout-ecc-full: 28 bytes of header, then p, a, b, G, n, h."""
    value = EccParameters.of(curve).to_bytes()
    assert value == full_by_hand(b"", curve)
    assert len(value) == 28 + 5 * curve.field_bytes + curve.order_bytes + 1
    assert EccParameters.from_bytes(value) == EccParameters.of(curve)
    assert match(EccParameters.from_bytes(value)) is match(curve)


def test_parameters_with_a_seed() -> None:
    """The seed and how the curve was made are kept, and do not hinder the match."""
    seed = bytes.fromhex("c49d360886e704936a6678e1139d26b7819f7e90")
    value = bytearray(full_by_hand(b"", CURVES["nistP256"], seed=seed))
    value[8:12] = struct.pack("<I", 7)
    parameters = EccParameters.from_bytes(value)
    assert (parameters.seed, parameters.generation_alg_id, parameters.version) == (seed, 7, 1)
    assert parameters.to_bytes() == value
    assert match(parameters) is CURVES["nistP256"]


def test_parameters_in_words() -> None:
    """Widths left out are those the numbers need; wider ones stay wide."""
    numbers: dict[str, Any] = {"p": 1009, "a": 37, "b": 0, "gx": 1, "gy": 2, "n": 251, "h": 4}
    parameters = EccParameters(**numbers)
    assert (parameters.field_bytes, parameters.order_bytes, parameters.cofactor_bytes) == (2, 1, 1)
    assert parameters.curve_type == 1
    wide = EccParameters(**numbers, field_bytes=8, order_bytes=9, cofactor_bytes=2)
    assert EccParameters.from_bytes(wide.to_bytes()) == wide != parameters
    assert len(wide.to_bytes()) == 28 + 40 + 9 + 2
    assert match(parameters) is None


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2}, {"curve_type": 0}, {"curve_type": 4}, {"p": -1}, {"a": 1 << 192}, {"field_bytes": 23},
        {"order_bytes": 23}, {"generation_alg_id": 1 << 32}, {"generation_alg_id": -1}, {"h": 256, "cofactor_bytes": 1},
        {"field_bytes": -1},
    ],
    ids=str,
)  # fmt: skip
def test_parameters_that_make_no_sense(change: dict[str, Any]) -> None:
    good = EccParameters.of(CURVES["nistP192"])
    with pytest.raises(InvalidParameterError):
        replace(good, **change)


def test_widths_left_out_are_worked_out_one_by_one() -> None:
    parameters = EccParameters(p=1 << 71, a=0, b=0, gx=0, gy=0, n=1 << 80, h=1 << 23)
    assert (parameters.field_bytes, parameters.order_bytes, parameters.cofactor_bytes) == (9, 11, 3)
    assert (
        EccParameters(p=0, a=0, b=0, gx=0, gy=0, n=0, h=0).to_bytes()
        == EccParameters(p=0, a=0, b=0, gx=0, gy=0, n=0, h=0, field_bytes=1, order_bytes=1, cofactor_bytes=1).to_bytes()
    )


@pytest.mark.parametrize("widths", [(0, 4, 1), (4, 0, 1), (4, 4, 0), (0, 0, 0)])
def test_no_width_is_zero_on_the_wire(widths: tuple[int, int, int]) -> None:
    """Even where the length of the value agrees with it."""
    field, order, cofactor = widths
    value = struct.pack("<7I", 1, 1, 0, *widths, 0) + bytes(5 * field + order + cofactor)
    with pytest.raises(InvalidParameterError):
        EccParameters.from_bytes(value)


def test_parameters_of_a_wrong_length() -> None:
    value = EccParameters.of(CURVES["nistP256"]).to_bytes()
    for wrong in (b"", value[:27], value[:28], value[:-1], value + b"\0"):
        with pytest.raises(InvalidParameterError):
            EccParameters.from_bytes(wrong)


@given(st.binary(max_size=120))
def test_any_parameters(rest: bytes) -> None:
    for value in (rest, struct.pack("<7I", 1, 1, 0, 4, 4, 1, 0) + rest):
        with suppress(CngError):
            assert EccParameters.from_bytes(value).to_bytes() == value


def test_repr_tells_no_secret() -> None:
    key = parse("ECCPRIVATEBLOB", P256_ECDH_PRIV, family="ECDH")
    assert repr(key) == str(key) == "<EccKey ECDH nistP256, private>"
    blob = b"ECDP\4\0\0\0" + bytes(8)
    assert repr(parse("PUBLICBLOB", blob, family="ECDSA")) == "<EccKey ECDSA generic, public>"
    curve = CURVES["nistP192"]
    key = parse("ECCFULLPUBLICBLOB", full_by_hand(b"ECKP", curve, bytes(48)), family="ECDH")
    assert repr(key) == "<EccKey ECDH explicit curve, public>"
