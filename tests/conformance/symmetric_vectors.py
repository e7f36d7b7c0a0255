"""Known answers of ciphers, MACs and key derivations, for ``cut_vectors.py``: those of the standards and of Windows.

A source in brackets: Windows' own tests or programs that run on Windows give the same answer.
"""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

K, IV, D16 = bytes(range(16)).hex(), bytes(range(16)).hex(), bytes(range(16)).hex()
D17, D32 = D16 + "10", D16 + "10" * 16
GCM = ("102030405060" * 2, "605040302010" * 2)
NIST = "2b7e151628aed2a6abf7158809cf4f3c"
TEXTS = (
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17"
)
TEXTS += "ad2b417be66c3710"
"""The four blocks of SP 800-38A."""

# name, algorithm, key, mode, IV, plaintext, ciphertext, more
ENCRYPT = [
    ("AES-CBC [Windows]", "AES", K, "CBC", IV, D16, "c6a13b37878f5b826f4f8162a1c8d879", {}),
    (
        "AES-CBC, padded [Windows]", "AES", K, "CBC", IV, D17,
        "c6a13b37878f5b826f4f8162a1c8d87928733def848fb0a65d1a51b7ec8feae9", {"padded": True},
    ),
    ("AES-ECB [Windows]", "AES", K, "ECB", "", D16, "0a940bb5416ef045f1c39458c653ea5a", {}),
    (
        "AES-ECB, padded [Windows]", "AES", K, "ECB", "", D32,
        "0a940bb5416ef045f1c39458c653ea5a954f64f2e4e86e9eee82d20216684899954f64f2e4e86e9eee82d20216684899",
        {"padded": True},
    ),
    ("AES-CFB8 [Windows]", "AES", K, "CFB", IV, D16, "0a22f796e1b93e9032cff804838adfc3", {}),
    (
        "AES-CFB8, padded [Windows]", "AES", K, "CFB", IV, D32,
        "0a22f796e1b93e9032cff804838adfc3a5e5cd2948373f926f09845ab888dafd6500209ac6dbfa82dbbcf4707d8886b5",
        {"padded": True},
    ),
    (
        "AES-CFB8, SP 800-38A F.3.7", "AES", NIST, "CFB", IV, TEXTS[:36], "3b79424c9c0dd436bace9e0ed4586a4f32b9", {},
    ),
    (
        "AES-CFB128, SP 800-38A F.3.13", "AES", NIST, "CFB", IV, TEXTS,
        "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c"
        "0eeac4c66f9ff7f2e6", {"message_block": 16},
    ),
    (
        "AES-256-ECB, FIPS 197 C.3", "AES", bytes(range(32)).hex(), "ECB", "", "00112233445566778899aabbccddeeff",
        "8ea2b7ca516745bfeafc49904b496089", {},
    ),
    (
        "AES-192-ECB, FIPS 197 C.2", "AES", bytes(range(24)).hex(), "ECB", "", "00112233445566778899aabbccddeeff",
        "dda97ca4864cdfe06eaf70a0ec0d7191", {},
    ),
    ("DES-ECB, zeros", "DES", "00" * 8, "ECB", "", "00" * 8, "8ca64de9c1b123a7", {}),
    ("DES-ECB", "DES", "0123456789abcdef", "ECB", "", "0123456789abcdef", "56cc09e7cfdc4cef", {}),
    ("DES-ECB, a weak key", "DES", "01" * 8, "ECB", "", "95f8a5e5dd31d900", "8000000000000000", {}),
    ("DES-ECB, other parity bits", "DES", "0022446688aaccee", "ECB", "", "0123456789abcdef", "56cc09e7cfdc4cef", {}),
    ("DES-CBC", "DES", "a11a8fbc02687f98", "CBC", "3f9f15202a358d51", "704edab2e19d43b5", "87247c3d09a091a0", {}),
    (
        "3DES-ECB, SP 800-67 B.1", "3DES", "0123456789abcdef23456789abcdef01456789abcdef0123", "ECB", "",
        "5468652071756663" "6b2062726f776e20" "666f78206a756d70", "a826fd8ce53b855f" "cce21c8112256fe6"
        "68d5c05dd9b6b900",
        {},
    ),
    (
        "RC2, RFC 2268, 63 effective bits", "RC2", "00" * 8, "ECB", "", "00" * 8, "ebb773f993278eff",
        {"effective_bits": 63},
    ),
    ("RC2, RFC 2268, 64 bits", "RC2", "ff" * 8, "ECB", "", "ff" * 8, "278b27e42e2f0d49", {"effective_bits": 64}),
    (
        "RC2, RFC 2268, 7 bytes", "RC2", "88bca90e90875a", "ECB", "", "00" * 8, "6ccf4308974c267f",
        {"effective_bits": 64},
    ),
    (
        "RC2, RFC 2268, 16 bytes, 64 effective bits", "RC2", "88bca90e90875a7f0f79c384627bafb2", "ECB", "", "00" * 8,
        "1a807d272bbe5db1", {"effective_bits": 64},
    ),
    (
        "RC2, RFC 2268, 16 bytes", "RC2", "88bca90e90875a7f0f79c384627bafb2", "ECB", "", "00" * 8,
        "2269552ab0f85ca6", {},
    ),
    (
        "3DES_112, DES twice undone", "3DES_112", "0123456789abcdef" * 2, "ECB", "",
        "0123456789abcdef", "56cc09e7cfdc4cef", {},
    ),
    (
        "DESX, DES without whitening", "DESX", "0123456789abcdef" + "00" * 16, "ECB", "",
        "0123456789abcdef", "56cc09e7cfdc4cef", {},
    ),
    (
        "DESX, DES with whitening", "DESX", "0123456789abcdef" + "aa" * 8 + "55" * 8, "ECB", "",
        "ab89efcd23016745", "03995cb29a8919ba", {},
    ),
    ("RC4, Key", "RC4", b"Key".hex(), "N/A", "", b"Plaintext".hex(), "bbf316e8d940af0ad3", {}),
    ("RC4, Wiki", "RC4", b"Wiki".hex(), "N/A", "", b"pedia".hex(), "1021bf0420", {}),
    ("RC4, Secret", "RC4", b"Secret".hex(), "N/A", "", b"Attack at dawn".hex(), "45a01f645fc35b383552544b9bf5", {}),
    (
        "XTS-AES, IEEE 1619 vector 1", "XTS-AES", "00" * 32, "N/A", "00" * 8, "00" * 32,
        "917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e", {"message_block": 32},
    ),
    (
        "XTS-AES, IEEE 1619 vector 2", "XTS-AES", "11" * 16 + "22" * 16, "N/A", "3333333333000000", "44" * 32,
        "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0", {"message_block": 32},
    ),
]  # fmt: skip

