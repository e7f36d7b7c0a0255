"""The birth of a key pair, what it can do before it is finalized, and finalizing."""

from __future__ import annotations

import pytest
from contract import data
from helpers import (
    agreed,
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
    signed,
    text_of,
)
from oracles.blobs import ecc_parameters, read_ecc_blob, read_rsa_blob
from oracles.ec import CURVES as DOMAINS
from oracles.primes import is_prime
from oracles.values import wide

from cngcore import bcrypt

INVALID_HANDLE = bcrypt.STATUS_INVALID_HANDLE
INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
CURVE = bcrypt.BCRYPT_ECC_CURVE_NAME
SHA1 = bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA1")
PKCS1 = bcrypt.BCRYPT_PAD_PKCS1


# ------------------------------------------------------------------------------ 3, generic elliptic curves


@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_generic_without_a_curve_takes_0_only(name: str) -> None:
    """ECDSA, ECDH without a curve: 0 accepted [wine-test], the error appears at Finalize [wine-test].

    contract: rule-generate-length.
    """
    with opened(name) as algorithm:
        for bits in (1, 160, 255, 256, 384, 521, 0xFFFFFFFF, 2**32, -1):
            refused(bcrypt.BCryptGenerateKeyPair(algorithm, bits), INVALID_PARAMETER)
        with empty(algorithm, 0) as key:
            refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)


@pytest.mark.parametrize(
    ("name", "curve", "bits", "wrong"),
    [
        ("ECDH", "curve25519", 255, (1, 253, 254, 256, 25519)),
        ("ECDH", "brainpoolP256r1", 256, (1, 255, 257, 512)),
        ("ECDSA", "brainpoolP256r1", 256, (1, 255, 257, 512)),
        ("ECDSA", "nistP256", 256, (1, 255, 257, 384)),
        ("ECDH", "nistP256", 256, (1, 255, 257, 384)),
        ("ECDSA", "nistP384", 384, (256, 383, 385)),
        ("ECDH", "nistP521", 521, (512, 520, 522, 528)),
        ("ECDSA", "secP256k1", 256, (255, 257)),
    ],
)
def test_generic_with_a_curve_on_the_provider(name: str, curve: str, bits: int, wrong: tuple[int, ...]) -> None:
    """0, or exactly the curve's bits [wine-test, go]; 255 for P-256 is refused at Generate [wine-test].

    contract: rule-generate-length.
    """
    with opened(name) as algorithm:
        ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide(curve)))
        for length in (0, bits):
            with generated(algorithm, length) as key:
                assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == bits
                assert text_of(key, CURVE) == curve
        for length in wrong:
            refused(bcrypt.BCryptGenerateKeyPair(algorithm, length), INVALID_PARAMETER)


@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_generic_with_the_curve_on_the_key(name: str) -> None:
    """Generate(0), then the curve on the key, then Finalize [app]; the last one set wins.

    contract: rule-generate-length, rule-set-curve-name.
    """
    with empty(name, 0) as key:
        for curve in ("nistP384", "brainpoolP512r1", "nistP256"):
            ok(bcrypt.BCryptSetProperty(key, CURVE, wide(curve)))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        fields = read_ecc_blob(exported(key, bcrypt.BCRYPT_ECCPUBLIC_BLOB))
        assert fields["size"] == 32
        assert DOMAINS["nistP256"].has(fields["x"], fields["y"])


@pytest.mark.parametrize(
    ("name", "curve"), [("ECDSA", "nistP256"), ("ECDH", "brainpoolP256r1"), ("ECDSA", "secP256k1")]
)
def test_the_public_point_belongs_to_the_curve(name: str, curve: str) -> None:
    """X and Y of a generated key satisfy the curve's equation, and d is below its order.

    contract: rule-generate-length, rule-layout-ecc.
    """
    domain = DOMAINS[curve]
    with generated(name, 0, curve) as key:
        fields = read_ecc_blob(exported(key, bcrypt.BCRYPT_ECCPRIVATE_BLOB))
        assert domain.has(fields["x"], fields["y"])
        assert 0 < fields["d"] < domain.n


