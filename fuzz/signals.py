"""Interrupt calls at every place where a signal can, and check what is left: ``python -m fuzz signals``.

CPython runs a signal handler when a function begins and when a call into C returns. An *attack* names a scenario, a
kind of key, a way and a point. Two ways exist:

- ``counted``: a profile function raises at the point-th of these places inside the call, so the attack can be repeated;
- ``timed``: a real alarm rings after so many microseconds, and its handler raises.

A scenario makes objects, gives one call to be interrupted, and then says what is legal: a key is empty, finalized or
destroyed, and can be used as such; the same call succeeds again; no handle leaks; no policy or listener is lost. After
each attack every lock is free, and the registry still opens the algorithm. In ``shared`` attacks a second thread works
with the same objects.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import cngcore
from cngcore import _forks as forks
from cngcore import bcrypt
from cngcore.bcrypt import _handles as handles
from cngcore.blobs.dsa import DsaParameters
from cngcore.policy import Policy, Rule
from cngcore.pool import KeyPool
from cngcore.provider import Algorithm, ExactLength, KeyFactory, KeyMaterial, hookimpl
from cngcore.status import CngError, InvalidHandleError, NTStatus
from fuzz import symmetric_signals
from fuzz.attacks import Attack, Interrupt, Outcome, Scenario, closes, demand
from fuzz.findings import Finding
from fuzz.samples import DSA_PARAMETERS

__all__ = ["KINDS", "SCENARIOS", "Attack", "Interrupt", "attack", "main", "play", "points"]

OK = NTStatus.STATUS_SUCCESS
NO_HANDLE = NTStatus.STATUS_INVALID_HANDLE
DIGEST = bytes(range(32))
PATIENCE = 20.0
"""Seconds that a second thread may take, and that an attack may take."""


# --- the keys --------------------------------------------------------------------------------------------


class ToyKey(KeyMaterial):
    """A key of a provider that is called by one thread at a time."""

    has_private = True
    signature_length = 32

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        return bytes(digest)

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        return bytes(digest) == bytes(signature)


class ToyFactory(KeyFactory):
    def generate(self, request: Any) -> ToyKey:
        return ToyKey()


class Toys:
    """A plug-in with an algorithm for each way of locking, a policy and a listener."""

    def __init__(self) -> None:
        self.events: list[tuple[int, str]] = []

    @hookimpl
    def cngcore_register_algorithms(self) -> list[Algorithm]:
        return [
            Algorithm(f"TOY-{way}", "toy", {"sign"}, ExactLength(256), factory=ToyFactory, concurrency=way)
            for way in ("serial", "key", "free")
        ]

    @hookimpl
    def cngcore_policies(self) -> list[Policy]:
        return [Policy("toys", [Rule("forbid", "ECDSA", curves=["nistP384"]), Rule("warn", "TOY-key")])]

    @hookimpl
    def cngcore_key_event(self, event: Any) -> None:
        self.events.append((event.key, event.action))


@dataclass(frozen=True)
class Kind:
    """An algorithm with what its keys need, on one of three registries."""

    algorithm: str
    length: int
    property: tuple[str, Any] | None = None
    watched: bool = False
    flags: int = 0

    def registry(self) -> cngcore.Registry:
        return watched()[0] if self.watched else plain()

    def open(self) -> cngcore.AlgorithmProvider:
        return self.registry().open_algorithm_provider(self.algorithm, flags=self.flags)

    def empty(self) -> cngcore.KeyPair:
        key = self.open().generate_key_pair(self.length)
        if self.property is not None:
            key.set_property(*self.property)
        return key

    def made(self) -> cngcore.KeyPair:
        key = self.empty()
        key.finalize()
        return key


@cache
def plain() -> cngcore.Registry:
    return cngcore.Registry(policies=[])


@cache
def watched() -> tuple[cngcore.Registry, Toys]:
    registry, toys = cngcore.Registry(), Toys()
    registry.register(toys)
    return registry, toys


_DSA = ("DSAParameters", DsaParameters.from_bytes(DSA_PARAMETERS))
KINDS = {
    "RSA": Kind("RSA", 512),
    "DSA": Kind("DSA", 512, _DSA),
    "DH": Kind("DH", 512),
    "ECDSA_P256": Kind("ECDSA_P256", 256),
    "ECDH": Kind("ECDH", 0, ("ECCCurveName", "curve25519")),
    "ECDH at dispatch level": Kind("ECDH_P256", 256, flags=1),
    "ML-KEM": Kind("ML-KEM", 0, ("ParameterSetName", "768")),
    "ML-DSA": Kind("ML-DSA", 0, ("ParameterSetName", "44")),
    "ECDSA, watched": Kind("ECDSA", 0, ("ECCCurveName", "nistP256"), watched=True),
    "ECDH_P256, watched": Kind("ECDH_P256", 256, watched=True),
    "serial": Kind("TOY-serial", 256, watched=True),
    "locked by key": Kind("TOY-key", 256, watched=True),
}


def use(key: cngcore.KeyPair) -> object:
    """Use a finalized key in the way that its algorithm has, and check the result."""
    operations = key._implementation.algorithm.operations
    if "sign" in operations:
        scheme = cngcore.Pkcs1("SHA256") if key.get_property("AlgorithmName") == "RSA" else None
        digest = DIGEST[:20] if key.get_property("AlgorithmName") == "DSA" else DIGEST
        key.verify_signature(digest, key.sign_hash(digest, scheme), scheme)
        return None
    if "agree" in operations:
        with key.agree(key) as secret:
            return secret.derive("HASH")
    secret_bytes, ciphertext = key.encapsulate()
    demand(key.decapsulate(ciphertext) == secret_bytes, "decapsulate gives another secret")
    return None


# --- the scenarios ---------------------------------------------------------------------------------------


def opening(kind: Kind) -> Scenario:
    outcome = yield kind.open
    demand(outcome.error is None, f"opening raised {outcome.error}")


def a_new_registry(kind: Kind) -> Scenario:
    """Discovery, loading and registration: the plug-in with the policy is in force as a whole, or not at all."""
    toys = Toys()
    registry = cngcore.Registry()
    outcome = yield lambda: (registry.register(toys), registry.open_algorithm_provider(kind.algorithm))
    demand(outcome.error is None or kind.watched, f"opening raised {outcome.error}")
    registry.register(toys)
    with registry.generate_key_pair("TOY-serial", 256) as key:
        use(key)
    demand({"created", "finalized"} <= {action for _, action in toys.events}, f"the listener heard {toys.events}")
    try:
        registry.generate_key_pair("ECDSA", curve="nistP384")
    except cngcore.AccessDeniedError:
        pass
    else:
        raise Finding("the policy is not in force")
    demand(not registry.faults(), f"faults: {registry.faults()}")
    names = sorted(one.name for one in registry.declarations() if one.name.startswith("TOY"))
    demand(names == ["TOY-free", "TOY-key", "TOY-serial"], f"registered: {names}")


def a_first_key(kind: Kind) -> Scenario:
    """Everything that happens once: discovery, import of the provider, its factory."""
    registry = cngcore.Registry(policies=[])
    name = "ECDSA_P256" if kind.watched else kind.algorithm
    length = 256 if kind.watched else kind.length
    outcome = yield lambda: registry.open_algorithm_provider(name).generate_key_pair(length)
    demand(outcome.error is None, f"the first key raised {outcome.error}")
    registry.open_algorithm_provider(name).generate_key_pair(length).destroy()
    demand(not registry.faults(), f"faults: {registry.faults()}")


def generating(kind: Kind) -> Scenario:
    provider = kind.open()
    outcome = yield lambda: provider.generate_key_pair(kind.length)
    demand(outcome.error is None, f"generate_key_pair raised {outcome.error}")
    if outcome.answer is not None:
        demand(outcome.answer.state == "empty", f"a new key is {outcome.answer.state}")
        outcome.answer.destroy()
    outcome.answer = None
    closes(provider)


def setting(kind: Kind) -> Scenario:
    key = kind.empty()
    name, value = kind.property or ("KeyLength", kind.length)
    outcome = yield lambda: key.set_property(name, value)
    demand(outcome.error is None or not kind.property, f"set_property raised {outcome.error}")
    demand(key.state == "empty", f"the key is {key.state}")
    if kind.property:
        key.set_property(name, value)
    key.finalize()
    use(key)


def finalizing(kind: Kind) -> Scenario:
    key = kind.empty()
    outcome = yield key.finalize
    demand(outcome.error is None, f"finalize raised {outcome.error}")
    whole(key, outcome, kind)


def finalizing_with_progress(kind: Kind) -> Scenario:
    key = kind.empty()
    outcome = yield lambda: key.finalize(progress=lambda doing, seconds: None)
    if outcome.interrupted and key.state == "empty":
        end = time.monotonic() + PATIENCE
        while key.state == "empty" and time.monotonic() < end:
            try:
                key.finalize()
            except InvalidHandleError:  # the generation that was given up still runs
                time.sleep(0.001)
    whole(key, outcome, kind)


def whole(key: cngcore.KeyPair, outcome: Outcome, kind: Kind) -> None:
    """A key whose finalize was interrupted is empty or finalized, and can be used as such."""
    demand(key.state in ("empty", "finalized"), f"the key is {key.state}")
    demand(outcome.interrupted or key.state == "finalized", f"finalize returned, and the key is {key.state}")
    if key.state == "empty":
        key.finalize()
    try:
        key.finalize()
    except InvalidHandleError:
        pass
    else:
        raise Finding("a finalized key was finalized again")
    use(key)
    if kind.watched:
        number = key._number  # type: ignore[attr-defined]
        told = [action for known, action in watched()[1].events if known == number]
        most = 2 if outcome.interrupted else 1  # an interrupt inside a listener makes it hear the event again
        demand(1 <= told.count("finalized") <= most, f"finalized, and the listener heard {told}")
        key.destroy()
        told = [action for known, action in watched()[1].events if known == number]
        demand(told.count("destroyed") == 1, f"destroyed, and the listener heard {told}")


def a_forbidden_key(kind: Kind) -> Scenario:
    """A curve that the policy forbids, told by its parameters: the key must never be made."""
    with watched()[0].open_algorithm_provider("ECDSA") as provider:
        key = provider.generate_key_pair(0)
    key._request.properties = {"ECCCurveName": "nistP384"}  # type: ignore[union-attr]
    outcome = yield key.finalize
    demand(outcome.interrupted or isinstance(outcome.error, cngcore.AccessDeniedError), f"finalize: {outcome.error}")
    demand(key.state == "empty", f"a forbidden key is {key.state}")
    key.destroy()


def using(kind: Kind) -> Scenario:
    key = kind.made()
    outcome = yield lambda: use(key)
    demand(outcome.error is None, f"the use raised {outcome.error}")
    demand(key.state == "finalized", f"the key is {key.state}")
    use(key)


def exporting(kind: Kind) -> Scenario:
    key = kind.made()
    name = next((name for name in key._implementation.algorithm.blob_types if "PUBLIC" in name), "")
    call = (lambda: key.export(name)) if name else (lambda: key.get_property("AlgorithmName"))
    outcome = yield call
    demand(outcome.error is None, f"export raised {outcome.error}")
    if name:
        with kind.open() as provider:
            if kind.property is not None and kind.property[0] == "ECCCurveName":
                provider.set_property(*kind.property)
            use_public = provider.import_key_pair(name, key.export(name))
            demand(use_public.export(name) == key.export(name), "another key was imported")
            use_public.destroy()


def destroying(kind: Kind) -> Scenario:
    provider = kind.open()
    key = provider.generate_key_pair(kind.length)
    if kind.property is not None:
        key.set_property(*kind.property)
    key.finalize()
    outcome = yield key.destroy
    demand(outcome.error is None, f"destroy raised {outcome.error}")
    demand(key.state in ("finalized", "destroyed"), f"the key is {key.state}")
    if key.state == "finalized":
        use(key)
        key.destroy()
    else:
        with contextlib.suppress(InvalidHandleError):
            key.destroy()
    demand(key.state == "destroyed", f"the key is {key.state}")
    number = getattr(key, "_number", 0)
    outcome.answer = key = None  # type: ignore[assignment]
    closes(provider)
    if kind.watched:
        watched()[0].watch().flush()  # type: ignore[union-attr]
        told = [action for known, action in watched()[1].events if known == number and action not in ("used", "warned")]
        most = 2 if outcome.interrupted else 1
        demand(told[:3] == ["created", "finalized", "destroyed"], f"the listener heard {told}")
        demand(told[3:] in ([], ["destroyed"] * (most - 1)), f"the listener heard {told}")


def destroying_an_empty_key(kind: Kind) -> Scenario:
    provider = kind.open()
    key = provider.generate_key_pair(kind.length)
    outcome = yield key.destroy
    demand(outcome.error is None, f"destroy raised {outcome.error}")
    demand(key.state in ("empty", "destroyed"), f"the key is {key.state}")
    with contextlib.suppress(InvalidHandleError):
        key.destroy()
    closes(provider)


def destroying_a_secret(kind: Kind) -> Scenario:
    provider = plain().open_algorithm_provider("ECDH_P256", flags=1)
    key = provider.generate_key_pair(256)
    key.finalize()
    yield from _destroying(provider, key.agree(key))
    key.destroy()
    closes(provider)


def destroying_a_hash(kind: Kind) -> Scenario:
    provider = plain().open_algorithm_provider("SHA256", flags=1)
    yield from _destroying(provider, provider.create_hash())
    closes(provider)


def _destroying(provider: cngcore.AlgorithmProvider, thing: Any) -> Scenario:
    """Destroy a secret or a hash; afterwards it counts no more, or can be destroyed again."""
    outcome = yield thing.destroy
    demand(outcome.error is None, f"destroy raised {outcome.error}")
    with contextlib.suppress(InvalidHandleError):
        thing.destroy()
    demand(thing not in (provider._live or ()), "it is destroyed, and counts as live")


def closing(kind: Kind) -> Scenario:
    provider = kind.open()
    outcome = yield provider.close
    demand(outcome.error is None, f"close raised {outcome.error}")
    if not provider.closed:
        provider.close()
    demand(provider.closed, "close returned, and the algorithm is open")


def hashing(kind: Kind) -> Scenario:
    import hashlib

    with plain().open_algorithm_provider("SHA256") as provider:
        state = provider.create_hash()
        state.update(b"a")
        outcome = yield lambda: state.update(b"b")
        demand(outcome.error is None, f"update raised {outcome.error}")
        legal = (b"ab", b"a") if outcome.interrupted else (b"ab",)
        demand(state.finish() in [hashlib.sha256(one).digest() for one in legal], "another digest")


def flat_life(kind: Kind) -> Scenario:
    """The flat API: each call is the one to interrupt once in a while; no handle may leak or outlive its object."""
    name, length = ("ECDSA_P256", 256) if kind.watched else (kind.algorithm, kind.length)
    before = handles.open_handles()
    live: dict[str, int] = {}

    def life() -> None:
        live["algorithm"] = bcrypt.BCryptOpenAlgorithmProvider(name)[1]
        live["key"] = bcrypt.BCryptGenerateKeyPair(live["algorithm"], length)[1]
        if not kind.watched and kind.property is not None:
            value = DSA_PARAMETERS if kind.property[0] == "DSAParameters" else kind.property[1]
            bcrypt.BCryptSetProperty(live["key"], kind.property[0], value)
        bcrypt.BCryptFinalizeKeyPair(live["key"])
        bcrypt.BCryptDestroyKey(live["key"])
        bcrypt.BCryptCloseAlgorithmProvider(live["algorithm"])

    outcome = yield life
    demand(outcome.error is None, f"the flat API raised {outcome.error}")
    if "key" in live and live["key"] in handles.keys:
        key = handles.keys[live["key"]]
        demand(key.state in ("empty", "finalized"), f"a live handle means a key that is {key.state}")
        del key
        demand(bcrypt.BCryptDestroyKey(live["key"]) is OK, "a live key cannot be destroyed")
    if "key" in live:
        demand(bcrypt.BCryptDestroyKey(live["key"]) is NO_HANDLE, "a dead handle was destroyed again")
    if "algorithm" in live and live["algorithm"] in handles.algorithms:
        demand(bcrypt.BCryptCloseAlgorithmProvider(live["algorithm"]) is OK, "a live algorithm cannot be closed")
    demand(handles.open_handles() == before, f"{handles.open_handles() - before} handles leak")


def a_pool(kind: Kind) -> Scenario:
    """A pool of keys: an interrupt in take() loses one key at most, and the pool goes on."""
    pools: list[KeyPool] = []

    def live() -> None:
        pools.append(KeyPool("ECDSA_P256", length=256, size=1, registry=plain()))
        pools[0].take(PATIENCE).destroy()

    outcome = yield live
    demand(outcome.error is None, f"the pool raised {outcome.error}")
    for pool in pools:
        for _ in range(2):
            try:
                pool.take(5).destroy()
            except TimeoutError as error:
                raise Finding("the pool gives no key any more") from error
        pool.close()


SCENARIOS: dict[str, Callable[[Kind], Scenario]] = {
    scenario.__name__.replace("_", " "): scenario
    for scenario in (
        opening, a_new_registry, a_first_key, generating, setting, finalizing, finalizing_with_progress,
        a_forbidden_key, using, exporting, destroying, destroying_an_empty_key, destroying_a_secret,
        destroying_a_hash, closing, hashing, flat_life, a_pool,
    )
} | symmetric_signals.SCENARIOS  # fmt: skip


# --- an attack -------------------------------------------------------------------------------------------


@cache
def _counts(code: CodeType) -> bool:
    """Return whether code belongs to the call that is interrupted: the core, and whatever it calls, but not this."""
    return code.co_filename != __file__


def attack(one: Attack) -> Outcome:
    """Play an attack and check what is left. Raise Finding for a broken promise."""
    kind = KINDS[one.kind]
    scenario = SCENARIOS[one.scenario](kind)
    call = next(scenario)
    with _second_thread(kind) if one.shared else contextlib.nullcontext():
        outcome = (_counted if one.way == "counted" else _timed)(call, one.point)[0]
    del call  # it may hold the last reference to a key
    try:
        scenario.send(outcome)
    except StopIteration:
        pass
    except Finding:
        raise
    except Exception as error:
        raise Finding(f"the same again raised {type(error).__name__}: {error}") from error
    outcome.answer = None
    _locks_are_free()
    try:
        kind.open().close()
    except CngError as error:
        raise Finding(f"the registry does not open {kind.algorithm} any more: {error}") from error
    return outcome


def points(scenario: str, kind: str) -> int:
    """Return at how many places of a scenario's call a signal can be handled."""
    played = SCENARIOS[scenario](KINDS[kind])
    outcome, count = _counted(next(played), 0)
    with contextlib.suppress(StopIteration):
        played.send(outcome)
    return count


