"""Every pair of installed implementations of ML-KEM and of ML-DSA, on every parameter set, held against each other.

The same seed must give the same blobs; what one encapsulates, signs or exports, the other must decapsulate, verify or
import. A pair in which one has no seeds, or no such set, is skipped with that reason.
"""

from __future__ import annotations

import random
from itertools import permutations, product
from typing import Any

import pytest
from helpers import representative

import cngcore
from cngcore import ExternalMu, PqDsa
from cngcore.objects._implementation import Implementation
from cngcore.provider import ParameterSet

BLOBS = {
    "ML-KEM": ("MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB"),
    "ML-DSA": ("PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB", "PQDSAPRIVATESEEDBLOB"),
}
SEED_BYTES = {"ML-KEM": 64, "ML-DSA": 32}
SEED_MAGIC = {"ML-KEM": b"MLKS", "ML-DSA": b"DSSS"}
ROUNDS = 4


def installed(algorithm: str) -> list[Implementation]:
    candidates = cngcore.registry.default().candidates(algorithm)
    return [candidate for candidate in candidates if candidate.unavailable() is None]


def pairs(algorithm: str) -> list[Any]:
    """Both orders of each pair, with each parameter set that either of the two has."""
    found = []
    for one, other in permutations(installed(algorithm), 2):
        names = {known.name for candidate in (one, other) for known in candidate.algorithm.parameter_sets}
        label = f"{one.implementation}-{other.implementation}"
        found += [pytest.param(one, other, name, id=f"{label}-{name}") for name in sorted(names, key=int)]
    return found


def need_set(candidate: Implementation, name: str) -> ParameterSet:
    for known in candidate.algorithm.parameter_sets:
        if known.name == name:
            return known
    pytest.skip(f"{candidate.implementation} has no set {name}")


def need_blob(candidate: Implementation, blob_type: str, way: str) -> None:
    declared = candidate.algorithm.blob_types.get(blob_type)
    if declared is None or not getattr(declared, way):
        pytest.skip(f"{candidate.implementation} {way} no {blob_type}")


def new_key(candidate: Implementation, name: str) -> cngcore.KeyPair:
    need_set(candidate, name)
    return cngcore.generate_key_pair(
        candidate.algorithm.name, parameter_set=name, implementation=candidate.implementation
    )


def import_key(candidate: Implementation, blob_type: str, blob: bytes | bytearray) -> cngcore.KeyPair:
    need_blob(candidate, blob_type, "imports")
    with cngcore.open_algorithm_provider(candidate.algorithm.name, candidate.implementation) as provider:
        return provider.import_key_pair(blob_type, blob)


def seed_blobs(algorithm: str, name: str) -> list[bytes]:
    """The same few seeds each time, and the two plain ones."""
    rng = random.Random(f"{algorithm} {name}")
    size = SEED_BYTES[algorithm]
    wide = name.encode("utf-16-le") + b"\0\0"
    head = SEED_MAGIC[algorithm] + len(wide).to_bytes(4, "little") + size.to_bytes(4, "little") + wide
    return [head + seed for seed in (bytes(size), b"\xff" * size, *(rng.randbytes(size) for _ in range(ROUNDS)))]


def test_there_are_pairs() -> None:
    for algorithm in BLOBS:
        assert {"cryptography", "pqcrypto"} <= {candidate.implementation for candidate in installed(algorithm)}


@pytest.mark.parametrize(("one", "other", "name"), [*pairs("ML-KEM"), *pairs("ML-DSA")])
def test_the_same_seed_is_the_same_key(one: Implementation, other: Implementation, name: str) -> None:
    algorithm = one.algorithm.name
    seed = BLOBS[algorithm][2]
    for candidate, blob_type, way in product((one, other), BLOBS[algorithm], ("imports", "exports")):
        need_set(candidate, name)
        need_blob(candidate, blob_type, way)
    for blob in seed_blobs(algorithm, name):
        first, second = import_key(one, seed, blob), import_key(other, seed, blob)
        for blob_type in BLOBS[algorithm]:
            assert first.export(blob_type) == second.export(blob_type), blob_type


