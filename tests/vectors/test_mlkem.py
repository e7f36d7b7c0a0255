"""ML-KEM against NIST's ACVP, Wycheproof and cryptography's KATs, by the object API, in every implementation installed.

Each file goes through each implementation, so that a provider that comes later is held to the same answers. A case
that an implementation cannot be asked is counted under a reason that begins "this implementation"; those of our own
distribution can be asked everything. CNG draws the randomness of an encapsulation itself, so a ciphertext that a
file gives with its ``m`` is decapsulated where the private key is there, and can only be listed where it is not.
"""

from __future__ import annotations

from collections import Counter

import pytest
from helpers import representative
from mlkeys import MLKEM
from mlvectors import Subject, cases, hexadecimal, implementations, records_of
from vectorfiles import load_json
from vectorsupport import Listed, Tally, cases_of, status

import cngcore
from cngcore.status import (
    STATUS_INVALID_BUFFER_SIZE,
    STATUS_INVALID_PARAMETER,
    STATUS_SUCCESS,
)

NOT_DERANDOMISED = "CNG draws m itself, and there is no private key to decapsulate with"

each = pytest.mark.parametrize("subject", implementations(MLKEM), ids=str)
each_set = pytest.mark.parametrize("parameter_set", MLKEM.sets)
PUBLIC, PRIVATE, SEED = MLKEM.magics


def agree(key: cngcore.KeyPair, public: cngcore.KeyPair | None = None) -> None:
    """What is encapsulated for the key comes out of it."""
    secret, ciphertext = (public or key.public()).encapsulate()
    assert key.decapsulate(ciphertext) == secret


# --------------------------------------------------------------------------------------------------- ACVP


@each
def test_acvp_encapsulation_and_decapsulation(subject: Subject) -> None:
    """Encapsulation is checked by decapsulating the given ciphertext; decapsulation includes implicit rejection.

    The key checks are those of FIPS 203 sections 7.2 and 7.3: a coefficient that is not below q, a hash changed.
    """
    file = load_json("acvp/ML-KEM-encapDecap-FIPS203.json")
    tally, functions = Tally(), Counter[str]()
    for parameter_set, group, test in cases(file):
        functions[group["function"]] += 1
        with tally.case(test["tcId"]):
            ek, dk = hexadecimal(test, "ek", "dk")
            if group["function"].endswith("KeyCheck"):
                blob_type, key = (PUBLIC, ek) if group["function"].startswith("encaps") else (PRIVATE, dk)
                wanted = STATUS_SUCCESS if test["testPassed"] else STATUS_INVALID_PARAMETER
                answer = status(subject.load, blob_type, parameter_set, key)
                assert answer == wanted, (answer, test["reason"])
                continue
            private = subject.load(PRIVATE, parameter_set, dk)
            subject.exports(private, PUBLIC, parameter_set, ek)
            c, k = hexadecimal(test, "c", "k")
            assert private.decapsulate(c) == k, test.get("reason")
            if group["function"] == "encapsulation":
                agree(private, subject.load(PUBLIC, parameter_set, ek))
    assert functions == {
        "encapsulation": 9, "decapsulation": 12, "decapsulationKeyCheck": 12, "encapsulationKeyCheck": 12
    }  # fmt: skip
    subject.settle(tally, cases_of(file))


# --------------------------------------------------------------------------------------------- Wycheproof


