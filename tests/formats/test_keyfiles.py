"""Key files as people's tools produce them: each kind of fault that a reader had once, by its right value."""

import base64
import contextlib
import copy
import hashlib
import hmac
import json
import pickle
import subprocess
import sys
import threading
import time
import tracemalloc
import warnings

import pytest
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import ed25519
from formats.samples import key, run
from helpers import representative

import cngcore
from cngcore import formats
from cngcore.blobs.dsa import DsaKey
from cngcore.blobs.rsa import RsaKey
from cngcore.families.rc2 import Rc2
from cngcore.formats import _ber as ber
from cngcore.formats import _der as der
from cngcore.formats import _halves as halves

KINDS = ("RSA 2048", "ECDSA P-256", "X25519", "ML-KEM-768", "ML-DSA-44")


def written(kind, format="pkcs8", **options):
    return bytes(formats.encode(key(kind), format, **options))


def pem(kind="ECDSA P-256", format="pkcs8"):
    return written(kind, format, encoding="pem")


def block(label, content):
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(content) + f"-----END {label}-----\n".encode()


def ed25519_pkcs8(encoding=s.Encoding.PEM):
    return ed25519.Ed25519PrivateKey.generate().private_bytes(encoding, s.PrivateFormat.PKCS8, s.NoEncryption())


def refused(data, **options):
    with pytest.raises(cngcore.CngError) as raised:
        formats.decode_all(data, **options)
    return raised.value


# --- no byte of the input in an error -------------------------------------------------------------------


def damaged():
    """PEM, DER and JSON of a private key, damaged in the ways that once put a part of it into an error."""
    text = pem()
    body = text.splitlines()[1]
    plain = written("ECDSA P-256", encoding="der")
    yield text.replace(b"KEY-----\n", b"KEY-----", 1).replace(b"-----END PRIVATE KEY-----", b"")
    yield text.replace(b"-----\n", b"", 1)
    yield text.replace(b"-----\n", b" -----" + body, 1)
    yield text.replace(b"-----BEGIN PRIVATE KEY-----\n", b"-----BEGIN " + body[:40] + b"-----\n")
    yield text.replace(b"\n", b"\nProc-Type: 4,ENCRYPTED" + body + b"\n", 1)
    yield text.replace(b"\n", b"\nProc-Type: 4,ENCRYPTED\nDEK-Info: " + body + b"\n", 1)
    yield b"-----END " + body[:30] + b"-----\n" + text
    yield text.replace(b"END PRIVATE KEY", b"END " + body[:30])
    for start in range(len(plain)):
        yield plain[:start] + plain[start + 1 :]
        yield plain[:start] + b"\x30\x7f" + plain[start:]
        yield block("PRIVATE KEY", plain[:start] + b"\x30\x7f" + plain[start:])
    rsa = written("RSA 2048", "pkcs1", encoding="der")
    for number in ("n", "d", "p"):
        first = bytes(der.integer(getattr(key("RSA 2048").numbers, number)))
        yield bytes(der.sequence(first, rsa[7:]))  # a number in the place of the version
        yield block("PRIVATE KEY", bytes(der.sequence(first)))
        encrypted = der.sequence(
            der.sequence(der.oid("1.2.840.113549.1.5.12"), der.sequence(der.octets(b"salt"), first))
        )
        yield block("ENCRYPTED PRIVATE KEY", bytes(der.sequence(encrypted, der.octets(b"x" * 16))))
    jwk = json.loads(written("ECDSA P-256", "jwk"))
    for name in ("kty", "crv", "alg"):
        yield json.dumps({"kty": "AKP" if name == "alg" else "EC", **jwk, name: jwk["d"]}).encode()
    yield json.dumps(jwk).replace('"d"', "d").encode()
    yield json.dumps(jwk).replace(jwk["d"], jwk["d"][:20] + "\\q" + jwk["d"][20:]).encode()
    yield json.dumps(jwk).encode().replace(b'"d": "', b'"d": "\xff')


def test_no_error_tells_a_part_of_the_input():
    rsa, ec = key("RSA 2048").numbers, key("ECDSA P-256").numbers
    content = written("ECDSA P-256", encoding="der")
    secrets = [str(number) for number in (rsa.n, rsa.d, rsa.p)] + [ec.d.hex(), base64.b64encode(ec.d).decode()]
    spellings = [content.hex(), base64.b64encode(content).decode(), json.loads(written("ECDSA P-256", "jwk"))["d"]]
    count = 0
    for data in damaged():
        for passphrase in (None, b"x"):
            try:
                found = formats.decode_all(data, passphrase=passphrase)
                said = " ".join(part.reason + part.where for part in found.skipped)
            except cngcore.CngError as error:
                said = str(error)
                count += 1
            for secret in (*secrets, *spellings):
                assert not any(secret[at : at + 8] in said for at in range(0, len(secret) - 8, 2)), said
            assert "0x" not in said, said
    assert count > 300


@pytest.mark.parametrize("bits", [15000, 16384])
def test_a_number_in_the_wrong_place_is_refused_whatever_its_length(bits):
    """Python refuses to print an int of more than 4300 digits."""
    huge = der.integer((1 << bits) - 1)
    kdf = der.sequence(der.oid("1.2.840.113549.1.5.12"), der.sequence(der.octets(b"salt"), huge))
    cipher = der.sequence(der.oid("2.16.840.1.101.3.4.1.42"), der.octets(bytes(16)))
    scheme = der.sequence(der.oid("1.2.840.113549.1.5.13"), der.sequence(kdf, cipher))
    for data in (der.sequence(huge, huge, huge), der.sequence(scheme, der.octets(bytes(32)))):
        assert isinstance(refused(bytes(data), passphrase="x"), cngcore.BadDataError)
        refused(block("RSA PRIVATE KEY", bytes(data)), passphrase="x")


# --- a right passphrase is never called wrong -----------------------------------------------------------

LEGACY = ("-provider", "legacy", "-provider", "default")
OPENSSL = [
    ("pkcs8", "-topk8", "-v1", "PBE-SHA1-DES"),
    ("pkcs8", "-topk8", "-v1", "PBE-MD5-DES"),
    ("pkcs8", "-topk8", "-v1", "PBE-SHA1-RC2-64"),
    ("pkcs8", "-topk8", "-v1", "PBE-MD5-RC2-64"),
    ("pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"),
    ("pkcs8", "-topk8", "-v1", "PBE-SHA1-2DES"),
    ("pkcs8", "-topk8", "-v1", "PBE-SHA1-RC2-128"),
    ("pkcs8", "-topk8", "-v1", "PBE-SHA1-RC2-40"),
    ("pkcs8", "-topk8", "-v1", "PBE-SHA1-RC4-128"),
    ("pkcs8", "-topk8", "-v1", "PBE-SHA1-RC4-40"),
    *(
        ("pkcs8", "-topk8", "-v2", cipher)
        for cipher in (
            "aes-128-cbc",
            "aes-192-cbc",
            "camellia-128-cbc",
            "camellia-256-cbc",
            "des3",
            "des-cbc",
            "rc2-cbc",
            "rc2-40-cbc",
            "rc2-64-cbc",
            "bf-cbc",
            "seed-cbc",
            "sm4-cbc",
        )
    ),
    *(
        ("pkcs8", "-topk8", "-v2", "des3", "-v2prf", prf)
        for prf in (
            "hmacWithMD5",
            "hmacWithSHA1",
            "hmacWithSHA224",
            "hmacWithSHA384",
            "hmacWithSHA512",
            "hmacWithSHA512-256",
            "hmacWithSHA512-224",
        )
    ),
    *(("pkcs8", "-topk8", "-scrypt", "-v2", cipher) for cipher in ("des3", "aes-256-cbc")),
    *(
        ("rsa", "-traditional", f"-{cipher}")
        for cipher in ("aes128", "aes192", "aes256", "des", "des3", "camellia128", "camellia192", "camellia256", "seed")
    ),
]
NAMED = [
    ("pkcs8", "-topk8", "-v2", "aria-128-cbc"),
    ("pkcs8", "-topk8", "-v2", "aes-256-ofb"),
    ("rsa", "-traditional", "-aria128"),
]


