"""contract: rule-import, rule-export, rule-layout-rsa, rule-layout-legacy: RSA keys in and out of blobs."""

from __future__ import annotations

import struct
from collections.abc import Callable
from math import gcd
from typing import Any

import pytest
from contract import data
from cryptography.hazmat.primitives.asymmetric import rsa as library
from helpers import as_id, decrypted, dword_of, encrypted, exported, generated, imported, ok, opened, refused
from oracles.blobs import read_rsa_blob, rsa_full_blob, rsa_legacy_private_blob, rsa_private_blob, rsa_public_blob
from oracles.rsa import RsaNumbers, rsa_numbers
from oracles.values import octets

import cngcore
from cngcore import bcrypt
from cngcore.blobs.rsa import RsaKey, build, complete
from cngcore.windows import VERSIONS

INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
BAD_DATA = bcrypt.NTE_BAD_DATA
PUBLIC, PRIVATE, FULL = bcrypt.BCRYPT_RSAPUBLIC_BLOB, bcrypt.BCRYPT_RSAPRIVATE_BLOB, bcrypt.BCRYPT_RSAFULLPRIVATE_BLOB
LEGACY = bcrypt.LEGACY_RSAPRIVATE_BLOB
KEY = rsa_numbers(1024)
BLOBS = {
    PUBLIC: rsa_public_blob(KEY.n, KEY.e),
    PRIVATE: rsa_private_blob(KEY.n, KEY.e, KEY.p, KEY.q),
    FULL: rsa_full_blob(KEY),
}


def attempt(blob_type: Any, blob: Any, flags: Any = 0, name: str = "RSA") -> Any:
    """An import that should fail; the key is destroyed if it does not."""
    with opened(name) as algorithm:
        answer = bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, blob, flags)
        bcrypt.BCryptDestroyKey(answer[1])
        return answer


def field(blob: bytes, index: int, value: int) -> bytes:
    """The blob with one DWORD of its header changed."""
    return blob[: 4 * index] + struct.pack("<I", value) + blob[4 * index + 4 :]


# ---------------------------------------------------------------------------------------------- round trips


@pytest.mark.parametrize("name", ["RSA", "RSA_SIGN"])
@pytest.mark.parametrize("blob_type", [PRIVATE, FULL])
def test_private_blobs_round_trip(name: str, blob_type: str) -> None:
    """contract: rule-export-round-trip: byte-exact [wine-test], whichever private form came in;
    contract: rule-layout-rsa has the layout.
    """
    with imported(name, blob_type, BLOBS[blob_type]) as key:
        assert exported(key, PUBLIC) == BLOBS[PUBLIC]
        assert exported(key, PRIVATE) == BLOBS[PRIVATE]
        fields = read_rsa_blob(exported(key, FULL))
    assert {name: fields[name] for name in ("dp", "dq", "qinv")} == {
        "dp": KEY.d % (KEY.p - 1),
        "dq": KEY.d % (KEY.q - 1),
        "qinv": pow(KEY.q, -1, KEY.p),
    }
    assert fields["d"] * KEY.e % (KEY.p - 1) == fields["d"] * KEY.e % (KEY.q - 1) == 1


