"""The check ``interrupts`` raises only where a signal can arrive: a lock under ``with`` is always released."""

import threading
import weakref
from contextlib import contextmanager

import pytest

from cngcore.conformance.checks.interrupts import _interrupted

LOCK = threading.RLock()


@contextmanager
def held():
    with LOCK:
        try:  # an instruction that no signal interrupts, outside of what 'with' covers
            yield 1
        except KeyError:
            raise


@contextmanager
def plain():
    with LOCK:
        yield 2


class Owner:
    """Its callback takes the lock when it is collected."""

    def __init__(self):
        weakref.finalize(self, take)


def take():
    with held():
        pass


def uses_both():
    with held() as one:
        pass
    with plain() as two:
        return one + two


def drops_an_owner():
    owner = Owner()
    del owner
    return 3


def is_free():
    """Whether another thread can take the lock."""
    answers = []

    def other():
        answers.append(LOCK.acquire(timeout=1))
        if answers[0]:
            LOCK.release()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    return answers[0]


@pytest.mark.parametrize("call", [uses_both, drops_an_owner])
def test_a_lock_is_released_at_every_line(call):
    package, line = __name__.partition(".")[0], 1
    while True:
        reached, came = _interrupted(call, package, line)
        assert is_free(), f"interrupted at line {line}"
        if not reached:
            break
        assert came == "KeyboardInterrupt"
        line += 1
    assert line > 3


def test_an_interrupt_that_is_swallowed_is_seen():
    def swallows():
        try:
            return 1
        except BaseException:
            return 2

    came = [_interrupted(swallows, __name__.partition(".")[0], line)[1] for line in (1, 2)]
    assert "a result" in came


def test_an_interrupt_that_becomes_another_error_is_named():
    def turns():
        try:
            return int("1")
        except BaseException:
            raise ValueError from None

    came = [_interrupted(turns, __name__.partition(".")[0], line)[1] for line in range(1, 4)]
    assert "ValueError raised" in came
