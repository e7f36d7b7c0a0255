"""DSA: its rows of every section of the contract, cases I1 to I3 and B4, and its sentence of the reference page."""

from __future__ import annotations

import hashlib
import random
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from contract import data
from helpers import (
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
    signed,
    text_of,
)
from oracles.values import dword, number, octets, wide

import cngcore
from cngcore import bcrypt

INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
INVALID_HANDLE = bcrypt.STATUS_INVALID_HANDLE
INVALID_SIGNATURE = bcrypt.STATUS_INVALID_SIGNATURE
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
PUBLIC, PRIVATE = bcrypt.BCRYPT_DSA_PUBLIC_BLOB, bcrypt.BCRYPT_DSA_PRIVATE_BLOB
ANY_PUBLIC, ANY_PRIVATE = bcrypt.BCRYPT_PUBLIC_KEY_BLOB, bcrypt.BCRYPT_PRIVATE_KEY_BLOB
LEGACY = bcrypt.LEGACY_DSA_V2_PRIVATE_BLOB
PARAMETERS = bcrypt.BCRYPT_DSA_PARAMETERS
KEY_LENGTH = bcrypt.BCRYPT_KEY_LENGTH
NO_VALIDATION = bcrypt.BCRYPT_NO_KEY_VALIDATION
LENGTHS = range(512, 3072 + 1, 64)
OLD_LENGTHS = range(512, 1024 + 1, 64)
UNKNOWN = 0xFFFFFFFF

# -------------------------------------------------------------------------------- groups, blobs and an oracle


class Dsa(NamedTuple):
    """A key; ``count`` and ``seed`` as the wire has them."""

    p: int
    q: int
    g: int
    y: int
    x: int
    count: int
    seed: bytes

    @property
    def size(self) -> int:
        return (self.p.bit_length() + 7) // 8

    @property
    def group(self) -> int:
        return (self.q.bit_length() + 7) // 8


#: q = 3 * 2^(bits - 2) + the first number; p = q * (e + 2k) + 1 for the least even e that gives p its length, and k the
#: second. Found by search; all of them prime.
GROUPS = {
    (512, 160): (25, 510),
    (1020, 160): (25, 341),
    (1024, 160): (25, 50),
    (1032, 256): (49, 394),
    (1088, 160): (25, 400),
    (1088, 224): (37, 823),
    (1088, 256): (49, 262),
    (1088, 512): (761, 16),
    (4096, 256): (49, 573),
}


