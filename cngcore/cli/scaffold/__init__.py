"""Write the provider project of ``cng new-provider`` from templates with ``$name`` in them."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict, dataclass
from importlib.resources import files
from keyword import iskeyword
from pathlib import Path
from string import Template

__all__ = ["KINDS", "Names", "write"]

_COMMON = {
    "pyproject.toml.tmpl": "pyproject.toml",
    "gitignore.tmpl": ".gitignore",
    "test_conformance.py.tmpl": "tests/test_conformance.py",
    "ci.yml.tmpl": ".github/workflows/tests.yml",
}


@dataclass(frozen=True)
class Kind:
    """A kind of provider: the algorithm that its project serves, one line about it, and the files of its own."""

    algorithm: str
    summary: str
    places: dict[str, str]


KINDS = {
    "keys": Kind(
        "ECDSA_P256",
        "ECDSA on P-256 for cngcore",
        {
            "README.md.tmpl": "README.md",
            "init.py.tmpl": "src/{module}/__init__.py",
            "keys.py.tmpl": "src/{module}/keys.py",
            "test_keys.py.tmpl": "tests/test_keys.py",
        },
    ),
    "cipher": Kind(
        "AES",
        "AES for cngcore",
        {
            "README-cipher.md.tmpl": "README.md",
            "init-cipher.py.tmpl": "src/{module}/__init__.py",
            "cipher.py.tmpl": "src/{module}/cipher.py",
            "test_cipher.py.tmpl": "tests/test_cipher.py",
        },
    ),
}
"""What a project can begin with: key pairs, or a cipher."""

_TAKEN = {"cngcore", "cryptography", "hatchling", "importlib_metadata", "pluggy", "pytest"} | {
    f"cngcore_{name}"
    for name in (
        "rsa",
        "ec",
        "dsa",
        "dh",
        "mldsa",
        "mlkem",
        "hash",
        "liboqs",
        "pkcs11",
        "windows",
        "curves",
        "symmetric",
        "legacy",
        "kdf",
    )
}
"""Modules that a new module of the same name would hide, or be hidden by."""


@dataclass(frozen=True)
class Names:
    """The names of a project: its distribution, its module and its implementation."""

    distribution: str
    module: str
    implementation: str

    @classmethod
    def of(cls, name: str, implementation: str = "") -> Names:
        """Return the names for ``acme-cng``: the module ``acme_cng``, the implementation ``acme``, unless it is given.

        Raise ValueError if one is invalid.
        """
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*([-_.][A-Za-z0-9]+)*", name):
            raise ValueError(
                f"{name!r:.60} is not a distribution name: use letters and digits, with single - . _ between"
            )
        distribution = re.sub(r"[-_.]+", "-", name).lower()
        module = distribution.replace("-", "_")
        if module in sys.stdlib_module_names or module in _TAKEN or iskeyword(module):
            raise ValueError(
                f"the module name {module} is taken; name yours after the library underneath, such as acme-cng"
            )
        usual = distribution.removesuffix("-cng").removesuffix("-cngcore").removeprefix("cngcore-")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", implementation or usual):
            raise ValueError(
                f"{implementation!r:.60} is not a name of an implementation: use letters, digits, . _ and -"
            )
        return cls(distribution, module, implementation or usual)


def write(folder: Path, names: Names, kind: str = "keys") -> list[Path]:
    """Write the project into a new folder and return its files. Raise FileExistsError if the folder exists.

    ``kind`` is one of :data:`KINDS`.
    """
    folder.mkdir(parents=True)
    written = []
    chosen = KINDS[kind]
    words = {**asdict(names), "algorithm": chosen.algorithm, "summary": chosen.summary}
    for template, place in {**_COMMON, **chosen.places}.items():
        path = folder / place.format(module=names.module)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = Template(files(__name__).joinpath(template).read_text(encoding="utf-8"))
        path.write_text(text.substitute(words), encoding="utf-8")
        written.append(path)
    return written
