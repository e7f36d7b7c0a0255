"""What cngcore-mlkem does itself: which library serves what, the checks of keys, the test of a new pair, wiping."""

import subprocess
import sys

import cngcore_mlkem
import pytest
from cngcore_mlkem import expanded, native
from hypothesis import given
from hypothesis import strategies as st

import cngcore
from cngcore import bcrypt
from cngcore.blobs.pq import SIZES, build
from cngcore.families.mlkem import is_reduced
from cngcore.memory import SecretBytes

IMPLEMENTATIONS = ("cryptography", "pqcrypto")
SETS = ("512", "768", "1024")
PUBLIC, PRIVATE, SEED = "MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB"


def fresh(implementation, parameter_set, flags=0):
    return cngcore.generate_key_pair("ML-KEM", parameter_set=parameter_set, implementation=implementation, flags=flags)


def modules_after(code):
    program = f"import sys\n{code}\nprint(*sorted(sys.modules))"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


# ----------------------------------------------------------------------------------- the declaration


def test_the_declared_sizes_are_those_of_the_blobs():
    for known in cngcore_mlkem.SETS:
        assert SIZES[PUBLIC][known.name] == known.sizes["encapsulation_key"]
        assert SIZES[PRIVATE][known.name] == known.sizes["decapsulation_key"]
        assert SIZES[SEED][known.name] == known.sizes["private_seed"]
    assert tuple(known.name for known in cngcore_mlkem.SETS) == SETS


def alone():
    """A registry that has this distribution only."""
    return cngcore.registry.using(cngcore.Registry(allow=("cngcore-mlkem",)))


def test_two_implementations_and_cryptography_is_the_default():
    with alone(), cngcore.open_algorithm_provider("ML-KEM") as provider:
        assert provider.declaration.implementation == "cryptography"
    for name in IMPLEMENTATIONS:
        with cngcore.open_algorithm_provider("ML-KEM", name) as provider:
            assert provider.provenance.distribution == "cngcore-mlkem"
            assert provider.provenance.back_end == name


def test_without_ml_kem_in_cryptography_the_other_one_serves(monkeypatch):
    from cryptography.hazmat.backends.openssl.backend import backend

    monkeypatch.setattr(type(backend), "mlkem_supported", lambda self: False)
    with alone():
        with cngcore.open_algorithm_provider("ML-KEM") as provider:
            assert provider.declaration.implementation == "pqcrypto"
        with pytest.raises(cngcore.NotFoundError, match="has no ML-KEM"):
            cngcore.open_algorithm_provider("ML-KEM", "cryptography")


# ---------------------------------------------------------------------- what is imported, and when


def test_declaring_imports_no_library():
    modules = modules_after("import cngcore_mlkem; list(cngcore_mlkem.cngcore_register_algorithms())")
    assert not {name.partition(".")[0] for name in modules} & {"cryptography", "pqcrypto", "kyber_py", "dataclasses"}


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
def test_who_serves_what(implementation, parameter_set):
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


