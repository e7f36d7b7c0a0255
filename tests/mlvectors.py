"""What the vector tests of ML-KEM and ML-DSA share: import and export by the object API, and the split of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlkeys import Family
from vectorfiles import path, thinned
from vectorsupport import Listed, Tally

import cngcore
from cngcore.status import NotSupportedError

CANNOT = "this implementation "
"""The start of each reason for which an implementation of another distribution cannot be asked a case."""


def candidates(family: Family) -> list[Any]:
    """Return the installed implementations that work here."""
    found = cngcore.registry.default().candidates(family.algorithm)
    return [one for one in found if one.unavailable() is None]


@dataclass(frozen=True, slots=True)
class Subject:
    """One implementation of one family."""

    family: Family
    candidate: Any

    def __str__(self) -> str:
        return self.candidate.implementation

    def load(self, blob_type: str, parameter_set: str, key: bytes) -> cngcore.KeyPair:
        """Import a key. Raise Listed if the implementation does not support the blob type or the set."""
        declared = self.candidate.algorithm.blob_types.get(blob_type)
        if declared is None or not declared.imports:
            raise Listed(f"{CANNOT}imports no {blob_type}")
        if parameter_set not in [known.name for known in self.candidate.algorithm.parameter_sets]:
            raise Listed(f"{CANNOT}has no set {parameter_set}")
        algorithm = cngcore.open_algorithm_provider(self.family.algorithm, self.candidate.implementation)
        try:
            return algorithm.import_key_pair(blob_type, self.family.blob(blob_type, parameter_set, key))
        except NotSupportedError:
            raise Listed(f"{CANNOT}does not support {blob_type} of set {parameter_set}") from None

    def exports(self, key: cngcore.KeyPair, blob_type: str, parameter_set: str, expected: bytes) -> None:
        """Check that the key exports these bytes, if its implementation exports this type."""
        declared = self.candidate.algorithm.blob_types.get(blob_type)
        if declared is not None and declared.exports:
            assert key.export(blob_type) == self.family.blob(blob_type, parameter_set, expected)

    def settle(self, tally: Tally, in_file: int, listed: dict[str, int] | None = None) -> None:
        """Check the file's split. Another distribution may lack something, and so meet fewer of the reasons."""
        lacking = Counter({reason: n for reason, n in tally.listed.items() if reason.startswith(CANNOT)})
        expected = dict(listed or {})
        if self.candidate.distribution == self.family.distribution:
            assert not lacking
        elif lacking:
            met = {reason: n for reason, n in tally.listed.items() if reason not in lacking}
            assert all(n <= expected.get(reason, 0) for reason, n in met.items()), met
            expected = dict(tally.listed)
        tally.check(in_file, (in_file, expected))


def implementations(family: Family) -> list[Subject]:
    """Return what to test: every implementation that works here, those of other distributions included."""
    return [Subject(family, one) for one in candidates(family)]


def hexadecimal(test: dict[str, Any], *names: str) -> list[bytes]:
    """Return the bytes of fields that a file gives in hexadecimal."""
    return [bytes.fromhex(test[name]) for name in names]


def cases(file: Any) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield (parameter set, group, case) of an ACVP file."""
    for group in file["testGroups"]:
        parameter_set = group["parameterSet"].rpartition("-")[2]
        for test in group["tests"]:
            yield parameter_set, group, test


KNOWN_ANSWERS = {"MLKEM": 1000, "MLDSA": 100}
"""Records in each file of known answers; about eight of them are tested."""


def records_of(rel: str) -> list[dict[str, str]]:
    """Return the records of a KAT file, which follow each other without a blank line; each begins with its count."""
    records: list[dict[str, str]] = []
    for line in path(rel).read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(" = ")
        if name == "count":
            records.append({})
        records[-1][name] = value.strip()
    total = KNOWN_ANSWERS[rel.split("/")[-2]]
    assert len(records) == total
    return thinned(records, total // 8)