SEAL = [
    (
        "AES-GCM [Windows]", "AES", K, "GCM", GCM[0], "", D32,
        "e182c3c024fb8685f3f12b7d09b473678664c3fea30761f816c9787fe7b1c494", "89b39200392009b46ad6afca4b5bfdd0",
    ),
    (
        "AES-GCM with associated data [Windows]", "AES", K, "GCM", *GCM, D32,
        "e182c3c024fb8685f3f12b7d09b473678664c3fea30761f816c9787fe7b1c494", "179dc07af0cfaad51c11c44bd6a33e77",
    ),
    (
        "AES-GCM, a tag of 12 bytes [Windows]", "AES", K, "GCM", *GCM, D32,
        "e182c3c024fb8685f3f12b7d09b473678664c3fea30761f816c9787fe7b1c494", "179dc07af0cfaad51c11c44b",
    ),
    ("AES-GCM, no data [Windows]", "AES", K, "GCM", *GCM, "", "", "4c42839e8d40f119d62b1c66032b3963"),
    (
        "AES-CCM, SP 800-38C example 1", "AES", "404142434445464748494a4b4c4d4e4f", "CCM", "10111213141516",
        "0001020304050607", "20212223", "7162015b", "4dac255d",
    ),
    (
        "AES-CCM, SP 800-38C example 3", "AES", "404142434445464748494a4b4c4d4e4f", "CCM", "101112131415161718191a1b",
        "000102030405060708090a0b0c0d0e0f10111213", "202122232425262728292a2b2c2d2e2f3031323334353637",
        "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5", "484392fbc1b09951",
    ),
]  # fmt: skip

