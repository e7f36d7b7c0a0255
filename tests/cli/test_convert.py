"""``cng convert``: between all formats, both ways, and its manners with files."""

import itertools
import json
import os
import stat

import pytest
from cli.keycommands import failed, run, told
from formats.samples import KINDS, key

from cngcore import NotSupportedError, formats

SOME = (
    "RSA 512",
    "DSA 1024",
    "DH 512",
    "ECDSA P-256",
    "ECDH P-384",
    "ECDSA secP256k1",
    "X25519",
    "ML-KEM-512",
    "ML-DSA-44",
)
os.umask(MASK := os.umask(0))
PAIRS = list(itertools.permutations([name for name, one in formats.FORMATS.items() if one.writes], 2))


def written(kind, name, private):
    try:
        return formats.encode(key(kind), name, private=private)
    except NotSupportedError:
        return None


def options(kind, name, private):
    it = key(kind)
    if name == "raw":
        algorithm = {"EC": it.use}.get(it.family, it.description)
        more = ("--curve", it.curve) if it.family == "EC" else ()
        return ("--as", "raw", "--algorithm", algorithm, "--half", "private" if private else "public", *more)
    more = ("--curve", it.curve) if name == "cng" and it.curve else ()
    return (*more, "--algorithm", it.use) if it.use else more


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_from_each_to_each(capsys, tmp_path, source, target):
    """Whatever both formats hold of a key goes from one to the other, as if it had been written there at once."""
    done = 0
    for kind, private in itertools.product(SOME, (True, False)):
        known = formats.FORMATS[source], formats.FORMATS[target]
        if not all(one.private if private else one.public for one in known):
            continue
        if not all(key(kind).family in one.families for one in known):
            continue
        given, wanted = written(kind, source, private), written(kind, target, private)
        if given is None or wanted is None:
            continue
        place, out = tmp_path / f"{kind} {private}", tmp_path / f"{kind} {private} out"
        place.write_bytes(given)
        said = told(capsys, "convert", place, "--to", target, *options(kind, source, private), "--out", out)
        assert (said["from"], said["to"], said["private"]) == (source, target, private)
        if (target, private) == ("openssh", True):
            assert formats.decode(out.read_bytes()).numbers == formats.decode(wanted).numbers
        elif key(kind).family == "DSA" and target == "cng" and source != "cng":  # seed and counter are of blobs alone
            assert formats.fingerprint(formats.decode(out.read_bytes())) == formats.fingerprint(key(kind))
        else:
            assert out.read_bytes() == wanted
        assert stat.S_IMODE(out.stat().st_mode) == (0o600 if private else 0o666 & ~MASK)
        done += 1
    halves = [
        {half for half in ("private", "public") if getattr(formats.FORMATS[name], half)} for name in (source, target)
    ]
    families = set(formats.FORMATS[source].families) & set(formats.FORMATS[target].families)
    assert bool(done) is bool(halves[0] & halves[1] and families)


@pytest.mark.parametrize("kind", KINDS)
def test_a_private_key_to_its_public_half(capsys, tmp_path, kind):
    (tmp_path / "key").write_bytes(formats.encode(key(kind), "pkcs8"))
    told(capsys, "convert", tmp_path / "key", "--to", "spki", "--out", tmp_path / "spki")
    assert (tmp_path / "spki").read_bytes() == formats.encode(key(kind), "spki")
    told(capsys, "convert", tmp_path / "key", "--to", "cng", "--public", "--out", tmp_path / "blob")
    found = formats.decode((tmp_path / "blob").read_bytes(), curve=key(kind).curve)
    assert formats.fingerprint(found) == formats.fingerprint(key(kind))
    assert not found.is_private
    why = failed(capsys, 2, "convert", tmp_path / "key", "--to", "pkcs8", "--public", "--out", tmp_path / "x")
    assert "private keys only" in why
    why = failed(capsys, 1, "convert", tmp_path / "spki", "--to", "pkcs8", "--out", tmp_path / "x")
    assert "is public" in why
    assert not (tmp_path / "x").exists()


