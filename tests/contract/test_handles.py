"""Handles and pseudo-handles; opening, closing, destroying and duplicating."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any

import pytest
from contract import data
from helpers import agreed, as_id, derived, dword_of, empty, exported, generated, imported, ok, opened, refused, text_of
from oracles.values import wide

import cngcore
from cngcore import bcrypt
from cngcore.bcrypt import _handles as handles

INVALID_HANDLE = bcrypt.STATUS_INVALID_HANDLE
INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
PSEUDO_HANDLES = {name: getattr(bcrypt, name) for name in dir(bcrypt) if name.endswith("_ALG_HANDLE")}
#: What the header only announces: nobody serves it.
NEVER_SERVED = [name for name in PSEUDO_HANDLES if "COMPOSITE" in name]
#: Ciphers, MACs and key-derivation algorithms.
WITHOUT_PAIRS = [
    name
    for name in PSEUDO_HANDLES
    if any(part in name for part in ("_AES_", "DES", "RC2", "RC4", "CHACHA20", "_KDF_", "PBKDF2", "HKDF", "SP800"))
]

#: Each call that takes a handle: its name, the kind of handle, and the call with everything else in order.
CALLS: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("BCryptCloseAlgorithmProvider", "algorithm", bcrypt.BCryptCloseAlgorithmProvider),
    ("BCryptGenerateKeyPair", "algorithm", lambda h: bcrypt.BCryptGenerateKeyPair(h, 256)),
    (
        "BCryptImportKeyPair",
        "algorithm",
        lambda h: bcrypt.BCryptImportKeyPair(h, None, bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.P256_ECDH_PEER),
    ),
    ("BCryptGetProperty", "any", lambda h: bcrypt.BCryptGetProperty(h, bcrypt.BCRYPT_ALGORITHM_NAME)),
    ("BCryptSetProperty", "any", lambda h: bcrypt.BCryptSetProperty(h, bcrypt.BCRYPT_KEY_LENGTH, 512)),
    ("BCryptFinalizeKeyPair", "key", bcrypt.BCryptFinalizeKeyPair),
    ("BCryptDestroyKey", "key", bcrypt.BCryptDestroyKey),
    ("BCryptDuplicateKey", "key", bcrypt.BCryptDuplicateKey),
    ("BCryptExportKey", "key", lambda h: bcrypt.BCryptExportKey(h, None, bcrypt.BCRYPT_ECCPUBLIC_BLOB)),
    ("BCryptSignHash", "key", lambda h: bcrypt.BCryptSignHash(h, None, bytes(32), bytearray(64))),
    ("BCryptSignHash, size", "key", lambda h: bcrypt.BCryptSignHash(h, None, bytes(32))),
    ("BCryptVerifySignature", "key", lambda h: bcrypt.BCryptVerifySignature(h, None, bytes(32), bytes(64))),
    ("BCryptEncrypt", "key", lambda h: bcrypt.BCryptEncrypt(h, bytes(64), None, None, bytearray(64), 1)),
    ("BCryptDecrypt", "key", lambda h: bcrypt.BCryptDecrypt(h, bytes(64), None, None, bytearray(64), 1)),
    ("BCryptDeriveKey", "secret", lambda h: bcrypt.BCryptDeriveKey(h, bcrypt.BCRYPT_KDF_HASH, None, bytearray(20))),
    ("BCryptDestroySecret", "secret", bcrypt.BCryptDestroySecret),
]
IDS = [name for name, _, _ in CALLS]


@pytest.fixture
def live() -> Iterator[dict[str, int]]:
    """One live handle of each kind."""
    with opened("ECDH_P256") as algorithm, generated(algorithm, 256) as key, agreed(key, key) as secret:
        yield {"algorithm": algorithm, "key": key, "secret": secret}


@pytest.fixture
def gone() -> dict[str, int]:
    """One handle of each kind that was closed or destroyed."""
    algorithm = ok(bcrypt.BCryptOpenAlgorithmProvider("ECDH_P256"))
    key = ok(bcrypt.BCryptGenerateKeyPair(algorithm, 256))
    ok(bcrypt.BCryptFinalizeKeyPair(key))
    secret = ok(bcrypt.BCryptSecretAgreement(key, key))
    ok(bcrypt.BCryptCloseAlgorithmProvider(algorithm))
    ok(bcrypt.BCryptDestroyKey(key))
    ok(bcrypt.BCryptDestroySecret(secret))
    return {"algorithm": algorithm, "key": key, "secret": secret}


# ------------------------------------------------------------------------------------------- 0.1, all functions


@pytest.mark.parametrize(("name", "kind", "call"), CALLS, ids=IDS)
def test_null_is_an_invalid_handle(name: str, kind: str, call: Callable[[Any], Any]) -> None:
    """contract: rule-handle-null: NULL, which is None or 0, is INVALID_HANDLE in all asymmetric calls [wine-test]."""
    refused(call(None), INVALID_HANDLE)
    refused(call(0), INVALID_HANDLE)


@pytest.mark.parametrize(("name", "kind", "call"), CALLS, ids=IDS)
def test_a_wrong_kind_is_an_invalid_handle(
    name: str, kind: str, call: Callable[[Any], Any], live: dict[str, int]
) -> None:
    """the wrong kind is an invalid handle, not a crash [wine-test]; and the object is none the worse for it.

    contract: rule-handle-kinds.
    """
    for other, handle in live.items():
        if kind not in (other, "any"):
            refused(call(handle), INVALID_HANDLE)
    assert text_of(live["algorithm"], bcrypt.BCRYPT_ALGORITHM_NAME) == "ECDH_P256"
    assert len(exported(live["key"], bcrypt.BCRYPT_ECCPUBLIC_BLOB)) == 72
    assert len(derived(live["secret"], bcrypt.BCRYPT_KDF_HASH)) == 20


@pytest.mark.parametrize(("name", "kind", "call"), CALLS, ids=IDS)
def test_a_stale_handle_is_invalid(name: str, kind: str, call: Callable[[Any], Any], gone: dict[str, int]) -> None:
    """contract: rule-handle-stale: a closed or destroyed handle used again [wine-test]."""
    for handle in gone.values():
        refused(call(handle), INVALID_HANDLE)


@pytest.mark.parametrize(("name", "kind", "call"), CALLS, ids=IDS)
def test_what_was_never_given_is_no_handle(
    name: str, kind: str, call: Callable[[Any], Any], live: dict[str, int]
) -> None:
    """contract: rule-python-no-raise: wrong types too are INVALID_HANDLE where a handle belongs."""
    near = [handle + step for handle in live.values() for step in (1, 2, 8, -1)]
    strange = [False, -1, -16, 2, 15, 16, 2**31, 2**32 + 16, 2**64, 10**40, "1", b"\1", 1.0, float("nan"), [], (), {}]
    for handle in [*near, *strange, object(), live, slice(1), type]:
        refused(call(handle), INVALID_HANDLE)
    for handle in map(str, live.values()):
        refused(call(handle), INVALID_HANDLE)


NONSENSE = object()
HANDLE_FIRST: dict[str, Callable[[Any], Any]] = {
    "close": lambda h: bcrypt.BCryptCloseAlgorithmProvider(h, NONSENSE),
    "generate": lambda h: bcrypt.BCryptGenerateKeyPair(h, NONSENSE, NONSENSE),
    "set": lambda h: bcrypt.BCryptSetProperty(h, NONSENSE, NONSENSE, NONSENSE),
    "get": lambda h: bcrypt.BCryptGetProperty(h, NONSENSE, NONSENSE, NONSENSE),
    "finalize": lambda h: bcrypt.BCryptFinalizeKeyPair(h, NONSENSE),
    "duplicate": lambda h: bcrypt.BCryptDuplicateKey(h, NONSENSE),
    "import": lambda h: bcrypt.BCryptImportKeyPair(h, NONSENSE, NONSENSE, NONSENSE, NONSENSE),
    "export": lambda h: bcrypt.BCryptExportKey(h, NONSENSE, NONSENSE, NONSENSE, NONSENSE),
    "sign": lambda h: bcrypt.BCryptSignHash(h, NONSENSE, NONSENSE, NONSENSE, NONSENSE),
    "verify": lambda h: bcrypt.BCryptVerifySignature(h, NONSENSE, NONSENSE, NONSENSE, NONSENSE),
    "encrypt": lambda h: bcrypt.BCryptEncrypt(h, NONSENSE, NONSENSE, NONSENSE, NONSENSE, NONSENSE),
    "decrypt": lambda h: bcrypt.BCryptDecrypt(h, NONSENSE, NONSENSE, NONSENSE, NONSENSE, NONSENSE),
    "agree": lambda h: bcrypt.BCryptSecretAgreement(h, h, NONSENSE),
    "derive": lambda h: bcrypt.BCryptDeriveKey(h, NONSENSE, NONSENSE, NONSENSE, NONSENSE),
}


@pytest.mark.parametrize("what", HANDLE_FIRST)
@pytest.mark.parametrize("handle", [None, 0, 2**40, "x"], ids=as_id)
def test_the_handle_is_checked_first(what: str, handle: object) -> None:
    """contract: rule-handle-first: the handle is checked before the other arguments [wine-test]."""
    refused(HANDLE_FIRST[what](handle), INVALID_HANDLE)


def test_handles_are_plain_positive_and_never_reused() -> None:
    """contract: rule-handle-value, rule-python-handles: positive ints, never reused, never 1 mod 16."""
    seen: set[int] = set()
    for _ in range(300):
        with opened("ECDSA_P256") as algorithm, empty(algorithm, 256) as key:
            for handle in (algorithm, key):
                assert type(handle) is int
                assert handle > 0
                assert handle % 16 != 1
                assert handle not in seen
                seen.add(handle)


def test_lifetimes_are_independent() -> None:
    """a key works after its provider is closed [symcrypt], a secret after both keys are destroyed [wine-test].

    contract: rule-lifetimes.
    """
    algorithm = ok(bcrypt.BCryptOpenAlgorithmProvider("ECDH"))
    key = ok(bcrypt.BCryptGenerateKeyPair(algorithm, 0))
    ok(bcrypt.BCryptCloseAlgorithmProvider(algorithm))
    ok(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_ECC_CURVE_NAME, wide("nistP256")))
    ok(bcrypt.BCryptFinalizeKeyPair(key))
    secret = ok(bcrypt.BCryptSecretAgreement(key, key))
    before = derived(secret, bcrypt.BCRYPT_KDF_RAW_SECRET)
    ok(bcrypt.BCryptDestroyKey(key))
    assert derived(secret, bcrypt.BCRYPT_KDF_RAW_SECRET) == before
    ok(bcrypt.BCryptDestroySecret(secret))


@pytest.mark.parametrize("null", [None, 0])
def test_an_optional_handle_may_be_zero(null: int | None) -> None:
    """C writes NULL or 0 where a call needs no handle (contract: rule-import, rule-export, rule-derive-capi)."""
    with opened("ECDH_P256") as algorithm, generated(algorithm, 256) as key, opened("AES") as aes:
        size = ok(bcrypt.BCryptExportKey(key, null, bcrypt.BCRYPT_ECCPUBLIC_BLOB))
        blob = bytearray(size)
        ok(bcrypt.BCryptExportKey(key, null, bcrypt.BCRYPT_ECCPUBLIC_BLOB, blob))
        ok(bcrypt.BCryptDestroyKey(ok(bcrypt.BCryptImportKeyPair(algorithm, null, bcrypt.BCRYPT_ECCPUBLIC_BLOB, blob))))
        symmetric = ok(bcrypt.BCryptGenerateSymmetricKey(aes, bytes(16)))
        blob = bytearray(ok(bcrypt.BCryptExportKey(symmetric, null, bcrypt.BCRYPT_KEY_DATA_BLOB)))
        ok(bcrypt.BCryptExportKey(symmetric, null, bcrypt.BCRYPT_KEY_DATA_BLOB, blob))
        ok(bcrypt.BCryptDestroyKey(ok(bcrypt.BCryptImportKey(aes, null, bcrypt.BCRYPT_KEY_DATA_BLOB, blob))))
        ok(bcrypt.BCryptDestroyKey(symmetric))
    state = ok(bcrypt.BCryptCreateHash(bcrypt.BCRYPT_SHA1_ALG_HANDLE))
    ok(bcrypt.BCryptDeriveKeyCapi(state, null, bytearray(20)))
    ok(bcrypt.BCryptDestroyHash(state))
    refused(bcrypt.BCryptDeriveKeyCapi(null, null, bytearray(20)), INVALID_PARAMETER)


# --------------------------------------------------------------------------------------------- 0.2 pseudo-handles


def test_pseudo_handles_are_1_mod_16() -> None:
    """contract: rule-pseudo-values [header]: fixed numbers, 1 mod 16; the table of the header has 75 of them."""
    assert len(PSEUDO_HANDLES) == 75
    assert sorted(PSEUDO_HANDLES.values()) == [16 * index + 1 for index in range(75)]
    assert bcrypt.BCRYPT_RSA_ALG_HANDLE == 0xE1
    assert bcrypt.BCRYPT_MLKEM_ALG_HANDLE == 0x481


@pytest.mark.parametrize("name", PSEUDO_HANDLES)
def test_nothing_can_be_set_on_a_pseudo_handle(name: str) -> None:
    """contract: rule-pseudo-set-property: ACCESS_DENIED [wine-test]; served or not, whatever else is passed
    (contract: rule-python-unserved).
    """
    number = PSEUDO_HANDLES[name]
    for prop, value in [
        (bcrypt.BCRYPT_ECC_CURVE_NAME, wide("nistP256")),
        (bcrypt.BCRYPT_CHAINING_MODE, wide("ChainingModeCBC")),
        ("NoSuchProperty", b""),
    ]:
        refused(bcrypt.BCryptSetProperty(number, prop, value), bcrypt.STATUS_ACCESS_DENIED)


@pytest.mark.parametrize("name", PSEUDO_HANDLES)
def test_a_pseudo_handle_cannot_be_closed(name: str) -> None:
    """contract: rule-python-unserved: closing a pseudo-handle is INVALID_HANDLE; it goes on working."""
    refused(bcrypt.BCryptCloseAlgorithmProvider(PSEUDO_HANDLES[name]), INVALID_HANDLE)


@pytest.mark.parametrize("name", NEVER_SERVED)
def test_an_unserved_pseudo_handle_is_not_supported(name: str) -> None:
    """contract: rule-python-unserved: every call but SetProperty and Close is NOT_SUPPORTED."""
    number = PSEUDO_HANDLES[name]
    refused(bcrypt.BCryptGenerateKeyPair(number, 256), NOT_SUPPORTED)
    refused(bcrypt.BCryptGetProperty(number, bcrypt.BCRYPT_ALGORITHM_NAME), NOT_SUPPORTED)
    answer = bcrypt.BCryptImportKeyPair(number, None, bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB)
    refused(answer, NOT_SUPPORTED)


@pytest.mark.parametrize("name", WITHOUT_PAIRS)
def test_a_pseudo_handle_without_key_pairs(name: str) -> None:
    """contract: rule-generate-length [doc]: an algorithm without key pairs is NOT_SUPPORTED; its name can be read."""
    number = PSEUDO_HANDLES[name]
    refused(bcrypt.BCryptGenerateKeyPair(number, 256), NOT_SUPPORTED)
    answer = bcrypt.BCryptImportKeyPair(number, None, bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB)
    refused(answer, NOT_SUPPORTED)
    assert ok(bcrypt.BCryptGetProperty(number, bcrypt.BCRYPT_ALGORITHM_NAME)) > 2


@pytest.mark.parametrize("number", [0x4B1, 0x4C1, 0x10001, 2**32 + 0xE1, 2**64 + 0xE1, -15])
def test_other_numbers_1_mod_16_are_no_handles(number: int) -> None:
    """contract: rule-pseudo-values: only the numbers of the header are pseudo-handles."""
    refused(bcrypt.BCryptSetProperty(number, bcrypt.BCRYPT_ECC_CURVE_NAME, wide("nistP256")), INVALID_HANDLE)
    refused(bcrypt.BCryptGenerateKeyPair(number, 512), INVALID_HANDLE)
    refused(bcrypt.BCryptGetProperty(number, bcrypt.BCRYPT_ALGORITHM_NAME), INVALID_HANDLE)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (bcrypt.BCRYPT_RSA_ALG_HANDLE, "RSA"),
        (bcrypt.BCRYPT_RSA_SIGN_ALG_HANDLE, "RSA_SIGN"),
        (bcrypt.BCRYPT_ECDSA_ALG_HANDLE, "ECDSA"),
        (bcrypt.BCRYPT_ECDH_ALG_HANDLE, "ECDH"),
        (bcrypt.BCRYPT_ECDSA_P256_ALG_HANDLE, "ECDSA_P256"),
        (bcrypt.BCRYPT_ECDSA_P384_ALG_HANDLE, "ECDSA_P384"),
        (bcrypt.BCRYPT_ECDSA_P521_ALG_HANDLE, "ECDSA_P521"),
        (bcrypt.BCRYPT_ECDH_P256_ALG_HANDLE, "ECDH_P256"),
        (bcrypt.BCRYPT_ECDH_P384_ALG_HANDLE, "ECDH_P384"),
        (bcrypt.BCRYPT_ECDH_P521_ALG_HANDLE, "ECDH_P521"),
    ],
)
def test_get_property_works_on_a_pseudo_handle(number: int, name: str) -> None:
    """contract: rule-pseudo-values: GetProperty works [wine-test]."""
    assert text_of(number, bcrypt.BCRYPT_ALGORITHM_NAME) == name


@pytest.mark.parametrize("number", [bcrypt.BCRYPT_ECDSA_ALG_HANDLE, bcrypt.BCRYPT_ECDH_ALG_HANDLE])
def test_a_generic_pseudo_handle_takes_the_curve_on_the_key(number: int) -> None:
    """contract: rule-pseudo-curve: the curve must go on the key [inferred; that it can, contract: rule-set-curve-name
    [app]].
    """
    with generated(number, 0, "nistP384") as key:
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == 384


def test_a_pseudo_handle_is_no_key_and_no_secret() -> None:
    """contract: rule-handle-kinds: the wrong kind is an invalid handle, for a pseudo-handle that is served too."""
    for _, kind, call in CALLS:
        if kind in ("key", "secret"):
            refused(call(bcrypt.BCRYPT_ECDH_P256_ALG_HANDLE), INVALID_HANDLE)


# ------------------------------------------------------------------------------------------------------- 1 open


@pytest.mark.parametrize(
    "name", ["", "rsa", "Rsa", "RSA ", " RSA", "RSA\0", "ecdsa_p256", "ECDSA_P224", "ÄÖ", "\ud800"]
)
def test_open_is_exact_about_the_id(name: str) -> None:
    """contract: rule-open: NOT_FOUND, no provider for that id [wine-test]; contract: rule-strings-case: the case
    counts.
    """
    refused(bcrypt.BCryptOpenAlgorithmProvider(name), bcrypt.STATUS_NOT_FOUND)


@pytest.mark.parametrize("name", [None, 0, 0xE1, b"RSA", 1.5, ["RSA"], object()], ids=as_id)
def test_open_without_an_id(name: object) -> None:
    """contract: rule-open-null: pszAlgId NULL is INVALID_PARAMETER [inferred]; wrong types likewise
    (contract: rule-python-no-raise).
    """
    refused(bcrypt.BCryptOpenAlgorithmProvider(name), INVALID_PARAMETER)


def test_open_by_implementation() -> None:
    """NULL is the default provider [doc]; each name BCryptEnumProviders opens where it works, Windows' own does.

    contract: rule-open-implementation.
    """
    verdicts = cngcore.registry.default().explain("ECDSA_P256").verdicts
    missing = {one.candidate.implementation for one in verdicts if one.candidate.unavailable() is not None}
    names = ok(bcrypt.BCryptEnumProviders("ECDSA_P256"))
    assert names[0] not in missing
    for implementation in [None, bcrypt.MS_PRIMITIVE_PROVIDER, *names]:
        if implementation in missing:  # a token that is not there, a library that is not installed
            refused(bcrypt.BCryptOpenAlgorithmProvider("ECDSA_P256", implementation), bcrypt.STATUS_NOT_FOUND)
            continue
        with opened("ECDSA_P256", implementation) as algorithm:
            assert text_of(algorithm, bcrypt.BCRYPT_ALGORITHM_NAME) == "ECDSA_P256"
    refused(bcrypt.BCryptOpenAlgorithmProvider("ECDSA_P256", "No Such Provider"), bcrypt.STATUS_NOT_FOUND)
    for wrong in (0, 7, b"x", 1.5, []):
        refused(bcrypt.BCryptOpenAlgorithmProvider("ECDSA_P256", wrong), INVALID_PARAMETER)


@pytest.mark.parametrize("name", ["RSA", "ECDSA_P256", "ECDH"])
def test_open_flags(name: str) -> None:
    """contract: rule-open-dispatch: PROV_DISPATCH is taken (contract: rule-python-dispatch), flags of hashes are
    refused, unknown bits are INVALID_PARAMETER.
    """
    with opened(name, None, bcrypt.BCRYPT_PROV_DISPATCH):
        pass
    for flag in (bcrypt.BCRYPT_ALG_HANDLE_HMAC_FLAG, bcrypt.BCRYPT_HASH_REUSABLE_FLAG, bcrypt.BCRYPT_MULTI_FLAG):
        refused(bcrypt.BCryptOpenAlgorithmProvider(name, None, flag), INVALID_PARAMETER)
    for flag in (0x200, 0x400, 0x80000000, 0xFFFFFFFE, 2**32, -1, None, "0", b"", 0.0, []):
        refused(bcrypt.BCryptOpenAlgorithmProvider(name, None, flag), INVALID_PARAMETER)


def test_each_open_has_its_own_properties() -> None:
    """a new handle with its own properties; a curve set on one does not show on another.

    contract: rule-open-properties.
    """
    with opened("ECDSA") as one, opened("ECDSA") as two, opened("ECDSA") as three:
        assert len({one, two, three}) == 3
        ok(bcrypt.BCryptSetProperty(one, bcrypt.BCRYPT_ECC_CURVE_NAME, wide("nistP256")))
        ok(bcrypt.BCryptSetProperty(two, bcrypt.BCRYPT_ECC_CURVE_NAME, wide("nistP384")))
        with empty(one, 256), empty(two, 384):
            pass
        refused(bcrypt.BCryptGenerateKeyPair(one, 384), INVALID_PARAMETER)
        with empty(three, 0) as key:
            refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)


# ------------------------------------------------------------------------------------- 2 close, 7, 8, 17 destroy


def test_close_does_not_touch_live_keys() -> None:
    """contract: rule-close: live keys are not affected; a second close is INVALID_HANDLE [wine-test]."""
    algorithm = ok(bcrypt.BCryptOpenAlgorithmProvider("ECDSA_P256"))
    with generated(algorithm, 256) as key:
        ok(bcrypt.BCryptCloseAlgorithmProvider(algorithm))
        refused(bcrypt.BCryptCloseAlgorithmProvider(algorithm), INVALID_HANDLE)
        assert ok(bcrypt.BCryptSignHash(key, None, data.HASH32, bytearray(64))) == 64


@pytest.mark.parametrize("flags", [1, 8, 0x80000000, 2**32, -1, None, "0"], ids=as_id)
def test_close_ignores_its_flags(flags: object) -> None:
    """contract: rule-close [wine-impl, client]: dwFlags is not looked at, and the handle does not leak."""
    before = handles.open_handles()
    algorithm = ok(bcrypt.BCryptOpenAlgorithmProvider("ECDSA_P256"))
    assert bcrypt.BCryptCloseAlgorithmProvider(algorithm, flags) == bcrypt.STATUS_SUCCESS
    refused(bcrypt.BCryptCloseAlgorithmProvider(algorithm), INVALID_HANDLE)
    assert handles.open_handles() == before


def test_destroy_key_in_every_state() -> None:
    """works on unfinalized keys [wine-test], on finalized and imported ones; never twice.

    contract: rule-destroy-key.
    """
    with opened("ECDSA_P256") as algorithm:
        unfinished = ok(bcrypt.BCryptGenerateKeyPair(algorithm, 256))
        finished = ok(bcrypt.BCryptGenerateKeyPair(algorithm, 256))
        ok(bcrypt.BCryptFinalizeKeyPair(finished))
        taken = ok(bcrypt.BCryptImportKeyPair(algorithm, None, bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB))
        for key in (unfinished, finished, taken):
            ok(bcrypt.BCryptDestroyKey(key))
            refused(bcrypt.BCryptDestroyKey(key), INVALID_HANDLE)


def test_duplicate_refuses_key_pairs() -> None:
    """an asymmetric handle is INVALID_HANDLE; the portable duplicate is export and import [dotnet, go].

    contract: rule-duplicate-key [doc].
    """
    with generated("ECDSA_P256", 256) as key:
        refused(bcrypt.BCryptDuplicateKey(key), INVALID_HANDLE)
        refused(bcrypt.BCryptDuplicateKey(key, 0), INVALID_HANDLE)
        blob = exported(key, bcrypt.BCRYPT_ECCPRIVATE_BLOB)
        with imported("ECDSA_P256", bcrypt.BCRYPT_ECCPRIVATE_BLOB, blob) as copy:
            signature = bytearray(64)
            ok(bcrypt.BCryptSignHash(copy, None, data.HASH32, signature))
            ok(bcrypt.BCryptVerifySignature(key, None, data.HASH32, signature))
    with empty("ECDSA_P256", 256) as key:
        refused(bcrypt.BCryptDuplicateKey(key), INVALID_HANDLE)


def test_what_is_destroyed_is_destroyed_for_every_holder() -> None:
    """The object ends with its handle, and not only when nothing refers to it any more.

    contract: rule-destroy-key, rule-destroy-secret, rule-hash.
    """
    with generated("ECDH_P256", 256) as peer, opened("SHA256") as hashing:
        key = ok(bcrypt.BCryptGenerateKeyPair(bcrypt.BCRYPT_ECDH_P256_ALG_HANDLE, 256))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        secret = ok(bcrypt.BCryptSecretAgreement(key, peer))
        state = ok(bcrypt.BCryptCreateHash(hashing))
        held_key, held_secret, held_hash = handles.keys[key], handles.secrets[secret], handles.hashes[state]
        ok(bcrypt.BCryptDestroyKey(key))
        ok(bcrypt.BCryptDestroySecret(secret))
        ok(bcrypt.BCryptDestroyHash(state))
        assert held_key.state == "destroyed"
        for use in (held_key.public, held_secret.destroy, lambda: held_secret.derive("TRUNCATE"), held_hash.finish):
            with pytest.raises(cngcore.InvalidHandleError):
                use()
        assert "destroyed" in repr(held_hash)


class Handle(IntEnum):
    """A typed handle, as ported code has it."""

    NUMBER = 0x10000


def test_a_handle_may_be_of_a_type_derived_from_int() -> None:
    """contract: rule-handle-kinds: a handle is its number, whatever the type that holds it."""

    class Typed(int):
        pass

    with (
        opened("ECDH_P256") as algorithm,
        generated(Typed(algorithm), 256) as key,
        agreed(Typed(key), Typed(key)) as secret,
        opened("SHA256") as hashing,
    ):
        assert text_of(Typed(algorithm), bcrypt.BCRYPT_ALGORITHM_NAME) == "ECDH_P256"
        assert len(exported(Typed(key), bcrypt.BCRYPT_ECCPUBLIC_BLOB)) == 72
        assert len(derived(Typed(secret), bcrypt.BCRYPT_KDF_HASH)) == 20
        state = ok(bcrypt.BCryptCreateHash(Typed(hashing)))
        ok(bcrypt.BCryptHashData(Typed(state), b"x"))
        ok(bcrypt.BCryptDestroyHash(Typed(state)))
        refused(bcrypt.BCryptHashData(Typed(state), b"x"), INVALID_HANDLE)
        more = ok(bcrypt.BCryptSecretAgreement(key, key))
        ok(bcrypt.BCryptDestroySecret(Typed(more)))
        one = ok(bcrypt.BCryptGenerateKeyPair(Typed(bcrypt.BCRYPT_ECDH_P256_ALG_HANDLE), 256))
        ok(bcrypt.BCryptDestroyKey(Typed(one)))
        ok(bcrypt.BCryptCloseAlgorithmProvider(Typed(ok(bcrypt.BCryptOpenAlgorithmProvider("RSA")))))
    refused(bcrypt.BCryptDestroyKey(Handle.NUMBER), INVALID_HANDLE)


def test_a_secret_is_destroyed_once() -> None:
    """INVALID_HANDLE for NULL or another kind [wine-test], and the second time; two secrets are two.

    contract: rule-destroy-secret.
    """
    with generated("ECDH_P256", 256) as key:
        one, two = ok(bcrypt.BCryptSecretAgreement(key, key)), ok(bcrypt.BCryptSecretAgreement(key, key))
        ok(bcrypt.BCryptDestroySecret(one))
        refused(bcrypt.BCryptDestroySecret(one), INVALID_HANDLE)
        refused(bcrypt.BCryptDestroySecret(key), INVALID_HANDLE)
        assert len(derived(two, bcrypt.BCRYPT_KDF_HASH)) == 20
        ok(bcrypt.BCryptDestroySecret(two))
