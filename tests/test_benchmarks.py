"""The benchmark suite itself: it counts right, keeps what it counted, and draws it. No time is tested."""

import itertools
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import __main__ as suite  # noqa: E402
from benchmarks import bounds, cycles, handles, harness, picture, rates  # noqa: E402
from benchmarks.bare import liboqs_mldsa, liboqs_mlkem  # noqa: E402
from benchmarks.operations import FLAT, flat, kinds, ours  # noqa: E402
from cngcore.status import STATUS_SUCCESS  # noqa: E402

NEED_LIBOQS = (liboqs_mlkem, liboqs_mldsa)


def a_timer(seconds):
    """Calls that take so long each, without waiting for it."""
    return lambda count: count * seconds


def a_figure(ours, theirs, bound=None):
    return harness.ratio("cycle", "a < b", a_timer(ours), a_timer(theirs), bound=bound, timers=True)


def test_a_ratio_is_ours_over_theirs_and_keeps_every_round():
    figure = a_figure(3e-6, 2e-6, bounds.Bound(1.4, "1"))
    told = json.loads(json.dumps(figure.to_dict()))
    assert told["median"] == 1.5
    assert len(told["rounds"]) == len(told["sides"]["cngcore"]) == harness.ROUNDS
    assert told["sides"]["bare"][0] == 2
    assert told["bound"] == {"point": "1", "text": "at most 1.4", "met": False}
    assert "NOT MET" in str(figure)


@pytest.mark.parametrize(("value", "least", "met"), [(1.5, False, True), (1.7, False, False), (1.7, True, True)])
def test_a_bound_holds_on_its_side(value, least, met):
    assert bounds.Bound(1.6, "3", least=least).holds(value) is met


def test_both_sides_are_called_equally_long_and_in_turns():
    said = []

    def side(name, seconds):
        def timed(count):
            said.append(name)
            return count * seconds

        return timed

    left, right = harness.compare(side("a", 1e-4), side("b", 1e-6), rounds=4, timers=True)
    assert said[-10:] == ["b", "a", "a", "b", "b", "a", "a", "b", "b", "a"]
    assert (left[0], right[0]) == (pytest.approx(100), pytest.approx(1))


def test_the_cycles_do_what_they_say():
    with cycles.null_registry(3) as registry:
        for cycle in cycles.cycles("NULL").values():
            cycle()
        assert len(registry.algorithms()) == 4


def test_the_table_of_a_million_is_the_one_that_keys_go_into():
    before = dict(handles.handles.keys)
    with cycles.null_registry(), handles._table({}) as table:
        for cycle in cycles.cycles("NULL").values():
            cycle()
        _, algorithm = handles.bcrypt.BCryptOpenAlgorithmProvider("NULL")
        _, key = handles.bcrypt.BCryptGenerateKeyPair(algorithm, 256)
        assert list(table) == [key]
        assert handles.bcrypt.BCryptGetProperty(key, "AlgorithmName")[0] == STATUS_SUCCESS
        assert handles.bcrypt.BCryptDestroyKey(key) == STATUS_SUCCESS
        assert not table
    assert handles.handles.keys == before


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: f"{kind.name} {kind.implementation}")
def test_both_sides_of_an_operation_can_be_called(kind):
    if kind.back_end.func in NEED_LIBOQS:
        pytest.importorskip("cngcore_liboqs")
        from cngcore_liboqs.library import load

        try:
            load()
        except Exception as error:
            pytest.skip(str(error))
    theirs, own = kind.back_end(), ours(kind, kind.open())
    assert theirs.keys() & own.keys()
    for operation in (theirs.keys() & own.keys()) - {"generate"}:
        theirs[operation]()
        own[operation]()
    for name, call in flat(kind).items():
        assert name.endswith(FLAT)
        answer = call()
        assert (answer[0] if isinstance(answer, tuple) else answer) == STATUS_SUCCESS