def dsa_key(bits: int, group: int = 0) -> Dsa:
    """The same key each time, of a group that has no seed."""
    group = group or (160 if bits <= 1024 else 256)
    above, k = GROUPS[bits, group]
    q = (3 << group - 2) + above
    e = (1 << bits - 1) // q + 1
    p = q * (e + (e & 1) + 2 * k) + 1
    g, x = pow(2, (p - 1) // q, p), q // 3
    return Dsa(p, q, g, pow(g, x, p), x, UNKNOWN, b"\xff" * (group // 8))


def structure(magic: bytes, key: Dsa, *, hashed: int | None = None, standard: int = 1) -> bytes:
    """contract: rule-layout-dsa-v1, rule-layout-dsa-v2, rule-layout-parameters: from the magic to g."""
    count = struct.pack(">I", key.count)
    tail = octets(key.p, key.size) + octets(key.g, key.size)
    if key.size <= 128:
        return magic + dword(key.size) + count + key.seed + octets(key.q, 20) + tail
    hashed = {20: 0, 28: 1, 32: 1, 64: 2}[key.group] if hashed is None else hashed
    header = struct.pack("<5I", key.size, hashed, standard, len(key.seed), key.group)
    return magic + header + count + key.seed + octets(key.q, key.group) + tail


def public_blob(key: Dsa, **fields: int) -> bytes:
    return structure(b"DSPB" if key.size <= 128 else b"DPB2", key, **fields) + octets(key.y, key.size)


def private_blob(key: Dsa, **fields: int) -> bytes:
    head = structure(b"DSPV" if key.size <= 128 else b"DPV2", key, **fields)
    return head + octets(key.y, key.size) + octets(key.x, key.group)


def parameter_blob(key: Dsa, **fields: int) -> bytes:
    body = structure(b"DSPM" if key.size <= 128 else b"DPM2", key, **fields)
    return dword(len(body) + 4) + body


def legacy_blob(key: Dsa) -> bytes:
    """contract: rule-layout-legacy."""
    fields = ((key.p, key.size), (key.q, 20), (key.g, key.size), (key.x, 20))
    numbers = b"".join(octets(*field)[::-1] for field in fields)
    header = b"\x07\x02\0\0\0\x22\0\0DSS2" + dword(8 * key.size)
    return header + numbers + dword(key.count) + key.seed[::-1]


def read_blob(blob: bytes) -> Dsa:
    """A public or private blob, with every length checked against the whole."""
    magic, size = struct.unpack_from("<4sI", blob)
    if magic in (b"DSPB", b"DSPV"):
        group, count, seed, q, at = 20, number(blob[8:12]), blob[12:32], blob[32:52], 52
    else:
        hashed, standard, cb_seed, group = struct.unpack_from("<4I", blob, 8)
        assert (hashed, standard) == ({20: 0, 28: 1, 32: 1, 64: 2}[group], 1)
        count, at = number(blob[24:28]), 28 + cb_seed + group
        seed, q = blob[28 : 28 + cb_seed], blob[28 + cb_seed : at]
    private = magic in (b"DSPV", b"DPV2")
    assert len(blob) == at + 3 * size + (group if private else 0)
    p, g, y = (number(blob[at + i * size : at + (i + 1) * size]) for i in range(3))
    assert (size <= 128) == (magic in (b"DSPB", b"DSPV"))
    return Dsa(p, number(q), g, y, number(blob[at + 3 * size :]) if private else 0, count, seed)


def holds(key: Dsa, hashed: bytes, signature: bytes) -> bool:
    """Whether r || s is a signature over a digest as long as q (FIPS 186-4 section 4.7)."""
    assert len(hashed) == key.group
    assert len(signature) == 2 * key.group
    r, s = number(signature[: key.group]), number(signature[key.group :])
    w = pow(s, -1, key.q)
    u1, u2 = number(hashed) * w % key.q, r * w % key.q
    return 0 < r < key.q and 0 < s < key.q and pow(key.g, u1, key.p) * pow(key.y, u2, key.p) % key.p % key.q == r


def attempt(blob_type: Any, blob: Any, flags: Any = 0, name: str = "DSA") -> Any:
    """An import that should fail; the key is destroyed if it does not."""
    with opened(name) as algorithm:
        answer = bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, blob, flags)
        bcrypt.BCryptDestroyKey(answer[1])
        return answer


SMALL, LARGE = dsa_key(1024), dsa_key(1088)
DIGEST = {20: hashlib.sha1(b"message").digest(), 32: hashlib.sha256(b"message").digest()}


@pytest.fixture
def windows_7() -> Iterator[None]:
    with cngcore.registry.using(cngcore.Registry(windows="7")):
        yield


# --------------------------------------------------------------------------------------- 3, the page's dwLength


def other_lengths(legal: range) -> list[int]:
    """At least 2,000 integers that are not legal: neighbours of legal ones, the edges of C types, and a spread."""
    rng = random.Random(186)
    chosen = {0, 1, -1, *(sign * 2**n + d for n in (31, 32, 63, 64) for d in (-1, 0, 1) for sign in (1, -1)), 10**30}
    for length in legal:
        chosen.update((length - 1, length + 1, length - 64, length + 64, -length, length + 2**32, length << 32))
        chosen.update((length // 8, length * 8, length ^ 32))
    while len(chosen - set(legal)) < 2500:
        chosen.update((rng.randrange(5000), rng.randrange(-(2**33), 2**33), rng.getrandbits(rng.randrange(1, 200))))
    return sorted(chosen - set(legal))


def judge_lengths(legal: range) -> None:
    """All legal lengths and no others, by both APIs."""
    with opened("DSA") as algorithm, cngcore.open_algorithm_provider("DSA") as provider:
        for bits in legal:
            key = ok(bcrypt.BCryptGenerateKeyPair(algorithm, bits))
            assert dword_of(key, KEY_LENGTH) == bits
            ok(bcrypt.BCryptDestroyKey(key))
            with provider.generate_key_pair(bits) as pair:
                assert (pair.state, pair.get_property(KEY_LENGTH)) == ("empty", bits)
        others = other_lengths(legal)
        assert len(others) >= 2000
        accepted = [n for n in others if bcrypt.BCryptGenerateKeyPair(algorithm, n) != (INVALID_PARAMETER, None)]
        assert accepted == []
        for length in others:
            with pytest.raises(cngcore.InvalidParameterError):
                provider.generate_key_pair(length)


def test_every_legal_length_and_no_other() -> None:
    """ "greater than or equal to 512 bits, less than or equal to 3072 bits, and must be a multiple of 64" [doc]."""
    assert len(LENGTHS) == 41
    judge_lengths(LENGTHS)


@pytest.mark.parametrize("version", ["vista", "7"])
def test_lengths_before_windows_8(version: str) -> None:
    """ "Prior to Windows 8, the key size must be ... less than or equal to 1024 bits" [doc]."""
    assert len(OLD_LENGTHS) == 9
    with cngcore.registry.using(cngcore.Registry(windows=version)):
        judge_lengths(OLD_LENGTHS)


@pytest.mark.parametrize("version", ["8", "8.1", "10", "11", "11-24h2"])
def test_lengths_from_windows_8_on(version: str) -> None:
    with cngcore.registry.using(cngcore.Registry(windows=version)), opened("DSA") as algorithm:
        assert property_of(algorithm, bcrypt.BCRYPT_KEY_LENGTHS) == struct.pack("<3I", 512, 3072, 64)
        with empty(algorithm, 3072):
            pass


@pytest.mark.parametrize("length", [None, "512", b"512", 512.0, [512], object()], ids=lambda v: type(v).__name__)
def test_a_length_of_a_wrong_type(length: object) -> None:
    with opened("DSA") as algorithm:
        refused(bcrypt.BCryptGenerateKeyPair(algorithm, length), INVALID_PARAMETER)


def test_flags_can_be_zero_and_nothing_else() -> None:
    """contract: rule-generate-flags: NO_KEY_VALIDATION is for ML-KEM only [doc]."""
    with opened("DSA") as algorithm:
        for flags in (NO_VALIDATION, 0x18, 0xFFFFFFFF, 2**32, -1, None, "0", *(1 << bit for bit in range(32))):
            refused(bcrypt.BCryptGenerateKeyPair(algorithm, 512, flags), INVALID_PARAMETER)


def test_through_the_pseudo_handle() -> None:
    """a pseudo-handle works wherever an algorithm handle does, and takes no properties.

    contract: rule-pseudo-values.
    """
    with generated(bcrypt.BCRYPT_DSA_ALG_HANDLE, 512) as key:
        assert text_of(key, bcrypt.BCRYPT_ALGORITHM_NAME) == "DSA"
    with imported(bcrypt.BCRYPT_DSA_ALG_HANDLE, ANY_PUBLIC, data.DSA512_PUB) as key:
        assert exported(key, PUBLIC) == data.DSA512_PUB
    answer = bcrypt.BCryptSetProperty(bcrypt.BCRYPT_DSA_ALG_HANDLE, PARAMETERS, parameter_blob(SMALL))
    refused(answer, bcrypt.STATUS_ACCESS_DENIED)


# ---------------------------------------------------------------------------------------- 6, 27 what is generated


@pytest.mark.parametrize("bits", [512, 576, 960, 1024, 1088])
def test_what_is_generated(bits: int) -> None:
    """q of 160 bits up to a p of 1024, of 256 above; V1 or V2; x and y; a real counter and seed.

    contract: rule-finalize-dsa-rules, rule-algorithm-summary.
    """
    group = 20 if bits <= 1024 else 32
    with generated("DSA", bits) as key, generated("DSA", bits) as other:
        public, private = exported(key, PUBLIC), exported(key, PRIVATE)
        found = read_blob(private)
        assert (found.p.bit_length(), found.q.bit_length()) == (bits, 8 * group)
        assert read_blob(public) == found._replace(x=0)
        assert 0 < found.x < found.q
        assert found.y == pow(found.g, found.x, found.p)
        assert pow(found.g, found.q, found.p) == 1
        assert found.g > 1
        assert (found.p - 1) % found.q == 0
        assert found.count != UNKNOWN
        assert found.seed.strip(b"\xff")
        assert len(found.seed) == group
        assert len(public) == (52 if bits <= 1024 else 28 + 2 * group) + 3 * (bits // 8)
        assert read_blob(exported(other, PRIVATE)).p != found.p
        assert dword_of(key, bcrypt.BCRYPT_SIGNATURE_LENGTH) == 2 * group
        signature = signed(key, DIGEST[group])
        assert len(signature) == 2 * group
        assert holds(found, DIGEST[group], signature)


def test_the_seed_of_the_blob_gives_q_and_p() -> None:
    """FIPS 186-2 appendix 2.2, step by step, for a generated key as for the one Windows made.

    contract: rule-dsa-generation, rule-python-dsa-seed.
    """

    def sha1(value: int) -> int:
        return number(hashlib.sha1(octets(value % 2**160, 20)).digest())

    with generated("DSA", 640) as key:
        made = read_blob(exported(key, PUBLIC))
    for found, bits in ((made, 640), (read_blob(data.DSA512_PUB), 512)):
        seed = number(found.seed)
        assert (sha1(seed) ^ sha1(seed + 1)) | 2**159 | 1 == found.q
        n, b = divmod(bits - 1, 160)
        offset = 2 + found.count * (n + 1)
        v = [sha1(seed + offset + k) for k in range(n + 1)]
        x = sum(value << 160 * k for k, value in enumerate(v[:-1])) + (v[-1] % 2**b << 160 * n) + 2 ** (bits - 1)
        assert x - (x % (2 * found.q) - 1) == found.p


def test_the_seed_of_a_second_version_blob_gives_q_p_and_g() -> None:
    """The same above 1024 bits: FIPS 186-4 A.1.1.2 with SHA-256, and A.2.3 with index 1."""

    def sha256(data: bytes) -> int:
        return number(hashlib.sha256(data).digest())

    with generated("DSA", 1088) as key:
        p, q, g, _, _, count, seed = read_blob(exported(key, PUBLIC))
    u = sha256(seed) % 2**255
    assert 2**255 + u + 1 - u % 2 == q
    offset = 1 + count * 5
    v = [sha256(octets((number(seed) + offset + j) % 2**256, 32)) for j in range(5)]
    w = sum(value << 256 * j for j, value in enumerate(v[:-1])) + (v[-1] % 2**63 << 1024)
    x = w + 2**1087
    assert x - (x % (2 * q) - 1) == p
    assert pow(sha256(seed + b"ggen\x01\x00\x01"), (p - 1) // q, p) == g


@pytest.mark.parametrize("flags", [0, NO_VALIDATION, bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER])
def test_finalize_once(flags: int) -> None:
    """flags [header]; twice is INVALID_HANDLE [wine-test]; other flags INVALID_PARAMETER.

    contract: rule-finalize-flags.
    """
    with empty("DSA", 512) as key:
        refused(bcrypt.BCryptFinalizeKeyPair(key, 1), INVALID_PARAMETER)
        ok(bcrypt.BCryptFinalizeKeyPair(key, flags))
        refused(bcrypt.BCryptFinalizeKeyPair(key, flags), INVALID_HANDLE)
    with imported("DSA", PUBLIC, data.DSA512_PUB) as key:
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_HANDLE)


# -------------------------------------------------------------------------------------------- 0.6 the life cycle


def test_an_empty_key_is_good_for_nothing_yet() -> None:
    """INVALID_HANDLE until the key is finalized; DSAParameters too, as DHParameters is [wine-test].

    contract: rule-life-unfinalized.
    """
    with empty("DSA", 512) as key:
        for answer in (
            bcrypt.BCryptExportKey(key, None, PUBLIC),
            bcrypt.BCryptSignHash(key, None, DIGEST[20], bytearray(40)),
            bcrypt.BCryptSignHash(key, None, DIGEST[20]),
            bcrypt.BCryptVerifySignature(key, None, DIGEST[20], bytes(40)),
            bcrypt.BCryptGetProperty(key, PARAMETERS),
            bcrypt.BCryptGetProperty(key, bcrypt.BCRYPT_SIGNATURE_LENGTH),
        ):
            refused(answer, INVALID_HANDLE)
        assert dword_of(key, KEY_LENGTH) == 512


def test_a_key_outlives_its_provider() -> None:
    """contract: rule-lifetimes [symcrypt]."""
    algorithm = ok(bcrypt.BCryptOpenAlgorithmProvider("DSA"))
    key = ok(bcrypt.BCryptGenerateKeyPair(algorithm, 512))
    ok(bcrypt.BCryptCloseAlgorithmProvider(algorithm))
    ok(bcrypt.BCryptFinalizeKeyPair(key))
    ok(bcrypt.BCryptVerifySignature(key, None, DIGEST[20], signed(key, DIGEST[20])))
    ok(bcrypt.BCryptDestroyKey(key))
    refused(bcrypt.BCryptSignHash(key, None, DIGEST[20], bytearray(40)), INVALID_HANDLE)


# ------------------------------------------------------------------------------------------------ 4 and 5, properties


def test_padding_schemes() -> None:
    """contract: rule-get-padding-schemes, case B4: NOT_SUPPORTED [wine-test]; on a key as well."""
    with opened("DSA") as algorithm, generated(algorithm, 512) as key, empty(algorithm, 512) as unfinished:
        for handle in (algorithm, key, unfinished):
            refused(bcrypt.BCryptGetProperty(handle, bcrypt.BCRYPT_PADDING_SCHEMES), NOT_SUPPORTED)
            refused(bcrypt.BCryptGetProperty(handle, bcrypt.BCRYPT_PADDING_SCHEMES, bytearray(4)), NOT_SUPPORTED)


@pytest.mark.parametrize(("bits", "signature"), [(512, 40), (1024, 40), (1088, 64)])
def test_properties_of_a_key(bits: int, signature: int) -> None:
    """KeyLength in bits [go], KeyStrength, SignatureLength 2*q [doc, go], AlgorithmName.

    contract: rule-get-key-strength, rule-get-key-length, rule-get-signature-length, rule-get-algorithm-name.
    """
    with generated("DSA", bits) as private, imported("DSA", PUBLIC, exported(private, PUBLIC)) as public:
        for key in (private, public):
            assert dword_of(key, KEY_LENGTH) == dword_of(key, bcrypt.BCRYPT_KEY_STRENGTH) == bits
            assert dword_of(key, bcrypt.BCRYPT_SIGNATURE_LENGTH) == signature
            assert text_of(key, bcrypt.BCRYPT_ALGORITHM_NAME) == "DSA"
            for name in (bcrypt.BCRYPT_DH_PARAMETERS, bcrypt.BCRYPT_ECC_PARAMETERS, bcrypt.BCRYPT_BLOCK_LENGTH):
                refused(bcrypt.BCryptGetProperty(key, name), NOT_SUPPORTED)


def test_key_lengths() -> None:
    """contract: rule-get-key-lengths: three DWORDs, read by clients for DSA [go]; 512 to 1024 before Windows 8."""
    with opened("DSA") as algorithm:
        assert property_of(algorithm, bcrypt.BCRYPT_KEY_LENGTHS) == struct.pack("<3I", 512, 3072, 64)
        refused(bcrypt.BCryptGetProperty(algorithm, KEY_LENGTH), NOT_SUPPORTED)
        refused(bcrypt.BCryptGetProperty(algorithm, PARAMETERS), NOT_SUPPORTED)
        refused(bcrypt.BCryptSetProperty(algorithm, PARAMETERS, parameter_blob(SMALL)), NOT_SUPPORTED)


def test_key_lengths_of_windows_7(windows_7: None) -> None:
    with opened("DSA") as algorithm:
        assert property_of(algorithm, bcrypt.BCRYPT_KEY_LENGTHS) == struct.pack("<3I", 512, 1024, 64)
        with empty(algorithm, 1024) as key:
            refused(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(1088)), INVALID_PARAMETER)
            ok(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(512)))
            ok(bcrypt.BCryptFinalizeKeyPair(key))
            assert len(exported(key, PUBLIC)) == 244
    with cngcore.open_algorithm_provider("DSA") as provider:
        assert provider.get_property("KeyLengths") == cngcore.KeyLengths(512, 1024, 64)


def test_the_length_can_be_changed_before_finalize() -> None:
    """checked at once; INVALID_PARAMETER leaves the old one; afterwards only the same is taken.

    contract: rule-set-key-length, rule-python-key-lengths.
    """
    with empty("DSA", 1024) as key:
        for wrong in (dword(1025), dword(448), dword(3136), dword(0), b"\0\2", dword(576) + b"\0"):
            refused(bcrypt.BCryptSetProperty(key, KEY_LENGTH, wrong), INVALID_PARAMETER)
            assert dword_of(key, KEY_LENGTH) == 1024
        ok(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(576)))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert read_blob(exported(key, PUBLIC)).p.bit_length() == 576
        ok(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(576)))
        refused(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(512)), INVALID_PARAMETER)


