"""A provider's key format cannot take the files of another algorithm: not their object identifiers, not their JWKs."""

import json
import re
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey

import cngcore
from cngcore import formats
from cngcore.formats import _der as der
from cngcore.provider import Algorithm, ExactLength, KeyFactory, KeyFormat, KeyMaterial, hookimpl
from cngcore.registry import FaultError, Registry, using

PUBLIC, PRIVATE = "ACMEPUBLICBLOB", "ACMEPRIVATEBLOB"
SEEN = []


class Key(KeyMaterial):
    """A key that is its blob; it keeps what it was given."""

    def __init__(self, private, public):
        self.has_private, self._halves = bool(private), {PRIVATE: private, PUBLIC: public}

    def public(self):
        return Key(b"", self._halves[PUBLIC])

    def export(self, blob_type):
        half = self._halves[blob_type]
        return bytearray(half) if blob_type == PRIVATE else half


class Factory(KeyFactory):
    """Imports anything, and remembers what was imported."""

    def import_key(self, blob_type, blob, request):
        SEEN.append(bytes(blob))
        if blob_type == PUBLIC:
            return Key(b"", blob)
        return Key(blob, X448PrivateKey.from_private_bytes(blob).public_key().public_bytes_raw())


def plugin(name, algorithm="acme:X448", answer=None, **said):
    """Return a plug-in whose key format says what is given, and else nothing that belongs to others."""
    described = {"oid": "1.3.101.111", "jwk": {"kty": "OKP", "crv": "X448"}, "public_length": 56, "private_length": 56}

    @hookimpl
    def cngcore_register_algorithms():
        return [
            Algorithm(
                "acme:X448",
                name,
                {"agree"},
                key_lengths=ExactLength(448),
                blob_types=[PUBLIC, PRIVATE],
                factory=Factory,
            )
        ]

    @hookimpl
    def cngcore_key_formats():
        if answer is not None:
            return answer()
        return [KeyFormat(algorithm, public_blob=PUBLIC, private_blob=PRIVATE, **{**described, **said})]

    return module(name, cngcore_register_algorithms, cngcore_key_formats)


def module(name, *hooks):
    """Return a module with these hooks."""
    made = ModuleType(name)
    for hook in hooks:
        setattr(made, hook.__name__, hook)
    return made


def registry(*plugins, **settings):
    return Registry(plugins=["cngcore_ec", *plugins], log_faults=False, read_configuration=False, **settings)


def names_of(name):
    """Return the object identifier and the naming members of a key that the core reads itself."""
    length = {"length": 1024} if name in ("RSA", "DSA", "DH") else {}
    key = formats.from_key(cngcore.generate_key_pair(name, **length))
    der = bytes(formats.encode(key, "spki", encoding="der", private=False))
    has_jwk = key.family in formats.FORMATS["jwk"].families
    members = json.loads(formats.encode(key, "jwk", private=False)) if has_jwk else {}
    return oid_in(der), {one: members[one] for one in ("kty", "crv", "alg") if one in members}