def test_an_overhead_is_the_difference_of_the_sides_and_its_bound_fits_the_machine(monkeypatch):
    now = 0.0

    def taking(microseconds):
        def call():
            nonlocal now
            now += next(microseconds) / 1e6

        return call

    monkeypatch.setattr(harness.time, "perf_counter", lambda: now)
    monkeypatch.setattr(harness, "slowness", lambda: 2.31)
    slow_once = itertools.cycle([5.5] * 20 + [90.0])
    sides = taking(slow_once), taking(itertools.repeat(2.0))
    figure = harness.overhead("operations", "a", *sides, bound=bounds.Bound(2, "17"), seconds=0.01)
    assert figure.value == pytest.approx(3.5)
    assert figure.sides["cngcore"] == pytest.approx([5.5] * harness.ROUNDS)
    assert figure.sides["bare"] == pytest.approx([2.0] * harness.ROUNDS)
    assert str(figure.bound) == "at most 4.6"
    assert figure.note == "2 µs, times 2.3 for this machine"


def test_a_row_has_the_limit_of_the_first_entry_that_fits(monkeypatch, tmp_path):
    table = tmp_path / "limits.toml"
    table.write_text("""
        [[row]]
        rows = 'EC P[0-9]+: import'
        limit = 6
        why = "w"

        [[row]]
        rows = 'EC .*'
        limit = 4
        why = "w"
    """)
    monkeypatch.setattr(bounds, "LIMITS", table)
    bounds._known_limits.cache_clear()
    try:
        usual = bounds.Bound(2, "17")
        limits = [bounds.bound_of(name, usual).limit for name in ("EC P256: import", "EC P256: sign", "RSA: sign")]
    finally:
        bounds._known_limits.cache_clear()
    assert limits == [6, 4, 2]


def test_every_stored_limit_has_a_reason_and_a_row_that_needs_it():
    groups = json.loads(suite.LATEST.read_text())["groups"].values()
    names = [figure["name"] for group in groups for figure in group["figures"]]
    for one in bounds._known_limits():
        assert one["why"]
        assert any(re.fullmatch(one["rows"], name) for name in names), one["rows"]


def test_the_suite_fails_if_a_figure_misses_its_bound(monkeypatch, tmp_path, capsys):
    figures = [a_figure(3e-6, 2e-6, bounds.Bound(limit, "1")) for limit in (1.6, 1.4)]
    monkeypatch.setattr(
        sys, "argv", ["benchmarks", "cycle", "--out", f"{tmp_path}/r.json", "--picture", f"{tmp_path}/p"]
    )
    for count, code in ((1, 0), (2, 1)):
        monkeypatch.setattr(cycles, "figures", lambda count=count: iter(figures[:count]))
        assert suite.main() == code
    assert "above its bound: a < b" in capsys.readouterr().err


def test_the_picture_is_well_formed_and_has_a_row_for_every_figure():
    figures = [a_figure(3e-6, 2e-6, bounds.Bound(1.4, "1")), harness.Figure("cycle", "more", "us more", [1.0])]
    drawn = picture.draw({"groups": {"cycle": {"figures": [figure.to_dict() for figure in figures]}}})
    texts = [element.text for element in ElementTree.fromstring(drawn).iter() if element.tag.endswith("text")]
    assert {"a < b", "1.5", "more", "1 µs more"} <= set(texts)


@pytest.mark.parametrize(("median", "said"), [(0.9995, "0.9995 times"), (0.9731, "0.973 times"), (1.0004, "1 times")])
def test_no_figure_is_rounded_over_its_bound(median, said):
    figure = harness.Figure("workers", "threads", "speed-up", [median], {}, bounds.Bound(1, "3", least=True))
    assert picture.amount(figure.to_dict()) == said


def test_the_latest_results_name_the_machine_and_every_group():
    latest = json.loads(suite.LATEST.read_text())
    assert set(latest["groups"]) == set(suite.GROUPS)
    for group in latest["groups"].values():
        assert group["machine"]["python"].startswith("CPython")
        assert all(figure["rounds"] for figure in group["figures"])


@pytest.mark.parametrize(
    "kind", [kind for kind, _ in rates.KINDS if kind.algorithm != "RSA"], ids=lambda kind: kind.name
)
def test_a_rate_makes_its_kind_of_key_in_both_ways(kind):
    kind.make(kind.open()).destroy()
    wall, busy = rates._run(kind, 2)
    assert 0 <= busy <= wall


@pytest.mark.parametrize(("workers", "rate"), [(1, 50_000), (4, 200_000), (64, 500_000)])
def test_more_workers_make_more_keys_until_the_parent_is_busy(workers, rate):
    assert rates.keys_a_second({"sides": {"a worker": [20.0], "the parent": [2.0]}}, workers) == rate
