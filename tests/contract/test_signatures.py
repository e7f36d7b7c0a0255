"""contract: rule-sign, rule-verify: BCryptSignHash and BCryptVerifySignature with RSA and ECDSA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from contract import data
from helpers import as_id, exported, generated, imported, ok, opened, refused, signed
from oracles.blobs import read_ecc_blob, rsa_private_blob, rsa_public_blob
from oracles.ec import CURVES, ecdsa_holds
from oracles.kdf import HASHLIB, digest
from oracles.rsa import DIGEST_INFO, pkcs1_block, pss_salt, rsa_numbers
from oracles.values import number, octets

from cngcore import bcrypt

INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
INVALID_SIGNATURE = bcrypt.STATUS_INVALID_SIGNATURE
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
PAD_PKCS1, PAD_PSS = bcrypt.BCRYPT_PAD_PKCS1, bcrypt.BCRYPT_PAD_PSS
PAD_EITHER = bcrypt.BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID
KEY = rsa_numbers(1032)
SIZE = 129


def pkcs1(name: str | None) -> Any:
    return bcrypt.BCRYPT_PKCS1_PADDING_INFO(name)


def pss(name: Any, salt: Any) -> Any:
    return bcrypt.BCRYPT_PSS_PADDING_INFO(name, salt)


@pytest.fixture
def private() -> Iterator[int]:
    blob = rsa_private_blob(KEY.n, KEY.e, KEY.p, KEY.q)
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, blob) as key:
        yield key


@pytest.fixture
def public() -> Iterator[int]:
    with imported("RSA", bcrypt.BCRYPT_RSAPUBLIC_BLOB, rsa_public_blob(KEY.n, KEY.e)) as key:
        yield key


def opened_block(signature: bytes) -> bytes:
    """What an RSA signature was made of."""
    return octets(pow(number(signature), KEY.e, KEY.n), SIZE)


def verified(key: int, padding: Any, hashed: Any, signature: Any, flags: Any) -> bcrypt.NTStatus:
    return bcrypt.BCryptVerifySignature(key, padding, hashed, signature, flags)


# ------------------------------------------------------------------------------------------------ RSA, PKCS #1


@pytest.mark.parametrize("name", HASHLIB)
def test_pkcs1_signatures(name: str, private: int, public: int) -> None:
    """contract: rule-sign-rsa-no-oid: the block of RFC 8017 9.2 with the hash's DigestInfo, by raw RSA done here;
    contract: rule-verify: both halves verify.
    """
    hashed = digest(name, b"message")
    signature = signed(private, hashed, pkcs1(name), PAD_PKCS1)
    assert opened_block(signature) == pkcs1_block(DIGEST_INFO[name] + hashed, SIZE)
    for key in (private, public):
        ok(verified(key, pkcs1(name), hashed, signature, PAD_PKCS1))
        other = bytes([hashed[0] ^ 1]) + hashed[1:]
        refused(verified(key, pkcs1(name), other, signature, PAD_PKCS1), INVALID_SIGNATURE)


@pytest.mark.parametrize("content", [bytes(range(36)), b"\x01", bytes(20), bytes(118)], ids=["36", "1", "20", "118"])
def test_pkcs1_without_an_oid(content: bytes, private: int) -> None:
    """contract: rule-sign-rsa-no-oid: hash name NULL is a raw block, as the 36 bytes of old TLS [wine-test, go]."""
    signature = signed(private, content, pkcs1(None), PAD_PKCS1)
    assert opened_block(signature) == pkcs1_block(content, SIZE)
    ok(verified(private, pkcs1(None), content, signature, PAD_PKCS1))


def test_pkcs1_that_does_not_fit(private: int) -> None:
    """contract: rule-sign: a block that is too long for the modulus is INVALID_PARAMETER [inferred]."""
    for length in (SIZE - 10, SIZE, 500):
        answer = bcrypt.BCryptSignHash(private, pkcs1(None), b"\1" * length, bytearray(SIZE), PAD_PKCS1)
        refused(answer, INVALID_PARAMETER)
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, data.RSA512_PRIV) as key:
        answer = bcrypt.BCryptSignHash(key, pkcs1("SHA512"), bytes(64), bytearray(64), PAD_PKCS1)
        refused(answer, INVALID_PARAMETER)


@pytest.mark.parametrize("name", ["SHA1", "SHA256", "SHA512"])
@pytest.mark.parametrize("length", [1, 19, 21, 31, 33, 36, 63, 65])
def test_the_hash_has_the_length_of_its_name(name: str, length: int, private: int) -> None:
    """contract: rule-sign-rsa-hash: mismatch is INVALID_PARAMETER [inferred]."""
    for padding, flags in ((pkcs1(name), PAD_PKCS1), (pss(name, 8), PAD_PSS)):
        answer = bcrypt.BCryptSignHash(private, padding, bytes(length), bytearray(SIZE), flags)
        refused(answer, INVALID_PARAMETER)


@pytest.mark.parametrize("name", ["AES", "RNG", "RSA", "sha1", "SHA-1", "NOSUCH", ""])
def test_what_is_no_hash(name: str, private: int) -> None:
    """a hash id that is not a hash is NOT_SUPPORTED on verify [wine-test], on sign alike [inferred].

    contract: rule-sign-rsa-hash, rule-verify-rsa-padding.
    """
    for padding, flags in ((pkcs1(name), PAD_PKCS1), (pss(name, 8), PAD_PSS)):
        refused(verified(private, padding, bytes(20), b"\1" * SIZE, flags), NOT_SUPPORTED)
        refused(bcrypt.BCryptSignHash(private, padding, bytes(20), bytearray(SIZE), flags), NOT_SUPPORTED)


def test_optional_oid(private: int, public: int) -> None:
    """PAD_PKCS1_OPTIONAL_HASH_OID takes the block with or without DigestInfo [header, doc]; verify only.

    contract: rule-verify-optional-oid.
    """
    hashed = digest("SHA256", b"message")
    with_oid = signed(private, hashed, pkcs1("SHA256"), PAD_PKCS1)
    without = signed(private, hashed, pkcs1(None), PAD_PKCS1)
    for signature in (with_oid, without):
        ok(verified(public, pkcs1("SHA256"), hashed, signature, PAD_EITHER))
        refused(verified(public, pkcs1("SHA256"), digest("SHA256", b""), signature, PAD_EITHER), INVALID_SIGNATURE)
    refused(verified(public, pkcs1("SHA256"), hashed, without, PAD_PKCS1), INVALID_SIGNATURE)
    refused(verified(public, pkcs1(None), hashed, with_oid, PAD_PKCS1), INVALID_SIGNATURE)
    answer = bcrypt.BCryptSignHash(private, pkcs1("SHA256"), hashed, bytearray(SIZE), PAD_EITHER)
    refused(answer, INVALID_PARAMETER)


@pytest.mark.parametrize("status", [INVALID_PARAMETER, NOT_SUPPORTED], ids=["SHA256", "AES"])
def test_optional_oid_looks_at_the_hash_all_the_same(status: bcrypt.NTStatus, private: int, public: int) -> None:
    """a digest of another length, and an id of no hash, are refused before a block without OID can match.

    contract: rule-sign-rsa-hash, rule-verify-optional-oid.
    """
    short = bytes(20)
    bare = signed(private, short, pkcs1(None), PAD_PKCS1)
    name = "AES" if status == NOT_SUPPORTED else "SHA256"
    for flag in (PAD_PKCS1, PAD_EITHER):
        refused(verified(public, pkcs1(name), short, bare, flag), status)


# ---------------------------------------------------------------------------------------------------- RSA, PSS


@pytest.mark.parametrize(("name", "salt"), [("SHA1", 20), ("SHA256", 0), ("SHA256", 32), ("SHA256", 95), ("SHA384", 7)])
def test_pss_signatures(name: str, salt: int, private: int, public: int) -> None:
    """the block of RFC 8017 9.1 with exactly the salt asked for, by raw RSA done here [go].

    contract: rule-sign-rsa-salt.
    """
    hashed = digest(name, b"message")
    signature = signed(private, hashed, pss(name, salt), PAD_PSS)
    found = pss_salt(opened_block(signature), KEY.n.bit_length(), hashed, name)
    assert found is not None
    assert len(found) == salt
    ok(verified(public, pss(name, salt), hashed, signature, PAD_PSS))
    for wrong in {0, min(95, salt + 1), max(0, salt - 1), 20} - {salt}:
        refused(verified(public, pss(name, wrong), hashed, signature, PAD_PSS), INVALID_SIGNATURE)
    for position in (0, 64, SIZE - 1):
        damaged = bytearray(signature)
        damaged[position] ^= 1
        refused(verified(public, pss(name, salt), hashed, damaged, PAD_PSS), INVALID_SIGNATURE)


@pytest.mark.parametrize("name", HASHLIB)
def test_pss_with_every_hash(name: str, private: int) -> None:
    """contract: rule-sign-rsa-hash: each hash of the header works, or is NOT_SUPPORTED; INTERNAL_ERROR is for a
    provider's fault (contract: rule-python-internal-error).
    """
    hashed, buffer = digest(name, b"message"), bytearray(SIZE)
    answer = bcrypt.BCryptSignHash(private, pss(name, 10), hashed, buffer, PAD_PSS)
    if answer[0] != bcrypt.STATUS_SUCCESS:
        refused(answer, NOT_SUPPORTED)
        refused(verified(private, pss(name, 10), hashed, bytes(SIZE), PAD_PSS), NOT_SUPPORTED)
    else:
        found = pss_salt(opened_block(bytes(buffer)), KEY.n.bit_length(), hashed, name)
        assert found is not None
        assert len(found) == 10
        ok(verified(private, pss(name, 10), hashed, buffer, PAD_PSS))


@pytest.mark.parametrize("bits", [512, 1032])
@pytest.mark.parametrize("name", ["SHA1", "SHA256"])
def test_the_longest_salt(name: str, bits: int) -> None:
    """contract: rule-sign-rsa-salt: the salt has 0..(modulus - hash - 2) bytes; more is INVALID_PARAMETER."""
    numbers = rsa_numbers(bits)
    size, hashed = (bits - 1 + 7) // 8, digest(name, b"")
    longest = size - len(hashed) - 2
    blob = rsa_private_blob(numbers.n, numbers.e, numbers.p, numbers.q)
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, blob) as key:
        signature = signed(key, hashed, pss(name, longest), PAD_PSS)
        ok(verified(key, pss(name, longest), hashed, signature, PAD_PSS))
        for salt in (longest + 1, longest + 100, 0xFFFFFFFF, 2**32, -1, -2, None, "20", 20.0):
            answer = bcrypt.BCryptSignHash(key, pss(name, salt), hashed, bytearray(numbers.size), PAD_PSS)
            refused(answer, INVALID_PARAMETER)


# ------------------------------------------------------------------------------------- paddings that do not fit


@pytest.mark.parametrize(
    ("padding", "flags"),
    [
        (None, 0),
        (None, PAD_PKCS1),
        (None, PAD_PSS),
        (None, bcrypt.BCRYPT_PAD_NONE),
        (pkcs1("SHA1"), bcrypt.BCRYPT_PAD_OAEP),
        (pkcs1("SHA1"), PAD_PSS),
        (pss("SHA1", 20), PAD_PKCS1),
        (pkcs1("SHA1"), PAD_PKCS1 | PAD_PSS),
        (pkcs1("SHA1"), PAD_PKCS1 | 0x80000000),
        (pkcs1("SHA1"), PAD_PKCS1 + 2**32),
        (pkcs1("SHA1"), -2),
        (pkcs1("SHA1"), None),
        (pkcs1("SHA1"), "2"),
        (pkcs1("SHA1"), 2.0),
        (bcrypt.BCRYPT_OAEP_PADDING_INFO("SHA1"), PAD_PKCS1),
        (bcrypt.BCRYPT_PQDSA_PADDING_INFO(), bcrypt.BCRYPT_PAD_PQDSA),
        (None, bcrypt.BCRYPT_MLDSA_EXTERNAL_MU),
        ("SHA1", PAD_PKCS1),
        (0, PAD_PKCS1),
        (object(), PAD_PKCS1),
        (pkcs1(7), PAD_PKCS1),  # type: ignore[arg-type]
        (pkcs1(b"SHA1"), PAD_PKCS1),  # type: ignore[arg-type]
        (pss(None, 20), PAD_PSS),
    ],
    ids=as_id,
)
def test_paddings_that_are_refused(padding: Any, flags: Any, private: int) -> None:
    """structure and flag go together, else INVALID_PARAMETER [wine-test for NULL with 0 and PAD_PKCS1].

    contract: rule-sign-rsa-padding, rule-verify-rsa-padding.
    """
    signature = signed(private, bytes(20), pkcs1("SHA1"), PAD_PKCS1)
    refused(verified(private, padding, bytes(20), signature, flags), INVALID_PARAMETER)
    refused(bcrypt.BCryptSignHash(private, padding, bytes(20), bytearray(SIZE), flags), INVALID_PARAMETER)


def test_a_structure_without_its_flag(private: int) -> None:
    """padding given, flags 0: INVALID_SIGNATURE or INVALID_PARAMETER, by Windows version [wine-test].

    contract: rule-verify-rsa-padding.
    """
    signature = signed(private, bytes(20), pkcs1("SHA1"), PAD_PKCS1)
    answer = verified(private, pkcs1("SHA1"), bytes(20), signature, 0)
    refused(answer, INVALID_PARAMETER)
    refused(bcrypt.BCryptSignHash(private, pkcs1("SHA1"), bytes(20), bytearray(SIZE), 0), INVALID_PARAMETER)


# ------------------------------------------------------------------------------------- sizes, halves, arguments


def test_sign_sizes(private: int, public: int) -> None:
    """the size without a buffer, with a NULL hash and on a public-only key too; BUFFER_TOO_SMALL, also for 0.

    contract: rule-size-query.
    """
    arguments = (pkcs1("SHA1"), bytes(20))
    for key in (private, public):
        assert bcrypt.BCryptSignHash(key, *arguments, None, PAD_PKCS1) == (bcrypt.STATUS_SUCCESS, SIZE)
        assert bcrypt.BCryptSignHash(key, pkcs1("SHA1"), None, None, PAD_PKCS1) == (bcrypt.STATUS_SUCCESS, SIZE)
    for short in (0, 1, SIZE - 1):
        buffer = bytearray(b"\xa5" * short)
        answer = bcrypt.BCryptSignHash(private, *arguments, buffer, PAD_PKCS1)
        assert answer == (bcrypt.STATUS_BUFFER_TOO_SMALL, SIZE)
        assert buffer == b"\xa5" * short
    buffer = bytearray(b"\xa5" * (SIZE + 9))
    assert bcrypt.BCryptSignHash(private, *arguments, buffer, PAD_PKCS1) == (bcrypt.STATUS_SUCCESS, SIZE)
    assert buffer[SIZE:] == b"\xa5" * 9
    ok(verified(private, *arguments, memoryview(buffer)[:SIZE], PAD_PKCS1))


@pytest.mark.parametrize("flags", [None, "2", 2.0, -1, 2**32])
def test_a_size_query_with_flags_of_a_wrong_type(flags: object, private: int) -> None:
    """contract: rule-python-no-raise: a value of a wrong type is INVALID_PARAMETER; a size query is no exception."""
    refused(bcrypt.BCryptSignHash(private, pkcs1("SHA1"), bytes(20), None, flags), INVALID_PARAMETER)


def test_a_public_key_does_not_sign(public: int) -> None:
    """contract: rule-sign-rsa-padding: INVALID_PARAMETER [wine-test]; with PSS and ECDSA as well."""
    for padding, flags in ((pkcs1("SHA1"), PAD_PKCS1), (pss("SHA1", 20), PAD_PSS)):
        refused(bcrypt.BCryptSignHash(public, padding, bytes(20), bytearray(SIZE), flags), INVALID_PARAMETER)
    with imported("ECDSA_P256", bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB) as key:
        assert bcrypt.BCryptSignHash(key, None, None) == (bcrypt.STATUS_SUCCESS, 64)
        refused(bcrypt.BCryptSignHash(key, None, data.HASH32, bytearray(64)), INVALID_PARAMETER)


@pytest.mark.parametrize("wrong", [None, "hash", 7, 1.5, [1, 2], object()], ids=as_id)
def test_hashes_and_signatures_that_are_none(wrong: object, private: int) -> None:
    """contract: rule-verify-null: NULL is INVALID_PARAMETER [wine-impl], for signing too
    (contract: rule-python-no-raise); wrong types likewise.
    """
    signature = signed(private, bytes(20), pkcs1("SHA1"), PAD_PKCS1)
    refused(bcrypt.BCryptSignHash(private, pkcs1("SHA1"), wrong, bytearray(SIZE), PAD_PKCS1), INVALID_PARAMETER)
    refused(verified(private, pkcs1("SHA1"), wrong, signature, PAD_PKCS1), INVALID_PARAMETER)
    refused(verified(private, pkcs1("SHA1"), bytes(20), wrong, PAD_PKCS1), INVALID_PARAMETER)
    with imported("ECDSA_P256", bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB) as key:
        refused(verified(key, None, wrong, data.ECDSA_P256_SIG, 0), INVALID_PARAMETER)
        refused(verified(key, None, data.HASH32, wrong, 0), INVALID_PARAMETER)


def test_nothing_to_verify(private: int) -> None:
    """a hash or a signature of length 0 is INVALID_PARAMETER [wine-impl]; with every padding.

    contract: rule-verify-null.
    """
    for padding, flags in ((pkcs1("SHA1"), PAD_PKCS1), (pkcs1(None), PAD_PKCS1), (pss("SHA1", 20), PAD_PSS)):
        refused(verified(private, padding, b"", b"\1" * SIZE, flags), INVALID_PARAMETER)
        refused(verified(private, padding, bytes(20), b"", flags), INVALID_PARAMETER)
    with imported("ECDSA_P256", bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB) as key:
        refused(verified(key, None, b"", data.ECDSA_P256_SIG, 0), INVALID_PARAMETER)
        refused(verified(key, None, data.HASH32, b"", 0), INVALID_PARAMETER)


@pytest.mark.parametrize("change", [slice(0, -1), slice(1, None), slice(0, 1)], ids=["short", "front", "one byte"])
def test_rsa_signatures_of_a_wrong_length(change: slice, public: int, private: int) -> None:
    """a signature of another length than the modulus, or a number not below it: INVALID_PARAMETER [client, symcrypt].

    contract: rule-verify-rsa-length, rule-verify-rsa-range.
    """
    signature = signed(private, bytes(20), pkcs1("SHA1"), PAD_PKCS1)
    above = [octets(KEY.n), octets(KEY.n + 1), b"\xff" * SIZE]
    for damaged in (signature[change], signature + b"\0", b"\0" + signature, bytes(2 * SIZE), *above):
        for padding in (pkcs1("SHA1"), pkcs1(None)):
            refused(verified(public, padding, bytes(20), damaged, PAD_PKCS1), INVALID_PARAMETER)
        refused(verified(public, pkcs1("SHA1"), bytes(20), damaged, PAD_EITHER), INVALID_PARAMETER)
        refused(verified(public, pss("SHA1", 20), bytes(20), damaged, PAD_PSS), INVALID_PARAMETER)
    for below in (octets(KEY.n - 1), bytes(SIZE), bytes(SIZE - 1) + b"\1"):
        refused(verified(public, pkcs1("SHA1"), bytes(20), below, PAD_PKCS1), INVALID_SIGNATURE)
        refused(verified(public, pss("SHA1", 20), bytes(20), below, PAD_PSS), INVALID_SIGNATURE)


def test_a_signature_of_another_key_size(public: int) -> None:
    """contract: rule-verify-rsa-length: a 128-byte signature, checked with a key of another size [client: oscrypto]."""
    with generated("RSA", 1024) as other, generated("RSA", 2048) as long:
        for padding, flags in ((pkcs1("SHA1"), PAD_PKCS1), (pss("SHA1", 20), PAD_PSS)):
            refused(
                verified(long, padding, bytes(20), signed(other, bytes(20), padding, flags), flags), INVALID_PARAMETER
            )
            refused(
                verified(other, padding, bytes(20), signed(long, bytes(20), padding, flags), flags), INVALID_PARAMETER
            )


# ----------------------------------------------------------------------------------------------------- ECDSA


@pytest.mark.parametrize(("name", "size"), [("ECDSA_P256", 64), ("ECDSA_P384", 96), ("ECDSA_P521", 132)])
def test_ecdsa_sizes(name: str, size: int) -> None:
    """contract: rule-sign-ecdsa: r||s, each padded to the order's length: P-256 64, P-521 132 [wine-test];
    contract: rule-size-query: the buffers.
    """
    with generated(name, int(name[-3:])) as key:
        assert bcrypt.BCryptSignHash(key, None, None) == (bcrypt.STATUS_SUCCESS, size)
        for short in (0, 1, size - 1):
            answer = bcrypt.BCryptSignHash(key, None, data.HASH32, bytearray(short))
            assert answer == (bcrypt.STATUS_BUFFER_TOO_SMALL, size)
        for _ in range(20):
            signature = signed(key, data.HASH32)
            assert len(signature) == size
            ok(verified(key, None, data.HASH32, signature, 0))


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("length", [1, 16, 20, 31, 32, 33, 48, 64])
def test_ecdsa_takes_any_hash_length(curve: str, length: int) -> None:
    """any length, truncated as the standard says (20 bytes with P-256 works) [wine-test]; by arithmetic here.

    contract: rule-sign-ecdsa-hash.
    """
    domain = CURVES[curve]
    hashed = (data.HASH32 + data.DSA512_PUB)[:length]
    with generated("ECDSA", 0, curve) as key:
        fields = read_ecc_blob(exported(key, bcrypt.BCRYPT_ECCPUBLIC_BLOB))
        signature = signed(key, hashed)
        assert ecdsa_holds(domain, (fields["x"], fields["y"]), hashed, signature)
        ok(verified(key, None, hashed, signature, 0))
        if length >= 32:
            ok(verified(key, None, hashed[:32], signature, 0))
            ok(verified(key, None, hashed[:32] + b"more", signature, 0))


@pytest.mark.parametrize(
    ("padding", "flags"),
    [
        (pkcs1("SHA256"), PAD_PKCS1),
        (pkcs1("SHA256"), 0),
        (None, PAD_PKCS1),
        (pss("SHA256", 32), PAD_PSS),
        (None, PAD_PSS),
        (None, 0x80000000),
        (None, -1),
        (None, None),
        (None, "0"),
        (object(), 0),
        (0, 0),
    ],
    ids=as_id,
)
def test_ecdsa_takes_no_padding(padding: Any, flags: Any) -> None:
    """contract: rule-sign-ecdsa: padding NULL, flags 0; with PAD_PKCS1 INVALID_PARAMETER [wine-test]."""
    with generated("ECDSA_P256", 256) as key:
        signature = signed(key, data.HASH32)
        refused(bcrypt.BCryptSignHash(key, padding, data.HASH32, bytearray(64), flags), INVALID_PARAMETER)
        refused(verified(key, padding, data.HASH32, signature, flags), INVALID_PARAMETER)


def test_ecdsa_damage() -> None:
    """one bit of r of a P-521 signature changed: INVALID_SIGNATURE [wine-test]; every other bit too.

    contract: rule-verify-ecdsa-wrong.
    """
    with generated("ECDSA_P521", 521) as key:
        signature = signed(key, data.HASH32)
        for bit in range(0, 8 * len(signature), 37):
            damaged = bytearray(signature)
            damaged[bit // 8] ^= 1 << bit % 8
            refused(verified(key, None, data.HASH32, damaged, 0), INVALID_SIGNATURE)


def test_ecdsa_edges() -> None:
    """r and s are 1..n-1: anything else is INVALID_SIGNATURE [symcrypt]. A signature of another length than twice that
    of the order is INVALID_PARAMETER [client].

    contract: rule-verify-ecdsa-range, rule-verify-ecdsa-length.
    """
    n = CURVES["nistP256"].n
    r, s = data.ECDSA_P256_SIG[:32], data.ECDSA_P256_SIG[32:]
    with imported("ECDSA_P256", bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB) as key:
        zero, order, most = bytes(32), octets(n), b"\xff" * 32
        wrong = [zero + zero, zero + s, r + zero, order + s, r + order, most + most, s + r]
        wrong += [octets((number(r) + n) % 2**256, 32) + s, r + octets(n - number(s) ^ 1, 32)]
        for signature in wrong:
            refused(verified(key, None, data.HASH32, signature, 0), INVALID_SIGNATURE)
        lengths = [r + s[:-1], r + s + b"\0", r, b"\0" + r + s, b"\0" + r + b"\0" + s, bytes(1), r + s + r + s]
        lengths += [r[1:] + s[1:], bytes(62), b"\xff" * 63, b"\1" * 70, bytes(128)]
        for signature in lengths:
            refused(verified(key, None, data.HASH32, signature, 0), INVALID_PARAMETER)
        ok(verified(key, None, data.HASH32, r + octets(n - number(s), 32), 0))  # the other root is a signature as well


@pytest.mark.parametrize(("name", "bits", "curve"), [("ECDH_P256", 256, None), ("ECDH", 0, "curve25519")])
def test_agreement_keys_do_not_sign(name: str, bits: int, curve: str | None) -> None:
    """contract: rule-sign: not a signature algorithm is NOT_SUPPORTED, even for a size query [wine-test]."""
    with generated(name, bits, curve) as key:
        refused(bcrypt.BCryptSignHash(key, None, data.HASH32), NOT_SUPPORTED)
        refused(bcrypt.BCryptSignHash(key, None, data.HASH32, bytearray(64)), NOT_SUPPORTED)
        refused(bcrypt.BCryptVerifySignature(key, None, data.HASH32, data.ECDSA_P256_SIG), NOT_SUPPORTED)


def test_the_optional_oid_flag_goes_with_the_pkcs1_flag() -> None:
    """contract: rule-verify-optional-oid: alone and together with BCRYPT_PAD_PKCS1 it takes both kinds of block."""
    with opened("RSA") as algorithm, generated(algorithm, 1024) as key:
        for name in (None, "SHA256"):
            signature = bytearray(128)
            info = bcrypt.BCRYPT_PKCS1_PADDING_INFO(name)
            ok(bcrypt.BCryptSignHash(key, info, data.HASH32, signature, bcrypt.BCRYPT_PAD_PKCS1))
            for flags in (0x10, 0x12):
                named = bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA256")
                assert bcrypt.BCryptVerifySignature(key, named, data.HASH32, signature, flags) == bcrypt.STATUS_SUCCESS
        assert bcrypt.BCryptSignHash(key, info, data.HASH32, bytearray(128), 0x12)[0] == bcrypt.STATUS_INVALID_PARAMETER
