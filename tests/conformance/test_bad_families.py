"""The kit's checks of numbers find faults in families that the toy lacks: real providers, with one method changed."""

import os

import pytest
from helpers import representative

from cngcore import conformance
from cngcore.conformance import lattices
from cngcore.padding import PqDsa

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


def _lenient(right, **changed):
    """Verify as the library does, and take besides what the kit's arithmetic takes with other bounds."""

    def verify(key, message, signature, padding):
        if right(key, message, signature, padding):
            return True
        known = lattices.SETS[key.parameter_set.name]
        kind = type("Lenient", (lattices.Parameters,), changed)
        other = kind(**{name: getattr(known, name) for name in known.__dataclass_fields__})
        mu = key.mu(message, padding)
        return lattices.holds(other, key.public_bytes, mu, signature)

    return verify


@fault("cngcore_mldsa", "vectors", "cngcore_mldsa.native:NativeMaterial", "verify_signature")
def mldsa_z_at_its_bound(right):
    return _lenient(right, bound=property(lambda known: known.gamma1 - known.tau * known.eta + 1))


@fault("cngcore_mldsa", "vectors", "cngcore_mldsa.native:NativeMaterial", "verify_signature")
def mldsa_any_z(right):
    return _lenient(right, bound=1 << 30)


@fault("cngcore_mldsa", "vectors", "cngcore_mldsa.native:NativeMaterial", "verify_signature")
def mldsa_bytes_behind_the_signature(right):
    return lambda key, message, signature, padding: right(key, message, signature[: key.signature_length], padding)


@fault("cngcore_mldsa", "vectors", "cngcore_mldsa.native:NativeMaterial", "verify_signature")
def mldsa_filling_of_hints_is_ignored(right):
    def verify(key, message, signature, padding):
        known = lattices.SETS[key.parameter_set.name]
        begin = sum(known.sizes[:2])
        if len(signature) == sum(known.sizes) and signature[-1] <= known.omega:
            used = signature[: begin + signature[-1]]
            signature = used + bytes(known.omega - signature[-1]) + signature[-known.rows :]
        return right(key, message, signature, padding)

    return verify


@fault("cngcore_mldsa", "signature-hints", "cngcore_mldsa.native:NativeMaterial", "verify_signature")
def mldsa_hints_in_any_order(right):
    def verify(key, message, signature, padding):
        known = lattices.SETS[key.parameter_set.name]
        if len(signature) == sum(known.sizes):
            start = sum(known.sizes[:2])
            hints, ends = bytearray(signature[start : start + known.omega]), signature[start + known.omega :]
            begin = 0
            for end in ends:
                hints[begin:end] = bytes(sorted(hints[begin:end]))
                begin = end
            signature = signature[:start] + bytes(hints[: known.omega]) + ends
        return right(key, message, signature, padding)

    return verify


@fault("cngcore_mldsa", "sign-verify", "cngcore_mldsa.native:NativeMaterial", "sign_hash")
def mldsa_signs_without_the_context(right):
    """The other method is wrong alike, so that what it signs verifies: only arithmetic tells."""
    from cngcore_mldsa.native import NativeMaterial

    verify = NativeMaterial.verify_signature

    def either(key, message, signature, padding):
        return verify(key, message, signature, _bare(padding)) or verify(key, message, signature, padding)

    NativeMaterial.verify_signature = either
    return lambda key, message, padding: right(key, message, _bare(padding))


def _bare(padding):
    return None if isinstance(padding, PqDsa) and padding.prehash is None else padding


@fault("cngcore_mlkem", "blob-invalid-key", "cngcore_mlkem.expanded:ExpandedMaterial", "public_of")
def mlkem_hash_of_the_encapsulation_key_is_not_checked(right):
    def public_of(cls, parameter_set, private):
        end = len(private) - 64
        return private[end - parameter_set.sizes["encapsulation_key"] : end]

    return classmethod(public_of)


@fault("cngcore_mlkem", "blob-round-trip", "cngcore_mlkem.expanded:ExpandedMaterial", "seed")
def mlkem_makes_up_a_seed(right):
    return lambda key: right(key) or bytearray(os.urandom(64))


@pytest.mark.parametrize("name", representative(FAULTS, kind=lambda name: FAULTS[name][1]))
def test_the_check_finds_the_fault(monkeypatch, name):
    provider, check, material, method, function = FAULTS[name]
    module, _, attribute = material.partition(":")
    kind = getattr(pytest.importorskip(module), attribute)
    assert conformance.run(provider, checks=[check]).conforms
    for one in ("sign_hash", "verify_signature"):  # put back also if the fault changes both
        if hasattr(kind, one):
            monkeypatch.setattr(kind, one, getattr(kind, one))
    monkeypatch.setattr(kind, method, function(getattr(kind, method)))
    report = conformance.run(provider, checks=[check])
    assert report.failed_checks == {check}, report.text()


def test_another_implementation_finds_what_both_directions_hide(tmp_path):
    """A wrong counter decrypts what it encrypts: the kit's vectors show it, and so does another implementation."""
    pytest.importorskip("cngcore_symmetric")
    from conformance.deviations import SYMMETRIC_DEVIATIONS
    from conformance.workshop import SYMMETRIC, SYMMETRIC_TOY, importable, install

    check = "differential-symmetric"
    for slug, changes in (("plain", ()), ("counter", SYMMETRIC_DEVIATIONS["counter-begins-at-one"].changes)):
        package = install(tmp_path, slug, changes, SYMMETRIC, SYMMETRIC_TOY)
        with importable(tmp_path, package):
            report = conformance.run(package, algorithms=["AES"], checks=[check])
        assert report.failed_checks == ({check} if changes else set()), report.text()
        assert changes or "cngcore-symmetric" in report.outcomes[0].note