# --------------------------------------------------------------------------------------------------- 3, RSA


@pytest.mark.parametrize("name", ["RSA", "RSA_SIGN"])
@pytest.mark.parametrize("bits", [512, 576, 640, 1024, 1088, 2048])
def test_the_numbers_of_a_generated_rsa_key(name: str, bits: int) -> None:
    """512 really generates; e is 65537; the primes have ceil(n/2) and floor(n/2) bits [symcrypt].

    contract: rule-generate-rsa-small, rule-generate-rsa-exponent, rule-generate-rsa-primes.
    """
    with generated(name, bits) as key:
        fields = read_rsa_blob(exported(key, bcrypt.BCRYPT_RSAFULLPRIVATE_BLOB))
    n, e, p, q = (fields[field] for field in "nepq")
    assert fields["magic"] == b"RSA3"
    assert fields["bits"] == n.bit_length() == bits
    assert fields["lengths"] == (3, bits // 8, bits // 16, bits // 16)
    assert e == 65537
    assert p * q == n
    assert (p.bit_length(), q.bit_length()) == (bits // 2, bits // 2)
    assert is_prime(p)
    assert is_prime(q)
    assert (fields["dp"] * e % (p - 1), fields["dq"] * e % (q - 1)) == (1, 1)
    assert fields["qinv"] * q % p == 1
    assert pow(pow(0xC0FFEE, e, n), fields["d"], n) == 0xC0FFEE


def test_rsa_sign_signs_and_verifies() -> None:
    """RSA_SIGN works, though the docs call it unsupported [wine-test]; RSA reads its key and its signature.

    contract: rule-generate-rsa-sign.
    """
    with generated("RSA_SIGN", 1024) as key:
        assert text_of(key, bcrypt.BCRYPT_ALGORITHM_NAME) == "RSA_SIGN"
        signature = signed(key, data.DSA512_HASH, SHA1, PKCS1)
        ok(bcrypt.BCryptVerifySignature(key, SHA1, data.DSA512_HASH, signature, PKCS1))
        with imported("RSA", bcrypt.BCRYPT_RSAPUBLIC_BLOB, exported(key, bcrypt.BCRYPT_RSAPUBLIC_BLOB)) as public:
            ok(bcrypt.BCryptVerifySignature(public, SHA1, data.DSA512_HASH, signature, PKCS1))


# ------------------------------------------------------------------------------------ 0.6, before Finalize


@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_properties_of_an_unfinalized_generic_key(name: str) -> None:
    """KeyStrength with a curve is SUCCESS [wine-test]; PublicKeyLength and ECCParameters too [app].

    contract: rule-life-unfinalized.
    """
    curve = DOMAINS["brainpoolP256r1"]
    with opened(name) as algorithm:
        ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide(curve.name)))
        with empty(algorithm, 0) as key:
            assert dword_of(key, bcrypt.BCRYPT_KEY_STRENGTH) == 256
    with empty(name, 0, curve.name) as key:
        assert dword_of(key, bcrypt.BCRYPT_KEY_STRENGTH) == 256
        assert dword_of(key, bcrypt.BCRYPT_PUBLIC_KEY_LENGTH) == 256
        value = property_of(key, bcrypt.BCRYPT_ECC_PARAMETERS)
        plain = ecc_parameters(curve)
        assert value[:24] == plain[:24]
        assert value[28 : len(plain)] == plain[28:]


@pytest.mark.parametrize(
    ("name", "bits", "prop"),
    [
        ("RSA", 1024, bcrypt.BCRYPT_SIGNATURE_LENGTH),
        ("ECDSA_P256", 256, bcrypt.BCRYPT_SIGNATURE_LENGTH),
        ("ECDSA_P256", 256, bcrypt.BCRYPT_ECC_PARAMETERS),
    ],
)
def test_what_only_a_finalized_key_tells(name: str, bits: int, prop: str) -> None:
    """0.6, by the row of DHParameters [wine-test]: INVALID_HANDLE before, or an answer; never another refusal."""
    with empty(name, bits) as key:
        answer = bcrypt.BCryptGetProperty(key, prop)
        if answer[0] != bcrypt.STATUS_SUCCESS:
            refused(answer, INVALID_HANDLE)
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert property_of(key, prop)


