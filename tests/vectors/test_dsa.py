"""DSA against Wycheproof and NIST's ACVP and CAVP: keys and signatures by the object API, domain parameters by the
functions of ``cngcore_dsa.domain``.

Each table gives the cases of a file, or of its part for one length of p, and those of them that are listed with a
reason; everything else has to answer right. CNG signs a digest that is just as long as q, so the callers cut and pad it
(contract: rule-sign-dsa-hash): here that is :func:`fitted`. All keys go in by blobs built here, V2 ones with q of 224
bits too.
"""

import functools
import hashlib
import struct
from typing import Any

import pytest
from cngcore_dsa import domain
from helpers import representative
from oracles.values import number, octets
from vectorfiles import load_json, load_rsp, thinned
from vectorsupport import Listed, Tally, cases_of, digest, hash_name, randomized_digest, sha1_of_bits, status

import cngcore
from cngcore.status import (
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_SIGNATURE,
    STATUS_SUCCESS,
    InvalidParameterError,
)

SHAWE_TAYLOR = "primes by Shawe-Taylor (FIPS 186-4 A.1.2): CNG has none"
CUT_SHORT = "the record ends after its message: so it stands in the file"


@functools.cache
def dsa() -> cngcore.AlgorithmProvider:
    return cngcore.open_algorithm_provider("DSA")


def blob(p: int, q: int, g: int, y: int, x: int | None = None) -> bytes:
    """A key blob whose counter and seed are not told (contract: rule-layout-dsa-v1, rule-layout-dsa-v2)."""
    size, group = (p.bit_length() + 7) // 8, (q.bit_length() + 7) // 8
    kind = b"P" + (b"B" if x is None else b"V")
    unknown = b"\xff" * 4
    if size <= 128:
        head = b"DS" + kind + struct.pack("<I", size) + unknown + b"\xff" * 20
    else:
        magic = b"D" + kind + b"2"
        head = magic + struct.pack("<5I", size, {20: 0, 28: 1, 32: 1}[group], 1, group, group) + unknown
        head += b"\xff" * group
    numbers = octets(q, group) + octets(p, size) + octets(g, size) + octets(y, size)
    return head + numbers + (b"" if x is None else octets(x, group))


def public_key(p: int, q: int, g: int, y: int) -> cngcore.KeyPair:
    return dsa().import_key_pair("DSAPUBLICBLOB", blob(p, q, g, y))


def private_key(p: int, q: int, g: int, y: int, x: int) -> cngcore.KeyPair:
    return dsa().import_key_pair("DSAPRIVATEBLOB", blob(p, q, g, y, x))


def numbers(given: dict[str, Any], *names: str) -> tuple[int, ...]:
    """Hexadecimal members as numbers."""
    return tuple(int(given[name], 16) for name in names)


def fitted(hashed: bytes, q: int) -> bytes:
    """The digest as CNG wants it: its leftmost bytes, as many as q has, with zeros before a shorter one."""
    assert q.bit_length() % 8 == 0
    size = q.bit_length() // 8
    return hashed[:size].rjust(size, b"\0")


def joined(q: int, r: int, s: int) -> bytes:
    """r || s; a number that q's length has no room for has no such form."""
    size = q.bit_length() // 8
    return octets(r, size) + octets(s, size)


def hashlib_name(text: str) -> str:
    return hash_name(text).lower().replace("/", "_")


def verified(p: int, q: int, g: int, y: int, hashed: bytes, signature: bytes) -> bool:
    """Whether the signature verifies; a key that was changed may be refused at import."""
    try:
        key = public_key(p, q, g, y)
    except InvalidParameterError:
        assert pow(y, q, p) != 1, "a good key was refused"
        return False
    answer = status(key.verify_signature, hashed, signature)
    assert answer in (STATUS_SUCCESS, STATUS_INVALID_SIGNATURE), answer
    return answer == STATUS_SUCCESS


