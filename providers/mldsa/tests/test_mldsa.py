"""What cngcore-mldsa does itself: which library signs and verifies, mu, the check of expanded keys."""

import random

import cngcore_mldsa
import pqcrypto
import pytest
from cngcore_mldsa import expanded, expansion, native
from dilithium_py import ml_dsa
from helpers import python, representative

import cngcore
from cngcore import ExternalMu, PqDsa
from cngcore.families import mldsa_lattice as lattice
from cngcore.families import mldsa_message as message
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
    return set(python(program).stdout.split())


# ----------------------------------------------------------------------------------- the declaration


def test_the_declared_sizes_are_those_of_the_library():
    for known in cngcore_mldsa.SETS:
        assert known.sizes["signature"] == getattr(pqcrypto, f"ml_dsa_{known.name}").SIGNATURE_SIZE
        assert known.sizes["external_mu"] == message.MU_BYTES
    assert SETS == tuple(lattice.SHAPES) == tuple(message.STRENGTHS)


# ---------------------------------------------------------------------- what is imported, and when


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


# ------------------------------------------------------------------- which library signs and verifies


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
    monkeypatch.setattr(expansion, "_python", Python)
    for operation in ("sign_hash", "verify_signature"):
        real = getattr(native.NativeMaterial, operation)
        monkeypatch.setattr(native.NativeMaterial, operation, watched("cryptography", real))
    return seen


SERVED = {
    # implementation and form of the key; by what is signed: the library that signs, the one that verifies (README)
    ("cryptography", SEED): dict.fromkeys(PADDINGS, ("cryptography", "cryptography")),
    ("pqcrypto", SEED): dict.fromkeys(PADDINGS, ("cryptography", "cryptography"))
    | dict.fromkeys(("pure", "253"), ("pqcrypto", "pqcrypto")),
    ("cryptography", PRIVATE): dict.fromkeys(PADDINGS, ("dilithium-py", "cryptography"))
    | dict.fromkeys(("pure", "253"), ("pqcrypto", "pqcrypto")),
}
SERVED["pqcrypto", PRIVATE] = SERVED["cryptography", PRIVATE]


@pytest.mark.parametrize(("implementation", "form"), SERVED)
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("parameter_set", representative(SETS))
def test_which_library_signs_and_verifies(calls, implementation, form, padding, parameter_set):
    with cngcore.open_algorithm_provider("ML-DSA", implementation) as provider:
        key = provider.import_key_pair(form, fresh("cryptography", parameter_set).export(form))
        given, how = PADDINGS[padding]
        calls.clear()
        signature = key.sign_hash(given, how)
        key.verify_signature(given, signature, how)
    assert tuple(calls) == SERVED[implementation, form][padding]


def test_pqcrypto_takes_contexts_to_253_bytes():
    """The module works around this limit. If this test fails, the library supports more and the module can too."""
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
    """contract: rule-sign-mldsa-prehash; FIPS 204 section 5.4."""
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
    """pqcrypto 1.0's mode for pre-hashed messages does not hash: given the digest, it checks what this package does.

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
    """A change of any part but K is refused. dilithium-py does not look at t0."""
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
    """If too few numbers are below q, more of the stream is read."""

    class Stream:
        def __init__(self, seed):
            self.seed = seed

        def digest(self, length):
            return (b"\xff" * 3 * 100 + b"\1\0\0" * length)[:length]

    monkeypatch.setattr(lattice, "shake_128", Stream)
    assert lattice._sample(b"seed") == [1] * 256


# ------------------------------------------------------------- the test of a new pair, secrets, two libraries


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("parameter_set", SETS)
def test_no_key_validation_does_not_skip_the_test(implementation, parameter_set, monkeypatch):
    """The flag is for ML-KEM only."""
    for kind in (native.NativeMaterial, expanded.ExpandedMaterial):
        monkeypatch.setattr(kind, "verify_signature", lambda self, *given: False)
    with cngcore.open_algorithm_provider("ML-DSA", implementation) as provider:
        key = provider.generate_key_pair()
        key.set_property("ParameterSetName", parameter_set)
        with pytest.raises(cngcore.InternalError, match="belong together"):
            key.finalize(cngcore.bcrypt.BCRYPT_NO_KEY_VALIDATION)
        assert key.state == "empty"
