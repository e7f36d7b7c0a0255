"""cngcore-liboqs: finding the library without side effects, and using it where it is there.

The tests of use run where the shared library is found (set OQS_INSTALL_PATH), and skip elsewhere, saying so.
"""

import os
import subprocess
import sys

import pytest
from cngcore_liboqs import MLDSA, MLKEM, library

import cngcore
from cngcore.provider import ProviderUnavailableError


def reason():
    try:
        library.load()
    except ProviderUnavailableError as error:
        return f"{error.reason}. {error.remedy}"
    return ""


needs_library = pytest.mark.skipif(bool(reason()), reason=reason() or "found")


def run(code, **environment):
    """A fresh interpreter whose environment knows no liboqs, unless told; standard output and error together."""
    kept = {name: value for name, value in os.environ.items() if name != "OQS_INSTALL_PATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**kept, **environment}, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


ABSENT = """
import sys
events = []
sys.addaudithook(lambda event, args: events.append(event) if event.startswith(("socket.", "shutil.")) else None)
import ctypes.util
ctypes.util.find_library = lambda name: None
import cngcore
try:
    cngcore.open_algorithm_provider("ML-KEM", "liboqs")
except cngcore.NotFoundError as error:
    print(error)
registry = cngcore.registry.default()
assert registry.open_algorithm_provider("ML-KEM").declaration.implementation != "liboqs"
assert "oqs" not in sys.modules and not events, events
assert not registry.faults()
"""


def test_without_the_library_it_is_unavailable_and_silent(tmp_path):
    """No import of oqs, no download, no sleep, no exit; the others serve."""
    said = run(ABSENT, OQS_INSTALL_PATH=str(tmp_path), HOME=str(tmp_path))
    lines = said.strip().splitlines()
    assert len(lines) == 1, said
    assert "liboqs shared library was not found" in said
    assert "OQS_INSTALL_PATH" in said


def test_a_library_that_is_another_is_not_taken(tmp_path):
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "liboqs.so").write_bytes(b"not a library")
    said = run(ABSENT, OQS_INSTALL_PATH=str(tmp_path), HOME=str(tmp_path))
    if sys.platform == "linux":
        assert "liboqs.so" in said


def test_listing_looks_for_no_library():
    code = "import sys, cngcore; cngcore.registry.default().algorithms(); assert 'ctypes' not in sys.modules"
    assert run(code) == ""


@needs_library
def test_it_says_which_version_it_is():
    assert library.version()[0].isdigit()


@needs_library
@pytest.mark.parametrize("known", MLKEM, ids=lambda known: known.name)
def test_no_length_but_the_right_one_reaches_the_library(known):
    """liboqs takes pointers: a short input would be read beyond its end."""
    from cngcore_liboqs.mlkem import LiboqsMlkem

    key = cngcore.generate_key_pair("ML-KEM", parameter_set=known.name, implementation="liboqs")
    size = known.sizes["ciphertext"]
    for wrong in (0, 1, size - 1, size + 1, 2 * size):
        with pytest.raises(cngcore.InvalidBufferSizeError):
            key.decapsulate(bytes(wrong))
    for wrong in (0, known.sizes["encapsulation_key"] - 1, known.sizes["encapsulation_key"] + 1):
        with pytest.raises(cngcore.InvalidParameterError):
            LiboqsMlkem(known, bytes(wrong))
    for wrong in (0, 63, 65):
        with pytest.raises(cngcore.InvalidParameterError):
            LiboqsMlkem.from_seed(known, bytes(wrong))


@needs_library
@pytest.mark.parametrize("known", MLDSA, ids=lambda known: known.name)
def test_ml_dsa_has_no_seeds_here(known):
    key = cngcore.generate_key_pair("ML-DSA", parameter_set=known.name, implementation="liboqs")
    with pytest.raises(cngcore.NotSupportedError):
        key.export("PQDSAPRIVATESEEDBLOB")
    with cngcore.open_algorithm_provider("ML-DSA", "liboqs") as provider:
        other = cngcore.generate_key_pair("ML-DSA", parameter_set=known.name, implementation="cryptography")
        with pytest.raises(cngcore.NotSupportedError):
            provider.import_key_pair("PQDSAPRIVATESEEDBLOB", other.export("PQDSAPRIVATESEEDBLOB"))
        again = provider.import_key_pair("PQDSAPRIVATEBLOB", other.export("PQDSAPRIVATEBLOB"))
        assert again.export("PQDSAPUBLICBLOB") == other.export("PQDSAPUBLICBLOB")
    for wrong in (b"", bytes(known.sizes["signature"] - 1), bytes(known.sizes["signature"] + 1)):
        with pytest.raises((cngcore.InvalidSignatureError, cngcore.InvalidParameterError)):
            key.verify_signature(b"m", wrong)


@needs_library
def test_it_is_the_default_for_ml_kem_and_says_why():
    registry = cngcore.Registry()
    explanation = registry.explain("ML-KEM", parameter_set="512")
    assert explanation.chosen.implementation == "liboqs"
    assert "rank" in str(explanation)
    assert registry.explain("ML-DSA").chosen.implementation == "cryptography"


@needs_library
@pytest.mark.parametrize(("allowed", "unwanted"), [("cngcore-liboqs", "mlkem"), ("cngcore-mlkem", "liboqs")])
def test_the_other_provider_is_never_imported(allowed, unwanted):
    """Of two ML-KEM providers the one that is not allowed stays out of the process."""
    code = (
        "import sys, cngcore; key = cngcore.generate_key_pair('ML-KEM', parameter_set='768'); key.encapsulate(); "
        f"assert not [name for name in sys.modules if name.startswith('cngcore_{unwanted}')]; print(key.provenance)"
    )
    path = {name: os.environ[name] for name in ("OQS_INSTALL_PATH",) if name in os.environ}
    assert allowed in run(code, CNGCORE_ALLOW=allowed, **path)


@needs_library
def test_an_older_library_without_external_mu(monkeypatch):
    """Then messages with contexts work, digests and external mu are not supported."""
    from cngcore_liboqs import mldsa

    monkeypatch.setattr(mldsa, "has", lambda name: False)
    mldsa.functions_of.cache_clear()
    try:
        key = cngcore.generate_key_pair("ML-DSA", parameter_set="44", implementation="liboqs")
        for padding in (None, cngcore.PqDsa(b"context"), cngcore.PqDsa(bytes(255))):
            key.verify_signature(b"message", key.sign_hash(b"message", padding), padding)
        for padding in (cngcore.ExternalMu(), cngcore.PqDsa(prehash="SHA512")):
            with pytest.raises(cngcore.NotSupportedError):
                key.sign_hash(bytes(64), padding)
    finally:
        mldsa.functions_of.cache_clear()


@needs_library
def test_secret_memory_is_wiped():
    import ctypes

    held = library.secret_type(8).from_buffer_copy(b"topsecre")
    address = ctypes.addressof(held)
    assert "topsecre" not in repr(held)
    view = memoryview(held).cast("B")
    held.__del__()
    assert bytes(view) == ctypes.string_at(address, 8) == bytes(8)
