"""Every sentence of the reference page of BCryptGenerateKeyPair that a test can ask, for RSA and the elliptic curves.

The page's own words head each section. Its rows for DSA, DH, ML-DSA and ML-KEM belong to providers that come later.
"""

from __future__ import annotations

import random

import pytest
from helpers import agreed, dword_of, empty, encrypted, exported, generated, ok, opened, refused, signed
from oracles.values import wide

import cngcore
from cngcore import bcrypt
from cngcore.provider import Algorithm, KeyFactory, hookimpl

RSA_LENGTHS = range(512, 16384 + 1, 64)
RSA_IDS = ["RSA", "RSA_SIGN"]
CURVE_BITS = {
    "ECDH_P256": 256,
    "ECDH_P384": 384,
    "ECDH_P521": 521,
    "ECDSA_P256": 256,
    "ECDSA_P384": 384,
    "ECDSA_P521": 521,
}
PSEUDO_HANDLES = {
    "RSA": bcrypt.BCRYPT_RSA_ALG_HANDLE,
    "RSA_SIGN": bcrypt.BCRYPT_RSA_SIGN_ALG_HANDLE,
    "ECDH_P256": bcrypt.BCRYPT_ECDH_P256_ALG_HANDLE,
    "ECDH_P384": bcrypt.BCRYPT_ECDH_P384_ALG_HANDLE,
    "ECDH_P521": bcrypt.BCRYPT_ECDH_P521_ALG_HANDLE,
    "ECDSA_P256": bcrypt.BCRYPT_ECDSA_P256_ALG_HANDLE,
    "ECDSA_P384": bcrypt.BCRYPT_ECDSA_P384_ALG_HANDLE,
    "ECDSA_P521": bcrypt.BCRYPT_ECDSA_P521_ALG_HANDLE,
}


def other_integers(legal: range | tuple[int, ...], seed: str) -> list[int]:
    """At least 2,000 integers that are not legal: neighbours of legal ones, the edges of C types, and a spread."""
    rng = random.Random(seed)
    chosen = {
        0,
        -1,
        1,
        2**31 - 1,
        2**31,
        2**32 - 1,
        2**32,
        2**32 + 1,
        -(2**31),
        -(2**32),
        2**63,
        2**64,
        10**30,
        -(10**30),
    }
    for length in legal:
        chosen.update((length - 1, length + 1, length - 64, length + 64, -length, length + 2**32, length * 256))
        chosen.update((length // 8, length ^ 32, length << 32))
    while len(chosen - set(legal)) < 2600:
        chosen.add(rng.randrange(0, 20000))
        chosen.add(rng.randrange(-(2**33), 2**33))
        chosen.add(rng.getrandbits(rng.randrange(1, 200)))
    return sorted(chosen - set(legal))


# ------------------------------------------------------------------- "creates an empty public/private key pair"


@pytest.mark.parametrize(("name", "bits"), [("RSA", 512), ("RSA_SIGN", 512), *CURVE_BITS.items()])
def test_the_key_is_empty_and_cannot_be_used_until_it_is_finalized(name: str, bits: int) -> None:
    """ "the key cannot be used until the BCryptFinalizeKeyPair function is called".

    contract: rule-life-unfinalized.
    """
    with empty(name, bits) as key:
        sha1 = bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA1")
        rsa = name in RSA_IDS
        padding, flags = (sha1, bcrypt.BCRYPT_PAD_PKCS1) if rsa else (None, 0)
        unusable = {
            "export": lambda: bcrypt.BCryptExportKey(
                key, None, bcrypt.BCRYPT_RSAPUBLIC_BLOB if rsa else bcrypt.BCRYPT_ECCPUBLIC_BLOB
            ),
            "sign": lambda: bcrypt.BCryptSignHash(key, padding, bytes(20), bytearray(200), flags),
            "verify": lambda: bcrypt.BCryptVerifySignature(key, padding, bytes(20), bytes(64), flags),
            "encrypt": lambda: bcrypt.BCryptEncrypt(key, bytes(64), None, None, bytearray(64), bcrypt.BCRYPT_PAD_NONE),
            "decrypt": lambda: bcrypt.BCryptDecrypt(key, bytes(64), None, None, bytearray(64), bcrypt.BCRYPT_PAD_NONE),
            "agree": lambda: bcrypt.BCryptSecretAgreement(key, key),
        }
        for what, call in unusable.items():
            answer = call()
            assert (answer if isinstance(answer, bcrypt.NTStatus) else answer[0]) == bcrypt.STATUS_INVALID_HANDLE, what
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        if "ECDH" in name:
            with agreed(key, key):
                pass
        else:
            signature = signed(key, bytes(range(20)), padding, flags)
            ok(bcrypt.BCryptVerifySignature(key, padding, bytes(range(20)), signature, flags))


def test_after_creation_set_property_sets_its_properties() -> None:
    """ "After you create a key ..., you can use the BCryptSetProperty function to set its properties"."""
    with empty("RSA", 512) as key:
        ok(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_KEY_LENGTH, (576).to_bytes(4, "little")))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == 576
    with empty("ECDH", 0) as key:
        ok(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_ECC_CURVE_NAME, wide("nistP384")))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == 384


