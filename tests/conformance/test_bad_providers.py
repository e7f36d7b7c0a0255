"""The kit passes the toy provider and catches each of its deviations by the check that is there for it.

``python -m pytest tests/conformance -m slow -rP`` runs every check on every deviation and prints how many each catches.
"""

from collections import Counter

import pytest
from conformance.deviations import DEVIATIONS, HELD_BY_THE_CORE, NOT_IN_THE_TOY, SYMMETRIC_DEVIATIONS
from conformance.workshop import ALGORITHMS, BRIEF, SYMMETRIC, SYMMETRIC_TOY, TOY, importable, install
from helpers import representative

from cngcore.conformance import run
from cngcore.conformance.checks import load

SLOW = "length-longest"
"""The check that runs with --cng-slow only."""


def report_of(folder, slug, changes=(), symmetric=False, **narrowed):
    """The kit's report of a toy with some changes."""
    promised, toy = (SYMMETRIC, SYMMETRIC_TOY) if symmetric else (ALGORITHMS, TOY)
    package = install(folder, slug.lower(), changes, promised, toy)
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


def test_the_symmetric_toy_passes(tmp_path):
    report = report_of(tmp_path, "brief", symmetric=True, checks=BRIEF)
    assert report.conforms, report.text()
    assert {outcome.algorithm for outcome in report.outcomes} == {"", *SYMMETRIC}


@pytest.mark.exhaustive
def test_the_symmetric_toy_passes_everything(tmp_path):
    report = report_of(tmp_path, "symmetric", symmetric=True)
    assert report.conforms, report.text()
    assert {outcome.algorithm for outcome in report.outcomes} == {"", *SYMMETRIC}
    skipped = {outcome.check for outcome in report.outcomes if outcome.result == "skipped"}
    assert skipped - {"differential-symmetric"} == {"hash-extendable", "mac-pbkdf2", "processes-differ"}
    assert report.counts["passed"] > 200


IN_PROCESSES = {"process-state", "processes-agree", "processes-differ", "import-time", "import-quiet"}
"""Checks that run a provider in processes of its own; their deviations differ in what the kit looks at, one by one."""


@pytest.mark.parametrize(
    "name",
    representative(DEVIATIONS, kind=lambda name: found if (found := DEVIATIONS[name].check) in IN_PROCESSES else name),
)
def test_each_deviation_is_caught_by_its_check(tmp_path, name):
    algorithm, check, changes = DEVIATIONS[name]
    report = report_of(tmp_path, name, changes, algorithms=[algorithm], checks=[check], slow=check == SLOW)
    assert report.failed_checks == {check}, report.text()
    assert not report.conforms
    failed = report.failed[0]
    assert failed.expected
    assert failed.came
    assert failed.algorithm == algorithm


@pytest.mark.parametrize("name", SYMMETRIC_DEVIATIONS)
def test_each_symmetric_deviation_is_caught_by_its_check(tmp_path, name):
    algorithm, check, changes = SYMMETRIC_DEVIATIONS[name]
    report = report_of(tmp_path, name, changes, symmetric=True, algorithms=[algorithm], checks=[check])
    assert report.failed_checks == {check}, report.text()
    assert report.failed[0].came
    assert report.failed[0].algorithm == algorithm


def test_there_are_enough_of_them_and_all_checks_have_one_but_those_listed():
    named = {check for _, check, _ in (*DEVIATIONS.values(), *SYMMETRIC_DEVIATIONS.values())}
    assert len(DEVIATIONS) >= 25
    assert len(SYMMETRIC_DEVIATIONS) >= 30
    assert named | HELD_BY_THE_CORE | NOT_IN_THE_TOY == load().keys()
    assert not named & (HELD_BY_THE_CORE | NOT_IN_THE_TOY)


@pytest.mark.slow
def test_what_each_check_catches(tmp_path):
    """Every check on every deviation: each is caught, and the figures."""
    caught = Counter()
    for number, (name, (algorithm, check, changes)) in enumerate(DEVIATIONS.items()):
        (tmp_path / str(number)).mkdir()
        report = report_of(tmp_path / str(number), name, changes, algorithms=[algorithm], slow=check == SLOW)
        assert check in report.failed_checks, name
        caught.update(report.failed_checks)
    named = Counter(check for _, check, _ in DEVIATIONS.values())
    print(f"{len(DEVIATIONS)} deviations; for each check how many it must catch, and how many it catches")
    for check in load():
        print(f"  {check:<28} {named[check]:>3} {caught[check]:>3}")
