"""The contract's case list, one test a case: the RSA, elliptic-curve, handle, property and agreement cases.

Every docstring begins with the case's name in the list. Everything goes through the flat API, as a caller in C would.
The cases of DSA, DH, ML-KEM, ML-DSA, hashes and random numbers belong to the providers that come later.
"""

from __future__ import annotations

import hashlib

import helpers
import pytest
from contract import data
from helpers import (
    agreed,
    decrypted,
    derived,
    dword_of,
    empty,
    encrypted,
    exported,
    generated,
    imported,
    ok,
    opened,
    property_of,
    refused,
    signed,
)
from oracles import blobs as blobs_oracle
from oracles import ec as ec_oracle
from oracles import rsa as rsa_oracle
from oracles.values import dword, number, wide

from cngcore import bcrypt

SHA1 = bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA1")
NO_OID = bcrypt.BCRYPT_PKCS1_PADDING_INFO(None)
PKCS1 = bcrypt.BCRYPT_PAD_PKCS1


def test_data_is_that_of_the_list() -> None:
    """Every block has the digest it had when it was transcribed."""
    for name, expected in data.SHA256.items():
        assert hashlib.sha256(getattr(data, name)).hexdigest() == expected, name


# ------------------------------------------------------------------------------------------------ A. Handles


def test_a1_close_null() -> None:
    """A1: closing NULL."""
    refused(bcrypt.BCryptCloseAlgorithmProvider(None), bcrypt.STATUS_INVALID_HANDLE)
    refused(bcrypt.BCryptCloseAlgorithmProvider(0), bcrypt.STATUS_INVALID_HANDLE)


def test_a2_destroy_key_on_a_secret() -> None:
    """A2: DestroyKey on a secret; the secret is none the worse for it."""
    with generated("ECDH_P256", 256) as key, agreed(key, key) as secret:
        refused(bcrypt.BCryptDestroyKey(secret), bcrypt.STATUS_INVALID_HANDLE)
        assert len(derived(secret, "TRUNCATE")) == 32


def test_a3_destroy_secret_on_null_and_on_an_algorithm() -> None:
    """A3: DestroySecret on NULL, and on an algorithm handle."""
    refused(bcrypt.BCryptDestroySecret(None), bcrypt.STATUS_INVALID_HANDLE)
    with opened("RSA") as algorithm:
        refused(bcrypt.BCryptDestroySecret(algorithm), bcrypt.STATUS_INVALID_HANDLE)
        assert helpers.text_of(algorithm, bcrypt.BCRYPT_ALGORITHM_NAME) == "RSA"


@pytest.mark.parametrize("name", ["NOSUCH", "RSA2", "Composite-ML-KEM", "XMSS", "AES-OFB", "Blowfish"])
def test_a4_open_of_an_id_nobody_serves(name: str) -> None:
    """A4: Open of an id that nobody serves."""
    refused(bcrypt.BCryptOpenAlgorithmProvider(name), bcrypt.STATUS_NOT_FOUND)


def test_a5_a_key_outlives_its_provider() -> None:
    """A5: Open(RSA), Gen 2048, Fin, close, then sign and verify."""
    algorithm = ok(bcrypt.BCryptOpenAlgorithmProvider("RSA"))
    key = ok(bcrypt.BCryptGenerateKeyPair(algorithm, 2048))
    ok(bcrypt.BCryptFinalizeKeyPair(key))
    ok(bcrypt.BCryptCloseAlgorithmProvider(algorithm))
    padding = bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA256")
    signature = signed(key, data.HASH32, padding, PKCS1)
    assert len(signature) == 256
    ok(bcrypt.BCryptVerifySignature(key, padding, data.HASH32, signature, PKCS1))
    ok(bcrypt.BCryptDestroyKey(key))


