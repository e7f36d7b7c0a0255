"""cngcore-liboqs: the search for the library has no side effects, and the keys are those of liboqs.

The tests that use the library run if it is found (set OQS_INSTALL_PATH). Otherwise they are skipped with the reason.
"""

import os
import subprocess
import sys

import pytest
from cngcore_liboqs import MLDSA, MLKEM, library

import cngcore
from cngcore.memory import SecretBytes
from cngcore.provider import ProviderUnavailableError


def reason():
    try:
        library.load()
    except ProviderUnavailableError as error:
        return f"{error.reason}. {error.remedy}"
    return ""


needs_library = pytest.mark.skipif(bool(reason()), reason=reason() or "found")


def run(code, **environment):
    """Run a program without OQS_INSTALL_PATH unless it is passed; return standard output and error together."""
    kept = {name: value for name, value in os.environ.items() if name != "OQS_INSTALL_PATH"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**kept, **environment}, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


WATCHED = """
import sys, time
import cngcore
events = []
STARTS = ("subprocess.", "socket.", "urllib.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "pty.")
sys.addaudithook(lambda event, args: events.append(event) if event.startswith(STARTS) else None)
time.sleep = lambda seconds: events.append("time.sleep")
"""
"""The start of a program that notes each process it starts, each socket it opens and each sleep."""

ABSENT = (
    WATCHED
    + """
import ctypes.util
import cngcore_liboqs.search
ctypes.util.find_library = lambda name: None
cngcore_liboqs.search._SONAMES = ()
for algorithm in ("ML-KEM", "ML-DSA"):
    try:
        cngcore.open_algorithm_provider(algorithm, "liboqs")
    except cngcore.NotFoundError as error:
        reason = str(error)
assert "oqs" not in sys.modules
registry = cngcore.registry.default()
assert registry.open_algorithm_provider("ML-KEM").declaration.implementation != "liboqs"
assert not registry.faults()
assert not events, events
import os
os.write(2, reason.encode())
"""
)


def without_library(folder):
    """The environment of a program that finds no liboqs, no git and no compiler."""
    return {"OQS_INSTALL_PATH": str(folder), "HOME": str(folder), "PATH": "", "LD_LIBRARY_PATH": ""}


def test_without_the_library_it_is_unavailable_and_silent(tmp_path):
    """The probe starts no process, opens no socket, prints nothing and does not sleep; the others serve."""
    said = run(ABSENT, **without_library(tmp_path))
    assert len(said.splitlines()) == 1, said
    assert "shared library of liboqs was not found" in said
    assert "Install liboqs" in said
    assert "OQS_INSTALL_PATH" in said
    assert list(tmp_path.iterdir()) == []


def test_the_search_itself_starts_no_process(tmp_path):
    """The same with the real search of the system's libraries, which finds liboqs on some machines."""
    code = WATCHED + (
        "from cngcore.provider import ProviderUnavailableError\n"
        "from cngcore_liboqs import library\n"
        "try:\n    library.probe_mlkem()\n"
        "except ProviderUnavailableError as error:\n    assert error.reason and error.remedy\n"
        "assert not events, events\n"
    )
    assert run(code, **without_library(tmp_path)) == ""


def test_a_library_that_is_another_is_not_taken(tmp_path):
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "liboqs.so").write_bytes(b"not a library")
    said = run(ABSENT, **without_library(tmp_path))
    if sys.platform == "linux":
        assert "liboqs.so cannot be loaded" in said


def test_liboqs_python_that_finds_no_library_does_not_build_one(tmp_path):
    """The library vanishes between search and import: liboqs-python is not asked, because it would build one."""
    pytest.importorskip("importlib.metadata").distribution("liboqs-python")
    code = WATCHED + (
        "from cngcore.provider import ProviderUnavailableError\n"
        "from cngcore_liboqs import library\n"
        f"library.find = lambda: {str(tmp_path / 'liboqs.so')!r}\n"
        "import os\nbefore = dict(os.environ)\n"
        "for probe in (library.probe_mlkem, library.probe_mldsa):\n"
        "    try:\n        probe()\n"
        "    except ProviderUnavailableError as error:\n        assert 'OSError' in error.reason, error.reason\n"
        "    else:\n        raise AssertionError('available')\n"
        "assert not events, events\n"
        "assert before == dict(os.environ)\n"
    )
    assert run(code, **without_library(tmp_path)) == ""
    assert list(tmp_path.iterdir()) == []


def test_an_exit_of_liboqs_python_makes_the_provider_unavailable(tmp_path):
    (tmp_path / "oqs.py").write_text("raise SystemExit('Could not load liboqs shared library')\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from cngcore.provider import ProviderUnavailableError\n"
        "from cngcore_liboqs import library\n"
        "import _ctypes; library.find = lambda: _ctypes.__file__  # a library that can be loaded\n"
        "try:\n    library.probe_mlkem()\n"
        "except ProviderUnavailableError as error:\n    print(error.reason)\n"
    )
    assert "SystemExit: Could not load" in run(code)


