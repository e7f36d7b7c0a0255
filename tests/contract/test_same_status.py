"""contract: rule-python-same-status: flat and object API give the same status for the same mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from contract import data
from helpers import ok, status_of
from oracles.blobs import ecc_blob, rsa_private_blob, rsa_public_blob
from oracles.rsa import rsa_numbers
from oracles.values import wide

import cngcore
from cngcore import bcrypt

S = bcrypt.NTStatus
OTHER = rsa_numbers(1024)
BAD_PRIVATE = rsa_private_blob(OTHER.n, OTHER.e, OTHER.p - 2, OTHER.q)
PKCS1 = bcrypt.BCRYPT_PKCS1_PADDING_INFO


@pytest.fixture
def flat() -> Iterator[SimpleNamespace]:
    """Handles of everything a mistake can be made with."""
    with cngcore.registry.using(cngcore.Registry()):
        w = SimpleNamespace()
        w.rsa, w.ecdsa, w.ecdh = (ok(bcrypt.BCryptOpenAlgorithmProvider(n)) for n in ("RSA", "ECDSA", "ECDH_P256"))
        w.closed = ok(bcrypt.BCryptOpenAlgorithmProvider("RSA"))
        ok(bcrypt.BCryptCloseAlgorithmProvider(w.closed))
        take = bcrypt.BCryptImportKeyPair
        w.private = ok(take(w.rsa, None, "RSAPRIVATEBLOB", data.RSA512_PRIV))
        w.public = ok(take(w.rsa, None, "RSAPUBLICBLOB", rsa_public_blob(OTHER.n, OTHER.e)))
        w.agree = ok(take(w.ecdh, None, "ECCPRIVATEBLOB", data.P256_ECDH_PRIV))
        w.peer = ok(take(w.ecdh, None, "ECCPUBLICBLOB", data.P256_ECDH_PEER))
        w.signer = ok(take(bcrypt.BCRYPT_ECDSA_P256_ALG_HANDLE, None, "ECCPUBLICBLOB", data.ECDSA_P256_PUB))
        w.empty = ok(bcrypt.BCryptGenerateKeyPair(w.rsa, 512))
        w.curveless = ok(bcrypt.BCryptGenerateKeyPair(w.ecdsa, 0))
        w.gone = ok(bcrypt.BCryptGenerateKeyPair(w.rsa, 512))
        ok(bcrypt.BCryptDestroyKey(w.gone))
        w.secret = ok(bcrypt.BCryptSecretAgreement(w.agree, w.peer))
        yield w
        bcrypt.BCryptDestroySecret(w.secret)
        for key in (w.private, w.public, w.agree, w.peer, w.signer, w.empty, w.curveless):
            bcrypt.BCryptDestroyKey(key)
        for algorithm in (w.rsa, w.ecdsa, w.ecdh):
            bcrypt.BCryptCloseAlgorithmProvider(algorithm)


@pytest.fixture
def objects() -> SimpleNamespace:
    """The same things as objects."""
    w = SimpleNamespace()
    w.rsa, w.ecdsa, w.ecdh = (cngcore.open_algorithm_provider(n) for n in ("RSA", "ECDSA", "ECDH_P256"))
    w.closed = cngcore.open_algorithm_provider("RSA")
    w.closed.close()
    w.private = w.rsa.import_key_pair("RSAPRIVATEBLOB", data.RSA512_PRIV)
    w.public = w.rsa.import_key_pair("RSAPUBLICBLOB", rsa_public_blob(OTHER.n, OTHER.e))
    w.agree = w.ecdh.import_key_pair("ECCPRIVATEBLOB", data.P256_ECDH_PRIV)
    w.peer = w.ecdh.import_key_pair("ECCPUBLICBLOB", data.P256_ECDH_PEER)
    w.signer = cngcore.open_algorithm_provider("ECDSA_P256").import_key_pair("ECCPUBLICBLOB", data.ECDSA_P256_PUB)
    w.empty = w.rsa.generate_key_pair(512)
    w.curveless = w.ecdsa.generate_key_pair()
    w.gone = w.rsa.generate_key_pair(512)
    w.gone.destroy()
    w.secret = w.agree.agree(w.peer)
    return w


F = bcrypt
Row = tuple[str, Callable[[Any], Any], Callable[[Any], Any], S]
OFF_CURVE = ecc_blob(b"ECK1", 32, 1, 1)
MISTAKES: list[Row] = [
    (
        "1 unknown id",
        lambda w: F.BCryptOpenAlgorithmProvider("X"),
        lambda w: cngcore.open_algorithm_provider("X"),
        S.STATUS_NOT_FOUND,
    ),
    (
        "1 no id",
        lambda w: F.BCryptOpenAlgorithmProvider(None),
        lambda w: cngcore.open_algorithm_provider(None),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "1 flags",
        lambda w: F.BCryptOpenAlgorithmProvider("RSA", None, 0x400),
        lambda w: cngcore.open_algorithm_provider("RSA", None, 0x400),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "2 close twice",
        lambda w: F.BCryptCloseAlgorithmProvider(w.closed),
        lambda w: w.closed.close(),
        S.STATUS_INVALID_HANDLE,
    ),
    (
        "3 closed",
        lambda w: F.BCryptGenerateKeyPair(w.closed, 512),
        lambda w: w.closed.generate_key_pair(512),
        S.STATUS_INVALID_HANDLE,
    ),
    (
        "3 length",
        lambda w: F.BCryptGenerateKeyPair(w.rsa, 513),
        lambda w: w.rsa.generate_key_pair(513),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "3 length of a wrong type",
        lambda w: F.BCryptGenerateKeyPair(w.rsa, "512"),
        lambda w: w.rsa.generate_key_pair("512"),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "3 flags",
        lambda w: F.BCryptGenerateKeyPair(w.rsa, 512, 8),
        lambda w: w.rsa.generate_key_pair(512, 8),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "3 flags of a wrong type",
        lambda w: F.BCryptGenerateKeyPair(w.rsa, 512, None),
        lambda w: w.rsa.generate_key_pair(512, None),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "4 unknown property",
        lambda w: F.BCryptSetProperty(w.empty, "X", 1),
        lambda w: w.empty.set_property("X", 1),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "4 read-only property",
        lambda w: F.BCryptSetProperty(w.empty, "KeyStrength", 1),
        lambda w: w.empty.set_property("KeyStrength", 1),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "4 no name",
        lambda w: F.BCryptSetProperty(w.empty, None, 1),
        lambda w: w.empty.set_property(None, 1),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "4.1 illegal length",
        lambda w: F.BCryptSetProperty(w.empty, "KeyLength", 513),
        lambda w: w.empty.set_property("KeyLength", 513),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "4.1 on the algorithm",
        lambda w: F.BCryptSetProperty(w.rsa, "KeyLength", 512),
        lambda w: w.rsa.set_property("KeyLength", 512),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "4.1 after finalize",
        lambda w: F.BCryptSetProperty(w.private, "KeyLength", 1024),
        lambda w: w.private.set_property("KeyLength", 1024),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "4.4 curve25519 on ECDSA",
        lambda w: F.BCryptSetProperty(w.ecdsa, "ECCCurveName", wide("curve25519")),
        lambda w: w.ecdsa.set_property("ECCCurveName", "curve25519"),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "4.4 unknown curve",
        lambda w: F.BCryptSetProperty(w.curveless, "ECCCurveName", wide("X")),
        lambda w: w.curveless.set_property("ECCCurveName", "X"),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "4.4 fixed curve",
        lambda w: F.BCryptSetProperty(w.ecdh, "ECCCurveName", wide("nistP256")),
        lambda w: w.ecdh.set_property("ECCCurveName", "nistP256"),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "5 destroyed",
        lambda w: F.BCryptGetProperty(w.gone, "KeyLength"),
        lambda w: w.gone.get_property("KeyLength"),
        S.STATUS_INVALID_HANDLE,
    ),
    (
        "5 unknown property",
        lambda w: F.BCryptGetProperty(w.private, "X"),
        lambda w: w.private.get_property("X"),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "5 no name",
        lambda w: F.BCryptGetProperty(w.private, None),
        lambda w: w.private.get_property(None),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "5 no key lengths",
        lambda w: F.BCryptGetProperty(w.ecdsa, "KeyLengths"),
        lambda w: w.ecdsa.get_property("KeyLengths"),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "6 imported",
        lambda w: F.BCryptFinalizeKeyPair(w.private),
        lambda w: w.private.finalize(),
        S.STATUS_INVALID_HANDLE,
    ),
    ("6 destroyed", lambda w: F.BCryptFinalizeKeyPair(w.gone), lambda w: w.gone.finalize(), S.STATUS_INVALID_HANDLE),
    (
        "6 no curve",
        lambda w: F.BCryptFinalizeKeyPair(w.curveless),
        lambda w: w.curveless.finalize(),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "6 flags",
        lambda w: F.BCryptFinalizeKeyPair(w.empty, 1),
        lambda w: w.empty.finalize(1),
        S.STATUS_INVALID_PARAMETER,
    ),
    ("7 twice", lambda w: F.BCryptDestroyKey(w.gone), lambda w: w.gone.destroy(), S.STATUS_INVALID_HANDLE),
    (
        "9 blob type",
        lambda w: F.BCryptImportKeyPair(w.rsa, None, "X", b""),
        lambda w: w.rsa.import_key_pair("X", b""),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "9 no blob type",
        lambda w: F.BCryptImportKeyPair(w.rsa, None, None, b""),
        lambda w: w.rsa.import_key_pair(None, b""),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "9 no blob",
        lambda w: F.BCryptImportKeyPair(w.rsa, None, "RSAPUBLICBLOB", None),
        lambda w: w.rsa.import_key_pair("RSAPUBLICBLOB", None),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "9 short blob",
        lambda w: F.BCryptImportKeyPair(w.rsa, None, "RSAPUBLICBLOB", b"RSA1"),
        lambda w: w.rsa.import_key_pair("RSAPUBLICBLOB", b"RSA1"),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "9 bad data",
        lambda w: F.BCryptImportKeyPair(w.rsa, None, "RSAPUBLICBLOB", data.RSA_BAD_EXP),
        lambda w: w.rsa.import_key_pair("RSAPUBLICBLOB", data.RSA_BAD_EXP),
        S.NTE_BAD_DATA,
    ),
    (
        "9 magic",
        lambda w: F.BCryptImportKeyPair(w.rsa, None, "RSAPUBLICBLOB", data.RSA512_PRIV),
        lambda w: w.rsa.import_key_pair("RSAPUBLICBLOB", data.RSA512_PRIV),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "9 flags",
        lambda w: F.BCryptImportKeyPair(w.rsa, None, "RSAPRIVATEBLOB", data.RSA512_PRIV, 1),
        lambda w: w.rsa.import_key_pair("RSAPRIVATEBLOB", data.RSA512_PRIV, 1),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "9 off the curve",
        lambda w: F.BCryptImportKeyPair(w.ecdh, None, "ECCPUBLICBLOB", OFF_CURVE),
        lambda w: w.ecdh.import_key_pair("ECCPUBLICBLOB", OFF_CURVE),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "10 empty",
        lambda w: F.BCryptExportKey(w.empty, None, "RSAPUBLICBLOB"),
        lambda w: w.empty.export("RSAPUBLICBLOB"),
        S.STATUS_INVALID_HANDLE,
    ),
    (
        "10 public-only",
        lambda w: F.BCryptExportKey(w.public, None, "RSAPRIVATEBLOB"),
        lambda w: w.public.export("RSAPRIVATEBLOB"),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "10 blob type",
        lambda w: F.BCryptExportKey(w.private, None, "OpaqueKeyBlob"),
        lambda w: w.private.export("OpaqueKeyBlob"),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "11 empty",
        lambda w: F.BCryptSignHash(w.empty, PKCS1("SHA1"), bytes(20), bytearray(64), 2),
        lambda w: w.empty.sign_hash(bytes(20), cngcore.Pkcs1("SHA1")),
        S.STATUS_INVALID_HANDLE,
    ),
    (
        "11 public-only",
        lambda w: F.BCryptSignHash(w.public, PKCS1("SHA1"), bytes(20), bytearray(128), 2),
        lambda w: w.public.sign_hash(bytes(20), cngcore.Pkcs1("SHA1")),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "11 no padding",
        lambda w: F.BCryptSignHash(w.private, None, bytes(20), bytearray(64)),
        lambda w: w.private.sign_hash(bytes(20)),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "11 hash length",
        lambda w: F.BCryptSignHash(w.private, PKCS1("SHA1"), bytes(21), bytearray(64), 2),
        lambda w: w.private.sign_hash(bytes(21), cngcore.Pkcs1("SHA1")),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "11 no hash",
        lambda w: F.BCryptSignHash(w.private, PKCS1("AES"), bytes(20), bytearray(64), 2),
        lambda w: w.private.sign_hash(bytes(20), cngcore.Pkcs1("AES")),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "11 salt",
        lambda w: F.BCryptSignHash(w.private, F.BCRYPT_PSS_PADDING_INFO("SHA1", 99), bytes(20), bytearray(64), 8),
        lambda w: w.private.sign_hash(bytes(20), cngcore.Pss("SHA1", 99)),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "11 agreement key",
        lambda w: F.BCryptSignHash(w.agree, None, bytes(20), bytearray(64)),
        lambda w: w.agree.sign_hash(bytes(20)),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "12 wrong hash",
        lambda w: F.BCryptVerifySignature(w.signer, None, bytes(32), data.ECDSA_P256_SIG),
        lambda w: w.signer.verify_signature(bytes(32), data.ECDSA_P256_SIG),
        S.STATUS_INVALID_SIGNATURE,
    ),
    (
        "12 no signature",
        lambda w: F.BCryptVerifySignature(w.signer, None, data.HASH32, b""),
        lambda w: w.signer.verify_signature(data.HASH32, b""),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "12 no hash",
        lambda w: F.BCryptVerifySignature(w.signer, None, b"", data.ECDSA_P256_SIG),
        lambda w: w.signer.verify_signature(b"", data.ECDSA_P256_SIG),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "12 padding for ECDSA",
        lambda w: F.BCryptVerifySignature(w.signer, PKCS1("SHA256"), data.HASH32, data.ECDSA_P256_SIG, 2),
        lambda w: w.signer.verify_signature(data.HASH32, data.ECDSA_P256_SIG, cngcore.Pkcs1("SHA256")),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "13 raw, short",
        lambda w: F.BCryptEncrypt(w.private, b"x", None, None, bytearray(64), 1),
        lambda w: w.private.encrypt(b"x"),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "13 too long",
        lambda w: F.BCryptEncrypt(w.private, bytes(54), None, None, bytearray(64), 2),
        lambda w: w.private.encrypt(bytes(54), cngcore.Pkcs1()),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "13 no plaintext",
        lambda w: F.BCryptEncrypt(w.private, None, None, None, bytearray(64), 2),
        lambda w: w.private.encrypt(None, cngcore.Pkcs1()),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "13 ECC key",
        lambda w: F.BCryptEncrypt(w.agree, b"x", None, None, bytearray(64), 2),
        lambda w: w.agree.encrypt(b"x", cngcore.Pkcs1()),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "14 public-only",
        lambda w: F.BCryptDecrypt(w.public, bytes(128), None, None, bytearray(128), 2),
        lambda w: w.public.decrypt(bytes(128), cngcore.Pkcs1()),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "14 broken",
        lambda w: F.BCryptDecrypt(w.private, bytes(64), None, None, bytearray(64), 2),
        lambda w: w.private.decrypt(bytes(64), cngcore.Pkcs1()),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "15 no peer",
        lambda w: F.BCryptSecretAgreement(w.agree, None),
        lambda w: w.agree.agree(None),
        S.STATUS_INVALID_HANDLE,
    ),
    (
        "15 destroyed peer",
        lambda w: F.BCryptSecretAgreement(w.agree, w.gone),
        lambda w: w.agree.agree(w.gone),
        S.STATUS_INVALID_HANDLE,
    ),
    (
        "15 signature key",
        lambda w: F.BCryptSecretAgreement(w.signer, w.signer),
        lambda w: w.signer.agree(w.signer),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "15 another algorithm",
        lambda w: F.BCryptSecretAgreement(w.agree, w.signer),
        lambda w: w.agree.agree(w.signer),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "15 public-only",
        lambda w: F.BCryptSecretAgreement(w.peer, w.agree),
        lambda w: w.peer.agree(w.agree),
        S.STATUS_INVALID_PARAMETER,
    ),
    ("16 KDF", lambda w: F.BCryptDeriveKey(w.secret, "X"), lambda w: w.secret.derive("X"), S.STATUS_NOT_SUPPORTED),
    (
        "16 no KDF",
        lambda w: F.BCryptDeriveKey(w.secret, None),
        lambda w: w.secret.derive(None),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "16 hash",
        lambda w: F.BCryptDeriveKey(w.secret, "HASH", [F.BCryptBuffer(0, "AES")]),
        lambda w: w.secret.derive("HASH", hash="AES"),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "16 empty hash",
        lambda w: F.BCryptDeriveKey(w.secret, "HASH", [F.BCryptBuffer(0, "")]),
        lambda w: w.secret.derive("HASH", hash=""),
        S.STATUS_NOT_SUPPORTED,
    ),
    (
        "16 seed",
        lambda w: F.BCryptDeriveKey(w.secret, "TLS_PRF", [F.BCryptBuffer(4, b"l")]),
        lambda w: w.secret.derive("TLS_PRF", label=b"l"),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "16 HKDF length",
        lambda w: F.BCryptDeriveKey(w.secret, "HKDF"),
        lambda w: w.secret.derive("HKDF"),
        S.STATUS_INVALID_PARAMETER,
    ),
    (
        "18 not a KEM key",
        lambda w: F.BCryptEncapsulate(w.agree),
        lambda w: w.agree.encapsulate(),
        S.STATUS_NOT_SUPPORTED,
    ),
    ("18 empty", lambda w: F.BCryptEncapsulate(w.empty), lambda w: w.empty.encapsulate(), S.STATUS_INVALID_HANDLE),
    (
        "19 not a KEM key",
        lambda w: F.BCryptDecapsulate(w.agree, bytes(768)),
        lambda w: w.agree.decapsulate(bytes(768)),
        S.STATUS_NOT_SUPPORTED,
    ),
]


@pytest.mark.parametrize(("name", "call", "method", "status"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_the_same_mistake(
    name: str,
    call: Callable[[Any], Any],
    method: Callable[[Any], Any],
    status: S,
    flat: SimpleNamespace,
    objects: SimpleNamespace,
) -> None:
    """The id is the contract's section: the flat call answers with the status, the method raises with it."""
    assert status_of(call(flat)) == status
    with pytest.raises(cngcore.CngError) as caught:
        method(objects)
    assert caught.value.status == status


def test_primes_that_do_not_belong_get_one_status() -> None:
    """contract: rule-import: refused [dotnet], with whichever status, but the same one by both ways."""
    answer = bcrypt.BCryptImportKeyPair(bcrypt.BCRYPT_RSA_ALG_HANDLE, None, "RSAPRIVATEBLOB", BAD_PRIVATE)
    assert not status_of(answer).is_success
    with cngcore.open_algorithm_provider("RSA") as rsa, pytest.raises(cngcore.CngError) as caught:
        rsa.import_key_pair("RSAPRIVATEBLOB", BAD_PRIVATE)
    assert caught.value.status == answer[0]
