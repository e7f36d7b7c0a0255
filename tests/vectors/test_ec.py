"""ECDSA and ECDH against Wycheproof, NIST's ACVP and CAVP, by the object API.

Each table gives the cases of a file and those of them that no CNG function can be asked, with the reason; everything
else has to answer right. Curves that have an algorithm of their own are tested there and on the generic algorithm.
"""

import functools

import pytest
from oracles.blobs import point_blob, x25519_blob
from oracles.ec import CURVES, clamped
from oracles.values import octets
from vectorfiles import load_json, load_rsp
from vectorsupport import (
    COMPRESSED,
    CURVE_OF,
    FIXED,
    NEGATIVE,
    NO_BACK_END,
    NO_CURVE,
    NO_POINT,
    NOT_DER,
    OID_CURVE,
    SIZE_OF,
    ExplicitCurve,
    Listed,
    Tally,
    affine,
    cases_of,
    digest,
    full_public_blob,
    randomized_digest,
    read_spki,
    status,
)

import cngcore
from cngcore.blobs.curves import CURVES as DOMAINS
from cngcore.status import (
    STATUS_INVALID_PARAMETER,
    STATUS_INVALID_SIGNATURE,
    STATUS_NOT_SUPPORTED,
    STATUS_SUCCESS,
    InvalidParameterError,
)


@functools.cache
def generic(family: str, curve: str) -> cngcore.AlgorithmProvider:
    """The generic algorithm set to a curve."""
    algorithm = cngcore.open_algorithm_provider(family)
    algorithm.set_property("ECCCurveName", curve)
    return algorithm


@functools.cache
def fixed(family: str, curve: str) -> cngcore.AlgorithmProvider:
    return cngcore.open_algorithm_provider(f"{family}_{FIXED[curve][0]}")


def homes(family: str, curve: str) -> list[tuple[cngcore.AlgorithmProvider, bytes, bytes]]:
    """Where keys on a curve live: the algorithm, and its public and private magic (contract: rule-layout-ecc)."""
    letters = {"ECDH": b"ECK", "ECDSA": b"ECS"}[family], {"ECDH": b"ECK", "ECDSA": b"ECD"}[family]
    places = [(generic(family, curve), letters[1] + b"P", letters[1] + b"V")]
    if curve in FIXED:
        digit = FIXED[curve][1]
        places.append((fixed(family, curve), letters[0] + b"%d" % digit, letters[0] + b"%d" % (digit + 1)))
    return places


def public_keys(family: str, curve: str, point: bytes) -> list[cngcore.KeyPair]:
    """The key of a point (X, Y) on each algorithm that can hold it."""
    return [
        algorithm.import_key_pair("ECCPUBLICBLOB", point_blob(magic, b"\4" + point))
        for algorithm, magic, _ in homes(family, curve)
    ]


def private_keys(family: str, curve: str, d: int, point: bytes = b"") -> list[cngcore.KeyPair]:
    """The key of a private number, with its point or with zeros for "work it out"."""
    size = SIZE_OF[curve]
    body = b"\4" + (point or bytes(2 * size))
    return [
        algorithm.import_key_pair("ECCPRIVATEBLOB", point_blob(magic, body, octets(d, size)))
        for algorithm, _, magic in homes(family, curve)
    ]


