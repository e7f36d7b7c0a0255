"""Windows programs that others wrote run on cngcore: their own tests, in the scope.

Their packages come from ``requirements-clients.txt``; without them the tests skip.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent

NEEDS_CRYPT32 = {f"oscrypto_tests.test_trust_list.TrustListTests.{name}" for name in (
    "test_get_list", "test_get_list_callback", "test_get_list_mutate", "test_get_path",
)}  # fmt: skip
"""Tests of oscrypto that read the certificate store of Windows, which is no part of bcrypt.dll."""


def run(program, *arguments, stubs=()):
    """Run a program in the scope; it must succeed."""
    command = [sys.executable, "-W", "ignore", "-m", "cngcore.windll", *stubs, str(HERE / program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.exhaustive
@pytest.mark.parametrize("binding", ["ctypes", "cffi"])
def test_oscrypto(binding):
    """All of its tests pass but those that need crypt32.dll, as they do on oscrypto's OpenSSL back end."""
    for package in ("oscrypto", "oscrypto_tests", binding):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed (requirements-clients.txt)")
    if find_spec("imp") is None:
        pytest.skip("the tests of oscrypto 1.3.0 import imp, which Python 3.12 removed")
    answer = json.loads(run("oscrypto_program.py", binding, stubs=["--stub", "kernel32=client_kernel32"]))
    assert (answer["backend"], answer["ffi"]) == ("win", binding)
    failed = {name: outcome for name, outcome in answer["tests"].items() if outcome not in ("passed", "skipped")}
    assert set(failed) == NEEDS_CRYPT32, failed
    assert all("crypt32.dll!" in outcome for outcome in failed.values())
    assert len(answer["tests"]) > 130
    assert sum(outcome == "skipped" for outcome in answer["tests"].values()) <= 2


@pytest.mark.exhaustive
def test_ctwin32():
    if find_spec("ctwin32") is None:
        pytest.skip("ctwin32 is not installed (requirements-clients.txt)")
    assert run("ctwin32_program.py") == "9 steps\n"
