"""``cng compare``: the corpus, both players, the comparison, and the recordings that come with the package."""

import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from cli.commandline import run as cng
from helpers import representative
from windll import corpus_maker, wine_page

from cngcore.status import InvalidParameterError
from cngcore.windll import FUNCTIONS, compare
from cngcore.windll._table import WRITTEN, Kind
from cngcore.windll.compare import _player as player
from cngcore.windll.compare._recording import Answer, Played, recording_of

HERE = Path(__file__).parent
RECORDED = HERE / "cngcore.recording.txt"
"""What this installation answers; ``cng compare --record tests/windll/cngcore.recording.txt`` writes it."""

CORPUS = compare.corpus()
PACKAGE = files("cngcore.windll.compare")
NO_CALL = "the page lists names and numbers; no call shows them by itself"
NOT_PLAYED = {
    **dict.fromkeys((
        "rule-constants-algorithms", "rule-constants-blob-enums", "rule-constants-blob-types",
        "rule-constants-chaining", "rule-constants-curves", "rule-constants-flags", "rule-constants-interfaces",
        "rule-constants-introduced", "rule-constants-kdf", "rule-constants-magics", "rule-constants-misc",
        "rule-constants-parameter-sets", "rule-constants-properties", "rule-constants-pseudo-handles",
        "rule-status-values",
    ), NO_CALL),
    "rule-disagreements": "the page compares sources",
    "rule-not-established": "the page lists open questions",
    "rule-symmetric-libraries": "the page compares libraries of Python",
    "rule-symmetric-versions": "the answers depend on the version of Windows, which a case cannot choose",
    "rule-layout-ecc-long-order": "no source shows a key of the curve",
    "rule-layout-rsa-d": "a known key has the same d for both ways",
    "rule-register-provider": "it would change the settings of the machine",
    "rule-resolve-providers": "cngcore does not have the function",
}  # fmt: skip
"""Rules without a case, with the reason."""


def stored():
    return compare.read_recording(RECORDED.read_text(encoding="utf-8"))


# --- the corpus -----------------------------------------------------------------------------------------------------


def test_each_rule_of_the_contract_is_played_or_has_a_reason():
    assert set(NOT_PLAYED) == corpus_maker.ANCHORS - CORPUS.anchors
    assert CORPUS.anchors <= corpus_maker.ANCHORS


def test_titles_are_unique_and_lines_have_single_blanks():
    """The checksum of a case is that of its lines, which C takes as they are."""
    titles = [case.title for case in CORPUS.cases]
    assert len(set(titles)) == len(titles) > 900
    text = PACKAGE.joinpath("corpus.txt").read_bytes()
    assert text.isascii()
    assert len(text) < 1_000_000
    assert not re.search(rb"  |[ \t\r]\n", text)


def test_the_cases_by_hand_are_in_the_corpus():
    by_hand = compare.read_corpus((HERE / "by_hand.txt").read_text(encoding="utf-8"))
    assert set(by_hand.cases) <= set(CORPUS.cases), "run tests/windll/corpus_maker.py"


def test_each_call_has_the_arguments_of_its_function():
    """Two of them for a pointer with a count."""
    two = re.compile(r"~|[<>^{].*|[xdo][0-9a-f*^/:+]*")
    for case in CORPUS.cases:
        for call in case.calls:
            given = sum(2 if two.fullmatch(word) else 1 for word in call.words)
            assert given == len(FUNCTIONS[call.function].parameters), f"{case.title}: {call}"


def test_no_call_changes_the_machine():
    assert {call.function for case in CORPUS.cases for call in case.calls} <= set(FUNCTIONS)


def test_an_unknown_line_is_refused():
    with pytest.raises(InvalidParameterError, match="line 2 of the corpus"):
        compare.read_corpus("# comment\nnonsense\n")


# --- playing --------------------------------------------------------------------------------------------------------


def play(text, find=None):
    corpus = compare.read_corpus(f"= rule-x : case\n{text}")
    return player.play(corpus.cases[0], corpus.data, find or corpus_maker.in_process)


@pytest.fixture(scope="module")
def here():
    """What this installation answers now."""
    return compare.record_here(CORPUS)


INSTALLED = {"c.list-the-registered-providers"}
"""Cases whose answer is the list of the installed distributions."""


def test_this_installation_answers_as_recorded(here):
    """contract: rule-size-query and every other rule of the corpus: no answer has changed."""
    changed = {one.case.title for one in compare.compare(CORPUS, here, stored()) if one.outcome != "same"}
    assert changed - INSTALLED == set(), (
        "if the change is meant: cng compare --record tests/windll/cngcore.recording.txt"
    )


