"""The example of an algorithm that bcrypt.h does not have: from its wheel, in an environment of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "ed25519"


def test_it_passes_the_kit_and_the_command_serves_it(tmp_path):
    wheels, venv, work = tmp_path / "wheels", tmp_path / "venv", tmp_path / "work"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CNGCORE_", "PYTHON"))}
    work.mkdir()

    def run(*command):
        done = subprocess.run(command, capture_output=True, text=True, cwd=work, env=environment, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    for source in (ROOT, EXAMPLE):
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels), str(source))
    run(sys.executable, "-m", "venv", "--without-pip", str(venv))
    python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
    (core,) = wheels.glob("cngcore-*.whl")
    (own,) = wheels.glob("acme_ed25519-*.whl")
    run(
        sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet",
        f"{core}[cli,conformance,formats]", str(own),
    )  # fmt: skip
    shutil.copytree(EXAMPLE / "tests", work / "tests")
    told = run(str(python), "-m", "pytest", "-p", "no:cacheprovider", str(work / "tests"))
    assert "acme-ed25519 0.1.0 conforms, as far as was tested" in told
    assert "1 of them excluded by the provider" in told
    assert "excluded by the provider: its blobs are the bytes of RFC 8032" in told

    cng = str(python.with_name("cng"))
    assert re.search(r"Passed: 1 keys and blobs", run(cng, "tour", "acme:Ed25519"))
    assert "No problem found" in run(cng, "doctor")
    run(cng, "generate", "acme:Ed25519", "--format", "cng", "--out", "key.blob")
    assert (work / "key.blob").stat().st_size == 32
    run(cng, "generate", "acme:Ed25519", "--out", "key.pem", "--public-out", "key.pub")
    assert "acme:Ed25519, private" in run(cng, "inspect", "key.pem")
    (work / "message").write_bytes(b"ten euros to Alice")
    run(cng, "sign", "message", "--key", "key.pem", "--out", "signature")
    run(cng, "verify", "message", "--key", "key.pub", "--signature", "signature")
    if shutil.which("openssl"):
        told = run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pub", "-rawin", "-in", "message",
                   "-sigfile", "signature")  # fmt: skip
        assert "Signature Verified Successfully" in told
