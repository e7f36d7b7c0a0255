"""ML-DSA against NIST's ACVP, Wycheproof and cryptography's KATs, by the object API, in every implementation installed.

Each file goes through each implementation, so that a provider that comes later is held to the same answers. A case
that an implementation cannot be asked is counted under a reason that begins "this implementation"; those of our own
distribution can be asked everything.

CNG's signatures are hedged, so that a signature of a file cannot be made again, deterministic or not: it is verified,
and so is a fresh one by the file's key.
"""

from __future__ import annotations

from typing import Any

import pytest
from helpers import representative
from mlkeys import MLDSA
from mlvectors import CANNOT, Subject, cases, hexadecimal, implementations, records_of
from vectorfiles import load_json
from vectorsupport import Listed, Tally, cases_of, digest, hash_name, status

import cngcore
from cngcore import ExternalMu, PqDsa
from cngcore.status import (
    STATUS_INVALID_BUFFER_SIZE,
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_SIGNATURE,
    STATUS_NOT_SUPPORTED,
    STATUS_SUCCESS,
    NotSupportedError,
)

NO_ID = "the pre-hash has no CNG id"
TOO_WEAK = "the pre-hash is too weak for the set: FIPS 204 section 5.4, and CNG refuses it"

each = pytest.mark.parametrize("subject", implementations(MLDSA), ids=str)
each_set = pytest.mark.parametrize("parameter_set", MLDSA.sets)
PUBLIC, PRIVATE, SEED = MLDSA.magics

STRENGTH = {
    "SHA256": 128, "SHA384": 192, "SHA512": 256, "SHA3-256": 128, "SHA3-384": 192, "SHA3-512": 256,
    "SHAKE128": 128, "SHAKE256": 256,
}  # fmt: skip
"""CNG's ids of pre-hashes, and their collision resistance; a set needs 128, 192 or 256 bits."""
NEEDED = {"44": 128, "65": 192, "87": 256}


def verification(key: cngcore.KeyPair, message: bytes, signature: bytes, padding: PqDsa | ExternalMu | None) -> int:
    """The status of a verification; lists the case where the implementation has no such padding."""
    answer = status(key.verify_signature, message, signature, padding)
    if answer == STATUS_NOT_SUPPORTED:
        raise Listed(f"{CANNOT}verifies nothing with {type(padding).__name__}")
    return answer


def signs(key: cngcore.KeyPair, message: bytes, padding: PqDsa | ExternalMu | None) -> None:
    """A fresh signature verifies under the key's public half, and under no other message."""
    try:
        signature = key.sign_hash(message, padding)
    except NotSupportedError:
        raise Listed(f"{CANNOT}signs nothing with {type(padding).__name__}") from None
    assert verification(key.public(), message, signature, padding) == STATUS_SUCCESS
    other = bytes([message[0] ^ 1]) + message[1:] if message else b"\0"
    assert verification(key.public(), other, signature, padding) == STATUS_INVALID_SIGNATURE


# --------------------------------------------------------------------------------------------------- ACVP


def padded(
    key: cngcore.KeyPair, parameter_set: str, group: dict[str, Any], test: dict[str, Any]
) -> tuple[bytes, PqDsa]:
    """What CNG is given of an ACVP case: the message, or its digest where that is signed, and the padding.

    A pre-hash that CNG does not have, or not for this set, is refused; the case is listed then.
    """
    assert group["signatureInterface"] == "external"
    message, context = hexadecimal(test, "message", "context")
    if group["preHash"] == "pure":
        return message, PqDsa(context)
    assert group["preHash"] == "preHash"
    name = hash_name(test["hashAlg"]).replace("SHAKE-", "SHAKE")
    if name not in STRENGTH:
        assert name in ("SHA224", "SHA512/224", "SHA512/256", "SHA3-224"), name
        answer = status(key.verify_signature, bytes(32), b"signature", PqDsa(context, name))
        assert answer == STATUS_NOT_SUPPORTED, answer
        raise Listed(NO_ID)
    hashed = digest(test["hashAlg"], message)
    if STRENGTH[name] < NEEDED[parameter_set]:
        answer = status(key.verify_signature, hashed, b"signature", PqDsa(context, name))
        assert answer in (STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED), answer
        raise Listed(TOO_WEAK)
    return hashed, PqDsa(context, name)


@each
def test_acvp_signing(subject: Subject) -> None:
    """Keys come in expanded form: the public one follows from it."""
    file = load_json("acvp/ML-DSA-sigGen-FIPS204.json")
    tally = Tally()
    for parameter_set, group, test in cases(file):
        with tally.case(test["tcId"]):
            sk, signature = hexadecimal(test, "sk", "signature")
            key = subject.load(PRIVATE, parameter_set, sk)
            subject.exports(key, PRIVATE, parameter_set, sk)
            message, padding = padded(key, parameter_set, group, test)
            assert verification(key, message, signature, padding) == STATUS_SUCCESS
            signs(key, message, padding)
    subject.settle(tally, cases_of(file), {NO_ID: 3, TOO_WEAK: 1})


