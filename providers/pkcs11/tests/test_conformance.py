"""Run the conformance kit on a real SoftHSM token, in a process that has the token from its start."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("cngcore_pkcs11", reason="cngcore-pkcs11 is not installed: pip install ./providers/pkcs11")


@pytest.mark.exhaustive
def test_the_kit_passes_on_a_real_token(hsm, tmp_path):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--cng-provider=cngcore_pkcs11"]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, **hsm}, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout
    assert "cngcore-pkcs11 0.1.0 conforms" in done.stdout
    assert "unavailable" not in done.stdout
