"""What the tests of ML-KEM and ML-DSA share: the two families as data, blobs built by hand, keys by the flat API."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from helpers import ok, opened, signed
from oracles.values import wide

import cngcore
from cngcore import bcrypt

SET_NAME = bcrypt.BCRYPT_PARAMETER_SET_NAME


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of one parameter set: the keys, what an operation returns, and the blobs (public, private, seed)."""

    public: int
    private: int
    output: int
    blobs: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Family:
    """One algorithm, with its blob types in the order public, private, seed."""

    algorithm: str
    distribution: str
    handle: int
    magics: Mapping[str, bytes]
    seed_bytes: int
    sets: Mapping[str, Sizes]
    output_length: str
    """The property that is the length of a ciphertext or a signature."""
    interface: int
    mask: int

    def __str__(self) -> str:
        return self.algorithm

    def blob(self, blob_type: str, parameter_set: str, key: bytes) -> bytes:
        """Return a blob built by hand, with a key of any length."""
        name = wide(parameter_set)
        return self.magics[blob_type] + struct.pack("<2I", len(name), len(key)) + name + key

    def implementations(self) -> list[str]:
        """Return the installed implementations that work here and have every parameter set and blob."""
        return [
            found.implementation
            for found in cngcore.registry.default().candidates(self.algorithm)
            if found.unavailable() is None
            and {known.name for known in found.algorithm.parameter_sets} == set(self.sets)
            and {kind.name for kind in found.algorithm.blob_types.values() if kind.imports} >= set(self.magics)
        ]

    def check(self, public: int, private: int) -> None:
        """Check by the flat API that two keys are halves of one pair."""
        if self is MLKEM:
            secret, ciphertext = encapsulated(public)
            assert decapsulated(private, ciphertext) == secret
        else:
            ok(bcrypt.BCryptVerifySignature(public, None, b"m", signed(private, b"m"), 0))


KEYS = ("PUBLICBLOB", "PRIVATEBLOB", "PRIVATESEEDBLOB")
SIZES = {
    # family: {parameter set: public key, private key, what an operation returns, the three blobs}
    "ML-KEM": {
        "512": Sizes(800, 1632, 768, (820, 1652, 84)),
        "768": Sizes(1184, 2400, 1088, (1204, 2420, 84)),
        "1024": Sizes(1568, 3168, 1568, (1590, 3190, 86)),
    },
    "ML-DSA": {
        "44": Sizes(1312, 2560, 2420, (1330, 2578, 50)),
        "65": Sizes(1952, 4032, 3309, (1970, 4050, 50)),
        "87": Sizes(2592, 4896, 4627, (2610, 4914, 50)),
    },
}
MLKEM, MLDSA = FAMILIES = tuple(
    Family(name, distribution, handle, {prefix + key: magic for key, magic in zip(KEYS, magics, strict=True)},
           seed, SIZES[name], output, interface, mask)
    for name, distribution, handle, prefix, magics, seed, output, interface, mask in (
        ("ML-KEM", "cngcore-mlkem", bcrypt.BCRYPT_MLKEM_ALG_HANDLE, "MLKEM", (b"MLKP", b"MLKR", b"MLKS"), 64,
         bcrypt.BCRYPT_KEM_CIPHERTEXT_LENGTH, 8, bcrypt.BCRYPT_KEY_ENCAPSULATION_OPERATION),
        ("ML-DSA", "cngcore-mldsa", bcrypt.BCRYPT_MLDSA_ALG_HANDLE, "PQDSA", (b"DSPK", b"DSSK", b"DSSS"), 32,
         bcrypt.BCRYPT_SIGNATURE_LENGTH, 5, bcrypt.BCRYPT_SIGNATURE_OPERATION),
    )
)  # fmt: skip


@contextmanager
def empty(algorithm: int | str, flags: int = 0) -> Iterator[int]:
    """Yield a key that is not finalized and has no parameter set."""
    with ExitStack() as stack:
        handle = stack.enter_context(opened(algorithm)) if isinstance(algorithm, str) else algorithm
        key = ok(bcrypt.BCryptGenerateKeyPair(handle, 0, flags))
        stack.callback(bcrypt.BCryptDestroyKey, key)
        yield key


@contextmanager
def made(algorithm: int | str, parameter_set: str) -> Iterator[int]:
    """Yield a new key pair."""
    with empty(algorithm) as key:
        ok(bcrypt.BCryptSetProperty(key, SET_NAME, wide(parameter_set)))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        yield key


def encapsulated(key: int) -> tuple[bytes, bytes]:
    """Return (secret, ciphertext) by a size query and a call, as C code does it."""
    sizes = ok(bcrypt.BCryptEncapsulate(key))
    secret, ciphertext = bytearray(sizes[0]), bytearray(sizes[1])
    assert ok(bcrypt.BCryptEncapsulate(key, secret, ciphertext)) == sizes
    return bytes(secret), bytes(ciphertext)


def decapsulated(key: int, ciphertext: bytes) -> bytes:
    """Return the secret of a ciphertext, by a size query and a call."""
    size = ok(bcrypt.BCryptDecapsulate(key, ciphertext))
    secret = bytearray(size)
    assert ok(bcrypt.BCryptDecapsulate(key, ciphertext, secret)) == size
    return bytes(secret)
