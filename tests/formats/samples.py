"""One key of every kind, from fixed bytes or made once, and the tools that check us from outside."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

import pytest

import cngcore
from cngcore import formats

KINDS = {
    # name: how to make one with cngcore.generate_key_pair
    "RSA 512": ("RSA", {"length": 512}),
    "RSA 2048": ("RSA", {"length": 2048}),
    "DSA 512": ("DSA", {"length": 512}),
    "DSA 1024": ("DSA", {"length": 1024}),
    "DSA 2048": ("DSA", {"length": 2048}),
    "DH 512": ("DH", {"length": 512}),
    "DH 2048": ("DH", {"length": 2048}),
    "ECDSA P-256": ("ECDSA_P256", {"length": 256}),
    "ECDSA P-521": ("ECDSA_P521", {"length": 521}),
    "ECDH P-384": ("ECDH_P384", {"length": 384}),
    **{
        f"ECDSA {name}": ("ECDSA", {"curve": name})
        for name in (
            "nistP192", "nistP224", "nistP256", "secP256k1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1",
        )
    },
    "X25519": ("ECDH", {"curve": "curve25519"}),
    **{f"ML-KEM-{name}": ("ML-KEM", {"parameter_set": name}) for name in ("512", "768", "1024")},
    **{f"ML-DSA-{name}": ("ML-DSA", {"parameter_set": name}) for name in ("44", "65", "87")},
}  # fmt: skip


@functools.cache
def pair(kind: str) -> cngcore.KeyPair:
    algorithm, options = KINDS[kind]
    return cngcore.generate_key_pair(algorithm, **options)


@functools.cache
def key(kind: str) -> formats.Key:
    return formats.from_key(pair(kind))


def tool(name: str) -> str:
    """The path of a command; where it is not on this machine the test is skipped, and the report says so."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"the command {name} is not on this machine")
    return found


def run(*arguments: str | Path, given: bytes = b"") -> bytes:
    """The standard output of a command that must succeed."""
    done = subprocess.run([tool(str(arguments[0])), *map(str, arguments[1:])], input=given, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def told(kind: str, format: str, private: bool) -> dict[str, object]:
    """What decode() must be told of a form that does not say it itself."""
    it = key(kind)
    if format == "raw":
        algorithm = it.family if it.family != "EC" else it.use
        return {
            "format": "raw",
            "algorithm": algorithm,
            "curve": it.curve,
            "parameter_set": it.parameter_set,
            "private": private,
        }
    return {"curve": it.curve} if format == "cng" else {}
