"""An opened algorithm remembers the lengths and flags that were legal, until it is closed or a property is set."""

import pytest

import cngcore
from cngcore.provider import Algorithm, LengthRule, Property, When, hookimpl
from cngcore.provider import KeyFactory as Factory


class Rule(LengthRule):
    """One length. The first check does something to the opened algorithm, as another thread could meanwhile."""

    def __init__(self):
        self.meanwhile = None

    @property
    def legal(self):
        return (256,)

    def accepts(self, length, properties):
        todo, self.meanwhile = self.meanwhile, None
        if todo is not None:
            todo()
        return length in self.legal


@pytest.fixture
def opened():
    rule = Rule()
    settable = Property("Acme", str, When(algorithm="rw", empty="rw"))

    class Provider:
        @hookimpl
        def cngcore_register_algorithms(self):
            return [Algorithm("ACME", "acme", {"sign"}, rule, properties=[settable], generate_flags=8, factory=Factory)]

    registry = cngcore.Registry(discover=False)
    registry.register(Provider())
    return rule, registry.open_algorithm_provider("ACME")


@pytest.mark.parametrize("flags", [0, 8])
def test_nothing_is_remembered_by_an_algorithm_that_is_closed_meanwhile(opened, flags):
    rule, provider = opened
    rule.meanwhile = provider.close
    provider.generate_key_pair(256, flags)
    with pytest.raises(cngcore.InvalidHandleError):
        provider.generate_key_pair(256, flags)


@pytest.mark.parametrize("flags", [0, 8])
def test_a_property_that_is_set_meanwhile_counts_for_the_next_key(opened, flags):
    rule, provider = opened
    rule.meanwhile = lambda: provider.set_property("Acme", "later")
    provider.generate_key_pair(256, flags)
    assert provider.generate_key_pair(256, flags).get_property("Acme") == "later"


def test_flags_are_remembered_with_their_length_only(opened):
    _, provider = opened
    provider.generate_key_pair(256, 8)
    for length, flags in ((256, 1), (128, 8), (256, True), (256.0, 8)):
        with pytest.raises(cngcore.InvalidParameterError):
            provider.generate_key_pair(length, flags)
    assert provider.generate_key_pair(256, 0).state == "empty"
