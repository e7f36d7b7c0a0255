"""What every contract test is held to."""

from collections.abc import Iterator

import pytest

from cngcore.bcrypt import _handles as handles


@pytest.fixture(autouse=True)
def _every_handle_is_given_back() -> Iterator[None]:
    """A failing call creates nothing (contract: rule-python-no-raise), and what a test was given it destroys."""
    before = handles.open_handles()
    yield
    assert handles.open_handles() == before, "handles were left open, or more were taken away than given"