def _counted(call: Callable[[], Any], point: int) -> tuple[Outcome, int]:
    """Make the call, interrupted at the point-th place; return the number of places that it passed, too."""
    count = 0

    def profile(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        if event in ("call", "c_return") and _counts(frame.f_code):
            count += 1
            if count == point:
                sys.setprofile(None)
                raise Interrupt

    outcome = Outcome()
    sys.setprofile(profile)
    _make(call, outcome, lambda: sys.setprofile(None))
    return outcome, count


def _timed(call: Callable[[], Any], microseconds: int) -> tuple[Outcome, int]:
    """Make the call, interrupted by an alarm; the handler raises as soon as our code runs."""
    rung, ended = 0, False

    def ring(number: int, frame: FrameType | None) -> None:
        nonlocal rung
        if ended:
            return
        inside, at = False, frame
        while at is not None and not inside:
            inside, at = at.f_code is _make.__code__, at.f_back
        rung += 1
        if frame is not None and inside and _counts(frame.f_code):
            raise Interrupt
        if inside and rung < 1000:
            signal.setitimer(signal.ITIMER_REAL, 1e-4)

    def end() -> None:
        nonlocal ended
        ended = True
        signal.setitimer(signal.ITIMER_REAL, 0)

    outcome = Outcome()
    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, microseconds * 1e-6)
        _make(call, outcome, end)
        return outcome, rung
    finally:
        signal.signal(signal.SIGALRM, before)


