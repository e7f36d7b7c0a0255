"""``cng generate``, ``encrypt``, ``decrypt`` and ``derive`` with symmetric keys, as a person types them."""

import stat

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cngcore.cli import main


def run(capsysbinary, *arguments):
    code = main(list(arguments))
    out, err = capsysbinary.readouterr()
    return code, out, err.decode()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.txt").write_bytes(b"ten euros to Alice\n")
    (tmp_path / "header").write_bytes(b"header")
    return tmp_path


def test_a_file_is_encrypted_in_gcm_and_another_library_reads_it(folder, capsysbinary):
    assert run(capsysbinary, "generate", "AES", "--out", "aes.key")[0] == 0
    secret = (folder / "aes.key").read_bytes()
    assert len(secret) == 32
    assert stat.S_IMODE((folder / "aes.key").stat().st_mode) == 0o600
    options = ("--key", "aes.key", "--algorithm", "AES", "--associated-data", "header")
    assert run(capsysbinary, "encrypt", "note.txt", *options, "--out", "note.enc")[0] == 0
    sealed = (folder / "note.enc").read_bytes()
    assert AESGCM(secret).decrypt(sealed[:12], sealed[12:], b"header") == b"ten euros to Alice\n"
    assert run(capsysbinary, "decrypt", "note.enc", *options)[1] == b"ten euros to Alice\n"
    (folder / "note.enc").write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    code, out, err = run(capsysbinary, "decrypt", "note.enc", *options, "--out", "note.out")
    assert (code, out) == (1, b"")
    assert "AUTH_TAG_MISMATCH" in err
    assert not (folder / "note.out").exists()
    code, _, err = run(capsysbinary, "decrypt", "header", *options)
    assert code == 1
    assert "28 or more" in err


@pytest.mark.parametrize("mode", ["CBC", "ECB", "CFB", "CCM", "gcm"])
def test_every_mode_of_a_key_data_blob(folder, capsysbinary, mode):
    assert run(capsysbinary, "generate", "AES", "--length", "128", "--format", "cng", "--out", "aes.blob")[0] == 0
    assert (folder / "aes.blob").read_bytes()[:4] == b"KDBM"
    assert run(capsysbinary, "encrypt", "note.txt", "--key", "aes.blob", "--mode", mode, "--out", "note.enc")[0] == 0
    assert run(capsysbinary, "decrypt", "note.enc", "--key", "aes.blob", "--mode", mode)[1] == b"ten euros to Alice\n"


def test_other_ciphers(folder, capsysbinary):
    for name in ("3DES", "CHACHA20_POLY1305", "RC4"):
        options = ("--key", "some.key", "--algorithm", name)
        assert run(capsysbinary, "generate", name, "--out", "some.key", "--force")[0] == 0
        assert run(capsysbinary, "encrypt", "note.txt", *options, "--out", "note.enc", "--force")[0] == 0
        assert run(capsysbinary, "decrypt", "note.enc", *options)[1] == b"ten euros to Alice\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("encrypt", "note.txt", "--key", "short.key", "--algorithm", "AES"), "takes no secret of 5 bytes"),
        (("encrypt", "note.txt", "--key", "long.key", "--algorithm", "AES"), "no key of 40 bytes"),
        (("encrypt", "note.txt", "--key", "good.key", "--algorithm", "XTS-AES"), "sectors of a disk"),
        (("encrypt", "note.txt", "--key", "good.key", "--algorithm", "AES", "--mode", "OFB"), "ChainingModeCBC"),
        (("encrypt", "note.txt", "--key", "good.key", "--algorithm", "3DES", "--mode", "GCM"), "ChainingModeCBC"),
        (("generate", "AES", "--out", "x", "--curve", "nistP256"), "takes no --curve"),
        (("generate", "AES", "--out", "x", "--format", "jwk"), "raw or cng"),
        (("generate", "AES", "--out", "x", "--length", "130"), "whole number of bytes"),
        (("derive", "AES", "--secret", "good.key"), "no key-derivation algorithm"),
        (("derive", "HKDF"), "one of the two"),
        (("derive", "PBKDF2", "--secret", "good.key", "--hash", "SHA256"), "needs --iterations"),
        (("derive", "HKDF", "--secret", "good.key", "--hash", "SHA256", "--salt", "xy"), "hexadecimal"),
        (("derive", "HKDF", "--secret", "good.key", "--hash", "SHA257"), "SHA257"),
    ],
)
def test_what_is_wrong_is_said(folder, capsysbinary, arguments, said):
    for name, size in (("short", 5), ("long", 40), ("good", 32)):
        (folder / f"{name}.key").write_bytes(bytes(range(size)))
    code, out, err = run(capsysbinary, *arguments)
    assert code != 0
    assert out == b""
    assert said in err
    assert not (folder / "x").exists()


def test_derivation(folder, capsysbinary):
    (folder / "pw").write_bytes(b"password\n")
    code, out, _ = run(
        capsysbinary, "derive", "PBKDF2", "--passphrase-file", "pw", "--hash", "SHA1", "--salt", "73616c74",
        "--iterations", "2", "--length", "20", "--encoding", "hex",
    )  # fmt: skip
    assert (code, out) == (0, b"ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957\n")
    (folder / "ikm").write_bytes(b"\x0b" * 22)
    code, out, _ = run(
        capsysbinary, "derive", "HKDF", "--secret", "ikm", "--hash", "SHA256", "--salt", "000102030405060708090a0b0c",
        "--length", "42", "--encoding", "hex",
    )  # fmt: skip
    assert code == 0
    assert len(out) == 85
    code, _, _ = run(capsysbinary, "derive", "HKDF", "--secret", "ikm", "--hash", "SHA256", "--out", "derived.key")
    assert code == 0
    assert len((folder / "derived.key").read_bytes()) == 32
    assert stat.S_IMODE((folder / "derived.key").stat().st_mode) == 0o600
