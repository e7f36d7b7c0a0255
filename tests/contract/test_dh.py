"""DH through the contract: every rule that names it, the page's row of lengths, cases E4 and H6 to H8.

Blobs are laid out here again (contract: rule-layout-dh, rule-layout-parameters), and secrets are worked out with
Python's own ``pow``.
"""

from __future__ import annotations

import random
import struct
import threading
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from contract import data
from helpers import (
    agreed,
    as_id,
    derived,
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
from oracles.kdf import HASHLIB, digest, hkdf, hmac_bytes, p_hash, tls1_prf
from oracles.primes import is_prime
from oracles.values import number, octets, wide

import cngcore
from cngcore import bcrypt
from cngcore.bcrypt import BCryptBuffer as Buffer
from cngcore.blobs.dh import DhParameters

INVALID_HANDLE = bcrypt.STATUS_INVALID_HANDLE
INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
BUFFER_TOO_SMALL = bcrypt.STATUS_BUFFER_TOO_SMALL
SUCCESS = bcrypt.STATUS_SUCCESS
PUBLIC, PRIVATE = bcrypt.BCRYPT_DH_PUBLIC_BLOB, bcrypt.BCRYPT_DH_PRIVATE_BLOB
PARAMETERS = bcrypt.BCRYPT_DH_PARAMETERS
TRUNCATE = bcrypt.BCRYPT_KDF_RAW_SECRET
NO_VALIDATION = bcrypt.BCRYPT_NO_KEY_VALIDATION
RANGE, RANGE_AND_ORDER, REGENERATE = 0x10, 0x18, 0x20

LENGTHS = range(512, 4096 + 1, 64)
SPREAD = (512, 576, 768, 1024, 1088, 1536, 1984, 2048, 2560, 3072, 3520, 4096)
"""Sizes of the RFCs and sizes of our own rule, from either end and from the middle."""


class Dh(NamedTuple):
    """What a DH blob holds; no x in a public one."""

    p: int
    g: int
    y: int
    x: int = 0

    @property
    def size(self) -> int:
        return (self.p.bit_length() + 7) // 8

    def public_blob(self) -> bytes:
        return b"DHPB" + struct.pack("<I", self.size) + b"".join(octets(value, self.size) for value in self[:3])

    def private_blob(self) -> bytes:
        return b"DHPV" + self.public_blob()[4:] + octets(self.x, self.size)

    def parameters(self) -> bytes:
        return parameters(self.p, self.g)


def read_blob(blob: bytes) -> Dh:
    """The numbers of a blob, its length checked against its header."""
    magic, size = struct.unpack_from("<4sI", blob)
    count = {b"DHPB": 3, b"DHPV": 4}[magic]
    assert len(blob) == 8 + count * size
    return Dh(*(number(blob[8 + at * size : 8 + (at + 1) * size]) for at in range(count)))


def parameters(p: int, g: int, size: int | None = None) -> bytes:
    size = (p.bit_length() + 7) // 8 if size is None else size
    return struct.pack("<I4sI", 12 + 2 * size, b"DHPM", size) + octets(p, size) + octets(g, size)


def read_parameters(value: bytes) -> tuple[int, int]:
    length, magic, size = struct.unpack_from("<I4sI", value)
    assert (length, magic) == (len(value), b"DHPM")
    assert length == 12 + 2 * size
    return number(value[12 : 12 + size]), number(value[12 + size :])


def custom(bits: int) -> Dh:
    """A pair in a group of a random prime, the same one each time."""
    rng = random.Random(f"dh/{bits}")
    while not is_prime(p := rng.getrandbits(bits) | 1 | 1 << bits - 1, rounds=8):
        pass
    g, x = rng.randrange(2, p - 1), rng.randrange(2, p - 1)
    return Dh(p, g, pow(g, x, p), x)


GROUP512, GROUP1024 = custom(512), custom(1024)
WINE = read_blob(data.DH512_PRIV)
Z = data.DH512_TRUNCATE[::-1]


@pytest.fixture
def algorithm() -> Iterator[int]:
    with opened("DH") as handle:
        yield handle


@pytest.fixture
def secret() -> Iterator[int]:
    """Case H8: the secret of DH512_PRIV with itself; big-endian it is Z."""
    with imported("DH", PRIVATE, data.DH512_PRIV) as key, agreed(key, key) as handle:
        yield handle


# -------------------------------------------------------------------------------------------- 3, the page: dwLength


@pytest.mark.parametrize("bits", LENGTHS)
def test_every_length_of_the_page_is_taken(bits: int, algorithm: int) -> None:
    """ "DH: 512 to 4096 bits in 64-bit increments" [doc]: at Generate, and in KeyLength before finalize."""
    with empty(algorithm, bits) as key:
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == bits
    with empty(algorithm, 512) as key:
        ok(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, struct.pack("<I", bits)))
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == bits


