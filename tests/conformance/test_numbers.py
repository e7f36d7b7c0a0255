"""The kit's own arithmetic and vectors: they agree with other software, and the file is what the program makes."""

import hashlib
import json
import secrets
from functools import partial

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, mlkem, padding, rsa, utils, x25519

from cngcore.blobs import pq
from cngcore.blobs.curves import CURVES
from cngcore.conformance import _own_vectors, lattices, numbers
from cngcore.conformance._vectorfiles import read
from cngcore.families.rsa import HASHES

_LIBRARY = {"nistP256": ec.SECP256R1(), "nistP521": ec.SECP521R1(), "brainpoolP384r1": ec.BrainpoolP384R1()}


QUICK = {
    **{name: partial(_own_vectors._ecdsa, CURVES[name]) for name in ("nistP256", "brainpoolP256r1", "secP256k1")},
    "ECDH": partial(_own_vectors._ecdh, CURVES["nistP256"]),
    "X25519": _own_vectors._x25519, "DH": _own_vectors._dh, "DSA": _own_vectors._dsa,
}  # fmt: skip
"""The parts of the program that search for numbers less than a second long; those of P-521 and RSA take three each."""


@pytest.mark.parametrize("part", QUICK)
def test_the_vectors_have_what_the_program_makes(part):
    made = list(QUICK[part]())
    assert made
    written = {case["id"] + case["does"]: case for case in json.loads(_own_vectors.FILE.read_text())["cases"]}
    assert [written.get(case["id"] + case["does"]) for case in made] == made


@pytest.mark.exhaustive
def test_the_vectors_are_those_that_the_program_makes():
    assert _own_vectors.FILE.read_text(encoding="utf-8") == _own_vectors.text()


def test_the_vectors_have_names_of_their_own_and_both_answers():
    cases = read(_own_vectors.FILE)
    names = [(case["id"], case["does"]) for case in cases]
    assert len(names) == len(set(names)) == 228
    assert {(case["does"], case["valid"]) for case in cases} >= {("verify", True), ("verify", False), ("sign", True)}


@pytest.mark.parametrize("name", _LIBRARY)
def test_points_and_signatures_are_those_of_the_library(name):
    curve, key = CURVES[name], ec.generate_private_key(_LIBRARY[name])
    private = key.private_numbers()
    public = private.public_numbers.x, private.public_numbers.y
    assert numbers.group(curve).multiply(private.private_value) == public
    r, s = utils.decode_dss_signature(key.sign(b"text", ec.ECDSA(hashes.SHA512())))
    digest = hashlib.sha512(b"text").digest()
    assert numbers.ecdsa_holds(curve, public, digest, r, s)
    assert not numbers.ecdsa_holds(curve, public, digest[::-1], r, s)
    k = numbers.ecdsa_nonce(private.private_value, digest, r, s, curve.n)
    assert numbers.group(curve).multiply(k)[0] % curve.n == r


@pytest.mark.parametrize("name", [*_LIBRARY, "secP160r1", "numsP256t1", "secP224k1", "nistP224"])
def test_the_law_of_the_group(name):
    curve, group = CURVES[name], numbers.group(CURVES[name])
    one, two = secrets.randbelow(curve.n), secrets.randbelow(curve.n)
    point = group.multiply(one)
    assert group.multiply(curve.n) is None
    assert group.add(point, group.multiply(two)) == group.multiply(one + two)
    assert group.combine(two, one, group.generator) == group.multiply(one + two)
    assert group.multiply(two, point) == group.multiply(one * two % curve.n)
    assert [found for _, found in group.multiples(5, 3)] == [group.multiply(k) for k in (5, 6, 7)]
    if curve.curve_type == 1:
        lifted = next(found for x in range(99) if (found := group.lift(x)))
        assert curve.on_curve(*lifted)


def test_x25519_is_that_of_the_library():
    one, other = x25519.X25519PrivateKey.generate(), x25519.X25519PrivateKey.generate()
    public = other.public_key().public_bytes_raw()
    assert numbers.x25519(one.private_bytes_raw(), public) == one.exchange(other.public_key())


def test_blocks_of_rsa_are_those_of_the_library():
    key, digest = rsa.generate_private_key(65537, 1024), hashlib.sha256(b"text").digest()
    public = key.public_key().public_numbers()

    def opened(signature):
        return pow(int.from_bytes(signature, "big"), public.e, public.n).to_bytes(128, "big")

    assert opened(key.sign(b"text", padding.PKCS1v15(), hashes.SHA256())) == numbers.pkcs1_block(digest, "SHA256", 128)
    for hash_id in HASHES:
        one = getattr(hashes, hash_id.replace("-", "_"))()
        made = hashlib.new(HASHES[hash_id][0], b"text").digest()
        assert opened(key.sign(b"text", padding.PKCS1v15(), one)) == numbers.pkcs1_block(made, hash_id, 128)
    block = opened(key.sign(b"text", padding.PSS(padding.MGF1(hashes.SHA256()), 11), hashes.SHA256()))
    assert numbers.pss_holds(digest, block, "SHA256", 11, 1024)
    assert not numbers.pss_holds(digest, block, "SHA256", 12, 1024)
    assert not numbers.pss_holds(digest[::-1], block, "SHA256", 11, 1024)


def test_the_rejected_secret_of_ml_kem_is_that_of_the_library():
    key = mlkem.MLKEM768PrivateKey.generate()
    _, ciphertext = key.public_key().encapsulate()
    changed = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
    assert numbers.rejection(key.private_bytes_raw()[32:], changed) == key.decapsulate(changed)


@pytest.mark.parametrize("name", lattices.SETS)
def test_signatures_of_ml_dsa_are_those_of_the_library(name):
    key, known = getattr(mldsa, f"MLDSA{name}PrivateKey").generate(), lattices.SETS[name]
    public = key.public_key().public_bytes_raw()
    mu = lattices.representative(public, b"text", b"context")
    signature = key.sign(b"text", b"context")
    assert lattices.holds(known, public, mu, signature)
    for wrong in (signature[:-1], signature + b"\0", bytes([signature[0] ^ 1]) + signature[1:], bytes(len(signature))):
        assert not lattices.holds(known, public, mu, wrong)
    assert not lattices.holds(known, public, mu[::-1], signature)
    middle = known.sizes[0] + 5
    assert not lattices.holds(known, public, mu, signature[:middle] + b"\x55" + signature[middle + 1 :])


def test_the_kits_arithmetic_gives_the_answers_of_its_vectors_of_ml_dsa():
    """The vectors are right by the verification that was written for keys of every kind."""
    cases = [case for case in read(_own_vectors.FILE) if "PQDSA" in case["key"].get("blob_type", "")]
    assert len(cases) == 28
    for case in cases:
        parsed = pq.parse("PQDSAPUBLICBLOB", bytes.fromhex(case["key"]["blob"]))
        context = bytes.fromhex((case["padding"] or {}).get("context", ""))
        mu = lattices.representative(parsed.key, bytes.fromhex(case["data"]), context)
        signature = bytes.fromhex(case["signature"])
        assert lattices.holds(lattices.SETS[parsed.parameter_set], parsed.key, mu, signature) is case["valid"], case[
            "id"
        ]