def by_openssl(tmp_path, command):
    plain = tmp_path / "plain.pem"
    plain.write_bytes(pem("RSA 2048"))
    done = subprocess.run(
        ["openssl", *command, *LEGACY, "-in", str(plain), "-passout", "pass:secret"], capture_output=True
    )
    if done.returncode:
        pytest.skip(f"this openssl does not do {' '.join(command)}")
    return done.stdout


@pytest.mark.parametrize("command", OPENSSL, ids=" ".join)
def test_every_encryption_of_openssl(command, tmp_path):
    theirs = by_openssl(tmp_path, command)
    [found] = formats.decode_all(theirs, passphrase="secret")
    assert found.key == key("RSA 2048")
    assert found.encrypted
    assert "the passphrase is wrong" in str(refused(theirs, passphrase="wrong"))
    assert "give its passphrase" in str(refused(theirs))


@pytest.mark.parametrize("command", NAMED, ids=" ".join)
def test_an_encryption_that_cannot_be_read_is_named(command, tmp_path):
    error = refused(by_openssl(tmp_path, command), passphrase="secret")
    assert isinstance(error, cngcore.NotSupportedError)
    assert any(name in str(error) for name in ("ARIA", "OFB"))


def test_what_is_wrong_inside_is_said_as_it_is_without_encryption():
    from cngcore.formats import _encryption as encryption

    for plain in (
        written("ECDSA P-256", encoding="der") + bytes(12),
        bytes(der.sequence(der.integer(7), der.sequence(der.oid("1.3.101.112")), der.octets(bytes(34)))),
        ed25519_pkcs8(s.Encoding.DER),
    ):
        hidden = bytes(encryption.encrypt(plain, b"secret"))
        one, other = refused(hidden, passphrase="secret"), refused(plain)
        assert (type(one), str(one)) == (type(other), str(other))


@pytest.mark.parametrize("plain", [b"", b"\x30\x82\x02\x59\x02\x01\x00" + bytes(40), b"\x30", bytes(16)])
def test_a_damaged_structure_is_an_error_of_ours(plain):
    from cngcore.formats import _encryption as encryption

    assert isinstance(refused(bytes(encryption.encrypt(plain, b"x")), passphrase="x"), cngcore.CngError)


def test_rc2_of_rfc_2268():
    """The test vectors of RFC 2268 section 5: key, effective bits, plain text, cipher text."""
    for secret, bits, plain, hidden in (
        ("0000000000000000", 63, "0000000000000000", "ebb773f993278eff"),
        ("ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"),
        ("3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"),
        ("88", 64, "0000000000000000", "61a8a244adacccf0"),
        ("88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f"),
        ("88bca90e90875a7f0f79c384627bafb2", 64, "0000000000000000", "1a807d272bbe5db1"),
        ("88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6"),
    ):
        key = Rc2(bytes.fromhex(secret), bits)
        assert key.encrypt_blocks(bytes.fromhex(plain)).hex() == hidden
        assert key.decrypt_blocks(bytes.fromhex(hidden)).hex() == plain


# --- one foreign key does not hide the others -----------------------------------------------------------


def jwk(kind, private=False):
    return json.loads(written(kind, "jwk", private=private))


@pytest.mark.parametrize(
    "foreign",
    [
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "XYZ"},
        {"kty": "oct", "k": "AAAA"},
        {},
        1,
        None,
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "e": "AQAB"},
        {"kty": 5},
        {"kty": "EC", "crv": "secp256r1", "x": "AA", "y": "AA"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "oth": []},
        {"kty": "RSA", "n": "gAAAAQ", "e": "AQAB", "d": "AQAB"},
    ],
)
def test_a_foreign_key_in_a_jwk_set(foreign):
    for members in ([jwk("RSA 2048"), foreign], [foreign, jwk("RSA 2048")]):
        found = formats.decode_all(json.dumps({"keys": members}))
        assert [one.key.description for one in found] == ["RSA 2048"]
        [skipped] = found.skipped
        assert skipped.where == f"key {members.index(foreign) + 1} of the JWK Set"
        assert formats.other_members(found[0].content) == []
    refused(json.dumps({"keys": [foreign]}))


def test_an_empty_jwk_set_is_an_error():
    for text in ('{"keys": []}', '{"keys":[]}\n'):
        assert "holds no key" in str(refused(text))


CSR = bytes(der.sequence(der.sequence(der.integer(0)), der.sequence(), der.bits(b"x")))
FOREIGN_BLOCKS = [
    block("CERTIFICATE REQUEST", CSR),
    block("NEW CERTIFICATE REQUEST", CSR),
    block("X509 CRL", CSR),
    block("PKCS7", CSR),
    block("PGP MESSAGE", b"abc"),
    block("SOMETHING NEW", b"abc"),
    block("CERTIFICATE", b"\x30\x03\x02\x01\x01"),
    ed25519_pkcs8(),
    block("CMS", CSR),
    block("ATTRIBUTE CERTIFICATE", CSR),
]


@pytest.mark.parametrize("foreign", FOREIGN_BLOCKS, ids=[block[11:35].decode() for block in FOREIGN_BLOCKS])
def test_a_foreign_block_in_a_pem_file(foreign):
    for text in (pem() + foreign, foreign + pem(), b"text\n" + foreign + b"more text\n" + pem()):
        found = formats.decode_all(text)
        assert [(one.key.description, one.key.is_private) for one in found] == [("EC nistP256", True)]
        assert len(found.skipped) == 1
        assert formats.decode(text).is_private
    refused(foreign)


def test_a_public_key_does_not_stand_for_a_private_one_that_cannot_be_read():
    text = ed25519_pkcs8() + pem("ECDSA P-256", "spki")
    found = formats.decode_all(text)
    assert [one.key.is_private for one in found] == [False]
    assert found.skipped[0].private
    with pytest.raises(cngcore.NotSupportedError, match=r"only a public key can be read.*Ed25519"):
        formats.decode(text)


def test_a_damaged_private_key_in_a_bundle_is_an_error():
    refused(block("PRIVATE KEY", b"\x30\x03\x02\x01\x00") + pem("ECDSA P-256", "spki"))


# --- PKCS #12 --------------------------------------------------------------------------------------------

BAG = "1.2.840.113549.1.12.10.1."


def bag(number, content):
    return der.sequence(der.oid(f"{BAG}{number}"), der.context(0, content))


def cert_bag(certificate):
    return bag(3, der.sequence(der.oid("1.2.840.113549.1.9.22.1"), der.context(0, der.octets(certificate))))


def data(content):
    return der.sequence(der.oid("1.2.840.113549.1.7.1"), der.context(0, der.octets(content)))


