"""``sign``, ``verify``, ``encrypt``, ``decrypt``, ``agree``, ``encapsulate``, ``decapsulate``, ``public`` and
``fingerprint``: with each other, with OpenSSL both ways, with every kind of key file, and what they refuse.
"""

import base64
import io
import os
import stat
import sys

import pytest
from cli.keycommands import failed, run, told
from formats.samples import key, pair
from formats.samples import run as tool

import cngcore
from cngcore import formats

TEXT = b"sixteen cannons and a parrot\n"

SIGNERS = ["RSA 2048", "DSA 1024", "DSA 2048", "ECDSA P-256", "ECDSA P-521", "ECDSA nistP192", "ECDSA brainpoolP384r1",
           "ML-DSA-44"]  # fmt: skip


def files(folder, kind, name="key"):
    """The private and the public file of a key."""
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    private.write_bytes(formats.encode(key(kind), "pkcs8"))
    public.write_bytes(formats.encode(key(kind), "spki", private=False))
    return private, public


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(TEXT)
    return path


def done(capsysbinary, *arguments):
    """The standard output of a command that must succeed."""
    status, out, err = run(capsysbinary, *arguments)
    assert (status, err) == (0, "")
    return out


# --- signatures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SIGNERS)
def test_a_signature_verifies_and_not_over_another_file(capsysbinary, tmp_path, text, kind):
    private, public = files(tmp_path, kind)
    signature = tmp_path / "sig"
    done(capsysbinary, "sign", text, "--key", private, "--out", signature)
    for verifier in (private, public):
        shown = done(capsysbinary, "verify", text, "--key", verifier, "--signature", signature)
        assert b"is valid" in shown
    text.write_bytes(TEXT + b"x")
    line = failed(capsysbinary, 1, "verify", text, "--key", public, "--signature", signature)
    assert "does not verify" in line


