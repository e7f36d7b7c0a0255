"""ML-DSA by the flat and the object API: signatures, the check of expanded keys, the cases K1 to K5.

Every installed implementation that has all parameter sets and blobs is tested. What ML-DSA shares with ML-KEM is in
test_ml_keys.py.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from contract import data
from helpers import exported, generated, imported, ok, opened, refused, signed
from mlkeys import MLDSA, made
from oracles.values import wide

import cngcore
from cngcore import bcrypt

SUCCESS = bcrypt.STATUS_SUCCESS
BUFFER_TOO_SMALL = bcrypt.STATUS_BUFFER_TOO_SMALL
INVALID_BUFFER_SIZE = bcrypt.STATUS_INVALID_BUFFER_SIZE
INVALID_HANDLE = bcrypt.STATUS_INVALID_HANDLE
INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
INVALID_SIGNATURE = bcrypt.STATUS_INVALID_SIGNATURE
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED

PUBLIC, PRIVATE, SEED = MLDSA.magics
SETS = MLDSA.sets
IMPLEMENTATIONS = MLDSA.implementations()
PAD, MU = bcrypt.BCRYPT_PAD_PQDSA, bcrypt.BCRYPT_MLDSA_EXTERNAL_MU
INFO = bcrypt.BCRYPT_PQDSA_PADDING_INFO

PREHASHES = {
    # contract: rule-sign-mldsa-prehash [symcrypt]; the length of each digest (FIPS 204 section 5.4 for the SHAKEs)
    "44": ["SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE128", "SHAKE256"],
    "65": ["SHA384", "SHA512", "SHA3-384", "SHA3-512", "SHAKE256"],
    "87": ["SHA512", "SHA3-512", "SHAKE256"],
}
LENGTHS = {
    "SHA256": 32, "SHA384": 48, "SHA512": 64, "SHA3-256": 32, "SHA3-384": 48, "SHA3-512": 64,
    "SHAKE128": 32, "SHAKE256": 64,
}  # fmt: skip

#: the seeds and messages of the cases [go]
SEEDS = {
    "44": ("5c624fcc1862452452d0c665840d8237f43108e5499edcdc108fbc49d596e4b7",
           "951fdf5473a4cba6d9e5b5db7e79fb8173921ba5b13e9271401b8f907b8b7d5b"),
    "65": ("464756a985e5df03739d95dd309c1ed9c5b04254cc294e7e7eb9b9365ee15117",
           "491101bba044de6e44a63796c33cda051bb05a60725b87af4ba9db940c03ac09"),
    "87": ("0d58219132746be077dfe821e9f8fd87857b28ab91d6a567e312a73e2636032c",
           "3aa49ef72d010aec19383ba1e83ec2dd3dcc207a96ffceb9ffa269e3e3d66400"),
}  # fmt: skip


@pytest.fixture(params=IMPLEMENTATIONS)
def algorithm(request: pytest.FixtureRequest) -> Iterator[int]:
    """ML-DSA of one implementation."""
    with opened("ML-DSA", request.param) as handle:
        yield handle


@pytest.fixture(params=SETS)
def parameter_set(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def key(algorithm: int, parameter_set: str) -> Iterator[int]:
    """The key of the case list's seed for the set, which costs less than a new one."""
    with imported(algorithm, SEED, MLDSA.blob(SEED, parameter_set, bytes.fromhex(SEEDS[parameter_set][0]))) as handle:
        yield handle


def verified(key: int, message: bytes, signature: bytes, info: Any = None, flags: int = 0) -> None:
    ok(bcrypt.BCryptVerifySignature(key, info, message, signature, flags))


def not_verified(key: int, message: bytes, signature: bytes, info: Any = None, flags: int = 0) -> None:
    refused(bcrypt.BCryptVerifySignature(key, info, message, signature, flags), INVALID_SIGNATURE)


