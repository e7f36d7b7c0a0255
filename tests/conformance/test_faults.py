"""Every deliberate fault on the list is found by a check, in every situation, and the page says so."""

import ast
from collections import Counter
from pathlib import Path

from conformance.faults import FAULTS, PAGE, checks, page

from cngcore import conformance


def test_each_fault_is_a_deviation_or_has_a_reason():
    known = checks()
    for name, one in FAULTS.items():
        assert one["before"] in ("found", "missed", "found with a second implementation")
        assert one.keys() - {"what", "before"} in ({"now"}, {"unseen"}), name
        assert set(one.get("now", ())) <= known.keys(), name
    assert len(FAULTS) == 171
    assert Counter("unseen" in one for one in FAULTS.values()) == {False: 156, True: 15}


def test_no_deviation_needs_a_second_implementation():
    """What finds a fault is the same whether another implementation is installed or not: only one check asks for it."""
    assert "differential" not in checks().values()
    folder = Path(conformance.__file__).parent / "checks"
    asking = {
        path.stem
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and "others" in {name.name for name in node.names}
    }
    assert asking == {"differential"}


def test_the_page_has_the_table_of_today():
    """``PYTHONPATH=tests python -m conformance.faults`` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()
