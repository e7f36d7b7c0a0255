"""What cngcore-mldsa does itself: which library serves what, mu, the check of expanded keys, the test of a new pair."""

import gc
import random
import subprocess
import sys

import cngcore_mldsa
import pqcrypto
import pytest
from cngcore_mldsa import expanded, native
from dilithium_py import ml_dsa

import cngcore
from cngcore import ExternalMu, PqDsa
from cngcore.blobs.pq import SIZES
from cngcore.families import mldsa_lattice as lattice
from cngcore.families import mldsa_message as message
from cngcore.memory import SecretBytes
from cngcore.status import InvalidParameterError

IMPLEMENTATIONS = ("cryptography", "pqcrypto")
SETS = ("44", "65", "87")
PUBLIC, PRIVATE, SEED = "PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB", "PQDSAPRIVATESEEDBLOB"
PADDINGS = {
    "pure": (b"message", None),
    "253": (b"message", PqDsa(b"c" * 253)),
    "254": (b"message", PqDsa(b"c" * 254)),
    "255": (b"message", PqDsa(b"c" * 255)),
    "digest": (bytes(64), PqDsa(b"c", "SHA512")),
    "mu": (bytes(64), ExternalMu()),
}


def fresh(implementation, parameter_set):
    return cngcore.generate_key_pair("ML-DSA", parameter_set=parameter_set, implementation=implementation)


def modules_after(code):
    program = f"import sys\n{code}\nprint(*sorted(sys.modules))"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


# ----------------------------------------------------------------------------------- the declaration


def test_the_declared_sizes_are_those_of_the_blobs_and_of_the_libraries():
    for known in cngcore_mldsa.SETS:
        assert SIZES[PUBLIC][known.name] == known.sizes["public_key"]
        assert SIZES[PRIVATE][known.name] == known.sizes["private_key"]
        assert SIZES[SEED][known.name] == known.sizes["private_seed"]
        assert known.sizes["signature"] == getattr(pqcrypto, f"ml_dsa_{known.name}").SIGNATURE_SIZE
        assert known.sizes["external_mu"] == message.MU_BYTES
    assert (
        tuple(known.name for known in cngcore_mldsa.SETS) == SETS == tuple(lattice.SHAPES) == tuple(message.STRENGTHS)
    )


def alone():
    """A registry that has this distribution only."""
    return cngcore.registry.using(cngcore.Registry(allow=("cngcore-mldsa",)))


def test_two_implementations_and_cryptography_is_the_default():
    with alone(), cngcore.open_algorithm_provider("ML-DSA") as provider:
        assert provider.declaration.implementation == "cryptography"
    for name in IMPLEMENTATIONS:
        with cngcore.open_algorithm_provider("ML-DSA", name) as provider:
            assert provider.provenance.distribution == "cngcore-mldsa"
            assert provider.provenance.back_end == name


def test_without_ml_dsa_in_cryptography_the_other_one_serves(monkeypatch):
    from cryptography.hazmat.backends.openssl.backend import backend

    monkeypatch.setattr(type(backend), "mldsa_supported", lambda self: False)
    with alone():
        with cngcore.open_algorithm_provider("ML-DSA") as provider:
            assert provider.declaration.implementation == "pqcrypto"
        with pytest.raises(cngcore.NotFoundError, match="has no ML-DSA"):
            cngcore.open_algorithm_provider("ML-DSA", "cryptography")


# ---------------------------------------------------------------------- what is imported, and when


def test_declaring_imports_no_library():
    modules = modules_after("import cngcore_mldsa; list(cngcore_mldsa.cngcore_register_algorithms())")
    libraries = {"cryptography", "pqcrypto", "dilithium_py", "dataclasses"}
    assert not {name.partition(".")[0] for name in modules} & libraries


def test_a_key_needs_no_other_library_until_it_is_expanded():
    use = (
        "import cngcore; k = cngcore.generate_key_pair('ML-DSA', parameter_set='44', implementation='cryptography')\n"
        "digest, mu = cngcore.PqDsa(bytes(255), 'SHA512'), cngcore.ExternalMu()\n"
        "for p, m in ((None, b''), (digest, bytes(64)), (mu, bytes(64))):\n"
        f"    k.verify_signature(m, k.sign_hash(m, p), p); k.export({PUBLIC!r}); k.export({SEED!r})\n"
    )
    assert not modules_after(use) & {"pqcrypto", "dilithium_py"}
    after = modules_after(use + f"k.export({PRIVATE!r})\n")
    assert "dilithium_py" in after
    assert "pqcrypto" not in after