@pytest.mark.parametrize(
    ("bits", "group"), [(512, 160), (1024, 160), (1088, 160), (1088, 224), (1088, 256), (1088, 512)]
)
def test_parameters_given_beforehand(bits: int, group: int) -> None:
    """Finalize makes x and y only; count and seed 0xFF mean that they are not known, and stay so.

    contract: rule-set-dsa-parameters [doc, go].
    """
    given = dsa_key(bits, group)
    value = parameter_blob(given)
    with opened("DSA") as algorithm, empty(algorithm, bits) as one, empty(algorithm, bits) as two:
        keys = set()
        for key in (one, two):
            ok(bcrypt.BCryptSetProperty(key, PARAMETERS, value))
            refused(bcrypt.BCryptGetProperty(key, PARAMETERS, None, 1), INVALID_PARAMETER)
            assert property_of(key, PARAMETERS) == value
            ok(bcrypt.BCryptFinalizeKeyPair(key))
            assert property_of(key, PARAMETERS) == value
            found = read_blob(exported(key, PRIVATE))
            assert found[:3] == given[:3]
            assert (found.count, found.seed) == (UNKNOWN, b"\xff" * (group // 8))
            assert found.y == pow(found.g, found.x, found.p)
            hashed = bytes(range(group // 8))
            assert holds(found, hashed, signed(key, hashed))
            keys.add(found.x)
            refused(bcrypt.BCryptSetProperty(key, PARAMETERS, value), INVALID_HANDLE)
        assert len(keys) == 2


@pytest.mark.parametrize("bits", [512, 1088])
def test_parameters_read_from_one_key_and_given_to_another(bits: int) -> None:
    """readable when finalized; the counter and the seed go with them.

    contract: rule-set-dsa-parameters, rule-get-dsa-parameters.
    """
    with generated("DSA", bits) as key, empty("DSA", bits) as other:
        value = property_of(key, PARAMETERS)
        found = read_blob(exported(key, PUBLIC))
        assert value == parameter_blob(found)
        short = bytearray(len(value) - 1)
        answer = bcrypt.BCryptGetProperty(key, PARAMETERS, short)
        assert answer == (bcrypt.STATUS_BUFFER_TOO_SMALL, len(value))
        assert not any(short)
        ok(bcrypt.BCryptSetProperty(other, PARAMETERS, value))
        ok(bcrypt.BCryptFinalizeKeyPair(other))
        assert read_blob(exported(other, PUBLIC))[:3] == found[:3]
        assert property_of(other, PARAMETERS) == value
        assert exported(other, PUBLIC) != exported(key, PUBLIC)


def test_parameters_that_do_not_fit_the_length() -> None:
    """sizes that are not the key's are INVALID_PARAMETER, here at Finalize; the key stays open.

    contract: rule-set-dsa-parameters.
    """
    with empty("DSA", 512) as key:
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, parameter_blob(SMALL)))
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, parameter_blob(dsa_key(512))))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert read_blob(exported(key, PUBLIC)).p == dsa_key(512).p
    with empty("DSA", 512) as key:
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, parameter_blob(LARGE)))
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)
        ok(bcrypt.BCryptSetProperty(key, KEY_LENGTH, dword(1088)))
        ok(bcrypt.BCryptFinalizeKeyPair(key))


