"""Policies: what they refuse, where, with which status, and where they come from."""

import itertools
import logging
import sys
from pathlib import Path

import pytest

import cngcore
from cngcore import (
    AccessDeniedError,
    DhParameters,
    InternalError,
    InvalidHandleError,
    InvalidParameterError,
    NotFoundError,
    Registry,
    bcrypt,
)
from cngcore.policy import ACTIONS, Policy, Rule, Subject, judge
from cngcore.provider import (
    Algorithm,
    ExactLength,
    KeyFactory,
    KeyMaterial,
    NoLength,
    ParameterSet,
    Property,
    When,
    hookimpl,
)
from cngcore.registry import using
from cngcore.status import NTStatus

DENIED = NTStatus.STATUS_ACCESS_DENIED


def registry_with(*rules, **options):
    return Registry(policies=[Policy("house", rules)], **options)


# --- rules ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "subject", "fits"),
    [
        (Rule("forbid"), Subject("RSA"), True),
        (Rule("forbid", "RSA"), Subject("RSA_SIGN"), False),
        (Rule("forbid", "RSA*"), Subject("RSA_SIGN"), True),
        (Rule("forbid", "rsa"), Subject("RSA"), False),
        (Rule("forbid", implementation="pq*"), Subject("ML-KEM", "pqcrypto"), True),
        (Rule("forbid", distribution="acme-*"), Subject("ML-KEM", "pqcrypto", "cngcore-mlkem"), False),
        (Rule("forbid", shorter_than=2048), Subject("RSA", length=2047), True),
        (Rule("forbid", shorter_than=2048), Subject("RSA", length=2048), False),
        (Rule("forbid", shorter_than=2048), Subject("RSA"), False),
        (Rule("forbid", longer_than=4096), Subject("RSA", length=4097), True),
        (Rule("forbid", longer_than=4096), Subject("RSA", length=4096), False),
        (Rule("forbid", parameter_sets=("512",)), Subject("ML-KEM", parameter_set="512"), True),
        (Rule("forbid", parameter_sets=("512",)), Subject("ML-KEM", parameter_set="768"), False),
        (Rule("forbid", parameter_sets=("512",)), Subject("ML-KEM"), False),
        (Rule("forbid", curves=("secP256k1",)), Subject("ECDSA", curve="secP256k1"), True),
        (Rule("forbid", uses=("sign",)), Subject("DSA", use="sign"), True),
        (Rule("forbid", uses=("sign",)), Subject("DSA", use="verify"), False),
        (Rule("forbid", uses=("sign",)), Subject("DSA"), False),
    ],
)
def test_what_a_rule_fits(rule, subject, fits):
    assert rule.fits(subject) is fits


def test_the_first_rule_that_fits_decides():
    policy = Policy("p", [Rule("allow", "RSA", reason="but this"), Rule("forbid", "*")])
    assert policy.judge(Subject("RSA")).action == "allow"
    assert policy.judge(Subject("DSA")).action == "forbid"


@pytest.mark.parametrize("pair", list(itertools.product(ACTIONS, repeat=2)), ids="-".join)
def test_of_several_policies_the_strictest_wins(pair):
    found = judge([Policy(str(number), [Rule(action)]) for number, action in enumerate(pair)], Subject("RSA"))
    assert found.action == max(pair, key=ACTIONS.index)


@pytest.mark.parametrize(
    "table",
    [
        {"action": "forbids"},
        {"algorithm": "RSA"},
        {"action": "forbid", "algorithms": "RSA"},
        {"action": "forbid", "uses": ["smell"]},
        {"action": "forbid", "uses": "sign"},
        {"action": "forbid", "shorter_than": "2048"},
        {"action": "forbid", "shorter_than": True},
        {"action": "forbid", "longer_than": -1},
        {"action": "forbid", "algorithm": 7},
    ],
)
def test_a_bad_rule_is_refused(table):
    with pytest.raises(InvalidParameterError, match="rule"):
        Rule.from_mapping(table)


