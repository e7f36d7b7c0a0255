"""``cng generate --count``: a file that is whole whatever happens, and can be gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from base64 import b64decode
from importlib.resources import files

import jsonschema
import pytest
from cli import commandline
from helpers import representative

import cngcore
from cngcore import formats
from cngcore.bulk import sealing


def run(capsys, *arguments):
    return commandline.run(capsys, "generate", *arguments)


def keys_of(path):
    header, *lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert header["cngcore_keys"] == 1
    return lines


def check(path, count):
    """Every index once, every key another, each a key."""
    lines = [line for line in keys_of(path) if "private" in line]
    assert sorted(line["index"] for line in lines) == list(range(count))
    assert len({line["private"] for line in lines}) == count
    with cngcore.open_algorithm_provider("ECDSA_P256") as provider:
        for line in (lines[0], lines[-1]):
            key = provider.import_key_pair("ECCPRIVATEBLOB", b64decode(line["private"]))
            assert key.export("ECCPUBLICBLOB") == b64decode(line["public"])


def test_many_keys_in_a_private_file(capsys, tmp_path):
    path = tmp_path / "keys.jsonl"
    status, out, err = run(capsys, "ECDSA_P256", "--count", 50, "--out", path)
    assert status == 0, err
    assert "50 of 50 keys" in out
    check(path, 50)
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_left_alone_or_gone_on_with_or_replaced(capsys, tmp_path):
    path = tmp_path / "keys.jsonl"
    run(capsys, "ECDSA_P256", "--count", 5, "--out", path)
    before = path.read_text()
    status, _, err = run(capsys, "ECDSA_P256", "--count", 5, "--out", path)
    assert status == 1
    assert "--resume" in err
    assert path.read_text() == before
    assert run(capsys, "ECDSA_P256", "--count", 9, "--out", path, "--resume")[0] == 0
    assert path.read_text().startswith(before)
    check(path, 9)
    assert run(capsys, "ECDSA_P256", "--count", 3, "--out", path, "--force")[0] == 0
    check(path, 3)


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@pytest.mark.parametrize("option", ["--force", "--resume"])
def test_a_file_that_others_could_read_is_private_before_a_key_is_in_it(capsys, tmp_path, option):
    path = tmp_path / "keys"
    path.touch(0o644)
    path.chmod(0o644)
    status, _, err = run(capsys, "ECDSA_P256", "--count", 1, "--out", path, option)
    assert status == 0, err
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_torn_line_is_cut_off_and_made_anew(capsys, tmp_path):
    path = tmp_path / "keys.jsonl"
    run(capsys, "ECDSA_P256", "--count", 20, "--out", path)
    whole = path.read_bytes()
    for cut in (1, 40, 150):
        path.write_bytes(whole[:-cut])
        assert run(capsys, "ECDSA_P256", "--count", 20, "--out", path, "--resume")[0] == 0
        check(path, 20)


@pytest.mark.parametrize(
    "content",
    ["no json\n", '{"cngcore_keys": 1, "algorithm": "RSA"}\n', "[]\n", '{"cngcore_keys": 2}\n', "[" * 100_000 + "\n"],
    ids=["no JSON", "another algorithm", "a list", "another version", "nested without end"],
)
def test_a_file_of_something_else_is_left_alone(capsys, tmp_path, content):
    path = tmp_path / "keys.jsonl"
    path.write_text(content)
    status, _, err = run(capsys, "ECDSA_P256", "--count", 5, "--out", path, "--resume")
    assert status == 1
    assert "of other keys" in err
    assert path.read_text() == content


def test_a_line_that_is_no_key_is_found(capsys, tmp_path):
    path = tmp_path / "keys.jsonl"
    run(capsys, "ECDSA_P256", "--count", 3, "--out", path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:2], '{"number": 7}\n', *lines[2:]]))
    status, _, err = run(capsys, "ECDSA_P256", "--count", 5, "--out", path, "--resume")
    assert status == 1
    assert "line 3 is not a key" in err


def test_sealed_to_a_recipient(capsys, tmp_path):
    recipient = cngcore.generate_key_pair("ML-KEM", parameter_set="768")
    public, path = tmp_path / "to.pem", tmp_path / "keys.jsonl"
    public.write_bytes(formats.encode(formats.from_key(recipient, private=False), "spki"))
    status, _, err = run(capsys, "ECDSA_P256", "--count", 4, "--out", path, "--wrap-to", public)
    assert status == 0, err
    with cngcore.open_algorithm_provider("ECDSA_P256") as provider:
        for line in keys_of(path):
            blob = sealing.unseal(b64decode(line["private"]), recipient)
            assert provider.import_key_pair("ECCPRIVATEBLOB", blob).export("ECCPUBLICBLOB") == b64decode(line["public"])


def test_a_recipient_too_short_to_seal_to_is_told_before_there_is_a_file(capsys, tmp_path):
    short = tmp_path / "short.pem"
    with cngcore.generate_key_pair("RSA", 1024) as pair:
        short.write_bytes(formats.encode(formats.from_key(pair), "spki"))
    status, out, err = run(capsys, "ECDSA_P256", "--count", 1, "--out", tmp_path / "keys", "--wrap-to", short)
    assert (status, out, len(err.splitlines())) == (1, "", 1)
    assert "2048 bits" in err
    assert [path.name for path in tmp_path.iterdir()] == ["short.pem"]


def test_what_fails_is_counted_and_tried_again(capsys, tmp_path, flaky):
    path = tmp_path / "keys.jsonl"
    with cngcore.registry.using(flaky):
        from concurrent.futures import ThreadPoolExecutor

        from cngcore.bulk import generate_many
        from cngcore.cli.batch import KeyFile, make_many
        from cngcore.cli.output import Screen

        def go(resume):
            file = KeyFile(str(path), {"algorithm": "FLAKY"}, resume=resume, force=False)
            with ThreadPoolExecutor(1) as pool:
                return make_many(
                    Screen(quiet=True), "keys", 6, file,
                    lambda have: generate_many("FLAKY", 6, length=8, skip=have, executor=pool),
                )  # fmt: skip

        first = go(False)
        assert (first.made, first.failed) == (4, 2)
        assert list(first.errors.values()) == [2]
        second = go(True)
        assert (second.before, second.made) == (4, 2)


def test_the_data_has_the_shape_its_schema_says(capsys, tmp_path):
    status, out, _ = run(capsys, "ECDSA_P256", "--count", 3, "--out", tmp_path / "k", "--json")
    assert status == 0
    jsonschema.validate(
        json.loads(out), json.loads(files("cngcore.cli").joinpath("schemas/generate-count.json").read_text())
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--count", "0"],
        ["--count", "3", "--format", "pkcs8"],
        ["--count", "3", "--public-out", "x"],
        ["--count", "3", "--out", "-"],
        ["--resume"],
        ["--workers", "2"],
        ["--wrap-to", "x"],
    ],
    ids=" ".join,
)
def test_what_does_not_go_together_is_a_wrong_command(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    out = [] if "--out" in arguments else ["--out", "keys"]
    status, _, err = run(capsys, "ECDSA_P256", *arguments, *out)
    assert status == 2
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_made_leaves_no_file(capsys, tmp_path):
    status, _, err = run(capsys, "RSA", "--length", 100, "--count", 3, "--out", tmp_path / "keys")
    assert status == 1
    assert "100 bits" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_and_gone_on_with(tmp_path, how):
    path, count = tmp_path / "keys.jsonl", 12_000
    command = [sys.executable, "-m", "cngcore.cli", "generate", "ECDSA_P256", "--count", str(count), "--out", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (path.exists() and path.stat().st_size > 500_000):
        time.sleep(0.01)
    assert process.poll() is None, "it was done before it could be killed"
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 1
        assert err.splitlines()[-1].startswith("cng generate: interrupted; ")
        assert "Traceback" not in err
    subprocess.run([*command, "--resume"], check=True, capture_output=True)
    check(path, count)


LEAVES_EARLY = """
import sys
from cngcore.bulk import generate_many

if __name__ == "__main__":
    made = 0
    for key in generate_many("ECDSA_P256", 200_000, length=256, workers=int(sys.argv[1])):
        made += 1
        if made > int(sys.argv[2]):
            if sys.argv[3] == "exception":
                raise SystemExit(7)
            break
"""


@pytest.mark.parametrize(
    ("workers", "keys", "way"),
    representative([(2, 700, "break"), (8, 1900, "exception"), (2, 700, "exception"), (8, 1900, "break")], most=2),
)
def test_leaving_early_ends_at_once(tmp_path, workers, keys, way):
    """A worker that is ended in the middle of writing an answer must not keep the process for ever."""
    program = tmp_path / "leaves_early.py"
    program.write_text(LEAVES_EARLY)
    command = [sys.executable, str(program), str(workers), str(keys), way]
    done = subprocess.run(command, timeout=60, check=False, capture_output=True)
    assert done.returncode == (7 if way == "exception" else 0), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(66))
@pytest.mark.parametrize("workers", [2, 8, 16])
def test_leaving_early_two_hundred_times(tmp_path, workers, turn):
    test_leaving_early_ends_at_once(tmp_path, workers, 500 + 137 * turn, "exception" if turn % 2 else "break")
