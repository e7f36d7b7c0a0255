"""Every kind of key, in every format and encoding that takes it, both halves: out, back, and out again bit for bit."""

import base64
import itertools
import json
from dataclasses import replace

import pytest
from formats.samples import KINDS, key, pair, told

import cngcore
from cngcore import formats
from cngcore.formats import _der as der
from cngcore.formats._cng import BLOB_TYPES, is_private_type

# What a format of a key's family refuses all the same: (kind, format).
REFUSED = {
    *itertools.product(
        [name for name in KINDS if name.startswith("ECDSA b") or name in ("ECDSA nistP192", "ECDSA nistP224")], ["jwk"]
    ),
    *itertools.product(
        [name for name in KINDS if name.startswith("ECDSA ") and "P-" not in name and name != "ECDSA nistP256"],
        ["openssh"],
    ),
}
CASES = [
    (kind, name, private, encoding)
    for kind, name in itertools.product(KINDS, formats.FORMATS)
    for private in (True, False)
    for encoding in formats.FORMATS[name].encodings
]


def family(kind):
    return (
        "X25519"
        if kind == "X25519"
        else "EC"
        if kind.startswith("EC")
        else kind[: 6 if kind[:2] == "ML" else None].split()[0]
    )


FIRST = {family(kind): kind for kind in reversed(KINDS)}.values()
"""One kind of each family, which is written in every encoding; the others only in the first of each format.

An encoding is laid around the finished bytes of a format and knows nothing of the key."""

WRITTEN = [
    (kind, name, private, encoding)
    for kind, name, private, encoding in CASES
    if formats.FORMATS[name].writes
    and formats.FORMATS[name].private >= private
    and formats.FORMATS[name].public >= (not private)
    and (encoding == formats.FORMATS[name].encodings[0] or kind in FIRST)
]


@pytest.mark.parametrize(("kind", "name", "private", "encoding"), WRITTEN)
def test_out_and_back(kind, name, private, encoding):
    it = key(kind)
    if it.family not in formats.FORMATS[name].families or (kind, name) in REFUSED:
        with pytest.raises(cngcore.NotSupportedError):
            formats.encode(it, name, private=private, encoding=encoding)
        return
    written = formats.encode(it, name, private=private, encoding=encoding)
    assert type(written) is (bytearray if private else bytes)
    assert formats.detect(written) == ("" if name == "raw" else name)
    given = told(kind, name, private)
    if name == "raw" and encoding != "binary":
        written = bytes.fromhex(written.decode()) if encoding == "hex" else base64.b64decode(written)
    back = formats.decode(written, **given)
    assert back.family == it.family == family(kind)
    assert back.is_private is private
    assert (back.bits, back.curve, back.parameter_set) == (it.bits, it.curve, it.parameter_set)
    assert formats.fingerprint(formats.complete(back)) == formats.fingerprint(it)
    if (name, private) != ("openssh", True):  # whose file begins with random check numbers
        assert formats.encode(back, name, private=private, encoding="binary" if name == "raw" else encoding) == written
    formats.check(back)


@pytest.mark.parametrize(("kind", "blob_type"), [(kind, name) for kind in KINDS for name in BLOB_TYPES[family(kind)]])
def test_every_blob_type(kind, blob_type):
    """A blob of a provider, decoded and encoded, is the same blob; through PKCS#8 or SPKI too."""
    offered = pair(kind).get_property("ProviderHandle").declaration.blob_types
    if blob_type not in offered:
        assert blob_type == "PQDSAPRIVATESEEDBLOB"
        pytest.skip(f"no provider installed exports {blob_type}")
    try:
        blob = pair(kind).export(blob_type)
    except cngcore.NotSupportedError:  # CryptoAPI has no room for the key
        with pytest.raises(cngcore.NotSupportedError):
            formats.encode(key(kind), "cng", blob_type=blob_type)
        return
    generic = bytes(blob[3:4]) in b"PV" and blob[:2] == b"EC"
    [found] = formats.decode_all(blob, curve=key(kind).curve)
    assert found.blob_type == blob_type
    assert found.key.is_private is is_private_type(blob_type)
    assert formats.encode(found.key, "cng", blob_type=blob_type, generic=generic) == blob
    between = formats.encode(found.key, "pkcs8" if found.key.is_private else "spki")
    again = formats.decode(between)
    use = {"use": found.key.use} if found.key.use else {}
    again = formats.Key(again.family, again.numbers, **use)
    written = formats.encode(again, "cng", blob_type=blob_type, generic=generic)
    if "DSA" in blob_type and key(kind).family == "DSA":  # PKCS#8 and SPKI have no room for the seed and the counter
        assert formats.fingerprint(formats.complete(formats.decode(written))) == formats.fingerprint(key(kind))
    else:
        assert written == blob


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("ML")])
@pytest.mark.parametrize("form", ["seed", "expandedKey", "both"])
def test_the_three_forms_of_a_lattice_key(kind, form):
    written = formats.encode(key(kind), "pkcs8", form=form, encoding="der")
    back = formats.decode(written)
    assert bool(back.numbers.seed) is (form != "expandedKey")
    assert bool(back.numbers.expanded) is (form != "seed")
    assert formats.encode(back, "pkcs8", encoding="der") == written
    assert formats.fingerprint(formats.complete(back)) == formats.fingerprint(key(kind))
    formats.check(back)