def test_a6_import_through_a_pseudo_handle() -> None:
    """A6: Imp through BCRYPT_ECDSA_P256_ALG_HANDLE, type PUBLICBLOB."""
    with imported(bcrypt.BCRYPT_ECDSA_P256_ALG_HANDLE, bcrypt.BCRYPT_PUBLIC_KEY_BLOB, data.ECDSA_P256_PUB) as key:
        assert exported(key, bcrypt.BCRYPT_ECCPUBLIC_BLOB) == data.ECDSA_P256_PUB


# --------------------------------------------------------------------------------------------- B. Properties


def test_b1_get_property_of_null() -> None:
    """B1: Get(NULL, AlgorithmName)."""
    refused(bcrypt.BCryptGetProperty(None, bcrypt.BCRYPT_ALGORITHM_NAME), bcrypt.STATUS_INVALID_HANDLE)


def test_b2_get_property_without_a_name() -> None:
    """B2: Get on an algorithm with NULL for the name."""
    with opened("RSA") as algorithm:
        refused(bcrypt.BCryptGetProperty(algorithm, None), bcrypt.STATUS_INVALID_PARAMETER)


def test_b3_padding_schemes_of_rsa() -> None:
    """B3: Get(RSA algorithm, PaddingSchemes) is one DWORD, and it says what RSA can do."""
    every = (
        bcrypt.BCRYPT_SUPPORTED_PAD_PKCS1_ENC
        | bcrypt.BCRYPT_SUPPORTED_PAD_PKCS1_SIG
        | bcrypt.BCRYPT_SUPPORTED_PAD_OAEP
        | bcrypt.BCRYPT_SUPPORTED_PAD_PSS
    )
    with opened("RSA") as algorithm:
        assert dword_of(algorithm, bcrypt.BCRYPT_PADDING_SCHEMES) & every == every


def test_b5_key_strength() -> None:
    """B5: KeyStrength of ECDSA_P256_PUB is 256, of a P-521 public key 521."""
    with imported("ECDSA_P256", bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB) as key:
        assert dword_of(key, bcrypt.BCRYPT_KEY_STRENGTH) == 256
    with generated("ECDSA_P521", 521) as key:
        public = exported(key, bcrypt.BCRYPT_ECCPUBLIC_BLOB)
    with imported("ECDSA_P521", bcrypt.BCRYPT_ECCPUBLIC_BLOB, public) as key:
        assert dword_of(key, bcrypt.BCRYPT_KEY_STRENGTH) == 521


# ------------------------------------------------------------------------------------- C. RSA keys and blobs


def test_c1_key_length_of_two_bytes() -> None:
    """C1: Gen(RSA, 1024), then Set(KeyLength) with two bytes."""
    with empty("RSA", 1024) as key:
        refused(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, b"\x00\x08"), bcrypt.STATUS_INVALID_PARAMETER)


def test_c2_finalize_of_an_imported_key() -> None:
    """C2: Fin on an imported RSA key."""
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, data.RSA512_PRIV) as key:
        refused(bcrypt.BCryptFinalizeKeyPair(key), bcrypt.STATUS_INVALID_HANDLE)


def test_c3_encrypt_before_finalize() -> None:
    """C3: Gen(RSA, 1024), then Encrypt before Fin."""
    with empty("RSA", 1024) as key:
        answer = bcrypt.BCryptEncrypt(key, b"\1" * 128, None, None, bytearray(128), bcrypt.BCRYPT_PAD_NONE)
        refused(answer, bcrypt.STATUS_INVALID_HANDLE)


def test_c4_private_blob_and_what_comes_out_of_it() -> None:
    """C4: Imp RSA512_PRIV; the private, full and public blobs that it exports."""
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, data.RSA512_PRIV) as key:
        assert exported(key, bcrypt.BCRYPT_RSAPRIVATE_BLOB) == data.RSA512_PRIV
        assert exported(key, bcrypt.BCRYPT_RSAFULLPRIVATE_BLOB) == data.RSA512_FULL
        public = b"RSA1" + data.RSA512_PRIV[4:16] + bytes(8) + data.RSA512_PRIV[24 : 24 + 3 + 64]
        assert exported(key, bcrypt.BCRYPT_RSAPUBLIC_BLOB) == public