def other_lengths() -> list[int]:
    """Neighbours of the legal lengths, the edges of C types, and a spread: more than 2,000 in all."""
    rng = random.Random("DH")
    chosen = {0, -1, 1, 255, 256, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 512, -(2**31), 2**63, 2**64, 10**30}
    for bits in LENGTHS:
        chosen.update((bits - 1, bits + 1, bits - 32, bits + 32, -bits, bits + 2**32, bits // 8, bits << 32))
    chosen.update((448, 4160, 8192, 16384))
    while len(chosen - set(LENGTHS)) < 2600:
        chosen.update((rng.randrange(0, 20000), rng.randrange(-(2**33), 2**33), rng.getrandbits(rng.randrange(1, 99))))
    return sorted(chosen - set(LENGTHS))


def test_no_other_length_is_taken(algorithm: int) -> None:
    """256 is INVALID_PARAMETER at Generate [wine-test]; so is every other length that the page does not have.

    contract: rule-generate-length.
    """
    others = other_lengths()
    assert len(others) >= 2000
    assert 256 in others
    for bits in others:
        assert bcrypt.BCryptGenerateKeyPair(algorithm, bits) == (INVALID_PARAMETER, None), bits
    with empty(algorithm, 1024) as key:
        for bits in others:
            if 0 <= bits < 2**32:
                assert bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, bits) == INVALID_PARAMETER, bits
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == 1024, "contract: rule-python-key-lengths"
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == 1024


@pytest.mark.parametrize("length", [None, "1024", b"\0\4\0\0", 1024.0, True, [1024]], ids=as_id)
def test_what_is_no_length(length: object, algorithm: int) -> None:
    refused(bcrypt.BCryptGenerateKeyPair(algorithm, length), INVALID_PARAMETER)
    with cngcore.open_algorithm_provider("DH") as provider, pytest.raises(cngcore.InvalidParameterError):
        provider.generate_key_pair(length)  # type: ignore[arg-type]


@pytest.mark.parametrize("flags", [NO_VALIDATION, 1, 0x18, 0x80000000])
def test_generate_takes_no_flags(flags: int, algorithm: int) -> None:
    """contract: rule-generate-flags: BCRYPT_NO_KEY_VALIDATION is documented for ML-KEM only [doc]."""
    refused(bcrypt.BCryptGenerateKeyPair(algorithm, 1024, flags), INVALID_PARAMETER)


def test_key_lengths(algorithm: int) -> None:
    """contract: rule-python-key-lengths: KeyLengths of DH is 512/4096/64."""
    assert property_of(algorithm, bcrypt.BCRYPT_KEY_LENGTHS) == struct.pack("<III", 512, 4096, 64)
    with cngcore.open_algorithm_provider("DH") as provider:
        assert provider.get_property("KeyLengths") == cngcore.KeyLengths(512, 4096, 64)


def test_the_pseudo_handle() -> None:
    """a pseudo-handle serves as an algorithm handle; SetProperty on it is ACCESS_DENIED [wine-test].

    contract: rule-pseudo-set-property.
    """
    handle = bcrypt.BCRYPT_DH_ALG_HANDLE
    with generated(handle, 512) as key, agreed(key, key):
        assert text_of(handle, bcrypt.BCRYPT_ALGORITHM_NAME) == "DH"
    refused(bcrypt.BCryptSetProperty(handle, PARAMETERS, GROUP512.parameters()), bcrypt.STATUS_ACCESS_DENIED)


def test_the_algorithm_is_for_agreement() -> None:
    """contract: rule-enum-interfaces, rule-algorithm-summary: interface 4."""
    found = [item for item in ok(bcrypt.BCryptEnumAlgorithms()) if item.pszName == "DH"]
    assert [item.dwClass for item in found] == [bcrypt.BCRYPT_SECRET_AGREEMENT_INTERFACE]


# ----------------------------------------------------------------------------------------------------- life cycle


def test_an_empty_key_cannot_be_used(algorithm: int) -> None:
    """ExportKey, Encrypt and GetProperty(DHParameters) are INVALID_HANDLE [wine-test], and so are the others.

    contract: rule-life-unfinalized.
    """
    with empty(algorithm, 1024) as key, generated(algorithm, 512) as other:
        for kind in (PUBLIC, PRIVATE, "PUBLICBLOB"):
            refused(bcrypt.BCryptExportKey(key, None, kind), INVALID_HANDLE)
        refused(bcrypt.BCryptEncrypt(key, bytes(128)), INVALID_HANDLE)
        for output in (None, bytearray(268)):
            refused(bcrypt.BCryptGetProperty(key, PARAMETERS, output), INVALID_HANDLE)
        for pair in ((key, key), (key, other), (other, key)):
            refused(bcrypt.BCryptSecretAgreement(*pair), INVALID_HANDLE)
        refused(bcrypt.BCryptGetProperty(key, bcrypt.BCRYPT_KEY_STRENGTH), INVALID_HANDLE)


def test_dh_parameters_cannot_be_read_before_finalize_even_if_set(algorithm: int) -> None:
    """contract: rule-life-unfinalized; docs/decisions/dh.md: unfinalized is INVALID_HANDLE, whatever was set."""
    with empty(algorithm, 512) as key:
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, GROUP512.parameters()))
        refused(bcrypt.BCryptGetProperty(key, PARAMETERS), INVALID_HANDLE)
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert property_of(key, PARAMETERS) == GROUP512.parameters()


def test_case_h6(algorithm: int) -> None:
    """Gen(DH, 1024), Fin without parameters; Fin again is INVALID_HANDLE [wine]. An imported key has no Fin."""
    with empty(algorithm, 1024) as key:
        assert bcrypt.BCryptFinalizeKeyPair(key) == SUCCESS
        assert bcrypt.BCryptFinalizeKeyPair(key) == INVALID_HANDLE
    with imported(algorithm, PRIVATE, data.DH512_PRIV) as key:
        assert bcrypt.BCryptFinalizeKeyPair(key) == INVALID_HANDLE


def test_case_h7(algorithm: int) -> None:
    """Get(DHParameters): 268 asked, 28 is too few, 268 filled [wine]."""
    with generated(algorithm, 1024) as key:
        assert bcrypt.BCryptGetProperty(key, PARAMETERS) == (SUCCESS, 268)
        short = bytearray(b"\xa5" * 28)
        assert bcrypt.BCryptGetProperty(key, PARAMETERS, short) == (BUFFER_TOO_SMALL, 268)
        assert bcrypt.BCryptGetProperty(key, PARAMETERS, bytearray()) == (BUFFER_TOO_SMALL, 268)
        assert short == b"\xa5" * 28
        value = bytearray(268)
        assert bcrypt.BCryptGetProperty(key, PARAMETERS, value) == (SUCCESS, 268)
        assert struct.unpack_from("<I4sI", value) == (268, b"DHPM", 128)
        blob = read_blob(exported(key, PUBLIC))
        assert read_parameters(bytes(value)) == (blob.p, blob.g)
        assert blob.p.bit_length() == 1024


@pytest.mark.parametrize("flags", [0, NO_VALIDATION, RANGE_AND_ORDER])
def test_flags_of_finalize(flags: int, algorithm: int) -> None:
    """0, NO_KEY_VALIDATION and RANGE_AND_ORDER [header]; the order of the fixed groups is known.

    contract: rule-finalize-flags.
    """
    with empty(algorithm, 512) as key:
        assert bcrypt.BCryptFinalizeKeyPair(key, flags) == SUCCESS


