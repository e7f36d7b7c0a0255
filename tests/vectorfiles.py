"""Where the public test vectors are, and readers for their two formats.

The folder is ``CNGCORE_VECTORS``, or else ``shared/vectors`` beside the repository. It holds
``acvp/``, ``wycheproof/`` and ``cryptography-vectors/``. A test that asks for a file which is not there is
skipped, and says so; called while a module is collected, the whole module is.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def root() -> Path:
    """The folder of the vectors; it may not exist."""
    chosen = os.environ.get("CNGCORE_VECTORS")
    return Path(chosen) if chosen else Path(__file__).resolve().parents[2] / "shared" / "vectors"


def path(rel: str) -> Path:
    """The file ``rel`` below the folder; skips the test where it is absent."""
    file = root() / rel
    if not file.is_file():
        pytest.skip(f"no test vectors {rel}; set CNGCORE_VECTORS to their folder", allow_module_level=True)
    return file


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
