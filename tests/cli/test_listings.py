"""The command as its user runs it: what it prints, and its exit status (contract: rule-python-command)."""

import io
import json
import re
import subprocess
import sys

import pytest
from cli.commandline import Factory, registry_of, run

import cngcore
from cngcore.cli import main
from cngcore.cli.output import Screen, duration
from cngcore.provider import Algorithm, ExactLength


@pytest.fixture
def broken():
    """A default registry whose one provider answers wrongly in one place."""
    with registry_of(Algorithm("TOY", "toy", {"sign"}, ExactLength(8), factory=Factory)):
        yield


@pytest.mark.parametrize("arguments", [
    ("tour", "RSA", "--length", "-5"), ("tour", "RSA", "--length", "0"), ("providers", "--json", "lock"),
])  # fmt: skip
def test_what_is_asked_and_could_not_be_done_is_a_wrong_command(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *arguments)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert list(tmp_path.iterdir()) == []


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


def plain(terminal):
    """What was written to a terminal, without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_word_is_broken_on_a_terminal_of_the_usual_width(monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    assert main(["algorithms"]) == 0
    said = plain(terminal)
    assert max(map(len, said.splitlines())) <= width
    words = set(said.split())
    installed = [record["distribution"] for record in cngcore.registry.default().providers() if record["algorithms"]]
    for word in ("IMPLEMENTATION", "512-16384/64", "512-4096/64", "cryptography", "encapsulate", *installed):
        assert word in words, said


def test_a_table_too_wide_for_a_terminal_is_folded_and_not_cut(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    terminal = Terminal()
    Screen(terminal).table(("ONE", "TWO"), [("a" * 30, "b" * 30)])
    said = plain(terminal)
    assert (said.count("a"), said.count("b")) == (30, 30)
    assert max(map(len, said.splitlines())) <= 20


def test_the_tour_is_green(capsys):
    status, out, err = run(capsys, "tour")
    assert status == 0, err
    last = out.strip().splitlines()[-1]
    assert last.startswith("Passed: ")
    for said in ("RSA 2048", "ECDSA_P256", "ECDH curve25519", "From Windows: RSA512_PRIV", "P256_HASH_SHA1"):
        assert said in out
    lines = [line for line in out.splitlines() if "finalize it" in line]
    assert all(line.split()[-1] and "s  " in line for line in lines), "time and implementation on each line"


def test_a_wrong_answer_makes_the_tour_fail(capsys, broken):
    status, out, _ = run(capsys, "tour")
    assert status == 1
    assert "wrong answer: the signature verifies over another hash" in out
    assert "Failed: 1 of " in out.strip().splitlines()[-1]


def test_the_tour_as_data(capsys):
    status, out, _ = run(capsys, "tour", "ECDSA_P256", "--json")
    data = json.loads(out)
    assert status == 0
    assert data["ok"] is True
    assert {step["implementation"] for step in data["steps"]} == {"cryptography"}
    assert all(step["ok"] and step["seconds"] >= 0 for step in data["steps"])
    assert {step["subject"] for step in data["steps"]} == {"ECDSA_P256", "From Windows: ECDSA_P256_PUB"}


def test_progress_is_shown_for_what_takes_long():
    code = (
        "import time; from cngcore.cli.output import Screen\n"
        "Screen().work('making a long key', lambda: time.sleep(0.7))\n"
        "Screen().work('making a short key', lambda: None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "making a long key" in done.stderr
    assert "so far" in done.stderr
    assert "short" not in done.stderr
    assert done.stdout == ""


def test_algorithms(capsys):
    status, out, _ = run(capsys, "algorithms")
    assert status == 0
    assert "512-16384/64" in out
    status, out, _ = run(capsys, "algorithms", "--json")
    rows = {row["algorithm"]: row for row in json.loads(out) if row["default"]}
    assert rows["RSA"]["key_lengths"] == "512-16384/64"
    assert rows["RSA"]["operations"] == ["encrypt", "sign"]
    assert "curve25519" in rows["ECDH"]["curves"]
    assert rows["ECDH"]["introduced"] == "10"


def test_algorithms_that_are_named(capsys):
    status, out, _ = run(capsys, "algorithms", "RSA", "ECDH", "--json")
    assert status == 0
    assert [row["algorithm"] for row in json.loads(out) if row["default"]] == ["RSA", "ECDH"]
    assert {row["algorithm"] for row in json.loads(out)} == {"RSA", "ECDH"}
    status, _, err = run(capsys, "algorithms", "RSB")
    assert status == 1
    assert "'RSB'" in err


def test_providers(capsys):
    status, out, _ = run(capsys, "providers")
    assert status == 0
    assert "cngcore-rsa" in out
    status, out, _ = run(capsys, "providers", "--json")
    (rsa,) = [row for row in json.loads(out) if row["distribution"] == "cngcore-rsa"]
    assert rsa["algorithms"] == ["RSA", "RSA_SIGN"]
    assert rsa["state"] == "loaded"


def test_explain(capsys):
    status, out, _ = run(capsys, "explain", "RSA", "--key-length", "2048")
    assert status == 0
    assert "  ->  cryptography  cngcore-rsa" in out
    status, out, _ = run(capsys, "explain", "RSA", "--json")
    assert json.loads(out)["chosen"] == "cryptography"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["explain", "NONSENSE"], 1, "no installed provider serves 'NONSENSE'"),
        (["explain", "ML-KEM-TOY"], 1, "did you mean 'ML-KEM'?"),
        (["explain", "RSA", "--key-length", "100"], 1, "it has no keys of 100 bits"),
        (["tour", "NONSENSE"], 1, "no installed provider serves 'NONSENSE'"),
        (["nonsense"], 2, "No such command"),
        (["explain"], 2, "Missing argument"),
        (["explain", "RSA", "--key-length", "many"], 2, "not a valid integer"),
    ],
)
def test_an_error_is_one_line_and_a_status(capsys, arguments, status, said):
    found, _, err = run(capsys, *arguments)
    assert found == status
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_without_a_command_it_says_what_there_is(capsys):
    status, out, _ = run(capsys)
    assert status == 2
    assert "tour" in out


def test_it_runs_as_a_module_and_tells_its_version():
    done = subprocess.run(
        [sys.executable, "-m", "cngcore.cli", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("cngcore 0.")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.00004, "0.04 ms"), (0.0631, "63.1 ms"), (1.318, "1.32 s"), (125.2, "2 min 05 s")]
)
def test_durations_are_for_people(seconds, text):
    assert duration(seconds) == text
