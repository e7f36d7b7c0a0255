"""Key files on the command line: passphrase files of Windows, several keys, parts that cannot be read."""

import base64
import json

import pytest
from cli.keycommands import failed, run, told
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import ed25519
from formats.samples import key

from cngcore import formats
from cngcore.cli import keyfiles

SPELT = {
    "plain": lambda text: text.encode(),
    "line feed": lambda text: f"{text}\n".encode(),
    "crlf": lambda text: f"{text}\r\n".encode(),
    "cr": lambda text: f"{text}\rmore\r".encode(),
    "utf-8 with a mark": lambda text: f"{text}\r\n".encode("utf-8-sig"),
    "powershell": lambda text: f"{text}\r\n".encode("utf-16"),
    "utf-16, big-endian": lambda text: b"\xfe\xff" + f"{text}\r\nmore".encode("utf-16-be"),
}


@pytest.mark.parametrize("name", SPELT)
@pytest.mark.parametrize("text", ["secret", "grüße €", "a b\x0bc\x85d"])
def test_passphrase_files_of_both_sides(tmp_path, name, text):
    word = tmp_path / "word.txt"
    word.write_bytes(SPELT[name](text))
    assert keyfiles.passphrase(str(word), None) == text.encode()
    assert keyfiles.new_passphrase(str(word), None, ask=False) == text.encode()


def test_a_passphrase_file_of_powershell_opens_and_protects(capsys, tmp_path):
    """The files of the other spellings are read by the same function, in the test before this."""
    text = "grüße €"
    source, word, out = tmp_path / "k.pem", tmp_path / "word.txt", tmp_path / "out.pem"
    word.write_bytes(SPELT["powershell"](text))
    source.write_bytes(formats.encode(key("X25519"), "pkcs8", passphrase=text))
    assert told(capsys, "inspect", source, "--passphrase-file", word)["keys"][0]["encrypted"]
    told(
        capsys, "convert", source, "--to", "pkcs8", "--passphrase-file", word,
        "--out-passphrase-file", word, "--out", out,
    )  # fmt: skip
    assert formats.decode(out.read_bytes(), passphrase=text).numbers.d == key("X25519").numbers.d


def ed25519_pem():
    made = ed25519.Ed25519PrivateKey.generate()
    return made.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())


def test_what_is_not_read_is_told(capsys, tmp_path):
    path, out = tmp_path / "both.pem", tmp_path / "out"
    path.write_bytes(ed25519_pem() + bytes(formats.encode(key("X25519"), "pkcs8")))
    data = told(capsys, "inspect", path)
    assert [one["description"] for one in data["keys"]] == ["X25519"]
    assert [(part["where"], part["private"]) for part in data["not_read"]] == [("PEM block PRIVATE KEY, line 1", True)]
    status, shown, err = run(capsys, "inspect", path)
    assert (status, err.count("not read")) == (0, 1)
    assert b"X25519" in shown
    assert "Ed25519" in err
    status, _, err = run(capsys, "convert", path, "--to", "pkcs8", "--out", out)
    assert (status, "not read: PEM block PRIVATE KEY, line 1" in err) == (0, True)


def test_a_public_key_is_not_converted_for_a_private_one_that_cannot_be_read(capsys, tmp_path):
    path, out = tmp_path / "both.pem", tmp_path / "out"
    path.write_bytes(ed25519_pem() + bytes(formats.encode(key("X25519"), "spki")))
    assert "--number 1 takes the public key" in failed(capsys, 1, "convert", path, "--to", "spki", "--out", out)
    status, _, _ = run(capsys, "convert", path, "--to", "spki", "--number", "1", "--out", out)
    assert (status, formats.decode(out.read_bytes())) == (0, formats.decode(formats.encode(key("X25519"), "spki")))


@pytest.mark.parametrize("command", [("inspect",), ("convert", "--to", "spki", "--out", "-")])
def test_an_empty_jwk_set(capsys, tmp_path, command):
    path = tmp_path / "set.json"
    path.write_text('{"keys": []}')
    assert "holds no key" in failed(capsys, 1, command[0], path, *command[1:])


def test_every_key_of_a_file_by_its_number(capsys, tmp_path):
    path = tmp_path / "set.json"
    kinds = ("RSA 2048", "ECDSA P-256", "X25519")
    members = [json.loads(formats.encode(key(kind), "jwk")) for kind in kinds]
    path.write_text(json.dumps({"keys": [members[0], {"kty": "oct"}, *members[1:]]}))
    assert [one["family"] for one in told(capsys, "inspect", path)["keys"]] == ["RSA", "EC", "X25519"]
    assert "choose one with --number" in failed(capsys, 1, "convert", path, "--to", "spki", "--out", tmp_path / "x")
    for number, kind in enumerate(kinds, 1):
        out = tmp_path / str(number)
        run(capsys, "convert", path, "--to", "pkcs8", "--number", number, "--out", out)
        assert formats.fingerprint(formats.complete(formats.decode(out.read_bytes()))) == formats.fingerprint(key(kind))
    assert "no number 4" in failed(capsys, 1, "convert", path, "--to", "spki", "--number", "4", "--out", tmp_path / "x")


@pytest.mark.parametrize("wrapping", ["snk", "pvk", "hex", "base64"])
def test_how_a_blob_was_wrapped(capsys, tmp_path, wrapping):
    blob = bytes(formats.encode(key("RSA 2048"), "cng", blob_type="CAPIPUBLICBLOB"))
    private = bytes(formats.encode(key("RSA 2048"), "cng", blob_type="CAPIPRIVATEBLOB"))
    size = len(private).to_bytes(4, "little")
    path = tmp_path / "k"
    path.write_bytes({
        "snk": b"\0\x24\0\0\x04\x80\0\0" + len(blob).to_bytes(4, "little") + blob,
        "pvk": bytes.fromhex("1ef1b5b0 00000000 01000000") + bytes(8) + size + private,
        "hex": blob.hex("-").upper().encode(),
        "base64": base64.b64encode(blob),
    }[wrapping])  # fmt: skip
    [one] = told(capsys, "inspect", path)["keys"]
    assert (one["format"], one["wrapping"], one["private"]) == ("cng", wrapping, wrapping == "pvk")
