"""Malformed input: always one of our errors, never another exception, never a key that is not the file's."""

import base64
import json

import pytest
from formats.samples import KINDS, key, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cngcore
from cngcore import formats
from cngcore.formats import _der as der
from cngcore.formats import _encryption, _oids

MANGLED = ("RSA 512", "DSA 512", "DH 512", "ECDSA P-256", "ECDSA brainpoolP256r1", "X25519", "ML-KEM-512", "ML-DSA-44")
EXAMPLES = [
    (kind, name, private)
    for kind in MANGLED
    for name, format in formats.FORMATS.items()
    for private in (True, False)
    if format.writes and key(kind).family in format.families and name != "openssh"
    and (format.private if private else format.public) and (kind, name) != ("ECDSA brainpoolP256r1", "jwk")
]  # fmt: skip


def taken(data, **given):
    """Decode; a refusal is one of our errors, in one line without the key."""
    try:
        return formats.decode(data, **given)
    except cngcore.CngError as error:
        said = str(error)
    assert "\n" not in said
    assert 10 < len(said) < 700
    return None


@pytest.mark.parametrize(("kind", "name", "private"), EXAMPLES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(data=st.data())
def test_a_changed_byte_or_a_cut_is_refused_or_read_as_what_it_says(kind, name, private, data):
    encoding = "der" if "der" in formats.FORMATS[name].encodings else ""
    written = formats.encode(key(kind), name, private=private, encoding=encoding)
    at = data.draw(st.integers(0, len(written) - (2 if name == "jwk" else 1)))  # a JWK ends in a line feed
    kept = told(kind, name, private)
    assert taken(written[:at], **kept) is None or name == "raw"
    changed = bytes(written[:at]) + bytes([written[at] ^ data.draw(st.integers(1, 255))]) + bytes(written[at + 1 :])
    taken(changed, **kept)
    if name not in ("jwk", "cng", "raw"):
        assert taken(bytes(written) + b"\0", **kept) is None
    grown = bytes(written[:at]) + data.draw(st.binary(max_size=9)) + bytes(written[at:])
    taken(grown, **kept)


@given(st.binary(max_size=200))
def test_garbage(data):
    taken(data)
    for name in formats.FORMATS:
        taken(data, format=name)


@given(st.text(max_size=100))
def test_garbage_in_pem(text):
    taken(f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----")
    taken(f"-----BEGIN {text}-----\nMAA=\n-----END {text}-----")


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["kty", "crv", "x", "y", "d", "n", "e", "alg", "pub", "priv", "keys", "p", "q"]), inner
    ), max_leaves=8,
))  # fmt: skip
def test_garbage_in_json(value):
    taken(json.dumps(value))
    taken(json.dumps({"kty": "EC", "crv": "P-256", "x": value, "y": value}))
    taken(json.dumps({"kty": "RSA", "n": value, "e": "AQAB", "d": value}))


JWK = {
    '{"kty":"RSA","n":"AQAB"}': "member 'e' is missing",
    '{"kty":"RSA","n":"AQAB=","e":"AQAB"}': "member 'n' is not base64url",
    '{"kty":"RSA","n":"AQ+B","e":"AQAB"}': "member 'n' is not base64url",
    '{"kty":"RSA","n":"AAAB","e":"AQAB"}': "begins with a zero byte",
    '{"kty":"RSA","n":1,"e":"AQAB"}': "member 'n' is not a string",
    '{"kty":"RSA","kty":"EC"}': "two members with one name",
    '{"kty":"RSA","n":"AQAB","e":"AQAB","oth":[]}': "more than two primes",
    '{"kty":"oct","k":"AAAA"}': "CNG does not have kty 'oct'",
    '{"kty":"OKP","crv":"Ed25519","x":"AAAA"}': "CNG does not have crv 'Ed25519'",
    '{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}': "member 'x' has 3 bytes; for this key it has 32",
    '{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA"}': "has 1312 bytes, not 3",
    '{"kty":"AKP","alg":"SLH-DSA-SHA2-128s","pub":"AAAA"}': "CNG does not have alg 'SLH-DSA-SHA2-128s'",
    "{": "not JSON",
    '{"keys":[1]}': "is not an object",
    "[" * 100000: "none of the formats",
    '{"a":' * 50000: "not JSON",
}


@pytest.mark.parametrize(("text", "why"), JWK.items(), ids=[text[:40] for text in JWK])
def test_a_malformed_jwk(text, why):
    with pytest.raises(cngcore.CngError, match=why):
        formats.decode(text)


PEM = {
    "-----BEGIN PRIVATE KEY-----\nMAA=\n": "has no END line",
    "-----END PRIVATE KEY-----\n-----BEGIN A-----": "that has not begun",
    "-----BEGIN PRIVATE KEY-----\n-----BEGIN PRIVATE KEY-----\n": "begins on line 2 before",
    "-----BEGIN PRIVATE KEY-----\nM*A=\n-----END PRIVATE KEY-----": "is not base64",
    "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----": "INTEGER is missing .*line 1",
    "-----BEGIN PGP MESSAGE-----\nMAA=\n-----END PGP MESSAGE-----": "is not a key that can be read here",
    "-----BEGIN EC PARAMETERS-----\nMAA=\n-----END EC PARAMETERS-----": "no block holds a key",
}


