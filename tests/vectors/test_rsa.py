"""RSA against Wycheproof, NIST's ACVP and CAVP, and RSA Laboratories' examples, by the object API.

Each table gives the cases of a file and those of them that no CNG function can be asked, with the reason; everything
else has to answer right. A PKCS #1 v1.5 signature over a hash without a CNG id is put together here and goes through
``Pkcs1(None)``; PSS and OAEP have no such way, and the library has to refuse the hash by name.
"""

import functools
from typing import Any

import pytest
from oracles.blobs import rsa_full_blob, rsa_private_blob, rsa_public_blob
from oracles.rsa import DIGEST_INFO, RsaNumbers
from oracles.values import number, octets
from vectorfiles import load_json, load_rsp
from vectorsupport import (
    CNG_HASH,
    NO_HASH_ID,
    NO_X931,
    ONE_HASH,
    TRIVIAL,
    Listed,
    Tally,
    cases_of,
    digest,
    hash_name,
    load_pkcs1_examples,
    randomized_digest,
    rsa_key,
    status,
)

import cngcore
from cngcore import Oaep, Pkcs1, Pss
from cngcore.status import (
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_SIGNATURE,
    STATUS_NOT_SUPPORTED,
    STATUS_SUCCESS,
    InvalidParameterError,
)


@functools.cache
def rsa() -> cngcore.AlgorithmProvider:
    return cngcore.open_algorithm_provider("RSA")


@functools.cache
def public_key(n: int, e: int) -> cngcore.KeyPair:
    return rsa().import_key_pair("RSAPUBLICBLOB", rsa_public_blob(n, e))


@functools.cache
def private_key(key: RsaNumbers) -> cngcore.KeyPair:
    return rsa().import_key_pair("RSAPRIVATEBLOB", rsa_private_blob(key.n, key.e, key.p, key.q))


def numbers(given: dict[str, Any], *names: str) -> tuple[int, ...]:
    """Hexadecimal members as numbers; 0 where one is missing or empty."""
    return tuple(int(given.get(name) or "0", 16) for name in names)


def wycheproof_key(given: dict[str, Any]) -> cngcore.KeyPair:
    """The private key of a group, its primes recovered where they are not told."""
    names = ("modulus", "publicExponent", "privateExponent", "prime1", "prime2")
    return private_key(rsa_key(*numbers(given, *names)))


def pkcs1(hash_id: str, hashed: bytes) -> tuple[bytes, Pkcs1]:
    """What to sign, and with which padding: without a CNG id, the DigestInfo is built by hand."""
    name = hash_name(hash_id)
    if name in CNG_HASH:
        return hashed, Pkcs1(CNG_HASH[name])
    return DIGEST_INFO[name] + hashed, Pkcs1(None)


def pss(key: cngcore.KeyPair, hash_id: str, hashed: bytes, salt_length: int) -> Pss:
    """The PSS padding of a hash; a hash without a CNG id is refused by name, and listed."""
    name = hash_name(hash_id)
    if name not in CNG_HASH:
        assert status(key.verify_signature, hashed, b"\1", Pss(name, salt_length)) == STATUS_NOT_SUPPORTED
        raise Listed(NO_HASH_ID)
    return Pss(CNG_HASH[name], salt_length)


def is_number_of(signature: bytes, n: int) -> bool:
    """Whether a signature is as long as the modulus and below it (contract: rule-verify-rsa-length and -range)."""
    return len(signature) == (n.bit_length() + 7) // 8 and number(signature) < n


def wanted(test: dict[str, Any], n: int) -> int:
    """The status of a verification in Wycheproof's words.

    "acceptable" is a DigestInfo without its NULL, which verifies as it does in SymCrypt (docs/decisions/rsa.md).
    """
    if not is_number_of(bytes.fromhex(test["sig"]), n):
        assert test["result"] == "invalid"
        return STATUS_INVALID_PARAMETER
    if test["result"] == "acceptable":
        assert test["flags"] == ["MissingNull"]
    return STATUS_SUCCESS if test["result"] in ("valid", "acceptable") else STATUS_INVALID_SIGNATURE


# ------------------------------------------------------------------------------------ PKCS #1 v1.5 signatures