def oid_in(der):
    """Return the first object identifier in a SubjectPublicKeyInfo, in dots."""
    place = re.search(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)\x06", der, re.DOTALL).end() - 1
    body = der[place + 2 : place + 2 + der[place + 1]]
    arcs, value = [body[0] // 40, body[0] % 40] if body[0] < 80 else [2, body[0] - 80], 0
    for byte in body[1:]:
        value = value << 7 | byte & 127
        if not byte & 128:
            arcs.append(value)
            value = 0
    return ".".join(map(str, arcs))


@pytest.mark.parametrize(
    "name",
    [
        "RSA",
        "DSA",
        "DH",
        "ECDSA_P256",
        "ECDH_P384",
        "X25519",
        "ML-KEM-512",
        "ML-KEM-768",
        "ML-KEM-1024",
        "ML-DSA-44",
        "ML-DSA-65",
        "ML-DSA-87",
    ],
)
def test_the_names_of_every_built_in_family_are_refused(name):
    oid, members = names_of(name)
    for said in ({"oid": oid}, {"jwk": members}) if members else ({"oid": oid},):
        seen = registry(plugin("acme", **said))
        assert seen.key_formats() == []
        (fault,) = seen.faults()
        assert (fault.stage, fault.distribution, fault.module) == ("formats", "(registered)", "acme")
        assert (oid if "oid" in said else members["kty"]) in fault.reason
        assert fault.remedy
        assert seen.candidates("acme:X448"), "the algorithm itself stays"


@pytest.mark.parametrize("oid", ["1.3.132.1.12", "1.2.840.10046.2.1"])
def test_other_identifiers_that_are_read_belong_to_the_core_too(oid):
    assert registry(plugin("acme", oid=oid)).key_formats() == []


@pytest.mark.parametrize(
    "jwk", [{"kty": "OKP"}, {"crv": "X25519"}, {"kty": "AKP"}, {"use": "sig"}, {"kty": "EC", "crv": "secp256k1"}]
)
def test_members_that_keys_of_a_built_in_family_can_have_are_refused(jwk):
    seen = registry(plugin("acme", jwk=jwk))
    assert seen.key_formats() == []
    assert "JSON Web Keys" in seen.faults()[0].reason


def test_a_private_number_of_x25519_never_reaches_the_other_provider():
    SEEN.clear()
    mine = formats.encode(cngcore.generate_key_pair("X25519"), "jwk")
    said = {"jwk": {"kty": "OKP", "crv": "X25519"}, "public_length": 32, "private_length": 32}
    seen = registry(plugin("acme", **said), prefer=["acme"])
    with using(seen):
        loaded = cngcore.load_key(bytes(mine))
    assert (loaded.algorithm, SEEN) == ("ECDH", [])


def test_the_members_are_read_as_the_core_reads_them_whatever_a_format_says(monkeypatch):
    """A second lock: even a claim that was not refused is not asked about the keys of a built-in family."""
    claim = KeyFormat("acme:X448", "", PUBLIC, PRIVATE, 32, 32, jwk={"kty": "OKP"})
    mine = formats.encode(cngcore.generate_key_pair("X25519"), "jwk")
    seen = registry()
    monkeypatch.setattr(seen, "key_formats", lambda: [claim])
    with using(seen):
        assert formats.decode(mine).family == "X25519"


def test_a_format_of_an_algorithm_that_the_plug_in_does_not_register_is_refused():
    seen = registry(plugin("acme", algorithm="ECDH"))
    assert seen.key_formats() == []
    assert "ECDH, which it does not register" in seen.faults()[0].reason


def other(name, **said):
    """Return a plug-in with an algorithm of its own."""

    @hookimpl
    def cngcore_register_algorithms():
        return [Algorithm("other:X448", name, {"agree"}, key_lengths=ExactLength(448), factory=Factory)]

    @hookimpl
    def cngcore_key_formats():
        said_too = {"oid": "1.3.101.111", "jwk": {"kty": "OKP", "crv": "X448"}, **said}
        return [
            KeyFormat("other:X448", public_blob="O", private_blob="P", public_length=56, private_length=56, **said_too)
        ]

    return module(name, cngcore_register_algorithms, cngcore_key_formats)


def test_of_two_that_claim_the_same_the_first_by_name_has_it_whatever_the_order_of_loading():
    for plugins in ((plugin("a_acme"), other("b_other")), (other("b_other"), plugin("a_acme"))):
        seen = registry(*plugins)
        assert [one.algorithm for one in seen.key_formats()] == ["acme:X448"]
        (fault,) = seen.faults()
        assert fault.module == "b_other"
        assert "1.3.101.111, which (registered) has for acme:X448" in fault.reason


def test_one_with_a_different_identifier_and_the_same_json_is_left_out_too():
    seen = registry(plugin("a_acme"), other("b_other", oid="1.2.3.4"))
    assert [one.algorithm for one in seen.key_formats()] == ["acme:X448"]
    assert "the JSON Web Keys kty 'OKP', crv 'X448'" in seen.faults()[0].reason


def test_two_implementations_of_one_algorithm_may_say_the_same():
    seen = registry(plugin("one"), plugin("two"))
    assert len(seen.key_formats()) == 2
    assert seen.faults() == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(lambda: 1 / 0, "ZeroDivisionError"), (lambda: [42], "an item of type int"), (lambda: 7, "TypeError")],
)
def test_a_hook_that_fails_is_a_fault_noted_once(answer, reason):
    seen = registry(plugin("acme", answer=answer))
    assert seen.key_formats() == seen.key_formats() == []
    (fault,) = seen.faults()
    assert reason in fault.reason
    assert "a key format is left out, at formats" in str(fault)
    with pytest.raises(FaultError, match=reason):
        registry(plugin("acme", answer=answer), strict=True).key_formats()


def test_pack_and_unpack_are_told_the_half_if_they_ask():
    def unpack(blob, private):
        assert blob[:4] == (b"PRIV" if private else b"PUBL")
        return blob[4:]

    def pack(encoded, /, private):
        return (b"PRIV" if private else b"PUBL") + encoded

    known = KeyFormat("acme:X448", "1.3.101.111", PUBLIC, PRIVATE, 4, 4, pack=pack, unpack=unpack)
    for private in (True, False):
        assert known.encoded(known.blob(b"1234", private=private), private=private) == b"1234"
    assert known.blob(b"1234", private=True) != known.blob(b"1234", private=False)
    plain = KeyFormat("acme:X448", "", PUBLIC, PRIVATE, 4, 4, pack=lambda key, head=b"A": head + key, unpack=bytes)
    assert plain.blob(b"1", private=True) == b"A1"
    assert plain.encoded(b"A1", private=True) == b"A1"


def test_a_private_key_gets_the_public_half_that_stands_beside_it():
    """The back end's object and a OneAsymmetricKey (RFC 5958) have both halves; a PrivateKeyInfo has one."""
    secret = X448PrivateKey.generate()
    private, public = secret.private_bytes_raw(), secret.public_key().public_bytes_raw()
    algorithm = der.sequence(der.oid("1.3.101.111"))
    lone = der.sequence(der.integer(0), algorithm, der.octets(der.octets(private)))
    both = der.sequence(
        der.integer(1), algorithm, der.octets(der.octets(private)), der.context(1, b"\0" + public, constructed=False)
    )
    with using(registry(plugin("acme"))):
        assert not formats.decode(lone).has_public
        for key in (formats.from_cryptography(secret), formats.decode(both)):
            assert (key.is_private, key.has_public) == (True, True)
            assert formats.encode(key, "raw") == private
            assert formats.encode(key, "raw", private=False) == public


@pytest.mark.parametrize("private", [True, False])
def test_the_raw_form_of_a_half_is_read_as_that_half(private):
    secret = X448PrivateKey.generate()
    content = secret.private_bytes_raw() if private else secret.public_key().public_bytes_raw()
    with using(registry(plugin("acme"))):
        key = formats.decode(content, format="raw", algorithm="acme:X448", private=private)
        assert (key.is_private, key.has_public) == (private, not private)
        assert formats.encode(key, "raw", private=private) == content
