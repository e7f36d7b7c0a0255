"""Check that keys are independent: they differ, share no state, and work from several threads at once."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from cngcore.conformance import _samples as ways
from cngcore.conformance._check import Failure, Skip, check, demand, granted, refused, same
from cngcore.conformance._signing import sign
from cngcore.conformance._subject import Clock, Kind
from cngcore.objects import KeyPair

TraceFunction = Callable[[FrameType, str, Any], Any]


@check(
    "keys-differ",
    "key",
    rule="contract: rule-finalize-status",
    remedy="Draw a new key from the system's random numbers in every generate().",
)
def keys_differ(kind: Kind) -> None:
    """No two new keys are the same, whether one opened algorithm or two made them."""
    keys = [kind.key, kind.another, kind.new(kind.open())]
    keys += [kind.new() for _ in range(kind.affordable(0.2, 16) - 2)]
    names = kind.blob_types(exports=True)
    if not names:
        raise Skip("it exports no blob by which keys could be compared")
    for name in names:
        blobs = {bytes(granted(key.export, name)) for key in keys}
        same(len(blobs), len(keys), f"counting the {name} of {len(keys)} new keys")


def _results(kind: Kind, key: KeyPair, peer: KeyPair) -> dict[str, bytes]:
    """Return what must stay the same for a key, whatever happens to others."""
    found = {name: bytes(granted(key.export, name)) for name in kind.blob_types(exports=True)}
    if "agree" in kind.algorithm.operations:
        found["agree"] = granted(key.agree, peer).derive("TRUNCATE")
    return found


@check(
    "keys-independent",
    "key",
    rule="contract: rule-lifetimes",
    remedy="Keep all data of a key in its own material, and none in a class, a module or the factory.",
)
def keys_independent(kind: Kind) -> None:
    """Making, using, importing and destroying one key changes nothing for another."""
    one, peer = kind.new(), kind.another
    before = _results(kind, one, peer)
    other = kind.new()
    same(_results(kind, one, peer), before, "looking at a key after another was made")
    for name in kind.blob_types(imports=True, exports=True):
        kind.imported(name, other.export(name))
    same(_results(kind, one, peer), before, "looking at a key after another was imported")
    operations = kind.algorithm.operations
    if "sign" in operations:
        way = ways.signing(kind)[0]
        signed = {key: sign(kind, way.data, way.padding, key=key) for key in (one, other)}
        for key, stranger in ((one, other), (other, one)):
            granted(
                key.verify_signature, way.data, signed[key], way.padding, doing="verifying under the key that signed"
            )
            status = ways.refusal(kind, key, signed[stranger])
            if status is not None:
                refused(
                    key.verify_signature,
                    way.data,
                    signed[stranger],
                    way.padding,
                    by=status,
                    doing="verifying the signature of another key",
                )
    if "encapsulate" in operations:
        secret, ciphertext = granted(one.encapsulate)
        same(granted(one.decapsulate, ciphertext), secret, "decapsulating")
        demand(
            granted(other.decapsulate, ciphertext) != secret,
            "another secret",
            "the same",
            "decapsulating with another key",
        )
    other.destroy()
    same(_results(kind, one, peer), before, "looking at a key after another was destroyed")
    if "sign" in operations:
        granted(
            one.verify_signature, way.data, signed[one], way.padding, doing="verifying after another key was destroyed"
        )
        sign(kind, way.data, way.padding, key=one, doing="signing after another key was destroyed")
    one.destroy()


def _exports(key: KeyPair, name: str, blob: bytes) -> None:
    same(bytes(granted(key.export, name)), blob, "exporting from several threads")


# --- several threads ---------------------------------------------------------------------------------------------


def _work(kind: Kind, key: KeyPair, number: int) -> list[Callable[[], None]]:
    """Return calls on a key whose results show whether other threads disturbed it."""
    work: list[Callable[[], None]] = []
    half = kind.public_only(key)
    operations = kind.algorithm.operations
    if "sign" in operations:
        way = ways.signing(kind)[0]
        data = bytes([number]) * len(way.data) if way.data else way.data

        def sign() -> None:
            signature = granted(key.sign_hash, data, way.padding, doing="signing from several threads")
            granted(half.verify_signature, data, signature, way.padding, doing="verifying what a thread signed")

        work.append(sign)
    if "encrypt" in operations:
        padded = ways.encrypting(kind)[0]
        text = bytes([number + 1]) * len(padded.data) if padded.padding is not None else padded.data

        def crypt() -> None:
            back = granted(
                key.decrypt,
                granted(half.encrypt, text, padded.padding),
                padded.padding,
                doing="decrypting from several threads",
            )
            same(bytes(back), text, "decrypting from several threads")

        work.append(crypt)
    if "agree" in operations:
        peer = kind.new()

        def agree() -> None:
            mine = granted(key.agree, peer, doing="agreeing from several threads").derive("TRUNCATE")
            same(granted(peer.agree, half).derive("TRUNCATE"), mine, "agreeing from several threads")

        work.append(agree)
    if "encapsulate" in operations:

        def encapsulate() -> None:
            secret, ciphertext = granted(half.encapsulate, doing="encapsulating from several threads")
            same(granted(key.decapsulate, ciphertext), secret, "decapsulating from several threads")

        work.append(encapsulate)
    for name in kind.blob_types(exports=True):
        blob = bytes(key.export(name))
        work.append(partial(_exports, key, name, blob))
    return work


def _switching(kind: Kind) -> TraceFunction:
    """Return a trace function that lets another thread run before every line of the provider's own code."""
    package = kind.implementation.candidate.module.partition(":")[0].partition(".")[0]

    def line(_: FrameType, __: str, ___: object) -> TraceFunction:
        time.sleep(0)
        return line

    def call(frame: FrameType, _: str, __: object) -> TraceFunction | None:
        return line if str(frame.f_globals.get("__name__")).partition(".")[0] == package else None

    return call