_SIGNED = b"Email Signature".hex()

# name, algorithm, key, options, data, tag, drawn on
MACS = [
    ("AES-CMAC, SP 800-38B, no data", "AES-CMAC", NIST, {}, "", "bb1d6929e95937287fa37d129b756746", False),
    ("AES-CMAC, SP 800-38B, a block", "AES-CMAC", NIST, {}, TEXTS[:32], "070a16b46b4d4144f79bdd9dd04a287c", False),
    ("AES-CMAC, SP 800-38B, 40 bytes", "AES-CMAC", NIST, {}, TEXTS[:80], "dfa66747de9ae63030ca32611497c827", False),
    ("AES-CMAC, SP 800-38B, 64 bytes", "AES-CMAC", NIST, {}, TEXTS, "51f0bebf7e3b9d92fc49741779363cfe", False),
    (
        "AES-GMAC, as AES-GCM [Windows]", "AES-GMAC", K, {"IV": GCM[0]}, GCM[1],
        "4c42839e8d40f119d62b1c66032b3963", False,
    ),
    (
        "KMAC128, SP 800-185 sample 1", "KMAC128", bytes(range(0x40, 0x60)).hex(), {}, "00010203",
        "e5780b0d3ea6f7d3a429c5706aa43a00fadbd7d49628839e3187243f456ee14e", False,
    ),
    (
        "KMAC128, SP 800-185 sample 2", "KMAC128", bytes(range(0x40, 0x60)).hex(),
        {"CustomizationString": b"My Tagged Application".hex()}, "00010203",
        "3b1fba963cd8b0b59e8c1a6d71888b7143651af8ba0a7070c0979e2811324aa5", False,
    ),
    (
        "KMACXOF128, SP 800-185 sample 4", "KMAC128", bytes(range(0x40, 0x60)).hex(), {}, "00010203",
        "cd83740bbd92ccc8cf032b1481a0f4460e7ca9dd12b08a0c4031178bacd6ec35", True,
    ),
    (
        "CSHAKE128 with a function name [Windows]", "CSHAKE128", None, {"FunctionNameString": b"abcdefg".hex()},
        b"abc".hex(), "25e4b8ad6968a2977a3f036b1e1fd8d47a4c8f9e52a01a3943ef5b6ec11d3206", False,
    ),
    (
        "CSHAKE128, as SHAKE128 [Windows]", "CSHAKE128", None, {}, b"abc".hex(),
        "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc8", False,
    ),
    (
        "CSHAKE128, SP 800-185 sample 1", "CSHAKE128", None, {"CustomizationString": _SIGNED}, "00010203",
        "c1c36925b6409a04f1b504fcbca9d82b4017277cb5ed2b2065fc1d3814d5aaf5", False,
    ),
    (
        "CSHAKE256, SP 800-185 sample 3", "CSHAKE256", None, {"CustomizationString": _SIGNED}, "00010203",
        "d008828e2b80ac9d2218ffee1d070c48b8e4c87bff32c9699d5b6896eee0edd1"
        "64020e2be0560858d9c00c037e34a96937c561a74c412bb4c746469527281c8c", False,
    ),
    (
        "KMAC256, SP 800-185 sample 4", "KMAC256", bytes(range(0x40, 0x60)).hex(),
        {"CustomizationString": b"My Tagged Application".hex()}, "00010203",
        "20c570c31346f703c9ac36c61c03cb64c3970d0cfc787e9b79599d273a68d2f7"
        "f69d4cc3de9d104a351689f27cf6f5951f0103f33f4f24871024d9c27773a8dd", False,
    ),
    ("MD2 [Windows]", "MD2", None, {}, b"test\0".hex(), "1bb33606ba908912a84221109d29cd7e", False),
    ("MD4 [Windows]", "MD4", None, {}, b"test\0".hex(), "74b5db93c0b41e36ca7074338fc0b637", False),
    ("HMAC-MD2 [Windows]", "MD2", b"key\0".hex(), {}, b"test\0".hex(), "7f05b0638d77f4a27f3a9c4d353cd648", False),
    ("HMAC-MD4 [Windows]", "MD4", b"key\0".hex(), {}, b"test\0".hex(), "bc2e8ac4d8248ed21b8d26227a30ea3a", False),
]  # fmt: skip


