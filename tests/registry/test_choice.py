"""Which implementation serves: the order of docs/howto/back-end.md, and what explain says of it."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
from installed_plugins import PLAIN

import cngcore
from cngcore import InvalidParameterError, NotFoundError, Registry, bcrypt
from cngcore.policy import Policy, Rule
from cngcore.provider import Algorithm, ExactLength, KeyLengths, ParameterSet, ProviderUnavailableError, hookimpl
from cngcore.registry import _hints, one_step_names


def one(implementation, rank=0, *, name="TOY", lengths=None, **more):
    return Algorithm(
        name, implementation, {"sign"}, lengths or KeyLengths(8, 64, 8), rank=rank, factory="nowhere:Factory", **more
    )


def registry_of(*algorithms, **settings):
    class Plugin:
        @hookimpl
        def cngcore_register_algorithms(self):
            return list(algorithms)

    registry = Registry(discover=False, **settings)
    registry.register(Plugin())
    return registry


def chosen(registry, implementation=None, **requirement):
    return registry.open_algorithm_provider("TOY", implementation, **requirement).declaration.implementation


def test_the_highest_rank_is_the_default():
    registry = registry_of(one("alpha", 1), one("beta", 2))
    assert chosen(registry) == "beta"
    assert "rank 2" in str(registry.explain("TOY"))


def test_among_equal_ranks_the_name_decides():
    assert chosen(registry_of(one("beta"), one("alpha"))) == "alpha"


def test_the_callers_implementation_beats_everything():
    registry = registry_of(one("alpha", 9), one("beta"), prefer=["alpha"])
    assert chosen(registry, "beta") == "beta"
    with pytest.raises(NotFoundError, match="'gamma'"):
        chosen(registry, "gamma")


def test_microsoft_primitive_provider_names_the_default():
    assert chosen(registry_of(one("alpha"), one("beta", 5)), "Microsoft Primitive Provider") == "beta"


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ({"key_length": 128}, "beta"),
        ({"key_length": 64}, "alpha"),
        ({"parameter_set": "768"}, "beta"),
        ({"operation": "agree"}, "beta"),
    ],
)
def test_the_callers_requirement_comes_before_the_configuration(requirement, expected):
    beta = Algorithm(
        "TOY", "beta", {"sign", "agree"}, KeyLengths(8, 128, 8), [ParameterSet("768", public_key=1184)],
        factory="nowhere:Factory",
    )  # fmt: skip
    registry = registry_of(one("alpha", 9), beta, prefer=["alpha"])
    assert chosen(registry, **requirement) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ({"length": 64}, "alpha"),
        ({"length": 128}, "beta"),
        ({"parameter_set": "768"}, "beta"),
        ({"length": 9}, "alpha"),
        ({"length": 128, "implementation": "alpha"}, "alpha"),
    ],
    ids=str,
)
def test_of_two_implementations_the_one_that_has_the_kind_is_opened_for_it(kind, expected):
    """What generate_key_pair, a pool and generate_many ask; if neither has the kind, the default one says so."""
    beta = one("beta", lengths=KeyLengths(128, 128, 0), parameter_sets=[ParameterSet("768")])
    registry = registry_of(one("alpha", 9), beta)
    assert registry.open_for("TOY", **kind).declaration.implementation == expected


def test_a_requirement_nobody_meets_says_who_fails_it_and_how():
    with pytest.raises(NotFoundError, match="alpha: it has no keys of 1000 bits"):
        chosen(registry_of(one("alpha")), key_length=1000)
    with pytest.raises(InvalidParameterError, match="operation must be one of"):
        chosen(registry_of(one("alpha")), operation="fly")


@pytest.mark.parametrize("prefer", [["beta"], ["nobody", "beta", "alpha"]])
def test_the_configuration_comes_before_rank(prefer):
    registry = registry_of(one("alpha", 9), one("beta"), prefer=prefer)
    assert chosen(registry) == "beta"
    assert "prefers beta" in str(registry.explain("TOY"))


def test_a_distribution_can_be_preferred_by_name(install):
    install.plain("acme-one", implementation="alpha", rank=9)
    install.plain("acme-two", implementation="beta")
    assert chosen(Registry(prefer=["Acme_Two"])) == "beta"


class Chooser:
    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    @hookimpl
    def cngcore_register_algorithms(self):
        return []

    @hookimpl
    def cngcore_choose(self, algorithm, candidates, requirement):
        self.asked.append((algorithm, [candidate.implementation for candidate in candidates], dict(requirement)))
        return self.answer


def test_the_hook_comes_after_the_configuration_and_before_rank():
    registry = registry_of(one("alpha", 9), one("beta"), one("gamma"))
    registry.register(hook := Chooser("beta"))
    assert chosen(registry) == "beta"
    assert hook.asked == [("TOY", ["alpha", "beta", "gamma"], {})]
    assert "hook named it" in str(registry.explain("TOY"))
    registry = registry_of(one("alpha", 9), one("beta"), prefer=["alpha"])
    registry.register(hook := Chooser("beta"))
    assert chosen(registry) == "alpha"
    assert hook.asked == []


@pytest.mark.parametrize("answer", [None, "nobody"])
def test_a_hook_that_names_nobody_is_passed_over(answer, caplog):
    registry = registry_of(one("alpha", 9), one("beta"))
    registry.register(Chooser(answer))
    assert chosen(registry) == "alpha"
    assert ("not among the candidates" in caplog.text) == (answer is not None)


def test_a_hook_that_raises_is_passed_over_with_a_word(caplog):
    class Broken(Chooser):
        @hookimpl
        def cngcore_choose(self, algorithm):
            raise RuntimeError("no")

    registry = registry_of(one("alpha", 9), one("beta"))
    registry.register(Broken(None))
    assert chosen(registry) == "alpha"
    assert "RuntimeError: no" in caplog.text


def test_an_operators_plugin_chooses_from_its_own_entry_point_group(install):
    install.plain("acme-one", implementation="alpha", rank=9)
    install.plain("acme-two", implementation="beta")
    source = "from cngcore.provider import hookimpl\n@hookimpl\ndef cngcore_choose(algorithm): return 'beta'\n"
    install("acme-policy", source, "policy", group="cngcore.hooks")
    assert chosen(Registry()) == "beta"
    assert chosen(Registry(block=["acme-policy"])) == "alpha"


def test_an_unavailable_implementation_makes_way_and_says_why():
    probed = []

    def probe():
        probed.append(1)
        raise ProviderUnavailableError("the shared library is missing", "Install libtoy.")

    registry = registry_of(one("alpha", 9, probe=probe), one("beta"))
    assert chosen(registry) == chosen(registry) == "beta"
    assert probed == [1], "a probe runs once"
    said = str(registry.explain("TOY"))
    assert "the shared library is missing" in said
    assert "Install libtoy." in said
    with pytest.raises(NotFoundError, match="Install libtoy"):
        chosen(registry, "alpha")


def test_explain_tells_every_candidates_fate():
    registry = registry_of(one("alpha", 9, introduced="11"), one("beta"), one("gamma"), windows="10")
    explanation = registry.explain("TOY", key_length=8)
    assert explanation.chosen.implementation == "beta"
    verdicts = {verdict.candidate.implementation: verdict for verdict in explanation.verdicts}
    assert verdicts["beta"].chosen
    assert "after beta" in verdicts["gamma"].reason
    assert "Windows 10" in verdicts["alpha"].reason
    data = explanation.to_dict()
    assert data["chosen"] == "beta"
    assert data["requirement"] == {"key_length": 8}
    assert {row["implementation"] for row in data["candidates"]} == {"alpha", "beta", "gamma"}


def test_the_choice_is_kept_on_the_opened_algorithm():
    registry = registry_of(one("alpha"))
    provider = registry.open_algorithm_provider("TOY")

    class Later:
        @hookimpl
        def cngcore_register_algorithms(self):
            return [one("aardvark", 99)]

    registry.register(Later())
    assert provider.declaration.implementation == "alpha"
    assert chosen(registry) == "aardvark"


def test_plain_registration_and_pluggy_give_the_same():
    """docs/decisions/discovery.md: a plug-in that only registers is called directly; the result is pluggy's."""

    class Plain:
        @hookimpl
        def cngcore_register_algorithms(self):
            return [one("alpha"), one("beta", 3)]

    class ThroughPluggy(Plain):
        @hookimpl(tryfirst=True)
        def cngcore_register_algorithms(self):
            return [one("alpha"), one("beta", 3)]

    outcomes = []
    for plugin in (Plain(), ThroughPluggy()):
        registry = Registry(discover=False)
        registry.register(plugin)
        outcomes.append([candidate.algorithm for candidate in registry.candidates("TOY")])
    assert outcomes[0] == outcomes[1]
    assert [algorithm.implementation for algorithm in outcomes[0]] == ["beta", "alpha"]


