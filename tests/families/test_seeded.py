"""What cngcore-mlkem and cngcore-mldsa share: implementations, imports, the test of a new pair, wiping."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from helpers import python
from mlkeys import FAMILIES, MLKEM, Family

import cngcore
from cngcore.blobs.pq import SIZES
from cngcore.memory import SecretBytes

IMPLEMENTATIONS = ("cryptography", "pqcrypto")
ALL = [(family, name) for family in FAMILIES for name in IMPLEMENTATIONS]

each_family = pytest.mark.parametrize("family", FAMILIES, ids=str)
each_implementation = pytest.mark.parametrize(("family", "implementation"), ALL, ids=str)
each_set = pytest.mark.parametrize(
    ("family", "parameter_set"), [(family, name) for family in FAMILIES for name in family.sets], ids=str
)


def package(family: Family, module: str = "") -> Any:
    """Return the provider's package, or a module of it."""
    return import_module(f"{family.distribution.replace('-', '_')}{module}")


def fresh(family: Family, implementation: str, parameter_set: str) -> cngcore.KeyPair:
    return cngcore.generate_key_pair(family.algorithm, parameter_set=parameter_set, implementation=implementation)


def smallest(family: Family) -> str:
    return next(iter(family.sets))


def alone(family: Family) -> Any:
    """Use a registry that has the provider's distribution only."""
    return cngcore.registry.using(cngcore.Registry(allow=(family.distribution,)))


# ----------------------------------------------------------------------------------------- the declaration


@each_family
def test_the_declared_sizes_are_those_of_the_blobs(family: Family) -> None:
    public, private, seed = family.magics
    declared = package(family).SETS
    assert [known.name for known in declared] == list(family.sets)
    public_size, private_size = ("encapsulation_key", "decapsulation_key")
    if family is not MLKEM:
        public_size, private_size = "public_key", "private_key"
    for known in declared:
        assert SIZES[public][known.name] == known.sizes[public_size] == family.sets[known.name].public
        assert SIZES[private][known.name] == known.sizes[private_size] == family.sets[known.name].private
        assert SIZES[seed][known.name] == known.sizes["private_seed"] == family.seed_bytes


@each_family
def test_two_implementations_and_cryptography_is_the_default(family: Family) -> None:
    with alone(family), cngcore.open_algorithm_provider(family.algorithm) as provider:
        assert provider.declaration.implementation == "cryptography"
    for name in IMPLEMENTATIONS:
        with cngcore.open_algorithm_provider(family.algorithm, name) as provider:
            assert provider.provenance.distribution == family.distribution
            assert provider.provenance.back_end == name


