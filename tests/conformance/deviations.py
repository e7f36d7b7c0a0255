"""Deliberately wrong providers, read from TOML files, and which checks cannot have one there."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from conformance.workshop import STRANGER, SYMMETRIC_TOY, TOY


class Deviation(NamedTuple):
    """One wrong provider: what it is about, the check that must catch it, and (file, old, new) for each change.

    ``source`` is the right provider that was changed.
    """

    algorithm: str
    check: str
    changes: list[tuple[str, str, str]]
    source: Path


def _read(name: str, toy: Path = TOY) -> dict[str, Deviation]:
    table = tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return {
        name: Deviation(
            one["algorithm"],
            one["caught_by"],
            [(change["file"], change["old"], change["new"]) for change in one["change"]],
            STRANGER if one.get("stranger") else toy,
        )
        for name, one in table.items()
    }


DEVIATIONS = _read("deviations.toml")
"""Of ``toy``: key pairs, hashes, random numbers."""

SYMMETRIC_DEVIATIONS = _read("deviations_symmetric.toml", SYMMETRIC_TOY)
"""Of ``toy_symmetric``: ciphers, MACs, key derivations."""

HELD_BY_THE_CORE = {
    "open-flags", "flat-flags", "parameter-sets", "life-empty", "life-cycle", "life-flat", "agree-flat", "blob-types",
    "no-key-pairs", "properties-flat", "cipher-life",
}  # fmt: skip
"""Checks of what the core makes of a right declaration: a provider alone cannot fail them, or only with others."""

NOT_IN_THE_TOY = {"agree-refuses", "blob-dh-halves", "hash-extendable", "differential", "signature-hints"}
NOT_IN_THE_TOY |= {"differential-symmetric"}
"""Checks that need a second curve, DH, ML-DSA, an extendable hash, or another implementation; our own providers have
them."""