@check(
    "threads",
    "key",
    rule="the documentation of cngcore.provider.KeyMaterial: methods may be called from several threads at once",
    remedy="Keep the data of a call in local variables, lock what is shared, or declare concurrency='key' or 'serial', "
    "so that the core calls one at a time.",
)
def threads(kind: Kind) -> None:
    """Keys work from several threads at once: one key shared by all threads, and one key for each thread."""
    count, seconds = 4, 0.15
    own = [kind.new() for _ in range(count)]
    jobs = [[*_work(kind, kind.key, number), *_work(kind, own[number], number)] for number in range(count)]
    failures: list[BaseException] = []
    begin = threading.Barrier(count)
    stop = threading.Event()

    switch = _switching(kind)
    alone = Clock()
    for job in jobs[0]:
        job()
    least = 3 if alone.seconds < 0.2 else 1  # rounds of a thread, however slow they are

    def run(number: int) -> None:
        try:
            begin.wait()
            for round_ in range(64):
                sys.settrace(None if stop.is_set() or round_ >= 8 else switch)
                for job in jobs[number]:
                    job()
                if stop.is_set() and round_ + 1 >= least:
                    return
        except BaseException as error:
            failures.append(error)
            stop.set()

    def wait() -> None:
        stop.wait(seconds)
        stop.set()

    _in_threads(count, run, "working from several threads", wait)
    if failures:
        raise failures[0]


def _in_threads(
    count: int, run: Callable[[int], None], doing: str, meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Run a function in so many threads that switch often. Raise Failure if one has not ended after 60 s."""
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        started = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
        for thread in started:
            thread.start()
        meanwhile()
        for thread in started:
            thread.join(60)
    finally:
        sys.setswitchinterval(switching)
    if any(thread.is_alive() for thread in started):
        raise Failure("an end", "none within 60 s", doing)


def _finalize_between_lines(kind: Kind) -> None:
    """Make keys in four threads, and let another thread run before each line of the provider; test each pair."""
    count, switch, clock = 4, _switching(kind), Clock()
    most = kind.affordable(0.4, 100, 0) // count  # tracing is slow, and a slow key is made by a library
    if not most:
        return
    made: list[list[KeyPair]] = [[] for _ in range(count)]
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            sys.settrace(switch)
            for _ in range(most):
                made[number].append(kind.new())
                if clock.seconds > 1.0:
                    return
        except BaseException as error:
            failures.append(error)
        finally:
            sys.settrace(None)

    _in_threads(count, run, "making keys in several threads")
    if failures:
        raise failures[0]
    for key in (key for keys in made for key in keys):
        _belongs_together(kind, key)
        key.destroy()


def _belongs_together(kind: Kind, key: KeyPair) -> None:
    """Raise Failure unless the public half of a key belongs to its private half."""
    doing = "using the two halves of a key made in one of several threads"
    half, operations = kind.public_only(key), kind.algorithm.operations
    if "sign" in operations:
        way = ways.signing(kind)[0]
        granted(
            half.verify_signature, way.data, granted(key.sign_hash, way.data, way.padding), way.padding, doing=doing
        )
    if "encrypt" in operations:
        padded = ways.encrypting(kind)[0]
        back = granted(key.decrypt, granted(half.encrypt, padded.data, padded.padding), padded.padding, doing=doing)
        same(bytes(back), padded.data, doing)
    if "agree" in operations:
        same(granted(key.agree, kind.key).derive("TRUNCATE"), granted(kind.key.agree, half).derive("TRUNCATE"), doing)
    if "encapsulate" in operations:
        secret, ciphertext = granted(half.encapsulate)
        same(granted(key.decapsulate, ciphertext, doing=doing), secret, doing)


@check(
    "threads-finalize",
    "key",
    rule="docs/decisions/life-cycle.md",
    remedy="Let generate() be called from several threads at once: no shared state in the factory.",
)
def threads_finalize(kind: Kind) -> None:
    """Keys made at the same time in several threads differ, and their halves belong together; of several Finalize calls
    on one key, one succeeds."""
    _ = kind.key
    count = 4
    empties = [kind.empty() for _ in range(count)]
    contested = kind.empty()
    statuses: list[str] = []
    failures: list[BaseException] = []
    begin = threading.Barrier(count)

    def run(number: int) -> None:
        from cngcore.conformance._check import status_of

        try:
            begin.wait()
            granted(empties[number].finalize, doing="finalizing from several threads")
            statuses.append(status_of(contested.finalize)[0].name)
        except BaseException as error:
            failures.append(error)

    started = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    if failures:
        raise failures[0]
    _finalize_between_lines(kind)
    same(
        sorted(statuses),
        ["STATUS_INVALID_HANDLE"] * (count - 1) + ["STATUS_SUCCESS"],
        "finalizing one key from four threads",
    )
    for name in kind.blob_types(private=False, exports=True)[:1]:
        same(len({bytes(key.export(name)) for key in empties}), count, "counting keys made in four threads")
