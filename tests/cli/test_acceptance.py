"""Acceptance of issue 4, point 3: every blob of the case list, and files of openssl, ssh-keygen and keytool.

Each is inspected, converted to every format that takes it, and back; both ways bit for bit.
"""

import base64
import json

import pytest
from cli.keycommands import failed, told
from contract import data as cases
from formats.samples import run as tool

from cngcore import formats

BLOBS = {
    # name among the cases: (blob type, what it is, private)
    "ECDSA_P256_PUB": ("ECCPUBLICBLOB", "ECDSA nistP256", False),
    "RSA512_PRIV": ("RSAPRIVATEBLOB", "RSA 512", True),
    "RSA512_FULL": ("RSAFULLPRIVATEBLOB", "RSA 512", True),
    "P256_ECDH_PRIV": ("ECCPRIVATEBLOB", "ECDH nistP256", True),
    "P256_ECDH_PEER": ("ECCPUBLICBLOB", "ECDH nistP256", False),
    "DH512_PRIV": ("DHPRIVATEBLOB", "DH 512", True),
    "DSA512_PUB": ("DSAPUBLICBLOB", "DSA 512", False),
    "MLDSA44_SEEDBLOB": ("PQDSAPRIVATESEEDBLOB", "ML-DSA-44", True),
}
NO_BLOBS = ("HASH32", "ECDSA_P256_SIG", "P256_TRUNCATE", "P256_HASH_SHA1", "DH512_TRUNCATE", "DH512_HASH_SHA1",
            "DSA512_HASH", "DSA512_SIG", "MLDSA44_MU")  # fmt: skip


def takers(key):
    """Formats that say all of a key themselves, so that it comes back from them."""
    return [
        name
        for name, one in formats.FORMATS.items()
        if one.writes
        and name not in ("cng", "raw")
        and key.family in one.families
        and (one.private if key.is_private else one.public)
        and not (name == "openssh" and key.bits < 1024 and key.family == "RSA")
    ]


def test_the_table_is_the_case_list():
    named = {name for name in cases.SHA256 if isinstance(getattr(cases, name), bytes)}
    assert named >= set(BLOBS)
    assert named - set(BLOBS) - set(NO_BLOBS) == {"RSA_BAD_EXP"}


@pytest.mark.parametrize("name", BLOBS)
@pytest.mark.parametrize("wrapping", ["binary", "hex", "base64"])
def test_a_blob_of_the_case_list(capsys, tmp_path, name, wrapping):
    blob_type, description, private = BLOBS[name]
    blob = bytes(getattr(cases, name))
    path = tmp_path / "blob"
    path.write_bytes({"binary": blob, "hex": blob.hex().encode()}.get(wrapping) or base64.b64encode(blob))
    [found] = told(capsys, "inspect", path)["keys"]
    assert (found["blob_type"], found["description"], found["private"]) == (blob_type, description, private)
    assert found["problem"] is None is found["unchecked"]
    [shown] = told(capsys, "inspect", path, "--show-private")["keys"]
    rebuilt = b"".join(
        {"number": lambda p: p["value"].to_bytes(p["size"], "big" if p["name"] == "Count" else "little"),
         "bytes": lambda p: bytes.fromhex(p["value"]), "text": lambda p: p["value"].encode()}[part["kind"]](part)
        if part["name"] != "ParameterSet" else (part["value"] + "\0").encode("utf-16-le")
        for part in shown["fields"]
    )  # fmt: skip
    assert rebuilt == blob
    use = found["algorithm"].partition("_")[0] if found["family"] == "EC" else ""
    key = formats.decode(blob)
    formats_taking = takers(key)
    assert len(formats_taking) >= 1
    for target in formats_taking:
        between, back = tmp_path / target, tmp_path / f"{target} back"
        told(capsys, "convert", path, "--to", target, "--out", between)
        algorithm = ("--algorithm", use) if use else ()
        told(capsys, "convert", between, "--to", "cng", "--blob-type", blob_type, *algorithm, "--out", back)
        if name == "DSA512_PUB":  # SPKI has no room for the seed and the counter: p, q, g and y come back
            assert back.read_bytes()[32:] == blob[32:]
            assert back.read_bytes()[:8] == blob[:8]
        else:
            assert back.read_bytes() == blob


