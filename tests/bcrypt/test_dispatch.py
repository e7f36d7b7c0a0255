"""The remarks of the page: what may be called at DISPATCH_LEVEL, on which handles, with which memory."""

import asyncio
import subprocess
import sys
import threading

import pytest

import cngcore
from cngcore import irql
from cngcore.bcrypt import *
from cngcore.bcrypt import BCryptBuffer
from cngcore.memory import LockedBuffer
from cngcore.provider import Algorithm, ExactLength, hookimpl

ALGORITHMS = sorted(cngcore.registry.default().algorithms())


@pytest.fixture
def opened():
    """An ECDSA_P256 provider opened with the flag, and one without."""
    _, with_flag = BCryptOpenAlgorithmProvider("ECDSA_P256", None, BCRYPT_PROV_DISPATCH)
    _, without = BCryptOpenAlgorithmProvider("ECDSA_P256")
    yield with_flag, without
    BCryptCloseAlgorithmProvider(with_flag)
    BCryptCloseAlgorithmProvider(without)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_provider_of_ours_opens_with_the_flag(name):
    """contract: rule-python-dispatch: in user mode every provider of ours opens with BCRYPT_PROV_DISPATCH."""
    status, handle = BCryptOpenAlgorithmProvider(name, None, BCRYPT_PROV_DISPATCH)
    assert status == STATUS_SUCCESS
    assert BCryptCloseAlgorithmProvider(handle) == STATUS_SUCCESS


def test_a_provider_that_does_not_declare_it_is_refused():
    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            return [Algorithm("TOY", "toy", {"sign"}, ExactLength(8), factory="nowhere:Factory")]

    registry = cngcore.Registry(discover=False)
    registry.register(Plugin())
    with cngcore.registry.using(registry):
        assert BCryptOpenAlgorithmProvider("TOY", None, BCRYPT_PROV_DISPATCH) == (STATUS_NOT_SUPPORTED, None)
        status, handle = BCryptOpenAlgorithmProvider("TOY")
        assert status == STATUS_SUCCESS
        BCryptCloseAlgorithmProvider(handle)


def test_the_life_of_a_key_at_dispatch_level(opened):
    provider, _ = opened
    with irql.at(irql.DISPATCH_LEVEL), LockedBuffer(32, b"d" * 32) as digest, LockedBuffer(64) as signature:
        status, key = BCryptGenerateKeyPair(provider, 256)
        assert status == STATUS_SUCCESS
        assert BCryptFinalizeKeyPair(key) == STATUS_SUCCESS
        assert BCryptSignHash(key, None, digest, signature) == (STATUS_SUCCESS, 64)
        assert BCryptVerifySignature(key, None, digest, signature) == STATUS_SUCCESS
        with LockedBuffer(72) as blob:
            assert BCryptExportKey(key, None, "ECCPUBLICBLOB", blob) == (STATUS_SUCCESS, 72)
            status, public = BCryptImportKeyPair(provider, None, "ECCPUBLICBLOB", blob)
            assert status == STATUS_SUCCESS
            assert BCryptDestroyKey(public) == STATUS_SUCCESS
        assert BCryptDestroyKey(key) == STATUS_SUCCESS


def test_a_handle_opened_without_the_flag_is_refused(opened):
    _, provider = opened
    _, key = BCryptGenerateKeyPair(provider, 256)
    _, finalized = BCryptGenerateKeyPair(provider, 256)
    BCryptFinalizeKeyPair(finalized)
    with irql.at(irql.DISPATCH_LEVEL), LockedBuffer(64) as memory:
        assert BCryptGenerateKeyPair(provider, 256) == (STATUS_INVALID_HANDLE, None)
        assert BCryptGenerateKeyPair(BCRYPT_ECDSA_P256_ALG_HANDLE, 256) == (STATUS_INVALID_HANDLE, None)
        assert BCryptImportKeyPair(provider, None, "ECCPUBLICBLOB", memory) == (STATUS_INVALID_HANDLE, None)
        assert BCryptGetProperty(provider, "AlgorithmName")[0] == STATUS_INVALID_HANDLE
        assert BCryptFinalizeKeyPair(key) == STATUS_INVALID_HANDLE
        assert BCryptSignHash(finalized, None, memory, memory)[0] == STATUS_INVALID_HANDLE
        assert BCryptVerifySignature(finalized, None, memory, memory) == STATUS_INVALID_HANDLE
        assert BCryptExportKey(finalized, None, "ECCPUBLICBLOB", memory)[0] == STATUS_INVALID_HANDLE
        assert BCryptSetProperty(key, "KeyLength", 256) == STATUS_INVALID_HANDLE
        assert BCryptDestroyKey(key) == STATUS_INVALID_HANDLE
    assert BCryptFinalizeKeyPair(key) == STATUS_SUCCESS, "it was refused, and is as it was"
    for handle in (key, finalized):
        assert BCryptDestroyKey(handle) == STATUS_SUCCESS


