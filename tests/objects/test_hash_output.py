"""Output of an extendable-output function that goes on: any pieces are those of the whole, in linear work."""

import hashlib

import pytest

import cngcore
from cngcore.constants import BCRYPT_HASH_REUSABLE_FLAG
from cngcore.objects import _hash


@pytest.fixture(params=[("SHAKE128", None), ("SHAKE256", None), ("CSHAKE128", None), ("KMAC128", bytes(32))])
def started(request):
    name, secret = request.param
    flags = BCRYPT_HASH_REUSABLE_FLAG
    with cngcore.open_algorithm_provider(name, flags=flags) as provider, provider.create_hash(secret) as made:
        made.update(b"data")
        yield name, made


PIECES = [1, 0, 99, 3, 4096, 1, 70_000, 5]


def test_pieces_are_those_of_the_whole(started):
    name, made = started
    twin = made.copy()
    pieces = b"".join(made.finish(size, reset=False) for size in PIECES)
    whole = twin.finish(sum(PIECES), reset=False)
    assert pieces == whole
    if name.startswith("SHAKE"):
        assert pieces == hashlib.new(name.replace("SHAKE", "shake_"), b"data").digest(sum(PIECES))


def test_a_copy_goes_on_by_itself(started):
    _, made = started
    made.finish(10, reset=False)
    made.finish(1, reset=False)
    twin = made.copy()
    assert made.finish(5, reset=False) + made.finish(40, reset=False) == twin.finish(45)


def test_a_reset_begins_anew(started):
    """Nothing that was made ahead is left."""
    _, made = started
    first = made.finish(20, reset=False) + made.finish(20)
    made.update(b"data")
    assert made.finish(40, reset=False) == first
    made.finish(1)
    made.update(b"other data")
    assert made.finish(40, reset=False) != first


def test_the_work_is_linear(monkeypatch):
    """The provider makes at most a few times the output, in pieces of any size."""
    asked = []
    real = _hash.Hash._asked

    def counting(self, operation, size):
        asked.append(size)
        return real(self, operation, size)

    monkeypatch.setattr(_hash.Hash, "_asked", counting)
    with cngcore.open_algorithm_provider("SHAKE128") as provider, provider.create_hash() as made:
        for _ in range(2000):
            made.finish(100, reset=False)
    assert sum(asked) < 5 * 200_000