def test_outputs_of_a_call_are_inputs_of_later_ones():
    found = play(
        'BCryptOpenAlgorithmProvider &h1 "SHA256" - 0\nBCryptHash h1 ~ x616263 >32!:o1\nBCryptHash h1 ~ o1/3+00 >32!\n'
        "BCryptHash h1 ~ o1^0:ff >32!\nBCryptCloseAlgorithmProvider h1 0\n"
    )
    assert [answer.status for answer in found.answers] == ["00000000"] * 5
    assert found.answers[1].facts[0].startswith("out1=ba7816bf")
    assert len({answer.facts for answer in found.answers[1:4]}) == 3


def test_a_call_whose_handle_was_not_made_is_skipped():
    found = play('BCryptOpenAlgorithmProvider &h1 "NOSUCH" - 0\nBCryptCloseAlgorithmProvider h1 0\nBCryptNoSuch 0\n')
    assert [answer.status for answer in found.answers] == ["c0000225", "skipped", "missing"]


def test_a_written_buffer_and_handle_of_a_failed_call_are_seen():
    import ctypes

    @ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_uint32)
    def failing(handle, buffer, size):
        ctypes.memset(handle, 0, 8)
        ctypes.memset(buffer, 0, size)
        return 0xC000000D

    found = play("BCryptFailing &h1 >8!\n", lambda name: ctypes.cast(failing, ctypes.c_void_p).value)
    assert found.answers == (Answer("BCryptFailing", "c000000d", ("handle=written", "out1=written")),)


# --- comparing ------------------------------------------------------------------------------------------------------

SMALL = compare.read_corpus(
    '= rule-hash : one\nBCryptOpenAlgorithmProvider &h1 "SHA256" - 0\nBCryptHash h1 ~ x >32!\nBCryptDestroyHash h1\n'
)


def answers(*statuses, facts=("out1=00",), crashed=False):
    (case,) = SMALL.cases
    names = ("BCryptOpenAlgorithmProvider", "BCryptHash", "BCryptDestroyHash")
    made = [
        Answer(name, status, facts if name == "BCryptHash" else ())
        for name, status in zip(names, statuses, strict=False)
    ]
    return recording_of("Target 1", [Played("one", case.checksum, tuple(made), crashed)])


RIGHT = ("00000000", "00000000", "c000000d")


@pytest.mark.parametrize(("theirs", "outcome", "text"), [
    (answers(*RIGHT), "same", []),
    (answers(*RIGHT, facts=("out1=01",)), "different", ["out1=00 -> out1=01"]),
    (answers("00000000", "c000000d", "c000000d", facts=()), "different", ["SUCCESS -> INVALID_PARAMETER"]),
    (answers("c0000225", "skipped", "skipped", facts=()), "not there", ["SUCCESS -> NOT_FOUND"]),
    (answers("00000000", "missing", "c000000d", facts=()), "not there", ["SUCCESS -> no such function"]),
    (answers("00000000", crashed=True), "crashed", ["SUCCESS -> crashed"]),
    (recording_of("Target 1", [Played("one", "00000000", ())]), "not recorded", []),
    (recording_of("Target 1", []), "not recorded", []),
], ids=["same", "output", "status", "algorithm", "function", "crash", "other version", "nothing"])  # fmt: skip
def test_the_outcome_of_a_case(theirs, outcome, text):
    (found,) = compare.compare(SMALL, answers(*RIGHT), theirs)
    assert (str(found.outcome), [one.text for one in found.differences]) == (outcome, text)
    assert found.open == bool(text)


def test_a_judgement_closes_a_difference_of_its_target():
    text = '[it]\ntarget = "Target *"\nfunction = "Hash"\nverdict = "target"\nwhy = "Because."\nevidence = ["doc"]\n'
    theirs = answers("00000000", "c000000d", "c000000d", facts=())
    (found,) = compare.compare(SMALL, answers(*RIGHT), theirs, compare.read_judgements(text))
    assert not found.open
    (found,) = compare.compare(
        SMALL, answers(*RIGHT), theirs, compare.read_judgements(text.replace("Target *", "Other *"))
    )
    assert found.open


def test_a_recording_is_read_as_it_was_written():
    recording = answers("00000000", crashed=True)
    again = compare.read_recording(str(recording))
    assert again == recording
    cut = str(recording).replace("! crashed\n.\n", "")
    assert compare.read_recording(cut).cases["one"].crashed, "a case without its end"


def test_another_file_is_no_recording(tmp_path):
    (tmp_path / "file").write_text("text\n")
    with pytest.raises(InvalidParameterError, match="it is no recording"):
        compare.recording(str(tmp_path / "file"))
    with pytest.raises(InvalidParameterError, match=r"recordings that come with cngcore: .*wine-8\.0"):
        compare.recording("no-such-file")