def test_c5_full_blob_round_trip() -> None:
    """C5: Imp RSA512_FULL, Exp the same type."""
    with imported("RSA", bcrypt.BCRYPT_RSAFULLPRIVATE_BLOB, data.RSA512_FULL) as key:
        assert exported(key, bcrypt.BCRYPT_RSAFULLPRIVATE_BLOB) == data.RSA512_FULL


def test_c6_bad_exponent_length() -> None:
    """C6: Imp RSA_BAD_EXP as RSAPUBLICBLOB is 0x80090005."""
    with opened("RSA") as algorithm:
        answer = bcrypt.BCryptImportKeyPair(algorithm, None, bcrypt.BCRYPT_RSAPUBLIC_BLOB, data.RSA_BAD_EXP)
        refused(answer, bcrypt.NTE_BAD_DATA)
        assert answer[0] == 0x80090005


def test_c7_opaque_blobs() -> None:
    """C7: Exp and Imp of RSA as OpaqueKeyBlob, no key handle given out."""
    with opened("RSA") as algorithm, imported(algorithm, bcrypt.BCRYPT_RSAPRIVATE_BLOB, data.RSA512_PRIV) as key:
        refused(bcrypt.BCryptExportKey(key, None, bcrypt.BCRYPT_OPAQUE_KEY_BLOB), bcrypt.STATUS_NOT_SUPPORTED)
        answer = bcrypt.BCryptImportKeyPair(algorithm, None, bcrypt.BCRYPT_OPAQUE_KEY_BLOB, data.RSA512_PRIV)
        refused(answer, bcrypt.STATUS_NOT_SUPPORTED)


def test_c8_exponent_padded_with_zero_bytes() -> None:
    """C8: the exponent field 00 00 00 00 00 01 00 01 is read, and written back as short as it can be."""
    modulus = number(data.RSA512_PRIV[27:91])
    blob = blobs_oracle.rsa_public_blob(modulus, 65537, exponent_length=8)
    assert blob[24:32] == bytes.fromhex("0000000000010001")
    with imported("RSA", bcrypt.BCRYPT_RSAPUBLIC_BLOB, blob) as key:
        assert exported(key, bcrypt.BCRYPT_RSAPUBLIC_BLOB) == blobs_oracle.rsa_public_blob(modulus, 65537)


@pytest.mark.parametrize("bits", [384, 1032])
def test_c9_lengths_off_the_grid(bits: int) -> None:
    """C9: Imp of RSAPRIVATEBLOBs of 384 and 1032 bits, lengths that Gen refuses; the keys work.

    384 bits are too few for the trial signature of the newest Windows, so nothing is validated there.
    """
    numbers = rsa_oracle.rsa_numbers(bits)
    blob = blobs_oracle.rsa_private_blob(numbers.n, numbers.e, numbers.p, numbers.q)
    with opened("RSA") as algorithm:
        refused(bcrypt.BCryptGenerateKeyPair(algorithm, bits), bcrypt.STATUS_INVALID_PARAMETER)
        flags = bcrypt.BCRYPT_NO_KEY_VALIDATION if bits < 496 else 0
        with imported(algorithm, bcrypt.BCRYPT_RSAPRIVATE_BLOB, blob, flags=flags) as key:
            assert exported(key, bcrypt.BCRYPT_RSAPRIVATE_BLOB) == blob
            assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == bits
            signature = signed(key, data.DSA512_HASH, SHA1, PKCS1)
            ok(bcrypt.BCryptVerifySignature(key, SHA1, data.DSA512_HASH, signature, PKCS1))


# ------------------------------------------------------------------------------------------ D. RSA signatures


@pytest.fixture
def rsa512():
    """The key RSA512_PRIV."""
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, data.RSA512_PRIV) as key:
        yield key


def expected_signature(content: bytes) -> bytes:
    """What RSA512_PRIV signs PKCS#1 v1.5 blocks to, worked out here."""
    fields = blobs_oracle.read_rsa_blob(data.RSA512_FULL)
    block = rsa_oracle.pkcs1_block(content, 64)
    return pow(number(block), fields["d"], fields["n"]).to_bytes(64, "big")