def test_size_queries_of_an_unfinalized_key_are_refused() -> None:
    """contract: rule-life-unfinalized: no way around Finalize by asking for sizes."""
    with empty("RSA", 512) as key:
        refused(bcrypt.BCryptSignHash(key, SHA1, bytes(20), None, PKCS1), INVALID_HANDLE)
        refused(bcrypt.BCryptEncrypt(key, bytes(20), None, None, None, PKCS1), INVALID_HANDLE)
        refused(bcrypt.BCryptDecrypt(key, bytes(64), None, None, None, PKCS1), INVALID_HANDLE)
    with empty("ECDH", 0, "nistP256") as key, generated("ECDH", 0, "nistP256") as other:
        refused(bcrypt.BCryptExportKey(key, None, bcrypt.BCRYPT_ECCPUBLIC_BLOB), INVALID_HANDLE)
        refused(bcrypt.BCryptSecretAgreement(key, other), INVALID_HANDLE)
        refused(bcrypt.BCryptSecretAgreement(other, key), INVALID_HANDLE)
    with empty("ECDH_P256", 256) as key:
        refused(bcrypt.BCryptEncapsulate(key), INVALID_HANDLE)
        refused(bcrypt.BCryptDecapsulate(key, bytes(768)), INVALID_HANDLE)


# ----------------------------------------------------------------------------------------------- 6 Finalize


@pytest.mark.parametrize(
    ("name", "bits", "curve"), [("RSA", 512, None), ("ECDSA_P256", 256, None), ("ECDH", 0, "nistP256")]
)
def test_finalize_happens_once(name: str, bits: int, curve: str | None) -> None:
    """contract: rule-finalize-status: twice is INVALID_HANDLE [wine-test], and the key is still the same key."""
    blob_type = bcrypt.BCRYPT_RSAPUBLIC_BLOB if name == "RSA" else bcrypt.BCRYPT_ECCPUBLIC_BLOB
    with generated(name, bits, curve) as key:
        before = exported(key, blob_type)
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_HANDLE)
        assert exported(key, blob_type) == before


@pytest.mark.parametrize(
    ("name", "blob_type", "blob"),
    [
        ("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, data.RSA512_PRIV),
        ("ECDSA_P256", bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB),
        ("ECDH_P256", bcrypt.BCRYPT_ECCPRIVATE_BLOB, data.P256_ECDH_PRIV),
    ],
)
def test_an_imported_key_is_final(name: str, blob_type: str, blob: bytes) -> None:
    """contract: rule-finalize-status, rule-import: on an imported key INVALID_HANDLE [wine-test]."""
    with imported(name, blob_type, blob) as key:
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_HANDLE)


@pytest.mark.parametrize(("name", "bits"), [("RSA", 512), ("ECDSA_P256", 256), ("ECDH_P521", 521)])
def test_flags_of_finalize(name: str, bits: int) -> None:
    """0, NO_KEY_VALIDATION, KEY_VALIDATION_RANGE_AND_ORDER; a refused flag leaves the key unfinalized.

    contract: rule-finalize-flags [header].
    """
    with opened(name) as algorithm:
        for flags in (0, bcrypt.BCRYPT_NO_KEY_VALIDATION, bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER):
            with empty(algorithm, bits) as key:
                ok(bcrypt.BCryptFinalizeKeyPair(key, flags))
        with empty(algorithm, bits) as key:
            for flags in (1, 2, 4, 0x10, 0x20, 0x40, 0x80000000, 2**32, 2**32 + 8, -1, None, "0", b"", 8.0, []):
                refused(bcrypt.BCryptFinalizeKeyPair(key, flags), INVALID_PARAMETER)
            ok(bcrypt.BCryptFinalizeKeyPair(key))


