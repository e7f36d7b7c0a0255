"""Thousands of opens and closes, and the other lives: handles, memory and file descriptors stay as they were."""

import gc
import os
import sys
import tracemalloc
from collections.abc import Callable

import pytest

import cngcore
from cngcore import bcrypt
from cngcore.bcrypt import _handles as handles
from cngcore.memory import LockedBuffer
from fuzz.samples import sample

LONG = os.environ.get("CNGCORE_STRESS") == "long"


def open_and_close() -> None:
    status, handle = bcrypt.BCryptOpenAlgorithmProvider("RSA")
    assert status.is_success
    assert bcrypt.BCryptCloseAlgorithmProvider(handle).is_success


def a_key() -> None:
    with cngcore.open_algorithm_provider("ECDH_P256") as provider, provider.generate_key_pair(256) as key:
        key.finalize()
        with key.agree(key) as secret:
            secret.derive("HASH")
        key.public().destroy()


def a_key_that_is_forgotten() -> None:
    key = cngcore.generate_key_pair("ML-KEM", parameter_set="768")
    key.encapsulate()


def an_import_that_fails() -> None:
    provider = cngcore.open_algorithm_provider("ECDSA_P256")
    with pytest.raises(cngcore.CngError):
        provider.import_key_pair("ECCPUBLICBLOB", b"ECS1" + bytes(68))


def an_import() -> None:
    kind, blob = sample(0)
    provider = cngcore.open_algorithm_provider("RSA" if "RSA" in kind or "CAPI" in kind else "DH")
    try:
        provider.import_key_pair(kind, blob).destroy()
    except cngcore.NotSupportedError:
        return


def a_hash() -> None:
    with cngcore.open_algorithm_provider("SHA256") as provider, provider.create_hash() as hash:
        hash.update(b"data")
        with hash.copy() as twin:
            twin.finish()


def wrong_calls() -> None:
    assert not bcrypt.BCryptFinalizeKeyPair(12345).is_success
    assert not bcrypt.BCryptOpenAlgorithmProvider("NOPE")[0].is_success
    assert not bcrypt.BCryptGetProperty(0x331, "nope")[0].is_success


def a_locked_buffer() -> None:
    LockedBuffer(32, b"x" * 32).close()


def a_watched_key() -> None:
    with WATCHED.generate_key_pair("ECDSA_P256", 256) as key:
        key.sign_hash(bytes(32))


def a_symmetric_key() -> None:
    with cngcore.generate_symmetric_key("AES", bytes(16), mode="GCM") as key, key.copy() as twin:
        nonce = key.new_nonce()
        box = key.encrypt_authenticated(b"data", nonce)
        twin.decrypt_authenticated(box.ciphertext, nonce, box.tag)
        with key.authenticated_stream(key.new_nonce()) as stream:
            stream.update(b"a part")


def a_symmetric_handle() -> None:
    _, key = bcrypt.BCryptGenerateSymmetricKey(bcrypt.BCRYPT_AES_GCM_ALG_HANDLE, bytes(16))
    context = bytearray(16)
    info = bcrypt.BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(
        pbNonce=bytes(12), pbTag=bytearray(16), pbMacContext=context, dwFlags=bcrypt.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    )
    assert bcrypt.BCryptEncrypt(key, bytes(16), info, bytearray(16), bytearray(16))[0].is_success
    assert not bcrypt.BCryptEncrypt(key, bytes(16), None, None, bytearray(16))[0].is_success
    assert bcrypt.BCryptDestroyKey(key).is_success  # the message stays in the structure, and goes with it


def a_derivation() -> None:
    with cngcore.generate_symmetric_key("HKDF", b"secret") as key:
        key.derive(hash="SHA256", salt=b"salt", info=b"info", length=16)


WATCHED = cngcore.Registry(policies=["approved"])
LIVES: dict[Callable[[], None], int] = {
    open_and_close: 100_000,
    a_key: 1_000,
    a_key_that_is_forgotten: 200,
    an_import_that_fails: 2_000,
    an_import: 500,
    a_hash: 3_000,
    wrong_calls: 3_000,
    a_locked_buffer: 2_000,
    a_watched_key: 500,
    a_symmetric_key: 2_000,
    a_symmetric_handle: 2_000,
    a_derivation: 2_000,
}


LEAK = 200 * 16
"""Bytes left by two hundred lives that are too many."""


def resident() -> int:
    """Bytes in memory; 0 where /proc does not say."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0


def growth(live: Callable[[], None]) -> int:
    """Bytes of Python's that two hundred lives leave."""
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(200):
        live()
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


@pytest.mark.parametrize("part", [10, pytest.param(1, marks=pytest.mark.exhaustive)], ids=["a tenth", "all"])
@pytest.mark.parametrize("live", LIVES, ids=lambda live: live.__name__)
def test_nothing_is_left(live: Callable[[], None], part: int) -> None:
    times = max(100, LIVES[live] // part) * (10 if LONG else 1)
    for _ in range(max(50, times // 10)):
        live()
    gc.collect()
    held, opened, at_first = handles.open_handles(), descriptors(), resident()
    for _ in range(times):
        live()
    gc.collect()
    assert handles.open_handles() == held
    assert descriptors() == opened
    assert resident() - at_first < 6 << 20, f"{(resident() - at_first) / times:.0f} bytes each"
    tracemalloc.start()
    try:
        grown = growth(live)
        for _ in range(4):  # what leaks grows every time; caches fill, and then are full
            grown = grown if grown < LEAK else min(grown, growth(live))
    finally:
        tracemalloc.stop()
    assert grown < LEAK, f"{grown / 200:.1f} bytes of Python's each"