def test_d1_verify_without_a_padding_structure(rsa512: int) -> None:
    """D1: Verify a good PKCS1 signature with PAD_PKCS1 and no padding structure."""
    signature = signed(rsa512, data.DSA512_HASH, SHA1, PKCS1)
    answer = bcrypt.BCryptVerifySignature(rsa512, None, data.DSA512_HASH, signature, PKCS1)
    refused(answer, bcrypt.STATUS_INVALID_PARAMETER)


def test_d2_an_oid_where_none_is_expected(rsa512: int) -> None:
    """D2: a SHA-1 signature with its OID, verified with the hash name NULL."""
    signature = signed(rsa512, data.DSA512_HASH, SHA1, PKCS1)
    assert signature == expected_signature(rsa_oracle.DIGEST_INFO["SHA1"] + data.DSA512_HASH)
    answer = bcrypt.BCryptVerifySignature(rsa512, NO_OID, data.DSA512_HASH, signature, PKCS1)
    refused(answer, bcrypt.STATUS_INVALID_SIGNATURE)


def test_d3_no_oid(rsa512: int) -> None:
    """D3: signed with the hash name NULL, verified with NULL and with SHA1."""
    signature = signed(rsa512, data.DSA512_HASH, NO_OID, PKCS1)
    assert signature == expected_signature(data.DSA512_HASH)
    ok(bcrypt.BCryptVerifySignature(rsa512, NO_OID, data.DSA512_HASH, signature, PKCS1))
    answer = bcrypt.BCryptVerifySignature(rsa512, SHA1, data.DSA512_HASH, signature, PKCS1)
    refused(answer, bcrypt.STATUS_INVALID_SIGNATURE)


def test_d4_sign_into_an_empty_buffer() -> None:
    """D4: Gen(RSA, 512), sign PKCS1 into a buffer of length 0 that is not NULL."""
    with generated("RSA", 512) as key:
        answer = bcrypt.BCryptSignHash(key, SHA1, data.DSA512_HASH, bytearray(), PKCS1)
        assert answer == (bcrypt.STATUS_BUFFER_TOO_SMALL, 64)


def test_d5_rsa_512_signs() -> None:
    """D5: Gen(RSA, 512), sign PKCS1 with SHA1: 64 bytes, and they verify."""
    with generated("RSA", 512) as key:
        signature = signed(key, data.DSA512_HASH, SHA1, PKCS1)
        assert len(signature) == 64
        ok(bcrypt.BCryptVerifySignature(key, SHA1, data.DSA512_HASH, signature, PKCS1))


# ------------------------------------------------------------------------------------------ E. RSA encryption


def test_e1_pad_none_with_a_short_text(rsa512: int) -> None:
    """E1: PAD_NONE with 11 bytes of text."""
    answer = bcrypt.BCryptEncrypt(rsa512, b"Hello World", None, None, bytearray(64), bcrypt.BCRYPT_PAD_NONE)
    refused(answer, bcrypt.STATUS_INVALID_PARAMETER)


def test_e2_pad_none_into_a_short_buffer(rsa512: int) -> None:
    """E2: PAD_NONE, RSA512_PRIV, a full block, output buffer too short: BUFFER_TOO_SMALL and 64."""
    block = b"\0" + b"\x5a" * 63
    for length in (0, 1, 63):
        buffer = bytearray(b"\xaa" * length)
        answer = bcrypt.BCryptEncrypt(rsa512, block, None, None, buffer, bcrypt.BCRYPT_PAD_NONE)
        assert answer == (bcrypt.STATUS_BUFFER_TOO_SMALL, 64)
        assert buffer == b"\xaa" * length


