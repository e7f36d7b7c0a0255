"""A registry that works with cngcore itself as the library, and programs in processes of their own."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a program with settings of the environment, and returns its output."""

    def run(code, *arguments, **environment):
        variables = {**os.environ, "CNGCORE_BCRYPT_DLL": "in-process", **environment}
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env={name: value for name, value in variables.items() if value is not None},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.fixture(scope="session")
def library():
    """The module of the provider that has the library, which is cngcore itself in this process."""
    library = pytest.importorskip("cngcore_windows.library", reason="cngcore-windows is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(library.VARIABLE, library.IN_PROCESS)
        library.api.cache_clear()
        yield library
    library.api.cache_clear()


@pytest.fixture(scope="session")
def registry(library):
    """A registry that prefers this provider."""
    import cngcore

    return cngcore.Registry(prefer=["cng"])
