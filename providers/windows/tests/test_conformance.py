"""Run the conformance kit on cngcore-windows, with cngcore itself as the library, and with libbcrypt.

The kit runs in a process of its own, because the environment names the library.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from cngcore import windll

pytest.importorskip("cngcore_windows", reason="cngcore-windows is not installed: pip install ./providers/windows")

COUNTS = {
    "": (8, 0), "3DES": (29, 0), "3DES_112": (29, 0), "AES": (34, 0), "AES-CMAC": (20, 1), "AES-GMAC": (20, 2),
    "CAPI_KDF": (21, 0), "CHACHA20_POLY1305": (26, 1), "CSHAKE128": (13, 1), "CSHAKE256": (13, 1), "DES": (29, 0),
    "DESX": (29, 0), "DH": (116, 1), "DSA": (120, 2), "ECDH": (215, 5), "ECDH_P256": (64, 0), "ECDH_P384": (64, 0),
    "ECDH_P521": (64, 0), "ECDSA": (173, 4), "ECDSA_P256": (67, 0), "ECDSA_P384": (67, 0), "ECDSA_P521": (67, 0),
    "HKDF": (23, 0), "KMAC128": (22, 0), "KMAC256": (22, 0), "MD2": (13, 1), "MD4": (13, 1), "MD5": (13, 1),
    "ML-DSA": (107, 4), "ML-KEM": (111, 0), "PBKDF2": (21, 0), "RC2": (30, 0), "RC4": (27, 0), "RNG": (9, 1),
    "RSA": (124, 3), "RSA_SIGN": (114, 3), "SHA1": (13, 1), "SHA256": (13, 1), "SHA3-256": (13, 1),
    "SHA3-384": (13, 1), "SHA3-512": (13, 1), "SHA384": (13, 1), "SHA512": (13, 1), "SHAKE128": (12, 1),
    "SHAKE256": (12, 1), "SP800_108_CTR_HMAC": (21, 0), "SP800_56A_CONCAT": (21, 0), "TLS1_1_KDF": (21, 0),
    "TLS1_2_KDF": (21, 0), "XTS-AES": (27, 0),
}  # fmt: skip
"""The checks of each algorithm that pass and that are skipped; "" has those of the whole provider.

The checks whose names begin with "differential" do not count, because they depend on what else is installed.
"""

QUICK = "ECDSA_P256 or CHACHA20_POLY1305 or CMAC or SHA256 or (SHAKE128 and not CSHAKE128) or CAPI_KDF or RNG"
SLOW = "random or threads or leaks or sizes or interrupts"
"""What the default run of the tests takes of the kit, and what it leaves out."""


WORKERS = ("-n", "auto") if find_spec("xdist") else ()


def run_kit(folder, library, *arguments):
    """Run the kit over a library. Return the results by algorithm and the output."""
    report = folder / "kit.json"
    command = [
        sys.executable, "-m", "pytest", "-p", "kit_opening", "-p", "no:cacheprovider", "-q",
        "--cng-provider=cngcore_windows", f"--cng-report={report}", *arguments,
    ]  # fmt: skip
    paths = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "CNGCORE_BCRYPT_DLL": str(library), "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout[-10000:])
    assert done.returncode == 0, done.stdout + done.stderr
    results = {}
    for outcome in json.loads(report.read_text(encoding="utf-8"))["outcomes"]:
        if not outcome["check"].startswith("differential"):
            results.setdefault(outcome["algorithm"], Counter())[outcome["result"]] += 1
    return {name: (found["passed"], found["skipped"]) for name, found in results.items()}, done.stdout


def test_some_algorithms_of_each_kind_conform(tmp_path):
    found, output = run_kit(tmp_path, "in-process", "-k", f"({QUICK}) and not ({SLOW})")
    assert "unavailable" not in output
    assert set(found) == {"AES-CMAC", "CAPI_KDF", "CHACHA20_POLY1305", "ECDSA_P256", "RNG", "SHA256", "SHAKE128"}


def shared_library(folder):
    """Return the library that CNGCORE_BCRYPT_DLL names, or our own, built for this Python; in-process without cffi."""
    named = os.environ.get("CNGCORE_BCRYPT_DLL", "")
    if named:
        return named
    try:
        return windll.build_library(folder)[0]
    except windll.BuildError:
        return "in-process"


@pytest.mark.exhaustive
def test_the_kit_passes_over_a_shared_library(tmp_path):
    found, output = run_kit(tmp_path, shared_library(tmp_path), *WORKERS)
    assert found == COUNTS
    assert "cngcore-windows 0.1.0 conforms" in output


ALONE = """
from kit_opening import pytest_configure
pytest_configure()

from cngcore.conformance import run
from cngcore.conformance.checks import load

for name in load():
    if not any(word in name for word in %r):
        for outcome in run("cngcore_windows", algorithms=["RSA_SIGN"], checks=[name]).outcomes:
            if outcome.result == "failed":
                print(name, outcome.kind, outcome.came)
"""
"""A program that runs each quick check as the first one of a new provider, and prints what fails."""


@pytest.mark.exhaustive
def test_no_check_needs_another_one_before_it(tmp_path):
    environment = {**os.environ, "CNGCORE_BCRYPT_DLL": "in-process", "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-c", ALONE % (SLOW.split(" or "),)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.slow
def test_the_kit_passes_in_process(tmp_path):
    found, output = run_kit(tmp_path, "in-process", *WORKERS)
    assert found == COUNTS
    assert "cngcore-windows 0.1.0 conforms" in output