def test_e3_oaep_sha256_with_640_bits() -> None:
    """E3: OAEP with SHA256, an empty label, a 640-bit key and a short text."""
    padding = bcrypt.BCRYPT_OAEP_PADDING_INFO("SHA256", b"")
    with generated("RSA", 640) as key:
        ciphertext = encrypted(key, b"Hello World", padding, bcrypt.BCRYPT_PAD_OAEP)
        assert len(ciphertext) == 80
        assert decrypted(key, ciphertext, padding, bcrypt.BCRYPT_PAD_OAEP) == b"Hello World"


# -------------------------------------------------------------------------------------- F. Elliptic-curve keys


@pytest.mark.parametrize("blob_type", [bcrypt.BCRYPT_ECCPUBLIC_BLOB, bcrypt.BCRYPT_PUBLIC_KEY_BLOB])
def test_f1_public_blob_round_trip(blob_type: str) -> None:
    """F1: Imp ECDSA_P256_PUB as ECCPUBLICBLOB, or as PUBLICBLOB; Exp ECCPUBLICBLOB is the same bytes."""
    with imported("ECDSA_P256", blob_type, data.ECDSA_P256_PUB) as key:
        assert exported(key, bcrypt.BCRYPT_ECCPUBLIC_BLOB) == data.ECDSA_P256_PUB


def test_f2_no_private_blob_from_a_public_key() -> None:
    """F2: Exp ECCPRIVATEBLOB from that public key."""
    with imported("ECDSA_P256", bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB) as key:
        answer = bcrypt.BCryptExportKey(key, None, bcrypt.BCRYPT_ECCPRIVATE_BLOB)
        refused(answer, bcrypt.STATUS_INVALID_PARAMETER)


def test_f3_the_one_length_of_p521() -> None:
    """F3: Gen(ECDSA_P521, 256) and 522 are refused at Gen, 521 is taken."""
    with opened("ECDSA_P521") as algorithm:
        for bits in (256, 522):
            refused(bcrypt.BCryptGenerateKeyPair(algorithm, bits), bcrypt.STATUS_INVALID_PARAMETER)
        with generated(algorithm, 521) as key:
            assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == 521


def test_f4_finalize_without_a_curve() -> None:
    """F4: Open(ECDSA), Gen 0; Fin, no curve having been set."""
    with empty("ECDSA", 0) as key:
        refused(bcrypt.BCryptFinalizeKeyPair(key), bcrypt.STATUS_INVALID_PARAMETER)


def test_f5_curve25519() -> None:
    """F5: ECDH, curve25519 set on the algorithm, Gen 0, Fin; strength 253, private blob ECKV with cbKey 32."""
    with opened("ECDH") as algorithm:
        ok(bcrypt.BCryptSetProperty(algorithm, bcrypt.BCRYPT_ECC_CURVE_NAME, wide("curve25519")))
        with generated(algorithm, 0) as key:
            assert dword_of(key, bcrypt.BCRYPT_KEY_STRENGTH) == 253
            blob = exported(key, bcrypt.BCRYPT_ECCPRIVATE_BLOB)
            assert blob[:8] == b"ECKV" + dword(32)
            assert len(blob) == 8 + 3 * 32


def test_f6_a_private_blob_under_the_public_type() -> None:
    """F6: Imp of that private blob under ECCPUBLICBLOB; by contract: rule-python-ecc-blobs the key is public-only."""
    with opened("ECDH") as algorithm:
        ok(bcrypt.BCryptSetProperty(algorithm, bcrypt.BCRYPT_ECC_CURVE_NAME, wide("curve25519")))
        with generated(algorithm, 0) as key:
            private = exported(key, bcrypt.BCRYPT_ECCPRIVATE_BLOB)
            public = exported(key, bcrypt.BCRYPT_ECCPUBLIC_BLOB)
        with imported(algorithm, bcrypt.BCRYPT_ECCPUBLIC_BLOB, private) as key:
            assert exported(key, bcrypt.BCRYPT_ECCPUBLIC_BLOB) == public
            answer = bcrypt.BCryptExportKey(key, None, bcrypt.BCRYPT_ECCPRIVATE_BLOB)
            refused(answer, bcrypt.STATUS_INVALID_PARAMETER)


