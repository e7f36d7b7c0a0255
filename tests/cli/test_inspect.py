"""``cng inspect``: fields, hidden halves, errors that name the field."""

import base64
import json

import pytest
from cli.keycommands import failed, run, told
from contract import data as cases
from formats.samples import KINDS, key

import cngcore
from cngcore import formats

RSA2_FIELDS = ["Magic", "BitLength", "cbPublicExp", "cbModulus", "cbPrime1", "cbPrime2", "PublicExponent", "Modulus",
               "Prime1", "Prime2"]  # fmt: skip


def test_the_fields_of_a_blob(capsys, tmp_path):
    path = tmp_path / "blob"
    path.write_bytes(cases.RSA512_PRIV)
    [found] = told(capsys, "inspect", path)["keys"]
    fields = found.pop("fields")
    assert [part["name"] for part in fields] == RSA2_FIELDS
    assert [part["value"] for part in fields[:7]] == ["RSA2", 512, 3, 64, 32, 32, "010001"]
    assert [part["offset"] for part in fields] == [0, 4, 8, 12, 16, 20, 24, 27, 91, 123]
    assert [part["value"] for part in fields[8:]] == [None, None]
    assert found["blob_type"] == "RSAPRIVATEBLOB"
    assert found["private"]
    [found] = told(capsys, "inspect", path, "--show-private")["keys"]
    assert found["fields"][8]["value"] == cases.RSA512_PRIV[91:123].hex()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_every_format(capsys, tmp_path, kind):
    """All bytes of a blob are in its fields, private ones are hidden, and the screen hides them too."""
    for number, (name, format) in enumerate(formats.FORMATS.items()):
        if not format.writes or name == "raw" or key(kind).family not in format.families:
            continue
        try:
            written = formats.encode(key(kind), name)
        except cngcore.NotSupportedError:
            continue
        path = tmp_path / str(number)
        path.write_bytes(written)
        options = ("--curve", key(kind).curve) if name == "cng" and key(kind).curve else ()
        [found] = told(capsys, "inspect", path, *options)["keys"]
        assert found["format"] == name
        assert found["problem"] is None is found["unchecked"]
        assert found["fingerprint"] == f"SHA256:{formats.fingerprint(key(kind)).hex()}"
        if name == "cng":
            end = 0
            for part in found["fields"]:
                assert part["offset"] == end
                end += part["size"]
            assert end == len(written)
        [shown] = told(capsys, "inspect", path, *options, "--show-private")["keys"]
        secret = [part["value"] for part in shown["fields"] if part["private"]]
        assert all(secret)
        assert bool(secret) is format.private
        _, out, _ = run(capsys, "inspect", path, *options)
        assert all(value not in out.decode() for value in secret if len(value) > 8)
        _, out, _ = run(capsys, "inspect", path, *options, "--show-private")
        assert all(value in out.decode() for value in secret if len(value) > 8)


@pytest.mark.parametrize("wrapping", ["hex", "hex in lines", "hex with colons", "base64"])
def test_bytes_as_text(capsys, tmp_path, wrapping):
    content = formats.encode(key("ECDSA P-256"), "spki", encoding="der")
    text = {
        "hex": content.hex(),
        "hex in lines": "\n".join(content.hex()[at : at + 32] for at in range(0, 2 * len(content), 32)) + "\n",
        "hex with colons": content.hex(":").upper(),
        "base64": base64.encodebytes(content).decode(),
    }[wrapping]
    (tmp_path / "key").write_text(text)
    [found] = told(capsys, "inspect", tmp_path / "key")["keys"]
    assert (found["format"], found["wrapping"]) == ("spki", wrapping.split()[0])


def test_several_keys_in_one_file(capsys, tmp_path):
    written = b"# two keys\n" + formats.encode(key("RSA 512"), "pkcs8") + b"\n" + formats.encode(key("X25519"), "spki")
    (tmp_path / "keys").write_bytes(written)
    found = told(capsys, "inspect", tmp_path / "keys")["keys"]
    assert [(one["description"], one["private"]) for one in found] == [("RSA 512", True), ("X25519", False)]
    assert found[0]["line"] == 2
    status, out, _ = run(capsys, "inspect", tmp_path / "keys")
    assert status == 0
    assert out.count(b"Fingerprint") == 2
    (tmp_path / "set").write_text(json.dumps({"keys": [json.loads(formats.encode(key("RSA 512"), "jwk"))] * 2}))
    assert len(told(capsys, "inspect", tmp_path / "set")["keys"]) == 2


