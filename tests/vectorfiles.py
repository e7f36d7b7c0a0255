"""Find the public test vectors, and read their two formats.

Files below ``cryptography-vectors/`` come from the distribution of that name, a test requirement. The others are in the
folder ``CNGCORE_VECTORS``, or else in ``shared/vectors`` beside the repository: ``acvp/`` and ``wycheproof/``. A test
that asks for a missing file is skipped; if that happens while a module is collected, the whole module is skipped.
"""

import importlib.util
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest


def root() -> Path:
    """The folder of the vectors; it may not exist."""
    chosen = os.environ.get("CNGCORE_VECTORS")
    return Path(chosen) if chosen else Path(__file__).resolve().parents[2] / "shared" / "vectors"


PACKAGE = "cryptography-vectors/"

MISSING = "these public test vectors are not here: see 'Test vectors' in CONTRIBUTING.md (CNGCORE_VECTORS)"
NO_PACKAGE = "cryptography-vectors is not installed: pip install -r requirements-dev.txt"


def path(rel: str) -> Path:
    """Return the file ``rel``; skip the test if it is missing."""
    if rel.startswith(PACKAGE):
        found = importlib.util.find_spec("cryptography_vectors")
        folder = None if found is None or found.origin is None else Path(found.origin).parent
        if folder is None:
            pytest.skip(NO_PACKAGE, allow_module_level=True)
        return folder / rel.removeprefix(PACKAGE)
    file = root() / rel
    if not file.is_file():
        pytest.skip(MISSING, allow_module_level=True)
    return file


T = TypeVar("T")


def thinned(cases: Iterable[T], step: int) -> list[T]:
    """Return every ``step``-th case of a large file, or all of them if ``CNGCORE_ALL_VECTORS`` is set."""
    return list(cases)[:: 1 if os.environ.get("CNGCORE_ALL_VECTORS") else step]


def load_json(rel: str) -> Any:
    """An ACVP or Wycheproof file."""
    return json.loads(path(rel).read_text(encoding="utf-8"))


def load_rsp(rel: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """The records of a file in the text format of NIST's CAVP, each with the section it stands in.

    A record is a run of lines ``key = value`` without a blank line between them; the value is text, mostly
    hexadecimal, and may be empty. A header of several bracketed lines, one under the other, is one section.
    ``[mod = L=2048, N=256, SHA-384]`` becomes ``{"": "mod = L=2048, N=256, SHA-384", "L": "2048", "N": "256",
    "SHA-384": ""}``: the whole text under "", then every part with its value. Numbers shared by the records
    that follow them (``P``, ``Q``, ``G`` of DSA) are a record of their own. Comments are left out.
    """
    section: dict[str, str] = {}
    record: dict[str, str] = {}
    in_header = False
    for line in (*path(rel).read_text(encoding="ascii").splitlines(), ""):
        line = line.strip()
        if line.startswith("["):
            section = _merge(section if in_header else {}, line.strip("[]").strip())
            in_header = True
            continue
        in_header = False
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            record[key.strip()] = value.strip()
        elif not line and record:
            yield section, record
            record = {}


def _merge(section: dict[str, str], text: str) -> dict[str, str]:
    """``section`` with one more bracketed line in it."""
    parts = {}
    for part in text.split(","):
        key, sign, value = part.rpartition("=") if "=" in part else part.partition(":")
        key = (key if sign else value or key).rpartition("=")[2].strip()
        parts[key] = value.strip() if sign else ""
    whole = f"{section['']}\n{text}" if section else text
    return {**section, **parts, "": whole}
