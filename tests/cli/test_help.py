"""What the help promises: examples that run, suggestions for misspelt names, completion in every shell."""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli.commandline import Factory, registry_of, run
from click.shell_completion import get_completion_class
from formats.samples import key
from helpers import representative

from cngcore import formats
from cngcore.cli import main
from cngcore.cli.app import COMMANDS, cng
from cngcore.provider import Algorithm, ExactLength

# --- examples ---------------------------------------------------------------------------------------------------------


def commands():
    context = click.Context(cng, info_name="cng")
    for name in COMMANDS:
        command = cng.get_command(context, name)
        yield name, command
        if isinstance(command, click.Group):
            yield from (
                (f"{name} {inner}", command.get_command(context, inner)) for inner in command.list_commands(context)
            )


def examples():
    for name, command in [("", cng), *commands()]:
        for line in command.examples:
            compares_all = re.match(r"cng compare (--record|wine)", line)
            yield pytest.param(line, id=f"{name}: {line}", marks=[pytest.mark.exhaustive] if compares_all else [])


def kind_of_example(line):
    """Every line once, and of the tours of many algorithms a single one."""
    return "tour" if line.startswith("cng tour") and "ML-KEM" not in line else line


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_has_examples_of_itself(name):
    lines = dict(commands())[name].examples
    assert any(re.search(rf"\bcng {name}\b", line) for line in lines)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """A folder with the files that the examples name."""
    tmp_path = tmp_path_factory.mktemp("desk")
    (tmp_path / "letter.txt").write_text("a letter")
    (tmp_path / "note.txt").write_text("a note")
    (tmp_path / "report.pdf").write_text("a report")
    (tmp_path / "pw.txt").write_text("a long password")
    for name in ("aes.key", "secret.bin"):
        (tmp_path / name).write_bytes(bytes(range(32)))
    (tmp_path / "cngcore.toml").write_text('prefer = ["cryptography"]\n')
    for name, kind in (("key", "ECDSA P-256"), ("rsa", "RSA 2048"), ("kem", "ML-KEM-768"), ("alice", "X25519"),
                       ("bob", "X25519")):  # fmt: skip
        (tmp_path / f"{name}.pem").write_bytes(formats.encode(key(kind), "pkcs8"))
        (tmp_path / f"{name}.pub").write_bytes(formats.encode(key(kind), "spki", private=False))
    (tmp_path / "raw.bin").write_bytes(formats.encode(key("ML-KEM-768"), "raw", private=True))
    before = Path.cwd()
    os.chdir(tmp_path)
    for line in (
        "sign letter.txt --key key.pem --out letter.sig",
        "sign letter.txt --key key.pem --format der --out letter.der",
        "sign letter.txt --key rsa.pem --padding pkcs1 --out rsa.sig",
        "encrypt note.txt --key rsa.pub --out note.enc",
        "encapsulate --key kem.pub --out secret.kem --secret-out mine.bin",
        "encrypt report.pdf --key aes.key --algorithm AES --out report.enc",
    ):
        assert main(line.split()) == 0
    os.chdir(before)
    return tmp_path


@pytest.fixture
def desk(furnished, tmp_path, monkeypatch):
    """A copy of that folder, to work in."""
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("line", representative(examples(), kind=kind_of_example))
def test_an_example_runs(desk, capsysbinary, monkeypatch, line):
    """Each command of a pipe gets what the one before it wrote; what a shell does is not done."""
    if "passphrase" in line:
        pytest.skip("the passphrase is typed: see test_terminal.py")
    if not re.search(r"(^|\| |[A-Z]=\S+ )(cng|openssl) ", line) or line.startswith(("cng bench", "cng build-bcrypt")):
        pytest.skip("it is for the start-up file of a shell, or takes long and is tested elsewhere")
    if "powershell" in line and get_completion_class("powershell") is None:
        pytest.skip("this click has no completion for PowerShell")
    written = b""
    for part in line.split(" | "):
        words = shlex.split(part.partition(" > ")[0].partition(" in $")[0])
        while words and "=" in words[0]:
            variable, _, value = words.pop(0).partition("=")
            monkeypatch.setenv(variable, value)
        if words[0] == "echo":
            written = " ".join(words[1:]).encode()
        elif words[0] == "cng":
            if "--out" in words:
                out = words[words.index("--out") + 1]
                (desk / out).unlink(missing_ok=True)
            for option in ("--public-out", "--secret-out"):
                if option in words:
                    (desk / words[words.index(option) + 1]).unlink(missing_ok=True)
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(written)))
            capsysbinary.readouterr()
            status = main(words[1:])
            written, err = capsysbinary.readouterr()
            assert status == 0, err
        elif shutil.which(words[0]):
            subprocess.run(words, check=True, input=written, capture_output=True)