@pytest.mark.parametrize(
    ("algorithm", "curve", "magic"),
    [
        ("ECDH_P256", None, b"ECK2"),
        ("ECDSA_P256", None, b"ECS2"),
        ("ECDH", "nistP256", b"ECKV"),
        ("ECDSA", "nistP256", b"ECDV"),
    ],
)
def test_f7_private_blob_without_its_point(algorithm: str, curve: str | None, magic: bytes) -> None:
    """F7: Imp of an ECC private blob whose X and Y are zero; the exported point is filled in."""
    whole = data.P256_ECDH_PRIV
    blob = magic + whole[4:8] + bytes(64) + whole[72:]
    with imported(algorithm, bcrypt.BCRYPT_ECCPRIVATE_BLOB, blob, curve=curve) as key:
        assert exported(key, bcrypt.BCRYPT_ECCPRIVATE_BLOB)[8:] == whole[8:]
        assert exported(key, bcrypt.BCRYPT_ECCPUBLIC_BLOB)[8:] == whole[8:72]


# --------------------------------------------------------------------------------------------------- G. ECDSA


def test_g1_verify() -> None:
    """G1: Imp ECDSA_P256_PUB, verify ECDSA_P256_SIG over HASH32."""
    with imported("ECDSA_P256", bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB) as key:
        ok(bcrypt.BCryptVerifySignature(key, None, data.HASH32, data.ECDSA_P256_SIG))


def test_g2_verify_a_shorter_hash() -> None:
    """G2: the same over the first 31 bytes of HASH32."""
    with imported("ECDSA_P256", bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB) as key:
        answer = bcrypt.BCryptVerifySignature(key, None, data.HASH32[:31], data.ECDSA_P256_SIG)
        refused(answer, bcrypt.STATUS_INVALID_SIGNATURE)


def test_g3_ecdsa_takes_no_padding() -> None:
    """G3: Gen(ECDSA_P256, 256), sign with a PKCS1 structure and PAD_PKCS1."""
    with generated("ECDSA_P256", 256) as key:
        answer = bcrypt.BCryptSignHash(key, SHA1, data.DSA512_HASH, bytearray(64), PKCS1)
        refused(answer, bcrypt.STATUS_INVALID_PARAMETER)


def test_g4_p521_signature() -> None:
    """G4: Gen(ECDSA_P521, 521), sign: 132 bytes."""
    with generated("ECDSA_P521", 521) as key:
        signature = signed(key, data.HASH32)
        assert len(signature) == 132
        ok(bcrypt.BCryptVerifySignature(key, None, data.HASH32, signature))


# --------------------------------------------------------------------------------- H. Agreement and derivation


@pytest.fixture
def secret():
    """The secret of P256_ECDH_PRIV and P256_ECDH_PEER."""
    with (
        opened("ECDH_P256") as algorithm,
        imported(algorithm, bcrypt.BCRYPT_ECCPRIVATE_BLOB, data.P256_ECDH_PRIV) as private,
        imported(algorithm, bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.P256_ECDH_PEER) as peer,
        agreed(private, peer) as handle,
    ):
        yield handle


def test_h1_one_handle_in_both_places() -> None:
    """H1: Agree with one handle in both places."""
    with generated("ECDH_P256", 256) as key, agreed(key, key) as secret:
        assert len(derived(secret, bcrypt.BCRYPT_KDF_RAW_SECRET)) == 32


def test_h2_truncate(secret: int) -> None:
    """H2: Derive TRUNCATE is P256_TRUNCATE."""
    assert derived(secret, bcrypt.BCRYPT_KDF_RAW_SECRET) == data.P256_TRUNCATE


def test_h3_hash(secret: int) -> None:
    """H3: Derive HASH, no parameters, is P256_HASH_SHA1."""
    assert derived(secret, bcrypt.BCRYPT_KDF_HASH) == data.P256_HASH_SHA1
    assert hashlib.sha1(data.P256_TRUNCATE[::-1]).digest() == data.P256_HASH_SHA1