def pfx(*bags, passphrase=None, parts=None, mac="sha256"):
    """A PKCS#12 file of bags; with a MAC if a passphrase is given."""
    content = der.sequence(*(parts or [data(der.sequence(*bags))]))
    tail = []
    if passphrase is not None:
        from cngcore.formats import _encryption as encryption

        oid = {name: oid for oid, name in encryption.HASHES.items()}[mac]
        size = hashlib.new(mac).digest_size
        made = encryption.pkcs12_kdf(mac, 3, encryption.bmp(passphrase), b"salt", 10, size, "")
        digest = hmac.new(made, content, mac).digest()
        info = der.sequence(der.sequence(der.oid(oid), der.null()), der.octets(digest))
        tail = [der.sequence(info, der.octets(b"salt"), der.integer(10))]
    return bytes(der.sequence(der.integer(3), data(content), *tail))


def key_bag(kind):
    return bag(1, written(kind, encoding="der"))


def shrouded(kind, passphrase=b"secret"):
    return bag(2, written(kind, encoding="der", passphrase=passphrase))


def certificate(kind):
    """As much of a certificate as is read."""
    spki = written(kind, "spki", encoding="der") if isinstance(kind, str) else kind
    empty = der.sequence()
    return bytes(der.sequence(der.sequence(der.integer(1), empty, empty, empty, empty, spki), empty, der.bits(b"x")))


def described(found):
    return [(one.key.description, one.key.is_private, one.encrypted) for one in found]


def test_every_private_key_of_a_pkcs12_file():
    found = formats.decode_all(pfx(key_bag("RSA 2048"), key_bag("ECDSA P-256"), key_bag("X25519")))
    assert described(found) == [("RSA 2048", True, False), ("EC nistP256", True, False), ("X25519", True, False)]
    found = formats.decode_all(
        pfx(cert_bag(certificate("RSA 2048")), shrouded("RSA 2048"), shrouded("ECDSA P-256"), passphrase=b"secret"),
        passphrase="secret",
    )
    assert described(found) == [("RSA 2048", True, True), ("EC nistP256", True, True)]


def test_foreign_bags_are_skipped():
    foreign = ed25519.Ed25519PrivateKey.generate()
    private = foreign.private_bytes(s.Encoding.DER, s.PrivateFormat.PKCS8, s.NoEncryption())
    public = foreign.public_key().public_bytes(s.Encoding.DER, s.PublicFormat.SubjectPublicKeyInfo)
    found = formats.decode_all(
        pfx(
            cert_bag(certificate(public)),
            bag(1, private),
            key_bag("RSA 2048"),
            bag(5, der.sequence()),
            cert_bag(b"\x30\x00"),
            bag(4, der.sequence()),
        )
    )
    assert described(found) == [("RSA 2048", True, False)]
    assert [(part.where.partition(", a ")[2], part.private) for part in found.skipped] == [
        ("private key", True),
        ("secret", True),
        ("certificate", False),
        ("certificate", False),
    ]
    refused(pfx(bag(1, private)))
    refused(pfx())


def test_chains_and_own_certificates():
    found = formats.decode_all(
        pfx(*map(cert_bag, map(certificate, ("RSA 512", "X25519", "RSA 512"))), key_bag("X25519"))
    )
    assert described(found) == [("X25519", True, False), ("RSA 512", False, False)]


def test_bags_in_bags():
    inner = der.sequence(key_bag("X25519"))
    assert described(formats.decode_all(pfx(bag(6, inner)))) == [("X25519", True, False)]
    for _ in range(8):
        inner = der.sequence(bag(6, inner))
    refused(pfx(bag(6, inner)))


def indefinite(encoded, depth=3):
    """DER as BER with indefinite lengths, and strings in pieces."""
    walk = der.Reader(encoded, "")
    tag = walk.peek()
    content = walk.element()
    if tag == 4 and len(content) > 20:
        pieces = b"".join(bytes(der.octets(content[at : at + 700])) for at in range(0, len(content), 700))
        return b"\x24\x80" + pieces + b"\0\0"
    if not tag & 0x20 or not depth:
        return bytes(encoded)
    inside, parts = der.Reader(content, ""), []
    while inside.peek() is not None:
        start = inside.offset
        inside.element()
        parts.append(indefinite(content[start : inside.offset], depth - 1))
    return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0"


@pytest.mark.parametrize("depth", range(1, 5))
def test_ber(depth):
    plain = pfx(shrouded("RSA 2048"), passphrase=b"secret")
    theirs = indefinite(plain, depth)
    assert theirs != plain
    assert formats.detect(theirs) == "pkcs12"
    assert described(formats.decode_all(theirs, passphrase="secret")) == [("RSA 2048", True, True)]
    assert ber.to_der(theirs, "") == plain


@pytest.mark.parametrize(
    "text",
    [
        "3080",
        "30800000ff",
        "0480",
        "3084ffffffff",
        "30800201",
        "1f8100",
        "24800201010000",
        "30" + "80" * 40,
        "3003020101ff",
        "30800500",
        "00",
        "30890100000000000000ff",
    ],
)
def test_malformed_ber(text):
    with pytest.raises(cngcore.BadDataError):
        ber.to_der(bytes.fromhex(text), "the thing")


def test_ber_is_bounded():
    for hostile in (b"\x30\x80" * 1000, b"\x30\x80" + b"\x05\0" * 100_000 + b"\0\0"):
        with pytest.raises(cngcore.BadDataError, match="too many elements or levels"):
            ber.to_der(hostile, "the thing")


@pytest.mark.parametrize("mac", ["sha1", "sha256", "sha384", "sha512", "sha512_256", "sha3_256", "md5"])
def test_macs(mac):
    made = pfx(key_bag("X25519"), passphrase=b"secret", mac=mac)
    assert described(formats.decode_all(made, passphrase="secret")) == [("X25519", True, False)]
    assert "the passphrase is wrong" in str(refused(made, passphrase="wrong"))
    assert "give its passphrase" in str(refused(made))


def test_damage_behind_a_right_mac_is_not_a_wrong_passphrase():
    broken = bytearray(shrouded("X25519"))
    broken[-20] ^= 1
    error = refused(pfx(bytes(broken), passphrase=b"secret"), passphrase="secret")
    assert isinstance(error, cngcore.BadDataError)
    other = refused(pfx(shrouded("X25519", b"other"), passphrase=b"secret"), passphrase="secret")
    assert "the passphrase is wrong" not in str(other)