@pytest.mark.parametrize("bound", ["shorter_than", "longer_than"])
def test_a_bound_is_zero_or_more(bound):
    assert Rule("forbid", **{bound: 0}).fits(Subject("RSA", length=1)) is (bound == "longer_than")
    with pytest.raises(InvalidParameterError, match=bound):
        Rule("forbid", **{bound: -1})


def test_what_no_rule_matches_is_allowed_by_no_policy():
    for policies in ([], [Policy("house", [Rule("forbid", "DSA", "out")])]):
        found = judge(policies, Subject("RSA"))
        assert (found.action, found.policy, found.reason) == ("allow", "", "")


# --- what is refused, and where -------------------------------------------------------------------------


def test_a_forbidden_algorithm_is_not_opened():
    registry = registry_with(Rule("forbid", "DSA", "DSA is out"))
    with pytest.raises(AccessDeniedError, match="forbidden by the policy 'house': DSA is out"):
        registry.open_algorithm_provider("DSA")
    registry.open_algorithm_provider("RSA").close()
    assert "DSA is out" in str(registry.explain("DSA"))


def test_a_forbidden_implementation_leaves_the_place_to_the_next():
    default = Registry().explain("ML-KEM").chosen.implementation
    registry = registry_with(Rule("forbid", "ML-KEM", implementation=default))
    with registry.open_algorithm_provider("ML-KEM") as provider:
        assert provider.provenance.implementation != default


def test_a_forbidden_length_is_refused_at_generate_at_finalize_and_at_import():
    rsa = registry_with(Rule("forbid", "RSA", shorter_than=2048)).open_algorithm_provider("RSA")
    with pytest.raises(AccessDeniedError):
        rsa.generate_key_pair(1024)
    key = rsa.generate_key_pair(2048)
    key.set_property("KeyLength", 1024)
    with pytest.raises(AccessDeniedError, match="RSA 1024 bits"):
        key.finalize()
    assert key.state == "empty", "the key may be mended"
    key.set_property("KeyLength", 2048)
    key.finalize()
    assert key.state == "finalized"
    blob = cngcore.generate_key_pair("RSA", 1024).export("RSAPUBLICBLOB")
    with pytest.raises(AccessDeniedError):
        rsa.import_key_pair("RSAPUBLICBLOB", blob)


def test_what_is_for_use_only_can_be_imported_and_used_but_not_created():
    made = cngcore.generate_key_pair("ECDSA_P256", 256)
    signature = made.sign_hash(bytes(32))
    blob = made.export("ECCPUBLICBLOB")
    ecdsa = registry_with(Rule("use-only", "ECDSA*", "no new ones")).open_algorithm_provider("ECDSA_P256")
    with pytest.raises(AccessDeniedError, match="for existing keys only"):
        ecdsa.generate_key_pair(256)
    ecdsa.import_key_pair("ECCPUBLICBLOB", blob).verify_signature(bytes(32), signature)


@pytest.mark.parametrize("name", ["secP256k1", "brainpoolP256r1"])
def test_a_curve_is_known_wherever_it_is_set(name):
    registry = registry_with(Rule("forbid", "ECDSA", curves=[name]))
    with registry.open_algorithm_provider("ECDSA") as ecdsa:
        key = ecdsa.generate_key_pair()
        key.set_property("ECCCurveName", name)
        with pytest.raises(AccessDeniedError, match=name):
            key.finalize()
        ecdsa.set_property("ECCCurveName", name)
        with pytest.raises(AccessDeniedError, match=name):
            ecdsa.generate_key_pair()


def test_a_parameter_set_is_judged_at_finalize():
    registry = registry_with(Rule("forbid", "ML-KEM", parameter_sets=["512"]))
    with pytest.raises(AccessDeniedError, match="ML-KEM 512"):
        registry.generate_key_pair("ML-KEM", parameter_set="512")
    registry.generate_key_pair("ML-KEM", parameter_set="768").destroy()


