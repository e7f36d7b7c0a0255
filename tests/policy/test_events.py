"""Key events: each thing that happens to a key is told once, in order, and without a secret."""

import gc
import threading

import pytest
from helpers import python

import cngcore
from cngcore import Registry
from cngcore.policy import Policy, Rule
from cngcore.provider import hookimpl


class Recorder:
    """A plug-in that only listens."""

    def __init__(self):
        self.events = []

    @hookimpl
    def cngcore_key_event(self, event):
        self.events.append(event)

    def actions(self):
        return [event.action for event in self.events]


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def registry(recorder):
    registry = Registry()
    registry.register(recorder)
    return registry


def test_a_life_is_told(registry, recorder):
    with registry.open_algorithm_provider("ECDSA_P256") as provider:
        key = provider.generate_key_pair(256)
        key.finalize()
        signature = key.sign_hash(bytes(32))
        key.verify_signature(bytes(32), signature)
        blob = key.export("ECCPRIVATEBLOB")
        key.public().destroy()
        key.destroy()
        provider.import_key_pair("ECCPRIVATEBLOB", blob).destroy()
    told = [(event.action, event.operation or event.blob_type, event.key) for event in recorder.events]
    first = recorder.events[0].key
    assert told == [
        ("created", "", first),
        ("finalized", "", first),
        ("used", "sign_hash", first),
        ("used", "verify_signature", first),
        ("exported", "export", first),
        ("derived", "", first + 1),
        ("destroyed", "", first + 1),
        ("destroyed", "", first),
        ("imported", "", first + 2),
        ("destroyed", "", first + 2),
    ]
    assert {event.distribution for event in recorder.events} == {"cngcore-ec"}
    assert recorder.events[4].blob_type == "ECCPRIVATEBLOB"
    assert recorder.events[1].to_dict()["length"] == 256
    assert (recorder.events[0].private, recorder.events[1].private, recorder.events[5].private) == (None, True, False)


def test_failures_are_told_with_their_status(registry, recorder):
    key = registry.generate_key_pair("ECDSA_P256", 256)
    with pytest.raises(cngcore.InvalidSignatureError):
        key.verify_signature(bytes(32), bytes(64))
    assert recorder.events[-1].status == "STATUS_INVALID_SIGNATURE"
    with pytest.raises(cngcore.InvalidParameterError):
        key.sign_hash(bytes(32), cngcore.Pkcs1("SHA256"))
    assert (recorder.events[-1].action, recorder.events[-1].status) == ("used", "STATUS_INVALID_PARAMETER")


@pytest.mark.parametrize(
    ("make", "use", "operation"),
    [
        (lambda r: r.generate_key_pair("RSA", 1024), lambda k: k.encrypt(b"x", cngcore.Pkcs1()), "encrypt"),
        (lambda r: r.generate_key_pair("ML-KEM", parameter_set="768"), lambda k: k.encapsulate(), "encapsulate"),
        (lambda r: r.generate_key_pair("ECDH_P256", 256), lambda k: k.agree(k), "agree"),
        (lambda r: r.generate_key_pair("ML-DSA", parameter_set="44"), lambda k: k.sign_hash(b"m"), "sign_hash"),
    ],
)
def test_every_operation_is_told(registry, recorder, make, use, operation):
    use(make(registry))
    assert [event.operation for event in recorder.events if event.action == "used"] == [operation]


def test_a_key_that_is_only_forgotten_is_reported_with_the_next_event(registry, recorder):
    registry.generate_key_pair("ECDSA_P256", 256)
    gc.collect()
    assert recorder.actions() == ["created", "finalized"]
    other = registry.generate_key_pair("ECDSA_P256", 256)
    assert recorder.actions() == ["created", "finalized", "destroyed", "created", "finalized"]
    assert recorder.events[2].key == recorder.events[0].key
    other.destroy()


def test_a_key_that_is_only_forgotten_is_reported_when_the_process_ends():
    program = (
        "import cngcore\n"
        "from cngcore.provider import hookimpl\n"
        "class Listener:\n"
        "    @hookimpl\n"
        "    def cngcore_key_event(self, event): print(event.action)\n"
        "registry = cngcore.Registry(plugins=['cngcore_ec', Listener()])\n"
        "registry.generate_key_pair('ECDSA_P256', 256)\n"
    )
    run = python(program)
    assert run.stdout.split() == ["created", "finalized", "destroyed"]


def test_the_collector_never_runs_a_listener(registry):
    """A listener that holds a plain lock, and a key that the collector takes meanwhile: no deadlock, no lost event."""
    lock, actions = threading.Lock(), []

    class Listener:
        @hookimpl
        def cngcore_key_event(self, event):
            assert lock.acquire(timeout=5), "the listener waits for itself"
            try:
                gc.collect()
                actions.append(event.action)
            finally:
                lock.release()

    registry.register(Listener())
    for _ in range(5):
        key = registry.generate_key_pair("ECDSA_P256", 256)
        holder = [key]
        holder.append(holder)
        del key, holder
    gc.collect()
    registry.watch().flush()
    assert actions.count("destroyed") == 5


def test_a_refusal_and_a_warning_are_told(recorder):
    rules = [Rule("warn", "ECDSA_P256", "think"), Rule("use-only", "RSA", "no new ones")]
    registry = Registry(policies=[Policy("house", rules)])
    registry.register(recorder)
    with pytest.raises(cngcore.AccessDeniedError):
        registry.generate_key_pair("RSA", 2048)
    refused = next(event for event in recorder.events if event.action == "refused")
    assert (refused.algorithm, refused.length, refused.status) == ("RSA", 2048, "STATUS_ACCESS_DENIED")
    assert "no new ones" in refused.reason
    registry.generate_key_pair("ECDSA_P256", 256)
    assert "think" in next(event.reason for event in recorder.events if event.action == "warned")


def test_a_listener_that_fails_is_logged_and_harms_nobody(registry, recorder, caplog):
    class Broken:
        @hookimpl
        def cngcore_key_event(self, event):
            raise SystemExit("no secret of mine")

    registry.register(Broken())
    key = registry.generate_key_pair("ECDSA_P256", 256)
    assert recorder.actions() == ["created", "finalized"]
    assert "failed on a key event" in caplog.text
    assert "no secret of mine" not in caplog.text
    key.destroy()


def test_no_event_holds_a_secret(registry, recorder):
    key = registry.generate_key_pair("ECDSA_P256", 256)
    secret = key.export("ECCPRIVATEBLOB")[-32:]
    key.sign_hash(bytes(32))
    key.destroy()
    for event in recorder.events:
        text = f"{event!r} {event.to_dict()}"
        assert secret.hex() not in text
        assert str(int.from_bytes(secret, "big")) not in text
        assert repr(bytes(secret)) not in text


def test_without_a_listener_keys_are_plain(recorder):
    assert type(Registry().generate_key_pair("ECDSA_P256", 256)) is cngcore.KeyPair
