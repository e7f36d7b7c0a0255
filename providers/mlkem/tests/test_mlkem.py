"""What cngcore-mlkem does itself: which library serves which key, the checks of keys, the test of a new pair."""

import cngcore_mlkem
import pytest
from cngcore_mlkem import expanded, native
from helpers import python
from hypothesis import given
from hypothesis import strategies as st

import cngcore
from cngcore import bcrypt
from cngcore.blobs.pq import build
from cngcore.families.mlkem import is_reduced

IMPLEMENTATIONS = ("cryptography", "pqcrypto")
SETS = ("512", "768", "1024")
PUBLIC, PRIVATE, SEED = "MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB"


def fresh(implementation, parameter_set, flags=0):
    return cngcore.generate_key_pair("ML-KEM", parameter_set=parameter_set, implementation=implementation, flags=flags)


def modules_after(code):
    program = f"import sys\n{code}\nprint(*sorted(sys.modules))"
    return set(python(program).stdout.split())


# ---------------------------------------------------------------------- what is imported, and when


KEY = (
    "import cngcore; k = cngcore.generate_key_pair('ML-KEM', parameter_set='768', implementation='cryptography')\n"
    "s, c = k.encapsulate()\n"
)


def test_a_key_of_768_needs_no_other_library_until_it_is_expanded():
    use = KEY + f"assert k.decapsulate(c) == s; k.export({PUBLIC!r}); k.export({SEED!r}); k.public().encapsulate()\n"
    assert not modules_after(use) & {"pqcrypto", "kyber_py"}
    after = modules_after(use + f"k.export({PRIVATE!r})\n")
    assert "kyber_py" in after
    assert "pqcrypto" not in after


def test_the_other_implementation_needs_no_cryptography():
    modules = modules_after("import cngcore; cngcore.generate_key_pair('ML-KEM', parameter_set='768', "
                            "implementation='pqcrypto').public().encapsulate()")  # fmt: skip
    assert "pqcrypto" in modules
    assert "cryptography" not in modules


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("parameter_set", SETS)
def test_which_library_holds_a_key(implementation, parameter_set):
    """The README's table."""
    is_native = implementation == "cryptography" and parameter_set != "512"
    kind = native.NativeMaterial if is_native else expanded.ExpandedMaterial
    key = fresh(implementation, parameter_set)
    with cngcore.open_algorithm_provider("ML-KEM", implementation) as provider:
        assert type(key._material) is kind
        assert type(key.public()._material) is kind
        for blob_type in (PUBLIC, SEED):
            assert type(provider.import_key_pair(blob_type, key.export(blob_type))._material) is kind
        from_expanded = provider.import_key_pair(PRIVATE, key.export(PRIVATE))
        assert type(from_expanded._material) is expanded.ExpandedMaterial


# -------------------------------------------------------------------------- the checks of FIPS 203


def coefficients(key):
    bits = int.from_bytes(key[:-32], "little")
    return [bits >> 12 * at & 0xFFF for at in range((len(key) - 32) * 8 // 12)]


@given(st.binary(min_size=800, max_size=800))
def test_the_modulus_check_is_the_plain_one_for_any_bytes(key):
    assert is_reduced(key) == all(value < 3329 for value in coefficients(key))


@given(st.integers(0, 511), st.integers(0, 4095), st.sampled_from([0, 3328]))
def test_the_modulus_check_sees_each_coefficient_alone(place, value, others):
    bits = sum((value if at == place else others) << 12 * at for at in range(512))
    assert is_reduced(bits.to_bytes(768, "little") + b"\xff" * 32) == (value < 3329)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("parameter_set", SETS)
def test_the_hash_alone_does_not_let_an_unreduced_key_pass(implementation, parameter_set):
    """A private key whose public half fails the modulus check but has the right hash could not be imported again."""
    from hashlib import sha3_256

    (known,) = (found for found in cngcore_mlkem.SETS if found.name == parameter_set)
    ek = b"\xff" * known.sizes["encapsulation_key"]
    dk = bytes(known.sizes["decapsulation_key"] - len(ek) - 64) + ek + sha3_256(ek).digest() + bytes(32)
    with (
        cngcore.open_algorithm_provider("ML-KEM", implementation) as provider,
        pytest.raises(cngcore.InvalidParameterError, match="below q"),
    ):
        provider.import_key_pair(PRIVATE, build(PRIVATE, parameter_set, dk))


# -------------------------------------------------------------------------- the test of a new pair


@pytest.fixture(params=[(name, known) for name in IMPLEMENTATIONS for known in SETS], ids="-".join)
def broken(request, monkeypatch):
    """Make decapsulation return another secret than the encapsulated one."""
    for kind in (native.NativeMaterial, expanded.ExpandedMaterial):
        monkeypatch.setattr(kind, "decapsulate", lambda self, ciphertext: bytes(32))
    with cngcore.open_algorithm_provider("ML-KEM", request.param[0]) as provider:
        yield provider, request.param[1]


NO_VALIDATION, RANGE_AND_ORDER = bcrypt.BCRYPT_NO_KEY_VALIDATION, bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER


@pytest.mark.parametrize("flags", [(NO_VALIDATION, RANGE_AND_ORDER)])
def test_a_pair_that_does_not_fit_is_never_given_out(broken, flags):
    """RANGE_AND_ORDER at Finalize wins over NO_KEY_VALIDATION at Generate."""
    provider, parameter_set = broken
    key = provider.generate_key_pair(0, flags[0])
    key.set_property("ParameterSetName", parameter_set)
    with pytest.raises(cngcore.InternalError, match="belong together"):
        key.finalize(flags[1])
    assert key.state == "empty"


@pytest.mark.parametrize("flags", [(NO_VALIDATION, 0), (0, NO_VALIDATION), (NO_VALIDATION, NO_VALIDATION)])
def test_no_key_validation_leaves_the_test_out(broken, flags):
    provider, parameter_set = broken
    key = provider.generate_key_pair(0, flags[0])
    key.set_property("ParameterSetName", parameter_set)
    key.finalize(flags[1])
    assert key.state == "finalized"
