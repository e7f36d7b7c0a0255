"""The key-derivation functions against RFC 5869, Wycheproof, NIST's ACVP and CAVP.

Every case of every file is computed, or counted with the reason why not; the counts are asserted, so that a
case cannot drop out unseen.
"""

from collections import Counter

import pytest
from vectorfiles import load_json, load_rsp

from cngcore.constants import TLS1_1_PROTOCOL_VERSION, TLS1_2_PROTOCOL_VERSION
from cngcore.families import kdf
from cngcore.status import InvalidParameterError, NotSupportedError

CNG_HASH = {
    "SHA-1": "SHA1", "SHA-256": "SHA256", "SHA2-224": "SHA224", "SHA2-256": "SHA256", "SHA2-384": "SHA384",
    "SHA2-512": "SHA512",
}  # fmt: skip
"""The names of the vectors, in CNG's spelling; CNG has no SHA-224."""


def test_rfc_5869() -> None:
    """Appendix A.1 to A.3: extract and expand."""
    cases = list(load_rsp("cryptography-vectors/KDF/rfc-5869-HKDF-SHA256.txt"))
    seen = 0
    whole: dict[str, str] = {}
    for _, record in cases:
        whole = {} if "COUNT" in record else whole
        whole |= record
        if "OKM" not in record:
            continue
        case = {key: bytes.fromhex(whole[key]) for key in ("IKM", "salt", "info", "PRK", "OKM")}
        prk = kdf.hkdf_extract(case["IKM"], CNG_HASH[whole["Hash"]], case["salt"])
        assert prk == case["PRK"]
        assert kdf.hkdf_expand(prk, CNG_HASH[whole["Hash"]], case["info"], int(whole["L"])) == case["OKM"]
        seen += 1
    assert seen == 3


@pytest.mark.parametrize("hash_id", ["SHA1", "SHA256", "SHA384", "SHA512"])
def test_wycheproof_hkdf(hash_id: str) -> None:
    file = load_json(f"wycheproof/hkdf_{hash_id.lower()}_test.json")
    seen = 0
    for group in file["testGroups"]:
        for test in group["tests"]:
            prk = kdf.hkdf_extract(bytes.fromhex(test["ikm"]), hash_id, bytes.fromhex(test["salt"]))
            info = bytes.fromhex(test["info"])
            if test["result"] == "valid":
                assert kdf.hkdf_expand(prk, hash_id, info, test["size"]) == bytes.fromhex(test["okm"]), test["tcId"]
            else:
                assert test["flags"] == ["SizeTooLarge"]
                with pytest.raises(InvalidParameterError):
                    kdf.hkdf_expand(prk, hash_id, info, test["size"])
            seen += 1
    assert seen == file["numberOfTests"] > 0