@pytest.mark.parametrize(("text", "why"), PEM.items())
def test_a_malformed_pem(text, why):
    with pytest.raises(cngcore.CngError, match=why):
        formats.decode(text)


@pytest.mark.parametrize("rounds", [0x0FFFFF, pytest.param(0x7FFFFF, marks=pytest.mark.exhaustive)])
def test_out_of_all_measure(rounds):
    with pytest.raises(cngcore.InvalidParameterError, match="at most 1048576"):
        formats.decode(bytes(formats.LARGEST + 1))
    with pytest.raises(cngcore.BadDataError, match="0 bytes"):
        formats.decode(b"")
    written = formats.encode(key("X25519"), "pkcs8", passphrase="x", encoding="der")
    many = bytes(written).replace(b"\x02\x03" + _encryption.ITERATIONS.to_bytes(3), b"\x02\x03" + rounds.to_bytes(3))
    assert many != written
    with pytest.raises(cngcore.InvalidParameterError, match="the passphrase is wrong"):
        formats.decode(many, passphrase="x")


@pytest.mark.parametrize(("options", "why"), [
    ({"format": "nonsense"}, "neither a format nor a blob type"),
    ({"format": "raw"}, "pass algorithm"),
    ({"format": "raw", "algorithm": "RSA"}, "several numbers"),
    ({"format": "raw", "algorithm": "AES"}, "no format of other programs is known for"),
    ({"format": "raw", "algorithm": "ML-KEM"}, "pass one of them"),
    ({"format": "raw", "algorithm": "X25519"}, "pass private=True or private=False"),
    ({"format": "raw", "algorithm": "ECDSA"}, "pass the curve"),
    ({"format": "spki"}, "it looks like cng"),
    ({"curve": "nistP384"}, "not on nistP384"),
    ({"format": "ECCPRIVATEBLOB"}, "holds a public one"),
])  # fmt: skip
def test_wrong_options_of_decode(options, why):
    blob = formats.encode(key("ECDSA P-256"), "cng", private=False)
    with pytest.raises(cngcore.CngError, match=why):
        formats.decode(blob, **options)


