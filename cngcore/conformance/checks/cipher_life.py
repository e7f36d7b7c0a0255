"""Check copies of symmetric keys, keys in several threads, and what a destroyed key answers."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import Any

from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Failure, check, demand, granted, refused, same, status_of
from cngcore.conformance._secrets import Setup, message, output_of, setups
from cngcore.conformance._subject import Implementation
from cngcore.objects import SymmetricKey
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED
_HANDLE = NTStatus.STATUS_INVALID_HANDLE
_CIPHER = ["cipher"]
_SYMMETRIC = ["cipher", "derive"]


@check(
    "cipher-copies",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-symmetric-duplicate",
    remedy="Let copy() of the material return independent material at the same position; return self only if no call "
    "changes the material.",
)
def cipher_copies(one: Implementation) -> None:
    """A copy has the mode, register and position of its original; what one does changes nothing in the other."""
    for setup in setups(one):
        if setup.mode.kind == "authenticated":
            key = setup.key()
            twin = granted(key.copy, doing=f"copying a key: {setup}")
            same(output_of(twin), output_of(key), f"encrypting with a copy: {setup}")
            key.destroy()
            same(output_of(twin), output_of(setup.key()), f"encrypting with a copy of a destroyed key: {setup}")
            continue
        data, iv = message(3 * setup.unit), setup.iv()
        later = iv if setup.mode.kind == "units" else None
        model = setup.key()
        first, second, third = (bytes(model.encrypt(data, given)) for given in (iv, later, later))
        key = setup.key()
        same(key.encrypt(data, iv), first, f"encrypting before a copy: {setup}")
        twin = granted(key.copy, doing=f"copying a key: {setup}")
        same(twin.mode, key.mode, f"reading the mode of a copy: {setup}")
        same(granted(key.encrypt, data, later), second, f"encrypting with the original: {setup}")
        same(granted(key.encrypt, data, later), third, f"encrypting with the original again: {setup}")
        same(granted(twin.encrypt, data, later), second, f"encrypting with the copy: {setup}")
        key.destroy()
        same(granted(twin.encrypt, data, later), third, f"encrypting with the copy of a destroyed key: {setup}")
        if setup.message_block:
            same(twin.message_block_length, setup.message_block, "reading MessageBlockLength of a copy")


@check(
    "cipher-life",
    "implementation",
    operations=_SYMMETRIC,
    rule="contract: rule-symmetric-generate, rule-symmetric-duplicate, rule-destroy-key",
    remedy="Keep no key in the factory; if this check fails where the others pass, report it to cngcore.",
)
def cipher_life(one: Implementation) -> None:
    """A key outlives its algorithm and is destroyed once; then every call is INVALID_HANDLE."""
    opened = one.open()
    key = granted(opened.generate_symmetric_key, with_.usual(one), doing="making a key")
    before = output_of(granted(opened.generate_symmetric_key, with_.usual(one)))
    granted(opened.close, doing="closing the algorithm while a key of it lives")
    same(output_of(key), before, "using a key whose algorithm is closed")
    refused(opened.generate_symmetric_key, with_.usual(one), by=_HANDLE, doing="making a key of a closed algorithm")
    calls = _other_calls(one, key)
    for name, call in calls.items():
        refused(call, by=_NOT_SUPPORTED, doing=f"{name} with a key that is not for it")
    granted(key.destroy, doing="destroying a key")
    calls |= {"copy": key.copy, "destroy": key.destroy, "length": lambda: key.length}
    calls |= {"get_property": lambda: key.get_property("KeyLength")}
    calls["use"] = lambda: key.encrypt(b"") if "cipher" in one.algorithm.operations else key.derive_from({}, 1)
    for name, call in calls.items():
        refused(call, by=_HANDLE, doing=f"{name} of a destroyed key")


def _other_calls(one: Implementation, key: SymmetricKey) -> dict[str, Callable[[], object]]:
    if "cipher" not in one.algorithm.operations:
        return {"encrypt": lambda: key.encrypt(b"")}
    if "derive" not in one.algorithm.operations:
        return {"derive": lambda: key.derive_from({}, 1)}
    return {}


_THREADS, _ROUNDS, _LEAST = 4, 60, 0.02
"""How many threads, how often each does its work, and the least seconds on the wall, so that all run at once."""


def _rounds() -> Iterator[None]:
    """Yield for each round of a thread."""
    end = time.perf_counter() + _LEAST
    done = 0
    while done < _ROUNDS or time.perf_counter() < end:
        yield
        done += 1


@contextmanager
def many_switches() -> Iterator[None]:
    """Let Python change threads as often as it can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def in_threads(work: Callable[[int], object], doing: str) -> None:
    """Run ``work`` with the number of a thread in several threads at once; raise Failure if one fails."""
    failures: list[BaseException] = []
    barrier = threading.Barrier(_THREADS)

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(_THREADS)]
    with many_switches():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for error in failures:
        if isinstance(error, Failure):
            raise error
        raise Failure("right answers", f"{type(error).__name__} raised", doing) from error


