"""Writes cngcore/conformance/vectors/ from the shared collection: ``python tests/conformance/cut_vectors.py``.

A few cases of every kind, so that the set that travels in the wheel stays small; the rule of the choice is here, so
that it can be made again. Run it from the repository's folder; the collection stands beside it.
"""

import hashlib
import hmac
import json
import os
import shutil
from pathlib import Path

import symmetric_vectors

from cngcore.blobs import dh
from cngcore.conformance._vectorfiles import FORMAT, from_wycheproof

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CNGCORE_VECTORS") or ROOT.parent / "shared" / "vectors")
TARGET = ROOT / "cngcore" / "conformance" / "vectors"

# file: (cases that are valid, cases that are not)
WYCHEPROOF = {
    "ecdsa_secp256r1_sha256_p1363_test": (4, 5), "ecdsa_secp384r1_sha384_p1363_test": (4, 5),
    "ecdsa_secp521r1_sha512_p1363_test": (4, 5), "ecdsa_secp256r1_sha512_p1363_test": (3, 1),
    "ecdsa_secp256k1_sha256_p1363_test": (3, 2), "ecdsa_brainpoolP256r1_sha256_p1363_test": (3, 2),
    "ecdh_secp256r1_ecpoint_test": (6, 4), "ecdh_secp384r1_ecpoint_test": (6, 4), "ecdh_secp521r1_ecpoint_test": (6, 4),
    "x25519_test": (6, 0),
    "rsa_signature_2048_sha256_test": (3, 4), "rsa_pss_2048_sha256_mgf1_32_test": (3, 3),
    "rsa_pss_2048_sha1_mgf1_20_test": (2, 2), "rsa_pss_2048_sha256_mgf1_0_test": (2, 1),
    "rsa_oaep_2048_sha1_mgf1sha1_test": (3, 2), "rsa_oaep_2048_sha256_mgf1sha256_test": (3, 3),
    "rsa_pkcs1_2048_test": (3, 4), "dsa_2048_256_sha256_p1363_test": (3, 5),
    "mlkem_512_test": (1, 1), "mlkem_768_test": (1, 1), "mlkem_1024_test": (1, 1),
    "mlkem_768_keygen_seed_test": (2, 0), "mlkem_768_encaps_test": (0, 1), "mlkem_1024_encaps_test": (0, 1),
    "mldsa_44_verify_test": (2, 2), "mldsa_65_verify_test": (2, 2), "mldsa_87_verify_test": (1, 1),
    "mldsa_44_sign_seed_test": (1, 0), "mldsa_65_sign_seed_test": (1, 0), "mldsa_87_sign_seed_test": (1, 0),
}  # fmt: skip


SYMMETRIC = {
    "aes_cbc_pkcs5_test": (4, 4), "aes_gcm_test": (6, 6), "aes_ccm_test": (6, 6), "aes_wrap_test": (3, 4),
    "chacha20_poly1305_test": (4, 4), "aes_cmac_test": (4, 2), "aes_gmac_test": (4, 2), "aes_xts_test": (4, 0),
    "kmac128_no_customization_test": (3, 1), "kmac256_no_customization_test": (3, 1), "hkdf_sha256_test": (3, 0),
    "pbkdf2_hmacsha256_test": (4, 0),
}  # fmt: skip


def wycheproof(choice: dict = WYCHEPROOF) -> list[dict]:
    found = []
    for name, (good, bad) in choice.items():
        content = json.loads((SHARED / "wycheproof" / f"{name}.json").read_text())
        left = {True: good, False: bad}
        for case in from_wycheproof(name, content):
            if left[case["valid"]] and len(str(case)) < 20000:
                left[case["valid"]] -= 1
                found.append(case)
    return found


