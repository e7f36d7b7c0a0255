"""A provider that hangs: bounded wherever the caller set a bound; and the others go on meanwhile."""

import asyncio
import threading
import time

import pytest

import cngcore
from cngcore.pool import KeyPool


@pytest.fixture
def gate(bench):
    """``generate`` hangs until the gate is opened; it does not look whether anyone still waits."""
    opened = threading.Event()

    def hang() -> object:
        opened.wait(60)
        raise cngcore.NotSupportedError("the gate was opened")

    bench.plan.faults["generate"] = hang
    yield opened
    opened.set()
    while any(thread.name.startswith("cngcore") and thread.is_alive() for thread in threading.enumerate()):
        time.sleep(0.01)


def others_work() -> None:
    with cngcore.generate_key_pair("ECDSA_P256", 256) as key:
        key.verify_signature(bytes(32), key.sign_hash(bytes(32)))


def test_finalize_that_is_cancelled(gate, bench) -> None:
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    with pytest.raises(cngcore.CancelledError):
        bench.empty.finalize(cancel=cancel)
    assert bench.empty.state == "empty"
    others_work()
    with pytest.raises(cngcore.InvalidHandleError):
        bench.empty.finalize()  # the back end is at it still
    bench.empty.destroy()


def test_finalize_async_with_a_deadline(gate, bench) -> None:
    async def wait() -> None:
        await asyncio.wait_for(bench.empty.finalize_async(), 0.2)

    with pytest.raises(TimeoutError):
        asyncio.run(wait())
    assert bench.empty.state == "empty"
    others_work()


def test_progress_that_gives_up(gate, bench) -> None:
    """A handler that raises is the caller's way out as well."""

    def progress(doing: str, seconds: float) -> None:
        raise TimeoutError("enough")

    with pytest.raises(TimeoutError):
        bench.empty.finalize(progress=progress)
    assert bench.empty.state == "empty"


def test_a_pool_whose_provider_hangs(gate, bench) -> None:
    with KeyPool("FAULTY", length=8, registry=bench.registry) as pool:
        with pytest.raises(TimeoutError):
            pool.take(timeout=0.2)
        others_work()
        assert len(pool) == 0
    with pytest.raises(cngcore.InvalidHandleError):
        pool.take(timeout=5)


def test_a_key_that_is_destroyed_while_its_provider_hangs(gate, bench) -> None:
    """Destroying does not wait; what the back end makes later is thrown away."""
    raised = []

    def finalize() -> None:
        try:
            bench.empty.finalize()
        except cngcore.CngError as error:
            raised.append(error)

    thread = threading.Thread(target=finalize)
    thread.start()
    time.sleep(0.05)
    bench.empty.destroy()
    others_work()
    gate.set()
    thread.join(10)
    assert len(raised) == 1
    assert bench.empty.state == "destroyed"


def test_an_operation_that_hangs_keeps_nobody_else(bench) -> None:
    entered, opened = threading.Event(), threading.Event()

    def hang() -> object:
        entered.set()
        opened.wait(60)
        return b"sign"

    bench.plan.faults["sign_hash"] = hang
    answers = []
    thread = threading.Thread(target=lambda: answers.append(bench.key.sign_hash(b"hash")))
    thread.start()
    assert entered.wait(10)
    bench.key.verify_signature(b"hash", b"sign")  # the same key, another method
    others_work()
    bench.provider.generate_key_pair(8).finalize()
    bench.key.destroy()
    opened.set()
    thread.join(10)
    assert answers == [b"sign"]