def damaged_parameters() -> dict[str, bytes]:
    small, large = parameter_blob(SMALL), parameter_blob(LARGE)
    seed_20 = large[:20] + dword(20) + large[24:32] + b"\xff" * 20 + large[64:]
    return {
        "empty": b"",
        "no header": small[:12],
        "cut": small[:-1],
        "trailing": small + b"\0",
        "cbLength": dword(len(small) + 4) + small[4:],
        "magic of a key": small[:4] + b"DSPB" + small[8:],
        "magic of DH": small[:4] + b"DHPM" + small[8:],
        "cbKeyLength": small[:8] + dword(127) + small[12:],
        "cbKeyLength of 4 GB": small[:8] + dword(UNKNOWN) + small[12:],
        "hash": parameter_blob(LARGE, hashed=0),
        "standard": parameter_blob(LARGE, standard=2),
        "a seed unknown and not as long as q": dword(len(seed_20)) + seed_20[4:],
        "a counter without a seed": parameter_blob(SMALL._replace(count=5)),
        "a seed without a counter": parameter_blob(SMALL._replace(seed=bytes(20))),
        "p even": parameter_blob(SMALL._replace(p=SMALL.p - 1)),
        "q even": parameter_blob(SMALL._replace(q=0xFA << 152)),
        "q no divisor": parameter_blob(SMALL._replace(q=SMALL.q + 2)),
        "p of 1": parameter_blob(SMALL)[:56] + octets(1, 128) + small[184:],
        "g of 0": parameter_blob(SMALL._replace(g=0)),
        "g of 1": parameter_blob(SMALL._replace(g=1)),
        "g of p": parameter_blob(SMALL._replace(g=SMALL.p)),
        "g of another order": parameter_blob(SMALL._replace(g=3)),
        "g of order 2": parameter_blob(SMALL._replace(g=SMALL.p - 1)),
    }