@pytest.mark.parametrize("kind", KINDS)
def test_into_a_provider_and_out_again(kind):
    again = formats.import_into(key(kind), algorithm=KINDS[kind][0])
    assert formats.from_key(again) == key(kind)
    half = formats.import_into(formats.decode(formats.encode(key(kind), "spki")), algorithm=KINDS[kind][0])
    assert not formats.from_key(half).is_private
    assert formats.fingerprint(formats.from_key(half)) == formats.fingerprint(key(kind))
    with pytest.raises(cngcore.InvalidParameterError, match="no private half"):
        formats.from_key(half, private=True)


def test_a_key_says_what_it_is_and_no_more():
    it = key("ECDSA P-256")
    assert repr(it) == "<Key ECDSA nistP256, private>"
    assert repr(it.public()) == "<Key ECDSA nistP256, public>"
    for kind in KINDS:
        d = key(kind).numbers
        shown = f"{key(kind)!r} {d!r} {formats.decode_all(formats.encode(key(kind), 'pkcs8'))!r}"
        assert len(shown) < 160


@pytest.mark.parametrize("kind", ["RSA 512", "ECDSA P-256", "X25519", "ML-DSA-44"])
def test_a_jwk_has_one_member_a_line(kind):
    text = formats.encode(key(kind), "jwk").decode()
    members = [f'  "{name}": "{value}"' for name, value in json.loads(text).items()]
    assert text == "{\n" + ",\n".join(members) + "\n}\n"


@pytest.mark.parametrize("start", [b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"])
def test_a_raw_key_may_begin_like_a_mark_of_text(start):
    content = start + bytes(range(32 - len(start)))
    found = formats.decode(content, format="raw", algorithm="X25519", private=False)
    assert formats.encode(found, "raw", private=False) == content


@pytest.mark.parametrize("kind", ["ECDSA P-521", "X25519", "ML-KEM-512", "ML-DSA-44"])
@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_raw_key_as_text_is_read_again(kind, private, encoding):
    """What is written in hex or base64 is read, also out of the UTF-16 that PowerShell makes of it."""
    it = key(kind)
    written = formats.encode(it, "raw", private=private, encoding=encoding)
    plain = formats.encode(it, "raw", private=private)
    for data in (written, written.decode().encode("utf-16")):
        [found] = formats.decode_all(data, **told(kind, "raw", private))
        assert (found.wrapping, found.content) == (encoding, plain)
        assert formats.encode(found.key, "raw", private=private) == plain


@pytest.mark.parametrize("name", ["pkcs8", "openssh"])
@pytest.mark.parametrize("passphrase", ["", b""])
def test_an_empty_passphrase_is_refused_rather_than_no_encryption(name, passphrase):
    with pytest.raises(cngcore.InvalidParameterError, match="empty passphrase"):
        formats.encode(key("ECDSA P-256"), name, passphrase=passphrase)


def version_2(kind, half):
    """A OneAsymmetricKey (RFC 5958) with the public key of ``half`` in its field [1]."""
    plain = formats.encode(key(kind), "pkcs8", encoding="der")
    public = formats.encode(half, "spki", encoding="der")
    info, whole = der.Reader(plain, "").sequence(), der.Reader(public, "").sequence()
    info.integer("version")
    whole.element()
    return bytes(der.sequence(
        der.integer(1), der.sequence(info.element()), der.octets(info.octets("key")),
        der.context(1, b"\0" + whole.bits("key"), constructed=False),
    ))  # fmt: skip


@pytest.mark.parametrize("kind", ["RSA 512", "DSA 512", "DH 512", "ECDSA P-256", "X25519", "ML-KEM-512", "ML-DSA-44"])
def test_the_public_key_of_version_2_is_taken_and_held_against_the_private_one(kind):
    found = formats.decode(version_2(kind, key(kind).public()))
    assert found.has_public
    formats.check(found)
    assert formats.fingerprint(found) == formats.fingerprint(key(kind))
    algorithm, options = KINDS[kind]
    stranger = formats.from_key(cngcore.generate_key_pair(algorithm, **options)).public()
    if kind in ("DSA 512", "DH 512"):  # the stranger must be of the same group
        stranger = replace(key(kind).public(), numbers=replace(key(kind).public().numbers, y=4))
    with pytest.raises((cngcore.InvalidParameterError, cngcore.BadDataError)):
        formats.check(formats.decode(version_2(kind, stranger)))


def test_the_public_key_of_version_2_is_whole_bytes():
    right = version_2("X25519", key("X25519").public())
    place = right.rindex(b"\x81\x21\x00")
    with pytest.raises(cngcore.BadDataError, match="whole bytes"):
        formats.decode(right[: place + 2] + b"\1" + right[place + 3 :])
