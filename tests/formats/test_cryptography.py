"""``cryptography`` as an independent reader and writer: what it writes we read, what we write it reads, bit for bit."""

import warnings

import pytest
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import dsa, ec, mldsa, mlkem, rsa, x25519
from formats.samples import KINDS, key

import cngcore
from cngcore import formats
from cngcore.formats import _encryption

MAKERS = {
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "RSA, e = 3": lambda: rsa.generate_private_key(3, 1024),
    "DSA": lambda: dsa.generate_private_key(1024),
    **{
        curve.name: lambda curve=curve: ec.generate_private_key(curve)
        for curve in (
            ec.SECP192R1(), ec.SECP224R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1(),
            ec.BrainpoolP256R1(), ec.BrainpoolP384R1(), ec.BrainpoolP512R1(),
        )
    },
    "X25519": x25519.X25519PrivateKey.generate,
    "ML-KEM-768": mlkem.MLKEM768PrivateKey.generate,
    "ML-KEM-1024": mlkem.MLKEM1024PrivateKey.generate,
    "ML-DSA-44": mldsa.MLDSA44PrivateKey.generate,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey.generate,
}  # fmt: skip
PLAIN = s.NoEncryption()
PKCS8, TRADITIONAL, SPKI = (
    s.PrivateFormat.PKCS8,
    s.PrivateFormat.TraditionalOpenSSL,
    s.PublicFormat.SubjectPublicKeyInfo,
)
NO_OBJECT = ("ML-KEM-512",)


@pytest.mark.parametrize("encoding", [s.Encoding.PEM, s.Encoding.DER])
@pytest.mark.parametrize("name", MAKERS)
def test_what_it_writes_we_read_and_write_alike(name, encoding):
    made = MAKERS[name]()
    word = "pem" if encoding is s.Encoding.PEM else "der"
    for format, private, theirs in (
        ("pkcs8", True, made.private_bytes(encoding, PKCS8, PLAIN)),
        ("spki", False, made.public_key().public_bytes(encoding, SPKI)),
    ):
        found = formats.decode(theirs)
        formats.check(found)
        assert found.is_private is private
        assert formats.encode(found, format, encoding=word) == theirs
    traditional = {rsa.RSAPrivateKey: "pkcs1", ec.EllipticCurvePrivateKey: "sec1", dsa.DSAPrivateKey: "openssl-dsa"}
    for kind, format in traditional.items():
        if isinstance(made, kind):
            theirs = made.private_bytes(encoding, TRADITIONAL, PLAIN)
            assert formats.encode(formats.decode(theirs), format, encoding=word) == theirs


@pytest.mark.parametrize("name", MAKERS)
def test_objects_go_round(name):
    made = MAKERS[name]()
    found = formats.from_cryptography(made)
    again = formats.to_cryptography(found)
    assert again.private_bytes(s.Encoding.DER, PKCS8, PLAIN) == made.private_bytes(s.Encoding.DER, PKCS8, PLAIN)
    half = formats.from_cryptography(made.public_key())
    assert not half.is_private
    assert formats.to_cryptography(half) == made.public_key() == formats.to_cryptography(found, private=False)
    assert formats.fingerprint(formats.from_key(formats.import_into(found))) == formats.fingerprint(half)


@pytest.mark.parametrize("kind", KINDS)
def test_what_we_write_it_reads(kind):
    it = key(kind)
    written = bytes(formats.encode(it, "pkcs8", encoding="der"))
    public = bytes(formats.encode(it, "spki", encoding="der"))
    if kind in NO_OBJECT:
        with pytest.raises(cngcore.NotSupportedError, match="cryptography does not take this"):
            formats.to_cryptography(it)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its Diffie-Hellman is deprecated
        loaded = s.load_der_private_key(written, None)
        theirs = loaded.private_bytes(s.Encoding.DER, PKCS8, PLAIN)
        halves = [
            half.public_bytes(s.Encoding.DER, SPKI) for half in (s.load_der_public_key(public), loaded.public_key())
        ]
    if it.family == "DH":  # a group it knows it writes as X9.42, with q
        assert formats.complete(formats.decode(theirs)).numbers == it.numbers
        assert [formats.decode(half).numbers for half in halves] == 2 * [it.public().numbers]
    else:
        assert theirs == written
        assert halves == [public, public]


@pytest.mark.parametrize("kind", ["RSA 512", "ECDSA P-521", "X25519", "ML-DSA-87"])
def test_encryption_is_read_by_each_other(kind):
    it = key(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = s.load_pem_private_key(bytes(formats.encode(it, "pkcs8", passphrase="grüße")), "grüße".encode())
        theirs = loaded.private_bytes(s.Encoding.PEM, PKCS8, s.BestAvailableEncryption(b"x"))
    assert formats.encode(formats.decode(theirs, passphrase=b"x"), "pkcs8") == formats.encode(it, "pkcs8")


def test_a_passphrase_costs_600_000_iterations(real_iterations, monkeypatch):
    monkeypatch.setattr(_encryption, "ITERATIONS", real_iterations)
    written = formats.encode(key("X25519"), "pkcs8", passphrase="x", encoding="der")
    assert bytes(written).count(b"\x02\x03" + (600_000).to_bytes(3)) == 1
    private = s.load_der_private_key(bytes(written), b"x").private_bytes(s.Encoding.DER, PKCS8, s.NoEncryption())
    assert private == formats.encode(key("X25519"), "pkcs8", encoding="der")


@pytest.mark.parametrize("passphrase", [b"y", b"", b"x" * 1000])
def test_a_wrong_passphrase_is_one_clear_error(passphrase):
    written = formats.encode(key("ECDSA P-256"), "pkcs8", passphrase="x")
    with pytest.raises(cngcore.InvalidParameterError, match="the passphrase is wrong, or the encrypted key is damaged"):
        formats.decode(written, passphrase=passphrase)
    with pytest.raises(cngcore.InvalidParameterError, match="give its passphrase"):
        formats.decode(written)


@pytest.mark.parametrize("kind", ["RSA 2048", "ECDSA P-256", "ECDSA P-521", "ECDH P-384"])
def test_openssh_under_a_passphrase(kind):
    written = formats.encode(key(kind), "openssh", passphrase="x")
    with pytest.raises(cngcore.InvalidParameterError, match="passphrase"):
        formats.decode(written, passphrase="y")
    with pytest.raises(cngcore.InvalidParameterError, match="give its passphrase"):
        formats.decode(written)
    assert formats.decode(written, passphrase="x").public().numbers == key(kind).public().numbers


def test_without_cryptography_there_is_a_hint(monkeypatch):
    import sys

    for name in [name for name in sys.modules if name.startswith("cryptography.hazmat.primitives.ciphers")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers", None)
    with pytest.raises(cngcore.NotSupportedError, match=r"install the extra cngcore\[formats\]"):
        formats.encode(key("X25519"), "pkcs8", passphrase="x")