@pytest.mark.parametrize("what", damaged_parameters())
def test_parameters_that_are_none(what: str) -> None:
    """contract: rule-set-dsa-parameters, rule-import: INVALID_PARAMETER at once; what was set before stays."""
    with empty("DSA", 1024) as key:
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, parameter_blob(SMALL)))
        refused(bcrypt.BCryptSetProperty(key, PARAMETERS, damaged_parameters()[what]), INVALID_PARAMETER)
        assert property_of(key, PARAMETERS) == parameter_blob(SMALL)


@pytest.mark.parametrize("wrong", [None, 7, "DSPM", 1.5, [], object()], ids=as_id)
def test_parameters_of_a_wrong_type(wrong: object) -> None:
    with empty("DSA", 512) as key:
        refused(bcrypt.BCryptSetProperty(key, PARAMETERS, wrong), INVALID_PARAMETER)


def test_a_seed_that_does_not_give_the_primes() -> None:
    """9, in the property: parameters whose seed is told are verified from it, unless that is asked not to be."""
    with generated("DSA", 512) as key:
        value = property_of(key, PARAMETERS)
    wrong = value[:16] + bytes([value[16] ^ 1]) + value[17:]
    with empty("DSA", 512) as key:
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, wrong))
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)
        ok(bcrypt.BCryptFinalizeKeyPair(key, NO_VALIDATION))
        assert property_of(key, PARAMETERS) == wrong


def test_properties_that_cannot_be_set() -> None:
    """contract: rule-set-property: NOT_SUPPORTED for an unknown and for a read-only property [doc]."""
    with empty("DSA", 512) as key:
        for name in (
            bcrypt.BCRYPT_SIGNATURE_LENGTH,
            bcrypt.BCRYPT_KEY_STRENGTH,
            bcrypt.BCRYPT_DH_PARAMETERS,
            "Nothing",
        ):
            refused(bcrypt.BCryptSetProperty(key, name, dword(512)), NOT_SUPPORTED)
        refused(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_ECC_CURVE_NAME, wide("nistP256")), NOT_SUPPORTED)


# -------------------------------------------------------------------------------------------- 9 and 10, blobs


@pytest.mark.parametrize("blob_type", [PUBLIC, ANY_PUBLIC])
def test_the_key_windows_made(blob_type: str) -> None:
    """Cases I1, I2, I3 [wine]."""
    with imported("DSA", blob_type, data.DSA512_PUB) as key:
        blob = exported(key, PUBLIC)
        assert blob == data.DSA512_PUB
        assert (len(blob), blob[:4]) == (244, b"DSPB")
        for private in (PRIVATE, ANY_PRIVATE, LEGACY):
            refused(bcrypt.BCryptExportKey(key, None, private), INVALID_PARAMETER)
            refused(bcrypt.BCryptExportKey(key, None, private, bytearray(500)), INVALID_PARAMETER)
        ok(bcrypt.BCryptVerifySignature(key, None, data.DSA512_HASH, data.DSA512_SIG))
        assert holds(read_blob(blob), data.DSA512_HASH, data.DSA512_SIG)


KEYS = [
    (512, 160),
    (1020, 160),
    (1024, 160),
    (1032, 256),
    (1088, 160),
    (1088, 224),
    (1088, 256),
    (1088, 512),
    (4096, 256),
]