def test_what_an_elliptic_curve_key_is_for(capsys, tmp_path):
    source = tmp_path / "key"
    source.write_bytes(formats.encode(key("ECDSA P-256"), "pkcs8"))
    for number, (arguments, magic) in enumerate({
        (): b"ECS2", ("--algorithm", "ECDH"): b"ECK2", ("--algorithm", "ECDSA_P256"): b"ECS2",
        ("--generic",): b"ECDV", ("--algorithm", "ECDH_P256", "--generic"): b"ECKV",
        ("--blob-type", "ECCFULLPUBLICBLOB"): b"ECDP", ("--public",): b"ECS1",
    }.items()):  # fmt: skip
        out = tmp_path / str(number)
        told(capsys, "convert", source, "--to", "cng", *arguments, "--out", out)
        assert out.read_bytes()[:4] == magic
    why = failed(capsys, 1, "convert", source, "--to", "cng", "--algorithm", "ECDSA_P384", "--out", tmp_path / "x")
    assert "not for ECDSA_P384" in why


def test_which_of_several_keys(capsys, tmp_path):
    source, out = tmp_path / "keys", tmp_path / "out"
    source.write_bytes(formats.encode(key("RSA 512"), "pkcs8") + formats.encode(key("X25519"), "spki"))
    why = failed(capsys, 1, "convert", source, "--to", "cng", "--out", out)
    assert "it holds 2 keys (1 RSA 512, 2 X25519); choose one with --number" in why
    failed(capsys, 1, "convert", source, "--to", "cng", "--number", "3", "--out", out)
    assert told(capsys, "convert", source, "--to", "cng", "--number", "2", "--out", out)["description"] == "X25519"


