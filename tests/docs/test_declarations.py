"""The reference pages say all that the declarations say, and where each rule comes from."""

import re
import sys
from pathlib import Path

import pytest
from helpers import as_id

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_ext"))

import declarations  # noqa: E402 - a module of the documentation, found by the line above

OURS = declarations.ours()
EVERY = [candidate for candidates in OURS.values() for candidate in candidates]


def rules(algorithm) -> set[str]:
    """The names of the rules that a declaration states."""
    names = {"operations", *algorithm.properties, *algorithm.blob_types}
    if algorithm.key_lengths is not None:
        names.add("key_lengths")
    if algorithm.has_key_pairs or algorithm.generate_flags:
        names.add("generate_flags")
    names |= {rule for rule in ("modes", "parameters") if getattr(algorithm, rule)}
    return names | ({"parameter_sets"} if algorithm.parameter_sets else set())


@pytest.mark.parametrize("candidate", EVERY, ids=as_id)
def test_every_rule_of_ours_has_a_source(candidate):
    algorithm = candidate.algorithm
    assert set(algorithm.sources) == rules(algorithm)
    for name, text in algorithm.sources.items():
        assert re.search(r"page|contract: rule-|FIPS \d|RFC \d|decisions/", text), f"{name}: {text}"
        for tags in re.findall(r"\[([a-z, -]+)\]", text):
            assert set(tags.split(", ")) <= {"doc", "header", "wine-test", "wine-impl", "symcrypt", "dotnet", "go",
                                             "go-wrapper", "app", "inferred", "win-ci"}  # fmt: skip
        for page in re.findall(r"decisions/([\w-]+)", text):
            assert (ROOT / "docs" / "decisions" / f"{page}.md").exists()


@pytest.mark.parametrize("name", OURS)
def test_a_page_says_all_of_a_declaration(name):
    candidates = OURS[name]
    text = declarations.page_of(name, candidates)
    algorithm = candidates[0].algorithm
    own = (*algorithm.properties, *candidates[0].own_properties, *(mode.chaining_mode for mode in algorithm.modes))
    more = (*algorithm.blob_types, *(one.name for one in algorithm.parameters))
    for word in (*own, *more, *(one.implementation for one in candidates)):
        assert f"`{word}`" in text
    for mode in algorithm.modes:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{mode.chaining_mode}`"))
        for low, high, _ in (legal for legal in (mode.nonce, mode.tag) if legal is not None):
            assert re.search(rf"\| {low}{'' if low == high else f' to {high}'}\b", row)
    for rule in (algorithm.extended_key_lengths, algorithm.has_symmetric_keys and algorithm.key_lengths):
        assert not rule or declarations.length_in_words(rule) in text
    for one in algorithm.parameter_sets:
        assert f"`{one.name}`" in text
        assert all(f" {size} " in text for size in one.sizes.values())
    if not algorithm.has_key_pairs:
        assert "no key pairs" in text
    else:
        assert declarations.length_in_words(algorithm.key_lengths) in text


def test_the_front_page_counts_right():
    every = [candidates[0].algorithm for candidates in OURS.values()]
    text = " ".join((ROOT / "docs" / "index.md").read_text().lower().split())
    assert f"{sum(one.has_key_pairs for one in every)} algorithms with key pairs" in text
    assert f"{sum('cipher' in one.operations for one in every)} ciphers" in text
    assert f"{sum('derive' in one.operations for one in every)} key-derivation algorithms" in text
    assert f"{sum('hash' in one.operations for one in every)} hashes and macs" in text


def test_boundaries_are_what_the_rules_say():
    tried = dict(declarations.boundaries(OURS["RSA"][0].algorithm.key_lengths))
    assert [length for length, taken in tried.items() if taken] == [512, 576, 16320, 16384]
    assert not tried[0]
    assert not tried[513]
    assert not tried[16385]
    assert dict(declarations.boundaries(OURS["ECDSA_P521"][0].algorithm.key_lengths))[521]
    assert dict(declarations.boundaries(OURS["ML-KEM"][0].algorithm.key_lengths)) == {0: True, 1: False, 256: False}


def test_the_page_of_objects_leaves_out_what_is_hidden():
    import hidden

    from cngcore.objects import SymmetricKey
    from cngcore.objects._symmetric_key import _HIDDEN

    members = {name: getattr(SymmetricKey, name) for name in dir(SymmetricKey) if not name.startswith("_")}
    assert {name for name, member in members.items() if hidden.is_hidden(name, member)} == _HIDDEN
    assert not hidden.is_hidden("encrypt", members["encrypt"])
