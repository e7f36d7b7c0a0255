"""The kit's checks of numbers find faults in families that the toy lacks: real providers, with one method changed."""

import os

import pytest

from cngcore import conformance
from cngcore.conformance.checks.signature_numbers import _HINTS

FAULTS = {}


def fault(provider, check, material, method):
    """Register a function that makes a wrong method of a right one."""

    def register(function):
        FAULTS[function.__name__] = (provider, check, material, method, function)
        return function

    return register


def _numbers(key):
    from cngcore.blobs import dsa

    parsed = dsa.parse("DSAPRIVATEBLOB", key.export("DSAPRIVATEBLOB"))
    return parsed.parameters.p, parsed.parameters.q, parsed.parameters.g, parsed.x


def _signed(key, digest, k):
    p, q, g, x = _numbers(key)
    width = (q.bit_length() + 7) // 8
    r = pow(g, k % q, p) % q
    s = pow(k % q, -1, q) * (int.from_bytes(digest, "big") + r * x) % q
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


@fault("cngcore_dsa", "signature-nonces", "cngcore_dsa.keys:DsaMaterial", "sign_hash")
def dsa_nonce_is_constant(right):
    return lambda key, digest, padding: _signed(key, digest, 0x123456789ABCDEF)


@fault("cngcore_dsa", "signature-nonces", "cngcore_dsa.keys:DsaMaterial", "sign_hash")
def dsa_nonce_of_19_bytes(right):
    return lambda key, digest, padding: _signed(key, digest, int.from_bytes(os.urandom(19), "big") | 1)


@fault("cngcore_dsa", "signature-sizes", "cngcore_dsa.keys:DsaMaterial", "sign_hash")
def dsa_r_padded_on_the_wrong_side(right):
    def sign(key, digest, padding):
        made = right(key, digest, padding)
        half = len(made) // 2
        return made[:half].lstrip(b"\0").ljust(half, b"\0") + made[half:]

    return sign


@fault("cngcore_dsa", "verify-numbers", "cngcore_dsa.keys:DsaMaterial", "verify_signature")
def dsa_verify_reduces_s(right):
    def verify(key, digest, signature, padding):
        q = _numbers(key)[1] if key.has_private else 0
        half = len(signature) // 2
        s = int.from_bytes(signature[half:], "big")
        again = signature[:half] + (s % q if q else s).to_bytes(half, "big")
        return right(key, digest, again, padding)

    return verify


@fault("cngcore_dh", "agree-numbers", "cngcore_dh.keys:DhMaterial", "agree")
def dh_secret_padded_on_the_wrong_side(right):
    def agree(key, peer):
        made = bytes(right(key, peer))
        return bytearray(made.lstrip(b"\0").ljust(len(made), b"\0"))

    return agree


@fault("cngcore_mldsa", "signature-hints", "cngcore_mldsa.native:NativeMaterial", "verify_signature")
def mldsa_hints_in_any_order(right):
    def verify(key, digest, signature, padding):
        sizes = next(one for one in _HINTS.values() if sum(one) == len(signature)) if len(signature) > 2000 else None
        if sizes is not None:
            start, omega = sizes[0] + sizes[1], sizes[2]
            hints, ends = bytearray(signature[start : start + omega]), signature[start + omega :]
            begin = 0
            for end in ends:
                hints[begin:end] = bytes(sorted(hints[begin:end]))
                begin = end
            signature = signature[:start] + bytes(hints[:omega]) + ends
        return right(key, digest, signature, padding)

    return verify


@pytest.mark.parametrize("name", FAULTS)
def test_the_check_finds_the_fault(monkeypatch, name):
    provider, check, material, method, function = FAULTS[name]
    module, _, attribute = material.partition(":")
    kind = getattr(pytest.importorskip(module), attribute)
    assert conformance.run(provider, checks=[check]).conforms
    monkeypatch.setattr(kind, method, function(getattr(kind, method)))
    report = conformance.run(provider, checks=[check])
    assert report.failed_checks == {check}, report.text()