def test_pluggys_own_marker_does_as_well():
    import pluggy

    class Plugin:
        @pluggy.HookimplMarker("cngcore")
        def cngcore_register_algorithms(self):
            return [one("alpha")]

    registry = Registry(discover=False)
    registry.register(Plugin())
    assert chosen(registry) == "alpha"


def test_the_plugin_manager_knows_every_loaded_plugin(install):
    module = install.plain("acme-one")
    registry = Registry()
    registry.open_algorithm_provider("TOY")
    assert sys.modules[module] in registry.plugin_manager.get_plugins()


def test_a_key_of_some_length_is_not_met_by_an_algorithm_without_keys():
    registry = Registry(allow=["cngcore-hash"])
    [verdict] = registry.explain("SHA256", key_length=256).verdicts
    assert verdict.reason == "it has no keys"
    with pytest.raises(NotFoundError, match="it has no keys"):
        registry.open_algorithm_provider("SHA256", key_length=256)


UNAVAILABLE = """
from cngcore.provider import Algorithm, ExactLength, KeyFactory, ProviderUnavailableError, hookimpl

def probe():
    raise ProviderUnavailableError("its library is missing", "Install it.")

@hookimpl
def cngcore_register_algorithms():
    return [Algorithm(name, "absent", {"sign"}, ExactLength(8), rank=-1, probe=probe, factory=KeyFactory)
            for name in ("TOY", "GONE")]
"""