@pytest.mark.parametrize("flags", [1, RANGE, REGENERATE, 0x80000000])
def test_other_flags_of_finalize(flags: int, algorithm: int) -> None:
    with empty(algorithm, 512) as key:
        assert bcrypt.BCryptFinalizeKeyPair(key, flags) == INVALID_PARAMETER
        assert bcrypt.BCryptFinalizeKeyPair(key) == SUCCESS, "it was refused, and is as it was"


def test_destroy(algorithm: int) -> None:
    """works on unfinalized keys [wine-test]; twice, and another kind of handle, is INVALID_HANDLE.

    contract: rule-destroy-key.
    """
    for finalize in (False, True):
        key = ok(bcrypt.BCryptGenerateKeyPair(algorithm, 512))
        if finalize:
            ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert bcrypt.BCryptDestroyKey(key) == SUCCESS
        assert bcrypt.BCryptDestroyKey(key) == INVALID_HANDLE
        assert bcrypt.BCryptFinalizeKeyPair(key) == INVALID_HANDLE


def test_lifetimes_are_independent() -> None:
    """contract: rule-lifetimes: a key outlives its provider handle [symcrypt], a secret both keys [wine-test]."""
    algorithm = ok(bcrypt.BCryptOpenAlgorithmProvider("DH"))
    key = ok(bcrypt.BCryptImportKeyPair(algorithm, None, PRIVATE, data.DH512_PRIV))
    ok(bcrypt.BCryptCloseAlgorithmProvider(algorithm))
    secret = ok(bcrypt.BCryptSecretAgreement(key, key))
    assert bcrypt.BCryptDestroyKey(secret) == INVALID_HANDLE
    ok(bcrypt.BCryptDestroyKey(key))
    assert derived(secret, TRUNCATE) == data.DH512_TRUNCATE
    ok(bcrypt.BCryptDestroySecret(secret))
    refused(bcrypt.BCryptDeriveKey(secret, TRUNCATE), INVALID_HANDLE)


# -------------------------------------------------------------------------------------------- the work: every size


def check_pair(bits: int) -> None:
    """Two keys of a size agree; all that they export is consistent, by arithmetic done here."""
    with opened("DH") as algorithm, generated(algorithm, bits) as one, generated(algorithm, bits) as two:
        mine, theirs = (read_blob(exported(key, PRIVATE)) for key in (one, two))
        assert mine.p.bit_length() == bits == 8 * mine.size
        assert (mine.p, mine.g) == (theirs.p, theirs.g)
        assert mine.x != theirs.x
        for key, numbers in ((one, mine), (two, theirs)):
            assert pow(numbers.g, numbers.x, numbers.p) == numbers.y
            assert exported(key, PUBLIC) == Dh(*numbers[:3]).public_blob()
            assert property_of(key, PARAMETERS) == numbers.parameters()
            for name in (bcrypt.BCRYPT_KEY_LENGTH, bcrypt.BCRYPT_KEY_STRENGTH, bcrypt.BCRYPT_PUBLIC_KEY_LENGTH):
                assert dword_of(key, name) == bits
        z = octets(pow(theirs.y, mine.x, mine.p), mine.size)
        with (
            imported(algorithm, PUBLIC, theirs.public_blob()) as public,
            imported(algorithm, "PRIVATEBLOB", mine.private_blob()) as again,
            agreed(one, two) as a,
            agreed(two, one) as b,
            agreed(again, public) as c,
        ):
            assert {derived(handle, TRUNCATE) for handle in (a, b, c)} == {z[::-1]}
            assert {derived(handle, "HASH") for handle in (a, b, c)} == {digest("SHA1", z)}


@pytest.mark.parametrize("bits", SPREAD)
def test_a_working_pair(bits: int) -> None:
    """contract: rule-finalize-dh-group: Finalize without DHParameters gives keys that work [wine-test]."""
    check_pair(bits)


@pytest.mark.slow
@pytest.mark.parametrize("bits", [bits for bits in LENGTHS if bits not in SPREAD])
def test_a_working_pair_of_every_other_size(bits: int) -> None:
    check_pair(bits)


@pytest.mark.parametrize("bits", [512, 1024])
def test_the_same_by_the_object_api(bits: int) -> None:
    with cngcore.open_algorithm_provider("DH") as provider, provider.generate_key_pair(bits) as key:
        assert key.state == "empty"
        assert key.get_property("KeyLength") == bits
        with pytest.raises(cngcore.InvalidHandleError):
            key.get_property("DHParameters")
        key.finalize()
        mine = read_blob(bytes(key.export(PRIVATE)))
        assert type(key.export(PRIVATE)) is bytearray
        assert type(key.export(PUBLIC)) is bytes
        assert key.get_property("DHParameters") == DhParameters(mine.p, mine.g)
        peer = cngcore.generate_key_pair("DH", bits)
        with key.agree(peer.public()) as one, peer.agree(key.public()) as other:
            z = pow(read_blob(peer.export(PUBLIC)).y, mine.x, mine.p)
            assert one.derive("TRUNCATE") == other.derive("TRUNCATE") == z.to_bytes(bits // 8, "little")
        again = provider.import_key_pair("PRIVATEBLOB", key.export("PRIVATEBLOB"))
        assert again.export(PRIVATE) == key.export(PRIVATE)
        with pytest.raises(cngcore.InvalidParameterError):
            key.public().agree(key)
        with pytest.raises(cngcore.InvalidParameterError):
            key.public().export(PRIVATE)
    assert key.state == "destroyed"


# --------------------------------------------------------------------------------------------------- properties


def test_set_key_length(algorithm: int) -> None:
    """two bytes are INVALID_PARAMETER; 2048 on a key opened with 1024 makes a key of 2048 bits [wine-test].

    contract: rule-set-key-length.
    """
    with empty(algorithm, 1024) as key:
        for value in (b"\0\4", b"", bytes(5), bytes(8)):
            refused(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, value), INVALID_PARAMETER)
        ok(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, struct.pack("<I", 2048)))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == 2048
        assert read_blob(exported(key, PUBLIC)).p.bit_length() == 2048
        ok(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, struct.pack("<I", 2048)))
        refused(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, 1024), INVALID_PARAMETER)
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == 2048