def test_a_single_use_can_be_forbidden():
    key = registry_with(Rule("forbid", "ECDSA_P256", uses=["sign"])).generate_key_pair("ECDSA_P256", 256)
    with pytest.raises(AccessDeniedError):
        key.sign_hash(bytes(32))
    key.export("ECCPUBLICBLOB")
    key = registry_with(Rule("forbid", uses=["export"])).generate_key_pair("ECDSA_P256", 256)
    with pytest.raises(AccessDeniedError):
        key.export("ECCPUBLICBLOB")
    key.sign_hash(bytes(32))


def test_a_warning_is_logged_once_and_refuses_nothing(caplog):
    registry = registry_with(Rule("warn", "ECDSA_P256", "think twice"))
    with caplog.at_level(logging.WARNING, logger="cngcore"):
        for _ in range(3):
            registry.generate_key_pair("ECDSA_P256", 256).sign_hash(bytes(32))
    assert [record.getMessage() for record in caplog.records] == [
        "ECDSA_P256 256 bits nistP256 is discouraged by the policy 'house': think twice"
    ]


def test_the_flat_api_gives_the_same_status():
    rules = [Rule("forbid", "DSA"), Rule("use-only", "RSA", shorter_than=2048), Rule("forbid", "EC*", uses=["sign"])]
    with using(registry_with(*rules)):
        assert bcrypt.BCryptOpenAlgorithmProvider("DSA") == (DENIED, None)
        _, rsa = bcrypt.BCryptOpenAlgorithmProvider("RSA")
        assert bcrypt.BCryptGenerateKeyPair(rsa, 1024) == (DENIED, None)
        _, ecdsa = bcrypt.BCryptOpenAlgorithmProvider("ECDSA_P256")
        _, key = bcrypt.BCryptGenerateKeyPair(ecdsa, 256)
        assert bcrypt.BCryptFinalizeKeyPair(key) == NTStatus.STATUS_SUCCESS
        assert bcrypt.BCryptSignHash(key, None, bytes(32), bytearray(64)) == (DENIED, None)
        assert bcrypt.BCryptDestroyKey(key) == NTStatus.STATUS_SUCCESS
        bcrypt.BCryptCloseAlgorithmProvider(rsa)
        bcrypt.BCryptCloseAlgorithmProvider(ecdsa)


def test_a_key_without_a_policy_is_a_plain_one():
    assert type(Registry(policies=[]).generate_key_pair("ECDSA_P256", 256)) is cngcore.KeyPair


def test_provenance_names_the_policies_and_the_back_end():
    provenance = registry_with(Rule("allow")).generate_key_pair("ECDSA_P256", 256).provenance
    assert provenance.policies == ("house",)
    assert provenance.to_dict()["policies"] == ("house",)
    import cryptography

    assert provenance.back_end_version == cryptography.__version__
    assert Registry(policies=[]).generate_key_pair("ECDSA_P256", 256).provenance.policies == ()


def test_what_a_policy_forbids_is_denied_through_its_pseudo_handle_too():
    """docs/decisions/pseudo-handles.md: NOT_SUPPORTED is for an algorithm that nobody serves."""
    with using(registry_with(Rule("forbid", "SHA256"), Rule("forbid", "ECDSA_P256"))):
        assert bcrypt.BCryptHash(bcrypt.BCRYPT_SHA256_ALG_HANDLE, None, b"", bytearray(32)) == DENIED
        assert bcrypt.BCryptGenerateKeyPair(bcrypt.BCRYPT_ECDSA_P256_ALG_HANDLE, 256) == (DENIED, None)
        assert bcrypt.BCryptHash(bcrypt.BCRYPT_SHA1_ALG_HANDLE, None, b"", bytearray(20)).is_success
    with using(Registry(policies=[], discover=False)):
        assert bcrypt.BCryptGenerateKeyPair(bcrypt.BCRYPT_ECDSA_P256_ALG_HANDLE, 256)[0].name == "STATUS_NOT_SUPPORTED"


# --- where policies come from ------------------------------------------------------------------------------

PLUGIN = """
from cngcore.policy import Policy, Rule
from cngcore.provider import hookimpl

@hookimpl
def cngcore_policies():
    return [Policy("acme", [Rule("forbid", "TOY", "not here")])]
"""


