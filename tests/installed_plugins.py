"""Fixtures that install distributions for the length of a test: a metadata folder and a module on sys.path."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import importlib_metadata  # noqa: F401 - while sys.path is whole
import pytest

PLAIN = """
from cngcore.provider import Algorithm, ExactLength, KeyFactory, KeyMaterial, hookimpl

class Key(KeyMaterial):
    has_private = True
    signature_length = 2
    def sign_hash(self, digest, padding):
        return b"ok"

class Factory(KeyFactory):
    def generate(self, request):
        return Key()

@hookimpl
def cngcore_register_algorithms():
    return [Algorithm("{name}", "{implementation}", {{"sign"}}, ExactLength(8), rank={rank}, factory=Factory)]
"""


class Installer:
    """Installs distributions into one folder, which is on sys.path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, distribution: str, source: str, *algorithms: str, group: str = "cngcore.algorithms") -> str:
        """Install ``source`` as the module of a distribution that promises ``algorithms``; the module's name."""
        module = distribution.replace("-", "_")
        (self.folder / "__pycache__").mkdir(exist_ok=True)  # as pip leaves it; the first import changes no folder
        (self.folder / f"{module}.py").write_text(textwrap.dedent(source))
        metadata = self.folder / f"{module}-1.2.3.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2.3\n")
        lines = "".join(f"{name} = {module}\n" for name in algorithms)
        (metadata / "entry_points.txt").write_text(f"[console_scripts]\nx = y:z\n\n[{group}]\n{lines}")
        return module

    def plain(self, distribution: str, name: str = "TOY", implementation: str = "toy", rank: int = 0) -> str:
        """Install a provider of one signing algorithm with keys of 8 bits."""
        source = PLAIN.format(name=name, implementation=implementation, rank=rank)
        return self(distribution, source, name)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    for name in ("PREFER", "ALLOW", "BLOCK", "WINDOWS", "STRICT", "CONFIG", "POLICIES", "LOCK"):
        monkeypatch.delenv(f"CNGCORE_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield Installer(tmp_path)
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]