SIGNATURES = {
    "2048_sha256": 53,
    "2048_sha384": 53,
    "2048_sha512": 52,
    "3072_sha256": 51,
    "4096_sha512": 53,
    "8192_sha256": 27,
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_wycheproof_pkcs1_verification(name: str) -> None:
    file = load_json(f"wycheproof/rsa_signature_{name}_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        n, e = numbers(group["publicKey"], "modulus", "publicExponent")
        key = public_key(n, e)
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                signed, padding = pkcs1(group["sha"], digest(group["sha"], bytes.fromhex(test["msg"])))
                answer = status(key.verify_signature, signed, bytes.fromhex(test["sig"]), padding)
                assert answer == wanted(test, n), answer
    tally.check(file["numberOfTests"], (SIGNATURES[name], {}))


SIGNING = {1024: 12, 1536: 10, 2048: 14, 3072: 9, 4096: 8}


@pytest.mark.parametrize("bits", SIGNING)
def test_wycheproof_pkcs1_signing(bits: int) -> None:
    """Small moduli, e = 3, SHA-1 and SHA-224 are "acceptable" only; CNG signs with all of them."""
    file = load_json(f"wycheproof/rsa_pkcs1_{bits}_sig_gen_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        key = wycheproof_key(group["privateKey"])
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                assert test["result"] == "valid" or {*test["flags"]} <= {"SmallModulus", "SmallPublicKey", "WeakHash"}
                signed, padding = pkcs1(group["sha"], digest(group["sha"], bytes.fromhex(test["msg"])))
                signature = bytes.fromhex(test["sig"])
                assert key.sign_hash(signed, padding) == signature
                key.public().verify_signature(signed, signature, padding)
    tally.check(file["numberOfTests"], (SIGNING[bits], {}))


def test_rsa_laboratories_pkcs1_signatures() -> None:
    keys, tally = load_pkcs1_examples("cryptography-vectors/asymmetric/RSA/pkcs1v15sign-vectors.txt"), Tally()
    for name, (key_numbers, *examples) in enumerate(keys, start=1):
        key = example_key(key_numbers)
        for at, example in enumerate(examples, start=1):
            with tally.case(f"{name}.{at}"):
                hashed = digest("SHA1", example["message_to_be_signed"])
                assert key.sign_hash(hashed, Pkcs1("SHA1")) == example["signature"]
                key.verify_signature(hashed, example["signature"], Pkcs1("SHA1"))
    tally.check(sum(len(examples) for _, *examples in keys), (300, {}))


def example_key(given: dict[str, bytes]) -> cngcore.KeyPair:
    names = ("modulus", "public_exponent", "exponent", "prime_1", "prime_2")
    return private_key(rsa_key(*(number(given[name]) for name in names)))


# ---------------------------------------------------------------------------------------------------- PSS

PSS_FILES = {
    "2048_sha1_mgf1_20": (25, {}),
    "2048_sha256_mgf1_0": (23, {}),
    "2048_sha256_mgf1_32": (24, {}),
    "2048_sha384_mgf1_48": (25, {}),
    "3072_sha256_mgf1_32": (24, {}),
    "4096_sha512_mgf1_32": (25, {}),
    "4096_sha512_mgf1_64": (25, {}),
    "misc": (36, {ONE_HASH: 21, NO_HASH_ID: 7}),
}


@pytest.mark.parametrize("name", PSS_FILES)
def test_wycheproof_pss(name: str) -> None:
    """A signature whose mask is over another hash is no signature for CNG, which has one hash for both."""
    file = load_json(f"wycheproof/rsa_pss_{name}_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        n, e = numbers(group["publicKey"], "modulus", "publicExponent")
        key = public_key(n, e)
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                hashed, signature = digest(group["sha"], bytes.fromhex(test["msg"])), bytes.fromhex(test["sig"])
                padding = pss(key, group["sha"], hashed, group["sLen"])
                answer = status(key.verify_signature, hashed, signature, padding)
                if group["mgfSha"] != group["sha"]:
                    assert answer == STATUS_INVALID_SIGNATURE
                    raise Listed(ONE_HASH)
                assert test["result"] in ("valid", "invalid")
                assert answer == wanted(test, n), answer
    tally.check(file["numberOfTests"], PSS_FILES[name])


def test_rsa_laboratories_pss_signatures() -> None:
    """Each signature verifies, with its own salt length and no other; so does one of our own."""
    keys, tally = load_pkcs1_examples("cryptography-vectors/asymmetric/RSA/pkcs-1v2-1d2-vec/pss-vect.txt"), Tally()
    for name, (key_numbers, *examples) in enumerate(keys, start=1):
        key = example_key(key_numbers)
        for at, example in enumerate(examples, start=1):
            with tally.case(f"{name}.{at}"):
                hashed, salt_length = digest("SHA1", example["message_to_be_signed"]), len(example["salt"])
                padding = Pss("SHA1", salt_length)
                key.verify_signature(hashed, example["signature"], padding)
                key.verify_signature(hashed, key.sign_hash(hashed, padding), padding)
                other = Pss("SHA1", salt_length - 1)
                assert status(key.verify_signature, hashed, example["signature"], other) == STATUS_INVALID_SIGNATURE
    tally.check(sum(len(examples) for _, *examples in keys), (60, {}))


# ------------------------------------------------------------------------------------ signatures of NIST's files


def verified(n: int, e: int, hashed: bytes, signature: bytes, padding: Pkcs1 | Pss) -> bool:
    """Whether the signature verifies; a key that was changed may be refused at import."""
    try:
        key = public_key(n, e)
    except InvalidParameterError:
        return False
    answer = status(key.verify_signature, hashed, signature, padding)
    refusal = STATUS_INVALID_SIGNATURE if is_number_of(signature, n) else STATUS_INVALID_PARAMETER
    assert answer in (STATUS_SUCCESS, refusal), answer
    return answer == STATUS_SUCCESS


def acvp_padding(n: int, e: int, group: dict[str, Any], hashed: bytes) -> tuple[bytes, Pkcs1 | Pss]:
    """What a group signs, and how."""
    if group["sigType"] == "pkcs1v1.5":
        return pkcs1(group["hashAlg"], hashed)
    if group["sigType"] == "ansx9.31":
        raise Listed(NO_X931)
    assert group["sigType"] == "pss"
    assert group.get("maskFunction", "mgf1") == "mgf1"
    return hashed, pss(public_key(n, e), group["hashAlg"], hashed, group["saltLen"])


def test_acvp_signatures() -> None:
    """The files give public keys only: each signature verifies. SP 800-106 randomizes the message first."""
    file = load_json("acvp/RSA-SigGen-FIPS186-5.json")
    tally = Tally()
    for group in file["testGroups"]:
        n, e = numbers(group, "n", "e")
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                message = bytes.fromhex(test["message"])
                if group.get("conformance") == "SP800-106":
                    hashed = randomized_digest(group["hashAlg"], message, bytes.fromhex(test["randomValue"]))
                else:
                    hashed = digest(group["hashAlg"], message)
                signed, padding = acvp_padding(n, e, group, hashed)
                public_key(n, e).verify_signature(signed, bytes.fromhex(test["signature"]), padding)
    tally.check(cases_of(file), (9, {}))


ACVP_VERIFICATION = {"4": (74, {NO_X931: 26}), "5": (30, {})}


@pytest.mark.parametrize("edition", ACVP_VERIFICATION)
def test_acvp_verification(edition: str) -> None:
    file = load_json(f"acvp/RSA-SigVer-FIPS186-{edition}.json")
    tally = Tally()
    for group in file["testGroups"]:
        n, e = numbers(group, "n", "e")
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                hashed = digest(group["hashAlg"], bytes.fromhex(test["message"]))
                signed, padding = acvp_padding(n, e, group, hashed)
                passed = verified(n, e, signed, bytes.fromhex(test["signature"]), padding)
                assert passed == test["testPassed"], test["reason"]
    tally.check(cases_of(file), ACVP_VERIFICATION[edition])


CAVP_VERIFICATION = {"SigVer15_186-3": (450, {}), "SigVerPSS_186-3": (450, {NO_HASH_ID: 90})}


@pytest.mark.parametrize("name", CAVP_VERIFICATION)
def test_cavp_verification(name: str) -> None:
    records = list(load_rsp(f"cryptography-vectors/asymmetric/RSA/FIPS_186-2/{name}.rsp"))
    tally, n, total = Tally(), 0, 0
    for section, record in records:
        if "n" in record:
            n = int(record["n"], 16)
            assert f"mod = {n.bit_length()}" == section[""]
        if "S" not in record:
            continue
        total += 1
        with tally.case((section[""], record["SHAAlg"], record["S"][:8])):
            hashed, e = digest(record["SHAAlg"], bytes.fromhex(record["Msg"])), int(record["e"], 16)
            if "PSS" in name:
                padding: Pkcs1 | Pss = pss(public_key(n, 65537), record["SHAAlg"], hashed, len(record["SaltVal"]) // 2)
            else:
                hashed, padding = pkcs1(record["SHAAlg"], hashed)
            passed = verified(n, e, hashed, bytes.fromhex(record["S"]), padding)
            assert passed == record["Result"].startswith("P"), record["Result"]
    tally.check(total, CAVP_VERIFICATION[name])


# --------------------------------------------------------------------------------------------- decryption

OAEP_FILES = {
    "2048_sha1_mgf1sha1": (13, {}),
    "2048_sha256_mgf1sha256": (13, {}),
    "2048_sha384_mgf1sha384": (12, {}),
    "2048_sha512_mgf1sha512": (11, {}),
    "3072_sha256_mgf1sha256": (13, {}),
    "4096_sha512_mgf1sha512": (13, {}),
    "misc": (23, {ONE_HASH: 10, NO_HASH_ID: 1}),
}


@pytest.mark.parametrize("name", OAEP_FILES)
def test_wycheproof_oaep(name: str) -> None:
    """Every refusal is the same status. "acceptable" is a small integer as the encoded block: it is decrypted."""
    file = load_json(f"wycheproof/rsa_oaep_{name}_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        key, hash_id = wycheproof_key(group["privateKey"]), hash_name(group["sha"])
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                ciphertext = bytes.fromhex(test["ct"])
                padding = Oaep(CNG_HASH.get(hash_id, hash_id), bytes.fromhex(test["label"]))
                if hash_id not in CNG_HASH:
                    assert status(key.decrypt, ciphertext, padding) == STATUS_NOT_SUPPORTED
                    raise Listed(NO_HASH_ID)
                if group["mgfSha"] != group["sha"]:
                    assert status(key.decrypt, ciphertext, padding) == STATUS_INVALID_PARAMETER
                    raise Listed(ONE_HASH)
                if test["result"] == "invalid":
                    assert status(key.decrypt, ciphertext, padding) == STATUS_INVALID_PARAMETER
                    continue
                assert test["result"] == "valid" or "SmallIntegerCiphertext" in test["flags"]
                message = bytes.fromhex(test["msg"])
                assert key.decrypt(ciphertext, padding) == message
                assert key.decrypt(key.public().encrypt(message, padding), padding) == message
    tally.check(file["numberOfTests"], OAEP_FILES[name])


def test_rsa_laboratories_oaep() -> None:
    keys, tally = load_pkcs1_examples("cryptography-vectors/asymmetric/RSA/pkcs-1v2-1d2-vec/oaep-vect.txt"), Tally()
    for name, (key_numbers, *examples) in enumerate(keys, start=1):
        key = example_key(key_numbers)
        for at, example in enumerate(examples, start=1):
            with tally.case(f"{name}.{at}"):
                assert key.decrypt(example["encryption"], Oaep("SHA1")) == example["message"]
                spoilt = bytes([*example["encryption"][:-1], example["encryption"][-1] ^ 1])
                assert status(key.decrypt, spoilt, Oaep("SHA1")) == STATUS_INVALID_PARAMETER
    tally.check(sum(len(examples) for _, *examples in keys), (60, {}))


PKCS1_DECRYPTION = {2048: 23, 3072: 22, 4096: 22}


@pytest.mark.parametrize("bits", PKCS1_DECRYPTION)
def test_wycheproof_pkcs1_decryption(bits: int) -> None:
    """Whatever is wrong with the padding or the length, the status is one and the same, and no message comes out."""
    file = load_json(f"wycheproof/rsa_pkcs1_{bits}_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        key = wycheproof_key(group["privateKey"])
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                ciphertext = bytes.fromhex(test["ct"])
                if test["result"] == "invalid":
                    assert status(key.decrypt, ciphertext, Pkcs1()) == STATUS_INVALID_PARAMETER
                    continue
                assert test["result"] == "valid"
                assert key.decrypt(ciphertext, Pkcs1()) == bytes.fromhex(test["msg"])
    tally.check(file["numberOfTests"], (PKCS1_DECRYPTION[bits], {}))


# ------------------------------------------------------------------------------------- the bare RSA operation

PRIMITIVES = {
    "DecryptionPrimitive-Sp800-56Br2": ("ct", "pt", (24, {TRIVIAL: 9})),
    "SignaturePrimitive-2.0": ("message", "signature", (18, {})),
}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_acvp_primitives(name: str) -> None:
    """Decryption without padding: x^d mod n, as long as the modulus; nothing that is not below n.

    Keys of mode "crt" come with all their numbers and are imported as RSAFULLPRIVATEBLOB, "standard" ones from e
    and the primes. SP 800-56B also refuses 0, 1 and n-1, which CNG does not.
    """
    given, answer, split = PRIMITIVES[name]
    file = load_json(f"acvp/RSA-{name}.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                n, e, p, q, d, dp, dq, qinv, x = numbers(test, "n", "e", "p", "q", "d", "dmp1", "dmq1", "iqmp", given)
                if group["keyMode"] == "crt":
                    assert (dp, dq, qinv) == (d % (p - 1), d % (q - 1), pow(q, -1, p))
                    key = rsa().import_key_pair("RSAFULLPRIVATEBLOB", rsa_full_blob(RsaNumbers(n, e, p, q, d)))
                else:
                    key = private_key(rsa_key(n, e, d, p, q))
                size = group["modulo"] // 8
                block = octets(x, size)
                assert len(test[given]) == 2 * size
                if test["testPassed"]:
                    assert key.decrypt(block) == octets(int(test[answer], 16), size)
                    assert key.public().encrypt(key.decrypt(block)) == block
                elif x < n:
                    assert x in (0, 1, n - 1)
                    assert key.decrypt(block) == block
                    raise Listed(TRIVIAL)
                else:
                    assert status(key.decrypt, block) == STATUS_INVALID_PARAMETER
    tally.check(cases_of(file), split)