def test_a_plugins_policy_is_in_force_before_the_first_key(install):
    install.plain("acme-toy")
    install("acme-policy", PLUGIN, "policy", group="cngcore.hooks")
    with pytest.raises(AccessDeniedError, match="the policy 'acme': not here"):
        Registry().open_algorithm_provider("TOY")


def test_an_object_may_bring_policies():
    class Office:
        @cngcore.provider.hookimpl
        def cngcore_policies(self):
            return [Policy("office", [Rule("forbid", "DSA")])]

    registry = Registry()
    registry.register(Office())
    with pytest.raises(AccessDeniedError, match="office"):
        registry.open_algorithm_provider("DSA")


def test_the_configuration_file_has_rules(install, monkeypatch, tmp_path):
    install.plain("acme-toy")
    file = tmp_path / "cngcore.toml"
    monkeypatch.setenv("CNGCORE_CONFIG", str(file))
    file.write_text('[[rule]]\naction = "forbid"\nalgorithm = "TOY"\nreason = "by the file"\n')
    with pytest.raises(AccessDeniedError, match=r"'cngcore\.toml': by the file"):
        Registry().open_algorithm_provider("TOY")
    file.write_text('[[rule]]\naction = "forbids"\n')
    with pytest.raises(InvalidParameterError, match="action is one of"):
        Registry()
    file.write_text("rule = 7\n")
    with pytest.raises(InvalidParameterError, match=r"\[\[rule\]\]"):
        Registry()


def test_a_policy_that_is_named_must_be_there(install, monkeypatch):
    install.plain("acme-toy")
    monkeypatch.setenv("CNGCORE_POLICIES", "acme")
    with pytest.raises(NotFoundError, match="requires the policy 'acme'"):
        Registry().open_algorithm_provider("TOY")
    install("acme-policy", PLUGIN, "policy", group="cngcore.hooks")
    with pytest.raises(AccessDeniedError):
        Registry().open_algorithm_provider("TOY")


@pytest.mark.parametrize("answer", ["1/0", "return [7]", "raise SystemExit", "return None"])
def test_a_broken_policy_plugin_is_a_fault_and_stops_what_relies_on_it(install, caplog, answer):
    install.plain("acme-toy")
    source = f"from cngcore.provider import hookimpl\n@hookimpl\ndef cngcore_policies():\n    {answer}\n"
    install("acme-policy", source, "policy", group="cngcore.hooks")
    registry = Registry()
    registry.open_algorithm_provider("TOY").close()
    (fault,) = registry.faults()
    assert (fault.distribution, fault.stage) == ("acme-policy", "policies")
    assert "acme-policy" in caplog.text
    with pytest.raises(NotFoundError, match="cngcore_policies"):
        Registry(policies=["acme"]).open_algorithm_provider("TOY")


@pytest.mark.parametrize("by_pluggy", [False, True])
def test_a_broken_policy_of_an_object_is_a_fault_of_it(by_pluggy):
    class Office:
        @cngcore.provider.hookimpl
        def cngcore_policies(self):
            return [7]

    registry = Registry(discover=False)
    (registry.plugin_manager if by_pluggy else registry).register(Office())
    registry.watch()
    (fault,) = registry.faults()
    assert (fault.distribution, fault.version, fault.stage) == ("(registered)", "", "policies")


