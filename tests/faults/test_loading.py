"""A provider that fails before there is a key: its factory, its probe, its rules; and the operator's hooks.

No key exists then, so the reason may be told in the provider's words. What other providers serve is served.
"""

import pytest
from faults.bench import Plan, provider
from faults.test_garbage import Angry
from faults.test_raises import RAISED

import cngcore
from cngcore import bcrypt, registry
from cngcore.policy import Policy, Rule
from cngcore.provider import Algorithm, ExactLength, KeyFactory, hookimpl
from cngcore.status import NTStatus

WRONG = [name for name in RAISED if name not in ("KeyboardInterrupt",)]


@pytest.fixture
def plan():
    return Plan()


@pytest.fixture
def own(plan):
    made = cngcore.Registry(policies=[])
    made.register(provider(plan))
    with registry.using(made):
        yield made


def strike(raised: str):
    def fault():
        raise RAISED[raised][0]()

    return fault


def others_work() -> None:
    with cngcore.generate_key_pair("ECDSA_P256", 256) as key:
        key.verify_signature(bytes(32), key.sign_hash(bytes(32)))


@pytest.mark.parametrize("raised", WRONG)
def test_factory_that_raises(raised, plan, own) -> None:
    plan.faults["factory"] = strike(raised)
    status, handle = bcrypt.BCryptOpenAlgorithmProvider("FAULTY")
    assert status.is_success  # the factory is made with the first key
    _, key = bcrypt.BCryptGenerateKeyPair(handle, 8)
    assert bcrypt.BCryptFinalizeKeyPair(key) is NTStatus.STATUS_INTERNAL_ERROR
    others_work()
    plan.faults.clear()
    assert bcrypt.BCryptFinalizeKeyPair(key).is_success
    assert bcrypt.BCryptDestroyKey(key).is_success
    assert bcrypt.BCryptCloseAlgorithmProvider(handle).is_success


@pytest.mark.parametrize("give", [lambda: None, object, lambda: "factory", lambda: KeyFactory, Angry])
def test_factory_that_gives_no_factory(give, plan, own) -> None:
    plan.faults["factory"] = give
    with pytest.raises(cngcore.InternalError):
        own.generate_key_pair("FAULTY", 8)
    others_work()


@pytest.mark.parametrize("raised", WRONG)
def test_probe_that_raises(raised, plan, own) -> None:
    """It is not available, whatever the probe raised; the reason is told."""
    plan.faults["probe"] = strike(raised)
    assert bcrypt.BCryptOpenAlgorithmProvider("FAULTY") == (NTStatus.STATUS_NOT_FOUND, None)
    with pytest.raises(cngcore.NotFoundError):
        own.open_algorithm_provider("FAULTY")
    others_work()


@pytest.mark.parametrize("method", ["factory", "probe"])
def test_keyboard_interrupt_goes_through_and_can_be_tried_again(method, plan, own) -> None:
    plan.faults[method] = strike("KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        own.generate_key_pair("FAULTY", 8)
    plan.faults.clear()
    own.generate_key_pair("FAULTY", 8)


class BadRule(ExactLength):
    """A length rule that fails where it is asked."""

    __slots__ = ("where",)

    def __init__(self, where: str) -> None:
        super().__init__(8)
        object.__setattr__(self, "where", where)

    def for_windows(self, version):
        return self._or_fail("for_windows", self)

    @property
    def legal(self):
        return self._or_fail("legal", (8,))

    def key_lengths(self):
        return self._or_fail("key_lengths", None)

    def _or_fail(self, name, answer):
        if self.where == name:
            raise ZeroDivisionError("in a rule")
        return answer


@pytest.mark.parametrize("where", ["for_windows", "legal", "key_lengths"])
def test_a_length_rule_that_raises(where) -> None:
    class PlugIn:
        @hookimpl
        def cngcore_register_algorithms(self):
            return [Algorithm("RULED", "ruled", {"sign"}, BadRule(where), factory=KeyFactory)]

    made = cngcore.Registry(policies=[])
    made.register(PlugIn())
    with registry.using(made):
        status, handle = bcrypt.BCryptOpenAlgorithmProvider("RULED")
        if where == "key_lengths":
            assert bcrypt.BCryptGetProperty(handle, "KeyLengths") == (NTStatus.STATUS_INTERNAL_ERROR, None)
            assert bcrypt.BCryptCloseAlgorithmProvider(handle).is_success
        else:
            assert (status, handle) == (NTStatus.STATUS_INTERNAL_ERROR, None)
            with pytest.raises(cngcore.InternalError):
                made.open_algorithm_provider("RULED")
        others_work()


class Hooks:
    """A plug-in of the operator's whose hooks fail."""

    def __init__(self, name: str, fault) -> None:
        self.name, self.fault = name, fault

    @hookimpl
    def cngcore_choose(self, algorithm, candidates, requirement):
        return self.fault() if self.name == "choose" else None

    @hookimpl
    def cngcore_policies(self):
        return self.fault() if self.name == "policies" else [Policy("mild", [Rule("warn", "NOPE")])]

    @hookimpl
    def cngcore_key_event(self, event):
        return self.fault() if self.name == "key_event" else None


class TwoOfAKind:
    """Two implementations of one algorithm, so that there is something to choose."""

    @hookimpl
    def cngcore_register_algorithms(self):
        return [Algorithm("TWIN", name, {"sign"}, ExactLength(8), factory=KeyFactory) for name in ("one", "two")]


GIVEN = {"nothing": lambda: 7, "a str": lambda: "nobody", "an object": object, "a list": lambda: [7]}


@pytest.mark.parametrize("name", ["choose", "policies", "key_event"])
@pytest.mark.parametrize("fault", [*WRONG, *GIVEN])
def test_a_hook_that_fails_stops_nobody(name, fault, caplog) -> None:
    """It is told, and keys are made: a listener or a chooser is no reason to have none.

    A CngError of ``cngcore_choose`` is its answer.
    """
    made = cngcore.Registry(read_configuration=False)  # with policies=[] it would ask no plug-in for policies
    made.register(TwoOfAKind())
    made.register(Hooks(name, GIVEN.get(fault) or strike(fault)))
    answers = name == "choose" and fault in ("CngError", "CngError of success")
    with registry.using(made):
        if answers:
            with pytest.raises(cngcore.CngError):
                made.open_algorithm_provider("TWIN")
        else:
            others_work()
            status, handle = bcrypt.BCryptOpenAlgorithmProvider("TWIN")
            assert status.is_success
            assert bcrypt.BCryptCloseAlgorithmProvider(handle).is_success
            assert caplog.records or name == "key_event"  # what a listener returns is not looked at
