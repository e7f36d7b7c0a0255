"""ML-KEM against NIST's ACVP, Wycheproof and cryptography's KATs, by the object API, in every implementation installed.

Each file goes through each implementation, so that a provider that comes later is held to the same answers. A case
that an implementation cannot be asked is counted under a reason that begins "this implementation"; those of our own
distribution can be asked everything. CNG draws the randomness of an encapsulation itself, so a ciphertext that a
file gives with its ``m`` is decapsulated where the private key is there, and can only be listed where it is not.
"""

from __future__ import annotations

import struct
from collections import Counter
from typing import Any

import pytest
from vectorfiles import load_json, path
from vectorsupport import Listed, Tally, cases_of, status

import cngcore
from cngcore.objects._implementation import Candidate
from cngcore.status import (
    STATUS_INVALID_BUFFER_SIZE,
    STATUS_INVALID_PARAMETER,
    STATUS_SUCCESS,
    NotSupportedError,
)

SETS = ("512", "768", "1024")
CIPHERTEXT = {"512": 768, "768": 1088, "1024": 1568}
CANDIDATES = [found for found in cngcore.registry.default().candidates("ML-KEM") if found.unavailable() is None]
OURS = "cngcore-mlkem"

NOT_DERANDOMISED = "CNG draws m itself, and there is no private key to decapsulate with"
CANNOT = "this implementation "

implementations = pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda found: found.implementation)
MAGICS = {"MLKEMPUBLICBLOB": b"MLKP", "MLKEMPRIVATEBLOB": b"MLKR", "MLKEMPRIVATESEEDBLOB": b"MLKS"}
PUBLIC, PRIVATE, SEED = MAGICS


def blob_of(blob_type: str, parameter_set: str, key: bytes) -> bytes:
    """A blob by hand (contract: rule-layout-pq), whatever the length of the key."""
    name = parameter_set.encode("utf-16-le") + b"\0\0"
    return MAGICS[blob_type] + struct.pack("<2I", len(name), len(key)) + name + key


def import_key(candidate: Candidate, blob_type: str, parameter_set: str, key: bytes) -> cngcore.KeyPair:
    declared = candidate.algorithm.blob_types.get(blob_type)
    if declared is None or not declared.imports:
        raise Listed(f"{CANNOT}imports no {blob_type}")
    if parameter_set not in [known.name for known in candidate.algorithm.parameter_sets]:
        raise Listed(f"{CANNOT}has no set {parameter_set}")
    algorithm = cngcore.open_algorithm_provider("ML-KEM", candidate.implementation)
    try:
        return algorithm.import_key_pair(blob_type, blob_of(blob_type, parameter_set, key))
    except NotSupportedError:
        raise Listed(f"{CANNOT}does not support {blob_type} of set {parameter_set}") from None


def exports(key: cngcore.KeyPair, candidate: Candidate, blob_type: str, parameter_set: str, expected: bytes) -> None:
    """The key exports these bytes, where its implementation exports this type at all."""
    declared = candidate.algorithm.blob_types.get(blob_type)
    if declared is not None and declared.exports:
        assert key.export(blob_type) == blob_of(blob_type, parameter_set, expected)


def agree(key: cngcore.KeyPair, public: cngcore.KeyPair | None = None) -> None:
    """What is encapsulated for the key comes out of it."""
    secret, ciphertext = (public or key.public()).encapsulate()
    assert key.decapsulate(ciphertext) == secret


def settle(tally: Tally, candidate: Candidate, in_file: int, listed: dict[str, int] | None = None) -> None:
    """The file's split; an implementation that is not ours may lack something, and so meet fewer of the reasons."""
    lacking = Counter({reason: n for reason, n in tally.listed.items() if reason.startswith(CANNOT)})
    expected = dict(listed or {})
    if candidate.distribution == OURS:
        assert not lacking
    elif lacking:
        met = {reason: n for reason, n in tally.listed.items() if reason not in lacking}
        assert all(n <= expected.get(reason, 0) for reason, n in met.items()), met
        expected = dict(tally.listed)
    tally.check(in_file, (in_file, expected))


def hexadecimal(test: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(test[name]) for name in names]


def test_both_implementations_of_ours_are_here() -> None:
    ours = {found.implementation for found in CANDIDATES if found.distribution == OURS}
    assert ours == {"cryptography", "pqcrypto"}


# --------------------------------------------------------------------------------------------------- ACVP


