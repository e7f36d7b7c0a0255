"""``cng generate``: every algorithm, curve and parameter set; and its manners with files."""

import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest
from cli.keycommands import failed, run, told

from cngcore import formats

ALL = {
    ("RSA", "--length", "1024"): "RSA 1024",
    ("RSA", "--length", "512"): "RSA 512",
    ("RSA_SIGN", "--length", "1024"): "RSA 1024",
    ("DSA", "--length", "512"): "DSA 512",
    ("DSA", "--length", "2048"): "DSA 2048",
    ("DH", "--length", "2048"): "DH 2048",
    ("ECDSA_P256",): "ECDSA nistP256",
    ("ECDSA_P384",): "ECDSA nistP384",
    ("ECDSA_P521", "--length", "521"): "ECDSA nistP521",
    ("ECDH_P256", "--curve", "nistP256"): "ECDH nistP256",
    ("ECDH_P384",): "ECDH nistP384",
    ("ECDH_P521",): "ECDH nistP521",
    **{
        ("ECDSA", "--curve", curve): f"ECDSA {curve}"
        for curve in (
            "nistP192", "nistP224", "nistP256", "secP256k1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1",
        )
    },
    ("ECDH", "--curve", "secP521r1"): "ECDH secP521r1",
    ("ECDH", "--curve", "curve25519"): "X25519",
    ("X25519",): "X25519",
    ("ML-KEM",): "ML-KEM-768",
    ("ML-KEM", "--parameter-set", "512"): "ML-KEM-512",
    ("ML-KEM-1024",): "ML-KEM-1024",
    ("ML-DSA",): "ML-DSA-65",
    ("ML-DSA-44", "--parameter-set", "44"): "ML-DSA-44",
    ("ML-DSA", "--parameter-set", "87"): "ML-DSA-87",
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "description"), ALL.items(), ids=[" ".join(name) for name in ALL])
def test_everything(capsys, tmp_path, arguments, description):
    private, public = tmp_path / "private", tmp_path / "public"
    said = told(capsys, "generate", *arguments, "--out", private, "--public-out", public)
    assert said["algorithm"] == {"X25519": "ECDH", "ML-KEM-1024": "ML-KEM", "ML-DSA-44": "ML-DSA"}.get(
        *2 * arguments[:1]
    )
    assert said["description"] == description
    key, half = formats.decode(private.read_bytes()), formats.decode(public.read_bytes())
    formats.check(key)
    assert key.is_private
    assert not half.is_private
    assert said["fingerprint"] == f"SHA256:{formats.fingerprint(half).hex()}"
    assert formats.fingerprint(formats.complete(key)) == formats.fingerprint(half)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert [file["bytes"] for file in said["files"]] == [private.stat().st_size, public.stat().st_size]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["private", "public"]


@pytest.mark.parametrize(("name", "algorithm", "encodings"), [
    ("cng", "RSA", ("binary", "hex", "base64")), ("pkcs8", "DH", ("pem", "der")), ("pkcs1", "RSA", ("pem", "der")),
    ("sec1", "ECDSA_P256", ("pem", "der")), ("openssl-dsa", "DSA", ("pem", "der")), ("jwk", "ML-DSA", ("json",)),
    ("raw", "ML-KEM", ("binary", "hex", "base64")), ("openssh", "ECDSA_P256", ("text",)),
])  # fmt: skip
def test_every_format_and_encoding(capsys, tmp_path, name, algorithm, encodings):
    length = () if "_" in algorithm or "ML" in algorithm else ("--length", "1024")
    for encoding in encodings:
        out, public = tmp_path / f"{encoding}.key", tmp_path / f"{encoding}.pub"
        options = ("--format", name, "--encoding", encoding, "--out", out, "--public-out", public)
        if formats.FORMATS[name].public or encoding in ("pem", "der"):
            told(capsys, "generate", algorithm, *length, *options)
            if name != "raw":
                found = [formats.decode(path.read_bytes()) for path in (out, public)]
                assert formats.fingerprint(formats.complete(found[0])) == formats.fingerprint(found[1])
    failed(capsys, 2, "generate", algorithm, *length, "--format", name, "--encoding", "x", "--out", tmp_path / "x")


def test_the_length_that_is_taken_where_none_is_asked_for(capsys, tmp_path):
    assert told(capsys, "generate", "RSA", "--out", tmp_path / "key")["bits"] == 3072


def test_a_passphrase_from_the_environment_or_a_file(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "from outside")
    (tmp_path / "word").write_text("from a file\nand more\n")
    for option, secret in ((("--passphrase-env", "SECRET"), "from outside"),
                           (("--passphrase-file", tmp_path / "word"), "from a file")):  # fmt: skip
        out = tmp_path / secret
        assert told(capsys, "generate", "X25519", *option, "--out", out)["encrypted"]
        assert b"ENCRYPTED PRIVATE KEY" in out.read_bytes()
        assert formats.decode(out.read_bytes(), passphrase=secret).is_private
    said = failed(capsys, 1, "generate", "X25519", "--passphrase-env", "NOT_SET", "--out", tmp_path / "x")
    assert "NOT_SET is not set" in said
    said = failed(
        capsys, 2, "generate", "X25519", "--format", "raw", "--passphrase-env", "SECRET", "--out", tmp_path / "x"
    )
    assert "raw has no encryption" in said
    both = ("--passphrase-env", "SECRET", "--passphrase-file", tmp_path / "word")
    failed(capsys, 2, "generate", "X25519", *both, "--out", tmp_path / "x")