def test_what_is_enumerated_can_be_opened(install):
    install.plain("acme-one", implementation="alpha")
    install("acme-absent", UNAVAILABLE, "TOY", "GONE")
    registry = Registry(policies=[Policy("p", [Rule("forbid", "TOY", implementation="beta")])])
    install.plain("acme-two", implementation="beta", rank=5)
    with cngcore.registry.using(registry):
        names = [item.pszName for item in bcrypt.BCryptEnumAlgorithms()[1]]
        assert "TOY" in names
        assert "GONE" not in names
        assert bcrypt.BCryptEnumProviders("TOY") == (bcrypt.STATUS_SUCCESS, ["alpha"])
        assert bcrypt.BCryptEnumProviders("GONE") == (bcrypt.STATUS_NOT_FOUND, None)
        for name in names:
            for implementation in bcrypt.BCryptEnumProviders(name)[1]:
                status, handle = bcrypt.BCryptOpenAlgorithmProvider(name, implementation)
                assert status == bcrypt.STATUS_SUCCESS
                bcrypt.BCryptCloseAlgorithmProvider(handle)


def test_a_distribution_with_hooks_only_is_no_registered_provider(install):
    install("acme-hooks", "from cngcore.provider import hookimpl\n@hookimpl\ndef cngcore_policies(): return []\n",
            "house", group="cngcore.hooks")  # fmt: skip
    install.plain("acme-one")
    registry = Registry()
    with cngcore.registry.using(registry):
        assert {record["distribution"] for record in registry.providers()} >= {"acme-hooks", "acme-one"}
        names = bcrypt.BCryptEnumRegisteredProviders()[1]
        assert "acme-one" in names
        assert "acme-hooks" not in names


def test_an_explanation_of_what_nobody_serves():
    assert str(registry_of(one("alpha")).explain("NOSUCH")).splitlines() == ["NOSUCH:", "     no implementation"]


def test_an_explanation_probes_every_candidate(install):
    install.plain("acme-one", implementation="alpha")
    install("acme-absent", UNAVAILABLE, "TOY")
    verdicts = {one.candidate.implementation: one for one in Registry().explain("TOY").verdicts}
    assert verdicts["alpha"].usable
    assert not verdicts["absent"].usable
    assert "its library is missing" in verdicts["absent"].reason