@pytest.mark.parametrize("bits", [512, 1024, 2048])
def test_sizes_of_generated_keys(bits: int) -> None:
    """contract: rule-layout-rsa: 24 + 3 + n; + the primes; + 5 halves and d: 1179 for 2048 bits and e = 65537."""
    size = bits // 8
    with generated("RSA", bits) as key:
        assert len(exported(key, PUBLIC)) == 27 + size
        assert len(exported(key, PRIVATE)) == 27 + 2 * size
        full = exported(key, FULL)
        assert len(full) == 27 + size + 5 * (size // 2) + size
        for blob_type in (PUBLIC, PRIVATE, FULL):
            with imported("RSA", blob_type, exported(key, blob_type)) as copy:
                assert exported(copy, blob_type) == exported(key, blob_type)


@pytest.mark.parametrize("e", [3, 17, 257, 65537, 2**32 + 15, 2**61 - 1])
def test_public_exponents(e: int) -> None:
    """contract: rule-layout-rsa: cbPublicExp is as short as it can be; other exponents than 65537 come in blobs."""
    numbers = rsa_numbers(512, e=e)
    with imported("RSA", PRIVATE, rsa_private_blob(numbers.n, e, numbers.p, numbers.q)) as key:
        blob = exported(key, PUBLIC)
        assert blob == rsa_public_blob(numbers.n, e)
        assert blob[8:12] == struct.pack("<I", len(octets(e)))


@pytest.mark.parametrize("blob_type", [PUBLIC, PRIVATE, FULL])
def test_an_exponent_padded_with_zeros(blob_type: str) -> None:
    """contract: rule-import-rsa-exponent: RSA exponent padded with zero bytes to 8 is accepted [symcrypt]."""
    blob = BLOBS[blob_type]
    padded = field(blob, 2, 8)[:24] + bytes(5) + blob[24:]
    with imported("RSA", blob_type, padded) as key:
        assert exported(key, blob_type) == blob


@pytest.mark.parametrize("bits", [384, 392, 520, 1032, 1536])
@pytest.mark.parametrize("blob_type", [PUBLIC, PRIVATE, FULL])
def test_sizes_off_the_grid(bits: int, blob_type: str) -> None:
    """contract: rule-import-rsa-lengths: RSA sizes off the generate grid are accepted [dotnet]. contract:
    rule-import-rsa-trial: a private key below 496 bits needs NO_KEY_VALIDATION on the newest Windows [symcrypt].
    """
    numbers = rsa_numbers(bits)
    blobs = {
        PUBLIC: rsa_public_blob(numbers.n, numbers.e),
        PRIVATE: rsa_private_blob(numbers.n, numbers.e, numbers.p, numbers.q),
        FULL: rsa_full_blob(numbers),
    }
    short = bits < 496 and blob_type != PUBLIC
    flags = bcrypt.BCRYPT_NO_KEY_VALIDATION if short else 0
    with imported("RSA", blob_type, blobs[blob_type], flags=flags) as key:
        assert exported(key, blob_type) == blobs[blob_type]
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == bits
    if short:
        for flags in (0, bcrypt.BCRYPT_KEY_VALIDATION_RANGE, bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER):
            refused(attempt(blob_type, blobs[blob_type], flags), INVALID_PARAMETER)


@pytest.mark.parametrize("version", VERSIONS)
def test_short_private_keys_by_windows_version(version: str) -> None:
    """contract: rule-import-rsa-trial: older Windows imports private keys below 496 bits [dotnet]."""
    registry = cngcore.Registry(windows=version)
    numbers = rsa_numbers(392)
    blob = rsa_private_blob(numbers.n, numbers.e, numbers.p, numbers.q)
    provider = registry.open_algorithm_provider("RSA")
    if version == VERSIONS[-1]:
        with pytest.raises(cngcore.InvalidParameterError, match="496"):
            provider.import_key_pair(PRIVATE, blob)
    else:
        assert provider.import_key_pair(PRIVATE, blob).export(PRIVATE) == blob
    assert provider.import_key_pair(PRIVATE, blob, bcrypt.BCRYPT_NO_KEY_VALIDATION).export(PRIVATE) == blob


def primes_for(bits: int, e: int) -> tuple[int, int]:
    """Two primes of a new key with the modulus of that length, for which ``e`` has an inverse."""
    while True:
        numbers = library.generate_private_key(65537, bits).private_numbers()
        if gcd(e, numbers.p - 1) == gcd(e, numbers.q - 1) == 1:
            return numbers.p, numbers.q


@pytest.mark.parametrize(("bits", "e"), [(1024, 3), (2048, (1 << 32) + 15), (4096, (1 << 63) + 9)])
def test_exponents_up_to_64_bits(bits: int, e: int) -> None:
    """contract: rule-import-rsa-exponent: exponents of 2, 33 and 64 bits work with every length of the modulus."""
    p, q = primes_for(bits, e)
    key = RsaKey(p * q, e, p, q)
    provider = cngcore.open_algorithm_provider("RSA")
    private = provider.import_key_pair(PRIVATE, rsa_private_blob(key.n, e, p, q))
    public = provider.import_key_pair(PUBLIC, rsa_public_blob(key.n, e))
    for padding in (cngcore.Pkcs1("SHA256"), cngcore.Pss("SHA256", 32)):
        public.verify_signature(bytes(32), private.sign_hash(bytes(32), padding), padding)
    for padding in (None, cngcore.Pkcs1(), cngcore.Oaep("SHA256")):
        text = b"\0" + b"x" * (bits // 8 - 1) if padding is None else b"text"
        assert private.decrypt(public.encrypt(text, padding), padding) == text


@pytest.mark.parametrize("flags", [0, bcrypt.BCRYPT_NO_KEY_VALIDATION])
@pytest.mark.parametrize("e", [(1 << 64) + 1, (1 << 300) + 1, (1 << 2047) + 12345])
def test_longer_exponents_are_refused(e: int, flags: int) -> None:
    """contract: rule-import-rsa-exponent: above 64 bits INVALID_PARAMETER, in every blob type [client, inferred]."""
    p, q = primes_for(2048, 65537)
    for blob_type, blob in (
        (PUBLIC, rsa_public_blob(p * q, e)),
        ("PUBLICBLOB", rsa_public_blob(p * q, e)),
        (PRIVATE, rsa_private_blob(p * q, e, p, q)),
        ("PRIVATEBLOB", rsa_private_blob(p * q, e, p, q)),
        (FULL, rsa_full_blob(RsaNumbers(p * q, e, p, q, pow(65537, -1, (p - 1) * (q - 1))))),
    ):
        refused(attempt(blob_type, blob, flags), INVALID_PARAMETER)


@pytest.mark.parametrize("bits", [1032, 2056])
def test_cryptoapi_blobs_of_whole_bytes(bits: int) -> None:
    """contract: rule-import-legacy: 1032 and 2056 bits are accepted, the halves rounded up to whole bytes [dotnet]."""
    numbers = rsa_numbers(bits)
    p, q = numbers.p, numbers.q
    key = complete(RsaKey(p * q, 65537, p, q))
    blob = build("CAPIPRIVATEBLOB", key)
    half = (bits + 15) // 16
    assert len(blob) == 20 + 2 * (bits // 8) + 5 * half
    with imported("RSA", "CAPIPRIVATEBLOB", blob) as handle:
        assert exported(handle, "CAPIPRIVATEBLOB") == bytes(blob)
        assert exported(handle, PRIVATE) == rsa_private_blob(key.n, key.e, p, q)
        assert len(exported(handle, "CAPIPUBLICBLOB")) == 20 + bits // 8


def test_crt_numbers_may_be_zero() -> None:
    """a full private blob with dP, dQ, qInv and d all zero is accepted, and worked out from e, P, Q [go].

    contract: rule-import-rsa-numbers.
    """
    at = len(BLOBS[PRIVATE])
    blank = BLOBS[FULL][:at] + bytes(len(BLOBS[FULL]) - at)
    with imported("RSA", FULL, blank) as key, imported("RSA", FULL, BLOBS[FULL]) as whole:
        assert exported(key, FULL) == exported(whole, FULL)
        assert exported(key, PRIVATE) == BLOBS[PRIVATE]


@pytest.mark.parametrize("blob", [BLOBS[PUBLIC], data.RSA512_PRIV[:0] + rsa_public_blob(rsa_numbers(512).n, 65537)])
def test_the_generic_public_type(blob: bytes) -> None:
    """contract: rule-import-public-blob: "PUBLICBLOB" for RSA is accepted; the magic decides [wine-test]."""
    with imported("RSA", bcrypt.BCRYPT_PUBLIC_KEY_BLOB, blob) as key:
        assert exported(key, PUBLIC) == blob
        refused(bcrypt.BCryptExportKey(key, None, PRIVATE), INVALID_PARAMETER)


def test_imported_keys_work() -> None:
    """contract: rule-import: the result is final [doc]: it encrypts and decrypts with every form of the key."""
    with imported("RSA", PUBLIC, BLOBS[PUBLIC]) as public:
        ciphertext = encrypted(public, b"a short text", None, bcrypt.BCRYPT_PAD_PKCS1)
    for blob_type in (PRIVATE, FULL):
        with imported("RSA", blob_type, BLOBS[blob_type]) as key:
            assert decrypted(key, ciphertext, None, bcrypt.BCRYPT_PAD_PKCS1) == b"a short text"


# ------------------------------------------------------------------------------------------- refusals, import


@pytest.mark.parametrize("blob_type", [PUBLIC, PRIVATE, FULL])
@pytest.mark.parametrize("length", [0, 1, 4, 8, 23])
def test_shorter_than_its_header(blob_type: str, length: int) -> None:
    """contract: rule-import-short: any blob shorter than its header is INVALID_PARAMETER [wine-impl]."""
    refused(attempt(blob_type, BLOBS[blob_type][:length]), INVALID_PARAMETER)


@pytest.mark.parametrize("blob_type", [PUBLIC, PRIVATE, FULL])
def test_sizes_that_do_not_fit(blob_type: str) -> None:
    """fields run past the buffer [wine-test], any size mismatch [wine-impl]: NTE_BAD_DATA.

    contract: rule-import-rsa-sizes.
    """
    blob = BLOBS[blob_type]
    for cut in (24, 26, 27, len(blob) // 2, len(blob) - 1):
        refused(attempt(blob_type, blob[:cut]), BAD_DATA)
    refused(attempt(blob_type, blob + b"\0"), BAD_DATA)
    refused(attempt(blob_type, blob + bytes(100)), BAD_DATA)
    for index, value in [(2, 2), (2, 4), (2, 0xFFFFFFFF), (3, 127), (3, 129), (3, 0x80000000), (3, 0xFFFFFFFF)]:
        refused(attempt(blob_type, field(blob, index, value)), BAD_DATA)


@pytest.mark.parametrize("blob_type", [PRIVATE, FULL])
@pytest.mark.parametrize(("index", "value"), [(4, 63), (4, 65), (5, 63), (5, 65), (4, 0xFFFFFFC0), (5, 0xFFFFFFFF)])
def test_prime_sizes_that_do_not_fit(blob_type: str, index: int, value: int) -> None:
    """contract: rule-import-rsa-sizes: any size mismatch is NTE_BAD_DATA [wine-impl]."""
    refused(attempt(blob_type, field(BLOBS[blob_type], index, value)), BAD_DATA)


@pytest.mark.parametrize(
    ("blob_type", "magic"),
    [
        (PUBLIC, b"RSA2"),
        (PUBLIC, b"RSA3"),
        (PUBLIC, b"RSA4"),
        (PUBLIC, b"1ASR"),
        (PUBLIC, bytes(4)),
        (PRIVATE, b"RSA1"),
        (PRIVATE, b"RSA3"),
        (PRIVATE, b"ECK2"),
        (FULL, b"RSA1"),
        (FULL, b"RSA2"),
        (FULL, b"DSPV"),
    ],
)
def test_a_wrong_magic(blob_type: str, magic: bytes) -> None:
    """contract: rule-import-magic: wrong magic for the blob type or algorithm is NOT_SUPPORTED [wine-impl]."""
    refused(attempt(blob_type, magic + BLOBS[blob_type][4:]), NOT_SUPPORTED)


@pytest.mark.parametrize(
    "blob_type",
    [
        bcrypt.BCRYPT_OPAQUE_KEY_BLOB,
        bcrypt.BCRYPT_ECCPUBLIC_BLOB,
        bcrypt.BCRYPT_ECCPRIVATE_BLOB,
        bcrypt.BCRYPT_DSA_PUBLIC_BLOB,
        bcrypt.BCRYPT_DH_PUBLIC_BLOB,
        bcrypt.BCRYPT_PQDSA_PUBLIC_BLOB,
        bcrypt.BCRYPT_KEY_DATA_BLOB,
        "rsapublicblob",
        "RSAPUBLICBLOB ",
        "",
    ],
)
def test_blob_types_of_others(blob_type: str) -> None:
    """contract: rule-import, rule-export-type: NOT_SUPPORTED, a blob type not for this algorithm [doc];
    contract: rule-strings: types are exact [wine-impl].
    """
    refused(attempt(blob_type, BLOBS[PUBLIC]), NOT_SUPPORTED)
    with imported("RSA", PRIVATE, BLOBS[PRIVATE]) as key:
        refused(bcrypt.BCryptExportKey(key, None, blob_type), NOT_SUPPORTED)


@pytest.mark.parametrize("wrong", [None, 0, b"RSAPUBLICBLOB", 1.5, [], object()], ids=as_id)
def test_what_is_no_blob_type_or_blob(wrong: object) -> None:
    """contract: rule-import-null: type or pbInput NULL is INVALID_PARAMETER [wine-impl]; wrong types too
    (contract: rule-python-no-raise).
    """
    refused(attempt(wrong, BLOBS[PUBLIC]), INVALID_PARAMETER)
    if not isinstance(wrong, bytes):
        refused(attempt(PUBLIC, wrong), INVALID_PARAMETER)
    refused(attempt(PUBLIC, "RSA1"), INVALID_PARAMETER)
    with imported("RSA", PRIVATE, BLOBS[PRIVATE]) as key:
        refused(bcrypt.BCryptExportKey(key, None, wrong), INVALID_PARAMETER)


def broken(**changes: int) -> dict[str, bytes]:
    """Well-formed private blobs of numbers that do not belong together."""
    numbers = KEY._replace(**changes)
    full = {name: getattr(KEY, name) for name in ("n", "e", "p", "q", "d")} | changes
    whole = RsaNumbers(**full)
    dp, dq, qinv = KEY.d % (KEY.p - 1), KEY.d % (KEY.q - 1), pow(KEY.q, -1, KEY.p)
    private = rsa_private_blob(numbers.n, numbers.e, numbers.p, numbers.q)
    tail = b"".join(octets(value, 64) for value in (dp, dq, qinv)) + octets(whole.d, 128)
    return {PRIVATE: private, FULL: b"RSA3" + private[4:] + tail}


@pytest.mark.parametrize(
    "changes",
    [{"p": KEY.p - 2}, {"q": KEY.q - 2}, {"n": KEY.n - 2}, {"p": KEY.q}, {"q": KEY.p}],
    ids=["p", "q", "n", "q twice", "p twice"],
)
@pytest.mark.parametrize("blob_type", [PRIVATE, FULL])
def test_primes_that_do_not_make_the_modulus(changes: dict[str, int], blob_type: str) -> None:
    """contract: rule-import-rsa-numbers: RSA private where P*Q is not N is refused [dotnet]."""
    refused(attempt(blob_type, broken(**changes)[blob_type]), INVALID_PARAMETER)


@pytest.mark.parametrize(("index", "value"), [(1, 1023), (1, 1025), (1, 0), (1, 0xFFFFFFFF)])
def test_bit_length_that_is_not_the_modulus(index: int, value: int) -> None:
    """BitLength is the modulus bits; a blob that says otherwise is BAD_DATA.

    contract: rule-layout-rsa.
    """
    refused(attempt(PUBLIC, field(BLOBS[PUBLIC], index, value)), BAD_DATA)


@pytest.mark.parametrize(
    ("blob_type", "index", "start", "size"),
    [(PUBLIC, 2, 24, 3), (PRIVATE, 2, 24, 3), (PRIVATE, 4, 27 + 128, 64), (PRIVATE, 5, 27 + 192, 64)],
    ids=["e", "e of a private key", "p", "q"],
)
def test_a_number_of_no_bytes(blob_type: str, index: int, start: int, size: int) -> None:
    """contract: rule-layout-rsa: a field of length 0 for a number that is needed is BAD_DATA, whatever its value."""
    blob = BLOBS[blob_type]
    refused(attempt(blob_type, field(blob[:start] + blob[start + size :], index, 0)), BAD_DATA)


@pytest.mark.parametrize(
    ("n", "e"),
    [(0, 65537), (1, 3), (KEY.n, 0), (KEY.n, 1), (KEY.n, 2), (KEY.n, 65536), (KEY.n - 1, 65537)],
    ids=["n 0", "n 1", "e 0", "e 1", "e 2", "e even", "n even"],
)
def test_numbers_that_are_no_public_key(n: int, e: int) -> None:
    """what RSA cannot use is INVALID_PARAMETER at import; a number of no bytes is BAD_DATA.

    contract: rule-import.
    """
    blob = (
        struct.pack("<4sIIIII", b"RSA1", n.bit_length(), len(octets(e)), len(octets(n)), 0, 0) + octets(e) + octets(n)
    )
    refused(attempt(PUBLIC, blob), INVALID_PARAMETER if n and e else BAD_DATA)


# ------------------------------------------------------------------------------------------ import, the rest


def test_import_flags() -> None:
    """0, 8, 0x10, 0x18, 0x20; decoded as a whole, so that no other sum is one of them.

    contract: rule-import-flags [header].
    """
    for flags in (
        0,
        bcrypt.BCRYPT_NO_KEY_VALIDATION,
        bcrypt.BCRYPT_KEY_VALIDATION_RANGE,
        bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER,
        bcrypt.BCRYPT_KEY_VALIDATION_REGENERATE,
    ):
        with imported("RSA", PRIVATE, BLOBS[PRIVATE], flags=flags) as key:
            assert exported(key, PUBLIC) == BLOBS[PUBLIC]
    for wrong in (1, 2, 4, 0x28, 0x30, 0x38, 0x40, 0x80000000, 2**32, 2**32 + 8, -1, None, "0", b"", 8.0):
        refused(attempt(PRIVATE, BLOBS[PRIVATE], wrong), INVALID_PARAMETER)


def test_import_key_and_export_key_must_be_null() -> None:
    """contract: rule-import-null, rule-export: hImportKey and hExportKey are NULL for key pairs [doc]; None or 0."""
    with opened("RSA") as algorithm, imported(algorithm, PRIVATE, BLOBS[PRIVATE]) as key:
        second = ok(bcrypt.BCryptImportKeyPair(algorithm, 0, PUBLIC, BLOBS[PUBLIC]))
        ok(bcrypt.BCryptDestroyKey(second))
        assert ok(bcrypt.BCryptExportKey(key, 0, PUBLIC)) == len(BLOBS[PUBLIC])
        for other in (key, algorithm, 2**40, -1, "x", b"", object()):
            expected = (INVALID_PARAMETER, bcrypt.STATUS_INVALID_HANDLE, NOT_SUPPORTED)
            refused(bcrypt.BCryptImportKeyPair(algorithm, other, PUBLIC, BLOBS[PUBLIC]), *expected)
            refused(bcrypt.BCryptExportKey(key, other, PUBLIC), *expected)


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, lambda b: memoryview(bytearray(b"x" + b))[1:]])
def test_any_buffer_is_read(make: Callable[[bytes], Any]) -> None:
    """contract: rule-python-buffers: inputs are anything with the buffer protocol."""
    with imported("RSA", PRIVATE, make(BLOBS[PRIVATE])) as key:
        assert exported(key, PRIVATE) == BLOBS[PRIVATE]


# ----------------------------------------------------------------------------------------------- 10 export


@pytest.mark.parametrize("blob_type", [PUBLIC, PRIVATE, FULL])
def test_export_sizes(blob_type: str) -> None:
    """no buffer: SUCCESS and size; short, also of 0 bytes: BUFFER_TOO_SMALL, size, untouched [wine-test].

    contract: rule-size-query.
    """
    with imported("RSA", FULL, BLOBS[FULL]) as key:
        size = len(BLOBS[blob_type])
        assert bcrypt.BCryptExportKey(key, None, blob_type) == (bcrypt.STATUS_SUCCESS, size)
        for short in (0, 1, size - 1):
            buffer = bytearray(b"\xa5" * short)
            assert bcrypt.BCryptExportKey(key, None, blob_type, buffer) == (bcrypt.STATUS_BUFFER_TOO_SMALL, size)
            assert buffer == b"\xa5" * short
        buffer = bytearray(b"\xa5" * (size + 9))
        assert bcrypt.BCryptExportKey(key, None, blob_type, buffer) == (bcrypt.STATUS_SUCCESS, size)
        assert buffer[size:] == b"\xa5" * 9
        for wrong in (bytes(size), "x", 9, memoryview(bytearray(2 * size))[::2]):
            refused(bcrypt.BCryptExportKey(key, None, blob_type, wrong), INVALID_PARAMETER)
        for flags in (1, 8, 0x80000000, 2**32, -1, None, "0"):
            refused(bcrypt.BCryptExportKey(key, None, blob_type, None, flags), INVALID_PARAMETER)


@pytest.mark.parametrize("blob_type", [PRIVATE, FULL, LEGACY])
def test_no_private_blob_from_a_public_key(blob_type: str) -> None:
    """a private blob from a public-only key is INVALID_PARAMETER [wine-test]; the size query too.

    contract: rule-export-private-of-public.
    """
    with imported("RSA", PUBLIC, BLOBS[PUBLIC]) as key:
        answer = bcrypt.BCryptExportKey(key, None, blob_type)
        if blob_type == LEGACY and answer[0] == NOT_SUPPORTED:
            pytest.skip("the provider does not write legacy blobs")
        refused(answer, INVALID_PARAMETER)
        refused(bcrypt.BCryptExportKey(key, None, blob_type, bytearray(2000)), INVALID_PARAMETER)


# ------------------------------------------------------------------------------------------ 28.9 legacy blobs

OLD = rsa_legacy_private_blob(KEY)


def test_legacy_private_blob() -> None:
    """BLOBHEADER, RSAPUBKEY, then the numbers, all little-endian.

    contract: rule-layout-legacy [wine-impl, legacy format].
    """
    with imported("RSA", LEGACY, OLD) as key:
        assert exported(key, PRIVATE) == BLOBS[PRIVATE]


def test_legacy_exponent_1() -> None:
    """a legacy RSA private blob with public exponent 1 is INVALID_PARAMETER [wine-test].

    contract: rule-import-legacy.
    """
    refused(attempt(LEGACY, OLD[:16] + struct.pack("<I", 1) + OLD[20:]), INVALID_PARAMETER)


@pytest.mark.parametrize(
    "blob",
    [
        b"\6" + OLD[1:],
        b"\x08" + OLD[1:],
        OLD[:1] + b"\1" + OLD[2:],
        OLD[:-1],
        OLD + b"\0",
        OLD[:12] + b"\0\2\0\0" + OLD[16:],
    ],
    ids=["public type", "type 8", "version 1", "short", "long", "512 bits"],
)
def test_legacy_type_version_and_size(blob: bytes) -> None:
    """contract: rule-import-legacy: legacy RSA private blob, wrong type, version or size: NTE_BAD_DATA [wine-impl]."""
    refused(attempt(LEGACY, blob), BAD_DATA)


def test_legacy_public_blobs_are_not_imported() -> None:
    """contract: rule-import-legacy: the Microsoft provider does not import legacy public blobs [doc]: NOT_SUPPORTED."""
    blob = struct.pack("<BBHI4sII", 6, 2, 0, 0xA400, b"RSA1", 1024, 65537) + KEY.n.to_bytes(128, "little")
    refused(attempt(bcrypt.LEGACY_RSAPUBLIC_BLOB, blob), NOT_SUPPORTED)
