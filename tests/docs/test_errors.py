"""The exceptions of contract: rule-python-statuses, and how a provider's own failure comes out."""

import copy
import logging
import pickle

import pytest

import cngcore
from cngcore.provider import Algorithm, BlobType, ExactLength, KeyFactory, KeyMaterial, Property, When, hookimpl
from cngcore.status import NTStatus, error_for

CLASSES = {
    "InvalidHandleError": 0xC0000008,
    "InvalidParameterError": 0xC000000D,
    "NotSupportedError": 0xC00000BB,
    "NotFoundError": 0xC0000225,
    "InvalidSignatureError": 0xC000A000,
    "BufferTooSmallError": 0xC0000023,
    "InvalidBufferSizeError": 0xC0000206,
    "AccessDeniedError": 0xC0000022,
    "BadDataError": 0x80090005,
    "InternalError": 0xC00000E5,
}


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_carries_its_status(name):
    kind = getattr(cngcore, name)
    error = kind("what happened")
    assert isinstance(error, cngcore.CngError)
    assert error.status == CLASSES[name]
    assert str(error) == f"{error.status}: what happened"
    assert type(error_for(error.status, "x")) is kind
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.status, str(again)) == (kind, error.status, str(error))


def test_a_status_without_a_class_is_the_root():
    error = error_for(NTStatus.STATUS_NO_MEMORY)
    assert type(error) is cngcore.CngError
    assert error.status == NTStatus.STATUS_NO_MEMORY
    assert NTStatus.STATUS_NO_MEMORY.meaning in str(error)


SECRET = "5ec7e7" * 8


class Panic(BaseException):
    """What a Rust panic looks like from Python."""


class Toy(KeyMaterial):
    has_private = True
    signature_length = 4

    def __init__(self, misbehave):
        self.misbehave = misbehave

    def _do(self, *_):
        return self.misbehave()

    sign_hash = verify_signature = export = public = get_property = _do


class ToyFactory(KeyFactory):
    misbehave = staticmethod(lambda: None)
    at_birth = False

    def generate(self, request):
        return type(self).misbehave() if self.at_birth else Toy(type(self).misbehave)

    import_key = lambda self, *_: type(self).misbehave()  # noqa: E731


def registry_for(misbehave, at_birth=False):
    kind = type("Factory", (ToyFactory,), {"misbehave": staticmethod(misbehave), "at_birth": at_birth})

    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            properties = [Property("Colour", str, When(finalized="r"))]
            blobs = [BlobType("TOYBLOB")]
            return [
                Algorithm("TOY", "toy", {"sign"}, ExactLength(8), properties=properties, blob_types=blobs, factory=kind)
            ]

    registry = cngcore.Registry(discover=False)
    registry.register(Plugin())
    return registry


def raising(error):
    def misbehave():
        raise error

    return misbehave


FAILURES = {
    "exception": raising(ValueError(SECRET)),
    "SystemExit": raising(SystemExit(SECRET)),
    "Rust panic": raising(Panic(SECRET)),
    "garbage": lambda: 42,
    "None": lambda: None,
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_providers_failure_is_an_internal_error_and_a_record(failure, caplog):
    registry = registry_for(FAILURES[failure])
    provider = registry.open_algorithm_provider("TOY")
    key = provider.generate_key_pair(8)
    key.finalize()
    calls = [lambda: key.sign_hash(b"x"), lambda: key.export("TOYBLOB"), key.public]
    calls += [lambda: provider.import_key_pair("TOYBLOB", b"x")]
    with caplog.at_level(logging.WARNING, logger="cngcore"):
        for call in calls:
            with pytest.raises(cngcore.InternalError) as caught:
                call()
            assert SECRET not in str(caught.value)
    assert SECRET not in caplog.text, "what a provider raised may hold key bytes"
    assert key.state == "finalized"
    if failure in ("exception", "SystemExit", "Rust panic"):
        assert caplog.text.count("TOY (toy) failed in") == len(calls)
        assert isinstance(caught.value.__cause__, BaseException)


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_at_birth_leaves_the_key_empty(failure):
    registry = registry_for(FAILURES[failure], at_birth=True)
    key = registry.open_algorithm_provider("TOY").generate_key_pair(8)
    for _ in range(2):
        with pytest.raises(cngcore.InternalError):
            key.finalize()
        assert key.state == "empty"
    key.destroy()


@pytest.mark.parametrize("failure", FAILURES)
def test_the_flat_api_answers_internal_error_and_gives_nothing(failure):
    from cngcore import bcrypt
    from cngcore.bcrypt import _handles as handles

    with cngcore.registry.using(registry_for(FAILURES[failure])):
        before = handles.open_handles()
        _, provider = bcrypt.BCryptOpenAlgorithmProvider("TOY")
        _, key = bcrypt.BCryptGenerateKeyPair(provider, 8)
        assert bcrypt.BCryptFinalizeKeyPair(key) == bcrypt.STATUS_SUCCESS
        output = bytearray(4)
        assert bcrypt.BCryptSignHash(key, None, b"x", output) == (bcrypt.STATUS_INTERNAL_ERROR, None)
        assert bcrypt.BCryptImportKeyPair(provider, None, "TOYBLOB", b"x") == (bcrypt.STATUS_INTERNAL_ERROR, None)
        assert output == bytearray(4)
        bcrypt.BCryptDestroyKey(key)
        bcrypt.BCryptCloseAlgorithmProvider(provider)
        assert handles.open_handles() == before


def test_keyboard_interrupt_goes_through_and_the_key_stays_empty():
    registry = registry_for(raising(KeyboardInterrupt()), at_birth=True)
    key = registry.open_algorithm_provider("TOY").generate_key_pair(8)
    with pytest.raises(KeyboardInterrupt):
        key.finalize()
    assert key.state == "empty"


def test_out_of_memory_has_its_own_status():
    registry = registry_for(raising(MemoryError()))
    key = registry.open_algorithm_provider("TOY").generate_key_pair(8)
    key.finalize()
    with pytest.raises(cngcore.CngError) as caught:
        key.sign_hash(b"x")
    assert caught.value.status == NTStatus.STATUS_NO_MEMORY


def test_live_objects_are_neither_pickled_nor_copied():
    with cngcore.open_algorithm_provider("ECDH_P256") as provider, provider.generate_key_pair(256) as key:
        key.finalize()
        for thing in (provider, key, key.agree(key), key._material):
            for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
                with pytest.raises(cngcore.InvalidParameterError):
                    attempt(thing)
