"""An error clears the frames of ours and of the provider, and nothing of the caller's."""

import weakref

import pytest

import cngcore
from cngcore.constants import BCRYPT_ALG_HANDLE_HMAC_FLAG
from cngcore.memory import SecretBytes
from cngcore.policy import Policy, Rule
from cngcore.provider import Algorithm, CipherMaterial, ExactLength, HashState, KeyFactory, KeyMaterial, hookimpl

MARKER = b"this text stays in no frame of ours"


class Key(KeyMaterial):
    has_private = True
    signature_length = 1
    encryption_length = 1

    def sign_hash(self, digest, padding):
        secret_local = digest
        raise ZeroDivisionError(len(secret_local))

    def verify_signature(self, digest, signature, padding):
        secret_local = digest
        raise ZeroDivisionError(len(secret_local))

    def encrypt(self, plaintext, padding):
        secret_local = plaintext
        raise ZeroDivisionError(len(secret_local))

    decrypt = encrypt

    def export(self, blob_type):
        secret_local = MARKER
        raise ZeroDivisionError(len(secret_local))


class Factory(KeyFactory):
    def generate(self, request):
        return Key()


class Plugin:
    @hookimpl
    def cngcore_register_algorithms(self):
        kinds = {"sign", "encrypt", "encapsulate", "agree"}
        return [Algorithm("TOY", "toy", kinds, ExactLength(8), blob_types=["TOYBLOB"], factory=Factory)]


@pytest.fixture
def key():
    return cngcore.Registry(plugins=[Plugin()]).generate_key_pair("TOY", 8)


CALLS = {
    "sign_hash": lambda key: key.sign_hash(MARKER),
    "verify_signature": lambda key: key.verify_signature(MARKER, b"x"),
    "encrypt": lambda key: key.encrypt(MARKER),
    "decrypt": lambda key: key.decrypt(MARKER),
    "export": lambda key: key.export("TOYBLOB"),
}


def frames_with(marker, error):
    """Names of the functions, other than this module's tests, whose variables hold the marker."""
    found, pending, seen = [], [error], []
    while pending:
        current = pending.pop()
        seen.append(current)
        trace = current.__traceback__
        while trace is not None:
            values = list(trace.tb_frame.f_locals.values())
            if any(marker in repr(value) for value in values if not isinstance(value, BaseException)):
                found.append(trace.tb_frame.f_code.co_name)
            trace = trace.tb_next
        pending += [one for one in (current.__cause__, current.__context__) if one is not None and one not in seen]
    return [name for name in found if not name.startswith(("test_", "<lambda>"))]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_frame_of_ours_or_of_the_provider_keeps_what_was_passed(key, call):
    with pytest.raises(cngcore.InternalError) as caught:
        call(key)
    assert frames_with(repr(MARKER), caught.value) == []


def fails(key):
    with pytest.raises(cngcore.CngError):
        key.sign_hash(b"x")


def test_the_frames_of_an_exception_that_the_caller_handles_stay(key):
    def helper():
        important = {"kept": 1}
        raise ValueError(important)

    try:
        helper()
    except ValueError as error:
        fails(key)
        frame = error.__traceback__.tb_next.tb_frame
        assert frame.f_locals["important"] == {"kept": 1}


def test_a_suspended_generator_of_the_caller_goes_on(key):
    def numbers():
        try:
            raise ValueError
        except ValueError as error:
            yield error
            yield 2
            yield 3

    generator = numbers()
    error = next(generator)
    try:
        raise error
    except ValueError:
        fails(key)
    assert list(generator) == [2, 3]


def test_a_coroutine_of_the_caller_goes_on(key):
    async def work():
        try:
            raise ValueError
        except ValueError:
            fails(key)
            await Pause()
            return "done"

    class Pause:
        def __await__(self):
            yield

    coroutine = work()
    coroutine.send(None)
    with pytest.raises(StopIteration, match="done"):
        coroutine.send(None)


REFUSED = {
    **CALLS,
    "sign_bytes": lambda key: key.sign_bytes(MARKER),
    "verify_bytes": lambda key: key.verify_bytes(MARKER, b""),
    "export of an unknown type": lambda key: key.export("RSAPUBLICBLOB"),
    "agree": lambda key: key.agree(key),
    "encapsulate": lambda key: key.encapsulate(),
    "decapsulate": lambda key: key.decapsulate(b"x"),
    "public": lambda key: key.public(),
    "size_of": lambda key: key.size_of("agree"),
    "kem_sizes": lambda key: key.kem_sizes(),
    "require": lambda key: key.require("no operation"),
    "get_property": lambda key: key.get_property("KeyLength"),
    "set_property": lambda key: key.set_property("KeyLength", 8),
    "finalize": lambda key: key.finalize(),
}


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_an_error_that_is_kept_keeps_no_key_alive_that_is_destroyed(call, watched):
    """At a prompt the last traceback stays, and with it the variables of our frames."""
    policies = [Policy("house", [Rule("warn", "RSA")])] if watched else []
    key = cngcore.Registry(plugins=[Plugin()], policies=policies).generate_key_pair("TOY", 8)
    material = weakref.ref(key._material)
    with pytest.raises(cngcore.CngError) as caught:
        call(key)
    key.destroy()
    assert material() is None
    assert caught.value.__traceback__ is not None


