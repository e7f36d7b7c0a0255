"""Read the corpus: cases of C calls, one call a line, each case with the rules of the contract that it shows.

docs/reference/compare-files.md describes the format. It is made so that a small C program can read it: each word of a
call becomes one or two arguments of the C function, so that no table of functions is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the function, and its arguments as words."""

    function: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((self.function, *self.words))


@dataclass(frozen=True, slots=True)
class Case:
    """One sequence of calls. ``anchors`` are rules of the contract; the title is unique."""

    title: str
    anchors: tuple[str, ...]
    calls: tuple[Call, ...]

    @property
    def checksum(self) -> str:
        """The FNV-1a hash (32 bits) of the lines of the calls: a recording of another version of the case shows."""
        lines = "".join(f"{call}\n" for call in self.calls)
        return f"{fnv(lines.encode(), 32):08x}"


@dataclass(frozen=True, slots=True)
class Corpus:
    """All cases, and the data that several calls share, by name."""

    cases: tuple[Case, ...]
    data: Mapping[str, bytes]

    def with_rule(self, prefix: str) -> Corpus:
        """Return the cases that show a rule that begins with ``prefix``, with or without ``rule-``."""
        wanted = prefix.removeprefix("rule-")
        kept = [one for one in self.cases if any(rule.removeprefix("rule-").startswith(wanted) for rule in one.anchors)]
        return Corpus(tuple(kept), self.data)

    @property
    def anchors(self) -> set[str]:
        """The rules that at least one case shows."""
        return {rule for case in self.cases for rule in case.anchors}


def fnv(data: bytes, bits: int) -> int:
    """Return the FNV-1a hash of 32 or 64 bits, which C computes in three lines."""
    found, prime = (0x811C9DC5, 0x01000193) if bits == 32 else (0xCBF29CE484222325, 0x100000001B3)
    for byte in data:
        found = (found ^ byte) * prime % (1 << bits)
    return found


def read_corpus(text: str) -> Corpus:
    """Return the corpus of a text. Raise InvalidParameterError for a line that has no meaning."""
    data: dict[str, bytes] = {}
    cases: list[Case] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0] == "#":
            continue
        if words[0] == ":" and len(words) == 3:
            data[words[1]] = hexadecimal(words[2])
        elif words[0] == "=" and len(words) > 3 and words[-2] == ":":
            cases.append(Case(words[-1], tuple(words[1:-2]), ()))
        elif cases and words[0].startswith("BCrypt"):
            last = cases[-1]
            cases[-1] = Case(last.title, last.anchors, (*last.calls, Call(words[0], tuple(words[1:]))))
        else:
            raise InvalidParameterError(f"line {number} of the corpus is no case, call or data: {line[:40]!r}")
    return Corpus(tuple(cases), data)


def hexadecimal(word: str) -> bytes:
    """Return the bytes of ``x0011`` or ``x00*20`` (repeated)."""
    digits, _, times = word.removeprefix("x").partition("*")
    return bytes.fromhex(digits) * int(times or 1)


def folder_text(name: str) -> str:
    """Return a text file of this package."""
    return files("cngcore.windll.compare").joinpath(name).read_text(encoding="utf-8")


def corpus() -> Corpus:
    """Return the corpus of the package."""
    return read_corpus(folder_text("corpus.txt"))


def split(text: str, separator: str = ",") -> Iterator[str]:
    """Return the parts of the inside of a structure; nothing for an empty one."""
    return iter(text.split(separator) if text else ())
