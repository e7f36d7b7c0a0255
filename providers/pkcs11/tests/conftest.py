"""A SoftHSM token for each test run. The tests are skipped if SoftHSM is not installed."""

import importlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

softhsm = importlib.import_module("softhsm")


@pytest.fixture(scope="session")
def hsm(tmp_path_factory):
    """The environment of a fresh token. The library reads its own configuration once in a process."""
    if softhsm.library() is None:
        pytest.skip(softhsm.MISSING)
    environment = softhsm.make_token(tmp_path_factory.mktemp("softhsm"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield environment


@pytest.fixture
def registry(hsm):
    """A registry that prefers the token."""
    import cngcore

    return cngcore.Registry(prefer=["pkcs11"])
