"""Reading and setting: properties of algorithms and keys."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from helpers import (
    agreed,
    as_id,
    dword_of,
    empty,
    exported,
    generated,
    imported,
    ok,
    opened,
    property_of,
    refused,
    text_of,
)
from oracles.blobs import ecc_parameters, read_ecc_parameters, rsa_private_blob, rsa_public_blob
from oracles.ec import CURVES
from oracles.rsa import rsa_numbers
from oracles.values import dword, wide

from cngcore import bcrypt

INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
CURVE = bcrypt.BCRYPT_ECC_CURVE_NAME
PARAMETERS = bcrypt.BCRYPT_ECC_PARAMETERS
KEY_LENGTH = bcrypt.BCRYPT_KEY_LENGTH


@pytest.fixture
def rsa1032() -> Iterator[int]:
    """An RSA key whose length is no multiple of 64, to tell bits from bytes and both from what was asked for."""
    numbers = rsa_numbers(1032)
    blob = rsa_private_blob(numbers.n, numbers.e, numbers.p, numbers.q)
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, blob) as key:
        yield key


# ----------------------------------------------------------------------------------------- 0.3 size queries


@pytest.mark.parametrize(
    ("prop", "size"),
    [
        (bcrypt.BCRYPT_ALGORITHM_NAME, 2 * len("ECDSA_P256") + 2),
        (KEY_LENGTH, 4),
        (CURVE, 2 * len("nistP256") + 2),
        (bcrypt.BCRYPT_PROVIDER_HANDLE, 8),
        (PARAMETERS, len(ecc_parameters(CURVES["nistP256"]))),
    ],
)
def test_get_property_sizes(prop: str, size: int) -> None:
    """no buffer: SUCCESS and the size; a short one, also of 0 bytes: BUFFER_TOO_SMALL, size, buffer untouched.

    contract: rule-size-query.
    """
    with generated("ECDSA_P256", 256) as key:
        seed = 0
        if prop == PARAMETERS:
            seed = len(property_of(key, prop)) - size  # a curve may come with its seed
        size += seed
        assert bcrypt.BCryptGetProperty(key, prop) == (bcrypt.STATUS_SUCCESS, size)
        assert bcrypt.BCryptGetProperty(key, prop, None, 0) == (bcrypt.STATUS_SUCCESS, size)
        for short in (0, 1, size - 1):
            buffer = bytearray(b"\xa5" * short)
            assert bcrypt.BCryptGetProperty(key, prop, buffer) == (bcrypt.STATUS_BUFFER_TOO_SMALL, size)
            assert buffer == b"\xa5" * short
        for longer in (size, size + 1, size + 100):
            buffer = bytearray(b"\xa5" * longer)
            assert bcrypt.BCryptGetProperty(key, prop, buffer) == (bcrypt.STATUS_SUCCESS, size)
            assert buffer[size:] == b"\xa5" * (longer - size)


def test_output_is_any_writable_buffer() -> None:
    """a writable buffer; a slice of a memoryview is a shorter one; a read-only one is refused.

    contract: rule-python-buffers.
    """
    with opened("ECDSA_P256") as algorithm:
        whole = bytearray(64)
        size = ok(bcrypt.BCryptGetProperty(algorithm, "AlgorithmName", memoryview(whole)[8:]))
        assert whole[8 : 8 + size] == wide("ECDSA_P256")
        assert not any(whole[:8])
        array = (ctypes.c_char * 64)()
        ok(bcrypt.BCryptGetProperty(algorithm, "AlgorithmName", array))
        assert array.raw[:size] == wide("ECDSA_P256")
        words: Any = (ctypes.c_uint16 * 32)()
        ok(bcrypt.BCryptGetProperty(algorithm, "AlgorithmName", words))
        assert bytes(words)[:size] == wide("ECDSA_P256")
        scattered = memoryview(bytearray(128))[::2]
        for wrong in (bytes(64), memoryview(bytes(64)), scattered, "x" * 64, 64, [0] * 64, object()):
            refused(bcrypt.BCryptGetProperty(algorithm, "AlgorithmName", wrong), INVALID_PARAMETER)


# --------------------------------------------------------------------------------------------- 0.5 strings


def test_strings_read_back_with_their_terminator() -> None:
    """contract: rule-strings: the terminator is in the size [wine-test]."""
    with opened("RSA") as algorithm:
        assert property_of(algorithm, bcrypt.BCRYPT_ALGORITHM_NAME) == b"R\0S\0A\0\0\0"


@pytest.mark.parametrize(
    "value", [b"n\0i\0s\0t\0P\0002\0005\0006\0", b"nistP256\0", b"", b"\0", b"n", wide("nistP256")[:-1]]
)
def test_a_string_without_its_terminator_is_refused(value: bytes) -> None:
    """string values include the terminator [wine-test, go]; one that does not is no curve's name.

    contract: rule-strings.
    """
    with empty("ECDSA", 0) as key:
        refused(bcrypt.BCryptSetProperty(key, CURVE, value), INVALID_PARAMETER, NOT_SUPPORTED)
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)


def test_a_string_ends_at_its_terminator() -> None:
    """contract: rule-strings: identifiers are NUL-terminated: what follows the NUL is not part of them."""
    with empty("ECDSA", 0) as key:
        ok(bcrypt.BCryptSetProperty(key, CURVE, wide("nistP256") + wide("rest")))
        assert text_of(key, CURVE) == "nistP256"


def test_python_values_stand_for_their_bytes() -> None:
    """contract: rule-python-buffers: a str is its UTF-16 with NUL, an int a DWORD, and bytes come from any buffer."""
    with empty("RSA", 512) as key:
        for value in (576, dword(576), bytearray(dword(576)), memoryview(dword(576)), struct.pack("<I", 576)):
            ok(bcrypt.BCryptSetProperty(key, KEY_LENGTH, 512))
            ok(bcrypt.BCryptSetProperty(key, KEY_LENGTH, value))
            assert dword_of(key, KEY_LENGTH) == 576
    with empty("ECDSA", 0) as key:
        for value in ("nistP256", wide("nistP256"), bytearray(wide("nistP256"))):
            ok(bcrypt.BCryptSetProperty(key, CURVE, value))
            assert text_of(key, CURVE) == "nistP256"


# ------------------------------------------------------------------------------------------- 5 GetProperty


def test_algorithm_name_and_provider_handle() -> None:
    """AlgorithmName on algorithm and key; ProviderHandle on key and secret is the algorithm handle [doc].

    contract: rule-get-algorithm-name, rule-get-provider-handle.
    """
    with opened("ECDH_P256") as algorithm, generated(algorithm, 256) as key, agreed(key, key) as secret:
        assert text_of(algorithm, bcrypt.BCRYPT_ALGORITHM_NAME) == "ECDH_P256"
        assert text_of(key, bcrypt.BCRYPT_ALGORITHM_NAME) == "ECDH_P256"
        for handle in (key, secret):
            value = property_of(handle, bcrypt.BCRYPT_PROVIDER_HANDLE)
            assert int.from_bytes(value, "little") == algorithm


@pytest.mark.parametrize(
    ("name", "bits", "curve", "expected"),
    [
        ("ECDSA_P256", 256, None, (256, 256, 256)),
        ("ECDSA_P384", 384, None, (384, 384, 384)),
        ("ECDSA_P521", 521, None, (521, 521, 521)),
        ("ECDH_P256", 256, None, (256, 256, 256)),
        ("ECDH_P521", 521, None, (521, 521, 521)),
        ("ECDSA", 0, "brainpoolP256r1", (256, 256, 256)),
        ("ECDH", 0, "brainpoolP256r1", (256, 256, 256)),
        ("ECDH", 0, "nistP521", (521, 521, 521)),
        ("ECDH", 0, "curve25519", (255, 253, 255)),
    ],
)
def test_lengths_of_curve_keys(name: str, bits: int, curve: str | None, expected: tuple[int, int, int]) -> None:
    """KeyLength, KeyStrength (of curve25519: 253 [wine-test]) and PublicKeyLength, the field's bits [doc, app].

    contract: rule-get-key-strength, rule-get-key-length, rule-get-public-key-length.
    """
    with generated(name, bits, curve) as key:
        properties = (KEY_LENGTH, bcrypt.BCRYPT_KEY_STRENGTH, bcrypt.BCRYPT_PUBLIC_KEY_LENGTH)
        assert tuple(dword_of(key, prop) for prop in properties) == expected


def test_lengths_of_rsa_keys(rsa1032: int) -> None:
    """RSA: KeyStrength is the modulus bits; BlockLength and SignatureLength its bytes [doc, go].

    contract: rule-get-key-strength.
    """
    assert dword_of(rsa1032, KEY_LENGTH) == 1032
    assert dword_of(rsa1032, bcrypt.BCRYPT_KEY_STRENGTH) == 1032
    assert dword_of(rsa1032, bcrypt.BCRYPT_BLOCK_LENGTH) == 129
    assert dword_of(rsa1032, bcrypt.BCRYPT_SIGNATURE_LENGTH) == 129
    public = exported(rsa1032, bcrypt.BCRYPT_RSAPUBLIC_BLOB)
    with imported("RSA", bcrypt.BCRYPT_RSAPUBLIC_BLOB, public) as key:
        assert dword_of(key, bcrypt.BCRYPT_KEY_STRENGTH) == 1032
        assert dword_of(key, bcrypt.BCRYPT_SIGNATURE_LENGTH) == 129


@pytest.mark.parametrize(("name", "expected"), [("ECDSA_P256", 64), ("ECDSA_P384", 96), ("ECDSA_P521", 132)])
def test_signature_length_of_ecdsa(name: str, expected: int) -> None:
    """contract: rule-get-signature-length: SignatureLength is 2*ceil(bits/8) for ECDSA [doc, go]."""
    with generated(name, int(name[-3:])) as key:
        assert dword_of(key, bcrypt.BCRYPT_SIGNATURE_LENGTH) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RSA", (512, 16384, 64)),
        ("RSA_SIGN", (512, 16384, 64)),
        ("ECDSA_P256", (256, 256, 0)),
        ("ECDSA_P384", (384, 384, 0)),
        ("ECDSA_P521", (521, 521, 0)),
        ("ECDH_P256", (256, 256, 0)),
        ("ECDH_P384", (384, 384, 0)),
        ("ECDH_P521", (521, 521, 0)),
    ],
)
def test_key_lengths(name: str, expected: tuple[int, int, int]) -> None:
    """contract: rule-get-key-lengths: three DWORDs, minimum, maximum, step [go]; a fixed curve's step is 0
    (contract: rule-python-key-lengths).
    """
    with opened(name) as algorithm:
        assert struct.unpack("<III", property_of(algorithm, bcrypt.BCRYPT_KEY_LENGTHS)) == expected


@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_generic_curves_have_no_key_lengths(name: str) -> None:
    """contract: rule-python-key-lengths: NOT_SUPPORTED, with a curve and without."""
    with opened(name) as algorithm:
        refused(bcrypt.BCryptGetProperty(algorithm, bcrypt.BCRYPT_KEY_LENGTHS), NOT_SUPPORTED)
        ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide("nistP256")))
        refused(bcrypt.BCryptGetProperty(algorithm, bcrypt.BCRYPT_KEY_LENGTHS), NOT_SUPPORTED)


def test_padding_schemes_of_an_rsa_key(rsa1032: int) -> None:
    """contract: rule-get-padding-schemes: PaddingSchemes on algorithm and key, the same DWORD [wine-test]."""
    with opened("RSA") as algorithm:
        assert dword_of(rsa1032, bcrypt.BCRYPT_PADDING_SCHEMES) == dword_of(algorithm, bcrypt.BCRYPT_PADDING_SCHEMES)


def test_curve_name_on_algorithm_and_key() -> None:
    """contract: rule-get-curve: ECCCurveName on algorithm and key, a string [doc]."""
    with opened("ECDH") as algorithm:
        ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide("brainpoolP384r1")))
        assert text_of(algorithm, CURVE) == "brainpoolP384r1"
        with generated(algorithm, 0) as key:
            assert text_of(key, CURVE) == "brainpoolP384r1"
        ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide("nistP256")))
        assert text_of(algorithm, CURVE) == "nistP256"


def test_a_later_curve_does_not_reach_earlier_keys() -> None:
    """contract: rule-open-properties: the key has the curve its algorithm had when it was made."""
    with opened("ECDH") as algorithm:
        ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide("nistP256")))
        with empty(algorithm, 256) as key:
            ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide("nistP384")))
            ok(bcrypt.BCryptFinalizeKeyPair(key))
            assert dword_of(key, KEY_LENGTH) == 256


def test_curve_name_list_points_into_its_own_buffer() -> None:
    """{ULONG count; LPWSTR *names}, the strings behind, pointers into the same buffer [header, app].

    contract: rule-get-curve.
    """
    with opened("ECDH") as algorithm:
        size = ok(bcrypt.BCryptGetProperty(algorithm, bcrypt.BCRYPT_ECC_CURVE_NAME_LIST))
        array = (ctypes.c_char * size)()
        start = ctypes.addressof(array)
        assert ok(bcrypt.BCryptGetProperty(algorithm, bcrypt.BCRYPT_ECC_CURVE_NAME_LIST, array)) == size
        count, names = struct.unpack_from("<I4xQ", array.raw)
        assert start <= names < start + size
        assert count >= 8
        found = []
        for index in range(count):
            (pointer,) = struct.unpack_from("<Q", array.raw, names - start + 8 * index)
            assert start <= pointer < start + size
            found.append(array.raw[pointer - start :].decode("utf-16-le").split("\0")[0])
        assert {"nistP256", "nistP384", "nistP521", "curve25519", "brainpoolP256r1"} <= set(found)


@pytest.mark.parametrize("name", CURVES)
def test_parameters_of_a_named_curve(name: str) -> None:
    """ECCParameters of a key has the curve's own numbers, big-endian, of field length [dotnet, app].

    contract: rule-get-ecc-parameters, rule-layout-ecc-full.
    """
    curve = CURVES[name]
    assert curve.has(curve.gx, curve.gy)
    with generated("ECDH", 0, name) as key:
        fields = read_ecc_parameters(property_of(key, PARAMETERS))
    assert fields["rest"] == b""
    assert (fields["kind"], fields["field"], fields["order"]) == (1, curve.size, curve.size)
    assert [fields[field] for field in ("p", "a", "b", "gx", "gy", "n", "h")] == [*curve[2:], 1]


def test_parameters_of_curve25519() -> None:
    """type 3 is Montgomery; p is 2**255 - 19, A is 486662, the cofactor 8 (RFC 7748 section 4.1).

    contract: rule-layout-ecc-full.
    """
    with generated("ECDH", 0, "curve25519") as key:
        fields = read_ecc_parameters(property_of(key, PARAMETERS))
    assert (fields["kind"], fields["field"], fields["h"], fields["gx"]) == (3, 32, 8, 9)
    assert fields["p"] == 2**255 - 19
    assert fields["a"] == 486662
    assert fields["n"] == 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(
    "prop", ["", "NoSuchProperty", "keylength", "KEYLENGTH", "KeyLength ", "KeyLength\0", "\ud800"]
)
def test_unknown_properties(prop: str) -> None:
    """contract: rule-get-property: NOT_SUPPORTED where the object has no such property [doc]; contract: rule-strings:
    names are exact [wine-impl].
    """
    with opened("RSA") as algorithm, empty(algorithm, 512) as key:
        for handle in (algorithm, key):
            refused(bcrypt.BCryptGetProperty(handle, prop), NOT_SUPPORTED)
            refused(bcrypt.BCryptSetProperty(handle, prop, dword(512)), NOT_SUPPORTED)


@pytest.mark.parametrize(
    ("name", "bits", "prop"),
    [
        ("ECDSA_P256", 256, bcrypt.BCRYPT_PADDING_SCHEMES),
        ("ECDSA_P256", 256, bcrypt.BCRYPT_BLOCK_LENGTH),
        ("ECDH_P256", 256, bcrypt.BCRYPT_SIGNATURE_LENGTH),
        ("ECDH_P256", 256, bcrypt.BCRYPT_DH_PARAMETERS),
        ("ECDSA_P256", 256, bcrypt.BCRYPT_ECC_CURVE_NAME_LIST),
        ("RSA", 512, CURVE),
        ("RSA", 512, PARAMETERS),
        ("RSA", 512, bcrypt.BCRYPT_DSA_PARAMETERS),
        ("RSA", 512, bcrypt.BCRYPT_PARAMETER_SET_NAME),
        ("RSA", 512, bcrypt.BCRYPT_KEM_CIPHERTEXT_LENGTH),
        ("RSA", 512, bcrypt.BCRYPT_HASH_LENGTH),
    ],
)
def test_properties_of_other_algorithms(name: str, bits: int, prop: str) -> None:
    """a property of another algorithm is NOT_SUPPORTED, on key and algorithm [doc; DSA's row wine-test].

    contract: rule-get-property.
    """
    with opened(name) as algorithm, generated(algorithm, bits) as key:
        refused(bcrypt.BCryptGetProperty(key, prop), NOT_SUPPORTED)
        if prop not in (CURVE, bcrypt.BCRYPT_ECC_CURVE_NAME_LIST):
            refused(bcrypt.BCryptGetProperty(algorithm, prop), NOT_SUPPORTED)


def test_properties_of_a_key_are_not_those_of_its_algorithm() -> None:
    """5, column "on": KeyLength belongs to a key; KeyLengths and ECCCurveNameList to an algorithm."""
    with opened("RSA") as algorithm, generated(algorithm, 512) as key:
        refused(bcrypt.BCryptGetProperty(algorithm, KEY_LENGTH), NOT_SUPPORTED)
        refused(bcrypt.BCryptGetProperty(algorithm, bcrypt.BCRYPT_PROVIDER_HANDLE), NOT_SUPPORTED)
        refused(bcrypt.BCryptGetProperty(key, bcrypt.BCRYPT_KEY_LENGTHS), NOT_SUPPORTED)
    with generated("ECDH", 0, "nistP256") as key:
        refused(bcrypt.BCryptGetProperty(key, bcrypt.BCRYPT_ECC_CURVE_NAME_LIST), NOT_SUPPORTED)


@pytest.mark.parametrize("wrong", [None, 0, 4, b"KeyLength", 1.5, ["KeyLength"], object()], ids=as_id)
def test_a_name_that_is_no_string(wrong: object) -> None:
    """contract: rule-get-property: the name NULL is INVALID_PARAMETER [wine-test]; and so is a wrong type
    (contract: rule-python-no-raise).
    """
    with opened("RSA") as algorithm, empty(algorithm, 512) as key:
        for handle in (algorithm, key):
            refused(bcrypt.BCryptGetProperty(handle, wrong), INVALID_PARAMETER)
            refused(bcrypt.BCryptSetProperty(handle, wrong, dword(512)), INVALID_PARAMETER)


@pytest.mark.parametrize("flags", [1, 2, 3, 8, 0x80000000, 2**32, -1, None, "0", b"", 0.0, []], ids=as_id)
def test_properties_take_no_flags(flags: object) -> None:
    """contract: rule-set-property-flags: dwFlags must be 0 [header]; contract: rule-flags-unknown: unknown bits are
    INVALID_PARAMETER [inferred].
    """
    with empty("RSA", 512) as key:
        refused(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(576), flags), INVALID_PARAMETER)
        refused(bcrypt.BCryptGetProperty(key, KEY_LENGTH, None, flags), INVALID_PARAMETER)
        assert dword_of(key, KEY_LENGTH) == 512


# ------------------------------------------------------------------------------------------- 4 SetProperty


@pytest.mark.parametrize(
    ("name", "bits", "prop"),
    [
        ("RSA", 512, bcrypt.BCRYPT_ALGORITHM_NAME),
        ("RSA", 512, bcrypt.BCRYPT_KEY_STRENGTH),
        ("RSA", 512, bcrypt.BCRYPT_KEY_LENGTHS),
        ("RSA", 512, bcrypt.BCRYPT_SIGNATURE_LENGTH),
        ("RSA", 512, bcrypt.BCRYPT_BLOCK_LENGTH),
        ("RSA", 512, bcrypt.BCRYPT_PADDING_SCHEMES),
        ("RSA", 512, bcrypt.BCRYPT_PROVIDER_HANDLE),
        ("ECDSA_P256", 256, KEY_LENGTH),
        ("ECDSA_P256", 256, bcrypt.BCRYPT_PUBLIC_KEY_LENGTH),
        ("ECDH", 0, bcrypt.BCRYPT_ECC_CURVE_NAME_LIST),
    ],
)
def test_read_only_properties(name: str, bits: int, prop: str) -> None:
    """contract: rule-set-property: NOT_SUPPORTED for a read-only property [doc], on the algorithm and on the key."""
    with opened(name) as algorithm, empty(algorithm, bits) as key:
        for handle in (algorithm, key):
            refused(bcrypt.BCryptSetProperty(handle, prop, dword(bits)), NOT_SUPPORTED)


@pytest.mark.parametrize("value", [None, 1.5, [0, 2, 0, 0], object(), -1, 2**32], ids=as_id)
def test_a_value_that_is_no_value(value: object) -> None:
    """contract: rule-set-property, rule-python-no-raise: NULL and wrong types are INVALID_PARAMETER."""
    with empty("RSA", 512) as key:
        refused(bcrypt.BCryptSetProperty(key, KEY_LENGTH, value), INVALID_PARAMETER)
        assert dword_of(key, KEY_LENGTH) == 512
    with empty("ECDSA", 0) as key:
        refused(bcrypt.BCryptSetProperty(key, CURVE, value), INVALID_PARAMETER)


# ---------------------------------------------------------------------------------------------- 4.1 KeyLength


@pytest.mark.parametrize("name", ["RSA", "RSA_SIGN"])
def test_key_length_before_finalize(name: str) -> None:
    """2048 on a key opened with 1024 is SUCCESS, and the finalized key has 2048 bits [wine-test].

    contract: rule-set-key-length.
    """
    with empty(name, 1024) as key:
        ok(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(2048)))
        assert dword_of(key, KEY_LENGTH) == 2048
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert dword_of(key, KEY_LENGTH) == 2048
        assert exported(key, bcrypt.BCRYPT_RSAPUBLIC_BLOB)[4:8] == dword(2048)


@pytest.mark.parametrize("value", [b"", b"\0", b"\0\x04", b"\0\x04\0", dword(1024) + b"\0", dword(1024) * 2])
def test_key_length_is_four_bytes(value: bytes) -> None:
    """contract: rule-set-key-length: cbInput must be 4; 2 is INVALID_PARAMETER [wine-test]."""
    with empty("RSA", 512) as key:
        refused(bcrypt.BCryptSetProperty(key, KEY_LENGTH, value), INVALID_PARAMETER)
        assert dword_of(key, KEY_LENGTH) == 512


@pytest.mark.parametrize("bits", [0, 1, 448, 511, 513, 544, 1000, 16383, 16385, 16448, 0xFFFFFFFF])
def test_an_illegal_key_length_leaves_the_old_one(bits: int) -> None:
    """checked at once; INVALID_PARAMETER leaves the old length.

    contract: rule-set-key-length, rule-python-key-lengths.
    """
    with empty("RSA", 576) as key:
        refused(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(bits)), INVALID_PARAMETER)
        assert dword_of(key, KEY_LENGTH) == 576
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert exported(key, bcrypt.BCRYPT_RSAPUBLIC_BLOB)[4:8] == dword(576)


def test_key_length_after_finalize(rsa1032: int) -> None:
    """the same value succeeds without effect, another is INVALID_PARAMETER.

    contract: rule-life-finalized, rule-python-key-lengths [wine-test].
    """
    with generated("RSA", 512) as key:
        before = exported(key, bcrypt.BCRYPT_RSAPUBLIC_BLOB)
        ok(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(512)))
        refused(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(1024)), INVALID_PARAMETER)
        refused(bcrypt.BCryptSetProperty(key, KEY_LENGTH, b"\0\2"), INVALID_PARAMETER)
        assert exported(key, bcrypt.BCRYPT_RSAPUBLIC_BLOB) == before
    ok(bcrypt.BCryptSetProperty(rsa1032, KEY_LENGTH, dword(1032)))
    refused(bcrypt.BCryptSetProperty(rsa1032, KEY_LENGTH, dword(1024)), INVALID_PARAMETER)


def test_key_length_belongs_to_a_key() -> None:
    """4, by case B6: KeyLength on the algorithm is NOT_SUPPORTED."""
    with opened("RSA") as algorithm:
        refused(bcrypt.BCryptSetProperty(algorithm, KEY_LENGTH, dword(1024)), NOT_SUPPORTED)


def test_public_only_keys_have_their_properties() -> None:
    """contract: rule-get-property: nothing here needs the private half."""
    numbers = rsa_numbers(512)
    with imported("RSA", bcrypt.BCRYPT_RSAPUBLIC_BLOB, rsa_public_blob(numbers.n, numbers.e)) as key:
        assert dword_of(key, KEY_LENGTH) == 512
        assert text_of(key, bcrypt.BCRYPT_ALGORITHM_NAME) == "RSA"
