"""Key pools: filled ahead, bounded, wiped, and never shared between processes."""

import os
import subprocess
import sys
import threading

import pytest
from helpers import python

import cngcore
from cngcore.pool import KeyPool


def wait_until(condition):
    for _ in range(1000):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen")


def test_keys_are_ready_ahead_and_each_is_given_once(registry, slow):
    slow.gate.set()
    with KeyPool("SLOW", length=8, size=3, registry=registry) as pool:
        wait_until(lambda: len(pool) == 3)
        assert slow.made == 3, "no more than its size"
        taken = [pool.take() for _ in range(10)]
        assert sorted(key.sign_hash(b"x")[0] for key in taken) == list(range(1, 11))
        wait_until(lambda: len(pool) == 3)


def test_closing_destroys_what_is_ready_and_not_what_was_taken(registry, slow):
    slow.gate.set()
    pool = KeyPool("SLOW", length=8, size=2, registry=registry)
    mine = pool.take()
    wait_until(lambda: len(pool) == 2)
    ready = list(pool._ready)
    pool.close()
    pool.close()
    assert [key.state for key in ready] == ["destroyed"] * 2
    assert mine.state == "finalized"
    with pytest.raises(cngcore.InvalidHandleError, match="closed"):
        pool.take()
    assert "closed" in repr(pool)


def test_waiting_ends(registry, slow):
    with KeyPool("SLOW", length=8, registry=registry) as pool, pytest.raises(TimeoutError, match=r"0\.05 seconds"):
        pool.take(timeout=0.05)


def test_closing_wakes_whoever_waits(registry, slow):
    pool = KeyPool("SLOW", length=8, registry=registry)
    threading.Timer(0.05, pool.close).start()
    with pytest.raises(cngcore.InvalidHandleError):
        pool.take()


def test_a_failure_is_told_and_the_next_try_is_made(registry, slow):
    slow.gate.set()
    slow.fail = [cngcore.NotSupportedError("the card is out"), ZeroDivisionError()]
    with KeyPool("SLOW", length=8, registry=registry) as pool:
        with pytest.raises(cngcore.NotSupportedError, match="the card is out"):
            pool.take()
        with pytest.raises(cngcore.InternalError):
            pool.take()
        assert pool.take().state == "finalized"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"size": 0}, cngcore.InvalidParameterError),
        ({"size": 100_001}, cngcore.InvalidParameterError),
        ({"size": True}, cngcore.InvalidParameterError),
        ({"length": 9}, cngcore.InvalidParameterError),
        ({"algorithm": "NOWHERE"}, cngcore.NotFoundError),
        ({"parameter_set": "7"}, cngcore.NotSupportedError),
    ],
)
def test_a_wrong_pool_is_refused_at_once(registry, arguments, error):
    with pytest.raises(error):
        KeyPool(**{"algorithm": "SLOW", "length": 8, "registry": registry, **arguments})


def test_the_largest_pool_is_taken(registry, slow):
    KeyPool("SLOW", length=8, registry=registry, size=100_000).close()


@pytest.mark.parametrize(
    "kind", [("ECDH", {"curve": "curve25519"}), ("ML-KEM", {"parameter_set": "768"}), ("RSA", {"length": 1024})]
)
def test_real_kinds(kind):
    with KeyPool(kind[0], size=1, **kind[1]) as pool:
        assert pool.take(timeout=60).state == "finalized"


def test_everything_is_destroyed_when_the_interpreter_ends():
    code = (
        "import cngcore, time, atexit\n"
        "from cngcore.pool import KeyPool\n"
        "seen = []\n"
        "pool = KeyPool('ECDSA_P256', length=256, size=3)\n"
        "while len(pool) < 3: time.sleep(0.01)\n"
        "seen += pool._ready\n"
        "import threading; threading._register_atexit if 0 else None\n"
        "import cngcore.pool as module\n"
        "atexit.unregister(module._close_all)\n"
        "atexit.register(lambda: print([key.state for key in seen]))\n"
        "atexit.register(module._close_all)\n"
    )
    done = python(code)
    assert done.stdout.strip() == str(["destroyed"] * 3)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_has_keys_of_its_own():
    code = (
        "import os, time, warnings\n"
        "from cngcore.pool import KeyPool\n"
        "warnings.simplefilter('ignore')\n"
        "pool = KeyPool('ECDSA_P256', length=256, size=4)\n"
        "while len(pool) < 4: time.sleep(0.01)\n"
        "child = os.fork()\n"
        "if not child: assert len(pool) == 0\n"
        "keys = {bytes(pool.take(30).export('ECCPUBLICBLOB')).hex() for _ in range(6)}\n"
        "os.write(1, (' '.join(keys) + '\\n').encode())\n"
        "if not child: os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    one, other = map(set, map(str.split, done.stdout.splitlines()))
    assert len(one) == len(other) == 6
    assert not one & other


class Ended(BaseException):
    """What no code expects."""


@pytest.mark.parametrize("error", [MemoryError, Ended, ZeroDivisionError], ids=lambda error: error.__name__)
def test_a_thread_that_ends_says_why_and_never_hangs(monkeypatch, error):
    """take() raises what ended the thread, and the next call starts another."""
    original, calls = KeyPool._empty, []

    def empty(self):
        calls.append(self)
        if len(calls) == 2:  # the first call is the constructor's, the second the thread's
            raise error
        return original(self)

    monkeypatch.setattr(KeyPool, "_empty", empty)
    with KeyPool("ECDSA_P256", length=256, size=1) as pool:
        with pytest.raises(error):
            pool.take(10)
        pool.take(10).destroy()
