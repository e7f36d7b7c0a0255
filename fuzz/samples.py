"""Provide whole keys for the flat target and the first corpus: the files of ``fuzz/corpus``, by blob type."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fuzz.names import FORMS

__all__ = ["CORPUS", "DSA_PARAMETERS", "sample"]

CORPUS = Path(__file__).with_name("corpus")


@cache
def _samples() -> list[tuple[str, bytes]]:
    found = []
    for family, forms in FORMS.items():
        for path in sorted((CORPUS / family).iterdir()):
            content = path.read_bytes()
            _, kind = forms[content[0] % len(forms)]
            if kind:
                found.append((kind, content[1:]))
    return found


def sample(number: int) -> tuple[str, bytes]:
    """Return a blob type and a blob of it."""
    found = _samples()
    return found[number % len(found)] if found else ("RSAPUBLICBLOB", b"")


DSA_PARAMETERS = (Path(__file__).with_name("corpus") / "dsa" / "parameters-512").read_bytes()[1:]
