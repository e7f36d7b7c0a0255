"""Java as an independent reader and writer: its key factories, its key generators, and the stores of ``keytool``."""

from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from formats.samples import key, run
from helpers import representative

import cngcore
from cngcore import formats

PROGRAM = Path(__file__).with_name("Keys.java")
NAMES = {"RSA": "RSA", "DSA": "DSA", "DH": "DH", "EC": "EC", "X25519": "X25519"}
GIVEN = ["RSA 512", "RSA 2048", "DSA 1024", "DSA 2048", "DH 512", "DH 2048", "ECDSA P-256", "ECDSA P-521",
         "ECDH P-384", "X25519"]  # fmt: skip
MADE = {"RSA": (1024, 2048), "DSA": (1024, 2048), "DH": (1024, 2048), "EC": (256, 384, 521), "X25519": (0,)}
STORED = {"RSA": ("-keyalg", "RSA", "-keysize", "2048"), "DSA": ("-keyalg", "DSA", "-keysize", "2048"),
          "EC": ("-keyalg", "EC", "-groupname", "secp384r1")}  # fmt: skip


def java(lines, folder):
    path = folder / "keys.txt"
    path.write_text("\n".join(lines))
    return [[b64decode(word) for word in line.split()] for line in run("java", PROGRAM, path).decode().splitlines()]


def test_what_we_write_java_reads(tmp_path):
    lines, written = [], []
    for kind in GIVEN:
        halves = [formats.encode(key(kind), format, encoding="der") for format in ("pkcs8", "spki")]
        written.append((kind, halves))
        lines.append(" ".join([NAMES[key(kind).family], *(b64encode(half).decode() for half in halves)]))
    for (kind, halves), theirs in zip(written, java(lines, tmp_path), strict=True):
        for ours, back in zip(halves, theirs, strict=True):
            mine, found = formats.complete(formats.decode(ours)), formats.complete(formats.decode(back))
            assert found.numbers == mine.numbers, kind
        assert theirs[1] == halves[1] or key(kind).family == "DH"


@pytest.mark.exhaustive
def test_what_java_makes_we_read(tmp_path):
    sizes = [(name, bits) for name, all_bits in MADE.items() for bits in all_bits]
    for (name, bits), (private, public) in zip(
        sizes, java([f"{name} {bits}" for name, bits in sizes], tmp_path), strict=True
    ):
        whole, half = formats.decode(private), formats.decode(public)
        formats.check(half)
        assert formats.fingerprint(formats.complete(whole)) == formats.fingerprint(half), name
        assert not bits or whole.bits == bits
        if name != "DH":  # Java tells the length of the private number of DH
            assert formats.encode(half, "spki", encoding="der") == public
        if name not in ("EC", "DH"):  # Java leaves the point out of an EC key
            assert formats.encode(whole, "pkcs8", encoding="der") == private


@pytest.mark.parametrize("kind", representative(STORED))
def test_the_stores_of_keytool(kind, tmp_path):
    store, certificate = tmp_path / "store.p12", tmp_path / "c.pem"
    common = ("-keystore", store, "-storepass", "changeit", "-alias", "a")
    run("keytool", "-genkeypair", *STORED[kind], *common, "-storetype", "PKCS12", "-dname", "CN=test")
    run("keytool", "-exportcert", "-rfc", *common, "-file", certificate)
    theirs = run("openssl", "pkcs12", "-in", store, "-passin", "pass:changeit", "-nodes", "-nocerts")
    [stored] = formats.decode_all(store.read_bytes(), passphrase="changeit")
    [shown] = formats.decode_all(certificate.read_bytes())
    assert (stored.format, shown.format) == ("pkcs12", "x509")
    assert stored.key.is_private
    assert formats.fingerprint(formats.complete(stored.key)) == formats.fingerprint(shown.key)
    formats.check(formats.complete(stored.key))
    assert formats.encode(stored.key, "pkcs8") == formats.encode(formats.decode(theirs), "pkcs8")


def test_a_store_of_javas_own_is_told_apart(tmp_path):
    store = tmp_path / "store.jks"
    run("keytool", "-genkeypair", "-keyalg", "EC", "-keystore", store, "-storepass", "changeit", "-alias", "a",
        "-storetype", "JKS", "-dname", "CN=test")  # fmt: skip
    with pytest.raises(cngcore.NotSupportedError, match="keytool -importkeystore -deststoretype pkcs12"):
        formats.decode(store.read_bytes())