@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_a_failed_finalize_leaves_the_key_unfinalized(name: str) -> None:
    """contract: rule-life-failed-finalize: it stays open for another try [wine-impl]."""
    with empty(name, 0) as key:
        for _ in range(2):
            refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)
        ok(bcrypt.BCryptSetProperty(key, CURVE, wide("nistP256")))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == 256


@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_parameters_cannot_be_set_after_finalize(name: str) -> None:
    """INVALID_HANDLE [inferred], as docs/decisions/life-cycle.md has it; the key stays what it was.

    contract: rule-life-finalized.
    """
    with generated(name, 0, "nistP256") as key:
        before = exported(key, bcrypt.BCRYPT_ECCPRIVATE_BLOB)
        refused(bcrypt.BCryptSetProperty(key, CURVE, wide("nistP384")), INVALID_HANDLE)
        answer = bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_ECC_PARAMETERS, ecc_parameters(DOMAINS["nistP256"]))
        refused(answer, INVALID_HANDLE)
        assert text_of(key, CURVE) == "nistP256"
        assert exported(key, bcrypt.BCRYPT_ECCPRIVATE_BLOB) == before


# ------------------------------------------------------------------------ every curve the provider says it has


def served_curves(name: str) -> list[str]:
    """The names of ECCCurveNameList, read from the strings that follow the pointers (contract: rule-get-curve)."""
    with opened(name) as algorithm:
        value = property_of(algorithm, bcrypt.BCRYPT_ECC_CURVE_NAME_LIST)
    count = int.from_bytes(value[:4], "little")
    return value[16 + 8 * count :].decode("utf-16-le").rstrip("\0").split("\0")


#: Names of bcrypt.h and the field's bits, for the curves a portable back end has.
NAMED = {
    "nistP256": 256,
    "nistP384": 384,
    "nistP521": 521,
    "secP256r1": 256,
    "secP384r1": 384,
    "secP521r1": 521,
    "secP256k1": 256,
    "x962P256v1": 256,
    "nistP224": 224,
    "secP224r1": 224,
    "wtls12": 224,
    "brainpoolP256r1": 256,
    "brainpoolP384r1": 384,
    "brainpoolP512r1": 512,
}


@pytest.mark.parametrize("curve", NAMED)
@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_a_key_on_each_named_curve(name: str, curve: str) -> None:
    """the names of bcrypt.h, each with its bits, a working key and a blob that comes back.

    contract: rule-set-curve-name.
    """
    size = (NAMED[curve] + 7) // 8
    assert curve in served_curves(name)
    with opened(name) as algorithm:
        ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide(curve)))
        with generated(algorithm, NAMED[curve]) as key:
            assert text_of(key, CURVE) == curve
            blob = exported(key, bcrypt.BCRYPT_ECCPRIVATE_BLOB)
            assert len(blob) == 8 + 3 * size
            with imported(algorithm, bcrypt.BCRYPT_ECCPRIVATE_BLOB, blob) as copy:
                if name == "ECDSA":
                    ok(bcrypt.BCryptVerifySignature(copy, None, data.HASH32, signed(key, data.HASH32)))
                else:
                    with agreed(key, copy) as one, agreed(copy, key) as two:
                        assert derived(one, "TRUNCATE") == derived(two, "TRUNCATE")
                        assert len(derived(one, "TRUNCATE")) == size


def test_every_listed_curve_can_be_chosen() -> None:
    """contract: rule-get-curve: what ECCCurveNameList promises, Finalize keeps."""
    for name in ("ECDSA", "ECDH"):
        listed = served_curves(name)
        assert len(listed) == len(set(listed)) >= 8
        assert ("curve25519" in listed) is (name == "ECDH")
        for curve in listed:
            with generated(name, 0, curve) as key:
                assert text_of(key, CURVE) == curve
