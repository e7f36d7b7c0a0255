"""The command as its user runs it: what it prints, and its exit status (contract: rule-python-command)."""

import io
import json
import os
import re
import subprocess
import sys

import pytest
from cli.commandline import Factory, registry_of, run
from helpers import python

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


def test_the_tour_is_green_and_has_one_line_for_each_key(capsys):
    status, out, err = run(capsys, "tour")
    assert status == 0, err
    *lines, _, last = out.strip().splitlines()
    assert last.startswith("Passed: ")
    subjects = [line for line in lines if line.startswith("  ")]
    assert f"Passed: {len(subjects)} keys and blobs, " in last
    assert all(re.search(r" \d+ passed +[\d.]+ (ms|s)$", line) for line in subjects)
    assert max(map(len, lines)) < 80
    for said in ("RSA 2048", "ECDSA_P256", "ECDH curve25519", "Made on Windows", "RSA512_PRIV"):
        assert said in out


def test_the_verbose_tour_shows_every_step(capsys):
    status, out, err = run(capsys, "tour", "RSA", "ECDH", "ECDH_P256", "--length", "512", "--verbose")
    assert status == 0, err
    for said in ("RSA 512", "ECDH curve25519", "From Windows: RSA512_PRIV", "P256_HASH_SHA1"):
        assert said in out
    lines = [line for line in out.splitlines() if "finalize it" in line]
    assert lines
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
    done = python(code)
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


# --- filters ----------------------------------------------------------------------------------------------------------


def rows_of(capsys, *arguments):
    status, out, err = run(capsys, "algorithms", *arguments, "--json")
    assert status == 0, err
    return json.loads(out)


def test_algorithms_are_filtered(capsys):
    every = rows_of(capsys)
    for arguments, keep in (
        (("--for", "agree"), lambda row: "agree" in row["operations"]),
        (("--provider", "cngcore-ec"), lambda row: row["distribution"] == "cngcore-ec"),
        (("--provider", "cngcore_ec"), lambda row: row["distribution"] == "cngcore-ec"),
        (("--containing", "ml-"), lambda row: "ML-" in row["algorithm"]),
        (("--default",), lambda row: row["default"]),
        (("RSA", "ML-DSA", "--for", "encrypt"), lambda row: row["algorithm"] == "RSA"),
    ):
        kept = [row for row in every if keep(row)]
        assert 0 < len(kept) < len(every)
        key = lambda row: (row["algorithm"], row["implementation"])  # noqa: E731
        assert sorted(rows_of(capsys, *arguments), key=key) == sorted(kept, key=key)
    status, out, err = run(capsys, "algorithms", "RSA", "--for", "agree")
    assert (status, out) == (1, "")
    assert "no installed algorithm matches" in err


def curves_of(capsys, *arguments):
    status, out, err = run(capsys, "curves", *arguments, "--json")
    assert status == 0, err
    return {row["curve"]: row for row in json.loads(out)["curves"]}


def test_every_curve_that_can_be_named_is_listed(capsys):
    every = curves_of(capsys)
    declared = {name for row in rows_of(capsys) if row["available"] for name in row["curves"]}
    assert set(every) == declared
    assert every["nistP256"]["bits"] == 256
    assert set(every["nistP256"]["also_called"]) == {"secP256r1", "x962P256v1"}
    assert every["nistP256"]["implementations"][0] == "cryptography"
    assert every["curve25519"]["operations"] == ["agree"]
    assert set(curves_of(capsys, "--for", "sign")) == {name for name in every if "sign" in every[name]["operations"]}


def test_curves_are_found_by_any_of_their_names(capsys):
    same = {"nistP256", "secP256r1", "x962P256v1"}
    for text in ("P-256", "prime256v1", "SECP256R1", "nistP256"):
        assert set(curves_of(capsys, text)) == same
    assert set(curves_of(capsys, "X25519")) == {"curve25519"}
    assert {name.lower()[:9] for name in curves_of(capsys, "brainpool")} == {"brainpool"}
    status, out, err = run(capsys, "curves", "P-255x")
    assert (status, out) == (1, "")
    assert "no curve matches" in err


# --- config -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cngcore.toml"
    path.write_text(
        'prefer = ["pqcrypto", "nobody"]\nblock = ["cngcore-dsa"]\nwindows = "10"\n'
        '[[rule]]\naction = "forbid"\nalgorithm = "DH"\nreason = "old"\n'
    )
    return path


def config_of(capsys, *arguments, status=0):
    found, out, err = run(capsys, "config", *arguments, "--json")
    assert found == status, err
    data = json.loads(out)
    return {row["setting"]: (row["value"], row["source"]) for row in data["settings"]}, data


def test_each_setting_says_where_it_comes_from(capsys, file, monkeypatch, tmp_path):
    monkeypatch.setenv("CNGCORE_WINDOWS", "11-24h2")
    monkeypatch.setenv("CNGCORE_PREFR", "x")
    settings, data = config_of(capsys, "--file", str(file))
    assert settings == {
        "prefer": (["pqcrypto", "nobody"], str(file)),
        "allow": (None, "default"),
        "block": (["cngcore-dsa"], str(file)),
        "windows": ("11-24h2", "CNGCORE_WINDOWS"),
        "strict": (False, "default"),
        "policies": ([], "default"),
        "rule": (1, str(file)),
        "lock": (None, "default"),
    }
    assert any("'nobody'" in note for note in data["notes"])
    assert any("CNGCORE_PREFR" in note and "CNGCORE_PREFER" in note for note in data["notes"])
    status, out, _ = run(capsys, "config", "--file", str(file))
    assert status == 0
    assert re.search(r"^windows +11-24h2 +CNGCORE_WINDOWS ", out, re.MULTILINE)
    assert re.search(r"^rule +1 rule +the file ", out, re.MULTILINE)


def test_the_settings_of_this_process(capsys, monkeypatch):
    monkeypatch.setenv("CNGCORE_POLICIES", "approved")
    with cngcore.registry.using(cngcore.Registry()):
        assert config_of(capsys)[0]["policies"] == (["approved"], "CNGCORE_POLICIES")
    with cngcore.registry.using(cngcore.Registry(prefer=["cryptography"])):
        assert config_of(capsys)[0]["prefer"] == (["cryptography"], "argument")


def test_a_wrong_file_is_a_failure(capsys, tmp_path, monkeypatch):
    path = tmp_path / "wrong.toml"
    path.write_text("prefr = 1\n")
    before = dict(os.environ)
    settings, data = config_of(capsys, "--file", str(path), status=1)
    assert (settings, "unknown key prefr" in data["problem"]) == ({}, True)
    status, out, err = run(capsys, "config", "--file", str(path))
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert dict(os.environ) == before
    code = "import sys; from cngcore.cli import main; sys.exit(main(['config']))"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "CNGCORE_CONFIG": str(path)},
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, "unknown key prefr" in done.stderr) == (1, True)
