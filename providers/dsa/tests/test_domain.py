"""An independent PQGVer verifies the DSA parameters of cngcore, from the blob of a key alone."""

import pytest
from helpers import representative
from pqgver import verify_blob

import cngcore

SIZES = list(range(512, 3072 + 1, 64))


def check(bits):
    with cngcore.open_algorithm_provider("DSA") as provider, provider.generate_key_pair(bits) as key:
        key.finalize()
        assert verify_blob(key.export("DSAPUBLICBLOB")) == bits


@pytest.mark.parametrize("bits", representative([512, 576, 1024, 704, 768, 896, 1088, 1472], most=3))
def test_a_spread_of_sizes(bits):
    check(bits)


@pytest.mark.slow
@pytest.mark.parametrize("bits", [*SIZES, *SIZES[::5]])
def test_fifty_sets_over_all_sizes(bits):
    check(bits)


def test_the_verifier_can_fail():
    with cngcore.open_algorithm_provider("DSA") as provider, provider.generate_key_pair(512) as key:
        key.finalize()
        blob = key.export("DSAPUBLICBLOB")
    for at in (11, 12, 40, 60, 130):
        broken = bytearray(blob)
        broken[at] ^= 1
        with pytest.raises(AssertionError):
            verify_blob(bytes(broken))