def test_set_key_length_by_the_object_api() -> None:
    with cngcore.open_algorithm_provider("DH") as provider, provider.generate_key_pair(1024) as key:
        for wrong in (0, 256, 513, 4160, -512, "1024", 1024.0, True, None):
            with pytest.raises(cngcore.InvalidParameterError):
                key.set_property("KeyLength", wrong)
        key.set_property("KeyLength", 576)
        key.finalize()
        assert key.get_property("KeyLength") == 576
        key.set_property("KeyLength", 576)
        with pytest.raises(cngcore.InvalidParameterError):
            key.set_property("KeyLength", 1024)


def test_properties_of_a_key(algorithm: int) -> None:
    """AlgorithmName, ProviderHandle, and no others than those of a DH key.

    contract: rule-get-algorithm-name, rule-get-provider-handle.
    """
    with generated(algorithm, 512) as key:
        assert text_of(key, bcrypt.BCRYPT_ALGORITHM_NAME) == "DH"
        assert int.from_bytes(property_of(key, bcrypt.BCRYPT_PROVIDER_HANDLE), "little") == algorithm
        for name in ("SignatureLength", "PaddingSchemes", "BlockLength", "ECCCurveName", "DSAParameters", "NoSuch", ""):
            refused(bcrypt.BCryptGetProperty(key, name), NOT_SUPPORTED)
        for name in (bcrypt.BCRYPT_KEY_STRENGTH, bcrypt.BCRYPT_PUBLIC_KEY_LENGTH, "NoSuch"):
            refused(bcrypt.BCryptSetProperty(key, name, 512), NOT_SUPPORTED)
    refused(bcrypt.BCryptGetProperty(algorithm, PARAMETERS), NOT_SUPPORTED)
    refused(bcrypt.BCryptSetProperty(algorithm, PARAMETERS, GROUP512.parameters()), NOT_SUPPORTED)
    refused(bcrypt.BCryptSetProperty(algorithm, bcrypt.BCRYPT_KEY_LENGTH, 1024), NOT_SUPPORTED)


# --------------------------------------------------------------------------------------------- 4.2: DHParameters


@pytest.mark.parametrize("group", [GROUP512, GROUP1024, WINE], ids=["512", "1024", "wine"])
def test_dh_parameters(group: Dh, algorithm: int) -> None:
    """Finalize makes only x and y; the exported p and g are those given [wine-test].

    contract: rule-set-dh-parameters.
    """
    with empty(algorithm, group.size * 8) as one, empty(algorithm, group.size * 8) as two:
        for key in (one, two):
            assert bcrypt.BCryptSetProperty(key, PARAMETERS, group.parameters()) == SUCCESS
            assert bcrypt.BCryptFinalizeKeyPair(key) == SUCCESS
            assert bcrypt.BCryptGetProperty(key, PARAMETERS) == (SUCCESS, 12 + 2 * group.size)
            assert property_of(key, PARAMETERS) == group.parameters()
        mine, theirs = (read_blob(exported(key, PRIVATE)) for key in (one, two))
        for numbers in (mine, theirs):
            assert (numbers.p, numbers.g) == (group.p, group.g)
            assert pow(group.g, numbers.x, group.p) == numbers.y
            assert numbers.x >> (group.p.bit_length() - 80), "as long as p, since no order is known"
        assert mine.x != theirs.x
        with agreed(one, two) as a, agreed(two, one) as b:
            assert derived(a, TRUNCATE) == derived(b, TRUNCATE)
            assert number(derived(a, TRUNCATE)[::-1]) == pow(theirs.y, mine.x, group.p)


def test_dh_parameters_by_the_object_api() -> None:
    with cngcore.open_algorithm_provider("DH") as provider, provider.generate_key_pair(512) as key:
        for wrong in (None, GROUP512.parameters(), (GROUP512.p, GROUP512.g), GROUP512.p, "p", object()):
            with pytest.raises(cngcore.InvalidParameterError):
                key.set_property("DHParameters", wrong)
        key.set_property("DHParameters", DhParameters(GROUP512.p, GROUP512.g))
        key.finalize()
        assert key.get_property("DHParameters") == DhParameters(GROUP512.p, GROUP512.g, 64)
        with pytest.raises(cngcore.InvalidHandleError):
            key.set_property("DHParameters", DhParameters(GROUP512.p, GROUP512.g))


def test_the_last_parameters_count(algorithm: int) -> None:
    other = parameters(GROUP512.p, GROUP512.g ^ 1)
    with empty(algorithm, 512) as key:
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, other))
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, GROUP512.parameters()))
        refused(bcrypt.BCryptSetProperty(key, PARAMETERS, other[:-1]), INVALID_PARAMETER)
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert property_of(key, PARAMETERS) == GROUP512.parameters()
        refused(bcrypt.BCryptSetProperty(key, PARAMETERS, other), INVALID_HANDLE)


P, G = GROUP512.p, GROUP512.g
BAD_PARAMETERS = {
    "empty": b"",
    "header alone": parameters(P, G)[:12],
    "one byte less": parameters(P, G)[:-1],
    "one byte more": parameters(P, G) + b"\0",
    "cbLength": struct.pack("<I", 141) + parameters(P, G)[4:],
    "cbKeyLength": parameters(P, G)[:8] + struct.pack("<I", 63) + parameters(P, G)[12:],
    "cbKeyLength huge": parameters(P, G)[:8] + struct.pack("<I", 0xFFFFFFFF) + parameters(P, G)[12:],
    "magic": parameters(P, G)[:4] + b"DSPM" + parameters(P, G)[8:],
    "p even": parameters(P + 1, G),
    "p zero": parameters(0, G, 64),
    "p one": parameters(1, 1, 64),
    "p short": parameters(P >> 8 | 1, 2, 63),
    "p padded": parameters(P, G, 65),
    "g zero": parameters(P, 0),
    "g one": parameters(P, 1),
    "g = p - 1": parameters(P, P - 1),
    "g = p": parameters(P, P),
    "g above p": parameters(P, 2**512 - 1),
    "4160 bits": parameters(2**4159 + 1, 2),
    "448 bits": parameters(2**447 + 1, 2),
}


