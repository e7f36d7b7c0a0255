"""A back end that takes its process with it: in a worker of generate_many, never here. The other keys are made."""

import os
import signal
import sys
import textwrap
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

import cngcore
from cngcore.bulk import generate_many

ENDS = {
    "os._exit": "os._exit(3)",
    "segfault": "ctypes.string_at(0)",
    "abort": "os.abort()",
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
}

PROVIDER = """
import ctypes, os, pathlib, signal
from cngcore.provider import Algorithm, BlobType, ExactLength, KeyFactory, KeyMaterial, hookimpl

HERE = pathlib.Path(__file__).parent

class Key(KeyMaterial):
    has_private = True
    def export(self, blob_type):
        return bytearray(b"private") if "PRIVATE" in blob_type else b"public"

class Factory(KeyFactory):
    def generate(self, request):
        if not (HERE / "well").exists():
            {end}
        return Key()

@hookimpl
def cngcore_register_algorithms():
    return [Algorithm("DEADLY", "deadly", {{"sign"}}, ExactLength(8), factory=Factory,
                      blob_types=[BlobType("DEADLYPUBLICBLOB"), BlobType("DEADLYPRIVATEBLOB")])]
"""


@pytest.fixture
def deadly(tmp_path, monkeypatch):
    """Installs a provider whose back end ends its process in one of the ways; the folder it lives in."""

    def install(end: str):
        (tmp_path / "deadly_cng.py").write_text(textwrap.dedent(PROVIDER).format(end=end))
        metadata = tmp_path / "deadly_cng-1.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: deadly-cng\nVersion: 1\n")
        (metadata / "entry_points.txt").write_text("[cngcore.algorithms]\nDEADLY = deadly_cng\n")
        return tmp_path

    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYTHONFAULTHANDLER", "0")
    yield install
    sys.modules.pop("deadly_cng", None)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX")
@pytest.mark.parametrize("end", ENDS)
def test_every_key_kills_its_worker(end, deadly) -> None:
    """Each has failed with its own error, none hangs, and this process and its other keys live."""
    deadly(ENDS[end])
    made = sorted(
        generate_many("DEADLY", 2, length=8, workers=1, registry=cngcore.Registry()), key=lambda key: key.index
    )
    assert [key.index for key in made] == [0, 1]
    for key in made:
        assert isinstance(key.error, cngcore.InternalError)
        assert key.private == key.public == b""
    with cngcore.generate_key_pair("ECDSA_P256", 256) as key:
        key.verify_signature(bytes(32), key.sign_hash(bytes(32)))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX")
@pytest.mark.parametrize("end", ["segfault", "os._exit"])
def test_one_death_costs_no_key(end, deadly) -> None:
    """A worker that dies once: its batch is made by the next, and every key is there."""
    folder = deadly(f"(HERE / 'well').touch(); {ENDS[end]}")
    made = list(generate_many("DEADLY", 6, length=8, workers=2, registry=cngcore.Registry()))
    assert sorted(key.index for key in made) == list(range(6))
    assert [key.error for key in made] == [None] * 6
    assert {bytes(key.private) for key in made} == {b"private"}
    assert (folder / "well").exists()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX")
def test_a_pool_of_the_callers_is_broken_once_and_told(deadly) -> None:
    """An executor of the caller's cannot be made anew by us: what is left fails, each with its error."""
    deadly(ENDS["segfault"])
    with ProcessPoolExecutor(1, get_context("spawn")) as executor:
        made = list(generate_many("DEADLY", 3, length=8, executor=executor, registry=cngcore.Registry()))
    assert len(made) == 3
    assert all(isinstance(key.error, cngcore.InternalError) for key in made)