def test_no_file_is_replaced_unless_it_is_asked_for(capsys, tmp_path):
    out, public = tmp_path / "key", tmp_path / "key.pub"
    public.write_text("precious")
    options = ("generate", "X25519", "--out", out, "--public-out", public)
    assert "the file exists" in failed(capsys, 1, *options)
    assert public.read_text() == "precious"
    assert not out.exists()
    out.symlink_to(tmp_path / "nowhere")
    public.unlink()
    assert "the file exists" in failed(capsys, 1, *options)
    out.unlink()
    out.write_text("old")
    out.chmod(0o644)
    told(capsys, *options, "--force")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert formats.decode(out.read_bytes()).is_private
    failed(capsys, 2, "generate", "X25519", "--out", tmp_path / "a", "--public-out", tmp_path / "a")
    said = failed(capsys, 1, "generate", "X25519", "--out", tmp_path / "no" / "key")
    assert "No such directory" in said
    assert "name a file in it" in failed(capsys, 1, "generate", "X25519", "--out", tmp_path, "--force")


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o000])
def test_modes_under_every_mask(capsys, tmp_path, mask):
    old = os.umask(mask)
    try:
        told(capsys, "generate", "X25519", "--out", tmp_path / "key", "--public-out", tmp_path / "pub")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "pub").stat().st_mode) == 0o666 & ~mask


def test_a_name_as_long_as_the_file_system_takes(capsys, tmp_path):
    path = tmp_path / ("k" * os.pathconf(tmp_path, "PC_NAME_MAX"))
    status, _, err = run(capsys, "generate", "ECDSA_P256", "--out", path)
    assert status == 0, err
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("more", [(), ("--count", "1")], ids=["one", "many"])
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name here")
def test_what_is_no_file_is_not_replaced(capsys, tmp_path, more):
    """A device or a pipe under that name stays what it is, for root too, whose /dev/null it might be."""
    os.mkfifo(tmp_path / "pipe")
    said = failed(capsys, 1, "generate", "ECDSA_P256", *more, "--out", tmp_path / "pipe", "--force")
    assert "is not a regular file" in said
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_folder_that_takes_no_file_is_told_by_the_name_that_was_given(capsys, tmp_path, monkeypatch):
    really = os.open

    def full(path, *arguments, **keywords):
        if ".cng." in str(path):
            raise OSError(28, "No space left on device", "a name that nobody gave")
        return really(path, *arguments, **keywords)

    monkeypatch.setattr("os.open", full)
    said = failed(capsys, 1, "generate", "ECDSA_P256", "--out", tmp_path / "key.pem")
    assert said == f"cng generate: {tmp_path / 'key.pem'}: No space left on device\n"


