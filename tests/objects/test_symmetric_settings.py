"""A setting of a symmetric key that is refused changes nothing, and no error of a key keeps its secret."""

import pytest
from objects.test_tracebacks import MARKER, frames_with

import cngcore
from cngcore.provider import (
    Algorithm,
    CipherFactory,
    CipherMaterial,
    HashFactory,
    HashState,
    KeyLengths,
    Mode,
    Property,
    When,
    hookimpl,
)
from cngcore.status import CngError, InvalidParameterError

SECRET = MARKER[:32]


class Material(CipherMaterial):
    block_length = 1

    def stream(self, data):
        return data


class Ciphers(CipherFactory):
    broken = False

    def cipher(self, secret, request):
        if request.effective_bits > 64:
            raise InvalidParameterError("too many bits")
        if self.broken:
            raise ZeroDivisionError
        return Material()


class State(HashState):
    digest_length = 1

    def update(self, data):
        """Take no notice."""

    def digest(self, length):
        return b"x"

    def copy(self):
        return self


class Macs(HashFactory):
    starts = 0

    def start(self, key, options=None):
        self.starts += 1
        if self.starts > 2:
            raise ZeroDivisionError
        return State()


class Plugin:
    @hookimpl
    def cngcore_register_algorithms(self):
        effective = Property("EffectiveKeyLength", int, When(algorithm="rw", finalized="rw"))
        lengths = KeyLengths(256, 256, 0)
        return [
            Algorithm(
                "TOY-CIPHER", "toy", {"cipher"}, lengths, properties=[effective], block_length=1,
                modes=[Mode("N/A", default=True)], factory=Ciphers,
            ),
            Algorithm(
                "TOY-MAC", "toy", {"hash"}, lengths, properties=[Property("IV", bytes, When(object="w"))], mac=True,
                factory=Macs,
            ),
        ]  # fmt: skip


@pytest.fixture
def registry():
    return cngcore.Registry(plugins=[Plugin()])


def test_an_effective_length_that_is_refused_changes_nothing(registry):
    key = registry.open_algorithm_provider("TOY-CIPHER").generate_symmetric_key(SECRET)
    key.set_property("EffectiveKeyLength", 40)
    with pytest.raises(InvalidParameterError):
        key.set_property("EffectiveKeyLength", 65)
    assert key.get_property("EffectiveKeyLength") == 40


def test_a_copy_that_fails_keeps_no_secret(registry, monkeypatch):
    key = registry.open_algorithm_provider("TOY-CIPHER").generate_symmetric_key(SECRET)
    monkeypatch.setattr(Ciphers, "broken", True)
    with pytest.raises(CngError) as caught:
        key.copy()
    assert frames_with(SECRET.decode(), caught.value) == []


def test_a_mac_that_cannot_begin_anew_keeps_no_secret(registry):
    reusable = registry.open_algorithm_provider("TOY-MAC", flags=cngcore.constants.BCRYPT_HASH_REUSABLE_FLAG)
    mac = reusable.create_hash(SECRET, iv=b"nonce")
    with pytest.raises(CngError) as caught:
        mac.finish()
    assert frames_with(SECRET.decode(), caught.value) == []
