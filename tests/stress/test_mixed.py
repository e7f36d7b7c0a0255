"""Eight threads at once, keys destroyed under use. The long form, a million: ``python -m tests.stress``."""

import pytest
from stress.mixed import run


@pytest.mark.parametrize("operations", [4_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_eight_threads(operations: int) -> None:
    counts, _ = run(operations)
    assert sum(counts.values()) == operations
    for wanted in ("signed and verified", "agreed", "encapsulated", "encrypted", "exported and imported", "replaced"):
        assert counts[wanted] > operations // 200, counts
