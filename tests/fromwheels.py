"""An example provider as its user has it: built to a wheel, and installed in an environment of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Environment:
    """A virtual environment with wheels of the core and of other folders, and an empty folder to work in."""

    def __init__(self, folder, *sources, extras, isolated=()):
        """Build and install ``sources``; those in ``isolated`` with a build back end that is fetched."""
        self._variables = {
            name: value for name, value in os.environ.items() if not name.startswith(("CNGCORE_", "PYTHON"))
        }
        self.work = folder / "work"
        self.work.mkdir()
        wheels, venv = folder / "wheels", folder / "venv"
        for source in (ROOT, *sources):
            alone = [] if source in isolated else ["--no-isolation"]
            self.run(sys.executable, "-m", "build", "--wheel", *alone, "--outdir", str(wheels), str(source))
        self.run(sys.executable, "-m", "venv", "--without-pip", str(venv))
        self._folder = venv / ("Scripts" if os.name == "nt" else "bin")
        (core,) = wheels.glob("cngcore-*.whl")
        others = [str(wheel) for wheel in wheels.glob("*.whl") if wheel != core]
        self.run(
            sys.executable, "-m", "pip", "--python", str(self._folder / "python"), "install", "--quiet",
            f"{core}[{extras}]", *others,
        )  # fmt: skip

    def run(self, *command, **more):
        """Return what a command prints; it must succeed. ``more`` are variables of its environment."""
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=self.work, env={**self._variables, **more}, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def python(self, *arguments, **more):
        return self.run(str(self._folder / "python"), *arguments, **more)

    def cng(self, *arguments, **more):
        return self.run(str(self._folder / "cng"), *arguments, **more)

    def tests(self, example, *options):
        """Run the tests of an example in the environment and return the report."""
        shutil.copytree(example / "tests", self.work / "tests")
        return self.python("-m", "pytest", "-p", "no:cacheprovider", *options)