@implementations
def test_acvp_key_generation(candidate: Candidate) -> None:
    """FIPS 203 algorithm 16: the keys of d and z, to the byte, in all three blobs."""
    file = load_json("acvp/ML-KEM-keyGen-FIPS203.json")
    tally = Tally()
    for group in file["testGroups"]:
        parameter_set = group["parameterSet"].removeprefix("ML-KEM-")
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                d, z, ek, dk = hexadecimal(test, "d", "z", "ek", "dk")
                key = import_key(candidate, SEED, parameter_set, d + z)
                for blob_type, expected in ((PUBLIC, ek), (PRIVATE, dk), (SEED, d + z)):
                    exports(key, candidate, blob_type, parameter_set, expected)
                agree(key)
    settle(tally, candidate, cases_of(file))


@implementations
def test_acvp_encapsulation_and_decapsulation(candidate: Candidate) -> None:
    """Encapsulation is checked by decapsulating the given ciphertext; decapsulation includes implicit rejection.

    The key checks are those of FIPS 203 sections 7.2 and 7.3: a coefficient that is not below q, a hash changed.
    """
    file = load_json("acvp/ML-KEM-encapDecap-FIPS203.json")
    tally, functions = Tally(), Counter[str]()
    for group in file["testGroups"]:
        parameter_set = group["parameterSet"].removeprefix("ML-KEM-")
        for test in group["tests"]:
            functions[group["function"]] += 1
            with tally.case(test["tcId"]):
                ek, dk = hexadecimal(test, "ek", "dk")
                if group["function"].endswith("KeyCheck"):
                    blob_type, key = (PUBLIC, ek) if group["function"].startswith("encaps") else (PRIVATE, dk)
                    wanted = STATUS_SUCCESS if test["testPassed"] else STATUS_INVALID_PARAMETER
                    answer = status(import_key, candidate, blob_type, parameter_set, key)
                    assert answer == wanted, (answer, test["reason"])
                    continue
                private = import_key(candidate, PRIVATE, parameter_set, dk)
                exports(private, candidate, PUBLIC, parameter_set, ek)
                c, k = hexadecimal(test, "c", "k")
                assert private.decapsulate(c) == k, test.get("reason")
                if group["function"] == "encapsulation":
                    agree(private, import_key(candidate, PUBLIC, parameter_set, ek))
    assert functions == {
        "encapsulation": 9, "decapsulation": 12, "decapsulationKeyCheck": 12, "encapsulationKeyCheck": 12
    }  # fmt: skip
    settle(tally, candidate, cases_of(file))


# --------------------------------------------------------------------------------------------- Wycheproof


