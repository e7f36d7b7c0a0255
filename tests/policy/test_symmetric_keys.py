"""Policies and listeners of symmetric keys."""

import pytest

import cngcore
from cngcore import Registry
from cngcore.policy import EVENTS, Policy, Rule
from cngcore.provider import hookimpl

NONCE, SECRET = bytes(12), bytes(range(16))
FORBIDDEN = ("DES", "DESX", "RC2", "RC4", "CHACHA20_POLY1305", "CAPI_KDF", "MD2", "MD4")


class Listener:
    def __init__(self):
        self.events = []

    @hookimpl
    def cngcore_key_event(self, event):
        self.events.append(event)


def registry_of(*rules):
    registry, listener = Registry(policies=[Policy("house", rules)]), Listener()
    registry.register(listener)
    return registry, listener.events


def denied(call, *arguments, **keywords):
    with pytest.raises(cngcore.AccessDeniedError) as caught:
        call(*arguments, **keywords)
    return str(caught.value)


USES = {
    "encrypt": lambda key: key.encrypt_authenticated(b"x", NONCE),
    "decrypt": lambda key: key.decrypt_authenticated(b"", NONCE, key.seal(NONCE, b"", b"", 16)[1]),
    "export": lambda key: key.export("KeyDataBlob"),
}


@pytest.mark.parametrize("use", USES)
def test_a_rule_for_one_use_refuses_that_use_only(use):
    registry, events = registry_of(Rule("forbid", "AES", "our guideline", uses=(use,)))
    for other in USES:
        key = registry.generate_symmetric_key("AES", SECRET, mode="GCM")
        if other == use:
            assert "our guideline" in denied(USES[use], key)
        elif not (use == "encrypt" and other == "decrypt"):  # its tag is made by encryption
            USES[other](key)
    refused = [event for event in events if event.action == "refused"]
    assert {(event.operation, event.status) for event in refused} == {(use, "STATUS_ACCESS_DENIED")}


def test_pieces_and_copies_are_judged_too():
    registry, _ = registry_of(Rule("forbid", "AES", uses=("encrypt",)))
    key = registry.generate_symmetric_key("AES", SECRET, mode="GCM")
    denied(key.authenticated_stream, NONCE)
    denied(key.copy().encrypt_authenticated, b"x", key.new_nonce())
    denied(registry.generate_symmetric_key("AES", SECRET).encrypt, bytes(16), bytes(16))


@pytest.mark.parametrize("use", ["encrypt", "decrypt"])
def test_a_wrap_uses_the_key_encryption_key(use):
    registry, events = registry_of(Rule("forbid", "AES", uses=(use,)))
    blob_type = "Rfc3565KeyWrapBlob"
    kek, key = (registry.generate_symmetric_key("AES", SECRET) for _ in range(2))
    with registry.open_algorithm_provider("AES") as aes:
        if use == "encrypt":
            denied(key.export, blob_type, kek=kek)
        else:
            denied(aes.import_key, blob_type, key.export(blob_type, kek=kek), kek=kek)
    used = [(event.action, event.operation, event.status) for event in events if event.operation]
    assert used[-2 if use == "encrypt" else -1] == ("refused", use, "STATUS_ACCESS_DENIED")
    if use == "encrypt":
        assert used[-1] == ("exported", "export", "STATUS_ACCESS_DENIED")
    else:
        assert used[:-1] == [("used", "encrypt", "STATUS_SUCCESS"), ("exported", "export", "STATUS_SUCCESS")]


def test_lengths_and_derivations():
    registry, _ = registry_of(
        Rule("forbid", "AES", shorter_than=256), Rule("forbid", "PBKDF2", uses=("derive",)), Rule("use-only", "3DES")
    )
    denied(registry.generate_symmetric_key, "AES", length=128)
    assert registry.generate_symmetric_key("AES", length=256).length == 256
    password = registry.generate_symmetric_key("PBKDF2", b"password")
    denied(password.derive, hash="SHA256", salt=SECRET, iterations=1, length=16)