@pytest.mark.parametrize(("name", "options", "why"), [
    ("nonsense", {}, "is not a format"),
    ("x509", {}, "can only be read"),
    ("pkcs1", {}, "no standard defines EC keys in the format pkcs1"),
    ("spki", {"private": True}, "use pkcs8"),
    ("pkcs8", {"private": False}, "use spki"),
    ("pkcs8", {"encoding": "json"}, "has the encodings pem, der"),
    ("spki", {"passphrase": "x"}, "a passphrase encrypts only private keys"),
    ("pkcs8", {"passphrase": ""}, "protects nothing"),
    ("pkcs8", {"form": "seed"}, "ML-KEM and ML-DSA"),
    ("pkcs8", {"blob_type": "RSAPUBLICBLOB"}, "of the format cng|private keys only"),
    ("cng", {"blob_type": "RSAPUBLICBLOB"}, "is not a blob type of EC"),
])  # fmt: skip
def test_wrong_options_of_encode(name, options, why):
    with pytest.raises(cngcore.CngError, match=why):
        formats.encode(key("ECDSA P-256"), name, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_a_public_key_has_no_private_form(kind):
    for name, format in formats.FORMATS.items():
        if format.private and format.writes and key(kind).family in format.families:
            with pytest.raises(cngcore.CngError):
                formats.encode(key(kind).public(), name, private=True)


@pytest.mark.parametrize("head", ["0", "00", "02", "07", "06", "30", "{", "{}", "M"])
def test_hex_that_looks_like_something_else(head):
    """The text of a hex dump may begin with the byte of a SEQUENCE; a raw key may begin with any byte."""
    for kind in ("RSA 512", "DSA 512"):
        blob = formats.encode(
            key(kind), "cng", blob_type="CAPIPRIVATEBLOB" if kind[0] == "R" else "V2CAPIDSAPRIVATEBLOB"
        )
        assert formats.detect(blob.hex()) == "cng"
    assert formats.detect("0400300230203030" + "30" * 125) == ""
    assert formats.detect(head.encode() + bytes(range(128, 256)) * 10) == ""
    assert formats.detect(head.encode() + bytes(32)) == ""


def test_what_could_be_made_to_cost_without_end():
    """Each of these would take minutes, or memory, if it were not refused by its sizes."""
    rsa = json.loads(formats.encode(key("RSA 2048"), "jwk"))
    large = base64.urlsafe_b64encode(b"\xff" * 2048).rstrip(b"=").decode()
    with pytest.raises(cngcore.InvalidParameterError, match="do not make an RSA key"):
        formats.decode(json.dumps({"kty": "RSA", "n": large, "e": "AQAB", "d": rsa["d"]}))
    with pytest.raises(cngcore.BadDataError, match="no block holds a key"):
        formats.decode(b"-----BEGIN EC PARAMETERS-----\n-----END EC PARAMETERS-----\n" * 17_000)
    numbers = [(2 << (8 * 65536 - 8)) - 1, 2, 0, 3]
    blob = b"DHPV" + (65536).to_bytes(4, "little") + b"".join(number.to_bytes(65536, "big") for number in numbers)
    wide = formats.decode(blob)
    with pytest.raises(cngcore.InvalidParameterError, match="this library computes with at most"):
        formats.complete(wide)


@pytest.mark.parametrize(("bits", "completed"), [(16384, True), (16385, False)])
def test_the_largest_modulus_that_is_computed_with(bits, completed):
    p, size = (1 << bits) - 1, (bits + 7) // 8
    key = formats.decode(
        b"DHPV" + b"".join([size.to_bytes(4, "little"), *(n.to_bytes(size, "big") for n in (p, 2, 0, 3))])
    )
    if completed:
        assert formats.complete(key).numbers.y == 2**3
    else:
        with pytest.raises(cngcore.InvalidParameterError, match="16385 bits; this library computes with at most 16384"):
            formats.complete(key)


@pytest.mark.parametrize("kind", ["ML-KEM-512", "ML-DSA-44"])
@pytest.mark.parametrize("form", ["seed", "expandedKey", "both"])
@pytest.mark.parametrize("size", [1, 31, 33, 65])
def test_a_private_form_of_another_size_is_refused(kind, form, size):
    """RFC 9881 and RFC 9935: the seed is ``[0]``, the expanded key an OCTET STRING; each has one size."""
    content = bytes(size)
    private = {
        "seed": der.context(0, content, constructed=False),
        "expandedKey": der.octets(content),
        "both": der.sequence(der.octets(content), der.octets(key(kind).numbers.expanded)),
    }[form]
    with pytest.raises(cngcore.BadDataError):
        formats.decode(der.sequence(der.integer(0), _oids.write(key(kind)), der.octets(private)))


def test_a_jwk_with_the_exponents_alone():
    members = json.loads(formats.encode(key("RSA 2048"), "jwk"))
    few = {name: members[name] for name in ("kty", "n", "e", "d")}
    found = formats.decode(json.dumps(few))
    formats.check(found)
    assert sorted([found.numbers.p, found.numbers.q]) == sorted([key("RSA 2048").numbers.p, key("RSA 2048").numbers.q])
    few["d"] = members["n"][:-1] + ("A" if members["n"][-1] != "A" else "Q")
    with pytest.raises(cngcore.CngError):
        formats.decode(json.dumps(few))


@pytest.mark.parametrize("windows", ["vista", "11-24h2"])
def test_the_point_of_a_fixed_curve_is_worked_out_on_every_windows(windows):
    lone = formats.Key("EC", formats.EcKey(key("ECDSA P-256").numbers.curve, b"", b"", key("ECDSA P-256").numbers.d))
    whole = formats.complete(lone, registry=cngcore.Registry(windows=windows))
    assert whole.numbers == key("ECDSA P-256").numbers


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_as_windows_writes_it(encoding):
    for name in ("pkcs8", "jwk"):
        text = formats.encode(key("ECDSA P-256"), name).decode().replace("\n", "\r\n")
        assert formats.decode(text.encode(encoding)).numbers == key("ECDSA P-256").numbers


@pytest.mark.parametrize(("head", "why"), [
    (b"\xfe\xed\xfe\xed\0\0\0\2", "keytool -importkeystore"),
    (b"PuTTY-User-Key-File-3: ssh-rsa", "puttygen"),
    (b"---- BEGIN SSH2 PUBLIC KEY ----", "ssh-keygen -i"),
])  # fmt: skip
def test_what_others_write_and_nobody_here_reads(head, why):
    with pytest.raises(cngcore.NotSupportedError, match=why):
        formats.decode(head + bytes(40))


def test_no_byte_of_what_is_no_blob_is_told():
    """It may be a raw private key, read as what it is not."""
    with pytest.raises(cngcore.NotSupportedError) as refused:
        formats.decode(b"secret bytes of a raw key, 32 all", format="cng")
    assert "secr" not in str(refused.value)


@pytest.mark.parametrize(("number", "says"), [
    (b"\x80" + bytes(127), "a number is negative"),
    (b"\x01" + bytes(8192), "a number is above"),
])  # fmt: skip
def test_numbers_of_openssh_that_no_key_has(number, says):
    parts = [b"ssh-rsa", b"\1\0\1", number]
    line = b"ssh-rsa " + base64.b64encode(b"".join(len(part).to_bytes(4, "big") + part for part in parts))
    with pytest.raises(cngcore.BadDataError, match=says):
        formats.decode(line)


@pytest.mark.parametrize(
    ("name", "meant"), [("P-256", "nistP256"), ("secp256k1", "secP256k1"), ("NISTP384", "nistP384")]
)
def test_a_curve_of_another_name_is_answered(name, meant):
    with cngcore.generate_key_pair("ECDSA_P256") as pair:
        blob = formats.encode(pair, "cng", generic=True)
    with pytest.raises(cngcore.InvalidParameterError, match=f"did you mean '{meant}'"):
        formats.decode(blob, curve=name)