def _pbkdf2(hash_id: str, salt: bytes, iterations: int) -> dict[str, object]:
    return {"KDF_HASH_ALGORITHM": hash_id, "KDF_SALT": salt.hex(), "KDF_ITERATION_COUNT": iterations}


_TLS = "36c129d01a3200894b9179faac589d9835d58775f9b5ea3587cb8fd0364cae8c" \
       "f6c9575ed7ddd73e1f7d16eca115415812a43c2b747daaaae043abfb50053fce"  # fmt: skip
_GO = {"KDF_TLS_PRF_LABEL": b"test label".hex(), "KDF_TLS_PRF_SEED": "a0ba9f936cda311827a6f796ffd5198c"}
_CONCAT = (
    "b3b4ee2c2dca0e47d07ef41b07091d510000080024517c12bc374cf46422ca09816597734916adcfa2a49419952c1335cca4c6997d36efeb"
    "38833db2a6fe0f8a8ec0a2889cc8cca0dc803fdbbe921e19"
)

DERIVE = [
    (
        "PBKDF2, RFC 6070, 1 iteration", "PBKDF2", b"password", _pbkdf2("SHA1", b"salt", 1),
        "0c60c80f961f0e71f3a9b524af6012062fe037a6",
    ),
    (
        "PBKDF2, RFC 6070, 2 iterations", "PBKDF2", b"password", _pbkdf2("SHA1", b"salt", 2),
        "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
    ),
    (
        "PBKDF2, RFC 6070, 25 bytes", "PBKDF2", b"passwordPASSWORDpassword",
        _pbkdf2("SHA1", b"saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096),
        "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
    ),
    (
        "PBKDF2 [Windows]", "PBKDF2", b"test", _pbkdf2("SHA1", b"cCxuHMEHLibcglJOG88dIw==", 25),
        "18f2580b926e6dfe55bb62875b1f61834d16e404cdab4377253e1db4955ff701",
    ),
    (
        "PBKDF2 with AES-CMAC [Windows]", "PBKDF2", "TEST_KDF".encode("utf-16-le"),
        _pbkdf2("AES-CMAC", "TEST_KDF_SALT".encode("utf-16-le"), 128), "58d782b5d2639d423d7853f294189113",
    ),
    (
        "TLS1_2_KDF", "TLS1_2_KDF",
        bytes.fromhex(
            "f8938ecc9edebc5030c0c6a441e213cd24e6f770a50dda07876f8d55da062bcadb386b411fd4fe4313a604fce6c17fbc"
        ),
        {"KDF_HASH_ALGORITHM": "SHA256", "KDF_TLS_PRF_LABEL": b"master secret".hex(), "KDF_TLS_PRF_SEED": _TLS},
        "202c88c00f84a17a20027079604787461176455539e705be730890602c289a5001e34eeb3a043e5d52a65e66125188bf",
    ),
    ("TLS1_1_KDF [Windows]", "TLS1_1_KDF", bytes.fromhex("9bbe436ba940f017b17652849a71db35"), _GO, "661740e6f98bc901"),
    (
        "TLS1_2_KDF [Windows]", "TLS1_2_KDF", bytes.fromhex("9bbe436ba940f017b17652849a71db35"),
        {"KDF_HASH_ALGORITHM": "SHA256", **_GO}, "e3f229ba727be17b8d122620557cd453",
    ),
    (
        "HKDF, RFC 5869 A.1", "HKDF", b"\x0b" * 22,
        {"KDF_HASH_ALGORITHM": "SHA256", "KDF_SALT": bytes(range(13)).hex(), "KDF_HKDF_INFO": "f0f1f2f3f4f5f6f7f8f9"},
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        "SP800_56A_CONCAT", "SP800_56A_CONCAT",
        bytes.fromhex("7f4bc4a83fb2121f9b58ff199441a20ae43ff7b58d0a95db560e55b7"),
        {"KDF_HASH_ALGORITHM": "SHA256", "KDF_GENERIC_PARAMETER": _CONCAT},
        "0fb15037585f555af3025c221dc093cc2574f36690c7d5a2e034a082165cf69f",
    ),
    (
        "CAPI_KDF, as BCryptDeriveKeyCapi [Windows]", "CAPI_KDF", b"test", {"KDF_HASH_ALGORITHM": "SHA1"},
        "9b031741f47511acff22ee40bbe8f9741726b6f2f8c788029adc0dd78358ea652e8b85c6dbb7ed1c",
    ),
]  # fmt: skip


def counter_mode() -> list[tuple]:
    """SP 800-108 by cryptography: no published vector has a counter and a length of 32 bits, as Windows has."""
    found = []
    for hash_id, made in (("SHA1", hashes.SHA1()), ("SHA256", hashes.SHA256()), ("SHA512", hashes.SHA512())):
        for label, context in ((b"label", b"context"), (b"", b"")):
            derived = KBKDFHMAC(
                made, Mode.CounterMode, 100, 4, 4, CounterLocation.BeforeFixed, label, context, None
            ).derive(b"a key")  # fmt: skip
            parameters = {"KDF_HASH_ALGORITHM": hash_id, "KDF_LABEL": label.hex(), "KDF_CONTEXT": context.hex()}
            name = f"SP800_108_CTR_HMAC with {hash_id}, a label of {len(label)} bytes"
            found.append((name, "SP800_108_CTR_HMAC", b"a key", parameters, derived.hex()))
    return found


def cases() -> list[dict]:
    """Return the cases in the kit's format."""
    found = []
    for name, algorithm, secret, mode, iv, plaintext, ciphertext, more in ENCRYPT:
        case = {"id": name, "does": "encrypt", "algorithm": algorithm, "secret": secret, "mode": mode, **more}
        found.append({**case, "plaintext": plaintext, "ciphertext": ciphertext, **({"iv": iv} if iv else {})})
    for name, algorithm, secret, mode, nonce, aad, plaintext, ciphertext, tag in SEAL:
        case = {"id": name, "does": "seal", "algorithm": algorithm, "secret": secret, "mode": mode, "nonce": nonce}
        found.append({**case, "aad": aad, "plaintext": plaintext, "ciphertext": ciphertext, "tag": tag})
    for name, algorithm, secret, options, data, tag, continued in MACS:
        case = {"id": name, "does": "mac", "algorithm": algorithm, "secret": secret, "options": options}
        found.append({**case, "data": data, "tag": tag, "continued": continued})
    for name, algorithm, secret, parameters, output in [*DERIVE, *counter_mode()]:
        case = {"id": name, "does": "derive", "algorithm": algorithm, "secret": secret.hex()}
        found.append({**case, "parameters": parameters, "output": output})
    return found
