"""What a person at a terminal sees: lines that fit, colours, prompts, what to do next."""

import pytest
from cli.terminal import lines, on_terminal
from formats.samples import key
from helpers import representative

from cngcore import formats

SECRET = "correct horse"


@pytest.fixture
def encrypted(tmp_path):
    path = tmp_path / "locked.pem"
    path.write_bytes(formats.encode(key("X25519"), "pkcs8", passphrase=SECRET))
    return path


@pytest.mark.parametrize("columns", representative([80, 100, 140]))
@pytest.mark.parametrize(
    "arguments",
    [
        ["tour", "SHA256", "ECDSA_P256"],
        ["tour", "RSA_SIGN", "--verbose", "--length", "512"],
        ["algorithms"],
        ["curves"],
        ["providers"],
        ["config"],
        ["explain", "ML-KEM"],
        ["bench", "SHA256", "--seconds", "0.001"],
        ["doctor", "--no-selftest"],
        ["--help"],
        ["generate", "--help"],
        ["sign", "--help"],
    ],
    ids=" ".join,
)
def test_every_line_fits(arguments, columns):
    status, written = on_terminal(*arguments, columns=columns)
    assert status == 0, written
    assert max(map(len, lines(written))) <= columns


def test_the_tour_has_one_line_for_a_key_and_says_what_to_do_next():
    status, written = on_terminal("tour", "ECDSA_P256", "SHA256")
    shown = lines(written)
    assert status == 0
    assert len([line for line in shown if "ECDSA_P256 " in line and "passed" in line]) == 1
    assert not [line for line in shown if "finalize" in line]
    assert "cng explain ECDSA_P256" in written
    assert "\x1b[1;32mPassed: " in written
    status, written = on_terminal("tour", "SHA256", "--verbose")
    assert status == 0
    assert "hash five bytes" in written
    assert "cng explain SHA256" in written
    assert "cng generate" not in written, "a hash has no keys"


def test_an_error_is_wrapped_between_words_and_has_a_colour():
    status, written = on_terminal("generate", "RSA", "--format", "PEM", "--out", "x", columns=40)
    assert status == 2
    assert "\x1b[1;31mcng generate:" in written
    shown = [line for line in lines(written) if line]
    assert len(shown) > 1
    assert max(map(len, shown)) <= 40
    assert "did you mean 'pkcs8'? See 'cng generate --help'" in " ".join(line.strip() for line in shown)


def test_no_colour_if_the_user_wants_none():
    _, written = on_terminal("explain", "rsa", NO_COLOR="1")
    assert "\x1b[31m" not in written
    assert "\x1b[1;31m" not in written


@pytest.mark.parametrize(
    "command", representative(["inspect", "convert --to spki --out -", "public", "fingerprint"], most=2)
)
def test_the_passphrase_is_asked_for_and_not_shown(encrypted, command):
    status, written = on_terminal(*command.split(), encrypted, typed=[("Passphrase of", SECRET)])
    assert status == 0, written
    assert SECRET not in written
    assert "X25519" in written or "PUBLIC KEY" in written


def test_a_wrong_passphrase_is_an_error(encrypted):
    status, written = on_terminal("inspect", encrypted, typed=[("Passphrase of", "wrong")])
    assert status == 1
    assert "the passphrase is wrong" in " ".join(written.split())


def test_a_new_passphrase_is_typed_twice(tmp_path):
    path = tmp_path / "key.pem"
    typed = [("New passphrase: ", SECRET), ("The same again: ", SECRET)]
    status, written = on_terminal("generate", "ECDSA_P256", "--passphrase", "--out", path, typed=typed)
    assert (status, SECRET in written) == (0, False), written
    assert formats.decode(path.read_bytes(), passphrase=SECRET).is_private
    typed[1] = ("The same again: ", "another")
    status, written = on_terminal("generate", "ECDSA_P256", "--passphrase", "--out", tmp_path / "no", typed=typed)
    assert status == 1
    assert "the two passphrases differ" in written
    assert not (tmp_path / "no").exists()


def test_a_binary_signature_is_not_written_to_a_terminal(tmp_path):
    path = tmp_path / "key.pem"
    path.write_bytes(formats.encode(key("ECDSA P-256"), "pkcs8"))
    status, written = on_terminal("sign", path, "--key", path)
    assert status == 2
    assert "--encoding hex" in " ".join(written.split())
    status, written = on_terminal("sign", path, "--key", path, "--encoding", "hex")
    assert status == 0
    assert len(bytes.fromhex(written)) == 64