def test_the_broken_blob_of_the_case_list(capsys, tmp_path):
    (tmp_path / "blob").write_bytes(cases.RSA_BAD_EXP)
    for command in (("inspect",), ("convert", "--to", "spki", "--out", tmp_path / "x")):
        line = failed(capsys, 1, command[0], tmp_path / "blob", *command[1:])
        assert "NTE_BAD_DATA" in line
    assert [path.name for path in tmp_path.iterdir()] == ["blob"]


@pytest.mark.parametrize("name", NO_BLOBS)
def test_what_is_no_blob(capsys, tmp_path, name):
    (tmp_path / "data").write_bytes(getattr(cases, name))
    assert "none of the formats" in failed(capsys, 1, "inspect", tmp_path / "data")


OPENSSL = {
    "rsa": ("genrsa", "-traditional", "2048"),
    "rsa pkcs8": ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"),
    "x25519": ("genpkey", "-algorithm", "X25519"),
    **{
        f"ec {curve}": ("ecparam", "-name", curve, "-genkey", "-noout")
        for curve in ("prime192v1", "secp224r1", "prime256v1", "secp384r1", "secp521r1", "secp256k1",
                      "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1")
    },
    "dsa": (),
}  # fmt: skip


def both_ways(capsys, folder, path, format, encoding, *secrets):
    """A file of another program, inspected, made a CNG blob and again what it was."""
    [found] = told(capsys, "inspect", path, *secrets)["keys"]
    assert found["format"] == format
    assert found["problem"] is None is found["unchecked"]
    blob, back = folder / "blob", folder / "back"
    told(capsys, "convert", path, "--to", "cng", *secrets, "--out", blob, "--force")
    curve = ("--curve", found["curve"]) if found["curve"] else ()
    [again] = told(capsys, "inspect", blob, *curve)["keys"]
    assert (again["fingerprint"], again["private"]) == (found["fingerprint"], found["private"])
    told(capsys, "convert", blob, "--to", format, "--encoding", encoding, *curve, "--out", back, "--force")
    return found, back.read_bytes()


@pytest.mark.parametrize("kind", OPENSSL)
def test_files_of_openssl(capsys, tmp_path, kind):
    first = tmp_path / "first"
    if kind == "dsa":
        tool("openssl", "dsaparam", "-genkey", "-out", first, "2048")
    else:
        first.write_bytes(tool("openssl", *OPENSSL[kind]))
    files = {
        "pkcs8": (tool("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", first), "pem"),
        "spki": (tool("openssl", "pkey", "-in", first, "-pubout"), "pem"),
    }
    ders = {
        "pkcs8": (tool("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", first, "-outform", "DER"), "der"),
        "spki": (tool("openssl", "pkey", "-in", first, "-pubout", "-outform", "DER"), "der"),
    }
    if kind != "x25519":
        traditional = {"rsa": "pkcs1", "ec": "sec1", "dsa": "openssl-dsa"}[kind.split()[0]]
        files[traditional] = (tool("openssl", "pkey", "-in", first, "-traditional"), "pem")
    for format, (content, encoding) in [*files.items(), *ders.items()]:
        path = tmp_path / "file"
        path.write_bytes(content)
        _, back = both_ways(capsys, tmp_path, path, format, encoding)
        if kind == "x25519" and format == "pkcs8":  # Windows wants the scalar clamped: five bits that do not count
            assert clamped(formats.decode(content).numbers.d) == formats.decode(back).numbers.d
        else:
            assert back == content