@pytest.mark.parametrize(
    "options",
    [
        ("-keypbe", "NONE", "-certpbe", "NONE", "-nomac"),
        ("-legacy",),
        ("-macalg", "sha512"),
        ("-nomac",),
        ("-keypbe", "PBE-SHA1-RC4-128", "-certpbe", "PBE-SHA1-RC2-40", "-provider", "legacy", "-provider", "default"),
        ("-keypbe", "camellia-256-cbc", "-certpbe", "des-ede3-cbc"),
        ("-nomaciter", "-noiter"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("word", ["secret", "grüße €", ""])
def test_pkcs12_of_openssl(options, word, tmp_path):
    (tmp_path / "k").write_bytes(pem("RSA 2048"))
    run("openssl", "req", "-x509", "-key", tmp_path / "k", "-subj", "/CN=a", "-out", tmp_path / "c")
    (tmp_path / "w").write_text(word)
    run(
        "openssl",
        "pkcs12",
        "-export",
        "-inkey",
        tmp_path / "k",
        "-in",
        tmp_path / "c",
        *options,
        "-passout",
        f"file:{tmp_path / 'w'}" if word else "pass:",
        "-out",
        tmp_path / "p",
    )
    theirs = (tmp_path / "p").read_bytes()
    plain = "NONE" in options
    for passphrase in {word, None} if plain else {word}:
        [found] = formats.decode_all(theirs, passphrase=passphrase)
        assert found.key == key("RSA 2048")
        assert found.encrypted is not plain


# --- two halves of different keys ------------------------------------------------------------------------


def other_point():
    with cngcore.generate_key_pair("ECDSA_P256", 256) as pair:
        return formats.from_key(pair)


def another(kind):
    made = {
        "X25519": lambda: cngcore.generate_key_pair("ECDH", curve="curve25519"),
        "ML-KEM-512": lambda: cngcore.generate_key_pair("ML-KEM", parameter_set="512"),
        "ML-KEM-768": lambda: cngcore.generate_key_pair("ML-KEM", parameter_set="768"),
        "ML-DSA-44": lambda: cngcore.generate_key_pair("ML-DSA", parameter_set="44"),
        "ECDSA P-256": lambda: cngcore.generate_key_pair("ECDSA_P256", 256),
        "ECDSA brainpoolP256r1": lambda: cngcore.generate_key_pair("ECDSA", curve="brainpoolP256r1"),
        "ECDSA nistP192": lambda: cngcore.generate_key_pair("ECDSA", curve="nistP192"),
        "RSA 2048": lambda: cngcore.generate_key_pair("RSA", 2048),
        "DSA 512": lambda: cngcore.generate_key_pair("DSA", 512),
        "DH 512": lambda: cngcore.generate_key_pair("DH", 512),
    }[kind]()
    with made as pair:
        return formats.from_key(pair)


def version_2(kind, public, form=""):
    """A OneAsymmetricKey with this public key."""
    reader = der.Reader(bytes(formats.encode(key(kind), "pkcs8", encoding="der", form=form)), "").sequence()
    reader.integer("the version")
    half = der.Reader(bytes(formats.encode(public, "spki", encoding="der")), "").sequence()
    half.element()
    return bytes(der.sequence(der.integer(1), reader.raw(), der.context(1, b"\0" + half.bits("y"), constructed=False)))


V2 = [
    (kind, "")
    for kind in (
        "X25519",
        "ML-KEM-512",
        "ML-KEM-768",
        "ML-DSA-44",
        "ECDSA P-256",
        "ECDSA brainpoolP256r1",
        "ECDSA nistP192",
        "RSA 2048",
    )
] + [(kind, form) for kind in ("ML-KEM-512", "ML-KEM-768", "ML-DSA-44") for form in ("expandedKey", "both")]


@pytest.mark.parametrize(("kind", "form"), V2)
def test_the_public_key_of_version_2(kind, form):
    own = formats.decode(version_2(kind, formats.complete(key(kind)).public(), form))
    assert own.public().numbers == formats.complete(key(kind)).public().numbers
    theirs = version_2(kind, another(kind).public(), form)
    for data in (theirs, block("PRIVATE KEY", theirs)):
        assert "another" in str(refused(data))
    assert "another" in str(refused(pfx(bag(1, theirs))))


@pytest.mark.parametrize("format", ["sec1", "jwk", "pkcs8", "openssh"])
def test_the_point_of_another_key(format):
    from dataclasses import replace

    mine, theirs = key("ECDSA P-256"), other_point()
    mixed = replace(mine, numbers=replace(mine.numbers, x=theirs.numbers.x, y=theirs.numbers.y))
    if format == "openssh":
        text = written("ECDSA P-256", "openssh")
        content = base64.b64decode(b"".join(text.splitlines()[1:-1]))
        content = content.replace(b"\4" + mine.numbers.x + mine.numbers.y, b"\4" + theirs.numbers.x + theirs.numbers.y)
        mixed_file = block("OPENSSH PRIVATE KEY", content)
    else:
        mixed_file = bytes(formats.encode(mixed, format))
    assert "another" in str(refused(mixed_file))


@pytest.mark.parametrize("format", ["pkcs1", "pkcs8", "jwk"])
@pytest.mark.parametrize("name", ["n", "d", "dp", "dq", "qinv", "e"])
def test_a_number_of_another_rsa_key(format, name):
    from dataclasses import replace

    mine, theirs = key("RSA 2048"), another("RSA 2048")
    other = 17 if name == "e" else getattr(theirs.numbers, name)
    mixed = replace(mine, numbers=replace(mine.numbers, **{name: other}))
    assert isinstance(refused(bytes(formats.encode(mixed, format))), cngcore.CngError)


def test_the_number_of_another_dsa_or_x25519_key():
    from dataclasses import replace

    mine = key("DSA 512").numbers
    mixed = formats.Key("DSA", DsaKey(mine.parameters, pow(mine.parameters.g, mine.x + 1, mine.parameters.p), mine.x))
    assert "another" in str(refused(bytes(formats.encode(mixed, "openssl-dsa"))))
    x25519 = key("X25519")
    mixed = replace(x25519, numbers=replace(x25519.numbers, x=another("X25519").numbers.x))
    assert "another" in str(refused(bytes(formats.encode(mixed, "jwk"))))


def test_the_seed_of_another_ml_dsa_key_in_a_jwk():
    members = jwk("ML-DSA-44", private=True)
    members["priv"] = base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()
    assert "another" in str(refused(json.dumps(members)))


@pytest.mark.parametrize(
    "kind",
    [
        "ECDSA P-256",
        "ECDSA P-521",
        "ECDSA nistP192",
        "ECDSA brainpoolP256r1",
        "X25519",
        "ECDSA secP256k1",
        "DSA 512",
        "DH 512",
    ],
)
def test_the_arithmetic_without_cryptography(kind, monkeypatch):
    whole = formats.complete(key(kind))
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.x25519", None)
    lone = formats.decode(formats.encode(key(kind), "pkcs8")) if kind in ("X25519", "DSA 512", "DH 512") else whole
    assert halves._computed(lone.numbers) == whole.numbers or (
        (halves._computed(lone.numbers).x, halves._computed(lone.numbers).y) == (whole.numbers.x, whole.numbers.y)
    )


# --- JSON Web Keys of other programs ---------------------------------------------------------------------


def test_members_that_are_null_are_not_there():
    members = dict.fromkeys(("crv", "d", "dp", "dq", "k", "p", "q", "qi", "t", "x", "y", "oth")) | jwk("RSA 2048")
    found = formats.decode(json.dumps(members))
    assert found == key("RSA 2048").public()
    assert formats.decode(json.dumps({"key": members, "attributes": {}})) == found
    assert formats.decode(json.dumps({"d": None, **jwk("ECDSA P-256")})).numbers == key("ECDSA P-256").public().numbers


@pytest.mark.parametrize(("kind", "kty"), [("RSA 2048", "RSA-HSM"), ("ECDSA P-256", "EC-HSM")])
def test_key_types_of_azure(kind, kty):
    assert formats.decode(json.dumps(jwk(kind) | {"kty": kty})).numbers == key(kind).public().numbers


def padded(value, zeros):
    content = bytes(zeros) + base64.urlsafe_b64decode(value + "==")
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_zero_bytes_in_front():
    members = jwk("RSA 2048", private=True)
    for name in ("n", "e", "d", "p", "q", "dp", "dq", "qi"):
        changed = members | {name: padded(members[name], 1)}
        assert formats.decode(json.dumps(changed)) == key("RSA 2048"), name
    for name, zeros in (("n", 2), ("d", 40), ("e", 5000)):
        refused(json.dumps(members | {name: padded(members[name], zeros)}))


def test_private_members_without_d_do_not_become_a_public_key():
    members = jwk("RSA 2048", private=True)
    del members["d"]
    assert "'d' is missing" in str(refused(json.dumps(members)))


# --- PEM as tools leave it -------------------------------------------------------------------------------

ENDS = {
    "cr": lambda text: text.replace(b"\n", b"\r"),
    "crlf": lambda text: text.replace(b"\n", b"\r\n"),
    "none": lambda text: text.replace(b"\n", b""),
    "blanks": lambda text: text.replace(b"\n", b" "),
    "json": lambda text: b'{"key": "' + text.replace(b"\n", b"\\n") + b'"}',
    "json, windows": lambda text: text.replace(b"\n", b"\\r\\n"),
    "quoted": lambda text: b"KEY='" + text + b"'",
    "yaml": lambda text: b"key: |\n" + text.replace(b"\n", b"\n    "),
    "empty lines": lambda text: text.replace(b"\n", b"\n\n"),
    "utf-16": lambda text: text.decode().encode("utf-16"),
    "base64": base64.b64encode,
    "bag attributes": lambda text: b"Bag Attributes\n    friendlyName: a: b\nKey Attributes: <No Attributes>\n" + text,
    "header": lambda text: text.replace(b"KEY-----\n", b"KEY-----\nComment: a\n b\nX-Key: c\n\n", 1),
}


@pytest.mark.parametrize("name", [name for name in ENDS if name != "json"])
@pytest.mark.parametrize("format", ["pkcs8", "sec1", "spki", "openssh"])
def test_line_ends(name, format):
    if name == "header" and format == "openssh":
        return
    private = formats.FORMATS[format].private
    text = written("ECDSA P-256", format) if format == "openssh" else pem("ECDSA P-256", format)
    found = formats.decode(ENDS[name](text))
    assert found.numbers == (key("ECDSA P-256") if private else key("ECDSA P-256").public()).numbers


def test_encrypted_pem_on_one_line(tmp_path):
    theirs = by_openssl(tmp_path, ("rsa", "-traditional", "-aes128"))
    for change in (b"\r\n", b"\r", b" ", b"\\n"):
        assert formats.decode(theirs.replace(b"\n", change), passphrase="secret") == key("RSA 2048")


SISTERS = [
    ("RSA 2048", "RSA PRIVATE KEY", "pkcs8"),
    ("RSA 2048", "PRIVATE KEY", "pkcs1"),
    ("RSA 2048", "RSA PUBLIC KEY", "spki"),
    ("ECDSA P-256", "EC PRIVATE KEY", "pkcs8"),
    ("ECDSA P-256", "PRIVATE KEY", "sec1"),
    ("DSA 512", "PRIVATE KEY", "openssl-dsa"),
    ("DSA 512", "DSA PRIVATE KEY", "pkcs8"),
    ("ECDSA P-256", "EC PUBLIC KEY", "spki"),
    ("RSA 2048", "CERTIFICATE", "spki"),
    ("ECDSA P-256", "ENCRYPTED PRIVATE KEY", "pkcs8"),
    ("X25519", "X25519 PRIVATE KEY", "pkcs8"),
    ("X25519", "ANY PRIVATE KEY", "pkcs8"),
    ("ML-KEM-768", "ML-KEM-768 PRIVATE KEY", "pkcs8"),
]


@pytest.mark.parametrize(("kind", "label", "format"), SISTERS)
def test_a_label_of_a_sister_structure(kind, label, format):
    [found] = formats.decode_all(block(label, written(kind, format, encoding="der")))
    assert (found.format, found.key.family, found.key.is_private) == (format, key(kind).family, format != "spki")


def test_the_public_half_of_rsa_under_either_label():
    content = written("RSA 2048", "pkcs1", encoding="der", private=False)
    assert formats.decode(block("PUBLIC KEY", content)) == key("RSA 2048").public()
    assert formats.decode(block("RSA PUBLIC KEY", content)) == key("RSA 2048").public()
    refused(block("RSA PRIVATE KEY", content))  # a public key where a private one is announced


# --- RSA -------------------------------------------------------------------------------------------------


def rsa_der(**zero):
    from dataclasses import asdict

    numbers = asdict(key("RSA 2048").numbers) | zero
    return bytes(
        der.sequence(der.integer(0), *(der.integer(numbers[n]) for n in ("n", "e", "d", "p", "q", "dp", "dq", "qinv")))
    )


NED = dict.fromkeys(("p", "q", "dp", "dq", "qinv"), 0)


@pytest.mark.parametrize("zero", [NED, dict.fromkeys(("dp", "dq", "qinv"), 0), {"qinv": 0}, {"d": 0}])
def test_rsa_with_zeros_for_what_is_not_known(zero):
    content = rsa_der(**zero)
    info = der.sequence(der.integer(0), der.sequence(der.oid("1.2.840.113549.1.1.1"), der.null()), der.octets(content))
    for data in (content, bytes(info), block("RSA PRIVATE KEY", content), block("PRIVATE KEY", bytes(info))):
        found = formats.decode(data).numbers
        assert {found.p, found.q} == {key("RSA 2048").numbers.p, key("RSA 2048").numbers.q}
        formats.check(formats.decode(data))


@pytest.mark.parametrize("zero", [{"n": 0}, {"e": 0}, {"p": 0}, NED | {"d": 0}, NED | {"dp": 5}])
def test_rsa_with_too_many_zeros(zero):
    refused(rsa_der(**zero))


def test_exponents_of_any_length_give_the_primes():
    p, q = key("RSA 2048").numbers.p, key("RSA 2048").numbers.q
    for e in (3, 17, 65537, (1 << 40) + 15, pow(65537, -1, (p - 1) * (q - 1))):
        try:
            d = pow(e, -1, (p - 1) * (q - 1))
        except ValueError:
            continue
        begun = time.monotonic()
        found = formats.decode(bytes(der.sequence(der.integer(0), *map(der.integer, (p * q, e, d, 0, 0, 0, 0, 0)))))
        assert {found.numbers.p, found.numbers.q} == {p, q}
        assert time.monotonic() - begun < 5


def test_the_search_for_primes_ends_early_for_a_prime():
    """A modulus that is a prime = 3 mod 4 (RFC 3526), with a private exponent that fits: no base finds a factor."""
    text = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF"  # noqa: E501
    p = int(text, 16)
    for n, d in ((p, pow(65537, -1, p - 1)), ((1 << 16384) - 1, (1 << 16383) + 1), ((1 << 4096) - 17, (1 << 4095) + 5)):
        size = (n.bit_length() + 7) // 8
        members = {"kty": "RSA", "n": n.to_bytes(size, "big"), "e": b"\1\0\1", "d": d.to_bytes(size, "big")}
        jwk = {
            k: base64.urlsafe_b64encode(v).rstrip(b"=").decode() if isinstance(v, bytes) else v
            for k, v in members.items()
        }
        begun = time.process_time()
        refused(json.dumps(jwk))
        assert time.process_time() - begun < 1.5


@pytest.mark.parametrize("bits", [65, 70, 2047])
def test_exponents_above_64_bits_are_not_imported(bits):
    numbers = RsaKey(key("RSA 2048").numbers.n, (1 << (bits - 1)) | 1)
    found = formats.decode(bytes(formats.encode(formats.Key("RSA", numbers), "spki")))
    with pytest.raises(cngcore.InvalidParameterError, match=f"exponent has {bits} bits; at most 64"):
        formats.import_into(found)
    with formats.import_into(formats.Key("RSA", RsaKey(numbers.n, (1 << 63) | 1))):
        pass


@pytest.mark.parametrize("bits", [512, 520, 1032, 1048])
def test_legacy_blobs_of_any_whole_number_of_bytes(bits):
    half = -(-bits // 16) * 8
    made = None
    while made is None or made.numbers.n.bit_length() != bits:
        p, q = (int.from_bytes(random_prime(half if name == "p" else bits - half), "big") for name in "pq")
        made = formats.complete(formats.Key("RSA", RsaKey(p * q, 65537, p, q)))
    blob = formats.encode(made, "cng", blob_type="CAPIPRIVATEBLOB")
    found = formats.decode_all(blob)[0]
    assert found.key.numbers == made.numbers
    assert [field.size for field in formats.fields(found) if field.name.startswith("prime")] == [-(-bits // 16)] * 2
    assert formats.decode(formats.encode(made, "cng", blob_type="CAPIPUBLICBLOB")) == made.public()


def random_prime(bits):
    import secrets

    while True:
        number = secrets.randbits(bits) | 1 | 3 << (bits - 2)
        if (
            number % 65537 != 1
            and all(number % small for small in (3, 5, 7, 11, 13, 17, 19))
            and (pow(2, number - 1, number) == 1)
        ):
            return number.to_bytes((bits + 7) // 8, "big")


def test_two_numbers_without_a_label():
    """Diffie-Hellman parameters and signatures are two INTEGERs, as RSAPublicKey is."""
    group = key("DH 512").numbers.parameters
    n = key("RSA 2048").numbers.n
    for one, two in ((group.p, 5), (group.p, 2), (n, n - 2), (n, 4), (1 << 255 | 1, 1 << 254 | 1), (n - 1, 65537)):
        content = bytes(der.sequence(der.integer(one), der.integer(two)))
        assert "two numbers" in str(refused(content))
        assert formats.decode(content, format="pkcs1").family == "RSA"
    assert formats.decode(bytes(der.sequence(der.integer(n), der.integer(3)))).bits == 2048


# --- files of Windows, .NET, OpenSSH and others ----------------------------------------------------------


def dotnet_xml(numbers, names):
    fields = {"Modulus": "n", "Exponent": "e", "P": "p", "Q": "q", "DP": "dp", "DQ": "dq", "InverseQ": "qinv", "D": "d"}

    def spelt(name):
        return base64.b64encode(getattr(numbers, fields[name]).to_bytes(256, "big").lstrip(bytes(1))).decode()

    text = "".join(f"<{name}>{spelt(name)}</{name}>" for name in names)
    return f"<RSAKeyValue>{text}</RSAKeyValue>"


ALL = ("Modulus", "Exponent", "P", "Q", "DP", "DQ", "InverseQ", "D")


def test_rsa_as_xml():
    numbers = key("RSA 2048").numbers
    [found] = formats.decode_all(dotnet_xml(numbers, ALL))
    assert (found.format, found.key) == ("xml", key("RSA 2048"))
    assert formats.decode('<?xml version="1.0"?>\n' + dotnet_xml(numbers, ALL[:2])) == key("RSA 2048").public()
    assert formats.decode(dotnet_xml(numbers, ("Modulus", "Exponent", "D"))).is_private
    for text in (
        dotnet_xml(numbers, ALL).replace("<D>", "<D>*"),
        dotnet_xml(numbers, ALL[1:]),
        dotnet_xml(numbers, ALL[:4][:3]),
        dotnet_xml(numbers, (*ALL, "D")),
        dotnet_xml(numbers, ALL).replace("</D>", ""),
    ):
        refused(text)


def test_strong_name_and_pvk_files():
    private = bytes(formats.encode(key("RSA 2048"), "cng", blob_type="CAPIPRIVATEBLOB"))
    public = bytes(formats.encode(key("RSA 2048"), "cng", blob_type="CAPIPUBLICBLOB"))
    size = len(public).to_bytes(4, "little")
    for head in (b"\x00\x24\0\0\x04\x80\0\0", b"\x00\x24\0\0\x0c\x80\0\0"):
        [found] = formats.decode_all(head + size + public)
        assert (found.wrapping, found.key) == ("snk", key("RSA 2048").public())
    refused(b"\x00\x24\0\0\x04\x80\0\0" + bytes(4) + public)
    assert formats.decode(private) == key("RSA 2048")
    head = bytes.fromhex("1ef1b5b0 00000000 01000000")
    pvk = head + bytes(8) + len(private).to_bytes(4, "little") + private
    [found] = formats.decode_all(pvk)
    assert (found.wrapping, found.key) == ("pvk", key("RSA 2048"))
    for broken in (pvk[:-1], head + b"\1\0\0\0\x10\0\0\0" + pvk[20:]):
        assert "openssl rsa -inform PVK" in str(refused(broken))


@pytest.mark.parametrize(
    "spell",
    [
        lambda blob: blob.hex("-").upper(),
        lambda blob: blob.hex(":"),
        lambda blob: blob.hex(" "),
        lambda blob: "0x" + blob.hex(),
        lambda blob: ", ".join(f"0x{octet:02X}" for octet in blob),
        lambda blob: base64.b64encode(blob).decode(),
    ],
)
def test_text_of_bytes(spell):
    blob = bytes(formats.encode(key("RSA 2048"), "cng"))
    assert formats.decode(spell(blob)) == key("RSA 2048")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", "private key of ssh.com"),
        (b"\n---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", "private key of ssh.com"),
        (b"---- BEGIN SSH2 PUBLIC KEY ----\n", "public key of RFC 4716"),
        (b"SSH PRIVATE KEY FILE FORMAT 1.1\n\0", "SSH version 1"),
        (b"<DSAKeyValue><P>", "DSA key as XML"),
    ],
)
def test_what_is_known_and_not_read_is_named(text, why):
    assert why in str(refused(text + b"AAAA" * 20))


def openssh_line(kind):
    return written(kind, "openssh", private=False).strip()


def test_lines_of_openssh():
    line = openssh_line("RSA 2048")
    ed = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(s.Encoding.OpenSSH, s.PublicFormat.OpenSSH)
    for text in (
        line,
        line + b" one@host\n",
        b'command="/bin/true",no-pty ' + line,
        b'command="echo \\"a b\\"" ' + line,
        b"# a comment\n\n" + line,
        b"host.example,10.0.0.1 " + line,
        b"|1|abc=|def= " + line,
        b"@cert-authority * " + line,
        b'from="ssh-rsa AAAA" ' + line,
        line.replace(b" ", b"\t"),
        line + b"\r\n",
    ):
        found = formats.decode_all(text)
        assert [one.key for one in found] == [key("RSA 2048").public()], text[:40]
    found = formats.decode_all(b"\n".join([b"# keys", ed, line, openssh_line("ECDSA P-256"), b"nonsense"]))
    assert [(one.key.description, one.line) for one in found] == [("RSA 2048", 3), ("EC nistP256", 4)]
    assert [part.where for part in found.skipped] == ["line 2", "line 5"]
    assert "Ed25519" in str(refused(ed))


CIPHERS = (
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
    "aes128-cbc",
    "aes256-cbc",
    "3des-cbc",
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
)


@pytest.mark.parametrize("cipher", CIPHERS)
def test_every_cipher_of_openssh(cipher, tmp_path):
    path = tmp_path / "k"
    run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "secret", "-Z", cipher, "-a", "2", "-f", path, "-C", "a")
    theirs, public = path.read_bytes(), path.with_suffix(".pub").read_bytes()
    [found] = formats.decode_all(theirs, passphrase="secret")
    assert found.key.public() == formats.decode(public)
    assert found.encrypted
    assert "the passphrase is wrong" in str(refused(theirs, passphrase="wrong"))
    assert "give its passphrase" in str(refused(theirs))


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "dsa", "ed25519"])
def test_kinds_of_openssh(kind, tmp_path):
    path = tmp_path / "k"
    done = subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)], capture_output=True)
    if done.returncode:
        pytest.skip(f"this ssh-keygen makes no {kind}")
    if kind == "ed25519":
        assert "Ed25519" in str(refused(path.read_bytes()))
        return
    found = formats.decode(path.read_bytes())
    formats.check(found)
    assert found.public() == formats.decode(path.with_suffix(".pub").read_bytes())