# --- Wine -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wine(here):
    """The comparison of this installation with Wine."""
    return wine_page.compared(here)


def test_each_difference_with_wine_is_judged_and_each_judgement_is_needed(wine):
    assert [one.text for case in wine for one in case.differences if one.judgement is None] == []
    used = {one.judgement.name for case in wine for one in case.differences}
    assert used == {one.name for one in compare.judgements()}
    assert not [one.case.title for one in wine if one.outcome == "not recorded"], "run recorder.exe again"


def test_judgements_have_a_known_verdict_and_evidence():
    from docs.test_citations import TAGS

    for one in compare.judgements():
        assert one.verdict in wine_page.VERDICTS
        assert one.evidence
        assert set(one.evidence) <= TAGS
        assert one.verdict != "target" or set(one.evidence) != {"inferred"}, "what is only inferred is open"


def test_the_page_of_differences_is_up_to_date(wine):
    assert wine_page.PAGE.read_text(encoding="utf-8") == wine_page.page(wine), "run tests/windll/wine_page.py"


# --- the recorder in C ----------------------------------------------------------------------------------------------


def compiled(command, folder, *options):
    target = folder / ("recorder.exe" if "mingw" in command else "recorder")
    source = str(PACKAGE.joinpath("recorder.c"))
    subprocess.run(
        [command, "-std=c99", "-Wall", "-Wextra", "-Werror", "-O1", "-o", target, source, *options], check=True
    )
    return target


@pytest.fixture(scope="module")
def recorder(tmp_path_factory):
    if (compiler := shutil.which("cc") or shutil.which("gcc")) is None:
        pytest.skip("no C compiler is installed")
    return compiled(compiler, tmp_path_factory.mktemp("recorder"), "-pedantic", "-ldl")


def recorded(recorder, library, corpus=None, name="DLL"):
    corpus = corpus or str(PACKAGE.joinpath("corpus.txt"))
    done = subprocess.run([recorder, corpus, library, name], capture_output=True, text=True, check=True, timeout=600)
    return done.stdout


CRASHING = r"""
#include <stdint.h>
#include <stdlib.h>
typedef uint64_t w;
static int count;
uint32_t BCryptOpenAlgorithmProvider(w *handle, w name, w implementation, uint32_t flags)
{
    (void)name; (void)implementation; (void)flags;
    if (++count == 5) abort();
    *handle = 1;
    return 0;
}
"""


@pytest.fixture(scope="module")
def crashing(recorder, tmp_path_factory):
    """A library with one function, which ends the process at its fifth call."""
    folder = tmp_path_factory.mktemp("crashing")
    (folder / "crashing.c").write_text(CRASHING)
    library = folder / "crashing.so"
    compiler = shutil.which("cc") or "gcc"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, folder / "crashing.c"], check=True)
    return library


def test_a_case_that_crashes_does_not_lose_the_others(recorder, crashing):
    """Python and C write the same: the case, its answers up to the crash, and the cases behind it."""
    small = CORPUS.with_rule("open")
    mine = compare.record_library(str(crashing), small)
    crashed = [one.title for one in mine.cases.values() if one.crashed]
    assert crashed
    assert list(mine.cases) == [case.title for case in small.cases]
    in_c = compare.read_recording(recorded(recorder, crashing, HERE / "by_hand.txt"))
    assert any(one.crashed for one in in_c.cases.values())
    by_hand = compare.read_corpus((HERE / "by_hand.txt").read_text(encoding="utf-8"))
    assert list(in_c.cases) == [case.title for case in by_hand.cases]
    found = compare.compare(small, compare.record_here(small), mine)
    assert "crashed" in {one.outcome for one in found}


