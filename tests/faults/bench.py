"""A provider that does as it is told at each of its methods: right, or wrong in the way a test wants."""

from collections.abc import Callable

import pytest

from cngcore import bcrypt, registry
from cngcore.bcrypt import _handles as handles
from cngcore.provider import (
    Algorithm,
    BlobType,
    ExactLength,
    HashFactory,
    HashState,
    KeyFactory,
    KeyMaterial,
    Property,
    RandomFactory,
    When,
    hookimpl,
)

SECRET = "d1:5e:c7:e7 is the private number"
"""What the provider says in its exceptions; nothing of ours may repeat it."""


class Plan:
    """Which method goes wrong, and how."""

    def __init__(self) -> None:
        self.faults: dict[str, Callable[[], object]] = {}

    def __call__(self, method: str, answer: object = None) -> object:
        fault = self.faults.get(method)
        return answer if fault is None else fault()


def provider(plan: Plan) -> object:
    """A plug-in with one algorithm for every operation on keys, a hash and a random number generator."""

    class Key(KeyMaterial):
        def __init__(self, private: bool = True) -> None:
            self.private = private

        def __getattribute__(self, name: str) -> object:
            if name in ANSWERS:
                answer = ANSWERS[name]
                if name in ("has_private", "signature_length", "encryption_length", "kem_lengths"):
                    return plan(name, self.private if name == "has_private" else answer)
                if name == "public":
                    return lambda: plan(name, Key(False))
                return lambda *arguments: plan(name, answer)
            return super().__getattribute__(name)

    class Keys(KeyFactory):
        def load(self) -> None:
            plan("load")

        def back_end_version(self) -> str:
            return plan("back_end_version", "1.0")

        def generate(self, request):
            return plan("generate", Key())

        def import_key(self, blob_type, blob, request):
            return plan("import_key", Key("PRIVATE" in blob_type))

    class State(HashState):
        @property
        def digest_length(self):
            return plan("digest_length", 4)

        def update(self, data):
            return plan("update")

        def digest(self, length):
            return plan("digest", b"dige")

        def copy(self):
            return plan("copy", State())

    class Hashes(HashFactory):
        def start(self, key):
            return plan("start", State())

    class Random(RandomFactory):
        def fill(self, buffer):
            plan("fill")
            buffer[:] = b"r" * len(buffer)

    def made(kind: type) -> Callable[[Algorithm], object]:
        return lambda declaration: plan("factory", kind(declaration))

    class PlugIn:
        @hookimpl
        def cngcore_register_algorithms(self):
            kinds = (BlobType("FAULTYPUBLICBLOB"), BlobType("FAULTYPRIVATEBLOB"))
            properties = [
                Property("KeyLength", int, When(empty="rw", finalized="r"), check=lambda value: plan("check")),
                Property("KeyStrength", int, When(algorithm="r", empty="r"), value=lambda known: plan("value", 8)),
            ]
            return [
                Algorithm(
                    "FAULTY", "faulty", {"sign", "encrypt", "agree", "encapsulate"}, Rule(), properties=properties,
                    blob_types=kinds, dispatch_level=True, factory=made(Keys), probe=lambda: plan("probe"),
                ),
                Algorithm("FAULTYHASH", "faulty", {"hash"}, keyed=True, factory=made(Hashes)),
                Algorithm("FAULTYRNG", "faulty", {"random"}, factory=made(Random)),
            ]  # fmt: skip

    class Rule(ExactLength):
        __slots__ = ()

        def __init__(self) -> None:
            super().__init__(8)

        @property
        def legal(self):
            return None

        def accepts(self, length, properties):
            return plan("accepts", length == 8)

    return PlugIn()


ANSWERS = {
    "has_private": True,
    "signature_length": 4,
    "encryption_length": 4,
    "kem_lengths": (4, 6),
    "sign_hash": b"sign",
    "verify_signature": True,
    "encrypt": b"encr",
    "decrypt": b"text",
    "agree": b"secr",
    "encapsulate": (b"secr", b"cipher"),
    "decapsulate": b"secr",
    "export": b"blob",
    "public": None,
    "get_property": 8,
}
"""What the key's methods answer when all is well."""


class Bench:
    """The faulty provider beside our own ones, what to call, and what was logged."""

    def __init__(self, plan: Plan, records: pytest.LogCaptureFixture) -> None:
        self.plan = plan
        self.caplog = records
        self.registry = registry.default()
        self.provider = self.registry.open_algorithm_provider("FAULTY")
        self.flat_provider = self.ok(bcrypt.BCryptOpenAlgorithmProvider("FAULTY"))
        self.flat_hash_provider = self.ok(bcrypt.BCryptOpenAlgorithmProvider("FAULTYHASH"))
        self.flat_random = self.ok(bcrypt.BCryptOpenAlgorithmProvider("FAULTYRNG"))
        self.hash_provider = self.registry.open_algorithm_provider("FAULTYHASH")
        self.random = self.registry.open_algorithm_provider("FAULTYRNG")
        self.key, self.empty = self.provider.generate_key_pair(8), self.provider.generate_key_pair(8)
        self.key.finalize()
        self.flat_key = self.ok(bcrypt.BCryptGenerateKeyPair(self.flat_provider, 8))
        self.flat_empty = self.ok(bcrypt.BCryptGenerateKeyPair(self.flat_provider, 8))
        assert bcrypt.BCryptFinalizeKeyPair(self.flat_key).is_success
        self.hash = self.hash_provider.create_hash()
        self.flat_hash = self.ok(bcrypt.BCryptCreateHash(self.flat_hash_provider))
        self.open = handles.open_handles()

    @staticmethod
    def ok(answer):
        status, handle = answer
        assert status.is_success, status
        return handle

    @property
    def records(self) -> list[str]:
        return [record.getMessage() for record in self.caplog.records if record.name == "cngcore"]
