"""The key generation of ML-KEM and ML-DSA against NIST's ACVP, in every installed implementation."""

from __future__ import annotations

import pytest
from mlkeys import FAMILIES, MLDSA, MLKEM, Family
from mlvectors import CANNOT, Subject, candidates, cases, hexadecimal, implementations
from vectorfiles import load_json
from vectorsupport import Listed, Tally, cases_of

import cngcore
from cngcore.status import NotSupportedError

FILES = {
    # the file, and the fields of the seed, the public key and the private key
    MLKEM.algorithm: ("acvp/ML-KEM-keyGen-FIPS203.json", ("d", "z"), "ek", "dk"),
    MLDSA.algorithm: ("acvp/ML-DSA-keyGen-FIPS204.json", ("seed",), "pk", "sk"),
}
ALL = [subject for family in FAMILIES for subject in implementations(family)]


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_both_implementations_of_ours_are_here(family: Family) -> None:
    ours = {found.implementation for found in candidates(family) if found.distribution == family.distribution}
    assert ours == {"cryptography", "pqcrypto"}


@pytest.mark.parametrize("subject", ALL, ids=lambda subject: f"{subject.family}-{subject}")
def test_acvp_key_generation(subject: Subject) -> None:
    """FIPS 203 algorithm 16, FIPS 204 algorithm 6: the keys of a seed, to the byte, in all three blobs."""
    name, seeds, public_name, private_name = FILES[subject.family.algorithm]
    public, private, seed = subject.family.magics
    file = load_json(name)
    tally = Tally()
    for parameter_set, _, test in cases(file):
        with tally.case(test["tcId"]):
            given = b"".join(hexadecimal(test, *seeds))
            pk, sk = hexadecimal(test, public_name, private_name)
            key = subject.load(seed, parameter_set, given)
            for blob_type, expected in ((public, pk), (private, sk), (seed, given)):
                subject.exports(key, blob_type, parameter_set, expected)
            check(subject, key, pk)
    subject.settle(tally, cases_of(file))


def check(subject: Subject, key: cngcore.KeyPair, message: bytes) -> None:
    """Check that the halves of a key belong together, and that a signature covers its own message only."""
    public = key.public()
    if subject.family is MLKEM:
        secret, ciphertext = public.encapsulate()
        assert key.decapsulate(ciphertext) == secret
        return
    try:
        signature = key.sign_hash(message)
    except NotSupportedError:
        raise Listed(f"{CANNOT}signs nothing") from None
    public.verify_signature(message, signature)
    with pytest.raises(cngcore.InvalidSignatureError):
        public.verify_signature(bytes([message[0] ^ 1]) + message[1:], signature)