@pytest.mark.parametrize("what", BAD_PARAMETERS)
def test_what_is_no_dh_parameters(what: str, algorithm: int) -> None:
    """contract: rule-set-dh-parameters; docs/decisions/dh.md: INVALID_PARAMETER at SetProperty, and the key is as it
    was.
    """
    with empty(algorithm, 512) as key:
        refused(bcrypt.BCryptSetProperty(key, PARAMETERS, BAD_PARAMETERS[what]), INVALID_PARAMETER)
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert read_blob(exported(key, PUBLIC)).g == 2


@pytest.mark.parametrize("value", [None, 5, "DHPM", [1]], ids=as_id)
def test_values_of_the_wrong_type(value: object, algorithm: int) -> None:
    with empty(algorithm, 512) as key:
        refused(bcrypt.BCryptSetProperty(key, PARAMETERS, value), INVALID_PARAMETER)


@pytest.mark.parametrize("bits", [512, 576, 960, 1088, 2048, 4096])
def test_parameters_must_fit_the_length(bits: int, algorithm: int) -> None:
    """cbKeyLength must fit the key's dwLength: INVALID_PARAMETER, at SetProperty or at the latest at Finalize.

    contract: rule-set-dh-parameters.
    """
    with empty(algorithm, bits) as key:
        status = bcrypt.BCryptSetProperty(key, PARAMETERS, GROUP1024.parameters())
        if status == SUCCESS:
            assert bcrypt.BCryptFinalizeKeyPair(key) == INVALID_PARAMETER
            refused(bcrypt.BCryptExportKey(key, None, PUBLIC), INVALID_HANDLE)
        else:
            assert status == INVALID_PARAMETER


def test_a_length_set_after_the_parameters_must_fit_too(algorithm: int) -> None:
    with empty(algorithm, 1024) as key:
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, GROUP1024.parameters()))
        ok(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, 2048))
        assert bcrypt.BCryptFinalizeKeyPair(key) == INVALID_PARAMETER
        ok(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, 1024))
        assert bcrypt.BCryptFinalizeKeyPair(key) == SUCCESS, "mended"
        assert read_blob(exported(key, PUBLIC)).p == GROUP1024.p


def test_the_order_of_such_a_group_cannot_be_validated(algorithm: int) -> None:
    """docs/decisions/dh.md: no property carries q."""
    with empty(algorithm, 512) as key:
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, GROUP512.parameters()))
        assert bcrypt.BCryptFinalizeKeyPair(key, RANGE_AND_ORDER) == INVALID_PARAMETER
        assert bcrypt.BCryptFinalizeKeyPair(key, NO_VALIDATION) == SUCCESS


# --------------------------------------------------------------------------------------------------- 9: imports


@pytest.mark.parametrize("group", [WINE, GROUP512, GROUP1024], ids=["wine", "512", "1024"])
@pytest.mark.parametrize("flags", [0, NO_VALIDATION, RANGE, REGENERATE])
def test_custom_groups_import(group: Dh, flags: int, algorithm: int) -> None:
    """contract: rule-import-dh-group: a 512- and a 1024-bit custom p with flags 0 [wine-test];
    contract: rule-export-round-trip: the round trip is byte-exact [wine-test].
    """
    for kind in (PRIVATE, "PRIVATEBLOB"):
        with imported(algorithm, kind, group.private_blob(), flags=flags) as key:
            assert exported(key, PRIVATE) == group.private_blob()
            assert exported(key, "PRIVATEBLOB") == group.private_blob()
            assert exported(key, PUBLIC) == exported(key, "PUBLICBLOB") == group.public_blob()
            assert property_of(key, PARAMETERS) == group.parameters()
            assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == group.size * 8
    for kind in (PUBLIC, "PUBLICBLOB"):
        with imported(algorithm, kind, group.public_blob(), flags=flags) as key:
            assert exported(key, PUBLIC) == group.public_blob()
            for private in (PRIVATE, "PRIVATEBLOB"):
                refused(bcrypt.BCryptExportKey(key, None, private), INVALID_PARAMETER)
                refused(bcrypt.BCryptExportKey(key, None, private, bytearray(600)), INVALID_PARAMETER)


def test_range_and_order(algorithm: int) -> None:
    """docs/decisions/dh.md: the order can be validated in the fixed groups, and only there."""
    refused(bcrypt.BCryptImportKeyPair(algorithm, None, PUBLIC, WINE.public_blob(), RANGE_AND_ORDER), INVALID_PARAMETER)
    with generated(algorithm, 1024) as key:
        blob = exported(key, PRIVATE)
        with imported(algorithm, PRIVATE, blob, flags=RANGE_AND_ORDER) as again:
            assert exported(again, PRIVATE) == blob


@pytest.mark.parametrize("kind", [PRIVATE, "PRIVATEBLOB", PUBLIC, "PUBLICBLOB"])
@pytest.mark.parametrize("more", [1, 64, 500])
def test_trailing_bytes(kind: str, more: int, algorithm: int) -> None:
    """DH private with trailing bytes is INVALID_PARAMETER [wine-test]; public alike.

    contract: rule-import-dh-trailing.
    """
    blob = WINE.private_blob() if "PRIVATE" in kind else WINE.public_blob()
    refused(bcrypt.BCryptImportKeyPair(algorithm, None, kind, blob + bytes(more)), INVALID_PARAMETER)


@pytest.mark.parametrize("kind", [PRIVATE, "PRIVATEBLOB", PUBLIC, "PUBLICBLOB"])
def test_short_blobs(kind: str, algorithm: int) -> None:
    """any blob shorter than its header is INVALID_PARAMETER [wine-impl]; so is one shorter than its header says.

    contract: rule-import-short.
    """
    blob = WINE.private_blob() if "PRIVATE" in kind else WINE.public_blob()
    for size in (0, 1, 4, 7, 8, 9, 72, len(blob) - 64, len(blob) - 1):
        refused(bcrypt.BCryptImportKeyPair(algorithm, None, kind, blob[:size]), INVALID_PARAMETER)