@pytest.mark.parametrize(("one", "other", "name"), [*pairs("ML-KEM"), *pairs("ML-DSA")])
def test_what_one_exports_the_other_imports(one: Implementation, other: Implementation, name: str) -> None:
    """And exports again, to the byte: public keys, expanded private keys, seeds."""
    need_set(other, name)
    key = new_key(one, name)
    done = 0
    for blob_type in BLOBS[one.algorithm.name]:
        declared = [candidate.algorithm.blob_types.get(blob_type) for candidate in (one, other)]
        if all(found is not None and found.imports and found.exports for found in declared):
            blob = key.export(blob_type)
            assert import_key(other, blob_type, blob).export(blob_type) == blob
            done += 1
    assert done, "not even a public key goes over"


@pytest.mark.parametrize(("one", "other", "name"), pairs("ML-KEM"))
def test_what_one_encapsulates_the_other_decapsulates(one: Implementation, other: Implementation, name: str) -> None:
    """Also what both reject: the same secret of a spoilt ciphertext, from the seed and from the expanded key."""
    public, private, seed = BLOBS["ML-KEM"]
    need_set(other, name)
    key = new_key(one, name)
    twin = import_key(other, public, key.export(public))
    for _ in range(ROUNDS):
        secret, ciphertext = twin.encapsulate()
        assert key.decapsulate(ciphertext) == secret
    for form in (private, seed):
        need_blob(one, form, "exports")
        again = import_key(other, form, key.export(form))
        for _ in range(ROUNDS):
            secret, ciphertext = key.encapsulate()
            assert again.decapsulate(ciphertext) == secret
            spoilt = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
            assert again.decapsulate(spoilt) == key.decapsulate(spoilt) != secret


PADDINGS: dict[str, tuple[bytes, PqDsa | ExternalMu | None]] = {
    "empty": (b"", None),
    "pure": (b"message", None),
    "context": (b"message", PqDsa(b"context")),
    "context of 253": (b"message", PqDsa(b"c" * 253)),
    "context of 254": (b"message", PqDsa(b"c" * 254)),
    "context of 255": (b"message", PqDsa(b"c" * 255)),
    "SHA512": (bytes(range(64)), PqDsa(b"context", "SHA512")),
    "SHA3-512": (bytes(range(64)), PqDsa(b"", "SHA3-512")),
    "SHAKE256": (bytes(range(64)), PqDsa(b"", "SHAKE256")),
    "external mu": (bytes(range(64)), ExternalMu()),
}


@pytest.mark.parametrize("how", PADDINGS)
@pytest.mark.parametrize(
    ("one", "other", "name"),
    representative(pairs("ML-DSA"), kind=lambda one, other, name: (one.implementation, other.implementation)),
)
def test_what_one_signs_the_other_verifies(one: Implementation, other: Implementation, name: str, how: str) -> None:
    """A new key signs; so does the same key in expanded form, on the other side."""
    public, private, _ = BLOBS["ML-DSA"]
    message, padding = PADDINGS[how]
    need_set(other, name)
    key = new_key(one, name)
    twin = import_key(other, public, key.export(public))
    signers = [(key, twin)]
    if private in one.algorithm.blob_types and private in other.algorithm.blob_types:
        signers.append((import_key(other, private, key.export(private)), key))
    for signer, judge in signers:
        try:
            signature = signer.sign_hash(message, padding)
            judge.verify_signature(message, signature, padding)
        except cngcore.NotSupportedError as error:
            if one.distribution == other.distribution == "cngcore-mldsa":
                raise
            pytest.skip(f"one of the two does not do this: {error}")
        spoilt = bytes([signature[0] ^ 1]) + signature[1:]
        with pytest.raises(cngcore.InvalidSignatureError):
            judge.verify_signature(message, spoilt, padding)
