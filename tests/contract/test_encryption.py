"""BCryptEncrypt and BCryptDecrypt with RSA keys, and with keys that do not encrypt.

contract: rule-encrypt, rule-decrypt.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from helpers import as_id, decrypted, encrypted, generated, imported, opened, refused
from oracles.blobs import rsa_private_blob, rsa_public_blob
from oracles.kdf import HASHLIB, digest
from oracles.rsa import oaep_block, rsa_numbers
from oracles.values import number, octets

from cngcore import bcrypt

INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
TOO_SMALL = bcrypt.STATUS_BUFFER_TOO_SMALL
PAD_NONE, PAD_PKCS1, PAD_OAEP = bcrypt.BCRYPT_PAD_NONE, bcrypt.BCRYPT_PAD_PKCS1, bcrypt.BCRYPT_PAD_OAEP
KEY = rsa_numbers(1032)
SIZE = 129
TEXT = b"Hello World"


def oaep(name: Any, label: Any = b"") -> Any:
    return bcrypt.BCRYPT_OAEP_PADDING_INFO(name, label)


@pytest.fixture
def private() -> Iterator[int]:
    blob = rsa_private_blob(KEY.n, KEY.e, KEY.p, KEY.q)
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, blob) as key:
        yield key


@pytest.fixture
def public() -> Iterator[int]:
    with imported("RSA", bcrypt.BCRYPT_RSAPUBLIC_BLOB, rsa_public_blob(KEY.n, KEY.e)) as key:
        yield key


def raw(block: bytes) -> bytes:
    """The public operation, done here."""
    return octets(pow(number(block), KEY.e, KEY.n), SIZE)


def unraw(ciphertext: bytes) -> bytes:
    return octets(pow(number(ciphertext), KEY.d, KEY.n), SIZE)


# --------------------------------------------------------------------------------------------------- PAD_NONE


@pytest.mark.parametrize("flags", [0, PAD_NONE])
@pytest.mark.parametrize(
    "block",
    [bytes(SIZE), bytes(SIZE - 1) + b"\1", b"\0" + b"\xff" * (SIZE - 1), octets(KEY.n - 1)],
    ids=["0", "1", "ff", "n-1"],
)
def test_raw_rsa(block: bytes, flags: int, private: int, public: int) -> None:
    """contract: rule-encrypt-raw: a full block; flags 0 does raw RSA too [symcrypt]. contract: rule-decrypt-raw: full
    length, unstripped [wine-test].
    """
    ciphertext = encrypted(public, block, None, flags)
    assert ciphertext == raw(block)
    assert decrypted(private, ciphertext, None, flags) == block


@pytest.mark.parametrize("flags", [0, PAD_NONE])
@pytest.mark.parametrize(
    "block",
    [b"", b"\1", TEXT, bytes(SIZE - 1), bytes(SIZE + 1), bytes(2 * SIZE), octets(KEY.n), b"\xff" * SIZE],
    ids=["empty", "1", "11", "short", "long", "twice", "n", "above n"],
)
def test_raw_rsa_of_anything_else(block: bytes, flags: int, private: int, public: int) -> None:
    """other lengths are INVALID_PARAMETER [wine-test]; not below the modulus likewise [inferred]; decryption alike.

    contract: rule-encrypt-raw.
    """
    for key in (private, public):
        refused(bcrypt.BCryptEncrypt(key, block, None, None, bytearray(SIZE), flags), INVALID_PARAMETER)
    refused(bcrypt.BCryptDecrypt(private, block, None, None, bytearray(SIZE), flags), INVALID_PARAMETER)


# -------------------------------------------------------------------------------------------------- PAD_PKCS1


@pytest.mark.parametrize("length", [0, 1, 11, SIZE - 12, SIZE - 11])
def test_pkcs1(length: int, private: int, public: int) -> None:
    """at most modulus-11 bytes, padding info NULL; the block is that of RFC 8017 7.2.1 (by raw RSA done here).

    contract: rule-encrypt-pkcs1.
    """
    text = bytes(range(length))
    ciphertext = encrypted(public, text, None, PAD_PKCS1)
    block = unraw(ciphertext)
    filler = block[2 : SIZE - length - 1]
    assert block == b"\0\2" + filler + b"\0" + text
    assert len(filler) >= 8
    assert 0 not in filler
    assert decrypted(private, ciphertext, None, PAD_PKCS1) == text
    assert encrypted(public, text, None, PAD_PKCS1) != ciphertext


@pytest.mark.parametrize("length", [SIZE - 10, SIZE, SIZE + 1, 1000])
def test_pkcs1_that_does_not_fit(length: int, public: int) -> None:
    """contract: rule-encrypt-pkcs1: longer is INVALID_PARAMETER [inferred]."""
    refused(bcrypt.BCryptEncrypt(public, bytes(length), None, None, bytearray(SIZE), PAD_PKCS1), INVALID_PARAMETER)


BROKEN_PKCS1 = {
    "first byte": b"\1\2" + b"\xaa" * 115 + b"\0" + TEXT,
    "type 1": b"\0\1" + b"\xff" * 115 + b"\0" + TEXT,
    "type 0": b"\0\0" + b"\xaa" * 115 + b"\0" + TEXT,
    "no end": b"\0\2" + b"\xaa" * (SIZE - 2),
    "7 bytes of filler": b"\0\2" + b"\xaa" * 7 + b"\0" + b"\xaa" * (SIZE - 10),
    "zero": bytes(SIZE),
}


@pytest.mark.parametrize("cause", BROKEN_PKCS1)
def test_broken_pkcs1_has_one_status(cause: str, private: int) -> None:
    """one status, INVALID_PARAMETER, for every cause; no implicit rejection shows.

    contract: rule-decrypt-bad-padding, rule-python-padding-uniform.
    """
    ciphertext = raw(BROKEN_PKCS1[cause])
    for output in (None, bytearray(SIZE), bytearray(0)):
        refused(bcrypt.BCryptDecrypt(private, ciphertext, None, None, output, PAD_PKCS1), INVALID_PARAMETER)


def test_well_formed_pkcs1_of_others(private: int) -> None:
    """what RFC 8017 lets another program write is read, with 8 bytes of filler and with an empty text too.

    contract: rule-decrypt.
    """
    for block, text in [
        (b"\0\2" + b"\xaa" * 8 + b"\0" + b"t" * (SIZE - 11), b"t" * (SIZE - 11)),
        (b"\0\2" + b"\xaa" * (SIZE - 3) + b"\0", b""),
        (b"\0\2" + b"\xaa" * 20 + b"\0" + b"\0" * (SIZE - 23), b"\0" * (SIZE - 23)),
    ]:
        assert decrypted(private, raw(block), None, PAD_PKCS1) == text


# --------------------------------------------------------------------------------------------------- PAD_OAEP


@pytest.mark.parametrize("name", ["SHA1", "SHA256", "SHA384"])
@pytest.mark.parametrize("label", [b"", b"label", bytes(300)], ids=["empty", "label", "long"])
def test_oaep(name: str, label: bytes, private: int, public: int) -> None:
    """what is encrypted comes back; and a block made by RFC 8017 7.1.1 here is read.

    contract: rule-encrypt, rule-decrypt.
    """
    longest = SIZE - 2 * len(digest(name, b"")) - 2
    for text in (b"", TEXT, bytes(longest)):
        ciphertext = encrypted(public, text, oaep(name, label), PAD_OAEP)
        assert decrypted(private, ciphertext, oaep(name, label), PAD_OAEP) == text
        block = oaep_block(text, SIZE, label, name, digest(name, b"seed"))
        assert decrypted(private, raw(block), oaep(name, label), PAD_OAEP) == text
    answer = bcrypt.BCryptEncrypt(public, bytes(longest + 1), oaep(name, label), None, bytearray(SIZE), PAD_OAEP)
    refused(answer, INVALID_PARAMETER)


@pytest.mark.parametrize("name", HASHLIB)
def test_oaep_with_every_hash(name: str) -> None:
    """contract: rule-encrypt: each hash of the header works, or is NOT_SUPPORTED; INTERNAL_ERROR is for a provider's
    fault (contract: rule-python-internal-error).
    """
    numbers = rsa_numbers(1088)
    blob = rsa_private_blob(numbers.n, numbers.e, numbers.p, numbers.q)
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, blob) as key:
        buffer = bytearray(136)
        answer = bcrypt.BCryptEncrypt(key, b"text", oaep(name), None, buffer, PAD_OAEP)
        if answer[0] != bcrypt.STATUS_SUCCESS:
            refused(answer, NOT_SUPPORTED)
            refused(bcrypt.BCryptDecrypt(key, bytes(136), oaep(name), None, buffer, PAD_OAEP), NOT_SUPPORTED)
        else:
            assert decrypted(key, bytes(buffer), oaep(name), PAD_OAEP) == b"text"


def test_oaep_needs_room_for_two_hashes() -> None:
    """contract: rule-encrypt-oaep: SHA-256 needs a modulus of at least 2*32+2 bytes [wine-test]."""
    small = rsa_numbers(512)
    with imported("RSA", bcrypt.BCRYPT_RSAPUBLIC_BLOB, rsa_public_blob(small.n, small.e)) as key:
        answer = bcrypt.BCryptEncrypt(key, b"", oaep("SHA256"), None, bytearray(64), PAD_OAEP)
        refused(answer, INVALID_PARAMETER)
        assert len(encrypted(key, b"x" * 22, oaep("SHA1"), PAD_OAEP)) == 64


def test_broken_oaep_has_one_status(private: int) -> None:
    """contract: rule-decrypt-bad-padding: raise one code and never tell which check failed."""
    good = oaep_block(TEXT, SIZE, b"", "SHA1", bytes(20))
    no_one = oaep_block(b"", SIZE, b"", "SHA1", bytes(20))
    blocks = [b"\1" + good[1:], good[:-1] + bytes([good[-1] ^ 1]), bytes(SIZE), no_one[:40] + bytes(SIZE - 40)]
    for block in blocks:
        if number(block) < KEY.n:
            answer = bcrypt.BCryptDecrypt(private, raw(block), oaep("SHA1"), None, bytearray(SIZE), PAD_OAEP)
            refused(answer, INVALID_PARAMETER)
    for other in (oaep("SHA1", b"label"), oaep("SHA256")):
        refused(bcrypt.BCryptDecrypt(private, raw(good), other, None, bytearray(SIZE), PAD_OAEP), INVALID_PARAMETER)
    refused(bcrypt.BCryptDecrypt(private, raw(good), None, None, bytearray(SIZE), PAD_PKCS1), INVALID_PARAMETER)


def test_oaep_without_its_structure(private: int, public: int) -> None:
    """contract: rule-encrypt-oaep: the size query works without, the real call is INVALID_PARAMETER;
    contract: rule-decrypt-oaep: both are [wine-test].
    """
    assert bcrypt.BCryptEncrypt(public, TEXT, None, None, None, PAD_OAEP) == (bcrypt.STATUS_SUCCESS, SIZE)
    refused(bcrypt.BCryptEncrypt(public, TEXT, None, None, bytearray(SIZE), PAD_OAEP), INVALID_PARAMETER)
    ciphertext = encrypted(public, TEXT, oaep("SHA1"), PAD_OAEP)
    for output in (None, bytearray(SIZE)):
        refused(bcrypt.BCryptDecrypt(private, ciphertext, None, None, output, PAD_OAEP), INVALID_PARAMETER)


@pytest.mark.parametrize("name", ["AES", "RNG", "sha1", "NOSUCH", ""])
def test_what_is_no_hash(name: str, private: int, public: int) -> None:
    """contract: rule-encrypt-oaep, rule-verify-rsa-padding: a hash id that is not a hash is NOT_SUPPORTED."""
    refused(bcrypt.BCryptEncrypt(public, TEXT, oaep(name), None, bytearray(SIZE), PAD_OAEP), NOT_SUPPORTED)
    refused(bcrypt.BCryptDecrypt(private, bytes(SIZE), oaep(name), None, bytearray(SIZE), PAD_OAEP), NOT_SUPPORTED)


# ------------------------------------------------------------------------------------------------ sizes, halves


@pytest.mark.parametrize(
    ("padding", "flags"), [(None, PAD_PKCS1), (oaep("SHA1"), PAD_OAEP), (None, PAD_NONE), (None, 0)]
)
def test_encrypt_sizes(padding: Any, flags: int, public: int) -> None:
    """the size without a buffer; with pbInput NULL as well an error [doc]; BUFFER_TOO_SMALL + size [wine-test].

    contract: rule-size-query.
    """
    text = bytes(SIZE) if padding is None and flags in (0, PAD_NONE) else TEXT
    assert bcrypt.BCryptEncrypt(public, text, padding, None, None, flags) == (bcrypt.STATUS_SUCCESS, SIZE)
    refused(bcrypt.BCryptEncrypt(public, None, padding, None, None, flags), INVALID_PARAMETER)
    refused(bcrypt.BCryptEncrypt(public, None, padding, None, bytearray(SIZE), flags), INVALID_PARAMETER)
    for short in (0, 1, SIZE - 1):
        buffer = bytearray(b"\xa5" * short)
        assert bcrypt.BCryptEncrypt(public, text, padding, None, buffer, flags) == (TOO_SMALL, SIZE)
        assert buffer == b"\xa5" * short
    buffer = bytearray(b"\xa5" * (SIZE + 9))
    assert bcrypt.BCryptEncrypt(public, text, padding, None, buffer, flags) == (bcrypt.STATUS_SUCCESS, SIZE)
    assert buffer[SIZE:] == b"\xa5" * 9


@pytest.mark.parametrize(("padding", "flags"), [(None, PAD_PKCS1), (oaep("SHA1"), PAD_OAEP)])
@pytest.mark.parametrize("text", [b"", b"x", TEXT])
def test_decrypt_sizes(padding: Any, flags: int, text: bytes, private: int, public: int) -> None:
    """the query really decrypts: the exact plaintext length; a short buffer BUFFER_TOO_SMALL, untouched.

    contract: rule-size-query.
    """
    ciphertext = encrypted(public, text, padding, flags)
    assert bcrypt.BCryptDecrypt(private, ciphertext, padding, None, None, flags) == (bcrypt.STATUS_SUCCESS, len(text))
    for short in range(len(text)):
        buffer = bytearray(b"\xa5" * short)
        answer = bcrypt.BCryptDecrypt(private, ciphertext, padding, None, buffer, flags)
        assert answer == (TOO_SMALL, len(text))
        assert buffer == b"\xa5" * short
    buffer = bytearray(b"\xa5" * SIZE)
    assert bcrypt.BCryptDecrypt(private, ciphertext, padding, None, buffer, flags) == (bcrypt.STATUS_SUCCESS, len(text))
    assert buffer == text + b"\xa5" * (SIZE - len(text))


def test_a_public_key_does_not_decrypt(public: int) -> None:
    """INVALID_PARAMETER [inferred]; also for the size query, which really decrypts.

    contract: rule-decrypt-public-key.
    """
    for padding, flags in ((None, PAD_PKCS1), (oaep("SHA1"), PAD_OAEP), (None, PAD_NONE)):
        for output in (None, bytearray(SIZE)):
            refused(bcrypt.BCryptDecrypt(public, bytes(SIZE), padding, None, output, flags), INVALID_PARAMETER)


@pytest.mark.parametrize("length", [0, 1, SIZE - 1, SIZE + 1, 2 * SIZE])
def test_ciphertexts_of_a_wrong_length(length: int, private: int) -> None:
    """a ciphertext is as long as the modulus; else INVALID_PARAMETER [doc].

    contract: rule-decrypt.
    """
    for padding, flags in ((None, PAD_PKCS1), (oaep("SHA1"), PAD_OAEP)):
        answer = bcrypt.BCryptDecrypt(private, b"\1" * length, padding, None, bytearray(SIZE), flags)
        refused(answer, INVALID_PARAMETER)


@pytest.mark.parametrize(
    ("padding", "flags"),
    [
        (None, bcrypt.BCRYPT_PAD_PSS),
        (None, PAD_PKCS1 | PAD_OAEP),
        (None, PAD_PKCS1 | 0x80000000),
        (oaep("SHA1"), PAD_OAEP + 2**32),
        (oaep("SHA1"), -4),
        (oaep("SHA1"), None),
        (oaep("SHA1"), "4"),
        (oaep("SHA1"), 4.0),
        (bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA1"), PAD_OAEP),
        (bcrypt.BCRYPT_PSS_PADDING_INFO("SHA1", 20), PAD_OAEP),
        ("SHA1", PAD_OAEP),
        (oaep(7), PAD_OAEP),
        (oaep(b"SHA1"), PAD_OAEP),
        (oaep("SHA1", "label"), PAD_OAEP),
        (oaep("SHA1", None), PAD_OAEP),
        (oaep("SHA1", 5), PAD_OAEP),
    ],
    ids=as_id,
)
def test_paddings_that_are_refused(padding: Any, flags: Any, private: int) -> None:
    """structure and flag go together, unknown bits are refused: INVALID_PARAMETER [inferred].

    contract: rule-encrypt, rule-decrypt, rule-flags-unknown.
    """
    ciphertext = encrypted(private, TEXT, oaep("SHA1"), PAD_OAEP)
    if (
        padding is not None
        and isinstance(padding, type(oaep("SHA1")))
        and padding.pbLabel is None
        and flags == PAD_OAEP
    ):
        allowed = (INVALID_PARAMETER, bcrypt.STATUS_SUCCESS)  # pbLabel NULL with cbLabel 0 is C's empty label
        assert bcrypt.BCryptEncrypt(private, TEXT, padding, None, bytearray(SIZE), flags)[0] in allowed
        return
    refused(bcrypt.BCryptEncrypt(private, TEXT, padding, None, bytearray(SIZE), flags), INVALID_PARAMETER)
    refused(bcrypt.BCryptDecrypt(private, ciphertext, padding, None, bytearray(SIZE), flags), INVALID_PARAMETER)


@pytest.mark.parametrize("flags", [None, "2", 2.0, -1, 2**32], ids=as_id)
def test_a_size_query_with_flags_of_a_wrong_type(flags: object, public: int) -> None:
    """contract: rule-python-no-raise: a value of a wrong type is INVALID_PARAMETER; a size query is no exception."""
    refused(bcrypt.BCryptEncrypt(public, TEXT, None, None, None, flags), INVALID_PARAMETER)


@pytest.mark.parametrize("wrong", [None, "text", 7, 1.5, [1, 2], object()], ids=as_id)
def test_what_is_no_buffer(wrong: Any, private: int) -> None:
    """inputs have the buffer protocol, outputs are writable; else INVALID_PARAMETER.

    contract: rule-python-buffers, rule-python-no-raise.
    """
    ciphertext = encrypted(private, TEXT, None, PAD_PKCS1)
    refused(bcrypt.BCryptEncrypt(private, wrong, None, None, bytearray(SIZE), PAD_PKCS1), INVALID_PARAMETER)
    refused(bcrypt.BCryptDecrypt(private, wrong, None, None, bytearray(SIZE), PAD_PKCS1), INVALID_PARAMETER)
    for output in (wrong, bytes(SIZE), memoryview(bytes(SIZE)), memoryview(bytearray(2 * SIZE))[::2]):
        if output is not None:
            refused(bcrypt.BCryptEncrypt(private, TEXT, None, None, output, PAD_PKCS1), INVALID_PARAMETER)
            refused(bcrypt.BCryptDecrypt(private, ciphertext, None, None, output, PAD_PKCS1), INVALID_PARAMETER)


def test_the_iv_is_ignored(private: int) -> None:
    """contract: rule-encrypt: IV ignored [doc]."""
    buffer = bytearray(SIZE)
    status, size = bcrypt.BCryptEncrypt(private, bytes(SIZE), None, bytearray(16), buffer, PAD_NONE)
    assert (status, size) == (bcrypt.STATUS_SUCCESS, SIZE)
    assert buffer == bytes(SIZE)


@pytest.mark.parametrize(
    ("name", "bits", "curve"),
    [("ECDSA_P256", 256, None), ("ECDH_P256", 256, None), ("ECDSA", 0, "nistP256"), ("ECDH", 0, "curve25519")],
)
def test_keys_that_do_not_encrypt(name: str, bits: int, curve: str | None) -> None:
    """contract: rule-encrypt: ECC keys are NOT_SUPPORTED [inferred from DH's, wine-test]; for size queries too."""
    with generated(name, bits, curve) as key:
        for output in (None, bytearray(200)):
            refused(bcrypt.BCryptEncrypt(key, bytes(64), None, None, output, PAD_PKCS1), NOT_SUPPORTED)
            refused(bcrypt.BCryptDecrypt(key, bytes(64), None, None, output, PAD_PKCS1), NOT_SUPPORTED)


@pytest.mark.parametrize("info", [None, bcrypt.BCRYPT_OAEP_PADDING_INFO("SHA1")], ids=["no structure", "structure"])
def test_oaep_answers_with_the_size_before_it_looks_at_the_structure(info: object) -> None:
    """contract: rule-encrypt-oaep [wine-test]: a short buffer is BUFFER_TOO_SMALL; a long one without it is refused."""
    with opened("RSA") as algorithm, generated(algorithm, 1024) as key:
        short = bcrypt.BCryptEncrypt(key, b"text", info, None, bytearray(127), bcrypt.BCRYPT_PAD_OAEP)
        assert short == (bcrypt.STATUS_BUFFER_TOO_SMALL, 128)
        answer = bcrypt.BCryptEncrypt(key, b"text", info, None, bytearray(128), bcrypt.BCRYPT_PAD_OAEP)
        assert answer == ((bcrypt.STATUS_INVALID_PARAMETER, None) if info is None else (bcrypt.STATUS_SUCCESS, 128))


@pytest.mark.parametrize("flags", [8, 2, 0x10, 0x20, 4 | 8], ids=hex)
def test_the_oaep_structure_goes_with_its_flag_only(flags: int, caplog: pytest.LogCaptureFixture) -> None:
    """contract: rule-encrypt-oaep: with another flag it is INVALID_PARAMETER, or ignored as PKCS #1 ignores it."""
    info = bcrypt.BCRYPT_OAEP_PADDING_INFO("SHA1")
    with opened("RSA") as algorithm, generated(algorithm, 1024) as key:
        answer = bcrypt.BCryptEncrypt(key, b"text", info, None, bytearray(128), flags)
        assert answer[0] == (
            bcrypt.STATUS_SUCCESS if flags == bcrypt.BCRYPT_PAD_PKCS1 else bcrypt.STATUS_INVALID_PARAMETER
        )
    assert caplog.text == ""