def test_nothing_is_left_where_a_file_system_has_no_links_and_the_last_step_fails(capsys, tmp_path, monkeypatch):
    def none(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("os.link", none)
    assert run(capsys, "generate", "ECDSA_P256", "--out", tmp_path / "one")[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    monkeypatch.setattr("os.replace", none)
    failed(capsys, 1, "generate", "ECDSA_P256", "--out", tmp_path / "two")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_to_standard_output(capsysbinary, tmp_path):
    status, out, err = run(capsysbinary, "generate", "ECDSA_P256", "--out", "-")
    assert (status, err) == (0, "")
    assert formats.decode(out).is_private
    status, out, _ = run(capsysbinary, "generate", "ML-KEM-512", "--format", "cng", "--out", "-")
    assert formats.decode(out).description == "ML-KEM-512"
    assert "both need standard output" in failed(capsysbinary, 2, "generate", "X25519", "--out", "-", "--json")


def test_binary_is_not_for_a_terminal(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert "cannot go to a terminal" in failed(capsys, 2, "generate", "X25519", "--encoding", "der", "--out", "-")


@pytest.mark.parametrize(("arguments", "status", "why"), [
    (("ECDSA",), 2, "needs a curve"),
    (("ECDSA", "--curve", "nonsense"), 1, "nonsense"),
    (("ECDSA_P256", "--length", "384"), 2, "one length, 256"),
    (("ECDSA_P256", "--curve", "nistP384"), 2, "one curve, nistP256"),
    (("X25519", "--length", "256"), 2, "one length"),
    (("RSA", "--length", "1000"), 1, "1000"),
    (("RSA", "--curve", "nistP256"), 2, "has no curve"),
    (("RSA", "--parameter-set", "65"), 2, "has no parameter sets"),
    (("ML-KEM", "--length", "768"), 2, "takes --parameter-set"),
    (("ML-KEM", "--parameter-set", "65"), 1, "65"),
    (("ML-DSA-65", "--parameter-set", "87"), 2, "has the parameter set 65"),
    (("NONSENSE",), 1, "NONSENSE"),
    (("SHA256",), 1, "SHA256"),
    (("RSA", "--implementation", "nobody"), 1, "nobody"),
    (("RSA", "--length", "512", "--format", "spki"), 2, "which would be lost"),
    (("RSA", "--length", "512", "--format", "sec1"), 1, "no standard defines RSA keys in the format sec1"),
    (("RSA", "--length", "512", "--format", "nothing"), 2, "nothing"),
    (("RSA", "--length", "512", "--format", "cng", "--blob-type", "RSAPUBLICBLOB"), 2, "which would be lost"),
    (("RSA", "--length", "512", "--format", "cng", "--blob-type", "ECCPRIVATEBLOB"), 1, "is not a blob type of RSA"),
    (("DSA", "--length", "512", "--format", "jwk"), 1, "no standard defines DSA keys in the format jwk"),
    (("X25519", "--format", "sec1"), 1, "no standard defines X25519 keys in the format sec1"),
    (("X25519", "--blob-type", "ECCPRIVATEBLOB"), 2, "--blob-type needs --format cng"),
    (("X25519", "--format", "jwk", "--passphrase-env", "HOME"), 2, "jwk has no encryption"),
    (("X25519", "--passphrase-file", os.devnull), 1, "the passphrase is empty"),
])  # fmt: skip
def test_what_is_refused(capsys, tmp_path, arguments, status, why):
    assert why in failed(capsys, status, "generate", *arguments, "--out", tmp_path / "key")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("options", [
    ("RSA", "--format", "sec1"), ("RSA", "--format", "jwk", "--passphrase-env", "HOME"),
    ("RSA", "--format", "cng", "--blob-type", "ECCPRIVATEBLOB"), ("ECDH", "--curve", "curve25519", "--format", "sec1"),
])  # fmt: skip
def test_no_key_is_made_that_could_not_be_written(capsys, tmp_path, monkeypatch, options):
    def make(*_):
        raise AssertionError("a key is made")

    monkeypatch.setattr("cngcore.cli.commands.generate._make", make)
    status, _, err = run(capsys, "generate", *options, "--out", tmp_path / "key")
    assert status in (1, 2)
    assert err.count("\n") == 1


def test_an_output_is_asked_for(capsys):
    assert "Missing option '--out'" in failed(capsys, 2, "generate", "X25519")


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise on Windows")
def test_ctrl_c_leaves_nothing_and_says_one_line(tmp_path):
    arguments = ["generate", "RSA", "--length", "16384", "--out", tmp_path / "key", "--public-out", tmp_path / "pub"]
    process = subprocess.Popen(
        [sys.executable, "-m", "cngcore.cli", *map(str, arguments)], stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    assert b"making a key of RSA 16384" in first
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert (out, err.splitlines()[-1]) == (b"", b"cng generate: interrupted")
    assert len(err.splitlines()) <= 2
    assert time.monotonic() - begun < 30
    assert not list(tmp_path.iterdir())


def test_a_file_that_comes_in_the_meantime_is_left(tmp_path):
    from cngcore.cli import keyfiles

    path = tmp_path / "key"
    outputs = [keyfiles.Output(str(tmp_path / name), bytearray(b"new"), True, True) for name in ("first", "key")]
    keyfiles.check_free([output.path for output in outputs], force=False)
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        keyfiles.write(outputs, force=False)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("key", "precious")]
    assert outputs[0].content == bytes(3)


def test_the_screen(capsys, tmp_path):
    status, out, _ = run(capsys, "generate", "ECDSA_P256", "--out", tmp_path / "key")
    assert status == 0
    lines = out.decode().splitlines()
    assert lines[0].split()[1:5] == ["ECDSA", "nistP256", "by", "cryptography"]
    assert str(tmp_path / "key") in lines[1]
    label, fingerprint = lines[2].split()
    assert label == "fingerprint"
    assert fingerprint.startswith("SHA256:")
    assert len(bytes.fromhex(fingerprint.removeprefix("SHA256:"))) == 32
    assert json.dumps(lines)


def test_every_algorithm_and_curve_that_is_installed(capsys, tmp_path):
    """What the registry has, not what this file knows of."""
    from cngcore.registry import default

    made = 0
    for name in default().algorithms():
        with default().open_algorithm_provider(name) as provider:
            if not provider.declaration.has_key_pairs:
                continue
            ways = [("--parameter-set", one.name) for one in provider.declaration.parameter_sets]
            if name in ("ECDSA", "ECDH"):
                ways = [("--curve", curve) for curve in provider.get_property("ECCCurveNameList")]
        ways = ways or [() if "EC" in name else ("--length", "1024")]
        for way in ways:
            out = tmp_path / f"{name} {' '.join(way)}"
            told(capsys, "generate", name, *way, "--out", out)
            formats.check(formats.complete(formats.decode(out.read_bytes())))
            made += 1
    assert made >= 40
