"""An error clears the frames of ours and of the provider, and nothing of the caller's."""

import pytest

import cngcore
from cngcore.provider import Algorithm, ExactLength, KeyFactory, KeyMaterial, hookimpl

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
        kinds = {"sign", "encrypt"}
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
