"""The tests of the contract pass if every call of the flat API goes to C and back."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

PYTHON_ONLY = {
    "test_garbage.py": "objects that C cannot pass",
    "test_handles.py::test_the_handle_is_checked_first": "objects that C cannot pass",
    "test_handles.py::test_close_ignores_its_flags": "flags above 32 bits",
    "test_handles.py::test_open_is_exact_about_the_id": "a name with a NUL inside",
    "test_properties.py::test_unknown_properties": "a name with a NUL inside",
    "test_agreement.py::test_unknown_kdfs": "a name with a NUL inside",
    "test_ecc_blobs.py::test_blob_types_of_others": "a name with a NUL inside",
    "test_page.py::test_status_not_supported_of_an_opened_algorithm": "a name with a NUL inside",
    "test_agreement.py::test_parameters_that_are_none": "objects that C cannot pass",
    "test_encryption.py::test_what_is_no_buffer": "objects that C cannot pass",
    "test_signatures.py::test_hashes_and_signatures_that_are_none": "objects that C cannot pass",
    "test_hashes.py::test_destroying_what_is_no_hash": "objects that C cannot pass",
    "test_hashes.py::test_no_buffer": "None for a buffer, which C passes as NULL with 0 bytes",
    "test_mldsa.py::test_paddings_that_are_not_of_this_algorithm": "a structure of another class: C sees an address",
    "test_encryption.py::test_paddings_that_are_refused": "a structure of another class: C sees an address",
    "test_signatures.py::test_paddings_that_are_refused": "a structure of another class: C sees an address",
    "test_symmetric_rules.py::test_ivs": "bytes for a buffer that the call writes: C cannot see that",
    "test_symmetric_rules.py::test_chained_calls_that_are_wrong_a23": "bytes for a buffer that the call writes",
    "test_symmetric_decisions.py::test_a_read_only_iv_where_windows_would_write": "bytes for a buffer that is written",
    "test_symmetric_decisions.py::test_properties_that_no_source_shows": "HashOIDList has pointers in C",
}
"""Tests of what exists in Python only, each with the reason."""


@pytest.mark.exhaustive
def test_the_contract_holds_for_c(tmp_path):
    left_out = [f"--deselect={TESTS.name}/contract/{name}" for name in PYTHON_ONLY]
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "windll.through_c", "-p", "no:cacheprovider", "-n", "2",
            f"--basetemp={tmp_path / 'temp'}", "tests/contract", *left_out,
        ],
        cwd=TESTS.parent, env=None, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert int(done.stdout.rpartition(" passed")[0].rpartition(" ")[2].rpartition("\n")[2]) > 2500
