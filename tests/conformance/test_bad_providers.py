"""The kit passes the toy provider and catches each of its deviations by the check that is there for it.

``python -m pytest tests/conformance -m slow -rP`` runs every check on every deviation and prints how many each catches.
"""

import gc
import json
from collections import Counter
from contextlib import contextmanager

import pytest
from conformance.deviations import DEVIATIONS, HELD_BY_THE_CORE, NOT_IN_THE_TOY, SYMMETRIC_DEVIATIONS
from conformance.workshop import (
    ALGORITHMS,
    BRIEF,
    STRANGER,
    SYMMETRIC,
    SYMMETRIC_TOY,
    TOY,
    importable,
    install,
)  # fmt: skip
from helpers import representative

from cngcore.conformance import _process_program, run
from cngcore.conformance.checks import load

SLOW = ("length-longest", "keys-growth")
"""Checks that run with --cng-slow only, or try too little without it on a busy machine."""


HANGS = "lock-stays-after-a-refusal"
PATIENCE = {
    HANGS: ("_runner.LIMIT", 2.0),
    "import-takes-its-time": ("checks.process._IMPORT", 0.5),
    "listing-takes-its-time": ("checks.process._IMPORT", 0.5),
}
"""How many seconds the kit waits for these deviations, instead of minutes: one hangs, the others sleep 0.6 seconds."""


@contextmanager
def hurried(name):
    """Make the kit wait less for a deviation, in the block."""
    with pytest.MonkeyPatch.context() as patch:
        if name in PATIENCE:
            limit, seconds = PATIENCE[name]
            patch.setattr(f"cngcore.conformance.{limit}", seconds)
        yield


def report_of(folder, slug, changes=(), source=TOY, **narrowed):
    """The kit's report of the toy with some changes."""
    package = install(folder, slug.lower(), changes, source=source)
    with importable(folder, package):
        return run(package, **narrowed)


def test_the_toy_passes(tmp_path):
    report = report_of(tmp_path, "right", checks=BRIEF)
    assert report.conforms, report.text()
    assert {outcome.algorithm for outcome in report.outcomes} == {"", *ALGORITHMS}


@pytest.mark.exhaustive
def test_the_toy_passes_everything(tmp_path):
    report = report_of(tmp_path, "right")
    assert report.conforms, report.text()
    assert {outcome.algorithm for outcome in report.outcomes} == {"", *ALGORITHMS}
    skipped = {outcome.check for outcome in report.outcomes if outcome.result == "skipped"}
    without_numbers = {"agree-endianness", "blob-invalid-key", "public-range"}  # of X25519
    assert skipped - {"differential"} - without_numbers == {
        "hash-extendable", "length-longest", "signature-format", "vectors",
    }  # fmt: skip
    assert report.counts["passed"] > 250


def test_a_curve_that_no_property_names_is_known_by_its_points(tmp_path):
    """So its numbers are computed and compared all the same."""
    unnamed = ("__init__.py", '            Property("ECCCurveName", str, ALWAYS, value="nistP256"),\n', "")
    report = report_of(tmp_path, "unnamed", [unnamed], algorithms=["ECDSA_P256"], checks=["public-numbers"])
    assert [outcome.result for outcome in report.outcomes] == ["passed"], report.text()


def test_a_check_that_does_not_end_names_the_line_and_ends_the_tests_of_its_implementation(tmp_path):
    _, check, changes, source = DEVIATIONS[HANGS]
    checks = [check, "sign-verify", "blob-export", "keys-random"]
    with hurried(HANGS):
        report = report_of(tmp_path, HANGS, changes, source, algorithms=["ECDSA_P256", "SHA256"], checks=checks)
    (failed,) = report.failed
    assert failed.expected == "an end within 2 s"
    assert "it waits at ec.py:" in failed.came
    assert "in sign_hash" in failed.came
    skipped = {one.check for one in report.outcomes if one.result == "skipped"}
    assert skipped == set(checks) - {check, "sign-verify"}
    assert {one.reason for one in report.outcomes if one.result == "skipped"} == {
        f"the check {check} did not end, and what it holds may be held for ever"
    }