# --------------------------------------------------------------------------------------- hAlgorithm [in, out]


@pytest.mark.parametrize("name", [*RSA_IDS, *CURVE_BITS])
def test_the_handle_is_of_open_algorithm_provider(name: str) -> None:
    """ "This handle is obtained by calling the BCryptOpenAlgorithmProvider function"."""
    with generated(name, CURVE_BITS.get(name, 512)) as key:
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == CURVE_BITS.get(name, 512)


@pytest.mark.parametrize("name", PSEUDO_HANDLES)
def test_the_handle_may_be_a_pseudo_handle(name: str) -> None:
    """ "or may be a CNG Algorithm Pseudo-handle"."""
    with generated(PSEUDO_HANDLES[name], CURVE_BITS.get(name, 512)) as key:
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == CURVE_BITS.get(name, 512)


# -------------------------------------------------------------------------------------------------- phKey [out]


def test_the_key_handle_is_used_in_subsequent_functions() -> None:
    """ "This handle is used in subsequent functions that require a key, such as BCryptEncrypt"."""
    with generated("RSA", 512) as key:
        assert len(encrypted(key, b"text", None, bcrypt.BCRYPT_PAD_PKCS1)) == 64


def test_the_key_handle_is_released_by_destroy_key() -> None:
    """ "This handle must be released ... by passing it to the BCryptDestroyKey function": once, and then it is gone."""
    with opened("ECDSA_P256") as algorithm:
        for finalize in (False, True):
            key = ok(bcrypt.BCryptGenerateKeyPair(algorithm, 256))
            if finalize:
                ok(bcrypt.BCryptFinalizeKeyPair(key))
            ok(bcrypt.BCryptDestroyKey(key))
            refused(bcrypt.BCryptDestroyKey(key), bcrypt.STATUS_INVALID_HANDLE)


# ------------------------------------------------------------------------------------------------ dwLength [in]


@pytest.mark.parametrize("name", RSA_IDS)
def test_every_legal_rsa_length_is_accepted(name: str) -> None:
    """ "greater than or equal to 512 bits, less than or equal to 16384 bits, and must be a multiple of 64"."""
    assert len(RSA_LENGTHS) == 249
    with opened(name) as algorithm:
        for bits in RSA_LENGTHS:
            key = ok(bcrypt.BCryptGenerateKeyPair(algorithm, bits))
            assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == bits
            ok(bcrypt.BCryptDestroyKey(key))


@pytest.mark.parametrize("name", RSA_IDS)
def test_every_other_rsa_length_is_refused(name: str) -> None:
    """The same sentence, from the other side; STATUS_INVALID_PARAMETER, "One or more parameters are not valid"."""
    others = other_integers(tuple(RSA_LENGTHS), name)
    assert len(others) >= 2000
    with opened(name) as algorithm:
        wrong = [
            n for n in others if bcrypt.BCryptGenerateKeyPair(algorithm, n) != (bcrypt.STATUS_INVALID_PARAMETER, None)
        ]
        assert wrong == []


@pytest.mark.parametrize(("name", "bits"), CURVE_BITS.items())
def test_the_exact_length_of_a_fixed_curve_is_accepted(name: str, bits: int) -> None:
    """ "The key size must be 256 (384, 521) bits"."""
    with empty(name, bits) as key:
        assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == bits


@pytest.mark.parametrize(("name", "bits"), CURVE_BITS.items())
def test_every_other_length_of_a_fixed_curve_is_refused(name: str, bits: int) -> None:
    """The same sentence, from the other side."""
    others = other_integers((bits,), name)
    assert len(others) >= 2000
    with opened(name) as algorithm:
        wrong = [
            n for n in others if bcrypt.BCryptGenerateKeyPair(algorithm, n) != (bcrypt.STATUS_INVALID_PARAMETER, None)
        ]
        assert wrong == []


@pytest.mark.parametrize("length", [None, "512", b"512", 512.0, [512], object()], ids=lambda v: type(v).__name__)
def test_a_length_of_a_wrong_type_is_refused(length: object) -> None:
    """contract: rule-python-no-raise: a wrong Python type is INVALID_PARAMETER where no handle belongs."""
    with opened("RSA") as algorithm:
        refused(bcrypt.BCryptGenerateKeyPair(algorithm, length), bcrypt.STATUS_INVALID_PARAMETER)


# ------------------------------------------------------------------------------------------------- dwFlags [in]


@pytest.mark.parametrize("name", [*RSA_IDS, *CURVE_BITS, "ECDSA", "ECDH"])
def test_flags_can_be_zero_and_nothing_else_here(name: str) -> None:
    """ "This can be zero or the following value: BCRYPT_NO_KEY_VALIDATION ... Only currently supported for ML-KEM"."""
    bits = 0 if name in ("ECDSA", "ECDH") else CURVE_BITS.get(name, 512)
    with opened(name) as algorithm:
        ok(bcrypt.BCryptDestroyKey(ok(bcrypt.BCryptGenerateKeyPair(algorithm, bits, 0))))
        others = [bcrypt.BCRYPT_NO_KEY_VALIDATION, *(1 << bit for bit in range(32)), 0x18, 0xFFFFFFFF, 2**32, -1]
        for flags in others:
            refused(bcrypt.BCryptGenerateKeyPair(algorithm, bits, flags), bcrypt.STATUS_INVALID_PARAMETER)
        for flags in (None, "0", b"\0", 0.0, []):
            refused(bcrypt.BCryptGenerateKeyPair(algorithm, bits, flags), bcrypt.STATUS_INVALID_PARAMETER)