def test_two_distributions_with_one_implementation_name_are_told_apart(install):
    install.plain("acme-one", implementation="same")
    install.plain("acme-two", implementation="same")
    registry = Registry()
    for name in ("acme-one", "acme-two"):
        provider = registry.open_algorithm_provider("TOY", f"{name}:same")
        assert provider.provenance.distribution == name
    with pytest.raises(NotFoundError, match="acme-three:same"):
        registry.open_algorithm_provider("TOY", "acme-three:same")


# --- what nothing installed serves -----------------------------------------------------------------------


def provider_names():
    """The algorithms that the entry points of each provider of this tree name."""
    for path in sorted(Path(__file__).parents[2].glob("providers/*/pyproject.toml")):
        project = tomllib.loads(path.read_text())["project"]
        yield project["name"], project["entry-points"]["cngcore.algorithms"].keys()


def test_the_remedies_know_what_every_provider_of_this_tree_serves():
    found = dict(provider_names())
    assert found.keys() <= _hints.OURS
    served = {name for names in found.values() for name in names}
    assert served == _hints.PACKAGES.keys()
    assert all(name in found[package] for name, package in _hints.PACKAGES.items())


@pytest.mark.parametrize("package", sorted({*_hints.PACKAGES.values()}))
def test_a_package_is_a_remedy_only_if_it_is_missing(package):
    """With the package the remedy would be untrue, for every name that begins like one of its own."""
    names = [name for name, owner in _hints.PACKAGES.items() if owner == package]
    shut_out = Registry(allow=[])
    empty = Registry(plugins=[])
    for name in names:
        assert f"install the distribution {package}; see Install" in str(error_of(empty, name))
        for wrong in (f"{name}A", f"{name}-TOY", name.lower(), f"{name}-99999", name[:-1] + "?"):
            assert "see Install" not in str(error_of(Registry(), wrong)), wrong
        assert "see Install" not in str(error_of(shut_out, name)), "it is installed"


def error_of(registry, name):
    with pytest.raises(NotFoundError) as caught:
        registry.open_algorithm_provider(name)
    return caught.value


@pytest.mark.parametrize(
    ("name", "meant"),
    [("rsa", "'RSA'"), ("SHA-256", "'SHA256'"), ("sha3_256", "'SHA3-256'"), ("RSAA", "'RSA'"),
     ("ECDSA_P255", "'ECDSA_P256'"), ("P-256", "'ECDSA_P256'"), ("ecdh-256", "'ECDH_P256'"),
     ("RSA-2048", "'RSA' with the length 2048"), ("rsa4096", "'RSA' with the length 4096"), ("RSA-99999", "'RSA'"),
     ("x25519", "'X25519'"), ("Curve25519", "'X25519'"), ("MLKEM768", "'ML-KEM-768'"), ("ml-kem-768", "'ML-KEM-768'"),
     ("Kyber768", "'ML-KEM-768'"), ("Dilithium3", "'ML-DSA-65'"), ("kyber", "'ML-KEM'"),
     ("secp256k1", "'ECDSA' with curve='secP256k1'"), ("brainpoolp256R1", "'ECDSA' with curve='brainpoolP256r1'")],
)  # fmt: skip
def test_a_name_that_is_nearly_right_is_named(name, meant):
    assert f"did you mean {meant}?" in str(error_of(Registry(), name))
    assert f"did you mean {meant}? Install the distribution cngcore-" in str(error_of(Registry(plugins=[]), name))
    with pytest.raises(NotFoundError, match=re.escape(f"did you mean {meant}?")):
        Registry().generate_key_pair(name)


@pytest.mark.parametrize(("name", "meant"), [("ML-KEM-768", "ML-KEM"), ("X25519", "ECDH")])
def test_a_one_step_name_is_answered_with_its_algorithm(name, meant):
    assert f"open_algorithm_provider() takes {meant!r}, and generate_key_pair() takes {name!r} too" in str(
        error_of(Registry(), name)
    )


@pytest.mark.parametrize(
    ("lengths", "length"),
    [(ExactLength(8), 8), (KeyLengths(16, 16, 0), 16), (KeyLengths(16, 16, 8), 16), (KeyLengths(8, 64, 8), 0)],
)
def test_an_algorithm_with_one_length_needs_none(lengths, length):
    """With several lengths none of them is chosen for the caller: 0 is what the provider refuses."""
    assert registry_of(one("toy", lengths=lengths)).key_kind("TOY").length == length