QUIET = """
import sys
from cngcore.bcrypt import *

def ok(answer):
    status, *rest = answer if isinstance(answer, tuple) else (answer,)
    assert status == STATUS_SUCCESS, (status, events)
    return rest[0] if rest else None

provider = ok(BCryptOpenAlgorithmProvider("ML-KEM", sys.argv[1], BCRYPT_PROV_DISPATCH))
events = []
sys.addaudithook(lambda event, args: events.append((event, args[0])) if event in ("import", "open") else None)
for name, size in (("512", 768), ("768", 1088), ("1024", 1568)):
    key = ok(BCryptGenerateKeyPair(provider, 0))
    ok(BCryptSetProperty(key, "ParameterSetName", name))
    ok(BCryptFinalizeKeyPair(key))
    for kind in ("MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB"):
        blob = bytearray(ok(BCryptExportKey(key, None, kind)))
        ok(BCryptExportKey(key, None, kind, blob))
        other = ok(BCryptImportKeyPair(provider, None, kind, blob))
        secret, ciphertext, again = bytearray(32), bytearray(size), bytearray(32)
        ok(BCryptEncapsulate(other, secret, ciphertext))
        ok(BCryptDecapsulate(key, ciphertext, again))
        assert secret == again
        if kind != "MLKEMPUBLICBLOB":
            ok(BCryptDecapsulate(other, ciphertext, again))
        ok(BCryptDestroyKey(other))
    for prop in ("AlgorithmName", "ParameterSetName", "KEMCiphertextLength", "KEMSharedSecretLength"):
        ok(BCryptGetProperty(key, prop, bytearray(64)))
    ok(BCryptDestroyKey(key))
ok(BCryptCloseAlgorithmProvider(provider))
assert not events, events
"""


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_opened_for_dispatch_level_nothing_is_imported_or_read_later(implementation):
    run = subprocess.run([sys.executable, "-c", QUIET, implementation], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


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
    """A private key whose public half fails FIPS 203 section 7.2 but has the right hash: its export could not be
    imported.
    """
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
    """Decapsulation gives what was not encapsulated."""
    for kind in (native.NativeMaterial, expanded.ExpandedMaterial):
        monkeypatch.setattr(kind, "decapsulate", lambda self, ciphertext: bytes(32))
    with cngcore.open_algorithm_provider("ML-KEM", request.param[0]) as provider:
        yield provider, request.param[1]


NO_VALIDATION, RANGE_AND_ORDER = bcrypt.BCRYPT_NO_KEY_VALIDATION, bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER


@pytest.mark.parametrize("flags", [(0, 0), (0, RANGE_AND_ORDER), (NO_VALIDATION, RANGE_AND_ORDER)])
def test_a_pair_that_does_not_fit_is_never_given_out(broken, flags):
    """RANGE_AND_ORDER holds the bit of NO_KEY_VALIDATION and means the contrary: read as a whole.

    contract: rule-import-flags.
    """
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


# ------------------------------------------------------------------------------- secrets, and two libraries


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_what_the_material_keeps_itself_is_held(implementation):
    material = fresh(implementation, "512")._material
    assert type(material._private) is type(material._seed) is SecretBytes
    for secret in (material._private, material._seed):
        assert bytes(secret).hex() not in repr(vars(type(material))) + repr(material)


def test_destroying_a_key_wipes_it(monkeypatch):
    wiped = []
    monkeypatch.setattr(SecretBytes, "__del__", lambda self: wiped.append(len(self)))
    fresh("pqcrypto", "768").destroy()
    assert sorted(wiped) == [64, 2400]


@pytest.mark.parametrize("parameter_set", ["768", "1024"])
def test_libraries_that_disagree_are_found_out(parameter_set, monkeypatch):
    key = fresh("cryptography", parameter_set)
    real = expanded.expand
    monkeypatch.setattr(expanded, "expand", lambda known, seed: real(known, bytes(64)))
    with pytest.raises(cngcore.InternalError, match="different keys"):
        key.export(PRIVATE)


def test_each_key_is_a_new_one():
    for implementation in IMPLEMENTATIONS:
        for parameter_set in SETS:
            one, other = (fresh(implementation, parameter_set) for _ in range(2))
            assert one.export(SEED) != other.export(SEED)
            assert one.export(PUBLIC) != other.export(PUBLIC)


def test_material_without_a_private_half_says_so():
    for implementation in IMPLEMENTATIONS:
        half = fresh(implementation, "768").public()._material
        assert not half.has_private
        with pytest.raises(cngcore.InvalidParameterError):
            half.decapsulate(bytes(1088))
        with pytest.raises(cngcore.InvalidParameterError):
            half.export(PRIVATE)
        with pytest.raises(cngcore.NotSupportedError):
            half.get_property("KeyLength")