# -------------------------------------------------------------------------------------------------- key pairs


def check_pair(p: int, q: int, g: int, y: int, x: int) -> None:
    """The pair goes in and comes out, and another y does not belong to this x."""
    with private_key(p, q, g, y, x) as key:
        assert key.export("DSAPRIVATEBLOB") == blob(p, q, g, y, x)
        assert key.export("DSAPUBLICBLOB") == blob(p, q, g, y)
    with pytest.raises(InvalidParameterError):
        private_key(p, q, g, y * g % p, x)


def test_acvp_key_pairs() -> None:
    file = load_json("acvp/DSA-KeyGen-1.0.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                check_pair(*numbers(group | test, "p", "q", "g", "y", "x"))
    tally.check(cases_of(file), (6, {}))


CAVP_PAIRS = {"186-2": 10, "186-3": 40}


@pytest.mark.parametrize("edition", CAVP_PAIRS)
def test_cavp_key_pairs(edition: str) -> None:
    tally, total, of = Tally(), 0, {}
    for section, record in load_rsp(f"cryptography-vectors/asymmetric/DSA/FIPS_{edition}/KeyPair.rsp"):
        if "P" in record:
            of = record
            continue
        total += 1
        with tally.case((section[""], record["X"])):
            check_pair(*numbers(of | record, "P", "Q", "G", "Y", "X"))
    tally.check(total, (CAVP_PAIRS[edition], {}))


# --------------------------------------------------------------------------------------------- domain parameters


def primes_of(given: dict[str, Any], seed: str, counter: int) -> domain.Primes:
    p, q = numbers(given, *(("p", "q") if "p" in given else ("P", "Q")))
    return domain.Primes(p, q, bytes.fromhex(given[seed]), counter)


ACVP_GENERATED = {2048: (40, {SHAWE_TAYLOR: 10}), 3072: (16, {SHAWE_TAYLOR: 4})}


@pytest.mark.parametrize("bits", representative(ACVP_GENERATED))
def test_acvp_generated_parameters(bits: int) -> None:
    """Primes verify from seed and counter; a canonical g is the one that the seed and the index give."""
    file = load_json("acvp/DSA-PQGGen-1.0.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"] if group["l"] == bits else ():
            with tally.case(test["tcId"]):
                if group["pqMode"] == "provable":
                    raise Listed(SHAWE_TAYLOR)
                name = hashlib_name(group["hashAlg"])
                primes = primes_of(test, "domainSeed", test["counter"])
                assert (primes.p.bit_length(), primes.q.bit_length()) == (group["l"], group["n"])
                if group["pqMode"] == "probable":
                    assert domain.verify_primes(primes, domain.fips_186_4(name))
                    continue
                (g,) = numbers(test, "g")
                assert domain.verify_generator(primes.p, primes.q, g)
                if group["gMode"] == "canonical":
                    index = int(test["index"], 16)
                    assert domain.canonical_generator(primes.p, primes.q, primes.seed, index, name) == g
    check_part(file, bits, tally, ACVP_GENERATED)


ACVP_VERIFIED = {1024: (59, {SHAWE_TAYLOR: 16}), 2048: (83, {SHAWE_TAYLOR: 22}), 3072: (30, {SHAWE_TAYLOR: 4})}


@pytest.mark.parametrize("bits", representative(ACVP_VERIFIED, most=2))
def test_acvp_verified_parameters(bits: int) -> None:
    file = load_json("acvp/DSA-PQGVer-1.0.json")
    tally = Tally()
    for group in file["testGroups"]:
        for test in group["tests"] if group["l"] == bits else ():
            with tally.case(test["tcId"]):
                if group["pqMode"] == "provable":
                    raise Listed(SHAWE_TAYLOR)
                name = hashlib_name(group["hashAlg"])
                primes = primes_of(test, "domainSeed", test["counter"])
                if group["pqMode"] == "probable":
                    passed = domain.verify_primes(primes, domain.fips_186_4(name))
                else:
                    (g,) = numbers(test, "g")
                    passed = domain.verify_generator(primes.p, primes.q, g)
                    if group["gMode"] == "canonical":
                        index = int(test["index"], 16)
                        passed = domain.verify_canonical_generator(primes.p, primes.q, g, primes.seed, index, name)
                assert passed == test["testPassed"], test["reason"]
    check_part(file, bits, tally, ACVP_VERIFIED)


def check_part(file: Any, bits: int, tally: Tally, table: dict[int, tuple[int, dict[str, int]]]) -> None:
    """The part is as the table has it, and the parts of the table make the file."""
    tally.check(sum(len(group["tests"]) for group in file["testGroups"] if group["l"] == bits), table[bits])
    assert cases_of(file) == sum(cases for cases, _ in table.values())


def test_cavp_generated_parameters_of_fips_186_2() -> None:
    tally, total = Tally(), 0
    for section, record in load_rsp("cryptography-vectors/asymmetric/DSA/FIPS_186-2/PQGGen.rsp"):
        total += 1
        with tally.case((section[""], record["Seed"])):
            primes = primes_of(record, "Seed", int(record["c"]))
            g, h = numbers(record, "G", "H")
            assert domain.verify_primes(primes, domain.FIPS_186_2)
            assert not domain.verify_primes(primes, domain.fips_186_4("sha1"))
            assert domain.verify_generator(primes.p, primes.q, g)
            assert domain.power(h, (primes.p - 1) // primes.q, primes.p) == g
            assert (domain.least_generator(primes.p, primes.q) == g) == (h == 2)
    tally.check(total, (5, {}))


def test_cavp_verified_parameters_of_fips_186_2() -> None:
    tally, total = Tally(), 0
    for section, record in load_rsp("cryptography-vectors/asymmetric/DSA/FIPS_186-2/PQGVer.rsp"):
        total += 1
        with tally.case((section[""], record["Seed"])):
            primes = primes_of(record, "Seed", int(record["c"]))
            g, h = numbers(record, "G", "H")
            passed = domain.verify_primes(primes, domain.FIPS_186_2) and (
                domain.power(h, (primes.p - 1) // primes.q, primes.p) == g
            )
            assert passed == record["Result"].startswith("P"), record["Result"]
    tally.check(total, (5, {}))


CAVP_PARAMETERS = {1024: (100, 25), 2048: (140, 35), 3072: (60, 15)}
"""Records of PQGGen and of PQGVer of FIPS 186-3, and how many of them are by Shawe-Taylor; every fifth is tested."""


def of_size(kind: str, bits: int) -> list[tuple[dict[str, str], dict[str, str]]]:
    records = load_rsp(f"cryptography-vectors/asymmetric/DSA/FIPS_186-3/{kind}.rsp")
    found = [(section, record) for section, record in records if int(section["L"]) == bits]
    by_shawe_taylor = [record for _, record in found if "pgen_counter" in record]
    assert (len(found), len(by_shawe_taylor)) == CAVP_PARAMETERS[bits]
    return thinned(found, 5)


def expected_of(records: list[tuple[dict[str, str], dict[str, str]]]) -> tuple[int, dict[str, int]]:
    listed = sum("pgen_counter" in record and "G" not in record for _, record in records)
    return len(records), {SHAWE_TAYLOR: listed} if listed else {}


@pytest.mark.parametrize("bits", [1024, 2048, pytest.param(3072, marks=pytest.mark.slow)])
def test_cavp_generated_parameters(bits: int) -> None:
    """FIPS 186-3: A.1.1.2 (primes), A.1.2.1 (Shawe-Taylor), A.2.1 and A.2.3 (generators), told by what is given.

    A.2.3 has some cases whose primes are by Shawe-Taylor: their seed is the three seeds of that, one after the other.
    """
    tally, records = Tally(), of_size("PQGGen", bits)
    for section, record in records:
        with tally.case((section[""], record["Q"])):
            name = hash_of(section)
            p, q = numbers(record, "P", "Q")
            assert (p.bit_length(), q.bit_length()) == (bits, int(section["N"]))
            if "counter" in record:
                primes = primes_of(record, "domain_parameter_seed", int(record["counter"]))
                assert domain.verify_primes(primes, domain.fips_186_4(name))
            elif "index" in record:
                (g,) = numbers(record, "G")
                assert domain.canonical_generator(p, q, seed_of(record), int(record["index"], 16), name) == g
            elif "G" in record:
                (g,) = numbers(record, "G")
                assert domain.verify_generator(p, q, g)
            else:
                assert "pgen_counter" in record
                raise Listed(SHAWE_TAYLOR)
    tally.check(len(records), expected_of(records))


@pytest.mark.parametrize("bits", CAVP_PARAMETERS)
def test_cavp_verified_parameters(bits: int) -> None:
    """FIPS 186-3: A.1.1.3, A.1.2.2, A.2.2 and A.2.4, told by what is given."""
    tally, records = Tally(), of_size("PQGVer", bits)
    for section, record in records:
        with tally.case((section[""], record["Q"])):
            name = hash_of(section)
            p, q = numbers(record, "P", "Q")
            if "pgen_counter" in record:
                raise Listed(SHAWE_TAYLOR)
            if "index" in record:
                (g,) = numbers(record, "G")
                index = int(record["index"], 16)
                passed = domain.verify_canonical_generator(p, q, g, seed_of(record), index, name)
            elif "G" in record:
                (g,) = numbers(record, "G")
                passed = domain.verify_generator(p, q, g)
            else:
                passed = domain.verify_primes(primes_of(record, "Seed", int(record["c"])), domain.fips_186_4(name))
            assert passed == record["Result"].startswith("P"), record["Result"]
    tally.check(len(records), expected_of(records))


def hash_of(section: dict[str, str]) -> str:
    """hashlib's name of the hash in a header such as ``mod = L=2048, N=256, SHA-384``."""
    return hashlib_name(next(key for key in section if key.startswith("SHA")))


def seed_of(record: dict[str, str]) -> bytes:
    names = ("domain_parameter_seed",) if "domain_parameter_seed" in record else ("firstseed", "pseed", "qseed")
    return b"".join(bytes.fromhex(record[name]) for name in names)


# ------------------------------------------------------------------------------------------------- signatures


def test_acvp_signatures() -> None:
    """Each signature verifies, and so does one of our own; SP 800-106 randomizes the message first."""
    file = load_json("acvp/DSA-SigGen-1.0.json")
    tally = Tally()
    for group in file["testGroups"]:
        p, q, g, y, x = numbers(group, "p", "q", "g", "y", "x")
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                hashed = fitted(acvp_digest(group, test), q)
                assert verified(p, q, g, y, hashed, joined(q, *numbers(test, "r", "s")))
                with private_key(p, q, g, y, x) as key:
                    assert verified(p, q, g, y, hashed, key.sign_hash(hashed))
    tally.check(cases_of(file), (18, {}))


def test_our_sha1_is_sha1() -> None:
    for message in (b"", b"abc", b"a" * 55, b"a" * 56, bytes(range(200))):
        assert sha1_of_bits(number(message), 8 * len(message)) == hashlib.sha1(message).digest()


def acvp_digest(group: dict[str, Any], test: dict[str, Any]) -> bytes:
    message = bytes.fromhex(test["message"])
    if group.get("conformance") == "SP800-106":
        return randomized_digest(group["hashAlg"], message, bytes.fromhex(test["randomValue"]))
    return digest(group["hashAlg"], message)


def test_acvp_verification() -> None:
    file = load_json("acvp/DSA-SigVer-1.0.json")
    tally = Tally()
    for group in file["testGroups"]:
        p, q, g = numbers(group, "p", "q", "g")
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                y, r, s = numbers(test, "y", "r", "s")
                passed = verified(p, q, g, y, fitted(acvp_digest(group, test), q), joined(q, r, s))
                assert passed == test["testPassed"], test["reason"]
    tally.check(cases_of(file), (160, {}))


CAVP_SIGNATURES = {"186-2": (13, {CUT_SHORT: 1}), "186-3": (300, {})}


@pytest.mark.parametrize("edition", CAVP_SIGNATURES)
def test_cavp_signatures(edition: str) -> None:
    tally, total, of = Tally(), 0, {}
    for section, record in load_rsp(f"cryptography-vectors/asymmetric/DSA/FIPS_{edition}/SigGen.rsp"):
        if "P" in record:
            of = record
            continue
        total += 1
        with tally.case((section[""], record["Msg"][:8])):
            if "R" not in record:
                raise Listed(CUT_SHORT)
            p, q, g, y, r, s = numbers(of | record, "P", "Q", "G", "Y", "R", "S")
            assert verified(p, q, g, y, fitted(cavp_digest(section, record), q), joined(q, r, s))
    tally.check(total, CAVP_SIGNATURES[edition])


CAVP_VERIFICATION = {"186-2": 15, "186-3": 300}


@pytest.mark.parametrize("edition", representative(CAVP_VERIFICATION))
def test_cavp_verification(edition: str) -> None:
    """The private key is told too: where it belongs to the public one, our own signature verifies as well."""
    tally, total, of = Tally(), 0, {}
    for section, record in load_rsp(f"cryptography-vectors/asymmetric/DSA/FIPS_{edition}/SigVer.rsp"):
        if "P" in record:
            of = record
            continue
        total += 1
        with tally.case((section[""], record["R"])):
            p, q, g, y, x, r, s = numbers(of | record, "P", "Q", "G", "Y", "X", "R", "S")
            hashed = fitted(cavp_digest(section, record), q)
            passed = verified(p, q, g, y, hashed, joined(q, r, s))
            assert passed == record["Result"].startswith("P"), record["Result"]
            if pow(g, x, p) == y:
                with private_key(p, q, g, y, x) as key:
                    assert verified(p, q, g, y, hashed, key.sign_hash(hashed))
    tally.check(total, (CAVP_VERIFICATION[edition], {}))


def cavp_digest(section: dict[str, str], record: dict[str, str]) -> bytes:
    """FIPS 186-2 has SHA-1 only, and its headers do not say so."""
    name = next((key for key in section if key.startswith("SHA")), "SHA-1")
    return digest(name, bytes.fromhex(record["Msg"]))


WYCHEPROOF = {
    "2048_224_sha224": 32,
    "2048_224_sha256": 34,
    "2048_256_sha256": 34,
    "3072_256_sha256": 35,
}


@pytest.mark.parametrize("name", WYCHEPROOF)
def test_wycheproof(name: str) -> None:
    file = load_json(f"wycheproof/dsa_{name}_p1363_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        p, q, g, y = numbers(group["publicKey"], "p", "q", "g", "y")
        with public_key(p, q, g, y) as key:
            for test in group["tests"]:
                with tally.case(test["tcId"]):
                    assert test["result"] in ("valid", "invalid")
                    hashed = fitted(digest(group["sha"], bytes.fromhex(test["msg"])), q)
                    signature = bytes.fromhex(test["sig"])
                    wanted = STATUS_SUCCESS if test["result"] == "valid" else STATUS_INVALID_SIGNATURE
                    if len(signature) != 2 * ((q.bit_length() + 7) // 8):
                        wanted = STATUS_INVALID_PARAMETER  # contract: rule-verify-ecdsa-length
                    answer = status(key.verify_signature, hashed, signature)
                    assert answer == wanted, answer
    tally.check(file["numberOfTests"], (WYCHEPROOF[name], {}))