@each
@each_set
def test_wycheproof_decapsulation(subject: Subject, parameter_set: str) -> None:
    """A seed or a ciphertext of another length is STATUS_INVALID_BUFFER_SIZE, each in its place."""
    file = load_json(f"wycheproof/mlkem_{parameter_set}_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                seed, c, k = hexadecimal(test, "seed", "c", "K")
                if len(seed) != 64:
                    assert test["result"] == "invalid"
                    answer = status(subject.load, SEED, parameter_set, seed)
                    assert answer == STATUS_INVALID_BUFFER_SIZE, answer
                    continue
                key = subject.load(SEED, parameter_set, seed)
                subject.exports(key, PUBLIC, parameter_set, bytes.fromhex(test["ek"]))
                if test["result"] == "valid":
                    assert key.decapsulate(c) == k
                    agree(key)
                else:
                    assert len(c) != MLKEM.sets[parameter_set].output
                    assert status(key.decapsulate, c) == STATUS_INVALID_BUFFER_SIZE
    subject.settle(tally, file["numberOfTests"])


@each
@each_set
def test_wycheproof_key_generation(subject: Subject, parameter_set: str) -> None:
    file = load_json(f"wycheproof/mlkem_{parameter_set}_keygen_seed_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                seed, ek, dk = hexadecimal(test, "seed", "ek", "dk")
                assert test["result"] == "valid"
                key = subject.load(SEED, parameter_set, seed)
                for blob_type, expected in ((PUBLIC, ek), (PRIVATE, dk)):
                    subject.exports(key, blob_type, parameter_set, expected)
                agree(subject.load(PRIVATE, parameter_set, dk), key.public())
    subject.settle(tally, file["numberOfTests"])


@each
@each_set
def test_wycheproof_encapsulation(subject: Subject, parameter_set: str) -> None:
    """A key of the wrong length is STATUS_INVALID_BUFFER_SIZE; one with a coefficient too large INVALID_PARAMETER."""
    file = load_json(f"wycheproof/mlkem_{parameter_set}_encaps_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                ek, c, k = hexadecimal(test, "ek", "c", "K")
                if test["result"] == "valid":
                    key = subject.load(PUBLIC, parameter_set, ek)
                    subject.exports(key, PUBLIC, parameter_set, ek)
                    secret, ciphertext = key.encapsulate()
                    assert (len(secret), len(ciphertext)) == (len(k), len(c))
                    raise Listed(NOT_DERANDOMISED)
                short = len(ek) != MLKEM.sets[parameter_set].public
                wanted = STATUS_INVALID_BUFFER_SIZE if short else STATUS_INVALID_PARAMETER
                answer = status(subject.load, PUBLIC, parameter_set, ek)
                assert answer == wanted, answer
    subject.settle(tally, file["numberOfTests"], {NOT_DERANDOMISED: 6})


@each
@each_set
def test_wycheproof_expanded_decapsulation(subject: Subject, parameter_set: str) -> None:
    """Private keys in expanded form: length and hash are checked at import, the ciphertext's length at use."""
    file = load_json(f"wycheproof/mlkem_{parameter_set}_semi_expanded_decaps_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                dk, c = hexadecimal(test, "dk", "c")
                if test["result"] == "valid":
                    key = subject.load(PRIVATE, parameter_set, dk)
                    subject.exports(key, PUBLIC, parameter_set, bytes.fromhex(test["ek"]))
                    subject.exports(key, PRIVATE, parameter_set, dk)
                    assert key.decapsulate(c) == bytes.fromhex(test["K"])
                elif test["flags"] == ["IncorrectCiphertextLength"]:
                    key = subject.load(PRIVATE, parameter_set, dk)
                    assert status(key.decapsulate, c) == STATUS_INVALID_BUFFER_SIZE
                else:
                    wanted = {
                        "IncorrectDecapsulationKeyLength": STATUS_INVALID_BUFFER_SIZE,
                        "InvalidDecapsulationKey": STATUS_INVALID_PARAMETER,
                    }
                    answer = status(subject.load, PRIVATE, parameter_set, dk)
                    assert [answer] == [wanted[flag] for flag in test["flags"]]
    subject.settle(tally, file["numberOfTests"])


# ------------------------------------------------------------------------------------- cryptography's KATs


@each
@pytest.mark.parametrize("parameter_set", representative(MLKEM.sets))
def test_known_answers(subject: Subject, parameter_set: str) -> None:
    """``ct_n`` is a ciphertext to be rejected and ``ss_n`` what comes out of it, from seed and expanded key alike."""
    records = records_of(f"cryptography-vectors/asymmetric/MLKEM/kat_MLKEM_{parameter_set}.rsp")
    tally = Tally()
    for record in records:
        with tally.case(record["count"]):
            d, z, pk, sk = hexadecimal(record, "d", "z", "pk", "sk")
            key = subject.load(SEED, parameter_set, d + z)
            for blob_type, expected in ((PUBLIC, pk), (PRIVATE, sk)):
                subject.exports(key, blob_type, parameter_set, expected)
            for private in (key, subject.load(PRIVATE, parameter_set, sk)):
                for ciphertext, secret in (("ct", "ss"), ("ct_n", "ss_n")):
                    assert private.decapsulate(bytes.fromhex(record[ciphertext])) == bytes.fromhex(record[secret])
    subject.settle(tally, len(records))