@check(
    "cipher-threads",
    "implementation",
    operations=[*_SYMMETRIC, "hash"],
    rule="contract: rule-authenticated-calls; the documentation of cngcore.provider.CONCURRENCY",
    remedy="Keep what a call works with in local variables, or declare concurrency='key' or 'serial'.",
    needs=lambda one: "it takes no secret" if "hash" in one.algorithm.operations and not one.algorithm.mac else "",
)
def cipher_threads(one: Implementation) -> str:
    """Several threads that use one key at once get right answers only."""
    if "hash" in one.algorithm.operations:
        jobs = [_mac_job(one)]
    elif "derive" in one.algorithm.operations:
        jobs = [_derivation_job(one)]
    else:
        jobs = [_stream_job(s) if s.mode.kind == "stream" else _job(s) for s in setups(one, every=False)]
    for work, doing, calls in jobs:
        in_threads(work, doing)
        for (call, expected), (other, others) in pairwise(calls):
            results = interrupted(call, other)
            for result in results[1:]:
                same(result, others, f"{doing}, while another call is in progress")
            same(results[0], expected, f"{doing}, with other calls in between")
    return f"{_THREADS} threads, {len(jobs)} ways"


_Call = tuple[Callable[[], object], object]
_Job = tuple[Callable[[int], object], str, list[_Call]]
_INTERRUPTIONS = 200
_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep


def interrupted(call: Callable[[], object], other: Callable[[], object]) -> list[object]:
    """Return the result of a call, and those of another, which runs in a thread after each line of the provider's code.

    This finds state that calls share, without luck. A provider may hold a lock: the other call then ends later.
    """
    results, waiting, lines = [], list[threading.Thread](), [0]

    def another() -> None:
        results.append(granted(other))

    def trace(frame: FrameType, event: str, _: object) -> Any:
        name = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if frame.f_code.co_filename.startswith(_PACKAGE) or name in sys.stdlib_module_names:
            return trace if event == "call" else None
        if event == "line" and lines[0] < _INTERRUPTIONS and not waiting:
            lines[0] += 1
            thread = threading.Thread(target=another)
            thread.start()
            thread.join(0.05)
            if thread.is_alive():  # it waits for a lock
                waiting.append(thread)
        return trace

    first: list[object] = []

    def run() -> None:
        sys.settrace(trace)
        try:
            first.append(granted(call))
        finally:
            sys.settrace(None)

    runner = threading.Thread(target=run)
    runner.start()
    for thread in (runner, *waiting):
        thread.join()
    return first + results


def _job(setup: Setup) -> _Job:
    key, doing = setup.key(), f"encrypting in {_THREADS} threads: {setup}"
    cases = []
    for number in range(_THREADS):
        data = message(max(setup.unit, 16) * 4, f"thread {number}")
        if setup.mode.kind == "authenticated":
            nonce = setup.nonce(f"thread {number}")
            call = partial(key.seal, nonce, b"aad", data, setup.tag)
            back = partial(key.unseal, nonce, b"aad")
        else:
            iv = setup.iv(f"thread {number}")
            call, back = partial(key.encrypt, data, iv), partial(key.decrypt, iv=iv)  # type: ignore[assignment,arg-type]
        cases.append((data, granted(call, doing=doing), call, back))

    def work(number: int) -> None:
        data, expected, call, back = cases[number]
        parts = expected if isinstance(expected, tuple) else (expected,)
        for _ in _rounds():
            same(granted(call, doing=doing), expected, doing)
            same(bytes(granted(back, *parts, doing=doing)), data, doing.replace("en", "de", 1))

    return work, doing, [(call, expected) for _, expected, call, _ in cases[:2]]


def _stream_job(setup: Setup) -> _Job:
    """Every thread draws pieces of the key stream; together they are the stream."""
    key, doing, drawn = setup.key(), f"drawing a key stream in {_THREADS} threads: {setup}", list[bytes]()
    length = 64
    whole = granted(setup.key().encrypt, bytes(length * _ROUNDS * _THREADS))
    expected = {whole[at : at + length] for at in range(0, len(whole), length)}

    def work(number: int) -> None:
        for _ in range(_ROUNDS):
            piece = bytes(granted(key.encrypt, bytes(length), doing=doing))
            demand(piece in expected, "a piece of the key stream", "other bytes", doing)
            drawn.append(piece)
        demand(len(set(drawn)) == len(drawn), "each piece once", "one twice", doing)

    return work, doing, []


def _mac_job(one: Implementation) -> _Job:
    doing = f"making MACs in {_THREADS} threads"
    base = with_.start_mac(one)

    def mac(number: int) -> bytes:
        state = granted(base.copy, doing=doing)
        for part in range(8):
            granted(state.update, message(33, f"{number} {part}"), doing=doing)
        return bytes(granted(state.finish, doing=doing))

    expected = [mac(number) for number in range(_THREADS)]

    def work(number: int) -> None:
        for _ in _rounds():
            same(mac(number), expected[number], doing)

    return work, doing, [(partial(mac, number), expected[number]) for number in range(2)]


def _derivation_job(one: Implementation) -> _Job:
    doing = f"deriving in {_THREADS} threads"
    key = granted(one.opened.generate_symmetric_key, with_.usual(one))
    given = with_.parameters(one)
    lengths = [24 if status_of(key.derive_from, given, 500)[0] == _INVALID else 500 + 10 * n for n in range(_THREADS)]
    expected = [granted(key.derive_from, given, length, doing=doing) for length in lengths]

    def work(number: int) -> None:
        for _ in _rounds():
            same(granted(key.derive_from, given, lengths[number], doing=doing), expected[number], doing)

    return work, doing, [(partial(key.derive_from, given, lengths[n]), expected[n]) for n in range(2)]