def clamped(d):
    return bytes([d[0] & 0xF8, *d[1:31], d[31] & 0x7F | 0x40])


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("rsa", False),
        ("ecdsa 256", False),
        ("ecdsa 384", False),
        ("ecdsa 521", False),
        ("rsa", True),
        ("ecdsa 521", True),
    ],
)
def test_files_of_ssh_keygen(capsys, tmp_path, monkeypatch, kind, secret):
    monkeypatch.setenv("WORD", "secret")
    algorithm, *bits = kind.split()
    path = tmp_path / "id"
    more = ("-b", *bits) if bits else ()
    tool("ssh-keygen", "-q", "-t", algorithm, *more, "-N", "secret" if secret else "", "-C", "", "-f", path)
    secrets = ("--passphrase-env", "WORD") if secret else ()
    _, back = both_ways(capsys, tmp_path, path, "openssh", "text", *secrets)
    (tmp_path / "again").write_bytes(back)
    (tmp_path / "again").chmod(0o600)
    line = (tmp_path / "id.pub").read_bytes()
    assert tool("ssh-keygen", "-y", "-f", tmp_path / "again").split() == line.split()
    _, back = both_ways(capsys, tmp_path, tmp_path / "id.pub", "openssh", "text")
    assert back.split() == line.split()
    for form, format in (("PKCS8", "spki"), ("PEM", "pkcs1" if algorithm == "rsa" else "spki")):
        (tmp_path / "exported").write_bytes(tool("ssh-keygen", "-e", "-m", form, "-f", tmp_path / "id.pub"))
        _, back = both_ways(capsys, tmp_path, tmp_path / "exported", format, "pem")
        assert back == (tmp_path / "exported").read_bytes()


@pytest.mark.exhaustive
def test_files_of_keytool(capsys, tmp_path, monkeypatch):
    """One kind: formats/test_java reads the stores of the others."""
    monkeypatch.setenv("WORD", "changeit")
    store, certificate = tmp_path / "store.p12", tmp_path / "c.pem"
    common = ("-keystore", store, "-storepass", "changeit", "-alias", "a")
    tool(
        "keytool",
        "-genkeypair",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        *common,
        "-storetype",
        "PKCS12",
        "-dname",
        "CN=test",
    )
    tool("keytool", "-exportcert", "-rfc", *common, "-file", certificate)
    [public] = told(capsys, "inspect", certificate)["keys"]
    [private] = told(capsys, "inspect", store, "--passphrase-env", "WORD")["keys"]
    assert public["fingerprint"] == private["fingerprint"]
    assert (public["format"], private["format"], private["private"]) == ("x509", "pkcs12", True)
    theirs = tmp_path / "theirs"
    theirs.write_bytes(tool("openssl", "pkcs12", "-in", store, "-passin", "pass:changeit", "-nodes", "-nocerts"))
    blobs = []
    for source, secrets in ((store, ("--passphrase-env", "WORD")), (theirs, ())):
        out = tmp_path / f"{source.name} out"
        told(capsys, "convert", source, "--to", "cng", *secrets, "--out", out)
        blobs.append(out.read_bytes())
    assert blobs[0] == blobs[1]
    told(capsys, "convert", certificate, "--to", "spki", "--out", tmp_path / "spki")
    assert (tmp_path / "spki").read_bytes() == tool("openssl", "x509", "-in", certificate, "-pubkey", "-noout")


def test_a_blob_from_windows_becomes_a_jwk_and_comes_back(capsys, tmp_path):
    (tmp_path / "blob").write_bytes(cases.P256_ECDH_PRIV)
    told(capsys, "convert", tmp_path / "blob", "--to", "jwk", "--out", tmp_path / "jwk")
    members = json.loads((tmp_path / "jwk").read_text())
    assert bytes.fromhex(cases.P256_ECDH_PRIV.hex())[72:] == base64.urlsafe_b64decode(members["d"] + "=")
