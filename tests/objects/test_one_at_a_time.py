"""What the core does one thread at a time: calls on one hash, registering, collecting policies, probing, factories."""

import itertools
import threading
import time
from functools import partial

import pytest

from cngcore import Registry
from cngcore.constants import BCRYPT_HASH_REUSABLE_FLAG
from cngcore.policy import Policy, Rule
from cngcore.provider import Algorithm, ExactLength, HashFactory, HashState, KeyFactory, hookimpl

THREADS = 4


def together(*works):
    """Run each in a thread of its own, all started at once; nothing may raise or hang."""
    start, failures = threading.Barrier(len(works)), []

    def run(work):
        try:
            start.wait()
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert not any(thread.is_alive() for thread in threads), "deadlock"


class Visits:
    """Counts calls, and those that were under way while another one came."""

    def __init__(self):
        self.lock, self.now, self.count, self.met = threading.Lock(), 0, 0, 0

    def __call__(self):
        with self.lock:
            self.now += 1
            self.count += 1
            self.met += self.now > 1
        time.sleep(0.005)
        with self.lock:
            self.now -= 1


def registry_of(*algorithms):
    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            return list(algorithms)

    return Registry(plugins=[Plugin()], read_configuration=False)


PAIRS = list(itertools.combinations_with_replacement(["update", "finish", "copy"], 2))


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_calls_on_one_hash(pair):
    visits = Visits()

    class State(HashState):
        digest_length = 4
        first = True

        def update(self, data):
            visits()

        def digest(self, length):
            visits()
            return bytes(length)

        def copy(self):
            if not self.first:
                visits()
            made = State()
            made.first = False
            return made

    class Factory(HashFactory):
        def start(self, key):
            return State()

    registry = registry_of(Algorithm("TOYHASH", "toy", {"hash"}, factory=Factory))
    made = registry.open_algorithm_provider("TOYHASH", flags=BCRYPT_HASH_REUSABLE_FLAG).create_hash()
    calls = {"update": lambda: made.update(b"x"), "finish": made.finish, "copy": made.copy}
    together(*[calls[name] for name in pair * 2])
    assert visits.count >= THREADS
    assert visits.met == 0


def test_one_plug_in_is_registered_once():
    visits = Visits()

    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            visits()
            return [Algorithm("TOY", "toy", {"sign"}, ExactLength(8), factory=KeyFactory)]

    registry, plugin = Registry(discover=False, read_configuration=False), Plugin()
    together(*[lambda: registry.register(plugin)] * THREADS)
    assert visits.count == 1
    assert len(registry.candidates("TOY")) == 1


def test_every_plug_in_that_is_registered_at_once_is_there():
    visits = Visits()

    def plugin(number):
        class Plugin:
            @hookimpl
            def cngcore_register_algorithms(self):
                visits()
                return [Algorithm(f"TOY{number}", "toy", {"sign"}, ExactLength(8), factory=KeyFactory)]

        return Plugin()

    registry = Registry(discover=False, read_configuration=False)
    together(*[partial(registry.register, plugin(number)) for number in range(THREADS)])
    assert list(registry.algorithms()) == [f"TOY{number}" for number in range(THREADS)]
    assert visits.met == 0


def test_policies_are_collected_once():
    visits = Visits()

    class Plugin:
        @hookimpl
        def cngcore_policies(self):
            visits()
            return [Policy("house", [Rule("warn", "TOY")])]

    registry = Registry(plugins=[Plugin()], read_configuration=False)
    found = []
    together(*[lambda: found.append(registry.watch())] * THREADS)
    assert visits.count == 1
    assert len({id(watch) for watch in found}) == 1


def test_an_implementation_is_probed_once():
    visits = Visits()
    registry = registry_of(Algorithm("TOY", "toy", {"sign"}, ExactLength(8), probe=visits, factory=KeyFactory))
    [candidate] = registry.candidates("TOY")
    together(*[candidate.unavailable] * THREADS)
    assert visits.count == 1


def test_a_factory_is_made_once():
    visits = Visits()

    def make(declaration):
        visits()
        return KeyFactory(declaration)

    registry = registry_of(Algorithm("TOY", "toy", {"sign"}, ExactLength(8), factory=make))
    [candidate] = registry.candidates("TOY")
    made = []
    together(*[lambda: made.append(candidate.factory())] * THREADS)
    assert visits.count == 1
    assert len({id(factory) for factory in made}) == 1