@pytest.mark.parametrize("name", sorted(one_step_names()))
def test_every_one_step_name_makes_a_key(name):
    algorithm, more = one_step_names()[name]
    with Registry().generate_key_pair(name) as key:
        assert key.algorithm == algorithm
        assert more in (key.curve, key.parameter_set)


def test_an_implementation_that_does_not_exist_is_named_once():
    with pytest.raises(NotFoundError) as caught:
        Registry().generate_key_pair("ML-KEM", implementation="pqcrypt")
    assert caught.value.message == "ML-KEM has no implementation 'pqcrypt'; did you mean 'pqcrypto'?"
    with pytest.raises(NotFoundError, match=r"RSA has no implementation 'other'; it has .*cryptography"):
        Registry().open_algorithm_provider("RSA", "other")


def test_a_name_that_is_like_nothing_gets_the_list():
    assert str(error_of(Registry(), "XYZZY")).endswith("'XYZZY': 'cng algorithms' lists what is installed")


# --- strangers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("implementation", "higher"), [("acme", 500), ("acme", 0), ("cryptography", 500)])
def test_a_stranger_that_takes_over_a_name_is_noted(install, implementation, higher):
    """By its rank, or by its name among equal ranks."""
    ours = next(one for one in Registry().candidates("ECDSA_P256") if one.distribution == "cngcore-ec")
    install.plain("acme-fast", "ECDSA_P256", implementation, ours.algorithm.rank + higher)
    explanation = Registry().explain("ECDSA_P256")
    assert explanation.chosen.distribution == "acme-fast"
    assert any(note.startswith("acme-fast 1.2.3 is the default instead of") for note in explanation.notes)
    other = next(verdict for verdict in explanation.verdicts if not verdict.chosen)
    first = "acme-fast:cryptography" if implementation == "cryptography" else "acme"
    assert other.reason == f"is suitable too, but comes after {first}"


@pytest.mark.parametrize("settings", [{"prefer": ["acme"]}, {"prefer": ["acme-fast"]}, {"block": ["acme-fast"]}])
def test_a_stranger_that_the_operator_chose_is_no_note(install, settings):
    install.plain("acme-fast", "ECDSA_P256", "acme", 500)
    assert Registry(**settings).explain("ECDSA_P256").notes == ()
    assert Registry().explain("ECDSA_P256", "acme").notes == ()


def test_a_stranger_may_have_a_name_that_begins_like_ours(install):
    install.plain("cngcore-acme", "ECDSA_P256", "acme", 500)
    assert "cngcore-acme 1.2.3 is the default" in str(Registry().explain("ECDSA_P256"))


def test_the_highest_rank_is_the_highest_of_those_that_work(install):
    """The explanation shows the ranks, so "the highest" would contradict the line of one that cannot work."""
    install.plain("acme-toy", rank=20)
    install.plain("acme-low", implementation="low")
    source = PLAIN.replace("factory=Factory", "factory=Factory, probe=missing").format(
        name="TOY", implementation="high", rank=30
    )
    missing = "from cngcore.provider import ProviderUnavailableError\n\n\ndef missing():\n"
    missing += "    raise ProviderUnavailableError('no library', 'Get it.')\n"
    install("acme-high", missing + source, "TOY")
    explanation = Registry().explain("TOY")
    assert next(one.reason for one in explanation.verdicts if one.chosen) == (
        "its rank 20 is the highest of those that can be used"
    )


def test_a_curve_chooses_the_implementation_that_has_it():
    """The highest rank has neither all curves nor the last word: a requirement comes first."""
    registry = Registry()
    for curve, implementation in (("nistP256", "cryptography"), ("brainpoolP256t1", "ecdsa")):
        assert registry.open_algorithm_provider("ECDSA", curve=curve).declaration.implementation == implementation
    with pytest.raises(NotFoundError, match="it has no curve curve25519"):
        registry.open_algorithm_provider("ECDSA", curve="curve25519")
    with pytest.raises(NotFoundError, match="it has no curve nistP256"):
        registry.open_algorithm_provider("RSA", curve="nistP256")