def sign_status(key: int, message: bytes, info: Any = None, flags: int = 0) -> bcrypt.NTStatus:
    return bcrypt.BCryptSignHash(key, info, message, bytearray(5000), flags)[0]


# ------------------------------------------------------------------------------------------ the case list


def test_k1_seed_blob_of_65(algorithm: int) -> None:
    """K1 [go]: 50 bytes: DSSS, 6, 32, "65" with its NUL, the seed."""
    with made(algorithm, "65") as key:
        blob = exported(key, SEED)
        assert len(blob) == 50
        assert blob[:18] == b"DSSS" + struct.pack("<2I", 6, 32) + wide("65")


def test_k2_contexts(key: int, parameter_set: str) -> None:
    """K2 [doc]: 255 bytes at most; INVALID_PARAMETER, for signing and for verifying. FIPS 204 allows all to 255."""
    size = SETS[parameter_set].output
    for length in (0, 1, 253, 254, 255):
        info = INFO(bytes(length))
        signature = signed(key, b"message", info, PAD)
        assert len(signature) == size
        verified(key, b"message", signature, info, PAD)
        not_verified(key, b"message", signature, INFO(bytes(max(length - 1, 0)) + b"\1"), PAD)
    for length in (256, 257, 10_000):
        assert sign_status(key, b"message", INFO(bytes(length)), PAD) == INVALID_PARAMETER
        answer = bcrypt.BCryptVerifySignature(key, INFO(bytes(length)), b"message", bytes(size), PAD)
        refused(answer, INVALID_PARAMETER)


def test_k3_external_mu(key: int, parameter_set: str) -> None:
    """K3: 64 bytes without a padding structure sign [go]; any other length fails, and to verify likewise."""
    mu = bytes(range(64))
    signature = signed(key, mu, None, MU)
    assert len(signature) == SETS[parameter_set].output
    verified(key, mu, signature, None, MU)
    not_verified(key, mu[::-1], signature, None, MU)
    not_verified(key, mu, signature)
    for other in (b"", mu[:63], mu + b"\0", mu * 2):
        assert sign_status(key, other, None, MU) == INVALID_PARAMETER
        refused(bcrypt.BCryptVerifySignature(key, None, other, signature, MU), INVALID_PARAMETER)


def test_k4_external_mu_of_the_case_list(algorithm: int) -> None:
    """K4 [go]: 2420 bytes that verify."""
    with imported(algorithm, SEED, data.MLDSA44_SEEDBLOB) as key:
        signature = signed(key, data.MLDSA44_MU, None, MU)
        assert len(signature) == 2420
        verified(key, data.MLDSA44_MU, signature, None, MU)
        assert exported(key, SEED) == data.MLDSA44_SEEDBLOB


def test_seeds_and_messages_of_the_case_list(key: int, parameter_set: str) -> None:
    """[go]: a signed message must verify. Signing repeats a loop until it succeeds, so the test signs often."""
    message = bytes.fromhex(SEEDS[parameter_set][1])
    seen = set()
    for _ in range(5):
        signature = signed(key, message)
        assert len(signature) == SETS[parameter_set].output
        verified(key, message, signature)
        not_verified(key, message[:-1] + bytes([message[-1] ^ 1]), signature)
        seen.add(signature)
    assert len(seen) == 5, "signing is hedged: FIPS 204's default (contract: rule-sign-mldsa-hedged)"


# ------------------------------------------------------------------------- the page of BCryptGenerateKeyPair


def test_no_flag_is_taken_at_generate(algorithm: int) -> None:
    """ "BCRYPT_NO_KEY_VALIDATION ... Only currently supported for ML-KEM"."""
    for flags in (*(1 << bit for bit in range(32)), 0x18, 0xFFFFFFFF, 2**32, -1, None, "8"):
        refused(bcrypt.BCryptGenerateKeyPair(algorithm, 0, flags), INVALID_PARAMETER)