def test_openssh_files_are_bounded_and_checked():
    text = written("ECDSA P-256", "openssh")
    content = base64.b64decode(b"".join(text.splitlines()[1:-1]))
    for at in range(len(content)):
        for change in (content[:at], content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]):
            try:
                found = formats.decode(block("OPENSSH PRIVATE KEY", change))
            except cngcore.CngError:
                continue
            assert found.numbers == key("ECDSA P-256").numbers


DRAFTS = ("ML-KEM-512", "ML-KEM-768", "ML-DSA-44", "ML-DSA-87")


@pytest.mark.parametrize("kind", DRAFTS)
def test_drafts_of_ml_kem_and_ml_dsa(kind):
    numbers = formats.complete(key(kind), expand=True).numbers
    reader = der.Reader(written(kind, encoding="der"), "").sequence()
    version = der.integer(reader.integer("the version"))
    algorithm = der.sequence(reader.sequence().raw())
    for inside, form in (
        (numbers.seed, "seed"),
        (numbers.expanded, "expanded"),
        (numbers.expanded + numbers.public, "expanded"),
        (bytes(der.octets(numbers.seed)), "seed"),
    ):
        found = formats.decode(bytes(der.sequence(version, algorithm, der.octets(inside))))
        assert getattr(found.numbers, form) == getattr(numbers, form)
    assert "draft" in str(refused(bytes(der.sequence(version, algorithm, der.octets(b"\x05" + numbers.seed)))))
    wrong = another(kind).numbers.public if kind != "ML-DSA-87" else bytes(2592)
    refused(bytes(der.sequence(version, algorithm, der.octets(numbers.expanded + wrong))))