def test_a_library_that_cannot_be_loaded(recorder, tmp_path):
    with pytest.raises(InvalidParameterError, match="cannot be loaded"):
        compare.record_library(str(tmp_path / "nothing.so"), CORPUS.with_rule("hash"))
    done = subprocess.run(
        [recorder, str(PACKAGE.joinpath("corpus.txt")), tmp_path / "nothing.so"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot load" in done.stderr


@pytest.mark.parametrize("text", representative([HERE / "by_hand.txt", PACKAGE / "corpus.txt"]), ids=["by hand", "all"])
def test_the_recorder_writes_what_python_writes_and_libbcrypt_answers_the_same(recorder, library, text):
    """Acceptance: against our own libbcrypt, every answer is the same, by either player."""
    path = next(library.glob("libbcrypt.*"))
    corpus = compare.read_corpus(text.read_text(encoding="utf-8"))
    in_c = compare.read_recording(recorded(recorder, path, text))
    in_python = compare.record_library(str(path), corpus)
    assert len(in_c.cases) == len(corpus.cases)
    assert in_c.cases == in_python.cases
    assert {str(one.outcome) for one in compare.compare(corpus, compare.record_here(corpus), in_c)} == {"same"}


VARIES = {"symmetric-cases.null-iv-continues-c2-c10.1"}
"""Without an IV, Wine 8.0 encrypts CFB with a register of any content."""


@pytest.mark.exhaustive
def test_wine_answers_as_recorded(tmp_path):
    """The recording of the package, made again where the same Wine is installed."""
    wine = next((one for one in (shutil.which("wine64"), "/usr/lib/wine/wine64") if one and Path(one).exists()), None)
    mingw = shutil.which("x86_64-w64-mingw32-gcc")
    if wine is None or mingw is None:
        pytest.skip("Wine and mingw are not both installed")
    if not subprocess.run([wine, "--version"], capture_output=True, text=True, check=True).stdout.startswith(
        "wine-8.0"
    ):
        pytest.skip("the recording is of Wine 8.0")
    program = compiled(mingw, tmp_path)
    corpus = tmp_path / "corpus.txt"
    corpus.write_bytes(PACKAGE.joinpath("corpus.txt").read_bytes())
    environment = {
        "WINEPREFIX": str(tmp_path / "prefix"),
        "WINEDEBUG": "-all",
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        [wine, program, "corpus.txt", "bcrypt.dll"], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=True, timeout=600,
    )  # fmt: skip
    found = compare.compare(CORPUS, compare.recording("wine-8.0"), compare.read_recording(done.stdout))
    assert {one.case.title for one in found if one.outcome != "same"} <= VARIES


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_compares_with_a_stored_recording(capsys):
    status, out, _ = cng(capsys, "compare", "wine-8.0", "--rule", "finalize-status", "--all")
    assert status == 0
    assert "INVALID_HANDLE\n    -> SUCCESS\n    judged: finalize-twice (target)" in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_command_ends_with_1_for_a_difference_without_a_judgement(capsys, tmp_path):
    changed = RECORDED.read_text(encoding="utf-8").replace("c0000008", "c000000d")
    (tmp_path / "other.txt").write_text(changed)
    status, out, _ = cng(capsys, "compare", str(tmp_path / "other.txt"), "--rule", "handle")
    assert status == 1
    assert "answers differ without a judgement" in out
    assert "INVALID_HANDLE" in out


def test_the_data_has_the_shape_its_schema_says(capsys):
    import jsonschema

    schema = json.loads(files("cngcore.cli").joinpath("schemas/compare.json").read_text())
    status, out, _ = cng(capsys, "compare", "wine-8.0", "--rule", "hash", "--json")
    data = json.loads(out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(data, schema)
    assert status == 0
    assert data["ok"]


def test_the_command_records_and_writes_the_recorder(capsys, tmp_path):
    status, _, _ = cng(capsys, "compare", "--record", str(tmp_path / "mine.txt"), "--rule", "hash-finish")
    assert status == 0
    assert cng(capsys, "compare", str(tmp_path / "mine.txt"), "--rule", "hash-finish")[0] == 0
    status, _, _ = cng(capsys, "compare", "--recorder", str(tmp_path / "recorder"))
    assert status == 0
    assert sorted(path.name for path in (tmp_path / "recorder").iterdir()) == ["corpus.txt", "recorder.c"]


@pytest.mark.parametrize(("arguments", "says"), [
    ([], "name one or two targets"),
    (["wine-8.0", "wine-8.0", "wine-8.0"], "name one or two targets"),
    (["wine-8.0", "--record", "file"], "--record plays one target"),
    (["wine-8.0", "--rule", "nosuch"], "no case shows a rule that begins with 'nosuch'"),
    (["no-such-file"], "there is no such file; recordings that come with cngcore: wine-8.0"),
])  # fmt: skip
def test_wrong_usage_is_one_line(capsys, arguments, says):
    status, _, err = cng(capsys, "compare", *arguments)
    assert status in (1, 2)
    assert says in err
    assert len(err.splitlines()) == 1


def test_every_kind_of_the_table_has_a_word():
    """A new kind of parameter needs a word of the corpus, in Python and in C."""
    assert set(Kind) - WRITTEN == {
        Kind.HANDLE, Kind.OPTIONAL_HANDLE, Kind.TEXT, Kind.DWORD, Kind.QWORD, Kind.INPUT, Kind.OPTIONAL_INPUT,
        Kind.OUTPUT, Kind.IN_OUT, Kind.OBJECT, Kind.SIGNATURE_PADDING, Kind.CIPHER_PADDING, Kind.BUFFERS,
        Kind.OPERATIONS, Kind.COUNT, Kind.POINTER,
    }  # fmt: skip