@pytest.mark.parametrize(
    ("kind", "options", "theirs"),
    [
        ("RSA 2048", (), ("-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")),
        ("RSA 2048", ("--padding", "pkcs1"), ("-sha256",)),
        ("RSA 2048", ("--padding", "pkcs1", "--hash", "SHA512"), ("-sha512",)),
        ("RSA 2048", ("--hash", "SHA384"),
         ("-sha384", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")),
        ("ECDSA P-256", ("--format", "der"), ("-sha256",)),
        ("ECDSA P-256", ("--format", "der", "--hash", "SHA512"), ("-sha512",)),
        ("ECDSA P-521", ("--format", "der"), ("-sha512",)),
        ("ECDSA brainpoolP384r1", ("--format", "der"), ("-sha384",)),
        ("ECDSA secP256k1", ("--format", "der"), ("-sha256",)),
        ("ECDSA brainpoolP384r1", ("--format", "der", "--hash", "SHA3-256"), ("-sha3-256",)),
        ("DSA 1024", ("--format", "der"), ("-sha1",)),
        ("DSA 1024", ("--format", "der", "--hash", "SHA256"), ("-sha256",)),
        ("DSA 2048", ("--format", "der", "--hash", "SHA1"), ("-sha1",)),
    ],
)  # fmt: skip
def test_openssl_verifies_ours_and_we_theirs(capsysbinary, tmp_path, text, kind, options, theirs):
    private, public = files(tmp_path, kind)
    ours, other = tmp_path / "ours", tmp_path / "other"
    done(capsysbinary, "sign", text, "--key", private, *options, "--out", ours)
    assert tool("openssl", "dgst", *theirs, "-verify", public, "-signature", ours, text).strip() == b"Verified OK"
    tool("openssl", "dgst", *theirs, "-sign", private, "-out", other, text)
    checks = [word for word in options if word not in ("--format", "der")]
    done(capsysbinary, "verify", text, "--key", public, "--signature", other, *checks)


def test_pkeyutl_verifies_ours_and_we_theirs(capsysbinary, tmp_path, text):
    private, public = files(tmp_path, "ECDSA P-256")
    ours, other = tmp_path / "ours", tmp_path / "other"
    done(capsysbinary, "sign", text, "--key", private, "--format", "der", "--out", ours)
    common = ("-rawin", "-digest", "sha256", "-in", text)
    tool("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, *common, "-sigfile", ours)
    tool("openssl", "pkeyutl", "-sign", "-inkey", private, *common, "-out", other)
    done(capsysbinary, "verify", text, "--key", public, "--signature", other)


@pytest.mark.parametrize("encoding", ["binary", "hex", "base64"])
@pytest.mark.parametrize("form", ["raw", "der"])
def test_a_signature_in_any_encoding_and_form(capsysbinary, tmp_path, text, encoding, form):
    private, public = files(tmp_path, "ECDSA P-256")
    signature = tmp_path / "sig"
    signature.write_bytes(done(capsysbinary, "sign", text, "--key", private, "--encoding", encoding, "--format", form))
    if encoding == "hex":
        bytes.fromhex(signature.read_text())
    done(capsysbinary, "verify", text, "--key", public, "--signature", signature)


@pytest.mark.parametrize("kind", [*SIGNERS, "ECDSA brainpoolP512r1"])
def test_the_command_and_the_library_have_the_same_defaults(capsysbinary, tmp_path, text, kind):
    private, public = files(tmp_path, kind)
    signature = done(capsysbinary, "sign", text, "--key", private)
    pair(kind).verify(TEXT, signature)
    (tmp_path / "sig").write_bytes(pair(kind).sign(TEXT))
    done(capsysbinary, "verify", text, "--key", public, "--signature", tmp_path / "sig")


def test_ml_dsa_signs_a_hash_only_if_one_is_named(capsysbinary, tmp_path, text):
    private, public = files(tmp_path, "ML-DSA-44")
    signature = tmp_path / "sig"
    done(capsysbinary, "sign", text, "--key", private, "--hash", "SHA512", "--out", signature)
    done(capsysbinary, "verify", text, "--key", public, "--hash", "SHA512", "--signature", signature)
    failed(capsysbinary, 1, "verify", text, "--key", public, "--signature", signature)


@pytest.mark.parametrize(
    "damage",
    [
        lambda der: b"",
        lambda der: der + b"\0",
        lambda der: der[:-1],
        lambda der: b"\x31" + der[1:],
        lambda der: b"\x30\x81" + der[1:],
        lambda der: der[:3] + b"\xff" + der[4:],
        lambda der: b"\x30\x00",
        lambda der: b"\x30\x06\x02\x01\x00\x02\x01\x00",
        lambda der: b"\x30\x06\x02\x01\xff\x02\x01\x01",
        lambda der: bytes(64),
        lambda der: b"no signature at all",
    ],
)
def test_a_damaged_signature_does_not_verify(capsysbinary, tmp_path, text, damage):
    private, public = files(tmp_path, "ECDSA P-256")
    signature = tmp_path / "sig"
    signature.write_bytes(damage(done(capsysbinary, "sign", text, "--key", private, "--format", "der")))
    failed(capsysbinary, 1, "verify", text, "--key", public, "--signature", signature)


@pytest.mark.parametrize(
    "damage", [lambda made: made[:-1], lambda made: made + b"\0", lambda made: b"\xff" * len(made)]
)
def test_an_rsa_signature_of_a_wrong_length_or_value_does_not_verify_as_in_python(capsysbinary, tmp_path, text, damage):
    private, public = files(tmp_path, "RSA 2048")
    signature = tmp_path / "sig"
    signature.write_bytes(damage(done(capsysbinary, "sign", text, "--key", private)))
    line = failed(capsysbinary, 1, "verify", text, "--key", public, "--signature", signature)
    with pytest.raises(cngcore.InvalidSignatureError) as caught:
        pair("RSA 2048").verify(TEXT, signature.read_bytes())
    assert caught.value.message in line


def test_a_large_file_is_hashed_in_parts(capsysbinary, tmp_path):
    private, public = files(tmp_path, "ECDSA P-256")
    large, signature = tmp_path / "large", tmp_path / "sig"
    with large.open("wb") as file:
        file.truncate(40_000_000)
    done(capsysbinary, "sign", large, "--key", private, "--out", signature)
    done(capsysbinary, "verify", large, "--key", public, "--signature", signature)


# --- encryption and secrets -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--hash", "SHA1"), ("--padding", "pkcs1")])
@pytest.mark.parametrize("encoding", ["binary", "base64"])
def test_rsa_encrypts_and_decrypts(capsysbinary, tmp_path, text, options, encoding):
    private, public = files(tmp_path, "RSA 2048")
    secret, back = tmp_path / "secret", tmp_path / "back"
    done(capsysbinary, "encrypt", text, "--key", public, *options, "--encoding", encoding, "--out", secret)
    done(capsysbinary, "decrypt", secret, "--key", private, *options, "--out", back)
    assert back.read_bytes() == TEXT
    assert stat.S_IMODE(back.stat().st_mode) == 0o600


def test_openssl_decrypts_ours_and_we_theirs(capsysbinary, tmp_path, text):
    private, public = files(tmp_path, "RSA 2048")
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    oaep = ("-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256")
    done(capsysbinary, "encrypt", text, "--key", public, "--out", ours)
    assert tool("openssl", "pkeyutl", "-decrypt", "-inkey", private, *oaep, "-in", ours) == TEXT
    tool("openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", public, *oaep, "-in", text, "-out", theirs)
    assert done(capsysbinary, "decrypt", theirs, "--key", private) == TEXT


def test_a_file_too_long_for_rsa(capsysbinary, tmp_path):
    _, public = files(tmp_path, "RSA 2048")
    long = tmp_path / "long"
    long.write_bytes(bytes(300))
    line = failed(capsysbinary, 1, "encrypt", long, "--key", public, "--out", tmp_path / "out")
    assert "OAEP with SHA256 encrypts up to 190 bytes with this key, not 300" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [("X25519",), ("ECDH_P256",), ("ECDH", "--curve", "brainpoolP256r1"),
                                     ("DH", "--length", "512")], ids=" ".join)  # fmt: skip
def test_two_sides_agree_and_openssl_on_the_same_secret(capsysbinary, tmp_path, options):
    for side in ("a", "b"):
        out = ("--out", tmp_path / f"{side}.pem", "--public-out", tmp_path / f"{side}.pub")
        assert run(capsysbinary, "generate", *options, *out)[0] == 0
    if options[0] == "DH":  # two keys of one group
        theirs = formats.decode((tmp_path / "a.pem").read_bytes())
        with formats.import_into(theirs) as mine, cngcore.open_algorithm_provider("DH") as dh:
            other = dh.generate_key_pair(512)
            other.set_property("DHParameters", mine.get_property("DHParameters"))
            other.finalize()
            for name, private in (("b.pem", True), ("b.pub", False)):
                form = "pkcs8" if private else "spki"
                (tmp_path / name).write_bytes(formats.encode(formats.from_key(other), form, private=private))
    a, b = tmp_path / "a", tmp_path / "b"
    done(capsysbinary, "agree", "--key", f"{a}.pem", "--peer", f"{b}.pub", "--out", a)
    done(capsysbinary, "agree", "--key", f"{b}.pem", "--peer", f"{a}.pub", "--out", b)
    assert a.read_bytes() == b.read_bytes() != b""
    assert stat.S_IMODE(a.stat().st_mode) == 0o600
    theirs = tool("openssl", "pkeyutl", "-derive", "-inkey", f"{a}.pem", "-peerkey", f"{b}.pub")
    assert theirs.lstrip(b"\0") == a.read_bytes().lstrip(b"\0")


@pytest.mark.parametrize("encoding", ["binary", "hex"])
def test_a_secret_is_encapsulated_and_recovered(capsysbinary, tmp_path, encoding):
    private, public = files(tmp_path, "ML-KEM-512")
    mine, sent = tmp_path / "mine", tmp_path / "sent"
    done(capsysbinary, "encapsulate", "--key", public, "--encoding", encoding, "--out", sent, "--secret-out", mine)
    assert (stat.S_IMODE(mine.stat().st_mode), stat.S_IMODE(sent.stat().st_mode) & 0o077 != 0) == (0o600, True)
    assert done(capsysbinary, "decapsulate", sent, "--key", private, "--encoding", encoding) == mine.read_bytes()
    ciphertext = sent.read_bytes() if encoding == "binary" else bytes.fromhex(sent.read_text())
    secret = mine.read_bytes() if encoding == "binary" else bytes.fromhex(mine.read_text())
    assert pair("ML-KEM-512").decapsulate(ciphertext) == secret
    sent.write_bytes(b"short")
    line = failed(capsysbinary, 1, "decapsulate", sent, "--key", private)
    assert "has 5 bytes; those of this key have 768" in line


# --- halves -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["RSA 2048", "DSA 1024", "DH 512", "ECDSA P-256", "X25519", "ML-KEM-512", "ML-DSA-44"])
def test_the_public_half_of_every_key(capsysbinary, tmp_path, kind):
    private, public = files(tmp_path, kind)
    shown = done(capsysbinary, "public", private)
    assert shown == public.read_bytes() == done(capsysbinary, "public", public)
    assert done(capsysbinary, "public", private, "--out", tmp_path / "out") == b""
    assert (tmp_path / "out").read_bytes() == shown


def test_the_fingerprint_is_one_for_both_halves_and_all_forms(capsysbinary, tmp_path):
    private, public = files(tmp_path, "ECDSA P-256")
    jwk = tmp_path / "jwk"
    jwk.write_bytes(formats.encode(key("ECDSA P-256"), "jwk"))
    rows = told(capsysbinary, "fingerprint", private, public, jwk)["keys"]
    assert {row["fingerprint"] for row in rows} == {f"SHA256:{formats.fingerprint(key('ECDSA P-256')).hex()}"}
    assert [row["private"] for row in rows] == [True, False, True]
    spki = tool("openssl", "pkey", "-pubin", "-in", public, "-outform", "DER")
    assert tool("openssl", "dgst", "-sha256", "-hex", given=spki).split()[-1].decode() in rows[0]["fingerprint"]


# --- key files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "options", "how"),
    [
        ("jwk", {}, ()),
        ("sec1", {}, ()),
        ("openssh", {}, ()),
        ("cng", {}, ()),
        ("cng", {"blob_type": "ECCFULLPRIVATEBLOB"}, ("--algorithm", "ECDSA")),
        ("cng", {"generic": True}, ("--curve", "nistP256")),
        ("raw", {}, ("--as", "raw", "--algorithm", "ECDSA_P256")),
        ("raw", {"encoding": "hex"}, ("--as", "raw", "--algorithm", "ECDSA", "--curve", "nistP256")),
        ("pkcs8", {"passphrase": "secret"}, ("--passphrase-env", "WORD")),
    ],
)
def test_a_key_in_every_form_signs(capsysbinary, monkeypatch, tmp_path, text, form, options, how):
    monkeypatch.setenv("WORD", "secret")
    _, public = files(tmp_path, "ECDSA P-256")
    path, signature = tmp_path / "k", tmp_path / "sig"
    path.write_bytes(formats.encode(key("ECDSA P-256"), form, private=True, **options))
    done(capsysbinary, "sign", text, "--key", path, *how, "--out", signature)
    done(capsysbinary, "verify", text, "--key", public, "--signature", signature)


def test_several_keys_in_a_file(capsysbinary, tmp_path, text):
    private, public = files(tmp_path, "ECDSA P-256")
    other, _ = files(tmp_path, "RSA 2048", "other")
    both, signature = tmp_path / "both", tmp_path / "sig"
    both.write_bytes(private.read_bytes() + other.read_bytes())
    line = failed(capsysbinary, 1, "sign", text, "--key", both)
    assert "it holds 2 keys (1 EC nistP256, 2 RSA 2048); choose one with --number" in line
    assert "there is no number 3" in failed(capsysbinary, 1, "sign", text, "--key", both, "--number", "3")
    done(capsysbinary, "sign", text, "--key", both, "--number", "1", "--out", signature)
    both.write_bytes(private.read_bytes() + public.read_bytes())  # two halves of one key
    done(capsysbinary, "verify", text, "--key", both, "--signature", signature)
    done(capsysbinary, "sign", text, "--key", both, "--out", signature, "--force")
    assert len(told(capsysbinary, "fingerprint", both)["keys"]) == 2


def test_a_pkcs12_file_and_its_certificate(capsysbinary, monkeypatch, tmp_path, text):
    """The private key and the certificate in the file are two halves of one key."""
    monkeypatch.setenv("WORD", "secret")
    private, _ = files(tmp_path, "ECDSA P-256")
    certificate, store, signature = (tmp_path / name for name in ("c.pem", "store.p12", "sig"))
    tool("openssl", "req", "-x509", "-new", "-key", private, "-subj", "/CN=test", "-out", certificate)
    tool(
        "openssl", "pkcs12", "-export", "-inkey", private, "-in", certificate, "-out", store, "-passout", "pass:secret"
    )
    done(capsysbinary, "sign", text, "--key", store, "--passphrase-env", "WORD", "--out", signature)
    done(capsysbinary, "verify", text, "--key", certificate, "--signature", signature)
    done(capsysbinary, "verify", text, "--key", store, "--passphrase-env", "WORD", "--signature", signature)


def test_standard_input(capsysbinary, monkeypatch, tmp_path, text):
    private, public = files(tmp_path, "ECDSA P-256")
    signature = tmp_path / "sig"

    class Standard:
        buffer = io.BytesIO(TEXT)

    monkeypatch.setattr(sys, "stdin", Standard)
    done(capsysbinary, "sign", "-", "--key", private, "--out", signature)
    done(capsysbinary, "verify", text, "--key", public, "--signature", signature)
    Standard.buffer = io.BytesIO(private.read_bytes())
    assert done(capsysbinary, "public", "-") == public.read_bytes()
    assert "only one input" in failed(capsysbinary, 2, "sign", "-", "--key", "-")


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_nothing_is_replaced_without_force(capsysbinary, tmp_path, text):
    private, _ = files(tmp_path, "ECDSA P-256")
    out = tmp_path / "out"
    out.write_text("precious")
    assert "--force" in failed(capsysbinary, 1, "sign", text, "--key", private, "--out", out)
    assert out.read_text() == "precious"
    done(capsysbinary, "sign", text, "--key", private, "--out", out, "--force")
    assert len(out.read_bytes()) == 64


@pytest.mark.parametrize(
    ("command", "kind", "half", "status", "said"),
    [
        (("sign", "TEXT"), "ECDSA P-256", "pub", 1, "holds no private key"),
        (("sign", "TEXT"), "X25519", "pem", 1, "ECDH does not support 'sign'; it supports agree"),
        (("sign", "TEXT", "--padding", "pss"), "ECDSA P-256", "pem", 2, "--padding is for RSA keys"),
        (("sign", "TEXT", "--format", "der"), "RSA 2048", "pem", 2, "--format der is for ECDSA and DSA keys"),
        (("sign", "TEXT", "--hash", "sha-256"), "RSA 2048", "pem", 2, "did you mean 'SHA256'?"),
        (("sign", "nowhere"), "RSA 2048", "pem", 1, "nowhere: No such file"),
        (("encrypt", "TEXT"), "ECDSA P-256", "pub", 1, "does not support 'encrypt'"),
        (("decrypt", "TEXT"), "RSA 2048", "pem", 1, "STATUS_INVALID_PARAMETER"),
        (("encapsulate", "--out", "c", "--secret-out", "s"), "RSA 2048", "pub", 1, "does not support 'encapsulate'"),
        (
            ("sign", "TEXT", "--implementation", "nowhere"),
            "RSA 2048",
            "pem",
            1,
            "RSA has no implementation 'nowhere'; it has",
        ),
    ],
)
def test_what_a_key_cannot_do(capsysbinary, tmp_path, monkeypatch, text, command, kind, half, status, said):
    monkeypatch.chdir(tmp_path)
    files(tmp_path, kind)
    words = [str(text) if word == "TEXT" else word for word in command]
    line = failed(capsysbinary, status, *words, "--key", f"key.{half}")
    assert said in line
    assert not os.path.exists("c")


def test_an_encrypted_key_without_a_terminal_names_the_options(capsysbinary, tmp_path, text):
    path = tmp_path / "k"
    path.write_bytes(formats.encode(key("ECDSA P-256"), "pkcs8", passphrase="secret"))
    line = failed(capsysbinary, 1, "sign", text, "--key", path)
    assert "the key is encrypted; give its passphrase with --passphrase-file or --passphrase-env" in line


def test_no_message_holds_a_secret(capsysbinary, tmp_path):
    """The plaintext, the secret and the key stay out of every error."""
    private, _ = files(tmp_path, "RSA 2048")
    wrong = tmp_path / "wrong"
    wrong.write_bytes(base64.b64encode(bytes(range(256))))
    line = failed(capsysbinary, 1, "decrypt", wrong, "--key", private)
    assert base64.b64encode(bytes(range(256))).decode()[:20] not in line
    assert "000102" not in line