# --- bounds ----------------------------------------------------------------------------------------------

HUGE = 2_000_000_000


def pbes2(kdf, cipher="2.16.840.1.101.3.4.1.42", iv=16):
    given = der.sequence(der.oid(cipher), der.octets(bytes(iv)))
    scheme = der.sequence(der.oid("1.2.840.113549.1.5.13"), der.sequence(kdf, given))
    return bytes(der.sequence(scheme, der.octets(bytes(32))))


def pbkdf2(rounds, prf="1.2.840.113549.2.9"):
    given = der.sequence(der.octets(b"salt"), der.integer(rounds), der.sequence(der.oid(prf), der.null()))
    return der.sequence(der.oid("1.2.840.113549.1.5.12"), given)


def old(oid, rounds):
    scheme = der.sequence(der.oid(oid), der.sequence(der.octets(b"saltsalt"), der.integer(rounds)))
    return bytes(der.sequence(scheme, der.octets(bytes(32))))


def scrypt(n, r, p):
    return der.sequence(der.oid("1.3.6.1.4.1.11591.4.11"), der.sequence(der.octets(b"s"), *map(der.integer, (n, r, p))))


def openssh_rounds(rounds):
    def string(content):
        return len(content).to_bytes(4, "big") + content

    public = base64.b64decode(openssh_line("ECDSA P-256").split()[1])
    options = string(string(b"salt" * 4) + rounds.to_bytes(4, "big"))
    content = b"openssh-key-v1\0" + string(b"aes256-ctr") + string(b"bcrypt") + options + b"\0\0\0\1" + string(public)
    return block("OPENSSH PRIVATE KEY", content + string(bytes(64)))