def _make(call: Callable[[], Any], outcome: Outcome, end: Callable[[], object]) -> None:
    try:
        outcome.answer = call()
    except Interrupt:
        outcome.interrupted = True
    except CngError as error:
        outcome.error = error
    except Exception as error:
        raise Finding(f"the interrupted call raised {type(error).__name__}: {error}") from error
    finally:
        end()


@contextlib.contextmanager
def _second_thread(kind: Kind) -> Iterator[None]:
    """Let a second thread open, make, use and destroy keys of the same algorithm and registry meanwhile."""
    stop, errors = threading.Event(), []

    def work() -> None:
        try:
            while not stop.is_set():
                key = kind.made()
                use(key)
                key.destroy()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
        demand(not thread.is_alive(), "the second thread hangs")
    demand(not errors, f"the second thread: {errors}")


def _locks_are_free() -> None:
    """Take every lock of the core in another thread."""
    taken: list[str] = []

    def take() -> None:
        for known in [*forks._held_over_fork, *forks._reset_in_child]:
            lock = known()
            if lock is not None:
                if lock.acquire(timeout=1):
                    lock.release()
                else:
                    taken.append(repr(lock))

    thread = threading.Thread(target=take)
    thread.start()
    thread.join()
    demand(not taken, f"held for ever: {taken}")


