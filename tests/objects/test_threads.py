"""Keys under several threads: one finalize wins, a destroyed key lets running operations end, nothing is mixed up."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import cngcore
from cngcore import bcrypt
from cngcore.bcrypt import _handles as handles
from cngcore.provider import Algorithm, ExactLength, KeyFactory, KeyMaterial, hookimpl

ROUNDS = 200


class Slow(KeyMaterial):
    has_private = True
    signature_length = 1
    started = threading.Event()
    go_on = threading.Event()

    def sign_hash(self, digest, padding):
        self.started.set()
        self.go_on.wait(10)
        return b"s"


class SlowFactory(KeyFactory):
    made = 0

    def generate(self, request):
        type(self).made += 1
        time.sleep(0.002)
        return Slow()


def slow_registry():
    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            return [Algorithm("TOY", "toy", {"sign"}, ExactLength(8), factory=SlowFactory)]

    registry = cngcore.Registry(discover=False)
    registry.register(Plugin())
    return registry


def test_of_many_threads_one_finalizes():
    provider = slow_registry().open_algorithm_provider("TOY")
    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            SlowFactory.made = 0
            key = provider.generate_key_pair(8)
            barrier = threading.Barrier(8)

            def finalize(key=key, barrier=barrier):
                barrier.wait()
                try:
                    key.finalize()
                    return True
                except cngcore.InvalidHandleError:
                    return False

            outcomes = list(pool.map(lambda _: finalize(), range(8)))
            assert outcomes.count(True) == 1
            assert SlowFactory.made == 1
            assert key.state == "finalized"


def test_a_key_destroyed_under_use_lets_the_operation_end():
    key = slow_registry().open_algorithm_provider("TOY").generate_key_pair(8)
    key.finalize()
    Slow.started.clear()
    Slow.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        signature = pool.submit(key.sign_hash, b"x")
        assert Slow.started.wait(10)
        key.destroy()
        assert key.state == "destroyed"
        Slow.go_on.set()
        assert signature.result(10) == b"s"


def test_a_key_destroyed_while_it_is_made_is_not_made():
    provider = slow_registry().open_algorithm_provider("TOY")
    outcomes = set()
    for _ in range(20):
        key = provider.generate_key_pair(8)
        thread = threading.Thread(target=lambda key=key: outcomes.add(_finalize(key)))
        thread.start()
        time.sleep(0.0005)
        key.destroy()
        thread.join()
        assert key.state == "destroyed"
        assert key._material is None
    assert "InvalidHandleError" in outcomes


def _finalize(key):
    try:
        key.finalize()
        return "done"
    except cngcore.CngError as error:
        return type(error).__name__


def test_the_flat_api_gives_each_thread_its_own_handles():
    before = handles.open_handles()

    def cycle(_):
        seen = []
        _, provider = bcrypt.BCryptOpenAlgorithmProvider("ECDSA_P256")
        for _ in range(ROUNDS):
            status, key = bcrypt.BCryptGenerateKeyPair(provider, 256)
            assert status == 0
            assert bcrypt.BCryptFinalizeKeyPair(key) == 0
            signature = bytearray(64)
            assert bcrypt.BCryptSignHash(key, None, b"d" * 32, signature) == (0, 64)
            assert bcrypt.BCryptVerifySignature(key, None, b"d" * 32, signature) == 0
            assert bcrypt.BCryptDestroyKey(key) == 0
            assert bcrypt.BCryptDestroyKey(key) == bcrypt.STATUS_INVALID_HANDLE
            seen.append(key)
        assert bcrypt.BCryptCloseAlgorithmProvider(provider) == 0
        return seen

    with ThreadPoolExecutor(4) as pool:
        handed_out = [handle for seen in pool.map(cycle, range(4)) for handle in seen]
    assert len(set(handed_out)) == 4 * ROUNDS, "a handle was given twice"
    assert handles.open_handles() == before


def born(kind):
    """A new handle of a kind, the function that ends it, what the losers are told, and the handles it rests on."""
    _, provider = bcrypt.BCryptOpenAlgorithmProvider("SHA256" if kind == "hash" else "DH")
    if kind == "algorithm":
        return provider, bcrypt.BCryptCloseAlgorithmProvider, bcrypt.STATUS_INVALID_HANDLE, []
    if kind == "hash":
        _, begun = bcrypt.BCryptCreateHash(provider)
        return begun, bcrypt.BCryptDestroyHash, bcrypt.STATUS_INVALID_PARAMETER, [provider]
    _, key = bcrypt.BCryptGenerateKeyPair(provider, 512)
    if kind == "key":
        return key, bcrypt.BCryptDestroyKey, bcrypt.STATUS_INVALID_HANDLE, [provider]
    bcrypt.BCryptFinalizeKeyPair(key)
    _, secret = bcrypt.BCryptSecretAgreement(key, key)
    bcrypt.BCryptDestroyKey(key)
    return secret, bcrypt.BCryptDestroySecret, bcrypt.STATUS_INVALID_HANDLE, [provider]


@pytest.mark.parametrize("kind", ["algorithm", "key", "secret", "hash"])
def test_one_handle_ended_by_many_threads_is_ended_once(kind):
    before, interval = handles.open_handles(), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads change places wherever they can
    try:
        with ThreadPoolExecutor(8) as pool:
            for _ in range(100):
                handle, end, lost, below = born(kind)
                answers = list(pool.map(lambda _: end(handle), range(8)))  # noqa: B023
                assert answers.count(bcrypt.STATUS_SUCCESS) == 1
                assert answers.count(lost) == 7
                for provider in below:
                    assert bcrypt.BCryptCloseAlgorithmProvider(provider) == bcrypt.STATUS_SUCCESS
    finally:
        sys.setswitchinterval(interval)
    assert handles.open_handles() == before


def test_a_first_open_by_many_threads_imports_once():
    registries = [cngcore.Registry() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        for registry in registries:
            opened = list(pool.map(lambda _: registry.open_algorithm_provider("RSA"), range(8)))  # noqa: B023
            assert len({id(provider._implementation) for provider in opened}) == 1
            assert len(registry._plugins) == len(
                registry.algorithms()["RSA"]
            )  # one for each distribution that serves it
