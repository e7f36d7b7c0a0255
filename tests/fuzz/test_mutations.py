"""Each family's corpus, changed at random by a fixed seed: the short form of ``python -m fuzz``.

What is promised is in :mod:`fuzz.targets`. Inputs that once broke a promise are in ``regressions``, by family.
"""

import random
from pathlib import Path

import pytest

from cngcore.status import CngError, NTStatus
from fuzz import targets
from fuzz.findings import Finding, attempt
from fuzz.samples import CORPUS
from fuzz.statuses import PARSE

CHANGES = {"flat": 150, "formats": 400, "pq": 250}
REGRESSIONS = Path(__file__).with_name("regressions")
SIZES = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def seeds(family: str) -> list[bytes]:
    found = [path.read_bytes() for path in sorted((CORPUS / family).iterdir())]
    assert found, f"no corpus for {family}"
    return found


def changed(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    """One to four changes of the kinds that break readers: bits, sizes, cuts, repeats, parts of another input."""
    data = bytearray(content)
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(data) + 1)
        match source.randrange(6):
            case 0 if data:
                data[at % len(data)] ^= 1 << source.randrange(8)
            case 1:
                field = source.choice(SIZES).to_bytes(4, source.choice(("little", "big")))
                start = 1 + 4 * source.randrange(8)
                data[start : start + 4] = field
            case 2:
                del data[at:]
            case 3:
                data[at:at] = data[: source.randrange(32)]
            case 4:
                other = source.choice(others)
                start = source.randrange(len(other) + 1)
                data[at : at + 16] = other[start : start + 16]
            case _:
                data[at : at + 1] = bytes([source.randrange(256)])
    return bytes(data)


@pytest.mark.parametrize("family", targets.FAMILIES)
def test_the_corpus_itself(family: str) -> None:
    told = {targets.run(family, content) for content in seeds(family)}
    assert told & {"played", "read", "as the model", "parsed, imported", "parsed, a property"}, told


@pytest.mark.parametrize("family", targets.FAMILIES)
def test_changed_inputs(family: str) -> None:
    source = random.Random(f"cngcore {family}")
    originals = seeds(family)
    told = set()
    for _ in range(CHANGES.get(family, 1500)):
        content = changed(source, source.choice(originals), originals)
        try:
            told.add(targets.run(family, content))
        except Finding as finding:
            pytest.fail(f"{finding}\ninput: {content.hex()}")
    assert len(told) > (family != "flat"), "every input ended alike: the changes reach nothing"


@pytest.mark.parametrize(
    "path",
    sorted(path for path in REGRESSIONS.glob("*/*") if path.is_file() and path.parent.name != "signals"),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_what_was_found_before(path: Path) -> None:
    targets.run(path.parent.name, path.read_bytes())


def undocumented() -> None:
    raise CngError(NTStatus.STATUS_INTERNAL_ERROR, "said by a parser")


def foreign() -> None:
    raise IndexError("out of a parser")


@pytest.mark.parametrize("wrong", [undocumented, foreign])
def test_a_parser_that_breaks_its_promise_is_found(wrong: object) -> None:
    with pytest.raises(Finding):
        attempt("a parser", PARSE, wrong)