def test_the_verdict_says_that_no_number_was_compared(tmp_path):
    report = report_of(tmp_path, "bare", source=STRANGER, checks=["vectors", "keys-differ"])
    assert "no number of toy:X448 (toy) was compared: bring vectors" in report.verdict
    report = report_of(
        tmp_path, "toy", algorithms=["ECDSA_P256"], checks=["vectors", "keys-differ", "signature-numbers"]
    )
    assert "was compared" not in report.verdict


FILES = {
    "wycheproof.json": (
        {
            "schema": "s",
            "testGroups": [{"type": "XdhComp", "curve": "curve448", "tests": [{"tcId": 1, "result": "valid"}]}],
        },
        "wycheproof.json has groups that no blob of bcrypt.h holds (XdhComp on curve448)",
    ),
    "text.json": ("no JSON", "text.json is not JSON"),
    "nested.json": ("[" * 100_000, "nested.json is not JSON"),
    "other.json": ({"a": 1}, "other.json has neither the kit's format nor Wycheproof's"),
    "own.json": (
        {
            "format": "cngcore-vectors",
            "cases": [
                {"id": "1", "does": "public", "key": {"blob_type": "X", "blob": ""}, "blob_type": "Y", "blob": ""}
            ],
        },
        "none of the 1 vectors at",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_vectors_that_are_not_used_are_told_with_the_reason(tmp_path, name):
    content, reason = FILES[name]
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    report = report_of(tmp_path, "bare", source=STRANGER, checks=["vectors"], vectors=str(path))
    (one,) = report.outcomes
    assert one.result == "skipped"
    assert reason in one.reason
    report = report_of(tmp_path, "toy", algorithms=["SHA256"], checks=["vectors"], vectors=str(path))
    (one,) = report.outcomes
    assert one.result == "passed"
    assert reason in one.note


def test_the_stranger_passes_everything(tmp_path):
    """An algorithm that bcrypt.h does not have, with blobs of its own."""
    report = report_of(tmp_path, "right", source=STRANGER)
    assert report.conforms, report.text()
    assert {outcome.algorithm for outcome in report.outcomes} == {"", "toy:X448"}
    assert report.counts["passed"] > 40


def test_the_symmetric_toy_passes(tmp_path):
    report = report_of(tmp_path, "brief", source=SYMMETRIC_TOY, checks=BRIEF)
    assert report.conforms, report.text()
    assert {outcome.algorithm for outcome in report.outcomes} == {"", *SYMMETRIC}


@pytest.mark.exhaustive
def test_the_symmetric_toy_passes_everything(tmp_path):
    report = report_of(tmp_path, "symmetric", source=SYMMETRIC_TOY)
    assert report.conforms, report.text()
    assert {outcome.algorithm for outcome in report.outcomes} == {"", *SYMMETRIC}
    skipped = {outcome.check for outcome in report.outcomes if outcome.result == "skipped"}
    assert skipped - {"differential-symmetric"} == {"hash-extendable", "mac-pbkdf2", "processes-differ"}
    assert report.counts["passed"] > 200


LONGEST = "end-of-a-long-message-in-clear"
"""A deviation that takes eight seconds. In the default run its check is tested with another one."""


def one_of_each_check(deviations):
    """Return the names for ``parametrize``: one of each check runs always, the others if ``exhaustive``."""
    return representative(sorted(deviations, key=LONGEST.__eq__), kind=lambda name: deviations[name].check)


@pytest.mark.parametrize("name", one_of_each_check(DEVIATIONS))
def test_each_deviation_is_caught_by_its_check(tmp_path, name):
    algorithm, check, changes, source = DEVIATIONS[name]
    with hurried(name):
        report = report_of(tmp_path, name, changes, source, algorithms=[algorithm], checks=[check], slow=check in SLOW)
    assert report.failed_checks == {check}, report.text()
    assert not report.conforms
    failed = report.failed[0]
    assert failed.expected
    assert failed.came
    assert failed.algorithm == algorithm


@pytest.mark.parametrize("name", one_of_each_check(SYMMETRIC_DEVIATIONS))
def test_each_symmetric_deviation_is_caught_by_its_check(tmp_path, name):
    algorithm, check, changes, source = SYMMETRIC_DEVIATIONS[name]
    report = report_of(tmp_path, name, changes, source, algorithms=[algorithm], checks=[check])
    assert report.failed_checks == {check}, report.text()
    assert report.failed[0].came
    assert report.failed[0].algorithm == algorithm


@contextmanager
def freed_at_collection(number):
    """Free many objects when all garbage is collected for the number-th time in the block, as another thread may."""
    hoard, left = [[] for _ in range(300_000)], [number]

    def at(phase, found):
        if phase == "start" and found["generation"] == 2:
            left[0] -= 1
            if left[0] == 0:
                hoard.clear()

    gc.callbacks.append(at)
    try:
        yield hoard
    finally:
        gc.callbacks.remove(at)


def test_growth_is_seen_though_others_free_memory_meanwhile(tmp_path):
    algorithm, check, changes, source = DEVIATIONS["keeps-every-private-number"]
    assert check == "keys-growth"
    package = install(tmp_path, "hoard", changes, source=source)
    with importable(tmp_path, package), freed_at_collection(2) as hoard:
        report = run(package, algorithms=[algorithm], checks=[check], slow=True)
    assert hoard == []
    assert report.failed_checks == {check}, report.text()


TOUCHING = [
    "import-filters-warnings", "import-handles-a-signal", "import-seeds-random", "import-sets-a-variable",
    "replaces-a-function-of-secrets",
]  # fmt: skip


@pytest.mark.parametrize("name", TOUCHING)
def test_what_a_deviation_does_to_the_process_is_undone(tmp_path, name):
    """The tests that come after it in this process draw random numbers too."""
    _, _, changes, source = DEVIATIONS[name]
    package = install(tmp_path, name, changes, source=source)
    before = _process_program._state(importing=True)
    with importable(tmp_path, package):
        run(package, algorithms=["ECDSA_P256"], checks=["sign-verify"])
        assert _process_program._differences(before, _process_program._state(importing=True)) != ["module search path"]
    assert _process_program._differences(before, _process_program._state(importing=True)) == []


def test_there_are_enough_of_them_and_all_checks_have_one_but_those_listed():
    named = {one.check for one in (*DEVIATIONS.values(), *SYMMETRIC_DEVIATIONS.values())}
    assert len(DEVIATIONS) >= 25
    assert len(SYMMETRIC_DEVIATIONS) >= 30
    assert named | HELD_BY_THE_CORE | NOT_IN_THE_TOY == load().keys()
    assert not named & (HELD_BY_THE_CORE | NOT_IN_THE_TOY)


@pytest.mark.slow
def test_what_each_check_catches(tmp_path):
    """Every check on every deviation: each is caught, and the figures."""
    caught = Counter()
    for number, (name, (algorithm, check, changes, source)) in enumerate(DEVIATIONS.items()):
        (tmp_path / str(number)).mkdir()
        more = {"algorithms": [algorithm], "slow": check in SLOW}
        with hurried(name if name != HANGS else ""):  # the other checks take longer
            report = report_of(tmp_path / str(number), name, changes, source, **more)
        assert check in report.failed_checks, name
        caught.update(report.failed_checks)
    named = Counter(one.check for one in DEVIATIONS.values())
    print(f"{len(DEVIATIONS)} deviations; for each check how many it must catch, and how many it catches")
    for check in load():
        print(f"  {check:<28} {named[check]:>3} {caught[check]:>3}")