# --- the ready policy ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "action"),
    [
        (Subject("RSA", length=1023, use="import"), "forbid"),
        (Subject("RSA", length=1024, use="import"), "use-only"),
        (Subject("RSA", length=1024, use="verify"), "use-only"),
        (Subject("RSA", length=1024, use="sign"), "forbid"),
        (Subject("RSA", length=2048, use="create"), "allow"),
        (Subject("DSA", length=2048, use="create"), "use-only"),
        (Subject("DSA", length=2048, use="sign"), "forbid"),
        (Subject("DSA", length=2048, use="verify"), "use-only"),
        (Subject("DH", length=1024), "forbid"),
        (Subject("DH", length=2048), "allow"),
        (Subject("ECDSA_P256", length=256, curve="nistP256"), "allow"),
        (Subject("ECDH_P521"), "allow"),
        (Subject("ECDSA", curve="secP256k1"), "forbid"),
        (Subject("ECDH", curve="curve25519"), "forbid"),
        (Subject("ECDSA", curve="brainpoolP384r1"), "warn"),
        (Subject("ECDSA", curve="nistP192", use="sign"), "forbid"),
        (Subject("ECDSA", curve="nistP192", use="verify"), "use-only"),
        (Subject("ECDH", curve="nistP192"), "forbid"),
        (Subject("ECDSA"), "allow"),
        (Subject("ML-KEM", parameter_set="512"), "allow"),
        (Subject("ML-DSA", parameter_set="44"), "allow"),
        (Subject("MD5"), "forbid"),
        (Subject("SHA1"), "warn"),
        (Subject("SHA256"), "allow"),
        (Subject("AES", length=128, use="create"), "allow"),
        (Subject("XTS-AES", length=256), "allow"),
        (Subject("3DES", length=192, use="encrypt"), "forbid"),
        (Subject("3DES_112", length=128, use="encrypt"), "forbid"),
        (Subject("3DES", length=192, use="decrypt"), "warn"),
        (Subject("DES"), "forbid"),
        (Subject("DESX"), "forbid"),
        (Subject("RC2"), "forbid"),
        (Subject("RC4"), "forbid"),
        (Subject("CHACHA20_POLY1305"), "forbid"),
        (Subject("CAPI_KDF"), "forbid"),
        (Subject("PBKDF2"), "allow"),
        (Subject("MD4"), "forbid"),
    ],
    ids=str,
)
def test_the_approved_policy(subject, action):
    from cngcore.policy._approved import APPROVED

    found = APPROVED.judge(subject)
    assert found.action == action
    assert action == "allow" or ("FIPS" in found.reason or "SP 800" in found.reason), "each refusal cites its source"


def test_the_approved_policy_is_there_by_name():
    registry = Registry(policies=["approved"])
    with pytest.raises(AccessDeniedError, match="MD5"):
        registry.open_algorithm_provider("MD5")
    assert registry.generate_key_pair("ECDSA_P256", 256).provenance.policies == ("approved",)


@pytest.mark.parametrize("name", ["nistP256", "secP256r1", "x962P256v1", "P-256", "prime256v1", "NISTP256"])
@pytest.mark.parametrize("key_curve", ["nistP256", "secP256r1", "x962P256v1"])
def test_a_rule_means_the_curve_and_not_its_spelling(name, key_curve):
    registry = Registry(policies=[Policy("house", [Rule("forbid", "ECDSA*", curves=[name])])])
    with pytest.raises(AccessDeniedError):
        registry.generate_key_pair("ECDSA", curve=key_curve)
    assert registry.generate_key_pair("ECDSA", curve="nistP384")


@pytest.mark.parametrize("imported", ["blob", "parameters"])
def test_a_rule_means_the_curve_of_an_imported_key_too(imported):
    registry = Registry(policies=[Policy("house", [Rule("forbid", "ECDSA", curves=["secP256r1"])])])
    plain = Registry(policies=[]).generate_key_pair("ECDSA", curve="nistP256")
    with registry.open_algorithm_provider("ECDSA") as provider:
        if imported == "parameters":
            provider.set_property("ECCParameters", plain.get_property("ECCParameters"))
            with pytest.raises(AccessDeniedError):
                provider.generate_key_pair().finalize()
        else:
            with pytest.raises(AccessDeniedError):
                provider.import_key_pair("ECCFULLPRIVATEBLOB", plain.export("ECCFULLPRIVATEBLOB"))


def test_a_rule_means_the_parameter_set_and_not_its_spelling():
    registry = Registry(policies=[Policy("house", [Rule("forbid", "ML-KEM", parameter_sets=["ML-KEM-512"])])])
    with pytest.raises(AccessDeniedError):
        registry.generate_key_pair("ML-KEM", parameter_set="512")
    assert registry.generate_key_pair("ML-KEM", parameter_set="768")