def mac_rounds(rounds):
    made = pfx(key_bag("X25519"), passphrase=b"x")
    return made[:-1] and bytes(
        der.sequence(*_parts(made)[:2], der.sequence(*_parts(bytes(_parts(made)[2]))[:2], der.integer(rounds)))
    )


def _parts(encoded):
    inside, parts = der.Reader(encoded, "").sequence(), []
    content = inside.raw()
    reader = der.Reader(content, "")
    while reader.peek() is not None:
        start = reader.offset
        reader.element()
        parts.append(content[start : reader.offset])
    return parts


EXPENSIVE = {
    "PBES2, AES": lambda: pbes2(pbkdf2(HUGE)),
    "PBES2, 3DES": lambda: pbes2(pbkdf2(HUGE), "1.2.840.113549.3.7", 8),
    "PBES2, SHA-512": lambda: pbes2(pbkdf2(6_000_000, "1.2.840.113549.2.11")),
    "PBES2, MD5": lambda: pbes2(pbkdf2(HUGE, "1.2.840.113549.2.6")),
    "scrypt, memory": lambda: pbes2(scrypt(1 << 20, 8, 1)),
    "scrypt, work": lambda: pbes2(scrypt(1 << 14, 8, 1 << 16)),
    "scrypt, one too many": lambda: pbes2(scrypt(1 << 14, 8, 65)),
    "scrypt, huge": lambda: pbes2(scrypt(1 << 60, 1 << 20, 1)),
    "PBES1, DES": lambda: old("1.2.840.113549.1.5.10", HUGE),
    "PBES1, MD5": lambda: old("1.2.840.113549.1.5.3", HUGE),
    "PKCS#12, 3DES": lambda: old("1.2.840.113549.1.12.1.3", HUGE),
    "PKCS#12, RC4": lambda: old("1.2.840.113549.1.12.1.1", HUGE),
    "PKCS#12, bag": lambda: pfx(bag(2, old("1.2.840.113549.1.12.1.3", HUGE))),
    "PKCS#12, bag of PBES2": lambda: pfx(bag(2, pbes2(pbkdf2(HUGE)))),
    "PKCS#12, MAC": lambda: mac_rounds(HUGE),
    "OpenSSH": lambda: openssh_rounds(1_000_000),
}


@pytest.mark.parametrize("name", EXPENSIVE)
def test_the_work_of_a_passphrase_is_read_before_it_begins(name):
    for data in (EXPENSIVE[name](), block("ENCRYPTED PRIVATE KEY", EXPENSIVE[name]())):
        if data.startswith(b"-----") and not name.startswith(("PBES", "scrypt")):
            continue
        begun = time.process_time()
        error = refused(data, passphrase="x")
        assert time.process_time() - begun < 1
        assert isinstance(error, cngcore.BadDataError)