# ----------------------------------------------------------------------------------------- export and import


def test_k5_trailing_bytes_are_refused(algorithm: int, key: int) -> None:
    """K5: a key one byte too long, in all three blobs; ML-KEM accepts trailing bytes (docs/decisions/ml.md)."""
    for blob_type in (PUBLIC, PRIVATE, SEED):
        blob = exported(key, blob_type)
        for bad in (blob + b"\0", blob + bytes(100)):
            refused(bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, bad), INVALID_BUFFER_SIZE)


def test_the_private_key_holds_the_hash_of_the_public_one(key: int) -> None:
    tr = hashlib.shake_256(exported(key, PUBLIC)[18:]).digest(64)
    assert exported(key, PRIVATE)[18 + 64 : 18 + 128] == tr


def test_an_expanded_key_signs_everything(algorithm: int, key: int) -> None:
    """A key without a seed signs messages with any context, digests and external mu."""
    with imported(algorithm, PRIVATE, exported(key, PRIVATE)) as expanded:
        cases = [(b"", None, 0), (b"m", INFO(b"c" * 253), PAD), (b"m", INFO(b"c" * 255), PAD)]
        cases += [(bytes(64), INFO(b"c", "SHA512"), PAD), (bytes(64), None, MU)]
        for message, info, flags in cases:
            verified(key, message, signed(expanded, message, info, flags), info, flags)


def test_the_size_query_of_a_public_key_answers(algorithm: int, key: int, parameter_set: str) -> None:
    """The size needs no private half [wine-test for RSA]; signing is INVALID_PARAMETER.

    contract: rule-sign-public-key.
    """
    with imported(algorithm, PUBLIC, exported(key, PUBLIC)) as public:
        assert bcrypt.BCryptSignHash(public, None, None) == (SUCCESS, SETS[parameter_set].output)
        assert sign_status(public, b"m") == INVALID_PARAMETER


def test_a_private_key_that_is_not_consistent_is_refused(algorithm: int, key: int, parameter_set: str) -> None:
    """One bit of rho, tr, s1, s2 or t0; K alone is free. No import flag lets such a key pass."""
    blob = exported(key, PRIVATE)
    k, l, width = {"44": (4, 4, 3), "65": (6, 5, 4), "87": (8, 7, 3)}[parameter_set]  # noqa: E741
    s1, s2, t0 = 18 + 128, 18 + 128 + 32 * width * l, 18 + 128 + 32 * width * (k + l)
    assert t0 + 416 * k == len(blob)
    for at in (18, 18 + 31, 18 + 64, 18 + 127, s1, s2 - 1, s2, t0 - 1, t0, len(blob) - 1):
        for bit in (0x01, 0x80):
            bad = bytearray(blob)
            bad[at] ^= bit
            refused(bcrypt.BCryptImportKeyPair(algorithm, None, PRIVATE, bad), INVALID_PARAMETER)
    for flags in (8, 0x10, 0x18, 0x20):
        refused(bcrypt.BCryptImportKeyPair(algorithm, None, PRIVATE, bad, flags), INVALID_PARAMETER)
    for place in (s1, s2):
        bad = bytearray(blob)
        bad[place] |= 0x07 if width == 3 else 0x0F
        refused(bcrypt.BCryptImportKeyPair(algorithm, None, PRIVATE, bad), INVALID_PARAMETER)
    another_k = bytearray(blob)
    another_k[18 + 32] ^= 1
    with imported(algorithm, PRIVATE, another_k) as other:
        verified(key, b"m", signed(other, b"m"))


# -------------------------------------------------------------------------- BCryptSignHash, BCryptVerifySignature


def test_the_hash_is_the_whole_message(key: int) -> None:
    """contract: rule-sign-mldsa [doc, go]; an empty one is legal (contract: rule-python-empty-message)."""
    for message in (b"", b"\0", b"m" * 1000, bytes(70_000)):
        signature = signed(key, message)
        verified(key, message, signature)
        not_verified(key, message + b"\0", signature)