@each_family
def test_without_it_in_cryptography_the_other_one_serves(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.hazmat.backends.openssl.backend import backend

    supported = "mlkem_supported" if family is MLKEM else "mldsa_supported"
    monkeypatch.setattr(type(backend), supported, lambda self: False)
    with alone(family):
        with cngcore.open_algorithm_provider(family.algorithm) as provider:
            assert provider.declaration.implementation == "pqcrypto"
        with pytest.raises(cngcore.NotFoundError, match=f"has no {family}"):
            cngcore.open_algorithm_provider(family.algorithm, "cryptography")


@each_family
def test_declaring_imports_no_library(family: Family) -> None:
    """The declaration imports nothing heavy but what :mod:`cngcore.provider` imports."""
    name = family.distribution.replace("-", "_")
    program = (
        "import sys, cngcore.provider; before = set(sys.modules)\n"
        f"import {name}; list({name}.cngcore_register_algorithms()); print(*(set(sys.modules) - before))"
    )
    run = python(program)
    modules = {module.partition(".")[0] for module in run.stdout.split()}
    assert not modules & {"cryptography", "pqcrypto", "kyber_py", "dilithium_py", "dataclasses", "ctypes", "hashlib"}


# ---------------------------------------------------------------------------------------- dispatch level

USES = {
    "ML-KEM": """
    secret, ciphertext, again = bytearray(32), bytearray(output), bytearray(32)
    ok(BCryptEncapsulate(other, secret, ciphertext))
    ok(BCryptDecapsulate(key, ciphertext, again))
    assert secret == again
    if kind != kinds[0]:
        ok(BCryptDecapsulate(other, ciphertext, again))
""",
    "ML-DSA": """
    for info, flags in (
        (None, 0), (INFO(bytes(10)), BCRYPT_PAD_PQDSA), (None, BCRYPT_MLDSA_EXTERNAL_MU),
        (INFO(bytes(255)), BCRYPT_PAD_PQDSA), (INFO(b"", "SHAKE256"), BCRYPT_PAD_PQDSA),
    ):
        signer = key if kind == kinds[0] else other
        signature = bytearray(ok(BCryptSignHash(signer, info, bytes(64), None, flags)))
        ok(BCryptSignHash(signer, info, bytes(64), signature, flags))
        ok(BCryptVerifySignature(other, info, bytes(64), signature, flags))
""",
}
PROPERTIES = {
    "ML-KEM": ("AlgorithmName", "ParameterSetName", "KEMCiphertextLength", "KEMSharedSecretLength"),
    "ML-DSA": ("AlgorithmName", "ParameterSetName", "SignatureLength"),
}

QUIET = """
import sys
from cngcore.bcrypt import *
from cngcore.bcrypt import BCRYPT_PQDSA_PADDING_INFO as INFO

def ok(answer):
    status, *rest = answer if isinstance(answer, tuple) else (answer,)
    assert status == STATUS_SUCCESS, (status, events)
    return rest[0] if rest else None

def use(key, other, kind, kinds, output):
{use}

kinds = {kinds}
provider = ok(BCryptOpenAlgorithmProvider({algorithm!r}, {implementation!r}, BCRYPT_PROV_DISPATCH))
events = []
sys.addaudithook(lambda event, args: events.append((event, args[0])) if event in ("import", "open") else None)
for name, output in {outputs}:
    key = ok(BCryptGenerateKeyPair(provider, 0))
    ok(BCryptSetProperty(key, "ParameterSetName", name))
    ok(BCryptFinalizeKeyPair(key))
    for kind in kinds:
        blob = bytearray(ok(BCryptExportKey(key, None, kind)))
        ok(BCryptExportKey(key, None, kind, blob))
        other = ok(BCryptImportKeyPair(provider, None, kind, blob))
        use(key, other, kind, kinds, output)
        ok(BCryptDestroyKey(other))
    for prop in {properties}:
        ok(BCryptGetProperty(key, prop, bytearray(64)))
    ok(BCryptDestroyKey(key))
ok(BCryptCloseAlgorithmProvider(provider))
assert not events, events
"""


@each_implementation
@pytest.mark.parametrize("sets", [1, pytest.param(3, marks=pytest.mark.exhaustive)])
def test_opened_for_dispatch_level_nothing_is_imported_or_read_later(
    family: Family, implementation: str, sets: int
) -> None:
    program = QUIET.format(
        use=USES[family.algorithm], kinds=tuple(family.magics), algorithm=family.algorithm,
        implementation=implementation, properties=PROPERTIES[family.algorithm],
        outputs=[(name, sizes.output) for name, sizes in list(family.sets.items())[:sets]],
    )  # fmt: skip
    run = python(program, check=False)
    assert run.returncode == 0, run.stderr


# ------------------------------------------------------------------- the test of a new pair, two libraries


@pytest.fixture(params=[(*one, name) for one in ALL for name in one[0].sets], ids=lambda one: "-".join(map(str, one)))
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[cngcore.KeyPair]:
    """An empty key whose two halves will not belong together."""
    family, implementation, parameter_set = request.param
    operation, answer = ("decapsulate", bytes(32)) if family is MLKEM else ("verify_signature", False)
    for kind in (package(family, ".native").NativeMaterial, package(family, ".expanded").ExpandedMaterial):
        monkeypatch.setattr(kind, operation, lambda self, *given: answer)
    with cngcore.open_algorithm_provider(family.algorithm, implementation) as provider:
        key = provider.generate_key_pair()
        key.set_property("ParameterSetName", parameter_set)
        yield key


@pytest.mark.parametrize("flags", [0, cngcore.bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER])
def test_a_pair_that_does_not_fit_is_never_given_out(broken: cngcore.KeyPair, flags: int) -> None:
    """RANGE_AND_ORDER holds the bit of NO_KEY_VALIDATION and means the contrary: the flags are compared as a whole.

    contract: rule-import-flags.
    """
    with pytest.raises(cngcore.InternalError, match="belong together"):
        broken.finalize(flags)
    assert broken.state == "empty"


@each_set
def test_libraries_that_disagree_are_found_out(
    family: Family, parameter_set: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library that holds a key and the one that expands its seed: nothing is exported if their keys differ."""
    native = package(family, ".native").NativeMaterial
    if parameter_set not in native.private_kinds:
        pytest.skip("cryptography has no such set: one library does both")
    key = fresh(family, "cryptography", parameter_set)
    expand = package(family, ".expansion").expand
    wrong = staticmethod(lambda known, seed: expand(known, bytes(len(seed))))
    monkeypatch.setattr(native, "expand", wrong)
    with pytest.raises(cngcore.InternalError, match="different keys"):
        key.export(list(family.magics)[1])


# ------------------------------------------------------------------------------------------------- secrets


@each_implementation
def test_secret_bytes_are_held_and_never_shown(family: Family, implementation: str) -> None:
    """The material of pqcrypto, which the default implementation uses for private keys in expanded form."""
    private = list(family.magics)[1]
    with cngcore.open_algorithm_provider(family.algorithm, implementation) as provider:
        blob = fresh(family, implementation, smallest(family)).export(private)
        material = provider.import_key_pair(private, blob)._material
    seeded = fresh(family, "pqcrypto", smallest(family))._material
    assert type(material._private) is type(seeded._private) is type(seeded._seed) is SecretBytes
    for secret in (material._private, seeded._private, seeded._seed):
        for owner in (material, seeded):
            assert bytes(secret).hex() not in repr(vars(type(owner))) + repr(owner) + repr(secret) + str(secret)


@each_set
def test_destroying_a_key_wipes_it(family: Family, parameter_set: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wiped: list[int] = []
    gc.collect()  # keys of other tests that nobody holds any more go first
    monkeypatch.setattr(SecretBytes, "__del__", lambda self: wiped.append(len(self)))
    key = fresh(family, "pqcrypto", parameter_set)
    assert type(key._material._private) is type(key._material._seed) is SecretBytes
    assert wiped == []
    key.destroy()
    assert sorted(wiped) == [family.seed_bytes, family.sets[parameter_set].private]


@each_implementation
def test_each_key_is_a_new_one(family: Family, implementation: str) -> None:
    public, _, seed = family.magics
    for parameter_set in family.sets:
        one, other = (fresh(family, implementation, parameter_set) for _ in range(2))
        assert one.export(seed) != other.export(seed)
        assert one.export(public) != other.export(public)


@each_implementation
def test_material_without_a_private_half_says_so(family: Family, implementation: str) -> None:
    _, private, seed = family.magics
    for parameter_set, sizes in family.sets.items():
        half = fresh(family, implementation, parameter_set).public()._material
        assert not half.has_private
        use = (half.decapsulate, bytes(sizes.output)) if family is MLKEM else (half.sign_hash, b"m", None)
        for call, *arguments in (use, (half.export, private), (half.export, seed)):
            with pytest.raises(cngcore.InvalidParameterError, match="public half only"):
                call(*arguments)
        with pytest.raises(cngcore.NotSupportedError):
            half.get_property("KeyLength")


@each_implementation
def test_an_expanded_key_says_that_it_has_no_seed(family: Family, implementation: str) -> None:
    _, private, seed = family.magics
    with cngcore.open_algorithm_provider(family.algorithm, implementation) as provider:
        blob = fresh(family, implementation, smallest(family)).export(private)
        with pytest.raises(cngcore.InvalidParameterError, match="has no seed"):
            provider.import_key_pair(private, blob).export(seed)