# --- the run ---------------------------------------------------------------------------------------------

_NEEDS_NO_KIND = (
    "a forbidden key", "hashing", "a pool", "destroying a secret", "destroying a hash", *symmetric_signals.SCENARIOS
)  # fmt: skip


def play(
    seconds: float, folder: Path, seed: int | None = None, scenarios: Iterable[str] = tuple(SCENARIOS)
) -> dict[str, Any]:
    """Attack until the time is over, for one round of the scenarios at least. Keep each finding in ``folder``."""
    source = random.Random(seed)
    results: Counter[str] = Counter()
    kept: set[str] = set()
    running = folder / "running"
    pairs = [
        (scenario, kind)
        for scenario in scenarios
        for kind in (["ECDSA, watched"] if scenario in _NEEDS_NO_KIND else KINDS)
    ]
    sizes: dict[tuple[str, str], int] = {}
    end = time.monotonic() + seconds
    while not sizes or time.monotonic() < end:
        for scenario, kind in source.sample(pairs, len(pairs)):
            if sizes and len(sizes) == len(pairs) and time.monotonic() >= end:
                break
            if (scenario, kind) not in sizes:
                points(scenario, kind)  # what happens once has happened
                sizes[scenario, kind] = points(scenario, kind)
            size = sizes[scenario, kind]
            for _ in range(8):
                way = source.choice(("counted", "counted", "timed"))
                point = source.randint(1, size + 1) if way == "counted" else source.randint(1, 20 + 3 * size)
                one = Attack(scenario, kind, way, point, source.random() < 0.2)
                running.write_text(json.dumps(asdict(one)))
                faulthandler.dump_traceback_later(3 * PATIENCE, exit=True, file=sys.__stderr__)
                try:
                    results["interrupted" if attack(one).interrupted else "not interrupted"] += 1
                except Finding as finding:
                    results["FINDINGS"] += 1
                    place = f"{scenario}: {str(finding)[:40]}"
                    if place not in kept:
                        kept.add(place)
                        name = f"{scenario.replace(' ', '-')}-{sum(results.values())}"
                        (folder / name).write_text(json.dumps(asdict(one)))
                        print(f"{name}: {one}: {finding}", file=sys.stderr, flush=True)
                finally:
                    faulthandler.cancel_dump_traceback_later()
    running.unlink()
    return {"attacks": sum(results.values()), "places": sum(sizes.values()), "results": dict(results.most_common())}


def main() -> None:
    """Run the process: ``python -m fuzz.signals SECONDS FOLDER [SEED]``; the result is JSON on standard output."""
    import logging

    logging.disable(logging.CRITICAL)
    sys.unraisablehook = lambda _: None  # Python drops what a handler raises in a finalizer, and says so
    seconds, folder = float(sys.argv[1]), Path(sys.argv[2])
    print(json.dumps(play(seconds, folder, int(sys.argv[3]) if len(sys.argv) > 3 else None)))


if __name__ == "__main__":
    main()