def test_no_padding_is_the_empty_context(key: int) -> None:
    """NULL padding is pure ML-DSA with an empty context, as the structure is without one.

    contract: rule-sign-mldsa [doc, go].
    """
    verified(key, b"m", signed(key, b"m"), INFO(), PAD)
    verified(key, b"m", signed(key, b"m", INFO(), PAD))
    not_verified(key, b"m", signed(key, b"m", INFO(b"c"), PAD))
    not_verified(key, b"m", signed(key, b"m"), INFO(b"c"), PAD)


def test_external_mu_is_the_message_hashed_as_the_standard_says(key: int) -> None:
    """FIPS 204 algorithm 7, line 6: mu = SHAKE256(SHAKE256(pk, 64) || 0 || len(ctx) || ctx || M, 64)."""
    tr = hashlib.shake_256(exported(key, PUBLIC)[18:]).digest(64)
    for context in (b"", b"context", b"c" * 255):
        mu = hashlib.shake_256(tr + bytes([0, len(context)]) + context + b"message").digest(64)
        verified(key, b"message", signed(key, mu, None, MU), INFO(context), PAD)
        verified(key, mu, signed(key, b"message", INFO(context), PAD), None, MU)


OIDS = {"SHA256": 1, "SHA384": 2, "SHA512": 3, "SHA3-256": 8, "SHA3-384": 9, "SHA3-512": 10, "SHAKE128": 11,
        "SHAKE256": 12}  # fmt: skip


def test_pre_hashed_messages(key: int, parameter_set: str) -> None:
    """The set's hashes, the digest at its exact length; M' of FIPS 204 algorithm 4.

    contract: rule-sign-mldsa-prehash [symcrypt, doc].
    """
    tr = hashlib.shake_256(exported(key, PUBLIC)[18:]).digest(64)
    assert set(PREHASHES["44"]) == set(LENGTHS) == set(OIDS)
    for name in PREHASHES[parameter_set]:
        digest = bytes(range(LENGTHS[name]))
        info = INFO(b"context", name)
        signature = signed(key, digest, info, PAD)
        verified(key, digest, signature, info, PAD)
        not_verified(key, digest, signature, INFO(b"context"), PAD)
        not_verified(key, digest, signature, INFO(b"", name), PAD)
        oid = bytes.fromhex("06096086480165030402") + bytes([OIDS[name]])
        mu = hashlib.shake_256(tr + b"\1\7context" + oid + digest).digest(64)
        verified(key, mu, signature, None, MU)
        for other in (b"", digest[:-1], digest + b"\0", digest * 2):
            assert sign_status(key, other, info, PAD) == INVALID_PARAMETER
            refused(bcrypt.BCryptVerifySignature(key, info, other, signature, PAD), INVALID_PARAMETER)


def test_pre_hashes_that_are_none(key: int, parameter_set: str) -> None:
    """No pre-hash of the standard: NOT_SUPPORTED; one too weak for the set: INVALID_PARAMETER (decisions/ml.md)."""
    for name in ("MD5", "SHA1", "SHA512/256", "AES", "RSA", "sha256", "CSHAKE256", "no hash"):
        assert sign_status(key, bytes(32), INFO(b"", name), PAD) == NOT_SUPPORTED
        refused(bcrypt.BCryptVerifySignature(key, INFO(b"", name), bytes(32), bytes(2420), PAD), NOT_SUPPORTED)
    for name in set(LENGTHS) - set(PREHASHES[parameter_set]):
        info = INFO(b"", name)
        assert sign_status(key, bytes(LENGTHS[name]), info, PAD) == INVALID_PARAMETER
        answer = bcrypt.BCryptVerifySignature(key, info, bytes(LENGTHS[name]), bytes(2420), PAD)
        refused(answer, INVALID_PARAMETER)