def test_memory_that_is_not_locked_is_refused(opened):
    provider, _ = opened
    _, key = BCryptGenerateKeyPair(provider, 256)
    BCryptFinalizeKeyPair(key)
    paged = bytearray(72)
    with irql.at(irql.DISPATCH_LEVEL), LockedBuffer(72) as locked:
        assert BCryptSignHash(key, None, bytes(32), locked)[0] == STATUS_INVALID_PARAMETER
        assert BCryptSignHash(key, None, locked, paged)[0] == STATUS_INVALID_PARAMETER
        assert BCryptVerifySignature(key, None, bytes(32), locked) == STATUS_INVALID_PARAMETER
        assert BCryptExportKey(key, None, "ECCPUBLICBLOB", paged)[0] == STATUS_INVALID_PARAMETER
        assert BCryptImportKeyPair(provider, None, "ECCPUBLICBLOB", paged)[0] == STATUS_INVALID_PARAMETER
        assert BCryptGetProperty(key, "KeyStrength", bytearray(4))[0] == STATUS_INVALID_PARAMETER
        assert BCryptGetProperty(key, "KeyStrength", memoryview(locked)[:4]) == (STATUS_SUCCESS, 4)
    assert not any(paged)
    assert BCryptSignHash(key, None, bytes(32), bytearray(64))[0] == STATUS_SUCCESS
    BCryptDestroyKey(key)


