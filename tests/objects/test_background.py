"""finalize with progress and cancel, and finalize_async."""

import asyncio
import threading

import pytest

import cngcore
from cngcore import CancelledError
from cngcore.policy import Policy, Rule


def new_key(registry):
    return registry.open_algorithm_provider("SLOW").generate_key_pair(8)


def test_progress_is_told_in_the_callers_thread(registry, slow):
    told = []

    def progress(doing, seconds):
        told.append((doing, seconds, threading.current_thread()))
        if len(told) == 3:
            slow.gate.set()

    key = new_key(registry)
    key.finalize(progress=progress)
    assert key.state == "finalized"
    assert {thread for _, _, thread in told} == {threading.current_thread()}
    assert all(doing.startswith("turn ") for doing, _, _ in told)
    seconds = [seconds for _, seconds, _ in told]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_cancelling_stops_a_generator_that_looks_up(registry, slow):
    cancel = threading.Event()
    key = new_key(registry)
    threading.Thread(target=lambda: (slow.entered.wait(), cancel.set())).start()
    with pytest.raises(CancelledError, match="cancelled"):
        key.finalize(cancel=cancel)
    assert slow.noticed.wait(10)
    assert key.state == "empty"
    slow.gate.set()
    finalize_when_possible(key)
    assert key.sign_hash(b"x") == b"\1"


def finalize_when_possible(key):
    """The generator's thread puts the key back; that takes a moment."""
    for _ in range(500):
        try:
            return key.finalize()
        except cngcore.InvalidHandleError:
            threading.Event().wait(0.01)
    raise AssertionError("the key did not come back")


def test_a_generator_that_cannot_be_interrupted_lets_the_caller_go_and_its_key_is_thrown_away(registry, slow):
    slow.interruptible = False
    cancel = threading.Event()
    key = new_key(registry)
    threading.Thread(target=lambda: (slow.entered.wait(), cancel.set())).start()
    with pytest.raises(CancelledError):
        key.finalize(cancel=cancel)
    assert not slow.made
    slow.gate.set()
    finalize_when_possible(key)
    assert slow.made == 2, "the first one was thrown away"
    assert key.sign_hash(b"x") == b"\2"


def test_a_key_may_be_destroyed_while_it_is_made(registry, slow):
    cancel = threading.Event()
    key = new_key(registry)
    threading.Thread(target=lambda: (slow.entered.wait(), key.destroy(), cancel.set())).start()
    with pytest.raises(cngcore.CngError):
        key.finalize(cancel=cancel)
    assert key.state == "destroyed"


def test_what_progress_raises_comes_through_and_gives_the_key_up(registry, slow):
    key = new_key(registry)

    def progress(doing, seconds):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        key.finalize(progress=progress)
    assert slow.noticed.wait(10)


def test_errors_are_those_of_plain_finalize(registry, slow):
    slow.gate.set()
    slow.fail = [cngcore.InvalidParameterError("no"), ZeroDivisionError()]
    key = new_key(registry)
    with pytest.raises(cngcore.InvalidParameterError, match="no"):
        key.finalize(cancel=threading.Event())
    with pytest.raises(cngcore.InternalError):
        key.finalize(cancel=threading.Event())
    key.finalize(cancel=threading.Event())
    with pytest.raises(cngcore.InvalidHandleError, match="finalized already"):
        key.finalize(cancel=threading.Event())
    with pytest.raises(cngcore.InvalidParameterError):
        new_key(registry).finalize(0x4000, cancel=threading.Event())


def test_await(registry, slow):
    async def main():
        key = new_key(registry)
        ticks = []
        asyncio.get_running_loop().call_later(0.35, slow.gate.set)
        await key.finalize_async(progress=lambda doing, seconds: ticks.append(doing))
        return key, ticks

    key, ticks = asyncio.run(main())
    assert key.state == "finalized"
    assert ticks


def test_the_loop_goes_on_meanwhile(registry, slow):
    async def main():
        key = new_key(registry)
        task = asyncio.ensure_future(key.finalize_async())
        for _ in range(3):
            await asyncio.sleep(0.01)
            assert not task.done()
        slow.gate.set()
        await task
        return key

    assert asyncio.run(main()).state == "finalized"


@pytest.mark.parametrize("interruptible", [True, False])
def test_cancelling_the_task_gives_up_the_key(registry, slow, interruptible):
    slow.interruptible = interruptible

    async def main():
        key = new_key(registry)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(key.finalize_async(), 0.05)
        return key

    key = asyncio.run(main())
    assert key.state == "empty"


def test_an_error_comes_through_await(registry, slow):
    slow.gate.set()
    slow.fail = [cngcore.InvalidParameterError("no")]
    with pytest.raises(cngcore.InvalidParameterError, match="no"):
        asyncio.run(new_key(registry).finalize_async())


def test_a_watched_key_is_finalized_once_and_judged(slow, registry):
    slow.gate.set()
    strict = cngcore.Registry(policies=[Policy("p", [Rule("forbid", "DSA", shorter_than=1024)])])
    key = strict.open_algorithm_provider("DSA").generate_key_pair(1024)
    key.set_property("KeyLength", 512)
    with pytest.raises(cngcore.AccessDeniedError):
        key.finalize(cancel=threading.Event())


@pytest.mark.parametrize(("algorithm", "length"), [("DSA", 3072), ("RSA", 960)])
def test_our_own_generators_say_what_they_are_at_and_can_be_cancelled(algorithm, length):
    """Asked at their very first candidate, so that luck cannot finish them before."""
    key = cngcore.open_algorithm_provider(algorithm).generate_key_pair(length)
    said = []

    def waiting(doing):
        said.append(doing)
        raise CancelledError("enough")

    with pytest.raises(CancelledError):
        key._finalize(0, waiting)
    assert said[0].startswith("looking for ")
    assert key.state == "empty"