def test_in_and_out_of_encryption(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("OLD", "old")
    monkeypatch.setenv("NEW", "new")
    source, out, plain = tmp_path / "key", tmp_path / "out", tmp_path / "plain"
    source.write_bytes(formats.encode(key("ML-KEM-512"), "pkcs8", passphrase="old"))
    secrets = ("--passphrase-env", "OLD", "--out-passphrase-env", "NEW")
    told(capsys, "convert", source, "--to", "pkcs8", *secrets, "--out", out)
    told(capsys, "convert", out, "--to", "pkcs8", "--passphrase-env", "NEW", "--out", plain)
    assert plain.read_bytes() == formats.encode(key("ML-KEM-512"), "pkcs8")
    why = failed(capsys, 1, "convert", out, "--to", "pkcs8", "--passphrase-env", "OLD", "--out", tmp_path / "x")
    assert "the passphrase is wrong" in why


@pytest.mark.parametrize("form", ["seed", "expandedKey", "both"])
def test_the_forms_of_lattice_keys(capsys, tmp_path, form):
    for kind in ("ML-KEM-768", "ML-DSA-65"):
        source, out = tmp_path / kind, tmp_path / f"{kind} out"
        source.write_bytes(formats.encode(key(kind), "cng"))
        told(capsys, "convert", source, "--to", "pkcs8", "--form", form, "--out", out)
        assert out.read_bytes() == formats.encode(key(kind), "pkcs8", form=form)


def test_a_key_whose_halves_do_not_belong_together_is_not_passed_on(capsys, tmp_path):
    blob = bytearray(formats.encode(key("ECDSA P-256"), "cng"))
    blob[-1] ^= 1
    (tmp_path / "blob").write_bytes(blob)
    why = failed(capsys, 1, "convert", tmp_path / "blob", "--to", "pkcs8", "--out", tmp_path / "x")
    assert "does not belong to the private key" in why or "public point does not belong to the private number" in why
    assert [path.name for path in tmp_path.iterdir()] == ["blob"]


@pytest.mark.parametrize(("kind", "target", "options", "lost"), [
    ("DSA 512", "pkcs8", (), ["the seed and the counter of p and q"]),
    ("DSA 512", "cng", ("--blob-type", "DSAPUBLICBLOB"), []),
    ("DSA 512", "cng", ("--blob-type", "V2CAPIDSAPRIVATEBLOB"), []),
    ("ECDH P-384", "spki", (), ["that the key is for ECDH"]),
    ("ECDH P-384", "cng", (), []),
    ("ECDSA P-256", "spki", (), []),
    ("X25519", "jwk", (), []),
    ("RSA 512", "pkcs8", (), []),
])  # fmt: skip
def test_what_the_other_form_has_no_room_for_is_said(capsys, tmp_path, kind, target, options, lost):
    (tmp_path / "key").write_bytes(formats.encode(key(kind), "cng"))
    arguments = ("convert", tmp_path / "key", "--to", target, *options, "--out", tmp_path / "out")
    assert told(capsys, *arguments)["lost"] == lost
    status, out, _ = run(capsys, *arguments, "--force")
    assert status == 0
    assert ("  lost: " in out.decode()) is bool(lost)


def test_what_is_lost_is_said_also_where_the_key_goes_to_standard_output(capsys, tmp_path):
    (tmp_path / "key").write_bytes(formats.encode(key("ECDH P-384"), "cng"))
    status, out, err = run(capsys, "convert", tmp_path / "key", "--to", "spki", "--out", "-")
    assert (status, err) == (0, "cng convert: lost: that the key is for ECDH\n")
    assert formats.decode(out).bits == 384


def test_the_bits_of_a_scalar_that_windows_does_not_take_are_said_to_be_lost(capsys, tmp_path):
    (tmp_path / "key").write_bytes(b"\xff" * 32)
    options = ("--as", "raw", "--algorithm", "X25519", "--half", "private", "--to", "cng", "--out", tmp_path / "out")
    assert told(capsys, "convert", tmp_path / "key", *options)["lost"] == [
        "five bits of the number, which RFC 7748 ignores"
    ]


def test_the_members_of_a_json_web_key_that_are_not_the_keys_are_lost(capsys, tmp_path):
    members = json.loads(formats.encode(key("X25519"), "jwk")) | {"kid": "7", "use": "enc"}
    (tmp_path / "key").write_text(json.dumps(members))
    said = told(capsys, "convert", tmp_path / "key", "--to", "pkcs8", "--out", tmp_path / "out")
    assert said["lost"] == ["the members kid, use of the JSON Web Key"]


def test_what_a_file_names_is_no_order_to_the_terminal(capsys, tmp_path):
    members = json.loads(formats.encode(key("X25519"), "jwk")) | {"\x1b[2J\n" + "x" * 99: "7"}
    (tmp_path / "key").write_text(json.dumps(members))
    status, _, err = run(capsys, "convert", tmp_path / "key", "--to", "pkcs8", "--out", "-")
    assert (status, err.count("\n")) == (0, 1)
    assert "\x1b" not in err
    assert len(err) < 120


def test_manners(capsys, tmp_path):
    source, out = tmp_path / "key", tmp_path / "out"
    source.write_bytes(formats.encode(key("X25519"), "pkcs8"))
    out.write_text("precious")
    assert "the file exists" in failed(capsys, 1, "convert", source, "--to", "jwk", "--out", out)
    assert out.read_text() == "precious"
    told(capsys, "convert", source, "--to", "jwk", "--out", out, "--force")
    status, text, err = run(capsys, "convert", out, "--to", "pkcs8", "--out", "-")
    assert (status, text, err) == (0, source.read_bytes(), "")
    status, text, _ = run(capsys, "convert", out, "--to", "pkcs8", "--out", out, "--force")
    assert status == 0
    assert b"pkcs8" in text
    assert out.read_bytes() == source.read_bytes()
    failed(capsys, 2, "convert", source, "--to", "x509", "--out", "-")
    failed(capsys, 2, "convert", source, "--to", "jwk", "--encoding", "pem", "--out", "-")
    failed(capsys, 2, "convert", source, "--to", "jwk")