@pytest.mark.parametrize("kind", [PRIVATE, "PRIVATEBLOB", PUBLIC, "PUBLICBLOB"])
def test_wrong_magics(kind: str, algorithm: int) -> None:
    """contract: rule-import-magic: wrong magic for the blob type or algorithm is NOT_SUPPORTED [wine-impl]."""
    right = b"DHPV" if "PRIVATE" in kind else b"DHPB"
    blob = WINE.private_blob() if "PRIVATE" in kind else WINE.public_blob()
    for magic in (b"DHPB", b"DHPV", b"DSPB", b"DSPV", b"RSA1", b"ECK1", b"DHPM", bytes(4)):
        if magic != right:
            refused(bcrypt.BCryptImportKeyPair(algorithm, None, kind, magic + blob[4:]), NOT_SUPPORTED)


@pytest.mark.parametrize("kind", ["RSAPUBLICBLOB", "DSAPUBLICBLOB", "ECCPRIVATEBLOB", "OpaqueKeyBlob", "dhpublicblob"])
def test_blob_types_of_others(kind: str, algorithm: int) -> None:
    """contract: rule-import, rule-export-type: a blob type of another algorithm is NOT_SUPPORTED [doc]."""
    refused(bcrypt.BCryptImportKeyPair(algorithm, None, kind, data.DH512_PRIV), NOT_SUPPORTED)
    with generated(algorithm, 512) as key:
        refused(bcrypt.BCryptExportKey(key, None, kind), NOT_SUPPORTED)
        refused(bcrypt.BCryptExportKey(key, key, PUBLIC), INVALID_PARAMETER)
    with opened("ECDH_P256") as other:
        refused(bcrypt.BCryptImportKeyPair(other, None, PRIVATE, data.DH512_PRIV), NOT_SUPPORTED)


def test_sizes_of_an_export(algorithm: int) -> None:
    """contract: rule-size-query: NULL asks the size; a short buffer, 0 too, is BUFFER_TOO_SMALL [wine-test].
    contract: rule-layout-dh: 8+3k and 8+4k.
    """
    with imported(algorithm, PRIVATE, data.DH512_PRIV) as key:
        for kind, size in ((PUBLIC, 200), (PRIVATE, 264)):
            assert bcrypt.BCryptExportKey(key, None, kind) == (SUCCESS, size)
            for length in (0, 1, size - 1):
                buffer = bytearray(length)
                assert bcrypt.BCryptExportKey(key, None, kind, buffer) == (BUFFER_TOO_SMALL, size)
                assert buffer == bytes(length)
            buffer = bytearray(size + 9)
            assert bcrypt.BCryptExportKey(key, None, kind, buffer) == (SUCCESS, size)
            assert buffer[size:] == bytes(9)


BAD_NUMBERS = {
    "y = 0": WINE._replace(y=0),
    "y = 1": WINE._replace(y=1),
    "y = p - 1": WINE._replace(y=WINE.p - 1),
    "y = p": WINE._replace(y=WINE.p),
    "y above p": WINE._replace(y=2**512 - 1),
    "g = 0": WINE._replace(g=0),
    "g = 1": WINE._replace(g=1),
    "g = p - 1": WINE._replace(g=WINE.p - 1),
    "g = p": WINE._replace(g=WINE.p),
    "p even": WINE._replace(p=WINE.p + 1),
    "p short": WINE._replace(p=WINE.p >> 8 | 1),
}
BAD_PRIVATE = {
    "x = 0": WINE._replace(x=0),
    "x = p - 1": WINE._replace(x=WINE.p - 1),
    "x = p": WINE._replace(x=WINE.p),
}


def raw_blobs(bad: Dh) -> list[tuple[str, bytes]]:
    numbers = [octets(value, 64) for value in bad]
    head = struct.pack("<I", 64)
    return [(PUBLIC, b"DHPB" + head + b"".join(numbers[:3])), (PRIVATE, b"DHPV" + head + b"".join(numbers))]


@pytest.mark.parametrize("flags", [0, NO_VALIDATION, RANGE, REGENERATE])
@pytest.mark.parametrize("what", [*BAD_NUMBERS, *BAD_PRIVATE])
def test_numbers_that_make_no_key(what: str, flags: int, algorithm: int) -> None:
    """docs/decisions/dh.md: out of range is INVALID_PARAMETER under any flags."""
    for kind, blob in raw_blobs(BAD_NUMBERS.get(what) or BAD_PRIVATE[what]):
        if kind == PRIVATE or what in BAD_NUMBERS:
            refused(bcrypt.BCryptImportKeyPair(algorithm, None, kind, blob, flags), INVALID_PARAMETER)


def test_halves_that_do_not_belong_together(algorithm: int) -> None:
    """contract: rule-import-dh-public: y is computed from x, and compared in a named group only [client, symcrypt]."""
    other = WINE._replace(x=WINE.x + 1)
    right = other._replace(y=pow(WINE.g, other.x, WINE.p))
    for y in (WINE.y, WINE.g, 2):
        for flags in (0, NO_VALIDATION, RANGE, REGENERATE):
            with imported(algorithm, PRIVATE, other._replace(y=y).private_blob(), flags=flags) as key:
                assert exported(key, PRIVATE) == right.private_blob()
                assert exported(key, PUBLIC) == right.public_blob()
    for y in (0, 1, WINE.p - 1):
        refused(
            bcrypt.BCryptImportKeyPair(algorithm, None, PRIVATE, other._replace(y=y).private_blob(), 0),
            INVALID_PARAMETER,
        )


def test_halves_in_a_named_group(algorithm: int) -> None:
    """contract: rule-import-dh-public: compared, but with NO_KEY_VALIDATION; y is then computed from x."""
    with generated(algorithm, 1024) as key:
        own = read_blob(exported(key, PRIVATE))
    bad = own._replace(y=pow(own.g, own.x + 1, own.p)).private_blob()
    for flags in (0, RANGE, RANGE_AND_ORDER, REGENERATE):
        refused(bcrypt.BCryptImportKeyPair(algorithm, None, PRIVATE, bad, flags), INVALID_PARAMETER)
    with imported(algorithm, PRIVATE, bad, flags=NO_VALIDATION) as key:
        assert exported(key, PRIVATE) == own.private_blob()


