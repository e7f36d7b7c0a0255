"""What all tests start from."""

import gc
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from cngcore.formats import _encryption

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
"""No test judges by time: a busy machine is no fault of the code."""

FEW_ITERATIONS = 70_000
"""Iterations for the passphrase of a key file in most tests: as many bytes of DER as the real number, less time."""

LONGEST = (
    "test_the_kit_passes_on_a_real_token",
    "test_the_contract_holds_for_c",
    "test_it_passes_the_kit_and_the_command_serves_it",
    "test_it_passes_the_kit_and_is_chosen_where_it_is_preferred",
    "test_the_symmetric_toy_passes_everything",
    "test_the_toy_passes_everything",
    "test_the_project_is_installed_from_its_wheel_and_passes",
    "test_the_vectors_are_those_that_the_program_makes",
    "test_the_project_passes_its_own_linter_formatter_and_type_checkers",
    "test_a_page_does_what_it_shows",
    "test_the_toy_passes",
    "test_a_dask_cluster_of_which_one_worker_is_killed_halfway",
)
"""Tests that take seconds each. They start first, so that at the end no process waits for one of them."""


def pytest_configure() -> None:
    """A shell starts jobs in the background with SIGINT ignored, and children inherit that; tests of Ctrl-C need it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first; the others keep their order."""
    items.sort(key=lambda item: getattr(item, "originalname", item.name) not in LONGEST)


def pytest_collection_finish() -> None:
    """Leave the collected tests out of garbage collection.

    They are half a million objects, and the kit's check for leaks collects garbage nine times for each kind of key:
    1.4 s of each such check were spent on these objects.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def real_iterations() -> Iterator[int]:
    """Write key files with few iterations, because each passphrase costs 0.3 seconds else; the real number.

    Programs in processes of their own have the real number, as do the pages and the tests of the providers.
    """
    real = _encryption.ITERATIONS
    _encryption.ITERATIONS = FEW_ITERATIONS
    yield real
    _encryption.ITERATIONS = real
