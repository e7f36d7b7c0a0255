"""Every kind of key, in every format and encoding that takes it, both halves: out, back, and out again bit for bit."""

import itertools

import pytest
from formats.samples import KINDS, key, pair, told

import cngcore
from cngcore import formats
from cngcore.formats.cng import BLOB_TYPES, is_private_type

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
WRITTEN = [
    case
    for case in CASES
    if formats.FORMATS[case[1]].writes
    and formats.FORMATS[case[1]].private >= case[2]
    and formats.FORMATS[case[1]].public >= (not case[2])
]


def family(kind):
    return (
        "X25519"
        if kind == "X25519"
        else "EC"
        if kind.startswith("EC")
        else kind[: 6 if kind[:2] == "ML" else None].split()[0]
    )


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
        written = bytes.fromhex(written.decode()) if encoding == "hex" else __import__("base64").b64decode(written)
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
