"""contract: rule-agreement, rule-derive, rule-set-hkdf: agreement on a secret, and the keys derived from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from contract import data
from helpers import agreed, as_id, derived, empty, exported, generated, imported, ok, opened, refused
from oracles.blobs import read_ecc_blob
from oracles.ec import CURVES, multiply
from oracles.kdf import HASHLIB, digest, hkdf, hkdf_expand, hmac_bytes, p_hash, tls1_prf
from oracles.values import octets, wide

from cngcore import bcrypt
from cngcore.bcrypt import BCryptBuffer as Buffer

INVALID_HANDLE = bcrypt.STATUS_INVALID_HANDLE
INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
HASH, HMAC, TLS = bcrypt.BCRYPT_KDF_HASH, bcrypt.BCRYPT_KDF_HMAC, bcrypt.BCRYPT_KDF_TLS_PRF
CONCAT, TRUNCATE, HKDF = bcrypt.BCRYPT_KDF_SP80056A_CONCAT, bcrypt.BCRYPT_KDF_RAW_SECRET, bcrypt.BCRYPT_KDF_HKDF
USE_SECRET = bcrypt.KDF_USE_SECRET_AS_HMAC_KEY_FLAG
Z = data.P256_TRUNCATE[::-1]


@pytest.fixture
def secret() -> Iterator[int]:
    """The secret of P256_ECDH_PRIV and P256_ECDH_PEER; big-endian it is Z."""
    with (
        opened("ECDH_P256") as algorithm,
        imported(algorithm, bcrypt.BCRYPT_ECCPRIVATE_BLOB, data.P256_ECDH_PRIV) as private,
        imported(algorithm, bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.P256_ECDH_PEER) as peer,
        agreed(private, peer) as handle,
    ):
        yield handle


# ------------------------------------------------------------------------------------------------ 15 agreement


@pytest.mark.parametrize("curve", CURVES)
def test_the_secret_is_the_x_of_the_product(curve: str) -> None:
    """Z is the x of d times the peer's point, padded to the field; by arithmetic done here.

    contract: rule-agreement, rule-derive-secret-bytes.
    """
    domain = CURVES[curve]
    with opened("ECDH") as algorithm:
        ok(bcrypt.BCryptSetProperty(algorithm, bcrypt.BCRYPT_ECC_CURVE_NAME, wide(curve)))
        with generated(algorithm, 0) as one, generated(algorithm, 0) as two:
            mine = read_ecc_blob(exported(one, bcrypt.BCRYPT_ECCPRIVATE_BLOB))
            theirs = read_ecc_blob(exported(two, bcrypt.BCRYPT_ECCPUBLIC_BLOB))
            point = multiply(domain, mine["d"], (theirs["x"], theirs["y"]))
            assert point is not None
            with agreed(one, two) as here, agreed(two, one) as there:
                assert derived(here, TRUNCATE) == octets(point[0], 32)[::-1]
                assert derived(there, TRUNCATE) == derived(here, TRUNCATE)


@pytest.mark.parametrize(("name", "bits"), [("ECDH_P256", 256), ("ECDH_P384", 384), ("ECDH_P521", 521)])
def test_the_length_of_a_secret(name: str, bits: int) -> None:
    """contract: rule-derive-truncate: TRUNCATE has full length: that of the field, 66 bytes for P-521."""
    with generated(name, bits) as key, generated(name, bits) as peer, agreed(key, peer) as secret:
        assert len(derived(secret, TRUNCATE)) == (bits + 7) // 8


def test_public_halves_of_full_pairs_and_blobs_agree_alike() -> None:
    """hPubKey may be a full key pair; opened by another handle of the same provider it is the same [doc].

    contract: rule-agreement-same-key.
    """
    with generated("ECDH_P384", 384) as one, generated("ECDH_P384", 384) as two:
        blob = exported(two, bcrypt.BCRYPT_ECCPUBLIC_BLOB)
        with (
            imported("ECDH_P384", bcrypt.BCRYPT_ECCPUBLIC_BLOB, blob) as public,
            agreed(one, two) as here,
            agreed(one, public) as there,
        ):
            assert derived(here, TRUNCATE) == derived(there, TRUNCATE)


def test_agreement_checks_both_handles_first() -> None:
    """contract: rule-agreement: INVALID_HANDLE, either key; handles, then kind [wine-test];
    contract: rule-handle-first: NULL first, whatever the rest.
    """
    with (
        opened("ECDH_P256") as algorithm,
        generated(algorithm, 256) as key,
        generated("ECDSA_P256", 256) as signer,
        agreed(key, key) as secret,
    ):
        for wrong in (None, 0, algorithm, secret, 2**40, "x", -1):
            refused(bcrypt.BCryptSecretAgreement(wrong, key), INVALID_HANDLE)
            refused(bcrypt.BCryptSecretAgreement(key, wrong), INVALID_HANDLE)
            refused(bcrypt.BCryptSecretAgreement(signer, wrong), INVALID_HANDLE)
            refused(bcrypt.BCryptSecretAgreement(wrong, signer), INVALID_HANDLE)
            refused(bcrypt.BCryptSecretAgreement(wrong, wrong, 77), INVALID_HANDLE)


def test_keys_of_the_wrong_kind_are_told_before_wrong_flags() -> None:
    """contract: rule-agreement: handles, then kind, then the rest [wine-test for handle first]."""
    with generated("ECDSA_P256", 256) as signer, generated("ECDH_P256", 256) as key:
        refused(bcrypt.BCryptSecretAgreement(signer, signer, 77), NOT_SUPPORTED)
        refused(bcrypt.BCryptSecretAgreement(signer, key, 77), NOT_SUPPORTED)
        refused(bcrypt.BCryptSecretAgreement(key, key, 77), INVALID_PARAMETER)


def test_an_empty_key_is_told_before_a_key_of_the_wrong_kind() -> None:
    """INVALID_HANDLE on an unfinalized key, in either place, whatever the other is (found by tests/fuzz).

    contract: rule-life-unfinalized.
    """
    with generated("ECDSA_P256", 256) as signer, empty("ECDSA_P256", 256) as unfinished:
        refused(bcrypt.BCryptSecretAgreement(signer, unfinished), INVALID_HANDLE)
        refused(bcrypt.BCryptSecretAgreement(unfinished, signer), INVALID_HANDLE)
        refused(bcrypt.BCryptSecretAgreement(signer, signer), NOT_SUPPORTED)


@pytest.mark.parametrize(
    ("name", "bits", "curve"), [("RSA", 512, None), ("ECDSA_P256", 256, None), ("ECDSA", 0, "nistP256")]
)
def test_keys_that_do_not_agree(name: str, bits: int, curve: str | None) -> None:
    """contract: rule-agreement: not an agreement algorithm is NOT_SUPPORTED [doc, wine-test]."""
    with generated(name, bits, curve) as key, generated("ECDH_P256", 256) as other:
        refused(bcrypt.BCryptSecretAgreement(key, key), NOT_SUPPORTED)
        refused(bcrypt.BCryptSecretAgreement(key, other), NOT_SUPPORTED)
        refused(bcrypt.BCryptSecretAgreement(other, key), NOT_SUPPORTED)


def test_two_curves_do_not_agree() -> None:
    """mixing two curves is INVALID_PARAMETER [inferred], between providers and within the generic one.

    contract: rule-agreement-mixed.
    """
    with generated("ECDH_P256", 256) as one, generated("ECDH_P384", 384) as two:
        refused(bcrypt.BCryptSecretAgreement(one, two), INVALID_PARAMETER)
        refused(bcrypt.BCryptSecretAgreement(two, one), INVALID_PARAMETER)
    curves = ["nistP256", "brainpoolP256r1", "curve25519", "secP256k1", "nistP521"]
    for first in curves:
        for second in curves:
            if first != second:
                with generated("ECDH", 0, first) as one, generated("ECDH", 0, second) as two:
                    refused(bcrypt.BCryptSecretAgreement(one, two), INVALID_PARAMETER)


def test_a_public_key_does_not_agree() -> None:
    """contract: rule-agreement-public-key: hPrivKey public-only is INVALID_PARAMETER [inferred]."""
    with (
        generated("ECDH_P256", 256) as key,
        imported("ECDH_P256", bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.P256_ECDH_PEER) as public,
    ):
        refused(bcrypt.BCryptSecretAgreement(public, key), INVALID_PARAMETER)
        refused(bcrypt.BCryptSecretAgreement(public, public), INVALID_PARAMETER)


@pytest.mark.parametrize("flags", [1, 0x80000000, 2**32, -1, None, "0", b"", 0.0], ids=as_id)
def test_agreement_takes_no_flags(flags: object) -> None:
    """contract: rule-flags-unknown: unknown bits are INVALID_PARAMETER [inferred]."""
    with generated("ECDH_P256", 256) as key:
        refused(bcrypt.BCryptSecretAgreement(key, key, flags), INVALID_PARAMETER)


def test_x25519_with_a_point_of_small_order() -> None:
    """contract: rule-agreement: an all-zero secret (RFC 7748 section 6.1) is never given out."""
    for point in (bytes(32), b"\1" + bytes(31)):
        blob = b"ECKP" + (32).to_bytes(4, "little") + point + bytes(32)
        with opened("ECDH") as algorithm:
            ok(bcrypt.BCryptSetProperty(algorithm, bcrypt.BCRYPT_ECC_CURVE_NAME, wide("curve25519")))
            status, peer = bcrypt.BCryptImportKeyPair(algorithm, None, bcrypt.BCRYPT_ECCPUBLIC_BLOB, blob)
            if status != bcrypt.STATUS_SUCCESS:
                refused((status, peer), INVALID_PARAMETER)
                continue
            with generated(algorithm, 0) as key:
                refused(bcrypt.BCryptSecretAgreement(key, peer), INVALID_PARAMETER)
            ok(bcrypt.BCryptDestroyKey(peer))


# ------------------------------------------------------------------------------------------- 16 sizes, refusals


@pytest.mark.parametrize(("kdf", "size"), [(HASH, 20), (TRUNCATE, 32)])
def test_derive_sizes(kdf: str, size: int, secret: int) -> None:
    """natural size without a buffer; shorter is truncated, longer leaves the rest untouched: SUCCESS.

    contract: rule-size-query, rule-derive-length.
    """
    full = derived(secret, kdf)
    assert len(full) == size
    assert bcrypt.BCryptDeriveKey(secret, kdf) == (bcrypt.STATUS_SUCCESS, size)
    for length in (0, 1, size - 1, size, size + 1, 100):
        buffer = bytearray(b"\xa5" * length)
        written = min(length, size)
        assert bcrypt.BCryptDeriveKey(secret, kdf, None, buffer) == (bcrypt.STATUS_SUCCESS, written)
        assert buffer == full[:written] + b"\xa5" * (length - written)


def test_a_secret_serves_several_derivations(secret: int) -> None:
    """contract: rule-derive-repeat: [wine-test]."""
    for _ in range(3):
        assert derived(secret, HASH) == data.P256_HASH_SHA1
        assert derived(secret, TRUNCATE) == data.P256_TRUNCATE


@pytest.mark.parametrize("kdf", ["", "hash", "HASH ", "NOSUCH", "PBKDF2", "TRUNCATE\0"])
def test_unknown_kdfs(kdf: str, secret: int) -> None:
    """contract: rule-derive: NOT_SUPPORTED [wine-impl]."""
    refused(bcrypt.BCryptDeriveKey(secret, kdf, None, bytearray(20)), NOT_SUPPORTED)
    refused(bcrypt.BCryptDeriveKey(secret, kdf), NOT_SUPPORTED)


@pytest.mark.parametrize("kdf", [None, 0, b"HASH", 1.5, ["HASH"], object()], ids=as_id)
def test_what_is_no_kdf(kdf: object, secret: int) -> None:
    """contract: rule-derive-null: KDF NULL is INVALID_PARAMETER [wine-test]; wrong types too
    (contract: rule-python-no-raise).
    """
    refused(bcrypt.BCryptDeriveKey(secret, kdf, None, bytearray(20)), INVALID_PARAMETER)


@pytest.mark.parametrize(
    ("kdf", "parameters"),
    [
        (HASH, [Buffer(bcrypt.KDF_HASH_ALGORITHM, wide("SHA256")), Buffer(bcrypt.KDF_HASH_ALGORITHM, wide("SHA512"))]),
        (HASH, [Buffer(bcrypt.KDF_HASH_ALGORITHM, wide("SHA256"))] * 2),
        (HMAC, [Buffer(bcrypt.KDF_HMAC_KEY, b"one"), Buffer(bcrypt.KDF_HMAC_KEY, b"two")]),
        (TLS, [Buffer(bcrypt.KDF_TLS_PRF_LABEL, b"l"), Buffer(bcrypt.KDF_TLS_PRF_SEED, bytes(64))] * 2),
    ],
    ids=["two hashes", "one hash twice", "two keys", "label and seed twice"],
)
def test_a_parameter_is_given_once(kdf: str, parameters: list[Any], secret: int) -> None:
    """contract: rule-derive-hash: only prepends and appends may be given twice; each alone derives."""
    once = {buffer.BufferType: buffer for buffer in parameters}
    assert derived(secret, kdf, list(once.values()))
    refused(bcrypt.BCryptDeriveKey(secret, kdf, parameters, bytearray(20)), INVALID_PARAMETER)
    refused(bcrypt.BCryptDeriveKey(secret, kdf, parameters), INVALID_PARAMETER)


@pytest.mark.parametrize("name", ["INVALID", "RNG", "AES", "sha256", ""])
@pytest.mark.parametrize("kdf", [HASH, HMAC])
def test_unknown_hashes(kdf: str, name: str, secret: int) -> None:
    """contract: rule-derive: NOT_SUPPORTED for an unknown hash [wine-test]."""
    parameters = [Buffer(bcrypt.KDF_HASH_ALGORITHM, wide(name))]
    flags = USE_SECRET if kdf == HMAC else 0
    refused(bcrypt.BCryptDeriveKey(secret, kdf, parameters, bytearray(20), flags), NOT_SUPPORTED)


@pytest.mark.parametrize(
    "parameters",
    [
        5,
        object(),
        "SHA1",
        [None],
        [("SHA1",)],
        [Buffer(0, 1.5)],
        [Buffer(0, None)],
        [Buffer(0, b"S\0H\0A\0001\0")],
        [Buffer("0", wide("SHA1"))],  # type: ignore[arg-type]
        [Buffer(-1, b"")],
        [Buffer(99, b"")],
        [Buffer(2**32, wide("SHA1"))],
        [Buffer(1, "text")],
        [Buffer(1, None)],
        [Buffer(1, 5)],
    ],
    ids=as_id,
)
def test_parameters_that_are_none(parameters: object, secret: int) -> None:
    """wrong types, and numbers that are no KDF_*, are INVALID_PARAMETER.

    contract: rule-derive, rule-python-no-raise.
    """
    refused(bcrypt.BCryptDeriveKey(secret, HASH, parameters, bytearray(20)), INVALID_PARAMETER)
    refused(bcrypt.BCryptDeriveKey(secret, HASH, parameters), INVALID_PARAMETER)


@pytest.mark.parametrize("flags", [2, 3, 0x80000000, 2**32, -1, None, "0", b"", 0.0], ids=as_id)
def test_flags_of_derive(flags: object, secret: int) -> None:
    """bits other than KDF_USE_SECRET_AS_HMAC_KEY_FLAG are INVALID_PARAMETER [inferred].

    contract: rule-flags-unknown.
    """
    refused(bcrypt.BCryptDeriveKey(secret, HASH, None, bytearray(20), flags), INVALID_PARAMETER)


@pytest.mark.parametrize(
    "output", [b"x" * 20, "x", 20, memoryview(bytearray(40))[::2], object()], ids=lambda v: type(v).__name__
)
def test_outputs_that_cannot_be_written(output: object, secret: int) -> None:
    """contract: rule-python-buffers: outputs are writable buffers."""
    refused(bcrypt.BCryptDeriveKey(secret, HASH, None, output), INVALID_PARAMETER)


# ----------------------------------------------------------------------------------------------- 16, HASH, HMAC


@pytest.mark.parametrize("name", HASHLIB)
def test_hash(name: str, secret: int) -> None:
    """Hash(prepend... || Z || append...); several are joined in list order; Z is big-endian [doc, header].

    contract: rule-derive-hash.
    """
    named = Buffer(bcrypt.KDF_HASH_ALGORITHM, wide(name))
    before = [Buffer(bcrypt.KDF_SECRET_PREPEND, part) for part in (b"one", b"", b"two")]
    after = [Buffer(bcrypt.KDF_SECRET_APPEND, part) for part in (b"three", b"four")]
    assert derived(secret, HASH, [named]) == digest(name, Z)
    assert derived(secret, HASH, [*before, named]) == digest(name, b"onetwo" + Z)
    assert derived(secret, HASH, [after[0], named, *before, after[1]]) == digest(name, b"onetwo" + Z + b"threefour")


def test_a_hash_id_may_be_a_str(secret: int) -> None:
    """contract: rule-python-values: pvBuffer as C sees it, or a str for a string."""
    assert derived(secret, HASH, [Buffer(bcrypt.KDF_HASH_ALGORITHM, "SHA256")]) == digest("SHA256", Z)


@pytest.mark.parametrize("name", ["MD5", "SHA1", "SHA256", "SHA384", "SHA512"])
@pytest.mark.parametrize("key", [b"", b"key", bytes(200)], ids=["empty", "short", "long"])
def test_hmac_with_a_key(name: str, key: bytes, secret: int) -> None:
    """contract: rule-derive-hmac: HMAC(key, prepend || Z || append) [doc, header]."""
    parameters = [
        Buffer(bcrypt.KDF_SECRET_APPEND, b"after"),
        Buffer(bcrypt.KDF_HMAC_KEY, key),
        Buffer(bcrypt.KDF_HASH_ALGORITHM, wide(name)),
        Buffer(bcrypt.KDF_SECRET_PREPEND, b"before"),
    ]
    assert derived(secret, HMAC, parameters) == hmac_bytes(key, b"before" + Z + b"after", HASHLIB[name])


def test_hmac_with_the_secret_as_key(secret: int) -> None:
    """contract: rule-derive-hmac: with the secret as key, the secret stays in the message."""
    parts = [Buffer(bcrypt.KDF_SECRET_PREPEND, b"before"), Buffer(bcrypt.KDF_SECRET_APPEND, b"after")]
    assert derived(secret, HMAC, None, USE_SECRET) == hmac_bytes(Z, Z, "sha1")
    assert derived(secret, HMAC, parts, USE_SECRET) == hmac_bytes(Z, b"before" + Z + b"after", "sha1")


WINDOWS_KEY = {
    "d": "202F9F5480723D1ACF15372CE0B99B6CC3E8772FFDDCF828EEEB314B3EAA35B19886AAB1E6871E548C261C77"
    "08BF561A4C373D3EED13F0749851F57B86DC049D71",
    "x": "14AACFCDA18F77EBF11DC0A2D394D3032E86C3AC0B5F558916361163EA6AD3DB27F6476D6C6E5D9C4A77BCCC"
    "5C0069D481718DACA3B1B13035AF5D246C4DC0CE0EA",
    "y": "CA500F75537C782E027DE568F148334BF56F7E24C3830792236B5D20F7A33E99862B1744D2413E4C4AC29DBA"
    "42FC48D23AE5B916BED73997EC69B3911C686C5164",
}
"""A P-521 key for which the test suite of .NET holds answers of Windows."""


@pytest.mark.parametrize(
    ("name", "key", "before", "after", "answer"),
    [
        ("SHA256", "030609", "", "", "7A4F81BF065CC521AFB162DB4A45CEFC78227178A58632EA53D3E367AB7D1979"),
        ("SHA256", "030609", "02040608", "010305", "2F7A31FF9118A6BBF92E268568C634A9F1E244CA8C1A74C864DECC50727B7DEE"),
        ("SHA256", "", "", "", "6D7D15C9A08FD47DFDABD3541BE3BBAF93B15FC65D30E6012CCC0B23ED5C43FF"),
        ("SHA1", "", "", "", "39D4B035BC1A1E4108B965689E27BA98ACED8449"),
        ("SHA256", "", "02040608", "010305", "DB39A6AC9334701D2DCD508C401C65BC69348F684C85EDDE506950F049668842"),
        ("SHA256", "", "010305", "02040608", "66471DE2655DF9404636F9076F845F0B71A04DDA2BA6F1469EB0F2E9EF57DC33"),
    ],
)
def test_hmac_answers_of_windows(name: str, key: str, before: str, after: str, answer: str) -> None:
    """contract: rule-derive-hmac [dotnet]: known answers; without a key the secret is the key."""
    numbers = b"".join(int(WINDOWS_KEY[part], 16).to_bytes(66, "big") for part in "xyd")
    blob = bcrypt.BCRYPT_ECDH_PRIVATE_P521_MAGIC.to_bytes(4, "little") + (66).to_bytes(4, "little") + numbers
    parameters = [Buffer(bcrypt.KDF_HASH_ALGORITHM, name)]
    kinds = (bcrypt.KDF_HMAC_KEY, key), (bcrypt.KDF_SECRET_PREPEND, before), (bcrypt.KDF_SECRET_APPEND, after)
    parameters += [Buffer(kind, bytes.fromhex(value)) for kind, value in kinds if value]
    with opened("ECDH_P521") as algorithm, imported(algorithm, "ECCPRIVATEBLOB", blob) as pair, agreed(pair, pair) as z:
        assert derived(z, HMAC, parameters, 0 if key else USE_SECRET).hex().upper() == answer


def test_hmac_has_one_key(secret: int) -> None:
    """contract: rule-derive-hmac: KDF_HMAC_KEY or the flag, never both [doc, header]."""
    key = [Buffer(bcrypt.KDF_HMAC_KEY, b"key")]
    refused(bcrypt.BCryptDeriveKey(secret, HMAC, key, bytearray(20), USE_SECRET), INVALID_PARAMETER)
    refused(bcrypt.BCryptDeriveKey(secret, HMAC, None, bytearray(20)), INVALID_PARAMETER)


# ------------------------------------------------------------------------------------------- 16, TLS_PRF, CONCAT

LABEL, SEED = Buffer(bcrypt.KDF_TLS_PRF_LABEL, b"master secret"), Buffer(bcrypt.KDF_TLS_PRF_SEED, bytes(range(64)))


@pytest.mark.parametrize(
    "protocol",
    [
        None,
        bcrypt.TLS1_0_PROTOCOL_VERSION,
        bcrypt.TLS1_1_PROTOCOL_VERSION,
        bcrypt.DTLS1_0_PROTOCOL_VERSION,
    ],
)
def test_tls_prf(protocol: int | None, secret: int) -> None:
    """contract: rule-derive-tls-prf: label and 64-byte seed, 48 bytes out [doc]; the default is the PRF of TLS 1.0/1.1
    (contract: rule-python-kdf).
    """
    parameters = [SEED, LABEL]
    if protocol is not None:
        parameters.append(Buffer(bcrypt.KDF_TLS_PRF_PROTOCOL, protocol.to_bytes(4, "little")))
    expected = tls1_prf(Z, b"master secret", bytes(range(64)), 48)
    assert derived(secret, TLS, parameters) == expected
    assert derived(secret, TLS, parameters, 0, 20) == expected[:20]


@pytest.mark.parametrize("name", [None, "SHA256", "SHA384"])
def test_tls_1_2_prf(name: str | None, secret: int) -> None:
    """RFC 5246 section 5: with protocol 1.2 the PRF is P_hash, of SHA-256 unless another is named.

    contract: rule-derive-tls-prf.
    """
    parameters = [LABEL, SEED, Buffer(bcrypt.KDF_TLS_PRF_PROTOCOL, bcrypt.TLS1_2_PROTOCOL_VERSION)]
    if name is not None:
        parameters.append(Buffer(bcrypt.KDF_HASH_ALGORITHM, wide(name)))
    expected = p_hash(Z, b"master secret" + bytes(range(64)), HASHLIB[name or "SHA256"], 48)
    assert derived(secret, TLS, parameters) == expected


@pytest.mark.parametrize(
    "parameters",
    [
        None,
        [],
        [LABEL],
        [SEED],
        [LABEL, Buffer(bcrypt.KDF_TLS_PRF_SEED, bytes(63))],
        [LABEL, Buffer(bcrypt.KDF_TLS_PRF_SEED, bytes(65))],
        [LABEL, Buffer(bcrypt.KDF_TLS_PRF_SEED, b"")],
        [LABEL, SEED, Buffer(bcrypt.KDF_TLS_PRF_PROTOCOL, b"\3\3")],
    ],
    ids=["none", "empty", "label", "seed", "63", "65", "0", "short protocol"],
)
def test_tls_prf_needs_label_and_seed(parameters: Any, secret: int) -> None:
    """contract: rule-derive-tls-prf: label and a seed of 64 bytes are required [doc]."""
    refused(bcrypt.BCryptDeriveKey(secret, TLS, parameters, bytearray(48)), INVALID_PARAMETER)
    refused(bcrypt.BCryptDeriveKey(secret, TLS, parameters), INVALID_PARAMETER)


IDS = [
    Buffer(bcrypt.KDF_ALGORITHMID, b"alg"),
    Buffer(bcrypt.KDF_PARTYUINFO, b"party u"),
    Buffer(bcrypt.KDF_PARTYVINFO, b"party v"),
]


@pytest.mark.parametrize(("name", "bits", "hash_id"), [("ECDH_P256", 256, "SHA256"), ("ECDH_P384", 384, "SHA384")])
@pytest.mark.parametrize("given", [None, "SHA1", "SHA512"])
def test_concat(name: str, bits: int, hash_id: str, given: str | None) -> None:
    """AlgorithmID, PartyUInfo, PartyVInfo, Supp*; hash from the curve if not given [doc]; SP 800-56A 5.8.1.

    contract: rule-derive-concat.
    """
    with generated(name, bits) as key, agreed(key, key) as secret:
        z = derived(secret, TRUNCATE)[::-1]
        named = [] if given is None else [Buffer(bcrypt.KDF_HASH_ALGORITHM, wide(given))]
        supp = [Buffer(bcrypt.KDF_SUPPPRIVINFO, b"private"), Buffer(bcrypt.KDF_SUPPPUBINFO, b"public")]
        used = given or hash_id
        expected = digest(used, b"\0\0\0\1" + z + b"algparty uparty v")
        assert derived(secret, CONCAT, [*IDS[::-1], *named]) == expected
        expected = digest(used, b"\0\0\0\1" + z + b"algparty uparty vpublicprivate")
        assert derived(secret, CONCAT, [*supp, *IDS, *named]) == expected
        assert derived(secret, CONCAT, [*supp, *IDS, *named], 0, 7) == expected[:7]


@pytest.mark.parametrize("missing", range(3))
def test_concat_needs_its_three(missing: int, secret: int) -> None:
    """contract: rule-derive-concat: AlgorithmID, PartyUInfo and PartyVInfo are required [doc]."""
    parameters = [part for index, part in enumerate(IDS) if index != missing]
    refused(bcrypt.BCryptDeriveKey(secret, CONCAT, parameters, bytearray(32)), INVALID_PARAMETER)


# ------------------------------------------------------------------------------------------------- 4.7 and HKDF

HKDF_HASH = bcrypt.BCRYPT_HKDF_HASH_ALGORITHM
HKDF_SALT = bcrypt.BCRYPT_HKDF_SALT_AND_FINALIZE
HKDF_PRK = bcrypt.BCRYPT_HKDF_PRK_AND_FINALIZE


@pytest.mark.parametrize("name", ["SHA1", "SHA256", "SHA384", "SHA512"])
@pytest.mark.parametrize("salt", [None, b"", b"salt", bytes(100)], ids=["null", "empty", "short", "long"])
def test_hkdf_with_a_salt(name: str, salt: bytes | None, secret: int) -> None:
    """hash first, then the salt, which may be NULL; then DeriveKey, with or without info [header, doc].

    contract: rule-set-hkdf.
    """
    ok(bcrypt.BCryptSetProperty(secret, HKDF_HASH, wide(name)))
    ok(bcrypt.BCryptSetProperty(secret, HKDF_SALT, salt))
    for length in (1, 20, 42, 200):
        assert derived(secret, HKDF, None, 0, length) == hkdf(Z, salt or b"", b"", HASHLIB[name], length)
        info = [Buffer(bcrypt.KDF_HKDF_INFO, b"info")]
        assert derived(secret, HKDF, info, 0, length) == hkdf(Z, salt or b"", b"info", HASHLIB[name], length)


def test_hkdf_with_the_secret_as_key(secret: int) -> None:
    """HkdfPrkAndFinalize: the secret is the pseudorandom key already; its input must be NULL.

    contract: rule-set-hkdf.
    """
    ok(bcrypt.BCryptSetProperty(secret, HKDF_HASH, wide("SHA256")))
    refused(bcrypt.BCryptSetProperty(secret, HKDF_PRK, b"key"), INVALID_PARAMETER)
    ok(bcrypt.BCryptSetProperty(secret, HKDF_PRK, None))
    info = [Buffer(bcrypt.KDF_HKDF_INFO, b"info")]
    assert derived(secret, HKDF, info, 0, 50) == hkdf_expand(Z, b"info", "sha256", 50)


def test_hkdf_has_no_natural_length(secret: int) -> None:
    """contract: rule-python-kdf: a size query is INVALID_PARAMETER; RFC 5869: at most 255 digests."""
    ok(bcrypt.BCryptSetProperty(secret, HKDF_HASH, wide("SHA256")))
    ok(bcrypt.BCryptSetProperty(secret, HKDF_SALT, None))
    refused(bcrypt.BCryptDeriveKey(secret, HKDF), INVALID_PARAMETER)
    assert len(derived(secret, HKDF, None, 0, 255 * 32)) == 255 * 32
    refused(bcrypt.BCryptDeriveKey(secret, HKDF, None, bytearray(255 * 32 + 1)), INVALID_PARAMETER)


def test_hkdf_properties_come_in_order(secret: int) -> None:
    """the hash first, then exactly one of the two, and only then DeriveKey with HKDF [header, doc].

    contract: rule-set-hkdf.
    """
    refused(bcrypt.BCryptDeriveKey(secret, HKDF, None, bytearray(32)), INVALID_PARAMETER)
    refused(bcrypt.BCryptSetProperty(secret, HKDF_SALT, b"salt"), INVALID_PARAMETER)
    refused(bcrypt.BCryptSetProperty(secret, HKDF_PRK, None), INVALID_PARAMETER)
    refused(bcrypt.BCryptSetProperty(secret, HKDF_HASH, wide("NOSUCH")), NOT_SUPPORTED)
    refused(bcrypt.BCryptSetProperty(secret, HKDF_SALT, b"salt"), INVALID_PARAMETER)
    ok(bcrypt.BCryptSetProperty(secret, HKDF_HASH, wide("SHA256")))
    refused(bcrypt.BCryptDeriveKey(secret, HKDF, None, bytearray(32)), INVALID_PARAMETER)
    ok(bcrypt.BCryptSetProperty(secret, HKDF_SALT, b"salt"))
    for prop, value in ((HKDF_SALT, b"salt"), (HKDF_PRK, None), (HKDF_HASH, wide("SHA1"))):
        refused(bcrypt.BCryptSetProperty(secret, prop, value), INVALID_PARAMETER)
    assert derived(secret, HKDF, None, 0, 32) == hkdf(Z, b"salt", b"", "sha256", 32)
    assert derived(secret, HASH) == data.P256_HASH_SHA1


def test_hkdf_properties_belong_to_secrets() -> None:
    """contract: rule-set-hkdf: on an algorithm or a key they are NOT_SUPPORTED; a secret has no others."""
    with opened("ECDH_P256") as algorithm, generated(algorithm, 256) as key, agreed(key, key) as secret:
        for handle in (algorithm, key):
            refused(bcrypt.BCryptSetProperty(handle, HKDF_HASH, wide("SHA256")), NOT_SUPPORTED)
        for prop in (bcrypt.BCRYPT_KEY_LENGTH, "NoSuchProperty", bcrypt.BCRYPT_ECC_CURVE_NAME, "hkdfhashalgorithm"):
            refused(bcrypt.BCryptSetProperty(secret, prop, wide("SHA256")), NOT_SUPPORTED)
            refused(bcrypt.BCryptGetProperty(secret, prop), NOT_SUPPORTED)
        refused(bcrypt.BCryptGetProperty(secret, HKDF_HASH), NOT_SUPPORTED)  # write-only in the header's table
        refused(bcrypt.BCryptSetProperty(secret, HKDF_HASH, None), INVALID_PARAMETER)
        refused(bcrypt.BCryptSetProperty(secret, HKDF_HASH, 1.5), INVALID_PARAMETER)
        refused(bcrypt.BCryptSetProperty(secret, HKDF_HASH, wide("SHA256"), 1), INVALID_PARAMETER)