SECRET = bytes(range(16))
HOLDERS = (SecretBytes, KeyMaterial, CipherMaterial, HashState)
"""What holds a secret: no frame may keep one after an error."""


def cbc():
    return cngcore.generate_symmetric_key("AES", SECRET)


def gcm():
    return cngcore.generate_symmetric_key("AES", SECRET, mode="GCM")


def pbkdf2():
    return cngcore.generate_symmetric_key("PBKDF2", b"password")


def agreed():
    one, other = (cngcore.generate_key_pair("ECDH_P256") for _ in range(2))
    return one.agree(other)


def mac():
    return cngcore.open_algorithm_provider("SHA256", flags=BCRYPT_ALG_HANDLE_HMAC_FLAG).create_hash(b"key")


def aes():
    return cngcore.open_algorithm_provider("AES")


WRAP = "Rfc3565KeyWrapBlob"
OTHERS = {
    "key: export of an unknown type": (cbc, lambda key: key.export("X")),
    "key: wrap without a key": (cbc, lambda key: key.export(WRAP)),
    "key: wrap by a key of 3DES": (
        cbc,
        lambda key: key.export(WRAP, kek=cngcore.generate_symmetric_key("3DES", bytes(range(24)))),
    ),
    "key: get_property": (cbc, lambda key: key.get_property("X")),
    "key: get_property of the algorithm": (cbc, lambda key: key.get_property("KeyLengths")),
    "key: set_property": (cbc, lambda key: key.set_property("X", 1)),
    "key: an unknown mode": (cbc, lambda key: key.set_property("ChainingMode", "X")),
    "key: an IV of a byte": (cbc, lambda key: key.encrypt(bytes(16), b"x")),
    "key: half a block": (cbc, lambda key: key.encrypt(bytes(8), bytes(16), padding=False)),
    "key: bad padding": (cbc, lambda key: key.decrypt(bytes(16), bytes(16), padding=True)),
    "key: authenticated in CBC": (cbc, lambda key: key.encrypt_authenticated(b"", bytes(12))),
    "key: a stream in CBC": (cbc, lambda key: key.authenticated_stream(bytes(12))),
    "key: a nonce in CBC": (cbc, lambda key: key.new_nonce()),
    "key: derive by AES": (cbc, lambda key: key.derive(16)),
    "key: a nonce of a byte": (gcm, lambda key: key.encrypt_authenticated(b"", b"x")),
    "key: a wrong tag": (gcm, lambda key: key.decrypt_authenticated(b"", bytes(12), bytes(16))),
    "key: encrypt in GCM": (gcm, lambda key: key.encrypt(bytes(16))),
    "kdf: without a hash": (pbkdf2, lambda key: key.derive(16)),
    "kdf: an unknown hash": (pbkdf2, lambda key: key.derive(16, hash="X")),
    "kdf: encrypt": (pbkdf2, lambda key: key.encrypt(b"")),
    "secret: an unknown function": (agreed, lambda secret: secret.derive("X")),
    "secret: an unknown hash": (agreed, lambda secret: secret.derive("HASH", hash="X")),
    "secret: get_property": (agreed, lambda secret: secret.get_property("X")),
    "secret: set_property": (agreed, lambda secret: secret.set_property("X", 1)),
    "hash: get_property": (mac, lambda state: state.get_property("X")),
    "hash: text": (mac, lambda state: state.update("x")),
    "hash: finish twice": (mac, lambda state: (state.finish(), state.finish())),
    "algorithm: half a blob": (aes, lambda provider: provider.import_key("KeyDataBlob", b"xx")),
    "algorithm: a short secret": (aes, lambda provider: provider.generate_symmetric_key(b"xxx")),
    "algorithm: unwrap by another key": (aes, lambda provider: provider.import_key(WRAP, bytes(24), kek=cbc())),
}


@pytest.mark.parametrize(("make", "call"), OTHERS.values(), ids=OTHERS)
def test_no_frame_of_ours_holds_a_secret_after_an_error(make, call):
    with pytest.raises(cngcore.CngError) as caught:
        call(make())
    trace, found = caught.value.__traceback__, []
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").startswith("cngcore"):
            found += [name for name, value in trace.tb_frame.f_locals.items() if isinstance(value, HOLDERS)]
        trace = trace.tb_next
    assert found == []