@each
def test_acvp_verification(subject: Subject) -> None:
    """The file has the private keys as well: the public one follows from each."""
    file = load_json("acvp/ML-DSA-sigVer-FIPS204.json")
    tally = Tally()
    for parameter_set, group, test in cases(file):
        with tally.case(test["tcId"]):
            pk, sk, signature = hexadecimal(test, "pk", "sk", "signature")
            key = subject.load(PUBLIC, parameter_set, pk)
            message, padding = padded(key, parameter_set, group, test)
            wanted = STATUS_SUCCESS if test["testPassed"] else STATUS_INVALID_SIGNATURE
            assert verification(key, message, signature, padding) == wanted, test["reason"]
            subject.exports(subject.load(PRIVATE, parameter_set, sk), PUBLIC, parameter_set, pk)
    subject.settle(tally, cases_of(file), {NO_ID: 5, TOO_WEAK: 4})


# --------------------------------------------------------------------------------------------- Wycheproof


def representations(test: dict[str, Any]) -> list[tuple[bytes, PqDsa | ExternalMu | None]]:
    """What a Wycheproof case signs: the message with its context, its representative, or both."""
    found: list[tuple[bytes, PqDsa | ExternalMu | None]] = []
    if "msg" in test:
        found.append((bytes.fromhex(test["msg"]), PqDsa(bytes.fromhex(test["ctx"])) if "ctx" in test else None))
    if "mu" in test:
        found.append((bytes.fromhex(test["mu"]), ExternalMu()))
    return found


@each
@pytest.mark.parametrize(
    ("parameter_set", "form"),
    representative([(one, form) for one in MLDSA.sets for form in ("seed", "noseed")], kind=lambda _, form: form),
)
def test_wycheproof_signing(subject: Subject, parameter_set: str, form: str) -> None:
    """From a seed and from an expanded key, which is refused where a coefficient is out of its range."""
    file = load_json(f"wycheproof/mldsa_{parameter_set}_sign_{form}_test.json")
    blob_type, field = (SEED, "privateSeed") if form == "seed" else (PRIVATE, "privateKey")
    tally = Tally()
    for group in file["testGroups"]:
        given = bytes.fromhex(group[field])
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                flags = set(test.get("flags", ()))
                if flags & {"IncorrectPrivateKeyLength", "InvalidPrivateKey"}:
                    assert test["result"] == "invalid"
                    spoilt = "InvalidPrivateKey" in flags
                    wanted = STATUS_INVALID_PARAMETER if spoilt else STATUS_INVALID_BUFFER_SIZE
                    answer = status(subject.load, blob_type, parameter_set, given)
                    assert answer == wanted, answer
                    continue
                key = subject.load(blob_type, parameter_set, given)
                subject.exports(key, PUBLIC, parameter_set, bytes.fromhex(group["publicKey"]))
                if test["result"] == "invalid":
                    assert flags == {"InvalidContext"}
                    ((message, padding),) = representations(test)
                    assert status(key.sign_hash, message, padding) == STATUS_INVALID_PARAMETER
                    continue
                ways = representations(test)
                assert ways
                for message, padding in ways:
                    assert verification(key, message, bytes.fromhex(test["sig"]), padding) == STATUS_SUCCESS
                    signs(key, message, padding)
    subject.settle(tally, file["numberOfTests"])


@each
@each_set
def test_wycheproof_verification(subject: Subject, parameter_set: str) -> None:
    """Malformed hints, norms at and over the bound, keys of zeros; a context of 256 bytes is a wrong argument."""
    file = load_json(f"wycheproof/mldsa_{parameter_set}_verify_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        given = bytes.fromhex(group["publicKey"])
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                flags = set(test["flags"])
                if "IncorrectPublicKeyLength" in flags:
                    answer = status(subject.load, PUBLIC, parameter_set, given)
                    assert answer == STATUS_INVALID_BUFFER_SIZE, answer
                    continue
                key = subject.load(PUBLIC, parameter_set, given)
                wanted = STATUS_SUCCESS if test["result"] == "valid" else STATUS_INVALID_SIGNATURE
                if "InvalidContext" in flags:
                    wanted = STATUS_INVALID_PARAMETER
                ((message, padding),) = representations(test)
                assert verification(key, message, bytes.fromhex(test["sig"]), padding) == wanted
    subject.settle(tally, file["numberOfTests"])


# ------------------------------------------------------------------------------------- cryptography's KATs


@each
@pytest.mark.parametrize("parameter_set", representative(MLDSA.sets))
def test_known_answers(subject: Subject, parameter_set: str) -> None:
    """``sm`` is the signature followed by the message; the private key comes as seed ``xi`` and expanded."""
    records = records_of(f"cryptography-vectors/asymmetric/MLDSA/kat_MLDSA_{parameter_set}_det_pure.rsp")
    tally = Tally()
    for record in records:
        with tally.case(record["count"]):
            xi, pk, sk, message, signed, context = hexadecimal(record, "xi", "pk", "sk", "msg", "sm", "ctx")
            assert (len(message), len(signed)) == (int(record["mlen"]), int(record["smlen"]))
            signature, padding = signed[: len(signed) - len(message)], PqDsa(context)
            assert signed.endswith(message)
            key = subject.load(SEED, parameter_set, xi)
            for blob_type, expected in ((PUBLIC, pk), (PRIVATE, sk)):
                subject.exports(key, blob_type, parameter_set, expected)
            for private in (key, subject.load(PRIVATE, parameter_set, sk)):
                assert verification(private, message, signature, padding) == STATUS_SUCCESS
                signs(private, message, padding)
    subject.settle(tally, len(records))
