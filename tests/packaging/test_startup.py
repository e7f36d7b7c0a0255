"""What an import costs in modules (times are for the benchmarks), and that nothing happens before it is needed."""

import subprocess
import sys

import pytest

HEAVY = ("importlib.metadata", "importlib_metadata", "logging", "ctypes", "threading", "json", "asyncio")


def loaded_after(code):
    """Names of the modules a fresh interpreter has after running ``code``."""
    program = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*sorted(set(sys.modules) - before))"
    run = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize("code", ["import cngcore", "import cngcore.bcrypt", "import cngcore.provider"])
def test_importing_brings_no_provider_no_back_end_and_no_metadata(code):
    modules = loaded_after(code)
    assert not modules & set(HEAVY)
    assert not [name for name in modules if name.startswith(("cngcore_", "cryptography"))]


def test_importing_cngcore_brings_next_to_nothing():
    modules = loaded_after("import cngcore")
    assert {name for name in modules if name.startswith("cngcore")} == {"cngcore", "cngcore._imports"}
    assert not modules & {"pluggy", "dataclasses", "inspect"}


def test_a_first_key_brings_its_own_provider_and_nothing_heavy():
    modules = loaded_after("import cngcore; cngcore.generate_key_pair('ECDSA_P256', 256)")
    bare = loaded_after(
        "from cryptography.hazmat.primitives.asymmetric import ec; ec.generate_private_key(ec.SECP256R1())"
    )
    assert "cngcore_ec" in modules
    assert "cngcore_rsa" not in modules
    assert not (modules - bare - loaded_after("import pluggy, importlib_metadata")) & set(HEAVY)


def test_a_key_of_a_named_plugin_reads_no_metadata():
    modules = loaded_after(
        "import cngcore; cngcore.Registry(plugins=['cngcore_ec']).generate_key_pair('ECDSA_P256', 256)"
    )
    assert not modules & {"importlib_metadata", "importlib.metadata", "email", "csv"}


def test_every_public_name_is_there_and_listed():
    import cngcore

    for name in cngcore.__all__:
        assert getattr(cngcore, name) is not None
        assert name in dir(cngcore)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = cngcore.nonsense
