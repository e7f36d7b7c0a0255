"""What every contract test is held to."""

import logging
import os
from collections.abc import Iterator

import pytest

from cngcore.bcrypt import _handles as handles


@pytest.fixture(autouse=True)
def _every_handle_is_given_back() -> Iterator[None]:
    """A failing call creates nothing (contract: rule-python-no-raise), and what a test was given it destroys."""
    before = handles.open_handles()
    yield
    assert handles.open_handles() == before, "handles were left open, or more were taken away than given"


@pytest.fixture(autouse=True)
def no_crash_in_disguise(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail if the flat API answered INVALID_PARAMETER because code of cngcore crashed.

    The garbage tests pass objects that raise when they are read, so they are left out.
    """
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger("cngcore")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    if "garbage" not in request.node.nodeid:
        crashes = [text for record in records if (text := record.getMessage()).startswith("an argument raised")]
        assert not [text for text in crashes if f"{os.sep}cngcore{os.sep}" in text], crashes