def joined(curve: str, *numbers: str) -> bytes:
    """Numbers in hexadecimal, each as wide as the curve's cbKey, or all as wide as the widest needs."""
    values = [int(text, 16) for text in numbers]
    size = max(SIZE_OF[curve], *((value.bit_length() + 7) // 8 for value in values))
    return b"".join(octets(value, size) for value in values)


def refused_import(family: str, curve: str, point: bytes) -> bool:
    """Whether every algorithm refuses the point with STATUS_INVALID_PARAMETER."""
    answers = {
        status(algorithm.import_key_pair, "ECCPUBLICBLOB", point_blob(magic, b"\4" + point))
        for algorithm, magic, _ in homes(family, curve)
    }
    return answers == {STATUS_INVALID_PARAMETER}


# ------------------------------------------------------------------------------------------------ ECDSA


WYCHEPROOF_ECDSA = {
    "brainpoolP256r1_sha256": 71,
    "brainpoolP384r1_sha384": 72,
    "brainpoolP512r1_sha512": 75,
    "secp256k1_sha256": 69,
    "secp256r1_sha256": 71,
    "secp256r1_sha512": 72,
    "secp384r1_sha384": 68,
    "secp384r1_sha512": 68,
    "secp521r1_sha512": 68,
}


@pytest.mark.parametrize("name", WYCHEPROOF_ECDSA)
def test_wycheproof_ecdsa(name: str) -> None:
    file = load_json(f"wycheproof/ecdsa_{name}_p1363_test.json")
    tally = Tally()
    for group in file["testGroups"]:
        given = group["publicKey"]
        curve = CURVE_OF.get(given["curve"], given["curve"])
        keys = public_keys("ECDSA", curve, affine(bytes.fromhex(given["uncompressed"])))
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                assert test["result"] in ("valid", "invalid")
                wanted = STATUS_SUCCESS if test["result"] == "valid" else STATUS_INVALID_SIGNATURE
                if len(test["sig"]) != 4 * DOMAINS[curve].order_bytes:
                    assert test["result"] == "invalid"
                    wanted = STATUS_INVALID_PARAMETER  # contract: rule-verify-ecdsa-length
                hashed = digest(group["sha"], bytes.fromhex(test["msg"]))
                for key in keys:
                    assert status(key.verify_signature, hashed, bytes.fromhex(test["sig"])) == wanted
    tally.check(file["numberOfTests"], (WYCHEPROOF_ECDSA[name], {}))


def test_acvp_ecdsa_key_generation() -> None:
    """Q = d*G: worked out from d alone, and accepted beside d; a neighbour of d does not belong to Q."""
    file = load_json("acvp/ECDSA-KeyGen-FIPS186-5.json")
    tally = Tally()
    for group in file["testGroups"]:
        curve = CURVE_OF[group["curve"]]
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                d, point = int(test["d"], 16), joined(curve, test["qx"], test["qy"])
                for key in (*private_keys("ECDSA", curve, d), *private_keys("ECDSA", curve, d, point)):
                    assert key.export("ECCPUBLICBLOB")[8:] == point
                    assert key.export("ECCPRIVATEBLOB")[8:] == point + octets(d, SIZE_OF[curve])
                assert status(private_keys, "ECDSA", curve, d + 1, point) == STATUS_INVALID_PARAMETER
    tally.check(cases_of(file), (6, {}))


def test_acvp_ecdsa_key_verification() -> None:
    """A coordinate wider than the field makes a blob of a larger cbKey; that is refused as any other bad point."""
    file = load_json("acvp/ECDSA-KeyVer-FIPS186-5.json")
    tally = Tally()
    for group in file["testGroups"]:
        curve = CURVE_OF[group["curve"]]
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                point = joined(curve, test["qx"], test["qy"])
                if test["testPassed"]:
                    assert all(key.export("ECCPUBLICBLOB")[8:] == point for key in public_keys("ECDSA", curve, point))
                else:
                    assert refused_import("ECDSA", curve, point), test["reason"]
    tally.check(cases_of(file), (3, {}))


def test_acvp_ecdsa_signatures() -> None:
    """Each signature verifies, and so does one of our own by the same key; SP 800-106 randomizes the message first."""
    file = load_json("acvp/ECDSA-SigGen-FIPS186-5.json")
    tally = Tally()
    for group in file["testGroups"]:
        curve = CURVE_OF[group["curve"]]
        keys = private_keys("ECDSA", curve, int(group["d"], 16), joined(curve, group["qx"], group["qy"]))
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                message = bytes.fromhex(test["message"])
                if group.get("conformance") == "SP800-106":
                    assert len(test["randomValue"]) * 4 == test["randomValueLen"]
                    hashed = randomized_digest(group["hashAlg"], message, bytes.fromhex(test["randomValue"]))
                else:
                    hashed = digest(group["hashAlg"], message)
                for key in keys:
                    key.verify_signature(hashed, joined(curve, test["r"], test["s"]))
                    key.public().verify_signature(hashed, key.sign_hash(hashed))
    tally.check(cases_of(file), (36, {}))


def verified(curve: str, point: bytes, hashed: bytes, signature: bytes) -> bool:
    """Whether the signature verifies; a key that was changed may be no key at all."""
    answers = set()
    for algorithm, magic, _ in homes("ECDSA", curve):
        try:
            key = algorithm.import_key_pair("ECCPUBLICBLOB", point_blob(magic, b"\4" + point))
        except InvalidParameterError:
            answers.add("no key")
        else:
            answers.add(status(key.verify_signature, hashed, signature))
    assert len(answers) == 1
    assert answers <= {"no key", STATUS_SUCCESS, STATUS_INVALID_SIGNATURE}, answers
    return answers == {STATUS_SUCCESS}


def test_acvp_ecdsa_verification() -> None:
    file = load_json("acvp/ECDSA-SigVer-FIPS186-5.json")
    tally = Tally()
    for group in file["testGroups"]:
        curve = CURVE_OF[group["curve"]]
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                hashed = digest(group["hashAlg"], bytes.fromhex(test["message"]))
                point, signature = joined(curve, test["qx"], test["qy"]), joined(curve, test["r"], test["s"])
                assert verified(curve, point, hashed, signature) == test["testPassed"], test["reason"]
    tally.check(cases_of(file), (20, {}))


def of_bcrypt(name: str) -> str:
    """Return CNG's name of a curve. Raise Listed for NIST's binary curves, which bcrypt.h does not have."""
    if name not in CURVE_OF:
        assert name[0] in "KB", name
        raise Listed(NO_CURVE)
    return CURVE_OF[name]


def test_cavp_ecdsa_key_verification() -> None:
    tally, records = Tally(), list(load_rsp("cryptography-vectors/asymmetric/ECDSA/FIPS_186-3/PKV.rsp"))
    for section, record in records:
        with tally.case((section[""], record["Qx"][:8])):
            curve = of_bcrypt(section[""])
            point = joined(curve, record["Qx"], record["Qy"])
            if record["Result"].startswith("P"):
                assert len(public_keys("ECDSA", curve, point)) == (2 if curve in FIXED else 1)
            else:
                assert refused_import("ECDSA", curve, point), record["Result"]
    tally.check(len(records), (180, {NO_CURVE: 120}))


@pytest.mark.parametrize("family", ["ECDSA", "ECDH"])
@pytest.mark.parametrize("curve", CURVES)
def test_coordinates_out_of_range(family: str, curve: str) -> None:
    """x + p in place of x, y + p in place of y: NIST's files do so where cbKey leaves room, which is on P-521."""
    own = CURVES[curve]
    room = 256**own.size - own.p
    for x in range(min(room, 1000)):
        y = pow(x**3 + own.a * x + own.b, (own.p + 1) // 4, own.p)
        if own.has(x, y):
            break
    assert own.has(x, y)
    good = octets(x, own.size) + octets(y, own.size)
    assert all(key.export("ECCPUBLICBLOB")[8:] == good for key in public_keys(family, curve, good))
    assert refused_import(family, curve, octets(x + own.p, own.size) + octets(y, own.size))
    for small in (y, own.p - y):
        if small < room:
            assert refused_import(family, curve, octets(x, own.size) + octets(small + own.p, own.size))


def test_cavp_ecdsa_verification() -> None:
    tally, records = Tally(), list(load_rsp("cryptography-vectors/asymmetric/ECDSA/FIPS_186-3/SigVer.rsp"))
    for section, record in records:
        name, hash_id = section[""].split(",")
        with tally.case((section[""], record["Msg"][:8])):
            curve = of_bcrypt(name)
            hashed = digest(hash_id, bytes.fromhex(record["Msg"]))
            point, signature = joined(curve, record["Qx"], record["Qy"]), joined(curve, record["R"], record["S"])
            assert verified(curve, point, hashed, signature) == record["Result"].startswith("P"), record["Result"]
    tally.check(len(records), (1125, {NO_CURVE: 750}))


# ------------------------------------------------------------------------------------------------- ECDH


def secret(key: cngcore.KeyPair, peer: cngcore.KeyPair) -> bytes:
    """Z, big-endian; TRUNCATE gives it in the reverse order (contract: rule-derive-secret-bytes)."""
    with key.agree(peer) as agreed:
        return agreed.derive("TRUNCATE")[::-1]


WYCHEPROOF_POINTS = {
    "secp256r1": (67, {COMPRESSED: 2}),
    "secp384r1": (58, {COMPRESSED: 1}),
    "secp521r1": (61, {COMPRESSED: 4}),
}


@pytest.mark.parametrize("name", WYCHEPROOF_POINTS)
def test_wycheproof_ecdh_points(name: str) -> None:
    """Raw points: the good ones give the secret, those off the curve are refused at import."""
    file = load_json(f"wycheproof/ecdh_{name}_ecpoint_test.json")
    tally, curve = Tally(), CURVE_OF[name]
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                point = affine(bytes.fromhex(test["public"]))
                if test["result"] == "invalid":
                    assert refused_import("ECDH", curve, point)
                    continue
                assert test["result"] == "valid"
                privates = private_keys("ECDH", curve, int(test["private"], 16))
                for key, peer in zip(privates, public_keys("ECDH", curve, point), strict=True):
                    assert secret(key, peer) == bytes.fromhex(test["shared"])
    tally.check(file["numberOfTests"], WYCHEPROOF_POINTS[name])


WYCHEPROOF_SPKI = {
    "brainpoolP256r1": (43, {COMPRESSED: 3, NEGATIVE: 2, NO_POINT: 1, NOT_DER: 3, NO_CURVE: 2, NO_BACK_END: 3}),
    "brainpoolP384r1": (41, {COMPRESSED: 5, NEGATIVE: 1, NOT_DER: 4, NO_BACK_END: 2}),
    "secp256k1": (39, {COMPRESSED: 2, NOT_DER: 3, NO_CURVE: 1, NO_BACK_END: 1}),
}


@pytest.mark.parametrize("name", WYCHEPROOF_SPKI)
def test_wycheproof_ecdh_keys(name: str) -> None:
    """Keys as SubjectPublicKeyInfo, put into the blob that says the same.

    A name becomes the curve set on the algorithm, explicit parameters an ECCFULLPUBLICBLOB. "acceptable" cases are
    settled so: parameters that are not a named curve's, or leave out the cofactor, are refused at import, whatever
    the secret would be; damaged DER and compressed points never reach CNG.
    """
    file = load_json(f"wycheproof/ecdh_{name}_test.json")
    tally, curve = Tally(), CURVE_OF.get(name, name)
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                (key,) = private_keys("ECDH", curve, int(test["private"], 16))
                told, point = read_spki(bytes.fromhex(test["public"]))
                if isinstance(told, ExplicitCurve):
                    assert test["result"] == "invalid" or "UnusedParam" in test["flags"]
                    blob = full_public_blob(b"ECKP", told, point)
                    for algorithm in (generic("ECDH", curve), cngcore.open_algorithm_provider("ECDH")):
                        answer = status(algorithm.import_key_pair, "ECCFULLPUBLICBLOB", blob)
                        assert answer in (STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED), answer
                elif OID_CURVE.get(told) != curve:
                    assert test["result"] == "invalid" or "InvalidAsn" in test["flags"]
                    check_other_curve(key, curve, told, point)
                elif test["result"] == "invalid":
                    assert refused_import("ECDH", curve, affine(point))
                else:
                    for peer in (*public_keys("ECDH", curve, affine(point)), *spelt_out(curve, point)):
                        assert secret(key, peer) == bytes.fromhex(test["shared"])
    tally.check(file["numberOfTests"], WYCHEPROOF_SPKI[name])


def spelt_out(curve: str, point: bytes) -> list[cngcore.KeyPair]:
    """The key with the numbers of its curve, which are the named curve's; for the curves of ``helpers``."""
    if curve not in CURVES:
        return []
    own = CURVES[curve]
    generator = b"\4" + octets(own.gx, own.size) + octets(own.gy, own.size)
    blob = full_public_blob(b"ECKP", ExplicitCurve(own.p, own.a, own.b, generator, own.n, 1, b""), point)
    return [generic("ECDH", curve).import_key_pair("ECCFULLPUBLICBLOB", blob)]


def check_other_curve(key: cngcore.KeyPair, curve: str, oid: str, point: bytes) -> None:
    """A key on another curve agrees on nothing; a point said to be of another curve is of one of the two at most."""
    other = OID_CURVE.get(oid)
    if other is None:
        raise Listed(NO_CURVE)
    if other not in SIZE_OF:
        answer = status(cngcore.open_algorithm_provider("ECDH").set_property, "ECCCurveName", other)
        assert answer == STATUS_NOT_SUPPORTED, answer
        raise Listed(NO_BACK_END)
    xy = affine(point)
    assert refused_import("ECDH", curve, xy) or refused_import("ECDH", other, xy)
    for algorithm, magic, _ in homes("ECDH", other):
        try:
            peer = algorithm.import_key_pair("ECCPUBLICBLOB", point_blob(magic, b"\4" + xy))
        except InvalidParameterError:
            continue
        assert status(key.agree, peer) == STATUS_INVALID_PARAMETER


def test_cavp_ecdh_secrets() -> None:
    """Static unified model, Z only. A key with a changed half is refused at import, by either side."""
    name = "cryptography-vectors/asymmetric/ECDH/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_init.fax"
    curves = {"EA": "nistP192", "EB": "nistP224", "EC": "nistP256", "ED": "nistP384", "EE": "nistP521"}
    tally, records = Tally(), [(section, record) for section, record in load_rsp(name) if "COUNT" in record]
    for section, record in records:
        group, hash_id = section[""].split(" - ")
        curve = curves[group]
        with tally.case((section[""], record["COUNT"])):
            theirs = joined(curve, record["QsCAVSx"], record["QsCAVSy"])
            ours = joined(curve, record["QsIUTx"], record["QsIUTy"])
            d, z = int(record["dsIUT"], 16), joined(curve, record["Z"])
            if "CAVS's Static public key" in record["Result"]:
                assert refused_import("ECDH", curve, theirs)
                continue
            if "IUT's Static" in record["Result"]:
                for algorithm, _, magic in homes("ECDH", curve):
                    blob = point_blob(magic, b"\4" + ours, octets(d, SIZE_OF[curve]))
                    assert status(algorithm.import_key_pair, "ECCPRIVATEBLOB", blob) == STATUS_INVALID_PARAMETER
                continue
            assert "Z changed" in record["Result"] or record["Result"].startswith("P")
            privates, publics = private_keys("ECDH", curve, d, ours), public_keys("ECDH", curve, theirs)
            for key, peer in zip(privates, publics, strict=True):
                assert (secret(key, peer) == z) == record["Result"].startswith("P")
                if record["Result"].startswith("P") and hash_id != "SHA224":
                    with key.agree(peer) as agreed:
                        assert agreed.derive("HASH", hash=hash_id) == bytes.fromhex(record["CAVSHashZZ"])
    tally.check(len(records), (150, {}))


def test_wycheproof_x25519() -> None:
    """RFC 7748: every string is a public key, and is reduced; the private one is clamped before the import.

    "acceptable" is settled so: points of the twist and strings that are not canonical are taken and give the secret
    of RFC 7748; a secret of zeros is refused with STATUS_INVALID_PARAMETER.
    """
    file = load_json("wycheproof/x25519_test.json")
    tally, algorithm, zeros = Tally(), generic("ECDH", "curve25519"), 0
    for group in file["testGroups"]:
        for test in group["tests"]:
            with tally.case(test["tcId"]):
                public, private, right = (bytes.fromhex(test[name]) for name in ("public", "private", "shared"))
                peer = algorithm.import_key_pair("ECCPUBLICBLOB", x25519_blob(b"ECKP", public))
                assert peer.export("ECCPUBLICBLOB") == x25519_blob(b"ECKP", public)
                blob = x25519_blob(b"ECKV", bytes(32), clamped(private))
                key = algorithm.import_key_pair("ECCPRIVATEBLOB", blob)
                assert any(right) == ("ZeroSharedSecret" not in test["flags"])
                if any(right):
                    assert secret(key, peer) == right
                else:
                    assert status(key.agree, peer) == STATUS_INVALID_PARAMETER
                    zeros += 1
    tally.check(file["numberOfTests"], (66, {}))
    assert zeros == 12