@implementations
@pytest.mark.parametrize("parameter_set", SETS)
def test_wycheproof_decapsulation(candidate: Candidate, parameter_set: str) -> None:
    """A seed or a ciphertext of another length is STATUS_INVALID_BUFFER_SIZE, each in its place."""
    file = load_json(f"wycheproof/mlkem_{parameter_set}_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                seed, c, k = hexadecimal(test, "seed", "c", "K")
                if len(seed) != 64:
                    assert test["result"] == "invalid"
                    answer = status(import_key, candidate, SEED, parameter_set, seed)
                    assert answer == STATUS_INVALID_BUFFER_SIZE, answer
                    continue
                key = import_key(candidate, SEED, parameter_set, seed)
                exports(key, candidate, PUBLIC, parameter_set, bytes.fromhex(test["ek"]))
                if test["result"] == "valid":
                    assert key.decapsulate(c) == k
                    agree(key)
                else:
                    assert len(c) != CIPHERTEXT[parameter_set]
                    assert status(key.decapsulate, c) == STATUS_INVALID_BUFFER_SIZE
    settle(tally, candidate, file["numberOfTests"])


@implementations
@pytest.mark.parametrize("parameter_set", SETS)
def test_wycheproof_key_generation(candidate: Candidate, parameter_set: str) -> None:
    file = load_json(f"wycheproof/mlkem_{parameter_set}_keygen_seed_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                seed, ek, dk = hexadecimal(test, "seed", "ek", "dk")
                assert test["result"] == "valid"
                key = import_key(candidate, SEED, parameter_set, seed)
                for blob_type, expected in ((PUBLIC, ek), (PRIVATE, dk)):
                    exports(key, candidate, blob_type, parameter_set, expected)
                agree(import_key(candidate, PRIVATE, parameter_set, dk), key.public())
    settle(tally, candidate, file["numberOfTests"])


@implementations
@pytest.mark.parametrize("parameter_set", SETS)
def test_wycheproof_encapsulation(candidate: Candidate, parameter_set: str) -> None:
    """A key of the wrong length is STATUS_INVALID_BUFFER_SIZE; one with a coefficient too large INVALID_PARAMETER."""
    file = load_json(f"wycheproof/mlkem_{parameter_set}_encaps_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                ek, c, k = hexadecimal(test, "ek", "c", "K")
                if test["result"] == "valid":
                    key = import_key(candidate, PUBLIC, parameter_set, ek)
                    exports(key, candidate, PUBLIC, parameter_set, ek)
                    secret, ciphertext = key.encapsulate()
                    assert (len(secret), len(ciphertext)) == (len(k), len(c))
                    raise Listed(NOT_DERANDOMISED)
                short = len(ek) != len(key_of_zeros(parameter_set))
                wanted = STATUS_INVALID_BUFFER_SIZE if short else STATUS_INVALID_PARAMETER
                answer = status(import_key, candidate, PUBLIC, parameter_set, ek)
                assert answer == wanted, answer
    settle(tally, candidate, file["numberOfTests"], {NOT_DERANDOMISED: 6})


def key_of_zeros(parameter_set: str) -> bytes:
    """An encapsulation key's worth of zeros: 384 bytes a polynomial, and rho."""
    return bytes(384 * int(parameter_set) // 256 + 32)


@implementations
@pytest.mark.parametrize("parameter_set", SETS)
def test_wycheproof_expanded_decapsulation(candidate: Candidate, parameter_set: str) -> None:
    """Private keys in expanded form: length and hash are checked at import, the ciphertext's length at use."""
    file = load_json(f"wycheproof/mlkem_{parameter_set}_semi_expanded_decaps_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                dk, c = hexadecimal(test, "dk", "c")
                if test["result"] == "valid":
                    key = import_key(candidate, PRIVATE, parameter_set, dk)
                    exports(key, candidate, PUBLIC, parameter_set, bytes.fromhex(test["ek"]))
                    exports(key, candidate, PRIVATE, parameter_set, dk)
                    assert key.decapsulate(c) == bytes.fromhex(test["K"])
                elif test["flags"] == ["IncorrectCiphertextLength"]:
                    key = import_key(candidate, PRIVATE, parameter_set, dk)
                    assert status(key.decapsulate, c) == STATUS_INVALID_BUFFER_SIZE
                else:
                    wanted = {
                        "IncorrectDecapsulationKeyLength": STATUS_INVALID_BUFFER_SIZE,
                        "InvalidDecapsulationKey": STATUS_INVALID_PARAMETER,
                    }
                    answer = status(import_key, candidate, PRIVATE, parameter_set, dk)
                    assert [answer] == [wanted[flag] for flag in test["flags"]]
    settle(tally, candidate, file["numberOfTests"])


# ------------------------------------------------------------------------------------- cryptography's KATs


def records_of(rel: str) -> list[dict[str, str]]:
    """The records of a KAT file, one after the other without a blank line: each begins with its count."""
    records: list[dict[str, str]] = []
    for line in path(rel).read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(" = ")
        if name == "count":
            records.append({})
        records[-1][name] = value.strip()
    return records


@implementations
@pytest.mark.parametrize("parameter_set", SETS)
def test_known_answers(candidate: Candidate, parameter_set: str) -> None:
    """``ct_n`` is a ciphertext to be rejected and ``ss_n`` what comes out of it, from seed and expanded key alike."""
    records = records_of(f"cryptography-vectors/asymmetric/MLKEM/kat_MLKEM_{parameter_set}.rsp")
    tally = Tally()
    for record in records:
        with tally.case(record["count"]):
            d, z, pk, sk = hexadecimal(record, "d", "z", "pk", "sk")
            key = import_key(candidate, SEED, parameter_set, d + z)
            for blob_type, expected in ((PUBLIC, pk), (PRIVATE, sk)):
                exports(key, candidate, blob_type, parameter_set, expected)
            for private in (key, import_key(candidate, PRIVATE, parameter_set, sk)):
                for ciphertext, secret in (("ct", "ss"), ("ct_n", "ss_n")):
                    assert private.decapsulate(bytes.fromhex(record[ciphertext])) == bytes.fromhex(record[secret])
    assert len(records) == 8
    settle(tally, candidate, 8)