def acvp() -> list[dict]:
    """Diffie-Hellman in a safe-prime group: NIST's cases that pass, which are those where z is the right one."""
    content = json.loads((SHARED / "acvp" / "KAS-FFC-SSC-Sp800-56Ar3.json").read_text())
    found = []
    for group in content["testGroups"]:
        if not group["domainParameterGenerationMode"].startswith("ffdhe"):
            continue
        parameters = dh.DhParameters(int(group["p"], 16), int(group["g"], 16))
        for test in [test for test in group["tests"] if test["testPassed"]][:2]:
            x, y, peer = (
                int(test[name], 16) for name in ("ephemeralPrivateIut", "ephemeralPublicIut", "ephemeralPublicServer")
            )
            private = dh.build("DHPRIVATEBLOB", dh.DhKey(parameters, y, x))
            public = dh.build("DHPUBLICBLOB", dh.DhKey(parameters, peer, 0))
            found.append(
                {
                    "id": f"acvp KAS-FFC-SSC {test['tcId']}", "does": "agree", "valid": True,
                    "secret": test["z"].lower(),
                    "key": {"blob_type": "DHPRIVATEBLOB", "blob": private.hex()},
                    "peer": {"blob_type": "DHPUBLICBLOB", "blob": public.hex()},
                }
            )  # fmt: skip
    return found


def hashes() -> list[dict]:
    """Messages of the standards' own examples; the digests are those of hashlib, which is tested against them."""
    names = {
        "MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512",
        "SHA3-256": "sha3_256", "SHA3-384": "sha3_384", "SHA3-512": "sha3_512",
    }  # fmt: skip
    long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    found = []
    for name, plain in names.items():
        for message in (b"", b"abc", long, b"a" * 1000):
            digest = hashlib.new(plain, message).hexdigest()
            found.append(
                {
                    "id": f"{name} of {len(message)} bytes",
                    "does": "digest",
                    "hash": name,
                    "data": message.hex(),
                    "digest": digest,
                }
            )
        for key, message in (
            (b"\x0b" * 20, b"Hi There"),
            (b"Jefe", b"what do ya want for nothing?"),
            (b"\xaa" * 200, b"long key"),
        ):
            mac = hmac.new(key, message, plain).hexdigest()
            found.append(
                {
                    "id": f"HMAC-{name}, key of {len(key)} bytes",
                    "does": "digest",
                    "hash": name,
                    "secret": key.hex(),
                    "data": message.hex(),
                    "digest": mac,
                }
            )
    for name, plain in (("SHAKE128", "shake_128"), ("SHAKE256", "shake_256")):
        for message, length in ((b"", 32), (b"abc", 200)):
            digest = hashlib.new(plain, message).hexdigest(length)
            found.append(
                {
                    "id": f"{name} of {len(message)} bytes",
                    "does": "digest",
                    "hash": name,
                    "data": message.hex(),
                    "digest": digest,
                }
            )
    return found


def write(name: str, source: str, licence: str, cases: list[dict]) -> None:
    content = {"format": FORMAT, "version": 1, "source": source, "licence": licence, "cases": cases}
    path = TARGET / f"{name}.json"
    path.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    write(
        "wycheproof",
        "C2SP/wycheproof, testvectors_v1, commit dac1dd4729fd; changed: cases chosen, written in another form",
        "Apache-2.0, see LICENSE-Apache-2.0.txt", wycheproof(),
    )  # fmt: skip
    write(
        "wycheproof-symmetric",
        "C2SP/wycheproof, testvectors_v1, commit dac1dd4729fd; changed: cases chosen, written in another form",
        "Apache-2.0, see LICENSE-Apache-2.0.txt", wycheproof(SYMMETRIC),
    )  # fmt: skip
    write(
        "symmetric",
        "FIPS 197, SP 800-38A to 38D, 67, 185, IEEE 1619, RFC 2268, 5869, 6070, and programs on Windows; "
        "SP 800-108 by cryptography",
        "CC0-1.0",
        symmetric_vectors.cases(),
    )
    write(
        "acvp",
        "usnistgov/ACVP-Server v1.1.0.43; changed: cases chosen, written in another form",
        "NIST, see NOTICE-NIST.txt",
        acvp(),
    )
    write(
        "hashes",
        "messages of RFC 1321, 2202, 4231 and FIPS 180-4, 202; digests by CPython's hashlib",
        "CC0-1.0",
        hashes(),
    )
    shutil.copyfile(SHARED / "LICENSE-Apache-2.0.txt", TARGET / "LICENSE-Apache-2.0.txt")
    notice = (SHARED / "acvp" / "NOTICE.txt").read_text()
    changed = "CHANGED again on 2026-11-25: two cases kept, as key blobs, in acvp.json.\n\n"
    (TARGET / "NOTICE-NIST.txt").write_text(changed + notice)