@pytest.mark.parametrize(
    ("name", "hint"), [("P-257", "did you mean"), ("secp256", "did you mean"), ("x", "cng algorithms")]
)
def test_a_rule_with_an_unknown_curve_is_refused(name, hint):
    with pytest.raises(InvalidParameterError, match=hint):
        Rule("forbid", curves=[name])
    assert Rule("forbid", curves=["acme:curve448"]).curves == ("acme:curve448",)


def test_a_rule_about_a_library_means_the_keys_that_it_holds():
    registry = Registry(policies=[Policy("house", [Rule("forbid", "ML-KEM", implementation="pqcrypto")])])
    plain = Registry(policies=[]).generate_key_pair("ML-KEM", parameter_set="512", implementation="cryptography")
    assert plain.provenance.back_end == "pqcrypto"
    assert plain.provenance.back_end_version
    with pytest.raises(AccessDeniedError):
        registry.generate_key_pair("ML-KEM", parameter_set="512", implementation="cryptography")
    made = registry.generate_key_pair("ML-KEM", parameter_set="768", implementation="cryptography")
    assert made.provenance.back_end == "cryptography"


def test_a_key_that_is_refused_at_its_end_stays_empty_and_can_be_mended():
    registry = Registry(policies=[Policy("house", [Rule("use-only", "ECDSA", curves=["secP256k1"])])])
    with cngcore.registry.using(registry):
        algorithm = bcrypt.BCryptOpenAlgorithmProvider("ECDSA")[1]
        plain = Registry(policies=[]).generate_key_pair("ECDSA", curve="secP256k1")
        key = bcrypt.BCryptGenerateKeyPair(algorithm, 0)[1]
        parameters = plain.get_property("ECCParameters").to_bytes()
        assert bcrypt.BCryptSetProperty(key, "ECCParameters", parameters) == bcrypt.STATUS_SUCCESS
        assert bcrypt.BCryptFinalizeKeyPair(key) == bcrypt.STATUS_ACCESS_DENIED
        assert bcrypt.BCryptSetProperty(key, "ECCCurveName", "nistP256") == bcrypt.STATUS_SUCCESS
        assert bcrypt.BCryptFinalizeKeyPair(key) == bcrypt.STATUS_SUCCESS
        assert bcrypt.BCryptDestroyKey(key) == bcrypt.STATUS_SUCCESS
        other = bcrypt.BCryptGenerateKeyPair(algorithm, 0)[1]
        bcrypt.BCryptSetProperty(other, "ECCParameters", parameters)
        assert bcrypt.BCryptFinalizeKeyPair(other) == bcrypt.STATUS_ACCESS_DENIED
        assert bcrypt.BCryptDestroyKey(other) == bcrypt.STATUS_SUCCESS
        assert bcrypt.BCryptCloseAlgorithmProvider(algorithm) == bcrypt.STATUS_SUCCESS


@pytest.mark.parametrize("method", ["get_property", "has_private"])
def test_an_interrupt_while_a_key_is_judged_or_told_goes_through(method):
    """What a policy and a listener want to know is asked of the provider; Ctrl-C there is the user's."""

    class Key(KeyMaterial):
        has_private = True
        signature_length = 2
        struck = False

        def verify_signature(self, digest, signature, padding):
            return True

        def get_property(self, name):
            if Key.struck and method == "get_property":
                raise KeyboardInterrupt
            return 8

    def has_private(self):
        if Key.struck:
            raise KeyboardInterrupt
        return True

    if method == "has_private":
        Key.has_private = property(has_private)

    class Factory(KeyFactory):
        def generate(self, request):
            return Key()

    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            length = Property("KeyLength", int, When(finalized="r"))
            return [Algorithm("TOY", "toy", {"sign"}, ExactLength(8), properties=[length], factory=Factory)]

        @hookimpl
        def cngcore_key_event(self, event):
            pass

    registry = Registry(plugins=[Plugin()], policies=[Policy("house", [Rule("warn", "TOY", uses=["sign"])])])
    key = registry.generate_key_pair("TOY", 8)
    key.verify_signature(bytes(32), b"ok")  # which asks for no private half itself
    Key.struck = True
    with pytest.raises(KeyboardInterrupt):
        key.verify_signature(bytes(32), b"ok")
    Key.struck = False
    key.verify_signature(bytes(32), b"ok")