def test_without_liboqs_python_the_remedy_names_it(monkeypatch):
    monkeypatch.setattr(library, "find", lambda: "liboqs.so")
    monkeypatch.setitem(sys.modules, "oqs", None)
    library._import.cache_clear()
    try:
        with pytest.raises(ProviderUnavailableError) as raised:
            library.probe_mldsa()
    finally:
        library._import.cache_clear()
    assert "liboqs-python" in raised.value.remedy


def test_listing_looks_for_no_library():
    code = "import sys, cngcore; cngcore.registry.default().algorithms(); assert 'ctypes' not in sys.modules"
    assert run(code) == ""


def with_library():
    return {name: os.environ[name] for name in ("OQS_INSTALL_PATH",) if name in os.environ}


@needs_library
def test_with_the_library_it_is_available_and_silent():
    """The import of liboqs-python prints nothing, starts nothing, and leaves the process as it was."""
    code = WATCHED + (
        "import ctypes.util, logging, os, warnings\n"
        "before = dict(os.environ), ctypes.util.find_library, list(warnings.filters)\n"
        "from cngcore_liboqs import library\n"
        "assert library.served('ML-KEM') == ('512', '768', '1024')\n"
        "assert library.served('ML-DSA') == ('44', '65', '87')\n"
        "for algorithm, parameter_set in (('ML-KEM', '512'), ('ML-DSA', '44')):\n"
        "    key = cngcore.generate_key_pair(algorithm, parameter_set=parameter_set, implementation='liboqs')\n"
        "import oqs\n"
        "assert library.load() is oqs.native() and library.version() == oqs.oqs_version()\n"
        "assert before == (dict(os.environ), ctypes.util.find_library, list(warnings.filters))\n"
        "assert not logging.getLogger('oqs.oqs').disabled\n"
        "assert not events, events\n"
    )
    assert run(code, **with_library()) == ""


@needs_library
def test_an_application_may_have_imported_liboqs_python_itself():
    code = (
        "import logging; logging.disable(); import oqs, cngcore\n"
        "key = cngcore.generate_key_pair('ML-KEM', parameter_set='768', implementation='liboqs')\n"
        "secret, ciphertext = key.encapsulate()\n"
        "public = cngcore.generate_key_pair('ML-KEM', parameter_set='768', implementation='liboqs').export(\n"
        "    'MLKEMPUBLICBLOB')\n"
        "with oqs.KeyEncapsulation('ML-KEM-768') as other:\n"
        "    other.encap_secret(public[20:])\n"
        "assert key.decapsulate(ciphertext) == secret\n"
    )
    assert run(code, **with_library()) == ""


@needs_library
def test_a_build_without_a_parameter_set_is_unavailable(monkeypatch):
    enabled = library.wrapper().get_enabled_kem_mechanisms()
    monkeypatch.setattr(
        library.wrapper(), "get_enabled_kem_mechanisms", lambda: tuple(n for n in enabled if n != "ML-KEM-512")
    )
    assert library.served("ML-KEM") == ("768", "1024")
    with pytest.raises(ProviderUnavailableError, match="without ML-KEM-512"):
        library.probe_mlkem()
    library.probe_mldsa()


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
    """A provider that is not allowed is not imported, although it serves the same algorithm."""
    code = (
        "import sys, cngcore; key = cngcore.generate_key_pair('ML-KEM', parameter_set='768'); key.encapsulate(); "
        f"assert not [name for name in sys.modules if name.startswith('cngcore_{unwanted}')]; print(key.provenance)"
    )
    assert allowed in run(code, CNGCORE_ALLOW=allowed, **with_library())


@needs_library
def test_an_older_library_without_external_mu(monkeypatch):
    """Messages with contexts work; digests and external mu are not supported."""
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
@pytest.mark.parametrize(
    ("algorithm", "parameter_set", "sizes"), [("ML-KEM", "768", [64, 2400]), ("ML-DSA", "44", [2560])]
)
def test_destroying_a_key_wipes_it(algorithm, parameter_set, sizes, monkeypatch):
    """The memory that liboqs wrote the private key to is zeroed, and C still finds it at that moment."""
    import ctypes
    import gc

    gc.collect()  # keys of other tests that nobody holds any more go first
    wiped = []
    real = SecretBytes.__del__

    def seen(self):
        real(self)
        wiped.append((len(self), any(self)))

    monkeypatch.setattr(SecretBytes, "__del__", seen)
    key = cngcore.generate_key_pair(algorithm, parameter_set=parameter_set, implementation="liboqs")
    material = key._material
    assert ctypes.string_at(material._pointer, len(material._private)) == bytes(material._private) != bytes(sizes[-1])
    assert bytes(material._private).hex() not in repr(material) + repr(material._private)
    del material
    key.destroy()
    assert sorted(wiped) == [(size, False) for size in sizes]