def test_from_standard_input(capsys, monkeypatch):
    import io
    from types import SimpleNamespace

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(cases.DH512_PRIV)))
    said = told(capsys, "inspect", "-")
    assert said["file"] == "-"
    assert said["keys"][0]["description"] == "DH 512"


def test_numbers_that_do_not_belong_together(capsys, tmp_path):
    blob = bytearray(cases.RSA512_PRIV)
    blob[130] ^= 2
    (tmp_path / "blob").write_bytes(blob)
    [found] = told(capsys, "inspect", tmp_path / "blob", status=1)["keys"]
    assert found["problem"] == "the RSA modulus is not the product of the two primes"
    status, out, err = run(capsys, "inspect", tmp_path / "blob")
    assert (status, err) == (1, "")
    assert "not the product" in out.decode()


def test_raw_keys_are_told_what_they_are(capsys, tmp_path):
    path = tmp_path / "key"
    for kind, options in (
        ("ECDSA P-256", ("--algorithm", "ECDSA_P256")),
        ("X25519", ("--algorithm", "X25519", "--half", "private")),
        ("ML-KEM-512", ("--algorithm", "ML-KEM-512")),
        ("ML-DSA-44", ("--algorithm", "ML-DSA-44")),
        ("ML-KEM-1024", ("--algorithm", "ML-KEM-1024")),
    ):
        path.write_bytes(formats.encode(key(kind), "raw"))
        [found] = told(capsys, "inspect", path, "--as", "raw", *options)["keys"]
        assert found["fingerprint"] == f"SHA256:{formats.fingerprint(key(kind)).hex()}"


BLOB = bytes(cases.RSA512_PRIV)
BAD = {
    # name: (content, options, what the line says)
    "nothing": (b"", (), "0 bytes"),
    "text": (b"hello", (), "none of the formats"),
    "cut in the header": (BLOB[:17], (), "RSAPRIVATEBLOB: cbPrime1 at offset 16 needs 4 bytes, but 1 are left"),
    "cut in a prime": (BLOB[:-1], (), "Prime2 at offset 123 needs 32 bytes, but 31 are left; cbPrime2 at offset 20"),
    "longer": (BLOB + b"\0", (), "RSAPRIVATEBLOB: 1 bytes trail, at offset 155"),
    "a size out of all measure": (
        BLOB[:12] + b"\xff\xff\xff\xff" + BLOB[16:], (), "Modulus at offset 27 needs 4294967295 bytes"),
    "RSA_BAD_EXP of the cases": (cases.RSA_BAD_EXP, (), "cbModulus at offset 12 says 128"),
    "another magic": (b"RSA9" + BLOB[4:], (), "none of the formats"),
    "another type": (BLOB, ("--as", "spki"), "not in the format spki; it looks like cng"),
    "DER that breaks off": (b"\x30\x82\x01\x00" + bytes(9), ("--as", "spki"), "at offset 0"),
    "a generic magic": (
        formats.encode(key("ECDSA brainpoolP256r1"), "cng"), (), "does not name its curve"),
    "encrypted": (formats.encode(key("X25519"), "pkcs8", passphrase="x"), (), "give its passphrase"),
    "a JWK without its type": (b'{"x": "AA"}', (), "the member 'kty' is missing"),
    "many keys": (b'{"cngcore_keys": 1}\n{"index": 0}\n', (), "decode the base64 of one, which is a blob"),
    "PEM": (b"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", (), "line 1"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "options", "why"), BAD.values(), ids=BAD)
def test_a_malformed_file_is_one_clear_line(capsys, tmp_path, content, options, why):
    path = tmp_path / "key"
    path.write_bytes(content)
    line = failed(capsys, 1, "inspect", path, *options)
    assert line.startswith("cng inspect: ")
    assert why in line
    assert str(path) in line


def test_files_that_are_not_read(capsys, tmp_path):
    assert "No such file" in failed(capsys, 1, "inspect", tmp_path / "nothing")
    assert "'': No such file" in failed(capsys, 1, "inspect", "")
    assert "directory" in failed(capsys, 1, "inspect", tmp_path)
    (tmp_path / "large").write_bytes(bytes(formats.LARGEST + 1))
    assert "more than 1048576 bytes" in failed(capsys, 1, "inspect", tmp_path / "large")
    failed(capsys, 2, "inspect")
    failed(capsys, 2, "inspect", tmp_path, "--as", "nonsense")