def test_a_key_that_is_refused_at_its_end_is_not_made():
    """The provider is not asked: a key can take minutes. A key that is gone is an invalid handle, not a refusal."""
    made = []

    class Factory(KeyFactory):
        def generate(self, request):
            made.append(request.parameter_set)
            return KeyMaterial()

    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            sets = [ParameterSet("weak"), ParameterSet("good")]
            return [Algorithm("TOY", "toy", {"sign"}, NoLength(), parameter_sets=sets, factory=Factory)]

    rule = Rule("forbid", "TOY", parameter_sets=["weak"])
    registry = Registry(plugins=[Plugin()], policies=[Policy("house", [rule])])
    key = registry.open_algorithm_provider("TOY").generate_key_pair()
    key.set_property("ParameterSetName", "weak")
    with pytest.raises(AccessDeniedError):
        key.finalize()
    assert made == []
    key.destroy()
    with pytest.raises(InvalidHandleError):
        key.finalize()


def test_bits_of_a_dh_key_are_those_of_its_prime():
    rule = Policy("house", [Rule("forbid", "DH", shorter_than=2048)])
    group = DhParameters((1 << 2040) + 3 | 1, 2)
    blob = b"DHPB" + (256).to_bytes(4, "little") + b"".join(n.to_bytes(256, "big") for n in (group.p, group.g, 4))
    assert Registry(policies=[]).open_algorithm_provider("DH").import_key_pair("DHPUBLICBLOB", blob)
    with pytest.raises(AccessDeniedError):
        Registry(policies=[rule]).open_algorithm_provider("DH").import_key_pair("DHPUBLICBLOB", blob)


RULES_AND_LISTENER = PLUGIN + (
    "\nheard = []\n\n@hookimpl\ndef cngcore_key_event(event):\n    heard.append((event.action, event.algorithm))\n"
)


def test_a_policy_stays_in_force_after_a_first_call_that_a_fault_ended(install):
    """A strict registry raises at the first call; that the others were not loaded must not last."""
    install.plain("acme-toy")
    install("a-broken", "1 / 0", "broken", group="cngcore.hooks")
    install("b-rules", RULES_AND_LISTENER, "rules", group="cngcore.hooks")
    registry = Registry(strict=True)
    with pytest.raises(InternalError, match="strict"):
        registry.open_algorithm_provider("TOY")
    with pytest.raises(AccessDeniedError):
        registry.open_algorithm_provider("TOY")
    registry.generate_key_pair("ECDSA_P256", 256).destroy()
    heard = sys.modules["b_rules"].heard
    assert heard == [("created", "ECDSA_P256"), ("finalized", "ECDSA_P256"), ("destroyed", "ECDSA_P256")]


def test_the_approved_policy_does_not_look_at_the_hash_of_a_padding():
    """SECURITY.md says so: a rule names algorithms, and the caller names the hash of a padding."""
    key = Registry(policies=["approved"]).generate_key_pair("RSA", 2048)
    for padding in (cngcore.Pkcs1("MD5"), cngcore.Pss("MD5", 16)):
        key.verify_signature(bytes(16), key.sign_hash(bytes(16), padding), padding)
    text = " ".join((Path(__file__).parents[2] / "SECURITY.md").read_text().split())
    assert "It does not look at the hash of a padding" in text


@pytest.mark.parametrize("condition", [{"shorter_than": 2048}, {"longer_than": 2048}])
def test_a_length_that_is_not_known_matches_no_rule_about_lengths(condition):
    assert not Rule("forbid", "*", "by its length", **condition).fits(Subject("ML-KEM"))
    assert Rule("forbid", "*", "by its length", **condition).fits(
        Subject("RSA", length=1024 if "shorter_than" in condition else 4096)
    )