# --- did you mean -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["algoritms"], 2, "No such command 'algoritms'; did you mean 'algorithms'? See 'cng --help'"),
        (["generat"], 2, "did you mean 'generate'?"),
        (["providers", "lck"], 2, "did you mean 'lock'?"),
        (["explain", "rsa"], 1, "no installed provider serves 'rsa'; did you mean 'RSA'?"),
        (["explain", "ML_KEM"], 1, "did you mean 'ML-KEM'?"),
        (["tour", "SHA-256"], 1, "did you mean 'SHA256'?"),
        (["algorithms", "P-256"], 1, "did you mean 'ECDSA_P256'?"),
        (["explain", "Kyber"], 1, "did you mean 'ML-KEM'?"),
        (["explain", "Ed25519"], 1, "CNG has no Ed25519; for signatures use ECDSA_P256 or ML-DSA"),
        (["generate", "rsa", "--out", "x"], 1, "did you mean 'RSA'?"),
        (["generate", "ECDSA", "--curve", "P-256", "--out", "x"], 1, "does not exist; did you mean 'nistP256'?"),
        (["explain", "ECDH", "--curve", "X25519"], 1, "did you mean 'curve25519'?"),
        (["generate", "RSA", "--format", "PEM", "--out", "x"], 2, "did you mean 'pkcs8'?"),
        (["convert", "x", "--to", "json", "--out", "y"], 2, "did you mean 'jwk'?"),
        (["convert", "x", "--to", "nothing", "--out", "y"], 2, "use one of cng, pkcs8, spki"),
        (["inspect", "x", "--as", "rsapublicblob"], 2, "did you mean 'RSAPUBLICBLOB'?"),
        (["explain", "ML-KEM", "--implementation", "pqcript"], 1, "did you mean 'pqcrypto'?"),
        (["explain", "RSA", "--implementation", "openssl"], 1, "RSA has no implementation 'openssl'; it has"),
        (["generate", "--implementation", "openssl", "RSA", "--out", "x"], 1, "it has cng, cryptography"),
        (["explain", "RSA", "--operation", "signs"], 2, "did you mean 'sign'?"),
        (["tour", "--lenght", "4"], 2, "No such option '--lenght'; did you mean '--length'?"),
        (["completion", "pwsh"], 2, "'pwsh' is not a shell; use one of bash, zsh, fish, powershell"),
        (["generate", "RSA", "--length", "many", "--out", "x"], 2, "'many' is not a whole number of at least 1"),
        (["bench", "RSA", "--seconds", "0"], 2, "'0' is not a number of seconds of at least 0.001"),
        (["algorithms", "--provider", "cngcore-rsaa"], 1, "did you mean 'cngcore-rsa'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_a_near_miss_is_answered_with_a_suggestion(capsys, arguments, status, said):
    found, out, err = run(capsys, *arguments)
    assert (found, out) == (status, "")
    assert said in err
    assert err.count("\n") == 1


def test_names_of_strangers_are_suggested_and_stay_exact(capsys):
    toy = Algorithm("TOY_9", "toy", {"sign"}, ExactLength(8), factory=Factory)
    with registry_of(toy):
        assert run(capsys, "explain", "TOY_9")[0] == 0
        assert "did you mean 'TOY_9'?" in run(capsys, "explain", "toy-9")[2]


@pytest.mark.parametrize("words", [["help", "sign"], ["sign", "--help"], ["sign", "-h"]])
def test_help_is_a_command_too(capsys, words):
    status, out, _ = run(capsys, *words)
    assert status == 0
    assert out.startswith("Usage: cng sign")
    assert "Examples:\n  cng sign letter.txt" in out


def test_a_full_name_can_be_explained(capsys):
    assert "ML-KEM with parameter set 768" in run(capsys, "explain", "ML-KEM-768")[1]
    assert "ECDH with curve curve25519" in run(capsys, "explain", "X25519")[1]


# --- completion -------------------------------------------------------------------------------------------------------


def completed(words, shell="bash"):
    """What a shell offers for the last word of a command line."""
    *_, last = words.split(" ")
    environment = {
        **os.environ,
        "_CNG_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": last if shell == "fish" else str(len(words.split(" ")) - 1),
    }
    program = [sys.executable, "-m", "cngcore.cli"]
    return subprocess.run(program, capture_output=True, text=True, env=environment, check=True).stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cng generate ECDSA --curve nistP2", "nistP256"),
        ("cng generate ECDSA --curve BRAIN", "brainpoolP256r1"),
        ("cng generate ML-KEM --parameter-set 7", "768"),
        ("cng generate ML-", "ML-KEM-768"),
        ("cng explain ML-KEM --implementation pq", "pqcrypto"),
        ("cng convert a --to cng --blob-type ECCPU", "ECCPUBLICBLOB"),
        ("cng generate RSA --format pk", "pkcs8"),
        ("cng explain RSA --operation s", "sign"),
        ("cng algorithms --provider cngcore-r", "cngcore-rsa"),
        ("cng sign a --hash SHA5", "SHA512"),
        ("cng enc", "encapsulate"),
        ("cng providers l", "lock"),
    ],
)
def test_words_are_completed(words, expected):
    assert f"plain,{expected}" in completed(words).split()


def test_only_the_sets_of_the_algorithm_are_offered():
    assert completed("cng explain ML-DSA --parameter-set ").split() == ["plain,44", "plain,65", "plain,87"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_every_shell_has_a_script_and_gets_whole_descriptions(capsys, shell):
    if get_completion_class(shell) is None:
        pytest.skip(f"this click has no completion for {shell}")
    status, out, _ = run(capsys, "completion", shell)
    assert status == 0
    assert "_CNG_COMPLETE" in out
    shown = completed("cng doc", shell)
    assert "doctor" in shown
    if shell != "bash":  # bash shows no descriptions
        assert "show each problem with its remedy" in shown
    if shell == "fish":  # its script ends a description at a comma
        assert all(line.count(",") == 1 for line in completed("cng ", shell).splitlines())
        assert all(line.count(",") == 1 for line in completed("cng generate --", shell).splitlines())