def test_use_only_tells_import_from_generation():
    blob = cngcore.generate_symmetric_key("3DES", bytes(range(24))).export("KeyDataBlob")
    registry, _ = registry_of(Rule("use-only", "3DES"))
    denied(registry.generate_symmetric_key, "3DES", bytes(range(24)))
    key = registry.open_algorithm_provider("3DES").import_key("KeyDataBlob", blob)
    assert len(key.encrypt(bytes(8), bytes(8))) == 8


def test_listeners_hear_of_a_symmetric_key():
    registry, events = registry_of()
    with registry.generate_symmetric_key("AES", SECRET, mode="GCM") as key:
        box = key.encrypt_authenticated(b"x", NONCE)
        with pytest.raises(cngcore.AuthTagMismatchError):
            key.decrypt_authenticated(box.ciphertext, NONCE, bytes(16))
        blob = key.export("KeyDataBlob")
        key.copy().destroy()
    with registry.open_algorithm_provider("AES") as aes:
        aes.import_key("KeyDataBlob", blob).destroy()
    assert [(event.action, event.operation, event.blob_type, event.status) for event in events] == [
        ("created", "", "", "STATUS_SUCCESS"),
        ("used", "encrypt", "", "STATUS_SUCCESS"),
        ("used", "decrypt", "", "STATUS_AUTH_TAG_MISMATCH"),
        ("exported", "export", "KeyDataBlob", "STATUS_SUCCESS"),
        ("derived", "", "", "STATUS_SUCCESS"),
        ("destroyed", "", "", "STATUS_SUCCESS"),
        ("destroyed", "", "", "STATUS_SUCCESS"),
        ("imported", "", "", "STATUS_SUCCESS"),
        ("destroyed", "", "", "STATUS_SUCCESS"),
    ]
    assert {event.action for event in events} <= set(EVENTS)
    assert {(event.algorithm, event.length, event.implementation) for event in events} == {("AES", 128, "cryptography")}


def test_nothing_tells_the_length_of_a_password():
    registry, events = registry_of(Rule("forbid", "PBKDF2", uses=("derive",)))
    key = registry.generate_symmetric_key("PBKDF2", b"a password")
    said = denied(key.derive, hash="SHA256", salt=SECRET, iterations=1, length=16)
    for text in (said, repr(key), *map(repr, events)):
        assert "80" not in text, text


@pytest.mark.parametrize("name", FORBIDDEN)
def test_the_approved_policy_refuses_to_open(name):
    with pytest.raises(cngcore.AccessDeniedError, match=name):
        Registry(policies=["approved"]).open_algorithm_provider(name)


def test_the_approved_policy_lets_old_data_be_decrypted():
    key = Registry(policies=["approved"]).generate_symmetric_key("3DES", bytes(range(24)))
    assert len(key.decrypt(bytes(8), bytes(8))) == 8
    assert "TDEA" in denied(key.encrypt, bytes(8), bytes(8))


@pytest.mark.parametrize("spelt", ["ECB", "ecb", "ChainingModeECB"])
def test_a_rule_for_a_mode_follows_the_key_into_it(spelt):
    registry, events = registry_of(Rule("forbid", "*", "our guideline", modes=[spelt], uses=["encrypt"]))
    key = registry.generate_symmetric_key("AES", SECRET)
    key.encrypt(bytes(16), bytes(16))
    twin = key.copy()
    for one in (key, twin):
        one.set_property("ChainingMode", "ChainingModeECB")
        assert "AES 128 bits ECB is forbidden" in denied(one.encrypt, bytes(16))
        assert denied(one.copy().encrypt, bytes(16))
        one.decrypt(bytes(16))
        one.set_property("ChainingMode", "ChainingModeCBC")
        one.encrypt(bytes(16), bytes(16))
    assert {event.mode for event in events if event.action == "refused"} == {"ECB"}


def test_a_rule_for_a_mode_matches_no_key_pair():
    registry, _ = registry_of(Rule("forbid", "*", modes=["ECB"]))
    with registry.generate_key_pair("ECDSA_P256", 256) as key:
        key.sign_hash(bytes(32))
    with pytest.raises(cngcore.InvalidParameterError, match="list of names"):
        Rule("forbid", modes="ECB")
