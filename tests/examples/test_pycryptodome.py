"""The example provider, as its author has it: from wheels, in an environment of its own, beside cngcore-rsa."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "pycryptodome"


def test_it_passes_the_kit_and_is_chosen_where_it_is_preferred(tmp_path):
    wheels, venv, work = tmp_path / "wheels", tmp_path / "venv", tmp_path / "work"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CNGCORE_", "PYTHON"))}
    work.mkdir()

    def run(*command, **more):
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=work, env={**environment, **more}, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    for source in (ROOT, ROOT / "providers" / "rsa", EXAMPLE):
        alone = ["--no-isolation"] if source != EXAMPLE else []  # its author has no build back end installed
        run(sys.executable, "-m", "build", "--wheel", *alone, "--outdir", str(wheels), str(source))
    run(sys.executable, "-m", "venv", "--without-pip", str(venv))
    folder = venv / ("Scripts" if os.name == "nt" else "bin")
    core = next(wheels.glob("cngcore-*.whl"))
    others = [str(wheel) for wheel in wheels.glob("*.whl") if wheel != core]
    run(
        sys.executable, "-m", "pip", "--python", str(folder / "python"), "install", "--quiet",
        f"{core}[cli,conformance]", *others,
    )  # fmt: skip

    shutil.copytree(EXAMPLE / "tests", work / "tests")
    # keys of 1024 bits only: those of 2048 run the same lines, and pycryptodome takes seconds to make one
    told = run(str(folder / "python"), "-m", "pytest", "-p", "no:cacheprovider", "-k", "not 2048")
    assert "acme-pycryptodome 0.1.0 conforms, as far as was tested" in told
    assert "differential" not in told, "it was compared with nobody"
    assert re.search(r"[1-9][0-9]* failed", told) is None

    cng = str(folder / "cng")
    assert re.search(r"->  cryptography .* its rank 0 is the highest", run(cng, "explain", "RSA"))
    preferred = run(cng, "explain", "RSA", CNGCORE_PREFER="pycryptodome")
    assert re.search(r"->  pycryptodome .* the configuration prefers pycryptodome", preferred)
    program = "import cngcore; print(cngcore.generate_key_pair('RSA', 1024).provenance.implementation)"
    assert run(str(folder / "python"), "-c", program) == "cryptography\n"
    assert run(str(folder / "python"), "-c", program, CNGCORE_PREFER="pycryptodome") == "pycryptodome\n"
    assert run(cng, "selftest", "RSA", CNGCORE_PREFER="pycryptodome")