def test_a_public_number_of_the_wrong_order(algorithm: int) -> None:
    """docs/decisions/dh.md: in a group whose order is known, refused at import, or else at the agreement."""
    with generated(algorithm, 1024) as key:
        own = read_blob(exported(key, PUBLIC))
        for y in (own.p - own.y, own.p - 2, own.p - 4):
            bad = own._replace(y=y).public_blob()
            for flags in (0, RANGE, RANGE_AND_ORDER, REGENERATE):
                refused(bcrypt.BCryptImportKeyPair(algorithm, None, PUBLIC, bad, flags), INVALID_PARAMETER)
            with imported(algorithm, PUBLIC, bad, flags=NO_VALIDATION) as peer:
                refused(bcrypt.BCryptSecretAgreement(key, peer), INVALID_PARAMETER)


@pytest.mark.parametrize("flags", [1, 0x40, 0x80000000])
def test_other_flags_of_import(flags: int, algorithm: int) -> None:
    refused(bcrypt.BCryptImportKeyPair(algorithm, None, PRIVATE, data.DH512_PRIV, flags), INVALID_PARAMETER)


# -------------------------------------------------------------------------------- 11 to 14: what DH keys are not for


def test_case_e4_and_its_kin(algorithm: int) -> None:
    """E4: Encrypt with a DH key is NOT_SUPPORTED [wine]; contract: rule-sign: so is SignHash, even for a size query
    [wine-test].
    """
    with generated(algorithm, 512) as key:
        for flags in (0, bcrypt.BCRYPT_PAD_NONE, bcrypt.BCRYPT_PAD_PKCS1):
            refused(bcrypt.BCryptEncrypt(key, bytes(64), None, None, bytearray(64), flags), NOT_SUPPORTED)
            refused(bcrypt.BCryptEncrypt(key, bytes(64), None, None, None, flags), NOT_SUPPORTED)
            refused(bcrypt.BCryptDecrypt(key, bytes(64), None, None, bytearray(64), flags), NOT_SUPPORTED)
        refused(bcrypt.BCryptSignHash(key, None, bytes(20)), NOT_SUPPORTED)
        refused(bcrypt.BCryptSignHash(key, None, bytes(20), bytearray(128)), NOT_SUPPORTED)
        refused(bcrypt.BCryptVerifySignature(key, None, bytes(20), bytes(40)), NOT_SUPPORTED)
        refused(bcrypt.BCryptEncapsulate(key), NOT_SUPPORTED)


# ------------------------------------------------------------------------------------------------- 15: agreement


def test_keys_of_two_groups_do_not_agree(algorithm: int) -> None:
    """docs/decisions/dh.md: p and g must both be the same."""
    other_g = Dh(WINE.p, 2, pow(2, 77, WINE.p), 77)
    with (
        imported(algorithm, PRIVATE, data.DH512_PRIV) as wine,
        imported(algorithm, PRIVATE, other_g.private_blob()) as same_p,
        generated(algorithm, 512) as fixed,
        generated(algorithm, 1024) as longer,
    ):
        keys = [wine, same_p, fixed, longer]
        for one in keys:
            for other in keys:
                if one != other:
                    refused(bcrypt.BCryptSecretAgreement(one, other), INVALID_PARAMETER)
            with agreed(one, one):
                pass


def test_dh_and_ecdh_do_not_agree(algorithm: int) -> None:
    """contract: rule-agreement: both keys must come from the same provider [doc]."""
    with generated(algorithm, 512) as one, generated("ECDH_P256", 256) as two:
        refused(bcrypt.BCryptSecretAgreement(one, two), INVALID_PARAMETER)
        refused(bcrypt.BCryptSecretAgreement(two, one), INVALID_PARAMETER)


def test_handles_come_first(algorithm: int) -> None:
    """INVALID_HANDLE for either key [doc, wine-test], before anything else; a public key does not agree.

    contract: rule-agreement.
    """
    with generated(algorithm, 512) as key, imported(algorithm, PUBLIC, WINE.public_blob()) as public:
        for wrong in (None, 0, algorithm, 2**40, "x"):
            refused(bcrypt.BCryptSecretAgreement(wrong, key, 5), INVALID_HANDLE)
            refused(bcrypt.BCryptSecretAgreement(key, wrong, 5), INVALID_HANDLE)
        refused(bcrypt.BCryptSecretAgreement(public, public), INVALID_PARAMETER)
        refused(bcrypt.BCryptSecretAgreement(key, key, 1), INVALID_PARAMETER)


def test_keys_of_two_handles_agree() -> None:
    """contract: rule-agreement: "the same provider" is the implementation, not the handle."""
    with generated("DH", 512) as one, generated("DH", 512) as two, agreed(one, two) as a, agreed(two, one) as b:
        assert derived(a, TRUNCATE) == derived(b, TRUNCATE)


def test_a_secret_with_leading_zeros_keeps_them(algorithm: int) -> None:
    """contract: rule-derive-secret-bytes: Z is padded to the length of p."""
    y = next(y for y in (pow(WINE.g, n, WINE.p) for n in range(2, 99999)) if pow(y, WINE.x, WINE.p) >> 504 == 0)
    with (
        imported(algorithm, PRIVATE, data.DH512_PRIV) as key,
        imported(algorithm, PUBLIC, WINE._replace(y=y).public_blob()) as peer,
        agreed(key, peer) as secret,
    ):
        z = octets(pow(y, WINE.x, WINE.p), 64)
        assert z[0] == 0
        assert derived(secret, TRUNCATE) == z[::-1]
        assert derived(secret, "HASH") == digest("SHA1", z)
        assert len(derived(secret, TRUNCATE)) == 64