def test_sizes_and_short_buffers(key: int, parameter_set: str) -> None:
    """contract: rule-size-query: the size query needs no message; a short buffer is untouched."""
    size = SETS[parameter_set].output
    for message, info, flags in ((None, None, 0), (b"m", None, 0), (b"m", INFO(b"c"), PAD), (None, None, MU)):
        assert bcrypt.BCryptSignHash(key, info, message, None, flags) == (SUCCESS, size)
    for length in (0, 1, size - 1):
        short = bytearray(length)
        assert bcrypt.BCryptSignHash(key, None, b"m", short) == (BUFFER_TOO_SMALL, size)
        assert not any(short)
    longer = bytearray(size + 10)
    assert bcrypt.BCryptSignHash(key, None, b"m", longer) == (SUCCESS, size)
    assert not any(longer[size:])
    verified(key, b"m", bytes(longer[:size]))


def test_signatures_of_another_length_or_content(key: int, parameter_set: str) -> None:
    """contract: rule-verify-mldsa [inferred]: INVALID_SIGNATURE, in every form; an empty one is INVALID_PARAMETER."""
    size = SETS[parameter_set].output
    for message, info, flags in ((b"m", None, 0), (bytes(64), INFO(b"c", "SHA512"), PAD), (bytes(64), None, MU)):
        signature = signed(key, message, info, flags)
        for wrong in (signature[:-1], signature + b"\0", signature[:1], signature * 2, bytes(size), b"\xff" * size):
            not_verified(key, message, wrong, info, flags)
        for at in (0, size // 2, size - 1):
            wrong = bytes([*signature[:at], signature[at] ^ 1, *signature[at + 1 :]])
            not_verified(key, message, wrong, info, flags)
        refused(bcrypt.BCryptVerifySignature(key, info, message, b"", flags), INVALID_PARAMETER)


def test_null_arguments_of_sign_and_verify(key: int, parameter_set: str) -> None:
    """contract: rule-python-empty-message: a NULL message with a real buffer is INVALID_PARAMETER."""
    refused(bcrypt.BCryptSignHash(key, None, None, bytearray(5000)), INVALID_PARAMETER)
    refused(bcrypt.BCryptVerifySignature(key, None, None, bytes(SETS[parameter_set].output)), INVALID_PARAMETER)
    refused(bcrypt.BCryptVerifySignature(key, None, b"m", None), INVALID_PARAMETER)
    refused(bcrypt.BCryptSignHash(None, None, b"m", bytearray(5000)), INVALID_HANDLE)


def test_paddings_that_are_not_of_this_algorithm(key: int) -> None:
    """A structure without its flag, a flag without its structure, and RSA's: INVALID_PARAMETER.

    contract: rule-sign-mldsa.
    """
    pkcs1, pss = bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA256"), bcrypt.BCRYPT_PSS_PADDING_INFO("SHA256", 32)
    wrong = [
        (None, PAD), (INFO(), 0), (INFO(), MU), (None, PAD | MU), (INFO(), PAD | MU),
        (pkcs1, bcrypt.BCRYPT_PAD_PKCS1), (pss, bcrypt.BCRYPT_PAD_PSS), (pkcs1, PAD), (INFO(), bcrypt.BCRYPT_PAD_PSS),
        (None, 1), (None, 0x80), (object(), PAD), (INFO("text"), PAD), (INFO(b"", b"SHA256"), PAD), (INFO(5), PAD),
    ]  # fmt: skip
    for info, flags in wrong:
        assert sign_status(key, bytes(64), info, flags) == INVALID_PARAMETER, (info, flags)
        answer = bcrypt.BCryptVerifySignature(key, info, bytes(64), bytes(2420), flags)
        refused(answer, INVALID_PARAMETER)


def test_this_algorithm_does_nothing_else_and_others_do_not_know_its_paddings(key: int) -> None:
    """NOT_SUPPORTED; an ECDSA key with ML-DSA's paddings: INVALID_PARAMETER.

    contract: rule-encrypt, rule-agreement, rule-encapsulate-other-key.
    """
    refused(bcrypt.BCryptEncrypt(key, bytes(32)), NOT_SUPPORTED)
    refused(bcrypt.BCryptDecrypt(key, bytes(32)), NOT_SUPPORTED)
    refused(bcrypt.BCryptSecretAgreement(key, key), NOT_SUPPORTED)
    refused(bcrypt.BCryptEncapsulate(key), NOT_SUPPORTED)
    refused(bcrypt.BCryptDecapsulate(key, bytes(1088), bytearray(32)), NOT_SUPPORTED)
    with generated("ECDSA_P256", 256) as other:
        for info, flags in ((INFO(), PAD), (None, MU)):
            assert sign_status(other, bytes(64), info, flags) == INVALID_PARAMETER


# ----------------------------------------------------------------------------------- versions, lists, object API


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_the_object_api(implementation: str, parameter_set: str) -> None:
    """contract: rule-python-objects: the same statuses as exceptions, Python types."""
    key = cngcore.generate_key_pair("ML-DSA", parameter_set=parameter_set, implementation=implementation)
    assert key.provenance.implementation == implementation
    assert key.get_property("ParameterSetName") == parameter_set
    assert key.get_property("SignatureLength") == SETS[parameter_set].output
    assert type(key.export(PUBLIC)) is bytes
    assert type(key.export(PRIVATE)) is type(key.export(SEED)) is bytearray
    public = key.public()
    paddings = [None, cngcore.PqDsa(), cngcore.PqDsa(bytearray(b"c")), cngcore.PqDsa(b"c", "SHA512")]
    for padding in (*paddings, cngcore.ExternalMu()):
        signature = key.sign_hash(memoryview(bytes(64)), padding=padding)
        assert type(signature) is bytes
        public.verify_signature(bytes(64), signature, padding=padding)
        with pytest.raises(cngcore.InvalidSignatureError):
            public.verify_signature(b"\1" * 64, signature, padding=padding)
    wrong: list[tuple[type[Exception], Any]] = [
        (cngcore.InvalidParameterError, lambda: key.sign_hash(bytes(63), cngcore.ExternalMu())),
        (cngcore.InvalidParameterError, lambda: key.sign_hash(b"m", cngcore.PqDsa(bytes(256)))),
        (cngcore.InvalidParameterError, lambda: key.sign_hash(b"m", cngcore.PqDsa("text"))),  # type: ignore[arg-type]
        (cngcore.InvalidParameterError, lambda: key.sign_hash(b"m", cngcore.PqDsa(5))),  # type: ignore[arg-type]
        (cngcore.InvalidParameterError, lambda: key.sign_hash(b"m", cngcore.Pkcs1("SHA256"))),
        (cngcore.InvalidParameterError, lambda: key.sign_hash(bytes(63), cngcore.PqDsa(b"", "SHA512"))),
        (cngcore.NotSupportedError, lambda: key.sign_hash(bytes(16), cngcore.PqDsa(b"", "MD5"))),
        (cngcore.NotSupportedError, lambda: key.sign_hash(bytes(16), cngcore.PqDsa(b"", 5))),  # type: ignore[arg-type]
        (cngcore.InvalidParameterError, lambda: public.sign_hash(b"m")),
        (cngcore.InvalidParameterError, lambda: public.export(SEED)),
        (cngcore.NotSupportedError, lambda: key.encapsulate()),
        (cngcore.InvalidHandleError, lambda: key.finalize()),
    ]
    for kind, call in wrong:
        with pytest.raises(kind):
            call()
    key.destroy()
    public.verify_signature(bytes(64), signature, padding=cngcore.ExternalMu())
    with pytest.raises(cngcore.InvalidHandleError):
        key.sign_hash(b"m")