def test_the_work_of_all_passphrases_of_a_file_is_bounded(monkeypatch):
    from cngcore.formats import _encryption as encryption
    from cngcore.formats import _work as work

    monkeypatch.setattr(work, "MOST_TOTAL", 5 * encryption.ITERATIONS // 2)  # of two such keys and a half
    one = written("X25519", passphrase="x")
    assert formats.decode(one, passphrase="x")
    with pytest.raises(cngcore.BadDataError, match="too much work together"):
        formats.decode_all(one * 3, passphrase="x")
    assert formats.decode(one, passphrase="x")  # each call has its own account


def test_the_work_of_scrypt_is_on_that_account_too(monkeypatch):
    from cngcore.formats import _work as work

    sealed = pbes2(scrypt(1 << 10, 8, 1))
    with pytest.raises(cngcore.InvalidParameterError, match="the passphrase is wrong"):
        formats.decode(sealed, passphrase="x")
    monkeypatch.setattr(work, "MOST_TOTAL", (1 << 13) - 1)
    with pytest.raises(cngcore.BadDataError, match="too much work together"):
        formats.decode(sealed, passphrase="x")


def test_the_key_of_a_mac_has_a_kilobyte_at_most():
    """The file gives its length, as that of a cipher's key is known."""
    from cngcore.formats import _encryption as encryption

    def derived(length):
        parameters = der.sequence(der.octets(b"salt"), der.integer(1), der.integer(length))
        return encryption.pbkdf2(der.Reader(bytes(parameters), "").sequence(), b"x", 0, "a MAC")

    assert len(derived(1024)) == 1024
    for length in (0, 1025):
        with pytest.raises(cngcore.BadDataError, match="the key length of PBKDF2"):
            derived(length)


def megabyte(part):
    return part * ((1 << 20) // len(part))


LARGE = {
    "headers": lambda: b"-----BEGIN PRIVATE KEY-----\n" + b"a:\n" * 300_000 + b"-----END PRIVATE KEY-----\n",
    "one header": lambda: b"-----BEGIN PRIVATE KEY-----\na:" + b"\n b" * 300_000 + b"\n-----END PRIVATE KEY-----\n",
    "begins": lambda: megabyte(b"-----BEGIN "),
    "labels": lambda: megabyte(b"-----BEGIN A"),
    "empty blocks": lambda: megabyte(b"-----BEGIN A-----\n-----END A-----\n"),
    "parameters": lambda: megabyte(b"-----BEGIN EC PARAMETERS-----\n-----END EC PARAMETERS-----\n"),
    "brackets": lambda: b'{"a":' + b"[" * 1_000_000,
    "braces": lambda: megabyte(b'{"a":'),
    "digits": lambda: b'{"a":' + b"9" * 1_000_000 + b"}",
    "empty keys": lambda: b'{"keys":[' + b"{}," * 300_000 + b"{}]}",
    "BER": lambda: b"\x30\x80\2\1\3" + b"\x30\x80" * 500_000,
    "BER, flat": lambda: b"\x30\x80\2\1\3" + b"\5\0" * 500_000,
    "DER": lambda: b"\x30\x83\x0f\xff\xf0" + b"\2\1\1" * 349_000,
    "lines": lambda: b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB\n" + b"a\n" * 500_000,
    "words": lambda: b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB " + b"ssh-a " * 170_000,
    "hex": lambda: b"30" * 500_000,
    "base64": lambda: b"MDAw" * 260_000,
    "xml": lambda: b"<RSAKeyValue>" + b"<D>" * 340_000,
    "xml, blanks": lambda: b"<RSAKeyValue><D" + b" " * 1_000_000,
    "blanks": lambda: b" " * (1 << 20),
    "compressed points": lambda: megabyte(block("PUBLIC KEY", COMPRESSED)),
    "EC keys": lambda: megabyte(pem("ECDSA P-521")),
    "odd curves": lambda: megabyte(pem("ECDSA brainpoolP512r1")),
    "DSA keys": lambda: megabyte(written("DSA 2048", "openssl-dsa", encoding="pem")),
}
COMPRESSED = bytes.fromhex("304e301006072a8648ce3d020106052b81040021033a00")[:20] + bytes(60)  # malformed is enough


@pytest.mark.parametrize("name", LARGE)
def test_a_megabyte_takes_little_time(name):
    data = LARGE[name]()
    assert len(data) <= formats.LARGEST
    key("ECDSA P-521")
    begun = time.process_time()
    with contextlib.suppress(cngcore.CngError):
        formats.decode_all(data, passphrase="x")
    assert time.process_time() - begun < 4  # a second, on a machine that is not busy


TRACED = ("one header", "empty keys", "words", "hex", "base64", "brackets", "headers")
"""Of these each run looks at the memory; the others take seconds when every allocation is recorded."""


@pytest.mark.parametrize("name", representative(sorted(LARGE, key=lambda name: name not in TRACED), most=len(TRACED)))
def test_a_megabyte_takes_little_memory(name):
    data = LARGE[name]()
    tracemalloc.start()
    try:
        with contextlib.suppress(cngcore.CngError):
            formats.decode_all(data, passphrase="x")
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_a_group_that_would_take_too_long_is_not_tested_by_reading():
    p = (1 << 16383) | 1
    numbers = (0, p, (1 << 16000) | 1, 3, 5, (1 << 15999) | 1)
    begun = time.process_time()
    with pytest.raises(cngcore.CngError):
        formats.decode(bytes(der.sequence(*map(der.integer, numbers))), format="pkcs1")
    with contextlib.suppress(cngcore.CngError):
        formats.decode(bytes(der.sequence(*map(der.integer, numbers))))
    assert time.process_time() - begun < 1


# --- the process and its warnings ------------------------------------------------------------------------


def test_reading_in_threads_leaves_the_warnings_of_the_process_alone():
    ssh = written("RSA 2048", "openssh", passphrase=None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        stop = time.monotonic() + 1.5
        wrong = []

        def work():
            while time.monotonic() < stop:
                formats.decode(ssh)
                formats.to_cryptography(key("ECDSA P-256"))
                if list(warnings.filters) != before:
                    wrong.append(list(warnings.filters))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert list(warnings.filters) == before
        assert not wrong


def test_no_reader_touches_the_filters():
    from pathlib import Path

    for path in Path(formats.__file__).parent.glob("*.py"):
        assert "catch_warnings" not in path.read_text()
        assert "simplefilter" not in path.read_text()


# --- arguments -------------------------------------------------------------------------------------------


def test_text_without_utf_8_and_passphrases_of_another_type():
    assert "UTF-8" in str(refused("\ud800"))
    secret = written("X25519", passphrase="x")
    assert "UTF-8" in str(refused(secret, passphrase="\ud800"))
    assert "must be bytes or str" in str(refused(secret, passphrase=5))
    assert formats.decode(secret, passphrase=bytearray(b"x"))


@pytest.mark.parametrize("attempt", [pickle.dumps, copy.copy, copy.deepcopy], ids=lambda one: one.__name__)
def test_a_private_key_is_neither_pickled_nor_copied(attempt):
    """A copy would be wiped by nobody; a public half holds no secret."""
    private = key("ECDSA P-256")
    with pytest.raises(cngcore.InvalidParameterError, match="cannot be pickled or copied"):
        attempt(private)
    assert attempt(private.public())
