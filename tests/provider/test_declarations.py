"""Declarations are frozen dataclasses with slots; a request keeps every property in one place."""

import copy
import dataclasses
import pickle
from contextlib import suppress

import pluggy
import pytest

import cngcore
from cngcore import InvalidParameterError, provider
from cngcore.constants import BCRYPT_KEY_LENGTH, BCRYPT_PARAMETER_SET_NAME
from cngcore.provider import (
    Algorithm,
    BlobType,
    ByWindows,
    ExactLength,
    KeyFactory,
    KeyLengths,
    KeyMaterial,
    KeyRequest,
    NoLength,
    ParameterSet,
    Property,
    When,
    hookimpl,
)
from cngcore.windows import VERSIONS

EXAMPLES = {
    "KeyLengths": lambda: KeyLengths(512, 16384, 64),
    "ExactLength": lambda: ExactLength(256),
    "NoLength": NoLength,
    "ByWindows": lambda: ByWindows({"8": KeyLengths(512, 3072, 64), "vista": KeyLengths(512, 1024, 64)}),
    "ParameterSet": lambda: ParameterSet("768", public_key=1184, seed=64),
    "When": lambda: When(algorithm="r", empty="rw"),
    "Property": lambda: Property("KeyLength", int, When(empty="rw"), values=[1, 2], replaces=["Other"]),
    "BlobType": lambda: BlobType("ECCPRIVATEBLOB"),
    "Algorithm": lambda: Algorithm(
        "TOY", "toy", "sign", ExactLength(8), [ParameterSet("1")], [Property("P", str, When())], 0, ["A", BlobType("B")]
    ),
}


@pytest.mark.parametrize("make", EXAMPLES.values(), ids=EXAMPLES)
def test_a_declaration_is_a_frozen_dataclass_with_slots(make):
    value = make()
    assert dataclasses.is_dataclass(value)
    assert not hasattr(value, "__dict__")
    for field in dataclasses.fields(value):
        with pytest.raises(AttributeError):
            setattr(value, field.name, None)
    with pytest.raises((AttributeError, TypeError)):
        value.no_such_field = 1


@pytest.mark.parametrize("make", EXAMPLES.values(), ids=EXAMPLES)
def test_declarations_are_equal_by_content_and_survive_pickling(make):
    one, two = make(), make()
    assert one == two
    assert hash(one) == hash(two)
    assert one != object()
    for other in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):
        assert other == one
    assert repr(one) == repr(two)


def test_iterables_become_what_the_core_looks_up():
    algorithm = EXAMPLES["Algorithm"]()
    assert algorithm.operations == {"sign"}
    assert algorithm.properties["P"].type is str
    assert [blob.name for blob in algorithm.blob_types.values()] == ["A", "B"]
    assert algorithm.parameter_sets[0].name == "1"


def test_rules_by_windows_are_in_the_order_of_the_versions():
    rule = EXAMPLES["ByWindows"]()
    assert list(rule.rules) == ["vista", "8"]
    assert rule.for_windows("7") == KeyLengths(512, 1024, 64)
    assert rule.for_windows("11") == KeyLengths(512, 3072, 64)
    assert 2048 in rule.legal
    assert ByWindows({"10": ExactLength(1)}).for_windows("vista") == NoLength()


def test_a_request_keeps_length_and_parameter_set_with_the_other_properties():
    request = KeyRequest(2048, 0, {"Other": 1}, "65")
    assert request.properties == {"Other": 1, BCRYPT_KEY_LENGTH: 2048, BCRYPT_PARAMETER_SET_NAME: "65"}
    assert (request.length, request.parameter_set) == (2048, "65")
    with pytest.raises(AttributeError):
        request.length = 1
    empty = KeyRequest(0, 0, {})
    assert (empty.properties, empty.length, empty.parameter_set) == ({}, 0, None)


def test_a_request_does_not_change_the_properties_it_was_made_from():
    properties = {"Other": 1}
    KeyRequest(256, 0, properties, "44")
    assert properties == {"Other": 1}


def test_the_marker_is_pluggys_own():
    assert isinstance(provider.hookimpl, pluggy.HookimplMarker)
    assert provider.hookimpl.project_name == "cngcore"


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: When(empty="x"), ValueError),
        (lambda: Algorithm("A", "a", {"fly"}), ValueError),
        (lambda: Algorithm("A", "a", {"sign"}, 256), TypeError),
        (lambda: Algorithm("A", "a", {"sign"}, concurrency="some"), ValueError),
        (lambda: KeyLengths.from_bytes(bytes(11)), InvalidParameterError),
    ],
)
def test_a_wrong_declaration_says_so(make, error):
    with pytest.raises(error):
        make()


def test_a_request_knows_its_windows_version():
    """KeyRequest.windows is the version that the key behaves as: at import, and at Generate."""
    seen = []

    class Recorder(KeyFactory):
        def generate(self, request):
            seen.append(request.windows)
            return KeyMaterial()

        def import_key(self, blob_type, blob, request):
            seen.append(request.windows)
            return KeyMaterial()

    class PlugIn:
        @hookimpl
        def cngcore_register_algorithms(self):
            return [
                Algorithm(
                    "ACME", "acme", {"sign"}, key_lengths=ExactLength(8), blob_types=("ACMEBLOB",), factory=Recorder
                )
            ]

    assert KeyRequest(0, 0, {}).windows == VERSIONS[-1]
    for version in VERSIONS:
        registry = cngcore.Registry(plugins=[PlugIn()], windows=version)
        with registry.open_algorithm_provider("ACME") as provider:
            for _ in range(2):
                with suppress(cngcore.CngError):
                    provider.generate_key_pair(8).finalize()
            provider.import_key_pair("ACMEBLOB", b"key")
        assert seen == [version] * 3
        seen.clear()
    with pytest.raises(cngcore.InvalidParameterError):
        KeyRequest.for_windows("12")