# ------------------------------------------------------------------------------------------------- return codes


def test_status_success() -> None:
    """ "The function was successful": the status is 0 and success, and a key came with it."""
    with opened("ECDH_P384") as algorithm:
        status, key = bcrypt.BCryptGenerateKeyPair(algorithm, 384)
        assert status == 0
        assert status is bcrypt.STATUS_SUCCESS
        assert status.is_success
        assert isinstance(key, int)
        assert key > 0
        ok(bcrypt.BCryptDestroyKey(key))


def test_status_invalid_handle() -> None:
    """ "The algorithm handle in the hAlgorithm parameter is not valid"."""
    with opened("RSA") as algorithm, generated("ECDH_P256", 256) as key, agreed(key, key) as secret:
        closed = ok(bcrypt.BCryptOpenAlgorithmProvider("RSA"))
        ok(bcrypt.BCryptCloseAlgorithmProvider(closed))
        wrong = [
            None,
            0,
            closed,
            key,
            secret,
            algorithm + 8,
            algorithm + 1,
            -algorithm,
            2**70,
            "RSA",
            b"",
            1.5,
            [],
            object(),
        ]
        for handle in wrong:
            refused(bcrypt.BCryptGenerateKeyPair(handle, 512), bcrypt.STATUS_INVALID_HANDLE)


@pytest.mark.parametrize("number", [bcrypt.BCRYPT_AES_CBC_ALG_HANDLE, bcrypt.BCRYPT_CAPI_KDF_ALG_HANDLE])
def test_status_not_supported_of_a_pseudo_handle(number: int) -> None:
    """ "The specified algorithm does not use asymmetric key pairs", asked of ciphers and KDFs.

    contract: rule-python-unserved.
    """
    refused(bcrypt.BCryptGenerateKeyPair(number, 512), bcrypt.STATUS_NOT_SUPPORTED)


class ToyHash:
    """A plug-in with an algorithm that has no key pairs."""

    @hookimpl
    def cngcore_register_algorithms(self) -> list[Algorithm]:
        return [Algorithm("TOYHASH", "toy", operations={"hash"}, factory=KeyFactory)]


def test_status_not_supported_of_an_opened_algorithm() -> None:
    """ "The specified algorithm does not use asymmetric key pairs": whatever length and flags are asked for."""
    registry = cngcore.Registry(discover=False)
    registry.register(ToyHash())
    with cngcore.registry.using(registry), opened("TOYHASH") as algorithm:
        for length in (0, 256, 512, 2**32, None):
            for flags in (0, bcrypt.BCRYPT_NO_KEY_VALIDATION, 0x80000000):
                refused(bcrypt.BCryptGenerateKeyPair(algorithm, length, flags), bcrypt.STATUS_NOT_SUPPORTED)


# ------------------------------------------------------------------------------------------------------ remarks


def test_the_caller_releases_the_key() -> None:
    """ "The caller should release phKey with BCryptDestroyKey": closing the provider does not do it."""
    algorithm = ok(bcrypt.BCryptOpenAlgorithmProvider("ECDSA_P256"))
    key = ok(bcrypt.BCryptGenerateKeyPair(algorithm, 256))
    ok(bcrypt.BCryptCloseAlgorithmProvider(algorithm))
    ok(bcrypt.BCryptFinalizeKeyPair(key))
    assert len(exported(key, bcrypt.BCRYPT_ECCPUBLIC_BLOB)) == 72
    ok(bcrypt.BCryptDestroyKey(key))


@pytest.mark.parametrize("name", [*RSA_IDS, *CURVE_BITS, "ECDSA", "ECDH"])
def test_a_provider_may_be_opened_for_dispatch_level(name: str) -> None:
    """ "must have been opened by using the BCRYPT_PROV_DISPATCH flag": every provider of ours opens so.

    contract: rule-python-dispatch.
    """
    with opened(name, None, bcrypt.BCRYPT_PROV_DISPATCH) as algorithm:
        bits = 0 if name in ("ECDSA", "ECDH") else CURVE_BITS.get(name, 512)
        with empty(algorithm, bits):
            pass


def test_each_finalized_pair_is_a_new_one() -> None:
    """A key pair is created, not found: two of them differ."""
    for name, bits, blob_type in [
        ("RSA", 512, bcrypt.BCRYPT_RSAPUBLIC_BLOB),
        ("ECDSA_P256", 256, bcrypt.BCRYPT_ECCPUBLIC_BLOB),
    ]:
        with opened(name) as algorithm, generated(algorithm, bits) as one, generated(algorithm, bits) as two:
            assert exported(one, blob_type) != exported(two, blob_type)