def test_acvp_one_step() -> None:
    """KDA OneStep of SP 800-56C: t is the AlgorithmID, the length (big-endian bits) is SuppPubInfo."""
    file = load_json("acvp/KDA-OneStep-Sp800-56Cr2.json")
    outcome: Counter[str] = Counter()
    for group in file["testGroups"]:
        settings = group["kdfConfiguration"]
        assert settings["fixedInfoPattern"] == "t||uPartyInfo||vPartyInfo||l"
        hash_id = CNG_HASH.get(settings["auxFunction"], settings["auxFunction"])
        for test in group["tests"]:
            given = test["kdfParameter"]
            assert "salt" not in given
            u, v = (
                bytes.fromhex(party["partyId"] + party.get("ephemeralData", ""))
                for party in (test["fixedInfoPartyU"], test["fixedInfoPartyV"])
            )
            arguments = (bytes.fromhex(given["z"]), hash_id, bytes.fromhex(given["t"]), u, v)
            bits = given["l"].to_bytes(4, "big")
            if hash_id == "SHA224":
                with pytest.raises(NotSupportedError):
                    kdf.sp800_56a_concat(*arguments, bits)
                outcome["CNG has no SHA-224"] += 1
                continue
            derived = kdf.sp800_56a_concat(*arguments, bits, length=given["l"] // 8)
            assert (derived == bytes.fromhex(test["dkm"])) == test.get("testPassed", True), test["tcId"]
            outcome["computed"] += 1
    assert sum(outcome.values()) == file["_split"]["cases"]
    assert outcome["computed"] == 17


@pytest.mark.parametrize("role", ["init", "resp"])
def test_cavp_concatenation(role: str) -> None:
    """KAS with the concatenation KDF: DKM from Z and OtherInfo, which is cut here at any two places.

    A record is about a whole key agreement; only a changed OI or DKM shows in the KDF.
    """
    name = f"cryptography-vectors/asymmetric/ECDH/KASValidityTest_ECCStaticUnified_KDFConcat_NOKC_{role}.fax"
    outcome: Counter[str] = Counter()
    for number, (section, record) in enumerate(load_rsp(name)):
        hash_id = section[""].split(" - ")[1]
        z, info, dkm = (bytes.fromhex(record[key]) for key in ("Z", "OI", "DKM"))
        first, second = sorted((number % len(info), 7 * number % len(info)))
        parts = info[:first], info[first:second], info[second:]
        if hash_id == "SHA224":
            with pytest.raises(NotSupportedError):
                kdf.sp800_56a_concat(z, hash_id, *parts)
            outcome["CNG has no SHA-224"] += 1
            continue
        derived = kdf.sp800_56a_concat(z, hash_id, *parts, length=len(dkm))
        spoilt = "OI changed" in record["Result"] or "DKM changed" in record["Result"]
        assert (derived == dkm) != spoilt, (section, record["COUNT"])
        outcome["computed"] += 1
    assert outcome["computed"] == 270
    assert outcome["CNG has no SHA-224"] == 30


def test_acvp_tls_1_2_extended_master_secret() -> None:
    """RFC 7627: its seed is a session hash and not 64 bytes, so the master secret takes the inner PRF."""
    file = load_json("acvp/TLS-v1.2-KDF-RFC7627.json")
    seen = 0
    for group in file["testGroups"]:
        hash_id = CNG_HASH[group["hashAlg"]]
        for test in group["tests"]:
            given = {key: bytes.fromhex(value) for key, value in test.items() if isinstance(value, str)}
            secret, session, master, block = (
                given[key] for key in ("preMasterSecret", "sessionHash", "masterSecret", "keyBlock")
            )
            random = given["serverRandom"] + given["clientRandom"]
            assert kdf.prf_tls1_2(secret, b"extended master secret", session, 48, hash_id) == master
            assert len(block) * 8 == group["keyBlockLength"]
            derived = kdf.tls_prf(master, b"key expansion", random, len(block), TLS1_2_PROTOCOL_VERSION, hash_id)
            assert derived == block
            seen += 1
    assert seen == file["_split"]["cases"]


def test_acvp_tls() -> None:
    """TLS 1.0/1.1 and 1.2, master secret and key block, all by the public function."""
    file = load_json("acvp/kdf-components-tls-1.0.json")
    seen: Counter[str] = Counter()
    for group in file["testGroups"]:
        version = group["tlsVersion"]
        protocol = {"v1.0/1.1": TLS1_1_PROTOCOL_VERSION, "v1.2": TLS1_2_PROTOCOL_VERSION}[version]
        hash_id = CNG_HASH[group["hashAlg"]]
        for test in group["tests"]:
            given = {key: bytes.fromhex(value) for key, value in test.items() if isinstance(value, str)}
            hello = given["clientHelloRandom"] + given["serverHelloRandom"]
            random = given["serverRandom"] + given["clientRandom"]
            master, block = given["masterSecret"], given["keyBlock"]
            derive = {"protocol": protocol, "hash_id": hash_id}
            assert kdf.tls_prf(given["preMasterSecret"], b"master secret", hello, **derive) == master
            assert kdf.tls_prf(master, b"key expansion", random, len(block), **derive) == block
            seen[version] += 1
    assert seen == {"v1.0/1.1": 8, "v1.2": 24}
    assert seen.total() == file["_split"]["cases"]