@pytest.mark.parametrize(("bits", "group"), KEYS)
def test_blobs_round_trip(bits: int, group: int) -> None:
    """contract: rule-export-round-trip: byte for byte; contract: rule-import-dsa-seed: counter and seed 0xFF [go];
    contract: rule-dsa-group-sizes: V2 with q of 160, 256 or 512 bits; sizes off the grid.
    """
    given = dsa_key(bits, group)
    for blob_type, blob in ((PRIVATE, private_blob(given)), (ANY_PRIVATE, private_blob(given))):
        with imported("DSA", blob_type, blob) as key:
            assert exported(key, PRIVATE) == exported(key, ANY_PRIVATE) == private_blob(given)
            assert exported(key, PUBLIC) == exported(key, ANY_PUBLIC) == public_blob(given)
            hashed = bytes(range(group // 8))
            signature = signed(key, hashed)
            assert holds(given, hashed, signature)
            with imported("DSA", ANY_PUBLIC, public_blob(given)) as public:
                assert exported(public, PUBLIC) == public_blob(given)
                ok(bcrypt.BCryptVerifySignature(public, None, hashed, signature))
                assert dword_of(public, KEY_LENGTH) == bits


def test_export_sizes() -> None:
    """the size without a buffer; BUFFER_TOO_SMALL, also for 0; a larger buffer keeps its end.

    contract: rule-size-query.
    """
    size = 52 + 3 * 128
    with imported("DSA", PUBLIC, public_blob(SMALL)) as key:
        assert bcrypt.BCryptExportKey(key, None, PUBLIC) == (bcrypt.STATUS_SUCCESS, size)
        for short in (0, 1, size - 1):
            assert bcrypt.BCryptExportKey(key, None, PUBLIC, bytearray(short)) == (bcrypt.STATUS_BUFFER_TOO_SMALL, size)
        buffer = bytearray(b"\xa5" * (size + 5))
        assert bcrypt.BCryptExportKey(key, None, PUBLIC, buffer) == (bcrypt.STATUS_SUCCESS, size)
        assert buffer == public_blob(SMALL) + b"\xa5" * 5


def test_the_blob_of_cryptoapi() -> None:
    """round trip byte for byte, y recomputed; 336 bytes for 1024 bits.

    contract: rule-export-round-trip, rule-layout-legacy [wine-test].
    """
    blob = legacy_blob(SMALL)
    assert len(blob) == 336
    with imported("DSA", LEGACY, blob) as key:
        assert exported(key, LEGACY) == blob
        assert exported(key, PRIVATE) == private_blob(SMALL)
    with generated("DSA", 512) as key:
        found = read_blob(exported(key, PRIVATE))
        blob = exported(key, LEGACY)
        assert blob == legacy_blob(found)
        with imported("DSA", LEGACY, blob) as copy:
            assert exported(copy, PRIVATE) == exported(key, PRIVATE)
    with imported("DSA", PRIVATE, private_blob(LARGE)) as key:
        refused(bcrypt.BCryptExportKey(key, None, LEGACY), NOT_SUPPORTED)
    refused(attempt(LEGACY, legacy_blob(SMALL)[:-1]), INVALID_PARAMETER)
    refused(attempt(LEGACY, b"\x06" + legacy_blob(SMALL)[1:]), NOT_SUPPORTED)


@pytest.mark.parametrize(
    "blob_type",
    [
        "V2CAPIDSAPUBLICBLOB",
        "CAPIDSAPUBLICBLOB",
        "OpaqueKeyBlob",
        "RSAPUBLICBLOB",
        "dsapublicblob",
        "ECCPRIVATEBLOB",
        "",
    ],
)
def test_types_that_are_not_dsas(blob_type: str) -> None:
    """legacy public blobs are not imported [doc]; types of other algorithms NOT_SUPPORTED [doc].

    contract: rule-import-legacy, rule-export-type.
    """
    refused(attempt(blob_type, data.DSA512_PUB), NOT_SUPPORTED)
    with imported("DSA", PRIVATE, private_blob(SMALL)) as key:
        refused(bcrypt.BCryptExportKey(key, None, blob_type), NOT_SUPPORTED)


@pytest.mark.parametrize("magic", [b"RSA1", b"DHPB", b"ECS1", b"DSPM", b"DPM2", b"DSS2", b"BPSD", bytes(4)])
def test_magics_of_others(magic: bytes) -> None:
    """contract: rule-import-magic [wine-impl]: wrong magic for the blob type or algorithm: NOT_SUPPORTED."""
    for blob_type, blob in (
        (PUBLIC, public_blob(SMALL)),
        (PRIVATE, private_blob(LARGE)),
        (ANY_PUBLIC, public_blob(LARGE)),
    ):
        refused(attempt(blob_type, magic + blob[4:]), NOT_SUPPORTED)
    refused(attempt(PUBLIC, private_blob(SMALL)), NOT_SUPPORTED)
    refused(attempt(PRIVATE, public_blob(SMALL)), NOT_SUPPORTED)
    refused(attempt(bcrypt.BCRYPT_RSAPUBLIC_BLOB, data.DSA512_PUB, name="RSA"), NOT_SUPPORTED)


def damaged_blobs() -> dict[str, tuple[str, bytes]]:
    small, large = SMALL, LARGE
    public = public_blob(small)
    return {
        "nothing": (PUBLIC, b""),
        "a magic": (PUBLIC, b"DSPB"),
        "shorter than the header": (PUBLIC, public[:51]),
        "shorter than the header, V2": (PRIVATE, private_blob(large)[:27]),
        "cut": (PUBLIC, public[:-1]),
        "trailing": (PUBLIC, public + b"\0"),
        "private, trailing": (PRIVATE, private_blob(small) + b"\0"),
        "V2, trailing": (PUBLIC, public_blob(large) + b"\0"),
        "cbKey too small": (PUBLIC, public[:4] + dword(127) + public[8:]),
        "cbKey of 4 GB": (PUBLIC, public[:4] + dword(UNKNOWN) + public[8:]),
        "p of 0": (PUBLIC, public[:52] + bytes(128) + public[180:]),
        "p of 1": (PUBLIC, public[:52] + octets(1, 128) + public[180:]),
        "q even, no divisor [go]": (PUBLIC, public_blob(small._replace(q=0xFA << 152))),
        "q odd, no divisor": (PUBLIC, public_blob(small._replace(q=small.q + 2))),
        "p even": (PUBLIC, public_blob(small._replace(p=small.p + 1))),
        "g of 0": (PUBLIC, public_blob(small._replace(g=0))),
        "g of 1": (PUBLIC, public_blob(small._replace(g=1))),
        "g above p": (PUBLIC, public_blob(small._replace(g=small.p + 1))),
        "y of 0": (PUBLIC, public_blob(small._replace(y=0))),
        "y of 1": (PUBLIC, public_blob(small._replace(y=1))),
        "y of p": (PUBLIC, public_blob(small._replace(y=small.p))),
        "x of 0": (PRIVATE, private_blob(small._replace(x=0))),
        "x of q": (PRIVATE, private_blob(small._replace(x=small.q))),
        "x of another y": (PRIVATE, private_blob(small._replace(x=small.x + 1))),
        "V2, hash of q of 20 bytes [dotnet]": (PUBLIC, public_blob(large, hashed=0)),
        "V2, hash of q of 64 bytes [dotnet]": (PUBLIC, public_blob(large, hashed=2)),
        "V2, q of 160 bits and SHA-256": (PUBLIC, public_blob(dsa_key(1088, 160), hashed=1)),
        "V2, unknown hash": (PUBLIC, public_blob(large, hashed=3)),
        "V2, unknown standard": (PUBLIC, public_blob(large, standard=2)),
        "counter without seed [dotnet]": (PUBLIC, public_blob(small._replace(count=1))),
        "seed without counter [dotnet]": (PUBLIC, public_blob(large._replace(seed=bytes(32)))),
        "V2, unknown seed not as long as q [go]": (PUBLIC, public_blob(large._replace(seed=b"\xff" * 20))),
        "CryptoAPI, x of q": (LEGACY, legacy_blob(small._replace(x=small.q))),
    }


@pytest.mark.parametrize("what", damaged_blobs())
@pytest.mark.parametrize("flags", [0, NO_VALIDATION])
def test_blobs_that_are_refused(what: str, flags: int) -> None:
    """contract: rule-import-flags: INVALID_PARAMETER, with and without BCRYPT_NO_KEY_VALIDATION."""
    refused(attempt(*damaged_blobs()[what], flags), INVALID_PARAMETER)


def unproved_blobs() -> dict[str, tuple[str, bytes]]:
    small = SMALL
    composite = small.q * (((1 << 1023) // small.q + 3) & ~1) + 1
    return {
        "a seed of zeros [symcrypt]": (PUBLIC, public_blob(small._replace(count=0, seed=bytes(20)))),
        "a seed of zeros, V2": (PUBLIC, public_blob(LARGE._replace(count=0, seed=bytes(32)))),
        "a wrong seed": (PRIVATE, private_blob(small._replace(count=5, seed=b"\1" * 20))),
        "FIPS 186-2 and a q of 256 bits": (PUBLIC, public_blob(LARGE._replace(count=0, seed=bytes(32)), standard=0)),
        "the counter of another p": (PUBLIC, data.DSA512_PUB[:11] + b"\x90" + data.DSA512_PUB[12:]),
        "g of another order": (PUBLIC, public_blob(small._replace(g=3))),
        "y of another order": (PUBLIC, public_blob(small._replace(y=3))),
        "y of order 2": (PUBLIC, public_blob(small._replace(y=small.p - 1))),
        "p composite": (PUBLIC, public_blob(small._replace(p=composite, g=2, y=4))),
        "CryptoAPI, a wrong seed": (LEGACY, legacy_blob(small._replace(count=5, seed=b"\1" * 20))),
    }


@pytest.mark.parametrize("what", unproved_blobs())
def test_what_no_key_validation_lets_in(what: str) -> None:
    """an all-zero seed needs NO_KEY_VALIDATION [symcrypt]; the seed, the primes and the orders are checked else.

    contract: rule-import-dsa-seed.
    """
    blob_type, blob = unproved_blobs()[what]
    range_only, whole = bcrypt.BCRYPT_KEY_VALIDATION_RANGE, bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER
    for flags in (0, range_only, whole, bcrypt.BCRYPT_KEY_VALIDATION_REGENERATE):
        refused(attempt(blob_type, blob, flags), INVALID_PARAMETER)
    with imported("DSA", blob_type, blob, flags=NO_VALIDATION) as key:
        assert exported(key, blob_type) == blob


@pytest.mark.parametrize("flags", [1, 2, 4, 9, 0x28, 0x30, 0x80000000, 2**32, -1, None, "0"])
def test_import_flags_that_are_none(flags: object) -> None:
    """contract: rule-import-flags: 0, 8, 0x10, 0x18, 0x20, each as a whole [header]."""
    refused(attempt(PUBLIC, data.DSA512_PUB, flags), INVALID_PARAMETER)


def test_import_flags_that_are() -> None:
    for flags in (0, 8, 0x10, 0x18, 0x20):
        with imported("DSA", PUBLIC, data.DSA512_PUB, flags=flags) as key:
            assert exported(key, PUBLIC) == data.DSA512_PUB


def test_arguments_of_import_that_are_missing() -> None:
    """contract: rule-import-null: type or blob NULL is INVALID_PARAMETER [wine-impl]; hImportKey must be NULL [doc]."""
    refused(attempt(None, data.DSA512_PUB), INVALID_PARAMETER)
    refused(attempt(PUBLIC, None), INVALID_PARAMETER)
    refused(attempt(PUBLIC, "DSPB"), INVALID_PARAMETER)


# ---------------------------------------------------------------------------------------- 11 and 12, signatures


@pytest.fixture
def private() -> Iterator[int]:
    with imported("DSA", PRIVATE, private_blob(SMALL)) as key:
        yield key


@pytest.fixture
def public() -> Iterator[int]:
    with imported("DSA", PUBLIC, public_blob(SMALL)) as key:
        yield key


def test_signatures(private: int, public: int) -> None:
    """r || s, each as long as q, DSA-512 40 bytes [wine-test, go]; a private key verifies too [wine-test].

    contract: rule-sign-ecdsa.
    """
    for i in range(20):
        hashed = hashlib.sha1(bytes([i])).digest()
        signature = signed(private, hashed)
        assert len(signature) == 40
        assert holds(SMALL, hashed, signature)
        for key in (private, public):
            ok(bcrypt.BCryptVerifySignature(key, None, hashed, signature))
            refused(bcrypt.BCryptVerifySignature(key, None, hashed[::-1], signature), INVALID_SIGNATURE)


@pytest.mark.parametrize("length", [1, 16, 19, 21, 28, 32, 48, 64, 1000])
def test_the_hash_is_as_long_as_q(length: int, private: int) -> None:
    """contract: rule-sign-dsa-hash, rule-python-empty-message [go]: INVALID_PARAMETER, for signing and verifying."""
    signature = signed(private, DIGEST[20])
    refused(bcrypt.BCryptSignHash(private, None, bytes(length), bytearray(40)), INVALID_PARAMETER)
    refused(bcrypt.BCryptVerifySignature(private, None, bytes(length), signature), INVALID_PARAMETER)
    with imported("DSA", PRIVATE, private_blob(LARGE)) as key:
        if length != 32:
            refused(bcrypt.BCryptSignHash(key, None, bytes(length), bytearray(64)), INVALID_PARAMETER)
        else:
            assert holds(LARGE, bytes(32), signed(key, bytes(32)))


def test_callers_truncate_and_pad_themselves(private: int) -> None:
    """a longer digest is cut, a shorter one padded on the left; then the standards' signatures verify.

    contract: rule-sign-dsa-hash [go].
    """
    for hashed in (hashlib.sha512(b"m").digest(), hashlib.md5(b"m").digest(), b"\1"):
        fitted = hashed[:20].rjust(20, b"\0")
        assert holds(SMALL, fitted, signed(private, fitted))


@pytest.mark.parametrize(
    ("padding", "flags"),
    [
        (bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA1"), bcrypt.BCRYPT_PAD_PKCS1),
        (bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA1"), 0),
        (bcrypt.BCRYPT_PSS_PADDING_INFO("SHA1", 20), bcrypt.BCRYPT_PAD_PSS),
        (bcrypt.BCRYPT_PQDSA_PADDING_INFO(), bcrypt.BCRYPT_PAD_PQDSA),
        (None, bcrypt.BCRYPT_PAD_PKCS1),
        (None, bcrypt.BCRYPT_PAD_PSS),
        (None, bcrypt.BCRYPT_PAD_NONE),
        (None, 0x80000000),
        (None, None),
        (None, -1),
        (object(), 0),
        (0, 0),
    ],
    ids=as_id,
)
def test_dsa_takes_no_padding(padding: Any, flags: Any, private: int) -> None:
    """contract: rule-sign-ecdsa: padding NULL, flags 0; with PAD_PKCS1 INVALID_PARAMETER."""
    signature = signed(private, DIGEST[20])
    refused(bcrypt.BCryptSignHash(private, padding, DIGEST[20], bytearray(40), flags), INVALID_PARAMETER)
    refused(bcrypt.BCryptVerifySignature(private, padding, DIGEST[20], signature, flags), INVALID_PARAMETER)


def test_sign_sizes(private: int, public: int) -> None:
    """the size without a buffer, with a NULL hash and on a public-only key too; BUFFER_TOO_SMALL, also for 0.

    contract: rule-size-query.
    """
    for key in (private, public):
        assert bcrypt.BCryptSignHash(key, None, DIGEST[20]) == (bcrypt.STATUS_SUCCESS, 40)
        assert bcrypt.BCryptSignHash(key, None, None) == (bcrypt.STATUS_SUCCESS, 40)
    for short in (0, 1, 39):
        buffer = bytearray(b"\xa5" * short)
        answer = bcrypt.BCryptSignHash(private, None, DIGEST[20], buffer)
        assert answer == (bcrypt.STATUS_BUFFER_TOO_SMALL, 40)
        assert buffer == b"\xa5" * short
    buffer = bytearray(b"\xa5" * 45)
    assert bcrypt.BCryptSignHash(private, None, DIGEST[20], buffer) == (bcrypt.STATUS_SUCCESS, 40)
    assert buffer[40:] == b"\xa5" * 5
    ok(bcrypt.BCryptVerifySignature(public, None, DIGEST[20], memoryview(buffer)[:40]))


def test_a_public_key_does_not_sign(public: int) -> None:
    """contract: rule-sign-public-key: INVALID_PARAMETER."""
    refused(bcrypt.BCryptSignHash(public, None, DIGEST[20], bytearray(40)), INVALID_PARAMETER)


@pytest.mark.parametrize("wrong", [None, b"", "hash", 7, [1], object()], ids=as_id)
def test_hashes_and_signatures_that_are_none(wrong: object, private: int) -> None:
    """contract: rule-verify-null: NULL, or of length 0: INVALID_PARAMETER [wine-impl]; for signing too
    (contract: rule-python-empty-message).
    """
    signature = signed(private, DIGEST[20])
    refused(bcrypt.BCryptSignHash(private, None, wrong, bytearray(40)), INVALID_PARAMETER)
    refused(bcrypt.BCryptVerifySignature(private, None, wrong, signature), INVALID_PARAMETER)
    refused(bcrypt.BCryptVerifySignature(private, None, DIGEST[20], wrong), INVALID_PARAMETER)


def test_damaged_signatures(private: int, public: int) -> None:
    """contract: rule-verify: INVALID_SIGNATURE, whatever bit is changed."""
    signature = signed(private, DIGEST[20])
    for bit in range(0, 320, 7):
        damaged = bytearray(signature)
        damaged[bit // 8] ^= 1 << bit % 8
        refused(bcrypt.BCryptVerifySignature(public, None, DIGEST[20], damaged), INVALID_SIGNATURE)


def test_r_and_s_at_their_edges(private: int, public: int) -> None:
    """contract: rule-verify-ecdsa-range: both 1..q-1: anything else is INVALID_SIGNATURE. contract:
    rule-verify-ecdsa-length: a signature of another length is INVALID_PARAMETER [inferred].
    """
    signature = signed(private, DIGEST[20])
    r, s, q = signature[:20], signature[20:], octets(SMALL.q)
    zero, most = bytes(20), b"\xff" * 20
    wrong = [zero + zero, zero + s, r + zero, q + s, r + q, most + most, most + s, s + r]
    lengths = [r, signature[:-1], b"\1", signature + b"\0", b"\0" + signature, b"\0" + r + b"\0" + s]
    lengths += [signature + signature, b"\x30\x2c\x02\x14" + r + b"\x02\x14" + s, r + b"\0" + s, r + bytes(20) + s]
    wrong += [octets((number(r) + SMALL.q) % 2**160, 20) + s, r + octets(SMALL.q - number(s), 20)]
    for bad in wrong:
        refused(bcrypt.BCryptVerifySignature(public, None, DIGEST[20], bad), INVALID_SIGNATURE)
    for bad in lengths:
        refused(bcrypt.BCryptVerifySignature(public, None, DIGEST[20], bad), INVALID_PARAMETER)
    ok(bcrypt.BCryptVerifySignature(public, None, DIGEST[20], signature))


def test_what_dsa_is_not_for(private: int) -> None:
    """encryption, agreement and encapsulation with a DSA key: NOT_SUPPORTED.

    contract: rule-encrypt, rule-agreement, rule-encapsulate-other-key.
    """
    refused(bcrypt.BCryptEncrypt(private, bytes(20), None, None, bytearray(128), bcrypt.BCRYPT_PAD_NONE), NOT_SUPPORTED)
    refused(
        bcrypt.BCryptDecrypt(private, bytes(128), None, None, bytearray(128), bcrypt.BCRYPT_PAD_NONE), NOT_SUPPORTED
    )
    refused(bcrypt.BCryptSecretAgreement(private, private), NOT_SUPPORTED)
    refused(bcrypt.BCryptEncapsulate(private, bytearray(32), bytearray(32)), NOT_SUPPORTED)


# ------------------------------------------------------------------------------------------------ the object API


def test_objects() -> None:
    """contract: rule-python-objects: Python types for every property, exceptions with the same statuses."""
    with cngcore.open_algorithm_provider("DSA") as provider, provider.generate_key_pair(512) as key:
        with pytest.raises(cngcore.InvalidHandleError):
            key.get_property("DSAParameters")
        with pytest.raises(cngcore.InvalidHandleError):
            key.sign_hash(DIGEST[20])
        key.finalize()
        parameters: Any = key.get_property("DSAParameters")
        found = read_blob(key.export("DSAPRIVATEBLOB"))
        assert (parameters.p, parameters.q, parameters.g) == found[:3]
        assert (parameters.count, parameters.seed) == (found.count, found.seed)
        assert (key.get_property("KeyLength"), key.get_property("SignatureLength")) == (512, 40)
        signature = key.sign_hash(DIGEST[20])
        public = key.public()
        public.verify_signature(DIGEST[20], signature)
        assert type(key.export("DSAPUBLICBLOB")) is bytes
        assert type(key.export("DSAPRIVATEBLOB")) is bytearray
        for error, call in (
            (cngcore.InvalidParameterError, lambda: public.sign_hash(DIGEST[20])),
            (cngcore.InvalidParameterError, lambda: public.export("DSAPRIVATEBLOB")),
            (cngcore.InvalidParameterError, lambda: key.sign_hash(DIGEST[32])),
            (cngcore.InvalidParameterError, lambda: key.sign_hash(DIGEST[20], cngcore.Pkcs1("SHA1"))),
            (cngcore.InvalidParameterError, lambda: public.verify_signature(DIGEST[20], signature[:-1])),
            (cngcore.InvalidSignatureError, lambda: public.verify_signature(DIGEST[20], bytes(40))),
            (cngcore.NotSupportedError, lambda: key.get_property("PaddingSchemes")),
            (cngcore.NotSupportedError, lambda: key.encrypt(b"")),
            (cngcore.NotSupportedError, lambda: key.export("RSAPUBLICBLOB")),
            (cngcore.InvalidHandleError, lambda: key.finalize()),
            (cngcore.InvalidHandleError, lambda: key.set_property("DSAParameters", parameters)),
        ):
            with pytest.raises(error):
                call()
        with provider.generate_key_pair(512) as other:
            other.set_property("DSAParameters", parameters)
            other.finalize()
            assert other.get_property("DSAParameters") == parameters
            with pytest.raises(cngcore.InvalidSignatureError):
                other.verify_signature(DIGEST[20], signature)
        with provider.generate_key_pair(512) as other, pytest.raises(cngcore.InvalidParameterError):
            other.set_property("DSAParameters", parameters.to_bytes())
    with cngcore.generate_key_pair("DSA", 576) as key:
        assert key.get_property("KeyLength") == 576
    assert provider.provenance.distribution == "cngcore-dsa"