def test_agreement_and_derivation_at_dispatch_level():
    _, provider = BCryptOpenAlgorithmProvider("ECDH_P256", None, BCRYPT_PROV_DISPATCH)
    with irql.at(irql.DISPATCH_LEVEL), LockedBuffer(32) as derived:
        _, key = BCryptGenerateKeyPair(provider, 256)
        BCryptFinalizeKeyPair(key)
        status, secret = BCryptSecretAgreement(key, key)
        assert status == STATUS_SUCCESS
        parameters = [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA256")]
        assert BCryptDeriveKey(secret, "HASH", parameters, derived) == (STATUS_SUCCESS, 32)
        assert BCryptDeriveKey(secret, "HASH", parameters, bytearray(32))[0] == STATUS_INVALID_PARAMETER
        assert BCryptDestroySecret(secret) == STATUS_SUCCESS
        BCryptDestroyKey(key)
    assert BCryptCloseAlgorithmProvider(provider) == STATUS_SUCCESS


def test_what_exists_at_passive_level_only_is_refused(opened):
    provider, _ = opened
    with irql.at(irql.DISPATCH_LEVEL):
        assert BCryptOpenAlgorithmProvider("RSA", None, BCRYPT_PROV_DISPATCH) == (STATUS_NOT_SUPPORTED, None)
        assert BCryptCloseAlgorithmProvider(provider) == STATUS_NOT_SUPPORTED
        assert BCryptEnumAlgorithms() == (STATUS_NOT_SUPPORTED, None)
        assert BCryptEnumProviders("RSA") == (STATUS_NOT_SUPPORTED, None)
        assert BCryptEnumRegisteredProviders() == (STATUS_NOT_SUPPORTED, None)


def test_nothing_may_be_called_above_dispatch_level(opened):
    provider, _ = opened
    with irql.at(irql.DISPATCH_LEVEL + 1):
        assert BCryptGenerateKeyPair(provider, 256) == (STATUS_NOT_SUPPORTED, None)


def test_apc_level_asks_nothing(opened):
    _, provider = opened
    with irql.at(irql.APC_LEVEL):
        status, key = BCryptGenerateKeyPair(provider, 256)
        assert status == STATUS_SUCCESS
        BCryptDestroyKey(key)


def test_closing_while_a_key_lives_is_refused(opened):
    """docs/decisions/dispatch-level.md; without the flag a key outlives its provider (contract: rule-lifetimes)."""
    _, provider = BCryptOpenAlgorithmProvider("ECDSA_P256", None, BCRYPT_PROV_DISPATCH)
    _, one = BCryptGenerateKeyPair(provider, 256)
    _, two = BCryptGenerateKeyPair(provider, 256)
    BCryptFinalizeKeyPair(two)
    for key in (one, two):
        assert BCryptCloseAlgorithmProvider(provider) == STATUS_INVALID_HANDLE
        assert BCryptGetProperty(provider, "AlgorithmName")[0] == STATUS_SUCCESS, "it stays open"
        assert BCryptDestroyKey(key) == STATUS_SUCCESS
    assert BCryptCloseAlgorithmProvider(provider) == STATUS_SUCCESS


def test_a_secret_holds_its_provider_open_too():
    provider = cngcore.open_algorithm_provider("ECDH_P256", flags=BCRYPT_PROV_DISPATCH)
    with provider.generate_key_pair(256) as key:
        key.finalize()
        secret = key.agree(key)
    with pytest.raises(cngcore.InvalidHandleError):
        provider.close()
    secret.destroy()
    provider.close()


def test_a_hash_holds_its_provider_open_until_it_is_destroyed():
    provider = cngcore.open_algorithm_provider("SHA256", flags=BCRYPT_PROV_DISPATCH)
    state = provider.create_hash()
    with pytest.raises(cngcore.InvalidHandleError):
        provider.close()
    state.destroy()  # and stays in our hands
    provider.close()


def test_a_key_that_was_dropped_holds_nothing_open():
    with cngcore.open_algorithm_provider("ECDSA_P256", flags=BCRYPT_PROV_DISPATCH) as provider:
        provider.generate_key_pair(256)
    assert provider.closed


def test_the_level_belongs_to_the_thread(opened):
    _, provider = opened
    answers = []
    with irql.at(irql.DISPATCH_LEVEL):
        thread = threading.Thread(target=lambda: answers.append(BCryptGenerateKeyPair(provider, 256)))
        thread.start()
        thread.join()
    assert answers[0][0] == STATUS_SUCCESS
    BCryptDestroyKey(answers[0][1])


def test_the_level_belongs_to_the_task():
    async def raised(ready, done):
        with irql.at(irql.DISPATCH_LEVEL):
            ready.set()
            await done.wait()
            return irql.current()

    async def main():
        ready, done = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(raised(ready, done))
        await ready.wait()
        here = irql.current()
        done.set()
        return here, await task

    assert asyncio.run(main()) == (irql.PASSIVE_LEVEL, irql.DISPATCH_LEVEL)


def test_a_level_is_raised_and_never_lowered():
    with irql.at(irql.DISPATCH_LEVEL), pytest.raises(cngcore.InvalidParameterError), irql.at(irql.PASSIVE_LEVEL):
        pass
    assert irql.current() == irql.PASSIVE_LEVEL
    assert irql.raised == 0
    for wrong in (-1, 32, "2", True, None):
        with pytest.raises(cngcore.InvalidParameterError):
            irql.at(wrong)


QUIET = """
import sys
from cngcore.bcrypt import *
from cngcore.memory import LockedBuffer

name = sys.argv[1]
status, provider = BCryptOpenAlgorithmProvider(name, None, BCRYPT_PROV_DISPATCH)
assert status == STATUS_SUCCESS
events = []
sys.addaudithook(lambda event, args: events.append((event, args[0])) if event in ("import", "open") else None)

def ok(answer):
    status = answer[0] if isinstance(answer, tuple) else answer
    assert status == STATUS_SUCCESS, (status, events)
    return answer[1] if isinstance(answer, tuple) else None

HASHES = ("MD5", "SHA1", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE128", "SHAKE256")
if name in HASHES:
    _, keyed = BCryptOpenAlgorithmProvider(name, None, BCRYPT_PROV_DISPATCH | BCRYPT_ALG_HANDLE_HMAC_FLAG)
    del events[:]
    for handle in filter(None, (provider, keyed)):
        size = bytearray(ok(BCryptGetProperty(handle, "HashDigestLength")))
        ok(BCryptGetProperty(handle, "HashDigestLength", size))
        state = ok(BCryptCreateHash(handle, b"key" if handle == keyed else None))
        ok(BCryptHashData(state, b"data"))
        twin = ok(BCryptDuplicateHash(state))
        ok(BCryptFinishHash(state, bytearray(size[0])))
        ok(BCryptHash(handle, None, b"data", bytearray(size[0])))
        ok(BCryptDestroyHash(state))
        ok(BCryptDestroyHash(twin))
    assert not events, events
    sys.exit()
if name == "RNG":
    ok(BCryptGenRandom(provider, bytearray(16)))
    ok(BCryptGenRandom(None, bytearray(16), BCRYPT_USE_SYSTEM_PREFERRED_RNG))
    assert not events, events
    sys.exit()
if name in ("ECDSA", "ECDH"):
    ok(BCryptSetProperty(provider, "ECCCurveName", "nistP256"))
    names = bytearray(ok(BCryptGetProperty(provider, "ECCCurveNameList")))
    ok(BCryptGetProperty(provider, "ECCCurveNameList", names))
lengths = {"RSA": 1024, "RSA_SIGN": 512, "ECDSA": 0, "ECDH": 0, "DSA": 512, "DH": 768, "ML-KEM": 0, "ML-DSA": 0}
length = lengths[name] if "_P" not in name else int(name[-3:])
SETS = {"ML-KEM": ("512", "768", "1024"), "ML-DSA": ("44", "65", "87")}
if name in SETS:
    for each in SETS[name]:
        key = ok(BCryptGenerateKeyPair(provider, 0))
        ok(BCryptSetProperty(key, "ParameterSetName", each))
        ok(BCryptFinalizeKeyPair(key))
        family = "MLKEM" if name == "ML-KEM" else "PQDSA"
        for kind in (f"{family}PUBLICBLOB", f"{family}PRIVATEBLOB", f"{family}PRIVATESEEDBLOB"):
            blob = bytearray(ok(BCryptExportKey(key, None, kind)))
            ok(BCryptExportKey(key, None, kind, blob))
            again = ok(BCryptImportKeyPair(provider, None, kind, blob))
            if name == "ML-KEM":
                _, secret_size, size = BCryptEncapsulate(again)
                secret, ciphertext = bytearray(secret_size), bytearray(size)
                ok(BCryptEncapsulate(again, secret, ciphertext))
                ok(BCryptDecapsulate(key, ciphertext, secret))
            else:
                signature = bytearray(ok(BCryptSignHash(again, None, b"m")))
                for info, flags, message in (
                    (None, 0, b"message"), (None, BCRYPT_MLDSA_EXTERNAL_MU, bytes(64)),
                    (BCRYPT_PQDSA_PADDING_INFO(b"context", "SHA512"), BCRYPT_PAD_PQDSA, bytes(64)),
                ):
                    ok(BCryptSignHash(key, info, message, signature, flags))
                    ok(BCryptVerifySignature(again, info, message, signature, flags))
            ok(BCryptDestroyKey(again))
        ok(BCryptDestroyKey(key))
    ok(BCryptCloseAlgorithmProvider(provider))
    assert not events, events
    sys.exit()
key = ok(BCryptGenerateKeyPair(provider, length))
ok(BCryptFinalizeKeyPair(key))
rsa = name.startswith("RSA")
families = ("RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "CAPIPRIVATEBLOB") if rsa else (
    (f"{name}PUBLICBLOB", f"{name}PRIVATEBLOB") if name in ("DSA", "DH") else
    ("ECCPUBLICBLOB", "ECCPRIVATEBLOB", "ECCFULLPUBLICBLOB", "ECCFULLPRIVATEBLOB"))
for kind in families:
    blob = bytearray(ok(BCryptExportKey(key, None, kind)))
    ok(BCryptExportKey(key, None, kind, blob))
    ok(BCryptDestroyKey(ok(BCryptImportKeyPair(provider, None, kind, blob))))
for prop in ("AlgorithmName", "KeyStrength", "KeyLength", "ProviderHandle"):
    ok(BCryptGetProperty(key, prop, bytearray(64)))
if name in ("DSA", "DH"):
    ok(BCryptGetProperty(key, f"{name}Parameters"))
elif not rsa:
    ok(BCryptGetProperty(key, "ECCParameters"))
if name.endswith("DH") or "ECDH" in name:
    secret = ok(BCryptSecretAgreement(key, key))
    for kdf in ("HASH", "TRUNCATE"):
        ok(BCryptDeriveKey(secret, kdf, [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA384")]))
    ok(BCryptDeriveKey(secret, "HMAC", [BCryptBuffer(KDF_HMAC_KEY, b"k")]))
    label_and_seed = [BCryptBuffer(KDF_TLS_PRF_LABEL, b"l"), BCryptBuffer(KDF_TLS_PRF_SEED, bytes(64))]
    ok(BCryptDeriveKey(secret, "TLS_PRF", label_and_seed))
    three = [BCryptBuffer(t, b"x") for t in (KDF_ALGORITHMID, KDF_PARTYUINFO, KDF_PARTYVINFO)]
    ok(BCryptDeriveKey(secret, "SP800_56A_CONCAT", three))
    ok(BCryptSetProperty(secret, "HkdfHashAlgorithm", "SHA256"))
    ok(BCryptSetProperty(secret, "HkdfSaltAndFinalize", b"s"))
    ok(BCryptDeriveKey(secret, "HKDF", None, bytearray(40)))
    ok(BCryptDestroySecret(secret))
elif not rsa:
    signature = bytearray(200)
    digest = bytes(20 if name == "DSA" else 32)
    size = ok(BCryptSignHash(key, None, digest, signature))
    ok(BCryptVerifySignature(key, None, digest, signature[:size]))
else:
    pss, pkcs1 = BCRYPT_PSS_PADDING_INFO("SHA1", 8), BCRYPT_PKCS1_PADDING_INFO("SHA1")
    for info, flags in ((pss, BCRYPT_PAD_PSS), (pkcs1, BCRYPT_PAD_PKCS1)):
        signature = bytearray(length // 8)
        ok(BCryptSignHash(key, info, bytes(20), signature, flags))
        ok(BCryptVerifySignature(key, info, bytes(20), signature, flags))
    if name == "RSA":
        for info, flags in ((BCRYPT_OAEP_PADDING_INFO("SHA1"), BCRYPT_PAD_OAEP), (None, BCRYPT_PAD_PKCS1)):
            ciphertext = bytearray(length // 8)
            ok(BCryptEncrypt(key, b"hello", info, None, ciphertext, flags))
            ok(BCryptDecrypt(key, ciphertext, info, None, bytearray(64), flags))
        ok(BCryptEncrypt(key, bytes(length // 8), None, None, ciphertext, BCRYPT_PAD_NONE))
        ok(BCryptDecrypt(key, ciphertext, None, None, bytearray(length // 8), BCRYPT_PAD_NONE))
assert BCryptSignHash(99, None, b"") == (STATUS_INVALID_HANDLE, None)
with LockedBuffer(16):
    pass
ok(BCryptDestroyKey(key))
ok(BCryptCloseAlgorithmProvider(provider))
assert not events, events
"""


QUIET_FOR = (
    "RSA", "ECDSA", "ECDH", "DSA", "DH", "SHA256", "RNG",
    *(pytest.param(name, marks=pytest.mark.exhaustive) for name in (
        "ECDSA_P384", "ECDH_P521", "ML-KEM", "ML-DSA", "SHA3-384", "SHAKE128",
    )),
)  # fmt: skip
"""One of each factory and way to use it; the others differ in a curve or a digest length, and open in the test above.
Those of ML-KEM and ML-DSA are in tests/families/test_seeded.py.

Each takes a process of its own, because what one imports the next would not."""


@pytest.mark.parametrize("name", QUIET_FOR)
def test_with_the_flag_nothing_is_imported_or_read_after_the_open(name):
    """A provider opened with BCRYPT_PROV_DISPATCH is loaded whole: the interpreter's audit events tell."""
    run = subprocess.run([sys.executable, "-c", QUIET, name], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