@pytest.mark.parametrize("parameters", [None, [], (), iter(())], ids=["none", "list", "tuple", "iterator"])
def test_h4_the_list_has_no_version(secret: int, parameters: object) -> None:
    """H4: any iterable will do for the parameter list; in Python it carries no version."""
    buffer = bytearray(20)
    assert bcrypt.BCryptDeriveKey(secret, bcrypt.BCRYPT_KDF_HASH, parameters, buffer) == (bcrypt.STATUS_SUCCESS, 20)
    assert buffer == data.P256_HASH_SHA1


def test_h5_hash_into_ten_bytes(secret: int) -> None:
    """H5: Derive HASH into 10 bytes: SUCCESS, 10 bytes, the front of the full result."""
    buffer = bytearray(10)
    assert bcrypt.BCryptDeriveKey(secret, bcrypt.BCRYPT_KDF_HASH, None, buffer) == (bcrypt.STATUS_SUCCESS, 10)
    assert buffer == data.P256_HASH_SHA1[:10]


@pytest.mark.parametrize("algorithm", ["ECDH_P256", "ECDH"])
def test_ecdh_vector_p256(algorithm: str) -> None:
    """ECDH vectors [go], P-256: TRUNCATE is ``shared`` with its bytes reversed."""
    vector = data.ECDH_VECTORS["P-256"]
    magics = (b"ECK2", b"ECK1") if algorithm == "ECDH_P256" else (b"ECKV", b"ECKP")
    curve = None if algorithm == "ECDH_P256" else "nistP256"
    private_blob = blobs_oracle.point_blob(magics[0], vector["public"], vector["private"])
    peer_blob = blobs_oracle.point_blob(magics[1], vector["peer"])
    with (
        imported(algorithm, bcrypt.BCRYPT_ECCPRIVATE_BLOB, private_blob, curve=curve) as private,
        imported(algorithm, bcrypt.BCRYPT_ECCPUBLIC_BLOB, peer_blob, curve=curve) as peer,
        agreed(private, peer) as secret,
    ):
        assert derived(secret, bcrypt.BCRYPT_KDF_RAW_SECRET) == vector["shared"][::-1]


@pytest.mark.parametrize("given", ["with its point", "without its point"])
def test_ecdh_vector_x25519(given: str) -> None:
    """ECDH vectors [go], X25519: TRUNCATE is ``shared`` with its bytes reversed; X is the string of RFC 7748."""
    vector = data.ECDH_VECTORS["X25519"]
    public = vector["public"] if given == "with its point" else bytes(32)
    private_blob = blobs_oracle.x25519_blob(b"ECKV", public, ec_oracle.clamped(vector["private"]))
    peer_blob = blobs_oracle.x25519_blob(b"ECKP", vector["peer"])
    with (
        imported("ECDH", bcrypt.BCRYPT_ECCPRIVATE_BLOB, private_blob, curve="curve25519") as private,
        imported("ECDH", bcrypt.BCRYPT_ECCPUBLIC_BLOB, peer_blob, curve="curve25519") as peer,
        agreed(private, peer) as secret,
    ):
        expected = blobs_oracle.x25519_blob(b"ECKV", vector["public"], ec_oracle.clamped(vector["private"]))
        assert exported(private, bcrypt.BCRYPT_ECCPRIVATE_BLOB) == expected
        assert derived(secret, bcrypt.BCRYPT_KDF_RAW_SECRET) == vector["shared"][::-1]


def test_property_buffers_are_exact() -> None:
    """B3 again, byte by byte: the DWORD is written to the front of a longer buffer and the rest is left alone."""
    with opened("RSA") as algorithm:
        value = property_of(algorithm, bcrypt.BCRYPT_PADDING_SCHEMES)
        buffer = bytearray(b"\xaa" * 9)
        assert ok(bcrypt.BCryptGetProperty(algorithm, bcrypt.BCRYPT_PADDING_SCHEMES, buffer)) == 4
        assert buffer == value + b"\xaa" * 5