@pytest.mark.parametrize("trivial", [1, -1])
def test_a_trivial_secret_is_refused(trivial: int, algorithm: int) -> None:
    """docs/decisions/dh.md: Z of 1 or p - 1 is never given out; here the peer is of order 4, and x undoes it."""
    root = GROUP_OF_ORDER_4
    x = 4 if trivial == 1 else 6
    key_numbers = Dh(root.p, root.g, pow(root.g, x, root.p), x)
    assert pow(root.y, x, root.p) == trivial % root.p
    with (
        imported(algorithm, PRIVATE, key_numbers.private_blob()) as key,
        imported(algorithm, PUBLIC, root.public_blob()) as peer,
    ):
        refused(bcrypt.BCryptSecretAgreement(key, peer), INVALID_PARAMETER)
        with agreed(key, key):
            pass


def of_order_4() -> Dh:
    """A prime of the form 4n + 1, and y with y^2 = -1."""
    rng = random.Random("order 4")
    while not is_prime(p := rng.getrandbits(512) & ~3 | 1 | 1 << 511):
        pass
    y = next(root for a in range(2, 99) if pow(root := pow(a, p // 4, p), 2, p) == p - 1)
    return Dh(p, 5, y)


GROUP_OF_ORDER_4 = of_order_4()


# ---------------------------------------------------------------------------------------------- 16: derivation


def test_case_h8(secret: int) -> None:
    """DH512_PRIV with itself: TRUNCATE and HASH, byte for byte [wine]."""
    assert derived(secret, TRUNCATE) == data.DH512_TRUNCATE
    assert derived(secret, "HASH") == data.DH512_HASH_SHA1
    assert bcrypt.BCryptDeriveKey(secret, TRUNCATE) == (SUCCESS, 64)
    short, long = bytearray(10), bytearray(b"\xa5" * 30)
    assert bcrypt.BCryptDeriveKey(secret, "HASH", None, short) == (SUCCESS, 10)
    assert bcrypt.BCryptDeriveKey(secret, "HASH", None, long) == (SUCCESS, 20)
    assert (bytes(short), bytes(long)) == (data.DH512_HASH_SHA1[:10], data.DH512_HASH_SHA1 + b"\xa5" * 10)


def test_case_h8_by_the_object_api() -> None:
    with cngcore.open_algorithm_provider("DH") as provider:
        key = provider.import_key_pair(PRIVATE, data.DH512_PRIV)
        with key.agree(key) as secret:
            assert secret.derive("TRUNCATE") == data.DH512_TRUNCATE
            assert secret.derive("HASH") == data.DH512_HASH_SHA1
            assert secret.derive("HASH", 5) == data.DH512_HASH_SHA1[:5]


@pytest.mark.parametrize("name", HASHLIB)
def test_hash_and_hmac(name: str, secret: int) -> None:
    parts = [Buffer(bcrypt.KDF_SECRET_PREPEND, b"before"), Buffer(bcrypt.KDF_SECRET_APPEND, b"after")]
    named = [Buffer(bcrypt.KDF_HASH_ALGORITHM, wide(name)), *parts]
    key = Buffer(bcrypt.KDF_HMAC_KEY, b"key")
    flag = bcrypt.KDF_USE_SECRET_AS_HMAC_KEY_FLAG
    assert derived(secret, "HASH", named) == digest(name, b"before" + Z + b"after")
    assert derived(secret, "HMAC", [*named, key]) == hmac_bytes(b"key", b"before" + Z + b"after", HASHLIB[name])
    assert derived(secret, "HMAC", named, flag) == hmac_bytes(Z, b"before" + Z + b"after", HASHLIB[name])


def test_tls_prf(secret: int) -> None:
    label, seed = Buffer(bcrypt.KDF_TLS_PRF_LABEL, b"master secret"), Buffer(bcrypt.KDF_TLS_PRF_SEED, bytes(range(64)))
    assert derived(secret, "TLS_PRF", [label, seed]) == tls1_prf(Z, b"master secret", bytes(range(64)), 48)
    newer = Buffer(bcrypt.KDF_TLS_PRF_PROTOCOL, bcrypt.TLS1_2_PROTOCOL_VERSION)
    expected = p_hash(Z, b"master secret" + bytes(range(64)), "sha256", 48)
    assert derived(secret, "TLS_PRF", [label, seed, newer]) == expected


def test_concatenation(secret: int) -> None:
    parts = [
        Buffer(bcrypt.KDF_ALGORITHMID, b"id"),
        Buffer(bcrypt.KDF_PARTYUINFO, b"u"),
        Buffer(bcrypt.KDF_PARTYVINFO, b"v"),
        Buffer(bcrypt.KDF_HASH_ALGORITHM, wide("SHA256")),
    ]
    expected = [digest("SHA256", struct.pack(">I", counter) + Z + b"iduv") for counter in (1, 2)]
    assert derived(secret, "SP800_56A_CONCAT", parts) == expected[0]
    assert derived(secret, "SP800_56A_CONCAT", parts, 0, 64) == b"".join(expected)


def test_hkdf(secret: int) -> None:
    ok(bcrypt.BCryptSetProperty(secret, bcrypt.BCRYPT_HKDF_HASH_ALGORITHM, wide("SHA256")))
    ok(bcrypt.BCryptSetProperty(secret, bcrypt.BCRYPT_HKDF_SALT_AND_FINALIZE, b"salt"))
    info = [Buffer(bcrypt.KDF_HKDF_INFO, b"info")]
    assert derived(secret, "HKDF", info, 0, 42) == hkdf(Z, b"salt", b"info", "sha256", 42)


@pytest.mark.parametrize("name", ["INVALID", "RNG"])
def test_unknown_hashes(name: str, secret: int) -> None:
    """contract: rule-derive: NOT_SUPPORTED [wine-test]."""
    parameters = [Buffer(bcrypt.KDF_HASH_ALGORITHM, wide(name))]
    refused(bcrypt.BCryptDeriveKey(secret, "HASH", parameters, bytearray(20)), NOT_SUPPORTED)


# -------------------------------------------------------------------------------------------------------- threads


def test_one_key_serves_many_threads(algorithm: int) -> None:
    answers: set[bytes] = set()
    with imported(algorithm, PRIVATE, data.DH512_PRIV) as key:

        def work() -> None:
            for _ in range(20):
                with agreed(key, key) as secret:
                    answers.add(derived(secret, TRUNCATE))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {data.DH512_TRUNCATE}
