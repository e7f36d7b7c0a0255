"""What a declaration's ``concurrency`` promises the provider: calls that the core keeps apart."""

import threading
import time

import pytest

from cngcore import InvalidParameterError, Registry
from cngcore.provider import Algorithm, ExactLength, KeyFactory, KeyMaterial, hookimpl

THREADS = 4


class Meter:
    """How many calls were under way at once: on one key, and in all."""

    def __init__(self):
        self.lock = threading.Lock()
        self.now = {}
        self.most_on_a_key = self.most = 0

    def __call__(self, key):
        with self.lock:
            self.now[key] = self.now.get(key, 0) + 1
            self.most_on_a_key = max(self.most_on_a_key, self.now[key])
            self.most = max(self.most, sum(self.now.values()))
        time.sleep(0.002)
        with self.lock:
            self.now[key] -= 1


def registry_of(concurrency, meter):
    class Key(KeyMaterial):
        has_private = True
        signature_length = 2

        def sign_hash(self, digest, padding):
            meter(id(self))
            return b"ok"

        def verify_signature(self, digest, signature, padding):
            meter(id(self))
            return True

        def agree(self, peer):
            meter(id(self))
            meter(id(peer))
            return b"secret"

        def export(self, blob_type):
            meter(id(self))
            return b"blob"

    class Factory(KeyFactory):
        def generate(self, request):
            meter("factory")
            return Key()

        def import_key(self, blob_type, blob, request):
            meter("factory")
            return Key()

    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            return [
                Algorithm(
                    "TOY", "toy", {"sign", "agree"}, ExactLength(8), blob_types=["TOYBLOB"],
                    factory=Factory, concurrency=concurrency,
                )
            ]  # fmt: skip

    registry = Registry(discover=False)
    registry.register(Plugin())
    return registry


def storm(registry):
    """Several threads at the same two keys, and at the factory."""
    provider, other = (registry.open_algorithm_provider("TOY") for _ in range(2))
    keys = [registry.generate_key_pair("TOY", 8) for _ in range(2)]
    start = threading.Barrier(THREADS)
    failures = []

    def work(number):
        try:
            start.wait()
            for turn in range(6):
                one, two = keys[(number + turn) % 2], keys[(number + turn + 1) % 2]
                one.sign_hash(b"x")
                one.verify_signature(b"x", b"ok")
                one.agree(two).destroy()
                (provider if turn % 2 else other).import_key_pair("TOYBLOB", one.export("TOYBLOB"))
                made = provider.generate_key_pair(8)
                made.finalize()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert not any(thread.is_alive() for thread in threads), "deadlock"


def test_free_means_that_calls_meet():
    meter = Meter()
    storm(registry_of("free", meter))
    assert meter.most > 1
    assert meter.most_on_a_key > 1


def test_key_means_one_call_on_a_key():
    meter = Meter()
    registry = registry_of("key", meter)
    storm(registry)
    del meter.now["factory"]
    assert meter.most > 1, "different keys may work at once"
    assert max(meter.now.values()) == 0


def test_serial_means_one_call_in_all():
    meter = Meter()
    storm(registry_of("serial", meter))
    assert meter.most == 1


def test_one_call_on_a_key_holds_for_every_operation():
    class KeyOnly(Meter):
        def __call__(self, key):
            if key != "factory":
                super().__call__(key)

    meter = KeyOnly()
    storm(registry_of("key", meter))
    assert meter.most_on_a_key == 1


def test_agreements_of_two_serial_providers_do_not_wait_for_each_other():
    """Two threads, each with the keys of two factories in the other order: the locks are taken in one order."""
    one, two = registry_of("serial", Meter()), registry_of("serial", Meter())
    a1, b1, a2, b2 = (registry.generate_key_pair("TOY", 8) for registry in (one, two, one, two))
    assert a1._lock is a2._lock is not b1._lock

    def work(key, peer):
        for _ in range(3000):
            with pytest.raises(InvalidParameterError):
                key.agree(peer)

    threads = [threading.Thread(target=work, args=pair, daemon=True) for pair in ((a1, b2), (b1, a2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "deadlock"


def test_an_unknown_concurrency_is_refused():
    with pytest.raises(ValueError, match="concurrency is one of"):
        Algorithm("TOY", "toy", {"sign"}, concurrency="some")
