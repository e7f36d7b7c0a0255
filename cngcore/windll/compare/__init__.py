"""Compare two implementations of bcrypt.h: play the same calls against both, and show what differs, by rule.

>>> from cngcore.windll import compare
>>> corpus = compare.corpus().with_rule("rule-generate-null")
>>> found = compare.compare(corpus, compare.record_here(corpus), compare.recording("wine-8.0"))
>>> {str(one.outcome) for one in found}
{'same'}

The command ``cng compare`` does this from a shell. docs/howto/check-your-windows.md shows how.
"""

from __future__ import annotations

from importlib.resources import files as _files
from pathlib import Path as _Path

from cngcore.status import InvalidParameterError as _InvalidParameterError
from cngcore.windll.compare._corpus import Call as Call
from cngcore.windll.compare._corpus import Case as Case
from cngcore.windll.compare._corpus import Corpus as Corpus
from cngcore.windll.compare._corpus import corpus as corpus
from cngcore.windll.compare._corpus import read_corpus as read_corpus
from cngcore.windll.compare._difference import Compared as Compared
from cngcore.windll.compare._difference import Difference as Difference
from cngcore.windll.compare._difference import Judgement as Judgement
from cngcore.windll.compare._difference import Outcome as Outcome
from cngcore.windll.compare._difference import compare as compare
from cngcore.windll.compare._difference import judgements as judgements
from cngcore.windll.compare._difference import read_judgements as read_judgements
from cngcore.windll.compare._recording import Answer as Answer
from cngcore.windll.compare._recording import Played as Played
from cngcore.windll.compare._recording import Recording as Recording
from cngcore.windll.compare._recording import read_recording as read_recording
from cngcore.windll.compare._targets import record_here as record_here
from cngcore.windll.compare._targets import record_library as record_library

__all__ = [
    "Answer", "Call", "Case", "Compared", "Corpus", "Difference", "Judgement", "Outcome", "Played", "Recording",
    "compare", "corpus", "judgements", "read_corpus", "read_judgements", "read_recording", "record_here",
    "record_library", "recording", "recordings", "write_recorder",
]  # fmt: skip

_RECORDER = ("recorder.c", "corpus.txt")


def recordings() -> list[str]:
    """Return the names of the recordings that come with the package."""
    folder = _files("cngcore.windll.compare").joinpath("recordings")
    return sorted(one.name.removesuffix(".txt") for one in folder.iterdir() if one.name.endswith(".txt"))


def recording(name: str) -> Recording:
    """Return a recording: one of the package by its name, or a file. Raise InvalidParameterError for neither."""
    if name in recordings():
        folder = _files("cngcore.windll.compare").joinpath("recordings")
        return read_recording(folder.joinpath(f"{name}.txt").read_text(encoding="utf-8"))
    path = _Path(name)
    if not path.is_file():
        known = ", ".join(recordings())
        raise _InvalidParameterError(f"{name}: there is no such file; recordings that come with cngcore: {known}")
    try:
        return read_recording(path.read_text(encoding="utf-8", errors="replace"))
    except _InvalidParameterError as error:
        raise _InvalidParameterError(f"{name}: {error.message}") from None


def write_recorder(folder: str | _Path) -> list[_Path]:
    """Write the C program that makes recordings, and the corpus that it reads, into a folder; return the paths."""
    target = _Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    made = []
    for name in _RECORDER:
        path = target / name
        path.write_bytes(_files("cngcore.windll.compare").joinpath(name).read_bytes())
        made.append(path)
    return made
