"""A provider whose keys take as long as they are told, and fail when they are told."""

import threading

import pytest

import cngcore
from cngcore.provider import Algorithm, KeyFactory, KeyLengths, KeyMaterial, hookimpl


class Slow:
    """``open_gate`` lets the generators go on; ``interruptible`` ones look up meanwhile."""

    def __init__(self):
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.interruptible = True
        self.fail = []
        self.made = 0
        self.noticed = threading.Event()

    def generate(self, request):
        self.entered.set()
        try:
            turn = 0
            while not self.gate.wait(0.01):
                turn += 1
                if self.interruptible:
                    request.checkpoint(f"turn {turn}")
        except cngcore.CancelledError:
            self.noticed.set()
            raise
        if self.fail:
            raise self.fail.pop(0)
        self.made += 1
        return Key(self.made)


class Key(KeyMaterial):
    def __init__(self, number):
        self.number = number

    has_private = True
    signature_length = 1

    def sign_hash(self, digest, padding):
        return bytes([self.number])

    def export(self, blob_type):
        return bytes([self.number])


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def registry(slow):
    class Factory(KeyFactory):
        def generate(self, request):
            return slow.generate(request)

    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            return [
                Algorithm(
                    "SLOW", "toy", {"sign"}, KeyLengths(8, 64, 8), blob_types=["TOYPRIVATEBLOB", "TOYPUBLICBLOB"],
                    factory=Factory, releases_gil=True,
                )
            ]  # fmt: skip

    registry = cngcore.Registry(discover=False)
    registry.register(Plugin())
    yield registry
    slow.gate.set()


@pytest.fixture
def flaky():
    """A registry whose every third key cannot be made."""
    counter = iter(range(1_000_000))

    class Factory(KeyFactory):
        def generate(self, request):
            number = next(counter)
            if number % 3 == 2:
                raise cngcore.NotSupportedError("every third one fails")
            return Key(number)

    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            blob_types = ["TOYPRIVATEBLOB", "TOYPUBLICBLOB"]
            rule = KeyLengths(8, 64, 8)
            return [Algorithm("FLAKY", "toy", {"sign"}, rule, blob_types=blob_types, factory=Factory)]

    registry = cngcore.Registry(discover=False)
    registry.register(Plugin())
    return registry
