"""The family ``signals`` of the fuzzer: a few attacks in every run, faults that it must find, and those it found."""

import json
import os
import re
from _thread import RLock
from pathlib import Path

import pytest
from helpers import representative

import cngcore
from cngcore._forks import held_over_fork
from cngcore.objects import _keypair, _watched
from fuzz import signals
from fuzz.findings import Finding
from fuzz.signals import KINDS, SCENARIOS, Attack, attack, play, points

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="real alarms are POSIX's"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # an interrupt in a finalizer
]

REGRESSIONS = sorted((Path(__file__).parent / "regressions" / "signals").iterdir())


def sweep(scenario: str, kind: str) -> int:
    """Interrupt the call of a scenario at each of its places; return their number."""
    points(scenario, kind)  # what happens once has happened
    count = points(scenario, kind)
    for point in range(1, count + 1):
        attack(Attack(scenario, kind, "counted", point))
    return count


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: path.name)
def test_a_call_that_once_broke_a_promise(path: Path) -> None:
    assert sweep(**json.loads(path.read_text())) > 2


def test_a_short_run_has_no_findings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    few = ("RSA", "ML-KEM", "ECDSA, watched")
    monkeypatch.setattr(signals, "KINDS", {kind: KINDS[kind] for kind in few})
    result = play(0, tmp_path, 5, ["closing", "setting", "destroying", "using"])
    assert result["attacks"] == 8 * 4 * len(few)
    assert result["results"].keys() == {"interrupted", "not interrupted"}
    assert list(tmp_path.iterdir()) == []


def test_a_second_thread_and_a_real_alarm() -> None:
    for way, point in (("counted", 3), ("timed", 30)):
        attack(Attack("finalizing", "ECDH_P256, watched", way, point, shared=True))


def test_every_scenario_has_places_to_interrupt() -> None:
    for scenario in SCENARIOS:
        kind = "ECDSA, watched" if scenario in signals._NEEDS_NO_KIND else "ECDH"
        assert points(scenario, kind) >= 1, scenario


def planted(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, source: str) -> None:
    """Replace a method by a worse one, whose code counts as the core's."""
    scope = {"right": getattr(owner, name), "held_over_fork": held_over_fork, "RLock": RLock, **vars(_keypair)}
    exec(compile(source, _keypair.__file__, "exec"), scope)
    monkeypatch.setattr(owner, name, scope[name])


FAULTS = {
    "a claim that nobody takes back": (
        cngcore.KeyPair, "_finalize",
        "def _finalize(self, *arguments):\n    request, self._request = self._request, None\n    len('')\n"
        "    self._request = request\n    right(self, *arguments)",
        "finalizing", "ECDSA_P256", "the same again raised .* cannot be finalized",
    ),
    "a live count that is too high": (
        cngcore.KeyPair, "destroy",
        "def destroy(self):\n    if self._claim is None and self._material is None:\n"
        "        raise InvalidHandleError('twice')\n    self._claim = self._request = self._material = None\n"
        "    self._owner.remove(self)",
        "destroying an empty key", "ECDH at dispatch level", "cannot be closed",
    ),
    "an event that is lost": (
        _watched.WatchedKeyPair, "_tell_due",
        "def _tell_due(self):\n    due, self._due = self._due, None\n    if due and self._material:\n"
        "        self._watch.tell(due)",
        "finalizing", "ECDH_P256, watched", "the listener heard",
    ),
    "a lock that is held for ever": (
        _watched.WatchedKeyPair, "_admit",
        "LOCK = held_over_fork(RLock())\ndef _admit(self, *arguments):\n    LOCK.acquire()\n"
        "    right(self, *arguments)\n    LOCK.release()",
        "finalizing", "serial", "held for ever",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", representative(FAULTS, most=2))
def test_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    owner, name, source, scenario, kind, said = FAULTS[fault]
    sweep(scenario, kind)
    planted(monkeypatch, owner, name, source)
    with pytest.raises(Finding, match=said):
        sweep(scenario, kind)


def test_a_finding_is_kept_as_an_attack_that_can_be_repeated(monkeypatch, tmp_path, capsys) -> None:
    owner, name, source, scenario, kind, said = FAULTS["a live count that is too high"]
    planted(monkeypatch, owner, name, source)
    monkeypatch.setattr(signals, "KINDS", {kind: KINDS[kind]})
    result = play(0.5, tmp_path, 1, [scenario])
    assert result["results"]["FINDINGS"]
    kept = sorted(tmp_path.iterdir())
    assert re.search(said, capsys.readouterr().err)
    with pytest.raises(Finding, match=said):
        attack(Attack(**json.loads(kept[0].read_text())))