def test_the_other_implementation_needs_no_cryptography_for_messages():
    modules = modules_after(
        "import cngcore; k = cngcore.generate_key_pair('ML-DSA', parameter_set='44', implementation='pqcrypto')\n"
        "k.verify_signature(b'm', k.sign_hash(b'm', cngcore.PqDsa(bytes(253))), cngcore.PqDsa(bytes(253)))\n"
    )
    assert "pqcrypto" in modules
    assert "cryptography" not in modules


QUIET = """
import sys
from cngcore.bcrypt import *
from cngcore.bcrypt import BCRYPT_PQDSA_PADDING_INFO

def ok(answer):
    status, *rest = answer if isinstance(answer, tuple) else (answer,)
    assert status == STATUS_SUCCESS, (status, events)
    return rest[0] if rest else None

provider = ok(BCryptOpenAlgorithmProvider("ML-DSA", sys.argv[1], BCRYPT_PROV_DISPATCH))
events = []
sys.addaudithook(lambda event, args: events.append((event, args[0])) if event in ("import", "open") else None)
for name in ("44", "65", "87"):
    key = ok(BCryptGenerateKeyPair(provider, 0))
    ok(BCryptSetProperty(key, "ParameterSetName", name))
    ok(BCryptFinalizeKeyPair(key))
    for kind in ("PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB", "PQDSAPRIVATESEEDBLOB"):
        blob = bytearray(ok(BCryptExportKey(key, None, kind)))
        ok(BCryptExportKey(key, None, kind, blob))
        other = ok(BCryptImportKeyPair(provider, None, kind, blob))
        for info, flags in (
            (None, 0), (BCRYPT_PQDSA_PADDING_INFO(bytes(10)), BCRYPT_PAD_PQDSA), (None, BCRYPT_MLDSA_EXTERNAL_MU),
            (BCRYPT_PQDSA_PADDING_INFO(bytes(255)), BCRYPT_PAD_PQDSA),
            (BCRYPT_PQDSA_PADDING_INFO(b"", "SHAKE256"), BCRYPT_PAD_PQDSA),
        ):
            signer = key if kind == "PQDSAPUBLICBLOB" else other
            signature = bytearray(ok(BCryptSignHash(signer, info, bytes(64), None, flags)))
            ok(BCryptSignHash(signer, info, bytes(64), signature, flags))
            ok(BCryptVerifySignature(other, info, bytes(64), signature, flags))
        ok(BCryptDestroyKey(other))
    for prop in ("AlgorithmName", "ParameterSetName", "SignatureLength"):
        ok(BCryptGetProperty(key, prop, bytearray(64)))
    ok(BCryptDestroyKey(key))
ok(BCryptCloseAlgorithmProvider(provider))
assert not events, events
"""


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_opened_for_dispatch_level_nothing_is_imported_or_read_later(implementation):
    run = subprocess.run([sys.executable, "-c", QUIET, implementation], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


# ------------------------------------------------------------------------------- who serves what


@pytest.fixture
def calls(monkeypatch):
    """The names of the libraries that sign and verify, in the order they are called."""
    seen = []

    def watched(name, real):
        def call(*arguments, **named):
            seen.append(name)
            return real(*arguments, **named)

        return call

    class Library:
        def __init__(self, parameter_set):
            real = getattr(pqcrypto, f"ml_dsa_{parameter_set.name}")
            self.sign, self.verify = watched("pqcrypto", real.sign), watched("pqcrypto", real.verify)

    class Python:
        def __init__(self, parameter_set):
            real = getattr(ml_dsa, f"ML_DSA_{parameter_set.name}")
            self.key_derive, self.sign_external_mu = real.key_derive, watched("dilithium-py", real.sign_external_mu)

    monkeypatch.setattr(expanded, "_library", Library)
    monkeypatch.setattr(expanded, "_python", Python)
    for operation in ("sign_hash", "verify_signature"):
        real = getattr(native.NativeMaterial, operation)
        monkeypatch.setattr(native.NativeMaterial, operation, watched("cryptography", real))
    return seen


SERVED = {
    # implementation, form of the key: who signs, who verifies; by what is signed (the README's table)
    ("cryptography", SEED): dict.fromkeys(PADDINGS, ("cryptography", "cryptography")),
    ("pqcrypto", SEED): dict.fromkeys(PADDINGS, ("cryptography", "cryptography"))
    | dict.fromkeys(("pure", "253"), ("pqcrypto", "pqcrypto")),
    ("cryptography", PRIVATE): dict.fromkeys(PADDINGS, ("dilithium-py", "cryptography"))
    | dict.fromkeys(("pure", "253"), ("pqcrypto", "pqcrypto")),
}
SERVED["pqcrypto", PRIVATE] = SERVED["cryptography", PRIVATE]


@pytest.mark.parametrize(("implementation", "form"), SERVED)
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("parameter_set", SETS)
def test_who_serves_what(calls, implementation, form, padding, parameter_set):
    with cngcore.open_algorithm_provider("ML-DSA", implementation) as provider:
        key = provider.import_key_pair(form, fresh("cryptography", parameter_set).export(form))
        given, how = PADDINGS[padding]
        calls.clear()
        signature = key.sign_hash(given, how)
        key.verify_signature(given, signature, how)
    assert tuple(calls) == SERVED[implementation, form][padding]


def test_pqcrypto_takes_contexts_to_253_bytes():
    """The limit that the module works around; when this fails, the library has mended it, and so can we."""
    library = pqcrypto.ml_dsa_44
    public, private = library.keygen()
    library.verify(public, b"m", library.sign(private, b"m", bytes(253)), bytes(253))
    with pytest.raises(ValueError, match="context"):
        library.sign(private, b"m", bytes(254))
    assert expanded._LONGEST_CONTEXT == 253


# ------------------------------------------------------------------------------------------ mu


def test_mu_is_what_dilithium_py_says():
    for parameter_set in SETS:
        library = getattr(ml_dsa, f"ML_DSA_{parameter_set}")
        key = fresh("cryptography", parameter_set)
        public = bytes(key.export(PUBLIC))[18:]
        for context in (b"", b"context", bytes(255)):
            expected = library.prehash_external_mu(public, b"message", context)
            assert key._material.mu(b"message", PqDsa(context)) == expected


@pytest.mark.parametrize("parameter_set", SETS)
def test_pre_hashes_have_the_strength_of_the_set(parameter_set):
    """contract: rule-sign-mldsa-prehash."""
    allowed = {
        "44": {"SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE128", "SHAKE256"},
        "65": {"SHA384", "SHA512", "SHA3-384", "SHA3-512", "SHAKE256"},
        "87": {"SHA512", "SHA3-512", "SHAKE256"},
    }
    taken = set()
    for name, (_, size, _) in message.PREHASHES.items():
        try:
            message.representative(parameter_set, bytes(64), bytes(size), PqDsa(b"", name))
        except InvalidParameterError:
            continue
        taken.add(name)
    assert taken == allowed[parameter_set]


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("name", ["SHA384", "SHA512", "SHA3-384", "SHA3-512", "SHAKE256"])
def test_pqcrypto_builds_the_same_pre_hashed_message_of_a_digest(implementation, name):
    """pqcrypto 1.0's mode for pre-hashed messages does not hash: given the digest, it is a judge of what is done here.

    Given a message, as its documentation has it, it makes what no other library verifies; so this package does not
    use the mode (docs/decisions/ml.md).
    """
    key = fresh(implementation, "65")
    digest = bytes(range(message.PREHASHES[name][1]))
    words = {"SHA3-384": "Sha3_384", "SHA3-512": "Sha3_512", "SHAKE256": "Shake256"}
    mode = getattr(pqcrypto.HashAlgorithm, words.get(name, name.capitalize()))
    public, private = (bytes(key.export(kind))[18:] for kind in (PUBLIC, PRIVATE))
    pqcrypto.ml_dsa_65.verify(public, digest, key.sign_hash(digest, PqDsa(b"c", name)), b"c", mode)
    key.verify_signature(digest, pqcrypto.ml_dsa_65.sign(private, digest, b"c", mode), PqDsa(b"c", name))


# --------------------------------------------------------------------------- keys in expanded form


@pytest.mark.parametrize("parameter_set", SETS)
def test_the_public_key_of_a_private_one(parameter_set):
    library = getattr(ml_dsa, f"ML_DSA_{parameter_set}")
    rng = random.Random(parameter_set)
    for _ in range(5):
        public, private = library.key_derive(rng.randbytes(32))
        assert lattice.public_key(parameter_set, private) == public == library.pk_from_sk(private)


@pytest.mark.parametrize("parameter_set", SETS)
def test_every_bit_but_those_of_k_counts(parameter_set):
    """dilithium-py does not look at t0: this check does."""
    library = getattr(ml_dsa, f"ML_DSA_{parameter_set}")
    _, private = library.key_derive(bytes(32))
    rng = random.Random(parameter_set)
    places = [*range(2), *range(64, 66), *(rng.randrange(128, len(private)) for _ in range(12)), len(private) - 1]
    for at in places:
        spoilt = bytearray(private)
        spoilt[at] ^= 1 << rng.randrange(8)
        with pytest.raises(InvalidParameterError):
            lattice.public_key(parameter_set, bytes(spoilt))
    free = bytearray(private)
    free[32:64] = bytes(32)
    assert lattice.public_key(parameter_set, bytes(free)) == library.pk_from_sk(private)
    low = bytearray(private)
    low[-1] ^= 0x80
    assert library.pk_from_sk(bytes(low)) == library.pk_from_sk(private)


def test_the_transform_is_its_inverses_inverse_and_multiplies():
    rng = random.Random(1)
    one, other = ([rng.randrange(lattice.Q) for _ in range(256)] for _ in range(2))
    assert lattice._backward(lattice._forward(list(one))) == one
    product = lattice._backward(
        [x * y % lattice.Q for x, y in zip(lattice._forward(list(one)), lattice._forward(list(other)), strict=True)]
    )
    plain = [0] * 256
    for i, x in enumerate(one):
        for j, y in enumerate(other):
            sign = 1 if i + j < 256 else -1
            plain[(i + j) % 256] = (plain[(i + j) % 256] + sign * x * y) % lattice.Q
    assert product == plain


def test_sampling_goes_on_until_there_are_enough(monkeypatch):
    """More numbers than ever in practice are at or above q: the stream is read further."""

    class Stream:
        def __init__(self, seed):
            self.seed = seed

        def digest(self, length):
            return (b"\xff" * 3 * 100 + b"\1\0\0" * length)[:length]

    monkeypatch.setattr(lattice, "shake_128", Stream)
    assert lattice._sample(b"seed") == [1] * 256


# ------------------------------------------------------------- the test of a new pair, secrets, two libraries


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("flags", [0, 8, 0x18])
def test_a_pair_that_does_not_fit_is_never_given_out(implementation, flags, monkeypatch):
    for kind in (native.NativeMaterial, expanded.ExpandedMaterial):
        monkeypatch.setattr(kind, "verify_signature", lambda self, *given: False)
    with cngcore.open_algorithm_provider("ML-DSA", implementation) as provider:
        key = provider.generate_key_pair()
        key.set_property("ParameterSetName", "44")
        with pytest.raises(cngcore.InternalError, match="belong together"):
            key.finalize(flags)
        assert key.state == "empty"


def test_destroying_a_key_wipes_it(monkeypatch):
    wiped = []
    gc.collect()  # keys of other tests that nobody holds any more go first
    monkeypatch.setattr(SecretBytes, "__del__", lambda self: wiped.append(len(self)))
    key = fresh("pqcrypto", "44")
    assert type(key._material._private) is type(key._material._seed) is SecretBytes
    key.destroy()
    assert sorted(wiped) == [32, 2560]


@pytest.mark.parametrize("parameter_set", SETS)
def test_libraries_that_disagree_are_found_out(parameter_set, monkeypatch):
    key = fresh("cryptography", parameter_set)
    real = expanded.expand
    monkeypatch.setattr(expanded, "expand", lambda known, seed: real(known, bytes(32)))
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
        half = fresh(implementation, "44").public()._material
        assert not half.has_private
        with pytest.raises(InvalidParameterError):
            half.sign_hash(b"m", None)
        with pytest.raises(InvalidParameterError):
            half.export(PRIVATE)
        with pytest.raises(cngcore.NotSupportedError):
            half.get_property("KeyLength")
